"""What one process has kept on disk, and another reads whose world is not the same.

    python -m tests.world.stored 0 40

Each program is a module of its own.  A first process calls its derivative for Numba; a second one imports it, changes the
world, and calls it too: that is right, or refused.  A third one changes nothing.  Exit status 1 where anything is wrong.
"""

import importlib
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from ad_compiler import store, value_and_grad
from tests.world.programs import SEES_ALL, Program, derivative, drawn, fits, kept_world, outcome, run, truth


def programs(first: int, end: int) -> dict[int, Program]:
    """Those whose function is found by its name, and of which a gradient is asked."""
    found = {seed: drawn(seed) for seed in range(first, end)}
    return {seed: program for seed, program in found.items()
            if program.asked == "value_and_grad" and program.name.rpartition(", ")[2] in SEES_ALL}


def judge(seed: int, program: Program, change: bool) -> str:
    """What a process says of one program; how many records it read."""
    with kept_world():
        space: dict[str, Any] = vars(importlib.import_module(f"world_{seed}"))
        if change and outcome(lambda: run(program.change, space))[0] != "value":
            return "impossible"
        call = derivative(program, space, backend="numba")
        found, right = outcome(call), truth(program, space)
    if found[0] == "refused":
        return "refused"
    return "right" if fits(program, found, right) else f"wrong: {found} is not {right}"


def main() -> int:
    first, end = map(int, sys.argv[1:3])
    chosen = programs(first, end)
    if len(sys.argv) > 3:
        value_and_grad(lambda x: x * x, backend="numba")(2.0)       # Numba is imported before the world is kept
        loaded: list[Any] = []
        load = store.load
        store.load = lambda key: loaded.append(found) or found if (found := load(key)) is not None else None
        for seed, program in chosen.items():
            before = len(loaded)
            word = judge(seed, program, sys.argv[3] == "changed")
            print(f"{seed} {'kept' if len(loaded) > before else 'new'} {word}".replace("\n", " "), flush=True)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for seed, program in chosen.items():
            Path(folder, f"world_{seed}.py").write_text(program.text, encoding="utf-8")
        space = {**os.environ, "AD_COMPILER_CACHE_DIR": str(Path(folder, "cache")),
                 "PYTHONPATH": os.pathsep.join([folder, *sys.path])}
        wrong = 0
        for way in ("at first", "changed", "again"):
            done = subprocess.run([sys.executable, "-W", "ignore", "-m", "tests.world.stored", str(first), str(end), way],
                                  capture_output=True, text=True, check=True, env=space)
            lines = done.stdout.splitlines()
            counts = Counter(" ".join(line.split()[1:3]) for line in lines)
            print(f"{way}: " + "; ".join(f"{count} {word}" for word, count in counts.most_common()))
            for line in lines:
                if " wrong" in line:
                    wrong += 1
                    print(line, chosen[int(line.split()[0])].change)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
