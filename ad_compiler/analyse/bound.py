"""Values that may not be bound: those of one arm alone, or of a loop that may not run.

>>> from ad_compiler.ir import UNDEFINED, Block, Branch, Const, Func, Value
>>> from ad_compiler.kinds import FLOAT
>>> y = Value("y", FLOAT)
>>> branch = Branch(Const(True), Block(results=[Const(1.0)]), Block(results=[UNDEFINED]), [y])
>>> Bound(Block([], [branch])).may_be_unbound(y)
True
"""

from __future__ import annotations

from ad_compiler.ir import UNDEFINED, Atom, Block, Branch, Loop, Op, Value, walk


class Bound:
    """What is known of the values of a block; `joined` says which branch or loop hands one on."""

    def __init__(self, block: Block) -> None:
        self.joined: dict[Value, Branch | Loop] = {}
        for stmt in walk(block):
            if type(stmt) is not Op:
                params = stmt.body.params if isinstance(stmt, Loop) else []
                self.joined.update(dict.fromkeys([*stmt.results, *params], stmt))

    def may_be_unbound(self, atom: Atom) -> bool:
        """Is there a way on which a value is not bound?"""
        if atom is UNDEFINED:
            return True
        if not isinstance(atom, Value) or atom not in self.joined:
            return False
        made = self.joined[atom]
        if isinstance(made, Loop):
            carried = made.results if atom in made.results else made.body.params
            return self.may_be_unbound(made.inits[carried.index(atom)])
        at = made.results.index(atom)
        arms = (made.then, made.orelse) if made.way == "if" else (made.then,)
        return any(self.may_be_unbound(arm.results[at]) for arm in arms)


def unbound_in(block: Block) -> set[Value]:
    """The values of a block that may not be bound."""
    for stmt in walk(block):
        if UNDEFINED in (stmt.inits if type(stmt) is Loop else [*stmt.then.results, *stmt.orelse.results]
                         if type(stmt) is Branch else ()):
            bound = Bound(block)
            return {value for value in bound.joined if bound.may_be_unbound(value)}
    return set()
