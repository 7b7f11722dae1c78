r"""The short way from a call to a compiled derivative: one function that checks what the last call was compiled for.

It has the parameters of the user's function, so that Python binds them.  The checks are those of the cache's key and
of its watches, written out for this signature.  What fails them goes the long way, through the cache.

>>> print(guard_text("f", ["x", "y"], [float, (12, 2)], {}, [1], []), end="")
def f(x, y=default1):
    if type_(x) is float_ and type_(y) is array_ and y.dtype is dtype1 and patterns_[y.shape] == 2 \
            and options_() is compiled_for_:
        hits_[0] += 1
        return function_(x, y)
    return slow_((x, y))
"""

from __future__ import annotations

import builtins
import inspect
import operator
from collections.abc import Callable, Iterable
from keyword import iskeyword
from types import ModuleType
from typing import Any

import numpy as np

from ad_compiler.cache import PATTERNS, Entry, kind_key
from ad_compiler.options import OPTIONS
from ad_compiler.validate.trees import alike
from ad_compiler.watch import MUTABLE_CLASS, HasOwn, Holds, Itself, Made, Name, OfClass, Part, Watch, bases_after


def guard_text(name: str, params: list[str], keys: list[Any], values: dict[int, Any], defaults: list[int],
               others: list[str], *, alike: dict[int, int] | None = None, safe: bool = False) -> str:
    """The text of a guard for arguments of these keys, some of them compiled in by value; `others`: more checks.

    `alike`: which arguments are to be like which, as a tangent is like its argument.  `safe`: none of `others` raises.
    """
    checks: list[str] = []
    for n, (param, key) in enumerate(zip(params, keys, strict=True)):
        if key is float or key is int:
            checks.append(f"type_({param}) is {key.__name__}_")
        elif is_array_key(key) and alike and n in alike:
            checks += [f"type_({param}) is array_", f"{param}.dtype is dtype{n}",
                       f"{param}.shape == {params[alike[n]]}.shape"]
        elif is_array_key(key):
            vector = key[1] == 1        # the commonest, told without a tuple: one axis, of two elements at least
            shape = f"{param}.ndim == 1 and len_({param}) > 1" if vector else f"patterns_[{param}.shape] == {key[1]}"
            checks += [f"type_({param}) is array_", f"{param}.dtype is dtype{n}", shape]
        else:
            checks.append(f"kind_key_({param}) == keys_[{n}]")
            checks += [f"alike_({params[alike[n]]}, {param})"] if alike and n in alike else []
    checks += [f"(type_({params[n]}), {params[n]}) == values_[{n}]" for n in values]
    checks.append("options_() is compiled_for_")
    given = as_tuple(params)
    taken = ", ".join(f"{p}=default{n}" if n in defaults else p for n, p in enumerate(params))
    end = (f"        hits_[0] += 1\n        return function_({', '.join(params)})\n    return slow_({given})\n")
    if safe or not others:
        checks += others
        return f"def {name}({taken}):\n" + joined("    if ", checks, ":") + end
    return (f"def {name}({taken}):\n    try:\n" + joined("        fits_ = ", checks + others, "")
            + "    except errors_:\n        fits_ = False\n    if fits_:\n" + end)


def written_out(entry: Entry, params: list[str], space: dict[str, Any]) -> tuple[list[str], bool]:
    """The checks of an entry's watches; what they name is put into `space`.  And: does none of them raise?"""
    space |= {"worlds_": {}, "builtins_": vars(builtins)}
    watches = [*(watch for _, _, watch in entry.watches), *entry.other]
    of_classes = [watch for watch in watches if isinstance(watch.get, OfClass)]
    others = once(watch for watch in watches if not isinstance(watch.get, OfClass))
    checks = [check_of(watch, params, space) for watch in others] + checks_of_classes(of_classes, space)
    return checks, not of_classes and all(isinstance(watch.get, Made) for watch in others)


def as_tuple(params: list[str]) -> str:
    """The arguments of a call, of which there may be none."""
    return f"({', '.join(params)}{',' if len(params) == 1 else ''})"


def joined(begin: str, checks: list[str], end: str) -> str:
    """Checks on lines that are not too long."""
    lines, line = [], begin + checks[0]
    for check in checks[1:]:
        if len(line) + len(check) > 105:
            lines.append(line + " \\\n")
            line = " " * (len(begin) + 4)
        line += " and " + check
    return "".join(lines) + line + end + "\n"


def check_of(watch: Watch, params: list[str], space: dict[str, Any]) -> str:
    """A watch, written out; what it names is put into `space`."""
    get = watch.get

    def name(thing: Any) -> str:
        return named(thing, space)

    def way(get: Any) -> str | None:
        """How something is read; None where that is not told by a few words."""
        if isinstance(get, operator.itemgetter):
            return params[get.__reduce__()[1][0]]       # type: ignore[index]
        if isinstance(get, Itself):
            return name(get.obj)
        if isinstance(get, Name):
            return standing(get, space)
        inner = way(get.of) if isinstance(get, Part) else None
        if inner is None:
            return None
        if get.fn is getattr and get.key == "__class__" and isinstance(getattr(get.of, "obj", None), ModuleType):
            return f"type_({inner})"        # is asked twice as fast
        if get.fn is getattr:
            return f"{inner}.{get.key}" if get.key.isidentifier() and not iskeyword(get.key) else None
        return f"{inner}[{name(get.key)}]"
    if isinstance(get, Made):
        return " and ".join(
            f"{f}.__code__ is {name(code)}" + ("" if defaults is None else f" and {f}.__defaults__ is {name(defaults)}")
            for f, code, defaults in ((name(f), c, d) for f, c, d in get.parts))
    if isinstance(get, Holds) and isinstance(get.seen, int):
        inner = way(get.of)
        if inner is not None:
            return f"len_({inner}) == {get.seen}"
    if isinstance(get, HasOwn):
        inner = way(get.of)
        if inner is not None:
            return f"{get.name!r} {'in' if watch.seen else 'not in'} {inner}.__dict__"
    inner = way(get)
    if inner is None:
        inner = f"{name(get)}({as_tuple(params)})"
    if watch.exact:
        return f"{inner} is {name(watch.seen)}"
    told = name(watch)
    if isinstance(watch.seen, np.ndarray):      # of a shape and dtype that may be set in place
        return (f"{inner} is {told}.seen and {told}.seen.shape == {told}.form[0]"
                f" and {told}.seen.dtype is {told}.form[1]")
    same = f"{inner} is {told}.seen"
    return same if watch.form is None else f"{same} and type_({told}.seen) is {name(watch.form)}"


