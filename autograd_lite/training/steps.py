"""The steps of an epoch: a batch, its gradient, and a step of the optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..program.resident import Resident
from ..support.settings import forget_gradients
from .buffers import Buffers
from .objective import BatchLoss
from .recorded_loss import RecordedLoss

Evaluate = Callable[[list[Any], list[Any]], tuple[float, Sequence[float]]]
SampleLists = tuple[list[Any], list[Any]]


class Steps:
    """The steps of training on Values, one for each batch of at most ``size`` samples."""

    def __init__(
        self,
        loss: BatchLoss,
        optimizer: Any,
        samples: SampleLists,
        size: int,
        evaluate: Evaluate | None = None,
    ) -> None:
        self._loss, self._optimizer, self._evaluate = loss, optimizer, evaluate
        self._samples, self._size = samples, size
        self._begun = False

    def count(self, order: list[int]) -> int:
        """How many steps an epoch in this order has."""
        return -(-len(order) // self._size)

    def epoch(self, order: list[int], history: Any) -> Iterator[float]:
        """Go through the samples in this order: make the steps, and give what each adds to the loss.

        :raises FloatingPointError: when the loss of a batch is not finite.
        """
        for start in range(0, len(order), self._size):
            chosen = order[start : start + self._size]
            found = self._step(start, chosen, history)
            history.steps += 1
            yield found * (len(chosen) / len(order) if self._loss.mean else 1.0)

    def _step(self, start: int, chosen: list[int], history: Any) -> float:
        """Make the step from these samples, and give their loss before it."""
        xs, ys = self._samples
        batch = [xs[i] for i in chosen], [ys[i] for i in chosen]
        self._optimizer.zero_grad()
        parameters = self._optimizer.parameters
        if self._evaluate is not None:
            found, gradient = self._evaluate(*batch)
            _set_gradient(parameters, gradient)
        elif self._begun:
            found = self._loss.sweep(*batch)
        else:
            # A zero_grad that sets p.grad = 0.0 would leave p.swept as it is.
            forget_gradients(parameters)
            found = self._loss.sweep(*batch)
            if isinstance(self._loss, RecordedLoss) or not any(
                getattr(p, "swept", False) for p in parameters
            ):
                self._loss.require_dependence(parameters, xs, ys)
            self._begun = True
        if not math.isfinite(found):
            raise FloatingPointError(
                f"the loss became {found!r} in epoch {len(history.loss)}, before step {history.steps}, "
                "which was not made. A smaller learning rate may help"
            )
        self._optimizer.step()
        return found

    def measure(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss of other samples, without a penalty."""
        return self._loss.measure(xs, ys)

    def show(self) -> None:
        """See to it that Values and optimizer have the numbers after the last step."""

    def look(self) -> None:
        """Notice what a function of the user changed, after :meth:`show`."""
        if isinstance(self._loss, RecordedLoss):
            self._loss.look_again(*self._samples, self._optimizer.parameters)


class ArraySteps(Steps):
    """The same by a program, on arrays; a batch at which somebody must look is done on Values."""

    def __init__(self, loss: RecordedLoss, optimizer: Any, samples: SampleLists, size: int) -> None:
        super().__init__(loss, optimizer, samples, size)
        self._loss: RecordedLoss = loss
        loss.require_dependence(optimizer.parameters, *samples)
        self._begun = True
        assert loss.batch is not None
        self._resident = Resident(loss.batch, samples, size, True)
        self._arrays: Buffers | None
        self._order: list[int] = []
        self._hold(Buffers(optimizer))

    def _hold(self, arrays: Buffers) -> None:
        self._arrays = arrays
        self._losses = [self._resident.on(*arrays.rows(i)) for i in (0, 1)]
        self._other: list[Callable[[int, int], float | None]] | None = None  # of the samples measured

    def epoch(self, order: list[int], history: Any) -> Iterator[float]:
        """As :meth:`Steps.epoch`."""
        if order is not self._order:
            self._resident.arrange(order)
            self._order = order
        return super().epoch(order, history)

    def _step(self, start: int, chosen: list[int], history: Any) -> float:
        arrays = self._arrays
        if arrays is not None:
            i = arrays.made & 1
            found = self._losses[i](start, len(chosen))
            if found is not None:
                extra = self._loss.penalty_at(*arrays.rows(i))
                if extra is not None and arrays.step():
                    return found + extra
            arrays.show()
        found = super()._step(start, chosen, history)
        self._read()
        return found

    def measure(self, xs: list[Any], ys: list[Any]) -> float:
        """As :meth:`Steps.measure`."""
        found = self._measured(xs, ys)
        if found is None:
            self.show()
            found = super().measure(xs, ys)
            self._read()
        return found

    def _measured(self, xs: list[Any], ys: list[Any]) -> float | None:
        """The loss of other samples by the program; None where it cannot tell."""
        if self._arrays is None or self._loss.batch is None:
            return None
        if self._other is None:
            try:
                other = Resident(self._loss.batch, (xs, ys), len(xs), False)
            except (TypeError, ValueError):  # they are of another kind than those of the training
                return None
            self._other = [other.on(self._arrays.rows(i)[0]) for i in (0, 1)]
        return self._other[self._arrays.made & 1](0, len(xs))

    def show(self) -> None:
        """As :meth:`Steps.show`."""
        if self._arrays is not None:
            self._arrays.show()

    def look(self) -> None:
        """As :meth:`Steps.look`."""
        super().look()
        self._read()

    def _read(self) -> None:
        if self._loss.batch is None:
            self._arrays = None
        elif self._arrays is not None and self._arrays.serves(self._optimizer):
            self._arrays.read()
        else:
            self._hold(Buffers(self._optimizer))


def steps_of(
    loss: BatchLoss, optimizer: Any, samples: SampleLists, size: int, evaluate: Evaluate | None
) -> Steps:
    """The steps of a training run: on arrays where a program and the rule of the optimizer allow it."""
    by_rule = getattr(optimizer, "is_by_rule", None)
    if isinstance(loss, RecordedLoss) and loss.batch is not None and by_rule is not None and by_rule():
        return ArraySteps(loss, optimizer, samples, size)
    return Steps(loss, optimizer, samples, size, evaluate)


def _set_gradient(parameters: list[Any], gradient: Sequence[float]) -> None:
    if len(gradient) != len(parameters):
        raise ValueError(
            f"evaluate gave a gradient of {len(gradient)} numbers for {len(parameters)} parameters"
        )
    for p, g in zip(parameters, gradient, strict=True):
        p.grad = float(g)
