"""Python's documentation, page by page: each function with several forms of its arguments, against Python itself.

    python -m tests.semantics                   # all: about two minutes
    python -m tests.semantics zip max           # those in which a name occurs, and what is refused in them
    python -m tests.semantics --share 3/10      # of ten parts the third
    python -m tests.semantics --backend numba   # compiled; `python -m tests.numba.strict tests.semantics …`: interpreted

Prints what is wrong; at the end how many are right, raise what Python raises, and are refused where Python has an
answer, by reason.  Exit status 1 where anything is wrong.
"""

import argparse
import os
import re
import sys
from collections import Counter

from tests.semantics import compared, crossed, programs

WIDTH = 40


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--backend", default="numpy")
    parser.add_argument("--share", default="0/1")
    options = parser.parse_args()
    part, parts = map(int, options.share.split("/"))
    chosen = [case for case in cases() if not options.names or any(mentions(case[1], name) for name in options.names)]
    chosen = chosen[part % parts::parts]
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    with open(os.devnull, "w") as nowhere:
        for at, (compare, snippet) in enumerate(chosen, 1):
            shown, sys.stdout = sys.stdout, nowhere     # what the programs print
            try:
                word, more = compare(snippet, backend=options.backend)
            finally:
                sys.stdout = shown
            counts[word] += 1
            if word == "refused":
                reasons[re.sub("`[^`]*`|'[^']*'|{.*}", "…", more)] += 1
            if word in ("wrong", "crash") or options.names and word == "refused":
                sys.stderr.write("\r" + " " * (WIDTH + 30) + "\r")
                print(f"{word}: {snippet!r}: {more}", flush=True)
            done = WIDTH * at // len(chosen)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r[{'#' * done}{'.' * (WIDTH - done)}] {at} of {len(chosen)}")
    sys.stderr.write("\n")
    for reason, count in reasons.most_common():
        print(f"{count:4} refused: {reason}")
    print("; ".join(f"{count} {word}" for word, count in counts.most_common()) or "nothing was asked for")
    print(f"of those in which Python has an answer {counts['refused'] / max(1, counts.total() - counts['raises']):.1%} "
          "are refused")
    return 1 if counts["wrong"] or counts["crash"] else 0


def cases() -> list[tuple]:
    """All programs, each with what compares it."""
    listed = [(lambda snippet, name=name, **options: programs.compared(name, snippet, **options), snippet)
              for name, snippet in programs.ALL.items()]
    return listed + [(compared.compared, snippet) for _, snippet in crossed.programs()]


def mentions(snippet: str, name: str) -> bool:
    """Does a name occur in a snippet?"""
    return re.search(rf"\b{re.escape(name)}\b", snippet) is not None


if __name__ == "__main__":
    sys.exit(main())
