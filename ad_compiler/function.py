"""What a transform makes of a function: compiled at the first call for the kinds of its arguments, and kept.

>>> from ad_compiler import grad
>>> g = grad(lambda x: x * x)
>>> g(3.0), g(4.0), g.cache_info()
(6.0, 8.0, CacheInfo(hits=1, misses=1, currsize=1))
"""

from __future__ import annotations

import functools
import inspect
import sys
import time
import weakref
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler import store
from ad_compiler.cache import PATTERNS, RENEWING, CacheInfo, Entries, Entry, entry_of, kind_key
from ad_compiler.collector import collect_now_and_then, paused_collector
from ad_compiler.derivative import Derivative
from ad_compiler.errors import ADCompilerError, CannotDifferentiate, CompilerFault, Refusal
from ad_compiler.guard import guard_of, is_plain
from ad_compiler.jit.calls import report_refusals
from ad_compiler.library import refuse_replaced
from ad_compiler.locks import COMPILING
from ad_compiler.options import current_options
from ad_compiler.rules import registry
from ad_compiler.spec import Spec, parameters_of, run_by
from ad_compiler.unchanged import Unchanged
from ad_compiler.validate.checked import Checked
from ad_compiler.validate.deadline import undisturbed
from ad_compiler.validate.fault import looked_at, not_compiled
from ad_compiler.validate.first_call import checked_call
from ad_compiler.validate.inside import INSIDE

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


ALIVE: weakref.WeakSet[CompiledFunction] = weakref.WeakSet()
"""What may have to be compiled anew when functions get other rules."""


def forget_compiled() -> None:
    """Rules are others from here on: what was compiled with those of before is not used again."""
    with COMPILING:
        for made in list(ALIVE):
            made.cache_clear()


def compiler() -> Any:
    """The compiler itself, imported when something is to be compiled."""
    refuse_replaced()
    return _pipeline()


def _pipeline() -> Any:
    with COMPILING:
        from ad_compiler import pipeline

    return pipeline


class CompiledFunction:
    """A function that a transform has made of another, compiled for the kinds of arguments that it is called with.

    `source` is the text compiled last (the general form before the first call), `source_for(*args)` the text for the
    kinds of the given arguments.
    """

    __slots__ = ("__call__", "__dict__", "__weakref__")     # what is called is each object's own: no detour by a method

    def __init__(self, spec: Spec) -> None:
        functools.update_wrapper(self, spec.func, updated=())
        self.__wrapped__ = spec.func
        self.__name__ = spec.name
        self._spec = spec
        self._signature = spec.signature_made(signature_of(spec))
        self.__signature__ = self._signature
        self._defaults = defaults_of(spec.func)
        kinds = inspect.Parameter
        self._positional = len(self._signature.parameters) if all(
            p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
            for p in self._signature.parameters.values()) else -1
        self._entries = Entries(spec.name)
        self._specialised: frozenset[str] = frozenset()
        self._by_value: tuple[int, ...] = ()
        self._hits, self._misses = [0], 0
        self._last: Entry | None = None
        self._known: dict[str, Checked] = {}        # what came out for texts that another process has checked
        self._made: dict[Any, CompiledFunction] = {}        # of this one, by other transforms
        self._is_plain = is_plain(self._signature)
        self._guarded: Entry | None = None
        self.__call__ = self._long_way      # type: ignore[method-assign]
        spec.check_signature(self._signature)
        ALIVE.add(self)

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
            with RENEWING:
                if entry.guard is None:
                    entry.guard = self._short_way(entry, args)
            self.__call__, self._guarded = entry.guard, entry       # type: ignore[method-assign]
        return self._given_out(entry, args, result)

    def _given_out(self, entry: Entry, args: tuple[Any, ...], result: Any) -> Any:
        """What the caller is given of what the text returns."""
        return result

    def _called(self, entry: Entry) -> Callable[..., Any]:
        """What the short way calls: as the text and `_given_out`."""
        return entry.function

    def _short_way(self, entry: Entry, args: tuple[Any, ...]) -> Callable[..., Any]:
        """What is called next in place of all this: it looks whether the call is like this one."""
        return guard_of(entry, self.__name__, self._signature, args, self._by_value, self._hits, self._called(entry),
                        self._call, self._alike())

    def _alike(self) -> dict[int, int]:
        """Which arguments must be like which."""
        return {}

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else BoundFunction(self, instance)

    def __repr__(self) -> str:
        return f"<{self._spec.made_by} of {self._spec.name}>"

    def __reduce__(self) -> Any:
        name: str = getattr(self, "__qualname__", self.__name__)
        found: Any = sys.modules.get(self.__module__)
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is self:
            return name
        made = [entry.compiled for entries in self._entries.values() for entry in entries]
        known = self._known | {each.text: each.checked for each in made if each.checked is not None}
        return restored, (type(self), self._spec, known)

    # -- compiling -----------------------------------------------------------------------------------

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        if not kwargs and len(args) == self._positional:
            return args
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
            key.extend((type(args[at]), None if type(args[at]).__hash__ is None else args[at]) for at in self._by_value)
        key.append(current_options())
        return tuple(key)

    def _entry(self, args: tuple[Any, ...]) -> Entry:
        entry = self._entries.find(self._key(args), args)
        if entry is None:
            with COMPILING:     # another thread may have compiled it meanwhile
                entry = self._entries.find(self._key(args), args)
                if entry is None:
                    self._last = made = self._new_entry(args)
            if entry is None:
                collect_now_and_then()
                return made
        self._hits[0] += 1
        self._last = entry
        return entry

    def _new_entry(self, args: tuple[Any, ...]) -> Entry:
        """What is compiled for these arguments; the lock is held."""
        began = time.thread_time()
        with paused_collector(), undisturbed():
            entry = self._compile(args)
        entry.compiling = time.thread_time() - began
        if INSIDE.budget is not None:       # what is compiled in a check is kept: it is not the check's time
            INSIDE.budget.extend(entry.compiling)
        entry.settle(entry.compiled.checked, self._spec)
        self._entries.add(self._key(args), entry)
        self._misses += 1
        return entry

    def is_outdated(self) -> bool:
        """Has the function other defaults by now than those that calls are bound with?"""
        return bool(self._defaults != defaults_of(self._spec.func))

    def _compile(self, args: tuple[Any, ...]) -> Entry:
        refuse_replaced()
        if self.is_outdated():
            raise CannotDifferentiate(Refusal(
                f"the defaults of `{self._spec.name}` were replaced since `{self._spec.made_by}` was called",
                remedy=f"call `{self._spec.made_by}` again"))
        entry = self._stored(args) if self._spec.backend == "numba" else None
        if entry is None:
            sample = dict(zip(self._signature.parameters, args, strict=True))
            try:
                compiled = _pipeline().compile_spec(self._spec, self._signature, sample, self._specialised)
            except (ADCompilerError, ImportError, MemoryError, ReferenceError):    # the last: a weak proxy's own
                raise
            except Exception as error:      # of the compiler itself, whichever it is
                refusal = looked_at(error)
                if refusal is not None:
                    raise CannotDifferentiate(refusal) from error
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

    def _found(self, args: tuple[Any, ...]) -> Any:
        """What compiled functions are given that call this one."""
        from ad_compiler.jit.callers import Found

        entry = self._entry(args)
        entry.sound()
        return Found(entry.compiled, Unchanged)

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
        text: str = compiler().compile_spec(self._spec, self._signature, sample).text
        return text

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
        with COMPILING:
            self._entries.clear()
            self._hits[0] = self._misses = 0
            self._last = self._guarded = None
            self.__call__ = self._long_way      # type: ignore[method-assign]


