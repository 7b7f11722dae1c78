"""Constants are folded and expressions shortened, until nothing changes.

What each function may become is said in `algebra`, `shapes` and `fold`; here the program is walked, and
branches and loops that are decided already are opened.

>>> from ad_compiler import runtime
>>> import operator
>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import Num, Sym
>>> r = Value("r", Num("float64", (Sym("n"),)))
>>> block = Block()
>>> def call(fn, *args):
...     return block.emit(fn, *args, kind=r.kind, reverse=True)
>>> q_bar = call(runtime.broadcast_like, Const(1.0), r)
>>> block.results = [call(operator.add, call(operator.mul, q_bar, r), call(operator.mul, q_bar, r))]
>>> func = Func("f_grad", [r], block)
>>> print(show(func))
def f_grad(r):
    t = broadcast_like(1.0, r)
    t_2 = mul(t, r)
    t_3 = mul(t, r)
    t_4 = add(t_2, t_3)
    return t_4
>>> from ad_compiler.optimise.dce import drop_dead
>>> print(show(drop_dead(simplify(func))))
def f_grad(r):
    t = mul(2.0, r)
    return t
"""

from __future__ import annotations

from collections import Counter

from ad_compiler.indices import same_arg
from ad_compiler.ir import (
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    blocks_of,
    map_values,
    operands,
    values_in,
    walk,
)
from ad_compiler.kinds import Num
from ad_compiler.ops import is_argument, is_operator, is_store, known_for, numpys, values_met
from ad_compiler.optimise import algebra, shapes
from ad_compiler.optimise.facts import clearer, count_uses, number
from ad_compiler.optimise.fold import fold
from ad_compiler.optimise.rewrite import Answer, Call, Context, NotReal, agrees, arithmetic
from ad_compiler.passes import counts

may_be_its_first = known_for(lambda of: of.view == "argument" or of.access == "add")

MOST_ROUNDS = 8
DEPTH = 4
"""A rule looks at what makes its operands, and what makes that, about so far."""


@counts
def simplify(func: Func) -> Func:
    """Shorten every expression; what is then no longer needed is left for `drop_dead`."""
    edited, everywhere = False, False
    stmts = walk(func.body)
    one_precision = _OnePrecision(func, stmts)
    for _ in range(MOST_ROUNDS):
        uses = count_uses(func.body)
        loops = [stmt for stmt in stmts if type(stmt) is Loop]
        walker = _Walker(Context(uses, one_precision, _overwritten(stmts, loops)), _newly_once(uses), everywhere)
        walker.undone = {loop.mirror for loop in loops}
        walker.block(func.body)
        edited = edited or walker.changed or walker.sharper
        if not walker.changed:
            break
        everywhere, stmts = walker.everywhere, walk(func.body)
    func.edits += edited
    return func


def _newly_once(uses: Counter[Value]) -> dict[Value, int]:
    """Values that are read once now, but were not when this was asked before, or the other way round."""
    found = {v: 0 for v, count in uses.items() if v.once is not (count <= 1)}
    for value in found:
        value.once = uses[value] <= 1
    return found


class _OnePrecision:
    """Have all arrays of floats one dtype?  This is seldom asked for."""

    def __init__(self, func: Func, stmts: list[Stmt]) -> None:
        self.func, self.stmts = func, stmts
        self.known: bool | None = None

    def __call__(self) -> bool:
        if self.known is None:
            kinds = [param.kind for param in self.func.params]
            of_params = {kind.dtype for kind in kinds if isinstance(kind, Num) and kind.form != "py" and kind.real}
            self.known = len(of_params.union(kind.dtype for kind in numpys(values_met(self.stmts)))) <= 1
        return self.known


def _overwritten(stmts: list[Stmt], loops: list[Loop]) -> frozenset[Value]:
    """What is stored into, or may be in a loop that it is carried into."""
    stored = [store.args[0] for store in filter(is_store, stmts)]
    return frozenset(values_in([stored, [loop.inits for loop in loops]]))


