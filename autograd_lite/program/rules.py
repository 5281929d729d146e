"""The local derivatives of a row as operations of the table, for engines that compile them.

The row's rule is run once on stand-in nodes; the operations that it makes are the recipe. So an
engine has to know the values of rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import Context
from functools import cache
from typing import Any, NamedTuple

from ..core.order import circuit
from ..core.primitive import BUILT_IN, TABLE, Primitive
from ..core.value import Value
from ..support.ieee import errstate
from .recording import Operand
from .row_facts import LOOKS_AT_CONSTANTS


class Derivation(NamedTuple):
    """A local derivative: operations on the operands and the result, and which number it is.

    In ``steps`` and ``result`` the operands have the numbers 0, 1, …, the result of the operation
    the next one, and each step the next after that; a float is a number.
    """

    steps: tuple[tuple[Primitive, tuple[Operand, ...]], ...]
    result: Operand


def without_pow(row: Primitive, operands: tuple[Operand, ...]) -> tuple[Primitive, tuple[Operand, ...]]:
    """The operation itself, or ``x·x`` in place of ``x`` to the power 2, which takes longer."""
    if row is TABLE["pow"] and type(operands[1]) is float and operands[1] == 2.0:
        return TABLE["square"], operands[:1]
    return row, operands


def recipes(row: Primitive, constants: Sequence[float | None]) -> tuple[Derivation | None, ...] | None:
    """The recipe by each operand of ``row``, None for one that is a constant.

    ``constants`` has the number of each operand that is constant. None as a whole where there are
    no recipes: for a row of any number of operands, whose rule may look at numbers, and for users'
    rows.
    """
    if row.arity is None or row.name not in BUILT_IN:
        return None
    looks = row.name in LOOKS_AT_CONSTANTS
    live = tuple([c is None for c in constants])
    return _recipes(row, live, tuple([c if looks else None for c in constants]))


@cache
def _recipes(
    row: Primitive, live: tuple[bool, ...], fixed: tuple[float | None, ...]
) -> tuple[Derivation | None, ...]:
    return Context().run(_run_rules, row, live, fixed)  # no block is open there


def _run_rules(
    row: Primitive, live: tuple[bool, ...], fixed: tuple[float | None, ...]
) -> tuple[Derivation | None, ...]:
    stand_ins = [Value(0.5) if c is None else c for c in fixed]
    with errstate("ignore"):
        result = Value._apply(row, tuple(stand_ins))
        found = row.rule_results(row.rules, stand_ins, result, live)
    number: dict[Any, Operand] = {s: i for i, s in enumerate(stand_ins) if isinstance(s, Value)}
    number[result] = len(stand_ins)
    return tuple([None if d is None else _recipe(d, dict(number), len(stand_ins) + 1) for d in found])


def _recipe(local: Any, number: dict[Any, Operand], first: int) -> Derivation:
    if not isinstance(local, Value):
        return Derivation((), float(local))
    steps: list[tuple[Primitive, tuple[Operand, ...]]] = []
    for node in circuit(local):
        if node in number:
            continue
        if node.op is None or node.is_constant:
            number[node] = node._data
        else:
            number[node] = first + len(steps)
            steps.append((node.op, tuple([number[p] for p in node.parents])))
    return Derivation(tuple(steps), number[local])
