"""Magnitude as ink: how wide a wire is and how deep the color of a box, on one logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..view.view import View
from .palette import contrast

#: The narrowest and the widest wire, in points.
_NARROW, _WIDE = 0.7, 7.0

#: Powers of ten below the largest number that still differ.
_DECADES = 12

#: The least contrast that texts keep on a box: values are always large and bold (WCAG 2.2, 1.4.3).
_READ = {"ink": 4.5, "grad": 4.5, "local": 4.5, "value": 3.0}


@dataclass(frozen=True)
class Ink:
    """A logarithmic scale of widths and colors, from 10 to the ``least`` to 10 to the ``most``."""

    least: int
    most: int

    def share(self, x: float | None) -> float:
        """How far up the scale a magnitude is, 0 to 1; 0 for 0 and 1 for nan."""
        if x is None or x == 0:
            return 0.0
        if not math.isfinite(x):
            return 1.0
        height = (math.log10(abs(x)) - self.least) / (self.most - self.least)
        return min(max(height, 0.0), 1.0)

    def width(self, x: float | None) -> float:
        """The width of a wire that contributes ``x``, in points."""
        return _NARROW + (_WIDE - _NARROW) * self.share(x)

    def color(self, colors: Mapping[str, str], role: str, x: float | None) -> str:
        """The color of a box whose gradient is ``x``: that of its role, and so much of a gradient's."""
        return blended(colors[role], colors["grad"], self.share(x) * _deepest(colors, role))

    @property
    def marks(self) -> list[float]:
        """At most five powers of ten for a legend, the least first."""
        step = -(-(self.most - self.least) // 4)
        return [10.0**power for power in range(self.most, self.least - 1, -step)][::-1]


def ink_for(view: View) -> Ink:
    """The scale on which all gradients and contributions of a view lie."""
    numbers = [node.grad for node in view.nodes] + [wire.contribution for wire in view.wires]
    powers = [math.log10(abs(x)) for x in numbers if x and math.isfinite(x)]
    most = math.ceil(max(powers, default=0.0))
    least = max(math.floor(min(powers, default=0.0)), most - _DECADES)
    return Ink(min(least, most - 1), most)


def blended(one: str, other: str, share: float) -> str:
    """The color between two, ``share`` of the way from the first.

    >>> blended("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = ((int(one[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _deepest(colors: Mapping[str, str], role: str) -> float:
    """The largest share of a gradient's color in a box on which every text can still be read."""
    share = 0.0
    while share < 0.5:
        mixed = blended(colors[role], colors["grad"], share + 0.02)
        if any(contrast(colors[text], mixed) < least for text, least in _READ.items()):
            break
        share += 0.02
    return share
