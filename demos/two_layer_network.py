"""A network of two layers: every formula of the notes and the engine, on random networks.

    python demos/two_layer_network.py [folder]

It compares Sarkar's summary (2023) for one sample, with Gormley's derivatives by the inputs (2014,
section 2.3), its vectorized form for many samples, and the layerwise formulas for a network of any depth
and activation. The errors of the notes are in two_layer_errata.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from common import layer_by_layer, matrix, output_folder, run, save_circuit
from logistic_regression import log_loss

from autograd_lite import Value, scope
from autograd_lite import sum as total
from autograd_lite.losses import binary_cross_entropy, half_squared_error
from autograd_lite.nn import MLP, Layer

Array = np.ndarray[Any, np.dtype[Any]]
Pairs = dict[str, tuple[Array, Array]]


def move(layers: Sequence[Layer], rng: random.Random) -> None:
    """Move the parameters at random, so that the biases are not 0."""
    for layer in layers:
        for p in layer.parameters():
            p.data += rng.gauss(0.0, 0.3)


def two_layers(nin: int, hidden: int, rng: random.Random) -> MLP:
    model = MLP(nin, [hidden, 1], activation="sigmoid", output="sigmoid", rng=rng)
    move(model.layers, rng)
    return model


def parts(layer: Layer, of: str = "data") -> tuple[Array, Array]:
    """The matrix W and the column b."""
    rows = np.array(matrix(layer, of))
    return rows[:, :-1], rows[:, -1:]


def column(nodes: Sequence[Value], of: str = "data") -> Array:
    return np.array([[getattr(node, of)] for node in nodes])


def logistic(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def apart(notes: Array, engine: Array) -> float:
    """The largest difference relative to the largest entry. The shapes must be equal."""
    assert notes.shape == engine.shape, (notes.shape, engine.shape)
    return float(np.abs(notes - engine).max() / max(np.abs(engine).max(), 1e-300))


def summary(model: MLP, x: Sequence[Value], y: float) -> Pairs:
    """For each formula of Sarkar's summary and Gormley's dx, its result and the engine's."""
    z, a = layer_by_layer(model.layers, x)
    model.zero_grad()
    binary_cross_entropy(a[2][0], y).backward()
    (W, b), (V, c) = map(parts, model.layers)
    X = column(x)
    a1 = logistic(W @ X + b)
    a2 = logistic(V @ a1 + c)
    da2 = -y / a2 + (1 - y) / (1 - a2)
    dz2 = a2 - y
    da1 = V.T @ dz2
    dz1 = V.T @ dz2 * a1 * (1 - a1)
    (dw1, db1), (dw2, db2) = (parts(layer, "grad") for layer in model.layers)
    return {
        "da² = −y/a² + (1 − y)/(1 − a²)": (da2, column(a[2], "grad")),
        "dz² = a² − y": (dz2, column(z[1], "grad")),
        "db² = a² − y": (dz2, db2),
        "dW² = (a² − y) a¹ᵀ": (dz2 @ a1.T, dw2),
        "da¹ = W²ᵀ dz²": (da1, column(a[1], "grad")),
        "dz¹ = W²ᵀ dz² ∗ a¹(1 − a¹)": (dz1, column(z[0], "grad")),
        "db¹ = dz¹": (dz1, db1),
        "dW¹ = dz¹ xᵀ": (dz1 @ X.T, dw1),
        "dx = W¹ᵀ dz¹": (W.T @ dz1, column(x, "grad")),
    }


def vectorized(model: MLP, xs: Array, ys: Array) -> Pairs:
    """For each formula of Sarkar's vectorized form, its result and the engine's."""
    n = len(ys)
    losses = [binary_cross_entropy(model(x), y) for x, y in zip(xs.tolist(), ys, strict=True)]
    model.zero_grad()
    (total(losses) / n).backward()
    (W, b), (V, c) = map(parts, model.layers)
    X = xs.T
    a1 = logistic(W @ X + b)
    dz2 = logistic(V @ a1 + c) - ys
    dz1 = V.T @ dz2 * a1 * (1 - a1)
    (dw1, db1), (dw2, db2) = (parts(layer, "grad") for layer in model.layers)
    return {
        "dW² = dZ² A¹ᵀ/n": (dz2 @ a1.T / n, dw2),
        "db² = Σ dZ²/n": (dz2.sum(axis=1, keepdims=True) / n, db2),
        "dW¹ = dZ¹ Xᵀ/n": (dz1 @ X.T / n, dw1),
        "db¹ = Σ dZ¹/n": (dz1.sum(axis=1, keepdims=True) / n, db1),
    }


def inputs(count: int, rng: random.Random) -> list[Value]:
    return [Value(rng.gauss(0.0, 1.0), f"x_{i}") for i in range(1, count + 1)]


