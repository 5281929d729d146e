"""The tokens of a formula's text, and the errors that point at a column.

The scan comes before Python's parser in :mod:`autograd_lite.parse`. It accepts numbers, names,
brackets, commas, comparisons and the operators of the table, nested to a limit. So Python's parser
never reads anything that could exhaust or surprise it, and a mistake is reported at its column.
"""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple, NoReturn

from ..core.primitive import lookup
from ..support.hints import visible
from .hints import FORMULA_HINTS

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "ParseError", "Token", "scan"]

#: The most characters of a text.
MAX_LENGTH = 20_000

#: The deepest nesting of brackets, prefix operators and towers of powers, counted together.
MAX_DEPTH = 100

#: The comparisons, in Python's spelling.
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")

_LINE_END = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(
    r"""(?P<space> [ \t]+ | \#[^\r\n]* | \\(?:\r\n|\r|\n) )
      | (?P<end> \r\n | \r | \n | ; )
      | (?P<number> (?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)? )
      | (?P<name> \w[\w\u0300-\u036f]* )  # letters with their accents, joined or apart
      | (?P<symbol> \*\*=? | //=? | << | >> | -> | [-<>=!:+*/%@&|^]= | . )""",
    re.VERBOSE | re.DOTALL,
)
_CLOSED_BY = {"(": ")", "[": "]"}


class ParseError(ValueError):
    """A text that is not a formula, or values that do not fit it.

    ``reason`` says what is wrong and what to do, ``text`` is all that was read. ``line`` and
    ``column`` count from 1, in characters; they are None when the mistake is not at one place.

    >>> from autograd_lite.parse import parse
    >>> try:
    ...     parse("1 + sine(x)")
    ... except ParseError as error:
    ...     print(error)
    there is no function sine: did you mean sin or sinh?
      1 + sine(x)
          ^
    """

    def __init__(self, reason: str, text: str, at: int | None = None) -> None:
        super().__init__(reason, text, at)
        self.reason, self.text = reason, text
        self.line: int | None = None
        self.column: int | None = None
        if at is not None:
            before = _LINE_END.split(text[:at])
            self.line, self.column = len(before), len(before[-1]) + 1

    def __str__(self) -> str:
        if self.line is None or self.column is None:
            return self.reason
        lines = _LINE_END.split(self.text)
        line, at = lines[self.line - 1], self.column - 1
        start, stop = max(0, at - 50), at + 26
        seen = "\t".join(visible(part, 80) for part in line[start:stop].split("\t"))
        shown = "…" * (start > 0) + seen + "…" * (stop < len(line))
        pad = " " * (start > 0) + "".join("\t" if c == "\t" else " " for c in line[start:at])
        place = f" (line {self.line})" if len(lines) > 1 else ""
        return f"{self.reason}{place}\n  {shown}\n  {pad}^"


class Token(NamedTuple):
    """``kind`` is number, name, operator, open, close, comma or equals; ``at`` its index."""

    kind: str
    text: str
    at: int


def scan(text: str, infix: Collection[str], prefix: Collection[str]) -> list[list[Token]]:
    """The tokens of each statement of ``text``; ``infix`` and ``prefix`` are the known operators.

    Statements end at ``;`` and at line ends outside brackets. Indentation, comments and joined
    lines are skipped. Names are normalized to NFKC.

    :raises ParseError: at the first token that a formula cannot have there.

    >>> [[token.text for token in line] for line in scan("t = -x; 2*t  # twice", "*", "-")]
    [['t', '=', '-', 'x'], ['2', '*', 't']]
    """
    if len(text) > MAX_LENGTH:
        raise ParseError(
            f"a text of {len(text)} characters is too long: at most {MAX_LENGTH} are read", text
        )
    return _Scanner(text, {*infix, *COMPARISONS}, prefix).scan()


