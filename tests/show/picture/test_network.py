"""The network style: units in layers, weights with their gradients where the wires enter."""

import html
import random
import re
import subprocess
from collections.abc import Callable

import pytest

from autograd_lite import Value, circuit, losses, nn, parameter, tanh
from autograd_lite.formulas.notation import fmt
from autograd_lite.show import draw
from autograd_lite.show.picture import engines

from .reading import gormley, network, said, statement


def mlp(*sizes: int, activation: str = "tanh", inputs: list[Value] | list[float] | None = None) -> Value:
    model = nn.MLP(2, list(sizes), activation=activation, rng=random.Random(1))
    loss: Value = losses.half_squared_error(model(inputs or [Value(1.0, "x1"), Value(-0.5, "x2")]), 1.0)
    loss.backward()
    return loss


def recurrent(steps: int) -> Value:
    w, u, b = parameter(0.5, "w"), parameter(-0.3, "u"), parameter(0.1, "b")
    h = Value(0.0, "h0")
    for t in range(1, steps + 1):
        h = tanh(w * h + u * Value(0.5 * t, f"x{t}") + b)
        h.name = f"h{t}"
    loss: Value = (h - 1) ** 2
    loss.name = "L"
    loss.backward()
    return loss


def boxes_of(dot: str) -> dict[str, str]:
    """The part of the DOT text that draws each box of a layer, by its name."""
    return dict(re.findall(r'<TD PORT="([un]\d+)" ID=(.*?)(?=<TD PORT="[un]\d+" ID=|\n)', dot))


def units(dot: str) -> list[str]:
    """The boxes of the units in the order of their numbers."""
    found = boxes_of(dot)
    return [found[name] for name in sorted(found, key=lambda name: int(name[1:])) if name[0] == "u"]


def layout(dot: str) -> dict[str, float]:
    """How far right Graphviz puts every layer, by the boxes in it."""
    if "dot" not in engines.available():
        pytest.skip("dot is not installed")
    plain = subprocess.run(["dot", "-Tplain"], input=dot, capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in plain.split("\n"))
    at = {row[1]: float(row[2]) for row in rows if row[:1] == ["node"]}
    columns = (line.strip() for line in dot.split("\n") if 'class="layer"' in line)
    return {
        box: at[line.split()[0]] for line in columns for box in re.findall(r'PORT="([un]\d+)" ID', line)
    }


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_a_unit_shows_every_weight_with_its_gradient_its_sum_with_delta_and_its_activation(
    activation: str,
) -> None:
    L = mlp(3, 3, 1, activation=activation)
    drawing = draw(L)
    assert drawing.style == "network"
    boxes = units(drawing.dot)
    sums = [v for v in circuit(L) if v.op is not None and v.op.name == "dot"]
    assert len(boxes) == len(sums) == 7
    for z, box in zip(sums, boxes, strict=True):
        weights = [p for p in z.parents if p.is_parameter]
        values, gradients = said(box, "value"), said(box, "grad")
        assert values[: len(weights)] == [fmt(p.data) for p in weights]
        assert gradients[: len(weights)] == [fmt(p.grad) for p in weights]
        assert fmt(z.data) in values[len(weights) :]
        assert fmt(z.grad) in gradients[len(weights) :]
        above = [v for v in circuit(L) if z in v.parents]
        if above[0].op is not None and above[0].op.name == activation:
            local = above[0].local_grads[0] or 0.0
            assert fmt(above[0].data) in values
            assert said(box, "local") == [fmt(local)] * 2


def test_a_network_that_was_written_out_has_the_same_units() -> None:
    boxes = units(draw(network(), "network").dot)
    assert [said(box, "value")[:3] for box in boxes[:2]] == [
        ["−0.73", "0.69", "0.26"],
        ["−0.49", "−0.01", "−0.05"],
    ]
    assert said(boxes[2], "value")[:2] == ["0.52", "−1"]


