"""The directory of compiled derivatives, whatever becomes of it: `python -m tests.store [--kills 200] [--only NAME]`.

Each way runs programs that ask for gradients, in processes of their own with one directory: files that are damaged, or
somebody else's, a disk that is full, functions of one name, processes that write at once, or are killed.  Every number
is compared with central differences, and no process may end by itself with an error; what is compiled again is fine.
"""

import argparse
import contextlib
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]

MODULE = """
import numpy as np


def made():
    found = []
{functions}
    return found


def loss(x, y):
    return np.sum({factor} * x * x * y) + np.sum(np.sin({factor} * y))
"""

FUNCTION = """
    def loss(x, y):
        return np.sum({factor} * x * x * y) + np.sum(np.cos({factor} * x))
    found.append(loss)
"""

PROGRAM = """
import sys

import numpy as np

from ad_compiler import grad

LIMIT, JOBS = {limit}, {jobs}
if LIMIT is not None:
    import resource
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def differences(f, args, at):
    found = []
    for k in range(len(args[at])):
        ends = []
        for step in (1e-6, -1e-6):
            moved = [a.astype("f8") for a in args]
            moved[at][k] += step
            ends.append(f(*moved))
        found.append((ends[0] - ends[1]) / 2e-6)
    return np.array(found)


X, Y = np.array([0.25, 0.5, 1.0]), np.array([2.0, 1.0, 0.5])
for folder, module, number, at, dtype in JOBS:
    sys.path.insert(0, folder)
    sys.modules.pop(module, None)
    found = __import__(module)
    sys.path.pop(0)
    function = found.loss if number is None else found.made()[number]
    args = X.astype(dtype), Y.astype("f4" if dtype == "f8" else "f8")
    result = grad(function, at, backend="numba")(*args)
    wanted = differences(function, args, at)
    assert result.dtype == args[at].dtype, (result.dtype, args[at].dtype)
    assert np.allclose(result, wanted, 1e-4, 1e-4), (function, at, dtype, result, wanted)
print("all right")
"""


class Place:
    """Programs and a directory."""

    def __init__(self, home):
        self.home, self.count, self.runs = Path(home), 0, 0
        self.store = self.home / "store"
        for folder, shift in (("one", 0), ("two", 20)):
            (self.home / folder).mkdir()
            for k, name in enumerate(("first", "second")):
                factor = shift + 10 * k
                functions = "".join(FUNCTION.format(factor=factor + n + 2.0) for n in range(10))
                (self.home / folder / f"{name}.py").write_text(MODULE.format(functions=functions, factor=factor + 1.0))

    def start(self, jobs, limit=None, **environment):
        """A process that does these jobs: folder, module, function (None: the module's own), argument, dtype."""
        self.count += 1
        program = self.home / f"program{self.count}.py"
        told = [(str(self.home / folder), *rest) for folder, *rest in jobs]
        program.write_text(PROGRAM.format(limit=limit, jobs=told))
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        return subprocess.Popen([sys.executable, "-B", "-W", "ignore", str(program)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, cwd=self.home, env={
            **os.environ, "AD_COMPILER_CACHE_DIR": str(self.store), "PYTHONPATH": path, **environment})

    def check(self, process):
        """Wait for a process that must be right."""
        self.runs += 1
        out, errors = process.communicate(timeout=600)
        assert process.returncode == 0, f"exit code {process.returncode}: {errors}"
        assert out.strip() == "all right", out

    def run(self, jobs, **how):
        self.check(self.start(jobs, **how))

    def files(self, ending):
        return sorted(path for path in self.store.rglob(f"*{ending}") if path.is_file())


SOME = [("one", "first", None, 0, "f8"), ("one", "first", None, 1, "f8")]


def cut(path):
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])


def emptied(path):
    path.write_bytes(b"")


def flipped(path):
    content = bytearray(path.read_bytes())
    for at in range(40, len(content), 97):
        content[at] ^= 4
    path.write_bytes(content)


