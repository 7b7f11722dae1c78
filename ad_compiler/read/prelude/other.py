"""What a text says where it is not for the arguments that it is given."""

from __future__ import annotations

from typing import Any

from ad_compiler.errors import Refused


class _OtherArguments:
    def __call__(self) -> Any:
        raise TypeError("this is read, not called")

    def __ad_transform__(self, lifter: Any, args: Any, kwargs: Any) -> Any:
        raise Refused("the text of this function is for other arguments")


other_arguments = _OtherArguments()
"""Where a text calls this, the call is carried out as if there were no text."""
