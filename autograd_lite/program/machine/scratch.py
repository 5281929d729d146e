"""The memory that a compiled call works in: the program's own, or some of its own where that is in use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import llvmlite.ir as ir

from ..plan import Plan
from .calls import NULL, OBJECT
from .emit import I1, I64, POINTER, integer
from .taking import Checked

_COPY = "llvm.memcpy.p0i8.p0i8.i64"


class Scratch(NamedTuple):
    """The memory that a call works in: bytes of each space from its address on, ``size`` in all."""

    address: int
    starts: dict[str, int]
    size: int


class WithMemory(Checked):
    """A call with arrays that has memory to work in."""

    def __init__(
        self, module: Any, schedule: Plan, fixed: dict[str, int], takes: str, scratch: Scratch
    ) -> None:
        super().__init__(module, schedule, fixed, takes)
        self.scratch, self.batch = scratch, schedule.lanes

    def space_in(self, base: Any, space: str) -> Any:
        """The pointer of a space in the memory of the call."""
        at = self.b.add(base, integer(self.scratch.starts[space]))
        return self.b.inttoptr(at, POINTER)

    @contextmanager
    def memory(self) -> Iterator[Any]:
        """The address of memory to work in: the program's own, or where that is in use, some more."""
        b = self.b
        own = integer(self.scratch.address)
        if not self.batch:  # the interpreter's lock is held from beginning to end
            yield own
            return
        busy = ir.GlobalVariable(self.module, I64, "busy")
        busy.initializer, busy.linkage = integer(0), "internal"
        taken = b.cmpxchg(busy, integer(0), integer(1), "acq_rel", "acquire")
        mine = b.extract_value(taken, 1)
        with b.goto_entry_block():
            more, place = b.alloca(OBJECT), b.alloca(I64)
        b.store(NULL, more)
        b.store(own, place)
        with b.if_then(b.not_(mine), likely=False):
            made = b.call(self.python("PyMem_RawMalloc", OBJECT, I64), [integer(self.scratch.size + 64)])
            with b.if_then(b.icmp_unsigned("==", b.ptrtoint(made, I64), integer(0)), likely=False):
                b.ret(b.call(self.python("PyErr_NoMemory", OBJECT), []))
            b.store(made, more)
            b.store(b.and_(b.add(b.ptrtoint(made, I64), integer(63)), integer(-64)), place)
        yield b.load(place)
        with b.if_else(mine) as (idle, other):
            with idle:
                b.store_atomic(integer(0), busy, "release", 8)
            with other:
                b.call(self.python("PyMem_RawFree", ir.VoidType(), OBJECT), [b.load(more)])

    def copy(self, to: Any, source: Any, count: int) -> None:
        """Copy so many floats."""
        b = self.b
        copy = self.module.globals.get(_COPY) or ir.Function(
            self.module, ir.FunctionType(ir.VoidType(), [OBJECT, OBJECT, I64, I1]), _COPY
        )
        b.call(
            copy, [b.bitcast(to, OBJECT), b.bitcast(source, OBJECT), integer(8 * count), ir.Constant(I1, 0)]
        )
