"""The kernels themselves, with no compiler: what runs in steps (grids, particles, networks, tables)."""

import itertools
import math

import numpy as np
import pytest

from tests.fd import slope
from tests.published import dynamic, learning, physics, stencils

TINY = 1e-10


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def close(a, b, tol=TINY):
    return np.allclose(a, b, rtol=tol, atol=tol)


# -- grids ----------------------------------------------------------------------------------------------


def test_diffusion_leaves_planes_alone(rng):
    line = 0.3 + 0.7 * np.arange(8.0)
    plane = line[:, None] - 1.3 * np.arange(7.0)
    box = plane[:, :, None] + 0.2 * np.arange(5.0)
    A, B = line.copy(), line.copy()
    stencils.jacobi_1d(3, A, B)
    assert close(A, line)
    A, B = plane.copy(), plane.copy()
    stencils.jacobi_2d(A, B, 3)
    assert close(A, plane)
    stencils.heat_2d(A, 0.1, 3)
    assert close(A, plane)
    stencils.seidel_2d(A, 3)
    assert close(A, plane)
    assert close(stencils.heat_3d(box.copy(), box.copy(), 0.1, 3), box)
    flux = stencils.variable_diffusion(A := line.copy(), np.ones(7), 0.1, 3)
    assert close(A, line)
    assert close(flux, 0.7)


def test_heat_3d_is_what_it_is_without_buffers(rng):
    u = rng.normal(size=(4, 5, 6))
    v = u.copy()
    for _ in range(3):
        w = v.copy()
        for axis in range(3):
            w[1:-1, 1:-1, 1:-1] += 0.1 * np.diff(v, 2, axis=axis)[tuple(
                slice(None) if a == axis else slice(1, -1) for a in range(3))]
        v = w
    assert close(stencils.heat_3d(u.copy(), u.copy(), 0.1, 3), v)


def test_implicit_steps(rng):
    u, r = rng.normal(size=7), 0.4
    L = np.diag(np.full(7, -2.0)) + np.diag(np.ones(6), 1) + np.diag(np.ones(6), -1)
    v = np.linalg.solve(np.eye(7) - 0.5 * r * L, (np.eye(7) + 0.5 * r * L) @ u)
    stencils.crank_nicolson(u, r, 1)
    assert close(u, v)
    ones = np.ones((6, 6))
    stencils.adi(ones, 0.3, 3)
    assert close(ones, 1.0)
    u = rng.normal(size=(6, 6))
    stencils.adi(u, 0.3, 200)
    assert close(u[1:-1, 1:-1], 1.0, 1e-6)


def test_relaxation(rng):
    f = rng.normal(size=9)
    L = np.diag(np.full(7, 2.0)) - np.diag(np.ones(6), 1) - np.diag(np.ones(6), -1)
    exact = np.linalg.solve(L, f[1:-1] / 64.0)
    u = np.zeros(9)
    stencils.red_black(u, f, 0.125, 1.3, 300)
    assert close(u[1:-1], exact)
    u = np.zeros(9)
    for _ in range(30):
        stencils.v_cycle(u, f, 0.125)
    assert close(u[1:-1], exact)


def test_waves_and_transport(rng):
    q = rng.normal(size=8)
    assert close(stencils.lax_wendroff(q.copy(), 0.7, 0.05, 0.2, 3).sum(), q.sum())
    u = np.full(8, -0.4)
    stencils.burgers(u, 0.02, 0.2, 3)
    assert close(u, -0.4)
    u = rng.uniform(0.5, 1.0, 8)
    v = u - 0.1 * u * (u - np.roll(u, 1))
    stencils.burgers(u, 0.02, 0.2, 1)
    assert close(u, v)
    x = np.arange(60.0)
    prev, cur, _ = stencils.wave_1d(np.exp(-0.1 * (x - 30.0) ** 2), 1.0, 10)
    assert close(cur[5:-5], 0.5 * (np.exp(-0.1 * (x - 41.0) ** 2) + np.exp(-0.1 * (x - 19.0) ** 2))[5:-5], 1e-5)
    U, V = np.ones((5, 6)), np.zeros((5, 6))
    stencils.gray_scott(U, V, 0.035, 0.065, 3)
    assert np.all(U == 1.0) and np.all(V == 0.0)


def test_a_pulse_in_the_field_goes_at_the_speed_of_light():
    n, steps = 40, 30
    source = np.exp(-0.05 * (np.arange(steps) - 12.0) ** 2)
    ez = np.zeros((n, 60))
    stencils.fdtd_2d(ez, np.zeros((n, 59)), np.zeros((n - 1, 60)), source, 0.5)
    assert np.argmax(ez[:, 30]) == pytest.approx(0.5 * (steps - 13), abs=1.5)
    assert np.all(np.abs(ez[25:, 30]) < 1e-3)


