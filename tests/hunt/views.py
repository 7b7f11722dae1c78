"""Forms of views of views, empty parts, steps backwards, and `out=` and `where=`: see `grammar`."""

EXPRESSIONS: dict[str, str] = {
    "s": """
        np.sum(<v>[5:])
        np.sum(<v>[:0])
        np.prod(<v>[:0])
        sum(<v>[:0])
        len(<v>[5:]) * <s>
        np.sum(<m>[:0])
        np.sum(<m>[:, :0] @ <m>[:0])
        (<v>[:0] @ <v>[:0]) + <s>
        np.sum(np.zeros((0, 3))) + <s>
        max(<v>[:0], default=<s>)
        sum(<V>[-1:0:-1])
        np.sum(<V>[::-2])
        <V>[::-1][<j>]
        <V>[-2::-1].sum()
        np.sum(<v>[:1])
        <v>[-1:][0]
        np.sum(<w>[::-1] * <w>)
        <M>[::-1, ::-1][<j>, <j>]
        <M>[1:][:, 1:].sum()
        np.vdot(<V>[::2], <V>[::2])
        np.all(<v>[:0] > 0.0) * <s>
        """,
    "v": """
        <V>[::-1][::-1]
        <M>[::-1].T[<j>]
        <M>.T[::-1][<j>][::-1]
        <M>[:, ::-1][<j>]
        <M>.reshape(len(x), -1)[:, <j>]
        <M>.ravel()[:len(x)]
        <M>.ravel()[::len(x) + 1]
        <M>.flat[:len(x)]
        np.ravel(<M>.T)[len(x) - 1::-1]
        <M>[None][0][<j>]
        <M>[..., <j>]
        <M>[<j>, ...]
        <V>[None, :][0]
        <V>[:, None].T[0]
        np.atleast_2d(<V>)[0]
        np.broadcast_to(<V>, (2, len(x)))[1]
        np.squeeze(<V>[None])
        <V>[-len(x):]
        <V>[slice(None, None, -1)]
        <M>[(slice(None), <j>)]
        <M>[<j>][slice(None, None, -1)]
        np.concatenate([<V>[:0], <v>])
        np.append(<v>[:0], <v>)
        <v>[<v>.argsort()]
        <m>[np.arange(len(x)), <e>]
        <m>[<e>, <e>]
        np.sin(<v>, out=<V>)
        np.sin(<v>, where=<k>, out=np.zeros(len(x)))
        np.sqrt(np.abs(<v>), out=np.zeros(len(x)), where=<v> > 0.1)
        np.divide(<v>, 1.0 + <v> ** 2, where=<k>, out=np.ones(len(x)))
        np.matmul(<m>, <v>, out=np.empty(len(x)))
        np.dot(<m>, <v>, out=np.empty(len(x)))
        np.sum(<m>, axis=0, out=np.empty(len(x)))
        np.cumsum(<v>, out=np.zeros(len(x)))
        np.add.reduce(<m>, axis=1)
        outward(<v>, <V>)
        outward(<v>)
        """,
    "w": """
        <V>[1:][:]
        <V>[-1:0:-1]
        <V>[:0:-1]
        <V>[-2::-1]
        <V>[::-1][:-1]
        <M>.T[1:, <j>]
        <M>[<j>][:-1]
        <M>.ravel()[1:len(x)]
        """,
    "m": """
        <M>[::-1, ::-1]
        <M>.T[::-1]
        <M>[:, ::-1]
        <M>.reshape(<M>.shape)
        <M>[...]
        np.asarray(<M>)
        np.matmul(<m>, <m>, out=np.empty((len(x), len(x)))) * 0.3
        <m>[np.ix_(<e>, <e>)]
        np.array(<M>)
        np.ascontiguousarray(<m>.T)
        np.asfortranarray(<m>)
        np.moveaxis(<m>, 0, 1)
        np.add.outer(<v>, <v>)
        np.multiply(<m>, <v>, out=np.zeros((len(x), len(x))), where=<k>)
        """,
}
"""Expressions."""

