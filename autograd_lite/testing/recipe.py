"""A circuit as data: rows of the table, each applied to inputs, numbers and earlier results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..check.row_points import has_index
from ..core.primitive import TABLE, Primitive
from ..support.ieee import FLOAT_ERRORS


@dataclass(frozen=True)
class Recipe:
    """A circuit as a list of steps: ``(row, its operands)``.

    An operand is a position or a number. Positions are ints that count the inputs first, then the
    results of earlier steps; numbers are floats, such as the order of ``polygamma``. Calling a recipe with
    one number or Value per input gives the last result.

    >>> recipe = Recipe((1.5, 2.0), (("mul", (0, 1)), ("sin", (2,))))
    >>> print(recipe)
    x0, x1 = Value(1.5), Value(2.0); sin(x0 * x1)
    >>> recipe(1.5, 2.0)
    0.1411200080598672
    """

    inputs: tuple[float, ...]
    steps: tuple[tuple[str, tuple[int | float, ...]], ...]

    def __call__(self, *xs: Any, apply: Callable[[str, list[Any]], Any] | None = None) -> Any:
        """The last result at ``xs``; ``apply(row name, operands)`` replaces the library's own."""
        return self.results(xs, apply)[-1]

    def results(self, xs: Sequence[Any], apply: Callable[[str, list[Any]], Any] | None = None) -> list[Any]:
        """The inputs ``xs`` and the result of every step."""
        results = list(xs)
        for name, positions in self.steps:
            operands = [results[p] if isinstance(p, int) else p for p in positions]
            results.append(apply_row(TABLE[name], operands) if apply is None else apply(name, operands))
        return results

    def pruned(self, min_inputs: int = 1) -> Recipe:
        """The same circuit without what the last result does not need, but with as many inputs at least."""
        count = len(self.inputs)
        needed = {count + len(self.steps) - 1}
        for k in reversed(range(len(self.steps))):
            if count + k in needed:
                needed.update(p for p in self.steps[k][1] if isinstance(p, int))
        unused = [i for i in range(count) if i not in needed]
        needed.update(unused[: max(0, min_inputs - (count - len(unused)))])
        place = {old: new for new, old in enumerate(sorted(needed))}
        return Recipe(
            tuple(x for i, x in enumerate(self.inputs) if i in needed),
            tuple(
                (name, tuple(place[p] if isinstance(p, int) else p for p in positions))
                for k, (name, positions) in enumerate(self.steps)
                if count + k in needed
            ),
        )

    def is_smooth_at(self, xs: Sequence[float], margin: float = 1e-2) -> bool:
        """Whether every operation is in its domain and off its kinks, with the inputs ``xs``."""
        inside = True

        def watched(name: str, operands: list[Any]) -> Any:
            nonlocal inside
            inside = inside and within(TABLE[name], operands, margin)
            return TABLE[name].ieee_value(operands)

        self.results(xs, watched)
        return inside

    def __str__(self) -> str:
        uses = Counter(p for _, positions in self.steps for p in positions if isinstance(p, int))
        written = [f"x{i}" for i in range(len(self.inputs))]
        lines = []
        if written:
            numbers = ", ".join(f"Value({x!r})" for x in self.inputs)
            lines.append(f"{', '.join(written)} = {numbers}")
        for k, (name, positions) in enumerate(self.steps):
            text = _call(TABLE[name], [written[p] if isinstance(p, int) else repr(p) for p in positions])
            if k < len(self.steps) - 1 and uses[len(written)] != 1:
                lines.append(f"v{k} = {_unwrapped(text)}")
                text = f"v{k}"
            written.append(text)
        return "; ".join([*lines, _unwrapped(written[-1])])

    __repr__ = __str__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How Hypothesis prints a failing example."""
        printer.text(str(self))


def _unwrapped(text: str) -> str:
    """Without the parentheses that an operator needs inside a formula."""
    return text[1:-1] if text.startswith("(") else text


def _call(row: Primitive, operands: list[str]) -> str:
    """The row as Python writes it."""
    if row.fix != "call":
        joined = f" {row.symbol} ".join(operands) if row.fix == "infix" else row.symbol + operands[0]
        return f"({joined})"
    operands = list(map(_unwrapped, operands))
    if row.name == "dot":
        half = len(operands) // 2
        sides = [f"[{', '.join(each)}]" for each in (operands[:half], operands[half : 2 * half])]
        return f"dot({', '.join([*sides, *operands[2 * half :]])})"
    if has_index(row):
        return f"{row.name}([{', '.join(operands[:-1])}], {float(operands[-1]):.0f})"
    listed = ", ".join(operands)
    return f"{row.name}([{listed}])" if row.arity is None else f"{row.name}({listed})"


def apply_row(row: Primitive, operands: Sequence[Any]) -> Any:
    """``row`` at its operands, in the order in which a node keeps them.

    >>> from autograd_lite import TABLE
    >>> apply_row(TABLE["dot"], [1.0, 2.0, 10.0, 100.0])
    210.0
    """
    return row._at(tuple(operands))


def within(row: Primitive, xs: Sequence[float], margin: float = 1e-2) -> bool:
    """Whether the operands lie in the row's domain, farther than ``margin`` from its kinks.

    >>> from autograd_lite import TABLE
    >>> within(TABLE["log"], [-1.0]), within(TABLE["relu"], [0.001]), within(TABLE["relu"], [0.5])
    (False, False, True)
    """
    for x, (low, high) in zip(xs, row.domain * len(xs), strict=False):
        if not low <= x <= high:
            return False
    if row.arity is None and row.piecewise:
        ordered = sorted(xs)
        return all(b - a > margin for a, b in pairwise(ordered))
    try:
        return row.kink is None or abs(row.kink(*xs)) > margin
    except FLOAT_ERRORS:
        return False
