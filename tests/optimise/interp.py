"""Runs the intermediate form as it stands: pure ops purely, in-place ops in place."""

import operator

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import UNDEFINED, Branch, Const, Op, Slice, Value


def run(func, *args):
    """What the function returns for these arguments."""
    env = dict(zip(func.params, args, strict=True))
    env.update({value: read() for value, read in func.refs.items()})
    block(func.body, env)
    results = [get(r, env) for r in func.body.results]
    return results[0] if len(results) == 1 else results


def get(arg, env):
    if isinstance(arg, Value):
        return env[arg]
    if arg is UNDEFINED:
        return UNDEFINED
    if isinstance(arg, Const):
        return arg.value
    if isinstance(arg, (tuple, list)):
        return type(arg)(get(a, env) for a in arg)
    if isinstance(arg, dict):
        return {k: get(a, env) for k, a in arg.items()}
    if isinstance(arg, Slice):
        return slice(*(get(a, env) for a in (arg.start, arg.stop, arg.step)))
    return arg


def block(code, env):
    for stmt in code.ops:
        if isinstance(stmt, Op):
            op(stmt, env)
        elif isinstance(stmt, Branch):
            arm = stmt.then if get(stmt.cond, env) else stmt.orelse
            block(arm, env)
            env.update(zip(stmt.results, [get(r, env) for r in arm.results], strict=True))
        else:
            loop(stmt, env)


def op(stmt, env):
    args, kwargs = get(stmt.args, env), get(stmt.kwargs, env)
    result = in_place(stmt.fn, *args) if stmt.inplace else stmt.fn(*args, **kwargs)
    if len(stmt.results) == 1:
        env[stmt.result] = result
    else:
        env.update(zip(stmt.results, result, strict=True))


def in_place(fn, a, *rest):
    """What the printed statement does: `a[i] = v`, `a[i] += v`, `a += v`."""
    if fn is runtime.index_set:
        a[rest[0]] = rest[1]
    elif fn is runtime.index_add:
        np.add.at(a, rest[0], rest[1])
    elif fn is runtime.list_add:
        *outer, last = rest[0] if isinstance(rest[0], tuple) else (rest[0],)
        items = a
        for at in outer:
            items = items[at]
        items[last] = runtime.add_lists(items[last], rest[1])
    else:
        a = {operator.add: operator.iadd, operator.sub: operator.isub}[fn](a, *rest)
    return a


def loop(stmt, env):
    state, trails, trips = [get(i, env) for i in stmt.inits], [[] for _ in stmt.trails], 0
    span = None if stmt.index is None else range(*get((stmt.start, stmt.stop, stmt.step), env))
    indices = iter(lambda: 0, 1) if span is None else span[::-1] if stmt.backward else span
    for i in indices:
        env.update(zip(stmt.body.params, state, strict=True))
        if stmt.cond is not None:
            block(stmt.cond, env)
            if not get(stmt.cond.results[0], env):
                break
        if stmt.index is not None:
            env[stmt.index] = i
        trips += 1
        early = {v for v, _ in stmt.trails if isinstance(v, Const) or v in stmt.body.params}
        for (inner, _), kept in zip(stmt.trails, trails, strict=True):
            if inner in early:
                kept.append(get(inner, env))
        block(stmt.body, env)
        for (inner, _), kept in zip(stmt.trails, trails, strict=True):
            if inner not in early:
                kept.append(env[inner])
        state = [get(r, env) for r in stmt.body.results]
        if stmt.leave is not None and get(stmt.leave, env):
            break
    env.update(zip(stmt.results, state, strict=True))
    for (_, trail), kept in zip(stmt.trails, trails, strict=True):
        env[trail] = kept[::-1] if stmt.backward else kept
    if stmt.trips is not None:
        env[stmt.trips] = trips
