"""What a check must see: results of derivatives that are spoilt in one way each, of three programs each."""

import warnings

import numpy as np
import pytest

from ad_compiler import CompilerFault, value_and_grad
from tests.numba.drawn import function_of

CUBES = "np.sum(x ** 3 * np.cos(np.arange(x.size)).reshape(x.shape))"
SINES = "np.sum(np.sin(x) * np.arange(1.0, x.size + 1.0))"
KINKS = "np.sum(np.maximum(x, 0.0) * np.cos(np.arange(x.size)))"
OFFSET = f"1e6 + {CUBES}"
SMALL = "np.sum(x * x) + 1e-6 * np.sum(y ** 3)"
LAYERS = "np.mean((np.tanh(x @ y) @ y.T) ** 2)"


def vector(n, dtype=float):
    return lambda rng: (rng.normal(size=n).astype(dtype), np.ones(2))


def matrix(rng):
    return rng.normal(size=(5, 5)), np.ones(2)


def two(rng):
    return rng.normal(size=3), rng.normal(size=3)


def layers(rng):
    return rng.normal(size=(16, 4)), rng.normal(size=(4, 3))


def some_zeros(rng):
    return np.where(np.arange(50) % 5 == 0, 0.0, rng.normal(size=50)), np.ones(2)


def zeros(rng):
    return np.zeros(5), np.ones(2)


def first(spoil):
    """Spoils the gradient of x."""
    return lambda value, bars, x, y: (value, (spoil(bars[0], x), bars[1]))


def second(spoil):
    return lambda value, bars, x, y: (value, (bars[0], spoil(bars[1])))


def one(number):
    """Spoils one element of the gradient of x."""
    def spoil(bar, x):
        bar = bar.copy()
        bar.flat[1] = number(bar.flat[1])
        return bar
    return first(spoil)


def writes(value, bars, x, y):
    x *= 1.5
    return value, bars


def writes_elsewhere(value, bars, x, y):
    y[0] = 7.0
    return value, bars


SPOILT = {
    "a hundredth too large": (CUBES, vector(3), first(lambda bar, x: 1.01 * bar)),
    "a hundredth too large, of 1000": (CUBES, vector(1000), first(lambda bar, x: 1.01 * bar)),
    "a hundredth too large, of a network": (LAYERS, layers, first(lambda bar, x: 1.01 * bar)),
    "a hundredth too large, at kinks": (KINKS, vector(1000), first(lambda bar, x: 1.01 * bar)),
    "a tenth too large, float32": (CUBES, vector(3, np.float32), first(lambda bar, x: np.float32(1.1) * bar)),
    "half of it, beside a million": (OFFSET, vector(5), first(lambda bar, x: 0.5 * bar)),
    "another sign": (CUBES, vector(3), first(lambda bar, x: -bar)),
    "nothing": (CUBES, vector(1000), first(lambda bar, x: 0.0 * bar)),
    "backwards": (CUBES, vector(1000), first(lambda bar, x: bar[::-1].copy())),
    "one place further": (CUBES, vector(20_000), first(lambda bar, x: np.roll(bar, 1))),
    "transposed": (CUBES, matrix, first(lambda bar, x: bar.T.copy())),
    "without its last row": (CUBES, matrix, first(lambda bar, x: np.where(np.arange(5)[:, None] == 4, 0.0, bar))),
    "exchanged": (SMALL, two, lambda value, bars, x, y: (value, bars[::-1])),
    "a small one without": (SMALL, two, second(lambda bar: 0.0 * bar)),
    "a small one turned round": (SMALL, two, second(lambda bar: -bar)),
    "a weight without": (LAYERS, layers, second(lambda bar: np.where(np.arange(12).reshape(4, 3) == 5, 0.0, bar))),
    "one element without": (CUBES, vector(3), one(lambda g: 0.0)),
    "one of another sign": (CUBES, vector(3), one(lambda g: -g)),
    "one NaN of many": (CUBES, vector(20_000), one(lambda g: np.nan)),
    "one infinite": (CUBES, vector(3), one(lambda g: np.inf)),
    "NaN at zeros": (SINES, some_zeros, first(lambda bar, x: np.where(x == 0.0, np.nan, bar))),
    "nothing at zeros": (SINES, some_zeros, first(lambda bar, x: np.where(x == 0.0, 0.0, bar))),
    "another sign where all is zero": (SINES, zeros, first(lambda bar, x: -bar)),
    "negative ones without": (CUBES, vector(1000), first(lambda bar, x: np.where(x < 0.0, 0.0, bar))),
    "steeper than either side of a kink": (KINKS, zeros, first(lambda bar, x: bar * 0.0 + 3.0)),
    "the value": (CUBES, vector(3), lambda value, bars, x, y: (value * (1.0 + 1e-6), bars)),
    "the value of an array": (CUBES, vector(3), lambda value, bars, x, y: (np.array([value]), bars)),
    "NaN as the value": (CUBES, vector(3), lambda value, bars, x, y: (value * np.nan, bars)),
    "of another dtype": (CUBES, vector(3), first(lambda bar, x: bar.astype(np.float32))),
    "of another shape": (CUBES, vector(3), first(lambda bar, x: bar[None])),
    "a list": (CUBES, vector(3), first(lambda bar, x: bar.tolist())),
    "the argument changed": (CUBES, vector(3), writes),
    "another argument changed": (CUBES, vector(3), writes_elsewhere),
}


@pytest.mark.parametrize("name", SPOILT)
def test_it_is_seen(name):
    expression, make, spoil = SPOILT[name]
    for seed in range(3):
        func = function_of(f"def f(x, y):\n    return {1.0 + 0.001 * seed} * ({expression}) + 0.0 * np.sum(y)\n",
                           f"<spoilt {name} {seed}>")
        derivative = value_and_grad(func, (0, 1), check="full")
        args = make(np.random.default_rng(seed))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)     # of NaN
            derivative(*args)
            assert derivative.checked.right
            derivative.cache_clear()
            emitted = derivative._entry(args).compiled.emitted
            right = emitted.function
            emitted.function = lambda *call: spoil(*right(*call), *call)
            with pytest.raises(CompilerFault):
                derivative(*args)
