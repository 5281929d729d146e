"""How far rounding may have gone: the true error is inside the bound, and the bound is no exaggeration."""

from __future__ import annotations

import operator
import statistics
from random import Random
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, errstate, exp, floor, maximum, mod, relu, rounding, sech, sqrt, where
from autograd_lite import sum as ag_sum

from ..support.grown import grown
from ..support.rounded import ROWS, bound_and_error


def test_random_circuits_stay_inside_the_bound_and_the_bound_is_near() -> None:
    """A short form; ``python -m tests.stress rounding`` tries as many as one likes."""
    random = Random(7)
    found = [pair for _ in range(250) if (pair := bound_and_error(grown(random, rows=ROWS))) is not None]
    assert len(found) > 150
    assert all(error <= bound for bound, error in found)
    assert statistics.median(bound / error for bound, error in found if error) < 100


def test_a_bound_that_leaves_an_operation_out_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd_lite.forensics import error_bound

    monkeypatch.setattr(error_bound, "_HALF_ULP", 2.0**-56)
    random = Random(7)
    found = [pair for _ in range(60) if (pair := bound_and_error(grown(random, rows=ROWS))) is not None]
    assert any(error > bound for bound, error in found)


@pytest.mark.parametrize(
    ("f", "exact"),
    [
        (lambda x: floor(x * 10.0), 6.0),  # 0.7 is a little less than 7/10, and 0.7 * 10.0 is 7.0
        (lambda x: where(x * 10.0 - 7.0, x, -x), 0.7),
        (lambda x: relu(x * 10.0 - 7.0) - relu(7.0 - x * 10.0), None),
        (lambda x: maximum(x * 10.0, 7.0) - 7.0, 0.0),
        (lambda x: exp(1e17 * (x * 10.0 - 7.0)), None),  # no line at all over that interval
    ],
)
def test_where_rounding_reaches_a_kink_a_jump_or_a_bend(f: Any, exact: float | None) -> None:
    y = f(Value(0.7))
    if exact is None:
        moved = mpmath.mpf(0.7) * 10 - 7
        exact = mpmath.exp(mpmath.mpf(10) ** 17 * moved) if y.op.name == "exp" else moved
    assert abs(exact - mpmath.mpf(y.data)) <= rounding(y).bound


def test_a_long_chain_needs_no_recursion() -> None:
    y: Any = Value(1.0)
    for _ in range(20_000):
        y = y * 1.0000001
    assert 0.0 < rounding(y).bound / y.data < 1e-11


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=8), st.data())
def test_the_bound_holds(numbers: list[float], data: Any) -> None:
    xs: list[Any] = [Value(x) for x in numbers]
    exact: list[Any] = [mpmath.mpf(x) for x in numbers]
    with mpmath.workdps(60), errstate("ignore"):
        for _ in range(data.draw(st.integers(1, 12))):
            i, j = (data.draw(st.integers(0, len(xs) - 1)) for _ in range(2))
            kind = data.draw(st.sampled_from("+-*es"))
            if kind == "e":
                xs.append(exp(xs[i] / 1e3))
                exact.append(mpmath.exp(exact[i] / 1000))
            elif kind == "s":
                xs.append(ag_sum([xs[i], xs[j], xs[i]]))
                exact.append(2 * exact[i] + exact[j])
            else:
                combine = {"+": operator.add, "-": operator.sub, "*": operator.mul}[kind]
                xs.append(combine(xs[i], xs[j]))
                exact.append(combine(exact[i], exact[j]))
            if not abs(xs[-1].data) < 1e100:
                return
        error = abs(exact[-1] - mpmath.mpf(xs[-1].data))
        bound = rounding(xs[-1]).bound
    assert error <= bound * (1 + 1e-6) + 1e-300


def test_the_largest_cause_comes_first() -> None:
    x = Value(1.0, "x")
    big = x + 1e16
    y = (big - 1e16) + x
    report = rounding(y)
    assert report.causes[0][0] is big
    assert report.bound >= 1.0
    assert "±" in str(report)
    assert rounding(-x).bound == 0.0


@pytest.mark.parametrize("n", [10, 1000])
def test_a_sum_counts_its_additions(n: int) -> None:
    y = ag_sum([Value(0.1) for _ in range(n)])
    with mpmath.workdps(40):
        assert abs(mpmath.mpf(0.1) * n - y.data) <= rounding(y).bound


def test_what_is_exact_has_no_error() -> None:
    x = Value(0.3, "x")
    with errstate("ignore"):
        assert rounding(sqrt(relu(Value(-1.0)))).bound < 1e-300  # whatever the slope
    assert rounding(x).bound == rounding(-abs(x)).bound == rounding(maximum(x, 0.1)).bound == 0.0


def test_it_shows_its_causes() -> None:
    report = rounding((Value(1.0, "x") + 1e16) - 1e16)
    assert "add(x = 1.0" in report.table()
    assert "<table>" in report._repr_html_()
    with pytest.raises(TypeError, match="rounding"):
        rounding("a number")  # type: ignore[arg-type]  # what is refused


def test_the_far_end_of_an_interval_is_not_the_edge_of_a_jump_inside_it() -> None:
    """−1 mod y is nearly 1 just below y = 1, less farther below, and 0 at 1, to which y is rounded."""
    root = mod(Value(-1.0), sech(Value(1e-9)))
    assert root.data == 0.0
    assert rounding(root).bound >= 1.0
