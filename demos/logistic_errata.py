"""Errors in the notes on logistic regression, each compared with finite differences.

    python demos/logistic_errata.py [folder]

Sarkar's loop (2023) never resets dw and db, and her derivative of the log loss divides by 0. Gormley's
sigmoid and cross-entropy (2014, section 2.2) lack a minus sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import COLORS, figure, judged, output_folder, place, run, save, verdict
from logistic_regression import ETA, Samples, loop, mean_log_loss, samples

from autograd_lite import Value, sigmoid
from autograd_lite import sum as total
from autograd_lite.losses import binary_cross_entropy_with_logits
from autograd_lite.nn import Neuron

Function = Callable[..., float]
FEW = 5
TARGET = 0.25  # neither 0 nor 1, so that both terms of the cross-entropy count


def second_gradient(few: Samples) -> dict[str, Any]:
    """The gradient in the second iteration of the printed loop, and the right one."""
    before, after = loop(few, 2, reset=False)
    step = [(p - q) / ETA for p, q in zip(before, after, strict=True)]
    neuron = Neuron(2, activation=None)
    place(neuron.parameters(), before)
    losses = [binary_cross_entropy_with_logits(neuron(x), y) for x, y in zip(*few, strict=True)]
    (total(losses) / len(losses)).backward()
    report = judged(lambda *ps: mean_log_loss(few, list(ps)), lambda _, __: step, before)
    print("The printed loop never resets dw and db to 0. Its gradient in the second iteration with")
    print(f"{len(losses)} samples, next to finite differences of the mean log loss:")
    print("          as printed      engine   finite difference")
    rows = {}
    for name, p, entry in zip(("dw₁", "dw₂", "db"), neuron.parameters(), report.entries, strict=True):
        rows[name] = entry.derivative, p.grad, entry.difference
        print("    {:3}   {:10.6f}  {:10.6f}   {:17.6f}".format(name, *rows[name]))
    print(f"    gradcheck of what is printed: {verdict(report)}")
    return {"second": rows, "gradcheck never reset": report.ok}


def never_reset(data: Samples, steps: int, folder: Path) -> dict[str, Any]:
    """Sarkar's batch loop as printed: dw and db are not reset at the start of an iteration."""
    few = data[0][:FEW], data[1][:FEW]
    found = second_gradient(few)
    right = loop(data, steps)
    mean, whole = (loop(data, steps, reset=False, mean=mean) for mean in (True, False))
    n = len(data[0])
    curves = {"reset": right, "never reset, divided by n": mean, "never reset, a sum": whole}
    losses = {name: [mean_log_loss(data, p) for p in path] for name, path in curves.items()}
    away = {
        f"n = {FEW}, divided by n": _away(loop(few, steps, reset=False), loop(few, steps)),
        f"n = {n}, divided by n": _away(mean, right),
        f"n = {n}, a sum": _away(whole, right),
    }
    print(f"The distance of (w₁, w₂, b) from the descent with a reset, after {steps} iterations:")
    for name, distances in away.items():
        print(f"    {name:22} {distances[-1]:.4f}")
    print(
        "Dividing dw by n keeps 1/n of the old dw. That acts like momentum, and hides the fault if n is"
        "\nlarge. Without the division (J is a sum on one slide and a mean on another) all earlier "
        "gradients\nare added, and the descent oscillates.\n"
    )
    fig, (ax, far) = figure(columns=2)
    for (name, values), line in zip(losses.items(), ("-", "--", "-"), strict=True):
        ax.plot(range(1, steps + 1), values, line, label=name)
    ax.set(xlabel="iteration", ylabel="mean log loss", ylim=(0, None))
    ax.set_title(f"dw, db are never reset, n = {n}")
    ax.legend(loc="lower right")
    for (name, values), color in zip(away.items(), (3, 1, 2), strict=True):
        far.semilogy(range(2, steps + 1), values[1:], color=COLORS[color], label=name)
    far.set(xlabel="iteration", ylabel="distance", ylim=(1e-4, None))
    far.set_title("How far (w₁, w₂, b) is from the right descent")
    far.legend(loc="lower left")
    save(fig, folder, "never_reset")
    return found | {"losses": losses, "away": away}


def _away(one: list[list[float]], other: list[list[float]]) -> list[float]:
    return [math.dist(p, q) for p, q in zip(one, other, strict=True)]


