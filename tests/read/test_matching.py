"""`match`: each pattern against each kind of subject, beside what Python does."""

import collections
import dataclasses
import enum
import math
import textwrap
from typing import NamedTuple

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad
from ad_compiler.errors import CompilerFault
from tests.fd import check_against_differences
from tests.numba.drawn import function_of

X = np.array([0.3, -1.2, 0.7, 2.1])
M = np.array([[0.3, -1.2, 0.7], [2.1, 0.4, -0.6]])


@dataclasses.dataclass
class Point:
    x: float
    y: float


class Pair(NamedTuple):
    a: float
    b: float


class Kind(enum.Enum):
    A = 1
    B = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Computed:
    __match_args__ = ("twice", "w")

    def __init__(self, w):
        self.w = w

    @property
    def twice(self):
        return 2.0 * self.w


class Listed:
    __match_args__ = ["w"]
    w = 1.0


class Numbered:
    __match_args__ = (1,)


class Twice:
    __match_args__ = ("w",)
    w = 1.0


class Hidden:
    def area(self, x, pair):
        match pair:
            case (__a, *__more) if __a > 0.0:
                return x * __a * len(__more)
            case {"k": __a, **__more}:
                return x * x * __a * len(__more)
        return x


WORLD = {thing.__name__: thing for thing in (Point, Pair, Kind, Level, Computed, Listed, Numbered, Twice, Hidden,
                                             collections, math)}

PATTERNS = """
    1 | 2 | True | None | "a" | "ab" | -3 | 2.5 | b"ab" | Kind.A | Level.LOW | math.inf | math.nan
    [] | [p] | [p, q] | (p, *_) | [*_] | [p, *q] | [*q, p] | [p, *q, r] | [[p, *_], *q] | (1, p) | (p, 1.5)
    {} | {"k": p} | {"k": p, **q} | {"k": 1.5, "z": p} | {1: p} | {Kind.A: p}
    float() | int(p) | bool() | str(p) | list() | tuple(p) | dict(p) | list([p, *_]) | object() | int() as p | (float(p) as q)
    Point() | Point(p) | Point(p, q) | Point(x=p) | Point(1.5, y=p) | Point(p, z=q) | Pair(p, q) | Pair(a=p) | Computed(p, q)
    Computed(w=p) | Point(Point(p, q), y=r) | float(real=p) | Level() | np.ndarray() | np.floating() | np.float64(p)
    (1) - (2) - (3) | ("a") - ("b") | (int()) - (str()) | ([p]) - ([p, _]) | ((1) - (2.5)) as p | [(1) - (2), p] | p | _
    (Point(x=p)) - (Pair(a=p)) | {"k": (1) - (1.5)} | [Kind.A, p] | [None, p] | [True, p] | (None) - (_)
"""
"""Patterns; `-` stands for the bar between two."""

SUBJECTS = ["1", "2", "-3", "True", "False", "None", "2.5", "'a'", "'ab'", "b'ab'", "[]", "[1.5]", "(1, 2)", "[1.5, 2.0, 0.5]",
            "(1, 'b')", "([1.5, 2], 3)", "{}", "{'k': 1.5}", "{'k': 1.5, 'z': 2, 'w': 3}", "{1: 2.0}", "{Kind.A: 2.0}",
            "Point(1.5, 2.0)", "Point(Point(1, 2), 3.0)", "Pair(1.5, 2.0)", "Computed(1.5)", "Kind.A", "Kind.B", "Level.LOW",
            "Level.HIGH", "math.inf", "math.nan", "range(3)", "range(0)", "(Kind.A, 2.0)", "(None, 2.0)", "(1, 2.0)", "abs",
            "collections.deque([1.5, 2.0])", "np.float64(2.5)", "np.array([1.5, 2.0])", "{1, 2}", "len"]

SHOWN = "(1.0 if isinstance(e, (int, float)) and e == e else 2.0 if isinstance(e, (str, type(None))) else 3.0)"