def the_summary(networks: int) -> dict[str, float]:
    rng = random.Random(2)
    worst: dict[str, float] = {}
    for _ in range(networks):
        nin, n = rng.randint(1, 8), rng.randint(2, 9)
        model = two_layers(nin, rng.randint(1, 12), rng)
        pairs = summary(model, inputs(nin, rng), float(rng.randint(0, 1)))
        xs = np.array([[rng.gauss(0, 1) for _ in range(nin)] for _ in range(n)])
        pairs |= vectorized(model, xs, np.array([float(rng.randint(0, 1)) for _ in range(n)]))
        for formula, pair in pairs.items():
            worst[formula] = max(apart(*pair), worst.get(formula, 0.0))
    print(
        f"Sarkar's summary on {networks} random networks of up to 8 inputs and 12 hidden units, for one"
        "\nsample and (in capitals) for 2 to 9 samples at once: formulas and engine differ by rounding"
    )
    print("    formula                             furthest from the engine, relative")
    for formula, each in worst.items():
        print(f"    {formula:32}    {each:.1e}")
    print()
    return worst


def draw_small(folder: Path) -> None:
    """Draw a network with two inputs, two hidden units and one output, as a circuit and by layers."""
    model = two_layers(2, 2, random.Random(3))
    z, a = layer_by_layer(model.layers, inputs(2, random.Random(4)))
    names = "w_11 w_12 b_1 w_21 w_22 b_2 v_1 v_2 c z_1 z_2 a_1 a_2 z a"
    nodes = [*model.parameters(), *z[0], *a[1], *z[1], *a[2]]
    for node, name in zip(nodes, names.split(), strict=True):
        node.name = name
    with scope("loss"):
        L = log_loss(a[2][0], Value(1.0, "y"))
    L.backward()
    save_circuit(L, folder, "circuit", style="circuit")
    save_circuit(L, folder, "layers", style="scope")


Function = Callable[[Array], Array]
UNITS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (logistic, lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0).astype(float)),
}


def layerwise(
    layers: Sequence[Layer],
    units: Sequence[str],
    xs: list[list[float]],
    ts: list[list[float]],
) -> list[tuple[Array, Array]]:
    """(dW, db) of each layer by the vectorized formulas, for half the squared error averaged over samples.

    Z = W A + b, A = g(Z); dZ = dA ∗ g′(Z), dW = dZ Aᵀ/n with the A of the layer below, db the mean
    of dZ over the samples, and Wᵀ dZ is the dA of the layer below.
    """
    A: list[Array] = [np.array(xs).T]
    slopes: list[Array] = []
    for layer, name in zip(layers, units, strict=True):
        W, b = parts(layer)
        Z = W @ A[-1] + b
        value, slope = UNITS[name]
        A.append(value(Z))
        slopes.append(slope(Z))
    n = len(xs)
    above = A[-1] - np.array(ts).T
    found: list[tuple[Array, Array]] = []
    for layer, below, slope_of_layer in zip(layers[::-1], A[-2::-1], slopes[::-1], strict=True):
        dz = above * slope_of_layer
        found.insert(0, (dz @ below.T / n, dz.sum(axis=1, keepdims=True) / n))
        above = parts(layer)[0].T @ dz
    return found


def any_depth(networks: int) -> dict[str, float]:
    rng = random.Random(5)
    worst = 0.0
    deepest = 0
    for _ in range(networks):
        sizes = [rng.randint(1, 5) for _ in range(rng.randint(3, 6))]
        units = [rng.choice(list(UNITS)) for _ in sizes[1:]]
        layers = [
            Layer(nin, nout, activation=name, init="xavier", rng=rng)
            for (nin, nout), name in zip(pairwise(sizes), units, strict=True)
        ]
        move(layers, rng)
        n = rng.randint(1, 6)
        xs = [[rng.gauss(0, 1) for _ in range(sizes[0])] for _ in range(n)]
        ts = [[rng.gauss(0, 1) for _ in range(sizes[-1])] for _ in range(n)]
        losses = [
            half_squared_error(layer_by_layer(layers, x)[1][-1], t) for x, t in zip(xs, ts, strict=True)
        ]
        (total(losses) / n).backward()
        for layer, formulas in zip(layers, layerwise(layers, units, xs, ts), strict=True):
            engine = np.hstack(parts(layer, "grad"))
            scale = max(float(np.abs(engine).max()), 1e-8)
            worst = max(worst, float(np.abs(np.hstack(formulas) - engine).max()) / scale)
        deepest = max(deepest, len(layers))
    print(
        f"Layer by layer, dW = dZ Aᵀ/n and dA = Wᵀ dZ: {networks} random networks of 2 to {deepest} "
        f"layers with sigmoid,\ntanh and relu units, several outputs and samples: at most {worst:.0e} "
        "from the engine\n"
    )
    return {"layerwise apart": worst}


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    folder = output_folder("two_layer_network", folder)
    networks = 30 if quick else 200
    numbers = the_summary(networks)
    numbers |= any_depth(networks)
    draw_small(folder)
    print("The errors of the notes: python demos/two_layer_errata.py")
    print(f"Pictures: {folder}")
    return numbers


if __name__ == "__main__":
    run(main)
