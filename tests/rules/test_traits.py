"""What traits promise, held against what functions do: on the rows of the table, and where these have no say."""

import itertools
import operator
from typing import Literal, get_args, get_origin, get_type_hints

import numpy as np
import pytest

from ad_compiler import runtime
from ad_compiler.ir import Op
from ad_compiler.loops.views import ORDERS
from ad_compiler.ops import known_for, may_pass, written
from ad_compiler.rules import registry
from ad_compiler.rules.traits import FREE, Traits, all_traits, declare, traits_of
from ad_compiler.testing import active, get, put, random_like
from tests.groups import in_groups
from tests.rules.specs import TABLE

CONTENT = {"zeros": np.zeros, "ones": np.ones, "range": lambda shape: np.arange(*shape)}


def has(trait):
    """The rows of functions that have a trait."""
    rows = [row for row in TABLE if getattr(traits_of(row.fn), trait) not in ("", False, None, ())]
    return in_groups(rows, lambda row: row.name)


def same(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def arrays(args):
    return [a for a in args if isinstance(a, np.ndarray)]


def elements(args, shape):
    """The operands of each element of a result."""
    for at in np.ndindex(shape):
        yield at, [np.broadcast_to(a, shape)[at] if isinstance(a, (np.ndarray, np.generic, float, int)) else a for a in args]


@has("elementwise")
def test_elements_come_from_elements(row):
    args = row.build()
    out, known = np.asarray(row.fn(*args, **row.kw)), traits_of(row.fn)
    for at, operands in itertools.islice(elements(args, out.shape), 5):
        same(out[at], row.fn(*operands, **row.kw))
        if known.element is not None and not row.kw:
            same(out[at], known.element(*operands))


@has("outer")
def test_outer(row):
    a, b = row.build()
    same(row.fn(a, b), np.reshape([traits_of(row.fn).element(x, y) for x in a.flat for y in b.flat], (a.size, b.size)))


@has("comparison")
def test_comparisons_are_true_or_false(row):
    assert np.asarray(row.fn(*row.build())).dtype == bool


@has("signs")
def test_sums(row):
    args = row.build()
    same(row.fn(*args), sum(sign * a for sign, a in zip(traits_of(row.fn).signs, args, strict=True)))


@has("powers")
def test_products(row):
    args, total = row.build(), 1.0
    for power, a in zip(traits_of(row.fn).powers, args, strict=True):
        total = total * np.float_power(a, power)
    same(row.fn(*args), total)


@has("power")
def test_powers(row):
    a, b = row.build()
    same(row.fn(a, b), np.float_power(a, b))


@has("commutes")
def test_operands_may_change_places(row):
    a, b = row.build()
    np.testing.assert_array_equal(row.fn(a, b), row.fn(b, a))


@has("reduction")
def test_reductions_go_through_all_elements(row):
    (x, *_), (total, join) = row.build(), traits_of(row.fn).reduction
    for e in np.ravel(x):
        total = join(total, e)
    if np.size(x) or np.isfinite(total):
        same(total, row.fn(x))


@has("matrices")
def test_products_of_matrices(row):
    a, b = row.build()
    if np.ndim(a) in (1, 2) and np.ndim(b) in (1, 2):
        same(row.fn(a, b), np.einsum(a, [0, 1][2 - a.ndim:], b, [1, 2][:b.ndim]))


@has("makes")
def test_what_is_made(row):
    args, known = row.build(), traits_of(row.fn)
    out = row.fn(*args, **row.kw)
    assert known.makes == "array" or not any(np.shares_memory(out, a) for a in arrays(args))
    if known.makes in CONTENT and isinstance(out, np.ndarray):
        wanted = CONTENT[known.makes](out.shape) if known.makes != "range" or len(args) == 1 else np.arange(*args)
        same(out, wanted)
    elif known.makes in ("copy", "full"):
        same(out, np.broadcast_to(args[0] if known.makes == "copy" else args[1], np.shape(out)))


@has("like")
def test_only_the_shape_is_asked_for(row):
    args, known = row.build(), traits_of(row.fn)
    blank = [np.full_like(a, 7) if at == known.like and isinstance(a, np.ndarray) else a for at, a in enumerate(args)]
    out, other = row.fn(*args, **row.kw), row.fn(*blank, **row.kw)
    assert np.shape(out) == np.shape(other)
    if known.makes != "empty":
        np.testing.assert_array_equal(out, other)
    if known.cost != FREE:
        assert np.shape(out) == np.shape(args[known.like])


@has("compact")
def test_what_is_made_lies_in_c_order(row):
    args = [np.asfortranarray(a) if isinstance(a, np.ndarray) else a for a in row.build()]
    out = row.fn(*args, **row.kw)
    assert np.ndim(out) == 0 or out.flags.c_contiguous


@in_groups([row for row in TABLE if row.fn is not operator.getitem], lambda row: row.name)
def test_no_memory_is_shared_in_silence(row):
    args = row.build()
    try:
        out = row.fn(*args, **row.kw)
    except (TypeError, ValueError, IndexError, ArithmeticError):
        pytest.skip("the row is one that raises")
    shared = isinstance(out, np.ndarray) and any(np.shares_memory(out, a) for a in arrays(args))
    assert may_pass(Op(row.fn, ())) or not shared


def differ_only_in(row, at):
    """Arguments of a row, others of their kind at these places, and the sum of both there."""
    args, rng = row.build(), np.random.default_rng(3)
    wanted = row.options.get("argnums", range(len(args)))
    other = total = args
    for path in active(args):
        if path[0] in at and path[0] in wanted:
            drawn = random_like(get(args, path), rng)
            other, total = put(other, path, drawn), put(total, path, get(args, path) + drawn)
    return args, other, total


def adds_up(row, at):
    one, other, total = (np.asarray(row.fn(*args, **row.kw)) for args in differ_only_in(row, at))
    close = {"rtol": 1e-5, "atol": 1e-5} if one.dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-12}
    if one.dtype.kind == "f":
        np.testing.assert_allclose(one + other, total, **close)


