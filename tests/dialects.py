"""The Numba dialect beside NumPy's, over all test functions: what it compiles is equal to rounding, the rest is refused.

    python -m tests.dialects [--shard 0/2] [--parallel] [NAME ...]

Prints a line for each function that is refused or wrong, then counts.  Compiling takes a second or two for each, so the
test suite runs a sample; this runs all.  `--parallel`: on several threads, loops that are too short for that included.
Exit status 1 where anything is wrong or crashes.
"""

import argparse
import copy
import importlib
import pkgutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import tests.corpus
from ad_compiler import CannotDifferentiate, value_and_grad
from tests.fd import assert_kind, leaves, same


class Program(NamedTuple):
    """A function, and arguments to differentiate it at."""

    name: str
    func: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: Any
    kwargs: dict[str, Any]


def programs() -> Iterator[Program]:
    """The corpus, and the published-style kernels."""
    for found in pkgutil.iter_modules(tests.corpus.__path__):
        importlib.import_module(f"tests.corpus.{found.name}")
    from tests.corpus.base import CASES
    from tests.kernels.test_kernels import KERNELS, arguments

    names = Counter(str(case) for case in CASES)
    for at, case in enumerate(CASES):
        name = f"corpus.{case}" if names[str(case)] == 1 else f"corpus.{case}.{at}"
        yield Program(name, case.func, case.args, case.argnums, case.kwargs)
    for name, kernel in KERNELS.items():
        yield Program(f"kernels.{name}", kernel.func, arguments(name), kernel.argnums, {})


def compare(program: Program, *, parallel: bool = False) -> str:
    """"right", or what is not; raises `CannotDifferentiate` where Numba's is refused."""
    func, args, argnums, kwargs = program.func, program.args, program.argnums, program.kwargs
    want_value, want = value_and_grad(func, argnums)(*copy.deepcopy(args), **copy.deepcopy(kwargs))
    given = copy.deepcopy((args, kwargs))
    compiled = value_and_grad(func, argnums, backend="numba", parallel=parallel)
    value, got = compiled(*given[0], **given[1])
    if not same(given, (args, kwargs)):
        return "the arguments have changed"
    again = compiled(*given[0], **given[1])
    if not same(again, (value, got)):
        return "a second call gives something else"
    single = any(getattr(x, "dtype", None) == np.float32 for x in leaves([*args, *kwargs.values()]))
    rtol = 2e-4 if single else 1e-8
    if not np.allclose(value, want_value, rtol=rtol, atol=rtol, equal_nan=True):
        return f"the value is {value!r}, not {want_value!r}"
    numbers = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    for g, n in zip(got if isinstance(argnums, (tuple, list)) else [got], numbers, strict=True):
        assert_kind(g, args[n])
    scale = max((float(np.max(np.abs(w))) for w in leaves(want) if np.size(w)), default=0.0)
    for g, w in zip(leaves(got), leaves(want), strict=True):
        if np.shape(g) != np.shape(w) or not np.allclose(g, w, rtol=rtol, atol=rtol * scale + 1e-12, equal_nan=True):
            return f"the gradient is {g!r}, not {w!r}"
    return "right"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of names; all where none is given")
    parser.add_argument("--shard", default="0/1", help="the n-th of so many parts: 0/2")
    parser.add_argument("--trace", action="store_true", help="show tracebacks of crashes")
    parser.add_argument("--parallel", action="store_true", help="run loops on several threads, short ones too")
    options = parser.parse_args()
    if options.parallel:
        from ad_compiler.loops import parallel

        parallel.LEAST = parallel.LEAST_SHARED = 0
    at, of = map(int, options.shard.split("/"))
    counts: Counter[str] = Counter()
    for number, program in enumerate(programs()):
        if number % of != at or options.names and not any(n in program.name for n in options.names):
            continue
        began = time.perf_counter()
        try:
            found = compare(program, parallel=options.parallel)
            word = "right" if found == "right" else "WRONG"
        except CannotDifferentiate as error:
            word, found = "refused", str(error).splitlines()[0]
        except Exception as error:      # noqa: BLE001  (a crash is counted, and fails the command)
            word, found = "CRASHED", f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
            if options.trace:
                traceback.print_exc()
        counts[word] += 1
        if word != "right" or options.names:
            print(f"{word:8} {program.name}: {found[:300]} ({time.perf_counter() - began:.1f} s)", flush=True)
    print(", ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 1 if counts["WRONG"] or counts["CRASHED"] else 0


if __name__ == "__main__":
    sys.exit(main())
