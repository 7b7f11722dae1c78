"""What the README and CONTRIBUTING say is so: their code runs, and what they show is what is printed."""

import ast
import contextlib
import doctest
import io
import linecache
import re
from pathlib import Path

import pytest

import ad_compiler

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "README.md"
README = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]*) -->\n)?```(?P<language>\w+)\n(?P<code>.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def session():
    """The names that are bound, and what is printed, after the README's Python has run from top to bottom."""
    names = {"__name__": "readme"}
    printed = io.StringIO()
    for number, block in enumerate(BLOCK.finditer(README)):
        if block["language"] != "python" or block["mark"]:
            continue
        code = block["code"]
        title = re.match(r"# (\w+\.py)\n", code)
        file = title[1] if title else f"<README {number}>"
        linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
        with contextlib.redirect_stdout(printed):
            exec(compile(code, file, "exec"), names)
    return names, printed.getvalue()


def marked(start):
    """The blocks below a comment that begins so, by the rest of the comment."""
    blocks = [(block["mark"] or "", block["code"]) for block in BLOCK.finditer(README)]
    return {mark.removeprefix(start): code for mark, code in blocks if mark.startswith(start)}


@pytest.fixture
def check(request):
    """Hold a block of the README to what it should show, or with --update-golden write it anew."""
    def check(shown, found):
        found = found.strip() + "\n"
        if request.config.getoption("--update-golden", default=False):
            text = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(text.replace(shown, found), encoding="utf-8")
        else:
            assert shown == found
    return check


def test_code_runs(session):
    names, _ = session
    assert names["w1_bar"].shape == names["w1"].shape
    assert names["x_bar"].shape == (3,)


def test_the_derivative_on_the_first_screen_is_what_is_written(session, check):
    names, _ = session
    ((expression, shown),) = marked("source: ").items()
    check(shown, eval(expression, names))
    sizes = [names[n] for n in ("w1", "b1", "w2", "x", "y")]
    assert names["mlp_grad"].source_for(*sizes) == names["mlp_grad"].source


def test_the_derivative_on_the_first_screen_runs_alone(session):
    """Pasted into a file that has nothing but NumPy, it gives the same numbers."""
    names, _ = session
    (shown,) = marked("source: ").values()
    alone = {"np": names["np"]}
    exec(shown, alone)
    sizes = [names[n] for n in ("w1", "b1", "w2", "x", "y")]
    for found, expected in zip(alone["mlp_grad"](*sizes), names["mlp_grad"](*sizes), strict=True):
        names["np"].testing.assert_array_equal(found, expected)


def test_the_refusal_is_what_is_printed(session, check):
    _, printed = session
    (shown,) = marked("printed").values()
    check(shown, printed)


def test_commands_are_there_for_ci():
    assert set(marked("command: ")) == {"run", "test"}


def test_names_in_the_text_exist():
    for name in ("grad", "value_and_grad", "no_grad", "stop_gradient", "CannotDifferentiate"):
        assert hasattr(ad_compiler, name)
        assert f"{name}" in README


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_to_files(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def test_contributing_shows_the_intermediate_form_as_it_is():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {}, "CONTRIBUTING.md", None, 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


def test_contributing_lists_functions_as_they_are():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## What a transform calls\n")[2].partition("\n## ")[0]
    listed = re.findall(r'^    def (.*?"""\n)', section, re.DOTALL | re.MULTILINE)
    source = "".join((ROOT / "ad_compiler" / name).read_text(encoding="utf-8") for name in ("trace.py", "pipeline.py"))
    assert len(listed) > 10
    for each in listed:
        assert " ".join(each.split()) in " ".join(source.split())


def test_contributing_names_files_that_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:tests|tools|ad_compiler)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.name)
def test_examples_say_what_they_are(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if path.name != "polynomial.py":
        assert f"examples/{path.name}" in README
