"""The circuit style: gates as circles, the value above each wire and the gradient below it.

The notation is that of Stanford's cs231n lectures, with the product ``local × upstream`` under each
gradient and a dot where a value forks and its gradient contributions add.
"""

from __future__ import annotations

from ..view.texts import FUNCTION
from ..view.view import Node, View, Wire
from .dot import Look, Writer, document, stubs
from .labels import cell, cut, row, run, table, tooltip

#: Up to here the operands of a node are kept in order, the first on top.
_ORDERED = 30

#: The room for a glyph in an ordinary wide circle, in points, and the least size of a long one.
_ROOM, _LEAST = 36, 9


def circuit(view: View, look: Look) -> str:
    """The view as DOT, in gates and wires from left to right.

    :raises ValueError: for another direction: the numbers stand above and below level wires.
    """
    if look.direction != "LR":
        raise ValueError(
            f'style="circuit" is drawn from left to right only, not direction={look.direction!r}: '
            'use style="card"'
        )
    write = Writer(view, look)
    body: list[str] = []
    for i in range(len(view.nodes)):
        body.append(_gate(write, i))
        body += _trunk(write, i)
    body += stubs(write, {i: f"j{i}" for i in view.parted if _forks(view, i)})
    ordered = " ordering=in" if len(view.nodes) <= _ORDERED else ""
    return document(write, body, f"nodesep=0.12 ranksep=0.18{ordered}", (17, 15), stroke=1.8)


def _gate(write: Writer, i: int) -> str:
    node = write.view.nodes[i]
    common = f'id="{node.id}" class="{node.kind}" tooltip={write.node_tip(node)}'
    if not node.glyph:
        return f"{node.id} [{common} shape=plain label={_name(write, node, i)}];"
    c = write.look.colours
    stroke = f'color="{c["alert"]}" penwidth=3.6' if i in write.look.nodes else "penwidth=1.8"
    if node.glyph in FUNCTION:  # no sign says what several operations do: their formula does
        label = write.text(node.expression, "ink", 13)
        shape = 'shape=box margin="0.11,0.08" height=0.5 style="rounded,filled"'
    else:
        glyph = cut(node.glyph, 12)
        width, size = _fitted(glyph)
        label = write.text(glyph, "ink", size)
        shape = f"shape=circle fixedsize=true width={width:.3g} style=filled"
    return f'{node.id} [{common} {shape} fillcolor="{c["op"]}" {stroke} label=<{label}>];'


def _fitted(glyph: str) -> tuple[float, int]:
    """The width of a circle in inches and the size of the glyph in it, by the widths of letters."""
    ems = sum(0.28 if c in "fijlrt().·" else 0.7 if c.isupper() else 0.56 for c in glyph)
    wide = len(glyph) > 4
    if wide and ems * _LEAST > _ROOM:  # such as a number of many digits
        return (ems * _LEAST + 12) / 72, _LEAST
    room = _ROOM if wide else 28
    return 0.66 if wide else 0.56, max(_LEAST if wide else 12, min(17, int(room / ems)))


def _name(write: Writer, node: Node, i: int = -1) -> str:
    role = "alert" if i in write.look.nodes else "ink"
    name = cell(write.text(cut(node.label), role, 18, bold=True, italic=True), port="r")
    return table([row(name)], border=0, cellborder=0, cellpadding=2, cellspacing=0)


def _trunk(write: Writer, i: int) -> list[str]:
    """The wire out of a node: to its only consumer, over a fork to several, or to the end."""
    node, wires = write.view.nodes[i], write.view.outgoing(i)
    start = node.id if node.glyph else f"{node.id}:r:e"
    if i == write.view.root:
        lines = [_label(write, f"w{i}", node), f"{start} -> w{i}:r:w [arrowhead=none weight=9];"]
        if node.glyph:
            lines.append(f"end [shape=plain label={_name(write, node)}];")
            lines.append(f"w{i}:r:e -> end:r:w [arrowhead=none weight=9];")
        return lines
    if len(wires) == 1 and not _forks(write.view, i):
        return _branch(write, start, wires[0], f"w{i}", node, weight=" weight=5")
    lines = [_label(write, f"w{i}", node)]
    if not wires:
        return [*lines, f"{start} -> w{i}:r:w [arrowhead=none weight=9];"]
    marked = write.stroke(*(_index(wire) for wire in wires))
    lines.append(f"{start} -> w{i}:r:w [arrowhead=none weight=9{marked}];")
    adds = f"fork: the contributions to the gradient of {node.label} add up"
    c = write.look.colours
    lines.append(
        f'j{i} [id="j{i}" class="fork" shape=point width=0.1 color="{c["wire"]}" '
        f'fillcolor="{c["wire"]}" tooltip={tooltip(adds if write.view.swept else "fork")}];'
    )
    lines.append(f"w{i}:r:e -> j{i} [arrowhead=none weight=9{marked}];")
    for k, wire in enumerate(wires):
        lines += _branch(write, f"j{i}", wire, f"w{i}_{k}")
    return lines


