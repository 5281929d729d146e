"""Walks over a tape as machine code: a loop that reads an instruction and jumps to what it does.

What a code does is emitted once for all operations of its kind: neither its size nor the time to make
it depends on how many operations there are.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from typing import Any

import llvmlite.ir as ir

from ...core.primitive import BUILT_IN, Primitive
from ...support.ieee import FLOAT_ERRORS
from ..exact import SUMS_IN_ORDER
from ..instructions import Code, Walk
from ..rules import recipes, without_pow
from ..steps import Local
from .emit import I64, WIDTH, integer, number


class Walks:
    """Emits walks; ``loops`` knows where spaces and tables lie, and how many lanes there are."""

    def __init__(self, loops: Any) -> None:
        self.loops, self.e, self.rows = loops, loops.e, loops.rows

    def emit(self, walk: Walk) -> None:
        """Emit one walk, over all instructions of its stream."""
        e, b, loops = self.e, self.e.b, self.loops
        self.values, self.adjoints = loops.spaces[walk.space], loops.spaces["d" + walk.space]
        self.width: int = WIDTH if walk.lanes else 1
        self.stride: int = loops.stride if walk.lanes else 1
        self.stream = b.gep(loops.tables, [integer(loops.starts[walk.stream])])
        place = e.variable(I64, integer(0))
        look, end = (e.function.append_basic_block(name) for name in ("look", "end"))
        b.branch(look)
        b.position_at_end(look)
        at = b.load(place)
        jump = b.switch(b.load(b.gep(self.stream, [at])), end)
        for code, k in walk.codes.items():
            case = e.function.append_basic_block(code.row.name)
            jump.add_case(k, case)
            b.position_at_end(case)
            b.store(self._instruction(code, at), place)
            b.branch(look)
        b.position_at_end(end)

    def _instruction(self, code: Code, at: Any) -> Any:
        """What an instruction does that stands at this place; where the next one stands."""
        b, arity = self.e.b, code.row.arity
        result, first = self._row(b.add(at, integer(1))), b.add(at, integer(2))
        if arity is not None:
            operands = [self._row(b.add(first, integer(k))) for k in range(arity)]
            self._over_lanes(lambda j: self._fixed(code, result, operands, j))
            return b.add(first, integer(arity))
        count, first = self._number(first), b.add(first, integer(1))
        own = code.row.name in BUILT_IN and (SUMS_IN_ORDER or not self.rows.exact)
        emit = {"sum": self._sum, "dot": self._dot}.get(code.row.name) if own else None
        if emit is not None:
            self._over_lanes(lambda j: emit(code.wanted, result, first, count, j))
        else:
            self._called_back(code, result, first, count)
        return b.add(first, count)

    # Rows

    def _number(self, at: Any) -> Any:
        return self.e.b.sext(self.e.b.load(self.e.b.gep(self.stream, [at])), I64)

    def _row(self, at: Any) -> Any:
        """Where the row begins whose number stands at this place."""
        row = self._number(at)
        return row if self.stride == 1 else self.e.b.mul(row, integer(self.stride))

    def _over_lanes(self, do: Callable[[Any], None]) -> None:
        if self.width == 1:
            do(integer(0))
        else:
            with self.e.loop(self.loops.lanes, WIDTH) as j:
                do(j)

    def _at(self, space: Any, row: Any, j: Any) -> Any:
        return self.e.b.gep(space, [row if self.width == 1 else self.e.b.add(row, j)])

    def _load(self, space: Any, row: Any, j: Any) -> Any:
        at = self._at(space, row, j)
        return self.e.b.load(at) if self.width == 1 else self.e.load_vector(at)

    def _store(self, x: Any, space: Any, row: Any, j: Any) -> None:
        at = self._at(space, row, j)
        if self.width == 1:
            self.e.b.store(x, at)
        else:
            self.e.store_vector(x, at)

    def _add(self, x: Any, row: Any, j: Any) -> None:
        """Add to the adjoint of a row."""
        total = self.e.b.fadd(self._load(self.adjoints, row, j), x, flags=self.e.flags)
        self._store(total, self.adjoints, row, j)

    def _upstream(self, result: Any, j: Any) -> Any:
        """The adjoint of the result, which is 0 from here on."""
        found = self._load(self.adjoints, result, j)
        self._store(number(0.0, self.width), self.adjoints, result, j)
        return found

    # Rows of the table with a fixed number of operands

    def _fixed(self, code: Code, result: Any, operands: Sequence[Any], j: Any) -> None:
        self.rows.shared = {}
        xs = [self._load(self.values, row, j) for row in operands]
        if code.wanted is None:
            self._store(self.rows(code.row, xs, self.width), self.values, result, j)
            return
        up = self._upstream(result, j)
        xs.append(self._load(self.values, result, j))
        for k in code.wanted:
            local = self._local(code, k, xs)
            if type(local) is not float:
                part = self.e.b.fmul(local, up, flags=self.e.flags)
            elif abs(local) == 1.0:
                part = up if local == 1.0 else self.e.b.fneg(up)
            elif local == 0.0 and code.row.piecewise:
                continue
            else:
                part = self.e.b.fmul(number(local, self.width), up, flags=self.e.flags)
            self._add(part, operands[k], j)

    def _local(self, code: Code, k: int, held: list[Any]) -> Any:
        """The local derivative by operand ``k``; ``held`` are the operands and the result."""
        row = code.row
        constants = code.fixed or [None if p in code.wanted else 0.0 for p in range(len(held) - 1)]  # type: ignore[operator]  # it goes back
        found = None if code.fixed is None else recipes(row, constants)
        if found is None:
            return self.rows(Local(row, k), held, self.width)
        recipe, made = found[k], [*held]
        assert recipe is not None
        for inner, sources in recipe.steps:
            if not self.rows.exact:
                inner, sources = without_pow(inner, sources)
            given = [made[p] if type(p) is int else number(p, self.width) for p in sources]
            made.append(self.rows(inner, given, self.width))
        return made[recipe.result] if type(recipe.result) is int else recipe.result

    # Rows of any number of operands, whose rows stand at ``first`` and the places after it

    def _sum(self, wanted: Any, result: Any, first: Any, count: Any, j: Any) -> None:
        e, b = self.e, self.e.b
        if wanted is not None:
            up = self._upstream(result, j)
            with e.loop(count) as k:
                self._add(up, self._row(b.add(first, k)), j)
            return
        total = e.variable(number(0.0, self.width).type, number(0.0, self.width))
        with e.loop(count) as k:
            x = self._load(self.values, self._row(b.add(first, k)), j)
            b.store(b.fadd(b.load(total), x, flags=e.flags), total)
        self._store(b.load(total), self.values, result, j)

    def _dot(self, wanted: Any, result: Any, first: Any, count: Any, j: Any) -> None:
        e, b = self.e, self.e.b
        half, last = b.ashr(count, integer(1)), b.add(first, b.sub(count, integer(1)))
        second = b.add(first, half)
        if wanted is not None:
            up = self._upstream(result, j)
            for own, other in [
                pair for s, pair in enumerate(((first, second), (second, first))) if s in wanted
            ]:
                with e.loop(half) as k:
                    x = self._load(self.values, self._row(b.add(other, k)), j)
                    self._add(b.fmul(x, up, flags=e.flags), self._row(b.add(own, k)), j)
            if 2 in wanted:
                self._add(up, self._row(last), j)
            return
        total = e.variable(number(0.0, self.width).type, number(0.0, self.width))
        with e.loop(half) as k:
            pair = [self._load(self.values, self._row(b.add(at, k)), j) for at in (first, second)]
            b.store(b.fadd(b.load(total), b.fmul(*pair, flags=e.flags), flags=e.flags), total)
        with b.if_then(b.trunc(count, ir.IntType(1))):
            bias = self._load(self.values, self._row(last), j)
            b.store(b.fadd(b.load(total), bias, flags=e.flags), total)
        self._store(b.load(total), self.values, result, j)

    def _called_back(self, code: Code, result: Any, first: Any, count: Any) -> None:
        """Leave the instruction to Python, lane by lane."""
        b = self.e.b
        do = (
            _backward(code.row, self.stride) if code.wanted is not None else _forward(code.row, self.stride)
        )
        floats, whole = ctypes.POINTER(ctypes.c_double), ctypes.c_int64
        kinds = (floats, floats, ctypes.POINTER(ctypes.c_int32), whole, whole)
        outside = self.rows.python(code.row.name, do, None, kinds)
        operands = b.gep(self.stream, [first])
        with self.e.loop(self.loops.lanes if self.width > 1 else 1) as j:
            spaces = [b.gep(space, [j]) for space in (self.values, self.adjoints)]
            b.call(outside, [*spaces, operands, count, result])


def _forward(row: Primitive, stride: int) -> Callable[..., None]:
    def do(values: Any, adjoints: Any, operands: Any, count: int, result: int) -> None:
        values[result] = row.ieee_value([values[p * stride] for p in operands[:count]])

    return do


def _backward(row: Primitive, stride: int) -> Callable[..., None]:
    def do(values: Any, adjoints: Any, operands: Any, count: int, result: int) -> None:
        up, adjoints[result] = adjoints[result], 0.0
        places = [p * stride for p in operands[:count]]
        try:
            found = row.local[0]([values[p] for p in places], values[result])
        except FLOAT_ERRORS:
            found = [math.nan] * count
        for p, local in zip(places, found, strict=True):
            adjoints[p] += local * up

    return do
