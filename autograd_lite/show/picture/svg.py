"""Graphviz's SVG made fit for a page: ids of its own, one style sheet, a text alternative.

Graphviz writes colors, not classes, on runs of text inside HTML-like labels. So the role of every shape
and text is found by its color after Graphviz has drawn it, and no two roles may share one. The colors
stay as attributes beside the classes: a class has priority, and readers without style sheets (office
programs, converters) see the same picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from xml.etree import ElementTree

from .labels import printable
from .struck import free_labels

_XML = "{http://www.w3.org/XML/1998/namespace}"
_LINK = "{http://www.w3.org/1999/xlink}"
_FONT = "Helvetica,Arial,sans-serif"

#: The same for readers that do not know which fonts of a machine stand for Helvetica.
_FONTS = "Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif"

#: The class of text in each color; the same color on a shape is ``f-…`` (fill) or ``s-…`` (stroke).
TEXT_CLASSES = {"value": "val"}

#: CSS pixels in a point.
_PIXELS = 4 / 3

#: Graphviz leaves up to 1 point between the line through a wire's numbers and its edges.
_OVERLAP = 2.0

#: How thick that line is beside its height in the label: as thick as the edges.
_THICKNESS = 0.9

#: How wide the gap around a wire of the usual width is that crosses another, in points.
_CASING, _USUAL = 7.0, 1.8

_ID = re.compile(r'\[id="(\w+)"')
_CELL = re.compile(r"<TD[^>]*>(.*?)</TD>")


def prefix(dot: str) -> str:
    """The beginning of every id of a drawing, the same for the same DOT text.

    >>> prefix("digraph {}")
    'ag-cdffdece'
    """
    return "ag-" + sha256(dot.encode("utf-8")).hexdigest()[:8]


def drawn_texts(svg: str | bytes) -> list[str]:
    """Every run of text that is drawn, in order."""
    found = ElementTree.fromstring(svg).iter()
    return [e.text or "" for e in found if _local_name(e.tag) in ("text", "tspan") and not len(e)]


def pixels(svg: str) -> tuple[float, float]:
    """The width and the height of a picture, in CSS pixels, 96 to the inch."""
    root = ElementTree.fromstring(svg)
    return float(root.get("width", "1")), float(root.get("height", "1"))


def runs_of_lines(dot: str) -> dict[str, list[int]]:
    """For the id of every node and edge of a DOT text, how many runs each line of its label has.

    >>> runs_of_lines('n0 [id="n0" label=<<TABLE><TR><TD><FONT>a</FONT><FONT>b</FONT></TD></TR></TABLE>>];')
    {'n0': [2]}
    """
    found = {}
    for statement in dot.splitlines():
        match = _ID.search(statement)
        counts = [cell.count("<FONT") for cell in _CELL.findall(statement)]
        if match and max(counts, default=0) > 1:
            found[match[1]] = [count for count in counts if count]
    return found


def polish(
    raw: str | bytes,
    name: str,
    colors: dict[str, str],
    title: str,
    description: str,
    lines: Mapping[str, Sequence[int]] | None = None,
) -> str:
    """Graphviz's SVG with ids under ``name``, classes for colors, tooltips, and a text alternative.

    The colors of the drawing become classes (``val``, ``grad``, ``local``, … on text, ``f-leaf``
    or ``s-wire`` on shapes) under one style sheet that touches nothing outside this picture.

    :param lines: what :func:`runs_of_lines` gives. The runs of a line become one text, so that they
        neither overlap nor leave gaps in another font than the one that Graphviz measured.
    """
    root = ElementTree.fromstring(raw)
    roles = {color: role for role, color in colors.items()}
    for parent in root.iter():
        _unwrap(parent)
    _bridge_crossings(root, colors.get("paper", "white"))
    used: set[str] = set()
    for element in root.iter():
        element.tag = _local_name(element.tag)
        _restyle(element, roles, used)
        if "wire" in element.get("class", "").split():
            _lengthen(element)
        _join_lines(element, (lines or {}).get(element.get("id", ""), ()))
        if "id" in element.attrib:
            element.set("id", f"{name}-{element.get('id')}")
        if "class" in element.attrib:
            element.set("class", " ".join(dict.fromkeys(element.get("class", "").split())))
    free_labels(root, colors.get("paper", "white"))
    _head(root, name, title, description, _sheet(name, colors, used))
    return ElementTree.tostring(root, encoding="unicode")


def _local_name(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _unwrap(parent: ElementTree.Element) -> None:
    """Drop Graphviz's own titles, and put the content of ``<a xlink:title>`` in place of the link.

    Cells of a label that are links stay groups, each with its own title.
    """
    children: list[ElementTree.Element] = []
    links = [e for e in parent if _local_name(e.tag) == "g" and len(e) and _local_name(e[0].tag) == "a"]
    for child in parent:
        if _local_name(child.tag) == "title":
            continue
        if _local_name(child.tag) == "g" and len(child) == 1 and _local_name(child[0].tag) == "a":
            link = child[0]
            tip = ElementTree.Element("title")
            tip.text = link.get(f"{_LINK}title")
            if len(links) > 1 or not child.get("id", "a_").startswith("a_"):
                child[:] = [tip, *link]
                children.append(child)
            else:
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
            text = element.tag in ("text", "tspan") and paint == "fill"
            classes.append(TEXT_CLASSES.get(role, role) if text else f"{paint[0]}-{role}")
            used.add(classes[-1])
    if element.get("font-family") == _FONT:
        del element.attrib["font-family"]
    size = element.get("font-size")
    if size is not None:
        element.set("font-size", f"{float(size):g}")
    element.attrib.pop(f"{_XML}space", None)
    if classes:
        element.set("class", " ".join(classes))


def _as_one_line(group: ElementTree.Element, runs: Sequence[ElementTree.Element]) -> None:
    """The runs of one line as one text in their place."""
    line = ElementTree.Element("text", {key: runs[0].attrib[key] for key in ("x", "y", "text-anchor")})
    line.set("class", "joined")
    line.tail = "\n"
    group.insert(list(group).index(runs[0]), line)
    for run in runs:
        group.remove(run)
        for key in ("x", "y", "text-anchor"):
            run.attrib.pop(key, None)
        run.tag, run.tail = "tspan", ""
        line.append(run)


def _join_lines(group: ElementTree.Element, counts: Sequence[int]) -> None:
    parents = {text: part for part in group.iter() for text in part if _local_name(text.tag) == "text"}
    texts = [element for element in group.iter() if element in parents]
    if sum(counts) != len(texts):  # empty for a group whose lines have one run each
        return
    for count in counts:
        runs, texts = texts[:count], texts[count:]
        if count > 1:
            _as_one_line(parents[runs[0]], runs)


def _bridge_crossings(root: ElementTree.Element, paper: str) -> None:
    """Where edges carry no texts, let each pass over those before it, with a gap on both sides.

    Not so those of class ``merging``, which run beside each other into one node.
    """
    edges = [e for e in root.iter() if "edge" in e.get("class", "").split()]
    if any(_local_name(part.tag) == "text" for edge in edges for part in edge):
        return
    for edge in edges:
        if "merging" in edge.get("class", "").split():
            continue
        for path in [part for part in edge if _local_name(part.tag) == "path"]:
            casing = ElementTree.Element("path", {"d": path.get("d", ""), "fill": "none", "stroke": paper})
            wider = float(path.get("stroke-width", 1)) - _USUAL
            casing.set("stroke-width", f"{_CASING + max(wider, 0.0):g}")
            edge.insert(list(edge).index(path), casing)


def _lengthen(group: ElementTree.Element) -> None:
    """Let the line through the numbers of a wire overlap the edges on both sides."""
    for line in (e for e in group if _local_name(e.tag) == "polygon"):
        xs, ys = _coordinates(line.get("points", ""))
        left, right = min(xs) - _OVERLAP, max(xs) + _OVERLAP
        middle, half = (min(ys) + max(ys)) / 2, _THICKNESS * (max(ys) - min(ys)) / 2
        top, bottom = middle - half, middle + half
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        line.set("points", " ".join(f"{x:g},{y:g}" for x, y in corners))


def _coordinates(points: str) -> tuple[list[float], list[float]]:
    numbers = [float(number) for number in points.replace(",", " ").split()]
    return numbers[::2], numbers[1::2]


def _sheet(name: str, colors: dict[str, str], used: set[str]) -> str:
    # For some readers, which skip rules for media, auto is no height.
    size = f"@media all{{#{name}{{max-width:100%;height:auto}}}}"
    rules = [size, f"#{name} text{{font-family:{_FONTS}}}"]
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
    box = given["viewBox"].split()
    for side, points in (("width", box[2]), ("height", box[3])):
        root.set(side, f"{float(points) * _PIXELS:.2f}".rstrip("0").rstrip("."))
    root.set("viewBox", given["viewBox"])
    root.set("font-family", _FONTS)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    root.set(f"{_XML}space", "preserve")
    for position, (tag, content) in enumerate((("title", title), ("desc", description), ("style", sheet))):
        element = ElementTree.Element(tag)
        if tag != "style":
            element.set("id", f"{name}-{tag}")
        element.text = printable(content) if tag != "style" else content
        element.tail = "\n"
        root.insert(position, element)
