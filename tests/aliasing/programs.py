"""Programs in which several names stand for one memory: who writes, through which view, and who reads when.

`programs()` gives them all, always the same ones; `sampled(count, seed)` draws others, with two writers each.

>>> print(programs()[2].name)
item-tail-view_taken_after-local-through-1d
>>> print("def" + programs()[2].text.partition("def")[2])
def f(x, v, w):
    a = x * 1.0
    t = a[1:]
    t[0] = w
    u1 = a[::-1]
    return np.sum(u1 * u1 * K[:u1.shape[0]])
<BLANKLINE>
"""

from __future__ import annotations

import functools
import random
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.aliasing.paths import PATHS, Path
from tests.aliasing.readers import READERS, Reader, written_out
from tests.aliasing.writers import WRITERS, Writer

ORIGINS = {
    "argument": "",
    "named": "a = x",
    "local": "a = x * 1.0",
    "copied": "a = x.copy()",
    "turned": "a = (x * 1.0)[::-1]",
    "stored": "a = np.zeros_like(x)\na[...] = x",
}
HEAD = """\
import contextlib
import copy
import functools
import operator
import types

import numpy as np

K = np.linspace(0.5, 1.5, 24)
L = np.linspace(1.0, 0.3, 24)
"""
PAIRS = 300             # programs with two writers in the matrix


Numbers = list[np.ndarray]      # x, v and w, apart from how they lie in memory


class Shape(NamedTuple):
    """The shape of `x` and how it lies in memory."""

    shape: tuple[int, ...]
    layout: str
    seed: int

    def numbers(self) -> Numbers:
        """No two elements alike, and none near 0, 0.1 or 0.5, where programs branch."""
        rng = np.random.default_rng([self.seed, *self.shape])
        grid = np.arange(-0.35, 1.4, 0.06)
        grid = grid[np.min(np.abs(grid[:, None] - [0.0, 0.1, 0.5]), axis=1) > 0.025]
        size = int(np.prod(self.shape))
        x = rng.permutation(grid)[:size] + rng.uniform(-0.01, 0.01, size)
        return [x.reshape(self.shape), np.array([0.93, 0.37, 1.21]) + rng.uniform(-0.02, 0.02, 3),
                np.array(0.83 + rng.uniform(-0.02, 0.02))]

    def make(self, numbers: Numbers) -> tuple[np.ndarray, np.ndarray, float]:
        """New arguments that hold the numbers."""
        x, v, w = numbers
        turned = (slice(None, None, -1),) * x.ndim
        lying = {"C": np.empty(self.shape), "F": np.empty(self.shape[::-1]).T, "reversed": np.empty(self.shape)[turned],
                 "strided": np.empty((*self.shape, 2))[..., 0]}[self.layout]
        lying[...] = x
        return lying, v.copy(), float(w)


SHAPES = {1: ((8,), (5,)), 2: ((4, 3), (3, 3))}
LAYOUTS = ("C", "F", "reversed", "strided")


@dataclass(frozen=True)
class Program:
    """A module with a function `f(x, v, w)`, and the shapes to try it with, one after the other."""

    name: str
    writer: str
    path: str
    reader: str
    text: str
    shapes: tuple[Shape, ...]

    def __str__(self) -> str:
        return self.name


def shapes_of(name: str, ndim: int) -> tuple[Shape, ...]:
    """Most programs are tried with one shape in the usual layout; some with others too."""
    rng = random.Random(name)
    large, small = SHAPES[ndim]
    first = Shape(large, rng.choice(LAYOUTS) if rng.random() < 0.15 else "C", 1)
    if rng.random() < 0.25:
        return first, Shape(rng.choice((large, small)), rng.choice(LAYOUTS), 2)
    return (first,)


def indented(text: str, depth: int = 1) -> str:
    return textwrap.indent(text, "    " * depth)


def placed(path: Path, target: str, writer: Writer, ndim: int) -> str:
    """The statements of a path with those of the writer in their place."""
    statements = (writer.flat if path.target_ndim(ndim) == 1 else writer.deep).replace("$", target)
    return "\n".join(textwrap.indent(statements, line[:-3]) if line.strip() == ">>>" else line
                     for line in path.body.split("\n"))


def fits(writer: Writer, path: Path, ndim: int) -> bool:
    axes = path.target_ndim(ndim)
    return ndim in path.ndims and (writer.flat if axes == 1 else writer.deep) is not None and (
        axes > 0 or writer.name in ("iadd", "imul_self"))


