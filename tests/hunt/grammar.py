"""What programs are made of: forms with holes, by the kind of what they give.

A hole with a small letter is an expression of that kind, one with a capital letter a place that holds such a thing:
a name, an attribute, an item, a row.

    s number    i whole number    j index of a vector    b truth    v vector    w vector with one element less
    m matrix    k mask    e vector of indices    n list of numbers    l list of vectors    d dict of vectors
    o object    R what the function returns

`<S!>` is a new name, `<S?>` one that only the block below knows, `<1>` the first name of the form again, `<S=>` a place
that may be bound to something else, `<S~>` one that may be added to.  `<B>` is a block of statements.  A form that begins with a number is drawn so many
times as often, with 0 a twelfth as often.
"""

import re

EXPRESSIONS: dict[str, str] = {
    "s": """
        5 <S>
        0.7
        2
        <i> * 0.1
        2 <V>[<j>]
        <M>[<j>, <j>]
        <M>[<j>][<j>]
        2 np.sum(<v>)
        <v>.mean()
        np.dot(<v>, <v>)
        <v> @ <v>
        np.sin(<s>)
        math.tanh(<s>)
        <s> * <s>
        <s> + <s>
        <s> - <s>
        <s> / (1.5 + <s> ** 2)
        abs(<s>)
        max(<s>, <s>)
        min(<s>, 0.3, <s>)
        (<s> if <b> else <s>)
        float(np.max(<v>))
        np.min(<v>)
        -<s>
        <s> ** 2
        sum(<N>)
        0 <N>[<i> % len(<1>)]
        <N>[-1]
        sum(z * z for z in <N>)
        sum(<s> * z for z in <V>)
        0 sum(g * h for g, h in zip(<V>, <N>))
        sum((1 + at) * z for at, z in enumerate(<N>))
        0 max(<N>, key=lambda z: -z)
        0 sorted(<N>)[0]
        functools.reduce(lambda g, h: g * 0.5 + h, <N>)
        0 next(iter(<N>))
        np.linalg.norm(<v> + 2.0)
        np.prod(0.5 + 0.1 * <v>)
        (lambda z: z * <s>)(<s>)
        <s> % 1.7
        <s> // 0.5
        np.mean(<m>)
        np.trace(<m>)
        np.sum(<m>[1:, :-1])
        0 np.sum(<v>, where=<k>)
        0 np.max(<v>, where=<k>, initial=-1.0)
        np.sum(<v>[<k>])
        np.sum(<w>)
        (<b>) * <s>
        int(<b>) * <s>
        stop_gradient(<s>)
        ((<S?> := <s>) * 0.5 + <1>)
        (<s> and <s>)
        (<s> or 0.4)
        sum(r.sum() for r in <L>)
        sum(r[0] * 0.5 for r in <D>.values())
        math.fsum(<N>)
        np.hypot(<s>, <s>)
        0 (<s>, <s>)[<i> % 2]
        [<s>, <s>, <s>][-1]
        {'a': <s>, 'b': <s>}['b']
        GAIN * <s>
        OPTIONS['rate'] * <s>
        OPTIONS.get('extra', 0.3) * <s>
        TABLE[<i> % len(TABLE)] * <s>
        BOX.s * <s>
        float(<s>)
        np.where(<b>, <s>, <s>) * 1.0
        np.vdot(<m>, <m>) * 0.1
        deeper(<i>, <s>)
        divmod(<s>, 0.8)[1]
        0 np.interp(<s>, [-1.0, 0.0, 1.0], <V>[:3])
        np.sum(<v>[<j>:<j>])
        np.sum(<v>[2:1])
        sum(<v>[1:1], 0.2)
        folded(<v>, <s>)
        spread(<s>, <s>, rate=<s>)
        spread(*<N>, rate=<s>)
        {'a': lambda z: z * <s>, 'b': lambda z: z + <s>}[OPTIONS['mode']](<s>)
        functools.partial(spread, <s>)(rate=<s>)
        sum(map(lambda z: z * <s>, <N>))
        sum(r @ r for r in <m>)
        np.max(<m>, axis=<i> % 2)[<j>]
        np.sum(<m> * <m>, axis=-1, keepdims=True)[0, 0]
        (<e>).sum() * <s>
        np.int64(<i>) * <s>
        (True + <i>) * 0.1
        np.einsum('ij,jk,ki->', <m>, <m>, <m>) * 0.1
        np.sum(np.stack([<m>, <m>]) @ <v>) * 0.2
        float(np.linalg.det(np.eye(len(x)) * 2.0 + 0.1 * <m>))
        max(max(r) for r in <m>)
        min((<s>, <s>), key=lambda z: z * z)
        (<i> // (1 + abs(<i>))) * <s>
        (-<i>) % 3 * <s>
        (<i> - 5) // 2 * 0.1
        0 round(<s> * 0.0, 3) + <s>
        sum([z * g for z in <N> for g in <N>])
        [z for z in <N>][0]
        sum(r[g] for g, r in enumerate(<m>))
        <V>.dot(<v>)
        <V>.min() * <V>.max()
        np.sum(np.sqrt(np.where(<k>, <v> ** 2 + 0.1, 1.0)))
        """,
    "v": """
        6 <V>
        np.sin(<v>)
        <v> * <v>
        <s> * <v>
        <v> + <s>
        <v> - <v>
        <v> / (2.0 + <v> ** 2)
        <m> @ <v>
        <v> @ <m>
        <v>[::-1]
        <m>[<j>]
        <m>[:, <j>]
        <m>.sum(axis=0)
        np.where(<k>, <v>, <v>)
        np.where(<k>, <v>, <s>)
        np.cumsum(<v>)
        np.sort(<v>)
        <v>[<e>]
        np.take(<v>, <e>)
        np.concatenate([<w>, <v>[:1]])
        np.append(<w>, <s>)
        np.roll(<v>, <i>)
        np.maximum(<v>, <s>)
        np.minimum(<v>, <v>)
        np.clip(<v>, -0.4, 0.6)
        np.outer(<v>, <v>)[<j>]
        np.array([<s> * z for z in <V>])
        np.array([<s> if z > 0.1 else z for z in <V>])
        np.diag(<m>)
        np.diagonal(<m>)
        <m>.max(axis=1)
        (<v> if <b> else <v>)
        np.einsum('ij,j->i', <m>, <v>)
        <m>.mean(axis=1, keepdims=True)[:, 0]
        np.zeros(len(x))
        np.ones_like(<v>)
        np.full(len(x), <s>)
        np.abs(<v>)
        np.exp(-<v> ** 2)
        np.tanh(<v>)
        <m>.reshape(-1)[:len(x)]
        <m>.T.reshape(-1)[::len(x)]
        <v>.copy()
        np.asarray(<v>)
        stop_gradient(<v>)
        <L>[-1]
        0 <L>[<i> % len(<1>)]
        sum(<L>)
        np.sum(<L>, axis=0)
        <D>[<c>]
        list(<D>.values())[0]
        np.squeeze(<v>[:, None])
        (<v>[:, None] * <v>).sum(axis=<j> % 2)
        <v> * <e>
        <v> % 0.7
        <v>.astype(float)
        np.add(<v>, <v>, out=<V>)
        0 np.gradient(<v>)
        WEIGHT * <v>
        BOX.w + <v>
        np.heaviside(<v>, 0.5) * <v>
        (<k>) * <v>
        0 np.convolve(<v>, [0.5, 0.3], 'same')
        np.linalg.solve(np.eye(len(x)) * 3.0 + 0.1 * <m>, <v>)
        np.cumsum(<m>, axis=0)[-1]
        0 np.sum(<m>, axis=1, where=<m> > 0.1)
        touched(<V>, <s>)
        tail(<V>, <i>)
        np.where(<v> > 0.0, np.sqrt(np.abs(<v>)), 0.0)
        np.sqrt(np.maximum(<v>, 0.01))
        np.stack([<m>, <m>]).sum(axis=0)[<j>]
        np.stack([<m>, <m>], axis=1)[:, 1, 0]
        np.transpose(np.stack([<m>, <m>]), (2, 0, 1))[:, 0, 1]
        np.swapaxes(<m>, 0, 1)[<j>]
        np.expand_dims(<v>, 1)[:, 0]
        <e> / 2.0
        (<e> // 2) * <v>
        <e> ** 2 * <v>
        np.sum(<m>, axis=-1, keepdims=True).ravel()
        np.repeat(<v>, 2)[::2]
        np.tile(<v>, 2)[1:len(x) + 1]
        np.array([fold for fold in map(lambda z: z * <s>, <V>)])
        np.split(np.concatenate([<v>, <v>]), 2)[1]
        np.vstack([<v>, <v>])[<i> % 2]
        np.column_stack([<v>, <v>])[:, 0]
        0 np.maximum.accumulate(<v>)
        np.add.reduce(<m>)
        0 np.multiply.outer(<v>, <v>)[:, <j>]
        np.dot(<m>, <m>)[<j>]
        (<m>)[<k>].sum(axis=0)
        np.pad(<w>, (1, 0))
        np.tensordot(<m>, <v>, 1)
        np.flip(<v>)
        np.take_along_axis(<v>, <e>, 0)
        np.clip(<v>, <s>, 0.9)
        <v>.reshape(-1, 1).T[0]
        0 np.select([<k>, <k>], [<v>, <v>], <s>)
        <v>.cumsum()[::-1]
        0 np.median(<m>, axis=0)
        """,
    "w": """
        <V>[1:]
        <V>[:-1]
        np.diff(<v>)
        <w> * <s>
        <w> + <w>
        <v>[1:] * <v>[:-1]
        <V>[1:][::-1]
        <V>[::-1][1:]
        0 np.delete(<v>, <j>)
        <m>[<j>, 1:]
        <m>[1:, <j>]
        0 np.array([g - h for g, h in zip(<V>, <V>[1:])])
        """,
    "m": """
        6 <M>
        np.outer(<v>, <v>)
        <m>.T
        <m> * <v>
        <m> * <v>[:, None]
        <m> + <m>
        np.tanh(<m>)
        (<m> @ <m>) * 0.3
        <m> * <s>
        np.stack([<v> * z for z in x])
        0 np.array([<v>] * len(x))
        np.diag(<v>)
        np.where(<m> > 0.1, <m>, <s>)
        np.cumsum(<m>, axis=1)
        <m>[::-1]
        <m>[<e>]
        <m>[:, <e>]
        np.eye(len(x)) * <s>
        np.tril(<m>)
        <m> - <m>.mean(axis=0, keepdims=True)
        <m>.reshape(-1).reshape(<m>.shape)
        np.broadcast_to(<v>, (len(x), len(x)))
        np.vstack([<m>[1:], <v>])
        np.sort(<m>, axis=0)
        np.zeros((len(x), len(x)))
        np.stack([<v>, <v>, <v>, <v>])[:len(x)]
        np.linalg.inv(np.eye(len(x)) * 3.0 + 0.1 * <m>)
        np.swapaxes(<m>, 0, 1)
        np.rot90(<m>)
        np.einsum('i,j->ij', <v>, <v>)
        np.roll(<m>, 1, axis=<i> % 2)
        <m>.T.copy()
        np.concatenate([<m>[:1], <m>[1:]])
        np.where(<k>, <m>, <m>.T)
        np.triu(<m>, 1)
        np.copy(<m>.T, order='C')
        """,
    "b": """
        4 <s> > <s>
        <i> % 2 == 0
        <b> and <b>
        <b> or <b>
        not <b>
        -1.0 < <s> < 0.6
        <i> in (0, 2)
        np.any(<k>)
        (<k>).all()
        OPTIONS['mode'] == 'a'
        SWITCH
        isinstance(<s>, float)
        len(<N>) > 2
        any(z > 0.3 for z in <N>)
        all(z < 0.9 for z in <V>)
        <i> & 1
        k > <i>
        BOX.kind is Kind.SLOW
        <N>
        'extra' in OPTIONS
        <S> is not None
        """,
    "i": """
        4 <I>
        0
        1
        2
        3
        3 k
        len(<N>)
        <i> + <i>
        <i> - 1
        <i> * 2
        <i> // 2
        <i> % 3
        <i> >> 1
        <i> << 1
        <i> ^ 1
        <i> | 2
        -<i>
        int(np.sum(<k>))
        int(<b>)
        min(<i>, 3)
        abs(<i>)
        divmod(<i>, 3)[1]
        int(np.argmax(<v>))
        (<i> if <b> else <i>)
        sum(z > 0 for z in <N>)
        int(<s> > 0.1) + <i>
        len(<L>)
        len(TABLE)
        """,
    "j": """
        3 0
        3 1
        2
        2 -1
        -2
        4 <J>
        (<i>) % len(x)
        int(np.argmin(<v>))
        min(abs(<i>), 2)
        """,
    "k": """
        3 <v> > <s>
        (<k>) & (<k>)
        (<k>) | (<k>)
        ~(<k>)
        <v> < <v>
        np.abs(<v>) > 0.2
        np.arange(len(x)) > <i>
        <e> == <i>
        np.isfinite(<v>)
        <m>[0] > 0.0
        """,
    "e": """
        4 <E>
        np.arange(len(x))
        np.arange(len(x)) % 2
        np.argsort(<v>)
        np.arange(len(x))[::-1]
        (np.arange(len(x)) * <i>) % len(x)
        np.zeros(len(x), int)
        np.roll(<e>, 1)
        (<k>).astype(int)
        np.cumsum(<k>) - 1
        np.array([z % 2 for z in range(len(x))])
        np.full(len(x), <j>)
        -np.ones(len(x), int)
        """,
    "c": """
        'a'
        'b'
        """,
    "n": """
        3 <N>
        [<s>, <s>]
        [z * <s> for z in <N>]
        0 [z for z in <N> if z > 0.1] + [<s>]
        <N>[::-1]
        0 list(<V>)
        0 <v>.tolist()
        [<s>] * 3
        0 sorted(<N>, key=lambda z: z * <s>)
        list(map(lambda z: z * 0.5, <N>))
        [*<N>, <s>]
        <N>[1:] + [<s>]
        list(reversed(<N>))
        """,
    "l": """
        2 <L>
        [<v>, <v>]
        [<v> * z for z in <N>]
        0 [r for r in <M>]
        0 list(<M>)
        [<V>, <V>]
        [r * 0.5 for r in <L>]
        <L>[::-1]
        list(<D>.values())
        """,
    "d": """
        {'a': <v>, 'b': <v>}
        {'a': <V>, 'b': <v>}
        dict(a=<v>, b=<v>)
        {key: <v> * 0.5 for key in ('a', 'b')}
        {key: value * <s> for key, value in <D>.items()}
        0 dict(zip('ab', <m>))
        {**<D>, 'b': <v>}
        """,
}
"""Expressions.  Matrices are square; a vector is as long as `x`."""

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
        found += [form] * (12 * int(weight or 1) or 1)
    return found
