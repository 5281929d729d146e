"""The chain rule along several paths, and the gradient of a sum of losses.

    python demos/chain_rule.py [folder]

Four parts: two paths from x to z, with the contribution of each to dz/dx (Sarkar 2023, and case 2 of
the Machine Learning slides); the total derivative of g(t) = f(t, t, 1) (COMP755 lecture 22, section 9);
the gradient of a sum of losses as the sum of their gradients, which is why the samples of a batch can
be split over machines (both slide sets); and the losses of lecture 22, section 5, at the corners, where
a program must take care that 0·log 0 is 0.
"""

from __future__ import annotations

import math
import random
from functools import partial
from pathlib import Path

import numpy as np
from common import COLORS, figure, judged, output_folder, run, save, save_circuit, verdict

from autograd_lite import Value, derivative, errstate, gradcheck, sigmoid, sin
from autograd_lite import sum as total
from autograd_lite.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    half_squared_error,
)
from autograd_lite.nn import Neuron


def two_paths(folder: Path) -> dict[str, float]:
    """The product z = y₁·y₂ with y₁ = x² and y₂ = sin x: the contribution of each path, and their sum."""
    x = Value(1.5, "x")
    y1 = x**2
    y2 = sin(x)
    z = y1 * y2
    y1.name, y2.name, z.name = "y1", "y2", "z"
    z.backward()
    shares = [y.grad * y.local_grads[0] for y in (y1, y2)]
    print("z = y₁·y₂ with y₁ = x² and y₂ = sin x, at x = 1.5: upstream × local, path by path")
    for name, local, y, share in zip(("y₁", "y₂"), ("2x   ", "cos x"), (y1, y2), shares, strict=True):
        print(
            f"    by {name}: ∂z/∂{name} · d{name}/dx = {y.grad:.6f} · {local} "
            f"= {y.grad:.6f} · {y.local_grads[0]:.6f} = {share:.6f}"
        )
    print(f"    sum: {sum(shares):.6f}; the engine's dz/dx: {x.grad:.6f}")
    print(
        "The slides cross out the plus of `+=`. A plain `=` would keep the path that comes last and lose"
        f"\nthe other: {shares[0]:.6f} or {shares[1]:.6f} in place of the sum."
    )

    def product(t: float) -> float:
        return t * t * math.sin(t)

    reports = {
        "+=": gradcheck(lambda t: t**2 * sin(t), 1.5),
        "= keeps y₁": judged(product, [lambda t, _: math.sin(t) * 2 * t], 1.5),
        "= keeps y₂": judged(product, [lambda t, _: t * t * math.cos(t)], 1.5),
    }
    for how, report in reports.items():
        print(f"    gradcheck, where {how}: {verdict(report)}")
    print("Gormley's equation 4, Σ dyᵢ/duⱼ · duⱼ/dx, has i under its Σ. It should be j, for the paths.\n")
    save_circuit(z, folder, "two_paths")
    return {
        "dz/dx": x.grad,
        "share y1": shares[0],
        "share y2": shares[1],
        **{f"gradcheck {how}": report.ok for how, report in reports.items()},
    }


def f(x: Value, y: Value, z: float) -> Value:
    return x**2 + y**3 + z**4


def g(t: Value) -> Value:
    return f(t, t, 1.0)


def total_derivative(folder: Path) -> dict[str, float]:
    """g(t) = f(t, t, 1): t is two arguments of f, and g′ = 2t + 3t² is the sum of both derivatives."""
    slope = derivative(g)
    print("g(t) = f(t, t, 1) with f = x² + y³ + z⁴: g′(t) = ∂f/∂x + ∂f/∂y = 2t + 3t²")
    print("        t     2t    3t²   2t + 3t²     engine")
    found = {}
    for t in (-1.0, 0.5, 2.0):
        found[f"g'({t:g})"] = slope(t)
        print(f"    {t:5g}  {2 * t:5g}  {3 * t * t:5g}  {2 * t + 3 * t * t:9g}  {slope(t):9g}")
    print("The notes write ∂g/∂t. It should be dg/dt, because g has only one variable.\n")

    ts = np.linspace(-1.5, 1.5, 121)
    fig, (left, right) = figure(columns=2)
    left.plot(ts, [g(Value(t)).data for t in ts], label="g(t) = t² + t³ + 1")
    for t in (-1.0, 0.5):
        near = np.array([t - 0.4, t + 0.4])
        left.plot(near, g(Value(t)).data + slope(t) * (near - t), color=COLORS[1], linewidth=1.2)
        left.plot([t], [g(Value(t)).data], "o", color=COLORS[1], markersize=5)
    left.set(xlabel="t", ylabel="g", title="g and two of its tangents, by the engine")
    left.legend()
    right.plot(ts, 2 * ts, "--", label="2t, by the first argument", color=COLORS[3])
    right.plot(ts, 3 * ts**2, "--", label="3t², by the second", color=COLORS[2])
    right.plot(ts, [slope(float(t)) for t in ts], label="g′(t), by the engine", color=COLORS[0])
    right.set(xlabel="t", ylabel="derivative", title="Two paths add up")
    right.legend()
    save(fig, folder, "total_derivative")
    return found


