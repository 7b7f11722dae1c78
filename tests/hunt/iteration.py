"""Forms of generators, `itertools`, unpacking, `:=`, early exits and closures: see `grammar`.

    C a list of functions
"""

EXPRESSIONS: dict[str, str] = {
    "s": """
        sum(itertools.accumulate(<N>))
        list(itertools.accumulate(<N>, lambda g, h: g * h + 0.1))[-1]
        sum(g * h for g, h in itertools.product(<N>, <N>))
        sum(g * h for g, h in itertools.combinations(<N>, 2))
        sum(itertools.chain(<N>, <V>))
        0 sum(itertools.islice(<N>, 2))
        sum(itertools.takewhile(lambda g: g > -5.0, <N>))
        sum(g - h for g, h in itertools.pairwise(<N>))
        sum(g * h for g, h in itertools.zip_longest(<N>, <V>, fillvalue=0.5))
        sum(itertools.starmap(lambda g, h: g * h, zip(<N>, <N>)))
        0 sum(h * g for g, h in zip(<V>, itertools.cycle([1.0, -0.5])))
        sum(h * g for g, h in zip(itertools.count(1), <N>))
        0 sum(itertools.repeat(<s>, 3))
        sum(itertools.compress(<N>, [True, False, True]))
        sum(r.sum() for r in itertools.chain(<L>, <D>.values()))
        sum(g for r in <M> for g in r if g > 0.1)
        0 next(z for z in <N> if z > -9.0)
        0 next((z for z in <N> if z > 9.0), <s>)
        0 next(pieces(<V>))[0]
        sum(r.sum() for r in pieces(<v>))
        sum(chained(<N>))
        sum(z * at for at, z in enumerate(<N>, 1))
        sum(<s> for _ in range(<i>))
        [*<N>, <s>][-1]
        0 [*<V>, *<N>][0]
        (lambda *a: a[0] * a[-1])(*<N>)
        (lambda g, *a, h=0.3: g * h + len(a))(*<N>, h=<s>)
        max(*<N>, <s>)
        0 sum((*<N>, <s>))
        dict(a=<s>, **{'b': <s>})['b']
        (lambda **more: sum(more.values()))(a=<s>, b=<s>)
        sum(map(lambda g, h: g * h, <N>, <N>))
        sum(filter(lambda g: g > 0.1, <N>))
        {z: z * 2.0 for z in range(3)}[<i> % 3] * <s>
        {(0, 1): <s>, (1, 0): <s>}[<i> % 2, 1 - <i> % 2]
        0 sum(value for _, value in sorted({'b': <s>, 'a': <s>}.items()))
        len({z % 2 for z in range(<i>)}) * <s>
        0 sum([(last := g) for g in <N>]) + last
        [(last := <s>), last ** 2][1]
        first_over(<v>, <s>)[1]
        walked({'a': [<s>, <s>], 'b': {'c': <s>}})
        walked([<s>, (<s>, [<s>])])
        ping(<i> % 4, <s>)
        functools.reduce(lambda g, h: h * 0.5 + g, <N>, <s>)
        (<s> if <s> < <s> <= <s> else <s>)
        (-1.0 < <s> < <s> < 2.0) * <s>
        len(f'{<i>:03d}') * <s>
        0 {'w0': <s>, 'w1': <s>}[f'w{<i> % 2}']
        {'wa': <s>, 'wb': <s>}['w' + <c>]
        2 <C>[0](<s>)
        sum(fn(<s>) for fn in <C>)
        frozen(<s>)
        """,
    "v": """
        0 np.array(list(itertools.accumulate(<V>)))
        0 np.array([*map(lambda g: g * 0.5, <V>)])
        np.array([g for g in <V>][::-1])
        0 np.fromiter((g * 0.5 for g in <V>), float)
        np.array([g * h for g, h in zip(<V>, reversed(<V>))])
        0 np.array(sorted(<V>))
        0 np.array([<s>, *<V>[1:]])
        0 next(iter(<M>))
        0 [*<M>][0]
        {**<D>}['a']
        [r for r in <M>][-1]
        0 max(<m>, key=lambda r: r[0])
        min([<v>, <v>], key=lambda r: r[0])
        0 functools.reduce(np.add, <m>)
        functools.reduce(lambda g, h: g * 0.5 + h, <L>)
        <D>.get('c', <v>)
        <D>.get(<c>)
        frozen(<v>)
        """,
    "n": """
        list(itertools.accumulate(<N>))
        [*<N>, *<N>]
        list(itertools.chain(<N>, [<s>]))
        0 sorted(<N>)
        [g * h for g, h in zip(<N>, <N>)]
        [<s> for _ in range(3)]
        [<s>, <s>, *<N>][::2]
        0 list(filter(None, <N>))
        0 [*<V>]
        """,
    "b": """
        <s> < <s> < <s>
        <i> == <i> != 3
        (0 <= <i> < len(x))
        'a' in <D>
        all(z < 0.9 for z in <N>[:0])
        any(<k>)
        not <N>
        <s> < <s> and <i> or <b>
        """,
}
"""Expressions."""

