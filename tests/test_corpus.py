"""Each function of the corpus: gradient against differences, to second order, read and printed back, unoptimised."""

import importlib
import pkgutil

import numpy as np
import pytest

import tests.corpus
from ad_compiler import grad, pipeline, value_and_grad
from ad_compiler.options import options
from tests.corpus.base import CASES, Case
from tests.corpus.nograd import STATED
from tests.fd import along, assert_close, assert_kind, assert_same, assert_value, check_against_differences, leaves

for found in pkgutil.iter_modules(tests.corpus.__path__):
    importlib.import_module(f"tests.corpus.{found.name}")

every_case = pytest.mark.parametrize("case", CASES, ids=str)


def test_the_corpus_is_large():
    assert len({c.func for c in CASES}) >= 150
    assert sum(c.second for c in CASES) > len(CASES) / 2


@every_case
def test_gradient(case: Case):
    check_against_differences(case.func, case.args, case.argnums, case.kwargs, rtol=case.rtol)


@every_case
def test_read_and_printed_back(case: Case):
    args, kwargs = case.fresh()
    printed = pipeline.lift_and_lower(case.func, *args, **kwargs)
    assert_same("arguments after reading", (args, kwargs), (case.args, case.kwargs))
    got = printed(*args, **kwargs)
    assert_same("arguments after the call", (args, kwargs), (case.args, case.kwargs))
    assert_same("the result", got, case.func(*args, **kwargs))


@every_case
def test_optimised_equals_unoptimised(case: Case):
    args, kwargs = case.fresh()
    derivative = value_and_grad(case.func, argnums=case.argnums)
    derivative.cache_clear()
    value, gradient = derivative(*args, **kwargs)
    with options(optimise=False):
        plain_value, plain = derivative(*args, **kwargs)
    assert derivative.cache_info().misses == 2
    assert_value(value, plain_value)
    assert_same("arguments after the call", (args, kwargs), (case.args, case.kwargs))
    scale = max((float(np.max(np.abs(g))) for g in leaves(gradient) if np.size(g)), default=0.0)
    for fast, slow in zip(leaves(gradient), leaves(plain), strict=True):
        assert_kind(fast, slow)
        single = getattr(fast, "dtype", None) == np.float32
        rtol = 1e-4 if single else 1e-9
        assert_close("optimised", fast, slow, rtol, rtol * scale + 1e-15)


@pytest.mark.parametrize("case", [c for c in CASES if c.second], ids=str)
def test_second_order(case: Case):
    """The sum of the gradient along a direction is itself a function to differentiate."""
    gradient = grad(case.func, argnums=case.numbers)
    rng = np.random.default_rng(3)
    weights = [rng.standard_normal(np.shape(case.args[n])) for n in case.numbers]
    check_against_differences(along(gradient, weights), case.args, case.argnums, case.kwargs, rtol=10 * case.rtol)


@pytest.mark.parametrize("stated", STATED, ids=str)
def test_no_grad(stated):
    value, gradient = value_and_grad(stated.func)(*stated.args)
    assert_same("the value", value, stated.func(*stated.args))
    assert_kind(gradient, stated.args[0])
    assert_close("stated", gradient, stated.derivative, 1e-12, 1e-12)
    with options(optimise=False):
        assert_close("unoptimised", grad(stated.func)(*stated.args), stated.derivative, 1e-12, 1e-12)
    printed = pipeline.lift_and_lower(stated.func, *stated.args)
    assert_same("printed back", printed(*stated.args), value)
