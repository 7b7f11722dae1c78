"""What stands in the places of a snippet: `{N}` is each of the numbers in turn, `{S}` each of the sequences, …

`x` is a float that is differentiated; `l`, `d`, `a`, `n`, `s`, `t` are other arguments of the program: a list, a dict, an
array, an integer, a string, a tuple; `v`, `m`, `b` a list, a dict and an array made of `x`.
"""

POOLS: dict[str, str] = {
    "N": "x | -x | 3 | -7 | True | 0.0 | 2.5 | a[0] | b[1] | n | x * x | len(l) | float('inf') | x > 1",
    "M": "x | 2 | -3 | 2.5 | n | a[1] | True | 0",
    "J": "x | 3 | -2 | 1.5 | 'ab' | None | [x] | (1, 2)",         # of several types
    "I": "0 | 1 | -1 | n | 2 | 9 | -9 | True",
    "S": "v | l | (x, 2.0, x) | [] | 'bca' | range(4) | a | b | {'k': x, 'j': 1.0} | (e * x for e in (x, 2.0, -1.0)) | {3, 1, 2} | [x]",
    "L": "v | l | [3, 1, 2] | [x, 'k', None] | [] | [[x], [2.0]]",
    "R": "v | (x, 2.0, x, 5.0) | 'abcd' | range(2, 12, 3) | l | t | s | b",
    "E": "x | 0.5 | 2.0 | 'a' | None | 1 | True",
    "K": "'a' | 'b' | 'z' | 1 | None | (1, 2)",
    "D": "m | d | {} | {1: x, 'b': 2.0} | dict(a=x, c=None) | {True: x, (1, 2): 'k'}",
    "Z": "{1, 2, 3} | {2, 5} | set() | frozenset([1, 7]) | {'a', 'b'}",
    "Y": "{2, 3, 9} | {1, 2, 3} | frozenset() | {2}",
    "T": "'abc' | 'Hello World' | '' | 'a,b,,c' | '  x1 ' | s | 'ÄSS' | '42'",
    "F": "lambda e: e * x | abs | float | lambda e: -e | str | bool",
    "P": "lambda e: e > 0 | None | bool | lambda e: e",
    "C": "slice(1, 3) | slice(None) | slice(None, None, -1) | slice(-2, None) | slice(5, 1) | slice(0, 9, 2)",
    "B": "operator.add | operator.mul | max | lambda p, q: p - q | lambda p, q: q",
    "W": "3 | -2 | n | True | 0 | 12",         # whole
    "V": "5 | 2 | 1 | False | n | -1",
    "Q": "x | n | 'ab' | l | v | d | a | (1, x) | None | {1, 2} | range(3) | abs | 3 | True | Plain(x)",
    "X": "float | int | str | list | tuple | dict | (int, float) | bool | object | Plain | numbers.Number",
    "G": "(p, q): return (p, q) | (p, q=2.0): return (p, q) | (*p): return p | (p, *q): return (p, q) | "
         "(**p): return p | (p, **q): return (p, q) | (p, /, q): return (p, q) | (p, *, q): return (p, q) | "
         "(p, *, q=3.0): return (p, q) | (p=1.0, *q, r=2.0, **z): return (p, q, r, z) | (): return x | "
         "(p, q=n, r=x): return p * q * r",
    "H": "(x, 2.0) | (x) | () | (x, 1.0, 3.0) | (p=x, q=2.0) | (q=x, p=1.0) | (x, q=2.0) | (x, p=2.0) | (*[x, 2.0]) | "
         "(*v) | (**{'p': x, 'q': 1.0}) | (x, **{'q': 2.0}) | (x, *[1.0], r=x) | (x, z=1.0) | (*(x,), **d) | (q=1.0)",
    "O": "+ | - | * | / | // | % | **",        # operators
    "A": "p, q = x, 2.0 | p, *q = v | *p, q = v | (p, (q,)) = x, [2.0] | p = q = [x] | [p, q] = x, n | p, q = 'ab' | "
         "p, q = v | p, q = a[:2] | p, q = d.values() | p: float = x; q = p | p, *q, r = v | p, q = x",
    "U": "x > 0 | x < 0 | n == 3 | not v | l | a[0] > 1 | None | 'z' in d | x is None | True",     # conditions
}
"""By letter."""


def pool(letter: str) -> list[str]:
    """What may stand in a place."""
    return [part.strip() for part in POOLS[letter].split(" | ")]
