"""Random programs: the text does what the intermediate form says."""

import numpy as np
import pytest

from ad_compiler.emit.compile import emit
from ad_compiler.ir import walk
from ad_compiler.optimise.inplace import update_in_place
from ad_compiler.pipeline import TIDY
from tests.optimise import interp
from tests.optimise.programs import Program, arguments


def same(a, b):
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if a is None or b is None:
        return a is b
    return np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True)


def as_primal(func):
    for stmt in walk(func.body):
        stmt.reverse = False
    return func


def tidied(func):
    for step in (*TIDY, update_in_place):
        func = step(func)
    return func


@pytest.mark.parametrize("prepare", [lambda func: func, update_in_place, tidied, as_primal],
                         ids=["pure", "in place", "tidied", "primal"])
@pytest.mark.parametrize("seed", range(60))
def test_programs(seed, prepare):
    func = prepare(Program(seed).func)

    def fresh():
        return [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments(seed)]
    with np.errstate(all="ignore"):
        try:
            want = interp.run(func, *fresh())
        except (ValueError, IndexError, KeyError):
            pytest.skip("the program itself does not run")
        assert same(emit(func).function(*fresh()), want)