def patterns():
    return [each.strip().replace(") - (", " | ") for line in PATTERNS.strip().split("\n") for each in line.split(" | ")]


def names_in(pattern):
    return [name for name in "pqr" if any(f"{before}{name}{after}" in f" {pattern} " for before in " ([*=" for after in " ,)]")
            or f"**{name}" in pattern]


def program(pattern, subject, inside):
    """A function that says whether a subject matches, and of what sort is what was captured."""
    taken = " + ".join([f"[{SHOWN} for e in [{name}]][0] * x" for name in names_in(pattern)]) or "0.0"
    head = f"def f(x):\n    s = {subject}\n" if inside else "def f(x, s):\n"
    return head + textwrap.indent(textwrap.dedent(f"""\
        match s:
            case {pattern}:
                return x * x + {taken}
        return 3.0 * x
        """), "    ")


def outcome(call):
    """A value, or the type of what is raised; None where it is refused."""
    try:
        return call()
    except CannotDifferentiate:
        return None
    except CompilerFault:
        raise
    except Exception as error:      # noqa: BLE001  (whatever Python raises)
        return type(error)


@pytest.mark.parametrize("pattern", patterns())
def test_every_subject(pattern, request):
    """Given as an argument, and made in the function; at least half of them are no refusal."""
    refused, count = [], 0
    for at, subject in enumerate(SUBJECTS):
        for inside in (True, False):
            if not request.config.getoption("--whole") and (at + inside + len(pattern)) % 25:
                continue
            text = program(pattern, subject, inside)
            try:
                f = function_of(text, f"<match {hash(text)}>", **WORLD)
            except SyntaxError:     # what follows a name is never reached
                continue
            given = () if inside else (eval(subject, {**WORLD, "np": np}),)     # noqa: S307
            right = outcome(lambda: (f(1.25, *given), (f(1.5, *given) - f(1.0, *given)) / 0.5))       # noqa: B023
            found = outcome(lambda: value_and_grad(f, check="off")(1.25, *given))       # noqa: B023
            count += 1
            if found is None:
                refused.append(subject)
            elif isinstance(right, type):
                assert found is right, text
            else:
                assert found == pytest.approx(right), text
    assert len(refused) <= count / 2, refused


def check(f, *args, **options):
    return check_against_differences(f, args, 0, None, **options)


def test_the_shape_of_an_array():
    def f(x):
        match x.shape:
            case ():
                return x * x
            case (n,):
                return n * np.sum(x * x)
            case (n, m) if m > n:
                return np.sum(x ** 3) / m
            case (n, m):
                return np.sum(x) * n
    for x in (0.7, X, M, M.T.copy(), np.zeros(0), np.zeros((1, 1)), np.zeros((0, 3))):
        check(f, np.asarray(x))


def test_numbers_of_the_run():
    def f(x):
        match (x, 2.0 * x):
            case (0.5, y) if y > 3.0:
                return y
            case (_, 2.5) | (3.0, _):
                return x * x
            case (a, b) if a > b:
                return a
            case (a, (b)):
                return a * b
    for x in (1.0, 2.0, -1.0):
        check(f, x)
    assert grad(f)(1.25) == 2.5 and grad(f)(3.0) == 6.0 and grad(f)(0.5) == 2.0


def test_what_a_guard_that_fails_has_bound():
    def f(x):
        y = 5.0
        match x, 3.0 * x:
            case (_, y) if y > 9.0:
                return y * y
            case _:
                return x * y
    check(f, 1.0)
    check(f, 4.0)

    def unbound(x):
        match x:
            case 1.5 as y if x < 0.0:
                pass
        return x * y
    assert grad(unbound)(1.5) == 3.0
    with pytest.raises(UnboundLocalError):
        grad(unbound)(1.0)


