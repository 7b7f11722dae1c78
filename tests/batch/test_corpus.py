"""Each function of the corpus for a batch, and its gradient, against a loop over the samples."""

import importlib
import pkgutil

import numpy as np
import pytest

import tests.corpus
from ad_compiler import grad
from tests.batch.against import check_vmap
from tests.corpus.base import CASES

for found in pkgutil.iter_modules(tests.corpus.__path__):
    importlib.import_module(f"tests.corpus.{found.name}")


def is_real(x):
    return isinstance(x, (float, np.ndarray, np.floating)) and np.asarray(x).dtype.kind == "f"


def batch_of(case, count):
    """The arguments with so many samples each, near those of the case; and where they stand."""
    rng = np.random.default_rng(5)
    args, in_dims = [], []
    for at, arg in enumerate(case.fresh()[0]):
        if at in case.numbers and is_real(arg):
            x = np.asarray(arg)
            near = [x * (1.0 + 0.03 * rng.uniform(-1.0, 1.0)) for _ in range(count)]
            args.append(np.array(near, dtype=x.dtype).reshape((count, *x.shape)))
            in_dims.append(0)
        else:
            args.append(arg)
            in_dims.append(None)
    return tuple(args), tuple(in_dims)


BATCHED = [c for c in CASES if any(is_real(c.args[n]) for n in c.numbers) and not c.kwargs]


def test_most_of_the_corpus_is_here():
    assert len(BATCHED) > 0.7 * len(CASES)


@pytest.mark.parametrize(("case", "count"), [*((case, 3) for case in BATCHED), *((case, 1) for case in BATCHED[::3])],
                         ids=str)
def test_value(case, count):
    args, in_dims = batch_of(case, count)
    check_vmap(case.func, args, in_dims, count)


@pytest.mark.parametrize("case", BATCHED, ids=str)
def test_gradient(case):
    args, in_dims = batch_of(case, 3)
    numbers = tuple(n for n in case.numbers if is_real(case.args[n]))
    check_vmap(grad(case.func, numbers), args, in_dims, 3, rtol=1e-8)
