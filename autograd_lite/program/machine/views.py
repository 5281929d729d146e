"""What Python gives a compiled call, looked at before anything is touched.

What is no array of floats of the right shape, or lies where results are to go, is an error, and nothing
was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import llvmlite.ir as ir

from ..plan import Plan
from ..quick import Handed
from .calls import NULL, OBJECT, Builtin
from .emit import DOUBLE, I32, I64, POINTER, WHOLES, integer

_WRITABLE, _FORMAT, _ND, _STRIDES = 0x0001, 0x0004, 0x0008, 0x0018  # of PyBUF_…
#: The fields of ``Py_buffer`` that are read, in words of 8 bytes.
_BUF, _LEN, _FORMAT_AT, _SHAPE, _STRIDES_AT = 0, 2, 5, 6, 7
_NDIM = 9  # in words of 4 bytes


class Checked(Builtin):
    """A call with arrays: it knows the buffers that it holds, and the bytes that they reach over.

    :ivar count: how many samples there are, once an argument told; 1 for a point.
    :ivar takes: what it takes, in words.
    """

    def __init__(self, module: Any, schedule: Plan, fixed: dict[str, int]) -> None:
        super().__init__(module, schedule, fixed, "entry")
        self.takes = ""
        self.views: list[Any] = []
        self.ranges: list[tuple[Any, Any]] = []
        self.count: Any = None if schedule.lanes else integer(1)

    def require(self, fine: Any) -> None:
        """Raise where the arguments are not what they must be."""
        b = self.b
        with b.if_then(b.not_(fine), likely=False):
            self.release()
            self.raise_type_error(self.takes)
            b.ret(NULL)

    def release(self) -> None:
        """Let go of the buffers that are held."""
        for view in self.views:
            self.b.call(self.python("PyBuffer_Release", ir.VoidType(), OBJECT), [view])

    def _view(self, thing: Any, flags: int) -> Any:
        """The words of the buffer of an array of floats."""
        b = self.b
        with b.goto_entry_block():
            memory = b.alloca(ir.ArrayType(I64, 16))
            b.store(ir.Constant(memory.type.pointee, None), memory)  # may be released unused
            view = b.bitcast(memory, OBJECT)
        get = self.python("PyObject_GetBuffer", I32, OBJECT, OBJECT, I32)
        found = b.call(get, [thing, view, ir.Constant(I32, flags | _FORMAT)])
        with b.if_then(b.icmp_signed("!=", found, ir.Constant(I32, 0)), likely=False):
            self.release()
            b.ret(NULL)
        self.views.append(view)
        words = b.bitcast(view, WHOLES)
        kind = b.inttoptr(self._word(words, _FORMAT_AT), OBJECT)
        letter, after = (b.load(b.gep(kind, [integer(k)])) for k in (0, 1))
        is_double = b.icmp_unsigned("==", letter, ir.Constant(letter.type, ord("d")))
        self.require(b.and_(is_double, b.icmp_unsigned("==", after, ir.Constant(after.type, 0))))
        return words

    def _word(self, words: Any, k: int) -> Any:
        return self.b.load(self.b.gep(words, [integer(k)]))

    def _number_of_axes(self, words: Any) -> Any:
        b = self.b
        return b.zext(b.load(b.gep(b.bitcast(words, I32.as_pointer()), [integer(_NDIM)])), I64)

    def _axes(self, words: Any, shape: Sequence[int | None]) -> list[Any]:
        """The distances of the axes; the shape must be this one, None being the samples."""
        b = self.b
        axes = self._number_of_axes(words)
        self.require(b.icmp_signed("==", axes, integer(len(shape))))
        sizes, strides = (b.inttoptr(self._word(words, k), WHOLES) for k in (_SHAPE, _STRIDES_AT))
        for d, size in enumerate(shape):
            found = self._word(sizes, d)
            if size is None and self.count is None:
                self.count = found
                self.require(b.icmp_signed(">", found, integer(0)))
            self.require(b.icmp_signed("==", found, self.count if size is None else integer(size)))
        return [self._word(strides, d) for d in range(len(shape))]

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
        words = self._view(thing, _STRIDES if each.axis is not None else _ND)
        address = self._word(words, _BUF)
        if each.axis is None:
            axes = self._number_of_axes(words)
            self.require(b.icmp_signed("==", axes, integer(len(each.shape))))
            sizes = b.inttoptr(self._word(words, _SHAPE), WHOLES)
            for d, size in enumerate(each.shape):
                self.require(b.icmp_signed("==", self._word(sizes, d), integer(size)))
            self.ranges.append((address, b.add(address, integer(8 * each.size))))
            return (address, integer(0), integer(8)) if each.varies else b.inttoptr(address, POINTER)
        shape: list[int | None] = list(each.shape)
        shape.insert(each.axis, None)
        strides = self._axes(words, shape)
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
        words = self._view(thing, _ND | _WRITABLE)
        self.require(b.icmp_signed("==", self._word(words, _LEN), size))
        address = self._word(words, _BUF)
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
