"""Logistic regression: the formulas of the notes and the engine, side by side and equal.

    python demos/logistic_regression.py [folder]

The circuit of one sample with the log loss (Sarkar 2023) and with half the squared error (Gormley
2014, section 2.2), drawn; gradient descent by Sarkar's loop over the samples, by her vectorised form
and by the engine; and what the notes get wrong, each held against finite differences: the loop that
never clears dw and db, a derivative that divides by 0, a sigmoid and a cross-entropy without their
minus.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import COLOURS, figure, judged, output_folder, run, save, save_circuit, verdict

from autograd_lite import Value, parameter, sigmoid
from autograd_lite import sum as total
from autograd_lite.check import difference
from autograd_lite.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    half_squared_error,
)
from autograd_lite.nn import Neuron
from autograd_lite.optim import SGD
from autograd_lite.training import History, fit

Samples = tuple[list[list[float]], list[float]]
Function = Callable[..., float]
ETA = 0.5


def one_sample(folder: Path) -> dict[str, float]:
    """Each gradient of one sample, for both losses, by the notes' formula and by the engine."""
    found: dict[str, float] = {}
    y = 1.0
    for name, loss, title in (
        ("log_loss", binary_cross_entropy, "the log loss −y·log a − (1 − y)·log(1 − a)"),
        ("half_squared", half_squared_error, "half the squared error ½(a − y)²"),
    ):
        x1, x2 = Value(1.5, "x1"), Value(-0.5, "x2")
        w1, w2, b = parameter(0.4, "w1"), parameter(0.8, "w2"), parameter(-0.3, "b")
        z = w1 * x1 + w2 * x2 + b
        a = sigmoid(z)
        L = loss(a, y)
        z.name, a.name = "z", "a"
        L.backward()
        da = -y / a.data + (1 - y) / (1 - a.data) if name == "log_loss" else a.data - y
        dz = a.data - y if name == "log_loss" else da * a.data * (1 - a.data)
        notes = {
            "da": (da, a),
            "dz": (dz, z),
            "dw₁ = dz·x₁": (dz * x1.data, w1),
            "dw₂ = dz·x₂": (dz * x2.data, w2),
            "db = dz": (dz, b),
            "dx₁ = dz·w₁": (dz * w1.data, x1),
            "dx₂ = dz·w₂": (dz * w2.data, x2),
        }
        print(f"One sample, y = {y:g}, with {title}; a = {a.data:.6f}, L = {L.data:.6f}")
        print("                   notes      engine")
        for formula, (number, node) in notes.items():
            print(f"    {formula:11}  {number:9.6f}   {node.grad:9.6f}")
            assert math.isclose(number, node.grad, rel_tol=1e-14)
        found |= {f"{name} dz": z.grad, f"{name} dw1": w1.grad, f"{name} db": b.grad}
        found[f"{name} dw1 by the notes"] = notes["dw₁ = dz·x₁"][0]
        save_circuit(L, folder, name)
    print()
    return found


def samples(n: int) -> Samples:
    """Two clouds of points that overlap, labelled 0 and 1 in turn."""
    rng = random.Random(1)
    ys = [float(i % 2) for i in range(n)]
    xs = [[rng.gauss(2 * y - 1, 1.0), rng.gauss(1 - 2 * y, 1.2)] for y in ys]
    return xs, ys


def loop(data: Samples, steps: int, *, reset: bool = True, mean: bool = True) -> list[list[float]]:
    """Sarkar's loop over the samples: w₁, w₂, b after each step.

    With ``reset=False`` dw and db go on from the step before, as they are printed; with
    ``mean=False`` they are not divided by n and η is, which is the same where they are reset.
    """
    w, b = [0.0, 0.0], 0.0
    dw, db = [0.0, 0.0], 0.0
    path = []
    n = len(data[0])
    for _ in range(steps):
        if reset:
            dw, db = [0.0, 0.0], 0.0
        for x, y in zip(*data, strict=True):
            a = sigmoid(w[0] * x[0] + w[1] * x[1] + b)
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


def vectorised(data: Samples, steps: int, *, half_squared: bool = False) -> list[list[float]]:
    """Sarkar's vectorised form; with ``half_squared`` dz is Gormley's (a − y)·a(1 − a)."""
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
    """The same descent, with every gradient from the sweep."""
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


def log_loss(data: Samples, parameters: list[float]) -> float:
    w1, w2, b = parameters
    costs = [
        binary_cross_entropy_with_logits(w1 * x1 + w2 * x2 + b, y)
        for (x1, x2), y in zip(*data, strict=True)
    ]
    return math.fsum(costs) / len(costs)


