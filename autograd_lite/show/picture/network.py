"""The network style: neurons as units in layers, each weight with its gradient where its wire enters.

Inputs are on the left and the result on the right. A unit shows its weighted sum z with δ, the gradient
of the root by z, and its activation with its derivative; the notation is that of the lecture notes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from ...formulas.notation import display
from ..text.writer import shortened
from ..view.units import Unit
from ..view.view import View
from .card import card_wire, node_card
from .dot import Look, Painter, document, stub_of
from .labels import html_table, row_of_cells, table_cell, tooltip
from .unit import TextColumn, unit_blocks

#: The height of a line of text in a unit, in points, and how wide a picture may be for its height.
_LINE, _WIDE = 26, 1.6


def network(view: View, look: Look, units: Sequence[Unit]) -> str:
    """The view as DOT, with a box for every unit and cards for what is around them.

    :raises ValueError: for another direction than from left to right, or when there are no units.
    """
    if look.direction != "LR":
        raise ValueError(
            f'style="network" is drawn from left to right only, not direction={look.direction!r}: '
            'use style="scope"'
        )
    if not units:
        raise ValueError(
            'style="network" needs units, weighted sums w₁·x₁ + … + b whose weights are parameters: make '
            'them with nn or parameter(…), or use style="card"'
        )
    return _Network(view, look, units).document()


class _Network:
    """A view whose units are boxes: which box every node is in, and in which layer."""

    def __init__(self, view: View, look: Look, units: Sequence[Unit]) -> None:
        self.view, self.units = view, units
        self.paint = Painter(replace(view, captions=(_key(view), *view.captions)), look)
        self.unit_of = {i: k for k, unit in enumerate(units) for i in (unit.total, unit.result)}

    def document(self) -> str:
        boxes = set(self.places.values())
        body = [
            *(self.unit_box(k) for k in range(len(self.units))),
            *(self.card(i) for i, node in enumerate(self.view.nodes) if node.id in boxes),
            *self.shared_parameters(),
            *self.edges(),
            *self.stubs(),
            *self.columns(),
        ]
        # A straight line from one layer to the next passes no box, and no label stands in its way.
        near = all(self.levels[target] - self.levels[source] == 1 for _, source, target in self.links)
        splines = "line" if near and not any(self.is_labelled(j) for j, _, _ in self.links) else "polyline"
        spacing = "nodesep=0.25 ranksep=0.65"
        return document(self.paint, body, spacing, fontsizes=(14, 12), in_order=False, splines=splines)

    # Which box a node is in

    @cached_property
    def weights(self) -> dict[int, list[int]]:
        """The parameters that stand in units, with the wires that lead from them into units."""
        found: dict[int, list[int]] = {}
        for unit in self.units:
            for each in unit.operands:
                if each.wire >= 0:
                    found.setdefault(self.view.wires[each.wire].source, []).append(each.wire)
        return found

    @cached_property
    def positions(self) -> dict[int, int]:
        """At which place of its unit each input that is a mere number stands."""
        return {
            source: p
            for unit in self.units
            for p, each in enumerate(unit.operands, 1)
            if each.input >= 0 and self._is_number(source := self.view.wires[each.input].source)
        }

    def _is_number(self, i: int) -> bool:
        return self.view.nodes[i].kind == "const" and not self.view.nodes[i].named

    @cached_property
    def places(self) -> dict[int, str]:
        """The name of the box of every node that has one; equal inputs of a layer share theirs."""
        inside = {i for i, wires in self.weights.items() if len(wires) == len(self.view.outgoing(i))}
        first: dict[tuple[int, float], str] = {}
        places = {}
        for i, node in enumerate(self.view.nodes):
            if i in self.unit_of:
                places[i] = f"u{self.unit_of[i]}"
            elif i in self.positions:
                places[i] = first.setdefault((self.positions[i], node.value), node.id)
            elif i not in inside:
                places[i] = node.id
        return places

    @cached_property
    def links(self) -> tuple[tuple[int, str, str], ...]:
        """Every wire that is drawn, with the box that it starts from and the one that it ends in."""
        weights = {each.wire for unit in self.units for each in unit.operands}
        places, wires = self.places, enumerate(self.view.wires)
        ends = ((j, places[w.source], places[w.target]) for j, w in wires if j not in weights)
        return tuple(each for each in ends if each[1] != each[2])

    @cached_property
    def levels(self) -> dict[str, int]:
        """The layer of every box, counted from the inputs, which stand right before their first use."""
        after: dict[str, list[str]] = {}
        for _, source, target in self.links:
            after.setdefault(source, []).append(target)
        level: dict[str, int] = {}
        for box in self.places.values():
            level.setdefault(box, 0)
            for target in after.get(box, ()):
                level[target] = max(level.get(target, 0), level[box] + 1)
        fed = Counter(target for targets in after.values() for target in targets)
        first = {box: min(level[t] for t in targets) - 1 for box, targets in after.items() if not fed[box]}
        return level | first

    # Boxes

    def card(self, i: int) -> str:
        position = self.positions.get(i)
        name = "" if position is None else display(f"x{position}", self.view.ascii)
        return node_card(self.paint, i, name)

    def unit_box(self, k: int) -> str:
        unit, paint, c = self.units[k], self.paint, self.paint.look.colors
        marked = unit.result if unit.result in paint.look.nodes else unit.total
        border = paint.border(marked, width=2 if self.view.root == unit.result else 1)
        *operands, total, result = self.blocks[k]
        widths = self.widths[self.levels[f"u{k}"]]
        idle = not any(w.walked for w in self.view.incoming(unit.total))
        weights = self.columns_of(operands, widths, ports=True)
        parts = [table_cell(weights, bgcolor=c["param"], cellpadding=0)]
        blocks = [(total, widths[3])] + [(result, widths[4])] * bool(result.lines)
        for block, width in blocks:
            shade = paint.fill("const" if idle else "op", *block.gradients)
            port = {"port": "out"} if block is blocks[-1][0] else {}
            width = max(widths[3:]) if self.stacked else width
            parts.append(table_cell(self.columns_of([block], [width]), bgcolor=shade, **port))
        style: dict[str, object] = {"cellborder": 0, "cellspacing": 0, "cellpadding": 0}
        if self.stacked and result.lines:
            rows = [row_of_cells(parts[1]), "<HR/>", row_of_cells(parts[2])]
            parts[1:] = [table_cell(html_table(rows, border=0, color=border["color"], **style)[1:-1])]
        row = row_of_cells("<VR/>".join(parts))
        outline = {"border": border["border"], "color": border["color"], "bgcolor": c["op"]}
        label = html_table([row], **outline, **style)
        nodes = dict.fromkeys((unit.total, unit.result))
        tip = "; ".join(paint.write.node_in_full(self.view.nodes[i]) for i in nodes)
        return f'u{k} [id="u{k}" class="unit" shape=plain label={label} tooltip={tooltip(tip)}];'

    def columns_of(self, blocks: Sequence[TextColumn], widths: Sequence[float], ports: bool = False) -> str:
        """A table inside a cell, a column for every block; the rows of the first may be ports."""
        rows = []
        for p, line in enumerate(zip(*(block.lines for block in blocks), strict=True)):
            cells = []
            for q, (runs, block) in enumerate(zip(line, blocks, strict=True)):
                text = "".join(self.paint.text(*run) for run in runs)
                given: dict[str, object] = {"port": f"p{p}"} if ports and not q else {}
                if len(block.gradients) > 1:
                    given["bgcolor"] = self.paint.fill("param", block.gradients[p])
                cells.append(table_cell(text, align=block.align, width=f"{widths[q] + 8:.0f}", **given))
            rows.append(row_of_cells(*cells))
        return html_table(rows, border=0, cellborder=0, cellspacing=0, cellpadding=4)[1:-1]

    @cached_property
    def stacked(self) -> bool:
        """Whether the activation stands below the sum: where the picture would be wide and low."""
        beside = sum(sum(widths) for widths in self.widths.values())
        tall = Counter(self.levels[f"u{k}"] for k in range(len(self.units)))
        rows = max(len(unit.operands) for unit in self.units)
        return beside > _WIDE * max(tall.values()) * max(rows, 4) * _LINE

    @cached_property
    def widths(self) -> dict[int, list[float]]:
        """The widths of the columns of every layer: its boxes are as wide as each other."""
        found: dict[int, list[float]] = {}
        for k, blocks in enumerate(self.blocks):
            widths = [block.width for block in blocks]
            level = self.levels[f"u{k}"]
            found[level] = [max(pair) for pair in zip(widths, found.get(level, widths), strict=True)]
        return found

    @cached_property
    def blocks(self) -> list[tuple[TextColumn, ...]]:
        """The texts of every unit."""
        return [unit_blocks(self.paint, unit) for unit in self.units]

    def shared_parameters(self) -> Iterator[str]:
        """A table of the parameters that several units use, with their whole gradients."""
        shared = [i for i, wires in self.weights.items() if len(wires) > 1 and i not in self.places]
        if not shared:
            return
        paint, c = self.paint, self.paint.look.colors
        title = paint.text("in several units", "muted", 12)
        rows = [row_of_cells(table_cell(title, colspan=4, align="LEFT")), "<HR/>"]
        for i in shared:
            node = self.view.nodes[i]
            texts = [(shortened(node.label, 20), "ink"), (paint.write.number(node.value), "value")]
            if node.grad is not None:
                texts.append((paint.write.number(node.grad), "grad"))
            cells = [paint.text(t, role, 14, role != "ink", role == "ink") for t, role in texts]
            if total := paint.write.sum_of_paths(i):
                cells.append(paint.text(total, "grad", 12))
            rows.append(row_of_cells(*(table_cell(cell, align="LEFT") for cell in cells)))
        style = {"border": 1, "cellborder": 0, "cellspacing": 0, "cellpadding": 4, "style": "ROUNDED"}
        label = html_table(rows, **style, color=c["wire"], bgcolor=c["param"])
        yield f'shared [id="shared" class="group" shape=plain label={label}];'

    # Wires

    @cached_property
    def entries(self) -> dict[int, tuple[str, int]]:
        """For the wire of every input: where it ends, and the wire of its weight."""
        return {
            each.input: (f"u{k}:p{p}:w", each.wire)
            for k, unit in enumerate(self.units)
            for p, each in enumerate(unit.operands)
            if each.input >= 0
        }

    def is_labelled(self, j: int) -> bool:
        """Whether a wire carries a text of its own: what a unit does not say already."""
        wire = self.view.wires[j]
        said = wire.source in self.unit_of and len(self.view.outgoing(wire.source)) == 1
        return j not in self.entries and self.paint.look.local and not said

    def edges(self) -> Iterator[str]:
        for j, source, target in self.links:
            start = f"{source}:out:e" if source.startswith("u") else f"{source}:e"
            # In a chain of units, as of time steps, the line through them is straight.
            weight = " weight=9" if {source[0], target[0]} == {"u"} and self.is_alone(target) else ""
            if j in self.entries:
                yield self.input_edge(j, start, *self.entries[j], weight)
            else:
                yield card_wire(self.paint, self.view.wires[j], j, start, target, self.is_labelled(j))

    def is_alone(self, box: str) -> bool:
        """Whether a unit has no other beside it in its layer."""
        level = self.levels[box]
        return sum(self.levels[f"u{k}"] == level for k in range(len(self.units))) == 1

    def input_edge(self, j: int, start: str, end: str, weight: int, pull: str) -> str:
        """The wire of an input, up to its weight."""
        view, write = self.view, self.paint.write
        wire = view.wires[j]
        tips = [write.wire_in_full(view.wires[each]) for each in (j, weight) if each >= 0]
        dashed = "" if wire.walked or view.nodes[wire.source].given else " style=dashed"
        stroke = self.paint.stroke(weight if weight in self.paint.look.wires else j)
        # The tip of a wide arrow would cover the weight.
        dashed += " arrowhead=none" if self.paint.look.ink else ""
        return (
            f'{start} -> {end} [id="{wire.id}" class="edge merging" '
            f"tooltip={tooltip('; '.join(tips))}{dashed}{pull}{stroke}];"
        )

    def stubs(self) -> Iterator[str]:
        for k, stub in enumerate(self.view.stubs):
            if stub.attached in self.places:
                yield from stub_of(self.paint, k, self.places[stub.attached], stub.text, stub.incoming)

    # Layers

    def columns(self) -> Iterator[str]:
        """The boxes of every layer under its heading, in the order in which they are read."""
        layers: dict[int, list[str]] = {}
        for box in self.reading_order():
            layers.setdefault(self.levels[box], []).append(box)
        heads = []
        for level, boxes in sorted(layers.items()):
            if head := self.heading(boxes):
                heads.append(f"l{level}")
                text = self.paint.text(head, "muted", 14, bold=True)
                yield f'l{level} [id="l{level}" class="heading" shape=plain label=<{text}>];'
                boxes = [f"l{level}", *boxes]
            if len(boxes) > 1:
                yield f"{{ rank=same; {' -> '.join(boxes)} [style=invis]; }}"
        if len(heads) > 1:
            yield f"{' -> '.join(heads)} [style=invis weight=100];"

    def heading(self, boxes: Iterable[str]) -> str:
        """The name of the layer that all units among ``boxes`` are in; empty when there is none."""
        units = [self.units[int(box[1:])] for box in boxes if box.startswith("u")]
        scopes = {self.view.nodes[unit.total].scope.rpartition("/")[0] for unit in units}
        return shortened(scopes.pop(), 24) if len(scopes) == 1 else ""

    def reading_order(self) -> list[str]:
        """The boxes, from the root back, operands in their order."""
        seen, stack = {self.view.root}, [self.view.root]
        boxes: dict[str, None] = {}
        while stack:
            i = stack.pop()
            if i in self.places:
                boxes.setdefault(self.places[i])
            for wire in reversed(self.view.incoming(i)):
                if wire.source not in seen:
                    seen.add(wire.source)
                    stack.append(wire.source)
        return list(boxes)


def _key(view: View) -> str:
    """What stands where in a unit."""
    if not view.swept:
        return "beside each weight: its value"
    top = view.nodes[view.root].label
    if view.ascii:
        return f"beside each weight: its value and d{top}/dw = delta*x, with delta = d{top}/dz"
    return f"beside each weight: its value and ∂{top}/∂w = δ·x, with δ = ∂{top}/∂z"