def test_haar(rng):
    x = rng.normal(size=16)
    y = x.copy()
    stencils.haar_lifting(y, 4)
    assert close(y[0], x.mean())
    assert close(y[8:], x[1::2] - x[::2])
    assert close(y[4:8], 0.5 * (x[2::4] + x[3::4] - x[::4] - x[1::4]))


# -- particles and fluids -------------------------------------------------------------------------------


def test_particles(rng):
    mass, pos, vel = rng.uniform(0.5, 1.5, 4), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    KE, PE = physics.nbody(mass, pos, vel, 1e-3, 0.3, 50)
    assert close(KE + PE, KE[0] + PE[0], 1e-4)
    assert close(mass @ vel, 0.0)
    q, p = rng.normal(size=(2, 6))
    q1, p1 = q.copy(), p.copy()
    physics.leapfrog(q1, p1, 0.1, 5, physics.force_of_well)
    p1 *= -1.0
    physics.leapfrog(q1, p1, 0.1, 5, physics.force_of_well)
    assert close(q1, q)
    assert close(p1, -p)
    state, k = rng.normal(size=8), rng.uniform(1.0, 2.0, 4)
    path = physics.spring_chain(state, k, 0.4, 0.0, 0.01, 20)
    x, v = path[:, :4], path[:, 4:]
    energy = 0.5 * np.sum(v ** 2, axis=1) + 0.5 * k[0] * x[:, 0] ** 2 + 0.5 * (np.diff(x, axis=1) - 0.4) ** 2 @ k[1:]
    assert close(energy, energy[0], 1e-7)
    q, p = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    for _ in range(100):
        q, p = physics.verlet(physics.Orbit(q, p), 1.0, 0.01)
    assert close(np.linalg.norm(q), 1.0, 1e-2)
    assert close(q, [math.cos(1.0), math.sin(1.0)], 2e-2)


def test_forces_are_slopes_of_the_energy(rng):
    pos = physics.scattered(rng)
    force, _ = physics.lennard_jones(pos, 3.7, 1.7)
    for direction in rng.normal(size=(3, 6, 2)):
        want = slope(lambda x: physics.lennard_jones(x, 3.7, 1.7)[1], (pos,), {}, (0,), [direction], 1e-4)
        assert close(-np.sum(force * direction), want, 1e-5)


def test_epidemic(rng):
    state, beta, gamma, dt, steps = physics.epidemic_arguments(rng)
    before = state["s"] + state["i"] + state["r"]
    history = physics.epidemic(state, beta, gamma, dt, steps)
    assert close(state["s"] + state["i"] + state["r"], before)
    assert len(history["i"]) == steps and history["r"][-1] == state["r"].sum()


def test_fluids(rng):
    u, v, p = np.zeros((3, 7, 8))
    physics.cavity_flow(3, 4, u, v, p, 0.05, 0.4, 0.5, 1.1, 0.1, 0.0)
    assert not u.any() and not v.any() and not p.any()
    physics.cavity_flow(300, 4, u, v, p, 0.05, 0.4, 0.5, 1.1, 0.1, 1.0)
    assert np.all(u[-1] == 1.0) and u[-2, 4] > 0.1 > -0.01 > u[2, 4]    # along with the lid, and back below
    u = np.zeros((9, 6))
    physics.channel_flow(u, 0.1, 0.5, 0.4, 0.1, 1.0, 1e-7)
    y = 0.4 * np.arange(9)
    assert close(u, (y * (3.2 - y) / 0.2)[:, None], 1e-4)
    f = physics.WEIGHTS[:, None, None] * rng.uniform(0.8, 1.2, (9, 3, 4))
    mass = f.sum()
    physics.lattice_boltzmann(f, physics.WALL, 0.8, 5)
    assert close(f.sum(), mass)


# -- networks -------------------------------------------------------------------------------------------


def test_convolutions(rng):
    from scipy import signal  # it takes a second

    image, kernel = rng.normal(size=(6, 7)), rng.normal(size=(3, 3))
    want = signal.correlate2d(image, kernel)
    assert close(learning.conv2d(image[None, :, :, None], kernel[:, :, None, None], 0.0)[0, :, :, 0], want[2:-2, 2:-2])
    assert close(learning.conv2d_places(image, kernel, 1), want[1:-1, 1:-1])
    assert close(learning.conv2d_places(image, kernel, 2), want[1:-1:2, 1:-1:2])
    pooled = learning.maxpool(image[None, :, :6, None])[0, :, :, 0]
    assert close(pooled, image[:, :6].reshape(3, 2, 3, 2).max(axis=(1, 3)))