def build(writers: list[Writer], paths: list[Path], reader: Reader, origin: str, ndim: int, *, under: bool = False,
          direct: bool = False, early: bool = False) -> Program | None:
    """One program; None where it is no Python.

    `under`: what is written is the base, and what is read is the view.  `direct`: the view is written through as it
    stands, and gets no name.  `early`: the view is taken before what is read.
    """
    base = "x" if origin == "argument" else "a"
    first = paths[0]
    direct = direct and not under and not first.around and first.target not in ("t", "@")
    setups, writes, read, axes = [], [], base, ndim
    for number, (writer, path) in enumerate(zip(writers, paths, strict=True)):
        if under and number == 0:
            named = path.setup + f"\nt = {path.target}" if path.target != "t" else path.setup
            setups.append(named.strip("\n"))
            writes.append(placed(Path(""), base, writer, ndim))
            read, axes = "t", path.target_ndim(ndim)
            continue
        target, setup = path.target, path.setup
        if not direct and not path.around and target not in ("t", "@"):
            setup, target = (setup + f"\nt = {target}").strip("\n"), "t"
        if setup:
            (writes if number else setups).append(setup)
        writes.append(placed(path, target, writer, ndim))
    before, after, result = (part.replace("&", read) for part in (reader.before, reader.after, reader.result))
    lines = [ORIGINS[origin]]
    if reader.loop:
        lines += [*(setups if under else []), "r0 = 0.0", f"b0 = {read}" if "b0" in reader.before else ""]
        lines += ["for turn in range(2):", *(indented(part) for part in [before, *([] if under else setups), *writes])]
    else:
        lines += [*setups, before, *writes] if under or early else [before, *setups, *writes]
    lines += [after, f"return {result}"]
    body = "\n".join(part for part in lines if part).replace("@", base)
    helpers = dict.fromkeys([*(w.helpers for w in writers), *(p.helpers for p in paths), reader.helpers])
    text = HEAD + "".join(f"\n\n{part.strip()}\n" for part in helpers if part) + "\n\ndef f(x, v, w):\n" + indented(
        written_out(body, {"x": ndim, base: ndim, "c1": axes - 1}, axes)) + "\n"
    try:
        compile(text, "<program>", "exec")
    except SyntaxError:
        return None
    mode = "under" if under else "direct" if direct else "early" if early and not reader.loop else "through"
    parts = [*(w.name for w in writers), *(p.name for p in paths), reader.name, origin, mode, f"{ndim}d"]
    name = "-".join(parts)
    return Program(name, writers[0].name, first.name, reader.name, text, shapes_of(name, ndim))


def drawn(rng: random.Random, writer: Writer, path: Path, *, under: bool = False) -> Program | None:
    """A program of this writer and this path, with the rest drawn."""
    whole = Path("")
    ndims = [n for n in (1, 2) if n in path.ndims and fits(writer, whole if under else path, n)]
    if not ndims or under and path.around:
        return None
    ndim = rng.choice(ndims)
    axes = path.target_ndim(ndim) if under else ndim
    readers = [r for r in READERS if r.least <= axes] or READERS[:1]
    return build([writer], [path], rng.choice(readers), rng.choice(list(ORIGINS)), ndim, under=under,
                 direct=rng.random() < 0.3, early=rng.random() < 0.3)


def pair(rng: random.Random) -> Program | None:
    """A program of two writers, each through a path of its own."""
    ndim = rng.choice((1, 2))
    paths = [rng.choice([p for p in PATHS if ndim in p.ndims and not p.name.startswith("rebound")]) for _ in range(2)]
    writers = []
    for path in paths:
        fitting = [w for w in WRITERS if fits(w, path, ndim)]
        writers.append(rng.choice(fitting))
    readers = [r for r in READERS if r.least <= ndim]
    return build(writers, paths, rng.choice(readers), rng.choice(list(ORIGINS)), ndim, direct=rng.random() < 0.3,
                 early=rng.random() < 0.3)


def matrix() -> Iterator[Program | None]:
    """The full product of the main lists, samples of the rest, samples of two writers."""
    for writer in WRITERS:
        for path in PATHS:
            rng = random.Random(f"{writer.name} through {path.name}")
            if writer.main and path.main or rng.random() < 0.05:
                yield drawn(rng, writer, path)
    for path in PATHS:
        for reader in READERS:
            rng = random.Random(f"{path.name} read by {reader.name}")
            share = 0.2 if path.main else 0.1
            if rng.random() < share:
                yield drawn(rng, rng.choice(WRITERS), path, under=True)
    rng = random.Random("two writers")
    for _ in range(PAIRS):
        yield pair(rng)


@functools.cache
def programs() -> tuple[Program, ...]:
    """The matrix, each program once."""
    return tuple({one.name: one for one in matrix() if one is not None}.values())


def sampled(count: int, seed: int) -> Iterator[Program]:
    """Other programs with two writers."""
    rng = random.Random(seed)
    while count > 0:
        one = pair(rng)
        if one is not None:
            count -= 1
            yield one
