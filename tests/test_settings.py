"""What is taken for a parameter or a setting, and how an error speaks of it."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_lite.optim import SGD
from autograd_lite.support.settings import at_least_0, count


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
    assert (count("x", whole, 2, 2), at_least_0("x", half)) == (2, 0.5)
    assert type(count("x", whole, 0)) is int
    assert {type(at_least_0("x", x)) for x in (whole, half, 2)} == {float}


@pytest.mark.parametrize(
    ("attempt", "error", "says"),
    [
        (lambda: count("x", 2.0, 0), TypeError, r"x is a whole number, not float \(2\.0\)"),  # type: ignore[arg-type]
        (lambda: count("x", 1, 2), ValueError, "x is at least 2, not 1"),
        (lambda: count("x", 4, 2, 3), ValueError, "at least 2 and at most 3, not 4"),
        (lambda: at_least_0("x", "1"), TypeError, r"x is a number, not str \('1'\)"),  # type: ignore[arg-type]
        (lambda: at_least_0("x", -0.5), ValueError, r"x .* 0 or greater, not -0\.5"),
        (lambda: at_least_0("x", math.inf), ValueError, "x .* finite .* not inf"),
        (lambda: at_least_0("x", math.nan), ValueError, "not nan"),
    ],
)
def test_another_number_is_named(attempt: Callable[[], Any], error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        attempt()
