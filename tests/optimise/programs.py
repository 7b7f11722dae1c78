"""Random programs in the intermediate form: loops, branches, trails, views, stores, shared memory."""

import operator
import random

import numpy as np

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler import runtime
from ad_compiler.ir import Block, Branch, Const, Func, Loop, Op, Origin, Slice, Value
from ad_compiler.kinds import BOOL, FLOAT, INT, Num, Seq, Sym

LONG = Num("float64", (Sym("n", True),))
SHORT = Num("float64", (Sym("m", True),))
ROW = Num("float64", (1,))
SCALAR = Num("float64", (), "np")
INDICES = Num("int64", (2,))
HINTS = ["", "", "a", "b", "x_bar", "x_bar", "y_bar"]
NONE = Const(None)


def arguments(seed):
    """Arguments for every generated function; n is 5, m is 4."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=5), rng.normal(size=5), rng.normal(size=4), rng.normal(size=1), float(rng.normal()),
            int(rng.integers(0, 4)), np.array([1, 1]))


class Program:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        kinds = [LONG, LONG, SHORT, ROW, FLOAT, INT, INDICES]
        self.params = [Value(h, k) for h, k in zip(["a", "b", "c", "r", "x", "n", "at"], kinds, strict=True)]
        self.count, self.at, self.x = self.params[5], self.params[6], self.params[4]
        self.made = 0
        body = Block()
        scope = self.params[:5]
        self.statements(body, scope, 3, self.rng.randint(4, 14))
        chosen = [self.pick(scope, kind) for kind in (LONG, LONG, SHORT, ROW, SCALAR)]
        body.results = [tuple(v for v in [*chosen, scope[-1]] if v is not None)]
        self.func = Func("program", self.params, body)

    def pick(self, scope, *kinds):
        found = [v for v in scope if v.kind in kinds]
        if not found:
            return None
        return self.rng.choice(found[-4:] if self.rng.random() < 0.7 else found)

    def number(self, scope):
        known = self.rng.choice([0.0, 1.0, 2, 0.5, -1.0, -0.5, 1])
        return self.pick(scope, FLOAT, SCALAR) if self.rng.random() < 0.4 else Const(known)

    def emit(self, block, scope, fn, *args, kind, hint=None, **flags):
        self.made += 1
        line = self.made // 4
        value = block.emit(fn, *args, kind=kind, hint=self.rng.choice(HINTS) if hint is None else hint,
                           origin=Origin("f.py", line, line, "", "program"), **flags)
        scope.append(value)
        return value

    def statements(self, block, scope, depth, count):
        for _ in range(count):
            roll = self.rng.random()
            if depth and roll < 0.12:
                self.branch(block, scope, depth)
            elif depth and roll < 0.27:
                self.loop(block, scope, depth)
            else:
                self.op(block, scope)

    def op(self, block, scope):
        rng, reverse = self.rng, self.rng.random() < 0.7
        a = self.pick(scope, LONG, SHORT, ROW)
        kind = a.kind
        b = self.pick(scope, kind)
        roll = rng.randrange(20)

        def emit(fn, *args, kind=kind, **flags):
            return self.emit(block, scope, fn, *args, kind=kind, reverse=reverse, **flags)

        def index():
            return rng.choice([Const(0), Slice(NONE, NONE, NONE), Slice(NONE, NONE, Const(2)), Const(Ellipsis)])
        if roll < 3:
            emit(rng.choice([operator.add, operator.sub]), a, b, hint=a.hint if rng.random() < 0.7 else None)
        elif roll < 5:
            args = [a, self.number(scope)]
            rng.shuffle(args)
            emit(operator.mul, *args)
        elif roll < 6:
            emit(operator.mul, emit(np.tanh, a), b)
        elif roll < 7:
            emit(rng.choice([operator.neg, np.copy, runtime.zeros_like, np.ones_like, np.tanh]), a)
        elif roll < 8:
            emit(operator.getitem, a, Slice(NONE, NONE, Const(-1)))
        elif roll < 9 and kind is LONG:
            emit(operator.getitem, a, Slice(Const(1), NONE, NONE), kind=SHORT)
        elif roll < 12:
            emit(runtime.index_set, a, index(), self.number(scope), hint=a.hint)
        elif roll < 13:
            emit(runtime.index_set, a, Slice(NONE, NONE, NONE), b, hint=a.hint)
        elif roll < 15:
            emit(runtime.index_add, a, index(), self.number(scope), hint=a.hint)
        elif roll < 16 and kind is not ROW:
            if rng.random() < 0.5:
                emit(runtime.index_add, a, self.at, self.number(scope), hint=a.hint)
            else:
                emit(runtime.index_set, a, Slice(NONE, NONE, NONE), emit(runtime.broadcast_like, self.x, a))
        elif roll < 17:
            emit(np.sum, a, kind=SCALAR)
        elif roll < 18:
            emit(rng.choice([operator.add, operator.mul, operator.sub]), self.number(scope),
                 self.pick(scope, SCALAR) or emit(np.sum, a, kind=SCALAR), kind=SCALAR)
        elif roll < 19:
            g = self.pick(scope, ROW, FLOAT, SCALAR)
            wide = emit(runtime.broadcast_like, g, a)
            emit(rng.choice([operator.mul, operator.add]), *rng.sample([wide, b], 2))
        elif rng.random() < 0.5:
            like = self.pick(scope, ROW, kind)
            emit(runtime.unbroadcast, a, like, kind=like.kind)
        else:
            emit(runtime.cast_like, a, b)

    def condition(self, block, scope):
        total = block.emit(np.sum, self.pick(scope, LONG, SHORT), kind=SCALAR)
        return block.emit(operator.gt, total, Const(0.0), kind=BOOL)

    def branch(self, block, scope, depth):
        cond = Const(self.rng.random() < 0.5) if self.rng.random() < 0.1 else self.condition(block, scope)
        branch = Branch(cond, Block(), Block(), reverse=self.rng.random() < 0.5)
        scopes = [list(scope), list(scope)]
        for arm, inner in zip((branch.then, branch.orelse), scopes, strict=True):
            self.statements(arm, inner, depth - 1, self.rng.randint(0, 4))
        for kind in (LONG, LONG, SHORT):
            branch.results.append(Value(self.rng.choice(HINTS), kind))
            for arm, inner in zip((branch.then, branch.orelse), scopes, strict=True):
                arm.results.append(self.pick(inner, kind))
        block.ops.append(branch)
        scope += branch.results

    def loop(self, block, scope, depth):
        rng = self.rng
        inits = [self.pick(scope, kind) for kind in (LONG, LONG, SHORT, FLOAT)[:rng.randint(1, 4)]]
        params = [Value(i.hint, i.kind) for i in inits]
        body = Block(params)
        index = Value("i", INT)
        loop = Loop(inits, body, [Value(p.hint, p.kind) for p in params], index, stop=self.count,
                    reverse=rng.random() < 0.5, backward=rng.random() < 0.3)
        if rng.random() < 0.2:
            loop.stop = Const(rng.randint(0, 2))
        inner = [*scope, *params]
        self.statements(body, inner, depth - 1, rng.randint(1, 6))
        body.results = [p if rng.random() < 0.15 else self.pick(inner, p.kind) for p in params]
        if rng.random() < 0.3:
            self.shuffle(body, inner)
        if rng.random() < 0.2:
            loop.backward, loop.leave = False, self.condition(body, inner)
            loop.trips = Value("trips", INT)
        if rng.random() < 0.2 and loop.stop is self.count and not loop.backward:
            self.as_while(loop)
        if rng.random() < 0.5:
            kept = self.pick(body.results if rng.random() < 0.5 else inner, LONG, SHORT)
            loop.trails.append((kept, Value(f"{kept.hint}_trail", Seq(kept.kind))))
        block.ops.append(loop)
        scope += loop.results
        if loop.trails and loop.index is not None and loop.leave is None:
            self.read_back(block, scope, loop)

    def shuffle(self, body, inner):
        """Two carried arrays change places."""
        long = [at for at, p in enumerate(body.params) if p.kind is LONG]
        if len(long) == 2:
            body.results[long[0]], body.results[long[1]] = body.params[long[1]], body.params[long[0]]

    def as_while(self, loop):
        """The same iterations, counted by hand."""
        seen, after = Value("k", INT), Value("k", INT)
        loop.cond = Block()
        loop.cond.results = [loop.cond.emit(operator.lt, seen, self.count, kind=BOOL)]
        loop.inits.append(Const(0))
        loop.body.params.append(seen)
        loop.body.ops.insert(0, Op(operator.add, (seen, Const(0)), {}, [loop.index]))
        loop.body.results.append(loop.body.emit(operator.add, seen, Const(1), kind=INT))
        loop.results.append(after)
        loop.index, loop.stop = None, Const(0)

    def read_back(self, block, scope, loop):
        """A loop over the same range reads the trail."""
        kept, trail = loop.trails[0]
        start = self.pick(scope, kept.kind)
        param, index = Value("x_bar", kept.kind), Value("i", INT)
        body = Block([param])
        item = body.emit(operator.getitem, trail, index, kind=kept.kind, reverse=True)
        if self.rng.random() < 0.3:
            item = body.emit(runtime.index_add, item, Const(0), Const(1.0), kind=kept.kind, reverse=True)
        fn = self.rng.choice([operator.add, operator.sub])
        body.results = [body.emit(fn, param, item, kind=kept.kind, hint="x_bar", reverse=True)]
        if self.rng.random() < 0.3:
            self.statements(body, [*scope, param, item], 0, 2)
        out = Value("x_bar", kept.kind)
        block.ops.append(Loop([start], body, [out], index, stop=loop.stop, reverse=True, backward=not loop.backward))
        scope.append(out)
