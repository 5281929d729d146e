"""One box per scope: what it lists, what it sums up, what its lines carry."""

import math
import random
import re

import pytest

from autograd_lite import (
    Value,
    parameter,
    scope,
    sin,
)
from autograd_lite.core.order import circuit as circuit_of
from autograd_lite.nn import MLP
from autograd_lite.show.draw import draw
from autograd_lite.show.picture.collapse import collapse
from autograd_lite.show.picture.palette import LIGHT
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import snapshot

from ..view.cases import named, runs_of
from .reading import network, said, statement, xyz


def test_a_box_lists_its_named_members() -> None:
    L = network()
    dot = draw(L, "scope", depth=2).dot
    boxes = [said(line) for line in dot.split("\n") if 'class="group"' in line]
    by_title = {box[0]: box[1:] for box in boxes}
    assert by_title.keys() == {
        *("layer1 / neuron1", "layer1 / neuron2", "layer2 / neuron1", "loss"),
    }
    first = by_title["layer1 / neuron1"]
    assert first[:2] == ["value", "grad"]
    assert [each for each in first if each[0].isalpha()] == ["value", "grad", "w₁", "w₂", "b", "h₁"]
    assert first[-1] == "+ 4 unnamed nodes"
    assert by_title["loss"][2:5] == ["L", f"{L.data:.4g}", "1"]
    assert said(statement(dot, "graph ["))[-1].endswith("collapsed by scope (depth 2)")


def test_lines_between_boxes_carry_the_summed_contribution() -> None:
    L = network()
    x1 = next(node for node in circuit_of(L) if node.name == "x1")
    dot = draw(L, "scope", depth=2).dot
    lines = {
        ends: said(line)
        for line in dot.split("\n")
        for ends in re.findall(r"^ *(\w+) -> (\w+)(?::m\d+:w)? \[id", line)
    }
    (card_of_x1,) = re.findall(
        r'(n\d+) \[id="n\d+" class="leaf".*<I>x</I></B><FONT[^>]*><SUB><B>1</B>', dot
    )
    into_first_layer = [text for (source, _), (text,) in lines.items() if source == card_of_x1]
    assert len(into_first_layer) == 2
    assert all(text.startswith("+= ") for text in into_first_layer)
    added = sum(float(text[3:].replace("−", "-")) for text in into_first_layer)
    assert added == pytest.approx(x1.grad, abs=1e-3)
    assert "rank=same" in dot


def test_many_wires_are_one_thick_line() -> None:
    dot = draw(network(), "scope").dot
    (line,) = [line for line in dot.split("\n") if said(line) == ["2 wires"]]
    assert "penwidth=1.5" in line
    assert "layer1" in said(dot)
    layer2 = next(line for line in dot.split("\n") if "layer2" in said(line))
    assert said(layer2)[-1] == "+ 2 unnamed nodes"


def test_a_box_of_many_sums_them_up() -> None:
    with scope("layer"):
        ws = [parameter(float(k)) for k in range(20)]
        total = ws[0] * 1.0
        for w in ws[1:]:
            total = total + w * 2.0
        other = total * 3.0
    with scope("end"):
        y = total * other
    y.backward()
    box = next(line for line in draw(y, "scope").dot.split("\n") if "layer" in said(line))
    texts = said(box)
    assert texts[0] == "layer"
    assert texts[1].endswith("nodes, 20 of them parameters")
    assert "2 outputs" in texts
    assert "380 … 1140" in texts
    assert texts[-2] == "largest |param grad|"
    assert float(texts[-1]) == pytest.approx(max(w.grad for w in ws))


def test_boxes_say_nothing_about_gradients_before_a_sweep() -> None:
    L = network()
    L.zero_grad()
    for depth in (1, 2):
        dot = draw(L, "scope", depth=depth).dot
        assert LIGHT["grad"] not in dot
        assert not {"grad", "their grads"} & set(said(dot))


