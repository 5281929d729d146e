"""What training makes smaller: the loss of a batch of samples, by the engine."""

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
from ..support.context import enable_grad, no_grad, open_blocks
from ..support.settings import any_in, require_inputs

_BLOCK = 32  # samples that share a sweep: enough to share its cost, few enough to hold in memory


class Eager:
    """The loss of a batch by the engine: a circuit for every sample, swept in blocks."""

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[Any, Any], Any],
        reduce: str,
        penalty: Callable[[], Any] | None,
    ) -> None:
        self._of = lambda x, y: loss(model(x), y)
        self._mean = reduce == "mean"
        self._penalty = penalty

    def sweep(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss, with the penalty; its gradient is added into the parameters' ``grad``."""
        share = 1.0 / len(xs) if self._mean else 1.0
        found = 0.0
        # To train is to ask for derivatives: no_grad around it does not refuse them.
        with enable_grad() if open_blocks else nullcontext():
            for start in range(0, len(xs), _BLOCK):
                block = slice(start, start + _BLOCK)
                found += _swept(total(list(map(self._of, xs[block], ys[block]))), share)
            return found if self._penalty is None else found + _swept(self._penalty(), 1.0)

    def measure(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss without the penalty, and without a gradient."""
        with no_grad():
            losses = list(map(self._of, xs, ys))
        try:
            found = math.fsum(each.data if isinstance(each, Value) else each for each in losses)
        except OverflowError:
            found = math.inf  # no improvement, and no end of training either
        return found / len(losses) if self._mean else found

    def require_use(self, parameters: list[Any], xs: list[Any], ys: list[Any]) -> None:
        """Refuse to train where neither a sample's loss nor the penalty has to do with a parameter."""
        with enable_grad():
            losses = map(self._of, xs, ys)
            extra = [] if self._penalty is None else [self._penalty()]
            for each in chain(losses, extra):
                if isinstance(each, Value) and any_in(parameters, made_from(each)):
                    return
        require_inputs(parameters, ())


def _swept(part: Any, share: float) -> float:
    if isinstance(part, Value):
        if not part.is_constant:
            part.backward(share)
        return part.data * share
    if isinstance(part, Real):  # as of a hinge that a sample is far behind: its gradient is 0
        return float(part) * share
    raise TypeError(f"a loss to train on is a Value, not {type(part).__name__} ({part!r:.60})")
