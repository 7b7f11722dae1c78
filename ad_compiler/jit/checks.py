"""Numba's twins of the checks of lengths and indices in `runtime`.

They are written as machine code, not as functions in Python: these Numba would compile one by one, for each kind of
argument, and nearly every derivative calls one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import cgutils, types
from numba.extending import lower_builtin, type_callable
from numba.np.arrayobj import make_array

from ad_compiler import runtime
from ad_compiler.errors import CannotDifferentiate, NotForNumba

Fails = Callable[..., Any]
"""Given a builder and integers, the bit that says whether a check fails."""


def _apart(builder: Any, a: Any, b: Any) -> Any:
    return builder.icmp_signed("!=", a, b)


def _mask_apart(builder: Any, picks: Any, n: Any) -> Any:
    return builder.and_(_apart(builder, picks, n), builder.icmp_signed("!=", picks, picks.type(0)))


def _not_stretched(builder: Any, a: Any, b: Any) -> Any:
    return builder.and_(builder.icmp_signed("!=", a, a.type(1)), _apart(builder, a, b))


def _outside(builder: Any, low: Any, high: Any, n: Any) -> Any:
    return builder.or_(builder.icmp_signed("<", low, builder.neg(n)), builder.icmp_signed(">=", high, n))


def _any_outside(builder: Any, low: Any, high: Any, n: Any) -> Any:
    return builder.and_(builder.icmp_signed("<=", low, high), _outside(builder, low, high, n))


def _none(builder: Any, n: Any) -> Any:
    return builder.icmp_signed("==", n, n.type(0))


def _overflows(how: str) -> Fails:
    return lambda builder, a, b: builder.extract_value(getattr(builder, f"{how}_with_overflow")(a, b), 1)


def _shifted_out(builder: Any, a: Any, by: Any) -> Any:
    few = builder.and_(by, by.type(63))
    lost = builder.icmp_signed("!=", builder.ashr(builder.shl(a, few), few), a)
    return builder.or_(builder.icmp_unsigned(">=", by, by.type(64)), lost)


def _length(context: Any, builder: Any, kind: Any, array: Any, axis: Any) -> Any:
    """`array.shape[axis]`."""
    shape = cgutils.alloca_once_value(builder, make_array(kind)(context, builder, array).shape)
    return builder.load(cgutils.gep(builder, shape, 0, axis))


def _twin(check: Callable[..., None], error: type[Exception], message: str, fails: Fails, typed: Fails,
          *signature: Any) -> None:
    """Register a check of integers; of an array and the number of an axis, it is the length of that axis."""
    type_callable(check)(typed)

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        numbers: list[Any] = []
        given = iter(zip(sig.args, args, strict=True))
        for kind, value in given:
            if isinstance(kind, types.Array):
                axis_kind, axis = next(given)
                axis = context.cast(builder, axis, axis_kind, types.intp)
                numbers.append(_length(context, builder, kind, value, axis))
            else:
                numbers.append(context.cast(builder, value, kind, types.intp))
        with cgutils.if_unlikely(builder, fails(builder, *numbers)):
            context.call_conv.return_user_exc(builder, error, (message,))
        return context.get_dummy_value()
    lower_builtin(check, *signature)(lower)


def _are(kinds: tuple[Any, ...], *wanted: Any) -> Any:
    return types.none if all(map(isinstance, kinds, wanted)) else None


_A, _N = types.Array, types.Integer
_B = types.Integer | types.Boolean

_twin(runtime.check_same_length, ValueError, runtime.LENGTHS_DIFFER, _apart,
      lambda context: lambda a, b: _are((a, b), _N, _N), _N, _N)
_twin(runtime.check_length, ValueError, runtime.LENGTHS_DIFFER, _apart,
      lambda context: lambda x, axis, n: _are((x, axis, n), _A, _N, _N), _A, _N, _N)
_twin(runtime.check_lengths, ValueError, runtime.LENGTHS_DIFFER, _apart,
      lambda context: lambda x, axis, y, other: _are((x, axis, y, other), _A, _N, _A, _N), _A, _N, _A, _N)
_twin(runtime.check_stretch, ValueError, runtime.CANNOT_STRETCH, _not_stretched,
      lambda context: lambda a, b: _are((a, b), _N, _N), _N, _N)
_twin(runtime.check_index, IndexError, runtime.NOT_INSIDE, lambda builder, i, n: _outside(builder, i, i, n),
      lambda context: lambda i, n: _are((i, n), _N, _N), _N, _N)
_twin(runtime.check_indices, IndexError, runtime.LOOP_BEYOND, _any_outside,
      lambda context: lambda low, high, n: _are((low, high, n), _N, _N, _N), _N, _N, _N)
_twin(runtime.check_mask, IndexError, runtime.MASK_DIFFERS, _mask_apart,
      lambda context: lambda picks, n: _are((picks, n), _N, _N), _N, _N)
for _check, _how in ((runtime.check_product, "smul"), (runtime.check_sum, "sadd"), (runtime.check_difference, "ssub")):
    _twin(_check, NotForNumba, runtime.TOO_LARGE, _overflows(_how),
          lambda context: lambda a, b: _are((a, b), _B, _B), types.Any, types.Any)


def _twin_of_floats(check: Callable[..., None], error: type[Exception], message: str, fails: Fails, typed: Fails,
                    *signature: Any) -> None:
    """Register a check of numbers, in double precision."""
    type_callable(check)(typed)

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        numbers = [context.cast(builder, v, kind, types.float64) for kind, v in zip(sig.args, args, strict=True)]
        with cgutils.if_unlikely(builder, fails(builder, *numbers)):
            context.call_conv.return_user_exc(builder, error, (message,))
        return context.get_dummy_value()
    lower_builtin(check, *signature)(lower)


def _no_real_power(builder: Any, x: Any, y: Any) -> Any:
    floor = builder.module.declare_intrinsic("llvm.floor", [y.type])
    fraction = builder.fsub(y, builder.call(floor, [y]))        # of what is not finite NaN
    return builder.and_(builder.fcmp_ordered("<", x, x.type(0.0)), builder.fcmp_ordered(">", fraction, y.type(0.0)))


def _not_whole(builder: Any, x: Any) -> Any:
    size = builder.call(builder.module.declare_intrinsic("llvm.fabs", [x.type]), [x])
    return builder.fcmp_unordered(">=", size, x.type(2.0 ** 63))


_F = types.Number | types.Boolean
_twin_of_floats(runtime.check_power, CannotDifferentiate, runtime.NO_REAL_POWER, _no_real_power,
                lambda context: lambda x, y: _are((x, y), _F, _F), types.Any, types.Any)
type_callable(runtime.check_number)(lambda context: lambda x: types.none if isinstance(
    getattr(x, "dtype", x), types.Float | _N | types.Boolean) else None)       # it is one, by its type
lower_builtin(runtime.check_number, types.Any)(lambda context, builder, sig, args: context.get_dummy_value())
_twin_of_floats(runtime.check_ordered, CannotDifferentiate, runtime.NO_ORDER,
                lambda builder, x: builder.fcmp_unordered("!=", x, x),
                lambda context: lambda x: _are((x,), _F), types.Any)
_twin_of_floats(runtime.check_whole, NotForNumba, runtime.NOT_WHOLE, _not_whole,
                lambda context: lambda x: _are((x,), _F), types.Any)
_twin(runtime.check_unpacked, ValueError, runtime.MISCOUNTED, _apart,
      lambda context: lambda n, names: _are((n, names), _N, _N), _N, _N)
_twin(runtime.check_not_empty, ValueError, runtime.NOTHING_THERE, _none,
      lambda context: lambda n: _are((n,), _N), _N)
_twin(runtime.check_components, CannotDifferentiate, runtime.NOT_IN_SPACE,
      lambda builder, n: builder.icmp_signed("!=", n, n.type(3)), lambda context: lambda n: _are((n,), _N), _N)
_twin(runtime.check_some, CannotDifferentiate, runtime.NO_VALUES,
      lambda builder, n, places: builder.and_(_none(builder, n), builder.not_(_none(builder, places))),
      lambda context: lambda n, places: _are((n, places), _N, _N), _N, _N)
_twin(runtime.check_shift, NotForNumba, runtime.TOO_FAR, _shifted_out,
      lambda context: lambda a, by: _are((a, by), _B, _B), types.Any, types.Any)
_twin(runtime.check_exponent, ValueError, runtime.NEGATIVE_EXPONENT,
      lambda builder, n: builder.icmp_signed("<", n, n.type(0)), lambda context: lambda n: _are((n,), _N), _N)
_twin(runtime.check_given_length, NotForNumba, runtime.UNKNOWN_LENGTH,
      lambda builder, n: builder.icmp_signed("<", n, n.type(0)), lambda context: lambda n: _are((n,), _N), _N)
_twin(runtime.check_divisor, ZeroDivisionError, runtime.DIVIDED_BY_ZERO, _none,
      lambda context: lambda n: _are((n,), _B), types.Any)
