"""Refusals: what was met, where (file:line, the line, a caret), and what to do instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """One line that cannot be differentiated."""

    message: str
    file: str = ""
    line: int = 0
    text: str = ""
    column: int = 0
    remedy: str = ""

    def __str__(self) -> str:
        parts = [f"{self.file}:{self.line}: {self.message}" if self.file else self.message]
        if self.text:
            stripped = self.text.rstrip()
            parts += [f"    {stripped}", "    " + " " * self.column + "^"]
        if self.remedy:
            parts.append(f"  {self.remedy}")
        return "\n".join(parts)


class ADCompilerError(Exception):
    """Base of all errors that `ad_compiler` raises on purpose."""


class CannotDifferentiate(ADCompilerError, TypeError):
    """A gradient that is refused; `refusals` holds one item for each line that stands in the way."""

    def __init__(self, refusals: list[Refusal] | Refusal | str) -> None:
        if isinstance(refusals, str):
            refusals = Refusal(refusals)
        self.refusals: list[Refusal] = [refusals] if isinstance(refusals, Refusal) else list(refusals)
        head = f"{len(self.refusals)} lines cannot be differentiated\n" if len(self.refusals) > 1 else ""
        super().__init__(head + "\n".join(map(str, self.refusals)))

    def __reduce__(self) -> tuple[type, tuple[list[Refusal]]]:
        return type(self), (self.refusals,)


class RuleFault(ADCompilerError, TypeError):
    """A function given to `custom_vjp`, or its derivative, returns what does not fit: its kind, or a shape."""


class NotForNumba(ADCompilerError, ValueError):
    """Met while compiled code runs: Python would go on here, Numba cannot."""


class CompilerFault(ADCompilerError, RuntimeError):
    """A derivative was found to be wrong when it was checked: a fault of this package, not of the user's function."""


class BatchError(ADCompilerError, ValueError):
    """Arguments of a function made by `vmap` that do not fit its `in_dims`, or each other; or what it returns."""


class Refused(ADCompilerError):
    """Raised inside the compiler for one construct; collected and reported as `CannotDifferentiate`."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy or "write it in another way, or keep it out of the function"


class InvalidIR(ADCompilerError):
    """The verifier found the intermediate form malformed: a bug of the compiler."""


class Collector:
    """Gathers refusals so that all are reported at once."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    def add(self, refusal: Refusal) -> None:
        if refusal not in self.refusals:
            self.refusals.append(refusal)

    def raise_if_any(self) -> None:
        if self.refusals:
            raise CannotDifferentiate(sorted(self.refusals, key=lambda r: (r.file, r.line, r.column)))
