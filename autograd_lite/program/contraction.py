"""Axes of factors: which sums of products are one product of vectors and matrices."""

from __future__ import annotations

from collections.abc import Iterable


def axes_of_all(parts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """All axes of the parts, in their order."""
    return tuple(sorted({axis for part in parts for axis in part}))


def contraction(
    a: tuple[int, ...], b: tuple[int, ...], kept: tuple[int, ...], count: int
) -> tuple[bool, bool, bool] | None:
    """How a sum of products is one product of vectors and matrices of these axes, where it is.

    It says whether the factors change places, and whether each is turned; ``count`` is how many axes
    the loop has.
    """
    missing = [axis for axis in range(count) if axis not in kept]
    if len(missing) != 1 or not {*missing} <= {*a} & {*b} or not 0 < len(a) <= 2 or not 0 < len(b) <= 2:
        return None
    (r,) = missing
    rest = [tuple([axis for axis in side if axis != r]) for side in (a, b)]
    if (set(rest[0]) & set(rest[1])) or tuple(sorted((*rest[0], *rest[1]))) != kept:
        return None
    swapped = rest[0] > rest[1]
    first, second = (b, a) if swapped else (a, b)
    turns = [len(first) == 2 and first[-1] != r, len(second) == 2 and second[0] != r]
    return swapped, turns[swapped], turns[not swapped]
