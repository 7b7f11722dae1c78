"""A Jacobian times tangents, or cotangents times a Jacobian: one sweep for a batch of directions that is given.

>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Block, show
>>> from ad_compiler.kinds import Sym
>>> from ad_compiler.trace import Watched
>>> n, k = Sym("n", True), Sym("k", True)
>>> x, directions, block = Value("x", Num("float64", (n,))), Value("directions", Num("float64", (k, n))), Block()
>>> y = block.emit(np.sin, x, hint="y", kind=x.kind)
>>> traced = Traced([Watched("x", [x], lambda atoms: atoms[0])], block, y, beside=[directions])
>>> made = transformed(ProductsSpec(np.sin, mode="fwd"), traced, ())
>>> made.block.results = [to_arg(made.output.items[0].items[0])]
>>> print(show(Func("sin_jvps", [x, directions], made.block)))
def sin_jvps(x, x_dot):
    t = len(x_dot)
    y = sin(x)
    t_2 = cos(x)
    y_dot = mul(x_dot, t_2)
    t_3 = shape(y)
    return y_dot
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Atom, Const, Func, Value
from ad_compiler.kinds import Dim, Num
from ad_compiler.passes import Pass
from ad_compiler.read.abstract import Abstract, Tuple, to_arg
from ad_compiler.read.entry import Parameter
from ad_compiler.read.lift import Lifter
from ad_compiler.spec import ProductsSpec
from ad_compiler.trace import Traced
from ad_compiler.transforms import grad
from ad_compiler.transforms.jacobian import Basis, call, made_of, num, outputs, rank_of, shape_of, size_at, sweep

places = grad.places
ALL = slice(Const(None), Const(None), Const(None))


def title(spec: ProductsSpec) -> str:
    """What the function that is made is called."""
    return f"{spec.whole_name}_{'jvps' if spec.mode == 'fwd' else 'vjps'}"


def transformed(spec: ProductsSpec, traced: Traced, tidy: tuple[Pass, ...]) -> Traced:
    """The products, for each leaf; the shapes of the output's leaves, its structure, and aux.

    Directions stand along the first axis.  In the structure the leaves are 0.0, 1.0 and so on.  What is traced is
    used up.
    """
    (given,) = traced.beside
    assert isinstance(given, Value)
    atoms, build, aux = outputs(spec, traced)
    swept = sweep(spec, traced, atoms, aux, tidy, functools.partial(given_basis, given), forward=spec.mode == "fwd")
    lifter = Lifter(traced.block, watching=False)
    shapes = Tuple([lifter.apply(np.shape, [atom], spelling="attr" if rank_of(atom) else "") for atom in swept.outs])
    structure = build([Const(float(at)) for at in range(len(atoms))])
    return made_of(traced, Tuple([Tuple(swept.batches), shapes, structure, swept.aux]), forward=spec.mode == "fwd")


def given_basis(given: Value, lifter: Lifter, leaves: list[Any], word: str) -> Basis:
    """For each leaf its part of the rows, which hold the numbers of all leaves one after the other."""
    many, dim = call(lifter, len, given), (num(given).shape or ())[0]
    if len(leaves) == 1 and rank_of(leaves[0]) == 1 and num(leaves[0]).dtype == num(given).dtype:
        given.hint, given.kind = f"{getattr(leaves[0], 'hint', '') or 'out'}_{word}", for_each(leaves[0], dim)
        return Basis([given], many, [])
    arrays, start = list[Value](), Const(0)
    for leaf in leaves:
        size = size_at(lifter, leaf)
        stop = call(lifter, operator.add, start, size) if arrays else size
        rank = rank_of(leaf)
        own = call(lifter, operator.getitem, given,
                   Tuple([ALL, start if rank == 0 else slice(start if arrays else Const(None), stop, Const(None))]))
        if rank > 1:
            own = call(lifter, np.reshape, own, Tuple([many, *shape_of(lifter, leaf)]))
        if num(leaf).dtype != num(given).dtype:
            own = call(lifter, runtime.astype, own, Const(np.dtype(num(leaf).dtype)))
        own.hint, own.kind = f"{getattr(leaf, 'hint', '') or 'out'}_{word}", for_each(leaf, dim)
        arrays.append(own)
        start = stop
    return Basis(arrays, many, [])


def for_each(leaf: Atom, dim: Dim) -> Num:
    """The kind of a batch of things like a leaf."""
    kind = num(leaf)
    return Num(kind.dtype, (dim, *(kind.shape or ())), "array")


def returned(spec: ProductsSpec, output: Abstract) -> Abstract:
    """The products, what is known of the output, and aux."""
    return output


def hand_out(spec: ProductsSpec, func: Func, made: Traced, params: dict[str, Parameter]) -> None:
    """Let a function that holds the statements return that."""
    func.gradients, func.forward = (0,), spec.mode == "fwd"
    func.body.results = [to_arg(returned(spec, made.output))]