def restored(cls: type[CompiledFunction], spec: Spec, known: dict[str, Checked]) -> CompiledFunction:
    """A function that was pickled, with what is known of its texts."""
    made = cls(spec)
    made._known = known
    return made


class BoundFunction:
    """A function that a transform has made, got from an instance: a method."""

    def __init__(self, of: CompiledFunction, instance: Any) -> None:
        self.__func__, self.__self__ = of, instance
        functools.update_wrapper(self, of, updated=())
        params = list(inspect.signature(of).parameters.values())
        self.__signature__ = inspect.Signature(params[1:])

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        owner = lifter.calls.known(self.__self__, lambda _: self.__self__, "self")
        return self.__func__.__ad_transform__(lifter, [owner, *args], kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__func__(self.__self__, *args, **kwargs)

    def __repr__(self) -> str:
        return f"{self.__func__!r}"

    def source_for(self, *args: Any, **kwargs: Any) -> str:
        """Text of the derivative for arguments of these kinds."""
        text: str = self.__func__.source_for(self.__self__, *args, **kwargs)
        return text

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__func__, name)


def given_to(func: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call of a function of this package's, or an object that is called, by their names.

    >>> given_to(check_options, ["numba"], {"parallel": True})
    {'backend': 'numba', 'parallel': True}
    """
    return dict(inspect.signature(func).bind(*args, **kwargs).arguments)


def defaults_of(func: Any) -> Any:
    """Which objects the defaults of a function are; what a `functools.partial` gives is one of them."""
    if isinstance(func, functools.partial):
        return [*map(id, (*func.args, *func.keywords.values())), *defaults_of(func.func)]
    function = run_by(func)
    return [] if function is None else [
        *map(id, function.__defaults__ or ()), *map(id, (function.__kwdefaults__ or {}).values())]


def signature_of(spec: Spec) -> inspect.Signature:
    """The signature of the function; refuses what has none."""
    func = spec.func
    if not callable(func):
        raise TypeError(f"{spec.made_by} needs a function, not {type(func).__name__}")
    if isinstance(func, type):
        raise CannotDifferentiate(f"`{spec.name}` is a class: give a function or a method")
    # A function of Python's has a rule only where it was given one: nothing is imported for that.
    rule = (registry if isinstance(func, FunctionType) else compiler().registry).lookup(func)
    if rule is not None:
        signature: inspect.Signature = rule.signature
        return signature
    try:
        return parameters_of(func)
    except (TypeError, ValueError):
        raise CannotDifferentiate(f"`{spec.name}` has no readable source or signature: wrap it in a function") from None


def check_options(backend: str, parallel: bool) -> None:
    """Raise ValueError where there is no such dialect."""
    if backend not in ("numpy", "numba"):
        raise ValueError(f"backend must be 'numpy' or 'numba', not {backend!r}")
    if parallel and backend != "numba":
        raise ValueError("parallel=True needs backend='numba'")
