"""Which functions have a derived form for a batch, which a written one, which a loop over the samples:

    python -m tests.batch.forms
"""

from collections import defaultdict

from ad_compiler.testing_batch import check_batch
from tests.batch.test_rules import ROWS


def forms():
    """For each function of the table, how its rows are done."""
    found = defaultdict(set)
    for row in ROWS:
        found[row.name.removeprefix("_")].add(check_batch(row.fn, row.build(), row.kw))
    return found


def main():
    by_form = defaultdict(list)
    for name, ways in forms().items():
        by_form["in some cases a loop" if "loop" in ways and ways - {"loop", "constant"} else
                "loop" if "loop" in ways else next(iter(sorted(ways - {"constant"})), "constant")].append(name)
    for form, names in sorted(by_form.items()):
        print(f"{form}: {len(names)}\n    {', '.join(sorted(names))}")


if __name__ == "__main__":
    main()
