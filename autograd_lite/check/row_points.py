"""Where a row is tried: over its domain, near its ends, on its kinks, and at the edges of floats."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

from ..core.primitive import Primitive

_EDGES = (0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, -2.3e-308, 1e308, -1e308, 1.0, -1.0, 710.0)
#: How many operands a row is given that takes any number.
_COUNT = 3


def held_operands(row: Primitive, xs: Sequence[float]) -> set[int]:
    """The places of operands that are part of the operation: an order, an index."""
    if has_index(row):
        return {len(xs) - 1}
    if row.arity is None:
        return set()
    return {i for i, (low, high) in enumerate(row.domain) if low == high}


def has_index(row: Primitive) -> bool:
    """Whether the last of any number of operands is an index into the others."""
    if row.arity is not None:
        return False
    try:
        row.value(0.5, 0.25, 0.75)  # three quarters are no index
    except IndexError:
        return True
    except Exception:  # not at these numbers, for another reason
        pass
    return False


def intervals(row: Primitive) -> list[tuple[float, float]]:
    """The interval of each operand; of a few for a row that takes any number."""
    if row.arity is not None:
        return list(row.domain)
    return [row.domain[0]] * (_COUNT + (row.name == "dot"))


def inside(row: Primitive, rng: Random, count: int) -> Iterator[tuple[float, ...]]:
    """Points of the domain away from declared kinks: anywhere in it, near its ends, near 0."""
    tried = found = 0
    while found < count and tried < 40 * count:
        tried += 1
        xs = [_drawn(rng, low, high) for low, high in intervals(row)]
        if has_index(row):
            xs.append(float(rng.randrange(len(xs))))
        if kink_measure(row, xs) > 1e-3:
            found += 1
            yield tuple(xs)


def _drawn(rng: Random, low: float, high: float) -> float:
    kind = rng.random()
    if kind < 0.15:
        near = low + (high - low) * 10.0 ** rng.uniform(-5, -1)
    elif kind < 0.3:
        near = high - (high - low) * 10.0 ** rng.uniform(-5, -1)
    elif kind < 0.45 and low < 0.0 < high:
        near = rng.choice((-1, 1)) * 10.0 ** rng.uniform(-9, -1)
    else:
        near = rng.uniform(low, high)
    return float(min(max(near, low), high))


def kink_measure(row: Primitive, xs: Sequence[float]) -> float:
    """The row's own measure of how far the operands are from a kink; inf without kinks."""
    if row.kink is None:
        return math.inf
    try:
        return abs(float(row.kink(*xs)))
    except Exception:  # no measure there
        return 0.0


def at_kinks(row: Primitive, rng: Random, count: int = 4) -> Iterator[tuple[float, ...]]:
    """Points at which the row declares a kink, found along one operand by bisection."""
    if row.kink is None:
        return
    for _ in range(count):
        xs = [rng.uniform(low, high) for low, high in intervals(row)]
        held = held_operands(row, xs)
        for i, (low, high) in enumerate(intervals(row)):
            if i in held:
                continue
            grid = [low + (high - low) * k / 32 for k in range(33)]
            for a, b in pairwise(grid):
                found = _kink_between(row, xs, i, a, b)
                if found is not None:
                    yield found
                    break


def _kink_between(row: Primitive, xs: list[float], i: int, a: float, b: float) -> tuple[float, ...] | None:
    assert row.kink is not None

    def at(x: float) -> float:
        assert row.kink is not None
        return float(row.kink(*xs[:i], x, *xs[i + 1 :]))

    try:
        low, high = at(a), at(b)
        if low != 0.0 and low * high >= 0.0:
            return None
        while low != 0.0 and a < (middle := (a + b) / 2) < b:
            if low * at(middle) <= 0.0:
                b = middle
            else:
                a, low = middle, at(middle)
        whole = next((x for x in (float(round(b)), a, b) if at(x) == 0.0), None)
    except Exception:  # the measure is not defined there
        return None
    return None if whole is None else (*xs[:i], whole, *xs[i + 1 :])


def at_edges(row: Primitive, rng: Random) -> Iterator[tuple[float, ...]]:
    """The ends of the domain, and the numbers at which floats end."""
    places = intervals(row)
    middle = [(low + high) / 2 for low, high in places]
    last = [0.0] if has_index(row) else []
    held = held_operands(row, [*middle, *last])
    for i, (low, high) in enumerate(places):
        if i not in held:
            for x in (low, high, *_EDGES):
                yield (*middle[:i], x, *middle[i + 1 :], *last)
    for x in _EDGES:
        yield (*[m if i in held else x for i, m in enumerate(middle)], *last)
