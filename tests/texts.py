"""What the compiler writes for the programs of the tests: `tools/texts.py` compares it before and after a change.

    python -m tests.texts 0/2

prints a line of JSON for each text of the first of two parts.  A text is made, not run: Numba compiles nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import tempfile
import types
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":      # settings that are read when ad_compiler is imported
    os.environ |= {"AD_COMPILER_STORE": "0", "AD_COMPILER_VERIFY": "0"}

import numpy as np

from ad_compiler import CannotDifferentiate, grad, value_and_grad
from ad_compiler.cache import held_by

ROOT = Path(__file__).parents[1]
DIALECTS: dict[str, dict[str, Any]] = {
    "numpy": {}, "numba": {"backend": "numba"}, "parallel": {"backend": "numba", "parallel": True}}

ONE_IN: dict[str, dict[tuple[str, int], int]] = {
    "aliasing": {("numpy", 1): 1, ("numpy", 2): 8, ("numba", 1): 8, ("numba", 2): 40, ("parallel", 1): 24},
    "random": {("numpy", 1): 1, ("numpy", 2): 6, ("numba", 1): 2, ("numba", 2): 20, ("parallel", 1): 3},
    "corpus": {("numpy", 1): 1, ("numpy", 2): 1, ("numba", 1): 1, ("numba", 2): 6, ("parallel", 1): 2},
    "published": {("numpy", 1): 1, ("numpy", 2): 3, ("numba", 1): 1, ("numba", 2): 12, ("parallel", 1): 2},
}
"""How many of a family's programs are asked for a text of a dialect and an order: all, or one in so many, by name."""
ONE_IN |= {"kernels": ONE_IN["published"], "golden": ONE_IN["corpus"]}


class Program(NamedTuple):
    """A function, and arguments to differentiate it at."""

    name: str
    func: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: Any = 0
    kwargs: Any = types.MappingProxyType({})
    has_aux: bool = False
    make: Callable[..., Any] = value_and_grad


# -- the programs -------------------------------------------------------------------------------------


def from_tests() -> Iterator[Program]:
    """The corpus, what `no_grad` stops, and both sets of kernels."""
    from tests import dialects
    from tests.published.test_kernels import KERNELS

    for name, *rest in dialects.programs():
        yield Program(name, *rest)
    from tests.corpus.nograd import STATED

    for stated in STATED:
        yield Program(f"corpus.stated.{stated}", stated.func, stated.args)
    for kernel in KERNELS:
        yield Program(f"published.{kernel}", kernel.func, kernel.args(), kernel.argnums)


class _Noted(Exception):
    """A test has said what it would compare with a golden text."""


def golden() -> Iterator[Program]:
    """What the tests of golden texts hand to the fixture of that name."""
    from tests.golden import test_golden, test_golden_stores
    from tests.numba.test_parallel import mixture

    found: list[Program] = []

    def note(name: str, func: Any, args: Any, argnums: Any = 0, *, has_aux: bool = False, make: Any = grad,
             differences: bool = True) -> None:
        found.append(Program(f"golden.{name}", func, args, argnums, has_aux=has_aux, make=make))
        raise _Noted

    for module in (test_golden, test_golden_stores):
        for name, test in vars(module).items():
            if name.startswith("test_") and test.__code__.co_varnames[:test.__code__.co_argcount] == ("golden",):
                with contextlib.suppress(_Noted):
                    test(note)
    yield from found
    yield Program("golden.numba_on_threads", mixture, (np.ones((5, 3)), np.ones((4, 3))), (0, 1))


def aliasing() -> Iterator[Program]:
    """Every way to write into every kind of memory."""
    from tests.aliasing.programs import programs
    from tests.numba.drawn import function_of

    for program in programs():
        shape = program.shapes[0]
        yield Program(f"aliasing.{program}", function_of(program.text, f"<aliasing {program}>"),
                      shape.make(shape.numbers()), (0, 1, 2))


