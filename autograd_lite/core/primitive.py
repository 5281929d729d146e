"""What a row of the table of primitives is, and how a row is applied.

A row holds everything that is ever asked of an operation. Its rules give one local derivative per
operand, written in the library's own functions, so that the same line gives a number when it is
called with floats and a circuit for the derivative when it is called with Values.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from functools import wraps
from keyword import iskeyword
from numbers import Real
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast, overload

from .. import special
from . import ieee
from .ieee import FLOAT_ERRORS, Quiet, nan

if TYPE_CHECKING:
    from .value import Value

#: Every row, by name. The tests, the drawings, the parser and the README's list iterate over it.
TABLE: dict[str, Primitive] = {}

#: Other spellings of a row's name, NumPy's among them.
ALIASES: dict[str, Primitive] = {}

#: The names that a rule of the built-in rows sees when it is evaluated on floats: each operation is
#: its bare float function, which raises where the public one would report.
NUMERIC: dict[str, Any] = {
    "__builtins__": builtins,
    "math": math,
    "special": special,
    "nan": nan,
    "inf": math.inf,
}

Interval = tuple[float, float]
Template = str | Callable[[Sequence[str]], str]


class Operand:
    """What a primitive records instead of computing at once: the base of ``Value``.

    Every row becomes a method here, so ``v.softplus()`` works for users' own rows as well.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Value]: ...

    def _unary(self, row: Primitive) -> Value:
        raise NotImplementedError

    @staticmethod
    def _apply(row: Primitive, operands: tuple[Any, ...]) -> Value:
        raise NotImplementedError


def number(x: object, what: str = "a number") -> float:
    """``x`` as a float: anything ``numbers.Real``.

    :raises TypeError: for anything else, with its type named.
    :raises OverflowError: for a number beyond the range of floats, such as ``10**400``.
    """
    if isinstance(x, float):
        return float(x) if type(x) is not Quiet else x
    if isinstance(x, Real):
        try:
            return float(x)
        except OverflowError:
            raise OverflowError(f"{what} is too large for a float: {type(x).__name__}") from None
    raise TypeError(f"{what} must be a real number, not {type(x).__name__} ({x!r:.60})")


