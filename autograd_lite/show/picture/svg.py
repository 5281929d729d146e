"""Graphviz's SVG made fit for a page: ids of its own, one style sheet, a text alternative.

Graphviz writes colors, not classes, on runs of text inside HTML-like labels. So the role of every shape
and text is found by its color after Graphviz has drawn it, and no two roles may share one.
"""

from __future__ import annotations

from hashlib import sha256
from xml.etree import ElementTree

from .labels import printable

_XML = "{http://www.w3.org/XML/1998/namespace}"
_LINK = "{http://www.w3.org/1999/xlink}"
_FONT = "Helvetica,Arial,sans-serif"

#: The class of text in each color; the same color on a shape is ``f-…`` (fill) or ``s-…`` (stroke).
TEXT_CLASSES = {"value": "val"}

#: CSS pixels in a point.
_PIXELS = 4 / 3


def prefix(dot: str) -> str:
    """The beginning of every id of a drawing, the same for the same DOT text.

    >>> prefix("digraph {}")
    'ag-cdffdece'
    """
    return "ag-" + sha256(dot.encode("utf-8")).hexdigest()[:8]


def drawn_texts(svg: str | bytes) -> list[str]:
    """Every run of text that is drawn, in order."""
    found = ElementTree.fromstring(svg).iter()
    return ["".join(e.itertext()) for e in found if _local_name(e.tag) == "text"]


def pixels(svg: str) -> tuple[float, float]:
    """The width and the height of a picture, in CSS pixels, 96 to the inch."""
    root = ElementTree.fromstring(svg)
    return float(root.get("width", "1")), float(root.get("height", "1"))


def polish(raw: str | bytes, name: str, colors: dict[str, str], title: str, description: str) -> str:
    """Graphviz's SVG with ids under ``name``, classes for colors, tooltips, and a text alternative.

    The colors of the drawing become classes (``val``, ``grad``, ``local``, … on text, ``f-leaf``
    or ``s-wire`` on shapes) under one style sheet that touches nothing outside this picture.
    """
    root = ElementTree.fromstring(raw)
    roles = {color: role for role, color in colors.items()}
    for parent in root.iter():
        _unwrap(parent)
    used: set[str] = set()
    for element in root.iter():
        element.tag = _local_name(element.tag)
        _restyle(element, roles, used)
        if "id" in element.attrib:
            element.set("id", f"{name}-{element.get('id')}")
        if "class" in element.attrib:
            element.set("class", " ".join(dict.fromkeys(element.get("class", "").split())))
    _head(root, name, title, description, _sheet(name, colors, used))
    return ElementTree.tostring(root, encoding="unicode")


def _local_name(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _unwrap(parent: ElementTree.Element) -> None:
    """Drop Graphviz's own titles, and put the content of ``<a xlink:title>`` in place of the link."""
    children: list[ElementTree.Element] = []
    for child in parent:
        if _local_name(child.tag) == "title":
            continue
        if _local_name(child.tag) == "g" and len(child) == 1 and _local_name(child[0].tag) == "a":
            link = child[0]
            tip = ElementTree.Element("title")
            tip.text = link.get(f"{_LINK}title")
            children = [tip, *children, *link]
        else:
            children.append(child)
    if len(parent):
        parent[:] = children
        parent.text = "\n"
        for child in children:
            child.tail = "\n"


def _restyle(element: ElementTree.Element, roles: dict[str, str], used: set[str]) -> None:
    """Colors and the common font as classes, sizes without idle zeros."""
    classes = element.get("class", "").split()
    for paint in ("fill", "stroke"):
        color = element.get(paint)
        if color == "transparent":
            element.set(paint, "none")
        elif color in roles:
            role = roles[color]
            text = element.tag == "text" and paint == "fill"
            classes.append(TEXT_CLASSES.get(role, role) if text else f"{paint[0]}-{role}")
            used.add(classes[-1])
            del element.attrib[paint]
    if element.get("font-family") == _FONT:
        del element.attrib["font-family"]
    size = element.get("font-size")
    if size is not None:
        element.set("font-size", f"{float(size):g}")
    element.attrib.pop(f"{_XML}space", None)
    if classes:
        element.set("class", " ".join(classes))


def _sheet(name: str, colors: dict[str, str], used: set[str]) -> str:
    rules = [f"#{name} text{{font-family:{_FONT}}}"]
    for role, color in colors.items():
        for kind, paint in (
            (TEXT_CLASSES.get(role, role), "fill"),
            (f"f-{role}", "fill"),
            (f"s-{role}", "stroke"),
        ):
            if kind in used:
                rules.append(f"#{name} .{kind}{{{paint}:{color}}}")
    return "\n".join(rules)


def _head(root: ElementTree.Element, name: str, title: str, description: str, sheet: str) -> None:
    given = dict(root.attrib)
    root.attrib.clear()
    root.set("xmlns", "http://www.w3.org/2000/svg")
    root.set("id", name)
    for side in ("width", "height"):
        points = float(given[side].removesuffix("pt"))
        root.set(side, f"{points * _PIXELS:.0f}")
    root.set("viewBox", given["viewBox"])
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    root.set("style", "max-width:100%;height:auto")
    root.set(f"{_XML}space", "preserve")
    for position, (tag, content) in enumerate((("title", title), ("desc", description), ("style", sheet))):
        element = ElementTree.Element(tag)
        if tag != "style":
            element.set("id", f"{name}-{tag}")
        element.text = printable(content) if tag != "style" else content
        element.tail = "\n"
        root.insert(position, element)
