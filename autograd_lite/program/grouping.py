"""Which operations of a circuit are alike: of one level, one row, and one kind of operands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.primitive import TABLE, Primitive
from .recording import IrregularError, Operand
from .rewrite import WIDE, Circuit
from .row_facts import LOOKS_AT_CONSTANTS
from .rules import recipes

_DOT = TABLE["dot"]

#: In the time that an instruction on one number takes to compile, about a third of a millisecond: what
#: an instruction on lanes takes, a product of a matrix, and the call of a step that is there already.
_LANES_OF_ONE, _PRODUCT, _CALL = 6, 60, 8


class Kinds:
    """The entries of a circuit by what makes them alike.

    :ivar keyed: lists of entries; the first part of a key is the level.
    :ivar alive: for each entry, whether an output depends on it.
    :ivar varies: for each entry, whether it varies by sample.
    :ivar active: for each entry, whether a wanted input is below it and gradients flow to it.

    :raises IrregularError: as soon as it is seen that the steps of the groups will have more than
        ``most`` instructions.
    """

    def __init__(
        self, circuit: Circuit, vary: Sequence[bool], wanted: Sequence[bool], most: int | None
    ) -> None:
        self.circuit, self._most, self._instructions = circuit, most, 0
        self.alive = self._reachable()
        self.keyed = self._keyed(vary, wanted)

    def _reachable(self) -> Any:
        circuit = self.circuit
        alive = bytearray(len(circuit.rows))
        for root in (*circuit.roots, circuit.guard):
            if type(root) is int:
                alive[root] = 1
        for i in range(len(circuit.rows) - 1, circuit.inputs - 1, -1):
            if alive[i]:
                for p in circuit.operands[i]:
                    if type(p) is int:
                        alive[p] = 1
        return alive

    def _keyed(self, vary: Sequence[bool], wanted: Sequence[bool]) -> dict[Any, list[int]]:
        """The entries by what makes them alike; the first part of a key is the level."""
        circuit = self.circuit
        varies, active = bytearray(len(circuit.rows)), bytearray(len(circuit.rows))
        levels: list[int] = [0] * len(circuit.rows)
        varies[: circuit.inputs], active[: circuit.inputs] = bytes(vary), bytes(wanted)
        keyed: dict[Any, list[int]] = defaultdict(list)
        for i in range(circuit.inputs, len(circuit.rows)):
            if not self.alive[i]:
                continue
            row, operands = circuit.rows[i], circuit.operands[i]
            assert row is not None
            inner = [p for p in operands if type(p) is int]
            top = max([levels[p] for p in inner], default=0) + 1
            lanes = any(varies[p] for p in inner)
            live = i not in circuit.fixed and any(active[p] for p in inner)
            levels[i], varies[i], active[i] = top, lanes, live
            if row is _DOT:
                key = self._key_of_dot(i, top, varies, lanes)
            elif row.name in WIDE:
                key = (top, row.name, len(operands), lanes)
            else:
                looks = row.name in LOOKS_AT_CONSTANTS
                kinds = tuple(
                    [
                        ("v" if varies[p] else "u") if type(p) is int else p if looks else "c"
                        for p in operands
                    ]
                )
                key = (top, row.name, kinds, live, row)
            if key not in keyed and self._most is not None:
                self._count(row, operands, live)
            keyed[key].append(i)
        self.level = np.array(levels)
        self.varies, self.active = (np.frombuffer(each, np.uint8).astype(bool) for each in (varies, active))
        joined: dict[Any, list[int]] = defaultdict(list)
        for key, entries in keyed.items():
            # Single products that have no operands in common are one loop together.
            joined[key[:5] if key[1] == "dot" and len(entries) == 1 else key].extend(entries)
        if self._most is not None:
            self._estimate(joined)
        return joined

    def _count(self, row: Primitive, operands: Sequence[Operand], live: bool) -> None:
        """Count the instructions of one more group, at least: a circuit is left as early as possible."""
        self._instructions += _instructions_of(row, operands, live)
        self._require_few()

    def _estimate(self, keyed: dict[Any, list[int]]) -> None:
        """Count the instructions of all groups, in the time that it takes to compile them."""
        circuit, self._instructions = self.circuit, 0
        known: set[Any] = set()
        for key, (first, *others) in keyed.items():
            row, operands, live = circuit.rows[first], circuit.operands[first], bool(self.active[first])
            assert row is not None
            product = row is _DOT and bool(others)
            cost = _instructions_of(row, operands, live)
            if self.varies[first]:
                cost = _PRODUCT * (3 if live else 1) if product else _LANES_OF_ONE * cost
                # Steps of one kind are compiled once; operations that stand alone are joined with others
                kind = (row, len(operands), len(others), live, None if product else key[2])
                cost = _CALL if others and kind in known else cost
                known.add(kind)
            self._instructions += cost
        self._require_few()

    def _require_few(self) -> None:
        if self._instructions > self._most:  # type: ignore[operator]  # it is counted where there is a limit
            raise IrregularError(f"{len(self.circuit.rows) - self.circuit.inputs:,} operations")

    def _key_of_dot(self, i: int, top: int, varies: bytearray, lanes: bool) -> Any:
        operands = self.circuit.operands[i]
        half = len(operands) // 2
        left, right = operands[:half], operands[half : 2 * half]
        sides = [lanes and any(type(p) is int and varies[p] for p in side) for side in (left, right)]
        if sides[0] and not sides[1]:  # what varies stands on the right
            self.circuit.operands[i] = (*right, *left, *operands[2 * half :])
            left, right, sides = right, left, [False, True]
        if not lanes:
            return (top, "dot", (len(operands), lanes), *sides)
        # Entry 1 is not the number 1.0
        same = tuple([p if type(p) is int else repr(p) for p in right])
        return (top, "dot", (len(operands), lanes), *sides, same)


def _instructions_of(row: Primitive, operands: Sequence[Operand], live: bool) -> int:
    """How many instructions the steps of a group have, from what its first operation is."""
    found = 4 if row.name in WIDE else len(operands) + 2
    if live:
        constants = [None if type(p) is int else p for p in operands]
        rules = recipes(row, constants) or [None] * min(len(operands), 2)
        found += sum([2 + len(each.steps) if each else 2 for each in rules])
    return found
