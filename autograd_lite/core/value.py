"""Values: numbers that remember how they were made, and how operations make them.

An operation on Values gives a Value that keeps the operation, the operands and the local derivatives.
The hot operators are written out; every other row comes through ``_unary`` or ``_apply``. Operations
on constants alone give a :class:`Constant`, and so do all operations inside ``no_grad``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from ..support.context import open_blocks, open_scopes, recording
from ..support.hints import NO_NODE, refuse_arguments
from ..support.ieee import FLOAT_ERRORS, errstate, nan
from ..support.numbers import number
from .gathered import TABLE  # complete: every row is registered there or before
from .node import Label, NodeBase, data_of, report_of, reported, set_scope
from .operators import binary, of_constant
from .primitive import Primitive

_HOT = _ADD, _SUB, _MUL, _DIV, _POW = [TABLE[key] for key in ("add", "sub", "mul", "div", "pow")]
_NEG = TABLE["neg"]
_new = object.__new__
_power = math.pow


class Value(NodeBase):
    """A scalar in a circuit.

    :param data: any real number; kept as a float.
    :param name: what to call it in drawings and tables; ``label`` is micrograd's word for it.
    :raises TypeError: when ``data`` is not a real number.

    Arithmetic and the free functions of the table make new Values:

    >>> x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    >>> f = (x + y) * z
    >>> f.backward()
    >>> f, x.grad, y.grad, z.grad
    (Value(-12.0, op='*', grad=1.0), -4.0, -4.0, 3.0)

    ``==`` and ``hash`` are by identity, the order comparisons by ``data``.
    """

    __slots__ = ()

    def __init__(
        self, data: float, name: str | None = None, op: None = None, *, label: str | None = None, **odd: Any
    ) -> None:
        self._data = data if type(data) is float else data_of(data)
        self.op = self._grad = self._a = self._b = self._da = self._db = self._adjoint = None
        self._label = None
        if name is not None or label is not None or op is not None or odd:
            refuse_arguments("Value", odd, ("name", "label"))
            if op is not None or isinstance(name, tuple):
                raise TypeError(NO_NODE)
            self.name = label if name is None else name
        if open_scopes:
            set_scope(self)

    @staticmethod
    def _as_node(x: Any) -> Value:
        """``x``, or the Constant for a bare number, which belongs to no scope."""
        if isinstance(x, Value):
            return x
        node = _new(Constant)
        node._set((float(x), None, None, None, None, None, None, None))
        return node

    def detach(self) -> Constant:
        """This number without its history: a constant, with the same name."""
        return Constant(self._data, self.name)

    # Operations that are not written out here

    def _unary(self, row: Primitive) -> Value:
        x = self._data
        if open_blocks and not recording():
            z = row.ieee_value((x,))
            return _folded(z, row, self, None) if z - z else _bare(z)
        try:
            z = row.value(x)
            local = row.slope(x, z)
        except FLOAT_ERRORS:
            z, (local,) = _carefully(row, (x,), (True,))
        if not local and row.piecewise:
            return _node(z, row, self, None, None if z == z else nan, None)
        beyond = z - local
        if open_blocks or beyond - beyond:  # not finite, or so large that it may be
            return reported(_node(z, row, self, None, local, None), (local,))
        node = _new(Value)
        node._data = z
        node.op = row
        node._a = self
        node._da = local
        node._b = node._db = node._label = node._adjoint = node._grad = None
        return node

    @staticmethod
    def _apply(row: Primitive, operands: tuple[Any, ...]) -> Value:
        if row.arity is None and not row.piecewise:
            gathered = _gathered(row, operands)
            if gathered is not None:
                return gathered
        what = f"an operand of {row.name}"
        kept = [p if isinstance(p, Value) else number(p, what) for p in operands]
        xs = [p._data if isinstance(p, Value) else p for p in kept]
        live = [isinstance(p, Value) and not p.is_constant for p in kept]
        a, b = (*kept, None)[:2] if row.arity in (1, 2) else (tuple(kept), (None,) * len(kept))
        on = not open_blocks or recording()
        if not (on and any(live)):
            return _folded(row.ieee_value(xs), row, a, b)
        locals_: list[float | None]
        try:
            z = float(row.value(*xs))
            locals_ = row.rule_results(row.local, xs, z, live)
        except FLOAT_ERRORS:
            z, locals_ = _carefully(row, xs, live)
        if row.piecewise:
            nothing = None if z == z or any(locals_) else nan  # nan, also at a jump
            locals_ = [d or nothing if alive else None for d, alive in zip(locals_, live, strict=True)]
        if type(b) is tuple:
            return reported(_node(z, row, a, tuple(locals_), None, None), locals_)
        return reported(_node(z, row, a, b, *(*locals_, None)[:2]), locals_)

    # Arithmetic. The hot operators are written out; a test holds them to their rows.

    def __add__(self, other: Any) -> Value:
        kind = type(other)
        if kind is Value:
            return _node(self._data + other._data, _ADD, self, other, 1.0, 1.0)
        if kind is float or kind is int:
            return _node(self._data + other, _ADD, self, other, 1.0, None)
        return _general(_ADD, self, other)

    def __radd__(self, other: Any) -> Value:
        kind = type(other)
        if kind is int and other == 0:
            # The start of the builtin sum(values), not a term of it
            return self if not open_blocks or recording() else _bare(self._data)
        if kind is float or kind is int:
            return _node(other + self._data, _ADD, other, self, None, 1.0)
        return _general(_ADD, other, self)

    def __sub__(self, other: Any) -> Value:
        kind = type(other)
        if kind is Value:
            return _node(self._data - other._data, _SUB, self, other, 1.0, -1.0)
        if kind is float or kind is int:
            return _node(self._data - other, _SUB, self, other, 1.0, None)
        return _general(_SUB, self, other)

    def __rsub__(self, other: Any) -> Value:
        if type(other) is float or type(other) is int:
            return _node(other - self._data, _SUB, other, self, None, -1.0)
        return _general(_SUB, other, self)

    def __mul__(self, other: Any) -> Value:
        kind = type(other)
        if kind is Value:
            x, y = self._data, other._data
            return _node(x * y, _MUL, self, other, y, x)
        if kind is int:
            other += 0.0  # a float, quicker than by a call
        elif kind is not float:
            return _general(_MUL, self, other)
        return _node(self._data * other, _MUL, self, other, other, None)

    def __rmul__(self, other: Any) -> Value:
        if type(other) is int:
            other += 0.0
        elif type(other) is not float:
            return _general(_MUL, other, self)
        return _node(other * self._data, _MUL, other, self, None, other)

    def __truediv__(self, other: Any) -> Value:
        kind = type(other)
        if kind is Value:
            y = other._data
            if y:
                z = self._data / y
                da, db = 1.0 / y, -z / y
                if not (da - da or db - db):
                    return _node(z, _DIV, self, other, da, db)
        elif (kind is float or kind is int) and other:
            other = float(other)
            da = 1.0 / other
            if not da - da:
                return _node(self._data / other, _DIV, self, other, da, None)
        return _general(_DIV, self, other)

    def __pow__(self, other: Any, modulus: None = None) -> Value:
        if modulus is not None:
            return NotImplemented
        kind = type(other)
        if kind is int:
            other, kind = other + 0.0, float
        if kind is float and other:
            x = self._data
            try:
                z = _power(x, other)
                local = other * (x if other == 2.0 else _power(x, other - 1.0))
            except FLOAT_ERRORS:
                return _general(_POW, self, other)
            if not local - local:
                return _node(z, _POW, self, other, local, None)
        return _general(_POW, self, other)

    def __rpow__(self, other: Any, modulus: None = None) -> Value:
        return NotImplemented if modulus is not None else _general(_POW, other, self)

    def __neg__(self) -> Value:
        return _node(-self._data, _NEG, self, None, -1.0, None)


class Constant(Value):
    """A number that is part of a circuit but that no gradient flows to.

    Numbers in formulas (the 3 in ``3*t``) become constants by themselves; name one to see it in a
    drawing: ``Constant(9.81, "g")``. An operation on constants alone gives a constant.

    >>> x, g = Value(2.0, "x"), Constant(9.81, "g")
    >>> (g * x).backward(); x.grad, g.grad
    (9.81, 0.0)
    """

    __slots__ = ()

    is_constant = True

    def _unary(self, row: Primitive) -> Constant:
        return _folded(row.ieee_value((self._data,)), row, self, None)

    def __neg__(self) -> Value:
        return _folded(-self._data, _NEG, self, None)


def _general(row: Primitive, x: Any, y: Any) -> Value:
    """An operator on operands of any type, quick where they are Values, Constants and floats."""
    live = _LIVE.get((type(x), type(y)))
    if live is None:
        return binary(row, x, y)  # type: ignore[no-any-return]  # or NotImplemented
    a = x if type(x) is float else x._data
    b = y if type(y) is float else y._data
    try:
        z = row.value(a, b)
        if live == 0 or (open_blocks and not recording()):
            return _folded(z, row, x, y)
        da = row.local[0](a, b, z) if live & 1 else 0.0
        db = row.local[1](a, b, z) if live & 2 else 0.0
    except FLOAT_ERRORS:
        return binary(row, x, y)  # type: ignore[no-any-return]  # a Value
    node = _node(z, row, x, y, da if live & 1 else None, db if live & 2 else None)
    return reported(node, (da, db)) if da - da + db - db else node


def parameter(data: float, name: str | None = None) -> Value:
    """A leaf marked as trainable: drawings color it apart from inputs.

    >>> parameter(0.5, "w").is_parameter
    True
    """
    leaf = Value(data, name)
    leaf._label = Label(leaf.name, leaf.scope, "parameter")
    return leaf


def _node(data: float, op: Primitive, a: Any, b: Any, da: Any, db: Any) -> Value:
    """The node of an operation; a local derivative of None takes no gradient.

    It reports a value that is not finite. Inside ``no_grad`` it is a Constant.
    """
    if open_blocks:
        return _in_blocks(Value, data, op, a, b, da, db)
    node = _new(Value)
    node._data = data
    node.op = op
    node._a = a
    node._b = b
    node._da = da
    node._db = db
    node._label = node._adjoint = node._grad = None
    if data - data:  # true for an infinity and a nan alone
        report_of(node)
    return node


def _folded(data: float, op: Primitive, a: Any, b: Any) -> Constant:
    """The result of an operation on constants, or of any operation inside ``no_grad``."""
    if open_blocks:
        return _in_blocks(Constant, data, op, a, b, None, None)  # type: ignore[return-value]  # a Constant
    node = _new(Constant)
    node._data = data
    node.op = op
    node._a = a
    node._b = b
    node._da = node._db = node._label = node._adjoint = node._grad = None
    if data - data:
        report_of(node)
    return node


def _in_blocks(kind: type[Value], data: float, op: Primitive, a: Any, b: Any, da: Any, db: Any) -> Value:
    """A new node inside blocks: it has their scope, and inside ``no_grad`` it is a bare number."""
    on = recording()
    if not on and not data - data:
        return _bare(data)
    node = _new(kind)
    node._set((data, None, op, None, a, b, da, db))
    if data - data:
        report_of(node)
    if not on:
        return _bare(data)
    set_scope(node)
    return node


def _bare(data: float) -> Constant:
    node = _new(Constant)
    node._data = data
    node.op = node._a = node._b = node._da = node._db = node._label = node._adjoint = node._grad = None
    if open_scopes:
        set_scope(node)
    return node


def _gathered(row: Primitive, operands: tuple[Any, ...]) -> Value | None:
    """The node of an operation of many Values and floats, fast.

    None when an operand has another type, the value function raises or a number is not finite:
    ``_apply`` then handles it.
    """
    xs = [p._data for p in operands if type(p) is Value]
    mixed = len(xs) != len(operands)
    if mixed:
        if not xs or not _QUICK.issuperset(map(type, operands)):
            return None
        xs = [p._data if type(p) is Value else p for p in operands]
    try:
        z = row.value(*xs)
        slopes = row.slope(xs, z)
    except FLOAT_ERRORS:
        return None
    total = sum(slopes)
    if total - total or z - z:
        return None
    if mixed:
        slopes = [d if type(p) is Value else None for p, d in zip(operands, slopes, strict=True)]
    return _node(z, row, operands, tuple(slopes), None, None)


def _carefully(
    row: Primitive, xs: Sequence[float], live: Sequence[bool]
) -> tuple[float, list[float | None]]:
    """Value and local derivatives by IEEE 754, where floats raised.

    The rules are evaluated on constants, whose operations never raise. Where the value is not
    defined the derivatives are not either: log'(−1) is nan, not −1.
    """
    z = row.ieee_value(xs)
    if z != z:
        return z, [nan if alive else None for alive in live]
    with errstate("ignore"):
        try:
            found = row.rule_results(row.rules, [*map(Value._as_node, xs)], Value._as_node(z), live)
        except (*FLOAT_ERRORS, TypeError):  # a user's rule that is written in bare floats
            found = [nan if alive else None for alive in live]
    return z, [d._data if isinstance(d, Value) else d for d in found]


def _in_place(operate: Callable[[Any, Any], Any]) -> Callable[[Value, Any], Any]:
    """The operator ``p -= …``: inside ``no_grad`` it moves the leaf itself, as in PyTorch."""

    def moved(self: Value, other: Any) -> Any:
        result = operate(self, other)
        leaf = self.op is None and type(self) is Value
        if open_blocks and leaf and not recording() and isinstance(result, Value):
            self._data, result = result._data, self
        return result

    return moved


_QUICK = {Value, float}
_KINDS = (Value, Constant, float)
#: Which operands of a binary operator take a gradient: 1 the left, 2 the right.
_LIVE = {(x, y): (x is Value) + 2 * (y is Value) for x in _KINDS for y in _KINDS}


for _dunder in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    setattr(Value, f"__i{_dunder}__", _in_place(getattr(operator, _dunder)))
for _dunder, _row in zip(("add", "sub", "mul", "truediv", "pow"), _HOT, strict=True):
    setattr(Constant, f"__{_dunder}__", of_constant(_row, ("self", "other"), globals()))
    setattr(Constant, f"__r{_dunder}__", of_constant(_row, ("other", "self"), globals()))
