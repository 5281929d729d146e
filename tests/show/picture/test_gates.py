"""Gates: values above wires, gradients below, a sign in every circle."""

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import TABLE, Constant, Value, cos, exp, maximum, parameter, relu, sin, tanh
from autograd_lite.show.draw import draw
from autograd_lite.show.picture.gates import gates
from autograd_lite.show.picture.palette import LIGHT

from ..view.cases import runs_of, shared
from .reading import (
    LOOK,
    gormley,
    product,
    said,
    statement,
)


def test_the_circuit_style_has_values_above_and_gradients_below() -> None:
    dot = draw(gormley(), "circuit").dot
    trunk = said(statement(dot, 'w1 [id="w1"'))
    assert [text for text in trunk if text] == ["t", "1", "2.28"]
    branches = [said(statement(dot, f"w1_{k} [")) for k in range(2)]
    assert [[text for text in branch if text] for branch in branches] == [
        ["+= 0.348", "0.5403", "×", "0.6441"],
        ["+= 1.932", "3", "×", "0.6441"],
    ]
    assert "j1 [" in dot
    assert said(statement(dot, "end [")) == ["J"]


@pytest.mark.parametrize("ascii", [False, True])
def test_a_gate_of_several_operations_says_its_formula(ascii: bool) -> None:
    w, x, b = Value(-0.5, "w"), Value(2.0, "x"), Value(0.3, "b")
    z = w * x + b
    z.name = "z"
    dot = draw(sin(z) * z, style="circuit", detail="named", ascii=ascii).dot
    assert ("w*x + b" if ascii else "w·x + b") in said(dot)
    assert not {"f", "ƒ"} & set(said(dot))


def test_a_wire_of_the_circuit_style_is_one_line_through_its_numbers() -> None:
    dot = gates(product(), LOOK)
    assert 'PORT="r" HEIGHT="2" CELLPADDING="0" BGCOLOR="#4d4d4e"' in statement(dot, "w0 [")
    assert re.search(r"n0:r:e -> w0:r:w \[arrowhead=none", dot)
    assert re.search(r'w0:r:e -> n2 \[id="e0"', dot)


@pytest.mark.parametrize(
    ("make", "glyph"),
    [
        (lambda x: x - Constant(-0.5), "−(−0.5)"),
        (lambda x: x / -1.0, "÷(−1)"),
        (lambda x: -3.0 * x, "×(−3)"),
        (lambda x: x + Constant(-2.0), "+(−2)"),
        (lambda x: -1.0 / x, "−1÷(·)"),
        (lambda x: x**-0.5, "^(−0.5)"),
        (lambda x: x**-2, "(·)⁻²"),
        (lambda x: 3.0 * x, "×3"),
    ],
)
def test_a_negative_number_in_a_circle_is_in_parentheses(
    make: Callable[[Value], Value], glyph: str
) -> None:
    view = draw(make(Value(2.0, "x")), "circuit").view
    assert view.nodes[-1].glyph == glyph


@pytest.mark.parametrize("factor", [3.0, -0.5, 1.2345678901234567, -123456.789, 1e-9, 2 / 3])
@pytest.mark.parametrize("digits", [1, 4, 9, 17])
def test_what_stands_in_a_circle_fits_it(factor: float, digits: int) -> None:
    dot = draw(factor * Value(2.0, "x"), "circuit", digits=digits).dot
    line = statement(dot, "n1 [")
    text = html.unescape(said(line)[0])
    width = float(re.findall(r"width=([0-9.]+) ", line)[0]) * 72
    size = float(re.findall(r'POINT-SIZE="([0-9.]+)"', line)[0])
    digit = 0.556  # the advance of a digit in Helvetica, in ems
    assert size >= 9
    assert size * digit * sum(0.5 if c in "(). " else 1.0 for c in text) < width


@pytest.mark.parametrize("options", [{"max_depth": 1}, {"max_nodes": 3}])
def test_a_gradient_of_more_than_the_wire_that_is_left_is_a_trunk(options: dict[str, Any]) -> None:
    dot = draw(shared(), style="circuit", **options).dot
    assert "+= 1" in runs_of(dot)
    assert dot.count('class="fork"') == 1
    assert re.search(r"j\d+ -> s\d+ ", dot)
    card = draw(shared(), **options)
    assert "= 1 + …" in runs_of(card.dot)
    whole = draw(shared(), style="circuit").dot
    assert 'class="stub"' not in whole
    assert "= 1 + …" not in runs_of(draw(shared()).dot)


def test_a_wire_that_no_gradient_flows_along_is_dashed_and_pale() -> None:
    x, y = Value(2.0, "x"), Value(-3.0, "y")
    root = maximum(x, y) * relu(y) + 3.0 * y
    root.backward()
    dot = draw(root, "circuit").dot
    view = draw(root, "circuit").view
    for wire in view.wires:
        (edge,) = [line for line in dot.splitlines() if f'[id="{wire.id}"' in line]
        assert ("style=dashed" in edge) == (wire.local is None)
        assert (LIGHT["rule"] in edge) == (wire.local is None)


def test_a_chain_of_single_wires_is_level(engine: str) -> None:
    x, y = Value(0.5, "x"), Value(2.0, "y")
    root = exp(sin(tanh(x * y))) + y
    root.backward()
    svg = ET.fromstring(draw(root, "circuit", engine=engine).svg)
    circles = {
        "".join(group.itertext()).strip().split("\n")[-1].strip(): float(circle.get("cy", "nan"))
        for group in svg.iter("{http://www.w3.org/2000/svg}g")
        for circle in group.findall("{http://www.w3.org/2000/svg}ellipse")
    }
    levels = [circles[name] for name in ("tanh", "sin", "exp")]
    assert max(levels) - min(levels) < 1.0


def test_a_wire_passes_over_those_that_it_crosses(engine: str) -> None:
    x, y = Value(0.5, "x"), Value(2.0, "y")
    root = sin(x) * cos(y) + cos(x) * sin(y)
    root.backward()
    svg = ET.fromstring(draw(root, "circuit", engine=engine).svg)
    for group in svg.iter("{http://www.w3.org/2000/svg}g"):
        if "edge" in group.get("class", "").split():
            under, over = group.findall("{http://www.w3.org/2000/svg}path")
            assert under.get("d") == over.get("d")
            assert under.get("stroke") == LIGHT["paper"]
            assert float(under.get("stroke-width", 0)) > float(over.get("stroke-width", 0))


def test_a_gate_of_products_says_whether_it_adds_a_bias() -> None:
    xs, ws = [Value(1.0, "x1"), Value(2.0, "x2")], [Value(3.0, "w1"), Value(4.0, "w2")]
    assert "w·x + b" in said(draw(TABLE["dot"](ws, xs, Value(5.0, "b")), "circuit").dot)
    assert "w·x" in said(draw(TABLE["dot"](ws, xs), "circuit").dot)


def test_parameters_are_framed_and_data_are_not() -> None:
    dot = draw(parameter(2.0, "w") * Value(3.0, "x"), "circuit").dot
    (w,) = [line for line in dot.split("\n") if 'class="param"' in line]
    (x,) = [line for line in dot.split("\n") if 'class="leaf"' in line]
    assert LIGHT["param"] in w
    assert 'BORDER="1"' in w
    assert 'BORDER="0"' in x
    assert LIGHT["param"] not in x
