"""Python's language, by programs of one number, a blank line between two: see `builtin_functions`."""

LANGUAGE: dict[str, str] = {
    "classes": """
        x if Scaled(x) == Rescaled(x) else 2 * x

        Rescaled(x).scale(x)

        p = Doubled(x)
        p.w = x * x
        return p.w + p.big + p.st(x) + Doubled.make(x).w

        p = Doubled(x)
        b = p.big
        p._w = 100.0
        return p.big + b

        c = Counted()
        return c(x) + c(x) * c(x)

        sum(Items([x, 2 * x])) * len(Items([x])) + Items([x, 3 * x])[1]

        x if 99 in Items([x, 1.0]) else 2 * x

        log = []
        with Logged(log) as c:
            y = x * len(c.log)
        return y + sum(log)

        x if Bare(x) == Bare(x) else 2 * x

        x if Bare(1) != 3 else 2 * x

        x if (Access.R | Access.W) & Access.W else 2 * x

        x if Letter.A == 'a' else 2 * x

        a = Record(x)
        b = Record(x)
        a.b.append(x)
        return sum(a.b) * (1.0 + len(b.b))

        x if Ordered(1.0) < Ordered(2.0) else 2 * x

        Named(x).tot() * Named(x)[1] + len(Named(x))

        a, b = Named(x, x * x)
        return a * b

        x if isinstance(Counted(), collections.abc.Callable) else 2 * x

        x * (3 if type(Named(x)) is tuple else 4)

        x * (3 if isinstance(Named(x), Named) else 4)

        s = Rescaled(x)
        f = s.scale
        s.w = 10.0
        return f(x)

        s = Scaled(x)
        s.scale = lambda v: 9 * v
        return s.scale(x)

        getattr(Rescaled(x), 'sc' + 'ale')(x)

        x * (Rescaled.__mro__[1] is Scaled) + x * (Rescaled.__name__ == 'Rescaled')

        MadeAnew(x).w

        AnswersAll(x).w * AnswersAll(x).zz

        s = Slotted(x)
        s.b = 2 * x
        return s.a * s.b

        x if hasattr(Slotted(x), 'b') else 2 * x

        max(Compared(x), Compared(3.0)).v * x

        x if Compared(x) else 2 * x

        sum([Number(x), Number(2.0)]).v

        a = Number(x)
        b = a
        a += 2.0
        return b.v * x

        float(Number(x)) * len(Number(x))

        OwnList([x, 2 * x]).total()

        OwnDict(a=x)['z'] * x

        HasThree().nd * x

        u = HasThree()
        u.nd = x
        return u.nd

        Product(x).c * Product(b=x, a=2.0).c

        dataclasses.replace(Product(x), b=5.0).c

        x if Product(x) == Product(x) else 2 * x""",
    "functions": """
        def f(a, b=[]):
            b.append(a)
            return len(b)
        return x * (f(1) + f(2))

        x * (lambda *a, **k: len(a) + len(k))(1, 2, z=3)

        def f(a, /, b, *, c):
            return a * b * c
        return f(x, b=2.0, c=x)

        def f(a, *r, k=1.0, **kw):
            return a * len(r) * k + sum(kw.values())
        return f(x, 1, 2, k=2.0, z=x)

        max([x, -x, 2 * x], key=lambda v: -v)

        def f():
            nonlocal y
            y = y * x
            return y
        y = x
        return f() + f() + y

        r = []
        def f(v, acc=r):
            acc.append(v)
            return acc
        return sum(f(x)) + sum(f(2 * x))

        (lambda f: f(f, 3))(lambda self, n: x if n == 0 else x * self(self, n - 1))

        f(*[x], **{'k': 2.0}) if False else (lambda v, k: v * k)(*[x], **{'k': 2.0})

        min(x, 2 * x, key=lambda v: -v) + max([[1, x], [2, 2 * x]])[1]""",
    "loops": """
        fs = [lambda: i * x for i in range(3)]
        return sum((f() for f in fs))

        fs = [lambda i=i: i * x for i in range(3)]
        return sum((f() for f in fs))

        d = {'a': x}
        for k in d:
            d[k] = d[k] * 2.0
        return d['a']

        d = {'a': x}
        for k in d:
            d[k + 'b'] = x
        return d['a']

        d = {'a': x, 'b': 2 * x}
        for k, v in d.items():
            d['b'] = d['b'] * v
        return d['b']

        s = 0.0
        for i, (a, b) in enumerate(zip([x, 2 * x], 'ab')):
            if b == 'b':
                s += a * i
        return s

        def g():
            yield x
            yield (2 * x)
        it = g()
        a = sum(it)
        return a + sum(it)

        def g():
            log.append(1.0)
            yield x
            log.append(2.0)
            yield (2 * x)
        log = []
        it = g()
        n = len(log)
        s = sum(it)
        return s + n + len(log)

        def g():
            for i in range(3):
                yield (i * x)
        s = 0.0
        for v in g():
            if v > 1.0:
                break
            s += v
        return s + v

        r = 0.0
        for i in range(3):
            if i == 1:
                continue
            r += i * x
        else:
            r += 100 * x
        return r

        x * sum((1 for _ in filter(lambda v: v % 2, range(5))))

        a = np.array([x, 2 * x])
        return sum((i * v for i, v in enumerate(a.tolist())))

        a = [x, 2 * x]
        for i in range(len(a)):
            a.append(a[i] * x)
        return sum(a)

        fs = {}
        for n in ('a', 'b'):
            def g(v, n=n):
                return v * (2 if n == 'a' else 3)
            fs[n] = g
        return fs['a'](x) + fs['b'](x)

        x * sum(map(lambda p: p[0] * p[1], zip([1, 2], [3, 4])))

        it = iter([x, 2 * x, 3 * x])
        s = 0.0
        for a in it:
            s += a
            for b in it:
                s += 10 * b
        return s

        s = 0.0
        for a, b in zip(*[iter([x, 2 * x, 3 * x, 4 * x])] * 2):
            s += a * b
        return s

        e = enumerate([x, 2 * x])
        l = list(e)
        return l[1][1] * len(list(e) or [1])

        m = map(abs, [x, -x])
        a, b = m
        return a * b

        sum((v * w for v, w in itertools.product([x, 1.0], [2.0, x])))

        sum(itertools.islice([x, 2 * x, 3 * x], 2))

        sum(((z := v) * z for v in [x, 2 * x]))

        [v * w for v in [x] for w in [v, 2.0] if w][1]

        x * len([i for i in range(10) if i % 2 if i > 3])""",
    "containers": """
        a = [x]
        b = [a, a]
        b[0].append(2 * x)
        return sum(b[1])

        a = [[x] * 2] * 2
        a[0][0] = 5 * x
        return a[1][0] + a[1][1]

        a = [x, 2 * x]
        b = a[:]
        b[0] = 0.0
        return a[0]

        a = (x, [x])
        a[1].append(x)
        return sum(a[1])

        a = [1, 2, 3]
        a[0], a[a[0]] = (2, 9)
        return x * sum(a)

        i = 0
        a = [x, 2 * x, 3 * x]
        i, a[i] = (2, 7 * x)
        return a[2] + a[0]

        log = []
        def t(v):
            log.append(v)
            return v
        t(1) < t(0) < t(5)
        return x * len(log)

        global_list = [x]
        other = global_list
        global_list += [x]
        return len(other) * x

        t = (x,)
        u = t
        t += (x,)
        return len(u) * x

        a = np.array([x, 2 * x])
        b = a
        a += 1.0
        return b[0]

        a = np.array([x, 2 * x])
        b = a
        a = a + 1.0
        return b[0]

        x * bool([[]]) + x * bool([]) + x * bool(()) + x * bool('0')

        (x and 2 * x) + (0 or 3 * x) + ([] or [x])[0] + (None or x)

        x * (not [] and (not {}) and (not '') and (not 0.0))

        x if 'a' in {'a': 1} and 'b' not in {'a': 1} else 2 * x

        x * {True: 2, False: 3}[x > 0]

        x * [2, 3][x > 0]

        x * {1: 2, 1.0: 3}[1]

        x * len({**{'a': 1}, **{'a': 2, 'b': 3}})

        x * ('%d' % 3 == '3') + x * ('{}'.format(2) == '2')

        operator.add(x, 2.0) * operator.itemgetter(0)([x, 1])

        functools.reduce(operator.mul, [x, 2.0, x])

        q = collections.deque([x], maxlen=1)
        q.append(2 * x)
        return q[0]

        x * int('0b11', 0) * int(True)

        x * (0.1 + 0.2 == 0.3) + x * (0.5 + 0.5 == 1)

        x * (10 ** 20 // 3 % 7)

        x * (-7 // 2) + x * (-7 % 3) + x * (7 % -3)

        x * (1 << 3 | 1 ^ 2) * ~2

        x if (x, 1) < (x, 2) else 2 * x

        x if [1, 2, 3] == [1, 2] + [3] else 2 * x

        x * len([*range(3), *'ab'])

        a, *b, c = range(5)
        return x * (a + len(b) + c)

        x if x.is_integer() else 2 * x

        x * np.float64(x).item()

        u = [x]
        v = list(u)
        w = u.copy()
        u[0] = 0.0
        return v[0] + w[0]

        d = {'k': [x]}
        e = dict(d)
        e['k'].append(x)
        return sum(d['k'])

        d = {'k': [x]}
        e = copy.deepcopy(d)
        e['k'].append(x)
        return sum(d['k'])

        x * len(dataclasses.fields(Product))

        a = [x]
        a.append(a)
        return x * len(a[1])

        a = [x, 1.0]
        a[:] = [2 * x]
        return sum(a) * len(a)

        a = [x, 1.0, 3.0]
        del a[0]
        return sum(a) * x

        a = [x, 1.0, 3.0]
        b = a
        a = a[::-1]
        return b[0] * a[0]

        a = [x, 1.0]
        b = a
        a.reverse()
        return b[1] * 2

        a, b = (x, 2 * x)
        a, b = (b, a)
        return a - b * b

        x * len(set('aab'))

        x * ({1, 2} == {1, 2, 2}) + x * ({1} < {1, 2})

        x * (1 in {1: 0}) * (2 not in [1])

        d = {}
        d[x > 0] = x
        return d[True]

        d = {'a': 1}
        d2 = d
        d2['b'] = x
        return d.get('b', 0.0) * len(d)

        t = 0.0
        with contextlib.ExitStack() as st:
            t = 2 * x
        return t

        if x > 100:
            raise ValueError('no')
        return x * x

        (y := (x * 2)) * y

        np.array([x, 2 * x]).tolist()[1] * x

        a = np.array([x, x])
        return x if a.shape == (2,) and len(a) == 2 and (a.size == 2) else 2 * x

        a = np.array([x, x])
        return x if a.dtype == np.float64 and a.dtype.kind == 'f' else 2 * x

        vars(Scaled)['n'] * x

        x * int(str(3) + '4')

        x * bool(np.array([0.0]))

        x if not np.array([x]) else 2 * x

        x * divmod(x, 0.5)[0]

        pow(2.0, x) * pow(x, 3)

        sum([x] * 3) + sum((x,) * 2)

        x * len([None] * 3)

        sorted([(2, x), (1, 2 * x)])[0][1]

        sorted([2 * x, x])[0]

        sorted({'b': x, 'a': 2 * x}.items())[0][1]""",
    "numbers": """
        x if 1 < 2 < 3 else 2 * x

        try:
            y = x * 2
        finally:
            y = x * 3
        return y

        n = 0
        while True:
            n += 1
            if n > 3:
                break
        else:
            n = 50
        return n * x

        x if x == x else 2 * x

        assert x > 0, 'neg'
        return x * x

        x: float = x * 2
        return x""",
    "asking": """
        x * (abs.__name__ == 'abs')

        x if hasattr(np, 'nosuch') else 2 * x

        x.__mul__(2.0) + x.real

        x.__add__(1.0) * x.__class__(2)

        x if isinstance(np.float64(x), float) else 2 * x

        x if type(x) == type(1.0) and type(x) != int else 2 * x

        x if type(x) in {float: 1} else 2 * x

        {float: 2.0, int: 3.0}[type(x)] * x

        {int: 2.0}.get(type(x), 5.0) * x

        x if callable(getattr(x, 'hex', None)) else 2 * x

        getattr(np, 'tan' + 'h')(x)""",
}
"""By name, programs: see `builtin_functions.FUNCTIONS`."""