def descents(data: Samples, steps: int, folder: Path) -> dict[str, float]:
    paths = {
        "loop": loop(data, steps),
        "vectorised": vectorised(data, steps),
        "engine": engine(data, steps),
    }
    print(f"Gradient descent with the log loss, {len(data[0])} samples, η = {ETA}: w₁, w₂, b")
    print("    step" + "".join(f"    {name:29}" for name in paths).rstrip())
    for step in sorted({1, 2, steps // 10, steps}):
        cells = (" ".join(f"{p:9.6f}" for p in path[step - 1]) for path in paths.values())
        print(f"    {step:4}    " + "    ".join(cells))
    worst = _apart(paths["loop"], paths["engine"]), _apart(paths["vectorised"], paths["engine"])
    print(
        f"    furthest from the engine in any step: loop {worst[0]:.0e}, vectorised {worst[1]:.0e}"
    )
    by_hand = vectorised(data, steps, half_squared=True)
    by_engine = engine(data, steps, half_squared=True)
    apart = _apart(by_hand, by_engine)
    print(
        "With half the squared error dz = (a − y)·a(1 − a): "
        f"{', '.join(f'{p:.6f}' for p in by_engine[-1])} after\n"
        f"    {steps} steps, and formulas and engine are {apart:.0e} apart\n"
    )
    final = paths["engine"][-1]
    _plot_boundaries(data, {"log loss": final, "half squared error": by_engine[-1]}, folder)
    return {
        "w1": final[0],
        "w2": final[1],
        "b": final[2],
        "loss": log_loss(data, final),
        "half squared w1": by_engine[-1][0],
        "loop apart": worst[0],
        "vectorised apart": worst[1],
        "half squared apart": apart,
    }


def _apart(one: list[list[float]], other: list[list[float]]) -> float:
    return float(np.abs(np.array(one) - np.array(other)).max())


def _plot_boundaries(data: Samples, lines: dict[str, list[float]], folder: Path) -> None:
    X, Y = np.array(data[0]), np.array(data[1])
    w1, w2, b = lines["log loss"]
    u, v = np.meshgrid(np.linspace(-4.5, 4.5, 200), np.linspace(-4.5, 4.5, 200))
    fig, (axes,) = figure(size=(7.0, 5.6))
    shade = axes.contourf(
        u,
        v,
        1 / (1 + np.exp(-(w1 * u + w2 * v + b))),
        levels=np.linspace(0, 1, 11).tolist(),
        cmap="PuOr_r",
        alpha=0.55,
    )
    fig.colorbar(shade, ax=axes, label="probability of class 1, log loss")
    for label, marker, colour in ((0, "o", COLOURS[2]), (1, "^", "#8a4b00")):
        chosen = X[label == Y]
        axes.plot(
            chosen[:, 0],
            chosen[:, 1],
            marker,
            color=colour,
            markersize=6,
            markeredgecolor="white",
            label=f"class {label}",
        )
    for (name, (p, q, r)), line in zip(lines.items(), ("-", "--"), strict=True):
        at = np.array([-4.5, 4.5])
        axes.plot(
            at, -(p * at + r) / q, line, color="#1a1a1a", linewidth=1.4, label=f"a = ½, {name}"
        )
    axes.grid(False)
    axes.set(
        xlabel="x₁",
        ylabel="x₂",
        xlim=(-4.5, 4.5),
        ylim=(-4.5, 4.5),
        title="What the neuron has learnt",
    )
    fig.legend(loc="outside lower center", ncols=4, columnspacing=1.2)
    save(fig, folder, "boundary")


def never_reset(data: Samples, steps: int, folder: Path) -> dict[str, float]:
    """Sarkar's batch loop as printed: dw and db are not set to 0 at the start of an iteration."""
    n = 4
    few = data[0][:n], data[1][:n]
    before, after = loop(few, 2, reset=False)
    step = [(p - q) / ETA for p, q in zip(before, after, strict=True)]
    slopes = []
    for i in range(3):

        def along(t: float, i: int = i) -> float:
            return log_loss(few, [*before[:i], t, *before[i + 1 :]])

        slopes.append(difference(along, before[i])[0])
    parts = [Value(p, name) for p, name in zip(before, ("w1", "w2", "b"), strict=True)]
    w1, w2, b = parts
    (
        total(
            [
                binary_cross_entropy_with_logits(w1 * x1 + w2 * x2 + b, y)
                for (x1, x2), y in zip(*few, strict=True)
            ]
        )
        / n
    ).backward()
    print("The printed loop never sets dw and db back to 0. Its gradient in the second iteration,")
    print(f"{n} samples, against finite differences of the mean log loss:")
    print("           as printed      engine   finite difference")
    for part, printed, slope in zip(parts, step, slopes, strict=True):
        print(f"    {part.name:4}   {printed:10.6f}  {part.grad:10.6f}   {slope:17.6f}")
    report = judged(lambda *ps: log_loss(few, list(ps)), lambda _, __: step, before)
    print(f"    gradcheck of what is printed: {verdict(report)}")
    print(
        "Dividing dw by n carries the old one over at 1/n, a momentum that hides the fault when n is"
        "\nlarge. Without the division (J is a sum on one slide, a mean on another) all gradients "
        "ever seen\nare added up, and the descent keeps swinging.\n"
    )
    curves = {
        "reset: the gradient": loop(data, steps),
        "never reset, divided by n": loop(data, steps, reset=False),
        "never reset, a sum": loop(data, steps, reset=False, mean=False),
    }
    losses = {name: [log_loss(data, p) for p in path] for name, path in curves.items()}
    fig, (axes,) = figure(size=(6.8, 4.2))
    for (name, values), line in zip(losses.items(), ("-", "--", "-"), strict=True):
        axes.plot(range(1, steps + 1), values, line, label=name)
    axes.set(
        xlabel="iteration",
        ylabel="mean log loss",
        ylim=(0, None),
        title="What dw and db carry over",
    )
    fig.legend(loc="outside lower center", ncols=3)
    save(fig, folder, "never_reset")
    tail = losses["never reset, a sum"][steps // 2 :]
    return {
        "second gradient as printed": step[0],
        "second gradient": parts[0].grad,
        "second gradient by differences": slopes[0],
        "gradcheck never reset": report.ok,
        "lowest loss of the sum": min(tail),
        "highest loss of the sum": max(tail),
    }


def faults() -> dict[str, float]:
    """The derivatives that the notes print, beside the engine's and finite differences."""
    print("dL/da = −y/a + (1 − y)/(1 − a) divides by 0 where a has become exactly 0 or 1:")
    z = Value(40.0, "z")
    a = sigmoid(40.0)
    binary_cross_entropy_with_logits(z, 0).backward()
    try:
        print((1 - 0) / (1 - a) * a * (1 - a))
    except ZeroDivisionError as error:
        print(
            f"    σ(40) = {a!r}; the printed chain at y = 0: “{error}”; from the logit: {z.grad!r}"
        )

    def cross_entropy(p: float, sign: float) -> float:
        return sign * (target * math.log(p) + (1 - target) * math.log(1 - p))

    def slope_of_sigmoid(a: float, _: float) -> float:
        return math.exp(a) / (math.exp(a) + 1) ** 2

    def slope_of_cross_entropy(p: float, _: float) -> float:
        return target / p + (1 - target) / (p - 1)

    target = 1.0
    at, p = 0.7, 0.3
    rows: dict[str, tuple[Function, Function, float]] = {
        "y = 1/(1 + exp(a)), as printed": (lambda a: 1 / (1 + math.exp(a)), slope_of_sigmoid, at),
        "y = 1/(1 + exp(−a)), the sigmoid": (sigmoid, slope_of_sigmoid, at),
        "J = y*·log y + …, as printed": (
            lambda p: cross_entropy(p, 1),
            slope_of_cross_entropy,
            p,
        ),
        "−J, with the printed derivative": (
            lambda p: cross_entropy(p, -1),
            slope_of_cross_entropy,
            p,
        ),
        "−J, with (y − y*)/(y(1 − y))": (
            lambda p: cross_entropy(p, -1),
            lambda p, _: (p - target) / (p * (1 - p)),
            p,
        ),
    }
    print("Gormley's sigmoid and cross-entropy lack a minus:")
    print("                                        derivative   finite difference   gradcheck")
    found: dict[str, float] = {"printed a at 40": a, "dz from the logit": z.grad}
    for name, (value, slope, x) in rows.items():
        report = judged(value, [slope], x)
        (entry,) = report.entries
        print(
            f"    {name:34}  {entry.derivative:9.6f}   {entry.difference:17.6f}"
            f"   {'ok' if report.ok else 'WRONG'}"
        )
        found[name], found[f"gradcheck {name}"] = entry.derivative, report.ok
    print(
        "The derivative exp(a)/(exp(a) + 1)² is that of the sigmoid with its minus. The derivative\n"
        "y*/y + (1 − y*)/(y − 1) is that of the printed J, which is the log-likelihood and to be made "
        "large;\nthe loss to be made small is −J, and its derivative (y − y*)/(y(1 − y)).\n"
    )
    return found


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    folder = output_folder("logistic_regression", folder)
    data = samples(30 if quick else 100)
    steps = 60 if quick else 300
    numbers = one_sample(folder)
    numbers |= descents(data, steps, folder)
    numbers |= never_reset(data, steps, folder)
    numbers |= faults()
    print(f"Pictures: {folder}")
    return numbers


if __name__ == "__main__":
    run(main)
