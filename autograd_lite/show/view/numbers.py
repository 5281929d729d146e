"""How a number is written, and whether a written product is exact."""

from __future__ import annotations

import math
from decimal import Context, Decimal

from ...formulas.notation import fmt

__all__ = ["factor", "fmt", "ordinal", "relation"]


# Two printed numbers have at most 17 digits each: their product is exact in this many.
_EXACT = Context(prec=40)


def _read(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").replace("∞", "inf"))


def relation(a: str, b: str, c: str, ascii: bool = False) -> str:
    """The sign between the printed ``a × b`` and the printed ``c``: ``=`` only where it is exact.

    >>> relation("2", "2.28", "4.561"), relation("1", "−4", "−4")
    ('≈', '=')
    """
    x, y, z = _read(a), _read(b), _read(c)
    if x.is_finite() and y.is_finite() and z.is_finite():
        equal = _EXACT.multiply(x, y) == z
    else:
        product, printed = float(x) * float(y), float(z)
        equal = product == printed or (math.isnan(product) and math.isnan(printed))
    return "=" if equal else "~=" if ascii else "≈"


def factor(text: str) -> str:
    """A printed number as the right operand of a product or a sum: a negative one in parentheses.

    >>> factor("−4"), factor("3")
    ('(−4)', '3')
    """
    return f"({text})" if text[:1] in ("−", "-") else text


def ordinal(n: int) -> str:
    """A whole number as a place in a row.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 22, 113)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th']
    """
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
