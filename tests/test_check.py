"""The verifier names what is malformed, and lets pass what is not."""

import operator

import pytest

from ad_compiler.check import verify
from ad_compiler.errors import InvalidIR
from ad_compiler.ir import UNDEFINED, Block, Branch, Const, Func, Loop, Op, Value
from ad_compiler.kinds import BOOL, INT, Num, Seq

FLOAT = Num("float64", (3,))     # an array: a number has no memory that could be written into
X, C, N = Value("x", FLOAT), Value("c", BOOL), Value("n", INT)


def func(ops, result=X):
    return Func("f", [X, C, N], Block([], ops, [result]))


def neg(of, result=None, **flags):
    return Op(operator.neg, (of,), {}, [result or Value("y", FLOAT)], **flags)


def loop(**changes):
    p = Value("p", FLOAT)
    made = Loop([X], Block([p], [], [p]), [Value("p", FLOAT)], Value("i", INT), stop=N)
    for name, change in changes.items():
        setattr(made, name, change)
    return made


def branch():
    return Branch(C, Block(results=[X]), Block(results=[X]), [Value("z", FLOAT)])


def refused(message, ops, result=X, **flags):
    with pytest.raises(InvalidIR, match=message):
        verify(func(ops, result), **flags)


def test_sound():
    arm = branch()
    arm.orelse.results = [UNDEFINED]
    made = loop()
    made.trails = [(made.body.params[0], Value("t", Seq(FLOAT)))]
    ops = [neg(X), arm, made, loop(inits=[UNDEFINED])]
    verify(func(ops, (arm.results[0], made.results[0], made.trails[0][1])))


def test_defined_once():
    y = Value("y", FLOAT)
    refused("`y` is defined twice: y = neg", [neg(X, y), neg(X, y)])
    refused("`x` is defined twice", [neg(X, X)])


def test_read_where_it_is_defined():
    y, z = Value("y", FLOAT), Value("z", FLOAT)
    refused("`y` is read where it is not defined: z = neg", [neg(y, z), neg(X, y)])
    refused("`y` is read where it is not defined: return y", [], y)
    arm = branch()
    arm.then.ops = [neg(X, y)]
    refused("`y` is read", [arm, neg(y)])
    arm.orelse.results = [y]
    refused("`y` is read", [arm])
    made = loop()
    refused("`p` is read", [made, neg(made.body.params[0])])
    refused("`i` is read", [made, neg(made.index)])


def test_before_recording_the_reverse_sweep_reads_the_forward_one():
    made = loop()
    ops = [made, neg(made.body.params[0])]
    verify(func(ops), recorded=False)
    refused("`y` is read", [*ops, neg(Value("y", FLOAT))], recorded=False)


def test_numbers_of_columns():
    refused("differ in number", [loop(inits=[])])
    refused("differ in number", [loop(results=[])])
    arm = branch()
    arm.then.results = []
    refused("one atom for each result", [arm])
    arm.then.results = [(X, X)]
    refused("not an atom", [arm])


def test_loops():
    refused("the step of a loop is 0", [loop(step=Const(0))])
    refused("either an index or a condition", [loop(index=None)])
    refused("either an index or a condition", [loop(cond=Block(results=[C]))])
    refused("one boolean", [loop(index=None, cond=Block())])
    made = loop(index=None)
    made.cond = Block(results=[made.body.params[0]])
    verify(func([made]))


def test_unbound_names():
    refused("not bound", [neg(UNDEFINED)])
    refused("not bound is read: return", [], UNDEFINED)
    made = loop()
    made.body.results = [UNDEFINED]
    refused("not bound", [made])


def test_kinds():
    refused("has no kind", [neg(X, Value("y", None))])
    refused("not a value", [neg(X, Const(1.0))])


def test_memory_that_is_gone():
    y, z = Value("y", FLOAT), Value("z", FLOAT)
    verify(func([neg(X, y), neg(y, z, inplace=True)], z))
    refused("`y` is read after its memory", [neg(X, y), neg(y, z, inplace=True)], y)
    refused("cannot be done in place", [neg(Const(1.0), y, inplace=True)])
    made = loop()
    made.body.ops = [neg(X, inplace=True)]
    refused("an iteration writes into memory", [made])
    made = loop()
    made.body.ops = [neg(made.body.params[0], y, inplace=True)]
    made.body.results = [y]
    verify(func([made], made.results[0]))
    refused("`x` is read after its memory", [made, neg(X)])
    arm = branch()
    arm.then.ops = [neg(X, y, inplace=True)]
    arm.then.results = [y]
    verify(func([arm], arm.results[0]))
    refused("`x` is read after its memory", [arm, neg(X)])
