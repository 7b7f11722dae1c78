"""Tuples, lists and dicts that are read: packing, unpacking, starred, swaps, parameters kept in containers."""

import math

import numpy as np

from tests.corpus.base import case, normal


@case(0.5, 1.5, argnums=(0, 1))
def packing(a, b):
    pair = a * b, a + b
    s, (t, u) = a, pair
    return s * t + u * pair[0]


@case(0.5, 1.5, 2.5, argnums=(0, 1, 2))
def starred(a, b, c):
    first, *rest = (a, b, c, a * b)
    *init, last = rest
    return first * init[0] + last * init[1] + len(rest) * a


@case(0.5, 1.5, argnums=(0, 1))
def swap(a, b):
    a, b = b, a
    a, b = a * 2, a + b
    return a * a * b


@case(0.5, 1.5, argnums=(0, 1))
def chained_assignment(a, b):
    x = y = a * b
    x = x + 1.0
    return x * y + y


@case(normal(3))
def unpacking_an_array(v):
    x, y, z = v
    return x * y - z * z


@case(normal(2, 2))
def unpacking_a_matrix(m):
    (a, b), (c, d) = m
    return a * d - b * c


@case(0.8)
def a_list_of_terms(x):
    terms = [x, x ** 2, math.sin(x)]
    more = terms + [2.0 * x]
    return more[0] * more[-1] + sum(terms[1:]) + len(more) * x


@case(0.8)
def a_dict_of_terms(x):
    terms = {"linear": x, "square": x * x, 3: x ** 3}
    return terms["linear"] * terms["square"] + terms[3] + terms.get("none", 2.0) * x


@case({"w": normal(3, 2), "b": normal(2, seed=1)}, normal(4, 3, seed=2), second=False)
def a_dict_of_parameters(params, x):
    return np.sum(np.tanh(x @ params["w"] + params["b"]) ** 2)


@case([(normal(2, 3), normal(3, seed=1)), (normal(3, 1, seed=2), normal(1, seed=3))], normal(4, 2, seed=4),
      second=False)
def a_list_of_layers(layers, x):
    h = x
    for w, b in layers:
        h = np.tanh(h @ w + b)
    return h.mean()


@case((0.5, 1.5), second=False)
def a_tuple_of_numbers(p):
    a, b = p
    return a ** 2 * b + p[0]


@case(0.7)
def nested_containers(x):
    data = {"a": [x, (x * 2.0, x ** 2)], "b": {"c": x + 1.0}}
    return data["a"][1][1] * data["b"]["c"] + data["a"][0]


@case(0.7)
def merged(x):
    base = {"gain": 1.0, "bias": x}
    both = {**base, "gain": x * x}
    values = [*both.values(), x]
    return sum(values) * both["gain"]


@case(0.7, [1.0, 2.0, 3.0])
def list_of_constants(x, c):
    return c[0] + c[1] * x + c[2] * x ** 2 + c[-1] * x + sum(c) * x


@case(0.3)
def membership(x):
    names = ("a", "b")
    y = x * 2.0 if "a" in names else x
    return y * y if "z" not in names else y
