"""Are two results the same: in structure, shape, dtype, and in number to rounding?

>>> differs((1.0, np.ones(2)), (1.0, np.ones(2))) is None
True
>>> differs({"a": 1.0}, {"a": np.ones(3)})
"item 'a' has shape (), the function's (3,)"
>>> differs(2.0, 3.0)
'is 2.0, the function gives 3.0'
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np

ROUNDING = {"f8": 1e-7, "f4": 2e-3, "f2": 5e-2}
"""By how much, of the larger one, two ways to compute a number may differ; products of sums are left to BLAS."""

NOTHING_LOST = 1e-13
"""By how much of the largest number in sight, where large terms cancel."""


def is_number(x: Any) -> bool:
    """A number or an array of numbers."""
    return isinstance(x, (bool, int, float, complex)) and not hasattr(x, "_value_") \
        or isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fiubc"


def differs(got: Any, want: Any, scale: float = 0.0, where: str = "", *, widths: bool = True) -> str | None:
    """What is different in `got`, in words; None where nothing is.

    `scale`: the largest of the numbers that it was computed from; `widths`: is a number of another width different?
    NaN is NaN.  Objects of which nothing is known but that they are of one type are not told apart.
    """
    prefix = f"{where} " if where else ""
    if got is want:
        return None
    if is_number(got) and is_number(want):
        return number_differs(np.asarray(got), np.asarray(want), scale, prefix, widths)
    if type(got) is not type(want):
        return f"{prefix}is a {type(got).__name__}, the function's a {type(want).__name__}"
    if isinstance(got, (list, tuple)):
        if len(got) != len(want):
            return f"{prefix}has {len(got)} items, the function's {len(want)}"
        pairs: list[tuple[Any, Any, Any]] = [(n, a, b) for n, (a, b) in enumerate(zip(got, want, strict=True))]
    elif isinstance(got, dict):
        if list(got) != list(want):
            return f"{prefix}has the keys {list(got)}, the function's {list(want)}"
        pairs = [(k, got[k], want[k]) for k in got]
    elif dataclasses.is_dataclass(got) and not isinstance(got, type) and hasattr(got, "__dict__"):
        if list(vars(got)) != list(vars(want)):
            return f"{prefix}has the attributes {list(vars(got))}, the function's {list(vars(want))}"
        pairs = [(k, vars(got)[k], vars(want)[k]) for k in vars(got)]
    elif isinstance(got, str):
        return None if placeless(got) == placeless(want) else f"{prefix}is {got!r:.80}, the function's {want!r:.80}"
    elif isinstance(got, (bytes, set, frozenset, range, slice)):
        return None if got == want else f"{prefix}is {got!r:.80}, the function's {want!r:.80}"
    else:
        return None
    for key, a, b in pairs:
        found = differs(a, b, scale, f"{where}[{key!r}]" if where else f"item {key!r}", widths=widths)
        if found:
            return found
    return None


def placeless(text: str) -> str:
    """A text without the addresses of objects, whose copies stand elsewhere.

    >>> placeless("<object at 0x7f00>")
    '<object at 0x>'
    """
    return re.sub(r"0x[0-9a-fA-F]+", "0x", text)


def number_differs(got: np.ndarray[Any, Any], want: np.ndarray[Any, Any], scale: float, prefix: str,
                   widths: bool) -> str | None:
    """As `differs`, of numbers."""
    if got.shape != want.shape:
        return f"{prefix}has shape {got.shape}, the function's {want.shape}"
    if got.dtype.kind != want.dtype.kind or got.dtype.itemsize != want.dtype.itemsize and (widths or got.shape):
        return f"{prefix}is {got.dtype}, the function's {want.dtype}"
    close = np.equal(got, want)
    if got.dtype.kind in "fc":
        close |= np.isnan(got) & np.isnan(want)
        if not close.all():
            close |= near(got, want, scale)
    if close.all():
        return None
    if not got.shape:
        return f"{prefix}is {got[()]!s}, the function gives {want[()]!s}"
    at = tuple(int(n) for n in np.argwhere(~close)[0])
    place = f"[{', '.join(map(str, at))}]"
    return f"{prefix or 'item '}{place} is {got[at]!s}, the function gives {want[at]!s}"


def near(got: np.ndarray[Any, Any], want: np.ndarray[Any, Any], scale: float) -> np.ndarray[Any, Any]:
    """Equal to rounding: of each number, and of the largest there is, from which it may be what is left."""
    names = [x.dtype.str[1:] for x in (got, want) if x.dtype.kind == "f"]
    rounding = max(ROUNDING.get(name, ROUNDING["f8"]) for name in names) if names else ROUNDING["f8"]
    with np.errstate(all="ignore"):
        a, b = got.astype(np.complex128 if got.dtype.kind == "c" else np.float64), want
        sizes = np.maximum(np.abs(a), np.abs(b))
        finite = sizes[np.isfinite(sizes)]
        largest = max(scale, float(finite.max(initial=0.0)))
        lost = NOTHING_LOST * largest * (rounding / ROUNDING["f8"])
        found: np.ndarray[Any, Any] = np.abs(a - b) <= rounding * sizes + lost
    return found
