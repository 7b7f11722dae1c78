"""Who computes the gradient: ours, a person, and the peers that are installed.

Each maker takes a workload and its arguments, and gives a call that returns the value and a tuple of gradients, or
None where it has no form of that workload.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import value_and_grad
from workloads.base import Workload

Call = Callable[[], Any]
Maker = Callable[[Workload, tuple[Any, ...]], Call | None]


def by_hand(w: Workload, args: tuple[Any, ...]) -> Call | None:
    return lambda: w.hand(*args)


def ours(w: Workload, args: tuple[Any, ...]) -> Call | None:
    gradient = value_and_grad(w.primal, w.argnums)
    return lambda: gradient(*args)


def by_hand_numba(w: Workload, args: tuple[Any, ...]) -> Call | None:
    import numba

    if w.hand_loops is None:
        return None
    compiled = numba.njit(error_model="numpy")(w.hand_loops)       # as ours
    return lambda: compiled(*args)


def ours_numba(w: Workload, args: tuple[Any, ...]) -> Call | None:
    gradient = value_and_grad(w.primal, w.argnums, backend="numba")
    return lambda: gradient(*args)


def ours_threads(w: Workload, args: tuple[Any, ...]) -> Call | None:
    gradient = value_and_grad(w.primal, w.argnums, backend="numba", parallel=True)
    return lambda: gradient(*args)


def loops_numba(w: Workload, args: tuple[Any, ...], *, parallel: bool = False) -> Call | None:
    if w.loops is None:
        return None
    gradient = value_and_grad(w.loops, w.argnums, backend="numba", parallel=parallel)
    return lambda: gradient(*args)


def loops_threads(w: Workload, args: tuple[Any, ...]) -> Call | None:
    return loops_numba(w, args, parallel=True)


def autograd(w: Workload, args: tuple[Any, ...]) -> Call | None:
    import autograd.numpy as anp
    from autograd import value_and_grad as reverse

    if w.functional is None:
        return None
    gradient = reverse(w.functional(anp), argnum=w.argnums)
    return lambda: gradient(*args)


def jax(w: Workload, args: tuple[Any, ...]) -> Call | None:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    form = w.scan(jnp, jax.lax) if w.scan is not None else w.functional(jnp) if w.functional is not None else None
    if form is None:
        return None
    gradient = jax.jit(jax.value_and_grad(form, argnums=w.argnums))
    given = [jnp.asarray(a) for a in args]
    return lambda: jax.block_until_ready(gradient(*given))


def torch(w: Workload, args: tuple[Any, ...]) -> Call | None:
    import torch

    if w.functional is None:
        return None
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    form = w.functional(torch)
    given = [torch.from_numpy(np.array(a)) if isinstance(a, np.ndarray) else torch.tensor(a) for a in args]
    leaves = [given[i].requires_grad_() for i in w.argnums]

    def call() -> Any:
        value = form(*given)
        return value.item(), torch.autograd.grad(value, leaves)
    return call


SYSTEMS: dict[str, Maker] = {
    "hand": by_hand, "ours": ours, "autograd": autograd, "torch": torch, "jax.jit": jax,
    "hand numba": by_hand_numba, "ours numba": ours_numba, "loops numba": loops_numba,
    "ours threads": ours_threads, "loops threads": loops_threads,
}
NEEDS = {"autograd": "autograd", "torch": "torch", "jax.jit": "jax", "hand numba": "numba", "ours numba": "numba",
         "loops numba": "numba", "ours threads": "numba", "loops threads": "numba"}
ONE_THREAD = [name for name in SYSTEMS if not name.endswith("threads")]
"""Those that are run where none are named."""


def available() -> list[str]:
    """The systems that can run here, on one thread."""
    backends = "backend" in inspect.signature(value_and_grad).parameters
    return [name for name in ONE_THREAD
            if (name not in NEEDS or importlib.util.find_spec(NEEDS[name]) is not None)
            and (backends or name not in ("ours numba", "loops numba"))]


def error(found: Any, wanted: Any) -> float:
    """How far gradients are apart, relative to the largest element of each."""
    worst = 0.0
    for a, b in zip(found, wanted, strict=True):
        x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
        if x.shape != y.shape:
            return float("inf")
        worst = max(worst, float(np.max(np.abs(x - y), initial=0.0) / max(np.max(np.abs(y), initial=0.0), 1e-300)))
    return worst
