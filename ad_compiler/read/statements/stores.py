"""Stores: into arrays, through views, into lists, dicts and objects."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, MemberDescriptorType, SimpleNamespace
from typing import Any

import gast
import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Const, Op, Value
from ad_compiler.kinds import Num, Shape, may_be_one
from ad_compiler.read.abstract import (
    Abstract,
    List,
    Object,
    OfClass,
    Poison,
    Sequence,
    Tuple,
    describe,
    kind_of,
    protocol,
    report,
    to_arg,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.classes import made_by_dataclass, sets_itself
from ad_compiler.read.calls.expand_helpers import stopped_copy
from ad_compiler.read.expressions.operator_methods import OPERATORS
from ad_compiler.read.library.writers import check_apart, refuse_objects, repeated, store_flat
from ad_compiler.read.memory.places import Place, Step, holds_memory, related, same_chain
from ad_compiler.read.memory.strides import apart, stored_item_by_item
from ad_compiler.read.memory.views import composed, picks, put_back
from ad_compiler.rules.traits import traits_of

ITEM_BY_ITEM = "what is stored stands in the same memory in other steps: items may be overwritten before they are read"

PLAIN_SETTERS = object.__setattr__, SimpleNamespace.__setattr__


class Stores(Reader):
    """Writes into arrays and objects."""

    def stmt_AugAssign(self, node: Any) -> None:
        fn, target = OPERATORS[type(node.op)], node.target
        if isinstance(target, gast.Name):
            old = self.lifter.world.name(target.id)
            self.lifter.statements.assign(target, self.augmented(fn, old, self.lifter.expressions.read(node.value)))
        elif isinstance(target, gast.Attribute):
            owner = self.lifter.expressions.read(target.value)
            old = self.lifter.attributes.attribute(owner, target.attr)
            self.store_attribute(owner, target.attr, self.augmented(fn, old, self.lifter.expressions.read(node.value)))
        else:
            owner, index = self.lifter.expressions.read(target.value), self.lifter.expressions.index(target.slice)
            old = self.lifter.expressions.item(owner, index)
            new = self.lifter.expressions.read(node.value)
            if isinstance(owner, Value) and isinstance(owner.kind, Num):
                refuse_objects(new, "written into an array of numbers")
                if isinstance(old, Value) and owner.hint and self.lifter.watching:
                    old.hint = f"~{owner.hint.lstrip('~')}_old"
                result = self.lifter.apply(fn, [old, new])
                if isinstance(old, Value) and isinstance(old.kind, Num) and old.kind.form == "array":
                    self.check_casts(result, old.kind)
                self.store_item(owner, index, result)
            else:
                self.store_item(owner, index, self.augmented(fn, old, new))

    def augmented(self, fn: Callable[..., Any], old: Abstract, new: Abstract) -> Abstract:
        """`old fn= new`: an array or a list is changed where it is, a number or a tuple is made anew."""
        if isinstance(old, Poison) or isinstance(new, Poison):
            report(old)
            report(new)
            return old if isinstance(old, Poison) else new
        found = self.lifter.operators.operate_in_place(fn, old, new)
        if found is not None:
            return found
        return protocol(old).in_place(self.lifter, fn, new)

    def array_in_place(self, fn: Callable[..., Any], old: Value, new: Abstract) -> Abstract:
        """`old fn= new` of a number, which is made anew, or an array."""
        kind = old.kind
        if not isinstance(kind, Num) or kind.form not in ("array", "any"):
            return self.lifter.expressions.binary(fn, old, new)
        if kind.form == "any":
            raise Refused("it is not known here whether this is a number or an array: it cannot be told what "
                          "is written", "write `x = x + …` for a new array")
        refuse_objects(new, "written into an array of numbers")
        result = self.lifter.apply(fn, [old, new])
        self.check_casts(result, kind)
        self.check_fits(result, kind)
        self.store_whole(old, result)
        return old

    def check_casts(self, value: Abstract, into: Num) -> None:
        """NumPy computes in place where the result fits the dtype of the array."""
        if isinstance(value, Value) and isinstance(value.kind, Num) and \
                not np.can_cast(value.kind.dtype, into.dtype, "same_kind"):
            raise Refused(f"{value.kind.dtype} cannot be computed in place in an array of {into.dtype}",
                          "cast it with astype")

    def check_fits(self, value: Abstract, into: Num, exactly: bool = False) -> None:
        """What is written into a whole array may not have more axes, or longer ones; nor other ones, `exactly`."""
        kind = kind_of(value) if isinstance(value, (Value, Const)) else None
        if isinstance(kind, Num) and kind.shape is not None and into.shape is not None:
            longer = [a for a, b in zip(kind.shape[::-1], into.shape[::-1], strict=False) if a != b and b == 1]
            other = exactly and (len(kind.shape) != len(into.shape) or any(
                a != b and may_be_one(a) for a, b in zip(kind.shape, into.shape, strict=False)))
            if len(kind.shape) > len(into.shape) or longer or other:
                raise Refused("what is written has another shape than the array that it is written into")

    # -- targets -------------------------------------------------------------------------------------

    def store_item(self, owner: Abstract, index: Abstract, thing: Abstract) -> None:
        """`owner[index] = thing`."""
        if isinstance(owner, Poison) or isinstance(thing, Poison) and not thing.message:
            report(owner)
            return
        protocol(owner).set_item(self.lifter, index, thing)

    def store_flat(self, array: Value, index: Abstract, thing: Abstract) -> None:
        """`array.flat[index] = thing`."""
        if isinstance(thing, Poison):
            self.store_at(array, index, thing)
        else:
            store_flat(self.lifter, array, index, thing)

    def store_attribute(self, owner: Abstract, name: str, thing: Abstract, plain: bool = False) -> None:
        """`owner.name = thing`; `plain`: whatever its class says to that."""
        protocol(owner).set_attr(self.lifter, name, thing, plain)

    def set_attribute_of_object(self, owner: OfClass, name: str, thing: Abstract, plain: bool) -> None:
        """The same of an object of a class."""
        cls = owner.cls
        static = self.lifter.asks.of_class(cls, name)
        own = object.__setattr__ if plain else self.lifter.asks.of_class(cls, "__setattr__")
        if isinstance(own, FunctionType) and not made_by_dataclass(own):
            self.lifter.calls.call(Const(own), [owner, Const(name), thing], {})
            return
        if isinstance(static, property):
            put = self.lifter.asks.inside(static, "fset")
            if put is None:
                raise Refused(f"property `{name}` of {cls.__name__} has no setter")
            self.lifter.calls.call(Const(put), [owner, thing], {})
            return
        if sets_itself(static):
            raw = self.lifter.asks.of_class(type(static), "__set__")
            if not isinstance(raw, FunctionType):
                raise Refused(f"`{name}` of {cls.__name__} is set by a {type(static).__name__}, which is not read",
                              "use a property")
            self.lifter.calls.call(Const(raw), [Const(static), owner, thing], {})
            return
        frozen = getattr(getattr(cls, "__dataclass_params__", None), "frozen", False)
        if not cls.__dictoffset__ and not isinstance(static, MemberDescriptorType):
            self.lifter.raises(AttributeError, f"'{cls.__name__}' object has no attribute '{name}'" if static is None
                        else f"'{cls.__name__}' object attribute '{name}' is read-only")
            return
        if not plain and (frozen or own not in PLAIN_SETTERS):
            raise Refused(f"{cls.__name__} does not let `{name}` be set as it stands",
                          "make a new object with dataclasses.replace" if frozen else "")
        self.lifter.lists.write_list(owner, {**owner.known(), name: thing})

    def delete_attribute_of_object(self, owner: Object, name: str) -> None:
        """`del owner.name`."""
        cls = owner.cls
        static = self.lifter.asks.of_class(cls, name)
        if isinstance(static, property) and (delete := self.lifter.asks.inside(static, "fdel")) is not None:
            self.lifter.calls.call(Const(delete), [owner], {})
        elif isinstance(raw := self.lifter.asks.of_class(type(static), "__delete__"), FunctionType):
            self.lifter.calls.call(Const(raw), [Const(static), owner], {})
        elif self.lifter.asks.of_class(cls, "__delattr__") is not object.__delattr__ or sets_itself(static):
            raise Refused(f"{cls.__name__} does not let `{name}` be deleted as it stands", "leave the line out")
        elif name not in owner.known():
            self.lifter.raises(AttributeError, f"'{cls.__name__}' object has no attribute '{name}'")
        else:
            self.lifter.lists.write_list(owner, {key: thing for key, thing in owner.known().items() if key != name})

    def set_shape(self, owner: Value, shape: Abstract) -> None:
        """`owner.shape = shape`: every name of this array has another shape."""
        place = self.lifter.memory.place_of(owner)
        if not self.lifter.memory.is_compact(owner):
            raise Refused("the shape of an array is changed in place that may not lie in C order",
                          "write `a = a.reshape(…)`")
        new = self.lifter.apply(np.reshape, [owner, shape], spelling="method")
        self.lifter.memory.note_foreign(place.cell)
        for scope in self.lifter.memory.visible_scopes():
            for name, thing in scope.names.items():
                if isinstance(thing, Value) and thing in self.lifter.memory.places:
                    other = self.lifter.memory.places[thing]
                    if other.cell is place.cell and same_chain(other.chain, place.chain):
                        scope.names[name] = new
                elif any(memory is place.cell for memory in protocol(thing).memories(self.lifter)):
                    raise Refused(f"the shape of an array in `{name}` is changed in place", "write `a = a.reshape(…)`")

    def reshaped_like(self, thing: Abstract, owner: Value) -> Abstract:
        """`a.flat = thing`: items in order."""
        check_apart(self.lifter, owner, thing)
        if isinstance(thing, Sequence) or isinstance(thing, Value) and isinstance(thing.kind, Num) \
                and thing.kind.is_array:
            dims = owner.kind.shape if isinstance(owner.kind, Num) else None
            size = dims[0] if dims is not None and len(dims) == 1 else None
            if size is not None or not isinstance(thing, Value) or kind_of(thing) != owner.kind:
                thing = repeated(self.lifter, thing, self.lifter.apply(np.size, [owner]), size)
            shape = self.lifter.attributes.attribute(owner, "shape")
            return self.lifter.apply(np.reshape, [thing, shape], spelling="method")
        return thing

    # -- arrays --------------------------------------------------------------------------------------

    def store_at(self, array: Value, index: Abstract, thing: Abstract) -> None:
        """`array[index] = thing`, through whatever views the array is."""
        kind = array.kind
        assert isinstance(kind, Num)
        if not holds_memory(kind):
            raise Refused("a store into a number, which is no array")
        index, value = self.lifter.memory.fresh(index), self.storable(thing, kind)
        if isinstance(value, Poison):
            report(value)
            return
        if self.lifter.stopped:        # what is stored is a constant; the rest of the array stays what it was
            value = stopped_copy(self.lifter, value)
        place = self.lifter.memory.place_of(array)
        self.lifter.numbers.check_store(place.cell.content, value)
        chain, where = place.chain, to_arg(index)
        picked = self.lifter.apply(operator.getitem, [array, index])        # its kind tells whether the index fits
        if isinstance(picked, Poison):
            return
        into = kind_of(picked)
        self.lifter.block.ops.pop()
        self.check_order(place, Step(operator.getitem, (where,), {}, into), value)
        while chain and traits_of(chain[-1].fn).access == "read" and isinstance(kind, Num):
            together = composed(chain[-1].args[0], where)
            if together is None or len(chain) == 1 and not isinstance(kind_of(place.cell.known()), Num):
                break
            where, chain = together, chain[:-1]
        with self.moving():
            bases = self.lifter.memory.views(place.cell.known(), place._replace(chain=chain))
            target = bases[-1]
            (new,) = self.lifter.emit(runtime.index_set, (target, where, to_arg(value)), {}, [kind_of(target)])
            self.write_through(place, chain, bases, new)

    def check_order(self, place: Place, last: Step, value: Abstract) -> None:
        """NumPy stores a row into a column of the same matrix item by item, and reads what it has just written."""
        memory = self.lifter.memory
        cell = memory.cell_of(value) if isinstance(value, Value) else None
        if cell is None or place.cell is None or not related(cell, place.cell):
            return
        if getattr(last.kind, "ndim", 1) != 1 or getattr(value.kind, "ndim", 1) == 0:
            return
        whole, target = kind_of(place.cell.known()), (*place.chain, last)
        chain = memory.place_of(value).chain
        if cell is not place.cell:      # it may be part of the same memory, nobody knows which
            view = memory.handle(place._replace(chain=target), last.kind, "")
            if picks(last.args[0]) or memory.is_compact(value) and memory.is_compact(view):
                return
            raise Refused(ITEM_BY_ITEM, "store a copy of it: `.copy()`")
        if picks(last.args[0]) or isinstance(last.args[0], Const) and last.args[0].value is Ellipsis and not chain:
            return
        rank = getattr(whole, "ndim", None)
        if stored_item_by_item(rank, target, chain) and not apart(target, chain, self.lifter.block):
            raise Refused(ITEM_BY_ITEM, "store a copy of it: `.copy()`")

    def store_whole(self, array: Value, thing: Abstract, made: bool = True) -> None:
        """The array becomes `thing`, which has its shape; `made`: a new value, that nothing else stands for."""
        place = self.lifter.memory.place_of(array)
        kind = array.kind
        assert isinstance(kind, Num)
        self.lifter.numbers.check_store(place.cell.content, thing)
        value = self.storable(thing, kind)
        found = kind_of(value) if isinstance(value, (Value, Const)) else None
        if not (made and isinstance(value, Value) and isinstance(found, Num) and found.shape == kind.shape
                and found.dtype == kind.dtype and found.form == "array"):
            self.store_at(array, Const(Ellipsis) if kind.shape == () else slice(*[Const(None)] * 3), value)
            return
        if not place.chain:
            self.write_through(place, (), [place.cell.known()], value)
            return
        with self.moving():
            bases = self.lifter.memory.views(place.cell.known(), place._replace(chain=place.chain[:-1]))
            new = put_back(self.lifter, place.chain[-1], bases[-1], value)
            self.write_through(place, place.chain[:-1], bases, new)

    def write_through(self, place: Any, chain: Any, bases: list[Atom], new: Any) -> None:
        """What is viewed gets what was written into the view."""
        for step, base in zip(reversed(chain), reversed(bases[:-1]), strict=True):
            new = put_back(self.lifter, step, base, new)
        old = place.cell.content
        if isinstance(new, Value) and isinstance(old, Value):
            new.hint = old.hint
        self.lifter.memory.write(place.cell, new)

    def store_where(self, array: Value, mask: Abstract, thing: Abstract) -> None:
        """The array becomes `thing` where the mask says so."""
        thing = stopped_copy(self.lifter, thing) if self.lifter.stopped else thing
        with self.moving():
            self.store_whole(array, self.lifter.apply(np.where, [mask, thing, self.carrying(array)]))

    def carrying(self, array: Value) -> Abstract:
        """What an array holds now; where derivatives are stopped, by views that let them pass."""
        if not self.lifter.stopped:
            return array
        place = self.lifter.memory.place_of(array)
        return self.lifter.memory.views(place.cell.known(), place)[-1]

    @contextmanager
    def moving(self) -> Iterator[None]:
        """What is emitted meanwhile moves data: under `no_grad` too, what it does not touch keeps its derivative."""
        block, first = self.lifter.block, len(self.lifter.block.ops)
        yield
        for op in block.ops[first:]:
            if isinstance(op, Op):
                op.stopped = False

    def storable(self, thing: Abstract, into: Num) -> Abstract:
        """A thing as one value of the array's dtype."""
        if isinstance(thing, Sequence):
            thing = thing.grown if isinstance(thing, List) and thing.grown is not None else \
                self.lifter.apply(np.array, [List(self.lifter.memory.fresh(thing).items)])
        if isinstance(thing, Value) and isinstance(thing.kind, Shape):
            thing = self.lifter.apply(np.array, [Tuple(self.lifter.statements.items_of(thing))])
        thing = self.lifter.memory.fresh(thing)
        if isinstance(thing, Poison):
            return thing
        if not isinstance(thing, (Value, Const)) or not isinstance(kind_of(thing), Num):
            raise Refused(f"a {describe(thing)} cannot be stored into an array")
        kind = kind_of(thing)
        if not isinstance(thing, Value) or not isinstance(kind, Num) or kind.dtype == into.dtype:
            return thing
        if kind.dtype.startswith("complex"):
            raise Refused("a complex number is stored into a real array")
        if kind.real and not into.real and np.dtype(into.dtype).kind not in "biu":
            raise Refused(f"a number is stored into an array of {into.dtype}, through which no derivative passes",
                          "make it one of float64")
        if kind.real and not into.real:     # NumPy cuts it off: the derivative is zero
            return stopped_copy(self.lifter, thing)
        if kind.form == "array" and kind.is_array:
            return self.lifter.apply(runtime.astype, [thing, Const(np.dtype(into.dtype))], spelling="method")
        return thing
