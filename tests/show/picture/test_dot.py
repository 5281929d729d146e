"""What is written on the cards and the wires, in every style."""

import dataclasses
import html
import math
import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from autograd_lite import (
    Constant,
    Value,
    cos,
    errstate,
    find_nonfinite,
    log,
    parameter,
    relu,
    scope,
    sin,
    tanh,
)
from autograd_lite.core.order import circuit as circuit_of
from autograd_lite.show.picture.dot import Look, card
from autograd_lite.show.picture.drawing import draw
from autograd_lite.show.picture.gates import circuit
from autograd_lite.show.picture.labels import adds_up, cut, escape, plain, tooltip
from autograd_lite.show.picture.palette import LIGHT, THEMES, palette
from autograd_lite.show.view.view import Node, Stub, View, Wire

RUN = re.compile(r'<FONT COLOR="([^"]*)" POINT-SIZE="[^"]*">(?:<B>)?(?:<I>)?([^<]*)')


def xyz() -> Value:
    """f = (x + y)·z at −2, 5, −4, swept."""
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = x + y
    f = q * z
    q.name, f.name = "q", "f"
    f.backward()
    return f


def gormley(swept: bool = True) -> Value:
    """J = cos(sin(x²) + 3x²) at 1 (Gormley 2014, section 1.3)."""
    t = Value(1.0, "x") ** 2
    u1, u2 = sin(t), 3 * t
    u = u1 + u2
    J: Value = cos(u)
    t.name, u1.name, u2.name, u.name, J.name = "t", "u1", "u2", "u", "J"
    if swept:
        J.backward()
    return J


def said(dot: str, colour: str | None = None) -> list[str]:
    """The runs of text of a DOT text, those of one role only when it is named."""
    return [
        text.replace("\u00a0", " ").strip()
        for shade, text in RUN.findall(dot)
        if colour is None or shade == LIGHT[colour]
    ]


def statement(dot: str, start: str) -> str:
    """The one statement that begins with ``start``."""
    (found,) = [line for line in dot.split("\n") if line.strip().startswith(start)]
    return found


def edges(dot: str) -> list[tuple[str, str]]:
    return re.findall(r"^ *(n\d+) -> (n\d+) \[", dot, re.MULTILINE)


def node(i: int, kind: str, label: str, value: float, grad: float | None, **more: str) -> Node:
    text = more.get("expression", "")
    return Node(
        id=f"n{i}",
        kind=kind,
        label=label,
        latex_label=label,
        named=True,
        expression=text,
        expression_full=text,
        latex_expression=text,
        glyph="×" if text else "",
        value=value,
        grad=grad,
        scope=more.get("scope", ""),
    )


def product(**changes: object) -> View:
    """f = x·y at 2, 3, swept, made by hand."""
    view = View(
        nodes=(
            node(0, "leaf", "x", 2.0, 3.0),
            node(1, "leaf", "y", 3.0, 2.0),
            node(2, "out", "f", 6.0, 1.0, expression="x·y"),
        ),
        wires=(
            Wire("e0", 0, 2, 0, 3.0, "y", "y", 3.0),
            Wire("e1", 1, 2, 1, 2.0, "x", "x", 2.0),
        ),
        root=2,
        rows=(2,),
        swept=True,
        digits=4,
        ascii=False,
        captions=(),
    )
    return dataclasses.replace(view, **changes)  # type: ignore[arg-type]  # fields by name


LOOK = Look(LIGHT)
STYLES = pytest.mark.parametrize("style", ["card", "circuit"])


# Numbers on nodes and wires


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
    dot = circuit(product(), LOOK)
    assert 'PORT="r" HEIGHT="2" CELLPADDING="0" BGCOLOR="#4d4d4e"' in statement(dot, "w0 [")
    assert re.search(r"n0:r:e -> w0:r:w \[arrowhead=none", dot)
    assert re.search(r'w0:r:e -> n2 \[id="e0"', dot)


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


def test_printed_sums_are_compared_to_the_last_digit() -> None:
    assert adds_up(["0.348", "1.932"], "2.28")
    assert not adds_up(["0.3333", "0.3333"], "0.6667")
    assert adds_up(["9.9e−4", "1e−5"], "0.001")
    assert adds_up(["∞", "1"], "∞")
    assert not adds_up(["1", "2"], "∞")
    assert adds_up(["∞", "−∞"], "nan")


def test_a_branch_not_taken_is_dashed_and_adds_nothing() -> None:
    x = Value(-1.0, "x")
    r = relu(x)
    r.name = "r"
    r.backward()
    (wire,) = [line for line in draw(r, "card").dot.split("\n") if 'id="e0"' in line]
    assert "style=dashed" in wire
    assert " ".join(said(wire)) == "∂r/∂x = 0"
    assert "not taken" in wire


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
@STYLES
def test_numbers_that_are_none_are_drawn(style: str, x: float) -> None:
    y = Value(x, "x") * Value(2.0, "w")
    y.backward()
    assert {math.inf: "∞", -math.inf: "−∞"}.get(x, "nan") in said(draw(y, style).dot)


# Kinds of nodes


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
        circuit(product(), Look(LIGHT, direction="TB"))


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


def test_the_title_and_every_caption_stand_under_the_picture() -> None:
    view = product(title="the <product>", captions=("2 of 9 nodes: why", "another"))
    for dot in (card(view, LOOK), circuit(view, LOOK)):
        head = statement(dot, "graph [")
        assert "labelloc=b labeljust=l" in head
        assert said(head)[1:] == ["the &lt;product&gt;", "2 of 9 nodes: why", "another"]
        assert said(head, "muted")[1:] == ["2 of 9 nodes: why", "another"]
    assert "label=" not in statement(card(product(), LOOK), "graph [")


