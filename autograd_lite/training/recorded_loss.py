"""The loss of a batch by a recorded program, where the loss of a sample can be recorded."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from ..core.value import Value
from ..program import BranchChanged, Program
from ..program.arguments import structure_of
from ..program.batch import Batch
from ..program.choosing import has
from ..program.jitted import Jitted
from ..program.verification import outputs_of_both, require_no_reads, require_work, verify
from .objective import BatchLoss

#: How many samples are compared with the eager engine.
_TRIED = 16


class RecordedLoss(BatchLoss):
    """As another :class:`BatchLoss`, with programs in place of circuits for as long as they serve.

    :param forced: whether a loss that cannot be recorded is an error.
    :param times: how many samples the loss will be computed for.
    :ivar batch: the program of the loss over samples, None where circuits are made.
    """

    def __init__(
        self,
        eager: BatchLoss,
        parameters: list[Any],
        samples: tuple[list[Any], list[Any]],
        forced: bool,
        times: int,
    ) -> None:
        self.model, self.loss = eager.model, eager.loss
        self.mean, self.penalty = eager.mean, eager.penalty
        self.batch: Batch | None = None
        self._parameters, self._forced, self._times = parameters, forced, times
        self._parts = self._parts_of_model()
        self._turn = 0
        try:
            self._record(*samples)
        except Exception as error:
            self._give_up(error)

    @property
    def why(self) -> str:
        """As :attr:`BatchLoss.why`."""
        return self._failure if self.batch is None else f"program: {self.batch.engine}"

    def _record(self, xs: list[Any], ys: list[Any]) -> None:
        if not all(isinstance(p, Value) for p in self._parameters):
            raise TypeError("the parameters of the optimizer are not Values")
        if not has("numpy"):
            raise ImportError("batches of a program need NumPy")
        for kind, rows in (("input", xs), ("target", ys)):
            first = structure_of(rows[0])
            other = next((i for i, row in enumerate(rows) if structure_of(row) != first), None)
            if other is not None:
                text = f"{rows[other]!r:.60}, and that of sample 0 is {rows[0]!r:.60}"
                raise ValueError(
                    f"the samples have different structures: the {kind} of sample {other} is {text}"
                )
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            program = Program.of(self.of_sample, (xs[0], ys[0]), self._parameters)
            if not self._forced:
                require_work(program, self._times)
            verify(program)
        batch = require_no_reads(program).batch(0, "mean" if self.mean else "sum")
        batch.blocks((xs, ys))  # whether all samples are numbers of that structure
        self._require_same(program, xs, ys)
        if self.penalty is not None:
            self._penalty_program = Jitted(self.penalty, self._parameters, strict=True)
            self._penalty_program.record()
        self.batch = batch

    def _require_same(self, program: Program, xs: list[Any], ys: list[Any]) -> None:
        """Refuse a program that gives a sample another loss than the circuit, as where `==` decides.

        A few samples are tried, with targets as different as may be.
        """
        tried = {repr(y): i for i, y in reversed(list(enumerate(ys)))}
        for i in sorted(tried.values())[:_TRIED]:
            _compare(program, (xs[i], ys[i]), f"sample {i} the loss")

    def look_again(self, xs: list[Any], ys: list[Any], parameters: list[Any]) -> None:
        """Give up where the loss is no longer what was recorded, after functions of the user were called.

        A sample, in turn, and the penalty are computed on nodes. So a number that the loss reads from a
        list or an attribute, and a parameter that was replaced by another Value, are noticed; and so are
        other ``parameters`` of the optimizer, or the same in another order.
        """
        if self.batch is None:
            return
        i, self._turn = self._turn % len(xs), self._turn + 1
        try:
            if parameters != self.batch.program.parameters:
                raise ValueError("the optimizer was given other parameters after the loss was recorded")
            if self._parts_of_model() != self._parts:
                raise ValueError("a parameter of the model was replaced after the loss was recorded")
            with suppress(BranchChanged):
                _compare(self.batch.program, (xs[i], ys[i]), f"sample {i} the loss")
            for program in chain(*self._penalty_program.programs.values()) if self.penalty else ():
                with suppress(BranchChanged):
                    _compare(program, (), "the penalty")
        except ValueError as error:
            self._give_up(error)

    def _parts_of_model(self) -> list[Any]:
        """The parameters of the model, where it tells them: Values are equal to themselves alone."""
        parameters = getattr(self.model, "parameters", None)
        return list(parameters()) if callable(parameters) else []

    def _give_up(self, error: Exception) -> None:
        if self._forced:
            raise error
        kind = "" if type(error) is ValueError else f"{type(error).__name__}: "
        self.batch, self._failure = None, f"eager: {kind}{error}"

    def sweep(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss with the penalty; its gradient is added to ``grad`` of the parameters."""
        if self.batch is not None:
            before = [p._grad for p in self._parameters]
            try:
                loss, _ = self.batch.value_and_grad(xs, ys, argnums=())
                return loss + (self._penalty_program.value_and_grad()[0] if self.penalty else 0.0)  # type: ignore[no-any-return]  # a float
            except (BranchChanged, ValueError) as error:
                for p, grad in zip(self._parameters, before, strict=True):
                    p._grad = grad
                self._give_up(error)
        return super().sweep(xs, ys)

    def penalty_at(self, x: Any, gradient: Any) -> float | None:
        """The penalty at the parameters in an array; its gradient is added to that in another.

        None where a program on arrays does not serve.
        """
        if self.penalty is None:
            return 0.0
        found = self._penalty_program.at_parameters(x)
        if found is None:
            return None
        gradient += found[1]
        return found[0]  # type: ignore[no-any-return]  # a float

    def measure(self, xs: list[Any], ys: list[Any]) -> float:
        """The loss without the penalty; nothing is recorded."""
        if self.batch is not None:
            try:
                return float(self.batch(xs, ys))
            except (BranchChanged, TypeError, ValueError) as error:
                self._give_up(error)
        return super().measure(xs, ys)


def _compare(program: Program, args: Sequence[Any], what: str) -> None:
    """Refuse a program that gives something else at these arguments than its function.

    :raises ValueError: naming both numbers.
    """
    for found, true in outputs_of_both(program, args):
        if not (abs(found - true) <= 1e-9 * (abs(true) + 1e-3) or true != true):
            raise ValueError(f"the program gives {what} {found!r}, and the function {true!r}")
