"""A formula with numbers in the place of its names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...formulas.notation import factor

#: The longest formula with numbers in it; a longer one explains nothing.
_LONGEST_SUBSTITUTED = 72

_PIECE = re.compile(r"[0-9.]+(?:e−?[0-9]+)?|(?:(?![⁰¹²³⁴-⁹⁻])\w)+|.", re.DOTALL)
_NAME = re.compile(r"(?![\d⁰¹²³⁴-⁹])\w(?:(?![⁰¹²³⁴-⁹])\w)*\Z")
_RAISED = re.compile(r"[⁰¹²³⁴-⁹⁻]")


def substituted(expression: str, numbers: Mapping[str, str]) -> str | None:
    """``expression`` with numbers in the place of names; None where it could be misread.

    >>> substituted("sin(t) + 3x² − y", {"t": "1", "x": "−2", "y": "−4"})
    'sin(1) + 3·(−2)² − (−4)'
    >>> substituted("a + b", {"a + b": "1"}) is None
    True
    """
    if not numbers or not all(map(_NAME.match, numbers)):
        return None
    tokens = _PIECE.findall(expression)
    out: list[str] = []
    changed = False
    for i, token in enumerate(tokens):
        after = tokens[i + 1] if i + 1 < len(tokens) else ""
        number = None if after == "(" else numbers.get(token)
        if number is None:
            out.append(token)
            continue
        changed = True
        before = "".join(out).rstrip(" ")
        if before[-1:].isdigit() and not _RAISED.match(before[-1:]):
            out.append("·")
        power = after == "^" or tokens[i + 1 : i + 3] == ["*", "*"] or _RAISED.match(after)
        raised = bool(power) and not number.isdigit()
        opened = not before or before[-1] in "(,["
        out.append(f"({number})" if raised else number if opened else factor(number))
    text = "".join(out)
    return text if changed and len(text) <= _LONGEST_SUBSTITUTED else None
