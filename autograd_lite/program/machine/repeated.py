"""Steps that differ in nothing but where their rows begin, as one function that is called for each.

A network over time has the same products again and again: to compile them takes as long as all the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Any

import llvmlite.ir as ir

from ..steps import WITH_LANES, Add, Const, Load, Loop, MatMul, Op, Ref, Step, Store
from .emit import I64, POINTER, TABLES, integer


class Repeated:
    """The functions of the steps that come again; ``loops`` writes their bodies."""

    def __init__(self, loops: Any, steps: list[Any]) -> None:
        self.loops = loops
        self._often = Counter(map(kind_of, steps))
        self._made: dict[Hashable, Any] = {}

    def emit(self, step: Step) -> bool:
        """Emit a call of the step, if it comes again: False where it stands alone."""
        kind = kind_of(step)
        if kind is None or self._often[kind] < 2:
            return False
        refs = list(dict.fromkeys(refs_of(step)))
        if kind not in self._made:
            self._made[kind] = self._function(step, refs)
        loops, b = self.loops, self.loops.e.b
        starts = []
        for ref in refs:
            first = 0 if ref.table else ref.start * (loops.stride if ref.space in WITH_LANES else 1)
            starts.append(b.gep(loops.spaces[ref.space], [integer(first)]))
        b.call(self._made[kind], [*starts, loops.tables, loops.lanes])
        return True

    def _function(self, step: Step, refs: list[Ref]) -> Any:
        """The function of where these refs begin, of the tables, and of how many lanes there are."""
        loops = self.loops
        kinds = [*[POINTER] * len(refs), TABLES, I64]
        module = loops.e.module
        function = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), f"step_{len(self._made)}")
        function.linkage = "internal"
        if isinstance(step, MatMul):
            for argument in function.args[:-2]:
                argument.add_attribute("noalias")
        with loops.e.inside(function), loops.beginning(dict(zip(refs, function.args, strict=False))):
            loops.write(step)
        return function


def refs_of(step: Step) -> Iterator[Ref]:
    """The refs of a step, in its order."""
    if isinstance(step, MatMul):
        yield from (step.out, step.left, step.right)
        if isinstance(step.bias, Ref):
            yield step.bias
        return
    for each in step.code:
        if isinstance(each, Load | Store | Add):
            yield each.ref


def kind_of(step: Any) -> Hashable:
    """What steps have in common that are one function; None for a step that is written where it stands."""
    if not isinstance(step, Loop | MatMul) or not step.lanes:
        return None
    refs = {ref: i for i, ref in enumerate(dict.fromkeys(refs_of(step)))}
    ways = tuple([(ref.space in WITH_LANES, ref.by_i, ref.by_k, ref.n, ref.m, ref.table) for ref in refs])
    if isinstance(step, MatMul):
        bias = "rows" if isinstance(step.bias, Ref) else repr(step.bias)
        return step.kind, step.n, step.m, step.add, bias, ways, tuple(map(refs.get, refs_of(step)))
    number: dict[int, int] = {}
    code: list[Hashable] = []
    for each in step.code:
        if isinstance(each, Store | Add):
            code.append((isinstance(each, Add), refs[each.ref], number[each.source]))
            continue
        number[each.to] = len(number)
        if isinstance(each, Op):
            code.append((each.row, *[number[s] for s in each.sources]))
        else:
            code.append(repr(each.number) if isinstance(each, Const) else refs[each.ref])
    return step.n, step.m, tuple(code), ways