def drawn() -> Iterator[Program]:
    """500 programs drawn at random."""
    import numba

    from tests import random_control
    from tests.numba import random_chains, random_parallel, random_programs
    from tests.numba.drawn import function_of

    a, m = np.full(5, 0.5), np.full((3, 3), 0.5)
    for seed in range(150):
        yield Program(f"random.control.{seed}", random_control.written(seed)[1], (a, a, np.ones((5, 5)), 0.4, 4),
                      (0, 1, 2, 3))
        yield Program(f"random.programs.{seed}", random_programs.written(seed)[1],
                      tuple(random_programs.arguments(seed, 4)), (0, 1, 2))
    for seed in range(100):
        chain = function_of(random_chains.Writer(seed).program(), f"<random chain {seed}>")
        yield Program(f"random.chains.{seed}", chain, (m, m), (0, 1))
        shared = function_of(random_parallel.Writer(seed).program(), f"<random parallel {seed}>", prange=numba.prange)
        yield Program(f"random.parallel.{seed}", shared, (np.ones((17, 17)), np.ones((17, 17)), np.ones(17),
                                                          np.zeros(17, int)), (0, 1, 2))


def programs() -> Iterator[Program]:
    """All of them."""
    for family in (from_tests, golden, aliasing, drawn):
        yield from family()


# -- their texts --------------------------------------------------------------------------------------


def asked(program: Program) -> Iterator[tuple[str, int]]:
    """The dialects and orders in which a program is written; a second order only where it has one."""
    numbers = program.argnums if isinstance(program.argnums, (tuple, list)) else (program.argnums,)
    twice = not program.has_aux and all(isinstance(program.args[n], (float, np.floating, np.ndarray)) for n in numbers)
    of_name = zlib.crc32(program.name.encode())
    for (dialect, order), one_in in ONE_IN[program.name.partition(".")[0]].items():
        if of_name % one_in == 0 and (order == 1 or twice):
            yield dialect, order


def along(program: Program) -> Callable[..., Any]:
    """The gradient along one direction, as a function of the same arguments."""
    numbers = program.argnums if isinstance(program.argnums, (tuple, list)) else (program.argnums,)
    gradient = grad(program.func, tuple(numbers))
    weights = [np.cos(np.arange(np.size(program.args[n]))).reshape(np.shape(program.args[n])) for n in numbers]

    def along(*args: Any, **kwargs: Any) -> Any:
        s = 0.0
        for g, w in zip(gradient(*args, **kwargs), weights, strict=False):
            s = s + np.sum(g * w)
        return s
    return along


def text_of(program: Program, dialect: str, order: int) -> str:
    """The text of one dialect and order, made where nothing is known of the function yet.

    In its place stands "refused:" and why, or "error:" and which, where the compiler broke.
    """
    func = program.func if order == 1 else along(program)
    if isinstance(func, types.FunctionType):
        held_by(func).clear()       # else what other arguments have taught of it counts too
    try:
        content = program.make(func, program.argnums, program.has_aux, **DIALECTS[dialect]).source_for(
            *program.args, **program.kwargs)
    except CannotDifferentiate as error:
        content = f"refused: {error}"
    except Exception as error:      # noqa: BLE001  (the compiler broke, which is recorded)
        content = f"error: {type(error).__name__}: {error}"
    content = re.sub(r"\b0x[0-9a-f]{6,}\b", "0x…", content.replace(f"{ROOT}{os.sep}", ""))
    return content.rstrip("\n") + "\n"


def texts(match: str = "", part: int = 0, parts: int = 1) -> Iterator[tuple[str, str]]:
    """Names and texts, of programs whose name contains `match`: one part of them."""
    for number, program in enumerate(programs()):
        if match in program.name and number % parts == part:
            for dialect, order in asked(program):
                yield f"{program.name} {dialect} {order}", text_of(program, dialect, order)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.texts", description=__doc__)
    parser.add_argument("part", nargs="?", default="0/1", help="the n-th of so many parts: 0/2")
    parser.add_argument("--match", default="", help="only programs whose name contains this")
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    with tempfile.TemporaryDirectory(prefix="texts") as folder:
        os.environ["AD_COMPILER_CACHE_DIR"] = folder
        for text in texts(options.match, part, parts):
            print(json.dumps(text))


if __name__ == "__main__":
    main()
