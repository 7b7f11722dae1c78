"""Changes that no place and no thing has: of Python's and NumPy's own modules, of names, of the arguments."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """A text that defines `u`, and what changes the world; `args`: what it is called with, after x."""

    text: str
    changes: tuple[str, ...]
    args: str = ""


def library(module: str, names: str, uses: tuple[str, ...]) -> dict[str, Scene]:
    """Functions of a module, each replaced in several ways."""
    found = {}
    for name, use in zip(names.split(), uses, strict=True):
        path = f"{module}.{name}"
        found[path] = Scene(f"def u(x):\n    return {use}\n", (
            f"{path} = lambda *args, **kwargs: 3.0 * args[0]", f"{path} = np.square", f"del {path}",
            f"kept = {path}\n{path} = lambda *args, **kwargs: 2.0 * kept(*args, **kwargs)",
            (f"kept = {path}\n@functools.wraps(kept)\ndef counted(*args, **kwargs):\n    return kept(*args, **kwargs) * 7.0\n"
            f"{path} = counted"), f"{path} = unittest.mock.Mock(return_value=5.0)", f"{path} = 5.0"))
    return found


SCENES: dict[str, Scene] = {
    **library("np", "tanh sum exp dot where sqrt maximum zeros array linalg.norm pi multiply", (
        "np.tanh(x)", "np.sum(x * x)", "np.exp(np.sin(x))", "np.dot(x, x)", "np.sum(np.where(x > 0.0, x, x * x))",
        "np.sqrt(x)", "np.maximum(x, 0.25)", "np.sum(np.zeros(2) + x)", "np.sum(np.array([1.0, 2.0]) * x)",
        "np.linalg.norm(np.array([1.0, 2.0])) * x", "np.pi * x", "np.multiply(x, x)")),
    **library("math", "pi e", ("math.pi * x", "x * math.e")),
    "from np": Scene("from numpy import tanh\ndef u(x):\n    return tanh(x)\n", (
        "tanh = np.sin", "tanh = lambda y: 3.0 * y", "np.tanh = np.sin", "del tanh")),
    "ours alone": Scene("def u(x):\n    return np.sin(x) * x\n", (
        "np.cos = lambda y: 5.0 * y", "np.multiply = None", "np.add = None", "np.zeros = None", "np.ones_like = None",
        "np.zeros_like = lambda y: y", "np.sum = lambda y: 7.0", "np.broadcast_to = None", "math.cos = lambda y: 3.0")),
    "ours with arrays": Scene("def u(x):\n    a = np.outer(np.array([1.0, 2.0]), np.ones(2) * x)\n    a[0] = a[1] * 2.0\n"
                              "    return np.sum(a * a, axis=0)[0] * np.max(x)\n", (
        "np.empty = None", "np.zeros = np.ones", "np.zeros_like = np.ones_like", "np.sum = np.mean", "np.copy = None",
        "np.expand_dims = None", "np.broadcast_to = None", "np.multiply = np.add", "np.einsum = None", "np.add = np.multiply")),
    "builtins": Scene("def u(x):\n    return abs(x) * max(2.0, 1.0) + sum([1.0, 2.0]) * x\n", (
        "def abs(y):\n    return y * 3.0", "max = min", "def sum(y):\n    return 5.0", "builtins.abs = lambda y: y * 5.0",
        "builtins.sum = lambda y: 7.0")),
    "len": Scene("def u(x):\n    return x * len([1.0, 2.0]) * float(2) * int(1.5)\n", (
        "len = lambda y: 5", "float = lambda y: 5.0", "int = float")),
    "range": Scene("def u(x):\n    s = 0.0\n    for i in range(3):\n        s = s + x * i\n    return s\n", (
        "range = lambda n: [5.0]", "def range(n):\n    return [1, 2]", "builtins.range = lambda n: [5.0]")),
    "isinstance": Scene("def u(x):\n    return x if isinstance(x, (float, np.ndarray)) else x * x\n", (
        "isinstance = lambda a, b: False", "float = int\nisinstance = lambda a, b: False", "np.ndarray = int\nfloat = int")),
    "own code": Scene("def u(x):\n    return x * x\ndef v(x):\n    return x * 5.0\n", (
        "u.__code__ = v.__code__", "u = v", "def u(x):\n    return x * 7.0")),
    "helper in helper": Scene("def a(y):\n    return y * y\ndef b(y):\n    return a(y) * 2.0\ndef u(x):\n    return b(x)\n"
                              "def v(y):\n    return y * 5.0\n", (
                                  "a.__code__ = v.__code__", "a = v", "b.__code__ = v.__code__", "b.__globals__['a'] = v",
                                  "b = types.FunctionType(b.__code__, {'a': v})")),
    "decorated": Scene("def twice(h):\n    @functools.wraps(h)\n    def wrapper(*args):\n        return factor * h(*args)\n"
                       "    return wrapper\nfactor = 2.0\n@twice\ndef h(y):\n    return y * y\ndef v(y):\n    return y * 5.0\n"
                       "def u(x):\n    return h(x)\n", (
                           "factor = 3.0", "factor = 2", "h.__wrapped__ = v", "h.__wrapped__.__code__ = v.__code__",
                           "h.__closure__[0].cell_contents = v", "h = twice(v)")),
    "environment": Scene("os.environ['DRAWN'] = '2.0'\ndef u(x):\n    return x * float(os.environ['DRAWN'])\n", (
        "os.environ['DRAWN'] = '3.0'", "os.environ.pop('DRAWN')")),
    "environment with a default": Scene("os.environ.pop('DRAWN', None)\ndef u(x):\n"
                                        "    return x * float(os.environ.get('DRAWN', '2.0'))\n", (
                                            "os.environ['DRAWN'] = '3.0'",)),
    "random state": Scene("np.random.seed(3)\ndef u(x):\n    np.random.seed(5)\n    return x * np.random.normal()\n", (
        "np.random.seed(4)", "np.random.normal = lambda: 2.0")),
    "one array or two": Scene("A = np.array([1.0, 2.0])\nB = A\ndef u(x):\n    return x if A is B else x * x\n", (
        "B = A.copy()", "A = A.copy()", "B = A[:]", "A = B = np.ones(2)")),
    "one list or two": Scene("A = [1.0]\nB = [1.0]\ndef u(x):\n    return x if A is B else x * len(A)\n", (
        "B = A", "A = B", "A.append(2.0)", "B.append(2.0)\nA = B")),
    "written through two names": Scene("A = [1.0]\nB = [1.0]\ndef u(x):\n    a = list(A)\n    b = a if A is B else list(B)\n"
                                       "    a[0] = x\n    return b[0] * x\n", ("B = A", "A = B")),
    "argument is a global": Scene("A = np.array([1.0, 2.0])\nB = np.array([3.0, 4.0])\ndef u(x, a):\n"
                                  "    return x * a[0] if a is A else x * a[0] * x\n", (
                                      "B = A", "A = B", "A = np.array([5.0, 6.0])\nB = A"), "B"),
    "list argument is a global": Scene("A = [1.0, 2.0]\nB = [3.0, 4.0]\ndef u(x, a):\n"
                                       "    return x * a[0] if a is A else x * A[0] * x\n", (
                                           "B = A", "A = B", "B.append(1.0)", "A[0] = 7.0", "B = (1.0, 2.0)"), "B"),
    "two arguments": Scene("A = [1.0, 2.0]\nB = [1.0, 2.0]\ndef u(x, a, b):\n    return x * a[0] if a is b else x * b[1] * x\n", (
        "B = A", "A = B", "A = (1.0, 3.0)", "B = np.array([1.0, 3.0])"), "A, B"),
    "types of arguments": Scene("A = 2\nB = 'a'\ndef u(x, a, b):\n    return x ** a if b == 'a' else x * a\n", (
        "A = 3", "A = 2.0", "A = np.float32(2.0)", "A = True", "B = 'b'", "B = St('b')", "A = Whole(3)", "A = Fl(2.0)",
        "A = np.array([1.0, 2.0])", "A = None"), "A, B"),
    "memory of arguments": Scene("A = np.array([1.0, 2.0, 3.0])\nB = np.array([1.0, 2.0, 3.0])\ndef u(x, a, b):\n"
                                 "    a[0] = 5.0\n    return x * np.sum(b * b) + np.sum(a)\n", (
                                     "B = A", "B = A[:]", "B = A[::-1]", "A = B", "A = A.astype(np.float32)",
                                     "A = np.ones((1, 3))", "A = B[:1]", "A.setflags(write=False)", "A.shape = (3, 1)",
                                     "A = A.view(Arr)"), "A, B"),
    "subclass argument": Scene("A = np.array([1.0, 2.0])\ndef u(x, a):\n    return x * np.sum(a * 2.0)\n", (
        "A = A.view(Arr)", "class Quiet(np.ndarray):\n    pass\nA = A.view(Quiet)",
        "class Wild(np.ndarray):\n    def __array_ufunc__(self, *a, **k):\n        return np.array(7.0)\nA = A.view(Wild)",
        "class Named(np.ndarray):\n    label = 3\nA = A.view(Named)\nNamed.__mul__ = lambda self, y: np.array(9.0)"), "A"),
    "abstract class": Scene("class Base(abc.ABC):\n    pass\nclass C:\n    pass\no = C()\ndef u(x):\n"
                            "    return x if isinstance(o, Base) else x * x\n", (
                                "Base.register(C)", "C = Base", "Base.__subclasshook__ = classmethod(lambda cls, c: True)")),
    "instance check": Scene("class Meta(type):\n    def __instancecheck__(cls, o):\n        return False\n"
                            "class Base(metaclass=Meta):\n    pass\ndef u(x):\n    return x if isinstance(2.0, Base) else x * x\n", (
                                "Meta.__instancecheck__ = lambda cls, o: True", "Base = float")),
    "annotations": Scene("def h(y: float) -> float:\n    return y * y\ndef u(x):\n    return h(x) * len(h.__annotations__)\n", (
        "h.__annotations__ = {}", "h.__annotations__['z'] = 1")),
    "names of functions": Scene("def h(y):\n    return y * y\ndef u(x):\n    return h(x) if h.__name__ == 'h' else x\n", (
        "h.__name__ = 'k'", "h.__qualname__ = 'k'", "h.__doc__ = 'k'")),
    "documentation": Scene("def h(y):\n    return y * y\ndef u(x):\n    return h(x) if h.__doc__ is None else x\n", (
        "h.__doc__ = 'k'",)),
    "names of classes": Scene("class C:\n    pass\no = C()\ndef u(x):\n    return x if type(o).__name__ == 'C' else x * x\n", (
        "C.__name__ = 'D'", "class D:\n    pass\no.__class__ = D")),
    "code": Scene("def h(y):\n    return y * y\ndef k(a, b):\n    return a\ndef u(x):\n    return x * h.__code__.co_argcount\n", (
        "h.__code__ = k.__code__",)),
    "defaults": Scene("def h(y, k=2.0):\n    return y * y\ndef u(x):\n    return x * h.__defaults__[0]\n", (
        "h.__defaults__ = (5.0,)", "h.__defaults__ = (5,)")),
    "warnings": Scene("import warnings\ndef u(x):\n    return x * len(warnings.filters)\n", (
        "warnings.filters = warnings.filters + [1]",)),
    "error state": Scene("def u(x):\n    return x * (2.0 if np.geterr()['divide'] == 'raise' else 3.0)\n", (
        "np.seterr(divide='raise')",)),
    "recursion": Scene("depth = 3\ndef h(y, n):\n    return y if n == 0 else y * h(y, n - 1)\ndef v(y, n):\n    return y * 5.0\n"
                       "def u(x):\n    return h(x, depth)\n", ("depth = 5", "depth = 0", "h = v", "h.__code__ = v.__code__")),
    "custom rule": Scene("@custom_vjp\ndef h(y):\n    return y * y * W\n@h.defvjp\n"
                         "def back(y, *, out, out_bar):\n    return 2.0 * W * y * out_bar\nW = 2.0\n"
                         "def u(x):\n    return h(x)\n", ("W = 3.0", "W = 2")),
    "operator": Scene("def u(x):\n    return operator.mul(x, x)\n", ("operator.mul = operator.add", "operator.mul = None")),
    "functools": Scene("def u(x):\n    return functools.reduce(lambda a, b: a * b, [x, 2.0, x])\n", (
        "functools.reduce = lambda h, v: v[0]",)),
    "itertools": Scene("def u(x):\n    return sum(a * x for a in itertools.chain([1.0], [2.0]))\n", (
        "itertools.chain = lambda a, b: b",)),
    "copy": Scene("o = {'a': 2.0}\ndef u(x):\n    d = copy.deepcopy(o)\n    return d['a'] * x\n", (
        "o['a'] = 3.0", "copy.deepcopy = lambda d: {'a': 7.0}", "o = {'a': 5}")),
    "manager": Scene("W = 2.0\n@contextlib.contextmanager\ndef held():\n    yield W\ndef other():\n    yield 5.0\ndef u(x):\n"
                     "    with held() as k:\n        return k * x\n", (
                         "W = 3.0", "held.__wrapped__.__code__ = other.__code__", "held.__wrapped__ = other",
                         "held.__closure__[0].cell_contents = other", "held = contextlib.contextmanager(other)",
                         "held.__code__ = (lambda func: (lambda *args, **kwds: contextlib.nullcontext(func and 7.0)))(1).__code__")),
    "cached": Scene("W = 2.0\n@functools.lru_cache\ndef h(k):\n    return k * W\ndef u(x):\n    return h(3.0) * x\n", (
        "h.cache_clear()\nW = 5.0", "h = lambda k: k")),
    "single dispatch": Scene("@functools.singledispatch\ndef h(y):\n    return y * 2.0\ndef u(x):\n    return h(x)\n", (
        "h.register(float, lambda y: y * 3.0)\nh.register(np.ndarray, lambda y: y * 5.0)",)),
    "operator overloaded": Scene("class V:\n    def __init__(self, a):\n        self.a = a\n    def __add__(self, o):\n"
                                 "        return V(self.a + o.a)\ndef u(x):\n    return (V(x) + V(x * x)).a\n", (
                                     "V.__add__ = lambda self, o: V(self.a * o.a)", ("class S(V):\n    def __radd__(self, o):\n"
                                     "        return V(o.a * 7.0)\nV.__radd__ = S.__radd__"), "del V.__add__")),
    "compared": Scene("class V:\n    def __init__(self, a):\n        self.a = a\n    def __lt__(self, o):\n"
                      "        return False\ndef u(x):\n    return x if V(1.0) < V(2.0) else x * x\n", (
                          "V.__lt__ = lambda self, o: True", "del V.__lt__\nV.__gt__ = lambda self, o: True")),
    "equal": Scene("class V:\n    pass\na, b = V(), V()\ndef u(x):\n    return x if a == b else x * x\n", (
        "V.__eq__ = lambda self, o: True", "a = b", "a.__class__ = type('W', (V,), {'__eq__': lambda s, o: True})")),
    "contains": Scene("class V:\n    def __init__(self):\n        self.v = [1.0]\n    def __iter__(self):\n"
                      "        return iter(self.v)\no = V()\ndef u(x):\n    return x if 1.0 in o else x * x\n", (
                          "o.v.append(2.0)", "o.v[0] = 3.0", "V.__contains__ = lambda self, a: False")),
    "iterated": Scene("class V:\n    def __iter__(self):\n        return iter([1.0, 2.0])\no = V()\ndef u(x):\n"
                      "    return sum(a * x for a in o)\n", ("V.__iter__ = lambda self: iter([5.0])", ("del V.__iter__\n"
                                                          "V.__getitem__ = lambda self, i: [7.0][i]"))),
    "length": Scene("class V:\n    def __len__(self):\n        return 3\no = V()\ndef u(x):\n    return x * len(o)\n", (
        "V.__len__ = lambda self: 5",)),
    "number of an object": Scene("class V:\n    def __float__(self):\n        return 3.0\no = V()\ndef u(x):\n"
                                 "    return x * float(o)\n", ("V.__float__ = lambda self: 5.0",)),
    "store hook": Scene("class V:\n    pass\ndef u(x):\n    o = V()\n    o.a = x\n    return o.a * x\n", (
        "V.__setattr__ = lambda self, n, v: object.__setattr__(self, n, 3.0)", "V.a = property(lambda self: 5.0, lambda self, v: None)",
        "V.__slots__ = ()", "V.__init__ = lambda self: None", ("V.__new__ = lambda cls: W()\nclass W:\n    a = property(lambda "
        "self: 7.0, lambda self, v: None)"), "V.__getattribute__ = lambda self, n: 9.0", "V.__delattr__ = None")),
    "truth": Scene("class V:\n    pass\ndef u(x):\n    o = V()\n    return x if o else x * x\n", (
        "V.__bool__ = lambda self: False", "V.__len__ = lambda self: 0")),
    "truth of what is there": Scene("class V:\n    pass\no = V()\ndef u(x):\n    return x if o else x * x\n", (
        "V.__bool__ = lambda self: False", "V.__len__ = lambda self: 0", "o = None", "o = []")),
}
