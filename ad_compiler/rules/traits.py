"""What may be taken for granted of every call of a function, beside its kind and its derivative.

A pass asks for a trait, never which function it is: a new function then takes part in it by its entry alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

Function = Callable[..., Any]

FREE, LIGHT, DEAR = 0, 1, 2
"""Prices: no more than to read what is kept; no more than to read it from memory; more."""


@dataclass(frozen=True)
class Traits:
    """Each says what it promises where it is set; a function without is one of which that is not known."""

    effect: bool = False        # a call can be seen from outside (print)
    raises: str = ""            # "value": for values that a program can meet; "use": for a wrong index or type alone
    cost: int = DEAR            # FREE: a view, a shape; LIGHT: a sum, a comparison, element by element; else DEAR
    written: str = ""           # how Python writes a call that is an operator: "{} + {}"
    method: bool = False        # the method of this name costs less to call
    elementwise: bool = False   # each element of the result is made of the elements at its place
    element: Function | None = None     # what gives one in a loop that Numba compiles; None where Numba's differs
    outer: bool = False         # each element of the one operand with each of the other
    truths: Function | None = None      # the same of truth values
    power: bool = False         # the result is the first operand to the power of the second
    comparison: bool = False    # elementwise, and the result is true or false of two operands
    signs: tuple[int, ...] = ()         # the result is the sum of the operands with these signs
    powers: tuple[int, ...] = ()        # the result is the product of the operands to these powers
    commutes: bool = False      # two operands may change places
    casts: bool = False         # the result is the first operand in another type
    positions: bool = False     # the result is where the operand is not zero: as many numbers as it picks
    divides: bool = False       # raises where the second operand is 0, if both are Python's numbers
    access: str = ""            # `args[1]` is an index into `args[0]`, of what is "read" there, or the array after a
                                # "write" or an "add" of `args[2]`; into an array of that shape, of which places are
                                # told "last" written; or the name of an "attribute"
    if_bound: bool = False      # the argument may be unbound
    makes: str = ""             # new memory, to be written into, and what stands there: "zeros", "ones", "full" of
                                # `args[1]`, "empty", "copy"; or what is not written into: "range"
    compact: bool = False       # the result lies in C order, whatever a call is given
    like: int | None = None     # of this argument a call asks for the shape and dtype alone
    helper: Function | None = None      # does the same, and Numba compiles it in less time
    reduction: tuple[float, Function] | None = None     # where it begins, and what it does with the next element
    matrices: bool = False      # a product of matrices and vectors
    list: str = ""              # a call "makes" a run-time list, or "writes" into the one that it is given
    holds: bool = False         # that list holds what the call is given
    view: str = ""              # the result may stand in the memory of the first argument, which it shows at an
                                # "index", "turned", in another "shape", the "same", "stretched", as its "diagonal"; or
                                # where it lies in C order alone: "laid out" in another shape, "compact"
    order: str = ""             # how loops come from the index of an element to that of the same one in `args[0]`
    passes: bool = False        # it may be the first argument itself, or a view of it, but is mostly new memory


NOTHING = Traits()

_TRAITS: dict[Function, Traits] = {}
_SETS: list[tuple[Callable[[Traits], bool], set[Function]]] = []


def traits_of(fn: Function) -> Traits:
    """What is known of a function."""
    return _TRAITS.get(fn, NOTHING)


def all_traits() -> dict[Function, Traits]:
    """What is known of all functions, in the order in which that was entered."""
    return dict(_TRAITS)


def functions(test: Callable[[Traits], bool]) -> set[Function]:
    """Those whose traits pass a test, now and when more are entered: passes ask again and again, a set is quick."""
    found = {fn for fn, known in _TRAITS.items() if test(known)}
    _SETS.append((test, found))
    return found


def declare(fns: Function | Iterable[Function], **traits: Any) -> None:
    """Enter traits, beside those that a function has; one that only the compiler calls has no others."""
    for fn in (fns,) if callable(fns) else fns:
        _TRAITS[fn] = known = replace(traits_of(fn), **traits)
        for test, found in _SETS:
            (found.add if test(known) else found.discard)(fn)
