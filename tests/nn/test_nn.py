"""Networks: their gradients, their spelling, what a drawing finds on them, their first weights."""

import copy
import gc
import inspect
import math
import pickle
import random
import weakref
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from autograd_lite import Constant, Value, nn, no_grad, optim, scope
from autograd_lite.core.order import circuit
from autograd_lite.core.transforms import grad, hessian
from autograd_lite.nn import (
    INITIALIZERS,
    MLP,
    Layer,
    Module,
    Neuron,
    functional_call,
    he,
    uniform,
    xavier,
)

Array = Any

ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1, 0.01)),
    "elu": (lambda z: np.where(z > 0, z, np.expm1(z)), lambda z: np.where(z > 0, 1, np.exp(z))),
    "linear": (lambda z: z, np.ones_like),
}


def network(sizes: list[int], activation: str = "tanh", seed: int = 0) -> MLP:
    model = MLP(sizes[0], sizes[1:], activation=activation, rng=random.Random(seed))
    rng = random.Random(seed + 1)
    for p in model.parameters():
        if p.name == "b":
            p.data = rng.gauss(0.0, 1.0)
    return model


def matrices(model: MLP) -> list[tuple[Array, Array]]:
    return [
        (
            np.array([[w.data for w in n.w] for n in layer.neurons]),
            np.array([n.b.data for n in layer.neurons]),
        )
        for layer in model.layers
    ]


def backprop(model: MLP, x: Array, t: Array, activation: str) -> tuple[Array, list[Array], Array]:
    """The layer formulas of the lectures for half squared error: output, dW and db, dx."""
    f, slope = ACTIVATIONS[activation]
    zs, hs = [], [x]
    stack = matrices(model)
    for k, (W, b) in enumerate(stack):
        zs.append(W @ hs[-1] + b)
        hs.append(zs[-1] if k == len(stack) - 1 else f(zs[-1]))
    delta = hs[-1] - t
    found = []
    for k in reversed(range(len(stack))):
        found.append((np.outer(delta, hs[k]), delta))
        delta = stack[k][0].T @ delta
        if k:
            delta = delta * slope(zs[k - 1])
    return hs[-1], found[::-1], delta


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [[1, 1], [3, 4, 2], [2, 5, 4, 3], [2, 1, 1]])
def test_outputs_and_gradients_are_those_of_the_layer_formulas(sizes: list[int], activation: str) -> None:
    model = network(sizes, activation)
    rng = random.Random(5)
    inputs = [rng.gauss(0.0, 1.0) for _ in range(sizes[0])]
    targets = [rng.gauss(0.0, 1.0) for _ in range(sizes[-1])]
    xs = [Value(x) for x in inputs]
    outputs = model(xs)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    sum(0.5 * (y - t) ** 2 for y, t in zip(outputs, targets, strict=True)).backward()
    expected, gradients, dx = backprop(model, np.array(inputs), np.array(targets), activation)
    assert [y.data for y in outputs] == pytest.approx(expected.tolist(), rel=1e-12)
    for layer, (rows, biases) in zip(model.layers, gradients, strict=True):
        for neuron, row, bias in zip(layer.neurons, rows, biases, strict=True):
            got = [w.grad for w in neuron.w]
            assert got == pytest.approx(row.tolist(), rel=1e-11, abs=1e-14)
            assert neuron.b.grad == pytest.approx(bias, rel=1e-11, abs=1e-14)
    assert [x.grad for x in xs] == pytest.approx(dx.tolist(), rel=1e-11, abs=1e-14)


