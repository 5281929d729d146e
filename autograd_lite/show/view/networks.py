"""Which circuits are drawn as networks, and the sketch of one with its units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...core.order import circuit
from ...core.value import Value
from ...formulas.notation import given_names, is_unit
from .options import Options
from .plates import plated
from .sketch import Sketch
from .units import Unit, units_of, weighted_sums
from .view import sketch_of

#: From so many nodes on a network is drawn by its units, of which there may be so many.
_NETWORK, _UNITS = 12, 24

#: From so many equal parts on one is drawn.
_EQUAL = 5

#: The most operations outside all units of a network, and the most nodes that equal parts are sought in.
_REST, _SOUGHT = 12, 20_000


def as_network(root: Value, wanted: Options, *, asked: bool) -> tuple[Sketch, tuple[Unit, ...]] | None:
    """The sketch and the units of a circuit that is drawn as a network, None for another circuit.

    Equal parts, such as those of several samples, are folded where there are five or more, or where
    there are too many units otherwise, or as ``wanted.plates`` says.

    :param asked: whether it is to be drawn as a network in any case.
    """
    sums = weighted_sums(circuit(root), given_names(wanted.names))
    if not asked and len(sums) < 2:
        return None
    detail = "named" if wanted.detail == "sums" else wanted.detail
    sketch = sketch_of(root, replace(wanted, detail=detail, max_nodes=None), sums=sums)
    units = units_of(sketch, sums)
    if wanted.plates or (wanted.plates is None and len(sketch.nodes) <= _SOUGHT):
        folded = plated(sketch)
        many = max(folded.copies.values(), default=1) >= _EQUAL or not _is_small(sketch, units)
        if folded.copies and (many or wanted.plates):
            sketch, units = folded, units_of(folded, sums)
    return (sketch, units) if asked else _if_small(sketch, units)


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
