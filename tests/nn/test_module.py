"""Modules: which parameters they have, and their numbers in dicts and files."""

import copy
import json
import math
import pickle
import random
import re
import stat
from collections import UserDict, deque
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_lite import Constant, Value, parameter
from autograd_lite.nn import MLP, Layer, Module, Neuron, functional_call

from ..support.interrupts import interrupted_at


def network(sizes: list[int]) -> MLP:
    return MLP(sizes[0], sizes[1:], activation="tanh", rng=random.Random(0))


def test_tied_weights_count_once() -> None:
    model = MLP(2, [2, 2])
    model.layers[1].neurons[0].w = model.layers[0].neurons[0].w
    assert len(model.parameters()) == 12 - 2
    assert len(set(model.parameters())) == 10
    model([1.0, 1.0])[0].backward()
    tied = model.layers[0].neurons[0]
    with_other = copy.deepcopy(model)  # ties survive a copy
    assert len(with_other.parameters()) == 10
    twice = tied.w[0].grad
    tied.w[0].data += 1e-6
    up = model([1.0, 1.0])[0].data
    tied.w[0].data -= 2e-6
    assert twice == pytest.approx((up - model([1.0, 1.0])[0].data) / 2e-6, rel=1e-6, abs=1e-9)


def test_a_module_of_ones_own_needs_a_call_only() -> None:
    class Net(Module):
        def __init__(self) -> None:
            self.body = MLP(2, [2, 2])
            self.heads = {"a": Neuron(2), "b": [Neuron(2, nonlin=False)]}
            self.scale = parameter(2.0)
            self.again = self.scale
            self.fixed = Constant(3.0)
            self.result = self.scale * 2.0
            self._hidden = Value(1.0)
            self.me = self

    net = Net()
    names = [name for name, _ in net.named_parameters()]
    assert len(names) == 12 + 3 + 3 + 1
    assert names[:3] == [f"body.layer1.neuron1.{part}" for part in ("w_1", "w_2", "b")]
    heads = [f"heads.{head}.{part}" for head in ("a", "b.0") for part in ("w_1", "w_2", "b")]
    assert names[-7:] == [*heads, "scale"]
    assert [n for n, _ in Neuron(1).named_parameters("net")] == ["net.w_1", "net.b"]


class Scaled(MLP):
    """A network with a part of its own."""

    def __init__(self) -> None:
        super().__init__(2, [2, 1], rng=random.Random(0))
        self.scale = Value(1.0)
        self.tail = [Neuron(1, rng=random.Random(1))]

    def __call__(self, x: Any) -> Any:
        return self.scale * super().__call__(x)


def test_a_derived_network_keeps_its_own_parameters() -> None:
    class Shifted(Neuron):
        def __init__(self) -> None:
            super().__init__(2)
            self.shift = Value(0.5)

    class Headed(Layer):
        def __init__(self) -> None:
            super().__init__(2, 2)
            self.head = Neuron(2)

    own = [name for name, _ in Scaled().named_parameters()]
    assert own == [name for name, _ in MLP(2, [2, 1]).named_parameters()] + [
        "scale",
        "tail.0.w_1",
        "tail.0.b",
    ]
    assert list(Shifted().state_dict()) == ["w_1", "w_2", "b", "shift"]
    assert len(Headed().parameters()) == 9


def test_parameters_are_found_in_all_kinds_of_containers() -> None:
    class Foreign:
        def __init__(self) -> None:
            self._held = [Value(1.0), Value(2.0)]

        def parameters(self) -> list[Value]:
            return self._held

    class Net(Module):
        def __init__(self) -> None:
            self.grid = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
            self.queue = deque([Value(5.0)])
            self.pair = (Value(6.0), [Value(7.0)])
            self.other = Foreign()
            self.title = "text"
            self.kind = Foreign

    assert list(Net().state_dict().values())[:7] == [float(i) for i in range(1, 8)]
    assert len(Net().parameters()) == 9


