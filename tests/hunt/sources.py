"""Functions of other people's sources: `python -m tests.hunt.sources [--seed 0] [--modules NAME,…] [--packages NAME,…]`.

The gradient of each function of Python's library, and of NumPy's files in Python (or of packages that are installed),
is written for arguments that are made up.  It is refused or answered: never an internal error, never more than `LONGEST` seconds of the processor; what was
given, and the world around (names of modules, the environment, files) are as they were.
"""

import argparse
import collections
import importlib
import importlib.util
import inspect
import json
import os
import pkgutil
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import types
import warnings

import numpy as np

LONGEST = 10.0

LEFT_OUT = {
    "antigravity", "this", "idlelib", "tkinter", "turtle", "turtledemo", "test", "lib2to3", "ensurepip", "venv", "nt",
    "msilib", "winreg", "winsound", "_winapi", "msvcrt", "ntpath", "asyncio", "curses", "pty", "tty", "readline", "crypt",
    "encodings", "multiprocessing", "pydoc_data"}
"""They do something when they are imported, or cannot be, here; of `asyncio` all is asynchronous, and those of
`encodings` are one."""

NUMPY = ("numpy.lib", "numpy.linalg", "numpy.polynomial", "numpy.ma", "numpy.fft", "numpy._core", "numpy.random",
         "numpy.matrixlib")


class TooLong(BaseException):
    """The time is over."""


def modules():
    """Names of modules in Python."""
    found = []
    for name in sorted(sys.stdlib_module_names - LEFT_OUT):
        if not name.startswith("_"):
            found.append(name)
            found += packaged(name)
    for name in NUMPY:
        found += [name, *packaged(name)]
    return found


def installed(names):
    """The modules of these packages, those in packages inside of them too."""
    found, todo = [], list(reversed(names))
    while todo:
        found.append(todo.pop())
        todo += reversed(packaged(found[-1]))
    return found


def packaged(name):
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return []
    inside = spec.submodule_search_locations if spec else None
    return sorted(f"{name}.{each.name}" for each in pkgutil.iter_modules(inside or [])
                  if "test" not in each.name and each.name != "__main__")


