"""From the intermediate form to a function, by way of its text.

The text is what runs: it is compiled under a name of its own that `linecache` knows, so that tracebacks and
pdb show it.
"""

from __future__ import annotations

import itertools
import linecache
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ad_compiler.emission.naming import RESERVED, Names, identifier
from ad_compiler.emission.plan import Plan
from ad_compiler.emission.printer import function
from ad_compiler.emission.statements import Lowering
from ad_compiler.ir import Func, Value

_count = itertools.count(1)


@dataclass
class Emitted:
    """A generated function.

    `namespace` holds its globals; `ref_names` the names there of globals of the user's that are read at each
    call; `imports` the lines that the text needs above it to stand in a file.
    """

    text: str
    function: Callable[..., Any]
    namespace: dict[str, Any]
    ref_names: dict[Value, str]
    imports: list[str]


def lower(func: Func, given: dict[Value, str], taken: set[str]) -> Lowering:
    """A function ready to be printed; `given` are names of globals that are settled already."""
    plan = Plan(func)
    return Lowering(func, plan, Names(func, plan, RESERVED | taken, given))


def emit(func: Func) -> Emitted:
    """Print a function and compile the text."""
    func.name = identifier(func.name.replace("<lambda>", "lambda"))
    callees = {callee.name for callee in func.callees}
    lowering = lower(func, {}, callees)
    names = lowering.names
    given = {v: names[v] for v in func.refs}
    texts, bound = [], dict(lowering.bound)
    for callee in func.callees:
        half = lower(callee, given, callees | set(bound))
        texts.append(function(half.run()))
        bound.update(half.bound)
    text = "\n\n".join([*texts, function(lowering.run())])
    bound.update(lowering.bound)
    namespace: dict[str, Any] = {"np": np, "math": math, **bound}
    imports = [line for word, line in (("np.", "import numpy as np"), ("math.", "import math")) if word in text]
    if "scipy." in text:
        import scipy
        namespace["scipy"] = scipy
        imports.append("import scipy")
    filename = f"<ad_compiler {func.name} {next(_count)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    exec(compile(text, filename, "exec"), namespace)  # the text was written here, from the user's own function
    return Emitted(text, namespace[func.name], namespace, {v: names[v] for v in func.refs}, imports)
