"""The intermediate form: a small structured program over values that are each defined once.

A `Func` holds a `Block`; a block is a list of statements and what it hands on.  There are three statements: `Op` (a
call of a function), `Branch` and `Loop` (counted, or a `while`).  Blocks inside them use values of the blocks around
them directly; what changes from one iteration to the next is *carried* and stated.

Everything is pure: a store `a[i] = v` is `a2 = index_set(a1, i, v)`, a sum into a cotangent is an `add`.  Only the last
pass before printing decides which of these may be done in place.  What a user can see (`print`, `raise`, `assert`, a
draw of random numbers) is an `Op` with `effect=True`; such ops are never dropped, doubled or reordered.

>>> import operator
>>> from ad_compiler.kinds import FLOAT
>>> x = Value("x", FLOAT)
>>> block = Block()
>>> y = block.emit(operator.mul, x, Const(2.0), hint="y", kind=FLOAT)
>>> block.results = [y]
>>> print(show(Func("double", [x], block)))
def double(x):
    y = mul(x, 2.0)
    return y
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, final

from ad_compiler.kinds import Kind


class Origin(NamedTuple):
    """The user's line that a statement comes from.  `rel` counts from the line of `def`, which is 1."""

    file: str
    line: int
    rel: int
    text: str
    func: str


@dataclass(eq=False, slots=True)
class Value:
    """Something that is computed once.  `hint` is the user's name for it, or "" for a temporary.

    `once`: was read no more than once when `simplify` last counted; None where it is to look at what reads it.
    """

    hint: str
    kind: Kind
    once: bool | None = field(default=None, init=False, repr=False)

    def __repr__(self) -> str:
        return f"<{self.hint or 'tmp'}: {self.kind}>"


@dataclass(frozen=True, slots=True, eq=False)
class Const:
    """A value known before the program runs.  `text` is an expression to print for it (a global's name)."""

    value: Any
    text: str | None = None


class _Undefined:
    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED = Const(_Undefined())
"""What an arm of a branch, or a loop that runs zero times, hands on for a name that it does not bind."""

Atom = Value | Const


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """`start:stop:step` inside an index; each part is an atom (`Const(None)` where it is left out)."""

    start: Atom
    stop: Atom
    step: Atom


class Record(NamedTuple):
    """What `cls` makes of these items: named, as the fields of a dataclass, or in their order."""

    cls: Callable[..., Any]
    names: tuple[str, ...]
    items: tuple[Any, ...]


Arg = Any
"""An atom, or a tuple, list, dict or `Slice` of such."""


@final
@dataclass(eq=False, slots=True)
class Op:
    """`results = fn(*args, **kwargs)`.

    `spelling` is how the user wrote the call: "" for `np.sum(x)` or an operator, "method" for `x.sum()`,
    "attr" for `x.T`; "out" for a store of a product that may be computed where it is stored.  `stopped`:
    written inside `no_grad`, no derivative passes.  `effect`: can be seen from outside, or raises.  `reverse`:
    belongs to the reverse sweep; `derived`: did, in a derivative taken inside.  `inplace` (by the last pass): the
    result takes over the memory of `args[0]`.  `read`, `asked`, `safe`: what passes have found, for which `args`.
    """

    fn: Callable[..., Any]
    args: tuple[Arg, ...]
    kwargs: dict[str, Arg] = field(default_factory=dict)
    results: list[Value] = field(default_factory=list)
    origin: Origin | None = None
    spelling: str = ""
    stopped: bool = False
    effect: bool = False
    reverse: bool = False
    derived: bool = False
    inplace: bool = False
    read: tuple[tuple[Arg, ...], list[Value]] | None = field(default=None, init=False, repr=False)
    asked: tuple[Arg, ...] | None = field(default=None, init=False, repr=False)
    safe: tuple[Arg, ...] | None = field(default=None, init=False, repr=False)

    @property
    def result(self) -> Value:
        (value,) = self.results
        return value


@dataclass(eq=False, slots=True)
class Block:
    """Statements in order, and what the block hands on: values for the results of the statement it is in."""

    params: list[Value] = field(default_factory=list)
    ops: list[Stmt] = field(default_factory=list)
    results: list[Arg] = field(default_factory=list)

    def emit(self, fn: Callable[..., Any], *args: Arg, kind: Kind, hint: str = "", kwargs: dict[str, Arg] | None = None,
             **flags: Any) -> Value:
        """Append `fn(*args, **kwargs)` and return its one result."""
        value = Value(hint, kind)
        self.ops.append(Op(fn, args, dict(kwargs or {}), [value], **flags))
        return value


