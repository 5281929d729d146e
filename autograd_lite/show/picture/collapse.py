"""A view collapsed by scope: one box per part of the circuit, for networks and large graphs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..view.options import at_least
from ..view.view import Node, View, Wire

#: A box with more named members than this shows a summary in place of a row for each.
_ROWS = 8

#: The most nodes outside all scopes that stay cards. Of more nodes only the named operations and the
#: root stay cards.
_CARDS = 12

#: With more wires than this no wire has a label.
_LABELS = 40

_NUMBERED = re.compile(r"(.*?)([0-9]+)\Z", re.DOTALL)


@dataclass(frozen=True)
class Member:
    """A named node inside a box. ``output`` is whether it is used outside the box."""

    node: int
    label: str
    value: float
    grad: float | None
    tangent: float | None
    output: bool


@dataclass(frozen=True)
class Range:
    """The least and the largest of some numbers."""

    least: float
    largest: float


@dataclass(frozen=True)
class Box:
    """All nodes of one scope.

    ``members`` is empty where there are too many to list. ``nodes`` and ``parameters`` count all of
    them, with what is folded into them; ``unnamed`` counts those without a row of their own.
    ``values`` and ``grads`` are those of the outputs, the operations that are used outside the box.
    """

    id: str
    title: str
    path: str
    members: tuple[Member, ...]
    nodes: int
    parameters: int
    unnamed: int
    outputs: int
    values: Range | None
    grads: Range | None
    largest_parameter_grad: float | None
    is_out: bool

    @property
    def largest_grad(self) -> float | None:
        """The largest magnitude of a gradient of its outputs, None where no gradient is shown."""
        if self.grads is None:
            return None
        return max(abs(self.grads.least), abs(self.grads.largest))


@dataclass(frozen=True)
class Bundle:
    """All wires from one box or card to another; ``source`` and ``target`` are their ids.

    ``contribution`` is what they add to the gradient of their source; None when they have several
    sources or no gradient is shown. ``adds`` is whether the source has other contributions, too.
    ``indices`` are the indices of the wires in the view. ``weight`` is the member of the target that a
    single wire is multiplied by, None where that is not listed.
    """

    id: str
    source: str
    target: str
    wires: int
    contribution: float | None
    adds: bool
    indices: tuple[int, ...] = ()
    weight: int | None = None

    @property
    def width(self) -> float:
        """The width of the line: 1 for one wire, 0.5 more for every doubling, at most 4."""
        return min(1.0 + 0.5 * math.log2(self.wires), 4.0)


@dataclass(frozen=True)
class ScopeView:
    """A collapsed view: boxes, the nodes that stay cards (indices into ``view.nodes``), bundles.

    ``stubs`` hold what a cut left out: the id of the box or card beside it, whether it comes before
    that, and its text. ``siblings`` are the ids of boxes that belong side by side, in order.
    ``labelled`` is whether there is room for labels on the wires. ``captions`` replace those of the
    view.
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
    """The view with one box for every scope path of length ``depth``.

    Nodes outside all scopes stay cards; where there are many of them, their inputs and unnamed
    operations have boxes too.

    :raises ValueError: when ``depth`` is not a whole number from 1 on, or no node has a scope.
    """
    at_least("depth", depth, 1)
    if not view.scoped:
        raise ValueError(
            'style="scope" needs nodes made in a scope: wrap the code in with scope("layer1"):, '
            'or use style="card"'
        )
    outside = sum(not node.scope for node in view.nodes)
    places = [_box_path(node, i == view.root, depth, outside) for i, node in enumerate(view.nodes)]
    paths = list(dict.fromkeys(path for path in places if path is not None))
    ids = {path: f"g{k}" for k, path in enumerate(paths)}
    home = [node.id if p is None else ids[p] for p, node in zip(places, view.nodes, strict=True)]
    inside: dict[str, list[int]] = {path: [] for path in paths}
    for i, path in enumerate(places):
        if path is not None:
            inside[path].append(i)
    boxes = tuple(_collapsed_box(view, ids[path], path, inside[path], home) for path in paths)
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


def _box_path(node: Node, is_root: bool, depth: int, outside: int) -> str | None:
    """The path of the node's box, None for a card."""
    if node.scope:
        return "/".join(node.scope.split("/")[:depth])
    if is_root or outside <= _CARDS or (node.kind == "op" and node.named):
        return None
    return "(no scope)" if node.kind == "op" else "(inputs)"


def _collapsed_box(view: View, id: str, path: str, inside: Sequence[int], home: Sequence[str]) -> Box:
    nodes = [view.nodes[i] for i in inside]

    def leaves(i: int) -> bool:
        return i == view.root or any(home[w.target] != id for w in view.outgoing(i))

    listed = [i for i in inside if view.nodes[i].named]
    outputs = [i for i in inside if view.nodes[i].kind in ("op", "out") and leaves(i)]
    members = tuple(
        Member(i, n.label, n.value, n.grad, n.tangent, i in outputs)
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
        _range_of(view.nodes[i].value for i in outputs),
        _range_of(view.nodes[i].grad for i in outputs),
        sizes.largest if (sizes := _range_of(_size(n.grad) for n in parameters)) else None,
        view.root in inside,
    )


def _size(x: float | None) -> float | None:
    return None if x is None else abs(x)


def _range_of(numbers: Iterable[float | None]) -> Range | None:
    known = [x for x in numbers if x is not None]
    # A comparison would hide a nan among them.
    lost = [x for x in known if x != x]
    if lost:
        return Range(lost[0], lost[0])
    return Range(min(known), max(known)) if known else None


def _bundles(view: View, home: Sequence[str]) -> tuple[Bundle, ...]:
    gathered: dict[tuple[str, str], list[int]] = {}
    for i, wire in enumerate(view.wires):
        ends = home[wire.source], home[wire.target]
        if ends[0] != ends[1]:
            gathered.setdefault(ends, []).append(i)
    # For every source node: the boxes and cards that its contributions come from.
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
        adds = len(sources) == 1 and len(ways[first]) + (first in view.feeds_hidden) > 1
        added = math.fsum(parts) if single else None
        weight = _weight_of(view, wires[0], home) if len(wires) == 1 else None
        found.append(Bundle(f"b{k}", source, target, len(wires), added, adds, tuple(indices), weight))
    return tuple(found)


def _weight_of(view: View, wire: Wire, home: Sequence[str]) -> int | None:
    """The parameter in the box of its target that a wire is multiplied by: its local derivative."""
    found = [
        other.source
        for other in view.incoming(wire.target)
        if view.nodes[other.source].kind == "param"
        and view.nodes[other.source].label == wire.local_formula
        and home[other.source] == home[wire.target]
    ]
    return found[0] if len(found) == 1 else None


def _siblings(boxes: Sequence[Box], bundles: Sequence[Bundle]) -> tuple[tuple[str, ...], ...]:
    """Groups of boxes whose paths differ only in their last number and that do not feed each other."""
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
    reached: set[str] = set()
    queue = list(starts)
    while queue:
        for target in after.get(queue.pop(), ()):
            if target not in reached:
                reached.add(target)
                queue.append(target)
    return reached
