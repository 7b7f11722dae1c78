"""What the matrix is expected to give: faults that are known and not mended yet, and how many programs are right.

`python -m tests.aliasing --expected` prints RIGHT anew.  A row of KNOWN goes when its fault does.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.aliasing.check import ROUNDED, WRONG, Verdict
from tests.aliasing.programs import Program


class Fault(NamedTuple):
    """Programs and verdicts that it accounts for, as patterns of the name and of the detail."""

    why: str
    kind: str
    name: str
    detail: str = ""


KNOWN = [
    Fault("an array that is not in the order of C is copied, and its sum rounded in another way", ROUNDED, ""),
    Fault("a store that nobody reads is left out, though it would have raised", WRONG, "", "its gradient does not$"),
]


def known(program: Program, verdict: Verdict) -> str:
    """Why this is expected; empty where it is not."""
    return next((fault.why for fault in KNOWN if verdict.kind == fault.kind and re.search(fault.name, program.name)
                 and re.search(fault.detail, verdict.detail)), "")


RIGHT: dict[str, int] = {
    "item": 43, "all": 46, "square": 40, "iadd": 43, "imul_self": 40, "difference": 44, "interleave": 43,
    "reverse": 47, "mask": 42, "mask_double": 42, "pick": 39, "repeats": 43, "out": 37, "out_third": 50, "at": 43,
    "copyto": 49, "fill": 40, "put": 48, "putmask": 0, "place": 42, "sort": 44, "flat": 45, "fill_diagonal": 40,
    "transposed": 45, "double": 43, "running": 43, "never": 47, "rows": 34, "arm": 42, "swap": 7, "captured": 43,
    "own_view": 47, "cell": 6, "column": 5, "chain": 18, "shift": 13, "shift_back": 18, "reverse_plain": 16,
    "idiv": 10, "ipow": 12, "isub_view": 16, "view_tail": 15, "exchange": 17, "exchange_fancy": 12,
    "two_targets": 8, "cumsum_out": 13, "where_out": 13, "sin_out": 7, "multiply_at": 8, "stencil": 13,
    "while": 8, "from_list": 6, "views_in_loop": 3, "arm_not_taken": 11, "arm_in_loop": 10, "break": 15,
    "early_return": 1, "mix": 12, "mix_overlap": 13, "setitem": 0, "iota": 12, "partition": 8, "put_method": 9,
    "put_along": 12, "shuffle": 1, "clip_out": 11, "take_out": 8, "negative_out": 7, "nan_to_num": 10,
    "class_fill": 7, "class_sort": 10, "op_setitem": 13, "op_imul": 11, "dunder_imul": 0, "real_part": 12,
    "mapped": 0, "listed": 0, "recursive": 11, "nothing": 12,
}
