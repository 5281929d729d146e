"""A view collapsed by scope."""

import math

import pytest

from autograd_lite.show.picture.collapse import collapse
from autograd_lite.show.view.view import snapshot

from ...support.drawn import network


def test_collapsing_by_scope() -> None:
    L = network()
    L.backward()
    view = snapshot(L)
    whole = collapse(view, depth=2)
    assert {box.title for box in whole.boxes} == {
        *(f"layer1 / neuron{k}" for k in range(1, 5)), "layer2 / neuron1", "loss",
    }  # fmt: skip
    assert [view.nodes[i].label for i in whole.cards] == ["x₁", "x₂"]
    first = next(box for box in whole.boxes if box.path == "layer1/neuron1")
    assert [(m.label, m.output) for m in first.members] == [
        ("w₁", False), ("w₂", False), ("b", False), ("h₁", True),
    ]  # fmt: skip
    assert (first.nodes, first.parameters, first.unnamed) == (5, 3, 1)
    assert whole.captions == (f"{len(view.nodes)} nodes drawn as 8 boxes: collapsed by scope (depth 2)",)
    paths = {box.id: box.path for box in whole.boxes}
    assert [[paths[i] for i in family] for family in whole.siblings] == [
        [f"layer1/neuron{k}" for k in range(1, 5)]
    ]
    assert sum(box.nodes for box in whole.boxes) + len(whole.cards) == len(view.nodes)
    by_layer = collapse(view)
    layer1 = next(box for box in by_layer.boxes if box.path == "layer1")
    assert layer1.members == ()
    assert (layer1.outputs, layer1.parameters, layer1.nodes) == (4, 12, 20)
    assert next(box for box in by_layer.boxes if box.path == "loss").is_out
    assert by_layer.siblings == ()  # layer1 feeds layer2


def test_bundles_carry_what_their_wires_add() -> None:
    L = network()
    assert all(b.contribution is None for b in collapse(snapshot(L)).bundles)
    L.backward()
    view = snapshot(L)
    whole = collapse(view, depth=2)
    for card in whole.cards:
        node = view.nodes[card]
        bundles = [b for b in whole.bundles if b.source == node.id]
        assert len(bundles) == 4
        assert all(b.adds for b in bundles)
        assert math.fsum(b.contribution or 0.0 for b in bundles) == pytest.approx(node.grad)
    wide = next(b for b in collapse(view).bundles if b.wires == 4 and b.contribution is None)
    assert wide.width == 2.0
    crossing = sum(view.nodes[w.source].scope != view.nodes[w.target].scope for w in view.wires)
    assert sum(b.wires for b in whole.bundles) == crossing
