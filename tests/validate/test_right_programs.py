"""No check raises a false alarm: programs that are right, at arguments where differences are hard to believe."""

import copy
import warnings

import numpy as np
import pytest

from ad_compiler import CompilerFault, grad, value_and_grad
from tests.validate import right_numbers

OPEN: dict[str, str] = {}
"""False alarms that are known."""

MODULES = (right_numbers,)
CASES = [pytest.param(case, id=case.name, marks=[
    pytest.mark.xfail(raises=CompilerFault, strict=True, reason=OPEN[case.name])] if case.name in OPEN else [])
    for module in MODULES for case in module.CASES]


@pytest.mark.parametrize("transform", [grad, value_and_grad], ids=["grad", "value_and_grad"])
@pytest.mark.parametrize("case", CASES)
def test_no_false_alarm(case, transform):
    derivative = transform(case.func, case.argnums, case.has_aux, check="full")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        derivative(*case.args, **case.kwargs)
    assert not derivative.checked.fault
