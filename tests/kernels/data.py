"""Sparse matrices, statistics, signals."""

import numpy as np

from tests.kernels.base import registry, weigh

KERNELS, kernel = registry()
ROWS = np.array([0, 2, 3, 3, 6])
COLUMNS = np.array([0, 2, 1, 0, 1, 2])
CELLS = np.array([[0, 1, 2], [1, 2, 3], [2, 3, 0]])


@kernel(lambda r: (r.random(6), r.random(3)), 0, 1)
def csr_times_vector(values, x):
    y = np.empty(ROWS.size - 1)
    for i in range(ROWS.size - 1):
        columns = COLUMNS[ROWS[i]:ROWS[i + 1]]
        y[i] = values[ROWS[i]:ROWS[i + 1]] @ x[columns]
    return weigh(y)


@kernel(lambda r: (r.random(6), r.random(3), np.array([0, 0, 1, 3, 3, 3])), 0, 1)
def coo_times_vector(values, x, rows):
    y = np.zeros(4)
    np.add.at(y, rows, values * x[COLUMNS])
    return weigh(y)


@kernel(lambda r: (r.random(6), np.array([0, 3, 3, 1, 0, 0])))
def histogram_of_weights(w, bins):
    counts = np.zeros(4)
    for i in range(len(w)):
        counts[bins[i]] += w[i] * w[i]
    counts[counts < 0.1] = 1.0
    return weigh(counts)


@kernel(lambda r: (r.random((4, 2)), r.random(4)), 0, 1)
def assembled_stiffness(points, k):
    a = np.zeros((4, 4))
    for cell in CELLS:
        p = points[cell]
        d = p[1:] - p[0]
        area = d[0, 0] * d[1, 1] - d[0, 1] * d[1, 0]
        local = np.outer(k[cell], k[cell]) * area
        a[np.ix_(cell, cell)] += local
    a[0, :] = 0.0
    a[0, 0] = 1.0
    return weigh(a)


@kernel(lambda r: (r.random((6, 3)),))
def covariance(data):
    data -= np.mean(data, axis=0)
    m = data.shape[1]
    cov = np.zeros((m, m))
    for i in range(m):
        cov[i:, i] = cov[i, i:] = data[:, i] @ data[:, i:] / (data.shape[0] - 1.0)
    return weigh(cov)


@kernel(lambda r: (np.column_stack([r.random((6, 3)), 0.01 * r.random(6)]),))
def correlation(data):
    mean = np.mean(data, axis=0)
    std = np.std(data, axis=0)
    std[std <= 0.1] = 1.0
    data -= mean
    data /= np.sqrt(data.shape[0]) * std
    corr = np.eye(data.shape[1])
    for i in range(data.shape[1] - 1):
        corr[i + 1:, i] = corr[i, i + 1:] = data[:, i] @ data[:, i + 1:]
    return weigh(corr)


@kernel(lambda r: (r.random(7),))
def running_mean_and_variance(x):
    mean, m2 = 0.0, 0.0
    track = np.empty((len(x), 2))
    for i, v in enumerate(x, 1):
        d = v - mean
        mean += d / i
        m2 += d * (v - mean)
        track[i - 1] = mean, m2 / i
    return weigh(track)


@kernel(lambda r: (r.random(8), 0.4), 0, 1)
def exponential_smoothing_in_place(x, alpha):
    for i in range(1, len(x)):
        x[i] = alpha * x[i] + (1.0 - alpha) * x[i - 1]
    for i in range(len(x) - 2, -1, -1):
        x[i] = alpha * x[i] + (1.0 - alpha) * x[i + 1]
    return weigh(x)


@kernel(lambda r: (r.random((6, 3)) - 0.5,))
def outliers_clipped(x):
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    bad = np.abs(z) > 1.2
    x[bad] = 0.1 * x[bad] ** 3
    x[:, 0][x[:, 0] < 0.0] *= -0.5
    return weigh(x)


@kernel(lambda r: (r.random(8), r.random(3)), 0, 1)
def convolution_with_padding(signal, taps):
    padded = np.zeros(len(signal) + 2)
    padded[1:-1] = signal
    padded[0] = padded[1]
    padded[-1] = padded[-2]
    out = np.zeros_like(signal)
    for k in range(len(taps)):
        out += taps[k] * padded[k:k + len(signal)]
    return weigh(out)
