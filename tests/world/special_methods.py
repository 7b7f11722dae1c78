"""Changes written by hand: of special methods, of what arguments share with the world, of flow that the world decides."""

from tests.world.scenes import Scene

SCENES: dict[str, Scene] = {
    "manager that is there": Scene(
        "class M:\n    def __enter__(s):\n        return 2.0\n    def __exit__(s, *a):\n        return None\nm = M()\ndef u(x):\n"
        "    with m as k:\n        return k * x\n", (
            "del M.__exit__", "del M.__enter__", "M.__exit__ = None", "M.__enter__ = None", "m = 3", "m = None",
            "M.__exit__ = lambda s: None", "M.__enter__ = lambda: 1")),
    "manager made inside": Scene(
        "class M:\n    def __enter__(s):\n        return 2.0\n    def __exit__(s, *a):\n        return None\nm = M()\ndef u(x):\n"
        "    with M() as k:\n        return k * x\n", (
            "del M.__exit__", "del M.__enter__", "M.__exit__ = None", "M = 3", "M = contextlib.nullcontext",
            "M = lambda: contextlib.nullcontext(7.0)", "M.__init__ = lambda s: 3")),
    "object gone through": Scene(
        "class V:\n    def __iter__(s):\n        return iter([1.0])\nv = V()\ndef u(x):\n    return sum([a * x for a in v])\n", (
            "V.__iter__ = None", "del V.__iter__", "V.__iter__ = lambda s: iter([])", "v = 3", "v = iter([3.0, 4.0])",
            "V.__iter__ = lambda s: s\nV.__next__ = lambda s: (_ for _ in ()).throw(StopIteration)",
            "V.__getitem__ = lambda s, i: [5.0, 6.0][i]\ndel V.__iter__")),
    "length of an object": Scene(
        "class V:\n    def __len__(s):\n        return 2\nv = V()\ndef u(x):\n    return len(v) * x\n", (
            "V.__len__ = lambda s: -1", "V.__len__ = lambda s: 2.5", "V.__len__ = None", "del V.__len__",
            "V.__len__ = lambda s: True", "V.__len__ = lambda s: np.int64(4)")),
    "truth of an object": Scene(
        "class V:\n    def __bool__(s):\n        return True\nv = V()\ndef u(x):\n    return x if v else x * x\n", (
            "V.__bool__ = lambda s: 1", "V.__len__ = lambda s: 0", "del V.__bool__", "V.__bool__ = lambda s: None")),
    "key that is an object": Scene(
        "class V:\n    def __init__(s, k):\n        s.k = k\n    def __eq__(s, o):\n        return s.k == o.k\n"
        "    def __hash__(s):\n        return hash(s.k)\na, b = V(1), V(1)\nd = {a: 2.0}\ndef u(x):\n"
        "    return x * d.get(b, 5.0) if a == b else x\n", (
            "b.k = 2", "a.k = 3", "V.__eq__ = lambda s, o: NotImplemented", "V.__eq__ = lambda s, o: 'yes'",
            "V.__eq__ = lambda s, o: []", "d[b] = 9.0", "d = {}", "del V.__eq__")),
    "equality of objects": Scene(
        "class V:\n    def __eq__(s, o):\n        return True\na, b = V(), V()\ndef u(x):\n    return x if a == b else x * x\n", (
            "V.__eq__ = None", "V.__eq__ = lambda s, o: 0", "V.__eq__ = lambda s, o: o", "V.__ne__ = lambda s, o: True", "b = 3",
            "b = None", "b = np.array([1.0])", "b = 'a'", "a = 1")),
    "inequality of objects": Scene(
        "class V:\n    pass\na, b = V(), V()\ndef u(x):\n    return x if a != b else x * x\n", (
            "V.__eq__ = lambda s, o: True", "V.__ne__ = lambda s, o: False", "b = a", "V.__eq__ = lambda s, o: NotImplemented")),
    "what an object contains": Scene(
        "class V:\n    def __contains__(s, i):\n        return True\nv = V()\ndef u(x):\n    return x if 2.0 in v else x * x\n", (
            "V.__contains__ = lambda s, i: 0", "V.__contains__ = lambda s, i: ''", "V.__contains__ = None", "del V.__contains__",
            "V.__iter__ = lambda s: iter([2.0])\ndel V.__contains__", "v = [2]", "v = {2: 1}", "v = (2.0,)", "v = 'a'",
            "v = {True}", "v = np.array([2.0])", "v = range(5)")),
    "item of what is there": Scene(
        "class V:\n    def __getitem__(s, i):\n        return 2.0\nv = V()\ndef u(x):\n    return v[0] * x + v['a'] * x\n", (
            "V.__getitem__ = lambda s, i: i", "V.__getitem__ = None", "v = {0: 1.0, 'a': 4.0}", "v = [1.0]",
            "V.__getitem__ = classmethod(lambda c, i: 6.0)", "V.__getitem__ = staticmethod(lambda i: 8.0)",
            "V.__class_getitem__ = 3", "v = V")),
    "object called": Scene(
        "class V:\n    def __call__(s, y):\n        return y * 2.0\nv = V()\ndef u(x):\n    return v(x)\n", (
            "V.__call__ = classmethod(lambda c, y: y * 3.0)", "V.__call__ = staticmethod(lambda y: y * 5.0)",
            "V.__call__ = functools.partial(lambda k, y: k * y, 7.0)",
            "V.__call__ = functools.partialmethod(lambda s, k, y: k * y, 7.0)",
            "V.__call__ = property(lambda s: lambda y: y * 11.0)", "V.__call__ = np.sin", "V.__call__ = None", "V.__call__ = V",
            "V.__call__ = functools.lru_cache(lambda s, y: y * 13.0)", "V.__call__ = types.MethodType(lambda q, y: y * 17.0, 1)")),
    "method and what comes in its place": Scene(
        "class V:\n    def go(s, y):\n        return y * 2.0\nv = V()\ndef u(x):\n    return v.go(x)\n", (
            "V.go = classmethod(lambda c, y: y * 3.0)", "V.go = staticmethod(lambda y: y * 5.0)",
            "V.go = functools.partial(lambda k, y: k * y, 7.0)", "V.go = functools.partialmethod(lambda s, k, y: k * y, 7.0)",
            "V.go = property(lambda s: lambda y: y * 11.0)", "V.go = np.sin", "V.go = None",
            "V.go = functools.lru_cache(lambda s, y: y * 13.0)", "V.go = types.MethodType(lambda q, y: y * 17.0, 1)",
            "v.go = types.MethodType(lambda q, y: y * 19.0, v)", "v.go = functools.partial(V.go, v)",
            "V.go = functools.cached_property(lambda s: lambda y: y * 23.0)\nV.go.__set_name__(V, 'go')",
            "V.go = functools.singledispatchmethod(lambda s, y: y * 29.0)", "V.go = abc.abstractmethod(lambda s, y: y * 31.0)",
            "V.go = contextlib.contextmanager(lambda s, y: (yield y))", "V.go = functools.wraps(V.go)(lambda s, y: y * 37.0)",
            "V.go = unittest.mock.Mock(return_value=3.0)")),
    "added in place": Scene(
        "class V:\n    def __init__(s, w):\n        s.w = w\n    def __iadd__(s, o):\n        s.w = s.w + o\n        return s\n"
        "    def __add__(s, o):\n        return V(s.w + 2.0 * o)\ndef u(x):\n    v = V(1.0)\n    v += x\n    return v.w * x\n", (
            "V.__iadd__ = lambda s, o: V(5.0)", "del V.__iadd__", "V.__iadd__ = lambda s, o: NotImplemented",
            "V.__add__ = None\ndel V.__iadd__")),
    "text of an object": Scene(
        "class V:\n    def __str__(s):\n        return 'abc'\nv = V()\ndef u(x):\n    return x * len(str(v)) * len(f'{v}')\n", (
            "V.__str__ = lambda s: 'abcd'", "V.__format__ = lambda s, f: 'a'", "V.__repr__ = lambda s: 'a'\ndel V.__str__",
            "v = 12.5", "v = None")),
    "object as a number": Scene(
        "class V:\n    def __round__(s, n=None):\n        return 3\n    def __index__(s):\n        return 1\n"
        "    def __float__(s):\n        return 2.5\n    def __int__(s):\n        return 4\n    def __abs__(s):\n"
        "        return 6.0\nv = V()\ndef u(x):\n"
        "    return x * round(v) + [x, x * x][v] + float(v) * x + int(v) * x + abs(v) * x + math.floor(2.5) * x\n", (
            "V.__round__ = lambda s, n=None: 5", "V.__index__ = lambda s: 0", "V.__float__ = lambda s: 7.5",
            "V.__int__ = lambda s: 9", "V.__float__ = None", "v = 1", "v = True", "v = np.int64(1)", "del V.__float__")),
    "list in a list and an argument": Scene(
        "L = [1.0, 2.0]\nG = [[5.0, 6.0]]\ndef u(x, v):\n    v[0] = x * x\n    return G[0][0] * x\n", (
            "G[0] = L", "G = [L]", "L = G[0]"), "L"),
    "list in an argument and the world": Scene(
        "L = [[1.0, 2.0]]\nG = [5.0, 6.0]\ndef u(x, v):\n    v[0][0] = x * x\n    return G[0] * x\n", (
            "G = L[0]", "L[0] = G", "L = (G,)"), "L"),
    "list in a dict and the world": Scene(
        "L = {'k': [1.0, 2.0]}\nG = [5.0, 6.0]\ndef u(x, v):\n    v['k'][0] = x * x\n    return G[0] * x\n", (
            "G = L['k']", "L['k'] = G"), "L"),
    "object in lists of both": Scene(
        "class C:\n    pass\na, b = C(), C()\na.w, b.w = 1.0, 2.0\nL = [a]\nG = [b]\ndef u(x, v):\n    v[0].w = x * x\n"
        "    return G[0].w * x\n", (
            "G[0] = a", "L[0] = b", "G = L"), "L"),
    "object as argument and global": Scene(
        "class C:\n    pass\na, b = C(), C()\na.w, b.w = 1.0, 2.0\nL = a\ndef u(x, v):\n    v.w = x * x\n    return b.w * x\n", (
            "b = a", "L = b"), "L"),
    "array in a list and an argument": Scene(
        "V = [np.array([1.0, 2.0])]\nB = np.array([3.0, 4.0])\ndef u(x, v, b):\n    v[0][0] = x * x\n    return np.sum(b) * x\n", (
            "V[0] = B", "V = [B[::-1]]", "B = V[0]", "B = V[0][:1]"), "V, B"),
    "attributes that overlap": Scene(
        "class C:\n    pass\no = C()\no.a, o.b = np.array([1.0, 2.0]), np.array([3.0, 4.0])\ndef u(x, o):\n    o.a[0] = x * x\n"
        "    return np.sum(o.b) * x\n", (
            "o.b = o.a", "o.b = o.a[::-1]", "o.a = o.b[:1]"), "o"),
    "memory by other ways": Scene(
        "A = np.array([1.0, 2.0])\nB = np.array([3.0, 4.0])\ndef u(x, a):\n    a[0] = x * x\n    return np.sum(B) * x\n", (
            "B = np.frombuffer(memoryview(A))", "B = np.asarray(memoryview(A))", "B = np.ndarray((2,), float, A)", "B = A.T",
            "B = A.reshape(2, 1)", "B = A.real", "B = np.ravel(A)", "B = np.lib.stride_tricks.sliding_window_view(A, 1)",
            "B = A.view(np.int64)"), "A"),
    "base of an array": Scene(
        "B = np.array([1.0, 2.0, 3.0])\nA = B[1:]\ndef u(x):\n    return np.sum(A * x)\n", (
            "B[1] = 9.0", "B = None", "A = A.base", "B.sort()", "B[::-1].sort()")),
    "integers in an array": Scene(
        "A = np.array([1, 2])\ndef u(x):\n    return x ** A[1] * A[0] / 2\n", (
            "A[1] = 3", "A = A.astype(np.int8)", "A = A.astype(float)", "A = A.astype(np.uint64)", "A = A.astype(bool)",
            "A = A.tolist()", "A[1] = 0", "A[1] = -1")),
    "function of two names": Scene(
        "def a(y):\n    return y * 2.0\nb = a\ndef u(x):\n    return a(x) + b(x)\n", (
            "b = np.sin", "a.__code__ = (lambda y: y * 5.0).__code__", "a = np.cos", "a, b = b, a", "a.__defaults__ = (1.0,)")),
    "partial in a dict": Scene(
        "ops = {'a': functools.partial(lambda k, y: k * y, 2.0), 'b': np.sin}\nw = 'a'\ndef u(x):\n    return ops[w](x)\n", (
            "w = 'b'", "ops['a'] = np.cos", "ops['a'].__setstate__((lambda k, y: y * y, (1.0,), {}, {}))", "del ops['a']",
            "ops = {'a': abs}", "ops['a'] = functools.partial(ops['a'])")),
    "value that is matched": Scene(
        "class K:\n    A = 2.0\nmode = 2.0\ndef u(x):\n    match mode:\n        case K.A:\n            return x * x\n"
        "        case float():\n            return x * 3.0\n        case _:\n            return x\n", (
            "K.A = 5.0", "mode = 5.0", "mode = 'a'", "mode = np.float64(2.0)", "mode = 2", "K = types.SimpleNamespace(A=9.0)",
            "float = int")),
    "assertion on the world": Scene(
        "K = 1\ndef u(x):\n    assert K > 0, 'no'\n    return x * x\n", (
            "K = 0", "K = -1", "K = 2.5", "K = 'a'", "K = True")),
    "error by a flag": Scene(
        "ok = True\ndef u(x):\n    if not ok:\n        raise ValueError('no')\n    return x * x\n", (
            "ok = False", "ok = 0", "ok = []", "ValueError = KeyError\nok = False")),
    "comprehension with a limit": Scene(
        "v = [1.0, 2.0]\ndef u(x):\n    return sum([(y := a * x) * y for a in v if a < lim])\nlim = 1.5\n", (
            "lim = 3.0", "v.append(1.2)", "lim = 0.0", "lim = np.array(5.0)", "v = np.array(v)", "v = {1.0: 2}", "lim = None")),
    "layers": Scene(
        "class Lin:\n    def __init__(s, w):\n        s.w = w\n    def __call__(s, y):\n        return s.w * y\n"
        "layers = [Lin(2.0), Lin(3.0)]\ndef u(x):\n    for l in layers:\n        x = l(x)\n    return x\n", (
            "layers.append(Lin(5.0))", "layers.pop()", "layers[0].w = 7", "layers[0] = np.sin", "layers.reverse()",
            "layers[1] = layers[0]", "layers[0].w = np.array([1.0])[0]", "layers = tuple(layers)", "layers = []",
            "Lin.__call__ = lambda s, y: y", "layers[0].__class__ = type('Q', (Lin,), {'__call__': lambda s, y: y * y})",
            "layers *= 2", "layers[0].w = layers", "del layers[0].w")),
    "generator and its range": Scene(
        "def g(n):\n    for i in range(n):\n        yield i * w\nw = 2.0\nn = 3\ndef u(x):\n    return sum([k * x for k in g(n)])\n", (
            "w = 3.0", "n = 4", "n = 0", "g = lambda n: [1.0]", "g.__code__ = (lambda n: [9.0]).__code__", "w = 2",
            "g.__defaults__ = (2,)")),
    "property that is set": Scene(
        "class C:\n    def __init__(s):\n        s._w = 2.0\n    @property\n    def w(s):\n        return s._w\n    @w.setter\n"
        "    def w(s, v):\n        s._w = v * 2.0\no = C()\ndef u(x):\n    o2 = C()\n    o2.w = x\n    return o2.w * o.w\n", (
            "o.w = 5.0", "C.w = C.w.setter(lambda s, v: None)", "C.w = property(lambda s: 3.0)", "o._w = 4",
            "C.w.fset.__code__ = (lambda s, v: None).__code__")),
    "function in a class": Scene(
        "class C:\n    h = np.sin\n    k = staticmethod(np.cos)\n    def m(self, y):\n"
        "        return self.h(y) if False else self.k(y)\no = C()\ndef u(x):\n    return o.m(x)\n", (
            "C.k = staticmethod(np.sin)", "o.k = np.tanh", "C.k = np.exp", "C.k = lambda self, y: y * 3.0",
            "o.k = lambda y: y * 5.0")),
    "members compared": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return x if k == E.B else x * x\n", (
            "E.__eq__ = lambda s, o: True", "E.__ne__ = lambda s, o: True", "k = E.B", "E.__eq__ = lambda s, o: NotImplemented")),
    "members that differ": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return x if k != E.A else x * x\n", (
            "E.__eq__ = lambda s, o: False", "E.__ne__ = lambda s, o: True", "k = E.B")),
    "members in order": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\n"
        "E.__lt__ = lambda s, o: s.value < o.value\ndef u(x):\n    return x if k < E.B else x * x\n", (
            "E.__lt__ = lambda s, o: False", "E.__gt__ = lambda s, o: True\ndel E.__lt__", "k = E.B")),
    "truth of a member": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return x if k else x * x\n", (
            "E.__bool__ = lambda s: False", "E.__len__ = lambda s: 0", "k = None")),
    "truth of flags": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return x if j & F.B else x * x\n", (
            "F.__and__ = lambda s, o: F.A", "F.__bool__ = lambda s: True", "j = F.B", "j = F.A | F.B")),
    "flags together": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return x if (F.A | j) == F.A else x * x\n", (
            "F.__or__ = lambda s, o: F.B", "j = F.B", "F.__eq__ = lambda s, o: False")),
    "flags inverted": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return x if ~j == F.B else x * x\n", (
            "F.__invert__ = lambda s: F.A", "j = F.B")),
    "member of a tuple": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return x if k in (E.B, E.A) else x * x\n", (
            "E.__eq__ = lambda s, o: False", "k = E.B")),
    "member of another tuple": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return x if k in (E.B,) else x * x\n", (
            "E.__eq__ = lambda s, o: True", "k = E.B")),
    "member as a key": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\n"
        "d = {E.A: 2.0, E.B: 3.0}\ndef u(x):\n    return d[k] * x\n", (
            "k = E.B", "d[E.A] = 7.0", "E.__eq__ = lambda s, o: False", "del d[E.A]")),
    "method of a member": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\n    def go(s, y):\n        return y * s.value\nk = E.A\ndef u(x):\n"
        "    return k.go(x)\n", (
            "E.go = lambda s, y: y * 7.0", "k = E.B", "E.A._value_ = 9", "E.go.__code__ = (lambda s, y: y * 11.0).__code__",
            "E.value = property(lambda s: 13.0)")),
    "property of a member": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\n    @property\n    def w(s):\n        return s.value * 2.0\nk = E.A\n"
        "def u(x):\n    return k.w * x\n", (
            "E.w = property(lambda s: 7.0)", "k = E.B", "E.A._value_ = 9", "E.w.fget.__code__ = (lambda s: 11.0).__code__")),
    "member called": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\n    def __call__(s, y):\n        return y * s.value\nk = E.A\ndef u(x):\n"
        "    return k(x)\n", (
            "E.__call__ = lambda s, y: y * 7.0", "k = E.B")),
    "text of a member": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return x * len(str(k)) * len(f'{k}') * len(repr(k))\n", (
            "E.__str__ = lambda s: 'q'", "E.__format__ = lambda s, f: 'q'", "E.__repr__ = lambda s: 'q'", "k = E.B",
            "E.A._name_ = 'zzz'")),
    "members gone through": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    return sum([m.value * x for m in E]) * len(E)\n", (
            "E._member_names_.pop()", "E.A._value_ = 7", "E.B._value_ = 2.5", "E.__class__.zz = 1")),
    "member by its name": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\nn = 'A'\n"
        "def u(x):\n    return E[n].value * x + getattr(E, n).value * x\n", (
            "n = 'B'", "E._member_map_['A'] = E.B", "E.A._value_ = 7", "n = 'C'")),
    "operators of objects": Scene(
        "class K:\n    def __init__(s, w):\n        s.w = w\n    def __or__(s, o):\n        return K(s.w + o.w)\n"
        "    def __invert__(s):\n        return K(-s.w)\na, b = K(1.0), K(2.0)\ndef u(x):\n    return (a | b).w * (~a).w * x\n", (
            "K.__or__ = lambda s, o: K(9.0)", "K.__invert__ = lambda s: K(5.0)", "a.w = 3", "b = K(7.0)",
            "K.__ror__ = lambda s, o: K(1.0)")),
    "member of a set": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\n"
        "S = frozenset({E.A})\ndef u(x):\n    return x if k in S else x * x\n", (
            "k = E.B", "S = frozenset()", "E.__eq__ = lambda s, o: True\nk = E.B")),
    "member that is matched": Scene(
        "class E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\nk = E.A\nj = F.A\ndef u(x):\n"
        "    match k:\n        case E.A:\n            return x\n        case E.B:\n            return x * x\n", (
            "k = E.B", "E.__eq__ = lambda s, o: False", "E.__eq__ = lambda s, o: True", "k = None")),
    "decimal number": Scene(
        "K = decimal.Decimal('0.5')\ndef u(x):\n    return x if K < 1 else x * x\n", (
            "K = decimal.Decimal(3)", "K = decimal.Decimal('nan')")),
    "types compared": Scene(
        "T = float\ndef u(x):\n    return x if T == float else x * x\n", (
            "T = int", "T = np.float64", "float = int", "T = type('Q', (float,), {})", "T = 'float'")),
    "version": Scene(
        "V = (1, 2)\ndef u(x):\n    return x if V >= (1, 1) else x * x\n", (
            "V = (1, 0)", "V = (2,)", "V = [1, 2]", "V = (1, 'a')", "V = (1.5, 0)", "V = (True, 1)")),
}
