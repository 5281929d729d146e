"""Vanishing gradients (Muzaffar's lecture): the gradient against the depth, and dead ReLU units.

    python demos/vanishing_gradients.py [folder]

δ is the gradient of the sum that is the input of a unit. The demo reads it from the nodes in every layer
of deep networks of sigmoid, tanh and ReLU units. The slope of a sigmoid is at most 1/4, so δ shrinks from
layer to layer if the weights have the usual size. With large weights it grows, as a chain shows whose
gradient is known exactly. ReLU units keep δ large, but some of them are 0 for every sample; those dead
units are counted.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import COLORS, figure, layer_by_layer, output_folder, run, save
from matplotlib.axes import Axes

from autograd_lite import Value, sigmoid
from autograd_lite.losses import binary_cross_entropy_with_logits, half_squared_error
from autograd_lite.nn import MLP

ACTIVATIONS = ("sigmoid", "tanh", "relu")
DEPTH, WIDTH = 20, 8
ROOT_MEAN_SQUARE = "root mean square of δ"

Points = list[list[float]]


def samples(n: int) -> tuple[Points, list[float]]:
    """Normally distributed points of the plane, and the sine of their distance from 0."""
    rng = random.Random(0)
    xs = [[rng.gauss(0.0, 1.0), rng.gauss(0.0, 1.0)] for _ in range(n)]
    return xs, [math.sin(math.hypot(*x)) for x in xs]


def deep_network(activation: str, depth: int, seed: int) -> MLP:
    """A network of ``depth`` hidden layers with a linear output. The first weights are Xavier's or He's."""
    sizes = [WIDTH] * depth + [1]
    return MLP(2, sizes, activation=activation, rng=random.Random(seed))


def deltas(model: MLP, x: Sequence[float], target: float) -> list[list[float]]:
    """δ of every unit, layer by layer. The output is last."""
    sums, results = layer_by_layer(model.layers, x)
    half_squared_error(results[-1][0], target).backward()
    return [[z.grad for z in layer] for layer in sums]


def sizes(models: Sequence[MLP], xs: Points, ys: Sequence[float]) -> list[float]:
    """The root mean square of δ in every layer, over units, samples and networks."""
    found = [deltas(model, x, y) for model in models for x, y in zip(xs, ys, strict=True)]
    layers = [[delta for units in layer for delta in units] for layer in zip(*found, strict=True)]
    return [math.hypot(*each) / math.sqrt(len(each)) for each in layers]


def dead_units(model: MLP, xs: Points) -> list[int]:
    """The number of units of each hidden layer that have slope 0 for every sample."""
    alive = [[False] * WIDTH for _ in model.layers[:-1]]
    for x in xs:
        _, (_, *hidden, _) = layer_by_layer(model.layers, x)
        for k, units in enumerate(hidden):
            for j, h in enumerate(units):
                alive[k][j] |= h.local_grads[0] != 0.0
    return [layer.count(False) for layer in alive]


def chain(depth: int, w: float) -> float:
    """∂y/∂x of a chain of ``depth`` units σ(w·(x − ½)), at x = ½, where each has its largest slope."""
    x = Value(0.5, "x")
    y: Any = x
    for _ in range(depth):
        y = sigmoid(w * (y - 0.5))
    y.backward()
    return x.grad


def by_layer(xs: Points, ys: list[float], seeds: range) -> dict[str, list[float]]:
    print(
        f"δ by layer (root mean square), {DEPTH} hidden layers of {WIDTH} units;\n"
        "first weights by Xavier for sigmoid and tanh, by He for ReLU:"
    )
    shown = (1, 5, 10, 15, 20, DEPTH + 1)
    print("    layer     " + "".join(f"{layer:>10}" for layer in shown[:-1]) + "    output")
    found = {}
    for name in ACTIVATIONS:
        found[name] = each = sizes([deep_network(name, DEPTH, seed) for seed in seeds], xs, ys)
        factor = (each[0] / each[DEPTH - 1]) ** (1.0 / (DEPTH - 1))
        row = "".join(f"{each[layer - 1]:>10.1e}" for layer in shown)
        print(f"    {name:<10}{row}   × {factor:.2f} per layer")
    print(
        "  The notes treat tanh like the sigmoid. But its slope at 0 is 1, and with Xavier's weights the\n"
        "  sums stay near 0. Then δ shrinks about as slowly as with ReLU. Large weights saturate tanh too."
    )
    return found


def output_layer(xs: Points, ys: list[float]) -> dict[str, float]:
    model = deep_network("sigmoid", 3, 0)
    prediction = model(xs[0])
    half_squared_error(prediction, ys[0]).backward()
    z = Value(0.7, "z")
    binary_cross_entropy_with_logits(z, 1).backward()
    found = {
        "linear_delta": prediction.grad,
        "linear_error": prediction.data - ys[0],
        "sigmoid_delta": z.grad,
        "sigmoid_error": sigmoid(0.7) - 1.0,
    }
    print(
        "\nThe notes say that δ at the output has a factor of at most 1/4. It does not: δ = y − t."
        f"\n  linear, half squared error:   δ = {prediction.grad:.9f},  y − t ="
        f" {found['linear_error']:.9f}"
        f"\n  sigmoid, cross-entropy:       δ = {z.grad:.9f},  y − t = {found['sigmoid_error']:.9f}"
    )
    return found


def chains() -> dict[float, list[float]]:
    found = {w: [chain(depth, w) for depth in range(1, DEPTH + 1)] for w in (1.0, 4.0, 8.0)}
    print(f"\n'δ keeps getting smaller' is true only if |w|·σ′ < 1. ∂y/∂x of a chain of {DEPTH} sigmoids:")
    for w, slopes in found.items():
        print(f"    w = {w:g}: {slopes[-1]:<12.4g} (w/4)^{DEPTH} = {(w / 4.0) ** DEPTH:.4g}")
    return found


def dead(xs: Points, seeds: range) -> dict[str, list[float]]:
    shares = {}
    print(f"\nDead hidden units, slope 0 for all of {len(xs)} samples, before any training:")
    for name in ("relu", "leaky_relu"):
        counts = [dead_units(deep_network(name, DEPTH, seed), xs) for seed in seeds]
        shares[name] = [sum(each) / len(each) / WIDTH for each in zip(*counts, strict=True)]
        print(
            f"    {name:<11} {sum(map(sum, counts)):>4} of {len(counts) * DEPTH * WIDTH};"
            f" in the first layer {shares[name][0]:.0%}, in the last {shares[name][-1]:.0%}"
        )
    return shares


def against_depth(xs: Points, ys: list[float], seeds: range, ax: Axes) -> dict[str, list[float]]:
    depths = (1, 2, 4, 8, 12, 16, 20)
    found = {}
    for name, mark in zip(ACTIVATIONS, "os^", strict=True):
        found[name] = [
            sizes([deep_network(name, depth, seed) for seed in seeds], xs, ys)[0] for depth in depths
        ]
        ax.semilogy(depths, found[name], marker=mark, label=name)
    ax.set(title="δ in the first layer against the depth", xlabel="hidden layers")
    ax.set(ylabel=ROOT_MEAN_SQUARE, xticks=(1, 4, 8, 12, 16, 20))
    ax.legend()
    return found


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Print and draw the gradients by layer and by depth. Returns the numbers that it prints."""
    folder = output_folder("vanishing_gradients", folder)
    seeds = range(1) if quick else range(5)
    xs, ys = samples(5 if quick else 10)
    layers = by_layer(xs, ys, seeds)
    outputs = output_layer(xs, ys)
    slopes = chains()
    many, _ = samples(20 if quick else 100)
    shares = dead(many, seeds)

    fig, (left, right, below, last) = figure(2, 2, size=(11.0, 8.0))
    for (name, each), mark in zip(layers.items(), "os^", strict=True):
        left.semilogy(range(1, DEPTH + 2), each, marker=mark, label=name)
    left.set(title=f"δ in the layers of a network with {DEPTH} hidden ones")
    left.set(xlabel=f"layer ({DEPTH + 1}: output)", ylabel=ROOT_MEAN_SQUARE)
    left.set_xticks((1, 5, 10, 15, 20))
    left.legend()
    firsts = against_depth(xs, ys, seeds, right)
    for (w, each), color in zip(slopes.items(), COLORS[3:], strict=True):
        below.semilogy(range(1, DEPTH + 1), each, color=color, label=f"w = {w:g}")
    below.set(title="A chain of sigmoids", xlabel="sigmoids", ylabel="∂y/∂x")
    below.set_xticks((1, 5, 10, 15, 20))
    below.legend(loc="lower left")
    last.bar(range(1, DEPTH + 1), [100.0 * x for x in shares["relu"]], color=COLORS[2])
    last.set(title="Dead ReLU units before training", xlabel="layer", ylabel="dead units, %")
    last.set_xticks((1, 5, 10, 15, 20))
    save(fig, folder, "vanishing_gradients")
    print(f"\nThe picture is in {folder}: vanishing_gradients.")
    return {
        "layers": layers,
        "first_layer": firsts,
        "chains": slopes,
        "dead": shares,
        **outputs,
    }


if __name__ == "__main__":
    run(main)