def test_a_part_has_the_last_word_on_its_parameters() -> None:
    class Frozen(Module):
        def __init__(self) -> None:
            self.w = Value(3.0)

        def parameters(self) -> list[Value]:
            return []

    class Hidden(Module):
        def __init__(self) -> None:
            self._w, self.v = Value(4.0), Value(5.0)

        def parameters(self) -> list[Value]:
            return [self._w, *super().parameters()]

    class Named:
        def __init__(self) -> None:
            self._own = {"scale": Value(6.0)}

        def parameters(self) -> dict[str, Value]:
            return self._own

    class Net(Module):
        def __init__(self) -> None:
            self.a, self.b, self.c, self.d = Frozen(), [Hidden()], Named(), Value(1.0)

    expected = {"b.0.0": 4.0, "b.0.v": 5.0, "c.scale": 6.0, "d": 1.0}
    net = Net()
    assert net.state_dict() == expected
    assert [p.data for p in net.parameters()] == list(expected.values())


def test_modules_may_be_nested_deeply() -> None:
    class Link(Module):
        def __init__(self, below: Module | None) -> None:
            self.below, self.w = below, Value(1.0)

    chain = None
    for _ in range(5000):
        chain = Link(chain)
    assert chain is not None
    assert len(chain.parameters()) == 5000


def test_the_state_is_of_floats() -> None:
    neuron = Neuron(1)
    neuron.b.data = np.float32(0.5)
    assert {type(x) for x in neuron.state_dict().values()} == {float}


def test_two_parameters_of_one_name_are_refused() -> None:
    class Net(Module):
        def __init__(self) -> None:
            self.a = {"x.y": Value(1.0), "x": {"y": Value(2.0)}}

    net = Net()
    assert len(net.parameters()) == 2
    for attempt in (net.state_dict, lambda: net.load_state_dict({"a.x.y": 3.0})):
        with pytest.raises(ValueError, match=r"a\.x\.y"):
            attempt()


def test_parameters_without_a_name_cannot_be_saved(tmp_path: Path) -> None:
    class Hidden(Module):
        def __init__(self) -> None:
            self._w = Value(1.0)

        def parameters(self) -> list[Value]:
            return [self._w]

    with pytest.raises(ValueError, match="Hidden"):
        Hidden().save(tmp_path / "hidden.json")
    assert list(tmp_path.iterdir()) == []


def test_zero_grad_forgets_the_sweep() -> None:
    model = MLP(2, [2, 1], activation="tanh")
    model([1.0, 2.0]).backward()
    assert all(p.swept for p in model.parameters())
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0] * 9
    assert not any(p.swept for p in model.parameters())


def test_a_frozen_weight_is_a_constant() -> None:
    neuron = Neuron(2, activation="tanh")
    neuron.w[0] = Constant(0.5)
    assert len(neuron.parameters()) == 2
    neuron([1.0, 2.0]).backward()
    assert neuron.w[1].grad != 0.0


def test_frozen_numbers_are_saved_and_loaded_too(tmp_path: Path) -> None:
    def half_frozen(seed: int) -> MLP:
        model = MLP(2, [2, 1], rng=random.Random(seed))
        for neuron in model.layers[0].neurons:
            neuron.w, neuron.b = [w.detach() for w in neuron.w], neuron.b.detach()
        return model

    one, other = half_frozen(1), half_frozen(2)
    assert len(one.parameters()) == 3
    assert len(one.state_dict()) == 9
    one.save(tmp_path / "half.json")
    other.load(tmp_path / "half.json")
    assert other.state_dict() == one.state_dict()
    assert other([1.0, 2.0]).data == one([1.0, 2.0]).data
    state = one.state_dict()
    for name in (
        "layer1.neuron1.b",
        "layer1.neuron2.w_1",
    ):  # as of a number that was none of the parts
        del state[name]
    other.load_state_dict(state)
    with pytest.raises(ValueError, match=r"lacks layer2\.neuron1\.b"):
        other.load_state_dict({k: x for k, x in state.items() if k != "layer2.neuron1.b"})
    whole = MLP(2, [2, 1])
    whole.load(tmp_path / "half.json")
    assert whole([1.0, 2.0]).data == one([1.0, 2.0]).data


