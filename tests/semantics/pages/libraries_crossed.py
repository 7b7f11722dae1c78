"""Python's pages of `math`, `operator`, `itertools`, `functools`, `collections`, `heapq`, `bisect`, `statistics`, `copy`."""

MATH = """ceil floor trunc fabs exp expm1 exp2 log1p sqrt cbrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf
erfc gamma lgamma degrees radians isnan isinf isfinite frexp modf log log2 log10 factorial isqrt ulp"""
MATH_TWO = "atan2 pow hypot copysign fmod log ldexp gcd lcm comb perm isclose dist nextafter"
OPERATOR = "add sub mul truediv floordiv mod pow eq ne lt le gt ge is_ is_not and_ or_ xor lshift rshift concat contains matmul"
OPERATOR_ONE = "neg pos abs not_ truth invert index length_hint"

PAGE = """
math.fsum({S})
math.prod({S})
math.prod({L}, start={M})
math.hypot(*{R})
math.pi * {N}
math.log({N}, {M})
math.remainder({N}, 0.7)
math.remainder(2.0, {N})
math.sumprod(v, v)
math.isclose({N}, {M}, rel_tol=0.5)
operator.getitem({R}, {I})
operator.itemgetter({I})({R})
operator.itemgetter(0, {I})({R})
operator.attrgetter('w')(Plain(x))
operator.methodcaller('count', {E})({R})
operator.countOf({R}, {E})
operator.indexOf({R}, {E})
u = {L}; operator.setitem(u, {I}, x); u
u = {L}; operator.delitem(u, {I}); u
u = {L}; operator.iadd(u, {S}); u
itertools.accumulate({S})
itertools.accumulate({L}, {B})
itertools.accumulate({L}, operator.mul, initial={M})
itertools.batched({R}, 2)
itertools.chain({S}, {L})
itertools.chain({R})
itertools.chain.from_iterable([{S}, {L}])
itertools.combinations({R}, 2)
itertools.combinations({L}, {V})
itertools.combinations_with_replacement({L}, 2)
itertools.compress({R}, [1, 0, True, x > 0])
zip(itertools.count({W}), {L})
zip(itertools.count(1, {M}), {R})
zip(itertools.cycle({R}), range(7))
itertools.dropwhile({P}, {L})
itertools.filterfalse({P}, {L})
[(k, list(g)) for k, g in itertools.groupby({R})]
[(k, sum(g)) for k, g in itertools.groupby([1, 1, 2, 2, 1], lambda e: e % 2)]
itertools.islice({S}, 2)
itertools.islice({R}, 1, {V})
itertools.islice({R}, 0, None, 2)
itertools.pairwise({S})
itertools.permutations({L})
itertools.permutations({R}, 2)
itertools.product({R}, {L})
itertools.product({L}, repeat=2)
itertools.repeat({M}, {V})
itertools.starmap({B}, [(x, 2.0), (1.0, x)])
itertools.takewhile({P}, {R})
itertools.tee({L})[1]
itertools.zip_longest({R}, {L})
itertools.zip_longest({L}, {R}, fillvalue={M})
functools.reduce({B}, {S})
functools.reduce({B}, {L}, {M})
functools.partial({B}, {M})({N})
functools.partial(pow, {N})({M})
functools.partial(max, key={F})(v)
functools.cmp_to_key(lambda p, q: p - q)(2) < functools.cmp_to_key(lambda p, q: p - q)({V})
sorted({L}, key=functools.cmp_to_key(lambda p, q: q - p))
collections.deque({S})
q = collections.deque({L}); q.append(x); q
q = collections.deque({L}); q.appendleft(x); list(q)
q = collections.deque({L}); q.pop(); q
q = collections.deque({L}); q.popleft(); q
q = collections.deque({L}, maxlen={V}); q.append(x); list(q)
q = collections.deque({L}); q.rotate({V}); list(q)
q = collections.deque({L}); q.extend({S}); list(q)
q = collections.deque({L}); q.extendleft({R}); list(q)
q = collections.deque({L}); q.reverse(); list(q)
q = collections.deque({L}); q[{I}]
q = collections.deque({L}); q[0] = x; list(q)
q = collections.deque({L}); len(q) + ({E} in q)
q = collections.deque({L}); q.count({E})
q = collections.deque({R}); q.clear(); len(q)
collections.Counter({R})
collections.Counter({R}).most_common(1)
collections.Counter({R})[{E}]
c = collections.Counter('aab'); c.update('bc'); dict(c)
sum(collections.Counter({R}).values())
q = collections.defaultdict(list); q['a'].append(x); q['b'].append({E}); dict(q)
q = collections.defaultdict(float); q[{K}] += x; q[{K}] += {M}; dict(q)
q = collections.defaultdict(lambda: x); q[{K}] * 2.0
q = collections.defaultdict(int, {D}); q[{K}]
collections.OrderedDict({D})
q = collections.OrderedDict(a=x, b=2.0); q.move_to_end('a'); list(q)
collections.ChainMap({D}, {D})[{K}]
collections.namedtuple('P', 'p q')(x, {M}).q
Pair(x, {M})
Pair({M}, b=x).b
Pair(x, {M})._replace(a={N})
Pair(x, {M})._asdict()
Pair._fields
Pair._make([x, {M}])
Pair(x, {M})[{I}]
p, q = Pair(x, {M}); (q, p)
Pair(x, {M}) == (x, {M})
Pair(x)
Pair(x, x, x)
Pair(a=x)
h = {L}; heapq.heapify(h); h
h = [3, 1, 2]; heapq.heapify(h); heapq.heappush(h, {V}); heapq.heappop(h)
h = []; heapq.heappush(h, (2, x)); heapq.heappush(h, ({V}, 2.0)); heapq.heappop(h)
h = [1, 5]; heapq.heappushpop(h, {V})
h = [1, 5]; heapq.heapreplace(h, {V})
heapq.nlargest({V}, {R})
heapq.nsmallest(2, {L})
heapq.nlargest(1, {L}, key={F})
list(heapq.merge([1, 4], [2, {W}]))
bisect.bisect([1, 3, 5], {W})
bisect.bisect_left([1, 3, 5], {V})
bisect.bisect_right([0.5, 1.0, 2.0], {N})
bisect.bisect_left([0.5, 1.0, 2.0], x, lo={V})
bisect.bisect({L}, {M})
u = [1, 3, 5]; bisect.insort(u, {W}); u
u = [0.5, 1.0, 2.0]; bisect.insort(u, {N}); u
statistics.mean({S})
statistics.fmean({S})
statistics.median({L})
statistics.mode({R})
statistics.variance({L})
statistics.pvariance({S})
statistics.stdev({L})
statistics.pstdev({R})
statistics.geometric_mean([2.0, {M}])
statistics.harmonic_mean([2.0, {M}])
copy.copy({L})
copy.deepcopy({L})
copy.copy({D})
u = {L}; w = copy.copy(u); w.append(x); u
u = [[x], {L}]; w = copy.deepcopy(u); w[0].append(x); u
u = [[x], {L}]; w = copy.copy(u); w[0].append(x); u
p = Plain(x); q = copy.copy(p); q.w = {M}; p.w
Kind(1) is Kind.A
Kind({V}).name
Kind['B'].value * {M}
[k.value for k in Kind]
len(Kind)
Kind.A == Kind.B
Kind.A in Kind
{Q} == Kind.A
isinstance({Q}, Kind)
hash(Kind.A) == hash(Kind.A)
Frozen(x).twice
Frozen({M}).k * x
Frozen(k=x)
Frozen(x) == Frozen({M})
Frozen()
Frozen(x, 1.0, 2.0)
dataclasses.replace(Frozen(x), k={M}).twice
dataclasses.asdict(Frozen(x))
dataclasses.astuple(Frozen({M}))
[f.name for f in dataclasses.fields(Frozen)]
dataclasses.is_dataclass(Frozen(x))
"""
PAGE += "\n".join(f"math.{name}({{N}})" for name in MATH.split()) + "\n"
PAGE += "\n".join(f"math.{name}({{N}}, {{M}})" for name in MATH_TWO.split()) + "\n"
PAGE += "\n".join(f"operator.{name}({{N}}, {{J}})" for name in OPERATOR.split()) + "\n"
PAGE += "\n".join(f"operator.{name}({{J}})" for name in OPERATOR_ONE.split()) + "\n"
