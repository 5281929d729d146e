"""The forward steps of a layout: each group as one loop, or as one matrix product."""

from __future__ import annotations

from ..core.primitive import TABLE
from .schedule import Group, Layout
from .steps import Add, Const, Instruction, Load, Loop, MatMul, Op, Ref, Step, Store, line

_MUL = TABLE["mul"]


class Temporaries:
    """Hands out temporaries, and loads operands into them."""

    def __init__(self) -> None:
        self._last = -1

    def fresh(self) -> int:
        """A temporary that was not used yet."""
        self._last += 1
        return self._last

    def load(self, code: list[Instruction], operand: Ref | float) -> int:
        """A temporary that holds the operand."""
        t = self.fresh()
        code.append(Const(t, operand) if isinstance(operand, float) else Load(t, operand))
        return t

    def moved(self, into: Ref, operand: Ref | float, lanes: bool, add: bool = False) -> Loop:
        """The loop that stores an operand in other rows, or adds it to them."""
        n, m = (operand.n, operand.m) if isinstance(operand, Ref) and add else (into.n, into.m)
        loop = Loop(n, m, lanes)
        t = self.load(loop.code, operand)
        loop.code.append(Add(into, t) if add else Store(into, t))
        return loop


def forward_of(layout: Layout, writer: Temporaries) -> list[Step]:
    """The steps that compute every result. Products get the rows that they read side by side."""
    steps: list[Step] = []
    for group in layout.groups:
        if group.product:
            steps += _product(group, layout, writer)
        elif group.row.name == "dot":
            steps += _inner(group, writer)
        elif group.row.name == "sum":
            steps += _sum(group, writer)
        else:
            loop = Loop(len(group.entries), 1, group.lanes)
            sources = tuple([writer.load(loop.code, operand) for operand in group.operands])
            t = writer.fresh()
            loop.code += [Op(t, group.row, sources), Store(group.out, t)]
            steps.append(loop)
    return steps


def spread(ref: Ref, n: int, m: int) -> Ref:
    """A ref of n rows, each for all of m terms."""
    return Ref(ref.space, ref.start, ref.by_i, 0, n, m, ref.table)


def _product(group: Group, layout: Layout, writer: Temporaries) -> list[Step]:
    left, right = group.operands[:2]
    assert isinstance(left, Ref)
    assert isinstance(right, Ref)
    steps: list[Step] = []
    term = Ref(right.space, right.start, 0, right.by_k, 1, right.m)
    if right.table is not None:
        rows = right.rows()[0]
        scattered = Ref(right.space, 0, 0, 0, right.m, 1, type(right.table)(rows))
        packed = line(right.space, layout.counts[right.space], right.m)
        layout.counts[right.space] += right.m
        steps.append(writer.moved(packed, scattered, True))
        group.scattered = scattered
        term = Ref(right.space, packed.start, 0, 1, 1, right.m)
    group.term = term
    bias = group.operands[2] if len(group.operands) > 2 else None
    steps.append(MatMul("z", left.n, left.m, group.out, left, term, bias))
    return steps


def _inner(group: Group, writer: Temporaries) -> list[Step]:
    left, right = group.operands[:2]
    n = len(group.entries)
    m = next((each.m for each in (left, right) if isinstance(each, Ref)), 1)
    bias = group.operands[2] if len(group.operands) > 2 else 0.0
    start = writer.moved(group.out, bias, group.lanes)
    body = Loop(n, m, group.lanes)
    a, b, t = writer.load(body.code, left), writer.load(body.code, right), writer.fresh()
    body.code += [Op(t, _MUL, (a, b)), Add(spread(group.out, n, m), t)]
    return [start, body]


def _sum(group: Group, writer: Temporaries) -> list[Step]:
    n = len(group.entries)
    steps: list[Step] = [writer.moved(group.out, 0.0, group.lanes)]
    for operand in group.operands:
        if operand == 0.0:
            continue
        count = operand.n if isinstance(operand, Ref) else 1
        into = spread(group.out, n, operand.m) if n > 1 else spread(group.out, count, 1)  # type: ignore[union-attr]  # many are a Ref
        steps.append(writer.moved(into, operand, group.lanes, add=True))
    return steps
