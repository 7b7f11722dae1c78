"""A long chain of functions of single elements: smoothed pay-offs of options."""

import math

import numpy as np

from workloads.base import Workload, generator


def make(n):
    rng = generator()
    return rng.uniform(80.0, 120.0, n), rng.uniform(80.0, 120.0, n), rng.uniform(0.1, 0.5, n), rng.uniform(0.2, 2.0, n)


def primal(spot, strike, vol, time):
    width = vol * np.sqrt(time)
    d1 = (np.log(spot / strike) + 0.5 * vol * vol * time) / width
    d2 = d1 - width
    n1 = 1.0 / (1.0 + np.exp(-1.702 * d1))
    n2 = 1.0 / (1.0 + np.exp(-1.702 * d2))
    return np.sum(spot * n1 - strike * n2)


def hand(spot, strike, vol, time):
    root = np.sqrt(time)
    width = vol * root
    d1 = np.log(spot / strike)
    d1 += 0.5 * width * width
    d1 /= width
    d2 = d1 - width
    n1 = np.exp(-1.702 * d1)
    n1 += 1.0
    np.reciprocal(n1, out=n1)
    n2 = np.exp(-1.702 * d2)
    n2 += 1.0
    np.reciprocal(n2, out=n2)
    value = np.vdot(spot, n1) - np.vdot(strike, n2)
    d2_bar = 1.702 * n2
    d2_bar *= n2 - 1.0
    d2_bar *= strike
    d1_bar = 1.702 * n1
    d1_bar *= 1.0 - n1
    d1_bar *= spot
    d1_bar += d2_bar
    u_bar = d1_bar / width
    width_bar = d1_bar - u_bar * d1
    width_bar -= d2_bar
    return value, (n1 + u_bar / spot, -n2 - u_bar / strike, width_bar * root, 0.5 * width_bar * vol / root)


def hand_loops(spot, strike, vol, time):
    n, value = len(spot), 0.0
    spot_bar, strike_bar, vol_bar, time_bar = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        x, k, v, root = spot[i], strike[i], vol[i], math.sqrt(time[i])
        width = v * root
        inverse = 1.0 / width
        d1 = math.log(x / k) * inverse + 0.5 * width
        n1 = 1.0 / (1.0 + math.exp(-1.702 * d1))
        n2 = 1.0 / (1.0 + math.exp(-1.702 * (d1 - width)))
        p1, p2 = x * n1, k * n2
        value += p1 - p2
        d2_bar = 1.702 * p2 * (n2 - 1.0)
        d1_bar = 1.702 * p1 * (1.0 - n1) + d2_bar
        u_bar = d1_bar * inverse
        width_bar = d1_bar - u_bar * d1 - d2_bar
        spot_bar[i] = n1 + u_bar / x
        strike_bar[i] = -n2 - u_bar / k
        vol_bar[i] = width_bar * root
        time_bar[i] = 0.5 * width_bar * v / root
    return value, (spot_bar, strike_bar, vol_bar, time_bar)


def functional(np):
    def f(spot, strike, vol, time):
        width = vol * np.sqrt(time)
        d1 = (np.log(spot / strike) + 0.5 * vol * vol * time) / width
        d2 = d1 - width
        n1 = 1.0 / (1.0 + np.exp(-1.702 * d1))
        n2 = 1.0 / (1.0 + np.exp(-1.702 * d2))
        return np.sum(spot * n1 - strike * n2)
    return f


WORKLOAD = Workload("elementwise", "chain of elementwise functions, 100,000", make, primal, hand, (0, 1, 2, 3), 100_000,
                    (10, 100, 1000, 10_000, 100_000), None, hand_loops, functional)
