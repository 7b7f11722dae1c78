"""Gradients against differences of the user's own function.

>>> check_against_differences(lambda x: x * x * x, (3.0,))
27.0
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import grad, value_and_grad
from ad_compiler.testing import check_grads

STEP = 1e-4         # of a formula of fourth order: truncation 1e-16, rounding 1e-12
COORDINATES = 64    # up to so many numbers each is moved on its own, beyond it directions are drawn
DIRECTIONS = 4
ROUNDING = 1e-12


def leaves(thing: Any) -> list[Any]:
    """The numbers and arrays in a container, in order."""
    if isinstance(thing, dict):
        thing = list(thing.values())
    if isinstance(thing, (list, tuple)):
        return [leaf for item in thing for leaf in leaves(item)]
    return [thing]


def rebuild(thing: Any, new: list[Any]) -> Any:
    """The container with its leaves replaced; takes them from the front of `new`."""
    if isinstance(thing, dict):
        return {key: rebuild(item, new) for key, item in thing.items()}
    if isinstance(thing, (list, tuple)):
        items = [rebuild(item, new) for item in thing]
        return type(thing)(*items) if hasattr(thing, "_fields") else type(thing)(items)
    return new.pop(0)


def as_float64(x: Any) -> Any:
    """The same number or array in double precision, and of the same kind."""
    if isinstance(x, np.ndarray):
        return np.array(x, np.float64)
    return np.float64(x) if isinstance(x, np.generic) else float(x)


def moved(args: Any, numbers: tuple[int, ...], steps: list[Any]) -> tuple[Any, ...]:
    """Fresh arguments, those at `numbers` moved by `steps` (one for each leaf)."""
    args, steps = list(copy.deepcopy(args)), list(steps)
    for at in numbers:
        before = leaves(args[at])
        after = [np.asarray(as_float64(x) + s) if isinstance(x, np.ndarray) else type(as_float64(x))(x + s)
                 for x, s in zip(before, steps[:len(before)], strict=True)]
        steps = steps[len(before):]
        args[at] = rebuild(args[at], after)
    return tuple(args)


def slope(f: Callable[..., float], args: Any, kwargs: dict[str, Any], numbers: tuple[int, ...], direction: list[Any],
          step: float) -> float:
    """The derivative along a direction, from four values."""
    def at(t: float) -> float:
        return float(f(*moved(args, numbers, [t * d for d in direction]), **copy.deepcopy(kwargs)))
    return (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step)


def directions(xs: list[Any]) -> list[list[Any]]:
    """Along each coordinate where there are few, at random where there are many."""
    sizes = [int(np.size(x)) for x in xs]
    total = sum(sizes)
    if total <= COORDINATES:
        flat = np.eye(total)
    else:
        flat = np.random.default_rng(7).standard_normal((DIRECTIONS, total))
    parts = [np.split(row, np.cumsum(sizes)[:-1]) for row in flat]
    return [[part.reshape(np.shape(x)) if np.ndim(x) else float(part[0]) for part, x in zip(row, xs, strict=True)]
            for row in parts]


def same(a: Any, b: Any) -> bool:
    """Of one type and equal to the last bit, whatever it is; a NaN equals itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (np.ndarray, np.generic)):
        return a.dtype == b.dtype and a.shape == b.shape and (
            all(map(same, a.ravel(), b.ravel())) if a.dtype == object else np.asarray(a).tobytes() == np.asarray(b).tobytes())
    if isinstance(a, float):
        return np.float64(a).tobytes() == np.float64(b).tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if a is not b and hasattr(a, "__dict__"):
        return same(vars(a), vars(b))
    return bool(a is b or a == b)


def check_of_an_array(fn: Callable[..., Any], given: np.ndarray) -> None:
    """Value and gradients, to second order, of a function of one array, which stays as it was; and turned round."""
    x = given.copy()
    value, _ = value_and_grad(fn)(x)
    assert np.isclose(value, fn(given), rtol=1e-14, atol=0.0)
    assert np.array_equal(x, given)
    check_grads(fn, (given,), order=2)
    check_grads(fn, (given[::-1].copy(),), order=2)


def along(gradient: Callable[..., Any], weights: list[Any]) -> Callable[..., Any]:
    """Gradients along one direction: a number, of which there are gradients again."""
    def total(*args, **kwargs):
        s = 0.0
        for g, w in zip(gradient(*args, **kwargs), weights):
            s = s + np.sum(g * w)
        return s
    return total


def assert_same(what: str, a: Any, b: Any) -> None:
    assert same(a, b), f"{what}: {a!r} ({type(a).__name__}) is not {b!r} ({type(b).__name__})"


