r"""Pieces of Graphviz labels: escaped texts, colored runs, tables.

Graphviz expands ``\N``, ``\G`` and ``\E`` inside HTML-like labels too, also when they are written
as entities. So a backslash becomes U+2216, which looks the same. Control characters become their
pictures (a newline ``␊``). Spaces become U+00A0, because old versions drop them at the ends of a run.
"""

from __future__ import annotations

import html
import re
import textwrap

from ...formulas.scripts import SCRIPT_SIZE, Letters, scripts

#: The longest name that a label shows in full; tooltips show every name in full.
NAME = 44

#: How small Graphviz draws, by Pango, what stands below or above the line beside its size in points.
SHRUNK = 5 / 6

_MARKS = {chr(code): chr(0x2400 + code) for code in range(0x20)}
_MARKS |= {"\x7f": "␡", "\\": "\u2216"}
# Explicit direction marks change the text after them, and letters have a direction without them.
_MARKS |= dict.fromkeys(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))), "�")
_MARKS |= dict.fromkeys(map(chr, (*range(0x80, 0xA0), 0xFFFE, 0xFFFF, 0x2028, 0x2029)), "�")
_TABLE = str.maketrans(_MARKS)

_LETTERS = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
# A left-to-right mark on both sides keeps a name that is read from right to left among its
# neighbors: without it ∂y/∂x turns around.
_RIGHT_TO_LEFT = re.compile(f"\u200e?({_LETTERS}(?:[ _\u00a0]*{_LETTERS})*)\u200e?")


def printable(text: str) -> str:
    r"""``text`` in characters that every XML reader accepts and that leave their neighbors in place.

    >>> printable("one\ntwo")
    'one␊two'
    """
    marked = _RIGHT_TO_LEFT.sub("\u200e\\1\u200e", text.translate(_TABLE))
    return marked.encode("utf-8", "replace").decode() if not marked.isprintable() else marked


def wrapped_lines(text: str, width: int, most: int) -> list[str]:
    r"""``text`` in at most ``most`` lines of at most ``width`` characters.

    >>> wrapped_lines("one two\nthree", 5, 3)
    ['one', 'two', 'three']
    """
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, width) or [""]]
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: width - 1] + "…"]


def escape(text: str) -> str:
    r"""``text`` as character data of a label.

    >>> escape('<b> & "x"')
    '&lt;b&gt;\xa0&amp;\xa0&quot;x&quot;'
    """
    # Graphviz's reader drops a "]" at the end of a run: it waits for "]]>".
    return html.escape(printable(text)).replace(" ", "\u00a0").replace("]", "&#93;")


def tooltip(text: str) -> str:
    """``text`` as the value of a quoted DOT attribute, which Graphviz reads entities in."""
    return '"' + html.escape(printable(text)) + '"'


def run(
    text: str, color: str, size: float, bold: bool = False, italic: bool = False, plain: bool = False
) -> str:
    """One run of text in one color and size, with what stands below and above the line.

    :param plain: leave all on the line, as it is written.
    """
    pieces = [Letters(text)] if plain else scripts(text)
    inner = "".join(_piece(piece, size, bold, italic) for piece in pieces)
    return f'<FONT COLOR="{color}" POINT-SIZE="{size:g}">{inner}</FONT>'


def _piece(piece: Letters, size: float, bold: bool, italic: bool) -> str:
    inner = escape(piece.text) or "\u00a0"
    if italic and (piece.level == 0 or any(map(str.isalpha, piece.text))):  # digits stand upright
        inner = f"<I>{inner}</I>"
    if bold:
        inner = f"<B>{inner}</B>"
    if piece.level:
        tag = "SUB" if piece.level < 0 else "SUP"
        inner = f'<FONT POINT-SIZE="{script_points(size):g}"><{tag}>{inner}</{tag}></FONT>'
    return inner


def script_points(size: float) -> float:
    """The size in points that gives a script beside type of a ``size``."""
    return round(SCRIPT_SIZE * size / SHRUNK, 1)


def table_cell(content: str, **attributes: object) -> str:
    """One cell of a table; its attributes are written in the order given."""
    return f"<TD{_attributes(attributes)}>{content}</TD>"


def row_of_cells(*cells: str) -> str:
    """One row of a table."""
    return f"<TR>{''.join(cells)}</TR>"


def html_table(rows: list[str], **attributes: object) -> str:
    """An HTML-like label that is one table."""
    return f"<<TABLE{_attributes(attributes)}>{''.join(rows)}</TABLE>>"


def _attributes(attributes: dict[str, object]) -> str:
    return "".join(f' {name.upper()}="{value}"' for name, value in attributes.items())


def text_width(text: str, size: float) -> float:
    """About the width of a text in points, rather more than less, whatever font Graphviz finds."""
    return sum(
        (0.4 if c in " .,·'′()[]ijlft|" else 0.84 if c in "−×=≈+∂" else 0.7)
        * (SCRIPT_SIZE if piece.level else 1.0)
        * size
        for piece in scripts(text)
        for c in piece.text
    )
