"""Learn to read handwritten digits: a network in plain NumPy, its gradient compiled, fitted by L-BFGS.

    $ pip install 'ad-compiler[examples]'
    $ python examples/digits.py --hidden 32 --iterations 100

The data come with scikit-learn: 1797 images of 8 x 8 pixels.
"""

import argparse
import sys
import time

import numpy as np

from ad_compiler import value_and_grad

try:
    from scipy.optimize import OptimizeResult, minimize
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
except ImportError as error:
    print(f"this example needs {error.name}: pip install scipy scikit-learn", file=sys.stderr)
    sys.exit(2)


def scores(p, x, hidden, classes):
    """One score for each image and digit; `p` holds all parameters of the network, one after the other."""
    pixels = x.shape[1]
    end_w1 = pixels * hidden
    end_b1 = end_w1 + hidden
    end_w2 = end_b1 + hidden * classes
    w1 = p[:end_w1].reshape(pixels, hidden)
    b1 = p[end_w1:end_b1]
    w2 = p[end_b1:end_w2].reshape(hidden, classes)
    b2 = p[end_w2:]
    return np.tanh(x @ w1 + b1) @ w2 + b2


def loss(p, x, y, hidden, penalty):
    """Mean cross entropy; row i of `y` is 1 at the digit that image i shows, else 0."""
    z = scores(p, x, hidden, y.shape[1])
    z = z - np.max(z, axis=1, keepdims=True)    # exp does not overflow
    log_likelihood = np.sum(y * z, axis=1) - np.log(np.sum(np.exp(z), axis=1))
    return -np.mean(log_likelihood) + 0.5 * penalty * np.sum(p * p)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--hidden", type=int, default=32, help="units in the hidden layer")
    options.add_argument("--iterations", type=int, default=100, help="steps of L-BFGS at most")
    chosen = options.parse_args()

    images, digits = load_digits(return_X_y=True)
    x, x_test, digit, digit_test = train_test_split(images / 16.0, digits, test_size=0.25, random_state=0)
    y = np.eye(10)[digit]
    hidden = chosen.hidden
    p = 0.1 * np.random.default_rng(0).standard_normal(64 * hidden + hidden + hidden * 10 + 10)
    args = (x, y, hidden, 1e-4)

    def accuracy(p: np.ndarray) -> float:
        return float(np.mean(np.argmax(scores(p, x_test, hidden, 10), axis=1) == digit_test))

    steps = 0

    def progress(intermediate_result: OptimizeResult) -> None:
        nonlocal steps
        steps += 1
        if steps % 10 == 0:
            now = intermediate_result
            print(f"step {steps:4d}   loss {now.fun:8.5f}   accuracy on the test images {accuracy(now.x):.3f}")

    start = time.perf_counter()
    result = minimize(value_and_grad(loss), p, args=args, jac=True, method="L-BFGS-B", callback=progress,
                      options={"maxiter": chosen.iterations})
    took = time.perf_counter() - start
    print(f"{result.nit} steps, {result.nfev} gradients of {p.size} parameters in {took:.2f} s")
    print(f"test accuracy {accuracy(result.x):.3f}")


if __name__ == "__main__":
    main()