@has("linear")
def test_linear_functions_add_up(row):
    adds_up(row, traits_of(row.fn).linear)


@has("multilinear")
def test_products_add_up_by_each_operand(row):
    for at in set(traits_of(row.fn).multilinear) & set(range(len(row.args))):
        adds_up(row, (at,))


@has("casts")
def test_casts_keep_the_number(row):
    x = row.build()[0]
    assert np.allclose(row.fn(*row.build()), x, atol=1.0 if traits_of(row.fn).raises == "value" else 1e-6) \
        or row.fn in (bool, np.bool_)


@has("method")
def test_methods_do_the_same(row):
    args = row.build()
    name = next((name for name, fn in registry.METHODS.items() if fn is row.fn), None)
    if name is not None and isinstance(args[0], np.ndarray):
        same(row.fn(*args, **row.kw), getattr(args[0], name)(*args[1:], **row.kw))


@has("helper")
def test_helpers_make_the_same(row):
    args, known = row.build(), traits_of(row.fn)
    helper, out = known.helper, row.fn(*args, **row.kw)
    assert traits_of(helper).makes == known.makes       # else what reads it could be moved behind a store into it
    if known.like is None or np.ndim(args[0]):
        made = helper(*args, **row.kw) if known.like is None else helper(*args)
        assert np.shape(made) == np.shape(out)


@pytest.mark.parametrize("fn", [fn for fn, known in all_traits().items() if known.truths], ids=lambda fn: fn.__name__)
def test_truth_values(fn):
    known = traits_of(fn)
    for given in itertools.product((np.True_, np.False_), repeat=1 if "not" in known.truths.__name__ else 2):
        assert fn(*given) == known.truths(*given)


@pytest.mark.parametrize("fn", [fn for fn, known in all_traits().items() if known.divides], ids=lambda fn: fn.__name__)
def test_division_by_zero(fn):
    with pytest.raises(ZeroDivisionError):
        fn(1, 0)


@pytest.mark.parametrize("fn", [fn for fn, known in all_traits().items() if known.positions], ids=lambda fn: fn.__name__)
def test_positions(fn):
    mask = np.array([[True, False, True], [True, True, False]])
    assert {np.size(part) for part in np.atleast_2d(fn(mask))} == {mask.sum()}


@in_groups(list(written()), lambda fn: fn.__name__)
def test_as_it_is_written(fn):
    samples = {operator.matmul: (np.ones(2), np.ones(2)), operator.contains: ([1, 2], 2), operator.getitem: ([5, 6], 1),
               runtime.list_append: ([1], 2), runtime.list_copy: ([1],), runtime.unpack: ((1, 2),)}
    args = samples.get(fn, (6, 4, 3)[:max(traits_of(fn).written.count("{"), 1)])
    assert eval(traits_of(fn).written.format("a", "b", "c"), dict(zip("abc", args, strict=False))) == fn(*args)


@pytest.mark.parametrize("fn", [fn for fn in dict.fromkeys(row.fn for row in TABLE) if callable(traits_of(fn).range)],
                         ids=lambda fn: fn.__name__)
def test_results_lie_in_their_range(fn):
    for row in (row for row in TABLE if row.fn is fn):
        if not all(isinstance(x, (int, float, np.ndarray, np.generic)) for x in row.args) or row.kw:
            continue
        low, high = traits_of(fn).range(*((float(np.min(x)), float(np.max(x))) for x in row.args[:3] if np.size(x)))
        out = np.asarray(fn(*row.args), float)
        assert np.all(out >= low - 1e-12)
        assert np.all(out <= high + 1e-12)


def test_values_are_those_that_passes_know():
    for name, hint in get_type_hints(Traits).items():
        used = {getattr(known, name) for known in all_traits().values()}
        assert get_origin(hint) is not Literal or used <= set(get_args(hint)), name
    assert {known.order for known in all_traits().values()} <= {"", *ORDERS}


def test_what_is_entered_later_is_known():
    def halved(x):
        return x / 2

    is_halving = known_for(lambda of: of.powers == (1,) and of.elementwise)
    assert not is_halving(Op(halved, ()))
    declare(halved, elementwise=True, powers=(1,))
    assert is_halving(Op(halved, ()))
    declare(halved, elementwise=False)
    assert not is_halving(Op(halved, ()))
