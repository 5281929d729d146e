"""What is written on the cards and the wires, in every style."""

import dataclasses
import math
import re

import pytest

from autograd_lite import Constant, Value, sin
from autograd_lite.show.draw import draw
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.card import cards
from autograd_lite.show.picture.dot import Look
from autograd_lite.show.picture.gates import gates
from autograd_lite.show.picture.palette import LIGHT, THEMES, palette
from autograd_lite.show.picture.shapes import read_svg
from autograd_lite.show.view.view import Stub

from ...support.written import runs_of_svg
from ..view.cases import runs_of
from .reading import LOOK, STYLES, edges, gormley, product, said, statement, xyz

# Before a sweep


@STYLES
def test_nothing_is_said_about_gradients_before_a_sweep(style: str) -> None:
    dot = draw(gormley(swept=False), style).dot
    assert LIGHT["grad"] not in dot
    assert "grad" not in said(dot)
    assert "∂J/∂x" not in dot
    assert not re.search(r"\+=|\d × |> × <|≈", dot.replace("\u00a0", " "))
    assert said(dot, "local").count("0.5403") == 1
    assert {"0.8415", "−0.7649"} <= set(said(dot, "value"))


@STYLES
def test_after_zero_grad_it_is_as_before(style: str) -> None:
    J = gormley()
    J.zero_grad()
    assert draw(J, style).dot == draw(gormley(swept=False), style).dot


def test_gradients_are_shown_when_they_are_asked_for() -> None:
    assert draw(gormley(swept=False), grads="always").dot == draw(gormley()).dot
    assert draw(gormley(), grads="never").dot == draw(gormley(swept=False)).dot


@STYLES
def test_constants_never_show_a_gradient(style: str) -> None:
    x, g = Value(2.0, "x"), Constant(9.81, "g")
    y = x * g
    y.backward()
    dot = draw(y, style).dot
    card_of_g = statement(dot, "n1 [")
    assert 'class="const"' in card_of_g
    if style == "card":
        assert said(card_of_g) == ["g", "value", "9.81"]
        assert 'STYLE="DASHED"' in card_of_g
        (wire,) = [line for line in dot.split("\n") if 'id="e1"' in line]
        assert said(wire) == []
    else:
        assert [text for text in said(statement(dot, "w1 [")) if text] == ["9.81"]
    assert "∂y/∂g" not in dot


# Repeats and forks


@STYLES
@pytest.mark.parametrize("add", [False, True])
def test_a_repeated_operand_has_a_wire_per_slot(style: str, add: bool) -> None:
    x = Value(3.0, "x")
    y = x + x if add else x * x
    y.name = "y"
    y.backward()
    dot = draw(y, style).dot
    if style == "card":
        assert edges(dot) == [("n0", "n1")] * 2
        assert said(statement(dot, "n0 ["))[-1] == ("= 1 + 1" if add else "= 3 + 3")
    else:
        assert len(re.findall(r"-> n1 \[", dot)) == 2
        assert said(dot).count("+= 1" if add else "+= 3") == 2


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
@STYLES
def test_numbers_that_are_none_are_drawn(style: str, x: float) -> None:
    y = Value(x, "x") * Value(2.0, "w")
    y.backward()
    assert {math.inf: "∞", -math.inf: "−∞"}.get(x, "nan") in said(draw(y, style).dot)


@STYLES
@pytest.mark.parametrize("kind", ["leaf", "constant"])
def test_a_root_without_operands_is_drawn(style: str, kind: str) -> None:
    root = Value(2.0, "x") if kind == "leaf" else Constant(2.0, "x")
    dot = draw(root, style).dot
    assert said(dot, "value") == ["2"]
    assert "->" not in dot or style == "circuit"


# Options that every style takes


def test_directions() -> None:
    assert "rankdir=LR" in draw(xyz()).dot
    assert "rankdir=TB" in draw(xyz(), direction="TB").dot
    assert draw(xyz(), rankdir="TB").dot == draw(xyz(), direction="TB").dot
    with pytest.raises(ValueError, match="left to right"):
        gates(product(), Look(LIGHT, direction="TB"))


@STYLES
def test_local_derivatives_can_be_left_out(style: str) -> None:
    dot = draw(gormley(), style, local=False).dot
    assert said(dot, "local") == []
    assert "4.561" in said(dot, "grad")


@STYLES
@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_is_used_throughout(style: str, theme: str) -> None:
    dot = draw(gormley(), style, theme=theme).dot
    assert set(re.findall("#[0-9a-f]{6}", dot)) <= set(palette(theme).values())


