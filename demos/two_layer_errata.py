"""Errors in the notes on a network of two layers, each compared with finite differences.

    python demos/two_layer_errata.py [folder]

Some formulas of Sarkar (2023), Gormley (2014, section 2.3) and COMP755 lecture 22 are true only for one
output, for another activation or for Wᵀ, or are wrong. Each is shown next to the right one. The network
has more than one unit in every layer, and tanh units below sigmoid units: with one output and only
sigmoid units, most of the errors have no effect.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import COLORS, figure, judged, layer_by_layer, output_folder, run, save, verdict
from two_layer_network import column, inputs, logistic, move, parts

from autograd_lite.check import Report
from autograd_lite.losses import binary_cross_entropy
from autograd_lite.nn import MLP

Array = np.ndarray[Any, np.dtype[Any]]
Claim = tuple[Callable[..., float], Array, Array]
TARGETS = np.array([1.0, 0.0])


def network(rng: random.Random) -> MLP:
    """3 inputs, 2 tanh units, 2 sigmoid outputs."""
    model = MLP(3, [2, 2], activation="tanh", output="sigmoid", rng=rng)
    move(model.layers, rng)
    return model


def claims() -> tuple[dict[str, Claim], list[str]]:
    """For each formula a function, the gradient that it claims, and the point; and lines on shapes.

    All gradients in the formulas are those of the engine, so each formula shows only its own error.
    """
    rng = random.Random(12)
    model = network(rng)
    at = inputs(3, rng)
    z, a = layer_by_layer(model.layers, at)
    losses = [binary_cross_entropy(p, t) for p, t in zip(a[2], TARGETS.tolist(), strict=True)]
    (losses[0] + losses[1]).backward()
    (W, b), (V, c) = map(parts, model.layers)
    X, A, Z = column(at), column(a[1]), column(z[0])
    dz2, da1, dz1 = (column(nodes, "grad") for nodes in (z[1], a[1], z[0]))

    def by_a1(*a1: float) -> float:
        p = logistic(V @ a1 + c[:, 0])
        return float(-np.sum(TARGETS * np.log(p) + (1 - TARGETS) * np.log(1 - p)))

    def by_z1(*z1: float) -> float:
        return by_a1(*np.tanh(z1))

    def by_x(*x: float) -> float:
        return by_z1(*(W @ x + b[:, 0]))

    def by_w1(*w: float) -> float:
        return by_z1(*(np.reshape(w, W.shape) @ X + b)[:, 0])

    def by_b1(*offsets: float) -> float:
        return by_z1(*((W @ X)[:, 0] + offsets))

    def without_b1(*_: float) -> float:
        return by_z1(*(W @ X)[:, 0])

    def y1_by_its_weight(v: float) -> float:
        return float(logistic(np.array(v * A[0, 0] + V[0, 1] * A[1, 0] + c[0, 0])))

    y1 = a[2][0].data
    mixed = y1 * (1 - y1) * V[0, 0] * (1 - A[0, 0] ** 2)  # ∂y₁/∂z¹₁, which belongs to the layer below
    return {
        "da¹ = dz² W²ᵀ (Sarkar)": (by_a1, dz2.T @ V.T, A),
        "da¹ = W²ᵀ dz²": (by_a1, V.T @ dz2, A),
        "dz¹ = da¹ ∗ a¹(1 − a¹) (Sarkar)": (by_z1, da1 * A * (1 - A), Z),
        "dz¹ = da¹ ∗ (1 − (a¹)²), for tanh": (by_z1, da1 * (1 - A**2), Z),
        "dW¹ = x dz¹ᵀ (Sarkar)": (by_w1, X @ dz1.T, W),
        "dW¹ = dz¹ xᵀ": (by_w1, dz1 @ X.T, W),
        "db¹ = dz¹ with z¹ = W¹x (Sarkar)": (without_b1, dz1, b),
        "db¹ = dz¹ with z¹ = W¹x + b¹": (by_b1, dz1, b),
        "dxᵢ = Σⱼ daⱼ · Σⱼ αⱼᵢ (Gormley)": (by_x, dz1.sum() * W.sum(axis=0), X),
        "dxᵢ = Σⱼ daⱼ αⱼᵢ": (by_x, W.T @ dz1, X),
        "∂hᴸᵢ/∂zˡᵢ · ∂zᴸᵢ/∂w (lecture 22)": (y1_by_its_weight, mixed * A[0], V[0, :1]),
        "∂hˡᵢ/∂zˡᵢ · ∂zˡᵢ/∂w": (y1_by_its_weight, y1 * (1 - y1) * A[0], V[0, :1]),
    }, [
        f"Shapes: of columns, dz² W²ᵀ would be {dz2.shape} by {V.T.shape}; x dz¹ᵀ is {(X @ dz1.T).shape}, "
        f"for z = Wᵀx, and W¹ {W.shape};",
        f"    lecture 22's hˡ = f(W¹hˡ⁻¹ + bˡ), W¹ in every layer, would take {W.shape} to {A.shape}.",
    ]


#: Formulas with indices above and below, as matplotlib sets them.
_IN_TYPE = {
    "∂hᴸᵢ/∂zˡᵢ · ∂zᴸᵢ/∂w (lecture 22)": (
        r"$\partial h_i^L/\partial z_i^l \cdot \partial z_i^L/\partial w$ (lecture 22)"
    ),
}


def plot(reports: dict[str, Report], folder: Path) -> None:
    """Draw each entry of the wrong formulas next to the finite difference."""
    wrong = {formula: report.entries for formula, report in reports.items() if not report.ok}
    fig, axes = figure(2, 3, size=(11.5, 6.4))
    for ax, (formula, entries) in zip(axes, wrong.items(), strict=True):
        for shift, color, label, heights in (
            (-0.2, COLORS[1], "the formula as printed", [entry.derivative for entry in entries]),
            (0.2, COLORS[0], "finite difference", [entry.difference for entry in entries]),
        ):
            places = [i + 1 + shift for i in range(len(entries))]
            ax.bar(places, heights, 0.4, color=color, label=label)
        ax.axhline(0.0, color=COLORS[5], linewidth=0.8)
        ax.grid(False, axis="x")
        if all(abs(entry.difference) < 1e-9 for entry in entries):
            ax.text(0.97, 0.9, "the differences are 0", transform=ax.transAxes, ha="right", color=COLORS[0])
        ax.set(xticks=range(1, len(entries) + 1), xlim=(0.2, len(entries) + 0.8))
        ax.set_title(_IN_TYPE.get(formula, formula))
    for ax in axes[3:]:
        ax.set_xlabel("entry")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    save(fig, folder, "claims")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Print the verdicts and draw the wrong formulas. ``quick`` changes nothing here."""
    folder = output_folder("two_layer_errata", folder)
    formulas, shapes = claims()
    print("Formulas of the notes and the right ones, for 3 inputs, 2 tanh units and 2 sigmoid outputs:")
    reports: dict[str, Report] = {}
    for formula, (value, gradient, at) in formulas.items():
        numbers = np.ravel(gradient).tolist()
        report = judged(value, lambda _, __, numbers=numbers: numbers, np.ravel(at).tolist())
        reports[formula] = report
        print(f"    {formula:34} {verdict(report)}")
    print("\n".join(shapes))
    print(
        "Misprints: lecture 22 has ŷ/∂h for ∂ŷ/∂h and ∂E/w for ∂E/∂w throughout, hᴸ for hᴸᵢ in equation "
        "18,\n    ∂hᴸᵢ/∂θ for ∂hᴸ⁻¹ⱼ/∂θ in 19, and an i both free and summed over in 22, 34 and 44."
        "\n    Gormley sums over i for j in equation 4 and swaps D and M from 2.2 to 2.3, where z₀ = 1 "
        "is not a sigmoid unit."
    )
    plot(reports, folder)
    print(f"Pictures: {folder}")
    return {f"gradcheck {formula}": report.ok for formula, report in reports.items()}


if __name__ == "__main__":
    run(main)
