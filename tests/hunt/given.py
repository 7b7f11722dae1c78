"""Arguments in other forms: how they lie in memory, what they share, in single precision.

>>> x, y, m, p, q, k = FORMS["a row"].lay(FORMS["a row"].values(plain_arguments(3, 4)))
>>> np.shares_memory(x, m)
True
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Args = tuple[Any, ...]


class Form(NamedTuple):
    """`values`: the numbers that differences start from; `lay`: what the functions are given of them.

    `shared`: two arguments are one memory, which differences move apart.  `rounds`: how far a slope may be off.
    """

    values: Callable[[Args], Args]
    lay: Callable[[Args], Args]
    shared: bool = False
    rounds: float = 1e-5


def plain_arguments(seed: int, length: int) -> Args:
    """The arguments of a point."""
    rng = np.random.default_rng([seed, length])
    x, y, a, b = 0.8 * rng.normal(size=(4, length))
    return (x, y, 0.5 * rng.normal(size=(length, length)), float(rng.normal() * 0.7), {"a": a, "b": b}, 1 + seed % 3)


def as_they_are(args: Args) -> Args:
    return args


def turned(args: Args) -> Args:
    """Nothing lies in C order."""
    x, y, m, p, q, k = args
    return np.repeat(x, 2)[::2], y[::-1].copy()[::-1], m.T.copy().T, p, {"a": np.repeat(q["a"], 3)[1::3], "b": q["b"]}, k


def single(args: Args) -> Args:
    """In single precision, the number too."""
    x, y, m, p, q, k = args
    return (x.astype(np.float32), y.astype(np.float32), m.astype(np.float32), np.float32(p),
            {key: value.astype(np.float32) for key, value in q.items()}, k)


def rounded(args: Args) -> Args:
    """What single precision holds, in double precision."""
    x, y, m, p, q, k = single(args)
    return (x.astype(float), y.astype(float), m.astype(float), float(p),
            {key: value.astype(float) for key, value in q.items()}, k)


def numpy_number(args: Args) -> Args:
    """NumPy's number and whole number in place of Python's."""
    x, y, m, p, q, k = args
    return x, y, m, np.float64(p), q, np.int64(k)


def two_alike(args: Args) -> Args:
    x, _, m, p, q, k = args
    return x, x.copy(), m, p, {**q, "b": x.copy()}, k


def one_array(args: Args) -> Args:
    """Three arguments are one array."""
    x, _, m, p, q, k = args
    return x, x, m, p, {**q, "b": x}, k


def alike_row(args: Args) -> Args:
    _, y, m, p, q, k = args
    return m[0].copy(), y, m, p, {**q, "a": m[:, -1].copy()}, k


def a_row(args: Args) -> Args:
    """A vector is a row of the matrix, another a column."""
    _, y, m, p, q, k = args
    return m[0], y, m, p, {**q, "a": m[:, -1]}, k


PLAIN = Form(as_they_are, as_they_are)
FORMS = {"turned": Form(as_they_are, turned), "single": Form(rounded, single, rounds=1e-2),
         "numbers": Form(as_they_are, numpy_number), "one array": Form(two_alike, one_array, shared=True),
         "a row": Form(alike_row, a_row, shared=True)}
