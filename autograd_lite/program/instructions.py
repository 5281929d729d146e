"""The instructions of a tape: one for each operation, forward and backward.

They stand in the order of the eager engine and of its sweep, so that sums of contributions round as
they do there.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..core.primitive import Primitive
from .rewrite import Circuit
from .row_facts import LOOKS_AT_CONSTANTS
from .steps import Table
from .sweep_text import sweep_order

#: So many exponents have code of their own; where there are more, the rules are called back.
_MOST_FIXED = 16


class Code(NamedTuple):
    """What the instructions of one kind do.

    Forward: the result is the value of the row at the operands. Backward, where ``wanted`` is not
    None: the adjoint of the result is handed on to the operands at these positions, and cleared; of
    ``dot``, to these of its halves and its bias; of another row of any number of operands, to all.
    ``fixed`` has the number of each operand that the rules look at; it is None where the rules are
    called back.
    """

    row: Primitive
    wanted: tuple[int, ...] | None = None
    fixed: tuple[float | None, ...] | None = ()

    def __str__(self) -> str:
        return " ".join([self.row.name, *(f"{x:g}" for x in self.fixed or () if x is not None)])


@dataclass
class Walk:
    """One pass over instructions: of each the code, the row of the result, the rows of the operands.

    The rows of any number of operands have their count before them. All are rows of ``space``; their
    adjoints have the same numbers.
    """

    codes: dict[Code, int]  # their numbers
    stream: Table
    counts: list[int]  # how many instructions each code has
    space: str
    lanes: bool

    def __str__(self) -> str:
        way = "back" if any(code.wanted is not None for code in self.codes) else "forth"
        often = sorted(zip(self.counts, map(str, self.codes), strict=True), reverse=True)
        kinds = ", ".join(f"{count} {name}" for count, name in often)
        return f"walk {way} over {sum(self.counts)}{' with lanes' * self.lanes}: {kinds}"


class Instructions:
    """Writes the instructions of a circuit.

    :ivar places: the row of each entry: first those of the inputs, which are given, then those of
        the operations in their order, then those of the constants.
    :ivar constants: the numbers of the formula, in the order of their rows.
    """

    def __init__(self, circuit: Circuit, inputs: Sequence[int], lanes: bool) -> None:
        self.circuit, self.lanes = circuit, lanes
        self._below = sweep_order(circuit, circuit.roots)
        self._order = self._below
        if type(circuit.guard) is int:
            self._order = sweep_order(circuit, [circuit.guard, *circuit.roots])
        self.places = [*inputs, *[-1] * (len(circuit.rows) - len(inputs))]
        for at, i in enumerate(self._order):
            self.places[i] = len(inputs) + at
        self._constants: dict[Any, int] = {}
        self.constants: list[float] = []

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.circuit.inputs + len(self._order) + len(self.constants)

    def _constant(self, x: float) -> int:
        key = x if x else str(x)  # 0.0 == -0.0
        if key not in self._constants:
            self._constants[key] = self.count
            self.constants.append(x)
        return self._constants[key]

    def _written(self, entries: Iterable[int], code_of: Callable[[int], Code | None]) -> Walk:
        operands, places, constant = self.circuit.operands, self.places, self._constant
        codes: dict[Code, int] = {}
        stream, starts = array("i"), array("i")
        for i in entries:
            code = code_of(i)
            if code is not None:
                starts.append(len(stream))
                given = operands[i]
                stream.extend((codes.setdefault(code, len(codes)), places[i]))
                if code.row.arity is None:
                    stream.append(len(given))
                stream.extend([places[p] if type(p) is int else constant(p) for p in given])
        stream.append(len(codes))
        return self._sound(codes, np.array(stream, np.int32), np.array(starts, np.int64))

    def _sound(self, codes: dict[Code, int], stream: Any, starts: Any) -> Walk:
        """The walk over these instructions, which begin at ``starts``.

        :raises AssertionError: for a row outside, or one that is read before it is written: a mistake
            in this package, not of the user.
        """
        counts = np.bincount(stream[starts], minlength=len(codes))
        wide = np.array([code.row.arity is None for code in codes], bool)[stream[starts]]
        rows = np.ones(len(stream), bool)
        rows[starts] = rows[starts[wide] + 2] = rows[-1] = False
        results = np.repeat(stream[starts + 1], np.diff(starts, append=len(stream) - 1))
        found, known = stream[rows], self.circuit.inputs + len(self._order)
        assert ((found >= 0) & (found < self.count)).all(), "a row outside its space"
        assert ((found <= results[rows[:-1]]) | (found >= known)).all(), "a row is read unwritten"
        return Walk(codes, Table(stream), counts.tolist(), "v" if self.lanes else "u", self.lanes)

    def forward(self) -> Walk:
        """The values of all operations."""
        codes = {row: Code(row) for row in set(self.circuit.rows) if row is not None}
        return self._written(self._order, lambda i: codes[self.circuit.rows[i]])  # type: ignore[index]  # an operation has a row

    def backward(self, wanted: Sequence[bool]) -> Walk:
        """The sweep from the first output to the wanted inputs."""
        circuit, active = self.circuit, bytearray(len(self.circuit.rows))
        active[: circuit.inputs] = bytes(wanted)
        for i in self._below:
            inner = any(active[p] for p in circuit.operands[i] if type(p) is int)
            active[i] = inner and i not in circuit.fixed
        numbers: dict[Primitive, set[Any]] = {}

        def code_of(i: int) -> Code | None:
            row, operands = circuit.rows[i], circuit.operands[i]
            if row is None or not active[i]:
                return None
            if row.arity is None and row.name != "dot":
                return Code(row, ())
            targets = tuple([k for k, p in enumerate(operands) if type(p) is int and active[p]])
            if row.name == "dot":
                half = len(operands) // 2
                return Code(row, tuple(sorted({2 if k == 2 * half else k // half for k in targets})))
            if row.name not in LOOKS_AT_CONSTANTS:
                return Code(row, targets)
            fixed = tuple([p if type(p) is float else None for p in operands])
            known = numbers.setdefault(row, set())
            if fixed not in known and len(known) == _MOST_FIXED:
                return Code(row, targets, None)
            known.add(fixed)
            return Code(row, targets, fixed)

        return self._written(reversed(self._below), code_of)
