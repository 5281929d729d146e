"""A recording made ready to be grouped: fewer kinds of operations, wide ones recognized.

Sums that were written with ``+`` become one operation, sums of products become ``dot``, x**2 becomes
``square``; rows of any number of operands become sums, products and trees of rows of two. Comparisons
become operations too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.primitive import BUILT_IN, TABLE, Primitive
from .chains import join_sums
from .exact import lowered_exactly
from .recording import Guard, Operand, Recording

#: The rows of any number of operands that a schedule knows.
WIDE = ("sum", "dot")
#: The logarithm of what is nothing beside 1.
_NEGLIGIBLE = -2000.0


@dataclass
class Circuit:
    """Rows and operands by number, as in a recording.

    ``fixed`` are entries that no gradient flows through: shifts that change no result. ``guard`` is
    0 where every comparison comes out as it was recorded.
    """

    inputs: int
    rows: list[Primitive | None]
    operands: list[tuple[Operand, ...]]
    roots: list[Operand]
    fixed: set[int] = field(default_factory=set)
    guard: Operand | None = None

    def put(self, name: str, *operands: Operand) -> int:
        """A new entry; its number."""
        self.rows.append(TABLE[name])
        self.operands.append(operands)
        return len(self.rows) - 1


def rewritten(recording: Recording, exact: bool = False) -> Circuit:
    """The circuit of a recording; ``exact`` keeps every rounding as it was written."""
    n = recording.inputs
    circuit = Circuit(n, [], [], [])
    lowering = _Lowering(circuit, exact)
    known = set(recording.rows)
    lowered = {row for row in known if row is not None and (exact or lowering.lowers(row))}
    first = len(recording.rows)  # up to the first row that is lowered the numbers stay what they are
    if lowered:
        first = next(i for i, row in enumerate(recording.rows) if row in lowered)
    circuit.rows, circuit.operands = recording.rows[:first], recording.operands[:first]
    new: list[Operand] = list(range(first))
    for row, operands in zip(recording.rows[first:], recording.operands[first:], strict=True):
        given = tuple([new[p] if type(p) is int else p for p in operands])
        new.append(lowering.add(row, given))  # type: ignore[arg-type]  # an operation has a row
    circuit.roots = [new[p] if type(p) is int else p for p in recording.roots]
    if not exact:
        join_sums(circuit.rows, circuit.operands, circuit.roots)
    _add_guards(circuit, [*lowering.wrong], recording.guards, new)
    return circuit


def as_written(recording: Recording) -> Circuit:
    """The circuit of a recording in which every operation is one of the eager engine."""
    circuit = Circuit(recording.inputs, [*recording.rows], [*recording.operands], [*recording.roots])
    _add_guards(circuit, [], recording.guards, range(len(recording.rows)))
    return circuit


def _add_guards(
    circuit: Circuit, wrong: list[int], guards: Sequence[Guard], new: Sequence[Operand]
) -> None:
    wrong += [_violation(circuit, guard, new) for guard in guards]
    if wrong:
        circuit.guard = circuit.put("sum", *wrong) if len(wrong) > 1 else wrong[0]


def _violation(circuit: Circuit, guard: Guard, new: Sequence[Operand]) -> int:
    """An entry that is 0 where the comparison comes out as recorded, else 1 or nan."""
    left, right = (new[p] if type(p) is int else p for p in (guard.left, guard.right))
    order = circuit.put("compare", left, right)
    if guard.symbol[0] == "<":
        order = circuit.put("neg", order)
    # "a <= b" is the opposite of "a > b"
    if len(guard.symbol) == 2:
        order = circuit.put("neg", order)
    strictly = circuit.put("step", order)
    opposite = guard.outcome == (len(guard.symbol) == 1)
    return circuit.put("sub", 1.0, strictly) if opposite else strictly


class _Lowering:
    """Rows of any number of operands, put into a circuit as rows that a schedule knows."""

    def __init__(self, circuit: Circuit, exact: bool) -> None:
        self.circuit, self._exact = circuit, exact
        self._shared: dict[Any, int] = {}  # what several outputs of one softmax have in common
        self.wrong: dict[int, None] = {}  # entries that are 0 where every index is that of an operand
        self._fixing = False  # whether no gradient flows through what is made now

    def add(self, row: Primitive, operands: tuple[Operand, ...]) -> Operand:
        """The entry that stands for an operation."""
        if self._exact:
            return lowered_exactly(self.circuit, row, operands)
        if not self.lowers(row):
            self.circuit.rows.append(row)
            self.circuit.operands.append(operands)
            return len(self.circuit.rows) - 1
        return getattr(self, f"_{row.name}")(*operands)  # type: ignore[no-any-return]  # an entry

    def lowers(self, row: Primitive) -> bool:
        """Whether something else stands for operations of this row."""
        return row.arity is None and row.name in BUILT_IN and hasattr(self, f"_{row.name}")

    def _once(self, name: str, *operands: Operand) -> int:
        key = (name, *map(repr, operands), self._fixing)  # entry 1 is not the number 1.0
        if key not in self._shared:
            self._shared[key] = self.circuit.put(name, *operands)
            if self._fixing:
                self.circuit.fixed.add(self._shared[key])
        return self._shared[key]

    def _tree(self, name: str, xs: list[Operand]) -> Operand:
        while len(xs) > 1:
            pairs = [self._once(name, *xs[i : i + 2]) for i in range(0, len(xs) - 1, 2)]
            xs = [*pairs, *xs[len(pairs) * 2 :]]
        return xs[0]

    def _dot(self, *operands: Operand) -> Operand:
        return self.circuit.put("dot" if len(operands) > 1 else "sum", *operands)

    def _mean(self, *xs: Operand) -> Operand:
        return self.circuit.put("div", self.circuit.put("sum", *xs), float(len(xs)))

    def _sum_of_squares(self, *xs: Operand) -> Operand:
        return self.circuit.put("dot", *xs, *xs)

    def _prod(self, *xs: Operand) -> Operand:
        return self._tree("mul", list(xs))

    def _max(self, *xs: Operand) -> Operand:
        return self._extreme("maximum", xs)

    def _min(self, *xs: Operand) -> Operand:
        return self._extreme("minimum", xs)

    def _extreme(self, name: str, xs: tuple[Operand, ...]) -> Operand:
        if len(xs) <= 2:
            return self._tree(name, list(xs))
        # All that are equal to it share the derivative evenly, which a tree of pairs does not do.
        self._fixing = True
        found = self._tree(name, list(xs))
        equal = [self._once("sub", 1.0, self._once("abs", self._once("compare", x, found))) for x in xs]
        count = self._once("sum", *equal)
        shares = [self._once("div", each, count) for each in equal]
        self._fixing = False
        differences = [self.circuit.put("sub", x, found) for x in xs]
        return self.circuit.put("add", found, self.circuit.put("dot", *shares, *differences))

    def _norm(self, *xs: Operand) -> Operand:
        return self._tree("hypot", list(xs)) if len(xs) > 1 else self.circuit.put("abs", *xs)

    def _logsumexp(self, *xs: Operand) -> Operand:
        self._fixing = True
        peak = self._tree("maximum", list(xs))
        self._fixing = False
        parts = [self._once("exp", self._once("sub", x, peak)) for x in xs]
        return self.circuit.put("add", peak, self._once("log", self._once("sum", *parts)))

    def _softmax(self, *operands: Operand) -> Operand:
        *xs, index = operands
        # Here a gradient flows through the largest one, k: the derivative by it is then the sum of what
        # the others do, where 1 less its share would be no more than rounding.
        peak = self._tree("maximum", xs)
        parts = [self._once("exp", self._once("sub", x, peak)) for x in xs]
        return self.circuit.put("div", self._take(*parts, index), self._once("sum", *parts))

    def _log_softmax(self, *operands: Operand) -> Operand:
        *xs, index = operands
        self._fixing = True
        peak = self._tree("maximum", xs)
        self._fixing = False
        # By how much it is ahead of the others, of which those that are nothing are kept from −inf
        bounded = [self._once("maximum", self._once("sub", x, peak), _NEGLIGIBLE) for x in xs]
        if type(index) is float:
            kept = [x for k, x in enumerate(bounded) if k != index]
        else:
            off = [self._once("compare", index, float(k)) for k in range(len(xs))]
            kept = [self._once("where", o, x, -math.inf) for o, x in zip(off, bounded, strict=True)]
        others = self._logsumexp(*kept) if len(xs) > 1 else _NEGLIGIBLE
        chosen = self._once("sub", self._take(*xs, index), peak)
        return self._once("log_sigmoid", self._once("sub", chosen, others))

    def _take(self, *operands: Operand) -> Operand:
        *xs, index = operands
        if type(index) is float:
            return xs[int(index)]
        others = [self._once("compare", index, float(k)) for k in range(len(xs))]
        # Exactly one of them is the index, or the eager engine is to say what is wrong
        chosen = [self._once("sub", 1.0, self._once("abs", other)) for other in others]
        self.wrong[self._once("sub", 1.0, self._once("sum", *chosen))] = None
        parts = [self.circuit.put("where", other, 0.0, x) for other, x in zip(others, xs, strict=True)]
        return self.circuit.put("sum", *parts)
