"""Lists whose length is known only when the program runs: their cotangents are lists, or arrays of as many rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.kinds import INT, Kind, NotStatic, Num, Seq, join
from ad_compiler.rules.common import num
from ad_compiler.rules.indexing import index_kind
from ad_compiler.rules.registry import constant, rule
from ad_compiler.runtime import list_append, list_copy, list_pop, list_set, make_list, sorting, zeros_like


def element(items: Any) -> Kind:
    """The kind of the items of a list, or of the rows of an array."""
    return items.elem if isinstance(items, Seq) else index_kind(num(items), Num("int64", (), "py"))


def as_seq(items: Any) -> Kind:
    """The list with items put in or exchanged."""
    return Seq(element(items))


def make_list_kind(items: Any) -> Seq:
    """All items are of one kind."""
    kinds = [k if isinstance(k, (Num, Seq)) else num(k) for k in items]
    if not kinds:
        raise NotStatic("an empty list of unknown items")
    found: Kind | None = kinds[0]
    for kind in kinds[1:]:
        found = join(found, kind) if found is not None else None
    if found is None:
        raise TypeError("a list holds items of several kinds")
    return Seq(found)


def list_append_kind(items: Any, v: Any) -> Kind:
    """One item more."""
    return as_seq(items)


def list_set_kind(items: Any, at: Any, v: Any) -> Kind:
    """As many items as before."""
    return as_seq(items)


def list_pop_kind(items: Any) -> tuple[Kind, Kind]:
    """One item less, and that item."""
    rest = as_seq(items) if isinstance(items, Seq) else index_kind(num(items), slice(None, -1))
    return rest, element(items)


@rule(make_list, kind=make_list_kind, linear=(0,), list="makes", holds=True)
def make_list_(items: Any, *, out: Any, out_bar: Any) -> Any:
    return [out_bar[i] for i in range(len(items))]


@rule(list_append, kind=list_append_kind, linear=(0, 1), written="[*{}, {}]", list="writes", holds=True)
def list_append_(items: Any, v: Any, *, out: Any, out_bar: Any) -> Any:
    rest, last = list_pop(out_bar)
    return rest, last


@rule(list_set, kind=list_set_kind, linear=(0, 2), list="writes", holds=True, raises="value")
def list_set_(items: Any, at: Any, v: Any, *, out: Any, out_bar: Any) -> Any:
    taken = out_bar[at]
    return list_set(out_bar, at, zeros_like(taken)), None, taken


@rule(list_copy, kind=as_seq, linear=(0,), written="list({})", list="makes", holds=True)
def list_copy_(items: Any, *, out: Any, out_bar: Any) -> Any:
    return np.stack(out_bar) if isinstance(items, np.ndarray) else out_bar


constant(sorting, kind=lambda keys, reverse: Seq(INT), list="makes", orders=True)


@rule(list_pop, kind=list_pop_kind, linear=(0,), list="writes", holds=True, raises="value")
def list_pop_(items: Any, *, out: Any, out_bar: Any) -> Any:
    rest, last = out_bar
    if last is None:        # what is taken out is not used
        last = zeros_like(out[1])
    if rest is None:
        rest = zeros_like(out[0])
    return list_append(rest, last)
