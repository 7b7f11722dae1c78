"""What is made of a program beside what Python does: value, slope, types, arguments, and a second call.

>>> compared("math.sin(x) * len(l)")
('right', '')
>>> compared("l[9] * x")
('raises', '')
"""

import copy
import itertools
import warnings
from typing import Any

import numpy as np

from ad_compiler import CannotDifferentiate, value_and_grad
from ad_compiler.errors import NotForNumba
from tests.numba.drawn import function_of
from tests.semantics.crossed import GIVEN, is_opened, measured, split, text_of
from tests.semantics.programs import POINT, STEP, WORLD

AGAIN = -0.6
"""Where the second call is: other branches are taken there."""
LARGEST = 1e8
"""Of a value that is larger differences say nothing."""
SHOWN = (bool, int, float, str, type(None), list, tuple, dict, set, frozenset, np.ndarray, np.generic)
"""Types of which a program returns its result too."""
FAMILIES = ((bool, np.bool_), (int, np.integer), (float, np.floating))
"""A number of NumPy is as good as one of Python."""


def compared(text: str, **options: Any) -> tuple[str, str]:
    """One word, and more about it: right, raises (as Python does), refused, wrong, crash."""
    before, last = split(text)
    plain = [*before, f"r = {last}"]
    found = outcome(*made([*plain, "return r"]), POINT)
    if is_opened(found):
        plain.append("r = list(r)")
        found = outcome(*made([*plain, "return r"]), POINT)
    if isinstance(found, Raised):
        word, more = compared_error([*plain, "return x"], found.error, **options)
        return ("raises", "") if word == "wrong" and is_excused(text, found.error, **options) else (word, more)
    if isinstance(found, complex):      # no real number: handed on as it is, or an error
        takes = made([*plain, "return r"])[1]
        word, given = attempt(value_and_grad(*made([*plain, "return r"])[:1], check="off", **options), takes, POINT)
        return ("right", "") if word == "value" and given[0] == found else ("raises", "")
    number = measured(found)
    word, more = "refused", ""
    if is_excused(text, outcome(*made([*plain, "return r"]), AGAIN), **options):
        return "raises", ""
    if is_shown(found):
        word, more = compared_values([*plain, f"return {number}, r"], beside=True, **options)
    return compared_values([*plain, f"return {number}"], **options) if word == "refused" else (word, more)


def is_excused(text: str, found: Any, backend: str = "numpy", **options: Any) -> bool:
    """Numbers that Numba divides by zero, or takes out of the domain of a function, raise nothing there."""
    if isinstance(found, complex):
        return backend == "numba"
    error = found.error if isinstance(found, Raised) else found if isinstance(found, type) else None
    return backend == "numba" and (error in (ZeroDivisionError, OverflowError) or error is ValueError and "math." in text)


class Raised:
    """An exception instead of a value."""

    def __init__(self, error: type) -> None:
        self.error = error


def made(lines: list[str]) -> tuple[Any, list[str]]:
    """The function of a body, and the names of its arguments after `x`."""
    text, takes = text_of(lines)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return function_of(text, f"<semantics {hash(text)}>", **WORLD), takes


def is_shown(found: Any) -> bool:
    """Is a result of plain types all through?"""
    if isinstance(found, (list, tuple, set, frozenset)):
        return type(found) in SHOWN and all(map(is_shown, found))
    if isinstance(found, dict):
        return type(found) is dict and all(map(is_shown, found.values()))
    return isinstance(found, SHOWN)


