"""The operators of a number that the rows of the table give: remainders, rounding.

These are the parts of a :class:`~autograd_lite.core.value.Value` that need nothing of its layout.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, TypeVar, cast

from ..support.numbers import Holder
from ..support.spellings import Spellings
from .primitive import TABLE, Operand, Primitive

Num = TypeVar("Num", bound="Number")


def binary(row: Primitive, x: Any, y: Any) -> Any:
    """An operator on operands of any type: NotImplemented leaves it to the other's reflection."""
    if not isinstance(x, Operand | Real) or not isinstance(y, Operand | Real):
        return NotImplemented
    return (x if isinstance(x, Operand) else cast(Operand, y))._apply(row, (x, y))


def left(name: str) -> Callable[[Num, Any], Num]:
    """The operator of the row called ``name``, its left operand first."""
    return lambda self, other: binary(TABLE[name], self, other)


def right(name: str) -> Callable[[Num, Any], Num]:
    """The reflected operator of the row called ``name``: the other operand comes first."""
    return lambda self, other: binary(TABLE[name], other, self)


def one(name: str) -> Callable[[Num], Num]:
    """The operator with one operand of the row called ``name``."""
    return lambda self: self._unary(TABLE[name])


_OF_CONSTANT = """
def operator(self, other, modulus=None, row=row):
    if modulus is not None:
        return NotImplemented
    kind = type(other)
    try:
        if kind is Constant or (kind is Value and open_blocks and not recording()):
            return _folded({constants}, row, {a}, {b})
        if kind is float or kind is int:
            return _folded({numbers}, row, {a}, {b})
    except FLOAT_ERRORS:
        pass
    return _general(row, {a}, {b})
"""


def of_constant(row: Primitive, operands: tuple[str, str], names: dict[str, Any]) -> Callable[..., Any]:
    """The operator of ``row`` as a method of a constant, compiled out of the row's own Python.

    As fast as one that is written out. ``operands`` are "self" and "other", in their order.
    """
    a, b = operands
    constants = row.python.format(f"{a}._data", f"{b}._data")
    numbers = row.python.format(*(each.replace("self", "self._data") for each in operands))
    source = _OF_CONSTANT.format(constants=constants, numbers=numbers, a=a, b=b)
    made: dict[str, Any] = {"row": row}
    exec(source, names, made)
    return made["operator"]  # type: ignore[no-any-return]  # a function


class Number(Spellings, Holder, Operand):
    """The number protocol of a Value."""

    __slots__ = ()

    # The operators that Value does not write out, by the rows of the table

    __pos__ = one("pos")
    __abs__ = one("abs")
    __floor__ = one("floor")
    __ceil__ = one("ceil")
    __mod__ = left("mod")
    __rmod__ = right("mod")
    __floordiv__ = left("floor_divide")
    __rfloordiv__ = right("floor_divide")
    __rtruediv__ = right("div")

    def __divmod__(self: Num, other: Any) -> tuple[Num, Num]:
        return self // other, self % other

    def __rdivmod__(self: Num, other: Any) -> tuple[Num, Num]:
        return other // self, other % self

    def __round__(self: Num, digits: int | None = None) -> Num:
        if digits is not None:
            raise TypeError(
                f"round({self!r}, {digits}): a Value rounds to an integer only; "
                f"to show {digits} digits use f'{{v:.{digits}f}}'"
            )
        return self._unary(TABLE["round"])
