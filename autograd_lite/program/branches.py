"""Batches of a function that keeps its branches: each sample goes to the program of its branch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from ..support.arrays import is_array
from ..support.nested import refill
from .batch import Batch
from .one_by_one import sample_of
from .recording import BranchChanged
from .streaming import is_blocks


class JittedBatch:
    """A function over samples, recorded at the first sample of each structure; see :meth:`Jitted.batch`.

    It is called as a :class:`.batch.Batch` is.

    >>> from autograd_lite import jit
    >>> square = jit(lambda x: x * x if x > 0 else -x)
    >>> square.batch().value_and_grad([3.0, -1.0])
    (5.0, array([ 3. , -0.5]))
    """

    def __init__(self, jitted: Any, in_axes: Any, reduce: str | None) -> None:
        self._jitted, self._in_axes, self._reduce = jitted, in_axes, reduce
        self._batches: dict[Any, _Branching] = {}

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """The value; see :meth:`Batch.__call__`."""
        given, batch = self._ready(args)
        return batch(*given, **settings)

    def value_and_grad(self, *args: Any, **settings: Any) -> tuple[Any, Any]:
        """The value and the gradient; see :meth:`Batch.value_and_grad`."""
        given, batch = self._ready(args)
        return batch.value_and_grad(*given, **settings)

    def grad(self, *args: Any, **settings: Any) -> Any:
        """The gradient alone."""
        return self.value_and_grad(*args, **settings)[1]

    def _ready(self, args: Sequence[Any]) -> tuple[list[Any], Batch]:
        """The arguments, and the batch of the program at their first sample."""
        axes = self._in_axes if isinstance(self._in_axes, list | tuple) else [self._in_axes] * len(args)
        if len(axes) != len(args):
            raise ValueError(f"in_axes has {len(axes)} entries, and there are {len(args)} arguments")
        given, example = [], []
        for x, axis in zip(args, axes, strict=True):
            first = x
            if axis is not None and is_blocks(x):
                rest = iter(x)
                first = next(rest, [])
                x = chain([first], rest)
            given.append(x)
            try:
                example.append(_first_sample(first, axis))
            except (IndexError, KeyError, TypeError):
                raise ValueError(f"there is no first sample along axis {axis!r} of {first!r:.60}") from None
        program = self._jitted.at(*example)
        if program not in self._batches:
            self._batches[program] = _Branching(self._jitted, program, self._in_axes, self._reduce)
        return given, self._batches[program]


def _first_sample(given: Any, axis: Any) -> Any:
    if axis is None:
        return given
    if isinstance(given, dict):
        return {k: _first_sample(x, axis[k] if isinstance(axis, dict) else axis) for k, x in given.items()}
    if isinstance(axis, list | tuple):
        return [_first_sample(x, each) for x, each in zip(given, axis, strict=True)]
    if isinstance(given, list | tuple):
        parts = any(is_array(x) or isinstance(x, dict) for x in given)
        return type(given)([_first_sample(x, axis) for x in given]) if parts else given[0]
    import numpy as np

    return np.asarray(given).take(0, axis)


class _Branching(Batch):
    """A batch of a program that hands samples of other branches to the programs of these."""

    def __init__(self, jitted: Any, program: Any, in_axes: Any, reduce: str | None) -> None:
        super().__init__(program, in_axes, reduce)
        self._jitted, self._in_axes = jitted, in_axes
        self._others: dict[Any, Batch] = {}

    def run(
        self, blocks: list[Any], count: int, wanted: list[bool] | None, chosen: Sequence[int], seeds: Any
    ) -> tuple[Any, list[Any]]:
        """As :meth:`Batch.run`, branch by branch where there are several."""
        import numpy as np

        try:
            return super().run(blocks, count, wanted, chosen, seeds)
        except BranchChanged:
            groups: dict[Any, list[int]] = {}
        for s in range(count):
            groups.setdefault(self._program_of(sample_of(blocks, s)), []).append(s)
        values: Any = np.empty((len(self.program.recording.roots), count))
        slopes: list[Any] = []
        for program, samples in groups.items():
            part = [block[:, samples] if block.ndim == 2 else block for block in blocks]
            batch = self._batch_of(program)
            found, more = batch.run(part, len(samples), wanted, chosen, seeds[samples])
            values[:, samples] = found
            slopes = slopes or [np.zeros((len(x), count) if x.ndim == 2 else len(x)) for x in more]
            for total, x in zip(slopes, more, strict=True):
                total[(slice(None), samples) if x.ndim == 2 else slice(None)] += x
        return values, slopes

    def _program_of(self, numbers: list[float]) -> Any:
        """The program for a sample: one that is kept, or a new one."""
        arguments = self.program.arguments
        for program in self._jitted.kept(*arguments.examples):
            if program.recording.holds(numbers) and not program.stale():
                return program
        remaining = iter(numbers)
        args = [
            refill(example, [next(remaining) for _ in range(count)])
            for example, count in zip(arguments.examples, arguments.counts, strict=True)
        ]
        return self._jitted.at(*args)

    def _batch_of(self, program: Any) -> Batch:
        if program not in self._others:
            if repr(program.outputs) != repr(self.program.outputs):
                raise ValueError(f"{program.__name__} returns another structure in another branch")
            self._others[program] = Batch(program, self._in_axes, self.reduce)
        return self._others[program]
