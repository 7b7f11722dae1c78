"""Names for values: the user's where there is one, shared where values are not needed at the same time.

Values of one hint that never meet have one name, so that a loop or an arm hands on without an assignment.
Where they do meet, the one that is set later gains `_2`.
"""

from __future__ import annotations

import functools
import keyword
import re
from collections.abc import Collection, Iterable

from ad_compiler.emit.arrange import arrange
from ad_compiler.emit.live import Liveness
from ad_compiler.emit.nest import Nesting
from ad_compiler.emit.steps import For, If, Keep, Put, Region, Step, While, copies
from ad_compiler.emit.survey import is_number, is_over_all, is_soft
from ad_compiler.errors import InvalidIR
from ad_compiler.ir import UNDEFINED, Branch, Func, Loop, Op, Stmt, Value, definitions, operands
from ad_compiler.kinds import Num
from ad_compiler.ops import has_partials, traits

LETTERS = {
    "add": "s", "sub": "s", "mul": "p", "truediv": "q", "matmul": "m", "dot": "m", "pow": "w", "getitem": "e",
    "neg": "n", "lt": "c", "le": "c", "gt": "c", "ge": "c", "eq": "c", "ne": "c", "not_": "c",
}




class Layout:
    """A function ready to be printed: its steps, what is nested, and which variables are one name.

    `plain`: in-place ops on numbers that are still read, hence printed as assignments to a new name.
    `empty`: variables that must exist though nothing may have been assigned to them.
    """

    def __init__(self, func: Func) -> None:
        self.func = func
        again: set[Value] = set()
        while True:
            self.nesting = Nesting(func, again)
            self.steps = arrange(func, self.nesting)
            self.live = Liveness(func, self.nesting, self.steps)
            self.copies = copies(self.steps)
            self.plain: set[Op] = set()
            self._classes()
            more = self._apart() - again
            if not more:
                break
            again |= more
        self.empty = self._unset()
        self.indices = {stmt.index for stmt in self.nesting.survey.stmts if isinstance(stmt, Loop) and any(
            trail in self.nesting.uses for _, trail in stmt.trails)}

    # -- variables that share a name -----------------------------------------------------------------

    def find(self, number: int) -> int:
        """The leader of a variable's class."""
        while self.leader[number] != number:
            number = self.leader[number]
        return number

    def same_name(self, a: Value, b: Value) -> bool:
        """Have two values one name?"""
        return self._class(a) == self._class(b)

    def _class(self, value: Value) -> int:
        if value in self.func.refs:
            return -1
        return self.find(self.live.number(value))

    def _classes(self) -> None:
        count = len(self.live.order)
        self.leader = list(range(count))
        self.members = [1 << i for i in range(count)]
        self.clash = list(self.live.clash)
        self.hard = [None if is_soft(v) else v.hint for v in self.live.order]
        for result, param in reversed(self.live.same.items()):      # of several the first one counts
            at = self.live.numbers.get(param)
            if at is not None and self.live.order[at] is param and is_soft(param) and not is_soft(result):
                self.hard[at] = result.hint
        for stmt in self.nesting.survey.stmts:
            if isinstance(stmt, Op) and stmt.inplace:
                self._unite_inplace(stmt)
        for loose in (False, True):
            for copy in self.copies:
                for value, atom in copy.pairs:
                    self._try(value, atom, loose)

    def _unite_inplace(self, op: Op) -> None:
        target = op.args[0]
        if not isinstance(target, Value) or target in self.func.refs:
            raise InvalidIR(f"{op.fn} in place of {target}, which is not the function's own")
        if is_over_all(op) and not is_soft(op.result):
            return
        if not self._unite(target, op.results[0]):
            if not is_number(target) or not is_number(op.results[0]):
                raise InvalidIR(f"{target} is overwritten in place but read afterwards")
            self.plain.add(op)

    def _try(self, value: Value, atom: object, loose: bool) -> None:
        if not isinstance(atom, Value) or atom in self.nesting.nested or atom in self.func.refs:
            return
        a, b = self.hard[self._class(value)], self.hard[self._class(atom)]
        if a != b if not loose else a is not None and b is not None and a != b:
            return
        if loose and a is None and b is not None and atom in self.func.params:
            return
        self._unite(value, atom)

    def _unite(self, a: Value, b: Value) -> bool:
        x, y = self._class(a), self._class(b)
        if x == y:
            return True
        if self._meet(x, y):
            return False
        x, y = min(x, y), max(x, y)
        self.leader[y] = x
        self.members[x] |= self.members[y]
        self.clash[x] |= self.clash[y]
        self.hard[x] = self.hard[x] or self.hard[y]
        return True

    def _meet(self, x: int, y: int) -> bool:
        """Are two classes needed at the same time?"""
        return bool(self.clash[x] & self.members[y] or self.clash[y] & self.members[x])

    def _apart(self) -> set[Value]:
        """Values made for a copy alone that did not get its name: better printed in the copy itself."""
        found: set[Value] = set()
        if not self.copies:
            return found
        makers = {stmt.result: stmt for stmt in self.nesting.survey.stmts
                  if isinstance(stmt, Op) and len(stmt.results) == 1 and not stmt.inplace and not stmt.effect}
        for copy in self.copies:
            for value, atom in copy.pairs:
                if not isinstance(atom, Value) or atom not in makers or atom in self.nesting.nested:
                    continue
                uses = self.nesting.uses[atom]
                fits = is_soft(atom) or atom.hint == value.hint
                if len(uses) != 1 or not fits or value not in copy.live or self.same_name(value, atom):
                    continue
                last = uses[0].block.ops[-1] if uses[0].block.ops else None
                if not (isinstance(last, Branch) and last in self.nesting.survey.pushed):
                    found.add(atom)
        return found

    def _unset(self) -> set[int]:
        """Classes to set to None where they would be unbound, because a printed copy or trail reads them."""
        unset = {self._class(v) for copy in self.copies for v, atom in copy.pairs if atom is UNDEFINED}
        if self.func.bind_all or not unset:
            return unset
        while True:
            more = {self._class(v) for copy in self.copies for v, atom in copy.pairs
                    if isinstance(atom, Value) and atom not in self.nesting.nested and self._class(atom) in unset}
            if more <= unset:
                break
            unset |= more
        asked = [v for s in self.nesting.survey.stmts if isinstance(s, Op) and traits(s).if_bound
                 for v in operands(s)]
        found = {self._class(entry) for entry in [*asked, *kept(self.steps)]
                 if entry not in self.nesting.nested and self._class(entry) in unset}
        for copy in self.copies:
            found |= {self._class(atom) for v, atom in copy.pairs
                      if isinstance(atom, Value) and v in copy.live and atom not in self.nesting.nested
                      and self._class(atom) in unset and not self.same_name(v, atom)}
        return found

    def needs_none(self, value: Value) -> bool:
        """Must a value that an arm or a loop leaves unbound be bound to None?"""
        return self._class(value) in self.empty

    # -- names ---------------------------------------------------------------------------------------

    def names(self, reserved: Collection[str]) -> dict[int, str]:
        """A name for each class."""
        letters = letters_of(self.nesting.survey.stmts)
        names: dict[int, str] = {}
        taken: dict[str, tuple[int, int]] = {}      # by a name: variables that have it, and those that these meet
        by_class: dict[int, list[Value]] = {}
        for i, value in enumerate(self.live.order):
            by_class.setdefault(self.find(i), []).append(value)
        for value in self.func.params:
            names[self._class(value)] = name = identifier(value.hint)
            self._take(name, self._class(value), taken)
        for i, values in by_class.items():
            if i in names:
                continue
            base = identifier(self.hard[i] or next((v.hint for v in values if v.hint), ""), "")
            if not base or not base.strip("_") and any(v in self.nesting.uses or v in self.indices for v in values):
                base = next((letters[v] for v in values if v in letters), "t")      # `_` is for what nothing reads
            name, count = base, 1
            while name in reserved or name in taken and (
                    self.clash[i] & taken[name][0] or self.members[i] & taken[name][1]):
                count += 1
                name = self._numbered(base, count)
            names[i] = name
            self._take(name, i, taken)
        return names

    def _take(self, name: str, at: int, taken: dict[str, tuple[int, int]]) -> None:
        """Give a class this name."""
        members, clash = taken.get(name, (0, 0))
        taken[name] = members | self.members[at], clash | self.clash[at]

    def _numbered(self, base: str, count: int) -> str:
        """The next name after `base`: what Numba runs on threads must not be called `s_2`, as it calls its own."""
        if self.func.jit is None or not self.func.jit.get("parallel"):
            return f"{base}_{count}"
        return f"{base}v{count}" if base[-1].isdigit() else f"{base}{count}"

    def spare(self) -> str:
        """A name for what nothing reads."""
        taken = {p.hint for p in self.func.params}
        return next(name for name in ("_", "__", "___") if name not in taken)

    def name_of(self, names: dict[int, str], value: Value) -> str:
        """The name of a value that is not nested."""
        return names[self._class(value)]


