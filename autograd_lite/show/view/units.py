"""The units of a network in a circuit: weighted sums of inputs, each with its activation.

A unit is found by its structure, w₁·x₁ + … + wₙ·xₙ + b with parameters as weights, whether it was made
by ``nn`` or written out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from ...core.primitive import TABLE
from ...core.value import Value
from .reduce import SUMS
from .sketch import Sketch

_DOT, _PRODUCT = TABLE["dot"], TABLE["mul"]


class OperandPlace(NamedTuple):
    """Operand number ``position`` of the operation ``member``, and the operand itself."""

    member: Value
    position: int
    operand: Value


def _places(member: Value) -> list[OperandPlace]:
    return [OperandPlace(member, i, operand) for i, operand in enumerate(member.parents)]


class Affine(NamedTuple):
    """A weighted sum: its terms as (weight, input), what is added to them, and its activation.

    ``inside`` are the sums that it consists of besides the last one.
    """

    terms: tuple[tuple[OperandPlace, OperandPlace], ...]
    biases: tuple[OperandPlace, ...]
    inside: frozenset[Value] = frozenset()
    activation: Value | None = None


class UnitInput(NamedTuple):
    """A weight of a unit with its input, or a bias, as indices of wires; -1 for what is not drawn.

    ``wire`` leads from the weight, ``input`` from what it is multiplied by; a bias has no input.
    ``skipped`` is how many alike operands are left out before this one.
    """

    wire: int
    input: int
    is_bias: bool
    value: float
    skipped: int = 0


class Unit(NamedTuple):
    """A unit of a view: the indices of its weighted sum and of its result, and its operands."""

    total: int
    result: int
    operands: tuple[UnitInput, ...]


def weighted_sums(order: Sequence[Value], named: Set[Value] | Mapping[Value, str]) -> dict[Value, Affine]:
    """The weighted sums among the nodes of a circuit in evaluation order, with their activations.

    :param named: nodes that the caller names; a sum whose parts have names is no unit.
    """
    uses = Counter(p for node in order for p in node.parents)
    consumer = {p: node for node in order for p in node.parents}
    found: dict[Value, Affine] = {}
    inside: set[Value] = set()
    for node in reversed(order):
        if node in inside or node.is_constant:
            continue
        parts = _affine(node, uses, named)
        if parts is None:
            continue
        inside |= parts.inside
        above = consumer.get(node) if uses[node] == 1 else None
        if above is not None and _is_activation(above, node):
            parts = parts._replace(activation=above)
        found[node] = parts
    return found


def _affine(
    node: Value, uses: Mapping[Value, int], named: Set[Value] | Mapping[Value, str]
) -> Affine | None:
    if node.op is _DOT:
        places = _places(node)
        count = len(places) // 2
        pairs = tuple(zip(places[:count], places[count : 2 * count], strict=True))
        if all(x.operand.is_parameter for _, x in pairs):
            pairs = tuple((x, w) for w, x in pairs)
        weighted = all(w.operand.is_parameter and not x.operand.is_parameter for w, x in pairs)
        return Affine(pairs, tuple(places[2 * count :])) if weighted else None
    if node.op not in SUMS:
        return None
    terms: list[tuple[OperandPlace, OperandPlace]] = []
    biases: list[OperandPlace] = []
    inside: set[Value] = set()
    stack = _places(node)[::-1]
    while stack:
        place = stack.pop()
        part = place.operand
        alone = uses[part] == 1 and part.name is None and part not in named
        if part.is_parameter:
            biases.append(place)
        elif part.op in SUMS and alone:
            inside.add(part)
            stack += reversed(_places(part))
        elif part.op is _PRODUCT and alone and sum(p.is_parameter for p in part.parents) == 1:
            one, other = _places(part)
            terms.append((one, other) if one.operand.is_parameter else (other, one))
        elif not (part.is_constant and part.data == 0):  # sum() starts at 0
            return None
    if not terms or len(terms) + len(biases) < 2:
        return None
    return Affine(tuple(terms), tuple(biases), frozenset(inside))


def _is_activation(node: Value, total: Value) -> bool:
    row = node.op
    assert row is not None
    numbers = [p for p in node.parents if p is not total]
    return (
        row.arity is not None
        and row.fix not in ("infix", "prefix")
        and node.scope == total.scope
        and all(p.is_constant and p.name is None for p in numbers)
    )


def units_of(sketch: Sketch, sums: Mapping[Value, Affine]) -> tuple[Unit, ...]:
    """The units of a sketch, in its order; operands that a cut left out are missing from them."""
    index = {node: i for i, node in enumerate(sketch.nodes)}
    wires = {(wire.target, wire.slot): i for i, wire in enumerate(sketch.wires)}
    found = []
    for node in sketch.nodes:
        parts = sums.get(node)
        if parts is None or node not in sketch.opened:
            continue
        slots = {
            (slot.member, slot.position): wires.get((node, place), -1)
            for place, slot in enumerate(sketch.group(node).slots)
            if slot is not None
        }

        operands, skipped = [], 0
        for w, x in parts.terms:
            if x.operand in sketch.skipped:
                skipped += 1
                continue
            operands.append(
                UnitInput(slots.get(w[:2], -1), slots.get(x[:2], -1), False, w.operand.data, skipped)
            )
            skipped = 0
        operands += [UnitInput(slots.get(b[:2], -1), -1, True, b.operand.data) for b in parts.biases]
        above = node if parts.activation is None else parts.activation
        found.append(Unit(index[node], index.get(above, index[node]), tuple(operands)))
    return tuple(found)
