"""What counts as a real number, and what Python asks of an object that holds one."""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Real
from threading import get_ident
from typing import TYPE_CHECKING, Any, NamedTuple

from .callers import caller_place, is_outside


def number(x: object, what: str = "a number") -> float:
    """``x`` as a float: any ``numbers.Real``, a bool of NumPy's, or an array without axes.

    :raises TypeError: for anything else; the message names its type.
    :raises OverflowError: for a number beyond the range of floats, such as ``10**400``.
    """
    if isinstance(x, Real):
        try:
            return float(x)
        except OverflowError:
            raise OverflowError(f"{what} is too large for a float: {type(x).__name__}") from None
    if getattr(x, "ndim", None) == 0 and hasattr(x, "item"):
        return number(x.item(), what)
    words = what.split("operand of ")
    of_array = hasattr(x, "dtype") and len(words) == 2
    hint = f"; for an array write np.{words[1]}(…) or [{words[1]}(x) for x in …]" if of_array else ""
    raise TypeError(f"{what} must be a real number, not {type(x).__name__} ({x!r:.60}){hint}")


class Comparison(NamedTuple):
    """A comparison of a number that a Value holds: what a recorded program checks at every replay."""

    symbol: str
    left: Any
    right: Any
    outcome: bool
    place: str


class Watch:
    """What a function did with the numbers of Values while it ran: a program cannot repeat it.

    :ivar comparisons: of Values with one another or with numbers.
    :ivar reads: the lines outside the package that read ``data``.
    :ivar inputs: the Values that it was given, and those of a function that is watched around it.
    """

    def __init__(self) -> None:
        self.inputs: set[Any] = set()
        self.comparisons: list[Comparison] = []
        self.reads: set[str] = set()


#: The Watch that notes what happens, by thread.
watchers: dict[int, Watch] = {}


def is_watched() -> bool:
    """Whether a Watch is set in this thread: a program is being recorded."""
    return get_ident() in watchers


def read(holder: Any) -> float:
    """The number that a Holder holds; a Watch of this thread notes the line that reads it."""
    watch = watchers.get(get_ident())
    if watch is not None and is_outside(2):
        watch.reads.add(caller_place())
    return holder._data  # type: ignore[no-any-return]  # a float


def compared(symbol: str, comparison: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """The method of a comparison, such as ``__lt__``.

    It compares the data of a Holder with that of another, or with a number, and leaves anything else
    to the other operand. A Watch of this thread notes the comparison.
    """

    def method(self: Holder, other: Any) -> bool:
        if isinstance(other, Holder | Real):
            outcome = bool(comparison(self.data, other.data if isinstance(other, Holder) else other))
            watch = watchers.get(get_ident()) if watchers else None
            if watch is not None:
                watch.comparisons.append(Comparison(symbol, self, other, outcome, caller_place()))
            return outcome
        return NotImplemented  # type: ignore[no-any-return]  # the operator protocol's answer

    return method


class Holder:
    """A number in ``data``: comparisons are of it, and conversions that would lose more are refused."""

    __slots__ = ()

    if TYPE_CHECKING:
        data: float

    def __trunc__(self) -> Any:
        raise TypeError(f"int({self!r}) would lose the derivative: use int(v.data)")

    __int__ = __trunc__

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self!r} has no truth value: compare it (v > 0), or test v.data, or use where(v, a, b)"
        )

    def __float__(self) -> float:
        raise TypeError(
            f"{self!r} is not converted to a float silently, the derivative would be lost: use v.data, "
            "or the function of that name from autograd_lite (autograd_lite.exp for math.exp), or, as an "
            "array to put Values into, np.zeros_like(x)"
        )

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    # Comparisons are of data; equality and hash are identity

    __lt__ = compared("<", operator.lt)
    __le__ = compared("<=", operator.le)
    __gt__ = compared(">", operator.gt)
    __ge__ = compared(">=", operator.ge)


def plain(x: Any) -> float:
    """The number that a Value holds, or any other number as a float."""
    return x._data if isinstance(x, Holder) else float(x)  # type: ignore[attr-defined]  # of a node
