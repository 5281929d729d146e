"""Samples as training takes them: inputs and their targets in lists, every number in them finite."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from numbers import Real
from typing import Any

from ..core.value import Value

Samples = tuple[Sequence[Any], Sequence[Any]]


def checked(data: Samples, what: str) -> tuple[list[Any], list[Any]]:
    """The inputs and targets of ``data`` as lists; arrays and iterators in them become lists too.

    :raises TypeError: when ``data`` is no pair.
    :raises ValueError: when they differ in length, are none, or hold nan, inf, or an integer that is
        too large to be a float.

    >>> checked((iter([1.0, 2.0]), [0, 1]), "the data")
    ([1.0, 2.0], [0, 1])
    """
    try:
        given_xs, given_ys = data
    except (TypeError, ValueError):
        raise TypeError(
            f"{what} must be a pair: the inputs of all samples, and their targets"
        ) from None
    # An array is taken apart into plain numbers here once, not in every operation.
    xs, ys = (
        list(part.tolist() if hasattr(part, "tolist") else part) for part in (given_xs, given_ys)
    )
    if len(xs) != len(ys):
        raise ValueError(f"{what} have {len(xs)} inputs but {len(ys)} targets")
    if not xs:
        raise ValueError(f"{what} have no samples")
    for kind, rows in (("input", xs), ("target", ys)):
        for i, row in enumerate(rows):
            if hasattr(row, "tolist"):
                rows[i] = row.tolist()
            elif isinstance(row, Iterator):
                rows[i] = list(row)
            for x in _not_finite(rows[i]):
                raise ValueError(f"{what} hold {x!r:.60} in the {kind} of sample {i}")
    return xs, ys


def _not_finite(row: Any) -> Iterator[object]:
    """The numbers in ``row``, however deep, that are not finite."""
    if type(row) is list:  # most often of plain numbers
        try:
            if all(map(math.isfinite, row)):
                return
        except (TypeError, OverflowError):
            pass
    if isinstance(row, Value):
        row = row.data
    if isinstance(row, Real):
        try:
            if not math.isfinite(row):
                yield row
        except OverflowError:
            yield row
    elif isinstance(row, Iterable) and not isinstance(row, str | bytes):
        for each in row:
            yield from _not_finite(each)
