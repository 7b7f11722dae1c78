"""From a call of a function to what it does: bind its arguments, read it.

`Traced` is what every transform starts from, however it is asked for: by a call from Python, or by one inside a
function that is read.

>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.read.entry import Reading
>>> def f(x, y):
...     return x * y + 1.0
>>> reading = Reading(signature_of(f), {"x": 2.0, "y": 3.0}, frozenset())
>>> call = bind(reading.lifter, f, reading.args, reading.kwargs)
>>> traced = read_call(reading.lifter, call, ["y"])
>>> traced.block.results = [traced.output]
>>> print(show(Func("f", [*reading.args, *traced.leaves()], traced.block)))
def f(x, y, y_2):
    t = mul(x, y_2)
    t_2 = add(t, 1.0)
    return t_2
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import gast

from ad_compiler import runtime
from ad_compiler.errors import CannotDifferentiate, Refusal, Refused
from ad_compiler.ir import Atom, Block, Const, Value, substitute
from ad_compiler.kinds import FLOAT
from ad_compiler.read.abstract import Abstract, Bound, Closure, Memory, Poison, containers_in, flatten
from ad_compiler.read.calls.special import Special
from ad_compiler.read.lift import Lifter
from ad_compiler.read.parse import source_of
from ad_compiler.read.statements.join import link_sources
from ad_compiler.rules import registry
from ad_compiler.spec import Place, name_of, parameters_of
from ad_compiler.watch import Watch


def parts_of(place: Place) -> tuple[str, int | None]:
    """The parameter, and the position in it for *args."""
    return place if isinstance(place, tuple) else (place, None)


class Watched(NamedTuple):
    """An argument that a transform watches: where it stands, what it is made of, and how it is put together again."""

    place: Place
    atoms: list[Atom]
    build: Callable[[list[Atom]], Abstract]


@dataclass
class Call:
    """A call of a function: what is given for each of its parameters."""

    func: Any
    signature: inspect.Signature
    given: dict[str, Any]
    elements: dict[Value, tuple[Value, int]] = field(default_factory=dict)
    """Values that stand for an element of an array, along an axis: that array, that axis."""

    @property
    def rest(self) -> int | None:
        """How many arguments there are for *args; None where the function has none."""
        name = next((p.name for p in self.signature.parameters.values() if p.kind is p.VAR_POSITIONAL), None)
        return len(self.given.get(name, ())) if name else None

    def argument(self, lifter: Lifter, place: Place) -> Abstract:
        """What is given at a place, or the default, as something that a transform can watch."""
        holder, at = parts_of(place)
        if holder not in self.given:
            self.given[holder] = self._default(lifter, holder)
        thing = self.given[holder] if at is None else self.given[holder][at]
        if isinstance(thing, Poison):
            raise Refused(thing.message, thing.remedy)
        atoms, build = flatten(thing)
        if any(map(is_literal, atoms)):
            thing = build([literal_input(lifter, a, holder) if is_literal(a) else a for a in atoms])
            self.put(place, thing)
        return thing

    def put(self, place: Place, thing: Abstract) -> None:
        """Give this at a place instead."""
        holder, at = parts_of(place)
        if at is None:
            self.given[holder] = thing
        else:
            self.given[holder] = (*self.given[holder][:at], thing, *self.given[holder][at + 1:])

    def arguments(self) -> inspect.BoundArguments:
        """The arguments, in the order of the parameters."""
        return inspect.BoundArguments(self.signature, {k: self.given[k] for k in self.signature.parameters
                                                       if k in self.given})

    def _default(self, lifter: Lifter, name: str) -> Abstract:
        default = self.signature.parameters[name].default
        if isinstance(self.func, Closure):
            return default
        if isinstance(default, (int, float)):
            return Const(default)
        return lifter.calls.known(default, lambda _: default, name)


@dataclass
class Traced:
    """What a call of a function does: `block` makes `output` of `inputs`.

    `inputs` are the arguments that a transform watches, in its order.  The values that they are made of are of this
    call alone; `aliases` says what each is in the program around.  `watches`: what of the world was looked at, by the
    program around too; `beside`: what the transform itself is given; `nested`: it is inside a function that is read.
    `elements`: the arrays that values are an element of, and along which axis; `raises`: the call is certain to raise.
    `given_back`: the memories of the program around in which the output stands, before it has memory of its own.
    `widened`: there, numbers said to be of double precision may be of single precision when it runs.
    """

    inputs: list[Watched]
    block: Block
    output: Abstract
    aliases: dict[Value, Atom] = field(default_factory=dict)
    watches: list[Watch] = field(default_factory=list)
    beside: list[Abstract] = field(default_factory=list)
    nested: bool = False
    elements: dict[Value, tuple[Value, int]] = field(default_factory=dict, kw_only=True)
    raises: bool = field(default=False, kw_only=True)
    given_back: list[Memory] = field(default_factory=list, kw_only=True)
    widened: bool = field(default=False, kw_only=True)

    def leaves(self) -> list[Value]:
        """The values that `inputs` are made of."""
        return [atom for watched in self.inputs for atom in watched.atoms if isinstance(atom, Value)]

    def in_place(self, results: list[Atom]) -> list[Atom]:
        """The statements and these results as they stand in the program around: they read what it gives."""
        holder = Block([], self.block.ops, results)
        substitute(holder, dict(self.aliases))
        self.block.ops = holder.ops
        return holder.results


def bind(lifter: Lifter, func: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Call:
    """A call of a function, its arguments as they are now bound to its parameters."""
    signature = signature_of(func)
    args, kwargs = [lifter.memory.fresh(a) for a in args], {k: lifter.memory.fresh(v) for k, v in kwargs.items()}
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise Refused(f"`{name_of(func)}`: {error}") from None
    return Call(func, signature, dict(bound.arguments))


def read_call(lifter: Lifter, call: Call, places: list[Place]) -> Traced:
    """Read what a call does, into a block of its own; the arguments at `places` are watched by a transform.

    The statements are left out of the lifter's block; the caller appends what a transform makes of them.
    """
    aliases: dict[Value, Atom] = {}
    copies: list[tuple[Memory, Memory]] = []
    inputs: list[Watched] = []
    for place in places:
        given = call.argument(lifter, place)
        mine = fresh_input(given, aliases)
        copies += zip(containers_in(mine), containers_in(given), strict=True)
        call.put(place, mine)
        inputs.append(Watched(place, *flatten(mine)))
    arguments = call.arguments()
    block, outer, stopped, journal = Block(), lifter.block, lifter.stopped, len(lifter.memory.journal)
    tick = lifter.memory.tick()
    lifter.block, lifter.stopped = block, 0
    own_leaves(lifter, aliases, copies)
    mine = {lifter.memory.cell_of(leaf): lifter.memory.cell_of(atom) for leaf, atom in aliases.items()}
    try:
        output = lifter.calls.call(callee_of(call.func), list(arguments.args), dict(arguments.kwargs))
        lifter.collector.raise_if_any()
        stood = [lifter.memory.cell_of(atom) for atom in flatten(output)[0]]
        output = lifter.memory.detached(output)
    finally:
        lifter.block, lifter.stopped = outer, stopped
        lifter.memory.undo(journal)        # what the function writes, it writes into copies
    raises = lifter.diverged and isinstance(output, Poison) and not output.message
    return Traced(inputs, block, output, aliases, lifter.asks.watches, elements=call.elements, raises=raises,
                  given_back=[cell for cell in (mine.get(cell, cell) for cell in stood)
                              if cell is not None and cell.born < tick])


def callee_of(func: Any) -> Abstract:
    """A function as the reader calls it."""
    return func if isinstance(func, (Closure, Bound)) else Const(func)


def signature_of(func: Any) -> inspect.Signature:
    """Parameters of a function, of a nested one that is only read too; defaults of those are placeholders."""
    if isinstance(func, Bound):
        inner = signature_of(func.fn.value if isinstance(func.fn, Const) else func.fn)
        params = list(inner.parameters.values())[len(func.args):]
        return inner.replace(parameters=[p for p in params if p.name not in func.kwargs])
    if isinstance(func, Special):
        return func.signature or signature_of(func.of)
    rule = registry.lookup(func)
    if rule is not None:
        return rule.signature
    if not isinstance(func, Closure):
        try:
            return parameters_of(func)
        except (TypeError, ValueError):     # a method that the reader carries out, a builtin, no function at all
            named = f"`{name_of(func)}`" if callable(func) else "this"
            remedy = "put it into a function: `lambda x: …`"
            raise Refused(f"which arguments {named} takes is not known", remedy) from None
    spec, kind = func.node.args, inspect.Parameter
    positional: list[tuple[str, Any]] = [(a.id, kind.POSITIONAL_ONLY) for a in spec.posonlyargs]
    positional += [(a.id, kind.POSITIONAL_OR_KEYWORD) for a in spec.args]
    first = len(positional) - len(func.defaults)
    params = [kind(n, k, default=func.defaults[i - first] if i >= first else kind.empty)
              for i, (n, k) in enumerate(positional)]
    if spec.vararg is not None:
        params.append(kind(spec.vararg.id, kind.VAR_POSITIONAL))
    params += [kind(a.id, kind.KEYWORD_ONLY, default=func.kw_defaults.get(a.id, kind.empty)) for a in spec.kwonlyargs]
    if spec.kwarg is not None:
        params.append(kind(spec.kwarg.id, kind.VAR_KEYWORD))
    return inspect.Signature(params)


def fresh_input(thing: Abstract, aliases: dict[Value, Atom]) -> Abstract:
    """An argument whose leaves are given identities of their own; `aliases` says what each is."""
    atoms, build = flatten(thing)
    leaves: list[Atom] = []
    for atom in atoms:
        leaf = Value(atom.hint, atom.kind) if isinstance(atom, Value) else atom
        if isinstance(leaf, Value):
            aliases[leaf] = atom
        leaves.append(leaf)
    return build(leaves)


def own_leaves(lifter: Lifter, aliases: dict[Value, Atom], copies: list[tuple[Memory, Memory]]) -> None:
    """What a transform watches stands in memory of its own, which is the caller's as far as others can tell."""
    sources: list[tuple[Memory, tuple[Memory]]] = [(mine, (given,)) for mine, given in copies]
    for new, given in copies:
        new.foreign = given.foreign
    for leaf, atom in aliases.items():
        cell = lifter.memory.cell_of(atom)
        lifter.memory.own(leaf, lifter.memory.layout(atom) if isinstance(atom, Value) else None)
        mine = lifter.memory.cell_of(leaf)
        if atom in lifter.numbers.mixed:
            lifter.numbers.mixed[leaf] = lifter.numbers.mixed[atom]
        if cell is not None and mine is not None:
            mine.foreign = cell.foreign
            sources.append((mine, (cell,)))
    link_sources(sources, lifter.memory.tick())


def is_literal(atom: Atom) -> bool:
    """A real number that is known now."""
    return isinstance(atom, Const) and isinstance(atom.value, float)


def literal_input(lifter: Lifter, thing: Atom, name: str) -> Value:
    """A number known now that a transform watches: made a value that can be told apart."""
    (value,) = lifter.emit(runtime.identity, (thing,), {}, [FLOAT])
    value.hint = name
    return value


def located(func: Any, error: Refused, at_return: bool) -> CannotDifferentiate:
    """A refusal of arguments or output, at the function's first line or its last return."""
    while isinstance(func, Special):
        func = func.of
    func = inspect.unwrap(func) if callable(func) else func
    func = getattr(func, "__func__", func)
    try:
        source = func.source if isinstance(func, Closure) else source_of(func)
    except (CannotDifferentiate, AttributeError):
        return CannotDifferentiate(Refusal(error.message, remedy=error.remedy))
    node = source.node if not isinstance(func, Closure) else func.node
    returns = [n for n in gast.walk(node) if isinstance(n, gast.Return)]
    place = max(returns, key=lambda n: n.lineno) if at_return and returns else node
    return CannotDifferentiate(source.refusal(place, error.message, error.remedy))
