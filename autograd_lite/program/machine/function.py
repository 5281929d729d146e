"""The function of a program: shared steps, blocks of lanes, shared steps, and a look at the results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import groupby
from typing import Any

import llvmlite.ir as ir
import numpy as np

from ..plan import Plan
from ..steps import WITH_LANES, Const, Loop, Ref, Store, line, ranges, ref_of
from .emit import DOUBLE, I64, LANES, POINTER, TABLES, WHOLES, WIDTH, Emitter, integer, number, vector
from .loops import Loops
from .rows import Rows
from .samples import BlockSamples, Place, rounded_up

SPACES = ("p", "dp", "u", "du", "v", "dv", "c")


def roots_in_runs(schedule: Plan) -> Iterator[Ref | float]:
    """The outputs, those that lie in one space side by side: of many a program gets no longer."""
    for space, run in groupby(
        schedule.layout.roots, lambda root: root[0] if isinstance(root, tuple) else ""
    ):
        if space:
            yield ref_of(space, np.array([[root[1]] for root in run]))  # type: ignore[index]  # a place
        else:
            yield from run  # type: ignore[misc]  # floats


class RunFunction:
    """The function ``run``: shared steps, blocks of lanes, shared steps.

    It takes the pointers of the spaces and of the tables; the places of the varying inputs and of their
    derivatives (an address of 0: they are not wanted), a record for each of the ``parts`` (see
    :class:`~.samples.Place`); the seeds, or null for 1, and a number that they are multiplied by; where
    the outputs go, or null, and the distance of their rows; where the sum of seeds times outputs is
    added, or null; which phases are to be run (1: the first, 2: the last); the first sample and the one
    after the last.

    :param parts: how many of the varying inputs lie in each place.
    """

    def __init__(
        self,
        schedule: Plan,
        module: Any,
        starts: dict[Any, int],
        lanes: int,
        stride: int,
        exact: bool,
        parts: Sequence[int],
    ) -> None:
        self.schedule, self.stride, self.parts, self._most = schedule, stride, parts, lanes
        kinds = [POINTER] * 7 + [
            TABLES,
            WHOLES,
            WHOLES,
            POINTER,
            DOUBLE,
            POINTER,
            I64,
            POINTER,
            I64,
            I64,
            I64,
        ]
        function = ir.Function(module, ir.FunctionType(DOUBLE, kinds), "run")
        for argument in function.args[:7]:
            argument.add_attribute("noalias")
        self.e = e = Emitter(module, function, () if exact else ("contract",))
        spaces = dict(zip(SPACES, function.args, strict=False))
        self.rows = Rows(e, exact)
        inputs, slopes, self.seeds, self.seed, self.values, self.apart, total, *span = function.args[8:]
        phases, start, self.stop = span
        b = e.b
        self.guard = e.variable(DOUBLE, number(0.0))
        #: How many lanes the block at hand has.
        self.lanes = e.variable(I64, integer(lanes))
        self.loops = Loops(
            e, self.rows, spaces, (function.args[7], starts), self.lanes, stride, schedule.steps
        )
        with b.if_then(b.trunc(phases, ir.IntType(1))):
            for space, cleared in schedule.clear.items():
                for first, stop in cleared:
                    rows = line(space, first, stop - first)
                    self.loops.emit(Loop(stop - first, 1, False, [Const(0, 0.0), Store(rows, 0)]))
            for step in self.schedule.before:
                self.loops.emit(step)
        if self.schedule.lanes:
            places = [[Place(e, records, i) for i in range(len(parts))] for records in (inputs, slopes)]
            self.sum, self.lost, self.look = (e.variable(vector(), number(0.0, WIDTH)) for _ in range(3))
            with b.goto_entry_block():
                self.own_seeds = b.alloca(DOUBLE, integer(lanes))
            with e.loop(self.stop, lanes, start) as at:
                self._block(at, *places)
            self._look_at(e.total(b.load(self.look)))
            with b.if_then(b.icmp_unsigned("!=", b.ptrtoint(total, I64), integer(0))):
                e.add_to(total, e.total(b.load(self.sum)))
        with b.if_then(b.icmp_unsigned(">=", phases, integer(2))):
            b.store(integer(lanes), self.lanes)  # sums over lanes are over those of all blocks
            for step in self.schedule.after:
                self.loops.emit(step)
        if not self.schedule.lanes:
            self._outputs_of_a_point()
        self._look_at_adjoints()
        b.ret(b.load(self.guard))

    def _look_at(self, x: Any) -> None:
        """Make the guard a nan where a result is not finite."""
        b = self.e.b
        self.e.add_to(self.guard, b.fsub(x, x))

    def _look_at_adjoints(self) -> None:
        e, b = self.e, self.e.b
        wanted = self.schedule.layout.wanted.get("dp", []) if self.schedule.gradient else []
        if not len(wanted):
            return
        total = e.variable(vector(), number(0.0, WIDTH))
        rest = e.variable(DOUBLE, number(0.0))
        adjoints = self.loops.spaces["dp"]
        for first, stop in ranges(wanted):
            whole = first + (stop - first) // WIDTH * WIDTH
            with e.loop(whole, WIDTH, first) as i:
                b.store(b.fadd(b.load(total), e.load_vector(b.gep(adjoints, [i]))), total)
            with e.loop(stop, 1, whole) as i:
                b.store(b.fadd(b.load(rest), b.load(b.gep(adjoints, [i]))), rest)
        self._look_at(b.fadd(b.load(rest), e.total(b.load(total))))

    def _outputs_of_a_point(self) -> None:
        e, b, zero, first = self.e, self.e.b, integer(0), 0
        for root in roots_in_runs(self.schedule):
            count = root.n if isinstance(root, Ref) else 1
            with e.loop(count) if count > 1 else nullcontext(zero) as i:
                found = b.load(self.loops.at(root, i, zero)) if isinstance(root, Ref) else number(root)
                b.store(found, b.gep(self.values, [b.add(integer(first), i)]))
                self._look_at(found)
            first += count
        if self.schedule.layout.guard is not None:
            self.e.add_to(self.guard, self._value(self.schedule.layout.guard))

    def _value(self, place: tuple[str, int] | float) -> Any:
        if isinstance(place, float):
            return number(place)
        return self.e.b.load(self.e.b.gep(self.loops.spaces[place[0]], [integer(place[1])]))

    def _block(self, start: Any, inputs: list[Place], slopes: list[Place]) -> None:
        """One block of samples; empty lanes repeat the last sample, and have the seed 0."""
        e, b, spaces = self.e, self.e.b, self.loops.spaces
        left = b.sub(self.stop, start)
        size = b.select(b.icmp_signed("<", left, integer(self._most)), left, integer(self._most))
        lanes = rounded_up(b, size, LANES)
        b.store(lanes, self.lanes)
        self.loops.size = size
        rows = dict.fromkeys(("v", "dv"), 0)
        for place, count in zip(inputs, self.parts, strict=True):
            self._samples(place, "v", rows, count).read(start, self.stop, size, lanes)
        self._put_seeds(start, size, lanes)
        seed = self.schedule.seed
        if seed is not None and seed.space == "dv":
            at = b.gep(spaces["dv"], [integer(seed.start * self.stride)])
            with e.loop(lanes, WIDTH) as j:
                each = e.load_vector(b.gep(self.own_seeds, [j]))
                e.store_vector(b.fmul(each, e.splat(self.seed)), b.gep(at, [j]))
        for step in self.schedule.block:
            self.loops.emit(step)
        self._put_outputs(start, size, lanes)
        for place, count in zip(slopes, self.parts, strict=True) if self.schedule.gradient else ():
            samples = self._samples(place, "dv", rows, count)
            with b.if_then(b.icmp_unsigned("!=", place.address, integer(0))):
                samples.write(start, self.stop, size)
                with e.loop(count) as k, e.loop(lanes, WIDTH) as j:
                    self._look_at_lanes(e.load_vector(samples.row(k, j)))

    def _samples(self, place: Place, space: str, rows: dict[str, int], count: int) -> BlockSamples:
        """The samples of the next ``count`` rows of a space."""
        at = self.e.b.gep(self.loops.spaces[space], [integer(rows[space] * self.stride)])
        rows[space] += count
        return BlockSamples(self.e, place, at, self.stride, count)

    def _put_seeds(self, start: Any, size: Any, lanes: Any) -> None:
        """Lay out the seed of each lane; 0 where there is no sample."""
        e, b = self.e, self.e.b
        each = b.icmp_unsigned("!=", b.ptrtoint(self.seeds, I64), integer(0))
        with b.if_else(each) as (many, one):
            with many, e.loop(size) as j:
                b.store(b.load(b.gep(self.seeds, [b.add(start, j)])), b.gep(self.own_seeds, [j]))
            with one, e.loop(lanes, WIDTH) as j:
                e.store_vector(number(1.0, WIDTH), b.gep(self.own_seeds, [j]))
        with e.loop(lanes, 1, size) as j:
            b.store(number(0.0), b.gep(self.own_seeds, [j]))

    def _put_outputs(self, start: Any, size: Any, lanes: Any) -> None:
        """Sum seeds times the first output, look at all, and put them where they are wanted."""
        e, b, layout = self.e, self.e.b, self.schedule.layout
        wanted = b.icmp_unsigned("!=", b.ptrtoint(self.values, I64), integer(0))
        for i, root in enumerate(layout.roots):
            with e.loop(lanes, WIDTH) as j:
                x = self._vector(root, j)
                self._look_at_lanes(x)
                if not i:
                    self._add_to_sum(b.fmul(x, e.load_vector(b.gep(self.own_seeds, [j]))))
            with b.if_then(wanted):
                to = b.gep(self.values, [b.add(b.mul(integer(i), self.apart), start)])
                with e.loop(size) as j:
                    b.store(self._lane(root, j), b.gep(to, [j]))
        if layout.guard is not None:
            with e.loop(lanes, WIDTH) as j:
                e.add_to(self.guard, e.total(self._vector(layout.guard, j)))

    def _add_to_sum(self, x: Any) -> None:
        """Add to the sum of the outputs, with what rounding took from it (Kahan 1965)."""
        b = self.e.b
        x, before = b.fsub(x, b.load(self.lost)), b.load(self.sum)
        after = b.fadd(before, x)
        b.store(b.fsub(b.fsub(after, before), x), self.lost)
        b.store(after, self.sum)

    def _look_at_lanes(self, x: Any) -> None:
        b = self.e.b
        b.store(b.fadd(b.load(self.look), b.fsub(x, x)), self.look)

    def _is_shared(self, place: tuple[str, int] | float) -> bool:
        return isinstance(place, float) or place[0] not in WITH_LANES

    def _vector(self, place: tuple[str, int] | float, j: Any) -> Any:
        if self._is_shared(place):
            return self.e.splat(self._value(place))
        return self.e.load_vector(self._at(place, j))

    def _lane(self, place: tuple[str, int] | float, j: Any) -> Any:
        return self._value(place) if self._is_shared(place) else self.e.b.load(self._at(place, j))

    def _at(self, place: Any, j: Any) -> Any:
        b = self.e.b
        return b.gep(self.loops.spaces[place[0]], [b.add(integer(place[1] * self.stride), j)])