class Primitive:
    """One operation of the table; call it with numbers or Values.

    On numbers it returns a float, on Values a Value that records its operands. The attributes are
    those that :func:`primitive` takes.

    >>> from autograd_lite import TABLE, Value, sin
    >>> sin(0.0), sin(Value(0.0)), TABLE["sin"] is sin
    (0.0, Value(0.0, op='sin'), True)
    """

    name: str
    value: Callable[..., float]
    rules: tuple[Callable[..., Any], ...]
    local: tuple[Callable[..., Any], ...]
    slope: Callable[..., Any]
    arity: int | None
    defaults: tuple[float, ...]
    symbol: str
    glyph: str
    text: Template
    latex: Template
    precedence: int
    binds: tuple[int, ...]
    latex_binds: tuple[int, ...]
    python: str
    array: str
    domain: tuple[Interval, ...]
    kink: Callable[..., float] | None
    edge: Callable[..., float] | None
    shown: tuple[Callable[..., Any], ...]
    selects: bool
    exact: bool
    aliases: tuple[str, ...]
    gather: Callable[..., Any]
    flat: bool
    __name__: str

    @overload
    def __call__(self, *operands: float) -> float: ...  # type: ignore[overload-overlap]  # a number is no Value
    @overload
    def __call__(self, *operands: float | Value) -> Value: ...
    @overload
    def __call__(self, *operands: Any, **named: Any) -> Any: ...
    def __call__(self, *operands: Any) -> Any:
        """The value at numbers, as a float, or the node at operands that hold a Value."""
        for operand in operands:
            if isinstance(operand, Operand):
                return operand._apply(self, self.complete(operands))
        return self.on_numbers(tuple(number(x, f"an operand of {self.name}") for x in operands))

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> tuple[Callable[[str], Primitive], tuple[str]]:
        return lookup_or_raise, (self.name,)

    def __copy__(self) -> Primitive:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Primitive:
        return self

    @property
    def optional(self) -> int:
        """How many trailing operands may be left out."""
        return len(self.defaults)

    @property
    def fix(self) -> str:
        """Where the symbol stands: ``"infix"``, ``"prefix"`` or ``"call"``."""
        if self.symbol == self.name:
            return "call"
        return "infix" if self.arity == 2 else "prefix"

    def complete(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        """The operands with the defaults of those left out.

        :raises TypeError: when their number is wrong.
        """
        missing = (self.arity or 0) - len(operands)
        if missing == 0:
            return operands
        if missing < 0 or missing > len(self.defaults):
            wanted = f"{self.arity}" if not self.defaults else f"up to {self.arity}"
            raise TypeError(f"{self.name} takes {wanted} operands, not {len(operands)}")
        return operands + self.defaults[-missing:]

    def on_numbers(self, xs: tuple[float, ...]) -> float:
        """The value at numbers, with IEEE 754's results and a report where one is due."""
        xs = self.complete(xs)
        quiet = any(type(x) is Quiet for x in xs)
        try:
            z = self.value(*xs)
        except FLOAT_ERRORS:
            z = self.beyond(xs)
        if quiet:
            return Quiet(z)
        if z - z != 0:
            ieee.report(self.name, xs, (None,) * len(xs), z)
        return float(z)

    def beyond(self, xs: Sequence[float]) -> float:
        """IEEE 754's value where the float function raised."""
        if self.edge is not None:
            return float(self.edge(*(Quiet(x) for x in xs)))
        try:
            self.value(*xs)
        except OverflowError:
            return math.inf
        except FLOAT_ERRORS:
            pass
        return nan

    def careful(
        self, xs: Sequence[float], live: Sequence[bool]
    ) -> tuple[float, list[float | None]]:
        """Value and local gradients by IEEE 754, where the plain way raised.

        ``live`` says of which operands the derivative is wanted; the others give None. Where the
        value is not defined the derivatives are not either: log'(−1) is nan, not −1.
        """
        quiet = [Quiet(x) for x in xs]
        try:
            z = float(self.value(*xs))
        except FLOAT_ERRORS:
            z = self.beyond(xs)
        if z != z:
            return z, [nan if alive else None for alive in live]
        try:
            found = self.rule_results(self.rules, quiet, Quiet(z), live)
        except FLOAT_ERRORS:  # a user's rule that is written in bare floats
            return z, [nan if alive else None for alive in live]
        return z, [None if d is None else float(d) for d in found]

    def rule_results(
        self,
        rules: Sequence[Callable[..., Any]],
        xs: Sequence[Any],
        z: Any,
        live: Sequence[bool],
    ) -> list[Any]:
        """What ``rules`` give at operands ``xs`` with result ``z``: one entry per operand.

        The rule of an operand that is not live is never called; its entry is None.
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
    """A row with any number of operands and one rule that gives all local gradients at once."""

    def __call__(self, *operands: Any, **named: Any) -> Any:
        """As for every row; the operands are gathered from the arguments, one iterable or several."""
        gathered = self.gather(*operands, **named)
        if isinstance(gathered, list):
            return [self._one(each) for each in gathered]
        return self._one(gathered)

    def _one(self, operands: tuple[Any, ...]) -> Any:
        for operand in operands:
            if isinstance(operand, Operand):  # most often the first
                return operand._apply(self, operands)
        return self.on_numbers(tuple(number(x, f"an operand of {self.name}") for x in operands))

    def complete(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        """The operands: none can be missing."""
        return operands

    def rule_results(
        self, rules: Sequence[Callable[..., Any]], xs: Sequence[Any], z: Any, live: Sequence[bool]
    ) -> list[Any]:
        """What the one rule gives, with None for operands that are not live."""
        if all(live):
            return list(rules[0](xs, z))
        return [d if on else None for d, on in zip(rules[0](xs, z), live, strict=True)]


def several(name: str, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands of an n-ary call: one iterable of them, or the operands themselves.

    :raises ValueError: when there are none.
    """
    if len(operands) == 1 and not isinstance(operands[0], Operand | Real):
        try:
            operands = tuple(operands[0])
        except TypeError:
            raise TypeError(
                f"{name} takes an iterable of numbers or Values, not {type(operands[0]).__name__}"
            ) from None
    if not operands:
        raise ValueError(f"{name} of no operands is not defined: give at least one")
    return operands


def lookup(name: str) -> Primitive | None:
    """The row called ``name``, by its own name or an alias; None when there is none."""
    return TABLE.get(name) or ALIASES.get(name)


def lookup_or_raise(name: str) -> Primitive:
    """The row called ``name``.

    :raises LookupError: when no such row is registered (here: a pickle made where it was).
    """
    row = lookup(name)
    if row is None:
        raise LookupError(f"no primitive called {name!r}: register it with primitive(...) first")
    return row


def primitive(
    name: str,
    value: Callable[..., float],
    rules: Sequence[Callable[..., Any]] | Callable[..., Any],
    doc: str,
    *,
    symbol: str | None = None,
    glyph: str | None = None,
    text: Template | None = None,
    latex: Template | None = None,
    precedence: int = 100,
    binds: tuple[int, ...] = (),
    latex_binds: tuple[int, ...] | None = None,
    python: str | None = None,
    array: str | None = None,
    domain: Sequence[Interval] | Interval = (-8.0, 8.0),
    kink: Callable[..., float] | None = None,
    edge: Callable[..., float] | None = None,
    shown: Sequence[Callable[..., Any] | None] | None = None,
    selects: bool = False,
    exact: bool = False,
    defaults: tuple[float, ...] = (),
    aliases: tuple[str, ...] = (),
    gather: Callable[..., Any] | None = None,
    replace: bool = False,
) -> Primitive:
    """Add a row to the table and return it: the free function of that name.

    :param name: an identifier, new to the table unless you ``replace`` a row of your own.
    :param value: the value on floats; it may raise where IEEE 754 has a result.
    :param rules: one callable per operand, ``rule(*operands, z)``, the local derivative at the
        operands and the result ``z``; or, for an operation of any number of operands, a single
        callable ``rule(operands, z)`` that gives them all. Written with the library's functions,
        they work on floats and on Values alike.
    :param doc: one line that says what it computes.
    :param symbol: how it is written in Python (``"+"``), when it is not a call.
    :param glyph: what stands in the circle of a drawing.
    :param text: template of the formula, ``"{0} + {1}"``; from the name when left out.
    :param latex: the same for LaTeX.
    :param precedence: how tightly the formula binds (a sum 10, a product 20, a power 40, a call 100).
    :param binds: the precedence that each operand needs to stand without parentheses.
    :param python: template of the Python expression on floats.
    :param array: template of the NumPy expression.
    :param domain: an open interval per operand (or one for all) in which tests draw.
    :param kink: a function of the operands that is zero where the operation has a kink or a jump.
    :param edge: IEEE 754's value where ``value`` raises; without it overflow is inf, the rest nan.
    :param shown: rules in the form people know, where that is not the stable one.
    :param selects: a local gradient of exactly 0 is a branch not taken: its wire is cut.
    :param exact: the result never needs rounding.
    :param defaults: values of trailing operands that may be left out.
    :param aliases: other names of the function and the method.
    :param gather: for any number of operands, how the call's arguments become the operands.
    :param replace: take the place of the row that you registered under this name before, as when a
        notebook's cell runs again; circuits that were made with that one keep it.
    :raises ValueError: when the name is not an identifier or is taken; the table is unchanged.

    >>> from autograd_lite import Value, exp, primitive
    >>> bump = primitive("bump", lambda x: 2.718281828459045 ** -(x * x),
    ...                  [lambda x, z: -2 * x * z], "exp(-x²)")
    >>> v = Value(0.0); bump(v).local_grads, v.bump().data
    ((-0.0,), 1.0)
    """
    keys = (name, *aliases)
    old = TABLE.get(name)
    own = old is not None and not any(map(_is_built_in, old.rules))
    leaving = (name, *old.aliases) if replace and old is not None and own else ()
    for key in keys:
        if not key.isidentifier() or iskeyword(key):
            raise ValueError(f"a primitive's name must be an identifier, not {key!r}")
        taken = lookup(key) is not None or _is_attribute(key)
        if (taken and key not in leaving) or keys.count(key) > 1:
            hint = "choose another"
            if own and not replace and key == name:
                hint += ", or pass replace=True to register it anew"
            raise ValueError(f"the name {key!r} is taken: {hint}")
    nary = callable(rules)
    given: tuple[Callable[..., Any], ...] = (rules,) if callable(rules) else tuple(rules)
    arity = None if nary else len(given)
    if arity == 0:
        raise ValueError(f"primitive {name!r} has no rule: give one per operand")
    row = object.__new__(Nary if nary else Unary if arity == 1 else Primitive)
    row.name = row.__name__ = name
    row.__doc__ = doc
    row.value, row.arity, row.defaults = _to_float(value, name), arity, defaults
    row.rules = given
    row.local = tuple(_on_floats(rule, nary, name) for rule in given)
    row.slope = row.local[0]
    row.symbol = symbol or name
    row.glyph = glyph or symbol or name
    row.text = text or f"{glyph or name}({{}})"
    row.latex = latex or rf"\operatorname{{{{{name}}}}}\left({{}}\right)".replace("_", r"\_")
    row.precedence = precedence
    row.binds = binds
    row.latex_binds = binds if latex_binds is None else latex_binds
    row.python = python or (f"{_home(value)}({{}})")
    row.array = array or f"np.{name}({{}})"
    row.domain = _intervals(domain, arity or 1)
    if len(row.domain) != (arity or 1) or len(shown or given) != len(given):
        raise ValueError(
            f"primitive {name!r} has {len(given)} rules: domain and shown need as many entries, "
            f"not {len(row.domain)} and {len(shown or given)}"
        )
    row.kink, row.edge, row.selects, row.aliases = kink, edge, selects, aliases
    row.exact = exact or selects  # a choice hands an operand on, a jump gives a whole number
    row.shown = tuple(
        rule if better is None else better
        for rule, better in zip(given, shown or (None,) * len(given), strict=True)
    )
    row.gather = gather or (lambda *operands: several(name, operands))
    row.flat = gather is None
    for key in leaving:
        ALIASES.pop(key, None)
        delattr(Operand, key)
    TABLE[name] = row
    if any(_is_built_in(rule) for rule in given):
        NUMERIC[name] = (lambda xs: value(*xs)) if nary else value
    for alias in aliases:
        ALIASES[alias] = row
    for key in (name, *aliases):
        setattr(Operand, key, _method(row))
    return row


def _intervals(domain: Sequence[Interval] | Interval, count: int) -> tuple[Interval, ...]:
    """One interval per operand; a single one holds for all."""
    if isinstance(domain[0], float | int):
        return (cast(Interval, domain),) * count
    return tuple(cast(Sequence[Interval], domain))


def _home(value: Callable[..., Any]) -> str:
    """How Python source reaches ``value``: ``math.sin``, ``special.sech``."""
    module = getattr(value, "__module__", None) or "math"
    return f"{module.rpartition('.')[2]}.{getattr(value, '__name__', 'value')}"


def _is_attribute(key: str) -> bool:
    """Whether the classes that rows become methods of have something of that name already."""
    classes: list[type] = [Operand]
    for each in classes:
        classes.extend(each.__subclasses__())
    return any(hasattr(each, key) for each in classes)


def _is_own(function: Callable[..., Any]) -> bool:
    """Whether the package or the standard library's arithmetic made it: then floats give a float."""
    module = getattr(function, "__module__", None) or ""
    return module in ("math", "_operator") or module.partition(".")[0] == __name__.partition(".")[0]


def _is_built_in(rule: Callable[..., Any]) -> bool:
    return getattr(rule, "__globals__", {}).get("__name__") == f"{__package__}.table"


def _to_float(value: Callable[..., Any], name: str) -> Callable[..., float]:
    """The value function of a row; a user's may return an int, and a complex number is an error."""
    if _is_own(value):
        return value

    @wraps(value)
    def as_float(*xs: float) -> float:
        return number(value(*xs), f"the value of {name}")

    return as_float


def _on_floats(rule: Callable[..., Any], nary: bool, name: str) -> Callable[..., Any]:
    """The rule for floats; a user's keeps its own names, which work on floats as well."""
    if not _is_own(rule):
        what = f"a local gradient of {name}"
        if nary:
            return lambda xs, z: [number(d, what) for d in rule(xs, z)]
        return lambda *args: number(rule(*args), what)
    return on_floats(rule)


def on_floats(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule of the built-in rows with every operation in it bound to its bare float function."""
    if not isinstance(rule, FunctionType) or rule.__closure__ or not _is_built_in(rule):
        return rule
    return FunctionType(rule.__code__, NUMERIC, rule.__name__, rule.__defaults__)


def _method(row: Primitive) -> Callable[..., Any]:
    def unary(self: Operand) -> Any:
        return self._unary(row)

    def method(self: Operand, *others: Any) -> Any:
        return row(self, *others)

    made = unary if row.arity == 1 else method
    made.__name__ = row.name
    made.__doc__ = row.__doc__
    return made
