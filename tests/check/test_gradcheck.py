"""gradcheck accepts what is right and rejects what is not, however little it is off."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value, gradcheck, primitive
from autograd_lite.check import GradcheckError, difference
from autograd_lite.core.primitive import TABLE, Operand


@pytest.mark.parametrize("x", [0.3, -2.0, 1e-8, 1e4, 50.0])
@pytest.mark.parametrize(
    "f",
    [
        ag.sin,
        ag.tanh,
        lambda x: x**3 - 2 * x,
        lambda x: ag.exp(-x * x / 1e4),
        lambda x: x * x + 1e4,
    ],
)
def test_right_derivatives_pass(f: Any, x: float) -> None:
    report = gradcheck(f, x)
    assert report.ok
    assert len(report.entries) == 2


@pytest.mark.parametrize(
    "rule",
    [
        lambda x, z: ag.cos(x) * (1 + 1e-3),
        lambda x, z: ag.cos(x) * (1 + 1e-5),
        lambda x, z: -ag.cos(x),
        lambda x, z: ag.cos(x) + 1e-4,
        lambda x, z: 0.0 * x,
        lambda x, z: ag.cos(x) * math.nan,
    ],
)
def test_wrong_rules_fail(row: Any, rule: Any) -> None:
    wrong = row(math.sin, [rule])
    with pytest.raises(GradcheckError) as caught:
        gradcheck(wrong, 0.7)
    entry = caught.value.report.wrong[0]
    assert entry.input == "argument 0"
    assert entry.point == 0.7
    assert entry.difference == pytest.approx(math.cos(0.7))
    assert not entry.error <= entry.tolerance
    report = gradcheck(wrong, 0.7, raise_exception=False)
    assert not report
    assert len(report.wrong) == 2


def test_a_tiny_gradient_of_the_wrong_sign_fails(row: Any) -> None:
    tiny = row(lambda x: 1e-7 * math.sin(x), [lambda x, z: -1e-7 * ag.cos(x)])
    assert not gradcheck(tiny, 0.7, raise_exception=False)


def test_wrong_at_second_order_only(row: Any) -> None:
    flat = row(math.sin, [lambda x, z: math.cos(x.data if isinstance(x, Value) else x)])
    assert gradcheck(flat, 0.7)
    report = gradcheck(flat, 0.7, order=2, raise_exception=False)
    assert {entry.order for entry in report.wrong} == {2}
    assert gradcheck(lambda x: ag.sin(x) * x, 0.7, order=3)
    assert gradcheck(lambda x: 3.0 * x, 0.7, order=3)


def test_a_wrong_second_operand_is_named(row: Any) -> None:
    wrong = row(lambda x, y: x * y, [lambda x, y, z: y, lambda x, y, z: 1.001 * x])
    report = gradcheck(lambda p: wrong(p["a"], p["b"][0]), ({"a": 2.0, "b": [3.0]},), raise_exception=False)
    assert {entry.input for entry in report.wrong} == {"argument 0['b'][0]"}
    assert "argument 0['b'][0] = 3.0" in str(report)


def test_reverse_and_forward_are_told_apart() -> None:
    assert {e.mode for e in gradcheck(ag.sin, 1.0, modes=("forward",)).entries} == {"forward"}
    with pytest.raises(ValueError, match="modes"):
        gradcheck(ag.sin, 1.0, modes=("sideways",))
    with pytest.raises(ValueError, match="order"):
        gradcheck(ag.sin, 1.0, order=0)
    with pytest.raises(ValueError, match="eps"):
        gradcheck(ag.sin, 1.0, eps=0.0)


def test_values_captured_or_given_are_numbers_here() -> None:
    w = ag.parameter(2.0, "w")
    assert gradcheck(lambda x: w * x * x, 3.0)
    report = gradcheck(ag.sin, (Value(1.0, "x"),))
    assert {entry.input for entry in report.entries} == {"x"}


def test_a_users_row_named_like_a_builtin_breaks_no_other(row: Any) -> None:
    primitive("len", lambda x: x, [lambda x, z: 1.0], "a trap")
    try:
        assert ag.mean([Value(1.0), Value(2.0)]).local_grads == (0.5, 0.5)
    finally:
        del TABLE["len"]
        delattr(Operand, "len")


def test_plain_differences_by_request() -> None:
    assert gradcheck(ag.sin, 1.0, eps=1e-5)


def test_several_outputs_and_edges_of_domains() -> None:
    assert gradcheck(lambda x, y: [x * y, ag.log(x)], (0.01, 2.0))
    assert gradcheck(ag.sqrt, 1e-3)
    assert gradcheck(ag.asin, 0.999)
    assert gradcheck(ag.relu, 0.01)


@pytest.mark.parametrize(
    ("f", "slope", "x"),
    [
        (math.sin, math.cos, 0.4),
        (math.exp, math.exp, 3.0),
        (math.atan, lambda x: 1 / (1 + x * x), 40.0),
        (math.log, lambda x: 1 / x, 1e-3),
    ],
)
def test_the_difference_knows_its_own_error(f: Any, slope: Any, x: float) -> None:
    found, error = difference(f, x)
    assert abs(found - slope(x)) <= error <= 1e-6 * abs(slope(x))


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.log, -1.0), (ag.sqrt, 0.0), (ag.asin, 1.0), (ag.acos, 100.0), (ag.exp, 710.0),
        (lambda x: 1 / x, 0.0), (ag.log, 0.0), (ag.atanh, 1.0), (lambda x: x**0.5, -3.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("eps", [None, 1e-6])
def test_at_poles_and_outside_the_domain_nothing_agrees_and_nothing_crashes(
    f: Any, x: float, eps: float | None
) -> None:
    report = gradcheck(f, x, eps=eps, raise_exception=False)
    assert not report.ok
    assert {entry.verdict for entry in report.entries} <= {"outside", "cannot tell", "wrong"}
    assert str(report)
    with pytest.raises(ag.check.GradcheckError):
        gradcheck(f, x, eps=eps)


@pytest.mark.parametrize("claimed", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("eps", [None, 1e-6])
def test_a_derivative_that_is_not_finite_is_wrong_where_the_slope_is(
    claimed: float, eps: float | None
) -> None:
    bad = primitive("bad", lambda x: x * x, [lambda x, z: claimed], "a wrong rule", replace=True)
    try:
        report = gradcheck(bad, 1.0, eps=eps, raise_exception=False)
        assert [entry.verdict for entry in report.entries] == ["wrong", "wrong"]
        assert "WRONG" in str(report)
    finally:
        del TABLE["bad"]
        delattr(Operand, "bad")


def test_arrays_are_inputs() -> None:
    assert gradcheck(lambda w: w[0] * w[1], (np.array([2.0, 3.0]),)).ok
    report = gradcheck(lambda w: (w * w).sum(), (np.array([[1.0], [2.0]]),))
    assert {entry.input for entry in report.entries} == {"argument 0[0][0]", "argument 0[1][0]"}


def test_a_list_for_a_function_of_numbers_is_told_from_a_tuple() -> None:
    with pytest.raises(TypeError, match="inputs is a tuple with one entry per argument"):
        gradcheck(ag.sin, [1.0])


def test_nothing_to_check_is_an_error() -> None:
    with pytest.raises(ValueError, match="no output"):
        gradcheck(lambda x: [], 1.0)
    with pytest.raises(ValueError, match="nothing to differentiate by"):
        gradcheck(lambda x: 0.0, ([],))


@pytest.mark.parametrize(
    "setting",
    [
        {"order": 0}, {"order": 1.5}, {"order": "2"}, {"eps": "small"}, {"eps": 0.0}, {"eps": math.inf},
        {"rtol": "1e-6"}, {"rtol": math.nan}, {"atol": -1.0}, {"modes": "reverse"}, {"modes": ()},
        {"modes": ("back",)}, {"accept": "kink"}, {"raise_exception": "no"},
    ],
)  # fmt: skip
def test_a_setting_that_means_nothing_is_named(setting: Any) -> None:
    (name,) = setting
    with pytest.raises((TypeError, ValueError), match=f"{name} must"):
        gradcheck(ag.sin, 1.0, **setting)
