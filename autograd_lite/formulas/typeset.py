"""Terms as text, as ASCII and as LaTeX: parentheses by precedence, superscripts, fractions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from ..core.primitive import Primitive
from .notation import fmt, latex_number, superscript
from .terms import Term

_CHOICE, SUM, NEGATIVE, PRODUCT, POWER, CALL = 5, 10, 15, 20, 40, 100

_SLOT = re.compile(r"\{\{|\}\}|\{(\d*)\}")
#: The number of the second of two nodes with one name, as in L#2 and {L}_{\#2}.
_NUMBER_OF_NAME = re.compile(r"\{([^{}]+|\w+_\{[^{}]*\})\}_\{\\#\d+\}|#\d+")

#: The most characters of a term of a sum that is compared with the others.
_ALIKE = 60

#: The parentheses of LaTeX that grow, and what makes its surroundings higher than a line.
_GROWS = re.compile(r"(\\left\(|\\right\)|\\left|\\right|\\frac|\\sqrt|\\sum)")
_COMMAND = re.compile(r"\\[A-Za-z]+\Z|\\operatorname\{\w+\}\Z")


class _Layout(NamedTuple):
    """A row's template: texts with operand positions between them, and how tightly it binds."""

    pieces: tuple[str | int, ...]
    precedence: int
    binds: tuple[int, ...]
    head: str  # what comes before the parenthesis of a plain function; otherwise empty


class _Operand(NamedTuple):
    term: Term
    need: int


class _Rest(NamedTuple):
    """Parts that are not printed yet; where the text becomes too long, an ellipsis stands for them."""

    parts: Iterator[list[_Piece]]
    ellipsis: str


_Piece = str | _Operand | _Rest


class _Signs(NamedTuple):
    minus: str
    times: str
    opening: str
    closing: str
    ellipsis: str
    total: str


_STYLE_SIGNS = {
    "text": _Signs("−", "·", "(", ")", "…", "Σ of {} {}"),
    "ascii": _Signs("-", "*", "(", ")", "...", "sum of {} {}"),
    "latex": _Signs("-", r" \cdot ", r"\left(", r"\right)", r"\cdots", r"\textstyle\sum_{{{}}} {}"),
}

_RELATIONS = {
    "ascii": {"≤": "<=", "≠": "!=", "=": "=="},
    "latex": {"≤": r"\le", "≠": r"\ne"},
}


def typeset(
    term: Term,
    style: str = "text",
    digits: int = 4,
    cap: int | None = None,
    limit: int | None = None,
) -> str:
    """The term as a string.

    :param style: ``"text"``, ``"ascii"`` or ``"latex"``.
    :param cap: the most parts of a sum, a product or a call that are printed; an ellipsis follows.
    :param limit: the most characters. A longer text ends in an ellipsis; in LaTeX, parts of it are
        left out instead, so that it stays well formed.
    """
    printer = _Printer(style, digits, cap)
    ellipsis = printer.signs.ellipsis
    out: list[str] = []
    size = 0
    stack: list[_Piece] = [_Operand(term, 0)]
    while stack:
        item = stack.pop()
        full = limit is not None and size > limit
        if isinstance(item, str):
            out.append(item)
            size += len(item)
        elif full and style != "latex":
            break
        elif isinstance(item, _Operand):
            if full:
                out.append(ellipsis)
            else:
                stack.extend(reversed(printer.pieces(item.term, item.need)))
        elif full:
            out.append(item.ellipsis)
        else:
            part = next(item.parts, None)
            if part is not None:
                stack.append(item)
                stack.extend(reversed(part))
    text = "".join(out)
    if style == "latex":
        return _with_plain_parentheses(text)
    if limit is not None and len(text) > limit:
        text = text[: max(limit - len(ellipsis), 0)].rstrip() + ellipsis
    return text


def _with_plain_parentheses(text: str) -> str:
    r"""LaTeX without ``\left`` and ``\right``, and the space that they make, around what is not high."""
    pieces = _GROWS.split(text)
    low: list[int] = []  # the opening parentheses after which nothing has been high
    for i in range(1, len(pieces), 2):
        if pieces[i] == r"\left(":
            low.append(i)
        elif pieces[i] != r"\right)":
            low.clear()
        elif low:
            pieces[low.pop()], pieces[i] = "(", ")"
    return "".join(pieces)


