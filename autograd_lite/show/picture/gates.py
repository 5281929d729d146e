"""The circuit style: gates as circles, the value above each wire and the gradient below it.

The notation is that of Stanford's cs231n lectures, with the product ``local × upstream`` under each
gradient and a dot where a value forks and its gradient contributions add.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..text.writer import NO_GRADIENT, shortened
from ..view.texts import FUNCTION
from ..view.view import Node, View, Wire
from .dot import Look, Painter, document, plates, stubs, turn
from .labels import NAME, html_table, row_of_cells, run, table_cell, tooltip

_ENTERING = re.compile(r'\S+ -> n\d+ \[id="(\w+)"')

#: The most wires that meet at a gate from directions that differ to the eye.
_APART = 3

#: How many wires beside others there may be that still are curves.
_FEW_WIRES = 2

#: The room for a glyph in a wide circle, in points, and the smallest size of a long glyph.
_ROOM, _LEAST = 36, 9

#: A size that is read with ease, and how wide a glyph may be that has a larger circle for it.
_EASY, _WIDEST = 12, 48


def gates(view: View, look: Look) -> str:
    """The view as DOT, in gates and wires from left to right.

    :raises ValueError: for another direction: the numbers stand above and below level wires.
    """
    if look.direction != "LR":
        raise ValueError(
            f'style="circuit" is drawn from left to right only, not direction={look.direction!r}: '
            'use style="card"'
        )
    paint = Painter(view, look)
    body: list[str] = []
    chains = _chains(view)
    for i in view.reading_order:
        level = f" group=g{chains[i]}"
        body.append(_gate(paint, i, level))
        body += _trunk(paint, i, level)
    # The edges into a gate come in the order of its operands, which Graphviz keeps.
    place = {wire.id: j for j, wire in enumerate(view.wires)}
    body.sort(key=lambda line: place.get(found[1], -1) if (found := _ENTERING.match(line)) else -1)
    body += stubs(paint, {i: f"j{i}" for i in view.feeds_hidden if _forks(view, i)})
    drawn = re.findall(r"^([nwj](\d+)\w*) \[", "\n".join(body), re.MULTILINE)
    body += plates(paint, {i: [name for name, k in drawn if int(k) == i] for i in range(len(view.nodes))})
    body += (turn(f"w{result}:r:e", f"n{before}") for result, before in view.rounds)
    # Where many wires run beside each other they need room, and corners keep them apart.
    beside = sum(
        max(0, len(view.outgoing(i)) - 1, len(view.incoming(i)) - _APART) for i in range(len(view.nodes))
    )
    spacing, splines = ("ranksep=0.4", "polyline") if beside > _FEW_WIRES else ("ranksep=0.18", "spline")
    spacing = f"nodesep=0.12 {spacing} outputorder=edgesfirst"
    return document(paint, body, spacing, (17, 15), stroke=1.8, splines=splines)


def _chains(view: View) -> list[int]:
    """For every node the first of its chain of single wires, which is drawn level."""
    chains: list[int] = []
    for i in range(len(view.nodes)):
        into = view.incoming(i)
        alone = len(into) == 1 and not _forks(view, into[0].source)
        chains.append(chains[into[0].source] if alone else i)
    return chains


def _gate(paint: Painter, i: int, level: str) -> str:
    node = paint.view.nodes[i]
    common = f'id="{node.id}" class="{node.kind}"{level} tooltip={tooltip(paint.write.node_in_full(node))}'
    if not node.glyph:
        return f"{node.id} [{common} shape=plain label={_name_label(paint, node, i)}];"
    c = paint.look.colors
    stroke = f'color="{c["alert"]}" penwidth=3.6' if i in paint.look.nodes else "penwidth=1.8"
    if node.glyph in FUNCTION:  # only the formula shows what several operations do
        label = paint.text(node.expression, "ink", 13)
        shape = 'shape=box margin="0.11,0.08" height=0.5 style="rounded,filled"'
    else:
        glyph = shortened(node.glyph, 12)
        width, size = _fitted(glyph)
        label = paint.text(glyph, "ink", size)
        look = '"filled,dashed"' if node.kind == "const" else "filled"
        shape = f"shape=circle fixedsize=true width={width:.3g} style={look}"
    return (
        f'{node.id} [{common} {shape} fillcolor="{paint.fill("op", node.grad)}" {stroke} label=<{label}>];'
    )


def _fitted(glyph: str) -> tuple[float, int]:
    """The width of a circle in inches and the size of the glyph in it, by the widths of letters."""
    ems = sum(0.28 if c in "fijlrt().·" else 0.7 if c.isupper() else 0.56 for c in glyph)
    wide = len(glyph) > 4
    if wide and ems * _LEAST > _ROOM:  # such as a number of many digits
        return (ems * _LEAST + 12) / 72, _LEAST
    if wide and _ROOM < ems * _EASY < _WIDEST:  # such as w·x + b
        return (ems * _EASY + 12) / 72, _EASY
    room = _ROOM if wide else 28
    return 0.66 if wide else 0.56, max(_LEAST if wide else 12, min(17, int(room / ems)))


def _name_label(paint: Painter, node: Node, i: int = -1) -> str:
    role = "alert" if i in paint.look.nodes else "ink"
    name = table_cell(paint.text(shortened(node.label, NAME), role, 18, bold=True, italic=True), port="r")
    c = paint.look.colors
    box = {"border": 1, "color": c["rule"], "bgcolor": c["param"], "style": "ROUNDED"}
    framed = box if node.kind == "param" else {"border": 0}
    return html_table([row_of_cells(name)], **framed, cellborder=0, cellpadding=2, cellspacing=0)


def _trunk(paint: Painter, i: int, level: str) -> list[str]:
    """The wire out of a node: to its only consumer, through a fork to several, or to the end."""
    node, wires = paint.view.nodes[i], paint.view.outgoing(i)
    start = node.id if node.glyph else f"{node.id}:r:e"
    marked = _stroke_of(paint, i, wires).attributes
    if i == paint.view.root:
        lines = [
            _wire_label(paint, f"w{i}", node, level=level),
            f"{start} -> w{i}:r:w [arrowhead=none weight=9{marked}];",
        ]
        if node.glyph:
            lines.append(f'end [id="end" shape=plain{level} label={_name_label(paint, node, i)}];')
            lines.append(f"w{i}:r:e -> end:r:w [arrowhead=none weight=9{marked}];")
        return lines
    if len(wires) == 1 and not _forks(paint.view, i):
        return _branch(paint, start, wires[0], f"w{i}", node, " weight=5", level)
    lines = [_wire_label(paint, f"w{i}", node, level=level)]
    if not wires:
        return [*lines, f"{start} -> w{i}:r:w [arrowhead=none weight=9{marked}];"]
    lines.append(f"{start} -> w{i}:r:w [arrowhead=none weight=9{marked}];")
    adds = f"fork: the contributions to the gradient of {node.label} add up"
    c = paint.look.colors
    lines.append(
        f'j{i} [id="j{i}" class="fork"{level} shape=point width=0.1 color="{c["wire"]}" '
        f'fillcolor="{c["wire"]}" tooltip={tooltip(adds if paint.view.swept else "fork")}];'
    )
    lines.append(f"w{i}:r:e -> j{i} [arrowhead=none weight=9{marked}];")
    for k, wire in enumerate(wires):
        lines += _branch(paint, f"j{i}", wire, f"w{i}_{k}")
    return lines


class _Stroke(NamedTuple):
    """How a wire is drawn: attributes of its edges, height and role of the line through its numbers."""

    attributes: str
    height: int
    role: str


def _stroke_of(paint: Painter, trunk: int, wires: Sequence[Wire]) -> _Stroke:
    """How ``wires`` are drawn, or the trunk of node number ``trunk``, -1 for none."""
    ends = trunk == paint.view.root and trunk in paint.look.nodes
    if ends or paint.look.wires.intersection(map(_index, wires)):
        return _Stroke(f' color="{paint.look.colors["alert"]}" penwidth=3.6', 4, "alert")
    if paint.look.ink is None:
        return _Stroke("", 2, "wire")
    x = paint.view.nodes[trunk].grad if trunk >= 0 else wires[0].contribution
    # With an even height the ends of the edges meet its middle.
    height = max(2, 2 * round(paint.look.ink.width(x) / 2))
    return _Stroke(f" penwidth={0.9 * height:g}", height, "wire")


def _forks(view: View, i: int) -> bool:
    """Whether the wire out of a node forks; consumers that are not drawn count as one."""
    ways = len(view.outgoing(i))
    return ways > 0 and ways + (i in view.feeds_hidden) > 1


def _index(drawn: Wire | Node) -> int:
    """The index of a node or a wire in the view."""
    return int(drawn.id[1:])


def _is_live(paint: Painter, wire: Wire) -> bool:
    """Whether a gradient can flow along a wire; what comes from a constant is drawn as if it did."""
    return wire.walked or paint.view.nodes[wire.source].given


def _branch(
    paint: Painter,
    start: str,
    wire: Wire,
    name: str,
    node: Node | None = None,
    weight: str = "",
    level: str = "",
) -> list[str]:
    """The wire into one operand slot with its numbers; ``node`` is given when it has no other wire."""
    marked = _stroke_of(paint, -1, [wire]).attributes
    if not _is_live(paint, wire):
        marked += f' style=dashed color="{paint.look.colors["rule"]}"'
    many = " merging" if len(paint.view.incoming(wire.target)) > _APART else ""
    return [
        _wire_label(paint, name, node, wire, level),
        f"{start} -> {name}:r:w [arrowhead=none{weight}{marked}];",
        f'{name}:r:e -> n{wire.target} [id="{wire.id}" class="edge{many}"{weight}{marked} '
        f"tooltip={tooltip(paint.write.wire_in_full(wire))}];",
    ]


def _wire_label(
    paint: Painter, id: str, node: Node | None, wire: Wire | None = None, level: str = ""
) -> str:
    """The numbers of a wire, in rows above and below a line that is the wire itself."""
    c = paint.look.colors
    # Without a wire it is the trunk of all wires that leave the node.
    wires = [wire] if wire is not None else [] if node is None else paint.view.outgoing(_index(node))
    line = _stroke_of(paint, -1 if node is None or wire is not None else _index(node), wires)
    idle = wire is not None and not _is_live(paint, wire)
    shade = c["rule" if idle and line.role == "wire" else line.role]
    blank = run(" ", c["ink"], 9)
    name, above, below, chain = _wire_numbers(paint, node, wire)
    # There are as many rows below the line as above it: the line is then level with the gates.
    rows = [
        row_of_cells(table_cell(above or blank, height=24)),
        row_of_cells(table_cell("", port="r", height=line.height, cellpadding=0, bgcolor=shade)),
        row_of_cells(table_cell(below or blank, height=24)),
    ]
    if name or wire is not None:
        rows = [
            row_of_cells(table_cell(name or blank, height=16)),
            *rows,
            row_of_cells(table_cell(chain or blank, height=16)),
        ]
    label = html_table(rows, border=0, cellborder=0, cellspacing=0, cellpadding=1)
    tip = "" if wire is None else f" tooltip={tooltip(paint.write.wire_in_full(wire))}"
    return f'{id} [id="{id}" class="wire"{level} shape=plain label={label}{tip}];'


def _wire_numbers(paint: Painter, node: Node | None, wire: Wire | None) -> tuple[str, str, str, str]:
    """The name and the value above a wire, its gradient and the product below; empty where there is none.

    Where there is no gradient, the product takes its place.
    """
    name, above, below = "", "", ""
    if node is not None:
        above = paint.text(paint.write.value(node), "value", 16, bold=True)
        if node.tangent is not None:
            above += paint.text(f" {paint.write.ahead} {paint.write.number(node.tangent)}", "value", 13)
        if node.named and node.glyph and node.kind != "out":
            name = paint.text(shortened(node.label, 20), "ink", 13, italic=True)
        if node.grad is not None:
            below = paint.text(paint.write.grad(node), "grad", 16, bold=True)
    elif wire is not None and wire.contribution is not None:
        below = paint.text(f"+= {paint.write.contribution(wire)}", "grad", 16, bold=True)
    chain = _chain(paint, wire) if wire is not None and paint.look.local else ""
    return (name, above, below, chain) if below else (name, above, chain, "")


def _chain(paint: Painter, wire: Wire) -> str:
    """``local × upstream``, or the local derivative alone before a sweep."""
    write = paint.write
    if wire.local is None:
        if paint.view.nodes[wire.source].given:
            return ""
        if wire.is_flat:
            return paint.text("local ", "muted", 12) + paint.text("0", "local", 12)
        return paint.text("not taken", "muted", 12)
    if not wire.reached and paint.view.swept:
        return paint.text(NO_GRADIENT, "muted", 12)
    local = paint.text(write.local(wire), "local", 12)
    product = write.product(wire)
    if product is None:
        return paint.text("local ", "muted", 12) + local
    return local + paint.text(write.times, "muted", 12) + paint.text(product[0], "grad", 12)
