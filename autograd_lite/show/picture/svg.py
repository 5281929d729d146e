"""Graphviz's SVG made fit for a page: ids of its own, one style sheet, a text alternative.

Graphviz writes colors, not classes, on runs of text inside HTML-like labels. So the role of every shape
and text is found by its color after Graphviz has drawn it, and no two roles may share one. The colors
stay as attributes beside the classes: a class has priority, and readers without style sheets (office
programs, converters) see the same picture.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from xml.etree import ElementTree

from ...formulas.scripts import LOWERED, RAISED
from .curves import path_data, pieces, rounded
from .labels import SHRUNK, printable
from .setting import anchor_right, center_lines, right_lines, withdraw_tips
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

#: The largest bow at the corner of an edge, in points.
_BOW = 14.0

#: How wide the gap around a wire of the usual width is that crosses another, in points.
_CASING, _USUAL = 7.0, 1.8

_ID = re.compile(r'[\[{] ?id="(\w+)"')
_MARK_OR_TEXT = re.compile(r"<(/?)(\w+)[^>]*>|([^<>]+)")
_ENDS_OF_LINES = ("BR", "TABLE", "TR", "TD")

#: The classes of what stands below and above the line, by what Graphviz says, and how far it is lowered.
_SHIFTS = {"sub": ("sub", LOWERED), "super": ("sup", -RAISED)}

#: The classes of the pieces of a run after its first.
CONTINUED = ("sub", "sup", "on")


def prefix(dot: str) -> str:
    """The beginning of every id of a drawing, the same for the same DOT text.

    >>> prefix("digraph {}")
    'ag-cdffdece'
    """
    return "ag-" + sha256(dot.encode("utf-8")).hexdigest()[:8]


#: How often a picture was shown in a page of others, by the beginning of its ids.
_SHOWN: Counter[str] = Counter()


def among_others(svg: str) -> str:
    """A picture for a page that may show it more than once, such as a notebook: with ids of its own."""
    name = svg.partition('id="')[2].partition('"')[0]
    _SHOWN[name] += 1
    return svg if _SHOWN[name] == 1 else svg.replace(name, f"{name}-{_SHOWN[name]}")


def drawn_texts(svg: str | bytes) -> list[str]:
    """Every piece of text that Graphviz drew, in order."""
    return [e.text or "" for e in ElementTree.fromstring(svg).iter() if _local_name(e.tag) == "text"]


def pixels(svg: str) -> tuple[float, float]:
    """The width and the height of a picture, in CSS pixels, 96 to the inch."""
    root = ElementTree.fromstring(svg)
    return float(root.get("width", "1")), float(root.get("height", "1"))


#: For each line of a label the number of pieces of each run: on, below and above the line.
Lines = Sequence[Sequence[int]]


def runs_of_lines(dot: str) -> dict[str, Lines]:
    """For the id of every part of a DOT text the lines of its label, if one of them has several pieces.

    >>> runs_of_lines('n0 [id="n0" label=<<TABLE><TR><TD><FONT>a</FONT><FONT>b</FONT></TD></TR></TABLE>>];')
    {'n0': [[1, 1]]}
    """
    found: dict[str, Lines] = {}
    for statement in dot.splitlines():
        match = _ID.search(statement)
        name = match[1] if match else "graph0" if statement.startswith("  graph [") else ""
        lines = _pieces_of_lines(statement) if name and "<FONT" in statement else []
        if any(sum(line) > 1 for line in lines):
            found[name] = lines
    return found


def _pieces_of_lines(statement: str) -> list[list[int]]:
    lines: list[list[int]] = [[]]
    depth = 0
    for end, tag, text in _MARK_OR_TEXT.findall(statement):
        if tag == "FONT":
            depth += -1 if end else 1
            if depth == 1 and not end:
                lines[-1].append(0)
        elif tag in _ENDS_OF_LINES:
            lines.append([])
        elif text and depth:
            lines[-1][-1] += 1
    return [line for line in lines if line]


def polish(
    raw: str | bytes,
    name: str,
    colors: dict[str, str],
    title: str,
    description: str,
    dot: str = "",
) -> str:
    """Graphviz's SVG with ids under ``name``, classes for colors, tooltips, and a text alternative.

    The colors of the drawing become classes (``val``, ``grad``, ``local``, … on text, ``f-leaf``
    or ``s-wire`` on shapes) under one style sheet that touches nothing outside this picture.

    :param dot: the DOT text that it was made of. The runs of a line become one text, so that they neither
        overlap nor leave gaps in another font than the one that Graphviz measured.
    """
    root = ElementTree.fromstring(raw)
    lines = runs_of_lines(dot)
    roles = {color: role for role, color in colors.items()}
    for parent in root.iter():
        _unwrap(parent)
    _round_corners(root)
    _bridge_crossings(root, colors.get("paper", "white"))
    used: set[str] = set()
    for element in root.iter():
        element.tag = _local_name(element.tag)
        _restyle(element, roles, used)
        if "wire" in element.get("class", "").split():
            _lengthen(element)
        _join_lines(element, lines.get(element.get("id", ""), ()))
        if "id" in element.attrib:
            element.set("id", f"{name}-{element.get('id')}")
        if "class" in element.attrib:
            element.set("class", " ".join(dict.fromkeys(element.get("class", "").split())))
    center_lines(root)
    anchor_right(root, name, right_lines(dot))
    withdraw_tips(root)
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


def _as_one_line(group: ElementTree.Element, runs: Sequence[Sequence[ElementTree.Element]]) -> None:
    """The runs of one line as one text in their place, each in its pieces."""
    first = runs[0][0]
    line = ElementTree.Element("text", {key: first.attrib[key] for key in ("x", "y", "text-anchor")})
    line.set("class", "joined")
    line.tail = "\n"
    group.insert(list(group).index(first), line)
    off = 0.0
    for run in runs:
        size = float(run[0].get("font-size", "14"))
        for piece in run:
            group.remove(piece)
            for key in ("x", "y", "text-anchor"):
                piece.attrib.pop(key, None)
            kind, lowered = _SHIFTS.get(piece.attrib.pop("baseline-shift", ""), ("on", 0.0))
            if kind != "on":
                piece.set("font-size", f"{SHRUNK * float(piece.get('font-size', '14')):.1f}")
            if piece is not run[0]:
                piece.set("class", kind)
            shift, off = lowered * size - off, lowered * size
            if abs(shift) > 0.005:
                piece.set("dy", f"{shift:.2f}")
            piece.tag, piece.tail = "tspan", ""
            line.append(piece)


def _join_lines(group: ElementTree.Element, lines: Lines) -> None:
    own = group.get("id") == "graph0"  # all other parts are in it
    parts = [group] if own else list(group.iter())
    parents = {text: part for part in parts for text in part if _local_name(text.tag) == "text"}
    texts = [element for element in (group if own else group.iter()) if element in parents]
    if sum(map(sum, lines)) != len(texts):  # empty for a group whose lines have one piece each
        return
    rest = iter(texts)
    for line in lines:
        runs = [[next(rest) for _ in range(pieces)] for pieces in line]
        if sum(line) > 1:
            _as_one_line(parents[runs[0][0]], runs)


def _round_corners(root: ElementTree.Element) -> None:
    """Let the edges that Graphviz broke at corners turn in bows."""
    for edge in (e for e in root.iter() if "edge" in e.get("class", "").split()):
        for path in (part for part in edge if _local_name(part.tag) == "path"):
            curve = pieces(path.get("d", ""))
            if len(curve) > 1:
                path.set("d", path_data(rounded(curve, _BOW)))


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
