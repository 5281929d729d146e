"""A view collapsed by scope: one box per part of the circuit, for networks and large graphs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..view.options import at_least
from ..view.view import Node, View

#: Boxes with more named members than this show a summary in place of a row for each.
_ROWS = 8

#: So many nodes outside all scopes stay cards; of more, only the named operations and the root.
_CARDS = 12

#: With more wires than this none has a label.
_LABELS = 40

_NUMBERED = re.compile(r"(.*?)([0-9]+)\Z", re.DOTALL)


@dataclass(frozen=True)
class Member:
    """A named node inside a box; an ``output`` is used outside it."""

    node: int
    label: str
    value: float
    grad: float | None
    output: bool


@dataclass(frozen=True)
class Spread:
    """The least and the largest of some numbers."""

    least: float
    largest: float


@dataclass(frozen=True)
class Box:
    """All nodes of one scope.

    ``members`` is empty where there are too many to list; ``nodes`` and ``parameters`` count all,
    with what is folded into them; ``unnamed`` those that no member row shows. ``values`` and ``grads``
    are those of the outputs, the operations that are used outside the box.
    """

    id: str
    title: str
    path: str
    members: tuple[Member, ...]
    nodes: int
    parameters: int
    unnamed: int
    outputs: int
    values: Spread | None
    grads: Spread | None
    largest_parameter_grad: float | None
    is_out: bool


@dataclass(frozen=True)
class Bundle:
    """All wires from one box or card to another; ``source`` and ``target`` are their ids.

    ``contribution`` is what they add to the gradient of their one source, None when they have
    several or no gradient is shown. ``adds``: it is one of several contributions. ``indices`` are the
    places of the wires in the view.
    """

    id: str
    source: str
    target: str
    wires: int
    contribution: float | None
    adds: bool
    indices: tuple[int, ...] = ()

    @property
    def width(self) -> float:
        """How thick the line is: 1 for one wire, half more for every doubling, at most 4."""
        return min(1.0 + 0.5 * math.log2(self.wires), 4.0)


@dataclass(frozen=True)
class ScopeView:
    """A collapsed view: boxes, the nodes that stay cards (indices into ``view.nodes``), bundles.

    ``stubs`` are what a cut left out: beside which box or card, whether before it, and its text.
    ``siblings`` lists boxes that belong side by side, in order; ``labelled`` says whether there is
    room for labels on the wires. ``captions`` replaces that of the view.
    """

    view: View
    depth: int
    boxes: tuple[Box, ...]
    cards: tuple[int, ...]
    bundles: tuple[Bundle, ...]
    stubs: tuple[tuple[str, bool, str], ...]
    siblings: tuple[tuple[str, ...], ...]
    labelled: bool
    captions: tuple[str, ...]


def collapse(view: View, depth: int = 1) -> ScopeView:
    """The view with everything inside a scope drawn as one box per scope path of length ``depth``.

    Values outside all scopes stay cards; where there are many of them, inputs and unnamed operations
    have a box too.

    :raises ValueError: when ``depth`` is not a whole number from 1 on, or no node has a scope.
    """
    at_least("depth", depth, 1)
    if not view.scoped:
        raise ValueError(
            'no node of this circuit has a scope: build it inside with scope("layer1"): '
            "or use another style"
        )
    outside = sum(not node.scope for node in view.nodes)
    places = [_place(node, i == view.root, depth, outside) for i, node in enumerate(view.nodes)]
    paths = list(dict.fromkeys(path for path in places if path is not None))
    ids = {path: f"g{k}" for k, path in enumerate(paths)}
    home = [node.id if p is None else ids[p] for p, node in zip(places, view.nodes, strict=True)]
    inside: dict[str, list[int]] = {path: [] for path in paths}
    for i, path in enumerate(places):
        if path is not None:
            inside[path].append(i)
    boxes = tuple(_box(view, ids[path], path, inside[path], home) for path in paths)
    cards = tuple(i for i, path in enumerate(places) if path is None)
    bundles = _bundles(view, home)
    count = len(boxes) + len(cards)
    boxed = f"{count:,} box{'' if count == 1 else 'es'}"
    caption = f"{view.drawn:,} nodes drawn as {boxed}: collapsed by scope (depth {depth})"
    cuts: dict[tuple[str, bool], list[str]] = {}
    for stub in view.stubs:
        cuts.setdefault((home[stub.attached], stub.incoming), []).append(stub.text)
    several = "... more" if view.ascii else "… more"
    return ScopeView(
        view,
        depth,
        boxes,
        cards,
        bundles,
        tuple((*end, texts[0] if len(texts) == 1 else several) for end, texts in cuts.items()),
        _siblings(boxes, bundles),
        len(bundles) <= _LABELS,
        (caption, *view.captions),
    )


def _place(node: Node, is_root: bool, depth: int, outside: int) -> str | None:
    """The path of the node's box, None for a card."""
    if node.scope:
        return "/".join(node.scope.split("/")[:depth])
    if is_root or outside <= _CARDS or (node.kind == "op" and node.named):
        return None
    return "(no scope)" if node.kind == "op" else "(inputs)"


