"""Three classes by softmax and cross-entropy (Sarkar 2023): gradient, training and decision regions.

    python demos/softmax.py [folder]

The gradient of the cross-entropy by the logits is y − onehot, because every output depends on every
logit. A rule that follows each output only to its own logit is wrong, as finite differences show. Then
two networks are trained: softmax regression, whose borders are straight lines, and a network with a
hidden layer on three arms of a spiral.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from common import (
    figure,
    likeliest,
    output_folder,
    run,
    save,
    save_circuit,
    share_right,
)
from matplotlib.axes import Axes

from autograd_lite import Value, jacobian, log, softmax
from autograd_lite.check import difference
from autograd_lite.data import Samples, blobs, one_hot
from autograd_lite.losses import softmax_cross_entropy
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, Adam
from autograd_lite.show import plots
from autograd_lite.training import fit

CLASSES = 3
LOGITS, LABEL = [1.0, -0.5, 0.3], 0
RATE, EPOCHS = 0.5, 60
CENTERS = [[-1.6, -1.0], [1.6, -1.0], [0.0, 1.6]]


def spiral(n: int, rng: random.Random) -> Samples:
    """Samples on three arms of a spiral around 0, one for each class, with a little noise."""
    xs, ys = [], []
    for i in range(n):
        label, radius = i % CLASSES, 0.3 + 2.2 * i / n
        angle = 2.0 * math.pi * label / CLASSES + 1.3 * radius + rng.gauss(0.0, 0.12)
        xs.append([radius * math.cos(angle), radius * math.sin(angle)])
        ys.append(label)
    return xs, ys


def line(label: str, numbers: Sequence[float]) -> None:
    print(f"    {label:<32}" + "".join(f"{round(x, 9) + 0.0:>14.9f}" for x in numbers))


def at_the_logits() -> dict[str, Any]:
    zs = [Value(z, f"z{k}") for k, z in enumerate(LOGITS)]
    softmax_cross_entropy(zs, LABEL).backward()
    swept = [z.grad for z in zs]
    ys, ts = softmax(LOGITS), one_hot(LABEL, CLASSES)
    formula = [y - t for y, t in zip(ys, ts, strict=True)]

    def along(k: int) -> Callable[[float], float]:
        return lambda z: softmax_cross_entropy([*LOGITS[:k], z, *LOGITS[k + 1 :]], LABEL)

    differences = [difference(along(k), z)[0] for k, z in enumerate(LOGITS)]
    rows = jacobian(softmax)(LOGITS)
    # dL/dy is −1/y at the label and 0 elsewhere; the elementwise rule takes the diagonal alone.
    elementwise = [-ts[k] / ys[k] * rows[k][k] for k in range(CLASSES)]
    print(f"Logits {LOGITS}, class {LABEL}: the gradient of the cross-entropy at the logits.")
    line("y = softmax(z)", ys)
    line("y − onehot", formula)
    line("the engine's sweep", swept)
    line("finite differences", differences)
    line("elementwise: ∂L/∂yₖ · ∂yₖ/∂zₖ", elementwise)
    print("  The Jacobian ∂yᵢ/∂zⱼ of softmax is full:")
    for i, row in enumerate(rows):
        line(f"  output {i}", row)
    print(
        "  Muzaffar's L ← yₖ ← aₖ and dl/dz′ = dy₁/dz′ · dl/dy₁ in the Machine Learning slides are true\n"
        "  only if each output depends on one sum. Here the gradient is a sum over all outputs."
    )
    indicator = -sum((i == LABEL) * math.log(y) for i, y in enumerate(ys))
    loss = softmax_cross_entropy(LOGITS, LABEL)
    print(
        f"  The Π in Sarkar's −Σ Π(i = c) log yᵢ is an indicator and not a product. The formula gives\n"
        f"  {indicator:.9f}, and the engine gives {loss:.9f}."
    )
    return {
        "swept": swept,
        "formula": formula,
        "differences": differences,
        "elementwise": elementwise,
        "jacobian": rows,
        "indicator": indicator,
        "loss": loss,
    }


def draw_circuit(folder: Path) -> None:
    y = softmax([Value(z, f"z{k}") for k, z in enumerate(LOGITS)], LABEL)
    y.name = f"y{LABEL}"
    L = -log(y)
    L.name = "L"
    L.backward()
    save_circuit(L, folder, "circuit")


def one_sample(model: MLP, data: Samples) -> dict[str, float]:
    """The gradient of the first weight for the first sample and for all samples."""
    w = model.parameters()[0]
    grads = []
    for x, y in zip(*data, strict=True):
        softmax_cross_entropy(model(x), y).backward()
        grads.append(w.grad)  # the sum over the samples so far
    model.zero_grad()
    print(
        "\nSarkar's SGD draws one sample but writes ∇ Σᵢ L. A step takes the gradient of that sample\n"
        f"  only, which is {grads[0]:.9f} for the first weight and the first sample.\n"
        f"  The sum over all {len(grads)} samples is {grads[-1]:.9f}."
    )
    return {"of_one": grads[0], "of_all": grads[-1]}


def accuracy(model: MLP, data: Samples) -> float:
    return share_right(lambda x: likeliest([z.data for z in model(x)]), *data)


def draw_regions(ax: Axes, model: MLP, data: Samples, title: str, points: int) -> None:
    """Draw the region of each class, the borders, and the samples."""
    edge = 0.4 + max(abs(c) for x in data[0] for c in x)
    names, span = {k: f"class {k}" for k in range(CLASSES)}, ((-edge, edge),) * 2
    plots.regions(model, *data, ax=ax, names=names, span=span, resolution=points, legend=False)
    ax.set(title=title, xlabel="x₁", ylabel="x₂", aspect="equal")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Print the gradients and accuracies and draw the regions. Returns the numbers that it prints."""
    folder = output_folder("softmax", folder)
    found = at_the_logits()
    draw_circuit(folder)

    plain = blobs(60 if quick else 150, CENTERS, 0.8, random.Random(5))
    regression = MLP(2, [CLASSES], rng=random.Random(1))
    found["start"] = regression.state_dict()
    found |= one_sample(regression, plain)
    epochs = 20 if quick else EPOCHS
    first = fit(
        regression,
        plain,
        softmax_cross_entropy,
        SGD(regression.parameters(), RATE),
        epochs=epochs,
        progress=False,
    )
    wound = spiral(60 if quick else 150, random.Random(6))
    hidden = MLP(2, [12, CLASSES], activation="tanh", rng=random.Random(2))
    second = fit(
        hidden,
        wound,
        softmax_cross_entropy,
        Adam(hidden.parameters(), 0.05),
        epochs=20 if quick else 60,
        batch_size=15,
        rng=random.Random(3),
        progress=False,
    )
    found |= {
        "data": plain,
        "weights": regression.state_dict(),
        "losses": first.loss,
        "accuracy": accuracy(regression, plain),
        "hidden_losses": second.loss,
        "hidden_accuracy": accuracy(hidden, wound),
    }
    print(
        f"\nSoftmax regression, {epochs} steps on all samples: loss {first.loss[0]:.4f} →"
        f" {first.loss[-1]:.4f}, {found['accuracy']:.1%} right."
        f"\nWith 12 tanh units on the spiral: loss {second.loss[0]:.4f} → {second.loss[-1]:.4f},"
        f" {found['hidden_accuracy']:.1%} right (of the samples trained on)."
    )
    fig, (left, middle, right) = figure(columns=3, size=(14.5, 5.2))
    points = 31 if quick else 81
    draw_regions(left, regression, plain, "softmax regression", points)
    draw_regions(middle, hidden, wound, "a hidden layer of 12 tanh units", points)
    fig.legend(*left.get_legend_handles_labels(), loc="outside lower left", ncols=CLASSES)
    runs = {"softmax regression,\nfull batch": first.loss, "hidden layer,\nminibatches of 15": second.loss}
    plots.history(runs, ax=right)
    right.set(title="Training", ylabel="mean cross-entropy")
    save(fig, folder, "decision_regions")
    print(f"\nThe pictures are in {folder}: circuit, decision_regions.")
    return found


if __name__ == "__main__":
    run(main)
