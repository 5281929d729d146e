"""The one place where the names, the numbers and the derivatives of a view are written.

Cards, gates, tables, trees and the player all take their notation from here, so that ``∂J/∂u`` reads
the same wherever it stands.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cached_property

from ...formulas.notation import factor, fmt
from ...formulas.scripts import scripts
from ..view.view import Node, View, Wire
from .numbers import adds_up, ordinal, relation

#: How a derivative is written unless it is asked for otherwise.
PARTIAL = "∂"

#: What a view says about a wire that the sweep does not go along.
NO_GRADIENT = "no gradient flows"

#: What is written over on an exercise sheet.
BLANK = "______"

#: The longest name inside ``∂u/∂t``.
LONGEST_NAME = 20


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters of ``text``, the last one ``…`` where some are missing.

    >>> shortened("velocity", 5), shortened("time", 5)
    ('velo…', 'time')
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"


def reads_like_a_formula(name: str) -> bool:
    """Whether a name needs parentheses inside ``∂u/∂t``.

    >>> reads_like_a_formula("u₁"), reads_like_a_formula("a + b"), reads_like_a_formula("z^(L)")
    (False, True, False)
    """
    line = "".join(piece.text for piece in scripts(name) if not piece.level)
    return any(c in " +-−*·/^=()" for c in line.rstrip("*").rstrip("^"))


def _in_short(name: str) -> str:
    return shortened(name, LONGEST_NAME)


class Writer:
    """Writes what a view holds.

    :param named: how a name is made fit for the medium; names longer than 20 characters are cut when
        this is left out.
    """

    def __init__(self, view: View, named: Callable[[str], str] = _in_short) -> None:
        self.view, self._named = view, named
        self.d = "d" if view.ascii or view.d in ("d", "dz") else PARTIAL
        self.times = " * " if view.ascii else " × "
        self.ahead, self.back = ("->", "<-") if view.ascii else ("→", "←")
        self.ellipsis = "..." if view.ascii else "…"

    @property
    def root(self) -> Node:
        """The node whose derivatives are written."""
        return self.view.nodes[self.view.root]

    def name(self, node: Node) -> str:
        """What ``node`` is called inside other texts."""
        return self._named(node.label)

    def number(self, x: float) -> str:
        """``x`` in the digits of the view."""
        return fmt(x, self.view.digits, self.view.ascii)

    def length(self, text: str) -> int:
        """How many characters of a text are seen."""
        return len(text)

    def value(self, node: Node) -> str:
        """The value of ``node``, or its blank."""
        return self.or_blank("value", node, self.number(node.value))

    def grad(self, node: Node) -> str:
        """The gradient of ``node``, or its blank; empty where none is shown."""
        return "" if node.grad is None else self.or_blank("grad", node, self.number(node.grad))

    def local(self, wire: Wire) -> str:
        """The local derivative along ``wire``, or its blank; 0 where there is none."""
        return self.or_blank("local", wire, self.number(0.0 if wire.local is None else wire.local))

    def contribution(self, wire: Wire) -> str:
        """What ``wire`` adds to a gradient, or its blank; empty where the sweep does not go."""
        if wire.contribution is None:
            return ""
        return self.or_blank("contribution", wire, self.number(wire.contribution))

    def or_blank(self, kind: str, at: Node | Wire, answer: str) -> str:
        """``answer``, or where an exercise sheet asks for it, the numbered blank for it: ``[3] ______``."""
        number = self.view.blanks.get((kind, at.id))
        return answer if number is None else self.blank(number, answer if self.view.answered else "")

    def blank(self, number: int, answer: str) -> str:
        """A numbered blank, filled in where there is an answer."""
        return f"[{number}] {answer or BLANK}"

    def reference(self, kind: str, at: Node | Wire, x: float) -> str:
        """A number that stands in another place, too, where a sheet may leave it blank: ``[3]``."""
        number = None if self.view.answered else self.view.blanks.get((kind, at.id))
        return self.number(x) if number is None else f"[{number}]"

    def partial(self, of: Node, by: Node) -> str:
        """``∂of/∂by``; a name that reads like a formula stands in parentheses: ``∂(a + b)/∂x``."""
        return f"{self.d}{self.factor(of)}/{self.d}{self.factor(by)}"

    def root_of(self, node: Node) -> Node:
        """The root of the circuit that ``node`` is part of: the last of its nodes."""
        i = int(node.id[1:])
        return next((self.view.nodes[r] for r in self.view.roots if i <= r), self.root)

    def differs(self, kind: str, at: Node | Wire, printed: str) -> str:
        """``≠ 0.5``, what stands there in the other circuit; empty where that is the same."""
        if (kind, at.id) not in self.view.instead:
            return ""
        other = self.view.instead[kind, at.id]
        text = "none" if other is None else self.number(other)
        return "" if text == (printed or "none") else f"{'!=' if self.view.ascii else '≠'} {text}"

    def factor(self, node: Node) -> str:
        """What ``node`` is called right after another sign."""
        name = self.name(node)
        return f"({name})" if reads_like_a_formula(name) else name

    def gradient(self, of: Node) -> str:
        """The derivative of the root by ``of``: ``∂J/∂u``, or as it is asked for, ``du`` or ``δ(u)``."""
        if self.view.d == "dz":
            return self.d + self.factor(of)
        return self.delta(of) if self._has_delta(of) else self.partial(self.root_of(of), of)

    def delta(self, of: Node) -> str:
        """The gradient of an operation in the notation of networks: ``δ(u)``."""
        return f"{'delta' if self.view.ascii else 'δ'}({self.name(of)})"

    def _has_delta(self, of: Node) -> bool:
        return self.view.d == "δ" and of.kind in ("op", "out")

    def gradient_in_short(self, of: Node) -> str:
        """What stands before a gradient beside its node: ``grad``, ``du`` or ``δ``."""
        if self.view.d == "dz":
            return self.gradient(of)
        return self.delta(of).partition("(")[0] if self._has_delta(of) else "grad"

    def rate(self, of: Node) -> str:
        """The tangent of ``of`` in forward mode: ``u̇₁``; of a longer name ``loss˙``."""
        name = self.name(of)
        if self.view.ascii:
            return f"{name}_dot"
        if name[1:] and unicodedata.category(name[1]) in ("Ll", "Lu", "Lo"):
            return f"{self.factor(of)}˙"
        return unicodedata.normalize("NFC", f"{name[0]}\u0307{name[1:]}")

    def push(self, wire: Wire) -> tuple[str, str, str] | None:
        """The tangent of the operand, the sign and what the wire adds to the tangent of its target."""
        pushed, tangent = wire.pushed(self.view), self.view.nodes[wire.source].tangent
        if pushed is None or tangent is None or wire.local is None:
            return None
        a, b, c = map(self.number, (wire.local, tangent, pushed))
        return factor(b), relation(a, b, c, self.view.ascii), c

    # Nodes

    def node_in_full(self, node: Node) -> str:
        """``q = x + y = 3; ∂f/∂q = −4``, for a tooltip."""
        of = f" = {node.expression_full}" if node.expression_full else ""
        text = f"{node.whole_label or node.label}{of} = {self.value(node)}"
        if node.grad is not None:
            text += f"; {self.gradient(node)} = {self.grad(node)}"
        if node.tangent is not None:
            text += f"; {self.rate(node)} = {self.number(node.tangent)}"
        return text

    def node_in_words(self, node: Node) -> str:
        """``q = x + y = 3, gradient −4``, for a description of the picture."""
        of = f" = {node.expression}" if node.expression else ""
        gradient = "" if node.grad is None else f", gradient {self.grad(node)}"
        return f"{node.whole_label or node.label}{of} = {self.value(node)}{gradient}"

    def sum_of_paths(self, i: int) -> str | None:
        """``= 0.348 + 1.932`` under a gradient that several wires contribute to."""
        node = self.view.nodes[i]
        found = [(w, w.contribution) for w in self.view.outgoing(i) if w.contribution is not None]
        whole = i not in self.view.feeds_hidden
        if not found or (whole and len(found) < 2) or node.grad is None:
            return None
        if ("grad", node.id) in self.view.blanks and not any(
            ("contribution", w.id) in self.view.blanks for w, _ in found
        ):  # the sum would give the answer away
            return None
        terms = [self.reference("contribution", w, x) for w, x in found]
        blank = any(term.startswith("[") for term in (*terms, self.grad(node)))
        equal = not whole or blank or adds_up(terms, self.number(node.grad))
        sign = "=" if equal else "~=" if self.view.ascii else "≈"
        written = " + ".join([terms[0], *map(factor, terms[1:3])])
        if len(terms) > 3:
            return f"{sign} {written} + {self.ellipsis} ({len(terms)} paths)"
        return f"{sign} {written}" + ("" if whole else f" + {self.ellipsis}")

    def more(self, count: int) -> str:
        """``⋮ 13 more`` for what is left out of a column; empty for nothing."""
        return f"{':' if self.view.ascii else '⋮'} {count:,} more" if count else ""

    def left_out(self, i: int) -> str:
        """What a cut left out of the operands of node ``i``: ``… 2 more, not drawn``."""
        found = [stub.text for stub in self.view.stubs if stub.attached == i and stub.incoming]
        return f"{', '.join(found)}, not drawn" if found else ""

    # Wires

    def wire_in_full(self, wire: Wire) -> str:
        """``∂u₁/∂t = cos(t) = 0.5403; 0.5403 × 0.6441 ≈ 0.348``, for a tooltip."""
        source, target = self.view.nodes[wire.source], self.view.nodes[wire.target]
        derivative = self.partial(target, source)
        if wire.local is None:
            if source.given:
                what = "is a constant" if source.kind == "const" else "is given"
                return f"{source.label} {what}: no gradient flows to it"
            known = f" = {wire.local_formula}" if self.has_formula(wire) else ""
            return f"{derivative}{known} = 0{self.why_zero(wire)}"
        known = f" = {wire.local_formula}" if self.has_formula(wire) else ""
        text = f"{derivative}{known} = {self.local(wire)}"
        if not wire.reached:
            return f"{text}; {NO_GRADIENT} to {self.name(target)}"
        product = self.product(wire)
        if product is None:
            return text
        return f"{text}; {self.reference('local', wire, wire.local)}{self.times}{' '.join(product)}"

    def has_formula(self, wire: Wire) -> bool:
        """Whether the formula of the local derivative says more than its number."""
        number = self.number(0.0 if wire.local is None else wire.local)
        return wire.local_formula not in ("", number)

    def why_zero(self, wire: Wire) -> str:
        """Why a wire has no local derivative; empty where its derivative is 0 everywhere."""
        return "" if wire.is_flat else ": this branch is not taken"

    def product(self, wire: Wire) -> tuple[str, str, str] | None:
        """The upstream gradient, the sign and the contribution of a wire, once it has one."""
        upstream = self.view.nodes[wire.target].grad
        if wire.local is None or wire.contribution is None or upstream is None:
            return None
        b = self.reference("grad", self.view.nodes[wire.target], upstream)
        places = ("local", wire.id), ("grad", f"n{wire.target}"), ("contribution", wire.id)
        if any(place in self.view.blanks for place in places):
            return factor(b), "=", self.contribution(wire)
        a, c = self.number(wire.local), self.number(wire.contribution)
        return factor(b), relation(a, b, c, self.view.ascii), c

    def chain_rule(self, wire: Wire) -> str:
        """``∂u/∂t = 3, × 0.6441 ≈ 1.932``."""
        source, target = self.view.nodes[wire.source], self.view.nodes[wire.target]
        if wire.local is None or not wire.reached:
            return f"({NO_GRADIENT})"
        text = f"{self.partial(target, source)} = {self.local(wire)}"
        product = self.product(wire)
        if product is None:
            return text
        upstream, sign, contribution = product
        return f"{text},{self.times}{upstream} {sign} {contribution}"

    def addition(self, wire: Wire) -> str:
        """``∂J/∂t += ∂J/∂u₁ · cos(t)``."""
        source, target = self.view.nodes[wire.source], self.view.nodes[wire.target]
        into = f"{self.gradient(source)} +="
        if wire.local is None or not wire.reached:
            return f"{into} 0"
        local = wire.local_formula if self.has_formula(wire) else self.local(wire)
        if wire.target == self.view.root:
            return f"{into} {local}"
        return f"{into} {self.gradient(target)} · {bracketed(local)}"

    def place(self, wire: Wire) -> str:
        """Which of several slots of its target an operand stands in: ``1st x``; else empty."""
        return self._places.get(wire.id, "")

    @cached_property
    def _places(self) -> dict[str, str]:
        ends = [(wire.source, wire.target) for wire in self.view.wires]
        several, seen = Counter(ends), Counter[tuple[int, int]]()
        found = {}
        for wire, end in zip(self.view.wires, ends, strict=True):
            seen[end] += 1
            if several[end] > 1:
                found[wire.id] = self.occurrence(seen[end], self.view.nodes[wire.source])
        return found

    def occurrence(self, n: int, node: Node) -> str:
        """``2nd x``: one of several places of an operand."""
        return f"{ordinal(n)} {self.name(node)}"


def bracketed(formula: str) -> str:
    """A formula as a factor: a sum, or what begins with a sign, stands in parentheses.

    >>> bracketed("1 − h²"), bracketed("2x"), bracketed("log(a + b)")
    ('(1 − h²)', '2x', 'log(a + b)')
    """
    return f"({formula})" if _is_sum(formula) else formula


def _is_sum(formula: str) -> bool:
    depth = 0
    for before, char in zip(" " + formula, formula, strict=False):
        depth += (char in "([") - (char in ")]")
        if not depth and char in "+−-" and before != "e":
            return True
    return False
