"""Importing this fills the registry."""

from ad_compiler.rules import (
    constants,
    core,
    create,
    diagonals,
    einsum,
    elementwise,
    helpers,
    indexing,
    join,
    linalg,
    linear,
    methods,
    operators,
    reduce,
    scalar,
    select,
    shape,
)

__all__ = [
    "constants", "core", "create", "diagonals", "einsum", "elementwise", "helpers", "indexing", "join", "linalg",
    "linear", "methods", "operators", "reduce", "scalar", "select", "shape",
]
