"""Forms of transforms inside, `collections`, `operator`, contexts, decorators and blocks under `no_grad`: see `grammar`."""

EXPRESSIONS: dict[str, str] = {
    "s": """
        slope_of(<s>, <s>)
        2 both_of(<s>, <s>)[0] + both_of(<s>, <s>)[1]
        np.sum(slope_along(<v>, <s>))
        slope_along(<V>, <s>) @ <v>
        grad(slope_of)(<s>, <s>)
        jvp(bent, (<s>, <s>), (<s>, 0.5))[1]
        jvp(bowl, (<v>, <s>), (<v>, 0.3))[1]
        vjp(bowl, <v>, <s>)[1](1.0)[1]
        np.sum(vmap(bent, in_dims=(0, None))(<v>, <s>))
        checkpoint(bent)(<s>, <s>)
        sum(z * <s> for z in checkpointed(range(3)))
        0 grad(lambda z: np.sin(z) * <s>)(<s>)
        operator.mul(<s>, <s>)
        operator.itemgetter(1)((<s>, <s>))
        operator.attrgetter('s')(BOX) * <s>
        functools.reduce(operator.mul, <N>, <s>)
        functools.reduce(operator.add, (<s>, <s>, <s>))
        collections.Counter('aab')['a'] * <s>
        collections.deque([<s>, <s>, <s>], 2)[0]
        collections.OrderedDict(a=<s>, b=<s>)['b']
        sum(g * h for g, h in zip(*[(<s>, <s>), (<s>, <s>)]))
        sum(map(operator.mul, <N>, <N>))
        sum(itertools.chain.from_iterable([<N>, <N>]))
        0 sum(g * h for g, h in itertools.permutations(<N>, 2))
        math.prod(<N>)
        math.hypot(<s>, <s>)
        math.atan2(<s>, 1.5)
        math.sqrt(abs(<s>) + 0.1)
        math.fmod(<s>, 0.7)
        math.exp(-abs(<s>))
        math.log1p(abs(<s>))
        math.dist((<s>, <s>), (2.0, -2.0))
        max((<s>, <s>, <s>), default=0.1)
        doubled(<s>)
        remembered(<s>, rate=<s>)
        Gauge(<v>).norm
        Gauge(<v>).ratio * <s>
        Gauge(<v>).raised(<s>)
        Gauge(<v>)['a'] * <s>
        chosen_by(OPTIONS['mode'], <s>)
        forwarded(<s>, <s>, rate=<s>)
        np.ndarray.sum(<v>)
        np.polyval([<s>, 0.5, -0.2], <s>)
        float(np.linalg.norm(<m> + 2.0))
        np.sum([<s>, <s>])
        sum(divmod(<s>, 0.7))
        (lambda g, /, *, h: g * h)(<s>, h=<s>)
        0 [g for g in <N> if not g > 9.0][0]
        0 next(filter(lambda g: g > -9.0, [<s>, <s>]))
        dict([('a', <s>), ('b', <s>)])['a']
        list({'b': <s>, 'a': <s>}.values())[0]
        [*zip(<N>, <N>)][0][1]
        """,
    "v": """
        slope_along(<v>, <s>)
        slope_along(<V>, <s>)
        vmap(bent, in_dims=(0, None))(<v>, <s>)
        vmap(slope_of, in_dims=(0, None))(<v>, <s>)
        vmap(np.sum)(<m>)
        vjp(bowl, <v>, <s>)[1](<s>)[0]
        jvp(lambda a: np.sin(a) * 0.5, (<v>,), (<v>,))[1]
        checkpoint(bend)(<v>, <s>)
        jacobian(bend)(<v>, <s>)[<j>]
        doubled(<v>)
        Gauge(<v>).w
        Gauge(<V>).w
        shifted(<V>)
        shifted(<V>)[::-1]
        operator.add(<v>, <v>)
        operator.itemgetter(<j>)(<m>)
        operator.getitem(<M>, <j>)
        np.array(list(map(operator.mul, <V>, <V>)))
        forwarded(<v>, <s>)
        np.polyval([<s>, 0.5], <v>)
        """,
    "m": """
        jacobian(bend)(<v>, <s>)
        vmap(bend, in_dims=(0, None))(<m>, <s>)
        """,
}
"""Expressions."""

SIMPLE = """
    <V!> = shifted(<V>)
    2 shifted(<V>)[1:] *= <s>
    shifted(<M>[<j>])[<j>] = <s>
    filled(<V>, <s>)
    filled(<V>[::-1], <s>)
    filled(<M>.T, <s>)
    0 Gauge.made += 1
    <V!> = Gauge(<V>).w
    operator.setitem(<V>, <j>, <s>)
    operator.iadd(<V>, <v>)
    <V!> = operator.iadd(<V>, <v>)
    <N!> = [*collections.deque(<n>, 3)]
    <N!> = list(zip(*[<N>, <N>]))[0]
    <D!> = {key: value for key, value in zip('ab', (<v>, <v>))}
    <D!> = collections.OrderedDict(a=<v>, b=<V>)
    <L!> = [*map(shifted, [<V>, <v>])]
    <V>[<j>], <S!> = <s>, <V>[<j>]
    <S!> = <V>[<j>] = <s>
    """
