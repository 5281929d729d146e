"""Text in columns: how wide a string is on a screen, and how a user's text is shown on one line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ...formulas.notation import without_marks
from .writer import PARTIAL

#: The longest name that a cell shows.
_LONGEST_CELL = 48

_JOINERS = "\u200c\u200d"
_IN_ASCII = {
    "−": "-", "·": "*", "×": "*", "÷": "/", PARTIAL: "d", "≈": "~=", "…": "...", "∞": "inf",
    "\u2216": "\\", "√": "sqrt", "∛": "cbrt", "′": "'", "≥": ">=", "≤": "<=", "Σ": "sum", "⌊": "floor(",
    "⌋": ")", "→": "->", "ʸ": "^y",
}  # fmt: skip


def width(text: str) -> int:
    """How many columns ``text`` takes on a terminal: two per wide character, none per combining mark.

    >>> width("u₁"), width("層"), width("e" + chr(0x301))
    (2, 2, 1)
    """
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


@lru_cache(maxsize=4096)
def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def left_aligned(text: str, columns: int) -> str:
    """``text`` with spaces after it, up to a width."""
    return text + " " * (columns - width(text))


def right_aligned(text: str, columns: int) -> str:
    """``text`` with spaces before it, up to a width."""
    return " " * (columns - width(text)) + text


def columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """The width of every column of a table."""
    return [max(map(width, cells)) for cells in zip(*rows, strict=True)]


def shown(text: str, longest: int | None = _LONGEST_CELL, ascii: bool = False) -> str:
    r"""A user's text on one line, without anything that does not print, and no longer than ``longest``.

    With ``ascii`` the signs of formulas become Python's, Greek letters become their names, and any
    other character becomes an escape.

    >>> shown("a\nb"), shown("wide " * 9, 12), shown("∂L/∂θ₁ ≈ 2·x²", ascii=True)
    ('a\\nb', 'wide wide w…', 'dL/dtheta1 ~= 2*x^2')
    """
    if not text.isprintable():
        text = "".join(map(_printable, text))
    if longest is not None and len(text) > longest:
        text = text[: longest - 1] + "…"
    return in_ascii(text) if ascii else text


def in_ascii(text: str) -> str:
    """``text`` in ASCII; see :func:`shown`."""
    if text.isascii():
        return text
    pieces = []
    for before, char in zip(" " + text, text, strict=False):
        piece = _ascii(char)
        if _raised(char) and not _raised(before):
            piece = "^" + piece
        pieces.append(piece)
    return "".join(pieces)


def wrapped_list(head: str, pieces: Iterable[str], limit: int) -> list[str]:
    """Lines that list ``pieces`` after ``head``, broken between pieces only."""
    lines: list[str] = []
    indent = " " * width(head)
    line, first = head, True
    for piece in pieces:
        if not first and width(line) + 2 + width(piece) > limit:
            lines.append(line + ",")
            line, first = indent, True
        line += piece if first else f",  {piece}"
        first = False
    return [*lines, line]


def _printable(char: str) -> str:
    if char.isprintable() or char in _JOINERS:
        return char
    return char.encode("unicode_escape").decode("ascii")


def _raised(char: str) -> bool:
    return unicodedata.decomposition(char).startswith("<super>")


def _ascii(char: str) -> str:
    if char.isascii():
        return char
    if char in _IN_ASCII:
        return _IN_ASCII[char]
    simple = "".join(_IN_ASCII.get(c, c) for c in without_marks(char))
    if simple and simple.isascii():
        return simple
    return char.encode("ascii", "backslashreplace").decode("ascii")
