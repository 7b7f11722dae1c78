"""The same text comes out whatever Python's hashes and addresses are; and `tools/texts.py` tells what differs."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = """
import runpy, sys
ballast = [object() for _ in range({ballast})]      # other addresses
sys.argv[1:] = [{part!r}]
runpy.run_module("tests.texts", run_name="__main__")
"""


def started(seed, part):
    script = SCRIPT.format(ballast=seed * 1000, part=part)
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True,
                            env=os.environ | {"PYTHONHASHSEED": str(seed)})


def test_texts_are_the_same():
    running = [started(seed, "38/100") for seed in (1, 2)]
    first, second = (process.communicate()[0] for process in running)
    assert not any(process.returncode for process in running)
    assert first == second
    rows = [json.loads(line) for line in first.splitlines()]
    assert len({name.partition(".")[0] for name, _ in rows}) == 6
    assert {name.split()[1] for name, _ in rows} == {"numpy", "numba", "parallel"}
    assert sum(text.startswith("def ") for _, text in rows) > 30
    assert not [name for name, text in rows if text.startswith("error")]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("texts_tool", ROOT / "tools" / "texts.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_differs_is_told(tool, tmp_path, capsys):
    def texts(**contents):
        return {f"corpus.{name} numpy 1": tool.text(f"corpus.{name} numpy 1", text) for name, text in contents.items()}

    before = texts(same="def f():\n", changed="def g():\n    a\n    b\n", refused="refused: no\n", gone="def h():\n")
    now = texts(same="def f():\n", changed="def g():\n    a\n    c\n", refused="error: KeyError: 1\n", new="def k():\n")
    tool.written(before, tmp_path)
    assert tool.read(tmp_path) == before
    assert tool.differences(tool.read(tmp_path), before) == 0
    assert capsys.readouterr().out == "4 texts are as they were; 0 differ, 0 are new, 0 are gone\n"
    assert tool.differences(tool.read(tmp_path), now) == 4
    told = capsys.readouterr().out
    assert "differs: corpus.changed numpy 1\n    --- before\n    +++ now\n" in told
    assert "\n    -    b\n    +    c\n" in told
    assert "differs: corpus.refused numpy 1 (refused → error)\n" in told
    assert "gone: corpus.gone numpy 1\n" in told
    assert told.endswith("1 texts are as they were; 2 differ, 1 are new, 1 are gone\n")
    assert tool.differences(tool.read(tmp_path / "hashes.txt"), now) == 4
