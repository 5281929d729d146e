"""Alike units of a layer, each with weights of its own: the first two and the last are kept.

Units are alike when they have the same inputs, the same activation and the same consumers, inputs when
the same units use them. In a weighted sum every place is like every other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Set
from dataclasses import replace

from ...core.value import Value
from .plates import way_through
from .reduce import part_of
from .sketch import Sketch
from .units import Affine

_Uses = Mapping[Value, list[tuple[int, Hashable]]]


def thinned_layers(sketch: Sketch, sums: Mapping[Value, Affine], kept: Set[Value], most: int) -> Sketch:
    """The sketch with three of every set of more than ``most`` alike units or inputs, and all of ``kept``.

    ``after`` of the sketch says how many are left out right after a node.
    """
    sums = {node: parts for node, parts in sums.items() if node in sketch.opened}
    uses, first = _uses_of_nodes(sketch, sums)
    sets: dict[Hashable, list[Value]] = defaultdict(list)
    for node in sketch.nodes:
        if (key := _likeness(node, sums, uses)) is not None:
            sets[key].append(node)
    lost: set[Value] = set()
    largest = 0
    for members in sets.values():
        if len(members) > most:
            members.sort(key=lambda v: first[_result_of(v, sums)])
            shown = {
                *members[:2],
                members[-1],
                *(v for v in members if not kept.isdisjoint(_unit_nodes(v, sums))),
            }
            lost.update(*(_unit_nodes(v, sums) for v in members if v not in shown))
            largest = max(largest, len(members))
    if not lost:
        return sketch
    after = _counted_after(sketch, sums, first, lost)
    lost |= _lost_weights(sums, uses, lost)
    part = part_of(sketch, {node for node in sketch.nodes if node not in lost})
    caption = f"of up to {largest:,} alike units or inputs the first two and the last are drawn"
    return replace(
        part,
        skipped=lost,
        after=after,
        untold=tuple(_lost_ends(sketch, lost)),
        captions=(*part.captions, caption),
    )


def _result_of(node: Value, sums: Mapping[Value, Affine]) -> Value:
    """The result of the unit with this weighted sum; an input itself."""
    parts = sums.get(node)
    return node if parts is None or parts.activation is None else parts.activation


def _unit_nodes(node: Value, sums: Mapping[Value, Affine]) -> set[Value]:
    return {node, _result_of(node, sums)}


def _counted_after(
    sketch: Sketch, sums: Mapping[Value, Affine], first: Mapping[Value, tuple[int, int]], lost: Set[Value]
) -> dict[Value, int]:
    """How many nodes are left out right after each that is kept, in the order of their first consumer."""
    boxes = [v for v in sketch.nodes if v in sums or v.op is None]
    places = {v: first[result] for v in boxes if (result := _result_of(v, sums)) in first}
    after: Counter[Value] = Counter()
    before, consumer = sketch.root, -1
    for node in sorted(places, key=places.__getitem__):
        if node not in lost:
            before, consumer = node, places[node][0]
        elif places[node][0] == consumer:
            after[before] += 1
    return dict(after)


def _uses_of_nodes(
    sketch: Sketch, sums: Mapping[Value, Affine]
) -> tuple[_Uses, Mapping[Value, tuple[int, int]]]:
    """For every node where it is used, and the first such place: number of the consumer and slot."""
    uses: dict[Value, list[tuple[int, Hashable]]] = defaultdict(list)
    first: dict[Value, tuple[int, int]] = {}
    number = {node: i for i, node in enumerate(sketch.nodes)}
    groups = {node: sketch.group(node) for node in sketch.opened if node not in sums}
    for wire in sketch.wires:
        place: Hashable = "weight" if wire.source.is_parameter else "input"
        if wire.target not in sums:
            slot = groups[wire.target].slots[wire.slot]
            assert slot is not None
            place = way_through(groups[wire.target], slot)
        uses[wire.source].append((number[wire.target], place))
        first.setdefault(wire.source, (number[wire.target], wire.slot))
    return uses, first


def _likeness(node: Value, sums: Mapping[Value, Affine], uses: _Uses) -> Hashable:
    """What alike units, or alike inputs, have in common; None for any other node."""
    if node in sums:
        parts = sums[node]
        own = (place.operand for place in (*(w for w, _ in parts.terms), *parts.biases))
        if any(len(uses[parameter]) != 1 for parameter in own):
            return None
        above = parts.activation
        settings = () if above is None else tuple(p.data for p in above.parents if p.is_constant)
        inputs = tuple(id(x.operand) for _, x in parts.terms)
        found: Iterable[tuple[int, Hashable]] = uses[_result_of(node, sums)]
        row = None if above is None else above.op
        return inputs, len(parts.biases), row, settings, frozenset(Counter(found).items())
    if node.op is None and not node.is_parameter and all(place == "input" for _, place in uses[node]):
        return node.is_constant, frozenset(Counter(uses[node]).items())
    return None


def _lost_weights(sums: Mapping[Value, Affine], uses: _Uses, lost: Set[Value]) -> set[Value]:
    """The parameters that nothing uses but what is left out."""
    found: set[Value] = set()
    for node, parts in sums.items():
        gone = node in lost
        places = [w for w, x in parts.terms if gone or x.operand in lost]
        places += parts.biases if gone else ()
        found.update(place.operand for place in places if len(uses[place.operand]) == 1)
    return found


def _lost_ends(sketch: Sketch, lost: Set[Value]) -> Iterable[tuple[Value, int, bool]]:
    """For every node that loses operands or consumers: how many, and whether they are operands."""
    operands: Counter[Value] = Counter()
    consumers: Counter[Value] = Counter()
    for wire in sketch.wires:
        if wire.source in lost and wire.target not in lost and not wire.source.is_parameter:
            operands[wire.target] += 1
        elif wire.target in lost and wire.source not in lost:
            consumers[wire.source] += 1
    yield from ((node, count, True) for node, count in operands.items())
    yield from ((node, count, False) for node, count in consumers.items())
