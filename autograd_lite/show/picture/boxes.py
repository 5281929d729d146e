"""The scope style: one box per scope of the circuit, one line between two boxes."""

from __future__ import annotations

from dataclasses import replace

from ...formulas.notation import fmt
from ..text.writer import Writer, shortened
from ..view.view import View
from .card import node_card
from .collapse import Box, Bundle, Range, ScopeView, collapse
from .dot import Look, Painter, document, rule_row, stub_of
from .labels import NAME, html_table, row_of_cells, table_cell, tooltip


def boxes(view: View, look: Look, depth: int = 1) -> str:
    """The view as DOT, collapsed by the first ``depth`` levels of its scopes.

    :raises ValueError: when no node has a scope.
    """
    collapsed = collapse(view, depth)
    paint = Painter(replace(view, captions=collapsed.captions), look)
    body = [
        *(_box_table(paint, box, _is_marked(paint, box, depth)) for box in collapsed.boxes),
        *(node_card(paint, i) for i in collapsed.cards),
        *(_bundle_edge(paint, bundle, collapsed) for bundle in collapsed.bundles),
        *(
            line
            for k, (place, incoming, text) in enumerate(collapsed.stubs)
            for line in stub_of(paint, k, place, text, incoming)
        ),
    ]
    for family in collapsed.siblings:
        body.append(f"{{ rank=same; {' -> '.join(family)} [style=invis]; }}")
    return document(paint, body, "nodesep=0.3 ranksep=0.8", fontsizes=(14, 12), in_order=False)


def in_words(view: View, depth: int = 1) -> list[str]:
    """What the picture of :func:`boxes` shows: a sentence for each box and each card."""
    collapsed = collapse(view, depth)
    write = Writer(view)
    sentences = []
    for box in collapsed.boxes:
        members = ", ".join(
            f"{view.nodes[m.node].whole_label or m.label} = {write.number(m.value)}"
            + ("" if m.grad is None else f" (gradient {write.number(m.grad)})")
            for m in box.members
        )
        sentences.append(f"{box.title}: {_counted(box.nodes, 'node')}{members and ', '}{members}")
    return [
        *sentences,
        *(write.node_in_words(view.nodes[i]) for i in collapsed.cards),
        *collapsed.captions,
    ]


def _is_marked(paint: Painter, box: Box, depth: int) -> bool:
    """Whether a highlighted node is in the box."""
    scopes = (paint.view.nodes[i].scope for i in paint.look.nodes)
    return any("/".join(scope.split("/")[:depth]) == box.path for scope in scopes if scope)


def _box_table(paint: Painter, box: Box, marked: bool) -> str:
    c = paint.look.colors
    width = 1 + len(_heads(paint.view))
    border = 4 if marked else 1
    title = paint.text(shortened(box.title, NAME), "ink", 15, bold=True)
    header = paint.fill("out" if box.is_out else "scope", box.largest_grad)
    rows = [
        row_of_cells(table_cell(title, colspan=width, bgcolor=header, cellpadding=6)),
        rule_row(c["wire"], width, border),
    ]
    rows += _member_rows(paint, box) if box.members else _summary_rows(paint, box)
    label = html_table(
        rows,
        border=border,
        cellborder=0,
        cellspacing=0,
        cellpadding=4,
        color=c["alert" if marked else "wire"],
        bgcolor=c["op"],
    )
    tip = tooltip(f"{box.path}: {_counted(box.nodes, 'node')}")
    return f'{box.id} [id="{box.id}" class="group" shape=plain label={label} tooltip={tip}];'


def _heads(view: View) -> list[str]:
    """What the columns of numbers of a box are called."""
    moved = any(node.tangent is not None for node in view.nodes)
    return ["value", *(["tangent"] if moved else []), *(["grad"] if view.swept else [])]