def test_layers_stand_beside_each_other_and_units_below_each_other_in_order() -> None:
    dot = draw(mlp(3, 3, 1)).dot
    at = layout(dot)
    boxes = boxes_of(dot)
    for x in {at[f"u{k}"] for k in range(7)}:
        column = [name for name in boxes if at[name] == x and name[0] == "u"]
        shown = [next(run for run in said(boxes[name], "ink") if run[0] in "hŷ") for name in column]
        assert shown == sorted(shown)
    assert len({at[f"u{k}"] for k in range(7)}) == 3
    ends = re.findall(r":([un]\d+)(?:out)?:e -> \w+:([un]\d+)", dot)
    assert len(ends) == 19
    assert all(at[source] < at[target] for source, target in ends)


def test_every_time_step_of_a_recurrent_network_has_its_own_column() -> None:
    drawing = draw(recurrent(4))
    assert drawing.style == "network"
    at = layout(drawing.dot)
    steps = [at[f"u{k}"] for k in range(4)]
    assert steps == sorted(steps)
    assert len(set(steps)) == 4


def test_a_parameter_of_several_units_has_its_whole_gradient_in_a_table() -> None:
    L = recurrent(4)
    drawing = draw(L)
    w = next(v for v in circuit(L) if v.name == "w")
    parts = [text for box in units(drawing.dot) for text in said(box, "grad") if text.startswith("+=")]
    assert len(parts) == 12
    assert fmt(w.grad) in said(statement(drawing.dot, "shared ["), "grad")


def test_equal_names_in_the_table_of_parameters_stand_below_their_neurons() -> None:
    shared = said(statement(draw(samples(2, 2, 1), "network").dot, "shared ["))
    named = [text for text in shared if text.startswith("layer") or text in ("w₁", "w₂", "b")]
    neurons = ["layer1/neuron1", "layer1/neuron2", "layer2/neuron1"]
    assert named == [text for neuron in neurons for text in (neuron, "w₁", "w₂", "b")]
    one = said(statement(draw(samples(2, 1)).dot, "shared ["))
    assert not [text for text in one if text.startswith("layer")]


def test_inputs_that_are_numbers_are_drawn_once_for_a_layer() -> None:
    L = mlp(3, 1, inputs=[1.0, -0.5])
    dot = draw(L).dot
    cards = [text for name, text in boxes_of(dot).items() if 'STYLE="DASHED"' in text]
    assert [said(card, "ink")[0] for card in cards] == ["x₁", "x₂"]
    assert len(re.findall(r":n\d+:e -> q1:u\dp[01]:w", dot)) == 6


def test_a_unit_that_is_off_is_gray_and_its_wires_are_dashed() -> None:
    L = mlp(3, 1, activation="relu")
    off = [v for v in circuit(L) if v.op is not None and v.op.name == "relu" and v.data == 0]
    assert off
    dot = draw(L).dot
    dashed = set(re.findall(r"-> q\d:(u\d+)p\d+:w \[[^\n]*style=dashed", dot))
    assert len(dashed) == len(off)
    assert all('BGCOLOR="#f1f1f1"' in boxes_of(dot)[box] for box in dashed)


def test_before_a_sweep_nothing_is_said_about_gradients() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh", rng=random.Random(1))
    L = losses.half_squared_error(model([1.0, -0.5]), 1.0)
    dot = draw(L).dot
    assert not said(dot, "grad")
    assert "δ" not in dot.replace("tooltip", "")


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="parameter"):
        draw(gormley(), "network")
    with pytest.raises(ValueError, match="scope"):
        draw(mlp(3, 1), "network", direction="TB")


def samples(count: int, *sizes: int) -> Value:
    """The summed loss of a network over so many samples."""
    model = nn.MLP(2, list(sizes), activation="tanh", rng=random.Random(1))
    source = random.Random(3)
    losses_ = [
        losses.half_squared_error(model([source.gauss(0, 1), source.gauss(0, 1)]), source.choice((-1, 1)))
        for _ in range(count)
    ]
    whole: Value = sum(losses_[1:], losses_[0])
    whole.name = "E"
    whole.backward()
    return whole


