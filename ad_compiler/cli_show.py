"""The texts of `adc show`: what each transform makes of a function, for the kinds of a call.

>>> print(text_of("jacfwd", lambda x: x * x, 0, False, 0, 0, [2.0]), end="")
def lambda__jacfwd(x):
    x_dot = np.ones(1)
    return (2.0 * x * x_dot)[0]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ad_compiler.api import grad
from ad_compiler.batches import vmap
from ad_compiler.forward import jvp_function
from ad_compiler.jacobians import hessian, jacfwd, jacobian, jacrev
from ad_compiler.kept import kept_with
from ad_compiler.pullback import VjpFunction
from ad_compiler.spec import VjpSpec
from ad_compiler.validate.trees import flatten

MATRICES: dict[str, Callable[..., Any]] = {"jacfwd": jacfwd, "jacrev": jacrev, "jacobian": jacobian, "hessian": hessian}


def text_of(kind: str, func: Callable[..., Any], argnums: int | tuple[int, ...], has_aux: bool, in_dims: Any,
            out_dims: Any, args: list[Any]) -> str:
    """The text.  `in_dims` and `out_dims` are those of `vmap`, `argnums` of matrices."""
    if kind == "vmap":
        made = vmap(func, in_dims, out_dims)
    elif kind == "vjp":
        made = kept_with(VjpFunction, VjpSpec(func, len(args), has_aux))
    elif kind in MATRICES:
        made = MATRICES[kind](func, argnums, has_aux)
    else:
        if kind == "hvp":
            func = grad(func, tuple(range(len(args))) if len(args) > 1 else 0, has_aux)
        along, before = jvp_function(func, len(args), has_aux, alone=kind == "hvp")
        tangents = [build([leaf * 0 for leaf in leaves]) for leaves, build in map(flatten, args)]
        return str(along.source_for(*before, *args, *tangents))
    return str(made.source_for(*args))
