"""The garbage collector, paused for as long as something is compiled.

Compiling makes many objects in little time, of which most stay: the collector would search for garbage again and
again, each time through all that NumPy, Numba and the program have made.  Where Numba is loaded one search takes
longer than a small function does.

>>> with paused_collector():
...     gc.isenabled()
False
>>> gc.isenabled()
True
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Iterator

from ad_compiler.derivative import TEXTS


@contextlib.contextmanager
def paused_collector() -> Iterator[None]:
    """Collect no garbage inside the block, in no thread; afterwards as before."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


MANY = 1024
"""Texts after which those that nobody can call any longer are looked for: a function and its derivative hold each
other, and the collector comes late to what has grown old while it was paused."""

SHARE = 0.02
"""Of the time that is left to a program that makes texts all the time."""


class _Last:
    """The last search: when it ended, how long it took, how many texts were left."""

    ended, took, left = 0.0, 0.0, 0


def collect_now_and_then() -> None:
    """Search for garbage where many texts were made since the last time, and it was not long ago that this was slow."""
    began = time.perf_counter()
    if len(TEXTS) - _Last.left < MANY or began - _Last.ended < _Last.took / SHARE or not gc.isenabled():
        return
    gc.collect()
    _Last.ended, _Last.left = time.perf_counter(), len(TEXTS)
    _Last.took = _Last.ended - began
