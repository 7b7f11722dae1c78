"""Does a subject match a pattern?  What it is made of has to be known; what its numbers are may be left to the run.

>>> from ad_compiler import grad
>>> def area(shape):
...     match shape:
...         case ("circle", r):
...             return 3.0 * r * r
...         case ("square", a) | ("cube", a) if a > 0.0:
...             return a * a
...         case _:
...             return 0.0
>>> grad(area)(("circle", 2.0))[1], grad(area)(("cube", 2.0))[1]
(12.0, 4.0)
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import Abstract, Dict, Iterator, List, Poison, describe, protocol, report, type_of
from ad_compiler.read.expressions.questions import ask_isinstance, is_one
from ad_compiler.read.syntax.patterns import Matches, names_bound

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

Test = Callable[[], Abstract]

MATCHES_ITSELF = 1 << 22
"""The flag of a class whose one positional pattern is matched with the object itself: `float(x)`."""

SEQUENCES = (Sequence, np.ndarray) if np.ndarray.__flags__ & 1 << 5 else Sequence
"""What patterns of items match: from NumPy 2.5 on arrays, too, by the flag that Python asks for."""

KNOWN_FIRST = "which pattern matches has to be known here before the program runs"
ONE_BY_ONE = "write a case for each, or `if` and `elif`"


def answer(lifter: Lifter, node: Matches) -> Abstract:
    """The truth of `Matches`; what is captured is bound."""
    match = Match(lifter)
    subject = lifter.scope.names[node.subject.id]       # it is looked at, no more: an iterator is not used up
    if isinstance(subject, Iterator):
        subject = subject.known().get("iterator", subject)
    report(subject)
    if isinstance(subject, Poison):
        return subject
    if not match.matches(node.pattern, subject):
        return match.ends or Const(False)
    for name, target in zip(node.captures, node.targets, strict=True):
        lifter.statements.assign(target, match.captured[name])
    return match.all_of(match.tests)


class Match:
    """One attempt: what has been captured, and the tests that are left to the run, in their order.

    `late`: others have to be asked before.
    """

    def __init__(self, lifter: Lifter, late: bool = False) -> None:
        self.lifter, self.late = lifter, late
        self.captured: dict[str, Abstract] = {}
        self.tests: list[Test] = []
        self.ends: Poison | None = None     # Python raises an error

    def matches(self, pattern: Any, thing: Abstract) -> bool:
        """Does it match, if what is left to the run holds?"""
        if isinstance(thing, Poison) and not isinstance(pattern, (gast.MatchAs, gast.MatchStar)):
            report(thing)
            self.ends = thing
            return False
        found: bool = getattr(self, "_" + type(pattern).__name__)(pattern, thing)
        return found

    @property
    def waits(self) -> bool:
        """Does anything have to be asked before what comes next?"""
        return self.late or bool(self.tests)

    def all_of(self, tests: list[Test]) -> Abstract:
        """Do all of these hold, asked one by one?"""
        for at, test in enumerate(tests):
            truth = test()
            if isinstance(truth, Value) and at + 1 < len(tests):
                others = tests[at + 1:]
                return self.lifter.branches.choose(truth, functools.partial(self.all_of, others), lambda: Const(False))
            if not isinstance(truth, Const) or not truth.value:
                return truth
        return Const(True)

    def any_of(self, ways: list[list[Test]]) -> Abstract:
        """Do all tests of one of these hold?"""
        truth = self.all_of(ways[0])
        if len(ways) == 1 or not isinstance(truth, Value):
            return truth if len(ways) == 1 or not isinstance(truth, Const) or truth.value else self.any_of(ways[1:])
        return self.lifter.branches.choose(truth, lambda: Const(True), lambda: self.any_of(ways[1:]))

    def holds(self, test: Test, at_once: bool) -> bool:
        """A test that is known is answered; any other waits for those before it, if it can raise or do something."""
        if self.waits and not at_once:
            self.tests.append(test)
            return True
        truth = test()
        if isinstance(truth, Const):
            return bool(truth.value)
        report(truth)
        if isinstance(truth, Poison):
            self.ends = truth
            return False
        self.tests.append(lambda: truth)
        return True

    def raises(self, message: str, error: type[Exception] = TypeError) -> bool:
        """Python raises this: the pattern can be matched with nothing."""
        if self.waits:
            raise Refused(KNOWN_FIRST, ONE_BY_ONE)
        self.ends = self.lifter.raises(error, message)
        return False

    # -- one for each class of pattern ---------------------------------------------------------------------

    def _MatchValue(self, pattern: Any, thing: Abstract) -> bool:
        value = self.lifter.expressions.read(pattern.value)
        plain = all(isinstance(side, Const) or is_number(side) for side in (thing, value))
        compare_two = self.lifter.comparisons.compare_two
        return self.holds(lambda: self.lifter.expressions.truth_of(compare_two(gast.Eq(), thing, value)), plain)

    def _MatchSingleton(self, pattern: Any, thing: Abstract) -> bool:
        return self.holds(lambda: is_one(self.lifter, thing, Const(pattern.value)), True)

    def _MatchAs(self, pattern: Any, thing: Abstract) -> bool:
        if pattern.pattern is not None and not self.matches(pattern.pattern, thing):
            return False
        if pattern.name is not None:
            self.captured[pattern.name] = thing
        return True

    def _MatchOr(self, pattern: Any, thing: Abstract) -> bool:
        ways: list[Match] = []
        for each in pattern.patterns:
            way = Match(self.lifter, self.waits or bool(ways))
            if way.matches(each, thing):
                ways.append(way)
                if not way.tests:
                    break
            elif way.ends is not None:
                self.ends = way.ends
                return False
        if len(ways) == 1:
            self.captured |= ways[0].captured
            self.tests += ways[0].tests
        elif ways:
            if names_bound(pattern):
                raise Refused(KNOWN_FIRST, ONE_BY_ONE)
            self.tests.append(lambda: self.any_of([way.tests for way in ways]))
        return bool(ways)

    def _MatchSequence(self, pattern: Any, thing: Abstract) -> bool:
        if not self._is_a(thing, SEQUENCES) or self._is_a(thing, (str, bytes, bytearray)):
            return False
        star = next((at for at, each in enumerate(pattern.patterns) if isinstance(each, gast.MatchStar)), None)
        wanted = len(pattern.patterns) - (star is not None)
        items = protocol(thing).iterate(self.lifter, unroll=True)
        size = len(items) if items is not None else self.lifter.expressions.static(
            self.lifter.calls.call(Const(len), [thing], {}), "the length of what a pattern is matched with")
        if size < wanted or star is None and size > wanted:
            return False
        items = self.lifter.statements.items_of(thing) if items is None else items
        if star is not None:
            after = size - (wanted - star)
            items = [*items[:star], List(items[star:after]), *items[after:]]
        return all(self.matches(each, item) for each, item in zip(pattern.patterns, items, strict=True))

    def _MatchStar(self, pattern: Any, thing: Abstract) -> bool:
        if pattern.name is not None:
            self.captured[pattern.name] = thing
        return True

    def _MatchMapping(self, pattern: Any, thing: Abstract) -> bool:
        if not self._is_a(thing, Mapping):
            return False
        if not isinstance(thing, Dict):
            raise Refused(f"a {describe(thing)} is matched with a pattern of keys", "make a dict of it")
        expressions = self.lifter.expressions
        keys = [expressions.static(expressions.read(key), "a key in a pattern") for key in pattern.keys]
        if len(keys) > len(thing.items):
            return False
        for at, key in enumerate(keys):
            if key in keys[:at]:
                return self.raises(f"mapping pattern checks duplicate key ({key!r})", ValueError)
            if key not in thing.items:
                return False
        found = [thing.items[key] for key in keys]
        rest = Dict({key: item for key, item in thing.items.items() if key not in keys})
        if not all(self.matches(each, item) for each, item in zip(pattern.patterns, found, strict=True)):
            return False
        if pattern.rest is not None:
            self.captured[pattern.rest] = rest
        return True

    def _MatchClass(self, pattern: Any, thing: Abstract) -> bool:
        cls = self.lifter.expressions.static(self.lifter.expressions.read(pattern.cls), "the class in a pattern")
        if not isinstance(cls, type):
            return self.raises(f"called match pattern must be a {'class' if sys.version_info >= (3, 12) else 'type'}")
        truth = ask_isinstance(self.lifter, thing, cls)
        if isinstance(truth, Const) and not truth.value:
            return False
        names = self._attributes(pattern, cls)
        if names is None:
            return False
        if isinstance(truth, Value):
            if any(name is not None for name in names):
                raise Refused(f"it is not known here whether this {describe(thing)} is a {cls.__name__}",
                              "ask with `isinstance` before")
            self.tests.append(lambda: truth)
        parts = []
        for name in names:
            if name is not None and not self._has(thing, name):
                return False
            parts.append(thing if name is None else self._attribute(thing, name))
        return all(self.matches(each, part)
                   for each, part in zip([*pattern.patterns, *pattern.kwd_patterns], parts, strict=True))

    def _attributes(self, pattern: Any, cls: type) -> list[str | None] | None:
        """Which attributes the patterns in it are for, None for the object itself; None after an error."""
        names: list[str | None] = []
        count = len(pattern.patterns)
        if count:
            given = self.lifter.asks.of_class(cls, "__match_args__")
            itself = given is None and bool(cls.__flags__ & MATCHES_ITSELF)
            if given is not None and type(given) is not tuple:
                self.raises(f"{cls.__name__}.__match_args__ must be a tuple (got {type(given).__name__})")
                return None
            allowed = 1 if itself else len(given or ())
            if count > allowed:
                plural = "s" * (allowed != 1)
                self.raises(f"{cls.__name__}() accepts {allowed} positional sub-pattern{plural} ({count} given)")
                return None
            names += [None] if itself or given is None else given[:count]
            if any(name is not None and type(name) is not str for name in names):
                wrong = next(name for name in names if type(name) is not str)
                self.raises(f"__match_args__ elements must be strings (got {type(wrong).__name__})")
                return None
        for name in pattern.kwd_attrs:
            if name in names:
                self.raises(f"{cls.__name__}() got multiple sub-patterns for attribute {name!r}")
                return None
            names.append(name)
        return names

    def _has(self, thing: Abstract, name: str) -> bool:
        if isinstance(self._raw(thing, name), property):
            return True
        there = protocol(thing).has_attr(self.lifter, name)
        if isinstance(there, Value):
            raise Refused(f"it is not known here whether this {describe(thing)} has `{name}`", "ask for it before")
        return bool(there.value)

    def _raw(self, thing: Abstract, name: str) -> Any:
        """What stands in the class of an object."""
        return self.lifter.asks.of_class(type_of(thing, self.lifter.numbers.mixed), name)

    def _attribute(self, thing: Abstract, name: str) -> Abstract:
        """An attribute; it is read before the tests that are left to the run, so that may do nothing."""
        before = self.lifter.emitted
        found = self.lifter.attributes.attribute(thing, name)
        if self.lifter.diverged:
            raise Refused(f"it is not known here whether `{name}` of a {describe(thing)} raises AttributeError")
        if self.waits and self.lifter.emitted > before:
            raise Refused(KNOWN_FIRST, ONE_BY_ONE)
        return found

    def _is_a(self, thing: Abstract, classes: Any) -> bool:
        truth = ask_isinstance(self.lifter, thing, classes)
        if isinstance(truth, Value):
            raise Refused(f"it is not known here of which type this {describe(thing)} is",
                          "ask with `isinstance` before")
        return bool(truth.value)


def is_number(thing: Abstract) -> bool:
    """One number of the run: to compare it does nothing else, and raises nothing."""
    return isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.shape == ()