def _box(view: View, id: str, path: str, inside: Sequence[int], home: Sequence[str]) -> Box:
    nodes = [view.nodes[i] for i in inside]

    def leaves(i: int) -> bool:
        return i == view.root or any(home[w.target] != id for w in view.outgoing(i))

    listed = [i for i in inside if view.nodes[i].named]
    outputs = [i for i in inside if view.nodes[i].kind in ("op", "out") and leaves(i)]
    members = tuple(
        Member(i, n.label, n.value, n.grad, i in outputs)
        for i in (listed if len(listed) <= _ROWS else ())
        for n in (view.nodes[i],)
    )
    parameters = [n for n in nodes if n.kind == "param"]
    total = sum(n.members for n in nodes)
    return Box(
        id,
        path.replace("/", " / "),
        path,
        members,
        total,
        len(parameters),
        total - len(members),
        len(outputs),
        _spread(view.nodes[i].value for i in outputs),
        _spread(view.nodes[i].grad for i in outputs),
        sizes.largest if (sizes := _spread(_size(n.grad) for n in parameters)) else None,
        view.root in inside,
    )


def _size(x: float | None) -> float | None:
    return None if x is None else abs(x)


def _spread(numbers: Iterable[float | None]) -> Spread | None:
    known = [x for x in numbers if x is not None]
    # A nan among them is shown, not passed over.
    lost = [x for x in known if x != x]
    if lost:
        return Spread(lost[0], lost[0])
    return Spread(min(known), max(known)) if known else None


def _bundles(view: View, home: Sequence[str]) -> tuple[Bundle, ...]:
    gathered: dict[tuple[str, str], list[int]] = {}
    for i, wire in enumerate(view.wires):
        ends = home[wire.source], home[wire.target]
        if ends[0] != ends[1]:
            gathered.setdefault(ends, []).append(i)
    # By source node: how many ends its contributions come from, its own box included.
    ways: dict[int, set[str]] = {}
    for wire in view.wires:
        ways.setdefault(wire.source, set()).add(home[wire.target])
    found = []
    for k, ((source, target), indices) in enumerate(gathered.items()):
        wires = [view.wires[i] for i in indices]
        sources = {wire.source for wire in wires}
        parts = [wire.contribution for wire in wires if wire.contribution is not None]
        single = len(sources) == 1 and bool(parts)
        first = wires[0].source
        adds = len(sources) == 1 and len(ways[first]) + (first in view.parted) > 1
        added = math.fsum(parts) if single else None
        found.append(Bundle(f"b{k}", source, target, len(wires), added, adds, tuple(indices)))
    return tuple(found)


def _siblings(boxes: Sequence[Box], bundles: Sequence[Bundle]) -> tuple[tuple[str, ...], ...]:
    """Boxes whose paths differ in their last number alone and that do not feed one another."""
    families: dict[str, list[tuple[int, str]]] = {}
    for box in boxes:
        match = _NUMBERED.match(box.path)
        if match:
            families.setdefault(match[1], []).append((int(match[2]), box.id))
    after: dict[str, list[str]] = {}
    for bundle in bundles:
        after.setdefault(bundle.source, []).append(bundle.target)
    found = []
    for family in families.values():
        names = [id for _, id in sorted(family)]
        if len(names) > 1 and not _reached(names, after) & set(names):
            found.append(tuple(names))
    return tuple(found)


def _reached(starts: Iterable[str], after: dict[str, list[str]]) -> set[str]:
    """Everything that can be reached from ``starts`` in one step or more."""
    met: set[str] = set()
    queue = list(starts)
    while queue:
        for target in after.get(queue.pop(), ()):
            if target not in met:
                met.add(target)
                queue.append(target)
    return met
