"""Forms of Python and of its library that are read, each in one line: value and slope beside Python's and differences."""

import bisect
import collections
import enum
import functools
import itertools
import math
import operator
import re
import textwrap

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad
from tests.fd import check_against_differences
from tests.numba.drawn import function_of


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Share(float, enum.Enum):
    HALF = 0.5


WORLD = {thing.__name__: thing for thing in (bisect, collections, functools, itertools, math, operator, Level, Share)}
V = np.array([1.5, -2.0, 0.25])
M = np.array([[0.3, -1.2, 0.7], [2.1, 0.4, -0.6]])

RIGHT = [
    # a list or tuple whose length is known, by an index that the run computes
    ("return x * [2, 3][x > 0]", 1.25),
    ("return x * [2, 3][x > 0]", -1.25),
    ("return [x, x * x, 3.0][int(x)] * x", 1.25),
    ("return [x, x * x, 3.0][int(x)] * x", 2.25),
    ("return (x, x * x, 3.0)[int(x) - 3] * x", 1.25),
    ("return [x][int(x) - 1] * x", 1.25),
    ("return [math.sin, math.cos][x > 1.0](x)", 1.25),
    ("return [(x, 2.0), (3.0, x * x)][x > 0][1]", 1.25),
    ("return [x[0], x[1] * x[1], 3.0 * x[2]][int(np.argmax(x))]", V),
    ("return (1.0, 2.0, 3.0)[np.argmax(x)] * x[0]", V),
    ("i = bisect.bisect([0.0, 1.0, 2.0], x)\nreturn [0.0, 1.0, 2.0][i - 1] * x * x", 1.25),
    ("m = [np.array([x, 1.0]), np.array([2.0, x * x])]\nreturn np.sum(m[int(x)] * m[0])", 1.25),
    ("s, i = 0.0, 0\nwhile s < 20.0 and i < 7:\n    s += [x, 2 * x, 3 * x * x][i % 3]\n    i += 1\nreturn s * s", 1.25),
    ("return x * [2, 3, x][k] * x", 1.25, 1),
    ("return x * [2, 3, x][k]", 1.25, np.int64(2)),
    ("return sum([x, x * x, 3.0][1:k])", 1.25, 2),
    ("return x * {True: 2.0 * x, False: 3}[x > 0]", 1.25),
    ("return x * {True: 2.0 * x, False: 3}[x > 0]", -1.25),
    # a list or tuple beside an array
    ("return np.sum(x * [1.0, 2.0, 3.0] + (3.0, x[0], 1.0) * x)", V),
    ("return np.sum([1.0, 2.0, 3.0] + x * x) * x[0]", V),
    ("return np.sum(x - [1.0, x[0], 3.0]) * x[1] - np.sum((x[0], 2, True) - x)", V),
    ("return np.sum(x / [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]] + x ** [1, 2, 3]) + [1.0, 2.0, 3.0] @ x", V),
    ("return np.sum(x[x > [0, 0, 0]]) * x[0] + np.sum(x[(0.25, 0.0, 0.0) < x])", V),
    ("return np.sum(np.where(x >= [1.0, 2.0, 0.0], x * x, x)) + np.sum(x[0] + [1.0, 2.0] - x[1])", V),
    ("return np.sum(x * []) + np.sum(x)", np.zeros(0)),
    ("return np.sum(x * [2.0]) + np.sum([3.0] * x)", np.array([1.5])),
    ("return np.sum(x * [1.0, 2.0, 3.0])", V.astype(np.float32)),
    ("return np.sum(x * [1.0, 2.0, 3.0])", M),
    ("u = x * 1.0\nu += [1.0, 2.0, 3.0]\nu *= (x[0], 1.0, 2.0)\nreturn u @ u", V),
    ("u = [1.0, 2.0, 3.0]\nw = u\nu += x\nreturn u @ u * sum(w) * len(w)", V),
    ("d = {'k': [1.0, 2.0, 3.0]}\nd['k'] += x\nreturn d['k'] @ x", V),
    ("u = [1.0]\nfor e in x[1:]:\n    u.append(e)\nu += x\nreturn np.sum(u * x)", V),
    # arrays as sequences of numbers
    ("return list(x)[1] * x[0]", V),
    ("items = list(x)\nitems.append(x[0] * 2)\nreturn items[-1] * items[1]", V),
    ("return sum(list(x)) + np.sum(x)", np.zeros(0)),
    ("return list(x * x)[0][1] * x[0, 0]", M),
    ("return sum(x.tolist()) * x[0]", V),
    ("return sum(x.tolist()) * x[0]", np.array([2.0])),
    ("return x.tolist()[0][1] * x[0, 0]", M),
    ("return np.sum(np.array(x.tolist()) ** 2)", V),
    ("return x[0] * x[1] if 9.0 in x else x[1] * x[2]", V),
    ("return x[0] * x[1] if k in x[1:] * 0.0 else x[1] * x[2]", V, 0.0),
    ("return x[0] if x[0] == 'a' else x[1] * x[1]", V),
    ("return x[0] if x[0] != None else x[1] * x[1]", V),
    ("return max(x, default=2.0) * x[0]", V),
    ("return max(x, default=2.0) + np.sum(x)", np.zeros(0)),
    ("return max(x, key=abs) * min(x, key=lambda e: (e - 0.2) ** 2) + min(x, default=1.0) ** 2", V),
    ("s = sorted(x)\nreturn s[len(s) // 2] * s[0] + s[-1] * x[0]", V),
    ("return sum(sorted(x)) + np.sum(x)", np.zeros(0)),
    ("return functools.reduce(operator.mul, x) + functools.reduce(max, x * x, 0.0)", V),
    ("return functools.reduce(operator.mul, x)", np.array([2.0])),
    ("items = [x[0] * x[1]]\nitems.extend(x)\nreturn sum(items) * items[-1]", V),
    ("items = [np.sum(x)]\nitems.extend(x)\nreturn sum(items) * items[0]", np.zeros(0)),
    ("return sum(i * v for i, v in zip(itertools.count(k, -2), x))", V, 3),
    ("return sum(i * v for i, v in zip(itertools.count(1, step=k), [x, x * x]))", 1.25, 3),
    # members of an enumeration that are numbers
    ("return x * x if int(x) == Level.LOW else x", 1.25),
    ("return x * x if k == Level.LOW else x", 1.25, 1),
    ("return x ** Level.HIGH + x / Level.HIGH - Level.HIGH * x", 1.25),
    ("return x * x if x != Share.HALF else x", 1.25),
    # methods of numbers, functions of the library
    ("return x.imag + x.real * x + (x > 1).real + x.conjugate() * x + (x > 1).imag", 1.25),
    ("return x * x if x.is_integer() else x", 1.25),
    ("return x[0].imag + x[0].conjugate() * x[1] + np.sum(x.imag) + np.sum(x.conjugate() * x)", V),
    ("part, whole = math.modf(x)\nreturn part * part * whole + part", 2.25),
    ("part, whole = math.modf(x)\nreturn part * part * whole + part", -2.25),
    ("return math.hypot(x, 2.0 * x, 3.0, x * x) + math.hypot(x) + math.hypot()", 1.25),
    ("return math.prod([x, 2, x * x], start=x) + math.prod([], start=2)", 1.25),
    ("return math.remainder(x, 0.7) * x + math.remainder(3.0, x)", 1.25),
    ("return dict.fromkeys('ab', x)['b'] * x", 1.25),
    ("u = [x, 2 * x, x * x]\noperator.delitem(u, 1)\nreturn u[0] * u[1]", 1.25),
    ("return sorted({'b': x, 'a': 2 * x * x}.items())[0][1]", 1.25),
    ("return sorted([(2, x), (1, 2 * x * x), (2, 3.0)][:2], reverse=True)[1][1]", 1.25),
    ("return sum(i * v for i, v in zip(itertools.count(k), [x, x * x]))", 1.25, 3),
]