def test_what_was_cut_is_a_dashed_stub() -> None:
    view = product(stubs=(Stub(0, "… 10 more", True), Stub(1, "… 2 more", False)))
    # Of the two ways of node 1 the fork is where they part.
    for dot, start in ((card(view, LOOK), "n1"), (circuit(view, LOOK), "j1")):
        assert said(statement(dot, "s0 [")) == ["… 10 more"]
        assert "s0 -> n0 [" in dot
        assert f"{start} -> s1 [" in dot
        assert "style=dashed" in statement(dot, "s0 -> n0")


def test_scopes_are_nested_outlines() -> None:
    with scope("layer1"):
        x = Value(1.0, "x")
        with scope("neuron1"):
            y = x * 2.0
    z = y + 1.0
    dot = draw(z, "card").dot
    outlines = [
        line.strip() for line in dot.split("\n") if "subgraph" in line or line.strip() == "}"
    ]
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


def test_a_highlighted_path_is_emphasised() -> None:
    look = Look(LIGHT, nodes=frozenset({0, 2}), wires=frozenset({0}))
    cards = card(product(), look)
    for i, marked in ((0, True), (1, False), (2, True)):
        assert (f'COLOR="{LIGHT["alert"]}"' in statement(cards, f"n{i} [")) is marked
    assert LIGHT["alert"] in statement(cards, "n0 -> n2")
    assert LIGHT["alert"] not in statement(cards, "n1 -> n2")
    gates = circuit(product(), look)
    assert LIGHT["alert"] in statement(gates, "n2 [")
    assert LIGHT["alert"] in statement(gates, "w0:r:e -> n2")
    assert LIGHT["alert"] not in statement(gates, "w1:r:e -> n2")


# One box per scope


def network() -> Value:
    """A 2-2-1 network with half the squared error, swept."""
    x1, x2 = Value(1.0, "x1"), Value(-2.0, "x2")
    hidden = []
    for i, (u, v, c) in enumerate(((-0.73, 0.69, 0.26), (-0.49, -0.01, -0.05)), 1):
        with scope(f"layer1/neuron{i}"):
            w1, w2, b = parameter(u, "w1"), parameter(v, "w2"), parameter(c, "b")
            h = tanh(w1 * x1 + w2 * x2 + b)
            h.name = f"h{i}"
        hidden.append(h)
    with scope("layer2/neuron1"):
        w1, w2 = parameter(0.52, "w1"), parameter(-1.0, "w2")
        y = w1 * hidden[0] + w2 * hidden[1]
        y.name = "y"
    with scope("loss"):
        L = 0.5 * (y - 0.5) ** 2
        L.name = "L"
    L.backward()
    return L


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
        for ends in re.findall(r"^ *(\w+) -> (\w+) \[id", line)
    }
    (card_of_x1,) = re.findall(r'(n\d+) \[id="n\d+" class="leaf".*<I>x₁</I>', dot)
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


# Labels


def test_escapes() -> None:
    assert escape("<&>\"'") == "&lt;&amp;&gt;&quot;&#x27;"
    assert plain("a\\N\n\t\x00\x7f") == "a\u2216N␊␉␀␡"
    assert plain("\u202edlrow\u2066") == "�dlrow�"
    assert plain("\ud800 \ufffe") == "? �"
    assert plain("🦊 é") == "🦊 é"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("∂y/∂שלום = 2", "∂y/∂<שלום> = 2"),
        ("שלום·שלום", "<שלום>·<שלום>"),
        ("שלום עולם", "<שלום עולם>"),
        ("مرحبا = 3", "<مرحبا> = 3"),
        ("x = 1", "x = 1"),
    ],
)
def test_names_from_right_to_left_stay_in_their_place(text: str, marked: str) -> None:
    marked = marked.replace("<", "\u200e").replace(">", "\u200e")
    assert plain(text) == marked
    assert plain(marked) == marked  # twice is once
    assert tooltip('a "b" \\N') == '"a &quot;b&quot; \u2216N"'
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"


def test_a_long_name_is_cut_on_the_card_and_whole_in_the_tooltip() -> None:
    name = "long" * 100
    leaf = dataclasses.replace(product().nodes[0], label=name)
    dot = card(product(nodes=(leaf, *product().nodes[1:])), LOOK)
    assert said(statement(dot, "n0 ["))[0] == name[:43] + "…"
    assert f'tooltip="{name} = 2; ' in dot


# Size


def test_every_node_of_a_deep_circuit_can_be_written() -> None:
    x = Value(1.0, "x")
    for _ in range(2_000):
        x = x * 1.0
    assert len(edges(draw(x, "card", max_nodes=None).dot)) == 2_000


# A path that stands out


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
        if LIGHT["alert"] in statement(drawing.dot, f"n{i} [")
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
    marked = re.findall(rf"^ *(g\d -> g\d) .*{LIGHT['alert']}", dot, re.MULTILINE)
    boxes = ["layer1 / neuron1", "layer2 / neuron1", "loss"]
    assert marked == [f"{ids[a]} -> {ids[b]}" for a, b in pairwise(boxes)]


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(TypeError, match="find_nonfinite"):
        draw(xyz(), highlight=3)
    with pytest.raises(TypeError, match="find_nonfinite"):
        draw(xyz(), highlight=["x"])
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


# What stands in a circle


@pytest.mark.parametrize(
    ("make", "glyph"),
    [
        (lambda x: x - Constant(-0.5), "−(−0.5)"),
        (lambda x: x / -1.0, "÷(−1)"),
        (lambda x: -3.0 * x, "×(−3)"),
        (lambda x: x + Constant(-2.0), "+(−2)"),
        (lambda x: -1.0 / x, "−1÷"),
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
