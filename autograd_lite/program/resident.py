"""A batch over samples that stay where they are, called again and again, as in training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .batch import Batch


class Resident:
    """The samples of a batch as rows of one array, and the losses and gradients of parts of them.

    :param args: the arguments of the batch, with all samples.
    :param size: how many samples a call takes at most.
    :ivar values: the value of each sample, after the last call that took it.
    """

    def __init__(self, batch: Batch, args: Sequence[Any], size: int, gradient: bool) -> None:
        import numpy as np

        blocks, self.count = batch.blocks(args)
        shared = [block.ndim == 1 for block in blocks]
        self._given = np.concatenate([block for block in blocks if block.ndim == 2])
        self._samples = np.array(self._given, order="C")  # of its own: "arrange" writes into it
        self.values = np.zeros((1, self.count))
        sizes = np.minimum(size, self.count - np.arange(self.count) // size * size)
        self.seeds = 1.0 / sizes if batch.reduce == "mean" else np.ones(self.count)
        flags = [one for one, block in zip(shared, blocks, strict=True) for _ in block]
        vary = [not one for one in flags]
        self._engine = batch._engine(vary, flags if gradient else None, min(size, self.count)).engine
        self._program = batch.program

    def arrange(self, order: Sequence[int]) -> None:
        """Put the samples into an order, in which the calls after this find them."""
        import numpy as np

        # With another mode the result is made elsewhere, and copied.
        np.take(self._given, np.array(order, np.intp), axis=1, out=self._samples, mode="clip")

    def on(self, x: Any, adjoints: Any = None) -> Callable[[int, int], float | None]:
        """The loss of a part of the samples, by its start and size, at the parameters in ``x``.

        It is None where somebody must look: a comparison came out otherwise, something is not
        finite, or a Value was changed that is a constant of the program. Whether a Value was replaced
        is seen at the first part.

        :param adjoints: where the gradient goes, if it is wanted.
        """
        run = self._engine.on(x, self._samples, self.seeds, self.values, adjoints)
        stale, changed = self._program.stale, self._program.used.changed
        values, seeds = self.values[0], self.seeds

        def loss(start: int, count: int) -> float | None:
            # Where Values are found takes longer to look at than a part of the samples
            if (changed() if start else stale()) or run(start, count) != 0:
                return None
            part = slice(start, start + count)
            return float(values[part].dot(seeds[part]))

        return loss
