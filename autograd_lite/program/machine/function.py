"""The function of a program: shared steps, blocks of lanes, shared steps, and a look at the results."""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir

from ..plan import Plan
from ..steps import WITH_LANES, Const, Loop, Store, line, ranges
from .emit import DOUBLE, I64, POINTER, TABLES, WIDTH, Emitter, integer, number, vector
from .loops import Loops
from .rows import Rows
from .wide import lone_writers, to_clear

SPACES = ("p", "dp", "u", "du", "v", "dv", "c")


class RunFunction:
    """The function ``run``: shared steps, blocks of lanes, shared steps."""

    def __init__(
        self, schedule: Plan, module: Any, starts: dict[Any, int], lanes: int, stride: int, exact: bool
    ) -> None:
        self.schedule, self.lanes, self.stride = schedule, lanes, stride
        kinds = [POINTER] * 7 + [TABLES, POINTER, I64, POINTER, I64, POINTER, I64, POINTER, I64, I64]
        function = ir.Function(module, ir.FunctionType(DOUBLE, kinds), "run")
        for argument in function.args[:7]:
            argument.add_attribute("noalias")
        self.e = e = Emitter(module, function, () if exact else ("contract",))
        spaces = dict(zip(SPACES, function.args, strict=False))
        self.rows = Rows(e, exact)
        self.loops = Loops(e, self.rows, spaces, (function.args[7], starts), lanes, stride)
        self.inputs, self.apart, self.seeds, _, self.values, _, self.slopes, phases, self.count = (
            function.args[8:]
        )
        b = e.b
        self.loops.lone = [] if exact else lone_writers(schedule)
        self.phases = phases
        self.guard = e.variable(DOUBLE, number(0.0))
        self.guards = e.variable(vector(), number(0.0, WIDTH))
        with b.if_then(b.trunc(phases, ir.IntType(1))):
            for space, parts in to_clear(schedule, self.loops.lone).items():
                for first, stop in parts:
                    rows = line(space, first, stop - first)
                    self.loops.emit(Loop(stop - first, 1, False, [Const(0, 0.0), Store(rows, 0)]))
            for step in self.schedule.before:
                self.loops.emit(step)
        if self.schedule.lanes:
            with e.loop(self.count, lanes) as start:
                self._block(start)
        with b.if_then(b.icmp_unsigned(">=", phases, integer(2))):
            for step in self.schedule.after:
                self.loops.emit(step)
        if not self.schedule.lanes:
            self._outputs_of_a_point()
        self._look_at_adjoints()
        b.ret(b.fadd(b.load(self.guard), e.total(b.load(self.guards))))

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
        b = self.e.b
        for i, root in enumerate(self.schedule.layout.roots):
            b.store(self._value(root), b.gep(self.values, [integer(i)]))
            self._look_at(self._value(root))
        if self.schedule.layout.guard is not None:
            self.e.add_to(self.guard, self._value(self.schedule.layout.guard))

    def _value(self, place: tuple[str, int] | float) -> Any:
        if isinstance(place, float):
            return number(place)
        return self.e.b.load(self.e.b.gep(self.loops.spaces[place[0]], [integer(place[1])]))

    def _block(self, start: Any) -> None:
        """One block of samples; empty lanes repeat the last sample, and have the seed 0."""
        e, b, lanes = self.e, self.e.b, self.lanes
        spaces, stride = self.loops.spaces, integer(self.stride)
        left = b.sub(self.count, start)
        full = b.icmp_signed(">=", left, integer(lanes))
        size = b.select(full, integer(lanes), left)
        count = sum(space == "v" for space, _ in self.schedule.layout.inputs)
        begins = b.zext(b.icmp_signed("==", start, integer(0)), I64)
        self.loops.size, self.loops.first = size, b.and_(begins, self.phases)

        def pair(row: Any, j: Any) -> tuple[Any, Any]:
            source = b.add(b.mul(row, self.apart), b.add(start, j))
            return b.gep(self.inputs, [source]), b.gep(spaces["v"], [b.add(b.mul(row, stride), j)])

        with b.if_else(full) as (whole, part):
            with whole, e.loop(count) as row, e.loop(lanes, WIDTH) as j:
                source, place = pair(row, j)
                e.store_vector(e.load_vector(source), place)
            with part, e.loop(count) as row, e.loop(lanes) as j:
                last = b.sub(size, integer(1))
                source, _ = pair(row, b.select(b.icmp_signed("<", j, size), j, last))
                b.store(b.load(source), pair(row, j)[1])
        seed = self.schedule.seed
        if seed is not None and seed.space == "dv":
            at = b.mul(integer(seed.start), stride)
            with e.loop(size) as j:
                b.store(b.load(b.gep(self.seeds, [b.add(start, j)])), b.gep(spaces["dv"], [b.add(at, j)]))
            with e.loop(lanes, 1, size) as j:
                b.store(number(0.0), b.gep(spaces["dv"], [b.add(at, j)]))
        for step in self.schedule.block:
            self.loops.emit(step)
        layout = self.schedule.layout
        for i, root in enumerate(layout.roots):
            into = b.add(b.mul(integer(i), self.apart), start)
            if isinstance(root, tuple) and root[0] in WITH_LANES:
                at = integer(root[1] * self.stride)
                self._copy(spaces[root[0]], at, self.values, into, size)
                continue
            with e.loop(size) as j:
                b.store(self._value(root), b.gep(self.values, [b.add(into, j)]))
            self._look_at(self._value(root))
        if layout.guard is not None:
            with e.loop(size) as j:
                e.add_to(self.guard, self._lane(layout.guard, j))
        if self.schedule.gradient:
            wanted = b.icmp_unsigned("!=", b.ptrtoint(self.slopes, I64), integer(0))
            with b.if_then(wanted), e.loop(count) as row:
                at, into = b.mul(row, stride), b.add(b.mul(row, self.apart), start)
                self._copy(spaces["dv"], at, self.slopes, into, size)

    def _copy(self, space: Any, at: Any, out: Any, into: Any, size: Any) -> None:
        """Copy so many numbers of a row of lanes, and look at each."""
        e, b = self.e, self.e.b
        whole = b.and_(size, integer(-WIDTH))
        with e.loop(whole, WIDTH) as j:
            found = e.load_vector(b.gep(space, [b.add(at, j)]))
            e.store_vector(found, b.gep(out, [b.add(into, j)]))
            e.add_to(self.guards, b.fsub(found, found))
        with e.loop(size, 1, whole) as j:
            found = b.load(b.gep(space, [b.add(at, j)]))
            b.store(found, b.gep(out, [b.add(into, j)]))
            self._look_at(found)

    def _lane(self, place: tuple[str, int] | float, j: Any) -> Any:
        if isinstance(place, float) or place[0] not in WITH_LANES:
            return self._value(place)
        b = self.e.b
        at = b.add(integer(place[1] * self.stride), j)
        return b.load(b.gep(self.loops.spaces[place[0]], [at]))
