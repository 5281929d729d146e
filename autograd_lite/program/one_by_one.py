"""The eager engine at one point, or sample by sample: what is done where another engine cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from ..core.order import sweep
from ..core.value import Value
from ..support.numbers import plain
from .recording import BranchChanged, Recording


class OneByOne:
    """The engine of a batch that leaves every sample to the eager one."""

    def run(self, *arrays: Any) -> tuple[Any, float]:
        """No adjoints, and the guard that says that somebody must look."""
        return None, 1.0


def circuit_at(recording: Recording, xs: Sequence[float]) -> list[Any]:
    """The circuit at these inputs, an entry for each number; what is not finite is reported.

    :raises BranchChanged: naming the first comparison that comes out otherwise.
    """
    xs = list(map(float, xs))
    recording.require_branches(recording.on_floats(xs))
    return recording.on_values(list(map(Value, xs)))


def adjoints_of(recording: Recording, made: Sequence[Any], seed: float) -> list[float]:
    """The derivatives of the first output by all inputs, times a seed, by the sweep."""
    output, reached = recording.of(made, recording.roots[0]), dict[Value, float]()
    if isinstance(output, Value):
        sweep(output, seed, reached)
    return [reached.get(x, 0.0) for x in made[: recording.inputs]]


def sample_of(blocks: Sequence[Any], s: int) -> list[float]:
    """The numbers of all inputs in sample ``s``."""
    return [x for block in blocks for x in (block[:, s] if block.ndim == 2 else block).tolist()]


def by_the_eager_engine(
    recording: Recording,
    blocks: Sequence[Any],
    count: int,
    wanted: Sequence[bool] | None,
    seeds: Any,
    values: Any,
    vary: Sequence[bool],
) -> tuple[Any, list[Any]]:
    """The outputs by sample, put into ``values``, and the derivatives by each wanted block.

    :param vary: for each block, whether its derivatives are those of each sample; else they are summed.
    :raises BranchChanged: naming the first sample that takes another branch.
    """
    import numpy as np

    if recording.guards:
        _require_branches(recording, blocks, count)
    slopes = [np.zeros((len(block), count)) for block in blocks]
    for s in range(count):
        made = recording.on_values(list(map(Value, sample_of(blocks, s))))
        values[:, s] = list(map(plain, recording.outputs(made)))
        found = iter(adjoints_of(recording, made, float(seeds[s])) if wanted is not None else ())
        for block in slopes if wanted is not None else ():
            block[:, s] = list(islice(found, len(block)))
    return values, [
        block if v else block.sum(axis=1)
        for block, v, w in zip(slopes, vary, wanted or (), strict=False)
        if w
    ]


def _require_branches(recording: Recording, blocks: Sequence[Any], count: int) -> None:
    for s in range(count):
        try:
            recording.require_branches(recording.on_floats(sample_of(blocks, s)))
        except BranchChanged as changed:
            raise BranchChanged(f"sample {s}: {changed}", changed.guard) from None
