"""A formula with numbers in the place of its names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ...formulas.notation import factor

#: The longest formula with numbers in it; a longer one explains nothing.
LONGEST_SUBSTITUTED = 72

_PIECE = re.compile(r"[0-9.]+(?:e−?[0-9]+)?|(?:(?![⁰¹²³⁴-⁹⁻])\w)+|.", re.DOTALL)
_NAME = re.compile(r"(?![\d⁰¹²³⁴-⁹])\w(?:(?![⁰¹²³⁴-⁹])\w)*\Z")
_RAISED = re.compile(r"[⁰¹²³⁴-⁹⁻]")

#: A text, or whose number stands there and how: ``""`` as it is, ``"factor"``, or ``"base"`` of a power.
SubstitutionPiece = str | tuple[int, str]


def substitution(
    expression: str, places: Mapping[str, int], *, signs: bool = True
) -> list[SubstitutionPiece]:
    """``expression`` in pieces, with places in place of names; empty where it could be misread.

    :param signs: put a sign of multiplication between a number and a place.

    >>> substitution("3x² − y", {"x": 0, "y": 1})
    ['3·', (0, 'base'), '² − ', (1, 'factor')]
    """
    if not places or not all(map(_NAME.match, places)):
        return []
    tokens = _PIECE.findall(expression)
    pieces: list[SubstitutionPiece] = []
    text = ""
    for i, token in enumerate(tokens):
        after = tokens[i + 1] if i + 1 < len(tokens) else ""
        place = None if after == "(" else places.get(token)
        if place is None:
            text += token
            continue
        before = text.rstrip(" ")
        if signs and before[-1:].isdigit() and not _RAISED.match(before[-1:]):
            text += "·"
        power = after == "^" or tokens[i + 1 : i + 3] == ["*", "*"] or _RAISED.match(after)
        opened = before[-1:] in "(,[" if before else not pieces
        pieces += [*([text] if text else []), (place, "base" if power else "" if opened else "factor")]
        text = ""
    return [*pieces, *([text] if text else [])] if pieces else []


def with_numbers(pieces: list[SubstitutionPiece], number: Callable[[int], str]) -> str | None:
    """The pieces with numbers in them; None where that is too long, or nothing."""
    modes: dict[str, Callable[[str], str]] = {"": str, "factor": factor, "base": _as_base}
    text = "".join(each if isinstance(each, str) else modes[each[1]](number(each[0])) for each in pieces)
    return text if 0 < len(text) <= LONGEST_SUBSTITUTED else None


def _as_base(text: str) -> str:
    return text if text.isdigit() else f"({text})"


def substituted(expression: str, numbers: Mapping[str, str]) -> str | None:
    """``expression`` with numbers in the place of names; None where it could be misread.

    >>> substituted("sin(t) + 3x² − y", {"t": "1", "x": "−2", "y": "−4"})
    'sin(1) + 3·(−2)² − (−4)'
    >>> substituted("a + b", {"a + b": "1"}) is None
    True
    """
    texts = list(numbers.values())
    return with_numbers(
        substitution(expression, {name: i for i, name in enumerate(numbers)}), texts.__getitem__
    )
