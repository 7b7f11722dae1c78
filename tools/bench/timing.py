"""Times that can be compared: several calls in turn, in one process, on as many threads for each."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
SHORTEST = 2e-3
"""Seconds that a measurement takes at least: shorter calls are repeated within it."""

Call = Callable[[], Any]
CLOCK = time.process_time if "--cpu" in sys.argv else time.perf_counter
"""With `--cpu`, seconds of the processor: on a machine that others use too, those of the clock say little."""


class Times(NamedTuple):
    """Median seconds of a call, and the median and quartiles of its ratio to the first one, round by round."""

    seconds: float
    ratio: float
    low: float
    high: float


def same_threads() -> None:
    """Give all libraries one thread, or the N of `--threads N`; to be called before any of them is imported.

    Some are told so by a variable; XLA takes as many as there are cores that the process may run on.
    """
    asked = " ".join(sys.argv).replace("--threads=", "--threads ").partition("--threads ")[2].split()
    count = int(asked[0]) if asked and asked[0].isdigit() else 1
    for name in THREADS:
        os.environ[name] = str(count)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:max(count, 1)])


def seconds(call: Call, repeats: int) -> float:
    """Seconds of one call, the mean of several."""
    begun = CLOCK()
    for _ in range(repeats):
        call()
    return (CLOCK() - begun) / repeats


def interleaved(calls: Sequence[Call], budget: float, fewest: int = 5) -> list[Times]:
    """Time calls in turn for about `budget` seconds each; ratios are to the first."""
    repeats = []
    for call in calls:
        call()
        repeats.append(max(1, int(SHORTEST / max(seconds(call, 1), 1e-9))))
    rounds: list[list[float]] = []
    end = time.perf_counter() + budget * len(calls)
    while time.perf_counter() < end or len(rounds) < fewest:
        rounds.append([seconds(call, often) for call, often in zip(calls, repeats, strict=True)])
    found = []
    for column in range(len(calls)):
        ratios = sorted(row[column] / row[0] for row in rounds)
        low, _, high = statistics.quantiles(ratios, n=4)
        found.append(Times(statistics.median(row[column] for row in rounds), statistics.median(ratios), low, high))
    return found
