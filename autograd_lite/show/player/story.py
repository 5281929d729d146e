"""What a player shows, as data: the steps, and the step from which each number is visible.

Numbers that depend on the inputs are slots in the texts; see :mod:`.slots`.

Step 0 is the blank circuit, step 1 the inputs; then there is one step per operation forward, the
seed, one step per operation backward in the order of the table's rows, and the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .substitution import SubstitutionPiece


@dataclass(frozen=True)
class Span:
    """A piece of text with the classes that it is shown in, such as ``"grad b"``."""

    text: str
    look: str = ""


Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Step:
    """One step of the player.

    ``phase`` is ``"start"``, ``"forward"``, ``"backward"``, ``"ask"`` (predict) or ``"done"``;
    ``intro`` is a line, ``groups`` are boxes of lines. ``nodes`` and ``wires`` are the ids of what is
    highlighted, ``row`` is the index in ``View.rows`` of the operation that the step is about, or
    None.
    """

    phase: str
    title: str
    intro: Spans = ()
    groups: tuple[tuple[Spans, ...], ...] = ()
    nodes: tuple[str, ...] = ()
    wires: tuple[str, ...] = ()
    row: int | None = None

    def mapped(self, text: Callable[[str], str]) -> Step:
        """The same step with other texts."""

        def line(spans: Spans) -> Spans:
            return tuple(Span(text(span.text), span.look) for span in spans)

        groups = tuple(tuple(map(line, group)) for group in self.groups)
        return replace(self, title=text(self.title), intro=line(self.intro), groups=groups)


@dataclass
class Story:
    """The steps, and the step from which each number of the picture is shown.

    ``value`` and ``total`` (the sum of paths under a gradient) are by node, ``local`` and ``product``
    (what stands under it) by wire. ``backward`` has the step in which the sweep leaves a node. ``grad``
    has the texts of a node's gradient, each with the step from which it is shown. ``substitutions`` are
    formulas to put numbers in, each with the node that it gives.
    """

    steps: list[Step] = field(default_factory=list)
    seed: int = 0
    backward: dict[int, int] = field(default_factory=dict)
    value: dict[int, int] = field(default_factory=dict)
    grad: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    local: dict[str, int] = field(default_factory=dict)
    product: dict[str, int] = field(default_factory=dict)
    total: dict[int, int] = field(default_factory=dict)
    substitutions: list[tuple[int, list[SubstitutionPiece]]] = field(default_factory=list)
