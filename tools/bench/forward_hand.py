"""Tangents, Hessians and a banded Jacobian as a person writes them, for `forward.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from workloads.lstm import CELLS


def rosenbrock_jvp(x: Any, x_dot: Any) -> Any:
    """The value and its tangent."""
    a, a_dot = x[:-1], x_dot[:-1]
    r, s = x[1:] - a * a, 1.0 - a
    t = a * a_dot
    t *= -2.0
    t += x_dot[1:]
    return 100.0 * np.vdot(r, r) + np.vdot(s, s), 200.0 * np.vdot(r, t) - 2.0 * np.vdot(s, a_dot)


def mlp_jvp(*args: Any) -> Any:
    """The value and its tangent."""
    w1, b1, w2, b2, x, y, w1_dot, b1_dot, w2_dot, b2_dot, x_dot, y_dot = args
    h = x @ w1
    h += b1
    np.tanh(h, out=h)
    h_dot = x_dot @ w1
    h_dot += x @ w1_dot
    h_dot += b1_dot
    h_dot *= 1.0 - h * h
    r = h @ w2
    r += b2
    r -= y
    r_dot = h_dot @ w2
    r_dot += h @ w2_dot
    r_dot += b2_dot
    r_dot -= y_dot
    return np.vdot(r, r) / len(x), 2.0 * np.vdot(r, r_dot) / len(x)


def lstm_jvp(*args: Any) -> Any:
    """The value and its tangent."""
    w, b, v, xs, ys, w_dot, b_dot, v_dot, xs_dot, ys_dot = args
    k, inputs = CELLS, xs.shape[1]
    zx, zx_dot = xs @ w[:inputs] + b, xs_dot @ w[:inputs] + xs @ w_dot[:inputs] + b_dot
    wh, wh_dot = w[inputs:], w_dot[inputs:]
    h, c, h_dot, c_dot = np.zeros(k), np.zeros(k), np.zeros(k), np.zeros(k)
    hs, hs_dot = np.empty((len(xs), k)), np.empty((len(xs), k))
    for t in range(len(xs)):
        z = h @ wh
        z += zx[t]
        z_dot = h_dot @ wh
        z_dot += h @ wh_dot
        z_dot += zx_dot[t]
        s = np.negative(z[:3 * k])
        np.exp(s, out=s)
        s += 1.0
        np.reciprocal(s, out=s)
        s_dot = s * (1.0 - s)
        s_dot *= z_dot[:3 * k]
        g = np.tanh(z[3 * k:])
        g_dot = 1.0 - g * g
        g_dot *= z_dot[3 * k:]
        c_dot *= s[k:2 * k]
        c_dot += s_dot[k:2 * k] * c
        c_dot += s_dot[:k] * g
        c_dot += s[:k] * g_dot
        c *= s[k:2 * k]
        c += s[:k] * g
        u = np.tanh(c)
        u_dot = 1.0 - u * u
        u_dot *= c_dot
        h, h_dot = s[2 * k:] * u, s_dot[2 * k:] * u
        h_dot += s[2 * k:] * u_dot
        hs[t], hs_dot[t] = h, h_dot
    e, e_dot = hs @ v - ys, hs_dot @ v + hs @ v_dot - ys_dot
    return np.vdot(e, e), 2.0 * np.vdot(e, e_dot)


def rosenbrock_hessian(x: Any) -> Any:
    """All columns at once, forwards over the gradient."""
    n, a = len(x), x[:-1]
    d = np.eye(n)
    d_a = d[:, :-1]
    r = 200.0 * (x[1:] - a * a)
    r_dot = d_a * (-2.0 * a)
    r_dot += d[:, 1:]
    r_dot *= 200.0
    made = np.zeros((n, n))
    made[:, 1:] = r_dot
    r_dot *= a
    r_dot += d_a * (r - 1.0)
    r_dot *= 2.0
    made[:, :-1] -= r_dot
    return made


def logistic(w: Any, x: Any, y: Any) -> Any:
    """The loss of a logistic regression."""
    z = x @ w
    return np.sum(np.logaddexp(0.0, z) - y * z)


def logistic_hessian(w: Any, x: Any, y: Any) -> Any:
    """All columns at once, forwards over the gradient."""
    d = np.eye(len(w))
    p = 1.0 / (1.0 + np.exp(-(x @ w)))
    z_dot = d @ x.T
    z_dot *= p * (1.0 - p)
    return z_dot @ x


def smoothed(x: Any) -> Any:
    """What is one step of a nonlinear diffusion: three diagonals."""
    y = x.copy()
    y[1:-1] += 0.1 * (x[:-2] - 2.0 * x[1:-1] + x[2:]) / (1.0 + x[1:-1] ** 2)
    return y


def smoothed_jacobian(x: Any) -> Any:
    """Its three diagonals, as a matrix of SciPy."""
    from scipy.sparse import diags_array

    n, s = len(x), 0.1 / (1.0 + x[1:-1] ** 2)
    below, middle, above = np.zeros(n - 1), np.ones(n), np.zeros(n - 1)
    below[:-1], above[1:] = s, s
    middle[1:-1] -= 2.0 * s + 20.0 * (x[:-2] - 2.0 * x[1:-1] + x[2:]) * s * s * x[1:-1]
    return diags_array([below, middle, above], offsets=[-1, 0, 1]).tocsr()
