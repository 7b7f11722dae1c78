"""What people import: `grad` and `value_and_grad`; `register_node`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ad_compiler.function import CompiledFunction, check_options, compiler, given_to
from ad_compiler.ir import Const
from ad_compiler.kept import kept_with
from ad_compiler.spec import GradSpec
from ad_compiler.validate.first_call import mode_of

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


class GradFunction(CompiledFunction):
    """A function that gives gradients, made by `grad` or `value_and_grad`."""

    __slots__ = ()


def check_argnums(argnums: Any, argnames: Any) -> int | tuple[int, ...]:
    """As integers.  Raises TypeError where they are none, ValueError where there are none."""
    if isinstance(argnums, (bool, float, str)) or not isinstance(argnums, (int, tuple, list, np.integer)):
        raise TypeError(f"argnums must be an integer or a tuple of integers, not {argnums!r}")
    if isinstance(argnums, (tuple, list)):
        if not argnums and argnames is None:
            raise ValueError("argnums is empty: name at least one argument")
        if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in argnums):
            raise TypeError(f"argnums must be integers, not {argnums!r}")
        return tuple(int(n) for n in argnums)
    return int(argnums)


UNITS = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30,
         "TiB": 2**40}


def bytes_of(memory: int | str) -> int:
    """How many bytes are meant: `2_000_000`, `"200MB"`, `"1.5 GiB"`."""
    if isinstance(memory, str):
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", memory)
        if found is None or found[2] not in UNITS:
            raise ValueError(f"memory must be a number of bytes, or a text as '200MB' or '1.5 GiB', not {memory!r}")
        return int(float(found[1]) * UNITS[found[2]])
    if isinstance(memory, bool) or not isinstance(memory, (int, np.integer)):
        raise TypeError(f"memory must be a number of bytes or a text, not {memory!r}")
    if memory < 0:
        raise ValueError(f"memory cannot be less than nothing: {memory}")
    return int(memory)


def _make(func: Any, argnums: Any, has_aux: bool, argnames: Any, with_value: bool, backend: str, parallel: bool,
          check: str | None, memory: int | str | None) -> Any:
    check_options(backend, parallel)
    numbers = check_argnums(argnums, argnames)
    if argnames is not None and numbers != 0:
        raise TypeError("give argnums or argnames, not both")
    names = tuple(argnames) if isinstance(argnames, list) else argnames
    mode, room = mode_of(check), None if memory is None else bytes_of(memory)

    def make(func: Callable[..., Any]) -> CompiledFunction:
        spec = GradSpec(func, numbers, names, has_aux, with_value, room, backend=backend, parallel=parallel, check=mode)
        return kept_with(GradFunction, spec)
    return make if func is None else make(func)


@overload
def grad(func: Callable[..., Any], argnums: int | tuple[int, ...] | list[int] = 0, has_aux: bool = False, *,
         argnames: str | tuple[str, ...] | None = None, backend: str = "numpy",
         parallel: bool = False, check: str | None = None, memory: int | str | None = None) -> GradFunction: ...
@overload
def grad(func: None = None, argnums: int | tuple[int, ...] | list[int] = 0, has_aux: bool = False, *,
         argnames: str | tuple[str, ...] | None = None, backend: str = "numpy", parallel: bool = False,
         check: str | None = None,
         memory: int | str | None = None) -> Callable[[Callable[..., Any]], GradFunction]: ...


def grad(func: Any = None, argnums: Any = 0, has_aux: bool = False, *, argnames: Any = None, backend: str = "numpy",
         parallel: bool = False, check: str | None = None, memory: int | str | None = None) -> Any:
    """The gradient of a function that returns one real number.

    `argnums`: position of the argument to differentiate, or a tuple of them (then a tuple of gradients is
    returned); `argnames`: names in their stead.  With `has_aux` the function returns `(number, aux)` and the
    gradient function `(gradient, aux)`.  A gradient has the type, dtype and shape of its argument.

    `backend="numba"`: the derivative is compiled by Numba as a whole (extra `[numba]`); what Numba cannot compile is
    refused at the first call, with the line.  The value is then to rounding that of the function.  `parallel`: with
    loops over several threads, where iterations are independent, raise nothing, and are many enough to gain by it.

    `check`: when the derivative is held against `func` itself, by its value and by the slope along one direction.
    "first" (the default, or what `AD_COMPILER_CHECK` says): once for each text that is compiled; "always": at each
    call; "full": at each call, however long it takes; "off".  A derivative that is wrong raises `CompilerFault`;
    `.checked` says what was compared.

    `memory`: bytes, or "200MB", that may be kept of loops for their reverse.  Each of the outermost loops then keeps as
    many of its states as its share has room for, and the reverse sweep computes the others again (as under
    `checkpointed`); what one iteration needs comes on top.

    Usable as `@grad` and `@grad(argnums=1)`.  Raises `CannotDifferentiate` at the first call where a line
    cannot be differentiated.  Asked twice for the same of one function, it gives the same gradient function: what is
    compiled is kept with the function, and `grad(f)(x)` in a loop compiles once.

    >>> grad(lambda x: x ** 3)(2.0)
    12.0
    """
    return _make(func, argnums, has_aux, argnames, False, backend, parallel, check, memory)


def value_and_grad(func: Any = None, argnums: Any = 0, has_aux: bool = False, *, argnames: Any = None,
                   backend: str = "numpy", parallel: bool = False, check: str | None = None,
                   memory: int | str | None = None) -> Any:
    """As `grad`, but returns `(value, gradient)`; with `has_aux`, `((value, aux), gradient)`.

    >>> value_and_grad(lambda x: x ** 3)(2.0)
    (8.0, 12.0)
    """
    return _make(func, argnums, has_aux, argnames, True, backend, parallel, check, memory)


def _make_inside(with_value: bool, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`grad(func, …)` inside a function that is read: a gradient function of a function read or known."""
    given = given_to(grad, args, kwargs)
    func = given.pop("func", None)
    chosen = {key: lifter.expressions.static(thing, f"`{key}`") for key, thing in given.items()}
    argnums = check_argnums(chosen.get("argnums", 0), chosen.get("argnames"))
    target = func.value if isinstance(func, Const) else func
    spec = GradSpec(target, argnums, chosen.get("argnames"), bool(chosen.get("has_aux", False)), with_value,
                    None if chosen.get("memory") is None else bytes_of(chosen["memory"]))
    return Const(compiler().Special(lambda inner, a, k: compiler().transform_inside(inner, spec, a, k), target))


grad.__ad_transform__ = functools.partial(_make_inside, False)     # type: ignore[attr-defined]
value_and_grad.__ad_transform__ = functools.partial(_make_inside, True)     # type: ignore[attr-defined]


def register_node(cls: type, flatten: Callable[[Any], tuple[Any, Any]],
                  unflatten: Callable[[Any, Any], Any]) -> None:
    """Let objects of a class be differentiated, as lists and dicts are; the gradient is an object of that class.

    As `jax.tree_util.register_pytree_node`: `flatten(obj)` gives the children, which must be attributes of the object
    as they stand, and a constant part that can be compared; `unflatten(constant, children)` puts one together.
    Dataclasses and named tuples need not be registered.

    Raises TypeError where `cls` is not a class, ValueError where it was registered before.
    """
    if not isinstance(cls, type):
        raise TypeError(f"register_node needs a class, not {type(cls).__name__}")
    nodes = compiler().NODES
    if cls in nodes:
        raise ValueError(f"{cls.__name__} is registered already")
    nodes[cls] = flatten, unflatten
