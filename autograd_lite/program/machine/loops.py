"""Loops of a schedule as machine code: vectors over rows, or over the lanes of a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir

from ..instructions import Walk
from ..steps import WITH_LANES, Add, Const, Load, Loop, MatMul, Op, Ref, Store
from .emit import WIDTH, Emitter, integer, lane, number, vector
from .places import RowPlaces
from .products import Products
from .repeated import Repeated
from .rows import Rows
from .tape import Walks
from .wide import WideProducts, is_wide

#: Loops of so few iterations are written out.
_WRITTEN_OUT = 4


class Loops(RowPlaces):
    """Emits the steps of a schedule into one function.

    :param steps: all steps that will be emitted, for those that come again.
    """

    def __init__(
        self,
        emitter: Emitter,
        rows: Rows,
        spaces: dict[str, Any],
        tables: tuple[Any, dict[Any, int]],
        lanes: Any,
        stride: int,
        steps: list[Any],
    ) -> None:
        super().__init__(emitter, spaces, tables, lanes, stride)
        self.rows = rows
        self.size = integer(0)  # how many samples the block at hand has
        self.repeated = Repeated(self, steps)

    def emit(self, step: Loop | MatMul | Walk) -> None:
        """Emit one step."""
        if is_wide(step) and not self.rows.exact:  # whose sums are the eager engine's
            WideProducts(self).emit(step)
        elif isinstance(step, Walk):
            Walks(self).emit(step)
        elif not self.repeated.emit(step):
            self.write(step)

    def write(self, step: Loop | MatMul) -> None:
        """Emit one step where the code is now."""
        if isinstance(step, MatMul):
            Products(self).emit(step)
        elif step.lanes:
            self._over_lanes(step)
        else:
            self._over_rows(step)

    # Rows

    def _over_rows(self, step: Loop) -> None:
        n, m, zero = step.n, step.m, integer(0)
        short = len(step.code) <= 12
        if n * m <= _WRITTEN_OUT or (n * m < WIDTH and short):
            for i in range(n):
                for k in range(m):
                    self._body(step, integer(i), integer(k), None, 1, {}, {}, "")
        elif m == 1:
            self._innermost(step, n, lambda x: (x, zero), "by_i")
        elif m >= WIDTH or n == 1:
            with self.e.loop(n) as i:
                self._innermost(step, m, lambda x: (i, x), "by_k")
        else:
            with self.e.loop(m) as k:
                self._innermost(step, n, lambda x: (x, k), "by_i")

    def _innermost(
        self, step: Loop, count: int, place: Callable[[Any], tuple[Any, Any]], axis: str
    ) -> None:
        """One loop over rows, in vectors and a rest; an addition that stays in place is a register."""
        e, b = self.e, self.e.b
        adds = [each for each in step.code if isinstance(each, Add)]
        exact = self.rows.exact  # then a sum keeps its order, and goes on from its start
        steps = (1,) if exact else (0, 1)
        wide = count >= WIDTH and all(
            not each.ref.table and getattr(each.ref, axis) in steps for each in adds
        )
        sums: dict[int, tuple[Any, Any]] = {}
        for at, each in enumerate(step.code):
            if isinstance(each, Add) and not each.ref.table and not getattr(each.ref, axis):
                start = b.load(self.at(each.ref, *place(integer(0)))) if exact else number(0.0)
                one = e.variable(ir.DoubleType(), start)
                sums[at] = one, e.variable(vector(), number(0.0, WIDTH)) if wide else None
        steady: dict[int, Any] = {}
        writes = step.writes()
        for each in step.code:
            if not isinstance(each, Load) or each.ref.table or getattr(each.ref, axis):
                continue
            if not any(_may_meet(each.ref, ref) for ref in writes):
                steady[each.to] = b.load(self.at(each.ref, *place(integer(0))))
        whole = count // WIDTH * WIDTH if wide else 0
        if whole:
            spread = {t: e.splat(x) for t, x in steady.items()}
            with e.loop(whole, WIDTH) as x:
                self._body(step, *place(x), None, WIDTH, {at: s[1] for at, s in sums.items()}, spread, axis)
        if whole < count:
            with e.loop(count, 1, whole) as x:
                self._body(step, *place(x), None, 1, {at: s[0] for at, s in sums.items()}, steady, axis)
        for at, (one, several) in sums.items():
            total = b.load(one)
            if several is not None:
                total = b.fadd(total, e.total(b.load(several)))
            there = self.at(step.code[at].ref, *place(integer(0)))  # type: ignore[union-attr]  # an Add
            if exact:
                b.store(total, there)
            else:
                e.add_to(there, total)

    # Lanes

    def _over_lanes(self, step: Loop) -> None:
        """For each row a loop over the vectors of its lanes."""
        e, b = self.e, self.e.b

        def one(i: Any, k: Any) -> None:
            sums = {
                at: e.variable(vector(), number(0.0, WIDTH))
                for at, each in enumerate(step.code)
                if isinstance(each, Add) and each.ref.space not in WITH_LANES
            }
            steady = {
                each.to: e.splat(b.load(self.at(each.ref, i, k)))
                for each in step.code
                if isinstance(each, Load) and each.ref.space not in WITH_LANES
            }
            with e.loop(self.lanes, WIDTH) as j:
                self._body(step, i, k, j, WIDTH, sums, steady, "")
            for at, place in sums.items():
                e.add_to(self.at(step.code[at].ref, i, k), e.total(b.load(place)))  # type: ignore[union-attr]  # an Add

        zero = integer(0)
        if step.n == step.m == 1:
            one(zero, zero)
        elif step.m == 1:
            with e.loop(step.n) as i:
                one(i, zero)
        else:
            with e.loop(step.n) as i, e.loop(step.m) as k:
                one(i, k)

    # The code of a loop

    def _body(
        self,
        step: Loop,
        i: Any,
        k: Any,
        j: Any,
        width: int,
        sums: dict[int, Any],
        ready: dict[int, Any],
        axis: str,
    ) -> None:
        """The instructions once, for the rows from (i, k) on; ``sums`` are additions in registers."""
        e, b, held = self.e, self.e.b, dict(ready)
        self.rows.shared = {}
        for at, each in enumerate(step.code):
            if isinstance(each, Load):
                if each.to not in held:
                    held[each.to] = self._load(each.ref, i, k, j, width, axis)
            elif isinstance(each, Const):
                held[each.to] = number(each.number, width)
            elif isinstance(each, Op):
                held[each.to] = self.rows(each.row, [held[s] for s in each.sources], width)
            elif at in sums:
                b.store(b.fadd(b.load(sums[at]), held[each.source], flags=e.flags), sums[at])
            else:
                self._write(each, held[each.source], i, k, j, width, axis)

    def _load(self, ref: Ref, i: Any, k: Any, j: Any, width: int, axis: str) -> Any:
        e, b = self.e, self.e.b
        if width == 1:
            return b.load(self.at(ref, i, k))
        if j is not None:
            return e.load_vector(self.at(ref, i, k, j))
        step = None if ref.table else getattr(ref, axis)
        if step == 1:
            return e.load_vector(self.at(ref, i, k))
        if step == 0:
            return e.splat(b.load(self.at(ref, i, k)))
        made = ir.Constant(vector(), ir.Undefined)
        for q in range(WIDTH):
            made = b.insert_element(made, b.load(self.at(ref, *self._next(i, k, q, axis))), lane(q))
        return made

    def _write(self, each: Store | Add, x: Any, i: Any, k: Any, j: Any, width: int, axis: str) -> None:
        e, b, ref, added = self.e, self.e.b, each.ref, isinstance(each, Add)
        together = j is not None or (not ref.table and width > 1 and getattr(ref, axis) == 1)
        if width == 1:
            place = self.at(ref, i, k)
            b.store(b.fadd(b.load(place), x, flags=e.flags) if added else x, place)
        elif together:
            place = self.at(ref, i, k, j)
            e.store_vector(b.fadd(e.load_vector(place), x, flags=e.flags) if added else x, place)
        else:  # a store, row by row
            for q in range(WIDTH):
                b.store(b.extract_element(x, lane(q)), self.at(ref, *self._next(i, k, q, axis)))

    def _next(self, i: Any, k: Any, q: int, axis: str) -> tuple[Any, Any]:
        b = self.e.b
        return (b.add(i, integer(q)), k) if axis == "by_i" else (i, b.add(k, integer(q)))


def _may_meet(a: Ref, b: Ref) -> bool:
    (low, high), (least, most) = a.span(), b.span()
    return a.space == b.space and low <= most and least <= high
