"""Tangents against differences of the function itself, and against the gradient.

>>> check_jvp(lambda x, n: x ** n, (3.0, 2))[0]
9.0
"""

from __future__ import annotations

import copy
import itertools
import linecache
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import grad, jvp
from tests.fd import STEP, as_float64, assert_close, assert_same, assert_value, leaves, rebuild

COUNT = itertools.count()


def of_some(func: Callable[..., Any], args: tuple[Any, ...], numbers: tuple[int, ...], kwargs: dict[str, Any]) -> Any:
    """A function of the arguments at `numbers` alone; the others are what they are here."""
    params = ", ".join(f"p{n}" for n in numbers)
    given = [f"p{n}" if n in numbers else f"fixed{n}" for n in range(len(args))]
    given += [f"{name}=fixed_{name}" for name in kwargs]
    text = f"def along({params}):\n    return func({', '.join(given)})\n"
    name = f"<of some {next(COUNT)}>"
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space = {"func": func, **{f"fixed{n}": copy.deepcopy(x) for n, x in enumerate(args) if n not in numbers},
             **{f"fixed_{key}": copy.deepcopy(x) for key, x in kwargs.items()}}
    exec(compile(text, name, "exec"), space)
    return space["along"]


def tangents_like(primals: tuple[Any, ...], rng: np.random.Generator) -> tuple[Any, ...]:
    """Random tangents, in the structure and the types of the primals."""
    def draw(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return rng.standard_normal(x.shape).astype(x.dtype)
        return type(x)(rng.standard_normal()) if isinstance(x, (float, np.floating)) else x
    return tuple(rebuild(x, [draw(leaf) for leaf in leaves(x)]) for x in primals)


def stepped(primals: tuple[Any, ...], tangents: tuple[Any, ...], t: float) -> tuple[Any, ...]:
    """The primals in double precision, moved along the tangents."""
    def move(x: Any, dot: Any) -> Any:
        if isinstance(x, (float, np.floating)) or isinstance(x, np.ndarray):
            wide = as_float64(x) + t * as_float64(dot)
            return np.asarray(wide) if isinstance(x, np.ndarray) else type(as_float64(x))(wide)
        return x
    return tuple(rebuild(copy.deepcopy(x), [move(a, b) for a, b in zip(leaves(x), leaves(dot), strict=True)])
                 for x, dot in zip(primals, tangents, strict=True))


def numbers_in(out: Any) -> np.ndarray:
    """The real numbers of an output in one row."""
    found = [np.ravel(x) for x in leaves(out) if isinstance(x, float) or isinstance(x, (np.ndarray, np.generic))
             and np.asarray(x).dtype.kind == "f"]
    return np.concatenate([np.asarray(x, np.float64) for x in found]) if found else np.zeros(0)


def slopes(func: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...], step: float = STEP) -> Any:
    """How the numbers of the output change along the tangents, from four values of the function."""
    def at(t: float) -> np.ndarray:
        return numbers_in(func(*stepped(primals, tangents, t)))
    return (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step)


def check_jvp(func: Callable[..., Any], args: tuple[Any, ...], numbers: tuple[int, ...] | None = None,
              kwargs: dict[str, Any] | None = None, *, rtol: float = 1e-6, seed: int = 5, **options: Any) -> Any:
    """Check all that can be checked of `jvp(func, …)` along a random direction; gives what it gives."""
    numbers = tuple(n for n, x in enumerate(args) if not isinstance(x, int)) if numbers is None else numbers
    f = of_some(func, args, numbers, kwargs or {})
    primals = copy.deepcopy(tuple(args[n] for n in numbers))
    tangents = tangents_like(primals, np.random.default_rng(seed))
    before = copy.deepcopy((primals, tangents))
    want = of_some(func, args, numbers, kwargs or {})(*copy.deepcopy(primals))
    out, dot = jvp(f, primals, tangents, **options)
    assert_same("arguments after the call", (primals, tangents), before)
    assert_same("a second call", jvp(f, primals, tangents, **options), (out, dot))
    numba = options.get("backend") == "numba"       # which gives numbers of Python's
    assert_value(plain(out) if numba else out, plain(want) if numba else want)
    assert_tangent_kind(dot, out)
    near = slopes(of_some(func, args, numbers, kwargs or {}), primals, tangents)
    scale = float(np.max(np.abs(near), initial=0.0))
    if any(isinstance(x, (np.ndarray, np.generic)) and np.asarray(x).dtype == np.float32 for x in leaves([*args, out])):
        rtol = max(rtol, 2e-4)
    size = float(np.max(np.abs(numbers_in(out)), initial=0.0))
    assert_close("the tangent", numbers_in(dot), near, rtol, 1e-9 + rtol * scale + 1e-10 * size)
    return out, dot


def plain(thing: Any) -> Any:
    """A thing with numbers of Python's in place of NumPy's."""
    return rebuild(thing, [float(x) if isinstance(x, np.float64) else x for x in leaves(thing)])


def check_against_grad(func: Callable[..., Any], args: tuple[Any, ...], numbers: tuple[int, ...],
                       kwargs: dict[str, Any], rtol: float = 1e-9, seed: int = 5) -> None:
    """The tangent is the inner product of gradient and direction."""
    primals = copy.deepcopy(tuple(args[n] for n in numbers))
    tangents = tangents_like(primals, np.random.default_rng(seed))
    dot = jvp(of_some(func, args, numbers, kwargs), primals, tangents)[1]
    gradients = grad(func, numbers)(*copy.deepcopy(args), **copy.deepcopy(kwargs))
    products = [np.sum(np.asarray(g, float) * np.asarray(v, float))
                for g, v in zip(leaves(list(gradients)), leaves(list(tangents)), strict=True) if isinstance(g, (float, np.generic, np.ndarray))]
    scale = sum(np.abs(p) for p in products)
    if any(np.asarray(x).dtype == np.float32 for x in leaves(list(args)) if isinstance(x, (np.ndarray, np.generic))):
        rtol = max(rtol, 1e-4)
    assert_close("beside the gradient", dot, sum(products), rtol, 1e-12 + rtol * scale)


def assert_tangent_kind(dot: Any, out: Any) -> None:
    """A tangent has the type, dtype and shape of what it belongs to, through all containers."""
    if isinstance(out, dict):
        assert list(dot) == list(out)
        for key in out:
            assert_tangent_kind(dot[key], out[key])
    elif isinstance(out, (list, tuple)):
        assert type(dot) is type(out)
        assert len(dot) == len(out)
        for d, item in zip(dot, out, strict=True):
            assert_tangent_kind(d, item)
    elif isinstance(out, np.ndarray):
        assert isinstance(dot, np.ndarray), f"the tangent of an array is a {type(dot).__name__}"
        assert (dot.dtype, dot.shape) == (out.dtype, out.shape), f"{dot.dtype}{dot.shape} of {out.dtype}{out.shape}"
    elif isinstance(out, (float, np.floating)):
        assert isinstance(dot, float) or getattr(dot, "dtype", None) == out.dtype, f"{dot!r} of {out!r}"
