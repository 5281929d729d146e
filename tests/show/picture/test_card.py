"""Cards: a table per node, the chain rule on every wire."""

import dataclasses
import re

import pytest

from autograd_lite import (
    Constant,
    Value,
    errstate,
    log,
    parameter,
    relu,
    scope,
    sin,
)
from autograd_lite.show.draw import draw
from autograd_lite.show.picture.card import cards
from autograd_lite.show.picture.palette import LIGHT

from ...support.handmade import node
from ...support.kinds import batch, recurrent
from ..view.cases import named, runs_of
from .reading import (
    LOOK,
    gormley,
    product,
    said,
    statement,
    xyz,
)


def test_a_card_has_name_formula_value_and_gradient() -> None:
    q = statement(draw(xyz(), "card").dot, "n2 [")
    assert said(q) == ["q", "= x + y", "value", "3", "grad", "−4"]
    assert said(q, "value") == ["3"]
    assert said(q, "grad") == ["−4"]


def test_a_wire_has_the_local_derivative_and_the_product() -> None:
    dot = draw(gormley(), "card").dot
    (t_to_u1,) = [line for line in dot.split("\n") if 'id="e1"' in line]
    assert " ".join(said(t_to_u1)) == "∂u₁/∂t = 0.5403 0.5403 × 0.6441 ≈ 0.348"
    assert said(t_to_u1, "local") == ["0.5403", "0.5403"]
    assert said(t_to_u1, "grad") == ["0.6441", "0.348"]


def test_the_product_of_a_negative_is_in_parentheses_and_exact_ones_say_so() -> None:
    (wire,) = [line for line in draw(xyz(), "card").dot.split("\n") if 'id="e0"' in line]
    assert " ".join(said(wire)) == "∂q/∂x = 1 1 × (−4) = −4"


def test_the_sum_row_is_honest_about_rounding_and_length() -> None:
    x = Value(1.0, "x")
    two = x / 3.0 + x / 3.0
    two.backward()
    assert said(statement(draw(two, "card", detail="all").dot, "n0 ["))[-1] == "≈ 0.3333 + 0.3333"
    x.grad = 0.0
    many = x * -1.0 + x * -2.0 + x * 3.0 + x * 4.0 + x * 5.0
    many.backward()
    row = said(statement(draw(many, "card").dot, "n0 ["))[-1]
    assert row == "= −1 + (−2) + 3 + … (5 paths)"


def test_a_branch_not_taken_is_dashed_and_adds_nothing() -> None:
    x = Value(-1.0, "x")
    r = relu(x)
    r.name = "r"
    r.backward()
    (wire,) = [line for line in draw(r, "card").dot.split("\n") if 'id="e0"' in line]
    assert "style=dashed" in wire
    assert " ".join(said(wire)) == "∂r/∂x = 0"
    assert "not taken" in wire


def test_kinds_differ_in_outline_not_only_in_colour() -> None:
    w, x, c = parameter(2.0, "w"), Value(3.0, "x"), Constant(1.0, "c")
    y = w * x + c
    cards = [line for line in draw(y, "card").dot.split("\n") if "shape=plain" in line]
    by_kind = {str(re.findall(r'class="(\w+)"', line)[0]): line for line in cards}
    assert by_kind.keys() == {"param", "leaf", "const", "op", "out"}
    for kind, mark in (("param", "ROUNDED"), ("leaf", "ROUNDED"), ("const", "DASHED")):
        assert f'STYLE="{mark}"' in by_kind[kind]
        assert LIGHT[kind] in by_kind[kind]
    assert "STYLE" not in by_kind["op"] + by_kind["out"]
    assert 'BORDER="2"' in by_kind["out"]
    assert LIGHT["out"] in by_kind["out"]


