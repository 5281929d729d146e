"""Folding, cutting and collapsing: what every reduction of a view leaves true."""

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import (
    Constant,
    Value,
    circuit,
    cos,
    log,
    parameter,
    sigmoid,
    sin,
    tanh,
)
from autograd_lite.core.adjoints import reverse
from autograd_lite.show.picture.collapse import collapse
from autograd_lite.show.view.view import snapshot
from autograd_lite.support.context import scope

from ...support.drawn import gormley, ladder, network, roots, sums, wire_between


@given(roots(), st.sampled_from(["sums", "named"]))
@settings(max_examples=200)
def test_folding_preserves_every_adjoint_that_is_still_drawn(root: Value, detail: str) -> None:
    adjoint = reverse([(root, 1.0)])
    drawn = {
        n.label: n.grad for n in snapshot(root, grads="always", detail=detail, max_nodes=None).nodes
    }
    for leaf in circuit(root):
        if leaf.name in ("a", "b"):
            assert drawn[leaf.name] == adjoint.get(leaf, 0.0)
    view = snapshot(root, grads="always", detail=detail, max_nodes=None)
    # The drawn wires alone carry the root's gradient to every leaf.
    pushed = [0.0] * len(view.nodes)
    pushed[view.root] = 1.0
    for i in sorted(range(len(view.nodes)), reverse=True):
        for wire in view.incoming(i):
            if wire.local is not None:
                pushed[wire.source] += wire.local * pushed[i]
    for i, node in enumerate(view.nodes):
        if node.grad is not None:
            assert pushed[i] == pytest.approx(node.grad, rel=1e-9, abs=1e-9 * sums(view, i)[1])
    whole = snapshot(root, grads="always", detail="all", max_nodes=None)
    assert view.drawn == whole.drawn == len(whole.nodes)


def test_folding_a_loss_merges_its_numbers() -> None:
    prediction, target = Value(0.3, "ŷ"), Constant(0.5, "y")
    loss = 0.5 * (prediction - target) ** 2
    loss.name = "L"
    view = snapshot(loss, detail="named", grads="always")
    assert view.nodes[-1].expression == "0.5·(ŷ − y)²"
    assert view.nodes[-1].members == 3
    (live,) = (wire for wire in view.wires if wire.local is not None)
    assert (live.local_formula, live.latex_local) == ("ŷ − y", r"\hat{y} - y")
    assert live.local == pytest.approx(-0.2)
    (fixed,) = (wire for wire in view.wires if wire.local is None)
    assert (fixed.local_formula, fixed.latex_local, fixed.contribution) == ("", "", None)


def test_the_logistic_neuron_in_three_details() -> None:
    w1, w2, b = parameter(2.0, "w1"), parameter(-3.0, "w2"), parameter(-3.0, "b")
    x1, x2 = Value(-1.0, "x1"), Value(-2.0, "x2")
    z = w1 * x1 + w2 * x2 + b
    a = sigmoid(z)
    L = -log(a)
    L.backward()
    names = {"z": z, "a": a, "L": L}
    expressions = {
        detail: [
            n.expression for n in snapshot(L, names=names, detail=detail).nodes if n.expression
        ]
        for detail in ("all", "sums", "named")
    }
    assert expressions == {
        "all": ["w₁·x₁", "w₂·x₂", "v₁ + v₂", "v₃ + b", "σ(z)", "log(a)", "−v₄"],
        "sums": ["w₁·x₁", "w₂·x₂", "v₁ + v₂ + b", "σ(z)", "log(a)", "−v₃"],
        "named": ["w₁·x₁ + w₂·x₂ + b", "σ(z)", "−log(a)"],
    }
    view = snapshot(L, names=names, detail="named")
    assert wire_between(view, "a", "L").local_formula == "−1/a"
    assert [w.local_formula for w in view.wires][:5] == ["x₁", "w₁", "x₂", "w₂", "1"]
    assert snapshot(L, names=names).nodes[7].glyph == "Σ"