def borrowed(name, folder):
    """A module of the same source, from a file that is the user's own: what belongs to a library is not read."""
    spec = importlib.util.find_spec(name)
    if spec is None or not (spec.origin or "").endswith(".py"):
        return None
    with open(spec.origin, encoding="utf-8") as file:
        text = file.read()
    path = os.path.join(folder, "borrowed_" + name.replace(".", "_") + ".py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    module = types.ModuleType("borrowed_" + name.replace(".", "_"))
    module.__file__ = path
    module.__package__ = name if spec.submodule_search_locations else name.rpartition(".")[0]
    sys.modules[module.__name__] = module
    exec(compile(text, path, "exec"), vars(module))
    return module


def functions_of(module):
    """The functions that a module defines, and those of its classes."""
    found = []
    for name, thing in sorted(vars(module).items(), key=lambda item: item[0]):
        if isinstance(thing, types.FunctionType) and thing.__module__ == module.__name__:
            found.append((name, thing))
        elif isinstance(thing, type) and thing.__module__ == module.__name__:
            found += [(f"{name}.{inner}", each) for inner, each in sorted(vars(thing).items())
                      if isinstance(each, types.FunctionType)]
    return found


class Thing:
    """What a method may take for its object."""

    def __init__(self):
        self.x, self.values, self.name = 2.0, np.array([1.0, 2.0]), "name"


def arguments(function, chance):
    """Made up: the first is a number, an array or an object, the others whatever comes."""
    made = []
    for at, param in enumerate(inspect.signature(function).parameters.values()):
        if param.kind in (param.VAR_POSITIONAL, param.VAR_KEYWORD, param.KEYWORD_ONLY):
            continue
        if param.default is not param.empty and chance.random() < 0.6:
            break
        some = [2.5, np.array([1.0, 2.0, 3.0]), np.array([[1.0, 2.0], [3.0, 4.0]]), 3, "text", [1.0, 2.0], (1.0, 2),
                {"a": 1.5, "b": 2.0}, None, True, Thing(), np.float32(1.5), np.arange(3), len, lambda v: v * 2.0]
        made.append(chance.choice(some[:2] if at == 0 and chance.random() < 0.8 else some))
    return made


def world(module):
    """What may not change; of modules there may be more."""
    return {
        "names": {key: id(value) for key, value in vars(module).items()},
        "builtins": {key: id(value) for key, value in vars(sys.modules["builtins"]).items() if key != "_"},
        "environment": dict(os.environ), "folder": os.getcwd(), "files": sorted(os.listdir()), "path": list(sys.path),
        "limit": sys.getrecursionlimit(), "filters": list(warnings.filters), "handler": signal.getsignal(signal.SIGINT),
        "streams": [id(sys.stdout), id(sys.stderr), id(sys.stdin)], "errors": np.geterr(), "trace": sys.gettrace(),
        "random": random.getstate()[1][:3], "drawn": np.random.get_state()[2]}      # noqa: NPY002


def outcome(function, module, chance):
    """What becomes of one function, in words."""
    from ad_compiler import grad
    from ad_compiler.errors import ADCompilerError, CompilerFault

    try:
        args = arguments(function, chance)
    except (TypeError, ValueError):
        return "no arguments", ""
    given = [vars(a) if isinstance(a, Thing) else a for a in args]
    before, told, loaded = world(module), repr(given), set(sys.modules)
    at = chance.randrange(len(args)) if args and chance.random() < 0.2 else 0
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        grad(function, at).source_for(*args)
        found = "answered", ""
    except CompilerFault as error:
        found = "INTERNAL ERROR", _told(error.__cause__ or error)
    except (ADCompilerError, TypeError, ValueError) as error:
        inside = isinstance(error, ADCompilerError) or _is_of_call(error)
        found = ("refused", str(error)) if inside else ("INTERNAL ERROR", _told(error))
    except TooLong as error:
        found = "TOO LONG", _told(error)
    except BaseException as error:      # noqa: BLE001  (whatever it is)
        found = "INTERNAL ERROR", _told(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    if time.process_time() - began > LONGEST and found[0] != "TOO LONG":
        found = "TOO LONG", f"{time.process_time() - began:.0f} s"
    after = world(module)
    if repr(given) != told:
        return "INPUT CHANGED", f"{told} is {given!r}"
    if not loaded <= set(sys.modules):
        return "WORLD CHANGED", f"modules that are gone: {loaded - set(sys.modules)}"
    excused = {"names", "random"} if loaded < set(sys.modules) else {"names"}     # a module draws as it is imported
    differ = [key for key in before if key not in excused and before[key] != after[key]]
    differ += [f"names: {key}" for key, value in before["names"].items() if after["names"].get(key) != value]
    differ += [f"names: {key}" for key in after["names"].keys() - before["names"].keys()
               if not isinstance(vars(module)[key], types.ModuleType)]       # a part of it was imported
    return ("WORLD CHANGED", ", ".join(differ)) if differ else found


def _told(error):
    """An error, and the last places that it went through."""
    places = traceback.extract_tb(error.__traceback__)[-4:]
    return "\n".join([f"{type(error).__name__}: {error}", *(
        f"  {place.filename}:{place.lineno} {place.name}: {place.line}" for place in places)])


def _is_of_call(error):
    """Is this said of how `grad` was called: raised by `grad` itself, or as arguments were bound?"""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return last.filename.endswith("inspect.py") or "/ad_compiler/" in last.filename \
        and last.name in ("check_signature", "bind", "check_options", "signature_of", "__post_init__", "_places", "places")


def child(name, seed, begin):
    """Print the outcome of each function of a module, from one on."""
    from ad_compiler import grad

    def late(number, frame):
        raise TooLong

    signal.signal(signal.SIGPROF, late)
    told = os.fdopen(os.dup(1), "w")        # what a module prints goes elsewhere
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    warnings.simplefilter("ignore")
    grad(lambda x: x).source_for(1.0)       # what is imported for the first one is not its time
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            module = borrowed(name, folder)
            functions = functions_of(module) if module is not None else []
        except BaseException:      # noqa: BLE001  (what it does when it is imported, is another matter)
            return
        for number, (title, function) in enumerate(functions[begin:], begin):
            print(json.dumps(["begins", number, title]), file=told, flush=True)
            found = outcome(function, module, random.Random(f"{seed} {name} {title}"))
            print(json.dumps(["ends", number, title, *found]), file=told, flush=True)
        os.chdir("/")


def run(name, seed):
    """The outcome of each function of a module, whatever becomes of the process."""
    begin, found = 0, []
    while True:
        command = [sys.executable, "-m", "tests.hunt.sources", "--child", name, "--seed", str(seed), "--begin", str(begin)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                   text=True)
        timer = threading_timer(process)
        last = None
        for line in process.stdout:
            timer.cancel()
            timer = threading_timer(process)
            what, number, title, *rest = json.loads(line)
            last = (number, title) if what == "begins" else None
            if what == "ends":
                found.append((f"{name}.{title}", *rest))
        timer.cancel()
        process.communicate()
        if last is None:
            return found
        found.append((f"{name}.{last[1]}", "CRASH", f"exit code {process.returncode}"))
        begin = last[0] + 1


def threading_timer(process):
    """Kills a process that says nothing."""
    import threading

    timer = threading.Timer(6 * LONGEST, process.kill)
    timer.daemon = True
    timer.start()
    return timer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modules", help="only these")
    parser.add_argument("--packages", help="all modules of these")
    parser.add_argument("--most", type=int, default=100_000, help="functions")
    parser.add_argument("--child")
    parser.add_argument("--begin", type=int, default=0)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.seed, options.begin)
        return 0
    counts, wrong = collections.Counter(), []
    names = options.modules.split(",") if options.modules else \
        installed(options.packages.split(",")) if options.packages else modules()
    if not options.modules:
        random.Random(options.seed).shuffle(names)
    for name in names:
        for title, said, why in run(name, options.seed):
            counts[said] += 1
            if said.isupper():
                wrong.append(title)
                print(f"\n{said}: {title}\n{why.rstrip()}", flush=True)
        print(f"\r{sum(counts.values())} functions, {len(wrong)} wrong; {name:40}", end="", file=sys.stderr, flush=True)
        if sum(counts.values()) >= options.most:
            break
    print(file=sys.stderr)
    for said, count in counts.most_common():
        print(f"{said:16} {count:6}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
