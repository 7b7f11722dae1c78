"""Derivatives of one name, kept on disk by many processes: none is taken for another."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ad_compiler import grad

pytestmark = pytest.mark.compiled

MODULE = """
import numba
import numpy as np

from ad_compiler import grad


def loss(x, y):
    return np.sum({a} * x * x * y) + np.sum(np.sin({a} * y))


class Other:
    @staticmethod
    def loss(x, y):
        return np.sum({b} * x * x * y) + np.sum(np.sin({b} * y))


slope = grad(loss, backend="numba")


@numba.njit(cache=True)
def user(x, y):
    return slope(x, y) + 1.0
"""

CHILD = """
import importlib
import json
import os
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np

X, Y = np.array([0.25, 0.5, 1.0]), np.array([2.0, 1.0, 0.5])
sent, threads, jobs = json.loads(sys.argv[1])
found = None
if os.path.exists(sent):
    with open(sent, "rb") as file:
        found = pickle.load(file)

from ad_compiler import grad


def done(job):
    at, arg, dtype = job
    module = importlib.import_module(f"part_{at // 2}")
    if arg == "user":
        return module.user(X, Y).tolist(), sum(module.user.stats.cache_hits.values())
    function = grad(module.Other.loss if at % 2 else module.loss, arg, backend="numba")
    result = function(X, Y.astype(dtype))
    assert result.dtype == (dtype if arg else "f8"), (job, result.dtype)
    compiled = function._last.compiled.emitted.function
    if sent == f"{at}.{arg}.sent" and found is None:
        with open(sent, "wb") as file:
            pickle.dump(compiled, file)
    return result.tolist(), sum(compiled.stats.cache_hits.values())


with ThreadPoolExecutor(threads) as pool:
    results = list(pool.map(done, jobs))
if found is not None:
    results.append((found(X, Y).tolist(), 0))
print(json.dumps(results))
"""

FUNCTIONS = 10
JOBS = [(at, (at + turn) % 2, "f8" if (at // 2 + turn) % 2 else "f4") for turn in range(2) for at in range(FUNCTIONS)]
USERS = [(at, "user", "f8") for at in (0, 2)]


def expected(at, arg, dtype):
    x, y = np.array([0.25, 0.5, 1.0]), np.array([2.0, 1.0, 0.5])
    c = at + 2.0
    return c * x * x + c * np.cos(c * y) if arg == 1 else 2 * c * x * y + (arg == "user")


class Programs:
    """Programs with one store; each compares what it was asked for."""

    def __init__(self, home, store):
        self.home, self.store = home, store

    def start(self, jobs, threads=1, sent=""):
        root = Path(__file__).parents[2]
        return subprocess.Popen([sys.executable, "child.py", json.dumps([sent, threads, jobs])], cwd=self.home,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={
            **os.environ, "AD_COMPILER_CACHE_DIR": str(self.home / self.store),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))})

    def check(self, jobs, process):
        """Compare all numbers; how many functions were not compiled."""
        out, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        results = json.loads(out)
        assert len(results) == len(jobs)
        for job, (result, _) in zip(jobs, results):
            assert result == pytest.approx(expected(*job).tolist(), rel=1e-6 if job[2] == "f4" else 1e-12), job
        return sum(hits for _, hits in results)

    def run(self, jobs, received=(), **how):
        return self.check([*jobs, *received], self.start(jobs, **how))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("names")
    for at in range(FUNCTIONS // 2):
        (home / f"part_{at}.py").write_text(MODULE.format(a=2 * at + 2.0, b=2 * at + 3.0))
    (home / "child.py").write_text(CHILD)
    return home


def test_one_store_of_several_runs(home):
    """Compiled functions of the user that call gradients are kept too; one that was compiled is sent on."""
    programs = Programs(home, "several")
    assert programs.run([*JOBS[:10], USERS[0]], sent="1.1.sent") == 0
    assert programs.run([*JOBS[12:], *JOBS[:2], USERS[1]], sent="1.1.sent", received=JOBS[1:2]) == 2
    assert programs.run([*JOBS[::-1], *USERS], threads=4) == len(JOBS) - 2 + len(USERS)
    assert programs.run([*USERS, *JOBS[1::2], *JOBS[::2]]) == len(JOBS) + len(USERS)


def test_one_store_of_processes_at_once(home):
    programs = Programs(home, "at_once")
    some = [*JOBS[:2], JOBS[12]]
    orders = [some[at % 3:] + some[:at % 3] for at in range(8)]
    for jobs, process in [(jobs, programs.start(jobs)) for jobs in orders]:
        programs.check(jobs, process)
    assert programs.run(some) == len(some)


def one():
    def loss(x):
        return np.sum(np.sin(x))
    return loss


def two():
    def loss(x):
        return np.sum(x ** 3)
    return loss


def test_texts_have_module_names_of_their_own():
    names = set()
    for function in one(), two():
        gradient = grad(function, backend="numba")
        gradient.source_for(np.ones(3))
        compiled = gradient._last.compiled.emitted.function
        assert compiled.__name__ == "loss_grad"
        names.add(compiled.__module__)
        done = subprocess.run([sys.executable, "-c", f"import {compiled.__module__} as m; print(m.__name__)"],
                              cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == compiled.__module__
        assert pickle.loads(pickle.dumps(compiled)) is compiled
    assert len(names) == 2


def test_no_other_name_is_that_of_a_text():
    with pytest.raises(ModuleNotFoundError):
        import ad_compiler.jit.texts.other  # noqa: F401


def test_equal_texts_of_different_objects():
    from ad_compiler.jit.texts import run_kept

    text = "import numba\n\n\n@numba.njit\ndef f(x):\n    return x * table[1] + number\n"
    spaces = [{"table": np.array([0.0, by]), "number": by} for by in (2.0, np.inf, 4.0)]
    assert len({run_kept(text, space) for space in spaces}) == 1
    assert len({space["f"].__module__ for space in spaces}) == 3
    assert [space["f"](3.0) for space in spaces] == [8.0, np.inf, 16.0]


def cubes(x):
    return np.sum(x * x * x)


def test_two_processes_that_write_at_the_same_moment():
    gradient, rows, column = grad(cubes, backend="numba"), np.arange(1.0, 4.0), np.arange(1.0, 7.0)[::2]

    def compiled():
        gradient.cache_clear()
        gradient.source_for(rows)
        function = gradient._last.compiled.emitted.function
        return function, function._cache._cache_file

    (first, files), (second, others), (third, _) = compiled(), compiled(), compiled()
    late = []
    write, files._save_data = files._save_data, lambda *what: late.append(what)
    others._load_index = dict       # it was read before the first wrote
    first(rows)
    second(column)
    for what in late:
        write(*what)
    assert third(column).tolist() == (3.0 * column * column).tolist()
    assert third(rows).tolist() == (3.0 * rows * rows).tolist()
    assert sum(third.stats.cache_hits.values()) == 2


def test_nothing_of_another_format_is_found(monkeypatch):
    from ad_compiler.jit import files

    state = files.package_state.__wrapped__
    before = state()
    assert before == state()
    monkeypatch.setattr(files, "FORMAT", files.FORMAT + 1)
    assert before != state()
