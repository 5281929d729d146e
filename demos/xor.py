"""The XOR network of COMP755 lecture 22: with fixed weights, then trained on noisy samples.

    python demos/xor.py [folder]

The network has two sigmoid units and a sigmoid output. With the lecture's fixed weights and F = 5, its
outputs at the corners are 0.149, 0.893, 0.893 and 0.149. Then it is trained as in the lecture, from the
same first weights and on the same 1000 samples, by 200 steps of gradient descent on all samples: once
with the gradients of the engine, and once with the fault of the lecture's code, which gives every bias
of a layer the gradient of the last bias. The digits in the notes are those with the fault.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from common import (
    COLORS,
    figure,
    layer_by_layer,
    output_folder,
    over_the_plane,
    place,
    run,
    save,
    save_circuit,
)
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from autograd_lite import Value, no_grad
from autograd_lite.check import difference
from autograd_lite.data import LectureXor, lecture_xor
from autograd_lite.losses import half_squared_error
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD
from autograd_lite.show import plots
from autograd_lite.training import fit

CORNERS = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
STEPS, RATE, GENTLE = 200, 0.03, 0.02
STEP = 1e-4  # of the differences. The error is about 100, so smaller steps suffer from rounding
PRINTED = [0.0258780857113, 0.96419601442, 0.966669564212, 0.0487062060114]
PRINTED_LAYERS = [
    [-3.2933533, -3.3736506, 4.72145779, -6.57363912, -6.7182171, 3.46844846],
    [9.89952122, -9.51866265, -4.20933528],
]
# A border of a hidden unit may lie under that of the output. It is wider, so that both can be seen.
WIDE: Any = (COLORS[3], 5.0, "dashed")
NARROW: Any = ("#1a1a1a", 1.6, "solid")

Matrix = Sequence[Sequence[float]]


class FaultySGD(SGD):
    """Gradient descent with the fault of the lecture's ``dbs[l] = …``, which should be ``dbs[l][i] = …``.

    Each unit overwrites the gradients of all biases of its layer, so all have that of the last unit.
    """

    def __init__(self, model: MLP, lr: float) -> None:
        super().__init__(model.parameters(), lr)
        self._layers = model.layers

    def step(self) -> None:
        """Move the parameters by these gradients."""
        for layer in self._layers:
            for neuron in layer.neurons:
                neuron.b.grad = layer.neurons[-1].b.grad
        super().step()


def network(weights: Sequence[Matrix], biases: Matrix) -> MLP:
    """A sigmoid network with these weights: a matrix and a list of biases for each layer."""
    sizes = [len(layer) for layer in biases]
    model = MLP(len(weights[0][0]), sizes, activation="sigmoid", output="sigmoid", rng=random.Random(0))
    for layer, rows, offsets in zip(model.layers, weights, biases, strict=True):
        for neuron, row, offset in zip(layer.neurons, rows, offsets, strict=True):
            place(neuron.parameters(), [*row, offset])
    return model


def fixed(F: float = 5.0) -> MLP:
    """The network with the lecture's fixed weights: "x₁ and not x₂", "x₂ and not x₁", and their "or"."""
    return network([[[F, -F], [-F, F]], [[F, F]]], [[-0.5 * F, -0.5 * F], [-0.5 * F]])


def outputs(model: MLP) -> list[float]:
    with no_grad():
        return [model(corner).data for corner in CORNERS]


def error(model: MLP, data: LectureXor) -> float:
    """E = Σ ½(ŷ − y)² over all samples."""
    with no_grad():
        losses = [half_squared_error(model(x), y) for x, y in zip(data.xs, data.ys, strict=True)]
    return math.fsum(each.data for each in losses)


def train(data: LectureXor, steps: int, *, fault: bool, rate: float = RATE) -> tuple[MLP, list[float]]:
    """The trained network, and the error before each step."""
    model = network(data.weights, data.biases)
    optimizer = FaultySGD(model, rate) if fault else SGD(model.parameters(), rate)
    samples = data.xs, data.ys
    history = fit(model, samples, half_squared_error, optimizer, epochs=steps, reduce="sum", progress=False)
    return model, history.loss


def line(label: str, numbers: Sequence[float], digits: int) -> str:
    return f"    {label:<22}" + "  ".join(f"{x:.{digits}f}" for x in numbers)


