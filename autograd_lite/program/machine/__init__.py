"""The engine "machine": a schedule as machine code, through llvmlite.

``emit`` writes intermediate code, ``rows`` operations, ``vectors`` functions of vectors, ``loops`` and
``products`` the steps, ``tape`` a walk over instructions; ``compiler`` makes them run.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
import numpy as np

from ..instructions import Walk
from ..plan import Plan
from ..steps import WITH_LANES
from ..tape import TapePlan
from .calls import add_entry, as_builtin
from .compiler import Compiled
from .emit import WIDTH
from .function import SPACES, RunFunction
from .wide import is_wide

#: A call takes about 0.1 s at most, so that Ctrl-C is heard: so many numbers at a time.
_AT_ONCE = 20_000_000


#: A block has so many lanes for its rows to stay in a cache; with wide matrices, which do not, so many.
_LANES, _WIDE_LANES = 64, 512


def most_lanes(plan: Plan) -> int:
    """How many samples a block of a plan should have at most."""
    if isinstance(plan, TapePlan):
        return plan.most_lanes
    return _WIDE_LANES if any(map(is_wide, plan.steps)) else _LANES


class Machine:
    """A schedule as machine code; ``lanes`` is how many samples a block has at most, 1 for a point.

    ``call`` is the program of a point as a builtin function: see :func:`~.calls.add_entry`.
    ``exact`` takes C's functions and fuses nothing: values are then the eager engine's to the bit.
    """

    name = "machine"

    def __init__(self, schedule: Plan, lanes: int = 1, scalar: bool = False, exact: bool = False) -> None:
        self.schedule = schedule
        self.lanes = -(-lanes // WIDTH) * WIDTH if schedule.lanes else 1
        self._stride = self.lanes + WIDTH if schedule.lanes else 1
        sizes = {space: max(n, 1) for space, n in schedule.counts.items()}
        self.rows = {
            space: _zeros(n * self._stride if space in WITH_LANES else n) for space, n in sizes.items()
        }
        self.rows["c"] = np.array(schedule.layout.constants or [0.0])
        starts, self._tables = _tables(schedule)
        module = ir.Module("program")
        function = RunFunction(schedule, module, starts, self.lanes, self._stride, exact)
        self.callbacks, self._errors = function.rows.callbacks, function.rows.errors
        self.call: Callable[..., Any] | None = None
        if not schedule.lanes:
            fixed = {space: self.rows[space].ctypes.data for space in ("u", "du", "v", "dv", "c")}
            add_entry(module, schedule, fixed | {"tables": self._tables.ctypes.data}, scalar)
        self._compiled = Compiled(module)
        if not schedule.lanes:
            self.call, self._definition = as_builtin(self._compiled.address("entry"), self)
        kind = ctypes.CFUNCTYPE(
            ctypes.c_double,
            *[ctypes.c_void_p] * 9,
            *[ctypes.c_int64, ctypes.c_void_p] * 3,
            ctypes.c_int64,
            ctypes.c_int64,
        )
        self._run = kind(self._compiled.address("run"))
        self._several = (
            max(1, _AT_ONCE // (self.lanes * max(1, sum(schedule.counts.values())))) * self.lanes
        )
        self.hold(self.rows)

    def hold(self, rows: dict[str, Any]) -> None:
        """Use these arrays for the rows of the spaces."""
        self._fixed = [rows[space].ctypes.data for space in SPACES] + [self._tables.ctypes.data]

    def run(
        self, shared: Any, varying: Any, seeds: Any, values: Any, slopes: Any = None
    ) -> tuple[Any, float]:
        """As :meth:`autograd_lite.program.arrays.Arrays.run`."""
        rows, schedule = self.rows, self.schedule
        seed = schedule.seed if schedule.lanes else None
        if seed is not None and seed.space != "dv":
            rows[seed.space][seed.start] = np.sum(seeds)
        count = values.shape[1]
        if not schedule.lanes:
            rows["p"][: len(shared)] = shared
            guard = self._run(*self._fixed, None, 0, None, 0, values.ctypes.data, 1, None, 3, count)
            self._raise()
            return rows["dp"], guard
        shared, varying = (np.ascontiguousarray(each, float) for each in (shared, varying))
        seeds = np.ascontiguousarray(np.zeros(count) if seeds is None else seeds, float)
        at = [varying.ctypes.data, seeds.ctypes.data, values.ctypes.data]
        at.append(None if slopes is None else slopes.ctypes.data)
        fixed = [shared.ctypes.data, *self._fixed[1:]]  # where it lies
        return rows["dp"], self._in_parts(fixed, at, count, count)

    def on(
        self, shared: Any, varying: Any, seeds: Any, values: Any, adjoints: Any
    ) -> Callable[[int, int], float]:
        """As :meth:`autograd_lite.program.arrays.Arrays.on`; the arrays are used where they lie."""
        rows = {**self.rows, "p": shared, "dp": self.rows["dp"] if adjoints is None else adjoints}
        fixed = [rows[space].ctypes.data for space in SPACES] + [self._tables.ctypes.data]
        arrays = varying, seeds, values
        starts = [None if each is None else each.ctypes.data for each in arrays]
        apart = varying.strides[0] // 8
        seed = self.schedule.seed

        def call(start: int, count: int) -> float:
            if seed is not None and seed.space != "dv":
                rows[seed.space][seed.start] = np.sum(arrays[1][start : start + count])
            at = [each and each + 8 * start for each in starts]
            return self._in_parts(fixed, [*at, None], apart, count)

        return call

    def _in_parts(self, fixed: list[int], at: list[int | None], apart: int, count: int) -> float:
        """The guard of a run on ``count`` samples, which begin at these addresses."""
        several, guard = self._several, 0.0
        if count <= several:
            x, seed, value, slope = at
            guard = self._run(*fixed, x, apart, seed, 0, value, 0, slope, 3, count)
            self._raise()
            return guard  # type: ignore[no-any-return]  # a float
        for start in range(0, count, several):
            size = min(several, count - start)
            x, seed, value, slope = (each and each + 8 * start for each in at)
            phases = (start == 0) + 2 * (start + size == count)
            guard += self._run(*fixed, x, apart, seed, 0, value, 0, slope, phases, size)
            self._raise()
        return guard

    def _raise(self) -> None:
        """Raise what a row that was called back raised."""
        if self._errors:
            error = self._errors[0]
            self._errors.clear()
            raise error


def _zeros(count: int) -> Any:
    """So many zeros that begin where a line of the cache does."""
    raw = np.zeros(count + 8)
    first = (-raw.ctypes.data % 64) // 8
    return raw[first : first + count]


def _tables(schedule: Plan) -> tuple[dict[Any, int], Any]:
    """Where each table of irregular rows begins, and all of them side by side."""
    starts: dict[Any, int] = {}
    parts, at = [np.zeros(1, np.int32)], 1
    for step in schedule.steps:
        used = [step.stream] if isinstance(step, Walk) else [x.table for x in step.reads() + step.writes()]
        for each in used:
            if each is not None and each not in starts:
                starts[each] = at
                parts.append(each.rows)
                at += len(each.rows)
    return starts, np.concatenate(parts)