def test_a_circuit_without_scopes_cannot_be_collapsed() -> None:
    with pytest.raises(ValueError, match="scope"):
        draw(xyz(), "scope")


def test_a_large_circuit_with_scopes_is_collapsed_and_says_so() -> None:
    total = Value(0.0, "start")
    for part in range(5):
        with scope(f"part{part}"):
            for _ in range(100):
                total = sin(total) * 1.0
    total.backward()
    drawing = draw(total)
    dot = drawing.dot
    assert drawing.style == "scope"
    assert said(statement(dot, "graph ["))[-1] == (
        "1,001 nodes drawn as 6 boxes: collapsed by scope (depth 1)"
    )
    assert draw(total, "card").style == "card"
    assert len(draw(total, "card").view.nodes) == 100


def net() -> Value:
    model = MLP(2, [3, 2, 1], rng=random.Random(0))
    L = named((model([Value(0.5, "a"), Value(-1.0, "b")]) - 1) ** 2, "L")
    L.backward()
    return L


def test_collapsed_by_scope_a_cut_has_its_stubs_too() -> None:
    view = snapshot(net(), Options(max_depth=4))
    collapsed = collapse(view)
    ids = {box.id for box in collapsed.boxes} | {view.nodes[i].id for i in collapsed.cards}
    assert collapsed.stubs
    assert {place for place, _, _ in collapsed.stubs} <= ids
    assert {incoming for _, incoming, _ in collapsed.stubs} == {True}
    assert "… more" in runs_of(draw(net(), style="scope", max_depth=4).dot)
    boxed = sum(box.nodes for box in collapsed.boxes) + len(collapsed.cards)
    assert collapsed.captions[0].startswith(f"{boxed} nodes")
    assert not collapse(snapshot(net())).stubs


def test_a_line_between_boxes_adds_where_another_was_cut() -> None:
    view = snapshot(net(), Options(min_grad=0.4))
    collapsed = collapse(view, 2)
    lost = {stub.attached for stub in view.stubs if not stub.incoming}
    assert lost
    found = [
        bundle.adds for bundle in collapsed.bundles if {view.wires[i].source for i in bundle.indices} & lost
    ]
    assert found
    assert all(found)


def test_one_box_is_one() -> None:
    with scope("all"):
        x = Value(1.0, "x")
        y = named(sin(x), "y")
    assert "2 nodes drawn as 1 box:" in collapse(snapshot(y)).captions[0]


@pytest.mark.filterwarnings("ignore:.* gave:RuntimeWarning")
@pytest.mark.parametrize("first", [True, False])
def test_the_largest_gradient_of_a_box_may_be_lost(first: bool) -> None:
    model = MLP(2, [9, 1])
    out = model([0.5, -1.0])
    chosen = model.parameters()[0 if first else 4]
    root = out * 1.0 + chosen * math.inf - chosen * math.inf
    root.backward()
    assert math.isnan(chosen.grad)
    (box,) = (b for b in collapse(snapshot(root)).boxes if b.path == "layer1")
    assert box.largest_parameter_grad is not None
    assert math.isnan(box.largest_parameter_grad)


def test_a_wire_enters_a_box_at_the_weight_that_it_is_multiplied_by() -> None:
    drawing = draw(network(), "scope", depth=2)
    view = drawing.view
    ends = re.findall(r"(\w+) -> g\d+:m(\d+):w .*?label=.*?>([^<]*)</B>", drawing.dot)
    assert len(ends) == 6
    for _, member, text in ends:
        weight = view.nodes[int(member)]
        (wire,) = view.outgoing(int(member))
        upstream = view.nodes[wire.target].grad
        assert weight.kind == "param"
        assert upstream is not None
        added = text.replace("\u00a0", "").removeprefix("+=").replace("−", "-")
        assert float(added) == pytest.approx(weight.value * upstream, rel=1e-3)
    assert ":w " not in draw(network(), "scope", "TB", depth=2).dot
