"""Python's page of built-in types: truth, comparisons, numbers, sequences, strings, sets, dicts."""

PAGE = """
x if {Q} else 2.0 * x
not {Q}
{J} and {M}
{J} or {M}
{M} < {N}
{N} == {J}
{J} != {E}
{N} >= {M}
0 < {M} < {N}
x < {M} == {N}
{Q} is None
{Q} is not {E}
{N} + {M}
{N} - {M}
{N} * {M}
{N} / {M}
{N} // {M}
{N} % {M}
{N} ** {M}
-{N}
+{N}
~{W}
{W} & {V}
{W} | {V}
{W} ^ {V}
{W} << {V}
{W} >> {V}
{J} + {J}
{J} * {W}
{N}.real
{N}.imag
{N}.conjugate()
{W}.bit_length()
{W}.bit_count()
{W}.numerator
({N}).is_integer()
x.hex()
(2.5).as_integer_ratio()
float.fromhex('0x1.8p1')
(5).to_bytes(2, 'big')
int.from_bytes(b'ab', 'big')
{E} in {S}
{E} not in {L}
{R} + {R}
{L} * {V}
{V} * {R}
{R}[{I}]
{R}[{I}:{W}]
{R}[::{I}]
{R}[{C}]
len({R})
min({R})
max({R})
{R}.index({E})
{R}.count({E})
{L} == {L}
{L} < {L}
(1, x) < (1, {M})
{L} == {R}
u = {L}; u[{I}] = x; u
u = {L}; u[{C}] = [x, 9.0]; u
u = {L}; del u[{I}]; u
u = {L}; del u[{C}]; u
u = {L}; u.append({E}); u
u = {L}; u.append(x, x); u
u = {L}; u.clear(); u
u = {L}; w = u.copy(); w.append(x); u
u = {L}; u.extend({S}); u
u = {L}; u += {S}; u
u = {L}; u *= {V}; u
u = {L}; u.insert({I}, x); u
u = {L}; r = u.pop(); (r, u)
u = {L}; r = u.pop({I}); (r, u)
u = {L}; u.remove({E}); u
u = {L}; u.reverse(); u
u = {L}; u.sort(); u
u = {L}; u.sort(reverse=True); u
u = {L}; u.sort(key=lambda e: str(e)); u
u = {L}; w = u; w.append(x); u is w
u = {L}; w = u[:]; w.append(x); u
u = {L}; u[{I}] += x; u
range({W}, {V})[{I}]
{W} in range({V}, 9, 2)
range({W}) == range({V})
range({W}, {V}).start
range(1, {W}).stop
range(9)[{C}]
range({W}).index({V})
range({W}).count({V})
{D}[{K}]
{D}.get({K})
{D}.get({K}, x)
{D}.keys()
{D}.values()
{D}.items()
list({D})
len({D})
{K} in {D}
u = {D}; u[{K}] = x; u
u = {D}; del u[{K}]; u
u = {D}; u.pop({K}); u
u = {D}; r = u.pop({K}, x); (r, u)
u = {D}; u.popitem(); u
u = {D}; u.setdefault({K}, x); u
u = {D}; u.update({D}); u
u = {D}; u.update(q=x); u
u = {D}; u.update([({K}, x)]); u
u = {D}; u.clear(); u
u = {D}; w = u.copy(); w['q'] = x; u
u = {D}; u |= {D}; u
{D} | {D}
{D} == {D}
reversed({D})
dict.fromkeys({R}, x)
{D}.keys() & {'a', 'b'}
{D}.keys() | {'q'}
{D}.keys() == {'a', 'b'}
sum(e for e in {D}.values() if isinstance(e, float))
{Z} | {Y}
{Z} & {Y}
{Z} - {Y}
{Z} ^ {Y}
{Z} <= {Y}
{Z} == {Y}
{Z} > {Y}
{Z}.union({Y}, [7])
{Z}.intersection({Y})
{Z}.difference({Y})
{Z}.symmetric_difference({Y})
{Z}.issubset({Y})
{Z}.issuperset({Y})
{Z}.isdisjoint({Y})
{W} in {Z}
len({Z})
sorted({Y})
{Z}.copy()
u = {Z}; u.add({W}); u
u = {Z}; u.discard({W}); u
u = {Z}; u.remove({W}); u
u = {Z}; u.update({Y}); u
u = {Z}; u |= {Y}; u
u = {Z}; u -= {Y}; u
u = {Z}; u.clear(); u
{T} + {T}
{T} * {V}
{T}[{I}]
{T}[{C}]
{T} == {T}
{T} < {T}
'b' in {T}
{T}.capitalize()
{T}.casefold()
{T}.center(8, '*')
{T}.count('l')
{T}.encode()
{T}.endswith('c')
{T}.expandtabs()
{T}.find('b')
{T}.format(x)
{T}.index('b')
{T}.isalnum()
{T}.isalpha()
{T}.isdigit()
{T}.islower()
{T}.isspace()
{T}.isupper()
{T}.join(['p', 'q'])
','.join({L})
{T}.ljust(6)
{T}.lower()
{T}.lstrip()
{T}.partition(',')
{T}.removeprefix('a')
{T}.replace('b', 'zz')
{T}.rfind('l')
{T}.rsplit(',', 1)
{T}.rstrip('c')
{T}.split(',')
{T}.split()
{T}.splitlines()
{T}.startswith(('a', 'H'))
{T}.strip()
{T}.swapcase()
{T}.title()
{T}.translate({98: 'q'})
{T}.upper()
{T}.zfill(5)
'%s and %d' % ({T}, {W})
'{}-{}'.format({T}, {W})
f'{{N}:.2f}'
f"{{T}!r:>8}"
{T}.upper
bytes([1, 2])[{V}]
"""
