"""Random numbers and iterators: what is drawn or taken is gone."""

import itertools
import random

import numpy as np

from tests.validate.effects.base import AGAIN, NOT_AGAIN, REFUSED, effect

RNG = np.random.default_rng(0)
STATE = np.random.RandomState(0)
NUMBERS = iter(range(1000))


def of_numpy(f, *args):
    np.random.seed(1)
    return f, args, lambda: np.random.get_state()[2]


def of_python(f, *args):
    random.seed(1)
    return f, args, lambda: hash(random.getstate())


def of_generator(f, rng, *args):
    return f, (*args, rng), lambda: rng.bit_generator.state["state"]


@effect("np.random.normal", NOT_AGAIN)
def _():
    return of_numpy(lambda x: x * np.random.normal(), 3.0)


@effect("np.random.rand", NOT_AGAIN)
def _():
    return of_numpy(lambda x: np.sum(x * np.random.rand(3)), np.ones(3))


@effect("np.random.seed", NOT_AGAIN)
def _():
    def f(x):
        np.random.seed(3)
        return x * np.random.uniform()
    return of_numpy(f, 3.0)


@effect("np.random.choice", NOT_AGAIN)
def _():
    return of_numpy(lambda x: x * np.random.choice(3), 3.0)


@effect("random.random", NOT_AGAIN)
def _():
    return of_python(lambda x: x * random.random(), 3.0)


@effect("random.gauss", NOT_AGAIN)
def _():
    return of_python(lambda x: x * random.gauss(0.0, 1.0), 3.0)


@effect("random.shuffle of an argument", REFUSED)
def _():
    def f(x, order):
        random.shuffle(order)
        return x * len(order)
    return of_python(f, 3.0, [1, 2, 3])


@effect("Generator: as argument", AGAIN)
def _():
    def f(x, rng):
        return x * rng.normal()
    return of_generator(f, np.random.default_rng(0), 3.0)


@effect("Generator: as argument, in an array", AGAIN)
def _():
    def f(x, rng):
        return np.sum(x * rng.normal(size=3)) * rng.uniform()
    return of_generator(f, np.random.default_rng(0), np.ones(3))


@effect("Generator: as attribute of an argument", AGAIN)
def _():
    class Model:
        def __init__(self, rng):
            self.rng = rng

    def f(x, model):
        return x * model.rng.normal()
    rng = np.random.default_rng(0)
    return f, (3.0, Model(rng)), lambda: rng.bit_generator.state["state"]


@effect("Generator: its method as argument", NOT_AGAIN)
def _():
    def f(x, draw):
        return x * draw()
    rng = np.random.default_rng(0)
    return f, (3.0, rng.normal), lambda: rng.bit_generator.state["state"]


@effect("Generator: as argument, with its method as another", NOT_AGAIN)
def _():
    def f(x, rng, draw):
        return x * draw()
    rng = np.random.default_rng(0)
    return f, (3.0, rng, rng.normal), lambda: rng.bit_generator.state["state"]


@effect("Generator: as argument, and in the closure", NOT_AGAIN)
def _():
    rng = np.random.default_rng(0)

    def f(x, given):
        return x * rng.normal() * given.normal()
    return f, (3.0, rng), lambda: rng.bit_generator.state["state"]


@effect("Generator: as global", NOT_AGAIN)
def _():
    def f(x):
        return x * RNG.normal()
    RNG.bit_generator.state = np.random.default_rng(0).bit_generator.state
    return f, (3.0,), lambda: RNG.bit_generator.state["state"]


@effect("Generator: np.random.Generator.normal(RNG)", NOT_AGAIN)
def _():
    def f(x):
        return x * np.random.Generator.normal(RNG)
    RNG.bit_generator.state = np.random.default_rng(0).bit_generator.state
    return f, (3.0,), lambda: RNG.bit_generator.state["state"]


@effect("Generator: as default", AGAIN)
def _():
    rng = np.random.default_rng(0)

    def f(x, rng=rng):
        return x * rng.normal()
    return f, (3.0,), lambda: rng.bit_generator.state["state"]


@effect("Generator: of self", NOT_AGAIN)
def _():
    class Model:
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def loss(self, x):
            return x * self.rng.normal()
    model = Model()
    return model.loss, (3.0,), lambda: model.rng.bit_generator.state["state"]


@effect("Generator: made inside, seeded", AGAIN)
def _():
    def f(x):
        rng = np.random.default_rng(3)
        return x * rng.normal()
    return f, (3.0,), lambda: None


@effect("Generator: made inside, seeded with None", NOT_AGAIN, steady=False)
def _():
    def f(x):
        return x * np.random.default_rng(None).normal()
    return f, (3.0,), lambda: None


@effect("Generator: made inside, seeded with a variable that is None", NOT_AGAIN, steady=False)
def _():
    def f(x, seed):
        return x * np.random.default_rng(seed).normal()
    return f, (3.0, None), lambda: None


@effect("Generator: made inside, seed=None by name", NOT_AGAIN, steady=False)
def _():
    def f(x):
        return x * np.random.default_rng(seed=None).normal()
    return f, (3.0,), lambda: None


@effect("Generator: made inside, unseeded", NOT_AGAIN, steady=False)
def _():
    def f(x):
        return x * np.random.default_rng().normal()
    return f, (3.0,), lambda: None


