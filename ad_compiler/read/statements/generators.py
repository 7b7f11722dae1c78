"""Generator functions and expressions, and other iterators: each is consumed once.

>>> from ad_compiler import grad
>>> def f(x):
...     squares = (v * v for v in (x, 2 * x))
...     return sum(squares) + sum(squares)
>>> grad(f)(1.0)
Traceback (most recent call last):
    ...
ad_compiler.errors.CannotDifferentiate: <doctest ad_compiler.read.statements.generators[1]>:3: `squares` is an \
iterator, and consumed already
    return sum(squares) + sum(squares)
    ^
  make it a list, `list(…)`
"""

from __future__ import annotations

import contextlib
from types import FunctionType
from typing import TYPE_CHECKING, Any

import gast

from ad_compiler.errors import Refused
from ad_compiler.ir import Const
from ad_compiler.read.abstract import (
    Abstract,
    Count,
    Generator,
    Iterator,
    Manager,
    Poison,
    Yields,
    Zip,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.names.scopes import Scope
from ad_compiler.read.syntax.inline_generators import Inlined, Spliced, item_name, splice, yields_in
from ad_compiler.read.syntax.made_up import assign, load, placed, store
from ad_compiler.read.syntax.normalise import check_supported
from ad_compiler.read.syntax.tree import kept_with, nodes
from ad_compiler.read.values.iterators import CALL, FIRST, ITERATORS, goes_to_its_end
from ad_compiler.watch import Itself, Part

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

_HELPER = contextlib.contextmanager(lambda: iter(())).__code__


ITEM = ".each"


@kept_with
def later(node: gast.GeneratorExp) -> gast.GeneratorExp:
    """A generator expression whose first iterable is a name."""
    first, *others = node.generators
    new = gast.comprehension(first.target, placed(load(FIRST), first.iter), first.ifs, first.is_async)
    return gast.copy_location(gast.GeneratorExp(node.elt, [new, *others]), node)


class Generators(Reader):
    """Reads generators."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.spliced: dict[Any, Any] = {}                   # generators with the statements of their consumers

    def expr_GeneratorExp(self, node: Any) -> Abstract:
        first = self.lifter.operators.iterable(self.lifter.expressions.read(node.generators[0].iter))
        if isinstance(first, Poison):
            return first
        return Generator(later(node), Scope(self.scope.source, {FIRST: first}, self.scope, comprehension=True))

    def once(self, thing: Abstract) -> Abstract:
        """What a name is bound to: an iterator is kept until it is read."""
        return Iterator({"iterator": thing}) if isinstance(thing, ITERATORS) else thing

    def kept(self, things: list[Abstract]) -> list[Abstract]:
        """What is put into a list or tuple."""
        return [self.once(thing) for thing in things]

    def taken(self, thing: Iterator, name: str) -> Abstract:
        """The iterator, which is gone from now on."""
        content = thing.known()
        if not content:
            raise Refused(f"`{name}` is an iterator, and consumed already", "make it a list, `list(…)`")
        self.lifter.memory.put(thing, {})
        return content["iterator"]

    def generator(self, node: Any, bound: dict[str, Abstract], scope: Scope, stopped: bool) -> Generator:
        """A call of a generator function, as the expression `(item for item in call)`."""
        source = scope.source
        if stopped:
            raise Refused(f"`{node.name}` is a generator under no_grad", "put `with no_grad` around its statements")
        for problem in check_supported(node, source):
            self.lifter.collector.add(problem)
            self.lifter.statements.refused_lines.add((problem.file, problem.line))
        for inner in (y for stmt in node.body for y in yields_in(stmt)):
            if not any(isinstance(s, gast.Expr) and s.value is inner for s in nodes(node)):
                raise Refused(f"`{node.name}` uses what is sent to it", "a `yield` has to be a statement of its own")
        return self.as_generator(Yields(node, bound, scope), Scope(source, {}, scope))

    def as_generator(self, thing: Any, scope: Scope | None = None) -> Generator:
        """`(item for item in thing)`."""
        scope = scope or self.scope
        place = thing.node if isinstance(thing, (Yields, Generator)) else self.lifter.frames[-1].node
        made = gast.GeneratorExp(load(ITEM), [gast.comprehension(store(ITEM), load(CALL), [], False)])
        return Generator(placed(made, place), Scope(scope.source, {CALL: thing}, scope, comprehension=True))

    def consume(self, thing: Generator | Yields, node: Any, leave: str | None) -> None:
        """`for node.target in thing: node.body`."""
        self._consume(thing, node, node.target, node.body, leave)

    def consume_numbered(self, thing: Zip, node: Any, leave: str | None) -> bool:
        """The same of `enumerate(generator, start)`; False where it is something else."""
        parts = [p for p in thing.parts if not isinstance(p, Count)]
        if len(parts) != 1 or not isinstance(parts[0], Generator) or len(thing.parts) != 2 \
                or not isinstance(thing.parts[0], Count):
            return False
        count = f".count{id(node)}"
        self.scope.names[count] = thing.parts[0].start
        number = placed(load(count), node)
        more = placed(assign(count, gast.BinOp(number, gast.Add(), gast.Constant(1, None))), node)
        self._consume(parts[0], node, node.target, node.body, leave, number, more)
        self.scope.names.pop(count, None)
        return True

    def _consume(self, thing: Generator | Yields, node: Any, target: Any, body: list[Any], leave: str | None,
                 number: Any = None, more: Any = None) -> None:
        if isinstance(thing, Generator):
            goes_to_its_end(thing, leave)
            call = thing.scope.names.get(CALL)
            thing = call if isinstance(call, Yields) else thing
        key = (id(thing.node), id(node), len(self.lifter.frames))
        if key not in self.spliced:
            at = len(self.spliced) + 1
            item = load(item_name(at))
            value = item if number is None else gast.Tuple([number, item], gast.Load())
            bind = placed(gast.Assign([target], value, None), node)
            each = [bind, *([] if more is None else [more]), *body]
            spliced = splice(thing.node, thing.scope.source, at, each, self.scope.source, leave)
            for stmt in spliced.body:
                stmt.is_prelude = thing.scope.source.is_prelude
            self.spliced[key] = spliced, (node, thing.node)     # the ids stay theirs
        self._read_spliced(self.spliced[key][0], thing.scope, thing.bound if isinstance(thing, Yields) else {})

    def _read_spliced(self, spliced: Spliced, scope: Scope, bound: dict[str, Abstract]) -> None:
        before, spliced.world.scope = spliced.world.scope, scope
        self.scope.names.update({spliced.prefix + name: thing for name, thing in bound.items()})
        try:
            self.lifter.statements.read(spliced.body)
        finally:
            spliced.world.scope = before
            for name in [n for n in self.scope.names if n.startswith(spliced.prefix)]:
                del self.scope.names[name]

    def stmt_Inlined(self, node: Inlined) -> None:
        """Statements of another function."""
        outer = self.scope.source
        self.scope.source = node.source
        try:
            self.lifter.statements.read(node.body)
        finally:
            self.scope.source = outer

    def generator_manager(self, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """A call of a function made by `contextlib.contextmanager`, or NotImplemented."""
        if not isinstance(fn, FunctionType) or fn.__code__ is not _HELPER:
            return NotImplemented
        cell = (fn.__closure__ or ())[fn.__code__.co_freevars.index("func")]
        self.lifter.asks.note_function(fn)
        self.lifter.asks.as_made(contextlib._GeneratorContextManager)       # which it calls by this name
        inner = self.lifter.asks.ask(Part(Itself(cell), getattr, "cell_contents"), id(cell))
        made = self.lifter.calls.call(Const(inner), args, kwargs)
        if not isinstance(made, Generator):
            raise Refused(f"`{inner.__name__}` is no generator", "let it yield once")
        return Manager(made, inner.__name__)

    def enter_generator(self, manager: Manager, item: Any, body: list[Any]) -> None:
        """`with manager as item.optional_vars: body`."""
        call = manager.generator.scope.names[CALL]
        if len([y for stmt in call.node.body for y in yields_in(stmt)]) != 1 or any(
                isinstance(outer, (gast.For, gast.While)) and yields_in(outer) for outer in nodes(call.node)):
            raise Refused(f"`{manager.name}` has to yield once, and not in a loop", "write it so")
        target = item.optional_vars or store(".entered")
        self._consume(manager.generator, item, target, body, None)
