"""Loops in loops whose gradients keep lists of lists, for their second derivatives."""

import numpy as np

from tests.corpus.base import normal

X = np.array([0.5, 0.8, 0.3])


def numbers(x, n):
    s, y = 0.0, x[0]
    for i in range(n):
        for j in range(n):
            y = np.sin(y) * 0.9 + x[0] * 0.01
            s += y * y * x[1]
    return s


def ragged(x, n):
    s, y = 0.0, x[0]
    for i in range(n):
        for j in range(i):
            y = np.sin(y) * 0.9 + x[0] * 0.01 * j
            s += y * y * x[1]
    return s


def anew(x, n):
    s = 0.0
    for i in range(n):
        y = x[0] * i
        for j in range(n):
            y = np.sin(y) * 0.9 + x[1] * y
        s += y * y
    return s


def arrays(x, n):
    h, s = x * 1.0, 0.0
    for i in range(n):
        for j in range(n):
            h = np.tanh(h * 0.9 + x)
            s += np.sum(h * h)
        h = h * 0.5
    return s


def stores(x, n):
    a = x * 1.0
    for i in range(n):
        for j in range(1, n):
            a[j % 3] = np.sin(a[j % 3] * a[(j + 1) % 3])
    return np.sum(a * a)


def inner_while(x, n):
    s = 0.0
    for i in range(n):
        y, k = x[0] + i * 0.01, 0
        while k < n and y > 1e-9:
            y = np.sin(y) * x[1] + 0.1 * y
            k += 1
        s += y * y
    return s


def both_while(x, n):
    s, i, y = 0.0, 0, x[0]
    while i < n:
        j = 0
        while j < i:
            y = np.sin(y) * 0.9 + x[1] * 0.3
            s += y * y
            j += 1
        i += 1
    return s


def left(x, n):
    s, y = 0.0, x[0]
    for i in range(n):
        for j in range(n):
            y = np.sin(y) * 0.9 + x[1] * 0.3
            if y > 5.0 or j > n - 2:
                break
            s += y * y
    return s


def three(x, n):
    s, y = 0.0, x[0]
    for i in range(n // 2):
        for j in range(i + 1):
            for k in range(j + 1):
                y = np.sin(y) * 0.9 + x[1] * 0.3
                s += y * y
    return s


def in_an_arm(x, n):
    h, s = x * 1.0, 0.0
    for i in range(n):
        if i % 2 == 0:
            for j in range(n):
                h = np.tanh(h * 0.9 + x)
        else:
            h = h * h
        s += np.sum(h * h)
    return s


def grown(x, n):
    s = 0.0
    for i in range(n):
        ys = [x[0]]
        for j in range(n):
            ys.append(np.sin(ys[-1]) * 0.9 + x[1])
        for y in ys:
            s += y * y
    return s


def neighbours(x, n):
    s = 0.0
    for i in range(n):
        ys = [x[k % 3] * (i + 1.0) for k in range(n + 2)]
        for j in range(1, n):
            ys[j] = np.sin(ys[j - 1]) * ys[j + 1] + ys[j]
            s += ys[j] * ys[j - 1] * ys[j]
    return s


FUNCTIONS = {f.__name__: f for f in (numbers, ragged, anew, arrays, stores, inner_while, both_while, left, three,
                                     in_an_arm, grown, neighbours)}
POINT = normal(3) * 0.4 + 0.5
