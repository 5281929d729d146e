"""Printed numbers beside each other: whether they are equal, whether they add up, ordinals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Context, Decimal
from functools import reduce

# Printed numbers have at most 17 digits each, between 1e-324 and 1e309: sums and products of two
# are exact in so many digits.
_EXACT = Context(prec=700)


def _as_decimal(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").replace("∞", "inf"))


def relation(a: str, b: str, c: str, ascii: bool = False) -> str:
    """The sign between the printed ``a × b`` and the printed ``c``: ``=`` only where it is exact.

    >>> relation("2", "2.28", "4.561"), relation("1", "−4", "−4")
    ('≈', '=')
    """
    x, y, z = _as_decimal(a), _as_decimal(b), _as_decimal(c)
    if x.is_finite() and y.is_finite() and z.is_finite():
        equal = _EXACT.multiply(x, y) == z
    else:
        product, printed = float(x) * float(y), float(z)
        equal = product == printed or (math.isnan(product) and math.isnan(printed))
    return "=" if equal else "~=" if ascii else "≈"


def adds_up(terms: Sequence[str], total: str) -> bool:
    """Whether the printed ``terms`` sum to the printed ``total`` to the last digit.

    >>> adds_up(["0.348", "1.932"], "2.28"), adds_up(["1e14", "1e−16"], "1e14")
    (True, False)
    """
    *numbers, result = map(_as_decimal, (*terms, total))
    if all(number.is_finite() for number in (*numbers, result)):
        return reduce(_EXACT.add, numbers) == result
    added, printed = sum(map(float, numbers)), float(result)
    return added == printed or (math.isnan(added) and math.isnan(printed))


def ordinal(n: int) -> str:
    """The place of something in a row, in figures.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 22, 113)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th']
    """
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
