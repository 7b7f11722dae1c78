"""Which generated texts does a change alter?  The proof that a refactoring alters none.

    python tools/texts.py > before.txt                  # one line for each text: hash, what it is, name
    python tools/texts.py --out before                  # the texts themselves, and before/hashes.txt
    … the change …
    python tools/texts.py --against before.txt          # which texts differ, are new, are gone
    python tools/texts.py --against before              # the same, with differences line by line

Exit status 1 where anything differs.  A text is that of `value_and_grad` (`grad` where a golden text is of that) of a
program in a dialect (NumPy; Numba; Numba with parallel=True) and an order (2: of a sum of the gradient); in its place
stands the message of a refusal, or the error where the compiler breaks.  It is the text of this checkout, whatever is
installed.  Nothing is run: Numba compiles nothing.

Covered: the corpus, both sets of kernels, the golden texts, the 2,350 aliasing programs, and 500 programs drawn at
random.  All of them in NumPy's dialect to first order; the rest where it is cheap, a fixed part elsewhere: see `ONE_IN`
in tests/texts.py, where the programs are listed.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

ROOT = Path(__file__).parents[1]


class Text(NamedTuple):
    """A text under its name; `content` is None where only the hash is known."""

    name: str
    hash: str
    kind: str
    content: str | None = None

    def __str__(self) -> str:
        return f"{self.hash} {self.kind:7} {self.name}"


def text(name: str, content: str) -> Text:
    first = content.partition(":")[0]
    kind = first if first in ("refused", "error") else "text"
    return Text(name, hashlib.sha256(content.encode()).hexdigest()[:16], kind, content)


def made(match: str, jobs: int) -> dict[str, Text]:
    """The texts of this checkout, made by so many processes."""
    def part(at: int) -> str:
        command = [sys.executable, "-m", "tests.texts", f"{at}/{jobs}", "--match", match]
        return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout

    with ThreadPoolExecutor(jobs) as pool:
        rows = [json.loads(line) for lines in pool.map(part, range(jobs)) for line in lines.splitlines()]
    found = {name: text(name, content) for name, content in sorted(rows)}
    if len(found) < len(rows):
        raise SystemExit(f"two texts have one name: {Counter(name for name, _ in rows).most_common(1)[0][0]}")
    return found


def written(texts: dict[str, Text], folder: Path) -> None:
    """Put the texts into files of a folder, one each."""
    for each in texts.values():
        path = path_of(each.name, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(each.content or "", encoding="utf-8")
    (folder / "hashes.txt").write_text("".join(f"{each}\n" for each in texts.values()), encoding="utf-8")


def path_of(name: str, folder: Path) -> Path:
    family, _, rest = name.partition(".")
    return folder / family / f"{quote(rest, safe=' <>=[],()')}.txt"


def read(path: Path) -> dict[str, Text]:
    """What an earlier run has left: a list of hashes, or a folder of texts."""
    if path.is_dir():
        names = {file: f"{file.parent.name}.{unquote(file.stem)}" for file in sorted(path.glob("*/*.txt"))}
        return {name: text(name, file.read_text(encoding="utf-8")) for file, name in names.items()}
    rows = [line.split(maxsplit=2) for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: Text(name, hashed, kind) for hashed, kind, name in rows}


def differences(before: dict[str, Text], now: dict[str, Text]) -> int:
    """Print what differs; how many texts do."""
    counts: Counter[str] = Counter()
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name), now.get(name)
        if old is None or new is None:
            word = "new" if old is None else "gone"
        elif old.hash == new.hash:
            continue
        else:
            word = "differs"
        counts[word] += 1
        print(f"{word}: {name}" + (f" ({old.kind} → {new.kind})" if old and new and old.kind != new.kind else ""))
        if old and new and old.content is not None and new.content is not None:
            was, is_now = old.content.splitlines(), new.content.splitlines()
            lines = difflib.unified_diff(was, is_now, "before", "now", lineterm="")
            print("\n".join(f"    {line}" for line in lines))
    same = len(before.keys() & now.keys()) - counts["differs"]
    print(f"{same} texts are as they were; {counts['differs']} differ, {counts['new']} are new, "
          f"{counts['gone']} are gone")
    return counts.total()


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write the texts there")
    parser.add_argument("--against", type=Path, metavar="BEFORE", help="compare with what an earlier run left")
    parser.add_argument("--match", default="", metavar="TEXT", help="only programs whose name contains this")
    parser.add_argument("--jobs", type=int, default=2, help="so many processes")
    options = parser.parse_args()
    before = {name: each for name, each in (read(options.against) if options.against else {}).items()
              if options.match in name}
    texts = made(options.match, options.jobs)
    if options.out:
        written(texts, options.out)
    counts = Counter(each.kind for each in texts.values())
    print(", ".join(f"{counts[kind]} {kind}" for kind in ("text", "refused", "error")), file=sys.stderr)
    if options.against:
        return int(differences(before, texts) > 0)
    if not options.out:
        print("\n".join(map(str, texts.values())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
