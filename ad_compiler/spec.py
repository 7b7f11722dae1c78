"""What is asked of a transform, whoever asks.

>>> def f(x, y, *rest): ...
>>> GradSpec(f, (1, -1)).positions(inspect.signature(f), count=2), GradSpec(f).name
(['y', ('rest', 1)], 'f')
"""

from __future__ import annotations

import dis
import functools
import inspect
import operator
from dataclasses import dataclass, field, is_dataclass
from types import FunctionType, MethodType
from typing import Any, ClassVar

from ad_compiler.errors import CannotDifferentiate, Refusal

Place = str | tuple[str, int]
"""Where an argument stands: a parameter, or (parameter, position in it) for *args."""


def name_of(func: Any) -> str:
    """What a function is called, one that is only read too."""
    while isinstance(func, functools.partial):
        func = func.func
    func = getattr(func, "node", func)
    return getattr(func, "__name__", None) or getattr(func, "name", None) or (
        "lambda" if type(func).__name__ == "Lambda" else type(func).__name__)


@dataclass(frozen=True)
class Spec:
    """What is asked of a transform, whichever it is.

    `backend` is "numpy" or "numba"; `parallel` is an option of the latter.  `check`: when what was compiled is held
    against the function.
    """

    func: Any
    backend: str = field(default="numpy", kw_only=True)
    parallel: bool = field(default=False, kw_only=True)
    check: str = field(default="first", kw_only=True)

    transform: ClassVar[str] = ""
    """The file of `transforms/` that makes it."""

    @property
    def name(self) -> str:
        return name_of(self.func)

    @property
    def made_by(self) -> str:
        """What the user has called."""
        return self.transform

    @property
    def whole_name(self) -> str:
        """The function, with what was made of it before: `f_grad`."""
        inner = getattr(self.func, "_spec", None)
        return f"{inner.whole_name}_{inner.made_by}" if isinstance(inner, Spec) else self.name

    @property
    def asked(self) -> tuple[Any, ...]:
        """What decides the text, but for the function."""
        return (self.transform, *[value for name, value in vars(self).items() if name not in ("func", "check")])

    def check_signature(self, signature: inspect.Signature) -> None:
        """Refuse what such a signature cannot have."""

    @property
    def beside(self) -> int:
        """How many arguments of what is made, at the end, are not the function's own."""
        return 0

    @property
    def named(self) -> tuple[str, ...]:
        """Those that are given by keyword."""
        return ()

    def signature_made(self, signature: inspect.Signature) -> inspect.Signature:
        """That of what is made of a function with this one."""
        return signature


