"""Names for values: the user's where there is one, shared where values are not needed at the same time."""

from __future__ import annotations

import builtins
import keyword
import re

import numpy as np

from ad_compiler.emission.liveness import Liveness
from ad_compiler.emission.plan import Plan
from ad_compiler.errors import InvalidIR
from ad_compiler.ir import Branch, Func, Loop, Op, Value, block_definitions, blocks_of, definitions, operands, walk
from ad_compiler.kinds import BOOL, Num
from ad_compiler.rules import registry

LETTERS = {"add": "s", "sub": "s", "mul": "p", "truediv": "q", "matmul": "m", "dot": "m", "pow": "w", "getitem": "e",
           "neg": "n", "lt": "c", "le": "c", "gt": "c", "ge": "c", "eq": "c", "ne": "c", "not_": "c"}


class Names:
    """`names[v]` is the Python name of a value that is not nested."""

    def __init__(self, func: Func, plan: Plan, reserved: set[str], given: dict[Value, str] | None = None) -> None:
        self.plan, self.live = plan, Liveness(func, plan)
        self.leader: dict[Value, Value] = {}
        self.members: dict[Value, list[Value]] = {}
        self.names: dict[Value, str] = {}
        self.reserved = set(reserved)
        self.letters = self._letters(func)
        self.fixed, self.given = set(func.refs), given or {}
        order = self._order(func)
        self._unite_all(func)
        self._fix(func)
        for value in order:
            if value not in plan.nested:
                self._name(value)

    def __getitem__(self, value: Value) -> str:
        return self.names[self._find(value)]

    # -- classes of values that share a name ---------------------------------------------------------

    def _find(self, value: Value) -> Value:
        while value in self.leader:
            value = self.leader[value]
        return value

    def _group(self, value: Value) -> list[Value]:
        return self.members.get(self._find(value), [value])

    def _clash(self, a: Value, b: Value) -> bool:
        others = set(self._group(b))
        return any(not others.isdisjoint(self.live.clashes.get(v, ())) for v in self._group(a))

    def _unite(self, a: Value, b: Value) -> None:
        x, y = self._find(a), self._find(b)
        if x is not y:
            self.members[x] = [*self._group(x), *self._group(y)]
            self.members.pop(y, None)
            self.leader[y] = x

    def _try(self, a: object, b: object) -> None:
        if isinstance(a, Value) and isinstance(b, Value) and a not in self.plan.nested and b not in self.plan.nested:
            if a in self.fixed or b in self.fixed:
                return
            alone = not self._own(b) and self.plan.uses.get(b) == 1 or not self._own(a)
            if (self._base(a) == self._base(b) or alone) and not self._clash(a, b):
                self._unite(a, b)

    def _unite_all(self, func: Func) -> None:
        for stmt in walk(func.body):
            if isinstance(stmt, Op) and stmt.inplace:
                target = next(iter(v for v in operands(stmt)))
                if self._clash(stmt.result, target):
                    raise InvalidIR(f"{target} cannot be updated in place: it is needed afterwards")
                self._unite(target, stmt.result)
            elif isinstance(stmt, Loop):
                for param, result in zip(stmt.body.params, stmt.results, strict=True):
                    self._unite(param, result)
        for stmt in walk(func.body):
            if isinstance(stmt, Loop):
                for param, init, handed in zip(stmt.body.params, stmt.inits, stmt.body.results, strict=True):
                    self._try(param, handed)
                    self._try(param, init)
            elif isinstance(stmt, Branch):
                for result, a, b in zip(stmt.results, stmt.then.results, stmt.orelse.results, strict=True):
                    self._try(result, a)
                    self._try(result, b)

    # -- names ---------------------------------------------------------------------------------------

    def _own(self, value: Value) -> bool:
        return any(v.hint and not v.hint.startswith("~") for v in self._group(value))

    def _base(self, value: Value) -> str:
        for member in self._group(value):
            if member.hint and not member.hint.startswith("~"):
                return identifier(member.hint)
        for member in self._group(value):
            if member.hint:
                return identifier(member.hint[1:])
        return self.letters.get(value, "t")

    def _fix(self, func: Func) -> None:
        for value in func.refs:
            self.names[self._find(value)] = self.given.get(value) or self._free(identifier(value.hint), value)
            self.reserved.add(self.names[self._find(value)])
        for value in func.params:
            self.names[self._find(value)] = self._free(identifier(value.hint), value)

    def _name(self, value: Value) -> None:
        leader = self._find(value)
        if leader not in self.names:
            self.names[leader] = self._free(self._base(value), value)

    def _free(self, base: str, value: Value) -> str:
        taken = set(self.reserved)
        for member in self._group(value):
            for other in self.live.clashes.get(member, ()):
                name = self.names.get(self._find(other))
                if name is not None:
                    taken.add(name)
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        return name

    def _order(self, func: Func) -> list[Value]:
        order: list[Value] = [*func.params, *func.refs]
        for stmt in walk(func.body):
            order += definitions(stmt)
            for block in blocks_of(stmt):
                order += block_definitions(block, stmt)
        return order

    def _letters(self, func: Func) -> dict[Value, str]:
        letters: dict[Value, str] = {}
        for stmt in walk(func.body):
            if isinstance(stmt, Op):
                name = getattr(stmt.fn, "__name__", "t")
                for result in stmt.results:
                    line = stmt.origin.rel if stmt.origin is not None else 0
                    is_bool = isinstance(result.kind, Num) and result.kind.dtype == BOOL.dtype and not result.kind.is_array
                    letters.setdefault(result, f"took_L{line}" if is_bool and line else LETTERS.get(name, name[0]))
                rule = registry.lookup(stmt.fn)
                if rule is not None and rule.partials and len(stmt.args) == 1 and name not in LETTERS:
                    for value in operands(stmt):
                        letters[value] = "u"
            elif isinstance(stmt, Loop) and stmt.index is not None:
                letters[stmt.index] = "i"
        return letters


def identifier(hint: str) -> str:
    """A hint made a Python name."""
    name = re.sub(r"\W", "_", hint.lstrip("~.")) or "t"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


RESERVED = {"np", "math", "scipy", "range", "len", "reversed", "float", "int", "bool", "abs", "print", "isinstance",
            "enumerate", "zip", "max", "min", "sum", "None", "True", "False"}

__all__ = ["RESERVED", "Names", "builtins", "identifier", "np"]
