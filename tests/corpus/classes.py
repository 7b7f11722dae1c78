"""Methods, attributes of objects, dataclasses, named tuples: objects are constants of the program."""

import math
from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.corpus.base import case, normal, spd


class Spring:
    rest = 1.0

    def __init__(self, stiffness, damping=0.1):
        self.stiffness = stiffness
        self.damping = damping

    def force(self, x):
        return -self.stiffness * (x - self.rest)

    def energy(self, x):
        return 0.5 * self.stiffness * (x - self.rest) ** 2

    def step(self, x, v, dt=0.1):
        a = self.force(x) - self.damping * v
        return x + dt * v, v + dt * a

    @property
    def frequency(self):
        return math.sqrt(self.stiffness)

    @staticmethod
    def kinetic(v):
        return 0.5 * v * v

    @classmethod
    def stretched(cls, x):
        return x - cls.rest

    def __call__(self, x):
        return self.energy(x) * self.frequency


SPRING = Spring(4.0)

case(0.7, id="bound")(SPRING.energy)
case(SPRING, 0.7, argnums=1, id="unbound")(Spring.energy)


@case(0.7)
def methods(x):
    return SPRING.energy(x) + SPRING.frequency * x ** 2 + Spring.kinetic(x) * SPRING.stretched(x)


@case(0.7, 0.1, Spring(2.0, 0.3), argnums=(0, 1))
def object_argument(x, v, spring):
    for _ in range(5):
        x, v = spring.step(x, v)
    return spring.energy(x) + spring.kinetic(v)


@case(0.7)
def callable_object(x):
    return SPRING(x) * 2.0


class Layer:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, x):
        return np.tanh(x @ self.w + self.b)


class Network:
    def __init__(self, *layers):
        self.layers = layers
        self.penalty = 0.01

    def loss(self, x):
        h = x
        for layer in self.layers:
            h = layer.forward(h)
        return np.sum(h ** 2) + self.penalty * np.sum(x ** 2)


NETWORK = Network(Layer(normal(3, 4), normal(4, seed=1)), Layer(normal(4, 2, seed=2), np.zeros(2)))
case(normal(2, 3, seed=3), id="network")(NETWORK.loss)


class Gaussian:
    def __init__(self, mean, covariance):
        self.mean = np.asarray(mean)
        self.precision = np.linalg.inv(covariance)

    def log_density(self, x):
        d = x - self.mean
        return -0.5 * d @ self.precision @ d


class Scaled(Gaussian):
    def log_density(self, x):
        return 2.0 * super().log_density(x) + 1.0


@case(normal(3), Gaussian(normal(3, seed=1), spd(3)))
@case(normal(3), Scaled(normal(3, seed=1), spd(3)), id="super")
def likelihood(x, distribution):
    return math.exp(1e-2) * distribution.log_density(x) + np.sum(distribution.mean * x)


@dataclass(frozen=True)
class Rates:
    birth: float
    death: float

    @property
    def net(self):
        return self.birth - self.death


@case(0.5, Rates(1.2, 0.4))
def dataclass_fields(x, rates):
    for _ in range(3):
        x = x + 0.1 * (rates.net * x - rates.death * x * x)
    return x * rates.birth


Point = namedtuple("Point", "x y")


class Body(NamedTuple):
    mass: float
    place: float


@case(0.5, 1.5, argnums=(0, 1))
def named_tuples(a, b):
    p = Point(a, b * b)
    q = Point(y=p.x, x=p.y)
    x, y = q
    return p.x * q.x + y * x


@case(0.4)
def typed_named_tuple(m):
    body = Body(mass=m, place=2.0 * m)
    return body.mass * body.place ** 2 + body[0]


@case(Point(0.5, 1.5), second=False)
def gradient_of_a_named_tuple(p):
    return p.x ** 2 * p.y
