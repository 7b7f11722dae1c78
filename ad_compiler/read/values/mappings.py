"""Mappings: dicts whose keys are known, the attributes of an object as one, and what `keys`, `values`, `items` show.

>>> from ad_compiler.read.abstract import Const, python_value
>>> found = Dict({"a": Const(1)})
>>> found.python_value(), [python_value(item) for item in View(found, "items").items]
({'a': 1}, [('a', 1)])
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Const
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.values.base import Abstract, protocol
from ad_compiler.read.values.containers import Container, Unordered, flatten_all
from ad_compiler.read.values.memories import Box
from ad_compiler.read.values.sequences import Tuple
from ad_compiler.read.values.sorts import is_truth

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class Dict(Container, Unordered, Box):
    """A dict whose keys are known."""

    __slots__ = ()

    @property
    def items(self) -> dict[Any, Abstract]:
        """The things in it, by key."""
        return self.known()

    def type_of(self, mixed: Any = ()) -> type:
        return dict

    def parts(self) -> list[Abstract]:
        return list(self.items.values())

    def like(self, parts: list[Abstract]) -> Dict:
        return Dict(self.python(parts))

    def python(self, values: list[Any]) -> Any:
        return dict(zip(self.items, values, strict=True))

    def flatten(self) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
        atoms, build = flatten_all(self.parts())
        keys = list(self.items)     # as they are now: it may have others when it is built
        return atoms, lambda new: Dict(dict(zip(keys, build(new), strict=True)))

    def same_structure(self, other: Any) -> bool:
        return list(self.items) == list(other.items) and super().same_structure(other)

    def contains(self, lifter: Lifter, item: Abstract) -> Abstract:
        return Const(lifter.expressions.key(item, "a key") in self.items)

    def binary(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        merged = fn is operator.or_ and isinstance(right, Dict)
        return Dict({**self.items, **right.items}) if merged else NotImplemented

    def in_place(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        if fn is not operator.or_:
            return super().in_place(lifter, fn, right)
        lifter.lists.write_list(self, {**self.items, **lifter.expressions.expect_dict(right)})
        return self

    def set_item(self, lifter: Lifter, index: Abstract, thing: Abstract) -> None:
        key = lifter.expressions.key(index, "the key of a dict")
        lifter.lists.write_list(self, {**self.items, key: thing})

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        if is_truth(index) and not lifter.numbers.derived.get(index):
            yes, no = (functools.partial(self.get_item, lifter, Const(answer)) for answer in (True, False))
            return lifter.branches.choose(lifter.expressions.truth_of(index), yes, no)
        key = lifter.expressions.key(index, "the key into a dict")
        if key not in self.items:
            return lifter.fails(KeyError(key), key, f"the dict has no key {key!r}")
        return self.items[key]

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        return [Const(key) for key in self.items]

    def pairs(self, lifter: Lifter) -> dict[Any, Abstract]:
        return dict(self.items)

    # -- its methods ---------------------------------------------------------------------------------

    def method_keys(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        return View(self, "keys")

    def method_values(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        return View(self, "values")

    def method_items(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        return View(self, "items")

    def method_copy(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        return Dict(dict(self.items))

    def method_get(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        key = lifter.expressions.key(args[0], "the key into a dict")
        return self.items.get(key, args[1] if len(args) > 1 else Const(None))

    def method_update(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        more: dict[Any, Abstract] = {}
        for arg in args:
            more.update(protocol(arg).pairs(lifter))
        lifter.lists.write_list(self, {**self.items, **more, **kwargs})
        return Const(None)

    def method_setdefault(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        key = lifter.expressions.key(args[0], "the key of a dict")
        if key not in self.items:
            lifter.lists.write_list(self, {**self.items, key: args[1] if len(args) > 1 else Const(None)})
        return self.items[key]

    def method_pop(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        key = lifter.expressions.key(args[0], "the key of a dict")
        if key not in self.items:
            if len(args) < 2:
                raise Refused(f"the dict has no key {key!r}")
            return args[1]
        found = self.items[key]
        lifter.lists.write_list(self, {k: v for k, v in self.items.items() if k != key})
        return found

    def method_popitem(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        if not self.items:
            raise Refused("popitem(): the dict is empty")
        key = Const(list(self.items)[-1])
        return Tuple([key, self.method_pop(lifter, [key], {})])

    def method_clear(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        lifter.lists.write_list(self, {})
        return Const(None)


class Namespace(Dict):
    """`obj.__dict__`: the attributes of an object, as a dict in the same memory."""

    __slots__ = ("of",)

    def __init__(self, of: Any) -> None:
        self.of = of
        super().__init__(of.content)

    @property
    def items(self) -> dict[Any, Abstract]:
        """The attributes, by name."""
        found: dict[Any, Abstract] = self.of.attributes
        return found

    def another(self) -> Box:
        raise Refused("this is the `__dict__` of one object or of another", "read attributes of the object itself")

    def copied(self, lifter: Lifter, inside: Callable[[Abstract], Abstract]) -> Abstract:
        return NotImplemented


class View(Unordered):
    """`d.keys()`, `d.values()`, `d.items()`: what a dict holds, as it is when it is looked at."""

    def __init__(self, of: Dict, part: str) -> None:
        self.of, self.part = of, part

    @property
    def items(self) -> list[Abstract]:
        """What it shows now."""
        if self.part == "keys":
            return [Const(key) for key in self.of.items]
        if self.part == "values":
            return list(self.of.items.values())
        return [Tuple([Const(key), item]) for key, item in self.of.items.items()]

    def word(self) -> str:
        return f"dict_{self.part}"

    def contains(self, lifter: Lifter, item: Abstract) -> Abstract:
        return self.of.contains(lifter, item) if self.part == "keys" else super().contains(lifter, item)

    def known_set(self) -> Any:
        return set(self.of.items) if self.part == "keys" else None

    def type_of(self, mixed: Any = ()) -> type:
        return type(getattr({}, self.part)())

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        return list(self.items)
