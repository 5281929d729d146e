"""Blocks of samples run by an engine, which is made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .choosing import Choice, choice_of, tape_of
from .engines import Dense
from .one_by_one import OneByOne, by_the_eager_engine
from .quick import Handed, batch_of, given_of
from .recording import IrregularError
from .samples import Part
from .streaming import nonzero

#: Which engine is called over arrays in place of one that has no steps.
_ARRAYS = {"python": "numpy"}


class BatchRuns:
    """A program over samples that are laid out already; :class:`~.batch.Batch` is what a caller has.

    :ivar parts: for each argument, the parts that are laid out as blocks.
    """

    def __init__(self, program: Any, parts: Sequence[Sequence[Part]], reduce: str | None) -> None:
        self.program, self.parts, self.reduce = program, parts, reduce
        self.choice = self._chosen()
        self._engines: dict[Any, Any] = {}
        self._quick: dict[Any, Callable[..., Any] | None] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_engines": {}, "_quick": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.choice = self._chosen()

    def _chosen(self) -> Choice:
        program = self.program
        return choice_of(program.recording, program._asked, True, program.choice.exact)

    @property
    def engine(self) -> str:
        """Which engine runs, and why."""
        return str(self.choice)

    def seeds(self, count: int, weights: Any, reduce: str | None) -> Any:
        """What the value of each sample is multiplied by."""
        import numpy as np

        if weights is None:
            return np.full(count, 1.0 / count if reduce == "mean" else 1.0)
        if reduce is None:
            raise ValueError('weights need reduce="mean" or "sum"')
        given = np.asarray(weights)
        if given.dtype.kind not in "biuf" or given.shape != (count,):
            raise ValueError(
                f"weights must be a real number for each of {count} samples, not an array of {given.dtype} "
                f"and shape {given.shape}"
            )
        return given / nonzero(float(given.sum())) if reduce == "mean" else given.astype(float)

    def run(
        self, blocks: list[Any], count: int, wanted: list[bool] | None, chosen: Sequence[int], seeds: Any
    ) -> tuple[Any, list[Any]]:
        """The outputs by sample, and the derivatives by each wanted block."""
        import numpy as np

        each = self.reduce is None and wanted is not None
        vary = [block.ndim == 2 or (each and wanted[i]) for i, block in enumerate(blocks)]  # type: ignore[index]  # each: not None
        key = None if wanted is None else tuple(chosen)
        engine = self._engines.get(key)
        if engine is None:
            flags = None if wanted is None else _spread(blocks, wanted)
            engine = self._engine(_spread(blocks, vary), flags, count, self._given(wanted))
            self._engines[key] = engine
        shared = _joined([block for block, v in zip(blocks, vary, strict=True) if not v])
        varying = _joined(
            [
                block if block.ndim == 2 else np.broadcast_to(block[:, None], (len(block), count))
                for block, v in zip(blocks, vary, strict=True)
                if v
            ]
        )
        values = np.empty((len(self.program.recording.roots), count))
        slopes = None if wanted is None else np.empty((len(varying), count))
        found, guard = engine.run(shared, varying, seeds, values, slopes)
        if guard != 0:  # a branch, or a number that is not finite
            return by_the_eager_engine(self.program.recording, blocks, count, wanted, seeds, values, vary)
        if wanted is None:
            return values, []
        derivatives, at = [], {False: 0, True: 0}
        for block, v, w in zip(blocks, vary, wanted, strict=True):
            if w:
                derivatives.append((slopes if v else found)[at[v] : at[v] + len(block)])  # type: ignore[index]  # arrays, as wanted is
            at[v] += len(block)
        return values, derivatives

    def _given(self, wanted: list[bool] | None) -> tuple[Handed, ...]:
        """What compiled code is given by the arguments, where they need not be laid out first."""
        parts = [part for parts in self.parts for part in parts]
        if self.program.parameters or len(parts) > len(self.parts):
            return ()
        flags = wanted or [False] * len(parts)
        each = self.reduce is None
        return given_of([part.example for part in parts], [part.axis for part in parts], flags, each)

    def _engine(
        self, vary: list[bool], wanted: list[bool] | None, count: int, given: Sequence[Handed] = ()
    ) -> Any:
        """The engine for so many samples."""
        recording, exact = self.program.recording, self.choice.exact
        if exact and self.choice.name in _ARRAYS:
            return OneByOne()
        name = _ARRAYS.get(self.choice.name, self.choice.name)
        mean, most = self.reduce == "mean", self.choice.most(len(recording), count)
        try:
            engine = Dense(name, recording, vary, wanted, most, exact, given=given, mean=mean)
        except IrregularError as error:
            self.choice = Choice("python", f"{error}, too few of them alike: sample by sample", exact)
            return OneByOne()
        if engine.name != name:  # it would be too many instructions
            self.choice = tape_of(recording, exact)
        return engine

    def _keep_quick(self, argnums: Any, chosen: tuple[int, ...] | None) -> None:
        """Keep a quick way for calls like the one that was just made, where there is one."""
        if (argnums is None or type(argnums) is int) and argnums not in self._quick:
            self._quick[argnums] = None
            known = self._engines.get(chosen)
            program = self.program
            if not isinstance(known, Dense) or not program._alone or program.recording.captured:
                return
            machine, given = known.engine, known.given
            if given and not machine.callbacks:
                each = self.reduce is None
                self._quick[argnums] = batch_of(
                    machine.call, partial(self._one, given, chosen is not None), given, argnums, each
                )

    def _one(self, given: Sequence[Handed], gradient: bool) -> Callable[..., Any]:
        """The compiled call for a single sample."""
        flags = [each.wanted for each in given for _ in range(each.size)] if gradient else None
        point = [each._replace(varies=False) for each in given]
        recording, choice = self.program.recording, self.choice
        most = choice.most(len(recording))
        dense = Dense(
            _ARRAYS.get(choice.name, choice.name), recording, None, flags, most, choice.exact, given=point
        )
        if dense.engine.callbacks:  # they may let other threads in; the general way has a lock
            return lambda *given: None
        return dense.engine.call  # type: ignore[no-any-return]  # a function


def _spread(blocks: list[Any], flags: list[bool]) -> list[bool]:
    """The flag of each block for each of its inputs."""
    return [flag for flag, block in zip(flags, blocks, strict=True) for _ in block]


def _joined(blocks: list[Any]) -> Any:
    import numpy as np

    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks) if blocks else np.empty(0)
