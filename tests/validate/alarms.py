"""Every test program with its derivatives checked: how much is told, what is not, and every alarm.

    python -m tests.validate.alarms [--part kernels random ...] [--at zeros ...] [--order 1 2] [--limit 100] [--jobs 2]

runs `value_and_grad` and `grad` of each program at its own arguments and at others, and prints how many checks came to
which end, then each `CompilerFault` with the program and the arguments.  Exit status 1 where there is one that `KNOWN`
does not name.  `--check full` gives each check all the time it takes.
"""

import argparse
import contextlib
import copy
import importlib
import multiprocessing
import os
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from ad_compiler import CannotDifferentiate, CompilerFault, grad, value_and_grad
from ad_compiler.validate.checked import Checked
from ad_compiler.validate.trees import flatten
from tests import dialects, random_control
from tests.aliasing.check import TooLong, time_limit
from tests.aliasing.programs import programs as aliasing_programs
from tests.dialects import Program
from tests.fd import along
from tests.numba import random_chains, random_programs
from tests.numba.drawn import function_of

OVERFLOW = "the gradient is NaN: zero times the infinity of an exp that overflows"
ROOT = "the gradient is NaN: the slope of a root at zero, times zero"

KNOWN = {
    "bench.elementwise at huge": OVERFLOW,
    "bench.elementwise at tiny": OVERFLOW,
    "bench.lstm at huge": OVERFLOW,
    "control.135 at float32": "the gradient of a float32 argument is float64",
    "corpus.arrays.where at huge": OVERFLOW,
    "corpus.ml.lstm at huge": OVERFLOW,
    "kernels.learning.adam_steps at zeros": ROOT,
    "kernels.learning.lstm at huge": OVERFLOW,
    "published.adam at huge": ROOT,
    "published.adam at zeros": ROOT,
    "published.doitgen at float32": "np.dot(..., out=) of another dtype raises, its derivative does not",
    "published.gru at huge": OVERFLOW,
    "published.lstm at huge": OVERFLOW,
    "w09_lstm.primal at huge": OVERFLOW,
}
"""Derivatives that are known to be wrong: the program and its arguments, and why."""

RANDOM = {"control": 2000, "programs": 2000, "chains": 1000}
"""How many are drawn by each generator."""

SECONDS = 60.0
"""For one program."""

FAULT, REFUSED, ITSELF, CRASHED = "FAULT", "refused", "the program itself raises", "CRASHED"


class Listed(NamedTuple):
    """A program that is made when it is needed."""

    name: str
    make: Callable[[], Program]


class Found(NamedTuple):
    """What came of one call: how it ended, and what is to be said of it."""

    name: str
    at: str
    order: int
    transform: str
    word: str
    detail: str = ""

    @property
    def known(self) -> str:
        return KNOWN.get(f"{self.name} at {self.at}", "")

    @property
    def is_alarm(self) -> bool:
        return self.word in (FAULT, CRASHED) and not self.known

    def __str__(self) -> str:
        known = f"    known: {self.known}\n" if self.known else ""
        return f"{self.word} {self.name}, {self.transform}, order {self.order}, at {self.at}\n{known}    {self.detail}"


# -- programs -------------------------------------------------------------------------------------------


def corpus(prefix: str) -> Iterator[Listed]:
    """Those of `tests.dialects` whose name begins like this."""
    for program in dialects.programs():
        if program.name.startswith(prefix):
            yield Listed(program.name, lambda program=program: program)


def published() -> Iterator[Listed]:
    from tests.published.test_kernels import KERNELS

    for kernel in KERNELS:
        name = f"published.{kernel.name}"
        yield Listed(name, lambda kernel=kernel, name=name: Program(name, kernel.func, kernel.args(), kernel.argnums, {}))


def aliasing() -> Iterator[Listed]:
    for program in aliasing_programs():
        def make(program: Any = program) -> Program:
            func = function_of(program.text, f"<aliasing {program.name}>", __name__="aliasing_program")
            shape = program.shapes[0]
            return Program(f"aliasing.{program.name}", func, shape.make(shape.numbers()), (0, 1, 2), {})
        yield Listed(f"aliasing.{program.name}", make)


def drawn(kind: str, seed: int) -> Program:
    """A random program."""
    name, rng = f"{kind}.{seed}", np.random.default_rng(seed)
    if kind == "control":
        args = (*(0.6 * rng.normal(size=(2, 5))), 0.4 * rng.normal(size=(5, 5)), 0.4, (4, 0, 3)[seed % 3])
        return Program(name, random_control.written(seed)[1], args, (0, 1, 2, 3), {})
    if kind == "programs":
        return Program(name, random_programs.written(seed)[1], tuple(random_programs.arguments(seed, 4)), (0, 1, 2), {})
    func = function_of(random_chains.Writer(seed).program(), f"<random chain {seed}>")
    x, y = rng.normal(size=(2, 3, 3))
    return Program(name, func, (x, x if seed % 4 == 0 else y), (0, 1), {})


