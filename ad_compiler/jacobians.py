"""Matrices of derivatives: `jacfwd`, `jacrev`, `jacobian`, `hessian`; and `hvp`, which needs none.

>>> jacfwd(lambda x: x * x)(np.array([1.0, 2.0]))
array([[2., 0.],
       [0., 4.]])
>>> hessian(lambda x: np.sum(x ** 3))(np.array([1.0, 2.0]))
array([[ 6.,  0.],
       [ 0., 12.]])
>>> hvp(lambda x: np.sum(x ** 3), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
array([6., 0.])
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np  # noqa: F401  (the doctest's)

from ad_compiler.api import check_argnums, grad
from ad_compiler.errors import Refused
from ad_compiler.forward import jvp_function, number_of, tangent_along
from ad_compiler.function import CompiledFunction, check_options, compiler, given_to
from ad_compiler.ir import Const
from ad_compiler.kept import found_for, kept_for, kept_with
from ad_compiler.matrices.chunks import ChunkedJacobian
from ad_compiler.spec import JacobianSpec
from ad_compiler.validate.first_call import asked_as, mode_of

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

MODES = ("auto", "fwd", "rev")


class JacobianFunction(CompiledFunction):
    """A function that gives a Jacobian, made by `jacfwd`, `jacrev`, `jacobian` or `hessian`."""

    __slots__ = ()


def _make(made: str, mode: str, func: Any, argnums: Any, has_aux: bool, chunk_size: int | None, sparse: bool,
          backend: str, parallel: bool, check: str | None) -> Any:
    check_options(backend, parallel)
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(map(repr, MODES))}, not {mode!r}")
    if chunk_size is not None and (isinstance(chunk_size, bool) or not isinstance(chunk_size, int) or chunk_size < 1):
        raise ValueError(f"{made}: chunk_size should be None or greater than 0, not {chunk_size!r}")
    numbers, when = check_argnums(argnums, None), mode_of(check)
    if sparse:
        from ad_compiler.matrices.sparse import need_scipy

        need_scipy()
        if not isinstance(numbers, int):
            raise ValueError(f"{made}: sparse=True is for one argument: argnums must be an integer, not {argnums!r}")

    def make(func: Callable[..., Any]) -> Any:
        spec = JacobianSpec(func, numbers, None, has_aux, mode=mode, made=made, backend=backend, parallel=parallel,
                            check=when)
        whole = kept_with(JacobianFunction, spec)
        if not sparse:
            return whole if chunk_size is None else ChunkedJacobian(whole, chunk_size)
        from ad_compiler.matrices.sparse import SparseFunction

        kept: dict[Any, Any] = whole._made      # with the patterns that were found
        return kept.get(("sparse", chunk_size)) or kept.setdefault(("sparse", chunk_size),
                                                                   SparseFunction(whole, chunk_size))
    return make if func is None else make(func)


def jacfwd(func: Any = None, argnums: Any = 0, has_aux: bool = False, *, chunk_size: int | None = None,
           sparse: bool = False, backend: str = "numpy", parallel: bool = False, check: str | None = None) -> Any:
    """The Jacobian of a function, in one forward sweep with a tangent for each number of the arguments.

    For an output of shape `s` and an argument of shape `t` an array of shape `s + t`; for structures of outputs their
    structure, and in each place that of the argument, or a tuple for several `argnums`.  With `has_aux` the function
    returns `(output, aux)`, and there are `(jacobian, aux)`.

    `chunk_size`: so many directions in a sweep, to need less memory.  `argnums`, `backend`, `parallel`, `check`: as for
    `grad`.  As `torch.func.jacfwd` and `jax.jacfwd`.  `sparse`: see `jacobian`.
    """
    return _make("jacfwd", "fwd", func, argnums, has_aux, chunk_size, sparse, backend, parallel, check)


def jacrev(func: Any = None, argnums: Any = 0, has_aux: bool = False, *, chunk_size: int | None = None,
           sparse: bool = False, backend: str = "numpy", parallel: bool = False, check: str | None = None) -> Any:
    """As `jacfwd`, in one reverse sweep with a cotangent for each number of the output: where those are fewer.

    >>> jacrev(lambda x: np.array([x[0] * x[1], x[2]]))(np.array([1.0, 2.0, 3.0]))
    array([[2., 1., 0.],
           [0., 0., 1.]])
    """
    return _make("jacrev", "rev", func, argnums, has_aux, chunk_size, sparse, backend, parallel, check)


def jacobian(func: Any = None, argnums: Any = 0, has_aux: bool = False, *, mode: str = "auto",
             chunk_size: int | None = None, sparse: bool = False, backend: str = "numpy", parallel: bool = False,
             check: str | None = None) -> Any:
    """As `jacfwd` (`mode="fwd"`) or `jacrev` ("rev").

    "auto": forward where the arguments hold no more numbers than the output, at the first call with these kinds.

    `sparse`: of a function of one array (`argnums` an integer) that returns one array, a `scipy.sparse.csr_array` of
    shape `(output.size, argument.size)`; both count as vectors, whatever their shapes.  Where the entries are is found
    at the first call of each size, by probing, at the point and a little beside it; columns that have no row in common
    share a tangent, rows a cotangent ("auto": whichever needs fewer).  Each call is checked against a product with a
    random direction: entries that are new are found, and a matrix that is not right is an error.  Entries of the
    pattern that happen to be zero are stored.  Extra `[scipy]`.

    >>> jacobian(lambda x: x[1:] - x[:-1] ** 2, sparse=True)(np.array([1.0, 2.0, 3.0])).toarray()
    array([[-2.,  1.,  0.],
           [ 0., -4.,  1.]])
    """
    return _make("jacobian", mode, func, argnums, has_aux, chunk_size, sparse, backend, parallel, check)


def hessian(func: Any, argnums: Any = 0, has_aux: bool = False, *, chunk_size: int | None = None, sparse: bool = False,
            backend: str = "numpy", parallel: bool = False, check: str | None = None) -> Any:
    """The second derivatives of a function that returns one real number: forward over reverse, all columns at once.

    For arguments of shapes `s` and `t` an array of shape `s + t`; for several `argnums` a tuple of tuples.  As
    `torch.func.hessian` and `jax.hessian`.  `chunk_size`, `sparse`: as for `jacobian`; of a sparse Hessian a few long
    columns are known by their rows, so that an arrow takes two products.
    """
    numbers = check_argnums(argnums, None)
    gradient = grad(func, numbers, has_aux, check=check)
    return _make("hessian", "fwd", gradient, numbers, has_aux, chunk_size, sparse, backend, parallel, check)


def hvp(func: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...], *, backend: str = "numpy",
        parallel: bool = False, check: str | None = None) -> Any:
    """The Hessian of `func` at `primals` times `tangents`, without the Hessian: the gradient's derivative along them.

    `func` returns one real number; of several primals a tuple is returned.  Costs a few gradients, whatever the size.
    """
    count = number_of(primals, tangents)
    asked = ("hvp", count, backend, parallel, asked_as(check))
    found = found_for(func, asked)
    if found is None:
        gradient = grad(func, 0 if count == 1 else tuple(range(count)), check=check)
        found = kept_for(func, asked, jvp_function(gradient, count, alone=True, backend=backend, parallel=parallel,
                                                   check=check)[0])
    return found(*primals, *tangents)


def _make_inside(made: str, mode: str, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`jacfwd(func, …)` inside a function that is read."""
    given = given_to(jacobian, args, kwargs)
    func = given.pop("func")
    given.pop("chunk_size", None)       # it is a matter of memory alone
    chosen = {key: lifter.expressions.static(thing, f"`{key}`") for key, thing in given.items()}
    if chosen.get("sparse", False):
        raise Refused(f"{made}: sparse=True has no meaning inside of a function that is read",
                                 "take the sparse matrix outside, or leave `sparse` out")
    target = func.value if isinstance(func, Const) else func
    spec = JacobianSpec(target, check_argnums(chosen.get("argnums", 0), None), None, bool(chosen.get("has_aux", False)),
                        mode=chosen.get("mode", mode), made=made)
    return Const(compiler().Special(lambda inner, a, k: compiler().transform_inside(inner, spec, a, k), target))


