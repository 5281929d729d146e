"""Tables for pages: an array and a long table in LaTeX, and a table of HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...formulas.scripts import html_scripts

#: What stands below a table: a heading and its pieces.
Below = Sequence[tuple[str, Sequence[str]]]

#: The colors of the columns of an HTML table, as in the pictures.
_COLUMN_LOOKS = {"value": "#1d7373", "contribution": "#a61b00"}

#: The most characters by which the width of a column is measured.
_COLUMN_WIDTH = 22

_COMMAND_NAMES = re.compile(r"\\[A-Za-z]+")

#: The longest line below a table in LaTeX, in characters that are seen, and the space after a piece.
_LONGEST_LIST, _AFTER_PIECE = 76, 4


def latex_array(
    heads: Sequence[str], lines: Sequence[Sequence[str]], below: Below, notes: Sequence[str]
) -> str:
    """A display of one array, which MathJax and KaTeX set too; it does not break over pages."""
    body = [rf"\begin{{array}}{{{'l' * len(heads)}}}"]
    body.append(" & ".join(rf"\textbf{{{h}}}" if h else "" for h in heads).rstrip() + r" \\ \hline")
    body += [" & ".join(line) + r" \\[4pt]" for line in lines]
    body.append(r"\end{array}")
    under = _lists(below) + [rf"\text{{{note}}}" for note in notes]
    if under:
        # One array of one column holds the table and the lines below it.
        body = [r"\begin{array}{l}", *body, *(r"\\[8pt] " + line for line in under)]
        body.append(r"\end{array}")
    return "\n".join([r"\[", *body, r"\]"])


def latex_long_table(
    heads: Sequence[str], lines: Sequence[Sequence[str]], below: Below, notes: Sequence[str]
) -> str:
    r"""A ``longtable``, which breaks over pages, with columns whose formulas break over lines.

    It needs ``\usepackage{amsmath,array,longtable}``.
    """
    lengths = [
        max([8, *(min(_visible_length(line[i]), _COLUMN_WIDTH) for line in lines)])
        for i in range(len(heads))
    ]
    total = sum(lengths)
    columns = "".join(
        rf">{{\raggedright\arraybackslash}}p{{{0.93 * length / total:.3f}\linewidth}}" for length in lengths
    )
    head = " & ".join(rf"\textbf{{{h}}}" if h else "" for h in heads).rstrip() + r" \\ \hline"
    body = [r"{\small\setlength{\tabcolsep}{2pt}", rf"\begin{{longtable}}{{{columns}}}", head, r"\endhead"]
    body += [" & ".join(f"${cell}$" if cell else "" for cell in line) + r" \\[3pt]" for line in lines]
    body.append(r"\end{longtable}")
    for title, pieces in below:
        listed = ", ".join(f"${piece}$" for piece in pieces)
        body.append(rf"\par\noindent {title}\quad {listed}")
    body += [rf"\par\noindent {note}" for note in notes]
    return "\n".join([*body, r"\par}"])


def _visible_length(source: str) -> int:
    """About how many characters of a formula are seen, a fraction as its longer half."""
    plain = _COMMAND_NAMES.sub("x", source.replace(r"\frac", ""))
    plain = plain.translate(str.maketrans("", "", "{}_^\\ "))
    return len(plain) * 2 // 3 if "frac" in source else len(plain)


def _lists(below: Below) -> list[str]:
    """The lines of lists, each broken where it would be too wide for a page."""
    found = []
    for head, pieces in below:
        line, indent = rf"\text{{{head}}}\quad ", rf"\phantom{{\text{{{head}}}}}\quad "
        length = 0
        for k, piece in enumerate(pieces):
            own = _visible_length(piece) + _AFTER_PIECE
            if length and length + own > _LONGEST_LIST:
                found.append(line + ",")
                line, length = indent + piece, own
            else:
                line += rf",\quad {piece}" if k else piece
                length += own
        found.append(line)
    return found


def html_page_table(
    heads: Sequence[str],
    kinds: Sequence[str],
    lines: Sequence[Sequence[str]],
    below: Below,
    notes: Sequence[str],
    title: str,
) -> str:
    """A ``<table>`` that looks the same in every page, with what stands below it in its foot.

    :param kinds: which column each is: ``"value"``, ``"contribution"``, or another.
    """
    e = html_scripts

    def cell(text: str, kind: str, tag: str = "td") -> str:
        right = kind in _COLUMN_LOOKS
        style = "padding:2px 12px 2px 0;vertical-align:top;text-align:" + ("right" if right else "left")
        if right and tag == "td":
            style += f";color:{_COLUMN_LOOKS[kind]};font-weight:bold;white-space:nowrap"
        scope = ' scope="col"' if tag == "th" else ""
        return f'<{tag}{scope} style="{style}">{e(text)}</{tag}>'

    rows = ["<tr>" + "".join(map(cell, line, kinds)) + "</tr>" for line in lines]
    head = "".join(cell(h, kind, "th") for h, kind in zip(heads, kinds, strict=True))
    under = [f"<b>{e(name)}</b> {e(',  '.join(pieces))}" for name, pieces in below] + list(map(e, notes))
    foot = "".join(
        f'<tr><td colspan="{len(heads)}" style="padding:2px 0;text-align:left">{line}</td></tr>'
        for line in under
    )
    caption = f'<caption style="text-align:left;font-weight:bold">{e(title)}</caption>' if title else ""
    return "\n".join(
        [
            '<table class="autograd-lite" style="border-collapse:collapse">',
            *([caption] if caption else []),
            f'<thead style="border-bottom:1px solid #8c8c8c"><tr>{head}</tr></thead>',
            "<tbody>",
            *rows,
            "</tbody>",
            *([f'<tfoot style="border-top:1px solid #8c8c8c">{foot}</tfoot>'] if foot else []),
            "</table>",
        ]
    )
