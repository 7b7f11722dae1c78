"""What is said of a fault: what differs, in which line, whose it is."""

import inspect

import numpy as np
import pytest

from ad_compiler import CompilerFault, grad, pipeline, value_and_grad
from ad_compiler.validate.locate import where_it_begins


def tally(x, n):
    total = 0.0
    for k in range(n):
        part = x * k
        total = total + part
    return total * x


def misread(x, n):
    total = 0.0
    for k in range(n):
        part = x * k * 2.0
        total = total + part
    return total * x


def returns(x, n):
    total = 0.0
    for k in range(n):
        part = x * k
        total = total + part
    return total * x + 1.0


def located(monkeypatch, read, run):
    lift = pipeline.lift_and_lower
    monkeypatch.setattr(pipeline, "lift_and_lower", lambda function, *args, **kwargs: lift(read, *args, **kwargs))
    call = inspect.signature(run).bind(3.0, 3)
    return where_it_begins(run, lambda: run(3.0, 3), call)


def test_the_first_line_that_is_read_as_something_else(monkeypatch):
    first = tally.__code__.co_firstlineno
    told = located(monkeypatch, misread, tally)
    assert told.splitlines() == [f"{__file__}:{first + 3}: part = x * k", "    `part` is read as 6.0, and is 3.0"]


def test_where_all_names_agree_what_is_returned_is_shown(monkeypatch):
    told = located(monkeypatch, returns, tally)
    assert told.splitlines() == [f"{__file__}:{tally.__code__.co_firstlineno + 5}: return total * x",
                                 "    what it returns is read as 28.0, and is 27.0"]


def test_what_is_read_rightly_has_no_such_line(monkeypatch):
    assert located(monkeypatch, tally, tally) == ""


def test_a_fault_names_the_line(monkeypatch):
    def f(x):
        y = x * x
        return np.sum(np.sin(y))

    compile_spec = pipeline.compile_spec

    def wrong(*args, **kwargs):
        made = compile_spec(*args, **kwargs)
        right = made.emitted.function
        made.emitted.function = lambda *args: (right(*args)[0] + 1.0, right(*args)[1])
        return made
    monkeypatch.setattr(pipeline, "compile_spec", wrong)
    g = value_and_grad(f)
    with pytest.raises(CompilerFault, match="the value is .*, the function gives .*\n.*this is a fault of ad_compiler"):
        g(np.ones(2))
    assert g.checked.fault.startswith("the value is")
    with pytest.raises(CompilerFault, match="is wrong and is not used"):      # at once: the text is not run again
        g(np.ones(2))


def test_a_compiler_that_fails_says_so(monkeypatch):
    def broken(*args, **kwargs):
        raise KeyError("lost")
    monkeypatch.setattr(pipeline, "compile_spec", broken)
    with pytest.raises(CompilerFault, match=r"`f` could not be compiled \(KeyError: 'lost'\)") as caught:
        grad(lambda_named_f())(1.0)
    assert isinstance(caught.value.__cause__, KeyError)


def lambda_named_f():
    def f(x):
        return x * x
    return f
