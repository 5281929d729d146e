"""The scope style: one box per part of the circuit, one line between two boxes."""

from __future__ import annotations

from dataclasses import replace

from ..view.numbers import fmt
from ..view.view import View
from .collapse import Box, Bundle, ScopeView, Spread, collapse
from .dot import Look, Writer, document, node_card, ruled, stub_of
from .labels import cell, cut, row, table, tooltip


def scoped(view: View, look: Look, depth: int = 1) -> str:
    """The view as DOT, collapsed by the first ``depth`` levels of its scopes.

    :raises ValueError: when no node has a scope.
    """
    collapsed = collapse(view, depth)
    write = Writer(replace(view, captions=collapsed.captions), look)
    body = [
        *(_box(write, box, _holds(write, box, depth)) for box in collapsed.boxes),
        *(node_card(write, i) for i in collapsed.cards),
        *(_line(write, bundle, collapsed) for bundle in collapsed.bundles),
        *(
            line
            for k, (place, incoming, text) in enumerate(collapsed.stubs)
            for line in stub_of(write, k, place, text, incoming)
        ),
    ]
    for family in collapsed.siblings:
        body.append(f"{{ rank=same; {' -> '.join(family)} [style=invis]; }}")
    return document(write, body, "nodesep=0.3 ranksep=0.8", fontsizes=(14, 12))


def in_words(view: View, depth: int = 1) -> list[str]:
    """What the picture of :func:`scoped` shows: a sentence for each box and each card."""
    collapsed = collapse(view, depth)
    write = Writer(view, Look({}))
    told = []
    for box in collapsed.boxes:
        members = ", ".join(
            f"{view.nodes[m.node].whole_label or m.label} = {write.number(m.value)}"
            + ("" if m.grad is None else f" (gradient {write.number(m.grad)})")
            for m in box.members
        )
        told.append(f"{box.title}: {_counted(box.nodes, 'node')}{members and ', '}{members}")
    return [*told, *(write.sentence(view.nodes[i]) for i in collapsed.cards), *collapsed.captions]


def _holds(write: Writer, box: Box, depth: int) -> bool:
    """Whether a highlighted node is in the box."""
    scopes = (write.view.nodes[i].scope for i in write.look.nodes)
    return any("/".join(scope.split("/")[:depth]) == box.path for scope in scopes if scope)


def _box(write: Writer, box: Box, marked: bool) -> str:
    c = write.look.colours
    swept = write.view.swept
    width = 3 if swept else 2
    border = 4 if marked else 1
    title = write.text(cut(box.title), "ink", 15, bold=True)
    header = c["out" if box.is_out else "scope"]
    rows = [
        row(cell(title, colspan=width, bgcolor=header, cellpadding=6)),
        ruled(c["wire"], width, border),
    ]
    rows += _members(write, box) if box.members else _summary(write, box)
    label = table(
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


def _members(write: Writer, box: Box) -> list[str]:
    """A row for every named member, those that are used outside in bold."""
    swept = write.view.swept
    heads = ("value", "grad") if swept else ("value",)
    rows = [row(cell(""), *(cell(write.text(h, "muted", 11), align="RIGHT") for h in heads))]
    for member in box.members:
        name = write.text(cut(member.label, 24), "ink", 14, bold=member.output, italic=True)
        cells = [cell(name, align="LEFT"), _number(write, "value", write.number(member.value))]
        if swept:
            grad = "" if member.grad is None else write.number(member.grad)
            cells.append(_number(write, "grad", grad))
        rows.append(row(*cells))
    if box.unnamed:
        text = f"+ {_counted(box.unnamed, 'unnamed node')}"
        rows.append(
            row(cell(write.text(text, "muted", 11), colspan=3 if swept else 2, align="LEFT"))
        )
    return rows


def _summary(write: Writer, box: Box) -> list[str]:
    """What can be said of many members at once."""
    swept = write.view.swept
    width = 3 if swept else 2
    counts = _counted(box.nodes, "node")
    if box.parameters:
        counts += f", {box.parameters:,} of them parameters"
    rows = [row(cell(write.text(counts, "muted", 12), colspan=width, align="LEFT"))]
    if box.outputs == 1 and box.values is not None:
        cells = [_number(write, "value", write.number(box.values.least))]
        if box.grads is not None:
            cells.append(_number(write, "grad", write.number(box.grads.least)))
        said = "value, grad" if box.grads is not None else "value"
        rows.append(row(cell(write.text(said, "muted", 11), align="LEFT"), *cells))
    else:
        rows += _ranged(write, f"{box.outputs:,} outputs", "value", box.values, width)
        rows += _ranged(write, "their grads", "grad", box.grads, width)
    if box.largest_parameter_grad is not None:
        largest = write.number(box.largest_parameter_grad)
        rows.append(_wide(write, "largest |param grad|", "grad", largest, width))
    return rows


def _ranged(write: Writer, label: str, role: str, spread: Spread | None, width: int) -> list[str]:
    if spread is None:
        return []
    # Two numbers in one line: one digit less for each.
    digits = min(write.view.digits, max(write.view.digits - 1, 2))
    ends = [fmt(x, digits, write.view.ascii) for x in (spread.least, spread.largest)]
    text = f" {write.dots} ".join(dict.fromkeys(ends))
    return [_wide(write, label, role, text, width)]


def _wide(write: Writer, label: str, role: str, text: str, width: int) -> str:
    # The space leaves room for browsers, which set a long run wider than it was measured.
    return row(
        cell(write.text(label, "muted", 11), align="LEFT"),
        cell(write.text(f"{text} ", role, 14, bold=True), colspan=width - 1, align="RIGHT"),
    )


def _number(write: Writer, role: str, text: str) -> str:
    return cell(write.text(text, role, 14, bold=True) if text else "", align="RIGHT")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _line(write: Writer, bundle: Bundle, collapsed: ScopeView) -> str:
    text, role = "", "muted"
    if bundle.contribution is not None:
        text, role = write.number(bundle.contribution), "grad"
        text = f"+= {text}" if bundle.adds else text
    elif bundle.wires > 1:
        text = _counted(bundle.wires, "wire")
    told = tooltip(f"{_counted(bundle.wires, 'wire')}{f', {text}' if role == 'grad' else ''}")
    stroke = write.stroke(*bundle.indices).strip() or f"penwidth={bundle.width:.3g}"
    label = ""
    if text and collapsed.labelled:
        # The padding keeps the number off its own line.
        content = row(cell(write.text(text, role, 13, bold=role == "grad")))
        label = f" label={table([content], border=0, cellspacing=0, cellpadding=3)}"
    return (
        f'{bundle.source} -> {bundle.target} [id="{bundle.id}" class="edge" '
        f"{stroke} tooltip={told}{label}];"
    )
