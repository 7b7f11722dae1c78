"""Likelihoods and estimators."""

import math

import numpy as np

from tests.corpus.base import case, normal, spd, uniform


@case(0.3, 1.4, normal(8), argnums=(0, 1))
def gaussian_log_likelihood(mu, sigma, data):
    z = (data - mu) / sigma
    return -0.5 * np.sum(z ** 2) - len(data) * (np.log(sigma) + 0.5 * np.log(2 * np.pi))


@case(1.7, uniform(0.1, 3.0, 6))
def exponential_log_likelihood(rate, waits):
    return sum(math.log(rate) - rate * t for t in waits)


@case(0.4, np.array([1, 0, 1, 1, 0]))
def bernoulli_log_likelihood(logit, outcomes):
    p = 1.0 / (1.0 + np.exp(-logit))
    s = 0.0
    for y in outcomes:
        if y == 1:
            s += np.log(p)
        else:
            s += np.log(1.0 - p)
    return s


@case(normal(3), normal(10, 3, seed=1), np.array([2, 0, 1, 3, 1, 0, 4, 2, 1, 1]))
def poisson_regression(beta, x, counts):
    eta = x @ beta
    return np.mean(np.exp(eta) - counts * eta)


@case(normal(3), normal(6, 3, seed=1), normal(6, seed=2), 0.1, argnums=(0, 3))
def ridge(beta, x, y, penalty):
    residual = y - x @ beta
    return residual @ residual / len(y) + penalty * np.dot(beta, beta)


@case(normal(4), spd(4), argnums=(0, 1))
def mvn_log_density(x, cov):
    k = x.shape[0]
    sign, logdet = np.linalg.slogdet(cov)
    return -0.5 * (k * np.log(2 * np.pi) + logdet + x @ np.linalg.solve(cov, x))


@case(spd(3), normal(3, seed=2), argnums=(0, 1))
def mvn_by_cholesky(cov, x):
    chol = np.linalg.cholesky(cov)
    z = np.linalg.solve(chol, x)
    return -0.5 * np.sum(z * z) - np.sum(np.log(np.diag(chol)))


@case(normal(3), normal(3, 2, seed=1), normal(3, 2, seed=2, scale=0.3), normal(9, 2, seed=3), argnums=(0, 1, 2))
def diagonal_mixture(alphas, means, log_scales, x):
    z = (x[:, None, :] - means[None, :, :]) * np.exp(-log_scales)
    inner = alphas - np.sum(log_scales, axis=1) - 0.5 * np.sum(z * z, axis=2)
    top = np.max(inner, axis=1)
    lse = top + np.log(np.sum(np.exp(inner - top[:, None]), axis=1))
    return np.sum(lse) - len(x) * np.log(np.sum(np.exp(alphas)))


@case(normal(12), 3)
def autocovariance(x, lag):
    d = x - np.mean(x)
    return np.sum(d[lag:] * d[:-lag]) / np.sum(d * d)


@case(normal(10), normal(10, seed=1), argnums=(0, 1))
def correlation(x, y):
    dx, dy = x - x.mean(), y - y.mean()
    return (dx * dy).sum() / (np.sqrt((dx ** 2).sum()) * np.sqrt((dy ** 2).sum()))


@case(uniform(0.1, 1.0, 5))
def entropy(weights):
    p = weights / weights.sum()
    return -np.sum(p * np.log(p))


@case(normal(5), normal(5, seed=1), argnums=(0, 1))
def kl_of_softmaxes(a, b):
    p = np.exp(a) / np.sum(np.exp(a))
    q = np.exp(b) / np.sum(np.exp(b))
    return np.sum(p * (np.log(p) - np.log(q)))


@case(0.2, normal(9), second=False)
def quantile_loss(q, residuals):
    return np.mean(np.where(residuals > q, 0.9 * (residuals - q), 0.1 * (q - residuals)))


@case(0.5, 0.8, normal(7), argnums=(0, 1))
def ar1_with_noise(phi, sigma, y):
    s = 0.5 * (y[0] / sigma) ** 2
    for t in range(1, len(y)):
        e = (y[t] - phi * y[t - 1]) / sigma
        s = s + 0.5 * e * e + math.log(sigma)
    return s


@case(0.1, 0.7, 0.4, normal(6), argnums=(0, 1, 2))
def kalman_likelihood(level, q, r, y):
    p = 1.0
    loss = 0.0
    for obs in y:
        p = p + q * q
        s = p + r * r
        innovation = obs - level
        gain = p / s
        loss += 0.5 * (innovation ** 2 / s + math.log(s))
        level = level + gain * innovation
        p = (1.0 - gain) * p
    return loss


@case(np.array([0.2, 0.5]), np.array([[0.9, 0.1], [0.3, 0.7]]), [0, 1, 1, 0], argnums=(0, 1))
def hidden_markov(start, transition, observations):
    emission = np.array([[0.8, 0.2], [0.25, 0.75]])
    alpha = start * emission[:, observations[0]]
    for o in observations[1:]:
        alpha = (alpha @ transition) * emission[:, o]
    return np.log(alpha.sum())
