"""Derivatives for Numba are kept on disk: a second process neither reads the function again nor compiles.

A record is found under what the function, its file, the arguments' kinds and this package are; it is used where
everything that the derivative depends on can be read again and is what it was: functions by their code, globals by
their watches.  What cannot be told by that (closures, classes of the user) is not kept.  The directory may be deleted
at any time, and `AD_COMPILER_STORE=0` leaves it alone.

>>> def double(x):
...     return 2.0 * x
>>> code_key(double.__code__) == code_key(double.__code__.replace(co_name="other"))
True
>>> stable((float, (12, 2), "text")), stable((float, double)) is None
('(float,(12,2,),str:text,)', True)
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import inspect
import io
import os
import pickle
import sys
from dataclasses import replace
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from ad_compiler.derivative import Derivative, Emitted
from ad_compiler.jit.files import cache_directory, package_state, put_sealed, sealed
from ad_compiler.jit.texts import run_kept
from ad_compiler.options import Options
from ad_compiler.rules import registry
from ad_compiler.spec import Spec

LIBRARIES = frozenset({"ad_compiler", "numpy", "math", "builtins", "operator", "functools", "numba", "typing",
                       "copyreg"})
"""What these hold is told by its name: their versions are part of the key."""


class Unkept(Exception):
    """Something that another process could not find again, or would find changed."""


# -- keys ----------------------------------------------------------------------------------------------


def key_of(spec: Spec, kinds: Any) -> str | None:
    """The name of a record; None where there can be none."""
    func = spec.func if isinstance(spec.func, FunctionType) else getattr(spec.func, "py_func", spec.func)
    told = stable(kinds)
    if told is None or not isinstance(func, FunctionType) or func.__closure__ or os.environ.get(
            "AD_COMPILER_STORE") == "0":
        return None
    try:
        function = _function_key(func)
    except Unkept:
        return None
    text = repr((package_state(), function, spec.asked, told,
                 sorted(registry.REGISTERED)))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def stable(key: Any) -> str | None:
    """The kinds of arguments as text; None where they are told by objects of this process."""
    if isinstance(key, Options):
        return repr(tuple(key))
    if isinstance(key, tuple):
        parts = [stable(part) for part in key]
        return None if None in parts else f"({','.join(part for part in parts if part is not None)},)"
    if isinstance(key, type):
        home = key.__module__.partition(".")[0]
        return key.__qualname__ if home in ("builtins", "numpy") else None
    if key is None or type(key) in (bool, int, float, np.bool_):
        return repr(key)
    return f"{type(key).__name__}:{key}" if type(key) in (str, bytes) else None


def code_key(code: CodeType) -> str:
    """What a function does, and where it stands."""
    known = [code_key(c) if isinstance(c, CodeType) else repr(sorted(map(repr, c)) if isinstance(c, frozenset) else c)
             for c in code.co_consts]
    return repr((code.co_code, known, code.co_names, code.co_varnames, code.co_freevars, code.co_argcount,
                 code.co_kwonlyargcount, code.co_flags, code.co_firstlineno))


def _function_key(func: FunctionType) -> tuple[Any, ...]:
    """A function by its name, code, defaults, and the file that its text is read from."""
    if func.__closure__:
        raise Unkept(func)
    defaults = (*(func.__defaults__ or ()), *sorted((func.__kwdefaults__ or {}).items()))
    told = stable(defaults)
    if told is None:
        raise Unkept(func)
    file = Path(func.__code__.co_filename)
    try:
        state = file.stat()
    except OSError:
        raise Unkept(func) from None
    code = hashlib.sha256(code_key(func.__code__).encode()).hexdigest()
    return func.__module__, func.__qualname__, code, told, str(file), state.st_size, state.st_mtime_ns


def _found(module: str, name: str) -> Any:
    """An object by the names that it has."""
    thing: Any = sys.modules.get(module)
    if thing is None and module.partition(".")[0] in LIBRARIES:
        thing = importlib.import_module(module)
    for part in name.split("."):
        thing = getattr(thing, part, None)
    return thing


# -- records -------------------------------------------------------------------------------------------


class _Writer(pickle.Pickler):
    """Modules, their globals, functions and arrays are told by what they are, not copied."""

    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, ModuleType):
            return ("module", obj.__name__) if sys.modules.get(obj.__name__) is obj else _no(obj)
        if type(obj) is dict and "__name__" in obj:
            module = sys.modules.get(obj["__name__"])
            return ("world", obj["__name__"]) if module is not None and vars(module) is obj else None
        if isinstance(obj, np.ndarray):
            return "array", obj.dtype.str, obj.shape
        if obj is ModuleType:       # it says that it is in `builtins`, where it is not
            return "library", "types", "ModuleType", _told(obj)
        home = (getattr(obj, "__module__", None) or "").partition(".")[0]
        if isinstance(obj, type):
            return None if home in LIBRARIES else _no(obj)
        if isinstance(obj, FunctionType) or callable(obj) and hasattr(obj, "__qualname__"):
            name = obj.__qualname__
            if home in LIBRARIES:
                return ("library", obj.__module__, name, _told(obj)) if _found(obj.__module__, name) is obj else None
            if isinstance(obj, FunctionType) and _found(obj.__module__, name) is obj:
                return "function", obj.__module__, name, _function_key(obj)
            return _no(obj)
        return None


def _no(obj: Any) -> Any:
    raise Unkept(obj)


def _told(obj: Any) -> Any:
    """What a function of a library is, by which it is told from another that was put in its place."""
    return type(obj).__qualname__, code_key(obj.__code__) if isinstance(obj, FunctionType) else None


class _Reader(pickle.Unpickler):
    """Finds again what a record tells of."""

    def persistent_load(self, told: Any) -> Any:
        what, name, *more = told
        if what == "array":     # of which only the kind counts: it is read at each call
            return np.broadcast_to(np.zeros((), name), more[0])
        if what == "library":
            found = _found(name, more[0])
            return found if _told(found) == more[1] else _no(name)
        if what == "function":
            function = _found(name, more[0])
            if not isinstance(function, FunctionType) or _function_key(function) != more[1]:
                raise Unkept(name)
            return function
        module = sys.modules.get(name)
        if module is None and name.partition(".")[0] in LIBRARIES:
            module = importlib.import_module(name)
        if module is None:
            raise Unkept(name)
        return module if what == "module" else vars(module)


def save(key: str, derivative: Derivative) -> None:
    """Keep a derivative under a key, where it can be kept."""
    emitted = derivative.emitted
    names = {name: obj for name, obj in emitted.namespace.items()
             if not name.startswith("__") and not _is_of_text(obj, emitted.filename)
             and name not in emitted.ref_names.values()}
    record = (emitted.text, emitted.module, emitted.function.__name__, names, emitted.ref_names, emitted.imports,
              emitted.origins, derivative.watches, derivative.specialised,
              replace(derivative.behaviour, compiled=()), derivative.checked)
    told = dumps(record)
    if told is not None:
        _keep(key, told)


def dumps(record: Any) -> bytes | None:
    """What tells another process of something; None where that is not possible."""
    into = io.BytesIO()
    try:
        _Writer(into).dump(record)
    except (Unkept, pickle.PicklingError, AttributeError, TypeError):   # the last two: pickle's of what it cannot do
        return None
    return into.getvalue()


def loads(told: bytes) -> Any:
    """What `dumps` has told of; raises one of `UNREADABLE` where that is not to be found, or is another."""
    return _Reader(io.BytesIO(told)).load()


UNREADABLE = (Unkept, pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, ValueError, TypeError)
"""What reading raises where something has changed, or was not written by us."""


def save_names(key: str, names: frozenset[str]) -> None:
    """Keep that the values of these arguments are part of the key."""
    _keep(key, pickle.dumps(names))


def _keep(key: str, told: bytes) -> None:
    with contextlib.suppress(OSError):      # there is no directory at all
        put_sealed(cache_directory() / f"{key}.pickle", told)


def _kept(key: str) -> bytes | None:
    try:
        return sealed(cache_directory() / f"{key}.pickle")
    except OSError:
        return None


def load(key: str) -> Derivative | frozenset[str] | None:
    """The derivative under a key, or the arguments whose values the key is to have too; None where there is none."""
    told = _kept(key)
    if told is None:
        return None
    try:
        record = loads(told)
    except UNREADABLE:
        return None
    if isinstance(record, frozenset):
        return record
    text, module, name, names, ref_names, imports, origins, watches, specialised, behaviour, checked = record
    space = dict(names)
    filename = run_kept(module, space)
    emitted = Emitted(text, space[name], space, ref_names, imports, filename, origins, module=module)
    derivative = Derivative(emitted, watches, specialised, behaviour)
    derivative.checked = checked
    return derivative


def _is_of_text(obj: Any, filename: str) -> bool:
    # Objects may raise anything when they are asked for what they do not have.
    function = obj if isinstance(obj, FunctionType) else inspect.getattr_static(obj, "py_func", None)
    return isinstance(function, FunctionType) and function.__code__.co_filename == filename
