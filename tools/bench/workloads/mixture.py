"""Log-likelihood of a mixture of normal distributions with diagonal covariances."""

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


def functional(np):
    def f(logits, means, logs, x):
        z = (x[:, None, :] - means) * np.exp(-logs)
        terms = logits - np.sum(logs, 1) - 0.5 * np.sum(z * z, 2)
        s = np.log(np.sum(np.exp(terms), 1))
        return np.sum(s) - len(x) * np.log(np.sum(np.exp(logits)))
    return f


WORKLOAD = Workload("mixture", "mixture of 12 normals, 1000 points", make, primal, hand, (0, 1, 2), 1000,
                    (3, 30, 300, 3000, 30_000), None, None, functional)
