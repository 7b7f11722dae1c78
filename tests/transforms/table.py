"""Every transform of every transform, of programs of every kind, beside differences and loops over the samples.

    python -m tests.transforms.table [--depth 3] [--every 10] [--programs scalar branch] [--chains vmap/grad]
    python -m tests.transforms.table --beside jax [...]

prints the cells that are wrong, which are refused and with what words, then counts.  Exit status 1 where anything is
wrong, or refused where `REFUSED` does not say so.  A chain is read from outside: `vmap/jvp/grad` is the batch of the
tangent of the gradient.  `--every`: one chain of the deepest in so many, for each program others; of
depth 3 one in ten, where nothing is said.

`--beside jax`: what JAX gives for the same program and chain stands for differences, to rounding.
"""

import argparse
import functools
import importlib.util
import itertools
import sys
import types
import warnings
import zlib
from collections import Counter

import numpy as np

import ad_compiler
from ad_compiler import CannotDifferentiate
from tests.transforms import numeric
from tests.transforms.numeric import flat, mapped
from tests.transforms.programs import PROGRAMS, Pair

ORDERS = {"vmap": 0, "grad": 1, "value_and_grad": 1, "jvp": 1, "vjp": 1, "linearize": 1, "jacfwd": 1, "jacrev": 1,
          "hvp": 2, "hessian": 2, "grad_aux": 1, "jvp_aux": 1, "vjp_aux": 1, "jacrev_aux": 1}
"""What may stand in a chain, and how many times each takes a derivative: differences are exact enough for three."""

LATER = ("pullback", "linearized")
"""What may stand at the end of a chain: what `vjp` and `linearize` gave before."""

REFUSED = {("recursion by the data", "pullback"): "calls itself", ("recursion by the data", "linearized"): "calls itself",
           ("random numbers", "vmap"): "a draw of random numbers"}
"""Part of a message, by program and what is in the chain: these cells may be refused."""


def total(out):
    """A number in which each number of a structure has a weight of its own."""
    if isinstance(out, dict):
        return total([out[key] for key in sorted(out)])     # JAX puts keys in order
    if isinstance(out, Pair):
        return total((out.a, out.b))
    if isinstance(out, (tuple, list)):
        s = 0.0
        for n, item in enumerate(out):
            s = s + (1.0 + 0.3 * n) * total(item)
        return s
    return np.sum(out * np.cos(1.0 + np.arange(np.size(out))).reshape(np.shape(out)))


def made(T, name, g, apart):
    """A function of `x` that gives what a transform makes of `g` there; `apart`: as an object, made before."""
    def number(x):
        return total(g(x))

    def with_aux(x):
        out = g(x)
        return out, (x, out)

    def number_with_aux(x):
        out = g(x)
        return total(out), (x, out)
    of_numbers = {"grad": T.grad, "value_and_grad": T.value_and_grad, "hessian": T.hessian}
    of_any = {"vmap": T.vmap, "jacfwd": T.jacfwd, "jacrev": T.jacrev}
    if name in of_numbers or name in of_any:
        transform, inner = (of_numbers[name], number) if name in of_numbers else (of_any[name], g)
        return transform(inner, check="off") if apart else lambda x: transform(inner, check="off")(x)
    return {
        "jvp": lambda x: T.jvp(g, (x,), (x,), check="off"),
        "vjp": lambda x: pulled(T.vjp(g, x, check="off")),
        "linearize": lambda x: T.linearize(g, x, check="off")[1](x),
        "hvp": lambda x: T.hvp(number, (x,), (x,), check="off"),
        "grad_aux": lambda x: T.grad(number_with_aux, has_aux=True, check="off")(x),
        "jvp_aux": lambda x: T.jvp(with_aux, (x,), (x,), has_aux=True, check="off"),
        "vjp_aux": lambda x: pulled(T.vjp(with_aux, x, has_aux=True, check="off")),
        "jacrev_aux": lambda x: T.jacrev(with_aux, has_aux=True, check="off")(x),
    }[name]


def pulled(found):
    """The output pulled back as its own cotangent, and what there is beside."""
    out, pullback, *aux = found
    return pullback(out), aux


OURS = types.SimpleNamespace(**{name: getattr(ad_compiler, name) for name in (
    "vmap", "grad", "value_and_grad", "jvp", "vjp", "linearize", "jacfwd", "jacrev", "hvp", "hessian")})


def built(T, func, chain, x):
    """The function that a chain makes of another; `x`: where it is linearized, if that was done before."""
    if chain[-1] in LATER:
        func = T.vjp(func, x, check="off")[1] if chain[-1] == "pullback" else T.linearize(func, x, check="off")[1]
        chain = chain[:-1]
    for at, name in enumerate(reversed(chain)):
        func = made(T, name, func, zlib.crc32(repr((chain, at)).encode()) % 2)
    return func


