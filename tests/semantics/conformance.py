"""NumPy's guide and reference, crossed out of tables, and public bug reports: each program beside NumPy itself.

    python -m tests.semantics.conformance                       # all
    python -m tests.semantics.conformance views "ravel"         # of one table, those whose names have this
    python -m tests.semantics.conformance --backend numba       # compiled
    python -m tests.semantics.conformance --backend interpreted         # Numba's, run by Python; compiled where wrong so
    python -m tests.semantics.conformance --shard 0/10

Prints what is wrong, and how many are refused, by reason.  Exit status 1 where anything is wrong.
"""

import argparse
import contextlib
import re
import sys
from collections import Counter

from tests.semantics.arrays import FINE, Program, judged
from tests.semantics.numpy_functions import FUNCTIONS
from tests.semantics.numpy_indexing import INDEXING
from tests.semantics.numpy_reductions import REDUCTIONS
from tests.semantics.numpy_views import VIEWS
from tests.semantics.public_reports import REPORTS

WIDTH = 40

TABLES: dict[str, dict[str, Program]] = {
    "reports": REPORTS, "functions": FUNCTIONS, "reductions": REDUCTIONS, "indexing": INDEXING, "views": VIEWS}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="tables, and parts of names; all where there is none")
    parser.add_argument("--backend", default="numpy", choices=("numpy", "numba", "interpreted"))
    parser.add_argument("--shard", default="0/1")
    options = parser.parse_args()
    tables = [name for name in options.names if name in TABLES] or list(TABLES)
    parts = [name for name in options.names if name not in TABLES]
    shard, shards = map(int, options.shard.split("/"))
    chosen = [program for table in tables for program in TABLES[table].values()
              if all(part in program.name for part in parts)][shard::shards]
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    again: list[Program] = []
    backend = {} if options.backend == "numpy" else {"backend": "numba"}

    def ask(program: Program, last: bool) -> None:
        word, more = judged(program, **backend)
        if word not in FINE and not last:
            again.append(program)
            return
        counts[word] += 1
        if word == "refused":
            reasons[re.sub("'[^']*'", "…", more)] += 1
        if word not in FINE or parts and word == "refused":
            sys.stderr.write("\r" + " " * (WIDTH + 30) + "\r")
            print(f"{word}: {program.name}: {more}", flush=True)
    with contextlib.ExitStack() as stack:
        if options.backend == "interpreted":
            from tests.numba.strict.interpreter import interpreted
            stack.enter_context(interpreted())
        for at, program in enumerate(chosen, 1):
            ask(program, options.backend != "interpreted")
            done = WIDTH * at // len(chosen)
            sys.stderr.write(f"\r[{'#' * done}{'.' * (WIDTH - done)}] {at} of {len(chosen)}")
    for program in again:
        ask(program, True)
    sys.stderr.write("\n")
    for reason, count in reasons.most_common():
        print(f"{count:4} refused: {reason}")
    print("; ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 0 if all(word in FINE for word in counts) else 1


if __name__ == "__main__":
    sys.exit(main())
