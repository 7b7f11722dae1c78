"""Memory: a derivative changes nothing that the function does not change, and what it gives stays as it was given.

    python -m tests.world.memory
    python -m tests.world.memory --backend numba            # also by `python -m tests.numba.strict`

Of each function of the corpus and of the tables of stores, and each thing that can be asked of it.  What came out is
held while the derivative is called with other numbers, while the arguments are written into, and is itself written into:
the next call must give what the first one gave.  Prints what is wrong; exit status 1 where anything is.
"""

from __future__ import annotations

import argparse
import copy
import importlib
import pkgutil
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import tests.corpus
from ad_compiler import CannotDifferentiate, grad, jacrev, jvp, value_and_grad, vjp, vmap
from tests.corpus.base import CASES
from tests.fd import leaves, same
from tests.stores import indexed, loops, through, writers

for found in pkgutil.iter_modules(tests.corpus.__path__):
    importlib.import_module(f"tests.corpus.{found.name}")

WIDTH = 40
A, B = np.array([2.0, 3.0, 4.0]), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
HELD = {"a": np.array([1.0, 2.0, 3.0]), "list": [np.array([3.0, 2.0, 1.0])]}
WORLD = (A, B, HELD["a"], HELD["list"][0])
X, Y = np.array([1.5, 0.5, 2.5]), np.array([0.25, 1.25, 2.25])

SLOPES = [      # of which a gradient is memory that is there already, if one is not careful
    (lambda x: np.sum(x * A), (X,)), (lambda x: x @ A, (X,)), (lambda x, y: x @ y, (X, Y)),
    (lambda x: np.sum(B * x), (np.ones((2, 3)),)), (lambda x: np.sum(x * HELD["a"]), (X,)),
    (lambda x: np.sum(x * HELD["list"][0]), (X,)), (lambda x: np.sum(x), (X,)), (lambda x: x[0] * A[1], (X,)),
    (lambda x: np.sum(B @ x), (X,)), (lambda x: np.sum(x * B[0]), (X,)), (lambda x: np.sum(x * B.T[:, 1]), (X,)),
    (lambda x: np.sum(np.outer(x, A)[0]), (X,)), (lambda x: np.sum(x.reshape(3, 1) * A.reshape(3, 1)), (X,)),
    (lambda x, y: np.sum(x * y), (X, X)), (lambda x: np.sum(np.where(A > 2.5, x, A)), (X,)),
    (lambda x: sum(a * b for a, b in zip(x, A)), (X,)), (lambda x: np.sum(x) * 0.0, (X,)), (lambda x: 3.0, (X,)),
    (lambda x: np.sum(x[0] * A) + np.sum(x[1] * A), ([X, Y],)), (lambda x: x["p"] @ x["q"], ({"p": X, "q": Y},)),
    (lambda x, y=A: np.sum(x * y), (X,)), (lambda x: np.sum(x.T * B.T), (np.ones((2, 3)),)),
    (lambda x: np.sum(np.broadcast_to(x, (2, 3)) * B), (X,)), (lambda x: np.sum(x.ravel() * B.ravel()), (np.ones((2, 3)),)),
]


Function = tuple[str, Any, tuple[Any, ...], dict[str, Any], tuple[int, ...]]


def functions() -> Iterator[Function]:
    """Name, function, arguments, keywords and the arguments that a gradient is asked for."""
    for case in CASES:
        yield case.id, case.func, case.args, case.kwargs, case.numbers
    for at, (f, args) in enumerate(SLOPES):
        yield f"slope {at}", f, args, {}, tuple(range(len(args)))
    for module in (indexed, loops, through, writers):
        for each in module.CASES:
            yield f"{module.__name__}.{each.func.__name__}", each.func, each.make(), {}, (0,)


def arrays_in(thing: Any) -> list[Any]:
    """The arrays in a structure."""
    return [leaf for leaf in leaves(thing) if isinstance(leaf, np.ndarray)]


