"""Where texts that Numba compiles are kept, so that a second process finds what it made of them.

A text is a file named after its contents, in `$AD_COMPILER_CACHE_DIR`, else in the user's cache directory; Numba keeps
what it makes of a file beside it, and looks at nothing but the file.  The directory may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

from ad_compiler._version import __version__


def cache_directory() -> Path:
    """The directory of texts; made where it is missing."""
    given = os.environ.get("AD_COMPILER_CACHE_DIR")
    if given:
        home = Path(given)
    elif os.name == "nt":
        home = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "ad_compiler"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ad_compiler"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:     # a home that cannot be written to
        home = _temporary()
    return home


@functools.cache
def _temporary() -> Path:
    """A directory among the temporary ones, that nobody else may write into: what stands in it is run."""
    me = os.getuid() if hasattr(os, "getuid") else None
    home = Path(tempfile.gettempdir()) / f"ad_compiler_{'user' if me is None else me}"
    try:
        home.mkdir(mode=0o700, exist_ok=True)
        state = home.stat()
        if me is None or state.st_uid == me and not state.st_mode & 0o022:
            return home
    except OSError:     # a file of that name
        pass
    return Path(tempfile.mkdtemp(prefix="ad_compiler_"))


FORMAT = 3
"""Of records and of what Numba keeps: those of another format are not found."""


@functools.cache
def package_state() -> str:
    """What the format, this package, Python, NumPy and Numba are: a change of any file of the package makes another,
    since the helpers that a text calls are compiled with it.
    """
    home, digest = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(home.rglob("*.py")):
        state = path.stat()
        digest.update(f"{path.relative_to(home)} {state.st_size} {state.st_mtime_ns}".encode())
    import numba

    return f"{FORMAT} {__version__} {digest.hexdigest()} {sys.version} {np.__version__} {numba.__version__}"


def keep(text: str) -> str | None:
    """Put a text into its file; the file's path, or None where it cannot be written."""
    name = f"{hashlib.sha256(f'{package_state()}{chr(10)}{text}'.encode()).hexdigest()[:24]}.py"
    try:
        path = cache_directory() / name
        if path.is_file() and path.read_bytes() == text.encode():
            return str(path)
    except OSError as error:
        say_once(f"cannot be read: {error}")
        return None
    return str(path) if put(path, text.encode()) else None


def put(path: Path, content: bytes) -> bool:
    """Write a file of the directory; could it be?  Written aside and moved: two processes may do it at once."""
    aside = None
    try:
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, suffix=".tmp", delete=False) as file:
            aside = file.name
            file.write(content)
        os.replace(aside, path)
    except OSError as error:
        say_once(f"cannot be written: {error}")
        if aside is not None:
            with contextlib.suppress(OSError):
                os.unlink(aside)
        return False
    return True


def put_sealed(path: Path, content: bytes) -> None:
    """Write a file that says itself whether it is whole."""
    put(path, hashlib.sha256(content).digest() + content)


def sealed(path: Path) -> bytes | None:
    """What `put_sealed` has written; None where there is no such file, or where it is damaged."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        say_once(f"cannot be read: {error}")
        return None
    if hashlib.sha256(content[32:]).digest() != content[:32]:
        say_once(f"has a damaged file, {path.name}")
        return None
    return content[32:]


_said: list[str] = []


def say_once(what: str) -> None:
    """Say that the directory is of no use, or not of all."""
    if not _said:
        _said.append(what)
        warnings.warn(f"the directory of compiled derivatives {what}; they are compiled again ($AD_COMPILER_CACHE_DIR "
                      "is another one)", RuntimeWarning, stacklevel=2)
