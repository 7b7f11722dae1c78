"""Gradients of each sample: `vmap(grad(f))` beside what one writes by hand for a batch, and beside a Python loop.

    python tools/bench/per_sample.py

An MLP (256 samples of 64 numbers, 128 hidden, 10 out) and a logistic regression (10,000 samples of 20 numbers), in
float64, on one thread unless told otherwise; runs are taken in turn.  The ratio is that to the code written by hand.
"""

from __future__ import annotations

import functools

from timing import interleaved, same_threads

same_threads()

from typing import Any  # noqa: E402

import click  # noqa: E402
import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402

from ad_compiler import grad, vmap  # noqa: E402
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


def workloads() -> list[tuple[str, Any, Any, tuple[Any, ...], int]]:
    """Name, function, code by hand, arguments, and how many of them are the same for all samples."""
    rng = np.random.default_rng(0)
    net = (rng.normal(size=(64, 128)) / 8.0, np.zeros(128), rng.normal(size=(128, 10)) / 11.0, np.zeros(10),
           rng.normal(size=(256, 64)), rng.normal(size=(256, 10)))
    x = rng.normal(size=(10_000, 20))
    line = rng.normal(size=20), 0.1, x, (x[:, 0] > 0).astype(float)
    return [("MLP, 256 samples", mlp, mlp_by_hand, net, 4),
            ("logistic regression, 10,000 samples", logistic, logistic_by_hand, line, 2)]


@click.command()
@click.option("--seconds", default=2.0, help="Seconds for each way.")
@click.option("--threads", default=1, help="Threads of the libraries.")
def main(seconds: float, threads: int) -> None:
    """Time all of them."""
    console = Console()
    console.print(machine())
    rows: list[list[str]] = []
    for name, func, by_hand, args, shared in workloads():
        gradient = grad(func, tuple(range(shared)))
        mapped = vmap(gradient, in_dims=(*[None] * shared, *[0] * (len(args) - shared)))
        ways = {"by hand": by_hand, "vmap(grad(f))": mapped, "a Python loop": by_a_loop(gradient, shared)}
        wanted = by_hand(*args)
        for made in ways.values():
            for one, other in zip(made(*args), wanted, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
        times = interleaved([functools.partial(made, *args) for made in ways.values()], seconds)
        rows += [[name, way, duration(took.seconds), f"{took.ratio:.2f} ({took.low:.2f} to {took.high:.2f})"]
                 for way, took in zip(ways, times, strict=True)]
    console.print(table(["", "way", "time", "ratio (quartiles)"], rows), markup=False)


if __name__ == "__main__":
    main()