def assert_kind(gradient: Any, x: Any) -> None:
    """A gradient has the type, dtype and shape of its argument, through all containers."""
    assert type(gradient) is type(x), f"the gradient of a {type(x).__name__} is a {type(gradient).__name__}"
    if isinstance(x, dict):
        assert list(gradient) == list(x)
        for key in x:
            assert_kind(gradient[key], x[key])
    elif isinstance(x, (list, tuple)):
        assert len(gradient) == len(x)
        for g, item in zip(gradient, x, strict=True):
            assert_kind(g, item)
    elif isinstance(x, (np.ndarray, np.generic)):
        assert gradient.dtype == x.dtype, f"the gradient of {x.dtype} is {gradient.dtype}"
        assert gradient.shape == x.shape, f"the gradient for shape {x.shape} has shape {gradient.shape}"


def assert_close(what: str, got: Any, want: Any, rtol: float, atol: float) -> None:
    """Close, with NaN close to nothing."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    assert got.shape == want.shape, f"{what}: shape {got.shape} instead of {want.shape}"
    assert np.all(np.isfinite(want)), f"{what}: the differences themselves are {want}"
    assert np.all(np.abs(got - want) <= atol + rtol * np.abs(want)), f"{what}: got {got}, differences say {want}"


def assert_value(got: Any, want: Any) -> None:
    """The value of the function, aux included: of its types, and floats equal to rounding, since sums may be added in
    another order.
    """
    subclass = type(want) is float and type(got) is np.float64      # a loop that ran zero times, over a list
    assert type(got) is type(want) or subclass, f"the value is a {type(got).__name__}, not a {type(want).__name__}"
    if isinstance(want, (list, tuple)):
        assert len(got) == len(want), f"the value: {got!r} is not {want!r}"
        for a, b in zip(got, want, strict=True):
            assert_value(a, b)
    elif isinstance(want, dict):
        assert list(got) == list(want), f"the value: {got!r} is not {want!r}"
        for key in want:
            assert_value(got[key], want[key])
    elif isinstance(want, (float, np.floating)) or isinstance(want, np.ndarray) and want.dtype.kind == "f":
        assert np.shape(got) == np.shape(want)
        assert np.asarray(got).dtype == np.asarray(want).dtype
        assert np.allclose(got, want, rtol=ROUNDING, atol=ROUNDING, equal_nan=True), f"{got!r} is not {want!r}"
    else:
        assert_same("the value", got, want)


def check_against_differences(f: Callable[..., Any], args: tuple[Any, ...], argnums: Any = 0,
                              kwargs: dict[str, Any] | None = None, *, rtol: float = 1e-6, step: float = STEP,
                              has_aux: bool = False) -> Any:
    """Check all that can be checked of `grad(f)` and `value_and_grad(f)` at one point; returns the gradient.

    The value is that of `f` to rounding, the arguments stay as they were, the gradient has the kind of its argument and
    agrees with central differences in float64, and a second call gives the same.
    """
    kwargs = kwargs or {}
    single = isinstance(argnums, int)
    numbers = tuple(n % len(args) for n in ((argnums,) if single else argnums))
    given, named = copy.deepcopy((args, kwargs))
    expected = f(*given, **named)
    value_of = (lambda *a, **k: f(*a, **k)[0]) if has_aux else f
    value = expected[0] if has_aux else expected

    derivative = grad(f, argnums=argnums, has_aux=has_aux)
    given, named = copy.deepcopy((args, kwargs))
    result = derivative(*given, **named)
    assert_same("arguments after the call", (given, named), (args, kwargs))
    assert_same("a second call", derivative(*given, **named), result)
    gradient = result[0] if has_aux else result

    together, also = value_and_grad(f, argnums=argnums, has_aux=has_aux)(*given, **named)
    assert_same("arguments after value_and_grad", (given, named), (args, kwargs))
    assert_value(together, expected)
    if has_aux:
        assert_value(result[1], expected[1])

    wanted = [args[n] for n in numbers]
    gradients = [gradient] if single else list(gradient)
    assert single or type(gradient) is tuple
    for g, x in zip(gradients, wanted, strict=True):
        assert_kind(g, x)
    for g, x in zip([also] if single else also, wanted, strict=True):
        assert_kind(g, x)
    xs, gs = leaves(wanted), leaves(gradients)
    if any(isinstance(x, (np.ndarray, np.generic)) and x.dtype == np.float32 for x in leaves([*args, *kwargs.values()])):
        rtol = max(rtol, 2e-4)
    scale = max((float(np.max(np.abs(g))) for g in gs if np.size(g)), default=0.0)
    atol = 1e-9 + rtol * scale + 1e-10 * abs(float(value))
    for g, other in zip(gs, leaves([also] if single else list(also)), strict=True):
        assert np.allclose(g, other, rtol=rtol * 1e-2, atol=atol * 1e-2), f"grad {g}, value_and_grad {other}"
    for direction in directions(xs):
        want = slope(value_of, args, kwargs, numbers, direction, step)
        got = sum(float(np.sum(np.asarray(g, np.float64) * d)) for g, d in zip(gs, direction, strict=True))
        assert_close("along a direction", got, want, rtol, atol * (1.0 if len(xs) <= COORDINATES else 10.0))
    return gradient
