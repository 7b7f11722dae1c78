"""Steps as statements of Python, with the remarks that stand beside them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.emit.expressions import Expressions, is_basic, is_plain, negated, template, variable
from ad_compiler.emit.forget import forgotten
from ad_compiler.emit.names import Layout
from ad_compiler.emit.spelling import World, attribute
from ad_compiler.emit.steps import Begin, Break, Copy, Count, For, If, Keep, Put, Region, Return, Step, While
from ad_compiler.emit.survey import has_length, is_const, is_over_all
from ad_compiler.errors import InvalidIR
from ad_compiler.ir import UNDEFINED, Atom, Branch, Const, Loop, Op, Origin, Slice, Value, values_in
from ad_compiler.kinds import Num, Seq
from ad_compiler.loops.apart import only_indexes
from ad_compiler.ops import is_matrix_product, is_overwrite, traits
from ad_compiler.rules.traits import traits_of


class Lowering(Expressions):
    """Writes one function.

    `comments` and `above` are what `printer.render` takes, by number of the statement; `origins` are the user's lines,
    likewise.
    """

    def __init__(self, layout: Layout, world: World, name: Callable[[Value], str], main: str | None) -> None:
        super().__init__(world, name, layout.nesting.nested)
        self.layout, self.func, self.main = layout, layout.func, main
        self.comments: dict[int, str] = {}
        self.above: dict[int, str] = {}
        self.origins: dict[int, Origin] = {}
        self.line: tuple[str, int] | None = None
        self.count = 0
        # Half of a pair is all one sweep.
        self.marked = layout.nesting.survey.primal or self.func.bind_all or self.func.forward

    def run(self) -> Any:
        """The whole function."""
        body: list[Any] = []
        if self.func.doc is not None:
            body.append(ast.Expr(ast.Constant(self.func.doc)))
        for step in self.layout.steps:
            self._top(step, body)
        params = [ast.arg(self.name(p)) for p in self.func.params]
        spec = ast.arguments([], params, None, [], [], None, [])
        return ast.FunctionDef(self.func.name, spec, body or [ast.Pass()], self._decorators())

    def _decorators(self) -> list[Any]:
        """`@numba.njit(…)`, where the function is compiled by Numba."""
        if self.func.jit is None:
            return []
        options = [ast.keyword(name, self._option(value)) for name, value in self.func.jit.items()]
        return [ast.Call(attribute(self.world.module("numba"), "njit"), [], options)]

    def _option(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return self.world.constant(value)
        return ast.Dict([ast.Constant(name) for name in value], [ast.Constant(chosen) for chosen in value.values()])

    def _top(self, step: Step, out: list[Any]) -> None:
        """A statement of the function itself; a line says where the reverse sweep begins."""
        at = len(out)
        was, reverse = self.marked, is_reverse(step)
        self.step(step, out)
        if not was and reverse and len(out) > at:
            self.above[self._number(out[at])] = "-- reverse sweep --"
            self.marked = True

    def _number(self, node: Any) -> int:
        """A statement's `lineno`, which is how its remarks are found."""
        if not hasattr(node, "lineno"):
            self.count += 1
            node.lineno, node.col_offset = self.count, 0
        number: int = node.lineno
        return number

    def block(self, steps: list[Step]) -> list[Any]:
        """The statements of some steps."""
        out: list[Any] = []
        for step in steps:
            self.step(step, out)
        return out

    def step(self, step: Step, out: list[Any]) -> None:
        """Append the statements of one step."""
        if isinstance(step, Put):
            self._put(step, out)
        elif isinstance(step, Copy):
            out += self._copy(step)
        elif isinstance(step, Begin):
            out.append(self._assign(step.value, self._beginning(step)))
        elif isinstance(step, Keep):
            out.append(self._keep(step))
        elif isinstance(step, Count):
            out.append(ast.AugAssign(variable(self.name(step.value), True), ast.Add(), ast.Constant(1)))
        elif isinstance(step, If):
            out += self._if(step)
        elif isinstance(step, Region):
            out += self._region(step)
        elif isinstance(step, For):
            assert step.loop.index is not None
            target = variable(self.name(step.loop.index), True)
            steps = self.range(step.loop)
            out.append(ast.For(target, steps, self.block(step.body) or [ast.Pass()], [], None))
        elif isinstance(step, While):
            out.append(self._while(step))
        elif isinstance(step, Break):
            out.append(ast.Break())
        elif isinstance(step, Return):
            out.append(ast.Return(self.arg(step.value)))

    def _assign(self, value: Value, node: Any) -> Any:
        return ast.Assign([variable(self.name(value), True)], node)

    # -- ops -----------------------------------------------------------------------------------------

    def _put(self, step: Put, out: list[Any]) -> None:
        stmt = step.stmt
        if isinstance(stmt, Branch):
            node = self.statement(stmt)
            node = self._assign(step.results[0], node) if step.results else ast.Expr(node)
        else:
            node = self._op(stmt, step.results)
            source = stmt.args[0] if stmt.args and traits(stmt).makes in ("copy", "array") else None
            if isinstance(source, Value) and source in self.func.notes:
                self.comments[self._number(node)] = self.func.notes[source]
        if stmt.origin is not None:
            self.origins[self._number(node)] = stmt.origin
        if stmt.reverse and stmt.origin is not None and not self.func.forward:
            line = (stmt.origin.file, stmt.origin.line)
            if line != self.line:
                self.line = line
                self.comments.setdefault(self._number(node), self._remark(stmt.origin))
        out.append(node)

    def _remark(self, origin: Origin) -> str:
        """`line 3: p = h @ w2`; a line of another function says whose it is."""
        other = "" if self.main is None or origin.func == self.main else f"{origin.func} "
        return f"{other}line {origin.rel}: {origin.text}"

    def _op(self, op: Op, results: list[Value]) -> Any:
        if op.fn is runtime.raise_:
            return ast.Raise(self.arg(op.args[0]), self.arg(op.args[1]) if len(op.args) > 1 else None)
        if op.fn is runtime.assert_:
            return ast.Assert(self.arg(op.args[0]), self.arg(op.args[1]) if len(op.args) > 1 else None)
        if op.inplace and op not in self.layout.plain:
            return self._update(op)
        if not results:
            return ast.Expr(self.op(op))
        targets = [variable(self.name(r) if r in results else self.layout.spare(), True) for r in op.results]
        alone = len(targets) == 1 and op.fn is not runtime.unpack
        target = targets[0] if alone else ast.Tuple(targets, ast.Store())
        return ast.Assign([target], self.op(op))

    def _update(self, op: Op) -> Any:
        """An op that overwrites its first argument."""
        target = self.arg(op.args[0])
        if op.fn is runtime.list_append:
            return ast.Expr(ast.Call(attribute(target, "append"), [self.arg(op.args[1])], []))
        if op.fn is runtime.list_pop:
            last = ast.Call(attribute(target, "pop"), [], [])
            read = op.results[1] in self.layout.nesting.uses
            return ast.Assign([variable(self.name(op.results[1]), True)], last) if read else ast.Expr(last)
        if op.fn is runtime.list_set:
            place = ast.Subscript(target, self.index(op.args[1]), ast.Store())
            return ast.Assign([place], self.arg(op.args[2]))
        if op.fn in (runtime.index_set, runtime.index_add, runtime.list_add):
            *outer, last = op.args[1] if op.fn is runtime.list_add and isinstance(op.args[1], tuple) else (op.args[1],)
            for at in outer:
                target = ast.Subscript(target, self.index(at), ast.Load())
            place, value = ast.Subscript(target, self.index(last), ast.Store()), self.arg(op.args[2])
            if is_overwrite(op):
                made = self.nested.get(op.args[2]) if op.spelling == "out" else None
                if is_matrix_product(made):
                    return self._product(made, op, place)
                if self._renames(op):
                    return ast.Assign([variable(self.name(op.result), True)], value)
                return self._store(place, value)
            holds, part = op.args[0].kind, isinstance(last, (Slice, slice))
            for _ in (*outer, *(() if part else (last,))):
                holds = holds.elem if isinstance(holds, Seq) else None
            number = isinstance(holds, Num) and holds.shape == () and holds.form in ("py", "np")
            if op.fn is runtime.list_add and not number:        # `+=` would write into an array that the list holds
                old = ast.Subscript(place.value, place.slice, ast.Load())
                if part or any(isinstance(v.kind, Seq) for v in values_in(op.args[2])):     # `+` makes one list of two
                    total = ast.Call(self.world.function(runtime.add_lists), [old, value], [])
                    return ast.Assign([place], total)
                return ast.Assign([place], ast.BinOp(old, ast.Add(), value))
            if is_basic(op.args[1]):
                return summed(place, value)
            at = attribute(self.world.module("numpy"), "add.at") if self.func.jit is None \
                else self.world.function(runtime.add_at)
            return ast.Expr(ast.Call(at, [target, self.arg(op.args[1]), value], []))
        written = traits_of(traits(op).element or op.fn).written
        node = template(written) if written and len(op.args) == 2 else None
        if isinstance(node, ast.BinOp):
            name, value = variable(self.name(op.result), True), self.arg(op.args[1])
            return summed(name, value) if isinstance(node.op, ast.Add) else ast.AugAssign(name, node.op, value)
        raise InvalidIR(f"{op.fn} cannot be done in place")

    def _store(self, place: Any, value: Any) -> Any:
        """`a[i] = v`, or `a[i] += v` where that says it; Numba does not ask whether slices fit, and overlap."""
        if isinstance(value, ast.BinOp) and not (self.func.jit is not None and any(
                isinstance(part, ast.Slice) for part in ast.walk(place.slice))):
            old = ast.Subscript(place.value, place.slice, ast.Load())
            if isinstance(value.left, ast.Subscript) and ast.dump(value.left) == ast.dump(old):
                return ast.AugAssign(place, value.op, value.right)
            if isinstance(value.right, ast.Subscript) and isinstance(value.op, (ast.Add, ast.Mult)) \
                    and ast.dump(value.right) == ast.dump(old):
                return ast.AugAssign(place, value.op, value.left)
        return ast.Assign([place], value)

    def _product(self, product: Op, store: Op, place: Any) -> Any:
        """A product of matrices, computed where it is stored."""
        target = place.value if is_over_all(store) else ast.Subscript(place.value, place.slice, ast.Load())
        call = ast.Call(self.world.function(np.dot), [self.arg(factor) for factor in product.args],
                        [ast.keyword("out", target)])
        return ast.Assign([variable(self.name(store.result), True)], call) if self._renames(store) else ast.Expr(call)

    def _renames(self, store: Op) -> bool:
        """Does what is computed over the whole of another array have a name of its own?"""
        target = store.args[0]
        return is_over_all(store) and isinstance(target, Value) and not self.layout.same_name(target, store.result)

    # -- copies --------------------------------------------------------------------------------------

    def _copy(self, step: Copy) -> list[Any]:
        """Assignments to names: one after the other where that is right, else all at once."""
        todo: list[tuple[str, Atom]] = []
        for value, atom in step.pairs:
            if atom is UNDEFINED:
                if value in step.live and self.layout.needs_none(value):
                    todo.append((self.name(value), Const(None)))
            elif value in step.live and (not isinstance(atom, Value) or atom in self.nested
                                         or self.name(atom) != self.name(value)):
                todo.append((self.name(value), atom))
        out: list[Any] = []
        while todo:
            free = next((p for p in todo if not any(p[0] in self._names_in(a) for q, a in todo if q != p[0])), None)
            if free is None:
                targets = ast.Tuple([variable(n, True) for n, _ in todo], ast.Store())
                return [*out, ast.Assign([targets], ast.Tuple([self.arg(a) for _, a in todo], ast.Load()))]
            todo.remove(free)
            out.append(ast.Assign([variable(free[0], True)], self.arg(free[1])))
        return out

    def _names_in(self, atom: Atom) -> set[str]:
        return {self.name(v) for v in self.layout.nesting.reads(atom)}

    # -- trails --------------------------------------------------------------------------------------

    def _beginning(self, step: Begin) -> Any:
        """`[]`; `[None] * n` where the number of entries is known; 0 for a count."""
        loop = step.loop
        if step.value is loop.trips:
            return ast.Constant(0)
        if not has_length(loop):
            return ast.List([], ast.Load())
        one = ast.List([ast.Constant(None)], ast.Load())
        if is_const(loop.start, 0) and is_const(loop.step, 1):
            return ast.BinOp(one, ast.Mult(), self.arg(loop.stop))
        if is_const(loop.step, 1):
            return ast.BinOp(one, ast.Mult(), ast.BinOp(self.arg(loop.stop), ast.Sub(), self.arg(loop.start)))
        return ast.BinOp(one, ast.Mult(), ast.Call(self.world.function(len), [self._range(loop)], []))

    def _keep(self, step: Keep) -> Any:
        """`x_trail.append(x)`, or `x_trail[i] = x`."""
        loop, trail, entry = step.loop, variable(self.name(step.trail)), self.arg(step.entry)
        if not has_length(loop):
            return ast.Expr(ast.Call(ast.Attribute(trail, "append", ast.Load()), [entry], []))
        assert loop.index is not None
        at = variable(self.name(loop.index))
        if not is_const(loop.start, 0):
            at = ast.BinOp(at, ast.Sub(), self.arg(loop.start))
        if not is_const(loop.step, 1):
            at = ast.BinOp(at, ast.FloorDiv(), self.arg(loop.step))
        return ast.Assign([ast.Subscript(trail, at, ast.Store())], entry)

    # -- branches and loops --------------------------------------------------------------------------

    def _if(self, step: If) -> list[Any]:
        """An if statement: no empty arms, no `else` after an arm that leaves."""
        test = self.arg(step.cond)
        then, orelse = self.block(step.then), self.block(step.orelse)
        if not then and not orelse:
            return [ast.Expr(test)] if self._has_effect(step.cond) else []
        if not then or orelse and leaves(orelse) and not leaves(then):
            then, orelse, test = orelse, then, negated(test, is_plain(step.cond))
        if leaves(then):
            return [ast.If(test, then, []), *orelse]
        return [ast.If(test, then, orelse)]

    def _region(self, step: Region) -> list[Any]:
        """`with cond as x:`, or `try:` and `finally:`; or statements, and then what is deleted."""
        branch = step.branch
        if branch.way == "checkpoint":
            body = self.block(step.body)
            gone = [] if self.func.jit is not None else forgotten(step, body, self.layout.live, self.name)
            return [*body, ast.Delete([ast.Name(each, ast.Del()) for each in gone])] if gone else body
        manager = None if branch.way == "try" else self.arg(branch.cond)
        body = self.block(step.body) or [ast.Pass()]
        if manager is None:
            return [ast.Try(body, [], [], self.block(step.last) or [ast.Pass()])]
        bound = [p for p in branch.then.params if p in self.layout.nesting.uses]
        return [ast.With([ast.withitem(manager, variable(self.name(bound[0]), True) if bound else None)], body)]

    def _has_effect(self, atom: Atom) -> bool:
        stmt = self.nested.get(atom) if isinstance(atom, Value) else None
        if stmt is None:
            return False
        return self.layout.nesting.survey.seen(stmt)[0] or any(
            self._has_effect(v) for v in (stmt.args if isinstance(stmt, Op) else ()))

    def _while(self, step: While) -> Any:
        head, test = self.block(step.head), self.arg(step.cond)
        body = self.block(step.body)
        if head:
            body = [*head, ast.If(negated(test, is_plain(step.cond)), [ast.Break()], []), *body]
            test = ast.Constant(True)
        if self.func.jit is not None and isinstance(test, ast.Constant) and binds_and_leaves(body):
            # Numba 0.68 does not leave `while True` where a name is bound just before the `break`
            test = ast.Call(self.world.function(bool), [ast.Constant(1)], [])
        return ast.While(test, body or [ast.Pass()], [])

    def range(self, loop: Loop) -> Any:
        """What a counted loop runs over, backwards where that is its direction."""
        if loop.independent and self.func.jit is not None and self.func.jit.get("parallel"):
            bounds = self._range(loop).args
            if len(bounds) == 1 and not only_indexes(loop):     # Numba's index has no sign, where it is given no start
                bounds = [self.world.constant(0), *bounds]
            return ast.Call(attribute(self.world.module("numba"), "prange"), bounds, [])
        if not loop.backward:
            return self._range(loop)
        if not is_const(loop.step, 1):
            return ast.Call(self.world.function(reversed), [self._range(loop)], [])
        bounds = [less_one(self.arg(loop.stop)), less_one(self.arg(loop.start)), self.world.constant(-1)]
        return ast.Call(self.world.function(range), bounds, [])

    def _range(self, loop: Loop) -> Any:
        bounds = [loop.start, loop.stop, loop.step]
        if is_const(loop.step, 1):
            bounds = [loop.stop] if is_const(loop.start, 0) else bounds[:2]
        return ast.Call(self.world.function(range), [self.arg(b) for b in bounds], [])


