"""The functional interface: shapes, nesting, orders, and what it says when used wrongly."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import (
    Value,
    circuit,
    cos,
    derivative,
    errstate,
    exp,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    log,
    no_grad,
    relu,
    sin,
    value_and_grad,
    vjp,
)


def rosenbrock(x: list[Any]) -> Any:
    return ag.sum([100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x)])


def test_total_derivative_of_the_lecture() -> None:
    def g(t: Any) -> Any:
        x, y, z = t, t, 1.0
        return x**2 + y**3 + z**4

    for t in (-1.5, 0.0, 0.3, 2.0):
        assert grad(g)(t) == pytest.approx(2 * t + 3 * t * t, rel=1e-15)


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        (3.0, 6.0),
        ([3.0], [6.0]),
        ((3.0, [1.0]), (6.0, [0.0])),
        ({"w": 3.0, "b": [2, 1.0]}, {"w": 6.0, "b": [0.0, 0.0]}),
        (Pair(3, 4.0), Pair(6.0, 0.0)),
    ],
)
def test_the_gradient_has_the_shape_of_the_argument(point: Any, expected: Any) -> None:
    def f(tree: Any) -> Any:
        while not isinstance(tree, Value):
            tree = next(iter(tree.values())) if isinstance(tree, dict) else tree[0]
        return tree**2

    value, gradient = value_and_grad(f)(point)
    assert (value, gradient) == (9.0, expected)
    assert type(gradient) is type(expected)


def test_argnums() -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        return x * y**2 + z

    assert grad(f, 1)(2.0, 3.0, 1.0) == 12.0
    assert grad(f, -1)(2.0, 3.0, 1.0) == 1.0
    assert grad(f, (0, 2))(2.0, 3.0, 1.0) == (9.0, 1.0)
    with pytest.raises(ValueError, match="argnums"):
        grad(f, 3)(2.0, 3.0, 1.0)


def test_nested_derivatives_never_confuse_their_variables() -> None:
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(1.0))(4.0) == 8.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,))[1] == 1.0
    assert grad(lambda x: x * jvp(lambda y: x * y, (1.0,), (1.0,))[1])(4.0) == 8.0
    assert jvp(lambda x: x * grad(lambda y: x * y)(1.0), (4.0,), (1.0,))[1] == 8.0
    assert grad(lambda x: vjp(lambda y: x * y * y, 3.0)[1](x)[0])(2.0) == 24.0
    assert grad(lambda x: hvp(lambda y: x * y**3, (2.0,), (x,))[0])(2.0) == 48.0
    assert grad(lambda x: hessian(lambda y: x**2 * y**3)(2.0))(3.0) == 72.0


def test_numbers_give_numbers_whatever_the_function_captures() -> None:
    w = Value(2.0, "w")
    h = w * 3.0
    f = lambda x: h * x * x  # noqa: E731
    for found, expected in (
        (grad(f)(3.0), 36.0),
        (value_and_grad(f)(3.0), (54.0, 36.0)),
        (derivative(f, 2)(3.0), 12.0),
        (jacobian(f)(3.0), 36.0),
        (hessian(f)(3.0), 12.0),
        (jvp(f, (3.0,), (1.0,)), (54.0, 36.0)),
        (hvp(f, (3.0,), (1.0,)), (12.0,)),
    ):
        assert found == expected
        assert all(type(x) is float for x in (found if isinstance(found, tuple) else (found,)))
    assert not w.swept
    assert not h.swept


def test_values_give_circuits() -> None:
    w = Value(3.0, "w")
    slope = grad(lambda x: 2.0 * x * x)(w)
    assert isinstance(slope, Value)
    slope.backward()
    assert (slope.data, w.grad) == (12.0, 4.0)


@pytest.mark.parametrize("constant", [ag.Constant(3.0), Value(3.0).detach()])
def test_a_constant_as_an_argument_is_a_number(constant: Value) -> None:
    square = lambda x: x * x  # noqa: E731
    assert grad(square)(constant) == derivative(square)(constant) == 6.0
    assert value_and_grad(square)(constant) == jvp(square, (constant,), (1.0,)) == (9.0, 6.0)
    assert vjp(square, constant)[1](1.0) == (6.0,)
    assert jacobian(square)(constant) == 6.0
    assert hessian(square)(constant) == 2.0


def test_transforms_leave_grad_alone() -> None:
    w = Value(2.0)
    (w * w).backward()
    for transform in (grad, jacobian, hessian):
        transform(lambda x: w * x)(1.0)
    gradients(w * w, w)
    jvp(lambda x: w * x, (1.0,), (1.0,))
    assert w.grad == 4.0


@pytest.mark.parametrize(
    ("f", "reference", "x"),
    [
        (lambda x: x**x, lambda x: x**x, 2.0),
        (lambda x: sin(x) * exp(-x * x), lambda x: mpmath.sin(x) * mpmath.exp(-x * x), 0.7),
        (lambda x: log(1 + x**4) / x, lambda x: mpmath.log(1 + x**4) / x, 1.3),
        (ag.tanh, mpmath.tanh, 0.4),
        (lambda x: ag.sqrt(x + ag.cbrt(x)), lambda x: mpmath.sqrt(x + mpmath.cbrt(x)), 2.5),
    ],
)
def test_orders_one_to_four(f: Any, reference: Any, x: float) -> None:
    with mpmath.workdps(60):
        truth = [float(mpmath.diff(reference, mpmath.mpf(x), n)) for n in range(5)]
    scale = max(map(abs, truth))
    for n in range(5):
        assert derivative(f, n)(x) == pytest.approx(truth[n], abs=1e-13 * 10**n * scale)
    nested = f
    for n in range(1, 4):
        nested = grad(nested)
        assert nested(x) == pytest.approx(truth[n], abs=1e-13 * 10**n * scale)
    twice_forward = jvp(lambda x: jvp(f, (x,), (1.0,))[1], (x,), (1.0,))[1]
    assert twice_forward == pytest.approx(truth[2], abs=1e-11 * scale)


def test_gradients_are_circuits() -> None:
    x = Value(2.0, "x")
    y = x**3
    first = gradients(y, x)
    assert first.parents[0].data == 3.0  # 3·x²
    second = gradients(first, x)
    third = gradients(second, x)
    fourth = gradients(third, x)
    assert [v.data for v in (first, second, third, fourth)] == [12.0, 12.0, 6.0, 0.0]
    assert fourth.is_constant
    inner = sin(x)
    assert gradients(inner * inner, {"u": inner})["u"].data == 2 * math.sin(2.0)
    with pytest.raises(TypeError, match="Value"):
        gradients(1.0, x)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="float"):
        gradients(y, [1.0])


def test_jacobian_hessian_and_products_agree() -> None:
    point = [1.2, -0.7, 0.4]
    H = hessian(rosenbrock)(point)
    assert [list(column) for column in zip(*H, strict=True)] == H
    direction = [0.3, 1.0, -2.0]
    product = [sum(h * d for h, d in zip(row, direction, strict=True)) for row in H]
    assert hvp(rosenbrock, (point,), (direction,))[0] == pytest.approx(product)

    def f(x: list[Any]) -> dict[str, Any]:
        return {"a": x[0] * sin(x[1]), "b": [exp(x[2]) * x[0], 7.0]}

    J = jacobian(f)(point)
    assert J["b"][1] == [0.0, 0.0, 0.0]
    value, tangent = jvp(f, (point,), (direction,))
    again, pull = vjp(f, point)
    assert value == again
    cotangent = {"a": 2.0, "b": [-1.0, 5.0]}
    left = 2.0 * tangent["a"] - tangent["b"][0] + 5.0 * tangent["b"][1]
    right = sum(g * d for g, d in zip(pull(cotangent)[0], direction, strict=True))
    assert left == pytest.approx(right, rel=1e-14)
    assert tangent["a"] == pytest.approx(sum(j * d for j, d in zip(J["a"], direction, strict=True)))


def test_jacobian_of_a_jacobian() -> None:
    nested = jacobian(jacobian(lambda x: [x[0] * x[1] ** 2, x[0]]))([2.0, 3.0])
    assert nested == [[[0.0, 6.0], [6.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]]


def test_a_function_that_returns_no_single_number_says_so() -> None:
    with pytest.raises(TypeError, match="jacobian"):
        grad(lambda x: [x, x])(1.0)
    with pytest.raises(TypeError, match="str"):
        grad(lambda x: "3")(1.0)
    with pytest.raises(TypeError, match="NoneType"):
        grad(lambda x: None)(1.0)
    with pytest.raises(TypeError, match="argument 0"):
        grad(lambda x: x)("1")


def test_an_output_that_does_not_depend_on_the_input_says_so() -> None:
    for f in (lambda x: 3.0, lambda x: Value(1.0) * 2.0, lambda x: sin(x.data)):
        with pytest.warns(UserWarning, match="does not depend"):
            assert float(getattr(grad(f)(1.0), "data", 0.0)) == 0.0
    # A derivative that happens to be 0 is another thing.
    assert grad(lambda x: 0.0 * x)(1.0) == 0.0
    assert grad(relu)(-1.0) == 0.0


@pytest.mark.parametrize(
    ("transform", "zero"),
    [
        (lambda f: derivative(f)(2.0), 0.0),
        (lambda f: jacobian(f)(2.0), 0.0),
        (lambda f: hessian(f)(2.0), 0.0),
        (lambda f: jvp(f, (2.0,), (1.0,))[1], 0.0),
        (lambda f: vjp(f, 2.0)[1](1.0), (0.0,)),
        (lambda f: hvp(f, (2.0,), (1.0,)), (0.0,)),
    ],
)
def test_every_transform_says_that_an_output_depends_on_nothing(
    transform: Callable[[Any], Any], zero: Any
) -> None:
    with pytest.warns(UserWarning, match="does not depend") as said:
        assert transform(lambda x: math.exp(x.data)) == zero
    assert [w.filename for w in said] == [__file__]


def test_no_such_word_where_only_a_derivative_is_constant() -> None:
    assert hessian(lambda x: 3.0 * x)(2.0) == 0.0
    assert derivative(lambda x: 3.0 * x, 2)(2.0) == 0.0
    assert derivative(lambda x: 3.0, 0)(2.0) == 3.0
    assert derivative(derivative(lambda x: 3.0 * x))(2.0) == 0.0
    assert grad(grad(lambda x: 3.0 * x))(2.0) == 0.0
    assert jacobian(jacobian(lambda x: [3.0 * x]))(2.0) == [0.0]
    assert hvp(lambda x: 3.0 * x, (2.0,), (1.0,)) == (0.0,)


def test_arguments_by_keyword_are_handed_on() -> None:
    def f(x: Any, *, k: float = 1.0) -> Any:
        return k * x**3

    assert grad(f)(2.0, k=2.0) == 24.0
    assert value_and_grad(f)(2.0, k=2.0) == (16.0, 24.0)
    assert derivative(f, 2)(2.0, k=2.0) == 24.0
    assert jacobian(f)(2.0, k=2.0) == 24.0
    assert hessian(f)(2.0, k=2.0) == 24.0
    k = Value(2.0)
    outer = grad(f)(2.0, k=k)
    outer.backward()
    assert (outer.data, k.grad) == (24.0, 12.0)


def test_shapes_that_do_not_fit_say_so() -> None:
    with pytest.raises(ValueError, match="tangents"):
        jvp(sin, (1.0,), (1.0, 2.0))
    with pytest.raises(TypeError, match="tuples"):
        jvp(sin, 1.0, 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cotangent"):
        vjp(sin, 1.0)[1]([1.0, 2.0])
    with pytest.raises(ValueError, match="order"):
        derivative(sin, -1)


def test_dicts_are_matched_by_key() -> None:
    point, direction = {"a": 1.0, "b": 2.0}, {"b": 1.0, "a": 0.0}
    assert jvp(lambda p: p["a"] * 10 + p["b"], (point,), (direction,))[1] == 1.0
    assert hvp(lambda p: p["a"] ** 2 * 5 + p["b"], (point,), (direction,))[0] == {
        "a": 0.0,
        "b": 0.0,
    }
    assert vjp(lambda x: {"a": 10 * x, "b": x}, 1.0)[1](direction) == (1.0,)
    for wrong in ({"a": 1.0}, [1.0, 2.0], {"a": 1.0, "b": [2.0]}, {"a": 1.0, "b": "2"}):
        with pytest.raises(ValueError, match="tangents"):
            jvp(lambda p: p["a"], (point,), (wrong,))
    with pytest.raises(ValueError, match="tangents"):
        jvp(lambda x: x[0], ([1.0, 2.0],), ([[1.0], 0.0],))


def test_an_argument_cannot_be_named_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        grad(lambda x, y: x * y, (0, -2))(2.0, 3.0)


def test_no_grad_around_a_transform_refuses_nothing() -> None:
    with ag.no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert jvp(lambda x: x * x, (3.0,), (1.0,))[1] == 6.0
        assert (Value(1.0) * 2).is_constant


@pytest.mark.parametrize("row", [ag.leaky_relu, ag.elu])
def test_a_slope_of_exactly_0_is_no_branch_not_taken(row: Any) -> None:
    H = hessian(lambda p: row(p[0], p[1]))([-2.0, 0.0])
    assert H[0][1] == H[1][0] != 0.0


def test_where_the_value_is_nan_so_is_every_derivative() -> None:
    with ag.errstate("ignore"):
        for row in (log, ag.log2, ag.log10, ag.log1p, ag.sqrt):
            assert math.isnan(grad(row)(-2.0))
            assert math.isnan(derivative(row)(-2.0))


def test_a_branch_not_taken_inside_a_rule_reports_nothing() -> None:
    with ag.errstate("raise"):
        assert hessian(lambda p: p[0] ** p[1])([0.0, 2.0])[0][0] == 2.0
        assert hessian(lambda p: ag.hypot(p[0], p[1]))([0.0, 2.0])[0][0] == 0.5


KINKED = {
    "norm": (lambda v: ag.softplus(ag.norm(v)), [0.0, 0.0]),
    "hypot": (lambda v: ag.sin(ag.hypot(v[0], v[1])), [0.0, 0.0]),
    "abs": (lambda v: ag.exp(abs(v[0]) * ag.sin(v[0])), [0.0]),
}


@pytest.mark.parametrize("name", KINKED)
def test_a_second_derivative_through_a_chosen_slope_is_nan_and_names_the_row(name: str) -> None:
    f, at = KINKED[name]
    assert grad(f)(at) == [0.0] * len(at)  # the first one is right, and nothing is reported
    with pytest.warns(RuntimeWarning, match=name):
        found = hessian(f)(at)
    assert all(math.isnan(x) for row in found for x in row)
    with ag.errstate("raise"), pytest.raises(ag.NonFiniteError, match=name):
        hessian(f)(at)
    with ag.errstate("ignore"):
        hessian(f)(at)
    assert not any(math.isnan(x) for row in hessian(f)([x + 1.0 for x in at]) for x in row)


def _hessian_of_hessian(f: Any) -> Any:
    return hessian(lambda v: ag.sum([x for row in hessian(f)(v) for x in row]) + v[0] ** 3)


#: Functions of a length whose square alone matters, and the same without the length.
SMOOTH: dict[str, tuple[Any, Any]] = {
    "norm(v)**2/2": (lambda v: 0.5 * ag.norm(v) ** 2, lambda v: 0.5 * ag.sum_of_squares(v)),
    "a kernel": (
        lambda v: ag.exp(-ag.norm(v) * ag.norm(v) / 2.0),
        lambda v: ag.exp(-ag.sum_of_squares(v) / 2.0),
    ),
    "pseudo-Huber": (
        lambda v: ag.sqrt(1.0 + ag.hypot(v[0], v[1]) ** 2) - 1.0,
        lambda v: ag.sqrt(1.0 + v[0] * v[0] + v[1] * v[1]) - 1.0,
    ),
    "abs·abs": (lambda v: abs(v[0]) * abs(v[0]) * v[1], lambda v: v[0] * v[0] * v[1]),
    "abs⁴ − abs²": (lambda v: abs(v[0]) ** 4 - ag.square(abs(v[1])), lambda v: v[0] ** 4 - v[1] * v[1]),
    "a sum of two": (
        lambda v: (3.0 * ag.norm(v) + ag.norm(v) * v[0]) * ag.norm(v),
        lambda v: (3.0 + v[0]) * (v[0] * v[0] + v[1] * v[1]),
    ),
    "a quotient": (
        lambda v: 1.0 / (1.0 + ag.dist(v, [0.0, 0.0]) ** 2),
        lambda v: 1.0 / (1.0 + ag.sum_of_squares(v)),
    ),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_the_curvature_of_what_is_smooth_is_exact_at_the_kink_of_a_length(name: str) -> None:
    f, plain = SMOOTH[name]
    for at in ([0.0, 0.0], [0.0, 1.5]):
        assert hessian(f)(at) == [pytest.approx(row, abs=1e-15) for row in hessian(plain)(at)]
    columns = [hvp(f, ([0.0, 0.0],), (unit,))[0] for unit in ([1.0, 0.0], [0.0, 1.0])]
    assert columns == [pytest.approx(row, abs=1e-15) for row in hessian(plain)([0.0, 0.0])]
    fourth = _hessian_of_hessian(plain)([0.0, 0.0])
    assert _hessian_of_hessian(f)([0.0, 0.0]) == [pytest.approx(row, abs=1e-12) for row in fourth]


@pytest.mark.parametrize(
    ("f", "order"),
    [
        (lambda x: abs(x) ** 3, 3),
        (lambda x: abs(x) ** 2.5, 3),
        (lambda x: abs(x) * x, 2),
        (lambda x: abs(x) * (abs(x) + 1.0), 2),
        (lambda x: ag.norm([x]) * ag.norm([x, x]), 2),  # smooth, but by another length: nan, never a number
        (lambda x: x / (1.0 + abs(x)), 2),
        (lambda x: abs(x) * relu(abs(x)), 2),  # a kink upon a kink
        (lambda x: abs(x) * ag.leaky_relu(abs(x)), 2),
        (lambda x: sin(abs(x)), 2),
    ],
)
def test_what_bends_is_nan_with_a_report(f: Any, order: int) -> None:
    with pytest.warns(RuntimeWarning, match="kink"):
        assert math.isnan(derivative(f, order)(0.0))


#: Functions of a length that are smooth for another reason than a factor, and their curvature at 0.
BOWLS: dict[str, tuple[Any, float]] = {
    "cos": (cos, -1.0),
    "cosh": (ag.cosh, 1.0),
    "sech": (ag.sech, -1.0),
    "log cosh": (ag.log_cosh, 1.0),
    "gaussian": (ag.gaussian, -2.0),
    "sinc": (ag.sinc, -(math.pi**2) / 3.0),
    "hypot": (lambda r: ag.hypot(r, 2.0), 0.5),
    "r·tanh r": (lambda r: r * ag.tanh(r), 2.0),
    "e to the cos 2r": (lambda r: exp(cos(2.0 * r)), -4.0 * math.e),
    "r·log1p r": (lambda r: r * ag.log1p(r), 2.0),
}


@pytest.mark.parametrize("name", BOWLS)
def test_the_curvature_of_a_function_that_is_0_where_the_length_is(name: str) -> None:
    f, curvature = BOWLS[name]
    close = pytest.approx(curvature, rel=1e-15)
    assert derivative(lambda x: f(abs(x)), 2)(0.0) == close
    assert hessian(lambda v: f(ag.norm(v)))([0.0, 0.0]) == [[close, 0.0], [0.0, close]]
    with errstate("ignore"):  # the circuit of the second derivative bends
        assert grad(lambda y: derivative(lambda x: y * f(abs(x)), 2)(0.0))(5.0) == close
    with pytest.warns(RuntimeWarning, match="kink"):
        assert math.isnan(derivative(lambda x: f(abs(x)), 3)(0.0))


def test_a_cube_of_a_length_is_flat_to_the_second_order() -> None:
    assert derivative(lambda x: abs(x) ** 3, 2)(0.0) == 0.0


@pytest.mark.parametrize("transform", [grad, value_and_grad])
def test_a_function_may_say_more_beside_its_number(transform: Any) -> None:
    def f(p: Any, scale: float = 1.0) -> Any:
        loss = scale * (p["a"] * p["b"]) ** 2
        return loss, {"product": p["a"] * p["b"], "parts": [p["a"], 7], "text": "two", "none": None}

    found = transform(f, has_aux=True)({"a": 2.0, "b": 3.0}, scale=0.5)
    told = {"product": 6.0, "parts": [2.0, 7], "text": "two", "none": None}
    slopes = {"a": 18.0, "b": 12.0}
    assert found == ((slopes, told) if transform is grad else ((18.0, told), slopes))
    for not_a_pair in (lambda x: x, lambda x: (x, x, x), lambda x: [x, x]):
        with pytest.raises(TypeError, match="pair"):
            transform(not_a_pair, has_aux=True)(2.0)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_derivative_is_by_one_number(order: int) -> None:
    with pytest.raises(TypeError, match="real number, not list"):
        derivative(lambda x: x[0] * x[1], order)([2.0, 3.0])
    assert derivative(lambda x: x**2, order)(np.array(3.0)) == [9.0, 6.0, 2.0][order]


@pytest.mark.parametrize("array", [list, np.array])
def test_matrices_of_derivatives_come_with_what_a_function_says_more(array: Any) -> None:
    at = array([2.0, 3.0])
    np.testing.assert_equal(
        jacobian(lambda x: ([x[0] * x[1], x[0]], {"sum": x[0] + x[1]}), has_aux=True)(at),
        ([array([3.0, 2.0]), array([1.0, 0.0])], {"sum": 5.0}),
    )
    np.testing.assert_equal(
        hessian(lambda x, y: (x[0] ** 2 * x[1] * y, (y, "told")), argnums=0, has_aux=True)(at, 1.0),
        (array([[6.0, 4.0], [4.0, 0.0]]), (1.0, "told")),
    )
    with pytest.raises(TypeError, match="pair"):
        hessian(lambda x: x[0] * x[1], has_aux=True)(at)

    def outer(x: Any) -> Any:
        [slope], aux = jacobian(lambda y: ([x * y**3], y * x), has_aux=True)(x)
        return slope + aux

    assert grad(outer)(2.0) == 3.0 * 3 * 4.0 + 4.0  # 3x³ + x²


def test_what_is_said_beside_the_number_is_differentiated_by_a_transform_around_it() -> None:
    def around(x: Any) -> Any:
        slope, aux = grad(lambda y: (x * y**3, y * x), has_aux=True)(x)
        return slope + aux

    assert grad(around)(2.0) == 3.0 * 3 * 4.0 + 4.0  # 3x³ + x²
    with no_grad():
        assert value_and_grad(lambda x, y: (x * y, y), argnums=(0, 1), has_aux=True)(2.0, 3.0) == (
            (6.0, 3.0),
            (3.0, 2.0),
        )


def test_data_changed_after_the_forward_pass_is_refused_as_a_circuit() -> None:
    x = Value(3.0, "x")
    y = x * x
    x.data = 100.0
    with pytest.raises(ValueError, match="changed"):
        gradients(y, x)


def test_the_warning_of_independence_points_at_the_caller() -> None:
    calls: list[Callable[[], Any]] = [
        lambda: grad(lambda x: 3.0)(1.0),
        lambda: value_and_grad(lambda x: 3.0)(1.0),
    ]
    for call in calls:
        with pytest.warns(UserWarning, match="depend") as caught:
            call()
        assert caught[0].filename == __file__


def test_integers_are_inputs() -> None:
    assert grad(lambda x: x**2)(3) == 6.0
    assert jvp(lambda x: x**2, (3,), (1,)) == (9.0, 6.0)


def test_a_long_loop_is_differentiated() -> None:
    def f(x: Any) -> Any:
        for _ in range(20_000):
            x = cos(x)
        return x

    assert abs(grad(f)(0.5)) < 1e-300
    assert len(circuit(f(Value(0.5)))) == 20_001


def product(w: Any) -> Any:
    return w[0] * w[1] ** 2


@pytest.mark.parametrize("kind", [np.float64, np.int64, object])
def test_arrays_are_structures_and_their_derivatives_are_arrays(kind: Any) -> None:
    w = np.array([2, 3], dtype=kind)
    as_list = [2.0, 3.0]
    for transform in (grad, hessian):
        found = transform(product)(w)
        assert found.dtype == float
        assert np.array_equal(found, transform(product)(as_list))
    assert value_and_grad(product)(w)[0] == 18.0
    several = jacobian(lambda x: np.array([x[0] * x[1], x[0], 3.0]))(w)
    assert np.array_equal(several, [[3.0, 2.0], [1.0, 0.0], [0.0, 0.0]])
    assert np.array_equal(hvp(product, (w,), (np.array([1.0, 0.0]),))[0], [0.0, 6.0])
    value, tangent = jvp(lambda x: 2.0 * x, (w,), ([1.0, 0.5],))
    assert np.array_equal([value, tangent], [[4.0, 6.0], [2.0, 1.0]])
    value, pull = vjp(lambda x: x * x, w)
    assert np.array_equal(pull(np.array([1.0, 10.0]))[0], [4.0, 60.0])


def test_a_function_sees_an_array_as_an_array_of_its_shape() -> None:
    weights = np.arange(6.0).reshape(2, 3)

    def f(x: Any, more: Any) -> Any:
        assert x.shape == (3, 2)
        return (np.exp(weights @ x) @ x[:2]).sum() + more["b"][0]

    x = np.linspace(-0.2, 0.3, 6).reshape(3, 2)
    found = grad(f, argnums=(0, 1))(x, {"b": np.array([1.0, 2.0])})
    differences = np.zeros((3, 2))

    def plain(x: Any) -> float:
        return float((np.exp(weights @ x) @ x[:2]).sum())

    for place in np.ndindex(3, 2):
        step = np.zeros((3, 2))
        step[place] = 1e-6
        differences[place] = (plain(x + step) - plain(x - step)) / 2e-6
    assert found[0] == pytest.approx(differences, rel=1e-8)
    assert np.array_equal(found[1]["b"], [1.0, 0.0])


def test_a_masked_entry_is_not_used_in_silence() -> None:
    masked = np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False])
    whole = np.ma.masked_array([1.0, 2.0, 3.0])
    program = ag.record(lambda v: (v * v).sum(), np.ones(3))
    for function in (grad(lambda v: (v * v).sum()), program, program.grad):
        with pytest.raises(TypeError, match="masked"):
            function(masked)
    assert np.array_equal(grad(lambda v: (v * v).sum())(whole), [2.0, 4.0, 6.0])


@pytest.mark.parametrize("array", [np.array([1j]), np.array(["a"]), np.array([None])])
def test_arrays_of_something_else_are_refused(array: Any) -> None:
    with pytest.raises(TypeError, match="argument 0"):
        grad(lambda x: x[0])(array)


def test_scipy_takes_the_transforms_as_they_are() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    found = optimize.minimize(value_and_grad(rosenbrock), np.zeros(4), jac=True, method="BFGS")
    assert found.x == pytest.approx(np.ones(4), abs=1e-4)
    assert optimize.check_grad(lambda w: float(product(w)), grad(product), np.array([2.0, 3.0])) < 1e-5


BESIDE_NAN = [  # a function, its slope at 1
    (lambda x: math.nan * x, math.nan),
    (lambda x: x + math.nan, 1.0),
    (lambda x: math.nan - x, -1.0),
    (lambda x: ag.sum([x, math.nan, 2.0]), 1.0),
    (lambda x: ag.mean([x, math.nan]), 0.5),
    (lambda x: ag.dot([x, 2.0], [1.0, math.nan]), 1.0),
    (lambda x: ag.dot([x, 2.0], [math.nan, 1.0]), math.nan),
    (lambda x: 3.0 * log(x - 5.0), math.nan),
    (lambda x: log(x - 5.0) * x, math.nan),
    (lambda x: relu(x * math.nan), math.nan),
    (lambda x: ag.maximum(x, math.nan), math.nan),
    (lambda x: ag.sign(x * math.nan), math.nan),
    (lambda x: (x * math.nan) // 2.0, math.nan),
    (lambda x: ag.step(x + math.nan), math.nan),
    (lambda x: ag.compare(x, math.nan), math.nan),
    (lambda x: ag.where(1.0, x + math.nan, x), 1.0),
]


@pytest.mark.parametrize(("f", "slope"), BESIDE_NAN)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_beside_a_nan_every_door_gives_the_same(f: Any, slope: float) -> None:
    x = Value(1.0)
    y = f(x)
    y.backward()
    first = [
        x.grad,
        grad(f)(1.0),
        derivative(f)(1.0),
        gradients(f(x), x).data,
        jvp(f, (1.0,), (1.0,))[1],
        vjp(f, 1.0)[1](1.0)[0],
        jacobian(f)(1.0),
    ]
    second = [
        derivative(f, 2)(1.0),
        hessian(f)(1.0),
        hvp(f, (1.0,), (1.0,))[0],
        grad(grad(f))(1.0),
        jacobian(grad(f))(1.0),
        gradients(gradients(f(x), x), x).data,
    ]
    if math.isnan(slope):
        assert all(map(math.isnan, [*first, *second, derivative(f, 3)(1.0)])), (first, second)
    else:
        assert [*first, *second] == [slope] * len(first) + [0.0] * len(second)


@pytest.mark.parametrize("row", [row for row in ag.TABLE.values() if row.arity == 1])
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_at_nan_every_derivative_of_every_row_is_nan(row: Any, order: int) -> None:
    found = derivative(row, order)(math.nan)
    if row.name in ("neg", "pos", "degrees", "radians"):  # whose slope does not ask where it is
        assert found == derivative(row, order)(1.0)
    else:
        assert math.isnan(found)


def test_an_unselected_branch_beside_a_nan_still_gets_nothing() -> None:
    x, y = Value(math.nan), Value(2.0)
    z = ag.where(1.0, x, y)
    z.backward()
    assert x.grad == 1.0
    assert not y.swept


@pytest.mark.parametrize(
    ("f", "before", "after"),
    [(cos, 0.5, -0.5), (ag.abs, 0.5, -0.5), (ag.square, 2.0, -2.0), (lambda x: x**2, 2.0, -2.0),
     (sin, 0.5, -0.5), (lambda x: x * x, 2.0, -2.0), (exp, 0.0, 1.0)],
)  # fmt: skip
def test_data_changed_where_the_value_or_a_slope_is_the_same_is_refused(
    f: Any, before: float, after: float
) -> None:
    x = Value(before)
    y = f(x)
    expected = gradients(y, x).data
    x.data = after
    with pytest.raises(ValueError, match="changed since it was made"):
        gradients(y, x)
    y.backward()
    assert x.grad == expected


def test_no_grad_around_a_transform_changes_no_order() -> None:
    cube = lambda x: x**3  # noqa: E731
    with no_grad():
        assert [derivative(cube, n)(3.0) for n in (1, 2, 3)] == [27.0, 18.0, 6.0]
        assert hvp(cube, (2.0,), (1.0,)) == (12.0,)
        assert hessian(cube)(2.0) == 12.0
        assert jacobian(jacobian(cube))(2.0) == 12.0
        assert vjp(cube, 2.0)[1](1.0) == (12.0,)


def walks_of(work: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many nodes the walks over circuits visit while ``work`` runs."""
    from autograd_lite.core import order

    visited = 0
    walk = order._walk

    def counted(*args: Any) -> Any:
        nonlocal visited
        found = walk(*args)
        visited += len(found)
        return found

    monkeypatch.setattr(order, "_walk", counted)
    work()
    monkeypatch.undo()
    return visited


