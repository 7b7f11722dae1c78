"""Fit a scale that ignores outliers: the weights are computed under `no_grad`, as constants.

    $ python examples/no_grad.py

Iteratively reweighted least squares needs the gradient at fixed weights; without `no_grad` the gradient
would hold how the weights follow the parameter too.
"""

import numpy as np

from ad_compiler import grad, no_grad


def loss(m, x):
    """Weighted squares: what lies far from `m` weighs little."""
    r = x - m
    with no_grad():
        w = 1.0 / (1.0 + r * r)
    return np.sum(w * r * r)


def loss_with_all_paths(m, x):
    r = x - m
    w = 1.0 / (1.0 + r * r)
    return np.sum(w * r * r)


def main() -> None:
    x = np.array([0.9, 1.1, 1.0, 0.8, 50.0])
    r = x - 2.0
    w = 1.0 / (1.0 + r * r)
    print(f"gradient with the weights held fixed  {grad(loss)(2.0, x):+.6f}")
    print(f"by hand: -2 * sum(w * r)              {-2.0 * np.sum(w * r):+.6f}")
    print(f"gradient along all paths              {grad(loss_with_all_paths)(2.0, x):+.6f}")

    slope = grad(loss)
    m = 2.0
    for _ in range(50):
        m -= 0.1 * slope(m, x)
    print(f"fitted {m:.3f}, where the mean is {np.mean(x):.3f}")


if __name__ == "__main__":
    main()
