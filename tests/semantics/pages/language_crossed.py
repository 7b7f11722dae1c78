"""Python's language reference: calls, assignments, statements and classes; a blank line between two programs."""

PAGE = """
def f{G}
f{H}

f = lambda p, q=2.0, *r, **z: (p, q, r, z)
f{H}

class P:
    def f(self, p, q=x):
        return (p, q)
P().f{H}

{A}
(p, q)

if {U}:
    r = x
elif {U}:
    r = 2.0 * x
else:
    r = [x]
r

r = x if {U} else {J}
r

r = 0.0
for i in range(5):
    if {U}:
        break
    if i % 2:
        continue
    r += x * i
else:
    r += 100.0
r

r, i = x, 0
while i < {W}:
    i += 1
    if {U}:
        continue
    r = r * 1.5
else:
    r = r + 1.0
(r, i)

r = []
for e in {S}:
    r.append(e)
r

r = []
for i, e in enumerate({R}):
    r.append((i, e))
(r, i, e)

r = 0
for e in {L}:
    r = e
r

[e for e in {S}]

[e for e in {L} if {U}]

[(e, u) for e in {L} for u in {R}]

{e: x for e in {R}}

{i: e for i, e in enumerate({L})}

sorted({e for e in {Z}})

sum(e for e in {L} if not isinstance(e, (str, list)) and e is not None)

def f():
    yield x
    yield from {L}
    return 3
list(f())

def f():
    for e in {R}:
        if {U}:
            return
        yield e
list(f())

def f(k):
    u = yield k
    yield u
g = f({M})
next(g)

def f():
    yield {M}
    yield x
g = f()
next(g) + next(g)

try:
    r = {J} + x
except TypeError:
    r = -x
r

try:
    r = {R}[{I}]
except IndexError:
    r = -x
else:
    r = (r, 1)
r

try:
    r = {D}[{K}]
except KeyError:
    r = x * x
r

try:
    r = 1.0 / {M}
except ZeroDivisionError:
    r = x
finally:
    x = 2.0 * x
r * x

try:
    r = float({T})
except ValueError as error:
    r = x
r

try:
    if {U}:
        raise ValueError('none')
    r = x
except (ValueError, KeyError):
    r = 3.0 * x
r

if {U}:
    raise ValueError('none')
x

assert {U}
x

assert {U}, 'message'
x

match {J}:
    case 3:
        r = x
    case [p]:
        r = p
    case (p, q):
        r = p + q
    case str():
        r = len(l) * x
    case None:
        r = -x
    case _:
        r = 2.0 * x
r

match {D}:
    case {'a': p}:
        r = p
    case {}:
        r = x
r

r = x
r {O}= {M}
r

r = {L}
r[0] {O}= 2
r

r = a.copy()
r {O}= {M}
r

d['q'] = x
d['q'] {O}= {M}
d

l[{I}] = {M}
l

a[-1] = {M}
a

a[:2] = {M}
a

del l[{I}]
l

(p := {N}) * p

[p := e for e in {L}]

{N} < (p := 2.0 * x) < 9.0 and p

def f():
    nonlocal r
    r = r + {M}
    return r
r = x
(f(), r, f())

def f(k, u=[]):
    u.append(k)
    return len(u)
(f(x), f({J}), f(1))

f = [lambda: e for e in {R}]
[g() for g in f]

def f(n):
    return x if n <= 0 else x * f(n - 1)
f({V})

def outer(p):
    def inner(q):
        return p * q
    return inner
outer({M})(x)

def f(*p, **q):
    return g(*p, **q)
def g(p, q=2.0):
    return p * q
f{H}

with contextlib.nullcontext({M}) as p:
    r = p * x
r

with contextlib.suppress(ZeroDivisionError):
    r = x / {M}
x

with Managed(x) as p, Managed({M}) as q:
    r = p * q
r

class P:
    k = {M}
    def __init__(self, w):
        self.w = w
    def __add__(self, other):
        return self.w + self.k * other
(P(x) + {M}, P.k)

p = Plain({N})
p.w {O}= {M}
p.w

p = Plain(x)
p.{E} = 1

p = Plain({N})
p.z = x
(p.z, p.w, p.gain, p.act())

p = Child({N})
(p.act(), isinstance(p, Plain), type(p).__name__)

p = Computed({N})
p.twice

p = Clipped({N})
(p.w, p.raw)

p = Called({M})
p(x)

p = Sized(x)
len(p) * {M}

Doubled({N}).big + Doubled.st({M})

p = Doubled(x)
p.w = {M}
(p.w, p._w)

Items({L})[{I}]

list(Items({L}))

Ordered({M}) < Ordered(1.0)

Number(x) + {M}

Record(x).b + [{M}]

s[{I}]

print({J})
x

x if {Q} is {Q} else 2.0 * x

global_name

del x
x

{N} if {U} else {M}

({J},) + (x,)

[*{S}, x]

(*{R}, *{L})

{**{D}, 'q': x}

[*{M}]

{J}[0]

{J}.w

{J}(x)

{J}[1:]

-{J}

not {J}

{N} @ {M}

a @ a * {M}

a[{I}] * {M}

(a * {M})[1:]

a.sum() * {M} + b[{I}]

x.{E}

lambda: {M}

(lambda: x * {M})()

len({J})

{J} in {L}

f'{{N}!r} {x:.1f}'

'%.2f' % {N}

x; None
x

match {J}:
    case float() | int() as p if p > 1:
        r = p * x
    case [p] | (p, _):
        r = 2.0 * p
    case str(p):
        r = len(p) * x
    case None:
        r = x
    case _:
        r = -x
r

match {S}:
    case [p, *q]:
        r = (p, len(q))
    case {'k': p, **q}:
        r = (p, len(q))
    case _:
        r = x
r

match {N}, {R}:
    case (2.5 | 3, [p, *_]):
        r = p
    case (p, (_, q, *u)) if p > 1:
        r = (q, u)
    case p:
        r = p[1]
r

match {Q}:
    case Plain(w=p) | [p, _, _] | (_, p):
        r = p
    case {'a': p, 'b': q} | (p, q, *_):
        r = p + q
    case bool() | None:
        r = x
    case int(p) | float(p):
        r = p * x
    case p:
        r = 2.0 * x
r
"""
