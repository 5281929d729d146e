"""The engine "machine": a schedule as machine code, through llvmlite.

``emit`` writes intermediate code, ``rows`` operations of the table, ``vectors`` functions of vectors,
``loops`` and ``products`` the steps, at ``places``, ``wide`` products that NumPy computes, ``repeated``
steps that come again, ``tape`` a walk over instructions. ``function`` puts the steps around the blocks of
``samples``; ``calls``, ``taking``, ``scratch`` and ``buffers`` make it a function that Python calls;
``compiler`` makes all of it run.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import llvmlite.ir as ir
import numpy as np

from ..engine import Engine
from ..instructions import Walk
from ..plan import Plan
from ..quick import Handed
from ..steps import WITH_LANES, Ref
from ..tape import TapePlan
from .buffers import OfArrays
from .calls import Scalars, as_builtin
from .compiler import Compiled
from .emit import LANES, WIDTH
from .function import SPACES, RunFunction, roots_in_runs
from .outside import interrupts_kept
from .scratch import Scratch
from .taking import arrays_are_as_expected
from .wide import is_wide

#: A call takes some hundredths of a second, so that Ctrl-C is heard: so many numbers at a time.
_AT_ONCE = 4_000_000


#: A block has so many lanes for its rows to stay in a cache; with wide matrices, which do not, so many.
_LANES, _WIDE_LANES = 64, 512


class Machine(Engine):
    """A schedule as machine code.

    ``exact`` takes C's functions and fuses nothing: values are then the eager engine's to the bit.

    :ivar call: the program as a builtin function: see :class:`~.calls.Scalars` where the inputs are
        floats (``scalar``), else :class:`~.buffers.OfArrays`, which takes what is ``given``; a point takes
        one array when nothing else is said.
    :ivar lean: as ``call`` for floats, and None where an argument is no float.
    """

    def __init__(
        self,
        schedule: Plan,
        lanes: int = 1,
        scalar: bool = False,
        exact: bool = False,
        *,
        given: Sequence[Handed] = (),
        mean: bool = True,
    ) -> None:
        super().__init__(schedule, lanes)
        self.schedule, self.takes_floats = schedule, scalar
        self.lanes = -(-lanes // LANES) * LANES if schedule.lanes else 1
        self._stride = self.lanes + WIDTH if schedule.lanes else 1
        self._memory = _Memory(schedule, self._stride)
        constants = np.array(schedule.layout.constants or [0.0])
        starts, self._tables = _tables(schedule)
        self._constants = constants
        module = ir.Module("program")
        inputs = len(schedule.layout.inputs)
        varying = sum(space == "v" for space, _ in schedule.layout.inputs)
        if not schedule.lanes:
            given = given or [Handed((inputs,), None, schedule.gradient)]
        self._parts = [each.size for each in given if each.varies] or [varying]
        function = RunFunction(schedule, module, starts, self.lanes, self._stride, exact, self._parts)
        self.callbacks, self._errors = function.rows.callbacks, function.rows.errors
        fixed = {"c": constants.ctypes.data, "tables": self._tables.ctypes.data}
        several = max(1, _AT_ONCE // (self.lanes * max(sum(schedule.counts.values()), 1))) * self.lanes
        # A row that is called back takes as long as hundreds of others
        self._at_once = max(1, several // 500 // self.lanes) * self.lanes if self.callbacks else several
        names = []
        if scalar:
            fixed |= {
                space: self._memory.scratch.address + at
                for space, at in self._memory.scratch.starts.items()
            }
            names = ["entry", "lean"]
            for name in names:
                Scalars(module, schedule, fixed, name == "lean")
        elif given and arrays_are_as_expected():
            names = ["entry"]
            OfArrays(module, schedule, fixed, given, self._memory.scratch, mean, several)
        self._compiled = Compiled(module)
        made = [as_builtin(self._compiled.address(name), self) for name in names]
        self._definitions = [definition for _, definition in made]
        self.call: Callable[..., Any] | None = made[0][0] if made else None
        self.lean: Callable[..., Any] | None = made[1][0] if scalar else None
        pointer, whole, double = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
        samples = [pointer, pointer, pointer, double, pointer, whole, pointer]
        self._run = ctypes.CFUNCTYPE(double, *[pointer] * 8, *samples, whole, whole, whole)(
            self._compiled.address("run")
        )

    @classmethod
    def most_lanes(cls, plan: Plan) -> int:
        """How many samples a block of a plan should have at most."""
        if isinstance(plan, TapePlan):
            return plan.most_lanes
        return _WIDE_LANES if any(map(is_wide, plan.steps)) else _LANES

    @cached_property
    def rows(self) -> dict[str, Any]:
        """The rows of each space for :meth:`run`; the builtin function has its own."""
        return _Memory(self.schedule, self._stride).rows() | {"c": self._constants}

    @cached_property
    def _fixed(self) -> list[int]:
        return [self.rows[space].ctypes.data for space in SPACES] + [self._tables.ctypes.data]

    def run(
        self, shared: Any, varying: Any, seeds: Any, values: Any, slopes: Any = None
    ) -> tuple[Any, float]:
        """See :meth:`.Engine.run`."""
        rows, count = self.rows, values.shape[1]
        if not self.schedule.lanes:
            rows["p"][: len(shared)] = shared
            nowhere = [None, None, None, 1.0, values.ctypes.data, 1, None]
            return rows["dp"], self._called(*self._fixed, *nowhere, 3, 0, 1)
        shared, varying = (np.ascontiguousarray(each, float) for each in (shared, varying))
        seeds = np.ascontiguousarray(np.zeros(count) if seeds is None else seeds, float)
        return rows["dp"], self.on(shared, varying, seeds, values, None, slopes)(0, count)

    def on(
        self, shared: Any, varying: Any, seeds: Any, values: Any, adjoints: Any, slopes: Any = None
    ) -> Callable[[int, int], float]:
        """See :meth:`.Engine.on`; the arrays are used where they lie.

        The function that is given holds all of them, for the code has their addresses alone.
        """
        own = self._fixed[1] if adjoints is None else adjoints.ctypes.data
        fixed, rows = [shared.ctypes.data, own, *self._fixed[2:]], self.rows
        records = self._records(varying), self._records(slopes)
        arrays = *records, seeds, values, shared, varying, adjoints, slopes
        at, seed, apart = _addresses(arrays[:4]), self.schedule.seed, values.strides[0] // 8

        def call(start: int, count: int) -> float:
            span = start, start + count
            if seed is not None and seed.space != "dv":
                rows[seed.space][seed.start] = np.sum(arrays[2][slice(*span)])
            return self._in_parts(fixed, at, apart, span)

        return call

    def _in_parts(self, fixed: list[int], at: list[Any], apart: int, span: tuple[int, int]) -> float:
        """The guard of a run on the samples of a span; ``at`` is where they, seeds and outputs lie."""
        inputs, slopes, seeds, values = at
        (first, last), guard = span, 0.0
        for start in range(first, last, self._at_once):
            stop = min(start + self._at_once, last)
            phases = (start == first) + 2 * (stop == last)
            guard += self._called(
                *fixed, inputs, slopes, seeds, 1.0, values, apart, None, phases, start, stop
            )
        return guard

    def _records(self, grid: Any) -> Any:
        """The places of the parts of a grid, a row for each input; nowhere for None."""
        found = np.zeros((len(self._parts), 3), np.int64)
        if grid is not None:
            starts = np.cumsum([0, *self._parts[:-1]])
            found[:, 0] = grid.ctypes.data + grid.strides[0] * starts
            found[:, 1:] = grid.strides[::-1]
        return found

    def _called(self, *args: Any) -> float:
        """The guard of a run of the code. What a row that was called back raised is raised."""
        if not self.callbacks:
            return self._run(*args)  # type: ignore[no-any-return]  # a float, as declared
        self._errors.clear()  # of a run that Ctrl-C ended
        with interrupts_kept():
            guard = self._run(*args)
        if self._errors:
            error = self._errors[0]
            self._errors.clear()
            raise error
        return guard  # type: ignore[no-any-return]  # as above


class _Memory:
    """The rows of all spaces but constants side by side; each begins where a line of the cache does."""

    def __init__(self, schedule: Plan, stride: int) -> None:
        starts, size = {}, 0
        self._sizes: dict[str, int] = {}
        for space in SPACES[:-1]:
            starts[space] = 8 * size
            rows = max(schedule.counts[space], 1) * (stride if space in WITH_LANES else 1)
            self._sizes[space] = rows
            size += -(-rows // 8) * 8
        raw = np.zeros(size + 8)
        first = (-raw.ctypes.data % 64) // 8
        self._all = raw[first : first + size]
        self.scratch = Scratch(self._all.ctypes.data, starts, 8 * size)

    def rows(self) -> dict[str, Any]:
        """The rows of each space."""
        return {
            space: self._all[start // 8 : start // 8 + self._sizes[space]]
            for space, start in self.scratch.starts.items()
        }


def _addresses(arrays: Sequence[Any]) -> list[int | None]:
    return [None if each is None else each.ctypes.data for each in arrays]


def _tables(schedule: Plan) -> tuple[dict[Any, int], Any]:
    """Where each table of irregular rows begins, and all of them side by side."""
    starts: dict[Any, int] = {}
    parts, at = [np.zeros(1, np.int32)], 1
    used = [root.table for root in roots_in_runs(schedule) if isinstance(root, Ref)]
    for step in schedule.steps:
        refs = [] if isinstance(step, Walk) else step.reads() + step.writes()
        used += [step.stream] if isinstance(step, Walk) else [ref.table for ref in refs]
    for each in used:
        if each is not None and each not in starts:
            starts[each] = at
            parts.append(each.rows)
            at += len(each.rows)
    return starts, np.concatenate(parts)