@effect("Generator: made inside, of a global Generator", NOT_AGAIN)
def _():
    def f(x):
        return x * np.random.default_rng(RNG).normal()
    RNG.bit_generator.state = np.random.default_rng(0).bit_generator.state
    return f, (3.0,), lambda: RNG.bit_generator.state["state"]


@effect("Generator: made inside, of a global bit generator", NOT_AGAIN)
def _():
    def f(x):
        return x * np.random.Generator(RNG.bit_generator).normal()
    RNG.bit_generator.state = np.random.default_rng(0).bit_generator.state
    return f, (3.0,), lambda: RNG.bit_generator.state["state"]


@effect("SeedSequence: spawn of a global one", NOT_AGAIN, steady=False)
def _():
    seeds = np.random.SeedSequence(0)

    def f(x):
        return x * np.random.default_rng(seeds.spawn(1)[0]).normal()
    return f, (3.0,), lambda: seeds.n_children_spawned


@effect("RandomState: as argument", AGAIN)
def _():
    def f(x, rng):
        return x * rng.normal()
    rng = np.random.RandomState(0)
    return f, (3.0, rng), lambda: rng.get_state()[2]


@effect("RandomState: as global", NOT_AGAIN)
def _():
    def f(x):
        return x * STATE.normal()
    STATE.seed(0)
    return f, (3.0,), lambda: STATE.get_state()[2]


@effect("RandomState: made inside, seeded", AGAIN)
def _():
    def f(x):
        return x * np.random.RandomState(3).normal()
    return f, (3.0,), lambda: None


@effect("random.Random: as argument", AGAIN)
def _():
    def f(x, rng):
        return x * rng.random()
    rng = random.Random(0)
    return f, (3.0, rng), lambda: hash(rng.getstate())


@effect("random.Random: made inside, seeded", NOT_AGAIN)
def _():
    def f(x):
        return x * random.Random(3).random()
    return f, (3.0,), lambda: None


def taken(f, iterator, *args):
    """A trial of which the world is what is left in an iterator, looked at without taking from it."""
    return f, (*args, iterator), lambda: str(getattr(iterator, "__reduce__", lambda: None)())[-40:]


@effect("iterator as argument: iter(list), next", NOT_AGAIN)
def _():
    return taken(lambda x, it: x * next(it), iter([1.0, 2.0, 3.0, 4.0]), 3.0)


@effect("iterator as argument: for", REFUSED)
def _():
    def f(x, it):
        total = 0.0
        for w in it:
            total += w * x
        return total
    return taken(f, iter([1.0, 2.0]), 3.0)


@effect("iterator as argument: sum, list, max, zip", REFUSED)
def _():
    def f(x, it):
        return x * len(list(zip(it, [1, 2])))
    return taken(f, iter([1.0, 2.0, 3.0, 4.0]), 3.0)


for name, make in {"zip": lambda: zip([1.0, 2.0, 3.0, 4.0], [1.0] * 4), "map": lambda: map(float, ["1", "2", "3", "4"]),
                   "enumerate": lambda: enumerate([1.0] * 4), "itertools.count": lambda: itertools.count(),
                   "itertools.chain": lambda: itertools.chain([1.0], [2.0] * 3)}.items():
    def _make(make=make):
        iterator = make()

        def f(x, it):
            next(it)
            return x * x
        return f, (3.0, iterator), lambda: None
    effect(f"iterator as argument: {name}", "iterator")(_make)


def noting_numbers():
    """A generator, and what it has handed out."""
    taken = []

    def numbers():
        for n in range(10):
            taken.append(n)
            yield float(n)
    return numbers(), taken


@effect("generator as argument", NOT_AGAIN)
def _():
    numbers, taken = noting_numbers()

    def f(x, it):
        return x * next(it)
    return f, (3.0, numbers), lambda: list(taken)


@effect("generator as item of a list argument", NOT_AGAIN)
def _():
    numbers, taken = noting_numbers()

    def f(x, its):
        return x * next(its[0])
    return f, (3.0, [numbers]), lambda: list(taken)


@effect("iterator as global: next", NOT_AGAIN)
def _():
    global NUMBERS

    def f(x):
        return x * next(NUMBERS)
    NUMBERS = itertools.count()
    return f, (3.0,), lambda: repr(NUMBERS)


@effect("iterator as global: next under another name", NOT_AGAIN)
def _():
    global NUMBERS
    take = NUMBERS = itertools.count()

    def f(x):
        return x * take.__next__()
    return f, (3.0,), lambda: repr(NUMBERS)


@effect("iterator as global: list(islice)", REFUSED)
def _():
    numbers = itertools.count()

    def f(x):
        return x * len(list(itertools.islice(numbers, 3)))
    return f, (3.0,), lambda: repr(numbers)


@effect("iterator as global: in", REFUSED)
def _():
    numbers = itertools.count()

    def f(x):
        return x * 2.0 if 3 in numbers else x
    return f, (3.0,), lambda: repr(numbers)


@effect("iterator as global: tuple(), sum()", REFUSED)
def _():
    numbers = iter([1.0, 2.0, 3.0])

    def f(x):
        return x * sum(numbers)
    return f, (3.0,), lambda: str(numbers.__reduce__())[-10:]


@effect("iterator as global: np.fromiter", NOT_AGAIN)
def _():
    numbers = iter([1.0] * 100)

    def f(x):
        return x * np.sum(np.fromiter(numbers, float, 2))
    return f, (3.0,), lambda: str(numbers.__reduce__())[-10:]
