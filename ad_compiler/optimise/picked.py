"""What one mask picks, of whichever array, is equally long.

>>> import operator
>>> from ad_compiler.ir import Block
>>> from ad_compiler.kinds import Sym
>>> from ad_compiler.rules.dims import unknown
>>> x, block = Value("x", Num("float64", (Sym("n"),))), Block()
>>> mask = block.emit(operator.gt, x, Const(0.0), kind=Num("bool", x.kind.shape))
>>> one, other = (block.emit(operator.getitem, x, mask, kind=Num("float64", (unknown(),))) for _ in range(2))
>>> one.kind == other.kind, picked_lengths(Func("f", [x], block)).edits, one.kind == other.kind
(False, 1, True)
"""

from __future__ import annotations

from ad_compiler.indices import is_mask, parts_of
from ad_compiler.ir import Const, Func, Op, Slice, Value, walk
from ad_compiler.kinds import Dim, Num
from ad_compiler.ops import is_read, known_for, traits
from ad_compiler.optimise.lengths import rename_lengths
from ad_compiler.passes import counts

may_pick = known_for(lambda of: of.positions or of.access == "read")


@counts
def picked_lengths(func: Func) -> Func:
    """Give the number of elements that a mask picks one name."""
    lengths: dict[Value, Dim] = {}
    same: dict[Dim, Dim] = {}
    for op in filter(may_pick, walk(func.body)):
        found = picked(op)
        if found is not None:
            mask, length = found
            known = lengths.setdefault(mask, length)
            if known != length:
                same[length] = known
    if same:
        rename_lengths(func, same)
        func.edits += 1
    return func


def picked(op: Op) -> tuple[Value, Dim] | None:
    """The mask by which an op picks, and how many elements it says that there are."""
    if traits(op).positions and is_mask(op.args[0]):
        kind = op.results[0].kind
        return (op.args[0], kind.shape[0]) if isinstance(kind, Num) and kind.shape else None
    if not is_read(op):
        return None
    items = parts_of(op.args[1])
    masks = [at for at, item in enumerate(items) if is_mask(item)]
    kind = op.result.kind
    if len(masks) != 1 or not isinstance(kind, Num) or not kind.shape or not all(
            isinstance(item, Slice) or isinstance(item, Const) and item.value is None
            for at, item in enumerate(items) if at not in masks):
        return None
    return items[masks[0]], kind.shape[masks[0]]
