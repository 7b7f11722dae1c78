"""How functions and constants are written, and what the text needs from outside of it.

>>> import numpy as np
>>> from ad_compiler.emit.printer import expression
>>> world = World(set())
>>> [expression(world.function(f)) for f in (np.linalg.solve, np.absolute, len)], world.imports()
(['np.linalg.solve', 'np.abs', 'len'], ['import numpy as np'])
>>> [expression(world.constant(v)) for v in (-0.0, float("-inf"), np.dtype("float32"), True, "a", np.float32(2))]
['-0.0', '-np.inf', 'np.dtype("float32")', 'True', '"a"', 'np.float32(2.0)']
"""

from __future__ import annotations

import ast
import builtins
import importlib
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler.emit.names import identifier

SHORTER = {"absolute": "abs", "amax": "max", "amin": "min", "around": "round", "conjugate": "conj"}
"""Names that NumPy's users write instead of a function's own."""

KNOWN = ("numpy", "numpy.linalg", "numpy.fft", "numpy.random", "math", "scipy.special", "scipy.linalg",
         "scipy.integrate", "scipy.signal", "scipy.stats", "scipy.sparse.linalg", "scipy.optimize")
"""Modules whose functions have a path of their own, where they are loaded."""

_paths: dict[int, tuple[str, str, Any]] = {}
_scanned: set[str] = set()


def _path(obj: Any) -> tuple[str, str] | None:
    """Module and name of a function, class or the like that stands in a module that everybody knows."""
    for module in KNOWN:
        if module in sys.modules and module not in _scanned:
            _scanned.add(module)
            space = vars(sys.modules[module])
            for name in sorted(space):
                if callable(space[name]) and not name.startswith("_"):
                    own = getattr(space[name], "__name__", name)
                    best = SHORTER.get(own, own)
                    name = best if space.get(best) is space[name] else name
                    _paths.setdefault(id(space[name]), (module, name, space[name]))
    module, name, found = _paths.get(id(obj), ("", "", None))
    if found is obj and obj is not None:
        return module, name
    name, module = getattr(obj, "__qualname__", ""), getattr(obj, "__module__", "") or ""
    ours = module.startswith("ad_compiler.")
    if (ours or module.split(".")[0] in sys.stdlib_module_names and module not in ("__main__", "builtins")) and \
            getattr(sys.modules.get(module), name, None) is obj:
        return module, name
    return None


