r"""A polished SVG as TikZ, so that a picture has the fonts and the size of the document around it.

The result is one ``tikzpicture`` of paths and nodes. It needs ``\usepackage{tikz}`` and no library of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...formulas.latex_text import latex_text
from ...formulas.scripts import LOWERED, RAISED, SCRIPT_SIZE
from .canvas import Canvas, canvas_of, shapes_with_places
from .curves import XY, points
from .shapes import Element, has_class, read_svg

#: How TikZ anchors a text by the end of its line that SVG names.
_ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}


def tikz_picture(svg: str) -> str:
    """The TikZ source of a finished SVG, in the size of the SVG."""
    root = read_svg(svg)
    colors: dict[str, str] = {}
    body: list[str] = []
    for element, place in shapes_with_places(root, canvas_of(root)):
        write = _node_of_text if element.tag == "text" else _path_of_shape
        body += write(element, place, colors)
    named = [rf"\definecolor{{{name}}}{{HTML}}{{{color[1:].upper()}}}" for color, name in colors.items()]
    return "\n".join(
        [
            *named,
            r"\begin{tikzpicture}[x=1bp,y=-1bp,inner sep=0pt,outer sep=0pt]",
            *body,
            r"\end{tikzpicture}",
            "",
        ]
    )


def _color_name(color: str, colors: dict[str, str]) -> str:
    if len(color) != 7 or color[0] != "#":
        return color if color.isalpha() else "black"
    return colors.setdefault(color, f"ag{color[1:]}")


def _path_of_shape(element: Element, place: Canvas, colors: dict[str, str]) -> Iterator[str]:
    options = []
    for kind, key in (("fill", "fill"), ("stroke", "draw")):
        color = element.get(kind, "none" if kind == "stroke" else "black")
        if color != "none":
            options.append(f"{key}={_color_name(color, colors)}")
    if not options:
        return
    if any(option.startswith("draw") for option in options):
        width = float(element.get("stroke-width", "1")) * place.scale
        options.append(f"line width={width:.2f}bp")
        options += ["dashed"] if element.get("stroke-dasharray") else []

    def at(point: XY) -> str:
        x, y = place.down(point)
        return f"({x:.2f},{y:.2f})"

    if element.tag == "ellipse":
        x, y, rx, ry = (float(element.get(key, "0")) for key in ("cx", "cy", "rx", "ry"))
        size = f"x radius={rx * place.scale:.2f}bp,y radius={ry * place.scale:.2f}bp"
        path = f"{at((x, y))} ellipse[{size}]"
    else:
        start, *rest = points(element.get("points") or element.get("d") or "")
        if element.tag == "path":
            curves = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
            path = at(start) + "".join(f" .. controls {at(b)} and {at(c)} .. {at(d)}" for b, c, d in curves)
        else:
            path = " -- ".join(map(at, (start, *rest))) + (" -- cycle" if element.tag == "polygon" else "")
    yield rf"\path[{','.join(options)}] {path};"


def _node_of_text(text: Element, place: Canvas, colors: dict[str, str]) -> Iterator[str]:
    x, y = place.down((float(text.get("x", "0")), float(text.get("y", "0"))))
    anchor = _ANCHORS[text.get("text-anchor", "start")]
    runs = "".join(_run_of_text(run, text, place.scale, colors) for run in (text, *text) if run.text)
    yield rf"\node[anchor={anchor}] at ({x:.2f},{y:.2f}) {{{runs}}};"


def _run_of_text(run: Element, text: Element, scale: float, colors: dict[str, str]) -> str:
    size = float(run.get("font-size", text.get("font-size", "12"))) * scale
    looks = r"\bfseries" if run.get("font-weight") == "bold" else ""
    looks += r"\itshape" if run.get("font-style") == "italic" else ""
    color = _color_name(run.get("fill", "black"), colors)
    written = (run.text or "").strip("\n").replace("\u00a0", " ")
    raised = RAISED if has_class(run, "sup") else -LOWERED if has_class(run, "sub") else 0.0
    # A space at the end of a group stays one as a tie.
    ends = ["~" * (len(written) - len(written.lstrip())), "~" * (len(written) - len(written.rstrip()))]
    inner = ends[0] + latex_text(written.strip()) + (ends[1] if written.strip() else "")
    set_ = rf"{{\fontsize{{{size:.2f}bp}}{{{1.2 * size:.2f}bp}}\selectfont{looks}\color{{{color}}}{inner}}}"
    return rf"\raisebox{{{raised * size / SCRIPT_SIZE:.2f}bp}}[0pt][0pt]{{{set_}}}" if raised else set_
