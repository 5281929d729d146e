"""Derivatives of derivatives: y = x³, y′ = 3x² and y″ = 6x are circuits, which are drawn and printed.

    python demos/second_derivative.py [folder]

`gradients` returns Values, so a derivative has a formula, a picture and a derivative. In each picture,
the gradient of x is the value of the next derivative. The second part is about a sentence of the Machine
Learning slides, that σ′(z) is a constant in the chain rule. It is true for first derivatives only.
"""

from __future__ import annotations

import math
from pathlib import Path

from common import output_folder, run, save_circuit

from autograd_lite import Value, gradients, sigmoid, table
from autograd_lite.check import difference
from autograd_lite.show import formula


def tower(at: float = 1.5) -> dict[str, Value]:
    """The cube, its first and its second derivative, by name."""
    x = Value(at, "x")
    y = x**3
    first = gradients(y, x)
    second = gradients(first, x)
    named = {"y": y, "y′": first, "y″": second}
    for name, node in named.items():
        node.name = name
    return named


def cube(folder: Path) -> dict[str, float]:
    """Print and draw the tower, and compare each derivative with central differences."""
    nodes = tower()
    x = nodes["y"].parents[0]
    third = gradients(nodes["y″"], x)
    print(f"A circuit for each derivative, at x = {x.data:g}:")
    heights = [*nodes.items(), ("y‴", third)]
    for name, node in heights:
        print(f"    {name:2} = {formula(node):3} = {node.data:g}")
    slopes = (lambda t: t**3, lambda t: 3.0 * t**2, lambda t: 6.0 * t)
    for (name, node), f in zip(heights[1:], slopes, strict=True):
        slope, wide = difference(f, x.data)
        assert abs(node.data - slope) <= 10.0 * wide + 1e-9, (name, node.data, slope)
    print("\nThe gradient of x in the circuit of y′ is the value of y″:\n")
    print(table(nodes["y′"], grads="always"), end="\n\n")
    for name, node in zip(("y", "first", "second"), nodes.values(), strict=True):
        save_circuit(node, folder, name, grads="always")
    return {name: node.data for name, node in heights}


def loss(z: Value) -> Value:
    return (sigmoid(z) - 1.0) ** 2 / 2.0


def frozen_slope(at: float = -2.0) -> dict[str, float]:
    """The second derivative of a loss, with σ′(z) as a function of z and as a constant."""
    z = Value(at, "z")
    L = loss(z)
    first = gradients(L, z)
    second = gradients(first, z)
    a = sigmoid(at)
    slope = a * (1.0 - a)
    frozen = slope * slope
    right = frozen + (a - 1.0) * slope * (1.0 - 2.0 * a)
    assert math.isclose(first.data, (a - 1.0) * slope, rel_tol=1e-14)
    assert math.isclose(second.data, right, rel_tol=1e-13)
    by_differences = difference(lambda t: gradients(loss(v := Value(t)), v).data, at)[0]
    print(f"L = ½(σ(z) − 1)² at z = {at:g}: L′ = {first.data:.8f} either way, but L″ is")
    print(f"    by the engine                 {second.data:11.8f}")
    print(f"    by central differences of L′  {by_differences:11.8f}")
    print(f"    with σ′(z) held constant      {frozen:11.8f}")
    print("  “σ′(z) is a constant” (Machine Learning slides) is true for first derivatives only. Here it")
    print("  leaves out (σ(z) − 1)·σ″(z), and the second derivative gets the wrong sign.\n")
    return {
        "L′": first.data,
        "L″": second.data,
        "L″ by differences": by_differences,
        "L″ frozen": frozen,
    }


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    """Print the formulas and tables and write the pictures. ``quick`` changes nothing here."""
    folder = output_folder("second_derivative", folder)
    numbers = cube(folder)
    numbers |= frozen_slope()
    print(f"The pictures are in {folder}: y, first, second.")
    return numbers


if __name__ == "__main__":
    run(main)
