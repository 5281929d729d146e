"""The view: what is drawn, with which numbers, names and captions."""

import math
import os
import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import (
    Constant,
    Value,
    circuit,
    dot,
    exp,
    log,
    nn,
    parameter,
    sigmoid,
    sin,
    table,
    tanh,
)
from autograd_lite.show.draw import draw
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import View, snapshot
from autograd_lite.support.context import scope
from autograd_lite.support.ieee import errstate

from ...support import names
from ...support.circuits import gormley
from ...support.drawn import roots, sums
from ...support.search import examples
from .cases import named


@given(roots(), st.sampled_from(["all", "sums", "named"]), st.sampled_from(["inline", "nodes"]))
@examples(100)
def test_contributions_sum_to_the_gradient_of_every_node(root: Value, detail: str, constants: str) -> None:
    view = snapshot(root, Options(grads="always", detail=detail, constants=constants, max_nodes=None))
    for i, node in enumerate(view.nodes):
        assert (node.grad is None) == (node.kind == "const")
        if i != view.root and node.grad is not None:
            total, size = sums(view, i)
            assert total == pytest.approx(node.grad, rel=1e-9, abs=1e-9 * size)
    assert view.nodes[view.root].grad == 1.0


def test_the_sum_of_contributions_would_notice_a_lost_wire() -> None:
    x = Value(3.0, "x")
    view = snapshot(x * x + x, Options(grads="always", detail="named"))
    lost = View(**{**vars(view), "wires": view.wires[1:]})
    i = next(i for i, node in enumerate(view.nodes) if node.label == "x")
    assert sums(view, i)[0] == view.nodes[i].grad != sums(lost, i)[0]


@given(roots(), st.sampled_from(["all", "sums", "named"]), st.sampled_from(["inline", "nodes"]))
@examples(30)
def test_nodes_wires_and_rows_are_in_order(root: Value, detail: str, constants: str) -> None:
    view = snapshot(root, Options(detail=detail, constants=constants, max_nodes=None))
    assert [node.id for node in view.nodes] == [f"n{i}" for i in range(len(view.nodes))]
    assert [wire.id for wire in view.wires] == [f"e{i}" for i in range(len(view.wires))]
    places = [(wire.target, wire.slot) for wire in view.wires]
    assert places == sorted(set(places))
    assert all(wire.source < wire.target for wire in view.wires)
    operations = [i for i, node in enumerate(view.nodes) if node.kind in ("op", "out")]
    assert sorted(view.rows) == operations
    place = {i: k for k, i in enumerate(view.rows)}
    assert all(place[w.source] > place[w.target] for w in view.wires if w.source in place)
    for i in range(len(view.nodes)):
        assert view.incoming(i) == tuple(w for w in view.wires if w.target == i)
        assert view.outgoing(i) == tuple(w for w in view.wires if w.source == i)


@given(roots(), st.booleans())
@examples(25)
def test_nothing_is_mutated(root: Value, swept: bool) -> None:
    if swept:
        root.backward()

    def state() -> list[Any]:
        return [
            (id(v), v.data, v.grad, v.swept, v.name, v.scope, v.local_grads, v.parents, v.op)
            for v in circuit(root)
        ]

    before = state()
    leaf = circuit(root)[0]
    for detail in ("all", "sums", "named"):
        snapshot(
            root,
            Options(detail=detail, grads="always", names={"renamed": leaf}, min_grad=0.1, max_depth=3),
        )
        snapshot(root, Options(detail=detail, constants="nodes", max_nodes=3))
    assert state() == before


@given(roots())
@examples(25)
def test_nothing_about_gradients_before_a_sweep_and_after_zero_grad(root: Value) -> None:
    def silent(view: View) -> bool:
        return (
            not view.swept
            and all(node.grad is None for node in view.nodes)
            and all(wire.contribution is None for wire in view.wires)
            and not any("grad" in caption for caption in view.captions)
        )

    assert silent(snapshot(root))
    root.backward()
    assert not silent(snapshot(root))
    assert silent(snapshot(root, Options(grads="never")))
    root.zero_grad()
    assert silent(snapshot(root))
    assert not silent(snapshot(root, Options(grads="always")))


