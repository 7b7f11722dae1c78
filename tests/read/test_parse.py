# ruff: noqa: E731 - lambdas with names are what is tested
"""The source of a function: found, checked against the running code, or refused."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import doctest
import functools
import importlib.util
import inspect
import linecache
import math
import os
import subprocess
import sys
import textwrap
import threading
import time
import types
import warnings

import gast
import numpy as np
import pytest

from ad_compiler import grad
from ad_compiler.errors import CannotDifferentiate
from ad_compiler.ir import Origin
from ad_compiler.read import parse
from ad_compiler.read.parse import source_of, source_of_rule
from ad_compiler.read.prelude import calculus


def text_of(func):
    return gast.unparse(source_of(func).node).strip()


def body_of(func):
    node = source_of(func).node
    body = node.body if isinstance(node, gast.Lambda) else node.body[-1].value
    return gast.unparse(body).strip()


@pytest.fixture
def load(tmp_path):
    """Write a module and import it."""
    count = 0

    def load(text, name=None, into=None):
        nonlocal count
        count += 1
        path = into or tmp_path / (name or f"module_{count}.py")
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        linecache.checkcache(str(path))
        spec = importlib.util.spec_from_file_location(f"module_{count}", path)
        module = importlib.util.module_from_spec(spec)
        dont, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            spec.loader.exec_module(module)
        finally:
            sys.dont_write_bytecode = dont
        return module
    return load


def refusal_of(func):
    with pytest.raises(CannotDifferentiate) as caught:
        source_of(func)
    (refusal,) = caught.value.refusals
    assert refusal.remedy
    return refusal


# -- finding -----------------------------------------------------------------------------------------

def keep(func):
    return func


def keep_with(*args):
    return keep


def top(x):
    """Doc."""
    return x + 1


@keep
@keep_with(
    1,
    lambda x: x + 100,
)
def decorated(x):
    return x + 2


class Outer:
    def method(self, x):
        return x + 3

    class Inner:
        @staticmethod
        def static(x):
            return x + 4

    if math.pi > 3:
        def conditional(self, x):
            return x + 5
    else:
        def conditional(self, x):
            return x - 5

    lam = lambda self, x: x + 6


try:
    def tried(x):
        return x + 7
except ValueError:
    pass


def make(n):
    def closure(x):
        return x + n
    return closure


@pytest.mark.parametrize(("func", "body"), [
    (top, "x + 1"), (decorated, "x + 2"), (Outer.method, "x + 3"), (Outer.Inner.static, "x + 4"),
    (Outer.conditional, "x + 5"), (Outer.lam, "x + 6"), (tried, "x + 7"), (make(1), "x + n"),
], ids=lambda thing: thing if isinstance(thing, str) else None)
def test_found(func, body):
    assert body_of(func) == body


def test_what_a_source_says():
    source = source_of(decorated)
    line = decorated.__code__.co_firstlineno + 5
    assert source.file == __file__
    assert source.name == "decorated"
    assert source.first_line == line == source.node.lineno
    assert source.lines[line - 1] == "def decorated(x):"
    ret = source.node.body[0]
    assert source.origin(ret) == Origin(__file__, line + 1, 2, "return x + 2", "decorated")
    assert len(source.node.decorator_list) == 2


def test_annotations_defaults_and_places_are_kept():
    def func(x: float, /, y: int = 1, *args, z: str = "a", **kwargs) -> float:
        y: float = x + y
        return y and [a for a in args if a] and f"{x:.3f}" and kwargs | {"z": z}
    node = source_of(func).node
    assert gast.unparse(node.args).strip() == "x: float, /, y: int=1, *args, z: str='a', **kwargs"
    assert node.args.args[0].annotation.id == "int"
    for inner in gast.walk(node):
        if "lineno" in inner._attributes:
            assert inner.lineno >= node.lineno, gast.dump(inner)
            assert inner.col_offset >= 0
            assert inner.end_col_offset is not None


def test_definitions_of_one_name():
    def twice(x):
        return x
    first = twice

    def twice(x):
        return 2 * x
    assert body_of(first) == "x"
    assert body_of(twice) == "2 * x"


def test_the_same_source_comes_back_and_fast():
    source = source_of(top)
    assert source_of(top) is source
    start = time.perf_counter()
    for _ in range(200):
        source_of(top)
    assert (time.perf_counter() - start) / 200 < 1e-3


def test_closures_of_one_definition_share_their_source():
    assert source_of(make(1)) is source_of(make(2))


def test_threads_get_one_source(load):
    func = load("def f(x):\n    return x").f
    found, threads = [], []
    for _ in range(8):
        threads.append(threading.Thread(target=lambda: found.append(source_of(func))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_private_names_are_those_that_python_uses(load):
    module = load("""
        class __Model:
            def f(self, __x):
                def __g(x):
                    return x
                return __g(self.__w * __x + self.__init__.__name) + g(__k=1)
            def __h(self):
                return 1
        Model = __Model
        def outside(x):
            return x.__w
        """)
    text = text_of(module.Model.f)
    assert "def f(self, _Model__x)" in text
    assert "_Model__g(self._Model__w * _Model__x + self.__init__._Model__name) + g(__k=1)" in text
    assert source_of(module.Model._Model__h).name == "__h"
    assert body_of(module.outside) == "x.__w"


# -- lambdas -----------------------------------------------------------------------------------------

# fmt: off
pair = (lambda x: x + 1), (lambda x: x + 2)
nested = lambda x: (lambda y: (lambda z: x + y + z))
default = lambda x, f=lambda y: y * 2: f(x)
in_call = [keep(lambda x: x * 3), keep(lambda x: x * 4), keep(lambda x: x * 4)]
constants = (lambda: 1), (lambda: 2), (lambda: 1.0), (lambda: None)
ternary = (lambda x: 1 if x else 2), (lambda x: x if x > 1 else 3), lambda x, y: x and y
unicode = ("ä€😀", lambda x: x + 5, "é", lambda x: x + 6)
many_lines = (lambda x: (
    x +
    7), lambda x: x + 8)
def one_line(x): return lambda y: x + y
# fmt: on


@pytest.mark.parametrize(("func", "body"), [
    (pair[0], "x + 1"), (pair[1], "x + 2"),
    (nested, "lambda y: lambda z: x + y + z"), (nested(1), "lambda z: x + y + z"), (nested(1)(1), "x + y + z"),
    (default, "f(x)"), (default.__defaults__[0], "y * 2"),
    (in_call[0], "x * 3"), (in_call[1], "x * 4"), (in_call[2], "x * 4"),
    (constants[0], "1"), (constants[1], "2"), (constants[2], "1.0"), (constants[3], "None"),
    (ternary[0], "1 if x else 2"), (ternary[1], "x if x > 1 else 3"), (ternary[2], "x and y"),
    (unicode[1], "x + 5"), (unicode[3], "x + 6"), (many_lines[0], "x + 7"), (many_lines[1], "x + 8"),
    (one_line(1), "x + y"), (one_line, "lambda y: x + y"),
], ids=lambda thing: thing if isinstance(thing, str) else None)
def test_lambda(func, body):
    found = body_of(func)
    assert ast.unparse(ast.parse(found)) == body


def test_lambdas_that_differ_only_in_their_arguments():
    fs = [lambda x, y: x - y, lambda y, x: x - y]
    names = [[a.id for a in source_of(f).node.args.args] for f in fs]
    assert names == [["x", "y"], ["y", "x"]]


def test_a_lambda_says_where_it_is():
    func = lambda x: x + 1
    source = source_of(func)
    assert source.name == "<lambda>"
    assert source.origin(source.node.body) == (
        __file__, func.__code__.co_firstlineno, 1, "func = lambda x: x + 1", "<lambda>")


NO_COLUMNS = """
import linecache, sys
sys.path[:0] = {path!r}
from ad_compiler.errors import CannotDifferentiate
from ad_compiler.read.parse import source_of, source_of_rule
import gast
a, b = 1, 2
def text(f):
    try:
        return gast.unparse(source_of(f).node.body).strip()
    except CannotDifferentiate as error:
        return error.refusals[0].message
