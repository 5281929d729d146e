"""Formulas as terms: sums, products, powers and calls, in the order in which people write them.

Numeric factors are merged and come first, a factor 1 is dropped, signs go to the front. Terms are only
printed (:mod:`autograd_lite.formulas.typeset`); nothing is computed from them. Equal terms are one object.
The code does not recurse, so that a formula may be of any depth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final

from ..core.primitive import TABLE, Primitive

#: A sum or product of more parts than this is not opened again inside a larger one.
_OPENED: Final = 24


class Term:
    """One formula; its ``kind`` determines what its ``parts`` are.

    ``number``: (value) · ``name``: (text, LaTeX) · ``call``: (row, operands) · ``power``: (base,
    exponent as a number) · ``sum``: pairs (sign, term) · ``product``: (numerator, denominator, factors
    above the line, factors below it), numbers first and the sign in the numerator · ``relation``:
    (left, sign, right), which is 1 where it holds, else 0 · ``cases``: (relation, term, else term).
    """

    __slots__ = ("kind", "parts")

    def __init__(self, kind: str, parts: tuple[Any, ...]) -> None:
        self.kind, self.parts = kind, parts


Split = tuple[float, float, tuple[Term, ...], tuple[Term, ...]]


#: Each relation, and the one that holds where it does not.
_OPPOSITE: Final = {">": "≤", "≤": ">", "=": "≠", "≠": "="}


class Algebra:
    """Makes terms. With ``collect``, like parts are merged: x + x is 2x, x·x is x².

    With ``cases``, what is chosen by a condition is written with the condition: [x > y], a if x > 0.

    >>> from autograd_lite.formulas.typeset import typeset
    >>> algebra = Algebra()
    >>> x, two = algebra.name(1, "x", "x"), algebra.number(2.0)
    >>> typeset(algebra.product([x, two, algebra.power(x, 3.0)]))
    '2x·x³'
    """

    def __init__(self, collect: bool = False, cases: bool = False) -> None:
        self.collect, self.cases = collect, cases
        self._known: dict[Hashable, Term] = {}
        self.one = self.number(1.0)

    def _term(self, kind: str, key: Hashable, parts: tuple[Any, ...]) -> Term:
        place = (kind, key)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = Term(kind, parts)
        return known

    def number(self, value: float) -> Term:
        """A number."""
        return self._term("number", repr(value), (value,))

    def name(self, key: Hashable, text: str, latex: str) -> Term:
        """A name; names with the same key are one term."""
        return self._term("name", key, (text, latex))

    def call(self, row: Primitive, operands: Sequence[Term]) -> Term:
        """An operation, printed with the template of its row."""
        parts = tuple(operands)
        return self._term("call", (id(row), *map(id, parts)), (row, parts))

    def relation(self, left: Term, sign: str, right: Term) -> Term:
        """What is 1 where a relation holds, and 0 elsewhere."""
        return self._term("relation", (id(left), sign, id(right)), (left, sign, right))

    def power(self, base: Term, exponent: float) -> Term:
        """A power with a number as exponent."""
        if exponent == 1:
            return base
        if self.collect:
            if exponent == 0:
                return self.one
            if base.kind == "power" and _whole(exponent) and _whole(base.parts[1]):
                base, exponent = base.parts[0], exponent * base.parts[1]
        return self._term("power", (id(base), exponent), (base, exponent))

    def product(self, above: Iterable[Term], below: Iterable[Term] = (), sign: float = 1.0) -> Term:
        """The quotient of two products."""
        n, d = sign, 1.0
        tops: list[Term] = []
        bottoms: list[Term] = []
        for term in above:
            a, b, up, down = _split(term)
            n, d = n * a, d * b
            self._gather(tops, up, term)
            self._gather(bottoms, down, term)
        for term in below:
            a, b, up, down = _split(term)
            if a == 0 or not math.isfinite(a):
                a, up = 1.0, (term,)
            n, d = n * b, d * a
            self._gather(bottoms, up, term)
            self._gather(tops, down, term)
        if self.collect and all(factor.kind != "sum" for factor in tops):
            # Names before functions, as in 2x·cos(x); a sum stays where it was written.
            tops.sort(key=lambda factor: not _is_name(factor))
        return self._product(*_ratio(n, d), tuple(tops), tuple(bottoms))

    def _product(self, n: float, d: float, tops: tuple[Term, ...], bottoms: tuple[Term, ...]) -> Term:
        if not bottoms and (not tops or (self.collect and n == 0)):
            return self.number(n / d)
        if n == d == 1 and len(tops) == 1 and not bottoms:
            return tops[0]
        key = (n, d, tuple(map(id, tops)), tuple(map(id, bottoms)))
        return self._term("product", key, (n, d, tops, bottoms))

    def tidy(self, term: Term) -> Term:
        """A finished formula with a sign less where that can be: −(1 − p) is p − 1."""
        if term.kind == "product":
            n, d, tops, bottoms = term.parts
            if (n, d) == (-1, 1) and len(tops) == 1 and not bottoms and tops[0].kind == "sum":
                first, *rest = tops[0].parts
                if len(rest) == 1 and first[0] > 0 > rest[0][0]:
                    return self.sum([(-sign, each) for sign, each in (*rest, first)])
        return term

    def _gather(self, factors: list[Term], more: tuple[Term, ...], whole: Term) -> None:
        """Append factors; with ``collect``, whole powers of one base become one power."""
        if len(more) > _OPENED:
            factors.append(self._product(1.0, 1.0, more, ()))
        elif not self.collect:
            factors.extend(more)
        else:
            for factor in more:
                base, exponent = _base(factor)
                for position, other in enumerate(factors[-_OPENED:], max(len(factors) - _OPENED, 0)):
                    its_base, its_exponent = _base(other)
                    if its_base is base and exponent and its_exponent:
                        factors[position] = self.power(base, exponent + its_exponent)
                        break
                else:
                    factors.append(factor)

    def sum(self, items: Iterable[tuple[float, Term]]) -> Term:
        """A sum of terms, each with its sign."""
        parts: list[tuple[float, float, Term | None]] = []
        for sign, term in items:
            if term.kind == "sum" and (sign > 0 or self.collect) and len(term.parts) <= _OPENED:
                for inner, each in term.parts:
                    parts.append(self._scaled(sign * inner, each))
            else:
                parts.append(self._scaled(sign, term))
        if self.collect:
            parts = _like_terms(parts)
        if not parts:
            return self.number(0.0)
        if self.cases and len(parts) == 2 and (one := self._complement(*parts)) is not None:
            return one
        signed = [(math.copysign(1.0, n), self._unscaled(abs(n), d, base)) for n, d, base in parts]
        if len(signed) == 1:
            ((sign, term),) = signed
            return term if sign > 0 else self.product([term], sign=-1.0)
        return self._term("sum", tuple((s, id(t)) for s, t in signed), tuple(signed))

    def _complement(self, *parts: tuple[float, float, Term | None]) -> Term | None:
        """1 − [a > b] as [a ≤ b], and 1 − sign(a − b)² as [a = b]; None for another sum."""
        (n, d, number), (m, e, term) = parts
        if number is not None or term is None or (n, d, m, e) != (1, 1, -1, 1):
            return None
        if term.kind == "relation":
            return self.relation(term.parts[0], _OPPOSITE[term.parts[1]], term.parts[2])
        base = term.parts[0] if term.kind == "power" and term.parts[1] == 2 else term
        if base is not term and base.kind == "call" and base.parts[0] is TABLE["compare"]:
            return self.relation(base.parts[1][0], "=", base.parts[1][1])
        return None

    def _scaled(self, sign: float, term: Term) -> tuple[float, float, Term | None]:
        if term.kind == "number":
            return sign * term.parts[0], 1.0, None
        if term.kind == "product":
            n, d, tops, bottoms = term.parts
            return sign * n, d, self._product(1.0, 1.0, tops, bottoms)
        return sign, 1.0, term

    def _unscaled(self, n: float, d: float, base: Term | None) -> Term:
        if base is None:
            return self.number(n / d)
        tops, bottoms = base.parts[2:] if base.kind == "product" else ((base,), ())
        return self._product(n, d, tops, bottoms)

    def apply(self, row: Primitive, operands: Sequence[Term]) -> Term:
        """The operation ``row`` on terms."""
        build = (_CASES.get(row) if self.cases else None) or _BUILD.get(row)
        return self.call(row, operands) if build is None else build(self, operands)


def _split(term: Term) -> Split:
    if term.kind == "number" and math.isfinite(term.parts[0]):
        return term.parts[0], 1.0, (), ()
    if term.kind == "product":
        n, d, tops, bottoms = term.parts
        return n, d, tops, bottoms
    return 1.0, 1.0, (term,), ()


def _is_name(factor: Term) -> bool:
    return (factor.parts[0] if factor.kind == "power" else factor).kind == "name"


def _whole(exponent: float) -> bool:
    return exponent > 0 and exponent == int(min(exponent, 1e9))


def _base(factor: Term) -> tuple[Term, float]:
    """Base and exponent of a factor; the exponent is 0 for a power that must not be merged."""
    if factor.kind == "power":
        base, exponent = factor.parts
        return base, exponent if _whole(exponent) else 0.0
    return factor, 1.0


def _ratio(n: float, d: float) -> tuple[float, float]:
    """The fraction n/d as it is printed: lowest terms where whole numbers allow, else a decimal."""
    if d == 1:
        return n, d
    if d < 0:
        n, d = -n, -d
    quotient = n / d if d else math.copysign(math.inf, n)
    if not math.isfinite(quotient) or quotient == int(quotient):
        return quotient, 1.0
    if n == int(n) and d == int(d):
        common = math.gcd(int(n), int(d))
        return n / common, d / common
    if math.isfinite(d / n) and d / n == int(d / n):
        return math.copysign(1.0, n), abs(d / n)
    return (n, d) if abs(n) == 1 else (quotient, 1.0)


def _like_terms(
    parts: list[tuple[float, float, Term | None]],
) -> list[tuple[float, float, Term | None]]:
    total: dict[Term | None, tuple[float, float]] = {}
    for n, d, base in parts:
        if base in total:
            a, b = total[base]
            n, d = (n + a, d) if b == d else _ratio(n * b + a * d, b * d)
        total[base] = n, d
    return [(n, d, base) for base, (n, d) in total.items() if n != 0]


def _power_term(algebra: Algebra, operands: Sequence[Term]) -> Term:
    base, exponent = operands
    if exponent.kind == "number":
        return algebra.power(base, exponent.parts[0])
    return algebra.call(TABLE["pow"], operands)


def _output_term(row: Primitive) -> Callable[[Algebra, Sequence[Term]], Term]:
    """An operation whose last operand is an index: it counts from 1, or from 0 where the names do."""

    def build(algebra: Algebra, operands: Sequence[Term]) -> Term:
        *xs, index = operands
        if index.kind == "number" and not (xs[0].kind == "name" and xs[0].parts[1].endswith("_{0}")):
            index = algebra.number(index.parts[0] + 1)
        return algebra.call(row, [*xs, index])

    return build


def _dot_term(algebra: Algebra, operands: Sequence[Term]) -> Term:
    n = len(operands) // 2
    pairs = zip(operands[:n], operands[n : 2 * n], strict=True)
    terms = [algebra.product(pair) for pair in pairs]
    return algebra.sum((1.0, term) for term in (*terms, *operands[2 * n :]))


def _step_term(algebra: Algebra, operands: Sequence[Term]) -> Term:
    """The step of a difference as a relation of its two parts."""
    (x,) = operands
    if x.kind == "call" and x.parts[0] is TABLE["compare"]:
        return algebra.relation(x.parts[1][0], ">", x.parts[1][1])
    if x.kind == "sum" and len(x.parts) == 2 and x.parts[0][0] != x.parts[1][0]:
        above, below = (term for _, term in sorted(x.parts, key=lambda part: -part[0]))
        return algebra.relation(above, ">", below)
    return algebra.relation(x, ">", algebra.number(0.0))


def _where_term(algebra: Algebra, operands: Sequence[Term]) -> Term:
    condition, x, y = operands
    zero = algebra.number(0.0)
    if condition.kind != "relation":
        condition = algebra.relation(condition, "≠", zero)
    # Where the condition holds it is 1, elsewhere 0.
    x = algebra.one if x is condition else x
    y = zero if y is condition else y
    if x is y:
        return x
    if y is zero and x is algebra.one:
        return condition
    if x is zero and y is algebra.one:
        return algebra.sum([(1.0, algebra.one), (-1.0, condition)])
    return algebra._term("cases", (id(condition), id(x), id(y)), (condition, x, y))


_CASES: dict[Primitive, Callable[[Algebra, Sequence[Term]], Term]] = {
    TABLE["step"]: _step_term,
    TABLE["where"]: _where_term,
    TABLE["direction"]: lambda algebra, xs: algebra.call(TABLE["sign"], xs),
}

# The operations that become sums, products and powers; all others are printed with the template of
# their row.
_BUILD: dict[Primitive, Callable[[Algebra, Sequence[Term]], Term]] = {
    TABLE["add"]: lambda algebra, xs: algebra.sum((1.0, x) for x in xs),
    TABLE["sub"]: lambda algebra, xs: algebra.sum([(1.0, xs[0]), (-1.0, xs[1])]),
    TABLE["neg"]: lambda algebra, xs: algebra.product(xs, sign=-1.0),
    TABLE["pos"]: lambda algebra, xs: xs[0],
    TABLE["mul"]: lambda algebra, xs: algebra.product(xs),
    TABLE["div"]: lambda algebra, xs: algebra.product(xs[:1], xs[1:]),
    TABLE["reciprocal"]: lambda algebra, xs: algebra.product((), xs),
    TABLE["pow"]: _power_term,
    TABLE["square"]: lambda algebra, xs: algebra.power(xs[0], 2.0),
    TABLE["sum"]: lambda algebra, xs: algebra.sum((1.0, x) for x in xs),
    TABLE["prod"]: lambda algebra, xs: algebra.product(xs),
    TABLE["dot"]: _dot_term,
    TABLE["softmax"]: _output_term(TABLE["softmax"]),
    TABLE["log_softmax"]: _output_term(TABLE["log_softmax"]),
}
