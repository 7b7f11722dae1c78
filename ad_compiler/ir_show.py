"""The intermediate form as text, one statement a line; loops and branches state what they carry."""

from __future__ import annotations

from ad_compiler.ir import UNDEFINED, Arg, Block, Branch, Const, Func, Loop, Op, Slice, Stmt, Value, blocks_of


class _Names:
    def __init__(self) -> None:
        self.by_value: dict[Value, str] = {}
        self.taken: dict[str, int] = {}

    def __call__(self, value: Value) -> str:
        if value not in self.by_value:
            base = value.hint or "t"
            count = self.taken[base] = self.taken.get(base, 0) + 1
            self.by_value[value] = base if count == 1 else f"{base}_{count}"
        return self.by_value[value]

    def arg(self, arg: Arg) -> str:
        if isinstance(arg, Value):
            return self(arg)
        if arg is UNDEFINED:
            return "undefined"
        if isinstance(arg, Const):
            return arg.text or getattr(arg.value, "__name__", None) or repr(arg.value)
        if isinstance(arg, tuple):
            return "(" + ", ".join(map(self.arg, arg)) + ("," if len(arg) == 1 else "") + ")"
        if isinstance(arg, list):
            return "[" + ", ".join(map(self.arg, arg)) + "]"
        if isinstance(arg, dict):
            return "{" + ", ".join(f"{k!r}: {self.arg(v)}" for k, v in arg.items()) + "}"
        if isinstance(arg, Slice):
            return ":".join("" if isinstance(a, Const) and a.value is None else self.arg(a)
                            for a in (arg.start, arg.stop, arg.step))
        return repr(arg)

    def list(self, args: list[Arg]) -> str:
        return ", ".join(map(self.arg, args))


def _lines(stmt: Stmt, names: _Names, pad: str) -> list[str]:
    if isinstance(stmt, Op):
        words = [names.arg(a) for a in stmt.args] + [f"{k}={names.arg(v)}" for k, v in stmt.kwargs.items()]
        call = f"{getattr(stmt.fn, '__name__', stmt.fn)}({', '.join(words)})"
        mark = "!" if stmt.effect else ""
        return [pad + (f"{names.list(stmt.results)} = " if stmt.results else "") + call + mark]
    out = []
    if isinstance(stmt, Branch):
        param = f" as {names.list(stmt.then.params)}" if stmt.then.params else ""
        out.append(f"{pad}{stmt.way} {names.arg(stmt.cond)}{param}: -> {names.list(stmt.results)}")
    else:
        pairs = zip(stmt.body.params, stmt.inits, strict=True)
        carried = ", ".join(f"{names(p)} = {names.arg(i)}" for p, i in pairs)
        bounds = names.list([stmt.start, stmt.stop, stmt.step])
        head = "while" if stmt.index is None else f"for {names(stmt.index)} in {bounds}"
        trails = ", ".join(f"{names(t)} of {names.arg(v)}" for v, t in stmt.trails)
        out.append(f"{pad}{head} [{carried}]: -> {names.list(stmt.results)}" + (f" trails {trails}" if trails else "")
                   + " independent" * stmt.independent
                   + ("" if stmt.snapshots is None else f" snapshots {names.arg(stmt.snapshots)}"))
    for i, block in enumerate(blocks_of(stmt)):
        if i and isinstance(stmt, Branch):
            out.append(f"{pad}else:" if stmt.way == "if" else f"{pad}finally:")
        out += _block(block, names, pad + "    ", "hand on")
    if isinstance(stmt, Loop) and stmt.leave is not None:
        out.append(f"{pad}    leave if {names.arg(stmt.leave)}")
    return out


def _block(block: Block, names: _Names, pad: str, last: str) -> list[str]:
    out = [line for stmt in block.ops for line in _lines(stmt, names, pad)]
    if block.results:
        out.append(f"{pad}{last} {names.list(block.results)}")
    return out or [f"{pad}pass"]


def render(func: Func) -> str:
    """See `ad_compiler.ir.show`."""
    names = _Names()
    head = f"def {func.name}({names.list(func.params)}):"
    return "\n".join([head, *_block(func.body, names, "    ", "return")])
