"""From a function object to its syntax tree.

Of a file the statement is parsed that the function stands in, once; the function is found in it by name and
line, a lambda by column as well.  The source must still be that of the running code: a gradient of something
else would be silently wrong.

>>> def square(x):
...     return x * x
>>> source = source_of(square)
>>> gast.unparse(source.node.body[0]).strip()
'return x * x'
>>> source.origin(source.node.body[0])[1:]
(2, 2, 'return x * x', 'square')
>>> print(source.refusal(source.node.body[0].value, "no derivative", "use another"))  # doctest: +ELLIPSIS
<doctest ...>:2: no derivative
    return x * x
           ^
  use another
"""

from __future__ import annotations

import ast
import bisect
import functools
import itertools
import linecache
import warnings
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NoReturn

import gast

from ad_compiler.errors import CannotDifferentiate, Refusal
from ad_compiler.ir import Origin
from ad_compiler.locks import ForkLock
from ad_compiler.read.syntax.tree import children, nodes

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

# A notebook's cell may await at its top level, which changes nothing for the functions in it.
COMPILE_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

PRELUDE = str(Path(__file__).parent / "prelude")
"""Where Python's library is told in Python."""

NO_SOURCE_REMEDY = "define it in a file or a notebook, or give it a derivative with custom_vjp"


class Source:
    """A function's syntax tree and where it stands.

    `first_line` is the line of `def` or `lambda` in the file, decorators not counted; `lines` are those of
    the file.
    """

    def __init__(self, node: gast.FunctionDef | gast.Lambda, file: str, first_line: int, lines: list[str],
                 name: str) -> None:
        self.node, self.file, self.first_line, self.lines, self.name = node, file, first_line, lines, name
        self.is_prelude = file.startswith(PRELUDE)      # what it refuses is said of the line of the call
        self.origins: dict[int, Origin] = {}

    def origin(self, node: Any) -> Origin:
        """The user's line of a node."""
        line = getattr(node, "lineno", self.first_line)
        if line not in self.origins:
            self.origins[line] = Origin(self.file, line, line - self.first_line + 1, self._text(line).strip(),
                                        self.name)
        return self.origins[line]

    def refusal(self, node: Any, message: str, remedy: str = "") -> Refusal:
        """What stands in the way, at a node; a node without a place of its own stands for the function."""
        if not hasattr(node, "lineno"):
            node = self.node
        text = self._text(node.lineno)
        # An offset counts bytes of UTF-8; the caret counts characters of the line as it is shown.
        column = len(text.encode()[:node.col_offset].decode(errors="replace"))
        indent = len(text) - len(text.lstrip())
        shown = text.strip().expandtabs()
        column = len(text[indent:max(column, indent)].expandtabs())
        return Refusal(message, self.file, node.lineno, shown, column, remedy)

    def _text(self, line: int) -> str:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""


class _Place:
    """A definition in a file, and the class that it stands in."""

    def __init__(self, node: Definition, owner: str) -> None:
        self.node, self.owner = node, owner


