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
    "item": 41, "all": 45, "square": 39, "iadd": 40, "imul_self": 36, "difference": 41, "interleave": 43,
    "reverse": 39, "mask": 40, "mask_double": 40, "pick": 38, "repeats": 37, "out": 35, "out_third": 44, "at": 39,
    "copyto": 46, "fill": 39, "put": 45, "putmask": 0, "place": 39, "sort": 40, "flat": 42, "fill_diagonal": 41,
    "transposed": 39, "double": 38, "running": 39, "never": 40, "rows": 33, "arm": 38, "swap": 6, "captured": 37,
    "own_view": 42, "cell": 7, "column": 5, "chain": 12, "shift": 13, "shift_back": 16, "reverse_plain": 15,
    "idiv": 7, "ipow": 10, "isub_view": 13, "view_tail": 11, "exchange": 16, "exchange_fancy": 12, "two_targets": 13,
    "cumsum_out": 9, "where_out": 10, "sin_out": 7, "multiply_at": 5, "stencil": 13, "while": 7, "from_list": 5,
    "views_in_loop": 2, "arm_not_taken": 11, "arm_in_loop": 9, "break": 10, "early_return": 2, "mix": 11,
    "mix_overlap": 13, "setitem": 0, "iota": 12, "partition": 7, "put_method": 11, "put_along": 10, "shuffle": 1,
    "clip_out": 7, "take_out": 6, "negative_out": 7, "nan_to_num": 16, "class_fill": 6, "class_sort": 12,
    "op_setitem": 11, "op_imul": 11, "dunder_imul": 0, "real_part": 9, "mapped": 0, "listed": 0, "recursive": 8,
    "nothing": 10,
}
