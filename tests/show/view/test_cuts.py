"""What a drawing says where a part of the circuit is not drawn, where a slope is 0, and at odd input."""

import html
import math
import random
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import (
    Value,
    ceil,
    draw,
    floor,
    primitive,
    relu,
    sign,
    sin,
    sqrt,
    step,
    sum_of_squares,
)
from autograd_lite import round as rounded
from autograd_lite.nn import MLP
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.collapse import collapse
from autograd_lite.show.player.tell import tell
from autograd_lite.show.view.view import View, snapshot
from autograd_lite.support.context import scope


def named(value: Value, name: str) -> Value:
    value.name = name
    return value


def product() -> tuple[Value, Value]:
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    f = named(named(x + y, "q") * z, "f")
    f.backward()
    return x, f


def shared() -> Value:
    """x leads to y at once and by a longer way."""
    x = Value(3.0, "x")
    c = named(named(sin(named(x * x, "a")), "b") ** 2, "c")
    y = named(c + x, "y")
    y.backward()
    return y


def words(dot: str) -> list[str]:
    runs = re.findall(r'POINT-SIZE="[\d.]+">(?:<[BI]>)*([^<]+)', dot)
    return [html.unescape(run).replace("\u00a0", " ").strip() for run in runs]


def glyphs(view: View) -> list[str]:
    return [node.glyph for node in view.nodes if node.glyph]


def test_an_operand_that_is_cut_off_is_no_number_of_the_operation() -> None:
    x, f = product()
    assert glyphs(snapshot(f)) == ["+", "×"]
    assert glyphs(snapshot(f, focus=x)) == ["+", "×"]
    assert glyphs(snapshot(f, max_nodes=2)) == ["+", "×"]
    assert glyphs(snapshot(f, min_grad=3.5)) == ["+", "×"]
    r = (x**2 - 3) / 4
    for depth, expected in ((None, ["(·)²", "−3", "÷4"]), (1, ["−3", "÷4"]), (0, ["÷4"])):
        assert glyphs(snapshot(r, max_depth=depth)) == expected
    assert glyphs(snapshot(x**2, max_depth=0)) == ["(·)²"]


@pytest.mark.parametrize("options", [{"max_depth": 1}, {"max_nodes": 3}])
def test_a_gradient_of_more_than_the_wire_that_is_left_is_a_trunk(options: dict[str, Any]) -> None:
    dot = draw(shared(), style="circuit", **options).dot
    assert "+= 1" in words(dot)
    assert dot.count('class="fork"') == 1
    assert re.search(r"j\d+ -> s\d+ ", dot)
    card = draw(shared(), **options)
    assert "= 1 + …" in words(card.dot)
    whole = draw(shared(), style="circuit").dot
    assert 'class="stub"' not in whole
    assert "= 1 + …" not in words(draw(shared()).dot)


def net() -> Value:
    model = MLP(2, [3, 2, 1], rng=random.Random(0))
    L = named((model([Value(0.5, "a"), Value(-1.0, "b")]) - 1) ** 2, "L")
    L.backward()
    return L


def test_collapsed_by_scope_a_cut_has_its_stubs_too() -> None:
    view = snapshot(net(), max_depth=4)
    collapsed = collapse(view)
    ids = {box.id for box in collapsed.boxes} | {view.nodes[i].id for i in collapsed.cards}
    assert collapsed.stubs
    assert {place for place, _, _ in collapsed.stubs} <= ids
    assert {incoming for _, incoming, _ in collapsed.stubs} == {True}
    assert "… more" in words(draw(net(), style="scope", max_depth=4).dot)
    boxed = sum(box.nodes for box in collapsed.boxes) + len(collapsed.cards)
    assert collapsed.captions[0].startswith(f"{boxed} nodes")
    assert not collapse(snapshot(net())).stubs