def named(thing: Any, space: dict[str, Any]) -> str:
    """A name for an object in a guard."""
    known = f"thing{len(space)}_"
    space[known] = thing
    return known


def once(watches: Iterable[Watch]) -> list[Watch]:
    """Each, but what stands under a name and is compiled in once alone: several functions may read it."""
    found: dict[Any, Watch] = {}
    for watch in watches:
        get = watch.get
        found.setdefault((id(get.world), get.name) if watch.exact and isinstance(get, Name) else id(watch), watch)
    return list(found.values())


def standing(get: Name, space: dict[str, Any]) -> str:
    """What stands under a name, or among the builtins."""
    world = space["worlds_"].get(id(get.world))
    if world is None:
        world = space["worlds_"][id(get.world)] = named(get.world, space)
    if not get.builtin or get.name in get.world:
        return f"{world}[{get.name!r}]"
    return f"{get.name!r} not in {world} and builtins_[{get.name!r}]"


def checks_of_classes(watches: list[Watch], space: dict[str, Any]) -> list[str]:
    """What stands in classes: for each class that its bases are the same, then each name in their dicts."""
    checks = []
    by_class: dict[tuple[type, type | None], dict[str, Any]] = {}
    for watch in watches:
        if isinstance(watch.get, OfClass):
            by_class.setdefault((watch.get.cls, watch.get.after), {})[watch.get.name] = watch.seen
    for (cls, after), asked in by_class.items():
        checks.append(f"{named(cls, space)}.__mro__ is {named(cls.__mro__, space)}")
        held = [(vars(base), named(vars(base), space)) for base in bases_after(cls, after) if not is_fixed(base)]
        for name, seen in asked.items():
            for space_of, told in held:
                if name in space_of:
                    checks.append(f"{told}[{name!r}] is {named(seen, space)}")
                    break
                checks.append(f"{name!r} not in {told}")
    return checks


def is_fixed(cls: type) -> bool:
    """Can nothing be put into this class?"""
    return not cls.__flags__ & MUTABLE_CLASS


def is_array_key(key: Any) -> bool:
    """Is this the key of an array, by dtype and pattern of its shape?"""
    return isinstance(key, tuple) and len(key) == 2 and type(key[0]) is int


def is_plain(signature: inspect.Signature) -> bool:
    """May all parameters be given by position, and none is a catch-all?"""
    return all(p.kind is p.POSITIONAL_OR_KEYWORD and p.name.isidentifier() for p in signature.parameters.values()) \
        and 0 < len(signature.parameters) <= 30


def guard_of(entry: Entry, name: str, signature: inspect.Signature, args: tuple[Any, ...], by_value: tuple[int, ...],
             hits: list[int], function: Callable[..., Any], slow: Callable[[tuple[Any, ...]], Any],
             like: dict[int, int]) -> Callable[..., Any]:
    """A guard for calls of `function` like this one; `slow` takes the arguments of others.  `like`: `alike`."""
    keys = [kind_key(a) for a in args]
    values = {n: (type(args[n]), args[n]) for n in by_value}
    params = list(signature.parameters.values())
    space: dict[str, Any] = {
        "type_": type, "len_": len, "float_": float, "int_": int, "array_": np.ndarray, "patterns_": PATTERNS,
        "kind_key_": kind_key, "keys_": keys, "values_": values, "options_": OPTIONS.get,
        "compiled_for_": OPTIONS.get(), "hits_": hits, "function_": function, "slow_": slow, "alike_": alike,
        "errors_": (AttributeError, LookupError, TypeError, ValueError),
    }
    space |= {f"dtype{n}": a.dtype for n, a in enumerate(args) if isinstance(a, np.ndarray)}
    space |= {f"default{n}": p.default for n, p in enumerate(params) if p.default is not p.empty}
    defaults = [n for n, p in enumerate(params) if p.default is not p.empty]
    taken = {p.name for p in params}
    own = name if name.isidentifier() and name not in taken and name not in space else "derivative_"
    written, safe = written_out(entry, [p.name for p in params], space)
    text = guard_text(own, [p.name for p in params], keys, values, defaults, written, alike=like, safe=safe)
    if not taken.isdisjoint(space):         # a parameter that is called as something here
        return lambda *args, **kwargs: slow(tuple(_bound(signature, args, kwargs)))
    exec(text, space)  # noqa: S102  (the text was written here)
    guard: Callable[..., Any] = space[own]
    return guard


def _bound(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments.values()
