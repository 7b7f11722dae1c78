"""Programs drawn at random in forward mode, beside differences: loops and branches, stores and views.

    python -m tests.tangent.random_programs 0 500 [--gradient] [--backend numba] [--arrays] [--linearize]

prints the programs whose value or tangent is not that of the function, then counts.  Exit status 1 where there are
any.  `--gradient`: the tangent of the gradient, beside differences of the gradient.  `--arrays`: programs of stores and
views (`tests.numba.random_programs`), not of control flow (`tests.random_control`).  `--linearize`: by what it makes.
"""

import sys
from typing import Any

import numpy as np

from ad_compiler import CannotDifferentiate, grad, jvp, linearize as linearized
from tests import random_control
from tests.drawing import command
from tests.numba import random_programs
from tests.tangent.base import numbers_in, of_some, stepped, tangents_like


def drawn(seed: int, arrays: bool) -> tuple[str, Any, list[tuple[Any, ...]], tuple[int, ...]]:
    """A text, its function, arguments to try, and which of these are differentiated."""
    rng = np.random.default_rng(seed)
    if arrays:
        text, f = random_programs.written(seed)
        return text, f, [tuple(random_programs.arguments(seed, n)) for n in (4, 3)], (0, 1, 2)
    text, f = random_control.written(seed)
    given = [(0.6 * rng.normal(size=5), 0.6 * rng.normal(size=5), 0.4 * rng.normal(size=(5, 5)), 0.4, n)
             for n in random_control.LENGTHS]
    return text, f, given, (0, 1, 2, 3)


def wrong(f: Any, primals: tuple[Any, ...], tangents: tuple[Any, ...], made: tuple[Any, Any]) -> str:
    """What is wrong with an output and its tangent, in words; "" where nothing is, "rough" where nothing can be said."""
    with np.errstate(all="ignore"):
        value = numbers_in(f(*stepped(primals, tangents, 0.0)))
        if not np.all(np.abs(value) < random_control.LARGEST):
            return "rough"
        if not np.allclose(numbers_in(made[0]), value, rtol=1e-9, atol=1e-9):
            return f"the value is {made[0]!r}, not {value!r}"
        dot = numbers_in(made[1])

        def at(step: float) -> Any:
            return numbers_in(f(*stepped(primals, tangents, step)))
        found = [(at(h) - at(-h)) / (2.0 * h) for h in (1e-4, 1e-5, 1e-6, 1e-7)]
        bend = np.max(np.abs(at(1e-5) - 2.0 * at(0.0) + at(-1e-5)) / 1e-5, initial=0.0)
    if not np.all(np.isfinite(found)):
        return "rough"
    scale = np.max(np.abs(dot), initial=0.0) + 1e-3
    far = min(np.max(np.abs(near - dot), initial=0.0) for near in found)
    if far <= 2e-4 * scale:
        return ""
    return "rough" if bend > 1e-3 * scale else f"the tangent is {dot!r}, not {found!r}"


def verdict(seed: int, *, arrays: bool = False, gradient: bool = False, backend: str = "numpy",
            linearize: bool = False) -> str:
    """"right", "rough" or "refused" of a program, or what is wrong."""
    _, f, tries, numbers = drawn(seed, arrays)
    func = grad(f, numbers, check="off") if gradient else f
    words = []
    for args in tries:
        primals = tuple(args[n] for n in numbers)
        tangents = tangents_like(primals, np.random.default_rng(seed + 1))
        try:
            # The others stand in the function: what is written into them would be seen by all calls.
            of = of_some(func, args, numbers, {})
            if linearize:
                out, along = linearized(of, *primals, backend=backend)
                made = out, along(*tangents)
            else:
                made = jvp(of, primals, tangents, backend=backend)
            words.append(wrong(of_some(func, args, numbers, {}), primals, tangents, made))
        except CannotDifferentiate:
            return "refused"
        if words[-1] not in ("", "rough"):
            return f"{args[-1]}: {words[-1]}"
    return "right" if "" in words else "rough"


def main() -> int:
    """The command."""
    switch = {"action": "store_true"}
    return command(__doc__, verdict, lambda seed, arrays, **_: drawn(seed, arrays)[0], {
        "--backend": {"default": "numpy"}, "--gradient": switch, "--arrays": switch, "--linearize": switch})


if __name__ == "__main__":
    sys.exit(main())
