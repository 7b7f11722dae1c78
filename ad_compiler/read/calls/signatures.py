"""The signatures of Python's builtins, and of the functions that the reader carries out itself: calls are bound here.

>>> bound(enumerate, ["items"], {"start": 5})
(['items', 5], {})
>>> bound(len, [], {})
Traceback (most recent call last):
    ...
TypeError: len() missing a required argument: 'obj'
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

import gast

from ad_compiler.errors import Refused
from ad_compiler.read.abstract import Abstract, Dict, Tuple
from ad_compiler.read.calls.special import Special
from ad_compiler.rules.registry import WithRule

WRITTEN = """
abs(x, /)
all(iterable, /)
any(iterable, /)
bool(x=False, /)
callable(obj, /)
delattr(obj, name, /)
dict(iterable=(), /, **kwargs)
divmod(x, y, /)
enumerate(iterable, start=0)
filter(function, iterable, /)
float(x=0, /)
frozenset(iterable=(), /)
getattr(obj, name, default=None, /)
hasattr(obj, name, /)
id(obj, /)
int(x=0, /, base=10)
isinstance(obj, class_or_tuple, /)
issubclass(cls, class_or_tuple, /)
iter(obj, sentinel=None, /)
len(obj, /)
list(iterable=(), /)
map(function, iterable, /, *iterables)
max(arg1, /, *args, key=None, default=None)
min(arg1, /, *args, key=None, default=None)
next(iterator, default=None, /)
pow(base, exp, mod=None)
range(start, stop=None, step=None, /)
reduce(function, sequence, initial=None, /)
repr(obj, /)
reversed(sequence, /)
round(number, ndigits=None)
set(iterable=(), /)
setattr(obj, name, value, /)
slice(start, stop=None, step=None, /)
sorted(iterable, /, *, key=None, reverse=False)
sum(iterable, /, start=0)
super(type=None, obj=None, /)
tuple(iterable=(), /)
type(obj, bases=None, dict=None, /)
vars(obj=None, /)
zip(*iterables, strict=False)
fsum(seq, /)
"""
"""Of those that do not tell their own."""


def _parsed(line: str) -> tuple[str, inspect.Signature]:
    name, _, parameters = line.partition("(")
    space: dict[str, Any] = {}
    exec(f"def function({parameters}: ...", space)  # noqa: S102  (the text stands above)
    return name, inspect.signature(space["function"])


@functools.cache
def _written() -> dict[str, inspect.Signature]:
    return dict(map(_parsed, WRITTEN.split("\n")[1:-1]))


def signature_of(fn: Callable[..., Any]) -> inspect.Signature | None:
    """The signature of a function; None where nobody tells it."""
    # A function of the user's goes when the user lets it go.
    return (_told if isinstance(fn, (FunctionType, WithRule)) else _known)(fn)


def _told(fn: Callable[..., Any]) -> inspect.Signature | None:
    name = getattr(fn, "__name__", "")
    if getattr(fn, "__module__", "") in ("builtins", "math", "functools", "_functools") and name in _written():
        return _written()[name]
    try:
        return inspect.signature(fn)
    except (TypeError, ValueError):
        return None


_known = functools.lru_cache(maxsize=2000)(_told)


def bound(fn: Any, args: list[Any], kwargs: dict[str, Any], signature: inspect.Signature | None = None
          ) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call as the function's own signature binds them: in place where they may be.

    Raises Python's own error where they do not fit.
    """
    signature = signature or signature_of(fn)
    if signature is None:
        return args, kwargs
    try:
        found = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{getattr(fn, '__name__', type(fn).__name__.lower())}() {error}") from None
    return list(found.args), dict(found.kwargs)


def own_signature(obj: Any) -> inspect.Signature | None:
    """That of a function, or an object that is called, which this package gives people; None of what wraps theirs."""
    if isinstance(obj, Special):
        return obj.signature
    call = obj if isinstance(obj, FunctionType) else vars(type(obj)).get("__call__")
    ours = isinstance(call, FunctionType) and call.__module__.startswith("ad_compiler.")
    found = signature_of(call) if ours and not hasattr(obj, "__wrapped__") else None
    if found is None or call is obj:
        return found
    return found.replace(parameters=list(found.parameters.values())[1:])


def bind_arguments(spec: gast.arguments, args: list[Abstract], kwargs: dict[str, Abstract], defaults: list[Abstract],
                   kw_defaults: dict[str, Abstract], called: str) -> dict[str, Abstract]:
    """Bind a call's arguments to parameters, as Python does: each under its name, in the order of the parameters."""
    positional = [*spec.posonlyargs, *spec.args]
    count, left = len(args), dict(kwargs)
    if count > len(positional) and spec.vararg is None:
        raise Refused(f"`{called}` takes {len(positional)} positional arguments, {count} were given")
    given: dict[str, Abstract] = {}
    missing = ""
    named, last = len(spec.posonlyargs), len(positional) - len(defaults)     # from which on they have names, defaults
    for at, param in enumerate(positional):
        name = param.id
        if name in left and at >= named:
            if at < count:
                raise Refused(f"`{called}` got several values for `{name}`")
            given[name] = left.pop(name)
        elif at < count:
            given[name] = args[at]
        elif at >= last:
            given[name] = defaults[at - last]
        else:
            missing = missing or name
    for param in spec.kwonlyargs:
        name = param.id
        if name in left:
            given[name] = left.pop(name)
        elif name in kw_defaults:
            given[name] = kw_defaults[name]
        else:
            missing = missing or name
    if left and spec.kwarg is None:
        raise Refused(f"`{called}` has no parameter `{next(iter(left))}`")
    if missing:
        raise Refused(f"`{called}` needs an argument `{missing}`")
    if spec.vararg is not None:
        given[spec.vararg.id] = Tuple(args[len(positional):])
    if spec.kwarg is not None:
        given[spec.kwarg.id] = Dict(left)
    return given
