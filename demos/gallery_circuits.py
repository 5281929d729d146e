"""The sections of the gallery that show neurons and networks."""

from __future__ import annotations

import math
import random

from gallery_page import BY_NEURON, GATES, Picture, Section
from xor import fixed, network

from autograd_lite import Constant, Value, errstate, find_nonfinite, log, parameter, scope, sigmoid
from autograd_lite import sum as total
from autograd_lite.losses import half_squared_error
from autograd_lite.nn import MLP


def log_loss(a: Value, y: Value) -> Value:
    """L = −(y·log a + (1 − y)·log(1 − a)), term by term as in the lecture."""
    L = -(y * log(a) + (1.0 - y) * log(1.0 - a))
    L.name = "L"
    return L


def logistic_regression() -> Section:
    x1, x2 = Value(1.5, "x1"), Value(-0.5, "x2")
    w1, w2, b = parameter(0.4, "w1"), parameter(0.8, "w2"), parameter(-0.3, "b")
    z = w1 * x1 + w2 * x2 + b
    a = sigmoid(z)
    z.name, a.name = "z", "a"
    L = log_loss(a, Constant(1.0, "y"))
    L.backward()
    assert math.isclose(z.grad, a.data - 1.0, rel_tol=1e-14)
    named = {"detail": "named"}
    return Section(
        "logistic",
        "Logistic regression with the log loss",
        "L = −(y·log a + (1 − y)·log(1 − a)) with a = σ(w₁x₁ + w₂x₂ + b), for one sample with y = 1 "
        "(Sarkar 2023). Gormley (2014) has this circuit in section 2.2 with half the squared error, and "
        "the log loss in 2.1. He leaves out the minus of σ and the minus of the loss. All the steps "
        "together give ∂L/∂z = a − y = 0.475 − 1 = −0.525.",
        [
            Picture(
                "logistic_circuit",
                "Gates and wires",
                "One Σ adds the three terms of z. The branch of 1 − y contributes 0.",
                L,
                GATES,
                quick=True,
            ),
            Picture(
                "logistic_named",
                "Named nodes only",
                "Nodes without a name are folded into the next node; local derivatives are multiplied.",
                L,
                named,
            ),
        ],
        played=L,
        play={"quiz": True, **named},
    )


def two_layers() -> Section:
    model = network([[[0.5, -1.0], [1.5, 0.5]], [[1.0, -2.0]]], [[0.25, -0.5], [0.5]])
    a = model([Value(1.0, "x1"), Value(0.5, "x2")])
    with scope("loss"):
        L = log_loss(a, Constant(1.0, "y"))
    L.backward()
    return Section(
        "two_layers",
        "A network of two layers",
        "Two sigmoid units and one on top, with the log loss (Sarkar 2023). Gormley (2014, section 2.3) "
        "has the same units with half the squared error. He leaves out the minus of σ.",
        [
            Picture(
                "two_circuit",
                "Gates and wires",
                "Each input receives a contribution from both hidden units. Nodes without a name, such as "
                "those of the log loss, are folded into one gate with its formula.",
                L,
                {**GATES, "detail": "named"},
            ),
            Picture(
                "two_scope",
                "Neuron by neuron",
                "There is one box for each neuron, with all its weights and gradients.",
                L,
                BY_NEURON,
            ),
        ],
    )


def multilayer() -> tuple[Value, Value]:
    """The loss of a 2-4-1 tanh network after its sweep, and one of its weights."""
    model = MLP(2, [4, 1], activation="tanh", rng=random.Random(1))
    L = half_squared_error(model([Value(1.0, "x1"), Value(-0.5, "x2")]), 1.0)
    L.backward()
    return L, model.layers[0].neurons[0].w[0]


def deep() -> Value:
    """The loss of a network of five layers of sigmoids after its sweep."""
    model = MLP(2, [2, 2, 2, 2, 1], activation="sigmoid", rng=random.Random(1))
    L: Value = half_squared_error(model([Value(1.0, "x1"), Value(-0.5, "x2")]), 1.0)
    L.backward()
    return L


def batch() -> Value:
    """The summed loss of a 2-2-1 tanh network over ten samples after its sweep."""
    rng = random.Random(1)
    model = MLP(2, [2, 1], activation="tanh", rng=rng)
    points = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(10)]
    parts = [half_squared_error(model(point), float(point[0] > point[1])) for point in points]
    E: Value = sum(parts[1:], parts[0])
    E.name = "E"
    E.backward()
    return E


