"""Greeks of many European calls at once: first and second derivatives of the Black-Scholes price.

    $ python examples/options.py --count 100000

The gradient of the sum of the prices holds the derivative of each price, since no price depends on another
option's inputs.  All of them are compared with the closed forms.
"""

import argparse
import time

import numpy as np

from ad_compiler import grad


def normal_cdf(x):
    """The standard normal distribution function, to about 1e-15.

    J. F. Hart and others, Computer Approximations (1968), formula 5666, as given by G. West, "Better
    approximations to cumulative normal functions", Wilmott Magazine (2005).  The tail beyond 7, where West
    takes a continued fraction, is below 1e-12 and left to the same formula.
    """
    a = np.where(x > 0.0, x, -x)
    p = 3.52624965998911e-02 * a + 0.700383064443688
    p = p * a + 6.37396220353165
    p = p * a + 33.912866078383
    p = p * a + 112.079291497871
    p = p * a + 221.213596169931
    p = p * a + 220.206867912376
    q = 8.83883476483184e-02 * a + 1.75566716318264
    q = q * a + 16.064177579207
    q = q * a + 86.7807322029461
    q = q * a + 296.564248779674
    q = q * a + 637.333633378831
    q = q * a + 793.826512519948
    q = q * a + 440.413735824752
    tail = np.exp(-0.5 * a * a) * p / q
    return np.where(x > 0.0, 1.0 - tail, tail)


def price(s, k, r, sigma, t):
    """A European call: spot, strike, interest rate, volatility, years to expiry."""
    d1 = (np.log(s / k) + (r + 0.5 * sigma**2) * t) / (sigma * np.sqrt(t))
    d2 = d1 - sigma * np.sqrt(t)
    return s * normal_cdf(d1) - k * np.exp(-r * t) * normal_cdf(d2)


def total(s, k, r, sigma, t):
    """What is differentiated: the price of all options together."""
    return np.sum(price(s, k, r, sigma, t))


first_order = grad(total, argnums=(0, 2, 3, 4))
delta = grad(total)
vega = grad(total, argnums=3)


def total_delta(s, k, r, sigma, t):
    return np.sum(delta(s, k, r, sigma, t))


def total_vega(s, k, r, sigma, t):
    return np.sum(vega(s, k, r, sigma, t))


gamma_and_vanna = grad(total_delta, argnums=(0, 3))
volga = grad(total_vega, argnums=3)


def greeks(s, k, r, sigma, t):
    """Every derivative, by the compiler.  Theta is the change as time passes, so its sign is the other one."""
    by_s, by_r, by_sigma, by_t = first_order(s, k, r, sigma, t)
    gamma, vanna = gamma_and_vanna(s, k, r, sigma, t)
    return {"delta": by_s, "vega": by_sigma, "rho": by_r, "theta": -by_t,
            "gamma": gamma, "vanna": vanna, "volga": volga(s, k, r, sigma, t)}


def closed_forms(s, k, r, sigma, t):
    """The same by the textbook (J. Hull, Options, Futures, and Other Derivatives, "The Greek Letters")."""
    root = np.sqrt(t)
    d1 = (np.log(s / k) + (r + 0.5 * sigma**2) * t) / (sigma * root)
    d2 = d1 - sigma * root
    density = np.exp(-0.5 * d1**2) / np.sqrt(2.0 * np.pi)
    discounted = k * np.exp(-r * t)
    return {
        "delta": normal_cdf(d1),
        "vega": s * density * root,
        "rho": discounted * t * normal_cdf(d2),
        "theta": -s * density * sigma / (2.0 * root) - r * discounted * normal_cdf(d2),
        "gamma": density / (s * sigma * root),
        "vanna": -density * d2 / sigma,
        "volga": s * density * root * d1 * d2 / sigma,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--count", type=int, default=100_000, help="number of options")
    count = options.parse_args().count

    rng = np.random.default_rng(0)
    s, k = rng.uniform(80.0, 120.0, count), rng.uniform(80.0, 120.0, count)
    r, sigma, t = rng.uniform(0.0, 0.05, count), rng.uniform(0.1, 0.5, count), rng.uniform(0.1, 2.0, count)
    book = (s, k, r, sigma, t)

    greeks(*(column[:2] for column in book))    # compile
    start = time.perf_counter()
    found = greeks(*book)
    took = time.perf_counter() - start
    start = time.perf_counter()
    prices = price(*book)
    took_prices = time.perf_counter() - start

    expected = closed_forms(*book)
    print(f"{'':8}{'option 0':>12}{'mean':>12}{'difference from closed form':>30}")
    print(f"{'price':8}{prices[0]:12.6f}{np.mean(prices):12.6f}")
    for name, values in found.items():
        scale = np.max(np.abs(expected[name]))
        difference = np.max(np.abs(values - expected[name])) / scale
        print(f"{name:8}{values[0]:12.6f}{np.mean(values):12.6f}{difference:30.1e}")
    print(f"\n{count} options: {1e9 * took_prices / count:.0f} ns a price, "
          f"{1e9 * took / count:.0f} ns for the seven derivatives of one")


if __name__ == "__main__":
    main()