@STYLES
def test_one_colour_can_be_overridden(style: str) -> None:
    dot = draw(xyz(), style, theme={"value": "#0000aa"}).dot
    assert "#0000aa" in dot
    assert LIGHT["value"] not in dot


@STYLES
def test_ascii_writes_ascii(style: str) -> None:
    dot = draw(gormley(), style, ascii=True).dot
    shown = " ".join(said(dot))
    assert "≈" not in shown
    assert "∂" not in shown
    assert "−" not in shown
    assert "0.5403 * 0.6441" in shown


def test_captions_stand_under_the_picture_and_a_title_with_them_above_it() -> None:
    view = product(title="the <product>", captions=("2 of 9 nodes: why", "another"))
    for dot in (cards(view, LOOK), gates(view, LOOK)):
        head = statement(dot, "graph [")
        assert "labelloc=t labeljust=l" in head
        assert said(head)[:-1] == ["the &lt;product&gt;", "2 of 9 nodes: why", "another"]
        assert said(head, "muted")[:-1] == ["2 of 9 nodes: why", "another"]
    assert "labelloc=b labeljust=l" in cards(dataclasses.replace(view, title=None), LOOK)
    assert "label=" not in statement(cards(product(), LOOK), "graph [")


def test_what_was_cut_is_a_dashed_stub() -> None:
    view = product(stubs=(Stub(0, "… 10 more", True), Stub(1, "… 2 more", False)))
    # Of the two ways of node 1 the fork is where they part.
    for dot, start in ((cards(view, LOOK), "n1"), (gates(view, LOOK), "j1")):
        assert said(statement(dot, "s0 [")) == ["… 10 more"]
        assert "s0 -> n0 [" in dot
        assert f"{start} -> s1 [" in dot
        assert "style=dashed" in statement(dot, "s0 -> n0")


def test_a_highlighted_path_is_emphasised() -> None:
    look = Look(LIGHT, nodes=frozenset({0, 2}), wires=frozenset({0}))
    picture = cards(product(), look)
    for i, marked in ((0, True), (1, False), (2, True)):
        assert (f'COLOR="{LIGHT["alert"]}"' in statement(picture, f"n{i} [")) is marked
    assert LIGHT["alert"] in statement(picture, "n0 -> n2")
    assert LIGHT["alert"] not in statement(picture, "n1 -> n2")
    picture = gates(product(), look)
    assert LIGHT["alert"] in statement(picture, "n2 [")
    assert LIGHT["alert"] in statement(picture, "w0:r:e -> n2")
    assert LIGHT["alert"] not in statement(picture, "w1:r:e -> n2")


# Size


def test_every_node_of_a_deep_circuit_can_be_written() -> None:
    x = Value(1.0, "x")
    for _ in range(2_000):
        x = x * 1.0
    assert len(edges(draw(x, "card", max_nodes=None).dot)) == 2_000


def test_a_title_keeps_to_the_picture() -> None:
    f = xyz()
    for title in ("x" * 10_000, "word " * 300, "one\ntwo"):
        dot = draw(f, title=title).dot
        head = next(line for line in dot.split("\n") if line.strip().startswith("graph ["))
        lines = runs_of(head)
        assert len(lines) <= 7
        assert max(map(len, lines)) <= 90
        assert "␊" not in head
    assert runs_of(head)[:-1] == ["one", "two"]
    with pytest.raises(TypeError, match="title"):
        draw(f, title=5)


@pytest.mark.parametrize("style", ["card", "circuit"])
def test_a_long_recurrence_with_a_shared_input_is_laid_out(style: str) -> None:
    """Graphviz's own limits on its search would let it take minutes."""
    x = Value(0.5, "x")
    y = x
    for _ in range(45):
        y = sin(y) + x
    drawing = draw(y, style)
    assert "nslimit" in drawing.dot
    assert "nslimit" not in draw(sin(x) + x, style).dot
    if engines.available():
        assert drawing.svg.startswith("<svg")


def test_operands_stand_in_their_order(engine: str) -> None:
    w = Value(0.5, "w")
    terms = [w * Value(0.1 * i, f"x{i}") for i in range(1, 6)]
    root = sum(terms[1:], terms[0])
    svg = read_svg(draw(root, "card", engine=engine).svg)
    heights = {runs_of_svg(e)[0].strip(): float(e.get("y", "nan")) for e in svg.iter("text")}
    inputs = [heights[name] for name in ("x₁", "x₂", "x₃", "x₄", "x₅")]
    assert inputs == sorted(inputs)