class _Printer:
    """Prints one layer of a term at a time: its own signs, and the operands between them."""

    def __init__(self, style: str, digits: int, cap: int | None) -> None:
        if style not in _STYLE_SIGNS:
            raise ValueError(f'style must be "text", "ascii" or "latex", not {style!r}')
        self.style, self.digits, self.cap = style, digits, cap
        self.signs = _STYLE_SIGNS[style]
        self._by_kind = {
            "number": self._number,
            "name": self._name,
            "call": self._call,
            "power": self._power,
            "product": self._product,
            "sum": self._sum,
            "relation": self._relation,
            "cases": self._cases,
        }

    def pieces(self, term: Term, need: int) -> list[_Piece]:
        """What to print for ``term``: in parentheses if it binds less tightly than ``need``."""
        found, precedence = self._by_kind[term.kind](term)
        if precedence < need:
            return [self.signs.opening, *found, self.signs.closing]
        return found

    def number(self, value: float) -> str:
        """A number in this style."""
        if self.style == "latex":
            return latex_number(value, self.digits)
        return fmt(value, self.digits, self.style == "ascii")

    def _number(self, term: Term) -> tuple[list[_Piece], int]:
        text = self.number(term.parts[0])
        if text[0] in "−-":
            return [text], NEGATIVE
        return [text], PRODUCT if "cdot" in text or "/" in text or "frac" in text else CALL

    def _name(self, term: Term) -> tuple[list[_Piece], int]:
        # A name such as a + b is one thing: beside a factor or under a power it needs parentheses.
        name = term.parts[0].rstrip("*").rstrip("^")  # a star at the end marks an optimum
        binds = SUM if any(c in "+-−*·/^=" for c in name) else CALL
        return [term.parts[self.style == "latex"]], binds

    def _call(self, term: Term) -> tuple[list[_Piece], int]:
        row, operands = term.parts
        layout = _layout(row, self.style, len(operands))
        groups: list[list[_Piece]] = [[]]
        for piece in layout.pieces:
            if isinstance(piece, int):
                need = layout.binds[min(piece, len(layout.binds) - 1)] if layout.binds else 0
                groups[-1].append(_Operand(operands[piece], need))
                groups.append([])
            else:
                groups[-1].append(piece)
        last = groups.pop()
        return [*self._some(groups, ", "), *last], layout.precedence

    def _some(self, parts: list[list[_Piece]], joint: str) -> list[_Piece]:
        """The first parts, as many as ``cap`` allows, and the rest on demand."""
        if self.cap is not None and len(parts) > self.cap:
            parts = [*parts[: self.cap - 1], [joint + self.signs.ellipsis]]
        if len(parts) < 3:
            return [piece for part in parts for piece in part]
        return [*parts[0], _Rest(iter(parts[1:]), joint + self.signs.ellipsis)]

    def _power(self, term: Term) -> tuple[list[_Piece], int]:
        base, exponent = term.parts
        whole = exponent == int(exponent) if abs(exponent) < 1e9 else False
        if self.style == "latex":
            raised = f"^{{{self.number(exponent)}}}"
        elif whole and self.style == "text":
            raised = superscript(int(exponent))
        else:
            shown = self.number(exponent)
            raised = f"^({shown})" if exponent < 0 or "/" in shown else f"^{shown}"
        if base.kind == "call":
            row, operands = base.parts
            layout = _layout(row, self.style, len(operands))
            if layout.head and whole and exponent > 0 and self.style != "ascii":
                return [layout.head + raised, *self._arguments(base)], CALL
            if not layout.head and layout.precedence >= CALL and not self._closed(layout):
                return [self.signs.opening, *self._call(base)[0], self.signs.closing, raised], POWER
        return [_Operand(base, POWER + 1), raised], POWER

    def _arguments(self, call: Term) -> list[_Piece]:
        """A function's operands in their parentheses, without its name."""
        row, operands = call.parts
        head = _layout(row, self.style, len(operands)).head
        first, *rest = self._call(call)[0]
        assert isinstance(first, str)
        return [first[len(head) :], *rest]

    @staticmethod
    def _closed(layout: _Layout) -> bool:
        """Whether the row's own brackets enclose everything, as in |x|."""
        first = layout.pieces[0]
        return isinstance(first, str) and first.startswith(("|", "⌊", "⌈", "[", "‖", "\\l", "\\s"))

    def _product(self, term: Term) -> tuple[list[_Piece], int]:
        n, d, tops, bottoms = term.parts
        sign = self.signs.minus if n < 0 else ""
        precedence = NEGATIVE if n < 0 else PRODUCT
        fraction = bool(bottoms) or d != 1
        if fraction and self.style == "latex":
            above = self._factors(abs(n), tops, alone=True)
            below = self._factors(d, bottoms, alone=True)
            return [sign + r"\frac{", *above, "}{", *below, "}"], precedence
        found = (
            [sign, *self._factors(abs(n), tops, alone=False)]
            if sign
            else self._factors(n, tops, alone=False)
        )
        if fraction:
            below = self._factors(d, bottoms, alone=False)
            single = len(bottoms) + (d != 1) == 1 and "/" not in self.number(d)
            found += ["/", *below] if single else ["/(", *below, ")"]
        return found, precedence

    def _factors(self, number: float, factors: tuple[Term, ...], alone: bool) -> list[_Piece]:
        if not factors:
            return [self.number(number)]
        if len(factors) == 1 and number == 1:
            return [_Operand(factors[0], 0 if alone else PRODUCT + 1)]
        parts: list[list[_Piece]] = []
        joint = ""
        if number != 1:
            parts.append([self.number(number)])
            joint = self._coefficient_joint(self.number(number), factors[0])
        for factor in factors:
            parts.append([joint, _Operand(factor, PRODUCT + (factor.kind != "product"))])
            joint = self.signs.times
        return self._some(parts, self.signs.times)

    def _coefficient_joint(self, number: str, factor: Term) -> str:
        """The sign between a number and the factor after it; empty where it can be left out, as in 3t."""
        if self.style == "ascii" or not number.replace(".", "").isdigit() or number == "0":
            return self.signs.times
        start = self._start(factor)
        if start.isdigit() or (start == "(" and self.style == "text"):
            return self.signs.times
        return ""

    def _start(self, term: Term) -> str:
        """The first character of a factor."""
        need = PRODUCT + 1
        while True:
            first: _Piece = next((p for p in self.pieces(term, need) if p != ""), " ")
            if isinstance(first, str):
                return "(" if first == self.signs.opening else first[0]
            if isinstance(first, _Rest):
                return " "
            term, need = first

    def _sum(self, term: Term) -> tuple[list[_Piece], int]:
        # A long sum begins with a sum: the whole spine is one row of terms.
        spine = [term.parts]
        while (first := spine[-1][0])[0] > 0 and first[1].kind == "sum":
            spine[-1] = spine[-1][1:]
            spine.append(first[1].parts)
        parts: list[list[_Piece]] = []
        terms = list(chain.from_iterable(reversed(spine)))
        if self.cap is not None and len(terms) > self.cap and (alike := self._alike(terms)):
            return [self.signs.total.format(f"{len(terms):,}", alike)], SUM
        for sign, each in terms:
            mark = self.signs.minus if sign < 0 else "+"
            if parts:
                parts.append([f" {mark} ", _Operand(each, SUM + 1)])
            elif sign < 0:
                parts.append([mark, _Operand(each, SUM + 1)])
            else:
                parts.append([_Operand(each, SUM)])
        return self._some(parts, " + "), SUM

    def _alike(self, terms: Sequence[tuple[float, Term]]) -> str:
        """What all terms of a sum are, where they differ only in numbers like that of L#2; else empty."""
        first = ""
        for sign, each in terms:
            numbered = typeset(each, self.style, self.digits, self.cap, _ALIKE)
            text = _NUMBER_OF_NAME.sub(r"\1", numbered)
            if sign < 0 or (first and text != first):
                return ""
            first = text
        return first

    def _relation(self, term: Term, brackets: str = "[]") -> tuple[list[_Piece], int]:
        left, sign, right = term.parts
        sign = _RELATIONS.get(self.style, {}).get(sign, sign)
        inside: list[_Piece] = [_Operand(left, SUM), f" {sign} ", _Operand(right, SUM)]
        return [brackets[:1], *inside, brackets[1:]], CALL

    def _cases(self, term: Term) -> tuple[list[_Piece], int]:
        condition, x, y = term.parts
        holds = self._relation(condition, "")[0]
        if self.style == "latex":
            first: list[_Piece] = [r"\begin{cases} ", _Operand(x, 0), " & ", *holds, r" \\ "]
            return [*first, _Operand(y, 0), r" & \text{else} \end{cases}"], CALL
        return [_Operand(x, SUM), " if ", *holds, " else ", _Operand(y, SUM)], _CHOICE