@dataclass(frozen=True)
class GradSpec(Spec):
    """`grad(func, argnums, has_aux)`, with the value or without; `memory`: so many bytes may be kept of loops."""

    argnums: int | tuple[int, ...] = 0
    argnames: str | tuple[str, ...] | None = None
    has_aux: bool = False
    with_value: bool = False
    memory: int | None = None

    transform: ClassVar[str] = "grad"

    @property
    def made_by(self) -> str:
        return "value_and_grad" if self.with_value else "grad"

    def check_signature(self, signature: inspect.Signature) -> None:
        if not any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values()):
            self.positions(signature)

    def positions(self, signature: inspect.Signature, count: int | None = None) -> list[Place]:
        """The differentiated arguments; `count`: so many are given to *args."""
        names = list(signature.parameters)
        if self.argnames is not None:
            wanted = (self.argnames,) if isinstance(self.argnames, str) else tuple(self.argnames)
            for name in wanted:
                if name not in names:
                    looks = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
                    raise CannotDifferentiate(Refusal(
                        f"`{self.name}` has no parameter `{name}` (argnames)",
                        remedy="write a function that has the name, and calls this one" if looks else ""))
            if len(set(wanted)) != len(wanted):
                raise CannotDifferentiate(f"argnames of `{self.name}` names an argument twice: {wanted}")
            return list(wanted)
        numbers = (self.argnums,) if isinstance(self.argnums, int) else tuple(self.argnums)
        positional = [p.name for p in signature.parameters.values()
                      if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        rest = next((p.name for p in signature.parameters.values() if p.kind is p.VAR_POSITIONAL), None)
        total = len(positional) + (count or 0)
        found: list[Place] = []
        for number in numbers:
            at = number + total if number < 0 else number
            if not 0 <= at < total and not (rest is not None and count is None):
                raise CannotDifferentiate(f"argnums={number} is out of range: `{self.name}` has {total} positional "
                                          f"argument{'s' if total != 1 else ''}")
            found.append(positional[at] if rest is None or at < len(positional) else (rest, at - len(positional)))
        if len(set(found)) != len(found):
            raise CannotDifferentiate(f"argnums={self.argnums} of `{self.name}` names an argument twice")
        return found

    @property
    def single(self) -> bool:
        """Is one gradient given back, rather than a tuple?"""
        return isinstance(self.argnums, int) if self.argnames is None else isinstance(self.argnames, str)


@dataclass(frozen=True)
class JacobianSpec(GradSpec):
    """`jacfwd`, `jacrev`, `hessian`: with all tangents at once (`mode` "fwd"), or all cotangents ("rev").

    "auto": whichever are fewer; `made`: what the user has called.
    """

    mode: str = "auto"
    made: str = "jacobian"

    transform: ClassVar[str] = "jacobian"

    @property
    def made_by(self) -> str:
        return self.made


@dataclass(frozen=True)
class ProductsSpec(JacobianSpec):
    """The Jacobian times tangents (`mode` "fwd"), or cotangents times the Jacobian ("rev"), given as rows of a matrix.

    >>> def f(x, *rest, scale=1.0, **others): ...
    >>> ProductsSpec(f).signature_made(inspect.signature(f))
    <Signature (x, *rest, scale=1.0, directions, **others)>
    """

    transform: ClassVar[str] = "products"

    @property
    def named(self) -> tuple[str, ...]:
        return ("directions",)

    def signature_made(self, signature: inspect.Signature) -> inspect.Signature:
        """With the rows beside the function's own arguments."""
        params = list(signature.parameters.values())
        if "directions" in signature.parameters:
            raise CannotDifferentiate(f"`{self.name}` has a parameter `directions`, which is taken here: rename it")
        given = inspect.Parameter("directions", inspect.Parameter.KEYWORD_ONLY)
        at = len(params) - (bool(params) and params[-1].kind is inspect.Parameter.VAR_KEYWORD)
        return inspect.Signature([*params[:at], given, *params[at:]])


@dataclass(frozen=True)
class VjpSpec(Spec):
    """`vjp(func, *primals, has_aux)`: of so many arguments, those that hold real numbers are differentiated.

    `pulled`: what is asked for are the cotangents of those, and that of the output is given beside them.
    """

    count: int
    has_aux: bool = False
    pulled: bool = False

    transform: ClassVar[str] = "vjp"

    @property
    def beside(self) -> int:
        return int(self.pulled)

    def positions(self, signature: inspect.Signature, count: int | None = None) -> list[Place]:
        """All arguments; `count`: so many are given to *args."""
        return GradSpec(self.func, tuple(range(self.count))).positions(signature, count)


@dataclass(frozen=True)
class LinearizeSpec(VjpSpec):
    """`linearize(func, *primals)`, of so many arguments, all of which are differentiated."""

    transform: ClassVar[str] = "linearize"


@dataclass(frozen=True)
class JvpSpec(Spec):
    """`jvp(func, primals, tangents, has_aux=…)`, with so many primals; before them come `passive` arguments.

    `alone`: the tangent is wanted without the output, as by `hvp`, where `func` is a gradient.
    """

    count: int = 1
    has_aux: bool = False
    passive: int = 0
    alone: bool = False

    transform: ClassVar[str] = "jvp"

    @property
    def made_by(self) -> str:
        return "hvp" if self.alone else "jvp"

    @property
    def beside(self) -> int:
        return self.count

    def positions(self, signature: inspect.Signature) -> list[Place]:
        """The arguments that are differentiated, in their order."""
        params = signature.parameters.values()
        positional = [p.name for p in params if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        rest = next((p.name for p in params if p.kind is p.VAR_POSITIONAL), None)
        total = self.passive + self.count
        found: list[Place] = [*positional[:total]]
        if rest is not None:
            found += [(rest, at) for at in range(total - len(found))]
        if len(found) < total or any(p.default is p.empty for p in list(params)[total:] if p.name in positional):
            needs = len(positional) - self.passive
            raise CannotDifferentiate(f"jvp: `{self.name}` has {needs} positional argument{'s' * (needs != 1)}, "
                                      f"{self.count} {'are' if self.count != 1 else 'is'} given in primals")
        return found[self.passive:]

    def signature_made(self, signature: inspect.Signature) -> inspect.Signature:
        """The arguments given, then their tangents: `x, y, x_dot, y_dot`.

        >>> def f(x, *rest): ...
        >>> JvpSpec(f, 2).signature_made(inspect.signature(f))
        <Signature (x, rest_0, x_dot, rest_0_dot)>
        """
        before = list(signature.parameters)[:self.passive]
        primals = [place if isinstance(place, str) else f"{place[0]}_{place[1]}" for place in self.positions(signature)]
        names = [*before, *primals]
        for name in primals:
            dot = f"{name}_dot"
            names.append(dot if dot not in names else f"{dot}_2")
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in names])