class _Scanner:
    def __init__(self, text: str, infix: Collection[str], prefix: Collection[str]) -> None:
        self.text, self.infix, self.prefix = text, infix, prefix
        self.statements: list[list[Token]] = []
        self.tokens: list[Token] = []
        self.brackets: list[Token] = []
        # Per open bracket: how many prefix operators and powers still wait for their right operand.
        self.waiting = [0]

    def fail(self, reason: str, at: int) -> NoReturn:
        raise ParseError(reason, self.text, at)

    def refuse(self, text: str, at: int, reason: str) -> NoReturn:
        hint = FORMULA_HINTS.get(text, "it has numbers, names, functions and operators only")
        self.fail(f"{reason} is not part of a formula: {hint}", at)

    def scan(self) -> list[list[Token]]:
        for match in _TOKEN.finditer(self.text):
            token = Token(match.lastgroup or "", match.group(), match.start())
            if token.kind == "end":
                if token.text == ";" or not self.brackets:
                    self.end()
            elif token.kind != "space":
                read = getattr(self, token.kind)
                self.tokens.append(read(token))
                if len(self.brackets) + sum(self.waiting) > MAX_DEPTH:
                    self.fail(
                        f"nested deeper than {MAX_DEPTH} levels here: name a part in a statement "
                        "of its own, t = ...; then use t",
                        token.at,
                    )
        self.end()
        return self.statements

    def end(self) -> None:
        if self.brackets:
            opener = self.brackets[-1]
            missing = _CLOSED_BY[opener.text]
            self.fail(f"this {opener.text} is never closed: add {missing}", opener.at)
        if self.tokens:
            self.complete()
            self.statements.append(self.tokens)
        self.tokens, self.waiting = [], [0]

    def complete(self) -> None:
        last = self.tokens[-1]
        if last.kind in ("operator", "equals"):
            self.fail(f"nothing follows this {last.text}", last.at)

    @property
    def wants_operand(self) -> bool:
        """Whether an operand may come next; if not, the last token ended an operand."""
        return not self.tokens or self.tokens[-1].kind in ("operator", "open", "comma", "equals")

    def number(self, token: Token) -> Token:
        try:
            value = float(token.text)
        except ValueError:
            self.fail(f"{token.text:.40} is not a number", token.at)
        if re.fullmatch("0[0-9_]*[1-9][0-9_]*", token.text):
            self.fail(f"a whole number starts with no 0: write {value:.15g}", token.at)
        if math.isinf(value):
            shown = token.text if len(token.text) < 20 else f"{token.text:.12}…"
            self.fail(f"{shown} is larger than any float: infinity is written inf", token.at)
        self.juxtaposed(token)
        return token

    def name(self, token: Token) -> Token:
        text = unicodedata.normalize("NFKC", token.text)
        if not token.text.isidentifier():
            at = next(i for i in range(len(token.text)) if not token.text[: i + 1].isidentifier())
            wrong = token._replace(text=token.text[at], at=token.at + at)
            self.character(wrong, token.text[:at])
        if keyword.iskeyword(text):
            self.refuse(text, token.at, f"{text}, a word of Python's language,")
        self.juxtaposed(token)
        return token._replace(text=text)

    def character(self, token: Token, before: str = "") -> NoReturn:
        """Refuse a character that is not part of any token."""
        char, plain = token.text, unicodedata.normalize("NFKC", token.text)
        digit = unicodedata.digit(char, None)
        if digit is not None:
            power = unicodedata.decomposition(char).startswith("<super>")
            hint = f"a power is written **{digit}" if power else f"write {before[-20:]}{digit}"
        elif plain in FORMULA_HINTS:
            hint = FORMULA_HINTS[plain]
        else:
            drawn = plain.isascii() and plain.isprintable() and plain != " "
            hint = f"write {plain}" if drawn else "take it out"
        shown = f"{char} " if char.isprintable() else ""
        name = unicodedata.name(char, "a control character")
        self.fail(f"{shown}(U+{ord(char):04X}, {name}) is not part of a formula: {hint}", token.at)

    def juxtaposed(self, token: Token) -> None:
        """Refuse an operand right behind another: ``2x``, ``x y``, ``(a)(b)``."""
        if self.wants_operand:
            return
        before, after = self.tokens[-1].text[-20:], token.text[:20]
        if lookup(self.tokens[-1].text) is not None:
            self.fail(f"the operands of {before} stand in brackets: {before}({after})", token.at)
        self.fail(f"an operator is missing here: a product is written {before}*{after}", token.at)

    def symbol(self, token: Token) -> Token:
        if token.text in _CLOSED_BY:
            return self.open(token)
        if token.text in _CLOSED_BY.values():
            return self.close(token)
        if token.text == ",":
            return self.comma(token)
        if token.text == "=":
            return self.equals(token)
        return self.operator(token)

    def open(self, token: Token) -> Token:
        if not self.wants_operand:
            if token.text == "[":
                self.fail("a formula has no indices: name each element, as in x1", token.at)
            if self.tokens[-1].kind != "name":
                self.juxtaposed(token)
        self.brackets.append(token)
        self.waiting.append(0)
        return token._replace(kind="open")

    def close(self, token: Token) -> Token:
        if not self.brackets:
            self.fail(f"this {token.text} closes nothing: take it out, or open it before", token.at)
        opener = self.brackets.pop()
        if _CLOSED_BY[opener.text] != token.text:
            self.fail(f"this {token.text} does not close the {opener.text} before it", token.at)
        self.complete()
        self.waiting.pop()
        return token._replace(kind="close")

    def comma(self, token: Token) -> Token:
        if self.tokens:
            self.complete()
        if self.wants_operand:
            self.fail("nothing stands before this comma", token.at)
        self.waiting[-1] = 0
        return token._replace(kind="comma")

    def equals(self, token: Token) -> Token:
        if self.brackets:
            self.fail("operands have no names: give them in their order; equality is ==", token.at)
        if [each.kind for each in self.tokens] != ["name"]:
            self.fail("one name stands before =, as in t = x**2; equality is ==", token.at)
        return token._replace(kind="equals")

    def operator(self, token: Token) -> Token:
        text = token.text
        if text not in self.infix and text not in self.prefix:
            if not text.isascii() or not text.isprintable():
                self.character(token)
            self.refuse(text, token.at, text)
        if not self.wants_operand:
            if text not in self.infix:
                self.fail(f"{text} stands before an operand, not between two", token.at)
            self.waiting[-1] = self.waiting[-1] + 1 if text == "**" else 0
        elif text in self.prefix:
            self.waiting[-1] += 1
        elif text in ("*", "**") and self.tokens and self.tokens[-1].kind in ("open", "comma"):
            self.fail(f"{text} has no left operand, and nothing is unpacked in a formula", token.at)
        else:
            self.fail(f"nothing stands before this {text}", token.at)
        return token._replace(kind="operator")
