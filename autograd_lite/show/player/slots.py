"""Texts with slots: what a page says, with a place for every number that depends on the inputs.

A slot is a letter and the index of a node or a wire between two characters that no name has. What each
letter stands for is written down once more in ``numbers.js``, which fills slots in the page:

- of a node: ``v`` value, ``g`` gradient, ``p`` whether the printed paths add up to it (``=`` or ``≈``);
- of a wire: ``l`` local derivative, ``u`` upstream gradient and ``k`` contribution (as factors, in
  parentheses if negative), ``c`` contribution, ``r`` whether ``l × u`` is ``c`` in print, ``b`` and ``a``
  the gradient before and after it is added, ``s`` whether they add up, ``d`` why nothing flows along it;
- ``w``: a formula with numbers in it, by its index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from ...formulas.notation import factor, fmt
from ..text.numbers import adds_up, relation
from ..text.writer import Writer
from ..view.view import Node, View, Wire
from .substitution import SubstitutionPiece, with_numbers

#: What begins and ends a slot: names have no characters for private use.
OPEN, CLOSE = "\ue000", "\ue001"
SLOT = re.compile(f"{OPEN}([a-z])(\\d+){CLOSE}")

#: Why nothing flows along a wire: of a branch that its target did not take, and of what lies below one.
NOT_TAKEN, NOTHING_ARRIVES = "this branch is not taken", "no gradient flows here"


def slot(kind: str, at: Node | Wire | int) -> str:
    """The slot of a number of a node or a wire."""
    return f"{OPEN}{kind}{at if isinstance(at, int) else at.id[1:]}{CLOSE}"


class Held(float):
    """A number of a view, with its slot."""

    slot: str

    def __new__(cls, x: float, slot: str) -> Held:
        """The number ``x``, which stands in that slot."""
        made = super().__new__(cls, x)
        made.slot = slot
        return made


def why_idle(wire: Wire) -> str:
    """Why nothing flows along a wire of a view that is not yet :func:`playable`; empty where it does."""
    return NOT_TAKEN if wire.local is None else "" if wire.reached else NOTHING_ARRIVES


def playable(view: View) -> View:
    """The view of a page: along every wire that a gradient may flow along at some inputs, one is shown.

    A branch that is not taken has the local derivative 0 there, and adds 0. Tangents are left out.
    """
    swept = view.nodes[view.root].grad is not None

    def shown(wire: Wire) -> Wire:
        if view.nodes[wire.source].given or wire.is_flat:
            return wire
        local, contribution = wire.local or 0.0, wire.contribution or 0.0
        return replace(wire, local=local, contribution=contribution if swept else None, reached=True)

    nodes = tuple(replace(node, tangent=None) for node in view.nodes)
    return replace(view, nodes=nodes, wires=tuple(map(shown, view.wires)))


def held(view: View) -> View:
    """The same view, with numbers that know their slots."""

    def number(x: float | None, kind: str, at: Node | Wire) -> Any:
        return None if x is None else Held(x, slot(kind, at))

    nodes = [replace(n, value=number(n.value, "v", n), grad=number(n.grad, "g", n)) for n in view.nodes]
    wires = [
        replace(w, local=number(w.local, "l", w), contribution=number(w.contribution, "c", w))
        for w in view.wires
    ]
    return replace(view, nodes=tuple(nodes), wires=tuple(wires))


class SlotWriter(Writer):
    """Writes what a view holds that was :func:`held`, with slots in place of its numbers.

    :param fill: what puts the numbers into the slots of a text that is measured.
    """

    def __init__(self, view: View, fill: Callable[[str], str] = str) -> None:
        super().__init__(view)
        self._fill = fill

    def length(self, text: str) -> int:
        """How many characters of a text are seen when its slots are filled."""
        return len(self._fill(text))

    def number(self, x: float) -> str:
        """The slot of a number, or the number itself where it is none of the view."""
        return x.slot if isinstance(x, Held) else super().number(x)

    def or_blank(self, kind: str, at: Node | Wire, answer: str) -> str:
        """The answer: a page has no blanks."""
        return answer

    def reference(self, kind: str, at: Node | Wire, x: float) -> str:
        """The number."""
        return self.number(x)

    def has_formula(self, wire: Wire) -> bool:
        """Whether the formula of the local derivative says more than its number."""
        return wire.local_formula not in ("", super().number(0.0 if wire.local is None else wire.local))

    def sum_of_paths(self, i: int) -> str | None:
        """The contributions to a gradient, as slots."""
        node = self.view.nodes[i]
        found = [w for w in self.view.outgoing(i) if w.contribution is not None]
        whole = i not in self.view.feeds_hidden
        if not found or (whole and len(found) < 2) or node.grad is None:
            return None
        terms = [slot("c", found[0]), *(slot("k", w) for w in found[1:3])]
        more = f" + {self.ellipsis} ({len(found)} paths)" if len(found) > 3 else ""
        return f"{slot('p', node)} {' + '.join(terms)}" + (more or ("" if whole else f" + {self.ellipsis}"))

    def product(self, wire: Wire) -> tuple[str, str, str] | None:
        """The slots of the upstream gradient, the sign and the contribution of a wire."""
        upstream = self.view.nodes[wire.target].grad
        if wire.local is None or wire.contribution is None or upstream is None:
            return None
        return slot("u", wire), slot("r", wire), slot("c", wire)


class Numbers:
    """What stands in the slots of a view, at its own numbers.

    :param idle: for each wire why nothing flows along it, empty where it does.
    :param substitutions: what the slots ``w`` are made of, with the node whose value each gives.
    """

    def __init__(
        self,
        view: View,
        idle: Sequence[str],
        substitutions: list[tuple[int, list[SubstitutionPiece]]],
    ) -> None:
        self.view, self.idle, self._substitutions = view, idle, substitutions
        self._known: dict[str, str] = {}

    def fill(self, text: str) -> str:
        """``text`` with the numbers in its slots."""
        return SLOT.sub(lambda match: self._at(match[1], int(match[2])), text)

    def _at(self, kind: str, i: int) -> str:
        name = f"{kind}{i}"
        if name not in self._known:
            self._known[name] = self._kinds[kind](i)
        return self._known[name]

    def print(self, x: float | None) -> str:
        """A number as the view writes it."""
        return fmt(x or 0.0, self.view.digits, self.view.ascii)

    @cached_property
    def _kinds(self) -> dict[str, Callable[[int], str]]:
        nodes, wires = self.view.nodes, self.view.wires
        return {
            "v": lambda i: self.print(nodes[i].value),
            "g": lambda i: self.print(nodes[i].grad),
            "p": self._paths,
            "l": lambda i: self.print(wires[i].local),
            "c": lambda i: self.print(wires[i].contribution),
            "u": lambda i: factor(self._at("g", wires[i].target)),
            "k": lambda i: factor(self._at("c", i)),
            # Nothing comes through a branch that is not taken, whatever its local derivative is.
            "r": lambda i: (
                relation(
                    self._at("l", i), self._at("g", wires[i].target), self._at("c", i), self.view.ascii
                )
                if not self.idle[i]
                else "="
            ),
            "b": lambda i: self.print(self._additions[i][0]),
            "a": lambda i: self.print(self._additions[i][1]),
            "s": lambda i: self._sign(adds_up([self._at("b", i), self._at("c", i)], self._at("a", i))),
            "d": lambda i: self.idle[i] and f" ({self.idle[i]})",
            "w": self._worked,
        }

    def _sign(self, equal: bool) -> str:
        return "=" if equal else "~=" if self.view.ascii else "≈"

    def _paths(self, i: int) -> str:
        terms = [self._at("c", int(w.id[1:])) for w in self.view.outgoing(i) if w.contribution is not None]
        return self._sign(i in self.view.feeds_hidden or adds_up(terms, self._at("g", i)))

    @cached_property
    def _additions(self) -> dict[int, tuple[float, float]]:
        """For each wire the gradient of its source before and after its contribution, along the sweep.

        Paths that are not drawn are in the gradients, and not in what is added along the wires.
        """
        view = self.view
        ahead = Counter(w.source for w in view.wires if w.contribution is not None)
        running: dict[int, float] = {}
        found = {}
        for i in view.rows:
            for wire in view.incoming(i):
                if wire.contribution is None:
                    continue
                before = running.get(wire.source)
                total = wire.contribution if before is None else before + wire.contribution
                ahead[wire.source] -= 1
                if not ahead[wire.source]:
                    total = self._final(wire.source, total)
                found[int(wire.id[1:])] = before or 0.0, total
                running[wire.source] = total
        return found

    def _final(self, i: int, total: float) -> float:
        """The gradient of a node, where it is the sum of what was added but for the order of the sum."""
        grad = self.view.nodes[i].grad
        parts = [w.contribution for w in self.view.outgoing(i) if w.contribution is not None]
        return total if grad is None or abs(total - grad) > 1e-12 * sum(map(abs, parts)) else grad

    def _worked(self, i: int) -> str:
        node, pieces = self._substitutions[i]
        text = with_numbers(pieces, lambda j: self._at("v", j))
        return "" if text is None or text == self._at("v", node) else f" = {text}"
