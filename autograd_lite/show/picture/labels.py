r"""Pieces of Graphviz labels: escaped texts, coloured runs, tables.

Graphviz expands ``\N``, ``\G`` and ``\E`` inside HTML-like labels too, entities or not, so a
backslash becomes U+2216, which looks like one. Control characters become their pictures (a newline
``␊``) and spaces U+00A0, because old versions drop them at the ends of a run.
"""

from __future__ import annotations

import html
import re
import textwrap
from decimal import Decimal

#: The longest name that a label shows whole; tooltips show all of it.
NAME = 44

_MARKS = {chr(code): chr(0x2400 + code) for code in range(0x20)}
_MARKS |= {"\x7f": "␡", "\\": "\u2216"}
# Explicit directions reach past their own text; letters of either direction need none of them.
_MARKS |= dict.fromkeys(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))), "�")
_MARKS |= dict.fromkeys(map(chr, (*range(0x80, 0xA0), 0xFFFE, 0xFFFF, 0x2028, 0x2029)), "�")
_TABLE = str.maketrans(_MARKS)

_LETTERS = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
# A name that is read from right to left stays among its neighbours, which are not, by a mark of
# left-to-right on both of its sides: else ∂y/∂x turns around.
_RIGHT_TO_LEFT = re.compile(f"\u200e?({_LETTERS}(?:[ _\u00a0]*{_LETTERS})*)\u200e?")


def plain(text: str) -> str:
    r"""``text`` in characters that every XML reader takes, none of which moves its neighbours.

    >>> plain("one\ntwo")
    'one␊two'
    """
    marked = _RIGHT_TO_LEFT.sub("\u200e\\1\u200e", text.translate(_TABLE))
    return marked.encode("utf-8", "replace").decode() if not marked.isprintable() else marked


def wrapped(text: str, width: int, most: int) -> list[str]:
    r"""``text`` in lines of at most ``width`` characters, ``most`` of them at the most.

    >>> wrapped("one two\nthree", 5, 3)
    ['one', 'two', 'three']
    """
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, width) or [""]]
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: width - 1] + "…"]


def cut(text: str, limit: int = NAME) -> str:
    """At most ``limit`` characters of ``text``, the last one ``…`` where some are missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def escape(text: str) -> str:
    r"""``text`` as character data of a label.

    >>> escape('<b> & "x"')
    '&lt;b&gt;\xa0&amp;\xa0&quot;x&quot;'
    """
    # A run that ends in "]" is held back by Graphviz's reader, which waits for "]]>".
    return html.escape(plain(text)).replace(" ", "\u00a0").replace("]", "&#93;")


def tooltip(text: str) -> str:
    """``text`` as the value of a quoted DOT attribute, which Graphviz reads entities in."""
    return '"' + html.escape(plain(text)) + '"'


def run(text: str, colour: str, size: float, bold: bool = False, italic: bool = False) -> str:
    """One run of text in one colour and size."""
    inner = escape(text) or "\u00a0"
    if italic:
        inner = f"<I>{inner}</I>"
    if bold:
        inner = f"<B>{inner}</B>"
    return f'<FONT COLOR="{colour}" POINT-SIZE="{size:g}">{inner}</FONT>'


def cell(content: str, **attributes: object) -> str:
    """One cell of a table; the attributes in the order given."""
    return f"<TD{_written(attributes)}>{content}</TD>"


def row(*cells: str) -> str:
    """One row of a table."""
    return f"<TR>{''.join(cells)}</TR>"


def table(rows: list[str], **attributes: object) -> str:
    """An HTML-like label that is one table."""
    return f"<<TABLE{_written(attributes)}>{''.join(rows)}</TABLE>>"


def _written(attributes: dict[str, object]) -> str:
    return "".join(f' {name.upper()}="{value}"' for name, value in attributes.items())


def lines(texts: list[tuple[str, str, float, bool]]) -> str:
    """An HTML-like label of left-aligned lines: text, colour, size and whether bold."""
    return "<" + "".join(f'{run(t, c, s, b)}<BR ALIGN="LEFT"/>' for t, c, s, b in texts) + ">"


def adds_up(terms: list[str], total: str) -> bool:
    """Whether the printed ``terms`` sum to the printed ``total`` to the last digit."""
    numbers = [Decimal(t.replace("−", "-").replace("∞", "inf")) for t in (*terms, total)]
    if not all(number.is_finite() for number in numbers):
        return all(number.is_nan() for number in numbers[-1:]) or numbers[-1] in numbers[:-1]
    return sum(numbers[:-1], Decimal()) == numbers[-1]