def made(text):
    takes = "x, k" if re.search(r"\bk\b", text.replace("'k'", "")) and "for k" not in text else "x"
    body = textwrap.indent(text, "    ")
    return function_of(f"def f({takes}):\n{body}\n", f"<form {hash(text)}>", **WORLD)


@pytest.mark.parametrize(("text", "args"), [(text, args) for text, *args in RIGHT], ids=[row[0] for row in RIGHT])
def test_right(text, args):
    check_against_differences(made(text), args, 0)


@pytest.mark.parametrize(("text", "x", "error"), [
    ("return [x, x * x][int(x) + 5] * x", 1.25, IndexError),
    ("return x * {True: 2.0 * x}[x < 0]", 1.25, KeyError),
    ("return math.remainder(x, 0.0)", 1.25, ValueError),
    ("u = [1.0]\nu += x\nreturn u[0]", 1.25, TypeError),
    ("return max(x, key=abs)", np.zeros(0), ValueError),
    ("return functools.reduce(operator.mul, x)", np.zeros(0), TypeError),
])
def test_raises(text, x, error):
    f = made(text)
    for call in (f, grad(f)):
        with pytest.raises(error):
            call(x)


@pytest.mark.parametrize(("text", "x"), [
    ("return (x + [1.0])[0]", 1.25),
    ("return x if abs([1.0]) else 2.0 * x", 1.25),
    ("return x if min([[x], [2.0]], key=abs) else 2.0 * x", 1.25),
    ("return x if x < [1.0] else 2.0 * x", 1.25),
    ("import nosuchmodule\nreturn x", 1.25),
    ("from math import nosuch\nreturn x", 1.25),
    ("r = list(x)\nr[0][1] = 5.0\nreturn np.sum(x * x)", M),
    ("m = [np.array([x, 1.0]), np.array([2.0, x])]\nm[int(x)][0] = 3.0 * x\nreturn np.sum(m[0] * m[1])", 1.25),
    ("return sorted([(1, x), (1, 2 * x * x)])[0][1]", 1.25),
])
def test_refused(text, x):
    with pytest.raises(CannotDifferentiate) as info:
        grad(made(text))(x)
    assert info.value.refusals[0].remedy
