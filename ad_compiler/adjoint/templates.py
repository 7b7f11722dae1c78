"""Rules are read once for arguments of certain kinds: what they emitted is emitted again for others of those kinds.

What a rule of this package makes of numbers is the same in every program: that is kept for all of them.

>>> from ad_compiler.ir import Block, Func, show
>>> from ad_compiler.kinds import FLOAT
>>> def slope(x, out):
...     return 2.0 * x
>>> x, y, block = Value("x", FLOAT), Value("y", FLOAT), Block()
>>> templates = Templates(Lifter(block, watching=False, reverse=True))
>>> for value in (x, y):
...     block.results.append(templates.inline(slope, [value], {"out": value}))
>>> len(templates.known)
1
>>> print(show(Func("f", [x, y], block)))
def f(x, y):
    t = mul(2.0, x)
    t_2 = mul(2.0, y)
    return t, t_2
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from ad_compiler.ir import Arg, Atom, Const, Op, Record, Slice, Stmt, Value, map_values, operands
from ad_compiler.kinds import Dim, Kind, Num, Sym
from ad_compiler.read.abstract import Abstract, Dict, List, Object, Range, Set, Tuple
from ad_compiler.read.lift import Lifter
from ad_compiler.rules import registry
from ad_compiler.rules.dims import made_up

PLAIN = (bool, int, float, str, type(None))

MOST = 2000
"""Templates that are kept for all programs, before they are forgotten."""


class _Call(NamedTuple):
    """An op as it was emitted: what becomes of it later does not matter."""

    rule: registry.Rule
    args: tuple[Arg, ...]
    kwargs: dict[str, Arg]
    spelling: str
    results: list[Value]
    hints: list[str]
    kinds: list[Kind]


class _Template(NamedTuple):
    """What was read: calls of `inputs`, the values of the arguments, and what was returned."""

    inputs: list[Value]
    calls: list[_Call]
    returned: Abstract


class _Is:
    """A key for an object that nothing else is equal to."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Is) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


_OF_NUMBERS: dict[Hashable, _Template | None] = {}


class Templates:
    """What rules emit into the block of a lifter."""

    def __init__(self, lifter: Lifter) -> None:
        self.lifter = lifter
        self.known: dict[Hashable, _Template | None] = {}

    def inline(self, rule: Callable[..., Any] | registry.Written, args: list[Abstract], kwargs: dict[str, Abstract]
               ) -> Abstract:
        """`lifter.calls.inline`, by the template of the rule for such arguments where there is one."""
        if isinstance(rule, registry.Written):
            return rule.write(self.lifter, args, kwargs)
        return self.made(rule, args, kwargs, lambda: self.lifter.calls.inline(rule, args, kwargs))

    def made(self, what: Hashable, args: list[Abstract], kwargs: dict[str, Abstract],
             make: Callable[[], Abstract]) -> Abstract:
        """What `make` emits and gives, by the template of `what` for such arguments where there is one."""
        inputs: dict[Value, int] = {}
        key = what, _key(Tuple(args), inputs), *((name, _key(thing, inputs)) for name, thing in kwargs.items())
        known = _OF_NUMBERS if of_numbers(what, [*args, *kwargs.values()]) else self.known
        template = known.get(key)
        if template is not None:
            return self.emit(template, list(inputs))
        lifter = self.lifter
        before, applied, prelude, lengths = len(lifter.block.ops), lifter.applied, len(lifter.world.prelude), made_up()
        returned = lifter.memory.fresh(make())     # with what the rule has written into it
        ops = lifter.block.ops[before:]
        if key not in known:
            if len(_OF_NUMBERS) == MOST:
                _OF_NUMBERS.clear()
            fits = lifter.applied == applied + len(ops) and len(lifter.world.prelude) == prelude \
                and made_up() == lengths + 1        # each time there would be others
            known[key] = _template(list(inputs), ops, returned) if fits else None
        return returned

    def emit(self, template: _Template, inputs: list[Value]) -> Abstract:
        """What a template says, for these values."""
        lifter = self.lifter
        now: dict[Value, Atom] = dict(zip(template.inputs, map(lifter.memory.current, inputs), strict=True))
        of = now.__getitem__
        for call in template.calls:
            kwargs = map_values(call.kwargs, of) if call.kwargs else {}
            results = lifter.emit_call(call.rule, map_values(call.args, of), kwargs, call.kinds, call.spelling)
            for old, new, hint in zip(call.results, results, call.hints, strict=True):
                new.hint = hint
                now[old] = new
        return _again(template.returned, now)