def by_fixed_weights(folder: Path) -> dict[str, Any]:
    """The outputs with fixed weights, also with larger F, and pictures of the circuit of one sample."""
    model = fixed()
    given = outputs(model)
    print("XOR by fixed weights: the outputs at 00, 01, 10, 11.")
    print(line("F = 5", given, 12))
    sharper = {F: outputs(fixed(F)) for F in (10.0, 20.0, 50.0)}
    print("  The table of 0 and 1 in the notes is the limit for large F. The largest error is")
    for F, each in sharper.items():
        off = max(abs(y - t) for y, t in zip(each, (0, 1, 1, 0), strict=True))
        print(f"    F = {F:g}: {off:.1e}")

    z, h = layer_by_layer(model.layers, [Value(0.0, "x_1"), Value(1.0, "x_2")])
    names = "w_11 w_12 b_1 w_21 w_22 b_2 v_1 v_2 c z_1 z_2"
    for node, name in zip([*model.parameters(), *z[0]], names.split(), strict=True):
        node.name = name
    loss = half_squared_error(h[2][0], 1.0)
    loss.backward()
    save_circuit(loss, folder, "network", style="scope")
    save_circuit(loss, folder, "circuit", style="circuit")
    return {"fixed": given, "sharper": sharper}


def bias_gradients(data: LectureXor) -> list[tuple[float, float]]:
    """∂E/∂b of both hidden units at the start, by the sweep and by finite differences."""
    model = network(data.weights, data.biases)
    for x, y in zip(data.xs, data.ys, strict=True):
        half_squared_error(model(x), y).backward()
    biases = [neuron.b for neuron in model.layers[0].neurons]
    pairs = []
    for b in biases:
        start = b.data

        def moved(to: float, b: Value = b) -> float:
            b.data = to
            return error(model, data)

        pairs.append((b.grad, difference(moved, start, STEP)[0]))
        b.data = start
    print("\nNoisy XOR, 1000 samples. ∂E/∂b of the hidden units at the lecture's starting point:")
    print("             engine   central difference   the lecture's code")
    for i, (swept, differenced) in enumerate(pairs, 1):
        print(f"    b{i}:{swept:>12.6f}{differenced:>21.6f}{biases[-1].grad:>21.6f}")
    print(
        "  The lecture's code has dbs[l] = … inside its loop over the units. It should be dbs[l][i] = ….\n"
        "  So every bias of the layer moves by the gradient of the last unit."
    )
    return pairs


def beside_the_notes(faulty: MLP) -> None:
    """Print the weights after all steps and those in the notes."""
    print("  The weights and biases of both layers, with the fault and as printed in the notes:")
    for layer, printed in zip(faulty.layers, PRINTED_LAYERS, strict=True):
        print(line("with the bias fault", [p.data for p in layer.parameters()], 7))
        print(line("printed in the notes", printed, 7))
    print(
        "  The tenth digit of the right run depends on the order of the sums. The peaks of the curves\n"
        f"  come from the step size: {RATE} times a gradient that is summed over 1000 samples is\n"
        "  sometimes too large. With 0.01 there are no peaks. A wrong gradient can also decrease the\n"
        "  error: from step 50 to 170, the error of the faulty run is smaller."
    )


def train_both(data: LectureXor, steps: int) -> dict[str, Any]:
    """Train with the right gradients and with the fault, and print the results next to the notes."""
    right, errors = train(data, steps, fault=False)
    faulty, faulty_errors = train(data, steps, fault=True)
    print(f"\nAfter {steps} steps of gradient descent on all samples, the outputs at 00, 01, 10, 11:")
    print(line("right gradients", outputs(right), 10))
    print(line("with the bias fault", outputs(faulty), 12))
    if steps == STEPS:
        print(line("printed in the notes", PRINTED, 12))
    print("  The error before the first and the last step:")
    print(line("right gradients", [errors[0], errors[-1]], 7))
    print(line("with the bias fault", [faulty_errors[0], faulty_errors[-1]], 7))
    if steps == STEPS:
        beside_the_notes(faulty)
    b1, b2 = (neuron.b.data for neuron in faulty.layers[0].neurons)
    start = data.biases[0][0] - data.biases[0][1]
    print(
        f"  With the fault the hidden biases {b1:.8f} and {b2:.8f} have moved together: their\n"
        f"  difference is {b1 - b2:.8f}, and was {start:.8f} at the start."
    )
    gentle = {
        key: train(data, steps, fault=fault, rate=GENTLE)[1]
        for key, fault in (("errors", False), ("faulty_errors", True))
    }
    print(
        f"  That was luck. With {GENTLE} the right run ends at {gentle['errors'][-1]:.2f},"
        f" the faulty one at {gentle['faulty_errors'][-1]:.2f}."
    )
    return {
        "right": right,
        "faulty": faulty,
        "errors": errors,
        "faulty_errors": faulty_errors,
        "gentle": gentle,
    }


