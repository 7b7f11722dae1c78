"""A name that stands for one thing or another: by an arm of a branch, after a loop, in a container."""

PAGE = """
k = {Q} if {U} else {J}
x if k is None else 2.0 * x

k = {J} if {U} else {Q}
x if k == 3 else 2.0 * x

k = {M} if {U} else {N}
x if isinstance(k, {X}) else 2.0 * x

k = {M} if {U} else {N}
type(k) is int

k = {M}
if {U}:
    k = {N}
x if isinstance(k, float) else k * x

k = {J}
for e in a:
    k = {J}
x if k is None else 2.0 * x

k = {Q}
for i in range(n):
    if {U}:
        k = {Q}
x if k else 2.0 * x

f = {F} if {U} else {F}
f(x)

f = {F} if {U} else abs
x if f is abs else 2.0 * x

f = abs if {U} else float
x if f == {F} else f(x)

f = abs
for i in range(n):
    f = {F}
f(x)

k = Plain(x) if {U} else Child({M})
k.act()

k = {X} if {U} else {X}
x if isinstance({Q}, k) else 2.0 * x

k = Plain({M})
for i in range(n):
    if {U}:
        k = Child(x * i)
k.act()

k = [Plain(x)]
if {U}:
    k[0] = Called({M})
x if isinstance(k[0], Called) else k[0].act()

k = Pair(x, {M}) if {U} else (x, 2.0)
x if isinstance(k, Pair) else 2.0 * x

k = {L} if {U} else {L}
len(k) * x

k = {D} if {U} else {D}
len(k) * x

k = {Z} if {U} else {Y}
len(k) * x

k = {R} if {U} else {R}
k[0]

k = 'a' if {U} else 'b'
{'a': x, 'b': 2.0 * x}[k]

k = 'a' if {U} else 'b'
k == {T}

k = Kind.A if {U} else Kind.B
(x * k.value, k is Kind.A)

k = {C} if {U} else slice(0, 2)
l[k]

k = range({W}) if {U} else range({V})
sum(k) * x

k = iter({L})
if {U}:
    next(k, 0.0)
list(k)

k = {J}
k = k if {U} else k
k

k = [x]
w = k if {U} else [x]
w.append({M})
(k, w)

k = {'a': x}
w = k if {U} else dict(k)
w['a'] = {M}
(k, w)

k = {1}
w = k if {U} else {2}
w.add({W})
(k, w)
"""
