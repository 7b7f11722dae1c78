"""Ways to change the world that go around what is usually asked: classes of modules, views of what was there, deletions.

By the name of a place or thing; they are added to what `places.py` and `things.py` have of it.
"""

from tests.world.places import CLASS, Spot
from tests.world.scenes import Scene

OWN_MODULE = "class Own(types.ModuleType):\n    K = property(lambda self: {new})\nm.__class__ = Own"
VIEWS = ("K = K[::-1]", "K = K[:1]", "K = K.T", "K = K[...]", "K = K[None]", "K = K.view(np.int64)", "K = K.astype('>f8')")
ATTRIBUTES = ("o.__class__ = type('S', (C,), {{'K': property(lambda self: {new})}})",
              "o.__class__ = type('S', (C,), {{'__getattribute__': lambda self, name: {new}}})",
              "o.__class__ = type('S', (C,), {{'K': {new}}})", "del o.K", "object.__setattr__(o, 'K', {new})",
              "o.__dict__.clear()\nC.__getattr__ = lambda self, name: {new}", "C.__getattr__ = lambda self, name: {new}\ndel o.K",
              "o.__dict__.pop('K')\nC.K = {new}", "C.__dict__\nC.K = classmethod(lambda cls: cls)\no.K = {new}")

WAYS: dict[str, tuple[str, ...]] = {
    "global": ("del K\nK = {new}", "del K", *VIEWS, "K = [K][0]", "exec('K = {new}')", "K, L = {new}, 1.0"),
    "module": (OWN_MODULE, "del m.K\nm.__getattr__ = lambda name: {new}", "del m.K", "m = types.SimpleNamespace(K={new})",
               "class m:\n    K = {new}", "m.__dict__.clear()\nm.K = {new}", "m.__init__('other')\nm.K = {new}"),
    "namespace": ("del m.K", "m.__dict__.clear()\nm.K = {new}", "m.__init__(K={new})",
                  "m = types.ModuleType('m')\nm.K = {new}"),
    "instance": ATTRIBUTES,
    "class": ("del C.K\no.K = {new}", "del C.K", "C.__getattr__ = lambda self, name: {new}\ndel C.K",
              "class Base:\n    K = {new}\nclass C2(Base):\n    pass\no.__class__ = C2",
              "class Own(type):\n    K = property(lambda cls: {new})\nC.__class__ = Own"),
    "class itself": ("class Own(type):\n    K = property(lambda cls: {new})\nC.__class__ = Own", "del C.K",
                     "class Own(type):\n    def __getattr__(cls, name):\n        return {new}\ndel C.K\nC.__class__ = Own"),
    "base": ("del A.K", "class P(A):\n    K = property(lambda self: {new})\nB.__bases__ = (P,)",
             "A.K = property(lambda self: {new}, lambda self, thing: None)", "B.__bases__ = (type('Z', (A,), {{'K': {new}}}), A)"),
    "diamond": ("class X(A):\n    K = {new}\nL.__bases__ = (X,)", "del A.K\nR.K = {new}", "class X(A):\n    K = {new}\nR.__bases__ = (X,)",
                "B.__bases__ = (R,)\nR.K = {new}"),
    "metaclass": ("class Other(type):\n    K = {new}\nC.__class__ = Other", "Meta.K = property(lambda cls: {new})", "del Meta.K\nC.K = {new}"),
    "function": ("h.__dict__ = {{'K': {new}}}", "del h.K", "h = functools.wraps(h)(lambda x: x)\nh.K = {new}"),
    "own function": ("u.__dict__ = {{'K': {new}}}", "del u.K"),
    "default": ("u.__defaults__ = None", "u.__defaults__ = ({new}, {new})[:1]"),
    "keyword default": ("u.__kwdefaults__.clear()", "u.__kwdefaults__.update(K={new})", "u.__kwdefaults__ = None"),
    "dict": ("d.clear()\nd['K'] = {new}", "d |= {{'K': {new}}}", "del d['K']", "d = collections.UserDict(K={new})", "d.__init__(K={new})",
             "class Missing(dict):\n    def __missing__(self, key):\n        return {new}\nd = Missing()"),
    "dict with a default": ("d.setdefault('K', {new})", "d = collections.OrderedDict(K={new})", "d.clear()\nthing = {new}"),
    "dict order": ("d['K'] = d.pop('K')", "d.update(z=d.pop('z'), K={new})", "d = dict(reversed(d.items()))"),
    "ordered dict": ("d.move_to_end('K')", "del d['K']", "d.popitem(last=False)\nd['K'] = {new}"),
    "default dict": ("del d['K']", "d = {{'K': {new}}}", "d.default_factory = None\nd['K'] = {new}"),
    "chain map": ("d.maps[0]['K'] = {new}", "d = d.new_child({{'K': {new}}})", "d.maps.clear()\nd.maps.append({{'K': {new}}})", "d = {{'K': {new}}}"),
    "deque": ("v.rotate(1)", "v.clear()\nv.append({new})", "v = [{new}]", "v.popleft()"),
    "list": ("v.reverse()", "del v[0]", "v[0] = v[1]", "v *= 2", "v.__init__([{new}])", "v[0], v[1] = v[1], {new}", "v.clear()",
             "v[0:0] = [{new}]"),
    "last of list": ("v.pop()", "v[-1:] = [{new}, {new}]", "v.sort(key=str)"),
    "nested": ("o.p, q = C(), o.p\no.p.K = {new}", "o.p.__class__ = type('S', (C,), {{'K': property(lambda self: {new})}})", "del o.p.K\nC.K = {new}",
               "o.p = o\no.K = {new}"),
    "slots": ("C.K = property(lambda self: {new})", "del o.K", "del C.K\nC.K = {new}", "C.__getattr__ = lambda self, name: {new}\ndel o.K",
              "o.__class__ = type('S', (C,), {{'__slots__': (), 'K': property(lambda self: {new})}})"),
    "dataclass": ("C.K = property(lambda self: {new}, lambda self, thing: None)", "del o.K\nC.K = {new}", "o.__dict__ = {{'z': 0.5, 'K': {new}}}",
                  "o.__dict__['K'] = {new}", "C.__getattribute__ = lambda self, name: {new}", "del o.K",
                  "o.__class__ = type('S', (C,), {{'K': property(lambda self: {new})}})"),
    "frozen dataclass": ("C.__setattr__ = object.__setattr__\no.K = {new}", "vars(o)['K'] = {new}", "vars(o).clear()\nC.K = {new}"),
    "named tuple": ("P.K = property(lambda self: {new})", "P.K = {new}", "p = types.SimpleNamespace(K={new})"),
    "enum": ("E._member_map_['A']._value_ = {new}", "E.A.__dict__['_value_'] = {new}", "E.value = property(lambda self: {new})"),
    "property": ("C.K.fget.__code__ = (lambda self: {new}).__code__", "C.__getattribute__ = lambda self, name: {new}", "del o.held\nC.held = {new}"),
    "method": ("C.give.__defaults__ = ()\no.held = {new}", "C.__getattribute__ = lambda self, name: lambda: {new}",
               "o.__class__ = type('S', (C,), {{'give': lambda self: {new}}})", "del o.held\nC.held = {new}"),
    "class method": ("del C.held\nclass Own(type):\n    held = {new}\nC.__class__ = Own", "C.give.__func__.__code__ = (lambda cls: {new}).__code__"),
    "call of an object": ("o.__class__ = type('S', (C,), {{'__call__': lambda self: {new}}})", "o.__call__ = lambda: {new}"),
    "partial": ("h = functools.partial(functools.partial(k, K={new}))", "h.keywords.update(K={new})", "h.func.__defaults__ = ({new},)"),
    "wraps": ("h.__dict__ = {{'K': {new}}}", "h.__wrapped__ = lambda x: x\nh.K = {new}", "h.__wrapped__.K = {new}\nh.__dict__.update(h.__wrapped__.__dict__)"),
    "super": ("o.__class__ = type('S', (B,), {{'held': {new}}})\ndel o.held", "B.__bases__ = (type('M', (A,), {{'give': lambda self: {new}}}),)"),
}

