"""How rows get into the table: ``primitive`` checks a row and registers it.

A user's row is refused at once where its rules do not fit, not at its first call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from keyword import iskeyword
from typing import Any

from ..support.nested import several
from ..support.trial import named, require_kinds, tried
from .primitive import ALIASES, BUILT_IN, TABLE, Nary, Operand, Primitive, Rule, Unary, lookup

#: Those of which LaTeX has a command.
_LATEX = {"cos", "cosh", "exp", "log", "max", "min", "sin", "sinh", "tan", "tanh"}
_FIELDS = {key for key in Primitive.__annotations__ if hasattr(Primitive, key)}


def primitive(
    name: str,
    value: Callable[..., float],
    rules: Sequence[Rule] | Rule,
    doc: str,
    *,
    replace: bool = False,
    **fields: Any,
) -> Primitive:
    """Add a row to the table and return it: the free function of that name.

    :param name: an identifier, new to the table unless you ``replace`` a row of your own.
    :param value: the value on floats; it may raise where IEEE 754 has a result.
    :param rules: one callable per operand, ``rule(*operands, z)``, the local derivative at the
        operands and the result ``z``; or, for an operation of any number of operands, a single
        callable ``rule(operands, z)`` that gives them all. Written with the library's functions,
        they work on floats and on Values alike. The names of the first rule's parameters are those
        of the operands.
    :param doc: one line that says what it computes.
    :param replace: take the place of the row that you registered under this name before, as when a
        notebook's cell runs again; circuits that were made with that one keep it.
    :param fields: any attribute of :class:`Primitive` that has a default, such as ``domain``.
    :raises ValueError: when the name is not an identifier or is taken.
    :raises TypeError: for an unknown field or one of the wrong kind, and when value and rules do not
        take the operands or give no numbers at three points of the domain, where they are tried.
        After an error the table is unchanged.

    >>> from autograd_lite import Value, exp, primitive
    >>> bump = primitive("bump", lambda x: 2.718281828459045 ** -(x * x),
    ...                  [lambda x, z: -2 * x * z], "exp(-x²)")
    >>> v = Value(0.0); bump(v).local_grads, v.bump().data
    ((-0.0,), 1.0)
    """
    old = TABLE.get(name)
    replaced = old if replace and name not in BUILT_IN else None
    aliases = fields.get("aliases", ())
    require_kinds(name, value, rules, fields)
    _require_free((name, *aliases), replaced)
    row = _made(name, value, rules, doc, fields)
    if BUILT_IN:
        domain = () if "gather" in fields else row.domain
        value, rules_ = tried(name, value, row.rules, row.operands, domain, "domain" in fields)
        row.value, row.local, row.slope, row.rules = value, rules_, rules_[0], named(name, row.rules)
    for key in replaced.aliases if replaced else ():
        del ALIASES[key]
        delattr(Operand, key)
    TABLE[name] = row
    ALIASES.update(dict.fromkeys(aliases, row))
    for key in (name, *aliases):
        setattr(Operand, key, _method(row))
    return row


def _require_free(names: tuple[str, ...], replaced: Primitive | None) -> None:
    leaving = (replaced.name, *replaced.aliases) if replaced else ()
    classes: list[type] = [Operand]  # those that rows become methods of
    for each in classes:
        classes.extend(each.__subclasses__())
    for key in names:
        if not key.isidentifier() or iskeyword(key):
            raise ValueError(f"a primitive's name must be an identifier, not {key!r}")
        taken = lookup(key) is not None or any(hasattr(each, key) for each in classes)
        if (taken and key not in leaving) or names.count(key) > 1:
            own = key == names[0] and key in TABLE and key not in BUILT_IN
            hint = ", or pass replace=True to register it anew" if own else ""
            raise ValueError(f"the name {key!r} is taken: choose another{hint}")


def _made(name: str, value: Any, rules: Any, doc: str, fields: dict[str, Any]) -> Primitive:
    """The row, with what was left out filled in from the rest."""
    arity = None if callable(rules) else len(rules)
    given = (rules,) if callable(rules) else tuple(rules)
    unknown = sorted(fields.keys() - _FIELDS)
    if unknown:
        raise TypeError(f"primitive {name!r} has no field {unknown[0]!r}: there are {sorted(_FIELDS)}")
    row = object.__new__(Nary if arity is None else Unary if arity == 1 else Primitive)
    # One by one and in one order: CPython then keeps the attributes of all rows where it finds them fast.
    row.value, row.slope, row.arity, row.name = value, given[0], arity, name
    row.rules = row.local = given
    row.__name__, row.__doc__ = name, doc
    for key, field in fields.items():
        setattr(row, key, field)
    names = getattr(getattr(given[0], "__code__", None), "co_varnames", ())
    row.operands = tuple([*names, *(f"x{i + 1}" for i in range(len(names), 9))][: arity or 0])
    row.symbol = row.symbol or name
    row.text = row.text or f"{row.glyph or name}({{}})"
    row.glyph = row.glyph or row.symbol
    command = f"\\{name}" if name in _LATEX else rf"\operatorname{{{{{name}}}}}".replace("_", r"\_")
    row.latex = row.latex or rf"{command}\left({{}}\right)"
    row.latex_binds = row.binds if row.latex_binds is None else row.latex_binds
    # How Python source reaches the value: an operator, math.sin, special.sech
    homes = (getattr(value, "__module__", None) or "math").split(".")
    call = f"{'special' if 'special' in homes else homes[-1]}.{getattr(value, '__name__', 'value')}"
    operator = {"infix": f"{{0}} {row.symbol} {{1}}", "prefix": f"{row.symbol}{{0}}"}.get(row.fix)
    row.python = row.python or operator or f"{call}({{}})"
    row.array = row.array.replace("EACH", f"np.vectorize({call}, otypes=[float])({{}})")
    numpy_name = next((alias for alias in row.aliases if alias.startswith("arc")), name)
    row.array = row.array or operator or f"np.{numpy_name}({{}})"
    row.exact = row.exact or row.piecewise  # a choice hands an operand on, a jump is a whole number
    row.domain = (row.domain,) * len(given) if isinstance(row.domain[0], float | int) else row.domain
    shown = row.shown or (None,) * len(given)
    if not len(row.domain) == len(shown) == len(given):
        counts = f"{len(row.domain)} and {len(shown)}, not one per rule ({len(given)})"
        raise ValueError(f"primitive {name!r}: domain and shown have {counts} entries")
    row.shown = tuple([better or rule for rule, better in zip(given, shown, strict=True)])
    row.gather = row.gather or partial(several, name)
    return row


def _method(row: Primitive) -> Callable[..., Any]:
    def method(self: Operand, *others: Any, **named: Any) -> Any:
        return row(self, *others, **named)

    made: Callable[..., Any] = (lambda self: self._unary(row)) if row.arity == 1 else method
    made.__name__, made.__doc__ = row.name, row.__doc__
    return made
