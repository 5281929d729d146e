"""What Python gives a compiled call, looked at before anything is touched.

What is no array of floats of the right shape, or lies where results are to go, is an error, and nothing
was written. Arrays are read as NumPy's C interface has them, of which the fields of ``PyArrayObject`` are a
part: to ask for a buffer takes as long as a small program.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any

import llvmlite.ir as ir
import numpy as np

from ..plan import Plan
from ..quick import Handed
from .calls import NULL, OBJECT, Builtin
from .emit import DOUBLE, I32, I64, POINTER, WHOLES, integer

#: Where an object ends that has nothing of its own: the class is the last thing before.
_BASE_SIZE = object.__basicsize__
#: Where an array holds the address of its numbers, how many axes it has, and so on; of a dtype the order of
#: its bytes, and its number.
_DATA, _AXES, _SHAPE, _STRIDES, _DTYPE, _FLAGS = (_BASE_SIZE + at for at in (0, 8, 16, 24, 40, 48))
_ORDER, _NUMBER = _BASE_SIZE + 10, _BASE_SIZE + 12
_SIDE_BY_SIDE, _ALIGNED, _WRITABLE = 0x0001, 0x0100, 0x0400


@cache
def arrays_are_as_expected() -> bool:
    """Whether arrays of this NumPy hold what is read from them where it is looked for."""
    array, words, word, half = np.ones((2, 3))[:, :2], ctypes.c_int64 * 2, ctypes.c_int64, ctypes.c_int32
    array.flags.writeable = False

    def at(place: int, kind: Any, thing: Any = array) -> Any:
        found = kind.from_address(id(thing) + place)
        return getattr(found, "value", found)

    flags = at(_FLAGS, half) & (_SIDE_BY_SIDE | _ALIGNED | _WRITABLE)
    found = [at(_BASE_SIZE - 8, word), at(_DATA, word), at(_AXES, half), at(_DTYPE, word), flags]
    found += [*words.from_address(at(_SHAPE, word)), *words.from_address(at(_STRIDES, word))]
    expected = [id(np.ndarray), array.ctypes.data, 2, id(array.dtype), _ALIGNED, 2, 2, 24, 8]
    kind = [at(_ORDER, ctypes.c_char, array.dtype), at(_NUMBER, half, array.dtype)]
    return found == expected and kind == [b"=", array.dtype.num]


class Checked(Builtin):
    """A call with arrays: it knows the bytes that they reach over.

    :param takes: what it takes, in words.
    :ivar count: how many samples there are, once an argument told; 1 for a point.
    """

    def __init__(self, module: Any, schedule: Plan, fixed: dict[str, int], takes: str) -> None:
        super().__init__(module, schedule, fixed, "entry")
        self.ranges: list[tuple[Any, Any]] = []
        self.count: Any = None if schedule.lanes else integer(1)
        self._refused = self.function.append_basic_block("refused")
        with self.b.goto_block(self._refused):
            self.raise_type_error(takes)
            self.b.ret(NULL)

    def require(self, fine: Any) -> None:
        """Raise where the arguments are not what they must be."""
        going_on = self.function.append_basic_block("fine")
        self.b.cbranch(fine, going_on, self._refused)
        self.b.position_at_end(going_on)

    def _field(self, thing: Any, at: int, kind: Any) -> Any:
        """What an object holds behind so many bytes."""
        b = self.b
        return b.load(b.bitcast(b.gep(thing, [integer(at)]), kind.as_pointer()))

    def _array(self, thing: Any, flags: int) -> Any:
        """The address of the numbers of an array of floats that has these flags."""
        b = self.b
        self.require(
            b.icmp_unsigned("==", self._field(thing, _BASE_SIZE - 8, I64), integer(id(np.ndarray)))
        )
        kind = self._field(thing, _DTYPE, OBJECT)
        order, number = self._field(kind, _ORDER, ir.IntType(8)), self._field(kind, _NUMBER, I32)
        mask, float_number = (ir.Constant(I32, x) for x in (flags | _ALIGNED, np.dtype(float).num))
        held = b.icmp_unsigned("==", b.and_(self._field(thing, _FLAGS, I32), mask), mask)
        native = b.icmp_unsigned("==", order, ir.Constant(order.type, ord("=")))
        self.require(b.and_(held, b.and_(native, b.icmp_unsigned("==", number, float_number))))
        return self._field(thing, _DATA, I64)

    def _strides(self, thing: Any, shape: Sequence[int | None]) -> list[Any]:
        """The distances of the axes; the shape must be this one, None being the samples."""
        b = self.b
        self.require(b.icmp_signed("==", self._field(thing, _AXES, I32), ir.Constant(I32, len(shape))))
        sizes, strides = (self._field(thing, at, WHOLES) for at in (_SHAPE, _STRIDES))
        for d, size in enumerate(shape):
            found = b.load(b.gep(sizes, [integer(d)]))
            if size is None and self.count is None:
                self.count = found
                self.require(b.icmp_signed(">", found, integer(0)))
            self.require(b.icmp_signed("==", found, self.count if size is None else integer(size)))
        return [b.load(b.gep(strides, [integer(d)])) for d in range(len(shape))]

    def take(self, each: Handed, thing: Any) -> Any:
        """A number, the pointer of an array, or the place of samples: their address and distances."""
        b = self.b
        if each.shape is None:
            self.require(self.is_float(thing))
            x = b.call(self.python("PyFloat_AsDouble", DOUBLE, OBJECT), [thing])
            if not each.varies:
                return x
            with b.goto_entry_block():
                place = b.alloca(DOUBLE)
            b.store(x, place)
            return b.ptrtoint(place, I64), integer(0), integer(8)
        address = self._array(thing, _SIDE_BY_SIDE if each.axis is None else 0)
        if each.axis is None:
            self._strides(thing, each.shape)
            self.ranges.append((address, b.add(address, integer(8 * each.size))))
            return (address, integer(0), integer(8)) if each.varies else b.inttoptr(address, POINTER)
        shape: list[int | None] = list(each.shape)
        shape.insert(each.axis, None)
        strides = self._strides(thing, shape)
        self._note(address, shape, strides)
        by_sample = strides.pop(each.axis)
        # The numbers of a sample must be one after another at one distance
        for d in range(len(strides) - 1):
            self.require(b.icmp_signed("==", strides[d], b.mul(strides[d + 1], integer(each.shape[d + 1]))))
        by_number = strides[-1] if strides else integer(8)
        if each.varies:
            return address, by_sample, by_number
        self.require(b.icmp_signed("==", by_number, integer(8)))
        return b.inttoptr(address, POINTER)

    def _note(self, address: Any, shape: Sequence[int | None], strides: Sequence[Any]) -> None:
        """Take note of the bytes that an array reaches over."""
        b, low, high = self.b, address, self.b.add(address, integer(8))
        for size, stride in zip(shape, strides, strict=True):
            way = b.mul(stride, b.sub(self.count if size is None else integer(size), integer(1)))
            back = b.icmp_signed("<", way, integer(0))
            low = b.add(low, b.select(back, way, integer(0)))
            high = b.add(high, b.select(back, integer(0), way))
        self.ranges.append((low, high))

    def result_at(self, each: Handed, thing: Any) -> Any:
        """The pointer of an array that a result goes to, which nothing else shares."""
        size = self.b.mul(self.count if each.varies else integer(1), integer(8 * each.size))
        return self._room(thing, size)

    def _room(self, thing: Any, size: Any) -> Any:
        """The pointer of an array of so many bytes that can be written, and overlaps no other."""
        b = self.b
        address = self._array(thing, _SIDE_BY_SIDE | _WRITABLE)
        sizes = self._field(thing, _SHAPE, WHOLES)
        found = self.e.variable(I64, integer(8))
        with self.e.loop(b.sext(self._field(thing, _AXES, I32), I64)) as d:
            b.store(b.mul(b.load(found), b.load(b.gep(sizes, [d]))), found)
        self.require(b.icmp_signed("==", b.load(found), size))
        end = b.add(address, size)
        for low, high in self.ranges:
            self.require(b.or_(b.icmp_unsigned("<=", end, low), b.icmp_unsigned("<=", high, address)))
        self.ranges.append((address, end))
        return b.inttoptr(address, POINTER)

    def maybe(self, thing: Any, rows: int, may_be_none: bool) -> Any:
        """The pointer of an array for so many numbers of each sample; null for None."""
        b, size = self.b, self.b.mul(self.count, integer(8 * rows))
        if not may_be_none:
            return self._room(thing, size)
        with b.goto_entry_block():
            place = b.alloca(POINTER)
            b.store(ir.Constant(POINTER, None), place)
        known = list(self.ranges)
        with b.if_then(b.icmp_unsigned("!=", b.ptrtoint(thing, I64), integer(id(None)))):
            b.store(self._room(thing, size), place)
        found = b.load(place)
        start = b.ptrtoint(found, I64)
        self.ranges = [*known, (start, b.add(start, size))]
        return found
