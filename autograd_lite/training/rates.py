"""The learning rate of a training run: when a schedule is asked, and what it may see then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..support.settings import at_least_0
from .steps import Steps


class Rates:
    """The schedule of an optimizer's learning rate, by epoch or by step.

    :raises ValueError: when ``of`` is neither ``"epoch"`` nor ``"step"``.
    """

    def __init__(self, schedule: Callable[[int], float] | None, of: str, optimizer: Any) -> None:
        if of not in ("epoch", "step"):
            raise ValueError(f'schedule_of must be "epoch" or "step", not {of!r}')
        self._schedule, self._of, self._optimizer = schedule, of, optimizer

    def in_epoch(self, epoch: int, steps: Steps, order: list[int], history: Any) -> Iterator[float]:
        """The steps of an epoch, with the learning rates that the schedule gives."""
        made = steps.epoch(order, history)
        if self._schedule is None or self._of == "epoch":
            self._set(epoch, steps)
            yield from made
            return
        for _ in range(steps.count(order)):
            self._set(history.steps, steps)
            yield next(made)

    def _set(self, number: int, steps: Steps) -> None:
        if self._schedule is None:
            return
        sees_values = not getattr(self._schedule, "of_epoch_alone", False)
        if sees_values:
            steps.show()
        what = f"the learning rate that schedule gives for {self._of} {number}"
        self._optimizer.lr = at_least_0(what, self._schedule(number))
        if sees_values:
            steps.look()
