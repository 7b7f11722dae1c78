"""What is refused, and that the message says where and what to do: file:line, the line, a caret, the remedy."""

import asyncio
import collections
import inspect
import json
import math
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad

X = np.array([0.3, -1.2, 0.7])


def refuse(derivative, *args, kwargs=None):
    """The message of a refusal, whose form is checked."""
    with pytest.raises(CannotDifferentiate) as info:
        derivative(*args, **(kwargs or {}))
    check_form(info.value)
    return info.value


def check_form(error):
    text = str(error)
    for refusal in error.refusals:
        assert refusal.message and refusal.remedy, f"no remedy: {refusal}"
        assert f"{refusal.file}:{refusal.line}: {refusal.message}" in text
        source = Path(refusal.file).read_text(encoding="utf-8").splitlines()[refusal.line - 1]
        assert source.strip() == refusal.text.strip()
        place = re.escape(refusal.text.rstrip())
        caret = re.search(rf"^    {place}\n    ( *)\^$", text, re.MULTILINE)
        assert caret, f"no caret under the line in\n{text}"
        assert len(caret.group(1)) < len(refusal.text.rstrip()), "the caret points past the end of the line"
        assert refusal.remedy in text


def at(error, func, marker):
    """Is the one refusal at the line of the function that holds the marker?"""
    (refusal,) = error.refusals
    lines, start = inspect.getsourcelines(func)
    (number,) = [start + i for i, line in enumerate(lines) if marker in line]
    assert refusal.file == inspect.getsourcefile(func)
    assert refusal.line == number, f"{refusal.text!r} instead of the line with {marker!r}"
    return refusal


# -- the output -----------------------------------------------------------------------------------------


def test_an_array_as_output_says_its_shape_and_suggests_a_sum():
    def f(x):
        y = x * 2.0
        return y * x        # here
    refusal = at(refuse(grad(f), X), f, "# here")
    assert "shape" in refusal.message and ".sum()" in refusal.remedy and "Jacobian" in refusal.remedy
    refusal = at(refuse(value_and_grad(f), np.ones((2, 3))), f, "# here")
    assert "shape" in refusal.message


def test_an_array_of_one_element_as_output():
    def f(x):
        return x[:1] * 2.0
    assert ".sum()" in refuse(grad(f), X).refusals[0].remedy


def test_a_tuple_as_output():
    def f(x):
        return x, x
    assert "has_aux" in str(refuse(grad(f), 1.0))


def test_none_as_output():
    def f(x):
        x * 2.0
    assert "None" in str(refuse(grad(f), 1.0))


def test_text_as_output():
    def f(x):
        return "text"
    refuse(grad(f), 1.0)


def test_a_complex_output():
    def f(x):
        return x * 1j
    refuse(grad(f), 1.0)


def test_has_aux_without_aux():
    def f(x):
        return x * x
    assert "has_aux" in str(refuse(grad(f, has_aux=True), 1.0))


def test_an_array_as_first_of_a_pair():
    def f(x):
        return x * x, None
    assert "shape" in str(refuse(grad(f, has_aux=True), X))


# -- the arguments --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "word"), [(3, "integer"), (True, "boolean"), (np.int64(3), "integer"), (np.array([1, 2]), "integer"),
                                         (np.array([True, False]), "boolean"), (np.bool_(True), "boolean")], ids=repr)
def test_integer_and_boolean_arguments_suggest_float(x, word):
    def f(y, x):
        return np.sum(x * y)
    error = refuse(grad(f, argnums=1), 1.0, x)
    assert word in str(error) and "`x`" in str(error) and "float" in error.refusals[0].remedy
    assert grad(f)(1.0, x) == np.sum(x)


def test_complex_arguments():
    def f(x):
        return abs(x)
    refuse(grad(f), 1.0 + 2.0j)
    refuse(grad(f), np.array(1.0 + 2.0j))