class _Parsed:
    """Lines that have been parsed: their definitions, and their compiled code."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self.name = name
        self.lines = [line.rstrip("\n") for line in lines]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")     # they were shown when the file was imported
            tree = ast.parse("".join(lines), name)      # of which the definitions are kept, not the imports around them
            whole = compile(tree, name, "exec", COMPILE_FLAGS, dont_inherit=True)
        self.places: dict[tuple[str, int], list[_Place]] = {}
        for place in _definitions(tree):
            node = place.node
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            self.places.setdefault((getattr(node, "name", "<lambda>"), first), []).append(place)
        self.codes: dict[tuple[str, int], list[CodeType]] = {}
        for code in _codes(whole):
            self.codes.setdefault((code.co_name, code.co_firstlineno), []).append(code)

    def find(self, code: CodeType) -> list[_Place]:
        """The definitions that a code object may come from: more than one only where they are alike."""
        return _narrow(self.places.get((code.co_name, code.co_firstlineno), []), code)


class _File:
    """A file, of which no more is parsed than is asked for, and the sources handed out so far."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self.name, self.given = name, lines
        # By identity: equal code objects may come from different places.  A source goes with its code.
        self.sources: dict[int, tuple[weakref.ref[CodeType], Source]] = {}
        self._parts: dict[int, _Parsed] = {}

    def source(self, func: FunctionType) -> Source:
        """The source of a function of the file."""
        code = func.__code__
        known = self.sources.get(id(code))
        if known is None or known[0]() is not code:
            try:
                source = _read(self.around(code.co_firstlineno), func)
            except (SyntaxError, ValueError, RecursionError, MemoryError, CannotDifferentiate):
                source = _read(self.whole(code), func)      # or its reason why not
            forget = functools.partial(self._forget, _files, id(code))
            self.sources[id(code)] = known = weakref.ref(code, forget), source
        return known[1]

    def _forget(self, files: dict[str, _File], number: int, gone: weakref.ref[CodeType]) -> None:
        """The code that had this identity is gone; and the file, where it was the last one."""
        if self.sources.get(number, (None,))[0] is gone:
            del self.sources[number]
        if not self.sources and files.get(self.name) is self:
            del files[self.name]

    def whole(self, code: CodeType) -> _Parsed:
        """All of it."""
        if 0 not in self._parts:
            try:
                self._parts[0] = _Parsed(self.name, self.given)
            except SyntaxError as error:
                _refuse(f"`{code.co_name}` cannot be read, its file has a syntax error: {error.msg}",
                        "correct the file and import it again", code, (error.text or "").strip(),
                        line=error.lineno or 0)
            except (ValueError, RecursionError, MemoryError) as error:
                _refuse(f"`{code.co_name}` cannot be read, its file cannot be parsed: {error}",
                        "move the function to a file of its own", code)
        return self._parts[0]

    def around(self, line: int) -> _Parsed:
        """The statement of the module that a line stands in, by its indentation, and the module's imports.

        What it is taken for by mistake does not parse, or is not the running code.  Imports decide how Python
        compiles a call of what is imported.  Raises `ValueError` where no statement begins before the line.
        """
        at = bisect.bisect_left(self._starts, line)     # `_starts` counts from 0, `line` from 1
        if not at:
            raise ValueError(line)
        start, end = self._starts[at - 1], [*self._starts, len(self.given)][at]
        part = self._parts.get(start + 1)
        if part is None:
            kept = ["\n"] * start
            for first, last in itertools.pairwise(self._starts[:at]):
                if self.given[first].startswith(("import ", "from ")):
                    kept[first:last] = self.given[first:last]
            part = _Parsed(self.name, [*kept, *self.given[start:end]])
            if len(part.places) > 1:        # else nothing more will be asked of it
                self._parts[start + 1] = part
        return part

    @functools.cached_property
    def _starts(self) -> list[int]:
        """The lines where statements of the module seem to begin, decorators included."""
        return [at for at, text in enumerate(self.given) if text[:1] not in " \t\n)]}"
                and not (at and self.given[at - 1].startswith("@"))]


_files: dict[str, _File] = {}
_rules: dict[int, tuple[CodeType, Source]] = {}     # by identity, as in `_File`
_lock = ForkLock()


def source_of_rule(func: FunctionType) -> Source:
    """The source of a rule, which is looked for once: its file is part of the program that runs."""
    code = func.__code__
    if id(code) not in _rules:
        _rules[id(code)] = code, source_of(func)
    return _rules[id(code)][1]


def source_of(func: FunctionType) -> Source:
    """The source of a plain Python function; raises `CannotDifferentiate` where there is none to trust."""
    if not isinstance(func, FunctionType):
        name = getattr(func, "__qualname__", None) or type(func).__qualname__
        module = getattr(func, "__module__", None)
        _refuse(f"`{module}.{name}` is not written in Python" if module else f"`{name}` is not written in Python",
                "use a function that has a rule, or give it a derivative with custom_vjp")
    code = func.__code__
    name = code.co_filename
    with _lock:
        linecache.checkcache(name)
        lines = linecache.getlines(name, func.__globals__)
        if not lines:
            _refuse(f"`{code.co_name}` has no source that can be read", NO_SOURCE_REMEDY, code)
        file = _files.get(name)
        if file is None or file.given is not lines and file.given != lines:
            file = _files[name] = _File(name, lines)
        try:
            return file.source(func)
        except RecursionError:
            _refuse(f"`{code.co_name}` is nested too deeply to be read", "split its longest expression", code)


def _refuse(message: str, remedy: str, code: CodeType | None = None, text: str = "", column: int = 0,
            line: int = 0) -> NoReturn:
    file, line = ("", 0) if code is None else (code.co_filename, line or code.co_firstlineno)
    raise CannotDifferentiate(Refusal(message, file, line, text, column, remedy))


def _read(file: _Parsed, func: FunctionType) -> Source:
    code = func.__code__
    places = file.find(code)
    if not places:
        if file.name.startswith("<"):       # several programs may share a name such as <string>
            _refuse(f"`{code.co_name}` has no source that can be read", NO_SOURCE_REMEDY, code)
        _refuse_stale(code)
    place = places[0]
    if len(places) > 1 and len({ast.dump(p.node) for p in places}) > 1:
        _refuse("several lambdas start in this line and cannot be told apart", "put each in a line of its own", code,
                file.lines[code.co_firstlineno - 1].strip())
    if not _current(file, func, place.node):
        _refuse_stale(code)
    if isinstance(place.node, ast.AsyncFunctionDef):
        _refuse(f"`{code.co_name}` is asynchronous", "write it as a plain function", code,
                file.lines[place.node.lineno - 1].strip(), line=place.node.lineno)
    node = gast.ast_to_gast(place.node)
    _mangle(node, place.owner)
    return Source(node, file.name, place.node.lineno, file.lines, code.co_name)


