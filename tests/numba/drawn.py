"""Programs that are drawn at random: their functions, and the command that goes through seeds."""

import linecache
import sys
from collections import Counter
from collections.abc import Callable, Container
from typing import Any

import numpy as np


def function_of(text: str, name: str, **names: Any) -> Any:
    """The function `f` of a text, which can be read back."""
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space: dict[str, Any] = {"np": np, **names}
    exec(compile(text, name, "exec"), space)        # noqa: S102
    return space["f"]


def report(compare: Callable[[int], tuple[str, str]], fine: Container[str]) -> int:
    """Compare those of seeds from the first word of the command line to the second: the exit status."""
    first, last = map(int, sys.argv[1:3])
    counts: Counter[str] = Counter()
    for seed in range(first, last):
        word, text = compare(seed)
        counts[word] += 1
        if word not in fine:
            print(f"seed {seed}: {word}\n{text}", flush=True)
    print("; ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 0 if all(word in fine for word in counts) else 1
