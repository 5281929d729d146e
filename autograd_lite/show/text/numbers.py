"""Printed numbers beside each other: whether they are equal, whether they add up, ordinals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction


def _exactly(text: str) -> Fraction | float:
    """The number that is printed: a decimal, a fraction such as 3/8, an infinity or a nan."""
    plain = text.replace("−", "-").replace("∞", "inf")
    number = math.nan if "/" in plain else float(plain)
    return number if not math.isfinite(number) and "/" not in plain else Fraction(plain)


def _are_equal(x: Fraction | float, y: Fraction | float) -> bool:
    return x == y or (x != x and y != y)


def relation(a: str, b: str, c: str, ascii: bool = False) -> str:
    """The sign between the printed ``a × b`` and the printed ``c``: ``=`` only where it is exact.

    >>> relation("2", "2.28", "4.561"), relation("1", "−4", "−4"), relation("1/3", "3/8", "1/8")
    ('≈', '=', '=')
    """
    equal = _are_equal(_exactly(a) * _exactly(b), _exactly(c))
    return "=" if equal else "~=" if ascii else "≈"


def adds_up(terms: Sequence[str], total: str) -> bool:
    """Whether the printed ``terms`` sum to the printed ``total`` to the last digit.

    >>> adds_up(["0.348", "1.932"], "2.28"), adds_up(["1e14", "1e−16"], "1e14")
    (True, False)
    """
    return _are_equal(sum(map(_exactly, terms), Fraction()), _exactly(total))


def ordinal(n: int) -> str:
    """The place of something in a row, in figures.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 22, 113)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th']
    """
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
