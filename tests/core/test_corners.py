"""Corners that the tests of the core reach by themselves: indices that are Values, names of rows, roots."""

import math
from fractions import Fraction
from typing import Any

import pytest

from autograd_lite import (
    Constant,
    Value,
    circuit,
    grad,
    log_softmax,
    no_grad,
    norm,
    record,
    sigmoid,
    sin,
    softmax,
    take,
)
from autograd_lite.core.primitive import lookup_or_raise
from autograd_lite.core.transforms import gradients


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_an_index_that_is_a_value_chooses_and_takes_no_gradient(chosen: int) -> None:
    for row in (softmax, log_softmax, take):
        xs, ys = [[Value(x) for x in (0.5, -1.0, 2.0)] for _ in range(2)]
        index = Value(float(chosen))
        by_value, by_number = row(xs, index), row(ys, chosen)
        by_value.backward()
        by_number.backward()
        assert by_value.data == by_number.data
        assert index.grad == 0.0
        assert [x.grad for x in xs] == pytest.approx([y.grad for y in ys], rel=1e-14)
        again = [gradients(gradients(by_value, x), xs[0]) for x in xs]
        twins = [gradients(gradients(by_number, y), ys[0]) for y in ys]
        assert [float(g.data if isinstance(g, Value) else g) for g in again] == pytest.approx(
            [float(g.data if isinstance(g, Value) else g) for g in twins], rel=1e-12, abs=1e-15
        )


def test_a_row_is_shown_and_found_by_its_name() -> None:
    assert repr(sin) == "<primitive sin>"
    assert lookup_or_raise("sin") is sin
    with pytest.raises(LookupError, match="nonsense"):
        lookup_or_raise("nonsense")


@pytest.mark.parametrize("root", [3.0, "x", [Value(1.0)], None])
def test_what_is_no_value_has_no_circuit(root: Any) -> None:
    with pytest.raises(TypeError, match=type(root).__name__):
        circuit(root)


def test_operators_on_constants_and_in_no_grad_give_constants() -> None:
    x, c = Value(3.0), Constant(2.0)
    for made in (c**c, c % 1.5, 7.0 // c, c - Fraction(1, 2)):
        assert made.is_constant
    with no_grad():
        for made in (x % c, x**c, 2.0**x, Fraction(1, 2) - x, Fraction(1, 2) + x, x - Fraction(1, 2)):
            assert made.is_constant
            assert math.isfinite(made.data)


def test_a_node_is_refused_where_its_slope_has_moved_though_its_value_has_not() -> None:
    x = Value(40.0)
    y = sigmoid(x)
    x.data = math.nextafter(40.0, 41.0)  # a rounding is no change
    assert gradients(y, x).data == pytest.approx(math.exp(-40.0))
    x.data = 40.01
    assert sigmoid(x).data == y.data == 1.0
    with pytest.raises(ValueError, match="changed"):
        gradients(y, x)


def test_a_value_rounds_to_an_integer_only() -> None:
    assert round(Value(2.6)).data == 3.0
    with pytest.raises(TypeError, match="rounds to an integer only"):
        round(Value(2.6), 1)


def test_the_direction_of_a_norm_in_a_program_is_for_every_largest_operand() -> None:
    program = record(grad(lambda x, y: norm([x, y]), (0, 1)), 3.0, 4.0, engine="python")
    for x, y in ((3.0, 4.0), (-4.0, 3.0), (5.0, 12.0)):
        size = math.hypot(x, y)
        assert program(x, y) == pytest.approx((x / size, y / size), rel=1e-15)