def outcome(f: Any, takes: list[str], x: float) -> Any:
    """What Python makes of it: a value, or the error that it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return f(x, *given_to(takes))
        except Exception as error:  # noqa: BLE001  (whatever it is, the derivative has to raise it too)
            return Raised(type(error))


def given_to(takes: list[str]) -> list[Any]:
    """The arguments of these names, new ones."""
    return copy.deepcopy([GIVEN[name] for name in takes])


def attempt(derivative: Any, takes: list[str], x: float) -> tuple[str, Any]:
    """What a derivative gives: a word and what belongs to it; arguments are left as they are."""
    given = given_to(takes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = derivative(x, *given)
        except CannotDifferentiate as error:
            return "refused", error.refusals[0].message
        except NotForNumba as error:
            return "refused", str(error)
        except Exception as error:      # noqa: BLE001
            refused = "cannot be differentiated" in str(error)
            return ("refused", str(error)) if refused else ("raised", error)
    return ("value", found) if same(given, given_to(takes)) else ("wrong", f"its arguments are now {given}")


def compared_error(lines: list[str], error: type, **options: Any) -> tuple[str, str]:
    """Python raises: so has the derivative, or nothing may be made of the program."""
    f, takes = made(lines)
    word, found = attempt(value_and_grad(f, check="off", **options), takes, POINT)
    if word == "refused" or word == "raised" and type(found) is error:
        return "raises", ""
    return "wrong", f"{found!r} where Python raises {error.__name__}"


def compared_values(lines: list[str], beside: bool = False, **options: Any) -> tuple[str, str]:
    """Python gives a number, and perhaps something beside it."""
    f, takes = made(lines)
    derivative = value_and_grad(f, has_aux=beside, check="off", **options)
    for x in (POINT, AGAIN):
        right = outcome(f, takes, x)
        if isinstance(right[0] if beside and not isinstance(right, Raised) else right, complex):
            right = Raised(TypeError)       # no number: refused
        word, found = attempt(derivative, takes, x)
        if isinstance(right, Raised):
            if word == "refused" or word == "raised" and (type(found) is right.error or right.error is TypeError):
                continue
            return "wrong", f"{found!r} at {x} where Python raises {right.error.__name__}"
        if word == "refused":
            return "refused", f"{'at the second call: ' * (x is AGAIN)}{found}"
        if word == "raised":
            return "crash", f"{type(found).__name__}: {found}"
        if word == "wrong" or not same(found[0], right):
            return "wrong", f"{found!r} at {x}; right is {right!r}"
        up, down = (outcome(f, takes, x + step) for step in (STEP, -STEP))
        if isinstance(up, Raised) or isinstance(down, Raised) or words_in(up) != words_in(down):
            continue
        up, down = (v[0] if beside else v for v in (up, down))
        with np.errstate(all="ignore"):
            differences = (up - down) / (2.0 * STEP)
        if abs(up) < LARGEST and not abs(found[1] - differences) < 2e-5 * max(1.0, abs(differences), abs(up)):
            return "wrong", f"slope {found[1]!r} at {x}; right is {differences!r}"
    return "right", ""


def words_in(found: Any) -> list[str]:
    """The strings in a result: a number that is made of the digits of another has no slope."""
    if isinstance(found, (list, tuple, set, frozenset)):
        return list(itertools.chain.from_iterable(map(words_in, found)))
    if isinstance(found, dict):
        return [*words_in(list(found)), *words_in(list(found.values()))]
    return [str(found)] if isinstance(found, (str, int, type(None))) else []


def same(found: Any, right: Any) -> bool:
    """Of one type and one value all through, NaN and the sign of a zero too; keys in one order."""
    family = next((types for types in FAMILIES if isinstance(right, types)), None)
    if not isinstance(found, family) if family else type(found) is not type(right):
        return False
    if isinstance(right, (list, tuple)):
        return len(found) == len(right) and all(map(same, found, right))
    if isinstance(right, dict):
        return list(found) == list(right) and all(map(same, found.values(), right.values()))
    if isinstance(right, np.ndarray):
        return found.dtype == right.dtype and found.shape == right.shape and found.tobytes() == right.tobytes()
    if isinstance(right, (float, np.floating)):
        return bool(found == right and np.signbit(found) == np.signbit(right) or found != found and right != right)
    return bool(found == right)