class World:
    """The globals of the text: `space` is the namespace that it runs in.

    `taken`: names that the function's parameters have, which nothing here may have as well; `constants`: names
    that the texts of constants use.
    """

    def __init__(self, taken: set[str], constants: dict[str, Any] | None = None) -> None:
        self.taken = taken
        self.constants = {"np": np, "math": math, **(constants or {})}
        self.space: dict[str, Any] = {}
        self.spelled: dict[tuple[str, str], Any] = {}       # what stands in modules that may be given another
        self.lines: dict[str, str] = {}

    def imports(self) -> list[str]:
        """The import lines that the text needs above it, to stand in a file."""
        return sorted(dict.fromkeys(self.lines.values()))

    def claim(self, base: str, obj: Any, exact: bool = False) -> str:
        """A name for an object; it has no other."""
        name, count = base, 1
        while name in self.taken or name in self.space and self.space[name] is not obj or \
                not exact and hasattr(builtins, name):
            count += 1
            name = f"{base}_{count}"
        self.space[name] = obj
        return name

    def has(self, name: str) -> bool:
        """Can the text of a constant be printed that uses this name?"""
        if name not in self.constants or name in self.taken:
            return False
        obj = self.constants[name]
        if self.space.setdefault(name, obj) is not obj:
            return False
        if name in ("np", "math") and obj in (np, math):
            self.module(obj.__name__)
        return True

    def module(self, module: str) -> Any:
        """An expression for a module; NumPy's parts are reached through `np`."""
        root, _, rest = module.partition(".")
        if root == "numpy":
            name = self.claim("np", np)
            self.lines[name] = f"import numpy as {name}"
        else:
            importlib.import_module(module)
            name = self.claim(root, sys.modules[root])
            line = f"import {module}" if name == root else f"import {root} as {name}"
            self.lines[f"{name}.{rest}"] = line
        return attribute(ast.Name(name, ast.Load()), rest)

    def function(self, fn: Callable[..., Any]) -> Any:
        """A function or class, by its well-known path or by a name bound to it."""
        own = getattr(fn, "__name__", None)
        if isinstance(own, str) and getattr(builtins, own, None) is fn:
            name = self.claim(own, fn, exact=True)
            return ast.Name(name, ast.Load())
        path = _path(fn)
        if path is None:
            return self.bound(fn, own or type(fn).__name__)
        module, own = path
        if module.startswith("ad_compiler"):
            name = self.claim(own, fn)
            self.lines[name] = f"from {module} import {own}" + (f" as {name}" if name != own else "")
            return ast.Name(name, ast.Load())
        self.spelled[module, own] = fn
        return attribute(self.module(module), own)

    def bound(self, obj: Any, wish: str) -> Any:
        """A name for an object that no text can make."""
        return ast.Name(self.claim(identifier(wish), obj), ast.Load())

    def constant(self, value: Any) -> Any:
        """A known object: as a literal where it has one."""
        if value is None or value is Ellipsis or type(value) in (bool, str, bytes):
            return ast.Constant(value)
        if isinstance(value, np.generic):
            return self._scalar(value)
        if type(value) in (int, float, complex):
            return self._number(value)
        if isinstance(value, np.dtype):
            if value.isbuiltin != 1 or not value.isnative or value.kind not in "fiucb":
                return self.bound(value, "dtype")
            return ast.Call(self.function(np.dtype), [ast.Constant(value.name)], [])
        if type(value) is tuple:
            return ast.Tuple([self.constant(v) for v in value], ast.Load())
        if isinstance(value, (slice, range)):
            parts = [self.constant(p) for p in (value.start, value.stop, value.step)]
            return ast.Call(self.function(type(value)), parts, [])
        if callable(value):
            return self.function(value)
        return self.bound(value, "array" if isinstance(value, np.ndarray) else type(value).__name__)

    def _number(self, value: complex) -> Any:
        if isinstance(value, complex):
            if repr(value.real) == "0.0" and math.isfinite(value.imag) and repr(value.imag)[0] != "-":
                return ast.Constant(value)
            return ast.Call(self.function(complex), [self._number(value.real), self._number(value.imag)], [])
        if value != value:
            return attribute(self.module("numpy"), "nan")
        if repr(value).startswith("-"):
            return ast.UnaryOp(ast.USub(), self._number(-value))
        return attribute(self.module("numpy"), "inf") if value == math.inf else ast.Constant(value)

    def dtype(self, value: np.dtype[Any]) -> Any:
        """A dtype for a function that makes one of what it is given: `np.float32`."""
        plain = value.isbuiltin == 1 and value.isnative and value.kind in "fiuc"
        if plain and getattr(np, value.name, None) is value.type:
            return attribute(self.module("numpy"), value.name)
        if value.kind == "b":
            return self.function(bool)
        return self.constant(value)

    def _scalar(self, value: np.generic) -> Any:
        if isinstance(value, np.bool_):
            return ast.Call(attribute(self.module("numpy"), "bool_"), [ast.Constant(bool(value))], [])
        name = value.dtype.name
        item = value.item()
        if getattr(np, name, None) is type(value) and type(item) in (int, float, complex) and value.dtype.itemsize <= 8:
            return ast.Call(attribute(self.module("numpy"), name), [self._number(item)], [])
        return self.bound(value, type(value).__name__)


def attribute(node: Any, path: str) -> Any:
    """`node.path`, where the path may be empty or have dots."""
    for part in path.split(".") if path else ():
        node = ast.Attribute(node, part, ast.Load())
    return node
