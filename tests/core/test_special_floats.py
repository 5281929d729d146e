"""Infinities, nans, zeros with signs and subnormal numbers through every row and operator."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mpf

from autograd_lite import (
    TABLE,
    Constant,
    Primitive,
    Value,
    errstate,
    pow,
)
from autograd_lite.core.transforms import gradients

from ..support.references import BUILT_IN, call, error_in_ulps, held, nodes, same, written

INF, NAN = math.inf, math.nan
SPECIAL = [
    0.0, -0.0, 5e-324, -5e-324, 2.2e-308, 1e-200, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, -2.0, 3.0, 20.0,
    -20.0, 171.7, 710.5, -745.2, 1e16, 1e155, 1e308, -1e308, INF, -INF, NAN,
]  # fmt: skip
FEWER = [0.0, -0.0, 5e-324, 0.5, 1.0, -2.0, 3.0, 1e308, INF, -INF, NAN]

every_row = pytest.mark.parametrize("row", BUILT_IN.values(), ids=BUILT_IN)


def groups(row: Primitive) -> list[list[float]]:
    """Operands for a row out of the special floats: all of them, all pairs, triples of some."""
    size = row.arity or (4 if row.name == "dot" else 2)
    if size == 1:
        return [[x] for x in SPECIAL]
    pool = SPECIAL if size == 2 else FEWER if size == 3 else FEWER[::2]
    found = [list(xs) for xs in itertools.product(pool, repeat=size)]
    if row.name in ("softmax", "log_softmax", "take"):
        found = [[*xs, 0.0] for xs in found]
    return [[1.0, *xs[1:]] if held(row, xs) == {0} else xs for xs in found]


@every_row
def test_special_floats_never_raise_and_give_floats_through_every_door(row: Primitive) -> None:
    """And the recorded slopes are those of the derivative circuit.

    One exception is a value that is not defined: there the recorded slope says so.
    """
    with errstate("ignore"):
        for operands in groups(row):
            number = call(row, operands)
            given = nodes(row, operands)
            node = call(row, given)
            assert type(number) is type(node.data) is float
            assert same(node.data, number)
            slopes = node.local_grads
            assert all(type(d) is float for d in slopes)
            # By the circuit, y·x^(y−1) at y = 0 and a subnormal x is 0 · inf
            undefined = math.isnan(node.data) or (row is pow and operands[1] == 0)
            moving = [i for i, x in enumerate(given) if isinstance(x, Value)]
            for i, found in zip(moving, gradients(node, [given[i] for i in moving]), strict=True):
                assert type(found.data) is float
                if not undefined and not same(found.data, slopes[i]):
                    assert found.data == pytest.approx(slopes[i], rel=1e-14, nan_ok=True)


@every_row
def test_the_python_template_gives_the_same_bits_at_special_floats(row: Primitive) -> None:
    """Where the expression raises, as plain Python does, there is nothing to compare."""
    compared = 0
    with errstate("ignore"):
        for operands in groups(row):
            try:
                got = written(row, operands)
            except (ArithmeticError, ValueError):
                continue
            compared += 1
            assert same(got, call(row, operands)), operands
    assert compared > 2


@pytest.mark.parametrize("name", ["sinc_derivative", "polygamma"])
def test_an_order_that_is_no_whole_number_gives_nan(name: str) -> None:
    with errstate("ignore"):
        for order in (0.5, NAN, INF, -1.0):
            assert math.isnan(TABLE[name](order, 2.0))
            assert math.isnan(TABLE[name](order, Value(2.0)).data)


NUMPYS = [
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "square", "reciprocal",
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh",
    "atanh", "hypot", "abs", "sign", "floor", "ceil", "round", "fmod", "mod", "floor_divide", "add",
    "sub", "mul", "div", "pow", "neg", "pos", "maximum", "minimum", "where", "clip",
]  # fmt: skip
SPELLED = {
    "sub": "subtract", "mul": "multiply", "div": "divide", "pow": "power", "neg": "negative",
    "pos": "positive", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
}  # fmt: skip


@pytest.mark.parametrize("name", NUMPYS)
def test_special_values_are_numpys(name: str) -> None:
    function = getattr(np, SPELLED.get(name, name))
    row = TABLE[name]
    with np.errstate(all="ignore"), errstate("ignore"):
        for operands in groups(row):
            if name == "pow" and operands[1] == 0.5:
                continue  # NumPy takes sqrt here, which is not C's pow at −0.0 and −inf
            got, want = row(*operands), float(function(*map(np.float64, operands)))
            if math.isfinite(want) and want:
                assert error_in_ulps(got, mpf(want)) <= 3
            elif name in ("maximum", "minimum", "clip"):
                assert got == want or (math.isnan(got) and math.isnan(want))  # which zero is open
            else:
                assert same(got, want), operands


@given(x=st.floats(), y=st.floats())
@example(x=-0.0, y=0.0)
@example(x=1e308, y=-1e308)
def test_forward_values_are_plain_pythons_bit_for_bit(x: float, y: float) -> None:
    with errstate("ignore"):
        a, b = Value(x), Value(y)
        assert same((a + b).data, x + y)
        assert same((a - b).data, x - y)
        assert same((a * b).data, x * y)
        assert same((-a).data, -x)
        if y:
            assert same((a / b).data, x / y)
            assert same((a % b).data, x % y)
            assert same((a // b).data, x // y)
        try:
            plain = x**y
        except (OverflowError, ZeroDivisionError):
            return
        if isinstance(plain, float):
            assert same((a**b).data, plain)
            assert same((x**b).data, plain)
            assert same((a**y).data, plain)


# The operators that are written out are their rows

HOT: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("add", lambda x, y: x + y),
    ("sub", lambda x, y: x - y),
    ("mul", lambda x, y: x * y),
    ("div", lambda x, y: x / y),
]


def assert_same_node(node: Value, other: Value) -> None:
    assert type(node) is type(other)
    assert node.op is other.op
    assert same(node.data, other.data)
    assert len(node.parents) == len(other.parents)
    for p, q in zip(node.parents, other.parents, strict=True):
        assert p is q or (p.is_constant and q.is_constant and same(p.data, q.data))
    for d, e in zip(node._locals(), other._locals(), strict=True):
        assert e is None if d is None else e is not None and same(d, e)


def check_operators(x: float, y: float) -> None:
    a, b = Value(x), Value(y)
    whole = int(y) if math.isfinite(y) and math.fabs(y) < 1e6 else 3
    with errstate("ignore"):
        for name, operator in HOT:
            row = TABLE[name]
            assert_same_node(operator(a, b), Value._apply(row, (a, b)))
            assert_same_node(operator(a, a), Value._apply(row, (a, a)))
            assert_same_node(operator(a, y), Value._apply(row, (a, y)))
            assert_same_node(operator(x, b), Value._apply(row, (x, b)))
            assert_same_node(operator(a, whole), Value._apply(row, (a, whole)))
            if whole:  # 0 + a is a, the start of the builtin sum
                assert_same_node(operator(whole, a), Value._apply(row, (whole, a)))
            c = Constant(y)
            assert_same_node(operator(a, c), Value._apply(row, (a, c)))
            assert_same_node(operator(c, a), Value._apply(row, (c, a)))
            assert_same_node(operator(c, x), Value._apply(row, (c, x)))
        for exponent in (y, whole, b, c):
            assert_same_node(a**exponent, Value._apply(pow, (a, exponent)))
        assert_same_node(x**b, Value._apply(pow, (x, b)))
        assert_same_node(-a, Value._apply(TABLE["neg"], (a,)))


@pytest.mark.parametrize("x", SPECIAL)
def test_written_out_operators_are_their_rows_at_special_floats(x: float) -> None:
    for y in SPECIAL:
        check_operators(x, y)


@given(x=st.floats(), y=st.floats() | st.integers(-5, 5).map(float))
def test_written_out_operators_are_their_rows(x: float, y: float) -> None:
    check_operators(x, y)