def test_a_line_between_boxes_adds_where_another_was_cut() -> None:
    view = snapshot(net(), min_grad=0.4)
    collapsed = collapse(view, 2)
    lost = {stub.attached for stub in view.stubs if not stub.incoming}
    assert lost
    found = [
        bundle.adds
        for bundle in collapsed.bundles
        if {view.wires[i].source for i in bundle.indices} & lost
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


def test_a_step_has_no_branch_that_was_not_taken() -> None:
    x = Value(1.7, "x")
    steps = [floor(x), ceil(x), rounded(x), sign(x), step(x), x // 2.0]
    for made in steps:
        y = named(made + x, "y")
        y.backward()
        (wire,) = (w for w in snapshot(y).wires if w.local is None)
        assert wire.is_flat
        dot = draw(y, style="circuit").dot
        assert "not taken" not in dot
        assert "local" in words(dot)
        assert "not taken" not in draw(y).dot
        said = [
            run.text
            for s in tell(snapshot(y)).steps
            for g in s.groups
            for line in g
            for run in line
        ]
        assert not any("not taken" in text for text in said)
    y = named(relu(-x) + x, "y")
    y.backward()
    (wire,) = (w for w in snapshot(y).wires if w.local is None)
    assert not wire.is_flat
    assert "not taken" in draw(y, style="circuit").dot


def test_to_look_for_a_step_warns_of_nothing() -> None:
    odd = primitive(
        "odd_selection", lambda x: x, [lambda x, z: sqrt(x - 2.0)], "for this test", selects=True,
        replace=True,
    )  # fmt: skip
    y = named(odd(Value(2.0, "x")), "y")
    y.backward()
    (wire,) = snapshot(y).wires
    assert wire.local is None
    assert not wire.is_flat


def test_a_wire_that_is_cut_is_missed_at_both_of_its_ends() -> None:
    x = Value(2.0, "x")
    o = named(x * x + 0.001 * x, "o")
    o.backward()
    view = snapshot(o, min_grad=1)
    ends = {(view.nodes[s.attached].label, s.incoming): s.text for s in view.stubs}
    assert ends == {("x", False): "… 1 more", ("v₂", True): "… x"}
    assert view.captions == ("4 of 5 wires: only wires with |contribution| ≥ 1",)


def test_many_wires_that_are_cut_are_missed_once_at_each_end() -> None:
    xs = [Value(float(i), f"x{i}") for i in range(20)]
    parts = [named(sum_of_squares(xs), f"s{k}") for k in range(20)]
    root = named(sum_of_squares(parts), "root")
    root.backward()
    assert len(snapshot(root, max_nodes=None).wires) == 420
    view = snapshot(root, max_nodes=41)  # all nodes, and ten wires for each of them
    assert len(view.wires) == 410
    ends = [(view.nodes[s.attached].label, s.text) for s in view.stubs if s.incoming]
    assert ends == [("s₀", "… 10 more")]
    assert len(view.parted) == 10


def test_a_step_is_counted_in_words() -> None:
    y = shared()
    assert "at most 1 step from y" in snapshot(y, max_depth=1).captions[0]
    assert "at most 2 steps from y" in snapshot(y, max_depth=2).captions[0]


def test_an_operation_that_changes_nothing_is_shown() -> None:
    x = Value(2.0, "x")
    for made, expected in ((x * 1, "x·1"), (1 * x, "1·x"), (x / 1, "x/1"), (x + 0, "x + 0")):
        assert snapshot(made).nodes[-1].expression == expected


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


def test_a_title_keeps_to_the_picture() -> None:
    _, f = product()
    for title in ("x" * 10_000, "word " * 300, "one\ntwo"):
        dot = draw(f, title=title).dot
        head = next(line for line in dot.split("\n") if line.strip().startswith("graph ["))
        lines = words(head)
        assert len(lines) <= 7
        assert max(map(len, lines)) <= 90
        assert "␊" not in head
    assert words(head)[1:] == ["one", "two"]
    with pytest.raises(TypeError, match="title"):
        draw(f, title=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options", [{"min_grad": math.nan}, {"min_grad": -1.0}, {"min_grad": math.inf}, {"depth": 0}]
)
def test_senseless_limits_are_refused(options: dict[str, Any]) -> None:
    _, f = product()
    with pytest.raises(ValueError, match=next(iter(options))):
        draw(f, **options)


def test_a_story_without_inputs_says_so() -> None:
    _, f = product()
    steps = tell(snapshot(f, max_depth=0)).steps
    assert "0 inputs" not in "".join(run.text for run in steps[0].intro)
    assert "None" in "".join(run.text for run in steps[1].intro)


def test_a_bitmap_that_loses_its_dpi_says_so(tmp_path: Path) -> None:
    if not engines.available():
        pytest.skip("there is no Graphviz")
    x = Value(0.5, "x")
    y = x
    for _ in range(90):
        y = sin(y)
    drawing = draw(y)
    with pytest.warns(UserWarning, match="dpi"):
        drawing.save(tmp_path / "chain.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing.save(tmp_path / "chain.svg")
        draw(product()[1]).save(tmp_path / "small.png")


def test_the_places_of_an_operand_in_a_folded_formula_are_told_apart() -> None:
    x = Value(1.5, "x")
    y = named(sin(x) * x + x**2, "y")
    y.backward()
    said = [text for text in words(draw(y, detail="named").dot) if text.startswith("∂y/∂x")]
    assert said == ["∂y/∂x (1st x) =", "∂y/∂x (2nd x) =", "∂y/∂x (3rd x) ="]
    z = named(x * x, "z")
    assert {t for t in words(draw(z).dot) if t.startswith("∂z")} == {"∂z/∂x ="}
