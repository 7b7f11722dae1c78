"""Forms of whole numbers, truth values, unsigned ones, arrays without axes and float32: see `grammar`.

    A an array without axes    U an array of small whole numbers, as long as `x`
"""

EXPRESSIONS: dict[str, str] = {
    "s": """
        np.array(<s>)
        np.asarray(<s>)[()]
        2 <A> * <s>
        <A>[()] + <s>
        float(<A>)
        <A>.item() * <s>
        <v>[<j>, ...]
        <V>[<j>][()]
        np.sum(<M>[<j>, ..., <j>])
        np.float64(<s>)
        0 np.float32(<s>) * 1.0
        np.sum(<U>) * 0.01
        int(<U>[<j>]) * <s>
        (<U>[<j>] + <U>[<j>]) * 0.01 * <s>
        <U>[<j>] * <s> * 0.01
        (<U> // 3).sum() * 0.1 * <s>
        (<U> >> 1)[<j>] * 0.1
        (0.5 + <s> ** 2) ** (<i> % 4)
        (2 ** (abs(<i>) % 5)) * <s> * 0.1
        (bool(<b>) + bool(<b>)) * <s>
        (bool(<b>) ^ bool(<b>)) * <s>
        np.sum(<k>) * <s>
        np.sum(<k>, dtype=np.uint8) * <s>
        np.mean(<k>) * <s>
        np.count_nonzero(<k>) * <s>
        np.bool_(<b>) * <s>
        np.uint8(abs(<i>) % 200) * <s>
        int(<s> * 3.0) * <s>
        math.floor(<s>) * <s>
        round(<s>) * <s>
        np.floor(<s>) + <s>
        np.sign(<s>) * <s>
        <i> / (1 + abs(<i>)) * <s>
        -7 // (1 + abs(<i>)) * <s>
        math.copysign(<s>, <s>)
        np.ldexp(<s>, <i> % 3)
        math.gcd(<i>, 12) * 0.1 * <s>
        bin(abs(<i>)).count('1') * <s>
        0 (<i>).bit_length() * <s>
        0 <v>.astype(np.float32).sum()
        (<b> if isinstance(<i>, bool) else <s>)
        """,
    "v": """
        2 <U> * <v>
        <U> * 0.01 + <v>
        (<U> - 3) * 0.1 * <v>
        (-<U>) * 0.1 * <v>
        (<U> * <U>) * 0.01 + <v>
        <U> / 100 * <v>
        <U>.astype(np.int8) * 0.1 * <v>
        np.where(<k>, <U>, 2) * 0.1 * <v>
        (<k>).astype(np.int8) * <v>
        ((<k>) ^ (<k>)) * <v>
        np.logical_xor(<k>, <k>) * <v>
        ((<k>) + (<k>)) * <v>
        np.cumsum(<k>) * <v>
        np.floor(<v>) * <v>
        np.rint(<v>) + <v>
        np.sign(<v>) * <v>
        np.fmod(<v>, 0.7)
        np.floor_divide(<v>, 0.5) * <v>
        0 <v>.astype(np.float32)
        0 np.asarray(<v>, dtype=np.float32)
        np.full_like(<U>, 2) * <v>
        np.arange(len(x), dtype=np.uint8) * <v>
        (np.arange(len(x)) - 2) * <v>
        <A> * <v>
        <v> * np.array(<s>)
        np.nan_to_num(<v>)
        np.power(np.abs(<v>) + 0.3, <i> % 3)
        <v> ** (<i> % 4)
        np.mod(<e>, 3) * <v>
        np.bitwise_and(<e>, 1) * <v>
        np.left_shift(1, abs(<e>)) * <v>
        """,
    "k": """
        2 <U> > <i>
        <U> == <U>
        (<U> & 1).astype(bool)
        np.logical_not(<k>)
        (<k>) ^ (<k>)
        (<k>) != (<k>)
        np.isnan(<v>)
        np.zeros(len(x), bool)
        np.ones(len(x), bool)
        np.array([z > 0.1 for z in <V>])
        """,
    "i": """
        int(<U>[<j>])
        int(<U>.sum()) % 5
        int(np.sum(<U>, dtype=np.uint8)) % 5
        len(<V>[<j>:])
        <V>.size
        <M>.shape[<i> % 2] - 2
        np.ndim(<m>)
        round(<s>)
        math.floor(<s>)
        int(<s> // 0.4)
        (~<i>) & 3
        (<i> and 2)
        (<i> or 1)
        True + <i>
        int(<b>) - int(<b>)
        <i> ** 2 % 5
        -<i> // 2
        divmod(-<i>, 3)[0]
        sum(range(abs(<i>) % 4))
        int(np.int32(<i>) * 3) % 5
        """,
    "e": """
        <U> % len(x)
        <U>.astype(int) % len(x)
        np.arange(len(x), dtype=np.uint8)
        np.argsort(<v>)[::-1]
        np.searchsorted(np.sort(<v>), <v>) % len(x)
        np.where(<k>, 0, -1)
        np.arange(len(x), dtype=np.int8)[::-1]
        """,
}
"""Expressions."""

SIMPLE = """
    4 <A!> = np.array(<s>)
    <A!> = <V>[-1:].reshape(())
    2 <A!> = <V>[<j>, ...]
    <A!> = <M>[<j>, <j>, ...]
    3 <A~> += <s>
    2 <A~> *= <s>
    <A>[...] = <s>
    <A>[()] = <s>
    <A>[()] += <s>
    <A>.fill(<s>)
    np.add(<A>, <s>, out=<A>)
    <S!> = <A> * 1.0
    <S!> = <A>[()]
    <V>[<j>] = <A>
    4 <U!> = np.array([250, 3, 7, 128], np.uint8)[np.arange(len(x))]
    <U!> = np.arange(len(x), dtype=np.int8) * 50
    <U!> = np.arange(len(x), dtype=np.int32) - 2
    <U!> = (<k>).astype(np.uint8)
    <U!> = np.arange(len(x), dtype=np.uint16)[::-1]
    <U!> = <U>[::-1]
    <U~> += 1
    <U~> *= 2
    <U~> -= <U>
    <U>[<j>] = 3
    <U>[<k>] = 1
    <U~> >>= 1
    <U~> &= 5
    <U~> //= 2
    <U>[<j>] += 7
    np.add.at(<U>, <e>, 1)
    2 <V~> *= <U>
    <V~> += <k>
    <V~> //= 0.5
    <V~> %= 0.8
    <V~> **= 2
    <V>[<j>] **= 2
    <S=> //= 0.5
    <S=> %= 0.9
    <S=> **= 2
    <I=> %= 4
    <I=> ^= 3
    <I=> |= 1
    <I=> -= <b>
    <V>[<j>] = <i>
    <V>[<k>] += 1
    <V>[<j>] = <b>
    <V~> = <e> * 1
    """
"""Statements."""
