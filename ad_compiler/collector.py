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
from collections.abc import Iterator


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
