"""What the command line names: a function, the arguments of a call of it, argument numbers.

>>> find_function("json.decoder:JSONDecoder.decode").__qualname__
'JSONDecoder.decode'
>>> parse_call("np.ones(2), n=5", {})
((array([1., 1.]),), {'n': 5})

Whatever is wrong with these is a `click.UsageError` of one line.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import importlib
import importlib.util
import inspect
import math
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np

Function = Callable[..., Any]


def one_line(error: BaseException) -> str:
    """An exception as its name and the first line of what it says."""
    text = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@contextlib.contextmanager
def users_code(doing: str) -> Iterator[None]:
    """Around code of the user's: what it prints goes to stderr, what it raises becomes one line."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except click.ClickException:
        raise
    except SyntaxError as error:
        where = f" ({error.filename}, line {error.lineno})" if error.filename else ""
        raise click.UsageError(f"{doing}: {type(error).__name__}: {error.msg}{where}") from error
    except (Exception, SystemExit) as error:
        raise click.UsageError(f"{doing} raised {one_line(error)}") from error


def find_function(target: str) -> Function:
    """The function that `module:name` or `path/to/file.py:name` stands for; `name` may have dots."""
    place, colon, name = target.rpartition(":")
    if not (place and colon and all(part.isidentifier() for part in name.split("."))):
        raise click.UsageError(f"{target!r} names no function: write module:function or path/to/file.py:function")
    thing: object = _load(place)
    path = place
    for part in name.split("."):
        thing = _member(thing, part, path)
        path += (":" if path == place else ".") + part
    return _checked(thing, target)


def _load(place: str) -> ModuleType:
    path = Path(place)
    if path.suffix == ".py" or "/" in place or os.sep in place or path.suffix and path.is_file():
        return _load_file(path)
    if not all(part.isidentifier() for part in place.split(".")):
        raise click.UsageError(f"{place!r} is neither the name of a module nor the path of a .py file")
    _put_on_path(Path.cwd())
    return _import(place)


