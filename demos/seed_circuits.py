"""The circuits of the lecture notes, differentiated, printed as tables and drawn.

    python demos/seed_circuits.py [folder]

f = (x + y)·z at (-2, 5, -4) is Sarkar's example (2023), J = cos(sin(x²) + 3x²) at x = 1 Gormley's
(2014, section 1.3), with the table of the notes. g(t) = f(t, t, 1) with f = x² + y³ + z⁴ shows that the
contributions of several paths to one variable are added. The last line says where the pictures are.
Graphviz draws them; without it, only their DOT texts and the tables are written.
"""

from __future__ import annotations

import math
from pathlib import Path

from script import output_folder, run

from autograd_lite import Value, circuit, cos, derivative, sin
from autograd_lite.show import RenderError, draw, play, table


def sarkar() -> Value:
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = x + y
    q.name = "q"
    f = q * z
    f.name = "f"
    f.backward()
    assert (q.data, f.data) == (3.0, -12.0)
    assert (q.grad, x.grad, y.grad, z.grad) == (-4.0, -4.0, -4.0, 3.0)
    return f


def gormley() -> Value:
    x = Value(1.0, "x")
    t = x**2
    u1 = sin(t)
    u2 = 3 * t
    u = u1 + u2
    J: Value = cos(u)
    for name, node in {"t": t, "u1": u1, "u2": u2, "u": u, "J": J}.items():
        node.name = name
    J.backward()
    by_hand = -math.sin(math.sin(1.0) + 3.0) * (2.0 * math.cos(1.0) + 6.0)
    assert math.isclose(x.grad, by_hand, rel_tol=1e-15)
    assert round(x.grad, 6) == 4.560792
    return J


def gradients(root: Value) -> dict[str, float]:
    """The gradients of the inputs after a sweep, by ``df/dx`` and so on."""
    inputs = [node for node in circuit(root) if node.op is None and not node.is_constant]
    return {f"d{root.name}/d{node.name}": node.grad for node in inputs}


def total_derivative() -> dict[str, float]:
    def f(x: Value, y: Value, z: float) -> Value:
        return x**2 + y**3 + z**4

    def g(t: Value) -> Value:
        return f(t, t, 1.0)

    found = {}
    print("g(t) = f(t, t, 1) with f = x² + y³ + z⁴; by the chain rule g′ = 2t + 3t²:")
    for t in (-1.0, 0.5, 2.0):
        slope = found[f"g'({t:g})"] = derivative(g)(t)
        assert math.isclose(slope, 2 * t + 3 * t**2)
        print(f"    g′({t:g}) = {slope:g}")
    return found


def pictures(root: Value, folder: Path) -> list[Path]:
    """Write the circuit in both styles as SVG and PNG, and as a page that computes; return the files.

    :raises RenderError: without Graphviz. The DOT texts and the table have been written then.
    """
    drawings = {f"{root.name}_{style}": draw(root, style=style) for style in ("card", "circuit")}
    for name, drawing in drawings.items():
        drawing.save(folder / f"{name}.dot")
    (folder / f"{root.name}.txt").write_text(table(root) + "\n", encoding="utf-8")
    files = [folder / f"{name}.{form}" for name in drawings for form in ("svg", "png")]
    for file in files:
        drawings[file.stem].save(file)
    return [*files, play(root).save(folder / f"{root.name}.html")]


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    """Print the tables and write the pictures. Returns the numbers that it prints.

    ``quick`` changes nothing here.
    """
    folder = output_folder("seed_circuits", folder)
    roots = [sarkar(), gormley()]
    found: dict[str, float] = {}
    for root in roots:
        found |= {str(root.name): root.data} | gradients(root)
        print(table(root), end="\n\n")
    print(f"dJ/dx at x = 1, to six decimals: {found['dJ/dx']:.6f}\n")
    found |= total_derivative()
    print()
    drawn: list[Path] = []
    missing = None
    for root in roots:
        try:
            drawn += pictures(root, folder)
        except RenderError as error:
            missing = error
    if missing is not None:
        print(f"The .dot and .txt files are in {folder}, but not all pictures: {missing}.")
    else:
        print("The pictures, and the pages that compute (open one in a browser and change an input):")
        for file in drawn:
            print(f"    {file}")
    return found


if __name__ == "__main__":
    run(main)
