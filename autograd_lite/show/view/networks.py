"""Which circuits are drawn as networks, and the sketch of one with its units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from ...core.order import circuit
from ...core.value import Value
from ...formulas.notation import fmt, given_names, is_unit
from .alike import thinned_layers
from .options import Options, nodes_in
from .plates import plated
from .recurrence import rolled_up
from .sketch import Sketch
from .units import Affine, Unit, units_of, weighted_sums
from .view import sketch_of

#: From so many nodes on a network is drawn by its units, of which there may be so many.
_NETWORK, _UNITS = 12, 24

#: From so many equal parts or time steps on one is drawn; of more alike units than this three are.
_EQUAL, _STEPS, _ALIKE = 5, 6, 8

#: The most operations outside all units of a network, and the most nodes that equal parts are sought in.
_REST, _SOUGHT = 12, 20_000


def as_network(
    root: Value, wanted: Options, *, asked: bool, shown: Iterable[Value] = ()
) -> tuple[Sketch, tuple[Unit, ...]] | None:
    """The sketch and the units of a circuit that is drawn as a network, None for another circuit.

    Repetition is folded where there is much of it, or where there are too many units otherwise, or as
    ``wanted.plates`` says: equal parts, such as those of several samples; time steps; alike units of a
    layer.

    :param asked: whether it is to be drawn as a network in any case.
    :param shown: nodes that may not be left out.
    """
    sums = weighted_sums(circuit(root), given_names(wanted.names))
    if not asked and len(sums) < 2:
        return None
    detail = "named" if wanted.detail == "sums" else wanted.detail
    options = replace(wanted, detail=detail, max_nodes=None)
    kept = {*shown, *nodes_in(wanted)}

    def thinned(sketch: Sketch) -> Sketch:
        """A sketch of very many nodes with three of all alike units, before they are named."""
        large = wanted.plates is not False and len(sketch.nodes) > _SOUGHT
        return thinned_layers(sketch, sums, kept, _ALIKE) if large else sketch

    sketch = sketch_of(root, options, sums=sums, thinned=thinned)
    if wanted.plates is not False and len(sketch.nodes) <= _SOUGHT:
        sketch = _without_repeats(sketch, sums, kept, wanted)
    units = units_of(sketch, sums)
    return (sketch, units) if asked else _if_small(sketch, units)


def _without_repeats(
    sketch: Sketch, sums: Mapping[Value, Affine], kept: Set[Value], wanted: Options
) -> Sketch:
    """The sketch with its repetition folded where there is much of it; all of it where that is wanted."""

    def number(x: float) -> str:
        return fmt(x, wanted.digits, wanted.ascii)

    def is_large() -> bool:
        return bool(wanted.plates) or not _is_small(sketch, units_of(sketch, sums))

    folded = plated(sketch)
    nothing_lost = kept.isdisjoint(set(sketch.nodes).difference(folded.nodes))
    if nothing_lost and (max(folded.copies.values(), default=1) >= _EQUAL or is_large()):
        sketch = folded
    sketch = rolled_up(sketch, sums, kept, 3 if is_large() else _STEPS, number)
    return thinned_layers(sketch, sums, kept, 4 if is_large() else _ALIKE)


def has_units(sketch: Sketch) -> bool:
    """Whether a circuit is a network that is best drawn with a box for each unit."""
    units = {node.scope for node in sketch.nodes if is_unit(node.scope)}
    return len(sketch.nodes) >= _NETWORK and 1 < len(units) <= _UNITS


def _if_small(sketch: Sketch, units: tuple[Unit, ...]) -> tuple[Sketch, tuple[Unit, ...]] | None:
    number = sum(sketch.copies.get(sketch.nodes[unit.total], 1) for unit in units)
    enough = number > 1 and len(sketch.order) >= _NETWORK
    return (sketch, units) if enough and _is_small(sketch, units) else None


def _is_small(sketch: Sketch, units: Sequence[Unit]) -> bool:
    """Whether a network has few enough units, and little enough besides."""
    parts = {i for unit in units for i in (unit.total, unit.result)}
    rest = [node for i, node in enumerate(sketch.nodes) if i not in parts and node in sketch.opened]
    return len(units) <= _UNITS and len(rest) <= _REST
