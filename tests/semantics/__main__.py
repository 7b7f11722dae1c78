"""Python's documentation, page by page: each function with several forms of its arguments, against Python itself.

    python -m tests.semantics                   # all
    python -m tests.semantics zip max           # of these functions
    python -m tests.semantics --backend numba

Prints what is wrong, and how many are refused, by reason.  Exit status 1 where anything is wrong.
"""

import argparse
import re
import sys
from collections import Counter

from tests.semantics.programs import ALL, compared

WIDTH = 40


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--backend", default="numpy")
    options = parser.parse_args()
    chosen = {name: text for name, text in ALL.items() if not options.names or name.split()[0] in options.names}
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for at, (name, snippet) in enumerate(chosen.items(), 1):
        word, more = compared(name, snippet, backend=options.backend)
        counts[word] += 1
        if word == "refused":
            reasons[re.sub("`[^`]*`|'[^']*'", "…", more)] += 1
        if word in ("wrong", "crash") or options.names and word == "refused":
            sys.stderr.write("\r" + " " * (WIDTH + 30) + "\r")
            print(f"{word}: {name}: {snippet!r}: {more}", flush=True)
        done = WIDTH * at // len(chosen)
        sys.stderr.write(f"\r[{'#' * done}{'.' * (WIDTH - done)}] {at} of {len(chosen)}")
    sys.stderr.write("\n")
    for reason, count in reasons.most_common():
        print(f"{count:4} refused: {reason}")
    print("; ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 1 if counts["wrong"] or counts["crash"] else 0


if __name__ == "__main__":
    sys.exit(main())
