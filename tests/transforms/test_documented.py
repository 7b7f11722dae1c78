"""What people do with these transforms elsewhere: the uses that the manuals of `torch.func` and JAX show, for NumPy.

The numbers are held against closed forms, loops over the samples, or differences.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from ad_compiler import (
    BatchError,
    CannotDifferentiate,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    linearize,
    no_grad,
    value_and_grad,
    vjp,
    vmap,
)
from tests.transforms import numeric

RNG = np.random.default_rng(0)
X = RNG.normal(size=5)
close = np.testing.assert_allclose


def predict(weight, bias, x):
    return np.tanh(weight @ x + bias)


WEIGHT, BIAS, POINT, POINTS = RNG.normal(size=(4, 4)), RNG.normal(size=4), RNG.normal(size=4), RNG.normal(size=(6, 4))


def net(params, x):
    h = np.maximum(x @ params["w1"] + params["b1"], 0.0)
    return h @ params["w2"] + params["b2"]


def net_loss(params, x, y):
    scores = net(params, x)
    return np.log(np.sum(np.exp(scores))) - scores[y]


def params_of(seed):
    rng = np.random.default_rng(seed)
    return {"w1": rng.normal(size=(4, 8)), "b1": rng.normal(size=8), "w2": rng.normal(size=(8, 3)),
            "b2": rng.normal(size=3)}


LABELS = np.array([0, 2, 1, 1, 0, 2])


def sum_of_sines(x):
    return np.sum(np.sin(x))


# -- gradients ---------------------------------------------------------------------------------------------


def test_grad_of_a_sine_and_again():
    close(grad(np.sin)(0.3), np.cos(0.3))
    close(grad(grad(np.sin))(0.3), -np.sin(0.3))


def test_grad_with_aux_and_the_value():
    def loss(y, y_hat):
        each = (0.5 * y_hat - y) ** 2
        return np.mean(each), (y_hat, each)
    y, y_hat = RNG.normal(size=4), RNG.normal(size=4)
    bar, (same, each) = grad(loss, has_aux=True)(y, y_hat)
    close(bar, -2.0 * (0.5 * y_hat - y) / 4)
    close(same, y_hat)
    close(each, (0.5 * y_hat - y) ** 2)
    (value, _), bars = value_and_grad(loss, argnums=(0, 1), has_aux=True)(y, y_hat)
    close(value, np.mean(each))
    close(bars[1], (0.5 * y_hat - y) / 4)


def test_no_grad_counts_inside_the_function_and_not_around_it():
    def f(x):
        with no_grad():
            c = x ** 2
        return x - c
    assert grad(f)(3.0) == 1.0
    with no_grad():
        assert grad(lambda x: x - x ** 2)(3.0) == -5.0


def test_gradients_of_each_sample():
    params = params_of(0)
    each = vmap(grad(net_loss), in_dims=(None, 0, 0))(params, POINTS, LABELS)
    for n, (x, y) in enumerate(zip(POINTS, LABELS, strict=True)):
        for name, bar in numeric.grad(lambda p, x=x, y=y: net_loss(p, x, y))(params).items():
            close(each[name][n], bar, rtol=1e-6, atol=1e-8)


# -- vjp, jvp, linearize -----------------------------------------------------------------------------------


def test_vjp_of_one_output_and_of_two():
    _, pullback = vjp(sum_of_sines, X)
    close(pullback(1.0)[0], np.cos(X))
    out, pullback = vjp(lambda x: (np.sum(np.sin(x)), np.cos(x)), X)
    close(out[1], np.cos(X))
    close(pullback((1.0, np.ones(5)))[0], np.cos(X) - np.sin(X))


def test_vjp_of_several_arguments_with_aux():
    def f(x, y):
        return x @ y, {"norm": x @ x}
    out, pullback, aux = vjp(f, X, 2.0 * X, has_aux=True)
    close([out, aux["norm"]], [2.0 * X @ X, X @ X])
    for bar, wanted in zip(pullback(3.0), (6.0 * X, 3.0 * X), strict=True):
        close(bar, wanted)


def test_jvp():
    out, dot = jvp(np.sin, (X,), (np.ones(5),))
    close([out, dot], [np.sin(X), np.cos(X)])
    close(jvp(lambda x, y: x * y ** 2, (2.0, 3.0), (1.0, 0.5)), (18.0, 15.0))
    out, dot, aux = jvp(lambda x: (np.sin(x), x), (X,), (X,), has_aux=True)
    close(dot, X * np.cos(X))
    close(aux, X)


def test_linearize_once_and_push_many():
    out, push = linearize(lambda x: np.sin(x) * x[0], X)
    close(out, np.sin(X) * X[0])
    for v in (X, np.ones(5)):
        close(push(v), np.cos(X) * X[0] * v + np.sin(X) * v[0])
    close(vmap(push)(np.eye(5)), jacfwd(lambda x: np.sin(x) * x[0])(X).T)


# -- matrices ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jac", [jacfwd, jacrev, jacobian])
def test_jacobians(jac):
    close(jac(np.sin)(X), np.diag(np.cos(X)))
    close(jac(jac(np.sin))(X), numeric.hessian(np.sin)(X), atol=1e-6) if jac is jacrev else None
    matrix, value = jac(lambda x: (np.sin(x), np.cos(x)), has_aux=True)(X)
    close(matrix, np.diag(np.cos(X)))
    close(value, np.cos(X))
    x_jac, y_jac = jac(lambda x, y: x + y ** 2, argnums=(0, 1))(X, 2.0 * X)
    close(x_jac, np.eye(5))
    close(y_jac, np.diag(4.0 * X))
    close(vmap(jac(np.sin))(np.stack([X, 2.0 * X]))[1], np.diag(np.cos(2.0 * X)))


def test_hessians_four_ways():
    wanted = -np.diag(np.sin(X))
    for made in (hessian(sum_of_sines), jacfwd(jacrev(sum_of_sines)), jacrev(jacrev(sum_of_sines)),
                 jacrev(jacfwd(sum_of_sines)), jacfwd(grad(sum_of_sines))):
        close(made(X), wanted, atol=1e-12)


def test_a_jacobian_row_by_row_by_unit_vectors_and_by_the_transform():
    wanted = (1.0 - np.tanh(WEIGHT @ POINT + BIAS) ** 2)[:, None] * WEIGHT
    _, pullback = vjp(lambda x: predict(WEIGHT, BIAS, x), POINT)
    close(np.stack([pullback(row)[0] for row in np.eye(4)]), wanted)
    (by_units,) = vmap(pullback)(np.eye(4))
    close(by_units, wanted)
    close(vmap(lambda row: pullback(row)[0])(np.eye(4)), wanted)
    close(jacrev(predict, argnums=2)(WEIGHT, BIAS, POINT), wanted)
    close(jacfwd(predict, argnums=2)(WEIGHT, BIAS, POINT), wanted)
    by_tangents = vmap(lambda v: jvp(lambda x: predict(WEIGHT, BIAS, x), (POINT,), (v,))[1], out_dims=1)(np.eye(4))
    close(by_tangents, wanted)


def test_jacobians_and_hessians_of_a_batch():
    single = jacrev(predict, argnums=2)
    wanted = np.stack([single(WEIGHT, BIAS, x) for x in POINTS])
    close(vmap(single, in_dims=(None, None, 0))(WEIGHT, BIAS, POINTS), wanted)

    def summed(weight, bias, xs):
        return np.sum(vmap(predict, in_dims=(None, None, 0))(weight, bias, xs), axis=0)
    close(np.moveaxis(jacrev(summed, argnums=2)(WEIGHT, BIAS, POINTS), 1, 0), wanted)
    batch = vmap(hessian(predict_total, argnums=2), in_dims=(None, None, 0))(WEIGHT, BIAS, POINTS)
    for x, one in zip(POINTS, batch, strict=True):
        close(one, numeric.hessian(lambda x: predict_total(WEIGHT, BIAS, x))(x), rtol=1e-6, atol=1e-7)


def predict_total(weight, bias, x):
    return np.sum(predict(weight, bias, x) ** 2)


def test_hessian_vector_products_and_back():
    def f(x):
        return np.sum(np.sin(x) * x ** 2) + x[0] * x[1] ** 3
    v = RNG.normal(size=5)
    wanted = numeric.hessian(f)(X) @ v
    close(hvp(f, (X,), (v,)), wanted, rtol=1e-6)
    close(jvp(grad(f), (X,), (v,))[1], wanted, rtol=1e-6)
    close(vjp(grad(f), X)[1](v)[0], wanted, rtol=1e-6)
    close(grad(lambda x: np.sum(grad(f)(x) * v))(X), wanted, rtol=1e-6)
    close(grad(lambda x: jvp(f, (x,), (v,))[1])(X), wanted, rtol=1e-6)


# -- batches -----------------------------------------------------------------------------------------------


def test_a_product_of_two_vectors_for_a_batch():
    a, b = RNG.normal(size=(3, 5)), RNG.normal(size=(3, 5))
    close(vmap(np.dot)(a, b), np.sum(a * b, axis=1))
    close(vmap(np.dot, in_dims=(0, None))(a, X), a @ X)
    close(vmap(np.dot, in_dims=1)(a, b), np.sum(a * b, axis=0))
    close(vmap(lambda x: x ** 2, in_dims=0, out_dims=1)(a), (a ** 2).T)


def test_every_pair_by_nested_batches():
    a, b = RNG.normal(size=(3, 5)), RNG.normal(size=(4, 5))
    close(vmap(vmap(np.dot, in_dims=(None, 0)), in_dims=(0, None))(a, b), a @ b.T)


def test_in_dims_of_a_dict():
    given = {"x": RNG.normal(size=(2, 5)), "y": X}
    for dims in (({"x": 0, "y": None},), [{"x": 0, "y": None}]):
        close(vmap(lambda d: d["x"] @ d["y"], in_dims=dims)(given), given["x"] @ X)


@dataclass
class Sides:
    a: Any
    b: Any


@pytest.mark.parametrize("size", [None, 1])
def test_dims_of_the_attributes_of_an_object(size):
    given = Sides(RNG.normal(size=(2, 5)), X)
    got = vmap(lambda s: Sides(s.a * s.b, s.a), in_dims=(Sides(np.int64(0), None),), out_dims=Sides(0, 1),
               chunk_size=size)(given)
    close(got.a, given.a * X)
    close(got.b, given.a.T)
    with pytest.raises(BatchError, match="does not fit"):
        vmap(lambda s: s["a"], in_dims=({"a": 0},))({"b": X})
    with pytest.raises(BatchError, match="made of integers"):      # which was asked for before, with a dict
        vmap(scaled, in_dims=((("x", 0),),))({"x": X})


def test_out_dims_of_several_results():
    a = RNG.normal(size=(2, 5))
    square, more = vmap(lambda x: (x ** 2, {"sum": np.sum(x), "x": x}), out_dims=(1, {"sum": 0, "x": -1}))(a)
    close(square, (a ** 2).T)
    close(more["x"], a.T)


def scaled(x, scale=4.0):
    return x * scale


def test_what_is_given_by_keyword_and_defaults_are_the_same_for_all():
    a = RNG.normal(size=(2, 2))
    batched = vmap(scaled)
    close(batched(a), a * 4.0)
    close(batched(a, scale=a), a[:, None] * a)
    close(vmap(scaled, in_dims=(0,), chunk_size=1)(a, scale=a), a[:, None] * a)
    close(batched(a, a), a * a)
    close(jacrev(lambda w: vmap(scaled)(a, scale=w))(np.ones(2)), jacrev(lambda w: a * w)(np.ones(2)))

    def by_default(x, w=a):
        return x * w
    close(vmap(by_default)(a), a[:, None] * a)
    assert vmap(by_default).source_for(a, w=a) == vmap(by_default).source_for(a)


def test_some_samples_at_a_time():
    params = params_of(1)
    whole = vmap(grad(net_loss), in_dims=(None, 0, 0))(params, POINTS, LABELS)
    for size in (1, 4, 6, 9):
        some = vmap(grad(net_loss), in_dims=(None, 0, 0), chunk_size=size)(params, POINTS, LABELS)
        for name, bar in whole.items():
            close(some[name], bar)


def test_random_numbers():
    def noisy(x, rng):
        return x + rng.normal()

    def draws(randomness):
        return vmap(noisy, in_dims=(0, None), randomness=randomness)(np.zeros(3), np.random.default_rng(3))
    with pytest.raises(CannotDifferentiate, match="the same for all samples, or others for each"):
        draws("error")
    one = np.random.default_rng(3).normal(size=3)
    close(draws("same"), one[[0, 0, 0]])
    close(draws("different"), one)


# -- models ------------------------------------------------------------------------------------------------


def test_an_ensemble_of_models():
    models = [params_of(seed) for seed in range(3)]
    stacked = {name: np.stack([model[name] for model in models]) for name in models[0]}
    minibatches = RNG.normal(size=(3, 6, 4))
    close(vmap(net)(stacked, minibatches), [net(m, x) for m, x in zip(models, minibatches, strict=True)])
    close(vmap(net, in_dims=(0, None))(stacked, POINTS), [net(m, POINTS) for m in models])


def test_the_gradient_through_an_inner_loop_of_gradients():
    def loss(params, x, y):
        return np.mean((params["a"] * np.sin(x + params["b"]) - y) ** 2)

    def task(params, x1, y1, x2, y2):
        for _ in range(2):
            bars = grad(loss)(params, x1, y1)
            params = {name: params[name] - 0.1 * bars[name] for name in params}
        return loss(params, x2, y2)

    def meta(params, x1, y1, x2, y2):
        return np.mean(vmap(task, in_dims=(None, 0, 0, 0, 0))(params, x1, y1, x2, y2))

    def meta_by_loops(params):
        total = 0.0
        for one in zip(*data, strict=True):
            now = params
            for _ in range(2):
                bars = numeric.grad(lambda p, one=one: loss(p, one[0], one[1]))(now)
                now = {name: now[name] - 0.1 * bars[name] for name in now}
            total = total + loss(now, one[2], one[3])
        return total / len(data[0])
    params, data = {"a": 0.8, "b": 0.3}, [RNG.normal(size=(3, 5)) for _ in range(4)]
    wanted = numeric.grad(meta_by_loops)(params)
    for name, bar in grad(meta)(params, *data).items():
        close(bar, wanted[name], rtol=1e-6)


def test_the_tangent_kernel_of_a_network_two_ways():
    params, others = params_of(2), POINTS[:2] + 0.1
    one, two = (vmap(jacrev(net), in_dims=(None, 0))(params, xs) for xs in (POINTS, others))
    by_matrices = sum(np.einsum("naf,mbf->nmab", *(j[name].reshape(len(j[name]), 3, -1) for j in (one, two)))
                      for name in params)

    def entry(x, y):
        _, pullback = vjp(lambda p: net(p, x), params)

        def column(bar):
            return jvp(lambda p: net(p, y), (params,), pullback(bar))[1]
        return vmap(column)(np.eye(3))
    by_products = vmap(vmap(entry, in_dims=(None, 0)), in_dims=(0, None))(POINTS, others)
    close(by_products, by_matrices, rtol=1e-9, atol=1e-12)
