"""Statements: each method reads one node."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import gast

from ad_compiler import runtime
from ad_compiler.errors import CannotDifferentiate, Refusal, Refused
from ad_compiler.ir import UNDEFINED, Const, Op, Origin, Value
from ad_compiler.kinds import NotStatic, Num, Seq, Shape
from ad_compiler.read.abstract import (
    Abstract,
    List,
    Poison,
    protocol,
    to_arg,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.expand_helpers import stopped_copy
from ad_compiler.read.library.methods import container_method
from ad_compiler.read.memory.lengths import lengths
from ad_compiler.read.names.cells import CELL
from ad_compiler.read.statements.join import plain_name
from ad_compiler.read.syntax.bindings import touched_names
from ad_compiler.read.syntax.made_up import store
from ad_compiler.watch import Name

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

MOST_STEPS = 40_000


class Statements(Reader):
    """Reads statements, and the targets of assignments."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.refused_lines: set[tuple[str, int]] = set()
        self.spent = 0                                      # statements and items of loops that were read

    def read(self, body: list[Any]) -> None:
        """Read statements; a refused one is noted and its targets poisoned, so that all are reported."""
        for node in body:
            if self.lifter.diverged:
                return
            self.spend()
            before = self.lifter.origin
            prelude = self.scope.source.is_prelude or getattr(node, "is_prelude", False)
            if hasattr(node, "lineno") and not prelude:
                self.lifter.origin = self.scope.source.origin(node)
            if (self.scope.source.file, getattr(node, "lineno", 0)) in self.refused_lines:
                for target in touched_names(node):
                    self.scope.names[target] = Poison()
                continue
            try:
                (self.lifter.reads(node) or self.unsupported)(node)
            except (Refused, NotStatic) as error:
                if not self.lifter.watching or prelude:
                    raise
                message, remedy = getattr(error, "message", str(error)), getattr(error, "remedy", "")
                if self.lifter.diverged and not message:        # something in this statement raises
                    return
                if message:
                    self.lifter.collector.add(self.scope.source.refusal(getattr(error, "node", node), message, remedy))
                for target in touched_names(node):
                    self.scope.names[target] = Poison()
            self.lifter.origin = before

    def spend(self, steps: int = 1) -> None:
        """A statement, or an item of a loop that is written out: a reading comes to an end, whatever it is of."""
        self.spent += steps
        if self.spent + self.lifter.emitted > MOST_STEPS:
            at = self.lifter.origin or Origin("", 0, 0, "", "")
            raise CannotDifferentiate(Refusal(
                f"more than {MOST_STEPS:,} steps to be read: loops over lists, and calls, are written out one by one",
                at.file, at.line, at.text, remedy="go through an array or `range`, not a list that grows"))

    def unsupported(self, node: Any) -> None:
        raise Refused(f"`{type(node).__name__.lower()}` is not supported", "")

    def stmt_Expr(self, node: Any) -> None:
        self.lifter.expressions.read(node.value)

    def stmt_Pass(self, node: Any) -> None:
        pass

    def stmt_Assign(self, node: Any) -> None:
        thing = self.lifter.expressions.read(node.value)
        if len(node.targets) > 1:       # one iterator under several names
            thing = self.lifter.generators.once(thing)
        for target in node.targets:
            self.assign(target, thing)

    def stmt_AnnAssign(self, node: Any) -> None:
        if node.value is not None:
            self.assign(node.target, self.lifter.expressions.read(node.value))

    def stmt_Delete(self, node: Any) -> None:
        for target in node.targets:
            if isinstance(target, gast.Name):
                if self.scope.names.get(target.id, UNDEFINED) is UNDEFINED:
                    raise Refused(f"`{target.id}` is deleted, and not bound")
                self.scope.names[target.id] = UNDEFINED if not self.lifter.branches.arms else Poison(
                    f"`{target.id}` is deleted in one arm of a branch", "leave the line out")
            elif isinstance(target, gast.Subscript):
                owner = protocol(self.lifter.expressions.read(target.value))
                owner.del_item(self.lifter, self.lifter.expressions.index(target.slice))
            else:
                protocol(self.lifter.expressions.read(target.value)).del_attr(self.lifter, target.attr)

    def stmt_FunctionDef(self, node: Any) -> None:
        self.scope.names[node.name] = self.lifter.expressions.closure(node)

    def stmt_Import(self, node: Any) -> None:
        for alias in node.names:
            module = self.imported(alias.name)
            top = module if alias.asname else self.imported(alias.name.partition(".")[0])
            self.assign(store(alias.asname or alias.name.partition(".")[0]), Const(top))

    def imported(self, name: str) -> Any:
        """A module by its name, which may come to stand for another."""
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001  (whatever the module does)
            raise Refused(f"`{name}` cannot be imported here: {type(error).__name__}: {error}",
                          "import it outside the function") from None
        return self.lifter.asks.ask(Name(sys.modules, name), ("module", name))

    def stmt_ImportFrom(self, node: Any) -> None:
        scope: Any = self.scope
        while scope.func is None and scope.parent is not None:
            scope = scope.parent
        package = None if scope.func is None else scope.func.__globals__.get("__package__")
        name = "." * (node.level or 0) + (node.module or "")
        module = self.imported(importlib.util.resolve_name(name, package))
        for alias in node.names:
            if not hasattr(module, alias.name) and not self.part_of(module, alias.name):
                return
            found = self.lifter.world.attribute_of_constant(module, alias.name)
            self.assign(store(alias.asname or alias.name), found)

    def part_of(self, package: Any, name: str) -> bool:
        """Is there a module of this name in a package?  Where not, the statement raises ImportError."""
        try:
            self.imported(f"{package.__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name not in (package.__name__, f"{package.__name__}.{name}"):
                raise
            self.lifter.raises(ImportError, f"cannot import name '{name}' from '{package.__name__}'")
            return False
        return True

    def stopped_copy(self, thing: Abstract) -> Abstract:
        """`stop_gradient(thing)`."""
        return stopped_copy(self.lifter, thing)

    def container_method(self, thing: Any, name: str) -> Abstract:
        """A method of a list, tuple or dict."""
        return container_method(thing, name)

    def stmt_Raise(self, node: Any) -> None:
        things = [self.opaque_expr(part) for part in (node.exc, node.cause) if part is not None]
        called = getattr(node.exc, "func", node.exc)
        self._ends(things, f"this raises {called.id}" if isinstance(called, gast.Name) else self.lifter.ends)

    def stmt_Assert(self, node: Any) -> None:
        test = self.lifter.expressions.truth(node.test)
        if isinstance(test, Const) and (test.value or not __debug__) or self.lifter.diverged:
            return

        def message() -> list[Abstract]:
            return [] if node.msg is None else [self.lifter.expressions.read(node.msg)]

        def fails() -> None:
            error = self.lifter.opaque_calls.opaque(Const(AssertionError), "AssertionError", message(), {})
            self._ends([to_arg(error)], "this raises AssertionError")
        if isinstance(test, Const):
            fails()
            return
        mark, written, names = self.lifter.control.mark(), len(self.lifter.memory.journal), dict(self.scope.names)
        shown = message()
        if self.lifter.diverged or len(self.lifter.memory.journal) > written or any(
                not isinstance(op, Op) or op.effect for op in self.lifter.block.ops[mark[1]:]) or any(
                thing is not names.get(name) for name, thing in self.scope.names.items()):
            self.lifter.control.rewind(mark)        # what a message does is done where the test fails, and only there
            self.lifter.branches.branch(test, lambda: None, fails)
        else:
            self.lifter.emit(runtime.assert_, tuple(map(to_arg, (test, *shown))), {}, [], effect=True)

    def _ends(self, things: list[Any], word: str) -> None:
        """A statement that raises this, if nothing in it did before."""
        if not self.lifter.diverged:
            self.lifter.emit(runtime.raise_, tuple(things), {}, [], effect=True)
            self.lifter.diverged, self.lifter.ends = True, word

    def opaque_expr(self, node: Any) -> Any:
        """An expression whose value is only shown: an exception, a message."""
        return to_arg(self.lifter.expressions.read(node))

    # -- targets -------------------------------------------------------------------------------------

    def assign(self, target: Any, thing: Abstract) -> None:
        """Bind a name, unpack into several, or store."""
        if isinstance(target, gast.Name):
            thing = self.lifter.generators.once(thing)
            if isinstance(thing, Value) and not thing.hint and not target.id.startswith("_ret"):
                thing.hint = plain_name(target.id) if self.lifter.watching else f"~{target.id.rpartition('.')[2]}"
            if CELL + target.id in self.scope.names:
                self.lifter.variables.set_variable(self.scope.names[CELL + target.id], target.id, thing)
            else:
                self.scope.names[target.id] = thing
        elif isinstance(target, (gast.Tuple, gast.List)):
            self._unpack(target.elts, thing)
        elif isinstance(target, gast.Subscript):
            owner = self.lifter.expressions.read(target.value)
            self.lifter.stores.store_item(owner, self.lifter.expressions.index(target.slice), thing)
        elif isinstance(target, gast.Attribute):
            self.lifter.stores.store_attribute(self.lifter.expressions.read(target.value), target.attr, thing)
        else:
            raise Refused(f"an assignment to this {type(target).__name__.lower()} is not supported")

    def _unpack(self, targets: list[Any], thing: Abstract) -> None:
        starred = [i for i, t in enumerate(targets) if isinstance(t, gast.Starred)]
        items = self.items_of(thing, len(targets) if not starred else None)
        if starred:
            at, after = starred[0], len(targets) - starred[0] - 1
            if len(items) < len(targets) - 1:
                self._miscounted(f"expected at least {len(targets) - 1}, got {len(items)}", enough=False)
                return
            middle = items[at:len(items) - after]
            items = [*items[:at], List(middle), *items[len(items) - after:]]
            targets = [t.value if isinstance(t, gast.Starred) else t for t in targets]
        if len(items) != len(targets):
            enough = len(items) > len(targets)
            self._miscounted(f"expected {len(targets)}" + ("" if enough else f", got {len(items)}"), enough)
            return
        for target, item in zip(targets, items, strict=True):
            self.assign(target, item)

    def _miscounted(self, counts: str, enough: bool) -> None:
        said = f"{'too many' if enough else 'not enough'} values to unpack ({counts})"
        self.lifter.fails(ValueError(said), said)

    def check_unpacked(self, thing: Value, count: int) -> None:
        """What is unpacked has as many items as there are names: that is known, taken and watched, or found out."""
        dim = thing.kind.shape[0] if isinstance(thing.kind, Num) and thing.kind.shape else \
            thing.kind.length if isinstance(thing.kind, Seq) else None
        if isinstance(thing.kind, Shape) or isinstance(thing.kind, Num) and thing.kind.shape == () or dim == count:
            return
        if dim is not None:
            lengths().ask((dim,), (count,))
        size = self.lifter.apply(len, [thing])
        self.lifter.emit(runtime.check_unpacked, (size, Const(count)), {}, [], effect=True)

    def items_of(self, thing: Abstract, count: int | None = None) -> list[Abstract]:
        """The items of something that is unpacked."""
        return protocol(self.lifter.operators.iterable(thing)).unpack(self.lifter, count)
