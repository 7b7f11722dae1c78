"""What is computed before a store into what it reads."""

import operator

import numpy as np
import pytest

from ad_compiler import runtime
from ad_compiler.ir import Const
from ad_compiler.kinds import FLOAT
from ad_compiler.optimise.reads import read_first
from tests.optimise.build import VECTOR, Code, value

A, B = value("a", VECTOR), value("b", VECTOR)


@pytest.mark.parametrize(("read_between", "order"), [(False, ["b_old", "product", "a_bar", "s"]),
                                                     (True, ["a_bar", "s", "b_old", "product"])])
def test_what_restores_an_array_is_moved_too(read_between, order):
    """But not where the array is read as it is: that would need a copy."""
    code = Code(A, B)
    stored = code(runtime.index_set, A, Const(0), Const(1.0), hint="a_bar")
    total = code(np.sum, B if read_between else stored, kind=FLOAT, hint="s")
    restored = code(runtime.index_set, B, Const(0), Const(2.0), hint="b_old")
    product = code(operator.mul, A, restored, hint="product")
    func = read_first(code.func(stored, total, product))
    assert [op.result.hint for op in func.body.ops] == order
