"""The DOT document that all styles share, its caption, the stubs of a cut, the outlines of scopes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..text.writer import Writer, shortened
from ..view.sketch import ALERTS
from ..view.view import View
from .ink import Ink
from .labels import NAME, html_table, row_of_cells, run, table_cell, tooltip, wrapped_lines

FONT = "Helvetica,Arial,sans-serif"

#: In a circuit of at most so many nodes the operands stand in order, the first on top.
_ORDERED = 300

#: In larger circuits Graphviz may not search as long as it likes for the shortest edges: with long
#: edges into one node its time would grow explosively.
_SEARCHED = 40

#: The height of a line of the legend, in points.
_BAR = 24

#: The most characters in a line of a title, and the most lines.
_TITLE, _TITLE_LINES = 90, 6


#: A number in print that nothing can be computed with.
_NO_NUMBER = re.compile(r"(?<!\w)(?:nan|inf|∞)(?!\w)")


@dataclass(frozen=True)
class Look:
    """How a view is drawn, whatever the style: colors by role, direction, what is highlighted.

    With ``ink`` the width of a wire and the color of a box say how large their gradients are. A
    ``compact`` unit says no more than its numbers.
    ``writer`` makes what writes the texts. Without ``scripts`` they stay as they are written, each in one
    piece. A ``bare`` picture has no paper.
    """

    colors: dict[str, str]
    direction: str = "LR"
    local: bool = True
    scopes: bool = True
    nodes: frozenset[int] = frozenset()  # highlighted
    wires: frozenset[int] = frozenset()
    ink: Ink | None = None
    compact: bool = False
    writer: Callable[[View], Writer] = Writer
    scripts: bool = True
    bare: bool = False


class Painter:
    """Writes the texts of a view in the colors of a look; ``write`` has the texts without colors."""

    def __init__(self, view: View, look: Look) -> None:
        self.view, self.look, self.write = view, look, look.writer(view)

    def text(self, text: str, role: str, size: float, bold: bool = False, italic: bool = False) -> str:
        """One run of text in the color of a role."""
        plain = self.view.ascii or not self.look.scripts
        if role in ("value", "grad", "local") and _NO_NUMBER.search(text):
            role = "alert"
        return run(text, self.look.colors[role], size, bold, italic, plain)

    def border(self, i: int, width: int = 1) -> dict[str, object]:
        """Border and color of a card, with the halo of a highlighted one."""
        c = self.look.colors
        if i in self.look.nodes:
            return {"border": 4, "color": c["alert"]}
        return {"border": width, "color": c["wire"]}

    def stroke(self, *wires: int) -> str:
        """Attributes of the edge that draws wires: the halo of highlighted ones, or their width."""
        if self.look.wires.intersection(wires):
            return f' color="{self.look.colors["alert"]}" penwidth=3.6'
        width = self.width(*wires)
        return "" if width is None else f" penwidth={width:.3g}"

    def width(self, *wires: int) -> float | None:
        """The width of an edge in points, None for the usual one."""
        if self.look.ink is None:
            return None
        found = (self.view.wires[j].contribution for j in wires)
        return max(map(self.look.ink.width, found), default=None)

    def fill(self, role: str, gradient: float | None) -> str:
        """The color of a box with a gradient."""
        c, ink = self.look.colors, self.look.ink
        return c[role] if ink is None else ink.color(c, role, gradient)


def document(
    paint: Painter,
    body: list[str],
    spacing: str,
    fontsizes: tuple[int, int],
    stroke: float = 1.2,
    in_order: bool = True,
    splines: str = "spline",
) -> str:
    """The complete DOT text around the statements of ``body``.

    :param in_order: keep the operands of a small circuit in their order, the first on top.
    """
    c = paint.look.colors
    if in_order and len(paint.view.nodes) <= _ORDERED:
        spacing += " ordering=in"
    if len(paint.view.nodes) > _SEARCHED:
        spacing += " nslimit=2 nslimit1=2"
    font = f'fontname="{FONT}" fontcolor="{c["ink"]}"'
    pen = f'color="{c["wire"]}" penwidth={stroke:g}'
    return "\n".join(
        [
            "digraph circuit {",
            f'  graph [rankdir={paint.look.direction} bgcolor="{c["paper"]}" {font} pad=0.15 margin=0 '
            f"{spacing} splines={splines}{caption(paint)}];",
            f"  node [{font} fontsize={fontsizes[0]} {pen}];",
            f"  edge [{font} fontsize={fontsizes[1]} {pen} arrowsize=0.7];",
            *(f"  {line}" for line in body),
            "}",
            "",
        ]
    )


def caption(paint: Painter) -> str:
    """The graph attributes of the title and the captions, on the left.

    They stand under the picture; with a title, which is to be read first, above it.
    """
    view, ink = paint.view, paint.look.ink
    lines = wrapped_lines(view.title or "", _TITLE, _TITLE_LINES)
    titled = bool(lines)
    rows = [paint.text(line, "ink", 15, bold=True) for line in lines]
    rows += [] if ink is None else [_legend(paint, ink)]
    rows += [
        paint.text(each, "alert" if each.startswith(ALERTS) else "muted", 13) for each in view.captions
    ]
    if not rows:
        return ""
    gap = paint.text(" ", "muted", 5)
    cells = [
        row_of_cells(table_cell(row, align="LEFT")) for row in ([*rows, gap] if titled else [gap, *rows])
    ]
    table = html_table(cells, border=0, cellborder=0, cellspacing=0, cellpadding=1)
    return f" labelloc={'t' if titled else 'b'} labeljust=l label={table}"


def _legend(paint: Painter, ink: Ink) -> str:
    """A scale of widths and colors."""
    c = paint.look.colors
    top = "L" if not paint.view.nodes else shortened(paint.view.nodes[paint.view.root].label, NAME)
    what = paint.text(f"|contribution|, |gradient of {top}|", "muted", 13)
    cells = [table_cell(what, align="LEFT", cellpadding=8)]
    for x in ink.marks:
        thick = max(round(ink.width(x)), 1)  # Graphviz wants a whole number
        above = row_of_cells(table_cell("", height=(_BAR - thick) // 2))
        bar = row_of_cells(table_cell("", bgcolor=c["wire"], width=30, height=thick))
        line = html_table([above, bar, above], border=0, cellborder=0, cellspacing=0, cellpadding=0)[1:-1]
        number = paint.text(paint.write.number(x), "ink", 13)
        cells += [
            table_cell(line, height=_BAR, fixedsize="TRUE", width=34),
            table_cell(number, bgcolor=paint.fill("op", x), cellpadding=3),
        ]
    inside = {"border": 0, "cellborder": 0, "cellspacing": 2, "cellpadding": 1}
    return html_table([row_of_cells(*cells)], **inside)[1:-1]


def stubs(paint: Painter, starts: Mapping[int, str] | None = None) -> Iterator[str]:
    """Dashed boxes for what a cut left out, each beside the node that it was cut from.

    :param starts: for a node whose stub of consumers must not start at the node: where it starts.
    """
    for k, stub in enumerate(paint.view.stubs):
        own = f"n{stub.attached}"
        place = own if stub.incoming else (starts or {}).get(stub.attached, own)
        yield from stub_of(paint, k, place, stub.text, stub.incoming)


def stub_of(paint: Painter, k: int, place: str, text: str, incoming: bool) -> Iterator[str]:
    """Stub number ``k``, with an edge to ``place``, a name of the drawing."""
    c = paint.look.colors
    yield (
        f's{k} [id="s{k}" class="stub" shape=box style="rounded,dashed" color="{c["rule"]}" '
        f'height=0.3 margin="0.1,0.04" label=<{paint.text(text, "muted", 12)}>];'
    )
    ends = (f"s{k}", place) if incoming else (place, f"s{k}")
    yield f'{ends[0]} -> {ends[1]} [class="stub" style=dashed arrowhead=none color="{c["rule"]}"];'


def plates(paint: Painter, parts: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """An outline for each number of equal parts of which one is drawn, around the parts of the drawing.

    :param parts: the names in the drawing of what shows each node.
    """
    nodes = paint.view.nodes
    for number in sorted({node.copies for node in nodes if node.copies > 1}):
        inside = (
            name for i, node in enumerate(nodes) if node.copies == number for name in parts.get(i, ())
        )
        yield f"{begun_plate(paint, number)} {' '.join(f'{name};' for name in inside)} }}"


def begun_plate(paint: Painter, number: int) -> str:
    """The beginning of an outline around parts that there are ``number`` of."""
    c = paint.look.colors
    times = paint.text(f"{paint.write.times.strip()} {number:,}", "ink", 18, bold=True)
    return (
        f'subgraph cluster_{number} {{ id="p{number}" class="plate" style=rounded margin=14 '
        f'penwidth=1.6 color="{c["wire"]}" labelloc=b labeljust=r label=<{times}>;'
    )


def turn(start: str, end: str) -> str:
    """The wire along which the result of a time step goes round to the next."""
    return f'{start} -> {end} [class="round" constraint=false style=dashed];'


def clusters(paint: Painter) -> Iterator[str]:
    """Nested outlines, one per scope, around the nodes that were made in it."""
    tree: dict[str, list[str]] = {}  # path: the node ids right in it
    for node in paint.view.nodes:
        parts = node.scope.split("/") if node.scope else []
        for depth in range(1, len(parts) + 1):
            tree.setdefault("/".join(parts[:depth]), [])
        if parts:
            tree[node.scope].append(node.id)
    c = paint.look.colors
    open_paths: list[str] = []
    for k, path in enumerate(sorted(tree, key=lambda path: path.split("/"))):
        while open_paths and not path.startswith(open_paths[-1] + "/"):
            open_paths.pop()
            yield "}"
        open_paths.append(path)
        name = shortened(path.rpartition("/")[2], NAME)
        yield (
            f'subgraph cluster_{k} {{ id="c{k}" class="scope" style="rounded,filled" margin=12 '
            f'color="{c["rule"]}" fillcolor="{c["cluster"]}" tooltip={tooltip(path)} '
            f"labelloc=t labeljust=l label=<{paint.text(name, 'muted', 13, bold=True)}>; "
            + " ".join(f"{member};" for member in tree[path])
        )
    yield from ("}" for _ in open_paths)


def rule_row(color: str, columns: int, border: object) -> str:
    """A line across a table.

    Graphviz draws ``<HR/>`` beyond a thick border, and ends a thin row before a thin border.
    """
    if border == 1:
        return "<HR/>"
    return row_of_cells(table_cell("", colspan=columns, height=1, cellpadding=0, bgcolor=color))
