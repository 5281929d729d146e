"""Programs written for micrograd: the spelling, the notebook's training loop, the same numbers."""

from typing import Any

import numpy as np
import pytest

from autograd_lite import Value
from autograd_lite.nn import MLP, Layer, Neuron

Array = Any


@pytest.mark.parametrize(("nin", "nouts", "count"), [(2, [16, 16, 1], 337), (3, (4, 4, 1), 41)])
def test_sizes_are_a_list_or_a_tuple(nin: int, nouts: Any, count: int) -> None:
    model = MLP(nin, nouts)
    assert len(model.parameters()) == count
    assert len(set(model.parameters())) == count
    assert nouts in ([16, 16, 1], (4, 4, 1))  # left alone


def operation(node: Value) -> str:
    assert node.op is not None
    return node.op.name


def test_nonlin_is_the_switch_of_the_activation() -> None:
    for neuron in (Neuron(2), Neuron(nin=2, nonlin=True), Layer(2, 1).neurons[0]):
        assert neuron.nonlin
        assert operation(neuron([0.5, 0.5])) == "relu"
    for neuron in (Neuron(2, False), Neuron(2, nonlin=False), Layer(2, 1, nonlin=False).neurons[0]):
        assert not neuron.nonlin
        assert operation(neuron([0.5, 0.5])) == "dot"
    model = MLP(2, [3, 1])
    assert [n.nonlin for layer in model.layers for n in layer.neurons] == [True] * 3 + [False]


def test_a_layer_of_one_gives_its_result_and_not_a_list() -> None:
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(Layer(2, 2)([1.0, 2.0]), list)
    narrow = MLP(2, [1, 1, 2])
    assert len(narrow([1.0, 2.0])) == 2
    assert isinstance(Neuron(1)(Value(2.0)), Value)
    assert isinstance(Neuron(1)(2), Value)


def moons_demo(value: Any, mlp: Any, xs: Array, ys: Array, start: list[float]) -> list[float]:
    """Training as micrograd's notebook does it, in the operations that it uses."""
    model = mlp(2, [8, 8, 1])
    for p, w in zip(model.parameters(), start, strict=True):
        p.data = w

    def loss() -> tuple[Any, float]:
        inputs = [list(map(value, xrow)) for xrow in xs]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(ys, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        right = [(yi > 0) == (s.data > 0) for yi, s in zip(ys, scores, strict=True)]
        return data_loss + reg_loss, sum(right) / len(right)

    course = []
    for k in range(12):
        total, accuracy = loss()
        model.zero_grad()
        total.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        course += [float(total.data), float(accuracy)]
    for p in model.parameters():
        p.grad = 0
    total, _ = loss()
    total.backward()
    return course + [float(p.grad) for p in model.parameters()]


def notebook_data() -> tuple[Array, Array, list[float]]:
    rng = np.random.default_rng(1337)
    angle = np.pi * rng.random(40)
    ys = np.arange(40) % 2 * 2 - 1
    xs = np.stack([np.cos(angle) * ys + (ys < 0), np.sin(angle) * ys + 0.5 * (ys < 0)], axis=1)
    return xs, ys, rng.uniform(-1, 1, 8 * 3 + 8 * 9 + 9).tolist()


def test_a_program_written_for_micrograd_runs_and_learns() -> None:
    course = moons_demo(Value, MLP, *notebook_data())
    losses, accuracies = course[0:24:2], course[1:24:2]
    assert losses[-1] < 0.6 * losses[0]
    assert accuracies[-1] > 0.8


def test_it_gives_the_numbers_that_micrograd_gives() -> None:
    engine, theirs = (pytest.importorskip(f"micrograd.{part}") for part in ("engine", "nn"))
    ours = moons_demo(Value, MLP, *notebook_data())
    assert ours == pytest.approx(moons_demo(engine.Value, theirs.MLP, *notebook_data()), rel=1e-9)
