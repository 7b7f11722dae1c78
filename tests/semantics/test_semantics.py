"""A sample of the snippets, another one each day; all of them with `--whole`, and by `python -m tests.semantics`."""

import datetime as dt

from tests.semantics.compared import compared
from tests.semantics.crossed import programs
from tests.semantics.programs import ALL, compared as compared_one

PARTS = 16
PARTS_CROSSED = 80
FINE = ("right", "raises", "refused")


def test_right_or_refused(request):
    names = [name for at, name in enumerate(ALL) if chosen(request, at, PARTS)]
    found = {name: compared_one(name, ALL[name]) for name in names}
    assert not {f"{ALL[name]}: {more}" for name, (word, more) in found.items() if word not in FINE}
    assert sum(word == "right" for word, _ in found.values()) > len(names) / 2      # a refusal is no answer


def test_crossed(request, capsys):
    texts = [text for at, (_, text) in enumerate(programs()) if chosen(request, at, PARTS_CROSSED)]
    found = {text: compared(text) for text in texts}
    assert not {f"{text}: {more}" for text, (word, more) in found.items() if word not in FINE}
    assert sum(word == "refused" for word, _ in found.values()) < len(texts) / 3


def chosen(request, at, parts):
    """Is this one of today's?"""
    today = dt.datetime.now(dt.UTC).toordinal() % parts
    return at % parts == today or request.config.getoption("--whole")
