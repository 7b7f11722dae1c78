"""What a text says where it is not for the arguments that it is given, or where NumPy raises."""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.errors import Refused


class _OtherArguments:
    def __call__(self) -> Any:
        raise TypeError("this is read, not called")

    def __ad_transform__(self, lifter: Any, args: Any, kwargs: Any) -> Any:
        raise Refused("the text of this function is for other arguments")


other_arguments = _OtherArguments()
"""Where a text calls this, the call is carried out as if there were no text."""


def length_along(a: Any, axis: int) -> int:
    """The length of an axis that is to be there."""
    if not -np.ndim(a) <= axis < np.ndim(a):
        raise np.exceptions.AxisError(axis, np.ndim(a))
    length: int = np.shape(a)[axis]
    return length
