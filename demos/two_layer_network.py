"""A network of two layers: every formula of the notes against the engine, on random networks.

    python demos/two_layer_network.py [folder]

Sarkar's summary (2023) for one sample and its vectorised form for many; the layerwise formulas for a
network of any depth and any activation; Gormley's circuit (2014, section 2.3) down to the inputs.
Where a formula of the notes holds only in a special case, or not at all, finite differences decide.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from common import figure, judged, output_folder, run, save, save_circuit, verdict

from autograd_lite import TABLE, Value, scope
from autograd_lite import sum as total
from autograd_lite.losses import binary_cross_entropy, half_squared_error
from autograd_lite.nn import Layer, Module

Array = np.ndarray[Any, np.dtype[np.float64]]


class Network(Module):
    """Layers whose sums z and activations a are kept, so that their gradients can be read."""

    def __init__(self, sizes: list[int], activations: list[str], rng: random.Random) -> None:
        self._activations = activations
        self.layers: list[Layer] = []
        for k, (nin, nout) in enumerate(pairwise(sizes), 1):
            with scope(f"layer{k}"):
                self.layers.append(Layer(nin, nout, activation=None, init="xavier", rng=rng))
        for p in self.parameters():
            p.data += rng.gauss(0.0, 0.3)  # biases too
        self.z: list[list[Value]] = []
        self.a: list[list[Value]] = []

    def _members(self) -> Any:
        return ((f"layer{k}", layer) for k, layer in enumerate(self.layers, 1))

    def __call__(self, x: Sequence[Any]) -> list[Value]:
        """The outputs; ``z[0]`` and ``a[1]`` are then the first layer's, and ``a[0]`` is x."""
        self.z, self.a = [], [list(x)]
        for k, (layer, name) in enumerate(zip(self.layers, self._activations, strict=True), 1):
            sums = layer(self.a[-1])
            self.z.append(sums if isinstance(sums, list) else [sums])
            self.a.append([])
            for j, z in enumerate(self.z[-1], 1):
                with scope(f"layer{k}/neuron{j}"):
                    self.a[-1].append(TABLE[name](z))
        return self.a[-1]

    def weights(self, k: int, what: str = "data") -> Array:
        """The matrix W of layer k, or with ``what="grad"`` its gradient."""
        return np.array(
            [[getattr(w, what) for w in neuron.w] for neuron in self.layers[k - 1].neurons]
        )

    def biases(self, k: int, what: str = "data") -> Array:
        """The column b of layer k."""
        return np.array([[getattr(neuron.b, what)] for neuron in self.layers[k - 1].neurons])


def column(nodes: list[Value], what: str = "data") -> Array:
    return np.array([[getattr(node, what)] for node in nodes])


def apart(notes: Array, engine: Array) -> float:
    """The largest difference, relative to the largest entry; the shapes have to agree."""
    assert notes.shape == engine.shape, (notes.shape, engine.shape)
    return float(np.abs(notes - engine).max() / max(np.abs(engine).max(), 1e-300))


def summary(network: Network, x: list[Value], y: float) -> dict[str, tuple[Array, Array]]:
    """Sarkar's summary, a formula at a time, and Gormley's dx: (by the notes, by the engine)."""
    (out,) = network(x)
    network.zero_grad()
    binary_cross_entropy(out, y).backward()
    X, a1, a2 = column(x), column(network.a[1]), column(network.a[2])
    W = {k: network.weights(k) for k in (1, 2)}
    da2 = -y / a2 + (1 - y) / (1 - a2)
    dz2 = a2 - y
    da1 = W[2].T @ dz2
    dz1 = W[2].T @ dz2 * a1 * (1 - a1)
    return {
        "da² = −y/a² + (1 − y)/(1 − a²)": (da2, column(network.a[2], "grad")),
        "dz² = a² − y": (dz2, column(network.z[1], "grad")),
        "db² = a² − y": (dz2, network.biases(2, "grad")),
        "dW² = (a² − y) a¹ᵀ": (dz2 @ a1.T, network.weights(2, "grad")),
        "da¹ = W²ᵀ dz²": (da1, column(network.a[1], "grad")),
        "dz¹ = W²ᵀ dz² ∗ a¹(1 − a¹)": (dz1, column(network.z[0], "grad")),
        "db¹ = dz¹": (dz1, network.biases(1, "grad")),
        "dW¹ = dz¹ xᵀ": (dz1 @ X.T, network.weights(1, "grad")),
        "dx = W¹ᵀ dz¹": (W[1].T @ dz1, column(x, "grad")),
    }


