"""The lines of NumPy calls for the steps of a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .array_loops import LoopText
from .array_views import Names, RowView
from .steps import Load, MatMul, Ref, Step, ranges


class StepsText:
    """The lines of some steps.

    :param clear: ranges of rows of each space that are 0 before the steps, which add to them. They
        are stored to, where that is the same; None where earlier blocks have added to them already.
    :ivar lines: they; what has to be cleared is cleared first.
    """

    def __init__(
        self, steps: Sequence[Step], names: Names, clear: dict[str, list[tuple[int, int]]] | None = None
    ) -> None:
        self.names = names
        self._fresh: dict[str, Any] = {}  # rows that nothing was added to yet
        self._clear: dict[str, Any] = {}
        for space, parts in (clear or {}).items():
            self._fresh[space] = np.zeros(max(b for _, b in parts), bool)
            for a, b in parts:
                self._fresh[space][a:b] = True
            self._clear[space] = np.zeros_like(self._fresh[space])
        self.lines: list[str] = []
        for step in steps:
            if isinstance(step, MatMul):
                self._product(step)
            else:
                for each in step.code:
                    if isinstance(each, Load):
                        self._require_clear(each.ref)
                LoopText(self, step).write()
        for space, fresh in self._fresh.items():
            self._clear[space] |= fresh
        self.lines[:0] = [
            f"{space}[{a}:{b}] = 0.0"
            for space, rows in self._clear.items()
            for a, b in ranges(np.flatnonzero(rows))
        ]

    def is_fresh(self, ref: Ref) -> bool:
        """Whether an addition to these rows, which is made now, is the first to each of them."""
        fresh = self._fresh.get(ref.space)
        if fresh is None or not len(fresh):
            return False
        rows = ref.rows().ravel()
        rows = rows[rows < len(fresh)]
        if len(rows) == ref.n * ref.m and fresh[rows].all() and ref.distinct():
            fresh[rows] = False
            return True
        self._require_clear(ref)
        return False

    def _require_clear(self, ref: Ref) -> None:
        fresh = self._fresh.get(ref.space)
        if fresh is not None:
            rows = ref.rows().ravel()
            rows = rows[rows < len(fresh)]
            self._clear[ref.space][rows[fresh[rows]]] = True
            fresh[rows] = False

    def _matrix(self, ref: Ref, step: MatMul, turned: bool = False) -> str:
        shape, apart = (step.n, step.m), (ref.by_i, ref.by_k)
        return self.names.view(RowView(ref.space, ref.start, shape, apart, turned=turned))

    def _lanes(self, ref: Ref, count: int, turned: bool = False) -> str:
        apart = ref.by_i or ref.by_k
        return self.names.view(RowView(ref.space, ref.start, (count,), (apart,), turned=turned))

    def _product(self, step: MatMul) -> None:
        n, m = step.n, step.m
        if step.kind == "z":
            out = self._lanes(step.out, n)
            self._into(out, f"{self._matrix(step.left, step)}, {self._lanes(step.right, m)}", True)
            if isinstance(step.bias, Ref):
                bias = self.names.rows(step.bias, n, 1, True)
                self.lines.append(f"np.add({out}, {bias}, out={out})")
            elif step.bias:
                self.lines.append(f"np.add({out}, {self.names.number(step.bias)}, out={out})")
        elif step.kind == "x":
            pair = f"{self._matrix(step.left, step, True)}, {self._lanes(step.right, n)}"
            self._into(self._lanes(step.out, m), pair, not step.add)
        else:
            pair = f"{self._lanes(step.left, n)}, {self._lanes(step.right, m, True)}"
            self._into(self._matrix(step.out, step), pair, self.is_fresh(step.out) or not step.add)

    def _into(self, out: str, pair: str, first: bool) -> None:
        self.lines.append(
            f"np.matmul({pair}, out={out})" if first else f"np.add({out}, np.matmul({pair}), out={out})"
        )
