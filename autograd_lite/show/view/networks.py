"""Which circuits are drawn as networks, and the sketch of one with its units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...core.order import circuit
from ...core.value import Value
from ...formulas.notation import given_names, is_unit
from .folding import is_small
from .options import Options
from .sketch import Sketch
from .units import Unit, units_of, weighted_sums
from .view import sketch_of

#: From so many nodes on a network is drawn by its units, of which there may be so many in scopes.
_NETWORK, _SCOPES = 12, 24


def as_network(
    root: Value, wanted: Options, *, asked: bool, shown: Sequence[Value] = ()
) -> tuple[Sketch, tuple[Unit, ...]] | None:
    """The sketch and the units of a circuit that is drawn as a network, None for another circuit.

    :param asked: whether it is to be drawn as a network in any case.
    :param shown: nodes that may not be folded away.
    """
    sums = weighted_sums(circuit(root), given_names(wanted.names))
    if not asked and len(sums) < 2:
        return None
    detail = "named" if wanted.detail == "sums" else wanted.detail
    sketch = sketch_of(root, replace(wanted, detail=detail, max_nodes=None), sums=sums, shown=shown)
    units = units_of(sketch, sums)
    if asked:
        return sketch, units
    number = sum(sketch.copies.get(sketch.nodes[unit.total], 1) for unit in units)
    enough = number > 1 and len(sketch.order) >= _NETWORK
    return (sketch, units) if enough and is_small(sketch, units) else None


def has_units(sketch: Sketch) -> bool:
    """Whether a circuit is a network that is best drawn with a box for each unit."""
    units = {node.scope for node in sketch.nodes if is_unit(node.scope)}
    return len(sketch.nodes) >= _NETWORK and 1 < len(units) <= _SCOPES
