"""The same functions by JAX and PyTorch, where they are installed."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any

import numpy as np

HAS = {name: importlib.util.find_spec(name) is not None for name in ("jax", "torch", "scipy")}


def with_jax(make: Callable[[Any, Any], Any], *args: Any) -> Callable[[], Any]:
    """A function that is made with JAX and its NumPy, compiled, on these arguments."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    compiled = jax.jit(make(jax, jnp))
    given = jax.tree_util.tree_map(jnp.asarray, args)
    return lambda: jax.block_until_ready(compiled(*given))


def with_torch(make: Callable[[Any], Any], *args: Any) -> Callable[[], Any]:
    """The same with PyTorch."""
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    made, given = make(torch), [torch.from_numpy(np.array(a)) for a in args]
    return lambda: made(*given)