@final
@dataclass(eq=False, slots=True)
class Branch:
    """`if cond: then else: orelse`.  Each arm's block hands on one atom for each of `results`.

    `mirror`: of a branch in the reverse sweep, the branch whose arms it undoes.

    `way`: "if"; or a *region*, whose `then` is always run, and `orelse` hands on nothing: "with" is `with cond as
    then.params[0]: then`, "try" is `try: then finally: orelse`, where `orelse` has effects alone and reads what was
    there before.  These are entered and left once: the reverse sweep of what is in them stands outside.  "checkpoint"
    stands for its statements; reversed, they are done once more, in another such region.
    """

    cond: Atom
    then: Block
    orelse: Block
    results: list[Value] = field(default_factory=list)
    origin: Origin | None = None
    reverse: bool = False
    mirror: Branch | None = None
    way: str = "if"


@final
@dataclass(eq=False, slots=True)
class Loop:
    """A counted loop, or a `while`.

    Counted: `index` runs over `range(start, stop, step)`.  While: `index` is None and `cond` is a block that hands on
    one boolean, evaluated before each iteration, over `body.params`.
    Carried values: `inits` on entry, `body.params` in an iteration, `body.results` handed to the next, `results` after
    the loop (which are `inits` where it ran zero times).  All four lists have one length.
    `leave`: a boolean of the body; where true the loop ends after this iteration (a `break`).  `trips`: how many
    iterations were begun, where something asks for it.  `trails`: pairs (value of the body, run-time list of its value
    in every iteration, in order).  `mirror`: of a loop in the reverse sweep, the loop whose iterations it undoes.
    `backward`: a counted loop runs over its range from the last index to the first.  Entry number
    `(index - start) // step` of a trail belongs to that index, whichever way the loop runs; in a `while`, and in a loop
    with `leave`, entries are in the order of the iterations.  `grows`: trails are printed as lists that grow, whatever
    is known.  `independent`: iterations may be done in any order, at the same time, but for sums of numbers.
    `snapshots`: at most so many states are kept, from which the reverse sweep computes the others again.
    """

    inits: list[Atom]
    body: Block
    results: list[Value]
    index: Value | None = None
    start: Atom = Const(0)
    stop: Atom = Const(0)
    step: Atom = Const(1)
    cond: Block | None = None
    leave: Atom | None = None
    trails: list[tuple[Atom, Value]] = field(default_factory=list)
    trips: Value | None = None
    origin: Origin | None = None
    reverse: bool = False
    mirror: Loop | None = None
    backward: bool = False
    grows: bool = False
    independent: bool = False
    snapshots: Atom | None = None


Stmt = Op | Branch | Loop


@dataclass(eq=False, slots=True)
class Func:
    """A function.  `body.results` holds one `Arg`: the structure that is returned.

    `refs`: globals and closure cells that are read at each call: values that stand for them, and what reads them.
    `constants`: names that `Const.text` uses.  `notes`: remarks beside a parameter.  `callees`: functions that this one
    calls; `back`: one for later, given what this one saves.  `bind_all`: a name is None where an arm leaves it unbound.
    `edits`: how often it was changed; `settled`: after how many of them a pass had nothing left to do.  `gradients`:
    where in the result.  `forward`: no reverse sweep.  `jit`: Numba's.
    """

    name: str
    params: list[Value]
    body: Block
    refs: dict[Value, Callable[[], Any]] = field(default_factory=dict)
    doc: str | None = None
    notes: dict[Value, str] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    bind_all: bool = False
    edits: int = 0
    settled: dict[Callable[[Func], Func], int] = field(default_factory=dict, init=False, repr=False)
    gradients: tuple[int, ...] = ()
    forward: bool = False
    callees: list[Func] = field(default_factory=list)
    jit: dict[str, Any] | None = None
    back: Func | None = None


def values_in(arg: Arg) -> list[Value]:
    """Every value in an argument, however deep."""
    found: list[Value] = []
    _gather(arg, found)
    return found


def _gather(arg: Arg, found: list[Value]) -> bool:
    """Append the values in an argument; can it not change?  Asked more often than all else: hence the plain loops."""
    kind = type(arg)
    if kind is Value:
        found.append(arg)
    elif kind is tuple or isinstance(arg, (tuple, list)):
        fixed = kind is not list
        for item in arg:
            inner = type(item)
            if inner is Value:
                found.append(item)
            elif inner is not Const:
                fixed = _gather(item, found) and fixed
        return fixed
    elif kind is Slice:
        found += [part for part in (arg.start, arg.stop, arg.step) if type(part) is Value]
    elif kind is dict:
        for item in arg.values():
            _gather(item, found)
        return not arg
    return True


def map_values(arg: Arg, fn: Callable[[Value], Arg]) -> Arg:
    """The argument with each value replaced by `fn(value)`; unchanged parts keep their identity."""
    kind = type(arg)
    if kind is Value:
        return fn(arg)
    if kind is Const:
        return arg
    if kind is tuple:
        return tuple([fn(item) if type(item) is Value else item if type(item) is Const else map_values(item, fn)
                      for item in arg])
    if isinstance(arg, tuple):
        return kind(*[map_values(item, fn) for item in arg])
    if kind is list:
        return [map_values(item, fn) for item in arg]
    if kind is dict:
        return {key: map_values(item, fn) for key, item in arg.items()}
    if kind is Slice:
        return Slice(map_values(arg.start, fn), map_values(arg.stop, fn), map_values(arg.step, fn))
    return arg


