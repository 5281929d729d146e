"""Which nodes and wires of a circuit are drawn, before any text is made.

A sketch is reduced first (:mod:`autograd_lite.show.view.reduce`), so that of a large circuit only what is
left costs texts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from ...core.adjoints import reverse
from ...core.order import circuit
from ...core.value import Value
from ...formulas.notation import DisplayName, fmt

#: How a caption begins that says that what is shown is out of date: in Unicode, in ASCII.
ALERTS = ("⚠ ", "! ")


class Slot(NamedTuple):
    """One operand of a drawn operation: ``source``, used by ``member`` as operand ``position``.

    ``local`` is the derivative of the drawn operation by it, None where no gradient flows.
    """

    source: Value
    member: Value
    position: int
    local: float | None


class Group(NamedTuple):
    """A drawn operation with what is folded into it.

    ``members`` has results before operands, the drawn node first; ``slots`` is in reading order, None
    for a number that is printed in the formula.
    """

    node: Value
    members: tuple[Value, ...]
    slots: tuple[Slot | None, ...]


class Connection(NamedTuple):
    """A wire of a sketch: slot number ``slot`` of ``target``."""

    source: Value
    target: Value
    slot: int
    local: float | None


@dataclass(frozen=True)
class Sketch:
    """The nodes and wires that are drawn, and the circuit that they come from.

    ``nodes`` are in evaluation order, ``wires`` in the order of consumer and slot. ``opened`` are the
    nodes that are shown as operations, ``folded`` those that are part of their consumer's formula;
    ``order`` is the whole circuit. ``adjoint`` holds the gradient of every node that the sweep from
    the root reaches, ``names`` what the nodes are called, ``swept`` whether gradients are shown,
    ``written`` the constants that are computed from named ones, ``moving`` what depends on a node that
    is differentiated by, None where that is every input; ``tangents`` the rates of forward mode, None
    where it is not shown; ``copies`` how many equal nodes each stands for that stands for several;
    ``skipped`` the nodes that are left out as they are alike to others, ``after`` how many of them right
    after a node, and ``untold`` which nodes lose how many operands (True) or consumers (False) by that;
    ``rounds`` what goes round from a time step to the next: the result, and what stands for it there.
    """

    root: Value
    order: Sequence[Value]
    nodes: tuple[Value, ...]
    opened: Set[Value]
    folded: Set[Value]
    adjoint: Mapping[Value, float]
    wires: tuple[Connection, ...] = ()
    captions: tuple[str, ...] = ()
    stubs: tuple[tuple[Value, str, bool], ...] = ()
    names: Mapping[Value, DisplayName] = field(default_factory=dict)
    swept: bool = False
    written: Set[Value] = frozenset()
    moving: Set[Value] | None = None
    tangents: Mapping[Value, float] | None = None
    copies: Mapping[Value, int] = field(default_factory=dict)
    skipped: Set[Value] = frozenset()
    after: Mapping[Value, int] = field(default_factory=dict)
    untold: tuple[tuple[Value, int, bool], ...] = ()
    rounds: tuple[tuple[Value, Value], ...] = ()

    def is_given(self, node: Value) -> bool:
        """Whether nothing is differentiated by ``node`` or by what it depends on."""
        return node.is_constant or (self.moving is not None and node not in self.moving)

    def contribution(self, wire: Connection) -> float | None:
        """What the wire adds to the gradient of its source; None where the sweep does not go."""
        if wire.local is None or wire.target not in self.adjoint:
            return None
        return wire.local * self.adjoint[wire.target]

    def group(self, node: Value) -> Group:
        """The operation ``node`` with everything that is folded into it."""
        drawn = self._drawn
        if not self.folded:
            slots = [
                Slot(p, node, i, local) if p in drawn else None
                for i, (p, local) in enumerate(zip(node.parents, node._locals(), strict=True))
            ]
            return Group(node, (node,), tuple(slots))
        members: list[Value] = []
        found: list[Slot | None] = []
        stack: list[tuple[Value, Value, int, float | None]] = [(node, node, 0, 1.0)]
        while stack:
            value, member, position, local = stack.pop()
            if value is node or value in self.folded:
                members.append(value)
                operands = tuple(zip(value.parents, value._locals(), strict=True))
                for place in range(len(operands) - 1, -1, -1):
                    operand, own = operands[place]
                    chained = None if own is None or local is None else own * local
                    stack.append((operand, value, place, chained))
            elif value in drawn:
                found.append(Slot(value, member, position, local))
            else:
                found.append(None)
        return Group(node, tuple(members), tuple(found))

    @cached_property
    def _drawn(self) -> Set[Value]:
        return frozenset(self.nodes)

    def connected(self) -> Sketch:
        """The same sketch with the wires of all its operations."""
        wires = [
            Connection(slot.source, node, place, slot.local)
            for node in self.nodes
            if node in self.opened
            for place, slot in enumerate(self.group(node).slots)
            if slot is not None
        ]
        return replace(self, wires=tuple(wires))


def capture(
    root: Value, names: Mapping[Value, str], all_constants: bool, kept: Set[Value] = frozenset()
) -> Sketch:
    """The sketch of the whole circuit below ``root``, with a node for every operation.

    Unnamed constants, and operations on them, belong to the formulas unless ``all_constants`` or
    ``kept``. Arithmetic of named constants is drawn, such as 1 − y; but what a named constant was computed
    from is not.
    """
    order = circuit(root)
    reached = {root}
    opened = set()
    rests: set[Value] = set()  # constants that rest on a named one
    written: set[Value] = set()  # those without a name of their own
    for node in order:
        if node.is_constant and (node.name is not None or node in names):
            rests.add(node)
        elif node.is_constant and node.op is not None and not rests.isdisjoint(node.parents):
            rests.add(node)
            written.add(node)
    for node in reversed(order):
        shown = not node.is_constant or node is root or all_constants or node in written
        if node in reached and shown:
            reached.update(node.parents)
            if node.op is not None:
                opened.add(node)
    nodes = tuple(
        node
        for node in order
        if node in reached
        and (
            all_constants
            or not node.is_constant
            or node is root
            or node.name is not None
            or node in names
            or node in kept
            or node in written
        )
    )
    adjoint = reverse([(root, 1.0)])
    return Sketch(root, order, nodes, opened, frozenset(), adjoint, written=written).connected()


def stale(sketch: Sketch, digits: int, ascii: bool) -> list[str]:
    """Captions about nodes whose ``.grad`` or ``.data`` is not what the picture shows."""
    sign = ALERTS[ascii]
    captions = []
    found: dict[str, list[str]] = {}
    root = sketch.root
    # A root that was swept n times has gradient n; any other number comes from a sweep above it.
    foreign = root.swept and not _agree(root.grad, max(round(root.grad), 1) if _is_finite(root) else 0)
    for node in sketch.nodes if sketch.swept and root.swept else ():
        pure = sketch.adjoint.get(node, 0.0)
        if node.is_constant or _agree(node.grad, pure):
            continue
        if not node.swept or node.grad == 0:
            how = "was zeroed after the sweep"
        elif not foreign and abs(node.grad) > abs(pure) and node.grad * pure >= 0:
            how = "holds more than this sweep (zero_grad?)"
        else:
            how = "comes from another sweep than the one drawn"
        found.setdefault(how, []).append(
            f"{sketch.names[node].text}.grad = {fmt(node.grad, digits, ascii)} {how}"
        )
    for texts in found.values():
        others = len(texts) - 1
        more = f", as {'does' if others == 1 else 'do'} {others:,} more" if others else ""
        captions.append(f"{sign}{texts[-1] if foreign else texts[0]}{more}")
    if any(_changed(node) for node in sketch.order if node.op is not None):
        captions.append(f"{sign}values changed since the forward pass")
    return captions


def _is_finite(root: Value) -> bool:
    return math.isfinite(root.grad)


def _agree(a: float, b: float) -> bool:
    # The sweep and the drawing may add in different orders.
    return a == b or (a != a and b != b) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def _changed(node: Value) -> bool:
    """Whether the operands' present data would give another result."""
    row = node.op
    assert row is not None
    xs = tuple(p.data for p in node.parents)
    now = row.ieee_value(xs)
    return now != node.data and (now == now or node.data == node.data)
