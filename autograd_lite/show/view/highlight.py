"""A path through a circuit that a picture emphasizes, such as the way of a nan to the result."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ...core.value import Value
from .sketch import Sketch


def path_of(highlight: Any) -> tuple[tuple[Value, ...], str | None]:
    """The Values of a path, operands first, and a caption for it, or None.

    :param highlight: a sequence of Values, or an object with a ``path`` of them, such as what
        ``find_nonfinite`` returns; None for no path.
    :raises TypeError: for anything else.
    """
    if highlight is None:
        return (), None
    path = getattr(highlight, "path", highlight)
    if not isinstance(path, Sequence) or not all(isinstance(v, Value) for v in path):
        raise TypeError(
            "highlight must be a sequence of Values, or what find_nonfinite returned, not "
            f"{type(highlight).__name__} ({highlight!r:.60})"
        )
    if path is highlight or not path:
        return tuple(path), None
    return tuple(path), f"first nan or infinity: {highlight}"


class Highlight(NamedTuple):
    """Which nodes and wires of a view a path runs through, and whether all of it is drawn."""

    nodes: frozenset[int] = frozenset()
    wires: frozenset[int] = frozenset()
    whole: bool = True


def highlighted(sketch: Sketch, path: Sequence[Value]) -> Highlight:
    """Which nodes and wires of the view of ``sketch`` a path runs through.

    :raises ValueError: when the path leaves the circuit.
    """
    if not path:
        return Highlight()
    groups = {node: sketch.group(node) for node in sketch.nodes if node in sketch.opened}
    owner = {}
    for i, node in enumerate(sketch.nodes):
        for member in groups[node].members if node in groups else (node,):
            owner[member] = i
    steps = set(pairwise(path))
    wires = set()
    for j, wire in enumerate(sketch.wires):
        slot = groups[wire.target].slots[wire.slot]
        if slot is not None and (slot.source, slot.member) in steps:
            wires.add(j)
    nodes = frozenset(owner[v] for v in path if v in owner)
    # Unnamed constants are part of a formula; they do not count as cut off.
    hidden = [v for v in path if v not in owner and not v.is_constant]
    if hidden and (lost := set(hidden).difference(sketch.order)):
        raise ValueError(
            f"highlight holds {lost.pop()!r}, which is not below {sketch.root!r}: "
            "give a path of its circuit"
        )
    return Highlight(nodes, frozenset(wires), not hidden)
