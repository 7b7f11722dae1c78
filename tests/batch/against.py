"""What a function made by `vmap` gives, held against a Python loop over the samples that calls the function itself."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import vmap


def leaves(thing: Any) -> list[Any]:
    """The numbers and arrays in a structure, in order."""
    if isinstance(thing, dict):
        return [leaf for item in thing.values() for leaf in leaves(item)]
    if isinstance(thing, (tuple, list)):
        return [leaf for item in thing for leaf in leaves(item)]
    return [] if thing is None else [thing]


def sample_of(arg: Any, axis: int | None, at: int) -> Any:
    """One sample of an argument."""
    if axis is None:
        return copy.deepcopy(arg)
    if isinstance(arg, dict):
        return {key: sample_of(item, axis, at) for key, item in arg.items()}
    if isinstance(arg, (tuple, list)):
        return type(arg)(sample_of(item, axis, at) for item in arg)
    one = np.take(arg, at, axis)
    return one.copy() if np.ndim(one) else one


def by_a_loop(func: Callable[..., Any], args: tuple[Any, ...], in_dims: tuple[int | None, ...], count: int,
              kwargs: dict[str, Any] | None = None) -> list[Any]:
    """The numbers and arrays that the function gives for each sample, one upon the other."""
    found = []
    for at in range(count):
        given = tuple(sample_of(arg, axis, at) for arg, axis in zip(args, in_dims, strict=True))
        found.append(leaves(func(*given, **copy.deepcopy(kwargs or {}))))
    return [np.stack([np.asarray(x) for x in column]) for column in zip(*found, strict=True)]


def check_vmap(func: Callable[..., Any], args: tuple[Any, ...], in_dims: tuple[int | None, ...], count: int,
               kwargs: dict[str, Any] | None = None, rtol: float = 1e-9, oracle: Callable[..., Any] | None = None,
               **options: Any) -> None:
    """Compare, arguments unchanged and results in memory of their own."""
    before = copy.deepcopy(args)
    mapped = vmap(func, in_dims=in_dims, **options)
    with warnings.catch_warnings(record=True):      # the loop below warns of the same
        warnings.simplefilter("always")
        got = leaves(mapped(*args, **(kwargs or {})))
        wanted = by_a_loop(oracle or func, args, in_dims, count, kwargs)
    for left, was in zip(leaves(args), leaves(before), strict=True):
        if isinstance(was, np.ndarray):
            np.testing.assert_array_equal(left, was, err_msg="an argument was changed")
    assert len(got) == len(wanted)
    for one, other in zip(got, wanted, strict=True):
        assert isinstance(one, np.ndarray), type(one)
        assert one.shape == other.shape, (one.shape, other.shape)
        assert one.dtype == other.dtype, (one.dtype, other.dtype)
        single = other.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=1e-4 if single else rtol, atol=1e-5 if single else 1e-11)
        assert not any(isinstance(a, np.ndarray) and np.may_share_memory(one, a) for a in leaves(args)), "shared"
