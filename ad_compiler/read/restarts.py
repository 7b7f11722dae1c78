"""Raised while a function is read, to read it again in another way."""

from __future__ import annotations

from typing import Any

from ad_compiler.ir import Value


class Specialise(Exception):
    """An integer argument decides the structure of the program: read again with its value known."""

    def __init__(self, params: set[Value]) -> None:
        super().__init__(params)
        self.params = params


class Again(Exception):
    """Lengths were found equal: read again with that known."""


class Unroll(Exception):
    """A loop of known length must be unrolled: its index picks an item of a list or tuple."""

    def __init__(self, key: Any) -> None:
        super().__init__(key)
        self.key = key


class Recursive(Exception):
    """A function calls itself, how often is known at run time only."""

    def __init__(self, node: Any) -> None:
        super().__init__(node)
        self.node = node
