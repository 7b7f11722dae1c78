"""What the matrix is expected to give: faults that are known and not mended yet, and how many programs are right.

`python -m tests.aliasing --expected` prints RIGHT anew.  A row of KNOWN goes when its fault does.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.aliasing.check import ROUNDED, Verdict
from tests.aliasing.programs import Program


class Fault(NamedTuple):
    """Programs and verdicts that it accounts for, as patterns of the name and of the detail."""

    why: str
    kind: str
    name: str
    detail: str = ""


KNOWN = [
    Fault("a sum is added in another order", ROUNDED, ""),
]


def known(program: Program, verdict: Verdict) -> str:
    """Why this is expected; empty where it is not."""
    return next((fault.why for fault in KNOWN if verdict.kind == fault.kind and re.search(fault.name, program.name)
                 and re.search(fault.detail, verdict.detail)), "")


RIGHT: dict[str, int] = {
    "item": 44, "all": 46, "square": 40, "iadd": 43, "imul_self": 41, "difference": 44, "interleave": 43,
    "reverse": 47, "mask": 42, "mask_double": 42, "pick": 40, "repeats": 44, "out": 37, "out_third": 50, "at": 43,
    "copyto": 49, "fill": 41, "put": 48, "putmask": 38, "place": 42, "sort": 45, "flat": 45, "fill_diagonal": 40,
    "transposed": 45, "double": 43, "running": 44, "never": 48, "rows": 34, "arm": 42, "swap": 8, "captured": 44,
    "own_view": 47, "cell": 7, "column": 7, "chain": 18, "shift": 13, "shift_back": 18, "reverse_plain": 16,
    "idiv": 10, "ipow": 12, "isub_view": 17, "view_tail": 15, "exchange": 17, "exchange_fancy": 12,
    "two_targets": 8, "cumsum_out": 14, "where_out": 13, "sin_out": 7, "multiply_at": 8, "stencil": 13,
    "while": 9, "from_list": 6, "views_in_loop": 3, "arm_not_taken": 11, "arm_in_loop": 11, "break": 15,
    "early_return": 1, "mix": 13, "mix_overlap": 13, "setitem": 11, "iota": 12, "partition": 8, "put_method": 9,
    "put_along": 13, "shuffle": 1, "clip_out": 11, "take_out": 9, "negative_out": 7, "nan_to_num": 0,
    "class_fill": 7, "class_sort": 11, "op_setitem": 13, "op_imul": 11, "dunder_imul": 15, "real_part": 12,
    "mapped": 0, "listed": 0, "recursive": 11, "nothing": 12,
}
