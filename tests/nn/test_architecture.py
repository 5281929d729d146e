"""A model made again from its file, and what no file may do."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import Constant, exp, relu, softmax, tanh
from autograd_lite.nn import MLP, Layer, Linear, Module, Neuron, Sequential, load
from autograd_lite.support.saved import MODEL, write_document

X = [0.3, -0.7]
ONE = {"kind": "Linear", "nin": 1, "nout": 1}


def rng() -> random.Random:
    return random.Random(3)


MODELS: list[Any] = [
    lambda: MLP(2, [3, 2], activation="tanh", output="sigmoid", rng=rng()),
    lambda: MLP(2, [1], output="exp", rng=rng()),
    lambda: Layer(2, 3, activation="softplus", rng=rng()),
    lambda: Neuron(2, nonlin=False, rng=rng()),
    lambda: Linear(2, 1, rng=rng()),
    lambda: Sequential(Linear(2, 3, rng=rng()), tanh, MLP(3, [2, 2], rng=rng()), softmax),
]


def outputs(model: Any) -> list[float]:
    found = model(X)
    return [y.data for y in (found if isinstance(found, list) else [found])]


@pytest.mark.parametrize("make", MODELS)
def test_a_model_comes_back_from_its_file_alone(make: Any, tmp_path: Path) -> None:
    model = make()
    model.save(tmp_path / "model.json")
    state = random.getstate()
    again = load(tmp_path / "model.json")
    assert random.getstate() == state
    assert type(again) is type(model)
    assert repr(again) == repr(model)
    assert outputs(again) == outputs(model)
    other = make()
    for p in other.parameters():
        p.data = 0.0
    other.load(tmp_path / "model.json")
    assert outputs(other) == outputs(model)


def test_numbers_of_a_model_that_was_made_differently_are_refused(tmp_path: Path) -> None:
    MLP(2, [3, 1], activation="tanh", rng=rng()).save(tmp_path / "m.json")
    other = MLP(2, [3, 1], activation="relu", rng=rng())
    before = other.state_dict()
    with pytest.raises(ValueError, match=r"another model.*tanh.*relu"):
        other.load(tmp_path / "m.json")
    assert other.state_dict() == before


def test_a_module_of_ones_own_has_numbers_alone(tmp_path: Path) -> None:
    class Own(Module):
        def __init__(self) -> None:
            self.net = MLP(2, [1], rng=rng())

        def forward(self, x: Any) -> Any:
            return exp(self.net(x))

    class Wide(MLP):
        pass

    frozen = MLP(2, [1], rng=rng())
    frozen.layers[0].neurons[0].b = Constant(0.5)
    mixed = MLP(2, [2, 2, 1], rng=rng())
    mixed.layers[0] = Layer(2, 2, activation="tanh", rng=rng())
    for own in (
        Own(),
        Wide(2, [1], rng=rng()),
        frozen,
        mixed,
        Sequential(Linear(2, 1, rng=rng()), lambda x: x),
    ):
        own.save(tmp_path / "own.json")
        with pytest.raises(ValueError, match="class of your own"):
            load(tmp_path / "own.json")
        own.load(tmp_path / "own.json")


@pytest.mark.parametrize(
    "architecture",
    [
        3,
        {},
        {"kind": "Module"},
        {"kind": "MLP", "nin": 10**9, "nouts": [10**9], "activation": "relu", "output": None},
        {"kind": "MLP", "nin": 1, "nouts": [1], "activation": "eval", "output": None},
        {"kind": "Linear", "nin": 1, "nout": 1, "rng": 3, "extra": 4},
        {"kind": "Linear", "nin": -1, "nout": -1},
        {"kind": "Sequential", "parts": [ONE, {"kind": "function", "name": "__import__"}]},
        {"kind": "Linear", "nin": 1.0, "nout": 1},
    ],
)  # fmt: skip
def test_a_crafted_file_is_told_in_one_line(architecture: Any, tmp_path: Path) -> None:
    content = {"architecture": architecture, "numbers": {"neuron1.w_1": 1.0, "neuron1.b": 0.0}}
    write_document(tmp_path / "crafted.json", MODEL, "model", content)
    with pytest.raises(ValueError, match=r"crafted\.json does not describe a model") as told:
        load(tmp_path / "crafted.json")
    assert "\n" not in str(told.value)


def test_a_changed_architecture_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    MLP(2, [3, 1], rng=rng()).save(file)
    document = json.loads(file.read_text("utf-8"))
    document["model"]["architecture"]["activation"] = "tanh"
    file.write_text(json.dumps(document), "utf-8")
    with pytest.raises(ValueError, match="changed after it was saved"):
        load(file)


def test_parts_in_a_row_are_what_one_would_write() -> None:
    first, second = Linear(2, 3, rng=rng()), Linear(3, 1, rng=rng())
    model = Sequential(first, relu, second)
    assert model(X).data == second([relu(z) for z in first(X)]).data
    assert len(model) == 3
    assert list(model) == [first, relu, second]
    assert model[1] is relu
    names = [name for name, _ in model.named_parameters()]
    assert names[0] == "layer1.neuron1.w_1"
    assert names[-1] == "layer3.neuron1.b"
    with pytest.raises(TypeError, match="part 2"):
        Sequential(first, 3)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(TypeError, match="call it"):
        Sequential(MLP)
