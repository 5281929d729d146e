"""The exact mode: every rounding of a value is the eager engine's.

Nothing is fused, sums keep their order, and functions are those that Python calls. What Python makes up
for itself, as ``math.fsum`` does, is called back.
"""

from __future__ import annotations

import sys
from typing import Any

from ..core.primitive import BUILT_IN, Primitive
from .recording import IrregularError, Operand

#: So many operands a row has at most that is called back: each of its derivatives takes them all.
_MOST_OPERANDS = 100

#: From Python 3.12 on ``sum`` makes up for what it rounds off, which a loop of additions does not.
SUMS_IN_ORDER = sys.version_info < (3, 12)


def lowered_exactly(circuit: Any, row: Primitive, operands: tuple[Operand, ...]) -> Operand:
    """The entry that stands for an operation, made of rows that an engine computes in the same order.

    :raises IrregularError: where the tape is better, on which rows stay as they are.
    """
    name = row.name if row.name in BUILT_IN else ""
    if name in ("sum", "dot", "mean", "sum_of_squares"):
        if len(operands) > 2 and not SUMS_IN_ORDER:
            raise IrregularError("sums are Python's own")
        half, more = len(operands) // 2, operands[len(operands) // 2 * 2 :]
        if name == "sum_of_squares":
            operands = tuple([circuit.put("mul", p, p) for p in operands])
        elif name == "dot":
            pairs = zip(operands[:half], operands[half : 2 * half], strict=True)
            operands = tuple([circuit.put("mul", *pair) for pair in pairs]) or (0.0,)
        total: Operand = circuit.put("sum", *operands)
        if name == "mean":
            return circuit.put("div", total, float(len(operands)))  # type: ignore[no-any-return]  # an entry
        return circuit.put("add", total, *more) if name == "dot" and more else total
    if name == "prod":
        product = operands[0]
        for p in operands[1:] or (1.0,):
            product = circuit.put("mul", product, p)
        return product
    if len(operands) > _MOST_OPERANDS:
        raise IrregularError(f"{row.name} of {len(operands)} operands is called as it is")
    circuit.rows.append(row)
    circuit.operands.append(operands)
    return len(circuit.rows) - 1
