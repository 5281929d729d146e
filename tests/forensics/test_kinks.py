"""Which operations sit on a kink or near one, and what the derivative is on either side."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import mpmath
import pytest

from autograd_lite import (
    TABLE,
    Constant,
    Primitive,
    Value,
    abs,
    clip,
    errstate,
    floor,
    hypot,
    kinks,
    max,
    maximum,
    norm,
    primitive,
    relu,
    sigmoid,
    step,
    where,
)
from autograd_lite.core.primitive import Operand
from autograd_lite.forensics import Kink

from ..support.references import BUILT_IN, REFERENCES, call, draws, nodes

KINKED = [name for name, row in BUILT_IN.items() if row.kink is not None]


def one_sided(name: str, xs: list[float], i: int, at: Any) -> tuple[float, float, float]:
    """The slopes on both sides of ``at`` and the jump there, by differences of the reference."""
    with mpmath.workdps(60):
        h = mpmath.mpf(10) ** -25

        def value(offset: int) -> Any:
            moved = [mpmath.mpf(x) for x in xs]
            moved[i] = at + offset * h
            return REFERENCES[name](*moved)

        left, right = (value(-1) - value(-2)) / h, (value(2) - value(1)) / h
        jump = value(1) - value(-1)
        return float(left), float(right), float(jump) if mpmath.fabs(jump) > 1e-20 else 0.0


def agrees(kink: Kink, xs: list[float]) -> bool:
    name, i = kink.node.op.name, kink.position  # type: ignore[union-attr]  # an operation
    for sign in (1, -1):
        with mpmath.workdps(60):
            at = mpmath.mpf(xs[i]) + sign * mpmath.mpf(kink.distance)
            if mpmath.fabs(at - mpmath.nint(at)) < 1e-12:
                at = mpmath.nint(at)  # the distance is rounded
        true = one_sided(name, xs, i, at)
        if true == pytest.approx((kink.left, kink.right, kink.jump), rel=1e-6, abs=1e-9):
            return True
    return False


@pytest.mark.parametrize("name", ["abs", "relu", "step", "sign", "hardtanh", "selu", "leaky_relu", "elu",
                                  "floor", "ceil", "round", "clip", "maximum", "minimum", "compare",
                                  "max", "min"])  # fmt: skip
def test_one_sided_derivatives_against_high_precision(name: str) -> None:
    row, seen = TABLE[name], 0
    for xs in draws(row, 6):
        with errstate("ignore"):
            node = call(row, nodes(row, xs))
            found = kinks(node, within=8.0)
        seen += len(found)
        for kink in found:
            if TABLE[name].arity is None or name in ("maximum", "minimum", "compare", "clip"):
                other = [x for j, x in enumerate(xs) if j != kink.position]
                assert any(math.isclose(math.fabs(xs[kink.position] - x), kink.distance) for x in other)
                assert {kink.left, kink.right} <= {0.0, 1.0}
            else:
                assert agrees(kink, xs), kink
    assert seen > 2


@pytest.mark.parametrize("name", KINKED)
def test_every_row_with_a_kink_is_found_and_nothing_far_from_one(name: str) -> None:
    row = TABLE[name]
    near = [len(kinks(call(row, nodes(row, xs)), within=20.0)) for xs in draws(row, 12)]
    if name == "softsign":
        assert not any(near)  # its second derivative jumps, its first does not
        return
    # The distance of a condition or a point in the plane is reached by no single operand everywhere.
    assert any(near) or name in ("hypot", "norm")
    for xs in draws(row, 12):
        assert not kinks(call(row, nodes(row, xs)))


def test_at_the_kink() -> None:
    x, y = Value(0.0, "x"), Value(0.0, "y")
    for f, left, right, used in ((abs, -1.0, 1.0, 0.0), (relu, 0.0, 1.0, 0.0)):
        (kink,) = kinks(f(x))
        assert (kink.left, kink.right, kink.used, kink.distance) == (left, right, used, 0.0)
        assert kink.operand is x
    for node in (hypot(x, y), norm([x, y])):
        assert [(k.left, k.right, k.used, k.position) for k in kinks(node)] == [
            (-1.0, 1.0, 0.0, 0),
            (-1.0, 1.0, 0.0, 1),
        ]
    tie = maximum(Value(2.0), Value(2.0))
    assert [(k.left, k.right, k.used) for k in kinks(tie)] == [(0.0, 1.0, 0.5)] * 2
    three = max(Value(2.0), Value(1.0), Value(2.0))
    assert [(k.position, k.left, k.right) for k in kinks(three)] == [(0, 0.0, 1.0), (2, 0.0, 1.0)]
    (low,) = kinks(clip(Value(0.0), 0.0, 1.0))
    assert (low.left, low.right, low.used) == (0.0, 1.0, 0.0)


def test_jumps_are_told() -> None:
    (jump,) = kinks(floor(Value(3.0)))
    assert (jump.jump, jump.left, jump.right) == (1.0, 0.0, 0.0)
    x = Value(0.0, "x")
    (chosen,) = kinks(where(x, x + 5.0, 2.0))  # at 0 alone the other branch is taken
    assert chosen.jump == -3.0
    assert "jumps" in str(chosen)


def test_within_a_distance() -> None:
    x = Value(1e-3, "x")
    assert len(kinks(relu(x))) == 0
    (kink,) = kinks(relu(x), within=1e-2)
    assert (kink.distance, kink.used, kink.left) == (1e-3, 1.0, 0.0)
    assert len(kinks(relu(x), within=1e-4)) == 0
    (rounded,) = kinks(maximum(Value(0.1 + 0.2), 0.3))
    assert rounded.distance == 0.0
    for wrong in (-1.0, math.nan):
        with pytest.raises(ValueError, match="within"):
            kinks(x, within=wrong)


def test_what_cannot_move_is_on_no_kink() -> None:
    x = Value(0.5, "x")
    assert not kinks(where(x > 1.0, x, 2.0))  # the condition is a number
    assert not kinks(where(step(x - 1.0), x, 2.0))  # and here the jump is elsewhere
    assert not kinks(abs(Constant(0.0)) + x)
    (jump,) = kinks(where(step(x - 0.5), x, 2.0))
    assert jump.node.op is step
    assert not jump.reached


def test_nearest_first_over_several_outputs() -> None:
    x = Value(1e-6, "x")
    found = kinks({"a": relu(x), "b": [abs(10.0 * x), sigmoid(x)]}, within=1e-3)
    assert [k.distance for k in found] == [1e-6, pytest.approx(1e-5)]
    assert "relu" in str(found).splitlines()[1]
    assert "<td>relu" in found._repr_html_()
    assert "no operation" in str(kinks(x))
    with pytest.raises(TypeError, match="kinks"):
        kinks(3.0)


def test_a_table_is_bounded() -> None:
    x = Value(0.0, "x")
    found = kinks([relu(x) for _ in range(100)])
    assert len(found) == 100
    assert len(str(found).splitlines()) < 40


@pytest.fixture
def own_row() -> Iterator[Primitive]:
    def rule(x: Any, z: Any) -> float:
        return 3.0 if x > 1 else 1.0

    row = primitive(
        "bent_at_one",
        lambda x: 3.0 * x if x > 1 else x + 2.0,
        [rule],
        "a row of a user",
        kink=lambda x: x - 1.0,
    )
    yield row
    del TABLE[row.name]
    delattr(Operand, row.name)


def test_a_users_row(own_row: Primitive) -> None:
    (kink,) = kinks(own_row(Value(1.25)), within=0.5)
    assert (kink.distance, kink.left, kink.right, kink.used, kink.jump) == (0.25, 1.0, 3.0, 3.0, 0.0)


def test_a_long_chain_needs_no_recursion() -> None:
    x: Any = Value(1.0)
    y = x
    for _ in range(20_000):
        y = relu(y - 1e-9)
    assert len(kinks(y)) == 0