PLACES: dict[str, Spot] = {
    "weak reference": Spot(CLASS + "o = C()\no.K = {old}\nr = weakref.ref(o)\n", "r().K", (
        "o.K = {new}", "q = C()\nq.K = {new}\nr = weakref.ref(q)", "del o\nimport gc\ngc.collect()", "r = lambda: o\no.K = {new}", "C.K = property(lambda self: {new})")),
    "weak proxy": Spot(CLASS + "o = C()\no.K = {old}\nr = weakref.proxy(o)\n", "r.K", (
        "o.K = {new}", "q = C()\nq.K = {new}\nr = weakref.proxy(q)", "del o\nimport gc\ngc.collect()", "r = o\no.K = {new}")),
    "weak dict": Spot(CLASS + "o = C()\no.K = {old}\nd = weakref.WeakValueDictionary(a=o)\n", "d['a'].K", (
        "o.K = {new}", "q = C()\nq.K = {new}\nd['a'] = q", "del o\nimport gc\ngc.collect()")),
    "cached property": Spot("class C:\n    @functools.cached_property\n    def K(self):\n        return self.held\no = C()\n"
                            "o.held = {old}\n", "o.K", ("o.held = {new}", "o.__dict__['K'] = {new}", "o.K = {new}", "C.K = {new}",
                                                        "o.__dict__.pop('K', None)\no.held = {new}"), root="o"),
    "attribute by name": Spot(CLASS + "o = C()\no.K = {old}\nname = 'K'\n", "getattr(o, name)", (
        "o.K = {new}", "o.L = {new}\nname = 'L'", "C.K = property(lambda self: {new})"), "o.K"),
    "getter": Spot(CLASS + "o = C()\no.K = {old}\nget = operator.attrgetter('K')\n", "get(o)", (
        "o.K = {new}", "o.L = {new}\nget = operator.attrgetter('L')", "get = lambda o: {new}"), "o.K"),
    "module's own getattr": Spot("m = types.ModuleType('m')\nthing = {old}\nm.__getattr__ = lambda name: thing\n", "m.K", (
        "thing = {new}", "m.K = {new}", "m.__getattr__ = lambda name: {new}", OWN_MODULE), "thing"),
    "inherited slots": Spot("class A:\n    __slots__ = ('K',)\nclass C(A):\n    pass\no = C()\no.K = {old}\n", "o.K", (
        "o.K = {new}", "C.K = {new}", "C.K = property(lambda self: {new})", "A.K = {new}", "o.__dict__['K'] = {new}"), root="o"),
    "counted": Spot("def h():\n    return h.K\nh.K = {old}\n", "h()", ("h.K = {new}", "g = h\ng.K = {new}", "h.__dict__ = {{'K': {new}}}")),
    "chosen by a flag": Spot("flag = False\nthing = {old}\n", "(thing if not flag else 0.75)", (
        "thing = {new}", "flag = True", "flag = np.bool_(True)", "flag = []\nthing = {new}", "flag = 0.0"), "thing"),
    "two cells": Spot("def make():\n    K = {old}\n    L = 1.0\n    def h():\n        return K\n    def u(x):\n        K_ = h()\n"
                      "        return {use}\n    return u, h\nu, h = make()\n", "K_", (
                          "h.__closure__[0].cell_contents = {new}", "u.__closure__[0].cell_contents = lambda: {new}"),
                      "h.__closure__[0].cell_contents", whole=True),
}

