"""Functions of NumPy that are told in Python, with what else they take: sets, histograms, polynomials, pieces."""

import re

import pytest

from tests.semantics.arrays import FINE, RIGHT, Program, judged

ARGUMENTS = {
    "x": "M(6)", "y": "M(2, 3)", "i": "array([1, 2, 2, 3, 1, 5])", "j": "array([0, 1, 2, 1, 0, 2])", "e": "M(0)",
    "one": "M(1)", "z": "array(2.5)", "f": "M(6).astype(np.float32)", "u": "array([3, 1, 3, 0], np.uint8)"}
PROGRAMS = """
np.unique(x); np.unique(y); np.unique(e); np.unique(u) * x[:3]; np.unique(x, True, True, True); np.unique(x * 0.0)
np.unique(i, return_counts=True)[1] * x[:4]; np.array([x[i == k].sum() for k in np.unique(i)]); len(np.unique(i)) * x
np.histogram(x, 3)[1]; np.histogram(x, 3, weights=x); np.histogram(x, [-2, 0, 0, 2]); np.histogram(x, 3, density=True)
np.histogram(e, 3); np.histogram(one, 3); np.histogram(f, 3, range=(-1, 1)); np.histogram(i, bins=[0, 2, 4, 6])
np.choose(j, [1.0, x, f]); np.choose(i, [x, -x], mode="wrap"); np.choose(j[:2, None], [x[:3], -x[:3], x[:3] ** 2])
np.resize(x, (3, 4)); np.resize(e, 3); np.resize(x, 0); np.cumulative_sum(y, axis=1, include_initial=True)
np.cumulative_prod(x, include_initial=True); np.cumsum(u, dtype=np.uint8) * x[:4]; np.cumsum(x, dtype=np.float32)
np.geomspace(x[0] ** 2, 9.0, 4); np.geomspace(f[0] ** 2, 9.0, 3); np.geomspace(2, f[1] ** 2, 3); np.angle(x, deg=True); np.unwrap(y * 9.0, axis=0); np.unwrap(x * 5.0, period=4.0)
np.fft.fftshift(y); np.fft.ifftshift(x[:5]); np.nanpercentile(x, [20, 80]); x[np.nanargmin(x)]
np.fromfunction(lambda a, b: a + 2 * b, (2, 3)) * y; np.fromiter((v * v for v in x), np.float32)
np.empty(np.broadcast(y[:, :1], y).shape) * 0.0 + y; np.broadcast(y, 1.0).ndim * x
np.vectorize(lambda v: v * v if v > 0.0 else -v)(x); np.vectorize(lambda a, b: a * b)(y, y[:1])
np.vectorize(lambda v: 0 if v < 0.0 else v)(x); np.vectorize(lambda v: int(v > 0.0))(x) * x
np.polymul(x[:3], x[3:]); np.polymul([0.0, 1.0, x[0]], [x[1], 2.0]); np.polyadd(x[:2], x); np.polyder(x, 2); np.polyint(x, 2)
np.polynomial.polynomial.polyval(y, x); np.polynomial.chebyshev.chebval(0.5, x); np.trim_zeros(x * [0, 1, 0, 1, 1, 0])
sorted(x)[1] * x; np.mean(sorted(x)[1:-1])
np.trim_zeros(x * 0.0); x[np.lexsort((x, i))]; x[np.argpartition(x, 3)[:3]].sum(); x * [1, 2, 3, 4, 5, 6] + (1,) * 6
np.insert(x, 1, 5.0, axis=-1); np.take(z, [0, 5], mode="clip"); np.take(z, 0, axis=0) * z; y.item((1, -1)) * x; z.item(())
np.take(x, 1, axis=1); np.take(x, [9, 1], 1, mode="clip"); x.take([2, 0], 1); np.delete(x, 1, axis=1); x.item(1, 2); z.item(0, 0)
np.insert(x, 0, 5.0, axis=1); np.insert(x, 0, 5.0, axis=-2); np.take(z, 0, axis=1); np.correlate(z, x); np.correlate(x, x[0], "full")
np.einsum("ij,kj,lk->il", y, y, y.T[:2, :2], optimize="greedy"); np.array([v for v in x], np.float32)
"""
REFUSED = """
np.choose(i, [x, x]); np.choose(x, [x, x]); np.histogram(x, [3, 2, 1]); np.histogram(x, 0); np.vectorize(abs)(e)
np.polyder(x, -1); np.geomspace(0.0, 3.0) * x[0]; np.broadcast(x, y).shape[0] * x; np.unique(y, axis=0)
"""


def program(text):
    named = {name: value for name, value in ARGUMENTS.items() if re.search(rf"\b{name}\b", text)}
    return Program(text, ", ".join(f"{name}={value}" for name, value in named.items()), f"return {text}")


def programs(text):
    return [program(part) for line in text.strip().splitlines() for part in line.split("; ")]


@pytest.mark.parametrize("program", programs(PROGRAMS), ids=lambda program: program.name)
def test_as_numpy(program):
    word, more = judged(program)
    assert word in RIGHT, more


@pytest.mark.parametrize("program", programs(REFUSED), ids=lambda program: program.name)
def test_raises_or_is_refused(program):
    word, more = judged(program)
    assert word in FINE, more
