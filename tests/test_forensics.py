"""Where a nan came from, and how far rounding may have gone."""

from __future__ import annotations

import math
import operator
from itertools import pairwise
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, errstate, exp, find_nonfinite, log, rounding, sqrt
from autograd_lite import sum as ag_sum
from autograd_lite.steps import backward_steps


def test_forward() -> None:
    x, y = Value(-1.0, "x"), Value(2.0, "y")
    with errstate("ignore"):
        bad = log(x)
        root = (bad * y + 1.0) * y
    found = find_nonfinite(root)
    assert found is not None
    assert (found.direction, found.node, found.operands) == ("forward", bad, (x,))
    assert found.path[0] is bad
    assert found.path[-1] is root
    assert all(a in b.parents for a, b in zip(found.path, found.path[1:], strict=False))
    assert "x = -1.0" in str(found)


def test_an_input_that_is_not_finite() -> None:
    x = Value(math.nan, "x")
    found = find_nonfinite(x * 2.0)
    assert found is not None
    assert found.node is x


def test_backward() -> None:
    x = Value(0.0, "x")
    with errstate("ignore"):
        root_of_x = sqrt(x)
        y = root_of_x * root_of_x + 1.0
    found = find_nonfinite(y)
    assert found is not None
    assert (found.direction, found.node) == ("backward", root_of_x)
    assert found.path == (x, root_of_x, y.parents[0], y)
    assert not y.swept


def test_contributions_that_overflow_together() -> None:
    x = Value(1e-10, "x")
    big = 1.5e308 * x
    found = find_nonfinite(big + big + big)
    assert found is not None
    assert found.direction == "backward"


def test_the_first_event_of_the_sweep_is_found() -> None:
    x, w = Value(1e-10, "x"), Value(0.0, "w")
    with errstate("ignore"):
        wide = 1e308 * x + 1e308 * x - 1.5e308 * x  # the gradient of x overflows in its second step
        y = wide + 0.0 * sqrt(w)
    found = find_nonfinite(y)
    assert found is not None
    first = next(s for s in backward_steps(y) if not math.isfinite(s.total))
    assert found.node in (first.node, first.parent)
    assert found.path[-1] is y
    assert all(a in b.parents for a, b in pairwise(found.path))


def test_all_finite() -> None:
    assert find_nonfinite(exp(Value(1.0)) * 2.0) is None


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
