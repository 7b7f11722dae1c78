"""Forms of expressions, by the kind of what they give: see `grammar`."""

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
