"""Repetition folded, as in plate notation: of equal parts of a circuit one is kept, with their number.

Parts are equal when they are made by the same operations from the same parameters, as those of several
samples are, whatever their data. They are told apart by color refinement (Weisfeiler and Leman 1968).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import TypeVar

from ...core.primitive import TABLE
from ...core.value import Value
from .reduce import SUMS
from .sketch import Connection, Group, Sketch, Slot

KeyT = TypeVar("KeyT", bound=Hashable)

#: Operations in which every operand is like every other.
_SYMMETRIC = {TABLE[name] for name in ("mean", "logsumexp", "prod", "max", "min", "norm")}

#: Operations in which every operand is like every other but the one that the last operand chooses.
_INDEXED_ROWS = {TABLE["softmax"], TABLE["log_softmax"]}


def plated(sketch: Sketch) -> Sketch:
    """The sketch with one of every set of equal nodes; ``copies`` says how many each stands for."""
    color = _colors(sketch)
    size = Counter(color.values())
    into: dict[Value, list[Connection]] = defaultdict(list)
    for wire in sketch.wires:
        into[wire.target].append(wire)
    kept = {color[sketch.root]: sketch.root}
    stack = [sketch.root]
    while stack:
        # From the root down, so that what is kept of different sets belongs together.
        for wire in into[stack.pop()]:
            if color[wire.source] not in kept:
                kept[color[wire.source]] = wire.source
                stack.append(wire.source)
    chosen = set(kept.values())
    if len(chosen) == len(sketch.nodes):
        return sketch
    copies = {node: size[color[node]] for node in chosen if size[color[node]] > 1}
    return replace(
        sketch,
        nodes=tuple(node for node in sketch.nodes if node in chosen),
        wires=tuple(w for w in sketch.wires if w.source in chosen and w.target in chosen),
        copies=copies,
        captions=(*sketch.captions, f"one of {max(copies.values()):,} equal parts is drawn"),
    )


def _colors(sketch: Sketch) -> dict[Value, int]:
    """A number for every node; nodes that nothing but their data tells apart have the same."""
    groups = {node: sketch.group(node) for node in sketch.nodes if node in sketch.opened}
    places = {
        (node, place): way_through(group, slot)
        for node, group in groups.items()
        for place, slot in enumerate(group.slots)
        if slot is not None
    }
    number = _numbered(places)
    links = [(w.source, w.target, number[w.target, w.slot]) for w in sketch.wires]
    color = _numbered({node: node_kind(sketch, node) for node in sketch.nodes})
    while True:
        seen: dict[Value, list[tuple[int, int, int]]] = {node: [] for node in sketch.nodes}
        for source, target, place in links:
            seen[target].append((0, place, color[source]))
            seen[source].append((1, place, color[target]))
        finer = _numbered({node: (color[node], *sorted(seen[node])) for node in sketch.nodes})
        if len(set(finer.values())) == len(set(color.values())):
            return finer
        color = finer


def way_through(group: Group, slot: Slot) -> tuple[tuple[object, ...], ...]:
    """The operations between a slot and the result of its group, each with the place of its operand.

    The parameters that it is multiplied by belong to its place.
    """
    above = {p: (m, i) for m in group.members for i, p in enumerate(m.parents)} if group.members[1:] else {}
    member, position = slot.member, slot.position
    way: list[tuple[object, ...]] = []
    while True:
        step: tuple[object, ...] = (SUMS,)
        if member.op in _SYMMETRIC:
            step = (member.op,)
        elif member.op in _INDEXED_ROWS:
            step = (member.op, member.parents[-1].data == position)
        elif member.op not in SUMS:
            step = (member.op, position, tuple(id(p) for p in member.parents if p.is_parameter))
        if way[-1:] != [step] or step[0] is not SUMS:  # a chain of sums is one sum
            way.append(step)
        if member is group.node:
            return tuple(way)
        member, position = above[member]


def node_kind(sketch: Sketch, node: Value) -> Hashable:
    """What tells a node apart by itself; a parameter is equal to no other."""
    if node.is_parameter or node is sketch.root:
        return id(node)
    if node not in sketch.opened:
        return "number" if node.is_constant else "input"
    power = TABLE["pow"]
    members = sketch.group(node).members
    return tuple((m.op, m.parents[1].data if m.op is power else None) for m in members)


def _numbered(keys: Mapping[KeyT, Hashable]) -> dict[KeyT, int]:
    numbers: dict[Hashable, int] = {}
    return {node: numbers.setdefault(key, len(numbers)) for node, key in keys.items()}
