"""The facts of rows that programs keep beside the table are those of the table."""

import inspect
import itertools
import math
from typing import Any

import pytest

from autograd_lite import TABLE
from autograd_lite.core.primitive import BUILT_IN
from autograd_lite.program import row_facts, rules
from autograd_lite.support.ieee import FLOAT_ERRORS

CORNERS = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, 30.0, -30.0, 1e-9, -1e-200)


def test_every_name_is_a_row() -> None:
    for names in (
        row_facts.LOOKS_AT_CONSTANTS, row_facts.CHOOSING, row_facts.REMAINDERS, row_facts.NATIVE_IN_JAX,
        row_facts.TAME,
    ):  # fmt: skip
        assert BUILT_IN.issuperset(names)


def test_rows_that_choose_by_a_place_are_known() -> None:
    found = {
        name
        for name in BUILT_IN
        if TABLE[name].arity is None and "index" in inspect.signature(TABLE[name].gather).parameters
    }
    assert found == {*row_facts.CHOOSING}


def recipe_value(recipe: Any, numbers: list[float]) -> Any:
    held = [*numbers]
    for row, sources in recipe.steps:
        held.append(row.ieee_value([held[p] if type(p) is int else p for p in sources]))
    return held[recipe.result] if type(recipe.result) is int else recipe.result


@pytest.mark.parametrize("name", sorted(name for name in BUILT_IN if (TABLE[name].arity or 0) > 1))
def test_a_recipe_without_the_number_of_a_constant_is_right_too(name: str) -> None:
    """So a new row whose rules look at a constant is only slower where it is not listed."""
    row = TABLE[name]
    count, wrong = row.arity or 0, 0
    for live in range(count):
        only = tuple(i == live for i in range(count))
        found = rules._recipes(row, only, (None,) * count)[live]
        assert found is not None
        for xs in itertools.product(*[CORNERS if each else (0.0, 1.0, 2.0, -0.5) for each in only]):
            z = row.ieee_value(xs)
            try:
                expected = row.local[live](*xs, z)
            except FLOAT_ERRORS:
                continue
            value = recipe_value(found, [*xs, z])
            assert math.isclose(value, expected, rel_tol=1e-9) or (value != value and expected != expected)
            wrong += not math.isclose(recipe_value(found, [*xs, z + 1e3]) + 1.0, expected, rel_tol=1e-9)
    assert wrong  # the comparison tells numbers apart


@pytest.mark.parametrize("name", sorted(row_facts.TAME))
def test_derivatives_of_tame_rows_are_finite(name: str) -> None:
    row = TABLE[name]
    for xs in itertools.product(CORNERS, repeat=min(row.arity or 2, 3)):
        z = row.ieee_value(xs)
        slopes = row.local[0](xs, z) if row.arity is None else [rule(*xs, z) for rule in row.local]
        assert all(map(math.isfinite, slopes)), (xs, slopes)


def test_what_is_asked_of_tame_rows_is_not_so_of_others() -> None:
    with pytest.raises(ZeroDivisionError):
        TABLE["sqrt"].local[0](0.0, 0.0)
    assert "sqrt" not in row_facts.TAME
