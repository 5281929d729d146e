"""The tanh network with linear outputs: Muzaffar's δ next to the upstream gradients of the engine.

    python demos/tanh_mlp.py [folder]

The forward pass is a_j = Σ w_ji x_i and z_j = tanh(a_j). With half the sum of squared errors as loss, the
backward pass is δ_k = y_k − t_k at the outputs and δ_j = (1 − z_j²) Σ_k w_kj δ_k in every layer below.
The gradient of a weight is δ × input. The engine does not know these formulas and computes the same
numbers. Then such a network learns two functions of one variable at once.
"""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
from common import (
    COLORS,
    figure,
    judged,
    layer_by_layer,
    matrix,
    output_folder,
    run,
    save,
    save_circuit,
    verdict,
)

from autograd_lite import Value, no_grad
from autograd_lite.losses import half_squared_error
from autograd_lite.nn import MLP
from autograd_lite.optim import Adam, cosine
from autograd_lite.training import fit


def forward(weights: list[list[list[float]]], x: list[float]) -> list[list[float]]:
    """The outputs z of every layer, with the inputs first. Each row of weights ends with its bias."""
    layers = [x]
    for k, rows in enumerate(weights, 1):
        below = [*layers[-1], 1.0]  # the constant unit that absorbs the bias
        a = [math.fsum(w * z for w, z in zip(row, below, strict=True)) for row in rows]
        layers.append(a if k == len(weights) else [math.tanh(each) for each in a])
    return layers


def backward(
    weights: list[list[list[float]]], layers: list[list[float]], t: list[float]
) -> list[list[float]]:
    """The δ of every layer of units, by Muzaffar's recursion."""
    delta = [[y - goal for y, goal in zip(layers[-1], t, strict=True)]]
    for rows, z in zip(weights[:0:-1], layers[-2:0:-1], strict=True):
        above = delta[0]
        delta.insert(
            0,
            [
                (1 - z_j**2) * math.fsum(row[j] * d for row, d in zip(rows, above, strict=True))
                for j, z_j in enumerate(z)
            ],
        )
    return delta


def random_network(sizes: list[int], seed: int) -> tuple[MLP, list[float], list[float]]:
    """A network with biases other than 0, an input and a target."""
    rng = random.Random(seed)
    nin, *nouts = sizes
    model = MLP(nin, nouts, activation="tanh", rng=rng)
    for p in model.parameters():
        p.data += rng.gauss(0.0, 0.3)
    x = [rng.gauss(0, 1) for _ in range(nin)]
    return model, x, [rng.gauss(0, 1) for _ in range(nouts[-1])]


def compare(sizes: list[int], seed: int, *, shown: bool) -> tuple[float, float]:
    """The largest differences of δ and of δ × input from the gradients of the engine."""
    model, x, t = random_network(sizes, seed)
    weights = [matrix(layer) for layer in model.layers]
    layers = forward(weights, x)
    deltas = backward(weights, layers, t)
    sums, results = layer_by_layer(model.layers, x)
    half_squared_error(results[-1], t).backward()

    if shown:
        print(f"{' → '.join(map(str, sizes))}: δ by the recursion, ∂L/∂a by the engine")
        print("    layer  unit          a         δ       ∂L/∂a   difference")
    furthest = gradients = 0.0
    for k, (delta, nodes) in enumerate(zip(deltas, sums, strict=True), 1):
        for j, (d, a) in enumerate(zip(delta, nodes, strict=True), 1):
            furthest = max(furthest, abs(d - a.grad))
            if shown:
                print(f"    {k:5}  {j:4}  {a.data:9.5f} {d:9.6f}   {a.grad:9.6f}   {d - a.grad:10.0e}")
    for layer, delta, below in zip(model.layers, deltas, layers, strict=False):
        for neuron, d in zip(layer.neurons, delta, strict=True):
            for p, unit in zip([*neuron.w, neuron.b], [*below, 1.0], strict=True):
                gradients = max(gradients, abs(p.grad - d * unit))
    if shown:
        print(f"    all {len(model.parameters())} gradients are δ × input, within {gradients:.0e}")

        def loss(*numbers: float) -> float:
            left = iter(numbers)
            moved = [[[next(left) for _ in row] for row in rows] for rows in weights]
            return float(half_squared_error(forward(moved, x)[-1], t))

        slopes = [p.grad for p in model.parameters()]
        report = judged(loss, lambda _, __: slopes, [p.data for p in model.parameters()])
        print(f"    gradcheck: {verdict(report)}\n")
    return furthest, gradients


