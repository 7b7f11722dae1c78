"""A function for a batch against a loop over the samples: for people who give functions rules.

>>> import numpy as np
>>> check_batch(np.arctan2, (np.ones(3), np.array([1.0, 2.0, 3.0])))
'derived'
"""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ad_compiler.batches import vmap
from ad_compiler.derivative import run_text
from ad_compiler.function import compiler

COUNT = itertools.count()

Dims = Any
"""Where the samples stand: 0 or None, or a list or tuple of such."""


def check_batch(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None, count: int = 3,
                seed: int = 0, rtol: float = 1e-9) -> str:
    """Compare `vmap` of a call with a loop, whichever of the arguments differ between the samples.

    Arguments that may are real numbers and arrays, in lists too; one sample is what is given, the others are near it.
    Returns how it is done where all differ: "written", "derived" or "loop".  Raises AssertionError where results
    differ, or arguments are changed.
    """
    call, args = call_of(fn, args, dict(kwargs or {}))
    rng = np.random.default_rng(seed)
    text, done = "", False
    for dims in choices(args):
        batch = tuple(batch_of(arg, d, count, rng) for arg, d in zip(args, dims, strict=True))
        before = copy.deepcopy(batch)
        mapped = vmap(call, in_dims=tuple(dims))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")     # the loop says the same
            got = leaves(mapped(*batch))
            wanted = looped(call, batch, dims, count)
        same_arrays("an argument was changed", leaves(batch), leaves(before), 0.0)
        same_arrays(f"{getattr(fn, '__name__', fn)}, in_dims={tuple(dims)}", got, wanted, rtol)
        text, done = mapped.source, True
    if not done:
        return "constant"
    rule = compiler().registry.lookup(fn)
    return "loop" if "for i in range(" in text else \
        "written" if rule is not None and rule.batch is not None else "derived"


def call_of(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """A function of those arguments that may vary, the others written into it; and those arguments."""
    names = [f"a{i}" for i in range(len(args))]
    able = [i for i, arg in enumerate(args) if may_vary(arg)]
    space = {"fn": fn, **{name: arg for i, (name, arg) in enumerate(zip(names, args, strict=True))
                                            if i not in able}}
    given = [name if i in able else written(arg, name) for i, (name, arg) in enumerate(zip(names, args, strict=True))]
    space |= {f"k_{key}": value for key, value in kwargs.items()}
    given += [f"{key}={written(value, f'k_{key}')}" for key, value in kwargs.items()]
    text = f"def call({', '.join(names[i] for i in able)}):\n    return fn({', '.join(given)})\n"
    run_text(text, f"<call {next(COUNT)} of {getattr(fn, '__name__', fn)}>", space)
    return space["call"], tuple(args[i] for i in able)


def written(arg: Any, name: str) -> str:
    """An argument as it is written: what decides the structure of a program is a literal there."""
    if isinstance(arg, (tuple, list)):
        items = [written(item, "") for item in arg]
        if "" in items:
            return name
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})" if isinstance(arg, tuple) else \
            f"[{', '.join(items)}]"
    if arg is Ellipsis:
        return "..."
    return repr(arg) if arg is None or isinstance(arg, (bool, int, float, str, slice)) else name


def choices(args: tuple[Any, ...]) -> Iterator[list[Dims]]:
    """Which arguments may vary: each alone, and last all."""
    able = [i for i, arg in enumerate(args) if may_vary(arg)]
    picked = [(i,) for i in able] + ([tuple(able)] if len(able) > 1 else [])
    for which in picked:
        yield [axes_for(arg) if i in which else None for i, arg in enumerate(args)]


def may_vary(arg: Any) -> bool:
    """Is this a real number or array, or are there such in a list?"""
    if isinstance(arg, (list, tuple)):
        return bool(arg) and all(map(may_vary, arg))
    return isinstance(arg, (float, np.ndarray, np.floating)) and np.asarray(arg).dtype.kind == "f"


def axes_for(arg: Any) -> Dims:
    """All of an argument varies."""
    return type(arg)(map(axes_for, arg)) if isinstance(arg, (list, tuple)) else 0


def batch_of(arg: Any, dims: Dims, count: int, rng: np.random.Generator) -> Any:
    """So many samples near one."""
    if dims is None:
        return arg
    if isinstance(arg, (list, tuple)):
        return type(arg)(batch_of(a, d, count, rng) for a, d in zip(arg, dims, strict=True))
    x = np.asarray(arg)
    near = [x * (1.0 + 0.01 * k * rng.uniform(-1.0, 1.0, x.shape)) for k in range(count)]
    return np.array(near, x.dtype).reshape(count, *x.shape)


def sample_of(arg: Any, dims: Dims, at: int) -> Any:
    """One of them."""
    if dims is None:
        return copy.deepcopy(arg)
    if isinstance(arg, (list, tuple)):
        return type(arg)(sample_of(a, d, at) for a, d in zip(arg, dims, strict=True))
    one = arg[at]
    return one.copy() if np.ndim(one) else one


def looped(call: Callable[..., Any], batch: tuple[Any, ...], dims: list[Dims], count: int) -> list[Any]:
    """What each sample gives, one upon the other."""
    found = [leaves(call(*(sample_of(a, d, at) for a, d in zip(batch, dims, strict=True)))) for at in range(count)]
    return [np.stack([np.asarray(x) for x in column]) for column in zip(*found, strict=True)]


def leaves(thing: Any) -> list[Any]:
    """The numbers and arrays in a structure."""
    return list(itertools.chain.from_iterable(map(leaves, thing))) if isinstance(thing, (list, tuple)) else [thing]


def same_arrays(what: str, got: list[Any], wanted: list[Any], rtol: float) -> None:
    """Raise AssertionError where arrays differ, NaN where NaN is wanted."""
    assert len(got) == len(wanted), f"{what}: {len(got)} results, {len(wanted)} wanted"
    for one, other in zip(got, wanted, strict=True):
        if not isinstance(other, (np.ndarray, np.generic)):
            continue
        other = np.asarray(other)
        assert np.shape(one) == other.shape, f"{what}: shape {np.shape(one)}, wanted {other.shape}"
        assert np.asarray(one).dtype == other.dtype, f"{what}: dtype {np.asarray(one).dtype}, wanted {other.dtype}"
        near = max(rtol, 1e-5) if rtol and other.dtype == np.float32 else rtol
        np.testing.assert_allclose(one, other, rtol=near, atol=near * 1e-3, err_msg=what)
