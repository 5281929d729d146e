"""The shapes of a polished SVG and where they lie."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element as Element
from xml.etree.ElementTree import SubElement

from ...formulas.scripts import LOWERED, RAISED, SCRIPT_SIZE, Letters, scripts
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


#: What pieces of a run have in common with it.
_COMMON_LOOKS = ("fill", "font-weight", "font-style")


#: It has no width and carries the base line back.
_RETURN = "\u200b"


def set_text(run: Element, text: str) -> None:
    """Let a text, or a run of one, be ``text``, with what stands below and above the line.

    After a run the base line is where it was before.
    """
    run[:] = []
    first, *rest = scripts(text)
    if rest and rest[-1].level and run.tag == "tspan":
        rest.append(Letters(_RETURN))
    run.text = first.text
    size, off = float(run.get("font-size", "12")), 0.0
    for letters, level in rest:
        shift = size * (-RAISED if level > 0 else LOWERED if level else 0.0)
        upright = level != 0 and not any(map(str.isalpha, letters))
        kept = _COMMON_LOOKS[:-1] if upright else _COMMON_LOOKS
        looks = {key: run.attrib[key] for key in kept if key in run.attrib}
        if upright and "font-style" in run.attrib:
            looks["font-style"] = "normal"
        piece = SubElement(run, "tspan", {**looks, "class": ("on", "sup", "sub")[level]})
        piece.set("font-size", f"{size * (SCRIPT_SIZE if level else 1.0):.4g}")
        piece.set("dy", f"{shift - off:.2f}")
        piece.text, off = letters, shift


def flatten_runs(text: Element) -> None:
    """Let the pieces of a text's runs be runs themselves: some readers know no runs in runs."""
    if text.text and text.text.strip():  # a run itself
        return
    runs = [(run, list(run)) for run in text]
    text[:] = []
    before = 0.0
    for run, rest in runs:
        run[:] = []
        off = 0.0
        for piece in (run, *rest):
            off += float(piece.attrib.pop("dy", "0"))
            if piece.text != _RETURN:
                if off != before:
                    piece.set("dy", f"{off - before:.2f}")
                before = off
                text.append(piece)


def width_of(text: Element, runs: Iterable[Element] = ()) -> float:
    """About how wide a text is, or some of its runs."""
    width = 0.0
    for run in runs or (text, *text):
        em = _BOLD_EM if run.get("font-weight") == "bold" else _AVERAGE_EM
        ems = sum(0.28 if c in "ijlft.,:;|()[]' \u00a0" else em for c in run.text or "")
        width += ems * float(run.get("font-size", text.get("font-size", "12")))
    return width


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


def without_paper(svg: str) -> str:
    """A finished picture through which what is behind it is seen."""
    root = read_svg(svg)
    paper = next(e for e in root.iter() if e.tag == "polygon")
    paper.attrib.pop("class", None)
    paper.set("fill", "none")
    return write_svg(root)
