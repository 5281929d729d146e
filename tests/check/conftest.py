"""Rows on trial, right ones and wrong ones, that are gone after the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograd_lite import TABLE, Primitive, primitive
from autograd_lite.core.primitive import Operand


@pytest.fixture
def row() -> Iterator[Callable[..., Primitive]]:
    """Registers a row by its value and its rules."""
    made: list[Primitive] = []

    def register(value: Callable[..., float], rules: Any, **fields: Any) -> Primitive:
        made.append(primitive(f"on_trial_{len(made)}", value, rules, "a row on trial", **fields))
        return made[-1]

    yield register
    for each in made:
        del TABLE[each.name]
        delattr(Operand, each.name)
