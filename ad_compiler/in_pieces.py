"""What calls a compiled function several times, each for a part of its result, and passes for it.

>>> from ad_compiler import jacfwd
>>> whole, parts = (jacfwd(lambda x: x * x, chunk_size=size) for size in (None, 2))
>>> isinstance(parts, InPieces), parts.cache_info() == whole.cache_info()
(True, True)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


class InPieces:
    """A function that gives what `whole` gives; it has what that has, and where it is read, it is read as that."""

    __call__: Callable[..., Any]

    def __init__(self, whole: Any) -> None:
        functools.update_wrapper(self, whole, updated=())
        self._whole = whole

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_whole":
            raise AttributeError(name)
        return getattr(self._whole, name)

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return self._whole.__ad_transform__(lifter, args, kwargs)
