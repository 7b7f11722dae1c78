"""The transforms once more, by differences and loops: what those of the package are held against, nested in any way.

>>> bool(abs(grad(grad(lambda x: x ** 4))(2.0) - 48.0) < 1e-6)
True
>>> vmap(lambda p: p["a"] * p["b"])({"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])})
array([3., 8.])

What is held constant is wrapped in `hold` here: it keeps the value that it had where the outermost derivative is taken.

>>> bool(abs(grad(lambda x: hold(x) * x)(3.0) - 3.0) < 1e-8)
True
"""

import itertools

import numpy as np

from ad_compiler.validate.trees import children

STEP = 4e-3
WEIGHTS = ((1, 8.0 / 12.0), (-1, -8.0 / 12.0), (2, -1.0 / 12.0), (-2, 1.0 / 12.0))      # of fourth order


class Tape:
    """The values that are held, in the order in which they were first computed; how deep in derivatives we are."""

    values, at, depth = [], 0, 0


def hold(x):
    """A value that no derivative sees."""
    if not Tape.depth:
        return x
    if Tape.at == len(Tape.values):
        Tape.values.append(np.copy(x)[()])
    Tape.at += 1
    return np.copy(Tape.values[Tape.at - 1])[()]


def flat(x):
    """The numbers and arrays of a structure; booleans and integers are none."""
    if isinstance(x, (float, np.ndarray, np.floating)):
        return [x]
    parts = children(x)
    return [] if parts is None else [leaf for part in parts[0] for leaf in flat(part)]


def mapped(fn, *things):
    """A structure with a function applied to the leaves of several."""
    if isinstance(things[0], (float, np.ndarray, np.floating)):
        return fn(*things)
    parts = [children(thing) for thing in things]
    return things[0] if parts[0] is None else parts[0][1](
        [mapped(fn, *items) for items in zip(*(found[0] for found in parts), strict=True)])


def moved(x, dot, step):
    """A point beside another."""
    return mapped(lambda a, d: a + step * d, x, dot)


def slopes(f, x, dots, has_aux=False):
    """The value at `x`, and the derivatives along directions, of each leaf."""
    Tape.depth += 1
    first = Tape.at
    try:
        value, all_found = f(x), []
        end = Tape.at
        for dot in dots:
            found = None
            for many, weight in WEIGHTS:
                Tape.at = first
                near = f(moved(x, dot, many * STEP))
                assert Tape.at == end
                near = mapped(lambda a, w=weight: a * w / STEP, near[0] if has_aux else near)
                found = near if found is None else mapped(np.add, found, near)
            all_found.append(found)
    finally:
        Tape.depth -= 1
        if not Tape.depth:
            Tape.values, Tape.at = [], 0
    return value, all_found


def along(f, x, dot, has_aux=False):
    """The value at `x`, and the derivative along a direction, of each leaf."""
    value, (found,) = slopes(f, x, [dot], has_aux)
    return value, found


def directions(x):
    """For each leaf its shape, and a direction for each of its numbers."""
    for n, leaf in enumerate(flat(x)):
        found = []
        for at in np.ndindex(np.shape(leaf)):
            count = iter(range(len(flat(x))))

            def one(a, at=at, n=n, count=count):
                dot = np.zeros(np.shape(a))
                if next(count) == n:
                    dot[at] = 1.0
                return dot[()]
            found.append(mapped(one, x))
        yield np.shape(leaf), found


def rebuilt(like, leaves):
    """A structure like another."""
    rest = iter(leaves)
    return mapped(lambda _: next(rest), like)


def columns(f, x, has_aux=False):
    """The value, and for each leaf of the output that of each leaf of the argument."""
    groups = list(directions(x))
    value, found = slopes(f, x, [dot for _, dots in groups for dot in dots], has_aux)
    each, leaves = map(flat, found), []
    for shape, dots in groups:
        some = zip(*itertools.islice(each, len(dots)), strict=True)
        leaves.append([np.moveaxis(np.reshape(column, (*shape, *np.shape(column[0]))), range(len(shape)),
                                   range(-len(shape), 0)) if shape else column[0] for column in some])
    return value, list(map(list, zip(*leaves, strict=True)))


def jacobian(f, has_aux=False, **_):
    def jac(x):
        value, found = columns(f, x, has_aux)
        out = value[0] if has_aux else value
        made = rebuilt(out, [rebuilt(x, column) for column in found]) if flat(out) else out
        return (made, value[1]) if has_aux else made
    return jac


jacfwd = jacrev = jacobian


def grad(f, has_aux=False, **_):
    return jacobian(f, has_aux)


def value_and_grad(f, has_aux=False, **_):
    def both(x):
        value, (column,) = columns(f, x, has_aux)
        return value, rebuilt(x, column)
    return both


def hessian(f, **_):
    return jacobian(grad(f))


def jvp(f, primals, tangents, has_aux=False, **_):
    value, dot = along(lambda x: f(*x), tuple(primals), tuple(tangents), has_aux)
    return (value[0], dot, value[1]) if has_aux else (value, dot)


def hvp(f, primals, tangents, **_):
    (x,), (dot,) = primals, tangents
    return jvp(grad(f), (x,), (dot,))[1]


def linearize(f, *primals, **_):
    return f(*primals), lambda *tangents: jvp(f, primals, tangents)[1]


def vjp(f, x, has_aux=False, **_):
    def pull(bar):
        _, found = columns(f, x, has_aux)
        bars = [0.0 for _ in flat(x)]
        for one, column in zip(flat(bar), found, strict=True):
            axes = np.ndim(one)
            bars = [total + np.tensordot(one, part, axes) for total, part in zip(bars, column, strict=True)]
        return (rebuilt(x, [b[()] for b in bars]),)
    value = f(x)
    return (value[0], pull, value[1]) if has_aux else (value, pull)


def vmap(f, **_):
    def batched(xs):
        count = len(flat(xs)[0])
        outs = [f(mapped(lambda a, i=i: a[i], xs)) for i in range(count)]
        return mapped(lambda *each: np.stack(each), *outs)
    return batched
