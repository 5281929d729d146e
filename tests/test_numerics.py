"""Numbers at the edges: infinities, nans, zeros with signs, kinks, ties, branches not taken."""

from __future__ import annotations

import inspect
import itertools
import math
import threading
import warnings
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd_lite import (
    TABLE,
    Constant,
    NonFiniteError,
    Primitive,
    Value,
    abs,
    acosh,
    asin,
    atan2,
    atanh,
    cbrt,
    clip,
    compare,
    digamma,
    div,
    errstate,
    exp,
    expm1,
    floor,
    fmod,
    gamma,
    gelu,
    hardtanh,
    hypot,
    lgamma,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logsumexp,
    max,
    maximum,
    mean,
    min,
    minimum,
    mod,
    norm,
    polygamma,
    pow,
    prod,
    reciprocal,
    relu,
    sigmoid,
    sign,
    silu,
    sinc_derivative,
    sinh,
    softmax,
    softplus,
    softsign,
    sqrt,
    step,
    tanh,
    where,
)
from autograd_lite.transforms import gradients

from .references import BUILT_IN, UNIT, call, error_in_ulps, held, nodes, same

INF, NAN = math.inf, math.nan
SPECIAL = [
    0.0, -0.0, 5e-324, -5e-324, 2.2e-308, 1e-200, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, -2.0, 3.0, 20.0,
    -20.0, 171.7, 710.5, -745.2, 1e16, 1e155, 1e308, -1e308, INF, -INF, NAN,
]  # fmt: skip
FEWER = [0.0, -0.0, 5e-324, 0.5, 1.0, -2.0, 3.0, 1e308, INF, -INF, NAN]

every_row = pytest.mark.parametrize("row", BUILT_IN.values(), ids=BUILT_IN)


def slopes(f: Callable[..., Any], *operands: float) -> tuple[float, tuple[float, ...]]:
    """Value and derivatives, nothing reported, by a sweep; no node may be anything but a float."""
    with errstate("ignore"):
        xs = [Value(x) for x in operands]
        y = f(*xs)
        y.backward()
    assert type(y.data) is float
    return y.data, tuple(x.grad for x in xs)


