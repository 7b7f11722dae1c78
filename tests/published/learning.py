"""Networks as they are taught: layers with loops and masks, states that are kept, optimisers that update in place."""

import numpy as np

from tests.published.base import Kernel, weighted

# -- convolutions ---------------------------------------------------------------------------------------


def conv2d(image, kernel, bias):
    """All places at once, one offset of the kernel after the other: images (N, H, W, C), kernels (K, K, C, D)."""
    n, h, w, _ = image.shape
    k = kernel.shape[0]
    out = np.zeros((n, h - k + 1, w - k + 1, kernel.shape[3]))
    for i in range(k):
        for j in range(k):
            out += image[:, i:i + out.shape[1], j:j + out.shape[2], :] @ kernel[i, j]
    out += bias
    return out


def total_conv2d(image, kernel, bias):
    return weighted(conv2d(image, kernel, bias))


def conv2d_places(image, kernel, stride):
    """One place of the output after the other, with a stride and a rim of zeros."""
    k = kernel.shape[0]
    pad = k // 2
    padded = np.zeros((image.shape[0] + 2 * pad, image.shape[1] + 2 * pad))
    padded[pad:-pad, pad:-pad] = image
    rows, cols = (image.shape[0] - 1) // stride + 1, (image.shape[1] - 1) // stride + 1
    out = np.empty((rows, cols))
    for r in range(rows):
        for c in range(cols):
            window = padded[r * stride:r * stride + k, c * stride:c * stride + k]
            out[r, c] = np.sum(window * kernel)
    return out


def total_conv2d_places(image, kernel, stride):
    return weighted(conv2d_places(image, kernel, stride))


def relu(h):
    """In place."""
    h[h < 0] = 0