def _load_file(path: Path) -> ModuleType:
    """Import a file under the name that it has as part of its package, if it is in one."""
    if not path.is_file():
        raise click.UsageError(f"{str(path)!r} is a folder" if path.is_dir() else f"no such file: {str(path)!r}")
    if path.suffix != ".py":
        raise click.UsageError(f"{str(path)!r} is not a .py file")
    path = path.resolve()
    parts, folder = [path.stem], path.parent
    while (folder / "__init__.py").exists():
        parts, folder = [folder.name, *parts], folder.parent
    _put_on_path(Path.cwd())
    _put_on_path(folder)
    if len(parts) > 1 and all(part.isidentifier() for part in parts):
        return _import(".".join(parts).removesuffix(".__init__"))
    # A file may bear the name of a module that is imported already (`types.py`): it is not that module.
    name = path.stem if path.stem not in sys.modules else f"{path.stem}_of_adc"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise click.UsageError(f"{str(path)!r} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with users_code(f"importing {path.name!r}"):
        spec.loader.exec_module(module)
    return module


def _import(name: str) -> ModuleType:
    with users_code(f"importing {name!r}"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise       # the module is there, something that it imports is not
            raise click.UsageError(f"no module named {error.name!r} here or among the installed packages") from error


def _put_on_path(folder: Path) -> None:
    if str(folder) in sys.path:
        sys.path.remove(str(folder))
    sys.path.insert(0, str(folder))


def _member(thing: object, name: str, path: str) -> object:
    with users_code(f"reading {path!r}"):
        try:
            return getattr(thing, name)
        except AttributeError as error:
            close = difflib.get_close_matches(name, dir(thing), 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"{path!r} has no {name!r}{hint}") from error


def _checked(thing: object, target: str) -> Function:
    """`thing`, if it is a function that has Python source."""
    if isinstance(thing, type):
        raise click.UsageError(f"{target!r} is a class: name a function, or a method as {target}.method")
    if not callable(thing):
        raise click.UsageError(f"{target!r} is not a function but of type {type(thing).__name__}")
    with users_code(f"reading {target!r}"):
        inner = inspect.unwrap(thing)
        inner = getattr(inner, "py_func", inner)        # of a function that Numba compiles
    if inspect.isroutine(inner) and not (inspect.isfunction(inner) or inspect.ismethod(inner)) or isinstance(
            inner, np.ufunc):
        raise click.UsageError(f"{target!r} is not written in Python: name a function that calls it")
    if not (inspect.isfunction(inner) or inspect.ismethod(inner)):
        raise click.UsageError(f"{target!r} is an object of type {type(inner).__name__}: name a function")
    return thing


def is_unbound_method(func: Function) -> bool:
    """Is this a method that was named on its class, so that its first argument is `self`?"""
    return next(iter(inspect.signature(func).parameters), None) == "self" and not inspect.ismethod(func)


def names_of(func: Function) -> dict[str, Any]:
    """The global names of the module that a function was written in."""
    return dict(getattr(inspect.unwrap(func), "__globals__", {}))


def parse_argnums(text: str) -> int | tuple[int, ...]:
    """`1` or `0,1`, as `grad` takes them."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise click.UsageError(f"--argnums: {text!r} is not a number, or numbers with commas") from None
    return numbers[0] if len(numbers) == 1 else tuple(numbers)


def parse_argnames(text: str) -> str | tuple[str, ...]:
    """`w` or `w,b`, as `grad` takes them."""
    names = [part.strip() for part in text.split(",")]
    if not all(name.isidentifier() for name in names):
        raise click.UsageError(f"--argnames: {text!r} is not a name, or names with commas")
    return names[0] if len(names) == 1 else tuple(names)


def check_choice(func: Function, argnums: int | tuple[int, ...] | None = None,
                 argnames: str | tuple[str, ...] | None = None) -> None:
    """Refuse argument numbers and names that `func` does not have."""
    parameters = inspect.signature(func).parameters
    kinds = [p.kind for p in parameters.values()]
    words = ", ".join(parameters)
    if argnums is not None and inspect.Parameter.VAR_POSITIONAL not in kinds:
        count = sum(k in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD) for k in kinds)
        for number in (argnums,) if isinstance(argnums, int) else argnums:
            if not -count <= number < count:
                raise click.UsageError(f"--argnums: no argument {number} in {func.__name__}({words})")
    if argnames is not None and inspect.Parameter.VAR_KEYWORD not in kinds:
        for name in (argnames,) if isinstance(argnames, str) else argnames:
            if name not in parameters:
                raise click.UsageError(f"--argnames: no argument {name!r} in {func.__name__}({words})")


def parse_call(text: str, names: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Evaluate the arguments of a call, written as between its parentheses; `np` and `math` are there too."""
    with users_code("--args"):
        call = ast.parse(f"_({text}\n)", "", mode="eval").body
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            raise click.UsageError(f"--args: {text!r} is not a list of arguments")
        call.func.id = "<capture>"      # no name of the user's can hide it
        code = compile(ast.Expression(call), "--args", "eval")
        scope = {"np": np, "math": math, **names, "<capture>": lambda *args, **kwargs: (args, kwargs)}
        args, kwargs = eval(code, scope)  # noqa: S307 - documented: --args is Python
    return args, kwargs


def bind(func: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
    """The parameters that these arguments are for; refuses what a call of `func` would refuse."""
    signature = inspect.signature(func)
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        raise click.UsageError(f"--args: {error}, in {func.__name__}({', '.join(signature.parameters)})") from error


def call_from_signature(func: Function) -> tuple[inspect.BoundArguments | None, list[str]]:
    """Arguments that annotations and defaults speak of, and the names of which they do not speak.

    >>> def f(x: float, n=3): ...
    >>> call_from_signature(f)
    (<BoundArguments (x=1.0, n=3)>, [])
    """
    try:
        signature = inspect.signature(func, eval_str=True)
    except Exception:  # noqa: BLE001 - annotations are the user's code, and may name what is not there
        signature = inspect.signature(func)
    chosen: dict[str, Any] = {}
    missing = []
    for name, parameter in signature.parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        value = _example(parameter.annotation, parameter.default)
        if value is parameter.empty:
            missing.append(name)
        chosen[name] = value
    if missing:
        return None, missing
    return inspect.BoundArguments(signature, chosen), []


def _example(annotation: Any, default: Any) -> Any:
    """A value for a parameter, or `empty`.  A boolean is not guessed: which it is decides what runs."""
    empty = inspect.Parameter.empty
    if isinstance(annotation, str):
        annotation = {"float": float, "int": int}.get(annotation, annotation)
    if isinstance(annotation, type) and issubclass(annotation, (float, np.floating)):
        return annotation(default) if isinstance(default, (int, float)) else annotation(1.0)
    if default is empty and isinstance(annotation, type) and issubclass(annotation, (int, np.integer)):
        return empty if annotation is bool else annotation(2)
    return default


def parse_dims(text: str, option: str) -> Any:
    """`0`, `None,0` or `({"w": None}, 0)` as Python has it.  Raises `click.UsageError`.

    >>> parse_dims("None, 0", "--in-dims")
    (None, 0)
    """
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise click.UsageError(f"{option} {text!r} is not made of integers, None and containers of them") from error
