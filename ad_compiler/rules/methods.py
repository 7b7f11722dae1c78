"""Methods and attributes of arrays, by the function that each is."""

from __future__ import annotations

import numpy as np

from ad_compiler import runtime
from ad_compiler.rules.registry import attribute, method

for _name in ("sum", "mean", "prod", "max", "min", "var", "std", "cumsum", "dot", "reshape", "ravel", "transpose",
              "swapaxes", "squeeze", "repeat", "copy", "clip", "argmax", "argmin", "argsort", "any", "all", "trace",
              "diagonal", "round", "take", "searchsorted", "cumprod", "nonzero", "compress"):
    method(_name, getattr(np, _name))
for _name in ("astype", "flatten", "item"):
    method(_name, getattr(runtime, _name))

attribute("T", np.transpose)
attribute("shape", np.shape)
attribute("size", np.size)
attribute("ndim", np.ndim)
if hasattr(np, "matrix_transpose"):     # NumPy 2
    attribute("mT", np.matrix_transpose)