def test_focus_keeps_the_paths_alone() -> None:
    J = gormley()
    u1 = J.parents[0].parents[0]
    view = snapshot(J, focus=u1, grads="always")
    assert [n.label for n in view.nodes] == ["u₁", "u", "J"]
    assert view.captions == ("only the path from u₁ to J",)
    with scope("part"):
        hidden = sin(Value(1.0, "p"))
        root = tanh(hidden + hidden) + Value(2.0)
    (caption,) = snapshot(root, focus=hidden, detail="named").captions
    assert caption.startswith("only the paths from part/v")
    with pytest.raises(ValueError, match="focus"):
        snapshot(J, focus=Value(1.0))


def test_depth_and_gradient_cuts_have_stubs_and_captions() -> None:
    view = snapshot(ladder(44), max_depth=4)
    assert len(view.nodes) == 5
    assert view.captions == ("5 of 45 nodes: at most 4 steps from v₄₄",)
    assert [(s.attached, s.text, s.incoming) for s in view.stubs] == [(0, "… 40 more", True)]
    x, y = Value(1.0, "x"), Value(2.0, "y")
    root = 0.01 * sin(x) + y
    root.name = "r"
    small = snapshot(root, min_grad=0.5, grads="always", ascii=True)
    assert [n.label for n in small.nodes] == ["v2", "y", "r"]
    assert small.captions == ("3 of 5 nodes: only wires with |contribution| >= 0.5",)
    assert [(s.text, s.incoming) for s in small.stubs] == [("... 2 more", True)]
    assert snapshot(root, max_depth=50).captions == ()
    with pytest.raises(ValueError, match="backward"):
        snapshot(root, min_grad=0.5)


def test_a_cut_wire_between_drawn_nodes_leaves_a_stub_at_its_source() -> None:
    x = Value(1.0, "x")
    root = x + 0.001 * x
    view = snapshot(root, min_grad=0.5, grads="always")
    assert [(s.attached, s.incoming) for s in view.stubs if not s.incoming] == [(0, False)]


def test_a_long_sum_prints_six_terms() -> None:
    root = sum((Value(1.0, f"x{i}") for i in range(1, 5000)), Value(0.0, "x0"))
    node = snapshot(root, max_nodes=None).nodes[-1]
    assert node.expression == "x₀ + x₁ + x₂ + x₃ + x₄ + …"
    assert node.expression_full.startswith("x₀ + x₁ + x₂ + x₃ + x₄ + x₅ + x₆")
    assert node.latex_expression.endswith(r"x_{4} + \cdots")
    assert node.members == 4999


def test_ten_thousand_nodes() -> None:
    nodes = [Value(0.1 * i, f"x{i}") for i in range(10)]
    while len(nodes) < 10_000:
        k = len(nodes)
        nodes.append(
            [tanh(nodes[-1] * nodes[k // 2]), nodes[-1] + nodes[-7], 0.5 * nodes[-3]][k % 3]
        )
    root = nodes[-1] + nodes[-2]
    root.backward()
    start = time.perf_counter()
    view = snapshot(root)
    assert time.perf_counter() - start < 6  # 0.5 s on an idle machine
    assert len(view.nodes) == 100
    assert view.captions[0].startswith("100 of ")
    assert all(stub.text.startswith("… ") for stub in view.stubs)


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
    assert whole.captions == (
        f"{len(view.nodes)} nodes drawn as 8 boxes: collapsed by scope (depth 2)",
    )
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


def test_folding_keeps_to_its_scope_and_large_scoped_circuits_can_stay_whole() -> None:
    with scope("a"):
        inner = tanh(Value(1.0, "x"))
    with scope("b"):
        outer = sin(cos(inner))
    view = snapshot(outer, detail="named")
    assert [(n.scope, n.expression) for n in view.nodes] == [
        ("a", ""),
        ("a", "tanh(x)"),
        ("b", "sin(cos(v₁))"),
    ]
    assert len(snapshot(outer, detail="all", max_nodes=2).nodes) == 2
    assert len(snapshot(outer, detail="all", max_nodes=2, collapsible=True).nodes) == 4
    assert len(snapshot(ladder(9), max_nodes=2, collapsible=True).nodes) == 2
    with pytest.raises(ValueError, match="scope"):
        collapse(snapshot(ladder(3)))
    with pytest.raises(ValueError, match="depth"):
        collapse(view, depth=0)
