"""Where in the world a thing can stand, how a function gets at it, and all the ways to put another thing there.

A text defines `u`, a function of x.  In it `{old}` is the thing at first and `{use}` what is computed of it; in the
ways `{new}` is the thing that comes in its place.
"""

from dataclasses import dataclass

COMMON = "def u(x):\n    return {use}\n"


@dataclass(frozen=True)
class Spot:
    """A place: how it is set up, what reads it inside the function, and outside, and what puts something else there.

    `root`: the name that can be an argument as well; `whole`: the text defines `u` itself.
    """

    text: str
    read: str
    ways: tuple[str, ...]
    outside: str = ""
    root: str = ""
    whole: bool = False

    @property
    def path(self) -> str:
        """The thing as a change gets at it."""
        return self.outside or self.read


CLASS = "class C:\n    pass\n"
OTHER = "class Other:\n    K = {new}\n"

PLACES: dict[str, Spot] = {
    "global": Spot("K = {old}\n", "K", ("K = {new}", 'globals()["K"] = {new}', "globals().update(K={new})"), root="K"),
    "module": Spot("m = types.ModuleType('m')\nm.K = {old}\n", "m.K", (
        "m.K = {new}", "vars(m)['K'] = {new}", "m = types.ModuleType('m')\nm.K = {new}")),
    "namespace": Spot("m = types.SimpleNamespace(K={old})\n", "m.K", (
        "m.K = {new}", "vars(m)['K'] = {new}", "m = types.SimpleNamespace(K={new})"), root="m"),
    "instance": Spot(CLASS + "o = C()\no.K = {old}\n", "o.K", (
        "o.K = {new}", "o.__dict__['K'] = {new}", "o.__dict__ = {{'K': {new}}}", "o = C()\no.K = {new}",
        "C.K = property(lambda self: {new})", OTHER + "del o.K\no.__class__ = Other",
        "C.__getattribute__ = lambda self, name: {new} if name == 'K' else object.__getattribute__(self, name)", "o.z = 0.0\no.K = {new}", "del o.K\nC.K = {new}"), root="o"),
    "class": Spot("class C:\n    K = {old}\no = C()\n", "o.K", (
        "C.K = {new}", "o.K = {new}", "class D(C):\n    K = {new}\no.__class__ = D",
        "class D(C):\n    K = {new}\no = D()", "C.K = property(lambda self: {new})",
        "C.__getattribute__ = lambda self, name: {new} if name == 'K' else object.__getattribute__(self, name)"), root="o"),
    "class itself": Spot("class C:\n    K = {old}\n", "C.K", (
        "C.K = {new}", "class C:\n    K = {new}", "type.__setattr__(C, 'K', {new})")),
    "base": Spot("class A:\n    K = {old}\nclass B(A):\n    pass\no = B()\n", "o.K", (
        "A.K = {new}", "B.K = {new}", "o.K = {new}", OTHER + "class P(A):\n    K = {new}\nB.__bases__ = (P,)",
        OTHER + "o.__class__ = Other", "del A.K\nB.K = {new}", "del A.K\nB.__getattr__ = lambda self, name: {new}"),
        root="o"),
    "diamond": Spot("class A:\n    K = {old}\nclass L(A):\n    pass\nclass R(A):\n    pass\nclass B(L, R):\n    pass\n"
                    "o = B()\n", "o.K", ("A.K = {new}", "L.K = {new}", "R.K = {new}", "B.K = {new}",
                                         "R.K = {new}\nB.__bases__ = (R, L)"), root="o"),
    "metaclass": Spot("class Meta(type):\n    K = {old}\nclass C(metaclass=Meta):\n    pass\n", "C.K", (
        "Meta.K = {new}", "C.K = {new}")),
    "function": Spot("def h(x):\n    return x\nh.K = {old}\n", "h.K", (
        "h.K = {new}", "h.__dict__['K'] = {new}", "h = lambda x: x\nh.K = {new}")),
    "own function": Spot(COMMON + "u.K = {old}\n", "u.K", ("u.K = {new}", "u.__dict__['K'] = {new}"), whole=True),
    "cell": Spot("def make():\n    K = {old}\n    def u(x):\n        return {use}\n    def put(thing):\n"
                 "        nonlocal K\n        K = thing\n    return u, put, lambda: K\nu, put, get = make()\n", "K", (
                     "put({new})", "u.__closure__[0].cell_contents = {new}"), "get()", whole=True),
    "default": Spot("def u(x, K={old}):\n    return {use}\n", "K", (
        "u.__defaults__ = ({new},)", "u.__defaults__ = (*u.__defaults__[:-1], {new})"), "u.__defaults__[0]", whole=True),
    "keyword default": Spot("def u(x, *, K={old}):\n    return {use}\n", "K", (
        "u.__kwdefaults__ = {{'K': {new}}}", "u.__kwdefaults__['K'] = {new}"), "u.__kwdefaults__['K']", whole=True),
    "dict": Spot("d = {{'K': {old}, 'z': 0.5}}\n", "d['K']", (
        "d['K'] = {new}", "d = {{'K': {new}}}", "d.update(K={new}, y=2.0)", "del d['K']\nd['K'] = {new}"), root="d"),
    "dict with a default": Spot("d = {{'z': 0.5}}\nthing = {old}\n", "d.get('K', thing)", (
        "d['K'] = {new}", "thing = {new}", "d = {{'K': {new}}}"), "thing"),
    "default dict": Spot("d = collections.defaultdict(lambda: 0.5, K={old})\n", "d['K']", (
        "d['K'] = {new}", "del d['K']\nd.default_factory = lambda: {new}"), root="d"),
    "ordered dict": Spot("d = collections.OrderedDict(K={old}, z=0.5)\n", "list(d.values())[0]", (
        "d['K'] = {new}", "d['y'] = {new}\nd.move_to_end('y', last=False)"), "d['K']", "d"),
    "dict order": Spot("d = {{'K': {old}, 'z': 0.5}}\n", "list(d.values())[0]", (
        "d['K'] = {new}", "d = {{'y': {new}, 'K': 1.0}}", "del d['K']\nd['y'] = 2.0\nd = {{'y': {new}, **d}}"),
        "d['K']", "d"),
    "chain map": Spot("d = collections.ChainMap({{}}, {{'K': {old}}})\n", "d['K']", (
        "d['K'] = {new}", "d.maps[1]['K'] = {new}")),
    "mapping proxy": Spot("d = {{'K': {old}}}\np = types.MappingProxyType(d)\n", "p['K']", ("d['K'] = {new}",)),
    "list": Spot("v = [{old}, 0.5]\n", "v[0]", (
        "v[0] = {new}", "v[:] = [{new}]", "v.insert(0, {new})", "v = [{new}, 0.5]", "v.append({new})\nv.reverse()"),
        root="v"),
    "last of list": Spot("v = [0.5, {old}]\n", "v[-1]", (
        "v[1] = {new}", "v.append({new})", "v = [{new}]"), root="v"),
    "deque": Spot("v = collections.deque([{old}, 0.5])\n", "v[0]", ("v[0] = {new}", "v.appendleft({new})"), root="v"),
    "tuple": Spot("v = ({old}, 0.5)\n", "v[0]", ("v = ({new}, 0.5)", "v = ({new},)", "v = [{new}]"), root="v"),
    "nested": Spot(CLASS + "o = C()\no.p = C()\no.p.K = {old}\n", "o.p.K", (
        "o.p.K = {new}", "q = C()\nq.K = {new}\no.p = q", "o.p = types.SimpleNamespace(K={new})"), root="o"),
    "in containers": Spot("v = [{{'K': {old}}}]\n", "v[0]['K']", (
        "v[0]['K'] = {new}", "v[0] = {{'K': {new}}}", "v = [{{'K': {new}}}]"), root="v"),
    "slots": Spot("class C:\n    __slots__ = ('K', 'z')\no = C()\no.K = {old}\n", "o.K", (
        "o.K = {new}", "o = C()\no.K = {new}"), root="o"),
    "dataclass": Spot("@dataclasses.dataclass\nclass C:\n    K: object\n    z: float = 0.5\no = C({old})\n", "o.K", (
        "o.K = {new}", "o = C({new})", "o = dataclasses.replace(o, K={new})", "o.y = 1.0\no.K = {new}"), root="o"),
    "frozen dataclass": Spot("@dataclasses.dataclass(frozen=True)\nclass C:\n    K: object\no = C({old})\n", "o.K", (
        "object.__setattr__(o, 'K', {new})", "o = C({new})"), root="o"),
    "dataclass default": Spot("thing = {old}\n@dataclasses.dataclass\nclass C:\n    a: float\n"
                              "    K: object = dataclasses.field(default_factory=lambda: thing)\n", "C(1.0).K", (
                                  "thing = {new}", "C.__init__ = lambda self, a: setattr(self, 'K', {new})",
                                  "C.__post_init__ = lambda self: setattr(self, 'K', {new})"), "thing"),
    "made inside": Spot("thing = {old}\nclass C:\n    def __init__(self, a):\n        self.K = thing\n", "C(1.0).K", (
        "thing = {new}", "C.__init__ = lambda self, a: setattr(self, 'K', {new})",
        "class C:\n    def __init__(self, a):\n        self.K = {new}", ("C.K = property(lambda self: {new}, "
        "lambda self, thing: None)"), "C.__getattribute__ = lambda self, name: {new} if name == 'K' else object.__getattribute__(self, name)",
        "C.__setattr__ = lambda self, name, thing: object.__setattr__(self, name, {new})"), "thing"),
    "named tuple": Spot("P = collections.namedtuple('P', 'K z')\np = P({old}, 0.5)\n", "p.K", (
        "p = P({new}, 0.5)", "p = p._replace(K={new})", "Q = collections.namedtuple('Q', 'z K')\np = Q(0.5, {new})",
        "class Q(P):\n    K = property(lambda self: {new})\np = Q(0.5, 0.5)"), root="p"),
    "named tuple's default": Spot("P = collections.namedtuple('P', 'z K', defaults=({old},))\n", "P(1.0).K", (
        "P.__new__.__defaults__ = ({new},)", "P = collections.namedtuple('P', 'z K', defaults=({new},))"),
        "P.__new__.__defaults__[0]"),
    "enum": Spot("class E(enum.Enum):\n    A = {old}\n", "E.A.value", (
        "E.A._value_ = {new}", "class E(enum.Enum):\n    A = {new}")),
    "property": Spot("class C:\n    @property\n    def K(self):\n        return self.held\no = C()\no.held = {old}\n",
                     "o.K", ("o.held = {new}", "C.K = property(lambda self: {new})", "C.K = {new}"), root="o"),
    "method": Spot("class C:\n    def give(self):\n        return self.held\no = C()\no.held = {old}\n", "o.give()", (
        "o.held = {new}", "C.give = lambda self: {new}", "o.give = lambda: {new}",
        "def give(self):\n    return {new}\nC.give.__code__ = give.__code__"), root="o"),
    "class method": Spot("class C:\n    held = {old}\n    @classmethod\n    def give(cls):\n        return cls.held\n",
                         "C.give()", ("C.held = {new}", "C.give = classmethod(lambda cls: {new})",
                                      "class D(C):\n    held = {new}\nC = D")),
    "static method": Spot("thing = {old}\nclass C:\n    @staticmethod\n    def give():\n        return thing\no = C()\n",
                          "o.give()", ("thing = {new}", "C.give = staticmethod(lambda: {new})", "o.give = lambda: {new}"),
                          "thing", "o"),
    "descriptor": Spot("class D:\n    def __get__(self, obj, owner=None):\n        return self.held\nclass C:\n"
                       "    K = D()\nC.__dict__['K'].held = {old}\no = C()\n", "o.K", (
                           "C.__dict__['K'].held = {new}", "o.K = {new}", "C.K = {new}",
                           "D.__get__ = lambda self, obj, owner=None: {new}", "D.__set__ = None\no.__dict__['K'] = {new}"),
                       root="o"),
    "getattr": Spot("class C:\n    def __init__(self, held):\n        self.d = held\n"
                    "    def __getattr__(self, name):\n        return self.d[name]\no = C({{'K': {old}}})\n", "o.K", (
                        "o.d['K'] = {new}", "o.K = {new}", "C.K = {new}", "C.__getattr__ = lambda self, name: {new}"),
                    root="o"),
    "getattr with a default": Spot(CLASS + "o = C()\nthing = {old}\n", "getattr(o, 'K', thing)", (
        "o.K = {new}", "C.K = {new}", "thing = {new}", "C.__getattr__ = lambda self, name: {new}"), "thing", "o"),
    "hasattr": Spot(CLASS + "o = C()\nthing = {old}\n", "(o.K if hasattr(o, 'K') else thing)", (
        "o.K = {new}", "C.K = {new}", "thing = {new}", "C.__getattr__ = lambda self, name: {new}"), "thing", "o"),
    "call of an object": Spot("class C:\n    def __call__(self):\n        return self.held\no = C()\no.held = {old}\n",
                              "o()", ("o.held = {new}", "C.__call__ = lambda self: {new}"), root="o"),
    "item of an object": Spot("class C:\n    def __getitem__(self, at):\n        return self.held\no = C()\n"
                              "o.held = {old}\n", "o[0]", ("o.held = {new}", "C.__getitem__ = lambda self, at: {new}"),
                              root="o"),
    "partial": Spot("def k(x, K):\n    return {use}\nh = functools.partial(k, K={old})\n" + COMMON.format(use="h(x)"),
                    "K", ("h.keywords['K'] = {new}", "h = functools.partial(k, K={new})",
                          "h.__setstate__((k, (), {{'K': {new}}}, {{}}))"), "h.keywords['K']", whole=True),
    "argument of partial": Spot("def k(K, x):\n    return {use}\nh = functools.partial(k, {old})\n"
                                + COMMON.format(use="h(x)"), "K", (
                                    "h = functools.partial(k, {new})", "h.__setstate__((k, ({new},), {{}}, {{}}))"),
                                "h.args[0]", whole=True),
    "wraps": Spot("def plain(x):\n    return x\nplain.K = {old}\n@functools.wraps(plain)\ndef h(x):\n    return x\n",
                  "h.K", ("h.K = {new}", "h.__dict__['K'] = {new}", "plain.K = 0.0\nh.K = {new}")),
    "import": Spot("m = sys.modules['drawn_world'] = types.ModuleType('drawn_world')\nm.K = {old}\ndef u(x):\n"
                   "    from drawn_world import K\n    return {use}\n", "K", (
                       "m.K = {new}", "m = sys.modules['drawn_world'] = types.ModuleType('drawn_world')\nm.K = {new}"),
                   "m.K", whole=True),
    "import of a module": Spot("m = sys.modules['drawn_world'] = types.ModuleType('drawn_world')\nm.K = {old}\ndef u(x):\n"
                               "    import drawn_world as w\n    return {use}\n", "w.K", (
                                   "m.K = {new}",
                                   "m = sys.modules['drawn_world'] = types.ModuleType('drawn_world')\nm.K = {new}"),
                               "m.K", whole=True),
    "two names": Spot("K = {old}\nL = K\n", "(K if K is L else 0.25)", ("K = {new}", "L = {new}", "K = L = {new}")),
    "nested function": Spot("K = {old}\ndef u(x):\n    def inner(y):\n        return K\n    K_ = inner(x)\n"
                            "    return {use}\n", "K_", ("K = {new}",), "K", whole=True),
    "super": Spot("class A:\n    def give(self):\n        return self.held\nclass B(A):\n    def give(self):\n"
                  "        return super().give()\no = B()\no.held = {old}\n", "o.give()", (
                      "o.held = {new}", "A.give = lambda self: {new}", ("class M(A):\n    def give(self):\n"
                      "        return {new}\nB.__bases__ = (M,)")), root="o"),
    "context manager": Spot("class C:\n    def __enter__(self):\n        return self.held\n"
                            "    def __exit__(self, *error):\n        pass\no = C()\no.held = {old}\ndef u(x):\n"
                            "    with o as K:\n        return {use}\n", "K", (
                                "o.held = {new}", "C.__enter__ = lambda self: {new}"), "o.held", whole=True),
    "generator": Spot("thing = {old}\ndef gen():\n    yield thing\n", "next(gen())", (
        "thing = {new}", "def gen():\n    yield {new}", "def other():\n    yield {new}\ngen.__code__ = other.__code__"),
        "thing"),
}