fs = [lambda x: x + 1, lambda x: x + 2, lambda x: x + 2]
def g(c, d):
    return [lambda x: x + c, lambda x: x + d]
print([text(f) for f in fs])
print([text(f) for f in g(1, 2)])
"""


def test_lambdas_where_python_keeps_no_columns(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(NO_COLUMNS.format(path=sys.path))
    done = subprocess.run([sys.executable, "-X", "no_debug_ranges", str(path)], capture_output=True, text=True,
                          check=True)
    first, second = done.stdout.splitlines()
    assert ast.literal_eval(first) == ["x + 1", "x + 2", "x + 2"]
    assert ast.literal_eval(second) == ["several lambdas start in this line and cannot be told apart"] * 2


# -- where source comes from -------------------------------------------------------------------------

def test_source_registered_with_linecache():
    text = "import math\ndef f(x):\n    return math.sin(x)\n"
    name = "<cell 17>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    try:
        namespace = {}
        exec(compile(text, name, "exec"), namespace)
        assert body_of(namespace["f"]) == "math.sin(x)"
        assert source_of(namespace["f"]).file == name
    finally:
        del linecache.cache[name]


def test_a_cell_that_awaits_at_its_top_level():
    text = "def f(x):\n    return x\nawait f(1)\n"
    name = "<cell 18>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    try:
        code = compile(text, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        namespace = {}
        (inner,) = [c for c in code.co_consts if hasattr(c, "co_code")]
        namespace["f"] = type(top)(inner, {})
        assert body_of(namespace["f"]) == "x"
    finally:
        del linecache.cache[name]


def test_doctest_examples():
    text = """
    >>> def f(x):
    ...     return x * 7
    >>> body_of(f)
    'x * 7'
    >>> g = lambda x: x * 8
    >>> body_of(g)
    'x * 8'
    """
    test = doctest.DocTestParser().get_doctest(text, {"body_of": body_of}, "example", "example", 0)
    runner = doctest.DocTestRunner(verbose=False)
    assert runner.run(test).failed == 0


def test_source_of_a_script_that_is_run(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(f"import sys\nsys.path[:0] = {sys.path!r}\nfrom ad_compiler.read.parse import source_of\n"
                    "def f(x):\n    return x\nprint(source_of(f).first_line)\n")
    done = subprocess.run([sys.executable, path.name], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "4\n"


def test_files_in_other_encodings_and_with_windows_lines(tmp_path, load):
    path = tmp_path / "latin.py"
    path.write_bytes("# -*- coding: latin-1 -*-\r\nname = 'é'\r\ndef f(x):\r\n    return 'é', x\r\n".encode("latin-1"))
    spec = importlib.util.spec_from_file_location("latin", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert body_of(module.f) == "('é', x)"


def test_warnings_of_a_file_are_not_shown_again(load):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = load(r"""
            def f(x):
                return x, "\d"
            """)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert body_of(module.f) == r"(x, '\\d')"


def test_generated_methods_have_no_source():
    import dataclasses

    @dataclasses.dataclass
    class Point:
        x: float
    assert "no source" in refusal_of(Point.__init__).message


# -- what is refused ---------------------------------------------------------------------------------

@pytest.mark.parametrize("func", [math.sin, len, "".join, functools.partial(top), Outer, Outer().method])
def test_not_a_python_function(func):
    refusal = refusal_of(func)
    assert "is not written in Python" in refusal.message


def test_a_builtin_is_named():
    assert "`math.sin`" in refusal_of(math.sin).message


@pytest.mark.parametrize("file", ["<string>", "<stdin>", "/nowhere/at/all.py"])
def test_no_source(file):
    namespace = {}
    exec(compile("\n\ndef made(x):\n    return x", file, "exec"), namespace)
    refusal = refusal_of(namespace["made"])
    assert refusal.message == "`made` has no source that can be read"
    assert refusal.file == file
    assert refusal.line == 3


def test_syntax_error(tmp_path, load):
    module = load("def f(x):\n    return x\n", "broken.py")
    (tmp_path / "broken.py").write_text("def f(x):\n    return x\ny = = 2\n")
    assert gast.unparse(source_of(module.f).node.body[0]).strip() == "return x"     # as it was
    (tmp_path / "broken.py").write_text("def f(x):\n    return 2 * x\ny = = 2\n")
    refusal = refusal_of(module.f)
    assert "syntax error" in refusal.message
    assert "`f`" in refusal.message
    assert refusal.file.endswith("broken.py")
    assert refusal.line == 3
    assert refusal.text == "y = = 2"


BEFORE = """
scale = 2
def f(x):
    if x > 1:
        return scale * x + 1
    return [x for _ in (1, 2.0)]
