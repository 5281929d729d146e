"""What Python asks of a number: comparisons, conversions, rounding, remainders.

These are the parts of a :class:`~autograd_lite.core.value.Value` that need nothing of how it is laid out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Real
from typing import TYPE_CHECKING, Any, cast

from .table import TABLE, Operand, Primitive

if TYPE_CHECKING:
    from .value import Value


class Number(Operand):
    """The number protocol of a Value, and the spellings that other libraries' users type."""

    __slots__ = ()

    if TYPE_CHECKING:
        data: float
        name: str | None
        op: Primitive | None

        @property
        def parents(self) -> tuple[Value, ...]:
            """The operands."""
            ...

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __pos__(self) -> Value:
        return self._unary(TABLE["pos"])

    def __abs__(self) -> Value:
        return self._unary(TABLE["abs"])

    def __mod__(self, other: Any) -> Value:
        return binary(TABLE["mod"], self, other)

    def __rmod__(self, other: Any) -> Value:
        return binary(TABLE["mod"], other, self)

    def __floordiv__(self, other: Any) -> Value:
        return binary(TABLE["floor_divide"], self, other)

    def __rfloordiv__(self, other: Any) -> Value:
        return binary(TABLE["floor_divide"], other, self)

    def __divmod__(self, other: Any) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Value, Value]:
        return other // self, other % self

    def __round__(self, digits: int | None = None) -> Value:
        if digits is not None:
            raise TypeError(
                f"round({self!r}, {digits}): a Value rounds to an integer only; "
                f"to show {digits} digits use f'{{v:.{digits}f}}'"
            )
        return self._unary(TABLE["round"])

    def __floor__(self) -> Value:
        return self._unary(TABLE["floor"])

    def __ceil__(self) -> Value:
        return self._unary(TABLE["ceil"])

    def __trunc__(self) -> Value:
        raise TypeError(f"int({self!r}) would lose the derivative: use int(v.data)")

    __int__ = __trunc__

    # Comparisons are of data; equality and hash are identity

    def __lt__(self, other: Any) -> bool:
        return _compare(operator.lt, self, other)

    def __le__(self, other: Any) -> bool:
        return _compare(operator.le, self, other)

    def __gt__(self, other: Any) -> bool:
        return _compare(operator.gt, self, other)

    def __ge__(self, other: Any) -> bool:
        return _compare(operator.ge, self, other)

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self!r} has no truth value: compare it (v > 0), or test v.data, or use where(v, a, b)"
        )

    def __float__(self) -> float:
        raise TypeError(
            f"{self!r} is not converted to a float silently, the derivative would be lost: use v.data, "
            "or the function of that name from autograd_lite (autograd_lite.exp for math.exp)"
        )

    # The names that micrograd's users type

    @property
    def label(self) -> str | None:
        """Another spelling of :attr:`name`."""
        return self.name

    @label.setter
    def label(self, name: str | None) -> None:
        self.name = name  # type: ignore[misc]  # a property of Value

    @property
    def _prev(self) -> tuple[Value, ...]:
        return self.parents

    @property
    def _op(self) -> str:
        return "" if self.op is None else self.op.symbol


def binary(row: Primitive, x: Any, y: Any) -> Value:
    """An operator on operands of any type: NotImplemented leaves it to the other's reflection."""
    if not isinstance(x, Operand | Real) or not isinstance(y, Operand | Real):
        return NotImplemented  # type: ignore[no-any-return]  # the operator protocol's answer
    operand = x if isinstance(x, Operand) else cast(Operand, y)
    return operand._apply(row, (x, y))


def _compare(comparison: Callable[[Any, Any], bool], x: Number, other: Any) -> bool:
    if isinstance(other, Number):
        return bool(comparison(x.data, other.data))
    if isinstance(other, Real):
        return bool(comparison(x.data, other))
    return NotImplemented  # type: ignore[no-any-return]  # the operator protocol's answer