def test_the_lectures_circuit() -> None:
    J = gormley()
    J.backward()
    view = snapshot(J)
    assert [(n.kind, n.label, n.expression, n.glyph) for n in view.nodes] == [
        ("leaf", "x", "", ""), ("op", "t", "x²", "(·)²"), ("op", "u₁", "sin(t)", "sin"),
        ("op", "u₂", "3t", "×3"), ("op", "u", "u₁ + u₂", "+"), ("out", "J", "cos(u)", "cos"),
    ]  # fmt: skip
    assert [view.nodes[i].label for i in view.rows] == ["J", "u", "u₁", "u₂", "t"]
    assert [w.local_formula for w in view.wires] == ["2x", "cos(t)", "3", "1", "1", "−sin(u)"]
    assert [w.latex_local for w in view.wires][1] == r"\cos(t)"
    assert view.nodes[0].grad == pytest.approx(-math.sin(math.sin(1) + 3) * (math.cos(1) + 3) * 2)
    assert view.captions == () == view.stubs


def test_one_wire_per_operand() -> None:
    x = Value(3.0, "x")
    for root, slots in ((x * x, [0, 1]), (x + x, [0, 1]), (dot([x, x], [x, 2.0]), [0, 1, 2])):
        view = snapshot(root, Options(grads="always"))
        assert [wire.slot for wire in view.wires] == slots
        assert [wire.source for wire in view.wires] == [0] * len(slots)


def test_names_by_identity_beat_the_nodes_own() -> None:
    x, y = Value(1.0, "x"), Value(2.0, "y")
    root = x * y
    hidden = {"_x": x, "first": x, "second": x, "number": 3.0, "root": root, "y": y}
    view = snapshot(root, Options(names=hidden))
    assert [node.label for node in view.nodes] == ["first", "y", "root"]
    assert [node.label for node in snapshot(root).nodes] == ["x", "y", "v₁"]
    assert snapshot(root, Options(names={"a": x, "x": x})).nodes[0].label == "x"


def test_numbered_names_leave_out_those_that_are_taken_and_namesakes_are_told_apart() -> None:
    v1, other = Value(1.0, "v1"), Value(2.0, "v1")
    view = snapshot(tanh(v1 * other), Options(detail="all"))
    assert [node.label for node in view.nodes] == ["v₁", "v₁#2", "v₂", "v₃"]
    assert view.nodes[1].latex_label == r"{v_{1}}_{\#2}"
    assert view.nodes[2].expression == "v₁·v₁#2"
    with scope("here"):
        there = Value(3.0, "v1")
    assert [n.label for n in snapshot(v1 * there).nodes] == ["v₁", "v₁", "v₂"]


def test_constants_inline_and_as_nodes() -> None:
    x, g = Value(2.0, "x"), Constant(9.81, "g")
    root = 3 * (x * g) + 1
    view = snapshot(root, Options(grads="always", detail="all"))
    assert [n.label for n in view.nodes] == ["x", "g", "v₁", "v₂", "v₃"]
    assert [n.expression for n in view.nodes] == ["", "", "x·g", "3v₁", "v₂ + 1"]
    nodes = snapshot(root, Options(grads="always", constants="nodes", detail="all"))
    assert [n.label for n in nodes.nodes if n.kind == "const"] == ["3", "g", "1"]
    for each in (view, nodes):
        assert all(n.grad is None for n in each.nodes if n.kind == "const")
        assert all(
            (w.local is None) == (each.nodes[w.source].kind == "const") == (w.contribution is None)
            for w in each.wires
        )
    assert snapshot(Constant(1.0) + 2.0, Options(grads="always")).nodes[0].grad is None


