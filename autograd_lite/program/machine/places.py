"""Where the rows of a schedule lie in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..steps import WITH_LANES, Ref
from .emit import I64, Emitter, integer


class RowPlaces:
    """The pointers of rows, in the function that is written, or in one of a single step.

    :param spaces: the pointer of each space.
    :param tables: the pointer of the tables, and where each begins.
    :param lanes: where stands how many lanes a block has; ``stride`` is the distance of its rows.
    """

    def __init__(
        self,
        emitter: Emitter,
        spaces: dict[str, Any],
        tables: tuple[Any, dict[Any, int]],
        lanes: Any,
        stride: int,
    ) -> None:
        self.e, self.spaces = emitter, spaces
        self.tables, self.starts = tables
        self._lanes, self.stride = lanes, stride
        self._begins: dict[Ref, Any] = {}  # of the refs of a step that is a function of its own

    @property
    def lanes(self) -> Any:
        """How many lanes the block at hand has."""
        return self.e.function.args[-1] if self._begins else self.e.b.load(self._lanes)

    @contextmanager
    def beginning(self, begins: dict[Ref, Any]) -> Iterator[None]:
        """Write a function of the pointers at which these refs begin, of the tables and of the lanes."""
        tables, self._begins, self.tables = self.tables, begins, self.e.function.args[-2]
        yield
        self._begins, self.tables = {}, tables

    def row(self, ref: Ref, i: Any, k: Any) -> Any:
        """The number of row (i, k) of a ref."""
        b = self.e.b
        if ref.table is not None:
            at = b.add(b.mul(i, integer(ref.m)), k)
            at = b.add(at, integer(self.starts[ref.table]))
            return b.sext(b.load(b.gep(self.tables, [at])), I64)
        found = integer(0 if ref in self._begins else ref.start)
        for step, by in ((ref.by_i, i), (ref.by_k, k)):
            if step:
                found = b.add(found, by if step == 1 else b.mul(by, integer(step)))
        return found

    def at(self, ref: Ref, i: Any, k: Any, j: Any = None) -> Any:
        """The pointer of row (i, k), at lane j where it has lanes."""
        b, row = self.e.b, self.row(ref, i, k)
        if ref.space in WITH_LANES:
            row = b.mul(row, integer(self.stride))
            row = row if j is None else b.add(row, j)
        return b.gep(self._begins[ref] if self._begins else self.spaces[ref.space], [row])
