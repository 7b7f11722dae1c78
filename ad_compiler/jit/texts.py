"""Texts that Numba compiles, run: each in a file and under a module name that are its own.

Numba tells functions apart by module, name, types and a count of the process.  What it keeps on disk comes from many
processes: two texts that define one name in one module would be mixed up there.  It imports the modules of what it has
kept, and may do so before a text is run: every name below this one is that of a module, which is empty.  The globals of
a text are a dict apart from it, which goes when the text does.

>>> module = importlib.import_module(module_name("0f"))
>>> module.__name__, "x" in vars(module)
('ad_compiler.jit.texts.text_0f', False)
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pickle
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from ad_compiler.derivative import is_definable, run_text
from ad_compiler.jit.calls import own_functions
from ad_compiler.jit.files import keep, put_sealed, say_once, sealed

__path__: list[str] = []        # makes this a package: what stands below it may be imported


class _Modules:
    """Finds the modules of texts, in every process, and makes them."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name.startswith(module_name("")) else None     # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """As Python does."""

    def exec_module(self, module: ModuleType) -> None:
        """It stays empty."""


def module_name(of: str) -> str:
    return f"{__name__}.text_{of}"


def run_kept(text: str, space: dict[str, Any]) -> str:
    """Run a text that Numba compiles in a namespace, from a file; the file's path.

    Numba keeps on disk what it makes of the text, where the text alone tells what that is.  Texts that are equal but
    for objects that they do not tell have names that no other process gives.
    """
    kept = keep(text)
    told = kept is not None and all(_is_in_text(name, obj) for name, obj in space.items())
    filename = kept or f"<ad_compiler {os.urandom(8).hex()}>"
    name = module_name(Path(filename).stem if told else os.urandom(12).hex())
    space["__name__"] = importlib.import_module(name).__name__
    run_text(text, filename, space)
    if told:
        for function in own_functions(space, filename).values():
            try:
                function.enable_caching()
            except (RuntimeError, OSError) as error:        # Numba can write nowhere
                say_once(f"cannot be written: {error}")
            else:
                _keep_apart(function._cache)
    return filename


def _is_in_text(name: str, obj: Any) -> bool:
    """Does the text say all there is to this name?"""
    home: str = getattr(obj, "__module__", None) or ""
    return name.startswith("__") or isinstance(obj, (ModuleType, type)) or is_definable(obj) \
        or home.partition(".")[0] in ("ad_compiler", "numpy", "math", "builtins") and not home.startswith(__name__)


def _keep_apart(cache: Any) -> None:
    """Let each of the files that Numba keeps be named after the types and the machine that it is for, and be whole.

    Numba counts them, in an index: of two processes that write at once, one's code may stand under the other's types.
    What cannot be kept, or not be read, is compiled.
    """
    files, base = cache._cache_file, cache._impl.filename_base

    def path_of(key: Any) -> Path:
        return Path(files._data_path(f"{base}.{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.nbc"))

    def save(key: Any, made: Any) -> None:
        put_sealed(path_of(key), files._dump((key, made)))

    def load(key: Any) -> Any:
        content = sealed(path_of(key))
        known, made = (None, None) if content is None else pickle.loads(content)     # noqa: S301  (written here)
        return made if known == key else None

    def or_nothing(way: Any) -> Any:
        def tried(*args: Any) -> Any:
            try:
                return way(*args)
            except Exception as error:      # noqa: BLE001  (whatever the file system, pickle or Numba raise)
                say_once(f"is of no use: {type(error).__name__}: {error}")
                return None
        return tried

    files.save, files.load = save, load
    cache.save_overload, cache.load_overload = or_nothing(cache.save_overload), or_nothing(cache.load_overload)


sys.meta_path.append(_Modules())
