"""Rows of the table as machine code, read from the Python expression that each row has."""

from __future__ import annotations

import ast
import ctypes
import math
from collections.abc import Callable, Sequence
from typing import Any

import llvmlite.binding as llvm
import llvmlite.ir as ir

from ...core.primitive import BUILT_IN, Primitive
from ...support.syntax import expression_tree
from ..callbacks import quiet
from ..steps import Local
from .compiler import is_in_c
from .emit import DOUBLE, I1, I64, POINTER, TABLES, Emitter, number, vector
from .outside import Outside
from .vectors import VECTOR_FUNCTIONS

#: Functions as expressions of x, or of x and y; a test holds each to its original.
_COMPOSED = {
    "special.sigmoid": (
        "1.0 / (1.0 + math.exp(-abs(x))) if x >= 0.0 else math.exp(-abs(x)) / (1.0 + math.exp(-abs(x)))"
    ),
    "special.sech": "2.0 * math.exp(-abs(x)) / (1.0 + math.exp(-abs(x)) * math.exp(-abs(x)))",
    "special.softplus": "max(x, 0.0) + math.log1p(math.exp(-abs(x)))",
    "special.log_sigmoid": "min(x, 0.0) - math.log1p(math.exp(-abs(x)))",
    "special.log_cosh": (
        "math.log1p(2.0 * math.sinh(0.5 * min(abs(x), 20.0)) * math.sinh(0.5 * min(abs(x), 20.0)))"
        " + max(abs(x) - 20.0, 0.0)"
    ),
    "special.log1mexp": "math.log(-math.expm1(-x)) if x < 0.7 else math.log1p(-math.exp(-x))",
    "special.logaddexp": (
        "max(x, y) + math.log1p(math.exp(-abs(x - y))) if x != y else x + 0.6931471805599453"
    ),
    "special.unit": "x / math.hypot(x, y) if x != 0.0 or y != 0.0 else 0.0",
    "math.degrees": f"x * {180.0 / math.pi!r}",
    "math.radians": f"x * {math.pi / 180.0!r}",
}
#: Functions of C that are the same as Python's, where no vector function of our own is at hand.
_OF_C = {
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "erf", "erfc", "exp"),
    *("expm1", "fmod", "hypot", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "tan", "tanh"),
}
_TYPES_OF_C = {
    None: ir.VoidType(),
    ctypes.c_double: DOUBLE,
    ctypes.c_int64: I64,
    ctypes.POINTER(ctypes.c_double): POINTER,
    ctypes.POINTER(ctypes.c_int32): TABLES,
}
_ORDERS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">", ast.Lt: "<", ast.GtE: ">=", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


class _UnreadableError(Exception):
    """An expression that has no machine code."""


