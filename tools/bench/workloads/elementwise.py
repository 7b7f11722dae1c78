"""A long chain of functions of single elements: smoothed pay-offs of options."""

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
                    (10, 100, 1000, 10_000, 100_000), None, None, functional)
