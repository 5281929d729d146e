"""A circuit as JavaScript that a page computes with, and where the page finds its numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...core.order import made_from
from ...core.value import Value
from ...program.javascript import javascript_of
from ...program.recording import Recording
from ...program.tracing import recording_of
from ...support.numbers import Watch
from ..view.sketch import Connection, Sketch
from ..view.view import View

#: A page of more operations than this would be slow to load.
_MOST_OPERATIONS = 20_000


class LiveCircuit(NamedTuple):
    """A circuit that a page can compute.

    ``script`` defines the function ``each``. ``data`` has by name: what the ``inputs`` are called where no
    scope tells them apart; the ``nodes`` of the drawing as entries of the circuit (a list with a number
    for what is not computed); for each wire the local derivatives whose product it carries, as pairs of
    an operation and a position; the ``operations``, each with its operands and whether it is piecewise;
    the ``root``.
    """

    script: str
    data: dict[str, Any]


def live_circuit(sketch: Sketch, view: View) -> LiveCircuit | str:
    """The circuit of a sketch for a page, or why a page cannot compute it.

    :param view: what was drawn of the sketch; its numbers count where a Value has another one by now.
    """
    drawn = {v: node.value for v, node in zip(sketch.nodes, view.nodes, strict=True)}
    inputs = [v for v in sketch.nodes if v.op is None and not v.is_constant]
    if not inputs:
        return "none of its inputs is drawn"
    recording = recording_of(inputs, [sketch.root], Watch())
    if len(recording) > _MOST_OPERATIONS:
        return f"{len(recording):,} operations are too many for a page"
    entries: dict[Value, int] = {v: i for i, v in enumerate(inputs)}
    for node in made_from(sketch.root):
        if node.op is not None and not node.is_constant:
            entries[node] = len(entries)
    now = recording.on_floats([drawn[v] for v in inputs])
    before = {v: drawn.get(v, v.data) for v in entries}
    if any(now[i] != before[v] and before[v] == before[v] for v, i in entries.items()):
        return "its values have changed since the forward pass"
    try:
        script = javascript_of(recording, [f"x{i}" for i in range(len(inputs))], "This circuit", each=True)
    except ValueError as error:
        return str(error)
    except OSError:  # such as in a frozen application
        return "the source of the package is not at hand"
    operations = [
        [[p for p in operands if type(p) is int], int(row is not None and row.piecewise)]
        for row, operands in zip(
            recording.rows[recording.inputs :], recording.operands[recording.inputs :], strict=True
        )
    ]
    names = {v: node.label for v, node in zip(sketch.nodes, view.nodes, strict=True)}
    data = {
        "nodes": [entries.get(v, [drawn[v]]) for v in sketch.nodes],
        "paths": [_path(sketch, wire, entries, recording) for wire in sketch.wires],
        "operations": operations,
        "inputs": [names[v] for v in inputs],
        "root": entries[sketch.root],
    }
    return LiveCircuit(script, data)


def _path(sketch: Sketch, wire: Connection, entries: dict[Value, int], recording: Recording) -> Any:
    """The local derivatives along a wire, from the drawn operation down; None for one from a constant."""
    group = sketch.group(wire.target)
    found = group.slots[wire.slot]
    assert found is not None
    consumer = {p: m for m in group.members for p in m.parents if p in sketch.folded}
    member, position = found.member, found.position
    path = []
    while True:
        entry = entries.get(member, -1)
        operands = recording.operands[entry] if entry >= 0 else ()
        if not operands or type(operands[position]) is not int:
            return None
        path.append([entry, sum(type(p) is int for p in operands[:position])])
        if member is wire.target:
            return path[::-1]
        above = consumer[member]
        member, position = above, next(i for i, p in enumerate(above.parents) if p is member)
