"""Statements of the intermediate form as statements of Python."""

from __future__ import annotations

from typing import Any

import gast

from ad_compiler import runtime
from ad_compiler.emission.expressions import BINARY, Expressions
from ad_compiler.emission.naming import Names
from ad_compiler.emission.plan import Plan
from ad_compiler.emission.spelling import name
from ad_compiler.errors import InvalidIR
from ad_compiler.ir import UNDEFINED, Atom, Block, Branch, Const, Func, Loop, Op, Origin, Stmt, Value, definitions, values_in, walk
from ad_compiler.kinds import Num, Seq

STORE = gast.Store()


class Lowering(Expressions):
    """Lowers one function."""

    def __init__(self, func: Func, plan: Plan, names: Names) -> None:
        super().__init__()
        self.func, self.plan, self.names = func, plan, names
        self.origin: tuple[Any, ...] | None = None
        self.main = next((s.origin.func for s in walk(func.body) if s.origin is not None), func.name)
        self.marked = plan.primal
        self.puts: dict[Value, list[Any]] = {}
        self.must_bind = maybe_unbound(func.body) if not func.bind_all else set()

    def run(self) -> gast.FunctionDef:
        """The whole function."""
        body = self.block(self.func.body, None)
        if self.func.body.results:
            self.returned(body, self.func.body.results[0])
        args = [name(self.names[p], gast.Param()) for p in self.func.params]
        spec = gast.arguments(args, [], None, [], [], None, [])
        return gast.FunctionDef(self.func.name, spec, body, [], None, None, [])

    def returned(self, body: list[Any], result: Any) -> None:
        """`return`; a tuple needs no brackets."""
        body.append(gast.Return(self.arg(result)))

    # -- blocks --------------------------------------------------------------------------------------

    def block(self, block: Block, owner: Stmt | None) -> list[Any]:
        """Statements of a block, with the entries of trails that its parameters make."""
        out: list[Any] = []
        for stmt in block.ops:
            if isinstance(stmt, Op):
                self.op(stmt, out)
            elif isinstance(stmt, Branch):
                self.branch(stmt, out)
            else:
                self.loop(stmt, out)
        return out

    def add(self, out: list[Any], node: Any, stmt: Stmt) -> None:
        """Append a statement, with the remark that is due."""
        if stmt.reverse and not self.marked:
            node.above, self.marked = "-- reverse sweep --", True
        if stmt.reverse and stmt.origin is not None:
            key = (stmt.origin.file, stmt.origin.line)
            if key != self.origin:
                self.origin = key
                node.remark = self.remark(stmt.origin)
        out.append(node)

    def remark(self, origin: Origin) -> str:
        """`line 3: p = h @ w2`; lines of other functions say whose they are."""
        where = f"line {origin.rel}" if origin.func == self.main else f"{origin.func} line {origin.rel}"
        return f"{where}: {origin.text}"

    # -- ops -----------------------------------------------------------------------------------------

    def op(self, op: Op, out: list[Any]) -> None:
        """One op: nothing where it is nested, else a statement."""
        if len(op.results) == 1 and op.result in self.plan.nested:
            return
        if op.fn is runtime.raise_:
            cause = self.arg(op.args[1]) if len(op.args) > 1 else None
            self.add(out, gast.Raise(self.arg(op.args[0]), cause), op)
            return
        if op.fn is runtime.assert_:
            message = self.arg(op.args[1]) if len(op.args) > 1 else None
            self.add(out, gast.Assert(self.arg(op.args[0]), message), op)
            return
        if op.inplace:
            self.add(out, self.update(op), op)
        elif not op.results or op.effect and not any(r in self.plan.uses for r in op.results):
            self.add(out, gast.Expr(self.call(op)), op)
        else:
            targets = [name(self.names[r], STORE) for r in op.results]
            alone = len(targets) == 1 and op.fn is not runtime.unpack
            target = targets[0] if alone else gast.Tuple(targets, STORE)
            node = gast.Assign([target], self.call(op), None)
            note = self.func.notes.get(next(iter(values_in(op.args)), op.results[0]))
            if note and getattr(op.fn, "__name__", "") == "copy":
                node.remark = note
            self.add(out, node, op)
        for result in op.results:
            out += self.puts.get(result, [])

    def update(self, op: Op) -> Any:
        """An op that overwrites its first argument."""
        target = self.arg(op.args[0])
        if op.fn in (runtime.index_set, runtime.index_add, runtime.list_add):
            index, value = self.index(op.args[1]), self.arg(op.args[2])
            place = gast.Subscript(target, index, STORE)
            if op.fn is runtime.index_set:
                return gast.Assign([place], value, None)
            if op.fn is runtime.list_add and any(isinstance(v.kind, Seq) for v in values_in(op.args[2])):
                add = name(self.bind(runtime.add_lists, "add_lists"))
                return gast.Assign([place], gast.Call(add, [gast.Subscript(target, index, gast.Load()), value], []), None)
            if op.fn is runtime.list_add or is_basic(op.args[1]):
                return gast.AugAssign(place, gast.Add(), value)
            at = gast.Attribute(gast.Attribute(name("np"), "add", gast.Load()), "at", gast.Load())
            return gast.Expr(gast.Call(at, [target, self.arg(op.args[1]), value], []))
        if op.fn in BINARY:
            return gast.AugAssign(name(self.names[op.result], STORE), BINARY[op.fn](), self.arg(op.args[1]))
        raise InvalidIR(f"{op.fn} cannot be done in place")

    def copies(self, pairs: list[tuple[Value, Atom]], stmt: Stmt) -> list[Any]:
        """Assignments to names, all at once: no name is read after it was written."""
        wanted = [(self.names[v], a) for v, a in pairs
                  if a is not UNDEFINED and v not in self.plan.nested
                  and not (isinstance(a, Value) and a not in self.plan.nested and self.names[a] == self.names[v])]
        out: list[Any] = []
        while wanted:
            free = next((p for p in wanted if not any(p[0] in self.read_names(a) for n, a in wanted if n != p[0])), None)
            if free is None:
                targets = gast.Tuple([name(n, STORE) for n, _ in wanted], STORE)
                out.append(gast.Assign([targets], gast.Tuple([self.arg(a) for _, a in wanted], gast.Load()), None))
                break
            wanted.remove(free)
            out.append(gast.Assign([name(free[0], STORE)], self.arg(free[1]), None))
        return out

    def read_names(self, atom: Atom) -> set[str]:
        """Names that an expression reads."""
        return {self.names[v] for v in self.plan.reads(list(values_in(atom)))}

    # -- branches ------------------------------------------------------------------------------------

    def branch(self, branch: Branch, out: list[Any]) -> None:
        """`if`, in the shape that reads best."""
        test = self.arg(branch.cond)
        node = gast.If(test, [], [])
        self.add_header(out, node, branch)
        arms = []
        for arm in (branch.then, branch.orelse):
            body = self.block(arm, branch)
            pairs = list(zip(branch.results, arm.results, strict=True))
            used = [(r, a) for r, a in pairs if r in self.plan.uses]
            used = [(r, Const(None)) if a is UNDEFINED and (self.func.bind_all or r in self.must_bind) else (r, a)
                    for r, a in used]
            body += self.copies(used, branch)
            for result, handed in pairs:
                if handed is not UNDEFINED and self.sinks(branch, result):
                    body += self.puts.get(result, [])
            arms.append(body)
        node.body, node.orelse = arms
        if not arms[0] and not arms[1]:
            out.remove(node)
            return
        if not arms[0]:
            node.test, node.body, node.orelse = negated(test), arms[1], []
        for result in branch.results:
            if not self.sinks(branch, result):
                out += self.puts.get(result, [])

    def add_header(self, out: list[Any], node: Any, stmt: Stmt) -> None:
        """A compound statement takes the marker, and leaves remarks to what is in it."""
        if stmt.reverse and not self.marked:
            node.above, self.marked = "-- reverse sweep --", True
        out.append(node)

    def sinks(self, branch: Branch, result: Value) -> bool:
        """Is a trail's entry made inside the arm that knows the value?"""
        at = branch.results.index(result)
        return any(arm.results[at] is UNDEFINED for arm in (branch.then, branch.orelse))

    # -- loops ---------------------------------------------------------------------------------------

    def loop(self, loop: Loop, out: list[Any]) -> None:
        """`for` or `while`, with what it keeps for the reverse sweep."""
        pairs = [(p, Const(None) if i is UNDEFINED and r in self.must_bind else i)
                 for p, i, r in zip(loop.body.params, loop.inits, loop.results, strict=True)]
        for node in self.copies([(p, i) for p, i in pairs if self.needed(p, loop)], loop):
            self.add_header(out, node, loop)
        counted = loop.index is not None and loop.leave is None
        for inner, trail in loop.trails:
            target = name(self.names[trail], STORE)
            start: Any = gast.List([], gast.Load())
            if counted:
                none = gast.List([gast.Constant(None, None)], gast.Load())
                start = gast.BinOp(none, gast.Mult(), self.count(loop))
                at = self.position(loop)
                put: Any = gast.Assign([gast.Subscript(name(self.names[trail]), at, STORE)], self.arg(inner), None)
            else:
                append = gast.Attribute(name(self.names[trail]), "append", gast.Load())
                put = gast.Expr(gast.Call(append, [self.arg(inner)], []))
            out.append(gast.Assign([target], start, None))
            for value in values_in(inner):
                self.puts.setdefault(value, []).append(put)
        if loop.trips is not None:
            out.append(gast.Assign([name(self.names[loop.trips], STORE)], gast.Constant(0, None), None))
        node = self.header(loop)
        self.add_header(out, node, loop)
        body = node.body
        if loop.trips is not None:
            body.append(gast.AugAssign(name(self.names[loop.trips], STORE), gast.Add(), gast.Constant(1, None)))
        for value in (*([loop.index] if loop.index is not None else []), *loop.body.params):
            body += self.puts.get(value, [])
        last = loop.body.ops[-1] if loop.body.ops else None
        if isinstance(last, Branch) and loop.leave in last.results and self.only_ends(last, loop):
            body += self.block(Block([], loop.body.ops[:-1]), loop)
            self.leaving(last, self.handed(loop), loop.leave, body)
        else:
            self.close(loop, body, self.block(loop.body, loop))
        for value in definitions(loop):
            out += self.puts.get(value, [])

    def handed(self, loop: Loop) -> list[tuple[Value, Atom]]:
        """What an iteration hands on to the next, where something reads it."""
        return [(p, a) for p, a in zip(loop.body.params, loop.body.results, strict=True) if self.needed(p, loop)]

    def only_ends(self, branch: Branch, loop: Loop) -> bool:
        """Are a branch's results read by the end of the iteration alone?"""
        kept = {v for inner, _ in loop.trails for v in values_in(inner)}
        return not any(r in kept and not self.sinks(branch, r) for r in branch.results)

    def leaving(self, branch: Branch, pairs: list[tuple[Value, Atom]], leave: Atom | None, out: list[Any]) -> None:
        """A branch at the end of an iteration, one arm of which leaves the loop."""
        node = gast.If(self.arg(branch.cond), [], [])
        self.add_header(out, node, branch)
        arms = []
        for arm in (branch.then, branch.orelse):
            there = {r: a for r, a in zip(branch.results, arm.results, strict=True)}
            ends = [(p, there.get(a, a) if isinstance(a, Value) else a) for p, a in pairs]
            end = there[leave] if isinstance(leave, Value) else leave
            last = arm.ops[-1] if arm.ops else None
            if isinstance(last, Branch) and end in last.results:
                body = self.block(Block([], arm.ops[:-1]), branch)
                self.leaving(last, ends, end, body)
            else:
                body = self.block(arm, branch)
                for result, handed in there.items():
                    if handed is not UNDEFINED and self.sinks(branch, result):
                        body += self.puts.get(result, [])
                body += self.copies(ends, branch)
                if isinstance(end, Value):
                    body.append(gast.If(self.arg(end), [gast.Break()], []))
                elif end is not None and end.value:
                    body.append(gast.Break())
            arms.append(body)
        node.body, rest = arms
        if node.body and isinstance(node.body[-1], gast.Break):
            out += rest
        elif not node.body:
            node.test, node.body = negated(node.test), rest
        elif rest and isinstance(rest[-1], gast.Break):
            node.test, node.body = negated(node.test), rest
            out += arms[0]
        else:
            node.orelse = rest

    def needed(self, param: Value, loop: Loop) -> bool:
        """Is a carried value read at all?"""
        result = loop.results[loop.body.params.index(param)]
        return param in self.plan.uses or result in self.plan.uses

    def header(self, loop: Loop) -> Any:
        """The first line."""
        if loop.index is None:
            assert loop.cond is not None
            if any(isinstance(s, Op) and (len(s.results) != 1 or s.result not in self.plan.nested) or isinstance(s, (Branch, Loop))
                   for s in loop.cond.ops):
                body = self.block(loop.cond, loop)
                body.append(gast.If(negated(self.arg(loop.cond.results[0])), [gast.Break()], []))
                return gast.While(gast.Constant(True, None), body, [])
            return gast.While(self.arg(loop.cond.results[0]), [], [])
        index = name(self.names[loop.index], STORE) if loop.index in self.plan.uses or loop.trails else name("_", STORE)
        return gast.For(index, self.range(loop), [], [], None)

    def range(self, loop: Loop) -> Any:
        """`range(…)`, forwards or backwards."""
        start, stop, step = self.arg(loop.start), self.arg(loop.stop), self.arg(loop.step)
        first = isinstance(loop.start, Const) and loop.start.value == 0
        unit = isinstance(loop.step, Const) and loop.step.value == 1
        if not loop.backward:
            return call("range", *([stop] if first and unit else [start, stop] if unit else [start, stop, step]))
        if unit:
            return call("range", less_one(stop), less_one(start), gast.Constant(-1, None))
        return call("reversed", call("range", start, stop, step))

    def count(self, loop: Loop) -> Any:
        """How often a counted loop runs."""
        start, stop, step = self.arg(loop.start), self.arg(loop.stop), self.arg(loop.step)
        if isinstance(loop.step, Const) and loop.step.value == 1:
            if isinstance(loop.start, Const) and loop.start.value == 0:
                return stop
            return gast.BinOp(stop, gast.Sub(), start)
        return call("len", call("range", start, stop, step))

    def position(self, loop: Loop) -> Any:
        """Number of the iteration, from the index."""
        assert loop.index is not None
        node: Any = name(self.names[loop.index])
        if not (isinstance(loop.start, Const) and loop.start.value == 0):
            node = gast.BinOp(node, gast.Sub(), self.arg(loop.start))
        if not (isinstance(loop.step, Const) and loop.step.value == 1):
            node = gast.BinOp(node, gast.FloorDiv(), self.arg(loop.step))
        return node

    def close(self, loop: Loop, body: list[Any], inside: list[Any]) -> None:
        """What an iteration hands on, and whether it was the last."""
        pairs = self.handed(loop)
        body += inside
        body += self.copies(pairs, loop)
        if loop.leave is None:
            return
        if isinstance(loop.leave, Const):
            if loop.leave.value:
                body.append(gast.Break())
            return
        body.append(gast.If(self.arg(loop.leave), [gast.Break()], []))


