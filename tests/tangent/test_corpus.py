"""Each function of the corpus in forward mode: against differences, against the gradient; and its gradient likewise."""

import importlib
import pkgutil

import pytest

import tests.corpus
from ad_compiler import grad
from tests.corpus.base import CASES, Case
from tests.tangent.base import check_against_grad, check_jvp

for found in pkgutil.iter_modules(tests.corpus.__path__):
    importlib.import_module(f"tests.corpus.{found.name}")

every_case = pytest.mark.parametrize("case", CASES, ids=str)


def numbers_of(case: Case):
    return tuple(n % len(case.args) for n in case.numbers)


@every_case
def test_tangent(case: Case):
    check_jvp(case.func, case.args, numbers_of(case), case.kwargs, rtol=case.rtol)
    check_against_grad(case.func, case.args, numbers_of(case), case.kwargs)


@pytest.mark.parametrize("case", [c for c in CASES if c.second and not c.id.endswith("-0d")][::2], ids=str)
def test_tangent_of_the_gradient(case: Case):
    check_jvp(grad(case.func, case.numbers), case.args, numbers_of(case), case.kwargs, rtol=10 * case.rtol)
