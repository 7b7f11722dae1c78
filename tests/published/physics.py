"""Particles and fluids: states that are moved in place, step by step, and what is recorded on the way."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.published.base import Kernel, weighted

# -- particles ------------------------------------------------------------------------------------------


def gravity(pos, mass, softening):
    dx = pos[:, None, :] - pos[None, :, :]
    inv3 = (np.sum(dx ** 2, axis=2) + softening ** 2) ** -1.5
    return -np.sum(dx * (inv3 * mass)[:, :, None], axis=1)


def energies(pos, vel, mass, softening):
    kinetic = 0.5 * np.sum(mass[:, None] * vel ** 2)
    potential = 0.0
    n = len(mass)
    for i in range(n):
        for j in range(i):
            d = pos[i] - pos[j]
            potential -= mass[i] * mass[j] / np.sqrt(d @ d + softening ** 2)
    return kinetic, potential


def nbody(mass, pos, vel, dt, softening, steps):
    """Kick, drift, kick; both energies are recorded at the start and after each step."""
    vel -= np.mean(mass[:, None] * vel, axis=0) / np.mean(mass)
    acc = gravity(pos, mass, softening)
    KE = np.ndarray(steps + 1)
    PE = np.ndarray(steps + 1)
    KE[0], PE[0] = energies(pos, vel, mass, softening)
    for t in range(steps):
        vel += 0.5 * dt * acc
        pos += dt * vel
        acc[:] = gravity(pos, mass, softening)
        vel += 0.5 * dt * acc
        KE[t + 1], PE[t + 1] = energies(pos, vel, mass, softening)
    return KE, PE


def total_nbody(mass, pos, vel, dt, softening, steps):
    KE, PE = nbody(mass, pos, vel, dt, softening, steps)
    return weighted(KE) + weighted(PE, 0.5) + weighted(pos, 1.0) + weighted(vel, 1.5)


def force_of_well(q):
    return -q * (q * q - 1.0)


def leapfrog(q, p, dt, steps, force):
    """Positions and momenta are moved where they are."""
    p += 0.5 * dt * force(q)
    for _ in range(steps - 1):
        q += dt * p
        p += dt * force(q)
    q += dt * p
    p += 0.5 * dt * force(q)


def total_leapfrog(q, p, dt, steps):
    leapfrog(q, p, dt, steps, force_of_well)
    return weighted(q) + weighted(p, 0.5)


def spring_forces(x, k, rest):
    """Neighbours pull at each other; the first mass hangs on a wall."""
    f = np.zeros_like(x)
    stretch = np.diff(x) - rest
    f[:-1] += k[1:] * stretch
    f[1:] -= k[1:] * stretch
    f[0] -= k[0] * x[0]
    return f


def spring_chain(state, k, rest, damping, dt, steps):
    """Runge-Kutta on positions and velocities in one array; every state is kept."""
    n = state.size // 2
    trajectory = np.zeros((steps + 1, state.size))
    trajectory[0] = state

    def rhs(s):
        out = np.empty_like(s)
        out[:n] = s[n:]
        out[n:] = spring_forces(s[:n], k, rest) - damping * s[n:]
        return out

    for t in range(steps):
        s = trajectory[t]
        k1 = rhs(s)
        k2 = rhs(s + 0.5 * dt * k1)
        k3 = rhs(s + 0.5 * dt * k2)
        k4 = rhs(s + dt * k3)
        trajectory[t + 1] = s + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return trajectory


def total_spring_chain(state, k, rest, damping, dt, steps):
    return weighted(spring_chain(state, k, rest, damping, dt, steps))


def lennard_jones(pos, box, cutoff):
    """Forces and energy of a periodic box, of all pairs nearer than the cutoff."""
    d = pos[:, None, :] - pos[None, :, :]
    d -= box * np.round(d / box)
    r2 = np.sum(d ** 2, axis=-1)
    near = (r2 < cutoff ** 2) & ~np.eye(len(pos), dtype=bool)
    inv6 = np.zeros_like(r2)
    inv6[near] = 1.0 / r2[near] ** 3
    strength = np.zeros_like(r2)
    strength[near] = 24.0 * (2.0 * inv6[near] ** 2 - inv6[near]) / r2[near]
    return np.sum(strength[:, :, None] * d, axis=1), 2.0 * np.sum(inv6 ** 2 - inv6)


def total_lennard_jones(pos, box, cutoff):
    force, energy = lennard_jones(pos, box, cutoff)
    return weighted(force) + energy


@dataclass
class Ball:
    """A mass with a place and a speed."""

    pos: np.ndarray
    vel: np.ndarray
    mass: float

    def step(self, force, dt):
        self.vel += force / self.mass * dt
        self.pos += self.vel * dt


def total_balls(pos, vel, mass, dt):
    """Objects in a list; each pulls at the next."""
    balls = [Ball(pos[i].copy(), vel[i].copy(), mass[i]) for i in range(len(mass))]
    for _ in range(3):
        forces = [np.zeros(2) for _ in balls]
        for i in range(len(balls) - 1):
            d = balls[i + 1].pos - balls[i].pos
            forces[i] += d
            forces[i + 1] -= d
        for ball, force in zip(balls, forces):
            ball.step(force, dt)
    total = 0.0
    for i, ball in enumerate(balls):
        total += weighted(ball.pos, i) + 0.5 * ball.mass * (ball.vel @ ball.vel)
    return total


class Orbit(NamedTuple):
    """A state that is replaced, not changed; its arrays are changed all the same."""

    q: np.ndarray
    p: np.ndarray


def verlet(state, mu, dt):
    r = np.sqrt(state.q @ state.q)
    state.p[:] -= dt * mu * state.q / r ** 3
    return state._replace(q=state.q + dt * state.p)


def total_orbit(q, p, mu, dt, steps):
    state = Orbit(q, p)
    radii = []
    for _ in range(steps):
        state = verlet(state, mu, dt)
        radii.append(np.linalg.norm(state.q))
    return weighted(np.array(radii)) + weighted(state.q, 0.5) + weighted(p, 1.0)


def epidemic(state, beta, gamma, dt, steps):
    """Three groups in a dict, whose arrays are changed in place; the peak is recorded."""
    history = {"i": [], "r": []}
    for _ in range(steps):
        new = dt * beta @ state["i"] * state["s"]
        healed = dt * gamma * state["i"]
        state["s"] -= new
        state["i"] += new - healed
        state["r"] += healed
        history["i"].append(state["i"].sum())
        history["r"].append(state["r"].sum())
    return history


def total_epidemic(state, beta, gamma, dt, steps):
    history = epidemic(state, beta, gamma, dt, steps)
    return (weighted(np.array(history["i"])) + weighted(np.array(history["r"]), 0.5)
            + weighted(state["s"], 1.0) + weighted(state["i"], 1.5))


# -- fluids ---------------------------------------------------------------------------------------------


def build_up_b(b, rho, dt, u, v, dx, dy):
    ux = (u[1:-1, 2:] - u[1:-1, :-2]) / (2.0 * dx)
    vy = (v[2:, 1:-1] - v[:-2, 1:-1]) / (2.0 * dy)
    uy = (u[2:, 1:-1] - u[:-2, 1:-1]) / (2.0 * dy)
    vx = (v[1:-1, 2:] - v[1:-1, :-2]) / (2.0 * dx)
    b[1:-1, 1:-1] = rho * ((ux + vy) / dt - ux ** 2 - 2.0 * uy * vx - vy ** 2)


def pressure_poisson(nit, p, dx, dy, b):
    for _ in range(nit):
        pn = p.copy()
        p[1:-1, 1:-1] = ((pn[1:-1, 2:] + pn[1:-1, :-2]) * dy ** 2 + (pn[2:, 1:-1] + pn[:-2, 1:-1]) * dx ** 2
                         - b[1:-1, 1:-1] * dx ** 2 * dy ** 2) / (2.0 * (dx ** 2 + dy ** 2))
        p[:, -1] = p[:, -2]
        p[0, :] = p[1, :]
        p[:, 0] = p[:, 1]
        p[-1, :] = 0.0


def cavity_flow(nt, nit, u, v, p, dt, dx, dy, rho, nu, lid):
    """Pressure, then both velocities, then the walls; the last row is the lid."""
    b = np.zeros_like(p)
    for _ in range(nt):
        un = u.copy()
        vn = v.copy()
        build_up_b(b, rho, dt, u, v, dx, dy)
        pressure_poisson(nit, p, dx, dy, b)
        inner, west, east = un[1:-1, 1:-1], un[1:-1, :-2], un[1:-1, 2:]
        u[1:-1, 1:-1] = (inner - inner * dt / dx * (inner - west)
                         - vn[1:-1, 1:-1] * dt / dy * (inner - un[:-2, 1:-1])
                         - dt / (2.0 * rho * dx) * (p[1:-1, 2:] - p[1:-1, :-2])
                         + nu * dt * ((east - 2.0 * inner + west) / dx ** 2
                                      + (un[2:, 1:-1] - 2.0 * inner + un[:-2, 1:-1]) / dy ** 2))
        v[1:-1, 1:-1] = (vn[1:-1, 1:-1] - inner * dt / dx * (vn[1:-1, 1:-1] - vn[1:-1, :-2])
                         - vn[1:-1, 1:-1] * dt / dy * (vn[1:-1, 1:-1] - vn[:-2, 1:-1])
                         - dt / (2.0 * rho * dy) * (p[2:, 1:-1] - p[:-2, 1:-1])
                         + nu * dt * ((vn[1:-1, 2:] - 2.0 * vn[1:-1, 1:-1] + vn[1:-1, :-2]) / dx ** 2
                                      + (vn[2:, 1:-1] - 2.0 * vn[1:-1, 1:-1] + vn[:-2, 1:-1]) / dy ** 2))
        u[0, :] = 0.0
        u[:, 0] = 0.0
        u[:, -1] = 0.0
        u[-1, :] = lid
        v[0, :] = v[-1, :] = 0.0
        v[:, 0] = v[:, -1] = 0.0


def total_cavity_flow(nt, nit, u, v, p, dt, dx, dy, rho, nu, lid):
    cavity_flow(nt, nit, u, v, p, dt, dx, dy, rho, nu, lid)
    return weighted(u) + weighted(v, 0.5) + weighted(p, 1.0)


def channel_flow(u, dt, dx, dy, nu, force, tol):
    """Periodic along the channel, walls on both sides, until the flow hardly changes."""
    change = 1.0
    steps = 0
    while change > tol:
        un = u.copy()
        for east, mid, west in ((slice(2, None), slice(1, -1), slice(None, -2)), (0, -1, -2), (1, 0, -1)):
            u[1:-1, mid] = (un[1:-1, mid] - un[1:-1, mid] * dt / dx * (un[1:-1, mid] - un[1:-1, west])
                            + nu * dt / dx ** 2 * (un[1:-1, east] - 2.0 * un[1:-1, mid] + un[1:-1, west])
                            + nu * dt / dy ** 2 * (un[2:, mid] - 2.0 * un[1:-1, mid] + un[:-2, mid]) + dt * force)
        u[0, :] = 0.0
        u[-1, :] = 0.0
        change = abs(np.sum(u) - np.sum(un)) / np.sum(u)
        steps += 1
    return steps


def total_channel_flow(u, dt, dx, dy, nu, force, tol):
    channel_flow(u, dt, dx, dy, nu, force, tol)
    return weighted(u)


DIRECTIONS = ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1))
WEIGHTS = np.array([4 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 36, 1 / 36, 1 / 36, 1 / 36])
OPPOSITE = [0, 3, 4, 1, 2, 7, 8, 5, 6]


def lattice_boltzmann(f, wall, tau, steps):
    """Stream by rolling, bounce back from walls, relax towards equilibrium."""
    equilibrium = np.zeros_like(f)
    for _ in range(steps):
        for i, (cx, cy) in enumerate(DIRECTIONS):
            f[i] = np.roll(f[i], (cx, cy), axis=(0, 1))
        bounced = f[OPPOSITE][:, wall]
        rho = f.sum(axis=0)
        ux = sum(cx * f[i] for i, (cx, _) in enumerate(DIRECTIONS)) / rho
        uy = sum(cy * f[i] for i, (_, cy) in enumerate(DIRECTIONS)) / rho
        for i, (cx, cy) in enumerate(DIRECTIONS):
            cu = 3.0 * (cx * ux + cy * uy)
            equilibrium[i] = WEIGHTS[i] * rho * (1.0 + cu + 0.5 * cu ** 2 - 1.5 * (ux ** 2 + uy ** 2))
        f += (equilibrium - f) / tau
        f[:, wall] = bounced


def total_lattice_boltzmann(f, wall, tau, steps):
    lattice_boltzmann(f, wall, tau, steps)
    return weighted(f)


def cavity_arguments(rng, n, m):
    u, v, p = 0.5 * rng.normal(size=(3, n, m))
    return 2, 3, u, v, p, 0.05, 0.4, 0.5, 1.1, 0.1, 1.0


def epidemic_arguments(rng):
    state = {"s": rng.uniform(0.5, 1.0, 3), "i": rng.uniform(0.1, 0.3, 3), "r": np.zeros(3)}
    return state, rng.uniform(0.5, 1.5, (3, 3)), rng.uniform(0.2, 0.4, 3), 0.1, 4


def scattered(rng):
    """Points of a box, well apart, none near half a box or the cutoff from another."""
    return np.array([[0.2, 0.3], [1.5, 0.1], [2.9, 0.6], [0.5, 1.7], [1.9, 1.4], [2.7, 2.6]]) + 0.05 * rng.normal(size=(6, 2))


WALL = np.array([[1, 0, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0]], dtype=bool)

KERNELS = [
    Kernel("nbody", total_nbody, lambda rng: (rng.uniform(0.5, 1.5, 4), rng.normal(size=(4, 3)), rng.normal(size=(4, 3)),
                                              0.05, 0.3, 3), (0, 1, 2, 3, 4), strided=True),
    Kernel("leapfrog", total_leapfrog, lambda rng: (rng.normal(size=6), rng.normal(size=6), 0.1, 5), (0, 1, 2), strided=True),
    Kernel("leapfrog_large", total_leapfrog, lambda rng: (rng.normal(size=100), rng.normal(size=100), 0.05, 30), (0, 1, 2)),
    Kernel("spring_chain", total_spring_chain,
           lambda rng: (rng.normal(size=8), rng.uniform(1.0, 2.0, 4), 0.4, 0.2, 0.1, 3), (0, 1, 2, 3, 4)),
    Kernel("lennard_jones", total_lennard_jones, lambda rng: (scattered(rng), 3.7, 1.7), (0, 1)),
    Kernel("balls", total_balls, lambda rng: (rng.normal(size=(4, 2)), rng.normal(size=(4, 2)), rng.uniform(0.5, 1.5, 4), 0.1),
           (0, 1, 2, 3)),
    Kernel("orbit", total_orbit, lambda rng: (np.array([1.0, 0.3]), np.array([-0.2, 1.1]), 1.3, 0.1, 6), (0, 1, 2, 3)),
    Kernel("epidemic", total_epidemic, epidemic_arguments, (0, 1, 2, 3)),
    Kernel("cavity_flow", total_cavity_flow, lambda rng: cavity_arguments(rng, 5, 6), (2, 3, 4, 5, 6, 7, 8, 9, 10)),
    Kernel("cavity_flow_large", total_cavity_flow, lambda rng: cavity_arguments(rng, 21, 17), (2, 3, 4, 5, 6, 7, 8, 9, 10)),
    Kernel("channel_flow", total_channel_flow, lambda rng: (rng.uniform(0.2, 0.4, (5, 6)), 0.1, 0.5, 0.4, 0.1, 1.0, 0.06),
           (0, 1, 2, 3, 4, 5)),
    Kernel("lattice_boltzmann", total_lattice_boltzmann,
           lambda rng: (WEIGHTS[:, None, None] * rng.uniform(0.8, 1.2, (9, 3, 4)), WALL, 0.8, 2), (0, 2)),
]