def draw_regions(ax: Axes, model: MLP, title: str, data: LectureXor | None, points: int) -> None:
    """Draw the output over the plane, the line where it is ½, and those lines of the hidden units."""
    ticks = [-0.5 + 2.0 * i / (points - 1) for i in range(points)]

    def surface_of(unit: Callable[..., Any]) -> list[list[float]]:
        return over_the_plane(lambda x: unit(x).data, ticks, ticks)

    xs, ys = (CORNERS, (0, 1, 1, 0)) if data is None else (data.xs, data.ys)
    names, span = {0: "y = 0", 1: "y = 1"}, ((-0.5, 1.5), (-0.5, 1.5))
    look: dict[str, Any] = {"names": names, "span": span, "resolution": points, "legend": False}
    plots.regions(model, xs, ys, ax=ax, threshold=0.5, **look)
    for surface in map(surface_of, model.layers[0].neurons):
        if min(map(min, surface)) < 0.5 < max(map(max, surface)):
            color, width, dashes = WIDE
            ax.contour(ticks, ticks, surface, [0.5], colors=color, linewidths=width, linestyles=dashes)
    ax.set(title=title, xlabel="x₁", aspect="equal", xticks=[0, 1], yticks=[0, 1])


def draw_training(found: dict[str, Any], folder: Path) -> None:
    fig, axes = figure(columns=2, size=(12.5, 4.6), sharey=True)
    for ax, rate, pair in zip(axes, (RATE, GENTLE), (found, found["gentle"]), strict=True):
        plots.history({"right gradients": pair["errors"], "with the fault": pair["faulty_errors"]}, ax=ax)
        ax.set(title=f"Noisy XOR, η = {rate}", xlabel="step", ylabel="E", yscale="log")
    axes[0].set_title(f"Noisy XOR, η = {RATE}: the fault was lucky")
    axes[1].set_title(f"η = {GENTLE}: it was no help")
    save(fig, folder, "loss")


def draw_borders(found: dict[str, Any], data: LectureXor, points: int, folder: Path) -> None:
    steps = len(found["errors"])
    fig, axes = figure(columns=3, size=(12.5, 5.2), sharey=True)
    draw_regions(axes[0], fixed(), "fixed weights, F = 5", None, points)
    draw_regions(axes[1], found["right"], f"{steps} steps, right gradients", data, points)
    draw_regions(axes[2], found["faulty"], f"{steps} steps, bias fault", data, points)
    axes[0].set_ylabel("x₂")
    marks = [
        *(
            Line2D([], [], color=color, linewidth=width, linestyle=dashes, label=label)
            for (color, width, dashes), label in ((NARROW, "ŷ = ½"), (WIDE, "a hidden unit = ½"))
        ),
        *axes[0].get_legend_handles_labels()[0],
    ]
    fig.legend(handles=marks, loc="outside lower center", ncols=4, handlelength=3.2)
    save(fig, folder, "decision_boundary")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Print the outputs and write the pictures. Returns the numbers that it prints."""
    folder = output_folder("xor", folder)
    data = lecture_xor()
    found = by_fixed_weights(folder) | {"bias_gradients": bias_gradients(data)}
    found |= train_both(data, 4 if quick else STEPS)
    draw_training(found, folder)
    draw_borders(found, data, 21 if quick else 101, folder)
    print(f"\nThe pictures are in {folder}: circuit, network, loss, decision_boundary.")
    return found | {key: outputs(found[key]) for key in ("right", "faulty")}


if __name__ == "__main__":
    run(main)
