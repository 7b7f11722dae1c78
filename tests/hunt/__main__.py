"""Programs drawn from all that the language page promises, beside Python and differences.

    python -m tests.hunt --start 0 --count 1000             # draws, judges, prints a table
    python -m tests.hunt --start 17 --count 1 --show        # the program of a seed
    python -m tests.hunt --count 500 --shrink               # what is wrong, made small
    python -m tests.hunt --count 60 --backend numba         # compiled
    python -m tests.hunt --count 300 --others               # the other transforms of those whose gradient is right
    python -m tests.hunt --count 500 --backend interpreted  # Numba's, run by Python; compiled where wrong so

Exit status 1 where anything is wrong.
"""

import argparse
import functools
import multiprocessing
import os
import sys
import time
from collections import Counter

from tests.hunt.draw import drawn
from tests.hunt.judge import BAD, COMPILED, REFUSED, RIGHT, ROUNDED, SECONDS, Verdict, verdict
from tests.hunt.shrink import smaller

WIDTH = 40
OTHERS = "other transforms"     # asked of the first dialect


def asked(text: str, seed: int, backend: str) -> Verdict:
    """The verdict on a program; a text for Numba that is wrong by the interpreter is compiled."""
    if backend == OTHERS:
        found = verdict(text, seed)
        return verdict(text, seed, seconds=COMPILED, others=True) if found.kind in (RIGHT, ROUNDED) else found
    if backend != "interpreted":
        return verdict(text, seed, backend=backend, seconds=COMPILED if backend == "numba" else SECONDS)
    from tests.numba.strict.interpreter import interpreted
    with interpreted():
        found = verdict(text, seed, backend="numba")
    if found.kind not in BAD:
        return found
    compiled = asked(text, seed, "numba")
    if compiled.kind not in BAD:
        print(f"\n{seed}: {found.kind} by the interpreter alone ({found.sort}); compiled: {compiled.kind} {compiled.sort}")
    return compiled


def one(seed: int, backend: str) -> tuple[int, Verdict]:
    """The verdict on the program of a seed."""
    try:
        return seed, asked(drawn(seed), seed, backend)
    except Exception as error:      # noqa: BLE001  (of the hunt itself, or of two threads)
        return seed, Verdict("internal", f"outside: {type(error).__name__}: {error}"[:100], repr(error))


def shrunk(seed: int, found: Verdict, backend: str) -> str:
    """The program of a seed, as small as it is wrong."""
    def still(text: str) -> bool:
        try:
            now = asked(text, seed, backend)
        except Exception:       # noqa: BLE001  (it is no program any more)
            return False
        return now[:2] == found[:2]
    return smaller(drawn(seed), still)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--backend", default="numpy", choices=("numpy", "numba", "interpreted"))
    parser.add_argument("--others", action="store_true", help="the other transforms of those whose gradient is right")
    parser.add_argument("--shrink", action="store_true", help="the first program of each sort that is wrong")
    parser.add_argument("--show", action="store_true", help="print the programs")
    chosen = parser.parse_args()
    os.environ["AD_COMPILER_CHECK"] = "off"
    seeds = range(chosen.start, chosen.start + chosen.count)
    counts: Counter[str] = Counter()
    sorts: dict[tuple[str, str], list[int]] = {}
    details: dict[int, Verdict] = {}
    backend = OTHERS if chosen.others else chosen.backend
    judge = functools.partial(one, backend=backend)
    began = time.perf_counter()
    with multiprocessing.Pool(chosen.jobs, maxtasksperchild=2000) as pool:
        found = map(judge, seeds) if chosen.jobs == 1 else pool.imap(judge, seeds, chunksize=20)
        for at, (seed, word) in enumerate(found, 1):
            counts[word.kind] += 1
            if word.kind in BAD or word.kind == REFUSED:
                sorts.setdefault((word.kind, word.sort), []).append(seed)
            if word.kind in BAD:
                details[seed] = word
            if chosen.show:
                print(drawn(seed), word, sep="\n")
            done = WIDTH * at // len(seeds)
            bad = sum(counts[kind] for kind in BAD)
            if at % 20 and at < len(seeds):
                continue
            sys.stderr.write(f"\r[{'#' * done}{'.' * (WIDTH - done)}] {at} of {len(seeds)}, {bad} bad ")
    sys.stderr.write("\n")
    for (kind, sort), where in sorted(sorts.items(), key=lambda item: (item[0][0], -len(item[1]))):
        print(f"{len(where):6} {kind:9} {sort}   [{', '.join(map(str, where[:6]))}]")
        if kind in BAD:
            print(f"                 {details[where[0]].detail[:300]}")
            if chosen.shrink:
                print(shrunk(where[0], details[where[0]], backend), flush=True)
    seconds = time.perf_counter() - began
    print("; ".join(f"{count} {word}" for word, count in counts.most_common()),
          f"; {1000.0 * seconds / max(len(seeds), 1):.0f} ms each")
    return int(any(counts[kind] for kind in BAD))


if __name__ == "__main__":
    sys.exit(main())
