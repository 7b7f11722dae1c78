"""What is printed, before it has names: statements in order, each with the values that it reads and sets.

The intermediate form hands values on; Python assigns names.  A `Copy` is where the one becomes the other: at
the end of an arm, on entry to a loop and at the end of an iteration.  Most copies vanish, because the two
values get one name.
"""

from __future__ import annotations

from ad_compiler.ir import Arg, Atom, Branch, Loop, Op, Value


class Put:
    """An op as a statement, or a branch that is printed as an expression."""

    def __init__(self, stmt: Op | Branch, results: list[Value]) -> None:
        self.stmt, self.results = stmt, results


class Copy:
    """Values that are set all at once.

    `arm`: at the end of an arm, not of an iteration.  `live` is filled in by `live`: those that something reads.
    """

    def __init__(self, pairs: list[tuple[Value, Atom]], reverse: bool, arm: bool = False) -> None:
        self.pairs, self.reverse, self.arm = pairs, reverse, arm
        self.live: set[Value] = set()


class Begin:
    """A trail with nothing in it, or the count of a loop's iterations at zero."""

    def __init__(self, value: Value, loop: Loop) -> None:
        self.value, self.loop = value, loop


class Keep:
    """An entry of a trail; `at` is its index where the trail has its full length from the start."""

    def __init__(self, trail: Value, loop: Loop, entry: Atom) -> None:
        self.trail, self.loop, self.entry = trail, loop, entry


class Count:
    """One more iteration."""

    def __init__(self, value: Value) -> None:
        self.value = value


class Hold:
    """Nothing is printed; the values keep their names up to here."""

    def __init__(self, values: list[Value]) -> None:
        self.values = values


class If:
    """A branch printed as statements, or the test of a `break`."""

    def __init__(self, cond: Atom, then: list[Step], orelse: list[Step], reverse: bool) -> None:
        self.cond, self.then, self.orelse, self.reverse = cond, then, orelse, reverse


class Region:
    """A `with` or a `try`, with what stands at its end; or statements that leave nothing behind.

    `live` are the variables that are read after it, as the bits of an integer.
    """

    live = 0

    def __init__(self, branch: Branch, body: list[Step], last: list[Step]) -> None:
        self.branch, self.body, self.last = branch, body, last


class For:
    """A counted loop."""

    def __init__(self, loop: Loop, body: list[Step]) -> None:
        self.loop, self.body = loop, body


class While:
    """A loop with a test; `head` are statements that the test needs, in each iteration."""

    def __init__(self, loop: Loop, head: list[Step], cond: Atom, body: list[Step]) -> None:
        self.loop, self.head, self.cond, self.body = loop, head, cond, body


class Break:
    """Leaves the loop."""


class Return:
    """Leaves the function."""

    def __init__(self, value: Arg) -> None:
        self.value = value


Step = Put | Copy | Begin | Keep | Count | Hold | If | Region | For | While | Break | Return


def copies(steps: list[Step]) -> list[Copy]:
    """Every copy, in the order of the text."""
    found: list[Copy] = []
    for step in steps:
        if isinstance(step, Put):       # the usual case
            continue
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
