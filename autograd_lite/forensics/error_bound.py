"""How far rounding may have moved a result from the exact value of its formula."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.adjoints import reverse
from ..core.order import made_from, require_values
from ..core.value import Value
from ..support.ieee import errstate
from ..support.numbers import plain
from ..support.tables import rows_in_html, rows_in_text
from .one_sided import distance
from .outputs import described, slots_of

#: Half a unit in the last place, relative to the number, and the smallest positive number.
_HALF_ULP, _LEAST = math.ulp(1.0) / 2, math.ulp(0.0)
#: The half units that a function may be off: four units in the last place, gamma being the worst.
_OF_FUNCTIONS = 8
#: Where an operand may be off by this part of itself, the operation is computed beside it as well.
_COARSE = 1e-9
_CAUSE_HEADS = ("operation", "value", "share of the bound")


@dataclass(frozen=True)
class Rounding:
    """A first-order bound on the floating-point error of a result.

    ``bound`` is absolute; ``causes`` are the nodes that make it, the largest share first.
    """

    result: float
    bound: float
    causes: tuple[tuple[Value, float], ...]

    def __str__(self) -> str:
        return f"{self.result!r} ± {self.bound:.3g}"

    def _repr_html_(self) -> str:
        """What a notebook shows: the largest causes."""
        return rows_in_html(_CAUSE_HEADS, list(self._largest()), str(self))

    def table(self) -> str:
        """The ten largest causes, a line each.

        >>> x = Value(1.0, "x")
        >>> print(rounding((x + 1e16) - 1e16).table())
        operation            value  share of the bound
        add(x = 1.0, 1e+16)  1e+16  100 %
        """
        return rows_in_text(_CAUSE_HEADS, list(self._largest()))

    def _largest(self) -> Iterator[list[str]]:
        for node, share in self.causes[:10]:
            yield [described(node), f"{node.data:.6g}", f"{100 * share / self.bound:.3g} %"]


def rounding(root: Value) -> Rounding:
    """How far rounding may have moved ``root`` from the exact value of its formula.

    Every operation rounds its result: arithmetic by at most half a unit in the last place, functions
    by a few units. The adjoint of a node says what its error does to the root. The bound is the sum of
    ``|adjoint| · |error|`` over the nodes, which is what Linnainmaa (1970) invented the reverse sweep
    for. Inputs and constants count as exact.

    An adjoint is the slope at one point. Where an operand may be off by so much that the operation is
    no line any more, at a kink or a jump above all, the operation is computed at the ends of that
    interval too, and what the slope did not foresee is added.

    :raises TypeError: when ``root`` is not a Value.

    >>> from autograd_lite import Value, floor
    >>> x = Value(1.0)
    >>> error = rounding((x + 1e16) - 1e16)
    >>> error.result, error.bound >= 1.0
    (0.0, True)
    >>> rounding(floor(Value(0.7) * 10.0)).bound  # 7.0, and the exact product is below 7
    1.0
    """
    require_values("rounding", root)
    with errstate("ignore"):
        adjoint = reverse([(root, 1.0)])
        off = _errors(root)
    causes = []
    for node, upstream in adjoint.items():
        if off[node]:  # what is exact does nothing, whatever the slope
            share = abs(upstream) * off[node]
            causes.append((node, math.inf if share != share else share))  # no slope bounds nothing
    causes.sort(key=lambda cause: -cause[1])
    return Rounding(root.data, math.fsum(share for _, share in causes), tuple(causes))


def _errors(root: Value) -> dict[Value, float]:
    """The error that every operation adds by itself, and by being no line."""
    reach: dict[Value, float] = {}  # how far a node may be from its exact value, all in all
    own: dict[Value, float] = {}
    for node in made_from(root):
        if node.op is None:
            reach[node] = own[node] = 0.0
            continue
        bent = 0.0
        operands = slots_of(node)
        moves = [reach[p] if isinstance(p, Value) else 0.0 for p in operands]
        slopes = node._locals()
        along = math.fsum(abs(d or 0.0) * m for d, m in zip(slopes, moves, strict=True) if m)
        if any(moves):
            xs = list(map(plain, operands))
            near = distance(node.op, xs) <= math.fsum(moves) + along
            if near or any(m > _COARSE * abs(x) for x, m in zip(xs, moves, strict=True)):
                # Between the ends of the interval and a jump inside it the slope goes on
                bent = max(0.0, _swing(node, xs, moves) - (0.0 if near else along))
        own[node] = _own_rounding(node) + bent
        reach[node] = along + own[node]
    return own


def _swing(node: Value, xs: Sequence[float], moves: Sequence[float]) -> float:
    """How far the result goes when each operand in turn moves as far as it may, and to a kink."""
    row = node.op
    assert row is not None
    total = 0.0
    for i, move in enumerate(moves):
        if move:
            move = max(move, math.ulp(xs[i]))
            away = min(distance(row, xs), move)
            beyond = away + math.ulp(xs[i])
            total += max(
                abs(row.ieee_value([*xs[:i], xs[i] + side * m, *xs[i + 1 :]]) - node.data)
                for m in (move, away, beyond)
                for side in (1, -1)
            )
    return total


def _own_rounding(node: Value) -> float:
    """A bound on the error that the operation of the node makes itself."""
    row = node.op
    if row is None or row.exact:
        return 0.0
    operands = slots_of(node)
    if row.arity is None:
        # One rounding for each operand, of a part of the whole, and that of the functions used.
        parts = _parts(operands, node._locals())
        return (len(operands) + _OF_FUNCTIONS) * _HALF_ULP * max(parts, abs(node.data)) + _LEAST
    if getattr(row.value, "__module__", "") != "_operator":
        # Near a zero of the function, what the last place of an operand does is more than that.
        parts = _parts(operands, node._locals())
        return _HALF_ULP * (_OF_FUNCTIONS * abs(node.data) + parts) + _LEAST
    return _HALF_ULP * abs(node.data) + (0.0 if row.precedence == 10 else _LEAST)


def _parts(operands: Sequence[Any], slopes: Sequence[float | None]) -> float:
    """What a relative change of all operands does to the result."""
    return math.fsum(abs(x * d) for x, d in zip(map(plain, operands), slopes, strict=True) if x and d)
