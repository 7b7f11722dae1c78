"""Branches: if, elif, ternaries, and/or/not, chained comparisons, early returns, asserts, raises."""

import math

import numpy as np

from tests.corpus.base import case, normal


@case(1.2)
@case(-0.7, id="negative")
def relu(x):
    if x > 0:
        return x * x
    return 0.1 * x


@case(0.5)
@case(1.5, id="middle")
@case(4.0, id="high")
def piecewise(x):
    if x < 1.0:
        y = x ** 2
    elif x < 3.0:
        y = 2.0 * x - 1.0
    else:
        y = 5.0 + math.log(x)
    return y * x


@case(0.3, -2.0, argnums=(0, 1))
@case(3.0, 2.0, id="far", argnums=(0, 1))
def huber(r, delta):
    delta = abs(delta)
    if abs(r) <= delta:
        loss = 0.5 * r ** 2
    else:
        loss = delta * (abs(r) - 0.5 * delta)
    return loss


@case(0.8)
def set_in_one_arm(x):
    y = x * 3.0
    if x > 0.5:
        y = y * x
    return y + x


@case(1.0, 2.0, argnums=(0, 1))
@case(3.0, -2.0, id="other", argnums=(0, 1))
def nested(x, y):
    if x > y:
        if y > 0:
            z = x * y
        else:
            z = x - y
            if x > 2:
                z = z * z
    else:
        z = y ** 2 if x > 0 else x
    return z + x


@case(2.0, 0.5, argnums=(0, 1))
@case(-1.0, 0.5, id="other", argnums=(0, 1))
def both_and_either(x, y):
    if x > 0 and y > 0:
        s = x * y
    elif x < 0 or not y > 1:
        s = x - y
    else:
        s = 0.0
    return s * s


@case(2.0, id="two")
def a_value_of_or(x):
    scale = x or 3.0
    return x * scale + scale


@case(0.4)
@case(1.4, id="outside")
def inside_interval(x):
    if 0 < x < 1 != 2:
        return x ** 3
    return x ** 2


@case(5.0, 2.0, 1.0, argnums=(0, 1, 2))
@case(1.0, 2.0, 5.0, id="complex", argnums=(0, 1, 2))
def larger_root(a, b, c):
    disc = b * b + 4 * a * c
    if disc < 0:
        return 0.0
    if a == 0:
        return -c / b
    return (b + math.sqrt(disc)) / (2 * a)


@case(normal(4))
@case(-normal(4), id="flipped")
def branch_on_an_array(x):
    if np.sum(x) > 0:
        y = x * x
    else:
        y = np.exp(x)
    return y.sum()


@case(normal(3))
def any_and_all(x):
    if np.all(x < 10.0) and (x > -10.0).any():
        return np.sum(x ** 3)
    return np.sum(x)


@case(0.5, True)
@case(0.5, False, id="off")
def a_flag(x, square):
    y = x * 2
    if square:
        y = y * y
    return y


@case(0.7, "cubic")
@case(0.7, "linear", id="linear")
@case(0.7, None, id="none")
def a_mode(x, mode):
    if mode == "cubic":
        return x ** 3
    elif mode is None:
        return 2.0 * x
    return x


@case(0.7)
def asserted(x):
    assert x > 0, f"x must be positive, not {x}"
    y = math.log(x)
    if y > 100:
        raise ValueError("too large")
    return y * y


@case(1.5)
@case(-1.5, id="negative")
def only_in_branches(x):
    if x > 0:
        a = x ** 2
        b = a + x
        c = b * a
    else:
        a = -x
        c = a * 3
    return c + a


@case(1.3)
def a_branch_that_does_not_matter(x):
    if x > 1:
        label = "large"
    else:
        label = "small"
    return x * len(label)


@case(2.0, 5.0, argnums=(0, 1))
@case(5.0, 2.0, id="swapped", argnums=(0, 1))
def ordered(a, b):
    if a > b:
        a, b = b, a
    return a * a + 3.0 * b


@case(0.2)
@case(0.9, id="late")
@case(0.6, id="middle")
def several_returns(x):
    if x < 0.5:
        return math.sin(x)
    y = x * x
    if y < 0.5:
        return y * 3.0
    z = y + x
    return z * y


@case(0.9)
def ternaries(x):
    a = x if x > 0 else -x
    b = (a * 2 if a > 0.5 else a) + (1.0 if x > 2 else x)
    return a * b


@case(-2.0)
@case(2.0, id="positive")
def pass_and_nothing(x):
    y = x
    if x > 0:
        pass
    else:
        y = x * x
    return y * 2.0


@case(0.4, normal(3), argnums=(0, 1))
def a_number_or_an_array(s, x):
    if s > 0.1:
        y = x * s
    else:
        y = x + s
    return y @ y


@case(0.8)
def unused_branch_value(x):
    if x > 0:
        unused = x * 10.0
        y = x
    else:
        unused = 1.0
        y = -x
    del_me = unused * 0.0
    return y ** 2 + del_me
