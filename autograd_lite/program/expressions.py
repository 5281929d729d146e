"""Operations, numbers and tuples as expressions of Python."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.primitive import BUILT_IN, Primitive


def written(row: Primitive, operands: Sequence[str], label: str = "") -> str:
    """An operation as a Python expression; ``label`` names a row of one's own."""
    if row.name not in BUILT_IN:
        return f"{label}_value({', '.join(operands)})"
    if row.name == "dot":
        half = len(operands) // 2
        products = [f"{w} * {x}" for w, x in zip(operands[:half], operands[half:], strict=False)]
        return " + ".join([f"sum({tuple_text(products)})", *operands[2 * half :]])
    if "{0}" in row.python:
        return row.python.format(*operands)
    return row.python.replace("{}", ", ".join(operands))


def number_text(x: float) -> str:
    """A number as Python writes it, where an operator may stand before it."""
    text = repr(x).replace("inf", "math.inf").replace("nan", "math.nan")
    return f"({text})" if text[0] == "-" else text


def tuple_text(items: Sequence[str]) -> str:
    """A tuple as Python writes it."""
    return f"({', '.join(items)}{',' * (len(items) == 1)})"