def binds_and_leaves(body: list[Any]) -> bool:
    """Does an arm do something, and then leave the loop?"""
    branches = [node for stmt in body for node in ast.walk(stmt) if isinstance(node, ast.If)]
    arms = [arm for branch in branches for arm in (branch.body, branch.orelse)]
    return any(len(arm) > 1 and isinstance(arm[-1], ast.Break) for arm in arms)


def is_reverse(step: Step) -> bool:
    """Does a step belong to the reverse sweep?"""
    if isinstance(step, Put):
        return step.stmt.reverse
    if isinstance(step, (Copy, If)):
        return step.reverse
    if isinstance(step, Region):
        return step.branch.reverse
    return isinstance(step, (Begin, For, While)) and step.loop.reverse


def leaves(body: list[Any]) -> bool:
    """Is what stands after these statements never reached?"""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        return leaves(last.body) and leaves(last.orelse)
    return isinstance(last, (ast.Break, ast.Return, ast.Raise))


def less_one(node: Any) -> Any:
    """`node - 1`, added up where that is known."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        number = node.value - 1
        return ast.Constant(number) if number >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-number))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant) \
            and type(node.operand.value) is int:
        return ast.UnaryOp(ast.USub(), ast.Constant(node.operand.value + 1))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) and \
            isinstance(node.right, ast.Constant) and type(node.right.value) is int:
        by = (node.right.value if isinstance(node.op, ast.Add) else -node.right.value) - 1
        if by == 0:
            return node.left
        return ast.BinOp(node.left, ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))
    return ast.BinOp(node, ast.Sub(), ast.Constant(1))


def summed(place: Any, value: Any) -> Any:
    """`place += value`, or `place -= x` where the value is `-x`."""
    less = without_minus(value)
    more = None if less is None else without_minus(less)
    if more is not None:
        return ast.AugAssign(place, ast.Add(), more)
    return ast.AugAssign(place, ast.Add() if less is None else ast.Sub(), value if less is None else less)


def without_minus(node: Any) -> Any:
    """What is negated in `-x`, `-x * y` and `-2.0 * y`; None where nothing is."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value < 0.0:
        return ast.Constant(-node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        left = without_minus(node.left)
        return None if left is None else ast.BinOp(left, node.op, node.right)
    return None
