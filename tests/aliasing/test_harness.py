"""The judge itself: what is wrong is reported, what is right is not, and the programs tell views from copies."""

import re
import time

import numpy as np
import pytest

from ad_compiler import grad, value_and_grad
from ad_compiler.errors import CannotDifferentiate
from tests.aliasing import check
from tests.aliasing.check import CRASHED, DROPPED, REFUSED, RIGHT, ROUNDED, WRONG, judge, loaded
from tests.aliasing.paths import PATHS
from tests.aliasing.programs import Program, Shape, matrix, programs, sampled

POINT = Shape((8,), "C", 1)
POINTS = [(POINT.make, POINT.numbers())]
VIEWS = {path.name for path in PATHS if path.aliases and not path.around and path.target not in ("@", "x")}


def plain(x, v, w):
    return np.sum(x * x) * w + np.sum(v)


def judged(change, f=plain, *, value=lambda value: value):
    """The verdict where `change` has its way with each result of a right derivative."""
    def spoilt(transform, pick):
        def make(f, **options):
            derivative = transform(f, **options)

            def call(x, v, w):
                return pick(derivative(x, v, w), lambda gradients: change(gradients, x, v, w))
            return call
        return make
    return judge(f, POINTS, (spoilt(grad, lambda g, c: c(g)), spoilt(value_and_grad, lambda r, c: (value(r[0]), c(r[1])))))


def test_a_right_gradient():
    assert judged(lambda g, *_: g) == (RIGHT, "")


@pytest.mark.parametrize("change", [
    lambda g, *_: (g[0] * (1.0 + 1e-5), g[1], g[2]),
    lambda g, *_: (g[0], g[1] + 1e-4, g[2]),
    lambda g, *_: (g[0], g[1], 0.0),
    lambda g, *_: (np.where(np.arange(8) == 3, 0.0, g[0]), g[1], g[2]),
    lambda g, *_: (g[0][::-1].copy(), g[1], g[2]),
    lambda g, *_: (g[0] * np.nan, g[1], g[2]),
    lambda g, *_: (g[0], g[1], float("inf")),
    lambda g, *_: (g[0].astype(np.float32), g[1], g[2]),
    lambda g, *_: (g[0][:7], g[1], g[2]),
    lambda g, *_: (g[0], g[1], np.float64(g[2])),
    lambda g, x, *_: (x.__imul__(1.0 + 1e-12) * 0.0 + g[0], g[1], g[2]),
    lambda g, x, v, w: (g[0], v.fill(1.0) or g[1], g[2]),
], ids=["scaled", "one off", "zero", "one zero", "turned", "nan", "inf", "float32", "short", "type", "x changed", "v changed"])
def test_a_wrong_gradient(change):
    assert judged(change).kind == WRONG


def test_a_gradient_that_changes_from_call_to_call():
    calls = []
    assert judged(lambda g, *_: calls.append(1) or (g[0] * (2.0 if len(calls) == 2 else 1.0), *g[1:])).kind == WRONG


def test_a_gradient_in_the_memory_of_an_argument():
    def f(x, v, w):
        return np.sum(x * x) * 0.5 + np.sum(v) * w
    assert judged(lambda g, *_: g, f).kind == RIGHT
    assert judged(lambda g, x, *_: (x, *g[1:]), f).kind == WRONG


def test_values():
    assert judged(lambda g, *_: g, value=lambda value: value * (1.0 + 3e-16)).kind == ROUNDED
    assert judged(lambda g, *_: g, value=lambda value: value * (1.0 + 1e-12)).kind == WRONG


def test_exceptions():
    def raiser(error):
        def raising(*_):
            raise error
        return raising
    assert judged(raiser(ValueError("no"))).kind == CRASHED
    assert judged(raiser(AssertionError("of the compiler"))).kind == CRASHED
    assert judged(raiser(CannotDifferentiate("no"))).kind == REFUSED


