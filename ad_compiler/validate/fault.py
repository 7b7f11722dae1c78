"""What is said where this package was found to be wrong.

>>> print(message_of("f", Checked(fault="the value is 3.0, the function gives 5.0")))
the derivative of `f` is wrong and is not used: the value is 3.0, the function gives 5.0
  this is a fault of ad_compiler, not of your function: please report it, with the function and this call
  until it is mended, write the function in another way
"""

from __future__ import annotations

from pathlib import Path

from ad_compiler.errors import Refusal
from ad_compiler.validate.checked import Checked

HOME = Path(__file__).parents[1]
LOOKS = frozenset(f"__{name}__" for name in (
    "getattribute", "getattr", "eq", "ne", "hash", "bool", "len", "repr", "str", "instancecheck", "subclasscheck",
    "contains", "iter", "getitem"))
"""Methods that an object is asked by, when it is looked at and not yet computed with."""

WHOSE = "  this is a fault of ad_compiler, not of your function: please report it, with the function and this call"


def message_of(name: str, checked: Checked) -> str:
    """What differs in a derivative, whose fault it is, and what one can do."""
    if checked.solvers:
        solvers = " or ".join(f"`{solver}`" for solver in checked.solvers)
        return (f"the derivative of `{name}` is not that of the function and is not used: {checked.fault}\n"
                f"  what {solvers} returned may not solve its equation to rounding, or that be singular there\n"
                "  let it go on until the equation is solved")
    what = "that line, or what leads to it," if checked.line else "the function"
    return "\n".join([
        f"the derivative of `{name}` is wrong and is not used: {checked.fault}",
        *([f"  {checked.line}"] if checked.line else []),
        WHOSE,
        f"  until it is mended, write {what} in another way",
    ])


def looked_at(error: Exception) -> Refusal | None:
    """A refusal where it is a method of an object of the user's that raised, when it was asked what it is."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    name, file = (at.tb_frame.f_code.co_name, at.tb_frame.f_code.co_filename) if at else ("", "")
    if name not in LOOKS or file.startswith("<") or Path(file).is_relative_to(HOME):
        return None
    return Refusal(f"an object raises {type(error).__name__} from `{name}` where it is looked at", file=file,
                   line=at.tb_lineno if at else 0, remedy="give what it holds, or take it out of the function")


def not_compiled(name: str, error: Exception) -> str:
    """The same, where there is no derivative."""
    return f"`{name}` could not be compiled ({type(error).__name__}: {error})\n{WHOSE}"
