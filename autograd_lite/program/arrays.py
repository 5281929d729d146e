"""The engine "numpy": a schedule as one NumPy call for each instruction, over views made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .array_call import ArrayCall
from .array_text import StepsText
from .array_views import Names, RowMemory
from .engine import Engine
from .plan import Schedule
from .quick import Handed, run_of

#: So many bytes of rows a block has, about: what a core's second cache holds.
_BLOCK_BYTES = 2**20

#: So many sizes of blocks have views of their own at a time.
_SIZES = 8


class _Sized(NamedTuple):
    """What is made for one size of a block: functions without arguments, and the rows that they use."""

    first: Callable[[], None]
    more: Callable[[], None]
    after: Callable[[], None]
    v: Any
    dv: Any
    roots: list[Any]
    guard: Any
    seed: Any
    zeros: Any


class Arrays(Engine):
    """A schedule on NumPy.

    :ivar call: the program as a function of what is ``given``, of arrays for derivatives by it, and of
        one for the outputs; see :class:`~.machine.buffers.OfArrays`.
    """

    def __init__(
        self,
        schedule: Schedule,
        lanes: int = 1,
        *,
        given: Sequence[Handed] = (),
        mean: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(schedule, lanes)
        self.schedule, self.lanes = schedule, lanes if schedule.lanes else 1
        names = Names()
        text = {
            "first": StepsText([*schedule.before, *schedule.block], names, schedule.clear).lines,
            "more": StepsText(schedule.block, names).lines,
            "after": StepsText(schedule.after, names).lines,
        }
        self._code = compile(_definitions_of(text), "<numpy program>", "exec")
        self._names, self.callbacks = names, names.callbacks
        self._rows = RowMemory(schedule.counts, names.held, self.lanes)
        self.shared, self.adjoints = self._rows.grid("p", 1), self._rows.grid("dp", 1)
        constants = schedule.layout.constants
        self._rows.grid("c", 1)[: len(constants)] = constants
        wanted = schedule.layout.wanted.get("dp", ()) if schedule.gradient else ()
        self._wanted, self._zeros = run_of(wanted), np.zeros(len(wanted))
        self._sizes: dict[int, _Sized] = {}
        self.call = ArrayCall(self, given, mean) if given or not schedule.lanes else None

    @classmethod
    def most_lanes(cls, plan: Any) -> int:
        """How many samples fit in a cache, with all their rows."""
        rows = sum(plan.counts[space] for space in ("v", "dv"))
        return min(max(_BLOCK_BYTES // (8 * max(int(rows), 1)), 128), 1024)

    def run(
        self, shared: Any, varying: Any, seeds: Any, values: Any, slopes: Any = None
    ) -> tuple[Any, float]:
        """See :meth:`.Engine.run`."""
        self.shared[: len(shared)] = shared
        parts = [] if varying is None or not len(varying) else [varying]
        places = [] if slopes is None else [(slice(len(slopes)), slopes)]
        return self.adjoints, self.swept(parts, seeds, values, places)

    def swept(
        self, varying: Sequence[Any], seeds: Any, values: Any, slopes: Sequence[tuple[slice, Any]]
    ) -> float:
        """The guard of a run; the shared inputs are in their rows already.

        ``varying`` are parts of the inputs that vary, one after the other, and ``slopes`` where the
        derivatives by some of their rows go; else as for ``run``.
        """
        schedule = self.schedule
        seed = schedule.seed if schedule.lanes else None
        if seed is not None and seed.space != "dv":
            self._rows.grid(seed.space, 1)[seed.start] = np.sum(seeds)
            seed = None
        count, guard = values.shape[1], 0.0
        most = -(-count // -(-count // self.lanes))  # blocks of one size, about
        with np.errstate(all="ignore"):
            for start in range(0, count, most):
                span = slice(start, min(start + most, count))
                sized = self._sizes.get(span.stop - start) or self._sized(span.stop - start)
                at = 0
                for part in varying:
                    sized.v[at : at + len(part)] = part[:, span]
                    at += len(part)
                if seed is not None:
                    sized.seed[...] = seeds[span]
                if start:
                    sized.more()
                else:
                    sized.first()
                for i, root in enumerate(sized.roots):
                    values[i, span] = root
                    guard += sized.zeros.dot(values[i, span])
                if sized.guard is not None:
                    guard += sized.guard.sum()
                for place, grid in slopes:
                    grid[:, span] = found = sized.dv[place]
                    guard += found.dot(sized.zeros).sum()
            if schedule.after:
                sized.after()
            if self._zeros.size:
                guard += self.adjoints[self._wanted].dot(self._zeros)
        return float(guard)

    def _sized(self, size: int) -> _Sized:
        """What blocks of so many samples need."""
        if len(self._sizes) >= _SIZES:
            self._sizes.pop(next(iter(self._sizes)))
        names = self._names.on(self._rows, size)
        exec(self._code, names)

        def row(place: tuple[str, int] | float | None) -> Any:
            if not isinstance(place, tuple):
                return place
            found = self._rows.grid(place[0], size)
            return found[place[1]] if found.ndim == 2 else found[place[1] : place[1] + 1]

        layout, seed = self.schedule.layout, self.schedule.seed
        made = _Sized(
            first=names["first"],
            more=names["more"],
            after=names["after"],
            v=self._rows.grid("v", size),
            dv=self._rows.grid("dv", size),
            roots=list(map(row, layout.roots)),
            guard=row(layout.guard),
            seed=None if seed is None else row((seed.space, seed.start)),
            zeros=np.zeros(size),
        )
        self._sizes[size] = made
        return made


def _definitions_of(text: dict[str, list[str]]) -> str:
    return "".join(
        f"def {name}():\n" + "".join(f"    {line}\n" for line in lines or ["pass"])
        for name, lines in text.items()
    )
