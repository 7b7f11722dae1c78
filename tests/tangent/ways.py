"""Where the tangent of each function comes from.

    python -m tests.tangent.ways

prints the functions, by how forward mode has their tangents.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler.rules import registry

WAYS = {
    "partials": "partial derivatives, or signs",
    "itself": "linear in an argument, or in each of several: the function itself",
    "written": "a tangent of its own",
    "derived": "the cotangents, transposed",
    "constant": "piecewise constant: none",
}


def by_way() -> dict[str, list[Any]]:
    """The functions of the registry, by where their tangents come from."""
    found: dict[str, list[Any]] = defaultdict(list)
    for fn, rule in registry.all_rules().items():
        if not rule.own:
            found[rule.forward].append(fn)
    return found


def main() -> None:
    """The command."""
    for way, fns in sorted(by_way().items(), key=lambda item: list(WAYS).index(item[0])):
        names = sorted({f"{(getattr(fn, '__module__', '') or 'numpy').lstrip('_')}.{fn.__name__}" for fn in fns})
        print(f"{WAYS[way]} ({len(names)})\n    {', '.join(names)}\n")


if __name__ == "__main__":
    main()
