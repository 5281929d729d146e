"""A row of the table of operations: what it holds, and what it gives when it is called.

A row holds everything that is ever asked of an operation. Its rules give one local derivative per
operand, written in the library's own functions, so that the same line gives a number when it is
called with floats and a circuit for the derivative when it is called with Values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from ..support import ieee
from ..support.ieee import FLOAT_ERRORS, nan
from ..support.nested import Leaf
from ..support.numbers import number
from ..support.trial import signature_of

#: Every row, by name. The tests, the drawings, the parser and the README's list iterate over it.
TABLE: dict[str, Primitive] = {}

#: Other spellings of a row's name, NumPy's among them.
ALIASES: dict[str, Primitive] = {}

#: The names of the rows that come with the package.
BUILT_IN: set[str] = set()

Rule = Callable[..., Any]
Interval = tuple[float, float]
Template = str | Callable[[Sequence[str]], str]
V = TypeVar("V", bound="Operand")


class Operand(Leaf):
    """What a primitive records instead of computing at once: the base of ``Value``.

    Every row becomes a method here, so ``v.softplus()`` works for users' own rows as well.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        def __getattr__(self: V, name: str) -> Callable[..., V]: ...

    def _unary(self: V, row: Primitive) -> V:
        raise NotImplementedError

    @staticmethod
    def _apply(row: Primitive, operands: tuple[Any, ...]) -> Any:
        raise NotImplementedError


