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
from ..program.verification import require_no_reads, require_work
from ..support.context import no_grad
from .objective import BatchLoss, _number_of

#: How many samples are compared with the eager engine.
_TRIED = 16


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
        epochs: int,
    ) -> None:
        super().__init__(model, loss, reduce, penalty)
        self._batch: Any = None
        self._forced, self._epochs = forced, epochs
        try:
            self._record(reduce, parameters, *samples)
        except Exception as error:
            if forced:
                raise
            kind = "" if type(error) is ValueError else f"{type(error).__name__}: "
            self.why = f"eager: {kind}{error}"

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
            program = Program.of(self._of_sample, (xs[0], ys[0]), parameters, True)
        if not self._forced:
            require_work(program, self._epochs * len(xs))
        batch = require_no_reads(program).batch(0, reduce)
        batch._blocks((xs, ys))  # whether all samples are numbers of that structure
        self._require_same(program, xs, ys)
        self._batch, self._parameters = batch, parameters
        if self._penalty is not None:
            self._penalty_program = Jitted(self._penalty, parameters, strict=True)
            self._penalty_program.record()
        self.why = f"program: {self._batch.engine}"

    def _require_same(self, program: Program, xs: list[Any], ys: list[Any]) -> None:
        """Refuse a program that gives a sample another loss than the circuit, as where `==` decides.

        A few samples are tried, with targets as different as may be.
        """
        tried = {repr(y): i for i, y in reversed(list(enumerate(ys)))}
        for i in sorted(tried.values())[:_TRIED]:
            with no_grad():
                output: Any = self._of_sample(xs[i], ys[i])  # type: ignore[no-untyped-call]  # a user's
            loss = _number_of(output)
            found = program(xs[i], ys[i])
            if not (abs(found - loss) <= 1e-9 * (abs(loss) + 1e-3) or loss != loss):
                raise ValueError(f"the program gives sample {i} the loss {found!r}, and not {loss!r}")

    def _give_up(self, error: Exception) -> None:
        if self._forced:
            raise error
        self._batch = None
        self.why = f"eager: {type(error).__name__}: {error}"

    def sweep(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss with the penalty; its gradient is added to ``grad`` of the parameters."""
        if self._batch is not None:
            before = [p._grad for p in self._parameters]
            try:
                loss, _ = self._batch.value_and_grad(xs, ys, argnums=())
                return loss + (self._penalty_program.value_and_grad()[0] if self._penalty else 0.0)  # type: ignore[no-any-return]  # a float
            except (BranchChanged, ValueError) as error:
                for p, grad in zip(self._parameters, before, strict=True):
                    p._grad = grad
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
