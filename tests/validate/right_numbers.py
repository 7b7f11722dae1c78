"""Right programs whose differences say little: rounding, cancellation, large and small numbers, fast oscillations."""

import math

import numpy as np

from tests.validate.base import named, registry

CASES, case = registry()
rng = np.random.default_rng(0)
X = np.array([1.1, 2.2, 3.3])
NEAR = rng.normal(size=3) * 1e-9
MODEL, TRUTH = rng.normal(size=(20, 3)), np.array([1.0, -2.0, 0.5])
DATA = MODEL @ TRUTH
SINGLE = rng.normal(size=10_000).astype(np.float32)
HILBERT = 1.0 / (np.arange(10.0)[:, None] + np.arange(10.0) + 1.0)
SQUARE = rng.normal(size=(30, 30))

CASES += named({
    # what is left of numbers that cancel
    "1 - cos": (lambda x: 1.0 - math.cos(x), 1e-8),
    "1 - cos of an array": (lambda x: np.sum(1.0 - np.cos(x)), np.full(3, 1e-8)),
    "(1 - cos) / x²": (lambda x: (1.0 - math.cos(x)) / (x * x), 1e-4),
    "sqrt(1 + x²) - 1": (lambda x: math.sqrt(1.0 + x * x) - 1.0, 1e-7),
    "sqrt(x² + 1) - x": (lambda x: math.sqrt(x * x + 1.0) - x, 1e8),
    "sqrt(x² + 1) - x, nearer": (lambda x: math.sqrt(x * x + 1.0) - x, 1e5),
    "(exp - 1) / x": (lambda x: (math.exp(x) - 1.0) / x, 1e-5),
    "(exp - 1) / x, nearer": (lambda x: (math.exp(x) - 1.0) / x, 1e-7),
    "(exp - 1) / x, next to": (lambda x: (math.exp(x) - 1.0) / x, 1e-9),
    "log(1 + x)": (lambda x: math.log(1.0 + x), 1e-14),
    "log(1 + x), lost": (lambda x: math.log(1.0 + x), 1e-17),
    "1 - tanh": (lambda x: 1.0 - math.tanh(x), 18.0),
    "logistic loss": (lambda x: -math.log(1.0 / (1.0 + math.exp(-x))), 36.0),
    "logistic loss, sure": (lambda x: -math.log(1.0 / (1.0 + math.exp(-x))), 40.0),
    "logistic losses": (lambda x: -np.sum(np.log(1.0 / (1.0 + np.exp(-x)))), np.array([30.0, 34.0, 37.0])),
    "the other class": (lambda x: -np.sum(np.log(1.0 - 1.0 / (1.0 + np.exp(-x)) + 1e-12)), np.array([30.0, 34.0, 37.0])),
    "a root": (lambda p: (-p[0] + np.sqrt(p[0] ** 2 - 4.0 * p[1] * p[2])) / (2.0 * p[1]), np.array([1e8, 1.0, 1e-3])),
    "a root, nearer": (lambda p: (-p[0] + np.sqrt(p[0] ** 2 - 4.0 * p[1] * p[2])) / (2.0 * p[1]), np.array([1e4, 1.0, 1e-3])),
    "sin² + cos² - 1": (lambda x: math.sin(x) ** 2 + math.cos(x) ** 2 - 1.0, 0.7),
    "log(exp)": (lambda x: math.log(math.exp(500.0 * x)) - 500.0 * x, 0.7),
    "a binomial": (lambda x: (x + 1e8) ** 2 - x ** 2 - 2e8 * x - 1e16, 0.7),
    "large terms": (lambda x: np.sum(1e10 * x) - 1e10 * np.sum(x) + x[0], X),
    "larger terms": (lambda x: np.sum(1e14 * x * x) - 1e14 * np.dot(x, x) + x[0], X),
    "two traces": (lambda a, b: 1e10 * (np.trace(a @ b) - np.sum(a * b.T)), SQUARE, SQUARE.T * 2.0),
    "a commutator": (lambda a: np.trace(a @ (a.T + a @ a) - (a.T + a @ a) @ a), SQUARE),
    "an inverse": (lambda a: np.sum(a @ np.linalg.inv(a)) - 30.0, SQUARE),
    "a mean taken off": (lambda x: 1e6 * np.sum(x - np.mean(x)), rng.normal(size=1000)),
    "a variance": (lambda x: np.mean(x ** 2) - np.mean(x) ** 2, np.ones(4) * 1e8 + np.arange(4.0)),
    "a variance in float32": (lambda x: np.mean(x * x) - np.mean(x) ** 2, SINGLE + np.float32(1000.0)),
    "a cosine": (lambda x: 1.0 - np.dot(x, x) / (np.linalg.norm(x) * np.linalg.norm(x)), np.ones(6)),
    "a norm of norm 1": (lambda x: np.linalg.norm(x / np.linalg.norm(x)) - 1.0, np.ones(6)),
    "softmax": (lambda x: np.sum(np.exp(x) / np.sum(np.exp(x))), X),
    "entropies": (lambda x: np.sum(x * np.log(x)) + np.log(6.0) * np.sum(x), np.ones(6) / 6.0),
    # numbers beside much larger ones
    "an offset": (lambda x: np.sum(x * x) + 1e12, X),
    "an offset inside": (lambda x: np.sum(((x + 1e12) - 1e12) ** 2), np.array([1.0, 2.0, 3.0])),
    "an offset that hides all": (lambda x: np.sum((x + 1e16) - 1e16), np.array([1.0, 2.0, 3.0])),
    "an offset of the argument": (lambda x: np.sum((x - 1e12) ** 2), X + 1e12),
    "a small part": (lambda x: np.sum(x) * 1e-14 + 1.0, X),
    "two sizes": (lambda x: x[0] + np.sin(x[1]), np.array([1e10, 1.0])),
    "two sizes that part": (lambda x: (x[0] + np.sin(x[1])) - x[0], np.array([1e10, 1.0])),
    "two sizes of which one is lost": (lambda x: (x[0] + np.sin(x[1])) - x[0], np.array([1e16, 1.0])),
    "an order of sums": (lambda x: np.sum(np.array([1e16, 1.0, -1e16]) * x), X),
    # at the minimum
    "an exact fit": (lambda x: np.sum((MODEL @ x - DATA) ** 2), TRUTH),
    "the norm of an exact fit": (lambda x: np.linalg.norm(MODEL @ x - DATA), TRUTH),
    "the norm of nearly one": (lambda x: np.linalg.norm(MODEL @ x - DATA), TRUTH + 1e-14),
    "rosenbrock": (lambda x: 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2, np.ones(2)),
    "rosenbrock, next to": (lambda x: 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2, np.ones(2) + 1e-15),
    "rastrigin": (lambda x: 30.0 + np.sum(x * x - 10.0 * np.cos(2.0 * np.pi * x)), NEAR),
    "ackley": (lambda x: -20.0 * np.exp(-0.2 * np.sqrt(np.mean(x * x))) - np.exp(np.mean(np.cos(6.0 * x))) + 20.0 + np.e, NEAR),
    "griewank": (lambda x: 1.0 + np.sum(x * x) / 4000.0 - np.prod(np.cos(x / np.sqrt(np.arange(1.0, 4.0)))), NEAR),
    # faster than the step
    "sin(10⁶ x)": (lambda x: np.sum(np.sin(x * 1e6)), X),
    "a ripple": (lambda x: np.sum(x) + 1e-5 * np.sum(np.sin(x * 4e5)), X),
    "a fine ripple": (lambda x: np.sum(x) + 1e-9 * np.sum(np.sin(x * 1e9)), X),
    "a finer ripple": (lambda x: np.sum(x) + 1e-12 * np.sum(np.sin(x * 1e12)), X),
    "a narrow peak": (lambda x: np.sum(np.exp(-((x - 1.1) * 1e7) ** 2)) + np.sum(x), X),
    "beside a narrow peak": (lambda x: np.sum(np.exp(-((x - 1.1) * 1e7) ** 2)) + np.sum(x), X + 1e-7),
    "a steep step": (lambda x: np.sum(np.tanh((x - 1.1) * 1e9)) + np.sum(x), X),
    "a phase": (lambda t, a: a * math.sin(6.28 * t) + 1e-3 * t, 2.45e6, 1e-3),
    "seconds since 1970": (lambda t: math.sin(2.0 * math.pi * t / 86400.0) + 1e-6 * t, 1.7e9),
    "radians": (lambda x: math.sin(x) + x, 5.1e5),
    "a pendulum of large angles": (lambda x: x - 0.1 * math.sin(x), 3e7),
    "a sound": (lambda f: np.mean(np.sin(2.0 * np.pi * f[:, None] * np.arange(44100) / 4410.0) ** 2), np.array([440.0, 880.0])),
    # coarse numbers
    "float32 inside": (lambda x: np.sum(x.astype(np.float32) ** 2), X),
    "float16 inside": (lambda x: np.sum(x.astype(np.float16).astype(np.float64) ** 2), rng.uniform(0.0, 1.0, 100)),
    "float16 inside float32": (lambda x: np.sum(x.astype(np.float16).astype(np.float32) ** 2), SINGLE),
    "a long sum of float32": (lambda x: np.sum(x * x), SINGLE),
    "a longer way to it": (lambda x: np.cumsum(x * x)[-1], SINGLE),
    "float16": (lambda x: np.sum(x * x), SINGLE[:50].astype(np.float16)),
    "float16 that overflows": (lambda x: np.sum(x * x), SINGLE[:50].astype(np.float16) * np.float16(200.0)),
    "long double": (lambda x: np.sum(x * x), X.astype(np.longdouble)),
    # the ends of the scale
    "underflow": (lambda x: np.sum(x * x), X * 1e-200),
    "denormal": (lambda x: np.sum(x * 3.0), X * 1e-310),
    "nearly overflow": (lambda x: np.sum(x * 1e100), X * 1e200),
    "a slope that overflows": (lambda x: np.sum(np.exp(x * 1.01)), np.array([0.5, 700.0])),
    "all sizes": (lambda x: np.sum(np.log(x)), np.array([1e300, 1e-300, 1.0])),
    "a log of a denormal": (lambda x: np.sum(np.log(x)), np.array([0.5, 1e-320])),
    "NaN that is left out": (lambda x: np.sum(np.where(np.isnan(x), 0.0, x * x)), np.array([1.0, np.nan, 3.0])),
    "infinity that is left out": (lambda x: np.sum(np.where(np.isinf(x), 0.0, x * x)), np.array([1.0, np.inf, 3.0])),
    "infinity that counts": (lambda x: np.sum(np.tanh(x)), np.array([1.0, np.inf, 3.0])),
    "NaN": (lambda x: np.sum(x * x), np.array([1.0, np.nan, 3.0])),
    "softplus": (lambda x: np.sum(np.logaddexp(0.0, x)), np.array([800.0, -800.0])),
    # ill-conditioned
    "an inverse of nearly rank 1": (lambda x: np.sum(np.linalg.inv(x)), np.eye(3) * 1e-10 + np.ones((3, 3))),
    "Hilbert's matrix": (lambda a, b: np.sum(np.linalg.solve(a, b)), HILBERT, np.ones(10)),
    "a small determinant": (lambda x: np.linalg.det(x), np.array([[1.0, 2.0], [2.0, 4.0000001]])),
    # what does not depend, or has no numbers
    "a constant": (lambda x: 3.0 + 0.0 * np.sum(x), X),
    "no argument": (lambda x: 3.0, X),
    "no element": (lambda x: np.sum(x * x), np.zeros(0)),
    "no axis": (lambda x: x * x, np.array(2.0)),
    "a NumPy scalar": (lambda x: x * x, np.float32(2.0)),
})


@case(np.array([37.0, 0.0]))
def softmax_loss(z):
    e = np.exp(z - np.max(z))
    p = e / np.sum(e)
    return -np.log(p[0])


@case(3.7)
def logistic_map(x):
    y = 0.3
    for _ in range(60):
        y = x * y * (1.0 - y)
    return y


@case(2.0)
def newton_that_stops(a):
    x = 1.0
    for _ in range(100):
        d = (x * x - a) / (2.0 * x)
        x = x - d
        if abs(d) < 1e-12:
            break
    return x


@case(5e7)
def cubes_that_cancel(x):
    y = x
    for _ in range(6):
        y = math.sqrt(y * y + x * x) - x ** 3 * 0.1
    return y
