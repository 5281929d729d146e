"""IEEE 754 results where Python's floats would raise, and the warnings about them (``errstate``).

Python's float arithmetic raises ``ZeroDivisionError``, ``OverflowError`` or ``ValueError`` at the
points where IEEE 754 defines an infinity or a nan, and turns ``(-2.0) ** 0.5`` into a complex number.
The engine computes with plain floats and comes here only after one of these exceptions, or after a
result that is not finite: the ordinary operation pays nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextvars import ContextVar

from .blocks import Block, Stack, stacks
from .callers import warn_caller

inf, nan = math.inf, math.nan

#: What Python's floats and the ``math`` module raise at a pole, an overflow or outside a domain.
FLOAT_ERRORS = (ArithmeticError, ValueError)


class NonFiniteError(ArithmeticError):
    """An operation gave an infinity or a nan while ``errstate("raise")`` was in force."""


_modes: Stack = ContextVar("autograd_lite.errstate", default=())
stacks.append(_modes)


class errstate(Block):  # noqa: N801 - NumPy's name for the same thing
    """Chooses what happens when finite operands give an infinity or a nan; a block and a decorator.

    :param mode: ``"warn"``, the default outside all blocks, gives a ``RuntimeWarning`` at the
        caller's line; ``"raise"`` raises :class:`NonFiniteError`; ``"ignore"`` is silent. The
        result is IEEE 754's in every mode.
    :raises ValueError: for another mode.

    It holds for the current context (thread or task), and blocks nest.

    >>> from autograd_lite import Value, log
    >>> with errstate("ignore"):
    ...     log(Value(0.0)).data
    -inf
    """

    _stack = _modes
    _listed = ()

    def __init__(self, mode: str) -> None:
        if mode not in ("raise", "warn", "ignore"):
            raise ValueError(f'errstate takes "raise", "warn" or "ignore", not {mode!r}')
        self.mode = mode

    def _setting(self) -> str:
        return self.mode


#: Open while derivatives are made: what a rule meets in a branch that it discards is not reported.
in_rules = errstate("ignore")


def current_mode(inside: errstate | None = None) -> str:
    """The mode of the innermost open :class:`errstate`, ``"warn"`` outside all; ``inside`` is left out."""
    entries = [entry for entry in _modes.get() if entry.block is not inside]
    return entries[-1].setting if entries else "warn"


def report(
    what: str,
    operands: Sequence[float],
    names: Sequence[str | None],
    result: float,
    locals_: Sequence[float | None] = (),
) -> None:
    """Warn or raise, by the mode in force, because ``what`` gave a number that is not finite.

    An infinity or a nan is reported where it is made, not wherever it flows: operands that were not
    finite to begin with are silent, unless something new goes wrong.
    """
    mode = current_mode()
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
        repr(x) if name is None else f"{name} = {x!r}" for x, name in zip(operands[:4], names, strict=False)
    ]
    more = [f"and {len(operands) - 4} more"] if len(operands) > 4 else []
    _by_mode(mode, f"{what}({', '.join(shown + more)}) gave {wrong}")


def report_bend(what: str, operands: Sequence[float]) -> None:
    """Warn or raise because the slope of ``what`` is made part of a circuit where it has none itself.

    The slope at a kink is chosen; derivatives of that choice would be no derivatives of the function.
    """
    shown = ", ".join([*map(repr, operands[:4]), *["…"] * (len(operands) > 4)])
    _by_mode(
        current_mode(in_rules),
        f"{what}({shown}) is a kink: its slope there is chosen, and second derivatives through it are nan. "
        "Where the whole is smooth, write it without the kink: sum_of_squares(xs) for norm(xs)**2, "
        "x*x for abs(x)**2",
    )


def _by_mode(mode: str, message: str) -> None:
    if mode == "raise":
        raise NonFiniteError(message)
    if mode == "warn":
        warn_caller(message, RuntimeWarning)
