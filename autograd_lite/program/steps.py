"""What a schedule is made of: loops over rows, and matrix products.

A row is one number, or one number for each sample of a block (its lanes). Rows live in spaces:

``p``  inputs that all samples share       ``dp``  their adjoints
``u``  results that all samples share      ``du``  their adjoints
``v``  inputs and results that vary        ``dv``  their adjoints
``c``  constants
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, ClassVar, NamedTuple
from weakref import WeakValueDictionary

import numpy as np

from ..core.primitive import Primitive

WITH_LANES = ("v", "dv")


class Table:
    """Row numbers that follow no rule. Equal ones are one object, so they compare at once."""

    _known: ClassVar[WeakValueDictionary[bytes, Table]] = WeakValueDictionary()
    _lock: ClassVar[Any] = Lock()
    rows: Any

    def __new__(cls, rows: Any) -> Table:
        """The table of these rows."""
        rows = np.ascontiguousarray(rows, np.int32)
        key = rows.tobytes()
        with cls._lock:
            found = cls._known.get(key)
            if found is None:
                found = object.__new__(cls)
                found.rows = rows
                cls._known[key] = found
        return found


@dataclass(frozen=True)
class Ref:
    """The rows ``start + by_i·i + by_k·k`` of a space, for i below ``n`` and k below ``m``.

    A step of 0 is one row for all. Irregular rows stand in ``table``, i before k.
    """

    space: str
    start: int
    by_i: int = 0
    by_k: int = 0
    n: int = 1
    m: int = 1
    table: Table | None = None

    def rows(self) -> Any:
        """The row numbers, as an array of n by m."""
        known = self.__dict__.get("_rows")
        if known is None:
            if self.table:
                known = self.table.rows.reshape(self.n, self.m)
            else:
                i, k = np.arange(self.n)[:, None], np.arange(self.m)
                known = self.start + self.by_i * i + self.by_k * k
            object.__setattr__(self, "_rows", known)
        return known

    def span(self) -> tuple[int, int]:
        """The smallest and the largest row."""
        known = self.__dict__.get("_span")
        if known is None:
            rows = self.rows() if self.table else self.rows()[:: max(self.n - 1, 1), :: max(self.m - 1, 1)]
            known = int(rows.min()), int(rows.max())
            object.__setattr__(self, "_span", known)
        return known

    def adjoint(self) -> Ref:
        """The same rows in the space of adjoints."""
        return Ref("d" + self.space, self.start, self.by_i, self.by_k, self.n, self.m, self.table)

    def distinct(self) -> bool:
        """Whether no row comes twice."""
        if self.table:
            return len(np.unique(self.table.rows)) == len(self.table.rows)
        if (self.n > 1 and not self.by_i) or (self.m > 1 and not self.by_k):
            return False
        if self.n == 1 or self.m == 1:
            return True
        by_i, by_k = abs(self.by_i), abs(self.by_k)
        if by_i > by_k * (self.m - 1) or by_k > by_i * (self.n - 1):
            return True
        return len(np.unique(self.rows())) == self.n * self.m

    def __str__(self) -> str:
        steps = "".join(f"+{by}{x}" for by, x in ((self.by_i, "i"), (self.by_k, "k")) if by)
        return f"{self.space}[{'table' if self.table else self.start}{steps}]"


def overlap(a: Ref, b: Ref) -> bool:
    """Whether two refs have a row in common."""
    if a.space != b.space:
        return False
    (low, high), (least, most) = a.span(), b.span()
    if low > most or least > high:
        return False
    if a == b or a.n * a.m == b.n * b.m == 1 or a.n * a.m + b.n * b.m > 50_000:
        return True
    return bool(np.isin(a.rows(), b.rows()).any())


class Local(NamedTuple):
    """The local derivative of a row by one operand, where only its own rule can tell it."""

    row: Primitive
    position: int

    @property
    def name(self) -> str:
        """What it is called in a printed schedule."""
        return f"{self.row.name}_by{self.position}"

    def on_numbers(self, *operands: float) -> float:
        """The local derivative at these operands; the result of the operation is the last."""
        *xs, z = operands
        if self.row.arity is None:
            return float(self.row.local[0](xs, z)[self.position])
        return float(self.row.local[self.position](*xs, z))


class Load(NamedTuple):
    """``t = ref``."""

    to: int
    ref: Ref

    def __str__(self) -> str:
        return f"t{self.to} = {self.ref}"


class Const(NamedTuple):
    """``t = number``."""

    to: int
    number: float

    def __str__(self) -> str:
        return f"t{self.to} = {self.number!r}"


class Op(NamedTuple):
    """``t = row(t, …)``."""

    to: int
    row: Primitive | Local
    sources: tuple[int, ...]

    def __str__(self) -> str:
        return f"t{self.to} = {self.row.name}({', '.join(f't{s}' for s in self.sources)})"


class Store(NamedTuple):
    """``ref = t``."""

    ref: Ref
    source: int

    def __str__(self) -> str:
        return f"{self.ref} = t{self.source}"


class Add(NamedTuple):
    """``ref += t``. A row without lanes, in a loop with lanes, takes the sum over the lanes."""

    ref: Ref
    source: int

    def __str__(self) -> str:
        return f"{self.ref} += t{self.source}"


Instruction = Load | Const | Op | Store | Add


@dataclass
class Loop:
    """For every i below ``n``, for every k below ``m`` (for every lane): the code."""

    n: int
    m: int
    lanes: bool
    code: list[Instruction] = field(default_factory=list)

    def reads(self) -> list[Ref]:
        """The refs that the code reads."""
        return [each.ref for each in self.code if isinstance(each, Load | Add)]

    def writes(self) -> list[Ref]:
        """The refs that the code writes."""
        return [each.ref for each in self.code if isinstance(each, Store | Add)]

    def __str__(self) -> str:
        head = f"loop {self.n}×{self.m}{' lanes' if self.lanes else ''}"
        return f"{head}: " + "; ".join(map(str, self.code))


@dataclass
class MatMul:
    """A product of a matrix of shared rows with rows of lanes, in one of three kinds.

    ``z``: out[i] = bias[i] + Σₖ left[i, k]·right[k] · ``x``: out[k] (+)= Σᵢ left[i, k]·right[i] ·
    ``w``: out[i, k] += the sum over the lanes of left[i]·right[k]. n and m are those of the matrix.
    """

    kind: str
    n: int
    m: int
    out: Ref
    left: Ref
    right: Ref
    bias: Ref | float | None = None
    add: bool = False
    lanes = True

    def reads(self) -> list[Ref]:
        """The refs that the product reads."""
        bias = [self.bias] if isinstance(self.bias, Ref) else []
        return [self.left, self.right, *bias, *([self.out] if self.add else [])]

    def writes(self) -> list[Ref]:
        """The ref that the product writes."""
        return [self.out]

    def __str__(self) -> str:
        bias = "" if self.bias is None else f" + {self.bias}"
        sign = "+=" if self.add else "="
        return f"product {self.kind} {self.n}×{self.m}: {self.out} {sign} {self.left}·{self.right}{bias}"


Step = Loop | MatMul


def ranges(rows: Any) -> Iterator[tuple[int, int]]:
    """Sorted row numbers as ranges: the first row, and the one after the last."""
    rows = np.asarray(rows)
    if len(rows):
        for part in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1):
            yield int(part[0]), int(part[-1]) + 1


def ref_of(space: str, rows: Any) -> Ref:
    """The row numbers of an array of n by m as a ref: by steps where they are regular, else by a table."""
    n, m = rows.shape
    first = int(rows[0, 0])
    by_i, by_k = int(rows[1, 0]) - first if n > 1 else 0, int(rows[0, 1]) - first if m > 1 else 0
    if (rows == first + by_i * np.arange(n)[:, None] + by_k * np.arange(m)).all():
        return Ref(space, first, by_i, by_k, n, m)
    return Ref(space, 0, 0, 0, n, m, Table(rows.ravel()))


def line(space: str, start: int, count: int) -> Ref:
    """``count`` consecutive rows."""
    return Ref(space, start, int(count > 1), 0, count)


def temporaries(code: Sequence[Instruction]) -> int:
    """A number above those of all temporaries of the code."""
    return 1 + max((each.to for each in code if isinstance(each, Load | Const | Op)), default=-1)
