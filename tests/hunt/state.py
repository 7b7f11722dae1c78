"""Forms of objects with state, class attributes, Enum, defaults that change, and containers of containers: see `grammar`.

    T an object with methods of operators    K a dataclass with a list    Z a dict of lists and tuples
"""

EXPRESSIONS: dict[str, str] = {
    "s": """
        keep(<s>)
        keep(<s>, [<s>])
        pick(Kind.FAST, <s>)
        pick(Kind(1 + <i> % 2), <s>, a=<s>)
        pick(Kind['SLOW'], <s>, b=<s>)
        pick(BOX.kind, <s>, b=<s>)
        BOX.kind.value * <s>
        Level.HIGH.value * <s>
        Level.HIGH * <s>
        (Level.HIGH > <i>) * <s>
        (<i> == Level.LOW) * <s>
        (Level.HIGH + <i>) % 4 * <s>
        {Kind.FAST: <s>, Kind.SLOW: <s>}[BOX.kind]
        len(BOX.kind.name) * <s>
        Tally.mix(<s>, <s>)
        sum(Tally.seen) * <s>
        Tally.count * <s>
        Tally.rates[<c>] * <s>
        Tally.of(<v>).s
        Steep(<v>).total
        Steep(<v>, <s>).slow
        Layer(<v>).act(<s>).sum()
        dataclasses.replace(Layer(<v>), rate=<s>).rate
        Sealed(<v>, <s>).s
        Pair(<v>, <s>)._replace(s=<s>).s
        {'a': [<s>, {'b': (<s>, <s>)}]}['a'][1]['b'][-1]
        [[<s>, <s>], [<s>]][<i> % 2][0]
        """,
    "v": """
        Tally.of(<v>).w
        Tally.mix(<v>, <s>)
        Layer(<v>, log=[<s>]).act(<v>)
        Sealed(<v>, <s>).w
        Pair(w=<v>, s=<s>).w
        [[<v>], [<V>, <v>]][<i> % 2][-1]
        """,
}
"""Expressions."""

OF_OBJECTS: dict[str, list[str]] = {
    "s": ["<T>.total", "<T>.note(<s>)", "sum(<T>)", "(<s> in <T>) * <s>", "<T> @ <v>", "<T>.count * <s>",
          "<T>.rates[<c>] * <s>", "(-<T>).total", "(<s> * <T>).total", "getattr(<T>, 's') * <s>",
          "getattr(<T>, 'nope', <s>)", "isinstance(<T>, Steep) * <s>", "hasattr(<T>, 'slow') * <s>", "sum(<T>.seen)",
          "bool(<T>) * <s>", "<T>.mix(<s>, <s>)", "walked(<Z>['b'])", "<Z>['b'][0] * <s>",
          "sum(r.sum() for r in <Z>['w'])", "<K>.log[-1] * <s>", "sum(<K>.log)", "<K>.act(<v>).sum()"],
    "v": ["<T>.w * <s>", "(-<T>).w", "(<s> * <T>).w", "vars(<T>)['w']", "<T>.of(<v>).w", "<K>.act(<v>)",
          "dataclasses.replace(<K>, rate=<s>).w", "<Z>['w'][-1] * <s>"],
}
"""What is drawn only where there is such an object."""

SIMPLE = """
    4 <T!> = Tally(<v>, <s>)
    2 <T!> = Tally(<V>)
    2 <T!> = Steep(<V>, <s>)
    <T!> = Tally.of(<v>)
    <T!> = <T>
    <T!> = -<T>
    <T~> += <v>
    <T>.note(<s>)
    Tally.seen.append(<s>)
    Tally.seen[0] = <s>
    Tally.rates['a'] = <s>
    <T>.rates = {'a': <s>, 'b': 0.2}
    <T>.seen = [<s>]
    0 <T>.count += 1
    setattr(<T>, 's', <s>)
    <T>.s, <T>.w = <s>, <v>
    <T>.w[1:] *= <s>
    keep(<s>)
    3 <K!> = Layer(<v>, <s>)
    2 <K!> = Layer(<V>)
    <K!> = dataclasses.replace(<K>, rate=<s>)
    <K!> = <K>
    <K>.log.append(<s>)
    <K>.w = <V>
    <K>.w[<j>] += <s>
    <K>.rate, <K>.log = <s>, [<s>]
    3 <Z!> = {'w': [<v>, <V>], 'b': (<s>, {'c': <s>})}
    <Z!> = {**<Z>}
    <Z!> = dict(<Z>, b=(<s>, {'c': <s>}))
    <Z!> = <Z>
    <Z>['w'].append(<v>)
    <Z>['w'][0], <Z>['w'][1] = <Z>['w'][1], <Z>['w'][0]
    <Z>['b'][1]['c'] += <s>
    <Z>['b'] = (<s>, {'c': <s>})
    <Z>['w'] = [<V>, <v>]
    <Z>['w'][0] += <v>
    """
"""Statements."""

COMPOUND = r"""
    with <T>:\n    <B>
    with <T> as held_open:\n    held_open.s += <s>\n    <B>
    for <S?> in <T>:\n    <B>
    if <T>:\n    <B>
    for row in <Z>['w']:\n    row *= <s>
    for at, row in enumerate(<Z>['w']):\n    <1>['w'][at] = row * <s>
    for one in (<T>, <T>):\n    one.s *= <s>
    if BOX.kind is Kind.SLOW:\n    <B>\nelse:\n    <B>
    """
"""Statements that hold others."""