def division_by_zero() -> dict[str, Any]:
    print("dL/da = −y/a + (1 − y)/(1 − a) divides by 0 if a is rounded to 0 or 1:")
    z = Value(40.0, "z")
    a = sigmoid(40.0)
    binary_cross_entropy_with_logits(z, 0).backward()
    try:
        chain = f"{(1 - 0) / (1 - a) * a * (1 - a)}"
    except ZeroDivisionError as error:
        chain = f"“{error}”"
    print(f"    σ(40) = {a!r}. The printed formula at y = 0 gives {chain}; from the logit: {z.grad!r}\n")
    return {"a at 40": a, "chain": chain, "dz from the logit": z.grad}


def printed_sigmoid(a: float) -> float:
    return 1 / (1 + math.exp(a))


def printed_slope(a: float) -> float:
    return math.exp(a) / (math.exp(a) + 1) ** 2


def printed_entropy(y: float) -> float:
    return TARGET * math.log(y) + (1 - TARGET) * math.log(1 - y)


def loss(y: float) -> float:
    return -printed_entropy(y)


def printed_entropy_slope(y: float) -> float:
    return TARGET / y + (1 - TARGET) / (y - 1)


def loss_slope(y: float) -> float:
    return (y - TARGET) / (y * (1 - y))


def missing_minus(folder: Path) -> dict[str, Any]:
    """Gormley's functions and derivatives as printed, and the right ones."""
    rows: dict[str, tuple[Function, Function, float]] = {
        "y = 1/(1 + exp(a)), as printed": (printed_sigmoid, printed_slope, 0.7),
        "y = 1/(1 + exp(−a)), the sigmoid": (sigmoid, printed_slope, 0.7),
        "J = y*·log y + …, as printed": (printed_entropy, printed_entropy_slope, 0.6),
        "−J, with the printed derivative": (loss, printed_entropy_slope, 0.6),
        "−J, with (y − y*)/(y(1 − y))": (loss, loss_slope, 0.6),
    }
    print(f"Gormley's sigmoid and cross-entropy lack a minus sign; a = 0.7, y = 0.6, y* = {TARGET}:")
    print("                                        derivative   finite difference   gradcheck")
    found: dict[str, Any] = {}
    for name, (value, slope, x) in rows.items():
        report = judged(value, [lambda x, _, slope=slope: slope(x)], x)
        (entry,) = report.entries
        print(
            f"    {name:34}  {entry.derivative:9.6f}   {entry.difference:17.6f}"
            f"   {'ok' if report.ok else 'WRONG'}"
        )
        found[name] = entry.derivative, entry.difference, report.ok
    print(
        "exp(a)/(exp(a) + 1)² is the derivative of the sigmoid with the minus sign. The other printed\n"
        "derivative, y*/y + (1 − y*)/(y − 1), belongs to the printed J. That is the log-likelihood, which\n"
        "is maximized; the loss is −J.\n"
    )
    fig, (left, right) = figure(columns=2)
    a = np.linspace(-6.0, 6.0, 121)
    left.plot(a, [sigmoid(x) for x in a], label="1/(1 + exp(−a)), the sigmoid")
    left.plot(a, [printed_sigmoid(x) for x in a], label="1/(1 + exp(a)), as printed")
    left.plot(a, [printed_slope(x) for x in a], "--", color=COLORS[5], label="printed derivative")
    left.set(xlabel="a", ylim=(-0.05, 1.45), title="The printed function falls, its derivative is positive")
    y = np.linspace(0.02, 0.98, 121)
    right.plot(y, [loss(x) for x in y], label="−J, the loss")
    right.plot(y, [printed_entropy(x) for x in y], label="J, as printed")
    right.axvline(TARGET, color=COLORS[5], linewidth=1, linestyle=":")
    right.set(xlabel="y", ylim=(-3.2, 4.2), title=f"−J is smallest and J is largest at y* = {TARGET}")
    for ax in (left, right):
        ax.legend(loc="upper left")
    save(fig, folder, "missing_minus")
    return found


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    folder = output_folder("logistic_errata", folder)
    numbers = never_reset(samples(30 if quick else 100), 60 if quick else 300, folder)
    numbers |= division_by_zero()
    numbers |= missing_minus(folder)
    print(f"Pictures: {folder}")
    return numbers


if __name__ == "__main__":
    run(main)
