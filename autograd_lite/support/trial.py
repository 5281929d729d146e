"""Whether a user's value function and rules fit their operands: they are tried at a few points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
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
) -> tuple[Given, tuple[Given, ...]]:
    """The value function and the rules of a new primitive, made to give floats.

    :param operands: the names of the operands; none for an operation of any number of them, whose
        single rule takes them in a list.
    :param domain: an interval per operand; they are called at three points of it. A point where
        they raise as floats do at a pole or outside a domain says nothing.
    :raises TypeError: when they do not take the operands, or do not give real numbers. A value
        function ``f(*xs)`` that refuses two operands is not judged.
    """
    many = not operands
    code = getattr(value, "__code__", None)
    fixed = code is not None and not code.co_flags & 0x04  # 4: has *args
    count = code.co_argcount if fixed and code is not None else 2  # a guess, where any number is taken
    value = _to_floats(value, f"the value of {name}")
    rules = tuple([_to_floats(rule, f"a local derivative of {name}", many) for rule in rules])
    for part in (0.5, 0.31, 0.77) if domain else ():
        xs = [low + part * (high - low) for low, high in tuple(domain) * (count if many else 1)]
        doing = "the value function"
        try:
            z = value(*xs)
            for i, rule in enumerate(rules):
                doing = "the rule" if many else f"the rule by {operands[i]}"
                found = rule(xs, z) if many else [rule(*xs, z)]
                if many and len(found) != len(xs):
                    raise TypeError("a rule of any number of operands gives one number for each")
        except FLOAT_ERRORS:
            continue
        except Exception as error:
            if many and not fixed and doing == "the value function":
                break  # it may want another number of operands
            where = f"{doing} fails at {tuple(xs)}, in the domain"
            hint = "give domain=(low, high) where it is defined"
            raise TypeError(f"primitive {name!r}: {where}: {error}; {hint}") from error
    return value, rules


def _to_floats(function: Given, what: str, many: bool = False) -> Given:
    @wraps(function)
    def on_floats(*args: Any) -> Any:
        found = function(*args)
        return [number(each, what) for each in found] if many else number(found, what)

    return on_floats
