"""For people who write rules or functions: are the derivatives right?

`check_rule` checks one entry of the registry as it stands, and its tangent; `check_grads` checks what
`grad` gives for a function.  Both compare with differences along random directions and raise
`AssertionError`, which says what differs.

>>> import numpy as np
>>> check_rule(np.tanh, (np.array([0.1, 0.7]),), complex_step=True)
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler.kinds import Kind, Num, Seq, Shape, Sym
from ad_compiler.rules import registry
from ad_compiler.testing_tape import Traced, recording

Path = tuple[int, ...]


def check_rule(fn: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any] | None = None, *,
               argnums: Sequence[int] | None = None, order: int = 2, complex_step: bool = False,
               float32: bool = True, twice: bool = True, tangent: bool = True, eps: float = 1e-3, rtol: float = 1e-6,
               atol: float = 1e-8, seed: int = 0) -> None:
    """Check the rule of `fn` at one point: its kind, its derivative in both modes, and the derivative of that.

    `args` are the primal's positional arguments; floats, NumPy floats and float arrays among them, in lists
    too, are differentiated (those at `argnums`, where given).  Checked are: the kind agrees with the result;
    cotangents have the type, dtype and shape of the arguments and agree with extrapolated central differences
    of step `eps` in float64 to `rtol` and `atol` (also with a complex step where `complex_step` says that the
    function is analytic), and so does the tangent, as the compiler writes it; the arguments stay as they were and a
    second call gives the same; views and transposed arrays give the same; one array given twice gives the sum (unless
    not `twice`); float32 gives float32; and, for `order=2`, the derivative of the rule itself.  The function must be
    smooth within `eps` of the arguments.
    """
    entry = registry.lookup(fn)
    assert entry is not None, f"{fn!r} has no rule"
    kwargs, args, rng = dict(kwargs or {}), tuple(args), np.random.default_rng(seed)
    before = copy.deepcopy(args)
    out = fn(*args, **kwargs)
    check_kind(entry, args, kwargs, out)
    if entry.constant:
        return
    paths = [p for p in active(args) if argnums is None or p[0] in argnums]
    out_bar = random_like(out, rng)
    bars = cotangents(entry, args, kwargs, out, out_bar, paths)
    same("arguments after the call", args, before)
    same("a second call", cotangents(entry, args, kwargs, fn(*args, **kwargs), out_bar, paths), bars)
    for path in paths:
        fits(fn, get(bars, path), get(args, path))

    directions = {path: random_like(get(args, path), rng) for path in paths}
    for path in paths:
        slope = inner(get(bars, path), directions[path])
        along = functools.partial(_along, fn, args, kwargs, {path: directions[path]})
        close(fn, f"argument {path}", slope, slope_along(out_bar, along, eps), rtol, atol)
        if complex_step:
            exact = inner(out_bar, along(1e-30j)).imag / 1e-30
            close(fn, f"argument {path}, complex step", slope, exact, 1e-9, 1e-12)
    if tangent:
        from ad_compiler.testing_tangent import check_tangent
        check_tangent(fn, args, kwargs, out_bar, bars, directions, eps, rtol, atol)
    check_layouts(entry, fn, args, kwargs, out_bar, bars, paths, rtol)
    if twice:
        check_twice(entry, fn, args, kwargs, out_bar, directions, eps, rtol, atol)
    if float32:
        check_float32(entry, fn, args, kwargs, out_bar, bars, paths)
    if order > 1:
        check_second(entry, fn, args, kwargs, out_bar, paths, rng, eps, rtol, atol)


def check_grads(f: Callable[..., Any], args: Sequence[Any], *, argnums: int | Sequence[int] = 0, order: int = 2,
                kwargs: dict[str, Any] | None = None, eps: float = 1e-3, rtol: float = 1e-6, atol: float = 1e-8,
                seed: int = 0) -> None:
    """Check `grad(f)` at one point against extrapolated central differences of step `eps`.

    `f` gives one real scalar; the arguments at `argnums` are Python floats, NumPy floats or arrays.  The
    slope along a random direction must agree to `rtol` and `atol`; for `order=2` so must the gradient of
    `sum(grad(f)(x) * w)` for random `w`, and so on.
    """
    from ad_compiler import grad

    which = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    kwargs, args, rng = dict(kwargs or {}), tuple(args), np.random.default_rng(seed)
    before = copy.deepcopy(args)
    bars = grad(f, which)(*args, **kwargs)
    same("arguments after the call", args, before)
    directions = {(i,): random_like(args[i], rng) for i in which}
    for i, bar in zip(which, bars, strict=True):
        fits(f, bar, args[i])
        by: dict[Path, Any] = {(i,): directions[(i,)]}
        slope = difference(functools.partial(_along, f, args, kwargs, by), eps)
        close(f, f"argument {i}", inner(bar, directions[(i,)]), slope, rtol, atol)
    if order > 1:
        first, weights = grad(f, which), list(directions.values())

        def slope_of(*xs: Any) -> Any:
            total = 0.0
            for bar, weight in zip(first(*xs, **kwargs), weights, strict=True):
                total = total + np.sum(bar * weight)
            return total

        check_grads(slope_of, args, argnums=which, order=order - 1, eps=eps, rtol=rtol, atol=atol, seed=seed + 1)


def cotangents(entry: registry.Rule, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any, out_bar: Any,
               paths: Iterable[Path]) -> tuple[Any, ...]:
    """`run_vjp` with zeros where a rule says that an argument carries no derivative."""
    wanted = {path[0] for path in paths}
    bars = registry.run_vjp(entry, args, kwargs, out, out_bar, wanted)
    return tuple(arg * 0 if bar is None and i in wanted else bar
                 for i, (bar, arg) in enumerate(zip(bars, args, strict=True)))


def _along(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], by: dict[Path, Any], t: Any) -> Any:
    return fn(*moved(args, by, t), **kwargs)


# -- kinds -------------------------------------------------------------------------------------------------


def kind_of_argument(x: Any) -> Any:
    """The kind of a run-time argument: equal lengths have equal symbols.  What is static stands for itself."""
    if isinstance(x, (list, tuple)) and any(not isinstance(i, (int, str, slice)) and i is not None for i in x):
        return type(x)(kind_of_argument(item) for item in x)
    if isinstance(x, np.ndarray):
        return Num(str(x.dtype), tuple(1 if n == 1 else Sym(n, True) for n in x.shape), "array")
    if isinstance(x, np.generic):
        return Num(str(x.dtype), (), "np")
    return Num("float64", (), "py") if isinstance(x, float) else x


def check_kind(entry: registry.Rule, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
    """The kind rule agrees with the result."""
    bound = entry.signature.bind(*map(kind_of_argument, args), **kwargs)
    kind = entry.kind(*bound.args, **bound.kwargs)
    for part, value in zip(kind, out, strict=True) if isinstance(kind, tuple) else [(kind, out)]:
        agrees(entry.fn, part, value)


def agrees(fn: Any, kind: Kind, value: Any) -> None:
    """One result is of its kind."""
    where = f"{fn!r}: kind {kind}"
    if isinstance(kind, Shape):
        assert tuple(map(length, kind.dims)) == tuple(value), f"{where}, the shape is {value}"
    elif isinstance(kind, Seq):
        for item in value:
            agrees(fn, kind.elem, item)
    elif isinstance(kind, Num):
        given = str(np.asarray(value).dtype)
        assert kind.dtype == given, f"{where}, the dtype is {given}"
        form = "array" if isinstance(value, np.ndarray) else "np" if isinstance(value, np.generic) else "py"
        assert kind.form in (form, "any"), f"{where}, the form is {form}"
        if kind.shape is not None:
            assert len(kind.shape) == np.ndim(value), f"{where}, the rank is {np.ndim(value)}"
            for dim, n in zip(kind.shape, np.shape(value), strict=True):
                assert length(dim, n) == n, f"{where}, the shape is {np.shape(value)}"
                assert isinstance(dim, int) or not dim.not_one or n != 1, f"{where}: {dim} is 1"
        if kind.length is not None:
            assert length(kind.length, value) == value, f"{where}, the integer is {value}"


def length(dim: Any, otherwise: Any = None) -> Any:
    """The number that a symbolic length stands for, where the symbols of arguments are numbers."""
    if not isinstance(dim, Sym):
        return dim
    key = dim.key
    if not isinstance(key, tuple):
        return key
    word, first, *rest = key
    if word in ("plus", "times"):
        parts = [length(d) for d in first]
        return sum(parts) + rest[0] if word == "plus" else int(np.prod(parts)) * rest[0]
    if word == "slice":
        return len(range(*slice(*(length(d) for d in rest)).indices(length(first))))
    work: dict[str, Callable[[int, int], int]] = {
        "minus": lambda n, k: max(n - k, 0), "min": min, "shorter": min, "over": lambda n, k: n // k,
        "broadcast": lambda n, k: n if k == 1 else k}
    return work[word](length(first), length(rest[0])) if word in work else otherwise


# -- parts of check_rule -----------------------------------------------------------------------------------


def check_layouts(entry: registry.Rule, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out_bar: Any,
                  bars: Any, paths: list[Path], rtol: float) -> None:
    """Strided views and transposed memory give what contiguous arrays give."""
    for layout in (_strided, np.asfortranarray):
        other = args
        for path in paths:
            x = get(args, path)
            if isinstance(x, np.ndarray) and x.ndim:
                other = put(other, path, layout(x))
        again = cotangents(entry, other, kwargs, fn(*other, **kwargs), out_bar, paths)
        for path in paths:
            np.testing.assert_allclose(get(again, path), get(bars, path), rtol=rtol, err_msg=f"{fn!r}: another layout")


def _strided(x: Any) -> Any:
    return np.repeat(x, 2, axis=-1)[..., ::2]


def check_twice(entry: registry.Rule, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out_bar: Any,
                directions: dict[Path, Any], eps: float, rtol: float, atol: float) -> None:
    """One array given for two arguments of one shape: the slopes add up."""
    pairs = [(p, q) for p in directions for q in directions
             if p < q and np.ndim(get(args, p)) and np.shape(get(args, p)) == np.shape(get(args, q))]
    for p, q in pairs[:1]:
        twice = put(args, q, get(args, p))
        by = {p: directions[p], q: directions[p]}
        bars = cotangents(entry, twice, kwargs, fn(*twice, **kwargs), out_bar, directions)
        slope = inner(get(bars, p), by[p]) + inner(get(bars, q), by[q])
        if np.isfinite(slope):
            along = functools.partial(_along, fn, twice, kwargs, by)
            near = slope_along(out_bar, along, eps)
            close(fn, f"one array for {p} and {q}", slope, near, rtol, atol)


def check_float32(entry: registry.Rule, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out_bar: Any,
                  bars: Any, paths: list[Path]) -> None:
    """Single precision stays single precision, and gives about the same."""
    narrow = args
    for path in paths:
        x = get(args, path)
        if type(x) is not float:
            narrow = put(narrow, path, x.astype(np.float32))
    out = fn(*narrow, **kwargs)
    check_kind(entry, narrow, kwargs, out)
    from ad_compiler.testing_tangent import check_narrow_tangent
    check_narrow_tangent(fn, narrow, kwargs, paths)
    bar = tuple(np.asarray(b).astype(o.dtype) for b, o in zip(out_bar, out, strict=True)) \
        if isinstance(out, tuple) else out_bar if type(out) is float else np.asarray(out_bar).astype(out.dtype)[()]
    again = cotangents(entry, narrow, kwargs, out, bar, paths)
    for path in paths:
        fits(fn, get(again, path), get(narrow, path))
        np.testing.assert_allclose(get(again, path), get(bars, path), rtol=1e-2, atol=1e-3,
                                   err_msg=f"{fn!r}: float32")


def check_second(entry: registry.Rule, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out_bar: Any,
                 paths: list[Path], rng: np.random.Generator, eps: float, rtol: float, atol: float) -> None:
    """The derivative of a random combination of cotangents, by the rules of what the rule calls."""
    weights = {path: random_like(get(args, path), rng) for path in paths}
    args = registry.as_arrays(args)
    point: tuple[Any, ...] = (args, out_bar)
    everywhere = active(point) if isinstance(out_bar, tuple) else [*(p for p in active(point) if p[0] == 0), (1,)]
    wanted = [p for p in everywhere if p[0] == 1 or p[1:] in paths]
    with recording() as tape:
        traced: Any = point
        for path in wanted:
            traced = put(traced, path, Traced(get(point, path), tape))
        out = tape.call(fn, traced[0], kwargs)
        if entry.vjp is not None:
            made = entry.vjp(*traced[0], **kwargs, out=out, out_bar=traced[1])
            made = made if isinstance(made, tuple) else (made,)
        else:
            made = tuple(traced[1] * slope(*traced[0], **kwargs, out=out) if slope and (i,) in paths else None
                         for i, slope in enumerate(entry.partials))
        bars: dict[int, Any] = {}
        for path in paths:
            bar = get(made, path) if path[0] < len(made) else None
            if isinstance(bar, Traced):
                start = np.broadcast_to(weights[path], np.shape(bar.value)) + np.zeros(np.shape(bar.value))
                bars[id(bar)] = bars[id(bar)] + start if id(bar) in bars else start
        tape.reverse(bars)
    for path in wanted:
        if id(get(traced, path)) not in bars and path[0] == 1:
            continue
        direction = random_like(get(point, path), rng)

        def combined(by: dict[Path, Any], t: Any) -> Any:
            at, bar = moved(point, by, t)
            first = registry.raw_vjp(entry, at, kwargs, fn(*at, **kwargs), bar, {p[0] for p in paths})
            return sum(inner(weights[p], get(first, p)) for p in paths if get(first, p) is not None)

        slope = inner(bars.get(id(get(traced, path)), np.zeros(np.shape(direction))), direction)
        near = difference(functools.partial(combined, {path: direction}), eps)
        close(fn, f"second order, {'cotangent' if path[0] else 'argument'} {path[1:]}", slope, near, rtol, atol)


# -- arithmetic on nested arguments ------------------------------------------------------------------------


def active(x: Any, path: Path = ()) -> list[Path]:
    """Where the floats are."""
    if isinstance(x, (list, tuple)):
        return [p for i, item in enumerate(x) for p in active(item, (*path, i))]
    return [path] if isinstance(x, float) or isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f" else []


def get(x: Any, path: Path) -> Any:
    """The item at a path."""
    for i in path:
        x = x[i]
    return x


def put(x: Any, path: Path, new: Any) -> Any:
    """`x` with another item at a path."""
    if not path:
        return new
    items = [put(item, path[1:], new) if i == path[0] else item for i, item in enumerate(x)]
    return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)


def moved(x: Any, by: dict[Path, Any], t: Any) -> Any:
    """`x` with a step along a direction."""
    for path, direction in by.items():
        here = get(x, path)
        x = put(x, path, here + t * direction)
    return x


def random_like(x: Any, rng: np.random.Generator) -> Any:
    """A random direction for a value; the same kind of object."""
    if isinstance(x, tuple):
        return tuple(random_like(item, rng) for item in x)
    if isinstance(x, float) and not isinstance(x, np.floating):
        return float(rng.normal())
    return np.asarray(rng.normal(size=np.shape(x)))[()] if np.ndim(x) == 0 else rng.normal(size=np.shape(x))


def inner(a: Any, b: Any) -> Any:
    """The inner product; of tuples, of all their items."""
    if isinstance(a, tuple):
        return sum(inner(x, y) for x, y in zip(a, b, strict=True))
    return np.sum(np.asarray(a) * np.asarray(b))


def difference(f: Callable[[float], Any], eps: float) -> Any:
    """The slope at 0: central differences of two steps, extrapolated."""
    coarse = (f(eps) - f(-eps)) / (2 * eps)
    fine = (f(eps / 2) - f(-eps / 2)) / eps
    return (4 * fine - coarse) / 3


def slope_along(out_bar: Any, f: Callable[[float], Any], eps: float) -> Any:
    """The slope at 0 of what `f` gives, weighted by a cotangent."""
    return difference(lambda t: inner(out_bar, f(t)), eps)


def close(fn: Any, what: str, slope: Any, near: Any, rtol: float, atol: float) -> None:
    """NaN is equal to nothing."""
    assert abs(slope - near) <= atol + rtol * max(abs(slope), abs(near)), \
        f"{fn!r}: {what}: the derivative says {slope}, differences say {near}"


def fits(fn: Any, bar: Any, x: Any) -> None:
    """A cotangent is the same kind of object as what it belongs to."""
    assert type(bar) is type(x), f"{fn!r}: a cotangent is a {type(bar).__name__} for a {type(x).__name__}"
    assert np.shape(bar) == np.shape(x), f"{fn!r}: a cotangent has shape {np.shape(bar)} for {np.shape(x)}"
    if isinstance(x, (np.ndarray, np.generic)):
        assert bar.dtype == x.dtype, f"{fn!r}: a cotangent is {bar.dtype} for {x.dtype}"


def same(what: str, a: Any, b: Any) -> None:
    """Equal bit for bit, in type too."""
    if isinstance(a, (list, tuple)):
        assert len(a) == len(b), what
        for x, y in zip(a, b, strict=True):
            same(what, x, y)
    else:
        assert type(a) is type(b), what
        np.testing.assert_array_equal(a, b, err_msg=what)


__all__ = ["check_grads", "check_rule"]
