"""Through which name or view: how `$`, the target, is got from `@`, the base."""

from __future__ import annotations

from typing import NamedTuple


class Path(NamedTuple):
    """An expression for the target, or statements that name it `t`.

    Where `body` has a line `>>>`, the writer stands there, indented as that line is.
    """

    name: str
    target: str = "t"           # what the writer writes through
    setup: str = ""             # statements before it
    body: str = ">>>"           # statements around it
    axes: int | None = 0        # how many more axes the target has than the base; None: it has one
    ndims: tuple[int, ...] = (1, 2)
    helpers: str = ""
    aliases: bool = True        # whether a write through the target is seen through the base
    main: bool = True           # among those of the full product

    @property
    def around(self) -> bool:
        """Whether the writer stands inside of it: then there is no target to read afterwards."""
        return self.body != ">>>"

    def target_ndim(self, ndim: int) -> int:
        return 1 if self.axes is None else ndim + self.axes


RECORD = """
class Record:
    def __init__(self, field):
        self.field = field
"""

DATA = """
import dataclasses

@dataclasses.dataclass
class Data:
    field: np.ndarray
    number: float
"""

NAMED = """
import collections

Named = collections.namedtuple("Named", ["field", "number"])
"""

LENT = """
@contextlib.contextmanager
def lent(z):
    z[0] *= 2.0
    try:
        yield z
    finally:
        z[-1] += 1.0
"""

IDENTITY = """
def identity(z):
    return z
"""

PATHS = [
    Path("itself", "@"),
    Path("name", "t", "t = @"),
    Path("tail", "@[1:]"),
    Path("even", "@[::2]"),
    Path("reversed", "@[::-1]"),
    Path("row", "@[0]", axes=-1, ndims=(2,)),
    Path("column", "@[:, 1]", axes=-1, ndims=(2,)),
    Path("view_of_view", "@[1:][::2]"),
    Path("reshape_flat", "@.reshape(-1)", axes=None),
    Path("ravel", "@.ravel()", axes=None),
    Path("T", "@.T"),
    Path("halves", "@.reshape(2, -1)", axes=1, ndims=(1,)),
    Path("halves_2d", "@.reshape(2, -1)", ndims=(2,)),
    Path("newaxis", "@[None]", axes=1),
    Path("transpose", "np.transpose(@)", ndims=(2,)),
    Path("swapaxes", "@.swapaxes(0, 1)", ndims=(2,)),
    Path("squeeze", "np.squeeze(@)"),
    Path("atleast_2d", "np.atleast_2d(@)", axes=1, ndims=(1,)),
    Path("view", "@.view()"),
    Path("asarray", "np.asarray(@)"),
    Path("list_item", "[@, v][0]"),
    Path("dict_item", "d['k']", "d = {'k': @, 'v': v}"),
    Path("record", "s.field", "s = Record(@)", helpers=RECORD),
    Path("dataclass", "s.field", "s = Data(@, 2.0)", helpers=DATA),
    Path("namedtuple", "s.field", "s = Named(@, 2.0)", helpers=NAMED),
    Path("unpacked", "t", "t, n = @, 2.0"),
    Path("identity", "identity(@)", helpers=IDENTITY),
    Path("conditional", "t", "b = np.cos(@)\nt = @ if w > 0 else b"),
    Path("if_else", "t", "b = np.cos(@)\nif v[0] > 0:\n    t = @\nelse:\n    t = b"),
    Path("tail_if", "t", "if v[0] > 0:\n    t = @[1:]\nelse:\n    t = @[:-1]"),
    Path("closure", "@", body="def inside():\n    >>>\ninside()"),
    Path("helper", "z", body="def written(z, v, w):\n    >>>\nwritten(@, v, w)"),
    Path("helper_view", "z", body="def written(z, v, w):\n    >>>\nwritten(@[1:], v, w)"),
    Path("twice", "p", body="def both(p, q, v, w):\n    >>>\n    q[0] *= p[1]\nboth(@, @, v, w)"),
    Path("args", "args[0]", body="def spread(*args):\n    >>>\nspread(@, v)"),
    Path("loop_rows", "t", body="for t in @:\n    >>>", axes=-1, ndims=(2,)),
    Path("copy", "@.copy()", aliases=False),
    Path("fancy", "@[[0, 1, 2]]", aliases=False),
    Path("plus_zero", "@ + 0", aliases=False),
]

