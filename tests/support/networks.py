"""The lectures' formulas for whole networks, in NumPy and apart from the engine; a network to train."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.data import LectureXor
from autograd_lite.nn import MLP

Array = Any


def sigmoid(z: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-z))


def complex_step(f: Callable[[Array], Any], x: Any) -> Array:
    """The gradient of a function of an array, an entry at a time: Im f(x + ih)/h with h = 1e-20.

    It has no cancellation and knows no rule of the engine.
    """
    x = np.asarray(x, dtype=float)
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[i] += 1e-20j
        slopes[i] = f(moved).imag / 1e-20
    return slopes


def matrices(model: Any) -> list[Array]:
    """The weights of each layer, a row for each neuron, with the biases as the last column."""
    return [
        np.array([[p.data for p in neuron.parameters()] for neuron in layer.neurons])
        for layer in model.layers
    ]


def outputs(
    layers: list[Array], x: Array, hidden: Callable[[Array], Array], last: Callable[[Array], Array]
) -> Array:
    """What a network with these :func:`matrices` gives for ``x``, a column for each sample."""
    for k, W in enumerate(layers, 1):
        z = W @ np.vstack([x, np.ones(x.shape[1:])])
        x = last(z) if k == len(layers) else hidden(z)
    return x


def descend(
    problem: LectureXor, steps: int, lr: float, *, fault: bool = False
) -> tuple[list[float], Array, list[Array]]:
    """Gradient descent on the summed half squared error, all samples at once.

    Gives the error before every step, the outputs at the four corners, and each layer's weights with
    its bias as a last column. The ``fault`` is the lecture's: every bias of a layer moves by the
    gradient of the last one.
    """
    x, y = np.array(problem.xs).T, np.array(problem.ys)
    first, second = (np.column_stack([W, b]) for W, b in zip(problem.weights, problem.biases, strict=True))

    def forward(x: Array) -> tuple[Array, Array, Array]:
        x = np.vstack([x, np.ones(x.shape[1])])
        h = np.vstack([sigmoid(first @ x), np.ones(x.shape[1])])
        return x, h, sigmoid(second @ h)

    errors = []
    for _ in range(steps):
        inputs, h, out = forward(x)
        errors.append(float(0.5 * ((out - y) ** 2).sum()))
        above = (out - y) * out * (1 - out)
        below = (second[:, :-1].T @ above) * h[:-1] * (1 - h[:-1])
        slope = below @ inputs.T
        if fault:
            slope[:, -1] = slope[-1, -1]
        second, first = second - lr * above @ h.T, first - lr * slope
    corners = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    return errors, forward(corners)[2][0], [first, second]


def line(n: int = 70, seed: int = 0) -> tuple[list[list[float]], list[float]]:
    """Points of a plane with noise."""
    rng = random.Random(seed)
    xs = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(n)]
    return xs, [2.0 * a - b + 0.5 + rng.gauss(0, 0.1) for a, b in xs]


def model(seed: int = 0) -> MLP:
    """A small network for them."""
    return MLP(2, [3, 1], activation="tanh", rng=random.Random(seed))


def numbers(net: MLP) -> list[float]:
    return [p.data for p in net.parameters()]
