"""A path that a picture emphasizes."""

import re
from itertools import pairwise

import pytest

from autograd_lite import (
    Constant,
    Value,
    cos,
    errstate,
    find_nonfinite,
    log,
    sin,
)
from autograd_lite.core.order import circuit as circuit_of
from autograd_lite.show.draw import draw
from autograd_lite.show.picture.palette import LIGHT

from ..picture.reading import STYLES, network, said, statement, xyz


def quotient() -> tuple[Value, list[Value]]:
    """y = 2·log(x) + b·log(x) at x = 0, where the logarithm is the first that is not finite."""
    x, b = Value(0.0, "x"), Value(3.0, "b")
    with errstate("ignore"):
        inner = log(x)
        twice = 2.0 * inner
        y = twice + b * inner
    return y, [inner, twice, y]


@STYLES
def test_the_path_of_an_infinity_is_highlighted(style: str) -> None:
    y, path = quotient()
    found = find_nonfinite(y)
    assert found is not None
    assert found.node is path[0]
    drawing = draw(y, style, highlight=found)
    labels = [each.label for each in drawing.view.nodes]
    marked = {
        labels[int(i)]
        for i in re.findall(r"^ *n(\d+) \[", drawing.dot, re.MULTILINE)
        if re.search('(BORDER="4"|penwidth=3.6)', line := statement(drawing.dot, f"n{i} ["))
        and LIGHT["alert"] in line
    }
    assert len(marked) == len(found.path) == 3
    assert marked.isdisjoint({"x", "b"})
    assert any("log(x = 0.0) gave -inf" in caption for caption in drawing.view.captions)


def test_only_the_wires_of_the_path_are_highlighted() -> None:
    x = Value(2.0, "x")
    left, right = x * 3.0, x * 4.0
    y = left * right
    dot = draw(y, "card", highlight=[x, right, y]).dot
    drawn = {
        ends: LIGHT["alert"] in line
        for line in dot.split("\n")
        for ends in re.findall(r"^ *(n\d -> n\d)", line)
    }
    assert drawn == {"n0 -> n1": False, "n0 -> n2": True, "n1 -> n3": False, "n2 -> n3": True}


def test_a_path_through_folded_nodes_marks_what_they_are_folded_into() -> None:
    x, y, z = Value(1.0, "x"), Value(2.0, "y"), Value(3.0, "z")
    inner = x + y
    total = inner + z
    drawing = draw(total, "card", highlight=[x, inner, total])
    assert len(drawing.view.nodes) == 4
    assert LIGHT["alert"] in statement(drawing.dot, "n3 [")
    assert LIGHT["alert"] in statement(drawing.dot, "n0 -> n3")
    assert LIGHT["alert"] not in statement(drawing.dot, "n1 -> n3")


def test_a_path_in_a_large_circuit_is_drawn_alone() -> None:
    x = Value(1.0, "x")
    far = sin(x)
    y = far
    for _ in range(60):
        y = sin(y)
    side = Value(0.0, "s")
    for _ in range(200):
        side = sin(side) * cos(side)
    root = y + side
    assert x.name not in {each.label for each in draw(root).view.nodes}
    drawing = draw(root, highlight=[x, far])
    assert drawing.style == "card"
    assert len(drawing.view.nodes) == 63
    assert drawing.view.captions[0].startswith("only the path from x")
    assert LIGHT["alert"] in statement(drawing.dot, "n0 -> n1")


def test_a_constant_in_a_formula_can_begin_a_path() -> None:
    with errstate("ignore"):
        bad = log(Constant(0.0))
        y = Value(2.0, "x") * bad
    drawing = draw(y, "card", highlight=find_nonfinite(y))
    assert len(drawing.view.nodes) == 2
    assert LIGHT["alert"] in statement(drawing.dot, "n1 [")


def test_a_box_of_a_highlighted_node_stands_out() -> None:
    L = network()
    h = next(node for node in circuit_of(L) if node.name == "h1")
    dot = draw(L, "scope", highlight=[h], depth=2).dot
    marked = [said(line)[0] for line in dot.split("\n") if LIGHT["alert"] in line]
    assert marked == ["layer1 / neuron1"]


def test_the_lines_between_the_boxes_of_a_path_stand_out() -> None:
    L = network()
    h = next(node for node in circuit_of(L) if node.name == "h1")
    path = [h, *(v for v in circuit_of(L) if v is not h and h in circuit_of(v))]
    dot = draw(L, "scope", highlight=path, depth=2).dot
    ids = {said(line)[0]: line.split()[0] for line in dot.split("\n") if 'class="group"' in line}
    marked = re.findall(rf"^ *(g\d -> g\d)(?::\w+)* .*{LIGHT['alert']}", dot, re.MULTILINE)
    boxes = ["layer1 / neuron1", "layer2 / neuron1", "loss"]
    assert marked == [f"{ids[a]} -> {ids[b]}" for a, b in pairwise(boxes)]


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(TypeError, match="find_nonfinite"):
        draw(xyz(), highlight=3)
    with pytest.raises(TypeError, match="find_nonfinite"):
        draw(xyz(), highlight=[3.0])
    with pytest.raises(ValueError, match="nobody"):
        draw(xyz(), highlight=["x", "nobody"])
    with pytest.raises(ValueError, match="stranger"):
        draw(xyz(), highlight=[Value(1.0, "stranger")])
    assert draw(xyz(), highlight=find_nonfinite(xyz())).dot == draw(xyz()).dot


def test_the_whole_trunk_of_a_fork_on_the_path_stands_out() -> None:
    y, _ = quotient()
    dot = draw(y, "circuit", highlight=find_nonfinite(y)).dot
    assert f'BGCOLOR="{LIGHT["alert"]}"' in statement(dot, "w1 [")
    assert f'BGCOLOR="{LIGHT["alert"]}"' not in statement(dot, "w0 [")


@STYLES
def test_the_path_itself_can_be_given(style: str) -> None:
    y, _ = quotient()
    found = find_nonfinite(y)
    assert found is not None
    by_path, by_report = draw(y, style, highlight=found.path), draw(y, style, highlight=found)
    assert by_path.dot.count(LIGHT["alert"]) == by_report.dot.count(LIGHT["alert"]) > 3
    assert by_path.view.captions == ()
