"""Prices and their sensitivities."""

import math

import numpy as np

from tests.corpus.base import case, normal, uniform


def normal_cdf(x):
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


@case(100.0, 95.0, 0.02, 0.25, 0.5, argnums=(0, 2, 3, 4))
def black_scholes_call(spot, strike, rate, vol, years):
    sd = vol * math.sqrt(years)
    d1 = (math.log(spot / strike) + rate * years) / sd + 0.5 * sd
    d2 = d1 - sd
    return spot * normal_cdf(d1) - strike * math.exp(-rate * years) * normal_cdf(d2)


@case(0.03, 5, argnums=0)
def bond_price(rate, years):
    coupons = sum(4.0 / (1.0 + rate) ** t for t in range(1, years + 1))
    return coupons + 100.0 / (1.0 + rate) ** years


@case(98.0)
def yield_to_maturity(price):
    y = 0.05
    for _ in range(30):
        value, slope = 0.0, 0.0
        for t in range(1, 6):
            discount = (1.0 + y) ** -t
            value += 4.0 * discount
            slope -= 4.0 * t * discount / (1.0 + y)
        value += 100.0 * (1.0 + y) ** -5
        slope -= 500.0 * (1.0 + y) ** -6
        if abs(value - price) < 1e-12:
            break
        y = y - (value - price) / slope
    return y


@case(100.0, 0.2, normal(5, 4), argnums=(0, 1), second=False)
def monte_carlo_asian(spot, vol, shocks):
    dt = 0.25
    paths = spot * np.exp(np.cumsum(-0.5 * vol ** 2 * dt + vol * math.sqrt(dt) * shocks, axis=1))
    payoff = np.maximum(paths.mean(axis=1) - 99.0, 0.0)
    return math.exp(-0.01) * np.mean(payoff)


@case(100.0, 0.2, argnums=(0, 1), second=False)
def binomial_american_put(spot, vol):
    n, dt, strike, rate = 6, 0.1, 102.0, 0.03
    up = math.exp(vol * math.sqrt(dt))
    p = (math.exp(rate * dt) - 1.0 / up) / (up - 1.0 / up)
    values = np.maximum(strike - spot * up ** (2.0 * np.arange(n + 1) - n), 0.0)
    for step in range(n - 1, -1, -1):
        values = math.exp(-rate * dt) * (p * values[1:] + (1.0 - p) * values[:-1])
        exercise = strike - spot * up ** (2.0 * np.arange(step + 1) - step)
        values = np.maximum(values, exercise)
    return values[0]


@case(uniform(0.1, 0.4, 4))
def portfolio_variance(weights):
    cov = np.diag([0.04, 0.09, 0.01, 0.16]) + 0.005
    w = weights / np.sum(weights)
    return np.sqrt(w @ cov @ w)


@case(uniform(0.01, 0.05, 6))
def discount_curve(forwards):
    df = 1.0
    annuity = 0.0
    for f in forwards:
        df = df / (1.0 + 0.5 * f)
        annuity += 0.5 * df
    return (1.0 - df) / annuity


@case(100.0, second=False)
def barrier_knocked_out(spot):
    price = spot
    for shock in (0.01, -0.02, 0.03, 0.05, -0.01):
        price = price * (1.0 + shock)
        if price > 106.5:
            return 3.0 * spot / price
    return price - 90.0
