"""Rows as functions of single numbers, for engines that call them back."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..core.primitive import Primitive
from ..support.ieee import FLOAT_ERRORS
from .steps import Local


def quiet(row: Primitive | Local) -> Callable[..., float]:
    """The value of a row, or a local derivative, by IEEE 754 and without reports."""
    if not isinstance(row, Local):
        return lambda *xs: row.ieee_value(xs)

    def local(*xs: float) -> float:
        try:
            return row.on_numbers(*xs)
        except FLOAT_ERRORS:
            return math.nan

    return local
