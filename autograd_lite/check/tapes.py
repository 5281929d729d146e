"""A recorded circuit run again at other numbers: real ones, and complex ones for the complex step.

The complex step (Squire and Trapp 1998) has no cancellation: for an analytic function,
``Im f(x + ih) / h`` is the derivative to the last places, whatever the scale of the function.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..core.adjoints import reverse
from ..core.node import live_wires
from ..core.order import made_from
from ..core.value import Value
from ..support.ieee import FLOAT_ERRORS
from .complex_rows import NearReal, on_complex
from .differences import ROUNDOFF


class Tape:
    """The circuit below some roots, by its variables."""

    def __init__(self, variables: Sequence[Value], roots: Sequence[Any]) -> None:
        self.variables, self.roots = list(variables), list(roots)
        inner = [root for root in roots if isinstance(root, Value)]
        self.nodes = [node for node in made_from(*inner) if node.op is not None] if inner else []
        self._paths: dict[int, dict[Value, float]] = {}
        self._rounding: dict[Value, float] | None = None

    def reaches(self, root: int, variable: int) -> bool:
        """Whether a gradient flows from a root to a variable."""
        return self.variables[variable] in self._sizes_by_node(root)

    def paths(self, root: int, variable: int) -> float:
        """The sum over all paths of the sizes of their products of local derivatives.

        It is what rounding in the derivative is relative to.
        """
        return float(self._sizes_by_node(root).get(self.variables[variable], 0.0))

    def _sizes_by_node(self, root: int) -> dict[Value, float]:
        if root not in self._paths:
            node = self.roots[root]
            self._paths[root] = reverse([(node, 1.0)], _sizes) if isinstance(node, Value) else {}
        return self._paths[root]

    def replayed(self, variable: int, x: float) -> list[float]:
        """The roots where one variable is another number."""
        moved: dict[Value, float] = {self.variables[variable]: x}
        for node in self.nodes:
            operands = node.parents
            if any(p in moved for p in operands):
                moved[node] = node.op.ieee_value(  # type: ignore[union-attr]  # every node of the tape has one
                    [moved.get(p, p.data) for p in operands]
                )
        return [moved.get(r, r.data) if isinstance(r, Value) else float(r) for r in self.roots]

    def slopes(self, variable: int) -> list[float] | None:
        """The derivative of every root by the complex step; None where a row does not allow it.

        It does where its value function is analytic at its operands: arithmetic and functions that
        have a complex form, and branches beside a kink. A kink that is not certainly elsewhere, because
        its operands may be rounded by as much, is no place for it. Real parts stay those of the circuit.
        """
        x = self.variables[variable].data
        if not math.isfinite(x) or 0.0 < abs(x) < 1e-200:
            return None
        h = math.ldexp(1.0, math.frexp(x)[1] - 70) if x else math.ldexp(1.0, -300)
        moved: dict[Value, complex] = {self.variables[variable]: NearReal(x, h)}
        for node in self.nodes:
            operands = node.parents
            if not any(p in moved for p in operands):
                continue
            row, reals = node.op, [p.data for p in operands]
            value = None if row is None else on_complex(row)
            if row is None or value is None or not math.isfinite(node.data):
                return None
            if row.kink is not None and (abs(row.kink(*reals)) <= self._off(operands) or _is_dense(node)):
                return None
            try:
                z = complex(value(*[moved.get(p, p.data) for p in operands]))
            except Exception:  # not for complex numbers, or not these
                return None
            off = abs(z.real - node.data)
            if not (off <= 1e-9 * abs(node.data) + 1e-300 and math.isfinite(z.imag)):
                return None
            if 0.0 < abs(z.imag) < 1e-300:
                return None
            if z.imag == 0.0 and min(abs(moved[p].imag) for p in operands if p in moved) < 1e-120:
                return None  # it may have been lost among the smallest numbers
            if z.imag:
                moved[node] = NearReal(node.data, z.imag)
        return [moved[r].imag / h if r in moved else 0.0 for r in self.roots]

    def _off(self, operands: Sequence[Value]) -> float:
        """By how much rounding may have put these operands off; the inputs are exact."""
        if self._rounding is None:
            self._rounding = found = dict[Value, float]()
            for node in self.nodes:
                own = 0.0 if node.op is None or node.op.exact else ROUNDOFF * abs(node.data)
                handed = (abs(d) * found.get(p, 0.0) for _, p, d in live_wires(node))
                found[node] = own + sum(handed)
        return sum(self._rounding.get(p, 0.0) for p in operands)

    def is_blind(self) -> bool:
        """Whether an operation has kinks or jumps closer together than its operand can be told apart."""
        return any(_is_dense(node) for node in self.nodes)


def _is_dense(node: Value) -> bool:
    row, (first, *rest) = node.op, [p.data for p in node.parents]
    if row is None or row.kink is None or not math.isfinite(first) or first == 0.0:
        return False
    try:
        sides = [row.kink(first * (1.0 + k * 2.0**-45), *rest) for k in range(-3, 4)]
    except FLOAT_ERRORS:
        return False
    if not any(sides):
        return True  # whole numbers alone, so far out
    bends = [c - 2 * b + a for a, b, c in zip(sides, sides[1:], sides[2:], strict=False)]
    return max(map(abs, bends)) > 0.1 * max(map(abs, sides))  # a resolved function is straight here


def _sizes(node: Value) -> Any:
    return ((position, operand, abs(local)) for position, operand, local in live_wires(node))
