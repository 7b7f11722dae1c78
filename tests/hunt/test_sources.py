"""Functions of other people's sources are refused or answered; `python -m tests.hunt.sources` has all of them."""

from tests.hunt import sources


def test_colours():
    found = sources.run("colorsys", 0)
    assert len(found) == 7
    assert {said for _, said, _ in found} <= {"answered", "refused"}


def test_most_of_python_is_there():
    assert {"statistics", "json.decoder", "numpy.lib._function_base_impl"} <= set(sources.modules())
