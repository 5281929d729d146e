"""Where texts and wires stand, for every kind of circuit in every style, by Graphviz's own layout."""

from __future__ import annotations

from random import Random

from autograd_lite.show import draw

from ..support.kinds import KINDS, swept
from ..support.layouts import layout_of, out_of_order
from .figures import Figures

STYLES = ("card", "circuit", "network", "scope")


def of_every_kind(figures: Figures, source: Random, seconds: float) -> None:
    """No text is struck, no type small, operands stand in order, wires of networks keep apart."""
    for kind in KINDS:
        for style in STYLES:
            try:
                drawing = draw(swept(kind), style)
            except ValueError:  # it has neither units nor scopes
                continue
            layout = layout_of(drawing.dot)
            beside = layout.crowded()
            figures.add(f"{style}: pictures", 1)
            figures.add(f"{style}: pairs of wires beside each other", len(beside))
            figures.most(f"{style}: most such pairs", len(beside))
            # Labels of cards that a wire runs through are drawn on paper of their own.
            struck = [] if style == "card" else layout.struck()
            assert not struck, (kind, style, struck)
            assert style not in ("network", "scope") or not beside, (kind, style, beside)
            assert min(text.size for text in layout.texts) >= 9, (kind, style)
            if style == "circuit":
                wrong = out_of_order(drawing.view, layout)
                figures.add("circuit: operands out of order", len(wrong))
                assert not wrong or kind.startswith("mixed"), (kind, wrong)
