"""What may be taken for granted of every call of a function, beside its kind and its derivative.

A pass asks for a trait, never which function it is: a new function then takes part in it by its entry alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Function = Callable[..., Any]
Interval = tuple[float, float]

FREE, LIGHT, DEAR = 0, 1, 2
"""Prices: no more than to read what is kept (a view, a shape); than to read it from memory (a sum); more."""


@dataclass(frozen=True)
class Traits:
    """Each says what it promises where it is set; where it is not, nothing is known."""

    # what is noticed of a call
    effect: bool = False                                # it can be seen from outside (print)
    raises: Literal["", "value", "use"] = ""            # for values that a program can meet; for a wrong index or type
    divides: bool = False                               # it raises where Python's numbers are divided by 0
    shifts: bool = False                                # it raises where Python's numbers are shifted by less than 0
    if_bound: bool = False                              # its argument may be unbound
    cost: int = DEAR                                    # FREE, LIGHT or DEAR

    # how it is written
    written: str = ""                                   # what Python writes instead of a call: "{} + {}"
    method: bool = False                                # the method of its name costs less
    helper: Function | None = None                      # does the same, and Numba compiles it in less time
    element: Function | None = None                     # gives one element, in a loop that Numba compiles
    truths: Function | None = None                      # gives one element of truth values

    # the elements of the result
    elementwise: bool = False                           # each is made of those at its place
    outer: bool = False                                 # each of the one operand with each of the other
    comparison: bool = False                            # each is true or false, of two operands
    signs: tuple[int, ...] = ()                         # the sum of the operands with these signs
    powers: tuple[int, ...] = ()                        # the product of the operands to these powers
    power: bool = False                                 # the first operand to the power of the second
    commutes: bool = False                              # the same where two operands change places
    casts: bool = False                                 # those of the first operand, in another type
    positions: bool = False                             # where the operand is not zero: as many as it picks
    reduction: tuple[float, Function] | None = None     # where it begins, what it does with the next element
    exact: bool = False                                 # a sum that is rounded once, at its end
    matrices: bool = False                              # the product of matrices and vectors
    wraps: bool = False                                 # of whole numbers, it depends on how many bits they have
    like: int | None = None                             # of this argument, shape and dtype are all that counts
    linear: Sequence[int] = ()                          # of these arguments together: f(a + b) is f(a) + f(b)
    multilinear: Sequence[int] = ()                     # of each of these arguments, the others as they are
    stacks: bool = False                                # it works on the last axes: those before are a stack of them
    axes: Literal["", "one", "many"] = ""               # `axis` is an axis of the operand, or many; None: all in a row
    arrays: Function | None = None                      # does the same for each number of an array
    range: Interval | Callable[..., Interval] | None = None     # where it lies, for where its operands lie
    steep_inside: Callable[..., bool] | None = None     # for operands there, can a slope be infinite that it has
    steep_outside: Callable[..., bool] | None = None    # ... where it is infinite itself, or overflows
    overflows: bool = False                             # it is infinite outside for operands that are large alone
    touches_zero: bool = False                          # where it is 0, at its least, it has no slope
    squared: Function | None = None                     # its square, where that is smooth and the function is not
    selects: bool = False                               # an operand, or an element of it, may have no part in it
    saturates: tuple[int, ...] = ()                     # operands that may be infinite where it is not: no slope there
    largest: bool = False                               # it is no less than any of its operands
    steps: bool = False                                 # so far to go that the sum stays within given bounds
    total: bool = False                                 # of finite operands finite, with a finite slope; raises nothing

    meets: Function | None = None                       # lengths that must be one; and whether those of 1 may differ
    joins: Literal["", "along an axis", "as they are", "rows"] = ""     # arrays whose other axes must be as long

    # memory
    makes: Literal["", "zeros", "ones", "full", "empty", "eye", "copy", "array", "zeros or nothing", "range"] = ""
    """New memory, and what stands there; all but a range is called for to be written into."""
    compact: bool = False                               # the result lies in C order, whatever is given
    access: Literal["", "read", "write", "add", "last", "attribute"] = ""
    """At the index `args[1]`: what stands in `args[0]`, the array after `args[2]` was stored or added there, whether it
    was written last; or the attribute of that name."""
    list: Literal["", "makes", "writes"] = ""           # a run-time list of its own, or the one that it writes into
    orders: bool = False                                # what it makes goes by the values that a list holds
    holds: bool = False                                 # that list holds the arguments
    view: Literal["", "index", "turned", "shape", "laid out", "compact", "same", "argument", "stretched",
                  "diagonal", "windows"] = ""
    """The result may stand in the memory of `args[0]`, and how: "laid out" in another shape, or "compact", where that
    lies in C order."""
    passes: bool = False                                # it may be `args[0]` or a view of it, but seldom is
    order: str = ""                                     # how loops find an element in `args[0]` (loops/views.py)


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


def _with(known: Traits, traits: dict[str, Any]) -> Traits:
    """What `dataclasses.replace` gives: it is asked for each function when the compiler is imported, which waits."""
    if not traits.keys() <= vars(NOTHING).keys():
        raise TypeError(f"no such trait: {', '.join(traits.keys() - vars(NOTHING).keys())}")
    made = object.__new__(Traits)
    vars(made).update(vars(known), **traits)
    return made


def declare(fns: Function | Iterable[Function], **traits: Any) -> None:
    """Enter traits, beside those that a function has; one that only the compiler calls has no others."""
    for fn in (fns,) if callable(fns) else fns:
        _TRAITS[fn] = known = _with(traits_of(fn), traits)
        for test, found in _SETS:
            (found.add if test(known) else found.discard)(fn)
