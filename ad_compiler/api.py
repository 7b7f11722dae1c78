"""What people import: `grad` and `value_and_grad`; `register_node`."""

from __future__ import annotations

import functools
import inspect
import sys
import time
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ad_compiler import store
from ad_compiler.cache import LOCK, PATTERNS, CacheInfo, Entry, entry_of, held_by, kind_key
from ad_compiler.collector import paused_collector
from ad_compiler.derivative import Derivative
from ad_compiler.errors import ADCompilerError, CannotDifferentiate, CompilerFault
from ad_compiler.guard import guard_of, is_plain
from ad_compiler.ir import Const
from ad_compiler.jit.calls import let_numba_call, report_refusals
from ad_compiler.options import current_options
from ad_compiler.spec import Spec
from ad_compiler.validate.checked import Checked
from ad_compiler.validate.deadline import undisturbed
from ad_compiler.validate.fault import not_compiled
from ad_compiler.validate.first_call import checked_call, mode_of

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

def compiler() -> Any:
    """The compiler itself, imported when something is to be compiled."""
    from ad_compiler import pipeline

    return pipeline


class GradFunction:
    """A function that gives gradients, made by `grad` or `value_and_grad`.

    `source` is the text of the derivative compiled last (the general form before the first call),
    `source_for(*args)` the text for the kinds of the given arguments.
    """

    __slots__ = ("__call__", "__dict__", "__weakref__")     # what is called is each object's own: no detour by a method

    def __init__(self, spec: Spec) -> None:
        functools.update_wrapper(self, spec.func, updated=())
        self.__wrapped__ = spec.func
        self.__name__ = spec.name
        self._spec = spec
        self._signature = signature_of(spec)
        self.__signature__ = self._signature
        kinds = inspect.Parameter
        self._positional = len(self._signature.parameters) if all(
            p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
            for p in self._signature.parameters.values()) else -1
        self._entries: dict[Any, list[Entry]] = {}
        self._specialised: frozenset[str] = frozenset()
        self._by_value: tuple[int, ...] = ()
        self._hits, self._misses = [0], 0
        self._last: Entry | None = None
        self._known: dict[str, Checked] = {}        # what came out for texts that another process has checked
        self._is_plain = is_plain(self._signature)
        self._guarded: Entry | None = None
        self.__call__ = self._long_way      # type: ignore[method-assign]
        if not any(p.kind is p.VAR_POSITIONAL for p in self._signature.parameters.values()):
            spec.positions(self._signature)

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return compiler().transform_inside(lifter, self._spec, args, kwargs)

    if TYPE_CHECKING:
        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    def _long_way(self, *args: Any, **kwargs: Any) -> Any:
        """A call, whatever it is called with."""
        if kwargs or len(args) != self._positional:
            return self._call(self._bind(args, kwargs), (args, kwargs))
        return self._call(args)

    def _call(self, args: tuple[Any, ...], given: tuple[tuple[Any, ...], dict[str, Any]] | None = None) -> Any:
        """The way through the cache; the next call like this one takes a shorter one."""
        entry = self._entry(args)
        result = entry.function(*args) if entry.settled else \
            checked_call(entry, self._spec, self._signature, args, given)
        if self._is_plain and entry.settled and entry is not self._guarded:
            if entry.guard is None:
                entry.guard = guard_of(entry, self.__name__, self._signature, args, self._by_value, self._hits,
                                       self._call)
            self.__call__, self._guarded = entry.guard, entry       # type: ignore[method-assign]
        return result

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else BoundGrad(self, instance)

    def __repr__(self) -> str:
        kind = "value_and_grad" if self._spec.with_value else "grad"
        return f"<{kind} of {self._spec.name}>"

    def __reduce__(self) -> Any:
        name: str = getattr(self, "__qualname__", self.__name__)
        found: Any = sys.modules.get(self.__module__)
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is self:
            return name
        made = [entry.compiled for entries in self._entries.values() for entry in entries]
        known = self._known | {each.text: each.checked for each in made if each.checked is not None}
        return _restored, (self._spec, known)

    # -- compiling -----------------------------------------------------------------------------------

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def _key(self, args: tuple[Any, ...]) -> Any:
        key: list[Any] = []
        for value in args:
            kind = type(value)
            if kind is np.ndarray:
                key.append(value.dtype.num)
                key.append(PATTERNS[value.shape])
            elif kind is float or kind is int:
                key.append(kind)
            else:
                key.append(kind_key(value))
        if self._by_value:
            key.extend((type(args[at]), args[at]) for at in self._by_value)
        key.append(current_options())
        return tuple(key)

    def _entry(self, args: tuple[Any, ...]) -> Entry:
        for entry in self._entries.get(self._key(args), ()):
            if entry.current(args):
                self._hits[0] += 1
                self._last = entry
                return entry
        with LOCK:
            key = self._key(args)
            for entry in self._entries.get(key, ()):
                if entry.current(args):
                    self._hits[0] += 1
                    return entry
            began = time.thread_time()
            with paused_collector(), undisturbed():
                entry = self._compile(args)
            entry.compiling = time.thread_time() - began
            entry.settle(entry.compiled.checked, self._spec)
            self._entries.setdefault(self._key(args), []).append(entry)
            self._misses += 1
            self._last = entry
            return entry

    def _compile(self, args: tuple[Any, ...]) -> Entry:
        entry = self._stored(args) if self._spec.backend == "numba" else None
        if entry is None:
            sample = dict(zip(self._signature.parameters, args, strict=True))
            try:
                compiled = compiler().compile_spec(self._spec, self._signature, sample, self._specialised)
            except (ADCompilerError, ImportError, MemoryError):
                raise
            except Exception as error:      # of the compiler itself, whichever it is
                raise CompilerFault(not_compiled(self._spec.name, error)) from error
            before = store.key_of(self._spec, self._key(args)) if self._spec.backend == "numba" else None
            self._specialise(compiled.specialised)
            entry = entry_of(compiled, args, [a for a in args if callable(a)])
            compiled.checked = self._known.get(compiled.text)
            if before is not None:
                key = store.key_of(self._spec, self._key(args))
                if key is not None and key != before:
                    store.save_names(before, self._specialised)
                if key is not None:
                    store.save(key, compiled)
                    entry.stored_under = key
        entry.compiled.refresh(args)
        if self._spec.backend == "numba":
            report_refusals(entry.compiled.emitted)
        return entry

    def _stored(self, args: tuple[Any, ...]) -> Entry | None:
        """What an earlier process has compiled for arguments like these."""
        for _ in range(2):
            key = store.key_of(self._spec, self._key(args))
            found = store.load(key) if key is not None else None
            if not isinstance(found, frozenset):
                break
            self._specialise(found)
        if not isinstance(found, Derivative):
            return None
        entry = entry_of(found, args, [a for a in args if callable(a)])
        entry.stored_under = key
        return entry if entry.current(args) else None

    def _specialise(self, names: frozenset[str]) -> None:
        """From here on the values of these arguments are part of the key."""
        self._specialised |= names
        order = list(self._signature.parameters)
        self._by_value = tuple(order.index(n) for n in sorted(self._specialised))

    def _meet_numba(self) -> None:
        """Let compiled functions call this one."""
        params = list(self._signature.parameters)
        let_numba_call(self, params, lambda args: self._entry(args).sound())

    # -- looking at it -------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """Text of the derivative compiled last; the general form where there is none yet."""
        return self._last.compiled.text if self._last is not None else self.source_general()

    def source_for(self, *args: Any, **kwargs: Any) -> str:
        """Text of the derivative for arguments of these kinds.  Compiles, does not run."""
        return self._entry(self._bind(args, kwargs)).compiled.text

    def source_general(self) -> str:
        """Text for arguments of which nothing is known but their defaults."""
        sample: dict[str, Any] = {}
        for name, param in self._signature.parameters.items():
            if param.kind is param.VAR_POSITIONAL:
                sample[name] = ()
            elif param.kind is param.VAR_KEYWORD:
                sample[name] = {}
            elif param.default is not param.empty and not isinstance(param.default, float):
                sample[name] = param.default
            else:
                sample[name] = compiler().General()
        return compiler().compile_spec(self._spec, self._signature, sample).text

    @property
    def checked(self) -> Checked | None:
        """What came out when the derivative compiled last was held against the function; None before."""
        if self._last is not None:
            return self._last.compiled.checked
        return next(reversed(self._known.values()), None)

    def cache_info(self) -> CacheInfo:
        """Calls served from the cache, compilations, derivatives held."""
        return CacheInfo(self._hits[0], self._misses, sum(map(len, self._entries.values())))

    def cache_clear(self) -> None:
        """Forget all compiled derivatives."""
        with LOCK:
            self._entries.clear()
            self._hits[0] = self._misses = 0
            self._last = self._guarded = None
            self.__call__ = self._long_way      # type: ignore[method-assign]


