"""Smaller sketches: operations folded into their consumers, and cuts with captions and stubs."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import deque
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from ...core.adjoints import forward
from ...core.primitive import TABLE
from ...core.value import Value
from ...formulas.notation import fmt
from .options import Options
from .sketch import Connection, Sketch

SUMS = (TABLE["add"], TABLE["sum"])

#: How many wires may be drawn for each node that max_nodes allows.
_WIRES = 10

#: The most operands that are drawn of a node of a circuit that is too large.
_OPERANDS = 3

#: How many nodes may be visited to count what is behind the stubs.
_PATIENCE = 2_000_000


def fold(sketch: Sketch, detail: str, named: Mapping[Value, str], kept: Set[Value]) -> Sketch:
    """A sketch in which operations are folded into their only consumers.

    ``"sums"`` folds chains of unnamed sums, ``"named"`` every unnamed operation that is used once and
    does not leave a scope that the consumer is not in; but none of ``kept``.
    """
    if detail == "all":
        return sketch
    consumers: dict[Value, Value | None] = {}
    for wire in sketch.wires:
        consumers[wire.source] = None if wire.source in consumers else wire.target
    inner = {
        node
        for node, consumer in consumers.items()
        if consumer is not None
        and node in sketch.opened
        and node is not sketch.root
        and node not in kept
        and node.name is None
        and node not in named
        and (not node.is_constant or node in sketch.written)
        and (not node.scope or node.scope == consumer.scope)
        and (detail == "named" or (node.op in SUMS and consumer.op in SUMS))
    }
    if not inner:
        return sketch
    nodes = tuple(node for node in sketch.nodes if node not in inner)
    return replace(sketch, nodes=nodes, folded=inner).connected()


def differentiated(sketch: Sketch, by: Sequence[Value]) -> Sketch:
    """A sketch in which only ``by`` and what depends on them have gradients.

    :raises ValueError: when the root is not made from one of them, or one is a constant.
    """
    for node in by:
        if node not in sketch.names or node.is_constant:
            what = "a constant" if node.is_constant else "not drawn"
            raise ValueError(
                f"wrt={node!r} is {what} in the circuit of {sketch.names[sketch.root].text}: "
                "give one of its inputs or operations"
            )
    moving = set(by)
    for node in sketch.order:
        if not moving.isdisjoint(node.parents):
            moving.add(node)
    wires = [w if w.source in moving else w._replace(local=None) for w in sketch.wires]
    names = ", ".join(sketch.names[node].text for node in by)
    return replace(
        sketch,
        wires=tuple(wires),
        adjoint={node: grad for node, grad in sketch.adjoint.items() if node in moving},
        moving=moving,
        captions=(*sketch.captions, f"differentiated by {names}"),
    )


def moved(sketch: Sketch, rates: Mapping[Value, float], digits: int, ascii: bool) -> Sketch:
    """A sketch with the tangent of every node as some of them move at ``rates``.

    :raises ValueError: when one of these is a constant, or not drawn.
    """
    for node in rates:
        if node not in sketch.names or node.is_constant:
            what = "a constant" if node.is_constant else "not drawn"
            raise ValueError(
                f"tangents holds {node!r}, which is {what} in the circuit of "
                f"{sketch.names[sketch.root].text}: give its inputs or operations"
            )
    rules = [
        f"{sketch.names[node].text} moves at {fmt(rate, digits, ascii)}" for node, rate in rates.items()
    ]
    caption = f"tangents ({'->' if ascii else '→'}): {', '.join(rules)}"
    tangents = forward([sketch.root], rates)
    return replace(sketch, tangents=tangents, captions=(*sketch.captions, caption))


def focused(sketch: Sketch, focus: Value) -> Sketch:
    """The part of a sketch that lies on a path from ``focus`` to the root.

    :raises ValueError: when the root is not made from ``focus``.
    """
    if focus not in sketch.nodes:
        raise ValueError(
            f"focus={focus!r} is not drawn in the circuit of {sketch.names[sketch.root].text}: "
            "give one of its nodes"
        )
    into = _into(sketch)
    on = set()
    for node in sketch.nodes:
        if node is focus or any(wire.source in on for wire in into.get(node, ())):
            on.add(node)
    kept = part_of(sketch, on)
    if len(on) == len(sketch.nodes):
        return sketch
    paths = "path" if len(kept.wires) < len(kept.nodes) else "paths"
    place = f"{focus.scope}/" if focus.scope else ""
    start, end = sketch.names[focus].text, sketch.names[sketch.root].text
    caption = f"only the {paths} from {place}{start} to {end}"
    return replace(kept, captions=(*sketch.captions, caption))


def trimmed(sketch: Sketch, options: Options) -> Sketch:
    """The part of a sketch within ``max_depth``, ``min_grad`` and ``max_nodes``, with stubs beside it."""
    whole, ascii = sketch, options.ascii
    max_depth, min_grad, max_nodes = options.max_depth, options.min_grad, options.max_nodes
    top = sketch.names[sketch.root].text
    if max_depth is not None:
        near = _nearest_nodes(sketch, max_depth, None)
        sketch = _captioned(
            sketch,
            part_of(sketch, near),
            f"at most {max_depth} step{'s' * (max_depth != 1)} from {top}",
        )
    if min_grad is not None:
        least = f"{'>=' if ascii else '≥'} {fmt(min_grad, options.digits, ascii)}"
        strong = tuple(
            wire
            for wire in sketch.wires
            if wire.local is None or not abs(sketch.contribution(wire) or 0.0) < min_grad
        )
        thinned = replace(sketch, wires=strong)
        thinned = part_of(thinned, _nearest_nodes(thinned, None, None))
        reason = f"only wires with |contribution| {least}"
        sketch = _captioned(sketch, thinned, reason)
    if max_nodes is not None and len(sketch.nodes) > max_nodes:
        strong_part = _strongest_part(sketch, max_nodes)
        sketch = _captioned(sketch, strong_part, f"the strongest paths to {top} (max_nodes={max_nodes})")
    if max_nodes is not None and len(sketch.wires) > _WIRES * max_nodes:
        caption = f"{_WIRES * max_nodes:,} of {len(sketch.wires):,} wires (max_nodes={max_nodes})"
        sketch = replace(
            sketch,
            wires=sketch.wires[-_WIRES * max_nodes :],
            captions=(*sketch.captions, caption),
        )
    if len(sketch.wires) == len(whole.wires):
        return sketch
    return replace(sketch, stubs=_stubs(whole, sketch, "..." if ascii else "…"))


def _into(sketch: Sketch) -> dict[Value, list[Connection]]:
    into: dict[Value, list[Connection]] = {}
    for wire in sketch.wires:
        into.setdefault(wire.target, []).append(wire)
    return into


def part_of(sketch: Sketch, nodes: Set[Value]) -> Sketch:
    """The sketch with some of its nodes, and the wires between them."""
    return replace(
        sketch,
        nodes=tuple(node for node in sketch.nodes if node in nodes),
        wires=tuple(w for w in sketch.wires if w.source in nodes and w.target in nodes),
    )


def _captioned(before: Sketch, after: Sketch, reason: str) -> Sketch:
    """``after`` with a caption, or ``before`` if nothing is missing."""
    if len(after.wires) == len(before.wires):
        return before
    counts, what = (len(after.nodes), len(before.nodes)), "nodes"
    if counts[0] == counts[1]:
        counts, what = (len(after.wires), len(before.wires)), "wires"
    caption = f"{counts[0]:,} of {counts[1]:,} {what}: {reason}"
    return replace(after, captions=(*before.captions, caption))


def _strongest_part(sketch: Sketch, count: int) -> Sketch:
    """At most ``count`` nodes on the paths that contribute most, with a few operands of each.

    A wire is as strong as its contribution to a gradient; where the sweep does not go, near wires come
    first.
    """

    def strength(wire: Connection) -> float:
        size = abs(sketch.contribution(wire) or 0.0)
        return size if size == size else math.inf

    into = _into(sketch)
    found = {sketch.root}
    kept: list[Connection] = []
    best: list[tuple[float, int, int, Connection]] = []
    ties = itertools.count()

    def offer(node: Value, depth: int) -> None:
        wires = sorted(into.get(node, ()), key=strength, reverse=True)
        # One operation and one input at least, if there are any: a path of inputs alone would end here.
        kinds = [next((w for w in wires if (w.source.op is None) is leaf), None) for leaf in (False, True)]
        first = [wire for wire in kinds if wire is not None]
        for wire in list(dict.fromkeys([*first, *wires]))[:_OPERANDS]:
            heapq.heappush(best, (-strength(wire), depth, next(ties), wire))

    offer(sketch.root, 0)
    while best:
        _, depth, _, wire = heapq.heappop(best)
        if wire.source not in found:
            if len(found) == count:
                continue
            found.add(wire.source)
            offer(wire.source, depth + 1)
        kept.append(wire)
    drawn = set(kept)
    return replace(
        sketch,
        nodes=tuple(node for node in sketch.nodes if node in found),
        wires=tuple(wire for wire in sketch.wires if wire in drawn),
    )


def _nearest_nodes(sketch: Sketch, depth: int | None, count: int | None) -> set[Value]:
    """At most ``count`` nodes within ``depth`` steps from the root, breadth first."""
    into = _into(sketch)
    distance = {sketch.root: 0}
    queue = deque([sketch.root])
    while queue:
        node = queue.popleft()
        if distance[node] == depth:
            break
        for wire in into.get(node, ()):
            if wire.source not in distance:
                if len(distance) == count:
                    return set(distance)
                distance[wire.source] = distance[node] + 1
                queue.append(wire.source)
    return set(distance)


def _stubs(whole: Sketch, kept: Sketch, ellipsis: str) -> tuple[tuple[Value, str, bool], ...]:
    """A stub beside each node that lost wires: how many nodes are behind it, before or after."""
    into = _into(whole)
    shown = set(kept.nodes)
    remaining = {(wire.target, wire.slot) for wire in kept.wires}
    behind: dict[Value, list[Value]] = {}
    known: dict[Value, list[Value]] = {}
    ahead: dict[Value, int] = {}
    for wire in whole.wires:
        if (wire.target, wire.slot) in remaining:
            continue
        if wire.source in shown:
            ahead[wire.source] = ahead.get(wire.source, 0) + 1
            if wire.target in shown:
                known.setdefault(wire.target, []).append(wire.source)
        elif wire.target in shown:
            behind.setdefault(wire.target, []).append(wire.source)
    stubs = []
    patience = _PATIENCE
    for node in kept.nodes:
        if node in behind:
            hidden = set(behind[node])
            queue = list(hidden)
            while queue and patience:
                patience -= 1
                for wire in into.get(queue.pop(), ()):
                    if wire.source not in hidden and wire.source not in shown:
                        hidden.add(wire.source)
                        queue.append(wire.source)
            number = f"{len(hidden):,} more" if patience else "more"
            stubs.append((node, f"{ellipsis} {number}", True))
        if node in known:  # the operand is drawn, but not this wire
            sources = list(dict.fromkeys(known[node]))
            single = len(sources) == 1
            what = whole.names[sources[0]].text if single else f"{len(sources):,} more"
            stubs.append((node, f"{ellipsis} {what}", True))
        if node in ahead:
            stubs.append((node, f"{ellipsis} {ahead[node]:,} more", False))
    return tuple(stubs)
