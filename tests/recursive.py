"""Functions that call themselves a number of times that only the data decide, for their second derivatives."""

import numpy as np

from tests.corpus.base import normal

X = np.array([1.1, 0.7, -0.9])


def number(x):
    return x * x if x < 1.0 else np.sin(x) * number(0.5 * x)


def twice(x):
    return x * x * x if x < 0.5 else twice(0.5 * x) * np.cos(x) + twice(0.4 * x)


def early(x):
    if x < 0.3:
        return x
    if x < 1.0:
        if x < 0.6:
            return early(x * 0.4) ** 2
        return x * early(x - 0.35)
    s = 0.0
    for i in range(3):
        s += np.sin(x) * early(x / (2.0 + i))
    return s


def ping(x):
    return x * x if x < 1.0 else pong(0.7 * x) * x


def pong(x):
    return np.sin(x) if x < 0.8 else ping(x - 0.3) + x * ping(0.5 * x)


def containers(a, b):
    p, q = (a, b), {"u": a * b, "v": a}
    if q["u"] < 1.0:
        return q["u"] * q["v"]
    parts = [a * 0.5, p[1] * 0.6]
    return containers(*parts) * sum(parts)


def halves(x):
    if len(x) < 2:
        return np.sum(x ** 3)
    m = len(x) // 2
    return halves(x[:m]) * np.sin(halves(x[m:])) + np.sum(x * x)


def array(x):
    return x * x if np.sum(x * x) < 1.0 else x * array(0.5 * x)


def stored(x):
    y = x * 1.0
    y[0] = np.sin(x[1])
    y[1:] *= 2.0
    if np.sum(x * x) < 1.0:
        return y
    z = stored(y * 0.3) * 1.0
    z[0] += y[1]
    return z * x


def loops(x):
    if np.sum(x * x) < 1.0:
        return np.sum(x * x)
    total = 0.0
    for i in range(len(x)):
        total += np.sin(x[i]) * x[0]
        for j in range(i):
            total += x[j] * x[i]
    return total * loops(x * 0.5)


def both(a, b):
    return a * b if np.sum(a * b) < 1.0 else both(b * 0.5, a) * a


def itself(x):
    return x if np.sum(x) < 9.0 else itself(x * 0.5)


def longer(x):
    return np.concatenate([x, x * x]) if len(x) > 4 else np.sin(longer(np.concatenate([x, x]))) * 1.5


def shorter(x):
    return x * 2.0 if len(x) == 1 else shorter(x[:1]) * x


def many_times(x):
    s = 0.0
    for i in range(len(x)):
        s += number(x[i] * (i + 1.0)) * x[i]
    return s


def until(x):
    s, n = 0.0, 0
    while s < 3.0 and n < 6:
        s += number(x) * 0.4 + 0.1 * x
        n += 1
        if s > 2.5:
            break
    return s * x


def overwritten(x):
    w, s = x * 1.0, 0.0
    for i in range(3):
        s += np.sum(array(w) * w)
        w[i % 2] = w[i % 2] * 0.7 + 0.1 * s
        w *= 0.9
    return s


def kinds(x):
    return itself(x)[0] * np.sum(itself(x[:2])) + itself(np.sum(x)) + np.sum(itself(np.outer(x, x)))


FUNCTIONS = {
    "number": (number, 3.3),
    "no depth": (number, 0.7),
    "twice": (twice, 2.2),
    "early": (early, 2.7),
    "mutual": (ping, 2.5),
    "containers": (lambda x: containers(x, x * 2.0), 2.3),
    "halves": (halves, normal(5)),
    "array": (lambda x: np.sum(array(x) * x), X),
    "stored": (lambda x: np.sum(stored(x) ** 2), X),
    "loops": (loops, X),
    "same twice": (lambda x: np.sum(both(x, x) * both(x * 1.0, x)), X),
    "itself": (lambda x: np.sum(itself(x) * x), X * 7.0),
    "longer": (lambda x: np.sum(longer(x) ** 2), X[:2]),
    "shorter": (lambda x: np.sum(shorter(x) ** 2), X),
    "many times": (many_times, np.abs(X)),
    "not once": (many_times, np.zeros(0)),
    "until": (until, 1.7),
    "overwritten": (overwritten, X),
    "kinds": (kinds, X * 7.0),
}
