"""NumPy's functions that write into what they are given."""

import operator

import numpy as np

from tests.stores.base import matrix, registry, vector, weigh

CASES, case = registry()


@case(vector)
def out_as_keyword_and_positional(x):
    a = np.empty_like(x)
    np.multiply(x, x, out=a)
    np.add(a, x, a)
    b = np.sin(a, out=a)
    b += 1.0
    return weigh(a)


@case(matrix)
def out_of_reductions_and_products(x):
    s = np.zeros(3)
    np.sum(x * x, axis=0, out=s)
    np.cumsum(s, out=s)
    c = np.empty((3, 3))
    np.dot(x.T, x, out=c)
    np.clip(c, 0.0, 5.0, out=c)
    x.mean(axis=0, out=c[0])
    return weigh(s) + weigh(c)


@case(vector)
def out_with_where(x):
    a = x * 2.0
    np.sqrt(a, out=a, where=x > 1.0)
    return weigh(a)


@case(vector)
def out_through_a_view(x):
    a = x * 2.0
    np.multiply(a[:3], a[3:], out=a[::2])
    np.negative(a[1:], out=a[:-1])
    return weigh(a)


@case(vector)
def copyto(x):
    a = np.zeros(6)
    np.copyto(a, x * x)
    np.copyto(a[::2], x[:3], where=x[3:] > 1.0)
    np.copyto(a[1:3], 2.0)
    return weigh(a)


@case(vector)
def filled(x):
    a = x * 1.0
    a[1:3].fill(x[0])
    b = np.empty(3)
    b.fill(x[1] * x[2])
    return weigh(a) + weigh(b)


@case(matrix)
def put(x):
    a = x * 1.0
    np.put(a, [0, 5], x[0, :2])
    a.put([-1, 3], x[1, 1])
    return weigh(a)


@case(matrix)
def putmask_and_place(x):
    a = x * 1.0
    np.putmask(a, a > 1.2, x ** 2)
    np.putmask(a, a < 0.8, x[0, 0])
    np.place(a, a > 2.0, [x[0, 0], x[1, 1], x[2, 2]])
    return weigh(a)


@case(matrix)
def put_along_axis(x):
    a = x * 1.0
    np.put_along_axis(a, np.argmax(x, axis=1)[:, None], x[:, :1] ** 2, axis=1)
    np.put_along_axis(a, np.argmin(x, axis=0)[None], 0.5, axis=0)
    return weigh(a)


@case(matrix)
def diagonal_filled(x):
    a = x @ x.T
    np.fill_diagonal(a, x[0, 0] * x[1, 1])
    b = x * 1.0
    np.fill_diagonal(b, x[3])
    return weigh(a) + weigh(b)


@case(vector)
def added_at(x):
    a = x * 2.0
    i = np.array([0, 2, 2, 5])
    np.add.at(a, i, x[:4])
    np.subtract.at(a, i, x[2:] * x[0])
    np.add.at(a, slice(1, 4), x[:3])
    return weigh(a)


@case(vector)
def other_ufuncs_at(x):
    a = x * 2.0
    i = np.array([0, 2, 2, 5])
    np.multiply.at(a, i, x[1:5])
    np.divide.at(a, i, 1.0 + x[:4])
    np.maximum.at(a, [1, 1], [2.1, 2.9])
    np.negative.at(a, i)
    np.multiply.at(a, x > 1.0, x[0])
    return weigh(a)


@case(vector)
def repeated_in_rows(x):
    a = x * 1.0
    np.multiply.at(a, [[1, 1], [0, 1]], np.stack([x[:2], x[1:3]]))
    np.sin.at(a, [[2, 2]])
    np.divide.at(a, np.array([[[0], [0]]]), 1.5)
    return weigh(a)


@case(matrix)
def added_at_in_two_axes(x):
    a = x * 1.0
    np.add.at(a, ([0, 0, 1], [1, 1, 2]), x[0])
    np.add.at(a, [2, 2], x[:2])
    return weigh(a)


@case(vector)
def sorted_and_partitioned(x):
    a = x * x
    a.sort()
    b = x * 1.0
    b.partition(2)
    return weigh(a) + b[2] ** 2 + np.sum(b[:2]) * np.sum(b[3:])


@case(matrix)
def sorted_along_an_axis(x):
    x.sort(axis=0)
    x[1].sort()
    np.sort(x, axis=1)[0] *= 5.0
    return weigh(x)


@case(matrix)
def flat(x):
    total = 0.0
    for v in x.flat:
        total += v * v
    x.flat[1:4] = x[0] * 2.0
    x.T.flat[4] = x[1, 1] ** 2
    x.flat = x * 2.0
    return total * weigh(x) + x.flat[3]


@case(vector)
def real_part(x):
    a = x * 1.0
    a.real[0] = 3.0 * a.real[1]
    a.real[...] *= a
    a.real = a * 2.0
    return weigh(a)


@case(vector)
def shape_set(x):
    a = x * 2.0
    b = a
    a.shape = (2, 3)
    b[0] = b[1] ** 2
    return weigh(a)


@case(vector)
def functions_of_operator(x):
    a = x * 1.0
    operator.setitem(a, 0, x[1])
    operator.iadd(a, x)
    a = operator.imul(a, x)
    return weigh(a)


@case(vector)
def methods_that_stand_for_operators(x):
    a = x * 1.0
    a.__setitem__(slice(1, None), a.__getitem__(0) * x[1:])
    b = a
    b.__imul__(x)
    a.__iadd__(2.0)
    return weigh(a.__add__(b)) + weigh(a.__neg__())


@case(vector)
def putmask_repeats(x):
    m = np.outer(x, x)
    np.putmask(m, m > 0.5, x[:3])
    b = x * 2
    np.putmask(b, b > 0.5, x[:2])
    np.putmask(b[1:], b[1:] < 0.0, np.append(x, x * x))
    return weigh(m) + weigh(np.sin(b))