def vectorised(network: Network, xs: Array, ys: Array) -> dict[str, tuple[Array, Array]]:
    """Sarkar's vectorised form, a sample in each column: (by the notes, by the engine)."""
    n = len(ys)
    losses = [binary_cross_entropy(network(x)[0], y) for x, y in zip(xs.tolist(), ys, strict=True)]
    network.zero_grad()
    (total(losses) / n).backward()
    W, b = ({k: part(k) for k in (1, 2)} for part in (network.weights, network.biases))
    X = xs.T
    a1 = 1 / (1 + np.exp(-(W[1] @ X + b[1])))
    a2 = 1 / (1 + np.exp(-(W[2] @ a1 + b[2])))
    dz2 = a2 - ys
    dz1 = W[2].T @ dz2 * a1 * (1 - a1)
    return {
        "dW² = dZ² A¹ᵀ/n": (dz2 @ a1.T / n, network.weights(2, "grad")),
        "db² = Σ dZ²/n": (dz2.sum(axis=1, keepdims=True) / n, network.biases(2, "grad")),
        "dW¹ = dZ¹ Xᵀ/n": (dz1 @ X.T / n, network.weights(1, "grad")),
        "db¹ = Σ dZ¹/n": (dz1.sum(axis=1, keepdims=True) / n, network.biases(1, "grad")),
    }


def inputs(count: int, rng: random.Random) -> list[Value]:
    return [Value(rng.gauss(0.0, 1.0), f"x_{i}") for i in range(1, count + 1)]


def the_summary(networks: int, folder: Path) -> dict[str, float]:
    rng = random.Random(2)
    worst: dict[str, float] = {}
    sizes, differences = [], []
    for _ in range(networks):
        shape = [rng.randint(1, 8), rng.randint(1, 12), 1]
        network = Network(shape, ["sigmoid", "sigmoid"], rng)
        pairs = summary(network, inputs(shape[0], rng), float(rng.randint(0, 1)))
        n = rng.randint(2, 9)
        xs = np.array([[rng.gauss(0, 1) for _ in range(shape[0])] for _ in range(n)])
        pairs |= vectorised(network, xs, np.array([float(rng.randint(0, 1)) for _ in range(n)]))
        sizes.append(len(network.parameters()))
        found = {formula: apart(*pair) for formula, pair in pairs.items()}
        differences.append(max(found.values()))
        worst = {formula: max(d, worst.get(formula, 0.0)) for formula, d in found.items()}
    print(
        f"Sarkar's summary on {networks} random networks of up to 8 inputs and 12 hidden units, for one"
        "\nsample and (in capitals) for 2 to 9 samples at once"
    )
    print("    formula                             furthest from the engine, relative")
    for formula, each in worst.items():
        print(f"    {formula:32}    {each:.1e}")
    print()

    fig, (axes,) = figure(size=(6.8, 4.2))
    floor = 2.0**-54
    axes.semilogy(
        sizes,
        np.maximum(differences, floor),
        "o",
        markersize=5,
        alpha=0.7,
        label="a network, its worst formula",
    )
    axes.axhline(2.0**-52, color="#a61b00", linewidth=1.2, label="spacing of floats at 1, 2⁻⁵²")
    axes.set(
        xlabel="weights and biases",
        ylabel="relative difference",
        ylim=(floor / 2, 1e-12),
        title="Formulas and engine differ by rounding alone",
    )
    axes.legend(loc="upper right")
    save(fig, folder, "agreement")

    draw_small(folder)
    return {"summary apart": max(worst.values())}


def draw_small(folder: Path) -> None:
    """Two inputs, two hidden units, one output, with a name for everything."""
    network = Network([2, 2, 1], ["sigmoid", "sigmoid"], random.Random(3))
    (out,) = network(inputs(2, random.Random(4)))
    L = binary_cross_entropy(out, 1.0)
    hidden, output = network.layers
    for j, neuron in enumerate(hidden.neurons, 1):
        for i, w in enumerate(neuron.w, 1):
            w.name = f"w_{j}{i}"
        neuron.b.name = f"b_{j}"
        network.z[0][j - 1].name, network.a[1][j - 1].name = f"z_{j}", f"a_{j}"
    for j, v in enumerate(output.neurons[0].w, 1):
        v.name = f"v_{j}"
    output.neurons[0].b.name = "c"
    network.z[1][0].name, out.name = "z", "a"
    L.backward()
    save_circuit(L, folder, "circuit", style="circuit")
    save_circuit(L, folder, "cards")


