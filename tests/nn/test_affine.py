"""The written-out weighted sum is the row ``dot``, whatever its operands are."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Constant, Value, dot, no_grad, scope
from autograd_lite.nn.affine import Inputs, weighted_sum


class Named(Value):
    """A user's kind of Value."""

    __slots__ = ()


Kind = Callable[[float], Any]

KINDS: list[Kind] = [Value, Constant, float, Named]
PATTERNS = [*([kind] * 3 for kind in KINDS), [Value, float, Constant], [Value, int, Value]]
NUMBERS = st.one_of(
    st.floats(-1e3, 1e3),
    st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324, math.inf, -math.inf, math.nan]),
)
TRIPLES = st.tuples(NUMBERS, NUMBERS, NUMBERS)


def told(node: Value) -> tuple[Any, ...]:
    """All that a node says of itself, exactly: nan and the sign of zero are text."""
    row = None if node.op is None else node.op.name
    operands = [repr(p) if p.is_constant else id(p) for p in node.parents]
    return type(node), repr(node.data), row, repr(node.local_grads), node.scope, operands


def watched(make: Callable[[], Value]) -> tuple[tuple[Any, ...], list[str]]:
    with warnings.catch_warnings(record=True) as reports:
        warnings.simplefilter("always")
        node = make()
    return told(node), [str(each.message) for each in reports]


def agree(weights: list[Any], inputs: list[Any], bias: Any) -> None:
    if any(isinstance(p, Value) for p in (*weights, *inputs, bias)):
        assert watched(lambda: weighted_sum(weights, Inputs(inputs), bias)) == watched(
            lambda: dot(weights, inputs, bias)
        )


@given(TRIPLES, TRIPLES, NUMBERS, st.sampled_from([Value, float]))
def test_it_records_what_the_row_records(
    ws: tuple[float, ...], xs: tuple[float, ...], b: float, input_kind: Kind
) -> None:
    agree([Value(w) for w in ws], [input_kind(x) for x in xs], Value(b))


@pytest.mark.parametrize("bias_kind", KINDS)
@pytest.mark.parametrize("input_kinds", PATTERNS)
@pytest.mark.parametrize("weight_kinds", PATTERNS)
def test_it_takes_all_kinds_of_operands(
    weight_kinds: list[Kind], input_kinds: list[Kind], bias_kind: Kind
) -> None:
    for x in (3.0, math.inf):
        weights = [kind(w) for kind, w in zip(weight_kinds, (2.0, -1.0, 0.5), strict=True)]
        inputs = [kind(x) for kind, x in zip(input_kinds, (0.5, 7.0, -0.0), strict=True)]
        agree(weights, inputs, bias_kind(x))


@pytest.mark.parametrize("inputs", [[2.0, -3.0], [Value(2.0), Value(-3.0)], [2, Value(-3.0)]])
def test_blocks_hold_for_it_as_for_the_row(inputs: list[Any]) -> None:
    ws, b = [Value(0.5), Value(0.25)], Value(1.0)
    with scope("layer1"):
        assert told(weighted_sum(ws, Inputs(inputs), b)) == told(dot(ws, inputs, b))
    with no_grad():
        assert told(weighted_sum(ws, Inputs(inputs), b)) == told(dot(ws, inputs, b))


def test_the_inputs_are_the_sequence_they_were_made_from() -> None:
    x = Value(2.0)
    assert Inputs([1.0, x]) == (1.0, x)
    assert tuple(Inputs(iter((1, 2, 3)))) == (1, 2, 3)
    assert Inputs([]) == ()
