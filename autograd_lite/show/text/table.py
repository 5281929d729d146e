"""The Forward/Backward table of a circuit, as text, Markdown or LaTeX.

The layout is that of the lecture notes (Gormley 2014, section 1.3): one row per operation, the
result first, read upwards for the forward pass and downwards for the sweep. Beside each operation
stands what it adds to the gradient of each of its operands, ``∂J/∂t += ∂J/∂u₁ · ∂u₁/∂t``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ...core.value import Value
from ...formulas.notation import latex_number
from ..view.numbers import fmt, ordinal
from ..view.view import Node, View, Wire, snapshot
from .columns import columns, left, shown, width, wrapped
from .names import bracketed

__all__ = ["table", "table_of"]

_STYLES = ("text", "markdown", "latex")
_HEADS = ("Forward", "value", "Backward", "where", "contribution")
_MARKDOWN = {**{c: f"\\{c}" for c in r"\`*_[]|~$"}, "<": "&lt;", ">": "&gt;", "&": "&amp;"}
_LATEX_TEXT = {
    **{c: f"\\{c}" for c in "{}$&#%_"},
    **{c: f"$_{i}$" for i, c in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{c: f"$^{i}$" for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "…": r"\ldots{}",
    "−": "$-$", "×": r"$\times$", "·": r"$\cdot$", "≈": r"$\approx$", "∞": r"$\infty$",
    "∂": r"$\partial$", "≥": r"$\ge$", "≤": r"$\le$", "≠": r"$\ne$", "√": r"$\surd$", "σ": r"$\sigma$",
}  # fmt: skip


class Line(NamedTuple):
    """One line: what is computed (on the first line of its operation), and what is added where."""

    forward: str
    value: str
    backward: str
    where: str
    contribution: str


def table(
    root: Value, style: str = "text", numbers: bool = True, d: str = "∂", **options: Any
) -> str:
    """The Forward/Backward table of the circuit below ``root``.

    :param style: ``"text"``, ``"markdown"`` or ``"latex"`` (an ``array`` in display mathematics).
    :param numbers: also the values, and once ``root`` has been swept the contributions and the
        gradients; without it the table is the symbolic one of the lecture.
    :param d: ``"∂"`` or ``"d"``, how a derivative is written.
    :param options: as for ``draw``: ``names``, ``detail``, ``digits``, ``ascii``, ``max_nodes``, …
    :raises ValueError: for another style, or another ``d``.

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
    _check(style, d)
    return table_of(snapshot(root, scoped=False, **options), style, numbers, d)


def table_of(view: View, style: str = "text", numbers: bool = True, d: str = "∂") -> str:
    """The table of a view that is there already; see :func:`table`."""
    _check(style, d)
    if style == "latex":
        return _latex(_LatexWords(view, numbers, d))
    words = _Words(view, numbers, d)
    return _markdown(words) if style == "markdown" else _text(words)


def _check(style: str, d: str) -> None:
    if style not in _STYLES:
        raise ValueError(f"a table's style is one of {', '.join(_STYLES)}, not {style!r}")
    if d not in ("∂", "d"):
        raise ValueError(f'd is "∂" or "d", not {d!r}')


