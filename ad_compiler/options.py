"""How derivatives are compiled.

>>> with options(optimise=False):
...     current_options().optimise
False
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar
from typing import NamedTuple


class Options(NamedTuple):
    """How to compile; `options(...)` changes it for a while."""

    optimise: bool = True
    verify: bool = os.environ.get("AD_COMPILER_VERIFY") == "1"


OPTIONS: ContextVar[Options] = ContextVar("ad_compiler_options", default=Options())


@contextlib.contextmanager
def options(**changes: bool) -> Iterator[Options]:
    """Compile with other options inside the block.  They are part of the cache's key."""
    token = OPTIONS.set(OPTIONS.get()._replace(**changes))
    try:
        yield OPTIONS.get()
    finally:
        OPTIONS.reset(token)


def current_options() -> Options:
    """The options in force."""
    return OPTIONS.get()
