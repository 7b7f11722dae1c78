"""Moments, filters and fits: columns standardised in place, masks, running sums."""

import numpy as np

from tests.published.base import Kernel, weighted

# -- moments --------------------------------------------------------------------------------------------


def covariance(data):
    """Centres the data in place; the matrix is filled by rows, and mirrored."""
    n, m = data.shape
    data -= np.mean(data, axis=0)
    cov = np.zeros((m, m), dtype=data.dtype)
    for i in range(m):
        cov[i:, i] = cov[i, i:] = data[:, i] @ data[:, i:] / (n - 1.0)
    return cov


def total_covariance(data):
    cov = covariance(data)
    return weighted(cov) + weighted(data, 0.5)


def correlation(data):
    """Columns that hardly vary are left as they are."""
    n, m = data.shape
    mean = np.mean(data, axis=0)
    std = np.std(data, axis=0)
    std[std <= 0.1] = 1.0
    data -= mean
    data /= np.sqrt(n) * std
    corr = np.eye(m)
    for i in range(m - 1):
        corr[i, i + 1:] = data[:, i] @ data[:, i + 1:]
        corr[i + 1:, i] = corr[i, i + 1:]
    return corr


def total_correlation(data):
    corr = correlation(data)
    return weighted(corr) + weighted(data, 0.5)


def standardise(X):
    """A view of each column is shifted and scaled in place."""
    for j in range(X.shape[1]):
        col = X[:, j]
        col -= col.mean()
        col /= col.std()


def total_standardise(X):
    standardise(X)
    return weighted(X)


def standardise_rows(X):
    """Rows come out of the iteration as views."""
    for row in X:
        row -= row.mean()
        row *= 1.0 / np.sqrt(row @ row)


def total_standardise_rows(X):
    standardise_rows(X)
    return weighted(X)


def welford(x):
    """Mean and variance in one pass, each kept after every number."""
    n = len(x)
    means, variances = np.empty(n), np.zeros(n)
    mean, m2 = 0.0, 0.0
    for k, value in enumerate(x, start=1):
        delta = value - mean
        mean += delta / k
        m2 += delta * (value - mean)
        means[k - 1] = mean
        if k > 1:
            variances[k - 1] = m2 / (k - 1)
    return means, variances


def total_welford(x):
    means, variances = welford(x)
    return weighted(means) + weighted(variances, 0.5)


class RunningMoments:
    """The same for vectors, as an object that is fed one sample at a time."""

    def __init__(self, size):
        self.count = 0
        self.mean = np.zeros(size)
        self.m2 = np.zeros(size)

    def update(self, sample):
        self.count += 1
        delta = sample - self.mean
        self.mean += delta / self.count
        self.m2 += delta * (sample - self.mean)

    @property
    def variance(self):
        return self.m2 / (self.count - 1)


def total_running_moments(data):
    moments = RunningMoments(data.shape[1])
    for sample in data:
        moments.update(sample)
    return weighted(moments.mean) + weighted(moments.variance, 0.5)


def winsorised(x, cut):
    """Sorts in place, and pulls the ends in."""
    x.sort()
    x[:cut] = x[cut]
    x[-cut:] = x[-cut - 1]
    return x.mean(), x.var()


def total_winsorised(x, cut):
    mean, var = winsorised(x, cut)
    return mean + 0.3 * var + weighted(x)


# -- series ---------------------------------------------------------------------------------------------


def running_mean(x, w):
    """The weighted mean of all numbers so far; nothing else is kept."""
    out = np.zeros_like(x)
    total, weight = 0.0, 0.0
    for i in range(x.size):
        total += w[i] * x[i]
        weight += w[i]
        out[i] = total / weight
    return out


def total_running_mean(x, w):
    return weighted(running_mean(x, w))


def moving_average(x, width):
    """By a cumulative sum, padded at both ends."""
    half = width // 2
    padded = np.zeros(x.size + 2 * half)
    padded[half:-half] = x
    padded[:half] = x[0]
    padded[-half:] = x[-1]
    c = np.cumsum(padded)
    c[width:] = c[width:] - c[:-width]
    return c[width - 1:] / width


def total_moving_average(x, width):
    return weighted(moving_average(x, width))


def holt_winters(y, alpha, beta, gamma, period):
    """Level, trend and seasons; the seasons are a ring that is overwritten."""
    level, trend = y[0], y[1] - y[0]
    season = y[:period] - np.mean(y[:period])
    fitted = []
    for t, value in enumerate(y):
        s = season[t % period]
        fitted.append(level + trend + s)
        last = level
        level = alpha * (value - s) + (1.0 - alpha) * (level + trend)
        trend = beta * (level - last) + (1.0 - beta) * trend
        season[t % period] = gamma * (value - level) + (1.0 - gamma) * s
    return np.array(fitted)


def total_holt_winters(y, alpha, beta, gamma, period):
    errors = holt_winters(y, alpha, beta, gamma, period) - y
    return weighted(errors) + np.mean(errors ** 2)


def garch(params, returns):
    """The negative log-likelihood; the variance of each day is kept."""
    omega, alpha, beta = params
    sigma2 = np.empty(len(returns))
    sigma2[0] = np.var(returns)
    for t in range(1, len(returns)):
        sigma2[t] = omega + alpha * returns[t - 1] ** 2 + beta * sigma2[t - 1]
    return 0.5 * np.sum(np.log(sigma2) + returns ** 2 / sigma2)


