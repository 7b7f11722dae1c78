"""Kinds of `x[index]` against NumPy, for random indices; and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ad_compiler.kinds import INT, NotStatic, Num, Seq, Shape, Sym
from ad_compiler.rules.dims import plus
from ad_compiler.rules.indexing import index_kind
from ad_compiler.testing import agrees, kind_of_argument

n = Sym("n", True)
x = Num("float64", (n, 4))

bound = st.one_of(st.none(), st.integers(-6, 6))
slices = st.builds(slice, bound, bound, st.sampled_from([None, 1, 2, -1, -2, 3]))
arrays = st.sampled_from([np.array([0, 1, 1]), np.array([[0], [1]]), [1, 0, 1], np.array(1)])
parts = st.one_of(slices, st.integers(-2, 1), st.none(), st.just(Ellipsis), arrays)


@given(st.tuples(*[st.integers(2, 5)] * 3), st.lists(parts, max_size=4))
@settings(max_examples=600, deadline=None)
def test_index_kind_is_what_numpy_does(shape, index):
    index = tuple(index)
    a = np.zeros(shape)
    try:
        out = a[index]
    except IndexError:
        with pytest.raises((IndexError, ValueError)):
            index_kind(Num("float64", shape), index)
        return
    agrees("getitem", index_kind(Num("float64", shape), index), out)                      # lengths known
    agrees("getitem", index_kind(kind_of_argument(a), tuple(map(kind_of_argument, index))), out)     # symbolic


@given(st.integers(0, 7), slices, slices)
@settings(max_examples=600, deadline=None)
def test_a_slice_of_a_slice(length, first, second):
    kind = index_kind(index_kind(Num("float64", (Sym(length),)), first), second)
    agrees("getitem", kind, np.zeros(length)[first][second])


@pytest.mark.parametrize("mask", [np.array([True, False, True]), np.array([[True, False]] * 3)])
def test_masks(mask):
    a = np.zeros((3, 2, 4))
    kind = index_kind(kind_of_argument(a), kind_of_argument(mask))
    assert kind.ndim == a[mask].ndim
    agrees("getitem", kind, a[mask])


def test_equal_slices_have_equal_lengths():
    def rows(index):
        return index_kind(x, index).shape[0]

    assert rows(slice(1, None)) == rows(slice(None, -1))
    assert rows(slice(1, -1)) == rows(slice(2, None)) == rows(slice(None, -2))
    assert rows(slice(None)) == n
    assert rows(slice(None, None, -1)) == n
    assert rows(slice(0, 3)) == rows(slice(-3, None))
    assert rows(slice(1, None)) != rows(slice(2, None))
    known = Num("int64", (), "py", length=n)
    assert rows(slice(None, known)) == n
    one_less = Num("int64", (), "py", length=Sym(("minus", n, 1)))
    assert rows(slice(None, one_less)) == rows(slice(1, None))
    assert rows(slice(1, one_less)) == rows(slice(1, -1))


def test_parts_of_a_joined_array():
    m, k = Sym("m", True), Sym("k", True)
    joined = Num("float64", (plus(n, m, k),))

    def part(start, stop):
        start, stop = (d if d is None else Num("int64", (), "py", length=d) for d in (start, stop))
        return index_kind(joined, slice(start, stop)).shape

    assert part(None, n) == (n,)
    assert part(n, plus(n, m)) == (m,)
    assert part(plus(n, m), None) == (k,)
    assert part(m, n) not in {(n,), (m,), (k,), (0,)}
    padded = Num("float64", (plus(n, 4),))
    assert index_kind(padded, slice(2, Num("int64", (), "py", length=plus(n, 2)))).shape == (n,)


def test_bounds_that_are_not_known_make_a_length_of_their_own():
    first, second = (index_kind(x, slice(None, INT)).shape[0] for _ in range(2))
    assert first != second
    far = Num("int64", (), "py", length=Sym(("minus", n, 3)))      # n - 3 counts from the end where n < 3
    assert index_kind(x, slice(None, far)).shape[0] != index_kind(x, slice(None, -3)).shape[0]


def test_numbers_and_arrays_come_out_in_their_form():
    assert index_kind(x, (0, INT)).form == "np"
    assert index_kind(x, (0, 0, Ellipsis)).form == "array"
    assert index_kind(Num("float64", None, "any"), 0) == Num("float64", None, "any")


def test_shapes_and_lists():
    dims = Shape((n, 4))
    assert index_kind(dims, 0).length == n
    assert index_kind(dims, -1).length == 4
    assert index_kind(dims, slice(1, None)) == Shape((4,))
    assert index_kind(dims, INT) == INT
    rows = Seq(x, n)
    assert index_kind(rows, INT) == x
    assert index_kind(rows, slice(1, None)) == Seq(x, Sym(("minus", n, 1)))


@pytest.mark.parametrize(("index", "error"), [
    ((0, 0, 0), IndexError), ((slice(None), 4), IndexError), (0.5, TypeError), (slice(0.5, None), TypeError),
    (True, NotStatic), ((..., ...), IndexError)])
def test_refused(index, error):
    with pytest.raises(error):
        index_kind(x, index)
