"""Programs of arrays as builtin functions of Python, for one point and for batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import llvmlite.ir as ir

from ..plan import Plan
from ..quick import Handed
from .calls import NOWHERE, NULL, OBJECT, outputs_at
from .emit import DOUBLE, I1, I32, I64, POINTER, integer, number
from .scratch import Scratch, WithMemory


class OfArrays(WithMemory):
    """The entry of a program of arrays and floats.

    It takes the arguments; an array for the derivative by each wanted one; and an array for the outputs,
    or None. It gives the first output, in a batch the mean or the sum of first outputs; None where
    somebody must look: a comparison came out otherwise, or a result is not finite. Derivatives by what
    varies lie sample by sample.
    """

    def __init__(
        self,
        module: Any,
        schedule: Plan,
        fixed: dict[str, int],
        given: Sequence[Handed],
        scratch: Scratch,
        mean: bool,
        at_once: int,
    ) -> None:
        wanted = [each for each in given if each.wanted]
        super().__init__(module, schedule, fixed, _takes(given, wanted), scratch)
        self.given = given
        b = self.b
        self.require(b.icmp_signed("==", self.function.args[2], integer(len(given) + len(wanted) + 1)))
        taken = [self.take(each, self.argument(i)) for i, each in enumerate(given)]
        slopes = [self.result_at(each, self.argument(len(given) + i)) for i, each in enumerate(wanted)]
        at = len(given) + len(wanted)
        few = self.outputs == 1 or self.batch  # where the one that is returned may be all
        values = self.maybe(self.argument(at), self.outputs, few)
        failed = b.alloca(I1)
        b.store(ir.Constant(I1, 0), failed)
        with self.memory() as base:
            spaces = {space: self.space_in(base, space) for space in scratch.starts}
            spaces["p"] = self._shared(taken, spaces["p"])
            found = self._shared_slopes(slopes, spaces["dp"])
            order = [spaces["p"], found, *(spaces[space] for space in ("u", "du", "v", "dv"))]
            if self.batch:
                guard, first = self._samples(order, taken, slopes, values, mean, at_once, failed)
            else:
                if few:
                    own = b.alloca(DOUBLE)
                    values = b.select(
                        b.icmp_unsigned("==", b.ptrtoint(values, I64), integer(0)), own, values
                    )
                guard = self.run(order, [NOWHERE, NOWHERE], outputs_at(values))
                first = b.load(values)
            self._give_back(slopes, spaces["dp"])
        with b.if_then(b.load(failed), likely=False):
            b.ret(NULL)
        with b.if_then(self.is_not_fine(guard), likely=False):
            b.ret(self.none())
        b.ret(self.float_of(first))

    # What all samples share

    def _is_whole(self) -> bool:
        """Whether the shared inputs are one array, which is then used as it lies."""
        shared = [each for each in self.given if not each.varies]
        return len(shared) == 1 and shared[0].shape is not None

    def _shared(self, taken: list[Any], space: Any) -> Any:
        """The pointer of the shared inputs: the caller's array, or a copy of what there is."""
        b, at = self.b, 0
        for each, found in zip(self.given, taken, strict=True):
            if each.varies:
                continue
            if self._is_whole():
                return found
            to = b.gep(space, [integer(at)])
            if each.shape is None:
                b.store(found, to)
            else:
                self.copy(to, found, each.size)
            at += each.size
        return space

    def _shared_slopes(self, slopes: list[Any], space: Any) -> Any:
        """Where the adjoints of the shared inputs go."""
        wanted = [each for each in self.given if each.wanted]
        for each, place in zip(wanted, slopes, strict=True):
            if not each.varies and self._is_whole():
                return place
        return space

    def _give_back(self, slopes: list[Any], space: Any) -> None:
        """Copy the adjoints of shared inputs to where the caller wants them."""
        if self._is_whole():
            return
        remaining, at = iter(slopes), 0
        for each in self.given:
            place = next(remaining) if each.wanted else None
            if each.varies:
                continue
            if place is not None:
                self.copy(place, self.b.gep(space, [integer(at)]), each.size)
            at += each.size

    # Samples

    def _records(self, places: Sequence[tuple[Any, Any, Any]]) -> Any:
        b = self.b
        with b.goto_entry_block():
            records = b.alloca(I64, integer(max(3 * len(places), 1)))
        for i, place in enumerate(places):
            for k, x in enumerate(place):
                b.store(x, b.gep(records, [integer(3 * i + k)]))
        return records

    def _samples(
        self,
        spaces: list[Any],
        taken: list[Any],
        slopes: list[Any],
        values: Any,
        mean: bool,
        at_once: int,
        failed: Any,
    ) -> tuple[Any, Any]:
        """The guard and the mean or sum of outputs, some samples at a time, so that Ctrl-C is heard."""
        b = self.b
        remaining = iter(slopes)
        outward = []
        for each in self.given:
            place = b.ptrtoint(next(remaining), I64) if each.wanted else integer(0)
            if each.varies:
                outward.append((place, integer(8 * each.size), integer(8)))
        inward = self._records(
            [place for each, place in zip(self.given, taken, strict=True) if each.varies]
        )
        records = [inward, self._records(outward)]
        samples = b.sitofp(self.count, DOUBLE)
        seed = b.fdiv(number(1.0), samples) if mean else number(1.0)
        self._seed_shared(spaces, b.fmul(seed, samples))
        with b.goto_entry_block():
            total, guard, start, lock = b.alloca(DOUBLE), b.alloca(DOUBLE), b.alloca(I64), b.alloca(OBJECT)
        for place in (total, guard):
            b.store(number(0.0), place)
        b.store(integer(0), start)
        long = b.icmp_signed(">", self.count, integer(at_once // 1000))
        work, done = (self.function.append_basic_block(name) for name in ("work", "done"))
        b.branch(work)
        b.position_at_end(work)
        first = b.load(start)
        stop = b.add(first, integer(at_once))
        stop = b.select(b.icmp_signed("<", stop, self.count), stop, self.count)
        last = b.icmp_signed("==", stop, self.count)
        begins = b.icmp_signed("==", first, integer(0))
        phases = b.add(b.zext(begins, I64), b.select(last, integer(2), integer(0)))
        with b.if_then(long):
            b.store(b.call(self.python("PyEval_SaveThread", OBJECT), []), lock)
        rest = [ir.Constant(POINTER, None), seed, values, self.count, total, phases, first, stop]
        b.store(b.fadd(b.load(guard), self.run(spaces, records, rest)), guard)
        with b.if_then(long):
            b.call(self.python("PyEval_RestoreThread", ir.VoidType(), OBJECT), [b.load(lock)])
        b.store(stop, start)
        with b.if_then(b.not_(last), likely=False):
            found = b.call(self.python("PyErr_CheckSignals", I32), [])
            b.store(b.icmp_signed("!=", found, ir.Constant(I32, 0)), failed)
        b.cbranch(b.or_(last, b.load(failed)), done, work)
        b.position_at_end(done)
        return b.load(guard), b.fdiv(b.load(total), samples) if mean else b.load(total)

    def _seed_shared(self, spaces: list[Any], total: Any) -> None:
        """An output that all samples share has the sum of the seeds."""
        at = self.schedule.seed
        if at is not None and at.space != "dv":
            place = spaces[1] if at.space == "dp" else spaces[3]
            self.b.store(total, self.b.gep(place, [integer(at.start)]))


def _takes(given: Sequence[Handed], wanted: Sequence[Handed]) -> str:
    """What a call takes, in words."""

    def kind(each: Handed) -> str:
        if each.shape is None:
            return "a float"
        axis = "" if each.axis is None else f" and an axis {each.axis} of samples"
        return f"an array of floats of the shape {each.shape}{axis}"

    return (
        f"the compiled function takes {', '.join(map(kind, given))}; for the derivatives by {len(wanted)} "
        "of them contiguous arrays, whose memory nothing else has; and an array for the value, or None"
    )
