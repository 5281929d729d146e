"""The card style: one table per node with its value and gradient, the chain rule on every wire."""

from __future__ import annotations

from collections.abc import Iterable

from ..text.writer import NO_GRADIENT, shortened
from ..view.view import Node, View, Wire
from .dot import Look, Painter, clusters, document, plates, rule_row, stubs, turn
from .labels import NAME, html_table, row_of_cells, table_cell, tooltip

#: The most characters of a sum that is not broken.
_ONE_LINE = 30


def cards(view: View, look: Look) -> str:
    """The view as DOT, in cards: the header, the value, the gradient and the sum of its paths."""
    paint = Painter(view, look)
    folded = any(node.copies > 1 for node in view.nodes)
    body = [
        *(node_card(paint, i) for i in _from_the_top(view, look)),
        *stubs(paint),
        *(clusters(paint) if look.scopes and not folded else ()),
        *plates(paint, {i: [node.id] for i, node in enumerate(view.nodes)}),
        *(card_wire(paint, wire, j) for j, wire in enumerate(view.wires)),
        *(turn(f"n{result}", f"n{before}") for result, before in view.rounds),
    ]
    return document(paint, body, "nodesep=0.3 ranksep=0.5", fontsizes=(14, 12))


def _from_the_top(view: View, look: Look) -> Iterable[int]:
    """The nodes in such an order that the first of two circuits is on top: Graphviz begins below."""
    first = 1 + max(view.roots, default=-1) if look.direction == "LR" else 0
    return sorted(view.reading_order, key=lambda i: i < first)


def node_card(paint: Painter, i: int) -> str:
    """The statement that draws node ``i`` as a card."""
    node = paint.view.nodes[i]
    return (
        f'{node.id} [id="{node.id}" class="{node.kind}" shape=plain label={card_table(paint, i)} '
        f"tooltip={tooltip(paint.write.node_in_full(node))}];"
    )


def card_table(paint: Painter, i: int, name: str = "") -> str:
    """The card of node ``i``, under another name where one is given."""
    node = paint.view.nodes[i]
    leaf = node.kind in ("leaf", "param", "const") and not node.expression
    header = paint.text(shortened(name or node.label, NAME), "ink", 16, bold=True, italic=True)
    if node.expression:
        header += paint.text(f" = {shortened(node.expression, 2 * NAME)}", "ink", 15)
    number = node.kind == "const" and not (node.named or node.expression or name)
    if number:  # it is its own value
        header = paint.text(paint.write.value(node), "value", 16, bold=True)
    border = paint.border(i, width=2 if i in (paint.view.root, *paint.view.roots) else 1)
    fill = "out" if node.kind == "out" else "op"
    rows = [
        row_of_cells(table_cell(header, colspan=2, cellpadding=5))
        if leaf
        else row_of_cells(
            table_cell(header, colspan=2, bgcolor=paint.fill(fill, node.grad), cellpadding=5)
        ),
        *(() if number else _value_rows(paint, node, border["border"])),
        *_other_row(paint, "value", node, paint.write.value(node)),
    ]
    if node.tangent is not None:
        rows.append(_number_row(paint, "tangent", "value", paint.write.number(node.tangent)))
    if node.grad is not None:
        rows.append(_number_row(paint, paint.write.gradient_in_short(node), "grad", paint.write.grad(node)))
        rows += _other_row(paint, "grad", node, paint.write.grad(node))
        total = None if paint.look.compact else paint.write.sum_of_paths(i)
        rows += (
            row_of_cells(table_cell(paint.text(f" {line}", "grad", 12), colspan=2, align="RIGHT"))
            for line in _broken(total or "", paint.write.length(total or ""))
        )
    style = {"leaf": "ROUNDED", "param": "ROUNDED", "const": "DASHED"}.get(node.kind)
    return html_table(
        rows,
        border=border["border"],
        cellborder=0,
        cellspacing=0,
        cellpadding=4,
        color=border["color"],
        bgcolor=paint.fill("op" if node.kind == "out" else node.kind, node.grad),
        **({"style": style} if style else {}),
    )


