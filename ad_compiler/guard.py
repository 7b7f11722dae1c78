"""The short way from a call to a compiled derivative: one function that checks what the last call was compiled for.

The checks are those of the cache's key and of its watches, written out for this signature.  What fails them goes the
long way, through the cache.

>>> def slow(*args):
...     return "looked up"
>>> text = guard_text([float, (12, 2)], {}, 0, 0)
>>> print(text, end="")
def guard(a0, a1):
    if type(a0) is float and type(a1) is ndarray and a1.dtype.num == 12 and patterns[a1.shape] == 2 \\
            and options() is compiled_for:
        hits[0] += 1
        return entry.function(a0, a1)
    return slow((a0, a1))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler.cache import PATTERNS, Entry, kind_key
from ad_compiler.pipeline import current_options


def guard_text(keys: list[Any], values: dict[int, Any], watches: int, others: int) -> str:
    """The text of a guard for arguments of these keys, of which some are compiled in by value."""
    names = [f"a{n}" for n in range(len(keys))]
    checks: list[str] = []
    for n, (name, key) in enumerate(zip(names, keys, strict=True)):
        if key is float or key is int:
            checks.append(f"type({name}) is {key.__name__}")
        elif is_array_key(key):
            checks += [f"type({name}) is ndarray", f"{name}.dtype.num == {key[0]}", f"patterns[{name}.shape] == {key[1]}"]
        else:
            checks.append(f"kind_key({name}) == keys[{n}]")
    checks += [f"(type(a{n}), a{n}) == values[{n}]" for n in values]
    checks.append("options() is compiled_for")
    checks += [f"get{n}(name{n}, watch{n}) is watch{n}.seen" for n in range(watches)]
    given = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
    checks += [f"other{n}.get({given}) is other{n}.seen" for n in range(others)]
    lines, line = [], "    if " + checks[0]
    for check in checks[1:]:
        if len(line) + len(check) > 105:
            lines.append(line + " \\\n")
            line = "           "
        line += " and " + check
    lines.append(line + ":\n")
    return (f"def guard({', '.join(names)}):\n" + "".join(lines) + "        hits[0] += 1\n"
            f"        return entry.function({', '.join(names)})\n    return slow({given})\n")


def is_array_key(key: Any) -> bool:
    """Is this the key of an array, by dtype and pattern of its shape?"""
    return isinstance(key, tuple) and len(key) == 2 and type(key[0]) is int


def guard_of(entry: Entry, args: tuple[Any, ...], by_value: tuple[int, ...], hits: list[int],
             slow: Callable[[tuple[Any, ...]], Any]) -> Callable[..., Any] | None:
    """A guard for calls like this one; None where one would cost more than it saves."""
    if not args or len(args) > 30:
        return None
    keys = [kind_key(a) for a in args]
    values = {n: (type(args[n]), args[n]) for n in by_value}
    space: dict[str, Any] = {
        "ndarray": np.ndarray, "patterns": PATTERNS, "kind_key": kind_key, "keys": keys, "values": values,
        "options": current_options, "compiled_for": current_options(), "hits": hits, "entry": entry, "slow": slow,
    }
    for n, (world, name, watch) in enumerate(entry.watches):
        space |= {f"get{n}": world.get, f"name{n}": name, f"watch{n}": watch}
    space |= {f"other{n}": watch for n, watch in enumerate(entry.other)}
    exec(guard_text(keys, values, len(entry.watches), len(entry.other)), space)  # noqa: S102
    guard: Callable[..., Any] = space["guard"]
    return guard
