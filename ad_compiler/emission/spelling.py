"""How functions and constants are written: `np.tanh`, `math.sin`, `np.float32`, `np.inf`."""

from __future__ import annotations

import builtins
import functools
import math
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import gast
import numpy as np

from ad_compiler import runtime
from ad_compiler.rules import registry

ROOTS: tuple[tuple[str, str], ...] = (
    ("np", "numpy"), ("np.linalg", "numpy.linalg"), ("np.fft", "numpy.fft"), ("np.random", "numpy.random"),
    ("math", "math"), ("scipy.special", "scipy.special"), ("scipy.linalg", "scipy.linalg"),
    ("scipy.signal", "scipy.signal"), ("scipy.stats", "scipy.stats"),
)


def name(ident: str, ctx: Any = None) -> Any:
    """A name to read, or to bind."""
    return gast.Name(ident, ctx or gast.Load(), None, None)


def dotted(path: str) -> Any:
    """`a.b.c`."""
    first, *rest = path.split(".")
    node = name(first)
    for part in rest:
        node = gast.Attribute(node, part, gast.Load())
    return node


def _modules() -> Iterator[tuple[str, ModuleType]]:
    for path, module in ROOTS:
        if module in sys.modules:
            yield path, sys.modules[module]


@functools.lru_cache(maxsize=4000)
def path_of(fn: Any) -> str | None:
    """Where a function stands in a module that everybody knows, or None."""
    known = getattr(fn, "__name__", None)
    if known is None:
        return None
    if getattr(builtins, known, None) is fn:
        return str(known)
    for path, module in _modules():
        if getattr(module, known, None) is fn:
            return f"{path}.{known}"
    for path, module in _modules():
        for other in sorted(vars(module)):
            if vars(module)[other] is fn:
                return f"{path}.{other}"
    return None


@functools.lru_cache(maxsize=1)
def methods() -> dict[Any, str]:
    """Function → the name of its method."""
    return {fn: word for word, fn in registry.METHODS.items()}


@functools.lru_cache(maxsize=1)
def attributes() -> dict[Any, str]:
    """Function → the name of its attribute."""
    return {fn: word for word, fn in registry.ATTRIBUTES.items()}


def plain_constant(value: Any) -> Any | None:
    """A constant as an expression that needs nothing but np and math; None where there is no such."""
    if value is Ellipsis or value is None or isinstance(value, (bool, str, bytes)):
        return gast.Constant(value, None)
    if isinstance(value, (int, float)) and not isinstance(value, np.generic):
        if isinstance(value, float) and math.isinf(value):
            node = dotted("np.inf")
            return gast.UnaryOp(gast.USub(), node) if value < 0 else node
        if isinstance(value, float) and math.isnan(value):
            return dotted("np.nan")
        return gast.Constant(value, None)
    if isinstance(value, np.dtype):
        return dotted(f"np.{value.name}" if value.name != "bool" else "np.bool_")
    if isinstance(value, type):
        path = path_of(value)
        return dotted(path) if path else None
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        items = [plain_constant(v) for v in value]
        return None if any(i is None for i in items) else gast.Tuple(items, gast.Load())
    if isinstance(value, frozenset) and value:
        return None
    return None


def is_runtime(fn: Any) -> bool:
    """A helper of `ad_compiler.runtime`."""
    return getattr(runtime, getattr(fn, "__name__", ""), None) is fn
