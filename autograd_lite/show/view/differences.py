"""Two circuits as one view, side by side, with what is different in the second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .view import Node, Spot, View


def joined(before: View, after: View, names: tuple[str, str]) -> View:
    """One view of two circuits, each in a scope of its own; ``instead`` has the numbers of the first.

    A node has as partner the node at the same place where the circuits have the same form, else the only
    one of the same name.
    """
    nodes, wires = len(before.nodes), len(before.wires)
    moved = [
        replace(node, id=f"n{nodes + i}", scope=_scope_within(names[1], node))
        for i, node in enumerate(after.nodes)
    ]
    new = [
        replace(w, id=f"e{wires + j}", source=w.source + nodes, target=w.target + nodes)
        for j, w in enumerate(after.wires)
    ]
    captions = [
        f"{name}: {caption}"
        for name, view in zip(names, (before, after), strict=True)
        for caption in view.captions
    ]
    partners = _partners(before, after)
    return replace(
        after,
        nodes=(*(replace(node, scope=_scope_within(names[0], node)) for node in before.nodes), *moved),
        wires=(*before.wires, *new),
        root=after.root + nodes,
        roots=(before.root,),
        rows=(*before.rows, *(i + nodes for i in after.rows)),
        swept=before.swept or after.swept,
        captions=tuple(dict.fromkeys(captions)),
        stubs=(*before.stubs, *(replace(s, attached=s.attached + nodes) for s in after.stubs)),
        instead=dict(_numbers(before, after, partners)),
        apart=frozenset(nodes + i for i in range(len(after.nodes)) if i not in partners)
        | (frozenset(range(nodes)) - frozenset(partners.values())),
    )


def _scope_within(name: str, node: Node) -> str:
    return f"{name}/{node.scope}" if node.scope else name


def _partners(before: View, after: View) -> dict[int, int]:
    """The partner in ``before`` of each node of ``after`` that has one."""
    forms = [
        [(w.source, w.target, w.slot) for w in view.wires] + [node.label for node in view.nodes]
        for view in (before, after)
    ]
    if forms[0] == forms[1]:
        return {i: i for i in range(len(after.nodes))}
    places = []
    for view in (before, after):
        labels = [node.label for node in view.nodes if node.named]
        places.append({n.label: i for i, n in enumerate(view.nodes) if labels.count(n.label) == 1})
    return {i: places[0][label] for label, i in places[1].items() if label in places[0]}


def _numbers(before: View, after: View, partners: dict[int, int]) -> Iterator[tuple[Spot, float | None]]:
    """What stands in the first circuit at each place of the second."""
    nodes, wires = len(before.nodes), len(before.wires)
    for i, j in partners.items():
        yield ("value", f"n{nodes + i}"), before.nodes[j].value
        yield ("grad", f"n{nodes + i}"), before.nodes[j].grad
    known = {(w.source, w.target, w.slot): w.local for w in before.wires}
    for k, w in enumerate(after.wires):
        place = partners.get(w.source), partners.get(w.target), w.slot
        if place in known:
            yield ("local", f"e{wires + k}"), known[place]
