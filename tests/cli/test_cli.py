"""`adc show-grad`: what is asked for is passed on, and whatever is wrong is one line and exit code 2."""

import ast
import os
import subprocess
import sys

import numpy as np
import pytest

import ad_compiler
from ad_compiler import cli

MODULE = '''
import functools
import numpy as np
from ad_compiler import grad

print("printed on import")

def f(x, n=2):
    return np.sum(n * x * x)

def typed(x: float, n: int = 3) -> float:
    return n * x * x

def late(x: "float", y: "Missing" = 2.0):
    return x * y

def arrays(x: np.ndarray, flag: bool):
    return np.sum(x)

def with_aux(x):
    return np.sum(x * x), "aux"

def unlike(x):
    raise_ = {x: x}
    return raise_.popitem()[0]

def slope_of(x: float):
    return x * x * x

@grad
def slope(x: float):
    return x * x * x

def wrapped(g):
    @functools.wraps(g)
    def inner(*args):
        return g(*args)
    return inner

class Model:
    size = 3

    def __init__(self, scale=2.0):
        self.scale = scale

    def loss(self, w):
        return np.sum(self.scale * w * w)

    @staticmethod
    def static(w: float):
        return w * w

    class Inner:
        def deep(self, w):
            return w * w

model = Model()
square = lambda x: x * x
partial = functools.partial(f, n=3)
number = 3
'''


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with modules, which is the current one."""
    files = {
        "work.py": MODULE,
        "syntax.py": "def f(:\n",
        "raises.py": "raise ValueError('first line\\nsecond line')\n",
        "leaves.py": "import sys\nsys.exit(3)\n",
        "lacks.py": "import no_such_thing\n",
        "notes.txt": "def f(x): return x\n",
        "json.py": "def here(x: float):\n    return x * x\n",
        "pack/__init__.py": "",
        "pack/part.py": "from .other import square\n\ndef f(x: float):\n    return square(x)\n",
        "pack/other.py": "def square(x: float):\n    return x * x\n",
        "folder/script.py": "import beside\n\ndef f(x: float):\n    return beside.double(x)\n",
        "folder/beside.py": "def double(x):\n    return 2.0 * x\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


@pytest.fixture
def adc(capsys):
    """Run `adc` in this process: (exit code, stdout, stderr)."""
    def run(*args):
        code = cli.main(list(args))
        out, err = capsys.readouterr()
        return code, out, err.replace("printed on import\n", "")
    return run


class Recorded:
    """Stands for `grad`: says what it was asked."""

    def __init__(self, func, **options):
        self.__wrapped__, self.__name__, self.options = func, func.__name__, options

    def _text(self, call):
        inner = self.__wrapped__._text("") if isinstance(self.__wrapped__, Recorded) else self.__name__
        return f"{inner} {self.options} {call}".strip()

    def source_for(self, *args, **kwargs):
        return self._text(f"{args} {kwargs}")

    def source_general(self):
        return self._text("general")


@pytest.fixture
def recorded(monkeypatch):
    monkeypatch.setattr(cli, "grad", Recorded)
    monkeypatch.setattr(cli, "value_and_grad", lambda func, **options: Recorded(func, value=True, **options))


BAD = {
    "no function": (["work"], "names no function"),
    "no name": (["work:"], "names no function"),
    "no module": ([":f"], "names no function"),
    "not a name": (["work:f+1"], "names no function"),
    "odd module": (["wo rk:f"], "neither the name of a module nor the path"),
    "unknown module": (["nowhere:f"], "no module named 'nowhere'"),
    "unknown part": (["work.nowhere:f"], "no module named 'work.nowhere'"),
    "unknown file": (["nowhere.py:f"], "no such file"),
    "folder": (["./folder:f"], "is a folder"),
    "not Python": (["./notes.txt:f"], "not a .py file"),
    "unknown name": (["work:typd"], "'work' has no 'typd'; did you mean 'typed'?"),
    "unknown method": (["work:Model.zzz"], "'work:Model' has no 'zzz'"),
    "class": (["work:Model"], "is a class"),
    "number": (["work:number"], "type int"),
    "object": (["work:partial"], "type partial"),
    "builtin": (["math:sin"], "not written in Python"),
    "ufunc": (["numpy:sin"], "not written in Python"),
    "syntax": (["syntax:f"], "SyntaxError: invalid syntax"),
    "syntax in file": (["syntax.py:f"], "line 1)"),
    "raises": (["raises:f"], "ValueError: first line"),
    "raises in file": (["raises.py:f"], "ValueError: first line"),
    "leaves": (["leaves:f"], "SystemExit: 3"),
    "lacks": (["lacks:f"], "No module named 'no_such_thing'"),
    "args syntax": (["work:f", "--args", "x="], "--args: SyntaxError"),
    "args no call": (["work:f", "--args", "1) + g("], "not a list of arguments"),
    "args twice": (["work:f", "--args", "x=1, x=2"], "--args: SyntaxError"),
    "args name": (["work:f", "--args", "x=unknown"], "NameError"),
    "args raise": (["work:f", "--args", "x=1/0"], "ZeroDivisionError"),
    "args missing": (["work:f", "--args", "n=1"], "missing a required argument: 'x', in f(x, n)"),
    "args extra": (["work:f", "--args", "x=1, q=1"], "unexpected keyword argument 'q', in f(x, n)"),
    "argnums text": (["work:f", "--argnums", "x"], "not a number"),
    "argnums beyond": (["work:f", "--argnums", "0,2"], "no argument 2 in f(x, n)"),
    "argnums before": (["work:f", "--argnums", "-3"], "no argument -3 in f(x, n)"),
    "argnames unknown": (["work:f", "--argnames", "q"], "no argument 'q' in f(x, n)"),
    "argnames odd": (["work:f", "--argnames", "x y"], "not a name"),
    "both": (["work:f", "--argnums", "0", "--argnames", "x"], "exclude each other"),
    "order": (["work:f", "--order", "0"], "--order"),
    "order of two": (["work:f", "--order", "2", "--argnums", "0,1"], "needs one argument"),
    "gradient already": (["work:slope", "--value"], "is a gradient already"),
    "unwritable": (["work:typed", "-o", "nowhere/file.py"], "cannot write 'nowhere/file.py'"),
    "unwritable folder": (["work:typed", "-o", "folder"], "cannot write 'folder'"),
    "unknown option": (["work:f", "--bogus"], "--bogus"),
    "no target": ([], "TARGET"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line(project, adc, recorded, name):
    args, message = BAD[name]
    code, out, err = adc("show-grad", *args)
    lines = [line for line in err.splitlines() if "written for kinds" not in line]
    assert (code, out) == (2, "")
    assert len(lines) == 1
    assert lines[0].startswith("adc: ")
    assert message in lines[0]


def test_unknown_command_is_one_line(adc):
    code, out, err = adc("show-gard", "work:f")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_version_and_help(adc):
    assert adc("--version") == (0, f"adc {ad_compiler.__version__}\n", "")
    code, out, _ = adc("--help")
    assert code == 0
    assert "show-grad" in out
    assert "Examples:" in out
    assert adc() == (0, out, "")
    assert "--args" in adc("show-grad", "--help")[1]


@pytest.mark.parametrize(("target", "name"), [
    ("work:typed", "typed"), ("work.py:typed", "typed"), ("./work.py:typed", "typed"), ("work:square", "<lambda>"),
    ("work:Model.loss", "loss"), ("work:Model.Inner.deep", "deep"), ("work:Model.static", "static"),
    ("work:model.loss", "loss"), ("pack.part:f", "f"), ("pack/part.py:f", "f"), ("folder/script.py:f", "f"),
    ("json.py:here", "here"),
])
def test_targets(project, adc, recorded, target, name):
    code, out, err = adc("show-grad", target)
    assert code == 0, err
    assert out.startswith(name)


def test_an_absolute_path(project, adc, recorded):
    assert adc("show-grad", f"{project}/work.py:typed")[0] == 0


@pytest.mark.parametrize(("args", "expected"), [
    (["work:f", "--args", "np.ones(2), n=5"], "f {'has_aux': False, 'argnums': 0} (array([1., 1.]), 5) {}"),
    (["work:f", "--args", "x=math.pi, n=number"], f"f {{'has_aux': False, 'argnums': 0}} ({np.pi}, 3) {{}}"),
    (["work:typed"], "typed {'has_aux': False, 'argnums': 0} (1.0, 3) {}"),
    (["work:late"], "late {'has_aux': False, 'argnums': 0} (1.0, 2.0) {}"),
    (["work:arrays"], "arrays {'has_aux': False, 'argnums': 0} general"),
    (["work:Model.loss"], "loss {'has_aux': False, 'argnums': 1} general"),
    (["work:model.loss"], "loss {'has_aux': False, 'argnums': 0} general"),
    (["work:f", "--argnums", "-2"], "f {'has_aux': False, 'argnums': -2} general"),
    (["work:f", "--argnums", "0,1"], "f {'has_aux': False, 'argnums': (0, 1)} general"),
    (["work:f", "--argnames", "x"], "f {'has_aux': False, 'argnames': 'x'} general"),
    (["work:f", "--argnames", "n, x"], "f {'has_aux': False, 'argnames': ('n', 'x')} general"),
    (["work:with_aux", "--has-aux"], "with_aux {'has_aux': True, 'argnums': 0} general"),
    (["work:f", "--value"], "f {'value': True, 'has_aux': False, 'argnums': 0} general"),
    (["work:square", "--order", "2", "--value"],
     "<lambda> {'has_aux': False, 'argnums': 0} {'value': True, 'has_aux': False, 'argnums': 0} general"),
])
def test_what_is_asked_for_is_passed_on(project, adc, recorded, args, expected):
    code, out, err = adc("show-grad", *args)
    assert (code, out) == (0, expected + "\n"), err


def test_stderr_says_what_kinds_were_taken(project, adc, recorded):
    assert adc("show-grad", "work:typed")[2].startswith("adc: written for kinds as in typed(x=1.0, n=3);")
    assert "the kind of x, flag: this is the general form" in adc("show-grad", "work:arrays")[2]
    assert adc("show-grad", "work:f", "--args", "x=1.0")[2] == ""


def test_a_gradient(project, adc):
    code, out, err = adc("show-grad", "work:typed")
    assert code == 0, err
    names = {"np": np}
    exec(out, names)
    assert names["typed_grad"](2.0, 3) == 12.0


def test_a_gradient_for_arrays_and_the_value(project, adc):
    code, out, err = adc("show-grad", "work:Model.loss", "--args", "self=model, w=np.ones(3)")
    assert code == 0, err
    assert "def loss_grad" in out
    code, out, err = adc("show-grad", "work:f", "--value", "--args", "x=np.ones(3)")
    assert code == 0, err
    names = {"np": np}
    exec(out, names)
    value, slope = names["f_value_and_grad"](np.array([1.0, 3.0]), 2)
    assert value == 20.0
    np.testing.assert_array_equal(slope, [4.0, 12.0])


def test_second_order(project, adc):
    code, out, err = adc("show-grad", "work:slope_of", "--order", "2")
    assert code == 0, err
    names = {"np": np}
    exec(out, names)
    assert names["slope_of_grad"](2.0) == 12.0


def test_the_general_form(project, adc):
    code, out, err = adc("show-grad", "work:f")
    assert code == 0, err
    assert "general form" in err
    assert "def f_grad" in out


def test_a_decorated_function_shows_its_own(project, adc):
    code, out, err = adc("show-grad", "work:slope")
    assert code == 0, err
    names = {"np": np}
    exec(out, names)
    assert names["slope_grad"](2.0) == 12.0


def test_a_refusal_is_printed_whole(project, adc):
    code, out, err = adc("show-grad", "work:unlike", "--args", "x=1.0")
    assert (code, out) == (2, "")
    assert err.startswith("adc: ")
    assert "work.py:" in err
    assert "^" in err
    assert "Traceback" not in err


def test_output_file(project, adc):
    code, out, _ = adc("show-grad", "work:typed", "-o", "out.py")
    assert (code, out) == (0, "")
    assert (project / "out.py").read_text() == adc("show-grad", "work:typed")[1]


def test_colour_only_in_a_terminal(project, adc, recorded, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    plain = adc("show-grad", "work:typed")[1]
    monkeypatch.setenv("FORCE_COLOR", "1")      # rich takes stdout for a terminal
    monkeypatch.setenv("COLUMNS", "20")
    coloured = adc("show-grad", "work:typed")[1]
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured
    assert coloured.count("\n") == 1            # not wrapped
    assert adc("show-grad", "work:typed", "--no-color")[1] == plain


def run_script(*args, **options):
    """`adc` as a process of its own, found whether or not the package is installed."""
    root = os.path.dirname(os.path.dirname(ad_compiler.__file__))
    environment = {**os.environ, "PYTHONPATH": root, **options.pop("env", {})}
    code = "import sys; from ad_compiler.cli import main; sys.exit(main())"
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([sys.executable, "-c", code, *args], text=True, stderr=subprocess.PIPE, check=False,
                          env=environment, **options)


def test_as_a_process(project):
    result = run_script("show-grad", "work:typed")
    assert result.returncode == 0
    assert result.stdout.startswith(("def ", "import "))
    assert "printed on import" in result.stderr     # not among the code
    result = run_script("show-grad", "nowhere:f")
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is a POSIX matter")
def test_a_closed_pipe_is_no_error(project):
    read, write = os.pipe()
    os.close(read)
    result = run_script("show-grad", "work:typed", stdout=write)
    os.close(write)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "Exception" not in result.stderr


def test_text_that_the_terminal_cannot_show(project):
    (project / "accents.py").write_text("def f(x: float):\n    return x * x  # été\n", encoding="utf-8")
    result = run_script("show-grad", "accents.py:f", env={"PYTHONIOENCODING": "ascii"})
    assert result.returncode == 0, result.stderr
    assert "def f_grad" in result.stdout


@pytest.mark.parametrize("kind", ["vmap", "jvp", "vjp", "hvp", "jacfwd", "jacrev", "jacobian", "hessian"])
def test_show(kind, tmp_path, capsys):
    file = tmp_path / "model.py"
    file.write_text("import numpy as np\n\ndef f(x, y):\n    return np.sum(x * x) * y\n")
    given = "x=np.ones((3, 2)), y=np.ones(3)" if kind == "vmap" else "x=np.ones(2), y=2.0"
    assert cli.main(["show", kind, f"{file}:f", "--args", given]) == 0
    text = capsys.readouterr().out
    ast.parse(text)
    assert text.startswith("def f_")


def test_show_by_other_axes(tmp_path, capsys):
    file = tmp_path / "model.py"
    file.write_text("import numpy as np\n\ndef f(w, x):\n    return w @ x\n")
    assert cli.main(["show", "vmap", f"{file}:f", "--in-dims", "None, 1", "--args", "w=np.ones(3), x=np.ones((3, 8))"]) == 0
    assert "x = x.T\n    return x @ w" in capsys.readouterr().out
    assert cli.main(["show", "hessian", f"{file}:f", "--argnums", "0,1", "--args", "w=np.ones(3), x=np.ones(3)"]) == 0


@pytest.mark.parametrize(("options", "said"), [
    (["vmap", "{}:f", "--argnums", "0", "--args", "x=np.ones(2)"], "--argnums is an option of"),
    (["jvp", "{}:f", "--in-dims", "0", "--args", "x=np.ones(2)"], "--in-dims is an option of vmap"),
    (["vmap", "{}:f", "--in-dims", "first", "--args", "x=np.ones(2)"], "is not made of integers"),
    (["vmap", "{}:f", "--args", "x=2.0"], "no array but a number"),
    (["jvp", "{}:f"], "nothing tells the kind of x"),
    (["gradient", "{}:f"], "Invalid value"),
])
def test_show_says_what_is_wrong(options, said, tmp_path, capsys):
    file = tmp_path / "model.py"
    file.write_text("def f(x):\n    return x * x\n")
    assert cli.main(["show", *(option.format(file) for option in options)]) == 2
    assert said in capsys.readouterr().err


def test_a_budget_for_memory(project, adc):
    (project / "walk.py").write_text("def walk(x: float, n: int):\n    for _ in range(n):\n        x = x * x\n    return x\n")
    code, out, err = adc("show-grad", "walk:walk", "--memory", "1kB")
    assert code == 0
    assert "x_kept.append(x)" in out
    code, out, err = adc("show-grad", "walk:walk", "--memory", "lots")
    assert code == 2
    assert "'200MB'" in err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full disk to write to")
def test_a_full_disk(project):
    with open("/dev/full", "w") as full:
        result = run_script("show-grad", "work:square", stdout=full)
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith("adc: No space left on device")
