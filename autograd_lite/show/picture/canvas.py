"""A polished SVG as a DOT text in which everything has its place, for Graphviz to paint as PNG or PDF.

So a bitmap and a page show what the SVG shows, and nobody needs a converter. The shapes are a background
in xdot, Graphviz's own language of drawing; each text is a node, because backgrounds with texts make
Graphviz fail.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from . import engines
from .curves import XY, points
from .dot import FONT
from .shapes import Element, read_svg, runs_of, width_of

#: The layout program that leaves everything in its place.
PLACED = "nop2"

_MOVE = re.compile(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)")
_SOLID_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")

_SHAPES = ("polygon", "polyline", "path", "ellipse", "rect")

#: How much wider than its text a cell is, at whose side or in whose middle the text stands.
_CELL_ROOM = 1.5


class Canvas(NamedTuple):
    """The scale and the origin of a picture, its size in points."""

    scale: float
    x: float
    y: float
    width: float
    height: float

    def down(self, point: XY) -> XY:
        """A point in points from the upper left corner."""
        return (point[0] + self.x) * self.scale, (point[1] + self.y) * self.scale

    def at(self, point: XY) -> str:
        """A point in Graphviz's coordinates, which go up."""
        x, y = self.down(point)
        return f"{x:.3f} {self.height - y:.3f}"

    def moved(self, transform: str) -> Canvas:
        """The same picture with another origin."""
        found = _MOVE.search(transform)
        return self._replace(x=self.x + float(found[1]), y=self.y + float(found[2])) if found else self


def painted(svg: str, form: str, engine: str = "auto", dpi: float | None = None) -> bytes:
    """A finished SVG in another of Graphviz's formats, such as ``"png"`` or ``"pdf"``.

    :raises RenderError: when there is no Graphviz, or it fails.
    """
    first = engines.render(placed(svg, FONT), engine=engine, layout=PLACED)
    dot = placed(svg, FONT, measured(first))
    return engines.render(dot, form, engine=engine, layout=PLACED, dpi=dpi)


#: Where Graphviz paints the runs of each text, in points from the upper left corner, by its name.
Measures = Mapping[str, Sequence[XY]]


def placed(svg: str, font: str, measures: Measures | None = None) -> str:
    """The DOT text of a picture for the layout program :data:`PLACED`.

    :param measures: what :func:`measured` found where it was painted for the first time.
    """
    root = read_svg(svg)
    paint = canvas_of(root)
    operations: list[str] = []
    texts: list[str] = []
    count = 0
    for element, place in shapes_with_places(root, paint):
        if element.tag == "text":
            texts += _text_nodes(element, place, f"t{count}", measures)
            count += 1
        else:
            operations += _xdot_of(element, place)
    width, height = paint.width, paint.height
    # Graphviz reads no string of more than 16 kB, but any number that are added.
    background = " +\n".join(f'"{operation} "' for operation in operations)
    corners = [
        f'{name} [pos="{at}" shape=point style=invis width=0 height=0];'
        for name, at in (("corner1", "0,0"), ("corner2", f"{width:.3f},{height:.3f}"))
    ]
    return "\n".join(
        [
            "graph picture {",
            f'  graph [bb="0,0,{width:.3f},{height:.3f}" margin=0 pad=0 bgcolor=transparent '
            f'viewport="{width:.3f},{height:.3f},1,{width / 2:.3f},{height / 2:.3f}" '
            f"_background={background}];",
            f'  node [shape=plaintext margin=0 fixedsize=true width=0 height=0 fontname="{font}"];',
            *corners,
            *texts,
            "}",
            "",
        ]
    )


def measured(painted: bytes) -> Measures:
    """Where the runs of each text are, by an SVG that Graphviz painted.

    Where Graphviz puts the line of a text in its cell depends on its version and on the font.
    """
    (graph,) = read_svg(painted.decode("utf-8")).findall("g")
    moved = _MOVE.search(graph.get("transform", ""))
    right, down = (float(moved[1]), float(moved[2])) if moved else (0.0, 0.0)
    return {
        group.get("id", ""): [
            (float(run.get("x", "0")) + right, float(run.get("y", "0")) + down)
            for run in group.iter("text")
        ]
        for group in graph.iter("g")
    }


def canvas_of(root: Element) -> Canvas:
    """The scale, the origin and the size of a picture."""
    left, top, wide, _ = (float(x) for x in root.get("viewBox", "0 0 1 1").split())
    width, height = (float(root.get(side, "1")) * 0.75 for side in ("width", "height"))
    return Canvas(width / wide, -left, -top, width, height)


