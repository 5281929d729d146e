"""A recording as a finished schedule: all steps, in the phases in which an engine runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .forward import Temporaries, forward_of
from .fuse import fused, without_dead
from .recording import IrregularError, Recording
from .reverse import Reverse, settle
from .rewrite import Circuit, as_written, rewritten
from .schedule import Layout, laid_out
from .steps import WITH_LANES, Add, Const, Load, Loop, MatMul, Op, Ref, Step, Store, line, overlap
from .tape import TapePlan


def plan_of(
    recording: Recording,
    vary: Sequence[bool] | None,
    wanted: Sequence[bool] | None,
    most: int | None,
    exact: bool = False,
) -> Plan:
    """The schedule of a recording, or its tape where a schedule has more than ``most`` instructions.

    :param exact: whether values are the eager engine's to the bit.
    """
    circuit = None if exact else rewritten(recording)
    try:
        return Schedule(circuit or recording, vary, wanted, exact, most)
    except IrregularError:
        return TapePlan(circuit or as_written(recording), vary, wanted)


class Schedule:
    """The steps of a program, for one point or for blocks of samples.

    :ivar before: steps on rows that all samples share, run once, first.
    :ivar block: steps with lanes, run for every block of samples.
    :ivar after: steps on shared rows, run once, last.
    :ivar clear: ranges of the shared adjoints that blocks add to, to be cleared first.

    :param vary: for each input, whether it varies by sample; None for one point.
    :param wanted: for each input, whether its derivative is asked for; None for values alone.
    :param most: how many instructions may be made for it, about; None for any number.
    :raises IrregularError: before anything is laid out, where there would be more.
    """

    def __init__(
        self,
        recording: Recording | Circuit,
        vary: Sequence[bool] | None = None,
        wanted: Sequence[bool] | None = None,
        exact: bool = False,
        most: int | None = None,
    ) -> None:
        self.lanes = vary is not None and any(vary)
        nothing = [False] * recording.inputs
        circuit = recording if isinstance(recording, Circuit) else rewritten(recording, exact)
        self.layout: Layout = laid_out(circuit, vary or nothing, wanted or nothing, most)
        self.gradient = wanted is not None
        writer = Temporaries()
        steps = forward_of(self.layout, writer)
        self.clear: dict[str, list[tuple[int, int]]] = {}
        starts: list[Step] = []
        back: list[Step] = []
        self.seed: Ref | None = None
        root = self.layout.roots[0] if self.layout.roots else 0.0
        if self.gradient:
            back, clear = settle(Reverse(self.layout, writer).steps, self.layout, self.lanes)
            if isinstance(root, tuple):
                self.seed = Ref("d" + root[0], root[1])
                if not self.lanes:
                    starts.append(writer.moved(self.seed, 1.0, False))
            for space, parts in clear.items():
                if self.lanes and space in ("dp", "du"):
                    self.clear[space] = parts
                else:
                    starts += [writer.moved(line(space, a, b - a), 0.0, space == "dv") for a, b in parts]
        everything = _in_phases(starts, steps, back)
        counts = {space: self.layout.counts[space] for space in "pcuv"}
        counts["c"] = len(self.layout.constants)
        self.counts = counts | {"d" + space: counts[space] for space in "puv"}
        everything = without_dead(fused(everything), self._kept(), self.counts)
        first = next((i for i, s in enumerate(everything) if s.lanes), len(everything))
        self.before = everything[:first]
        self.block = [s for s in everything[first:] if s.lanes]
        self.after = [s for s in everything[first:] if not s.lanes]
        self._require_sound()

    @property
    def steps(self) -> list[Step]:
        """All steps, in their order."""
        return [*self.before, *self.block, *self.after]

    def _kept(self) -> dict[str, Any]:
        """The rows of each space that are results of the program."""
        kept: dict[str, list[int]] = {}
        for place in (*self.layout.roots, self.layout.guard):
            if isinstance(place, tuple):
                kept.setdefault(place[0], []).append(place[1])
        if self.seed is not None and self.lanes:
            kept.setdefault(self.seed.space, []).append(self.seed.start)
        if self.gradient:
            for space, rows in self.layout.wanted.items():
                kept.setdefault(space, []).extend(rows.tolist())
        return kept

    def _require_sound(self) -> None:
        """Check that every row is written before it is read, and none lies outside its space.

        :raises AssertionError: a mistake in this package, not of the user.
        """
        written = {space: np.zeros(count, bool) for space, count in self.counts.items()}
        written["p"][:] = written["c"][:] = True
        written["v"][[row for space, row in self.layout.inputs if space == "v"]] = True
        for space, parts in self.clear.items():
            for a, b in parts:
                written[space][a:b] = True
        if self.seed is not None and self.lanes:
            written[self.seed.space][self.seed.start] = True
        for step in self.steps:
            refs = step.reads() + step.writes()
            for ref in refs:
                low, high = ref.span()
                assert 0 <= low <= high < self.counts[ref.space], f"{ref} leaves its space in {step}"
            for each in step.code if isinstance(step, Loop) else ():
                if isinstance(each, Load | Add):
                    assert written[each.ref.space][each.ref.rows()].all(), (
                        f"{each.ref} is read unwritten in {step}"
                    )
                if isinstance(each, Store):
                    written[each.ref.space][each.ref.rows()] = True
            if isinstance(step, MatMul):
                lanes = [step.right, step.left if step.kind == "w" else step.out]
                assert all(ref.space in WITH_LANES for ref in lanes), f"a side without lanes in {step}"
                for ref in step.reads():
                    assert written[ref.space][ref.rows()].all(), f"{ref} is read unwritten in {step}"
                written[step.out.space][step.out.rows()] = True
            else:
                _require_apart(step)
        for space, rows in self.layout.wanted.items() if self.gradient else ():
            assert written[space][rows].all(), f"an adjoint in {space} is not written"

    def __str__(self) -> str:
        counts = ", ".join(f"{space} {n}" for space, n in self.counts.items() if n)
        return "\n".join([f"rows: {counts}", *(f"{i:3d} {step}" for i, step in enumerate(self.steps))])


#: What an engine is made of.
Plan = Schedule | TapePlan


def _part(steps: list[Step], lanes: bool) -> list[Step]:
    return [step for step in steps if step.lanes == lanes]


def _in_phases(starts: list[Step], steps: list[Step], back: list[Step]) -> list[Step]:
    """What all samples share comes first, its adjoints last; the blocks of lanes run in between."""
    first = [*_part(starts, False), *_part(steps, False)]
    middle = [*_part(starts, True), *_part(steps, True), *_part(back, True)]
    return [*first, *middle, *_part(back, False)]


def _require_apart(loop: Loop) -> None:
    """Refuse a loop in which one iteration may touch the rows of another in a different order."""
    writes, refs = set(loop.writes()), set(loop.reads() + loop.writes())
    if loop.n == loop.m == 1:
        places = {(ref.space, ref.span()[0]) for ref in refs}
        assert len(places) == len(refs), f"two refs are one row in {loop}"
        return
    for a in writes:
        for b in refs:
            if a == b or not overlap(a, b):
                continue
            read = any(
                not isinstance(x, Add)
                for x in loop.code
                if not isinstance(x, Const | Op) and x.ref in (a, b)
            )
            assert not read, f"{a} and {b} overlap in {loop}"
