"""Where Graphviz puts the texts and the wires of a picture, and what is wrong with that."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

from autograd_lite.show.view.view import View

Point = tuple[float, float]

#: The distance between points along a wire.
STEP = 2.0


@dataclass(frozen=True)
class Text:
    """A run of text: its rectangle, its size, and the names of the nodes and edges that it belongs to."""

    text: str
    left: float
    right: float
    below: float
    above: float
    size: float
    owners: frozenset[str]


@dataclass(frozen=True)
class Drawn:
    """A wire: points along it, at most :data:`STEP` from each other, and the nodes at its ends."""

    id: str
    points: tuple[Point, ...]
    ends: tuple[str, str]


@dataclass
class Layout:
    """The texts and the wires of a picture."""

    texts: list[Text] = field(default_factory=list)
    wires: list[Drawn] = field(default_factory=list)

    def struck(self) -> list[str]:
        """The texts that a wire runs through that is not their own."""
        found = []
        for text in self.texts:
            for wire in self.wires:
                if wire.id in text.owners or text.owners.intersection(wire.ends):
                    continue
                if any(text.left < x < text.right and text.below < y < text.above for x, y in wire.points):
                    found.append(f"{text.text!r} by {'->'.join(wire.ends)}")
        return found

    def crowded(self, near: float = 4.0, least: float = 60.0, apart: float = 80.0) -> list[str]:
        """The pairs of wires that run beside each other, nearer than ``near``, for ``least`` or more.

        Two wires from one point or into one point may do so within ``apart`` of it.
        """
        found = []
        for one, two in combinations(self.wires, 2):
            shared = [
                p
                for end, p in zip(one.ends, (one.points[0], one.points[-1]), strict=True)
                for other, q in zip(two.ends, (two.points[0], two.points[-1]), strict=True)
                if end == other and math.dist(p, q) < 30
            ]
            cells: dict[tuple[int, int], list[Point]] = {}
            for x, y in two.points:
                cells.setdefault((int(x // near), int(y // near)), []).append((x, y))
            beside = 0.0
            for x, y in one.points:
                if any(math.dist((x, y), p) < apart for p in shared):
                    continue
                i, j = int(x // near), int(y // near)
                around = (q for a in (-1, 0, 1) for b in (-1, 0, 1) for q in cells.get((i + a, j + b), ()))
                beside += STEP * any(math.dist((x, y), q) < near for q in around)
            if beside > least:
                found.append(f"{'->'.join(one.ends)} beside {'->'.join(two.ends)} for {beside:.0f}")
        return found

    def is_above(self, one: str, other: str) -> bool:
        """Whether a wire stands above another into the same place: where both begin, or right before it."""
        first, second = (next(each for each in self.wires if each.id == id) for id in (one, other))
        x = min(first.points[-1][0], second.points[-1][0]) - 14
        near = [min(wire.points, key=lambda p: abs(p[0] - x))[1] for wire in (first, second)]
        return first.points[0][1] > second.points[0][1] or near[0] > near[1]

    def end(self, id: str) -> float:
        """How high a wire ends."""
        (wire,) = [each for each in self.wires if each.id == id]
        return wire.points[-1][1]


def out_of_order(view: View, layout: Layout) -> list[str]:
    """The operations of which two operands that follow each other stand the other way round."""
    return [
        node.label
        for i, node in enumerate(view.nodes)
        for first, second in pairwise(view.incoming(i))
        if not layout.is_above(first.id, second.id)
    ]


def layout_of(dot: str) -> Layout:
    """The layout of a DOT text by the ``dot`` program, in points, up is up."""
    # dot 2.43 fails where it describes a dashed table in a table, though it draws one.
    plain = dot.replace('STYLE="DASHED"', "")
    done = subprocess.run(["dot", "-Tjson"], input=plain.encode(), capture_output=True, check=True)
    graph = json.loads(done.stdout)
    names = {each["_gvid"]: each["name"] for each in graph["objects"]}
    found = Layout()
    for each in graph["objects"]:
        found.texts += _texts(each, frozenset({each["name"]}))
    for each in graph["edges"]:
        ends = names[each["tail"]], names[each["head"]]
        id = each.get("id", "")
        if each.get("style") != "invis":
            points = tuple(_along(each.get("_draw_", ())))
            if points:
                found.wires.append(Drawn(id, points, ends))
            found.texts += _texts(each, frozenset({id}))
    return found


def _texts(each: dict[str, Any], owners: frozenset[str]) -> Iterator[Text]:
    size = 14.0
    for step in each.get("_ldraw_", ()):
        if step["op"] == "F":
            size = step["size"]
        elif step["op"] == "T":
            (x, y), width = step["pt"], step["width"]
            start = {"l": x, "c": x - width / 2, "r": x - width}[step["align"]]
            # Of the line of text what its letters cover, without the spaces around it.
            stripped = step["text"].strip("\u00a0 ")
            if stripped:
                part = width / len(step["text"])
                start += part * (len(step["text"]) - len(step["text"].lstrip("\u00a0 ")))
                yield Text(stripped, start, start + part * len(stripped), y, y + 0.6 * size, size, owners)


def _along(steps: Sequence[dict[str, Any]]) -> Iterator[Point]:
    for step in steps:
        if step["op"] == "b":
            points = step["points"]
            for k in range(0, len(points) - 1, 3):
                yield from _bezier(points[k : k + 4])
        elif step["op"] == "L":
            for a, b in pairwise(step["points"]):
                yield from _bezier((a, a, b, b))


def _bezier(p: Sequence[Sequence[float]]) -> Iterator[Point]:
    count = math.ceil(sum(math.dist(a, b) for a, b in pairwise(p)) / STEP) or 1
    for k in range(count + 1):
        t = k / count
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        yield (
            sum(w * q[0] for w, q in zip(weights, p, strict=True)),
            sum(w * q[1] for w, q in zip(weights, p, strict=True)),
        )