SIMPLE = """
    <S!>, *<N!> = <n>
    *<N!>, <S!> = <N>
    0 <S!>, *_, <S!> = <v>
    [<S!>, <S!>] = <s>, <s>
    (<S!>, *<N!>), <V!> = (<s>, <s>, <s>), <v>
    <V!>, *<L!> = <l>
    2 <C!> = [lambda z: z * r for r in (<s>, <s>)]
    2 <C!> = [lambda z, r=r: z * r for r in (<s>, <s>)]
    <C!> = [math.sin, lambda z: z + <s>]
    <C>.append(lambda z: z * <s>)
    <C>[0] = lambda z: z - <s>
    <C>.reverse()
    <F!> = [lambda z, r=r: z * r for r in (<s>, <s>)][<i> % 2]
    <F!> = functools.partial(lambda g, z: g * z, <s>)
    <S!> = <s>; <F!> = lambda z: z * <1>; <1> = <s>
    <N>[1:] = [<s>, <s>]
    <N>[::-1] = <N>[:]
    <N>[len(<N>):] = [<s>]
    del <N>[1:]
    <L!> = [*<L>, <v>]
    2 <N!> = <N>[1:]
    2 <N!> = [z * <s> for z in <V>][::-1]
    <N!> = [z * <s> for z in <V>][1:]
    <L!> = <L>[::-1]
    <L!> = [r * <s> for r in <M>][1:]
    <D!> = {**<D>}
    <D!> = dict(<D>, a=<v>)
    <D!> = <D> | {'b': <v>}
    <D~> |= {'a': <v>}
    <V!> = <D>.pop('a', <v>)
    <V!> = <D>.setdefault('c', <v>)
    """
"""Statements."""

COMPOUND = r"""
    for <S?> in itertools.chain(<N>, <V>):\n    <B>
    for <J?>, <S?> in zip(itertools.count(), <V>):\n    <B>
    0 for <S?>, <S?> in itertools.pairwise(<V>):\n    <B>
    0 for <I?>, <J?> in itertools.product(range(2), range(len(x))):\n    <B>
    for <S?> in chained(<N>):\n    <B>
    <S!> = 0.0\nfor <S?> in iter(<N>):\n    if <b>:\n        continue\n    <1> += <2>\nelse:\n    <1> *= 0.5
    for <J?> in range(len(x)):\n    if <1> < 2:\n        <S!> = <s>\n    <B>
    for <J?> in range(len(x)):\n    if <1> == 1:\n        <V!> = <v>
    for <J?> in range(0):\n    <B>\nelse:\n    <B>
    for <J?> in range(<i>, 0):\n    <B>
    for <J?> in range(len(x) - 1, -1, -2):\n    <B>
    for <V?> in reversed(<L>):\n    <B>
    for <J?> in reversed(range(len(x))):\n    <B>
    for <J?> in np.arange(len(x)):\n    <B>
    for <J?> in <e>:\n    <B>
    while False:\n    <B>\nelse:\n    <B>
    <N!> = [<s>, <s>]\nwhile <1> and (<S!> := <1>.pop()) < 5.0:\n    <B>
    if (<I!> := <i>) > 1:\n    <B>
    if <s> < <s> < <s>:\n    <B>
    for <J?> in range(len(x)):\n    for <J?> in range(len(x)):\n        if <b>:\n            break\n        <B>\n    else:\n        continue\n    break
    for <J?> in range(len(x)):\n    try:\n        if <b>:\n            continue\n        <B>\n    finally:\n        <B>
    for <J?> in range(len(x)):\n    try:\n        if <b>:\n            break\n    finally:\n        <V>[<1>] += <s>
    while True:\n    try:\n        <B>\n        break\n    finally:\n        <B>
    if <b>:\n    try:\n        return <R>\n    finally:\n        <B>
    for <J?> in range(len(x)):\n    if <b>:\n        return <R>\nelse:\n    <B>
    for <J?> in range(len(x)):\n    for <J?> in range(<i>):\n        if <b>:\n            return <R>\n        <B>
    for key, (<V?>, <S?>) in {'a': (<v>, <s>), 'b': (<V>, <s>)}.items():\n    <1>[<j>] += <2>
    def <Y!>(z):\n    for _ in range(3):\n        z = z * 0.5 + <s>\n        yield z\nfor <S?> in <1>(<s>):\n    <B>
    def <Y!>(a):\n    yield from a[1:]\n    yield a[0] * <s>\nfor <S?> in <1>(<v>):\n    <B>
    def <Y!>(a):\n    try:\n        yield a[0]\n        yield a[-1] * <s>\n    finally:\n        TABLE.append(0.1)\nfor <S?> in <1>(<V>):\n    <B>
    def <F!>(z):\n    for g in <N>:\n        if g > z:\n            return g * <s>\n    return z
    def <F!>(z):\n    if <b>:\n        return <s>\n    <B>\n    return z * <s>
    def <F!>(z, *a, rate=<s>, **more):\n    return z * rate + sum(a) + more.get('c', 0.3)\n<S!> = <1>(<s>, <s>, c=<s>)
    def <F!>(z, *, rate=<s>):\n    return z * rate\n<S!> = <1>(<s>, rate=<s>)
    def <F!>(z):\n    def inner(g):\n        return g * z + <s>\n    return inner(<s>) + inner(z)
    <N!> = [<s>]\ndef <F!>(z):\n    <1>.append(z)\n    return sum(<1>)
    <V!> = <v>\ndef <F!>(z):\n    <1>[<j>] = z\n    return <1>.sum()
    def maker(z):\n    def inner(g):\n        nonlocal z\n        z = z * 0.5 + g\n        return z\n    return inner\n<F!> = maker(<s>)\n<S!> = <1>(<s>) + <1>(<s>)
    <S!>, <S!> = <s>, <s>\ndef <F!>(z):\n    nonlocal <1>, <2>\n    <1>, <2> = <2>, <1> + z\n    return <1>
    """
"""Statements that hold others, and functions."""
