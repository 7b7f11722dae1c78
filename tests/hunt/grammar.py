"""What programs are made of: forms with holes, by the kind of what they give.

A hole with a small letter is an expression of that kind, one with a capital letter a place that holds such a thing:
a name, an attribute, an item, a row.

    s number    i whole number    j index of a vector    b truth    v vector    w vector with one element less
    m matrix    k mask    e vector of indices    n list of numbers    l list of vectors    d dict of vectors
    o object    R what the function returns

`<S!>` is a new name, `<S?>` one that only the block below knows, `<1>` the first name of the form again, `<S=>` a place
that may be bound to something else, `<S~>` one that may be added to.  `<B>` is a block of statements.  A form that begins with a number is drawn so many
times as often, with 0 a sixtieth as often.
"""

import re

ASSIGN = """
    6 <S=> = <s>
    3 <S!> = <s>
    5 <V=> = <v>
    5 <V!> = <v>
    3 <V!> = <V>
    2 <V!> = <V>[::-1]
    2 <V!> = <M>[<j>]
    <V!> = <M>[:, <j>]
    <V!> = <M>.T[<j>]
    <V!> = np.asarray(<V>)
    2 <M=> = <m>
    2 <M!> = <m>
    <M!> = <M>.T
    <M!> = <M>
    3 <I!> = <i>
    <I=> = <i>
    2 <E!> = <e>
    2 <N!> = <n>
    2 <L!> = <l>
    2 <D!> = <d>
    <N!> = []
    <L!> = []
    2 <S=> += <s>
    <S=> *= 0.5
    <S=> -= <s>
    <I=> += <i>
    <I=> //= 2
    <S!>, <V!> = <s>, <v>
    <S=>, <S=> = <s>, <s>
    2 <V=>, <V=> = <V>, <V>
    0 <S!>, *<N!> = <N>
    0 *<N!>, <S!> = <v>
    0 <S!>, <S!>, *_ = <v>
    (<S!>, <V!>), <S!> = (<s>, <v>), <s>
    <S!> = <S=> = <s>
    <V!>, <V!> = <L>[0], <L>[-1]
    <V!>, <V!> = <D>.values()
    <V!> = <V!> = <v>
    2 <X!> = [{'w': <v>, 'b': <s>}, {'w': <V>, 'b': <s>}]
    <X!> = [{'w': <V>, 'b': z} for z in (<s>, <s>)]
    <W!> = [<new>, <new>]
    <W!> = [<O>, <new>]
    <I!> = <i> + <i> * 2
    <E!> = <e> + 0
    """
"""Assignments."""

STORES = """
    4 <V>[<j>] = <s>
    3 <V>[<j>] += <s>
    <V>[<j>] *= <s>
    3 <V>[1:] += 0.5 * <w>
    <V>[:-1] = <w>
    <V>[1:] = <V>[:-1]
    <V>[:-1] -= <V>[1:] * <s>
    3 <V~> *= <s>
    3 <V~> += <v>
    <V~> /= 1.5
    <V>[<k>] = <s>
    <V>[<k>] *= <s>
    <V>[<k>] = <v>[<k>] * 0.5
    <V>[<e>] += <v>
    <V>[<e>] = <v>
    np.add.at(<V>, <e>, <v>)
    np.subtract.at(<V>, <e>, <s>)
    np.multiply(<V>, <v>, out=<V>)
    np.copyto(<V>, <v>)
    np.copyto(<V>, <v>, where=<k>)
    np.add(<V>, <v>, out=<V>, where=<k>)
    np.tanh(<V>, <V>)
    2 <M>[<j>] = <v>
    2 <M>[:, <j>] += <v>
    <M>.T[<j>] = <v>
    <M>[1:, :-1] = 0.3 * <M>[:-1, 1:]
    2 <M>[<j>, <j>] += <s>
    <M>[<j>][<j>] = <s>
    <M>[<j>][1:] = <w>
    <M~> += <m>
    <M~> *= <v>[:, None]
    <M>[np.arange(len(x)), <e>] += <v>
    <M>[<e>] = <v>
    <M>[<M> > 0.3] = <s>
    <M>[...] = <v>
    <M>[<k>] *= 0.5
    <V>.sort()
    <V>.fill(<s>)
    <V>[...] = <v>
    <V>[::2] *= 0.5
    <V>[::-1][1:] = <w>
    <M>.reshape(-1)[<j>] = <s>
    <M>.flat[<j>] = <s>
    np.fill_diagonal(<M>, <v>)
    <V>.flat[:] = <v>
    np.put(<V>, [0, 2], <s>)
    np.cumsum(<V>, out=<V>)
    <V>[:], <V>[0] = <v>, <s>
    <V>[<j>], <V>[<j>] = <V>[<j>], <V>[<j>]
    <V>[1:], <V>[0] = <V>[:-1] * 1.0, <s>
    <V>[<e>] *= <s>
    np.maximum.at(<V>, <e>, <s>)
    <E>[<j>] = <i> % len(x)
    <V>[<k>], <V>[0] = <s>, <s>
    <V>[1:][::-1] *= <s>
    <M>[1:].T[<j>] = <s>
    <M>[:, ::-1][<j>] += <v>
    <M>[<j>], <M>[<j>] = <v>, <M>[<j>]
    np.add(<M>, <v>, out=<M>)
    np.divide(<V>, 1.5, out=<V>, where=<k>)
    <M>.diagonal()[0]
    <V>[:] = <V>[::-1]
    <M>[:] = <M>.T
    <M>[:-1] += <M>[1:]
    """
