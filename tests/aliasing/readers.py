"""Who reads, before and after the write: statements before, statements after, and what is added to the result.

`&` is the array that is read (the base, or a view of it that is written through the base); `S(&)` is a sum over its
elements in which each has a factor of its own, so that no two of them can be confused.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Reader(NamedTuple):
    """What is read."""

    name: str
    before: str
    after: str
    result: str
    loop: bool = False      # what stands between is repeated, with `before` inside
    helpers: str = ""
    least: int = 1          # axes that it needs


READERS = [
    Reader("after", "", "", "S(&)"),
    Reader("before_used_after", "b1 = & * 2.0", "b1 = b1 * &", "S(b1)"),
    Reader("square_kept", "b1 = & * &", "", "S(b1) + S(&)"),
    Reader("sine_kept", "b1 = np.sin(&)", "b1 = b1 * &", "S(b1)"),
    Reader("view_kept", "u1 = &[1:]", "", "S(u1)"),
    Reader("view_kept_used", "u1 = &[1:]\nb1 = u1 * u1", "", "S(b1) * S(u1)"),
    Reader("view_taken_after", "", "u1 = &[::-1]", "S(u1)"),
    Reader("overlap_after", "", "u1 = &[:-1]\nb1 = u1 * &[1:]", "S(b1)"),
    Reader("disjoint_kept", "u1 = &[-1:]", "", "S(u1)"),
    Reader("item_kept", "c1 = &[0]", "b1 = c1 * &", "S(b1)"),
    Reader("both", "r1 = S(&)", "", "r1 * S(&)"),
    Reader("nothing_after", "r1 = S(&)", "", "r1"),
    Reader("second_name", "b1 = &", "", "S(b1)"),
    Reader("copy_kept", "b1 = &.copy()", "b2 = & * b1", "S(b1) + S(b2)"),
    Reader("in_list", "box1 = [&, v]", "", "S(box1[0])"),
    Reader("in_dict", "d1 = {'k': &}", "b1 = d1['k']", "S(b1)"),
    Reader("in_view_list", "box1 = [&[1:], &[::-1]]", "", "S(box1[0]) + S(box1[1])"),
    Reader("helper", "", "b1 = picked(&)", "S(b1)", helpers="def picked(z):\n    return z[1:] * z[:-1]\n"),
    Reader("loop_after", "", "r1 = 0.0\nfor j in range(len(&)):\n    r1 = r1 + np.sum(&[j] * &[j]) * K[j]", "r1"),
    Reader("rows_after", "", "r1 = 0.0\nfor j, e in enumerate(&):\n    r1 = r1 + np.sum(e * e) * K[j]", "r1"),
    Reader("next_turn", "r0 = r0 + S(&)", "", "r0 * S(&)", loop=True),
    Reader("next_turn_kept", "b1 = b0 * &\nr0 = r0 + S(b1)\nb0 = &", "", "r0 + S(b0)", loop=True),
    Reader("argument", "", "", "S(x) * S(&)"),
    Reader("closure", "read1 = lambda: S(&)", "", "read1()"),
    Reader("stored_copy", "b1 = np.zeros_like(&)\nb1[...] = &", "b1 += &", "S(b1)"),
    Reader("written_after", "", "&[0] = &[1] * w", "S(&)"),
    Reader("condition", "", "if S(&) > -100.0:\n    r1 = S(&)\nelse:\n    r1 = 0.0", "r1"),
    Reader("columns", "u1 = &[:, 1]", "", "S1(u1)", least=2),
]


def total(name: str, ndim: int) -> str:
    """The sum that tells elements apart."""
    if ndim == 0:
        return f"{name} * {name}"
    if ndim == 1:
        return f"np.sum({name} * {name} * K[:{name}.shape[0]])"
    return f"np.sum({name} * {name} * K[:{name}.shape[-2], None] * L[:{name}.shape[-1]])"


def written_out(text: str, ndims: dict[str, int], ndim: int) -> str:
    """The text with each `S(name)` as a sum; `ndims` has the names with other axes than `ndim`."""
    return re.sub(r"\bS(1?)\(([^()]+)\)", lambda m: total(m[2], 1 if m[1] else ndims.get(m[2], ndim)), text)
