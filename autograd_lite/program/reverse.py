"""The reverse steps: group by group, backward, with the rules of the rows as operations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.primitive import TABLE
from .forward import Temporaries, spread
from .rules import recipes, without_pow
from .schedule import Group, Layout
from .steps import Add, Local, Loop, MatMul, Op, Ref, Step, Store, line, overlap, ranges

_MUL, _NEG = TABLE["mul"], TABLE["neg"]


class Reverse:
    """The reverse steps of a layout.

    :ivar steps: they, to be run after the forward steps; every contribution is added.
    """

    def __init__(self, layout: Layout, writer: Temporaries) -> None:
        self.layout, self.writer = layout, writer
        self.steps: list[Step] = []
        for group in reversed(layout.groups):
            if not group.active:
                continue
            if group.product:
                self._product(group)
            elif group.row.name == "dot":
                self._dot(group)
            elif group.row.name == "sum":
                self._sum(group)
            else:
                self._elementwise(group)

    def _wants(self, operand: Ref | float) -> bool:
        """Whether a wanted input is below any of these rows."""
        if not isinstance(operand, Ref) or operand.space == "c":
            return False
        return not self.layout.inactive[operand.space][operand.rows()].all()

    def _push(self, into: Ref, upstream: Ref, lanes: bool) -> None:
        self.steps.append(self.writer.moved(into.adjoint(), upstream, lanes, add=True))

    def _product(self, group: Group) -> None:
        left, right = group.operands[:2]
        term = group.term
        assert isinstance(left, Ref)
        assert term is not None
        upstream = group.out.adjoint()
        if self._wants(left):
            self.steps.append(MatMul("w", left.n, left.m, left.adjoint(), upstream, term, add=True))
        if len(group.operands) > 2 and self._wants(group.operands[2]):
            self._push(group.operands[2], upstream, True)  # type: ignore[arg-type]  # it is wanted: a Ref
        if self._wants(right):
            into = term.adjoint()
            self.steps.append(MatMul("x", left.n, left.m, into, left, upstream, add=True))
            if group.scattered is not None:
                packed = line(into.space, into.start, into.m)
                self._push(group.scattered, packed, True)

    def _dot(self, group: Group) -> None:
        left, right = group.operands[:2]
        n = len(group.entries)
        m = next((each.m for each in (left, right) if isinstance(each, Ref)), 1)
        upstream = group.out.adjoint()
        if len(group.operands) > 2 and self._wants(group.operands[2]):
            self._push(group.operands[2], upstream, group.lanes)  # type: ignore[arg-type]  # as above
        loop = Loop(n, m, group.lanes)
        up = self.writer.load(loop.code, spread(upstream, n, m))
        for operand, other in ((left, right), (right, left)):
            if self._wants(operand):
                t = self.writer.fresh()
                loop.code.append(Op(t, _MUL, (self.writer.load(loop.code, other), up)))
                loop.code.append(Add(operand.adjoint(), t))  # type: ignore[union-attr]  # as above
        if len(loop.code) > 1:
            self.steps.append(loop)

    def _sum(self, group: Group) -> None:
        n = len(group.entries)
        for operand in group.operands:
            if self._wants(operand):
                assert isinstance(operand, Ref)
                upstream = spread(group.out.adjoint(), operand.n, operand.m if n > 1 else 1)
                self._push(operand, upstream, group.lanes)

    def _elementwise(self, group: Group) -> None:
        loop = Loop(len(group.entries), 1, group.lanes)
        load = _Loads(loop, self.writer)
        up = load(group.out.adjoint())
        constants = [p if isinstance(p, float) else None for p in group.operands]
        found = recipes(group.row, constants)
        operands: list[Ref | float | int] = [*group.operands, group.out]
        for k, operand in enumerate(group.operands):
            if not self._wants(operand):
                continue
            assert isinstance(operand, Ref)
            if found is None:
                t = self.writer.fresh()
                loop.code.append(Op(t, Local(group.row, k), tuple(map(load, operands))))
                self._contribute(loop, operand, t, up)
                continue
            recipe = found[k]
            assert recipe is not None
            made = [*operands]
            for row, sources in recipe.steps:
                t = self.writer.fresh()
                row, sources = without_pow(row, sources)
                given = [made[p] if type(p) is int else p for p in sources]
                loop.code.append(Op(t, row, tuple(map(load, given))))
                made.append(t)
            if type(recipe.result) is float and abs(recipe.result) == 1.0:
                self._contribute(loop, operand, recipe.result, up)
            else:
                result = recipe.result
                self._contribute(loop, operand, load(made[result] if type(result) is int else result), up)
        if any(isinstance(each, Add) for each in loop.code):
            self.steps.append(loop)

    def _contribute(self, loop: Loop, operand: Ref, local: int | float, up: int) -> None:
        t = up
        if type(local) is int:
            t = self.writer.fresh()
            loop.code.append(Op(t, _MUL, (local, up)))
        elif local == -1.0:
            t = self.writer.fresh()
            loop.code.append(Op(t, _NEG, (up,)))
        loop.code.append(Add(operand.adjoint(), t))


class _Loads:
    """Loads each operand once into a loop."""

    def __init__(self, loop: Loop, writer: Temporaries) -> None:
        self._loop, self._writer = loop, writer
        self._known: dict[Any, int] = {}

    def __call__(self, operand: Ref | float | int) -> int:
        if type(operand) is int:  # a temporary already
            return operand
        key = repr(operand) if isinstance(operand, float) else operand
        if key not in self._known:
            self._known[key] = self._writer.load(self._loop.code, operand)
        return self._known[key]


def settle(
    steps: list[Step], layout: Layout, lanes: bool
) -> tuple[list[Step], dict[str, list[tuple[int, int]]]]:
    """Make the first contribution to rows a store, where that is possible; the rows to clear first.

    With ``lanes``, adjoints that samples share are always added to, for blocks follow one another.
    """
    size = max(layout.counts.values()) + 1
    done = {space: np.zeros(size, bool) for space in ("dp", "du", "dv")}
    clear = {space: np.zeros(size, bool) for space in done}
    root = layout.roots[0]
    if isinstance(root, tuple):
        done["d" + root[0]][root[1]] = True
    for step in steps:
        loads = [step.left, step.right] if isinstance(step, MatMul) else step.reads()
        for ref in loads:  # adjoints that nothing contributed to
            if ref.space in done and not isinstance(step, MatMul) and ref in step.writes():
                continue
            if ref.space in done:
                rows = ref.rows().ravel()
                clear[ref.space][rows[~done[ref.space][rows]]] = True
                done[ref.space][rows] = True
        adds = [step.out] if isinstance(step, MatMul) else [x.ref for x in step.code if isinstance(x, Add)]
        for ref in adds:
            rows = ref.rows().ravel()
            writes = step.writes()
            crossed = any(other != ref and overlap(other, ref) for other in writes) or writes.count(ref) > 1
            fresh = not crossed and ref.distinct() and not done[ref.space][rows].any()
            if fresh and not (lanes and ref.space in ("dp", "du")):
                if isinstance(step, MatMul):
                    step.add = False
                else:
                    step.code = [
                        Store(ref, x.source) if isinstance(x, Add) and x.ref == ref else x
                        for x in step.code
                    ]
            else:
                clear[ref.space][rows[~done[ref.space][rows]]] = True
            done[ref.space][rows] = True
    for space, rows in layout.wanted.items():
        clear[space][rows[~done[space][rows]]] = True
    return steps, {space: list(ranges(np.flatnonzero(rows))) for space, rows in clear.items() if rows.any()}
