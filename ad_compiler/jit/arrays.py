"""Numba's twins of the helpers in `runtime` that make arrays.

They are written as machine code, as the checks are: Numba's own `np.zeros` is three functions in Python, compiled
anew for each rank and dtype, and takes a third of the first call of a small derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numba.core import cgutils, types
from numba.core.typing.npydecl import parse_dtype, parse_shape
from numba.extending import lower_builtin, type_callable
from numba.np.arrayobj import _empty_nd_impl, make_array

from ad_compiler import runtime


def _of_shape(context: Any) -> Any:
    def typer(shape: Any, dtype: Any = None) -> Any:
        real = dtype is None or isinstance(dtype, types.NoneType) or getattr(dtype, "typing_key", None) is float
        of, rank = types.float64 if real else parse_dtype(dtype), parse_shape(shape)
        return None if of is None or rank is None else types.Array(of, rank, "C")
    return typer


def _like(context: Any) -> Any:
    def typer(x: Any) -> Any:
        if isinstance(x, types.Array):
            return x.copy(layout="C" if x.layout == "A" else x.layout, readonly=False)
        return types.float64 if isinstance(x, (types.Number, types.Boolean)) else None
    return typer


def _lengths(context: Any, builder: Any, kind: Any, value: Any) -> Sequence[Any]:
    """The axes of an array that is to be made; NumPy's error where one is negative."""
    many = isinstance(kind, types.BaseTuple)
    values = zip(list(kind), cgutils.unpack_tuple(builder, value), strict=True) if many else [(kind, value)]
    lengths = [context.cast(builder, n, given, types.intp) for given, n in values]
    for n in lengths:
        with cgutils.if_unlikely(builder, builder.icmp_signed("<", n, n.type(0))):
            context.call_conv.return_user_exc(builder, ValueError, ("negative dimensions are not allowed",))
    return lengths


def _made(context: Any, builder: Any, kind: Any, lengths: Sequence[Any], zero: bool) -> Any:
    made = _empty_nd_impl(context, builder, kind, lengths)
    if zero:
        cgutils.memset(builder, made.data, builder.mul(made.itemsize, made.nitems), 0)
    return made._getvalue()


def _twins(of_shape: Any, like: Any, zero: bool) -> None:
    type_callable(of_shape)(_of_shape)
    type_callable(like)(_like)

    def lower_shape(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _made(context, builder, sig.return_type, _lengths(context, builder, sig.args[0], args[0]), zero)

    def lower_like(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        lengths = cgutils.unpack_tuple(builder, make_array(sig.args[0])(context, builder, args[0]).shape)
        return _made(context, builder, sig.return_type, lengths, zero)

    lower_builtin(of_shape, types.Any)(lower_shape)
    lower_builtin(of_shape, types.Any, types.Any)(lower_shape)
    lower_builtin(like, types.Array)(lower_like)
    lower_builtin(like, types.Any)(lambda context, builder, sig, args: context.get_constant(types.float64, 0.0))


_twins(runtime.zeros, runtime.zeros_like, True)
_twins(runtime.empty, runtime.empty_like, False)