class _Walker:
    """One round: operands are met after what makes them, so they are short already.

    An op is asked again only where it is made of something that has changed since it was asked, in an earlier round
    or run: an operand, whether it is read once, or what makes it, as deep as a rule looks.
    """

    def __init__(self, see: Context, news: dict[Value, int], everywhere: bool) -> None:
        self.see, self.news, self.everything = see, news, everywhere        # `news`: how deep what is new stands
        self.new = news.keys()
        self.mapping: dict[Value, Atom] = {}
        self.gone = self.mapping.keys()
        self.changed = False        # so that another round may find more
        self.everywhere = False     # in all ops
        self.sharper = False        # kinds are known better
        self.undone: set[Loop | None] = set()       # loops that a loop of the reverse sweep refers to

    def now(self, atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in self.mapping:
            atom = self.mapping[atom]
        return atom

    def same(self, value: Value, atom: Atom, *, reverse: bool) -> None:
        """From here on `value` is `atom`, which gains its name where it has none, but not the other sweep's."""
        atom = self.now(atom)
        if isinstance(atom, Value) and atom in self.see.makers and self.see.makers[atom].reverse is reverse:
            atom.hint = clearer(atom.hint, value.hint)
        self.mapping[value] = atom
        self.changed = True

    def block(self, block: Block) -> None:
        outer, self.see.out = self.see.out, []
        self.see.stores += 1        # a block may come round again: nothing outside is just before it
        self.statements(block.ops)
        self.see.stores += 1
        block.ops, self.see.out = self.see.out, outer
        block.results = map_values(block.results, self.now)

    def statements(self, ops: list[Stmt]) -> None:
        for stmt in ops:
            if type(stmt) is Op:
                self.op(stmt)
            elif isinstance(stmt, Branch):
                self.branch(stmt)
            else:
                self.loop(stmt)

    def op(self, op: Op) -> None:
        values = operands(op)
        if not self.gone.isdisjoint(values):
            op.args, op.kwargs = map_values(op.args, self.now), map_values(op.kwargs, self.now)
        known = op.asked is op.args and self.new.isdisjoint(values) and not self.everything
        # of what is stopped, what it is made of has a derivative, which must not show through
        if not known and _is_ruled(op) and len(op.results) == 1 and not op.effect and not op.stopped:
            self.ask(op)
            for _ in range(MOST_ROUNDS):
                self.sharpen(op)
                answer = self.answer(op)
                if answer is None:
                    break
                self.changed = True
                self.everywhere = self.everywhere or is_store(op)
                if not isinstance(answer, Call):
                    self.same(op.result, answer, reverse=op.reverse)
                    return
                op.fn, op.args, op.kwargs, op.spelling = answer.fn, answer.args, answer.kwargs, answer.spelling
        see = self.see
        for result in op.results:
            see.makers[result], see.stores_before[result] = op, see.stores
        see.stores += is_store(op)
        see.out.append(op)

    def ask(self, op: Op) -> None:
        """Something has changed since it was asked: that is news for what is made of it, too."""
        depth = 0
        if op.asked is op.args and not self.everything:
            depth = 1 + min([self.news[v] for v in operands(op) if v in self.news])
        if depth < DEPTH:
            self.news[op.results[0]] = depth
        op.asked = op.args

    def answer(self, op: Op) -> Answer:
        known = fold(op)
        if known is not None:
            return known
        before, rewrite = len(self.see.out), algebra.rewrite
        if op.fn not in algebra.RULES:
            rewrite = shapes.rewrite
            if may_be_its_first(op) and (is_argument(op) or op.reverse and number(op.args[2]) == 0):    # adds nothing
                return op.args[0]       # type: ignore[no-any-return]
        try:
            return rewrite(op, self.see)
        except NotReal:
            del self.see.out[before:]
            return None

    def sharpen(self, op: Op) -> None:
        """The kind of an op of the reverse sweep follows its operands, which may have become simpler."""
        if not op.reverse or op.fn not in algebra.RULES:
            return
        kind = op.result.kind
        if not isinstance(kind, Num) or not kind.real:
            return
        found = None if agrees(kind, op.args) else arithmetic(op.fn, *op.args)
        if found is not None and found.real and found.shape is not None and found != kind:
            op.result.kind, self.sharper, op.asked = found, True, None

    # -- branches and loops --------------------------------------------------------------------------

    def branch(self, branch: Branch) -> None:
        branch.cond = self.now(branch.cond)
        if isinstance(branch.cond, Const) and branch.way == "if":
            arm = branch.then if branch.cond.value else branch.orelse
            self.statements(arm.ops)
            for result, handed in zip(branch.results, arm.results, strict=True):
                self.same(result, handed, reverse=branch.reverse)
            self.changed = self.everywhere = True
            return
        for arm in blocks_of(branch):
            self.block(arm)
        kept = []
        for at, result in enumerate(branch.results):
            if same_arg(branch.then.results[at], branch.orelse.results[at]):
                self.same(result, branch.then.results[at], reverse=branch.reverse)
            else:
                kept.append(at)
        branch.results = [branch.results[at] for at in kept]
        for arm in blocks_of(branch):
            arm.results = [arm.results[at] for at in kept]
        self.see.out.append(branch)

    def loop(self, loop: Loop) -> None:
        loop.inits = map_values(loop.inits, self.now)
        for one in (loop, loop.mirror):     # a loop that is undone may be gone: its bounds are kept in step
            if one is not None:
                one.start, one.stop, one.step = map_values((one.start, one.stop, one.step), self.now)
        if loop.cond is not None:
            self.block(loop.cond)
        if never_runs(loop):
            for result, init in zip(loop.results, loop.inits, strict=True):
                self.same(result, init, reverse=loop.reverse)
            if loop.trips is not None:
                self.same(loop.trips, Const(0), reverse=loop.reverse)
            self.changed = self.everywhere = True
            return
        self.block(loop.body)
        loop.leave = None if loop.leave is None else self.now(loop.leave)
        if isinstance(loop.leave, Const) and not loop.leave.value and loop not in self.undone:
            loop.leave = None       # where it is undone, by number of the iteration, that is to be known until then
        loop.trails = [(self.now(inner), trail) for inner, trail in loop.trails]
        self.see.out.append(loop)


def _is_ruled(op: Op) -> bool:
    """May an op become something shorter?"""
    return op.fn in algebra.RULES or shapes.is_ruled(op) or is_operator(op)


def never_runs(loop: Loop) -> bool:
    """Is it known that a loop does nothing?"""
    if loop.trails:
        return False
    if loop.cond is not None:
        (condition,) = loop.cond.results
        return isinstance(condition, Const) and not condition.value
    bounds = [number(bound) for bound in (loop.start, loop.stop, loop.step)]
    return all(type(b) is int for b in bounds) and bounds[2] != 0 and not range(*bounds)