"""Statements."""

COMPOUND = r"""
    with contextlib.nullcontext(<s>) as <S?>:\n    <B>
    with np.errstate(divide='ignore', over='ignore'):\n    <B>
    with no_grad():\n    for <J?> in range(len(x)):\n        <V>[<1>] = (<s>) * 1.0
    with no_grad():\n    if <b>:\n        <V>[<j>] = (<s>) * 1.0
    with no_grad():\n    <V>[1:] = (<w>) * 0.5
    for <J?> in range(len(x)):\n    with no_grad():\n        <S!> = (<s>) * 1.0\n    <V>[<1>] += <2> * <s>
    0 window = collections.deque(maxlen=2)\nfor <S?> in <V>:\n    window.append(<1> * <s>)\n    <B>\n<S!> = sum(window)
    0 queue = collections.deque(<n>)\nwhile queue:\n    <S?> = queue.popleft()\n    <B>
    groups = collections.defaultdict(list)\nfor <J?>, <S?> in enumerate(<V>):\n    groups[<1> % 2].append(<2> * <s>)\n<S!> = sum(sum(one) for one in groups.values())
    groups = collections.defaultdict(float)\nfor <J?> in range(3):\n    groups[<1> % 2] += <s>\n<S!> = groups[0] * groups[1]
    for <S?>, <S?> in zip(*[<N>, <N>]):\n    <B>
    for <J?> in checkpointed(range(3)):\n    <B>
    for (<S?>, <S?>), <J?> in zip(zip(<V>, <V>), itertools.count()):\n    <3>\n    <B>
    for <J?> in range(len(x)):\n    <S!> = <s>\n    if <b>:\n        continue\n    if <2> > 9.0:\n        break\n    <B>\nelse:\n    <S!> = <s>
    for <V?> in (<V>, <M>[<j>], <v>):\n    <1>[<j>] = <s>
    for <V?> in [<V>, <V>]:\n    filled(<1>, <s>)
    total = np.zeros(len(x))\nfor <V?> in <M>:\n    total += <1>\n    total[<j>] *= <s>\n<S!> = total @ <v>
    rows = np.zeros((3, len(x)))\nfor at, <V?> in enumerate([<v>, <V>, <v>]):\n    rows[at] = <1>\n<V!> = rows.sum(axis=0)
    rows = np.empty((3, len(x)))\nrows[0] = <v>\nfor at in range(1, 3):\n    rows[at] = rows[at - 1] * <s>\n    <B>\n<V!> = rows[-1]
    <S!> = <s>\nfor <J?> in range(4):\n    previous, <1> = <1>, <1> * 0.5 + <s>\n    if abs(<1> - previous) < 0.2:\n        break
    state = {'t': 0, 'w': <V>}\nwhile state['t'] < 3:\n    state['t'] += 1\n    state['w'] = state['w'] * <s>\n    <B>\n<V!> = state['w']
    kinds = [Kind.FAST, Kind.SLOW, BOX.kind]\nfor one in kinds:\n    if one is Kind.FAST:\n        <B>\n    elif one == BOX.kind:\n        <B>
"""
"""Statements that hold others."""

HELPERS = '''
def bent(z, w):
    return np.sin(z) * w + z * z * 0.3


def bowl(a, w):
    return np.sum(a * a) * w + a[0]


def bend(a, w):
    return np.tanh(a) * w + a[::-1] * 0.3


slope_of, both_of, slope_along = grad(bent), value_and_grad(bent), grad(bowl)


def twice(function):
    @functools.wraps(function)
    def wrapped(*given, **named):
        return 2.0 * function(*given, **named)
    return wrapped


@twice
def doubled(z):
    return z * 0.5 + 0.1


@twice
def remembered(z, *, rate=0.5):
    return z * rate


def forwarded(*given, **named):
    return spread(*given, **{'rate': 0.4, **named}) * 0.5


def chosen_by(mode, z):
    return {'a': math.sin, 'b': lambda g: g * 0.5}[mode](z)


def shifted(a):
    a[0] += 0.2
    return a[:]


def filled(a, z):
    for at in range(len(a)):
        a[at] = a[at] * 0.5 + z


class Gauge:
    made = 0
    __slots__ = ('w', '__dict__')

    def __init__(self, w):
        self.w = w

    @functools.cached_property
    def norm(self):
        return np.sum(self.w * self.w) + 0.5

    @property
    def ratio(self):
        return self.w[0] / self.norm

    def __getitem__(self, key):
        return self.w[0] if key == 'a' else self.w[-1]

    def raised(self, z):
        self.w = self.w * z
        return self.w.sum()
'''
"""What these forms call."""
