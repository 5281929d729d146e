"""What stands in a unit of a network: its weights, its weighted sum with δ, its activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...formulas.names import display
from ...formulas.notation import factor
from ..text.writer import shortened
from ..view.units import Unit
from .dot import Painter
from .labels import html_table, row_of_cells, table_cell, text_width


class Run(NamedTuple):
    """A piece of a line of text in one color and size."""

    text: str
    role: str
    size: float
    bold: bool = False
    italic: bool = False


class TextColumn(NamedTuple):
    """Lines of text, one below the other, that stand in one column of every unit of a layer.

    ``gradients`` has one for every line where each stands for a weight of its own, else one for all.
    """

    lines: tuple[tuple[Run, ...], ...]
    align: str = "CENTER"
    gradients: tuple[float | None, ...] = ()

    @property
    def width(self) -> float:
        """At least the width of the longest line, in points."""
        return max((sum(text_width(r.text, r.size) for r in line) for line in self.lines), default=0.0)


def unit_blocks(paint: Painter, unit: Unit) -> tuple[TextColumn, ...]:
    """The texts of a unit: names, values and gradients of its weights, its sum, and its result."""
    return (*_operand_blocks(paint, unit), _total_block(paint, unit), _result_block(paint, unit))


def _operand_blocks(paint: Painter, unit: Unit) -> tuple[TextColumn, ...]:
    write, view = paint.write, paint.view
    names, values, grads, numbers = [], [], [], []
    for place, each in enumerate(unit.operands, 1):
        name, grad = "b" if each.is_bias else display(f"w{place}", view.ascii), ""
        number, rate = write.number(each.value), None
        numbers.append(view.wires[each.wire].contribution if each.wire >= 0 else None)
        if each.wire >= 0:
            wire = view.wires[each.wire]
            weight = view.nodes[wire.source]
            name, number, rate = weight.label, write.number(weight.value), weight.tangent
            if len(view.outgoing(wire.source)) == 1:
                grad = write.grad(weight)  # of equal parts the sum over all
            elif weight.grad is not None:
                grad = f"+= {write.contribution(wire) or write.number(0.0)}"
        names.append((Run(shortened(name, 12), "ink", 15, italic=True),))
        values.append((Run(number, "value", 16, bold=True), *_rate(paint, rate or None)))
        grads.append((Run(grad, "grad", 16, bold=True),) if view.swept else ())
    return (
        TextColumn(tuple(names), "LEFT"),
        TextColumn(tuple(values), "RIGHT"),
        TextColumn(tuple(grads), "RIGHT", tuple(numbers)),
    )


def _total_block(paint: Painter, unit: Unit) -> TextColumn:
    """The weighted sum of a unit with δ, and the product that δ is."""
    write, view, node = paint.write, paint.view, paint.view.nodes[unit.total]
    biased = " + b" if any(each.is_bias for each in unit.operands) else ""
    head = Run(f" = w{'*' if view.ascii else '·'}x{biased}", "ink", 14)
    value = Run(write.value(node), "value", 16, True), *_rate(paint, node.tangent)
    if paint.look.compact:
        lines = [(_name(paint, unit.total), Run(" = ", "ink", 14), *value)]
    else:
        lines = [(_name(paint, unit.total), head), value]
    if node.grad is not None:
        sign = f"d{_name(paint, unit.total).text}" if view.d == "dz" else "delta" if view.ascii else "δ"
        delta = Run(f"{sign} = ", "muted", 13)
        lines.append((delta, Run(write.grad(node), "grad", 16, True)))
        if paint.look.local and unit.result != unit.total:
            result, (wire,) = view.nodes[unit.result], view.incoming(unit.result)
            product = write.product(wire)
            upstream = product[0] if product else factor(write.number(result.grad or 0.0))
            local = Run(write.reference("local", wire, wire.local or 0.0), "local", 13)
            lines.append((local, Run(write.times, "muted", 13), Run(upstream, "grad", 13)))
    return TextColumn(tuple(lines), gradients=(node.grad,))


def _result_block(paint: Painter, unit: Unit) -> TextColumn:
    """The activation of a unit, the gradient by it, and its derivative; empty without activation."""
    if unit.result == unit.total:
        return TextColumn(())
    write, node = paint.write, paint.view.nodes[unit.result]
    head = [Run(f"{node.glyph}({_name(paint, unit.total).text})", "ink", 14)]
    if node.named:
        head = [_name(paint, unit.result), Run(" = ", "ink", 14), *head]
    value = Run(write.value(node), "value", 16, True), *_rate(paint, node.tangent)
    if paint.look.compact:
        name = [_name(paint, unit.result)] if node.named else head
        return TextColumn(((*name, Run(" = ", "ink", 14), *value),), gradients=(node.grad,))
    lines = [tuple(head), value]
    if node.grad is not None:
        label = f"{write.gradient(node)} = " if node.named else ""
        lines.append((Run(label, "muted", 13), Run(write.grad(node), "grad", 16, True)))
    if paint.look.local and not paint.view.nodes[unit.total].given:
        (wire,) = paint.view.incoming(unit.result)
        prime = Run(f"{node.glyph}{chr(39) if paint.view.ascii else '′'} = ", "muted", 13)
        lines.append((prime, Run(write.local(wire), "local", 13, True)))
    return TextColumn(tuple(lines), gradients=(node.grad,))


def _name(paint: Painter, i: int) -> Run:
    node = paint.view.nodes[i]
    return Run(shortened(node.label, 20) if node.named else "z", "ink", 15, bold=True, italic=True)


def _rate(paint: Painter, tangent: float | None) -> tuple[Run, ...]:
    """The tangent of a node beside its value; nothing where there is none."""
    if tangent is None:
        return ()
    return (Run(f" {paint.write.ahead} {paint.write.number(tangent)}", "value", 13),)


def unit_table(
    paint: Painter,
    unit: Unit,
    blocks: Sequence[TextColumn],
    widths: Sequence[float],
    name: str,
    stacked: bool,
) -> str:
    """The box of a unit: its weights, whose names are ports ``{name}p0``, …, and its results.

    Wires out of it start at the port ``{name}out``.

    :param widths: the least widths of its columns.
    :param stacked: whether its activation stands below its sum, not beside it.
    """
    c = paint.look.colors
    marked = unit.result if unit.result in paint.look.nodes else unit.total
    border = paint.border(marked, width=2 if paint.view.root == unit.result else 1)
    *operands, total, result = blocks
    given = paint.view.nodes[unit.total].given
    idle = not given and not any(w.walked for w in paint.view.incoming(unit.total))
    weights = _columns_of(paint, operands, widths, name, [each.skipped for each in unit.operands])
    parts = [table_cell(weights, bgcolor=c["param"], cellpadding=0)]
    shown = [(total, widths[3])] + [(result, widths[4])] * bool(result.lines)
    for block, width in shown:
        shade = paint.fill("const" if idle else "op", *block.gradients)
        port = {"port": f"{name}out"} if block is shown[-1][0] else {}
        inner = _columns_of(paint, [block], [max(widths[3:]) if stacked else width])
        parts.append(table_cell(inner, bgcolor=shade, **port))
    style: dict[str, object] = {"cellborder": 0, "cellspacing": 0, "cellpadding": 0}
    if stacked and result.lines:
        rows = [row_of_cells(parts[1]), "<HR/>", row_of_cells(parts[2])]
        parts[1:] = [table_cell(html_table(rows, border=0, color=border["color"], **style)[1:-1])]
    outline = {"border": border["border"], "color": border["color"], "bgcolor": c["op"]}
    return html_table([row_of_cells("<VR/>".join(parts))], **outline, **style)


def _columns_of(
    paint: Painter,
    blocks: Sequence[TextColumn],
    widths: Sequence[float],
    name: str = "",
    skipped: Sequence[int] = (),
) -> str:
    """A table inside a cell, a column for every block; with a name the rows of the first are ports.

    :param skipped: how many rows are left out before each.
    """
    rows = []
    for p, line in enumerate(zip(*(block.lines for block in blocks), strict=True)):
        if more := paint.write.more(skipped[p] if skipped else 0):
            cell = table_cell(paint.text(more, "muted", 13), colspan=len(blocks), align="LEFT")
            rows.append(row_of_cells(cell))
        cells = []
        for q, (runs, block) in enumerate(zip(line, blocks, strict=True)):
            given: dict[str, object] = {"port": f"{name}p{p}"} if name and not q else {}
            if len(block.gradients) > 1:
                given["bgcolor"] = paint.fill("param", block.gradients[p])
            text = "".join(paint.text(*run) for run in runs)
            cells.append(table_cell(text, align=block.align, width=f"{widths[q] + 8:.0f}", **given))
        rows.append(row_of_cells(*cells))
    return html_table(rows, border=0, cellborder=0, cellspacing=0, cellpadding=4)[1:-1]
