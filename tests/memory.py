"""Memory stays what it is, whatever is made and dropped: `python -m tests.memory [COUNT] [--only NAME]`.

Each way of making derivatives is repeated in a process of its own; the growth of its memory over the second half is
told, in bytes a repetition.  It ends with 1 where one grows by more than `MOST`; for Numba, by more than that and
what Numba leaves of the same derivative, written by hand.
"""

import argparse
import gc
import linecache
import subprocess
import sys
import warnings

import numpy as np

from ad_compiler import custom_vjp, grad, jacobian, jvp, value_and_grad, vmap

MOST = 200.0
"""Bytes that a repetition may leave: the allocator's share, and what Python itself keeps of names."""

NUMBER, TEXT = 0, ""
X = np.ones(3)


def made(k):
    data = np.full(1000, float(k))

    def loss(x):
        return np.sum(x * x) * data[0]
    return loss


def closures(k):
    grad(made(k))(X)


def other_transforms(k):
    f = made(k)
    ways = [lambda: jvp(f, (X,), (X,)), lambda: vmap(f)(np.ones((2, 3))), lambda: jacobian(f)(X),
            lambda: value_and_grad(f)(X)]
    ways[k % 4]()


def argument(x, n):
    total = 0.0
    for part in [x] * (n % 3 + 1):
        total = total + part * part
    return total


by_argument = grad(argument)


def numbers_as_arguments(k):
    by_argument(2.0, k)


def outside(x):
    return x * x * NUMBER


by_global = grad(outside)


def numbers_as_globals(k):
    global NUMBER
    NUMBER = k
    by_global(2.0)


def counted():
    number = 0

    def loss(x):
        return x * x * number

    def count(k):
        nonlocal number
        number = k
    return grad(loss), count


by_cell, count = counted()


def numbers_in_cells(k):
    count(k)
    by_cell(2.0)


def labelled(x, text):
    return x * len(text)


by_text = grad(labelled)


def texts_as_arguments(k):
    by_text(2.0, f"text {k}")


def general(x):
    return np.sum(x)


by_kind = grad(general)


def kinds_of_arguments(k):
    shape = [1 + (k >> axis & 1) for axis in range(8)]
    by_kind(np.ones(shape, np.float32 if k >> 8 & 1 else np.float64))


def given(x, function):
    return function(x) * x


by_function = grad(given)


def functions_as_arguments(k):
    data = np.full(1000, float(k))
    by_function(2.0, lambda v: v * data[0])


def generated(k):
    name, text = f"<made {k}>", f"def f(x):\n    return x * x + {k}\n"
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space = {}
    exec(compile(text, name, "exec"), space)
    grad(space["f"])(2.0)
    del linecache.cache[name]


def rules(k):
    @custom_vjp
    def double(x):
        return 2.0 * x
    double.defvjp(lambda x, *, out, out_bar: (2.0 * out_bar,))
    grad(lambda x: double(x) * k)(2.0)


def classes(k):
    class Model:
        def __init__(self, w):
            self.w = w

    grad(lambda x: Model(x).w * x)(2.0)


def refused(k):
    try:
        grad(lambda x: open(x) if k else x)(2.0)
    except Exception:  # noqa: BLE001  (what is raised, is another matter)
        return


def for_numba(k):
    grad(made(k), backend="numba")(X)


def numba_alone(k):
    """The derivative of `made(k)`, written by hand: Numba gives nothing back of the machine code that it loads."""
    import numba

    @numba.njit(cache=True, error_model="numpy")
    def loss_grad(data, x):
        p = 2.0 * data[0]
        n = x.shape[0]
        x_bar = np.empty(n)
        for i in range(n):
            x_bar[i] = p * x[i]
        return x_bar
    loss_grad(np.full(1000, float(k)), X)


WAYS = [closures, other_transforms, numbers_as_arguments, numbers_as_globals, numbers_in_cells, texts_as_arguments,
        kinds_of_arguments, functions_as_arguments, generated, rules, classes, refused, for_numba]
SLOW = {for_numba: 25, numba_alone: 25}
"""How many times fewer."""
BESIDE = {for_numba: numba_alone}
"""What a way may leave as well: as much as this leaves."""


def resident():
    """Bytes of memory that this process has."""
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def growth(way, count):
    """Bytes that a repetition leaves."""
    warnings.simplefilter("ignore")
    for k in range(count // 2):
        way(k)
    before = resident()
    for k in range(count // 2, count):
        way(k)
    return (resident() - before) / (count - count // 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=10_000)
    parser.add_argument("--only")
    parser.add_argument("--here", action="store_true")
    options = parser.parse_args()
    if options.here:
        print(growth(globals()[options.only], options.count))
        return 0
    ways = [way for way in WAYS if options.only in (None, way.__name__)]

    def told(way):
        count = options.count // SLOW.get(way, 1)
        done = subprocess.run([sys.executable, "-m", "tests.memory", str(count), "--only", way.__name__, "--here"],
                              stdout=subprocess.PIPE, text=True, check=True)
        return count, float(done.stdout)

    worst = 0.0
    for way in ways:
        (count, left), beside = told(way), BESIDE.get(way)
        bound = MOST * SLOW.get(way, 1) + (told(beside)[1] if beside else 0.0)
        worst = max(worst, left / bound)
        print(f"{way.__name__:24} {count:7} times {left:10.0f} bytes each of {bound:6.0f}"
              f"{'' if left <= bound else '   GROWS'}", flush=True)
    return int(worst > 1.0)


if __name__ == "__main__":
    sys.exit(main())
