"""What is kept on disk is used by a second process where nothing has changed, and by none where something has."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.compiled

HELPER = """
def scaled(x, by=2.0):
    return {factor} * x * by
"""

WORK = """
import os
from math import sin

import numpy as np

import helper
from helper import scaled

K = int(os.environ.get("K", "3"))
G = float(os.environ.get("G", "1.5"))
A = np.linspace(1.0, 2.0, int(os.environ.get("LEN", "4")))
TABLE = {"w": float(os.environ.get("G", "1.5"))}
CHOSEN = np.cos if os.environ.get("CHOSEN") else np.sin


def plain(x):
    return np.sum(x ** 3) * sin(x[0]) + len(x)


def with_helper(x):
    return np.sum(scaled(x) * helper.scaled(x, 3.0))


def integer_global(x):
    s = 0.0
    for k in range(K):
        s += np.sum(x) * x[k % 2]
    return s


def float_global(x):
    return np.sum(x * x) * G


def array_global(x):
    return np.sum(A) * np.sum(x * x)


def chosen(x):
    return np.sum(CHOSEN(x))


def structure(x, n):
    table = np.outer(x, x * x)
    return np.sum(np.sum(table, axis=n) ** 3)


def two(x, y):
    return np.sum(x[1:] * y[1:]) + np.sum(x[:-1] * y[:-1])


def written(x, y):
    x[0] = 2.0 * y[1]
    return np.sum(x * y)


def beyond(x, n):
    return x[n] ** 2


def container(x):
    return np.sum(x * x) * TABLE["w"]


class Model:
    def __init__(self, factor):
        self.factor = factor

    def loss(self, x):
        return self.factor * np.sum(x * x)


MODEL = Model(2.0)


def with_object(x):
    return MODEL.loss(x)


def make(factor):
    def closure(x):
        return factor * np.sum(x * x)
    return closure


closure = make(2.0 if not os.environ.get("G") else 5.0)
"""

CHILD = """
import json, os, sys
import numpy as np
import work
from ad_compiler import CannotDifferentiate, GradFunction, grad

found = []
look = GradFunction._stored
GradFunction._stored = lambda self, args: found.append(look(self, args)) or found[-1]
n = int(os.environ.get("N", "5"))
x, y = np.linspace(0.5, 1.5, n), np.linspace(1.0, 2.0, int(os.environ.get("M", str(n))))
if os.environ.get("SAME"):
    y = x
out = {}
for name, args in dict(plain=(x,), with_helper=(x,), integer_global=(x,), float_global=(x,), array_global=(x,),
                       chosen=(x,), structure=(x, int(os.environ.get("TIMES", "2")) % 2), two=(x, y), written=(x, y),
                       beyond=(x, int(os.environ.get("TIMES", "2"))), container=(x,), with_object=(x,),
                       closure=(x,)).items():
    if name in os.environ.get("LEFT_OUT", "").split():
        continue
    found.clear()
    results = []
    for backend in ("numba", "numpy"):
        try:
            results.append(np.ravel(grad(getattr(work, name), backend=backend)(*args)).tolist())
        except (IndexError, ValueError, CannotDifferentiate) as error:
            results.append(type(error).__name__)
        if backend == "numba":
            stored = found[-1] is not None
    out[name] = [stored, *results]
print(json.dumps(out))
"""

NEVER = {"container", "with_object", "closure"}
"""What depends on objects and cells is read again in every process."""


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """Runs the child in a directory; gives for each function whether its derivative was stored, once it is right."""
    home = tmp_path_factory.mktemp("second")
    (home / "work.py").write_text(WORK)
    (home / "helper.py").write_text(HELPER.format(factor=2.0))
    (home / "child.py").write_text(CHILD)

    def run(*, never=False, **environment):
        """`never`: those too that are compiled anew in each process."""
        root = Path(__file__).parents[2]
        done = subprocess.run([sys.executable, "child.py"], cwd=home, capture_output=True, text=True, check=False, env={
            **os.environ, "AD_COMPILER_CACHE_DIR": str(home / "cache"), "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")])),
            "LEFT_OUT": "" if never else " ".join(NEVER), **environment})
        assert done.returncode == 0, done.stderr
        stored = set()
        for name, (kept, ours, numpys) in json.loads(done.stdout).items():
            assert ours == numpys if isinstance(numpys, str) else ours == pytest.approx(numpys, rel=1e-12), name
            if kept:
                stored.add(name)
        return stored
    run.home = home
    assert run(never=True) == set()
    run.all = run(never=True, G="2.5")      # numbers are read at each call
    return run


def test_a_second_process_finds_them(process):
    assert process.all == {"plain", "with_helper", "integer_global", "float_global", "array_global", "chosen",
                           "structure", "two", "written", "beyond"}
    assert process.all.isdisjoint(NEVER)


def test_globals_that_have_changed(process):
    changed = {"array_global", "chosen", "integer_global"}
    assert process(LEN="7", CHOSEN="1", K="5") - {"array_global"} == process.all - changed
    assert process() - {"array_global"} == process.all - changed


def test_other_arguments(process):
    process(N="3", M="4")
    process(SAME="1", TIMES="3")
    process(TIMES="9")
    assert process() >= {"plain", "structure", "two", "beyond"}


def test_records_that_are_broken(process):
    for at, path in enumerate(sorted((process.home / "cache").glob("*.pickle"))):
        path.write_bytes([path.read_bytes()[:-20], b"", b"not a record"][at % 3])
    assert process() == set()
    assert process() == process.all


def test_texts_that_are_gone(process):
    for path in (process.home / "cache").glob("*.py"):
        path.unlink()
    process(never=True)


def test_a_helper_that_has_changed(process):
    (process.home / "helper.py").write_text(HELPER.format(factor=3.0))
    assert process() == process.all - {"with_helper"}


def test_a_function_that_has_changed(process):
    (process.home / "work.py").write_text(WORK.replace("x ** 3", "x ** 4"))
    assert process() == set()


def test_it_can_be_left_alone(process):
    assert process(AD_COMPILER_STORE="0") == set()