def _broken(total: str, length: int) -> list[str]:
    """A sum on one line, or on two where it would make its card wide."""
    if length <= _ONE_LINE:
        return [total] if total else []
    terms = total.split(" + ")
    half = (len(terms) + 1) // 2
    return [" + ".join(terms[:half]) + " +", " + ".join(terms[half:])]


def _value_rows(paint: Painter, node: Node, border: object) -> tuple[str, str]:
    """A line across, and the value below it."""
    line = rule_row(paint.look.colors["wire"], 2, border)
    return line, _number_row(paint, "value", "value", paint.write.value(node))


def _number_row(paint: Painter, label: str, role: str, number: str) -> str:
    return row_of_cells(
        table_cell(paint.text(label, "muted", 11), align="LEFT"),
        table_cell(paint.text(number, role, 16, bold=True), align="RIGHT"),
    )


def _product_line(paint: Painter, way: str, role: str, local: str, product: tuple[str, str, str]) -> str:
    """``0.5403 × 0.6441 ≈ 0.348``: a local derivative times a number in the color of a role."""
    number, sign, result = product
    return (
        (paint.text(way, "muted", 13) if way else "")
        + paint.text(local, "local", 13)
        + paint.text(paint.write.times, "muted", 13)
        + paint.text(number, role, 13)
        + paint.text(f" {sign} ", "muted", 13)
        + paint.text(result, role, 13, bold=True)
    )


def _other_row(paint: Painter, kind: str, node: Node, printed: str) -> list[str]:
    """The number that another circuit has there, where it differs."""
    text = paint.write.differs(kind, node, printed)
    row = row_of_cells(table_cell(paint.text(text, "alert", 13, bold=True), colspan=2, align="RIGHT"))
    return [row] if text else []


def card_wire(
    paint: Painter, wire: Wire, j: int, start: str = "", end: str = "", labelled: bool = True
) -> str:
    """The edge that draws wire ``j``, from the node itself to the node itself if not told otherwise."""
    source, target = paint.view.nodes[wire.source], paint.view.nodes[wire.target]
    write, constant = paint.write, source.given
    label = ""
    if labelled and paint.look.local and not (wire.local is None and constant):
        local = write.local(wire)
        other = write.differs("local", wire, local)
        # Both derivatives of x·x are the same; those of a folded node differ from slot to slot.
        place = write.place(wire) if target.members > 1 else ""
        which = f" ({place})" if place else ""
        lines = [
            paint.text(f"{write.partial(target, source)}{which} = ", "muted", 12)
            + paint.text(local, "local", 13, bold=True)
            + (paint.text(f"  {other}", "alert", 13, bold=True) if other else "")
        ]
        product, push = write.product(wire), write.push(wire)
        if push is not None and wire.local is not None:
            lines.append(_product_line(paint, f"{write.ahead} ", "value", write.number(wire.local), push))
        if product is not None and wire.local is not None:
            again, way = (
                write.reference("local", wire, wire.local),
                "" if push is None else f"{write.back} ",
            )
            lines.append(_product_line(paint, way, "grad", again, product))
        elif wire.local is not None and not wire.reached and paint.view.swept:
            lines.append(paint.text(NO_GRADIENT, "muted", 13))
        cells = [row_of_cells(table_cell(each, align="LEFT")) for each in lines]
        # From top to bottom a label stands right beside its wire.
        padding = 1 if paint.look.direction in ("LR", "RL") else 3
        label = f" label={html_table(cells, border=0, cellspacing=0, cellpadding=padding)}"
    dashed = "" if wire.walked or constant else " style=dashed"
    return (
        f'{start or source.id} -> {end or target.id} [id="{wire.id}" class="edge" '
        f"tooltip={tooltip(write.wire_in_full(wire))}{dashed}{paint.stroke(j)}{label}];"
    )