def shapes_with_places(root: Element, paint: Canvas) -> Iterator[tuple[Element, Canvas]]:
    """The shapes and texts of a picture, in order, each with its place."""
    for element in root:
        if element.tag == "g":
            yield from shapes_with_places(element, paint.moved(element.get("transform", "")))
        elif element.tag in _SHAPES or (element.tag == "text" and runs_of(element)):
            yield element, paint


def _painted_color(element: Element, kind: str) -> str:
    color = element.get(kind, "none" if kind == "stroke" else "black")
    if color == "none":
        return ""
    alpha = element.get("opacity")
    if alpha is not None and _SOLID_COLOR.match(color):
        color += f"{round(255 * float(alpha)):02x}"
    return color


def _counted_text(operation: str, text: str) -> str:
    """An operation on a text, which xdot counts in bytes."""
    return f"{operation} {len(text.encode())} -{text}"


def _xdot_of(element: Element, place: Canvas) -> Iterator[str]:
    """The xdot operations that paint a shape: its inside, then its outline."""
    fill, stroke = _painted_color(element, "fill"), _painted_color(element, "stroke")
    width = float(element.get("stroke-width", "1")) * place.scale
    dashed = element.get("stroke-dasharray") is not None
    if element.tag == "ellipse":
        x, y, rx, ry = (float(element.get(key, "0")) for key in ("cx", "cy", "rx", "ry"))
        body = f"{place.at((x, y))} {rx * place.scale:.3f} {ry * place.scale:.3f}"
        inside, outside = f"E {body}", f"e {body}"
    else:
        found = points(element.get("points") or element.get("d") or "")
        body = f"{len(found)} {' '.join(map(place.at, found))}"
        inside, outside = {
            "path": (f"b {body}", f"B {body}"),
            "polyline": ("", f"L {body}"),
        }.get(element.tag, (f"P {body}", f"p {body}"))
    if fill and inside:
        yield f"{_counted_text('c', fill)} {_counted_text('C', fill)} S 15 -setlinewidth(0) {inside}"
    if stroke:
        yield (
            f"{_counted_text('c', stroke)} {_counted_text('S', f'setlinewidth({width:.3f})')} "
            f"{_counted_text('S', 'dashed' if dashed else 'solid')} {outside}"
        )


def _text_nodes(text: Element, place: Canvas, name: str, measures: Measures | None) -> Iterator[str]:
    """The nodes that paint a text: the line as a whole, or where some of it is raised, each piece.

    Before it is measured there are both.
    """
    runs = [run for run in (text, *text) if run.text and run.text.strip("\n")]
    x, y = place.down((float(text.get("x", "0")), float(text.get("y", "0"))))
    found = measures or {}
    in_pieces = any(run.get("dy") for run in runs)
    if not in_pieces or measures is None:
        anchor = text.get("text-anchor", "start")
        yield _text_node(name, text, runs, place, anchor, (x, y), found)
    for k, run in enumerate(runs if in_pieces else ()):
        y += float(run.get("dy", "0")) * place.scale
        left = found[name][k][0] if measures is not None else x
        yield _text_node(f"{name}p{k}", text, [run], place, "start", (left, y), found)


def _text_node(
    name: str,
    text: Element,
    runs: Sequence[Element],
    place: Canvas,
    anchor: str,
    point: XY,
    measures: Measures,
) -> str:
    align, off = {"start": ("LEFT", 0.5), "end": ("RIGHT", -0.5)}.get(anchor, ("CENTER", 0.0))
    wide = round(_CELL_ROOM * width_of(text, runs) * place.scale) + 12
    up = measures[name][0][1] - point[1] if measures.get(name) else 0.0
    at = f"{point[0] + off * wide:.3f},{place.height - point[1] + up:.3f}"
    cell = f'FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="40"'
    painted_runs = "".join(_painted_run(run, text, place.scale) for run in runs)
    return (
        f'{name} [id="{name}" pos="{at}" label=<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" '
        f'CELLSPACING="0" {cell}><TR><TD {cell} ALIGN="{align}">{painted_runs}</TD></TR></TABLE>>];'
    )


def _painted_run(run: Element, text: Element, scale: float) -> str:
    size = float(run.get("font-size", text.get("font-size", "12"))) * scale
    inner = html.escape(run.text or "").replace(" ", "\u00a0").replace("]", "&#93;")
    if run.get("font-style") == "italic":
        inner = f"<I>{inner}</I>"
    if run.get("font-weight") == "bold":
        inner = f"<B>{inner}</B>"
    return f'<FONT COLOR="{_painted_color(run, "fill")}" POINT-SIZE="{size:.3f}">{inner}</FONT>'
