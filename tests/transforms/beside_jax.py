"""The programs of the table once more, as JAX runs and transforms them: what `tests.transforms.table --beside jax` asks.

A module's source is executed with `np` standing for `jax.numpy`, and a store `y[i] = v` reads `y = y.at[i].set(v)`.
What JAX cannot run like that (a view that is written into, a branch by the data of a sample) has a twin in its spelling
here where that is short; anything else JAX refuses, by whatever it raises.
"""

import ast
import inspect
import itertools
import types

import jax
import jax.numpy as jnp
import numpy as np

from tests.transforms import programs, table

jax.config.update("jax_enable_x64", True)
jax.tree_util.register_dataclass(programs.Pair, data_fields=["a", "b"], meta_fields=[])


class Refused(Exception):
    """JAX does not run this."""


class Np(types.ModuleType):
    """`jax.numpy`, and of NumPy what is missing there: random numbers are constants."""

    def __getattr__(self, name):
        return np.random if name == "random" else getattr(jnp, name)


WRITES = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power"}


def is_store(target):
    return isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id.islower()


class Stores(ast.NodeTransformer):
    """Stores into arrays make new arrays."""

    def visit_Assign(self, node):
        (target,) = node.targets
        return self.stored(target, "set", node.value) if is_store(target) else node

    def visit_AugAssign(self, node):
        return self.stored(node.target, WRITES[type(node.op)], node.value) \
            if is_store(node.target) else node

    def stored(self, target, how, value):
        array = target.value.id
        at = ast.Subscript(ast.Attribute(ast.Name(array, ast.Load()), "at", ast.Load()), target.slice, ast.Load())
        return ast.Assign([ast.Name(array, ast.Store())],
                          ast.Call(ast.Attribute(at, how, ast.Load()), [value], []))


def executed(module, **names):
    """The names of a module whose source is executed anew, where these stand for what it imports or defines."""
    names["np"] = Np("np")
    tree = ast.parse(inspect.getsource(module))
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            node.names = [alias for alias in node.names if (alias.asname or alias.name) not in names]
    tree.body = [node for node in tree.body if getattr(node, "names", True) and getattr(node, "name", None) not in names]
    world = {"__name__": f"{module.__name__}_in_jax", **names}
    text = ast.unparse(ast.fix_missing_locations(Stores().visit(tree)))
    exec(compile(text, f"<{module.__name__} in JAX>", "exec"), world)
    return types.SimpleNamespace(**world)


def custom_vjp(func):
    """A derivative of the user's own, which JAX takes in both modes."""
    made = jax.custom_jvp(func)

    def defvjp(vjp):
        @made.defjvp
        def tangent(primals, tangents):
            out = made(*primals)
            pulled = jax.linear_transpose(lambda bar: vjp(*primals, out=out, out_bar=bar), out)
            return out, pulled(*tangents)[0]
        return vjp
    made.defvjp = defvjp
    return made


def same(func):
    return func


JAX = types.SimpleNamespace(
    vmap=lambda f, check: jax.vmap(f),
    grad=lambda f, check, has_aux=False: jax.grad(f, has_aux=has_aux),
    value_and_grad=lambda f, check: jax.value_and_grad(f),
    jvp=lambda f, primals, tangents, check, has_aux=False: jax.jvp(f, primals, tangents, has_aux=has_aux),
    vjp=lambda f, x, check, has_aux=False: jax.vjp(f, x, has_aux=has_aux),
    linearize=lambda f, x, check: jax.linearize(f, x),
    jacfwd=lambda f, check: jax.jacfwd(f),
    jacrev=lambda f, check, has_aux=False: jax.jacrev(f, has_aux=has_aux),
    hvp=lambda f, primals, tangents, check: jax.jvp(jax.grad(f), primals, tangents)[1],
    hessian=lambda f, check: jax.hessian(f),
)

STAND_FOR = {"njit": same, "checkpoint": jax.checkpoint, "checkpointed": lambda steps, snapshots: steps,
             "stop_gradient": jax.lax.stop_gradient, "hold": jax.lax.stop_gradient, "custom_vjp": custom_vjp,
             "no_grad": same, "Point": programs.Point, "Pair": programs.Pair}
THERE = executed(programs, **STAND_FOR)
BUILT = executed(table, PROGRAMS=THERE.PROGRAMS, Pair=programs.Pair).built


# -- twins, where the source is nothing that JAX runs --------------------------------------------------------------


