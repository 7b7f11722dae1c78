"""Some cells of the table of transforms of transforms; the whole by `python -m tests.transforms.table`."""

import zlib

import numpy as np
import pytest

from ad_compiler import custom_vjp
from tests.groups import in_groups
from tests.transforms.programs import PROGRAMS, Program
from tests.transforms.table import chains, is_expected, verdict


def mixed(cell):
    return zlib.crc32(repr(cell).encode())


CELLS = sorted((cell for cell in ((name, chain) for name in PROGRAMS for chain in chains(3, 40, name))
                if mixed(cell) % 8 == 0), key=mixed)


@in_groups(CELLS, name=lambda cell: f"{cell[0]}: {'/'.join(cell[1])}")
def test_table(cell):
    word = verdict(*cell)
    assert word == "right" or word.startswith("refused") and is_expected(*cell, word), word


@custom_vjp
def wrong_cube(x):
    return x ** 3


@wrong_cube.defvjp
def wrong_cube_vjp(x, *, out, out_bar):
    return 2.0 * x ** 2 * out_bar


@pytest.mark.parametrize("chain", [("grad",), ("vmap", "jvp"), ("linearize",), ("hessian",), ("vmap", "pullback")])
def test_what_is_wrong_is_seen(chain, monkeypatch):
    monkeypatch.setitem(PROGRAMS, "wrong", Program(lambda x: wrong_cube(x) * 1.0, np.array([0.7, 1.2])))
    assert verdict("wrong", chain) not in ("right", "refused")
    monkeypatch.setitem(PROGRAMS, "wrong", Program(lambda x: x ** 3, np.array([0.7, 1.2])))
    assert verdict("wrong", chain) == "right"
