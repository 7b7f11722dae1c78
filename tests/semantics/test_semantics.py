"""A sample of the snippets, another one each day; all of them with `--whole`, and by `python -m tests.semantics`."""

import datetime as dt

from tests.semantics.programs import ALL, compared

PARTS = 16


def test_right_or_refused(request):
    today = dt.datetime.now(dt.UTC).toordinal() % PARTS
    names = [name for at, name in enumerate(ALL) if at % PARTS == today or request.config.getoption("--whole")]
    found = {name: compared(name, ALL[name]) for name in names}
    assert not {f"{ALL[name]}: {more}" for name, (word, more) in found.items() if word not in ("right", "refused")}
    assert sum(word == "right" for word, _ in found.values()) > len(names) / 2      # a refusal is no answer
