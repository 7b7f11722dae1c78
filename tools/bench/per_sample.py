"""Gradients of each sample: `vmap(grad(f))` beside what one writes by hand for a batch, a Python loop, and the peers.

    python tools/bench/per_sample.py --out results

An MLP (256 samples of 64 numbers, 128 hidden, 10 out) and a logistic regression (10,000 samples of 20 numbers), in
float64, on one thread unless told otherwise; runs are taken in turn.  The ratio is that to the code written by hand.
JAX and PyTorch run where they are installed; `jax.jit` compiles before it is timed.
"""

from __future__ import annotations

import functools

from timing import interleaved, same_threads

same_threads()

from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import click  # noqa: E402
import numpy as np  # noqa: E402

from ad_compiler import grad, vmap  # noqa: E402
from peers import HAS, with_jax, with_torch  # noqa: E402
from report import duration, machine, table  # noqa: E402


def mlp(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, y: Any) -> Any:
    """The loss of one sample."""
    h = np.tanh(x @ w1 + b1)
    r = h @ w2 + b2 - y
    return 0.5 * np.sum(r * r)


def mlp_by_hand(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, y: Any) -> Any:
    """The gradients of all samples."""
    h = np.tanh(x @ w1 + b1)
    b2_bar = h @ w2 + b2 - y
    b1_bar = (b2_bar @ w2.T) * (1.0 - h * h)
    return x[:, :, None] * b1_bar[:, None, :], b1_bar, h[:, :, None] * b2_bar[:, None, :], b2_bar


def logistic(w: Any, b: Any, x: Any, y: Any) -> Any:
    """The loss of one sample."""
    z = x @ w + b
    return np.logaddexp(0.0, z) - y * z


def logistic_by_hand(w: Any, b: Any, x: Any, y: Any) -> Any:
    """The gradients of all samples."""
    z = x @ w + b
    b_bar = np.exp(z - np.logaddexp(0.0, z)) - y
    return b_bar[:, None] * x, b_bar


def by_a_loop(gradient: Any, shared: int) -> Any:
    """The gradients of all samples, one after the other."""
    def run(*args: Any) -> Any:
        rows = [gradient(*args[:shared], *one) for one in zip(*args[shared:], strict=True)]
        return tuple(np.array(column) for column in zip(*rows, strict=True))
    return run


def workloads(few: bool) -> list[tuple[str, Any, Any, tuple[Any, ...], int]]:
    """Name, function, code by hand, arguments, and how many of them are the same for all samples."""
    of_mlp, of_line = (8, 50) if few else (256, 10_000)
    rng = np.random.default_rng(0)
    net = (rng.normal(size=(64, 128)) / 8.0, np.zeros(128), rng.normal(size=(128, 10)) / 11.0, np.zeros(10),
           rng.normal(size=(of_mlp, 64)), rng.normal(size=(of_mlp, 10)))
    x = rng.normal(size=(of_line, 20))
    line = rng.normal(size=20), 0.1, x, (x[:, 0] > 0).astype(float)
    return [(f"MLP, {of_mlp} samples", mlp, mlp_by_hand, net, 4),
            (f"logistic regression, {of_line:,} samples", logistic, logistic_by_hand, line, 2)]


def of_peers(name: str, np: Any) -> Any:
    """The loss of one sample with another NumPy."""
    def mlp(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, y: Any) -> Any:
        r = np.tanh(x @ w1 + b1) @ w2 + b2 - y
        return 0.5 * np.sum(r * r)

    def logistic(w: Any, b: Any, x: Any, y: Any) -> Any:
        z = x @ w + b
        return np.logaddexp(0.0 * z, z) - y * z
    return mlp if name.startswith("MLP") else logistic


@click.command()
@click.option("--seconds", default=2.0, help="Seconds for each way.")
@click.option("--threads", default=1, help="Threads of the libraries.")
@click.option("--quick", is_flag=True, help="Few samples and rounds, to see that all runs.")
@click.option("--cpu", is_flag=True, help="Seconds of the processor: for a machine that others use too.")
@click.option("--out", type=click.Path(path_type=Path), help="Write FILE.md.")
def main(seconds: float, threads: int, quick: bool, cpu: bool, out: Path | None) -> None:
    """Time all of them."""
    rows: list[list[str]] = []
    for name, func, by_hand, args, shared in workloads(quick):
        numbers, dims = tuple(range(shared)), (*[None] * shared, *[0] * (len(args) - shared))
        gradient = grad(func, numbers)
        mapped, looped = vmap(gradient, in_dims=dims), by_a_loop(gradient, shared)
        ways = {"by hand": functools.partial(by_hand, *args), "vmap(grad(f))": functools.partial(mapped, *args),
                "a Python loop": functools.partial(looped, *args)}
        if HAS["jax"]:
            ways["jax.jit(vmap(grad))"] = with_jax(lambda jax, jnp, name=name, numbers=numbers, dims=dims: jax.vmap(
                jax.grad(of_peers(name, jnp), numbers), dims), *args)
        if HAS["torch"]:
            ways["torch.func"] = with_torch(lambda torch, name=name, numbers=numbers, dims=dims: torch.func.vmap(
                torch.func.grad(of_peers(name, torch), numbers), dims), *args)
        wanted = by_hand(*args)
        for made in ways.values():
            for one, other in zip(made(), wanted, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
        times = interleaved(list(ways.values()), 0.0 if quick else seconds)
        rows += [[name if at == 0 else "", way, duration(took.seconds),
                  f"{took.ratio:.2f} ({took.low:.2f}–{took.high:.2f})"]
                 for at, (way, took) in enumerate(zip(ways, times, strict=True))]
    text = table(["", "way", "time", "ratio (quartiles)"], rows) + f"\n{machine()}.\n"
    click.echo(text)
    if out is not None:
        out.with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
