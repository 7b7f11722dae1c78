"""No check raises a false alarm: programs that are right, at arguments where differences are hard to believe."""

import warnings

import numpy as np
import pytest

from ad_compiler import CompilerFault, grad, value_and_grad
from tests.validate import right_kinks, right_numbers, right_objects

OPEN = {
    "bisection_of_arrays": "a search without branches: only the comparisons tell that it goes another way nearby",
}
"""False alarms that are known."""

CASES = [pytest.param(case, id=case.name, marks=[
    pytest.mark.xfail(raises=CompilerFault, strict=True, reason=OPEN[case.name])] if case.name in OPEN else [])
    for module in (right_numbers, right_kinks, right_objects) for case in module.CASES]


@pytest.mark.parametrize("case", CASES)
def test_no_false_alarm(case):
    for transform in (grad, value_and_grad):
        derivative = transform(case.func, case.argnums, case.has_aux, check="full")
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            derivative(*case.args, **case.kwargs)
        assert not derivative.checked.fault


def test_names_are_told_apart():
    names = [case.values[0].name for case in CASES]
    assert len(names) == len(set(names)) > 150
    assert set(OPEN) <= set(names)
