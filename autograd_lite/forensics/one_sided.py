"""The operations that sit on a kink or a jump, or near one, and what the derivative is on either side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..core.node import live_wires
from ..core.order import made_from
from ..core.primitive import Primitive
from ..core.value import Value
from ..support.ieee import FLOAT_ERRORS, nan
from ..support.numbers import plain
from ..support.tables import rows_in_html, rows_in_text
from .outputs import described, name_of, outputs, slots_of

_KINK_HEADS = ("operation", "operand", "distance", "left", "right", "used", "jump")
#: The most lines of a table; the report holds all.
_LONGEST_LIST = 30


class Side(NamedTuple):
    """The value and the slope of an operation with one operand just beside the kink."""

    value: float
    slope: float


@dataclass(frozen=True)
class Kink:
    """An operation whose derivative by one operand is not the same on both sides of a point.

    ``left`` and ``right`` are the derivatives just below and just above that point, which the operand
    would reach by moving by ``distance``; ``used`` is the one that the sweep uses where the operand is
    now. ``jump`` is by how much the value itself jumps there, 0.0 at a kink. ``reached`` says whether
    the sweep comes to the node; where it does not, as below a condition, a jump can matter all the same.

    >>> from autograd_lite import relu
    >>> kink = kinks(relu(Value(0.0, "x")))[0]
    >>> kink.left, kink.right, kink.used
    (0.0, 1.0, 0.0)
    """

    node: Value
    position: int
    distance: float
    left: float
    right: float
    used: float
    jump: float
    reached: bool

    @property
    def operand(self) -> Value:
        """The operand that is to be moved."""
        operand: Value = self.node.parents[self.position]
        return operand

    def __str__(self) -> str:
        jump = f", and the value jumps by {self.jump:.4g}" if self.jump else ""
        return (
            f"{described(self.node)} is {self.distance:.4g} from a kink in operand {self.position}: "
            f"the derivative is {self.left:.4g} on the left, {self.right:.4g} on the right, "
            f"{self.used:.4g} is used{jump}"
        )

    def _cells(self) -> list[str]:
        numbers = (self.distance, self.left, self.right, self.used)
        operand = f"{self.position}: {name_of(self.operand)}"
        missed = "" if self.reached else " (not reached)"
        cells = [f"{number:.6g}" for number in numbers]
        return [described(self.node) + missed, operand, *cells, f"{self.jump:.6g}" if self.jump else ""]


class Kinks(tuple[Kink, ...]):
    """What :func:`kinks` found, the nearest first; it prints as a table.

    >>> from autograd_lite import exp
    >>> print(kinks(exp(Value(0.0, "x"))))
    no operation is on a kink
    """

    __slots__ = ()

    def __str__(self) -> str:
        if not self:
            return "no operation is on a kink"
        more = [f"and {len(self) - _LONGEST_LIST} more"] if len(self) > _LONGEST_LIST else []
        return "\n".join(
            [rows_in_text(_KINK_HEADS, [kink._cells() for kink in self[:_LONGEST_LIST]]), *more]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return rows_in_html(
            _KINK_HEADS, [kink._cells() for kink in self[:_LONGEST_LIST]], f"{len(self)} kinks"
        )


def kinks(root: Any, within: float = 0.0) -> Kinks:
    """The operations below ``root`` that are on a kink or a jump, or no farther than ``within`` from one.

    At a kink a derivative is a choice (0 for ``relu`` at 0, a half to each side at a tie of
    ``maximum``), and a composition of such choices need not be a slope of the whole at all:
    ``relu(x) - relu(-x)`` is x, and its derivative at 0 comes out as 0. The distance is that by which one
    operand has to move, in its own units; a few units in the last place of it count as nothing. Rows say
    where their kinks are (``kink=`` of :func:`~autograd_lite.core.registration.primitive`). An operand
    that cannot move, being a constant or made by jumps alone, is on no kink.

    :param root: a Value, or a structure of several.
    :raises TypeError: when it holds anything but Values.
    :raises ValueError: when ``within`` is negative or no number.

    >>> from autograd_lite import Value, relu
    >>> x = Value(0.0, "x")
    >>> print(kinks(relu(x) - relu(-x)))
    operation      operand  distance  left  right  used  jump
    relu(x = 0.0)  0: x     0         0     1      0
    relu(-0.0)     0: neg   0         0     1      0
    """
    if not within >= 0.0:
        raise ValueError(f"within is a distance, 0 or more, not {within!r}")
    roots = outputs("kinks", root)
    order = made_from(*roots)
    reached = set(roots)
    for node in reversed(order):
        if node in reached:
            reached.update(operand for _, operand, _ in live_wires(node))
    found = [
        kink
        for node in order
        if node.op is not None and node.op.kink is not None and not node.is_constant
        for kink in _of_node(node, within, node in reached)
    ]
    found.sort(key=lambda kink: kink.distance)
    return Kinks(found)


def distance(row: Primitive, xs: Sequence[float]) -> float:
    """How far the operands are from a kink of the row; inf where it has none there."""
    if row.kink is None:
        return math.inf
    try:
        return abs(row.kink(*xs))
    except FLOAT_ERRORS:
        return math.inf


def _of_node(node: Value, within: float, reached: bool) -> Iterator[Kink]:
    row = node.op
    assert row is not None
    xs = list(map(plain, slots_of(node)))
    away = distance(row, xs)
    if not away <= max(within, *map(_little, xs)):
        return
    for i in _movable(node, away):
        nothing = _little(xs[i])
        if away > max(within, nothing):
            continue
        for at in _points(row, xs, i, away):
            below, above = (_beside(row, at, i, sign) for sign in (-1.0, 1.0))
            jump = _leap(row, at, below, above, _aside(at[i]))
            allowed = 1e-6 * (abs(below.slope) + abs(above.slope))
            if jump or not abs(above.slope - below.slope) <= allowed:
                far, used = away if away > nothing else 0.0, node.local_grads[i]
                yield Kink(node, i, far, below.slope, above.slope, used, jump, reached)
                break


def _leap(row: Primitive, at: Sequence[float], below: Side, above: Side, step: float) -> float:
    """By how much the value jumps from one side to the other, or at the point alone."""
    smooth = 4 * step * (abs(below.slope) + abs(above.slope)) + 8 * math.ulp(above.value)
    for rise in (above.value - below.value, row.ieee_value(at) - below.value):
        if abs(rise) > smooth:
            return rise
    return 0.0


def _movable(node: Value, away: float) -> Iterator[int]:
    """The operands that could be moved to the kink."""
    row = node.op
    many = row is not None and row.arity is None and row.piecewise
    for i, operand in enumerate(node.parents):
        still = operand.is_constant or (operand.op is not None and next(live_wires(operand), None) is None)
        # Of many operands, the one that is selected and those that nearly are.
        far = many and abs(operand.data - node.data) > away + _little(operand.data)
        if not (still or far):
            yield i


def _points(row: Primitive, xs: list[float], i: int, away: float) -> Iterator[list[float]]:
    """Where the kink may be: one operand moved by the distance, or all operands at 0."""
    for move in dict.fromkeys((0.0, away, -away)):
        moved = [*xs[:i], xs[i] + move, *xs[i + 1 :]]
        if distance(row, moved) <= _little(moved[i]):
            yield moved
    zeros = [0.0] * len(xs)
    if distance(row, zeros) == 0.0 and math.hypot(*xs) <= away * (1 + 1e-9):
        yield zeros


def _beside(row: Primitive, at: Sequence[float], i: int, sign: float) -> Side:
    xs = [*at[:i], at[i] + sign * _aside(at[i]), *at[i + 1 :]]
    z = row.ieee_value(xs)
    try:
        slopes = row.rule_results(row.local, xs, z, [j == i for j in range(len(xs))])
    except FLOAT_ERRORS:
        return Side(z, nan)
    return Side(z, float(slopes[i] or 0.0))


def _aside(x: float) -> float:
    """A step to the side of ``x`` that is small and yet seen by every comparison."""
    return max(abs(x) * 2.0**-40, 1e-300)


def _little(x: float) -> float:
    """What counts as no distance beside a number of this size: a few units in the last place."""
    return 4 * math.ulp(x) if x else 0.0