jacfwd.__ad_transform__ = functools.partial(_make_inside, "jacfwd", "fwd")     # type: ignore[attr-defined]
jacrev.__ad_transform__ = functools.partial(_make_inside, "jacrev", "rev")     # type: ignore[attr-defined]
jacobian.__ad_transform__ = functools.partial(_make_inside, "jacobian", "auto")     # type: ignore[attr-defined]


def _hessian_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`hessian(func, …)` inside a function that is read."""
    given = given_to(hessian, args, kwargs)
    gradient = grad.__ad_transform__(lifter, [], given)     # type: ignore[attr-defined]
    return _make_inside("hessian", "fwd", lifter, [], {**given, "func": gradient})


def _hvp_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`hvp(func, primals, tangents)` inside a function that is read."""
    given = given_to(hvp, args, kwargs)
    primals = lifter.statements.items_of(given["primals"])
    numbers = 0 if len(primals) == 1 else tuple(range(len(primals)))
    gradient = grad.__ad_transform__(lifter, [given["func"]], {"argnums": Const(numbers)})     # type: ignore[attr-defined]
    return tangent_along(lifter, gradient.value, primals, lifter.statements.items_of(given["tangents"]))


hessian.__ad_transform__ = _hessian_inside      # type: ignore[attr-defined]
hvp.__ad_transform__ = _hvp_inside      # type: ignore[attr-defined]
