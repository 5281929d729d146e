"""Repetition folded: equal parts, equal time steps, alike units, and when that is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...core.value import Value
from ...formulas.notation import fmt
from .alike import thinned_layers
from .options import Options, nodes_in
from .plates import plated
from .recurrence import rolled_up
from .sketch import Sketch
from .units import Affine, Unit, units_of

#: The most units of a network that are drawn one by one, and the most operations outside of all units.
_UNITS, _REST = 24, 12

#: From so many equal parts or time steps on one is drawn; of more alike units than this three are.
_EQUAL, _STEPS, _ALIKE = 5, 6, 8

#: The most nodes that equal parts are sought in.
_SOUGHT = 20_000


def without_repeats(
    sketch: Sketch, sums: Mapping[Value, Affine], wanted: Options, shown: Sequence[Value] = ()
) -> Sketch:
    """The sketch with its repetition folded where there is much of it; all of it where that is wanted.

    :param shown: nodes that may not be left out, besides those that an option names.
    """
    if wanted.plates is False or len(sketch.nodes) > _SOUGHT:
        return sketch
    kept = {*nodes_in(wanted), *shown}

    def number(x: float) -> str:
        return fmt(x, wanted.digits, wanted.ascii)

    def is_large() -> bool:
        return bool(wanted.plates) or not is_small(sketch, units_of(sketch, sums))

    folded = plated(sketch)
    nothing_lost = kept.isdisjoint(set(sketch.nodes).difference(folded.nodes))
    if nothing_lost and (max(folded.copies.values(), default=1) >= _EQUAL or is_large()):
        sketch = folded
    sketch = rolled_up(sketch, sums, kept, 3 if is_large() else _STEPS, number)
    return thinned_layers(sketch, sums, kept, 4 if is_large() else _ALIKE)


def thinned_early(
    sketch: Sketch, sums: Mapping[Value, Affine], wanted: Options, shown: Sequence[Value] = ()
) -> Sketch:
    """A sketch of very many nodes with three of all alike units, before anything is named."""
    if wanted.plates is False or len(sketch.nodes) <= _SOUGHT:
        return sketch
    return thinned_layers(sketch, sums, {*nodes_in(wanted), *shown}, _ALIKE)


def is_small(sketch: Sketch, units: Sequence[Unit]) -> bool:
    """Whether a network has few enough units, and little enough besides, to be drawn by its units."""
    parts = {i for unit in units for i in (unit.total, unit.result)}
    rest = [node for i, node in enumerate(sketch.nodes) if i not in parts and node in sketch.opened]
    return len(units) <= _UNITS and len(rest) <= _REST
