"""Two moons, the example of micrograd, with the decision boundary and a picture of the network.

    python demos/moons.py [folder]

A 2-16-16-1 network of ReLU units learns 100 points of two interlocking half circles by the hinge loss,
an L2 penalty and 100 steps of gradient descent on all points, with a falling rate. These are the
settings of micrograd's demo notebook (Karpathy 2020), which also ends at 100 %. Sarkar's batch gradient
descent (2023) is one call of ``fit`` here.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from common import (
    COLORS,
    figure,
    output_folder,
    run,
    save,
    save_circuit,
)
from matplotlib.axes import Axes

from autograd_lite import Value, no_grad, scope, sum_of_squares
from autograd_lite.data import moons
from autograd_lite.losses import hinge
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, linear
from autograd_lite.show import plots
from autograd_lite.training import History, fit

ALPHA = 1e-4
STEPS = 100

Points = list[list[float]]


def train(model: MLP, xs: Points, ys: list[int], steps: int) -> tuple[History, list[float]]:
    """Train; returns the history, and the share of correctly classified points before each step."""
    weights = model.parameters()
    right = [accuracy(model, xs, ys)]

    def note(_: History) -> bool:
        right.append(accuracy(model, xs, ys))
        return False

    def penalty() -> Value:
        squares: Value = sum_of_squares(weights)
        return ALPHA * squares

    history = fit(
        model,
        (xs, ys),
        hinge,
        SGD(weights),
        epochs=steps,
        penalty=penalty,
        schedule=linear(1.0, 0.1, STEPS),
        stop=note,
        progress=False,
    )
    return history, right[:steps]


def accuracy(model: MLP, xs: Points, ys: list[int]) -> float:
    scores = model.predict(xs)
    right: int = sum((s > 0) == (y > 0) for s, y in zip(scores, ys, strict=True))
    return right / len(ys)


def least_sure(model: MLP, xs: Points, ys: list[int]) -> tuple[list[float], int]:
    """The point whose score is worst for its class. Its loss has a gradient if any point's loss has."""
    with no_grad():
        return min(zip(xs, ys, strict=True), key=lambda sample: sample[1] * model(sample[0]).data)


def draw_boundary(ax: Axes, model: MLP, xs: Points, ys: list[int], points: int) -> None:
    """Draw the score over the plane, and the lines where it is −1, 0 and 1."""
    names = {-1: "y = −1", 1: "y = 1"}
    plots.regions(model, xs, ys, ax=ax, names=names, levels=(-1.0, 1.0), resolution=points)
    ax.set(title="Two moons: score 0 and the margins ±1", xlabel="x₁", ylabel="x₂", aspect="equal")


def draw_training(history: History, right: list[float], folder: Path) -> None:
    fig, (above, below) = figure(2, 1, size=(6.0, 5.6), sharex=True)
    plots.history(history.loss, ax=above, log=True)
    above.set(title="Two moons: 100 points, all of them in every step", xlabel="")
    above.set_ylabel("hinge loss + penalty")
    below.plot(range(1, len(right) + 1), [100.0 * share for share in right], color=COLORS[1])
    below.set(xlabel="step", ylabel="points classified correctly, %")
    save(fig, folder, "training")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Train, print the progress and write the pictures. Returns the numbers that it prints."""
    folder = output_folder("moons", folder)
    rng = random.Random(1)
    xs, labels = moons(100, noise=0.1, rng=rng)
    ys = [2 * label - 1 for label in labels]
    model = MLP(2, [16, 16, 1], rng=rng)
    steps = 45 if quick else STEPS
    print(f"{model}: {len(model.parameters())} parameters, {len(xs)} points, {steps} steps.")
    history, right = train(model, xs, ys, steps)
    for step in (1, 2, 5, 10, 20, 50, 100):
        if step <= steps:
            loss = history.loss[step - 1]
            print(f"    before step {step:>3}: loss {loss:.4f}, {right[step - 1]:4.0%} right")
    final = accuracy(model, xs, ys)
    print(f"After the last step {final:.0%} of the points are classified correctly.")

    draw_training(history, right, folder)
    fig, (ax,) = figure(size=(6.4, 4.6))
    draw_boundary(ax, model, xs, ys, 31 if quick else 91)
    save(fig, folder, "decision_boundary")

    x, y = least_sure(model, xs, ys)
    with scope("input"):
        sample = [Value(c, f"x_{i}") for i, c in enumerate(x, 1)]
    model.zero_grad()
    loss = hinge(model(sample), y)
    loss.backward()
    save_circuit(loss, folder, "layers", style="scope")
    print(
        f"The picture of the layers shows the worst point. Its loss is {loss.data:.4f}."
        f"\n\nThe pictures are in {folder}: training, decision_boundary, layers."
    )
    return {
        "accuracy": final,
        "loss": history.loss,
        "right": right,
        "model": model,
        "points": (xs, ys),
    }


if __name__ == "__main__":
    run(main)
