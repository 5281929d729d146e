"""The loss of a batch by a recorded program, where the loss of a sample can be recorded."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from ..core.value import Value
from ..program import BranchChanged, Program
from ..program.arguments import structure_of
from ..program.recorded import Jitted
from ..program.verification import require_no_reads
from .objective import BatchLoss

#: What the engines of ``fit`` and ``minimize`` are called.
ENGINES = ("auto", "eager", "program")


class RecordedLoss(BatchLoss):
    """As :class:`BatchLoss`, with programs in place of circuits for as long as they serve.

    :ivar why: which engine computes the loss, and why, in one line.
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[Any, Any], Any],
        reduce: str,
        penalty: Callable[[], Any] | None,
        parameters: list[Any],
        samples: tuple[list[Any], list[Any]],
        forced: bool,
    ) -> None:
        super().__init__(model, loss, reduce, penalty)
        self._batch: Any = None
        self._forced = forced
        try:
            self._record(reduce, parameters, *samples)
        except Exception as error:
            if forced:
                raise
            self.why = f"eager: the loss was not recorded, {type(error).__name__}: {error}"

    def _record(self, reduce: str, parameters: list[Any], xs: list[Any], ys: list[Any]) -> None:
        if not all(isinstance(p, Value) for p in parameters):
            raise TypeError("the parameters of the optimizer are not Values")
        if not find_spec("numpy"):
            raise ImportError("batches of a program need NumPy")
        kinds = {(structure_of(x), structure_of(y)) for x, y in zip(xs, ys, strict=True)}
        if len(kinds) > 1:
            raise ValueError("the samples have different structures")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            program = Program(self._of_sample, (xs[0], ys[0]), parameters, True)
        self._batch = require_no_reads(program).batch(0, reduce)
        if self._penalty is not None:
            self._penalty_program = Jitted(self._penalty, parameters)
            require_no_reads(self._penalty_program.record())
        self.why = f"program: {self._batch.engine}"

    def _give_up(self, error: Exception) -> None:
        if self._forced:
            raise error
        self._batch = None
        self.why = f"eager: {type(error).__name__}: {error}"

    def sweep(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss with the penalty; its gradient is added to ``grad`` of the parameters."""
        if self._batch is not None:
            try:
                loss, _ = self._batch.value_and_grad(xs, ys, argnums=())
                return loss + (self._penalty_program.value_and_grad()[0] if self._penalty else 0.0)  # type: ignore[no-any-return]  # a float
            except (BranchChanged, ValueError) as error:
                self._give_up(error)
        return super().sweep(xs, ys)

    def measure(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss without the penalty; nothing is recorded."""
        if self._batch is not None:
            try:
                return float(self._batch(xs, ys))
            except (BranchChanged, ValueError) as error:
                self._give_up(error)
        return super().measure(xs, ys)
