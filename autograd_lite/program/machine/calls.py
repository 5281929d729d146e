"""Programs of one point as builtin functions of Python: no ctypes stands between.

The entry is compiled with the program and calls the interpreter's own functions, those of the stable
interface alone, with the interpreter's lock held: no two threads are inside at once, unless a row is
called back, for which the lock may pass on. Such a program is not called from two threads by its callers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import llvmlite.ir as ir

from ..plan import Plan
from .emit import DOUBLE, I32, I64, POINTER, TABLES, integer

_OBJECT = ir.IntType(8).as_pointer()
_FASTCALL = 0x0080  # METH_FASTCALL
_WRITABLE, _FORMAT = 0x0001, 0x0004  # of PyBUF_…; a buffer without strides is contiguous


class _Definition(ctypes.Structure):
    """``PyMethodDef``."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


def as_builtin(address: int, owner: Any) -> tuple[Callable[..., Any], Any]:
    """The function at an address as one of Python, and its definition, which the owner must hold.

    The function holds the owner, whose code and rows it uses.
    """
    definition = _Definition(b"program", address, _FASTCALL, None)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    return make(ctypes.addressof(definition), owner, None), definition


def add_entry(module: Any, schedule: Plan, fixed: dict[str, int], scalar: bool) -> None:
    """Add the function ``entry``, which calls ``run``.

    With ``scalar`` it takes the inputs as floats, and gives the output and a tuple of the wanted
    derivatives, or the outputs alone. Else it takes the array of the inputs, an array for the
    derivatives by all of them and one for the outputs. It gives None where somebody must look: a
    comparison came out otherwise, or a result is not finite.
    """
    (_Scalars if scalar else _Buffers)(module, schedule, fixed).emit()


class _Entry:
    def __init__(self, module: Any, schedule: Plan, fixed: dict[str, int]) -> None:
        self.module, self.schedule, self.fixed = module, schedule, fixed
        kind = ir.FunctionType(_OBJECT, [_OBJECT, _OBJECT.as_pointer(), I64])
        self.function = ir.Function(module, kind, "entry")
        self.b = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.inputs = sum(space == "p" for space, _ in schedule.layout.inputs)
        self.outputs = len(schedule.layout.roots)

    def python(self, name: str, result: Any, *arguments: Any) -> Any:
        """A function of the interpreter."""
        found = self.module.globals.get(name)
        if found is None:
            llvm.add_symbol(name, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value)
            found = ir.Function(self.module, ir.FunctionType(result, arguments), name)
        return found

    def argument(self, i: int) -> Any:
        return self.b.load(self.b.gep(self.function.args[1], [integer(i)]))

    def require_count(self, count: int) -> None:
        b = self.b
        with b.if_then(b.icmp_signed("!=", self.function.args[2], integer(count)), likely=False):
            b.call(self.python("PyErr_BadArgument", I32), [])
            b.ret(ir.Constant(_OBJECT, None))

    def run(self, p: Any, dp: Any, values: Any) -> Any:
        """The guard of the program, run on these pointers."""
        at = {key: integer(address).inttoptr(POINTER) for key, address in self.fixed.items()}
        tables = integer(self.fixed["tables"]).inttoptr(TABLES)
        spaces = [p, dp, at["u"], at["du"], at["v"], at["dv"], at["c"], tables]
        nothing, zero = ir.Constant(POINTER, None), integer(0)
        rest = [nothing, zero, nothing, zero, values, integer(1), nothing, integer(3), integer(1)]
        return self.b.call(self.module.globals["run"], [*spaces, *rest])

    def none_unless_fine(self, guard: Any) -> None:
        b = self.b
        with b.if_then(b.fcmp_unordered("!=", guard, ir.Constant(DOUBLE, 0.0)), likely=False):
            b.ret(b.call(self.python("Py_BuildValue", _OBJECT, _OBJECT), [self.text("")]))

    def text(self, text: str) -> Any:
        """A string of C."""
        data = bytearray(text.encode() + b"\0")
        name = f"text_{len(self.module.globals)}"
        kind = ir.ArrayType(ir.IntType(8), len(data))
        held = ir.GlobalVariable(self.module, kind, name)
        held.initializer, held.global_constant, held.linkage = ir.Constant(kind, data), True, "internal"
        return self.b.bitcast(held, _OBJECT)

    def float_of(self, x: Any) -> Any:
        return self.b.call(self.python("PyFloat_FromDouble", _OBJECT, DOUBLE), [x])

    def tuple_of(self, items: list[Any]) -> Any:
        b = self.b
        made = b.call(self.python("PyTuple_New", _OBJECT, I64), [integer(len(items))])
        put = self.python("PyTuple_SetItem", I32, _OBJECT, I64, _OBJECT)
        for i, item in enumerate(items):
            b.call(put, [made, integer(i), item])
        return made