def perceptron() -> Section:
    L, _ = multilayer()
    return Section(
        "mlp",
        "A multilayer perceptron",
        "Two inputs, four tanh units and a linear output, with half the squared error (Muzaffar).",
        [
            Picture(
                "mlp_units",
                "Units in layers",
                "What draw(loss) shows of a network: in each unit z with δ and the activation with its "
                "derivative, and every weight with its gradient where the wire of its input enters.",
                L,
                {},
            ),
            Picture(
                "mlp_magnitude",
                "Magnitude as ink",
                "Sigmoids in a row: wires are as wide as their contributions and boxes as deep in color as "
                "their gradients, on one logarithmic scale, so a gradient that vanishes is seen at once.",
                deep(),
                {"magnitude": True},
            ),
            Picture(
                "mlp_batch",
                "Ten samples",
                "The same network on ten samples: one of them is drawn, in a plate with their number, and "
                "beside each weight stands the gradient of their sum.",
                batch(),
                {},
            ),
            Picture(
                "mlp_layers",
                "Layer by layer",
                "Collapsed at depth 1, each layer is one box, and a wire shows the sum of the gradients "
                "that flow through it.",
                L,
                {"style": "scope"},
            ),
            Picture(
                "mlp_neurons",
                "Neuron by neuron",
                "Collapsed at depth 2, each neuron is one box with its weights and gradients.",
                L,
                BY_NEURON,
            ),
        ],
    )


def parts() -> Section:
    L, w = multilayer()
    return Section(
        "parts",
        "Parts of a circuit",
        "Parts of the same network. The last line of each picture says what it leaves out.",
        [
            Picture(
                "mlp_path",
                "The path of one weight",
                "The chain rule from the first weight to the loss, with one factor on each wire.",
                L,
                {"focus": w, "direction": "TB", "scopes": False},
            ),
            Picture(
                "mlp_near",
                "Near the result",
                "The nodes that are at most four steps from the loss.",
                L,
                {**GATES, "max_depth": 4},
            ),
            Picture(
                "mlp_strong",
                "Where the gradient is",
                "The wires whose contribution is at least 0.3 in magnitude.",
                L,
                {**GATES, "min_grad": 0.3},
            ),
        ],
    )


def xor() -> Section:
    L = half_squared_error(fixed()([Value(0.0, "x1"), Value(1.0, "x2")]), 1.0)
    L.backward()
    return Section(
        "xor",
        "XOR with fixed weights",
        "The network of COMP755 lecture 22 with weights set by hand, F = 5, at the corner (0, 1). Its "
        "output is 0.8932.",
        [
            Picture(
                "xor_scope",
                "Neuron by neuron",
                "The second hidden unit responds to this corner: 0.9241 against 5.528e−4.",
                L,
                BY_NEURON,
            ),
        ],
    )


def saturated() -> Section:
    w, x = parameter(20.0, "w"), Value(2.0, "x")
    z = w * x
    a = sigmoid(z)
    z.name, a.name = "z", "a"
    with errstate("ignore"):
        L = log_loss(a, Constant(1.0, "y"))
        L.backward()
    return Section(
        "nan",
        "Where a nan comes from",
        "σ(40) is rounded to 1. Then the log loss as it is written contains 0·log 0. The function "
        "binary_cross_entropy of the engine leaves out that term.",
        [
            Picture(
                "nan",
                "The path of the nan",
                "find_nonfinite names the first infinity. The thick wires lead from it to the result.",
                L,
                {**GATES, "highlight": find_nonfinite(L)},
            ),
        ],
    )


def too_large() -> Section:
    model = MLP(2, [16, 16, 1], activation="tanh", rng=random.Random(0))
    losses = [half_squared_error(model([math.sin(i), math.cos(i)]), float(i % 2)) for i in range(10)]
    E: Value = total(losses)
    E.name = "E"
    E.backward()
    return Section(
        "large",
        "Too large to draw",
        "A 2-16-16-1 network at ten samples has over a thousand nodes. Above 100, nodes are collapsed.",
        [
            Picture(
                "large",
                "Collapsed by scope",
                "A box says how many nodes it holds, and gives the range of their outputs and the largest "
                "gradient of a parameter.",
                E,
                {"style": "scope"},
            ),
        ],
    )