def views(x):
    tail = x[1:] * x[0]
    y = jnp.concatenate([jnp.sum(tail)[None] * x[0], tail])
    return y * y


def views_of_a_matrix(x):
    y = x.at[0].multiply(2.0)
    y = y.at[:, 1].add(y[0, 0] * x[1, 0])
    return y.ravel()[1:] * y[0, 0]


def branch(x):
    return jnp.where(x[0] > 1.0, jnp.exp(x), x ** 3) * x[1]


def branch_with_return(x):
    return jnp.where(jnp.sum(x) > 2.3, x * x[0], jnp.sin(x) * x[1])


def conditional_expression(x):
    return jnp.where(x > 1.0, x * x, jnp.sin(x))


def for_with_continue(x):
    return jnp.sum(jnp.where(x < 1.0, 0.0, x ** 3 * x[0]))


def numbers_of_python(x):
    a, b = x
    for _ in range(3):
        a, b = a * b + 0.1, a - b / 3.0
    return jnp.where(a > b, a, -b)


def integers(x):
    return x[jnp.argmax(x)] ** 2 * x


def masks(x):
    return jnp.where(x > 0.5, 0.5 * x[0], x) * x


def while_with_break(x):
    s, left = 0.0, False
    for k in range(12):
        s = jnp.where(left, s, s + x[0] * x[1] ** k)
        left = left | (s > 3.0)
    return s


def while_(x):
    y = x
    for _ in range(8):
        y = jnp.where(jnp.sum(y) < 6.0, y * 1.7 + jnp.sin(x), y)
    return y


def recursion_by_the_data(x):
    h = x
    for _ in range(8):
        h = jnp.where(jnp.sum(h) < 1.0, h, 0.6 * h)
    return h * h[0] * x


TWINS = {func.__name__.replace("_", " ").strip(): func for func in (
    views, views_of_a_matrix, branch, branch_with_return, conditional_expression, for_with_continue, numbers_of_python,
    integers, masks, while_with_break, while_, recursion_by_the_data)}
WRITES_INTO_VIEWS = ("views", "views of a matrix")
"""Their source does something else in JAX, where `tail *= y[0]` writes into nothing."""


def in_jax(x):
    """An argument as JAX is given it."""
    return jax.tree.map(jnp.asarray, x)


def wanted(name, chain, at, x):
    """What JAX gives for a cell, as NumPy's arrays; raises Refused where it gives nothing."""
    program = THERE.PROGRAMS[name]
    ways = [] if name in WRITES_INTO_VIEWS else [program.held or program.func]
    ways += [TWINS[name]] if name in TWINS else []
    why = None
    for func, run in itertools.product(ways, (jax.jit, same)):      # as a whole it is compiled faster than op by op
        try:
            found = run(lambda at, x, func=func: BUILT(JAX, func, chain, at)(x))(in_jax(at), in_jax(x))
            return jax.tree.map(np.asarray, found)
        except Exception as error:      # noqa: BLE001  (it says so in many ways)
            why = error
    raise Refused(f"{type(why).__name__}: {(str(why).splitlines() or [''])[0][:90]}")


def numbers(x):
    """The real numbers and arrays of a structure, dicts by their keys in order: JAX sorts them.

    >>> numbers({"b": 1.0, "a": (2.0, 3)})
    [2.0, 1.0]
    """
    if isinstance(x, (float, np.floating, np.ndarray)):
        return [x] if np.asarray(x).dtype.kind == "f" else []
    parts = [x[key] for key in sorted(x)] if isinstance(x, dict) else vars(x).values() \
        if isinstance(x, programs.Pair) else x if isinstance(x, (tuple, list)) else ()
    return [leaf for part in parts for leaf in numbers(part)]


LAST: list[str] = []
"""The program that was run last."""


def verdict(name, chain):
    """"right", "JAX refuses: …", "refused: …" or what is different in a cell."""
    program = programs.PROGRAMS[name]
    x = table.argument(program, chain)
    if LAST != [name]:
        jax.clear_caches()      # what is compiled takes gigabytes
        LAST[:] = [name]
    try:
        there = numbers(wanted(name, chain, program.at, x))
    except Refused as error:
        return f"JAX refuses: {error}"
    got = table.outcome(name, chain, x)
    if isinstance(got, str):
        return got
    return table.compared(numbers(got), there, 1e-9) or "right"
