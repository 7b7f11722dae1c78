"""The smallest example: `adc show-grad examples/polynomial.py:f` prints the derivative of `f`."""


def f(x: float) -> float:
    """A cubic polynomial."""
    return 2.0 * x**3 - 4.0 * x + 1.0
