"""Machine learning as it is written in NumPy."""

import numpy as np

from tests.corpus.base import case, normal, uniform


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


@case(normal(3, 4), normal(4, seed=1), normal(4, 1, seed=2), normal(6, 3, seed=3), normal(6, 1, seed=4),
      argnums=(0, 1, 2))
def mlp(w1, b1, w2, x, y):
    h = np.tanh(x @ w1 + b1)
    p = h @ w2
    r = p - y
    return np.sum(r * r)


@case(normal(3), 0.2, normal(8, 3, seed=1), np.array([1., 0, 1, 1, 0, 0, 1, 0]), argnums=(0, 1))
def logistic_regression(w, b, x, y):
    p = sigmoid(x @ w + b)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@case(normal(4, 3), normal(5, 4, seed=1), np.array([0, 2, 1, 1, 0]))
def softmax_cross_entropy(w, x, labels):
    z = x @ w
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(labels)), labels].mean()


@case(normal(4, 3), normal(5, 4, seed=1), np.eye(3)[[0, 2, 1, 1, 0]])
def one_hot_cross_entropy(w, x, y):
    return -np.sum(y * np.log(softmax(x @ w))) / x.shape[0]


@case(normal(4, 5), normal(5, seed=1), normal(5, 3, seed=2), normal(6, 4, seed=3), argnums=(0, 1, 2))
def relu_network(w1, b1, w2, x):
    h = relu(x.dot(w1) + b1)
    return np.mean(h.dot(w2) ** 2)


@case(normal(3, 4), normal(4, 4, seed=1, scale=0.5), normal(5, 3, seed=2), argnums=(0, 1))
def recurrent(wx, wh, xs):
    h = np.zeros(wh.shape[0])
    loss = 0.0
    for x in xs:
        h = np.tanh(x @ wx + h @ wh)
        loss = loss + np.sum(h ** 2)
    return loss / len(xs)


@case(normal(8, 3, scale=0.4), normal(8, 2, seed=1, scale=0.4), normal(8, seed=2, scale=0.1), normal(4, 3, seed=3),
      argnums=(0, 1, 2))
def lstm(w, u, b, xs):
    n = 2
    h = np.zeros(n)
    c = np.zeros(n)
    loss = 0.0
    for t in range(xs.shape[0]):
        z = w @ xs[t] + u @ h + b
        i, f, o = sigmoid(z[:n]), sigmoid(z[n:2 * n]), sigmoid(z[2 * n:3 * n])
        g = np.tanh(z[3 * n:])
        c = f * c + i * g
        h = o * np.tanh(c)
        loss += h @ h
    return loss


@case(normal(4, 3), normal(3, 3, seed=1), normal(3, 3, seed=2), normal(3, 3, seed=3), argnums=(0, 1, 2, 3))
def attention(x, wq, wk, wv):
    q, k, v = x @ wq, x @ wk, x @ wv
    weights = softmax(q @ k.T / np.sqrt(k.shape[-1]))
    return np.sum((weights @ v) ** 2)


@case(normal(5, 4), uniform(0.5, 1.5, 4, seed=1), normal(4, seed=2), argnums=(0, 1, 2))
def batch_norm(x, gamma, beta):
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    normed = (x - mean) / np.sqrt(var + 1e-5)
    return np.sum(np.tanh(gamma * normed + beta))


@case(normal(3, 4))
def layer_norm(x):
    mu = np.mean(x, axis=-1, keepdims=True)
    sd = np.std(x, axis=-1, keepdims=True)
    return np.sum(((x - mu) / (sd + 1e-3)) ** 3)


@case(normal(9), normal(3, seed=1), argnums=(0, 1))
def convolution(signal, kernel):
    n, k = len(signal), len(kernel)
    return sum(np.dot(signal[i:i + k], kernel) ** 2 for i in range(n - k + 1))


@case(normal(6, 2), second=False)
def hinge(x):
    margins = 1.0 - x[:, 0] * x[:, 1]
    return np.mean(np.maximum(0.0, margins))


@case(normal(4, 2), normal(5, 2, seed=1), argnums=(0, 1))
def rbf_kernel(a, b):
    d2 = np.sum(a ** 2, axis=1)[:, None] + np.sum(b ** 2, axis=1)[None, :] - 2.0 * a @ b.T
    return np.exp(-0.5 * d2).sum()


@case(normal(5, 2), normal(2, 2, seed=1), argnums=1, second=False)
def k_means(points, centres):
    d = np.sum((points[:, None] - centres[None]) ** 2, axis=-1)
    return np.sum(np.min(d, axis=1))


@case(normal(17, scale=0.5), normal(4, 2, seed=1))
def packed_parameters(theta, x):
    w1 = theta[:8].reshape(2, 4)
    b1 = theta[8:12]
    w2 = theta[12:16].reshape(4, 1)
    b2 = theta[16]
    h = np.tanh(x @ w1 + b1)
    return np.mean((h @ w2 + b2) ** 2) + 1e-2 * np.sum(theta ** 2)


@case(normal(4, 3), normal(3, 4, seed=1), normal(4, 4, seed=2), argnums=(0, 1))
def matrix_factorisation(u, v, m):
    r = u @ v - m
    return np.sum(r ** 2) + 0.1 * (np.linalg.norm(u) ** 2 + np.linalg.norm(v) ** 2)


@case(normal(3), normal(6, 3, seed=1), normal(6, seed=2))
def unrolled_training(w, x, y):
    for _ in range(4):
        r = x @ w - y
        w = w - 0.05 * (2.0 / len(y)) * (x.T @ r)
    r = x @ w - y
    return r @ r
