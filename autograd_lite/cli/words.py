"""What the words of the command line may be: a type of argument each, which says what is wrong with one."""

from __future__ import annotations

import math
import re
import unicodedata
from argparse import ArgumentTypeError

from ..show.picture.fit import ROOMS
from ..show.view.options import NOTATIONS

#: Signs that a keyboard may not have, by their names.
_SIGNS = {"partial": "∂", "delta": "δ"}


def name_list(text: str) -> list[str]:
    """Names with commas between them, each once."""
    names = [unicodedata.normalize("NFKC", name.strip()) for name in text.split(",")]
    for name in names:
        if not name.isidentifier():
            raise ArgumentTypeError(f"{name!r:.60} is not the name of a variable")
    return [*dict.fromkeys(names)]


def derivative_order(text: str) -> int:
    """A whole number from 1 to 4."""
    if text.strip() not in ("1", "2", "3", "4"):
        raise ArgumentTypeError(f"{text.strip()!r:.60} is not an order from 1 to 4")
    return int(text)


def digit_count(text: str) -> int:
    """A whole number from 1 to 17."""
    if len(text.strip()) > 2 or not text.strip().isdecimal() or not 1 <= int(text) <= 17:
        raise ArgumentTypeError(f"{text.strip()!r:.60} is not a whole number from 1 to 17")
    return int(text)


def whole(text: str) -> int:
    """A whole number from 0 on."""
    if len(text.strip()) > 9 or not text.strip().isdecimal():
        raise ArgumentTypeError(f"{text.strip()!r:.60} is not a whole number")
    return int(text)


def size(text: str) -> float:
    """A finite number from 0 on."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise ArgumentTypeError(f"{text.strip()!r:.60} is not a number from 0 on")
    return number


def notation(text: str) -> str:
    """How derivatives are written; a sign may be named."""
    sign = _SIGNS.get(text.strip(), text.strip())
    if sign not in NOTATIONS:
        raise ArgumentTypeError(f"{text.strip()!r:.60} is not one of partial, d, dz, delta")
    return sign


def place_to_fit(text: str) -> str | tuple[float, float]:
    """The name of a place, or its width and height in inches."""
    text = text.strip()
    if text in ROOMS:
        return text
    sides = re.fullmatch(r"([\d.]{1,9})[x×]([\d.]{1,9})", text)
    if sides is None:
        raise ArgumentTypeError(f"{text!r:.60} is not one of {', '.join(ROOMS)}, nor inches such as 6x4")
    return size(sides[1]), size(sides[2])
