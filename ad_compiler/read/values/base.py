"""What any kind of value answers, and how one that is known is found.

Each kind of value is a `Thing`, and a method of it is a question: its type, its items, its truth.  A kind that lacks
a method takes the one of `Thing`, which refuses; so a question is answered now, left to the run, or refused.

>>> from ad_compiler.ir import Const
>>> from ad_compiler.read.abstract import Tuple
>>> protocol(Tuple([Const(1)])).python_value(), protocol(Const("a")).type_of()
((1,), <class 'str'>)
>>> protocol(Poison("this is lost")).type_of()
Traceback (most recent call last):
    ...
ad_compiler.errors.Refused: it is not known here of which type this poison is
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Arg, Atom, Const, Value
from ad_compiler.kinds import Obj

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter
    from ad_compiler.read.values.memories import Memory

Abstract = Any
"""A `Thing`, a `Value`, a `Const`, or a `slice` of them."""

Cursor = Callable[[int], Abstract | None]
"""Gives the item at a place, when it is its turn; None after the last."""

Counted = tuple[Atom, Atom, Atom, Callable[[Atom], Abstract]]
"""Start, stop and step of a loop, and the item for an index."""

NOT_KNOWN = object()


class Thing:
    """A kind of value; what one lacks is refused here."""

    __slots__ = ()

    def word(self) -> str:
        """A word for messages."""
        return type(self).__name__.lower()

    def type_of(self, mixed: Any = ()) -> type:
        """Of which type it is, known now; `mixed` are the values that may be of several."""
        raise Refused(f"it is not known here of which type this {self.word()} is",
                      "give the arguments with their types")

    # -- its parts -----------------------------------------------------------------------------------

    def stored(self) -> Abstract:
        """What stands for it in a container."""
        return self

    def flatten(self) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
        """Its atoms, and a function that builds it from other atoms."""
        return [], lambda atoms: self

    def python_value(self) -> Any:
        """The Python object that it is, or `NOT_KNOWN` where a part is known only at run time."""
        return NOT_KNOWN

    def same_structure(self, other: Any) -> bool:
        """Does another thing of its class differ in its atoms alone?"""
        return self is other

    def to_arg(self) -> Arg:
        """It as an argument of an `Op`."""
        raise Refused(f"a {self.word()} cannot be an argument here")

    def to_kind(self) -> Any:
        """It as a kind rule sees it: kinds where the program must run, Python objects where not."""
        return Obj(self.word())

    # -- its truth, length, items -----------------------------------------------------------------------

    def truth(self, lifter: Lifter) -> Abstract:
        """Its truth, known now where it is."""
        raise Refused(f"it is not known here whether this {self.word()} is true", "ask for what is in it")

    def len(self, lifter: Lifter) -> Abstract:
        """What `len` gives; NotImplemented where that is its rule's affair."""
        return NotImplemented

    def length(self, lifter: Lifter) -> Abstract:
        """How many items a loop over it has."""
        raise self.not_gone_through()

    def not_gone_through(self) -> Refused:
        """What is said of a loop over it."""
        return Refused(f"a loop over this {self.word()} is not supported", "loop over a range, an array or a list")

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        """`self[index]`."""
        raise Refused(f"a {self.word()} cannot be indexed here")

    def unpack(self, lifter: Lifter, count: int | None) -> list[Abstract]:
        """Its items, where it is unpacked; into so many, if that is known."""
        return lifter.iteration.iterate_now(self)

    def not_iterable(self) -> str | None:
        """The name of its type, where that has no items; None where it may have some."""
        return None

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        """Its items, where its length is known now; None where a loop has to run.  `unroll`: those of a range too."""
        return None

    def unrolled(self, lifter: Lifter) -> list[Abstract] | None:
        """Its items, where it is a range whose bounds are known, or made of one."""
        return None

    def cursor(self, lifter: Lifter, unroll: bool = False) -> Cursor | None:
        """Its items one by one, each as it is when it is its turn; None where a loop has to run."""
        items = self.iterate(lifter, unroll)
        return None if items is None else lambda at: items[at] if at < len(items) else None

    def counted(self, lifter: Lifter) -> Counted:
        """Bounds of a counted loop over it, and its item for an index."""
        raise self.not_gone_through()

    def item_at(self, lifter: Lifter, i: Atom) -> Abstract:
        """Its item number `i`, in a counted loop."""
        return lifter.expressions.item(self, i)

    def rest(self, lifter: Lifter) -> Abstract:
        """All its items but the first."""
        raise Refused(f"the items of this {self.word()} cannot be compared one by one", "use a loop")

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        """`next(self, *default)`; `named` is the iterator with a name that holds it."""
        return lifter.raises(TypeError, f"'{self.word()}' object is not an iterator")

    def pairs(self, lifter: Lifter) -> dict[Any, Abstract]:
        """`dict(self)`: it has keys and values, or gives pairs of them."""
        return lifter.iteration.pairs(self)

    def contains(self, lifter: Lifter, item: Abstract) -> Abstract:
        """`item in self`."""
        if self.not_iterable() is not None:
            name = self.type_of(lifter.numbers.mixed).__name__
            return lifter.raises(TypeError, f"argument of type '{name}' is not iterable")
        raise Refused(f"`in` needs a container that is known, not a {self.word()}", "compare with its items")

    # -- operators and stores ------------------------------------------------------------------------

    def known_set(self) -> Any:
        """The Python set that it is in an operation of sets; None where it is none."""
        return None

    def binary(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        """`self fn right`; NotImplemented where it is for the other to say, or a rule."""
        return NotImplemented

    def binary_right(self, lifter: Lifter, fn: Callable[..., Any], left: Abstract) -> Abstract:
        """`left fn self`, where the other does not say."""
        return NotImplemented

    def in_place(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        """`self fn= right`, and what it is then."""
        return lifter.expressions.binary(fn, self, right)

    def set_item(self, lifter: Lifter, index: Abstract, thing: Abstract) -> None:
        """`self[index] = thing`."""
        raise Refused(f"a store into a {self.word()} is not supported")

    def del_item(self, lifter: Lifter, index: Abstract) -> None:
        """`del self[index]`."""
        raise Refused(f"an item of a {self.word()} is deleted")

    def set_attr(self, lifter: Lifter, name: str, thing: Abstract, plain: bool) -> None:
        """`self.name = thing`; `plain`: whatever its class says to that."""
        raise Refused(f"a store into an attribute of a {self.word()} is not supported")

    def del_attr(self, lifter: Lifter, name: str) -> None:
        """`del self.name`."""
        raise Refused("an attribute is deleted", "leave the line out")

    # -- its attributes, calls ------------------------------------------------------------------------

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        """`self.name`."""
        raise Refused(f"attribute `{name}` of a {self.word()} is not supported")

    def has_attr(self, lifter: Lifter, name: str) -> Const | Value:
        """`hasattr(self, name)`."""
        return Const(hasattr(self.type_of(lifter.numbers.mixed), name))

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """`self(*args, **kwargs)`."""
        raise Refused(f"a {self.word()} cannot be called")

    def is_callable(self, lifter: Lifter) -> Const | Value:
        """`callable(self)`."""
        return Const(lifter.asks.of_class(self.type_of(lifter.numbers.mixed), "__call__") is not None)

    # -- its memory ----------------------------------------------------------------------------------

    def fresh(self, lifter: Lifter) -> Abstract:
        """It with its arrays as they are now."""
        return self

    def copied(self, lifter: Lifter, inside: Callable[[Abstract], Abstract]) -> Abstract:
        """What `copy.copy` gives, with what `inside` makes of what is in it; NotImplemented where that is not known."""
        return NotImplemented

    def detached(self, lifter: Lifter) -> Abstract:
        """It in memory of its own: what is undone later does not change it."""
        return self

    def held(self) -> Iterable[Abstract]:
        """The things in it now, as far as they are known apart."""
        return ()

    def containers(self) -> Iterator[Memory]:
        """The lists, dicts and objects in it, outer before inner: those that `flatten` would build anew."""
        return iter(())

    def memories(self, lifter: Lifter) -> Iterator[Memory]:
        """The memories that it gives access to, itself first."""
        for part in self.held():
            yield from protocol(part).memories(lifter)

    def values(self) -> list[Value]:
        """The run-time values that are handed over with it."""
        return [atom for atom in self.flatten()[0] if isinstance(atom, Value)]


class Poison(Thing):
    """Stands for something refused already, so that one fault is reported once; `ends`: or for an error of Python's."""

    def __init__(self, message: str = "", remedy: str = "", ends: str = "") -> None:
        self.message, self.remedy, self.ends = message, remedy, ends

    def to_arg(self) -> Arg:
        raise Refused(self.message, self.remedy)

    def to_kind(self) -> Any:
        raise Refused(self.message, self.remedy)

    def truth(self, lifter: Lifter) -> Abstract:
        raise Refused(self.message, self.remedy)

    def unpack(self, lifter: Lifter, count: int | None) -> list[Abstract]:
        return [self] * (count or 0)

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        return self

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        return self

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        report(self)
        return self

    def set_attr(self, lifter: Lifter, name: str, thing: Abstract, plain: bool) -> None:
        report(self)


STANDS_FOR: dict[type, Callable[[Any], Thing]] = {}
"""By the class of a kind, for a `Value`; by its own class, for anything else that is no `Thing`."""


def protocol(thing: Abstract) -> Thing:
    """A thing as one that answers."""
    if type(thing) is Value:
        return STANDS_FOR[type(thing.kind)](thing)
    return thing if isinstance(thing, Thing) else STANDS_FOR[type(thing)](thing)


def report(thing: Abstract) -> None:
    """What is not known is an error where it is read, unless that has been reported."""
    if isinstance(thing, Poison) and thing.message:
        raise Refused(thing.message, thing.remedy)


def first_lost(things: Iterable[Abstract]) -> Poison | None:
    """The first of these that is not known any more, reported; None where all are."""
    for thing in things:
        if isinstance(thing, Poison):
            report(thing)
            return thing
    return None


# -- questions with a short way for atoms --------------------------------------------------------------


def describe(thing: Abstract) -> str:
    """A word for messages."""
    return protocol(thing).word()


def flatten(thing: Abstract) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
    """The atoms of a structure, and a function that builds the structure from other atoms."""
    if isinstance(thing, (Value, Const)):
        return [thing], lambda atoms: atoms[0]
    return protocol(thing).flatten()


def to_arg(thing: Abstract) -> Arg:
    """A thing as an argument of an `Op`."""
    return thing if isinstance(thing, (Value, Const)) else protocol(thing).to_arg()


def to_kind(thing: Abstract) -> Any:
    """A thing as a kind rule sees it: kinds where the program must run, Python objects where not."""
    return thing.kind if isinstance(thing, Value) else protocol(thing).to_kind()


def python_value(thing: Abstract) -> Any:
    """The Python object that a thing is, or `NOT_KNOWN` where a part is known only at run time."""
    if isinstance(thing, Const):
        return NOT_KNOWN if thing is UNDEFINED else thing.value
    return NOT_KNOWN if isinstance(thing, Value) else protocol(thing).python_value()


def type_of(thing: Abstract, mixed: Any = ()) -> type:
    """Of which type a thing is, known now; `mixed` are the values that may be of several."""
    return protocol(thing).type_of(mixed)


def same_structure(a: Abstract, b: Abstract) -> bool:
    """Do two things differ in their atoms alone?"""
    if isinstance(a, (Value, Const)) and isinstance(b, (Value, Const)):
        return True
    return type(a) is type(b) and protocol(a).same_structure(b)


def containers_in(thing: Abstract) -> Iterator[Memory]:
    """The lists, dicts and objects in a thing, outer before inner: those that `flatten` would build anew."""
    return protocol(thing).containers()


def known_answer(fn: Any, left: Any, right: Any) -> Const | None:
    """What Python itself says of two known things; None where that is no truth value, or an error."""
    try:
        found = fn(left, right)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return Const(bool(found)) if isinstance(found, (bool, np.bool_)) else None


def known_to_hold(lifter: Lifter, container: Abstract, item: Abstract) -> Const | None:
    """What Python itself says of `item in container`; None where one of them is not known."""
    known, value = python_value(container), python_value(item)
    if value is not NOT_KNOWN and isinstance(known, (tuple, list, dict, set, frozenset)):
        lifter.asks.ask_methods(map(Const, (value, *known)), "__eq__", "__hash__")
    return None if known is NOT_KNOWN or value is NOT_KNOWN else known_answer(operator.contains, known, value)