@pytest.mark.parametrize("x", [None, "text", object(), math.sin], ids=["None", "text", "object", "function"])
def test_arguments_that_are_no_numbers(x):
    def f(x):
        return 1.0
    refuse(grad(f), x)


def test_an_integer_in_a_container():
    def f(p):
        return p[0] * p[1]
    assert "integer" in str(refuse(grad(f), [1.0, 2]))


def three(a, b, c):
    return a * b * c


@pytest.mark.parametrize("argnums", [3, -4, (0, 3), (1, -5)], ids=str)
def test_argnums_out_of_range(argnums):
    with pytest.raises((CannotDifferentiate, ValueError), match="out of range.*3"):
        grad(three, argnums=argnums)(1.0, 2.0, 3.0)


@pytest.mark.parametrize("argnums", [(0, 0), (0, -3), [1, 2, 1]], ids=str)
def test_argnums_repeated(argnums):
    with pytest.raises((CannotDifferentiate, ValueError), match="twice"):
        grad(three, argnums=argnums)(1.0, 2.0, 3.0)


def test_argnums_that_are_no_integers():
    for argnums in ("a", 1.5, True, (0, "b"), None, ()):
        with pytest.raises((TypeError, ValueError)):
            grad(three, argnums=argnums)(1.0, 2.0, 3.0)


def test_argnames_that_do_not_exist_or_repeat():
    with pytest.raises((CannotDifferentiate, ValueError, TypeError), match="`d`"):
        grad(three, argnames="d")(1.0, 2.0, 3.0)
    with pytest.raises((CannotDifferentiate, ValueError, TypeError), match="twice"):
        grad(three, argnames=("a", "a"))(1.0, 2.0, 3.0)
    with pytest.raises(TypeError):
        grad(three, argnums=(0, 1), argnames="a")


# -- the source -----------------------------------------------------------------------------------------


def test_no_readable_source():
    namespace = {}
    exec("def f(x):\n    return x * x", namespace)
    with pytest.raises(CannotDifferentiate, match="source"):
        grad(namespace["f"])(2.0)
    with pytest.raises(CannotDifferentiate, match="source"):
        grad(eval("lambda x: x * x"))(2.0)
    with pytest.raises(CannotDifferentiate):
        grad(dict.fromkeys)(2.0)


def test_what_is_no_function():
    for thing in (3.0, "text", None.__class__, [1]):
        with pytest.raises((TypeError, CannotDifferentiate)):
            grad(thing)(1.0)


