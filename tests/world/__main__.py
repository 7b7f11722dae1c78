"""The world changes between calls of a derivative: the last gives what a fresh one gives, and is right.

    python -m tests.world 0 5000
    python -m tests.world 0 500 --backend numba
    python -m tests.numba.strict tests.world 0 5000 --backend numba

Prints what is stale or wrong.  Exit status 1 where anything is.
"""

import argparse
import sys
from collections import Counter

from tests.world.programs import drawn, judged

WIDTH = 40
BAD = ("stale", "wrong", "crash")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("begin", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("--backend", default="numpy")
    parser.add_argument("--show", default="", help="print programs of these verdicts too")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed in range(options.begin, options.end):
        program = drawn(seed)
        word, more = judged(program, backend=options.backend)
        counts[word] += 1
        if word in BAD or word in options.show.split(","):
            sys.stderr.write("\r" + " " * (WIDTH + 30) + "\r")
            text = program.text.rpartition("# --\n")[2]
            print(f"== {word}: seed {seed}: {program.name}: {program.asked}\n{text}# -- then\n{program.change}\n{more}", flush=True)
        done = WIDTH * (seed + 1 - options.begin) // (options.end - options.begin)
        sys.stderr.write(f"\r[{'#' * done}{'.' * (WIDTH - done)}] {seed + 1 - options.begin}")
    sys.stderr.write("\n")
    print("; ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 1 if any(counts[word] for word in BAD) else 0


if __name__ == "__main__":
    sys.exit(main())
