"""The lines of a reverse sweep, in the order in which the eager engine adds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..core.primitive import BUILT_IN, Primitive
from .expressions import number_text, tuple_text, written
from .recording import Operand, Recording
from .rewrite import Circuit
from .row_facts import REMAINDERS
from .rules import Derivation, recipes


def sweep_order(recording: Recording | Circuit, roots: Sequence[Operand]) -> list[int]:
    """The operations below the roots in the reverse of the order in which the eager sweep visits them.

    Those below the last root come first.
    """
    order: list[int] = []
    entered = bytearray(len(recording.rows))
    stack: list[int] = [root for root in roots if type(root) is int]
    while stack:
        i = stack.pop()
        if i < 0:  # all that stands below ~i is in the order
            order.append(~i)
        elif not entered[i] and i >= recording.inputs:
            entered[i] = 1
            stack.append(~i)
            stack.extend([p for p in recording.operands[i] if type(p) is int])
    return order


class Sweep:
    """The lines of the reverse sweep."""

    def __init__(self, text: Any, needed: bytearray) -> None:
        self.text, self.needed = text, needed
        self.started: dict[int, str] = {}  # the expression of each adjoint that has one
        #: Entries that the sweep may not reach, where a branch is not selected: their adjoint may be None.
        self.unsure: set[int] = set()
        self.fresh = 0
        self.inside = False  # whether the lines stand in a block of an adjoint that may be None

    def through(self, i: int) -> None:
        """Add what operation ``i`` hands on to the adjoints of its operands."""
        recording, lines = self.text.recording, self.text.lines
        row, operands = recording.rows[i], recording.operands[i]
        assert row is not None
        up = self.started[i]
        targets = [k for k, p in enumerate(operands) if type(p) is int and self.needed[p]]
        self.inside = i in self.unsure
        if self.inside:  # so that there is an adjoint where the block is not entered
            for p in {operands[k] for k in targets}.difference(self.started):
                self._set(p, "None")
                self.unsure.add(p)
        first = len(lines)
        for k, local in zip(targets, self.locals(i, targets), strict=True):
            self._add(operands[k], local, up, row.piecewise)
        if self.inside and len(lines) > first:
            lines[first:] = [f"if {up} is not None:"] + [f"    {line}" for line in lines[first:]]

    def _set(self, p: int, text: str) -> None:
        name = f"d{self.text.names[p]}" if p < self.text.recording.inputs else f"d{p}"
        name = re.sub(r"\W+", "_", name)
        self.text.lines.append(f"{name} = {text}")
        self.started[p] = name

    def _add(self, p: int, local: str, up: str, maybe: bool) -> None:
        """Add ``local * up`` to the adjoint of ``p``; ``maybe`` only where ``local`` is not 0."""
        if maybe and local == "0.0":
            return
        part = f"{local} * {up}"
        if local in ("1.0", "-1.0"):
            part = up if local == "1.0" else f"-{up}"
        elif up == "1.0":
            part = local
        old = self.started.get(p)
        if old is None:
            self._set(p, f"{part} if {local} else None" if maybe else part)
            if maybe:
                self.unsure.add(p)
            return
        total = f"{old} + {part}"
        if p in self.unsure:
            total = f"{part} if {old} is None else {total}"
            if maybe:
                total = f"({total})"
            elif not self.inside:
                self.unsure.discard(p)
        self._set(p, f"{total} if {local} else {old}" if maybe else total)

    def locals(self, i: int, targets: Sequence[int] | None = None) -> Iterator[str]:
        """The local derivatives of operation ``i`` by operands at these positions, or by all nodes."""
        row, operands = self.text.recording.rows[i], self.text.recording.operands[i]
        if targets is None:
            targets = [k for k, p in enumerate(operands) if type(p) is int]
        result = self.text.names[i]
        raises = row.edge is not None or row.name in REMAINDERS
        for local in self._locals(row, operands, targets, result):
            if self.text.quiet and (raises or (row.piecewise and local == "0.0")):
                local = self._name(f"{local} if {result} == {result} else math.nan")
            yield local

    def _locals(
        self, row: Primitive, operands: Sequence[Operand], targets: Sequence[int], result: str
    ) -> Iterator[str]:
        names = [self.text.operand(p) for p in operands]
        if row.name in ("sum", "dot") and row.name in BUILT_IN:
            half = len(operands) // 2
            for k in targets:
                yield "1.0" if row.name == "sum" or k == 2 * half else names[(k + half) % (2 * half)]
            return
        found = recipes(row, [None if type(p) is int else p for p in operands])
        if found is None and row.arity is None:
            many = self._name(f"{self.text.label(row)}_by({tuple_text(names)}, {result})")
            for k in targets:
                yield f"{many}[{k}]"
            return
        for k in targets:
            if found is None:
                yield self._name(f"{self.text.label(row)}_by{k}({', '.join(names)}, {result})")
            else:
                recipe = found[k]
                assert recipe is not None
                yield self._recipe(recipe, [*names, result])

    def _recipe(self, recipe: Derivation, names: list[str]) -> str:
        for row, operands in recipe.steps:
            given = [names[p] if type(p) is int else number_text(p) for p in operands]
            names.append(self._name(written(row, given)))
        result = recipe.result
        return names[result] if type(result) is int else number_text(result)

    def _name(self, text: str) -> str:
        self.fresh += 1
        self.text.lines.append(f"s{self.fresh} = {text}")
        return f"s{self.fresh}"
