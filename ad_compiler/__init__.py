"""Derivatives of the NumPy code that people already have, as readable Python.

>>> from ad_compiler import grad
>>> grad(lambda x: x * x)(3.0)
6.0
"""

from ad_compiler._version import __version__
from ad_compiler.api import GradFunction, grad, register_node, value_and_grad
from ad_compiler.batches import BatchedFunction, vmap
from ad_compiler.checkpoints import checkpoint, checkpointed
from ad_compiler.custom import custom_jvp, custom_vjp, register_rule
from ad_compiler.errors import ADCompilerError, BatchError, CannotDifferentiate, CompilerFault, RuleFault
from ad_compiler.forward import jvp, linearize
from ad_compiler.hooks import grad_hook
from ad_compiler.implicit import custom_fixed_point, custom_root
from ad_compiler.jacobians import hessian, hvp, jacfwd, jacobian, jacrev
from ad_compiler.pullback import vjp
from ad_compiler.ravel import ravel
from ad_compiler.stop import no_grad, stop_gradient

__all__ = ["ADCompilerError", "BatchError", "BatchedFunction", "CannotDifferentiate", "CompilerFault", "GradFunction",
           "RuleFault", "__version__", "checkpoint", "checkpointed", "custom_fixed_point", "custom_jvp", "custom_root",
           "custom_vjp", "grad", "grad_hook", "hessian", "hvp", "jacfwd", "jacobian", "jacrev", "jvp", "linearize",
           "no_grad", "ravel", "register_node", "register_rule", "stop_gradient", "value_and_grad", "vjp", "vmap"]