def depths(networks: int) -> dict[str, float]:
    worst_delta = worst_gradient = 0.0
    for sizes in ([3, 4, 2], [2, 3, 3, 2]):
        delta, gradient = compare(sizes, 1, shown=True)
        worst_delta, worst_gradient = max(worst_delta, delta), max(worst_gradient, gradient)
    rng = random.Random(2)
    for seed in range(networks):
        sizes = [rng.randint(1, 6) for _ in range(rng.randint(2, 9))]
        delta, gradient = compare(sizes, seed, shown=False)
        worst_delta, worst_gradient = max(worst_delta, delta), max(worst_gradient, gradient)
    print(
        f"{networks} more networks, of 1 to 8 layers: δ at most {worst_delta:.0e} apart, gradients "
        f"{worst_gradient:.0e}."
    )
    print(
        "The units x₀ = z₀ = 1 absorb the biases, so w_j has D + 1 numbers and w_k has M + 1, and not D\n"
        "and M as in the notes. The unit z₀ has no inputs, so it has no δ.\n"
    )
    return {
        "deltas apart": worst_delta,
        "gradients apart": worst_gradient,
    }


def regression(epochs: int, folder: Path) -> dict[str, float]:
    """R¹ → R²: t₁ = sin 2x and t₂ = x²/2 − 1, from noisy samples."""
    rng = random.Random(3)
    xs = [[-2.0 + 4.0 * i / 39] for i in range(40)]
    ts = [[math.sin(2 * x) + rng.gauss(0, 0.08), x * x / 2 - 1 + rng.gauss(0, 0.08)] for (x,) in xs]
    model = MLP(1, [10, 2], activation="tanh", rng=random.Random(4))
    history = fit(
        model,
        (xs, ts),
        half_squared_error,
        Adam(model.parameters(), lr=0.05),
        epochs=epochs,
        batch_size=10,
        schedule=cosine(0.05, 0.001, epochs),
        rng=random.Random(5),
        progress=False,
    )
    print(
        f"Regression R¹ → R² with 10 tanh units: half-SSE per sample {history.loss[0]:.4f} in the "
        f"first epoch, {history.loss[-1]:.4f} in epoch {epochs}"
    )
    grid = np.linspace(-2.0, 2.0, 161)
    with no_grad():
        drawn = np.array([[y.data for y in model([float(x)])] for x in grid])
    truth = np.column_stack([np.sin(2 * grid), grid**2 / 2 - 1])
    off = float(np.sqrt(np.mean((drawn - truth) ** 2)))
    print(f"    root mean square distance from the noiseless curves: {off:.4f}\n")

    fig, (left, right) = figure(columns=2)
    for k, name in enumerate(("sin 2x", "x²/2 − 1")):
        left.plot([x for (x,) in xs], [t[k] for t in ts], ".", color=COLORS[k], alpha=0.6)
        left.plot(grid, drawn[:, k], color=COLORS[k], label=f"y{'₁₂'[k]}, learns {name}")
        left.plot(grid, truth[:, k], ":", color="#1a1a1a", linewidth=1.2)
    left.plot([], [], ":", color="#1a1a1a", linewidth=1.2, label="without noise")
    left.set(xlabel="x", ylabel="y", ylim=(-1.5, 2.4), title="One network, two outputs")
    left.legend(loc="upper center", ncols=2)
    right.semilogy(range(1, epochs + 1), history.loss)
    right.set(xlabel="epoch", ylabel="half-SSE per sample", title="Training")
    save(fig, folder, "regression")
    return {"first loss": history.loss[0], "last loss": history.loss[-1], "rms": off}


def picture(folder: Path) -> None:
    model = MLP(1, [2, 2], activation="tanh", rng=random.Random(1))
    (a, _), (_, z, y) = layer_by_layer(model.layers, [Value(0.8, "x")])
    for symbol, nodes in (("a", a), ("z", z), ("y", y)):  # as in the notes
        for j, node in enumerate(nodes, 1):
            node.name = f"{symbol}_{j}"
    L = half_squared_error(y, [0.5, 0.25])
    L.backward()
    save_circuit(L, folder, "network", style="circuit")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    folder = output_folder("tanh_mlp", folder)
    numbers = depths(20 if quick else 200)
    numbers |= regression(60 if quick else 400, folder)
    picture(folder)
    print(f"Pictures: {folder}")
    return numbers


if __name__ == "__main__":
    run(main)
