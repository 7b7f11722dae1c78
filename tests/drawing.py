"""The head of commands that draw programs: seeds from one number to another, what is wrong, and counts.

>>> def verdict(seed, *, loud):
...     return "right" if seed < 2 else "refused for a batch: because"
>>> command("Programs.", verdict, lambda seed, **_: f"x = {seed}", {"--loud": {"action": "store_true"}}, ["0", "3"])
seed 2: refused for a batch: because
x = 2
{'right': 2, 'refused for a batch': 1}
0
"""

import argparse
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

FINE = ("right", "rough", "refused")


def command(doc: str, verdict: Callable[..., str], text: Callable[..., str], options: dict[str, dict[str, Any]],
            given: list[str] | None = None) -> int:
    """Print each program that is neither right nor refused, then counts; 1 where any is wrong.

    `verdict` and `text` take a seed, and the options by name.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int)
    for name, how in options.items():
        parser.add_argument(name, **how)
    chosen = vars(parser.parse_args(given))
    seeds = range(chosen.pop("first"), chosen.pop("end"))
    counts: Counter[str] = Counter()
    for seed in seeds:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)     # of numbers that grow
            try:
                word = verdict(seed, **chosen)
            except Exception as error:      # noqa: BLE001  (the function itself raises nothing)
                word = f"{type(error).__name__}: {error}"
        counts[word if word in FINE else "refused for a batch" if word.startswith("refused for") else "wrong"] += 1
        if word not in FINE:
            print(f"seed {seed}: {word}\n{text(seed, **chosen)}", flush=True)
    print(dict(counts))
    return int(counts["wrong"] > 0)
