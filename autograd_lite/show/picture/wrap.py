"""A long picture broken into rows, as a line of text is: the wires go on at the start of the next row.

What runs from top to bottom is broken into columns. Nothing is laid out again: a picture is cut where
only wires pass, and a wire that is cut has the name of its source on both sides.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import NamedTuple

from .curves import XY, Piece, extent, path_data, pieces, split_curve
from .shapes import Element, Extent, box_of, enclosing, has_class, read_svg, set_text, width_of, write_svg

#: How far a cut wire goes on, the distance of two rows, and the margin of a picture, in points.
_TAIL, _BETWEEN, _EDGE_ROOM = 12.0, 14.0, 10.8

#: The narrowest gap that a picture is cut in, and the height that a cut must save for each wire.
_LEAST_GAP, _WIRE_COST = 3.0, 4.0

#: From the tip of an arrow to the outline of its node, where nothing is drawn and nothing must be cut.
_TIP_ROOM = 4.0

#: The size of the names at the ends of cut wires, and the least distance of their lines.
_TAIL_NAME, _TAIL_LINE = 13.0, 14.0

#: The most rows that a picture is broken into, and how far the lengths of rows may differ.
_MOST_PIECES, _SLACK = 8, (1.0, 1.06, 1.15, 1.3)


class _CellPart(NamedTuple):
    """What lies in one cell of a picture, between two places where it can be cut."""

    cell: int
    group: Element
    box: Extent
    curve: list[Piece]  # of a wire, else empty


class Wrapping:
    """A polished SVG that can be broken.

    :param vertical: whether the picture runs from top to bottom.
    :param names: what the source of an edge is called, by the id of the edge.
    """

    def __init__(self, svg: str, vertical: bool, names: Mapping[str, str]) -> None:
        self.root = read_svg(svg)
        self.along, self.across = (1, 0) if vertical else (0, 1)
        (self.graph,) = self.root.findall("g")
        self.paper, *rest = list(self.graph)
        self.captions = [e for e in rest if e.tag == "text" and box_of(e)]
        self.groups = [e for e in rest if e.tag == "g"]
        self._names = names
        solids = list(self._solids())
        self._whole = enclosing([box for _, box in solids])
        self.places = _cut_places([(low[self.along], high[self.along]) for _, (low, high) in solids])
        self._parts = list(self._divide(solids))
        self._passing: list[dict[str, list[float]]] = [{} for _ in self.places]
        for part in self._parts:
            if part.curve:
                self._note_crossings(part)
        boxes: list[list[Extent]] = [[] for _ in range(len(self.places) + 1)]
        for part in self._parts:
            boxes[part.cell].append(part.box)
        self._reach = [enclosing(found or [self._whole]) for found in boxes]
        self._rooms = [self._room(k) for k in range(len(self.places))] + [0.0]

    def _solids(self) -> Iterator[tuple[Element, Extent]]:
        """What must not be cut: nodes, outlines and texts."""
        for group in self.groups:
            wire = has_class(group, "edge")
            boxes = [
                ((low[0] - room, low[1] - room), (high[0] + room, high[1] + room))
                for e in group.iter()
                if not (wire and e.tag == "path") and (box := box_of(e)) is not None
                for (low, high), room in ((box, _TIP_ROOM if wire and e.tag == "polygon" else 0.0),)
            ]
            if boxes:
                yield group, enclosing(boxes)

    def _divide(self, solids: Sequence[tuple[Element, Extent]]) -> Iterator[_CellPart]:
        a = self.along
        for group, (low, high) in solids:
            yield _CellPart(self._cell((low[a] + high[a]) / 2), group, (low, high), [])
        for group in self.groups:
            paths = [e for e in group if e.tag == "path"] if has_class(group, "edge") else []
            for curve in split_curve(pieces(paths[-1].get("d", "")), self.places, a) if paths else ():
                xs, ys = extent(curve, 0), extent(curve, 1)
                middle = sum(extent([curve[len(curve) // 2]], a)) / 2
                yield _CellPart(self._cell(middle), group, ((xs[0], ys[0]), (xs[1], ys[1])), curve)

    def _cell(self, place: float) -> int:
        return bisect(self.places, place)

    def _note_crossings(self, part: _CellPart) -> None:
        """Remember where a wire passes the end of its cell, by the name of its source."""
        for point in (part.curve[0][0], part.curve[-1][3]):
            for k in (part.cell - 1, part.cell):
                if 0 <= k < len(self.places) and abs(point[self.along] - self.places[k]) < 1e-3:
                    found = self._passing[k].setdefault(self._name(part), [])
                    if all(abs(point[self.across] - other) > 1e-3 for other in found):
                        found.append(point[self.across])

    def _name(self, part: _CellPart) -> str:
        return self._names.get(part.group.get("id", ""), "")

    @property
    def _titled(self) -> bool:
        """Whether the captions stand above the picture, with a title."""
        boxes = [box for e in self.captions if (box := box_of(e)) is not None]
        return bool(boxes) and enclosing(boxes)[1][1] <= self._whole[0][1]

    # Where to cut

    def _room(self, k: int) -> float:
        """The length of the tails and names beside cut number ``k``."""
        if not self._passing[k]:
            return 0.0
        if self.along:
            return _TAIL + _TAIL_LINE
        return _TAIL + 4.0 + max(map(_width_of_name, self._passing[k]))

    def _ends(self, i: int, j: int) -> tuple[float, float]:
        """From where to where the cells i to j - 1 reach along the picture."""
        low, high = self._whole[0][self.along], self._whole[1][self.along]
        return (self.places[i - 1] if i else low), (self.places[j - 1] if j <= len(self.places) else high)

    def _length(self, i: int, j: int) -> float:
        start, end = self._ends(i, j)
        return end - start + self._rooms[i - 1] + self._rooms[j - 1]

    def _thickness(self, i: int, j: int) -> float:
        b, reach = self.across, self._reach[i:j]
        return max(high[b] for _, high in reach) - min(low[b] for low, _ in reach)

    def _below(self) -> tuple[float, float]:
        """The width and the height of the captions, with the room beside them."""
        if not self.captions:
            return 0.0, 0.0
        low, high = enclosing([box for e in self.captions if (box := box_of(e)) is not None])
        return high[0] - low[0], high[1] - low[1] + _BETWEEN

    def size(self, rows: Sequence[int]) -> XY:
        """The width and the height of the picture when it is cut before the cells ``rows``."""
        edges = [0, *rows, len(self.places) + 1]
        spans = list(pairwise(edges))
        length = max(self._length(i, j) for i, j in spans)
        thickness = sum(self._thickness(i, j) for i, j in spans) + _BETWEEN * len(rows)
        wide, high = (thickness, length) if self.along else (length, thickness)
        below = self._below()
        return max(wide, below[0]) + 2 * _EDGE_ROOM, high + below[1] + 2 * _EDGE_ROOM

    def best(self, width: float, height: float) -> tuple[list[int], float]:
        """The cells before which to cut so that the picture is largest in a place, and how large."""

        def scale(rows: Sequence[int]) -> float:
            w, h = self.size(rows)
            # A picture that is cut must gain by it.
            return min(width / w, height / h) * (0.97 if rows else 1.0)

        whole = self._length(0, len(self.places) + 1)
        tried: list[list[int]] = [[]]
        for k in range(2, min(_MOST_PIECES, len(self.places) + 1) + 1):
            tried += filter(None, (self._rows(whole / k * slack) for slack in _SLACK))
        chosen = max(tried, key=scale)
        w, h = self.size(chosen)
        return chosen, min(width / w, height / h)

    def _rows(self, longest: float) -> list[int] | None:
        """The cuts that make the rows of at most this length thinnest; None where there are none."""
        count = len(self.places) + 1
        least: list[tuple[float, list[int]]] = [(0.0, [])]
        for j in range(1, count + 1):
            ways = [
                (
                    least[i][0] + self._thickness(i, j) + _BETWEEN + (self._cost(i) if i else 0.0),
                    [*least[i][1], *([i] if i else [])],
                )
                for i in range(j)
                if least[i][0] < math.inf and self._length(i, j) <= longest
            ]
            least.append(min(ways, default=(math.inf, [])))
        return least[-1][1] if least[-1][0] < math.inf else None

    def _cost(self, i: int) -> float:
        return _WIRE_COST * sum(map(len, self._passing[i - 1].values()))

    # The broken picture

    def broken(self, rows: Sequence[int]) -> str:
        """The SVG, cut before the cells ``rows``."""
        edges = [0, *rows, len(self.places) + 1]
        at = [_EDGE_ROOM, _EDGE_ROOM]
        made = []
        if self._titled:
            at[1] += self._below()[1]
        for i, j in pairwise(edges):
            start = self._ends(i, j)[0] - self._rooms[i - 1]
            low = enclosing(self._reach[i:j])[0][self.across]
            corner = (start, low) if not self.along else (low, start)
            row = Element(
                "g",
                {
                    "class": "row",
                    "transform": f"translate({at[0] - corner[0]:.2f} {at[1] - corner[1]:.2f})",
                },
            )
            row.extend(self._row(i, j))
            made.append(row)
            at[self.across] += self._thickness(i, j) + _BETWEEN
        width, height = self.size(rows)
        corners = ((0, 0), (0, height), (width, height), (width, 0), (0, 0))
        self.paper.set("points", " ".join(f"{x:.2f},{y:.2f}" for x, y in corners))
        bottom = max((float(e.get("y", "0")) for e in self.captions), default=0.0)
        lower = height - _EDGE_ROOM - bottom
        if self._titled:
            lower = _EDGE_ROOM + self._below()[1] - _BETWEEN - bottom
        for e in self.captions:
            e.set("x", f"{_EDGE_ROOM:g}")
            e.set("y", f"{float(e.get('y', '0')) + lower:.2f}")
        self.graph.set("transform", "translate(0 0)")
        self.graph[:] = [self.paper, *self.captions, *made]
        self.root.set("viewBox", f"0 0 {width:.2f} {height:.2f}")
        return write_svg(self.root)

    def _row(self, i: int, j: int) -> Iterator[Element]:
        """The groups of one row, and the ends of the wires that are cut."""
        by_group: dict[Element, list[_CellPart]] = {}
        for part in self._parts:
            if i <= part.cell < j:
                by_group.setdefault(part.group, []).append(part)
        for group in self.groups:
            if group in by_group:
                yield self._piece(group, by_group[group], i, j)
        for k, before in ((i - 1, True), (j - 1, False)):
            if 0 <= k < len(self.places):
                yield from self._tails(k, before)

    def _piece(self, group: Element, parts: Sequence[_CellPart], i: int, j: int) -> Element:
        """What of a group lies in the cells i to j - 1."""
        curves = [part.curve for part in parts if part.curve]
        if not curves:
            return group
        made = Element("g", group.attrib)
        if any(part.cell < i for part in self._parts if part.group is group):
            made.attrib.pop("id", None)  # the part in an earlier row has it
        for e in group:
            if e.tag == "path":
                for curve in _in_one(curves):
                    piece = deepcopy(e)
                    piece.set("d", path_data(curve))
                    made.append(piece)
            elif (box := box_of(e)) is None or i <= self._cell(
                (box[0][self.along] + box[1][self.along]) / 2
            ) < j:
                made.append(deepcopy(e))
        return made

    def _tails(self, k: int, before: bool) -> Iterator[Element]:
        """The ends of the wires beside cut number ``k``: at the start of a row, or at its end."""
        out = -1.0 if before else 1.0
        place = self.places[k]
        last: dict[str, float] = {}
        for across, name in sorted((y, name) for name, ys in self._passing[k].items() for y in ys):
            ends = [(place, across), (place + out * _TAIL, across)]
            if self.along:
                ends = [(y, x) for x, y in ends]
            (x1, y1), (x2, y2) = ends
            yield Element(
                "path",
                {
                    "class": "tail",
                    "fill": "none",
                    "stroke": "#8c8c8c",
                    "stroke-width": "1.8",
                    "d": f"M{x1:.2f},{y1:.2f}C{x1:.2f},{y1:.2f} {x2:.2f},{y2:.2f} {x2:.2f},{y2:.2f}",
                    "stroke-dasharray": "4,3",
                },
            )
            if not name or across - last.get(name, -math.inf) < _TAIL_LINE:
                continue
            last[name] = across
            text = Element(
                "text",
                {"class": "ink", "fill": "#1a1a1a", "font-size": f"{_TAIL_NAME:g}", "font-style": "italic"},
            )
            set_text(text, name)
            if self.along:
                text.set("text-anchor", "middle")
                text.set("x", f"{x2:.2f}")
                text.set("y", f"{y2 - 3 if before else y2 + 11:.2f}")
            else:
                text.set("text-anchor", "end" if before else "start")
                text.set("x", f"{x2 + out * 3:.2f}")
                text.set("y", f"{y2 + 4.5:.2f}")
            yield text


def _width_of_name(name: str) -> float:
    text = Element("text", {"font-size": f"{_TAIL_NAME:g}"})
    set_text(text, name)
    return width_of(text)


def _cut_places(spans: Sequence[tuple[float, float]]) -> list[float]:
    """The middles of the gaps between spans."""
    found: list[float] = []
    reach = math.inf
    for low, high in sorted(spans):
        if low - reach > _LEAST_GAP:
            found.append((low + reach) / 2)
        reach = max(reach, high) if reach < math.inf else high
    return found


def _in_one(curves: Sequence[list[Piece]]) -> list[list[Piece]]:
    """The curves with those in one that follow each other."""
    found: list[list[Piece]] = []
    for curve in curves:
        if found and math.dist(found[-1][-1][3], curve[0][0]) < 1e-6:
            found[-1] += curve
        else:
            found.append(list(curve))
    return found