class Primitive:
    """One operation of the table; call it with numbers or Values.

    On numbers it returns a float, on Values a Value that records its operands. Rows are made by
    :func:`~autograd_lite.core.registration.primitive`, which takes every attribute that has a
    default here by its name.

    >>> from autograd_lite import TABLE, Value, clip, sin
    >>> sin(0.0), sin(Value(0.0)), TABLE["sin"] is sin
    (0.0, Value(0.0, op='sin'), True)
    >>> clip(3.0, low=0, high=1)
    1.0
    """

    name: str
    value: Callable[..., float]  # the value on floats; it may raise where IEEE 754 has a result
    rules: tuple[Rule, ...]  # as registered: for floats and for Values
    local: tuple[Rule, ...]  # the same for floats alone, without reports
    slope: Rule  # the first of `local`
    arity: int | None  # the number of operands; None for any number
    operands: tuple[str, ...]  # their names, for calls by keyword

    symbol: str = ""  # how Python writes it ("+"), when it is not a call
    glyph: str = ""  # what stands in the circle of a drawing
    text: Template = ""  # template of the formula, "{0} + {1}"
    latex: Template = ""  # the same for LaTeX
    precedence: int = 100  # how tightly the formula binds: sum 10, product 20, power 40, call 100
    binds: tuple[int, ...] = ()  # the precedence that an operand needs to stand without parentheses
    latex_binds: Any = None  # the same for LaTeX, where it differs
    python: str = ""  # template of the Python expression on floats
    array: str = ""  # template of the NumPy expression
    domain: Any = (-8.0, 8.0)  # an open interval per operand, or one for all, in which tests draw
    kink: Callable[..., float] | None = None  # how far operands are from a kink or a jump: 0 on it
    edge: Callable[..., float] | None = None  # IEEE 754's value where `value` raises; left out,
    # an overflow is inf and the rest nan
    shown: Any = ()  # rules in the form people know, where that is not the stable one; or None
    piecewise: bool = False  # a local derivative of exactly 0 means that the operand is not
    # selected and no gradient flows to it
    exact: bool = False  # the result never needs rounding
    digits: str = ""  # why a derivative keeps fewer digits somewhere than those of other rows
    defaults: tuple[float, ...] = ()  # values of trailing operands that may be left out
    aliases: tuple[str, ...] = ()  # other names of the function and the method
    gather: Any = None  # turns a call's arguments into any number of operands; by default they are
    # the operands, or one iterable of them
    empty: float | None = None  # the value of no operands; None where that is not defined

    __name__: str

    @overload
    def __call__(self, *operands: float, **named: float) -> float: ...  # type: ignore[overload-overlap]  # a number is no Value
    @overload
    def __call__(self, *operands: float | V, **named: float | V) -> V: ...
    @overload
    def __call__(self, *operands: Any, **named: Any) -> Any: ...
    def __call__(self, *operands: Any, **named: Any) -> Any:
        """The value at numbers, as a float, or the node at operands that hold a Value."""
        return self._at(self.complete(self._placed(operands, named) if named else operands))

    def _at(self, operands: tuple[Any, ...]) -> Any:
        for operand in operands:  # of many, most often the first
            if isinstance(operand, Operand):
                return operand._apply(self, operands)
        return self.on_numbers(tuple([number(x, f"an operand of {self.name}") for x in operands]))

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> tuple[Callable[[str], Primitive], tuple[str]]:
        return lookup_or_raise, (self.name,)

    @property
    def __signature__(self) -> Any:
        """What ``inspect.signature`` and ``help`` show."""
        return signature_of(self.gather if self.arity is None else None, self.operands, self.defaults)

    @property
    def fix(self) -> str:
        """Where the symbol stands: ``"infix"``, ``"prefix"`` or ``"call"``."""
        if self.symbol == self.name:
            return "call"
        return "infix" if self.arity == 2 else "prefix"

    def _placed(self, operands: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        try:
            return cast("tuple[Any, ...]", self.__signature__.bind(*operands, **named).args)
        except TypeError as error:
            raise TypeError(f"{self.name}{self.__signature__}: {error}") from None

    def complete(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        """The operands with the defaults of those left out.

        :raises TypeError: when their number is wrong.
        """
        missing = len(self.operands) - len(operands)
        if missing == 0:
            return operands
        if missing < 0 or missing > len(self.defaults):
            wanted = f"{self.arity}" if not self.defaults else f"up to {self.arity}"
            raise TypeError(f"{self.name} takes {wanted} operands, not {len(operands)}")
        return operands + self.defaults[-missing:]

    def on_numbers(self, xs: tuple[float, ...]) -> float:
        """The value at floats, by IEEE 754, with a report where it is not finite."""
        z = self.ieee_value(xs)
        if z - z != 0:
            ieee.report(self.name, xs, (None,) * len(xs), z)
        return z

    def ieee_value(self, xs: Sequence[float]) -> float:
        """The value at floats, by IEEE 754, without a report."""
        try:
            return self.value(*xs)
        except FLOAT_ERRORS as error:
            if self.edge is not None:
                return float(self.edge(*xs))
            return math.inf if isinstance(error, OverflowError) else nan

    def rule_results(
        self, rules: Sequence[Rule], xs: Sequence[Any], z: Any, live: Sequence[bool]
    ) -> list[Any]:
        """What ``rules`` give at operands ``xs`` with result ``z``: one entry per operand.

        The rule of an operand that is not live is not called; its entry is None.
        """
        return [rule(*xs, z) if alive else None for rule, alive in zip(rules, live, strict=True)]


class Unary(Primitive):
    """A row with one operand."""

    def __call__(self, x: Any, /) -> Any:  # type: ignore[override]  # one operand is all it has
        """The value at a number, as a float, or the node at a Value."""
        if isinstance(x, Operand):
            return x._unary(self)
        return self.on_numbers((number(x, f"the operand of {self.name}"),))


class Nary(Primitive):
    """A row with any number of operands and one rule that gives all local derivatives at once."""

    def __call__(self, *operands: Any, **named: Any) -> Any:
        """As for every row; the operands are gathered from the arguments, one iterable or several."""
        gathered = self.gather(*operands, **named)
        if isinstance(gathered, list):
            return [self._at(each) for each in gathered]
        if gathered:
            return self._at(gathered)
        if self.empty is None:
            raise ValueError(f"{self.name} of no operands is not defined: give at least one")
        return self.empty

    def rule_results(
        self, rules: Sequence[Rule], xs: Sequence[Any], z: Any, live: Sequence[bool]
    ) -> list[Any]:
        """What the one rule gives, with None for operands that are not live."""
        return [d if on else None for d, on in zip(rules[0](xs, z), live, strict=True)]


def lookup(name: str) -> Primitive | None:
    """The row called ``name``, by its own name or an alias; None when there is none."""
    return TABLE.get(name) or ALIASES.get(name)


def lookup_or_raise(name: str) -> Primitive:
    """The row called ``name``.

    :raises LookupError: when no such row is registered (as when a pickle names a row of another program).
    """
    row = lookup(name)
    if row is None:
        raise LookupError(f"no primitive called {name!r}: register it with primitive(...) first")
    return row
