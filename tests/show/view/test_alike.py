"""Alike units of a layer of which three are drawn."""

import random

import pytest

from autograd_lite import Value, circuit, dot, losses, nn, parameter, relu, tanh
from autograd_lite.show import draw
from autograd_lite.show.view.view import View

from ...support.kinds import recurrent


def mlp(*sizes: int) -> Value:
    model = nn.MLP(sizes[0], list(sizes[1:]), activation="tanh", rng=random.Random(1))
    outputs = model([Value(0.1 * i - 0.4, f"x{i}") for i in range(1, sizes[0] + 1)])
    loss: Value = (
        losses.softmax_cross_entropy(outputs, 2)
        if isinstance(outputs, list)
        else losses.half_squared_error(outputs, 1.0)
    )
    loss.backward()
    return loss


def labels(view: View, start: str) -> list[str]:
    """The names of what is drawn of a layer, from top to bottom."""
    return [view.nodes[i].label for i in view.reading_order if view.nodes[i].label.startswith(start)]


def test_of_a_wide_layer_the_first_two_units_and_the_last_are_drawn() -> None:
    L = mlp(2, 16, 16, 1)
    drawing = draw(L)
    assert drawing.style == "network"
    view = drawing.view
    assert sorted(labels(view, "h")) == sorted(["h₁", "h₂", "h₁₆"] * 2)
    assert sorted(view.after.values()) == [13, 13]
    assert (
        drawing.dot.count("13\u00a0more") == 2 + 4
    )  # below units, and between the weights of the next layer


def test_what_is_drawn_has_the_numbers_of_the_whole_circuit() -> None:
    L = mlp(12, 16, 9, 1)
    view = draw(L).view
    gradients = {round(node.grad, 12) for node in circuit(L) if not node.is_constant}
    assert all(round(node.grad, 12) in gradients for node in view.nodes if node.grad is not None)
    assert view.nodes[view.root].value == L.data
    assert labels(view, "x") == ["x₁", "x₂", "x₁₂"]
    hidden = next(i for i, node in enumerate(view.nodes) if node.label == "h₁")
    assert hidden in view.feeds_hidden


def test_the_output_that_is_asked_for_is_drawn_too() -> None:
    view = draw(mlp(2, 3, 12)).view
    assert labels(view, "ŷ") == ["ŷ₁", "ŷ₂", "ŷ₃", "ŷ₁₂"]
    (before,) = view.after
    assert view.nodes[before].label == "ŷ₃"
    assert view.after[before] == 8


@pytest.mark.parametrize("plates", [True, None, False])
def test_how_much_is_folded_can_be_chosen(plates: bool | None) -> None:
    view = draw(mlp(2, 6, 1), "network", plates=plates).view
    assert len(labels(view, "h")) == (3 if plates else 6)


def test_a_node_that_is_asked_for_stays() -> None:
    L = mlp(2, 16, 1)
    seventh = next(node for node in circuit(L) if node.name == "h_7")
    view = draw(L, "network", highlight=[seventh, L]).view
    assert labels(view, "h") == ["h₁", "h₂", "h₇", "h₁₆"]
    assert list(view.after.values()) == [4, 8]


def test_units_that_differ_are_all_drawn() -> None:
    xs = [Value(0.3, "x1"), Value(-0.2, "x2")]

    def layer(odd: Value | None = None, activation: object = tanh) -> Value:
        units = []
        for k in range(10):
            ws, b = [parameter(0.1 * k, "w1"), parameter(0.2, "w2")], parameter(0.1, "b")
            if k == 4 and odd is not None:
                ws = [odd, odd]
            units.append((activation if k == 4 else tanh)(dot(ws, xs, b)))  # type: ignore[operator]
            units[-1].name = f"h{k}"
        root: Value = dot([parameter(0.1, f"v{k}") for k in range(10)], units, parameter(0.0, "c"))
        root.backward()
        return root

    assert len(labels(draw(layer(), "network").view, "h")) == 3
    assert len(labels(draw(layer(activation=relu), "network").view, "h")) == 4
    shared = parameter(0.5, "w")
    assert len(labels(draw(layer(odd=shared), "network").view, "h")) == 4


def test_units_with_weights_in_common_are_no_alike_units() -> None:
    root = recurrent(3)
    root.backward()
    assert not draw(root, "network").view.after
