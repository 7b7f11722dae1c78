"""Methods that the reader itself carries out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ad_compiler.read.values.base import Abstract
from ad_compiler.spec import name_of

Things = list[Abstract]
Named = dict[str, Abstract]


class Special:
    """A method that the reader itself carries out; or what a transform makes of the function `of`."""

    def __init__(self, call: Callable[[Any, Things, Named], Abstract], of: Any = None,
                 signature: inspect.Signature | None = None) -> None:
        self.call, self.of, self.signature = call, of, signature        # None: that of the function
        self.name = "" if of is None else name_of(of)

    def __ad_transform__(self, lifter: Any, args: Things, kwargs: Named) -> Abstract:
        return self.call(lifter, args, kwargs)
