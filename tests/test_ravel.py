"""`ravel`: parameters as a vector, and back; inside of functions that are differentiated too."""

import pickle
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from ad_compiler import grad, ravel, value_and_grad, vjp


class Layer(NamedTuple):
    w: object
    b: object


@dataclass
class Net:
    layers: list
    scale: float
    name: str


def net():
    rng = np.random.default_rng(0)
    return Net([Layer(rng.normal(size=(2, 3)), rng.normal(size=2)), Layer(rng.normal(size=(1, 2)), np.array(0.3))], 1.5,
               "net")


def loss(p, x):
    h = x
    for layer in p.layers:
        h = np.tanh(layer.w @ h + layer.b)
    return p.scale * np.sum(h * h)


X = np.array([0.3, -0.8, 1.1])


def test_there_and_back():
    tree = {"a": np.arange(4.0).reshape(2, 2), "b": [0.5, 3, np.float32(2.0)], "c": (np.ones(0), None, np.array(7.0))}
    vector, unravel = ravel(tree)
    np.testing.assert_array_equal(vector, [0.0, 1.0, 2.0, 3.0, 0.5, 2.0, 7.0])
    back = unravel(vector)
    np.testing.assert_array_equal(back["a"], tree["a"])
    assert back["b"] == [0.5, 3, 2.0]
    assert [type(x) for x in back["b"]] == [float, int, np.float32]
    assert back["c"][0].shape == (0,)
    assert back["c"][1] is None
    assert type(back["c"][2]) is np.ndarray
    assert back["c"][2].shape == ()


def test_what_comes_back_is_memory_of_its_own():
    tree = [np.ones(2)]
    vector, unravel = ravel(tree)
    back = unravel(vector)
    back[0][0] = 5.0
    assert vector[0] == tree[0][0] == 1.0


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_gradient_as_a_vector(backend):
    p = net()
    vector, unravel = ravel(p)

    def of_vector(v):
        return loss(unravel(v), X)
    value, found = value_and_grad(of_vector, backend=backend)(vector)
    want, _ = ravel(grad(loss)(p, X))
    np.testing.assert_allclose(found, want, rtol=1e-10)
    assert np.isclose(value, loss(p, X))
    for n in range(len(vector)):
        step = np.zeros(len(vector))
        step[n] = 1e-6
        slope = (of_vector(vector + step) - of_vector(vector - step)) / 2e-6
        np.testing.assert_allclose(found[n], slope, rtol=1e-5, atol=1e-8)


def test_cotangents_of_a_structure():
    p = net()
    vector, unravel = ravel(p)
    _, pullback = vjp(unravel, vector)
    np.testing.assert_array_equal(pullback(p)[0], vector)


def test_single_precision():
    vector, unravel = ravel([np.ones(2, np.float32), np.float32(2.0)])
    assert vector.dtype == np.float32
    mixed, back = ravel([np.ones(2, np.float32), 2.0])
    assert mixed.dtype == np.float64
    found = grad(lambda v: np.sum(back(v)[0]) * back(v)[1])(mixed)
    np.testing.assert_allclose(found, [2.0, 2.0, 2.0])
    assert unravel(vector)[0].dtype == np.float32


def test_nothing():
    vector, unravel = ravel({"n": 3})
    assert vector.shape == (0,)
    assert unravel(vector) == {"n": 3}


def test_another_length():
    _, unravel = ravel([np.ones(2)])
    for wrong in (np.ones(3), np.ones((2, 1)), 1.0):
        with pytest.raises(ValueError, match=r"of shape \(2,\)"):
            unravel(wrong)
    with pytest.raises(ValueError, match="shape"):
        grad(lambda v: np.sum(unravel(v)[0]))(np.ones(3))


def test_it_pickles():
    vector, unravel = ravel({"w": np.ones((2, 2)), "n": 3})
    assert pickle.loads(pickle.dumps(unravel))(vector)["n"] == 3
