"""A text that Numba compiles: its functions are decorated in the text itself."""

from __future__ import annotations

from ad_compiler.derivative import Emitted
from ad_compiler.emit.compile import emit
from ad_compiler.ir import Func
from ad_compiler.jit.calls import numba
from ad_compiler.jit.texts import run_kept
from ad_compiler.loops.quick import compile_quickly


def emit_jit(func: Func, main: str | None = None) -> Emitted:
    """Print a function and have Numba compile it when it is called."""
    numba()
    for each in (*func.callees, func):
        if each.jit is not None:
            compile_quickly(each)
    return emit(func, main, run_kept)
