"""Parameters, settings and hints: what is accepted, and what an error names."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value
from autograd_lite.optim import SGD
from autograd_lite.support.hints import missing_name, refuse_arguments
from autograd_lite.support.settings import at_least_0, forget_gradients, whole_number


def test_data_without_a_gradient_is_no_parameter() -> None:
    arrays: list[Any] = [np.zeros(2)]  # .data is its memory
    with pytest.raises(TypeError, match="ndarray"):
        SGD(arrays)


def test_a_parameter_needs_no_name() -> None:
    optimizer = SGD([SimpleNamespace(data=1.0, grad=math.nan)])
    with pytest.raises(FloatingPointError, match=r"parameter 0 \(without a name\).* nan"):
        optimizer.step()


def test_numbers_of_all_kinds_become_plain_ones() -> None:
    whole: Any = np.int64(2)
    half: Any = np.float32(0.5)
    assert (whole_number("x", whole, 2, 2), at_least_0("x", half)) == (2, 0.5)
    assert type(whole_number("x", whole, 0)) is int
    assert {type(at_least_0("x", x)) for x in (whole, half, 2)} == {float}


@pytest.mark.parametrize(
    ("attempt", "error", "says"),
    [
        (lambda: whole_number("x", 2.0, 0), TypeError, r"x .* float \(2\.0\)"),  # type: ignore[arg-type]
        (lambda: whole_number("x", 1, 2), ValueError, "x .* at least 2, not 1"),
        (lambda: whole_number("x", 4, 2, 3), ValueError, "at least 2 and at most 3, not 4"),
        (lambda: at_least_0("x", "1"), TypeError, r"x .* str \('1'\)"),  # type: ignore[arg-type]
        (lambda: at_least_0("x", -0.5), ValueError, r"x .* 0 or greater, not -0\.5"),
        (lambda: at_least_0("x", math.inf), ValueError, "x .* finite .* not inf"),
        (lambda: at_least_0("x", math.nan), ValueError, "not nan"),
    ],
)
def test_another_number_is_named(attempt: Callable[[], Any], error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        attempt()


def test_gradients_are_forgotten_in_values_and_in_other_objects() -> None:
    w, other = Value(3.0), SimpleNamespace(data=1.0, grad=5.0)
    (w * w).backward()
    forget_gradients([w, other])
    assert (w.grad, w.swept, other.grad) == (0.0, False, 0.0)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("Old", ": use New"), ("NEWER", ": did you mean Newer?"), ("xyz", ""), ("__wrapped__", "")],
)
def test_a_missing_name_is_explained_where_that_is_possible(name: str, hint: str) -> None:
    error = missing_name("m", name, {"Old": "New"}, ["Newer"])
    assert str(error) == f"module 'm' has no attribute {name!r}{hint}"


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("seed", r"'seed'.*rng=random\.Random\(0\)"),
        ("activatoin", "activation"),
        ("qqq", "rng, activation"),
    ],
)
def test_an_unknown_argument_is_refused(argument: str, says: str) -> None:
    refuse_arguments("MLP", [], ["rng"])
    with pytest.raises(TypeError, match=says):
        refuse_arguments("MLP", [argument], ["rng", "activation"])