def of_numbers(what: Any, things: list[Abstract]) -> bool:
    """Is this a rule of this package's, given numbers that are no lengths, and constants without a name?"""
    if getattr(what, "__closure__", what) is not None or not what.__module__.startswith("ad_compiler.rules."):
        return False
    for thing in things:
        if isinstance(thing, Value):
            kind = thing.kind
            if not isinstance(kind, Num) or kind.shape != () or kind.form not in ("py", "np") or kind.length:
                return False
        elif not isinstance(thing, Const) or type(thing.value) not in PLAIN or thing.text is not None:
            return False
    return True


def _template(inputs: list[Value], ops: list[Stmt], returned: Abstract) -> _Template | None:
    """None where something else is read than the arguments, or it depends on which loop an index is of."""
    seen, calls = set(inputs), list[_Call]()
    if any(tells_index(v.kind, axes=True) for v in inputs):
        return None
    for op in ops:
        rule = registry.lookup(op.fn) if isinstance(op, Op) else None
        if not isinstance(op, Op) or rule is None or not seen.issuperset(operands(op)) \
                or any(tells_index(v.kind) for v in op.results):
            return None
        seen.update(op.results)
        calls.append(_Call(rule, op.args, dict(op.kwargs), op.spelling, op.results, [v.hint for v in op.results],
                           [v.kind for v in op.results]))
    return _Template(inputs, calls, returned) if _is_made_of(returned, seen) else None


def _is_made_of(thing: Abstract, seen: set[Value]) -> bool:
    if isinstance(thing, Tuple):
        return all(_is_made_of(item, seen) for item in thing.items)
    return isinstance(thing, Const) or isinstance(thing, Value) and thing in seen


def _again(thing: Abstract, now: dict[Value, Atom]) -> Abstract:
    if isinstance(thing, Tuple):
        return Tuple([_again(item, now) for item in thing.items], thing.cls)
    return now[thing] if isinstance(thing, Value) else thing


def _key(thing: Abstract, inputs: dict[Value, int]) -> Hashable:
    """Equal for arguments of which a rule makes the same: of values, kind and identity count; of the rest, all.

    Which loop an index is of does not count, where nothing else is as long as it.
    """
    if isinstance(thing, Value):
        kind, at = thing.kind, inputs.setdefault(thing, len(inputs))
        if not isinstance(kind, Num):
            return at, kind
        if kind.shape == () and of_index(kind.length):
            return at, kind.dtype, kind.form, next(n for v, n in inputs.items() if length_of(v) == kind.length)
        return at, kind, tuple([isinstance(d, Sym) and d.not_one for d in kind.shape or ()])
    if isinstance(thing, Const):
        value = thing.value
        return (type(value), repr(value), thing.text) if type(value) in PLAIN else (_Is(value), thing.text)
    if isinstance(thing, Tuple):
        return thing.cls, *[_key(item, inputs) for item in thing.items]
    if isinstance(thing, slice):
        return slice, *[_key(part, inputs) for part in (thing.start, thing.stop, thing.step)]
    return _Is(thing)


def length_of(value: Value) -> Dim | None:
    """The length that a number is."""
    return value.kind.length if isinstance(value.kind, Num) else None


def of_index(dim: Dim | None) -> bool:
    """Is this the length that stands for the index of a loop?"""
    return isinstance(dim, Sym) and isinstance(dim.key, tuple) and dim.key[0] == "index"


def tells_index(kind: Kind, *, axes: bool = False) -> bool:
    """Is something of a kind (of its `axes` alone) as long as an index, or as what is made of one?"""
    if not isinstance(kind, Num):
        return "'index'" in repr(kind)
    for dim in kind.shape or () if axes else (*(kind.shape or ()), kind.length):
        if isinstance(dim, Sym) and isinstance(dim.key, tuple) and "'index'" in repr(dim):
            return True
    return False


def to_abstract(arg: Arg) -> Abstract:
    """An op's argument as the reader sees it."""
    if isinstance(arg, Record):
        made: Any = arg.cls
        if made is range:
            return Range(*arg.items)
        if made in (set, frozenset):
            return Set(made(item.value for items in arg.items for item in items))
        names = getattr(made, "names", arg.names)
        return Object(getattr(made, "of", made), dict(zip(names, map(to_abstract, arg.items), strict=True)),
                      (names, made) if hasattr(made, "names") else None)
    if isinstance(arg, tuple):
        return Tuple([to_abstract(a) for a in arg], type(arg) if hasattr(arg, "_fields") else None)
    if isinstance(arg, list):
        return List([to_abstract(a) for a in arg])
    if isinstance(arg, dict):
        return Dict({k: to_abstract(v) for k, v in arg.items()})
    if isinstance(arg, Slice):
        return slice(arg.start, arg.stop, arg.step)
    return arg
