"""Whether a user's value function and rules fit their operands: they are tried at a few points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from numbers import Real
from typing import Any

from .ieee import FLOAT_ERRORS
from .numbers import number

Given = Callable[..., Any]


def tried(
    name: str,
    value: Given,
    rules: Sequence[Given],
    operands: Sequence[str],
    domain: Sequence[tuple[float, float]],
    given: bool,
) -> tuple[Given, tuple[Given, ...]]:
    """The value function and the rules of a new primitive, made to give floats.

    :param operands: the names of the operands; none for an operation of any number of them, whose
        single rule takes them in a list.
    :param domain: an interval per operand; they are called at three points of it. A point where
        they raise as floats do at a pole or outside a domain says nothing.
    :param given: whether the domain was given; then there must be a point at which they do not.
    :raises TypeError: when they do not take the operands, or do not give real numbers. A value
        function ``f(*xs)`` that refuses two operands is not judged.
    """
    many = not operands
    code = getattr(value, "__code__", None)
    fixed = code is not None and not code.co_flags & 0x04  # 4: has *args
    count = code.co_argcount if fixed and code is not None else 2  # a guess, where any number is taken
    value = _to_floats(value, f"the value of {name}")
    rules = tuple([_to_floats(rule, f"a local derivative of {name}", many) for rule in rules])
    points, reached = (0.5, 0.31, 0.77) if domain else (), 0
    for part in points:
        xs = [low + part * (high - low) for low, high in tuple(domain) * (count if many else 1)]
        doing = "the value function"
        try:
            z = value(*xs)
            for i, rule in enumerate(rules):
                doing = "the rule" if many else f"the rule by {operands[i]}"
                found = rule(xs, z) if many else [rule(*xs, z)]
                if many and len(found) != len(xs):
                    raise TypeError("a rule of any number of operands gives one number for each")
            reached += 1
        except FLOAT_ERRORS:
            continue
        except Exception as error:
            if many and not fixed and doing == "the value function":
                break  # it may want another number of operands
            if "positional argument" in str(error):
                hint = "value(*operands) and rule(*operands, z) take one argument per operand"
            elif many and doing == "the rule":
                hint = "a rule that is not in a list takes all operands at once, in a list"
            else:
                hint = "give domain=(low, high) where it is defined"
            where = f"{doing} fails at {tuple(xs)}, in the domain"
            raise TypeError(f"primitive {name!r}: {where}: {error}; {hint}") from error
    else:
        if given and points and not reached:
            raise TypeError(
                f"primitive {name!r} has no value or no local derivative at any point that was tried in "
                f"its domain {tuple(domain)}: give domain=(low, high) where it is defined"
            )
    return value, rules


def named(name: str, rules: Sequence[Given]) -> tuple[Given, ...]:
    """The rules of a new primitive, with errors that say which primitive's they are."""

    def of(rule: Given) -> Given:
        @wraps(rule)
        def on_values(*args: Any) -> Any:
            try:
                return rule(*args)
            except TypeError as error:
                raise TypeError(
                    f"a rule of {name} takes floats alone ({error}): write it with the library's own "
                    "functions, as autograd_lite.cos for math.cos, to differentiate it again"
                ) from error

        return on_values

    return tuple(map(of, rules))


def signature_of(gather: Given | None, operands: Sequence[str], defaults: Sequence[float]) -> Any:
    """What ``inspect.signature`` and ``help`` show of a primitive: that of ``gather``, or its operands'."""
    import inspect  # slow to load, and only people ask

    if gather is not None:
        return inspect.signature(gather)
    kinds = inspect.Parameter
    kind = kinds.POSITIONAL_ONLY if len(operands) == 1 else kinds.POSITIONAL_OR_KEYWORD
    known = [kinds.empty] * (len(operands) - len(defaults)) + list(defaults)
    return inspect.Signature(
        [kinds(name, kind, default=d) for name, d in zip(operands, known, strict=True)]
    )


def require_kinds(name: str, value: object, rules: object, fields: Mapping[str, Any]) -> None:
    """Refuse parts of a new primitive that are not what they must be.

    :raises TypeError: for a value or rules that are not functions, aliases or defaults that are not
        tuples of strings and of numbers, or a domain that is not made of intervals.
    :raises ValueError: where there is no rule, or a default for every operand.
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of a primitive must be a string, not {name!r}")
    what = f"primitive {name!r}: "
    for key in ("symbol", "glyph", "text", "latex", "python", "array"):
        template = fields.get(key) or ""
        if not isinstance(template, str) and not (key in ("text", "latex") and callable(template)):
            raise TypeError(f"{what}{key} must be a string, not {template!r}")
    if not _is_real(fields.get("precedence", 0)):
        raise TypeError(f"{what}precedence must be a number, not {fields['precedence']!r}")
    if not callable(rules) and not isinstance(rules, list | tuple):
        raise TypeError(f"{what}the rules must be a list of functions, not {rules!r}")
    given = (rules,) if callable(rules) else rules
    for part, function in (("the value", value), *((f"rule {i + 1}", r) for i, r in enumerate(given))):
        if not callable(function):
            raise TypeError(f"{what}{part} must be a function, not {function!r}")
    if not given:
        raise ValueError(f"primitive {name!r} has no rule: give one per operand")
    count = len(given)
    aliases, defaults = fields.get("aliases", ()), fields.get("defaults", ())
    if not isinstance(aliases, tuple | list) or not all(isinstance(each, str) for each in aliases):
        raise TypeError(f"{what}aliases must be a tuple of names, not {aliases!r}")
    if not isinstance(defaults, tuple | list) or not all(isinstance(d, Real) for d in defaults):
        raise TypeError(f"{what}defaults must be a tuple of numbers, not {defaults!r}")
    if len(defaults) >= count:
        raise ValueError(f"{what}{len(defaults)} defaults leave none of {count} operands to be given")
    domain = fields.get("domain", (0.0, 1.0))
    pairs = (domain,) if isinstance(domain, tuple | list) and domain and _is_real(domain[0]) else domain
    if not isinstance(pairs, tuple | list) or not all(_is_interval(pair) for pair in pairs):
        raise TypeError(f"{what}domain must be an interval (low, high), or one per operand, not {domain!r}")


def _is_real(x: object) -> bool:
    return isinstance(x, Real)


def _is_interval(pair: object) -> bool:
    numbers = isinstance(pair, tuple | list) and len(pair) == 2 and all(map(_is_real, pair))
    return numbers and pair[0] <= pair[1]  # type: ignore[index]  # a pair of numbers


def _to_floats(function: Given, what: str, many: bool = False) -> Given:
    @wraps(function)
    def on_floats(*args: Any) -> Any:
        found = function(*args)
        return [number(each, what) for each in found] if many else number(found, what)

    return on_floats
