"""A right program at arguments where a check might raise a false alarm; a list of them that a decorator fills."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Case(NamedTuple):
    """A function, what to call it with, what of it is differentiated."""

    name: str
    func: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: Any = 0
    has_aux: bool = False
    kwargs: dict[str, Any] = {}


def registry() -> tuple[list[Case], Callable[..., Any]]:
    """An empty list, and the decorator that fills it: `@case(1e-8)`."""
    cases: list[Case] = []

    def case(*args: Any, argnums: Any = 0, has_aux: bool = False, **kwargs: Any) -> Callable[[Any], Any]:
        def enter(func: Any) -> Any:
            cases.append(Case(getattr(func, "__name__", type(func).__name__), func, args, argnums, has_aux, kwargs))
            return func
        return enter
    return cases, case


def named(table: dict[str, tuple[Any, ...]]) -> list[Case]:
    """Cases of a table: a name, the function, its arguments, all of which are differentiated where there are several."""
    return [Case(name, func, args, 0 if len(args) == 1 else tuple(range(len(args))))
            for name, (func, *rest) in table.items() for args in [tuple(rest)]]
