"""Every row of the table through the compiler: inlined rules give what the rules themselves give."""

import linecache

import numpy as np

from ad_compiler import grad
from ad_compiler.rules import registry
from ad_compiler.testing import active, get, random_like
from tests.groups import in_groups
from tests.rules.specs import TABLE


def program(row, args, paths, out):
    """A function of the row's floats alone, which sums its result with weights, and its source."""
    names = {path: "x" + "_".join(map(str, path)) for path in paths}
    world = {"np": np, "fn": row.fn}

    def text(x, path):
        if path in names:
            return names[path]
        if isinstance(x, (list, tuple)) and not (isinstance(x, tuple) and hasattr(x, "_fields")):
            items = ", ".join(text(item, (*path, i)) for i, item in enumerate(x))
            return f"[{items}]" if isinstance(x, list) else f"({items}{',' * (len(x) == 1)})"
        if isinstance(x, (np.ndarray, np.generic, type)):
            name = "c" + "_".join(map(str, path))
            world[name] = x
            return name
        if isinstance(x, slice):
            return f"slice({x.start}, {x.stop}, {x.step})"
        return "..." if x is Ellipsis else repr(x)

    words = [text(x, (i,)) for i, x in enumerate(args)] + [f"{k}={v!r}" for k, v in row.kw.items()]
    if isinstance(out, tuple):
        result = " + ".join(f"np.sum(w[{i}] * out[{i}])" for i in range(len(out)))
    else:
        result = "np.sum(w * out)"
    source = f"def f({', '.join(names.values())}):\n    out = fn({', '.join(words)})\n    return {result}\n"
    file = f"<{row.name} {source}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    exec(compile(source, file, "exec"), world)
    return world


@in_groups([row for row in TABLE if not registry.lookup(row.fn).constant], lambda row: row.name)
def test_row(row):
    args = row.build()
    argnums = row.options.get("argnums")
    paths = [p for p in active(args) if argnums is None or p[0] in argnums]
    out = row.fn(*args, **row.kw)
    if not active(out) or not paths:
        return
    world = program(row, args, paths, out)
    world["w"] = w = random_like(out, np.random.default_rng(3))
    wanted = {p[0] for p in paths}
    bars = registry.run_vjp(registry.lookup(row.fn), args, row.kw, out, w, wanted)
    got = grad(world["f"], tuple(range(len(paths))))(*(get(args, p) for p in paths))
    for path, bar in zip(paths, got):
        expected = get(bars, path) if get(bars, path[:1]) is not None else get(args, path) * 0
        assert type(bar) is type(expected)
        np.testing.assert_allclose(bar, expected, rtol=1e-6 if row.fn is np.float32 else 1e-12, atol=1e-14)
