"""`parallel=True`: independent iterations on several threads, never a race, and the others as they were."""

import math
import os
import subprocess
import sys
import textwrap

import numba
import numpy as np
import pytest
from numba import njit, prange

from ad_compiler import grad, value_and_grad
from tests.dialects import compare, programs
from tests.fd import assert_close, check_against_differences

LENGTHS = (0, 1, 2, 15, 16, 17, 400)


def agree(f, args, argnums=0, *, parallel=True, times=3):
    """The gradient on several threads, several times, beside that of the NumPy dialect; its text."""
    wanted = value_and_grad(f, argnums)(*args)
    g = value_and_grad(f, argnums, backend="numba", parallel=parallel)
    for _ in range(times):
        value, got = g(*args)
        assert_close("value", value, wanted[0], 1e-11, 1e-12)
        pairs = zip(got, wanted[1], strict=True) if isinstance(argnums, tuple) else [(got, wanted[1])]
        for a, b in pairs:
            assert_close("gradient", a, b, 1e-11, 1e-12)
    return g.source


def vector(n, seed=0):
    return np.random.default_rng(seed).uniform(0.2, 1.2, n)


# -- prange in the function itself -------------------------------------------------------------------


def dotted(x, w):
    s = 0.0
    for i in prange(x.shape[0]):
        s += np.sin(x[i]) * w[i]
    return s


def by_module(x, w):
    y = np.empty_like(x)
    for i in numba.prange(1, x.shape[0]):
        y[i] = x[i] * w[i - 1]
    y[0] = w[0]
    return np.sum(y * y)


@pytest.mark.parametrize("f", [dotted, by_module])
def test_prange_reads_as_range(f):
    x, w = vector(6), vector(6, 1)
    check_against_differences(f, (x, w))
    compiled = njit(parallel=True)(f)
    for kwargs in ({}, {"backend": "numba"}, {"backend": "numba", "parallel": True}):
        for got, want in zip(grad(compiled, (0, 1), **kwargs)(x, w), grad(f, (0, 1))(x, w), strict=True):
            assert_close("gradient", got, want, 1e-12, 1e-12)


# -- independent iterations --------------------------------------------------------------------------


def elementwise(x, w):
    h = np.tanh(x * w)
    return np.sum(h * h) + np.sum(x[1:] * x[:-1])


def conditional(x, w):
    s = 1.5
    y = np.zeros_like(x)
    for i in range(len(x)):
        if x[i] > w[i]:
            y[i] = x[i] * x[i]
        else:
            s += w[i] * x[i]
    return s + np.sum(y * w)


def mixture(x, means):
    total = 0.0
    n, d = x.shape
    for i in range(n):
        best = 0.0
        for k in range(means.shape[0]):
            q = 0.0
            for j in range(d):
                q += (x[i, j] - means[k, j]) ** 2
            best += math.exp(-0.5 * q)
        total += math.log(best)
    return total


def with_buffer(x, w):
    total = 0.0
    for i in range(x.shape[0]):
        row = np.empty(w.shape[0])
        for k in range(w.shape[0]):
            row[k] = x[i, k] * w[k]
        for k in range(1, w.shape[0]):
            row[k] = row[k] * row[k - 1]
        total += row[w.shape[0] - 1]
        total += row[0] * row[0]
    return total


def test_elementwise():
    for n in LENGTHS:
        text = agree(elementwise, (vector(n), vector(n, 1)), (0, 1))
        assert ("numba.prange" in text) is (n > 1)
    x = np.random.default_rng(1).normal(size=(40, 3))
    agree(elementwise, (x[:, 0], x[:, 0]), (0, 1))
    agree(elementwise, (x[::2, 0], x[1::2, 0][::-1]), (0, 1))


def test_stores_in_an_arm():
    for n in (0, 1, 17):
        assert "numba.prange" in agree(conditional, (vector(n), vector(n, 1)), (0, 1))