def argument(program, chain):
    """The argument: an axis more, of points near each other, for each `vmap`."""
    at = program.func(program.at) if chain[-1] == "pullback" else program.at
    for _ in range(chain.count("vmap")):
        at = mapped(lambda a: np.stack([a, a * 1.1 + 0.03]), at)
    return at


def outcome(name, chain, x):
    """What the package gives for a cell, or in words why it gives nothing."""
    program = PROGRAMS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            return built(OURS, program.func, chain, program.at)(x)
        except CannotDifferentiate as error:
            return f"refused: {error}"
        except Exception as error:      # noqa: BLE001  (the function itself raises nothing)
            return f"{type(error).__name__}: {error}"


def compared(got, wanted, near):
    """What is different between the leaves of two results; nothing, where they agree."""
    if [np.shape(a) for a in got] != [np.shape(a) for a in wanted]:
        return f"shapes {[np.shape(a) for a in got]}, not {[np.shape(a) for a in wanted]}"
    scale = 1.0 + max((float(np.max(np.abs(a), initial=0.0)) for a in wanted), default=0.0)
    for one, other in zip(got, wanted, strict=True):
        if not np.allclose(one, other, rtol=near, atol=near * scale):
            return f"{one}, not {other}"
    return ""


def verdict(name, chain):
    """"right", "refused: …" or what is wrong with a cell."""
    program = PROGRAMS[name]
    x = argument(program, chain)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        wanted = flat(built(numeric, program.held or program.func, chain, program.at)(x))
    got = outcome(name, chain, x)
    if isinstance(got, str):
        return got
    order = sum(ORDERS.get(each, 0) for each in chain) + (chain[-1] in LATER)
    return compared(flat(got), wanted, (1e-9, 1e-7, 1e-6, 2e-5, 1e-3)[order]) or "right"


def is_expected(name, chain, word):
    """Does the table say that this is refused?"""
    return any(message in word for (who, with_), message in REFUSED.items() if who == name and (
        not with_ or with_ in chain))


@functools.cache
def chains_of(length):
    """All chains of a length."""
    names = [name for name in ORDERS if length < 3 or not name.endswith("aux")]
    found = [chain for chain in itertools.product(names, repeat=length)
             if sum(map(ORDERS.get, chain)) <= 3 and chain.count("vmap") <= 2]
    return found + [(*chain, later) for chain in (chains_of(length - 1) if length > 1 else [])
                    if chain[-1] not in LATER and sum(map(ORDERS.get, chain)) < 3 and chain.count("vmap") < 2
                    for later in LATER]


def chains(depth, every=1, name="", least=1):
    """All chains up to a depth; of the longest one in so many, for each program others."""
    for length in range(least, depth + 1):
        for chain in chains_of(length):
            if length < depth or zlib.crc32(f"{chain}{name}".encode()) % every == 0:
                yield chain


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--depth", type=int, default=2)
    parser.add_argument("--least", type=int, default=1, help="no chains that are shorter")
    parser.add_argument("--every", type=int)
    parser.add_argument("--programs", nargs="*", default=list(PROGRAMS))
    parser.add_argument("--chains", nargs="*")
    parser.add_argument("--beside", choices=["differences", "jax"], default="differences")
    chosen = parser.parse_args()
    judge = verdict
    if chosen.beside == "jax":
        if importlib.util.find_spec("jax") is None:
            parser.error("--beside jax: JAX is not installed: pip install jax")
        from tests.transforms.beside_jax import verdict as judge
    counts, refused = Counter(), {}
    for name in chosen.programs:
        some = [tuple(text.split("/")) for text in chosen.chains] if chosen.chains else \
            chains(chosen.depth, chosen.every or (10 if chosen.depth > 2 else 1), name, chosen.least)
        row = Counter()
        for chain in some:
            word = judge(name, chain)
            kind = word.partition(":")[0]
            kind = kind if kind in ("right", "refused", "JAX refuses") else "wrong"
            if kind == "refused" and not is_expected(name, chain, word):
                kind = "refused, not said"
                refused.setdefault((name, word.splitlines()[-3 if len(word.splitlines()) > 2 else 0]), []).append(chain)
            if kind == "JAX refuses":
                refused.setdefault((name, word), []).append(chain)
            row[kind] += 1
            if kind == "wrong":
                print(f"{name}: {'/'.join(chain)}: {word}", flush=True)
        counts += row
        print(f"{name:24} {dict(row)}", flush=True)
    for (name, message), where in refused.items():
        print(f"{name}: {message}\n    {len(where)}: {', '.join(map('/'.join, where[:6]))}")
    print(dict(counts))
    return int(counts["wrong"] + counts["refused, not said"] > 0)


if __name__ == "__main__":
    sys.exit(main())