STORES = """
    <V>[::-1][<j>] = <s>
    <V>[::-1][1:][::-1] += <w>
    <V>[-1:0:-1] = <w>
    <V>[:0:-1] *= <s>
    <V>[::-2] += <s>
    <V>[1:][:-1][:] *= <s>
    <V>[:0] = <s>
    <V>[5:] += <s>
    <V>[:0] = <v>[:0]
    <V>[<e>[:0]] = <s>
    <V>[<e>[:1]] = <s>
    <V>[np.zeros(0, int)] += <s>
    <V>[np.zeros(len(x), bool)] = <s>
    <V>[...] *= <s>
    <V>[slice(1, None)] = <w>
    <M>[::-1][<j>] = <v>
    <M>[::-1, ::-1][<j>, 1:] += <w>
    <M>.T[::-1][<j>] *= <s>
    <M>[1:][:, 1:][:1] = <w>
    <M>.T.T[<j>] = <v>
    <M>.reshape(-1)[::len(x) + 1] = <v>
    <M>.ravel()[:len(x)] += <v>
    <M>.T.ravel()[<j>] = <s>
    <M>.flatten()[<j>] = <s>
    <V>.copy()[<j>] = <s>
    <V>[<e>][<j>] = <s>
    <M>[<e>][<j>] = <v>
    <M>[..., <j>] = <v>
    <M>[<j>, ...] += <v>
    <M>[:, <j>, None] = <v>[:, None]
    <M>[None][0, <j>] = <v>
    <M>[<e>, <e>] = <v>
    <M>[<e>, <e>] += <v>
    <M>[<e>, <j>] *= <s>
    <M>[<k>, <j>] = <s>
    <M>[<j>, <k>] += <s>
    <M>[np.ix_(<e>, <e>)] = <s>
    <M>[:, <k>] = <s>
    np.add.at(<M>, (<e>, <e>), <v>)
    np.add.at(<M>, <e>, <v>)
    np.add.at(<V>[::-1], <e>, <s>)
    np.add.at(<M>.T, <e>, <v>)
    np.multiply.at(<V>, <e>, <s>)
    np.maximum.at(<V>, <e>, <v>)
    np.matmul(<m>, <v>, out=<V>)
    np.dot(<M>, <v>, out=<V>)
    np.sum(<m>, axis=0, out=<V>)
    np.sum(<m>, axis=0, out=<M>[<j>])
    np.add(<V>, <v>, out=<V>[::-1])
    np.add(<V>[1:], <V>[:-1], out=<V>[1:])
    np.subtract(<V>[1:], <V>[:-1], out=<V>[:-1])
    np.sin(<V>, out=<V>, where=<k>)
    np.multiply(<M>, <v>, out=<M>.T)
    np.tanh(<V>, out=<V>[::-1])
    np.negative(<V>, <V>)
    np.cumsum(<V>[::-1], out=<V>)
    np.cumsum(<V>, out=<V>[::-1])
    np.take(<v>, <e>, out=<V>)
    np.clip(<V>, -0.4, 0.6, out=<V>)
    <V>.clip(-0.4, 0.6, out=<V>)
    np.copyto(<V>[1:], <V>[:-1])
    np.copyto(<M>, <v>)
    np.copyto(<M>.T, <v>, where=<k>)
    np.putmask(<V>, <k>, <v>)
    np.place(<V>, <k>, [<s>, <s>])
    np.put_along_axis(<V>, <e>, <s>, 0)
    <V>[1:] += <V>[:-1]
    <V>[:-1] += <V>[1:]
    <V>[::-1] += <V>
    <V>[:] -= <V>[::-1]
    <M~> += <M>.T
    <M>[:] -= <M>.T
    <M>[1:] -= <M>[:-1]
    <M~> @= <m> * 0.3
    <M>.T[...] += <v>
    <V>[<j>] = <V>[<j>] = <s>
    <V>[<j>:] = <s>
    <V>[:<j>] += <s>
    <V>[<j>:] += <V>[<j>:]
    <V>[<i>:] *= <s>
    <V>[<i> % len(x):][:1] = <s>
    outward(<V>, <V>)
    outward(<V>[1:], out=<V>[:-1])
    touched(<V>[::-1], <s>)
    touched(<M>[:, <j>], <s>)[1:] *= <s>
    swapped(<M>[<j>], <M>[<j>])
    <V!> = <V>[::-1][::-1]
    <V!> = <M>[::-1].T[<j>]
    <V!> = <M>.T[<j>][::-1]
    <V!> = <M>.reshape(-1)[:len(x)]
    <V!> = <M>.ravel()[::len(x) + 1]
    <V!> = <M>.T.reshape(-1)[:len(x)]
    <V!> = np.diagonal(<M>)
    <V!> = np.squeeze(<V>[None])
    <M!> = <M>[::-1]
    <M!> = <M>.T[:, ::-1]
    <M!> = <M>.reshape(<M>.shape)
    <V!>, <V!> = <M>[0], <M>[-1]
    <V!> = <L>[0] = <v>
    """
"""Stores, and names of views."""

COMPOUND = r"""
    for <V?> in <M>.T:\n    <1> *= <s>
    for <V?> in <M>[::-1]:\n    <1>[<j>] = <s>\n    <B>
    for <V?> in <M>[:0]:\n    <B>
    for row in pieces(<V>):\n    row *= <s>
    for row in pieces(<M>):\n    row[1] += row[0] * <s>
    for <V?>, <V?> in zip(<M>, <M>[::-1]):\n    <1>[<j>] += <2>[<j>]
    """
"""Statements that hold others."""
