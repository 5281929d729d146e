"""Sums that were written with ``+``, as one operation each."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from ..core.primitive import TABLE, Primitive
from .recording import Operand
from .rules import without_pow


def join_sums(
    rows: list[Primitive | None], operands: list[tuple[Operand, ...]], roots: Sequence[Operand]
) -> None:
    """Make sums of chains of additions, in place, and ``dot`` of sums of products; terms keep their order.

    A power that is a square becomes one too.
    """
    add, mul, power = (TABLE[name] for name in ("add", "mul", "pow"))
    if add not in rows and power not in rows:
        return
    uses = [0] * len(rows)
    for used in (*operands, roots):
        for p in used:
            if type(p) is int:
                uses[p] += 1
    chains: dict[int, _Chain] = {}
    for i, row in enumerate(rows):
        if row is power:
            rows[i], operands[i] = without_pow(row, operands[i])
        elif row is add:
            first, last = operands[i]
            # What nothing else uses may be a chain, or a product
            one, other = (type(first) is int and uses[first] == 1), (type(last) is int and uses[last] == 1)
            left, right = chains.get(first) if one else None, chains.get(last) if other else None  # type: ignore[arg-type]  # entries
            is_product = other and rows[last] is mul  # type: ignore[index]  # an entry
            # What is a product of vectors already stays one
            single = right.others if right else not is_product
            if left and left.others + single > 1 and left.is_dot():
                left, one = None, False
            if right and right.is_dot():
                right = None
            if left:
                del chains[first]  # type: ignore[arg-type]  # it has a chain
            else:
                left = _Chain(first, one and rows[first] is mul)  # type: ignore[index]  # an entry
            if right:
                del chains[last]  # type: ignore[arg-type]  # it has a chain
                left = left.joined(right)
            else:
                left.terms.append(last)
                left.products += is_product
                left.others += not is_product
            chains[i] = left
    for i, chain in chains.items():
        pairs = [p for p in chain.terms if type(p) is int and rows[p] is mul and uses[p] == 1]
        if chain.is_dot():
            joined = set(pairs)
            others = [p for p in chain.terms if type(p) is float or p not in joined]
            halves = [[operands[p][side] for p in pairs] for side in (0, 1)]
            rows[i], operands[i] = TABLE["dot"], (*halves[0], *halves[1], *others)
        elif len(chain.terms) > 2:
            # Terms of one kind side by side: their results are then consecutive
            kinds: dict[Any, list[Operand]] = {}
            for p in chain.terms:
                kinds.setdefault(rows[p] if type(p) is int else None, []).append(p)
            rows[i], operands[i] = TABLE["sum"], tuple([p for kind in kinds.values() for p in kind])


class _Chain:
    """The terms of a sum that was written with ``+``, and how many of them are products, and are not."""

    def __init__(self, term: Operand, is_product: bool) -> None:
        self.terms: deque[Operand] = deque([term])
        self.products, self.others = int(is_product), int(not is_product)

    def is_dot(self) -> bool:
        """Whether it is a product of vectors, and at most one term more."""
        return self.products > 1 and self.others < 2

    def joined(self, right: _Chain) -> _Chain:
        """The chain of both; one of the two becomes it."""
        if len(self.terms) >= len(right.terms):
            found = self
            self.terms.extend(right.terms)
        else:  # so that a sum that is nested on the right takes no longer
            found = right
            right.terms.extendleft(reversed(self.terms))
        found.products, found.others = self.products + right.products, self.others + right.others
        return found