def autocorrelation(x, lags):
    x -= x.mean()
    n = x.size
    r = np.zeros(lags)
    for k in range(lags):
        r[k] = x[:n - k] @ x[k:]
    r /= r[0]
    return r


def total_autocorrelation(x, lags):
    return weighted(autocorrelation(x, lags)) + weighted(x, 0.5)


# -- fits -----------------------------------------------------------------------------------------------


def lasso(X, y, beta, penalty, sweeps):
    """Coordinate descent: the residual is kept up to date column by column."""
    r = y - X @ beta
    for _ in range(sweeps):
        for j in range(X.shape[1]):
            col = X[:, j]
            norm = col @ col
            rho = col @ r + norm * beta[j]
            old = beta[j]
            if rho > penalty:
                beta[j] = (rho - penalty) / norm
            elif rho < -penalty:
                beta[j] = (rho + penalty) / norm
            else:
                beta[j] = 0.0
            r += col * (old - beta[j])
    return r


def total_lasso(X, y, beta, penalty, sweeps):
    r = lasso(X, y, beta, penalty, sweeps)
    return weighted(beta) + weighted(r, 0.5)


def expectation_maximisation(x, mu, sigma, pi, steps):
    """A mixture of normal distributions; its parameters are overwritten."""
    resp = np.zeros((x.size, mu.size))
    for _ in range(steps):
        for k in range(mu.size):
            z = (x - mu[k]) / sigma[k]
            resp[:, k] = pi[k] * np.exp(-0.5 * z * z) / sigma[k]
        resp /= resp.sum(axis=1, keepdims=True)
        n_k = resp.sum(axis=0)
        mu[:] = resp.T @ x / n_k
        for k in range(mu.size):
            sigma[k] = np.sqrt(resp[:, k] @ (x - mu[k]) ** 2 / n_k[k])
        pi[:] = n_k / x.size


def total_expectation_maximisation(x, mu, sigma, pi, steps):
    expectation_maximisation(x, mu, sigma, pi, steps)
    return weighted(mu) + weighted(sigma, 0.5) + weighted(pi, 1.0)


def kernel_density(samples, grid, bandwidth):
    density = np.zeros_like(grid)
    for s in samples:
        u = (grid - s) / bandwidth
        inside = np.abs(u) < 1.0
        density[inside] += 0.75 * (1.0 - u[inside] ** 2)
    density /= samples.size * bandwidth
    return density


def total_kernel_density(samples, grid, bandwidth):
    return weighted(kernel_density(samples, grid, bandwidth))


def hardly_varying(rng, n):
    data = rng.normal(size=(n, 4))
    data[:, 2] = 1.0 + 0.01 * rng.normal(size=n)
    return data


KERNELS = [
    Kernel("covariance", total_covariance, lambda rng: (rng.normal(size=(8, 4)),), (0,), strided=True),
    Kernel("covariance_large", total_covariance, lambda rng: (rng.normal(size=(60, 20)),), (0,)),
    Kernel("correlation", total_correlation, lambda rng: (rng.normal(size=(9, 4)),), (0,), strided=True),
    Kernel("correlation_masked", total_correlation, lambda rng: (hardly_varying(rng, 9),), (0,)),
    Kernel("standardise", total_standardise, lambda rng: (rng.normal(size=(7, 4)),), (0,), strided=True),
    Kernel("standardise_rows", total_standardise_rows, lambda rng: (rng.normal(size=(4, 6)),), (0,)),
    Kernel("welford", total_welford, lambda rng: (rng.normal(size=9),), (0,), strided=True),
    Kernel("running_moments", total_running_moments, lambda rng: (rng.normal(size=(6, 4)),), (0,)),
    Kernel("winsorised", total_winsorised, lambda rng: (rng.permutation(np.arange(9.0)) + 0.3 * rng.normal(size=9) ** 2, 2),
           (0,)),
    Kernel("running_mean", total_running_mean, lambda rng: (rng.normal(size=8), rng.uniform(0.5, 1.5, 8)), (0, 1)),
    Kernel("moving_average", total_moving_average, lambda rng: (rng.normal(size=9), 3), (0,)),
    Kernel("holt_winters", total_holt_winters, lambda rng: (rng.normal(size=11), 0.3, 0.2, 0.4, 4), (0, 1, 2, 3)),
    Kernel("garch", garch, lambda rng: (np.array([0.1, 0.2, 0.6]), rng.normal(size=10)), (0, 1)),
    Kernel("garch_large", garch, lambda rng: (np.array([0.1, 0.2, 0.6]), rng.normal(size=200)), (0, 1)),
    Kernel("autocorrelation", total_autocorrelation, lambda rng: (rng.normal(size=9), 4), (0,)),
    Kernel("lasso", total_lasso, lambda rng: (rng.normal(size=(7, 4)), rng.normal(size=7), rng.normal(size=4), 1.1, 2),
           (0, 1, 2, 3)),
    Kernel("expectation_maximisation", total_expectation_maximisation,
           lambda rng: (rng.normal(size=8), np.array([-0.7, 0.6]), np.array([0.8, 1.1]), np.array([0.4, 0.6]), 3),
           (0, 1, 2, 3)),
    Kernel("kernel_density", total_kernel_density, lambda rng: (rng.normal(size=6), np.linspace(-2.0, 2.0, 7), 0.6),
           (0, 1, 2)),
]
