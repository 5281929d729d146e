"""The shapes of a polished SVG and where they lie."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element as Element

from .curves import XY, points

Extent = tuple[XY, XY]

#: The widths of an average character and of a bold one in ems, by Helvetica's digits.
_AVERAGE_EM, _BOLD_EM = 0.56, 0.6


def read_svg(svg: str) -> Element:
    """The root of an SVG, its elements without their name space."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = str(element.tag).rpartition("}")[2]
    return root


def write_svg(root: Element) -> str:
    """The text of an SVG as :func:`read_svg` gives it."""
    root.set("xmlns", "http://www.w3.org/2000/svg")
    return ElementTree.tostring(root, encoding="unicode")


def has_class(element: Element, name: str) -> bool:
    """Whether an element has a class."""
    return name in element.get("class", "").split()


def runs_of(text: Element) -> list[Element]:
    """The runs of a text that show something: itself, or its parts."""
    return [run for run in (text, *text) if run.text and run.text.strip("\u00a0 \n")]


def width_of(text: Element) -> float:
    """About how wide a text is."""
    return sum(
        float(run.get("font-size", text.get("font-size", "12")))
        * sum(0.28 if c in "ijlft.,:;|()[]' \u00a0" else em for c in run.text or "")
        for run in (text, *text)
        for em in (_BOLD_EM if run.get("font-weight") == "bold" else _AVERAGE_EM,)
    )


def box_of(element: Element) -> Extent | None:
    """The smallest and the largest coordinates of a shape or a text; None where nothing is seen."""
    if element.tag in ("polygon", "polyline", "path"):
        found = points(element.get("points") or element.get("d") or "")
        return enclosing([(point, point) for point in found]) if found else None
    if element.tag == "ellipse":
        x, y, rx, ry = (float(element.get(key, "0")) for key in ("cx", "cy", "rx", "ry"))
        return (x - rx, y - ry), (x + rx, y + ry)
    if element.tag == "text" and (runs := runs_of(element)):
        x, y, wide = float(element.get("x", "0")), float(element.get("y", "0")), width_of(element)
        left = {"end": x - wide, "middle": x - wide / 2}.get(element.get("text-anchor", "start"), x)
        size = max(float(run.get("font-size", "0")) for run in runs)
        return (left, y - 0.8 * size), (left + wide, y + 0.25 * size)
    return None


def enclosing(boxes: Iterable[Extent]) -> Extent:
    """The smallest box around some."""
    lows, highs = zip(*boxes, strict=True)
    return (
        (min(x for x, _ in lows), min(y for _, y in lows)),
        (max(x for x, _ in highs), max(y for _, y in highs)),
    )