def test_a_gradient_that_holds_more_is_told() -> None:
    x = Value(2.0, "x")
    root = x**2
    root.name = "f"
    root.backward()
    assert snapshot(root).captions == ()
    (x * 4.0).backward()
    view = snapshot(root)
    assert view.captions == ("⚠ x.grad = 8 holds more than this sweep (zero_grad?)",)
    assert view.nodes[0].grad == 4.0
    root.backward()
    assert snapshot(root).captions == (
        "⚠ x.grad = 12 holds more than this sweep (zero_grad?), as does 1 more",
    )
    x.zero_grad()
    assert any("zeroed" in caption for caption in snapshot(root).captions)
    assert snapshot(root, Options(grads="never")).captions == ()


def test_a_part_of_a_swept_circuit_says_whose_gradients_it_has() -> None:
    J = gormley()
    J.backward()
    (u,) = J.parents
    (caption,) = snapshot(u).captions
    assert caption.startswith("⚠ u.grad = 0.6441 comes from another sweep")


@pytest.mark.parametrize("swept", [False, True])
def test_changed_data_is_told(swept: bool) -> None:
    w = parameter(2.0, "w")
    root = exp(w * 3.0)
    if swept:
        root.backward()
    assert snapshot(root).captions == ()
    w.data -= 0.1
    assert snapshot(root).captions == ("⚠ values changed since the forward pass",)


def test_nan_and_inf_are_no_change() -> None:
    with errstate("ignore"):
        root = log(Value(-1.0, "x")) + log(Value(0.0, "y"))
    root.backward()
    assert snapshot(root, Options(detail="all")).captions == ()


SCRIPT = """
from autograd_lite import Value, parameter, sin, tanh
from autograd_lite.support.context import scope
from autograd_lite.support.ieee import errstate
from autograd_lite.show.picture.collapse import collapse
from autograd_lite.show.draw import draw
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import snapshot
x = Value(0.5, "x")
with scope("layer1"):
    parts = [tanh(parameter(0.1 * i, f"w{i}") * x + sin(x)) for i in range(30)]
root = sum(parts, x * x)
root.backward(); root.backward()
for detail in ("all", "sums", "named"):
    named = {f"part{i}": p for i, p in enumerate(parts)}
    view = snapshot(root, Options(detail=detail, names=named))
    print(view, snapshot(root, Options(detail=detail, min_grad=0.9, max_depth=5)), collapse(view))
"""


def test_the_same_circuit_gives_the_same_view_in_any_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True, timeout=60,
        ).stdout
        for seed in ("0", "1", "4242")
    }  # fmt: skip
    assert len(said) == 1
    assert "layer1" in said.pop()


HOSTILE = [*names.HOSTILE, ""]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_on_one_line(name: str) -> None:
    x = Value(1.0, name)
    view = snapshot(sin(x) * x, Options(detail="all"))
    label = view.nodes[0].label
    assert label
    assert label.isprintable()
    assert len(label) <= 48
    assert label[:20] in view.nodes[1].expression_full


def test_ascii_has_no_other_sign() -> None:
    x, y = Value(1.0, "x1"), Value(2.0, "y")
    root = sigmoid(abs(x) ** 2 - y * 3) / (1 + tanh(x) ** 3) - 0.5
    root.backward()
    root.backward()
    view = snapshot(root, Options(ascii=True, max_depth=2))
    texts = [t for n in view.nodes for t in (n.label, n.expression, n.expression_full, n.glyph)]
    texts += [w.local_formula for w in view.wires] + [s.text for s in view.stubs]
    assert all(text.isascii() for text in [*texts, *view.captions])


