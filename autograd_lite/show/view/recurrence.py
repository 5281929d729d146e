"""Time steps rolled up: of a recurrence one step is kept, the last, and its result goes round to itself.

Steps are found by the units that use the same parameters one after the other. They are equal when they
are made alike from their inputs and from the step before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Set
from dataclasses import replace

from ...core.value import Value
from .plates import node_kind, way_through
from .reduce import part_of
from .sketch import Connection, Sketch
from .units import Affine


def rolled_up(
    sketch: Sketch,
    sums: Mapping[Value, Affine],
    kept: Set[Value],
    least: int,
    number: Callable[[float], str] = str,
) -> Sketch:
    """The sketch with the last of at least ``least`` equal time steps; ``copies`` says how many there are.

    Nothing is changed where a node of ``kept`` would be lost.

    :param number: writes the numbers of captions.
    """
    steps = _steps_of(sketch, sums)
    count = max(steps.values(), default=0)
    if count < max(least, 3):
        return sketch
    codes = _Codes(sketch, steps)
    slices: list[dict[Hashable, Value]] = [{} for _ in range(count + 1)]
    for node, step in steps.items():
        if node in sketch.opened:
            # What the first step starts from has no step before it.
            code = codes.near[node] if step == 1 else codes.whole[node]
            if code in slices[step]:
                return sketch
            slices[step][code] = node
    last, cell = slices[count], set(slices[2])
    drawn = {last[code] for code in cell if code in last}
    equal = len(drawn) == len(cell) and all(set(each) == cell for each in slices[2:count])
    if not equal or set(slices[1]) != {codes.near[node] for node in drawn}:
        return sketch
    lost = {node for node, step in steps.items() if step < count}
    rounds: dict[Value, Value] = {}  # from what is used of the step before to what it has become
    begins: dict[Value, None] = {}
    into: dict[tuple[Value, int], Value] = {(w.target, w.slot): w.source for w in sketch.wires}
    for (target, slot), source in into.items():
        if target in drawn and source in lost:
            if steps[source] != count - 1 or source not in sketch.opened:
                return sketch
            rounds[source] = last[codes.whole[source]]
            begins[into[slices[1][codes.near[target]], slot]] = None
    if not rounds or not lost.isdisjoint(kept) or any(node in sketch.opened for node in begins):
        return sketch
    inputs = {node for node, step in steps.items() if step == count and node not in sketch.opened}
    drawn |= {node for node in inputs if _users(sketch, node) <= drawn}
    part = part_of(sketch, {node for node in sketch.nodes if node not in lost or node in rounds})
    drawn.update(rounds)
    wires = tuple(wire for wire in part.wires if wire.target not in rounds)
    copies = {**part.copies, **{node: count * sketch.copies.get(node, 1) for node in drawn}}
    begin = " and ".join(f"{sketch.names[v].text} = {number(v.data)}" for v in begins)
    caption = f"one of {count:,} equal steps is drawn, the last; the first began with {begin}"
    return replace(
        part,
        opened=part.opened - rounds.keys(),
        wires=wires,
        copies=copies,
        rounds=tuple((result, before) for before, result in rounds.items()),
        captions=(*part.captions, caption),
    )


def _users(sketch: Sketch, node: Value) -> set[Value]:
    return {wire.target for wire in sketch.wires if wire.source is node}


def _steps_of(sketch: Sketch, sums: Mapping[Value, Affine]) -> dict[Value, int]:
    """The time step of every node from 1 on; parameters and what several steps use have none."""
    same: dict[Hashable, list[Value]] = defaultdict(list)
    for node in sketch.nodes:
        if (parts := sums.get(node)) is not None and node in sketch.opened:
            own = *(id(w.operand) for w, _ in parts.terms), *(id(b.operand) for b in parts.biases)
            same[own, None if parts.activation is None else parts.activation.op].append(node)
    steps = {node: i for nodes in same.values() if len(nodes) > 1 for i, node in enumerate(nodes, 1)}
    shown = sketch.opened & set(sketch.nodes)
    for node, step in list(steps.items()):  # products and sums that are drawn by themselves
        inner = {*(w.member for w, _ in sums[node].terms), *sums[node].inside}
        steps |= dict.fromkeys(inner & shown, step)
    users: dict[Value, set[int]] = defaultdict(set)
    for wire in sketch.wires:  # operands come before their consumers
        if wire.source in steps:
            steps[wire.target] = max(steps.get(wire.target, 0), steps[wire.source])
    for wire in sketch.wires:
        if wire.source not in sketch.opened and not wire.source.is_parameter and wire.target in steps:
            users[wire.source].add(steps[wire.target])
    return steps | {node: used.pop() for node, used in users.items() if len(used) == 1}


class _Codes:
    """What each node of a step is made from: ``near``, of its own step, and ``whole``, of both steps."""

    def __init__(self, sketch: Sketch, steps: Mapping[Value, int]) -> None:
        self._numbers: dict[Hashable, int] = {}
        self.near: dict[Value, int] = {}
        self.whole: dict[Value, int] = {}
        into: dict[Value, list[Connection]] = defaultdict(list)
        for wire in sketch.wires:
            into[wire.target].append(wire)
        for node in sketch.nodes:
            if node in steps:
                kind = node_kind(sketch, node) if node in sketch.opened else "number"
                group = sketch.group(node) if node in sketch.opened else None
                near: list[Hashable] = []
                whole: list[Hashable] = []
                for wire in into[node]:
                    assert group is not None
                    slot = group.slots[wire.slot]
                    assert slot is not None
                    way, source = way_through(group, slot), wire.source
                    back = steps[node] - steps.get(source, steps[node])
                    if source not in steps:
                        near.append((way, id(source)))
                        whole.append((way, id(source)))
                    elif back or source not in sketch.opened:
                        near.append((way, "given"))
                        whole.append((way, back, self.near[source]))
                    else:
                        near.append((way, self.near[source]))
                        whole.append((way, 0, self.whole[source]))
                self.near[node] = self._number(("near", kind, tuple(near)))
                self.whole[node] = self._number(("whole", kind, tuple(whole)))

    def _number(self, code: Hashable) -> int:
        return self._numbers.setdefault(code, len(self._numbers))
