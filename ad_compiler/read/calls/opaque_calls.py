"""Calls of what is neither read nor known: they run once, in their place; what they may write into is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Op, Value
from ad_compiler.kinds import Num, Obj
from ad_compiler.read.abstract import (
    Abstract,
    Box,
    Object,
    describe,
    protocol,
    to_arg,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.opaque import call_object, has_out, leaves_arguments_alone
from ad_compiler.read.library.builtins import only_shows
from ad_compiler.read.values.base import first_lost
from ad_compiler.read.values.callables import Function
from ad_compiler.rules import registry
from ad_compiler.watch import is_argument

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

SETTERS = "__setattr__", "__delattr__", "__setitem__", "__delitem__"


class OpaqueCalls(Reader):
    """Emits calls of what is not read."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.outside_given: list[str] = []      # what is not read and was given objects of the world that it may change

    def opaque(self, fn: Any, name: str, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """A call of something that is neither read nor known: it runs once, in its place, undifferentiated."""
        lost = first_lost((*args, *kwargs.values()))
        if lost is not None:
            return lost
        fresh = self.lifter.memory.fresh
        args, kwargs = [fresh(a) for a in args], {k: fresh(v) for k, v in kwargs.items()}
        self._check_effects(fn, name, [*args, *kwargs.values()], says_where(fn, args, kwargs))
        if self._gives_away(fn, args):
            self.outside_given.append(name)
        target = fn.value if isinstance(fn, Const) else call_object
        for thing in (*args, *kwargs.values()):
            if isinstance(thing, Function):
                raise Refused(f"`{self._called(fn, name)}` has no rule and its source cannot be read: it cannot be "
                              f"given a {describe(thing)} that is made here",
                              "write out what it does, or give it a derivative with custom_vjp")
        given = tuple(map(to_arg, args)) if isinstance(fn, Const) else (fn, *map(to_arg, args))
        (result,) = self.lifter.emit(target, given, {k: to_arg(v) for k, v in kwargs.items()}, [Obj(name)], effect=True)
        self.lifter.memory.tie(result, [fn, *args, *kwargs.values()])
        return result

    def later(self, fn: Any, *things: Abstract) -> Any:
        """The answer of Python itself, when the program runs."""
        return self.opaque(Const(fn), fn.__name__, list(things), {})

    def _called(self, fn: Abstract, name: str) -> str:
        """What is called, for messages: a method of an object that is not read by its name."""
        made = next((op for op in reversed(self.lifter.block.ops) if isinstance(op, Op) and op.fn is getattr
                     and fn in op.results), None) if isinstance(fn, Value) else None
        return name if made is None else f".{made.args[1].value}"

    def _check_effects(self, fn: Any, name: str, args: list[Abstract], out: bool) -> None:
        """What is not known to leave its arguments alone may write into an array that a name can see."""
        name = self._called(fn, name)
        target = fn.value if isinstance(fn, Const) else None
        if only_shows(target) or not out and target is not None and leaves_arguments_alone(target):
            return
        if args and isinstance(args[0], Const) and getattr(target, "__name__", "") in SETTERS:
            raise Refused(f"`{name}` changes what is outside, and is not read", "pass it as an argument")
        args = [*args, fn]      # a method may write into what its object holds
        for thing in args:
            if isinstance(thing, Box) and (isinstance(thing, Object) or self.lifter.memory.is_seen(thing)):
                raise Refused(f"`{name}` may write into the {describe(thing)} that it is given, and its source cannot "
                              "be read", "give it what is in it")
            for atom in protocol(thing).values():
                if isinstance(atom.kind, Num) and not atom.kind.is_array:
                    continue
                if not isinstance(atom.kind, (Num, Obj)) or not (atom is not fn and isinstance(atom.kind, Obj)
                                                                 or self.lifter.memory.visible(atom)):
                    continue
                if isinstance(atom.kind, Num):
                    raise Refused(f"`{name}` may write into the array that it is given, and its source cannot be read",
                                  "give it a copy, `x.copy()`")
                made_by = self._made_by(atom)
                if made_by:
                    raise Refused(f"`{made_by}` has no rule and its source cannot be read: what it gives is not known",
                                  "call it outside, and pass what it gives")
                raise Refused(f"`{name}` may change the object that it is of or is given: its source cannot be read",
                              "call it before, and give the function what it returns")

    def _made_by(self, value: Value) -> str:
        """The function that is not read from which an object comes."""
        makers = {result: op for op in self.lifter.block.ops if isinstance(op, Op) for result in op.results}
        while value in makers and makers[value].args and isinstance(makers[value].args[0], Value) and (
                makers[value].fn in (getattr, call_object)):
            value = makers[value].args[0]
        fn = makers[value].fn if value in makers else None
        return "" if fn is None or registry.lookup(fn) is not None else getattr(fn, "__name__", "")

    def _gives_away(self, fn: Any, args: list[Abstract]) -> bool:
        """Is something handed over that stands outside of the function, to what may change it?"""
        target = fn.value if isinstance(fn, Const) else None
        if target is not None and leaves_arguments_alone(target):
            return False
        return any(isinstance(thing, Const) and isinstance(thing.value, type) and args[0] is thing or any(
            memory.foreign is not None and not is_argument(memory.foreign.get)
            for memory in protocol(thing).memories(self.lifter)) for thing in args)


def says_where(fn: Abstract, args: list[Abstract], kwargs: dict[str, Abstract]) -> bool:
    """Is a function that is not read given memory to write its result into?"""
    copy = kwargs.get("copy")       # of `np.nan_to_num`
    return "out" in kwargs or isinstance(copy, Const) and not copy.value or \
        isinstance(fn, Const) and has_out(fn.value, len(args))