class _Words:
    """The cells of a table, in the notation of text."""

    adds = "+="

    def __init__(self, view: View, numbers: bool, d: str) -> None:
        self.view, self.numbers = view, numbers
        self.product = " * " if view.ascii else " · "
        self.d = "d" if view.ascii else d
        self.top = self.name(view.nodes[view.root])

    # Notation

    def words(self, text: str) -> str:
        return shown(text, None, self.view.ascii)

    def name(self, node: Node) -> str:
        return shown(node.label, ascii=self.view.ascii)

    def formula(self, node: Node) -> str:
        return self.words(node.expression)

    def rule(self, wire: Wire) -> str:
        return self.words(wire.local_formula)

    def number(self, x: float) -> str:
        return fmt(x, self.view.digits, self.view.ascii)

    def derivative(self, above: str, below: str) -> str:
        return f"{self.d}{bracketed(above)}/{self.d}{bracketed(below)}"

    def remark(self, text: str) -> str:
        return f"({text})"

    def occurrence(self, ordinal: str, name: str) -> str:
        return f"({ordinal} {name})"

    # Cells

    def lines(self) -> Iterator[Line]:
        """One line per wire that a gradient flows through, result first."""
        stubs: dict[int, str] = {}
        for stub in self.view.stubs:
            if stub.incoming:
                stubs[stub.attached] = stub.text
        for i in self.view.rows:
            node = self.view.nodes[i]
            forward, value = f"{self.name(node)} = {self.formula(node)}", ""
            if self.numbers:
                value = f"= {self.number(node.value)}"
            added = list(self.additions(self.view.incoming(i)))
            if i in stubs:
                added.append(("", self.remark(self.words(stubs[i])), ""))
            for addition in added or [("", "", "")]:
                yield Line(forward, value, *addition)
                forward = value = ""

    def additions(self, wires: Sequence[Wire]) -> Iterator[tuple[str, str, str]]:
        places, met = Counter(wire.source for wire in wires), Counter[int]()
        for wire in wires:
            source = self.view.nodes[wire.source]
            if source.kind != "const":
                met[wire.source] += 1
                several = places[wire.source] > 1
                which = self.occurrence(ordinal(met[wire.source]), self.name(source))
                yield self.addition(wire, which if several else "")

    def addition(self, wire: Wire, which: str) -> tuple[str, str, str]:
        """``∂J/∂x += ∂J/∂u · ∂u/∂x``, where the last factor is what, and how much that is.

        ``which`` says which of its places an operand is meant in, where it has several: ``x·x``.
        """
        nodes = self.view.nodes
        node, source = self.name(nodes[wire.target]), self.name(nodes[wire.source])
        into = f"{self.derivative(self.top, source)} {self.adds}"
        if wire.local is None:
            return f"{into} 0", self.remark("no gradient flows"), ""
        number, rule = self.number(wire.local), self.rule(wire)
        contribution = ""
        if self.numbers and wire.contribution is not None:
            contribution = f"{self.adds} {self.number(wire.contribution)}"
        if wire.target == self.view.root:
            where = f"= {number}" if self.numbers and rule not in ("", number) else ""
            return f"{into} {rule or number}", _joined(where, which), contribution
        local = self.derivative(node, source)
        parts = [local, rule or number]
        if self.numbers and rule not in ("", number):
            parts.append(number)
        backward = f"{into} {self.derivative(self.top, node)}{self.product}{local}"
        return backward, _joined(" = ".join(parts), which), contribution

    def given(self) -> list[tuple[str, list[str]]]:
        """What stands below the table: inputs, named constants, and the gradients of the inputs."""
        if not self.numbers:
            return []
        inputs = [n for n in self.view.nodes if n.kind in ("leaf", "param")]
        constants = [n for n in self.view.nodes if n.kind == "const" and n.named]
        found = [
            ("inputs", [f"{self.name(n)} = {self.number(n.value)}" for n in inputs]),
            ("constants", [f"{self.name(n)} = {self.number(n.value)}" for n in constants]),
        ]
        result = [
            f"{self.derivative(self.top, self.name(n))} = {self.number(n.grad)}"
            for n in inputs
            if n.grad is not None
        ]
        if self.view.swept:
            found.append(("result", result))
        return [(head, pieces) for head, pieces in found if pieces]


