"""Stores with every kind of index."""

import numpy as np

from tests.stores.base import matrix, registry, vector, weigh

CASES, case = registry()


@case(vector)
def element(x):
    a = np.zeros(6)
    a[0] = x[1] * x[2]
    a[-1] = x[0] ** 2
    a[0] = a[-1] * a[0]
    return weigh(a)


@case(matrix)
def element_of_a_matrix(x):
    a = x.copy()
    a[1, 2] -= a[0, 0] * a[1, 1]
    a[-1, -2] *= a[1, 2]
    return weigh(a)


@case(vector)
def slices(x):
    a = np.zeros(9)
    a[1:7] = x
    a[::3] += x[:3] * x[3:]
    a[7:1:-2] = x[::2] ** 2
    a[::-1][2:4] = a[:2] * a[2:4]
    return weigh(a)


@case(vector)
def overlapping_slices(x):
    a = x * 1.0
    a[1:] = a[:-1]
    a[:-1] = a[1:] * a[:-1]
    a[::-1] = a * a
    return weigh(a)


@case(matrix)
def ellipsis_and_newaxis(x):
    a = np.zeros((2, 4, 3))
    a[0] = x
    a[1, ...] = 2.0 * x[..., ::-1]
    a[..., 1] += x[None, :, 0]
    a[:, None][1] *= 0.5
    return weigh(a)


@case(vector)
def whole_array(x):
    a = np.empty(6)
    a[:] = x
    a[...] = a * x
    a[:] = a[0] + x[1]
    a[()] = a * x
    return weigh(a)


@case(matrix)
def rows_and_columns(x):
    a = x.copy()
    a[:, 1] *= a[:, 0]
    a[1:3, ::2] = x[:2, 1:] ** 2
    a[::-1, 1] = a[:, 2]
    a[2] = a[0] + a[1, 0]
    return weigh(a)


@case(vector)
def masks(x):
    a = x * 2.0
    a[a > 2.2] *= a[a > 2.2]
    a[a < 1.5] = x[0]
    a[x > 1.0] = x[x > 1.0] ** 3
    return weigh(a)


@case(matrix)
def mask_of_two_axes(x):
    a = x * 1.0
    m = a > 1.1
    a[m] = 0.5
    a[~m] = a[~m] * x[0, 0]
    a[np.array([True, False, True, False])] *= x[1]
    a[0, x[0] > 1.0] = x[3, 2]
    return weigh(a)


@case(vector)
def mask_that_picks_nothing(x):
    a = x * 1.0
    a[a > 100.0] = x[0]
    a[a > 100.0] *= 3.0
    return weigh(a)


@case(vector)
def integer_arrays(x):
    a = x * 1.0
    a[[0, 2]] = a[[2, 0]]
    a[[-1, 3]] *= x[:2]
    a[np.array([1, 4])] = x[0] * x[1]
    return weigh(a)


@case(vector)
def repeated_integers_last_one_wins(x):
    a = np.zeros(6)
    a[[0, 0, 1]] = x[:3]
    a[[0, 0, 1]] += x[3:]
    a[[2, -4]] = x[4:] * x[:2]
    return weigh(a)


@case(matrix)
def integer_arrays_of_two_axes(x):
    a = x.copy()
    a[[0, 1], [1, 2]] = x[2, :2]
    a[np.ix_([0, 2], [0, 1])] *= 3.0
    a[[0, 0, 3]] += x[:3]
    a[[3, 3], 1] = x[0, :2]
    return weigh(a)


@case(vector, vector)
def index_array_as_argument(x, y):
    order = np.argsort(x)
    a = np.zeros(6)
    a[order] = y * x
    a[order[::-1]] += y
    return weigh(a)


@case(vector)
def chained_targets(x):
    a, b = np.zeros(6), np.zeros(3)
    a[1:4] = b[:] = x[:3] * x[3:]
    a[0] = b[0] = x[0]
    return weigh(a) + weigh(b)


@case(vector)
def swapped_elements(x):
    a = x * 1.0
    a[0], a[1] = a[1], a[0]
    a[2], a[3], a[4] = a[4], a[2] * a[3], a[3]
    return weigh(a)


@case(matrix)
def rows_swapped_as_numpy_does(x):
    a = x * 1.0
    a[0], a[1] = a[1], a[0]     # the rows are views: both end up as row 1
    a[[2, 3]] = a[[3, 2]]
    return weigh(a)


@case(vector)
def lists_and_numbers_stored(x):
    a = np.zeros((2, 3))
    a[0] = [x[0], 2.0, x[1] * x[2]]
    a[1] = 3
    a[1, 1:] = (x[3], x[4])
    return weigh(a)


@case(vector)
def in_an_array_of_lower_precision(x):
    a = np.zeros(6, dtype=np.float32)
    a[:3] = x[:3]
    a[3] = 2.0
    return np.sum(a.astype(np.float64)[3:]) + x[0]


@case(vector)
def floats_cut_to_integers(x):
    a = np.zeros(6, dtype=int)
    a[:] = 10.0 * x
    a[0] = x[0]
    return np.sum(a * x)


@case(lambda: vector(1))
def of_length_one(x):
    a = x * 2.0
    a[0] *= a[-1]
    a[:] += x
    a[1:] = 5.0
    return weigh(a)


@case(lambda: vector(0))
def of_length_zero(x):
    a = x * 2.0
    a[:] = a * a
    a[a > 0.0] = 1.0
    return np.sum(a) + 1.0


@case(vector)
def nought_dimensional(x):
    a = np.array(2.0)
    a[()] = x[0] * x[1]
    a += x[2]
    a[...] *= a
    return a * a


@case(vector)
def deleted_names(x):
    a = x * 2.0
    b = a
    del a
    b[0] = x[1] ** 2
    a = b * 2.0
    del b
    return weigh(a)
