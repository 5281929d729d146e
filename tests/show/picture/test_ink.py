"""Magnitude as ink: widths of wires and colors of boxes on one logarithmic scale."""

import math
import re
from itertools import pairwise

import pytest

from autograd_lite import Value, circuit, sin
from autograd_lite.show import draw
from autograd_lite.show.picture.ink import Ink, blended, ink_for
from autograd_lite.show.picture.palette import THEMES, contrast
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import snapshot

from .reading import gormley, network, said, statement

FILLS = ("leaf", "param", "op", "out", "scope", "const")


def vanishing() -> Value:
    """x times ten numbers below 1 in a chain: gradients that fall by the same factor at every step."""
    y = Value(1.0, "x")
    for k in range(8):
        y = 0.1 * sin(y * 0.1)
        y.name = f"y{k}"
    y.backward()
    return y


def widths(dot: str) -> dict[str, float]:
    """The width of every edge that draws a wire, by its id."""
    lines = [line for line in dot.split("\n") if 'class="edge' in line]
    found = {}
    for line in lines:
        name = re.search(r'id="(\w+)"', line)
        width = re.search(r"penwidth=([\d.]+)", line)
        if name and width:
            found[name[1]] = float(width[1])
    return found


@pytest.mark.parametrize("style", ["card", "circuit", "network"])
def test_the_wider_of_two_wires_contributes_more(style: str) -> None:
    drawing = draw(network(), style, magnitude=True)
    drawn = widths(drawing.dot)
    sizes = {w.id: abs(w.contribution or 0.0) for w in drawing.view.wires if w.id in drawn}
    assert len(sizes) >= 7
    order = sorted(sizes, key=lambda e: sizes[e])
    assert all(drawn[a] <= drawn[b] for a, b in pairwise(order))
    assert drawn[order[0]] < drawn[order[-1]]
    plain = draw(network(), style).dot
    assert len(set(widths(plain).values())) <= 1


def test_equal_factors_are_equal_steps() -> None:
    ink = ink_for(snapshot(vanishing()))
    steps = [ink.width(10.0**k) for k in range(ink.least, ink.most + 1)]
    first = steps[1] - steps[0]
    assert all(b - a == pytest.approx(first) for a, b in pairwise(steps))
    assert ink.width(0.0) == ink.width(None) == steps[0]
    assert ink.width(math.nan) == ink.width(-math.inf) == steps[-1]
    assert ink.marks[0] >= 10.0**ink.least
    assert ink.marks[-1] == 10.0**ink.most
    assert len(ink.marks) <= 5


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_on_the_deepest_color(theme: str) -> None:
    colors, ink = THEMES[theme], Ink(-3, 0)
    for role in FILLS:
        pale, middle, deep = (ink.color(colors, role, x) for x in (0.0, 0.03, 1.0))
        assert pale == colors[role]
        assert len({pale, middle, deep}) == 3, role
        for text in ("ink", "grad", "local"):
            assert contrast(colors[text], deep) >= 4.5, (role, text)
        assert contrast(colors["value"], deep) >= 3, role


def test_colors_are_mixed_by_their_parts() -> None:
    assert blended("#102030", "#ffffff", 0.0) == "#102030"
    assert blended("#102030", "#fefefe", 1.0) == "#fefefe"
    assert blended("#000000", "#ff8000", 0.5) == "#804000"


@pytest.mark.parametrize("style", ["card", "circuit", "network", "scope"])
def test_the_scale_is_in_a_legend(style: str) -> None:
    L = network()
    dot = draw(L, style, magnitude=True, title="ink").dot
    graph = statement(dot, "graph [")
    ink = ink_for(snapshot(L, Options(detail="named" if style == "network" else "sums")))
    written = said(graph)
    assert "1" in written
    assert "ink" in written
    assert len([text for text in written if re.fullmatch(r"[\de.−]+", text)]) == len(ink.marks)
    assert not [text for text in said(statement(draw(L, style).dot, "graph [")) if "|" in text]


def test_a_highlighted_wire_keeps_its_width() -> None:
    J = gormley()
    nodes = circuit(J)
    path = [nodes[0], next(v for v in nodes if v.name == "t")]
    dot = draw(J, "card", highlight=path, magnitude=True).dot
    assert "penwidth=3.6" in statement(dot, "n0 -> n1")


def test_there_is_no_magnitude_before_a_sweep() -> None:
    with pytest.raises(ValueError, match="backward"):
        draw(gormley(swept=False), magnitude=True)
    assert "penwidth" in draw(gormley(swept=False), magnitude=True, grads="always").dot


def test_a_highlighted_path_of_gates_runs_up_to_the_result() -> None:
    J = gormley()
    nodes = {v.name: v for v in circuit(J)}
    path = [nodes[name] for name in ("x", "t", "u1", "u", "J")]
    dot = draw(J, "circuit", highlight=path).dot
    assert all("#e8480c" in line for line in dot.split("\n") if "end:r:w" in line)
    assert "#e8480c" in statement(dot, "end [")
    whole = draw(J, "circuit", highlight=path[:-1]).dot
    assert "#e8480c" not in statement(whole, "end [")