class Keyed(tuple[Any, ...]):
    """A dict, or the attributes of a dataclass, as something that can be compared and kept; equal to no tuple."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyed) and super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((Keyed, super().__hash__()))


def frozen(dims: Any) -> Any:
    """`in_dims` or `out_dims` as something that can be compared and kept.

    >>> frozen([0, {"a": None}])
    (0, (('a', None),))
    """
    if is_dataclass(dims) and not isinstance(dims, type):
        dims = vars(dims)
    if isinstance(dims, dict):
        return Keyed((key, frozen(value)) for key, value in dims.items())
    if isinstance(dims, (tuple, list)):
        return tuple(map(frozen, dims))
    return dims if isinstance(dims, (int, float)) or not hasattr(dims, "__index__") else operator.index(dims)


@dataclass(frozen=True)
class VmapSpec(Spec):
    """`vmap(func, in_dims, out_dims, randomness)`.

    `count`: so many arguments are given by position, None: all that can be.  The others are the same for every sample.
    """

    in_dims: Any = 0
    out_dims: Any = 0
    randomness: str = "error"
    count: int | None = None

    transform: ClassVar[str] = "vmap"

    @property
    def call(self) -> str:
        """What the user has called, for messages."""
        dims = self.in_dims[getattr(self.func, "given_before", 0):] if isinstance(self.in_dims, tuple) else self.in_dims
        return f"vmap({self.name}, in_dims={shown(dims)}, ...)"


def shown(dims: Any) -> Any:
    """`in_dims` as it was given."""
    if isinstance(dims, Keyed):
        return {key: shown(value) for key, value in dims}
    return tuple(map(shown, dims)) if isinstance(dims, tuple) else dims


def parameters_of(func: Any) -> inspect.Signature:
    """The parameters that a call of a function binds; of what hands on all that it is given, those of what it wraps.

    >>> @functools.wraps(name_of)
    ... def traced(*args, **kwargs):
    ...     return name_of(*args, **kwargs)
    >>> @functools.wraps(name_of)
    ... def counted(*args, **kwargs):
    ...     return name_of(*args, **kwargs), len(kwargs)
    >>> print(*parameters_of(traced).parameters, *parameters_of(counted).parameters)
    func args kwargs
    """
    try:
        own = inspect.signature(func, follow_wrapped=False)
    except ValueError:      # of an object that is no function, and wraps one
        return inspect.signature(func)
    kind = inspect.Parameter
    if getattr(func, "__signature__", None) is not None:
        return inspect.signature(func)
    if {p.kind for p in own.parameters.values()} != {kind.VAR_POSITIONAL, kind.VAR_KEYWORD} or not hands_on(func):
        return own
    if not hasattr(func, "__wrapped__"):
        return own
    found = parameters_of(func.__wrapped__)
    first = next(iter(found.parameters.values()), None)
    if isinstance(func, MethodType) and first is not None and first.kind in (
            kind.POSITIONAL_ONLY, kind.POSITIONAL_OR_KEYWORD):
        found = found.replace(parameters=list(found.parameters.values())[1:])       # that is the object
    return found


def run_by(func: Any) -> FunctionType | None:
    """The function of Python's that a call of this runs: itself, that of a method, that of an object's class."""
    if isinstance(func, FunctionType):
        return func
    found = getattr(func, "__func__", None) or getattr(type(func), "__call__", None)   # noqa: B004
    return found if isinstance(found, FunctionType) else None


def hands_on(func: Any) -> bool:
    """Does a function of `*args, **kwargs` do no more with these than to call something with both?"""
    call = run_by(func)
    if call is None:
        return True
    names, done = call.__code__.co_varnames[call.__code__.co_argcount + call.__code__.co_kwonlyargcount:][:2], 0
    steps = [*dis.get_instructions(call.__code__), None, None]
    for at, step in enumerate(steps[:-2]):
        if step is None or not isinstance(step.argval, (str, tuple)) or not any(
                name == step.argval or isinstance(step.argval, tuple) and name in step.argval for name in names):
            continue
        after = steps[at + 1]
        kind = "" if after is None else after.opname
        if step.argval == names[0] and kind == "BUILD_MAP" and after is not None and after.arg == 0 or \
                step.argval == names[1] and kind in ("DICT_MERGE", "CALL_FUNCTION_EX"):
            done += 1
        else:
            return False
    return done > 0
