"""The examples run as a user runs them, at small size, and print right numbers."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def process(*args):
    """Python in a process of its own, which finds the package whether or not it is installed."""
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, timeout=300, check=False,
                          env=environment)


def run(name, *args):
    result = process("-W", "error::RuntimeWarning", str(EXAMPLES / name), *args)
    assert result.returncode == 0, result.stderr
    return result.stdout


def load(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_digits():
    pytest.importorskip("sklearn")
    printed = run("digits.py", "--hidden", "16", "--iterations", "60")
    losses = [float(text) for text in re.findall(r"loss +([\d.]+)", printed)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.2
    assert float(re.search(r"^test accuracy ([\d.]+)$", printed, re.MULTILINE)[1]) > 0.9


def test_digits_without_scikit_learn():
    hide = "import sys; sys.modules['sklearn'] = None; import runpy; runpy.run_path(sys.argv[1], run_name='__main__')"
    result = process("-c", hide, str(EXAMPLES / "digits.py"))
    assert result.returncode == 2
    assert result.stderr.strip().endswith("pip install scipy scikit-learn")
    assert "Traceback" not in result.stderr


def test_options():
    printed = run("options.py", "--count", "1000")
    rows = re.findall(r"^(\w+) +(-?[\d.]+) +(-?[\d.]+) +([\d.e+-]+)$", printed, re.MULTILINE)
    assert [row[0] for row in rows] == ["delta", "vega", "rho", "theta", "gamma", "vanna", "volga"]
    for name, _, _, difference in rows:
        assert float(difference) < 1e-10, name
    assert "ns for the seven derivatives" in printed


def test_closed_forms_of_the_options_hold():
    """What the derivatives are compared with, against differences of the price itself."""
    options = load("options")
    book = [np.array(column) for column in ([95.0, 110.0], [100.0, 105.0], [0.02, 0.04], [0.2, 0.35], [0.5, 1.5])]
    closed = options.closed_forms(*book)

    def slope(f, i, h=1e-5):
        up, down = list(book), list(book)
        up[i], down[i] = book[i] + h, book[i] - h
        return (f(*up) - f(*down)) / (2 * h)

    for name, i, sign in [("delta", 0, 1), ("rho", 2, 1), ("vega", 3, 1), ("theta", 4, -1)]:
        np.testing.assert_allclose(closed[name], sign * slope(options.price, i), rtol=1e-7)
    for name, of, i in [("gamma", "delta", 0), ("vanna", "delta", 3), ("volga", "vega", 3)]:
        np.testing.assert_allclose(closed[name], slope(lambda *b, of=of: options.closed_forms(*b)[of], i), rtol=1e-6)


def test_the_normal_distribution_of_the_options():
    norm = pytest.importorskip("scipy.stats").norm
    x = np.linspace(-9.0, 9.0, 4001)
    np.testing.assert_allclose(load("options").normal_cdf(x), norm.cdf(x), atol=1e-15)


def test_no_grad():
    printed = run("no_grad.py")
    held, by_hand, all_paths = (float(n) for n in re.findall(r"([+-][\d.]+)$", printed, re.MULTILINE)[:3])
    assert held == by_hand
    assert abs(all_paths - held) > 0.1
    assert abs(float(re.search(r"fitted ([\d.]+)", printed)[1]) - 1.0) < 0.2


def test_polynomial():
    assert load("polynomial").f(1.0) == -1.0
