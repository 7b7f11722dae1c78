"""The table of functions that have rules: one row a function, or more where it has cases.

To add a function, write its rule in a file of `ad_compiler/rules/` and add a row here:

    row(np.tanh, real(2, 3), complex_step=True)

A row holds the function, its positional arguments, keywords in `kw`, and options of `check_rule`.  An
argument is a number, shape or string as it stands, or one of the builders below, which say where the
function is smooth: `real(2, 3)` is an array of that shape, `real()` a NumPy float, `py(0.3)` a Python float.
`unary` and `binary` make the rows of a function that works element by element: scalars, ranks, broadcasting,
length-1 and zero-length axes.  Then run

    python -m pytest tests/rules -k tanh
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ad_compiler import runtime


@dataclass(frozen=True)
class Draw:
    """An array to be drawn: `make` maps uniform numbers in [0, 1) to where the function is smooth."""

    shape: tuple[int, ...]
    make: Callable[[Any], Any]

    def __call__(self, rng: np.random.Generator) -> Any:
        drawn = np.asarray(self.make(rng.random(self.shape)))
        return drawn if self.shape else drawn[()]


@dataclass(frozen=True)
class Row:
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kw: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)

    def build(self) -> tuple[Any, ...]:
        rng = np.random.default_rng(7)
        return tuple(built(arg, rng) for arg in self.args)

    @property
    def name(self) -> str:
        return f"{getattr(self.fn, '__module__', '')}.{getattr(self.fn, '__name__', self.fn)}"


def built(arg: Any, rng: np.random.Generator) -> Any:
    if isinstance(arg, Draw):
        return arg(rng)
    if isinstance(arg, (list, tuple)):
        return type(arg)(built(item, rng) for item in arg)
    return arg


def real(*shape: int) -> Draw:
    """Of either sign, away from 0 and from whole numbers, no two alike."""
    return Draw(shape, lambda u: np.where(u < 0.5, -1.0, 1.0) * (0.15 + 0.7 * u) + 2.0 * np.round(u, 1))


def positive(*shape: int) -> Draw:
    return Draw(shape, lambda u: 0.2 + 2.0 * u)


def unit(*shape: int) -> Draw:
    """In (-1, 1)."""
    return Draw(shape, lambda u: 1.6 * (u - 0.5) + 0.05)


def above(least: float) -> Callable[..., Draw]:
    return lambda *shape: Draw(shape, lambda u: least + 0.2 + u)


def between(low: float, high: float) -> Callable[..., Draw]:
    return lambda *shape: Draw(shape, lambda u: low + (high - low) * u)


def spread(*shape: int) -> Draw:
    """Numbers far enough apart that their order is plain."""
    def make(u: Any) -> Any:
        return (np.argsort(np.argsort(u.ravel())).reshape(u.shape) - 2.3) * 0.37
    return Draw(shape, make)


def square(n: int, *stack: int) -> Draw:
    """Matrices far from singular."""
    return Draw((*stack, n, n), lambda u: u + 2.0 * np.eye(n))


def definite(n: int, *stack: int) -> Draw:
    """Symmetric positive definite matrices."""
    return Draw((*stack, n, n), lambda u: (u + np.swapaxes(u, -1, -2)) * 0.3 + 2.0 * np.eye(n))


def py(value: float) -> float:
    return value


TABLE: list[Row] = []


def row(fn: Callable[..., Any], *args: Any, kw: dict[str, Any] | None = None, **options: Any) -> None:
    TABLE.append(Row(fn, args, kw or {}, options))


def unary(fns: Any, draw: Callable[..., Draw] = real, **options: Any) -> None:
    for fn in fns if isinstance(fns, tuple) else (fns,):
        for shape in ((), (4,), (2, 3), (1,), (0,)):
            row(fn, draw(*shape), **options)
        row(fn, float(draw()(np.random.default_rng(1))), **{**options, "complex_step": False})


def binary(fns: Any, x: Callable[..., Draw] = real, y: Callable[..., Draw] = real, **options: Any) -> None:
    for fn in fns if isinstance(fns, tuple) else (fns,):
        for a, b in (((), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 1)), ((2, 1), (1, 3)), ((1,), (4,)),
                     ((), (3,)), ((2, 3), ()), ((0,), (1,)), ((0, 3), (3,))):
            row(fn, x(*a), y(*b), **options)
        row(fn, 0.3 if x is not positive else 1.3, y(3), **options)
        row(fn, x(3), 1.7, **options)
        row(fn, 1.3, 0.7, **options)


# -- element by element ------------------------------------------------------------------------------------

unary((operator.neg, operator.pos, np.negative, np.positive, np.square, np.exp, np.exp2, np.expm1, np.sin, np.cos,
       np.tan, np.sinh, np.cosh, np.tanh, np.arctan, np.arcsinh), complex_step=True)
unary((operator.abs, abs, np.absolute, np.fabs, np.deg2rad, np.radians, np.rad2deg, np.degrees, np.cbrt, np.sinc))
unary((np.sqrt, np.log, np.log2, np.log10, np.log1p, np.reciprocal), positive, complex_step=True)
unary((np.arcsin, np.arccos, np.arctanh), unit)
unary(np.arccosh, above(1.0))
for small in (0.0, 0.02, 0.03, 0.04):
    row(np.sinc, py(small))
binary((operator.add, operator.sub, operator.mul, np.add, np.subtract, np.multiply, np.logaddexp, np.logaddexp2, np.hypot,
        np.arctan2, np.copysign))
binary((operator.truediv, np.true_divide), real, positive)
binary((operator.pow, np.power, np.float_power), positive, real)
binary((operator.mod, np.mod, np.fmod), between(2.3, 2.8), between(1.0, 1.1), twice=False)
binary((np.maximum, np.minimum, np.fmax, np.fmin), lambda *s: spread(*s), lambda *s: Draw(s, lambda u: u + 0.111))
for power in (-2, -1, 0, 1, 2, 3, 0.5, 2.5):
    row(operator.pow, positive(3), power, argnums=(0,))
    row(pow, py(1.3), power, argnums=(0,))
for power in (0, 1, 2, 3):
    row(operator.pow, np.array([0.0, -1.0, 2.0]), power, argnums=(0,))
row(operator.pow, np.zeros(4), np.array([0.0, 1.0, 2.0, 3.0]), argnums=(0,), order=1, float32=False)
row(operator.pow, np.zeros(2), np.array([1.5, 2.0]), argnums=(1,), order=1)
row(np.clip, spread(6), -0.2, 0.9, argnums=(0,))
row(np.clip, spread(6), real(), 0.9, argnums=(0, 1))
row(np.clip, spread(2, 3), None, 0.9)
row(np.clip, spread(2, 3), -0.2, None)
row(np.clip, spread(6), Draw((6,), lambda u: u * 0 - 0.2), Draw((6,), lambda u: u * 0 + 0.9))
row(np.clip, spread(6), 0.9, -0.2)
row(np.heaviside, np.array([-1.0, 0.0, 2.0]), real(3), argnums=(1,))

# -- math --------------------------------------------------------------------------------------------------

for fn in (math.sin, math.cos, math.tan, math.atan, math.sinh, math.cosh, math.tanh, math.asinh, math.exp, math.exp2,
           math.expm1, math.cbrt, math.fabs, math.degrees, math.radians, math.erf, math.erfc, math.asin, math.acos,
           math.atanh, math.log, math.log1p, math.log2, math.log10, math.sqrt, float, np.float64, np.float32):
    coarse: dict[str, Any] = {"rtol": 1e-2, "order": 1, "eps": 0.5, "float32": False} if fn is np.float32 else {}
    row(fn, py(0.37), **coarse)
    if fn not in (math.asin, math.acos, math.atanh):
        row(fn, positive(), **coarse)
row(math.acosh, py(1.7))
row(math.log, py(1.7), py(2.5))
for fn in (math.atan2, math.pow, math.hypot, math.copysign, math.fmod, math.remainder):
    row(fn, py(2.7), py(1.3))
    row(fn, positive(), positive())
row(math.fsum, [py(0.3), py(1.2), py(-2.0)])
row(math.fsum, real(4))
row(math.prod, [py(0.3), py(0.0), py(-2.0)])
row(math.dist, [py(0.3), py(1.2)], [py(2.0), py(0.1)])
row(math.dist, real(3), positive(3))

# -- reductions --------------------------------------------------------------------------------------------

for fn in (np.sum, np.mean, np.var, np.std, np.max, np.amax, np.min, np.amin, np.prod, np.linalg.norm):
    for shape in ((4,), (2, 3), (1,), (2, 1, 3)):
        if fn is np.std and shape == (1,):
            continue
        row(fn, spread(*shape))
    row(fn, spread(2, 3), kw={"axis": 0})
    row(fn, spread(2, 3), kw={"axis": -1})
    row(fn, spread(2, 3), kw={"axis": 1, "keepdims": True})
    row(fn, spread(2, 3), kw={"keepdims": True})
    if fn is not np.prod:
        row(fn, spread(2, 3, 2), kw={"axis": (0, 2)})
        row(fn, spread(2, 3, 2), kw={"axis": (-1, 1), "keepdims": True})
row(np.sum, py(0.3))
row(np.mean, real())
row(np.sum, real(0))
row(np.sum, real(0, 3), 0)
row(np.sum, real(0, 3), 1)
row(np.mean, real(0, 3), 1)
row(np.prod, real(0))
row(np.prod, np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 1.5]]), 1)
row(np.prod, np.array([0.0, 2.0, 3.0]))
row(np.var, spread(2, 3), 1, kw={"ddof": 1})
row(np.std, spread(5), kw={"ddof": 1})
row(np.cumsum, real(4))
row(np.cumsum, real(2, 3))
row(np.cumsum, real(2, 3), 0)
row(np.cumsum, real(2, 3), -1)
row(np.cumsum, real(0))
row(np.linalg.norm, spread(4), 2)
row(np.linalg.norm, spread(4), 1)
row(np.linalg.norm, spread(2, 4), 1, 0)
row(np.linalg.norm, spread(2, 4), "fro")

# -- shapes ------------------------------------------------------------------------------------------------

row(np.reshape, real(2, 3), (3, 2))
row(np.reshape, real(2, 3), -1)
row(np.reshape, real(2, 3), (3, -1, 1))
row(np.reshape, real(1), ())
row(np.reshape, real(0, 3), (3, 0))
for fn in (np.ravel, runtime.flatten, np.transpose, np.flip, np.copy, np.atleast_1d, np.atleast_2d):
    for shape in ((2, 3), (4,), (0, 2), (1, 1)):
        row(fn, real(*shape))
row(np.ravel, real())
row(np.atleast_1d, real())
row(np.atleast_2d, py(0.3))
row(np.copy, real())
row(np.transpose, real(2, 3, 4), (1, 2, 0))
row(np.transpose, real(2, 3, 4), (-1, 0, 1))
row(np.swapaxes, real(2, 3, 4), 0, -1)
row(np.moveaxis, real(2, 3, 4), 0, -1)
row(np.moveaxis, real(2, 3, 4), (0, 1), (-1, 0))
row(np.expand_dims, real(2, 3), 1)
row(np.expand_dims, real(2, 3), (0, -1))
row(np.expand_dims, real(), 0)
row(np.squeeze, real(1, 3, 1))
row(np.squeeze, real(1, 3, 1), 0)
row(np.squeeze, real(1, 3, 1), (0, -1))
row(np.squeeze, real(1))
row(np.broadcast_to, real(3), (2, 3))
row(np.broadcast_to, real(2, 1), (4, 2, 3))
row(np.broadcast_to, py(0.4), (2,))
row(np.flip, real(2, 3), 1)
row(np.flip, real(2, 3), (0, 1))
row(np.fliplr, real(2, 3))
row(np.flipud, real(2, 3))
row(np.rot90, real(2, 3))
row(np.rot90, real(2, 3), 2)
row(np.roll, real(5), 2)
row(np.roll, real(2, 3), 2)
row(np.roll, real(2, 3), -1, 1)
row(np.roll, real(2, 3), (1, 2), (0, 1))
row(np.repeat, real(3), 2)
row(np.repeat, real(2, 3), 2)
row(np.repeat, real(2, 3), 2, 0)
row(np.repeat, real(2, 3), 2, -1)
row(np.repeat, real(3), np.array([2, 0, 3]))
row(np.repeat, real(2, 2), np.array([1, 0, 2, 2]))
row(np.repeat, real(2, 3), np.array([2, 0, 1]), 1)
row(np.repeat, real(2, 3), np.array([0, 2]), 0)
row(np.tile, real(3), 2)
row(np.tile, real(2, 3), 2)
row(np.tile, real(3), (2, 1))
row(np.tile, real(2, 3), (2, 1))
row(np.tile, real(1, 3), (2, 2, 1))
row(np.pad, real(3), 2)
row(np.pad, real(2, 3), ((1, 0), (2, 3)))
row(np.pad, real(2, 3), (1, 2), kw={"constant_values": 4.0})
row(np.diff, real(4))
row(np.diff, real(2, 3))
row(np.diff, real(2, 3), 1, 0)
row(np.diff, real(0))
row(np.diff, real(1))
row(runtime.astype, real(3), np.float64)
row(runtime.item, real(1))
row(runtime.item, real(1, 1))
row(np.diag, real(3))
row(np.diag, real(3), -1)
row(np.diag, real(3, 4))
row(np.diag, real(3, 4), 1)
row(np.diag, real(3, 4), -2)
row(np.diagonal, real(3, 3))
row(np.trace, real(3, 3))
row(np.trace, real(3, 4), 1)
row(np.trace, real(2, 3, 4), -1, kw={"axis1": 1, "axis2": 2})
row(np.diagonal, real(2, 3, 4), kw={"offset": 1, "axis1": 1, "axis2": 2})
row(np.triu, real(3, 4), 1)
row(np.tril, real(2, 3, 3))
if hasattr(np, "matrix_transpose"):
    row(np.matrix_transpose, real(2, 3, 4))

# -- joining -----------------------------------------------------------------------------------------------

row(np.concatenate, [real(2), real(3)])
row(np.concatenate, (real(2, 3), real(1, 3), real(0, 3)))
row(np.concatenate, [real(2, 3), real(2, 1)], 1)
row(np.concatenate, [real(2, 3), real(2, 1)], -1)
row(np.concatenate, [real(2, 3, 2), real(2, 3, 1)], 2)
row(np.concatenate, [real(2, 3), real(4)], None)
row(np.stack, [real(3), real(3)])
row(np.stack, [real(2, 3), real(2, 3)], 1)
row(np.stack, [real(2, 3), real(2, 3)], -1)
row(np.stack, [real(2, 3), real(2, 3)], 2)
row(np.stack, [real(), py(0.3)])
row(np.vstack, [real(3), real(2, 3)])
row(np.vstack, [real(3), real(3)])
row(np.hstack, [real(3), real(2)])
row(np.hstack, [real(2, 3), real(2, 1)])
row(np.hstack, [py(0.3), real(2)])
row(np.column_stack, [real(3), real(3, 2)])
row(np.column_stack, [real(3), real(3)])
for fn in (np.array, np.asarray, np.asanyarray):
    row(fn, [py(0.3), real()])
    row(fn, [[py(0.3), real()], [1.0, py(2.0)]])
    row(fn, [real(3), real(3)])
    row(fn, real(2, 3))
    row(fn, py(0.3))
row(np.ascontiguousarray, real(2, 3))

# -- products ----------------------------------------------------------------------------------------------

for fn in (operator.matmul, np.matmul, np.dot):
    for a, b in (((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((0, 3), (3, 2)), ((2, 0), (0, 3)),
                 ((1,), (1,)), ((4, 2, 3), (3,)), ((2, 2, 3), (3, 2))):
        row(fn, real(*a), real(*b))
for fn in (operator.matmul, np.matmul):
    for a, b in (((3,), (2, 3, 4)), ((2, 2, 3), (2, 3, 4)), ((2, 1, 2, 3), (4, 3, 2)), ((1, 2, 3), (5, 3, 1))):
        row(fn, real(*a), real(*b))
row(np.dot, real(), real(3))
row(np.dot, real(3), py(0.3))
row(np.dot, real(3), real(2, 3, 4))
row(np.dot, real(2, 3), real(2, 3, 4))
row(np.dot, real(2, 2, 3), real(2, 3, 4))
row(np.inner, real(3), real(3))
row(np.inner, real(2, 3), real(3))
row(np.inner, real(3), real(2, 3))
row(np.inner, real(2, 3), real(4, 3))
row(np.inner, real(), real(2, 3))
row(np.vdot, real(3), real(3))
row(np.vdot, real(2, 3), real(2, 3))
row(np.vdot, real(2, 3), real(6))
row(np.outer, real(2), real(3))
row(np.cross, real(3), real(3))
row(np.cross, real(4, 3), real(3))
row(np.cross, real(3), real(2, 4, 3))
row(np.cross, real(1, 3), real(4, 3))
row(np.outer, real(2, 2), real(3))
row(np.outer, real(), real(3))
row(np.tensordot, real(2, 3, 4), real(3, 4, 2))
row(np.tensordot, real(2, 3), real(3, 4), 1)
row(np.tensordot, real(2), real(3), 0)
row(np.tensordot, real(2, 3, 4), real(4, 5, 2), ((0, 2), (2, 0)))
row(np.tensordot, real(2, 3, 4), real(4, 5), (-1, 0))
row(np.tensordot, real(2, 3), real(2, 3), ([0, 1], [0, 1]))
for subscripts, *shapes in (("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ij->ji", (2, 3)),
                            ("ij->", (2, 3)), ("ii->i", (3, 3)), ("ii", (3, 3)), ("i,i->", (3,), (3,)),
                            ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
                            ("i,j,k->ijk", (2,), (3,), (2,)), ("ij,j->i", (2, 3), (3,)), ("ij,kj->ik", (2, 3), (4, 3)),
                            ("ij,ij->ij", (2, 3), (1, 3)), ("iij->j", (2, 2, 3)), ("ij,k->k", (2, 3), (2,)),
                            ("kni,kni->kn", (2, 3, 2), (2, 3, 2))):
    row(np.einsum, subscripts, *(real(*s) for s in shapes))

# -- linear algebra ----------------------------------------------------------------------------------------

row(np.linalg.solve, square(3), real(3))
row(np.linalg.solve, square(3), real(3, 2))
row(np.linalg.solve, square(3, 2), real(2, 3, 2))
row(np.linalg.solve, square(3), real(2, 3, 1))
row(np.linalg.solve, square(3, 2), real(1, 3, 2))
for fn in (np.linalg.inv, np.linalg.det, np.linalg.slogdet):
    row(fn, square(3))
    row(fn, square(1))
    row(fn, square(2, 3))
for case in (definite(3), definite(1), definite(2, 3)):
    row(np.linalg.eigh, case)
for case in (real(3, 2), real(2, 3), square(2), real(2, 3, 2)):
    row(np.linalg.pinv, case)
row(np.convolve, real(4), real(3))
row(np.convolve, real(1), real(3))
row(np.bincount, np.array([0, 2, 0]), real(3), argnums=(1,))
row(np.linalg.cholesky, definite(3))
row(np.linalg.cholesky, definite(1))
row(np.linalg.cholesky, definite(2, 3))

# -- choosing ----------------------------------------------------------------------------------------------

row(np.where, np.array([True, False, True]), real(3), real(3))
row(np.where, np.array([[True], [False]]), real(3), py(0.2))
row(np.where, True, py(0.1), py(0.2))
row(np.take, real(4), np.array([0, 2, 2]))
row(np.take, real(2, 3), np.array([0, 5, 5]))
row(np.take, real(2, 3), np.array([[0, 2], [2, 2]]), 1)
row(np.take, real(2, 3), 1, 0)
row(np.take, real(2, 3), [0, 0], -1)
row(np.take_along_axis, real(2, 3), np.array([[0, 0], [2, 1]]), 1)
row(np.take_along_axis, real(4), np.array([0, 3, 3]), 0)
row(np.sort, spread(5))
row(np.sort, spread(2, 3))
row(np.sort, spread(2, 3), 0)
row(np.sort, spread(2, 3), None)
row(np.partition, spread(7), 3)
row(np.partition, spread(3, 5), 2)
row(np.partition, spread(3, 5), 1, 0)
row(np.partition, spread(3, 5), 4, None)

for index in (0, -1, slice(1, None), slice(None, -1), slice(None, None, 2), slice(None, None, -1), (0, 1),
              (slice(None), 1), (..., 1), (None, 0), np.array([0, 1, 1]), np.array([[0], [1]]), [0, 0],
              (np.array([0, 1]), np.array([2, 2])), (0, slice(None), np.array([0, 1])),
              (slice(None), np.array([0, 1]), 0), np.array([True, False, True]),
              (slice(None), np.array([True, False, True])), (np.array([0, 2, 2]), slice(1, 3), 1)):
    row(operator.getitem, Draw((3, 3, 2), real(3, 3, 2).make), index)
row(operator.getitem, real(3), 1)
row(operator.getitem, real(0), slice(1, None))

# -- making arrays -----------------------------------------------------------------------------------------

row(np.full, (2, 3), py(0.3))
row(np.full, 3, real())
row(np.full, (2, 3), real(3))
row(np.full_like, np.zeros((2, 3)), py(0.3), argnums=(1,))
row(np.linspace, py(0.3), py(2.0), 5)
row(np.linspace, py(0.3), py(2.0), 4, False)
row(np.arange, py(0.3), 2.0, 0.5, argnums=(0,), eps=0.05)

# -- helpers -----------------------------------------------------------------------------------------------

row(runtime.whole_numbers, real(2, 3), order=1, argnums=())
row(runtime.unbroadcast, real(2, 3), np.zeros(3), argnums=(0,))
row(runtime.unbroadcast, real(2, 3), np.zeros((2, 1)), argnums=(0,))
row(runtime.unbroadcast, real(2, 3), np.zeros((2, 3)), argnums=(0,))
row(runtime.unbroadcast, real(2, 3), 0.0, argnums=(0,))
row(runtime.unbroadcast, py(0.3), np.zeros((2, 3)), argnums=(0,))
row(runtime.broadcast_like, real(3), np.zeros((2, 3)), argnums=(0,))
row(runtime.broadcast_like, py(0.3), np.zeros((2, 3)), argnums=(0,))
row(runtime.broadcast_like, real(), 0.0, argnums=(0,))
row(runtime.fits_like, real(3), np.zeros(3), "it", argnums=(0,))
row(runtime.cast_like, real(3), np.zeros(3), argnums=(0,))
row(runtime.cast_like, real(), 0.0, argnums=(0,))
row(runtime.index_add, real(4), np.array([1, 1, 2]), real(3))
row(runtime.index_add, real(4), slice(1, None), real())
row(runtime.index_set, real(4), np.array([1, 1, 2]), real(3))
row(runtime.index_set, real(2, 4), (0, slice(1, None)), real(3))
row(runtime.index_set, real(4), np.array([True, False, True, False]), real(2))
row(runtime.identity, real(2, 3))
row(runtime.prod_others, real(2, 3), 1)
row(runtime.exact_product, real(3), real(3))
row(runtime.exact_product, real(2, 3), real(3))
row(runtime.either, py(0.3), True, py(0.7))
row(runtime.either, py(0.3), False, py(0.7))
row(sliding_window_view, real(6), 3)
row(sliding_window_view, real(3, 4), (2, 2))
row(sliding_window_view, real(3, 4), 2, -1)
row(runtime.cofactors, real(3, 3))
row(runtime.cofactors, real(2, 3, 3))
row(runtime.prod_others, np.array([0.0, 2.0, 0.0]), None)

# -- without a derivative: the kind alone is checked -------------------------------------------------------

for fn in (np.floor, np.ceil, np.trunc, np.rint, np.sign, np.round, np.isnan, np.isfinite, np.isinf, np.signbit,
           np.logical_not, np.argmax, np.argmin, np.argsort, np.any, np.all, np.count_nonzero, np.zeros_like,
           np.ones_like, np.empty_like, np.shape, np.size, np.ndim, len, runtime.zeros_like, np.isreal, np.iscomplex):
    row(fn, real(2, 3))
    if fn is not np.empty_like:
        row(fn, np.arange(1, 4, dtype=np.int64))
    if fn is not len:
        row(fn, real())
for fn in (math.floor, math.ceil, math.trunc, math.isnan, math.isinf, math.isfinite, int, bool, round, np.int64,
           np.int8, np.int16, np.int32, np.uint8, np.uint16, np.uint32, np.uint64, np.bool_, operator.not_, operator.truth):
    row(fn, py(1.3))
row(round, py(1.234), 2)
row(np.round, real(3), 2)
row(math.isclose, py(1.0), py(1.1))
row(np.broadcast_shapes, (2, 1), (3,))
row(np.lexsort, (real(4), real(4)))
row(np.argpartition, real(4), 2)
row(np.nanargmax, real(2, 3), 1)
row(np.nanargmin, real(3))
row(math.gcd, 4, 6)
for fn in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne, np.less, np.less_equal,
           np.greater, np.greater_equal, np.equal, np.not_equal, operator.floordiv, np.floor_divide, np.isclose):
    row(fn, real(2, 3), positive(3))
    row(fn, py(1.3), py(0.4))
    row(fn, real(), 2)
for fn in (operator.and_, operator.or_, operator.xor, np.logical_and, np.logical_or, np.logical_xor, np.bitwise_and,
           np.bitwise_or, np.bitwise_xor):
    row(fn, np.array([True, False]), np.array([[True], [False]]))
row(operator.invert, np.array([True, False]))
row(np.invert, np.array([3, 4]))
row(np.allclose, real(3), real(3))
row(np.array_equal, real(3), real(3))
row(np.searchsorted, spread(4), real(2, 3))
row(np.digitize, real(2, 3), np.array([0.1, 0.5]))
row(np.isin, real(2, 3), np.array([0.1, 0.5]))
row(np.array_equiv, real(3), real(3))
row(np.argmax, real(2, 3), 1)
row(np.argsort, real(2, 3), None)
row(np.any, np.array([[True, False]]), 0)
row(np.count_nonzero, real(2, 3), 0)
row(np.zeros, (2, 3))
row(np.ones, 3, np.float32)
row(np.empty, (2,), "float32")
row(np.eye, 3)
row(np.eye, 3, 4, 1)
row(np.identity, 3)
row(np.arange, 4)
row(np.arange, 1, 4)
row(np.arange, 0.0, 1.0, 0.25, order=1, argnums=())
row(runtime.last_written, (4,), np.array([1, 1, 2]))
row(operator.is_, None, None)
row(operator.contains, (1, 2), 1)