g = lambda x: x + 1, lambda x: x + 2
"""


@pytest.mark.parametrize("change", [
    ("x + 1\n    return", "x + 2\n    return"), ("scale * x", "scale + x"), ("scale * x", "other * x"),
    ("+ 1\n    return", "+ 1.0\n    return"), ("2.0)]", "2.5)]"), ("2.0)]", "-2.0)]"), ("x > 1", "x >= 1"),
    ("def f(x)", "def h(x)"), ("def f(x)", "def f(y)"), ("scale = 2\n", ""), ("scale = 2\n", "scale = 2\n\n"),
    ("def f(x):", "def f(x, y):"), ("[x for", "[_ for"),
], ids=lambda change: change[1].strip() or "line gone")
def test_source_that_has_changed(change, tmp_path, load):
    module = load(BEFORE, "changed.py")
    path = tmp_path / "changed.py"
    source_of(module.f)
    assert change[0] in BEFORE
    path.write_text(BEFORE.replace(*change, 1))
    os.utime(path, (1, 1))
    refusal = refusal_of(module.f)
    assert "no longer matches" in refusal.message
    assert "`f`" in refusal.message
    assert refusal.file == str(path)


def test_lambdas_that_have_changed_places(tmp_path, load):
    module = load(BEFORE, "swapped.py")
    path = tmp_path / "swapped.py"
    assert [body_of(f) for f in module.g] == ["x + 1", "x + 2"]
    path.write_text(BEFORE.replace("g = lambda x: x + 1, lambda x: x + 2", "g = lambda x: x + 2, lambda x: x + 1"))
    os.utime(path, (1, 1))
    assert all("no longer matches" in refusal_of(f).message for f in module.g)


def test_changes_elsewhere_in_the_file_do_no_harm(tmp_path, load):
    module = load(BEFORE, "elsewhere.py")
    path = tmp_path / "elsewhere.py"
    path.write_text(BEFORE.replace("scale = 2", "scale = 3  # note") + "\nmore = 1\n")
    os.utime(path, (1, 1))
    assert source_of(module.f).first_line == 3


def test_code_that_was_replaced(load):
    module = load("def f(x):\n    return x + 1\n")
    module.f.__code__ = module.f.__code__.replace(co_consts=(None, 2))
    assert "no longer matches" in refusal_of(module.f).message


def test_functions_whose_assertions_pytest_has_rewritten():
    def func(x):
        assert x > 0, "positive"
        return x + 1
    assert body_of(func) == "x + 1"


def test_asynchronous_functions():
    async def func(x):
        return x
    refusal = refusal_of(func)
    assert "asynchronous" in refusal.message
    assert refusal.text == "async def func(x):"


def test_an_expression_that_is_nested_too_deeply(load):
    module = load("def f(x):\n    return " + "+".join(["x"] * 900))
    assert "nested too deeply" in refusal_of(module.f).message


# -- the refusal of a node ---------------------------------------------------------------------------

def test_caret(load):
    module = load("""
        class A:
            def f(self, x):
                é = "ä"; return é, self.g(x), \\
                    2
        """)
    source = source_of(module.A.f)
    call = source.node.body[1].value.elts[1]
    refusal = source.refusal(call, "no", "do this")
    assert refusal.file == source.file
    assert refusal.line == 4
    assert refusal.text == 'é = "ä"; return é, self.g(x), \\'
    assert refusal.text[refusal.column:].startswith("self.g(x)")
    assert str(refusal).splitlines()[0].endswith("module_1.py:4: no")


def test_caret_after_tabs(load):
    module = load("def f(x):\n\tif x:\t\treturn x + 1\n")
    source = source_of(module.f)
    refusal = source.refusal(source.node.body[0].body[0], "no")
    assert refusal.text[refusal.column:] == "return x + 1"


def test_a_node_without_a_place_stands_for_the_function():
    source = source_of(top)
    refusal = source.refusal(source.node.args, "no")
    assert (refusal.line, refusal.column, refusal.text) == (source.first_line, 0, "def top(x):")
    assert source.origin(source.node.args).rel == 1


def rules():
    """Every function that says a derivative."""
    import ad_compiler.rules.load  # noqa: F401
    from ad_compiler.rules import registry

    return {f for rule in registry.all_rules().values() for f in (rule.vjp, *rule.partials) if f is not None}


def functions_of(module):
    """The functions of a module and of its classes, decorated ones too."""
    for holder in (module, *(c for c in vars(module).values() if isinstance(c, type))):
        for thing in vars(holder).values():
            func = inspect.unwrap(getattr(thing, "__func__", getattr(thing, "fget", thing)))
            if isinstance(func, types.FunctionType) and func.__code__.co_filename == module.__file__:
                yield func


def test_a_function_read_alone_is_what_it_is_in_its_file():
    whole, alone = {}, 0
    library = [f for module in (dataclasses, difflib, linecache, textwrap, warnings) for f in functions_of(module)]
    for func in [*rules(), *library]:
        name = func.__code__.co_filename
        lines = linecache.getlines(name)
        if name not in whole:
            whole[name] = parse._Parsed(name, lines)
        file = parse._File(name, lines)
        found, wanted = file.source(func), parse._read(whole[name], func)
        assert gast.dump(found.node, include_attributes=True) == gast.dump(wanted.node, include_attributes=True)
        alone += 0 not in file._parts
    assert len(library) > 100
    assert alone > 0.9 * (len(library) + len(rules()))


def test_a_function_whose_statement_cannot_be_told_is_read_in_its_file(load):
    module = load('''
        """A text that looks like code:
        def square(x):
        """
        import numpy as np

        if True:
            square = (
        lambda x:
            np.square(x)
            )
    ''')
    assert gast.unparse(source_of_rule(module.square).node).strip() == "lambda x: np.square(x)"
    assert source_of_rule(module.square) is source_of_rule(module.square)


def test_decorated_rules_and_their_imports(load):
    module = load("""
        from functools import (
            cache,
        )
        import math

        @cache

        def root(x):
            return math.sqrt(x)
    """)
    assert gast.unparse(source_of_rule(module.root.__wrapped__).node.body[0]).strip() == "return math.sqrt(x)"


def test_what_is_told_in_python_is_known_as_that():
    """Else its lines, and its errors, are given as the user's."""
    assert source_of(calculus.ldexp).is_prelude
    assert not source_of(test_what_is_told_in_python_is_known_as_that).is_prelude
    assert grad(lambda x: np.ldexp(x, 2), check="off")(2.0) == 4.0
