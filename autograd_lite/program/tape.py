"""A circuit as a tape: the plan for operations that have too little in common to be grouped.

An engine that walks a tape has code for each kind of operation, however many operations there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .forward import Temporaries
from .instructions import Instructions, Walk
from .recording import Operand
from .rewrite import Circuit
from .schedule import Layout
from .steps import Const, Load, Loop, Ref, Step, Store, line, ranges

#: Bytes of rows that a block of lanes may have, about half of a core's second cache.
_CACHE = 2**19


class TapePlan:
    """The steps of a program, as a :class:`~.plan.Schedule` has them: loops, and two walks.

    All results lie in one space, with the inputs before and the constants after them; in a batch all
    have lanes. The adjoints are 0 between two runs, for a walk back clears what it has read.

    :param vary: for each input, whether it varies by sample; None for one point.
    :param wanted: for each input, whether its derivative is asked for; None for values alone.
    """

    def __init__(
        self, circuit: Circuit, vary: Sequence[bool] | None, wanted: Sequence[bool] | None
    ) -> None:
        self.lanes = vary is not None and any(vary)
        self.gradient = wanted is not None
        self._space = "v" if self.lanes else "u"
        varies = np.array(vary if self.lanes else [False] * circuit.inputs, bool)
        chosen = np.array(wanted if wanted else [False] * circuit.inputs, bool)
        # Those that vary come first, as an engine copies them to the first rows
        own = np.where(varies, np.cumsum(varies), varies.sum() + np.cumsum(~varies)) - 1
        root = circuit.roots[0] if self.gradient else None
        if type(root) is int and root < circuit.inputs:  # an adjoint that is seeded is no input's
            circuit.roots[0] = circuit.put("pos", root)
        writer = Instructions(circuit, own.tolist(), self.lanes)
        forward = writer.forward()
        backward = writer.backward(chosen.tolist()) if self.gradient else None
        self._count = writer.count
        self.layout = self._laid_out(circuit, writer, own, varies, chosen)
        self.counts = self.layout.counts
        self.seed: Ref | None = None
        place = self.layout.roots[0] if self.gradient and circuit.roots else 0.0
        if isinstance(place, tuple):
            self.seed = Ref("d" + place[0], place[1])
        self.clear: dict[str, list[tuple[int, int]]] = {}
        self.before, self.block, self.after = self._phases(forward, backward, int(varies.sum()))

    @property
    def steps(self) -> list[Step | Walk]:
        """All steps, in their order."""
        return [*self.before, *self.block, *self.after]

    @property
    def most_lanes(self) -> int:
        """How many lanes a block may have for its rows and their adjoints to stay in a cache."""
        return next((n for n in (64, 32, 16) if 16 * n * self._count <= _CACHE), 8)

    def _laid_out(
        self, circuit: Circuit, writer: Instructions, own: Any, varies: Any, chosen: Any
    ) -> Layout:
        space, first = self._space, int(varies.sum())

        def place(p: Operand) -> tuple[str, int] | float:
            return (space, writer.places[p]) if type(p) is int else float(p)

        inputs = [
            ("v", row) if lanes else ("p", row - first)
            for row, lanes in zip(own.tolist(), varies.tolist(), strict=True)
        ]
        counts = dict.fromkeys(("p", "c", "u", "v", "dp", "du", "dv"), 0)
        counts |= {"p": len(own) - first, "dp": len(own) - first, "c": len(writer.constants)}
        counts |= {space: writer.count, "d" + space: writer.count}
        guard = None if circuit.guard is None else place(circuit.guard)
        layout = Layout(inputs, list(map(place, circuit.roots)), None, counts, writer.constants, [])
        layout.guard = guard if isinstance(guard, tuple) else None
        layout.wanted = {"dp": np.sort(own[chosen & ~varies]) - first, "dv": np.sort(own[chosen & varies])}
        return layout

    def _phases(
        self, forward: Walk, backward: Walk | None, first: int
    ) -> tuple[list[Step | Walk], list[Step | Walk], list[Step | Walk]]:
        """What runs once, first; what runs for every block; what runs once, last.

        :param first: the row of the first shared input.
        """
        space, moved = self._space, Temporaries().moved
        constants = self.counts["c"]
        before: list[Step | Walk] = [
            moved(line(space, row, count), line(source, 0, count), self.lanes)
            for source, row, count in (
                ("p", first, self.counts["p"]),
                ("c", self._count - constants, constants),
            )
            if count
        ]
        if backward is None:
            return ([*before], [forward], []) if self.lanes else ([*before, forward], [], [])
        shared = [
            (line("dp", a, b - a), line("d" + space, first + a, b - a))
            for a, b in ranges(self.layout.wanted["dp"])
        ]
        if not self.lanes:
            start = [] if self.seed is None else [moved(self.seed, 1.0, False)]
            last = [
                Loop(into.n, 1, False, [Load(0, own), Store(into, 0), Const(1, 0.0), Store(own, 1)])
                for into, own in shared
            ]
            return [*before, forward, *start, backward, *last], [], []
        self.clear = {"dp": list(ranges(self.layout.wanted["dp"]))}
        before += [moved(own, 0.0, True) for _, own in shared]
        varying = [moved(line("dv", a, b - a), 0.0, True) for a, b in ranges(self.layout.wanted["dv"])]
        after: list[Step | Walk] = [moved(into, own, True, add=True) for into, own in shared]
        return before, [*varying, forward, backward], after

    def __str__(self) -> str:
        counts = ", ".join(f"{space} {n}" for space, n in self.counts.items() if n)
        return "\n".join([f"rows: {counts}", *(f"{i:3d} {step}" for i, step in enumerate(self.steps))])
