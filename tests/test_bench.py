"""The benchmarks: each hand-written adjoint is right, and each command runs."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ad_compiler import value_and_grad

BENCH = Path(__file__).parents[1] / "tools" / "bench"


@pytest.fixture(scope="module")
def workloads():
    sys.path.insert(0, str(BENCH))
    try:
        from workloads import ALL
        yield ALL
    finally:
        sys.path.remove(str(BENCH))


def close(found, wanted):
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * np.max(np.abs(b), initial=1e-300))


def test_ten_workloads(workloads):
    assert len(workloads) >= 10
    for w in workloads.values():
        assert w.sizes[-1] >= 100 * w.sizes[0]
        assert w.functional is not None


@pytest.mark.parametrize("at", range(11))
def test_adjoints_written_by_hand(workloads, at):
    w = list(workloads.values())[at]
    args = w.make(w.sizes[1])
    value, gradients = w.hand(*args)
    ours, found = value_and_grad(w.primal, w.argnums)(*args)
    assert np.isclose(value, ours, rtol=1e-12)
    close(found, gradients)
    if w.hand_loops is not None:
        again, third = w.hand_loops(*args)
        assert np.isclose(again, value, rtol=1e-12)
        close(third, gradients)
    form = w.functional(np)
    assert np.isclose(form(*args), value, rtol=1e-12)
    direction = [np.cos(np.arange(np.size(a)) + 1.0).reshape(np.shape(a)) for a in (args[i] for i in w.argnums)]
    step, moved = 1e-6, []
    for sign in (1.0, -1.0):
        new = list(args)
        for i, d in zip(w.argnums, direction, strict=True):
            new[i] = args[i] + sign * step * d
        moved.append(w.primal(*new))
    slope = sum(np.sum(g * d) for g, d in zip(gradients, direction, strict=True))
    assert np.isclose((moved[0] - moved[1]) / (2 * step), slope, rtol=1e-4, atol=1e-6 * abs(value))


COMMANDS = [
    ["compare.py", "--quick", "--systems", "hand,ours", "--threads=1", "rosenbrock_slices"],
    ["growth.py", "--quick", "rosenbrock_slices"],
    ["compile_time.py", "--longest", "10", "--repeats", "1"],
    ["compile_time.py", "--transforms", "--repeats", "1"],
    ["per_sample.py", "--quick"],
    ["forward.py", "--quick", "16-32-1", "Hessian: Ros", "10,000"],
]
ONE_AFTER_ANOTHER = """
import contextlib, io, json, runpy, sys

bench, commands = json.loads(sys.argv[1])
sys.path.insert(0, bench)
told = []
for name, *rest in commands:
    sys.argv = [f"{bench}/{name}", *rest]
    shown = io.StringIO()
    try:
        with contextlib.redirect_stdout(shown):
            runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        assert not end.code, (name, rest)
    told.append(shown.getvalue())
print(json.dumps(told))
"""


def test_commands(tmp_path):
    """In one process: six would spend most of their time on imports."""
    outs = [tmp_path / str(at) for at in range(len(COMMANDS))]
    commands = [[*command, "--out", str(out)] for command, out in zip(COMMANDS, outs)]
    done = subprocess.run([sys.executable, "-c", ONE_AFTER_ANOTHER, json.dumps([str(BENCH), commands])],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for command, told, out in zip(COMMANDS, json.loads(done.stdout), outs):
        assert "| --- |" in told, command
        assert out.with_suffix(".md").read_text(encoding="utf-8").startswith("| "), command


def test_first_call(tmp_path):
    pytest.importorskip("numba")
    command = [sys.executable, BENCH / "first_call.py", "--repeats", "1", "rosenbrock_slices", "--out", tmp_path / "results"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "| --- |" in done.stdout
    assert (tmp_path / "results.md").read_text(encoding="utf-8").startswith("| ")


def test_bad_names():
    for command in (["compare.py", "nothing"], ["compare.py", "--systems", "nobody"], ["growth.py", "nothing"]):
        done = subprocess.run([sys.executable, BENCH / command[0], *command[1:]], capture_output=True, text=True)
        assert done.returncode == 1
        assert "no " in done.stderr
