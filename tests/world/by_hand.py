"""Changes of the world written by hand: what a Python programmer may do between two calls that no table draws."""

from tests.world.scenes import Scene

SCENES: dict[str, Scene] = {
    "a builtin again": Scene(
        "abs = lambda y: 3.0 * y\ndef u(x):\n    return abs(x * x - 2.0)\n", (
            "del abs", "abs = np.abs", "abs = None")),
    "builtin of a helper": Scene(
        "def h(y):\n    return max(y, 2.0)\ndef u(x):\n    return h(x) * x\n", (
            "max = min", "def max(a, b):\n    return a + b", "h.__globals__['max'] = lambda a, b: a * b",
            "__builtins__['max'] = min", "h.__builtins__['max'] = min")),
    "builtins with lists": Scene(
        "v = [1.0, 2.0]\ndef u(x):\n    return sum(a * b * x for a, b in zip(v, v))\n", (
            "zip = lambda a, b: [(3.0, 4.0)]", "v.append(3.0)", "sum = max", "sum = lambda g: list(g)[0]")),
    "copied object": Scene(
        "class C:\n    def __init__(self):\n        self.w = 2.0\no = C()\ndef u(x):\n    return copy.copy(o).w * x\n", (
            "C.__copy__ = lambda self: types.SimpleNamespace(w=9.0)", "o.w = 3.0",
            "C.__reduce_ex__ = lambda self, p: (types.SimpleNamespace, ())",
            "copyreg = importlib.import_module('copyreg')\ncopyreg.pickle(C, lambda o: (types.SimpleNamespace, (), {'w': 5.0}))")),
    "cached integer": Scene(
        "W = 2\n@functools.cache\ndef h(k):\n    return k * W\ndef u(x):\n    return x ** h(2)\n", (
            "W = 3", "W = 3\nh.cache_clear()", "h = lambda k: 5")),
    "dispatch on what is known": Scene(
        "@functools.singledispatch\ndef h(y):\n    return 2.0\n@h.register(str)\ndef hs(y):\n    return 5.0\nK = 'a'\ndef u(x):\n"
        "    return h(K) * x\n", (
            "K = 1", "h.register(str, lambda y: 11.0)", "hs.__code__ = (lambda y: 13.0).__code__", "K = [1]")),
    "dispatch on an abstract class": Scene(
        "class B(abc.ABC):\n    pass\nclass C:\n    pass\no = C()\n@functools.singledispatch\ndef h(y):\n    return 2.0\n"
        "h.register(B, lambda y: 5.0)\ndef u(x):\n    return h(o) * x\n", (
            "B.register(C)", "h.register(C, lambda y: 7.0)")),
    "property of an object": Scene(
        "class C:\n    w = 2.0\n    @property\n    def p(self):\n        return self.w\no = C()\ndef u(x):\n    return o.p * x\n", (
            "C.p = property(lambda self: 9.0)", "C.p = 5.0", "C.p = C.p.getter(lambda self: 7.0)", "C.w = 3.0", "o.w = 4.0",
            "del C.p\no.p = 8.0", "o.__dict__['p'] = 10.0", "class D(C):\n    p = 6.0\no.__class__ = D",
            "C.p.fget.__defaults__ = ()", "C.p = functools.cached_property(lambda self: 12.0)\nC.p.__set_name__(C, 'p')")),
    "module's getattr and what it reads": Scene(
        "hid = {'a': 2.0}\nm = sys.modules['drawn_world'] = types.ModuleType('drawn_world')\n"
        "exec(compile('W = 2.0\\ndef h(y):\\n    return y * y * W\\n', 'drawn_world.py', 'exec'), m.__dict__)\ndef ga(n):\n"
        "    return hid[n]\nm.__getattr__ = ga\ndef u(x):\n    return m.a * x\n", (
            "hid['a'] = 3.0", "hid['a'] = 3", "hid = {'a': 4.0}", "ga.__code__ = (lambda n: 6.0).__code__",
            "hid['a'] = np.array([1.0])[0]")),
    "slots with a function": Scene(
        "class C:\n    __slots__ = ('w', 'h')\no = C()\no.w = 2.0\no.h = np.sin\ndef u(x):\n    return o.h(x) * o.w\n", (
            "o.w = 3.0", "o.w = 3", "o.h = np.cos", "del o.w", "C.w = 5.0", "C.h = staticmethod(lambda y: y)",
            "o = C()\no.w = 4.0\no.h = lambda y: y * y")),
    "dataclass made inside": Scene(
        "@dataclasses.dataclass\nclass C:\n    a: float = 2.0\n    b: float = 3.0\ndef u(x):\n    c = C(x)\n    return c.a * c.b\n", (
            "C.b = 5.0", "C.__init__.__defaults__ = (1.0, 7.0)", "C.__init__.__kwdefaults__ = None",
            "C.__post_init__ = lambda s: setattr(s, 'a', s.a * s.a)", "C.__dataclass_fields__['b'].default = 9.0",
            "C = dataclasses.make_dataclass('C', [('a', float), ('b', float, 11.0)])",
            "@dataclasses.dataclass\nclass C:\n    b: float = 2.0\n    a: float = 3.0")),
    "dataclass with a factory": Scene(
        "fac = lambda: 3.0\n@dataclasses.dataclass\nclass C:\n    a: float = 2.0\n"
        "    b: list = dataclasses.field(default_factory=lambda: [fac()])\ndef u(x):\n    c = C(x)\n"
        "    return c.a * c.b[0] * len(c.b)\n", (
            "fac = lambda: 5.0", "C.__dataclass_fields__['b'].default_factory = lambda: [9.0, 1.0]",
            "C.__init__.__globals__['fac'] = lambda: 8.0")),
    "fields gone through": Scene(
        "@dataclasses.dataclass\nclass C:\n    a: float = 2.0\n    b: float = 3.0\no = C()\ndef u(x):\n    s = 0.0\n"
        "    for f in dataclasses.fields(o):\n        s = s + getattr(o, f.name) * x\n    return s\n", (
            "o.b = 5.0", "o.a = 5", "C.__dataclass_fields__.pop('b')", "C.__dataclass_fields__['b'].name = 'a'",
            "o = dataclasses.make_dataclass('D', [('q', float, 7.0)])()")),
    "dataclass as a dict": Scene(
        "@dataclasses.dataclass\nclass C:\n    a: float = 2.0\n    b: float = 3.0\no = C()\ndef u(x):\n"
        "    return sum(dataclasses.asdict(o).values()) * x\n", (
            "o.b = 5.0", "o.a = [5.0]", "C.__dataclass_fields__.pop('b')", "o.c = 7.0")),
    "dataclasses compared": Scene(
        "@dataclasses.dataclass\nclass C:\n    a: float = 2.0\no, p = C(), C()\ndef u(x):\n    return x if o == p else x * x\n", (
            "o.a = 3.0", "C.__eq__ = lambda s, t: False", "o.b = 2.0", "p = None", "p.a = 2",
            "o.__class__ = dataclasses.make_dataclass('D', [('a', float)])")),
    "named tuple replaced": Scene(
        "class P(typing.NamedTuple):\n    a: float = 2.0\n    b: float = 3.0\np = P()\ndef u(x):\n    q = p._replace(a=x)\n"
        "    return q.a * q.b\n", (
            "p = p._replace(b=7.0)", "P._replace = lambda self, **k: P(1.0, 1.0)",
            "P._make = classmethod(lambda cls, it: P(5.0, 5.0))", "P.__new__.__defaults__ = (4.0, 4.0)", "p = p._replace(b=7)",
            "P.b = property(lambda s: 9.0)", "P.__new__ = lambda cls, *a: None")),
    "named tuple made inside": Scene(
        "class P(typing.NamedTuple):\n    a: float = 2.0\n    b: float = 3.0\ndef u(x):\n    q = P(x)\n"
        "    return q.a * q.b + q[1] * x + sum(q)\n", (
            "P.__new__.__defaults__ = (4.0, 4.0)", "P.__new__.__defaults__ = (4.0,)", "P.b = property(lambda s: 9.0)", "P.b = 9.0",
            "P.__getitem__ = lambda s, i: 5.0", "P.__iter__ = lambda s: iter([8.0])", "P.__new__ = lambda cls, *a: (3.0, 4.0)",
            "P._field_defaults['b'] = 9.0", "P = collections.namedtuple('P', 'b a', defaults=(6.0,))")),
    "keyword defaults": Scene(
        "def h(y, *, k=2.0, j=3.0):\n    return y * k * j\ndef u(x):\n    return h(x)\n", (
            "h.__kwdefaults__['k'] = 5.0", "h.__kwdefaults__ = {'k': 1.0, 'j': 2}", "h.__kwdefaults__['k'] = 5",
            "h.__kwdefaults__.pop('k')", "h.__kwdefaults__ = None", "h.__kwdefaults__['k'] = np.array([1.0, 2.0])[0]",
            "h.__kwdefaults__.update(k=True)")),
    "default that is a list": Scene(
        "def h(y, acc=[2.0]):\n    return y * acc[0] * len(acc)\ndef u(x):\n    return h(x)\n", (
            "h.__defaults__[0].append(5.0)", "h.__defaults__[0][0] = 5.0", "h.__defaults__ = ([7.0],)",
            "h.__defaults__ = ((7.0, 1.0),)")),
    "cell of a helper": Scene(
        "def make():\n    k = 2.0\n    def h(y):\n        return y * k\n    return h\nh = make()\ndef u(x):\n    return h(x)\n", (
            "h.__closure__[0].cell_contents = 5.0", "h.__closure__[0].cell_contents = 5", "del h.__closure__[0].cell_contents",
            "h.__closure__[0].cell_contents = None", "h = make()",
            "h = types.FunctionType(h.__code__, h.__globals__, closure=(types.CellType(9.0),))")),
    "class and instance": Scene(
        "class C:\n    w = 2.0\n    def g(self):\n        return 3.0\no = C()\ndef u(x):\n    return o.w * x * o.g()\n", (
            "o.w = 5.0", "o.g = lambda: 7.0", "o.__dict__.update(w=9.0)", "C.w = 11.0", "del C.w\no.w = 1.0", "C.__slots__ = ()",
            "C.g = property(lambda s: lambda: 6.0)", "setattr(C, 'w', property(lambda s: 4.0))",
            "C.w = types.MemberDescriptorType")),
    "metaclass and isinstance": Scene(
        "class M(type):\n    pass\nclass B(metaclass=M):\n    pass\no = B()\nq = 3.0\ndef first(x):\n"
        "    return x if isinstance(o, B) else x * x\ndef u(x):\n    return first(x) + (x if isinstance(q, B) else 2.0 * x)\n", (
            "M.__instancecheck__ = lambda c, o: True", "M.__instancecheck__ = lambda c, o: False",
            "B.__class__ = type('N', (type,), {'__instancecheck__': lambda c, o: True})", "o = 3", "q = B()")),
    "metaclass and issubclass": Scene(
        "class M(type):\n    pass\nclass B(metaclass=M):\n    pass\nclass D:\n    pass\ndef u(x):\n"
        "    return x if issubclass(D, B) else x * x\n", (
            "M.__subclasscheck__ = lambda c, o: True", "D.__bases__", "D = B", "class E2(B):\n    pass\nD = E2")),
    "iterable or not": Scene(
        "class D:\n    pass\no = D()\ndef u(x):\n    return x if isinstance(o, collections.abc.Iterable) else x * x\n", (
            "D.__iter__ = lambda s: iter([])", "o = [1.0]", "collections.abc.Iterable.register(D)")),
    "protocol": Scene(
        "@typing.runtime_checkable\nclass P(typing.Protocol):\n    def go(self): ...\nclass D:\n    pass\no = D()\ndef u(x):\n"
        "    return x if isinstance(o, P) else x * x\n", (
            "D.go = lambda s: 1", "o.go = lambda: 1")),
    "alias of an enum": Scene(
        "class E(enum.Enum):\n    A = 2.0\n    B = 2.0\n    C = 3.0\nk = E.A\ndef u(x):\n"
        "    return (x if k is E.B else x * x) * k.value\n", (
            "k = E.C", "k = E.B", "E._member_map_['B'] = E.C", "E.A._value_ = 5.0",
            "class E(enum.Enum):\n    A = 2.0\n    B = 4.0", "k = E['C']", "k = E(3.0)")),
    "enum by value": Scene(
        "class E(enum.IntEnum):\n    A = 2\n    B = 3\nk = 2\ndef u(x):\n    return x ** E(k) * E['A']\n", (
            "k = 3", "E._value2member_map_[2] = E.B", "E._member_map_['A'] = E.B", "k = 7",
            "E._missing_ = classmethod(lambda c, v: c.A)\nk = 9", "E.__pow__ = lambda s, o: 1.0", "E.__rpow__ = lambda s, o: 1.0",
            "E.__rmul__ = lambda s, o: o * 7.0")),
    "flags": Scene(
        "class E(enum.Flag):\n    A = 1\n    B = 2\nk = E.A | E.B\ndef u(x):\n    return x if E.A in k else x * x\n", (
            "k = E.B", "k = E(0)", "k &= ~E.A", "E.__contains__ = lambda s, o: False")),
    "decimal context": Scene(
        "K = decimal.Decimal('1')\ndef u(x):\n    return x * float(K / 3)\n", (
            "decimal.getcontext().prec = 3", "decimal.setcontext(decimal.Context(prec=2))", "K = decimal.Decimal('2')",
            "decimal.getcontext().rounding = decimal.ROUND_UP\ndecimal.getcontext().prec = 4")),
    "dict of its own": Scene(
        "class D(dict):\n    def __missing__(self, k):\n        return 5.0\nd = D(a=2.0)\ndef u(x):\n"
        "    return d['z'] * x + d['a'] * x\n", (
            "D.__missing__ = lambda s, k: 7.0", "d['z'] = 1.0", "del d['a']", "D.__getitem__ = lambda s, k: 9.0", "d = {'a': 1.0}",
            "d.__class__ = type('D2', (D,), {'__missing__': lambda s, k: 11.0})", "del D.__missing__")),
    "descriptor of a class": Scene(
        "class D:\n    def __get__(self, o, t=None):\n        return 2.0\nclass C:\n    w = D()\no = C()\ndef u(x):\n"
        "    return o.w * x\n", (
            "D.__get__ = lambda s, o, t=None: 3.0", "o.w = 5.0", "D.__set__ = lambda s, o, v: None\no.__dict__['w'] = 7.0",
            "o.__dict__['w'] = 9.0", "del D.__get__", "C.w = 11.0",
            "C.__dict__['w'].__class__ = type('E', (), {'__get__': lambda s, o, t=None: 13.0})")),
    "descriptor that stores": Scene(
        "class D:\n    def __init__(self, k):\n        self.k = k\n    def __get__(self, o, t=None):\n        return self.k * o.z\n"
        "    def __set__(self, o, v):\n        o.z = v * self.k\nclass C:\n    w = D(2.0)\n    z = 3.0\no = C()\ndef u(x):\n"
        "    o2 = C()\n    o2.w = x\n    return o.w * x + o2.w\n", (
            "o.w = 5.0", "C.__dict__['w'].k = 4.0", "C.__dict__['w'].k = 4", "o.z = 9.0", "D.__set__ = lambda s, o, v: None",
            "del D.__set__", "C.z = 6.0", "C.__dict__['w'].z = 1")),
    "number or truth value": Scene(
        "K = 1.0\ndef u(x):\n    return (x if K else x * x) + (x if K is True else 0.0) + [x, x * 3.0][int(K)]\n", (
            "K = True", "K = 1", "K = 0", "K = 0.0", "K = -0.0", "K = False", "K = np.bool_(False)", "K = np.float64(1.0)",
            "K = np.array(1.0)", "K = np.array([1.0])")),
    "zero and its sign": Scene(
        "K = 0.0\ndef u(x):\n    return math.copysign(x, K) + np.arctan2(K, -x) + x\n", (
            "K = -0.0", "K = 0", "K = np.float64(-0.0)", "K = False")),
    "zero in containers": Scene(
        "K = (0.0, 1.0)\nd = {0.0: 2.0, 1: 5.0}\ndef u(x):\n    return math.copysign(x, K[0]) * d[K[1]]\n", (
            "K = (-0.0, 1.0)", "K = (0.0, True)", "K = (0, 1)", "K = (0.0, 0)", "K = (0.0, -0.0)", "d[True] = 7.0", "d[1.0] = 8",
            "d = {-0.0: 2.0, True: 9.0}")),
    "zero as a default": Scene(
        "def h(y, k=0.0):\n    return math.copysign(y, k)\ndef u(x):\n    return h(x)\n", (
            "h.__defaults__ = (-0.0,)", "h.__defaults__ = (0,)", "h.__defaults__ = (-1,)")),
    "argument written into": Scene(
        "A = np.array([1.0, 2.0])\ndef u(x, a):\n    a[0] = x\n    return np.sum(a * x)\n", (
            "A.setflags(write=False)", "A = np.broadcast_to(1.0, (2,))", "A = np.array([1, 2])", "A = np.frombuffer(b'\\0' * 16)",
            "A = np.array([1.0, 2.0], '>f8')", "A = [1.0, 2.0]", "A = np.arange(4.0)[::2]", "A = np.zeros(0)"), "A"),
    "argument resized": Scene(
        "A = np.array([1.0, 2.0])\ndef u(x, a):\n    return np.sum(a) * x * len(a) + a[-1]\n", (
            "A.resize(3, refcheck=False)", "A.resize(1, refcheck=False)", "A.resize((2, 2), refcheck=False)",
            "A.resize(0, refcheck=False)", "A.shape = (1, 2)", "A.shape = (2, 1)"), "A"),
    "array in the place of another": Scene(
        "import gc\nA = np.array([1.0, 2.0, 3.0])\ndef u(x):\n    return np.sum(A) * x * len(A)\n", (
            "i = id(A)\nkeep = []\ndel A\nfor n in range(20):\n    A = np.array([5.0, 6.0])\n    if id(A) == i:\n        break\n    keep.append(A)",)),
    "list in the place of another": Scene(
        "v = [2.0, 3.0]\ndef u(x):\n    return v[0] * x * len(v)\n", (
            "del v\nv = [4.0, 5.0, 6.0]", "del v\nv = [4.0, 5.0]", "v = v * 2", "v.__init__([7.0])", "v[:] = (1, 2)",
            "v[0:1] = []")),
    "object as an argument": Scene(
        "class C:\n    w = 2.0\n    def g(self, y):\n        return y * self.w\nK = C()\ndef u(x, c):\n    return c.g(x) * c.w\n", (
            "C.w = 3.0", "K.w = 5", "K.g = lambda y: y", "C.g = lambda s, y: y * y", "K = type('D', (C,), {'w': 5})()",
            "K.__class__ = type('D', (C,), {'g': lambda s, y: 7.0})", "C.__getattr__ = lambda s, n: 1.0",
            "C.w = property(lambda s: 11.0)", "del C.w\nK.w = 1.0"), "K"),
    "dict as an argument": Scene(
        "K = {'a': 2.0, 'b': [3.0]}\ndef u(x, d):\n    return d['a'] * x * len(d) * d['b'][0]\n", (
            "K['c'] = 1", "K['a'] = 3", "K['b'].insert(0, 9.0)", "K = collections.OrderedDict(K)",
            "K = collections.defaultdict(list, K)", "K = types.MappingProxyType(K)", "K['a'] = np.array([1.0, 2.0])",
            "K = {1: 2.0, 'a': 2.0, 'b': (3.0,)}", "K['b'] = np.array([4.0])", "del K['b']"), "K"),
    "two arrays or one": Scene(
        "A = np.array([1.0, 2.0])\nB = np.array([3.0, 4.0])\ndef u(x, a, b):\n    a[0] = x\n    return np.sum(a * b) * x\n", (
            "B = A", "B = A[::-1]", "A = B", "B = A[:1]", "B = A.view(np.int64)", "B = A.reshape(2, 1)", "B = memoryview(A)"), "A, B"),
    "argument and global": Scene(
        "A = np.array([1.0, 2.0])\nB = np.array([3.0, 4.0])\ndef u(x, b):\n    b[0] = x * x\n    return np.sum(A * b) * x\n", (
            "B = A", "A = B", "B = A[::-1]", "A = B.view()", "A = B[1:]", "A = np.lib.stride_tricks.as_strided(B, (2,), (0,))"), "B"),
    "argument and cell": Scene(
        "def make():\n    k = np.array([1.0, 2.0])\n    def u(x, b):\n        b[0] = x * x\n        return np.sum(k * b) * x\n"
        "    return u\nu = make()\nB = np.array([3.0, 4.0])\n", (
            "B = u.__closure__[0].cell_contents", "u.__closure__[0].cell_contents = B", "u.__closure__[0].cell_contents = B[::-1]"), "B"),
    "argument and attribute": Scene(
        "class C:\n    pass\no = C()\no.k = np.array([1.0, 2.0])\nB = np.array([3.0, 4.0])\ndef u(x, b):\n    b[0] = x * x\n"
        "    return np.sum(o.k * b) * x\n", (
            "B = o.k", "o.k = B", "o.k = B[:]"), "B"),
    "argument and item": Scene(
        "v = [np.array([1.0, 2.0])]\nB = np.array([3.0, 4.0])\ndef u(x, b):\n    b[0] = x * x\n    return np.sum(v[0] * b) * x\n", (
            "B = v[0]", "v[0] = B", "v[0] = B[:]", "v.append(B)"), "B"),
    "lists in a list": Scene(
        "A = [[1.0], [2.0]]\ndef u(x, a):\n    a[0][0] = x\n    return a[1][0] * x\n", (
            "A[1] = A[0]", "A = [[1.0]] * 2", "A = ([1.0], [3.0])"), "A"),
    "order of memory": Scene(
        "A = np.array([[1.0, 2.0], [3.0, 4.0]])\ndef u(x):\n"
        "    return np.sum(A.reshape(-1)[:2]) * x + np.sum(A.ravel(order='K')[:1]) * x\n", (
            "A = np.asfortranarray(A)", "A = A.T", "A = A[::-1]", "A.strides = (8, 16)", "A = np.broadcast_to(A[0], (2, 2))",
            "A = A[:, :1]", "A = np.matrix(A)")),
    "view of an order": Scene(
        "A = np.array([[1.0, 2.0], [3.0, 4.0]])\ndef u(x, a):\n    r = a.ravel()\n    r[0] = x\n    return np.sum(a) * x\n", (
            "A = np.asfortranarray(A)", "A = A.T", "A = A[:, ::-1]", "A = np.ones((1, 2))", "A = np.ones((2, 1))[:, :]",
            "A = np.ones((4, 4))[::2, ::2]"), "A"),
    "array of another class": Scene(
        "A = np.array([[1.0, 2.0], [3.0, 4.0]])\ndef u(x):\n    return np.sum(A * x @ A)\n", (
            "A = np.matrix(A)", "A = np.ma.array(A, mask=[[1, 0], [0, 0]])",
            "A = A.view(type('S', (np.ndarray,), {'__array_priority__': 9}))",
            "A = A.view(type('S', (np.ndarray,), {'__array_finalize__': lambda s, o: None}))",
            "A = A.view(type('S', (np.ndarray,), {'__array_wrap__': lambda s, o, c=None, r=None: np.zeros(())}))",
            "A = A.view(type('S', (np.ndarray,), {'__array_function__': lambda s, f, t, a, k: 5.0}))",
            "A = A.view(type('S', (np.ndarray,), {'sum': lambda s, *a, **k: 5.0}))", "A = np.char.array(['a'])")),
    "other than an array": Scene(
        "A = np.array([1.0, 2.0])\ndef u(x):\n    return np.sum(A * x)\n", (
            "A = type('L', (), {'__array__': lambda s, *a, **k: np.array([3.0]), '__mul__': lambda s, o: o * 3.0})()",
            "A = memoryview(np.array([1.0]))", "A = array.array('d', [3.0, 4.0])", "A = range(3)", "A = 'ab'",
            "A = np.array([1.0, None])", "A = np.array(['a'])", "A = np.array([1 + 1j])", "A = np.array([1, 2], 'm8[s]')",
            "A = np.array([fractions.Fraction(1, 2)])", "A = iter([1.0])", "A = {1.0, 2.0}", "A = np.random", "A = NotImplemented",
            "A = ...")),
    "other than a number": Scene(
        "K = 2.0\ndef u(x):\n    return K * x\n", (
            "K = type('L', (), {'__mul__': lambda s, o: o * o})()", "K = type('L', (), {'__rmul__': lambda s, o: o * o})()",
            "K = type('L', (float,), {'__mul__': lambda s, o: o * o})(3.0)", "K = type('L', (float,), {})(3.0)",
            "L = type('L', (float,), {})\nK = L(3.0)\nL.__mul__ = lambda s, o: o * 11.0", "K = fractions.Fraction(3, 2)",
            "K = [1.0]", "K = 'a'", "K = np.poly1d([1.0, 2.0])", "K = type('L', (int,), {'__mul__': lambda s, o: o * o})(3)",
            "K = type('L', (np.float64,), {'__mul__': lambda s, o: o * o})(3)", "K = enum.IntEnum('E', 'A B').B",
            "K = type('B', (int, enum.Enum), {}) if False else True")),
    "number's class changes": Scene(
        "class L(float):\n    pass\nK = L(3.0)\ndef u(x):\n    return K * x + float(K)\n", (
            "L.__mul__ = lambda s, o: o * 11.0", "L.__rmul__ = lambda s, o: o * 11.0", "L.__float__ = lambda s: 4.0",
            "L.__array_priority__ = 3", "L.__array_ufunc__ = None", "L.__bases__", "L.zzz = 3", "L.__add__ = lambda s, o: 2.0",
            "L.__index__ = lambda s: 2")),
    "array's class changes": Scene(
        "class L(np.ndarray):\n    pass\nK = np.array([1.0, 2.0]).view(L)\ndef u(x):\n    return np.sum(K * x)\n", (
            "L.__mul__ = lambda s, o: np.array(11.0)", "L.__array_ufunc__ = lambda s, *a, **k: np.array(3.0)",
            "L.sum = lambda s, *a, **k: 4.0", "L.__array_function__ = lambda *a: 5.0", "K.zz = 3")),
    "text's class changes": Scene(
        "S = type('S', (str,), {})\nk = S('a')\nd = {'a': 2.0, 'b': 3.0}\ndef u(x):\n    return d[k] * x if k == 'a' else x * x\n", (
            "S.__eq__ = lambda s, o: False\nS.__hash__ = str.__hash__", "k = 'b'", "k = S('b')", "S.__hash__ = lambda s: 1",
            "k = 'c'", "S.__ne__ = lambda s, o: 1")),
    "partial method": Scene(
        "class C:\n    def go(s, k, y):\n        return k * y\n    g2 = functools.partialmethod(go, 2.0)\no = C()\ndef u(x):\n"
        "    return o.g2(x)\n", (
            "C.g2 = functools.partialmethod(C.go, 5.0)", "C.__dict__['g2'].args = (7.0,)", "C.go = lambda s, k, y: y",
            "C.__dict__['g2'].func = lambda s, k, y: y * 9.0")),
    "super in a chain": Scene(
        "class A:\n    def g(s, y):\n        return y * 2.0\nclass B(A):\n    def g(s, y):\n        return super().g(y) * 3.0\n"
        "o = B()\ndef u(x):\n    return o.g(x)\n", (
            "A.g = lambda s, y: y", "del A.g\nobject_ = 1", "B.__bases__ = (type('Z', (), {'g': lambda s, y: y * 7.0}),)",
            "super = lambda: types.SimpleNamespace(g=lambda y: y * 9.0)",
            "class Z(A):\n    def g(s, y):\n        return y * 5.0\nB.__bases__ = (Z, A)",
            "o.__class__ = type('D', (B,), {'g': A.g})",
            "o.__class__ = type('D', (B, type('M', (A,), {'g': lambda s, y: y * 11.0})), {})")),
    "manager's class": Scene(
        "class M:\n    def __enter__(s):\n        return 2.0\n    def __exit__(s, *a):\n        return None\nm = M()\ndef u(x):\n"
        "    with m as k:\n        return k * x\n", (
            "M.__enter__ = lambda s: 3.0", "M.__exit__ = lambda s, *a: True", "m.__enter__ = lambda: 9.0", "M.__exit__ = None",
            "del M.__exit__", "m = contextlib.nullcontext(5.0)", "m.__class__ = type('Q', (M,), {'__enter__': lambda s: 6.0})")),
    "value of a thread": Scene(
        "loc = threading.local()\nloc.k = 2.0\ndef u(x):\n    return loc.k * x\n", (
            "loc.k = 3.0", "loc.k = 3", "del loc.k",
            "t = threading.Thread(target=lambda: setattr(loc, 'k', 9.0))\nt.start()\nt.join()")),
    "context variable": Scene(
        "cv = contextvars.ContextVar('cv', default=2.0)\ndef u(x):\n    return cv.get() * x\n", (
            "cv.set(3.0)", "cv.set(3)", "tk = cv.set(5.0)\ncv.reset(tk)", "cv.set(np.array([1.0, 2.0])[1])")),
    "set that changes": Scene(
        "S = {1, 2}\ndef u(x):\n    return x ** len(S) if 1 in S else x * max(S)\n", (
            "S.add(5)", "S.remove(1)", "S.clear()", "S ^= {1, 7}", "S |= {1.5}")),
    "slice that changes": Scene(
        "s = slice(0, 2)\nA = np.array([1.0, 2.0, 3.0])\ndef u(x):\n    return np.sum(A[s]) * x\n", (
            "s = slice(1, 2)", "s = 1", "s = slice(None, None, -1)", "s = [0, 0]", "s = np.array([True, False, True])", "s = ...",
            "s = None", "s = (slice(0, 1),)", "s = np.array([0, 2])", "s = np.int64(1)", "s = True", "s = slice(np.int64(0), 3)",
            "s = slice(0, 0)", "s = slice(0, None)")),
    "dtype that changes": Scene(
        "D = np.float64\ndef u(x):\n    return np.sum(np.asarray([1.7, 2.6], dtype=D) * x)\n", (
            "D = np.float32", "D = int", "D = 'f4'", "D = np.dtype('>f8')", "D = None", "D = np.dtype('f8', metadata={'a': 1})",
            "D = type('D', (), {'dtype': np.dtype('i8')})()", "D = type('D', (), {'dtype': np.dtype('i8')})", "D = bool",
            "D = object", "D = complex")),
    "axis that changes": Scene(
        "ax = 0\nA = np.array([[1.0, 2.0], [3.0, 4.0]])\ndef u(x):\n    return np.sum(A * x, axis=ax)[0]\n", (
            "ax = 1", "ax = -1", "ax = np.int64(1)", "ax = None", "ax = (0,)", "ax = (0, 1)", "ax = True", "ax = 0.0",
            "ax = np.array(1)", "ax = False", "ax = 2")),
    "shape that changes": Scene(
        "n = 2\ndef u(x):\n    return np.sum(np.ones(n) * x) * np.zeros((n, 3)).shape[0]\n", (
            "n = 3", "n = 0", "n = 1", "n = (2,)", "n = 2.0", "n = np.int64(4)", "n = True", "n = -1", "n = [2]",
            "n = np.array(2)", "n = np.array([2])")),
    "constants of code": Scene(
        "def h(y):\n    return y * 2.0\ndef u(x):\n    return h(x)\n", (
            "h.__code__ = h.__code__.replace(co_consts=(None, 7.0))",
            "h.__code__ = compile('def h(y):\\n    return y * 9.0', 'qq', 'exec').co_consts[0]",
            "h.__code__ = h.__code__.replace(co_name='hh')", "h.__globals__['h'] = lambda y: y", "h.__type_params__ = ()")),
}