@pytest.mark.parametrize(
    "options",
    [
        {"detail": "some"}, {"constants": "none"}, {"grads": True}, {"digits": 0}, {"digits": 18},
        {"digits": None}, {"max_depth": -1}, {"max_nodes": 0}, {"max_nodes": 2.5},
    ],
)  # fmt: skip
def test_an_option_without_that_value_says_so(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        snapshot(Value(1.0), Options(**options))


def test_what_is_drawn_is_a_value() -> None:
    with pytest.raises(TypeError, match="float"):
        snapshot(1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="focus"):
        snapshot(Value(1.0), Options(focus="x"))  # type: ignore[arg-type]
    lone = snapshot(Value(1.0, "x"), Options(grads="always"))
    assert (lone.nodes[0].kind, lone.wires, lone.rows, lone.root) == ("leaf", (), (), 0)


def test_a_gradient_that_is_out_of_date_is_told_as_it_is() -> None:
    x = Value(1.0, "x")
    y = named(x * 3, "y")
    y.backward()
    assert not snapshot(y).captions
    x.grad = 0.0
    assert "zeroed" in snapshot(y).captions[0]
    y.backward()
    y.backward()
    assert "more" in snapshot(y).captions[0]
    y.zero_grad()
    y.backward()
    x.grad = 0.5
    (said,) = snapshot(y).captions
    assert "more" not in said
    assert "another sweep" in said


def small_network() -> Value:
    model = nn.MLP(2, [2, 2], activation="tanh", rng=random.Random(1))
    out = model([Value(1.0, "x1"), Value(-0.5, "x2")])
    loss: Value = (out[0] - 1.0) ** 2 + out[1] ** 2
    loss.name = "L"
    loss.backward()
    return loss


def test_the_parts_of_a_network_are_named_by_layer_and_unit_where_no_scope_is_shown() -> None:
    L = small_network()
    with_scopes = {node.label for node in snapshot(L).nodes}
    without = {node.label for node in snapshot(L, scoped=False).nodes}
    latex = {node.latex_label for node in snapshot(L, scoped=False).nodes}
    assert {"w₁", "w₂", "b"} <= with_scopes
    assert {"w₂₁⁽¹⁾", "b₂⁽¹⁾", "z₁⁽¹⁾", "w₁₂⁽²⁾"} <= without
    wide = nn.MLP(2, [3, 1], rng=random.Random(1))([Value(1.0, "x1"), Value(-0.5, "x2")])
    assert "w₁₃⁽²⁾" in {node.label for node in snapshot(wide, scoped=False).nodes}  # like w₁₂⁽²⁾ beside it
    assert {"w_{21}^{(1)}", "b_{2}^{(1)}", "z_{1}^{(1)}"} <= latex
    assert not any("#" in name for name in without)
    in_ascii = {node.label for node in snapshot(L, Options(ascii=True), scoped=False).nodes}
    assert {"w21^(1)", "b2^(1)"} <= in_ascii
    assert "w₂₁⁽¹⁾" in draw(L, "circuit").dot
    assert "w₂₁⁽¹⁾" not in draw(L, "card").dot
    assert "w₂₁⁽¹⁾" in draw(L, "card", scopes=False).dot


def test_names_of_many_units_stay_apart() -> None:
    model = nn.MLP(12, [12, 1], activation="tanh", rng=random.Random(1))
    y = model([Value(0.1 * i, f"x{i}") for i in range(12)])
    names = [node.label for node in snapshot(y, Options(max_nodes=None), scoped=False).nodes if node.named]
    assert len(names) == len(set(names))
    assert {"w₁,₁₂⁽¹⁾", "w₁₁,₂⁽¹⁾", "w₁₁⁽¹⁾"} <= set(names)


def test_a_network_is_drawn_by_its_units() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh", rng=random.Random(1))
    loss = (model([1.0, -0.5]) - 1.0) ** 2
    assert draw(loss).style == "network"
    assert draw(loss, direction="TB").style == "scope"
    assert draw(loss, highlight=[model.parameters()[0], loss]).style == "card"


def test_a_caption_about_a_part_of_a_network_can_stand_in_latex() -> None:
    loss = small_network()
    (weight,) = [v for v in circuit(loss) if v.name == "w_1" and v.scope.endswith("layer1/neuron2")]
    latex = table(loss, "latex", focus=weight)
    assert "w$_{21}$$^{(1)}$" in latex
    assert not set("⁽⁾₁₂") & set(latex)
