"""Short ways to write programs in the intermediate form."""

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler.ir import Block, Const, Func, Loop, Slice, Value, show
from ad_compiler.kinds import INT, Num, Sym
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.simplify import simplify

N, M = Sym("n", True), Sym("m", True)
VECTOR, MATRIX, ROW = Num("float64", (M,)), Num("float64", (N, M)), Num("float64", (1, M))
SINGLE = Num("float32", (M,))
NUMPY = Num("float64", (), "np")
NONE = Const(None)
FROM_1 = Slice(Const(1), NONE, NONE)


class Code:
    """A block under construction; `reverse` marks what is emitted."""

    def __init__(self, *params, reverse=True):
        self.block, self.reverse, self.params = Block(), reverse, list(params)

    def __call__(self, fn, *args, kind=None, hint="", **flags):
        kind = kind or next(a.kind for a in args if isinstance(a, Value))
        return self.block.emit(fn, *args, kind=kind, hint=hint, **{"reverse": self.reverse, **flags})

    def func(self, *results):
        self.block.results = [results[0] if len(results) == 1 else results]
        return Func("f", self.params, self.block)

    def loop(self, carried, body, stop=None, **more):
        """Append a loop; `body` is a `Code` whose params are carried, `carried` maps inits to what is handed on."""
        body.block.params, body.block.results = body.params, list(carried.values())
        loop = Loop(list(carried), body.block, [Value(p.hint, p.kind) for p in body.params], Value("i", INT),
                    stop=stop or Const(3), reverse=self.reverse, **more)
        self.block.ops.append(loop)
        return loop


def value(hint, kind):
    return Value(hint, kind)


def shown(func, *passes):
    """The text of a function's body after some passes."""
    for step in passes:
        func = step(func)
    return "\n".join(line[4:] for line in show(func).splitlines()[1:])


def simple(func):
    """The text after `simplify` and `drop_dead`."""
    return shown(func, simplify, drop_dead)
