"""Functions of NumPy's and Python's own that were replaced in their module: nothing is compiled meanwhile.

Rules, passes and texts are made of the functions that these modules had at first, and call them by their names.

>>> refuse_replaced()
>>> before, np.tanh = np.tanh, np.square
>>> try:
...     refuse_replaced()
... except CannotDifferentiate as error:
...     print(error.refusals[0].message)
... finally:
...     np.tanh = before
`numpy.tanh` is not NumPy's own any more: it was replaced by `square`
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import functools
import math
import operator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ad_compiler.errors import CannotDifferentiate, Refusal

HELD = [(module, {name: thing for name, thing in vars(module).items() if callable(thing) and name[0] != "_"})
        for module in (np, np.linalg, math, operator, builtins)]
"""What the modules held when this package was imported."""

AT_ONCE = [(vars(module), [*vars(module).values()]) for module, _ in HELD]
"""All that they held, in its order, to be compared as a whole: what is added stands behind it."""

NUMBERS = {(module.__name__, name): thing for module in (np, math) for name, thing in vars(module).items()
           if isinstance(thing, float)}
"""Those that a text calls by their names."""

class AsMade:
    """Is a class of Python's library as Python has made it, with what it inherits and the code of its methods?

    >>> AsMade(contextlib.nullcontext)(())
    True
    """

    def __init__(self, cls: type) -> None:
        self.cls = cls

    def __call__(self, args: Any) -> bool:
        of_bases, functions, codes = MADE[self.cls]
        return [f.__code__ for f in functions] == codes and all(
            len(space) == count + (SLOTS in space) and got(space) == things for space, count, got, things in of_bases)


def made(cls: type) -> tuple[Any, ...]:
    """What stands in a class and its bases, to be got and compared as a whole; its methods, and their code."""
    held = [{name: thing for name, thing in vars(base).items() if name != SLOTS} for base in cls.__mro__[:-1]]
    functions = [thing for space in held for thing in space.values() if isinstance(thing, FunctionType)]
    return ([(vars(base), len(space), operator.itemgetter(*space), tuple(space.values()))
             for base, space in zip(cls.__mro__, held, strict=False)], functions, [f.__code__ for f in functions])


SLOTS = "__slotnames__"
"""What copying an object may put into its class."""

MADE: dict[type, tuple[Any, ...]] = {cls: made(cls) for cls in (
    contextlib.nullcontext, contextlib._GeneratorContextManager, collections.Counter, collections.OrderedDict,
    collections.ChainMap, functools.cached_property)}
"""The classes written in Python that are read as something else, or not read at all."""

_MANAGED = ("__init__", "__enter__", "__exit__")
METHODS: dict[type, tuple[str, ...]] = {
    contextlib.nullcontext: _MANAGED, contextlib._GeneratorContextManager: _MANAGED,
    functools.cached_property: ("__get__",)}
"""Those of which a few methods alone are called."""

NOT_USED = frozenset({
    "load", "save", "savez", "savez_compressed", "loadtxt", "savetxt", "genfromtxt", "fromfile", "fromregex", "memmap",
    "set_printoptions", "get_printoptions", "printoptions", "array2string", "array_repr", "array_str", "show_config",
    "show_runtime", "info", "test", "seterr", "geterr", "print", "open", "input", "exit", "quit", "help", "breakpoint",
    "copyright", "credits", "license"})
"""What no rule and no text is made of: it may be replaced."""


def refuse_replaced() -> None:
    """Raise `CannotDifferentiate` where a function that derivatives are made of was replaced."""
    for (module, held), (now, things) in zip(HELD, AT_ONCE, strict=True):
        if module.__class__ is not ModuleType:      # which may make anything of its names
            raise CannotDifferentiate(Refusal(
                f"the module `{module.__name__}` was given another class, `{module.__class__.__name__}`",
                remedy=f"put it back, `{module.__name__}.__class__ = types.ModuleType`"))
        try:
            if [*now.values()][:len(things)] == things:
                continue
        except ValueError:      # what is there instead is an array, or compares as one: it is told below
            pass
        for name, thing in held.items():
            found = now.get(name)
            if found is not thing and name not in NOT_USED:
                owner = "NumPy" if module.__name__.startswith("numpy") else "Python"
                other = f"it was replaced by `{getattr(found, '__name__', found)}`" if name in now else "it was deleted"
                raise CannotDifferentiate(Refusal(
                    f"`{module.__name__}.{name}` is not {owner}'s own any more: {other}",
                    remedy="put it back, and call the other one by a name of its own"))
