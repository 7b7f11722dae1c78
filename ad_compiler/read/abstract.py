"""What a name stands for while a function is read: a run-time value, or something known already.

A run-time number or array is an `ir.Value`; a number, string, module, class or function known now is an
`ir.Const`.  Containers, closures and iterators are held apart, so that they cost nothing in the text.
Each kind stands in a file of `read.values`, with all that it does.

>>> flatten(Tuple([Const(1), Tuple([Const(2)])]))[0]
[Const(value=1, text=None), Const(value=2, text=None)]
"""

from __future__ import annotations

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Const, Value
from ad_compiler.kinds import Kind, Num, kind_of_value
from ad_compiler.read.values.atoms import RunTime
from ad_compiler.read.values.base import (
    NOT_KNOWN,
    Abstract,
    Cursor,
    Poison,
    Thing,
    containers_in,
    describe,
    flatten,
    protocol,
    python_value,
    report,
    same_structure,
    to_arg,
    to_kind,
    type_of,
)
from ad_compiler.read.values.callables import Bound, Choice, Closure, Method, Super
from ad_compiler.read.values.constants import Known, SliceOf
from ad_compiler.read.values.containers import Collection, Container
from ad_compiler.read.values.instances import Instance, Object, OfClass, Opaque
from ad_compiler.read.values.iterators import Count, Few, Generator, Iterated, Iterator, Manager, Reversed, Yields, Zip
from ad_compiler.read.values.lists import Grown, List
from ad_compiler.read.values.mappings import Dict, Namespace, View
from ad_compiler.read.values.memories import CLOCK, Box, Cell, Memory
from ad_compiler.read.values.numbers import Array, Flat, type_of_value
from ad_compiler.read.values.ranges import Range
from ad_compiler.read.values.sequences import Dims, Sequence, Tuple
from ad_compiler.read.values.sets import Set


def is_real(atom: Atom) -> bool:
    """Is this a real number or array, something that may have a cotangent?"""
    if isinstance(atom, Const):
        return isinstance(atom.value, (float, np.floating))
    return isinstance(atom.kind, Num) and atom.kind.real


def kind_of(atom: Atom) -> Kind:
    """Kind of an atom, known value or not."""
    if isinstance(atom, Poison):
        raise Refused(atom.message, atom.remedy)
    return atom.kind if isinstance(atom, Value) else kind_of_value(atom.value, "constant")


def is_number(thing: Abstract) -> bool:
    """A known real or integer number."""
    return isinstance(thing, Const) and isinstance(thing.value, (bool, int, float, np.number, np.bool_))


__all__ = [
    "CLOCK", "NOT_KNOWN", "Abstract", "Array", "Bound", "Box", "Cell", "Choice", "Closure", "Collection", "Container",
    "Count", "Cursor", "Dict", "Dims", "Few", "Flat", "Generator", "Grown", "Instance", "Iterated", "Iterator",
    "Known", "List", "Manager", "Memory", "Method", "Namespace", "Object", "OfClass", "Opaque", "Poison", "Range",
    "Reversed", "RunTime", "Sequence", "Set", "SliceOf", "Super", "Thing", "Tuple", "View", "Yields", "Zip",
    "containers_in", "describe", "flatten", "is_number", "is_real", "kind_of", "protocol", "python_value", "report",
    "same_structure", "to_arg", "to_kind", "type_of", "type_of_value",
]
