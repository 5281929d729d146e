"""Special functions against mpmath, in a precision where its answer is beyond doubt."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd_lite import special
from autograd_lite.special import gammas

Real = Any  # an mpmath number

NAN, INF = math.nan, math.inf
TINIEST, SMALLEST_NORMAL = 5e-324, 2.2250738585072014e-308
EDGES = [
    0.0, TINIEST, 1e-310, SMALLEST_NORMAL, 1e-200, 1e-16, 1e-9, 0.25, 0.5, 1.0, 1.5, 2.0, 36.7,
    40.0, 709.7, 709.8, 745.1, 745.2, 800.0, 1023.999, 1074.0, 1075.0, 2.0**52 + 1, 2.0**53, 1e16,
    1e155, 1e308, 1.7976931348623157e308, INF,
]  # fmt: skip
ALL_EDGES = [*EDGES, *(-x for x in EDGES), NAN]

any_float = st.floats()
any_size = st.builds(
    lambda m, e, s: s * math.ldexp(m, e),
    st.floats(0.5, 1.0, exclude_max=True),
    st.integers(-1073, 1024),
    st.sampled_from([-1.0, 1.0]),
)


def error_in_ulps(got: float, true: Real) -> float:
    """How far ``got`` is from the true value, in units in the last place of the rounded truth."""
    rounded = float(true)
    if math.isinf(rounded) or not math.isfinite(got):
        return 0.0 if got == rounded else INF
    return float(abs(mpmath.mpf(got) - true) / math.ulp(rounded))


def error_beside(got: float, true: Real, scale: Real) -> float:
    """The error beside the larger of the truth and a scale of its making; subnormals count as one
    unit in their last place."""
    rounded = float(true)
    if math.isinf(rounded) or not math.isfinite(got):
        return 0.0 if got == rounded else INF
    error = abs(mpmath.mpf(got) - true)
    return 0.0 if error <= TINIEST else float(error / max(abs(true), abs(scale)))


def same(got: float, want: float) -> bool:
    """Equal as IEEE data: nan is nan, and zeros have signs."""
    if math.isnan(want):
        return math.isnan(got)
    return got == want and math.copysign(1.0, got) == math.copysign(1.0, want)


def test_the_measures_see_small_errors() -> None:
    third = mpmath.mpf(1) / 3
    assert error_in_ulps(1 / 3, third) < 0.5 < 1 < error_in_ulps(1 / 3 + 2e-16, third)
    assert error_beside(1 / 3 + 1e-13, third, third) > 1e-13
    assert error_in_ulps(NAN, third) == error_beside(NAN, third, third) == INF
    assert error_in_ulps(1e308, mpmath.mpf(10) ** 400) == INF
    assert not same(0.0, -0.0)


# Elementary functions


def mp_softplus(x: Real) -> Real:
    return mpmath.log1p(mpmath.exp(x))


def mp_cbrt(x: Real) -> Real:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def mp_norm_cdf(x: Real) -> Real:
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


Row = tuple[Callable[[float], float], Callable[[Real], Real], float, float]
# Function, reference, units in the last place allowed, where to look. The C library's
# own erfc is out by up to 3 units on some platforms.
ELEMENTARY: dict[str, Row] = {
    "sigmoid": (special.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), 2.5, 800.0),
    "softplus": (special.softplus, mp_softplus, 2.0, 800.0),
    "log_sigmoid": (special.log_sigmoid, lambda x: -mp_softplus(-x), 2.0, 800.0),
    "sech": (special.sech, mpmath.sech, 2.5, 800.0),
    "exp2": (special.exp2, lambda x: mpmath.mpf(2) ** x, 1.0, 1100.0),
    "exp2 fallback": (special._exp2_fallback, lambda x: mpmath.mpf(2) ** x, 1.0, 1023.9),
    "cbrt": (special.cbrt, mp_cbrt, 0.51, 1e308),
    "gaussian": (special.gaussian, lambda x: mpmath.exp(-(x**2)), 2.5, 1e308),
    "norm_pdf": (special.norm_pdf, mpmath.npdf, 4.0, 1e308),
    "norm_cdf": (special.norm_cdf, mp_norm_cdf, 4.0, 45.0),
}


def hold_elementary(name: str, x: float) -> None:
    function, reference, allowed, _ = ELEMENTARY[name]
    # Enough digits for 1 + exp(-800), and for 1 beside 1e-323.
    with mpmath.workdps(800):
        assert error_in_ulps(function(x), reference(mpmath.mpf(x))) <= allowed, (name, x)


@pytest.mark.parametrize("name", ELEMENTARY)
def test_elementary_at_fixed_points(name: str) -> None:
    limit = ELEMENTARY[name][3]
    for x in ALL_EDGES:
        if abs(x) <= limit:
            hold_elementary(name, x)


@given(name=st.sampled_from(sorted(ELEMENTARY)), data=st.data())
def test_elementary_anywhere(name: str, data: st.DataObject) -> None:
    limit = ELEMENTARY[name][3]
    size = st.sampled_from([1.0, 40.0, limit]).flatmap(lambda b: st.floats(-b, b))
    hold_elementary(name, data.draw(size | any_size.filter(lambda x: abs(x) <= limit), label="x"))


@given(st.floats(1e-300, 1e15) | st.floats(0.5, 2.5) | st.sampled_from([1.0, 2.0, 2.5, 10.0]))
@example(1.0 + 2.0**-52)
@example(2.0 - 2.0**-52)
def test_lgamma_of_positive_numbers(x: float) -> None:
    true = mpmath.loggamma(mpmath.mpf(x))
    assert error_in_ulps(special.lgamma(x), true) <= 4.0


def test_lgamma_elsewhere() -> None:
    assert special.lgamma(math.inf) == special.lgamma(-math.inf) == math.inf
    assert math.isnan(special.lgamma(math.nan))
    assert special.lgamma(-0.5) == math.lgamma(-0.5)
    assert [special.lgamma(x) for x in (0.0, -0.0, -1.0, 1e308)] == [math.inf] * 4


@pytest.mark.parametrize(
    ("name", "at_minus_inf", "at_minus_800", "at_800", "at_inf"),
    [
        ("sigmoid", 0.0, 0.0, 1.0, 1.0),
        ("softplus", 0.0, 0.0, 800.0, INF),
        ("log_sigmoid", -INF, -800.0, 0.0, 0.0),
        ("sech", 0.0, 0.0, 0.0, 0.0),
        ("norm_cdf", 0.0, 0.0, 1.0, 1.0),
        ("exp2", 0.0, 2.0**-800, 2.0**800, INF),
        ("cbrt", -INF, -special.cbrt(800.0), special.cbrt(800.0), INF),
    ],
)
def test_elementary_far_out(
    name: str, at_minus_inf: float, at_minus_800: float, at_800: float, at_inf: float
) -> None:
    function = ELEMENTARY[name][0]
    # log_sigmoid(800) is -exp(-800), which rounds to a zero of either sign.
    assert function(-INF) == at_minus_inf
    assert function(-800.0) == at_minus_800
    assert function(800.0) == at_800
    assert function(INF) == at_inf
    assert math.isnan(function(NAN))


def test_sigmoid_is_exp_where_it_underflows() -> None:
    assert special.sigmoid(-740.0) == math.exp(-740.0) > 0.0
    assert special.softplus(-740.0) == math.exp(-740.0)
    assert special.log_sigmoid(740.0) == -math.exp(-740.0)


def test_exp2_overflows_to_infinity() -> None:
    assert special.exp2(1024.0) == special.exp2(1e308) == INF
    assert special.exp2(-1e308) == 0.0
    assert special.exp2(-1074.0) == TINIEST


def test_exp2_without_the_standard_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(special, "_exp2", special._exp2_fallback)
    assert [special.exp2(x) for x in (10.0, 1024.0, -1e308, INF)] == [1024.0, INF, 0.0, INF]
    assert math.isnan(special.exp2(NAN))


def test_cbrt_keeps_the_sign_of_zero() -> None:
    assert same(special.cbrt(0.0), 0.0)
    assert same(special.cbrt(-0.0), -0.0)


@given(st.integers(-200_000, 200_000))
def test_cbrt_of_a_cube_is_exact(k: int) -> None:
    assert special.cbrt(float(k**3)) == k


# logsumexp


@given(st.lists(st.floats(-800.0, 800.0) | st.floats(-1.0, 1.0), min_size=1, max_size=8))
def test_logsumexp(xs: list[float]) -> None:
    with mpmath.workdps(800):
        true = mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(x)) for x in xs))
        # It can cancel only down to the log of the number of terms.
        assert error_beside(special.logsumexp(xs), true, max(xs)) < 1e-15 * (1 + len(xs))


@pytest.mark.parametrize(
    ("xs", "want"),
    [
        ([], -INF),
        ([-INF], -INF),
        ([-INF, -INF], -INF),
        ([-INF, 3.0], 3.0),
        ([INF], INF),
        ([INF, -INF, 0.0], INF),
        ([INF, INF], INF),
        ([0.0, NAN], NAN),
        ([NAN, 0.0], NAN),
        ([INF, NAN], NAN),
        ([0.1], 0.1),
        ([1e308, -1e308], 1e308),
        ([1.7976931348623157e308] * 2, 1.7976931348623157e308),
        ([-800.0] * 2, -800.0 + math.log(2.0)),
        ([0.0, -40.0], math.exp(-40.0)),
    ],
)
def test_logsumexp_at_edges(xs: list[float], want: float) -> None:
    assert same(special.logsumexp(xs), want)
    assert same(special.logsumexp(iter(xs)), want)


# polygamma


def hold_polygamma(n: int, x: float, tolerance: float = 1e-14) -> None:
    with mpmath.workdps(60 if abs(x) > 1e-30 else 400):
        true = mpmath.psi(n, mpmath.mpf(x))
        # The larger part of the reflection formula, or for positive x of the recurrence.
        scale = mpmath.psi(n, 1 - mpmath.mpf(x)) if x < 0 else true
        got = special.polygamma(n, x)
        assert error_beside(got, true, scale) < tolerance * max(1.0, n / 10), (n, x)


orders = st.integers(0, 12)


@given(orders, st.floats(0.0, 3.0, exclude_min=True) | st.floats(3.0, 60.0))
def test_polygamma_of_positive_numbers(n: int, x: float) -> None:
    hold_polygamma(n, x, 3e-15)


@given(st.integers(0, 4), any_size)
def test_polygamma_of_any_size(n: int, x: float) -> None:
    hold_polygamma(n, abs(x))


@given(orders, st.floats(-60.0, 0.0).filter(lambda x: not x.is_integer()))
def test_polygamma_of_negative_numbers(n: int, x: float) -> None:
    hold_polygamma(n, x)


@given(st.integers(0, 4), st.integers(-(2**44), -(2**10)), st.integers(1, 63))
def test_polygamma_far_below_zero_reduces_its_argument_exactly(n: int, k: int, part: int) -> None:
    x = k + part / 64
    with mpmath.workdps(60):
        y = 1 - mpmath.mpf(x)
        far = mpmath.zeta(n + 1, y) * math.factorial(n) if n else mpmath.psi(0, y)
        cot = mpmath.diff(lambda t: mpmath.pi * mpmath.cot(mpmath.pi * t), part / mpmath.mpf(64), n)
        true = (-far if n else far) - cot
    assert error_beside(special.polygamma(n, x), true, far) < 1e-14


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 10])
@pytest.mark.parametrize("x", [0.5, 1.0, 9.999, 10.0, 1e-5, 1e10, 1e22, -0.5, -1.5, -1e-8, -41.25])
def test_polygamma_at_fixed_points(n: int, x: float) -> None:
    hold_polygamma(n, x)


@pytest.mark.parametrize("n", [20, 50, 100])
@pytest.mark.parametrize("x", [0.7, 3.3, 70.0, 1e4, -0.7, -3.3])
def test_polygamma_of_high_order(n: int, x: float) -> None:
    hold_polygamma(n, x)


roots = st.sampled_from([root for root, _ in gammas._DIGAMMA_ROOTS])


@given(roots, st.floats(-17.0, -0.5), st.sampled_from([-1.0, 1.0]))
def test_digamma_keeps_its_digits_near_its_zeros(root: float, exponent: float, side: float) -> None:
    x = root + side * 0.2 * 10.0**exponent
    with mpmath.workdps(60):
        assert error_in_ulps(special.polygamma(0, x), mpmath.psi(0, mpmath.mpf(x))) < 8


@pytest.mark.parametrize(("root", "rest"), gammas._DIGAMMA_ROOTS)
def test_digamma_changes_sign_at_its_zeros(root: float, rest: float) -> None:
    with mpmath.workdps(60):
        true = mpmath.findroot(mpmath.digamma, mpmath.mpf(root))
        assert abs(mpmath.mpf(root) + mpmath.mpf(rest) - true) < 1e-31
        for x in (math.nextafter(root, -INF), root, math.nextafter(root, INF)):
            assert error_in_ulps(special.polygamma(0, x), mpmath.psi(0, mpmath.mpf(x))) < 4


@pytest.mark.parametrize(
    ("n", "x", "want"),
    [
        (0, 0.0, -INF), (0, -0.0, INF), (0, -1.0, NAN), (0, -7.0, NAN), (0, -1e300, NAN),
        (1, 0.0, INF), (1, -0.0, INF), (1, -1.0, INF), (1, -1e300, INF),
        (2, 0.0, -INF), (2, -0.0, INF), (2, -1.0, NAN), (3, -2.0, INF), (4, -2.0, NAN),
        (0, INF, INF), (1, INF, 0.0), (2, INF, -0.0), (3, INF, 0.0), (4, INF, -0.0),
        (0, -INF, NAN), (1, -INF, NAN), (0, NAN, NAN), (5, NAN, NAN),
        (0, TINIEST, -INF), (0, -TINIEST, INF), (1, -TINIEST, INF), (2, TINIEST, -INF),
        (2, -1e-200, INF), (3, 1e-100, INF), (4, 1e200, -0.0), (0, -(2.0**52), NAN),
    ],
)  # fmt: skip
def test_polygamma_at_edges(n: int, x: float, want: float) -> None:
    assert same(special.polygamma(n, x), want)


@given(orders, st.floats(0.01, 20.0) | st.floats(-20.0, -0.01))
def test_polygamma_climbs_by_its_recurrence(n: int, x: float) -> None:
    if x.is_integer() or (x + 1.0) - x != 1.0 or (x + 1.0).is_integer():
        return
    here, there = special.polygamma(n, x), special.polygamma(n, x + 1.0)
    step = (-1.0) ** n * math.factorial(n) / x ** (n + 1)
    assert math.isclose(there - here, step, rel_tol=1e-11, abs_tol=2e-14 * max(map(abs, (here, there))))


# sinc


def mp_sinc_derivative(n: int, x: Real) -> Real:
    """From sinc(x) as the mean of cos(pi x u) over u in [0, 1]; no recurrence and no division."""
    panels = mpmath.linspace(0, 1, 2 + int(abs(x) / 4))
    return mpmath.pi**n * mpmath.quad(
        lambda u: u**n * mpmath.cos(mpmath.pi * x * u + n * mpmath.pi / 2), panels, method="gauss-legendre"
    )


def hold_sinc(n: int, x: float, true: Real) -> None:
    """Within a few units of the envelope of the oscillation, which is also that of the zeros."""
    envelope = math.pi**n * min(1.0 / (n + 1), 1.0 / max(1.0, abs(math.pi * x)))
    if n % 2 and abs(x) < 0.1:
        envelope = 0.0
    assert error_beside(special.sinc_derivative(n, x), true, envelope) < 2e-15, (n, x)


@given(st.integers(0, 10), st.floats(-6.0, 6.0))
def test_sinc_derivatives(n: int, x: float) -> None:
    # The quadrature of an odd order needs digits below x.
    with mpmath.workdps(40):
        if abs(x) > 1e-15:
            hold_sinc(n, x, mp_sinc_derivative(n, mpmath.mpf(x)))


@pytest.mark.parametrize("n", range(11))
def test_sinc_derivatives_near_their_change_of_method(n: int) -> None:
    with mpmath.workdps(40):
        for x in ((n + 1) / math.pi, n / math.pi, float(n), n + 0.25, 1e-9):
            for near in (math.nextafter(x, 0.0), x, math.nextafter(x, INF)):
                if near > 1e-15:
                    hold_sinc(n, near, mp_sinc_derivative(n, mpmath.mpf(near)))


@given(st.integers(0, 5), st.floats(0.5, 1.0, exclude_max=True), st.integers(4, 1024))
def test_sinc_derivatives_far_out(n: int, m: float, e: int) -> None:
    x = math.ldexp(m, e)
    with mpmath.workdps(400):
        t = mpmath.pi * mpmath.mpf(x)
        # The Leibniz sum over derivatives of sin(t) and of 1/t.
        true = mpmath.pi**n * mpmath.fsum(
            mpmath.binomial(n, k)
            * mpmath.sin(t + (n - k) * mpmath.pi / 2)
            * (-1) ** k
            * mpmath.factorial(k)
            / t ** (k + 1)
            for k in range(n + 1)
        )
        hold_sinc(n, x, true)


@given(
    st.integers(0, 10),
    st.integers(-1073, -20) | st.integers(-34, -20),
    st.floats(0.5, 1.0, exclude_max=True),
)
@example(n=0, e=-23, m=0.75)
@example(n=1, e=-23, m=0.75)
@example(n=5, e=-1028, m=0.5)
def test_sinc_derivatives_close_to_zero(n: int, e: int, m: float) -> None:
    x = math.ldexp(m, e)
    with mpmath.workdps(60):
        # The first two terms of the power series; the third is below 1e-24 of the first.
        p = mpmath.pi * mpmath.mpf(x)
        first = mpmath.pi**n * (mpmath.mpf(1) / (n + 1) if n % 2 == 0 else p / (n + 2))
        ratio = (mpmath.mpf(n + 1) / (n + 3) if n % 2 == 0 else mpmath.mpf(n + 2) / (n + 4) / 3) / 2
        true = first * (1 - ratio * p**2) * (-1) ** ((n + 1) // 2)
    hold_sinc(n, x, true)


@pytest.mark.parametrize("k", [1, 2, 3, 10, 1001, 2**52 + 1, 2**60, 10**300])
def test_sinc_at_whole_numbers(k: int) -> None:
    assert same(special.sinc_derivative(0, float(k)), 0.0)
    assert same(special.sinc_derivative(0, float(-k)), 0.0)
    assert special.sinc_derivative(1, float(k)) == (-1.0) ** int(float(k)) / float(k)


@pytest.mark.parametrize("n", range(8))
def test_sinc_at_edges(n: int) -> None:
    at_zero = [1.0, 0.0, -(math.pi**2) / 3, 0.0, math.pi**4 / 5, 0.0, -(math.pi**6) / 7, 0.0][n]
    assert same(special.sinc_derivative(n, 0.0), at_zero)
    assert same(special.sinc_derivative(n, -0.0), at_zero)
    assert special.sinc_derivative(n, INF) == special.sinc_derivative(n, -INF) == 0.0
    assert math.isnan(special.sinc_derivative(n, NAN))


@given(st.integers(0, 12), st.floats(allow_nan=False))
def test_sinc_derivatives_are_even_or_odd(n: int, x: float) -> None:
    assert special.sinc_derivative(n, -x) == (-1.0) ** n * special.sinc_derivative(n, x)


# All of them


def test_nothing_raises_on_a_float() -> None:
    for name, function in inspect.getmembers(special, inspect.isfunction):
        if name.startswith("_") or name in ("place", "take", "divide", "power", "whole_order"):
            continue
        for x in ALL_EDGES:
            if name == "logsumexp":
                results = [function([x, y]) for y in ALL_EDGES]
            elif name in ("logaddexp", "unit", "largest", "smallest"):
                results = [function(x, y) for y in ALL_EDGES]
            elif name in ("log_softmax", "softmax"):
                results = [function(x, y, i) for y in ALL_EDGES for i in (0, 1)]
            elif "order" in inspect.signature(function).parameters:
                results = [function(n, x) for n in (0, 1, 2, 3, 4, 10, 11, 100)]
            else:
                results = [function(x)]
            assert all(type(r) is float for r in results), (name, x)
            assert not math.isnan(x) or all(map(math.isnan, results)), name


@given(any_float)
def test_what_is_nan_comes_from_nan_or_a_pole(x: float) -> None:
    for name, (function, *_) in ELEMENTARY.items():
        if name != "exp2 fallback":
            assert math.isnan(function(x)) == math.isnan(x)
    assert math.isnan(special.sinc_derivative(3, x)) == math.isnan(x)


@pytest.mark.parametrize("function", [special.polygamma, special.sinc_derivative])
@pytest.mark.parametrize("n", [-1, 101])
def test_orders_out_of_reach_say_so(function: Callable[[int, float], float], n: int) -> None:
    with pytest.raises(ValueError, match=str(n)):
        function(n, 0.5)


def test_a_place_is_a_whole_number_below_the_count() -> None:
    assert special.place(2.0, 3) == 2
    for bad in (-1.0, 3.0, 0.5, math.inf, math.nan):
        with pytest.raises((IndexError, OverflowError, ValueError)):
            special.place(bad, 3)
