"""A function as Python runs it where Numba has yet to compile what it calls: nobody waits for a compilation.

>>> class Dispatcher:
...     overloads = {}
...     def __init__(self, py_func): self.py_func = py_func
>>> make = lambda inner: lambda x: inner(x) + 1.0
>>> f = make(Dispatcher(lambda x: 2.0 * x))
>>> in_python(f)(3.0), in_python(make) is make
(7.0, True)
"""

from __future__ import annotations

from types import CellType, CodeType, FunctionType
from typing import Any


def is_uncompiled(obj: Any) -> bool:
    """Is this a function of Numba's that was not compiled yet?"""
    return not isinstance(obj, FunctionType) and isinstance(getattr(obj, "py_func", None), FunctionType) \
        and not getattr(obj, "overloads", True)


def in_python(func: Any) -> Any:
    """The function, with all that it calls and Numba has yet to compile in Python; itself where there is nothing."""
    found: dict[int, tuple[Any, FunctionType]] = {}
    stack, met = [func], False
    while stack:
        obj = stack.pop()
        met |= is_uncompiled(obj)
        plain = obj.py_func if is_uncompiled(obj) else obj
        if isinstance(plain, FunctionType) and id(obj) not in found:
            found[id(obj)] = obj, plain
            stack += [thing for _, thing in names_of(plain)]
            stack += [cell.cell_contents for cell in plain.__closure__ or () if not is_empty(cell)]
    if not met:
        return func
    worlds = {key: dict(plain.__globals__) for key, (_, plain) in found.items()}
    made = {key: copy_of(plain, worlds[key]) for key, (_, plain) in found.items()}
    for key, (_, plain) in found.items():
        worlds[key].update((name, made[id(thing)]) for name, thing in names_of(plain) if id(thing) in made)
        for cell in made[key].__closure__ or ():
            if not is_empty(cell) and id(cell.cell_contents) in made:
                cell.cell_contents = made[id(cell.cell_contents)]
    return made[id(func)]


def names_of(function: FunctionType) -> list[tuple[str, Any]]:
    """The globals that a function, and those defined in it, may read, and what they are."""
    names: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += [const for const in code.co_consts if isinstance(const, CodeType)]
    world = function.__globals__
    return [(name, world[name]) for name in sorted(names) if name in world]


def copy_of(function: FunctionType, world: dict[str, Any]) -> FunctionType:
    """The same function in another world, with cells of its own."""
    cells = tuple(CellType() if is_empty(cell) else CellType(cell.cell_contents) for cell in function.__closure__ or ())
    made = FunctionType(function.__code__, world, function.__name__, function.__defaults__, cells)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__dict__.update(function.__dict__)
    return made


def is_empty(cell: CellType) -> bool:
    """Is nothing bound to this variable yet?"""
    try:
        return cell.cell_contents is cell
    except ValueError:
        return True
