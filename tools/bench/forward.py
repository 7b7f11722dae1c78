"""Forward mode and second derivatives beside what one writes by hand, and beside the peers that are installed.

    python tools/bench/forward.py [NAMES]... --out results

`jvp` beside a tangent by hand, `hvp` beside a gradient of ours, `hessian` beside all columns at once by hand, and a
banded Jacobian of 10,000 rows, coloured, beside its diagonals by hand.  Every result is checked first.  Ratios are to
the first way, round by round, with quartiles.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from timing import interleaved, same_threads

same_threads()

import click  # noqa: E402
import numpy as np  # noqa: E402

import forward_hand as hand  # noqa: E402
from ad_compiler import grad, hessian, hvp, jacfwd, jacobian, jvp  # noqa: E402
from report import duration, machine, table  # noqa: E402
from workloads import ALL  # noqa: E402

Ways = dict[str, Callable[[], Any]]
HAS = {name: importlib.util.find_spec(name) is not None for name in ("jax", "torch", "scipy")}


def directions(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """A direction for each argument."""
    rng = np.random.default_rng(1)
    return tuple(rng.normal(size=np.shape(a)) for a in args)


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


def along(name: str, by_hand: Callable[..., Any]) -> Ways:
    """`jvp` of a workload."""
    w = ALL[name]
    args = w.make(w.size)
    dots = directions(args)
    ways: Ways = {"by hand": lambda: by_hand(*args, *dots), "jvp": lambda: jvp(w.primal, args, dots)}
    if HAS["jax"]:
        def made(jax: Any, jnp: Any) -> Any:
            form = w.scan(jnp, jax.lax) if w.scan is not None else w.functional(jnp)
            return lambda *both: jax.jvp(form, both[:len(args)], both[len(args):])
        ways["jax.jit"] = with_jax(made, *args, *dots)
    if HAS["torch"]:
        ways["torch.func"] = with_torch(lambda torch: lambda *both: torch.func.jvp(
            w.functional(torch), both[:len(args)], both[len(args):]), *args, *dots)
    return ways


def second(name: str) -> Ways:
    """`hvp` of a workload beside its gradient, by the arguments that the workload is differentiated by."""
    w = ALL[name]
    args = w.make(w.size)
    active, rest = args[:len(w.argnums)], args[len(w.argnums):]
    dots = directions(active)
    gradient = grad(w.primal, w.argnums)
    func = _closed(w.primal, rest) if rest else w.primal
    ways: Ways = {"grad": lambda: gradient(*args), "hvp": lambda: hvp(func, active, dots)}
    if HAS["jax"]:
        def made(jax: Any, jnp: Any) -> Any:
            form = w.scan(jnp, jax.lax) if w.scan is not None else w.functional(jnp)
            numbers = tuple(range(len(active)))
            return lambda *all_: jax.jvp(lambda *some: jax.grad(form, numbers)(*some, *all_[2 * len(active):]),
                                         all_[:len(active)], all_[len(active):2 * len(active)])[1]
        ways["jax.jit"] = with_jax(made, *active, *dots, *rest)
    return ways


def _closed(primal: Callable[..., Any], rest: tuple[Any, ...]) -> Callable[..., Any]:
    """A function of the other arguments alone."""
    return lambda *active: primal(*active, *rest)


def squared(primal: Any, by_hand: Any, of_jax: Any, *args: Any) -> Ways:
    """`hessian` of a function of its first argument."""
    made = hessian(primal)
    ways: Ways = {"by hand": lambda: by_hand(*args), "hessian": lambda: made(*args)}
    if HAS["jax"]:
        ways["jax.jit"] = with_jax(lambda jax, jnp: jax.hessian(of_jax(jnp)), *args)
    if HAS["torch"]:
        ways["torch.func"] = with_torch(lambda torch: torch.func.hessian(of_jax(torch)), *args)
    return ways


def logistic_of(np: Any) -> Any:
    return lambda w, x, y: np.sum(np.logaddexp(np.zeros_like(y), x @ w) - y * (x @ w))


def banded(n: int) -> Ways:
    """A Jacobian with three diagonals."""
    x = np.random.default_rng(0).normal(size=n)
    made, dense = jacobian(hand.smoothed, sparse=True), jacfwd(hand.smoothed)
    ways: Ways = {"by hand": lambda: hand.smoothed_jacobian(x), "sparse": lambda: made(x)}
    if n <= LARGEST_DENSE:
        ways["dense"] = lambda: dense(x)
    return ways


LARGEST_DENSE = 2000
"""Rows of the largest Jacobian that is made dense: one of 10,000 takes 800 MB, and as much again on the way."""


def benches() -> Iterator[tuple[str, Callable[[], Ways]]]:
    """Name, and what makes the ways."""
    for name, by_hand in (("rosenbrock_slices", hand.rosenbrock_jvp), ("mlp_small", hand.mlp_jvp),
                          ("mlp_large", hand.mlp_jvp), ("lstm", hand.lstm_jvp)):
        yield f"jvp: {ALL[name].title}", lambda name=name, by_hand=by_hand: along(name, by_hand)
    for name in ("rosenbrock_slices", "rosenbrock_loop", "mlp_small", "mlp_large", "lstm"):
        yield f"hvp: {ALL[name].title}", lambda name=name: second(name)
    rng = np.random.default_rng(0)
    slices, x = ALL["rosenbrock_slices"], rng.normal(size=(1000, 100))
    yield "Hessian: Rosenbrock, slices, 100", lambda: squared(
        slices.primal, hand.rosenbrock_hessian, slices.functional, rng.normal(size=100))
    yield "Hessian: logistic regression, 1000 × 100", lambda: squared(
        hand.logistic, hand.logistic_hessian, logistic_of, 0.1 * rng.normal(size=100), x, (x[:, 0] > 0).astype(float))
    if HAS["scipy"]:
        for n in (LARGEST_DENSE, 10_000):
            yield f"Jacobian: three diagonals, {n:,}", lambda n=n: banded(n)


def alike(ways: Ways) -> None:
    """Raise where they do not give the same; of `grad` and `hvp` only those are compared that give as much."""
    results = {name: call() for name, call in ways.items() if name != "grad"}
    first = leaves(next(iter(results.values())))
    for name, result in results.items():
        for one, other in zip(leaves(result), first, strict=True):
            scale = float(np.abs(other).max(initial=0.0)) or 1.0
            if np.shape(one) != np.shape(other) or float(np.abs(one - other).max(initial=0.0)) > 1e-8 * scale:
                raise click.ClickException(f"{name} gives something else")


def leaves(thing: Any) -> list[Any]:
    """The arrays in a result."""
    if isinstance(thing, (tuple, list)):
        return [leaf for item in thing for leaf in leaves(item)]
    return [thing.toarray() if hasattr(thing, "toarray") else np.asarray(thing)]


@click.command()
@click.argument("names", nargs=-1)
@click.option("--budget", default=0.5, show_default=True, help="Seconds for each way.")
@click.option("--threads", default=1, show_default=True, help="Threads of the libraries.")
@click.option("--quick", is_flag=True, help="Few rounds, to see that all runs.")
@click.option("--out", type=click.Path(path_type=Path), help="Write FILE.md.")
def main(names: tuple[str, ...], budget: float, threads: int, quick: bool, out: Path | None) -> None:
    """Time those whose names contain one of NAMES (all without)."""
    rows: list[list[str]] = []
    for name, make in benches():
        if names and not any(n.lower() in name.lower() for n in names):
            continue
        ways = make()
        alike(ways)
        times = interleaved(list(ways.values()), 0.0 if quick else budget)
        rows += [[name if at == 0 else "", way, duration(took.seconds),
                  f"{took.ratio:.2f} ({took.low:.2f}–{took.high:.2f})"]
                 for at, (way, took) in enumerate(zip(ways, times, strict=True))]
    if not rows:
        raise click.ClickException("no such bench")
    text = table(["", "way", "time", "ratio (quartiles)"], rows) + f"\n{machine()}.\n"
    click.echo(text)
    if out is not None:
        out.with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
