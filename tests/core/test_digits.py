"""Derivatives of every order keep their digits: near 0, far out, at saturation, beyond overflow.

``python -m tests.support.digits`` measures all rows at all points; here are those that were wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from mpmath import mp

import autograd_lite as ag
from autograd_lite import TABLE, derivative, errstate, hessian, losses
from autograd_lite.core.transforms import grad, hvp
from autograd_lite.special.mills import SERIES

from ..support.digits import AIMS, conditioned, error, measured, points, true_derivative
from ..support.references import REFERENCES


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("asin", (1e-160, 1e-20, 1e-12, 1 - 1e-12)),  # 1 − x and 1 + x, whose derivatives cancelled
        ("acos", (1e-20, -1e-8)),
        ("atanh", (1e-160, 1e-20, 1e-8, -1 + 1e-12)),
        ("atan", (1e-20, 1e90, -1e60)),  # (1 + x²)² overflowed
        ("sigmoid", (1e-160, 1e-20, 1e-13, 40.0, -400.0)),
        ("silu", (1e-160, -1e-20, 0.25, -40.0, 400.0)),
        ("exp2", (1023.9, 1024.0, -1000.5)),  # 2ˣ overflows, its derivatives do not
        ("log_cosh", (1e-160, 1e-8, 1.0, 20.0, 40.0)),
        ("log1mexp", (1e-20, 0.7, 40.0, 400.0)),
        ("log_ndtr", (-1e10, -100.0, -8.0, -1.25, -0.75, -1e-8, 0.229, 0.5, 26.0)),
        ("erfinv", (1e-20, 0.3, -0.75)),
    ],
)
def test_three_derivatives_of_rows_that_cancelled_or_are_often_written_badly(
    name: str, at: tuple[float, ...]
) -> None:
    for x in at:
        for order, aim in enumerate(AIMS):
            with errstate("ignore"):
                got = derivative(TABLE[name], order)(x)
            true = true_derivative(TABLE[name], [x], [0] * order)
            if true is not None and math.isfinite(float(true)):
                assert error(got, true) <= aim, (x, order, got)


@pytest.mark.parametrize("name", ["hypot", "unit", "norm", "logsumexp", "logaddexp", "atan2", "pow"])
def test_mixed_derivatives(name: str) -> None:
    row = TABLE[name]
    for operands in islice(points(row), 0, 26, 5):
        for each in measured(row, operands, 2):
            assert each.conditioned <= AIMS[each.order], each


def test_the_measure_rejects_what_is_wrong_in_the_last_places(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(x: Any) -> Any:
        raise OverflowError  # as some of mpmath's functions do far out

    true = true_derivative(TABLE["exp"], [1.0], [0, 0])
    assert error(math.e, true) < 1.0
    assert error(math.e * (1 + 1e-14), true) > 20.0
    assert error(math.nan, true) == math.inf
    assert true_derivative(TABLE["square"], [3.0], [0, 0, 0]) == 0
    monkeypatch.setitem(REFERENCES, "gelu", too_large)
    assert true_derivative(TABLE["gelu"], [-1e300], []) is None


SATURATED = 4.248354255291589e-18  # p(1 − p) at [40, 0]


@pytest.mark.parametrize(
    "f",
    [
        ag.logsumexp,
        lambda z: losses.softmax_cross_entropy(z, 0),
        lambda z: losses.softmax_cross_entropy(z, 1),
        lambda z: -ag.log_softmax(z, 0),
        lambda z: -ag.log_softmax(z, ag.Constant(1.0)),
        lambda z: ag.logaddexp(z[0], z[1]),
    ],
)
def test_curvature_at_saturation_is_a_sum_over_the_others(f: Callable[[Any], Any]) -> None:
    for at in ([40.0, 0.0], [0.0, 40.0]):
        for i, row in enumerate(hessian(f)(at)):
            for j, entry in enumerate(row):
                assert entry == pytest.approx(SATURATED if i == j else -SATURATED, rel=1e-14)
        (direction,) = hvp(f, (at,), ([1.0, 0.0],))
        assert direction == pytest.approx([SATURATED, -SATURATED], rel=1e-14)


def test_the_curvature_of_many_logits_is_symmetric_and_each_row_sums_to_0() -> None:
    matrix = hessian(ag.logsumexp)([50.0, 1.0, -3.0, 1.0])
    for i, row in enumerate(matrix):
        assert abs(math.fsum(row)) <= 1e-15 * row[i]
        assert row == pytest.approx([line[i] for line in matrix], rel=1e-14)


def test_two_shares_that_are_nearly_equal() -> None:
    at, slope = [1e-10, 0.0], -1.25e-11  # tanh(lead/2)·sech²(lead/2)/4
    for i, sign in ((0, 1.0), (1, -1.0)):
        curvature = hessian(lambda z, i=i: ag.softmax(z, i))(at)
        assert curvature[0] == pytest.approx([sign * slope, -sign * slope], rel=1e-9)
        assert curvature[1] == pytest.approx([-sign * slope, sign * slope], rel=1e-9)
    assert derivative(lambda x: ag.logsumexp([x, 0.0]), 3)(1e-10) == pytest.approx(slope, rel=1e-9)


@pytest.mark.parametrize("center", SERIES)
def test_the_series_of_log_ndtr_follow_from_its_differential_equation(center: float) -> None:
    """The slope h of log Φ has the slope −h·(x + h)."""
    with mp.workdps(60):
        found = [mp.npdf(center) / mp.ncdf(center)]
        for n in range(len(SERIES[center]) - 1):
            squares = mp.fsum(found[k] * found[n - k] for k in range(n + 1))
            found.append(-(center * found[n] + (found[n - 1] if n else 0) + squares) / (n + 1))
    assert list(SERIES[center]) == [float(c) for c in found]


@pytest.mark.parametrize("order", [2, 3, 4, 5, 6])
def test_derivatives_of_log_ndtr_around_0(order: int) -> None:
    row = TABLE["log_ndtr_derivative"]
    for x in (-2.4, -1.51, -1.49, -0.3, 1e-8, 0.49, 0.51, 1.2, 2.4):
        got, true = row(float(order), x), true_derivative(row, [float(order), x], [])
        assert conditioned(row, [float(order), x], [], got, true) <= AIMS[1], x


def test_one_less_a_share_keeps_its_digits_where_the_index_is_a_value() -> None:
    at = [40.0, 0.0]
    by_number = grad(lambda z: ag.log_softmax(z, 0))(at)
    assert by_number == grad(lambda z: ag.log_softmax(z, ag.Value(0.0)))(at)
    assert by_number[0] == pytest.approx(SATURATED, rel=1e-14)


def test_slopes_where_the_value_overflows_or_underflows() -> None:
    with errstate("ignore"):
        for f in (lambda v: ag.hypot(v[0], v[1]), ag.norm):
            for size in (1.5e308, 1e-320):
                assert grad(f)([size, size]) == pytest.approx([0.5**0.5] * 2, rel=1e-15)


def test_powers_at_0() -> None:
    with errstate("ignore"):
        assert hessian(lambda v: v[0] ** v[1])([0.0, 1.0]) == [[0.0, -math.inf], [-math.inf, 0.0]]
        assert grad(lambda x: x**x)(0.0) == -math.inf
        assert hessian(lambda v: v[0] ** v[1])([0.0, 3.0]) == [[0.0, 0.0], [0.0, 0.0]]
    with pytest.warns(RuntimeWarning, match="pow"):
        grad(lambda x: x**x)(0.0)


def test_a_norm_of_one_large_part_is_smooth() -> None:
    assert hessian(ag.norm)([2.0, 0.0]) == [[0.0, 0.0], [0.0, 0.5]]
    assert derivative(lambda y: derivative(lambda x: ag.norm([x, y]), 2)(0.0), 1)(2.0) == -0.25


def test_rows_that_take_other_numbers_of_operands() -> None:
    x = ag.Value(3.0)
    assert ag.hypot(x, 4.0, 12.0).data == ag.hypot(3.0, 4.0, 12.0) == math.hypot(3.0, 4.0, 12.0)
    assert ag.hypot(-2.0) == 2.0
    assert ag.hypot(x, 4.0).op is TABLE["hypot"]
    assert ag.log(8.0, 2.0) == math.log(8.0, 2.0)
    assert grad(lambda b: ag.log(8.0, b))(2.0) == pytest.approx(-math.log(8.0) / 2 / math.log(2.0) ** 2)
    assert ag.dist([1.0, 2.0], [4.0, 6.0]) == 5.0
    assert grad(lambda p: ag.dist(p, [4.0, 6.0]))([1.0, 2.0]) == [-0.6, -0.8]
    with pytest.raises(ValueError, match="1 and 2"):
        ag.dist([1.0], [1.0, 2.0])


def test_jaxs_names_of_the_jacobian() -> None:
    assert ag.jacfwd is ag.jacrev is ag.jacobian