def layerwise(
    network: Network,
    xs: list[list[float]],
    ts: list[list[float]],
    slopes: list[Callable[[Array], Array]],
) -> list[tuple[Array, Array]]:
    """The vectorised formulas for any depth, half-SSE averaged over samples: (dW, db) per layer.

    Z = W A + b, A = g(Z); dZ = dA ∗ g′(Z), dW = dZ Aᵀ/n with the A of the layer below, db the mean
    of dZ over the samples, and Wᵀ dZ is the dA of the layer below.
    """
    A: list[Array] = [np.array(xs).T]
    Z: list[Array] = []
    for k, activation in enumerate(network._activations, 1):
        Z.append(network.weights(k) @ A[-1] + network.biases(k))
        A.append(np.vectorize(lambda z, row=TABLE[activation]: row(float(z)))(Z[-1]))
    n = len(xs)
    above = A[-1] - np.array(ts).T
    found: list[tuple[Array, Array]] = []
    for k in range(len(Z), 0, -1):
        dz = above * slopes[k - 1](Z[k - 1])
        found.insert(0, (dz @ A[k - 1].T / n, dz.sum(axis=1, keepdims=True) / n))
        above = network.weights(k).T @ dz
    return found


SLOPES: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "tanh": lambda z: 1 / np.cosh(z) ** 2,
    "relu": lambda z: (z > 0).astype(float),
}


def any_depth(networks: int) -> dict[str, float]:
    rng = random.Random(5)
    worst = 0.0
    deepest = 0
    for _ in range(networks):
        sizes = [rng.randint(1, 5) for _ in range(rng.randint(3, 6))]
        activations = [rng.choice(["sigmoid", "tanh", "relu"]) for _ in sizes[1:]]
        network = Network(sizes, activations, rng)
        n = rng.randint(1, 6)
        xs = [[rng.gauss(0, 1) for _ in range(sizes[0])] for _ in range(n)]
        ts = [[rng.gauss(0, 1) for _ in range(sizes[-1])] for _ in range(n)]
        losses = [half_squared_error(network(x), t) for x, t in zip(xs, ts, strict=True)]
        (total(losses) / n).backward()
        formulas = layerwise(network, xs, ts, [SLOPES[name] for name in activations])
        for k, (dw, db) in enumerate(formulas, 1):
            engine = np.hstack([network.weights(k, "grad"), network.biases(k, "grad")])
            scale = max(float(np.abs(engine).max()), 1e-8)
            worst = max(worst, float(np.abs(np.hstack([dw, db]) - engine).max()) / scale)
        deepest = max(deepest, len(activations))
    print(
        f"Layer by layer, dW = dZ Aᵀ/n and dA = Wᵀ dZ: {networks} random networks of 2 to {deepest} "
        f"layers with sigmoid,\ntanh and relu units, several outputs and samples: at most {worst:.0e} "
        "from the engine\n"
    )
    return {"layerwise apart": worst}