@lru_cache(maxsize=1024)
def _layout(row: Primitive, style: str, count: int) -> _Layout:
    """The template of a row for ``count`` operands, split at its operands."""
    template = row.latex if style == "latex" else row.text
    precedence = row.precedence
    binds = row.latex_binds if style == "latex" else row.binds
    if callable(template):
        marked = template([f"\0{i}\0" for i in range(count)])
    else:
        marked = _with_positions(template, count)
    if style == "ascii":
        marked = marked.replace("−", "-").replace("·", "*").replace("²", "^2")
        if not marked.isascii():
            marked, precedence, binds = _with_positions(f"{row.name}({{}})", count), CALL, ()
    split = marked.split("\0")
    pieces = tuple(int(piece) if i % 2 else piece for i, piece in enumerate(split) if i % 2 or piece)
    opening = r"\left(" if style == "latex" else "("
    head, bracket, _ = split[0].partition(opening)
    closing = r"\right)" if style == "latex" else ")"
    plain = bracket and split[0] == head + opening and split[-1] == closing
    known = _COMMAND.match(head) if style == "latex" else head.isalpha()
    return _Layout(pieces, precedence, binds, head if plain and known else "")


def _with_positions(template: str, count: int) -> str:
    """The template with the position of each operand between two NULs in place of its braces."""

    def mark(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if match[1]:
            return f"\0{match[1]}\0"
        return ", ".join(f"\0{i}\0" for i in range(count))

    return _SLOT.sub(mark, template)
