"""Formulas of local derivatives, made from the rules themselves.

The formula of a local derivative is not written down anywhere: the row's rule is called once on
stand-in nodes, and the circuit that it makes is recorded and printed. So every row has one at once,
a user's own row too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from functools import cache
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


#: A number, or an index into the operands of a row followed by its result and those of earlier calls.
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

    Each rule is recorded once for all operations that are alike, and for every operand that is not a
    constant, whether or not it is selected.
    """

    def __init__(self, collect: bool = False) -> None:
        self.algebra = Algebra(collect, cases=True)
        #: Formulas that are written by a name, such as the outputs of one softmax in the others'.
        self.outputs: dict[Term, Term] = {}
        self._recorded: dict[tuple[Any, ...], tuple[_RecordedRule | None, ...]] = {}

    def locals(
        self, node: Value, operands: Sequence[Term], result: Term | None = None
    ) -> Callable[[int], Term | None]:
        """The local derivative of ``node`` by position; None where there is no formula.

        :param result: what ``node`` itself is called; left out, its formula stands for it.
        """
        row, rules = node.op, self._rules_of(node, operands)
        assert row is not None

        def known(argument: _Argument, made: Sequence[Term]) -> Term:
            if isinstance(argument, float):
                return self.algebra.number(argument)
            if argument < len(operands):
                return operands[argument]
            return named(own()) if argument == len(operands) else made[argument - len(operands) - 1]

        @cache
        def own() -> Term:
            return self.algebra.apply(row, operands)

        def named(term: Term) -> Term:
            return result if result is not None and term is own() else self.outputs.get(term, term)

        def local(position: int) -> Term | None:
            rule = rules[position]
            if rule is None:
                return None
            made: list[Term] = []
            for called, arguments in rule.calls:
                made.append(named(self.algebra.apply(called, [known(a, made) for a in arguments])))
            return known(rule.result, made)

        return local

    def _rules_of(self, node: Value, operands: Sequence[Term]) -> tuple[_RecordedRule | None, ...]:
        row = node.op
        assert row is not None
        parents = node.parents
        live = tuple(not p.is_constant for p in parents)
        # A constant with a name keeps it, except as an exponent, whose number a rule may look at.
        in_print = [
            term.kind == "number" or (len(parents) == 2 and i == 1) for i, term in enumerate(operands)
        ]
        fixed = tuple(
            p.data if p.is_constant and shown else None for p, shown in zip(parents, in_print, strict=True)
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
        else _record(local, places, result, fixed)
        for local in rules
    )


def _record(
    local: Any, places: Mapping[Value, int], result: Value, fixed: Sequence[float | None]
) -> _RecordedRule:
    if not isinstance(local, Value):
        return _RecordedRule((), float(local))
    known: dict[Value, _Argument] = {result: len(fixed), **places}
    calls: list[_Call] = []
    for node in circuit(local):
        if node in known:
            continue
        if node.op is None or node.is_constant:
            known[node] = node.data
        else:
            calls.append(_Call(node.op, tuple(known[p] for p in node.parents)))
            known[node] = len(fixed) + len(calls)
    return _RecordedRule(tuple(calls), known[local])