def test_tangents_of_many_outputs_cost_one_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    def chained(x: Any) -> list[Any]:
        outputs = [x]
        for _ in range(200):
            outputs.append(sin(outputs[-1]))
        return outputs

    assert walks_of(lambda: jvp(chained, (0.5,), (1.0,)), monkeypatch) <= 500
    # One walk for each of the two inputs, and none for each of the many outputs.
    two = lambda x: [x[1] * y for y in chained(x[0])]  # noqa: E731
    assert walks_of(lambda: jacobian(two)([0.5, 2.0]), monkeypatch) <= 2000


def test_a_hessian_times_a_vector_costs_one_walk_whatever_the_inputs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cost(n: int) -> float:
        x = [0.1 * i for i in range(n)]
        return walks_of(lambda: hvp(rosenbrock, (x,), (x,)), monkeypatch) / n

    assert cost(200) < 1.5 * cost(20)


def test_whole_numbers_of_numpy_name_an_argument() -> None:
    assert grad(lambda x, y: x * y, np.int64(1))(2.0, 3.0) == 2.0
    assert derivative(lambda x: x**3, np.int64(2))(1.0) == 6.0
    with pytest.raises(TypeError, match="argnums"):
        grad(lambda x: x, "x")(1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"order of a derivative.*2\.5"):
        derivative(sin, 2.5)  # type: ignore[arg-type]