def kept(steps: Iterable[Step]) -> list[Value]:
    """The values that trails take in."""
    found: list[Value] = []
    for step in steps:
        if isinstance(step, Put):       # the usual case
            continue
        if isinstance(step, Keep):
            found += [step.entry] if isinstance(step.entry, Value) else []
        elif isinstance(step, If):
            found += [*kept(step.then), *kept(step.orelse)]
        elif isinstance(step, Region):
            found += [*kept(step.body), *kept(step.last)]
        elif isinstance(step, (For, While)):
            found += kept(step.body)
    return found


def letters_of(stmts: list[Stmt]) -> dict[Value, str]:
    """Letters for values without a hint, by how they are made or what they are made for."""
    letters: dict[Value, str] = {}
    for stmt in stmts:
        if isinstance(stmt, Op):
            name = getattr(stmt.fn, "__name__", "t").lstrip("_") or "t"
            for result in stmt.results:
                if not result.hint:
                    letters.setdefault(result, letter_of(result, name, stmt))
            if len(stmt.args) == 1 and name not in LETTERS and has_partials(stmt):
                letters.update((v, "u") for v in operands(stmt) if not v.hint)
        elif isinstance(stmt, Loop) and stmt.index is not None:
            letters[stmt.index] = "i"
        elif isinstance(stmt, Branch):
            if isinstance(stmt.cond, Value) and stmt.reverse and stmt.origin is not None:
                letters[stmt.cond] = f"took_L{stmt.origin.rel}"
            letters.update((v, "v") for v in stmt.results)
        for value in definitions(stmt):
            letters.setdefault(value, "t")
    for stmt in reversed(stmts):        # inner loops first: a trail is named after what it keeps
        for inner, trail in stmt.trails if isinstance(stmt, Loop) else ():
            if isinstance(inner, Value) and not trail.hint:
                letters[trail] = trail_name(inner.hint.lstrip("~") or letters.get(inner, "t"))
    return letters


def letter_of(result: Value, name: str, op: Op) -> str:
    """The letter of a result of an op, whose function has this name."""
    if isinstance(result.kind, Num):
        if name in ("sub", "add") and result.kind.shape == () and result.kind.dtype == "int64" and not any(
                isinstance(v.kind, Num) and v.kind.is_array for v in operands(op)):
            return "k"
        if result.kind.length is not None:
            return "n"
    return LETTERS.get(name) or identifier(name)[0].lower()


def trail_name(of: str) -> str:
    """The name of what keeps a value of each iteration."""
    return f"{of}s" if of.endswith("_trail") else of if of.endswith("_trails") else f"{of}_trail"


@functools.lru_cache(4096)
def identifier(hint: str, default: str = "t") -> str:
    """A hint made a Python name; `default` where nothing is left of it.

    >>> identifier("<lambda>"), identifier("~took_L3"), identifier("class")
    ('lambda_', 'took_L3', 'class_')
    """
    name = re.sub(r"\W+", "_", hint.lstrip("~.")).strip("_" if not hint.startswith("_") else "") or default
    if name[:1].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name

