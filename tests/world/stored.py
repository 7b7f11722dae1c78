"""What one process has kept on disk, and others read whose world is not the same.

    python -m tests.world.stored 0 600                          # interpreted
    python -m tests.world.stored 0 100 --each 2 --compiled      # by Numba

Each program is a module of its own.  A first process calls its derivative, and says which were kept.  A second one
imports each of these again and again, each time with another change of the world, and calls it: that is right, or
refused.  It keeps nothing, so that each time the first record is met.  A third one makes changes in turn, and keeps
them; a fourth one, whose world is as at first, meets what is left.  Exit status 1 where anything is wrong.
"""

import argparse
import contextlib
import importlib
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ad_compiler import store, value_and_grad
from ad_compiler.function import CompiledFunction
from tests.numba.strict.interpreter import interpreted
from tests.world.programs import SEES_ALL, Program, derivative, drawn, fits, kept_world, outcome, run, truth

LARGEST = 1e4
"""Slopes of which differences are not to be trusted."""
WAYS = ("at first", "changed", "in turn", "again")


def programs(first: int, end: int) -> dict[int, Program]:
    """Those whose function is found by its name, and of which a gradient is asked."""
    found = {seed: drawn(seed) for seed in range(first, end)}
    return {seed: program for seed, program in found.items()
            if program.asked == "value_and_grad" and program.name.rpartition(", ")[2] in SEES_ALL}


def judge(seed: int, program: Program, changes: tuple[str, ...]) -> str:
    """What this process says of one program."""
    with kept_world():
        sys.modules.pop(f"world_{seed}", None)
        space: dict[str, Any] = vars(importlib.import_module(f"world_{seed}"))
        for change in changes:
            if outcome(lambda change=change: run(change, space))[0] != "value":     # type: ignore[misc]
                return "impossible"
        call = derivative(program, space, backend="numba")
        found, right = outcome(call), truth(program, space)
    if found[0] == "value" and right[0] == "value" and np.max(np.abs(right[1][1])) > LARGEST:
        return "no number"
    if right[0] == "raises" and isinstance(right[1], ArithmeticError) and found[0] == "value":
        return "no number"      # Numba's numbers become infinite
    if found[0] == "refused" or right[0] == "none":
        return "refused" if found[0] == "refused" else "no number"
    return "right" if fits(program, found, right) else f"wrong: {found} is not {right}"


def worlds(way: str, seed: int, program: Program, each: int) -> Iterator[tuple[str, ...]]:
    """The changes that a process makes before each call."""
    rng = random.Random(f"{way} {seed}")
    possible = program.possible
    if way in ("at first", "again"):
        yield ()
    elif way == "changed":
        for change in rng.sample(possible, min(each, len(possible))):
            yield (change,)
    else:
        for _ in range(min(each, len(possible)) // 2):
            yield tuple(rng.sample(possible, min(rng.choice((0, 1, 1, 2)), len(possible))))


def child(way: str, chosen: dict[int, Program], each: int) -> None:
    """Say of each call: the program, what came of the store (given, declined, kept, or nothing: anew), the verdict."""
    value_and_grad(lambda x: x * x, backend="numba")(2.0)       # Numba is imported before the world is kept
    used: list[str] = []
    met: list[str] = []
    look, save, read = CompiledFunction._stored, store.save, store._kept

    def looked(self: Any, args: Any) -> Any:
        found = look(self, args)
        used.append("given" if found is not None else "declined" if met else "")
        return found

    def kept(key: str) -> Any:
        found = read(key)
        if found is not None:
            met.append(key)
        return found

    def saved(key: str, made: Any) -> None:
        save(key, made)
        used.append("kept" if read(key) is not None else "")
    store._kept = kept
    CompiledFunction._stored = looked       # type: ignore[method-assign]
    import ad_compiler.function
    ad_compiler.function.store.save = saved if way != "changed" else lambda key, made: None     # type: ignore[assignment]
    for seed, program in chosen.items():
        for changes in worlds(way, seed, program, each):
            used.clear()
            met.clear()
            word = judge(seed, program, changes)
            told = next((word for word in ("given", "declined", "kept") if word in used), "anew")
            print(f"{seed}\t{told}\t{word}\t{changes}".replace("\n", " "), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("begin", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("--each", type=int, default=20, help="how many changes of the world for one program")
    parser.add_argument("--compiled", action="store_true", help="by Numba, not interpreted")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--only", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    chosen = programs(options.begin, options.end)
    if options.way:
        chosen = {seed: chosen[seed] for seed in map(int, options.only.split(","))} if options.only else chosen
        with contextlib.nullcontext() if options.compiled else interpreted(kept=True):
            child(options.way, chosen, options.each)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for seed, program in chosen.items():
            Path(folder, f"world_{seed}.py").write_text(program.text, encoding="utf-8")
        space = {**os.environ, "AD_COMPILER_CACHE_DIR": str(Path(folder, "cache")),
                 "PYTHONPATH": os.pathsep.join([folder, *sys.path])}
        wrong, only = 0, ""
        for way in WAYS:
            told = [sys.executable, "-W", "ignore", "-m", "tests.world.stored", str(options.begin), str(options.end),
                    "--each", str(options.each), "--way", way, "--only", only, *["--compiled"] * options.compiled]
            done = subprocess.run(told, stdout=subprocess.PIPE, text=True, check=True, env=space)
            lines = [line.split("\t") for line in done.stdout.splitlines()]
            counts = Counter(f"{told} {word.partition(':')[0]}" for _, told, word, _ in lines)
            print(f"{way}: " + "; ".join(f"{count} {word}" for word, count in counts.most_common()), flush=True)
            for seed, _, word, changes in lines:
                if word.startswith("wrong"):
                    wrong += 1
                    print(f"== seed {seed}: {word}\n{chosen[int(seed)].text.rpartition('# --')[2]}# -- {changes}", flush=True)
            if way == "at first":
                only = ",".join(seed for seed, told, *_ in lines if told == "kept")
                if not only:
                    break
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