def _refuse_stale(code: CodeType) -> NoReturn:
    _refuse(f"`{code.co_name}`: the source no longer matches the running code",
            "import the module again, or start Python afresh", code)


def _definitions(tree: ast.AST) -> Iterator[_Place]:
    """Every function and lambda."""
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, owner = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield _Place(node, owner)
        inner = node.name if isinstance(node, ast.ClassDef) else owner
        stack += [(child, inner) for child in children(node)]


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Every code object in a module's."""
    stack = [code]
    while stack:
        for const in stack.pop().co_consts:
            if isinstance(const, CodeType):
                yield const
                stack.append(const)


def _narrow(places: list[_Place], code: CodeType) -> list[_Place]:
    """Of lambdas that start in one line, the innermost whose body holds all positions of the code."""
    if len(places) < 2:
        return places
    spans = [(line, column, end, end_column) for line, end, column, end_column in code.co_positions()
             if line is not None and end is not None and column is not None and end_column is not None
             and (line, column) != (end, end_column)]
    if not spans:       # a constant, or Python was told to keep no columns: go by what the code does
        return [p for p in places if _same_code(code, _compiled_alone(p.node))] or places
    start = min(span[:2] for span in spans)
    stop = max(span[2:] for span in spans)
    around = [p for p in places if isinstance(p.node, ast.Lambda)
              and _start(p.node.body) <= start and stop <= _stop(p.node.body)]
    return [p for p in around if all(_start(q.node) <= _start(p.node) and _stop(p.node) <= _stop(q.node)
                                     for q in around)]


def _start(node: ast.expr | Definition) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _stop(node: ast.expr | Definition) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


def _compiled_alone(node: Definition) -> CodeType | None:
    """The code of a lambda, apart from its closure."""
    if not isinstance(node, ast.Lambda):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = compile(ast.Expression(node), "<lambda>", "eval", dont_inherit=True)
    return next((c for c in _codes(module) if c.co_name == "<lambda>"), None)


def _current(file: _Parsed, func: FunctionType, node: Definition) -> bool:
    """Is the file's code of this definition the code that runs?"""
    code = func.__code__
    compiled = [c for c in file.codes.get((code.co_name, code.co_firstlineno), [])
                if c.co_qualname == code.co_qualname and any(p.node is node for p in file.find(c))]
    if "@pytest_ar" in func.__globals__ and any(isinstance(inner, ast.Assert) for inner in ast.walk(node)):
        # pytest has rewritten the assertions of this module: its code is not that of the file.
        return any(_parameters(c) == _parameters(code) for c in compiled)
    return any(_same_code(code, c) for c in compiled)


def _parameters(code: CodeType) -> tuple[str, ...]:
    return code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]


def _same_code(a: CodeType, b: CodeType | None) -> bool:
    """Do two code objects do the same?  Files and lines are left out."""
    return b is not None and (
        a.co_code == b.co_code and a.co_names == b.co_names and a.co_varnames == b.co_varnames
        and a.co_freevars == b.co_freevars and a.co_cellvars == b.co_cellvars
        and a.co_argcount == b.co_argcount and a.co_kwonlyargcount == b.co_kwonlyargcount
        and a.co_posonlyargcount == b.co_posonlyargcount and _same_constant(a.co_consts, b.co_consts))


def _same_constant(a: object, b: object) -> bool:
    """Equal and of one type: 1 is not 1.0, and 0.0 is not -0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, CodeType) and isinstance(b, CodeType):
        return _same_code(a, b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same_constant, a, b))
    if isinstance(a, frozenset) and isinstance(b, frozenset):
        return {(type(x), repr(x)) for x in a} == {(type(x), repr(x)) for x in b}
    return repr(a) == repr(b)


def _mangle(root: Any, owner: str) -> None:
    """Give `__name` in a class's methods the name that Python gives it: `_Class__name`."""
    prefix = owner.lstrip("_")
    if not prefix:
        return
    for node in nodes(root):
        for field in ("id", "attr", "name", "rest"):
            name = getattr(node, field, None)
            if node is not root and isinstance(name, str) and name.startswith("__") and not name.endswith("__"):
                setattr(node, field, f"_{prefix}{name}")