def faults() -> dict[str, float]:
    """The formulas of the notes that hold only for one output, or for Wᵀ, or not at all."""
    rng = random.Random(6)
    network = Network([3, 2, 2], ["tanh", "sigmoid"], rng)
    x = inputs(3, rng)
    targets = np.array([1.0, 0.0])
    outs = network(x)
    losses = [binary_cross_entropy(a, float(t)) for a, t in zip(outs, targets, strict=True)]
    total(losses).backward()
    z1, a1, z2 = network.z[0], network.a[1], network.z[1]
    W = {k: network.weights(k) for k in (1, 2)}
    b = {k: network.biases(k)[:, 0] for k in (1, 2)}
    X, A = column(x), column(a1)
    dz2, da1, dz1 = (column(nodes, "grad") for nodes in (z2, a1, z1))

    def by_a1(*a: float) -> float:
        y = 1 / (1 + np.exp(-(W[2] @ a + b[2])))
        return float(-np.sum(targets * np.log(y) + (1 - targets) * np.log(1 - y)))

    def by_z1(*z: float) -> float:
        return by_a1(*np.tanh(z))

    def by_x(*at: float) -> float:
        return by_z1(*(W[1] @ at + b[1]))

    def by_w1(*w: float) -> float:
        return by_z1(*(np.reshape(w, W[1].shape) @ X[:, 0] + b[1]))

    def by_b1(*offsets: float) -> float:
        return by_z1(*(W[1] @ X[:, 0] + offsets))

    def without_b1(*_: float) -> float:
        return by_z1(*(W[1] @ X[:, 0]))

    def y1_by_its_weight(w: float) -> float:
        return float(1 / (1 + np.exp(-(w * A[0, 0] + W[2][0, 1] * A[1, 0] + b[2][0]))))

    slope = outs[0].data * (1 - outs[0].data)  # ∂h²₁/∂z²₁, and by z¹₁ with the layers mixed up:
    mixed = slope * W[2][0, 0] * (1 - A[0, 0] ** 2)
    swapped = (dz2.T @ W[2].T).T
    claims: dict[str, tuple[Callable[..., float], Array, Array]] = {
        "da¹ = dz² W²ᵀ (Sarkar)": (by_a1, swapped, A),
        "da¹ = W²ᵀ dz²": (by_a1, W[2].T @ dz2, A),
        "dz¹ = da¹ ∗ a¹(1 − a¹) (Sarkar)": (by_z1, da1 * A * (1 - A), column(z1)),
        "dz¹ = da¹ ∗ (1 − (a¹)²), for tanh": (by_z1, da1 * (1 - A**2), column(z1)),
        "dW¹ = x dz¹ᵀ (Sarkar)": (by_w1, X @ dz1.T, W[1]),
        "dW¹ = dz¹ xᵀ": (by_w1, dz1 @ X.T, W[1]),
        "db¹ = dz¹ with z¹ = W¹x (Sarkar)": (without_b1, dz1, b[1]),
        "db¹ = dz¹ with z¹ = W¹x + b¹": (by_b1, dz1, b[1]),
        "dxᵢ = Σⱼ daⱼ · Σⱼ αⱼᵢ (Gormley)": (by_x, dz1.sum() * W[1].sum(axis=0), X),
        "dxᵢ = Σⱼ daⱼ αⱼᵢ": (by_x, W[1].T @ dz1, X),
        "∂hᴸᵢ/∂zˡᵢ · ∂zᴸᵢ/∂w (COMP755, 25)": (y1_by_its_weight, mixed * A[0], W[2][0, :1]),
        "∂hˡᵢ/∂zˡᵢ · ∂zˡᵢ/∂w": (y1_by_its_weight, slope * A[0], W[2][0, :1]),
    }
    print(
        "Formulas of the notes, and as they should be; 3 inputs, 2 tanh units, 2 sigmoid outputs:"
    )
    found: dict[str, float] = {}
    for formula, (value, gradient, at) in claims.items():
        numbers = np.ravel(gradient).tolist()
        report = judged(value, lambda _, __, numbers=numbers: numbers, np.ravel(at).tolist())
        found[f"gradcheck {formula}"] = report.ok
        print(f"    {formula:34} {verdict(report)}")
    print(
        f"  dz² W²ᵀ as columns: shapes {dz2.shape} and {W[2].T.shape} do not multiply. As rows they do "
        "here, having as\n"
        "  many hidden units as outputs. It is also what comes of COMP755's equations 22, 34 and 44, "
        "with i\n  on the left and under the Σ: right is ∂l/∂hⱼ = Σᵢ ∂l/∂hᵢ f′(zᵢ) wᵢⱼ.\n"
        f"  A (dL/dZ)ᵀ has the shape {(X @ dz1.T).shape} and W¹ {W[1].shape}: it belongs to Z = WᵀA.\n"
        f"  W¹ in every layer (COMP755's hˡ = f(W¹hˡ⁻¹ + bˡ)) cannot be: {W[1].shape} and {A.shape}.\n"
        "  COMP755 writes ŷ/∂h for ∂ŷ/∂h and ∂E/w for ∂E/∂w throughout; in equation 18 hᴸ lacks its i, "
        "in 19\n  the last factor is ∂hⱼᴸ⁻¹/∂θ. Gormley's D counts the inputs in 2.2 and the hidden "
        "units in 2.3,\n  where M counts the inputs; his z₀ = 1, which gives β₀ the gradient of a bias, "
        "is no sigmoid unit.\n"
    )
    engine = {
        "da1": apart(W[2].T @ dz2, da1),
        "dz1": apart(da1 * (1 - A**2), dz1),
        "dW1": apart(dz1 @ X.T, network.weights(1, "grad")),
        "db1": apart(dz1, network.biases(1, "grad")),
        "dx": apart(W[1].T @ dz1, column(x, "grad")),
    }
    return found | {f"{name} right": each for name, each in engine.items()}


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    folder = output_folder("two_layer_network", folder)
    networks = 30 if quick else 200
    numbers = the_summary(networks, folder)
    numbers |= any_depth(networks)
    numbers |= faults()
    print(f"Pictures: {folder}")
    return numbers


if __name__ == "__main__":
    run(main)
