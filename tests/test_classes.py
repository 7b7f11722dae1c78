"""Objects: dataclasses as arguments, and objects that the function makes."""

import copy
import dataclasses
from dataclasses import dataclass, field

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, register_node, value_and_grad
from tests.fd import check_against_differences
from tests.stores.base import registry, vector, weigh

CASES, case = registry()


@dataclass
class Layer:
    w: np.ndarray
    b: float = 0.5
    name: str = "layer"
    seen: list = field(default_factory=list)

    def __call__(self, x):
        return np.tanh(self.w * x + self.b)

    @property
    def size(self):
        return np.sum(self.w * self.w)

    def scaled(self, by):
        return dataclasses.replace(self, w=self.w * by)


@dataclass(frozen=True)
class Point:
    x: float
    y: float

    def __post_init__(self):
        assert self.x == self.x

    def norm(self):
        return self.x * self.x + self.y * self.y


class Counter:
    """A class that is not a dataclass."""

    step = 2.0

    def __init__(self, start):
        self.total = start
        self.count = 0

    def add(self, value):
        self.total = self.total + self.step * value
        self.count += 1
        return self


class Doubling(Counter):
    def __init__(self, start):
        super().__init__(start * 2.0)

    def add(self, value):
        super().add(value * value)
        return self


@case(vector)
def made_inside(x):
    layer = Layer(x * x)
    layer.b = x[0]
    layer.w[1:] *= 2.0
    other = layer
    other.seen.append(x[1])
    return weigh(layer(x)) + layer.size + layer.scaled(2.0).size * layer.seen[0]


@case(vector)
def default_factories_are_not_shared(x):
    a, b = Layer(x), Layer(x * 2.0)
    a.seen.append(x[0])
    return weigh(a.w + b.w) * (len(a.seen) + 10 * len(b.seen))


@case(vector)
def frozen(x):
    p = Point(x[0], y=x[1])
    q = dataclasses.replace(p, x=p.y * x[2])
    return p.norm() * q.norm()


@case(vector)
def plain_class_in_a_loop(x):
    counter = Counter(x[0])
    for v in x:
        counter.add(v * v)
    return counter.total * counter.count


@case(vector)
def in_arms(x):
    counter = Counter(x[0])
    if x[1] > 1.0:
        counter.add(x[2])
    else:
        counter.total = x[3] ** 2
    return counter.total


@case(vector)
def array_in_two_objects(x):
    a = x * 1.0
    one, two = Layer(a), Layer(a)
    one.w[0] = x[1] ** 2
    two.w += 1.0
    return weigh(one.w) + weigh(a)


@pytest.mark.parametrize(("func", "make"), CASES, ids=[c.func.__name__ for c in CASES])
def test_objects_made_inside(func, make):
    check_against_differences(func, make())


def test_a_dataclass_is_differentiated():
    def loss(layer, x):
        layer.b = layer.b * 2.0
        layer.w[0] *= layer.w[1]
        return np.sum(layer(x)) + layer.size
    layer, x = Layer(vector(), 0.3), vector(seed=5)
    before = copy.deepcopy(layer)
    value, bar = value_and_grad(loss)(layer, x)
    assert np.array_equal(layer.w, before.w)
    assert layer.b == before.b
    assert np.isclose(value, loss(copy.deepcopy(layer), x), rtol=1e-14, atol=0.0)
    w_bar, b_bar = check_against_differences(lambda w, b: loss(Layer(w, b), x), (layer.w, layer.b), (0, 1))
    assert isinstance(bar, Layer)
    assert np.allclose(bar.w, w_bar)
    assert np.isclose(bar.b, b_bar)
    assert (bar.name, bar.seen) == ("layer", [])


def test_dataclasses_in_containers():
    def loss(layers, x):
        for layer in layers["all"]:
            x = layer(x)
        return np.sum(x)
    layers = {"all": [Layer(vector(), 0.3), Layer(vector(seed=2), -0.1)]}
    bar = grad(loss)(layers, vector(seed=5))
    found = check_against_differences(
        lambda v, w: loss({"all": [Layer(v, 0.3), Layer(w, -0.1)]}, vector(seed=5)),
        tuple(layer.w for layer in layers["all"]), (0, 1))
    assert all(np.allclose(layer.w, w_bar) for layer, w_bar in zip(bar["all"], found, strict=True))


def test_integers_are_refused():
    @dataclass
    class Sized:
        w: float
        n: int
    with pytest.raises(CannotDifferentiate, match="integer"):
        grad(lambda s: s.w * s.n)(Sized(1.0, 2))


def test_the_gradient_has_the_class_of_its_argument():
    def f(p):
        return p.x * p.x * p.y
    bar = grad(f)(Point(2.0, 3.0))
    assert bar == Point(12.0, 4.0)
    assert type(bar) is Point


def test_held_constant():
    def f(x, layer):
        return np.sum(layer(x))
    layer = Layer(vector(), 0.3)
    check_against_differences(lambda x: f(x, layer), (vector(seed=6),))
    layer.b = 0.9
    check_against_differences(lambda x: f(x, layer), (vector(seed=6),))


class Model:
    """Two weights that are learnt, a rate that is not."""

    def __init__(self, w, b, rate=0.1):
        self.w, self.b, self.rate = w, b, rate

    def __call__(self, x):
        return np.tanh(self.w * x + self.b) * self.rate


register_node(Model, lambda m: ((m.w, m.b), m.rate), lambda rate, children: Model(*children, rate=rate))


def test_a_registered_class():
    def loss(model, x):
        model.w *= 2.0
        return np.sum(model(x))
    model, x = Model(vector(), 0.3), vector(seed=5)
    bar = grad(loss)(model, x)
    assert type(bar) is Model
    assert bar.rate == 0.1
    w_bar, b_bar = check_against_differences(lambda w, b: loss(Model(w.copy(), b), x), (model.w, model.b), (0, 1))
    assert np.allclose(bar.w, w_bar)
    assert np.isclose(bar.b, b_bar)
    assert np.array_equal(model.w, vector())
    model.rate = 0.7        # the constant part is part of what a derivative is compiled for
    assert np.allclose(grad(loss)(model, x).w, 7.0 * w_bar)


def test_register_node_refuses():
    with pytest.raises(TypeError, match="class"):
        register_node(3, None, None)
    with pytest.raises(ValueError, match="already"):
        register_node(Model, None, None)
    class Odd:
        def __init__(self, w):
            self.w = w
    register_node(Odd, lambda o: ((o.w * 2.0,), None), lambda constant, children: Odd(*children))
    with pytest.raises(CannotDifferentiate, match="none of its attributes"):
        grad(lambda o: o.w * o.w)(Odd(1.0))


class Bag:
    def __init__(self):
        self.items = []

    def __len__(self):
        return len(self.items)


def test_the_truth_of_an_object_is_what_its_class_says():
    def f(x):
        bag = Bag()
        y = x * 2.0 if bag else x * 3.0
        bag.items.append(x)
        return y * x if bag else y
    check_against_differences(f, (1.5,))


@pytest.mark.parametrize("use", [lambda p: p * 2.0, lambda p: np.sin(p), lambda p: sorted([p, p])])
def test_what_only_an_object_can_answer_is_refused(use):
    def f(x):
        use(Counter(x))
        return x * x
    with pytest.raises(CannotDifferentiate):
        grad(f)(1.5)
