"""Programs drawn from all of the language: a few, others after each change; `python -m tests.hunt` does thousands."""

import textwrap
from pathlib import Path

import numpy as np
import pytest

import ad_compiler
from ad_compiler import grad, jvp, no_grad, value_and_grad
from tests.hunt import judge, others
from tests.hunt.draw import drawn
from tests.hunt.found import FOUND
from tests.hunt.judge import BAD, RAISES, REFUSED, verdict
from tests.hunt.world import FIXED, HEAD, HELPERS, WORLD

PREFIX = HEAD + FIXED + HELPERS + WORLD.format(length=4, switch=True, mode="'a'")
CHANGE = "\n\ndef change():\n    TABLE.append(0.45)\n"


def program(body):
    """A module with these statements as its function."""
    return f"{PREFIX}\n\ndef f(x, y, m, p, q, k):\n{textwrap.indent(textwrap.dedent(body), '    ')}{CHANGE}"


@pytest.fixture(autouse=True)
def _without_check(monkeypatch):
    monkeypatch.setenv("AD_COMPILER_CHECK", "off")


FIRST = 10 * sum(file.stat().st_size for file in Path(ad_compiler.__file__).parent.rglob("*.py"))
"""Of the seeds: others for each state of the compiler."""


@pytest.mark.parametrize("first", range(FIRST, FIRST + 40, 10))
def test_drawn(first):
    for seed in range(first, first + 10):
        found = verdict(drawn(seed), seed)
        assert found.kind not in BAD, f"seed {seed}: {found}\n{drawn(seed)}"


def test_other_transforms():
    seed = FIRST + 41
    found = verdict(drawn(seed), seed, seconds=judge.COMPILED, others=True)
    assert found.kind not in BAD, f"seed {seed}: {found}\n{drawn(seed)}"


@pytest.mark.parametrize("name", FOUND)
def test_found(name):
    wanted, body = FOUND[name]
    found = verdict(program(body), 1)
    assert found.kind == {"refused": REFUSED, "raises": RAISES}.get(wanted) or \
        wanted == "right" and found.kind in ("right", "rounded"), found


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_of_a_number_is_kept(dtype):
    def f(x, p):
        def unused(z, rate=sum(x)):
            return z * rate
        return 0.5 + p * 2.0
    assert type(grad(f, 1)(np.ones(3, dtype), dtype(0.3))) is dtype


@pytest.mark.parametrize("number", [0.2, 0.05])
def test_a_sum_to_which_nothing_may_be_added(number):
    def f(x, m):
        return np.sum(x) * sum(g for g in m if g > 0.1)
    bars = grad(f, (0, 1))(np.ones(3, np.float32), np.full(4, number, np.float32))
    assert [bar.dtype for bar in bars] == [np.float32] * 2
    assert np.allclose(bars[0], 4.0 * number * (number > 0.1)) and np.allclose(bars[1], 3.0 * (number > 0.1))


def spoiled(how):
    """`value_and_grad` with a fault."""
    def made(f, numbers, **options):
        right = value_and_grad(f, numbers, **options)

        def call(*args):
            value, bars = right(*args)
            return how(args, value, bars)
        return call
    return made


def written_into(args, value, bars):
    args[0][0] += 1.0
    return value, bars


def failed(args, value, bars):
    raise KeyError("lost")


@pytest.mark.parametrize(("how", "kind", "sort"), [
    (lambda args, value, bars: (value, bars), "right", ""),
    (lambda args, value, bars: (value, (bars[0] * 1.001, *bars[1:])), "wrong", "gradient"),
    (lambda args, value, bars: (value * 1.001, bars), "wrong", "is not np.float"),
    (lambda args, value, bars: (value, (bars[0][:2], *bars[1:])), "wrong", ""),
    (written_into, "wrong", "arguments"), (failed, "internal", "KeyError"),
], ids=["right", "gradient", "value", "shape", "arguments", "error"])
def test_a_fault_is_found(how, kind, sort, monkeypatch):
    monkeypatch.setattr(judge, "value_and_grad", spoiled(how))
    found = judge.verdict(program("return np.sum(np.sin(x)) * p"), 1)
    assert found.kind == kind and sort in found.sort, found


@pytest.mark.parametrize("write", [
    lambda m: np.add.at(m.T, [1, 1], 0.5), lambda m: np.multiply(m, 0.5, out=m, where=m > 5.0),
    lambda m: np.copyto(m.T, 0.5, where=m > 5.0), lambda m: np.putmask(m, m > 5.0, [0.5, 0.1]),
], ids=["add.at", "where", "copyto", "putmask"])
def test_what_no_grad_does_not_touch(write):
    def f(m):
        with no_grad():
            write(m)
        return np.sum(m * m)
    m = np.arange(1.0, 10.0).reshape(3, 3)
    after = m.copy()
    write(after)
    touched = np.zeros_like(m, bool) if write.__code__.co_names[1] == "add" else after != m
    assert np.array_equal(grad(f)(m), np.where(touched, 0.0, 2.0 * after))


@pytest.mark.parametrize("name", ["", "jvp", "vmap"])
def test_a_fault_of_another_transform_is_found(name, monkeypatch):
    body = program("s = 0.0\nfor v in [g * p for g in x]:\n    s = s + np.sin(v) * y[0]\nreturn s + np.sum(m @ x)")
    if name:
        of_another = {"jvp": lambda f, *given: jvp(lambda *a: 1.001 * f(*a), *given)}.get(name) or (
            lambda f, *given, **more: getattr(ad_compiler, name)(lambda *a: f(a[0] * 1.001, *a[1:]), *given, **more))
        monkeypatch.setattr(others, name, of_another)
    found = judge.verdict(body, 1, others=True)
    assert found.kind == ("wrong" if name else "right") and name in found.sort, found


UNNEEDED, NEEDED = "return np.sum(x) * p", "return np.sum(y) * p"


@pytest.mark.parametrize(("body", "kind"), [
    (f"np.put(y, [0, 9], 0.5)\n{UNNEEDED}", "rough"), (f"y[len(x) + k] = 0.5\n{UNNEEDED}", "rough"),
    (f"y[:3] = x[:2]\n{UNNEEDED}", "rough"), (f"z = vjp(lambda a, w: np.sum(a) * w, x, sum(x[9:]))[1](1.0)[1] * 0.5\n{UNNEEDED}", "rough"),
    (f"z = x[len(x) + k]\n{UNNEEDED}", "wrong"), (f"z = x[0] * None\n{UNNEEDED}", "wrong"),
    (f"z = np.ones(3) + np.ones(2)\ny[0] = z[0]\n{UNNEEDED}", "wrong"),
], ids=["put", "store", "shapes", "integer", "read", "type", "operand"])
def test_what_a_derivative_need_not_raise(body, kind, monkeypatch):
    """Where nothing is raised: what is documented has its own kind, anything else is wrong."""
    monkeypatch.setattr(judge, "value_and_grad", lambda f, *_, **__: lambda *args: (0.0, (0.0,) * 5))
    found = judge.verdict(program(body), 1)
    assert found.kind == kind, found