def random_ones(first: int, limit: int | None) -> Iterator[Listed]:
    """As many as asked for, the generators in turn."""
    for at in range(max(RANDOM.values())):
        for place, (kind, count) in enumerate(RANDOM.items()):
            if at < (count if limit is None else (limit + len(RANDOM) - 1 - place) // len(RANDOM)):
                yield Listed(f"{kind}.{first + at}", lambda kind=kind, seed=first + at: drawn(kind, seed))


def bench(folder: Path | None, backend: str) -> Iterator[Listed]:
    """The workloads of `tools/bench` at their second size; those of a folder: `primal`, `make`, `W` in each `w*.py`."""
    own = Path(__file__).parents[2] / "tools" / "bench"
    sys.path[:0] = [str(own), *([str(folder)] if folder else [])]
    from workloads import ALL

    for w in ALL.values():
        yield Listed(f"bench.{w.name}", lambda w=w: Program(f"bench.{w.name}", w.primal, w.make(w.sizes[1]), w.argnums, {}))
    for file in sorted(folder.glob("w*.py")) if folder else ():
        module = importlib.import_module(file.stem)
        argnums = getattr(module, "W", getattr(module, "W_", 0))
        for form in ("primal", "primal_nb")[:2 if backend == "numba" else 1]:
            if hasattr(module, form):
                name = f"{file.stem}.{form}"
                yield Listed(name, lambda m=module, form=form, name=name, argnums=argnums: Program(
                    name, getattr(m, form), m.make(), argnums, {}))


def listed(part: str, options: argparse.Namespace) -> list[Listed]:
    """The programs of a part."""
    made = {"corpus": lambda: corpus("corpus."), "kernels": lambda: corpus("kernels."), "published": published,
            "aliasing": aliasing, "random": lambda: random_ones(options.seed, options.limit),
            "bench": lambda: bench(options.bench, options.backend)}[part]()
    found = [one for one in made if options.match in one.name]
    if options.limit is None or options.limit >= len(found):
        return found
    return [found[at] for at in sorted(np.random.default_rng(options.seed).permutation(len(found))[:options.limit])]


PARTS = ("corpus", "kernels", "published", "aliasing", "random", "bench")


# -- arguments ------------------------------------------------------------------------------------------


def scaled(by: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: x * by


PLACES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "given": lambda x: x,
    "zeros": np.zeros_like,
    "ones": np.ones_like,
    "equal": lambda x: np.full_like(x, 0.7),
    "integers": lambda x: np.rint(4.0 * x),
    "tiny": scaled(1e-8),
    "huge": scaled(1e8),
    "float32": lambda x: x.astype(np.float32),
}


def like(x: Any, new: np.ndarray) -> Any:
    """Numbers in what other numbers were in; a Python float stays one."""
    if isinstance(x, np.ndarray):
        return new
    return new[()] if isinstance(x, np.generic) else float(new)


def placed(program: Program, place: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments of the call; of which those that are differentiated are changed, to float32 all."""
    args, kwargs = copy.deepcopy((program.args, program.kwargs))
    if place == "given":
        return args, kwargs

    def changed(thing: Any) -> Any:
        leaves, build = flatten(thing)
        return build([like(x, PLACES[place](np.asarray(x))) for x in leaves])
    numbers = program.argnums if isinstance(program.argnums, (tuple, list)) else (program.argnums,)
    chosen = range(len(args)) if place == "float32" else [n % len(args) for n in numbers]
    return tuple(changed(x) if n in chosen else x for n, x in enumerate(args)), kwargs


# -- checks ---------------------------------------------------------------------------------------------


def along_its_gradient(program: Program) -> Callable[..., Any] | None:
    """The gradient of a program along one direction, as a function; None where it is no plain array or number."""
    numbers = program.argnums if isinstance(program.argnums, (tuple, list)) else (program.argnums,)
    given = [program.args[n] for n in numbers]
    if not all(isinstance(x, (float, np.ndarray, np.floating)) for x in given):
        return None
    rng = np.random.default_rng(3)
    gradient, weights = grad(program.func, argnums=tuple(numbers)), [rng.standard_normal(np.shape(x)) for x in given]
    return along(gradient, weights)


def word_of(checked: Checked | None) -> str:
    """What came out of a check, without its numbers."""
    if checked is None:
        return "not checked"
    told = checked.slope or checked.reason or str(checked)
    asked = f"value {checked.value}, " if checked.value else ""
    return re.sub(r"`[^`]*`", "`...`", re.sub(r"[-+]?\d+(\.\d+)?(e-?\d+)?", "#", asked + f"slope {told}"))


def raises(func: Callable[..., Any], call: tuple[Any, Any]) -> Exception | None:
    """What the program itself raises."""
    args, kwargs = copy.deepcopy(call)
    try:
        func(*args, **kwargs)
    except Exception as error:      # noqa: BLE001  (a program may raise anything)
        return error
    return None


def checked_at(program: Program, func: Any, derivative: Any, place: str) -> tuple[str, str]:
    """How the call of a derivative ended, and what is to be said of it."""
    call = placed(program, place)
    its = raises(func, call)        # compiles what is differentiated inside, which a check has no time for
    args, kwargs = copy.deepcopy(call)
    try:
        derivative(*args, **kwargs)
    except CannotDifferentiate as error:
        return REFUSED, str(error).splitlines()[0]
    except CompilerFault as error:
        derivative.cache_clear()        # it is never used again: the next arguments get one of their own
        return FAULT, str(error).splitlines()[0]
    except Exception as error:      # noqa: BLE001
        if its is not None:
            return ITSELF, ""
        if isinstance(error, (ArithmeticError, RecursionError)):
            return f"the derivative raises {type(error).__name__}, the program does not", ""
        return CRASHED, f"{type(error).__name__}: {error}"
    return word_of(derivative.checked), ""


def look(program: Program, options: argparse.Namespace) -> Iterator[Found]:
    """All calls of one program."""
    mode = "full" if options.check == "full" else "always"      # in the time that a first call has
    for order in options.order:
        func = program.func if order == 1 else along_its_gradient(program)
        if func is None:
            continue
        for transform in (value_and_grad, grad):
            derivative = transform(func, program.argnums, backend=options.backend, check=mode)
            for place in options.at:
                word, detail = checked_at(program, func, derivative, place)
                yield Found(program.name, place, order, transform.__name__, word, detail)
                if word == REFUSED:
                    break


def looked(one: Listed, options: argparse.Namespace) -> list[Found]:
    """As `look`, as far as the time reaches."""
    found: list[Found] = []
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(None):
        warnings.simplefilter("ignore")
        try:
            with time_limit(options.seconds):
                found.extend(look(one.make(), options))
        except TooLong:
            found.append(Found(one.name, "-", 0, "-", f"left after {options.seconds:g} s"))
    return found


# -- the command ----------------------------------------------------------------------------------------


def every(programs: list[Listed], options: argparse.Namespace) -> Iterator[list[Found]]:
    """What came of each program, on several processes."""
    if options.jobs == 1:
        yield from (looked(one, options) for one in programs)
        return
    global _WORK
    _WORK = programs, options
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        yield from pool.imap_unordered(_share, range(len(programs)))


_WORK: Any = None


def _share(at: int) -> list[Found]:
    programs, options = _WORK
    return looked(programs[at], options)


def table(title: str, found: Iterable[Found], places: list[str]) -> Table:
    """How many calls came to which end, by the arguments."""
    counts = Counter((one.word, one.at) for one in found)
    grid = Table(title, *places, "all")
    for column in grid.columns[1:]:
        column.justify = "right"
    words = Counter({word: sum(n for (w, _), n in counts.items() if w == word) for word, _ in counts})
    for word, total in words.most_common():
        grid.add_row(word, *(str(counts[word, place] or "") for place in places), str(total))
    return grid


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m tests.validate.alarms", description=__doc__.splitlines()[0])
    parser.add_argument("--part", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--at", nargs="*", choices=list(PLACES), default=list(PLACES), help="arguments")
    parser.add_argument("--order", nargs="*", type=int, choices=(1, 2), default=[1, 2])
    parser.add_argument("--backend", choices=("numpy", "numba"), default="numpy")
    parser.add_argument("--check", choices=("first", "full"), default="first", help="how much time a check has")
    parser.add_argument("--match", default="", metavar="TEXT", help="only programs whose name contains this")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many programs of each part, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the first random program, and of what is drawn")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for one program")
    parser.add_argument("--bench", type=Path, metavar="DIR", help="a folder with more workloads")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes")
    return parser.parse_args(words)


def main() -> int:
    """The command."""
    os.environ.setdefault("AD_COMPILER_STORE", "0")     # what an earlier process has found is not asked
    options = arguments()
    console, alarms = Console(highlight=False, width=200), []
    for part in options.part:
        found: list[Found] = []
        programs = listed(part, options)
        for several in every(programs, options):
            found += several
            for one in several:
                if one.word in (FAULT, CRASHED):
                    print(one, flush=True)
        for order in options.order:
            console.print(table(f"{part}, order {order}, {len(programs)} programs",
                                [one for one in found if one.order in (0, order)], options.at))
        alarms += [one for one in found if one.is_alarm]
    print(f"{len(alarms)} alarms that are not known")
    return int(bool(alarms))


if __name__ == "__main__":
    sys.exit(main())
