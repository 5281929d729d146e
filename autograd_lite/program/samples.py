"""The arguments of a batch as blocks of rows: a number for each input, or a row of samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..support.arrays import is_array
from .arguments import flatten


class Part(NamedTuple):
    """A part of an argument that is laid out as one block; ``path`` leads to it."""

    example: Any
    axis: int | None
    where: str
    path: tuple[Any, ...]

    @property
    def varies(self) -> bool:
        """Whether it has samples."""
        return self.axis is not None

    def inside(self, argument: Any) -> Any:
        """What the argument holds at the path.

        :raises ValueError: when there is nothing.
        """
        given = argument
        for key in self.path:
            try:
                given = given[key]
            except (KeyError, IndexError, TypeError):
                raise ValueError(f"{self.where} is missing in {argument!r:.60}") from None
        return given

    def block(self, given: Any) -> Any:
        """What is given for the part, as a number for each input, or a row of samples for each."""
        if self.axis is None:
            return _shared(self, given)
        return _samples(self.example, given, self.axis, self.where)


def _shared(part: Part, given: Any) -> Any:
    import numpy as np

    if is_array(given) and given.dtype == float and given.shape == getattr(part.example, "shape", None):
        return given.ravel()
    found: list[Any] = []
    flatten(part.example, given, part.where, found)
    return np.array(found, float)


def parts_of(example: Any, axis: Any, where: str, path: tuple[Any, ...] = ()) -> Iterator[Part]:
    """The parts of an argument; ``axis`` is an axis, None, or a structure of them like the argument."""
    if isinstance(axis, dict) and isinstance(example, dict) and axis.keys() == example.keys():
        for key, each in example.items():
            yield from parts_of(each, axis[key], f"{where}[{key!r}]", (*path, key))
    elif isinstance(axis, list | tuple) and isinstance(example, list | tuple) and len(axis) == len(example):
        for i, (each, part) in enumerate(zip(example, axis, strict=True)):
            yield from parts_of(each, part, f"{where}[{i}]", (*path, i))
    elif axis is not None and type(axis) is not int:
        raise ValueError(
            f"in_axes of {where} must be an axis, None, or a structure of them like the argument, "
            f"not {axis!r}"
        )
    elif isinstance(example, dict) and axis is not None:
        for key, each in example.items():
            yield from parts_of(each, axis, f"{where}[{key!r}]", (*path, key))
    else:
        yield Part(example, axis, where, path)


def is_structured(example: Any, given: Any) -> bool:
    """Whether samples are given for each entry of the example, as arrays."""
    return (
        isinstance(example, list | tuple)
        and isinstance(given, list | tuple)
        and len(given) == len(example)
        and any(map(is_array, given))
    )


def _samples(example: Any, given: Any, axis: int, where: str) -> Any:
    """A row of samples for each number of an example."""
    import numpy as np

    if is_structured(example, given):
        rows = [
            _samples(e, g, axis, f"{where}[{i}]")
            for i, (e, g) in enumerate(zip(example, given, strict=True))
        ]
        if len({row.shape[1] for row in rows}) == 1:
            return np.concatenate(rows)
    try:
        array = np.asarray(given)
        shape = np.shape(example)
    except ValueError:
        raise ValueError(f"{where} must be an array of samples, and is ragged") from None
    if not array.size:
        raise ValueError(f"{where} has no samples")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{where} must be an array of real numbers, not of {array.dtype}")
    if array.ndim != len(shape) + 1 or not -array.ndim <= axis < array.ndim:
        wanted = f"{len(shape) + 1} axes, one of them (number {axis}) for the samples"
        raise ValueError(f"{where} must have {wanted}, not the shape {array.shape}")
    if array.dtype != float:
        array = array.astype(float)
    # The common cases first: moveaxis takes longer than a small program
    if axis in (0, -array.ndim) and array.ndim <= 2:
        array = array.T if array.ndim == 2 else array[None]
        shape = shape or (1,)
    elif axis not in (-1, array.ndim - 1):
        array = np.moveaxis(array, axis, -1)
    if array.shape[:-1] != shape:
        raise ValueError(f"{where} must have the shape {shape} beside the samples, not {array.shape[:-1]}")
    return array.reshape(-1, array.shape[-1])