def stencil(f: Callable[[float], float], x: float, h: float = 1e-3) -> float:
    return (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu", "softplus", "silu", "softsign"])
def test_every_parameter_agrees_with_finite_differences(activation: str) -> None:
    model = network([2, 3, 3, 2], activation)
    x = [0.7, -0.4]

    def loss(weights: list[Any]) -> Any:
        a, b = functional_call(model, weights, x)
        return a * a + 3.0 * b

    start = [p.data for p in model.parameters()]
    found = grad(loss)(start)
    for i, slope in enumerate(found):

        def along(w: float, i: int = i) -> float:
            return float(loss([*start[:i], w, *start[i + 1 :]]).data)

        assert slope == pytest.approx(stencil(along, start[i]), rel=1e-7, abs=1e-9)


def test_a_network_is_a_function_of_its_weights() -> None:
    model = network([2, 2, 1])
    before = [p.data for p in model.parameters()]
    H = np.array(hessian(lambda w: functional_call(model, w, [0.5, -1.0]) ** 2)(before))
    assert np.allclose(H, H.T, rtol=1e-10, atol=1e-12)
    assert np.abs(H).max() > 0
    assert [p.data for p in model.parameters()] == before
    assert all(not p.swept for p in model.parameters())
    named = {name: 0.0 for name, _ in model.named_parameters()}
    assert functional_call(model, named, [0.5, -1.0]).data == 0.0
    with pytest.raises(ValueError, match="9 parameters, not 2"):
        functional_call(model, [1.0, 2.0], [0.5, -1.0])
    with pytest.raises(ValueError, match=r"9 parameters.*lacks layer1\.neuron1\.w_1.*no place for w$"):
        functional_call(model, {"w": 1.0}, [0.5, -1.0])
    with pytest.raises(ValueError, match="no place for more"):
        functional_call(model, {**named, "more": 1.0}, [0.5, -1.0])
    assert functional_call(model, before, [0.5, -1.0]).is_constant  # numbers take no gradient


# What a drawing finds


def test_a_neuron_is_one_dot_node_and_one_activation() -> None:
    model = MLP(2, [16, 16, 1])
    nodes = circuit(model([Value(0.3), Value(-0.2)]))
    names = [node.op.name for node in nodes if node.op]
    assert (names.count("dot"), names.count("relu"), len(names)) == (33, 32, 65)


def test_nodes_have_the_names_and_scopes_of_their_neuron() -> None:
    model = MLP(2, [2, 2, 1], activation="tanh")
    root = model([Value(1.0, "x_1"), Value(2.0, "x_2")])
    places = {(v.scope, v.name) for v in circuit(root)}
    expected = {("", "x_1"), ("", "x_2")}
    for k, (n_in, n_out) in enumerate(pairwise([2, 2, 2]), 1):
        for j in range(1, n_out + 1):
            own = [*(f"w_{i}" for i in range(1, n_in + 1)), "b", "z", f"h_{j}"]
            expected |= {(f"layer{k}/neuron{j}", name) for name in own}
    expected |= {("layer3/neuron1", name) for name in ("w_1", "w_2", "b", "ŷ")}
    assert places == expected
    assert {v.name for v in circuit(root) if v.is_parameter} == {"w_1", "w_2", "b"}
    assert [y.name for y in MLP(2, [3])([1.0, 2.0])] == ["ŷ_1", "ŷ_2", "ŷ_3"]
    assert MLP(2, [1], output="sigmoid")([1.0, 2.0]).name == "ŷ"
    assert Neuron(2)([1.0, 2.0]).name == "h"
    assert Neuron(2, nonlin=False)([1.0, 2.0]).name == "z"


def test_open_scopes_are_respected() -> None:
    with scope("encoder"):
        model = MLP(1, [1, 1])
    assert model([1.0]).scope == "encoder/layer2/neuron1"
    with scope("encoder"):
        inside = model([1.0])
    assert {(v.scope, v.name) for v in circuit(inside) if v.op} == {
        ("encoder/layer1/neuron1", "z"),
        ("encoder/layer1/neuron1", "h"),
        ("encoder/layer2/neuron1", "ŷ"),
    }
    with scope("step2"):
        again = model([1.0])
    assert (again.scope, again.name) == ("step2/encoder/layer2/neuron1", "ŷ")
    assert {p.scope for p in model.parameters()} == {
        "encoder/layer1/neuron1",
        "encoder/layer2/neuron1",
    }
    with scope("loose"):
        assert Neuron(1)([1.0]).scope == "loose"
    with scope("enc"):  # no part of "encoder"
        assert model([1.0]).scope == "enc/encoder/layer2/neuron1"
    with scope("encoder"), no_grad():
        assert model([1.0]).parents == ()


def scopes(root: Value) -> set[str]:
    return {v.scope for v in circuit(root) if v.scope}


def test_the_attribute_of_a_part_is_its_scope() -> None:
    class Twins(Module):
        def __init__(self) -> None:
            self.one, self.other = MLP(1, [2, 1]), MLP(1, [1])
            self.many = [Layer(1, 1), (Layer(1, 1),)]
            self.heads = {"left": Neuron(1), "right": Neuron(1)}

        def __call__(self, x: Any) -> Any:
            y = self.other(self.one(x)) + self.many[0](x)  # type: ignore[operator]
            return y + self.heads["left"](x) + self.heads["right"](x)

    twins = Twins()
    assert scopes(twins([Value(1.0)])) == {
        "one/layer1/neuron1", "one/layer1/neuron2", "one/layer2/neuron1", "other/layer1/neuron1",
        "many/0/neuron1", "heads/left", "heads/right",
    }  # fmt: skip
    # The scope of a parameter is the path to it, as its saved name is.
    outside = [(name, p) for name, p in twins.named_parameters() if not name.startswith("many.1")]
    assert all(p.scope == name.rpartition(".")[0].replace(".", "/") for name, p in outside)

    class Pair(Module):
        def __init__(self) -> None:
            with scope("run"):
                self.inner = Twins()
            with scope("tail"):
                self.tail = Neuron(1)

        def __call__(self, x: Any) -> Any:
            return self.tail([self.inner(x)])

    places = scopes(Pair()([1.0]))
    assert {place.split("/")[0] for place in places} == {"run", "tail"}
    assert "run/inner/one/layer1/neuron1" in places
    assert "tail/tail" in places


def test_the_first_attribute_of_the_last_holder_is_the_place_of_a_part() -> None:
    class Holder(Module):
        part: MLP
        twin: MLP
        late: MLP
        other: Any

        def __init__(self, **parts: Any) -> None:
            for name, part in parts.items():
                setattr(self, name, part)

    def place(part: Any) -> str:
        first: Value = part.parameters()[0]
        return first.scope.removesuffix("/layer1/neuron1")

    model = MLP(1, [1])
    once = Holder(part=model, again=model)
    assert place(model) == "part"
    assert model([1.0]).scope == "part/layer1/neuron1"
    assert pickle.loads(pickle.dumps(model))([1.0]).scope == "part/layer1/neuron1"
    assert place(copy.deepcopy(once).part) == "part"
    once.twin = copy.deepcopy(model)  # as of a network that follows another
    assert (place(model), place(once.twin)) == ("part", "twin")
    outer = Holder(one=once, other=Holder(own=MLP(1, [1]), shared=model))
    assert place(once.twin) == "one/twin"
    assert place(outer.other.own) == "other/own"
    assert place(model) == "other/shared"
    once.late = MLP(1, [1])
    assert place(once.late) == "one/late"
    with scope("layer1"):
        assert place(MLP(1, [1])) == "layer1"  # of its own, beside that of its first layer


def test_what_is_put_in_place_of_a_weight_stays_what_it_is() -> None:
    class Holder(Module):
        def __init__(self, part: Module) -> None:
            self.part = part

    def square(w: Any) -> Any:
        neuron = Neuron(1, activation=None)
        neuron.w, neuron.b = [w], Constant(0.0)
        Holder(neuron)
        assert not neuron.b.is_parameter
        return neuron([2.0]) ** 2

    assert grad(square)(3.0) == 24.0
    plain = Neuron(2, activation=None)
    plain.w = [0.5, -0.5]  # type: ignore[list-item]
    assert Holder(plain).part([1.0, 2.0]).data == -0.5


def test_numbered_parts_keep_their_names_in_other_containers() -> None:
    model = MLP(2, [2, 1])
    names = list(model.state_dict())
    model.layers = tuple(model.layers)  # type: ignore[assignment]
    neuron = model.layers[0].neurons[0]
    neuron.w = tuple(neuron.w)  # type: ignore[assignment]
    assert list(model.state_dict()) == names
    neuron.w = np.array(neuron.w)  # type: ignore[assignment]
    assert list(model.state_dict()) == names
    assert [p.name for p in model.parameters()][:3] == ["w_1", "w_2", "b"]


@pytest.mark.parametrize(
    "inputs",
    [[1, 2], (True, 2.0), np.array([1, 2]), np.array([1.0, 2.0]), [np.float32(1), 2], iter([1, 2])],
)
def test_inputs_are_numbers_of_all_kinds(inputs: Any) -> None:
    neuron = Neuron(2, nonlin=False)
    neuron.w[0].data, neuron.w[1].data = 0.5, 0.25
    result = neuron(inputs)
    assert result.data == 1.0
    assert [(type(p.data), p.is_constant) for p in result.parents[2:4]] == [(float, True)] * 2


def test_naming_one_result_leaves_the_next_call_alone() -> None:
    neuron = Layer(1, 1).neurons[0]
    first = neuron([1.0])
    first.name = "mine"
    assert neuron([1.0]).name == "h"
    assert (first.name, first.scope) == ("mine", "neuron1")


def test_nothing_is_recorded_under_no_grad() -> None:
    model = MLP(2, [2, 1])
    expected = model([1.0, 2.0]).data
    with no_grad():
        root = model([1.0, 2.0])
    assert root.data == expected
    assert circuit(root) == [root]


def test_a_dropped_circuit_is_freed_at_once_and_the_model_stays() -> None:
    model = MLP(2, [4, 1])
    gc.disable()
    try:
        root = model([1.0, 2.0])
        root.backward()
        watched = weakref.ref(root)
        del root
        assert watched() is None
    finally:
        gc.enable()
    assert all(p.swept for p in model.parameters()[-5:])


def test_reprs_say_the_structure() -> None:
    assert repr(MLP(2, [16, 1])) == "MLP(2, [16, 1], activation='relu', output=None)"
    assert repr(MLP(2, [3], output="tanh")) == "MLP(2, [3], output='tanh')"
    assert repr(Layer(2, 3, activation="tanh")) == "Layer(2, 3, activation='tanh')"
    assert repr(Neuron(2, nonlin=False)) == "Neuron(2, activation=None)"
    for none in (None, "linear", "identity"):
        assert repr(Neuron(2, activation=none)) == "Neuron(2, activation=None)"


# Modules of one's own, PyTorch's names


class Forward(Module):
    """A class as PyTorch's users write it."""

    def __init__(self) -> None:
        self.body, self.scale = MLP(2, [2, 1], rng=random.Random(0)), Value(3.0)

    def forward(self, x: Any, shift: float = 0.0) -> Any:
        return self.scale * self.body(x) + shift


def test_a_module_with_forward_can_be_called() -> None:
    model = Forward()
    expected = 3.0 * model.body([1.0, 2.0]).data
    assert model([1.0, 2.0]).data == model.forward([1.0, 2.0]).data == expected
    assert model([1.0, 2.0], shift=1.0).data == expected + 1.0
    assert functional_call(model, [p.data for p in model.parameters()], [1.0, 2.0]).data == expected


@pytest.mark.parametrize("kind", [Neuron, Layer, MLP])
@pytest.mark.parametrize("method", ["forward", "__call__"])
def test_a_derived_part_may_define_either(kind: Any, method: str) -> None:
    size = {Neuron: (), Layer: (1,), MLP: ([1],)}[kind]

    def twice(self: Any, x: Any) -> Any:
        return 2.0 * getattr(kind, method)(self, x)

    derived = type("Derived", (kind,), {method: twice})(2, *size, rng=random.Random(0))
    plain = kind(2, *size, rng=random.Random(0))
    assert derived([1.0, 2.0]).data == 2.0 * plain([1.0, 2.0]).data


def test_neurons_of_ones_own_are_called_by_their_layer() -> None:
    class Loud(Neuron):
        def forward(self, x: Any) -> Any:
            return 2.0 * super().forward(x)

    class Soft(Neuron):
        def __call__(self, x: Any) -> Any:
            return 0.5 * super().__call__(x)

    layer = Layer(2, 2, rng=random.Random(0))
    plain = [y.data for y in layer([1.0, 2.0])]
    for neuron, kind in zip(layer.neurons, (Loud, Soft), strict=True):
        neuron.__class__ = kind
    assert [y.data for y in layer([1.0, 2.0])] == [2.0 * plain[0], 0.5 * plain[1]]


def test_train_and_eval_reach_every_module_inside() -> None:
    class Held(Module):
        def __init__(self) -> None:
            self.parts: Any = [Forward(), {"a": (Neuron(1), Neuron(1))}]
            self.parts.append(self.parts[0])
            self.me = self

        def parameters(self) -> list[Value]:
            return []

    outer = Held()
    inner = [
        outer,
        outer.parts[0],
        outer.parts[0].body.layers[1].neurons[0],
        outer.parts[1]["a"][1],
    ]
    assert len(outer.modules()) == len(set(outer.modules())) == 1 + 1 + 1 + 2 + 3 + 2
    assert all(m in outer.modules() for m in inner)
    assert all(m.training for m in inner)
    assert outer.eval() is outer
    assert not any(m.training for m in inner)
    assert outer.train() is outer
    assert all(m.training for m in inner)
    assert not any(m.training for m in outer.train(False).modules())
    assert Forward().training  # the flag is one of each module, not of the class
    assert not copy.deepcopy(outer).parts[0].training
    assert "training" not in outer.parts[0].state_dict()


@pytest.mark.parametrize("kind", [Neuron, Layer, MLP])
def test_the_signature_names_the_settings(kind: Any) -> None:
    assert {"activation", "init", "rng"} <= set(inspect.signature(kind).parameters)


@pytest.mark.parametrize("module", [nn, optim])
def test_names_of_pytorch_say_what_to_use(module: Any) -> None:
    assert module._INSTEAD
    for name in module._INSTEAD:
        assert not hasattr(module, name)
        with pytest.raises(AttributeError, match=f"{name}.*: use "):
            getattr(module, name)
    with pytest.raises(AttributeError, match="did you mean"):
        getattr(module, module.__all__[0] + "_")
    with pytest.raises(AttributeError, match=r"'qqq'$"):
        _ = module.qqq


# First weights


def weights(count: int, **settings: Any) -> list[float]:
    model = MLP(50, [count // 50, 1], rng=random.Random(3), **settings)
    return [w.data for n in model.layers[0].neurons for w in n.w]


@pytest.mark.parametrize(
    ("init", "variance", "bound"),
    [
        ("uniform", 1 / 50 / 3, 1 / math.sqrt(50)),
        ("xavier", 2 / (50 + 200), math.sqrt(6 / (50 + 200))),
        ("he", 2 / 50, math.inf),
    ],
)
def test_initializers_draw_as_wide_as_they_say(init: str, variance: float, bound: float) -> None:
    drawn = weights(10_000, init=init)
    assert np.var(drawn) == pytest.approx(variance, rel=0.05)
    assert max(map(abs, drawn)) <= bound
    assert abs(np.mean(drawn)) < 4 * math.sqrt(variance / 10_000)
    assert drawn == weights(10_000, init=INITIALIZERS[init])


@pytest.mark.parametrize(
    ("activation", "chosen"),
    [
        *((name, he) for name in ("relu", "elu", "gelu", "silu", "softplus", "log_sigmoid")),
        *((name, he) for name in ("reciprocal", "tan", "cbrt", "log")),
        *((name, xavier) for name in ("tanh", "sigmoid", "softsign", "hardtanh")),
        (None, uniform),
    ],
)
def test_the_default_width_fits_the_activation(activation: str | None, chosen: Any) -> None:
    own = Neuron(3, activation=activation, rng=random.Random(9), nout=2)
    asked = Neuron(3, activation=activation, init=chosen, rng=random.Random(9), nout=2)
    assert own.state_dict() == asked.state_dict()


def test_weights_come_from_the_given_generator_alone() -> None:
    random.seed(4)
    before = random.getstate()
    model = MLP(2, [3, 1], rng=random.Random(0))
    assert random.getstate() == before
    assert model.state_dict() == MLP(2, [3, 1], rng=random.Random(0)).state_dict()
    assert model.state_dict() != MLP(2, [3, 1], rng=random.Random(1)).state_dict()
    random.seed(4)
    first = MLP(2, [3, 1]).state_dict()
    random.seed(4)
    assert MLP(2, [3, 1]).state_dict() == first
    drawn = [w for name, w in model.state_dict().items() if not name.endswith("b")]
    assert len(set(drawn)) == len(drawn)  # neurons alike at the start would stay alike


# Errors


@pytest.mark.parametrize(
    ("attempt", "error", "says"),
    [
        (lambda: Neuron(2)([1.0]), ValueError, "2 inputs, not 1"),
        (lambda: Neuron(2)([1.0, 2.0, 3.0]), ValueError, "2 inputs, not 3"),
        (lambda: MLP(3, [2, 1])([1.0, 2.0]), ValueError, "layer1/neuron1 takes 3 inputs, not 2"),
        (lambda: MLP(3, [2, 1])(iter([1.0])), ValueError, "3 inputs, not 1"),
        (lambda: Neuron(2)(1.0), ValueError, "2 inputs, not 1"),
        (lambda: Neuron(2)(["a", "b"]), TypeError, "real number, not str"),
        (lambda: Neuron(2)("ab"), TypeError, "not str"),
        (lambda: Neuron(2)({1.0: 2.0, 3.0: 4.0}), TypeError, "not dict"),
        (lambda: Neuron(2)([[1.0, 2.0], [3.0, 4.0]]), TypeError, "one sample at a time"),
        (lambda: Neuron(2)(np.zeros((2, 2))), TypeError, "one sample at a time"),
        (lambda: MLP(2, "16"), TypeError, r"\[16, 16, 1\]"),  # type: ignore[arg-type]
        (lambda: Neuron(2, activation="ReLUU"), ValueError, "'relu'"),
        (lambda: Neuron(0), ValueError, "inputs .* at least 1, not 0"),
        (lambda: Layer(2, 0), ValueError, "neurons .* at least 1, not 0"),
        (lambda: Layer(0, 2), ValueError, "inputs .* at least 1, not 0"),
        (lambda: Neuron(2.5), TypeError, r"inputs .* float \(2\.5\)"),  # type: ignore[arg-type]
        (lambda: MLP(2, []), ValueError, "at least one layer"),
        (lambda: MLP(2, [3, 0, 1]), ValueError, "neurons .* at least 1, not 0"),
        (lambda: MLP(2, [2.5]), TypeError, r"neurons .* float \(2\.5\)"),  # type: ignore[list-item]
        (lambda: Neuron(2, "tanh"), TypeError, "nonlin .* 'tanh'.*activation="),  # type: ignore[arg-type]
        (lambda: Neuron(2)({1.0, 2.0}), TypeError, "not set"),
        (lambda: Neuron(2)(b"ab"), TypeError, "not bytes"),
        (lambda: Neuron(2)(None), TypeError, "not NoneType"),
        (lambda: MLP(2, {3: 1}), TypeError, r"not \{3: 1\}"),  # type: ignore[arg-type]
        (lambda: MLP(2, 1), TypeError, r"\[16, 16, 1\]"),  # type: ignore[arg-type]
        (lambda: Neuron(2, activation="rleu"), ValueError, "'relu'"),
        (lambda: Neuron(2, activation="linar"), ValueError, "'linear'"),
        (lambda: Neuron(2, activation="qqqq"), ValueError, "one number"),
        (lambda: MLP(2, [2], output="softmax"), ValueError, "softmax"),
        (lambda: MLP(2, [2], activation="tahn"), ValueError, "'tanh'"),
        (lambda: Neuron(2, init="kaiming"), ValueError, "'he'"),
        (lambda: Neuron(2, rng=7), TypeError, r"random\.Random\(0\), not 7"),  # type: ignore[arg-type]
        (lambda: Neuron(2, rng=random.Random), TypeError, "not <class"),  # type: ignore[arg-type]
        (lambda: MLP(2, [3], seed=0), TypeError, r"'seed'.*rng=random\.Random\(0\)"),  # type: ignore[arg-type]
        (lambda: Layer(2, 3, seed=0), TypeError, r"'seed'.*rng=random\.Random\(0\)"),  # type: ignore[arg-type]
        (lambda: Neuron(2, seed=0), TypeError, r"'seed'.*rng=random\.Random\(0\)"),  # type: ignore[arg-type]
        (lambda: MLP(2, [3], activatoin="tanh"), TypeError, "mean activation"),  # type: ignore[arg-type]
        (lambda: MLP(2, [3], nonlin=False), TypeError, "'nonlin'"),  # type: ignore[arg-type]
        (lambda: Module()(1.0), NotImplementedError, "Module.forward"),
    ],
)
def test_what_is_wrong_is_named(attempt: Callable[[], Any], error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        attempt()
