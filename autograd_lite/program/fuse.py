"""Loops of one shape joined, so that what one stores the next has in a register."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.primitive import TABLE
from .steps import Add, Const, Instruction, Load, Loop, Op, Ref, Step, Store, overlap, temporaries

#: How many steps back a loop looks for one to join.
_REACH = 40


def fused(steps: list[Step]) -> list[Step]:
    """The steps with each loop moved into the latest earlier one of its shape, where that is safe."""
    made: list[Step] = []
    for step in steps:
        home = _home(step, made) if isinstance(step, Loop) else None
        if home is not None:
            home.code += step.code  # type: ignore[union-attr]  # a loop
        else:
            made.append(
                Loop(step.n, step.m, step.lanes, list(step.code)) if isinstance(step, Loop) else step
            )
    for each in made:
        if isinstance(each, Loop):
            each.code = _in_registers(each.code)
    return made


def _home(step: Loop, made: list[Step]) -> Loop | None:
    for earlier in made[: -_REACH - 1 : -1]:
        same_shape = isinstance(earlier, Loop) and (earlier.n, earlier.m, earlier.lanes) == (
            step.n,
            step.m,
            step.lanes,
        )
        if same_shape and _aligned(earlier, step):
            return earlier  # type: ignore[return-value]  # a loop
        if _conflict(earlier, step):
            return None
    return None


def _conflict(earlier: Step, step: Step) -> bool:
    return any(overlap(a, b) for a in earlier.writes() for b in step.reads() + step.writes()) or any(
        overlap(a, b) for a in earlier.reads() for b in step.writes()
    )


def _aligned(earlier: Step, step: Step) -> bool:
    """Whether each iteration touches only its own rows of what the two loops share."""
    pairs = [(a, b) for a in earlier.writes() for b in step.reads() + step.writes()]
    pairs += [(a, b) for a in earlier.reads() for b in step.writes()]
    return all(_same(a, b) for a, b in pairs if overlap(a, b))


def _same(a: Ref, b: Ref) -> bool:
    own = not a.table and (a.by_i or a.n == 1) and (a.by_k or a.m == 1)
    return a == b and bool(own)


def _in_registers(code: list[Instruction]) -> list[Instruction]:
    """The code with each ref loaded once, and what is stored or computed twice kept in a register."""
    held: dict[Any, int] = {}
    now: dict[int, int] = {}
    made: list[Instruction] = []
    last = temporaries(code)
    for each in code:
        if isinstance(each, Load | Const | Op):
            if isinstance(each, Op):
                each = each._replace(sources=tuple([now.get(s, s) for s in each.sources]))
            key = each.ref if isinstance(each, Load) else (type(each), *map(repr, each[1:2]), each[2:])
            if key in held:
                now[each.to] = held[key]
                continue
            held[key] = each.to
            made.append(each)
            continue
        ref, source = each.ref, now.get(each.source, each.source)
        if isinstance(each, Store):
            held[ref] = source
            made.append(Store(ref, source))
        elif any(isinstance(x, Store) and x.ref == ref for x in made):  # a store, then an addition
            made.append(Op(last, TABLE["add"], (held[ref], source)))
            made = [x for x in made if not (isinstance(x, Store) and x.ref == ref)]
            made.append(Store(ref, last))
            held[ref] = last
            last += 1
        else:
            held.pop(ref, None)
            before = next((x for x in made if isinstance(x, Add) and x.ref == ref), None)
            if before is not None:  # two additions to one row
                made.remove(before)
                made.append(Op(last, TABLE["add"], (before.source, source)))
                source, last = last, last + 1
            made.append(Add(ref, source))
    return made


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
