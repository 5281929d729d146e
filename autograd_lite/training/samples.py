"""The samples of a training run: lists of inputs and targets in which every number is finite."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from numbers import Real
from typing import Any

from ..core.value import Value
from ..support.arrays import without_labels

Data = tuple[Sequence[Any], Sequence[Any]]


def samples_of(data: Data, what: str) -> tuple[list[Any], list[Any]]:
    """The inputs and the targets of ``data`` as lists; arrays, iterators and pandas' frames become lists.

    :param what: the name of ``data`` in the errors.
    :raises TypeError: when ``data`` is not a pair.
    :raises ValueError: when inputs and targets differ in number, there are none, or a number among
        them is nan, infinite, or an integer too large for a float.

    >>> samples_of((iter([1.0, 2.0]), [0, 1]), "the data")
    ([1.0, 2.0], [0, 1])
    """
    try:
        given_xs, given_ys = data
    except (TypeError, ValueError):
        raise TypeError(f"{what} must be a pair: the inputs of all samples, and their targets") from None
    # Arrays are converted to plain numbers once, here, instead of in every operation.
    xs, ys = _rows(given_xs, what), _rows(given_ys, what)
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
                raise ValueError(f"{what} have {x!r:.60} in the {kind} of sample {i}")
    return xs, ys


def _rows(part: Any, what: str) -> list[Any]:
    """The samples in ``part``: a row each of an array or of a frame."""
    part = without_labels(part)
    part = part.tolist() if hasattr(part, "tolist") else part
    if not isinstance(part, Iterable) or isinstance(part, str | bytes):
        raise TypeError(
            f"{what} are the inputs of all samples, and their targets, each a list: not {part!r:.60}"
        )
    return list(part)


def _not_finite(row: Any) -> Iterator[object]:
    """The numbers in ``row``, at any depth, that are not finite."""
    if type(row) is list:  # the usual case: a list of plain numbers
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
