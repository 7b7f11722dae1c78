"""A call of a function as the user made it, to be made again: on copies, and with its real arguments moved.

>>> def f(x, scale=2.0):
...     return scale * x * x
>>> call = inspect.signature(f).bind(3.0)
>>> point = Point(f, call, ["x"]).copy()
>>> point.run(), round(point.run(0.5, [np.array(2.0)]), 6)
(18.0, 32.0)
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from types import MethodType
from typing import Any

import numpy as np

from ad_compiler.validate.copies import ATOMS, Uncopied, copied, copies_itself, reachable, seconds_for
from ad_compiler.validate.trees import flatten
from ad_compiler.watch import Get

Direction = list[np.ndarray[Any, Any]]
"""A step for each real leaf of the arguments that are differentiated."""

PLAIN = (np.ndarray, list, tuple, dict)
REST = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Raised(Exception):
    """The function has raised `args[0]`; other errors are of the check itself."""


class Point:
    """`func(*call.args, **call.kwargs)`; `places`: what is differentiated, a parameter or (parameter, position in it).

    `args`: the same arguments, one a parameter, defaults among them.  `world`: objects outside that the function reads;
    an argument that is one of them stays what it is.  `writes`: the ways to what the function changes in its arguments.
    Raises `Uncopied`.
    """

    def __init__(self, func: Callable[..., Any], call: inspect.BoundArguments, places: list[Any],
                 args: tuple[Any, ...] = (), world: Iterable[Any] = (), writes: tuple[Get, ...] = ()) -> None:
        self.func, self.signature, self.places, self.runs = func, call.signature, places, 0
        arguments = dict(call.arguments)
        if not hasattr(func, "__wrapped__"):        # what is wrapped may have other defaults
            params = zip(self.signature.parameters.values(), args, strict=False)
            left_out = {p.name: arg for p, arg in params if p.name not in arguments and p.kind not in REST}
            if not all(isinstance(arg, ATOMS) for arg in left_out.values()):    # it gets copies of its defaults, of all
                arguments |= left_out
        self.args, self.writes = args, writes
        self.whole = (func.__self__ if isinstance(func, MethodType) else None, arguments, args)
        self.objects = reachable([self.whole])
        classes = [obj for obj in world if isinstance(obj, type) and not is_library_class(obj)]
        world = [obj for obj in world if isinstance(obj, type) or not callable(obj)]
        roots = [*world, *(thing for cls in classes for thing in vars(cls).values())]
        reached = {id(obj): obj for obj in reachable(roots, strict=False)}
        self.kept = [obj for obj in self.objects if id(obj) in reached]
        if self.kept and writes:
            raise Uncopied("an argument that it changes is reached from outside of the function too")
        own = [obj for obj in self.objects if copies_itself(type(obj))]
        if own and writes:
            raise Uncopied(f"a {type(own[0]).__name__} copies itself in a way of its own")
        self.kept += own
        self.stateless = all(type(obj) in PLAIN for obj in self.objects)
        self.untouched = self.stateless and not writes
        self.seconds = seconds_for(self.objects)        # that a copy takes

    def copy(self) -> Point:
        """Take the arguments as they are now; itself.  Raises `Uncopied`."""
        self.given = copied(self.whole, self.kept)
        if any(is_same(way, self.args, self.given[2]) for way in self.writes):
            raise Uncopied("it changes what a copy of its arguments has in common with them")
        found = [flatten(self.thing(place)) for place in self.places]
        self.leaves = [leaf for leaves, _ in found for leaf in leaves]
        return self

    def arrays(self) -> list[tuple[Any, Any]]:
        """The arrays among the arguments, each with its copy, which the function has not been given."""
        mine, copies = self.objects, reachable([self.given])
        if len(mine) != len(copies):
            return []
        return [(a, b) for a, b in zip(mine, copies, strict=True)
                if type(a) is type(b) is np.ndarray and not a.dtype.hasobject]

    def thing(self, place: Any, among: dict[str, Any] | None = None) -> Any:
        """An argument that is differentiated, as it was given or among others."""
        arguments = self.given[1] if among is None else among
        name, at = place if isinstance(place, tuple) else (place, None)
        thing = arguments[name] if name in arguments else self.signature.parameters[name].default
        return thing if at is None else thing[at]

    def arguments(self, t: float = 0.0, direction: Direction | None = None) -> inspect.BoundArguments:
        """Fresh arguments, the real ones moved by `t` along a direction."""
        return self._moved(copied(self.given, self.kept)[1], t, direction)

    def _moved(self, arguments: dict[str, Any], t: float, direction: Direction | None) -> inspect.BoundArguments:
        if direction is not None:
            arguments, at = dict(arguments), 0
            for place in self.places:
                leaves, build = flatten(self.thing(place, arguments))
                new = build([moved(x, t, d) for x, d in zip(leaves, direction[at:at + len(leaves)], strict=True)])
                at += len(leaves)
                if isinstance(place, tuple):
                    rest = arguments[place[0]]
                    arguments[place[0]] = (*rest[:place[1]], new, *rest[place[1] + 1:])
                else:
                    arguments[place] = new
        return inspect.BoundArguments(self.signature, {
            name: arguments[name] for name in self.signature.parameters if name in arguments})

    def run(self, t: float = 0.0, direction: Direction | None = None) -> Any:
        """What the function gives there."""
        again = self.untouched and direction is not None        # nothing would change it: no copy is needed
        owner, arguments, _ = self.given if again else copied(self.given, self.kept)
        call = self._moved(arguments, t, direction)
        self.runs += 1
        func = self.func if owner is None else MethodType(self.func.__func__, owner)    # type: ignore[attr-defined]
        args, kwargs = call.args, call.kwargs
        try:
            return func(*args, **kwargs)
        except (Exception, SystemExit, GeneratorExit) as error:
            raise Raised(error) from error


def is_library_class(cls: type) -> bool:
    """Does a class belong to Python or NumPy?"""
    return cls.__module__.partition(".")[0] in sys.stdlib_module_names or cls.__module__.partition(".")[0] == "numpy"


def is_same(way: Get, args: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    """Does this lead to one and the same object from two lists of arguments?"""
    try:
        return way(args) is way(others)
    except (AttributeError, LookupError, TypeError):
        return False


def moved(x: Any, t: float, d: np.ndarray[Any, Any]) -> Any:
    """A number or array a step further; of its type and dtype."""
    with np.errstate(all="ignore"):
        if isinstance(x, np.ndarray):
            return (x + t * d).astype(x.dtype, copy=False) if x.ndim else np.asarray(x + t * d, x.dtype)
        return type(x)(float(x) + t * float(d))


def random_direction(leaves: list[Any], rng: np.random.Generator, *, zeros: bool) -> Direction:
    """A step for each number, of about its own size and either sign.

    `zeros`: numbers that are zero, or next to nothing beside the others of their array, are moved too.
    """
    found = []
    for x in leaves:
        a = np.abs(np.asarray(x, np.float64))
        finite = a[np.isfinite(a)]
        r = rng.uniform(0.5, 1.0, a.shape) * np.where(rng.uniform(size=a.shape) < 0.5, -1.0, 1.0)
        size = np.where(np.isfinite(a), a, 0.0)
        if zeros:
            scale = float(np.median(finite[finite > 0.0])) if np.any(finite > 0.0) else 1.0
            size = np.where(np.isfinite(a), np.where(a == 0.0, scale, np.maximum(a, 1e-3 * scale)), 0.0)
        found.append(np.asarray(r * size))
    return found


def own_direction(leaves: list[Any]) -> Direction:
    """The arguments themselves: numbers that are equal stay so, and zeros stay zero."""
    return [np.where(np.isfinite(x), np.asarray(x, np.float64), 0.0) for x in leaves]