def test_scopes_are_nested_outlines() -> None:
    with scope("layer1"):
        x = Value(1.0, "x")
        with scope("neuron1"):
            y = x * 2.0
    z = y + 1.0
    dot = draw(z, "card").dot
    outlines = [line.strip() for line in dot.split("\n") if "subgraph" in line or line.strip() == "}"]
    assert len(outlines) == 2 + 2 + 1
    assert said(outlines[0]) == ["layer1"]
    assert outlines[0].endswith("n0;")
    assert said(outlines[1]) == ["neuron1"]
    assert outlines[1].endswith("n1;")
    assert dot.count("{") == dot.count("}")
    assert "subgraph" not in draw(z, "card", scopes=False).dot


def test_scopes_with_names_of_a_common_beginning_are_not_nested() -> None:
    with scope("a"):
        x = Value(1.0, "x")
    with scope("ab"):
        y = x * 2.0
    with scope("a/b"):
        z = y * 2.0
    dot = draw(z + 1.0, "card").dot
    depth, depths = 0, {}
    for line in dot.split("\n"):
        if "subgraph" in line:
            depth += 1
            depths[re.findall(r'tooltip="([^"]*)"', line)[0]] = depth
        depth -= line.strip() == "}"
    assert depths == {"a": 1, "a/b": 2, "ab": 1}


def test_a_long_name_is_cut_on_the_card_and_whole_in_the_tooltip() -> None:
    name = "long" * 100
    leaf = dataclasses.replace(product().nodes[0], label=name)
    dot = cards(product(nodes=(leaf, *product().nodes[1:])), LOOK)
    assert said(statement(dot, "n0 ["))[0] == name[:43] + "…"
    assert f'tooltip="{name} = 2; ' in dot


def test_the_places_of_an_operand_in_a_folded_formula_are_told_apart() -> None:
    x = Value(1.5, "x")
    y = named(sin(x) * x + x**2, "y")
    y.backward()
    said = [text for text in runs_of(draw(y, detail="named").dot) if text.startswith("∂y/∂x")]
    assert said == ["∂y/∂x (1st x) =", "∂y/∂x (2nd x) =", "∂y/∂x (3rd x) ="]
    z = named(x * x, "z")
    assert {t for t in runs_of(draw(z).dot) if t.startswith("∂z")} == {"∂z/∂x ="}


@pytest.mark.parametrize("style", ["card", "circuit"])
def test_equal_parts_stand_in_a_plate_and_a_result_goes_round(style: str) -> None:
    samples, steps = batch(4), recurrent(7)
    samples.backward()
    steps.backward()
    plain = draw(samples, style, plates=True)
    assert plain.dot.count('class="plate"') == 1
    assert "× 4" in said(plain.dot)
    assert [node.label for node in plain.view.nodes if node.label.startswith("x")] == ["x₁"]
    rolled = draw(steps, style, plates=True)
    assert rolled.dot.count('class="round"') == 1
    assert "× 7" in said(rolled.dot)
    assert not re.search("class=.(plate|round)", draw(steps, style).dot)


def test_what_is_no_number_is_alarming_without_being_asked_for() -> None:
    x = Value(0.0, "x")
    with errstate("ignore"):
        y = 1.0 / x - log(x) * 0.0
        y.backward()
    for style in ("card", "circuit"):
        dot = draw(y, style).dot
        found = said(dot, "alert")
        assert {"nan", "∞", "−∞"} <= {text.removeprefix("+= ") for text in found}
        assert all("nan" in text or "∞" in text for text in found)
        assert not [text for text in said(dot, "value") + said(dot, "grad") if "∞" in text or text == "nan"]


def test_a_constant_without_a_name_says_its_number_once() -> None:
    view = dataclasses.replace(
        product(), nodes=(node(0, "2", "const", named=False, value=2.0, grad=None), *product().nodes[1:])
    )
    assert said(statement(cards(view, LOOK), "n0 [")) == ["2"]
    named = dataclasses.replace(view, nodes=(node(0, "c", "const", value=2.0, grad=None), *view.nodes[1:]))
    assert said(statement(cards(named, LOOK), "n0 [")) == ["c", "value", "2"]
