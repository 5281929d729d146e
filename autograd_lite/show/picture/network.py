"""The network style: neurons as units in layers, each weight with its gradient where its wire enters.

Inputs are on the left and the result on the right. A unit shows its weighted sum z with δ, the gradient
of the root by z, and its activation with its derivative; the notation is that of the lecture notes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby

from ...formulas.names import display
from ..text.writer import shortened
from ..view.units import Unit
from ..view.view import Spot, View
from .card import card_table, card_wire
from .dot import Look, Painter, begun_plate, document, stub_of, turn
from .labels import html_table, row_of_cells, table_cell, text_width, tooltip
from .unit import unit_blocks, unit_table

#: The height of a line of text in a unit, in points, and how wide a picture may be for its height.
_LINE, _WIDE = 26, 1.6

#: The width of a usual card, in points.
_CARD = 130

#: The gap between the boxes of a layer, in points.
_GAP = 14


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


def sources_of_wires(view: View, look: Look, units: Sequence[Unit]) -> dict[str, str]:
    """What the source of every wire is called in the picture, by the id of the wire."""
    drawn = _Network(view, look, units)
    return {w.id: drawn.name_of_input(w.source) or view.nodes[w.source].label for w in view.wires}


def shown_in_network(view: View, look: Look, units: Sequence[Unit]) -> Callable[[Spot], bool]:
    """Whether a number stands in the picture of a network."""
    drawn = _Network(view, look, units)
    sides = {j for j, _, _ in drawn.links if drawn.is_labelled(j)}
    slopes = {int(w.id[1:]) for u in units if u.result != u.total for w in view.incoming(u.result)}
    parts = {j for wires in drawn.weights.values() if len(wires) > 1 for j in wires}
    shown = {"local": sides | (slopes if look.local else set()), "contribution": sides | parts}
    return lambda spot: spot[0] not in shown or int(spot[1][1:]) in shown[spot[0]]


class _Network:
    """A view whose units are boxes: which box every node is in, and in which layer."""

    def __init__(self, view: View, look: Look, units: Sequence[Unit]) -> None:
        self.view, self.units = view, units
        self.paint = Painter(replace(view, captions=(_key(view), *view.captions)), look)
        self.unit_of = {i: k for k, unit in enumerate(units) for i in (unit.total, unit.result)}
        self.blocks = [unit_blocks(self.paint, unit) for unit in units]

    def document(self) -> str:
        body = [
            *self.shared_parameters(),
            *self.columns(),
            *self.edges(),
            *self.rounds(),
            *self.stubs(),
        ]
        # A straight line from one layer to the next passes no box, and no label stands in its way.
        near = all(self.levels[target] - self.levels[source] == 1 for _, source, target in self.links)
        free = near and not self.view.rounds and not any(self.is_labelled(j) for j, _, _ in self.links)
        splines = "line" if free else "polyline"
        return document(
            self.paint, body, "ranksep=0.65", fontsizes=(14, 12), in_order=False, splines=splines
        )

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

    # Layers

    @cached_property
    def layers(self) -> dict[tuple[int, int], list[str]]:
        """The boxes by number of copies and level, in the order in which they are read."""
        copies = {box: self.view.nodes[i].copies for i, box in self.places.items()}
        found: dict[tuple[int, int], list[str]] = {}
        reading = (self.places[i] for i in self.view.reading_order if i in self.places)
        for box in dict.fromkeys(reading):
            found.setdefault((copies[box], self.levels[box]), []).append(box)
        return found

    @cached_property
    def column_of(self) -> dict[str, str]:
        """The node of the drawing that every box is part of: a layer is one node, so it stays in order."""
        return {
            box: f"q{level}" if number == 1 else f"q{level}x{number}"
            for (number, level), boxes in self.layers.items()
            for box in boxes
        }

    def columns(self) -> Iterator[str]:
        """A node for every layer; equal parts of which one is drawn stand in a plate with their number."""
        for number, group in groupby(sorted(self.layers.items()), lambda each: each[0][0]):
            if number > 1:
                yield begun_plate(self.paint, number)
            for _, boxes in group:
                yield self.column(boxes)
            if number > 1:
                yield "}"

    def column(self, boxes: Sequence[str]) -> str:
        """The boxes of a layer, one below the other, under its name."""
        cells = []
        if head := self.heading(boxes):
            cells.append(table_cell(self.paint.text(head, "muted", 14, bold=True)))
        for box in boxes:
            label, tip = self.box(box)
            # Graphviz gives a cell a tooltip only where it would be a link.
            cell = f'<TD PORT="{box}" ID="{box}" TARGET="_self" TITLE={tip}>{label[1:-1]}</TD>'
            if spare := self.spare_width(box):
                # A card among units would be as wide as they are.
                pair = [row_of_cells(table_cell("", width=f"{spare:.0f}"), cell)]
                inside = {"border": 0, "cellborder": 0, "cellspacing": 0, "cellpadding": 0}
                cell = table_cell(html_table(pair, **inside)[1:-1])
            cells.append(cell)
            if more := self.more_after(box):
                cells.append(table_cell(self.paint.text(more, "muted", 15, bold=True)))
        name = self.column_of[boxes[0]]
        label = html_table(
            list(map(row_of_cells, cells)), border=0, cellborder=0, cellspacing=_GAP, cellpadding=0
        )
        return f'{name} [id="{name}" class="layer" shape=plain label={label}];'

    def spare_width(self, box: str) -> float:
        """How much narrower a card is than the units of its layer; 0 where it stands among cards."""
        units = self.widths.get(self.levels[box])
        if box.startswith("u") or units is None:
            return 0.0
        node = self.view.nodes[int(box[1:])]
        header = f"{node.label} = {node.expression}" if node.expression else node.label
        *operands, total, result = units
        wide = sum(operands) + (max(total, result) if self.stacked else total + result)
        return max(0.0, wide - max(_CARD, text_width(header, 16)))

    def more_after(self, box: str) -> str:
        """How many alike boxes are left out below a box; empty where none are."""
        index = self.units[int(box[1:])].total if box.startswith("u") else int(box[1:])
        return self.paint.write.more(self.view.after.get(index, 0))

    def name_of_input(self, index: int) -> str:
        """What an input that is a number is called; empty for every other node."""
        position = self.positions.get(index)
        return "" if position is None else display(f"x{position}", self.view.ascii)

    def box(self, box: str) -> tuple[str, str]:
        """The table of a unit or of a card, and its tooltip."""
        paint, index = self.paint, int(box[1:])
        if box.startswith("n"):
            name = self.name_of_input(index)
            return card_table(paint, index, name), tooltip(paint.write.node_in_full(self.view.nodes[index]))
        unit = self.units[index]
        table = unit_table(
            paint, unit, self.blocks[index], self.widths[self.levels[box]], box, self.stacked
        )
        parts = dict.fromkeys((unit.total, unit.result))
        return table, tooltip("; ".join(paint.write.node_in_full(self.view.nodes[i]) for i in parts))

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

    def shared_parameters(self) -> Iterator[str]:
        """A table of the parameters that several units use, with their whole gradients."""
        shared = [i for i, wires in self.weights.items() if len(wires) > 1 and i not in self.places]
        if not shared:
            return
        paint, c = self.paint, self.paint.look.colors
        title = paint.text("in several units", "muted", 12)
        rows = [row_of_cells(table_cell(title, colspan=4, align="LEFT")), "<HR/>"]
        several = len({self.view.nodes[i].scope for i in shared}) > 1
        scope = None
        for i in shared:
            node = self.view.nodes[i]
            if several and node.scope != scope:
                scope = node.scope
                where = paint.text(shortened(node.scope, 40), "muted", 12)
                rows.append(row_of_cells(table_cell(where, colspan=4, align="LEFT")))
            texts = [(shortened(node.label, 20), "ink"), (paint.write.number(node.value), "value")]
            if node.grad is not None:
                texts.append((paint.write.grad(node), "grad"))
            cells = [paint.text(t, role, 14, role != "ink", role == "ink") for t, role in texts]
            if total := paint.write.sum_of_paths(i):
                cells.append(paint.text(total, "grad", 12))
            rows.append(row_of_cells(*(table_cell(cell, align="LEFT") for cell in cells)))
        style = {"border": 1, "cellborder": 0, "cellspacing": 0, "cellpadding": 4, "style": "ROUNDED"}
        label = html_table(rows, **style, color=c["wire"], bgcolor=c["param"])
        yield f'shared [id="shared" class="group" shape=plain label={label}];'

    def heading(self, boxes: Iterable[str]) -> str:
        """The name of the layer that all units among ``boxes`` are in; empty when there is none."""
        units = [self.units[int(box[1:])] for box in boxes if box.startswith("u")]
        scopes = {self.view.nodes[unit.total].scope.rpartition("/")[0] for unit in units}
        name = shortened(scopes.pop(), 24) if len(scopes) == 1 else ""
        more = sum(self.view.after.get(unit.total, 0) for unit in units)
        return f"{name}: {len(units) + more:,} units" if name and more else name

    # Wires

    @cached_property
    def entries(self) -> dict[int, tuple[str, int]]:
        """For the wire of every input: where it ends, and the wire of its weight."""
        return {
            each.input: (f"{self.column_of[f'u{k}']}:u{k}p{p}:w", each.wire)
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
            port = f"{source}out" if source.startswith("u") else source
            start, end = f"{self.column_of[source]}:{port}:e", f"{self.column_of[target]}:{target}:w"
            # In a chain of units, as of time steps, the line through them is straight.
            weight = " weight=9" if {source[0], target[0]} == {"u"} and self.is_alone(target) else ""
            if j in self.entries:
                yield self.input_edge(j, start, *self.entries[j], weight)
            else:
                yield card_wire(self.paint, self.view.wires[j], j, start, end, self.is_labelled(j))

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

    def rounds(self) -> Iterator[str]:
        """The wires along which the result of a time step goes round to the next."""
        for result, before in self.view.rounds:
            source, target = self.places[result], self.places[before]
            port = f"{source}out" if source.startswith("u") else source
            # A card that is narrower than its layer is reached from its free side only.
            side = "n" if self.spare_width(target) else "w"
            yield turn(f"{self.column_of[source]}:{port}:e", f"{self.column_of[target]}:{target}:{side}")

    def stubs(self) -> Iterator[str]:
        for k, stub in enumerate(self.view.stubs):
            if stub.drawn and (box := self.places.get(stub.attached)):
                yield from stub_of(self.paint, k, f"{self.column_of[box]}:{box}", stub.text, stub.incoming)


def _key(view: View) -> str:
    """What stands where in a unit."""
    if not view.swept:
        return "beside each weight: its value"
    top, number = view.nodes[view.root].label, max(node.copies for node in view.nodes)
    d, delta, times = ("d", "delta", "*") if view.ascii else ("∂", "δ", "·")
    over = f", summed over all {number:,}" if number > 1 else ""
    if view.d == "dz":
        return f"beside each weight: its value and dw = dz{times}x{over}"
    d = "d" if view.d == "d" else d
    return (
        f"beside each weight: its value and {d}{top}/{d}w = {delta}{times}x{over}; {delta} = {d}{top}/{d}z"
    )
