"""IEEE 754 results where Python raises, and what is said when one appears.

Python's float arithmetic raises ``ZeroDivisionError``, ``OverflowError`` or ``ValueError`` at the
points where IEEE 754 defines an infinity or a nan, and turns ``(-2.0) ** 0.5`` into a complex number.
The engine computes with plain floats and comes here only after one of these exceptions, or after a
result that is not finite: the ordinary operation pays nothing.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Sequence
from contextvars import ContextVar

from .context import Block

inf, nan = math.inf, math.nan

#: What Python's floats and the ``math`` module raise at a pole, an overflow or outside a domain.
FLOAT_ERRORS = (ArithmeticError, ValueError)


class NonFiniteError(ArithmeticError):
    """An operation gave an infinity or a nan while ``errstate("raise")`` was in force."""


_mode: ContextVar[str] = ContextVar("autograd_lite.errstate", default="warn")


class errstate(Block):  # noqa: N801 - NumPy's name for the same thing
    """What happens when an operation makes an infinity or a nan out of finite operands.

    ``"warn"`` (the default) gives a ``RuntimeWarning`` at the caller's line, ``"raise"`` raises
    :class:`NonFiniteError` and ``"ignore"`` is silent; the IEEE 754 result is the same. Holds for the
    current context (thread or task) and nests, as ``numpy.errstate`` does; also a decorator.

    >>> from autograd_lite import Value, log
    >>> with errstate("ignore"):
    ...     log(Value(0.0)).data
    -inf
    """

    _variable = _mode

    def __init__(self, mode: str) -> None:
        if mode not in ("raise", "warn", "ignore"):
            raise ValueError(f'errstate takes "raise", "warn" or "ignore", not {mode!r}')
        self.mode = mode

    def _inside(self) -> str:
        return self.mode


def report(
    what: str,
    operands: Sequence[float],
    names: Sequence[str | None],
    result: float,
    locals_: Sequence[float | None] = (),
) -> None:
    """Say, by the mode in force, that ``what`` made a number that is not finite.

    Silent when the operands were not finite to begin with and nothing new went wrong: an infinity or
    a nan is reported where it is made, not wherever it flows.
    """
    mode = _mode.get()
    if mode == "ignore":
        return
    poisoned = any(x != x for x in operands)
    finite = all(math.isfinite(x) for x in operands)
    if math.isnan(result):
        wrong = None if poisoned else "nan (invalid operands)"
    elif math.isinf(result):
        wrong = f"{result!r} (overflow or division by zero)" if finite else None
    else:
        bad = [d for d in locals_ if d is not None and not math.isfinite(d)]
        wrong = f"{result!r}, but a local gradient of {bad[0]!r}" if bad and finite else None
    if wrong is None:
        return
    shown = [
        repr(x) if name is None else f"{name} = {x!r}"
        for x, name in zip(operands[:4], names, strict=False)
    ]
    more = [f"and {len(operands) - 4} more"] if len(operands) > 4 else []
    message = f"{what}({', '.join(shown + more)}) gave {wrong}"
    if mode == "raise":
        raise NonFiniteError(message)
    warnings.warn(message, RuntimeWarning, stacklevel=caller_level())


def caller_level() -> int:
    """The ``stacklevel`` of a warning that is to point at the first frame outside the package."""
    package = __name__.partition(".")[0]
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == package:
        level, frame = level + 1, frame.f_back
    return level


def divide(x: float, y: float) -> float:
    """``x / y``, with IEEE 754's result at ``y = 0``.

    >>> divide(1.0, -0.0), divide(0.0, 0.0)
    (-inf, nan)
    """
    if y != 0:
        return float.__truediv__(x, y)
    if x == 0 or x != x:
        return nan
    return math.copysign(inf, x) * math.copysign(1.0, y)


def power(x: float, y: float) -> float:
    """``x ** y`` as C's ``pow`` defines it: never complex, never an exception.

    >>> power(-2.0, 0.5), power(-0.0, -3.0), power(-1e200, 3.0)
    (nan, -inf, -inf)
    """
    try:
        return math.pow(x, y)
    except OverflowError:
        pass
    except ValueError:
        if x != 0:
            return nan
    odd = y % 2 == 1
    return -inf if odd and math.copysign(1.0, x) < 0 else inf


class Quiet(float):
    """A float whose arithmetic is IEEE 754's throughout and reports nothing.

    Rules are evaluated on these once plain floats have raised: the operation that asked makes one
    report, instead of one for every step inside its rule.
    """

    __slots__ = ()

    def __add__(self, other: float) -> Quiet:
        return Quiet(float.__add__(self, other))

    def __sub__(self, other: float) -> Quiet:
        return Quiet(float.__sub__(self, other))

    def __rsub__(self, other: float) -> Quiet:
        return Quiet(float.__rsub__(self, other))

    def __mul__(self, other: float) -> Quiet:
        return Quiet(float.__mul__(self, other))

    def __truediv__(self, other: float) -> Quiet:
        return Quiet(divide(self, float(other)))

    def __rtruediv__(self, other: float) -> Quiet:
        return Quiet(divide(float(other), self))

    def __pow__(self, other: float, modulus: None = None) -> Quiet:
        return Quiet(power(self, other))

    def __rpow__(self, other: float, modulus: None = None) -> Quiet:
        return Quiet(power(other, self))

    def __neg__(self) -> Quiet:
        return Quiet(float.__neg__(self))

    def __abs__(self) -> Quiet:
        return Quiet(float.__abs__(self))

    __radd__ = __add__
    __rmul__ = __mul__
