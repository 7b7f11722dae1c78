"""Which values are needed at the same time, and so cannot share a name."""

from __future__ import annotations

from ad_compiler.errors import InvalidIR
from ad_compiler.ir import Block, Branch, Func, Loop, Op, Stmt, Value, definitions, operands, values_in

from ad_compiler.emission.plan import Plan


class Liveness:
    """`clashes[v]`: the values that are live where `v` is defined, and the other way round."""

    def __init__(self, func: Func, plan: Plan) -> None:
        self.plan = plan
        self.clashes: dict[Value, dict[Value, None]] = {}
        self.order: list[Value] = []
        live = self._reads(values_in(func.body.results))
        live = self._block(func.body, live)
        self._together([*func.params, *func.refs], live)

    def _reads(self, values: object) -> dict[Value, None]:
        return dict.fromkeys(self.plan.reads(list(values)))       # type: ignore[call-overload]

    def _clash(self, a: Value, b: Value) -> None:
        if a is not b:
            self.clashes.setdefault(a, {})[b] = None
            self.clashes.setdefault(b, {})[a] = None

    def _together(self, defined: list[Value], live: dict[Value, None]) -> None:
        for at, value in enumerate(defined):
            self.clashes.setdefault(value, {})
            for other in (*defined[:at], *live):
                self._clash(value, other)

    def _block(self, block: Block, live: dict[Value, None]) -> dict[Value, None]:
        for stmt in reversed(block.ops):
            live = self._stmt(stmt, live)
        return live

    def _stmt(self, stmt: Stmt, live: dict[Value, None]) -> dict[Value, None]:
        if isinstance(stmt, Op):
            if len(stmt.results) == 1 and stmt.result in self.plan.nested:
                return live
            self._together(stmt.results, live)
            live = {v: None for v in live if v not in stmt.results}
            if stmt.inplace:
                target = next(values_in(stmt.args[0]))
                if target in live:
                    raise InvalidIR(f"{target} is overwritten in place but read afterwards")
            return {**live, **self._reads(operands(stmt))}
        if isinstance(stmt, Branch):
            self._together(stmt.results, live)
            after = {v: None for v in live if v not in stmt.results}
            before = self._reads(operands(stmt))
            for arm in (stmt.then, stmt.orelse):
                before = {**before, **self._block(arm, {**after, **self._reads(values_in(arm.results))})}
            return {**after, **before}
        return self._loop(stmt, live)

    def _loop(self, loop: Loop, live: dict[Value, None]) -> dict[Value, None]:
        lists = [v for v in definitions(loop) if v not in loop.results]
        self._together([*loop.results, *lists], live)
        kept = {**{v: None for v in live if v not in loop.results}, **dict.fromkeys(lists)}
        params = loop.body.params
        ends = [*values_in(loop.body.results), *values_in(loop.leave)]
        if loop.trails and loop.index is not None:
            ends.append(loop.index)     # entries of trails are made at its place
        header: dict[Value, None] = dict(kept)
        for _ in range(3):
            inside = self._block(loop.body, {**header, **self._reads(ends)})
            if loop.index is not None:
                self._together([loop.index], inside)
                inside = {v: None for v in inside if v is not loop.index}
            if loop.cond is not None:
                inside = {**inside, **self._block(loop.cond, {**inside, **kept, **self._reads(values_in(loop.cond.results))})}
            self._together(params, {**inside, **kept})
            grown = {**header, **{v: None for v in inside if v not in params}}
            if len(grown) == len(header):
                break
            header = grown
        for param, result in zip(params, loop.results, strict=True):
            for other in list(self.clashes.get(result, ())):
                if other not in params:
                    self._clash(param, other)
        entry = {v: None for v in header if v not in lists}
        return {**entry, **self._reads(operands(loop))}
