"""A moment of reading, to come back to: what names stand for, and what memories hold.

`vjp` and `linearize` save what they need where they are called; what is called later reads the function anew, as it was
there.

>>> from ad_compiler import grad, vjp
>>> def f(x, y):
...     _, pullback = vjp(lambda z: z * y, x)
...     y = 100.0
...     return pullback(1.0)[0]
>>> grad(f, argnums=1)(2.0, 3.0), f(2.0, 3.0)
(1.0, 3.0)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Const
from ad_compiler.read.abstract import Abstract, Memory, protocol
from ad_compiler.read.calls.special import Special
from ad_compiler.read.values.callables import Bound, Closure

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter
    from ad_compiler.read.names.scopes import Scope


class Moment:
    """Now, as far as a function can tell."""

    def __init__(self, lifter: Lifter, func: Any) -> None:
        self.memory = lifter.memory
        self.size = len(self.memory.journal)
        self.last = self.memory.journal[-1] if self.size else None
        self.names = [(scope, dict(scope.names)) for scope in scopes_seen(lifter, as_thing(func))]

    @contextmanager
    def again(self) -> Iterator[None]:
        """What is read meanwhile is read as it was then; what it writes is lost."""
        journal = self.memory.journal
        if len(journal) < self.size or self.size and journal[self.size - 1] is not self.last:
            raise Refused("what was saved in an arm or a loop is called outside of it", "call it there")
        then: dict[Memory, Any] = dict(reversed(journal[self.size:]))
        contents = {memory: memory.content for memory in then}
        names = [(scope, scope.names) for scope, _ in self.names]
        entered = len(journal)
        for memory, content in then.items():
            memory.content = content
        for scope, known in self.names:
            scope.names = dict(known)
        try:
            yield
        finally:
            self.memory.undo(entered)
            for memory, content in contents.items():
                memory.content = content
            for scope, known in names:
                scope.names = known


def as_thing(func: Any) -> Abstract:
    """A function that a transform is made of, as the reader has it."""
    return func if isinstance(func, (Closure, Bound)) else Const(func)


def scopes_seen(lifter: Lifter, func: Abstract) -> list[Scope]:
    """The scopes whose names a line here, or the function, can read."""
    found: list[Scope] = []
    seen: set[int] = set()
    todo: list[Any]
    scopes, todo = list(lifter.memory.visible_scopes()), [func]
    while scopes or todo:
        while scopes:
            scope: Scope | None = scopes.pop()
            while scope is not None and id(scope) not in seen:
                seen.add(id(scope))
                found.append(scope)
                todo += scope.names.values()
                scope = scope.parent
        if todo:
            thing = todo.pop()
            if id(thing) not in seen:
                seen.add(id(thing))
                scopes += [thing.scope] if isinstance(thing, Closure) else []
                todo += parts_of(thing)
    return found


def parts_of(thing: Any) -> list[Abstract]:
    """What a thing holds, or a function was made with."""
    if isinstance(thing, Closure):
        return [*thing.defaults, *thing.kw_defaults.values()]
    if isinstance(thing, Const) and isinstance(thing.value, Special):
        return [as_thing(thing.value.of)]
    if isinstance(thing, Bound):
        return [thing.fn, *thing.args, *thing.kwargs.values()]
    return list(protocol(thing).held())
