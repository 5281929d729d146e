"""Loops of one shape joined, so that what one stores the next has in a register."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from ..core.primitive import TABLE
from .steps import Add, Const, Instruction, Load, Loop, Op, Ref, Step, Store, overlap, temporaries

#: How many steps back a loop looks for one to join.
_REACH = 40


def fused(steps: list[Step]) -> list[Step]:
    """The steps with each loop moved into the latest earlier one of its shape, where that is safe."""
    made: list[Step] = []
    touched: list[_Touched] = []
    for step in steps:
        home = _home(step, made, touched) if isinstance(step, Loop) else None
        if home is None:
            made.append(
                Loop(step.n, step.m, step.lanes, list(step.code)) if isinstance(step, Loop) else step
            )
            touched.append(_Touched())
            home = len(made) - 1
        else:
            made[home].code += step.code  # type: ignore[union-attr]  # a loop
        touched[home].add(step)
    for each in made:
        if isinstance(each, Loop):
            each.code = _in_registers(each.code)
    return made


def _home(step: Loop, made: list[Step], touched: list[_Touched]) -> int | None:
    for at in reversed(range(max(0, len(made) - _REACH), len(made))):
        earlier = made[at]
        if isinstance(earlier, Loop) and _extent(earlier) == _extent(step) and touched[at].aligned(step):
            return at
        if touched[at].conflicts(step):
            return None
    return None


def _extent(loop: Loop) -> tuple[int, int, bool]:
    return loop.n, loop.m, loop.lanes


class _Touched:
    """The rows that a step reads and writes; single rows are found at once, however many they are."""

    def __init__(self) -> None:
        self._rows: dict[bool, dict[str, set[int]]] = {w: defaultdict(set) for w in (False, True)}
        self._refs: dict[bool, dict[str, dict[Ref, None]]] = {w: defaultdict(dict) for w in (False, True)}

    def add(self, step: Step) -> None:
        """Take note of what a step touches."""
        for written, refs in ((False, step.reads()), (True, step.writes())):
            for ref in refs:
                if ref.n == ref.m == 1:
                    self._rows[written][ref.space].add(ref.span()[0])
                else:
                    self._refs[written][ref.space][ref] = None

    def _meets(self, ref: Ref, written: bool) -> list[Ref] | None:
        """The refs that have a row in common with this one; None stands for single rows."""
        low, high = ref.span()
        rows = self._rows[written].get(ref.space)
        if rows:
            if ref.n == ref.m == 1:
                if low in rows:
                    return None
            elif not rows.isdisjoint(
                ref.rows().ravel().tolist() if high - low < 4096 else range(low, high + 1)
            ):
                return None
        return [other for other in self._refs[written].get(ref.space, ()) if overlap(other, ref)]

    def _pairs(self, step: Step) -> Any:
        for ref in step.writes():
            yield ref, self._meets(ref, False)
        for ref in step.reads() + step.writes():
            yield ref, self._meets(ref, True)

    def conflicts(self, step: Step) -> bool:
        """Whether the order of the two steps matters."""
        return any(found is None or found for _, found in self._pairs(step))

    def aligned(self, step: Loop) -> bool:
        """Whether each iteration touches only its own rows of what the two have in common."""
        single = step.n == step.m == 1  # an iteration alone, whose rows are its own
        return all(
            single if found is None else all(_same(other, ref) for other in found)
            for ref, found in self._pairs(step)
        )


def _same(a: Ref, b: Ref) -> bool:
    own = not a.table and (a.by_i or a.n == 1) and (a.by_k or a.m == 1)
    return a == b and bool(own)


def _in_registers(code: list[Instruction]) -> list[Instruction]:
    """The code with each ref loaded once, and what is stored or computed twice kept in a register."""
    held: dict[Any, int] = {}
    now: dict[int, int] = {}
    made: list[Instruction | None] = []
    stored: dict[Ref, int] = {}  # where in `made` a ref is stored, or added to
    added: dict[Ref, int] = {}
    last = temporaries(code)
    for each in code:
        if isinstance(each, Load | Const | Op):
            if isinstance(each, Op):
                each = each._replace(sources=tuple([now.get(s, s) for s in each.sources]))
            key: Any = (
                each[1:]
                if isinstance(each, Op)
                else each.ref
                if isinstance(each, Load)
                else repr(each.number)
            )
            if key in held:
                now[each.to] = held[key]
                continue
            held[key] = each.to
            made.append(each)
            if isinstance(each, Load):
                added.pop(each.ref, None)  # what is added from here on is added after it was read
            continue
        ref, source = each.ref, now.get(each.source, each.source)
        before = stored.get(ref) if isinstance(each, Add) else None
        if isinstance(each, Add) and before is not None:  # a store, then an addition
            made.append(Op(last, TABLE["add"], (held[ref], source)))
        elif isinstance(each, Add) and ref in added:  # two additions to one row
            before = added[ref]
            made.append(Op(last, TABLE["add"], (made[before].source, source)))  # type: ignore[union-attr]  # an Add
        if before is not None:
            made[before] = None
            source, last = last, last + 1
        if isinstance(each, Store) or ref in stored:
            held[ref], stored[ref] = source, len(made)
            made.append(Store(ref, source))
        else:
            held.pop(ref, None)
            added[ref] = len(made)
            made.append(Add(ref, source))
    return [each for each in made if each is not None]


def without_dead(steps: list[Step], kept: dict[str, Any], counts: dict[str, int]) -> list[Step]:
    """The steps without stores of rows that nothing reads, and without operations nobody uses.

    ``kept`` are the rows of each space that are results.
    """
    read = {space: np.zeros(count, bool) for space, count in counts.items()}
    for step in steps:
        for ref in step.reads():
            read[ref.space][ref.rows()] = True
    for space, rows in kept.items():
        read[space][rows] = True
    for step in steps:
        if isinstance(step, Loop):
            step.code = _used(
                [x for x in step.code if not isinstance(x, Store) or read[x.ref.space][x.ref.rows()].any()]
            )
    return [step for step in steps if not isinstance(step, Loop) or step.code]


def _used(code: list[Instruction]) -> list[Instruction]:
    needed: set[int] = set()
    kept: list[Instruction] = []
    for each in reversed(code):
        if isinstance(each, Store | Add):
            needed.add(each.source)
        elif each.to not in needed:
            continue
        elif isinstance(each, Op):
            needed.update(each.sources)
        kept.append(each)
    return kept[::-1]
