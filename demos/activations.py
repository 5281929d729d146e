"""The activations of Muzaffar's lecture: their slopes, where they saturate, and a dead unit.

    python demos/activations.py [folder]

It draws sigmoid, tanh, ReLU, leaky ReLU, ELU and the linear output with the derivatives that the
engine computes. It prints the largest slopes (1/4 for the sigmoid), the slopes far from 0, the kinks
at 0, and what the notes' table gets wrong. A ReLU whose input is negative for every sample never learns
again; a leaky ReLU or an ELU in its place still learns.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import figure, judged, output_folder, run, save, verdict

from autograd_lite import (
    Value,
    derivative,
    elu,
    errstate,
    exp,
    gradcheck,
    leaky_relu,
    relu,
    sigmoid,
    tanh,
)
from autograd_lite.check import difference
from autograd_lite.losses import half_squared_error
from autograd_lite.optim import SGD
from autograd_lite.show import plots
from autograd_lite.training import fit

K = 0.1  # the slope of the leaky ReLU for negative numbers; large enough to be seen
Function = Callable[[Any], Any]

ACTIVATIONS: dict[str, Function] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "ReLU": relu,
    f"leaky ReLU, k = {K}": lambda a: leaky_relu(a, K),
    "ELU, k = 1": lambda a: elu(a, 1.0),
    "linear": lambda a: 1.0 * a,
}
KINKED: dict[str, Function] = {
    name: ACTIVATIONS[name] for name in ACTIVATIONS if "ReLU" in name or "ELU" in name
} | {"ELU, k = 2": lambda a: elu(a, 2.0)}


def largest_slope(f: Function) -> tuple[float, str]:
    """The largest |f′| on a grid from −8 to 8, and where it occurs."""
    grid = [i / 20.0 for i in range(-160, 161)]
    slope = derivative(f)
    found = {a: abs(slope(a)) for a in grid}
    steepest = max(found.values())
    places = [a for a in grid if found[a] == steepest]
    if len(places) == 1:
        return steepest, f"at a = {places[0]:g}"
    if places == grid:
        return steepest, "for all a"
    return steepest, "for a ≥ 0" if 0.0 in places else "for a > 0"


def slopes() -> dict[str, Any]:
    far = (-20.0, -5.0, 5.0, 20.0)
    print(f"{'':<24}largest slope     slope at a ={''.join(f'{a:>10g}' for a in far)}")
    found = {}
    for name, f in (ACTIVATIONS | KINKED).items():
        steepest, where = found[name] = largest_slope(f)
        slope = derivative(f)
        cells = "".join(f"{slope(a):>10.2g}" for a in far)
        print(f"  {name:<22}{steepest:<5.4g} {where:<23}{cells}")
    print(
        "  The largest slope of ELU is max(1, k), and not 1 as the notes say. They also say 'avoids\n"
        "  saturation'. But left of 0 the slope of ReLU is 0, and ELU, which is not piecewise linear,\n"
        "  saturates at −k."
    )
    return found


def kinks() -> dict[str, Any]:
    print("\nAt a = 0:            slope from the left   from the right   the engine's f′(0)")
    found = {}
    h = 1e-7
    for name, f in KINKED.items():
        at_0 = f(0.0)
        left, right = (at_0 - f(-h)) / h, (f(h) - at_0) / h
        found[name] = left, right, derivative(f)(0.0)
        print(f"  {name:<20}{left:>18.4f}{right:>17.4f}{found[name][2]:>21.4f}")
    print(
        "  The notes give one value without a reason. Where the two slopes differ, the value at 0 is a\n"
        "  convention: any number between them would do. ELU has a derivative at 0 only for k = 1."
    )
    return found


def table_row() -> dict[str, float]:
    a, k = -1.0, 1.0
    f = elu(a, k)
    found: dict[str, float] = {
        "elu_engine": derivative(lambda x: elu(x, k))(a),
        "elu_difference": difference(lambda x: elu(x, k), a)[0],
        "elu_plus_k": f + k,
        "elu_minus_k": f - k,
    }
    notes = judged(lambda a: elu(a, k), [lambda a, f: f - k], a)
    right = gradcheck(lambda a: elu(a, k), a)
    found |= {"gradcheck_notes": notes.ok, "gradcheck_elu": right.ok}
    print(f"\nELU's derivative at a = {a:g}, k = {k:g}: engine {found['elu_engine']:.9f},")
    print(
        f"  finite difference {found['elu_difference']:.9f}, f(a) + k = {found['elu_plus_k']:.9f}."
        f" The notes' table has f(a) − k = {found['elu_minus_k']:.9f}."
    )
    print(f"  gradcheck of the notes' derivative: {verdict(notes)}")
    print(f"  and of f(a) + k: {verdict(right)}.")
    zero, one = derivative(lambda x: leaky_relu(x, 0.0)), derivative(lambda x: leaky_relu(x, 1.0))
    found |= {"leaky_0": zero(-3.0), "leaky_1": one(-3.0)}
    print(
        f"Leaky ReLU needs 0 < k < 1. With k = 0 its slope at a = −3 is {found['leaky_0']:g}: that is ReLU,"
        f" which does not\n  always learn. With k = 1 it is {found['leaky_1']:g}: that is the linear unit."
    )
    return found


def far_out() -> dict[str, float]:
    def printed(a: Any) -> Any:
        return (exp(a) - exp(-a)) / (exp(a) + exp(-a))

    a = 711.0
    with errstate("ignore"):
        quotient = printed(a)
    found = {
        "tanh_quotient": quotient,
        "tanh_711": tanh(a),
        "tanh_slope_20": derivative(tanh)(20.0),
        "tanh_slope_20_textbook": 1.0 - math.tanh(20.0) ** 2,
    }
    print(
        f"\ntanh({a:g}) is {tanh(a):g}; written as (eᵃ − e⁻ᵃ)/(eᵃ + e⁻ᵃ) it is inf/inf = {quotient:g}."
        f"\n  tanh′(20) is {found['tanh_slope_20']:.2e}; by 1 − tanh² it is rounded to"
        f" {found['tanh_slope_20_textbook']:g}."
    )
    return found


def dead_unit(steps: int) -> dict[str, list[float]]:
    """The errors while one unit f(w·x + b) learns y = x. At the start, its input is always negative."""
    xs = [0.5, 1.0, 1.5, 2.0]
    errors = {}
    print(f"\nOne unit f(wx + b), w = 1, b = −3, learns y = x at x = {xs} in {steps} steps:")
    for name, f in ACTIVATIONS.items():
        if name not in KINKED:
            continue
        w, b = Value(1.0, "w"), Value(-3.0, "b")

        def model(x: float, f: Function = f, w: Value = w, b: Value = b) -> Any:
            return f(w * x + b)

        history = fit(
            model, (xs, xs), half_squared_error, SGD([w, b], lr=0.3), epochs=steps, progress=False
        )
        errors[name] = history.loss
        print(
            f"  {name:<20} error {history.loss[0]:.4f} → {history.loss[-1]:.4g},"
            f"  w = {w.data:.4f}, b = {b.data:.4f}"
        )
    print("  The ReLU unit has not moved, because its gradient is 0 for every sample: it is dead.")
    return errors


def draw_activations(folder: Path) -> None:
    fig, axes = figure(2, 3, size=(12.0, 7.0), sharex=True)
    plots.activations(ACTIVATIONS, axes=axes)
    for ax, f in zip(axes, ACTIVATIONS.values(), strict=True):
        ax.set(ylim=(-1.3, 2.3))
        ax.text(0.97, 0.04, f"max f′ = {largest_slope(f)[0]:g}", transform=ax.transAxes, ha="right")
    for ax in axes[3:]:
        ax.set_xlabel("a")
    save(fig, folder, "activations")


def draw_learning(errors: dict[str, list[float]], folder: Path) -> None:
    grid = [i / 20.0 for i in range(-400, 401)]
    fig, (left, right) = figure(columns=2)
    color = dict(zip(ACTIVATIONS, plots.COLORS, strict=True))  # the same on both sides
    for name, line in (("sigmoid", "-"), ("tanh", "-"), ("ELU, k = 1", "--")):
        slope = derivative(ACTIVATIONS[name])
        left.semilogy(grid, [slope(a) for a in grid], line, color=color[name], label=name)
    left.set(title="Saturation", xlabel="a", ylabel="f′(a)")
    left.legend(loc="lower center")
    for name, losses in errors.items():
        right.semilogy(losses, color=color[name], label=name)
    right.set(title="A unit that starts where its input is negative", xlabel="step", ylabel="error")
    right.legend(loc="lower left")
    save(fig, folder, "saturation")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Print the slopes and draw the activations. ``quick`` changes nothing here."""
    folder = output_folder("activations", folder)
    found: dict[str, Any] = {"largest": slopes(), "kinks": kinks()}
    found |= table_row()
    found |= far_out()
    found["errors"] = dead_unit(200)
    draw_activations(folder)
    draw_learning(found["errors"], folder)
    print(f"\nThe pictures are in {folder}: activations, saturation.")
    return found


if __name__ == "__main__":
    run(main)