def test_no_input_and_no_report_of_what_the_user_did_not_write() -> None:
    assert jacobian(lambda x: [1.0])([]) == [[]]
    assert jacobian(lambda x: 1.0)([]) == []
    with errstate("raise"):
        assert vjp(lambda x: [x, x * 1.0], 1e308)[1]([1.0, 1.0]) == (2.0,)


def test_arguments_are_differentiated_in_the_order_of_argnums() -> None:
    f = lambda x, y: x[0] * x[1] * y  # noqa: E731
    assert grad(f, (1, 0))([2.0, 3.0], 5.0) == (6.0, [15.0, 10.0])
    assert jacobian(f, (1, 0))([2.0, 3.0], 5.0) == (6.0, [15.0, 10.0])


def test_an_output_that_is_given_twice_takes_both_of_its_cotangents() -> None:
    def f(x: Any) -> list[Any]:
        y = x * x
        return [y, y, x]

    outputs, pull = vjp(f, 3.0)
    assert outputs == [9.0, 9.0, 3.0]
    assert pull([5.0, 7.0, 1.0]) == (73.0,)
    a, b = Value(5.0), Value(7.0)
    (slope,) = pull([a, b, 1.0])  # as a circuit
    slope.backward()
    assert (slope.data, a.grad, b.grad) == (73.0, 6.0, 6.0)
