"""NumPy arrays, without importing NumPy: a caller who passes one has imported it."""

from __future__ import annotations

import sys
from numbers import Real
from typing import Any


def is_array(x: object) -> bool:
    """Whether ``x`` is a NumPy array with at least one axis.

    :raises TypeError: for an array in which entries are masked: their numbers would be used in silence.
    """
    # Another thread may be in the middle of importing it.
    kind = getattr(sys.modules.get("numpy"), "ndarray", None)
    if kind is None or not isinstance(x, kind) or x.ndim == 0:
        return False
    if type(x) is not kind and sys.modules["numpy"].ma.is_masked(x):
        raise TypeError(
            f"an array with masked entries is not taken ({x!r:.60}): use .filled() or .compressed()"
        )
    return True


def is_frame(x: object) -> bool:
    """Whether ``x`` is a series or a frame of pandas: an array with labels."""
    return hasattr(x, "to_numpy") and hasattr(x, "index")


def without_labels(x: Any) -> Any:
    """The array that a series or a frame of pandas holds; anything else as it is.

    Iterating over a frame would give the names of its columns.
    """
    return x.to_numpy() if hasattr(x, "to_numpy") else x


def labels_of(frame: Any) -> tuple[tuple[Any, ...], ...]:
    """The labels of the rows of a series or a frame, and of a frame those of the columns too."""
    return tuple([tuple(axis) for axis in frame.axes])


def labeled_as(frame: Any, array: Any) -> Any:
    """``array`` with the labels of a series or a frame; as it is where it has further axes.

    A series of series with the same labels, as a Hessian is, becomes a frame: a row for each of them.
    """
    if frame.ndim == 1 and len(array) and all(is_frame(each) and each.ndim == 1 for each in array):
        first = labels_of(array[0])
        if all(labels_of(each) == first for each in array):
            rows = [each.to_numpy() for each in array]
            return type(frame.to_frame())(rows, index=frame.index, columns=first[0])
    if array.ndim != frame.ndim:
        return array
    other = {"columns": frame.columns} if frame.ndim == 2 else {"name": frame.name}
    return type(frame)(array, index=frame.index, **other)


def array_of(items: list[Any], shape: tuple[int, ...]) -> Any:
    """The array of that shape with these items.

    It holds floats where all items are numbers; where all are arrays of one shape, their axes come
    behind; else it holds objects, and more of NumPy works on it than on others.
    """
    numpy = sys.modules["numpy"]
    if all(isinstance(each, Real) for each in items):
        return numpy.array(items, dtype=float).reshape(shape)
    if len({each.shape if is_array(each) else None for each in items}) == 1 and is_array(items[0]):
        return numpy.stack(items).reshape(shape + items[0].shape)
    from .value_arrays import ValueArray

    made = numpy.empty(len(items), dtype=object)
    for i, each in enumerate(items):
        made[i] = each
    return made.reshape(shape).view(ValueArray)
