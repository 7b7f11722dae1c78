"""Stores through views and second names."""

import numpy as np

from tests.stores.base import matrix, registry, vector, weigh

CASES, case = registry()


@case(vector)
def second_name(x):
    a = x * 2.0
    b = a
    b += 1.0
    b[0] = a[1] * b[2]
    return weigh(a) + weigh(b)


@case(vector)
def slice_view(x):
    a = x * 2.0
    y = a[1:]
    y += 1.0
    y[0] = x[0] ** 3
    a[2] *= a[1]
    return weigh(a) + weigh(y)


@case(vector)
def view_of_a_view(x):
    a = x * 2.0
    y = a[1:][::2]
    z = y[::-1]
    z[0] = x[0] * y[1]
    y *= a[:3]
    return weigh(a) + weigh(z)


@case(vector)
def reversed_view(x):
    a = x * 1.0
    r = a[::-1]
    r[1:3] = a[:2] * x[4:]
    r += r
    return weigh(a)


@case(matrix)
def row_views(x):
    a = x * 1.0
    for row in a:
        row *= 2.0
        row[0] = row[1] * row[2]
    return weigh(a)


@case(matrix)
def column_view(x):
    a = x * 1.0
    c = a[:, 1]
    c += a[:, 0] * a[:, 2]
    a[0] = c[:3]
    return weigh(a) + weigh(c)


@case(matrix)
def transposed(x):
    a = x * 1.0
    b = a.T
    b[0] = b[1] * b[2]
    np.swapaxes(a, 0, 1)[2, 1:] *= 0.5
    np.moveaxis(a, 0, 1)[:, 0] = x[0]
    np.transpose(a)[1] += x[:, 0]
    return weigh(a)


@case(matrix)
def reshaped(x):
    a = x * 1.0
    flat = a.reshape(-1)
    flat[2:5] *= 2.0
    a.ravel()[::3] = x[:, 0]
    a.reshape(2, -1)[1] += flat[:6]
    a.reshape(3, 4)[0, :3] = a[0]
    return weigh(a) + weigh(flat)


@case(matrix)
def reshape_that_copies(x):
    a = x * 1.0
    flat = a.T.copy().reshape(-1)
    flat[0] = 5.0
    back = a.flatten()
    back[1] = 7.0
    return weigh(a) + weigh(flat) * weigh(back)


@case(matrix)
def with_new_axes(x):
    a = x * 1.0
    a[None][0, 1] *= 2.0
    np.expand_dims(a, 1)[:, 0, 0] = x[:, 1]
    np.squeeze(a[:, :1], 1)[2] = x[0, 0] ** 2
    np.atleast_2d(a[0])[0, 1] += x[1, 1]
    return weigh(a)


@case(matrix)
def flipped(x):
    a = x * 1.0
    np.flip(a)[0] = x[1]
    np.flipud(a)[1] *= 2.0
    np.fliplr(a)[:, 0] += x[:, 2]
    np.rot90(a)[0, 0] = x[3, 0]
    return weigh(a)


@case(vector)
def asarray_is_the_same_array(x):
    a = x * 1.0
    b = np.asarray(a)
    b[0] = a[1] ** 2
    return weigh(a)


@case(vector)
def copies_stay_apart(x):
    a = x * 1.0
    for b in (a.copy(), np.array(a), a[[0, 1]], a + 0.0, a[a > 1.0], a.astype(float)):
        b[0] = 9.0
    return weigh(a)


@case(vector)
def base_rebound_view_kept(x):
    a = x * 1.0
    y = a[1:]
    a = a * 2.0
    y += 1.0
    a[0] = y[0]
    return weigh(a) + weigh(y)


@case(vector)
def read_before_written_after(x):
    a = x * 2.0
    b = a * a
    c = a
    a *= b
    return weigh(a) + weigh(b) + weigh(c)


@case(vector)
def written_by_a_function(x):
    def double(z):
        z *= 2.0

    def first(z):
        return z[:1]
    a = x ** 2
    double(a[2:])
    double(a)
    first(a)[0] = x[5]
    return weigh(a)


@case(vector)
def given_twice_to_a_function(x):
    def mix(p, q):
        p[1:] += q[:-1]
        q[0] = p[1] * q[2]
        return p[0] + q[0]
    a = x ** 2
    return mix(a, a) + weigh(a)


@case(vector)
def captured(x):
    a = x * 1.0

    def bump(i):
        a[i] *= x[i]
    bump(0)
    bump(3)
    return weigh(a)


@case(vector)
def in_containers(x):
    a, b = x * 1.0, x * 2.0
    both = [a, b]
    named = {"a": a, "b": b[1:]}
    both[0][1] = b[0] ** 2
    named["b"] *= 0.5
    both[0], both[1] = both[1], both[0]
    both[0][0] = a[1]
    return weigh(a) + weigh(b) + weigh(both[1])


@case(vector)
def in_one_arm(x):
    a = x * 1.0
    y = a[1:]
    if x[0] > 1.0:
        y[0] = 5.0 * x[1]
    else:
        a[1] = x[2] ** 2
        y *= x[0]
    return weigh(a) + weigh(y)


@case(vector)
def chosen_and_then_read_alone(x):
    a, b = x * 1.0, x * 2.0
    c = a if x[0] > 1.0 else b
    c *= 3.0
    return weigh(c)


@case(vector)
def into_the_argument(x):
    x[1:] *= x[:-1]
    y = x
    y[0] = x[1] ** 2
    return weigh(x)


@case(vector, vector)
def into_both_arguments(x, y):
    x += y
    y[:] = x * y
    return weigh(x) + weigh(y)


@case(matrix)
def argument_by_rows(x):
    for i in range(1, len(x)):
        row = x[i]
        row += 0.5 * x[i - 1] * row
    return weigh(x)
