"""The two passes over a view told in steps, as the player shows them.

Step 0 is the blank circuit, step 1 the inputs; then one step per operation forward, the seed, one
step per operation backward in the order of the table's rows, and the result. What can be seen at a
step follows from the step's number alone: every number has a step from which it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Run:
    """A piece of text with the classes that it is shown in, such as ``"grad b"``."""

    text: str
    look: str = ""


Line = tuple[Run, ...]


@dataclass(frozen=True)
class Step:
    """One step of the player.

    ``phase`` is ``"start"``, ``"forward"``, ``"backward"``, ``"ask"`` (predict) or ``"done"``;
    ``intro`` is a line, ``groups`` are boxes of lines. ``nodes`` and ``wires`` are the ids of what is
    lit, ``row`` the index in ``View.rows`` of the operation that the step is about, if it is.
    """

    phase: str
    title: str
    intro: Line = ()
    groups: tuple[tuple[Line, ...], ...] = ()
    nodes: tuple[str, ...] = ()
    wires: tuple[str, ...] = ()
    row: int | None = None


@dataclass
class Story:
    """The steps, and the step from which each number of the picture is shown.

    ``value`` and ``total`` (the sum of paths under a gradient) go by node, ``local`` and ``product``
    by wire; ``backward`` is a node's own step in the sweep. ``grad`` has what a node's gradient reads,
    and from when.
    """

    steps: list[Step] = field(default_factory=list)
    seed: int = 0
    backward: dict[int, int] = field(default_factory=dict)
    value: dict[int, int] = field(default_factory=dict)
    grad: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    local: dict[str, int] = field(default_factory=dict)
    product: dict[str, int] = field(default_factory=dict)
    total: dict[int, int] = field(default_factory=dict)
