"""The formulas of a sketch: each drawn operation over the names of its operands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from contextvars import Context
from functools import cache
from typing import NamedTuple

from ...core.primitive import TABLE, Primitive
from ...core.value import Value
from ...formulas.local import LocalFormulas
from ...formulas.notation import DisplayName, factor, fmt, superscript
from ...formulas.terms import Algebra, Term
from ...formulas.typeset import typeset
from ...support.ieee import errstate
from .reduce import SUMS
from .sketch import Group

#: The most characters of a formula, and of the full one for a tooltip.
_SHORT, _LONG = 44, 400

#: The most terms of a sum or factors of a product in a formula, and in the full one.
_FEW, _MANY = 6, 24

#: A derivative through a fold with more factors than this is shown as its number only.
_FACTORS = 12

#: The glyph of several operations of different kinds that are drawn as one: in ASCII, in Unicode.
FUNCTION = ("f", "ƒ")

_SIGNED = {"+": "+", "-": "−", "*": "×", "/": "÷"}


class Formula(NamedTuple):
    """The texts of one drawn operation; ``locals_`` has (text, LaTeX) by slot."""

    short: str
    full: str
    latex: str
    locals_: dict[int, tuple[str, str]]


class FormulaWriter:
    """Writes the formulas of one drawing with its names, digits and signs."""

    def __init__(self, names: Mapping[Value, DisplayName], digits: int, ascii: bool) -> None:
        self.names, self.digits, self.ascii = names, digits, ascii
        self._algebra = Algebra()
        self._local = LocalFormulas(collect=True)
        for node, name in names.items():
            if name.named and node.op is TABLE["softmax"] and not node.is_constant:
                output = self._local.algebra.apply(node.op, self._operands(node, {}))
                self._local.outputs[output] = self._name(node)

    def formula(self, group: Group, wanted: Set[int]) -> Formula:
        """All texts of ``group``, with the local derivatives of the ``wanted`` slots."""
        terms = self._terms(group)
        whole = terms[group.node]
        if whole.kind == "name" and group.node.op is not None:
            # An operation that changes nothing is shown as an operation: 1·x.
            whole = self._algebra.call(group.node.op, self._operands(group.node, terms))
        return Formula(
            self._print(whole, _FEW, _SHORT),
            self._print(whole, _MANY, _LONG),
            typeset(whole, "latex", self.digits, _FEW, _LONG),
            self._locals(group, terms, wanted),
        )

    def glyph(self, group: Group) -> str:
        """What stands in the circle of an operation: its sign, with a constant operand, as in +3."""
        node = group.node
        row = node.op
        assert row is not None
        if len(group.members) > 1:
            sums = all(m.op in SUMS for m in group.members)
            return ("sum" if self.ascii else "Σ") if sums else FUNCTION[not self.ascii]
        fixed = [
            fmt(p.data, self.digits, self.ascii) if slot is None and self._in_print(p) else None
            for p, slot in zip(node.parents, group.slots, strict=True)
        ]
        if row.arity == 2 and row.fix == "infix" and fixed.count(None) == 1:
            first, second = fixed
            if row is TABLE["pow"]:
                return self._power_glyph(node, first)
            sign = row.symbol if self.ascii else _SIGNED.get(row.symbol, row.symbol)
            if first is not None and row.symbol not in "+*":
                return f"{first}{sign}" + ("(x)" if self.ascii else "(·)")
            # Two signs need parentheses between them: ×(−3).
            return sign + factor((second if first is None else first) or "")
        if self.ascii and not row.glyph.isascii():
            return row.symbol
        biased = row is TABLE["dot"] and len(node.parents) % 2
        return f"{row.glyph} + b" if biased else row.glyph

    def _power_glyph(self, node: Value, base: str | None) -> str:
        if base is not None:
            return f"{factor(base)}^." if self.ascii else f"{factor(base)}ˣ"
        exponent = node.parents[1].data
        if not self.ascii and abs(exponent) < 1000 and exponent == int(exponent):
            return f"(·){superscript(int(exponent))}"
        shown = fmt(exponent, self.digits, self.ascii)
        return f"^({shown})" if "/" in shown else "^" + factor(shown)

    def _print(self, term: Term, cap: int, limit: int) -> str:
        return typeset(term, "ascii" if self.ascii else "text", self.digits, cap, limit)

    def _in_print(self, node: Value) -> bool:
        """Whether an operand stands in the formula as its number. An operand that was cut off does not."""
        name = self.names.get(node)
        return name is None or name.is_number

    def _name(self, node: Value) -> Term:
        if self._in_print(node):
            return self._algebra.number(node.data)
        name = self.names[node]
        return self._algebra.name(node, name.text, name.latex)

    def _operands(self, member: Value, terms: Mapping[Value, Term]) -> list[Term]:
        return [terms[p] if p in terms else self._name(p) for p in member.parents]

    def _terms(self, group: Group) -> dict[Value, Term]:
        """The terms of the members of a group; a chain of sums has one term, at its top."""
        terms: dict[Value, Term] = {}
        sums: dict[Value, list[tuple[float, Term]]] = {}
        consumer = {p: m for m in group.members for p in m.parents} if group.members[1:] else {}
        for member in reversed(group.members):
            assert member.op is not None
            if member.op not in SUMS:
                terms[member] = self._algebra.apply(member.op, self._operands(member, terms))
                continue
            items: list[tuple[float, Term]] = []
            for p in member.parents:
                below = sums.pop(p, None)
                if below is None:
                    items.append((1.0, terms[p] if p in terms else self._name(p)))
                elif items:
                    items.extend(below)
                else:
                    items = below
            above = None if member is group.node else consumer[member].op
            if above in SUMS:
                sums[member] = items
            else:
                terms[member] = self._algebra.sum(items)
        return terms

    def _locals(
        self, group: Group, terms: Mapping[Value, Term], wanted: Set[int]
    ) -> dict[int, tuple[str, str]]:
        """The formula of the local derivative of each wanted slot, a product along the fold."""
        members = set(group.members)
        chained: dict[Value, Term | None] = {group.node: self._local.algebra.one}
        derivatives: dict[Value, Callable[[int], Term | None]] = {}
        for member in group.members:
            outer = chained[member]
            if outer is not None:
                derivatives[member] = self._derivatives(member, terms)
            for position, p in enumerate(member.parents) if len(members) > 1 else ():
                if p in members:
                    inner = None if outer is None else derivatives[member](position)
                    chained[p] = self._chain(outer, inner)
        found = {}
        for place in sorted(wanted):
            slot = group.slots[place]
            term = None
            if slot is None or slot.member not in derivatives:
                pass
            elif not slot.source.is_constant:
                own = derivatives[slot.member](slot.position)
                term = self._chain(chained[slot.member], own)
                if slot.local is None and term is self._local.algebra.number(0.0):
                    flat = slot.member.op is not None and _is_step(slot.member.op, slot.position)
                    term = term if flat else None
            if term is None:
                found[place] = ("", "")
            else:
                term = self._local.algebra.tidy(term)
                text = self._print(term, _FEW, _SHORT)
                found[place] = (text, typeset(term, "latex", self.digits, _FEW, _LONG))
        return found

    def _derivatives(self, member: Value, terms: Mapping[Value, Term]) -> Callable[[int], Term | None]:
        """The local derivatives of one operation, by position."""
        if member.op in SUMS:
            return lambda position: self._local.algebra.one
        named = self.names.get(member)
        result = self._name(member) if named is not None and named.named else None
        return self._local.locals(member, self._operands(member, terms), result)

    def _chain(self, outer: Term | None, inner: Term | None) -> Term | None:
        if outer is None or inner is None:
            return None
        term = self._local.algebra.product([outer, inner])
        if term.kind == "product" and len(term.parts[2]) + len(term.parts[3]) > _FACTORS:
            return None
        return term


@cache
def _is_step(row: Primitive, position: int) -> bool:
    """Whether the derivative is 0 wherever there is one, as that of ``floor``."""
    if row.arity is None:
        return False
    stand_ins = [Value(0.5) for _ in range(row.arity + 1)]

    def slope() -> object:
        with errstate("ignore"):
            return row.rules[position](*stand_ins)

    try:
        # A new context records operations: a result that is a number does not depend on the operands.
        found = Context().run(slope)
    except Exception:  # a user's rule may work on floats alone
        return False
    return not isinstance(found, Value) and found == 0
