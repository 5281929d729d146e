"""Values and derivatives at singular points, at kinks and ties, far out, and in branches not taken."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from mpmath import mp, mpf

from autograd_lite import (
    TABLE,
    Value,
    abs,
    acosh,
    asin,
    atan2,
    atanh,
    cbrt,
    clip,
    compare,
    digamma,
    div,
    errstate,
    exp,
    expm1,
    floor,
    fmod,
    gamma,
    gelu,
    hardtanh,
    hypot,
    lgamma,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logsumexp,
    max,
    maximum,
    mean,
    min,
    minimum,
    mod,
    norm,
    pow,
    prod,
    reciprocal,
    relu,
    sigmoid,
    sign,
    silu,
    sinh,
    softmax,
    softplus,
    softsign,
    sqrt,
    step,
    tanh,
    where,
)
from autograd_lite.core.transforms import gradients

from ..support.references import error_in_ulps, same

INF, NAN = math.inf, math.nan


def slopes(f: Callable[..., Any], *operands: float) -> tuple[float, tuple[float, ...]]:
    """Value and derivatives, nothing reported, by a sweep; no node may be anything but a float."""
    with errstate("ignore"):
        xs = [Value(x) for x in operands]
        y = f(*xs)
        y.backward()
    assert type(y.data) is float
    return y.data, tuple(x.grad for x in xs)


# Value, then derivatives. Where the choice is the project's, the comment says what it follows.
POINTS: list[tuple[Callable[..., Any], tuple[float, ...], float, tuple[float, ...]]] = [
    (abs, (0.0,), 0.0, (0.0,)),  # kink: the subgradient of least norm
    (abs, (-0.0,), 0.0, (0.0,)),
    (abs, (NAN,), NAN, (NAN,)),
    (sign, (NAN,), NAN, (NAN,)),
    (sign, (-0.0,), 0.0, (0.0,)),
    (relu, (0.0,), 0.0, (0.0,)),
    (relu, (5e-324,), 5e-324, (1.0,)),
    (relu, (NAN,), NAN, (NAN,)),
    (relu, (-INF,), 0.0, (0.0,)),
    (hardtanh, (1.0,), 1.0, (0.0,)),
    (hardtanh, (NAN,), NAN, (NAN,)),
    (maximum, (2.0, 2.0), 2.0, (0.5, 0.5)),  # a tie is split evenly
    (minimum, (2.0, 2.0), 2.0, (0.5, 0.5)),
    (maximum, (INF, INF), INF, (0.5, 0.5)),
    (maximum, (NAN, 1.0), NAN, (NAN, NAN)),
    (maximum, (1.0, NAN), NAN, (NAN, NAN)),
    (minimum, (NAN, 1.0), NAN, (NAN, NAN)),
    (minimum, (1.0, NAN), NAN, (NAN, NAN)),
    (max, (2.0, 1.0, 2.0), 2.0, (0.5, 0.0, 0.5)),
    (min, (2.0, 2.0, 2.0, 2.0), 2.0, (0.25,) * 4),
    (max, (1.0, NAN), NAN, (NAN, NAN)),
    (min, (NAN, 1.0), NAN, (NAN, NAN)),
    (lambda x: maximum(x, x), (3.0,), 3.0, (1.0,)),
    (lambda x: max(x, x, x), (3.0,), 3.0, (1.0,)),
    (lambda x: minimum(x, x), (3.0,), 3.0, (1.0,)),
    (clip, (0.0, 0.0, 1.0), 0.0, (0.0, 1.0, 0.0)),  # at a bound the bound is taken
    (clip, (1.0, 0.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    (clip, (0.5, 2.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    (clip, (NAN, 0.0, 1.0), NAN, (NAN, NAN, NAN)),
    (clip, (0.5, NAN, 1.0), NAN, (NAN, NAN, NAN)),
    (clip, (0.5, 0.0, NAN), NAN, (NAN, NAN, NAN)),
    (clip, (INF, 0.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    (lambda x: clip(x, x, 5.0), (3.0,), 3.0, (1.0,)),
    (lambda x: clip(x, x, x), (3.0,), 3.0, (1.0,)),
    (sqrt, (0.0,), 0.0, (INF,)),  # the limit
    (sqrt, (-0.0,), -0.0, (INF,)),
    (sqrt, (-1.0,), NAN, (NAN,)),
    (sqrt, (INF,), INF, (0.0,)),
    (lambda x: sqrt(x) ** 2, (0.0,), 0.0, (NAN,)),  # 0 · inf is never silently 0
    (lambda x: sqrt(x * x), (0.0,), 0.0, (NAN,)),
    (lambda x: sqrt(x) * sqrt(x), (0.0,), 0.0, (NAN,)),
    (cbrt, (0.0,), 0.0, (INF,)),
    (log, (0.0,), -INF, (INF,)),
    (log, (-0.0,), -INF, (-INF,)),
    (log, (-1.0,), NAN, (NAN,)),  # undefined value, undefined derivative
    (log, (INF,), INF, (0.0,)),
    (log2, (0.0,), -INF, (INF,)),
    (log10, (0.0,), -INF, (INF,)),
    (log10, (-2.0,), NAN, (NAN,)),
    (log1p, (-1.0,), -INF, (INF,)),
    (log1p, (-2.0,), NAN, (NAN,)),
    (reciprocal, (0.0,), INF, (-INF,)),
    (reciprocal, (-0.0,), -INF, (-INF,)),
    (lambda x: 1 / x, (0.0,), INF, (-INF,)),
    (lambda x: 1 / x, (-0.0,), -INF, (-INF,)),
    (div, (1.0, 0.0), INF, (INF, -INF)),
    (div, (0.0, 0.0), NAN, (NAN, NAN)),
    (div, (1.0, 1e200), 1e-200, (1e-200, -0.0)),  # by y², 1/y² would underflow on the way
    (div, (1e-160, 1e-170), 1e-160 / 1e-170, (1e170, -1e180)),  # and here overflow
    (pow, (0.0, 0.0), 1.0, (0.0, -INF)),  # 0 to the y falls from 1 to 0
    (pow, (0.0, 1.0), 0.0, (1.0, 0.0)),
    (pow, (0.0, 2.0), 0.0, (0.0, 0.0)),
    (pow, (0.0, 0.5), 0.0, (INF, 0.0)),
    (pow, (0.0, -1.0), INF, (-INF, -INF)),
    (pow, (-0.0, -3.0), -INF, (-INF, -INF)),
    (pow, (-2.0, 3.0), -8.0, (12.0, NAN)),
    (pow, (-2.0, 0.5), NAN, (NAN, NAN)),  # never complex
    (pow, (7.0, 0.0), 1.0, (0.0, math.log(7.0))),
    (pow, (1e200, 2.0), INF, (2e200, INF)),
    (lambda x: x**0, (0.0,), 1.0, (0.0,)),
    (lambda x: x**0.0, (0.0,), 1.0, (0.0,)),
    (lambda x: x**0, (NAN,), 1.0, (0.0,)),
    (lambda x: x**1, (0.0,), 0.0, (1.0,)),
    (lambda x: x**2, (-3.0,), 9.0, (-6.0,)),  # log(−3) is never asked for
    (lambda x: x**3, (-2.0,), -8.0, (12.0,)),
    (lambda x: x**-1, (0.0,), INF, (-INF,)),
    (lambda x: x**0.5, (-2.0,), NAN, (NAN,)),
    (lambda x: x**2, (1e200,), INF, (2e200,)),
    (lambda x: x**x, (0.0,), 1.0, (-INF,)),  # x·log x
    (lambda x: 0**x, (0.0,), 1.0, (-INF,)),
    (lambda x: 0**x, (2.0,), 0.0, (0.0,)),
    (exp, (800.0,), INF, (INF,)),
    (exp, (-800.0,), 0.0, (0.0,)),
    (expm1, (800.0,), INF, (INF,)),
    (sinh, (800.0,), INF, (INF,)),
    (sinh, (-800.0,), -INF, (INF,)),
    (sigmoid, (-800.0,), 0.0, (0.0,)),
    (sigmoid, (800.0,), 1.0, (0.0,)),
    (softplus, (800.0,), 800.0, (1.0,)),
    (softplus, (-800.0,), 0.0, (0.0,)),
    (log_sigmoid, (-800.0,), -800.0, (1.0,)),
    (silu, (-INF,), -0.0, (0.0,)),
    (silu, (INF,), INF, (1.0,)),
    (silu, (NAN,), NAN, (NAN,)),
    (gelu, (-INF,), -0.0, (0.0,)),
    (gelu, (INF,), INF, (1.0,)),
    (gelu, (NAN,), NAN, (NAN,)),
    (softsign, (-INF,), -1.0, (0.0,)),
    (tanh, (INF,), 1.0, (0.0,)),
    (logsumexp, (1000.0, 1000.0), 1000.0 + math.log(2.0), (0.5, 0.5)),
    (logsumexp, (-1000.0, 0.0), 0.0, (0.0, 1.0)),
    (logsumexp, (-INF, 0.0), 0.0, (0.0, 1.0)),
    (lambda x, y: softmax([x, y], 0), (1000.0, 0.0), 1.0, (0.0, -0.0)),
    (lambda x: softmax([x], 0), (5.0,), 1.0, (0.0,)),
    (prod, (0.0, 3.0, 5.0), 0.0, (15.0, 0.0, 0.0)),
    (asin, (1.0,), math.pi / 2, (INF,)),
    (asin, (2.0,), NAN, (NAN,)),
    (acosh, (1.0,), 0.0, (INF,)),
    (acosh, (0.5,), NAN, (NAN,)),
    (atanh, (1.0,), INF, (INF,)),
    (atanh, (-1.0,), -INF, (INF,)),
    (atanh, (2.0,), NAN, (NAN,)),
    (atan2, (0.0, 0.0), 0.0, (NAN, NAN)),
    (hypot, (0.0, 0.0), 0.0, (0.0, 0.0)),  # least norm again
    (norm, (0.0, 0.0, 0.0), 0.0, (0.0, 0.0, 0.0)),
    (gamma, (0.0,), INF, (-INF,)),
    (gamma, (-0.0,), -INF, (-INF,)),
    (gamma, (-1.0,), NAN, (NAN,)),
    (gamma, (-1e-310,), -INF, (-INF,)),
    (gamma, (200.0,), INF, (INF,)),
    (lgamma, (0.0,), INF, (-INF,)),
    (digamma, (0.0,), -INF, (INF,)),
    (mod, (5.0, 0.0), NAN, (NAN, NAN)),
    (fmod, (INF, 2.0), NAN, (NAN, NAN)),
    (lambda x: x // 0, (1.0,), INF, (0.0,)),
    (where, (0.0, 1.0, 2.0), 2.0, (0.0, 0.0, 1.0)),
    (where, (-0.0, 1.0, 2.0), 2.0, (0.0, 0.0, 1.0)),
    (lambda x, y: x - y, (INF, INF), NAN, (1.0, -1.0)),
    (lambda x: x * 1e308, (1e308,), INF, (1e308,)),
    (mean, (1.0, INF), INF, (0.5, 0.5)),
]


@pytest.mark.parametrize(("f", "operands", "value", "derivatives"), POINTS)
def test_special_points(
    f: Callable[..., Any],
    operands: tuple[float, ...],
    value: float,
    derivatives: tuple[float, ...],
) -> None:
    got, found = slopes(f, *operands)
    assert same(got, value)
    for one, wanted in zip(found, derivatives, strict=True):
        # A gradient starts as 0.0, so that a slope of −0.0 arrives as 0.0.
        assert math.isnan(one) if math.isnan(wanted) else one == pytest.approx(wanted, rel=1e-15)


def test_pow_half_times_pow_half_is_x_and_no_zero_upstream_hides_an_infinity() -> None:
    # Skipping zero upstreams would give 0 here; the truth is 1, and nan admits ignorance.
    _, (slope,) = slopes(lambda x: x**0.5 * x**0.5, 0.0)
    assert math.isnan(slope)


@pytest.mark.parametrize(
    ("f", "true", "operands"),
    [
        (tanh, lambda x: mpmath.sech(x) ** 2, [18.0, 19.0, -20.0, 25.0, 300.0]),
        (sigmoid, lambda x: 1 / (mpmath.exp(x) + 2 + mpmath.exp(-x)), [30.0, -36.0, 40.0, 700.0]),
        (expm1, mpmath.exp, [-30.0, -700.0]),
        (TABLE["asinh"], lambda x: 1 / mpmath.sqrt(1 + x * x), [1e200, -1e160, 1e-200]),
        (acosh, lambda x: 1 / mpmath.sqrt(x * x - 1), [1e200, 1 + 2e-16]),
        (TABLE["sech"], lambda x: -mpmath.sech(x) * mpmath.tanh(x), [400.0, -700.0]),
        (softplus, lambda x: 1 / (1 + mpmath.exp(-x)), [-700.0, 40.0]),
        (log_sigmoid, lambda x: 1 / (1 + mpmath.exp(x)), [700.0, -40.0]),
        (lambda x: atan2(x, 1e-200), lambda x: mpf(1e-200) / (x * x + mpf(1e-200) ** 2), [1e-200]),
        (lambda x: hypot(x, 1e200), lambda x: x / mpmath.hypot(x, mpf(1e200)), [1e200]),
        (
            lambda x: softmax([x, 0.0], 0),
            lambda x: 1 / (mpmath.exp(x) + 2 + mpmath.exp(-x)),
            [35.0],
        ),
        (asin, lambda x: 1 / mpmath.sqrt(1 - x * x), [1 - 1e-15, -1 + 1e-16 * 3]),
        (atanh, lambda x: 1 / (1 - x * x), [1 - 1e-15]),
    ],
)
def test_derivatives_keep_their_digits_far_out(
    f: Callable[..., Any], true: Callable[[Any], Any], operands: list[float]
) -> None:
    for operand in operands:
        _, (got,) = slopes(f, operand)
        with mp.workdps(60):
            wanted = true(mpf(operand))
            assert error_in_ulps(got, wanted) <= 4.0


# A branch that is not taken contributes exactly nothing


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: where(step(x), log(x), 0.0), 0.0, 0.0),
        (lambda x: where(x > 0, log(x), 0.0), -1.0, 0.0),
        (lambda x: where(step(x), sqrt(x), x * x), 0.0, 0.0),
        (lambda x: where(step(x), x, 1 / x), 2.0, 1.0),
        (lambda x: where(step(-x), 1 / x, x), 0.0, 1.0),
        (lambda x: maximum(log(x), 1.0), 0.0, 0.0),
        (lambda x: minimum(1 / x, 2.0), 0.0, 0.0),
        (lambda x: max(log(x), 3.0, x), 0.0, 0.0),
        (lambda x: min(1 / x, 3.0 + x, 4.0), 0.0, 1.0),
        (lambda x: clip(1 / x, -1.0, 1.0), 0.0, 0.0),
        (lambda x: clip(x, log(x), 1.0), 0.0, 1.0),
        (lambda x: relu(log(x)), 0.0, 0.0),
        (lambda x: hardtanh(log(x)), 0.0, 0.0),
        (lambda x: step(log(x)), 0.0, 0.0),
        (lambda x: floor(1 / (x + 1)), 0.5, 0.0),
        (lambda x: compare(log(x), 0.0), 0.0, 0.0),
    ],
)
def test_no_nan_leaks_from_a_branch_not_taken(f: Callable[[Any], Any], x: float, slope: float) -> None:
    _, (got,) = slopes(f, x)
    assert got == slope
    with errstate("ignore"):
        leaf = Value(x)
        assert gradients(f(leaf), leaf).data == slope


def test_a_branch_not_taken_is_no_wire() -> None:
    x, y = Value(1.0), Value(2.0)
    node = maximum(x, y)
    assert node.parents == (x, y)
    assert node.local_grads == (0.0, 1.0)
    assert node._locals() == (None, 1.0)


def test_the_subgradient_of_a_composition_at_a_kink_lies_between_the_one_sided_slopes() -> None:
    for f, low, high in (
        (abs, -1.0, 1.0),
        (relu, 0.0, 1.0),
        (lambda x: maximum(x, 2 * x), 1.0, 2.0),
    ):
        _, (slope,) = slopes(f, 0.0)
        assert low <= slope <= high
