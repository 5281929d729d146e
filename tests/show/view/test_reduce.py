"""Folding, cutting and collapsing: what every reduction of a view leaves true."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import (
    Constant,
    Value,
    circuit,
    cos,
    draw,
    log,
    parameter,
    sigmoid,
    sin,
    sum_of_squares,
    tanh,
)
from autograd_lite import sum as total
from autograd_lite.core.adjoints import reverse
from autograd_lite.show.picture.collapse import collapse
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import sketch_of, snapshot
from autograd_lite.support.context import scope

from ...support.circuits import gormley, sarkar
from ...support.drawn import ladder, roots, sums, wire_between
from ...support.search import examples
from .cases import glyphs, named, shared


@given(roots(), st.sampled_from(["sums", "named"]))
@examples(60)
def test_folding_preserves_every_adjoint_that_is_still_drawn(root: Value, detail: str) -> None:
    adjoint = reverse([(root, 1.0)])
    drawn = {
        n.label: n.grad
        for n in snapshot(root, Options(grads="always", detail=detail, max_nodes=None)).nodes
    }
    for leaf in circuit(root):
        if leaf.name in ("a", "b"):
            assert drawn[leaf.name] == adjoint.get(leaf, 0.0)
    view = snapshot(root, Options(grads="always", detail=detail, max_nodes=None))
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
    whole = snapshot(root, Options(grads="always", detail="all", max_nodes=None))
    assert view.drawn == whole.drawn == len(whole.nodes)


def test_folding_a_loss_merges_its_numbers() -> None:
    prediction, target = Value(0.3, "ŷ"), Constant(0.5, "y")
    loss = 0.5 * (prediction - target) ** 2
    loss.name = "L"
    view = snapshot(loss, Options(detail="named", grads="always"))
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
            n.expression for n in snapshot(L, Options(names=names, detail=detail)).nodes if n.expression
        ]
        for detail in ("all", "sums", "named")
    }
    assert expressions == {
        "all": ["w₁·x₁", "w₂·x₂", "v₁ + v₂", "v₃ + b", "σ(z)", "log(a)", "−v₄"],
        "sums": ["w₁·x₁", "w₂·x₂", "v₁ + v₂ + b", "σ(z)", "log(a)", "−v₃"],
        "named": ["w₁·x₁ + w₂·x₂ + b", "σ(z)", "−log(a)"],
    }
    view = snapshot(L, Options(names=names, detail="named"))
    assert wire_between(view, "a", "L").local_formula == "−1/a"
    assert [w.local_formula for w in view.wires][:5] == ["x₁", "w₁", "x₂", "w₂", "1"]
    assert snapshot(L, Options(names=names)).nodes[7].glyph == "Σ"


def test_focus_keeps_the_paths_alone() -> None:
    J = gormley()
    u1 = J.parents[0].parents[0]
    view = snapshot(J, Options(focus=u1, grads="always"))
    assert [n.label for n in view.nodes] == ["u₁", "u", "J"]
    assert view.captions == ("only the path from u₁ to J",)
    with scope("part"):
        hidden = sin(Value(1.0, "p"))
        root = tanh(hidden + hidden) + Value(2.0)
    (caption,) = snapshot(root, Options(focus=hidden, detail="named")).captions
    assert caption.startswith("only the paths from part/v")
    with pytest.raises(ValueError, match="focus"):
        snapshot(J, Options(focus=Value(1.0)))


def test_depth_and_gradient_cuts_have_stubs_and_captions() -> None:
    view = snapshot(ladder(44), Options(max_depth=4))
    assert len(view.nodes) == 5
    assert view.captions == ("5 of 45 nodes: at most 4 steps from v₄₄",)
    assert [(s.attached, s.text, s.incoming) for s in view.stubs] == [(0, "… 40 more", True)]
    x, y = Value(1.0, "x"), Value(2.0, "y")
    root = 0.01 * sin(x) + y
    root.name = "r"
    small = snapshot(root, Options(min_grad=0.5, grads="always", ascii=True))
    assert [n.label for n in small.nodes] == ["v2", "y", "r"]
    assert small.captions == ("3 of 5 nodes: only wires with |contribution| >= 0.5",)
    assert [(s.text, s.incoming) for s in small.stubs] == [("... 2 more", True)]
    assert snapshot(root, Options(max_depth=50)).captions == ()
    with pytest.raises(ValueError, match="backward"):
        snapshot(root, Options(min_grad=0.5))


def test_a_cut_wire_between_drawn_nodes_leaves_a_stub_at_its_source() -> None:
    x = Value(1.0, "x")
    root = x + 0.001 * x
    view = snapshot(root, Options(min_grad=0.5, grads="always"))
    assert [(s.attached, s.incoming) for s in view.stubs if not s.incoming] == [(0, False)]


def test_a_long_sum_prints_six_terms() -> None:
    root = sum((Value(1.0, f"x{i}") for i in range(1, 5000)), Value(0.0, "x0"))
    node = snapshot(root, Options(max_nodes=None)).nodes[-1]
    assert node.expression == "x₀ + x₁ + x₂ + x₃ + x₄ + …"
    assert node.expression_full.startswith("x₀ + x₁ + x₂ + x₃ + x₄ + x₅ + x₆")
    assert node.latex_expression.endswith(r"x_{4} + \cdots")
    assert node.members == 4999


def test_ten_thousand_nodes() -> None:
    nodes = [Value(0.1 * i, f"x{i}") for i in range(10)]
    while len(nodes) < 10_000:
        k = len(nodes)
        nodes.append([tanh(nodes[-1] * nodes[k // 2]), nodes[-1] + nodes[-7], 0.5 * nodes[-3]][k % 3])
    root = nodes[-1] + nodes[-2]
    root.backward()
    view = snapshot(root)
    assert len(view.nodes) == 100
    assert view.captions[0].startswith("100 of ")
    assert all(stub.text.startswith("… ") for stub in view.stubs)


def test_folding_keeps_to_its_scope_and_large_scoped_circuits_can_stay_whole() -> None:
    with scope("a"):
        inner = tanh(Value(1.0, "x"))
    with scope("b"):
        outer = sin(cos(inner))
    view = snapshot(outer, Options(detail="named"))
    assert [(n.scope, n.expression) for n in view.nodes] == [
        ("a", ""),
        ("a", "tanh(x)"),
        ("b", "sin(cos(v₁))"),
    ]
    small = Options(detail="all", max_nodes=2)
    assert len(snapshot(outer, small).nodes) == 2
    assert len(sketch_of(outer, small, collapsible=True).nodes) == 4
    assert len(sketch_of(ladder(9), small, collapsible=True).nodes) == 2
    with pytest.raises(ValueError, match="scope"):
        collapse(snapshot(ladder(3)))
    with pytest.raises(ValueError, match="depth"):
        collapse(view, depth=0)


def test_an_operand_that_is_cut_off_is_no_number_of_the_operation() -> None:
    f = sarkar(swept=True)
    x = f.parents[0].parents[0]
    assert glyphs(snapshot(f)) == ["+", "×"]
    assert glyphs(snapshot(f, Options(focus=x))) == ["+", "×"]
    assert glyphs(snapshot(f, Options(max_nodes=2))) == ["+", "×"]
    assert glyphs(snapshot(f, Options(min_grad=3.5))) == ["+", "×"]
    r = (x**2 - 3) / 4
    for depth, expected in ((None, ["(·)²", "−3", "÷4"]), (1, ["−3", "÷4"]), (0, ["÷4"])):
        assert glyphs(snapshot(r, Options(max_depth=depth))) == expected
    assert glyphs(snapshot(x**2, Options(max_depth=0))) == ["(·)²"]


def test_a_wire_that_is_cut_is_missed_at_both_of_its_ends() -> None:
    x = Value(2.0, "x")
    o = named(x * x + 0.001 * x, "o")
    o.backward()
    view = snapshot(o, Options(min_grad=1))
    ends = {(view.nodes[s.attached].label, s.incoming): s.text for s in view.stubs}
    assert ends == {("x", False): "… 1 more", ("v₂", True): "… x"}
    assert view.captions == ("4 of 5 wires: only wires with |contribution| ≥ 1",)


def test_many_wires_that_are_cut_are_missed_once_at_each_end() -> None:
    xs = [Value(float(i), f"x{i}") for i in range(20)]
    parts = [named(sum_of_squares(xs), f"s{k}") for k in range(20)]
    root = named(sum_of_squares(parts), "root")
    root.backward()
    assert len(snapshot(root, Options(max_nodes=None)).wires) == 420
    view = snapshot(root, Options(max_nodes=41))  # all nodes, and ten wires for each of them
    assert len(view.wires) == 410
    ends = [(view.nodes[s.attached].label, s.text) for s in view.stubs if s.incoming]
    assert ends == [("s₀", "… 10 more")]
    assert len(view.feeds_hidden) == 10


def test_a_step_is_counted_in_words() -> None:
    y = shared()
    assert "at most 1 step from y" in snapshot(y, Options(max_depth=1)).captions[0]
    assert "at most 2 steps from y" in snapshot(y, Options(max_depth=2)).captions[0]


@pytest.mark.parametrize(
    "options", [{"min_grad": math.nan}, {"min_grad": -1.0}, {"min_grad": math.inf}, {"depth": 0}]
)
def test_senseless_limits_are_refused(options: dict[str, Any]) -> None:
    f = sarkar(swept=True)
    with pytest.raises(ValueError, match=next(iter(options))):
        draw(f, **options)


def test_of_a_circuit_that_is_too_large_the_strongest_paths_are_drawn() -> None:
    weights = [0.01 * k for k in range(1, 51)]
    xs = [Value(1.0, f"x{k}") for k in range(1, 51)]
    y = named(
        total([named(w * x, f"p{k}") for k, (w, x) in enumerate(zip(weights, xs, strict=True), 1)]), "y"
    )
    z = named(100.0 * y, "z")
    z.backward()
    # All parts of the sum contribute alike, so the first three stay.
    view = snapshot(z, Options(max_nodes=20))
    into = {i: len(view.incoming(i)) for i in range(len(view.nodes))}
    assert max(into.values()) == 3
    assert [node.label for node in view.nodes if node.label[0] == "p"] == ["p₁", "p₂", "p₃"]
    uneven = named(total([w * x for w, x in zip(weights, xs, strict=True)]) ** 2, "z")
    uneven.backward()
    view = snapshot(uneven, Options(max_nodes=20, detail="named"))
    assert {node.label for node in view.nodes} == {"z", "x₅₀", "x₄₉", "x₄₈"}
    assert [stub.text for stub in view.stubs if stub.incoming] == ["… 47 more"]


@given(roots(), st.integers(1, 12))
@settings(max_examples=25)
def test_what_is_drawn_of_a_large_circuit_hangs_together(root: Value, most: int) -> None:
    view = snapshot(root, Options(max_nodes=most, detail="all"))
    assert len(view.nodes) <= most
    reached = {view.root}
    for i in range(len(view.nodes) - 1, -1, -1):
        if i in reached:
            reached.update(wire.source for wire in view.incoming(i))
    assert reached == set(range(len(view.nodes)))


def test_a_nan_is_as_strong_as_any_path() -> None:
    x, lost = Value(2.0, "x"), Value(math.nan, "lost")
    parts = [named(x * float(k), f"a{k}") for k in range(1, 8)]
    y = named(sum(parts, named(lost * lost, "gone")), "y")
    y.backward()
    shown = {node.label for node in snapshot(y, Options(max_nodes=4)).nodes}
    assert {"y", "gone"} <= shown