"""Stores."""

CONTAINERS = r"""
    4 <N>.append(<s>)
    0 <N>.insert(<i>, <s>)
    if len(<N>) > 1:\n    <1>.pop()
    if len(<N>) > 1:\n    <S!> = <1>.pop(0)
    if len(<N>) > 2:\n    del <1>[0]
    0 <N>.sort()
    <N>.reverse()
    0 <N>.sort(key=lambda z: -z)
    <N>.extend([<s>, <s>])
    <N~> += [<s>]
    <N>[0] = <s>
    <N>[-1] += <s>
    <N>[:1] = [<s>, <s>]
    3 <L>.append(<v>)
    <L>.append(<V>)
    <L>[0] = <v>
    <L>[0] = <V>
    <L>[-1] += <v>
    <L>.insert(0, <v>)
    if len(<L>) > 2:\n    <V!> = <1>.pop()
    <L>.reverse()
    <L>[0], <L>[-1] = <L>[-1], <L>[0]
    0 <L>.sort(key=lambda r: r[0])
    2 <D>[<c>] = <v>
    <D>[<c>] = <V>
    <D>[<c>] += <v>
    <D>.update(a=<v>)
    <D>.setdefault('a', <v>)[0] = <s>
    <D>['extra'] = <v>
    BOX.s = <s>
    BOX.s += <s>
    BOX.log.append(<s>)
    BOX.w[<j>] = <s>
    WEIGHT[<j>] += <s>
    TABLE.append(<s>)
    TABLE[0] = <s>
    OPTIONS['rate'] = <s>
    <X>.append({'w': <v>, 'b': <s>})
    <X>[0], <X>[1] = <X>[1], <X>[0]
    <X>[0]['w'] = <X>[1]['w']
    <X>[-1].update(b=<s>)
    <W>.append(<new>)
    <W>[0] = <W>[1]
    <W>.reverse()
    del <D>['b']
    """
"""Lists, dicts and what lies outside the function."""