def test_sums_over_arrays():
    for n in (0, 2, 15, 16, 17, 1000):
        rng = np.random.default_rng(n)
        args = rng.normal(size=(n, 3)), rng.normal(size=(4, 3))
        text = agree(mixture, args, (0, 1))
        assert ("means_bar_parts" in text) is (n > 1)
    agree(mixture, (args[1], args[1]), (0, 1))
    many = value_and_grad(mixture, (0, 1), backend="numba", parallel=True)(*args)[1][1]
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        one = value_and_grad(mixture, (0, 1), backend="numba", parallel=True)(*args)[1][1]
    finally:
        numba.set_num_threads(threads)
    assert np.array_equal(one, many), "sums depend on the number of threads"


def signed(x):
    s = 0.0
    y = np.empty_like(x)
    for i in range(len(x)):
        y[i] = np.sin(x[i]) * (i - 3) - i * 0.5 + (i // 2 - 2) * x[i] ** 2 + (-i) * x[-i] + (-i % 3)
    for i in range(len(x)):
        for j in range(i):
            s += y[j] * (-j) * (i - i * i) * 1e-3
    return s


def test_indices_have_a_sign():
    for n in (2, 7, 60):
        assert "numba.prange(0, " in agree(signed, (vector(n),))


def test_an_iteration_has_its_own_buffers():
    for n in (0, 1, 15, 400):
        rng = np.random.default_rng(n)
        text = agree(with_buffer, (rng.normal(size=(n, 5)), rng.normal(size=5)), (0, 1))
        assert ("w_bar_parts" in text) is (n > 1)


def test_single_precision():
    def f(x, w):
        s = np.float32(0.0)
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                s += x[i, j] * x[i, j] * w[j]
        return s

    rng = np.random.default_rng(4)
    args = rng.normal(size=(70, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    g = grad(f, (0, 1), backend="numba", parallel=True)
    for got, want in zip(g(*args), grad(f, (0, 1))(*args), strict=True):
        assert got.dtype == np.float32
        assert_close("gradient", got, want, 1e-5, 1e-6)
    assert "w_bar_parts" in g.source


# -- iterations that depend on one another -----------------------------------------------------------


def recurrence(x):
    s = 0.0
    for i in range(len(x)):
        s = s * x[i] + math.sin(s)
        s = s + x[i]
    return s


def neighbours(x):
    y = x * 1.0
    for i in range(1, len(y)):
        y[i] = y[i] * y[i - 1]
    return np.sum(y)


def wraps_round(x):
    y = x * 2.0
    for i in range(-1, len(x) - 1):
        y[i] = y[i] * x[i] + 1.0
    for i in range(-1, len(x)):
        y[i] = y[i] * y[i]
    return np.sum(y)


def largest(x):
    m = -1.0
    for i in range(len(x)):
        m = max(m, x[i] * x[i])
    return m


def overwritten(x):
    y, last = np.zeros(3), 0.0
    for i in range(len(x)):
        y[i % 3] = x[i] * x[i]
        last = x[i]
    return np.sum(y) * last


def taking_turns(x):
    s, t = 0.0, 0.0
    for i in range(len(x)):
        s, t = t, s + np.sin(x[i])
    return s + 2.0 * t


def seen_by_all(x):
    y, s = x * 1.0, 0.0
    for i in range(len(x)):
        y[i] = y[i] * 2.0
        s += y[0] * x[i]
    return s + np.sum(y)


DEPENDENT = [recurrence, neighbours, wraps_round, largest, overwritten, taking_turns, seen_by_all]


@pytest.mark.parametrize("f", DEPENDENT, ids=lambda f: f.__name__)
def test_dependent_iterations(f):
    for n in (3, 40):
        agree(f, (vector(n),))
    check_against_differences(f, (vector(5),))


def repeated(x, at):
    s = 0.0
    for i in range(len(at)):
        for j in range(x.shape[1]):
            s += x[at[i], j] ** 2 * (j + 1.0)
    return s


def test_repeated_indices_are_not_shared_out():
    x = np.random.default_rng(5).normal(size=(4, 3))
    text = agree(repeated, (x, np.array([0, 1, 1, -1, 3, 0] * 50)))
    assert "numba.prange" not in text


# -- what is raised ----------------------------------------------------------------------------------


def outside(x, at):
    y = np.empty(len(at))
    for i in range(len(at)):
        y[i] = x[at[i]] ** 2
    return np.sum(y)


def remainder(x, by):
    y = np.empty(len(x))
    for i in range(len(x)):
        y[i] = math.fmod(x[i], by) ** 2
    return np.sum(y)


def whole(x, k):
    y = np.empty(len(x))
    for i in range(len(x)):
        y[i] = x[i] * (7 // (k - i))
    return np.sum(y)


def test_what_an_iteration_raises_is_raised():
    x = vector(1000)
    g = grad(outside, backend="numba", parallel=True)
    at = np.arange(1000)
    assert_close("gradient", g(x, at), 2.0 * x, 1e-12, 1e-12)
    at[700] = 1000
    with pytest.raises(IndexError):
        g(x, at)
    with pytest.raises(ValueError, match="math domain error"):
        grad(remainder, backend="numba", parallel=True)(x, 0.0)
    with pytest.raises(ZeroDivisionError):
        grad(whole, backend="numba", parallel=True)(x, 700)


# -- what does not pay -------------------------------------------------------------------------------


def steps(x):
    for _ in range(50):
        x = x + 0.1 * np.sin(x)
    return np.sum(x)


def grid(u):
    for _ in range(3):
        u = u * 0.5 + 0.1 * np.sin(u)
    return np.sum(u * u)


def test_small_loops_inside_a_loop_stay_as_they_are():
    lines = agree(steps, (vector(16),)).splitlines()
    heads = [line.split("#")[0].strip() for line in lines if line.startswith("        for ")]
    assert heads == ["for i2 in range(n):", "for i2 in range(n):"]
    assert "numba.prange" in agree(grid, (np.random.default_rng(0).normal(size=(9, 7)),))


def test_known_small_loops_stay_as_they_are():
    def f(x):
        s = 0.0
        for i in range(10):
            s += x[i] ** 2
        return s

    assert "numba.prange" not in agree(f, (vector(10),))


@pytest.mark.compiled
def test_a_second_process_compiles_nothing(tmp_path):
    (tmp_path / "work.py").write_text(textwrap.dedent("""
        import numpy as np
        from ad_compiler import grad

        def f(x):
            s = 0.0
            for i in range(x.shape[0]):
                for j in range(x.shape[1]):
                    s += np.tanh(x[i, j]) ** 2
            return s

        def h(x):
            return np.sum(np.tanh(x) ** 2)

        for g in grad(f, backend="numba", parallel=True), grad(h, backend="numba"):
            print(repr(g(np.ones((3, 2))).tolist()))
            print(sum(len(e.function.stats.cache_hits) for es in g._entries.values() for e in es))
    """))
    env = {**os.environ, "AD_COMPILER_CACHE_DIR": str(tmp_path / "cache")}
    runs = [subprocess.run([sys.executable, "-W", "error", "work.py"], cwd=tmp_path, capture_output=True, text=True,
                           check=True, env=env).stdout.split("\n") for _ in range(2)]
    assert runs[0][::2] == runs[1][::2]
    assert [run[1:4:2] for run in runs] == [["0", "0"], ["1", "1"]]


def test_operations_on_whole_arrays_are_left_to_one_thread():
    """Numba takes the lengths of arrays that a loop carries to be equal."""
    program = next(p for p in programs() if p.name == "corpus.finance.binomial_american_put")
    assert compare(program, parallel=True) == "right"