def maxpool(h):
    """Halves both axes."""
    n, rows, cols, d = h.shape
    out = np.zeros((n, rows // 2, cols // 2, d))
    for i in range(rows // 2):
        for j in range(cols // 2):
            out[:, i, j, :] = np.max(h[:, 2 * i:2 * i + 2, 2 * j:2 * j + 2, :], axis=(1, 2))
    return out


def small_lenet(image, kernel, bias, w1, b1, w2, b2):
    h = conv2d(image, kernel, bias)
    relu(h)
    h = maxpool(h)
    h = h.reshape(len(image), -1) @ w1 + b1
    relu(h)
    return h @ w2 + b2


def total_small_lenet(image, kernel, bias, w1, b1, w2, b2):
    return weighted(small_lenet(image, kernel, bias, w1, b1, w2, b2))


# -- recurrence -----------------------------------------------------------------------------------------


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm(xs, Wx, Wh, b):
    """Four gates of one product; the hidden states are collected in a list."""
    n = Wh.shape[0]
    h, c = np.zeros(n), np.zeros(n)
    hidden = []
    for x in xs:
        gates = x @ Wx + h @ Wh + b
        i, f, o = sigmoid(gates[:n]), sigmoid(gates[n:2 * n]), sigmoid(gates[2 * n:3 * n])
        g = np.tanh(gates[3 * n:])
        c = f * c + i * g
        h = o * np.tanh(c)
        hidden.append(h)
    return np.stack(hidden), c


def total_lstm(xs, Wx, Wh, b):
    hidden, c = lstm(xs, Wx, Wh, b)
    return weighted(hidden) + weighted(c, 0.5)


def rnn(xs, h0, Wxh, Whh, Why, bh, by, targets):
    """A character model: states and probabilities in dicts by time, as the first of them has the time -1."""
    hs, ps = {}, {}
    hs[-1] = np.copy(h0)
    loss = 0.0
    for t in range(len(xs)):
        hs[t] = np.tanh(xs[t] @ Wxh + hs[t - 1] @ Whh + bh)
        y = hs[t] @ Why + by
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t]])
    return loss + weighted(hs[len(xs) - 1])


def elman(xs, Wx, Wh, b):
    """The states go into an array that is there before."""
    steps = len(xs)
    h = np.zeros((steps + 1, b.size))
    for t in range(steps):
        h[t + 1] = np.tanh(Wx @ xs[t] + Wh @ h[t] + b)
    return h[1:]


def total_elman(xs, Wx, Wh, b):
    return weighted(elman(xs, Wx, Wh, b))


class GRU:
    """A cell that keeps its state."""

    def __init__(self, W, U, size):
        self.W, self.U = W, U
        self.h = np.zeros(size)

    def step(self, x):
        z = sigmoid(self.W[0] @ x + self.U[0] @ self.h)
        r = sigmoid(self.W[1] @ x + self.U[1] @ self.h)
        candidate = np.tanh(self.W[2] @ x + self.U[2] @ (r * self.h))
        self.h = (1.0 - z) * self.h + z * candidate
        return self.h


def total_gru(xs, W, U):
    cell = GRU(W, U, U.shape[1])
    outputs = np.zeros((len(xs), U.shape[1]))
    for t, x in enumerate(xs):
        outputs[t, :] = cell.step(x)
    return weighted(outputs) + weighted(cell.h, 0.5)


# -- attention and norms --------------------------------------------------------------------------------


def softmax_rows(scores):
    """In place, and handed back."""
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def attention(x, Wq, Wk, Wv, Wo, heads):
    """Heads are slices of one buffer; later places are hidden."""
    n, d = x.shape
    size = d // heads
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    future = np.triu(np.ones((n, n), dtype=bool), k=1)
    out = np.empty_like(x)
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        scores = q[:, part] @ k[:, part].T / np.sqrt(size)
        scores[future] = -1e9
        out[:, part] = softmax_rows(scores) @ v[:, part]
    return out @ Wo


def total_attention(x, Wq, Wk, Wv, Wo, heads):
    return weighted(attention(x, Wq, Wk, Wv, Wo, heads))


def batch_norm(x, gamma, beta, running, momentum):
    """Normalises in place, and moves the running mean and variance along."""
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    x -= mean
    x /= np.sqrt(var + 1e-5)
    x *= gamma
    x += beta
    running["mean"] *= momentum
    running["mean"] += (1.0 - momentum) * mean
    running["var"] = momentum * running["var"] + (1.0 - momentum) * var


def total_batch_norm(x, gamma, beta, running, momentum):
    for _ in range(2):
        batch_norm(x, gamma, beta, running, momentum)
        x *= x
    return weighted(x) + weighted(running["mean"], 0.5) + weighted(running["var"], 1.0)


def layer_norm(x, gain, out):
    """All into a buffer of the caller."""
    np.subtract(x, x.mean(axis=1, keepdims=True), out=out)
    scale = np.sqrt(np.mean(np.square(out), axis=1, keepdims=True) + 1e-5)
    np.divide(out, scale, out=out)
    np.multiply(out, gain, out=out)


def total_layer_norm(x, gain):
    out = np.empty_like(x)
    layer_norm(x, gain, out)
    return weighted(out)


# -- training -------------------------------------------------------------------------------------------


def loss_and_grads(params, X, y):
    """Two layers and a logistic loss, gradients by hand; stores subtract one at the right class."""
    h = np.maximum(0.0, X @ params["W1"] + params["b1"])
    scores = h @ params["W2"] + params["b2"]
    probs = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    loss = -np.mean(np.log(probs[np.arange(len(y)), y]))
    d = probs
    d[np.arange(len(y)), y] -= 1.0
    d /= len(y)
    grads = {"W2": h.T @ d, "b2": d.sum(axis=0)}
    dh = d @ params["W2"].T
    dh[h <= 0.0] = 0.0
    grads["W1"] = X.T @ dh
    grads["b1"] = dh.sum(axis=0)
    return loss, grads


def train_sgd(params, X, y, rate, momentum, steps):
    """Learning is a function of its start and of its rate."""
    velocity = {name: np.zeros_like(p) for name, p in params.items()}
    losses = []
    for _ in range(steps):
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        for name in params:
            velocity[name] = momentum * velocity[name] - rate * grads[name]
            params[name] += velocity[name]
    return losses


def total_train_sgd(params, X, y, rate, momentum, steps):
    losses = train_sgd(params, X, y, rate, momentum, steps)
    return weighted(np.array(losses)) + weighted(params["W1"], 0.5) + weighted(params["b2"], 1.0)


def adam(params, grads, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-3):
    for key in params:
        m[key] = beta1 * m[key] + (1.0 - beta1) * grads[key]
        v[key] = beta2 * v[key] + (1.0 - beta2) * grads[key] ** 2
        m_hat = m[key] / (1.0 - beta1 ** t)
        v_hat = v[key] / (1.0 - beta2 ** t)
        params[key] -= rate * m_hat / (np.sqrt(v_hat) + eps)


def fit_with_adam(params, X, y, rate, steps):
    m = {key: np.zeros_like(value) for key, value in params.items()}
    v = {key: np.zeros_like(value) for key, value in params.items()}
    for t in range(1, steps + 1):
        r = np.tanh(X @ params["w"] + params["b"]) - y
        d = 2.0 * r * (1.0 - (r + y) ** 2) / len(y)
        grads = dict(w=X.T @ d, b=np.array([d.sum()]))
        adam(params, grads, m, v, t, rate)
    return params


def total_adam(params, X, y, rate, steps):
    params = fit_with_adam(params, X, y, rate, steps)
    return weighted(params["w"]) + weighted(params["b"], 0.5)


class Dense:
    """A layer that remembers its input for the way back."""

    def __init__(self, w, b):
        self.w, self.b = w, b
        self.x = None

    def forward(self, x):
        self.x = x
        return np.tanh(x @ self.w + self.b)


class Network:
    """Layers in a list."""

    def __init__(self):
        self.layers = []

    def add(self, layer):
        self.layers.append(layer)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x


def total_network(x, w1, b1, w2, b2):
    net = Network()
    net.add(Dense(w1, b1))
    net.add(Dense(w2, b2))
    out = net.forward(x)
    return weighted(out) + weighted(net.layers[1].x, 0.5)


def word_vectors(table, context, centre, negatives, rate):
    """One pass of skip-grams: rows of the table are trained where they stand."""
    loss = 0.0
    for c, o in zip(centre, context):
        rows = np.append(negatives, o)
        labels = np.zeros(len(rows))
        labels[-1] = 1.0
        v = table[c]
        p = sigmoid(table[rows] @ v)
        loss -= np.sum(np.log(np.where(labels > 0, p, 1.0 - p)))
        g = p - labels
        step = g @ table[rows]
        table[rows] -= rate * np.outer(g, v)
        table[c] -= rate * step
    return loss


def total_word_vectors(table, context, centre, negatives, rate):
    return word_vectors(table, context, centre, negatives, rate) + weighted(table)


def mlp_params(rng):
    return {"W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4), "W2": rng.normal(size=(4, 3)), "b2": rng.normal(size=3)}


def for_lenet(rng, n, size, channels, hidden):
    flat = ((size - 2) // 2) ** 2 * channels
    shapes = (n, size, size, 2), (3, 3, 2, channels), (channels,), (flat, hidden), (hidden,), (hidden, 3), (3,)
    return tuple(rng.normal(size=shape) for shape in shapes)


KERNELS = [
    Kernel("conv2d", total_conv2d, lambda rng: (rng.normal(size=(2, 4, 5, 2)), rng.normal(size=(2, 2, 2, 3)),
                                                rng.normal(size=3)), (0, 1, 2), strided=True),
    Kernel("conv2d_large", total_conv2d, lambda rng: (rng.normal(size=(4, 12, 11, 3)), rng.normal(size=(3, 3, 3, 5)),
                                                      rng.normal(size=5)), (0, 1, 2)),
    Kernel("conv2d_places", total_conv2d_places, lambda rng: (rng.normal(size=(5, 6)), rng.normal(size=(3, 3)), 2), (0, 1)),
    Kernel("small_lenet", total_small_lenet, lambda rng: for_lenet(rng, 2, 6, 3, 4), (0, 1, 2, 3, 4, 5, 6)),
    Kernel("small_lenet_large", total_small_lenet, lambda rng: for_lenet(rng, 3, 12, 4, 10), (0, 1, 2, 3, 4, 5, 6)),
    Kernel("lstm", total_lstm, lambda rng: (rng.normal(size=(4, 3)), rng.normal(size=(3, 8)), rng.normal(size=(2, 8)),
                                            rng.normal(size=8)), (0, 1, 2, 3)),
    Kernel("rnn", rnn, lambda rng: (*(rng.normal(size=s) for s in ((4, 3), 2, (3, 2), (2, 2), (2, 3), 2, 3)),
                                    np.array([2, 0, 1, 2])), (0, 1, 2, 3, 4, 5, 6)),
    Kernel("elman", total_elman, lambda rng: tuple(rng.normal(size=s) for s in ((5, 3), (4, 3), (4, 4), 4)), (0, 1, 2, 3),
           strided=True),
    Kernel("gru", total_gru, lambda rng: tuple(rng.normal(size=s) for s in ((4, 2), (3, 3, 2), (3, 3, 3))), (0, 1, 2)),
    Kernel("attention", total_attention, lambda rng: (*rng.normal(size=(5, 4, 4)), 2), (0, 1, 2, 3, 4)),
    Kernel("batch_norm", total_batch_norm, lambda rng: (
        rng.normal(size=(6, 3)), rng.normal(size=3), rng.normal(size=3),
        {"mean": rng.normal(size=3), "var": rng.uniform(0.5, 1.5, 3)}, 0.9), (0, 1, 2, 3, 4)),
    Kernel("layer_norm", total_layer_norm, lambda rng: (rng.normal(size=(4, 6)), rng.normal(size=6)), (0, 1), strided=True),
    Kernel("train_sgd", total_train_sgd, lambda rng: (mlp_params(rng), rng.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0]),
                                                      0.3, 0.8, 3), (0, 1, 3, 4)),
    Kernel("adam", total_adam, lambda rng: ({"w": rng.normal(size=4), "b": rng.normal(size=1)}, rng.normal(size=(6, 4)),
                                            rng.uniform(-0.5, 0.5, 6), 0.1, 4), (0, 1, 2, 3)),
    Kernel("network", total_network, lambda rng: tuple(rng.normal(size=s) for s in ((4, 3), (3, 4), 4, (4, 2), 2)),
           (0, 1, 2, 3, 4)),
    Kernel("word_vectors", total_word_vectors, lambda rng: (rng.normal(size=(6, 3)), np.array([1, 2, 0]), np.array([0, 1, 2]),
                                                            np.array([4, 5]), 0.1), (0, 4)),
]
