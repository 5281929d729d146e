"""What is drawn: one frozen snapshot of a circuit, which every emitter reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..adjoints import reverse
from ..formula import expression, local_formula
from ..value import Value, circuit
from .names import display, latex_name


@dataclass(frozen=True)
class Node:
    """One drawn node."""

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


@dataclass(frozen=True)
class Wire:
    """One operand slot of a drawn node."""

    id: str
    source: int
    target: int
    slot: int
    local: float | None
    local_formula: str
    latex_local: str
    contribution: float | None


@dataclass(frozen=True)
class Stub:
    """What a cut left out beside one node."""

    attached: int
    text: str
    incoming: bool


@dataclass(frozen=True)
class View:
    """A frozen snapshot of a circuit."""

    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]
    root: int
    rows: tuple[int, ...]
    swept: bool
    digits: int
    ascii: bool
    captions: tuple[str, ...]
    stubs: tuple[Stub, ...] = ()
    total: int = 0
    title: str | None = None

    def incoming(self, i: int) -> tuple[Wire, ...]:
        """The wires into node ``i``, in slot order."""
        return self._ends[0][i]

    def outgoing(self, i: int) -> tuple[Wire, ...]:
        """The wires out of node ``i``, in wire order."""
        return self._ends[1][i]

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
) -> View:
    """What ``root`` looks like now. Nothing is written to the circuit."""
    given = {}
    for key, v in (names or {}).items():
        if isinstance(v, Value) and not key.startswith("_"):
            given.setdefault(v, key)
    nodes = [
        v
        for v in circuit(root)
        if not v.is_constant or v is root or v in given or v.name or constants == "nodes"
    ]
    index = {v: i for i, v in enumerate(nodes)}
    swept = grads == "always" or (grads == "auto" and root.swept)
    adjoint = reverse([(root, 1.0)])
    raw = []
    count = 0
    for v in nodes:
        name = given.get(v) or v.name
        if name is None and not v.is_constant:
            count += 1
            name = f"v{count}"
        raw.append(name or "")
    labels = [display(name, ascii) for name in raw]
    latex_labels = [latex_name(name) for name in raw]
    out_nodes, wires = [], []
    for i, v in enumerate(nodes):
        kind = (
            "const"
            if v.is_constant
            else ("param" if v.is_parameter else "leaf")
            if v.op is None
            else "out"
            if v is root
            else "op"
        )
        shown = [labels[index[p]] if p in index else None for p in v.parents]
        tex = [latex_labels[index[p]] if p in index else None for p in v.parents]
        text = expression(v, shown, digits=digits)
        out_nodes.append(
            Node(
                id=f"n{i}",
                kind=kind,
                label=labels[i],
                latex_label=latex_labels[i],
                named=bool(given.get(v) or v.name),
                expression=text,
                expression_full=text,
                latex_expression=expression(v, tex, "latex", digits=digits),
                glyph=v.op.glyph if v.op else "",
                value=v.data,
                grad=adjoint.get(v, 0.0) if swept and not v.is_constant else None,
                scope=v.scope,
            )
        )
        for slot, (p, d) in enumerate(zip(v.parents, v._locals(), strict=True)):
            if p in index:
                wires.append(
                    Wire(
                        f"e{len(wires)}",
                        index[p],
                        i,
                        slot,
                        d,
                        local_formula(v, slot, shown),
                        local_formula(v, slot, tex, "latex"),
                        None if d is None or not swept else d * adjoint.get(v, 0.0),
                    )
                )
    rows = tuple(
        index[v]
        for v in reversed(circuit(root, rightmost_first=True))
        if v in index and out_nodes[index[v]].kind in ("op", "out")
    )
    return View(
        tuple(out_nodes),
        tuple(wires),
        index[root],
        rows,
        swept,
        digits,
        ascii,
        (),
        total=len(nodes),
        title=title,
    )
