"""Tables for people: as text in columns, and as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Cells = Sequence[Sequence[str]]


def rows_in_text(heads: Sequence[str], rows: Cells) -> str:
    """The rows in columns under their heads, a line each.

    >>> print(rows_in_text(["node", "distance"], [["relu", "0"], ["abs", "1e-09"]]))
    node  distance
    relu  0
    abs   1e-09
    """
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (heads, *rows)
    ]
    return "\n".join(line.rstrip() for line in lines)


def rows_in_html(heads: Sequence[str], rows: Cells, caption: str = "") -> str:
    """The rows as an HTML table; nothing in a cell is read as HTML.

    >>> rows_in_html(["node"], [["a<b"]])
    '<table><thead><tr><th>node</th></tr></thead><tbody><tr><td>a&lt;b</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
