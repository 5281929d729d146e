"""Division and powers by IEEE 754, where Python's floats raise or turn complex."""

from __future__ import annotations

import math
from math import inf, nan


def divide(x: float, y: float) -> float:
    """``x / y``, with IEEE 754's result at ``y = 0``: an infinity, or nan for 0/0.

    >>> divide(1.0, -0.0), divide(0.0, 0.0)
    (-inf, nan)
    """
    if y != 0:
        return x / y
    if x == 0 or x != x:
        return nan
    return math.copysign(inf, x) * math.copysign(1.0, y)


def power(x: float, y: float) -> float:
    """``x ** y`` as C's ``pow`` defines it: never complex, never an exception.

    >>> power(-2.0, 0.5), power(-0.0, -3.0), power(-1e200, 3.0)
    (nan, -inf, -inf)
    """
    try:
        return math.pow(x, y)
    except OverflowError:
        pass
    except ValueError:
        if x != 0:
            return nan
    odd = y % 2 == 1
    return -inf if odd and math.copysign(1.0, x) < 0 else inf
