"""What is printed, before it has names: statements in order, each with the values that it reads and sets.

The intermediate form hands values on; Python assigns names.  A `Copy` is where the one becomes the other: at
the end of an arm, on entry to a loop and at the end of an iteration.  Most copies vanish, because the two
values get one name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ad_compiler.ir import Arg, Atom, Branch, Loop, Op, Value


@dataclass(eq=False, slots=True)
class Put:
    """An op as a statement, or a branch that is printed as an expression."""

    stmt: Op | Branch
    results: list[Value]


@dataclass(eq=False, slots=True)
class Copy:
    """Values that are set all at once.

    `arm`: at the end of an arm, not of an iteration.  `live` is filled in by `live`: those that something reads.
    """

    pairs: list[tuple[Value, Atom]]
    reverse: bool
    arm: bool = False
    live: set[Value] = field(default_factory=set)


@dataclass(eq=False, slots=True)
class Begin:
    """A trail with nothing in it, or the count of a loop's iterations at zero."""

    value: Value
    loop: Loop


@dataclass(eq=False, slots=True)
class Keep:
    """An entry of a trail; `at` is its index where the trail has its full length from the start."""

    trail: Value
    loop: Loop
    entry: Atom


@dataclass(eq=False, slots=True)
class Count:
    """One more iteration."""

    value: Value


@dataclass(eq=False, slots=True)
class Hold:
    """Nothing is printed; the values keep their names up to here."""

    values: list[Value]


@dataclass(eq=False, slots=True)
class If:
    """A branch printed as statements, or the test of a `break`."""

    cond: Atom
    then: list[Step]
    orelse: list[Step]
    reverse: bool


@dataclass(eq=False, slots=True)
class Region:
    """A `with` or a `try`, with what stands at its end."""

    branch: Branch
    body: list[Step]
    last: list[Step]


@dataclass(eq=False, slots=True)
class For:
    """A counted loop."""

    loop: Loop
    body: list[Step]


@dataclass(eq=False, slots=True)
class While:
    """A loop with a test; `head` are statements that the test needs, in each iteration."""

    loop: Loop
    head: list[Step]
    cond: Atom
    body: list[Step]


@dataclass(eq=False, slots=True)
class Break:
    """Leaves the loop."""


@dataclass(eq=False, slots=True)
class Return:
    """Leaves the function."""

    value: Arg


Step = Put | Copy | Begin | Keep | Count | Hold | If | Region | For | While | Break | Return


def copies(steps: list[Step]) -> list[Copy]:
    """Every copy, in the order of the text."""
    found: list[Copy] = []
    for step in steps:
        if isinstance(step, Copy):
            found.append(step)
        elif isinstance(step, If):
            found += [*copies(step.then), *copies(step.orelse)]
        elif isinstance(step, Region):
            found += [*copies(step.body), *copies(step.last)]
        elif isinstance(step, For):
            found += copies(step.body)
        elif isinstance(step, While):
            found += [*copies(step.head), *copies(step.body)]
    return found