OTHERS: dict[str, tuple[str, ...]] = {
    "array": ("np.arange(6.0)[1:3]", "np.broadcast_to(5.0, (2,))", "np.array([2.0, 3.0]).astype('>f8')", "np.array([5.0, 3.0], object)",
              "np.ma.array([2.0, 5.0], mask=[True, False])", "np.array([2.0, 3.0], np.complex128)", "np.array([2.0, 7.0], np.longdouble)",
              "np.array([[2.0, 3.0]])", "np.array(2.0)", "np.array([2.0, 3.0], np.float16)", "np.array(['a', 'b'])"),
    "matrix": ("np.eye(3)[:2, :2]", "np.broadcast_to([2.0, 3.0], (2, 2))", "np.array([[2.0, 3.0], [4.0, 5.0]], order='F')", "np.ones((0, 2))"),
    "float": ("np.float16(3.0)", "np.longdouble(3.0)", "float('nan')", "np.inf", "[3.0]", "np.ma.masked"),
    "int": ("2 ** 70", "np.uint8(200)", "np.bool_(True)", "float('nan')"),
    "dict": ("collections.ChainMap({{'a': 5.0}}, {{'b': 3.0}})", "types.MappingProxyType({{'a': 5.0, 'b': 1.0}})", "{{'a': 2, 'b': 3}}"),
    "list": ("range(2)", "{{2.0: 1.0, 3.0: 2.0}}", "[[2.0], [3.0]]", "[True, False]", "iter([2.0, 3.0])"),
    "enum": ("E", "2.0"),
    "partial": ("functools.partial(functools.partial(third, j=2.0), k=5.0)", "functools.partialmethod(third, k=5.0)"),
}