def test_parts_that_come_and_go_are_all_met() -> None:
    class Foreign:
        def __init__(self, weight: Value) -> None:
            self.weight = weight

        def parameters(self) -> dict[str, list[Value]]:
            return {"list": [self.weight]}  # a new list each time, maybe where an old one was

    class Many(Module):
        def __init__(self) -> None:
            self.parts = [Foreign(Value(float(i))) for i in range(50)]

    many = Many()
    assert [p.data for p in many.parameters()] == [float(i) for i in range(50)]
    assert [p.data for _, p in many.named_parameters()] == [float(i) for i in range(50)]


def test_the_order_is_the_same_with_names_and_without() -> None:
    class Scaled(MLP):
        def __init__(self) -> None:
            self.scale, self.by_name = Value(2.0), UserDict(offset=Value(1.0))
            super().__init__(2, [3, 1])
            self.pairs = ({"a": Value(0.5)}, [Value(0.25), self.scale])
            self.last = Neuron(2)

    model = Scaled()
    assert model.parameters() == [p for _, p in model.named_parameters()]
    assert len(model.parameters()) == 1 + 1 + 13 + 2 + 3
    assert "by_name.offset" in model.state_dict()
    assert "layer2.neuron1.w_3" in model.state_dict()


def test_pickles_and_copies_compute_the_same() -> None:
    model = network([2, 3, 1])
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert twin([0.5, 0.25]).data == model([0.5, 0.25]).data
        assert not set(twin.parameters()) & set(model.parameters())
        assert twin([0.5, 0.25]).scope == "layer2/neuron1"


# Files

ODD = [0.1, -0.0, 5e-324, -1.7976931348623157e308, 1 / 3, math.inf, -math.inf, math.nan, 2.0**-1074]


def bits(model: Module) -> list[str]:
    return [float.hex(p.data) for p in model.parameters()]


def odd_model() -> MLP:
    model = MLP(2, [2, 1])
    for p, x in zip(model.parameters(), ODD, strict=True):
        p.data = x
    return model


def test_a_file_keeps_every_bit(tmp_path: Path) -> None:
    model, other = odd_model(), MLP(2, [2, 1])
    file = tmp_path / "model.json"
    model.save(file)
    other.load(str(file))
    assert bits(other) == bits(model)
    json.loads(file.read_text(encoding="utf-8"), parse_constant=pytest.fail)  # JSON as others read it
    assert [each.name for each in tmp_path.iterdir()] == ["model.json"]


def test_state_dicts_go_from_model_to_model() -> None:
    model, other = network([2, 3, 1]), MLP(2, [3, 1])
    other.load_state_dict(model.state_dict())
    assert bits(other) == bits(model)
    assert list(model.state_dict())[:3] == [f"layer1.neuron1.{p}" for p in ("w_1", "w_2", "b")]


def test_a_file_cut_anywhere_is_refused_and_the_model_untouched(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    network([1, 1]).save(file)
    whole = file.read_bytes()
    victim = MLP(1, [1])
    before = bits(victim)
    for length in range(len(whole.rstrip())):
        file.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"model\.json"):
            victim.load(file)
    assert bits(victim) == before


def test_a_file_with_any_digit_changed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    network([1, 1]).save(file)
    whole = file.read_text(encoding="utf-8")
    victim = MLP(1, [1])
    before = bits(victim)
    digits = [i for i, c in enumerate(whole) if c.isdigit()]
    assert len(digits) > 30
    for i in digits:
        file.write_text(whole[:i] + str((int(whole[i]) + 1) % 10) + whole[i + 1 :], encoding="utf-8")
        with pytest.raises(ValueError, match=r"model\.json"):
            victim.load(file)
    assert bits(victim) == before
    file.write_text(whole, encoding="utf-8")
    victim.load(file)
    assert bits(victim) != before


