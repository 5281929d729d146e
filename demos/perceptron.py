"""The single-layer perceptron: its learning rule is one step of the engine, and its output is a cliff.

    python demos/perceptron.py [folder]

The Machine Learning slides train g(Σ W_j x_j) on E = ½·Err², Err = y − g(in), by the rule
W_j ← W_j + α·Err·g′(in)·x_j. This is one step of gradient descent, and the engine takes the same step.
The same is true of the rule for hidden units, Δ_j = g′(in_j) Σ_i W_ji Δ_i. The output over the plane of
two inputs is a cliff. The weights set its place, direction and steepness. One cliff can separate OR, but
not XOR.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
from common import (
    COLORS,
    figure,
    judged,
    matrix,
    output_folder,
    over_the_plane,
    place,
    run,
    save,
    save_circuit,
    verdict,
)
from matplotlib.colors import LinearSegmentedColormap

from autograd_lite import Value, sigmoid
from autograd_lite.check import difference
from autograd_lite.losses import half_squared_error
from autograd_lite.nn import MLP, Neuron
from autograd_lite.optim import SGD
from autograd_lite.show import plots
from autograd_lite.training import fit

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
OR, XOR = [0.0, 1.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.0]
ALPHA = 0.5


def slope(at: float) -> float:
    """g′(in) of the sigmoid."""
    g = 1 / (1 + math.exp(-at))
    return g * (1 - g)


def one_step(folder: Path) -> dict[str, float]:
    """Compare the rule with a step of SGD on the same example, and Δ with ∂E/∂in."""
    neuron = Neuron(2, activation="sigmoid")
    x, y = [1.5, 0.5], 1.0
    W = [0.3, -0.8, 0.1]
    place(neuron.parameters(), W)
    for p, name in zip(neuron.parameters(), ("W_1", "W_2", "W_0"), strict=True):
        p.name = name
    total = W[0] * x[0] + W[1] * x[1] + W[2]
    err = y - 1 / (1 + math.exp(-total))
    by_rule = [w + ALPHA * err * slope(total) * xj for w, xj in zip(W, [*x, 1.0], strict=True)]

    g = neuron([Value(xj, f"x_{j}") for j, xj in enumerate(x, 1)])
    E = half_squared_error(g, y)
    E.backward()
    delta, upstream = err * slope(total), g.parents[0].grad
    g.parents[0].name, g.name, E.name = "in", "g", "E"
    save_circuit(E, folder, "perceptron")
    SGD(neuron.parameters(), lr=ALPHA).step()
    by_engine = [p.data for p in neuron.parameters()]

    print(f"One example, x = {x}, y = {y:g}, α = {ALPHA}: in = {total:.6f}, Err = {err:.6f}")
    print("             before     by the rule      by the engine")
    for name, old, rule, engine in zip(("W₁", "W₂", "W₀"), W, by_rule, by_engine, strict=True):
        print(f"    {name}    {old:9.6f}   {rule:13.9f}      {engine:13.9f}")
    by_differences, _ = difference(lambda t: 0.5 * (y - sigmoid(t)) ** 2, total)
    print(
        f"Δ = Err·g′(in) = {delta:.9f} is −∂E/∂in. The δ of the other notes has the opposite sign:\n"
        f"    ∂E/∂in by the engine {upstream:.9f}, by finite differences {by_differences:.9f}"
    )

    def error(at: float) -> float:
        return 0.5 * (y - 1 / (1 + math.exp(-at))) ** 2

    claims = [judged(error, [lambda _, __, s=sign: s * delta], total) for sign in (1, -1)]
    for claim, report in zip(("Δ for ∂E/∂in", "−Δ"), claims, strict=True):
        print(f"    gradcheck of {claim}: {verdict(report)}")
    print()
    apart = max(abs(a - b) for a, b in zip(by_rule, by_engine, strict=True))
    return {
        "step apart": apart,
        "Delta": delta,
        "dE/din": upstream,
        "W1": by_engine[0],
        "gradcheck Δ": claims[0].ok,
        "gradcheck −Δ": claims[1].ok,
    }


def hidden_rule(networks: int) -> dict[str, float]:
    """Compare W_kj ← W_kj + α·a_k·Δ_j in random networks of two layers with a step of the engine."""
    rng = random.Random(1)
    worst = 0.0
    for seed in range(networks):
        nin, hidden, nout = (rng.randint(1, 5) for _ in range(3))
        model = MLP(nin, [hidden, nout], activation="sigmoid", output="sigmoid", rng=random.Random(seed))
        x = [rng.gauss(0, 1) for _ in range(nin)]
        ys = [rng.random() for _ in range(nout)]
        below, above = map(matrix, model.layers)
        in_j = [math.fsum(w * a for w, a in zip(row, [*x, 1.0], strict=True)) for row in below]
        a_j = [*(1 / (1 + math.exp(-t)) for t in in_j), 1.0]
        in_i = [math.fsum(w * a for w, a in zip(row, a_j, strict=True)) for row in above]
        delta_i = [(y - 1 / (1 + math.exp(-t))) * slope(t) for y, t in zip(ys, in_i, strict=True)]
        delta_j = [
            slope(t) * math.fsum(row[j] * d for row, d in zip(above, delta_i, strict=True))
            for j, t in enumerate(in_j)
        ]
        by_rule = [
            w + ALPHA * a * d
            for rows, inputs, deltas in ((below, [*x, 1.0], delta_j), (above, a_j, delta_i))
            for row, d in zip(rows, deltas, strict=True)
            for w, a in zip(row, inputs, strict=True)
        ]
        half_squared_error(model(x), ys).backward()
        SGD(model.parameters(), lr=ALPHA).step()
        by_engine = [p.data for p in model.parameters()]
        worst = max(worst, *(abs(a - b) for a, b in zip(by_rule, by_engine, strict=True)))
    print(
        f"The rule for two layers, W_kj ← W_kj + α·a_k·Δ_j, on {networks} random networks: at most "
        f"{worst:.0e} from the step of the engine\n"
    )
    return {"hidden step apart": worst}


def learn(name: str, ys: list[float], epochs: int) -> tuple[Neuron, list[float]]:
    """Train online on the four corners. Returns the neuron and the summed error after each epoch."""
    neuron = Neuron(2, activation="sigmoid", rng=random.Random(2))
    errors: list[float] = []

    def note(_: Any) -> bool:
        errors.append(sum(half_squared_error(neuron(x).data, y) for x, y in zip(CORNERS, ys, strict=True)))
        return False

    fit(
        neuron,
        (CORNERS, ys),
        half_squared_error,
        SGD(neuron.parameters(), lr=ALPHA),
        epochs=epochs,
        batch_size=1,
        rng=random.Random(3),
        stop=note,
        progress=False,
    )
    outputs = ", ".join(f"{neuron(x).data:.3f}" for x in CORNERS)
    print(f"    {name:3}  E = {errors[-1]:.4f} after {epochs} epochs; outputs {outputs}")
    return neuron, errors


def surface(weights: tuple[float, ...], ticks: list[float]) -> Any:
    """The output of a unit with these weights over the plane."""
    neuron = Neuron(2, activation="sigmoid")
    place(neuron.parameters(), weights)
    return np.array(over_the_plane(lambda x: neuron(x).data, ticks, ticks))


def cliffs(folder: Path) -> None:
    """Draw the output over the plane for four choices of the weights."""
    settings = (
        ("W = (4, 4), W₀ = 0", (4.0, 4.0, 0.0)),
        ("location: W₀ = −12", (4.0, 4.0, -12.0)),
        ("orientation: W = (5.5, −1.3)", (5.5, -1.3, 0.0)),
        ("steepness: W = (1, 1)", (1.0, 1.0, 0.0)),
    )
    ticks = np.linspace(-4.0, 4.0, 81).tolist()
    u, v = np.meshgrid(ticks, ticks)
    fig, axes = figure(2, 2, size=(9.6, 7.4), projection="3d")
    for ax, (title, weights) in zip(axes, settings, strict=True):
        space: Any = ax
        space.plot_surface(
            u,
            v,
            surface(weights, ticks),
            cmap=LinearSegmentedColormap.from_list("sides", [COLORS[1], "#f4f4f4", COLORS[0]]),
            rcount=41,
            ccount=41,
            linewidth=0.2,
            edgecolor="white",
        )
        space.set(xlabel="x₁", ylabel="x₂", zlabel="g", zlim=(0, 1))
        space.set_title(title, y=1.0)
        space.set_xticks([-4, -2, 0, 2, 4])
        space.set_yticks([-4, -2, 0, 2, 4])
        space.set_zticks([0, 0.5, 1])
        space.view_init(elev=28, azim=-118)
        space.set_box_aspect((4, 4, 2.6), zoom=1.05)
    save(fig, folder, "cliff")


def training(epochs: int, folder: Path) -> dict[str, float]:
    print("Online training on the corners (0,0), (0,1), (1,0), (1,1):")
    or_neuron, or_errors = learn("OR", OR, epochs)
    _, xor_errors = learn("XOR", XOR, epochs)
    least = sum(half_squared_error(0.5, y) for y in XOR)
    print(f"No cliff separates XOR: the least E is 4·½·¼ = {least:g}, where every output is ½.\n")
    fig, (left, right) = figure(columns=2)
    left.plot(range(1, epochs + 1), or_errors, label="OR")
    left.plot(range(1, epochs + 1), xor_errors, label="XOR")
    left.axhline(least, color=COLORS[5], linewidth=1, linestyle=":")
    left.set(xlabel="epoch", ylabel="E, summed over the corners", ylim=(0, None), title="Learning")
    left.legend(loc="center right")
    names, span = {0.0: "y = 0", 1.0: "y = 1"}, ((-0.5, 1.5), (-0.5, 1.5))
    contours = (0.1, 0.3, 0.7, 0.9)
    plots.regions(or_neuron, CORNERS, OR, ax=right, names=names, threshold=0.5, levels=contours, span=span)
    right.set(xlabel="x₁", ylabel="x₂", title="The cliff that learned OR, from above: g = 0.1 … 0.9")
    right.legend(loc="upper right")
    save(fig, folder, "training")
    return {"E of OR": or_errors[-1], "E of XOR": xor_errors[-1], "least E": least}


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    folder = output_folder("perceptron", folder)
    numbers = one_step(folder)
    numbers |= hidden_rule(20 if quick else 200)
    numbers |= training(300 if quick else 2000, folder)
    cliffs(folder)
    print(f"Pictures: {folder}")
    return numbers


if __name__ == "__main__":
    run(main)
