"""What the parts of the reader share.

`Lifter` is put together from parts, one a file: the world outside, expressions, control flow, calls,
statements, memory.  They call each other through `self`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ad_compiler.ir import Block, Origin


class Reader:
    """Base of the parts; the rest of the state is set up in `Lifter`."""

    block: Block
    origin: Origin | None
    known_roots: frozenset[Any]
    emitted_before: int

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A method or an attribute of another part."""

        def __setattr__(self, name: str, value: Any) -> None:
            """State that another part declares."""
