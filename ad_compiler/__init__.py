"""Derivatives of the NumPy code that people already have, as readable Python.

>>> from ad_compiler import grad
>>> grad(lambda x: x * x)(3.0)
6.0
"""

from ad_compiler._version import __version__
from ad_compiler.api import GradFunction, grad, no_grad, register_node, stop_gradient, value_and_grad
from ad_compiler.errors import ADCompilerError, CannotDifferentiate

__all__ = ["ADCompilerError", "CannotDifferentiate", "GradFunction", "__version__", "grad", "no_grad", "register_node",
           "stop_gradient", "value_and_grad"]
