"""A picture for a place of a given size: how it is broken, and how large its type is there."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from .shapes import Element, has_class, read_svg, runs_of, write_svg
from .wrap import Wrapping

_INCH = 72.0

#: The roomiest that the numbers of a picture become, in points.
_LARGEST_TYPE = 32.0

#: The part of a size that counts as all of it: sizes are rounded.
_ALL = 0.9995

#: How much smaller than the largest type that of a picture may be that tells more.
_NEARLY = 0.97


@dataclass(frozen=True)
class Room:
    """Where a picture is to be shown: its room and its smallest type and numbers, all in points.

    ``tight`` is whether what is drawn has little space around it, ``left_out`` the options that were
    chosen so that something is not drawn.
    """

    name: str
    width: float
    height: float
    least: float = 14.0
    numbers: float = 18.0
    tight: bool = False
    left_out: tuple[str, ...] = ()


#: The room for a picture below the title of a slide, and between the margins of a page. A page is read
#: from nearer, and a slide of LaTeX's beamer, 16 cm wide, is enlarged: 7 and 9 points are its sizes
#: \\scriptsize and \\small.
ROOMS = {
    "16:9": Room("16:9", 12.3 * _INCH, 6.2 * _INCH),
    "4:3": Room("4:3", 9.2 * _INCH, 6.2 * _INCH),
    "beamer": Room("beamer", 14.0 / 2.54 * _INCH, 6.4 / 2.54 * _INCH, 7.0, 9.0),
    "A4": Room("A4", 6.5 * _INCH, 9.7 * _INCH, 7.0, 9.0),
}


def room_of(fit: str | tuple[float, float]) -> Room:
    """The place that ``fit`` means: the name of one, or a width and a height in inches.

    :raises TypeError: for anything else.
    :raises ValueError: for an unknown name, or sizes that are not between 1 and 200 inches.

    >>> room_of((4, 3)).width
    288.0
    """
    if isinstance(fit, str):
        if fit not in ROOMS:
            known = ", ".join(map(repr, ROOMS))
            raise ValueError(f"fit must be one of {known} or (width, height) in inches, not {fit!r}")
        return ROOMS[fit]
    try:
        width, height = (float(side) for side in fit)
    except (TypeError, ValueError):
        raise TypeError(
            f"fit must be a name such as '16:9', or (width, height) in inches, not {fit!r:.60}"
        ) from None
    if not (1 <= width <= 200 and 1 <= height <= 200):
        raise ValueError(f"fit={fit!r}: width and height must be between 1 and 200 inches")
    return Room(f"{width:g} × {height:g} in", width * _INCH, height * _INCH)


@dataclass(frozen=True)
class Reached:
    """How large the type of a picture is in its place, in points: the smallest type, and the numbers.

    ``share`` is 1 or more where the type is as large as it is to be. ``rows`` is into how many rows or
    columns the picture is broken.
    """

    place: Room
    least: float
    numbers: float
    rows: int = 1

    @property
    def share(self) -> float:
        """The part of the wanted sizes that is reached."""
        return min(self.least / self.place.least, self.numbers / self.place.numbers)

    @property
    def enough(self) -> bool:
        """Whether the type is as large as it is to be."""
        return self.share > _ALL

    def advice(self, nodes: int) -> str:
        """What to do where the type is too small."""
        place = self.place
        room = max(1, int(nodes * self.share**2))
        sizes = (
            ("the smallest type of this picture is", self.least, place.least),
            ("its numbers are", self.numbers, place.numbers),
        )
        missed = [
            f"{what} {is_:.1f} points, not {want:g}" for what, is_, want in sizes if is_ < want * _ALL
        ]
        return (
            f"on {place.name} {' and '.join(missed)}: {nodes:,} nodes are too many. "
            f"There is room for about {room:,}: leave some out with focus, max_depth, min_grad or "
            f"max_nodes={room}, or draw parts of the circuit"
        )


def type_sizes(root: Element) -> tuple[float, float]:
    """The smallest type of a picture as it was laid out, and the smallest of its values.

    As with printers, the size of type is that of what stands on the line.
    """
    sizes, values = [], []
    for text in root.iter("text"):
        for run in runs_of(text):
            if has_class(run, "sub") or has_class(run, "sup"):
                continue
            sizes.append(float(run.get("font-size", text.get("font-size", "12"))))
            if has_class(run, "val") and run.get("font-weight") == "bold":
                values.append(sizes[-1])
    return min(sizes, default=12.0), min(values or sizes, default=12.0)


def in_place(svg: str, place: Room, direction: str, names: Mapping[str, str]) -> tuple[str, Reached]:
    """A polished SVG in the size that fills a place, broken into rows where that makes it larger."""
    rows: list[int] = []
    if direction in ("LR", "TB"):  # what runs the other way would be read from the last row on
        wrapping = Wrapping(svg, direction == "TB", names)
        rows, _ = wrapping.best(place.width, place.height)
    root = read_svg(wrapping.broken(rows) if rows else svg)
    width, height = (float(x) for x in root.get("viewBox", "0 0 1 1").split()[2:])
    least, numbers = type_sizes(root)
    scale = min(place.width / width, place.height / height, _LARGEST_TYPE / numbers)
    for side, points in (("width", width), ("height", height)):
        root.set(side, f"{points * scale * 96 / _INCH:.2f}")
    return write_svg(root), Reached(place, least * scale, numbers * scale, len(rows) + 1)


def reached(svg: str, place: Room) -> Reached:
    """How large the type of a picture is that was not made for a place, when it fills that place."""
    root = read_svg(svg)
    width, height = (float(x) for x in root.get("viewBox", "0 0 1 1").split()[2:])
    scale = min(place.width / width, place.height / height)
    least, numbers = type_sizes(root)
    return Reached(place, least * scale, numbers * scale)


_EDGE = re.compile(r"\s*([a-z]+)(\d+)\S* -> ")
_NODE = re.compile(r"\s*([a-z]+\d+) \[.*?<B>(?:<I>)?([^<]+)")
_EDGE_ID = re.compile(r'\[id="(\w+)"')

#: The parts of gates that belong to the node of their number: its gate, its wire and its fork.
_OF_NODES = ("n", "w", "j")


def edge_names(dot: str, prefix: str, labels: list[str]) -> dict[str, str]:
    """What the source of every edge is called, by the id of the edge in the polished SVG.

    :param labels: the names of the nodes, whose numbers the parts of the DOT text have in theirs.
    """
    titles: dict[str, str] = {}
    found: dict[str, str] = {}
    count = 0
    for statement in dot.splitlines():
        if match := _EDGE.match(statement):
            count += 1
            id = _EDGE_ID.search(statement)
            kind, index = match[1], int(match[2])
            name = (
                labels[index]
                if kind in _OF_NODES and index < len(labels)
                else titles.get(kind + match[2], "")
            )
            found[f"{prefix}-{id[1] if id else f'edge{count}'}"] = name
        elif match := _NODE.match(statement):
            title = html.unescape(match[2]).replace("\u00a0", " ").strip()
            titles.setdefault(match[1], title.rpartition(" / ")[2])
    return found


class _Fitted(Protocol):
    @property
    def reached(self) -> Reached | None: ...


DrawingT = TypeVar("DrawingT", bound=_Fitted)


def roomiest(draw: Callable[..., DrawingT], choices: Iterable[Mapping[str, Any]]) -> DrawingT:
    """The first drawing whose type is large enough in its place, or else that with the roomiest type.

    A little roomier does not count: what comes first tells more.
    """
    tried: list[tuple[float, DrawingT]] = []
    for changes in choices:
        drawing = draw(**changes)
        now = drawing.reached
        assert now is not None
        if now.enough:
            return drawing
        tried.append((now.share, drawing))
    largest = max(share for share, _ in tried)
    return next(drawing for share, drawing in tried if share > _NEARLY * largest)
