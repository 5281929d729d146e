"""A DOT text of the same picture that needs less room: no small type, little padding."""

from __future__ import annotations

import re

from .labels import script_points

_SIZE = re.compile(r'(POINT-SIZE=")([\d.]+)"(><SU[BP])?')
_VALUE = r'COLOR="{color}" POINT-SIZE="([\d.]+)"><B>'
_CELL_PADDING = re.compile(r'(CELLPADDING=")(\d+)"')
_HEIGHT = re.compile(r'(<TD[^>]* HEIGHT=")(\d+)"')
_DISTANCES = re.compile(r"\b(nodesep|ranksep)=([\d.]+)")
_CIRCLE = re.compile(r"(shape=circle fixedsize=true width=)([\d.]+)(.*?POINT-SIZE=\")([\d.]+)\"")

#: The sum under a gradient that many paths add to.
_LONG_SUM = re.compile(r"(>)[=≈~](?:(?!</TD>).)*?\((\d+)\u00a0paths\)")

#: The parts of paddings and distances that are kept.
_KEPT = {"nodesep": 0.5, "ranksep": 0.6}


def squeezed(dot: str, value_color: str, share: float) -> str:
    """The DOT text with no type smaller than a share of its numbers, and closer together.

    :param value_color: the color of the values, whose smallest bold type is that of the numbers.
    """
    numbers = [float(size) for size in re.findall(_VALUE.format(color=value_color), dot)]
    least = share * min(numbers, default=16.0)
    dot = _LONG_SUM.sub(lambda match: f"{match[1]}sum of {match[2]} paths", dot)
    dot = _CIRCLE.sub(lambda match: _wider(match, least), dot)
    dot = _enlarged(dot, least)
    dot = _CELL_PADDING.sub(lambda match: f'{match[1]}{(int(match[2]) + 1) // 3}"', dot)
    dot = _HEIGHT.sub(lambda match: f'{match[1]}{_lower(int(match[2]))}"', dot)
    return _DISTANCES.sub(lambda match: f"{match[1]}={_KEPT[match[1]] * float(match[2]):.3g}", dot)


def _enlarged(dot: str, least: float) -> str:
    """The DOT text with type of at least a size; what is below and above the line keeps its proportion."""
    size = least

    def enlarged(match: re.Match[str]) -> str:
        nonlocal size
        if match[3]:
            return f'{match[1]}{script_points(size):g}"{match[3]}'
        size = max(float(match[2]), least)
        return f'{match[1]}{size:.4g}"'

    return _SIZE.sub(enlarged, dot)


def _wider(match: re.Match[str], least: float) -> str:
    """A circle that holds its sign when that is enlarged."""
    size = float(match[4])
    width = float(match[2]) * max(1.0, (least / size) ** 0.7 if size < least else 1.0)
    return f'{match[1]}{width:.3g}{match[3]}{match[4]}"'


def _lower(height: int) -> int:
    """The height of a row of a wire's label."""
    return height if height < 10 else {24: 19, 16: 15}.get(height, height)