def _restored(spec: Spec, known: dict[str, Checked]) -> GradFunction:
    """A gradient function that was pickled, with what is known of its texts."""
    made = GradFunction(spec)
    made._known = known
    return made


class BoundGrad:
    """A gradient function got from an instance: a method."""

    def __init__(self, of: GradFunction, instance: Any) -> None:
        self.__func__, self.__self__ = of, instance
        functools.update_wrapper(self, of, updated=())
        params = list(inspect.signature(of).parameters.values())
        self.__signature__ = inspect.Signature(params[1:])

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        owner = lifter.known(self.__self__, lambda _: self.__self__, "self")
        return self.__func__.__ad_transform__(lifter, [owner, *args], kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__func__(self.__self__, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__func__, name)


def signature_of(spec: Spec) -> inspect.Signature:
    """The signature of the function; refuses what has none."""
    func = spec.func
    if not callable(func):
        raise TypeError(f"grad needs a function, not {type(func).__name__}")
    if isinstance(func, type):
        raise CannotDifferentiate(f"`{spec.name}` is a class: differentiate a function or a method")
    if not isinstance(func, FunctionType):
        rule = compiler().registry.lookup(func)
        if rule is not None:
            return rule.signature
    try:
        return inspect.signature(func)
    except (TypeError, ValueError):
        raise CannotDifferentiate(f"`{spec.name}` has no readable source or signature: wrap it in a function") from None


def _check_argnums(argnums: Any, argnames: Any) -> int | tuple[int, ...]:
    if isinstance(argnums, (bool, float, str)) or not isinstance(argnums, (int, tuple, list, np.integer)):
        raise TypeError(f"argnums must be an integer or a tuple of integers, not {argnums!r}")
    if isinstance(argnums, (tuple, list)):
        if not argnums and argnames is None:
            raise ValueError("argnums is empty: name at least one argument")
        if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in argnums):
            raise TypeError(f"argnums must be integers, not {argnums!r}")
        return tuple(int(n) for n in argnums)
    return int(argnums)


