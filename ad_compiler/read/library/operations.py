"""Functions of `operator`: each is read as the operator that it stands for.

>>> import operator
>>> from ad_compiler import grad
>>> def f(x):
...     items = [x, 2.0]
...     operator.setitem(items, 1, x * x)
...     return operator.mul(*operator.itemgetter(0, 1)(items))
>>> grad(f)(2.0)
12.0
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import Abstract, Sequence, Tuple, protocol
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.expressions.operator_methods import BINARY, COMPARISONS, OPERATORS
from ad_compiler.read.prelude import operators as prelude

Special = Callable[[Any, Things, Named], Abstract]

ALONE = (operator.neg, operator.pos, operator.invert, operator.abs)
IN_PLACE = {getattr(operator, f"i{name}"): fn for fn, name in BINARY.items() if hasattr(operator, f"i{name}")} | {
    operator.iand: operator.and_, operator.ior: operator.or_}


def _binary(fn: Any) -> Special:
    return lambda lifter, args, kwargs: lifter.expressions.binary(fn, *args)


def _in_place(fn: Any) -> Special:
    return lambda lifter, args, kwargs: lifter.stores.augmented(fn, *args)


def _comparison(node: type) -> Special:
    return lambda lifter, args, kwargs: lifter.comparisons.compare_two(node(), *args)


def _alone(fn: Any) -> Special:
    return lambda lifter, args, kwargs: lifter.expressions.unary(fn, args[0])


def _contains(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return lifter.comparisons.compare_two(gast.In(), args[1], args[0])


def _truth(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return lifter.calls.call(Const(bool), args, {})


def _not(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return lifter.expressions.negated(lifter.expressions.truth_of(args[0]))


def _item(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return lifter.expressions.item(*args)


def _store(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    lifter.stores.store_item(*args)
    return Const(None)


def _delete(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    protocol(args[0]).del_item(lifter, args[1])
    return Const(None)


def _concat(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if not isinstance(args[0], Sequence) or type(args[0]) is not type(args[1]):
        return NotImplemented
    return lifter.expressions.binary(operator.add, *args)


def _index(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    (thing,) = args
    kind = thing.kind if isinstance(thing, Value) else None
    if isinstance(thing, Const):
        whole = isinstance(thing.value, (int, np.integer))
    elif isinstance(kind, Num) and kind.shape == () and kind.form != "any":
        whole = np.dtype(kind.dtype).kind in "iu" or kind.dtype == "bool" and kind.form == "py"
        if not whole:
            return lifter.raises(TypeError, f"{kind.dtype} cannot be interpreted as an integer")
    else:
        return NotImplemented
    return lifter.calls.call(Const(int), args, {}) if whole else NotImplemented


def _attributes(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`attrgetter("a.b")` asks for the parts one by one."""
    names = [lifter.expressions.static(arg, "the name of an attribute") for arg in args]
    if not all(isinstance(name, str) for name in names):
        return lifter.raises(TypeError, "attribute name must be a string")
    paths = [Tuple([Const(part) for part in name.split(".")]) for name in names]
    return lifter.calls.inline(prelude.attrgetter, paths, {})


def _method(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if not args:
        raise Refused("`methodcaller` needs the name of a method")
    return lifter.calls.inline(prelude.methodcaller, args, kwargs)


OPERATIONS: dict[Any, Special] = {
    **{fn: _binary(fn) for fn in BINARY},
    **{fn: _in_place(of) for fn, of in IN_PLACE.items()},
    **{OPERATORS[node]: _comparison(node) for node in (*COMPARISONS, gast.Is, gast.IsNot)},
    **{fn: _alone(fn) for fn in ALONE},
    operator.contains: _contains, operator.truth: _truth, operator.not_: _not, operator.index: _index,
    operator.getitem: _item, operator.setitem: _store, operator.delitem: _delete, operator.concat: _concat,
    operator.iconcat: _in_place(operator.add),
    operator.attrgetter: _attributes, operator.methodcaller: _method,
}
"""By function."""