class Rows:
    """Emits operations; ``exact`` takes C's functions also for vectors, so that values are Python's."""

    def __init__(self, emitter: Emitter, exact: bool) -> None:
        self.e, self.exact = emitter, exact
        self.width = 1
        self.callbacks: list[Any] = []  # kept alive as long as the code
        self.errors: list[BaseException] = []  # what they raised: it cannot pass through the code
        self.shared: dict[Any, Any] = {}  # what sine and cosine of one number have in common

    def __call__(self, row: Primitive | Local, xs: Sequence[Any], width: int) -> Any:
        """The values of an operation at ``xs``, vectors of that width or numbers."""
        self.width = width
        if isinstance(row, Primitive) and row.name in BUILT_IN:
            names = [f"a{i}" for i in range(len(xs))]
            text = row.python
            text = text.format(*names) if "{0}" in text else text.replace("{}", ", ".join(names))
            try:
                return self._number(self._run(expression_tree(text), dict(zip(names, xs, strict=True))))
            except _UnreadableError:
                pass
        return self._called_back(row, xs)

    def _called_back(self, row: Primitive | Local, xs: Sequence[Any]) -> Any:
        doubles = [ctypes.c_double] * len(xs)
        return self.e.each(self.python(row.name, quiet(row), ctypes.c_double, doubles), xs, self.width)

    def python(self, name: str, function: Callable[..., Any], result: Any, arguments: Sequence[Any]) -> Any:
        """A function of Python that the code calls; its result and arguments are ctypes' types."""
        called = ctypes.CFUNCTYPE(result, *arguments)(Outside(function, self.errors))
        self.callbacks.append(called)
        address = ctypes.cast(called, ctypes.c_void_p).value
        own = f"{name}_at_{address}"
        llvm.add_symbol(own, address)
        return self.e.declared(own, _TYPES_OF_C[result], [_TYPES_OF_C[kind] for kind in arguments])

    def _number(self, x: Any) -> Any:
        """A value as a float: a truth value becomes 0.0 or 1.0."""
        if isinstance(x, int | float):
            return number(x, self.width)
        kind = x.type.element if isinstance(x.type, ir.VectorType) else x.type
        return self.e.b.uitofp(x, vector(self.width)) if kind == I1 else x

    def _truth(self, x: Any) -> Any:
        kind = getattr(x, "type", None)
        if kind == I1 or (isinstance(kind, ir.VectorType) and kind.element == I1):
            return x
        return self.e.b.fcmp_unordered("!=", self._number(x), number(0.0, self.width))

    def _run(self, tree: ast.expr, names: dict[str, Any]) -> Any:
        b, flags = self.e.b, self.e.flags
        match tree:
            case ast.Constant(value=float() | int() as value):
                return value
            case ast.Name(id=name) if name in names:
                return names[name]
            case ast.Attribute(value=ast.Name(id="math"), attr=name):
                return getattr(math, name)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                x = self._run(inner, names)
                return -x if isinstance(x, int | float) else b.fneg(self._number(x))
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self._run(inner, names)
            case ast.BinOp(left=left, op=op, right=right):
                emit = {ast.Add: b.fadd, ast.Sub: b.fsub, ast.Mult: b.fmul, ast.Div: b.fdiv}.get(type(op))
                if emit is None:
                    raise _UnreadableError
                sides = [self._number(self._run(side, names)) for side in (left, right)]
                return emit(*sides, flags=flags)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _ORDERS:
                sides = [self._number(self._run(side, names)) for side in (left, right)]
                sign = _ORDERS[type(op)]
                return (b.fcmp_unordered if sign == "!=" else b.fcmp_ordered)(sign, *sides)
            case ast.BoolOp(op=op, values=parts):
                join = b.or_ if isinstance(op, ast.Or) else b.and_
                first, *others = [self._truth(self._run(part, names)) for part in parts]
                for other in others:
                    first = join(first, other)
                return first
            case ast.IfExp(test=test, body=yes, orelse=no):
                chosen = self._truth(self._run(test, names))
                return b.select(chosen, *[self._number(self._run(x, names)) for x in (yes, no)])
            case ast.Call(func=ast.Attribute(value=inner, attr="__round__")):
                return self.e.intrinsic("rint", [self._number(self._run(inner, names))])
            case ast.Call(func=function, args=arguments):
                return self._call(ast.unparse(function), [self._run(each, names) for each in arguments])
        raise _UnreadableError

    def _call(self, name: str, given: Sequence[Any]) -> Any:
        b, xs = self.e.b, [self._number(x) for x in given]
        if name == "float":
            return xs[0]
        if name in ("max", "min"):
            sign = ">" if name == "max" else "<"
            first, *others = xs
            for x in others:
                first = b.select(b.fcmp_ordered(sign, x, first), x, first)
            return first
        if name in ("abs", "math.fabs"):
            return self.e.intrinsic("fabs", xs)
        home, _, function = name.rpartition(".")
        if home == "math" and function in ("sqrt", "copysign", "floor", "ceil", "trunc"):
            return self.e.intrinsic(function, xs)
        if name in _COMPOSED and not self.exact:
            return self._run(expression_tree(_COMPOSED[name]), {"x": xs[0], "y": xs[-1]})
        if home == "math" and self.width > 1 and not self.exact and function in VECTOR_FUNCTIONS:
            return VECTOR_FUNCTIONS[function](self.e, self.shared, *xs)
        own = self.exact and function == "hypot"  # which Python computes with digits of its own
        if home == "math" and function in _OF_C and is_in_c(function) and not own:
            outside = self.e.declared(function, DOUBLE, [DOUBLE] * len(xs))
            if self.exact:  # or LLVM makes x·x of pow(x, 2.0)
                outside.attributes.add("nobuiltin")
            return self.e.each(outside, xs, self.width)
        raise _UnreadableError
