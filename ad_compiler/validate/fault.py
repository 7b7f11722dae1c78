"""What is said where a derivative was found to be wrong.

>>> from ad_compiler.validate.checked import Checked
>>> print(message_of("f", Checked(fault="the value is 3.0, the function gives 5.0")))
the derivative of `f` is wrong and is not used: the value is 3.0, the function gives 5.0
  this is a fault of ad_compiler, not of your function: please report it, with the function and this call
  until it is mended, write the function in another way
"""

from __future__ import annotations

from ad_compiler.validate.checked import Checked


def message_of(name: str, checked: Checked) -> str:
    """What differs, whose fault it is, and what one can do."""
    return "\n".join([
        f"the derivative of `{name}` is wrong and is not used: {checked.fault}",
        *([f"  {checked.line}"] if checked.line else []),
        "  this is a fault of ad_compiler, not of your function: please report it, with the function and this call",
        f"  until it is mended, write {'that line' if checked.line else 'the function'} in another way",
    ])
