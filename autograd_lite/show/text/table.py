"""The Forward/Backward table of a circuit, as text, Markdown or LaTeX.

The layout is that of the lecture notes (Gormley 2014, section 1.3): one row per operation, the
result first, read upwards for the forward pass and downwards for the sweep. Beside each operation
stands what it adds to the gradient of each of its operands, ``∂J/∂t += ∂J/∂u₁ · ∂u₁/∂t``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from ...core.order import require_values
from ...core.value import Value
from ...formulas.latex_text import latex_text
from ...formulas.notation import latex_number
from ...support.texts import ShownText
from ..view.blanks import sheet, with_key
from ..view.options import NOTATIONS, at_least, one_of, read_options
from ..view.view import Node, View, Wire
from .columns import columns, in_ascii, left_aligned, shown, wrapped_list
from .columns import width as measured
from .layouts import html_page_table, latex_array, latex_long_table
from .narrow import filled
from .numbers import ordinal
from .writer import NO_GRADIENT, Writer, reads_like_a_formula

__all__ = ["table", "table_of"]

TABLE_STYLES = ("text", "markdown", "latex", "longtable", "html")
_HEADS = ("Forward", "value", "Tangent", "Backward", "where", "contribution")
_MARKDOWN = {**{c: f"\\{c}" for c in r"\`*_[]|~$"}, "<": "&lt;", ">": "&gt;", "&": "&amp;"}

#: What is written over on an exercise sheet in LaTeX.
LATEX_BLANK = r"\underline{\qquad\quad}"


#: The columns that what an operation adds needs beside it.
_ROOM_BESIDE = 36


class TableRow(NamedTuple):
    """One line: what is computed (on the first line of its operation), and what is added where."""

    forward: str
    value: str
    tangent: str
    backward: str
    where: str
    contribution: str


def table(
    root: Value, style: str = "text", numbers: bool = True, *, width: int | None = None, **options: Any
) -> ShownText:
    r"""The Forward/Backward table of the circuit below ``root``, a string that is shown as it is meant.

    :param style: ``"text"``, ``"markdown"``, ``"html"``, ``"latex"`` (an ``array`` in display mathematics,
        for LaTeX, MathJax and KaTeX) or ``"longtable"`` (LaTeX that breaks over pages, with
        ``\usepackage{amsmath,array,longtable}``).
    :param numbers: whether the table holds the values and, once ``root`` has been swept, the
        contributions and the gradients; without them it is the symbolic table of the lecture.
    :param width: how many columns a line of text may have; where the table is wider, its cells stand
        below each other.
    :param options: as for ``draw``; see :class:`autograd_lite.show.Options`. With ``blanks`` the table
        is an exercise sheet, and its ``.key`` the table with the answers.
    :raises TypeError: when ``root`` is not a Value, and for an unknown option.
    :raises ValueError: for another style, or a value that an option does not have.

    >>> x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    >>> q = x + y; q.name = "q"
    >>> f = q * z; f.name = "f"
    >>> f.backward()
    >>> print(table(f))
    Forward           Backward                where      contribution
    -----------------------------------------------------------------
    f = q·z    = −12  ∂f/∂q += z              = −4       += −4
                      ∂f/∂z += q              = 3        += 3
    q = x + y  = 3    ∂f/∂x += ∂f/∂q · ∂q/∂x  ∂q/∂x = 1  += −4
                      ∂f/∂y += ∂f/∂q · ∂q/∂y  ∂q/∂y = 1  += −4
    <BLANKLINE>
    inputs   x = −2,  y = 5,  z = −4
    result   ∂f/∂x = −4,  ∂f/∂y = −4,  ∂f/∂z = 3
    """
    require_values("table", root)
    one_of("the style of a table", style, TABLE_STYLES)
    if width is not None:
        at_least("width", width, 1)
    wanted = read_options(table, options, root)
    if not numbers and wanted.blanks not in (None, "local"):
        raise ValueError('numbers=False leaves local derivatives blank only: give blanks="local"')
    view = sheet(root, wanted, scoped=False)
    return with_key(
        view, lambda each: ShownText(table_of(each, style, numbers, width=width), style, in_ascii)
    )


def table_of(
    view: View, style: str = "text", numbers: bool = True, d: str | None = None, width: int | None = None
) -> str:
    """The table of a view that exists already; see :func:`table`.

    :param d: how derivatives are written, where that differs from the view.
    """
    one_of("the style of a table", style, TABLE_STYLES)
    if d is not None:
        one_of("d", d, NOTATIONS)
        view = replace(view, d=d)
    if style in ("latex", "longtable"):
        return _latex_table(_LatexCells(view, numbers), style)
    cells = _Cells(view, numbers)
    if style == "html":
        return _html_table(cells)
    return _markdown_table(cells) if style == "markdown" else _text_table(cells, width or 0)


class _Cells(Writer):
    """The cells of a table, in the notation of text."""

    adds = "+="

    def __init__(self, view: View, numbers: bool) -> None:
        super().__init__(view, partial(shown, ascii=view.ascii))
        self.numbers = numbers
        self.dot = " * " if view.ascii else " · "

    # Notation

    def words(self, text: str) -> str:
        """A text of the view that is not a name."""
        return shown(text, None, self.view.ascii)

    def formula(self, node: Node) -> str:
        """The formula of an operation."""
        return self.words(node.expression)

    def rule(self, wire: Wire) -> str:
        """The formula of a local derivative; empty where only its number is known."""
        return self.words(wire.local_formula)

    def remark(self, text: str) -> str:
        """A text in parentheses."""
        return f"({text})"

    def which(self, wire: Wire) -> str:
        """Which of several places an operand stands in: ``(1st x)``; else empty."""
        place = self.place(wire)
        return f"({place})" if place else ""

    # Cells

    def rows(self) -> Iterator[TableRow]:
        """One row per wire between an operation and an operand that is not a constant."""
        stubs = {stub.attached: stub.text for stub in self.view.stubs if stub.incoming}
        computed = (i for i, n in enumerate(self.view.nodes) if n.kind == "const" and n.expression)
        for i in (*self.view.rows, *reversed([*computed])):
            node = self.view.nodes[i]
            forward, value = f"{self.name(node)} = {self.formula(node)}", ""
            if self.numbers:
                value = f"= {self.value(node)}"
            added = [
                self.added(wire) for wire in self.view.incoming(i) if not self.view.nodes[wire.source].given
            ]
            if i in stubs:
                added.append(("", "", self.remark(self.words(stubs[i])), ""))
            for cells in added or [("", "", "", "")]:
                yield TableRow(forward, value, *cells)
                forward = value = ""

    def added(self, wire: Wire) -> tuple[str, str, str, str]:
        """What forward mode adds, and the three cells of :meth:`added_back`."""
        return (self.pushed(wire), *self.added_back(wire))

    def pushed(self, wire: Wire) -> str:
        """``u̇₁ += ∂u₁/∂t · ṫ = 1.081``; empty where forward mode is not shown."""
        node, source = self.view.nodes[wire.target], self.view.nodes[wire.source]
        if source.tangent is None:
            return ""
        into, push = f"{self.rate(node)} {self.adds}", self.push(wire)
        if push is None:
            return f"{into} 0"
        number = f" = {push[2]}" if self.numbers else ""
        return f"{into} {self.partial(node, source)}{self.dot}{self.rate(source)}{number}"

    def added_back(self, wire: Wire) -> tuple[str, str, str]:
        """``∂J/∂x += ∂J/∂u · ∂u/∂x``, what the last factor is, and what the product is."""
        node, source = self.view.nodes[wire.target], self.view.nodes[wire.source]
        into, which = f"{self.gradient(source)} {self.adds}", self.which(wire)
        if wire.local is None and self.numbers:
            which = f"{which} {self.remark(NO_GRADIENT)}".strip()
        idle = wire.local is None or not wire.reached
        rule = "" if wire.is_flat else self.rule(wire)
        if (idle and not rule) or (self.numbers and not wire.reached):
            return f"{into} 0", self.remark(NO_GRADIENT), ""
        known = self.slope(wire)
        contribution = ""
        if self.numbers and wire.contribution is not None:
            contribution = f"{self.adds} {self.contribution(wire)}"
        if wire.target == self.view.root:
            where = "".join(f"= {number}" for number in known[1:])
            return f"{into} {known[0]}", f"{where} {which}".strip(), contribution
        local = self.partial(node, source)
        parts = [local, *known]
        backward = f"{into} {self.gradient(node)}{self.dot}{local}"
        return backward, f"{' = '.join(parts)} {which}".strip(), contribution

    def slope(self, wire: Wire) -> list[str]:
        """The formula of a local derivative and its number; one of them where it says all."""
        rule, number = self.rule(wire), self.number(wire.local or 0.0)
        known = rule not in ("", number)
        if self.numbers:
            return [*[rule] * known, self.local(wire)]
        return [self.or_blank("local", wire, rule if known else number)]

    def sums(self) -> list[str]:
        """On an exercise sheet, the gradients of operations that several contributions add up to."""
        nodes = (self.view.nodes[i] for i in self.view.rows)
        blank = [n for n in nodes if ("grad", n.id) in self.view.blanks]
        several = [n for n in blank if self.sum_of_paths(int(n.id[1:])) is not None]
        return [f"{self.gradient(n)} = {self.grad(n)}" for n in several]

    def below(self) -> list[tuple[str, list[str]]]:
        """What stands below the table: inputs, named constants, and the gradients of the inputs."""
        if not self.numbers:
            return []
        inputs = [n for n in self.view.nodes if n.kind in ("leaf", "param")]
        constants = [n for n in self.view.nodes if n.kind == "const" and n.named and not n.expression]
        found = [
            ("inputs", [f"{self.name(n)} = {self.number(n.value)}" for n in inputs]),
            (
                "tangents",
                [f"{self.rate(n)} = {self.number(n.tangent)}" for n in (*inputs, self.root) if n.tangent],
            ),
            ("constants", [f"{self.name(n)} = {self.number(n.value)}" for n in constants]),
        ]
        if self.view.swept:
            ends = [self.view.nodes[i] for i in self.view.wrt] or inputs
            given = [n for n in ends if n.grad is not None]
            found.append(("sums", self.sums()))
            found.append(("result", [f"{self.gradient(n)} = {self.grad(n)}" for n in given]))
        return [(head, pieces) for head, pieces in found if pieces]


class _LatexCells(_Cells):
    """The same cells in LaTeX."""

    adds = r"\mathrel{+}="

    def __init__(self, view: View, numbers: bool) -> None:
        super().__init__(view, numbers)
        self.dot = " "
        self.d = "d " if self.d == "d" else r"\partial "

    def name(self, node: Node) -> str:
        return node.latex_label

    def formula(self, node: Node) -> str:
        return node.latex_expression

    def rule(self, wire: Wire) -> str:
        return wire.latex_local

    def number(self, x: float) -> str:
        return latex_number(x, self.view.digits)

    def blank(self, number: int, answer: str) -> str:
        return rf"[{number}]\ {answer or LATEX_BLANK}"

    def partial(self, of: Node, by: Node) -> str:
        return rf"\frac{{{self.d}{self.factor(of)}}}{{{self.d}{self.factor(by)}}}"

    def factor(self, node: Node) -> str:
        return f"({node.latex_label})" if reads_like_a_formula(node.label) else node.latex_label

    def rate(self, of: Node) -> str:
        return rf"\dot{{{of.latex_label}}}"

    def delta(self, of: Node) -> str:
        return rf"\delta_{{{of.latex_label}}}"

    def words(self, text: str) -> str:
        return latex_text(shown(text, None, self.view.ascii))

    def remark(self, text: str) -> str:
        return rf"\text{{ ({text})}}"

    def occurrence(self, n: int, node: Node) -> str:
        return rf"\text{{ ({ordinal(n)} }}{self.name(node)}\text{{)}}"

    def which(self, wire: Wire) -> str:
        return self.place(wire)


def _text_table(cells: _Cells, limit: int) -> str:
    lines = list(cells.rows())
    heads = ("Forward", "", *_HEADS[2:])
    kept = [i for i in range(6) if i in (0, 3) or any(line[i] for line in lines)]
    rows = [[row[i] for i in kept] for row in (heads, *lines)]
    widths = columns(rows)
    total = sum(widths) + 2 * len(widths) - 2
    narrow = bool(limit) and total > limit
    if narrow:
        out = _narrowed(lines, limit)
    else:
        out = ["  ".join(map(left_aligned, row, widths)).rstrip() for row in rows]
        total = max(map(measured, out))
        out.insert(1, "-" * total)
    if cells.view.title:
        out[:0] = [*_note(cells, cells.view.title, limit), ""]
    below = cells.below()
    pad = max((len(head) for head, _ in below), default=0) + 3
    out.extend([""] * bool(below))
    for head, pieces in below:
        if narrow:
            listed = [*(f"{piece}," for piece in pieces[:-1]), pieces[-1]]
            out += filled(listed, limit, head.ljust(pad), "    ")
        else:
            out += wrapped_list(head.ljust(pad), pieces, limit or max(total, 88))
    out.extend([""] * bool(cells.view.captions))
    for caption in cells.view.captions:
        out += _note(cells, caption, limit)
    return "\n".join(out)


def _narrowed(lines: Sequence[TableRow], limit: int) -> list[str]:
    """The rows of a table in few columns: what an operation adds stands beside it, or else below it."""
    left = columns([line[:2] for line in lines])
    room = limit - sum(left) - 4
    out: list[str] = []
    for line in lines:
        if room >= _ROOM_BESIDE:
            forward = "  ".join(map(left_aligned, line[:2], left))
            added = filled(line[2:], room, "", "    ")
            out.append(f"{forward}  {added[0]}".rstrip())
            out += [" " * (sum(left) + 4) + rest for rest in added[1:]]
            continue
        if line.forward:
            out += filled(line[:2], limit, "", "    ")
        if any(line[2:]):
            out += filled(line[2:], limit, "  ", "      ")
    return out


def _note(cells: _Cells, text: str, limit: int) -> list[str]:
    return filled([cells.words(text)], limit) if limit else [cells.words(text)]


def _markdown_table(cells: _Cells) -> str:
    def escaped(text: str) -> str:
        return "".join(_MARKDOWN.get(c, c) for c in text)

    lines = [line._replace(value=line.value.removeprefix("= ")) for line in cells.rows()]
    kept = [i for i in range(6) if i in (0, 3) or any(line[i] for line in lines)]
    rules = (":--", "--:", ":--", ":--", ":--", "--:")
    out = ["| " + " | ".join(_HEADS[i] for i in kept) + " |"]
    out.append("|" + "|".join(rules[i] for i in kept) + "|")
    out += ["| " + " | ".join(escaped(line[i]) for i in kept) + " |" for line in lines]
    if cells.view.title:
        out[:0] = [f"**{escaped(cells.words(cells.view.title))}**", ""]
    for head, pieces in cells.below():
        out += ["", f"**{head}** " + ", ".join(map(escaped, pieces))]
    for caption in cells.view.captions:
        out += ["", escaped(cells.words(caption))]
    return "\n".join(out)


def _latex_table(cells: _LatexCells, style: str) -> str:
    lines = list(cells.rows())
    kept = [i for i in range(6) if i in (0, 3, 4) or any(line[i] for line in lines)]
    heads = [("Forward", "", "Tangent", "Backward", "", "")[i] for i in kept]
    notes = [cells.words(note) for note in (*cells.view.captions, cells.view.title) if note]
    layout = latex_array if style == "latex" else latex_long_table
    return layout(heads, [[line[i] for i in kept] for line in lines], cells.below(), notes)


def _html_table(cells: _Cells) -> str:
    lines = [line._replace(value=line.value.removeprefix("= ")) for line in cells.rows()]
    kept = [i for i in range(6) if i in (0, 3) or any(line[i] for line in lines)]
    return html_page_table(
        [_HEADS[i] for i in kept],
        [_HEADS[i] for i in kept],
        [[line[i] for i in kept] for line in lines],
        cells.below(),
        [cells.words(caption) for caption in cells.view.captions],
        cells.words(cells.view.title or ""),
    )
