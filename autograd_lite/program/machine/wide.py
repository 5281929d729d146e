"""Products of matrices that no cache holds, left to NumPy's ``matmul`` between the other steps.

Where memory is the limit, the blocks of a tuned library beat tiles in registers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, TypeGuard

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..steps import WITH_LANES, MatMul, Ref
from .emit import LANES, integer

#: A matrix of so many numbers is wide.
_WIDE = 500_000


def is_wide(step: Any) -> TypeGuard[MatMul]:
    """Whether a step is the product of a wide matrix."""
    return isinstance(step, MatMul) and step.n * step.m >= _WIDE


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
        kinds = [ctypes.POINTER(ctypes.c_double)] * 4 + [ctypes.c_int64]
        called = loops.rows.python("product", _left_to_numpy(step, loops.stride), None, kinds)
        self.e.b.call(called, [*pointers, loops.size])


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

    def z(out: Any, left: Any, right: Any, bias: Any, count: int) -> None:
        whole = lanes(out, step.out, step.n, -(-count // LANES) * LANES)
        into = whole[:, :count]
        np.matmul(shared(left, step.left), lanes(right, step.right, step.m, count), out=into)
        if isinstance(step.bias, Ref):
            into += lanes(bias, step.bias, step.n, count)
        elif step.bias:
            into += step.bias
        whole[:, count:] = into[:, -1:]  # empty lanes repeat the last sample

    def x(out: Any, left: Any, right: Any, bias: Any, count: int) -> None:
        whole = lanes(out, step.out, step.m, -(-count // LANES) * LANES)
        whole[:, count:] = 0.0
        into = whole[:, :count]
        pair = shared(left, step.left).T, lanes(right, step.right, step.n, count)
        added(into, *pair) if step.add else np.matmul(*pair, out=into)

    def w(out: Any, left: Any, right: Any, bias: Any, count: int) -> None:
        pair = lanes(left, step.left, step.n, count), lanes(right, step.right, step.m, count).T
        added(shared(out, step.out), *pair)

    chosen: Callable[..., None] = {"z": z, "x": x, "w": w}[step.kind]

    def product(*given: Any) -> None:
        with np.errstate(all="ignore"):
            chosen(*given)

    return product


def _view(at: Any, shape: tuple[int, int], steps: tuple[int, int]) -> Any:
    return as_strided(np.ctypeslib.as_array(at, (1,)), shape, (8 * steps[0], 8 * steps[1]))