CHANGES: dict[str, tuple[str, ...]] = {
    "array": ("{o}[:] = {o}[::-1].copy()", "{o}.dtype = '>f8'", "{o}.dtype = np.float32", "{o}.partition(0)", "{o}[...] = np.nan",
              "{o}.strides = (-8,)"),
    "matrix": ("{o}[:] = {o}.T.copy()", "{o}.dtype = '>f8'", "{o}.strides = (0, 8)", "{o}.resize((2, 1), refcheck=False)"),
    "list": ("{o}.sort(reverse=True)", "{o}[0], {o}[1] = {o}[1], {o}[0]", "{o}[0] = True", "{o} *= 2", "{o}[:] = {o} + {o}"),
    "dict": ("{o}['a'] = {o}.pop('a')", "{o} |= {{'z': 9.0}}", "{o}['a'], {o}['b'] = {o}['b'], {o}['a']", "{o}.clear()\n{o}.update(b=3.0, a=2.0)"),
    "object": ("{o}.__class__ = type('S', (Ob,), {{'act': lambda self, y: y * 101.0}})", "vars({o}).clear()", "del {o}.v",
               "{o}.__class__ = type('S', (Ob,), {{'w': property(lambda self: 103.0)}})", "Root.act = Ob.act\ndel Ob.act",
               "Ob.__class__ = type('Own', (type,), {{'scale': property(lambda cls: 107.0)}})", "Ob.__hash__ = lambda self: 1",
               "Ob.__getattr__ = lambda self, name: 109.0\ndel {o}.w", "Ob.act.__defaults__ = (2.0,)", "Ob.__iter__ = lambda self: iter([1.0])"),
    "class": ("{o}.__class__ = type('Own', (type,), {{'__call__': lambda cls, w: type.__call__(cls, 2.0 * w)}})", "del {o}.act",
              "{o}.make.__func__.__code__ = (lambda cls, w: cls(w * 3.0)).__code__", "{o}.helper = lambda self: 113.0",
              "{o}.__init__ = lambda self, w, k=2.0: setattr(self, 'w', w * k)", "{o}.__radd__ = lambda self, other: self"),
    "enum": ("E.A.__dict__['_value_'] = 11.0", "E.extra = 3.0", "E.__eq__ = lambda self, other: True", "E.__len__ = lambda self: 0",
             "E._member_names_.reverse()", "E.value = property(lambda self: 13.0)"),
    "function": ("{o}.__kwdefaults__ = {{'k': 2.0}}", "{o}.__dict__['__wrapped__'] = second", "del {o}.__code__"),
    "partial": ("{o}.keywords.update(k=5.0)", "{o}.__dict__['k'] = 3.0", "third.__kwdefaults__ = {{'k': 3.0}}"),
    "tuple": ("K = {o}[::-1]",),
    "callable": ("{o}.__call__ = lambda y: y * 127.0", "Act.__call__ = Act2.__call__", "Act.__getattribute__ = lambda self, name: 131.0",
                 "del {o}.k\nAct.k = 9.0"),
    "bound method": ("{o}.__self__.go = lambda y: y", "{o}.__self__.__dict__['more'] = lambda: 5.0", "Act.more = lambda self: 6.0", "del Act.more"),
}

