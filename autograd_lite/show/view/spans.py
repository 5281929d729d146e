"""How long the wires of a circuit are, which decides how long it takes to lay it out."""

from __future__ import annotations

from ...core.value import Value
from .sketch import Sketch

#: The length of all wires that may be drawn for each node that max_nodes allows. Graphviz lays out so much
#: in a second; the time grows explosively with long wires, not with nodes.
_LENGTH = 8


def total_length(sketch: Sketch) -> int:
    """The sum of the steps that the wires of a sketch pass, at least 1 each."""
    level: dict[Value, int] = {}
    for wire in sketch.wires:  # operands come before their consumers
        level[wire.target] = max(level.get(wire.target, 0), level.get(wire.source, 0) + 1)
    made = {wire.target for wire in sketch.wires}
    for wire in reversed(sketch.wires):
        if wire.source not in made:  # an input stands right before its first use
            level[wire.source] = min(level.get(wire.source, level[wire.target]), level[wire.target] - 1)
    return sum(level[wire.target] - level[wire.source] for wire in sketch.wires)


def allowed_nodes(sketch: Sketch, most: int) -> int | None:
    """How many nodes of a sketch to try instead of ``most``, where its wires are too long; else None."""
    length = total_length(sketch)
    if length <= _LENGTH * most or len(sketch.nodes) <= 8:
        return None
    # In a circuit with long wires their length grows with the square of the nodes, or faster.
    return max(8, int(len(sketch.nodes) * max(0.5, (_LENGTH * most / length) ** 0.5)))
