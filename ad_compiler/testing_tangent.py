"""The tangent of one function at one point, as the compiler writes it: what `check_rule` compares.

>>> along, text = tangent_of(np.multiply, (np.array([1.0, 2.0]), 3.0), {}, [(0,)])     # by the first argument
>>> along({(0,): np.array([1.0, 0.0])})
array([3., 0.])
>>> print(text, end="")
def multiply_jvp(x_0, x_0_dot):
    return np.multiply(x_0, 3.0), np.multiply(x_0_dot, 3.0)
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.check import verify
from ad_compiler.emit.compile import emit
from ad_compiler.errors import Collector
from ad_compiler.ir import Arg, Atom, Block, Func, Value
from ad_compiler.kinds import Sym
from ad_compiler.optimise.inplace import update_in_place
from ad_compiler.passes import run_passes
from ad_compiler.pipeline import TIDY
from ad_compiler.read.abstract import Abstract, List, Tuple, to_arg
from ad_compiler.read.known import from_python
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory.lengths import new_lengths
from ad_compiler.tangent.forward import Forward
from ad_compiler.testing import Path, _along, close, difference, get, inner, kind_of_argument


def tangent_of(fn: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], paths: Sequence[Path]
               ) -> tuple[Callable[[dict[Path, Any]], Any], str]:
    """What gives the tangent of `fn(*args, **kwargs)` for tangents at `paths`, and its text."""
    params: dict[Value, Any] = {}
    dots: dict[Value, Value] = {}
    by_path: dict[Path, Value] = {}

    def opened(thing: Any, path: Path) -> Abstract:
        if path in paths or isinstance(thing, np.ndarray):
            value = Value("_".join(["x", *map(str, path)]), kind_of(thing))
            params[value] = thing
            if path in paths:
                dots[value] = by_path[path] = Value(f"{value.hint}_dot", value.kind)
            return value
        if isinstance(thing, (list, tuple)) and any(p[:len(path)] == path for p in paths):
            items = [opened(item, (*path, at)) for at, item in enumerate(thing)]
            return List(items) if isinstance(thing, list) else Tuple(items)
        return from_python(thing)

    with new_lengths():
        block = Block()
        things = [opened(arg, (at,)) for at, arg in enumerate(args)]
        out = Lifter(block, watching=False).apply(fn, things, {k: from_python(v) for k, v in kwargs.items()})
        forward = Forward(block, dict(dots), Collector())
        forward.run()
        outs: list[Atom] = list(out.items) if isinstance(out, Tuple) else [out]
        forward.demand(outs)
        forward.lifter.block = block
        found: list[Arg] = [forward.filled(atom) for atom in outs]
        block.results = [(to_arg(out), tuple(found) if isinstance(out, Tuple) else found[0])]
        func = Func(f"{getattr(fn, '__name__', 'f')}_jvp", [*params, *dots.values()], block, forward=True)
        emitted = emit(run_passes(func, (*TIDY, update_in_place), verify), "f")

    def along(tangents: dict[Path, Any]) -> Any:
        by_value = {by_path[path]: dot for path, dot in tangents.items()}
        return emitted.function(*params.values(), *(by_value[dot] for dot in dots.values()))[1]
    return along, emitted.text


def kind_of(x: Any) -> Any:
    """The kind of an argument, as of one that the compiler is called with: equal lengths have equal symbols."""
    kind = kind_of_argument(x)
    if not isinstance(x, np.ndarray):
        return kind
    return replace(kind, shape=tuple(n if n < 2 else Sym(f"n.{n}", True) for n in x.shape))


def check_tangent(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], out_bar: Any, bars: Any,
                  directions: dict[Path, Any], eps: float, rtol: float, atol: float) -> None:
    """The tangent agrees with the cotangents `bars`, and element by element with differences.

    By all arguments at once, and by each of several alone: the others have none then.
    """
    several = [{path: direction} for path, direction in directions.items()] if len(directions) > 1 else []
    for by in (directions, *several) if directions else ():
        along, _ = tangent_of(fn, args, kwargs, list(by))
        dot = along(by)
        back = sum(inner(get(bars, path), direction) for path, direction in by.items())
        single = any(np.asarray(part).dtype == np.float32 for part in (dot if isinstance(dot, tuple) else [dot]))
        close(fn, f"tangent by {list(by)}, beside the cotangents", inner(out_bar, dot), back,
              1e-6 if single else 1e-9, 1e-12)
        check_elements(fn, dot, functools.partial(_along, fn, args, kwargs, by), eps, rtol, atol)


def check_elements(fn: Callable[..., Any], dot: Any, along: Callable[[float], Any], eps: float, rtol: float,
                   atol: float) -> None:
    """A tangent is what differences say, in the shape and dtype of what it belongs to."""
    out = along(0.0)
    if isinstance(out, (tuple, list)):
        assert len(out) == len(dot), f"{fn!r}: {len(dot)} tangents of {len(out)} results"
        for at, part in enumerate(dot):
            check_elements(fn, part, functools.partial(_item, along, at), eps, rtol, atol)
        return
    assert np.shape(dot) == np.shape(out), f"{fn!r}: a tangent has shape {np.shape(dot)}, the result {np.shape(out)}"
    near = difference(lambda t: np.asarray(along(t)), eps)
    scale = np.max(np.abs(near), initial=0.0)
    np.testing.assert_allclose(dot, near, rtol=rtol, atol=atol + rtol * scale, err_msg=f"{fn!r}: tangent")


def _item(along: Callable[[float], Any], at: int, t: float) -> Any:
    return along(t)[at]


def check_narrow_tangent(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], paths: list[Path]
                         ) -> None:
    """Single precision has a tangent in single precision; `args` are narrow."""
    if not paths:
        return
    along, _ = tangent_of(fn, args, kwargs, paths)
    dot, out = along({path: get(args, path) * 0 + type(get(args, path))(1) if np.ndim(get(args, path)) == 0
                      else np.ones_like(get(args, path)) for path in paths}), fn(*args, **kwargs)
    for one, of in zip(dot, out, strict=True) if isinstance(out, tuple) else [(dot, out)]:
        if isinstance(of, np.ndarray) and of.ndim:
            assert one.dtype == of.dtype, f"{fn!r}: a tangent is {one.dtype}, the result {of.dtype}"


__all__ = ["check_narrow_tangent", "check_tangent", "tangent_of"]
