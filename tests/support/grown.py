"""Random circuits without Hypothesis, as many and as large as one likes, the same for a seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from autograd_lite import TABLE, errstate
from autograd_lite.check.row_points import has_index
from autograd_lite.testing import PACKAGED, Recipe


def grown(random: Random, most: int = 12, rows: Sequence[str] = PACKAGED) -> Recipe:
    """A circuit whose operations lie in the domains of their rows, kinks and ties included."""
    inputs: list[float] = []
    results: list[float] = []
    steps: list[tuple[str, list[float]]] = []  # inputs count from −1 down, results from 0 up

    def number(low: float, high: float) -> int | float:
        if low == high:
            return low
        fitting = [-1 - i for i, x in enumerate(inputs) if low <= x <= high]
        fitting += [i for i, x in enumerate(results) if low <= x <= high] * 3
        if not fitting or (len(inputs) < 6 and random.random() < 0.4):
            x = random.uniform(low, high)
            inputs.append(round(x, 2) if random.random() < 0.3 and low < round(x, 2) < high else x)
            return -len(inputs)
        return random.choice(fitting)

    with errstate("ignore"):
        for _ in range(random.randint(1, most)):
            row = TABLE[random.choice(rows)]
            size = random.randint(1, 4)
            domain = row.domain if row.arity else row.domain * (2 * size if row.name == "dot" else size)
            positions = [number(low, high) for low, high in domain]
            if has_index(row):
                positions.append(float(random.randrange(size)))
            numbers = [
                p if isinstance(p, float) else inputs[-1 - p] if p < 0 else results[p] for p in positions
            ]
            z = row.ieee_value(numbers)
            if math.isfinite(z):
                results.append(z)
                steps.append((row.name, positions))
    if not steps:
        return grown(random, most, rows)
    count = len(inputs)

    def place(p: float) -> float:
        return p if isinstance(p, float) else -1 - p if p < 0 else count + p

    listed = tuple((name, tuple(map(place, positions))) for name, positions in steps)
    return Recipe(tuple(inputs), listed).pruned()
