"""Hypothesis strategies that grow random circuits from the table, for testing differentiable code.

A circuit is drawn as a recipe: inputs, and steps that each apply a row of the table to earlier results.
A recipe runs on floats, Values or any numbers with the same operations, shrinks to few steps, and
prints as a Python expression that can be pasted into a session. Needs Hypothesis
(``pip install "autograd-lite[testing]"``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

try:
    from hypothesis import strategies as st
except ImportError as missing:  # pragma: no cover - needs an environment without it
    raise ImportError(
        'autograd_lite.testing needs Hypothesis: pip install "autograd-lite[testing]"'
    ) from missing

from .core.primitive import TABLE, Primitive
from .core.value import Value
from .support.ieee import errstate
from .support.nested import several


@dataclass(frozen=True)
class Recipe:
    """A circuit as a list of steps: ``(row, positions of its operands)``.

    Positions count the inputs first, then the results of earlier steps. Calling it with one number
    or Value per input gives the last result.
    """

    inputs: tuple[float, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def __call__(self, *xs: Any, apply: Callable[[str, list[Any]], Any] | None = None) -> Any:
        """The last result at ``xs``; ``apply(row name, operands)`` replaces the library's own."""
        results = list(xs)
        for name, positions in self.steps:
            operands = [results[p] for p in positions]
            results.append(apply_row(TABLE[name], operands) if apply is None else apply(name, operands))
        return results[-1]

    def __str__(self) -> str:
        names = [f"x{i}" for i in range(len(self.inputs))]
        lines = [f"{name} = Value({x!r})" for name, x in zip(names, self.inputs, strict=True)]
        for k, (row, positions) in enumerate(self.steps):
            names.append(f"v{k}")
            operands = ", ".join(names[p] for p in positions)
            call = f"{row}([{operands}])" if TABLE[row].arity is None else f"{row}({operands})"
            lines.append(f"v{k} = {call}")
        return "; ".join(lines)

    __repr__ = __str__


def apply_row(row: Primitive, operands: Sequence[Any]) -> Any:
    """``row`` at ``operands``, whether it takes a fixed number of them or a sequence."""
    return row(list(operands)) if row.arity is None else row(*operands)


#: Rows that a random circuit is grown from: those that take any numbers in their domain as operands.
GROWABLE = tuple(
    name
    for name, row in TABLE.items()
    if getattr(row.gather, "func", None) is several and all(low < high for low, high in row.domain)
)


def within(row: Primitive, xs: Sequence[float], margin: float = 1e-2) -> bool:
    """Whether the operands lie in the row's domain, away from its kinks."""
    for x, (low, high) in zip(xs, row.domain * len(xs), strict=False):
        if not low <= x <= high:
            return False
    if row.arity is None and row.piecewise:
        ordered = sorted(xs)
        return all(b - a > margin for a, b in pairwise(ordered))
    return row.kink is None or abs(row.kink(*xs)) > margin


@st.composite
def circuits(
    draw: Any,
    *,
    min_inputs: int = 1,
    max_inputs: int = 4,
    max_steps: int = 12,
    rows: Sequence[str] = GROWABLE,
    magnitude: float = 8.0,
) -> Recipe:
    """Recipes whose every operation stays inside its row's domain, with sharing and repeats.

    :param rows: names of the rows to grow from.
    :param magnitude: bound on the inputs and all intermediate results.
    """
    count = draw(st.integers(min_inputs, max_inputs))
    numbers = st.floats(-magnitude, magnitude, allow_subnormal=False).map(lambda x: round(x, 3))
    inputs = tuple(draw(st.lists(numbers, min_size=count, max_size=count)))
    results = list(inputs)
    steps: list[tuple[str, tuple[int, ...]]] = []
    for _ in range(draw(st.integers(1, max_steps))):
        row = TABLE[draw(st.sampled_from(rows))]
        arity = row.arity if row.arity is not None else draw(st.integers(1, 4))
        positions = tuple(draw(st.integers(0, len(results) - 1)) for _ in range(arity))
        operands = [results[p] for p in positions]
        if not within(row, operands):
            continue
        with errstate("ignore"):
            z = float(apply_row(row, operands))
        if math.isfinite(z) and abs(z) <= magnitude**2:
            results.append(z)
            steps.append((row.name, positions))
    if not steps:
        steps.append(("add", (0, 0)))
    return Recipe(inputs, tuple(steps))


def values(recipe: Recipe) -> list[Value]:
    """The inputs of a recipe as named Values."""
    return [Value(x, f"x{i}") for i, x in enumerate(recipe.inputs)]
