"""What is known of a derivative is kept with it: on disk for Numba's, in a pickle."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ad_compiler import CompilerFault, grad, value_and_grad

numba = pytest.importorskip("numba")
pytestmark = [pytest.mark.jit, pytest.mark.compiled]

WORK = """
import numpy as np


def plain(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 3
    return s


def printing(x):
    print("seen")
    return np.sum(x * x)


def raising(x):
    if x[0] > 0.0:
        raise ValueError("no")
    return np.sum(x * x)


def faulty(x):
    return np.sum(np.arctan(x))
"""

CHILD = """
import contextlib, dataclasses, io, itertools, json, sys
import numpy as np
import work
from ad_compiler import CompilerFault, value_and_grad
from ad_compiler.validate import validation

modes, wrong, *names = sys.argv[1:]
if wrong == "wrong":
    import ad_compiler.pipeline
    from ad_compiler.rules import registry

    def slope(x, *, out):
        return 3.0 / (1.0 + x * x)
    slope.__module__ = registry.__name__
    registry._RULES[np.arctan] = dataclasses.replace(registry.lookup(np.arctan), partials=(slope,))

checks, check = [], validation.validated
validation.validated = lambda *args, **kwargs: checks.append(1) or check(*args, **kwargs)
out = {}
for mode, name in itertools.product(modes.split(), names):
    g = value_and_grad(getattr(work, name), backend="numba", check=mode)
    results = []
    shown = io.StringIO()
    for _ in range(2):
        try:
            with contextlib.redirect_stdout(shown):
                value, x_bar = g(np.linspace(0.5, 1.5, 5))
            results.append([float(value), x_bar.tolist()])
        except (CompilerFault, ValueError) as error:
            results.append(f"{type(error).__name__}: {error}")
    out[f"{mode} {name}"] = [results, None if g.checked is None else str(g.checked), len(checks), shown.getvalue().count("seen")]
    checks.clear()
print(json.dumps(out))
"""

SOUND = ("plain", "printing", "raising")


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """`process(modes, *names)` runs the child: of each, results, `.checked`, the number of checks, prints."""
    home = tmp_path_factory.mktemp("store")
    (home / "work.py").write_text(WORK)
    (home / "child.py").write_text(CHILD)
    root = Path(__file__).parents[2]
    environment = os.environ | {"AD_COMPILER_CACHE_DIR": str(home / "cache"), "AD_COMPILER_STORE": "1",
                                "PYTHONDONTWRITEBYTECODE": "1",
                                "PYTHONPATH": os.pathsep.join([str(root), str(home)])}

    def start(modes, *names, wrong=""):
        return subprocess.Popen([sys.executable, "child.py", modes, wrong, *names], cwd=home, text=True, env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(modes, *names, wrong="", started=None):
        with started or start(modes, *names, wrong=wrong) as child:
            out, err = child.communicate()
        assert child.returncode == 0, err
        return {name: tuple(told) for name, told in json.loads(out).items()}
    run.home, run.start = home, start
    return run


@pytest.fixture(scope="module")
def story(process):
    """What one process after another says of functions that are right, and of one that is not."""
    one, two = process("off", *SOUND), process("first", *SOUND, "faulty", wrong="wrong")
    three = process("first always off", *SOUND, "faulty")

    def part(of, mode):
        return {name: of[f"{mode} {name}"] for name in (*SOUND, "faulty") if f"{mode} {name}" in of}
    return {"off": part(one, "off"), "first": part(two, "first"), "again": part(three, "first"),
            "always": part(three, "always"), "off again": part(three, "off")}


X = np.linspace(0.5, 1.5, 5)


@pytest.mark.parametrize("when", ["off", "first", "again", "always", "off again"])
def test_numbers_and_errors_are_the_same(story, when):
    value, x_bar = story[when]["plain"][0][1]
    assert value == pytest.approx(np.sum(X ** 3))
    assert x_bar == pytest.approx(3.0 * X ** 2)
    assert story[when]["plain"][0][0] == story[when]["plain"][0][1]
    assert story[when]["raising"][0] == ["ValueError: no"] * 2
    assert story[when]["printing"][3] == 2


def test_off_checks_nothing(story):
    assert [story["off"][name][1:3] for name in SOUND] == [(None, 0)] * 3


def test_first_after_off_checks_what_was_stored(story):
    assert [story["first"][name][2] for name in SOUND] == [1] * 3
    assert story["first"]["plain"][1].startswith("checked: the value agrees; the slope")
    assert "prints" in story["first"]["printing"][1]
    assert "both raise ValueError" in story["first"]["raising"][1]


def test_the_next_process_knows_it(story):
    for name in SOUND:
        assert story["again"][name][1] == story["first"][name][1]
        assert story["again"][name][2] == 0


def test_always_checks_each_call(story):
    assert [story["always"][name][2] for name in SOUND] == [2] * 3


def test_off_shows_what_is_known(story):
    for name in SOUND:
        assert story["off again"][name][1:3] == (story["first"][name][1], 0)


def test_a_fault_is_raised_in_each_process_that_comes(story):
    results, checked, checks, _ = story["first"]["faulty"]
    assert checks == 1
    assert results[0].startswith("CompilerFault: the derivative of `faulty` is wrong")
    assert checked.startswith("fault: the slope")
    for when in ("again", "always", "off again"):
        again = story[when]["faulty"]
        assert again[0] == results == [results[0]] * 2
        assert again[1] == checked
        assert again[2] == 0


def test_where_the_directory_is_gone_all_is_made_anew(story, process):
    shutil.rmtree(process.home / "cache")
    for child in [process.start("first", "faulty") for _ in range(2)]:
        results, checked, _, _ = process("first", started=child)["first faulty"]
        assert results[0][1] == pytest.approx((1.0 / (1.0 + X * X)).tolist())
        assert checked.startswith("checked: the value agrees")


def cubed(x):
    return np.sum(x ** 3)


def arctan(x):
    return np.sum(np.arctan(x))


def test_a_directory_that_goes_while_it_is_checked(tmp_path, monkeypatch):
    monkeypatch.setenv("AD_COMPILER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("AD_COMPILER_STORE", "1")
    g = grad(cubed, backend="numba")
    g.source_for(X)
    shutil.rmtree(tmp_path / "cache")
    assert g(X) == pytest.approx(3.0 * X ** 2)
    assert g.checked.right


def test_a_known_fault_is_not_compiled_in(wrong_rule, monkeypatch):
    monkeypatch.setenv("AD_COMPILER_STORE", "0")
    wrong_rule()
    g = grad(arctan, backend="numba")
    with pytest.raises(CompilerFault):
        g(X)
    calls = numba.njit(lambda x: g(x)[0])
    with pytest.raises(CompilerFault):
        calls(X)


# -- pickles --------------------------------------------------------------------------------------------


def pickled(g):
    return pickle.loads(pickle.dumps(g))


def test_what_is_known_is_pickled(checks):
    g = value_and_grad(cubed)
    g(X)
    g(np.ones((2, 3)))
    other = pickled(g)
    assert other.checked.right
    assert other(X)[0] == g(X)[0]
    assert other(np.ones((2, 3)))[0] == 6.0
    assert len(checks) == 2
    assert other(np.ones(()))[0] == 1.0
    assert len(checks) == 3
    assert pickled(pickled(other)).checked.right


def test_a_fault_is_pickled(checks, wrong_rule):
    wrong_rule()
    g = grad(arctan)
    with pytest.raises(CompilerFault) as first:
        g(X)
    other = pickled(g)
    with pytest.raises(CompilerFault) as again:
        other(X)
    assert str(again.value) == str(first.value)
    assert str(pickle.loads(pickle.dumps(first.value))) == str(first.value)
    assert len(checks) == 1


def test_what_was_never_checked_is_pickled_too(checks):
    other = pickled(grad(cubed, check="always"))
    assert other.checked is None
    assert other(X) == pytest.approx(3.0 * X ** 2)
    assert other(X) == pytest.approx(3.0 * X ** 2)
    assert len(checks) == 2