def _make(func: Any, argnums: Any, has_aux: bool, argnames: Any, with_value: bool, backend: str, parallel: bool,
          check: str | None) -> Any:
    if backend not in ("numpy", "numba"):
        raise ValueError(f"backend must be 'numpy' or 'numba', not {backend!r}")
    if parallel and backend != "numba":
        raise ValueError("parallel=True needs backend='numba'")
    numbers = _check_argnums(argnums, argnames)
    if argnames is not None and numbers != 0:
        raise TypeError("give argnums or argnames, not both")
    names = tuple(argnames) if isinstance(argnames, list) else argnames
    mode = mode_of(check)

    def make(func: Callable[..., Any]) -> GradFunction:
        spec = Spec(func, numbers, names, has_aux, with_value, backend, parallel, mode)
        held = held_by(func) if isinstance(func, FunctionType) else {}
        found: GradFunction | None = held.get(spec)
        if found is None:
            found = GradFunction(spec)
            if backend == "numba":
                found._meet_numba()
            found = held.setdefault(spec, found)
        return found
    return make if func is None else make(func)


@overload
def grad(func: Callable[..., Any], argnums: int | tuple[int, ...] | list[int] = 0, has_aux: bool = False, *,
         argnames: str | tuple[str, ...] | None = None, backend: str = "numpy",
         parallel: bool = False, check: str | None = None) -> GradFunction: ...