def test_recurrence(rng):
    xs = rng.normal(size=(4, 3))
    hidden, c = learning.lstm(xs, np.zeros((3, 8)), np.zeros((2, 8)), np.zeros(8))
    assert not hidden.any() and not c.any()
    _, c = learning.lstm(xs, np.zeros((3, 4)), np.zeros((1, 4)), np.array([50.0, 50.0, 0.0, 50.0]))
    assert close(c, 4.0)            # gates that are open: the cell counts
    h = learning.elman(xs, np.eye(3), np.zeros((3, 3)), np.zeros(3))
    assert close(h, np.tanh(xs))
    zero = np.zeros
    loss = learning.rnn(xs, zero(2), zero((3, 2)), zero((2, 2)), zero((2, 3)), zero(2), zero(3), [2, 0, 1, 2])
    assert close(loss, 4.0 * math.log(3.0))
    cell = learning.GRU(np.zeros((3, 2, 3)), np.zeros((3, 2, 2)), 2)
    cell.h = np.array([1.0, -2.0])
    assert close(cell.step(xs[0]), [0.5, -1.0])


def test_attention_looks_back_only(rng):
    x, *W = rng.normal(size=(5, 4, 4))
    first = learning.attention(x, *W, 2)
    x[2:] += 1.0
    second = learning.attention(x, *W, 2)
    assert close(first[:2], second[:2]) and not close(first[2:], second[2:], 1e-3)
    assert close(first[0], (x[0] @ W[2]) @ W[3])


def test_norms(rng):
    x, running = rng.normal(size=(50, 3)), {"mean": np.zeros(3), "var": np.ones(3)}
    mean = x.mean(axis=0)
    gamma, beta = rng.normal(size=3), rng.normal(size=3)
    learning.batch_norm(x, gamma, beta, running, 0.9)
    assert close(x.mean(axis=0), beta)
    assert close(x.std(axis=0), np.abs(gamma), 1e-4)
    assert close(running["mean"], 0.1 * mean)
    out = np.empty_like(x)
    learning.layer_norm(x, np.ones(3), out)
    assert close(out, (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5))


def test_training(rng):
    params, X, y = learning.mlp_params(rng), rng.normal(size=(8, 3)), rng.integers(0, 3, 8)
    _, grads = learning.loss_and_grads(params, X, y)
    for name in params:
        direction = [rng.normal(size=p.shape) * (key == name) for key, p in params.items()]
        want = slope(lambda p: learning.loss_and_grads(p, X, y)[0], (params,), {}, (0,), direction, 1e-5)
        assert close(sum(np.sum(grads[key] * d) for key, d in zip(params, direction)), want, 1e-6)
    losses = learning.train_sgd(params, X, y, 0.1, 0.8, 60)
    assert losses[-1] < 0.5 * losses[0]
    start = {"w": rng.normal(size=2), "b": rng.normal(size=1)}
    X = rng.normal(size=(30, 2))
    found = learning.fit_with_adam(start, X, np.tanh(X @ np.array([0.4, -0.3]) + 0.2), 0.05, 500)
    assert close(found["w"], [0.4, -0.3], 1e-2) and close(found["b"], 0.2, 1e-2)
    table, args = rng.normal(size=(6, 3)), (np.array([1, 2, 0]), np.array([0, 1, 2]), np.array([4, 5]), 0.1)
    losses = [learning.word_vectors(table, *args) for _ in range(50)]
    assert losses[-1] < 0.2 * losses[0]


# -- tables ---------------------------------------------------------------------------------------------


def paths(states, steps):
    return itertools.product(range(states), repeat=steps)


def test_alignment(rng):
    x, y = rng.normal(size=4), rng.normal(size=5)

    def warp(i, j):
        cost = (x[i] - y[j]) ** 2
        before = [warp(a, b) for a, b in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if a >= 0 and b >= 0]
        return cost + min(before, default=0.0)
    assert close(dynamic.soft_dtw(x, y, 1e-4), warp(3, 4), 1e-6)
    assert close(dynamic.edit_distance(np.full((2, 1), 0.3), 0.5, 2, 1, {}), -math.log(
        math.exp(-1.5 + 0.0) + math.exp(-0.5 + math.log(2.0 * math.exp(-1.0) + math.exp(-0.3))) + math.exp(-0.8)))
    score = rng.normal(size=(1, 3))
    H, best = dynamic.smith_waterman(score, 10.0)
    assert close(H[1, 1:], np.maximum(score[0], 0.0))
    assert best == H.max()


