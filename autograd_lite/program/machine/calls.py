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
from .emit import DOUBLE, I32, I64, POINTER, TABLES, WHOLES, Emitter, integer

OBJECT = ir.IntType(8).as_pointer()
_FASTCALL = 0x0080  # METH_FASTCALL


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


class Builtin:
    """A function that Python calls: it has the interpreter's functions at hand."""

    def __init__(self, module: Any, schedule: Plan, fixed: dict[str, int], name: str) -> None:
        self.module, self.schedule, self.fixed = module, schedule, fixed
        kind = ir.FunctionType(OBJECT, [OBJECT, OBJECT.as_pointer(), I64])
        self.function = ir.Function(module, kind, name)
        self.e = Emitter(module, self.function, ())
        self.b = self.e.b
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
        """An object that Python gives."""
        return self.b.load(self.b.gep(self.function.args[1], [integer(i)]))

    def is_float(self, thing: Any) -> Any:
        """Whether an object of Python is a float, and of no other class."""
        b = self.b
        kind = b.call(self.python("PyObject_Type", OBJECT, OBJECT), [thing])
        b.call(self.python("Py_DecRef", ir.VoidType(), OBJECT), [kind])
        return b.icmp_unsigned("==", b.ptrtoint(kind, I64), integer(id(float)))

    def pointer(self, name: str, kind: Any = POINTER) -> Any:
        """The pointer of memory whose address is known."""
        return integer(self.fixed[name]).inttoptr(kind)

    def run(self, spaces: list[Any], samples: list[Any], rest: list[Any]) -> Any:
        """The guard of the program; see :class:`~.function.RunFunction` for what it takes."""
        given = [*spaces, self.pointer("c"), self.pointer("tables", TABLES), *samples, *rest]
        return self.b.call(self.module.globals["run"], given)

    def raise_type_error(self, text: str) -> None:
        """Let Python raise a TypeError, once the function gives null."""
        kind = integer(id(TypeError)).inttoptr(OBJECT)
        self.b.call(self.python("PyErr_SetString", ir.VoidType(), OBJECT, OBJECT), [kind, self.text(text)])

    def none(self) -> Any:
        """Python's None."""
        return self.b.call(self.python("Py_BuildValue", OBJECT, OBJECT), [self.text("")])

    def is_not_fine(self, guard: Any) -> Any:
        """Whether somebody must look at the results."""
        return self.b.fcmp_unordered("!=", guard, ir.Constant(DOUBLE, 0.0))

    def text(self, text: str) -> Any:
        """A string of C."""
        data = bytearray(text.encode() + b"\0")
        name = f"text_{len(self.module.globals)}"
        kind = ir.ArrayType(ir.IntType(8), len(data))
        held = ir.GlobalVariable(self.module, kind, name)
        held.initializer, held.global_constant, held.linkage = ir.Constant(kind, data), True, "internal"
        return self.b.bitcast(held, OBJECT)

    def float_of(self, x: Any) -> Any:
        """A float of Python."""
        return self.b.call(self.python("PyFloat_FromDouble", OBJECT, DOUBLE), [x])

    def tuple_of(self, items: list[Any]) -> Any:
        """A tuple of Python."""
        b = self.b
        made = b.call(self.python("PyTuple_New", OBJECT, I64), [integer(len(items))])
        put = self.python("PyTuple_SetItem", I32, OBJECT, I64, OBJECT)
        for i, item in enumerate(items):
            b.call(put, [made, integer(i), item])
        return made


class Scalars(Builtin):
    """The entry of a program of a few floats: it gives the output and a tuple of the wanted derivatives.

    Without derivatives it gives the outputs alone. It gives None where somebody must look: a comparison
    came out otherwise, or a result is not finite. With ``lean`` also where an argument is no float, or
    there is another number of them; a single derivative is then no tuple.
    """

    def __init__(self, module: Any, schedule: Plan, fixed: dict[str, int], lean: bool) -> None:
        super().__init__(module, schedule, fixed, "lean" if lean else "entry")
        self.lean = lean
        b, count = self.b, self.inputs
        self._require_count(count)
        p, dp = (b.alloca(DOUBLE, integer(max(count, 1))) for _ in range(2))
        values = b.alloca(DOUBLE, integer(max(self.outputs, 1)))
        read = self.python("PyFloat_AsDouble", DOUBLE, OBJECT)
        suspect = ir.Constant(ir.IntType(1), 0)
        for i in range(count):
            if lean:
                with b.if_then(b.not_(self.is_float(self.argument(i))), likely=False):
                    self._refuse()
            x = b.call(read, [self.argument(i)])
            b.store(x, b.gep(p, [integer(i)]))
            suspect = b.or_(suspect, b.fcmp_ordered("==", x, ir.Constant(DOUBLE, -1.0)))
        with b.if_then(suspect, likely=False):
            error = b.call(self.python("PyErr_Occurred", OBJECT), [])
            with b.if_then(b.icmp_unsigned("!=", b.ptrtoint(error, I64), integer(0))):
                self._refuse()
        spaces = [p, dp, *(self.pointer(name) for name in ("u", "du", "v", "dv"))]
        guard = self.run(spaces, [NOWHERE, NOWHERE], outputs_at(values))
        with b.if_then(self.is_not_fine(guard), likely=False):
            b.ret(self.none())
        outputs = [self.float_of(b.load(b.gep(values, [integer(i)]))) for i in range(self.outputs)]
        if not self.schedule.gradient:
            b.ret(outputs[0] if len(outputs) == 1 else self.tuple_of(outputs))
            return
        wanted = self.schedule.layout.wanted["dp"].tolist()
        slopes = [self.float_of(b.load(b.gep(dp, [integer(i)]))) for i in wanted]
        single = lean and len(slopes) == 1
        b.ret(self.tuple_of([outputs[0], slopes[0] if single else self.tuple_of(slopes)]))

    def _require_count(self, count: int) -> None:
        b = self.b
        with b.if_then(b.icmp_signed("!=", self.function.args[2], integer(count)), likely=False):
            if not self.lean:
                self.raise_type_error(f"the compiled function takes {count} floats")
            self._refuse()

    def _refuse(self) -> None:
        if self.lean:
            self.b.call(self.python("PyErr_Clear", ir.VoidType()), [])
            self.b.ret(self.none())
        else:
            self.b.ret(NULL)


NULL = ir.Constant(OBJECT, None)
NOWHERE = ir.Constant(WHOLES, None)


def outputs_at(values: Any) -> list[Any]:
    """What :class:`~.function.RunFunction` takes behind the samples, for one point."""
    nothing, zero = ir.Constant(POINTER, None), integer(0)
    return [nothing, ir.Constant(DOUBLE, 1.0), values, integer(1), nothing, integer(3), zero, integer(1)]
