"""A circuit laid out for engines: operations in groups, their results in consecutive rows, as steps.

Entries of one level, one row of the table and one kind of operands are one group. Everything that an
engine does is in :attr:`Schedule.steps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.primitive import TABLE, Primitive
from .grouping import Kinds
from .recording import Operand
from .rewrite import Circuit
from .steps import Ref, Table, ref_of

_POS = TABLE["pos"]


@dataclass
class Group:
    """Operations that one step computes: ``out`` are the rows of their results.

    ``operands`` are refs, or numbers that all operations share. ``product`` says that it is a matrix
    product over lanes: ``term`` is then the vector as a step reads it, and ``scattered`` are the rows that
    it was packed from, where they are not consecutive.
    """

    row: Primitive
    entries: list[int]
    operands: list[Ref | float]
    out: Ref
    lanes: bool
    active: bool
    product: bool = False
    term: Ref | None = None
    scattered: Ref | None = None


@dataclass
class Layout:
    """Where everything lies: the rows of the inputs and roots, and how many rows each space has."""

    inputs: list[tuple[str, int]]
    roots: list[tuple[str, int] | float]
    guard: tuple[str, int] | None
    counts: dict[str, int]
    constants: list[float]
    groups: list[Group]
    inactive: dict[str, Any] = field(default_factory=dict)  # rows that no wanted input reaches
    wanted: dict[str, Any] = field(default_factory=dict)  # the rows of the wanted inputs


def laid_out(
    circuit: Circuit, vary: Sequence[bool], wanted: Sequence[bool], most: int | None = None
) -> Layout:
    """The groups of a circuit and their rows; ``vary`` and ``wanted`` have an entry for each input.

    :raises IrregularError: where steps of the groups would have more than ``most`` instructions.
    """
    return _Placement(circuit, vary, wanted, most).layout


class _Placement:
    def __init__(
        self, circuit: Circuit, vary: Sequence[bool], wanted: Sequence[bool], most: int | None
    ) -> None:
        self.circuit = circuit
        n, inputs = len(circuit.rows), circuit.inputs
        kinds = Kinds(circuit, vary, wanted, most)
        keyed, self._alive = kinds.keyed, kinds.alive
        self.level, self.varies, self.active = kinds.level, kinds.varies, kinds.active
        self.kinds = np.where(self.varies, "v", np.where(np.arange(n) < inputs, "p", "u")).tolist()
        self.copies: dict[Any, tuple[int, Operand]] = {}  # entries that are copied to another space
        blocks = {key: self._blocks(key, entries) for key, entries in keyed.items()}
        self._add_copies(keyed, blocks)
        total = n + len(self.copies)
        self.space, self.row = np.full(total, "-", "U1"), np.zeros(total, np.int64)
        self.layout = Layout([], [], None, dict.fromkeys("pcuv", 0), [], [])
        shared = np.arange(inputs)[~self.varies[:inputs]]
        self._place(shared, "p")
        self._place(np.arange(inputs)[self.varies[:inputs]], "v")
        self._make_groups(keyed, blocks)
        self._finish(wanted)

    # One block of operands lies in one space: what does not is copied

    def _kind(self, p: Operand) -> str:
        return "c" if type(p) is float else self.kinds[p]

    def _blocks(self, key: Any, entries: list[int]) -> list[tuple[list[Operand], int]] | None:
        """The operands of a group: lists of entries, with how many there are for each operation."""
        operands = [self.circuit.operands[i] for i in entries]
        if key[1] == "dot":
            half = len(operands[0]) // 2
            sides = [[p for each in operands for p in each[at : at + half]] for at in (0, half)]
            bias = [([each[-1] for each in operands], 1)] if len(operands[0]) % 2 else []
            return [(self._in_one_space(side), half) for side in sides] + [
                (self._in_one_space(each), 1) for each, _ in bias
            ]
        if key[1] == "sum":
            if len(entries) == 1:
                return None
            return [(self._in_one_space([p for each in operands for p in each]), len(operands[0]))]
        return [(self._in_one_space([each[j] for each in operands]), 1) for j in range(len(operands[0]))]

    def _in_one_space(self, items: list[Operand]) -> list[Operand]:
        types = set(map(type, items))
        kinds = set(map(self._kind if float in types else self.kinds.__getitem__, items))
        if len(kinds) == 1:
            return items
        target = "v" if "v" in kinds else "u"
        n = len(self.circuit.rows)
        return [
            p
            if self._kind(p) == target
            else self.copies.setdefault((repr(p), target), (n + len(self.copies), p))[0]
            for p in items
        ]

    def _add_copies(self, keyed: dict[Any, list[int]], blocks: dict[Any, Any]) -> None:
        for (_, target), (i, p) in self.copies.items():
            level = (int(self.level[p]) if type(p) is int else 0) + 0.5
            key = (level, "pos", self._kind(p), target)
            keyed[key].append(i)
            blocks.setdefault(key, [([], 1)])[0][0].append(p)

    # Rows

    def _place(self, entries: Any, space: str) -> int:
        first = self.layout.counts[space]
        self.layout.counts[space] += len(entries)
        self.space[entries] = space
        self.row[entries] = np.arange(first, first + len(entries))
        return first

    def _at(self, entry: int) -> tuple[str, int]:
        return str(self.space[entry]), int(self.row[entry])

    def _ref(self, items: list[Operand], n: int, m: int) -> Ref | float:
        """The rows of n times m operands that lie in one space."""
        if type(items[0]) is float:
            if len(set(map(repr, items))) == 1:
                return items[0]
            space, rows = "c", np.arange(len(items)) + len(self.layout.constants)
            self.layout.constants.extend(items)
            self.layout.counts["c"] = len(self.layout.constants)
        else:
            entries = np.asarray(items)
            space, rows = str(self.space[entries[0]]), self.row[entries]
        return ref_of(space, rows.reshape(n, m))

    def _runs(self, entry: int) -> list[Ref | float]:
        """The terms of one wide sum, cut where the rows jump: each run is one reduction."""
        operands = self.circuit.operands[entry]
        places = [self._at(p) if type(p) is int else None for p in operands]
        runs: list[Ref | float] = []
        start = 0
        for i in range(1, len(operands) + 1):
            here, before = places[i] if i < len(operands) else None, places[i - 1]
            if here is not None and before is not None and here[0] == before[0]:
                second = places[start + 1]
                assert second is not None
                step = second[1] - places[start][1]  # type: ignore[index]  # a run is in one space
                if i - start == 1 or here[1] - before[1] == step:
                    continue
            runs.append(self._ref(list(operands[start:i]), i - start, 1))
            start = i
        return runs

    def _make_groups(self, keyed: dict[Any, list[int]], blocks: dict[Any, Any]) -> None:
        n = len(self.circuit.rows)
        for key in sorted(keyed, key=lambda key: (key[0], key[1], repr(key[2:5]))):
            entries = keyed[key]
            count, copied = len(entries), entries[0] >= n
            lanes = key[3] == "v" if copied else bool(self.varies[entries[0]])
            space = "v" if lanes else "u"
            first = self._place(entries, space)
            if blocks[key] is None:
                operands = self._runs(entries[0])
            else:
                operands = [self._ref(items, count, m) for items, m in blocks[key]]
            row = _POS if copied else self.circuit.rows[entries[0]]
            assert row is not None
            if copied:
                live = [bool(self.active[p]) for p in blocks[key][0][0] if type(p) is int]
            else:
                live = [bool(self.active[i]) for i in entries]
            group = Group(
                row, entries, operands, Ref(space, first, int(count > 1), 0, count), lanes, any(live)
            )
            group.product = len(key) == 6 and count > 1 and not key[3] and _is_product(*operands[:2])
            self.layout.groups.append(group)

    def _finish(self, wanted: Sequence[bool]) -> None:
        layout = self.layout
        inputs = slice(self.circuit.inputs)
        layout.inputs = list(zip(self.space[inputs].tolist(), self.row[inputs].tolist(), strict=True))
        layout.roots = [self._at(p) if type(p) is int else float(p) for p in self.circuit.roots]
        layout.guard = self._at(self.circuit.guard) if type(self.circuit.guard) is int else None
        alive = np.frombuffer(self._alive, np.uint8).astype(bool)
        copied = [type(p) is int and bool(self.active[p]) for _, p in self.copies.values()]
        off = np.flatnonzero(~np.concatenate([self.active | ~alive, np.array(copied, bool)]))
        for space in "puv":
            layout.inactive[space] = np.zeros(layout.counts[space] + 1, bool)
            layout.inactive[space][self.row[off[self.space[off] == space]]] = True
        chosen = np.flatnonzero(np.array(wanted, bool))
        for space in "pv":
            layout.wanted["d" + space] = np.sort(self.row[chosen[self.space[chosen] == space]])


def _is_product(left: Ref | float, right: Ref | float) -> bool:
    """Whether two blocks are a matrix of shared rows and rows of lanes, each row once."""
    if not isinstance(left, Ref) or not isinstance(right, Ref) or left.table or right.space != "v":
        return False
    term = Ref(right.space, right.start, 0, right.by_k, 1, right.m)
    if right.table is not None:
        term = Ref(right.space, 0, 0, 0, 1, right.m, Table(right.rows()[0]))
    return left.distinct() and term.distinct()