def test_a_pattern_that_fails_binds_nothing():
    def f(x, s):
        a = x
        match s:
            case (a, 2, _):
                a = 2.0 * a * x
            case (_, a):
                a = a * x * x
        return a * x
    for s in ((1.0, 2, 3.0), (1.0, 3.0), (1.0, 3, 4.0), ()):
        check(f, 0.7, s)


def test_the_subject_is_asked_for_once():
    asked = []

    def f(x, s):
        made = []

        def subject():
            made.append(x)
            return s
        match subject():
            case (1, 2):
                y = x
            case (3, 4) | (5, 6):
                y = x * x
            case s if s[0] > 7:
                y = x * x * x
            case (a, _):
                s = 0.0
                y = a * x ** 4
        return y * len(made)
    for s in ((1, 2), (5, 6), (8, 9), (2, 3)):
        check(f, 0.7, s)
    assert not asked


def test_the_name_of_the_subject_is_bound_anew():
    def f(x):
        match x:
            case float(y) if (x := 2.0 * y) > 3.0:
                return x * y
            case y:
                return y + x * x
    check(f, 0.7)
    check(f, 2.7)


def test_exits():
    def f(x, items):
        s = 0.0
        for item in items:
            match item:
                case (0, _):
                    continue
                case ("stop",):
                    break
                case (k, v):
                    s += k * v * x
                case float(v) as w:
                    s += v * w * x
                case int():
                    return s * x
        else:
            s = s + x
        return s * s
    for items in ([(0, 3), (2, 3.0), 2.5], [(1, 2.0), ("stop",), (3, 4)], [(1, 2.0), 3, (2, 2.0)], []):
        check(f, 1.3, items)

    def g(x, n):
        i, s = 0, 0.0
        while True:
            match i:
                case 3:
                    break
                case 1:
                    s += x * x
                case _:
                    s += x
            i += 1
        match s:
            case v:
                return v * n

    check(g, 1.3, 2)


def test_exits_that_the_run_decides():
    def f(x):
        s = 0.0
        for i in range(len(x)):
            match i % 3, x[i]:
                case 0, _:
                    continue
                case 1, v if v > 10.0:
                    break
                case _, 2.0:
                    return s * s
                case _, v:
                    s = s + v * v
        return s
    check(f, X)
    check(f, np.array([1.0, 2.5, 3.0, 4.0, 11.0, 5.0]))
    check(f, np.zeros(0))
    assert np.array_equal(grad(f)(np.array([1.0, 3.0, 2.0, 4.0])), [0.0, 108.0, 0.0, 0.0])


def test_in_a_generator_and_inside_of_another():
    def f(x):
        def parts(v):
            match v:
                case (a, b):
                    yield a
                    match b:
                        case (c, d):
                            yield c * d
                        case c:
                            yield c * c
                case c:
                    yield c
        s = 0.0
        for v in parts((x, (2.0 * x, x))):
            match v:
                case float(c):
                    s = s + c * c
        for v in parts(x):
            s = s + v
        return s + sum(parts((x, x)))
    check(f, 1.2)


def test_an_iterator_is_not_used_up():
    def f(x):
        match (i * x for i in (1.0, 2.0)):
            case [a, *_] | {"k": a}:
                return a
            case items:
                return sum(items) * x
    check(f, 1.2)


def test_names_of_a_function_around():
    def f(x):
        y = 0.0

        def g(v):
            nonlocal y
            match v:
                case (_, y):
                    pass
                case {"k": z, **y}:
                    y = z * len(y)
        g((1.0, x))
        first = y
        g({"k": x * x, "l": 1.0, "m": 2.0})
        return first * y
    check(f, 1.2)


def test_private_names():
    f = Hidden().area
    for pair in ((2.0, 3.0), (-2.0, 3.0), {"k": 2.0, "l": 3.0}):
        check(f, 0.7, pair)


def test_what_a_star_takes_is_a_list_of_its_own():
    def f(x, items):
        match items:
            case [first, *others]:
                others.append(first * x)
                others[0] = 7.0
        return sum(items) * x + len(items)
    check(f, 0.7, [1.0, 2.0, 3.0])

    def g(x, d):
        match d:
            case {"a": a, **others}:
                others["b"] = a
        return d["b"] * x + len(d) * x * x
    check(g, 0.7, {"a": 1.0, "b": 2.0})