def of_another(path):
    path.write_bytes(pickle.dumps({"somebody": "else's"}))


def as_directory(path):
    path.unlink()
    path.mkdir()


def gone(path):
    path.unlink()


def linked_to_itself(path):
    path.unlink()
    path.symlink_to(path.name)


DAMAGES = [(damage, ending) for ending in (".pickle", ".nbc", ".py")
           for damage in (cut, emptied, flipped, of_another, as_directory, gone, linked_to_itself)]


def damaged(place, damage, ending, jobs=SOME, times=2):
    """Files of one kind are damaged: the program runs after it, so many times."""
    place.run(jobs)
    found = place.files(ending)
    assert found, ending
    for path in found:
        damage(path)
    for _ in range(times):
        place.run(jobs)


def all_damages(place, options):
    for damage, ending in DAMAGES:
        damaged(place, damage, ending)
        shutil.rmtree(place.store)
        tick()


def places(place, options):
    """Where nothing can be written, or all at once not any more."""
    for limit in (0, 50, 2000, 20_000):
        place.run(SOME, limit=limit)
        tick()
    place.run(SOME)
    for limit in (0, 20_000):
        place.run(SOME, limit=limit)
    for where in ("/dev/null", "/proc/none", "/dev/full/none", "."):
        place.run(SOME, AD_COMPILER_CACHE_DIR=where, TMPDIR="/nowhere")
        tick()
    place.run(SOME, AD_COMPILER_STORE="0")


def names(place, options):
    """Functions of one name, in one module, in several, in modules of one name; both arguments, both dtypes."""
    jobs = [(folder, module, number, at, dtype) for folder in ("one", "two") for module in ("first", "second")
            for number in (None, *range(10)) for at in (0, 1) for dtype in ("f4", "f8")]
    random.Random(1).shuffle(jobs)
    for begin in range(0, len(jobs), 22):
        place.run(jobs[begin:begin + 22])
        tick()
    random.Random(2).shuffle(jobs)
    for begin in range(0, len(jobs), 44):
        place.run(jobs[begin:begin + 44])
        tick()


def at_once(place, options):
    """Eight processes write one directory."""
    for turn in range(options.turns):
        shutil.rmtree(place.store, ignore_errors=True)
        jobs = [*SOME, ("two", "first", None, 0, "f8"), ("one", "first", turn % 10, 1, "f4")]
        processes = [place.start(jobs[k % 4:] + jobs[:k % 4]) for k in range(8)]
        if turn % 2:        # and somebody deletes it meanwhile
            time.sleep(3.0)
            shutil.rmtree(place.store, ignore_errors=True)
        for process in processes:
            place.check(process)
        tick()


def kills(place, options):
    """Processes are killed at random moments; the next one finds what they have left."""
    chance = random.Random(options.seed)
    began = time.monotonic()
    place.run(SOME)
    longest = time.monotonic() - began
    for turn in range(options.kills):
        if turn % 4 == 0:
            shutil.rmtree(place.store, ignore_errors=True)
        process = place.start(SOME)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.3, 1.0) * longest)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        out, errors = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), errors
        if turn % 4 == 3:
            place.run(SOME)
        tick()


WAYS = {"damages": all_damages, "places": places, "names": names, "at once": at_once, "kills": kills}


def tick():
    print(".", end="", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--turns", type=int, default=4, help="how often eight processes start at once")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=WAYS)
    options = parser.parse_args()
    wrong = []
    lines = []
    for name, way in WAYS.items():
        if options.only not in (None, name):
            continue
        print(f"{name} ", end="", file=sys.stderr, flush=True)
        began, said = time.monotonic(), "right"
        with tempfile.TemporaryDirectory() as home:
            place = Place(home)
            try:
                way(place, options)
            except AssertionError as error:
                said = f"WRONG: {error}"
                wrong.append(name)
        print(file=sys.stderr)
        lines.append(f"{name:10} {place.runs:5} processes compared {time.monotonic() - began:7.0f} s   {said}")
    print("\n".join(lines))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
