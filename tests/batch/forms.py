"""Which functions have a derived form for a batch, which a written one, which a loop over the samples, and why.

    python -m tests.batch.forms

holds every row of the table against a loop that calls the function.
"""

from collections import defaultdict

import numpy as np

from ad_compiler.rules.registry import lookup
from ad_compiler.rules.traits import traits_of
from ad_compiler.testing_batch import check_batch
from tests.batch.test_rules import ROWS


def forms():
    """For each function of the table, how its rows are done; and the calls that a loop does."""
    found, looped = defaultdict(set), defaultdict(list)
    for row in ROWS:
        args = row.build()
        way = check_batch(row.fn, args, row.kw)
        found[row.name.removeprefix("_")].add(way)
        if way == "loop":
            looped[row.name.removeprefix("_")].append((row, args))
    return found, looped


def why(row, args):
    """Why a call is done by a loop."""
    known, module = traits_of(row.fn), getattr(row.fn, "__module__", "") or ""
    given = ", ".join([*(f"{np.asarray(a).dtype}{list(a.shape)}" if isinstance(a, np.ndarray) else repr(a)
                         for a in args), *(f"{key}={value!r}" for key, value in row.kw.items())])
    if module == "math" and not hasattr(np, row.fn.__name__):
        reason = "NumPy has no such function"
    elif lookup(row.fn).batch is not None:
        reason = "the written form does not do this"
    elif known.elementwise:
        reason = "elementwise, but not of these arguments"
    elif known.axes:
        reason = "with an axis, but not of these arguments"
    else:
        reason = "neither elementwise, nor with an axis, nor of the last axes; no form is written"
    return f"({given[:60]}): {reason}"


def main():
    by_form = defaultdict(list)
    found, looped = forms()
    for name, ways in found.items():
        by_form["in some cases a loop" if "loop" in ways and ways - {"loop", "constant"} else
                "loop" if "loop" in ways else next(iter(sorted(ways - {"constant"})), "constant")].append(name)
    for form, names in sorted(by_form.items()):
        print(f"{form}: {len(names)}\n    {', '.join(sorted(names))}")
    for name, calls in sorted(looped.items()):
        for text in dict.fromkeys(why(*call) for call in calls):
            print(f"    a loop: {name}{text}")
    print(f"{len(ROWS)} rows")


if __name__ == "__main__":
    main()
