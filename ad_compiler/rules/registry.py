"""What the compiler knows of each function of NumPy, `math` and the builtins: its kind and its derivative.

One entry a function.  An entry is made by one of three calls, in a file of this folder:

* `elementwise(fns, *partials)`: partial derivatives alone, one for each operand; the framework multiplies
  by the cotangent and sums over broadcast axes.
* `rule(fns, kind=...)`: decorates a function with the primal's signature plus keyword-only `out` and
  `out_bar`, which returns the cotangents of its leading parameters.
* `constant(fns, kind=...)`: piecewise constant, the derivative is zero wherever there is one.

Forward mode needs no more than that: a tangent comes from partial derivatives; of what is `linear` in an argument, or
`multilinear` in several, it is the function itself; of all else, the cotangents transposed.  Where a formula is shorter
than what that gives, `rule(..., tangent=...)` names a function with the primal's signature plus `out` and, for each
argument that carries a derivative, its tangent (`a_dot`; None where it is zero), which returns the tangent of `out`.

Each takes traits as keywords, which tell passes what they may do with a call: `Traits` lists them.  Whichever it
is, the framework casts a cotangent to its operand's dtype where the two differ.

Rules are ordinary functions: they can be called and tested as they stand.  The compiler reads their source
and inlines it, so they may branch on static facts (`x.ndim`, `axis is None`, `x.dtype`), and must be made
of functions that have entries themselves: that is what makes second derivatives work.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any, Literal

import numpy as np

from ad_compiler.errors import RuleFault
from ad_compiler.kinds import Kind, Num, Sym, array_among, broadcast, number, result_dtype
from ad_compiler.rules.traits import Function, Traits, declare, traits_of
from ad_compiler.runtime import cast_like, fits_like, unbroadcast, zeros_like

KindRule = Callable[..., Any]
"""Called with the primal's arguments, bound to the rule's signature: a `Kind` where the value is known at
run time only, the Python object itself where it is known now.  Returns a kind, or a tuple of kinds for a
function with several results.  Raises `NotStatic` where it needs a value that it has only the kind of."""


@dataclass(frozen=True, eq=False)
class Rule:
    """The kind and the derivative of one function; its batch form, where traits do not give it."""

    fn: Function
    kind: KindRule
    vjp: Function | None = None
    partials: tuple[Function | None, ...] = ()
    constant: bool = False      # the derivative is zero wherever there is one
    tangent: Function | None = None
    slopes: tuple[Function, ...] = ()       # partial derivatives, where a cotangent may not go through `vjp`

    @property
    def traits(self) -> Traits:
        """What passes may take for granted of it."""
        return traits_of(self.fn)

    @property
    def batch(self) -> Function | None:
        """What it does for a batch, where that is written."""
        return _BATCHED.get(self.fn)

    @functools.cached_property
    def own(self) -> bool:
        """Is this a rule of the user's own?  What it says need not be the slope."""
        forms = (self.vjp, *self.partials)
        return any(f is not None and not (f.__module__ or "").startswith("ad_compiler.") for f in forms)

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        """That of the function: its derivative has it too, but for `out` and `out_bar`; of one without, its kind has.

        Found when it is asked for: of most functions nothing is ever asked in a program.
        """
        if self.constant:
            return inspect.signature(self.kind)
        signature = inspect.signature(self.vjp or next(p for p in self.partials if p is not None))
        primal = [p for p in signature.parameters.values() if p.name not in ("out", "out_bar")]
        return signature.replace(parameters=primal)

    @property
    def forward(self) -> Literal["constant", "partials", "itself", "written", "derived"]:
        """Where its tangent comes from."""
        known = self.traits
        if self.constant:
            return "constant"
        if self.tangent is not None:
            return "written"
        if known.linear or known.multilinear:
            return "itself"
        return "partials" if self.partials or known.signs else "derived"

    @functools.cached_property
    def dot_names(self) -> tuple[str, ...]:
        """The tangents that the tangent form asks for."""
        params = inspect.signature(self.tangent).parameters if self.tangent is not None else {}
        return tuple(name for name in params if name.endswith("_dot"))

    @functools.cached_property
    def positions(self) -> range:
        """With how many arguments, all of them positional, the function can be called."""
        params = [p for p in self.signature.parameters.values()
                  if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        if len(params) < len(self.signature.parameters):
            return range(0)         # for others, ask the signature
        return range(sum(p.default is p.empty for p in params), len(params) + 1)

    def returned(self, given: int) -> int:
        """How many cotangents a rule of the user's own returns, where so many arguments are positional."""
        params = self.signature.parameters.values()
        if any(p.kind is p.VAR_POSITIONAL for p in params):
            return given
        return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in params)

    def miscounted(self, found: int, given: int) -> str:
        """That it returns so many instead, in words."""
        wanted = self.returned(given)
        return (f"the derivative of `{self.fn.__name__}` gives {found} cotangent{'s' * (found != 1)} for {wanted} "
                f"argument{'s' * (wanted != 1)}")

    def bind(self, args: list[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of a call as the signature has them, positional where they may be; raises `TypeError`."""
        if not kwargs and len(args) in self.positions:      # the usual case, at once
            return args, {}
        bound = self.signature.bind(*args, **kwargs)
        return list(bound.args), bound.kwargs


class Written:
    """A form of a rule that writes its statements itself, where others are functions that are read."""

    def write(self, lifter: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """What such a function would return, for these arguments: statements are appended to the lifter's block."""
        raise NotImplementedError


class WithRule:
    """A function that stands in one place of one program alone: its rule goes with it."""

    rule: Rule


_RULES: dict[Function, Rule] = {}

REGISTERED: set[str] = set()
"""Names of functions that have no rule but by `register_rule`: a text that was kept on disk may know nothing of it."""

_UNHASHABLE: dict[int, tuple[Function, Rule]] = {}

_BATCHED: dict[Function, Function] = {}

STATIC_HELPERS: set[Function] = set()
"""Helpers that the compiler runs when it inlines a rule, instead of reading them."""

METHODS: dict[str, Function] = {}
"""Method of ndarray and NumPy scalars → the function that it is: `x.sum(axis=0)` is `np.sum(x, axis=0)`."""

ATTRIBUTES: dict[str, Function] = {}
"""Attribute of ndarray → the function of the array that it is: `x.T` is `np.transpose(x)`."""


def lookup(fn: object) -> Rule | None:
    """The entry of a function, or None; a hash of the user's own is not asked."""
    found: Rule | None
    try:
        if isinstance(type(fn).__hash__, FunctionType):
            found = next((rule for known, rule in _RULES.items() if known is fn), None)
        else:
            found = _RULES.get(fn)  # type: ignore[call-overload]
    except TypeError:       # it has no hash, as functions of `ctypes`
        found = _UNHASHABLE.get(id(fn), (None, None))[1]
    return fn.rule if found is None and isinstance(fn, WithRule) else found


def all_rules() -> dict[Function, Rule]:
    """Every entry of this package, in the order in which they were made."""
    return {fn: rule for fn, rule in _RULES.items() if not rule.own}


def _as_tuple(fns: Function | Iterable[Function]) -> tuple[Function, ...]:
    return (fns,) if callable(fns) else tuple(fns)


def _register(rule: Rule, traits: dict[str, Any]) -> None:
    if rule.fn in _RULES:
        raise ValueError(f"{rule.fn!r} has a rule already")
    _RULES[rule.fn] = rule
    if traits.get("elementwise"):
        traits = {"element": rule.fn, **traits}
    declare(rule.fn, **traits)


NUMBER = Num("")
"""The shape of a number; its dtype is looked at elsewhere."""


_FLOATS = {"bool": "float16", "int8": "float16", "uint8": "float16", "int16": "float32", "uint16": "float32"}


def elementwise_kind(*operands: Kind | Any, integer_to_float: bool = True) -> Num:
    """Operands broadcast together; a NumPy function of integers gives floats unless told otherwise."""
    kinds = [k if isinstance(k, Num) else NUMBER if type(k) in (float, int) else Num("", np.asarray(k).shape)
             for k in operands]
    dtype = result_dtype(*operands)
    if integer_to_float and not dtype.startswith(("float", "complex")):
        dtypes = {result_dtype(k) for k in operands if not isinstance(k, int) and (
            not isinstance(k, Num) or k.form != "py")} or {"int64"}
        dtype = str(np.result_type(*(_FLOATS.get(each, "float64") for each in dtypes)))
    return named_shape(number(dtype, broadcast(*kinds)), kinds)


def check_fits(dtype: str, *operands: Kind | Any) -> None:
    """Raise where a known number does not fit a type of few bits that it is computed in."""
    if dtype[:3] == "int" or dtype[:4] == "uint":
        bounds = np.iinfo(dtype)
        for number_ in operands:
            if type(number_) is int and not bounds.min <= number_ <= bounds.max \
                    and any(isinstance(k, Num) and k.form != "py" for k in operands):
                raise ValueError(f"the number {number_} is out of bounds for {dtype}")


def named_shape(result: Num, operands: list[Num]) -> Num:
    """The name of a shape of unknown rank: that of its one unknown operand, where the others are numbers."""
    if result.shape is not None:
        return result
    unknown = [k.length for k in operands if k.shape is None]
    if None in unknown or any(k.shape for k in operands):
        return result
    names = sorted(set(unknown), key=repr)
    return replace(result, length=names[0] if len(names) == 1 else Sym(("broadcast", *names)))


def arithmetic_kind(*operands: Kind | Any, fits: bool = True) -> Num:
    """Python operators: as NumPy's, but a number stays a Python number where every operand is one."""
    plain = array_among(operands)
    if plain is not None:
        return plain
    kind = elementwise_kind(*operands, integer_to_float=False)
    if fits and kind.dtype[0] in "iu":
        check_fits(kind.dtype, *operands)
    if kind.shape == () and all(k.form == "py" if isinstance(k, Num) else isinstance(k, (bool, int, float))
                                for k in operands):
        return Num("int64" if kind.dtype == "bool" else kind.dtype, (), "py")
    return kind


def elementwise(fns: Function | Iterable[Function], *partials: Function | None, kind: KindRule | None = None,
                **traits: Any) -> None:
    """Enter functions that work element by element, given their partial derivatives.

    Each partial has the primal's positional parameters and keyword-only `out`, the primal's result; a
    partial that is None marks an operand that carries no derivative.
    """
    for fn in _as_tuple(fns):
        _register(Rule(fn, kind or elementwise_kind, partials=partials), {"elementwise": True, **traits})


def rule(fns: Function | Iterable[Function], *, kind: KindRule, tangent: Function | None = None,
         slopes: tuple[Function, ...] = (), **traits: Any) -> Callable[[Function], Function]:
    """Enter functions whose derivative is the decorated function; its tangent, where that is written too."""
    def enter(vjp: Function) -> Function:
        for fn in _as_tuple(fns):
            _register(Rule(fn, kind, vjp=vjp, tangent=tangent, slopes=slopes), traits)
        return vjp
    return enter


def constant(fns: Function | Iterable[Function], *, kind: KindRule, **traits: Any) -> None:
    """Enter functions that are piecewise constant, or that make an array from no active argument.

    The signature is that of `kind`.
    """
    for fn in _as_tuple(fns):
        _register(Rule(fn, kind, constant=True), traits)


def batched(fns: Function | Iterable[Function]) -> Callable[[Function], Function]:
    """Enter what functions do for a batch: operands that have an axis for its samples have it in front.

    The form has the function's signature, plus `varies`, which says for each positional argument whether it has that
    axis, and `samples`, how many there are.  The result has the axis, but for what is asked of a shape alone.  A form
    that returns None stands for a loop over the batch.
    """
    def enter(form: Function) -> Function:
        for fn in _as_tuple(fns):
            _BATCHED[fn] = form
        return form
    return enter


def same_as(fn: Function, operator: Function, kind: KindRule) -> None:
    """Enter a function of NumPy's that does what an operator of Python's does, but for the kind."""
    _register(replace(_RULES[operator], fn=fn, kind=kind),
              vars(replace(traits_of(operator), written="", divides=False)))


def enter_own(fn: Function, rule: Rule, **traits: Any) -> None:
    """Let a function have this rule, of the user's own, in place of one that it may have had."""
    try:
        _RULES[fn] = rule
    except TypeError:
        _UNHASHABLE[id(fn)] = fn, rule      # it is kept, so that its identity is
    if traits:
        declare(fn, **traits)


def static(helper: Function) -> Function:
    """Marks a helper of rules that works on facts alone (axes, ranks, subscripts): the compiler runs it."""
    STATIC_HELPERS.add(helper)
    return helper


def method(name: str, fn: Function) -> None:
    """`x.name(...)` is `fn(x, ...)`."""
    METHODS[name] = fn


def attribute(name: str, fn: Function) -> None:
    """`x.name` is `fn(x)`."""
    ATTRIBUTES[name] = fn


def run_vjp(entry: Rule, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any, out_bar: Any,
            wanted: Container[int] | None = None) -> tuple[Any, ...]:
    """The run-time twin of an inlined rule: the cotangents of the positional arguments, in their order.

    An argument that carries no derivative (an integer, an axis), or is not at one of the `wanted` positions,
    has None; a list of arrays has a list.
    """
    bars = raw_vjp(entry, args, kwargs, out, out_bar, wanted)
    return tuple(_fit(bar, arg) for bar, arg in zip(bars, args, strict=True))


def call_tangent(fn: Function, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any, dots: dict[str, Any]) -> Any:
    """The tangent of a rule of the user's own, called as it stands.  Raises `RuleFault` where it does not fit `out`."""
    entry = lookup(fn)
    assert entry is not None
    assert entry.tangent is not None
    dot = entry.tangent(*as_arrays(args), **as_arrays(kwargs), out=as_arrays(out), **as_arrays(dots))
    fitting = cast_like(fits_like(dot, out, f"the tangent of `{fn.__name__}`"), out)
    return fitting.copy() if isinstance(fitting, np.ndarray) else fitting


def call_rule(fn: Function, positions: tuple[int, ...], args: tuple[Any, ...], kwargs: dict[str, Any], out: Any,
              out_bar: Any) -> Any:
    """`run_vjp` as generated code calls it: of several positions a tuple, of one its cotangent."""
    entry = lookup(fn)
    assert entry is not None
    given = out_bar.copy() if entry.own and isinstance(out_bar, np.ndarray) else out_bar        # it may write into it
    found = raw_vjp(entry, args, kwargs, out, given, positions)
    if entry.own:
        found = tuple(_fitting(entry, bar, arg) for bar, arg in zip(found, args, strict=True))
    found = tuple(_fit(bar, arg) for bar, arg in zip(found, args, strict=True))
    if entry.own:       # it may give memory of its arguments
        found = tuple(bar.copy() if isinstance(bar, np.ndarray) else bar for bar in found)
    bars = [zeros_like(args[i]) if i in positions and bar is None else bar for i, bar in enumerate(found)]
    return bars[positions[0]] if len(positions) == 1 else tuple(bars[i] for i in positions)


def _fitting(entry: Rule, bar: Any, arg: Any) -> Any:
    """What a rule of the user's own gives for an argument.  Raises `RuleFault` where it has another shape."""
    if bar is None or isinstance(arg, (list, tuple)):
        return bar
    rank = np.ndim(arg)
    if entry.traits.elementwise and (np.ndim(bar) > rank or np.ndim(bar) == rank and 1 in np.shape(arg)):
        bar = unbroadcast(bar, arg)
    return fits_like(bar, arg, f"the derivative of `{entry.fn.__name__}`")


def raw_vjp(entry: Rule, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any, out_bar: Any,
            wanted: Container[int] | None = None) -> tuple[Any, ...]:
    """`run_vjp` before cotangents are cast to the dtypes of their operands."""
    args, out, out_bar = (as_arrays(x) for x in (args, out, out_bar))
    bars: tuple[Any, ...] = ()
    if entry.vjp is not None:
        returned = entry.vjp(*args, **kwargs, out=out, out_bar=out_bar)
        bars = returned if isinstance(returned, tuple) else (returned,)
        if entry.own and len(bars) != entry.returned(len(args)):
            raise RuleFault(entry.miscounted(len(bars), len(args)))
    for at in range(len(bars), len(args)):
        slope = entry.partials[at] if at < len(entry.partials) else None
        moves = slope is not None and carries(args[at]) and (wanted is None or at in wanted)
        wide = [_widened(arg, out) for arg in args] if moves else []
        bars += (unbroadcast(out_bar * slope(*wide, **kwargs, out=out), args[at]) if moves and slope else None,)
    return tuple(bar if wanted is None or at in wanted else None for at, bar in enumerate(bars[:len(args)]))


def _widened(x: Any, out: Any) -> Any:
    """An array or number of NumPy's in the dtype of a real result that holds more."""
    if not isinstance(x, (np.ndarray, np.generic)) or np.asarray(out).dtype.kind != "f":
        return x
    return x if np.result_type(x.dtype, out.dtype) == x.dtype else x.astype(out.dtype)


def as_arrays(x: Any) -> Any:
    """Python floats as NumPy scalars, which have the attributes that rules read."""
    if isinstance(x, tuple):
        items = [as_arrays(item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if isinstance(x, list):
        return [as_arrays(item) for item in x]
    if type(x) is dict:
        return {key: as_arrays(item) for key, item in x.items()}
    return np.float64(x) if type(x) is float else x


def carries(x: Any) -> bool:
    """Can this argument carry a derivative?"""
    return isinstance(x, float) or isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f"


def _fit(bar: Any, arg: Any) -> Any:
    if isinstance(arg, (list, tuple)):
        return None if bar is None else [_fit(b, a) for b, a in zip(bar, arg, strict=True)]
    return cast_like(bar, arg) if bar is not None and carries(arg) else None
