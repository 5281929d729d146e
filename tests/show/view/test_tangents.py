"""Forward mode on the same circuit: the tangents are those of jvp, and every wire pushes its part."""

import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Constant, Value, circuit, cos, jvp, nn, sin
from autograd_lite.formulas.notation import fmt
from autograd_lite.show import draw, play, table, tree
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import snapshot

from ...support.circuits import gormley
from ...support.drawn import roots
from .cases import runs_of


@given(
    roots(), st.sampled_from(["all", "sums", "named"]), st.lists(st.floats(-3, 3), min_size=4, max_size=4)
)
def test_what_the_wires_push_sums_to_the_tangents(root: Value, detail: str, rates: list[float]) -> None:
    leaves = [v for v in circuit(root) if v.op is None and not v.is_constant]
    moving = dict(zip(leaves, rates, strict=False))
    view = snapshot(root, Options(grads="always", detail=detail, max_nodes=None, tangents=moving))
    for i, node in enumerate(view.nodes):
        if node.kind in ("op", "out"):
            pushed = [w.pushed(view) or 0.0 for w in view.incoming(i)]
            size = math.fsum(map(abs, pushed)) + 1e-9
            assert node.tangent is not None
            assert abs(node.tangent - math.fsum(pushed)) <= 1e-9 * size
    # Forward and reverse mode give the same number.
    top = view.nodes[view.root].tangent
    by_sweep = [(n.grad or 0.0) * (n.tangent or 0.0) for n in view.nodes if n.kind in ("leaf", "param")]
    assert top == pytest.approx(
        math.fsum(by_sweep), rel=1e-8, abs=1e-8 * (1 + math.fsum(map(abs, by_sweep)))
    )


def test_the_tangent_of_the_lecture_s_circuit() -> None:
    root = gormley()
    x = circuit(root)[0]
    _, expected = jvp(lambda v: cos(sin(v**2) + 3 * v**2), (1.0,), (2.0,))
    assert snapshot(root, Options(tangents={x: 2.0})).nodes[-1].tangent == pytest.approx(
        expected, rel=1e-14
    )


def test_tables_trees_and_pictures_show_both_directions() -> None:
    root = gormley()
    root.backward()
    x = circuit(root)[0]
    text = table(root, tangents=x)
    assert "u̇ += ∂u/∂u₂ · u̇₂ = 6" in text
    assert "tangents   ẋ = 1,  J̇ = 4.561" in text
    assert r"\dot{t} \mathrel{+}= \frac{\partial t}{\partial x} \dot{x} = 2" in table(
        root, "latex", tangents=x
    )
    assert "u_dot += du/du2 * u2_dot = 6" in table(root, tangents=x, ascii=True)
    assert "tangent" in tree(root, tangents=x)
    below, long = Value(1.0, "α_i"), Value(2.0, "loss")
    assert "tangents   α̇ᵢ = 1,  loss˙ = 3" in table(
        below * long, tangents={below: 1.0, long: 3.0}, grads="never"
    )
    for style in ("card", "circuit"):
        dot = draw(root, style, tangents=x).dot
        assert "7.081" in dot
        assert "x moves at 1" in dot.replace("\xa0", " ")
    assert "tangent" not in tree(root) + draw(root).dot + table(root)


@pytest.mark.parametrize("tangents", [Value(1.0), Constant(2.0, "c"), "x", 3])
def test_what_is_not_of_the_circuit_does_not_move(tangents: Any) -> None:
    for form in (table, tree, draw, play):
        with pytest.raises((TypeError, ValueError), match="tangents"):
            form(gormley(), tangents=tangents)


def test_pages_refuse_them() -> None:
    root = gormley()
    with pytest.raises(ValueError, match="tangents"):
        play(root, tangents=circuit(root)[0])


@pytest.mark.parametrize("style", ["network", "scope"])
def test_units_and_boxes_show_how_fast_they_move(style: str) -> None:
    model = nn.MLP(2, [2, 1], activation="tanh", rng=random.Random(1))
    x, y = Value(1.0, "x1"), Value(-0.5, "x2")
    out = model([x, y])
    out.backward()
    options: dict[str, Any] = {"depth": 2} if style == "scope" else {}
    shown = runs_of(draw(out, style, tangents=x, **options).dot)
    assert fmt(x.grad) in [text.removeprefix("→ ") for text in shown]  # forward mode gives the same number
