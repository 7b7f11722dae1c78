"""Kinds of values: what they are made of is what they were when they were asked."""

from ad_compiler.ir import Const
from ad_compiler.read.abstract import Dict, List, Tuple, flatten, python_value


def test_a_dict_is_built_with_the_keys_that_it_had():
    found = Dict({"a": Const(1), "b": Tuple([Const(2)])})
    atoms, build = flatten(found)
    found.content = {"a": Const(1)}
    assert python_value(build([Const(3), Const(4)])) == {"a": 3, "b": (4,)}
    assert len(atoms) == 2


def test_a_list_is_built_with_the_items_that_it_had():
    found = List([Const(1), Const(2)])
    _, build = flatten(found)
    found.content = []
    assert python_value(build([Const(3), Const(4)])) == [3, 4]
