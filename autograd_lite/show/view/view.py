"""What is drawn: one frozen snapshot of a circuit, which every emitter reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ...core.order import circuit
from ...core.value import Value
from ...formulas.notation import Label
from .options import Options
from .outline import outline
from .sketch import Group, Sketch
from .texts import Formula, Texts


@dataclass(frozen=True)
class Node:
    """One drawn node.

    ``kind`` is ``"leaf"``, ``"param"``, ``"const"``, ``"op"`` or ``"out"``, the root when it is an
    operation. ``label`` is for people and may hold any printable character: emitters escape it.
    ``named`` is False for v₁, v₂, … The formula is ``""`` for leaves; ``expression`` is cut to be
    printed, ``expression_full`` is for a tooltip. ``grad`` is None where no gradient is shown.
    ``members`` counts the nodes of the circuit that are drawn as this one. ``whole_label`` is the name
    for a tooltip where ``label`` is cut, else empty.
    """

    id: str
    kind: str
    label: str
    latex_label: str
    named: bool
    expression: str
    expression_full: str
    latex_expression: str
    glyph: str
    value: float
    grad: float | None
    scope: str
    members: int = 1
    whole_label: str = ""


@dataclass(frozen=True)
class Wire:
    """One operand slot of a drawn operation: from node ``source`` into slot ``slot`` of ``target``.

    ``local`` is the derivative of the target by the source along this wire, None where no gradient
    flows (a constant, a branch not taken, a step); its formula is ``""`` where only the number is
    known. ``contribution`` is ``local`` times the target's gradient, None where no gradient is shown.
    """

    id: str
    source: int
    target: int
    slot: int
    local: float | None
    local_formula: str
    latex_local: str
    contribution: float | None

    @property
    def is_flat(self) -> bool:
        """Whether no gradient flows because the derivative is 0 wherever there is one (``floor``)."""
        return self.local is None and self.local_formula == "0"


@dataclass(frozen=True)
class Stub:
    """What a cut left out beside node ``attached``: before it (``incoming``) or after it."""

    attached: int
    text: str
    incoming: bool


@dataclass(frozen=True)
class View:
    """A frozen snapshot of a circuit; the nodes are in evaluation order, wires name them by index.

    ``rows`` are the operations in the order of the sweep, as in the lecture's table. ``captions`` say
    what was left out and what is out of date.
    """

    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]
    root: int
    rows: tuple[int, ...]
    swept: bool
    digits: int
    ascii: bool
    captions: tuple[str, ...]
    stubs: tuple[Stub, ...] = ()
    title: str | None = None

    def incoming(self, i: int) -> tuple[Wire, ...]:
        """The wires into node ``i``, in slot order."""
        return self._ends[0][i]

    def outgoing(self, i: int) -> tuple[Wire, ...]:
        """The wires out of node ``i``, in wire order."""
        return self._ends[1][i]

    def unswept(self) -> View:
        """The same without any gradient, as before a sweep."""
        nodes = tuple(replace(node, grad=None) for node in self.nodes)
        wires = tuple(replace(wire, contribution=None) for wire in self.wires)
        return replace(self, nodes=nodes, wires=wires, swept=False)

    @cached_property
    def parted(self) -> frozenset[int]:
        """The nodes that are used by something that was cut off."""
        return frozenset(stub.attached for stub in self.stubs if not stub.incoming)

    @property
    def drawn(self) -> int:
        """How many nodes of the circuit the drawn ones stand for."""
        return sum(node.members for node in self.nodes)

    @property
    def scoped(self) -> bool:
        """Whether any node belongs to a scope, so that the view can be collapsed by scope."""
        return any(node.scope for node in self.nodes)

    @cached_property
    def _ends(self) -> tuple[list[tuple[Wire, ...]], list[tuple[Wire, ...]]]:
        into: list[list[Wire]] = [[] for _ in self.nodes]
        out: list[list[Wire]] = [[] for _ in self.nodes]
        for wire in self.wires:
            into[wire.target].append(wire)
            out[wire.source].append(wire)
        return [tuple(w) for w in into], [tuple(w) for w in out]


def snapshot(
    root: Value,
    *,
    names: Mapping[str, Any] | None = None,
    detail: str = "sums",
    constants: str = "inline",
    grads: str = "auto",
    digits: int = 4,
    ascii: bool = False,
    title: str | None = None,
    focus: Value | None = None,
    max_depth: int | None = None,
    min_grad: float | None = None,
    max_nodes: int | None = 100,
    collapsible: bool = False,
    scoped: bool = True,
) -> View:
    """What ``root`` and everything below it look like now. Nothing is written to the circuit.

    Gradients are those of one sweep from ``root``, computed here; a ``.grad`` that holds something
    else is told in a caption, as is everything that is left out.

    :param names: what nodes are called, by identity, such as ``locals()``; it beats ``.name``. Keys
        that start with an underscore are ignored.
    :param detail: ``"all"``; ``"sums"``: chains of unnamed sums are one node; ``"named"``: every
        unnamed operation that is used once is folded into its consumer.
    :param constants: ``"inline"``: unnamed constants are printed in the formulas; ``"nodes"``.
    :param grads: ``"auto"``: shown if ``root`` has been swept; ``"always"``; ``"never"``.
    :param digits: significant digits, 1 to 17.
    :param ascii: ASCII signs.
    :param focus: only what is on a path from this node to ``root``.
    :param max_depth: only what is so many steps from ``root``.
    :param min_grad: only wires whose contribution is at least so large.
    :param max_nodes: of a larger circuit only the nodes nearest to ``root``; None for all.
    :param collapsible: leave a circuit with scopes whole, for the caller to collapse.
    :param scoped: the caller shows scopes, so that nodes of different ones may share a name.
    :raises TypeError: when ``root`` or ``focus`` is not a Value.
    :raises ValueError: for a value that an option does not have, and for ``min_grad`` where no
        gradient is shown.

    >>> x = Value(3.0, "x")
    >>> view = snapshot(x * x, grads="always")
    >>> [(wire.slot, wire.local_formula, wire.contribution) for wire in view.wires]
    [(0, 'x', 3.0), (1, 'x', 3.0)]
    >>> view.nodes[0].grad
    6.0
    """
    options = Options(
        names=names,
        detail=detail,
        constants=constants,
        grads=grads,
        digits=digits,
        ascii=ascii,
        focus=focus,
        max_depth=max_depth,
        min_grad=min_grad,
        max_nodes=max_nodes,
        collapsible=collapsible,
        scoped=scoped,
    )
    sketch = outline(root, options)
    view = typeset(sketch, digits, ascii, title)
    return view if sketch.swept else view.unswept()


def typeset(sketch: Sketch, digits: int, ascii: bool, title: str | None) -> View:
    """A sketch with all texts and numbers, gradients among them unless the root is a constant."""
    texts, swept = Texts(sketch.labels, digits, ascii), not sketch.root.is_constant
    index = {node: i for i, node in enumerate(sketch.nodes)}
    slots: dict[Value, set[int]] = {}
    for wire in sketch.wires:
        slots.setdefault(wire.target, set()).add(wire.slot)
    groups = {node: sketch.group(node) for node in sketch.nodes if node in sketch.opened}
    formulas = {n: texts.formula(g, slots.get(n, set())) for n, g in groups.items()}
    nodes = tuple(
        _node(
            i, node, sketch, groups.get(node), sketch.labels[node], formulas.get(node), texts, swept
        )
        for i, node in enumerate(sketch.nodes)
    )
    wires = []
    for i, wire in enumerate(sketch.wires):
        text, latex = formulas[wire.target].locals_[wire.slot]
        added = sketch.contribution(wire) if swept else None
        wires.append(
            Wire(
                f"e{i}",
                index[wire.source],
                index[wire.target],
                wire.slot,
                wire.local,
                text,
                latex,
                added,
            )
        )
    sweep = reversed(circuit(sketch.root, rightmost_first=True))
    return View(
        nodes,
        tuple(wires),
        index[sketch.root],
        tuple(index[n] for n in sweep if n in index and nodes[index[n]].kind in ("op", "out")),
        swept,
        texts.digits,
        texts.ascii,
        sketch.captions,
        tuple(Stub(index[node], text, incoming) for node, text, incoming in sketch.stubs),
        title,
    )


def _node(
    i: int,
    node: Value,
    sketch: Sketch,
    group: Group | None,
    label: Label,
    formula: Formula | None,
    texts: Texts,
    swept: bool,
) -> Node:
    if node.is_constant:
        kind = "const"
    elif node.op is None:
        kind = "param" if node.is_parameter else "leaf"
    else:
        kind = "out" if node is sketch.root else "op"
    return Node(
        f"n{i}",
        kind,
        label.text,
        label.latex,
        label.named,
        formula.short if formula else "",
        formula.full if formula else "",
        formula.latex if formula else "",
        texts.glyph(group) if group else "",
        node.data,
        sketch.adjoint.get(node, 0.0) if swept and not node.is_constant else None,
        node.scope,
        len(group.members) if group else 1,
        label.whole,
    )
