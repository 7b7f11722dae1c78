"""Layers and optimisers."""

import numpy as np

from tests.kernels.base import registry, weigh

KERNELS, kernel = registry()


def conv2d(x, w):
    k, _, _, out_channels = w.shape
    n, height, width, _ = x.shape
    out = np.empty((n, height - k + 1, width - k + 1, out_channels))
    for i in range(height - k + 1):
        for j in range(width - k + 1):
            out[:, i, j, :] = np.sum(x[:, i:i + k, j:j + k, :, np.newaxis] * w[np.newaxis], axis=(1, 2, 3))
    return out


@kernel(lambda r: (r.random((2, 4, 4, 2)), r.random((2, 2, 2, 3)) - 0.5), 0, 1)
def convolution_layer(x, w):
    h = conv2d(x, w)
    h[h < 0.0] *= 0.1
    pooled = np.empty((2, 1, 1, 3))
    pooled[:, 0, 0] = h[:, :2, :2].max(axis=(1, 2))
    return weigh(h, pooled)


@kernel(lambda r: (r.random((12, 2)) - 0.5, r.random((12, 3)) - 0.5, r.random(12), r.random((4, 2))), 0, 1, 2, 3)
def lstm(w, u, b, xs):
    size = 3
    h, c = np.zeros(size), np.zeros(size)
    hs = []
    for x in xs:
        z = w @ x + u @ h + b
        i, f, o = (1.0 / (1.0 + np.exp(-z[k * size:(k + 1) * size])) for k in range(3))
        g = np.tanh(z[3 * size:])
        c = f * c + i * g
        h = o * np.tanh(c)
        hs.append(h)
    return weigh(np.stack(hs), c)


@kernel(lambda r: (r.random((3, 3)) - 0.5, r.random((4, 3))), 0, 1)
def recurrent_network_in_a_table(w, x):
    h = np.zeros((5, 3))
    for t in range(4):
        h[t + 1] = np.tanh(w @ h[t] + x[t])
    return weigh(h[1:])


@kernel(lambda r: (r.random((4, 3)), r.random((4, 3)), r.random((4, 3))), 0, 1, 2)
def attention(q, k, v):
    s = q @ k.T / np.sqrt(3.0)
    s[np.triu_indices(4, 1)] = -1e3
    s -= s.max(axis=1, keepdims=True)
    np.exp(s, out=s)
    s /= s.sum(axis=1, keepdims=True)
    return weigh(s @ v)


@kernel(lambda r: (r.random((5, 3)), r.random(3), r.random(3)), 0, 1, 2)
def batch_norm(x, gamma, beta):
    x -= x.mean(axis=0)
    x /= np.sqrt(np.mean(x * x, axis=0) + 1e-3)
    x *= gamma
    x += beta
    np.maximum(x, 0.0, out=x)
    return weigh(x)


@kernel(lambda r: ({"w": r.random((3, 2)), "b": r.random(2)}, r.random((5, 3)), r.random((5, 2))), 0, 1)
def adam_steps(params, x, y):
    state = {name: (np.zeros_like(p), np.zeros_like(p)) for name, p in params.items()}
    for step in range(1, 4):
        e = x @ params["w"] + params["b"] - y
        grads = {"w": x.T @ e, "b": e.sum(axis=0)}
        for name, g in grads.items():
            m, v = state[name]
            m *= 0.9
            m += 0.1 * g
            v *= 0.99
            v += 0.01 * g * g
            params[name] -= 0.1 * (m / (1.0 - 0.9 ** step)) / (np.sqrt(v / (1.0 - 0.99 ** step)) + 0.1)
    return weigh(params["w"], params["b"])


@kernel(lambda r: ([(r.random((3, 4)), r.random(4)), (r.random((4, 2)), r.random(2))], r.random((5, 3))), 0, 1)
def perceptron_from_a_list(layers, x):
    for at, (w, b) in enumerate(layers):
        x = x @ w + b
        if at < len(layers) - 1:
            x[x < 1.5] *= 0.01
    return weigh(x)