PATHS += [one._replace(main=False) for one in [
    Path("whole", "@[:]"),
    Path("dots", "@[...]"),
    Path("middle", "@[1:-1]"),
    Path("backwards_even", "@[::-2]"),
    Path("negative", "@[-3:]"),
    Path("column_slice", "@[:, 1:]", ndims=(2,)),
    Path("column_back", "@[:, ::-1]", ndims=(2,)),
    Path("row_tail", "@[1][::-1]", axes=-1, ndims=(2,)),
    Path("row_number", "@[k]", "k = len(v) - 2", axes=-1, ndims=(2,)),
    Path("tail_number", "@[k:]", "k = len(v) - 2"),
    Path("np_ravel", "np.ravel(@)", axes=None),
    Path("np_reshape", "np.reshape(@, -1)", axes=None),
    Path("flat_back", "@[::-1].reshape(-1)", axes=None),
    Path("T_flat", "@.T.reshape(-1)", axes=None, ndims=(2,), aliases=False),
    Path("T_T", "@.T[::-1].T"),
    Path("flat_halves", "@.reshape(-1)[1:]", axes=None),
    Path("expand_dims", "np.expand_dims(@, 1)", axes=1),
    Path("moveaxis", "np.moveaxis(@, 0, 1)", ndims=(2,)),
    Path("flip", "np.flip(@)"),
    Path("split", "np.split(@, 2)[1]"),
    Path("squeeze_new", "@[None].squeeze()"),
    Path("atleast_1d", "np.atleast_1d(@)"),
    Path("ascontiguous", "np.ascontiguousarray(@)"),
    Path("asarray_float", "np.asarray(@, dtype=float)"),
    Path("astype_no_copy", "@.astype(float, copy=False)"),
    Path("array_no_copy", "np.array(@, copy=False)"),
    Path("broadcast_to", "np.broadcast_to(@, (2, *@.shape))", axes=1, aliases=False),
    Path("diagonal", "np.diagonal(@)", axes=-1, ndims=(2,), aliases=False),
    Path("flatten", "@.flatten()", axes=None, aliases=False),
    Path("np_array", "np.array(@)", aliases=False),
    Path("masked", "@[@ > 0.1]", axes=None, aliases=False),
    Path("astype", "@.astype(float)", aliases=False),
    Path("take", "np.take(@, [0, 1, 2], axis=0)", aliases=False),
    Path("number", "t", "t = @[0]", axes=-1, ndims=(1,), aliases=False),
    Path("tuple_item", "(v, @)[1]"),
    Path("nested", "box[0]['k'][1]", "box = [{'k': (v, @)}]"),
    Path("appended", "box[-1]", "box = []\nbox.append(@)"),
    Path("row_star", "t", "t, *rest = @", axes=-1, ndims=(2,)),
    Path("row_list", "list(@)[1]", axes=-1, ndims=(2,)),
    Path("walrus", "t", "n = len(t := @)"),
    Path("two_names", "t", "s = t = @"),
    Path("lambda", "pick(@)", "pick = lambda z: z[1:]"),
    Path("default", "z", body="def written(z=@):\n    >>>\nwritten()"),
    Path("keyword", "z", body="def written(*, z, v, w):\n    >>>\nwritten(z=@, v=v, w=w)"),
    Path("kwargs", "more['z']", body="def written(**more):\n    >>>\nwritten(z=@, v=v)"),
    Path("starred", "z", body="def written(z, v):\n    >>>\nboth = (@, v)\nwritten(*both)"),
    Path("returned", "t", "def chosen(z):\n    if w > 0:\n        return z\n    return z * 2.0\nt = chosen(@)"),
    Path("twice_view", "p", body="def both(p, q, v, w):\n    >>>\n    q[1:] *= p[0]\nboth(@[1:], @, v, w)"),
    Path("twice_after", "p", body="def both(p, q, v, w):\n    q[0] *= p[1]\n    >>>\nboth(@, @[::-1], v, w)"),
    Path("enumerate_rows", "t", body="for k, t in enumerate(@):\n    >>>", axes=-1, ndims=(2,)),
    Path("zip_rows", "t", body="for t, s in zip(@, @[::-1]):\n    >>>\n    t += s[0]", axes=-1, ndims=(2,)),
    Path("loop_list", "t", body="for t in [@, v]:\n    >>>"),
    Path("loop_views", "t", body="for t in (@[1:], @[:-1]):\n    >>>"),
    Path("loop_number", "t", body="for k in range(2):\n    t = @[k:]\n    >>>"),
    Path("loop_either", "t", body="b = np.cos(@)\nfor k in range(3):\n    t = b if k == 1 else @\n    >>>"),
    Path("loop_kept", "t", body="t = @\nfor k in range(2):\n    >>>\n    t = t[::-1]"),
    Path("loop_dict", "t", body="for t in {'k': @}.values():\n    >>>"),
    Path("comprehended", "t", body="for t in [z[1:] for z in (@, v)]:\n    >>>"),
    Path("rebound_record", "s.field", "s = Record(v)\ns.field = @", helpers=RECORD),
    Path("method", "z", body="class Holder:\n    def written(self, z):\n        >>>\nHolder().written(@)"),
    Path("rebound_base", "t", "t = @[1:]\n@ = @ * w", aliases=False),
    Path("rebound_kept", "t", "t = @\nb = @\n@ = @[::-1].copy()", aliases=False),
    Path("rebound_view", "t", "t = @\n@ = @[1:]"),
    Path("rebound_name", "t", "t = @\nn = t\nt = n[1:]"),
    Path("argument_again", "x"),
    Path("real", "@.real"),
    Path("array_split", "np.array_split(@, 2)[0]"),
    Path("broadcast_arrays", "np.broadcast_arrays(@)[0]"),
    Path("windows", "np.lib.stride_tricks.sliding_window_view(@, 2, 0)", axes=1, aliases=False),
    Path("strided", "np.lib.stride_tricks.as_strided(@, (3,), @.strides[:1])", ndims=(1,)),
    Path("namespace", "types.SimpleNamespace(field=@).field"),
    Path("op_getitem", "operator.getitem(@, slice(1, None))"),
    Path("getitem", "@.__getitem__(slice(1, None))"),
    Path("getattr", "getattr(@, 'T')"),
    Path("partial", "functools.partial(operator.getitem, @)(slice(1, None))"),
    Path("next", "next(iter([@]))"),
    Path("list_times", "([@] * 2)[1]"),
    Path("list_plus", "([v] + [@])[1]"),
    Path("list_copy", "[@].copy()[0]"),
    Path("tuple_of_list", "tuple([@])[0]"),
    Path("dict_call", "dict(k=@)['k']"),
    Path("dict_get", "{'k': @}.get('k')"),
    Path("shallow", "copy.copy([@])[0]"),
    Path("deep", "copy.deepcopy([@])[0]", aliases=False),
    Path("sorted", "sorted([@, v], key=len)[-1]", ndims=(1,)),
    Path("max", "max([@, v], key=len)", ndims=(1,)),
    Path("reduce", "functools.reduce(lambda p, q: p, [@, v])"),
    Path("pop", "[v, @].pop()"),
    Path("map", "t", body="for t in map(lambda z: z[1:], [@]):\n    >>>"),
    Path("generator", "t", body="for t in (z[1:] for z in [@]):\n    >>>"),
    Path("try", "t", body="try:\n    t = @[1:]\n    >>>\nfinally:\n    t = @"),
    Path("with", "t", body="with np.errstate(over='raise'):\n    t = @[1:]\n    >>>"),
    Path("lambda_default", "t", "pick = lambda z=@: z\nt = pick()"),
    Path("with_loop", "t", body="with np.errstate(over='raise'):\n    for k in range(2):\n        t = @[k:]\n        >>>"),
    Path("try_prints", "t", body="n = len(v)\ntry:\n    t = @[1:]\n    >>>\nfinally:\n    str(n)"),
    Path("yields", "t", body="def parts(z):\n    yield z[1:]\n    z[0] *= w\n    yield z\nfor t in parts(@):\n    >>>"),
    Path("yields_rows", "t", body="def rows(z):\n    for row in z:\n        yield row\nfor t in rows(@):\n    >>>",
         axes=-1, ndims=(2,)),
    Path("yields_loop", "t", body="def parts(z):\n    for k in range(len(v) - 2):\n        yield z[k:]\n"
         "for t in parts(@):\n    >>>"),
    Path("yields_same", "t", body="def same(z):\n    for _ in v[:2]:\n        yield z\nfor k, t in enumerate(same(@)):\n"
         "    >>>"),
    Path("yield_from", "t", body="def both(z):\n    yield from (z[1:], z)\nfor t in both(@):\n    >>>\n    break"),
    Path("entered", "t", body="with lent(@) as t:\n    >>>", helpers=LENT),
    Path("nonlocal_loop", "t", body="t = v\ndef bind(z):\n    nonlocal t\n    t = z\nfor _ in range(2):\n    bind(@)\n"
         "    >>>", ndims=(1,)),
    Path("nonlocal_iadd", "t", body="t = @\ndef add():\n    nonlocal t\n    t += w\nfor _ in range(2):\n    add()\n"
         "    >>>"),
    Path("nonlocal", "t", body="t = v\ndef bind():\n    nonlocal t\n    t = @[1:]\nbind()\n>>>", ndims=(1,)),
]]