def call(fn: str, *args: Any) -> Any:
    """`fn(*args)`."""
    return gast.Call(name(fn), list(args), [])


def less_one(node: Any) -> Any:
    """`node - 1`, computed where it is a number."""
    if isinstance(node, gast.Constant) and isinstance(node.value, int):
        return gast.Constant(node.value - 1, None)
    if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub)) and \
            isinstance(node.right, gast.Constant) and isinstance(node.right.value, int):
        by = node.right.value if isinstance(node.op, gast.Add) else -node.right.value
        by -= 1
        if by == 0:
            return node.left
        return gast.BinOp(node.left, gast.Add() if by > 0 else gast.Sub(), gast.Constant(abs(by), None))
    return gast.BinOp(node, gast.Sub(), gast.Constant(1, None))


def negated(node: Any) -> Any:
    """`not node`, or the opposite where that is the same for NaN too."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.Not):
        return node.operand
    opposite = {gast.Eq: gast.NotEq, gast.NotEq: gast.Eq, gast.Is: gast.IsNot, gast.IsNot: gast.Is}
    if isinstance(node, gast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in opposite:
        return gast.Compare(node.left, [opposite[type(node.ops[0])]()], node.comparators)
    return gast.UnaryOp(gast.Not(), node)


def maybe_unbound(block: Block) -> set[Value]:
    """Values that an arm or a loop may leave unbound, and that are handed on all the same."""
    unbound: set[Value] = set()
    handed: set[Value] = set()
    for stmt in walk(block):
        if isinstance(stmt, Branch):
            arms = [stmt.then.results, stmt.orelse.results]
            unbound |= {r for at, r in enumerate(stmt.results) if any(arm[at] is UNDEFINED for arm in arms)}
            handed |= set(values_in(arms))
        elif isinstance(stmt, Loop):
            unbound |= {r for r, init in zip(stmt.results, stmt.inits, strict=True) if init is UNDEFINED}
            handed |= set(values_in([stmt.inits, stmt.body.results]))
    return unbound & handed


def is_basic(index: Any) -> bool:
    """An index of integers, slices and masks: it names no element twice."""
    if isinstance(index, tuple):
        return all(is_basic(i) for i in index)
    if isinstance(index, Value):
        return isinstance(index.kind, Num) and index.kind.form != "any" and (
            index.kind.dtype == "bool" or index.kind.shape == ())
    if isinstance(index, Const):
        return not isinstance(index.value, list) and (getattr(index.value, "ndim", 0) == 0
                                                      or getattr(index.value, "dtype", None) == bool)
    return not isinstance(index, list)
