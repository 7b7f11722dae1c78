"""Who writes: statements that change the memory of `$`, the name or expression that they write through.

A writer may also read `v` (an array of three numbers) and `w` (a number), both of them arguments.
"""

from __future__ import annotations

from typing import NamedTuple


class Writer(NamedTuple):
    """Statements for a target of one axis and for one of more; None where it does not apply."""

    name: str
    flat: str | None
    deep: str | None
    helpers: str = ""
    main: bool = True       # among those of the full product


def writer(name: str, flat: str | None, deep: str | None = "", helpers: str = "") -> Writer:
    """The same statements for all shapes, unless others are given."""
    return Writer(name, flat, flat if deep == "" else deep, helpers)


DOUBLE = """
def double(z):
    z *= 2.0
"""

MIX = """
def mix(p, q, w):
    p[0] = q[1] * w
    q[1:] *= p[:-1]
"""

WRITERS = [
    writer("item", "$[0] = w"),
    writer("all", "$[:] = 2.0 * w"),
    writer("square", "$[...] = $ * $"),
    writer("iadd", "$ += w"),
    writer("imul_self", "$ *= $"),
    writer("difference", "$[1:] -= $[:-1]"),
    writer("interleave", "$[:-1:2] = $[1::2]"),
    writer("reverse", "$[::-1] = $ * w"),
    writer("mask", "$[$ > 0.5] = w"),
    writer("mask_double", "$[$ > 0.5] *= 2.0"),
    writer("pick", "$[[0, 2]] = v[:2]", "$[[0, 2]] = v[:2, None]"),
    writer("repeats", "$[[0, 0, 1]] += v", "$[[0, 0, 1]] += v[:, None]"),
    writer("out", "np.add($, w, out=$)"),
    writer("out_third", "np.multiply($, $, $)"),
    writer("at", "np.add.at($, [0, 0, 1], v)", "np.add.at($, [0, 0, 1], v[:, None])"),
    writer("copyto", "np.copyto($, $[::-1] * w)"),
    writer("fill", "$.fill(w)"),
    writer("put", "np.put($, [0, 1], v[:2])"),
    writer("putmask", "np.putmask($, $ > 0.5, v)"),
    writer("place", "np.place($, $ > 0.5, v)"),
    writer("sort", "$.sort()"),
    writer("flat", "$.flat[1] = w"),
    writer("fill_diagonal", None, "np.fill_diagonal($, w)"),
    writer("transposed", "$.T[...] = $[::-1].T * w"),
    writer("double", "double($)", helpers=DOUBLE),
    writer("running", "for i in range(1, len($)):\n    $[i] = $[i] * $[i - 1]"),
    writer("never", "for i in range(len(v) - 3):\n    $[i] = w"),
    writer("rows", None, "for row in $:\n    row *= 2.0"),
    writer("arm", "if v[0] > 0:\n    $[0] = w\nelse:\n    $[1] = w * w"),
    writer("swap", "u = $ * w\ns = $\nfor i in range(3):\n    s[0] = s[1] * u[0]\n    s, u = u, s"),
    writer("captured", "def store(k):\n    $[k] = $[k + 1] * w\nstore(0)\nstore(1)"),
    writer("own_view", "u = $[::-1]\n$[:] = u * w"),
]

WRITERS += [one._replace(main=False) for one in [
    writer("cell", None, "$[0, 1] = w"),
    writer("column", None, "$[:, 1] = $[:, 0] * w"),
    writer("chain", None, "$[0][1] = w"),
    writer("shift", "$[1:] = $[:-1]"),
    writer("shift_back", "$[:-1] = $[1:] * w"),
    writer("reverse_plain", "$[::-1] = $"),
    writer("idiv", "$ /= 2.0 + w"),
    writer("ipow", "$ **= 2"),
    writer("isub_view", "$ -= $[::-1]"),
    writer("view_tail", "u = $[1:]\n$[:-1] = u\nu *= w"),
    writer("exchange", "$[0], $[1] = $[1], $[0]"),
    writer("exchange_fancy", "$[[0, 1]] = $[[1, 0]]"),
    writer("two_targets", "$[0] = $[1] = w"),
    writer("cumsum_out", "np.cumsum($, out=$)", "np.cumsum($, axis=0, out=$)"),
    writer("where_out", "np.multiply($, w, out=$, where=$ > 0.5)"),
    writer("sin_out", "np.sin($[1:], out=$[:-1])"),
    writer("multiply_at", "np.multiply.at($, [0, 0], w)"),
    writer("stencil", "for i in range(1, len($) - 1):\n    $[i] = 0.5 * ($[i - 1] + $[i + 1])"),
    writer("while", "i = 0\nwhile i < len($) - 1:\n    $[i] = $[i] * $[i + 1]\n    i += 1"),
    writer("from_list", "$[:2] = [w, w * w]", "$[:2] = [[w], [w * w]]"),
    writer("views_in_loop", "for i in range(2):\n    u = $[i:]\n    u *= w"),
    writer("arm_not_taken", "if v[0] > 100.0:\n    $ *= w"),
    writer("arm_in_loop", "for i in range(3):\n    if v[i] > 0.5:\n        $[i % 2] *= v[i]"),
    writer("break", "for i in range(len($)):\n    if i > v[0] * 3.0:\n        break\n    $[i] = $[i] * w"),
    writer("early_return", "def store(z):\n    if v[0] > 0:\n        z[0] = w\n        return z\n"
           "    return z * 2.0\nu = store($)\nu[1] = u[0] * w"),
    writer("mix", "mix($, $, w)", helpers=MIX),
    writer("mix_overlap", "mix($[1:], $[:-1], w)", helpers=MIX),
    writer("setitem", "$.__setitem__(0, w)"),
    writer("iota", "$[np.arange(2)] *= v[:2]", "$[np.arange(2)] *= v[:2, None]"),
    writer("partition", "$.partition(1)"),
    writer("put_method", "$.put([0, 1], v[:2])"),
    writer("put_along", "np.put_along_axis($, np.array([1, 0]), v[:2], 0)",
           "np.put_along_axis($, np.array([[1], [0]]), v[:2, None], 0)"),
    writer("shuffle", "np.random.default_rng(3).shuffle($)"),
    writer("clip_out", "$.clip(0.2, 0.9, out=$)"),
    writer("take_out", "np.take($, [2, 0], axis=0, out=$[:2])"),
    writer("negative_out", "np.negative($, out=$)"),
    writer("nan_to_num", "np.nan_to_num($ / 2.0, copy=False)\nnp.nan_to_num($, copy=False)"),
    writer("class_fill", "np.ndarray.fill($, w)"),
    writer("class_sort", "np.ndarray.sort($)"),
    writer("op_setitem", "operator.setitem($, 0, w)"),
    writer("op_imul", "operator.imul($, w)"),
    writer("dunder_imul", "$.__imul__(w)"),
    writer("real_part", "$.real[...] = $[::-1] * w"),
    writer("mapped", None, "list(map(double, $))", helpers=DOUBLE),
    writer("listed", None, "[double(z) for z in $]", helpers=DOUBLE),
    writer("recursive", "fade($, 2)", helpers="""
def fade(z, n):
    if n > 0:
        z[0] *= z[1]
        fade(z[1:], n - 1)
"""),
    writer("nothing", "$ * 2.0"),
]]
