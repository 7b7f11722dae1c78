r"""What is compiled: a text, its function, and what it was compiled for.

>>> emitted = Emitted("def one():\n    return 1\n", lambda: 1, {}, {}, [], "<one>", {})
>>> Derivative(emitted, [], frozenset(), Behaviour()).text.splitlines()[0]
'def one():'
"""

from __future__ import annotations

import functools
import linecache
import math
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

from ad_compiler.ir import Func, Origin, Value
from ad_compiler.validate.checked import Checked
from ad_compiler.watch import Get, Watch


@dataclass
class Emitted:
    """A generated function.

    `text` is its definition.  `namespace` holds its globals, and `ref_names` the names there of the user's
    globals: what stands there is read at each call.  `imports` are the lines that the text needs above it to
    stand in a file.  `origins` are the user's lines, by line of the text.  `spelled` are the functions that it names by
    module and name: what stands there is what it calls.  `module` is the text of the file that Numba compiles.
    """

    text: str
    function: Callable[..., Any]
    namespace: dict[str, Any]
    ref_names: dict[Value, str]
    imports: list[str]
    filename: str
    origins: dict[int, Origin]
    spelled: dict[tuple[str, str], Any] = field(default_factory=dict)
    module: str = ""

    def renew(self, name: str, thing: Any) -> None:
        """Define the functions once more in a namespace of their own, where a name stands for something else."""
        space = {**self.namespace, name: thing}
        for key, held in self.namespace.items():
            if isinstance(held, FunctionType) and held.__globals__ is self.namespace:
                space[key] = copy_of(held, space)
        self.namespace, self.function = space, copy_of(self.function, space)


def copy_of(function: Any, space: dict[str, Any]) -> Any:
    """A function with other globals; what is none of Python's as it is."""
    if not isinstance(function, FunctionType):
        return function
    found = space.get(function.__name__)
    if isinstance(found, FunctionType) and found.__globals__ is space:
        return found
    return FunctionType(function.__code__, space, function.__name__, function.__defaults__, function.__closure__)


def is_definable(value: Any) -> bool:
    """Can a text define a name for this by its `repr`?"""
    return type(value) in (int, float, bool) and math.isfinite(value)


def run_text(text: str, filename: str, space: dict[str, Any]) -> None:
    """Define what a text defines, under a name that tracebacks and pdb can show it by."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    module = compile(text, filename, "exec")
    code = next(const for const in module.co_consts if isinstance(const, CodeType))
    forget = functools.partial(_forget, TEXTS, linecache.cache, sys.modules, filename, space.get("__name__"))
    TEXTS[filename] = weakref.ref(code, forget)
    exec(module, space)  # noqa: S102  (the text was written here)


TEXTS: dict[str, weakref.ref[CodeType]] = {}
"""The files of texts, each for as long as one of its functions is there."""


def _forget(texts: dict[str, Any], lines: dict[str, Any], modules: dict[str, Any], filename: str, module: str | None,
            gone: Any) -> None:
    """A text is gone; it may be the end of the process, when names of modules are gone too."""
    if texts.get(filename) is gone:
        del texts[filename]
        lines.pop(filename, None)
        if module is not None:      # which is empty
            modules.pop(module, None)


@dataclass(frozen=True)
class Behaviour:
    """What was seen of a function while it was read, that decides whether and how it can be run once more.

    `effects`: why not, in words.  `frozen`: a block under `no_grad`, whose values differences cannot hold still.
    `own_rules`: functions whose rules are the user's own.  `writes`: the ways to what it changes in its arguments.
    `compiled`: functions of Numba's that it calls; they are not kept on disk.  `kinks`: may it have any?
    `solvers`: what it calls whose derivative is that of an equation, which holds where that is solved.
    """

    effects: tuple[str, ...] = ()
    frozen: bool = False
    own_rules: tuple[str, ...] = ()
    writes: tuple[Get, ...] = ()
    compiled: tuple[Any, ...] = ()
    kinks: bool = True
    solvers: tuple[str, ...] = ()


class Derivative:
    """A derivative, what it depends on, which arguments are compiled in by value, how its function behaves; and what
    came out when it was checked.  `back`: what is called later, with what `emitted` has saved for it; `form`: that as
    other transforms read it, in this process.
    """

    def __init__(self, emitted: Emitted, watches: list[Watch], specialised: frozenset[str],
                 behaviour: Behaviour, back: Emitted | None = None, form: Func | None = None) -> None:
        self.emitted, self.watches, self.specialised, self.behaviour = emitted, watches, specialised, behaviour
        self.back, self.form = back, form
        self.checked: Checked | None = None
        self.opened: dict[Any, Any] = {}        # what is called later, as functions of what was saved too

    @property
    def text(self) -> str:
        return self.emitted.text if self.back is None else f"{self.emitted.text}\n\n{self.back.text}"

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "form": None, "opened": {}}

    def refresh(self, args: Any) -> None:
        """Put the globals and closure cells that it reads into its namespace."""
        for watch in self.watches:
            if watch.value is not None and watch.value in self.emitted.ref_names:
                self.emitted.namespace[self.emitted.ref_names[watch.value]] = watch.get(args)