def sum_of_losses(samples: int) -> dict[str, float]:
    """∂/∂w Σ lⁿ and Σ ∂lⁿ/∂w, for the three parameters of a neuron."""
    rng = random.Random(0)
    neuron = Neuron(2, activation="tanh", rng=rng)
    xs = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(samples)]
    ts = [math.tanh(x1 - x2) for x1, x2 in xs]

    one_by_one = [0.0, 0.0, 0.0]
    for x, t in zip(xs, ts, strict=True):
        neuron.zero_grad()
        half_squared_error(neuron(x), t).backward()
        for i, p in enumerate(neuron.parameters()):
            one_by_one[i] += p.grad
    neuron.zero_grad()
    whole = total([half_squared_error(neuron(x), t) for x, t in zip(xs, ts, strict=True)])
    whole.backward()
    at_once = [p.grad for p in neuron.parameters()]

    def error(inputs: list[list[float]], *parameters: float) -> float:
        w1, w2, b = parameters
        outputs = [math.tanh(w1 * x1 + w2 * x2 + b) for x1, x2 in inputs]
        return math.fsum(0.5 * (y - t) ** 2 for y, t in zip(outputs, ts, strict=True))

    numbers = [p.data for p in neuron.parameters()]
    print(f"L(θ) = Σ lⁿ(θ) over {samples} samples: ∂L/∂w = Σ ∂lⁿ/∂w")
    print("    parameter   Σ of the gradients   gradient of the Σ")
    for (name, _), each, both in zip(neuron.named_parameters(), one_by_one, at_once, strict=True):
        print(f"    {name:9}   {each:18.12f}   {both:17.12f}")
    each_own, one_for_all = (
        judged(partial(error, inputs), lambda _, __: one_by_one, numbers)
        for inputs in (xs, [xs[0]] * samples)
    )
    print(f"    gradcheck, E = Σ loss(ŷ(xᵗ), yᵗ): {verdict(each_own)}")
    print("    gradcheck, E = Σ loss(ŷ(x), yᵗ) as lecture 22 prints it, with x¹ for x:")
    print(f"        {verdict(one_for_all)}\n")
    worst = max(abs(a - b) / abs(b) for a, b in zip(one_by_one, at_once, strict=True))
    return {
        "worst difference of the sums": worst,
        "gradcheck each its own x": each_own.ok,
        "gradcheck one x for all": one_for_all.ok,
    }


def corners(folder: Path) -> dict[str, float]:
    """The losses at predictions of exactly 0 and 1, and at logits of ±1000."""
    found = {}
    print("The losses at the corners: value and derivative by the prediction p")
    print("      p  t   log loss  derivative   ½(p − t)²  derivative")
    for p, t in ((0.0, 0), (1.0, 1), (0.0, 1), (1.0, 0)):
        row = []
        for loss in (binary_cross_entropy, half_squared_error):
            guess = Value(p, "p")
            with errstate("ignore"):  # a certain and wrong prediction costs infinity
                result = loss(guess, t)
                result.backward()
            row += [result.data + 0.0, guess.grad]
        print("    {:3g}  {}   {:8g}  {:+10.1f}   {:9g}  {:+10.1f}".format(p, t, *row))
        found[f"log loss({p:g}, {t})"], found[f"half squared({p:g}, {t})"] = row[0], row[2]
        found[f"log loss slope({p:g}, {t})"] = row[1]
    try:
        textbook = -1 * math.log(1.0) - (1 - 1) * math.log(1 - 1.0)
    except ValueError as error:
        print(f"The formula as it is written, at p = t = 1: Python answers “{error}”.")
    else:
        raise AssertionError(f"log 0 gave {textbook}")
    try:
        naive = 1.0 / (1.0 + math.exp(1000.0))
    except OverflowError as error:
        print(f"1/(1 + exp(−z)) at z = −1000: “{error}”; sigmoid gives {sigmoid(-1000.0):g}.")
    else:
        raise AssertionError(f"exp(1000) was no overflow: {naive}")
    print("Computed from the logit z, with p = σ(z), the loss is right at every point:")
    for z, t in ((-1000.0, 0), (1000.0, 0), (-1000.0, 1), (1000.0, 1)):
        logit = Value(z, "z")
        loss_at = binary_cross_entropy_with_logits(logit, t)
        loss_at.backward()
        print(f"    z = {z:+5g}, t = {t}: loss {loss_at.data:g}, derivative {logit.grad + 0.0:g}")
        found[f"logit loss({z:g}, {t})"] = loss_at.data
        found[f"logit slope({z:g}, {t})"] = logit.grad
    print()

    ps = np.linspace(0.0, 1.0, 201)
    fig, (axes,) = figure(size=(6.4, 4.2))
    for t, line in ((1, "-"), (0, "--")):
        inner = [p for p in ps if p not in (0.0, 1.0) or p == t]
        axes.plot(
            inner,
            [binary_cross_entropy(p, t) for p in inner],
            line,
            color=COLORS[0],
            label=f"log loss, t = {t}",
        )
        axes.plot(
            ps,
            [half_squared_error(p, t) for p in ps],
            line,
            color=COLORS[1],
            label=f"½(p − t)², t = {t}",
        )
    axes.set(
        xlabel="prediction p",
        ylabel="loss",
        ylim=(-0.1, 4.2),
        title="Certain and wrong: the log loss is unbounded",
    )
    axes.legend(loc="upper center")
    save(fig, folder, "losses")
    return found


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    folder = output_folder("chain_rule", folder)
    numbers = two_paths(folder)
    numbers |= total_derivative(folder)
    numbers |= sum_of_losses(20 if quick else 500)
    numbers |= corners(folder)
    print(f"Pictures: {folder}")
    return numbers


if __name__ == "__main__":
    run(main)
