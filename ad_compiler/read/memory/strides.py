"""Which axis of an array a view goes along, and in what steps: found by viewing an array of memory in the same way.

>>> import operator
>>> from ad_compiler.ir import Slice
>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.read.lift import Lifter
>>> column = Step(operator.getitem, ((Slice(NONE, NONE, NONE), Const(2)),), {}, FLOAT)
>>> row = Step(operator.getitem, (Const(1),), {}, FLOAT)
>>> turned = Step(np.transpose, (), {}, FLOAT)
>>> strides_of(2, (column,)), strides_of(2, (row,)), strides_of(2, (turned, row))
((40,), (8,), (40,))
>>> stored_item_by_item(2, (column,), (row,)), stored_item_by_item(2, (column,), (turned, row))
(True, False)
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ad_compiler.indices import parts_of
from ad_compiler.ir import Arg, Block, Const, Op, Slice
from ad_compiler.read.memory.places import Step, same_chain
from ad_compiler.rules.traits import traits_of

NONE = Const(None)
LENGTH = 5
SHAPES = ((5, 8, 3, 6), (8, 5, 6, 3), (6, 6, 6, 6))


def stored_item_by_item(rank: int | None, to: tuple[Step, ...], of: tuple[Step, ...]) -> bool:
    """May NumPy overwrite what it has still to read, when a view of one axis gets another view of the same memory?

    It copies nothing where both go the same way: then it takes the steps for equally long.
    """
    same, whole = 0, rank
    while same < min(len(to), len(of)) and same_chain(to[same:same + 1], of[same:same + 1]):
        same += 1
    rank = getattr(to[same - 1].kind, "ndim", None) if same else rank
    if rank is None:
        return True
    target, source = (strides_of(rank, chain[same:]) for chain in (to, of))
    if not target or not source:
        return True
    if target[-1] == source[-1] or target[-1] * source[-1] < 0:
        return False
    return whole is None or not all(_stored_well(lengths[:whole], to, of) for lengths in SHAPES)


def _stored_well(lengths: tuple[int, ...], to: tuple[Step, ...], of: tuple[Step, ...]) -> bool:
    """Is what NumPy stores what was there, in an array of these lengths?"""
    array = np.arange(float(np.prod(lengths))).reshape(lengths)
    target, source = viewed(array, to, exact=True), viewed(array, of, exact=True)
    if target is None or source is None or len(lengths) < array.ndim:
        return False
    count = min(target.shape[-1], source.shape[-1])
    wanted = source[..., :count].copy()
    target[:count] = source[..., :count]
    return np.array_equal(target[:count], wanted.reshape(-1))


def apart(to: tuple[Step, ...], of: tuple[Step, ...], block: Block) -> bool:
    """Are `a[i, i + 1:]` and `a[i + 1:, i]` known to have nothing in common?"""
    if len(to) != 1 or len(of) != 1 or any(traits_of(chain[0].fn).view != "index" for chain in (to, of)):
        return False
    parts = [parts_of(chain[0].args[0]) for chain in (to, of)]
    return any(isinstance(part, Slice) and not isinstance(number, Slice) and _leaves_out(part, number, block)
               for pair in zip(*parts, strict=False) for part, number in (pair, pair[::-1]))


def _leaves_out(part: Slice, number: Arg, block: Block) -> bool:
    """Does a slice end before a number, or begin after it?"""
    if not (isinstance(part.step, Const) and part.step.value is None):
        return False
    if isinstance(number, Const):
        if type(number.value) is not int:
            return False
        start, stop = (end.value if isinstance(end, Const) else None for end in (part.start, part.stop))
        return stop == number.value or type(start) is int and start > number.value >= 0
    if part.stop is number:
        return True
    made = next((op for op in reversed(block.ops) if isinstance(op, Op) and op.results == [part.start]), None)
    if made is None or made.fn is not operator.add or made.args[0] is not number:
        return False
    more = made.args[1]
    return isinstance(more, Const) and isinstance(more.value, int) and more.value > 0


def strides_of(rank: int, chain: tuple[Step, ...]) -> tuple[int, ...] | None:
    """The strides of a view of an array in C order whose axes are `LENGTH` long; None where they are not known."""
    found = viewed(np.empty((LENGTH,) * rank), chain)
    return None if found is None else found.strides


def viewed(array: Any, chain: tuple[Step, ...], exact: bool = False) -> Any:
    """A view of an array, wherever it begins, or `exact`; None where it is not known."""
    for step in chain:
        how, ndim = traits_of(step.fn).view, getattr(step.kind, "ndim", None)
        try:
            if how == "index":
                array = array[_index(step.args[0], exact)]
            elif how in ("turned", "same") or step.fn in (np.expand_dims, np.squeeze):
                array = step.fn(array, *map(_plain, step.args), **{k: _plain(v) for k, v in step.kwargs.items()})
            elif ndim == 1 and array.flags.c_contiguous:
                array = array.reshape(-1)
            elif ndim and array.flags.c_contiguous and not exact:
                array = np.empty((LENGTH + 6,) * ndim)      # the last axis has the same steps
            else:
                return None
        except (TypeError, ValueError, IndexError):
            return None
    return array


def _index(arg: Arg, exact: bool) -> Any:
    """An index, or one with the same steps."""
    if isinstance(arg, tuple):
        return tuple(_index(part, exact) for part in arg)
    if isinstance(arg, Slice):
        ends = (_plain(arg.start), _plain(arg.stop)) if exact else (None, None)
        return slice(ends[0], ends[1], _plain(arg.step))
    return _plain(arg) if exact or isinstance(arg, Const) and (arg.value is None or arg.value is Ellipsis) else 0


def _plain(arg: Arg) -> Any:
    """What is known of an argument."""
    if isinstance(arg, tuple):
        return tuple(map(_plain, arg))
    if isinstance(arg, Const):
        return arg.value
    raise TypeError(arg)