def test_chains(rng):
    start, T, E = rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(4, 3))

    def log_weight(path):
        return start[path[0]] + sum(E[t, s] for t, s in enumerate(path)) + sum(map(lambda a, b: T[a, b], path, path[1:]))
    total = math.log(sum(math.exp(log_weight(p)) for p in paths(3, 4)))
    assert close(dynamic.logsumexp(dynamic.soft_viterbi(start, T, E)[-1]), total)
    best = max(paths(3, 4), key=log_weight)
    assert close(dynamic.viterbi(start, T, E), log_weight(best) + sum(T[a, b] ** 2 - T[a, b] for a, b in zip(best, best[1:])))
    pi, A, B = dynamic.stochastic(rng, 3), dynamic.stochastic(rng, 3, 3), dynamic.stochastic(rng, 3, 4)
    observed = [1, 0, 3]
    joint = {p: pi[p[0]] * A[p[0], p[1]] * A[p[1], p[2]] * np.prod(B[p, observed]) for p in paths(3, 3)}
    posterior, likelihood = dynamic.forward_backward(pi, A, B, observed)
    assert close(likelihood, math.log(sum(joint.values())))
    want = [[sum(w for p, w in joint.items() if p[t] == s) for s in range(3)] for t in range(3)]
    assert close(posterior, np.array(want) / sum(joint.values()))


def test_filters(rng):
    z, q, r = rng.normal(size=4), 0.3, 0.5
    track = dynamic.Track([0.1], [1.2])
    dynamic.smoother(z, q, r, track)
    prior = 1.2 + q * np.minimum.outer(np.arange(5), np.arange(5))         # a random walk
    cross, noisy = prior[:, 1:], prior[1:, 1:] + r * np.eye(4)
    mean = 0.1 + cross @ np.linalg.solve(noisy, z - 0.1)
    cov = prior - cross @ np.linalg.solve(noisy, cross.T)
    assert close(track.x[1:], mean[1:])
    assert close(track.P[1:], np.diag(cov)[1:])
    one = np.ones((1, 1))
    xs, Ps = dynamic.kalman(z[:, None], one, one, q * one, r * one, np.array([0.1]), 1.2 * one)
    assert close(xs[-1, 0], mean[-1]) and close(Ps[-1, 0, 0], cov[-1, -1])


def test_choices(rng):
    values, weights = rng.uniform(0.5, 2.0, 4), [2, 3, 1, 4]
    subsets = [s for k in range(5) for s in itertools.combinations(range(4), k)]
    for capacity in (5, 8):
        inside = [sum(values[i] for i in s) for s in subsets if sum(weights[i] for i in s) <= capacity]
        assert close(dynamic.soft_knapsack(values, weights, capacity)[-1], math.log(sum(map(math.exp, inside))))
        assert close(dynamic.knapsack_rows(values, weights, capacity)[-1], max(inside))
    pairing = np.zeros((6, 6))
    pairing[0, 5], pairing[1, 3], pairing[1, 4], pairing[2, 4] = 1.0, 0.4, 0.9, 0.8
    assert close(dynamic.nussinov(pairing)[0, 5], 1.9)
    rules, words = rng.uniform(0.1, 1.0, (2, 2, 2)), rng.uniform(0.1, 1.0, (3, 2))
    left = np.einsum("abc,bde,d,e,c->a", rules, rules, *words)
    right = np.einsum("abc,cde,b,d,e->a", rules, rules, *words)
    assert close(dynamic.inside(rules, words)[0, 3], left + right)
    from scipy.sparse import csgraph

    d = dynamic.distances(rng, 7)
    want = csgraph.floyd_warshall(d)
    for way in (dynamic.floyd_warshall, dynamic.floyd_warshall_rows):
        path = d.copy()
        way(path)
        off = ~np.eye(7, dtype=bool)
        assert close(path[off], want[off])


def test_options(rng):
    spot, strike, rate, sigma = 36.3, 35.2, 0.06, 0.21
    d1 = (math.log(spot / strike) + rate + 0.5 * sigma ** 2) / sigma

    def normal(x):
        return 0.5 * math.erfc(-x / math.sqrt(2.0))
    call = spot * normal(d1) - strike * math.exp(-rate) * normal(d1 - sigma)
    assert close(dynamic.binomial_scalar(spot, strike, rate, sigma, 1.0, 200), call, 1e-2)
    put = call - spot + strike * math.exp(-rate)
    american = dynamic.binomial_tree(spot, strike, rate, sigma, 1.0, 200)
    assert put < american < put + 0.5
    z = rng.normal(size=(1, 100))
    ends = spot * np.exp(rate - 0.5 * sigma ** 2 + sigma * z[0])
    assert close(dynamic.exercise_paths(z, spot, strike, rate, sigma, 1.0),
                 math.exp(-rate) * np.mean(np.maximum(strike - ends, 0.0)))
