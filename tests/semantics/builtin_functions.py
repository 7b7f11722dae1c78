"""Python's page of built-in functions: each with several forms of its arguments, as programs of one number.

A program is what stands after `return`, or statements; `x` is a float, `v` is `[x, -2.0 * x, 0.5]`, `a` an array of the
same.  Those that Python refuses count too: what they raise has to be raised, or refused.
"""

FUNCTIONS: dict[str, str] = {
    "abs": """
        abs(x) + abs(-x) * 2.0
        x * abs(-3)
        x * abs(True)
        np.sum(abs(a) * a)
        abs()
        abs(x, x)
        x * (2.0 if abs(x) is True else 3.0)""",
    "all": """
        x if all([x, 1.0]) else 2.0 * x
        x if all([]) else 2.0 * x
        x if all(a > -9.0) else 2.0 * x
        x if all(e > 0.0 for e in v) else 2.0 * x
        x * (2.0 if all(v) is True else 3.0)
        x if all(x) else 2.0 * x
        x if all({"a": 0.0}) else 2.0 * x
        x if all(iterable=v) else 2.0 * x
        log = []; all(log.append(e) or e > 0.0 for e in v); return x * len(log)
        log = []; all([log.append(e) or e > 0.0 for e in v]); return x * len(log)
        x if all(1.0 / e > 0.0 for e in (-1.0, 0.0)) else 2.0 * x
        x if all(np.outer(a, a)) else 2.0 * x""",
    "any": """
        x if any([x > 9.0, x > 0.0]) else 2.0 * x
        x if any(()) else 2.0 * x
        x if any(e < 0.0 for e in a) else 2.0 * x
        x if any("") else 2.0 * x
        x if any(e == 0.5 for e in v if e > 0.0) else 2.0 * x
        x if any(map(lambda e: e > 9.0, v)) else 2.0 * x
        log = []; any(log.append(e) or e < 0.0 for e in v); return x * len(log)
        log = []; any(map(log.append, v)); return x * len(log)
        x if any(x, x) else 2.0 * x
        x if any(e in (0.5, 7) for e in v) else 2.0 * x""",
    "bool": """
        x if bool(x) else 2.0 * x
        x * bool(x)
        x if bool() else 2.0 * x
        x if bool([]) else 2.0 * x
        x if bool(range(0)) else 2.0 * x
        x if bool(x > 0.0) is True else 2.0 * x
        x if bool(zip()) else 2.0 * x
        x if bool(len) else 2.0 * x
        x if bool(...) else 2.0 * x
        x if bool(a) else 2.0 * x""",
    "callable": """
        x if callable(abs) else 2.0 * x
        x if callable(x) else 2.0 * x
        x if callable(lambda: x) else 2.0 * x
        x if callable(Plain(x)) else 2.0 * x
        x if callable(Called(x)) else 2.0 * x
        x if callable(Plain) else 2.0 * x
        x if callable(a) else 2.0 * x
        x if callable(v.append) else 2.0 * x
        f = abs if x > 0.0 else float; return x if callable(f) else 2.0 * x
        x if callable([]) else 2.0 * x""",
    "delattr": """
        p = Plain(x); delattr(p, "w"); return x if hasattr(p, "w") else 2.0 * x""",
    "dict": """
        dict(a=x)["a"] * x
        dict([("a", x), ("b", 2.0)])["a"] * x
        dict({"a": x}, b=2.0)["b"] * x
        x * len(dict())
        dict(zip("ab", v))["b"] * x
        d = {"a": x}; e = dict(d); e["a"] = 5.0 * x; return d["a"] + e["a"]
        x * len(dict.fromkeys("abc"))
        dict(a=x, **{"b": 3.0 * x})["b"]
        d = {"a": x}; d.update(b=x * x); return sum(d.values())
        d = {"a": x}; dict.update(d, {"a": 3.0 * x}); return d["a"]
        d = {}; d.setdefault("k", []).append(x); return d["k"][0] * 2.0
        d = {"a": x}; v = d.values(); d["b"] = 2.0 * x; return sum(v)
        d = {"a": x}; k = d.keys(); d["b"] = x; return x * len(k)
        x if {"a": 1, "b": 2}.items() == {"b": 2, "a": 1}.items() else 2.0 * x
        x if {"a": 1} == {"a": True} else 2.0 * x
        x if {1: x}.get(True) is not None else 2.0 * x
        d = {"a": x}; d |= {"b": 2.0 * x}; return d["b"]
        d = {"a": x}; return d.pop("z", 3.0 * x)
        d = {"a": x, "b": 1.0}; d.pop("a"); return x * len(d)
        d = {"a": x}; return d.get("b", 2.0 * x)
        d = {"a": x}; return d.get(default=2.0, key="b")
        x if list({"b": 1, "a": 2}) == ["b", "a"] else 2.0 * x
        x if ("a", 1) in {"a": 1}.items() else 2.0 * x
        x if 2.0 in {"a": x, "b": 2.0}.values() else 2.0 * x
        d = {"a": x}; return d["z"]""",
    "divmod": """
        divmod(x, 0.4)[0] * x + divmod(x, 0.4)[1]
        x * divmod(7, 2)[0]
        x * divmod(-7, 2)[1]
        divmod(x)
        x * (2.0 if divmod(7, 2) == (3, 1) else 3.0)
        x * divmod(1, 0)[0]""",
    "enumerate": """
        sum(i * e for i, e in enumerate(v))
        sum(i * e for i, e in enumerate(v, 3))
        sum(i * e for i, e in enumerate(iterable=v, start=2))
        sum(i * e for i, e in enumerate(a))
        sum(i * e for i, e in enumerate(v, start=2))
        s = 0.0; e = enumerate(v); s += sum(i * u for i, u in e); s += sum(u for i, u in e); return s
        x * list(enumerate("ab"))[1][0]
        x * len(list(enumerate(v, 1)))
        enumerate()""",
    "filter": """
        sum(filter(None, v))
        sum(filter(lambda e: e > 0.0, v))
        x * len(list(filter(lambda e: e > 1, [1, 2, 3])))
        x * list(filter(None, [0, 2, 0, 3]))[1]
        log = []; filter(log.append, v); return x * (1.0 + len(log))
        filter(v)""",
    "float": """
        float(x) * x
        float("1.5") * x
        float("abc") * x
        float() + x
        float(3) * x
        float(a[0]) * x
        float(str(x)) * x
        float(repr(x)) * x
        float("%.17g" % x) * x
        float(f"{x}") * x
        float(10 ** 400) * x
        float(True) * x
        x if float(2).is_integer() else 2.0 * x
        x * (2.0 if isinstance(float(a[0]), np.floating) else 3.0)""",
    "frozenset": """
        x * len(frozenset([1, 1, 2]))
        x * len(frozenset((x, 2.0 * x)))
        x if 2 in frozenset([1, 2]) else 2.0 * x
        x if frozenset([1]) == {1} else 2.0 * x""",
    "getattr": """
        getattr(Plain(x), "w") * x
        getattr(Plain(x), "z", 2.0 * x)
        getattr(Plain(x), "w", 7.0)
        getattr(Plain(x), "z")
        getattr(x, "real", 5.0) * x
        getattr(a, "itemsize", 1) * x
        getattr(a, "nothing", 3.0) * x
        getattr(np, "sin")(x)
        getattr(math, "nothing", abs)(x)
        x * getattr(Plain, "gain", 1.0)
        getattr(obj=Plain(x), name="w")
        getattr(Pair(x, 2.0), "a", 9.0)""",
    "hasattr": """
        x if hasattr(Plain(x), "w") else 2.0 * x
        x if hasattr(Plain(x), "act") else 2.0 * x
        x if hasattr(Plain(x), "z") else 2.0 * x
        x if hasattr(a, "shape") else 2.0 * x
        x if hasattr(x, "shape") else 2.0 * x
        x if hasattr(v, "append") else 2.0 * x
        x if hasattr((x,), "append") else 2.0 * x
        x if hasattr(Pair(x, x), "b") else 2.0 * x
        x if hasattr(lambda: x, "__call__") else 2.0 * x
        x if hasattr(x) else 2.0 * x
        p = Plain(x); p.late = 1.0; return x if hasattr(p, "late") else 2.0 * x
        p = Plain(x); setattr(p, "late", x); return p.late if hasattr(p, "late") else 2.0 * x
        x if hasattr({}, "items") else 2.0 * x
        x if hasattr(Computed(x), "twice") else 2.0 * x""",
    "id": """
        x if id(v) == id(v) else 2.0 * x""",
    "int": """
        int(x) * x
        int(2.7) * x
        int(-x) * x
        int("12") * x
        int("ff", 16) * x
        int("ff", base=16) * x
        int("z") * x
        int() + x
        int(float("inf")) * x
        x * (2.0 if isinstance(int(x), float) else 3.0)
        int(a[0]) * x""",
    "isinstance": """
        x if isinstance(x, float) else 2.0 * x
        x if isinstance(x, int) else 2.0 * x
        x if isinstance(x, (int, float)) else 2.0 * x
        x if isinstance(x, int | float) else 2.0 * x
        x if isinstance(a, np.ndarray) else 2.0 * x
        x if isinstance(a[0], float) else 2.0 * x
        x if isinstance(a[0], np.floating) else 2.0 * x
        x if isinstance(v, list) else 2.0 * x
        x if isinstance((x,), (list, dict)) else 2.0 * x
        x if isinstance(Plain(x), Plain) else 2.0 * x
        x if isinstance(Pair(x, x), tuple) else 2.0 * x
        x if isinstance(True, int) else 2.0 * x
        x if isinstance(x > 0.0, bool) else 2.0 * x
        x if isinstance(max(0, x), float) else 2.0 * x
        x if isinstance(x if x < 0.0 else 1, int) else 2.0 * x
        x if isinstance(range(3), range) else 2.0 * x
        x if isinstance(None, type(None)) else 2.0 * x
        x if isinstance(lambda: x, Called) else 2.0 * x
        x if isinstance({}.keys(), list) else 2.0 * x
        x if isinstance(x, 3) else 2.0 * x
        x if isinstance(a.shape, tuple) else 2.0 * x
        x if isinstance(x, numbers.Real) else 2.0 * x""",
    "issubclass": """
        x if issubclass(bool, int) else 2.0 * x
        x if issubclass(Pair, tuple) else 2.0 * x
        x if issubclass(type(x), float) else 2.0 * x""",
    "iter": """
        sum(iter(v))
        i = iter(v); s = sum(i); return s + sum(i)
        x * len(list(iter("abc")))
        x * sum(1 for _ in iter(lambda: 1, 1))""",
    "len": """
        x * len(v)
        x * len(a)
        x * len("abc")
        x * len({1: 2})
        x * len(range(5))
        x * len(range(5, 0, -2))
        x * len(range(3, 1))
        x * len(zip([1.0], [2.0]))
        x * len(map(abs, v))
        x * len(x)
        x * len(Sized(x))
        x * len()
        x * len(v, v)
        x * len(a.shape)
        x * len({x, 2.0 * x})
        x * len({x > 0.0, x > 9.0})
        x * len(reversed(v))""",
    "list": """
        list(v)[0] * x
        x * len(list())
        list(a)[1] * x
        u = list(v); u[0] = 9.0 * x; return v[0] + u[0]
        x * len(list("abc"))
        list(range(4))[2] * x
        list(reversed(v))[0] * x
        list({"a": x}.values())[0] * x
        u = [x]; w = u; u *= 3; return sum(w) * len(w)
        u = [x]; w = u; u += [2.0]; return sum(w) * len(w)
        u = [x]; w = u; u = u + [2.0]; return sum(w) * len(w)
        u = [x, 1.0]; u[0:1] = [2.0, x]; return u[1] * len(u)
        u = [x]; u.extend(x * e for e in v); return sum(u)
        u = [x]; list.append(u, x * x); return u[1]
        u = [x, 2.0]; u.insert(0, 3.0 * x); return u[0] * u[1]
        u = [x, 2.0 * x]; return u.pop(0) * u[0]
        u = [x, 2.0 * x]; return u.pop() + u.pop(5)
        u = [x]; u.remove(x); return x * len(u)
        u = [3, 1, 2]; u.sort(); return x * u[0]
        u = [3, 1, 2]; u.sort(key=lambda e: -e); return x * u[0]
        u = [3, 1, 2]; u.sort(None); return x * u[0]
        x * [3, 1, 2].index(1)
        x * [3, 1, 2].index(9)
        x * [1, True, 1.0].count(1)
        x if [x] == [x] else 2.0 * x
        x if [x] == (x,) else 2.0 * x
        x if ["a"] == "a" else 2.0 * x
        x if [1, 2] < [1, 3] else 2.0 * x
        x if [] == {} else 2.0 * x
        x if x in v else 2.0 * x
        x if 0.5 in v else 2.0 * x
        x if 7.0 not in v else 2.0 * x
        s = 0.0
        for e in v:
            s += e
            if len(v) < 5: v.append(e * x)
        return s
        s = 0.0
        for i, e in enumerate(v):
            if i + 1 < len(v): v[i + 1] = v[i + 1] * e
            s += e
        return s
        s = 0.0
        for e in v:
            s += e
            v.pop()
        return s
        s = 0.0
        for e, f in zip(v, v[1:]):
            v[2] = 10.0 * x
            s += e * f
        return s
        s = 0.0
        for e in reversed(v):
            v[0] = 4.0 * x
            s += e
        return s
        s = 0.0
        for e in v[:]:
            v[2] = 10.0 * x
            s += e
        return s""",
    "map": """
        sum(map(abs, v))
        sum(map(lambda p, q: p * q, v, [2.0, 3.0]))
        list(map(math.sin, v))[0] * x
        x * len(list(map(abs, [])))
        s = 0.0
        for e in map(lambda e: e * e, v): s += e
        return s
        log = []; m = map(log.append, v); return x * (1.0 + len(log))
        log = []; list(map(log.append, v)); return x * (1.0 + len(log))
        m = map(abs, v); return sum(m) + sum(m)
        sum(map(pow, v, [2, 3, 2]))
        map(abs)
        sum(map(math.tanh, a))""",
    "max": """
        max(x, 0.5) * x
        max(v) * x
        max(a) * x
        max(v, key=abs) * x
        max([], default=2.0 * x)
        max([x], default=2.0)
        max(0, x) * x
        max(x, 2, 1.0) * x
        max()
        max(x)
        max((1, 2), (1, 3))[1] * x
        max("ab") * x
        max(e * e for e in v)
        max(3, 3.0) * x
        max([x, 2.0 * x], [3.0])[0]""",
    "min": """
        min(x, 0.5) * x
        min(v) * x
        min(a) * x
        min(v, key=lambda e: (e - 0.4) ** 2) * x
        min([], default=x)
        min(0, x) * x
        min(e * e for e in v)
        min(v, default=0.0, key=None) * x""",
    "next": """
        next(iter(v)) * x
        i = iter(v); next(i); return next(i) * x
        next(iter([]), 2.0 * x)
        next(e for e in v if e < 0.0) * x""",
    "pow": """
        pow(x, 2)
        pow(x, 2.5)
        pow(2, 3, 5) * x
        pow(base=x, exp=3)
        x * pow(2, -1)
        x * pow(0, 0)""",
    "range": """
        sum(i * x for i in range(4))
        sum(i * x for i in range(1, 9, 3))
        sum(i * x for i in range(5, 0, -2))
        x if 3 in range(5) else 2.0 * x
        x if 3.5 in range(5) else 2.0 * x
        x if range(0) else 2.0 * x
        x if range(3) == range(0, 3) else 2.0 * x
        range(4)[-1] * x
        x * len(range(10)[2:5])
        sum(i * x for i in range(2.0))
        range(stop=3)
        x * sum(range(3))""",
    "repr": """
        x * len(repr(3))
        x if repr("a") == "'a'" else 2.0 * x""",
    "reversed": """
        sum(i * e for i, e in enumerate(reversed(v)))
        list(reversed(a))[0] * x
        x * list(reversed(range(4)))[0]
        x * list(reversed({"a": 1, "b": 2}))[0].count("b")
        reversed(x)""",
    "round": """
        round(x) * x
        round(2.567, 2) * x
        x * round(2.5)
        x * round(3.5)
        round(number=2.567, ndigits=1) * x
        x * (2.0 if isinstance(round(x), int) else 3.0)""",
    "set": """
        x * len({1, 1.0, True})
        x if 2 in {1, 2} else 2.0 * x
        x if {1, 2} == {2, 1} else 2.0 * x
        x * len(set([1, 1, 2]))
        s = {1}; s.add(2); return x * len(s)
        x * len({1, 2} | {3})
        x * len({e % 2 for e in range(5)})
        x * sum({1, 2, 3})""",
    "setattr": """
        p = Plain(1.0); setattr(p, "w", x * x); return p.w
        p = Plain(x)
        for n in ("w", "k"): setattr(p, n, 2.0 * x)
        return p.w * p.k
        p = Frozen(x); setattr(p, "k", 2.0 * x); return p.k
        p = Frozen(x); return p.twice * x
        p = Clipped(x); p.w = 3.0 * x; return p.w
        setattr(Plain(x), "w")""",
    "slice": """
        v[slice(1)][0] * x
        v[slice(0, 3, 2)][1] * x
        np.sum(a[slice(1, None)])
        slice()""",
    "sorted": """
        x * sorted([3, 1, 2])[0]
        x * sorted([3, 1, 2], reverse=True)[0]
        x * sorted([3, -1, 2], key=abs)[0]
        x * sorted([3, 1], key=None)[0]
        x * len(sorted({"b": 1, "a": 2}))
        sorted(v)[0] * x
        x * sorted([1, 2], None)[0]""",
    "str": """
        x if str(3) == "3" else 2.0 * x
        x * len(str(True))
        x if "a" + "b" == "ab" else 2.0 * x
        x if "b" in "abc" else 2.0 * x
        x * "abc".index("c")
        x if "a" < "b" else 2.0 * x
        x if f"{3:02d}" == "03" else 2.0 * x
        x if "a,b".split(",") == ["a", "b"] else 2.0 * x
        x if "ab".startswith("a") else 2.0 * x
        x * int("7".zfill(3))
        x if ",".join(["a", "b"]) == "a,b" else 2.0 * x""",
    "sum": """
        sum(v)
        sum(v, 2.0 * x)
        sum(v, start=x)
        sum(a)
        sum([]) * x
        sum(e * e for e in v)
        sum([[x], [2.0]], [])[0]
        sum([v], start=[x])[0]
        sum(iterable=v)
        sum(x)
        sum(v, 1, 2)
        sum({"a": x}.values())
        sum({1: x})* x
        sum([a, 2.0 * a])[0]
        sum(range(4)) * x""",
    "super": """
        Child(x).act() * x""",
    "tuple": """
        tuple(v)[0] * x
        x if (x, 1) == (x, 1) else 2.0 * x
        x if (x,) == [x] else 2.0 * x
        x if Pair(x, 1.0) == (x, 1.0) else 2.0 * x
        x if Pair(x, 1.0) != Pair(x, 2.0) else 2.0 * x
        x * (1, 2, 3).index(2)
        (x, *v, 2.0)[1] * x
        t = (x,); t += (2.0 * x,); return t[1] * len(t)
        x if () == "" else 2.0 * x
        x * len((x,) * 3)
        p, *q = v; return p * len(q) + q[0]
        p, q = v; return p * q
        p, q, r = a; return p * q * r
        p, q = a; return p * q
        p, q = a[1:]; return p * q
        (p, q), r = v[:2], v[2]; return p * q * r
        p, q = x; return p""",
    "type": """
        x if type(x) is float else 2.0 * x
        x if type(x) == float else 2.0 * x
        x if type(a) is np.ndarray else 2.0 * x
        x if type(a[0]) is np.float64 else 2.0 * x
        x if type(v) is list else 2.0 * x
        x if type(v) in (list, tuple) else 2.0 * x
        x if type(x) is type(2.0) else 2.0 * x
        x if type(Plain(x)) is Plain else 2.0 * x
        x if type(Plain(x)).__name__ == "Plain" else 2.0 * x
        x * type(Plain(x)).gain
        type(x)(3) * x
        type(v)([x])[0] * x
        type(Plain(x))(2.0 * x).w
        x if Plain(x).__class__ is Plain else 2.0 * x
        x if type(3) is int else 2.0 * x
        x if type(x > 0.0) is bool else 2.0 * x
        x if type(None) is type(None) else 2.0 * x
        x if type({}) is dict else 2.0 * x""",
    "vars": """
        vars(Plain(x))["w"] * x
        x * len(vars(Plain(x)))
        p = Plain(x); vars(p)["w"] = 3.0 * x; return p.w
        p = Plain(x); p.__dict__.update(w=2.0 * x, z=1.0); return p.w * p.z
        p = Plain(x); d = vars(p); p.w = 5.0 * x; return d["w"]
        vars()["x"] * x""",
    "zip": """
        sum(p * q for p, q in zip(v, a))
        sum(p * q for p, q in zip(v, [2.0]))
        sum(p * q for p, q in zip(v, v[1:], strict=True))
        sum(p * q for p, q in zip(v, v, strict=True))
        sum(p * q for p, q in zip(a, a[1:], strict=True))
        sum(p * q for p, q in zip(a, a, strict=True))
        x * len(list(zip()))
        x * len(list(zip(v, "ab")))
        dict(zip("abc", v))["b"] * x
        p, q = zip(*[(x, 1.0), (2.0, x)]); return p[0] * q[1]
        z = zip(v, v); return sum(p for p, q in z) + sum(q for p, q in z)
        sum(p for p, in zip(v))
        zip(x, v)""",
    "is": """
        x if (x > 0.0) is True else 2.0 * x
        x if (x > 9.0) is not False else 2.0 * x
        x if None is None else 2.0 * x
        x if x is None else 2.0 * x
        x if v is v else 2.0 * x
        x if v is list(v) else 2.0 * x
        x if [] is [] else 2.0 * x
        x if Kind.A is Kind.A else 2.0 * x
        x if Kind.A == Kind.B else 2.0 * x
        x if Kind.A in (Kind.A, Kind.B) else 2.0 * x
        x if {Kind.A: 1}.get(Kind.B) is None else 2.0 * x
        x if Kind(2) is Kind.B else 2.0 * x
        x * Kind.B.value
        x if a.dtype is np.dtype("float64") else 2.0 * x
        x if a.dtype == float else 2.0 * x
        x if ... is Ellipsis else 2.0 * x
        x if abs is abs else 2.0 * x
        x if abs == np.abs else 2.0 * x
        x if math.isfinite(x) is True else 2.0 * x
        x if any(v) is True else 2.0 * x
        x if a is a else 2.0 * x
        x if a is a[:] else 2.0 * x
        x if a[0] is a[0] else 2.0 * x
        f = lambda e: e; g = f; return x if f is g else 2.0 * x
        p = Plain(x); return x if p is Plain(x) else 2.0 * x
        p = Plain(x); return x if p == p else 2.0 * x
        x if bool(x) is (x > 0.0) else 2.0 * x
        found = None
        for e in v:
            if e < 0.0: found = e
        return x if found is None else found""",
    "generator": """
        n = 3; g = (x * i for i in range(n)); n = 9; return sum(g)
        u = [x, 2.0 * x]; g = (e for e in u); u = [5.0]; return sum(g)
        u = [x]; g = (e for e in u); u.append(2.0 * x); return sum(g)
        k = 2.0; g = (k * e for e in v); k = 3.0; return sum(g)
        s = 0.0
        for e in (s + f for f in v): s += e
        return s
        sum(e for row in [[x, 1.0], [2.0 * x]] for e in row)
        g = (e for e in v); return sum(g) + sum(g)
        sum(i * j * x for i in range(3) for j in range(i))
        t = [e for e in v if e > 0.0]; return sum(t) * len(t)
        d = {i: e for i, e in enumerate(v)}; return d[1] * d[0]
        count = [0]
        def tick():
            count[0] += 1
            return count[0]
        d = {tick(): x * tick(), tick(): x * tick()}
        return sum(k * k * e for k, e in d.items())""",
    "with": """
        with contextlib.nullcontext(x) as w: return 2.0 * w
        with contextlib.nullcontext(): return 2.0 * x
        with contextlib.suppress(ValueError): y = x * x
        return y
        with Managed(x) as w: y = w * x
        return y""",
    "library": """
        h = [3, 1, 2]; heapq.heapify(h); return x * h[0]
        h = [3.0 * x, 5.0]; heapq.heappush(h, x); return h[0] * 10.0
        u = [0.5, 5.0]; bisect.insort(u, x); return u[1] * u[1]
        x * bisect.bisect_left([1, 2, 3], 2)
        d = collections.deque(); d.append(x); return d[0] * x
        d = collections.deque([x, 1.0]); return d.popleft() * x
        q = queue.Queue(); q.put(x * x); return q.get()
        math.fsum([x, 0.5, x])
        x * math.fsum([0.1] * 10)
        functools.reduce(lambda p, q: p * q, v)
        functools.reduce(lambda p, q: p * q, v, 2.0)
        functools.reduce(lambda p, q: p * q, [])
        functools.partial(pow, x)(2)
        functools.partial(lambda p, q: p * q, q=2.0)(x)
        sum(itertools.chain(v, [x]))
        sum(itertools.accumulate(v))
        operator.itemgetter(1)(v) * x
        operator.attrgetter("w")(Plain(x)) * x
        copy.copy(v)[0] * x
        u = copy.deepcopy(v); u[0] = 1.0; return v[0] * x
        random.shuffle(v); return sum(v)
        json.loads(json.dumps(x)) * x
        collections.Counter("aab")["a"] * x
        collections.OrderedDict(a=x)["a"] * x
        statistics.mean(v) * x
        d = collections.defaultdict(list); d["k"].append(x); return d["k"][0]""",
}
"""By name, programs: each begins at the first column, the lines of one that has several are indented or end with return."""
