"""What a derivative was compared with when it was checked, and what came out.

>>> print(Checked(value="agrees", slope="agrees", slopes=(6.0, 6.0000000001), along="a random direction", runs=5))
checked: the value agrees; the slope along a random direction agrees (6.0, by differences 6.0000000001)
>>> print(Checked(reason="it prints"))
not checked: it prints
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Checked:
    """The outcome of one check.

    `value`, `slope`: "agrees", what differs, or why it could not be told; "" where it was not asked.  `values` and
    `slopes`: the two numbers, the derivative's first.  `along`: the direction.  `reason`: why the function was not run
    again, "" where it was.  `runs`: how often it was run, `seconds`: of this thread, that all took.  `fault`: what is
    wrong, `line`: from where on, where it can be told.  `solvers`: what may not have solved its equation instead.
    """

    value: str = ""
    slope: str = ""
    values: tuple[float, float] | None = None
    slopes: tuple[float, float] | None = None
    along: str = ""
    reason: str = ""
    runs: int = 0
    seconds: float = 0.0
    fault: str = ""
    line: str = ""
    solvers: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Was it compared, value or slope, and is nothing wrong?"""
        return not self.fault and "agrees" in (self.value[:6], self.slope[:6])

    def __str__(self) -> str:
        if self.fault:
            return f"fault: {self.fault}"
        if self.reason and not self.value and not self.slope:
            return f"not checked: {self.reason}"
        told = []
        if self.value:
            told.append(f"the value {self.value}")
        if self.slope:
            numbers = f" ({self.slopes[0]!r}, by differences {self.slopes[1]!r})" if self.slopes else ""
            along = f" along {self.along}" if self.along else ""
            told.append(f"the slope{along} {self.slope}{numbers}")
        if self.reason:
            told.append(self.reason)
        return f"checked: {'; '.join(told)}"