def test_source_that_no_longer_matches_the_running_code(tmp_path, monkeypatch):
    import importlib
    import linecache

    path = tmp_path / "changing_module.py"
    path.write_text("def f(x):\n    return x * x\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("changing_module")
    path.write_text("def f(x):\n    return x * x * x\n", encoding="utf-8")
    linecache.checkcache(str(path))
    with pytest.raises(CannotDifferentiate, match=r"(?s)changing_module\.py.*(changed|match|differ)"):
        grad(module.f)(2.0)
    path.write_text("\n\n\ny = 2\n", encoding="utf-8")
    linecache.checkcache(str(path))
    with pytest.raises(CannotDifferentiate, match=r"changing_module\.py"):
        grad(module.f)(2.0)


def test_an_active_argument_to_a_function_with_neither_rule_nor_source():
    namespace = {}
    exec("def hidden(x):\n    return x * x", namespace)
    hidden = namespace["hidden"]

    def f(x):
        y = x * 2.0
        return hidden(y) + y        # here
    refusal = at(refuse(grad(f), 1.0), f, "# here")
    assert "hidden" in refusal.message


def test_a_numpy_function_without_a_rule():
    def f(x):
        return np.sum(np.i0(x))        # here
    refusal = at(refuse(grad(f), X), f, "# here")
    assert "i0" in refusal.message


def test_a_function_without_a_rule_and_inactive_arguments_is_called():
    def f(x, table):
        k = json.loads("2.5")
        n = np.i0(table)
        return x * k + np.sum(n) * x
    assert math.isclose(grad(f)(1.0, X), 2.5 + np.sum(np.i0(X)))


def test_a_refusal_in_a_called_function_is_at_its_line():
    def g(x):
        try:        # here
            return x * x
        except ZeroDivisionError:
            return x

    def f(x):
        return g(x) + 1.0
    at(refuse(grad(f), 1.0), g, "# here")


# -- the language ---------------------------------------------------------------------------------------


def uses_try(x):
    try:        # here
        return math.log(x)
    except ValueError:
        return x


def uses_global(x):
    global X        # here
    return x * x


def uses_nonlocal():
    n = 0

    def f(x):
        nonlocal n        # here
        n = 1
        return x * x
    return f


def uses_class(x):
    class Local:        # here
        pass
    return x * x


async def asynchronous(x):        # here
    await asyncio.sleep(0)
    return x


@pytest.mark.parametrize(("f", "where"), [
    (uses_try, uses_try), (uses_global, uses_global), (uses_nonlocal(), None),
    (uses_class, uses_class), (asynchronous, asynchronous),
], ids=["try", "global", "nonlocal", "class", "async"])
def test_constructs_that_are_not_supported_yet(f, where):
    error = refuse(grad(f), 0.7)
    assert any("# here" in refusal.text for refusal in error.refusals)
    assert where is None or at(error, where, "# here")


def sloped(x):
    return x * x if x < 1.0 else x * grad(sloped)(0.5 * x)        # here


def test_the_derivative_inside_a_function_of_that_function():
    refusal = at(refuse(grad(sloped), 1.5), sloped, "# here")
    assert "a derivative of itself" in refusal.message


# -- stores, which come with the next series ------------------------------------------------------------


def store_into_an_argument(x):
    x[0] = 1.0        # here
    return np.sum(x)


def store_through_a_view(x):
    y = x * 2.0
    z = y[1:]
    z[0] = x[0]        # here
    return np.sum(y)


def store_into_a_list(x):
    items = [x[0], x[1]]
    items[0] = x[2]        # here
    return items[0] * items[1]


def append_to_a_list(x):
    items = []
    for v in x:
        items.append(v * v)        # here
    return sum(items)


def store_into_a_dict(x):
    items = {}
    items["a"] = x[0]        # here
    return items["a"] ** 2


def update_a_dict(x):
    items = {"a": x[0]}
    items.update(b=x[1])        # here
    return items["a"] * items["b"]


class Holder:
    pass


def store_into_an_attribute(x, holder=Holder()):
    holder.x = x        # here
    return np.sum(holder.x ** 2)


def augmented_argument(x):
    x += 1.0        # here
    return np.sum(x * x)


def augmented_alias(x):
    y = x
    y *= 2.0        # here
    return np.sum(y * y)


def augmented_view(x):
    y = x * x
    z = y[1:]
    z *= 2.0        # here
    return np.sum(y)


def augmented_with_a_second_name(x):
    y = x * x
    z = y
    y += 1.0        # here
    return np.sum(y * z)


def out_argument(x):
    y = x * x
    np.multiply(y, x, out=y)        # here
    return np.sum(y)


def filled(x):
    y = x * x
    y.fill(1.0)        # here
    return np.sum(y * x)


def sorted_in_place(x):
    y = x * x
    y.sort()        # here
    return y[0]


def copied_to(x):
    y = np.zeros(3)
    np.copyto(y, x)        # here
    return np.sum(y ** 2)


def added_at(x):
    y = np.zeros(3)
    np.add.at(y, [0, 0, 1], x)        # here
    return np.sum(y ** 2)


def diagonal_filled(x):
    y = np.outer(x, x)
    np.fill_diagonal(y, 1.0)        # here
    return np.sum(y)


def flat_store(x):
    y = np.outer(x, x)
    y.flat[0] = 1.0        # here
    return np.sum(y)


def transposed_store(x):
    y = np.outer(x, x)
    y.T[0] = 1.0        # here
    return np.sum(y)


def reshaped_store(x):
    y = np.outer(x, x)
    y.reshape(-1)[0] = 1.0        # here
    return np.sum(y)


def store_into_a_row(x):
    y = np.outer(x, x)
    for row in y:
        row[0] = 1.0        # here
    return np.sum(y)


STORES = [store_into_an_argument, store_through_a_view, store_into_a_list, append_to_a_list, store_into_a_dict, update_a_dict,
          store_into_an_attribute, augmented_argument, augmented_alias, augmented_view, augmented_with_a_second_name, out_argument,
          filled, sorted_in_place, copied_to, added_at, diagonal_filled, flat_store, transposed_store, reshaped_store, store_into_a_row]


@pytest.mark.parametrize("f", STORES, ids=lambda f: f.__name__)
def test_stores_are_refused_or_right(f):
    """By name at their line, until they are supported; what is supported must be right."""
    from tests.fd import check_against_differences
    try:
        grad(f)(X.copy())
    except CannotDifferentiate:
        at(refuse(grad(f), X.copy()), f, "# here")
    else:
        check_against_differences(f, (X.copy(),))


def outer_store(table, x):
    table[0] = x[0]        # here
    return table[0]


def test_a_store_through_a_maybe_is_refused_where_the_other_is_read():
    def f(x):
        y = x * x
        z = y if x[0] > 0.0 else x * 3.0
        outer_store(z, x)
        return np.sum(y)        # here
    at(refuse(grad(f), X), f, "# here")


def test_unknown_functions_may_write_into_arrays():
    namespace = {"np": np}
    exec("def touch(a):\n    a[0] = 1.0", namespace)
    touch = namespace["touch"]

    def f(x):
        y = x * x
        touch(y)        # here
        return np.sum(y)
    at(refuse(grad(f), X), f, "# here")


# -- all at once ----------------------------------------------------------------------------------------


def several(x):
    y = x.hex()  # 1
    try:        # 2
        y = y * x
    except ValueError:
        pass
    for y in iter(abs, 0):      # 3
        pass
    global X        # 4
    return y


def test_all_lines_of_a_function_are_reported_at_once():
    error = refuse(grad(several), 1.0)
    lines, start = inspect.getsourcelines(several)
    marked = [start + i for i, line in enumerate(lines) if re.search(r"# \d$", line.rstrip())]
    assert [r.line for r in error.refusals] == marked
    assert str(error).startswith("4 lines")


def several_calls(x):
    a = np.i0(x)        # 1
    b = a * 2.0
    if x[0] > 0:
        c = np.sinc(b) + np.i0(x)        # 2
    else:
        c = b
    for v in x:
        c = c + np.nan_to_num(np.i0(x))        # 3
    return np.sum(c)


def test_all_calls_without_rules_are_reported_at_once():
    error = refuse(grad(several_calls), X)
    lines, start = inspect.getsourcelines(several_calls)
    marked = {start + i for i, line in enumerate(lines) if re.search(r"# \d$", line.rstrip())}
    assert {r.line for r in error.refusals} >= marked


def test_refusals_of_the_function_and_of_what_it_calls():
    def f(x):
        global X
        return math.sin(x) + uses_try(x)
    error = refuse(grad(f), 1.0)
    assert "`global`" in str(error)


def test_a_refusal_pickles_and_is_a_type_error():
    error = refuse(grad(uses_try), 1.0)
    assert isinstance(error, TypeError)
    back = pickle.loads(pickle.dumps(error))
    assert str(back) == str(error) and back.refusals == error.refusals


def test_a_refused_function_may_be_called_again_and_its_arguments_are_unchanged():
    def f(x):
        y = x.T if x[0] > 0.0 else x * 2.0
        y *= 2.0
        return np.sum(x * y)
    x = X.copy()
    g = grad(f)
    for _ in range(2):
        refuse(g, x)
    assert np.array_equal(x, X)


def test_a_refusal_inside_no_grad_is_none():
    from ad_compiler import no_grad

    def f(x):
        with no_grad():
            k = np.i0(x)
        return np.sum(k * x)
    assert np.allclose(grad(f)(X), np.i0(X))


# -- kinds that do not fit ------------------------------------------------------------------------------


def test_names_that_do_not_exist():
    def f(x):
        return x * not_defined_anywhere        # noqa: F821
    with pytest.raises((CannotDifferentiate, NameError), match="not_defined_anywhere"):
        grad(f)(1.0)


def test_a_name_that_may_not_be_bound():
    def f(x):
        if x > 0:
            y = x * x
        return y
    assert grad(f)(2.0) == 4.0
    with pytest.raises((CannotDifferentiate, UnboundLocalError, NameError)):
        grad(f)(-2.0)


def test_attributes_that_do_not_exist():
    def f(x):
        return np.not_a_function(x)
    with pytest.raises((CannotDifferentiate, AttributeError), match="not_a_function"):
        grad(f)(1.0)


NOTHING = None


def picked(x, flag):
    if flag:
        return x * NOTHING[0]
    return x


def test_what_cannot_be_indexed_is_named():
    with pytest.raises(TypeError, match="'NoneType' object is not subscriptable"):
        grad(picked)(2.0, True)
    assert grad(picked)(2.0, False) == 1.0


@pytest.mark.parametrize("ask", [hasattr, getattr, lambda x, name: setattr(x, name, 1.0) or 1.0])
def test_names_of_attributes_are_text(ask):
    with pytest.raises(CannotDifferentiate, match="attribute name must be string, not 'int'"):
        grad(lambda x, name: x if ask(x, name) else x)(2.0, 3)


@pytest.mark.parametrize(("given", "said"), [
    ({"w": 1.0, "n": 2}, r"`p\['n'\]` is integer.*\n.*\n.*\n *pass `float\(p\['n'\]\)`, or give it as an argument of"),
    ([{"b": np.arange(3)}], r"`p\[0\]\['b'\]` is integer(.*\n)* *pass `p\[0\]\['b'\].astype\(float\)`"),
    ((1.0, True), r"`p\[1\]` is boolean"), (np.ones(2, ">f8"), "`p` has its bytes in another order"),
    ([1.0, 2.0j], r"`p\[1\]` is complex(.*\n)* *pass its real and imaginary parts")])
def test_what_is_not_real_is_named_by_its_place(given, said):
    with pytest.raises(CannotDifferentiate, match=said):
        grad(lambda p: 1.0)(given)


def test_an_object_that_raises_when_it_is_looked_at():
    class Closed:
        def __getattribute__(self, name):
            raise RuntimeError(name)
    closed = Closed()
    with pytest.raises(CannotDifferentiate, match="raises RuntimeError from `__getattribute__` where it is looked at"):
        grad(lambda x: x * closed.k)(1.0)


def test_a_function_that_is_not_read_is_named_where_its_object_is_used():
    with pytest.raises(CannotDifferentiate, match="`Polynomial` has no rule and its source cannot be read"):
        grad(lambda x: np.polynomial.Polynomial(x)(2.0))(np.ones(2))
    table = collections.ChainMap({"a": 1.0})
    with pytest.raises(CannotDifferentiate, match="`get` may change the object.*\n(.*\n)*  call it before"):
        grad(lambda x: x * table.get("a"))(1.0)


def test_a_shape_that_is_set_by_its_descriptor():
    def f(x):
        a = x.copy()
        np.ndarray.shape.__set__(a, (2, 2))
        return np.sum(a @ a)
    with pytest.raises(CannotDifferentiate, match="`__set__` may write into the array"):
        grad(f)(np.ones(4))
