"""Tables and trees for narrow places: a line is broken between its cells, and at blanks within one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .columns import width


def filled(cells: Iterable[str], limit: int, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most ``limit`` columns that hold the cells, two blanks apart.

    A word is never broken, so a number is whole; a line is longer only where one word is.

    :param first: what the first line begins with.
    :param rest: what every other line begins with.

    >>> filled(["v = x + y", "= 3", "+= 1"], 16, rest="  ")
    ['v = x + y  = 3', '  += 1']
    """
    lines, line, empty = [], first, True
    for gap, word in _words([cell for cell in cells if cell], limit - width(rest)):
        before = 0 if empty else len(gap)
        if width(line) + before + width(word) > limit and (not empty or width(line) > width(rest)):
            lines.append(line.rstrip())
            line, empty = rest, True
        line += word if empty else gap + word
        empty = False
    return [*lines, line]


def _words(cells: list[str], room: int) -> Iterator[tuple[str, str]]:
    """The cells that fit into a line, and the words of the others, with the gap before each."""
    for cell in cells:
        gap = "  "
        for word in [cell] if width(cell) <= room else cell.split(" "):
            yield gap, word
            gap = " "
