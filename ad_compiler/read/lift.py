"""Lift: from gast to the intermediate form, with kinds, in one abstract interpretation.

Names are bound to abstracts (`read.abstract`); what is known now is computed now, what runs becomes an `Op`.
Calls of the user's own functions are read in place.  Statements are in this file, the rest in its neighbours.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import gast
import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Collector, Refused
from ad_compiler.ir import Block, Const, Op, Origin, Value, values_in
from ad_compiler.kinds import Kind, ListForArray, NotStatic, Num, Obj, Seq, Shape, Sym
from ad_compiler.read.abstract import (
    NOT_KNOWN,
    Abstract,
    Dict,
    Instance,
    List,
    Method,
    Poison,
    Tuple,
    flatten,
    python_value,
    to_arg,
    to_kind,
)
from ad_compiler.read.calls import Calls
from ad_compiler.read.control import Control
from ad_compiler.read.expand import stopped_copy
from ad_compiler.read.expressions import BINARY, Expressions
from ad_compiler.read.frame import Frame, Scope, Watch
from ad_compiler.read.methods import container_method
from ad_compiler.read.world import World
from ad_compiler.rules import registry

UNKNOWN_NUMBER = Num("float64", None, "any")
FOLDED = (bool, int, str, tuple, type, type(None), range, np.dtype)
CREATORS = {np.zeros, np.ones, np.empty, np.full, np.arange, np.linspace, np.eye}


class Specialise(Exception):
    """An integer argument decides the structure of the program: read again with its value known."""

    def __init__(self, params: set[Value]) -> None:
        super().__init__(params)
        self.params = params


class Lifter(Calls, Control, Expressions, World):
    """Reads functions into `self.block`.

    `watching` is off while rules are read: what they refer to does not change.
    """

    def __init__(self, block: Block, *, watching: bool = True, reverse: bool = False,
                 collector: Collector | None = None, pairs: Any = None) -> None:
        self.block = block
        self.prelude: list[Op] = []
        self.frames: list[Frame] = []
        self.origin: Origin | None = None
        self.fixed_origin: Origin | None = None
        self.stopped = 0
        self.reverse = reverse
        self.watching = watching
        self.watches: list[Watch] = []
        self.refs: dict[Value, Callable[[], Any]] = {}
        self.world_cache: dict[tuple[int, str], Abstract] = {}
        self.roots: dict[Value, frozenset[Any]] = {}
        self.foreign: set[Any] = set()
        self.flows: dict[tuple[Any, str], frozenset[Any]] = {}
        self.known_roots: frozenset[Any] = frozenset()
        self.specialisable: set[Value] = set()
        self.derived: dict[Value, frozenset[Any]] = {}
        self.diverged = False
        self.collector = collector or Collector()
        self.unroll: set[Any] = set()
        self.pairs = pairs
        self.arms = 0
        self.maybe_unbound: set[Value] = set()
        self.checked: set[tuple[Value, Block]] = set()
        self.emitted = self.emitted_before = 0
        self.refused_lines: set[tuple[str, int]] = set()
        self.lengths: dict[Sym, tuple[Value, int]] = {}

    # -- emitting ------------------------------------------------------------------------------------

    def emit(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], kinds: list[Kind],
             *, spelling: str = "", effect: bool = False) -> list[Value]:
        """Append an op and return its results."""
        results = [Value("", kind) for kind in kinds]
        self.emitted += 1
        origin = self.fixed_origin or (self.origin if self.watching else None)
        self.block.ops.append(Op(fn, args, kwargs, results, origin, spelling, stopped=self.stopped > 0, effect=effect,
                                 reverse=self.reverse))
        return results

    def apply(self, fn: Callable[..., Any], args: list[Abstract], kwargs: dict[str, Abstract] | None = None,
              *, spelling: str = "", name: str = "") -> Abstract:
        """A call of a function that has a rule: computed now where all is known, else emitted."""
        kwargs = kwargs or {}
        for thing in (*args, *kwargs.values()):
            if isinstance(thing, Poison):
                return thing
        folded = self._fold(fn, args, kwargs)
        if folded is not NOT_KNOWN:
            return folded
        rule = registry.lookup(fn)
        name = name or getattr(fn, "__name__", str(fn))
        if rule is None:
            raise Refused(f"`{name}` has no derivative rule", "add one with ad_compiler.rules, or put it in no_grad")
        try:
            kinds = self._result_kinds(rule, name, args, kwargs)
        except NotStatic as error:
            if not isinstance(error, ListForArray):
                raise
            args = [self.apply(np.array, [a]) if isinstance(a, List) else a for a in args]
            kinds = self._result_kinds(rule, name, args, kwargs)
        results = self.emit(fn, tuple(to_arg(a) for a in args), {k: to_arg(v) for k, v in kwargs.items()},
                            [kinds] if not isinstance(kinds, tuple) else list(kinds), spelling=spelling,
                            effect=rule.effect)
        last = self.block.ops[-1]
        read = list(values_in(last.args)) if isinstance(last, Op) else []
        shared = read[0] if read else None
        bases = frozenset(base for v in read for base in self.derived.get(v, ()))
        for result in results:
            self.roots[result] = self.roots_of(shared) if rule.view and shared is not None else frozenset([result])
            if bases and isinstance(result.kind, Num) and result.kind.dtype in ("int64", "bool"):
                self.derived[result] = bases
        return results[0] if not isinstance(kinds, tuple) else Tuple(list(results))

    def _fold(self, fn: Callable[..., Any], args: list[Abstract], kwargs: dict[str, Abstract]) -> Any:
        known = [python_value(a) for a in args]
        named = {k: python_value(v) for k, v in kwargs.items()}
        if any(v is NOT_KNOWN for v in (*known, *named.values())) or fn in CREATORS:
            return NOT_KNOWN
        rule = registry.lookup(fn)
        if rule is not None and rule.effect or getattr(fn, "__module__", "").startswith("ad_compiler"):
            return NOT_KNOWN
        try:
            value = fn(*known, **named)
        except (ArithmeticError, TypeError, ValueError, LookupError, AttributeError):
            return NOT_KNOWN        # raised again, in its place, when the program runs
        return Const(value) if isinstance(value, FOLDED) and not isinstance(value, np.generic) else NOT_KNOWN

    def _result_kinds(self, rule: registry.Rule, name: str, args: list[Abstract], kwargs: dict[str, Abstract]) -> Any:
        try:
            bound = rule.signature.bind(*map(to_kind, args), **{k: to_kind(v) for k, v in kwargs.items()})
        except TypeError as error:
            raise Refused(f"`{name}`: {error}", "this form of the call is not supported") from None
        for attempt in range(2):
            try:
                return rule.kind(*bound.args, **bound.kwargs)
            except ListForArray:
                if attempt or not any(isinstance(a, List) for a in args) or rule.fn is np.array:
                    raise Refused(f"`{name}`: a list where an array is expected", "write np.array([...])") from None
                raise
            except NotStatic as error:
                wanted = {base for v in values_in([to_arg(a) for a in (*args, *kwargs.values())])
                          for base in self.derived.get(v, ()) if isinstance(base, Value)}
                if wanted:
                    raise Specialise(wanted) from None
                if attempt or not any(isinstance(k, Obj) for k in (*bound.args, *bound.kwargs.values())):
                    raise Refused(f"`{name}`: {error}", "make it a literal or an argument of the function") from None
                bound = rule.signature.bind(
                    *(UNKNOWN_NUMBER if isinstance(k, Obj) else k for k in bound.args),
                    **{n: UNKNOWN_NUMBER if isinstance(k, Obj) else k for n, k in bound.kwargs.items()})
            except (ValueError, IndexError, TypeError) as error:
                raise Refused(f"`{name}`: {error}") from None
        raise AssertionError("unreachable")

    def note_lengths(self, value: Value) -> None:
        """Remember where the length of an axis can be read."""
        if isinstance(value.kind, Num):
            for axis, dim in enumerate(value.kind.shape or ()):
                if isinstance(dim, Sym):
                    self.lengths.setdefault(dim, (value, axis))

    def check_bound(self, value: Value, name: str) -> None:
        """A name that an arm or a loop may have left unbound is read: Python itself says so where it is."""
        key = (value, self.block)
        if key not in self.checked:
            self.checked.add(key)
            self.emit(runtime.check_bound, (value, Const(name)), {}, [], effect=True)

    # -- memory --------------------------------------------------------------------------------------

    def roots_of(self, value: Value) -> frozenset[Any]:
        """The memories that a value may stand in."""
        return self.roots.setdefault(value, frozenset([value]))

    def check_writable(self, name: str, value: Value, what: str) -> None:
        """A store is allowed into memory that nothing else can see."""
        roots = self.roots_of(value)
        if roots & self.foreign:
            raise Refused(f"{what} writes into an array that the function was given",
                          f"stores into arguments come later: copy it first, `{name} = {name}.copy()`")
        seen = 0
        for scope in self._visible_scopes():
            for thing in scope.names.values():
                for atom in self._reachable(thing):
                    if isinstance(atom, Value) and self.roots_of(atom) & roots:
                        seen += 1
        if seen > 1:
            raise Refused(f"{what} writes into memory that another name may see",
                          f"copy it first, `{name} = {name}.copy()`")

    def _reachable(self, thing: Abstract) -> list[Any]:
        if isinstance(thing, Instance):
            return [a for t in thing.attributes.values() for a in self._reachable(t)]
        if isinstance(thing, Method):
            return [thing.owner]
        return flatten(thing)[0]

    def _visible_scopes(self) -> Iterator[Scope]:
        seen: list[Scope] = []
        for frame in self.frames:
            scope: Scope | None = frame.scope
            while scope is not None and not any(scope is s for s in seen):
                seen.append(scope)
                yield scope
                scope = scope.parent

    # -- statements ----------------------------------------------------------------------------------

    @property
    def scope(self) -> Scope:
        return self.frames[-1].scope

    def statements(self, body: list[Any]) -> None:
        """Read statements; a refused one is noted and its targets poisoned, so that all are reported."""
        for node in body:
            if self.diverged:
                return
            before = self.origin
            self.origin = self.scope.source.origin(node) if hasattr(node, "lineno") else before
            if (self.scope.source.file, getattr(node, "lineno", 0)) in self.refused_lines:
                for target in assigned_names([node]):
                    self.scope.names[target] = Poison()
                continue
            try:
                getattr(self, "stmt_" + type(node).__name__, self.stmt_unsupported)(node)
            except (Refused, NotStatic) as error:
                if not self.watching:
                    raise
                message, remedy = getattr(error, "message", str(error)), getattr(error, "remedy", "")
                if message:
                    self.collector.add(self.scope.source.refusal(getattr(error, "node", node), message, remedy))
                for target in assigned_names([node]):
                    self.scope.names[target] = Poison()
            self.origin = before

    def stmt_unsupported(self, node: Any) -> None:
        raise Refused(f"`{type(node).__name__.lower()}` is not supported", "")

    def stmt_Expr(self, node: Any) -> None:
        self.expr(node.value)

    def stmt_Pass(self, node: Any) -> None:
        pass

    def stmt_Assign(self, node: Any) -> None:
        thing = self.expr(node.value)
        for target in node.targets:
            self.assign(target, thing)

    def stmt_AnnAssign(self, node: Any) -> None:
        if node.value is not None:
            self.assign(node.target, self.expr(node.value))

    def stmt_AugAssign(self, node: Any) -> None:
        fn = BINARY[type(node.op)]
        if not isinstance(node.target, gast.Name):
            self.store(node.target, lambda old: self.apply(fn, [old, self.expr(node.value)]))
            return
        old = self.name(node.target.id)
        new = self.expr(node.value)
        kind = old.kind if isinstance(old, Value) else None
        if isinstance(old, (List, Dict)):
            raise Refused(f"`{node.target.id}` is changed in place", "stores into lists and dicts come later")
        result = self.apply(fn, [old, new])
        if isinstance(kind, Num) and kind.form in ("array", "any"):
            self.check_writable(node.target.id, old, "an augmented assignment")
            if kind.form == "any":
                raise Refused(f"`{node.target.id}` may be a number or an array: it cannot be told what is written",
                              f"write `{node.target.id} = {node.target.id} + …`")
            if isinstance(result, Value) and isinstance(result.kind, Num) and result.kind.dtype != kind.dtype:
                raise Refused(f"{result.kind.dtype} is written into an array of {kind.dtype}", "cast it with astype")
            if isinstance(result, Value):
                self.roots[result] = self.roots_of(old)
        self.assign(node.target, result)

    def stmt_FunctionDef(self, node: Any) -> None:
        self.scope.names[node.name] = self.closure(node)

    def stmt_With(self, node: Any) -> None:
        for item in node.items:
            if item.optional_vars is not None or not self.is_no_grad(item.context_expr):
                raise Refused("this context manager is not supported", "only `with no_grad` is, so far")
        with self.no_grad():
            self.statements(node.body)

    def stopped_copy(self, thing: Abstract) -> Abstract:
        """`stop_gradient(thing)`."""
        return stopped_copy(self, thing)

    def container_method(self, thing: Abstract, name: str) -> Abstract:
        """A method of a list, tuple or dict."""
        return container_method(thing, name)

    @contextmanager
    def no_grad(self) -> Iterator[None]:
        """What is emitted meanwhile is stopped."""
        self.stopped += 1
        try:
            yield
        finally:
            self.stopped -= 1

    def stmt_Raise(self, node: Any) -> None:
        things = [self.opaque_expr(part) for part in (node.exc, node.cause) if part is not None]
        self.emit(runtime.raise_, tuple(things), {}, [], effect=True)
        self.diverged = True

    def stmt_Assert(self, node: Any) -> None:
        test = self.truth(node.test)
        if isinstance(test, Const) and test.value:
            return
        message = () if node.msg is None else (self.opaque_expr(node.msg),)
        self.emit(runtime.assert_, (to_arg(test), *message), {}, [], effect=True)

    def opaque_expr(self, node: Any) -> Any:
        """An expression whose value is only shown: an exception, a message."""
        return to_arg(self.expr(node))

    # -- targets -------------------------------------------------------------------------------------

    def assign(self, target: Any, thing: Abstract) -> None:
        """Bind a name, unpack into several, or store."""
        if isinstance(target, gast.Name):
            if isinstance(thing, Value) and not thing.hint and not target.id.startswith("_ret"):
                thing.hint = target.id.lstrip(".") if self.watching else f"~{target.id}"
            self.scope.names[target.id] = thing
        elif isinstance(target, (gast.Tuple, gast.List)):
            self._unpack(target.elts, thing)
        elif isinstance(target, gast.Subscript):
            self.store(target, lambda old: thing)
        else:
            raise Refused(f"an assignment to this {type(target).__name__.lower()} is not supported",
                          "stores into objects come later")

    def _unpack(self, targets: list[Any], thing: Abstract) -> None:
        starred = [i for i, t in enumerate(targets) if isinstance(t, gast.Starred)]
        items = self.items_of(thing, len(targets) if not starred else None)
        if starred:
            at, after = starred[0], len(targets) - starred[0] - 1
            if len(items) < len(targets) - 1:
                raise Refused(f"{len(items)} values cannot be unpacked into {len(targets) - 1} or more names")
            middle = items[at:len(items) - after]
            items = [*items[:at], List(middle), *items[len(items) - after:]]
            targets = [t.value if isinstance(t, gast.Starred) else t for t in targets]
        if len(items) != len(targets):
            raise Refused(f"{len(items)} values cannot be unpacked into {len(targets)} names")
        self._check_views_stored(targets, items)
        for target, item in zip(targets, items, strict=True):
            self.assign(target, item)

    def _check_views_stored(self, targets: list[Any], items: list[Abstract]) -> None:
        """`a[0], a[1] = a[1], a[0]` of rows: the first store changes what the second reads."""
        stored = [t for t in targets if isinstance(t, gast.Subscript)]
        if not stored or len(targets) == 1:
            return
        for item in items:
            for atom in self._reachable(item):
                if isinstance(atom, Value) and isinstance(atom.kind, Num) and atom.kind.is_array:
                    for target in stored:
                        array = self.expr(target.value)
                        if isinstance(array, Value) and self.roots_of(array) & self.roots_of(atom):
                            raise Refused("the right side is a view of the array that is stored into, "
                                          "so NumPy changes it on the way", "copy it: `a[1].copy()`")

    def items_of(self, thing: Abstract, count: int | None = None) -> list[Abstract]:
        """The items of something that is unpacked."""
        if isinstance(thing, (Tuple, List)):
            return thing.items
        if isinstance(thing, Dict):
            return [Const(key) for key in thing.items]
        if isinstance(thing, Value) and isinstance(thing.kind, (Num, Shape, Seq)):
            known = len(thing.kind.dims) if isinstance(thing.kind, Shape) else count
            if known is not None:
                return [self.apply(operator.getitem, [thing, Const(i)]) for i in range(known)]
        if isinstance(thing, Poison):
            return [thing] * (count or 0)
        return self.iterate_now(thing)

    def store(self, target: Any, new: Callable[[Abstract], Abstract]) -> None:
        """`name[index] = new(name[index])`, into memory that only this name can see."""
        if not isinstance(target, gast.Subscript) or not isinstance(target.value, gast.Name):
            raise Refused("this store is not supported", "stores through views and attributes come later")
        name = target.value.id
        array = self.name(name)
        if isinstance(array, Poison):
            return
        if not isinstance(array, Value) or not isinstance(array.kind, Num):
            raise Refused(f"a store into `{name}` is not supported", "stores into lists and dicts come later")
        index = self.index(target.slice)
        old = self.apply(operator.getitem, [array, index])
        value = new(old)
        self.check_writable(name, array, "this store")
        place = old.kind if isinstance(old, Value) else None
        if isinstance(value, Value) and isinstance(value.kind, Num) and value.kind.dtype != array.kind.dtype \
                and np.result_type(value.kind.dtype, array.kind.dtype) != array.kind.dtype:
            raise Refused(f"{value.kind.dtype} is stored into an array of {array.kind.dtype}",
                          "make the array of the wider dtype")
        kind = replace(array.kind, form="array")
        assert place is not None
        (result,) = self.emit(runtime.index_set, (array, to_arg(index), to_arg(value)), {}, [kind])
        result.hint = array.hint or name
        self.roots[result] = self.roots_of(array)
        self.scope.names[name] = result


def assigned_names(body: list[Any]) -> list[str]:
    """Names that statements bind or store into, in source order; nested functions are not entered."""
    names: dict[str, None] = {}

    def visit(node: Any) -> None:
        if isinstance(node, (gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)):
            for inner in gast.walk(node):
                if isinstance(inner, gast.NamedExpr):
                    names[inner.target.id] = None
            return
        if isinstance(node, gast.FunctionDef):
            names[node.name] = None
            return
        if isinstance(node, gast.Name) and isinstance(node.ctx, (gast.Store, gast.Param)):
            names[node.id] = None
        if isinstance(node, gast.Subscript) and isinstance(node.ctx, gast.Store) and isinstance(node.value, gast.Name):
            names[node.value.id] = None
        for child in gast.iter_child_nodes(node):
            visit(child)

    for node in body:
        visit(node)
    return list(names)