class _Scalars(_Entry):
    def emit(self) -> None:
        b, count = self.b, self.inputs
        self.require_count(count)
        p, dp = (b.alloca(DOUBLE, integer(max(count, 1))) for _ in range(2))
        values = b.alloca(DOUBLE, integer(max(self.outputs, 1)))
        read = self.python("PyFloat_AsDouble", DOUBLE, _OBJECT)
        suspect = None
        for i in range(count):
            x = b.call(read, [self.argument(i)])
            b.store(x, b.gep(p, [integer(i)]))
            wrong = b.fcmp_ordered("==", x, ir.Constant(DOUBLE, -1.0))
            suspect = wrong if suspect is None else b.or_(suspect, wrong)
        if suspect is not None:
            with b.if_then(suspect, likely=False):
                error = b.call(self.python("PyErr_Occurred", _OBJECT), [])
                with b.if_then(b.icmp_unsigned("!=", b.ptrtoint(error, I64), integer(0))):
                    b.ret(ir.Constant(_OBJECT, None))
        self.none_unless_fine(self.run(p, dp, values))
        outputs = [self.float_of(b.load(b.gep(values, [integer(i)]))) for i in range(self.outputs)]
        if self.schedule.gradient:
            wanted = self.schedule.layout.wanted["dp"].tolist()
            slopes = [self.float_of(b.load(b.gep(dp, [integer(i)]))) for i in wanted]
            b.ret(self.tuple_of([outputs[0], self.tuple_of(slopes)]))
        else:
            b.ret(outputs[0] if len(outputs) == 1 else self.tuple_of(outputs))


class _Buffers(_Entry):
    def refuse(self, wrong: Any, views: list[Any], release: Any) -> None:
        """Raise where the arrays are not what they must be."""
        b = self.b
        with b.if_then(wrong, likely=False):
            for view in views:
                b.call(release, [view])
            b.call(self.python("PyErr_BadArgument", I32), [])
            b.ret(ir.Constant(_OBJECT, None))

    def emit(self) -> None:
        b = self.b
        self.require_count(3)
        get = self.python("PyObject_GetBuffer", I32, _OBJECT, _OBJECT, I32)
        release = self.python("PyBuffer_Release", ir.VoidType(), _OBJECT)
        views: list[Any] = []
        for i, count in enumerate((self.inputs, self.inputs, self.outputs)):
            view = b.bitcast(b.alloca(ir.ArrayType(I64, 16)), _OBJECT)
            flags = ir.Constant(I32, _FORMAT | (_WRITABLE if i else 0))
            failed = b.icmp_signed("!=", b.call(get, [self.argument(i), view, flags]), ir.Constant(I32, 0))
            with b.if_then(failed, likely=False):
                for other in views:
                    b.call(release, [other])
                b.ret(ir.Constant(_OBJECT, None))
            views.append(view)
            fields = b.bitcast(view, I64.as_pointer())
            length = b.load(b.gep(fields, [integer(2)]))  # Py_buffer.len
            kind = b.inttoptr(b.load(b.gep(fields, [integer(5)])), _OBJECT)  # Py_buffer.format
            letter, after = (b.load(b.gep(kind, [integer(k)])) for k in (0, 1))
            other_kind = b.or_(
                b.icmp_unsigned("!=", letter, ir.Constant(letter.type, ord("d"))),
                b.icmp_unsigned("!=", after, ir.Constant(after.type, 0)),
            )
            short = b.icmp_signed("<", length, integer(8 * count))
            self.refuse(b.or_(short, other_kind), views, release)
        data = [b.load(b.bitcast(view, POINTER.as_pointer())) for view in views]
        starts = [b.ptrtoint(each, I64) for each in data[:2]]
        ends = [b.add(start, integer(8 * self.inputs)) for start in starts]
        overlap = b.and_(b.icmp_unsigned("<", starts[0], ends[1]), b.icmp_unsigned("<", starts[1], ends[0]))
        self.refuse(overlap, views, release)
        guard = self.run(*data)
        first = b.load(data[2])
        for view in views:
            b.call(release, [view])
        self.none_unless_fine(guard)
        b.ret(self.float_of(first))
