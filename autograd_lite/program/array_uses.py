"""What is known of a loop before its lines are written."""

from __future__ import annotations

from .contraction import axes_of_all, contraction
from .steps import WITH_LANES, Add, Const, Load, Loop, Op, Ref, Store, overlap


class LoopUses:
    """How the temporaries of a loop are used.

    :ivar sizes: the lengths of its axes but the lanes; ``all`` are the numbers of all axes.
    :ivar loads: rows that are read where they lie; those that the loop writes too are copied.
    :ivar masks: temporaries that say where a number is positive, and are factors of numbers alone.
    :ivar in_place: the refs of temporaries that may be computed in place.
    :ivar sums: the factors of products that one addition sums up along an axis, as a product of matrices.
    """

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.sizes = [size for size in (loop.n, loop.m) if size > 1]
        self.all = tuple(range(len(self.sizes) + loop.lanes))
        self.loads = {
            each.to: each.ref
            for each in loop.code
            if isinstance(each, Load) and not any(overlap(ref, each.ref) for ref in loop.writes())
        }
        self.masks = self._masks()
        self.in_place = self._stored_where_computed()
        self.sums = self._sums_of_products()

    def axes_of(self, ref: Ref) -> tuple[int, ...]:
        """The axes along which a ref has other rows, or its own lanes."""
        steps = [by for by, size in ((ref.by_i, self.loop.n), (ref.by_k, self.loop.m)) if size > 1]
        own = [axis for axis, by in enumerate(steps) if by or ref.table]
        return (*own, *[len(self.sizes)] * (self.loop.lanes and ref.space in WITH_LANES))

    def _masks(self) -> set[int]:
        """Temporaries that say where a number is positive, and are used as a factor of a number alone."""
        steps = {each.to for each in self.loop.code if isinstance(each, Op) and each.row.name == "step"}
        numbers = {
            t
            for each in self.loop.code
            for t in (each.sources if isinstance(each, Op) else each[1:])
            if not (isinstance(each, Op) and each.row.name == "mul" and not steps.issuperset(each.sources))
        }
        return steps - numbers

    def _stored_where_computed(self) -> dict[int, Ref]:
        """The refs of temporaries that may be computed in place."""
        stores = [each for each in self.loop.code if isinstance(each, Store)]
        sources = [each.source for each in stores]
        reads, writes = self.loop.reads(), self.loop.writes()
        return {
            each.source: each.ref
            for each in stores
            if not each.ref.table
            and self.axes_of(each.ref) == self.all
            and sources.count(each.source) == 1
            and not any(overlap(ref, each.ref) for ref in reads)
            and sum(overlap(ref, each.ref) for ref in writes) == 1
        }

    def _sums_of_products(self) -> dict[int, tuple[int, int]]:
        """The factors of products that one addition sums up along an axis, as a product of matrices."""
        uses: dict[int, int] = {}
        for each in self.loop.code:
            for t in (
                each.sources if isinstance(each, Op) else each[1:] if isinstance(each, Store | Add) else ()
            ):
                uses[t] = uses.get(t, 0) + 1
        axes: dict[int, tuple[int, ...]] = {}
        made: dict[int, tuple[int, int]] = {}
        found: dict[int, tuple[int, int]] = {}
        for each in self.loop.code:
            if isinstance(each, Load):
                axes[each.to] = self.axes_of(each.ref)
            elif isinstance(each, Const):
                axes[each.to] = ()
            elif isinstance(each, Op):
                axes[each.to] = axes_of_all(axes[t] for t in each.sources)
                if each.row.name == "mul" and each.sources[0] != each.sources[1]:
                    made[each.to] = each.sources  # type: ignore[assignment]  # a product has two
            elif isinstance(each, Add) and uses[each.source] == 1 and each.source in made:
                pair = made[each.source]
                kept = self.axes_of(each.ref)
                if all(t in self.loads or axes[t] == self.all for t in pair) and contraction(
                    axes[pair[0]], axes[pair[1]], kept, len(self.all)
                ):
                    found[each.source] = pair
        return found

    def last(self) -> dict[int, list[int]]:
        """For each line of the code, the temporaries that are used there for the last time."""
        last: dict[int, int] = {}
        for at, each in enumerate(self.loop.code):
            used = (
                each.sources if isinstance(each, Op) else each[1:] if isinstance(each, Store | Add) else ()
            )
            for t in used:
                last[t] = at
                for factor in self.sums.get(t, ()):
                    last[factor] = at
        found: dict[int, list[int]] = {}
        for t, at in last.items():
            found.setdefault(at, []).append(t)
        return found
