"""Exercise sheets: which numbers of a view are left blank, and what each blank is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from ...core.value import Value
from .options import Options, kinds_of_blanks
from .view import Spot, View, sketch_of, view_of


class Keyed(Protocol):
    """Something that may be an exercise sheet."""

    key: Any


Sheet = TypeVar("Sheet", bound=Keyed)


def sheet(root: Value, options: Options, *, scoped: bool = True) -> View:
    """What ``root`` and everything below it look like now, with the blanks of ``options``."""
    sketch = sketch_of(root, options, scoped=scoped)
    view = view_of(sketch, options)
    return left_blank(view if sketch.swept else view.unswept(), sketch.nodes, options.blanks)


def left_blank(
    view: View, nodes: Sequence[Value], blanks: Any, is_shown: Callable[[Spot], bool] = lambda spot: True
) -> View:
    """``view`` with numbered blanks in place of the numbers that ``blanks`` chooses.

    They are numbered in the order in which a reader can fill them in: values and local derivatives from
    the inputs to the result, then gradients along the sweep. What is given stays: the numbers of the
    inputs, and the gradient 1 of the result. A gradient that one path alone contributes to has one
    number with its contribution.

    :param nodes: what each node of the view was drawn from.
    :param is_shown: whether a number stands in the picture; the others need no blank.
    :raises ValueError: when nothing in the view can be left blank that way.
    """
    kinds, chosen = kinds_of_blanks(blanks)
    if not kinds and not chosen:
        return view
    if lost := chosen.difference(nodes):
        raise ValueError(f"blanks holds {lost.pop()!r}, which is not drawn: give nodes of the picture")
    found: dict[Spot, int] = {}
    asked: set[Spot] = set()
    picked = {i for i, node in enumerate(nodes) if node in chosen}

    def leave(*places: Spot) -> None:
        asked.update(places)
        found.update(dict.fromkeys(filter(is_shown, places), len(set(found.values())) + 1))

    for i, node in enumerate(view.nodes):
        if node.expression and ("value" in kinds or i in picked):
            leave(("value", node.id))
        wires = [wire for wire in view.incoming(i) if wire.local is not None]
        # A local derivative that is the value of a node, as in a product, would give a blank away.
        near = (node, *(view.nodes[wire.source] for wire in wires))
        known = {node.expression: ("value", node.id)} | {each.label: ("value", each.id) for each in near}
        for wire in wires:
            same = known.get(wire.local_formula)
            if "local" in kinds:
                leave(("local", wire.id))
            elif same in found:
                found["local", wire.id] = found[same]

    def total(i: int) -> None:
        """The sum of several contributions."""
        paths = [w for w in view.outgoing(i) if ("contribution", w.id) in asked]
        if len(paths) > 1 and i not in view.feeds_hidden:
            leave(("grad", view.nodes[i].id))

    for i in view.rows:
        total(i)
        for wire in view.incoming(i):
            if wire.contribution is None or not ("grad" in kinds or wire.source in picked):
                continue
            places: list[Spot] = [("contribution", wire.id)]
            paths = [w for w in view.outgoing(wire.source) if w.contribution is not None]
            if len(paths) == 1 and wire.source not in view.feeds_hidden:
                places.append(("grad", view.nodes[wire.source].id))
            leave(*places)
    for i, node in enumerate(view.nodes):
        if not node.expression:
            total(i)
    if not found:
        raise ValueError(f"blanks={blanks!r:.60} leaves nothing blank: no such number is shown")
    task = f"fill in [1] to [{max(found.values())}]" if max(found.values()) > 1 else "fill in [1]"
    return replace(view, blanks=found, captions=(*view.captions, task))


def with_key(view: View, make: Callable[[View], Sheet]) -> Sheet:
    """What ``make`` makes of a view; where that has blanks, its ``key`` has the answers."""
    made = make(view)
    if view.blanks:
        captions = (*view.captions[:-1], "answer key")
        made.key = make(replace(view, answered=True, captions=captions))
    return made