def test_of_many_samples_one_is_drawn_in_a_plate_with_the_gradients_of_all() -> None:
    E = samples(10, 3, 1)
    drawing = draw(E)
    assert drawing.style == "network"
    assert drawing.dot.count('class="plate"') == 1
    boxes = units(drawing.dot)
    assert len(boxes) == 4
    weights = [p for p in circuit(E) if p.is_parameter]
    shown = [text for box in boxes for text in said(box, "grad")]
    assert all(fmt(p.grad) in shown for p in weights)
    assert "= Σ of 10 L" in said(drawing.dot)
    assert "× 10" in said(drawing.dot)
    assert "cluster" not in draw(E, "network", plates=False).dot
    assert len(units(draw(E, "network", plates=False).dot)) == 40


def test_what_is_drawn_of_equal_parts_belongs_together() -> None:
    E = samples(5, 2, 1)
    view = draw(E, "network", plates=True).view
    assert {node.copies for node in view.nodes} == {1, 5}
    for i, node in enumerate(view.nodes):
        paths = [wire.contribution for wire in view.outgoing(i)]
        if node.copies == 5 and node.kind == "op":
            assert sum(c or 0.0 for c in paths) == pytest.approx(node.grad)


def test_parts_that_differ_are_not_folded() -> None:
    w, b = parameter(0.5, "w"), parameter(0.1, "b")
    x, y = Value(1.0, "x"), Value(2.0, "y")
    one = tanh(w * x + b) ** 2
    assert draw(one + tanh(w * y + b) ** 3, "network", plates=True).view.nodes[0].copies == 1
    same = draw(one + tanh(w * y + b) ** 2, "network", plates=True).view
    assert max(node.copies for node in same.nodes) == 2
    other = parameter(0.5, "v")
    assert len(draw(one + tanh(other * y + b) ** 2, "network", plates=True).view.nodes) == 10


@pytest.mark.parametrize("make", [lambda: mlp(3, 1), lambda: recurrent(3), lambda: mlp(3, 2, 1)])
def test_an_exercise_sheet_asks_for_everything_once_and_its_key_answers(make: Callable[[], Value]) -> None:
    L = make()
    sheet = draw(L, "network", blanks="all")
    assert sheet.key is not None
    asked = [text for text in map(html.unescape, said(sheet.dot)) if text.endswith("___")]
    numbers = sorted(int(re.findall(r"\[(\d+)\]", text)[0]) for text in asked)
    assert numbers == list(range(1, len(numbers) + 1))
    filled = [html.unescape(text) for text in said(sheet.key.dot)]
    answers = {text.partition("] ")[2] for text in filled if re.match(r"(\+= )?\[\d+\] ", text)}
    of_nodes = [v for v in circuit(L) if v.op is not None and v is not L]
    assert {fmt(v.data) for v in of_nodes if v.name} <= answers
    assert {fmt(p.grad) for p in circuit(L) if p.is_parameter} <= answers
    assert "___" not in sheet.key.dot


def test_what_does_not_depend_on_what_is_differentiated_by_has_no_gradient() -> None:
    L = mlp(3, 1)
    last = next(v for v in circuit(L) if v.is_parameter and v.scope.startswith("layer2"))
    boxes = units(draw(L, "network", wrt=last).dot)
    assert [any(said(box, "grad")) for box in boxes] == [False, False, False, True]
    assert not any('BGCOLOR="#f1f1f1"' in box for box in boxes)


def test_a_network_speaks_the_notation_that_is_asked_for() -> None:
    dot = draw(mlp(2, 1), d="dz").dot
    assert "∂" not in " ".join(said(dot))
    assert "dz =" in said(dot)
    assert any(text.endswith("dw = dz·x") for text in said(statement(dot, "graph [")))
