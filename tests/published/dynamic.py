"""Dynamic programming and filters: tables that are filled in order, and overwritten."""

import math
from dataclasses import dataclass

import numpy as np

from tests.published.base import Kernel, spd, weighted

# -- alignment ------------------------------------------------------------------------------------------


def softmin(a, b, c, gamma):
    low = min(a, b, c)
    return low - gamma * math.log(math.exp((low - a) / gamma) + math.exp((low - b) / gamma) + math.exp((low - c) / gamma))


def soft_dtw(x, y, gamma):
    """The cost of warping one series to the other, with an infinite rim."""
    n, m = len(x), len(y)
    R = np.full((n + 1, m + 1), 1e10)
    R[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            R[i, j] = cost + softmin(R[i - 1, j], R[i, j - 1], R[i - 1, j - 1], gamma)
    return R[n, m]


def edit_distance(sub, gap, i, j, memo):
    """Recursive, with all results kept in a dict."""
    if (i, j) in memo:
        return memo[i, j]
    if i == 0 or j == 0:
        best = gap * (i + j)
    else:
        options = np.array([edit_distance(sub, gap, i - 1, j, memo) + gap,
                            edit_distance(sub, gap, i, j - 1, memo) + gap,
                            edit_distance(sub, gap, i - 1, j - 1, memo) + sub[i - 1, j - 1]])
        best = -np.log(np.sum(np.exp(-options)))
    memo[i, j] = best
    return best


def total_edit_distance(sub, gap):
    memo = {}
    last = edit_distance(sub, gap, sub.shape[0], sub.shape[1], memo)
    return last + 0.5 * memo[1, 2]


def smith_waterman(score, gap):
    """The best local alignment; each cell is the greatest of four numbers."""
    n, m = score.shape
    H = np.zeros((n + 1, m + 1))
    best = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            H[i, j] = max(0.0, H[i - 1, j - 1] + score[i - 1, j - 1], H[i - 1, j] - gap, H[i, j - 1] - gap)
            if H[i, j] > best:
                best = H[i, j]
    return H, best


def total_smith_waterman(score, gap):
    H, best = smith_waterman(score, gap)
    return weighted(H) + best


# -- chains ---------------------------------------------------------------------------------------------


def logsumexp(a):
    top = np.max(a)
    return top + np.log(np.sum(np.exp(a - top)))


def soft_viterbi(start, transition, emission):
    """Log-probabilities of all paths up to each state."""
    steps, states = emission.shape
    V = np.zeros((steps, states))
    V[0] = start + emission[0]
    for t in range(1, steps):
        for s in range(states):
            V[t, s] = logsumexp(V[t - 1] + transition[:, s]) + emission[t, s]
    return V


def total_soft_viterbi(start, transition, emission):
    V = soft_viterbi(start, transition, emission)
    return logsumexp(V[-1]) + weighted(V)


def viterbi(start, transition, emission):
    """The best path, with its pointers kept and followed back."""
    steps, states = emission.shape
    delta = start + emission[0]
    back = np.zeros((steps, states), dtype=int)
    for t in range(1, steps):
        candidates = delta[:, None] + transition
        back[t] = np.argmax(candidates, axis=0)
        delta = candidates[back[t], np.arange(states)] + emission[t]
    path = [int(np.argmax(delta))]
    for t in range(steps - 1, 0, -1):
        path.append(int(back[t, path[-1]]))
    path.reverse()
    score = start[path[0]] + emission[0, path[0]]
    for t in range(1, steps):
        score = score + transition[path[t - 1], path[t]] ** 2 + emission[t, path[t]]
    return score


def forward_backward(pi, A, B, observed):
    """Both passes of a hidden Markov model, scaled; the posteriors of the states."""
    steps = len(observed)
    alpha = np.zeros((steps, len(pi)))
    beta = np.ones((steps, len(pi)))
    scale = np.zeros(steps)
    for t in range(steps):
        alpha[t] = (pi if t == 0 else alpha[t - 1] @ A) * B[:, observed[t]]
        scale[t] = alpha[t].sum()
        alpha[t] /= scale[t]
    for t in range(steps - 2, -1, -1):
        beta[t] = A @ (B[:, observed[t + 1]] * beta[t + 1]) / scale[t + 1]
    return alpha * beta, np.sum(np.log(scale))


def total_forward_backward(pi, A, B, observed):
    posterior, likelihood = forward_backward(pi, A, B, observed)
    return weighted(posterior) + likelihood


@dataclass
class Track:
    """What a filter keeps."""

    x: list
    P: list


def kalman(z, F, H, Q, R, x, P):
    """Means and covariances after every measurement, in arrays that are filled."""
    n = x.size
    xs = np.zeros((len(z), n))
    Ps = np.zeros((len(z), n, n))
    for t in range(len(z)):
        x = F @ x
        P = F @ P @ F.T + Q
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x = x + K @ (z[t] - H @ x)
        P = (np.eye(n) - K @ H) @ P
        xs[t] = x
        Ps[t] = P
    return xs, Ps


def total_kalman(z, F, H, Q, R, x, P):
    xs, Ps = kalman(z, F, H, Q, R, x, P)
    return weighted(xs) + weighted(Ps, 0.5)


def smoother(z, q, r, track):
    """A filter for one number, then the way back over what it left in the lists."""
    for value in z:
        prior = track.P[-1] + q
        gain = prior / (prior + r)
        track.x.append(track.x[-1] + gain * (value - track.x[-1]))
        track.P.append((1.0 - gain) * prior)
    for t in reversed(range(1, len(track.x) - 1)):
        c = track.P[t] / (track.P[t] + q)
        track.x[t] += c * (track.x[t + 1] - track.x[t])
        track.P[t] += c ** 2 * (track.P[t + 1] - track.P[t] - q)


def total_smoother(z, q, r, x0, p0):
    track = Track([x0], [p0])
    smoother(z, q, r, track)
    return weighted(np.array(track.x)) + weighted(np.array(track.P), 0.5)


# -- choices --------------------------------------------------------------------------------------------


def soft_knapsack(values, weights, capacity):
    """One row that is overwritten from its end, so that no item is taken twice."""
    best = np.zeros(capacity + 1)
    for v, w in zip(values, weights):
        for c in range(capacity, w - 1, -1):
            best[c] = np.logaddexp(best[c], best[c - w] + v)
    return best


def total_soft_knapsack(values, weights, capacity):
    return weighted(soft_knapsack(values, weights, capacity))


def knapsack_rows(values, weights, capacity):
    """All capacities at once: the row is read at an offset while it is written."""
    best = np.zeros(capacity + 1)
    for i in range(len(values)):
        w = weights[i]
        np.maximum(best[w:], best[:-w] + values[i], out=best[w:])
    return best


def total_knapsack_rows(values, weights, capacity):
    return weighted(knapsack_rows(values, weights, capacity))


def nussinov(pairing):
    """Folding: a triangle of intervals, the longer made of the shorter."""
    n = len(pairing)
    N = np.zeros((n, n))
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            N[i, j] = max(N[i, j - 1], N[i + 1, j])
            if i + 1 < j:
                N[i, j] = max(N[i, j], N[i + 1, j - 1] + pairing[i, j])
            for k in range(i + 1, j):
                N[i, j] = max(N[i, j], N[i, k] + N[k + 1, j])
    return N


def total_nussinov(pairing):
    return weighted(nussinov(pairing))


def inside(rules, words):
    """Sums over all trees above a sentence, for a grammar with two children to a node."""
    n, symbols = words.shape
    chart = np.zeros((n, n + 1, symbols))
    for i in range(n):
        chart[i, i + 1] = words[i]
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length
            for k in range(i + 1, j):
                chart[i, j] += np.einsum("abc,b,c->a", rules, chart[i, k], chart[k, j])
    return chart


def total_inside(rules, words):
    chart = inside(rules, words)
    return np.log(chart[0, len(words), 0]) + weighted(chart)


def floyd_warshall(path):
    """Shortest paths between all pairs, in place."""
    for k in range(path.shape[0]):
        path[:] = np.minimum(path, path[:, k, None] + path[None, k, :])


def total_floyd_warshall(path):
    floyd_warshall(path)
    return weighted(path)


def floyd_warshall_rows(path):
    n = path.shape[0]
    for k in range(n):
        for i in range(n):
            tmp = path[i, k] + path[k, :]
            shorter = tmp < path[i, :]
            path[i, shorter] = tmp[shorter]


def total_floyd_warshall_rows(path):
    floyd_warshall_rows(path)
    return weighted(path)


# -- options --------------------------------------------------------------------------------------------


def binomial_tree(spot, strike, rate, sigma, maturity, steps):
    """The price of an American put: one level of the tree, overwritten by the level before it."""
    dt = maturity / steps
    up = math.exp(sigma * math.sqrt(dt))
    down = 1.0 / up
    p = (math.exp(rate * dt) - down) / (up - down)
    discount = math.exp(-rate * dt)
    prices = spot * up ** np.arange(steps, -steps - 1, -2)
    values = np.maximum(strike - prices, 0.0)
    for level in range(steps, 0, -1):
        values[:level] = discount * (p * values[:level] + (1.0 - p) * values[1:level + 1])
        prices[:level] *= down
        values[:level] = np.maximum(values[:level], strike - prices[:level])
    return values[0]


def binomial_scalar(spot, strike, rate, sigma, maturity, steps):
    """The European call, node by node."""
    dt = maturity / steps
    up = np.exp(sigma * np.sqrt(dt))
    p = (np.exp(rate * dt) - 1.0 / up) / (up - 1.0 / up)
    v = np.zeros(steps + 1)
    for i in range(steps + 1):
        v[i] = max(spot * up ** (2 * i - steps) - strike, 0.0)
    for level in range(steps - 1, -1, -1):
        for i in range(level + 1):
            v[i] = np.exp(-rate * dt) * (p * v[i + 1] + (1.0 - p) * v[i])
    return v[0]


def exercise_paths(z, spot, strike, rate, sigma, dt):
    """Paths filled step by step, then the decision at each step backwards, by masks."""
    steps, n = z.shape
    S = np.empty((steps + 1, n))
    S[0] = spot
    for t in range(steps):
        S[t + 1] = S[t] * np.exp((rate - 0.5 * sigma ** 2) * dt + sigma * math.sqrt(dt) * z[t])
    cash = np.maximum(strike - S[-1], 0.0)
    for t in range(steps - 1, 0, -1):
        cash *= math.exp(-rate * dt)
        exercise = np.maximum(strike - S[t], 0.0)
        early = exercise > 0.3
        cash[early] = exercise[early]
    return math.exp(-rate * dt) * np.mean(cash)


def for_kalman(rng):
    F = np.eye(3) + 0.2 * rng.normal(size=(3, 3))
    return rng.normal(size=(4, 2)), F, rng.normal(size=(2, 3)), spd(rng, 3), spd(rng, 2), rng.normal(size=3), spd(rng, 3)


def distances(rng, n):
    d = rng.uniform(0.5, 3.0, (n, n))
    np.fill_diagonal(d, rng.uniform(0.1, 0.2, n))      # zeros would be ties
    return d


def stochastic(rng, *shape):
    a = rng.uniform(0.2, 1.0, shape)
    return a / a.sum(axis=-1, keepdims=True)


KERNELS = [
    Kernel("soft_dtw", soft_dtw, lambda rng: (rng.normal(size=5), rng.normal(size=6), 0.7), (0, 1, 2), strided=True),
    Kernel("edit_distance", total_edit_distance, lambda rng: (rng.uniform(0.2, 1.5, (3, 4)), 0.6), (0, 1)),
    Kernel("smith_waterman", total_smith_waterman, lambda rng: (rng.normal(size=(5, 6)), 0.45), (0, 1)),
    Kernel("soft_viterbi", total_soft_viterbi, lambda rng: (rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(5, 3))),
           (0, 1, 2)),
    Kernel("viterbi", viterbi, lambda rng: (rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(5, 3))), (0, 1, 2)),
    Kernel("forward_backward", total_forward_backward, lambda rng: (
        stochastic(rng, 3), stochastic(rng, 3, 3), stochastic(rng, 3, 4), np.array([1, 0, 3, 2, 2])), (0, 1, 2)),
    Kernel("kalman", total_kalman, for_kalman, tuple(range(7)), strided=True),
    Kernel("smoother", total_smoother, lambda rng: (rng.normal(size=5), 0.3, 0.5, 0.1, 1.2), (0, 1, 2, 3, 4)),
    Kernel("soft_knapsack", total_soft_knapsack, lambda rng: (rng.normal(size=4), [2, 3, 1, 4], 8), (0,)),
    Kernel("knapsack_rows", total_knapsack_rows, lambda rng: (rng.uniform(0.5, 2.0, 4), [2, 3, 1, 4], 8), (0,)),
    Kernel("nussinov", total_nussinov, lambda rng: (rng.uniform(-0.5, 1.0, (7, 7)),), (0,)),
    Kernel("inside", total_inside, lambda rng: (rng.uniform(0.1, 1.0, (3, 3, 3)), rng.uniform(0.1, 1.0, (4, 3))), (0, 1)),
    Kernel("floyd_warshall", total_floyd_warshall, lambda rng: (distances(rng, 7),), (0,)),
    Kernel("floyd_warshall_large", total_floyd_warshall, lambda rng: (distances(rng, 25),), (0,)),
    Kernel("floyd_warshall_rows", total_floyd_warshall_rows, lambda rng: (distances(rng, 6),), (0,)),
    Kernel("binomial_tree", binomial_tree, lambda rng: (36.3, 40.1, 0.06, 0.21, 1.0, 9), (0, 1, 2, 3, 4)),
    Kernel("binomial_tree_large", binomial_tree, lambda rng: (36.3, 40.1, 0.06, 0.21, 1.0, 60), (0, 1, 2, 3, 4)),
    Kernel("binomial_scalar", binomial_scalar, lambda rng: (36.3, 35.2, 0.06, 0.21, 1.0, 7), (0, 1, 2, 3, 4)),
    Kernel("exercise_paths", exercise_paths, lambda rng: (rng.normal(size=(4, 6)), 1.0, 1.1, 0.03, 0.3, 0.5),
           (0, 1, 2, 3, 4, 5)),
]