# Value, then derivatives. Where the choice is the project's, the comment says what it follows.
POINTS: list[tuple[Callable[..., Any], tuple[float, ...], float, tuple[float, ...]]] = [
    (abs, (0.0,), 0.0, (0.0,)),  # kink: the subgradient of least norm
    (abs, (-0.0,), 0.0, (0.0,)),
    (abs, (NAN,), NAN, (NAN,)),
    (sign, (NAN,), NAN, (0.0,)),
    (sign, (-0.0,), 0.0, (0.0,)),
    (relu, (0.0,), 0.0, (0.0,)),
    (relu, (5e-324,), 5e-324, (1.0,)),
    (relu, (NAN,), NAN, (NAN,)),
    (relu, (-INF,), 0.0, (0.0,)),
    (hardtanh, (1.0,), 1.0, (0.0,)),
    (hardtanh, (NAN,), NAN, (NAN,)),
    (maximum, (2.0, 2.0), 2.0, (0.5, 0.5)),  # a tie is split evenly
    (minimum, (2.0, 2.0), 2.0, (0.5, 0.5)),
    (maximum, (INF, INF), INF, (0.5, 0.5)),
    (maximum, (NAN, 1.0), NAN, (NAN, NAN)),
    (maximum, (1.0, NAN), NAN, (NAN, NAN)),
    (minimum, (NAN, 1.0), NAN, (NAN, NAN)),
    (minimum, (1.0, NAN), NAN, (NAN, NAN)),
    (max, (2.0, 1.0, 2.0), 2.0, (0.5, 0.0, 0.5)),
    (min, (2.0, 2.0, 2.0, 2.0), 2.0, (0.25,) * 4),
    (max, (1.0, NAN), NAN, (NAN, NAN)),
    (min, (NAN, 1.0), NAN, (NAN, NAN)),
    (lambda x: maximum(x, x), (3.0,), 3.0, (1.0,)),
    (lambda x: max(x, x, x), (3.0,), 3.0, (1.0,)),
    (lambda x: minimum(x, x), (3.0,), 3.0, (1.0,)),
    (clip, (0.0, 0.0, 1.0), 0.0, (0.0, 1.0, 0.0)),  # at a bound the bound is taken
    (clip, (1.0, 0.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    (clip, (0.5, 2.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    (clip, (NAN, 0.0, 1.0), NAN, (NAN, NAN, NAN)),
    (clip, (0.5, NAN, 1.0), NAN, (NAN, NAN, NAN)),
    (clip, (0.5, 0.0, NAN), NAN, (NAN, NAN, NAN)),
    (clip, (INF, 0.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    (lambda x: clip(x, x, 5.0), (3.0,), 3.0, (1.0,)),
    (lambda x: clip(x, x, x), (3.0,), 3.0, (1.0,)),
    (sqrt, (0.0,), 0.0, (INF,)),  # the limit
    (sqrt, (-1.0,), NAN, (NAN,)),
    (sqrt, (INF,), INF, (0.0,)),
    (lambda x: sqrt(x) ** 2, (0.0,), 0.0, (NAN,)),  # 0 · inf is never silently 0
    (lambda x: sqrt(x * x), (0.0,), 0.0, (NAN,)),
    (lambda x: sqrt(x) * sqrt(x), (0.0,), 0.0, (NAN,)),
    (cbrt, (0.0,), 0.0, (INF,)),
    (log, (0.0,), -INF, (INF,)),
    (log, (-0.0,), -INF, (-INF,)),
    (log, (-1.0,), NAN, (NAN,)),  # undefined value, undefined derivative
    (log, (INF,), INF, (0.0,)),
    (log2, (0.0,), -INF, (INF,)),
    (log10, (0.0,), -INF, (INF,)),
    (log10, (-2.0,), NAN, (NAN,)),
    (log1p, (-1.0,), -INF, (INF,)),
    (log1p, (-2.0,), NAN, (NAN,)),
    (reciprocal, (0.0,), INF, (-INF,)),
    (reciprocal, (-0.0,), -INF, (-INF,)),
    (lambda x: 1 / x, (0.0,), INF, (-INF,)),
    (lambda x: 1 / x, (-0.0,), -INF, (-INF,)),
    (div, (1.0, 0.0), INF, (INF, -INF)),
    (div, (0.0, 0.0), NAN, (NAN, NAN)),
    (div, (1.0, 1e200), 1e-200, (1e-200, -0.0)),  # by y², 1/y² would underflow on the way
    (div, (1e-160, 1e-170), 1e-160 / 1e-170, (1e170, -1e180)),  # and here overflow
    (pow, (0.0, 0.0), 1.0, (0.0, 0.0)),
    (pow, (0.0, 1.0), 0.0, (1.0, 0.0)),
    (pow, (0.0, 2.0), 0.0, (0.0, 0.0)),
    (pow, (0.0, 0.5), 0.0, (INF, 0.0)),
    (pow, (0.0, -1.0), INF, (-INF, -INF)),
    (pow, (-0.0, -3.0), -INF, (-INF, -INF)),
    (pow, (-2.0, 3.0), -8.0, (12.0, NAN)),
    (pow, (-2.0, 0.5), NAN, (NAN, NAN)),  # never complex
    (pow, (7.0, 0.0), 1.0, (0.0, math.log(7.0))),
    (pow, (1e200, 2.0), INF, (2e200, INF)),
    (lambda x: x**0, (0.0,), 1.0, (0.0,)),
    (lambda x: x**0.0, (0.0,), 1.0, (0.0,)),
    (lambda x: x**0, (NAN,), 1.0, (0.0,)),
    (lambda x: x**1, (0.0,), 0.0, (1.0,)),
    (lambda x: x**2, (-3.0,), 9.0, (-6.0,)),  # log(−3) is never asked for
    (lambda x: x**3, (-2.0,), -8.0, (12.0,)),
    (lambda x: x**-1, (0.0,), INF, (-INF,)),
    (lambda x: x**0.5, (-2.0,), NAN, (NAN,)),
    (lambda x: x**2, (1e200,), INF, (2e200,)),
    (lambda x: x**x, (0.0,), 1.0, (0.0,)),
    (lambda x: 0**x, (0.0,), 1.0, (0.0,)),
    (lambda x: 0**x, (2.0,), 0.0, (0.0,)),
    (exp, (800.0,), INF, (INF,)),
    (exp, (-800.0,), 0.0, (0.0,)),
    (expm1, (800.0,), INF, (INF,)),
    (sinh, (800.0,), INF, (INF,)),
    (sinh, (-800.0,), -INF, (INF,)),
    (sigmoid, (-800.0,), 0.0, (0.0,)),
    (sigmoid, (800.0,), 1.0, (0.0,)),
    (softplus, (800.0,), 800.0, (1.0,)),
    (softplus, (-800.0,), 0.0, (0.0,)),
    (log_sigmoid, (-800.0,), -800.0, (1.0,)),
    (silu, (-INF,), -0.0, (0.0,)),
    (silu, (INF,), INF, (1.0,)),
    (silu, (NAN,), NAN, (NAN,)),
    (gelu, (-INF,), -0.0, (0.0,)),
    (gelu, (INF,), INF, (1.0,)),
    (gelu, (NAN,), NAN, (NAN,)),
    (softsign, (-INF,), -1.0, (0.0,)),
    (tanh, (INF,), 1.0, (0.0,)),
    (logsumexp, (1000.0, 1000.0), 1000.0 + math.log(2.0), (0.5, 0.5)),
    (logsumexp, (-1000.0, 0.0), 0.0, (0.0, 1.0)),
    (logsumexp, (-INF, 0.0), 0.0, (0.0, 1.0)),
    (lambda x, y: softmax([x, y], 0), (1000.0, 0.0), 1.0, (0.0, -0.0)),
    (lambda x: softmax([x], 0), (5.0,), 1.0, (0.0,)),
    (prod, (0.0, 3.0, 5.0), 0.0, (15.0, 0.0, 0.0)),
    (asin, (1.0,), math.pi / 2, (INF,)),
    (asin, (2.0,), NAN, (NAN,)),
    (acosh, (1.0,), 0.0, (INF,)),
    (acosh, (0.5,), NAN, (NAN,)),
    (atanh, (1.0,), INF, (INF,)),
    (atanh, (-1.0,), -INF, (INF,)),
    (atanh, (2.0,), NAN, (NAN,)),
    (atan2, (0.0, 0.0), 0.0, (NAN, NAN)),
    (hypot, (0.0, 0.0), 0.0, (0.0, 0.0)),  # least norm again
    (norm, (0.0, 0.0, 0.0), 0.0, (0.0, 0.0, 0.0)),
    (gamma, (0.0,), INF, (-INF,)),
    (gamma, (-0.0,), -INF, (-INF,)),
    (gamma, (-1.0,), NAN, (NAN,)),
    (gamma, (200.0,), INF, (INF,)),
    (lgamma, (0.0,), INF, (-INF,)),
    (digamma, (0.0,), -INF, (INF,)),
    (mod, (5.0, 0.0), NAN, (NAN, NAN)),
    (fmod, (INF, 2.0), NAN, (NAN, NAN)),
    (lambda x: x // 0, (1.0,), INF, (0.0,)),
    (where, (0.0, 1.0, 2.0), 2.0, (0.0, 0.0, 1.0)),
    (where, (-0.0, 1.0, 2.0), 2.0, (0.0, 0.0, 1.0)),
    (lambda x, y: x - y, (INF, INF), NAN, (1.0, -1.0)),
    (lambda x: x * 1e308, (1e308,), INF, (1e308,)),
    (mean, (1.0, INF), INF, (0.5, 0.5)),
]


@pytest.mark.parametrize(("f", "operands", "value", "derivatives"), POINTS)
def test_special_points(
    f: Callable[..., Any],
    operands: tuple[float, ...],
    value: float,
    derivatives: tuple[float, ...],
) -> None:
    got, found = slopes(f, *operands)
    assert same(got, value)
    for one, wanted in zip(found, derivatives, strict=True):
        # A gradient starts as 0.0, so that a slope of −0.0 arrives as 0.0.
        assert math.isnan(one) if math.isnan(wanted) else one == pytest.approx(wanted, rel=1e-15)


def test_pow_half_times_pow_half_is_x_and_no_zero_upstream_hides_an_infinity() -> None:
    # Skipping zero upstreams would give 0 here; the truth is 1, and nan admits ignorance.
    _, (slope,) = slopes(lambda x: x**0.5 * x**0.5, 0.0)
    assert math.isnan(slope)


@pytest.mark.parametrize(
    ("f", "true", "operands"),
    [
        (tanh, lambda x: mpmath.sech(x) ** 2, [18.0, 19.0, -20.0, 25.0, 300.0]),
        (sigmoid, lambda x: 1 / (mpmath.exp(x) + 2 + mpmath.exp(-x)), [30.0, -36.0, 40.0, 700.0]),
        (expm1, mpmath.exp, [-30.0, -700.0]),
        (TABLE["asinh"], lambda x: 1 / mpmath.sqrt(1 + x * x), [1e200, -1e160, 1e-200]),
        (acosh, lambda x: 1 / mpmath.sqrt(x * x - 1), [1e200, 1 + 2e-16]),
        (TABLE["sech"], lambda x: -mpmath.sech(x) * mpmath.tanh(x), [400.0, -700.0]),
        (softplus, lambda x: 1 / (1 + mpmath.exp(-x)), [-700.0, 40.0]),
        (log_sigmoid, lambda x: 1 / (1 + mpmath.exp(x)), [700.0, -40.0]),
        (lambda x: atan2(x, 1e-200), lambda x: mpf(1e-200) / (x * x + mpf(1e-200) ** 2), [1e-200]),
        (lambda x: hypot(x, 1e200), lambda x: x / mpmath.hypot(x, mpf(1e200)), [1e200]),
        (lambda x: softmax([x, 0.0], 0), lambda x: 1 / (mpmath.exp(x) + 2 + mpmath.exp(-x)), [35.0]),
        (asin, lambda x: 1 / mpmath.sqrt(1 - x * x), [1 - 1e-15, -1 + 1e-16 * 3]),
        (atanh, lambda x: 1 / (1 - x * x), [1 - 1e-15]),
    ],
)
def test_derivatives_keep_their_digits_far_out(
    f: Callable[..., Any], true: Callable[[Any], Any], operands: list[float]
) -> None:
    for operand in operands:
        _, (got,) = slopes(f, operand)
        with mp.workdps(60):
            wanted = true(mpf(operand))
            assert error_in_ulps(got, wanted) <= 4.0


# No float makes anything raise


def groups(row: Primitive) -> list[list[float]]:
    """Operands for a row out of the special floats: all of them, all pairs, triples of some."""
    size = row.arity or (4 if row.name == "dot" else 2)
    if size == 1:
        return [[x] for x in SPECIAL]
    pool = SPECIAL if size == 2 else FEWER if size == 3 else FEWER[::2]
    found = [list(xs) for xs in itertools.product(pool, repeat=size)]
    if row.name == "softmax":
        found = [[*xs, 0.0] for xs in found]
    return [[1.0, *xs[1:]] if held(row, xs) == {0} else xs for xs in found]


@every_row
def test_special_floats_never_raise_and_give_floats_through_every_door(row: Primitive) -> None:
    with errstate("ignore"):
        for operands in groups(row):
            number = call(row, operands)
            given = nodes(row, operands)
            node = call(row, given)
            assert type(number) is type(node.data) is float
            assert same(node.data, number)
            assert all(type(d) is float for d in node.local_grads)
            # The rules give circuits that stand every operand as well.
            for x in given:
                if isinstance(x, Value):
                    assert type(gradients(node, x).data) is float


@every_row
def test_the_recorded_slopes_are_those_of_the_derivative_circuit(row: Primitive) -> None:
    """One exception is a value that is not defined: there the recorded slope says so."""
    with errstate("ignore"):
        for operands in groups(row):
            given = nodes(row, operands)
            node = call(row, given)
            if math.isnan(node.data) or (row is pow and operands[1] == 0):
                continue  # by the circuit, y·x^(y−1) at y = 0 and a subnormal x is 0 · inf
            for x, recorded in zip(given, node.local_grads, strict=True):
                if isinstance(x, Value):
                    assert gradients(node, x).data == pytest.approx(recorded, rel=1e-14, nan_ok=True)


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
            got, want = row(*operands), float(function(*map(np.float64, operands)))
            if math.isfinite(want) and want:
                assert error_in_ulps(got, mpf(want)) <= 3
            elif name in ("maximum", "minimum", "clip", "pow"):
                # Which of two equal zeros is taken is open, and NumPy's pow(−0.0, 0.5) is a sqrt.
                assert got == want or (math.isnan(got) and math.isnan(want))
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


# A branch that is not taken contributes exactly nothing


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: where(step(x), log(x), 0.0), 0.0, 0.0),
        (lambda x: where(x > 0, log(x), 0.0), -1.0, 0.0),
        (lambda x: where(step(x), sqrt(x), x * x), 0.0, 0.0),
        (lambda x: where(step(x), x, 1 / x), 2.0, 1.0),
        (lambda x: where(step(-x), 1 / x, x), 0.0, 1.0),
        (lambda x: maximum(log(x), 1.0), 0.0, 0.0),
        (lambda x: minimum(1 / x, 2.0), 0.0, 0.0),
        (lambda x: max(log(x), 3.0, x), 0.0, 0.0),
        (lambda x: min(1 / x, 3.0 + x, 4.0), 0.0, 1.0),
        (lambda x: clip(1 / x, -1.0, 1.0), 0.0, 0.0),
        (lambda x: clip(x, log(x), 1.0), 0.0, 1.0),
        (lambda x: relu(log(x)), 0.0, 0.0),
        (lambda x: hardtanh(log(x)), 0.0, 0.0),
        (lambda x: step(log(x)), 0.0, 0.0),
        (lambda x: floor(1 / (x + 1)), 0.5, 0.0),
        (lambda x: compare(log(x), 0.0), 0.0, 0.0),
    ],
)
def test_no_nan_leaks_from_a_branch_not_taken(
    f: Callable[[Any], Any], x: float, slope: float
) -> None:
    _, (got,) = slopes(f, x)
    assert got == slope
    with errstate("ignore"):
        leaf = Value(x)
        assert gradients(f(leaf), leaf).data == slope


def test_a_branch_not_taken_is_no_wire() -> None:
    x, y = Value(1.0), Value(2.0)
    node = maximum(x, y)
    assert node.parents == (x, y)
    assert node.local_grads == (0.0, 1.0)
    assert node._locals() == (None, 1.0)


def test_the_subgradient_of_a_composition_at_a_kink_lies_between_the_one_sided_slopes() -> None:
    for f, low, high in ((abs, -1.0, 1.0), (relu, 0.0, 1.0), (lambda x: maximum(x, 2 * x), 1.0, 2.0)):
        _, (slope,) = slopes(f, 0.0)
        assert low <= slope <= high


# What is said


NOT_FINITE: list[tuple[Callable[[], Any], str]] = [
    (lambda: log(Value(0.0)), "log"),
    (lambda: log(0), "log"),
    (lambda: Value(0.0).log(), "log"),
    (lambda: 1 / Value(0.0), "div"),
    (lambda: Value(1.0) / 0, "div"),
    (lambda: Value(1e308) * 10.0, "mul"),
    (lambda: Value(1e308) * Value(1e308), "mul"),
    (lambda: Value(1e308) + 1e308, "add"),
    (lambda: Value(-1e308) - 1e308, "sub"),
    (lambda: Value(1e200) ** 2, "pow"),
    (lambda: Value(1e200).square(), "square"),
    (lambda: Value(-2.0) ** 0.5, "pow"),
    (lambda: pow(-2.0, 0.5), "pow"),
    (lambda: sqrt(Value(0.0)), "sqrt"),
    (lambda: exp(Value(800.0)), "exp"),
    (lambda: exp(800), "exp"),
    (lambda: asin(Value(2.0)), "asin"),
    (lambda: atan2(Value(0.0), Value(0.0)), "atan2"),
    (lambda: prod(Value(1e200), 1e200), "prod"),
    (lambda: Value(1.0) % 0.0, "mod"),
    (lambda: polygamma(1.0, Value(0.0)), "polygamma"),
    (lambda: sinc_derivative(0.5, Value(1.0)), "sinc_derivative"),
]


@pytest.mark.parametrize(("make", "name"), NOT_FINITE)
def test_a_new_infinity_or_nan_is_reported_once_at_the_callers_line(
    make: Callable[[], Any], name: str
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make()
    (warning,) = caught
    assert warning.category is RuntimeWarning
    assert warning.filename == __file__
    assert warning.lineno == inspect.getsourcelines(make)[1]
    assert name in str(warning.message)
    with errstate("raise"), pytest.raises(NonFiniteError, match=name) as raised:
        make()
    assert isinstance(raised.value, ArithmeticError)
    with errstate("ignore"):
        make()


def test_the_line_is_the_callers_through_transforms_and_nested_functions() -> None:
    def inner(x: Any) -> Any:
        return log(x)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inner(Value(0.0, "rate"))
    (warning,) = caught
    assert (warning.filename, warning.lineno) == (__file__, inspect.getsourcelines(inner)[1] + 1)
    assert "rate" in str(warning.message)
    assert "0.0" in str(warning.message)


def test_what_flows_on_is_not_reported_again() -> None:
    with errstate("ignore"):
        bad = log(Value(-1.0))
        huge = 1 / Value(0.0)
    with errstate("raise"):
        assert math.isnan((exp(bad) * 2 + 1).sqrt().data)
        assert (huge * 2 + 1).data == exp(huge).data == INF
        assert maximum(huge, 1.0).data == INF
        with pytest.raises(NonFiniteError):
            huge - huge


def test_operations_without_fault_say_nothing() -> None:
    with errstate("raise"):
        for x in (0.0, -0.0, 5e-324, 1.0, -3.0):
            v = Value(x)
            for row in (relu, sigmoid, tanh, softplus, exp, abs, cbrt if x else exp, gelu, silu):
                row(v)
        assert hypot(Value(0.0), Value(0.0)).local_grads == (0.0, 0.0)
        assert (Value(0.0) ** 0).local_grads == (0.0, 0.0)
        assert pow(Value(0.0), Value(2.0)).local_grads == (0.0, 0.0)
        assert where(Value(0.0), Value(1.0), Value(2.0)).data == 2.0


def test_errstate_nests_decorates_and_comes_back_after_an_error() -> None:
    @errstate("ignore")
    def quiet() -> float:
        return float(log(0.0))

    with errstate("raise"):
        assert quiet() == -INF
        with errstate("ignore"):
            assert log(0.0) == -INF
            with errstate("raise"), pytest.raises(NonFiniteError):
                log(0.0)
            assert log(0.0) == -INF
        with pytest.raises(NonFiniteError):
            log(0.0)
    with pytest.raises(RuntimeError), errstate("ignore"):
        raise RuntimeError
    with pytest.warns(RuntimeWarning, match="log"):
        log(0.0)
    with pytest.raises(ValueError, match="loud"):
        errstate("loud")


def test_errstate_is_of_its_thread() -> None:
    seen: list[object] = []

    def other() -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                seen.append(log(0.0))
        except ArithmeticError as error:
            seen.append(error)

    with errstate("raise"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert seen == [-INF]
