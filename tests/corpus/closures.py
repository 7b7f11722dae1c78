"""Nested functions, closures and lambdas; data read from globals and closure cells."""

import math

import numpy as np

from tests.corpus.base import case, normal

GAIN = 2.5
OFFSETS = np.array([0.1, -0.4, 0.7])
SETTINGS = {"rate": 0.3, "steps": 3}


def make_quadratic(a, b):
    def quadratic(x):
        return a * x * x + b * x
    return quadratic


case(0.6, id="made")(make_quadratic(2.0, -1.0))


def make_model(weights, activation):
    bias = 0.1

    def model(x):
        h = x
        for w in weights:
            h = activation(w @ h + bias)
        return np.sum(h)
    return model


case(normal(2), id="model")(make_model([normal(3, 2, seed=1), normal(1, 3, seed=2)], np.tanh))


@case(0.6)
def nested_function(x):
    def inner(y):
        return y * x + math.sin(y)
    return inner(2.0) * inner(x)


@case(0.6)
def nested_twice(x):
    k = x * x

    def outer(y):
        def inner(z):
            return z * y + k
        return inner(y) + inner(k)
    return outer(x + 1.0)


@case(0.6)
def closure_sees_rebinding(x):
    y = x

    def current():
        return y * y
    first = current()
    y = x * 3.0
    return first + current()


@case(0.6)
def lambdas(x):
    f, g = lambda t: t * x, lambda t: t + x * x
    return f(2.0) * g(1.0) + (lambda a, b=x: a * b)(x) + (lambda: x)()


@case(0.6)
def lambda_of_lambda(x):
    add = lambda a: lambda b: a * b + a      # noqa: E731
    return add(x)(x * x) + add(2.0)(x)


@case(0.4)
def returns_a_function(x):
    def scaled(factor):
        def f(t):
            return factor * t * t
        return f
    return scaled(x)(x) + scaled(2.0)(x)


@case(normal(3))
def reads_globals(x):
    return np.sum((x - OFFSETS) ** 2) * GAIN + SETTINGS["rate"] * x[0]


@case(0.3)
def settings_from_a_dict(x):
    for _ in range(SETTINGS["steps"]):
        x = x - SETTINGS["rate"] * math.sin(x)
    return x


@case(0.3)
def late_binding(x):
    fs = [lambda t: t * k for k in (1.0, 2.0, 3.0)]
    return fs[0](x) + fs[1](x) + fs[2](x * x)


@case(0.3)
def early_binding(x):
    fs = [lambda t, k=k: t ** k for k in (1, 2, 3)]
    return fs[0](x) + fs[1](x) + fs[2](x)


@case(0.3)
def default_made_at_definition(x):
    y = x * 2.0

    def f(t, scale=y):
        return t * scale
    y = 100.0
    return f(x) + y


case(0.7, id="lambda")(lambda x: x * math.exp(-x))
case(normal(3), normal(3, seed=1), argnums=(0, 1), id="lambda2")(lambda x, y: np.sum(x * y) ** 2)

PAIR = (lambda x: x ** 2, lambda x: x ** 3)
case(0.7, id="first_of_line")(PAIR[0])
case(0.7, id="second_of_line")(PAIR[1])


@case(normal(4))
def a_residual_closure(x):
    knots = np.linspace(0.0, 1.0, 4)

    def residual(i):
        return x[i] - math.cos(knots[i])
    return sum(residual(i) ** 2 for i in range(4))


@case(0.9)
def inner_recursion(x):
    def f(n):
        return x if n == 0 else f(n - 1) * 0.5 + x ** n
    return f(4)
