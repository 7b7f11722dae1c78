"""Simulations and optimisation test functions."""

import math

import numpy as np

from tests.corpus.base import case, normal, uniform


@case(uniform(-0.5, 1.5, 6))
def rosenbrock(x):
    a = x[1:] - x[:-1] ** 2
    b = 1.0 - x[:-1]
    return np.sum(100.0 * a * a + b * b)


@case(uniform(-1.0, 1.0, 4))
def rastrigin(x):
    return 10.0 * len(x) + np.sum(x ** 2 - 10.0 * np.cos(2 * np.pi * x))


@case(uniform(-1.0, 1.0, 3))
def ackley(x):
    a = -20.0 * np.exp(-0.2 * np.sqrt(np.mean(x ** 2)))
    return a - np.exp(np.mean(np.cos(2 * np.pi * x))) + 20.0 + np.e


@case(0.3, 0.9, argnums=(0, 1))
def himmelblau(x, y):
    return (x ** 2 + y - 11) ** 2 + (x + y ** 2 - 7) ** 2


@case(0.8, 0.0, argnums=(0, 1))
def pendulum(angle, velocity):
    dt = 0.05
    for _ in range(30):
        velocity = velocity - dt * 9.81 * math.sin(angle)
        angle = angle + dt * velocity
    return angle


def lorenz(state, t):
    x, y, z = state
    return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])


def rk4(f, y, t, h):
    k1 = f(y, t)
    k2 = f(y + 0.5 * h * k1, t + 0.5 * h)
    k3 = f(y + 0.5 * h * k2, t + 0.5 * h)
    k4 = f(y + h * k3, t + h)
    return y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


@case(np.array([1.0, 0.5, 20.0]))
def lorenz_by_runge_kutta(start):
    y, t = start, 0.0
    while t < 0.1:
        y = rk4(lorenz, y, t, 0.02)
        t += 0.02
    return y @ y


@case(normal(10))
def heat_equation(u):
    for _ in range(4):
        u = u + 0.2 * (np.roll(u, 1) - 2.0 * u + np.roll(u, -1))
    return np.sum(u ** 2)


@case(normal(5, 5))
def laplace_energy(u):
    gx = u[1:, :] - u[:-1, :]
    gy = u[:, 1:] - u[:, :-1]
    return 0.5 * (np.sum(gx * gx) + np.sum(gy * gy))


@case(normal(4, 3, scale=2.0))
def lennard_jones(positions):
    energy = 0.0
    n = len(positions)
    for i in range(n):
        for j in range(i):
            d = positions[i] - positions[j]
            r2 = d @ d
            s6 = 1.0 / r2 ** 3
            energy += 4.0 * (s6 * s6 - s6)
    return energy * 1e-3


@case(normal(4, 2), uniform(0.5, 1.5, 4, seed=1), argnums=(0, 1))
def gravity(x, m):
    d = x[:, None, :] - x[None, :, :]
    r2 = np.sum(d * d, axis=-1) + 0.01
    return -0.5 * np.sum(m[:, None] * m[None, :] / np.sqrt(r2))


@case(40.0, 0.6, argnums=(0, 1), second=False)
def shot_with_drag(speed, angle):
    x, y = 0.0, 0.0
    vx, vy = speed * math.cos(angle), speed * math.sin(angle)
    dt = 0.02
    while y >= 0.0:
        v = math.sqrt(vx * vx + vy * vy)
        x, y = x + dt * vx, y + dt * vy
        vx, vy = vx - dt * 0.01 * v * vx, vy - dt * (9.81 + 0.01 * v * vy)
    return x - y * vx / vy


@case(0.9, 1.5, argnums=(0, 1))
def predator_prey(x, y):
    for _ in range(25):
        dx = x * (1.1 - 0.4 * y)
        dy = y * (0.1 * x - 0.4)
        x, y = x + 0.05 * dx, y + 0.05 * dy
    return x * y


@case(0.4, 0.3, argnums=(0, 1))
def robot_arm(shoulder, elbow):
    def link(angle, length):
        return np.array([np.cos(angle), np.sin(angle)]) * length
    hand = link(shoulder, 1.0) + link(shoulder + elbow, 0.7)
    target = np.array([0.5, 1.2])
    return np.sum((hand - target) ** 2)


@case(0.7)
def kepler(mean):
    e = 0.4
    big = mean
    for _ in range(50):
        step = (big - e * math.sin(big) - mean) / (1.0 - e * math.cos(big))
        big -= step
        if abs(step) < 1e-14:
            break
    return big


@case(normal(3))
def rotation(axis):
    angle = np.sqrt(axis @ axis)
    x, y, z = axis / angle
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    r = np.eye(3) + np.sin(angle) * k + (1.0 - np.cos(angle)) * (k @ k)
    return r[0, 1] + np.trace(r) * 0.3


@case(1.2, 3.0, argnums=(0, 1))
def simpson(a, b):
    n = 8
    h = (b - a) / n
    s = math.exp(-a * a) + math.exp(-b * b)
    for i in range(1, n):
        x = a + i * h
        s += (4.0 if i % 2 else 2.0) * math.exp(-x * x)
    return s * h / 3.0


@case(uniform(0.5, 1.5, 5))
def trapezoid(y):
    x = np.linspace(0.0, 1.0, 5) ** 2
    return np.sum(0.5 * (y[1:] + y[:-1]) * np.diff(x)) ** 2


@case(0.35)
def mandelbrot_escape(cx):
    x, y, n = 0.0, 0.0, 0
    while x * x + y * y < 4.0 and n < 40:
        x, y = x * x - y * y + cx, 2.0 * x * y + 0.3
        n += 1
    return math.log(x * x + y * y) / n
