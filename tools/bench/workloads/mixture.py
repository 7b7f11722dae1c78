"""Log-likelihood of a mixture of normal distributions with diagonal covariances."""

import math

import numpy as np

from workloads.base import Workload, generator

PARTS, DIMS = 12, 6


def make(n):
    rng = generator()
    return (rng.normal(size=PARTS), rng.normal(size=(PARTS, DIMS)), 0.3 * rng.normal(size=(PARTS, DIMS)),
            rng.normal(size=(n, DIMS)))


def primal(logits, means, logs, x):
    z = (x[:, None, :] - means) * np.exp(-logs)
    terms = logits - np.sum(logs, axis=1) - 0.5 * np.sum(z * z, axis=2)
    top = np.max(terms, axis=1)
    each = top + np.log(np.sum(np.exp(terms - top[:, None]), axis=1))
    return np.sum(each) - len(x) * np.log(np.sum(np.exp(logits)))


def hand(logits, means, logs, x):
    scale = np.exp(-logs)
    z = x[:, None, :] - means
    z *= scale
    p = np.einsum("nkd,nkd->nk", z, z)
    p *= -0.5
    p += logits - logs.sum(axis=1)
    top = p.max(axis=1)
    p -= top[:, None]
    np.exp(p, out=p)
    s = p.sum(axis=1)
    e = np.exp(logits)
    value = top.sum() + np.log(s).sum() - len(x) * np.log(e.sum())
    p /= s[:, None]
    weight = p.sum(axis=0)
    pz = np.einsum("nk,nkd->kd", p, z)
    pzz = np.einsum("nk,nkd,nkd->kd", p, z, z)
    return value, (weight - len(x) / e.sum() * e, pz * scale, pzz - weight[:, None])


def hand_loops(logits, means, logs, x):
    (n, dims), parts, block = x.shape, len(logits), 128
    scale, weight = np.exp(-logs), np.exp(logits)
    centre, base, total = means * scale, logits - logs.sum(axis=1), weight.sum()
    value = -n * math.log(total)
    weight *= -n / total
    means_bar, logs_bar = np.zeros((parts, dims)), np.zeros((parts, dims))
    z, p, top, s = np.zeros((parts, dims, block)), np.empty((parts, block)), np.empty(block), np.empty(block)
    xt = np.ascontiguousarray(x.T)
    for first in range(0, n, block):  # the points of a block last, so that most loops are computed in vectors
        m = min(block, n - first)
        top[:] = -np.inf
        s[:] = 0.0
        for k in range(parts):
            q = p[k]
            q[:] = 0.0
            for d in range(dims):
                a, c, u, v = scale[k, d], centre[k, d], z[k, d], xt[d, first:first + m]
                for i in range(m):
                    e = a * v[i] - c
                    u[i] = e
                    q[i] += e * e
            c = base[k]
            for i in range(m):
                q[i] = c - 0.5 * q[i]
                top[i] = max(top[i], q[i])
        for k in range(parts):
            q = p[k]
            for i in range(m):
                q[i] = math.exp(q[i] - top[i])
                s[i] += q[i]
        for i in range(m):
            value += top[i] + math.log(s[i])
            s[i] = 1.0 / s[i]
        for k in range(parts):
            q, e = p[k], 0.0
            for i in range(m):
                q[i] *= s[i]
                e += q[i]
            q[m:] = 0.0
            weight[k] += e
            for d in range(dims):
                u = z[k, d]
                a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = 0.0
                for i in range(0, m, 4):  # four sums each: one would wait for itself
                    u0, u1, u2, u3 = u[i], u[i + 1], u[i + 2], u[i + 3]
                    v0, v1, v2, v3 = q[i] * u0, q[i + 1] * u1, q[i + 2] * u2, q[i + 3] * u3
                    a0, a1, a2, a3 = a0 + v0, a1 + v1, a2 + v2, a3 + v3
                    b0, b1, b2, b3 = b0 + v0 * u0, b1 + v1 * u1, b2 + v2 * u2, b3 + v3 * u3
                means_bar[k, d] += (a0 + a1 + (a2 + a3)) * scale[k, d]
                logs_bar[k, d] += b0 + b1 + (b2 + b3) - e
    return value, (weight, means_bar, logs_bar)


def functional(np):
    def f(logits, means, logs, x):
        z = (x[:, None, :] - means) * np.exp(-logs)
        terms = logits - np.sum(logs, 1) - 0.5 * np.sum(z * z, 2)
        s = np.log(np.sum(np.exp(terms), 1))
        return np.sum(s) - len(x) * np.log(np.sum(np.exp(logits)))
    return f


WORKLOAD = Workload("mixture", "mixture of 12 normals, 1000 points", make, primal, hand, (0, 1, 2), 1000,
                    (3, 30, 300, 3000, 30_000), None, hand_loops, functional)
