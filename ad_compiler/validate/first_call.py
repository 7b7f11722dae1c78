"""When a derivative is checked: at its first call, always, or never; and by one thread at a time.

>>> mode_of("always"), mode_of(None) in MODES
('always', True)
"""

from __future__ import annotations

import inspect
import os
from typing import Any

from ad_compiler.cache import Entry
from ad_compiler.errors import CompilerFault
from ad_compiler.locks import COMPILING
from ad_compiler.spec import Spec
from ad_compiler.validate.inside import INSIDE

MODES = ("first", "always", "full", "off")

LONGEST = 10.0
"""Seconds that a thread waits for the check of another: a function may wait for threads that call its derivative."""


def mode_of(check: str | None) -> str:
    """What was asked for, or what `AD_COMPILER_CHECK` says.  Raises ValueError where that is none of `MODES`."""
    asked = os.environ.get("AD_COMPILER_CHECK", "first") if check is None else check
    if asked not in MODES:
        where = "AD_COMPILER_CHECK" if check is None else "check"
        raise ValueError(f"{where} must be one of {', '.join(map(repr, MODES))}, not {asked!r}")
    return asked


_NAME: Any = getattr(os.environ, "encodekey", str)("AD_COMPILER_CHECK")


def asked_as(check: str | None) -> Any:
    """What `mode_of` decides by, for a key: cheap, since it is asked at each call of `jvp`."""
    if check is not None:
        return check
    data = getattr(os.environ, "_data", None)       # as the environment holds it: nothing is decoded
    return os.environ.get("AD_COMPILER_CHECK") if data is None else data.get(_NAME)


def checked_call(entry: Entry, spec: Spec, signature: inspect.Signature, args: tuple[Any, ...],
                 call: tuple[tuple[Any, ...], dict[str, Any]] | None) -> Any:
    """A call of a derivative that is to be checked; `call`: the arguments as the user gave them.

    Raises `CompilerFault` where it is wrong, and what the derivative raises.
    """
    INSIDE.meets(entry.compiled)
    # A thread that is in a check waits for none, lest two wait for each other.
    alone = INSIDE.may_check() and entry.turn.acquire(timeout=0.0 if INSIDE.depth else LONGEST)
    try:
        if entry.fault:
            raise CompilerFault(entry.fault)
        if entry.settled or not alone:
            return entry.function(*args)
        return _call(entry, spec, signature, args, call)
    finally:
        if alone:
            entry.turn.release()


def _call(entry: Entry, spec: Spec, signature: inspect.Signature, args: tuple[Any, ...],
          call: tuple[tuple[Any, ...], dict[str, Any]] | None) -> Any:
    # Imported here: a text that an earlier process found right needs none of it.
    with COMPILING:
        from ad_compiler.validate.asked import question_of
        from ad_compiler.validate.validation import validated

    bound = inspect.BoundArguments(signature, dict(zip(signature.parameters, args, strict=True)))
    if call is not None:
        bound = signature.bind(*call[0], **call[1])
    question = question_of(entry.compiled, spec, signature, args, bound)
    result, error, checked = validated(question, entry.compiling, patient=spec.check == "full")
    entry.settle(checked, spec)
    try:
        if checked.fault:
            raise CompilerFault(entry.fault) from error
        if error is not None:
            raise error
        return result
    finally:
        del error, result, question     # which the error would hold, with this frame