class _LatexWords(_Words):
    """The same in LaTeX."""

    adds = r"\mathrel{+}="

    def __init__(self, view: View, numbers: bool, d: str) -> None:
        super().__init__(view, numbers, d)
        self.product = " "
        self.d = "d " if self.d == "d" else r"\partial "

    def name(self, node: Node) -> str:
        return node.latex_label

    def formula(self, node: Node) -> str:
        return node.latex_expression

    def rule(self, wire: Wire) -> str:
        return wire.latex_local

    def number(self, x: float) -> str:
        return latex_number(x, self.view.digits)

    def derivative(self, above: str, below: str) -> str:
        return rf"\frac{{{self.d}{above}}}{{{self.d}{below}}}"

    def words(self, text: str) -> str:
        return "".join(_LATEX_TEXT.get(c, c) for c in shown(text, None, self.view.ascii))

    def remark(self, text: str) -> str:
        return rf"\text{{({text})}}"

    def occurrence(self, ordinal: str, name: str) -> str:
        return rf"\text{{ ({ordinal} }}{name}\text{{)}}"


def _joined(text: str, remark: str) -> str:
    return f"{text} {remark}".strip()


def _text(words: _Words) -> str:
    lines = list(words.lines())
    heads = ("Forward", "", "Backward", "where", "contribution")
    kept = [i for i in range(5) if i in (0, 2) or any(line[i] for line in lines)]
    rows = [[row[i] for i in kept] for row in (heads, *lines)]
    widths = columns(rows)
    out = ["  ".join(map(left, row, widths)).rstrip() for row in rows]
    total = max(map(width, out))
    out.insert(1, "-" * total)
    if words.view.title:
        out[:0] = [words.words(words.view.title), ""]
    given = words.given()
    pad = max((len(head) for head, _ in given), default=0) + 3
    out.extend([""] * bool(given))
    for head, pieces in given:
        out += wrapped(head.ljust(pad), pieces, max(total, 88))
    out.extend([""] * bool(words.view.captions))
    out += map(words.words, words.view.captions)
    return "\n".join(out)


def _markdown(words: _Words) -> str:
    def escaped(text: str) -> str:
        return "".join(_MARKDOWN.get(c, c) for c in text)

    lines = [line._replace(value=line.value.removeprefix("= ")) for line in words.lines()]
    kept = [i for i in range(5) if i in (0, 2) or any(line[i] for line in lines)]
    rules = (":--", "--:", ":--", ":--", "--:")
    out = ["| " + " | ".join(_HEADS[i] for i in kept) + " |"]
    out.append("|" + "|".join(rules[i] for i in kept) + "|")
    out += ["| " + " | ".join(escaped(line[i]) for i in kept) + " |" for line in lines]
    if words.view.title:
        out[:0] = [f"**{escaped(words.words(words.view.title))}**", ""]
    for head, pieces in words.given():
        out += ["", f"**{head}** " + ", ".join(map(escaped, pieces))]
    for caption in words.view.captions:
        out += ["", escaped(words.words(caption))]
    return "\n".join(out)


def _latex(words: _LatexWords) -> str:
    lines = list(words.lines())
    kept = [i for i in range(5) if i in (0, 2, 3) or any(line[i] for line in lines)]
    heads = (r"\textbf{Forward}", "", r"\textbf{Backward}", "", "")
    body = [rf"\begin{{array}}{{{'l' * len(kept)}}}"]
    body.append(" & ".join(heads[i] for i in kept).rstrip() + r" \\ \hline")
    body += [" & ".join(line[i] for i in kept) + r" \\[4pt]" for line in lines]
    body.append(r"\end{array}")
    below = [
        rf"\text{{{head}}}\quad {first}" + "".join(rf",\quad {piece}" for piece in rest)
        for head, (first, *rest) in words.given()
    ]
    below += [rf"\text{{{words.words(caption)}}}" for caption in words.view.captions]
    if words.view.title:
        below.append(rf"\text{{{words.words(words.view.title)}}}")
    if below:
        # One array of one column holds the table and the lines below it.
        body = [r"\begin{array}{l}", *body, *(r"\\[8pt] " + line for line in below)]
        body.append(r"\end{array}")
    return "\n".join([r"\[", *body, r"\]"])
