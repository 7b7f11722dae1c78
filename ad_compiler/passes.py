"""Running passes over a function, but those that would find nothing new.

A pass that counts what it changes in `Func.edits`, and leaves nothing for itself to do, is not run again before some
other pass has changed something; who changes a function between two runs counts that too.

>>> from ad_compiler.ir import Block
>>> log = []
>>> def shorten(func):
...     log.append("shorten")
...     return func
>>> def other(func):
...     log.append("other")
...     func.edits += 1
...     return func
>>> shorten.counts = other.counts = True
>>> func = run_passes(Func("f", [], Block()), (shorten, shorten, other, shorten, other))
>>> log
['shorten', 'other', 'shorten']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from ad_compiler.ir import Func

Pass = Callable[[Func], Func]
P = TypeVar("P", bound=Pass)


def counts(step: P) -> P:
    """Mark a pass that counts what it changes, and that does nothing where it is run twice."""
    step.counts = True      # type: ignore[attr-defined]
    return step


def run_passes(func: Func, passes: Iterable[Pass], check: Callable[[Func], object] | None = None) -> Func:
    """Run passes in order, and a check after each that may have changed something."""
    for step in passes:
        before = func.edits
        if func.settled.get(step) == before:
            continue
        func = step(func)
        if getattr(step, "counts", False):
            func.settled[step] = func.edits
        else:
            func.edits += 1     # it may have changed something
        if check is not None and func.edits != before:
            check(func)
    return func
