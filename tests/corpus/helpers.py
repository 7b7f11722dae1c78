"""Functions that the corpus calls from another module: a user's own library."""

import numpy as np

SCALE = 1.5
TABLE = np.array([0.5, -1.0, 2.0])


def square(x):
    return x * x


def softplus(x):
    return np.logaddexp(0.0, x)


def weighted(x, *, weight=2.0, shift=0.0):
    """Calls a function of its own module, and reads its global."""
    return weight * square(x) * SCALE + shift


def dense(x, w, b, activation=np.tanh):
    return activation(x @ w + b)


def minimum_and_maximum(x):
    return np.min(x), np.max(x)


def unused_result(x):
    y = square(x)
    return y if y is not None else x
