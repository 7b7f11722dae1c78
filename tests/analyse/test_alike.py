"""Slices that go through the same functions together: values against differences, and what must stay apart."""

import numpy as np
import pytest

from ad_compiler import grad
from tests.fd import check_against_differences


def gates(z):
    i = 1.0 / (1.0 + np.exp(-z[0:2]))
    f = 1.0 / (1.0 + np.exp(-z[2:4]))
    o = 1.0 / (1.0 + np.exp(-z[4:6]))
    g = np.tanh(z[6:8])
    return np.sum(o * np.tanh(f * 0.5 + i * g))


def of_unequal_length(z):
    a, b = np.exp(-z[:3]), np.exp(-z[3:4])
    return np.sum(a) * b[0]


def with_a_gap(z):
    return np.sum(np.exp(-z[0:2]) * np.exp(-z[3:5]))


def overlapping(z):
    return np.sum(np.exp(-z[0:3]) * np.exp(-z[2:5]))


def twice(z):
    return np.sum(np.exp(-z[0:2]) * np.exp(-z[2:4])) + np.sum(np.exp(-z[0:2]) * z[6:8])


def written_later(z):
    a, b = np.exp(-z[0:2]), np.exp(-z[2:4])
    a += 1.0
    b *= a
    return np.sum(a * b)


def read_between(z):
    w = z * 1.0
    a = np.exp(-w[0:2])
    w[2:4] = 0.5 * a
    b = np.exp(-w[2:4])
    return np.sum(a * b)


def in_a_loop(z):
    s = np.zeros(2)
    for _ in range(3):
        s = np.sin(2.0 * z[0:2]) + np.sin(2.0 * z[2:4]) * s
    return np.sum(s)


def kept_apart(z):
    return np.sum(np.exp(-z[0:2]) * np.exp(2.0 * z[2:4]) * np.tanh(-z[4:6]))


Z = np.linspace(-0.8, 1.1, 8)


@pytest.mark.parametrize("f", [gates, of_unequal_length, with_a_gap, overlapping, twice, written_later, read_between,
                               in_a_loop, kept_apart])
def test_values(f):
    check_against_differences(f, (Z.copy(),), rtol=3e-6)


def test_what_is_merged():
    assert "np.exp(-z[0:6])" in grad(gates).source_for(Z)
    assert "z[0:2]" in grad(with_a_gap).source_for(Z)


@pytest.mark.parametrize("f", [gates, written_later])
def test_second_order(f):
    def along(z):
        return np.sum(grad(f)(z) * np.cos(Z))

    check_against_differences(along, (Z.copy(),), rtol=1e-5)


@pytest.mark.parametrize("f", [gates, written_later, in_a_loop])
def test_short_vectors_raise_as_they_did(f):
    for n in (3, 5):
        try:
            wanted = f(Z[:n])
        except ValueError:
            with pytest.raises(ValueError, match="broadcast"):
                grad(f)(Z[:n])
        else:
            check_against_differences(f, (Z[:n].copy(),), rtol=3e-6)
            assert np.isfinite(wanted)