COMPOUND = r"""
    6 if <b>:\n    <B>
    6 if <b>:\n    <B>\nelse:\n    <B>
    2 if <b>:\n    <B>\nelif <b>:\n    <B>\nelse:\n    <B>
    if <b>:\n    return <R>
    5 for <J?> in range(len(x)):\n    <B>
    3 for <I?> in range(<i>):\n    <B>
    for <J?> in range(1, len(x)):\n    <V>[<1>] += <s> * <V>[<1> - 1]
    for <J?> in range(len(x) - 1, -1, -1):\n    <B>
    2 for <S?> in <V>:\n    <B>
    2 for <V?> in <M>:\n    <B>
    for <V?> in <M>:\n    <1>[<j>] += <s>
    2 for <J?>, <S?> in enumerate(<V>):\n    <B>
    for <S?>, <S?> in zip(<V>, <N>):\n    <B>
    for <V?>, <S?> in zip(<M>, <V>):\n    <1> *= <2>
    2 for <S?> in <N>:\n    <B>
    2 for <V?> in <L>:\n    <B>
    for <V?> in <L>:\n    <1> += <s>
    for <V?> in <D>.values():\n    <B>
    for key in sorted(<D>):\n    <1>[key] = <1>[key] * <s>
    for key, <V?> in <D>.items():\n    <1>[<j>] *= <s>
    for <S?> in reversed(<N>):\n    <B>
    0 for <S?> in [z for z in <N> if z > 0.2]:\n    <B>
    2 <I!> = 0\nwhile <1> < <i> and <s> < 2.0:\n    <B>\n    <1> += 1
    2 <S!> = <s>\nwhile abs(<1>) > 0.2:\n    <B>\n    <1> = <1> * 0.4
    <S!> = <s>\n<I!> = 0\nwhile True:\n    <2> += 1\n    <B>\n    if <2> > 2 or <b>:\n        break
    3 for <J?> in range(len(x)):\n    if <b>:\n        break\n    <B>
    2 for <J?> in range(len(x)):\n    if <b>:\n        continue\n    <B>
    2 for <J?> in range(len(x)):\n    if <b>:\n        break\n    <B>\nelse:\n    <B>
    for <J?> in range(len(x)):\n    for <J?> in range(<1>):\n        <B>
    for <J?> in range(len(x)):\n    if <b>:\n        return <R>\n    <B>
    try:\n    <B>\nfinally:\n    <B>
    2 with no_grad():\n    <S!> = (<s>) * 1.0
    2 with no_grad():\n    <V!> = (<v>) * 1.0
    with no_grad():\n    <V>[<j>] = (<s>) * 1.0
    assert <s> < 9.0, 'large'
    if <s> > 5.0:\n    raise ValueError('large')
    <N!> = []\nfor <J?> in range(<i>):\n    <1>.append(<s>)
    <L!> = []\nfor <J?> in range(len(x)):\n    <1>.append(<v>)
    <S!> = 0\nfor <J?> in range(<i>):\n    <1> += <s>
    <V!> = 0\nfor <J?> in range(len(x)):\n    <1> = <1> + <v>
    <V!> = <v>\n<V!> = <v>\nfor <J?> in range(3):\n    <1>, <2> = <2>, 0.5 * <1>\n    <B>
    2 def <F!>(z):\n    <B>\n    return <s>
    def <F!>(z, rate=<s>):\n    <B>\n    return z * rate + <s>
    <S!> = <s>\ndef <F!>(z):\n    nonlocal <1>\n    <1> = <1> * 0.5 + z\n    return <1> * <s>
    <F!> = lambda z: z * <s> + <s>
    2 def <G!>(a):\n    <B>\n    return <v>
    <F!> = [lambda z: z + <s>, lambda z: z * <s>][<i> % 2]
    def <Y!>(a):\n    for at in range(len(a)):\n        yield a[at] * <s>\nfor <S?> in <1>(<v>):\n    <B>
    3 <O!> = <new>
    2 <O>.s = <s>
    <O>.s += <s>
    <O>.w = <v>
    <O>.w = <V>
    <O>.w[<j>] = <s>
    2 <O>.log.append(<s>)
    <O>.scale(<s>)
    <O>.half = <s>
    <O>[<j>] = <s>
    <O~> *= <s>
    <O!> = <O>
    <O>.act(<v>, <s>)
    for <S?> in <O>:\n    <B>
    <P!> = Pair(<v>, <s>)
    <P!> = Pair(<V>, <s>)
    <Q!> = Record(<v>, b=<s>)
    <Q!> = Record(<V>)
    <P!> = (<v>, <s>)
    <V!>, <S!> = <P>
    touched(<V>, <s>)
    tail(<V>, <i>)[0] = <s>
    swapped(<V>, <V>)
    2 for item in <X>:\n    item['w'][<j>] += <s> * item['b']
    for item in <X>:\n    item['b'] = item['b'] * <s>
    for item in <X>:\n    item['w'] = item['w'] * item['b']
    2 for item in <W>:\n    item.scale(<s>)
    for item in <W>:\n    item.s += item(<s>)
    for <J?> in range(len(<N>)):\n    <2>[<1>] = <2>[<1>] * <s>
    while <I> > 0 and <b>:\n    <1> -= 1\n    <B>
    <I!> = 3\nwhile <1>:\n    <1> -= 1\n    if <b>:\n        continue\n    <B>\nelse:\n    <B>
    for <V?>, <V?> in zip(<L>, <L>):\n    <1> += <2>
    for <V?>, <V?> in zip(<M>, <M>[1:]):\n    <2> += 0.3 * <1>
    for (<J?>, <V?>), <S?> in zip(enumerate(<M>), <V>):\n    <2>[<1>] = <3>
    try:\n    <B>\n    if <b>:\n        return <R>\nfinally:\n    <V>[0] = <s>
    <F!> = functools.partial(spread, <s>)
    def <F!>(z, seen=[0.1]):\n    seen.append(z)\n    return sum(seen)
    <S!> = <s>\nfor <F?> in (lambda z: z * <s>, math.sin):\n    <1> = <2>(<1>)
    <N!> = [<s>]\nwhile len(<1>) < <i>:\n    <1>.append(<1>[-1] * <s>)
    <V!> = <v>\nfor <J?> in range(<i>):\n    <1> = <1> * 0.5 + <v>\n    if <b>:\n        break\nelse:\n    <1> = <1> + 1.0
    """
"""Statements that hold others, objects and functions."""

OF_OBJECTS: dict[str, list[str]] = {
    "s": ["<O>.half", "<O>(<s>)", "<O>[<j>]", "sum(<O>.log)", "len(<O>) * 0.1", "<O>.bump(<s>)", "sum(<O>)",
          "(<O> + <s>).s", "float(<O> > <s>)", "sum(item['b'] * item['w'][0] for item in <X>)", "sum(item(<s>) for item in <W>)",
          "<W>[<i> % 2].half", "<X>[-1]['w'].sum()"],
    "v": ["<O>.act(<v>, <s>)", "<O>.view()", "(<O> * <s>).w", "<O>.turned"],
    "f": ["<F>(<s>)"],
    "g": ["<G>(<v>)", "<G>(<V>)"],
}
"""What is drawn only where there is such an object, function or pair."""


def forms(table: str) -> list[str]:
    """The forms of a table, each as often as it is drawn."""
    found = []
    for line in table.strip().splitlines():
        weight, form = re.fullmatch(r"(\d+ )?(.*)", line.strip().replace("\\n", "\n"), re.DOTALL).groups()
        found += [form] * (60 * int(weight or 1) or 1)
    return found
