"""Logistic regression by the formulas of the notes and by the engine, with equal results.

    python demos/logistic_regression.py [folder]

It shows the circuit of one sample with the log loss (Sarkar 2023) and with half the squared error
(Gormley 2014, section 2.2), for both labels. Then it compares gradient descent by Sarkar's loop over the
samples, by her vectorized form and by the engine. The errors of the notes are in logistic_errata.py.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
from common import (
    figure,
    output_folder,
    run,
    save,
    save_circuit,
)

from autograd_lite import Constant, Value, log, parameter, sigmoid
from autograd_lite.losses import binary_cross_entropy_with_logits, half_squared_error
from autograd_lite.nn import Neuron
from autograd_lite.optim import SGD
from autograd_lite.show import plots
from autograd_lite.training import History, fit

Samples = tuple[list[list[float]], list[float]]
Column = dict[str, float]
ETA = 0.5


def log_loss(a: Value, y: Value) -> Value:
    """L = −(y·log a + (1 − y)·log(1 − a)), with the terms of the notes."""
    L = -(y * log(a) + (1.0 - y) * log(1.0 - a))
    L.name = "L"
    return L


def by_the_notes(name: str, w: list[float], b: float, x: list[float], y: float) -> Column:
    """Every gradient of one sample, by the formulas of the notes."""
    a = 1 / (1 + math.exp(-(w[0] * x[0] + w[1] * x[1] + b)))
    if name == "log_loss":
        L = -(y * math.log(a) + (1 - y) * math.log(1 - a))
        da = -y / a + (1 - y) / (1 - a)
        dz = a - y
    else:
        L = 0.5 * (a - y) ** 2
        da = a - y
        dz = da * a * (1 - a)
    return {
        "L": L,
        "da": da,
        "dz": dz,
        "dw₁ = dz·x₁": dz * x[0],
        "dw₂ = dz·x₂": dz * x[1],
        "db = dz": dz,
        "dx₁ = dz·w₁": dz * w[0],
        "dx₂ = dz·w₂": dz * w[1],
    }


def one_sample(folder: Path) -> dict[str, Any]:
    """Each gradient of one sample, for both losses and labels, by the notes and by the engine."""
    found: dict[str, Any] = {}
    numbers = [0.4, 0.8], -0.3, [1.5, -0.5]
    for name, loss, title in (
        ("log_loss", log_loss, "the log loss L = −(y·log a + (1 − y)·log(1 − a))"),
        ("half_squared", half_squared_error, "half the squared error L = ½(a − y)²"),
    ):
        columns: list[Column] = []
        for label in (0.0, 1.0):
            (p, q), offset, at = numbers
            x1, x2, y = Value(at[0], "x1"), Value(at[1], "x2"), Constant(label, "y")
            w1, w2, b = parameter(p, "w1"), parameter(q, "w2"), parameter(offset, "b")
            z = w1 * x1 + w2 * x2 + b
            a = sigmoid(z)
            z.name, a.name = "z", "a"
            L = loss(a, y)
            L.backward()
            notes = by_the_notes(name, *numbers, label)
            slopes = [node.grad for node in (a, z, w1, w2, b, x1, x2)]
            columns += [notes, dict(zip(notes, [L.data, *slopes], strict=True))]
        save_circuit(L, folder, name, detail="named")
        print(f"One sample, a = {a.data:.6f}, with {title}")
        print("                        y = 0                    y = 1")
        print("                   notes      engine        notes      engine")
        for formula in columns[0]:
            row = [column[formula] for column in columns]
            print("    {:11}  {:9.6f}   {:9.6f}    {:9.6f}   {:9.6f}".format(formula, *row))
        found[name] = columns
    print()
    return found


def samples(n: int) -> Samples:
    """Points of two overlapping clouds, with the labels 0 and 1 in turn."""
    rng = random.Random(1)
    ys = [float(i % 2) for i in range(n)]
    xs = [[rng.gauss(2 * y - 1, 1.0), rng.gauss(1 - 2 * y, 1.2)] for y in ys]
    return xs, ys


def loop(data: Samples, steps: int, *, reset: bool = True, mean: bool = True) -> list[list[float]]:
    """The path of (w₁, w₂, b) by Sarkar's loop over the samples.

    With ``reset=False``, dw and db keep the sums of the step before, as in the printed loop. With
    ``mean=False``, η is divided by n instead of dw and db; with a reset that makes no difference.
    """
    w, b = [0.0, 0.0], 0.0
    dw, db = [0.0, 0.0], 0.0
    path, n = [], len(data[0])
    for _ in range(steps):
        if reset:
            dw, db = [0.0, 0.0], 0.0
        for x, y in zip(*data, strict=True):
            a = 1 / (1 + math.exp(-(w[0] * x[0] + w[1] * x[1] + b)))
            dz = a - y
            dw = [dw[0] + dz * x[0], dw[1] + dz * x[1]]
            db = db + dz
        if mean:
            dw, db = [dw[0] / n, dw[1] / n], db / n
        eta = ETA if mean else ETA / n
        w = [w[0] - eta * dw[0], w[1] - eta * dw[1]]
        b = b - eta * db
        path.append([*w, b])
    return path


def vectorized(data: Samples, steps: int, *, half_squared: bool = False) -> list[list[float]]:
    """The path by Sarkar's vectorized form. With ``half_squared``, dz is Gormley's (a − y)·a(1 − a)."""
    X, Y = np.array(data[0]).T, np.array(data[1])
    w, b = np.zeros(2), 0.0
    n = len(Y)
    path = []
    for _ in range(steps):
        A = 1 / (1 + np.exp(-(w @ X + b)))
        dz = (A - Y) * A * (1 - A) if half_squared else A - Y
        dw = X @ dz / n
        db = dz.sum() / n
        w = w - ETA * dw
        b = b - ETA * db
        path.append([*w.tolist(), float(b)])
    return path


def engine(data: Samples, steps: int, *, half_squared: bool = False) -> list[list[float]]:
    """The path with the gradients of the engine."""
    neuron = Neuron(2, activation="sigmoid" if half_squared else None, init=lambda *_: 0.0)
    path: list[list[float]] = []

    def note(_: History) -> bool:
        path.append([p.data for p in neuron.parameters()])
        return False

    fit(
        neuron,
        data,
        half_squared_error if half_squared else binary_cross_entropy_with_logits,
        SGD(neuron.parameters(), lr=ETA),
        epochs=steps,
        stop=note,
        progress=False,
    )
    return path


def mean_log_loss(data: Samples, parameters: list[float]) -> float:
    w1, w2, b = parameters
    costs = [
        binary_cross_entropy_with_logits(w1 * x1 + w2 * x2 + b, y)
        for (x1, x2), y in zip(*data, strict=True)
    ]
    return math.fsum(costs) / len(costs)


def apart(one: list[list[float]], other: list[list[float]]) -> float:
    return float(np.abs(np.array(one) - np.array(other)).max())


def table(paths: dict[str, list[list[float]]]) -> None:
    """Print some steps of each path, and the largest distance of each path from the engine's."""
    steps = len(paths["engine"])
    print("    step" + "".join(f"    {name:29}" for name in paths).rstrip())
    for step in sorted({1, 2, steps // 10, steps}):
        cells = (" ".join(f"{p:9.6f}" for p in path[step - 1]) for path in paths.values())
        print(f"    {step:4}    " + "    ".join(cells))
    for name in list(paths)[:-1]:
        print(f"    {name} differs from the engine by at most {apart(paths[name], paths['engine']):.0e}")


def descents(data: Samples, steps: int, folder: Path) -> dict[str, Any]:
    log = {
        "loop": loop(data, steps),
        "vectorized": vectorized(data, steps),
        "engine": engine(data, steps),
    }
    print(f"Gradient descent with the log loss, {len(data[0])} samples, η = {ETA}: w₁, w₂, b")
    table(log)
    loss = mean_log_loss(data, log["engine"][-1])
    print(f"    mean log loss after {steps} steps: {loss:.6f}")
    half = {
        "vectorized": vectorized(data, steps, half_squared=True),
        "engine": engine(data, steps, half_squared=True),
    }
    print("With half the squared error, dz = (a − y)·a(1 − a):")
    table(half)
    print()
    plot_borders(data, log["engine"][-1], half["engine"][-1], folder)
    return {"paths": log, "half squared paths": half, "loss": loss}


def plot_borders(data: Samples, log: list[float], half: list[float], folder: Path) -> None:
    w1, w2, b = log
    fig, (ax,) = figure(size=(7.0, 5.6))
    names, span = {0: "class 0", 1: "class 1"}, (-4.5, 4.5)

    def logit(x: list[float]) -> float:
        return w1 * x[0] + w2 * x[1] + b

    plots.regions(logit, *data, ax=ax, names=names, span=(span, span), legend=False)
    at = np.array([-4.5, 4.5])
    for name, (p, q, r), line in (("log loss", log, "-"), ("half squared error", half, "--")):
        ax.plot(at, -(p * at + r) / q, line, color="#1a1a1a", label=f"a = ½, {name}")
    ax.set(xlabel="x₁", ylabel="x₂", xlim=(-4.5, 4.5), ylim=(-4.5, 4.5))
    ax.set_title("What the neuron has learned")
    fig.legend(loc="outside lower center", ncols=4, columnspacing=1.2)
    save(fig, folder, "boundary")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    folder = output_folder("logistic_regression", folder)
    numbers = one_sample(folder)
    numbers |= descents(samples(30 if quick else 100), 60 if quick else 300, folder)
    print("The errors of the notes: python demos/logistic_errata.py")
    print(f"Pictures: {folder}")
    return numbers


if __name__ == "__main__":
    run(main)