def _forks(view: View, i: int) -> bool:
    """Whether the wire out of a node parts, if only into what is drawn and what is not."""
    ways = len(view.outgoing(i))
    return ways > 0 and ways + (i in view.parted) > 1


def _index(drawn: Wire | Node) -> int:
    """The place of a node or a wire in the view."""
    return int(drawn.id[1:])


def _branch(
    write: Writer, start: str, wire: Wire, name: str, node: Node | None = None, weight: str = ""
) -> list[str]:
    """One operand slot's wire with its numbers; ``node`` when it is the node's only wire."""
    marked = write.stroke(_index(wire))
    return [
        _label(write, name, node, wire),
        f"{start} -> {name}:r:w [arrowhead=none{weight}{marked}];",
        f'{name}:r:e -> n{wire.target} [id="{wire.id}" class="edge"{weight}{marked} '
        f"tooltip={write.wire_tip(wire)}];",
    ]


def _label(write: Writer, id: str, node: Node | None, wire: Wire | None = None) -> str:
    """The numbers of a wire: rows above and below a line that is the wire itself."""
    c = write.look.colours
    # Without a wire of its own it is the trunk of all that leave the node.
    wires = (
        [wire] if wire is not None else [] if node is None else write.view.outgoing(_index(node))
    )
    marked = any(_index(each) in write.look.wires for each in wires)
    line = c["alert" if marked else "wire"]
    blank = run(" ", c["ink"], 9)
    name, above, below = "", "", ""
    if node is not None:
        above = write.text(write.number(node.value), "value", 16, bold=True)
        if node.named and node.glyph and node.kind != "out":
            name = write.text(cut(node.label, 20), "ink", 13, italic=True)
        if node.grad is not None:
            below = write.text(write.number(node.grad), "grad", 16, bold=True)
    elif wire is not None and wire.contribution is not None:
        below = write.text(f"+= {write.number(wire.contribution)}", "grad", 16, bold=True)
    chain = _chain(write, wire) if wire is not None and write.look.local else ""
    if not below:
        below, chain = chain, ""
    # As many rows below the line as above it: what is level with a gate's centre is drawn straight.
    rows = [
        row(cell(above or blank, height=24)),
        # An even height: the ends of the edges then meet its middle.
        row(cell("", port="r", height=4 if marked else 2, cellpadding=0, bgcolor=line)),
        row(cell(below or blank, height=24)),
    ]
    if name or wire is not None:
        rows = [row(cell(name or blank, height=16)), *rows, row(cell(chain or blank, height=16))]
    label = table(rows, border=0, cellborder=0, cellspacing=0, cellpadding=1)
    tip = "" if wire is None else f" tooltip={write.wire_tip(wire)}"
    return f'{id} [id="{id}" class="wire" shape=plain label={label}{tip}];'


def _chain(write: Writer, wire: Wire) -> str:
    """``local × upstream``, or the local derivative alone before a sweep."""
    if wire.local is None:
        if write.view.nodes[wire.source].kind == "const":
            return ""
        if wire.is_flat:
            return write.text("local ", "muted", 12) + write.text("0", "local", 12)
        return write.text("not taken", "muted", 12)
    local = write.text(write.number(wire.local), "local", 12)
    product = write.product(wire)
    if product is None:
        return write.text("local ", "muted", 12) + local
    return local + write.text(write.times, "muted", 12) + write.text(product[0], "grad", 12)