def blocks_of(stmt: Stmt) -> list[Block]:
    """The blocks inside a statement, in the order in which they run."""
    if type(stmt) is Op:
        return []
    if type(stmt) is Branch:
        return [stmt.then, stmt.orelse]
    return [stmt.body] if stmt.cond is None else [stmt.cond, stmt.body]


def blocks_in(stmts: list[Stmt]) -> list[Block]:
    """The blocks right inside statements, in order."""
    return [inner for stmt in stmts if type(stmt) is not Op for inner in blocks_of(stmt)]


def operands(stmt: Stmt) -> list[Value]:
    """The values that a statement itself reads, not those that its blocks read; the list is not to be changed."""
    if type(stmt) is Op:
        known, args = stmt.read, stmt.args
        if known is not None and known[0] is args and not stmt.kwargs:
            return known[1]
        found: list[Value] = []
        if _gather(args, found) and not stmt.kwargs:
            stmt.read = args, found
        elif stmt.kwargs:
            _gather(stmt.kwargs, found)
        return found
    if isinstance(stmt, Branch):
        return [stmt.cond] if isinstance(stmt.cond, Value) else []
    bounds = (stmt.start, stmt.stop, stmt.step) if stmt.index is not None else ()
    return [atom for atom in (*stmt.inits, *bounds, stmt.snapshots) if isinstance(atom, Value)]


def block_outputs(block: Block, owner: Stmt | None = None) -> list[Value]:
    """The values that a block hands on, those of its loop's `leave` and trails included."""
    found = values_in(block.results) if block.results else []
    if type(owner) is Loop and block is owner.body and (owner.leave is not None or owner.trails):
        found += [atom for atom in (owner.leave, *(inner for inner, _ in owner.trails)) if isinstance(atom, Value)]
    return found


def definitions(stmt: Stmt) -> list[Value]:
    """The values that a statement defines for the statements after it."""
    if type(stmt) is Loop:
        return [*stmt.results, *(trail for _, trail in stmt.trails), *([] if stmt.trips is None else [stmt.trips])]
    return stmt.results


def block_definitions(block: Block, owner: Stmt | None = None) -> list[Value]:
    """What a block itself defines on entry: its parameters, and the index of its loop."""
    if type(owner) is Loop and block is owner.body and owner.index is not None:
        return [owner.index, *block.params]
    return block.params


def walk(block: Block) -> list[Stmt]:
    """Every statement in a block, outer before inner."""
    found: list[Stmt] = []
    _collect(block, found)
    return found


def _collect(block: Block, found: list[Stmt]) -> None:
    for stmt in block.ops:
        found.append(stmt)
        if type(stmt) is not Op:
            for inner in blocks_of(stmt):
                _collect(inner, found)


def free_values(block: Block, owner: Stmt | None = None) -> list[Value]:
    """Values that a block reads and does not define, in the order in which they are first read."""
    defined: set[Value] = set()
    read: dict[Value, None] = {}
    _note_read(block, owner, defined, read)
    return [v for v in read if v not in defined]


def _note_read(block: Block, owner: Stmt | None, defined: set[Value], read: dict[Value, None]) -> None:
    defined.update(block_definitions(block, owner))
    if isinstance(owner, Loop) and block is owner.cond:
        defined.update(owner.body.params)
    for stmt in block.ops:
        for value in operands(stmt):
            read[value] = None
        if type(stmt) is not Op:
            for inner in blocks_of(stmt):
                _note_read(inner, stmt, defined, read)
        defined.update(definitions(stmt))
    read.update(dict.fromkeys(block_outputs(block, owner)))


def substitute(block: Block, mapping: dict[Value, Arg]) -> None:
    """Replace values throughout a block, in place."""
    if not mapping:
        return
    replaced = mapping.keys()

    def new(value: Value) -> Arg:
        while value in mapping:
            value = mapping[value]
            if not isinstance(value, Value):
                break
        return value

    stmts = walk(block)
    for stmt in stmts:
        if type(stmt) is Op:
            if not replaced.isdisjoint(operands(stmt)):
                stmt.args = map_values(stmt.args, new)
                if stmt.kwargs:
                    stmt.kwargs = map_values(stmt.kwargs, new)
        elif isinstance(stmt, Branch):
            stmt.cond = map_values(stmt.cond, new)
        else:
            stmt.inits, stmt.snapshots = map_values((stmt.inits, stmt.snapshots), new)
            stmt.start, stmt.stop, stmt.step = map_values((stmt.start, stmt.stop, stmt.step), new)
            stmt.leave = map_values(stmt.leave, new)
            stmt.trails = [(map_values(inner, new), trail) for inner, trail in stmt.trails]
    for inner in (block, *blocks_in(stmts)):
        inner.results = map_values(inner.results, new)


def show(func: Func) -> str:
    """The form as text, for people who work on the compiler and for doctests."""
    from ad_compiler.ir_show import render
    return render(func)
