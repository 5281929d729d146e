"""Where a nan or an infinity came from."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

from autograd_lite import (
    Constant,
    Value,
    circuit,
    clip,
    errstate,
    exp,
    find_nonfinite,
    log,
    maximum,
    no_grad,
    relu,
    sqrt,
    step,
    where,
)
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


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: where(x, log(x), 2.0 * x), 0.0),
        (lambda x: maximum(x, log(x)) * 2.0, 0.0),
        (lambda x: clip(x, -math.inf, math.inf), 1.0),
        (lambda x: relu(1.0 / x) + x, -0.0),
        (lambda x: where(step(x), 1.0 / x, Constant(math.nan, "other")), 1.0),
    ],
)
def test_a_branch_that_is_not_taken_spoils_nothing(f: Any, x: float) -> None:
    with errstate("ignore"):
        root = f(Value(x, "x"))
    assert math.isfinite(root.data)
    assert find_nonfinite(root) is None
    assert circuit(root)  # now every number of the formula is a node
    assert find_nonfinite(root) is None


def test_the_path_runs_along_the_wires_that_the_sweep_walks() -> None:
    x = Value(0.0, "x")
    with errstate("ignore"):
        bad = log(x)
        taken, root = 3.0 * bad, None
        root = where(x, bad, 1.0) + taken
    found = find_nonfinite(root)
    assert found is not None
    assert found.path == (bad, taken, root)


def test_a_number_of_a_formula_belongs_to_its_operation() -> None:
    x = Value(1.0, "x")
    with errstate("ignore"):
        bad = x * math.inf
        root = bad + 1.0
    for _ in range(2):
        found = find_nonfinite(root)
        assert found is not None
        assert found.node is bad
        assert circuit(root)
    named = Constant(math.inf, "g")
    with errstate("ignore"):
        found = find_nonfinite(x + named)
    assert found is not None
    assert found.node is named


def test_what_was_made_without_recording_has_no_history() -> None:
    with errstate("ignore"):
        with no_grad():
            bad = log(Value(-1.0, "x"))
        root = Value(2.0) * bad
    found = find_nonfinite(root)
    assert found is not None
    assert found.node is root


def test_several_outputs() -> None:
    x = Value(0.0, "x")
    with errstate("ignore"):
        fine, bad = x + 1.0, log(x)
    for outputs in ([fine, bad], {"a": (fine,), "b": [bad]}):
        found = find_nonfinite(outputs)
        assert found is not None
        assert found.node is bad
    assert find_nonfinite((fine, fine)) is None
    mistaken: list[Any] = [3.0, [fine, 3.0], "text", [[]]]
    for wrong in mistaken:
        with pytest.raises((TypeError, ValueError), match="find_nonfinite"):
            find_nonfinite(wrong)
