"""Attribute references: of arrays, containers, constants, and what a class says of its objects."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Obj, Shape
from ad_compiler.ops import is_power
from ad_compiler.read.abstract import (
    Abstract,
    Bound,
    Flat,
    Method,
    Tuple,
    protocol,
    report,
    type_of,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.special import Special
from ad_compiler.read.library.methods import view_method
from ad_compiler.read.library.writers import METHOD_WRITERS
from ad_compiler.read.prelude import arranged, scalars
from ad_compiler.rules import registry


class Attributes(Reader):
    """Statements' and expressions' `thing.name`."""

    def expr_Attribute(self, node: Any) -> Abstract:
        return self.attribute(self.lifter.expressions.read(node.value), node.attr)

    def attribute(self, thing: Abstract, name: str) -> Abstract:
        """`thing.name`."""
        found = protocol(thing).get_attr(self.lifter, name)
        report(found)
        return found

    def attribute_of_number(self, value: Value, name: str) -> Abstract:
        """`value.name`, of a number or array."""
        kind: Any = value.kind
        if name not in registry.METHODS:
            value = self.lifter.memory.fresh(value)
        alone = kind.form == "py" and self.lifter.watching and value not in self.lifter.numbers.mixed
        if alone and not self.scope.source.is_prelude and not hasattr(type_of(value), name):
            return self.lifter.raises(AttributeError, f"'{type_of(value).__name__}' object has no attribute '{name}'")
        if name == "dtype" and alone:
            return self.lifter.raises(AttributeError, f"a number of Python's has no attribute '{name}'")
        if name == "shape":
            if kind.shape == ():
                return Tuple([])
            found = Obj("shape") if kind.shape is None else Shape(kind.shape)
            return self.lifter.emit(getattr, (value, Const("shape")), {}, [found])[0]
        if name == "ndim" and kind.shape is not None:
            return Const(len(kind.shape))
        if name == "dtype" and kind.form != "any":
            return Const(self.lifter.numbers.dtype(value))
        if name in ("size", "ndim"):
            return self.lifter.apply(getattr(np, name), [value], spelling="attr")
        if name in registry.ATTRIBUTES:
            return self.lifter.apply(registry.ATTRIBUTES[name], [value], spelling="attr")
        if not kind.dtype.startswith("complex") and (kind.form != "any" or name == "conj"):
            part = self.part_of_real(value, name)
            if part is not None:
                return part
        if name == "flat" and kind.real and kind.form == "array":
            return Flat(value)
        if name == "view" and kind.form == "array":
            return Const(Special(view_method(value)))
        if name == "tolist" and kind.form in ("np", "array"):
            return Const(Special(
                lambda lifter, args, kwargs: lifter.calls.inline(arranged.tolist, [value, *args], kwargs)))
        if name == "is_integer" and kind.real and kind.form in ("py", "np"):
            return Const(Special(
                lambda lifter, args, kwargs: lifter.calls.inline(scalars.is_integer, [value, *args], kwargs)))
        if name in METHOD_WRITERS and kind.form != "py":
            return Bound(Const(METHOD_WRITERS[name]), [value])
        if name in registry.METHODS:
            return Method(registry.METHODS[name], value, name)
        raise Refused(f"`.{name}` of {'a number' if alone else 'an array'} is not supported yet")

    def part_of_real(self, value: Value, name: str) -> Abstract | None:
        """`value.real` and the like, of a number or array that is not complex; None where `name` is none of these."""
        kind: Any = value.kind
        if name == "imag":
            if kind.form == "py" and any(is_power(op) and value in op.results for op in self.lifter.block.ops):
                raise Refused("a power of a negative number may be complex: its imaginary part is not known here",
                              "leave complex numbers out")
            return self.lifter.calls.call(Const(np.imag), [value], {})
        if name == "nbytes" and kind.form != "py":
            size, each = self.attribute(value, "size"), Const(self.lifter.numbers.dtype(value).itemsize)
            return self.lifter.expressions.binary(operator.mul, size, each)
        if name == "itemsize" and kind.form != "py":
            return Const(self.lifter.numbers.dtype(value).itemsize)
        if name not in ("real", "conj", "conjugate"):
            return None
        same = self.lifter.apply(int, [value]) if kind.form == "py" and kind.dtype == "bool" else value
        return same if name == "real" else Const(Special(lambda lifter, args, kwargs: same))
