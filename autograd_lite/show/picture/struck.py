"""Labels that a foreign wire runs through: they are drawn after it, on paper of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .curves import XY, pieces
from .shapes import Element, Extent, box_of, enclosing, has_class

#: How many points of each piece of a wire are looked at, and of how many wires.
_LOOKS, _MOST = 16, 400


def free_labels(root: Element, paper: str) -> None:
    """Put paper under every label of an edge that another edge runs through, and draw it after that.

    :param root: a polished SVG.
    """
    for group in root.iter("g"):
        places = [k for k, child in enumerate(group) if has_class(child, "edge")]
        edges = [group[k] for k in places]
        if len(edges) > _MOST or not any(edge.find("text") is not None for edge in edges):
            continue
        labels = [_label_box(edge) for edge in edges]
        paths = [list(_along(edge)) for edge in edges]
        before = [
            [i for i, path in enumerate(paths) if i != j and label and _runs_through(path, label)]
            for j, label in enumerate(labels)
        ]
        for edge, label, struck in zip(edges, labels, before, strict=True):
            if label and struck:
                _lay_paper(edge, label, paper)
        for k, j in zip(places, _ordered(before), strict=True):
            group[k] = edges[j]


def _label_box(edge: Element) -> Extent | None:
    boxes = [box for text in edge.iter("text") if (box := box_of(text)) is not None]
    return enclosing(boxes) if boxes else None


def _along(edge: Element) -> Iterator[XY]:
    for path in edge.iter("path"):
        for a, b, c, d in pieces(path.get("d", "")):
            for k in range(_LOOKS + 1):
                t = k / _LOOKS
                s = 1 - t
                w = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
                yield (
                    w[0] * a[0] + w[1] * b[0] + w[2] * c[0] + w[3] * d[0],
                    w[0] * a[1] + w[1] * b[1] + w[2] * c[1] + w[3] * d[1],
                )


def _runs_through(path: Sequence[XY], label: Extent) -> bool:
    (left, top), (right, bottom) = label
    return any(left < x < right and top < y < bottom for x, y in path)


def _lay_paper(edge: Element, label: Extent, paper: str) -> None:
    (left, top), (right, bottom) = label
    first = next(k for k, part in enumerate(edge) if part.tag == "text")
    corners = f"{left:.2f},{top:.2f} {right:.2f},{top:.2f} {right:.2f},{bottom:.2f} {left:.2f},{bottom:.2f}"
    sheet = Element("polygon", {"points": corners, "fill": paper, "stroke": "none", "class": "f-paper"})
    sheet.tail = "\n"
    edge.insert(first, sheet)


def _ordered(before: Sequence[Sequence[int]]) -> list[int]:
    """The numbers of the edges, each after those that run through its label, else as they were."""
    done: dict[int, None] = {}
    open_: set[int] = set()
    for start in range(len(before)):
        stack = [start]
        while stack:
            j = stack[-1]
            waiting = [i for i in before[j] if i not in done and i not in open_]
            open_.add(j)
            if waiting:
                stack.append(waiting[0])
            else:
                done.setdefault(stack.pop())
    return list(done)
