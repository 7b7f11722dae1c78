"""Arrays that nothing reads any more are written over: by products of matrices, and by maps of other arrays.

What a process gets from the system anew costs more to touch than to compute with.

>>> import numpy as np
>>> from ad_compiler.ir import Block, Func, show
>>> from ad_compiler.kinds import Sym
>>> from ad_compiler.loops.expand import loops_for_arrays
>>> kind = Num("float64", (Sym("a.0", True), Sym("a.0", True)))
>>> a, block = Value("a", kind), Block()
>>> b = block.emit(np.dot, a, a, kind=kind, hint="b")
>>> c = block.emit(np.dot, b, a, kind=kind, hint="c")
>>> block.results = [block.emit(np.dot, c, a, kind=kind, hint="d")]
>>> print(show(loops_for_arrays(Func("f", [a], block))))
def f(a):
    b = dot(a, a)
    c = dot(b, a)
    d = identity(b)
    t = dot(c, a)
    d_2 = index_set(d, (::, ::), t)
    return d_2
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ad_compiler import runtime
from ad_compiler.indices import COLON
from ad_compiler.ir import Op, Value
from ad_compiler.kinds import Num
from ad_compiler.loops.clusters import Clusters, Item
from ad_compiler.loops.nests import Cluster
from ad_compiler.loops.views import dtype_of, rank, shape_of
from ad_compiler.ops import is_matrix_product, is_store


def write_over(found: Clusters, used: set[Value]) -> list[Item]:
    """The items of a block, of which some are computed where others have been; `used` are read as arrays."""
    for item in found.items:
        if isinstance(item, Cluster):
            _hand_on(item, used)
    taken = {m.onto for item in found.items if isinstance(item, Cluster) for m in item.members}
    items: list[Item] = []
    for item in found.items:
        room = next((v for v in _arrays(found, item) if v in used and v not in taken), None)
        if room is None or not isinstance(item, Op):
            items.append(item)
            continue
        taken.add(room)
        kind = item.result.kind
        flags: dict[str, Any] = {"origin": item.origin, "reverse": item.reverse}
        place, product = Value(item.result.hint, kind), Value("", kind)
        items += [Op(runtime.identity, (room,), {}, [place], **flags),
                  Op(item.fn, item.args, {}, [product], **flags),
                  Op(runtime.index_set, (place, (COLON, COLON), product), {}, item.results, spelling="out", **flags)]
        used.update((room, place, product))
    return items


def _hand_on(cluster: Cluster, used: set[Value]) -> None:
    """What a map would be written over, that need not be an array, is for one of the next that must."""
    spare: list[Value] = []
    for member in cluster.members:
        result = member.op.result
        if member.onto is not None and result not in used:
            spare.append(member.onto)
            member.onto = None
        elif member.role == "map" and member.onto is None and result in used:
            member.onto = next((v for v in spare if _alike(v, result)), None)
            if member.onto is not None:
                spare.remove(member.onto)


def _arrays(found: Clusters, item: Item) -> Iterator[Value]:
    """Arrays of the block's own of the size of a product that are read no more when it is computed, the last first."""
    if not is_matrix_product(item) or item.kwargs or len(item.args) != 2 or any(
            not isinstance(a, Value) or rank(a) != 2 or dtype_of(a) != dtype_of(item.result) for a in item.args):
        return
    for value, made in reversed(found.made.items()):
        own = isinstance(made, Cluster) and any(m.op.result is value and m.role != "store" for m in made.members) \
            or is_matrix_product(made)
        if own and _alike(value, item.result) and found.last_read(value) < found.at[item] and all(
                isinstance(r, Op) and (not is_store(r) or r.args[0] is not value)
                for r in found.readers.get(value, ())):
            yield value


def _alike(a: Value, b: Value) -> bool:
    """Are two arrays of the same shape and dtype?"""
    return isinstance(a.kind, Num) and isinstance(b.kind, Num) and bool(rank(a)) and shape_of(a) == shape_of(b) \
        and dtype_of(a) == dtype_of(b)
