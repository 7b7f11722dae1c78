"""What can stand in the world, what is computed of it, what may come in its place, and how it changes where it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """`uses` compute with it (`{e}` reads it), `others` come in its place, `changes` alter it (`{o}` gets at it)."""

    old: str
    uses: tuple[str, ...]
    others: tuple[str, ...]
    changes: tuple[str, ...] = ()
    before: str = ""


NUMBERS = ("3.0", "2", "True", "np.float64(3.0)", "np.float32(3.0)", "None", "'2'", "Fl(3.0)", "-0.0", "np.int64(3)",
           "np.array([2.0, 3.0])", "np.array(3.0)", "np.array([3.0])", "1e300", "complex(1.0, 1.0)", "Whole(3)")
SUBCLASSES = """class Fl(float):
    def __mul__(self, other):
        return float(self) * other * 100.0
    __rmul__ = __mul__
class Whole(int):
    def __pow__(self, other):
        return 1.0
    __rpow__ = __pow__
class St(str):
    def __eq__(self, other):
        return True
    __hash__ = str.__hash__
class Arr(np.ndarray):
    def __mul__(self, other):
        return np.asarray(self) * 5.0 * other
    __rmul__ = __mul__
"""

THINGS: dict[str, Thing] = {
    "float": Thing("2.0", ("x * {e}", "{e} * x + x ** {e}", "(x if {e} > 2.5 else x * x)", "np.sin({e} * x)"), NUMBERS),
    "int": Thing("2", ("x ** {e}", "sum(x * i for i in range(({e} + 1) % 99))", "x * {e}", "(x, x * x, x * x * x)[{e} % 3]"),
                 ("3", "0", "2.0", "True", "-1", "np.int64(3)", "np.int32(2)", "Whole(3)", "None")),
    "bool": Thing("True", ("(x if {e} else x * x)", "x * {e}", "(x * x if not {e} else x * 3.0)",
                           "(x if {e} is True else x * x)"), ("False", "1", "0.0", "None", "np.bool_(False)", "[]")),
    "none": Thing("None", ("(x if {e} is None else x * {e})", "(x * x if {e} else x * 5.0)"), ("3.0", "0.0", "2", "[]")),
    "str": Thing("'a'", ("(x if {e} == 'a' else x * x)", "{{'a': x, 'b': x * x}}[{e}]", "x * len({e})",
                         "getattr(np, 'sin' if {e} == 'a' else 'cos')(x)"),
                 ("'b'", "'abc'", "St('b')", "b'a'", "None", "''")),
    "array": Thing("np.array([2.0, 3.0])", (
        "np.sum(x * {e})", "np.sum({e} * x) * {e}[0]", "x * len({e})", "x * {e}.ndim", "x * np.mean({e})",
        "np.sum(x * {e}[:1])", "np.sum({e}.T @ {e}) * x", "x * float({e}.dtype == np.float64)",
        "sum(x * a for a in {e})"),
        ("np.array([5.0, 7.0])", "np.array([2.0])", "np.array([[2.0], [3.0]])", "np.array([2, 3])",
         "np.array([2.0, 3.0], np.float32)", "np.array([2.0, 3.0]).view(Arr)", "3.0", "[2.0, 3.0]", "np.array([])",
         "np.array([True, False])", "np.array([1.0, 2.0, 3.0, 4.0])[::2]"),
        ("{o}[0] = 9.0", "{o}.shape = (2, 1)", "{o}.shape = (1, 2)", "{o}.resize((1,), refcheck=False)",
         "{o}.resize((3,), refcheck=False)", "{o}.dtype = np.int64", "{o}.strides = (0,)", "{o}.setflags(write=False)",
         "{o}.fill(1.0)", "{o}.sort()\n{o}[:] = {o}[::-1]", "{o}.byteswap(inplace=True)")),
    "matrix": Thing("np.array([[2.0, 3.0], [4.0, 5.0]])", (
        "np.sum(x * {e})", "x * {e}[0, 1]", "np.sum({e} @ np.array([1.0, 2.0])) * x", "np.sum(x * {e}.ravel())",
        "x * {e}.shape[0]", "np.trace({e}) * x"),
        ("np.eye(2)", "np.ones((1, 2))", "np.ones((3, 2))", "np.ones((2, 2)).T", "np.ones(2)"),
        ("{o}[0, 1] = 9.0", "{o}.shape = (4,)", "{o}.shape = (1, 4)", "{o}.shape = (4, 1)", "{o}.shape = (2, 1, 2)",
         "{o}.strides = (8, 16)", "{o}.resize((1, 2), refcheck=False)", "{o} += 1.0")),
    "written": Thing("np.array([2.0, 3.0])", ("put({e}, x)",), ("np.array([5.0, 7.0])", "np.ones((2, 1))"),
                     ("{o}.setflags(write=False)", "{o}.shape = (2, 1)"),
                     "def put(a, x):\n    b = a.copy()\n    b[0] = 0.5\n    return np.sum(b * x)\n"),
    "function": Thing("first", ("{e}(x)", "{e}(x) * {e}(2.0 * x)", "sum(map({e}, [x, x * x]))"),
                      ("second", "np.tanh", "np.sin", "math.sin", "Act()", "functools.partial(third, k=5.0)", "abs",
                       "(lambda y: y * 7.0)", "Act().act", "float", "np.negative",
                       "grad(second)", "third"),
                      ("{o}.__code__ = second.__code__", "{o}.__defaults__ = (3.0,)\n{o}.__code__ = third.__code__",
                       "{o}.__code__ = other.__code__\n{o}.__kwdefaults__ = {{'k': 4.0}}",
                       "{o}.__wrapped__ = second", "{o}.__signature__ = None"),
                      "def first(y):\n    return y * y\ndef second(y):\n    return y * 11.0\ndef third(y, k=2.0):\n"
                      "    return y * k\ndef other(y, *, k=2.0):\n    return y * k\nclass Act:\n    def __call__(self, y):\n"
                      "        return y * 13.0\n    def act(self, y):\n        return y * 17.0\n"),
    "function with defaults": Thing("third", ("{e}(x)",), ("fourth",), (
        "{o}.__defaults__ = (5.0,)", "{o}.__defaults__ = None\n{o}.__code__ = second.__code__",
        "{o}.__kwdefaults__ = {{'j': 5.0}}", "{o}.__kwdefaults__['j'] = 7.0", "{o}.__defaults__ = (np.float64(4.0),)",
        "{o}.__kwdefaults__ = {{'j': 5}}", "{o}.__defaults__ = (5,)"),
        "def third(y, k=2.0, *, j=1.0):\n    return y ** k * j\ndef fourth(y, k=3.0, *, j=1.0):\n    return y * k * j\n"
        "def second(y):\n    return y * 11.0\n"),
    "list": Thing("[2.0, 3.0]", (
        "sum(a * x for a in {e})", "x * {e}[0]", "x * {e}[-1]", "x * len({e})", "(x if {e} else x * x)",
        "(x if 3.0 in {e} else x * x)", "np.sum(np.array({e}) * x)", "max({e}) * x", "x * sorted({e})[0]",
        "(x if {e} == [2.0, 3.0] else x * x)"),
        ("[5.0]", "[2.0, 3.0, 4.0]", "[]", "(2.0, 4.0)", "[2, 3]", "np.array([2.0, 3.0])", "[3.0, 2.0]",
         "collections.deque([2.0, 5.0])", "Li([2.0, 3.0])"),
        ("{o}.append(5.0)", "{o}.pop()", "{o}.clear()", "{o}.reverse()", "{o}[0] = 7.0", "{o}[0] = 7", "{o}[:] = [9.0]",
         "{o}.insert(0, 8.0)", "del {o}[0]", "{o}.extend([1.0, 2.0])", "{o}[1] = np.array([1.0, 2.0])", "{o} += [1.0]"),
        "class Li(list):\n    def __len__(self):\n        return 7\n    def __getitem__(self, at):\n        return 6.0\n"),
    "list of lists": Thing("[[2.0], [3.0]]", (
        "sum(a[0] * x for a in {e})", "sum(len(a) * x for a in {e})", "x * sum(sum(a) for a in {e})"),
        ("[[5.0, 6.0], [7.0]]",), ("{o}[0].append(4.0)", "{o}[1] = {o}[0]", "{o}[0] = [9.0]", "{o}.append([1.0])",
                                   "{o}[0][0] = 8.0", "{o}[0] = (8.0, 9.0)")),
    "list of functions": Thing("[first, second]", ("sum(h(x) for h in {e})", "{e}[0](x)", "{e}[-1]({e}[0](x))"),
                               ("[second]", "[np.sin, np.cos]"),
                               ("{o}.append(first)", "{o}.reverse()", "{o}[0] = np.tanh", "first.__code__ = second.__code__",
                                "{o}.pop()"),
                               "def first(y):\n    return y * y\ndef second(y):\n    return y * 11.0\n"),
    "dict": Thing("{{'a': 2.0, 'b': 3.0}}", (
        "sum({e}.values()) * x", "x * {e}['a']", "x * {e}.get('c', 0.5)", "x * len({e})",
        "x * list({e}.values())[0]", "(x if 'c' in {e} else x * x)", "sum(x * len(k) for k in {e})",
        "sum(x ** i * w for i, w in enumerate({e}.values()))", "sum(x * w if k == 'a' else x for k, w in {e}.items())"),
        ("{{'a': 5.0}}", "{{'b': 3.0, 'a': 2.0}}", "{{}}", "collections.OrderedDict(a=7.0)",
         "collections.Counter(a=3, c=2)"),
        ("{o}['a'] = 7.0", "{o}['c'] = 5.0", "del {o}['a']\n{o}['a'] = 2.0", "{o}.pop('b')", "{o}.clear()",
         "{o}['a'] = 7", "{o}['a'] = np.array([1.0, 2.0])", "{o}.update(ccc=1.0)", "{o}['b'] = True")),
    "object": Thing("Ob(2.0)", (
        "{e}.w * x", "{e}.act(x)", "(x if {e} else x * x)", "{e} * x", "x * len({e}.v)", "{e}.twice * x",
        "(x if isinstance({e}, Ob) else x * x)", "(x if type({e}) is Ob else x * x)", "(x if callable({e}) else x * x)",
        "(x if hasattr({e}, 'extra') else x * x)", "{e}.scale * x", "(x if {e} == 2.0 else x * x)",
        "(x if 2.0 in {e}.v else x * x)", "x * sum(vars({e})['v'])", "{e}(x)", "x * len(vars({e}))",
        "sum(a * x for a in {e}.v)"),
        ("Ob(5.0)", "Sub(2.0)", "types.SimpleNamespace(w=3.0, v=[1.0])"),
        ("{o}.w = 7.0", "{o}.w = 7", "{o}.__class__ = Sub", "{o}.v.append(1.0)", "{o}.v = [9.0]", "{o}.extra = 1.0",
         "Ob.act = lambda self, y: y * 19.0", "Ob.scale = 3.0", "{o}.scale = 4.0", "{o}.act = lambda y: y * 23.0",
         "Ob.twice = property(lambda self: 29.0)", "Ob.__bool__ = lambda self: False", "Ob.__len__ = lambda self: 0",
         "Ob.__mul__ = lambda self, y: y * 31.0", "Ob.__call__ = lambda self, y: y * 37.0",
         "Ob.__eq__ = lambda self, y: True", "Ob.extra = 1.0", "del {o}.w\nOb.w = 41.0",
         "Ob.__getattribute__ = lambda self, name: 43.0", "Ob.__bases__ = (Base,)",
         "Ob.__getattr__ = lambda self, name: 1.0", "Base.act = lambda self, y: y * 47.0", "Base.scale = 53.0",
         "{o}.__dict__['w'] = 59.0", "{o}.__dict__.update(w=61.0)", "Ob.w = property(lambda self: 67.0)",
         "del Ob.twice\nBase.twice = 71.0\nOb.__bases__ = (Base,)", "Ob.__rmul__ = lambda self, y: y * 73.0",
         "Ob.__instancecheck__ = None", "Ob.act.__code__ = Base.act.__code__",
         "Ob.twice.fget.__code__ = (lambda self: 79.0).__code__", "Ob.act = staticmethod(lambda y: y * 83.0)",
         "Ob.act = classmethod(lambda cls, y: y * cls.scale)"),
        "class Root:\n    pass\nclass Base(Root):\n    scale = 6.0\n    def act(self, y):\n        return y * 97.0\n"
        "    def __call__(self, y):\n        return y * 5.0\n"
        "class Ob(Root):\n    scale = 2.0\n    def __init__(self, w):\n        self.w = w\n        self.v = [w, 0.5]\n"
        "    def act(self, y):\n        return self.w * y\n    @property\n    def twice(self):\n        return 2.0 * self.w\n"
        "    def __mul__(self, y):\n        return self.w * y\n"
        "class Sub(Ob):\n    def act(self, y):\n        return self.w * y * y\n    def __bool__(self):\n        return False\n"
        "    def __call__(self, y):\n        return 3.0 * y\n"),
    "class": Thing("Ob", ("{e}(x).act()", "{e}.scale * x", "{e}(2.0).w * x", "(x if issubclass({e}, Ob) else x * x)",
                          "{e}.make(x).w", "(x if isinstance(2.0, {e}) else x * x)", "({e}(x) + {e}(1.0)).w",
                          "(x if {e}(1.0) else x * x)", "({e}(x) @ 2.0)", "{e}(x).z"),
                   ("Sub", "float", "Odd"),
                   ("{o}.act = lambda self: self.w * 19.0", "{o}.scale = 3.0", "Base.scale = 5.0\ndel {o}.scale",
                    "{o}.__init__ = Odd.__init__", "{o}.__bases__ = (Other,)", "{o}.make = staticmethod(Sub)",
                    "{o}.__add__ = lambda self, other: self", "{o}.__new__ = lambda cls, *a: Sub(5.0)",
                    "{o}.__setattr__ = lambda self, n, v: object.__setattr__(self, n, v * 2.0)",
                    "{o}.__getattribute__ = lambda self, n: 7.0", "{o}.w = property(lambda self: 3.0, lambda self, v: None)",
                    "{o}.__bool__ = lambda self: False", "{o}.__len__ = lambda self: 0",
                    "{o}.__matmul__ = lambda self, other: self.w * 9.0", "{o}.__getattr__ = lambda self, n: 11.0",
                    "{o}.z = 13.0", "Base.z = 17.0", "{o}.__init__.__code__ = Odd.__init__.__code__",
                    "{o}.__init__.__defaults__ = (1.0,)"),
                   "class Base:\n    z = 1.0\n    def helper(self):\n        return self.w\nclass Other(Base):\n"
                   "    def helper(self):\n        return self.w * 3.0\nclass Ob(Base):\n    scale = 2.0\n"
                   "    def __init__(self, w):\n        self.w = w\n    def act(self):\n        return self.helper() * 2.0\n"
                   "    @classmethod\n    def make(cls, w):\n        return cls(w)\n    def __add__(self, other):\n"
                   "        return Ob(self.w * other.w)\n"
                   "class Sub(Ob):\n    scale = 7.0\n    def __init__(self, w):\n        self.w = w * w\nclass Odd:\n"
                   "    scale = 8.0\n    def __init__(self, w):\n        self.w = w * 5.0\n    def act(self):\n"
                   "        return self.w * 3.0\n"),
    "slice": Thing("slice(0, 1)", ("sum([x, 2.0 * x, 3.0 * x][{e}])", "np.sum(np.array([1.0, 2.0, 3.0])[{e}]) * x"),
                   ("slice(1, 3)", "slice(None)", "slice(0, 3, 2)", "0")),
    "range": Thing("range(3)", ("sum(x * i for i in {e})", "x * len({e})", "x * (1 in {e})"),
                   ("range(5)", "range(0)", "range(3, 0, -1)", "[1, 2]")),
    "tuple": Thing("(2.0, 3.0)", ("sum(a * x for a in {e})", "x * {e}[0]", "x * len({e})", "(x if {e} == (2.0, 3.0) else x * x)"),
                   ("(5.0,)", "(2, 3)", "()", "(3.0, 2.0)", "[2.0, 3.0]", "collections.namedtuple('T', 'a b')(1.0, 4.0)")),
    "dtype": Thing("np.float64", ("np.sum(np.array([1.0, 2.0], {e}) * x)", "x * np.dtype({e}).itemsize",
                                  "np.sum(np.zeros(2, dtype={e}) + x)", "{e}(2.0) * x"),
                   ("np.float32", "np.int64", "np.dtype('float32')", "'float32'", "float", "np.int32")),
    "enum": Thing("E.A", ("(x if {e} is E.A else x * x)", "x * {e}.value", "(x if {e} == E.A else x * x)",
                          "x * len({e}.name)", "{{E.A: x, E.B: x * x}}[{e}]", "sum(x * m.value for m in E)", "x * len(E)"),
                  ("E.B", "None"), ("E.A._value_ = 9.0", "E._member_map_.pop('B')\nE._member_names_.remove('B')",
                                    "class E(enum.Enum):\n    A = 5.0\n    B = 6.0\n    CC = 7.0", "E.A._name_ = 'Z'",
                                    "E.__bool__ = lambda self: False"),
                  "class E(enum.Enum):\n    A = 2.0\n    B = 3.0\n"),
    "set": Thing("{{2.0, 3.0}}", ("x * len({e})", "(x if 2.0 in {e} else x * x)", "x * sum({e})", "x * max({e})"),
                 ("{{5.0}}", "set()", "frozenset([2.0])"), ("{o}.add(5.0)", "{o}.clear()", "{o}.discard(2.0)")),
    "module": Thing("math", ("{e}.sin(x) if isinstance(x, float) else x", "{e}.pi * x"), ("np", ("types.SimpleNamespace("
                                                                                       "pi=3.0, sin=lambda y: y)")),
                    ("{o}.pi = 3.0",)),
    "ufunc": Thing("np.tanh", ("{e}(x)", "np.sum({e}(x) * 2.0)"), ("np.sin", "np.square", "(lambda y: y * 3.0)", "math.sin")),
    "callable": Thing("Act(2.0)", ("{e}(x)", "sum(map({e}, [x, x * x]))"), ("Act(5.0)", "np.sin"),
                      ("{o}.k = 7.0", "Act.__call__ = lambda self, y: y * 11.0", "{o}.k = 7", "{o}.__class__ = Act2",
                       "Act.__call__.__code__ = Act2.__call__.__code__"),
                      "class Act:\n    def __init__(self, k):\n        self.k = k\n    def __call__(self, y):\n"
                      "        return y * self.k\nclass Act2(Act):\n    def __call__(self, y):\n        return y ** 2 * self.k\n"),
    "bound method": Thing("Act(2.0).go", ("{e}(x)",), ("Act(5.0).go",), (
        "{o}.__self__.k = 7.0", "Act.go = lambda self, y: y * 5.0", "{o}.__self__.k = 3",
        "{o}.__func__.__code__ = (lambda self, y: y * 29.0).__code__", "{o}.__self__.__class__ = Act2"),
        "class Act:\n    def __init__(self, k):\n        self.k = k\n    def go(self, y):\n        return y * self.k * self.more()\n"
        "    def more(self):\n        return 1.0\nclass Act2(Act):\n    def more(self):\n        return 2.0\n"),
    "partial": Thing("functools.partial(third, k=3.0)", ("{e}(x)",), (
        "functools.partial(third, k=5.0)", "functools.partial(third)", "third"), (
            "{o}.keywords['k'] = 7.0", "{o}.keywords['j'] = 2.0", "{o}.keywords.clear()", "{o}.keywords['k'] = 2",
            "{o}.__setstate__((third, (4.0,), {{}}, {{}}))", "third.__code__ = fourth.__code__",
            "third.__defaults__ = (2.0, 9.0)", "{o}.__setstate__((fourth, (), {{}}, {{}}))"),
        "def third(y, k=2.0, j=1.0):\n    return y * k * j\ndef fourth(y, k=2.0, j=1.0):\n    return y ** 2 * k * j\n"),
    "derivative": Thing("grad(first)", ("{e}(x)",), ("grad(second)", "vmap(second)"),
                        ("first.__code__ = second.__code__", "W = 5.0", "W = 2"),
                        "W = 3.0\ndef first(y):\n    return y * y * W\ndef second(y):\n    return y ** 3 * W\n"),
}