def test_an_array_that_is_captured_is_the_same_one():
    def f(x):
        a = x * 1.0
        match (a, 2.0):
            case (b, c):
                b[0] = c * b[1]
                b += 1.0
        return np.sum(a * a)
    check(f, X)

    def g(x):
        match x:
            case y:
                y[1] = 5.0 * y[0]
        return np.sum(x * x)
    check(g, X.copy())


def test_vmap_jvp_and_second_derivatives():
    from ad_compiler import hessian, jvp, vmap

    def f(x):
        match 2.0 * x, x:
            case (z, y) if z > 2.0:
                return y ** 3
            case (_, y):
                return np.sin(y)
    xs = np.array([0.5, 2.0, 1.0])
    assert vmap(grad(f))(xs) == pytest.approx([np.cos(0.5), 12.0, np.cos(1.0)])
    assert jvp(f, (2.0,), (1.0,))[1] == pytest.approx(12.0)
    assert hessian(f)(np.float64(2.0)) == pytest.approx(12.0)


@pytest.mark.parametrize(("pattern", "subject", "message"), [
    ("Computed(a, b, c)", "Computed(1.0)", r"Computed\(\) accepts 2 positional sub-patterns \(3 given\)"),
    ("Kind(a)", "Kind.A", r"Kind\(\) accepts 0 positional sub-patterns \(1 given\)"),
    ("float(a, b)", "1.5", r"float\(\) accepts 1 positional sub-pattern \(2 given\)"),
    ("Listed(a)", "Listed()", r"Listed.__match_args__ must be a tuple \(got list\)"),
    ("Numbered(a)", "Numbered()", r"__match_args__ elements must be strings \(got int\)"),
    ("Twice(a, w=b)", "Twice()", r"Twice\(\) got multiple sub-patterns for attribute 'w'"),
    ("math(a)", "Twice()", r"must be a (class|type)"),
])
def test_errors_of_python(pattern, subject, message):
    text = f"def f(x):\n    match {subject}:\n        case {pattern}:\n            return x\n    return x * x\n"
    f = function_of(text, f"<match {hash(text)}>", **WORLD)
    for call in (f, grad(f)):
        with pytest.raises(TypeError, match=message):
            call(1.0)


def test_a_key_that_is_asked_for_twice():
    text = "def f(x):\n    match {1: x, 2: x}:\n        case {Level.LOW: a, Level.LOW: b}:\n            return x\n    return x\n"
    f = function_of(text, "<match twice>", **WORLD)
    for call in (f, grad(f)):
        with pytest.raises(ValueError, match="duplicate key"):
            call(1.0)


def test_the_class_may_change():
    def f(x):
        match Twice():
            case Twice(w):
                return w * x * x
        return x
    g = grad(f)
    assert g(1.0) == 2.0
    Twice.__match_args__ = ("v",)
    try:
        assert g(1.0) == 1.0
    finally:
        Twice.__match_args__ = ("w",)
    assert g(1.0) == 2.0


@pytest.mark.parametrize("body", [
    "match [x for _ in range(len(x))]:\n    case [a, *_]:\n        return a[0]",       # its length: the run's
    "match x[0], x[1]:\n    case (1.0, a) | (a, 1.0):\n        return a",            # which alternative: the run's
    "try:\n    y = x[0]\nfinally:\n    match y:\n        case 1.0:\n            return y",
])
def test_refused(body):
    text = f"def f(x):\n{textwrap.indent(body, '    ')}\n    return x[0] * x[1]\n"
    with pytest.raises(CannotDifferentiate) as info:
        grad(function_of(text, f"<match {hash(text)}>", **WORLD))(X)
    assert all(refusal.remedy for refusal in info.value.refusals)
