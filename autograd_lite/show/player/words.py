"""The player's words: names, derivatives, and formulas with numbers in the place of the names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..picture.dot import Look, Writer
from ..picture.labels import cut
from ..text.names import bracketed
from ..view.numbers import factor
from ..view.view import View, Wire

#: Longest formula with numbers in it; a longer one explains nothing.
_LONGEST = 72

_TOKEN = re.compile(r"[0-9.]+(?:e−?[0-9]+)?|(?:(?![⁰¹²³⁴-⁹⁻])\w)+|.", re.DOTALL)
_NAME = re.compile(r"(?![\d⁰¹²³⁴-⁹])\w(?:(?![⁰¹²³⁴-⁹])\w)*\Z")
_RAISED = re.compile(r"[⁰¹²³⁴-⁹⁻]")


class Words:
    """How the names and numbers of a view are written."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.write = Writer(view, Look({}))
        self.number = self.write.number

    def name(self, i: int) -> str:
        """What node ``i`` is called."""
        return cut(self.view.nodes[i].label, 20)

    def partial(self, of: int, by: int) -> str:
        """``∂of/∂by``."""
        d = "d" if self.view.ascii else "∂"
        return f"{d}{bracketed(self.name(of))}/{d}{bracketed(self.name(by))}"

    def left_out(self, i: int) -> str:
        """What a cut left out of the operands of node ``i``: ``… 2 more, not drawn``."""
        found = [stub.text for stub in self.view.stubs if stub.attached == i and stub.incoming]
        return f"{', '.join(found)}, not drawn" if found else ""

    def addition(self, wire: Wire) -> str:
        """``∂J/∂t += ∂J/∂u₁ · cos(t)``."""
        into = f"{self.partial(self.view.root, wire.source)} +="
        local = wire.local_formula or self.number(wire.local or 0.0)
        if wire.local is None:
            return f"{into} 0"
        if wire.target == self.view.root:
            return f"{into} {local}"
        if _is_sum(local):
            local = f"({local})"
        return f"{into} {self.partial(self.view.root, wire.target)} · {local}"


def _is_sum(formula: str) -> bool:
    """Whether a formula needs parentheses as the right factor of a product."""
    depth = 0
    for before, char in zip(" " + formula, formula, strict=False):
        depth += (char in "([") - (char in ")]")
        if not depth and char in "+−-" and before != "e":
            return True
    return False


def substituted(expression: str, numbers: Mapping[str, str]) -> str | None:
    """The expression with numbers in the place of names; None where that cannot be read safely.

    >>> substituted("sin(t) + 3x² − y", {"t": "1", "x": "−2", "y": "−4"})
    'sin(1) + 3·(−2)² − (−4)'
    >>> substituted("a + b", {"a + b": "1"}) is None
    True
    """
    if not numbers or not all(map(_NAME.match, numbers)):
        return None
    tokens = _TOKEN.findall(expression)
    out: list[str] = []
    changed = False
    for i, token in enumerate(tokens):
        after = tokens[i + 1] if i + 1 < len(tokens) else ""
        number = None if after == "(" else numbers.get(token)
        if number is None:
            out.append(token)
            continue
        changed = True
        before = "".join(out).rstrip(" ")
        if before[-1:].isdigit() and not _RAISED.match(before[-1:]):
            out.append("·")
        power = after == "^" or tokens[i + 1 : i + 3] == ["*", "*"] or _RAISED.match(after)
        raised = bool(power) and not number.isdigit()
        opened = not before or before[-1] in "(,["
        out.append(f"({number})" if raised else number if opened else factor(number))
    text = "".join(out)
    return text if changed and len(text) <= _LONGEST else None
