"""Formulas of local derivatives, made from the rules themselves.

The formula of a local derivative is not written down anywhere: the row's rule is called once on
stand-in nodes, and the circuit that it makes is recorded and printed. So every row has one at once,
a user's own row too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from typing import Any, NamedTuple

from ..core.order import circuit
from ..core.primitive import Primitive
from ..core.value import Value
from ..support.ieee import errstate
from .terms import Algebra, Term

#: The package whose own rules never look at the numbers that they are called with.
_PACKAGE = __name__.partition(".")[0]

#: For a row of more operands than this only those local derivatives have a formula that are an
#: operand or a number: each of the others would name every operand.
_WIDEST = 16


#: A number, or an index into the operands of a row followed by the results of earlier calls.
_Argument = int | float


class _Call(NamedTuple):
    row: Primitive
    arguments: tuple[_Argument, ...]


class _RecordedRule(NamedTuple):
    """A rule as the calls that make a local derivative from a row's operands, and its result."""

    calls: tuple[_Call, ...]
    result: _Argument


class LocalFormulas:
    """The formulas of local derivatives, over the terms of an operation's operands.

    Each rule is recorded once for all operations that are alike.
    """

    def __init__(self, collect: bool = False) -> None:
        self.algebra = Algebra(collect)
        self._recorded: dict[tuple[Any, ...], tuple[_RecordedRule | None, ...]] = {}

    def locals(self, node: Value, operands: Sequence[Term]) -> Callable[[int], Term | None]:
        """The local derivative of ``node`` by position; None where there is no formula."""
        rules = self._rules_of(node)

        def local(position: int) -> Term | None:
            rule = rules[position]
            if rule is None:
                return None
            made = [*operands] if rule.calls else operands
            for row, arguments in rule.calls:
                terms = [self._argument(made, a) for a in arguments]
                made = [*made, self.algebra.apply(row, terms)]
            return self._argument(made, rule.result)

        return local

    def _argument(self, made: Sequence[Term], argument: _Argument) -> Term:
        return made[argument] if isinstance(argument, int) else self.algebra.number(argument)

    def _rules_of(self, node: Value) -> tuple[_RecordedRule | None, ...]:
        row = node.op
        assert row is not None
        parents, recorded = node.parents, node._locals()
        live = tuple(d is not None for d in recorded)
        # A named constant keeps its name, except as an exponent, whose number a rule may look at.
        fixed = tuple(
            p.data if p.is_constant and (p.name is None or (len(parents) == 2 and i == 1)) else None
            for i, p in enumerate(parents)
        )
        # A user's rule may look at the numbers; the package's own never do.
        own = all(_is_built_in(rule) for rule in row.shown)
        key = (row, live, fixed, *(() if own else (p.data for p in parents)))
        found = self._recorded.get(key)
        if found is None:
            data = tuple(0.5 if own else p.data for p in parents)
            # In a new context no scope is open and operations are recorded.
            found = Context().run(_record_rules, row, data, fixed, live)
            self._recorded[key] = found
        return found


def _is_built_in(rule: Any) -> bool:
    return str(getattr(rule, "__module__", "")).startswith(f"{_PACKAGE}.")


def _record_rules(
    row: Primitive,
    data: Sequence[float],
    fixed: Sequence[float | None],
    live: Sequence[bool],
) -> tuple[_RecordedRule | None, ...]:
    """The rule of every operand of ``row``, None where no gradient flows."""
    stand_ins = [Value(x) if c is None else c for x, c in zip(data, fixed, strict=True)]
    places = {s: i for i, s in enumerate(stand_ins) if isinstance(s, Value)}
    result: Value | None = None
    with errstate("ignore"):
        try:
            result = Value._apply(row, tuple(stand_ins))
            rules = row.rule_results(row.shown, stand_ins, result, live)
        except Exception:  # a user's rule that works on floats alone has no formula
            return (None,) * len(live)
    return tuple(
        None
        if local is None or (len(live) > _WIDEST and isinstance(local, Value) and local.op)
        else _record(local, places, fixed)
        for local in rules
    )


def _record(local: Any, places: Mapping[Value, int], fixed: Sequence[float | None]) -> _RecordedRule:
    if not isinstance(local, Value):
        return _RecordedRule((), float(local))
    known: dict[Value, _Argument] = dict(places)
    calls: list[_Call] = []
    for node in circuit(local):
        if node in known:
            continue
        if node.op is None or node.is_constant:
            known[node] = node.data
        else:
            calls.append(_Call(node.op, tuple(known[p] for p in node.parents)))
            known[node] = len(fixed) + len(calls) - 1
    return _RecordedRule(tuple(calls), known[local])
