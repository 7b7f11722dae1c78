"""The stages are layers: a module imports only what stands to its left.  And no file outgrows its job."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1] / "ad_compiler"
MOST_LINES = 420

# From left to right; names in one group may import each other.  A folder stands for all files in it, unless a
# file of it has a place of its own.
LAYERS = [
    {"_version", "kinds", "ir", "ir_show", "errors", "runtime", "options", "passes", "locks", "runtime_checks", "library"},
    {"watch", "spec", "validate/checked", "validate/fault"},
    {"derivative"},
    {"check", "rules/traits", "rules/registry", "rules/dims"},
    {"rules"},
    {"ops", "indices", "copies"},
    {"read"},
    {"trace"},
    {"analyse"},
    {"adjoint"},
    {"batch"},
    {"optimise"},
    {"tangent"},
    {"transforms"},
    {"loops"},
    {"emit"},
    {"jit"},
    {"pipeline"},
    {"store"},
    {"cache"},
    {"validate", "samples"},
    {"guard", "collector", "unchanged"},
    {"function", "in_pieces"},
    {"kept"},
    {"later"},
    {"matrices"},
    {"api", "batches", "forward", "jacobians", "pullback", "ravel"},
    {"checkpoints", "custom", "hooks", "implicit", "linear_systems", "own", "solved", "stop", "transposed"},
    {"__init__", "testing", "testing_batch", "testing_tape", "testing_tangent"},
    {"cli", "cli_args", "cli_show"},
]
# Rules are plain functions, which know nothing of the form that they are read into.
MAY_IMPORT_ONLY = {"rules": {"rules", "rules/traits", "rules/registry", "rules/dims", "kinds", "runtime", "errors"}}

FILES = sorted(ROOT.rglob("*.py"))


def name_of(path):
    return path.relative_to(ROOT).with_suffix("").as_posix().removesuffix("/__init__")


def place_of(name):
    """The entry of the table for a module named as by `name_of`."""
    known = set().union(*LAYERS)
    while name not in known and "/" in name:
        name = name.rpartition("/")[0]
    assert name in known, f"{name} has no place in the table of layers"
    return name


def layer_of(place):
    return next(i for i, group in enumerate(LAYERS) if place in group)


def imports_of(path):
    """Modules of the package that a file imports when it runs, as named by `name_of`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            modules = [node.module]
            if (ROOT.parent / node.module.replace(".", "/")).is_dir():     # from package import module
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            top, _, rest = module.partition(".")
            if top == "ad_compiler":
                found = rest.replace(".", "/")
                is_module = (ROOT / found).is_dir() or (ROOT / found).with_suffix(".py").is_file()
                yield (found or "__init__") if is_module else (found.rpartition("/")[0] or "__init__")


def wrong_imports(path):
    """What a file may not import, in words."""
    if path.name == "__init__.py" and path.parent != ROOT:
        return [f"{name_of(path)}: the __init__.py of a stage is empty"] if list(imports_of(path)) else []
    place, found = place_of(name_of(path)), []
    for imported in imports_of(path):
        other = place_of(imported)
        if layer_of(other) > layer_of(place):
            found.append(f"{place} imports {imported}, which stands to its right")
        if other not in MAY_IMPORT_ONLY.get(place, {other}):
            found.append(f"{place} imports {imported}")
    return found


def test_imports_go_to_the_left():
    assert len(FILES) > 150
    assert not [fault for path in FILES for fault in wrong_imports(path)]


def test_the_table_names_what_is_there():
    places = set().union(*LAYERS)
    assert not [place for place in places
                if not (ROOT / place).is_dir() and not (ROOT / place).with_suffix(".py").is_file()]


def test_files_are_short():
    """A file that is longer is to be split by job."""
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {name: count for name, count in lines.items() if count > MOST_LINES}


def test_what_is_asked_of_the_lifter_is_there():
    """The library is told by functions of any lifter: a reader that has another name now is found here, not by types."""
    from ad_compiler.ir import Block
    from ad_compiler.read.lift import READERS, Lifter

    lifter, missing = Lifter(Block()), []
    assert len(READERS) > 20
    for path in FILES:
        for owner, name in re.findall(r"\b(?:lifter|li)\.(\w+)(?:\.(\w+))?", path.read_text(encoding="utf-8")):
            found = owner == "scope" or hasattr(lifter, owner)
            if not found or owner in READERS and name and not hasattr(getattr(lifter, owner), name):
                missing.append(f"{name_of(path)}: {owner}.{name}")
    assert not missing
