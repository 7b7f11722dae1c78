"""Functions of the table of NaN, differentiated by other tools, each asked for the same slopes in double precision.

A tool is given the function itself, with its own library in the place of `np` and `math`, and the arrays that it reads
made into its own.  What it cannot run so, or to another value, is not held against it.
"""

import warnings
from collections.abc import Callable, Iterator
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np

Peer = Callable[[Callable[[Any], Any], Any], tuple[Any, Any]]
"""The value and the gradient of a function, as NumPy's."""


def rebuilt(func: Any, own: dict[str, Any], convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function with other things in the place of some of its globals, and of the arrays that it reads."""
    globals_ = {name: convert(thing) if isinstance(thing, np.ndarray) else thing
                for name, thing in func.__globals__.items()}
    globals_["a"] = lambda *items: convert(np.array(items, float))
    return FunctionType(func.__code__, globals_ | own, func.__name__, func.__defaults__)


def autograd() -> tuple[str, Peer]:
    """HIPS autograd."""
    import importlib.metadata

    import autograd.numpy as anp
    from autograd import grad

    def ask(func: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
        f = rebuilt(func, {"np": anp, "math": anp}, lambda array: array)
        return f(x), grad(f)(x)
    return f"autograd {importlib.metadata.version('autograd')}", ask


def jax() -> tuple[str, Peer]:
    """JAX, on the CPU."""
    import jax
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")

    def ask(func: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
        f = rebuilt(func, {"np": jax.numpy, "math": jax.numpy}, jax.numpy.asarray)
        value, slope = jax.value_and_grad(f)(jax.numpy.asarray(x, float))
        return np.asarray(value), np.asarray(slope)
    return f"JAX {jax.__version__}", ask


def pytorch() -> tuple[str, Peer]:
    """PyTorch; where a function of NumPy's has no twin of the same name and arguments, the next thing to it."""
    import torch

    def tensor(thing: Any) -> Any:
        return torch.tensor(thing, dtype=torch.bool if np.asarray(thing).dtype == bool else torch.float64)

    def of_tensors(name: str) -> Callable[..., Any]:
        fn = getattr(torch, name)
        return lambda *args: fn(*[a if isinstance(a, torch.Tensor) else tensor(a) for a in args])

    def spread(fn: Any) -> Callable[..., Any]:
        return lambda x, ddof=0: fn(x, correction=ddof)
    own: dict[str, Any] = {
        **{name: getattr(torch, name) for name in dir(torch) if not name.startswith("_")},
        **{name: of_tensors(name) for name in (
            "maximum", "minimum", "where", "hypot", "sqrt", "exp", "log", "sin", "acos", "abs", "isnan")},
        "max": torch.amax, "min": torch.amin, "std": spread(torch.std), "var": spread(torch.var), "array": tensor,
        "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1.0 / 3.0), "inf": np.inf,
        "take": lambda x, at: torch.take(x, torch.tensor(at)),
        "full": lambda n, v: torch.full((n,), v, dtype=torch.float64),
        "linalg": SimpleNamespace(det=torch.linalg.det, norm=lambda x, axis=None: torch.linalg.norm(x, dim=axis)),
    }

    def ask(func: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
        f = rebuilt(func, {"np": SimpleNamespace(**own), "math": SimpleNamespace(**own)}, tensor)
        at = tensor(x).requires_grad_()
        value = f(at)
        if value.requires_grad:     # else it has met no number that is differentiated
            value.backward()
        return value.detach().numpy(), np.zeros(np.shape(x)) if at.grad is None else at.grad.numpy()
    return f"PyTorch {torch.__version__.partition('+')[0]}", ask


def found() -> Iterator[tuple[str, Peer]]:
    """Those that can be imported, with their versions."""
    for make in (autograd, jax, pytorch):
        try:
            yield make()
        except ImportError:
            continue


def is_smooth(func: Callable[[Any], Any], x: Any, step: float = 1e-6) -> bool:
    """Has a function one slope at a point, by differences to both sides, for each element?"""
    x = np.asarray(x, float)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        low, middle, high = (np.array([float(func((x + by * unit.reshape(x.shape))[()])) for unit in np.eye(x.size)])
                             for by in (-step, 0.0, step))
    left, right = (middle - low) / step, (high - middle) / step
    return bool(np.all(np.abs(left - right) < 1e-2 * (1.0 + np.abs(left))) and np.all(np.abs(left) < 1e3))


def verdict(ask: Peer, func: Callable[[Any], Any], x: Any, want: Any) -> str:
    """"right", "NaN", "wrong", or "not run"."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value, got = ask(func, x.copy() if isinstance(x, np.ndarray) else x)
        except Exception:       # noqa: BLE001  (a store into an array, a keyword, a function that it does not have)
            return "not run"
        same = np.allclose(value, func(x.copy() if isinstance(x, np.ndarray) else x), rtol=1e-7, equal_nan=True)
    got, want = np.asarray(got, float), np.asarray(want, float)
    if not same or got.shape != want.shape:
        return "not run"
    if np.allclose(got, want, rtol=1e-7, atol=1e-9, equal_nan=True):
        return "right"
    return "NaN" if np.any(np.isnan(got) & ~np.isnan(want)) else "wrong"
