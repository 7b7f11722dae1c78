"""A slow, independent way to differentiate a rule: record what it calls, and reverse that by rules.

`testing.check_rule` checks second derivatives with it.  It has nothing in common with the compiler but the
registry, and finds a rule that calls something without a rule.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.rules import registry


class Traced:
    """A number or array whose history is on a tape."""

    def __init__(self, value: Any, tape: Tape) -> None:
        self.value, self.tape = value, tape

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        assert method == "__call__", f"{ufunc.__name__}.{method} in a rule"
        return self.tape.call(ufunc, args, kwargs)

    def __array_function__(self, fn: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.tape.call(fn, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in ("shape", "ndim", "size", "dtype"):
            return getattr(np.asarray(self.value), name)
        if name in registry.ATTRIBUTES:
            return self.tape.call(registry.ATTRIBUTES[name], (self,), {})
        if name in registry.METHODS:
            return lambda *args, **kwargs: self.tape.call(registry.METHODS[name], (self, *args), kwargs)
        raise AttributeError(name)

    __hash__ = object.__hash__


def _operator(fn: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *args: self.tape.call(fn, (self, *args), {})


def _reflected(fn: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: self.tape.call(fn, (other, self), {})


for _name in ("add", "sub", "mul", "truediv", "pow", "matmul", "mod", "floordiv"):
    setattr(Traced, f"__{_name}__", _operator(getattr(operator, _name)))
    setattr(Traced, f"__r{_name}__", _reflected(getattr(operator, _name)))
for _name in ("neg", "pos", "abs", "getitem", "lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Traced, f"__{_name}__", _operator(getattr(operator, _name)))


def strip(x: Any) -> Any:
    """Values without their history."""
    if isinstance(x, Traced):
        return x.value
    if isinstance(x, (list, tuple)):
        items = [strip(item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    return x


class Tape:
    """Calls in the order in which they were made."""

    def __init__(self) -> None:
        self.calls: list[tuple[registry.Rule, tuple[Any, ...], dict[str, Any], Any, Any]] = []

    def call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function that has a rule, and note it."""
        entry = registry.lookup(fn)
        assert entry is not None, f"a rule calls {fn}, which has no rule"
        value = fn(*strip(args), **strip_items(kwargs))
        if entry.constant:
            return value
        result: Any = Traced(value, self)
        if isinstance(value, tuple):
            parts = [Traced(v, self) for v in value]
            result = type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        self.calls.append((entry, args, kwargs, value, result))
        return result

    def reverse(self, bars: dict[int, Any]) -> None:
        """Add the cotangents of everything on the tape to `bars`, which starts with those of the results."""
        for entry, args, kwargs, value, result in reversed(self.calls):
            bar: Any = tuple(bars.get(id(r)) for r in result) if isinstance(result, tuple) else bars.get(id(result))
            if bar is None or isinstance(bar, tuple) and all(b is None for b in bar):
                continue
            if isinstance(bar, tuple):
                bar = tuple(np.zeros(np.shape(v)) if b is None else b for b, v in zip(bar, value, strict=True))
            _share(args, registry.run_vjp(entry, strip(args), strip_items(kwargs), value, bar), bars)


def strip_items(kwargs: dict[str, Any]) -> dict[str, Any]:
    """`strip` for keyword arguments."""
    return {k: strip(v) for k, v in kwargs.items()}


def _share(args: Any, bars_of_args: Any, bars: dict[int, Any]) -> None:
    for arg, bar in zip(args, bars_of_args, strict=True):
        if isinstance(arg, (list, tuple)) and bar is not None:
            _share(arg, bar, bars)
        elif isinstance(arg, Traced) and bar is not None:
            bars[id(arg)] = bars[id(arg)] + bar if id(arg) in bars else bar


class _Module:
    """`math` for the time of a recording."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def __getattr__(self, name: str) -> Any:
        thing = getattr(math, name)
        return recorder(thing, self.tape) if callable(thing) else thing


def recorder(fn: Callable[..., Any], tape: Tape) -> Callable[..., Any]:
    """`fn`, noted on a tape where an argument is."""
    def call(*args: Any, **kwargs: Any) -> Any:
        return tape.call(fn, args, kwargs) if any(map(_is_traced, args)) else fn(*args, **kwargs)
    return call


def _is_traced(x: Any) -> bool:
    return isinstance(x, Traced) or isinstance(x, (list, tuple)) and any(map(_is_traced, x))


@contextmanager
def recording(*modules: str) -> Iterator[Tape]:
    """A tape; meanwhile what NumPy does not dispatch (`math`, the run-time helpers) is noted too.

    The functions to be recorded are those that rule files refer to; `modules` names further ones.
    """
    tape = Tape()
    saved: list[tuple[dict[str, Any], str, Any]] = []
    for name, module in list(sys.modules.items()):
        if name.startswith("ad_compiler.rules.") and not name.endswith(".registry") or name in modules:
            world = vars(module)
            for key, thing in list(world.items()):
                if thing is math:
                    saved.append((world, key, thing))
                    world[key] = _Module(tape)
                elif getattr(thing, "__module__", None) == runtime.__name__ and registry.lookup(thing):
                    saved.append((world, key, thing))
                    world[key] = recorder(thing, tape)
    try:
        yield tape
    finally:
        for world, key, thing in saved:
            world[key] = thing
