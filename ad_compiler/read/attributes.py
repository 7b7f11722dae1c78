"""Attribute references: of arrays, containers, constants, and what a class says of its objects."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num, Obj, Shape
from ad_compiler.read.abstract import (
    Abstract,
    Bound,
    Dict,
    Flat,
    Instance,
    List,
    Method,
    Object,
    Poison,
    Range,
    Set,
    Super,
    Tuple,
    describe,
    report,
    type_of,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.classes import named_attribute
from ad_compiler.read.methods import view_method
from ad_compiler.read.ranges import attribute_of_range
from ad_compiler.read.special import Special
from ad_compiler.read.writers import METHOD_WRITERS
from ad_compiler.rules import registry


class Attributes(Reader):
    """Statements' and expressions' `thing.name`."""

    def expr_Attribute(self, node: Any) -> Abstract:
        return self.attribute(self.expr(node.value), node.attr)

    def attribute(self, thing: Abstract, name: str) -> Abstract:
        """`thing.name`."""
        found = self._attribute(thing, name)
        report(found)
        return found

    def _attribute(self, thing: Abstract, name: str) -> Abstract:
        if isinstance(thing, Poison):
            return thing
        if isinstance(thing, Value):
            return self._attribute_of_value(thing, name)
        if isinstance(thing, Super):
            found = self.of_class(type_of(thing.owner), name, thing.after)
            if not isinstance(found, FunctionType):
                raise Refused(f"`super().{name}` is not a method")
            return Bound(Const(found), [thing.owner])
        if isinstance(thing, Object):
            return self.attribute_of_object(thing, name)
        if isinstance(thing, Instance):
            return self.attribute_of_instance(thing, name)
        if isinstance(thing, Tuple) and thing.cls is not None:
            raw, fields = self.of_class(thing.cls, name), getattr(thing.cls, "_fields", ())
            if isinstance(raw, property):
                return self.call(Const(raw.fget), [thing], {})
            if name in fields:
                return thing.items[fields.index(name)]
            named = named_attribute(thing, name, raw)
            if named is not None:
                return named
        if isinstance(thing, (Dict, List, Set, Tuple)):
            return self.container_method(thing, name)
        if isinstance(thing, Const):
            return self.attribute_of_constant(thing.value, name)
        if isinstance(thing, Range):
            return attribute_of_range(self, thing, name)
        raise Refused(f"attribute `{name}` of a {describe(thing)} is not supported")

    def _attribute_of_value(self, value: Value, name: str) -> Abstract:
        kind = value.kind
        if isinstance(kind, Num) and name not in registry.METHODS:
            value = self.fresh(value)
        if isinstance(kind, Num) and kind.form == "py" and self.watching and value not in self.mixed \
                and not self.scope.source.is_prelude and not hasattr(type_of(value), name):
            return self.raises(AttributeError, f"'{type_of(value).__name__}' object has no attribute '{name}'")
        if isinstance(kind, Num):
            if name == "dtype" and kind.form == "py" and self.watching and value not in self.mixed:
                return self.raises(AttributeError, f"a number of Python's has no attribute '{name}'")
            if name == "shape":
                if kind.shape == ():
                    return Tuple([])
                if kind.shape is None:
                    (result,) = self.emit(getattr, (value, Const("shape")), {}, [Obj("shape")])
                    return result
                (result,) = self.emit(getattr, (value, Const("shape")), {}, [Shape(kind.shape)])
                return result
            if name == "ndim" and kind.shape is not None:
                return Const(len(kind.shape))
            if name == "dtype" and kind.form != "any":
                return Const(np.dtype(kind.dtype))
            if name in ("size", "ndim"):
                return self.apply(getattr(np, name), [value], spelling="attr")
            if name in registry.ATTRIBUTES:
                return self.apply(registry.ATTRIBUTES[name], [value], spelling="attr")
            if name == "real" and kind.real and kind.form != "any":
                return value
            if name == "flat" and kind.real and kind.form == "array":
                return Flat(value)
            if name == "view" and kind.form == "array":
                return Const(Special(view_method(value)))
            if name in METHOD_WRITERS and kind.form != "py":
                return Bound(Const(METHOD_WRITERS[name]), [value])
            if name in registry.METHODS:
                return Method(registry.METHODS[name], value, name)
            raise Refused(f"`.{name}` of an array is not supported yet")
        value = self.fresh(value)
        (result,) = self.emit(getattr, (value, Const(name)), {}, [Obj("object")])
        self.tie(result, [value])
        return result
