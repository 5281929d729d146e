"""Products of matrices that no cache holds, left to NumPy's ``matmul`` between the other steps.

Where memory is the limit, the blocks of a tuned library beat tiles in registers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, TypeGuard

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..plan import Plan
from ..steps import WITH_LANES, MatMul, Ref, ranges
from .emit import LANES, integer

#: A matrix of so many numbers is wide.
_WIDE = 500_000


def is_wide(step: Any) -> TypeGuard[MatMul]:
    """Whether a step is the product of a wide matrix."""
    return isinstance(step, MatMul) and step.n * step.m >= _WIDE


def lone_writers(plan: Plan) -> list[MatMul]:
    """The wide products that add to rows that no other step writes: the first block may store there."""
    found: list[MatMul] = []
    steps: list[Any] = plan.steps
    for step in steps:
        if is_wide(step) and step.kind == "w":
            mine = np.zeros(plan.counts[step.out.space], bool)
            mine[step.out.rows()] = True
            others = [ref for other in steps if other is not step for ref in other.writes()]
            if not any(ref.space == step.out.space and mine[ref.rows()].any() for ref in others):
                found.append(step)
    return found


def to_clear(plan: Plan, lone: list[MatMul]) -> dict[str, list[tuple[int, int]]]:
    """The ranges of a plan that are to be cleared first: not those in which the first block stores."""
    found = {}
    for space, parts in plan.clear.items():
        rows = np.zeros(plan.counts[space] + 1, bool)
        for first, stop in parts:
            rows[first:stop] = True
        for step in lone:
            rows[step.out.rows()] &= step.out.space != space
        fewer = list(ranges(np.flatnonzero(rows)))
        found[space] = fewer if len(fewer) <= 2 * len(parts) else parts
    return found


class WideProducts:
    """Emits calls of NumPy; ``loops`` knows where rows lie."""

    def __init__(self, loops: Any) -> None:
        self.loops, self.e = loops, loops.e

    def emit(self, step: MatMul) -> None:
        """Emit one product: of the lanes that hold samples."""
        loops, zero = self.loops, integer(0)
        refs = [step.out, step.left, step.right]
        refs.append(step.bias if isinstance(step.bias, Ref) else step.left)
        pointers = [loops.at(ref, zero, zero, zero) for ref in refs]
        kinds = [ctypes.POINTER(ctypes.c_double)] * 4 + [ctypes.c_int64] * 2
        called = loops.rows.python("product", _left_to_numpy(step, loops.stride), None, kinds)
        fresh = loops.first if any(step is other for other in loops.lone) else zero
        self.e.b.call(called, [*pointers, loops.size, fresh])


def _left_to_numpy(step: MatMul, stride: int) -> Callable[..., None]:
    """The product as a function of where its operands begin, and of how many lanes hold samples."""

    def shared(at: Any, ref: Ref) -> Any:
        return _view(at, (step.n, step.m), (ref.by_i, ref.by_k))

    def lanes(at: Any, ref: Ref, rows: int, count: int) -> Any:
        by = ref.by_i or ref.by_k
        return _view(at, (rows, count), (by * stride, 1) if ref.space in WITH_LANES else (by, 0))

    spare: list[Any] = []

    def added(out: Any, left: Any, right: Any) -> None:
        if not spare:
            spare.append(np.empty(out.shape))
        part = spare[0] if spare[0].shape == out.shape else np.empty(out.shape)
        np.matmul(left, right, out=part)
        np.add(out, part, out=out)

    def z(out: Any, left: Any, right: Any, bias: Any, count: int, fresh: int) -> None:
        whole = lanes(out, step.out, step.n, -(-count // LANES) * LANES)
        into = whole[:, :count]
        np.matmul(shared(left, step.left), lanes(right, step.right, step.m, count), out=into)
        if isinstance(step.bias, Ref):
            into += lanes(bias, step.bias, step.n, count)
        elif step.bias:
            into += step.bias
        whole[:, count:] = into[:, -1:]  # empty lanes repeat the last sample

    def x(out: Any, left: Any, right: Any, bias: Any, count: int, fresh: int) -> None:
        whole = lanes(out, step.out, step.m, -(-count // LANES) * LANES)
        whole[:, count:] = 0.0
        into = whole[:, :count]
        pair = shared(left, step.left).T, lanes(right, step.right, step.n, count)
        added(into, *pair) if step.add else np.matmul(*pair, out=into)

    def w(out: Any, left: Any, right: Any, bias: Any, count: int, fresh: int) -> None:
        pair = lanes(left, step.left, step.n, count), lanes(right, step.right, step.m, count).T
        into = shared(out, step.out)
        np.matmul(*pair, out=into) if fresh else added(into, *pair)

    chosen: Callable[..., None] = {"z": z, "x": x, "w": w}[step.kind]

    def product(*given: Any) -> None:
        with np.errstate(all="ignore"):
            chosen(*given)

    return product


def _view(at: Any, shape: tuple[int, int], steps: tuple[int, int]) -> Any:
    return as_strided(np.ctypeslib.as_array(at, (1,)), shape, (8 * steps[0], 8 * steps[1]))
