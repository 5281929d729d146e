"""Matrix products over lanes, in tiles that stay in registers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..steps import MatMul, Ref
from .emit import LANES, TILE, WIDTH, integer, number, vector


def tiles(count: int, size: int) -> Iterator[tuple[int, int, int]]:
    """(size, first, stop): whole tiles, and the rest in tiles of half, a quarter, … of the size."""
    at = 0
    while size:
        stop = at + (count - at) // size * size
        if stop > at:
            yield size, at, stop
            at = stop
        size //= 2


class Products:
    """Emits the three kinds of products; ``loops`` knows where rows lie."""

    def __init__(self, loops: Any) -> None:
        self.loops, self.e = loops, loops.e

    def emit(self, step: MatMul) -> None:
        """Emit one product."""
        left, right = step.left, step.right
        if step.kind == "z":
            self._tiled(step, step.n, step.m, (left.by_i, left.by_k), right.by_k)
        elif step.kind == "x":
            self._tiled(step, step.m, step.n, (left.by_k, left.by_i), right.by_i)
        else:
            self._outer(step)

    def _out(self, ref: Ref, row: Any, j: Any) -> Any:
        zero = integer(0)
        return self.loops.at(ref, row, zero, j) if ref.m == 1 else self.loops.at(ref, zero, row, j)

    def _tiled(self, step: MatMul, rows: int, depth: int, strides: tuple[int, int], by: int) -> None:
        """out[r] (+)= bias[r] + Σ_c left[r, c]·right[c], a tile of rows and vectors at a time."""
        e, wide = self.e, TILE[1]
        with e.loop(self.loops.lanes, LANES) as j:
            for high, top, bottom in tiles(rows, TILE[0]):
                with e.loop(bottom, high, top) as r:
                    self._tile(step, depth, strides, by, (j, wide), (r, high))

    def _tile(
        self,
        step: MatMul,
        depth: int,
        strides: tuple[int, int],
        by: int,
        across: tuple[Any, int],
        down: tuple[Any, int],
    ) -> None:
        e, b, at, zero = self.e, self.e.b, self.loops.at, integer(0)
        (j, wide), (r, high) = across, down
        columns = [b.add(j, integer(v * WIDTH)) for v in range(wide)]
        rows = [b.add(r, integer(a)) for a in range(high)]
        sums = [
            [e.variable(vector(), self._start(step, row, column)) for column in columns] for row in rows
        ]
        first, right = at(step.left, zero, zero), at(step.right, zero, zero, j)
        starts = [b.gep(first, [b.mul(row, integer(strides[0]))]) for row in rows]
        with e.loop(depth) as c:
            there = b.gep(right, [b.mul(c, integer(by * self.loops.stride))])
            xs = [e.load_vector(b.gep(there, [integer(v * WIDTH)])) for v in range(wide)]
            for start, line in zip(starts, sums, strict=True):
                w = e.splat(b.load(b.gep(start, [b.mul(c, integer(strides[1]))])))
                for x, place in zip(xs, line, strict=True):
                    b.store(b.fadd(b.load(place), b.fmul(w, x, flags=e.flags), flags=e.flags), place)
        for row, line in zip(rows, sums, strict=True):
            for column, place in zip(columns, line, strict=True):
                e.store_vector(b.load(place), self._out(step.out, row, column))

    def _start(self, step: MatMul, row: Any, column: Any) -> Any:
        if step.add:
            return self.e.load_vector(self._out(step.out, row, column))
        if isinstance(step.bias, Ref):
            lanes = step.bias.space in ("v", "dv")
            at = self.loops.at(step.bias, row, integer(0), column if lanes else None)
            return self.e.load_vector(at) if lanes else self.e.splat(self.e.b.load(at))
        return number(step.bias or 0.0, WIDTH)

    def _outer(self, step: MatMul) -> None:
        """out[i, k] += the sum over the lanes of left[i]·right[k]."""
        e = self.e
        for wide, first, stop in tiles(step.m, WIDTH):
            with e.loop(stop, wide, first) as k:
                for high, top, bottom in tiles(step.n, 2 if wide == WIDTH else 4):
                    with e.loop(bottom, high, top) as i:
                        self._outer_tile(step, (i, high), (k, wide))

    def _outer_tile(self, step: MatMul, down: tuple[Any, int], across: tuple[Any, int]) -> None:
        e, b, at = self.e, self.e.b, self.loops.at
        (i, high), (k, wide) = down, across
        zero = integer(0)
        sums = [[e.variable(vector(), number(0.0, WIDTH)) for _ in range(wide)] for _ in range(high)]
        with e.loop(self.loops.lanes, WIDTH) as j:
            left = [e.load_vector(at(step.left, b.add(i, integer(a)), zero, j)) for a in range(high)]
            for t in range(wide):
                x = e.load_vector(at(step.right, zero, b.add(k, integer(t)), j))
                for g, line in zip(left, sums, strict=True):
                    product = b.fmul(g, x, flags=e.flags)
                    b.store(b.fadd(b.load(line[t]), product, flags=e.flags), line[t])
        for a, line in enumerate(sums):
            row = b.add(i, integer(a))
            found = [b.load(place) for place in line]
            if wide == WIDTH and step.out.by_k == 1:
                place = at(step.out, row, k)
                e.store_vector(b.fadd(e.load_vector(place), e.totals(found)), place)
            else:
                for t, x in enumerate(found):
                    e.add_to(at(step.out, row, b.add(k, integer(t))), e.total(x))
