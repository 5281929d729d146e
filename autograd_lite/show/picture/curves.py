"""Paths of an SVG as Bézier curves, and where they cross a line.

Graphviz writes a path as one start and cubic pieces, ``M0,0C1,0 2,1 3,1``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

XY = tuple[float, float]
Piece = tuple[XY, XY, XY, XY]

_COORDINATE = re.compile(r"-?[0-9.]+(?:e-?[0-9]+)?")

#: How often a parameter interval is halved to find a crossing.
_HALVINGS = 30


def points(text: str) -> list[XY]:
    """The points of an attribute ``points`` or ``d``.

    >>> points("M0,-2C1,0 2,1 3,1")
    [(0.0, -2.0), (1.0, 0.0), (2.0, 1.0), (3.0, 1.0)]
    """
    numbers = [float(number) for number in _COORDINATE.findall(text)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def pieces(d: str) -> list[Piece]:
    """The cubic pieces of a path."""
    found = points(d)
    return [(found[i], found[i + 1], found[i + 2], found[i + 3]) for i in range(0, len(found) - 3, 3)]


def path_data(curve: Sequence[Piece]) -> str:
    """The attribute ``d`` of pieces that follow each other.

    >>> path_data(pieces("M0,0C1,0 2,1 3,1"))
    'M0,0C1,0 2,1 3,1'
    """
    rest = " ".join(f"{x:.6g},{y:.6g}" for piece in curve for x, y in piece[1:])
    (x, y), *_ = curve[0]
    return f"M{x:.6g},{y:.6g}C{rest}"


def rounded(curve: Sequence[Piece], radius: float) -> list[Piece]:
    """A curve of straight pieces with a bow of at most ``radius`` at every corner; another as it is.

    >>> path_data(rounded(pieces("M0,0C0,0 9,0 9,0 9,0 9,9 9,9"), 3.0))
    'M0,0C0,0 6,0 6,0 8,0 9,1 9,3 9,3 9,9 9,9'
    """
    if not all(map(_is_straight, curve)):
        return list(curve)
    made: list[Piece] = []
    start = curve[0][0]
    for (a, _, _, corner), (_, _, _, b) in pairwise(curve):
        near = min(radius, math.dist(a, corner) / 2, math.dist(corner, b) / 2)
        before, after = _towards(corner, a, near), _towards(corner, b, near)
        one, two = (_towards(point, corner, near * 2 / 3) for point in (before, after))
        made += [(start, start, before, before), (before, one, two, after)]
        start = after
    end = curve[-1][3]
    return [*made, (start, start, end, end)]


def _towards(start: XY, end: XY, distance: float) -> XY:
    """The point on the way from one point to another at a distance from the first."""
    share = distance / (math.dist(start, end) or 1.0)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _is_straight(piece: Piece) -> bool:
    (x, y), *controls, (u, v) = piece
    length = math.hypot(u - x, v - y) or 1.0
    return all(abs((p - x) * (v - y) - (q - y) * (u - x)) < 0.05 * length for p, q in controls)


def split_curve(curve: Iterable[Piece], cuts: Sequence[float], axis: int = 0) -> list[list[Piece]]:
    """The parts of a curve between its crossings of the lines x = cut (y = cut for ``axis`` 1).

    >>> [path_data(part) for part in split_curve(pieces("M0,0C1,0 2,0 3,0"), [1.5])]
    ['M0,0C0.5,0 1,0 1.5,0', 'M1.5,0C2,0 2.5,0 3,0']
    """
    parts: list[list[Piece]] = [[]]
    for piece in curve:
        rest, done = piece, 0.0
        for t in sorted(t for cut in cuts for t in _crossings(piece, cut, axis)):
            first, rest = _divided(rest, (t - done) / (1 - done))
            done = t
            parts[-1].append(first)
            parts.append([])
        parts[-1].append(rest)
    return [part for part in parts if part]


def extent(curve: Iterable[Piece], axis: int) -> tuple[float, float]:
    """The least and the largest coordinate of the control points, which enclose the curve."""
    numbers = [point[axis] for piece in curve for point in piece]
    return min(numbers), max(numbers)


def _divided(piece: Piece, t: float) -> tuple[Piece, Piece]:
    """The two halves of a piece at parameter ``t``, by de Casteljau's construction."""

    def between(p: XY, q: XY) -> XY:
        return p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])

    a, b, c, d = piece
    ab, bc, cd = between(a, b), between(b, c), between(c, d)
    abc, bcd = between(ab, bc), between(bc, cd)
    middle = between(abc, bcd)
    return (a, ab, abc, middle), (middle, bcd, cd, d)


def _crossings(piece: Piece, cut: float, axis: int) -> list[float]:
    """The parameters inside a piece at which it crosses a line, one for each change of side."""
    steps = 16
    at = [_coordinate(piece, k / steps, axis) - cut for k in range(steps + 1)]
    found = []
    for k in range(steps):
        if (at[k] < 0) != (at[k + 1] < 0):
            low, high = k / steps, (k + 1) / steps
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                if (_coordinate(piece, middle, axis) < cut) == (at[k] < 0):
                    low = middle
                else:
                    high = middle
            if 0 < low < 1:
                found.append(low)
    return found


def _coordinate(piece: Piece, t: float, axis: int) -> float:
    a, b, c, d = (point[axis] for point in piece)
    s = 1 - t
    return s**3 * a + 3 * s * s * t * b + 3 * s * t * t * c + t**3 * d
