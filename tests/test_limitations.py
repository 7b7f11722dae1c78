"""LIMITATIONS.md is so: each piece of code prints what stands under it."""

import contextlib
import io
import linecache
import re
from pathlib import Path

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad

PAGE = Path(__file__).parents[1] / "LIMITATIONS.md"
PIECE = re.compile(r"```python\n# (?P<file>\w+\.py)\n(?P<code>.*?)```\n\n```text\n(?P<shown>.*?)```", re.DOTALL)
PIECES = {piece["file"]: piece for piece in PIECE.finditer(PAGE.read_text(encoding="utf-8"))}


def show(func, *args):
    """Print the refusal; that there is one is the point."""
    with pytest.raises(CannotDifferentiate) as caught:
        grad(func)(*args)
    print(caught.value)


@pytest.mark.parametrize("file", PIECES)
def test_prints_what_stands_under_it(file, request):
    code = f"# {file}\n{PIECES[file]['code']}"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, file, "exec"), {"__name__": "limitations", "np": np, "grad": grad, "show": show})
    if request.config.getoption("--update-golden"):
        text = PAGE.read_text(encoding="utf-8")
        whole = PIECES[file][0]
        PAGE.write_text(text.replace(whole, whole[:whole.index("```text\n") + 8] + printed.getvalue() + "```"),
                        encoding="utf-8")
    else:
        assert printed.getvalue() == PIECES[file]["shown"]


def test_every_piece_is_found():
    assert len(PIECES) == PAGE.read_text(encoding="utf-8").count("```python") == 11
