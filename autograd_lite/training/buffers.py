"""Parameters, their gradients and an optimizer's running numbers in arrays, while training runs."""

from __future__ import annotations

import math
from typing import Any

from ..core.table import sqrt
from ..program import Program
from ..support.settings import at_least_0


class Buffers:
    """What a training run changes, in two buffers: a step reads the one and writes the other.

    A buffer has a row for the parameters, one for each kind of number that the optimizer keeps for
    them, and one for the gradient. So a step is all or nothing: it counts when ``made`` is counted up.

    :ivar made: how many steps were made; its lowest bit says which buffer is the present one.
    """

    def __init__(self, optimizer: Any) -> None:
        import numpy as np

        self._optimizer, self._parameters = optimizer, optimizer.parameters
        self.made = self._shown = 0
        self._rule = kinds, _ = optimizer.rule
        self._count = len(self._parameters)
        rows = len(kinds) + 2
        apart = -(-self._count // 8) * 8 + 8  # rows that begin where lines of the cache do
        raw = np.zeros(2 * rows * apart + 8)
        first = (-raw.ctypes.data % 64) // 8
        self._buffers = raw[first : first + 2 * rows * apart].reshape(2, rows, apart)[:, :, : self._count]
        self._settings = np.zeros(len(optimizer.shared_settings(1.0)))
        program = Program.of(self._moved, [0.5] * (rows + len(self._settings)))
        self._batch = program.batch((0,) * rows + (None,) * len(self._settings), None)
        flags = [i < rows for i in range(rows + len(self._settings))]
        engine = self._batch._engine(flags, None, self._count).engine
        self._moves = [
            engine.on(self._settings, before, None, after[: rows - 1], None)
            for before, after in (self._buffers, self._buffers[::-1])
        ]
        self._state: Any = None
        self.read()

    def _moved(self, *numbers: Any) -> tuple[Any, ...]:
        """A parameter and what is kept for it after a step."""
        kinds, move = self._rule
        x, *kept = numbers[: len(kinds) + 1]
        g, *settings = numbers[len(kinds) + 1 :]
        return move(sqrt, x, g, *kept, *settings)  # type: ignore[no-any-return]  # a tuple

    def serves(self, optimizer: Any) -> bool:
        """Whether the optimizer still moves parameters by this rule."""
        return optimizer.rule is self._rule

    def rows(self, i: int) -> tuple[Any, Any]:
        """The parameters and the gradient in buffer ``i``."""
        return self._buffers[i][0], self._buffers[i][-1]

    def step(self) -> bool:
        """Make a step with the gradient in the present buffer; False where something is not finite."""
        gradient = self.rows(self.made & 1)[1]
        long = None  # the gradient, where it was longer than it may be
        if self._optimizer.max_norm is not None:
            share = self._optimizer.share(math.hypot(*gradient.tolist()))
            if share != 1.0:
                long = gradient.copy()
                gradient *= share
        self._settings[:] = self._optimizer.shared_settings(self._begun + self.made + 1.0)
        moved = self._moves[self.made & 1](0, self._count) == 0
        if long is not None:
            gradient[:] = long
        if not moved:
            return False
        self.made += 1
        return True

    def read(self) -> None:
        """Take the numbers from the Values and the optimizer."""
        optimizer, now = self._optimizer, self._buffers[self.made & 1]
        optimizer.lr = at_least_0("lr", optimizer.lr)
        now[0] = [p._data for p in self._parameters]
        if optimizer._state is not self._state:
            self._state = optimizer._state
            for row, kind in zip(now[1:-1], self._rule.kinds, strict=True):
                row[:] = self._state.get(kind, 0.0)
            self._begun = optimizer.steps - self.made
        self._shown = self.made

    def show(self) -> None:
        """Give the Values and the optimizer their numbers, with the gradient of the last step."""
        if self.made == self._shown:
            return
        now, before = self._buffers[self.made & 1], self._buffers[~self.made & 1]
        xs, *kept = now[:-1].tolist()
        state = dict(zip(self._rule.kinds, kept, strict=True))
        if self._optimizer.counts_steps:
            state = {"steps": [self._begun + self.made], **state}
        given = list(zip(self._parameters, xs, before[-1].tolist(), strict=True))
        try:
            self._set_each(given, state)
        except BaseException:  # Ctrl-C
            self._set_each(given, state)
            raise
        self._shown = self.made

    def _set_each(self, given: list[tuple[Any, float, float]], state: Any) -> None:
        self._optimizer._state = self._state = state
        for p, x, g in given:
            p._data, p._grad = x, g
