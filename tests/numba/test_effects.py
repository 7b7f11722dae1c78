"""What a function does beside its value is done too where Numba compiles nothing that the result needs."""

import pytest

from ad_compiler import value_and_grad


def test_an_error_stays_where_no_result_is_computed():
    def f(x, items):
        if x > items[0]:
            raise ValueError("too large")
        return x
    derivative = value_and_grad(f, backend="numba", check="off")
    assert derivative(1.0, [2.0]) == (1.0, 1.0)
    with pytest.raises(ValueError, match="too large"):
        derivative(3.0, [2.0])
