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
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from ad_compiler.derivative import is_definable, run_text
from ad_compiler.jit.calls import own_functions
from ad_compiler.jit.files import keep

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
    filename = keep(text)
    told = all(_is_in_text(name, obj) for name, obj in space.items())
    name = module_name(Path(filename).stem + ("" if told else f"_{os.urandom(8).hex()}"))
    space["__name__"] = importlib.import_module(name).__name__
    run_text(text, filename, space)
    if told:
        for function in own_functions(space, filename).values():
            function.enable_caching()
            _keep_apart(function._cache._cache_file, function._cache._impl.filename_base)
    return filename


def _is_in_text(name: str, obj: Any) -> bool:
    """Does the text say all there is to this name?"""
    home: str = getattr(obj, "__module__", None) or ""
    return name.startswith("__") or isinstance(obj, (ModuleType, type)) or is_definable(obj) \
        or home.partition(".")[0] in ("ad_compiler", "numpy", "math", "builtins") and not home.startswith(__name__)


def _keep_apart(files: Any, base: str) -> None:
    """Let each of the files that Numba keeps be named after the types and the machine that it is for.

    Numba counts them, in an index: of two processes that write at once, one's code may stand under the other's types.
    """
    def name_of(key: Any) -> str:
        return f"{base}.{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.nbc"

    def save(key: Any, made: Any) -> None:
        files._save_data(name_of(key), (key, made))

    def load(key: Any) -> Any:
        try:
            known, made = files._load_data(name_of(key))
        except FileNotFoundError:
            return None
        return made if known == key else None

    files.save, files.load = save, load


sys.meta_path.append(_Modules())
