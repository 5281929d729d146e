"""Texts and arrow tips where a printer would set them, in the SVG that Graphviz made.

Graphviz sets texts too high in their cells, by a share of their size that depends on its version; it
measures other fonts than the reader has; and the sharp corner of an arrow's outline is beyond its tip.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from .curves import XY, points
from .shapes import Element, Extent, box_of, has_class

#: How far the base line of a text is below its middle, in ems: half of the height of a digit.
_HALF_DIGIT = 0.36

_CARD = re.compile(
    r'(?: (ID)=| \[id=)"(\w+)"[^<]*<(?:<?)TABLE BORDER="(\d+)" CELLBORDER="0" CELLSPACING="0" '
    r'CELLPADDING="(\d+)"((?:(?!<TABLE).)*?)</TABLE>'
)
_CELL = re.compile(r"<TD([^>]*)>(.*?)</TD>(</TR>)?")

#: A corner sharper than this is cut off, and how far an uncut one reaches, by the sine of half its angle.
_MITRE = 4.0

#: The most tips that are looked at.
_MOST_TIPS = 30


def center_lines(root: Element) -> None:
    """Move texts down by as much as those that stand alone in a box are above its middle.

    Not so the labels of edges, which stand above their wires as often as below.
    """
    found = [offset for group in root.iter("g") for offset in _offsets(group)]
    if not found:
        return
    lower = _HALF_DIGIT - median(found)
    if not 0.01 < lower < 0.3:
        return
    labels = {text for g in root.iter("g") if has_class(g, "edge") for text in g.iter("text")}
    for text in (text for text in root.iter("text") if text not in labels):
        text.set("y", f"{float(text.get('y', '0')) + lower * _largest_type(text):.2f}")


def right_lines(dot: str) -> dict[str, tuple[list[bool], float]]:
    """By the ids of the cards of a DOT text: which of their lines end on the right, how far from the edge.

    >>> table = '<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4"><TR><TD>a</TD>'
    >>> right_lines(f'n0 [id="n0" label=<{table}<TD ALIGN="RIGHT">1</TD></TR></TABLE>>];')
    {'n0': ([False, True], 5.0)}
    """
    found = {}
    for inner, name, border, padding, table in _CARD.findall(dot):
        cells = [cell for cell in _CELL.findall(table) if cell[1]]
        lines = [last != "" and 'ALIGN="RIGHT"' in given for given, _, last in cells]
        found["a_" * bool(inner) + name] = lines, float(border) + float(padding)
    return found


def anchor_right(root: Element, name: str, cards: Mapping[str, tuple[Sequence[bool], float]]) -> None:
    """Let such lines of cards end at their right side, however wide the reader's font is.

    :param name: what the ids of the picture start with.
    :param cards: what :func:`right_lines` gives.
    """
    for card in root.iter("g"):
        lines, inside = cards.get(card.get("id", "").removeprefix(f"{name}-"), ((), 0.0))
        edges = [box[1][0] for e in card.iter() if e.tag in ("polygon", "path") and (box := box_of(e))]
        texts = list(card.iter("text"))
        if edges and len(texts) == len(lines):
            for text in (text for text, right in zip(texts, lines, strict=True) if right):
                text.set("text-anchor", "end")
                text.set("x", f"{max(edges) - inside:.2f}")
                first = next(run for run in (text, *text) if run.text)
                first.text = str(first.text).lstrip("\u00a0 ")


def _largest_type(text: Element) -> float:
    """The size of the largest type in a text."""
    return max(float(run.get("font-size", "0")) for run in (text, *text))


def _offsets(group: Element) -> Iterator[float]:
    """How far the base lines of texts that stand alone in a shape are below its middle, in ems."""
    texts = [text for text in group if text.tag == "text" and "".join(text.itertext()).strip("\u00a0 \n")]
    shapes = [box for e in group if e.tag in ("polygon", "ellipse") and (box := box_of(e))]
    homes = [_smallest(shapes, (_middle(text), float(text.get("y", "0")))) for text in texts]
    for text, home in zip(texts, homes, strict=True):
        if home is not None and homes.count(home) == 1:
            (_, top), (_, bottom) = home
            yield (float(text.get("y", "0")) - (top + bottom) / 2) / _largest_type(text)


def _middle(text: Element) -> float:
    box = box_of(text)
    assert box is not None
    return (box[0][0] + box[1][0]) / 2


def _smallest(shapes: list[Extent], point: XY) -> Extent | None:
    """The smallest shape that a point is in; None for none."""
    around = [
        (low, high) for low, high in shapes if low[0] < point[0] < high[0] and low[1] < point[1] < high[1]
    ]
    return min(around, key=lambda s: (s[1][0] - s[0][0]) * (s[1][1] - s[0][1]), default=None)


def withdraw_tips(root: Element) -> None:
    """Move the tip of every arrow back, so that its outline ends where the outline of the node begins.

    Newer versions of Graphviz do so themselves.
    """
    tips = [
        tip
        for group in root.iter("g")
        for e in group
        if e.tag == "polygon" and has_class(group, "edge") and (tip := _tip_of(e)) is not None
    ]
    outlines = [
        box
        for group in root.iter("g")
        for e in group
        if e.tag in ("polygon", "ellipse") and not has_class(group, "edge") and (box := box_of(e))
    ]
    some = tips[:: max(1, len(tips) // _MOST_TIPS)]
    if some and median(min((_gap(tip, box) for box in outlines), default=0.0) for tip in some) < 1.5:
        for tip in tips:
            tip.withdraw()


class _Tip(NamedTuple):
    """The tip of an arrow, as a shape, and its point and the middle of its base."""

    shape: Element
    point: XY
    base: XY
    half: float

    def withdraw(self) -> None:
        """Move it back by as much as the corner of its outline reaches further."""
        (x, y), (bx, by) = self.point, self.base
        length = math.dist(self.point, self.base)
        mitre = min(math.hypot(length, self.half) / self.half, _MITRE)
        back = float(self.shape.get("stroke-width", "1")) / 2 * mitre / length
        corners = points(self.shape.get("points", ""))
        moved = (f"{px + back * (bx - x):.2f},{py + back * (by - y):.2f}" for px, py in corners)
        self.shape.set("points", " ".join(moved))


def _tip_of(shape: Element) -> _Tip | None:
    corners = points(shape.get("points", ""))[:-1]
    if len(corners) != 3:
        return None
    # The point is where the two equal sides meet.
    sides = [math.dist(corners[k], corners[k - 1]) for k in range(3)]
    k = min(range(3), key=lambda k: abs(sides[k] - sides[(k + 1) % 3]))
    one, other = corners[k - 1], corners[(k + 1) % 3]
    half, base = math.dist(one, other) / 2, ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    return _Tip(shape, corners[k], base, half) if half and corners[k] != base else None


def _gap(tip: _Tip, outline: Extent) -> float:
    """How far a tip is from an outline: an ellipse that is a circle, or a box."""
    (left, top), (right, bottom) = outline
    (x, y), radius = tip.point, (right - left) / 2
    beside = math.hypot(max(left - x, 0.0, x - right), max(top - y, 0.0, y - bottom))
    inside = min(x - left, right - x, y - top, bottom - y)
    round_ = abs(math.hypot(x - left - radius, y - top - radius) - radius)
    return min(beside or abs(inside), round_ if abs(bottom - top - 2 * radius) < 0.1 else math.inf)
