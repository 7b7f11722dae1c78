"""`checkpoint` and `checkpointed`: less is kept for the reverse sweep, and computed again.

>>> from ad_compiler import grad
>>> def grown(x, n):
...     for _ in checkpointed(range(n), snapshots=3):
...         x = x + 0.1 * np.sin(x)
...     return x
>>> grad(grown)(1.0, 40)
0.07534930426315689
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.function import compiler, given_to
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def checkpoint(func: F) -> F:
    """`func`, of which a derivative keeps the arguments alone, and computes the rest again where its reverse begins.

    As `jax.checkpoint`: for a layer of a network, called in a loop or one after another.  Usable as a decorator.  What
    the function does must be the same when it is done again: random numbers are drawn before it.  It prints once.

    >>> from ad_compiler import grad
    >>> @checkpoint
    ... def layer(w, x):
    ...     return np.tanh(w * np.sin(w * x))
    >>> grad(lambda w: layer(w, layer(w, 1.0)))(0.0)
    0.0
    """
    if not callable(func):
        raise TypeError(f"checkpoint needs a function, not a {type(func).__name__}")

    @functools.wraps(func)
    def checkpointed_call(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)
    checkpointed_call.__ad_transform__ = functools.partial(     # type: ignore[attr-defined]
        _call_again, Const(func))
    return checkpointed_call    # type: ignore[return-value]


def _call_again(func: Abstract, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    return lifter.regions.once_more(lambda: lifter.calls.call(func, args, kwargs))


def _checkpoint_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    func = [*args, *kwargs.values()][0]
    of = func.value if isinstance(func, Const) else func
    return Const(compiler().Special(functools.partial(_call_again, func), of))


checkpoint.__ad_transform__ = _checkpoint_inside      # type: ignore[attr-defined]


def checkpointed(iterable: Iterable[T], snapshots: int | None = None) -> Iterator[T]:
    """The items of a range, array or list, for a loop of which at most so many states are kept.

    In a derivative a loop keeps what its reverse needs of every iteration.  Of `for t in checkpointed(range(n),
    snapshots=k)` it keeps the state before an iteration, k times at most at once, goes on from there once more, and
    keeps others on the way: the binomial schedule of Griewank and Walther (ACM TOMS 26, 2000), which needs the fewest
    steps for k snapshots.  With `(k + r)! / (k! r!)` iterations or fewer each is done at most r times more.  Without
    `snapshots` k is about the root of twice their number, and r is 2.

    What the loop does must be the same when it is done again: random numbers are drawn before it.  It prints once.

    Raises ValueError where `snapshots` is below 1, TypeError where it is no integer.
    """
    if snapshots is not None:
        _enough(operator.index(snapshots))
    return iter(iterable)


def _some(n: int) -> int:
    """How many states are kept where nothing is said: each step is done twice more at most."""
    return int(math.sqrt(2 * abs(n))) + 1


def _enough(snapshots: int) -> int:
    if snapshots < 1:
        raise ValueError("snapshots must be 1 or more")
    return snapshots


def _checkpointed_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    from ad_compiler.read.abstract import protocol

    given = given_to(checkpointed, args, kwargs)
    of, snapshots = given["iterable"], given.get("snapshots", Const(None))
    if isinstance(snapshots, Const) and snapshots.value is None:
        snapshots = lifter.calls.call(Const(_some), [protocol(of).length(lifter)], {})
    elif not isinstance(snapshots, (Const, Value)) or not is_integer(snapshots):
        raise Refused("`snapshots` is no integer")
    return compiler().Few(of, lifter.calls.call(Const(_enough), [snapshots], {}))


checkpointed.__ad_transform__ = _checkpointed_inside      # type: ignore[attr-defined]


def is_integer(thing: Const | Value) -> bool:
    """Is this known to be an integer?"""
    if isinstance(thing, Const):
        return isinstance(thing.value, (int, np.integer)) and not isinstance(thing.value, bool)
    return isinstance(thing.kind, Num) and thing.kind.shape == () and thing.kind.dtype.startswith(("int", "uint"))