def test_programs_that_raise():
    def f(x, v, w):
        return np.sum(x * np.ones(9))
    assert judge(f, POINTS).kind == DROPPED

    def found(f, **options):
        return lambda *args: args
    assert judge(f, POINTS, (found, found)).kind == WRONG

    def other(f, **options):
        return lambda *args: {}["k"]
    assert judge(f, POINTS, (other, other)).kind == CRASHED


def test_a_later_call():
    def confused(transform):
        def make(f, **options):
            derivative = transform(f, **options)
            return lambda x, v, w: derivative(x * (1.0 if x.flags.c_contiguous else 2.0), v, w)
        return make
    other = POINT._replace(layout="strided")
    points = [*POINTS, (other.make, other.numbers())]
    verdict = judge(plain, points, (confused(grad), confused(value_and_grad)))
    assert verdict.kind == WRONG and verdict.detail.endswith("[call 2]")


def test_time_is_limited(monkeypatch, tmp_path):
    monkeypatch.setattr(check, "SECONDS", 0.05)

    def slow(f, **options):
        def busy(*args):
            end = time.process_time() + 5.0
            while time.process_time() < end:
                pass
        return busy
    assert check.check(programs()[0], str(tmp_path), (slow, slow)) == (CRASHED, "not done after 0.05 s")


# -- the programs ---------------------------------------------------------------------------------------


def test_there_are_many_and_always_the_same():
    assert len(programs()) > 1500
    assert len({program.text for program in programs()}) > 0.99 * len(programs())
    assert [p for p in matrix() if p is not None][::7] == [p for p in matrix() if p is not None][::7]
    assert [p.name for p in sampled(20, 1)] == [p.name for p in sampled(20, 1)] != [p.name for p in sampled(20, 2)]


def differences(f, program):
    """Gradient functions that take differences, with another step than the judge; and f alone for the value."""
    sizes = {shape.shape: shape for shape in program.shapes}

    def gradients(x, v, w):
        numbers = [x.copy(), v.copy(), np.array(w)]
        make = sizes[x.shape]._replace(layout=layout_of(x, program)).make
        parts = [np.array([check.slope(f, make, numbers, (which, n), 3.1e-5) for n in range(part.size)]).reshape(part.shape)
                 for which, part in enumerate(numbers)]
        return parts[0], parts[1], float(parts[2])

    def again(x, v, w):
        moved = sizes[x.shape]._replace(layout=layout_of(x, program)).make([x, v, np.array(w)])
        return f(*moved), gradients(x, v, w)
    return (lambda _, **options: gradients), (lambda _, **options: again)


def layout_of(x, program):
    """How an argument lies, among the ways that the program is tried with."""
    return next(shape.layout for shape in program.shapes
                if shape.shape == x.shape and shape.make(shape.numbers())[0].strides == x.strides)


@pytest.mark.parametrize("program", programs()[::40], ids=str)
def test_differences_are_right(program: Program, tmp_path):
    with loaded(program, str(tmp_path)) as f:
        assert check.check(program, str(tmp_path), differences(f, program)).kind in (RIGHT, DROPPED)


def test_a_view_taken_for_a_copy_is_wrong(tmp_path):
    """The gradient of the program with a copy in place of the view: most programs must tell the two apart."""
    seen = missed = 0
    for program in programs()[::5]:
        text = re.sub(r"^(    \s*)t = (.*)$", r"\1t = np.array(\2)", program.text, flags=re.MULTILINE)
        if program.path not in VIEWS or text == program.text:
            continue
        spoilt = Program(program.name + "-copied", program.writer, program.path, program.reader, text, program.shapes)
        with loaded(spoilt, str(tmp_path)) as f:
            kind = check.check(program, str(tmp_path), differences(f, program)).kind
        seen += kind != DROPPED
        missed += kind == RIGHT
    assert seen > 100
    assert missed < 0.25 * seen
