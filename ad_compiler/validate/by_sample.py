"""What a batch gives, held against what the function gives for some of its samples, one by one."""

from __future__ import annotations

import functools
import hashlib
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler.samples import axes_of_arguments, one_of, rebuilt, samples_of
from ad_compiler.validate.compare import is_number
from ad_compiler.validate.copies import copied
from ad_compiler.validate.point import Point
from ad_compiler.validate.questions import Question
from ad_compiler.validate.trees import flatten

MOST_SAMPLES = 6
"""So many of a batch are looked at."""


class VmapQuestion(Question):
    """What the function gives for some of the samples, one by one."""

    asks_slope = has_aux = False

    @property
    def reason(self) -> str:
        drawn = "it draws random numbers, for each sample or once" if self.spec.randomness != "error" else ""
        return super().reason or drawn

    @functools.cached_property
    def samples(self) -> list[int]:
        """The first, the last and some between; the same whenever the same text is checked."""
        each = axes_of_arguments(self.spec.in_dims, len(self.call.args), self.spec.count)
        count = next((n for arg, dims in zip(self.call.args, each, strict=True) for n in samples_of(arg, dims)), 0)
        rng = np.random.default_rng(list(hashlib.sha256(self.compiled.text.encode()).digest()[:8]))
        some = rng.permutation(count)[:MOST_SAMPLES - 2].tolist()
        return sorted({0, count - 1, *some}) if count else []

    @property
    def function(self) -> Callable[..., Any]:
        inner, writes = super().function, self.compiled.behaviour.writes

        def one_by_one(*args: Any, **kwargs: Any) -> list[Any]:
            each = axes_of_arguments(self.spec.in_dims, len(args), self.spec.count)
            given = [([one_of(arg, dims, at) for arg, dims in zip(args, each, strict=True)], kwargs)
                     for at in self.samples]
            if writes:      # each sample has its own
                given = [copied(one, []) for one in given]
            return [inner(*some, **named) for some, named in given]
        return one_by_one

    @property
    def places(self) -> list[Any]:
        return [name for name, arg in self.call.arguments.items()
                if not isinstance(arg, dict) or name in self.signature.parameters
                and self.signature.parameters[name].kind is not inspect.Parameter.VAR_KEYWORD]

    def returned(self, result: Any) -> tuple[Any, Any]:
        dims = self.spec.out_dims
        if isinstance(dims, tuple) and len(dims) == 1 and not isinstance(result, (tuple, list, dict)):
            (dims,) = dims
        return [one_of(result, dims, at) for at in self.samples], None

    def excuse(self, there: Any) -> str:
        shapes = {tuple(np.shape(leaf) for leaf in flatten(one)[0]) for one in there}
        return "samples give arrays of different shapes" if len(shapes) > 1 else ""

    def comparable(self, value: Any, like: Any) -> Any:
        """An integer where another sample gives a float is a float in the batch."""
        if isinstance(like, (tuple, list, dict)) and type(value) is type(like) and len(value) == len(like):
            keys = list(like) if isinstance(like, dict) else list(range(len(like)))
            if not isinstance(like, dict) or list(value) == keys:
                return rebuilt(value, [self.comparable(value[key], like[key]) for key in keys])
        if not is_number(value) or not is_number(like):
            return value
        mixed = np.asarray(value).dtype.kind in "biu" and np.asarray(like).dtype.kind == "f"
        return np.asarray(value, np.asarray(like).dtype)[()] if mixed else value

    def scalar_of(self, there: Any) -> Any:
        return math.nan

    def misfit(self, point: Point, result: Any) -> str | None:
        return None