@overload
def grad(func: None = None, argnums: int | tuple[int, ...] | list[int] = 0, has_aux: bool = False, *,
         argnames: str | tuple[str, ...] | None = None, backend: str = "numpy", parallel: bool = False,
         check: str | None = None) -> Callable[[Callable[..., Any]], GradFunction]: ...


def grad(func: Any = None, argnums: Any = 0, has_aux: bool = False, *, argnames: Any = None, backend: str = "numpy",
         parallel: bool = False, check: str | None = None) -> Any:
    """The gradient of a function that returns one real number.

    `argnums`: position of the argument to differentiate, or a tuple of them (then a tuple of gradients is
    returned); `argnames`: names in their stead.  With `has_aux` the function returns `(number, aux)` and the
    gradient function `(gradient, aux)`.  A gradient has the type, dtype and shape of its argument.

    `backend="numba"`: the derivative is compiled by Numba as a whole (extra `[numba]`); what Numba cannot compile is
    refused at the first call, with the line.  The value is then to rounding that of the function.  `parallel`: with
    loops over several threads, where iterations are independent, raise nothing, and are many enough to gain by it.

    `check`: when the derivative is held against `func` itself, by its value and by the slope along one direction.
    "first" (the default, or what `AD_COMPILER_CHECK` says): once for each text that is compiled; "always": at each
    call; "full": at each call, however long it takes; "off".  A derivative that is wrong raises `CompilerFault`;
    `.checked` says what was compared.

    Usable as `@grad` and `@grad(argnums=1)`.  Raises `CannotDifferentiate` at the first call where a line
    cannot be differentiated.  Asked twice for the same of one function, it gives the same gradient function: what is
    compiled is kept with the function, and `grad(f)(x)` in a loop compiles once.

    >>> grad(lambda x: x ** 3)(2.0)
    12.0
    """
    return _make(func, argnums, has_aux, argnames, False, backend, parallel, check)


def value_and_grad(func: Any = None, argnums: Any = 0, has_aux: bool = False, *, argnames: Any = None,
                   backend: str = "numpy", parallel: bool = False, check: str | None = None) -> Any:
    """As `grad`, but returns `(value, gradient)`; with `has_aux`, `((value, aux), gradient)`.

    >>> value_and_grad(lambda x: x ** 3)(2.0)
    (8.0, 12.0)
    """
    return _make(func, argnums, has_aux, argnames, True, backend, parallel, check)


def _make_inside(with_value: bool, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`grad(func, …)` inside a function that is read: a gradient function of a function read or known."""
    names = ("func", "argnums", "has_aux")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    func = given.pop("func", None)
    chosen = {key: lifter.static(thing, f"`{key}`") for key, thing in given.items()}
    argnums = _check_argnums(chosen.get("argnums", 0), chosen.get("argnames"))
    target = func.value if isinstance(func, Const) else func
    spec = Spec(target, argnums, chosen.get("argnames"), bool(chosen.get("has_aux", False)), with_value)
    return Const(compiler().Special(lambda inner, a, k: compiler().transform_inside(inner, spec, a, k)))


grad.__ad_transform__ = functools.partial(_make_inside, False)     # type: ignore[attr-defined]
value_and_grad.__ad_transform__ = functools.partial(_make_inside, True)     # type: ignore[attr-defined]


def register_node(cls: type, flatten: Callable[[Any], tuple[Any, Any]],
                  unflatten: Callable[[Any, Any], Any]) -> None:
    """Let objects of a class be differentiated, as lists and dicts are; the gradient is an object of that class.

    As `jax.tree_util.register_pytree_node`: `flatten(obj)` gives the children, which must be attributes of the object
    as they stand, and a constant part that can be compared; `unflatten(constant, children)` puts one together.
    Dataclasses and named tuples need not be registered.

    Raises TypeError where `cls` is not a class, ValueError where it was registered before.
    """
    if not isinstance(cls, type):
        raise TypeError(f"register_node needs a class, not {type(cls).__name__}")
    nodes = compiler().NODES
    if cls in nodes:
        raise ValueError(f"{cls.__name__} is registered already")
    nodes[cls] = flatten, unflatten
