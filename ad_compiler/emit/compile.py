"""From the intermediate form to a function, by way of its text.

The text is what runs: it is compiled under a name of its own that `linecache` knows, so that tracebacks and
pdb show it.

>>> import operator
>>> from ad_compiler.ir import Block, Const
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(operator.mul, Const(2.0), x, kind=FLOAT, hint="y")
>>> block.results = [block.emit(operator.add, y, Const(1), kind=FLOAT)]
>>> emitted = emit(Func("line", [x], block))
>>> print(emitted.text, end="")
def line(x):
    y = 2.0 * x
    return y + 1
>>> emitted.function(3.0)
7.0
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable
from typing import Any

from ad_compiler.derivative import Emitted, is_definable, run_text
from ad_compiler.emit.lower import Lowering
from ad_compiler.emit.names import Layout, identifier
from ad_compiler.emit.printer import render
from ad_compiler.emit.spelling import World
from ad_compiler.errors import CannotDifferentiate
from ad_compiler.ir import Func, Origin, Value

_numbers = itertools.count(1)


def emit(func: Func, main: str | None = None, run: Callable[[str, dict[str, Any]], str] | None = None) -> Emitted:
    """Print a function and compile the text.

    `main` is the user's function that it comes from: remarks on lines of other functions say whose they are.
    `run` runs a text that Numba compiles, in its namespace, and says where it stands: in a file, since what Numba keeps
    on disk belongs to one.
    """
    funcs = [*func.callees, func]
    for each in funcs:
        each.name = identifier(each.name, "function")
    called = [each.name for each in funcs]
    if len(set(called)) < len(called):
        raise CannotDifferentiate(f"two functions are called {max(called, key=called.count)}: rename one of them")
    world = World({identifier(p.hint) for each in funcs for p in each.params} | set(called),
                  {key: obj for each in funcs for key, obj in each.constants.items()})
    refs = {ref: world.claim(identifier(ref.hint), ref) for each in funcs for ref in each.refs}
    layouts = [Layout(each) for each in funcs]
    written = _run(layouts, world, refs, called, main)
    if not world.space.keys().isdisjoint(name for _, names, _ in written for name in names.values()):
        written = _run(layouts, world, refs, called, main)      # a variable had the name of what the text calls
    texts = []
    origins: list[Origin | None] = []
    for writer, _, tree in written:
        texts.append(render(tree, writer.comments, writer.above))
        origins += [writer.origins.get(getattr(node, "lineno", 0)) for node in statements(tree)]
    text = "\n\n".join(texts)
    space = {key: obj for key, obj in world.space.items() if not isinstance(obj, Value)}
    if run is None:
        filename = f"<ad_compiler {func.name} {next(_numbers)}>"
        run_text(text, filename, space)
        return Emitted(text, space[func.name], space, refs, world.imports(), filename, {}, dict(world.spelled))
    module = "\n".join([*world.imports(), *_definitions(space), "", "", text])
    filename = run(module, space)
    lines = [node.lineno for each in ast.parse(module).body if isinstance(each, ast.FunctionDef)
             for node in statements(each)]
    known = {line: origin for line, origin in zip(lines, origins, strict=True) if origin is not None}
    return Emitted(text, space[func.name], space, refs, world.imports(), filename, known, dict(world.spelled), module)


def _definitions(space: dict[str, Any]) -> list[str]:
    """Numbers that the text has names for: with them, two texts that are equal mean the same."""
    return [f"{name} = {value!r}" for name, value in space.items() if is_definable(value)]


def statements(tree: Any) -> list[Any]:
    """The statements of a tree, in the order of the text."""
    found = [tree]
    for name in ("body", "orelse", "finalbody"):
        for inner in getattr(tree, name, ()):
            found += statements(inner)
    return found


def _run(layouts: list[Layout], world: World, refs: dict[Value, str], called: list[str],
         main: str | None) -> list[tuple[Lowering, dict[int, str], Any]]:
    """Write functions; the names of what `world` knows of already are not given to variables."""
    found = []
    reserved = {*world.space, *called[:-1]}
    for layout in layouts:
        names = layout.names(reserved)
        writer = _written(layout, world, refs, names, main)
        found.append((writer, names, writer.run()))
    return found


def _written(layout: Layout, world: World, refs: dict[Value, str], names: dict[int, str], main: str | None) -> Lowering:
    known = dict(refs)

    def name(value: Value) -> str:
        found = known.get(value)
        if found is None:
            found = known[value] = layout.name_of(names, value)
        return found

    return Lowering(layout, world, name, main)
