"""Calls: rules are applied, the user's own functions read in place, everything else runs as it stands."""

from __future__ import annotations

import functools
import operator
from collections import deque
from types import BuiltinMethodType, FunctionType, GetSetDescriptorType, MethodType, MethodWrapperType
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from ad_compiler.errors import CannotDifferentiate, Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import (
    Abstract,
    Closure,
    Generator,
    Method,
    Poison,
    Sequence,
    Tuple,
    protocol,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.opaque import is_library
from ad_compiler.read.calls.signatures import bind_arguments, bound, own_signature
from ad_compiler.read.known import from_python
from ad_compiler.read.library.builtins import builtin_of
from ad_compiler.read.library.decompositions import decomposed
from ad_compiler.read.library.told import KNOWN_NOW, told
from ad_compiler.read.library.ufuncs import ufunc_method
from ad_compiler.read.library.writers import into_out, out_position, split_out, writer_of
from ad_compiler.read.names.asks import made_by_named_tuple
from ad_compiler.read.names.scopes import Frame, Scope
from ad_compiler.read.parse import Source, source_of, source_of_rule
from ad_compiler.read.restarts import Recursive, Specialise
from ad_compiler.read.syntax.bindings import local_names
from ad_compiler.read.syntax.inline_generators import is_generator
from ad_compiler.read.syntax.normalise import check_supported, normalise
from ad_compiler.read.syntax.tree import kept_with
from ad_compiler.read.values.base import first_lost
from ad_compiler.rules import registry
from ad_compiler.watch import Default, Holds, Itself, Part, Watch

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

GO_THROUGH: dict[Any, tuple[int, int]] = {
    **dict.fromkeys((sum, min, max, any, all, list, tuple, enumerate, sorted, iter), (0, 1)),
    map: (1, 99), filter: (1, 99), zip: (0, 99),
}
"""They go through what they are given: from which argument to which."""
CHANGED_BY_METHODS = list, dict, set, deque, np.ndarray
"""Whose methods, got from them outside, read or change what the function may reach by other names."""
UNCHANGING = int, float, complex, str, bytes, tuple, frozenset, range, np.generic, GetSetDescriptorType
"""Whose operators, got from them outside, are functions like any other."""
DEEPEST = 40
AT_ONCE = (sum, min, max)
"""They go through a list comprehension as through a generator."""
LARGEST = 4000


@kept_with
def _locals(node: Any) -> frozenset[str]:
    return local_names(node)


@kept_with
def _normalised(node: Any) -> gast.FunctionDef:
    return normalise(node)


class Calls(Reader):
    """Reads calls."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.emitted_before = 0
        self.specialisable: set[Value] = set()              # integer arguments
        self.dispatchers: list[Any] = []                    # functions that Numba compiles

    def is_no_grad(self, node: Any) -> bool:
        """Is this expression the `no_grad` of this package, called or not?"""
        if isinstance(node, gast.Call):
            node = node.func
        thing = self.lifter.expressions.read(node)
        return isinstance(thing, Const) and bool(getattr(thing.value, "__ad_no_grad__", False))

    def expr_Call(self, node: Any) -> Abstract:
        elements = self.lifter.expressions.elements
        fn = self.lifter.expressions.read(node.func)
        if isinstance(fn, Const) and fn.value in AT_ONCE and [type(a) for a in node.args[:1]] == [gast.ListComp]:
            args: list[Abstract] = [Generator(node.args[0], self.scope), *elements(node.args[1:])]
        elif isinstance(fn, Const) and fn.value is next and node.args:
            named = self.lifter.steps.named_iterator(node.args[0])
            args = elements(node.args) if named is None else [named, *elements(node.args[1:])]
        else:
            args = elements(node.args)
        kwargs: dict[str, Abstract] = {}
        for keyword in node.keywords:
            thing = self.lifter.expressions.read(keyword.value)
            if keyword.arg is None:
                kwargs.update(self.lifter.expressions.expect_dict(thing))
            else:
                kwargs[keyword.arg] = thing
        return self.call(fn, args, kwargs)

    def call(self, fn: Abstract, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """`fn(*args, **kwargs)`."""
        return protocol(fn).call(self.lifter, args, kwargs)

    def method_of_known(self, obj: BuiltinMethodType | MethodWrapperType) -> Abstract:
        """A method of Python's that was got from a container outside, as it is read where it is got inside."""
        owner, name = obj.__self__, obj.__name__
        own = getattr(owner, name, None) == obj
        found = self.lifter.attributes.attribute(self.known(owner, Itself(owner), "self"), name) if own else None
        if found is None or isinstance(found, Const) and type(found.value) is type(obj):
            raise Refused(f"`{name}` of a {type(owner).__name__} outside cannot be read", "call it by name")
        return found

    def call_method(self, fn: Method, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """`array.name(*args, **kwargs)`."""
        given = [fn.owner, *packed(fn.name, args)]
        if builtin_of(fn.fn) is not None:
            return self.call(Const(fn.fn), given, kwargs)
        return decomposed(self.lifter, fn.fn, given, kwargs,
                          lambda: self.apply_out(fn.fn, given, kwargs, "method", fn.name))

    def call_object(self, obj: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """A call of something that is known: a function, a class, a transform, an object."""
        cls: Any = obj.__self__ if isinstance(obj, MethodType) else None
        if cls is not None and obj.__name__ == "_make" and hasattr(cls, "_fields") \
                and self.lifter.classes.of_every_named(cls, "_make"):
            items, fields = self.lifter.statements.items_of(args[0]), self.lifter.asks.fields(cls)
            if len(items) != len(fields):
                raise Refused(f"{cls.__name__} has {len(fields)} fields, {len(items)} are given")
            return self.call(Const(cls), items, {})
        if isinstance(obj, MethodType):
            owner = self.known(obj.__self__, Itself(obj.__self__), "self")
            return self.call(Const(obj.__func__), [owner, *args], kwargs)
        if isinstance(obj, MethodWrapperType) and not isinstance(obj.__self__, UNCHANGING) or \
                isinstance(obj, BuiltinMethodType) and isinstance(obj.__self__, CHANGED_BY_METHODS):
            return self.call(self.method_of_known(obj), args, kwargs)
        if isinstance(obj, functools.partial):
            keywords, first_args, called = (Part(Itself(obj), getattr, name) for name in ("keywords", "args", "func"))
            self.lifter.asks.ask(called)
            self.lifter.asks.ask(first_args)
            self.lifter.asks.ask(Holds(keywords, list(obj.keywords)))
            given = {k: self.known(v, Part(keywords, operator.getitem, k), k) for k, v in obj.keywords.items()}
            first = [self.known(v, Part(first_args, operator.getitem, i), f"arg_{i}") for i, v in enumerate(obj.args)]
            return self.call(Const(obj.func), [*first, *args], {**given, **kwargs})
        transform = None if isinstance(obj, type) else getattr(obj, "__ad_transform__", None)
        if transform is not None:
            own = own_signature(obj)
            if own is not None:
                try:
                    args, kwargs = bound(obj, args, kwargs, own)
                except TypeError as error:
                    return self.lifter.raises(TypeError, str(error))
            return transform(self.lifter, args, kwargs)
        if isinstance(obj, FunctionType) and obj in registry.STATIC_HELPERS:
            return from_python(obj(*self._static(obj, args)))
        if isinstance(obj, FunctionType) and obj in KNOWN_NOW:
            found = self.lifter.asked(obj, *self._static(obj, args))
            return from_python(found.value) if isinstance(found, Const) else found
        lost = first_lost((*args, *kwargs.values()))
        if lost is not None:
            return lost
        instead = told(obj)
        if instead is not None:
            self.lifter.asks.as_made(obj)
            return self.lifter.classes.construct(instead, args, kwargs) if isinstance(instead, type) else \
                self.inline(instead, args, kwargs)
        special = builtin_of(obj)
        write = None if special is not None else writer_of(obj) or ufunc_method(obj)
        if (special is not None or write is not None) and self.lifter.watching:
            try:
                args, kwargs = bound(obj, args, kwargs)
            except TypeError as error:
                return self.lifter.raises(TypeError, str(error))
        if special is not None:
            if obj in GO_THROUGH:
                begin, end = GO_THROUGH[obj]
                if obj not in (min, max, iter) or len(args) == 1:
                    args = [*args[:begin], *map(self.lifter.operators.iterable, args[begin:end]), *args[end:]]
                    if self.lifter.diverged:
                        return Poison(ends=self.lifter.ends)
            result = special(self.lifter, args, kwargs)
            if result is not NotImplemented:
                return result
        if write is not None:
            return write(self.lifter, args, kwargs)
        rule = registry.lookup(obj)
        if rule is not None:
            of = getattr(rule, "of", None)      # a rule of the user's own: what it returns is found out by that
            if of is not None:
                return of.__ad_transform__(self.lifter, args, kwargs)
            return decomposed(self.lifter, obj, args, kwargs, lambda: self.apply_out(obj, args, kwargs))
        py_func = None if isinstance(obj, FunctionType) else getattr(obj, "py_func", None)     # `wraps` copies it
        if isinstance(py_func, FunctionType):
            if hasattr(obj, "overloads"):
                self.dispatchers.append(obj)
            return self.inline(py_func, args, kwargs)
        if isinstance(obj, type):
            return decomposed(self.lifter, obj, args, kwargs, lambda: self._construct(obj, args, kwargs))
        made = self.lifter.generators.generator_manager(obj, args, kwargs)
        if made is not NotImplemented:
            return made
        if isinstance(obj, FunctionType) and not is_library(obj):
            return self.inline(obj, args, kwargs)
        if not callable(obj):
            raise Refused(f"a {type(obj).__name__} cannot be called")
        raw = self.lifter.asks.of_class(type(obj), "__call__")
        if isinstance(raw, FunctionType) and not is_library(raw):
            return self.call(Const(raw), [self.known(obj, Itself(obj), "self"), *args], kwargs)
        name = getattr(obj, "__name__", str(obj))
        return decomposed(self.lifter, obj, args, kwargs,
                          lambda: self.lifter.opaque_calls.opaque(Const(obj), name, args, kwargs))

    def _static(self, fn: FunctionType, args: list[Abstract]) -> list[Any]:
        """Arguments that must be known now."""
        return [self.lifter.expressions.static(a, f"an argument of {fn.__name__}") for a in args]

    def apply_out(self, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract], spelling: str = "",
                  name: str = "") -> Abstract:
        """`apply`, for a call that may say where its result is to be stored."""
        if "out" in kwargs or isinstance(fn, np.ufunc) and len(args) > fn.nin \
                or len(args) > (out_position(fn) or len(args)):
            args, kwargs, out = split_out(fn, args, kwargs)
            if fn is np.clip and spelling and len(args) == 2:
                args = [*args, Const(None)]     # the method may be given one bound
            if out is not None:
                return into_out(self.lifter, fn, args, kwargs, out)
        return self.lifter.apply(fn, args, kwargs, spelling=spelling, name=name)

    def _construct(self, cls: type, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        if issubclass(cls, tuple) and hasattr(cls, "_fields"):
            fields = self.lifter.asks.fields(cls)
            new = self.lifter.asks.of_class(cls, "__new__")
            new = getattr(new, "__func__", new)     # which Python puts into a staticmethod
            init = self.lifter.asks.of_class(cls, "__init__")
            if not made_by_named_tuple(new) or isinstance(init, FunctionType):
                raise Refused(f"a {cls.__name__} is made in its own way, by its `__new__` or `__init__`",
                              "let a function of another name make it, of its fields")
            last: tuple[Any, ...] = new.__defaults__ or ()
            if last:
                self.lifter.asks.note_function(new)
            defaults = {k: self.known(v, Default(new, i), k)
                        for i, (k, v) in enumerate(zip(fields[len(fields) - len(last):], last, strict=True))}
            given = {**defaults, **dict(zip(fields, args, strict=False)), **kwargs}
            if set(given) != set(fields) or len(args) > len(fields):
                raise Refused(f"{cls.__name__} takes the fields {', '.join(fields)}")
            return Tuple([given[f] for f in fields], cls)
        made = self.lifter.classes.construct(cls, args, kwargs)
        if made is not NotImplemented:
            return made
        return self.lifter.opaque_calls.opaque(Const(cls), cls.__name__, args, kwargs)

    # -- the user's own functions --------------------------------------------------------------------

    def inline(self, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """Read a function, or a `Closure`, in place of its call."""
        if isinstance(fn, Closure):
            source, node, parent, func = fn.source, fn.node, fn.scope, None
            defaults, kw_defaults, stopped = fn.defaults, fn.kw_defaults, fn.no_grad
        else:
            source, stopped = self.source(fn, args, kwargs), bool(getattr(fn, "__ad_no_grad_function__", False))
            node, parent, func = source.node, None, fn
            count = fn.__code__.co_argcount
            names = fn.__code__.co_varnames[count - len(fn.__defaults__ or ()):count]
            if not source.is_prelude:
                self.lifter.asks.note_function(fn)
            defaults = [self.known(d, Default(fn, i), name)
                        for i, (name, d) in enumerate(zip(names, fn.__defaults__ or (), strict=True))]
            kw_defaults = {k: self.known(v, Default(fn, k), k)
                           for k, v in (fn.__kwdefaults__ or {}).items()}
        plain = _normalised(node)
        bound_to = bind_arguments(plain.args, args, kwargs, defaults, kw_defaults, getattr(plain, "name", "function"))
        given = {name: self.lifter.generators.once(thing) for name, thing in bound_to.items()}
        if is_generator(node):
            return self.lifter.generators.generator(node, given, Scope(source, {}, parent, func), stopped)

        def read(names: dict[str, Abstract]) -> Abstract:
            return self._read_body(Scope(source, dict(names), parent, func, _locals(plain)), plain, node, stopped)
        if self.lifter.pairs is None:
            return read(given)
        name = getattr(plain, "name", "function")
        if id(node) in self.lifter.pairs.recursive:
            return self.lifter.pairs.call(self.lifter, node, name, given, read)
        first = not any(frame.stack == (node,) for frame in self.lifter.frames)
        self._check_depth(node)
        if not first:
            return read(given)
        mark = self.lifter.control.mark()
        try:
            return read(given)
        except Recursive as request:
            if request.node is not node:
                raise
            self.lifter.control.rewind(mark)
            self.lifter.pairs.recursive.add(id(node))
            return self.lifter.pairs.call(self.lifter, node, name, given, read)

    def _read_body(self, scope: Scope, plain: gast.FunctionDef, node: Any, stopped: bool) -> Abstract:
        """The statements of a function whose parameters are bound, and what it returns."""
        source = scope.source
        self.lifter.variables.share_variables(scope, plain)
        self.lifter.frames.append(Frame(scope, plain, (node,), self.lifter.branches.arms))
        self.lifter.stopped += stopped
        origin = self.lifter.origin
        try:
            self.lifter.statements.spend()
            problems = check_supported(node, source) if self.lifter.watching else []
            for problem in problems:
                self.lifter.collector.add(problem)
                self.lifter.statements.refused_lines.add((problem.file, problem.line))
            self.lifter.statements.read(plain.body[:-1])
            if self.lifter.diverged or problems:
                return Poison(ends=self.lifter.ends)
            last = plain.body[-1]
            if not source.is_prelude:
                self.lifter.origin = source.origin(last)
            try:
                return Const(None) if last.value is None else self.lifter.expressions.read(last.value)
            except Refused as error:
                if not self.lifter.watching or source.is_prelude:
                    raise
                if error.message:
                    self.lifter.collector.add(source.refusal(last, error.message, error.remedy))
                return Poison()
        finally:
            self.lifter.stopped -= stopped
            self.lifter.frames.pop()
            self.lifter.origin = origin

    def known(self, obj: Any, get: Any, name: str) -> Abstract:
        """A default, an argument of a partial, the object of a method: part of the function, read live."""
        if type(obj) is float:
            if self.lifter.watching and not (isinstance(get, Default) and isinstance(get.at, int)):
                self.lifter.asks.watches.append(Watch(get, obj, True))
            return Const(obj)
        key = (id(obj), f"known {name}")
        if key not in self.lifter.world.world_cache:
            self.lifter.world.world_cache[key] = self.lifter.world.from_world(obj, get, name)
        return self.lifter.world.world_cache[key]

    def source(self, fn: FunctionType, args: list[Abstract], kwargs: dict[str, Abstract]) -> Source:
        """The function's source, or a refusal at the line of the call."""
        try:
            return source_of(fn) if self.lifter.watching else source_of_rule(fn)
        except CannotDifferentiate as error:
            if not self.lifter.frames:
                raise
            raise Refused(error.refusals[0].message, error.refusals[0].remedy) from None

    def _check_depth(self, node: Any) -> None:
        same = [frame.arms for frame in self.lifter.frames if frame.stack == (node,)]
        depth = len(same)
        open_ended = depth > 3 and all(a < b for a, b in zip(same, [*same[1:], self.lifter.branches.arms], strict=True))
        if depth < 3:
            self.emitted_before = self.lifter.emitted if depth == 0 else self.emitted_before
            return
        small = len(self.lifter.frames) < 4 * DEEPEST and self.lifter.emitted - self.emitted_before < LARGEST
        if not open_ended and depth < DEEPEST and small:
            return
        integers = {v for v in self.specialisable if isinstance(v.kind, Num) and v.kind.dtype == "int64"}
        if integers:
            raise Specialise(integers)
        raise Recursive(node)


def known_to_reader(obj: Any) -> bool:
    """Is a call of this function carried out by the reader itself, whatever rules there are?"""
    special = isinstance(obj, FunctionType) and obj in registry.STATIC_HELPERS
    return special or builtin_of(obj) is not None or writer_of(obj) is not None or ufunc_method(obj) is not None



def packed(name: str, args: list[Abstract]) -> list[Abstract]:
    """`x.reshape(2, 3)` and `x.transpose(1, 0)` are calls with one tuple."""
    if name in ("reshape", "transpose") and args and not isinstance(args[0], Sequence) and not (
            len(args) == 1 and isinstance(args[0], Const) and args[0].value is None) and not (
            len(args) == 1 and isinstance(args[0], Value) and not isinstance(args[0].kind, Num)):
        return [Tuple(args)]
    return args
