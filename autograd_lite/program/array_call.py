"""The quick way into a schedule on NumPy: the caller's arrays are taken as they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .quick import Handed

_FLOAT = np.dtype(float)


class ArrayCall:
    """The program of an engine on NumPy as a function; see :class:`~.machine.buffers.OfArrays`.

    It takes the arguments; an array for the derivative by each wanted one; and an array for the outputs,
    or None. It gives the first output, in a batch the mean or the sum of first outputs; None where
    somebody must look: a comparison came out otherwise, or a result is not finite.

    :raises ValueError: for arguments, and arrays for results, that are to be laid out first.
    """

    def __init__(self, engine: Any, given: Sequence[Handed], mean: bool) -> None:
        layout = engine.schedule.layout
        self.engine, self.batch, self.mean = engine, engine.schedule.lanes, mean
        self.outputs = len(layout.roots)
        self.p = engine.shared
        given = given or [Handed((len(layout.inputs),), None, engine.schedule.gradient)]
        self.count = len(given)
        #: Of what all samples share: which argument, its shape, its rows; of what varies: which, and how
        self.shared: list[tuple[int, tuple[int, ...] | None, Any]] = []
        self.varying: list[tuple[int, Handed]] = []
        self.results: list[tuple[bool, int, Any]] = []  # for each, whether it varies, its size and rows
        at = {False: 0, True: 0}
        for i, each in enumerate(given):
            varies = each.varies and self.batch
            place = slice(at[varies], at[varies] + each.size)
            at[varies] += each.size
            if varies:
                self.varying.append((i, each))
            else:
                shape = each.shape
                if each.axis is not None:  # a batch of one
                    shape = (*(shape or ())[: each.axis], 1, *(shape or ())[each.axis :])
                self.shared.append((i, shape, place if shape is not None else place.start))
            if each.wanted:
                self.results.append((varies, each.size, place))
        self.seeds: dict[int, Any] = {}

    def __call__(self, *args: Any) -> float | None:
        """See the class."""
        wanted = self.count + len(self.results) + 1
        if len(args) != wanted:
            raise TypeError(
                f"the function takes {self.count} arguments, an array for each of {len(self.results)} "
                f"derivatives, and one for the value or None: {wanted}, not {len(args)}"
            )
        values = args[-1]
        engine = self.engine
        with engine.lock:
            if engine.busy:
                return None
            try:
                engine.busy = True
                for i, shape, place in self.shared:
                    x = args[i]
                    if shape is None:
                        if type(x) is not float:
                            raise ValueError(x)
                        self.p[place] = x
                    else:
                        _require(x, shape)
                        self.p[place] = x if len(shape) == 1 else x.ravel()
                parts, count = self._parts(args)
                if values is None:
                    values = np.empty((self.outputs, count))
                else:
                    values = _room(args, len(args) - 1, self.outputs * count).reshape(-1, count)
                slopes = [
                    _room(args, self.count + k, size * (count if varies else 1))
                    for k, (varies, size, _) in enumerate(self.results)
                ]
                seeds = self._seeds(count) if self.batch else None
                grids = [
                    (place, x.reshape(count, -1).T)
                    for x, (varies, _, place) in zip(slopes, self.results, strict=True)
                    if varies
                ]
                if engine.swept(parts, seeds, values, grids) != 0:
                    return None
                for x, (varies, _, place) in zip(slopes, self.results, strict=True):
                    if not varies:
                        x[...] = engine.adjoints[place].reshape(x.shape)
            finally:
                engine.busy = False
        return float(values[0, 0] if seeds is None else values[0].dot(seeds))

    def _parts(self, args: Sequence[Any]) -> tuple[list[Any], int]:
        """A row of samples for each input that varies, and how many samples there are."""
        parts: list[Any] = []
        count = 1
        for i, each in self.varying:
            if each.axis is not None:
                count = args[i].shape[each.axis]
                break
        for i, each in self.varying:
            x, shape = args[i], each.shape or ()
            if each.axis is None:  # shared by the samples, but its derivatives are not
                x = np.array([x]) if each.shape is None and type(x) is float else x
                _require(x, each.shape or (1,))
                parts.append(np.broadcast_to(x.reshape(-1, 1), (each.size, count)))
                continue
            _require(x, (*shape[: each.axis], count, *shape[each.axis :]))
            if x.ndim == 1:
                parts.append(x[None])
            elif x.ndim == 2:
                parts.append(x if each.axis else x.T)
            else:
                parts.append(np.moveaxis(x, each.axis, -1).reshape(-1, count))
        if not count:
            raise ValueError("there are no samples")
        return parts, count

    def _seeds(self, count: int) -> Any:
        """The upstream gradient of each of so many samples."""
        if count not in self.seeds:
            self.seeds = {count: np.full(count, 1.0 / count if self.mean else 1.0)}
        return self.seeds[count]


def _require(x: Any, shape: tuple[int, ...]) -> None:
    if x.shape != shape or x.dtype is not _FLOAT:
        raise ValueError(f"another array than of floats and the shape {shape}")


def _room(args: Sequence[Any], at: int, size: int) -> Any:
    """The argument at this place, as an array for results, which shares memory with no other argument."""
    x = args[at]
    if x.dtype is not _FLOAT or not x.flags.c_contiguous or not x.flags.writeable:
        raise ValueError("results need an array of floats that lie side by side")
    if x.size != size:
        raise ValueError(f"{size} results need as much room")
    for i, other in enumerate(args):
        if i != at and type(other) is np.ndarray and np.may_share_memory(x, other):
            raise ValueError("a result shares memory with something else")
    return x
