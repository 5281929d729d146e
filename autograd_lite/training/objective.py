"""The loss of a batch of samples and its gradient, computed by circuits and reverse sweeps."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import nullcontext
from itertools import chain
from numbers import Real
from typing import Any

from ..core.gathered import sum as total
from ..core.order import made_from
from ..core.value import Value
from ..support.collector import paused_collector
from ..support.context import enable_grad, no_grad, open_blocks
from ..support.numbers import plain
from ..support.settings import any_in, require_dependence

#: How many samples share a circuit and a sweep: enough to share the cost, few enough to fit in memory.
_BLOCK = 32


class BatchLoss:
    """The loss of a batch: the mean or the sum of the losses of its samples, and a penalty."""

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[Any, Any], Any],
        reduce: str,
        penalty: Callable[[], Any] | None,
    ) -> None:
        self.model, self.loss = model, loss
        self.mean = reduce == "mean"
        self.penalty = penalty

    @property
    def why(self) -> str:
        """Which engine computes the loss, and why, in one line."""
        return "eager: as asked for"

    def of_sample(self, x: Any, y: Any) -> Any:
        """The loss of one sample; an error of the model or the loss says of which."""
        try:
            return self.loss(self.model(x), y)
        except (TypeError, ValueError) as error:
            if type(error) not in (TypeError, ValueError):
                raise
            text = f"{error} (in the sample with the input {x!r:.80} and the target {y!r:.80})"
            raise type(error)(text) from error

    def sweep(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss with the penalty; its gradient is added to ``grad`` of the parameters."""
        share = 1.0 / len(xs) if self.mean else 1.0
        loss = 0.0
        # Training needs derivatives, so it records even inside no_grad.
        with enable_grad() if open_blocks else nullcontext():
            for start in range(0, len(xs), _BLOCK):
                block = slice(start, start + _BLOCK)
                with paused_collector():
                    losses = list(map(self.of_sample, xs[block], ys[block]))
                    for each in losses:
                        _number_of(each)
                    loss += _swept(total(losses), share)
            return loss if self.penalty is None else loss + _swept(self.penalty(), 1.0)

    def measure(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss without the penalty; nothing is recorded."""
        with no_grad():
            losses = list(map(self.of_sample, xs, ys))
        numbers = [_number_of(each) for each in losses]
        try:
            loss = math.fsum(numbers)
        except (OverflowError, ValueError):
            loss = sum(numbers)  # not finite, which counts as no improvement and does not end training
        return loss / len(losses) if self.mean else loss

    def require_dependence(self, parameters: list[Any], xs: list[Any], ys: list[Any]) -> None:
        """Refuse to train when neither the loss of any sample nor the penalty depends on a parameter.

        :raises ValueError: in that case.
        """
        with enable_grad():
            losses = map(self.of_sample, xs, ys)
            penalties = [] if self.penalty is None else [self.penalty()]
            for each in chain(losses, penalties):
                if isinstance(each, Value) and any_in(parameters, made_from(each)):
                    return
        require_dependence(parameters, ())


def _swept(part: Any, share: float) -> float:
    """``share`` of the number ``part``; when it is a circuit, the same share of its gradient is added."""
    if isinstance(part, Value) and not part.is_constant:
        part.backward(share)
    return _number_of(part) * share


def _number_of(loss: Any) -> float:
    """The number in a loss, which may be a plain 0, as that of max(0.0, 1.0 - y * score)."""
    if isinstance(loss, Value | Real):
        return plain(loss)
    raise TypeError(f"a loss must be a Value or a number, not {type(loss).__name__} ({loss!r:.60})")
