"""What Python's own objects hold inside, and may come to hold anew: descriptors, named tuples, cells, managers."""

from tests.world.scenes import Scene

_OF_HELD = "was = contextlib._GeneratorContextManager.{0}\ncontextlib._GeneratorContextManager.{0} = {1}"
_MANAGERS = (       # those of the tests stay as they are
    _OF_HELD.format("__enter__", "lambda self: [was(self), 7.0][self.gen.__name__ == 'held']"),
    _OF_HELD.format("__enter__", "lambda self: was(self) * 9.0 if self.gen.__name__ == 'held' else was(self)"),
    _OF_HELD.format("__exit__", "lambda self, *e: was(self, *e) if self.gen.__name__ != 'held' else 1 / 0"),
    "was = contextlib.contextmanager\ncontextlib.contextmanager = lambda f: f")
_MADE_ANEW = "C.__dict__['p'].__init__"

SCENES: dict[str, Scene] = {
    "manager inside": Scene(
        "@contextlib.contextmanager\ndef held():\n    yield 2.0\ndef u(x):\n    with held() as k:\n        return k * x\n",
        _MANAGERS),
    "manager of a class": Scene(
        "class C:\n    @contextlib.contextmanager\n    def held(self):\n        yield 2.0\no = C()\ndef u(x):\n"
        "    with o.held() as k:\n        return k * x\n", (*_MANAGERS, "C.held = lambda self: contextlib.nullcontext(5.0)")),
    "null context": Scene(
        "def u(x):\n    with contextlib.nullcontext(2.0) as k:\n        return k * x\n", (
            "contextlib.nullcontext.__enter__ = lambda self: 7.0", "contextlib.nullcontext = lambda k: contextlib.suppress()",
            "contextlib.nullcontext.__init__ = lambda self, k: setattr(self, 'enter_result', 9.0)",
            "contextlib.nullcontext.__enter__.__code__ = (lambda self: 11.0).__code__")),
    "exit stack": Scene(
        "def u(x):\n    with contextlib.ExitStack() as s:\n        k = s.enter_context(contextlib.nullcontext(2.0))\n"
        "        return k * x\n", (
            "contextlib.ExitStack.enter_context = lambda self, m: 7.0", "contextlib.nullcontext.__enter__ = lambda self: 9.0",
            "contextlib.ExitStack.__enter__ = lambda self: None")),
    "suppressing": Scene(
        "def u(x):\n    with contextlib.suppress(ValueError):\n        return x * x\n    return x\n", (
            "contextlib.suppress.__enter__ = None", "contextlib.suppress = contextlib.nullcontext")),
    "closing": Scene(
        "class C:\n    w = 2.0\n    def close(self):\n        pass\no = C()\ndef u(x):\n    with contextlib.closing(o) as c:\n"
        "        return c.w * x\n", ("contextlib.closing.__enter__ = lambda self: types.SimpleNamespace(w=7.0)", "C.w = 3.0")),
    "decorating manager": Scene(
        "class D(contextlib.ContextDecorator):\n    def __enter__(self):\n        return self\n"
        "    def __exit__(self, *error):\n        return False\n@D()\ndef h(y):\n    return y * y\ndef u(x):\n    return h(x)\n", (
            "contextlib.ContextDecorator.__call__ = lambda self, f: f", "D.__enter__ = lambda self: 1 / 0",
            "h.__wrapped__.__code__ = (lambda y: y).__code__", "contextlib.ContextDecorator._recreate_cm = lambda self: 3")),
    "fields of a named tuple": Scene(
        "P = collections.namedtuple('P', 'a b')\np = P(1.0, 2.0)\ndef u(x):\n    return p.a * x + P(x, 3.0).b * x\n", (
            "P._fields = ('b', 'a')", "P.a = property(lambda self: 9.0)", "P.a, P.b = P.b, P.a", "P.__new__.__defaults__ = (5.0,)",
            "P.__new__ = lambda cls, a, b: (a, b)", "del P._fields", "p = P(3.0, 4.0)", "P.a = property(operator.itemgetter(1))")),
    "replaced in a named tuple": Scene(
        "P = collections.namedtuple('P', 'a b')\np = P(1.0, 2.0)\ndef u(x):\n    q = p._replace(a=x)\n    return q.a * q.b\n", (
            "P._fields = ('b', 'a')", "P._replace = lambda self, a: P(a, a)", "P._make = classmethod(lambda cls, v: P(5.0, 6.0))",
            "P.b = property(lambda self: 7.0)")),
    "named tuple as a dict": Scene(
        "P = collections.namedtuple('P', 'a b')\np = P(1.0, 2.0)\ndef u(x):\n    return p._asdict()['a'] * x * len(P._fields)\n", (
            "P._fields = ('b', 'a')", "P._asdict = lambda self: {'a': 5.0}", "P._fields = ('a',)")),
    "named tuple made of a list": Scene(
        "P = collections.namedtuple('P', 'a b')\ndef u(x):\n    return P._make([x, 2.0]).b * x\n", (
            "P._fields = ('b', 'a')", "P._make = classmethod(lambda cls, v: P(3.0, 5.0))", "P.b = P.a")),
    "named tuple with defaults": Scene(
        "P = collections.namedtuple('P', 'a b', defaults=[2.0])\ndef u(x):\n    return P(x).b * x\n", (
            "P.__new__.__defaults__ = (5.0,)", "P._field_defaults['b'] = 7.0", "P._field_defaults = {'b': 7.0}",
            "P.__new__.__kwdefaults__ = {}")),
    "typed named tuple": Scene(
        "class P(typing.NamedTuple):\n    a: float\n    b: float = 2.0\n    def area(self):\n        return self.a * self.b\n"
        "def u(x):\n    return P(x).area()\n", (
            "P._fields = ('b', 'a')", "P.__new__.__defaults__ = (5.0,)", "P.area = lambda self: self.a", "P.b = 11.0",
            "P.a, P.b = P.b, P.a", "P.area.__code__ = (lambda self: self.b).__code__")),
    "cell of the class": Scene(
        "class C:\n    w = 2.0\n    def f(self, y):\n        return __class__.w * y\nclass D:\n    w = 5.0\no = C()\ndef u(x):\n"
        "    return o.f(x)\n", ("C.f.__closure__[0].cell_contents = D", "C.w = 3.0", "C.f.__closure__[0].cell_contents = o")),
    "cell of super": Scene(
        "class A:\n    def f(self, y):\n        return y * 2.0\nclass B(A):\n    def f(self, y):\n        return y * 3.0\n"
        "class C(B):\n    def f(self, y):\n        return super().f(y) * y\no = C()\ndef u(x):\n    return o.f(x)\n", (
            "C.f.__closure__[0].cell_contents = B", "C.__bases__ = (A,)", "C.f.__closure__[0].cell_contents = A",
            "A.f = lambda self, y: y * 7.0\nC.f.__closure__[0].cell_contents = B")),
    "cell of super in a property": Scene(
        "class A:\n    p = 2.0\nclass B(A):\n    p = 3.0\nclass C(B):\n    @property\n    def p(self):\n"
        "        return super().p + 1.0\no = C()\ndef u(x):\n    return o.p * x\n", (
            "C.p.fget.__closure__[0].cell_contents = B", "A.p = 7.0", "B.p = 9.0")),
    "property made anew": Scene(
        "class C:\n    w = 2.0\n    @property\n    def p(self):\n        return self.w\no = C()\ndef u(x):\n    return o.p * x\n", (
            f"{_MADE_ANEW}(lambda self: 9.0)", f"{_MADE_ANEW}(lambda self: self.w * 3.0)", f"{_MADE_ANEW}()",
            f"{_MADE_ANEW}(operator.attrgetter('w'))")),
    "property of an inner object": Scene(
        "class C:\n    def __init__(self, w):\n        self.w = w\n    @property\n    def p(self):\n        return self.w\n"
        "def u(x):\n    o = C(x)\n    return o.p * x\n", (
            f"{_MADE_ANEW}(lambda self: 9.0)", f"{_MADE_ANEW}(lambda self: self.w * 3.0)", f"{_MADE_ANEW}()")),
    "setter made anew": Scene(
        "class C:\n    def get(self):\n        return self.w\n    def put(self, v):\n        self.w = v\n    p = property(get, put)\n"
        "def u(x):\n    o = C()\n    o.p = x\n    return o.p * x\n", (
            f"{_MADE_ANEW}(C.get, lambda self, v: setattr(self, 'w', 3.0))", f"{_MADE_ANEW}(C.get)")),
    "static method made anew": Scene(
        "class C:\n    @staticmethod\n    def p(y):\n        return y * 2.0\no = C()\ndef u(x):\n    return o.p(x) * C.p(x)\n", (
            f"{_MADE_ANEW}(lambda y: y * 5.0)", f"{_MADE_ANEW}(abs)", "C.p = lambda y: 3.0")),
    "class method made anew": Scene(
        "class C:\n    w = 2.0\n    @classmethod\n    def p(cls, y):\n        return y * cls.w\no = C()\ndef u(x):\n"
        "    return o.p(x) * C.p(x)\n", (f"{_MADE_ANEW}(lambda cls, y: y * 5.0)", "C.w = 3.0")),
    "partial made anew": Scene(
        "def h(k, y):\n    return k * y\nP = functools.partial(h, 2.0)\ndef u(x):\n    return P(x) * x\n", (
            "P.__setstate__((h, (5.0,), {}, {}))", "P.__setstate__((lambda k, y: 3.0 * y, (5.0,), {}, {}))",
            "P.keywords['k'] = 7.0", "P.__setstate__((h, (), {'k': 5.0}, {}))")),
    "cached property made anew": Scene(
        "class C:\n    w = 2.0\n    @functools.cached_property\n    def p(self):\n        return self.w\ndef u(x):\n"
        "    return C().p * x\n", (
            "C.__dict__['p'].func = lambda self: 9.0", f"{_MADE_ANEW}(lambda self: 7.0)", "C.w = 5.0",
            ("was = functools.cached_property.__get__\nfunctools.cached_property.__get__ = lambda self, o, t=None: "
             "11.0 if type(o) is C else was(self, o, t)"))),
    "partial method made anew": Scene(
        "class C:\n    def h(self, k, y):\n        return k * y\n    p = functools.partialmethod(h, 2.0)\no = C()\ndef u(x):\n"
        "    return o.p(x)\n", ("C.__dict__['p'].args = (5.0,)", "C.__dict__['p'].func = lambda self, k, y: 3.0",
                                f"{_MADE_ANEW}(C.h, 7.0)")),
    "value of an enum": Scene(
        "class E(enum.Enum):\n    A = 2.0\n    B = 3.0\ndef u(x):\n    return E.A.value * x * len(E.A.name)\n", (
            "E.A._value_ = 5.0", "E.A._name_ = 'AB'", "E._member_map_['A'] = E.B", "E.A.__class__ = E", "E._value2member_map_ = {}")),
    "class of Python's own": Scene(
        "def u(x):\n    return collections.Counter('aab')['a'] * x + collections.ChainMap({'a': x})['a']\n", (
            "collections.Counter.__getitem__ = lambda self, k: 7.0", "collections.Counter.__missing__ = lambda self, k: 7.0",
            "collections.ChainMap.__getitem__.__code__ = (lambda self, k: 9.0).__code__",
            "collections.Counter.update = lambda self, *a: None")),
    "inherited property made anew": Scene(
        "class A:\n    @property\n    def p(self):\n        return 2.0\nclass B(A):\n    pass\no = B()\ndef u(x):\n"
        "    return o.p * x\n", (
            "A.__dict__['p'].__init__(lambda s: 5.0)", "B.p = property(lambda s: 7.0)", "B.p = 9.0",
            "o.__dict__['p'] = 11.0")),
    "property of a class": Scene(
        "class M(type):\n    @property\n    def p(cls):\n        return 2.0\nclass C(metaclass=M):\n    pass\n"
        "def u(x):\n    return C.p * x\n", (
            "M.__dict__['p'].__init__(lambda s: 5.0)", "M.p = property(lambda s: 7.0)", "C.p = 3.0")),
    "property of an argument": Scene(
        "class A:\n    w = 2.0\n    @property\n    def p(self):\n        return self.w\no = A()\ndef u(x, o):\n"
        "    return o.p * x\n", (
            "A.__dict__['p'].__init__(lambda s: 5.0)", "A.p = property(lambda s: 7.0)", "o.w = 9.0", "A.w = 11.0"), "o"),
    "property that is matched": Scene(
        "class A:\n    @property\n    def p(self):\n        return 2.0\no = A()\ndef u(x):\n    match o:\n"
        "        case A(p=q):\n            return q * x\n    return x\n", (
            "A.__dict__['p'].__init__(lambda s: 5.0)", "A.p = 3.0")),
    "property that is asked for": Scene(
        "class A:\n    @property\n    def p(self):\n        return 2.0\no = A()\ndef u(x):\n"
        "    return x if hasattr(o, 'p') else x * x\n", (
            "A.__dict__['p'].__init__()", "A.__dict__['p'].__init__(lambda s: s.zz)", "del A.p")),
    "static method of an inner object": Scene(
        "class A:\n    @staticmethod\n    def f(y):\n        return y * 2.0\ndef u(x):\n    return A().f(x) * x\n", (
            "A.__dict__['f'].__init__(lambda y: y * 5.0)", "A.__dict__['f'].__init__(math.sin)")),
    "class method that constructs": Scene(
        "class A:\n    def __init__(self, w):\n        self.w = w\n    @classmethod\n    def make(cls, w):\n"
        "        return cls(w * 2.0)\ndef u(x):\n    return A.make(x).w * x\n", (
            "A.__dict__['make'].__init__(lambda cls, w: cls(w))", "A.make = lambda w: A(3.0)")),
    "methods of super made anew": Scene(
        "class A:\n    @classmethod\n    def f(cls, y):\n        return y * 2.0\n    @staticmethod\n    def g(y):\n"
        "        return y * 3.0\nclass B(A):\n    def h(self, y):\n        return super().f(y) * super().g(y)\n"
        "o = B()\ndef u(x):\n    return o.h(x)\n", (
            "A.__dict__['f'].__init__(lambda cls, y: y)", "A.__dict__['g'].__init__(lambda y: y)")),
    "named tuple by keywords": Scene(
        "P = collections.namedtuple('P', 'a b')\ndef u(x):\n    return P(a=x, b=3.0)[0] * x\n", (
            "P._fields = ('b', 'a')",)),
    "named tuple that is given": Scene(
        "P = collections.namedtuple('P', 'a b')\np = P(1.0, 2.0)\ndef u(x, p):\n"
        "    return p.a * x + p._replace(a=5.0).a\n", (
            "P._fields = ('b', 'a')", "P.a = P.b", "P._make = classmethod(lambda cls, v: P(7.0, 8.0))"), "p"),
    "class of a named tuple": Scene(
        "class P(collections.namedtuple('P', 'a b')):\n    __slots__ = ()\n    def area(self):\n"
        "        return self.a * self.b\ndef u(x):\n    return P(x, 2.0).area()\n", (
            "P._fields = ('b', 'a')", "P.a = property(lambda s: 5.0)", "P.__bases__[0]._fields = ('q', 'r')")),
    "subclasses that are asked for": Scene(
        "class A:\n    pass\nclass B(A):\n    pass\nclass Z:\n    pass\nclass D(A):\n    pass\ndef u(x):\n"
        "    return x if issubclass(D, (B, Z)) else x * x\n", (
            "D.__bases__ = (B,)", "D.__bases__ = (Z,)", "D = B", "B = A", "Z = A",
            "class M(type):\n    def __subclasscheck__(cls, c):\n        return True\nclass Z2(Z, metaclass=M):\n    pass\nZ = Z2",
            "class M(type):\n    def __subclasscheck__(cls, c):\n        return True\nB.__class__ = M",
            "class M(type):\n    def __subclasscheck__(cls, c):\n        return True\nZ.__class__ = M")),
    "registered subclass": Scene(
        "import numbers\nclass C:\n    pass\ndef u(x):\n    return x if issubclass(C, numbers.Number) else x * x\n", (
            "numbers.Number.register(C)", "class D(float): pass\nC = D")),
    "what a pattern names": Scene(
        "class C:\n    __match_args__ = ('a', 'b')\n    def __init__(self, a, b):\n        self.a, self.b = a, b\n"
        "o = C(2.0, 3.0)\ndef u(x):\n    match o:\n        case C(p, q):\n            return p * x + q\n"
        "    return x\n", (
            "C.__match_args__ = ('b', 'a')", "o.a = 5.0", "C.__match_args__ = ('a',)")),
    "slot in a class": Scene(
        "class C:\n    __slots__ = ('w',)\no = C()\no.w = 2.0\ndef u(x):\n    return o.w * x\n", (
            "o.w = 5.0", "C.w = property(lambda s: 7.0)", "del C.w\nC.w = 9.0")),
    "list and range inside": Scene(
        "v = collections.deque([1.0, 2.0])\ndef u(x):\n    return sum(a * x for a in v)\n", (
            "v.__init__([5.0])", "v.rotate()", "v.__init__([5.0, 7.0])")),
    "list made anew": Scene(
        "v = [1.0, 2.0]\nd = {'a': 1.0}\ns = {1, 2}\ndef u(x):\n    return sum(v) * d['a'] * x * len(s)\n", (
            "v.__init__([5.0])", "v.__init__([5.0, 7.0])", "d.__init__(a=3.0)", "s.__init__([1])", "d.__init__(b=3.0)")),
    "object made anew": Scene(
        "class C:\n    def __init__(self, w):\n        self.w = w\no = C(2.0)\ndef u(x):\n    return o.w * x\n", (
            "o.__init__(3.0)", "o.__init__([3.0])", "o.__dict__ = {'w': 7.0}", "o.__setstate__ = 3", "o.__dict__.update(w=5)")),
}