def asked(f: Any, numbers: tuple[int, ...], **options: Any) -> dict[str, Callable[..., Any]]:
    """What can be asked of a function, each as a function of its arguments."""
    argnums = numbers[0] if len(numbers) == 1 else numbers
    gradient = grad(f, argnums=argnums, check="off", **options)
    found: dict[str, Callable[..., Any]] = {
        "grad": gradient, "value_and_grad": value_and_grad(f, argnums=argnums, check="off", **options)}
    if len(numbers) == 1 and numbers[0] == 0:
        found["jvp"] = lambda x, *more, **named: jvp(
            lambda y: f(y, *more, **named), (x,), (tangent_of(x),))
        found["vjp"] = lambda x, *more, **named: vjp(lambda y: f(y, *more, **named), x)[1](1.0)
        found["jacrev of grad"] = jacrev(gradient, check="off") if not options else gradient
        found["vmap"] = lambda x, *more: vmap(value_and_grad(f, check="off"), in_dims=(0, *[None] * len(more)))(
            np.array([x, x]), *more)
    return found


def tangent_of(x: Any) -> Any:
    """A direction like an argument."""
    if isinstance(x, dict):
        return {key: tangent_of(item) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(*map(tangent_of, x)) if hasattr(x, "_fields") else type(x)(map(tangent_of, x))
    return np.ones_like(x) if isinstance(x, np.ndarray) else type(x)(1.0)


def filled(thing: Any) -> None:
    """Write into all arrays of a structure."""
    for array in arrays_in(thing):
        if array.flags.writeable:
            array[...] = 7


def faults(f: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    """What is wrong with the memory of a derivative."""
    found = []
    plain, given = copy.deepcopy((args, kwargs)), copy.deepcopy((args, kwargs))
    f(*plain[0], **plain[1])
    first = call(*given[0], **given[1])
    if not same(given, plain) and not same(given, (args, kwargs)):
        found.append("the arguments are changed")
    kept = copy.deepcopy(first)
    for _ in range(3):
        again = copy.deepcopy((args, kwargs))
        for array in arrays_in(again):
            if array.dtype.kind == "f":
                array *= 0.875
        try:
            call(*again[0], **again[1])
        except (ArithmeticError, ValueError, IndexError, AssertionError):
            pass        # of the function, for other numbers
    if not same(first, kept):
        found.append("a later call changes what an earlier one gave")
    filled(given)
    world = copy.deepcopy(WORLD)
    filled(list(WORLD))
    if not same(first, kept):
        found.append("what was given is memory of the arguments or of the world")
    for array, was in zip(WORLD, world, strict=True):
        array[...] = was
    anew = copy.deepcopy((args, kwargs))
    second = call(*anew[0], **anew[1])
    filled(first)
    if not same(second, kept):
        found.append("two calls give the same memory, or another value")
    last = copy.deepcopy((args, kwargs))
    if not same(call(*last[0], **last[1]), kept):
        found.append("who writes into what was given changes the next call")
    return found


def part_of(part: int, parts: int) -> list[Function]:
    """One of so many parts of the functions."""
    return [each for at, each in enumerate(functions()) if at % parts == part]


def judged(name: str, f: Any, args: tuple[Any, ...], kwargs: dict[str, Any], numbers: tuple[int, ...],
           **options: Any) -> Iterator[tuple[str, list[str] | None]]:
    """What is wrong with each thing that can be asked of a function; None where it is refused."""
    for what, call in asked(f, numbers, **options).items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                yield what, faults(f, call, args, {} if what == "vmap" else kwargs)
            except (CannotDifferentiate, TypeError, ValueError):
                yield what, None
            except Exception as error:      # noqa: BLE001  (no function here raises any)
                yield what, [f"{type(error).__name__}: {error}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", default="numpy")
    parser.add_argument("--shard", default="0/1")
    options = parser.parse_args()
    part, parts = map(int, options.shard.split("/"))
    chosen = part_of(part, parts)
    counts: Counter[str] = Counter()
    more = {} if options.backend == "numpy" else {"backend": options.backend}
    for done, each in enumerate(chosen, 1):
        for what, wrong in judged(*each, **more):
            counts["refused" if wrong is None else "wrong" if wrong else "right"] += 1
            if wrong:
                sys.stderr.write("\r" + " " * (WIDTH + 30) + "\r")
                print(f"{what} of {each[0]}: {'; '.join(wrong)}", flush=True)
        filled_bar = WIDTH * done // len(chosen)
        sys.stderr.write(f"\r[{'#' * filled_bar}{'.' * (WIDTH - filled_bar)}] {done} of {len(chosen)}")
    sys.stderr.write("\n")
    print("; ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
