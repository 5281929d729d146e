"""A circuit as plain lists: what every engine of a program reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import get_ident
from typing import Any, NamedTuple

from ..core.primitive import Primitive
from ..core.value import Value
from ..support.ieee import FLOAT_ERRORS
from ..support.numbers import Comparison, watchers

#: The number of an input or of an operation's result, or a number itself.
Operand = int | float


class Guard(NamedTuple):
    """A comparison that the function made while it was recorded, and how it came out."""

    symbol: str  # as Python writes it
    left: Operand
    right: Operand
    outcome: bool
    place: str  # "file.py:12"

    def holds(self, left: float, right: float) -> bool:
        """Whether the comparison of these two numbers comes out as it did."""
        return ORDERS[self.symbol](left, right) == self.outcome


#: What the symbol of a comparison means.
ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class BranchChanged(RuntimeError):  # noqa: N818 - it is an event, as StopIteration is
    """A comparison came out otherwise than when the program was recorded."""

    def __init__(self, message: str, guard: int = 0) -> None:
        super().__init__(message)
        self.guard = guard


class IrregularError(Exception):
    """A circuit whose operations have little in common: its code would be as long as it is."""


class Recording:
    """A circuit by numbers: the inputs first, then every operation after its operands.

    ``rows[i]`` is None for an input, ``operands[i]`` are numbers of earlier entries, as ints, or
    numbers of the formula, as floats. The order is that of evaluation, left first.
    """

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.rows: list[Primitive | None] = [None] * inputs
        self.operands: list[tuple[Operand, ...]] = [()] * inputs
        self.roots: list[Operand] = []
        self.guards: list[Guard] = []
        self.names: dict[int, str] = {}
        self.scopes: dict[int, str] = {}
        #: The lines that read the number of a Value.
        self.reads: list[str] = []
        #: Leaves that the function used beside its inputs, with the numbers they had.
        self.captured: list[tuple[Value, float]] = []

    def __len__(self) -> int:
        return len(self.rows) - self.inputs

    def on_values(self, xs: Sequence[Any]) -> list[Any]:
        """The circuit made again from these inputs by the eager engine: an entry for each number."""
        made = list(xs)
        for row, operands in zip(self.rows[self.inputs :], self.operands[self.inputs :], strict=True):
            given = tuple([made[p] if type(p) is int else p for p in operands])
            live = any(isinstance(p, Value) for p in given)
            made.append(Value._apply(row, given) if live else row.on_numbers(given))  # type: ignore[arg-type, union-attr]  # an operation has a row
        return made

    def on_floats(self, xs: Sequence[float]) -> list[float]:
        """The value of every entry, by IEEE 754, without a report."""
        made = list(xs)
        for row, operands in zip(self.rows[self.inputs :], self.operands[self.inputs :], strict=True):
            given = [made[p] if type(p) is int else p for p in operands]
            try:
                made.append(row.value(*given))  # type: ignore[union-attr]  # an operation has a row
            except FLOAT_ERRORS:
                made.append(row.ieee_value(given))  # type: ignore[union-attr]  # as above
        return made

    def of(self, made: Sequence[Any], operand: Operand) -> Any:
        """What an operand stands for, where ``made`` holds an entry for each number."""
        return made[operand] if type(operand) is int else operand

    def outputs(self, made: Sequence[Any]) -> list[Any]:
        """What the program gives, where ``made`` holds an entry for each number."""
        return [self.of(made, root) for root in self.roots]

    def require_branches(self, made: Sequence[float]) -> None:
        """Refuse values of the entries at which the function would have taken another branch.

        :raises BranchChanged: naming the first comparison that comes out otherwise.
        """
        for i, guard in enumerate(self.guards):
            left, right = self.of(made, guard.left), self.of(made, guard.right)
            if not guard.holds(left, right):
                raise BranchChanged(self.changed(i, left, right), i)

    def holds(self, xs: Sequence[float]) -> bool:
        """Whether every comparison comes out at these inputs as it was recorded."""
        if not self.guards:
            return True
        made = self.on_floats(xs)
        return all(
            guard.holds(self.of(made, guard.left), self.of(made, guard.right)) for guard in self.guards
        )

    def tell_comparisons(self, made: Sequence[Any]) -> None:
        """Tell a recording that is under way of the comparisons here, which hold for it too."""
        watch = watchers.get(get_ident())
        for guard in self.guards if watch is not None else ():
            sides = (self.of(made, guard.left), self.of(made, guard.right))
            watch.comparisons.append(Comparison(guard.symbol, *sides, guard.outcome, guard.place))  # type: ignore[union-attr]  # else no turn

    def changed(self, i: int, left: float, right: float) -> str:
        """What to tell where comparison ``i`` comes out otherwise."""
        guard = self.guards[i]
        sides = [
            f"{self.names[p]} = {x!r}" if type(p) is int and p in self.names else repr(x)
            for p, x in ((guard.left, left), (guard.right, right))
        ]
        return (
            f"the comparison at {guard.place} was {guard.outcome} when this program was recorded and is "
            f"{not guard.outcome} now: {sides[0]} {guard.symbol} {sides[1]}. Use jit, or "
            'record(..., on_branch="record"), which keep a program for each branch; or where, maximum, '
            "or autograd_lite.max instead of Python's max"
        )
