"""Where texts that Numba compiles are kept, so that a second process finds what it made of them.

A text is a file named after its contents, in `$AD_COMPILER_CACHE_DIR`, else in the user's cache directory; Numba keeps
what it makes of a file beside it, and looks at nothing but the file.  The directory may be deleted at any time.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from pathlib import Path

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
        home = Path(tempfile.gettempdir()) / f"ad_compiler_{os.getuid() if hasattr(os, 'getuid') else 'user'}"
        home.mkdir(parents=True, exist_ok=True)
    return home


FORMAT = 2
"""Of records and of what Numba keeps: those of another format are not found."""


@functools.cache
def package_state() -> str:
    """What the format, this package and Numba are: a change of any file of the package makes another, since the helpers
    that a text calls are compiled with it.
    """
    home, digest = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(home.rglob("*.py")):
        state = path.stat()
        digest.update(f"{path.relative_to(home)} {state.st_size} {state.st_mtime_ns}".encode())
    import numba

    return f"{FORMAT} {__version__} {digest.hexdigest()} {numba.__version__}"


def keep(text: str) -> str:
    """Put a text into its file; the file's path."""
    name = hashlib.sha256(f"{package_state()}\n{text}".encode()).hexdigest()[:24]
    path = cache_directory() / f"{name}.py"
    if not path.exists():
        put(path.name, text.encode())
    return str(path)


def put(name: str, content: bytes) -> None:
    """Write a file of the directory.  Written aside and moved: two processes may do it at once."""
    home = cache_directory()
    with tempfile.NamedTemporaryFile("wb", dir=home, suffix=".tmp", delete=False) as file:
        file.write(content)
    os.replace(file.name, home / name)