def _member_rows(paint: Painter, box: Box) -> list[str]:
    """A row for every named member, in bold where it is used outside the box."""
    heads = _heads(paint.view)
    rows = [
        row_of_cells(
            table_cell(""), *(table_cell(paint.text(h, "muted", 11), align="RIGHT") for h in heads)
        )
    ]
    for member in box.members:
        name = paint.text(shortened(member.label, 24), "ink", 14, bold=member.output, italic=True)
        cells = [
            table_cell(name, align="LEFT", port=f"m{member.node}"),
            _number_cell(paint, "value", paint.write.number(member.value)),
        ]
        if "tangent" in heads:
            rate = "" if member.tangent is None else paint.write.number(member.tangent)
            cells.append(_number_cell(paint, "value", rate))
        if "grad" in heads:
            grad = "" if member.grad is None else paint.write.number(member.grad)
            cells.append(_number_cell(paint, "grad", grad, bgcolor=paint.fill("op", member.grad)))
        rows.append(row_of_cells(*cells))
    if box.unnamed:
        text = f"+ {_counted(box.unnamed, 'unnamed node')}"
        rows.append(
            row_of_cells(table_cell(paint.text(text, "muted", 11), colspan=1 + len(heads), align="LEFT"))
        )
    return rows


def _summary_rows(paint: Painter, box: Box) -> list[str]:
    """Rows that summarize a box of many members: counts and ranges."""
    width = 1 + len(_heads(paint.view))
    counts = _counted(box.nodes, "node")
    if box.parameters:
        counts += f", {box.parameters:,} of them parameters"
    rows = [row_of_cells(table_cell(paint.text(counts, "muted", 12), colspan=width, align="LEFT"))]
    if box.outputs == 1 and box.values is not None:
        cells = [_number_cell(paint, "value", paint.write.number(box.values.least))]
        if box.grads is not None:
            cells.append(_number_cell(paint, "grad", paint.write.number(box.grads.least)))
        what = "value, grad" if box.grads is not None else "value"
        rows.append(row_of_cells(table_cell(paint.text(what, "muted", 11), align="LEFT"), *cells))
    else:
        rows += _range_row(paint, f"{box.outputs:,} outputs", "value", box.values, width)
        rows += _range_row(paint, "their grads", "grad", box.grads, width)
    if box.largest_parameter_grad is not None:
        largest = paint.write.number(box.largest_parameter_grad)
        rows.append(_summary_row(paint, "largest |param grad|", "grad", largest, width))
    return rows


def _range_row(paint: Painter, label: str, role: str, spread: Range | None, width: int) -> list[str]:
    if spread is None:
        return []
    # Two numbers share one line: each gets one digit less.
    digits = min(paint.view.digits, max(paint.view.digits - 1, 2))
    ends = [fmt(x, digits, paint.view.ascii) for x in (spread.least, spread.largest)]
    text = f" {paint.write.ellipsis} ".join(dict.fromkeys(ends))
    return [_summary_row(paint, label, role, text, width)]


def _summary_row(paint: Painter, label: str, role: str, text: str, width: int) -> str:
    # The space leaves room for browsers, which set a long run wider than Graphviz measured.
    return row_of_cells(
        table_cell(paint.text(label, "muted", 11), align="LEFT"),
        table_cell(paint.text(f"{text} ", role, 14, bold=True), colspan=width - 1, align="RIGHT"),
    )


def _number_cell(paint: Painter, role: str, text: str, **attributes: object) -> str:
    return table_cell(paint.text(text, role, 14, bold=True) if text else "", align="RIGHT", **attributes)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _bundle_edge(paint: Painter, bundle: Bundle, collapsed: ScopeView) -> str:
    text, role = "", "muted"
    if bundle.contribution is not None:
        text, role = paint.write.number(bundle.contribution), "grad"
        text = f"+= {text}" if bundle.adds else text
    elif bundle.wires > 1:
        text = _counted(bundle.wires, "wire")
    tip = tooltip(f"{_counted(bundle.wires, 'wire')}{f', {text}' if role == 'grad' else ''}")
    stroke = paint.stroke(*bundle.indices).strip() or f"penwidth={bundle.width:.3g}"
    label = ""
    if text and collapsed.labelled and paint.look.local:
        # The padding keeps the number away from its own line.
        content = row_of_cells(table_cell(paint.text(text, role, 13, bold=role == "grad")))
        label = f" label={html_table([content], border=0, cellspacing=0, cellpadding=3)}"
    end = bundle.target
    listed = {member.node for box in collapsed.boxes if box.id == end for member in box.members}
    if bundle.weight in listed and paint.look.direction == "LR":
        end = f"{end}:m{bundle.weight}:w"
    return f'{bundle.source} -> {end} [id="{bundle.id}" class="edge" {stroke} tooltip={tip}{label}];'