@pytest.mark.parametrize("content", ["", "[]", "{}", "3", '{"format": 1}', "\x00", "null"])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"other\.json"):
        MLP(1, [1]).load(file)
    with pytest.raises(FileNotFoundError):
        MLP(1, [1]).load(tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("state", "error", "says"),
    [
        ({}, ValueError, "lacks w_1, b"),
        ({"w_1": 1.0}, ValueError, "lacks b"),
        ({"w_1": 1.0, "b": 2.0, "c": 3.0}, ValueError, "no place for c"),
        ({"w_1": 1.0, "b": "2"}, TypeError, "str .* for b"),
        ({"w_1": 1.0, "b": None}, TypeError, "for b"),
        ({"w_1": 1.0, "b": 10**400}, TypeError, "too large"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state: Any, error: Any, says: str) -> None:
    neuron = Neuron(1)
    before = bits(neuron)
    with pytest.raises(error, match=says):
        neuron.load_state_dict(state)
    assert bits(neuron) == before


def test_loading_interrupted_anywhere_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network([2, 1])
    old, new = {"w_1": 1.0, "w_2": 2.0, "b": 3.0}, {"w_1": 10.0, "w_2": 20.0, "b": 30.0}
    old, new = ({f"layer1.neuron1.{name}": x for name, x in state.items()} for state in (old, new))
    model.load_state_dict(old)
    for stop in range(1, 20):
        with interrupted_at(stop, monkeypatch) as struck:
            model.load_state_dict(new)
        assert model.state_dict() == (old if struck else new)
        model.load_state_dict(old)
    assert not struck


def test_numbers_of_numpy_are_saved_as_plain_ones(tmp_path: Path) -> None:
    model, other = network([2, 1]), network([2, 1])
    kinds: list[Any] = [np.float32(0.1), np.float64(math.inf), np.float64(math.nan)]
    for p, x in zip(model.parameters(), kinds, strict=True):
        p.data = x
    model.save(tmp_path / "model.json")
    other.load(tmp_path / "model.json")
    assert [type(p.data) for p in other.parameters()] == [float] * 3
    assert repr(list(other.state_dict().values())) == repr([float(x) for x in kinds])


def test_a_mismatch_of_many_names_is_cut_short() -> None:
    with pytest.raises(ValueError, match="and 331 more"):
        MLP(2, [16, 16, 1]).load_state_dict(MLP(2, [1]).state_dict())


def test_a_failed_save_leaves_the_older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "model.json"
    model = network([1, 1])
    model.save(file)
    before = file.read_bytes()
    model.parameters()[0].data = 9.0

    def full(*_: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        model.save(file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    network([1, 1]).save(file)
    file.chmod(0o600)
    network([1, 1]).save(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_error_of_saving_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "folder.json", tmp_path):
        with pytest.raises(OSError, match=re.escape(str(path))) as caught:
            network([1, 1]).save(path)
        assert ".part" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_saving_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)
    network([1, 1]).save(link)
    assert link.is_symlink()
    assert real.exists()


def test_functional_call_takes_the_order_of_parameters() -> None:
    class Line(Module):
        def __init__(self) -> None:
            self.w, self.b = Value(2.0), Value(10.0)

        def parameters(self) -> list[Value]:
            return [self.b, self.w]

        def forward(self, x: Any) -> Any:
            return self.w * x + self.b

    line = Line()
    assert functional_call(line, [p.data for p in line.parameters()], 3.0).data == line(3.0).data
    assert functional_call(line, {"w": 2.0, "b": 10.0}, 3.0).data == line(3.0).data


def test_forward_of_a_module_that_defines_call() -> None:
    class Double(Module):
        def __call__(self, x: Any) -> Any:
            return 2.0 * x

    assert Double().forward(3.0) == 6.0
