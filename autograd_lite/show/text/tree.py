"""The circuit as an indented tree of text, the result at the top."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...core.value import Value
from ..view.numbers import factor, fmt, relation
from ..view.view import Node, View, Wire, snapshot
from .columns import columns, left, right, shown
from .names import bracketed

__all__ = ["tree", "tree_of"]

#: How deep the indentation goes; what is deeper is a tree of its own further down.
DEEPEST = 40


class _Row(NamedTuple):
    label: str
    value: str
    grad: str
    local: str


class _Branch(NamedTuple):
    """A node that waits to be printed: below what wire, after what lines of the tree."""

    node: int
    wire: Wire | None
    lines: str
    last: bool


def tree(root: Value, ascii: bool = False, **options: Any) -> str:
    """The circuit below ``root`` as an indented tree, operands below results.

    Each line has the node's value and, once ``root`` has been swept, its gradient and the chain
    rule on the wire above it. A node that is used again is printed once.

    :param ascii: no characters beyond ASCII.
    :param options: as for ``draw``: ``names``, ``detail``, ``digits``, ``max_nodes``, …

    >>> x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    >>> q = x + y; q.name = "q"
    >>> f = q * z; f.name = "f"
    >>> f.backward()
    >>> print(tree(f))
                  value  grad  local derivative, × upstream = contribution
    f = q·z         −12     1
    ├─ q = x + y      3    −4  ∂f/∂q = −4, × 1 = −4
    │  ├─ x          −2    −4  ∂q/∂x = 1, × (−4) = −4
    │  └─ y           5    −4  ∂q/∂y = 1, × (−4) = −4
    └─ z             −4     3  ∂f/∂z = 3, × 1 = 3
    """
    return tree_of(snapshot(root, ascii=ascii, scoped=False, **options))


def tree_of(view: View) -> str:
    """The tree of a view that is there already; see :func:`tree`."""
    times = "*" if view.ascii else "×"
    head = (
        f"local derivative, {times} upstream = contribution" if view.swept else "local derivative"
    )
    body, deep = _rows(view)
    rows = [_Row("", "value", "grad" if view.swept else "", head), *body]
    labels, values, grads, _ = columns(rows)
    out = []
    for row in rows:
        cells = [left(row.label, labels), right(row.value, values)]
        if view.swept:
            cells.append(right(row.grad, grads))
        out.append("  ".join([*cells, row.local]).rstrip())
    if view.title:
        out[:0] = [shown(view.title, None, view.ascii), ""]
    notes = list(view.captions)
    if deep:
        notes.append(f"below {DEEPEST} levels: a tree of its own, further down (see below)")
    if notes:
        out += ["", *(shown(note, None, view.ascii) for note in notes)]
    return "\n".join(out)


def _rows(view: View) -> tuple[list[_Row], bool]:
    """The lines from the root down, then those of what was too deep, if anything was."""
    fork, end, bar, gap = (
        ("|- ", "`- ", "|  ", "   ") if view.ascii else ("├─ ", "└─ ", "│  ", "   ")
    )
    hidden: dict[int, list[str]] = {}
    for stub in view.stubs:
        if stub.incoming:
            hidden.setdefault(stub.attached, []).append(shown(stub.text, None, view.ascii))
    rows: list[_Row] = []
    printed: set[int] = set()
    later = [view.root]
    for start in later:
        if start in printed:
            continue
        if rows:
            rows.append(_Row("", "", "", ""))
        stack: list[_Branch | _Row] = [_Branch(start, None, "", True)]
        while stack:
            branch = stack.pop()
            if isinstance(branch, _Row):
                rows.append(branch)
                continue
            node = view.nodes[branch.node]
            own, below, local = branch.lines, branch.lines, ""
            if branch.wire is not None:
                own += end if branch.last else fork
                below += gap if branch.last else bar
                local = _local(view, branch.wire)
            wires, cut = view.incoming(branch.node), hidden.get(branch.node, [])
            again = branch.node in printed
            deep = bool(wires) and len(below) > len(bar) * DEEPEST
            if (again and node.kind != "const") or deep:
                place = "above" if again else "below"
                rows.append(_Row(f"{own}{_name(view, node)}  (see {place})", "", "", local))
                later += [] if again else [branch.node]
                continue
            printed.add(branch.node)
            value = fmt(node.value, view.digits, view.ascii)
            grad = "" if node.grad is None else fmt(node.grad, view.digits, view.ascii)
            rows.append(_Row(own + _label(view, node), value, grad, local))
            stack += [_Row(below + end + text, "", "", "") for text in cut]
            stack += [
                _Branch(wire.source, wire, below, wire is wires[-1] and not cut)
                for wire in reversed(wires)
            ]
    return rows, len(later) > 1


def _name(view: View, node: Node) -> str:
    return shown(node.label, ascii=view.ascii)


def _label(view: View, node: Node) -> str:
    if not node.expression:
        return _name(view, node)
    return f"{_name(view, node)} = {shown(node.expression, None, view.ascii)}"


def _local(view: View, wire: Wire) -> str:
    """``∂u/∂t = 3, × 0.6441 ≈ 1.932``; empty for a constant, which has no derivative."""
    source, target = view.nodes[wire.source], view.nodes[wire.target]
    if source.kind == "const":
        return ""
    if wire.local is None:
        return "(no gradient flows)"
    d = "d" if view.ascii else "∂"
    names = [bracketed(_name(view, node)) for node in (target, source)]
    local = fmt(wire.local, view.digits, view.ascii)
    text = f"{d}{names[0]}/{d}{names[1]} = {local}"
    if wire.contribution is None or target.grad is None:
        return text
    upstream = fmt(target.grad, view.digits, view.ascii)
    product = fmt(wire.contribution, view.digits, view.ascii)
    sign = relation(local, upstream, product, view.ascii)
    return f"{text}, {'*' if view.ascii else '×'} {factor(upstream)} {sign} {product}"
