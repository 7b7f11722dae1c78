"""Sparse Jacobians and Hessians: a pattern is found once, each call takes a few products, and each is checked.

>>> from ad_compiler.jacobians import jacobian
>>> def residuals(x):
...     return x[1:] ** 2 - x[:-1]
>>> made = jacobian(residuals, sparse=True)
>>> made(np.array([1.0, 2.0, 3.0])).toarray()
array([[-1.,  4.,  0.],
       [ 0., -1.,  6.]])
>>> made.pattern_info()
PatternInfo(shape=(2, 3), entries=4, products=2, mode='fwd')

The pattern is never taken on trust.  Each call multiplies by a random direction too: the matrix must give what the
function's derivative gives.  And a product must be zero where the pattern says so.  Where either is not so the pattern
is found anew at that point, and grows; where that does not help, there is an error.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ad_compiler.errors import CompilerFault, Refused
from ad_compiler.function import CompiledFunction
from ad_compiler.matrices.pattern import TooMany, entries, random_directions
from ad_compiler.matrices.products import Matrix, Products, ProductsAt
from ad_compiler.matrices.recovery import Ints, Plan, plan_of, union, whole_rows
from ad_compiler.spec import JacobianSpec
from ad_compiler.validate.inside import INSIDE

FIRST_TRY = 64
"""So many products may one way take, before the other is tried; then twice as many, and so on."""

FAR = 1e-3
"""How far beside the point entries are looked for: what is zero there by accident alone is none that is always zero."""

SPLITS = 8
"""So many times a product is cut in two, to see what its rounding is."""

MOST_KEPT = 64
"""Of so many kinds of calls the patterns are kept: those of other lengths are others."""

Entries = tuple[Ints, Ints]


class PatternInfo(NamedTuple):
    """Of the pattern that was used last: `products` are those that a call takes, but for the one that checks it."""

    shape: tuple[int, int]
    entries: int
    products: int
    mode: str


class Told(NamedTuple):
    """The entries, and what speaks against them.

    `difference`, `scale`: of what the matrix gives for a random direction, row by row, and of what it is made of; then
    of numbers where there should be none, and of entries that should be the same.  `lost`: rows that are finite where
    the function's are not.
    """

    numbers: Matrix
    difference: Matrix
    scale: Matrix
    lost: Ints
    eps: float

    @property
    def ratio(self) -> Matrix:
        """The differences, beside what they are of."""
        here = self.difference > 0.0
        return np.divide(self.difference, self.scale, out=np.zeros(len(here)), where=here)

    def doubts(self, noise: Any) -> bool:
        """Is more different than by rounding, as far as that is known?"""
        least = np.full(len(self.difference), 256 * self.eps)
        least[-2] = 0.0     # a product of zeros is zero
        return bool(len(self.lost)) or bool((self.ratio > np.maximum(noise, least)).any())

    @property
    def wrong(self) -> float:
        """The greatest difference that is none of rounding; rows of which all is rounding do not count."""
        counts = (self.difference > 1e3 * self.eps * self.scale.max(initial=0.0)) & (self.ratio > np.sqrt(self.eps))
        return float(self.ratio[counts].max(initial=0.0))


def need_scipy() -> None:
    """Raise ImportError where there are no sparse matrices."""
    if importlib.util.find_spec("scipy") is None:
        raise ImportError("sparse=True gives matrices of SciPy, which is not installed: "
                          "pip install 'ad-compiler[scipy]'")


class SparseFunction:
    """A function that gives a Jacobian as a `scipy.sparse.csr_array` of shape `(output.size, argument.size)`."""

    def __init__(self, whole: CompiledFunction, chunk_size: int | None = None) -> None:
        functools.update_wrapper(self, whole, updated=())
        assert isinstance(whole._spec, JacobianSpec)
        self._whole, self._spec, self._size = whole, whole._spec, chunk_size
        self._products, self._symmetric = Products.of(self._spec), self._spec.made == "hessian"
        self.__signature__ = self._products.signature
        self._plans: dict[Any, Plan] = {}
        self._last: Plan | None = None
        self._seeds = itertools.count()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        at = self._products.at(args, kwargs)
        if len(at.leaves) != 1 or at.things[0] is not at.leaves[0]:
            if not at.leaves:
                at.times(np.zeros((2, 0)))      # which refuses it, with its line
            raise TypeError(f"sparse=True: `{at.products.spec.name}` is to be differentiated by one array of real "
                            f"numbers, not by a {type(at.things[0]).__name__}")
        key = tuple((x.shape, x.dtype) if isinstance(x, np.ndarray) else x if isinstance(x, int) else type(x)
                    for x in (*at.bound.args, *at.bound.kwargs.values()))
        plan = self._plans.get(key)
        told = None if plan is None else self._told(plan, at)
        if plan is None or told is None or told.doubts(plan.noise):
            plan, told = self._anew(key, at, plan if told is not None else None)
        self._last = plan
        matrix = plan.matrix(told.numbers)
        return (matrix, at.aux) if self._spec.has_aux else matrix

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __repr__(self) -> str:
        return f"<sparse {self._spec.made_by} of {self._spec.name}>"

    def __reduce__(self) -> Any:
        return SparseFunction, (self._whole, self._size)

    @property
    def source(self) -> str:
        """Text of the products that the last call has taken."""
        return self._products.by_mode[self._last.mode if self._last is not None else "fwd"].source

    def pattern_info(self) -> PatternInfo | None:
        """Of the pattern that was used last; None before the first call."""
        plan = self._last
        return None if plan is None else PatternInfo(plan.shape, len(plan.entries[0]), plan.count, plan.mode)

    def __ad_transform__(self, lifter: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        raise Refused("a sparse Jacobian has no meaning inside of a function that is read",
                      "call it outside, or leave `sparse` out")

    # -- the entries, and whether they are all -------------------------------------------------------

    def _told(self, plan: Plan, at: ProductsAt) -> Told | None:
        """The entries by this pattern, and a random product beside them; None where the output has another length."""
        direction = random_directions((1, at.into), at.dtype, np.random.default_rng(next(self._seeds)))
        last: list[Matrix] = []
        forward, longest = plan.mode == "fwd", max(plan.shape)
        if not forward:
            last.append(at.times(np.concatenate([direction, direction]))[0])
            if at.out != plan.shape[0]:
                return None

        def rows(start: int, stop: int) -> Matrix:
            made = plan.rows(start, stop, at.dtype)
            if forward:
                made[plan.count - start:] = direction
            return made

        def products() -> Iterator[tuple[int, int, Matrix]]:
            for start, stop, some in at.by_chunks(plan.count + forward, rows, plan.mode, self._size, longest):
                if forward and at.out != plan.shape[0]:
                    return
                if stop > plan.count:
                    last.append(some[-1])
                yield start, min(stop, plan.count), some[:plan.count - start]
        with np.errstate(invalid="ignore"):
            numbers, stray = plan.take(products())
            return self._compared(plan, numbers, stray, direction[0], last[0]) if last else None

    def _compared(self, plan: Plan, numbers: Matrix, stray: float, direction: Matrix, wanted: Matrix) -> Told:
        with np.errstate(all="ignore"):
            found = plan.matrix(numbers) @ direction
            scale = plan.matrix(np.abs(numbers)) @ np.abs(direction) + np.abs(wanted)
            difference = np.abs(found - wanted)
        known = np.isfinite(found) & np.isfinite(wanted)
        lost = np.flatnonzero(np.isfinite(found) & ~np.isfinite(wanted))
        difference, scale = np.where(known, difference, 0.0), np.where(known, scale, 0.0)
        skew, largest = 0.0, float(scale.max(initial=0.0))
        if self._symmetric:
            with np.errstate(all="ignore"):
                apart = np.abs(numbers - numbers[plan.transposed])
            skew = float(apart[np.isfinite(apart)].max(initial=0.0))
        eps = max(float(np.finfo(x.dtype).eps) for x in (numbers, direction, wanted))
        ends = [largest or 1.0] * 2
        return Told(numbers, np.append(difference, [stray, skew]).astype(float), np.append(scale, ends).astype(float),
                    lost, eps)

    # -- the pattern ---------------------------------------------------------------------------------

    def _anew(self, key: Any, at: ProductsAt, before: Plan | None) -> tuple[Plan, Told]:
        """The pattern found at this point, with what was known of it before, and the entries.

        Raises `CompilerFault` where they are still not those that products have.
        """
        pattern, for_now = self._found(at)
        if before is not None:
            pattern = union(pattern, before.entries, at.into)
        plan = self._planned(union(pattern, for_now, at.into) if len(for_now[0]) else pattern, at)
        told = self._told(plan, at)
        if told is not None and len(told.lost):     # not finite here, zero or finite on both sides
            for_now = union(for_now, whole_rows(told.lost, at.into), at.into)
            plan = self._planned(union(pattern, for_now, at.into), at)
            told = self._told(plan, at)
        if told is None:
            raise self._fault("in length")
        plan.noise = 4.0 * told.ratio
        if told.doubts(0.0):
            rounding = [self._rounding(at, mode) for mode in sorted({"fwd", plan.mode})]
            if told.wrong > 64.0 * max(float(each.max(initial=0.0)) for each in rounding):
                raise self._fault(f"by {told.wrong:.1e}")
            plan.noise[:-2] = np.maximum(plan.noise[:-2], 16.0 * rounding[0])
        if len(self._plans) >= MOST_KEPT and key not in self._plans:
            self._plans.pop(next(iter(self._plans)), None)
        self._plans[key] = self._planned(pattern, at) if len(for_now[0]) else plan
        return plan, told

    def _fault(self, how: str) -> CompilerFault:
        remedy = "if it is not symmetric (by a rule of your own), take `jacobian(grad(f), sparse=True)`" \
            if self._symmetric else "does the function give the same for the same arguments?"
        return CompilerFault(f"the sparse {self._spec.made_by} of `{self._spec.name}` is not what its products say: "
                             f"they differ {how}; {remedy}")

    def _rounding(self, at: ProductsAt, mode: str) -> Matrix:
        """By how much each number of a product differs from the sum of two that it is cut into: that is rounding.

        Zero where it is another one when it is made again: then nothing is rounding.
        """
        rng = np.random.default_rng(next(self._seeds))
        whole = random_directions((1, at.shape[mode == "fwd"]), at.dtype, rng)
        some = np.where(rng.random((SPLITS, whole.shape[1])) < 0.5, whole, 0.0).astype(at.dtype)
        found = at.times(np.concatenate([whole, whole, some, whole - some]), mode)
        with np.errstate(all="ignore"):
            if not np.array_equal(found[:2], at.times(np.concatenate([whole, whole]), mode), equal_nan=True):
                return np.zeros(found.shape[1])
            one, other = found[2:2 + SPLITS], found[2 + SPLITS:]
            apart, size = np.abs(found[0] - one - other), np.abs(found[0]) + np.abs(one) + np.abs(other)
        ratio: Matrix = np.divide(apart, size, out=np.zeros(apart.shape), where=apart > 0.0)
        return np.asarray(ratio.max(axis=0))

    @property
    def _modes(self) -> list[str]:
        return ["fwd", "rev"] if self._spec.mode == "auto" else [self._spec.mode]

    def _planned(self, pattern: Entries, at: ProductsAt) -> Plan:
        """The plan that takes the fewest products; forwards, where it is the same."""
        plans = [plan_of(*pattern, at.shape, mode, symmetric=self._symmetric) for mode in self._modes]
        return min(plans, key=lambda plan: plan.count)

    def _found(self, at: ProductsAt) -> tuple[Entries, Entries]:
        """The pattern at this point and beside it; and entries that may be there, of which that is not known."""
        modes, out = self._modes, at.out
        if not isinstance(at.structure, float):
            raise TypeError(f"sparse=True: `{at.products.spec.name}` must return one number or one array")
        if len(modes) > 1 and out < at.into:
            modes.reverse()
        with INSIDE.run_of(None):       # where the user has not asked for it the function may raise: it is not run
            points, most = [at, *self._beside(at)], FIRST_TRY if len(modes) > 1 else None
            while True:
                for mode in modes:
                    try:
                        return self._probed(points, mode, most)
                    except TooMany:
                        continue
                most = 2 * (most or FIRST_TRY)

    def _probed(self, points: list[ProductsAt], mode: str, most: int | None) -> tuple[Entries, Entries]:
        from ad_compiler.validate.validation import quiet

        shape, into = points[0].shape, points[0].into
        across = shape if mode == "fwd" else shape[::-1]
        ways = [functools.partial(_products_of, point, mode, self._size) for point in points]
        with quiet():
            rows, columns, unknown = entries(ways, across, points[0].dtype, most, next(self._seeds),
                                             symmetric=self._symmetric)
        for_now = whole_rows(unknown, across[1])
        if self._symmetric:
            return union((rows, columns), (columns, rows), into), union(for_now, for_now[::-1], into)
        if mode == "rev":
            order = np.lexsort((rows, columns))
            return (columns[order], rows[order]), for_now[::-1]
        return (rows, columns), for_now

    def _beside(self, at: ProductsAt) -> list[ProductsAt]:
        """The same call a little beside, to both sides, where the function is defined there."""
        from ad_compiler.validate.validation import quiet

        (x,), found = at.leaves, []
        size = np.abs(np.asarray(x, at.dtype))
        usual = float(size[np.isfinite(size)].max(initial=0.0)) or 1.0
        with quiet():
            step = FAR * np.maximum(size, usual) * random_directions(
                np.shape(x), at.dtype, np.random.default_rng(next(self._seeds)))
            for sign in (1.0, -1.0):
                moved = np.asarray(x + sign * step, at.dtype)
                there = at.moved(moved if isinstance(x, np.ndarray) else type(x)(moved))
                try:
                    there.times(np.zeros((2, at.into), at.dtype))
                except Exception:       # noqa: BLE001, S112  (the user's function, where the user has not asked for it)
                    continue
                if there.shapes == at.shapes:
                    found.append(there)
        return found


def _products_of(at: ProductsAt, mode: str, size: int | None, count: int, rows: Any) -> Iterator[Any]:
    """The products of one point."""
    return at.by_chunks(count, rows, mode, size, max(at.shape))
