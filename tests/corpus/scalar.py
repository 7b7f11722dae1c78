"""Numbers: arithmetic, `math`, builtins, NumPy functions of scalars."""

import math
from math import exp, log, sqrt

import numpy as np

from tests.corpus.base import case


@case(1.7)
@case(np.float64(0.3), id="np")
@case(np.array(0.8), id="0d")
def polynomial(x):
    return 3 * x ** 3 - 2 * x + 1


@case(0.7, 2.1, argnums=(0, 1))
def rational(x, y):
    numerator = x * y + 1.0
    denominator = x * x + y * y
    return numerator / denominator


@case(0.4)
def horner(x):
    p = 0.5
    p = p * x - 1.25
    p = p * x + 2.0
    p = p * x - 0.125
    return p


@case(-0.8)
@case(2.5, id="right")
def logistic(x):
    return 1.0 / (1.0 + exp(-x))


@case(0.3, 0.1, 1.7, argnums=(0, 1, 2))
def normal_density(x, mu, sigma):
    z = (x - mu) / sigma
    return exp(-0.5 * z * z) / (sigma * sqrt(2.0 * math.pi))


@case(0.3)
def all_of_trigonometry(x):
    a = math.sin(x) * math.cos(x) + math.tan(x)
    b = math.asin(x) + math.acos(x) * 0.5 - math.atan(x)
    c = math.sinh(x) - math.cosh(x) * math.tanh(x)
    return a * b + c + math.asinh(x) + math.acosh(1.5 + x) + math.atanh(x)


@case(1.9)
def logs_and_exponentials(x):
    return log(x) + math.log1p(x) * math.log2(x) - math.log10(x) + math.expm1(0.2 * x) + sqrt(x) + math.log(x, 3.0)


@case(0.6, 1.3, argnums=(0, 1))
def polar(x, y):
    r = math.hypot(x, y)
    phi = math.atan2(y, x)
    return r * math.cos(2.0 * phi) + phi


@case(1.3, 0.7, argnums=(0, 1))
def powers(x, y):
    return x ** 2.5 + 2.0 ** y + x ** y + pow(x, 3) + math.pow(y, 2) + x ** -1 + y ** 0.5


@case(-1.2, 0.4, argnums=(0, 1))
def builtins_of_numbers(x, y):
    return abs(x) + 2.0 * max(x, y) - 3.0 * min(x, y, 0.9) + abs(y) * y


@case(2.7)
def rounding_is_flat(x):
    return x * round(x) + math.floor(x) * x - int(x) + x * math.ceil(x)


@case(5.3, 1.7, argnums=(0, 1), second=False)
def remainders(x, y):
    return x % y + (x // y) * x + math.fmod(x, 2.0)


@case(0.9)
def changed_in_place(x):
    s = x
    s += 2.0 * x
    s *= x
    s -= 1.0
    s /= 3.0 + x
    s **= 2
    return s


@case(1.1)
def with_a_walrus(x):
    return (y := x * x) + y * math.sin(y)


@case(0.25)
@case(1.5, id="above")
@case(-0.5, id="below")
def smooth_step(x):
    return 0.0 if x < 0 else x * x * (3.0 - 2.0 * x) if 0 <= x < 1 else 1.0 + 0.0 * x


@case(0.8)
def signs(x):
    return -x + +x * 2 - (-(x ** 2)) - -3


@case(1.2, 0.3, argnums=(0, 1))
def kepler_residual(eccentric, e):
    mean = 0.7
    return (eccentric - e * math.sin(eccentric) - mean) ** 2


@case(2.1, 320.0, argnums=(0, 1))
def van_der_waals(volume, temperature):
    a, b, gas = 3.64, 0.0427, 0.08206
    return gas * temperature / (volume - b) - a / volume ** 2


@case(0.7)
@case(np.float64(0.7), id="np")
def numpy_of_numbers(x):
    return np.sin(x) * np.exp(-x) + np.log1p(x) - np.sqrt(x) * np.tanh(x) + np.arctan(x)


@case(0.3, 2.0, argnums=(0, 1))
def numpy_of_two_numbers(x, y):
    return np.hypot(x, y) + np.arctan2(x, y) + np.maximum(x, y) * np.minimum(x, y) + np.power(y, x)


@case(0.45)
def error_function(x):
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0))) + math.erfc(2.0 * x)


@case(30.0)
def degrees(angle):
    return math.sin(math.radians(angle)) + math.degrees(0.01 * angle)


@case(1.4)
def many_temporaries(t):
    t1 = t * t
    t2 = t1 * t
    t3 = t2 - t1 + t
    t4 = math.sin(t3) + t2
    t5 = t4 * t1 - t3
    return t5 * t5 + t4


@case(0.6)
def the_same_many_times(x):
    return x * x * x * x + x * (x + x) - x / (x + 1.0) - (x - x)


@case(3.1)
def through_float_and_int(x):
    y = float(x) * 2
    n = int(y)
    return y ** 2 / n + float(np.float64(x))


@case(2.0, 3)
def an_integer_exponent(x, n):
    return x ** n + n * x


@case(0.5, 1.5, 2.5, argnums=(0, -1))
def heron(a, b, c):
    c = c - 0.9
    s = (a + b + c) / 2
    return np.sqrt(s * (s - a) * (s - b) * (s - c))