SCENES: dict[str, Scene] = {
    "matched by position": Scene("class P:\n    __match_args__ = ('a', 'b')\n    def __init__(self, a, b):\n        self.a, self.b = a, b\n"
                                 "p = P(2.0, 3.0)\ndef u(x):\n    match p:\n        case P(a, b):\n            return x ** a * b\n"
                                 "    return x\n", ("P.__match_args__ = ('b', 'a')", "p.a = 5.0", "p = None", "class Q(P):\n    pass\np.__class__ = Q",
                                                   "P.__match_args__ = ()", "class P:\n    pass")),
    "index of an object": Scene("class V:\n    def __index__(self):\n        return 1\no = V()\ndef u(x):\n    return [x, x * x, x * 3.0][o]\n", (
        "V.__index__ = lambda self: 2", "o = 0", "o = V.__new__(type('W', (V,), {'__index__': lambda self: 0}))")),
    "backwards": Scene("class V:\n    def __len__(self):\n        return 2\n    def __getitem__(self, at):\n        return [2.0, 3.0][at]\no = V()\n"
                       "def u(x):\n    s = x\n    for a in reversed(o):\n        s = s * a + x\n    return s\n", (
                           "V.__reversed__ = lambda self: iter([5.0])", "V.__len__ = lambda self: 1", "o = [7.0, 8.0]", "o = (1.0, 2.0, 3.0)")),
    "missing key": Scene("class D(dict):\n    def __missing__(self, key):\n        return 3.0\nd = D()\ndef u(x):\n    return d['a'] * x\n", (
        "D.__missing__ = lambda self, key: 5.0", "d['a'] = 7.0", "del D.__missing__", "d = {'a': 2}")),
    "call of a class": Scene("class Meta(type):\n    pass\nclass C(metaclass=Meta):\n    def __init__(self, a):\n        self.a = a\n"
                             "def u(x):\n    return C(x).a * 2.0\n", (
                                 "Meta.__call__ = lambda cls, a: types.SimpleNamespace(a=a * a)", "C.a = property(lambda self: 3.0, lambda self, a: None)",
                                 "C.__new__ = lambda cls, a: types.SimpleNamespace(a=7.0)", "C.__init__ = lambda self, a: setattr(self, 'a', a * a)")),
    "fields": Scene("@dataclasses.dataclass\nclass C:\n    a: float\n    b: float = 2.0\no = C(3.0)\ndef u(x):\n"
                    "    return x * len(dataclasses.fields(o)) + dataclasses.replace(o, a=x).a * sum(dataclasses.astuple(o))\n", (
                        "C.__dataclass_fields__.pop('b')", "o.b = 5.0", "C.b = 7.0", "@dataclasses.dataclass\nclass D:\n    a: float\no = D(1.0)",
                        "dataclasses.replace = lambda o, a: o", "C.__init__ = lambda self, a, b=0.0: setattr(self, 'a', 0.0)")),
    "keys of a dict": Scene("class V:\n    def __hash__(self):\n        return 1\n    def __eq__(self, other):\n        return False\n"
                            "a, b = V(), V()\nd = {a: 2.0}\ndef u(x):\n    return x * d.get(b, 3.0)\n", (
                                "V.__eq__ = lambda self, other: True", "b = a", "d[b] = 5.0", "V.__hash__ = lambda self: 2")),
    "unpacked": Scene("v = (2.0, 3.0)\ndef u(x):\n    a, *b = v\n    return x * a * len(b)\n", (
        "v = (2.0, 3.0, 4.0)", "v = [5.0]", "v = np.array([1.0, 2.0])", "v = {1.0: 2.0, 3.0: 4.0}", "v = ()")),
    "keywords": Scene("d = {'k': 3.0}\ndef h(y, k=2.0, j=1.0):\n    return y * k * j\ndef u(x):\n    return h(x, **d)\n", (
        "d['k'] = 5.0", "d['j'] = 5.0", "del d['k']", "d = {}", "d = {'j': 4}", "d['other'] = 1.0", "d = collections.OrderedDict(k=2, j=3)")),
    "arguments": Scene("v = [3.0]\ndef h(y, k=2.0, j=1.0):\n    return y * k * j\ndef u(x):\n    return h(x, *v)\n", (
        "v[0] = 5.0", "v.append(5.0)", "v.clear()", "v = (1, 2)", "v = np.array([4.0])", "v += [1.0, 2.0]")),
    "formatted name": Scene("k = 1\nW1, W2 = 2.0, 3.0\ndef u(x):\n    return x * globals()[f'W{k}']\n", ("k = 2", "W1 = 5.0", "k = '2'")),
    "guarded import": Scene("try:\n    import drawn_nothing as maths\nexcept ImportError:\n    maths = math\ndef u(x):\n    return x * maths.pi\n", (
        "maths = types.SimpleNamespace(pi=2.0)", "maths = np", "maths = None")),
    "errors of the world": Scene("d = {'a': 2.0}\ndef u(x):\n    try:\n        return x * d['b']\n    except KeyError:\n        return x * d['a']\n", (
        "d['b'] = 3.0", "d['a'] = 5.0", "del d['a']", "KeyError = ValueError")),
    "callable kept in a dict": Scene("def a(y):\n    return y * y\ndef b(y):\n    return y * 3.0\nd = {'f': a}\ndef u(x):\n    return d['f'](x)\n", (
        "d['f'] = b", "d = {'f': np.sin}", "a.__code__ = b.__code__", "del d['f']", "d['f'] = functools.partial(b)", "d['g'] = b")),
}
