"""A page with a picture of every circuit in the lecture notes: open build/gallery/index.html.

    python demos/gallery.py [folder]

The page shows the two examples with their tables and players (Sarkar 2023; Gormley 2014, section 1.3),
derivatives of derivatives, logistic regression with the log loss, networks of two layers, XOR with the
fixed weights of COMP755 lecture 22, parts of large circuits, and the origin of a nan. Each picture is an
SVG file in a light and a dark version. The page needs no internet connection.
"""

from __future__ import annotations

from pathlib import Path

import gallery_circuits as circuits
from common import output_folder, run
from gallery_page import GATES, Picture, Section, page, write_section
from second_derivative import tower
from seed_circuits import gormley, sarkar

from autograd_lite import Value, formula
from autograd_lite.show import RenderError

PRINT = {"style": "circuit", "theme": "mono"}


def local_and_upstream() -> Section:
    f = sarkar()
    return Section(
        "sarkar",
        "f = (x + y)·z",
        "Sarkar’s example (2023): the forward pass gives q = 3 and f = −12, the sweep gives −4, −4 and 3.",
        [
            Picture(
                "f_circuit",
                "Gates and wires",
                "Values are above the wires and gradients below them. Under each gradient is its product, "
                "local derivative times upstream gradient.",
                f,
                GATES,
                quick=True,
            ),
            Picture(
                "f_card",
                "Cards",
                "Each node shows its value and its gradient, and each wire shows its contribution.",
                f,
                quick=True,
            ),
            Picture(
                "f_mono",
                "For print",
                "Black on white. Values and gradients differ by their position.",
                f,
                PRINT,
            ),
        ],
        derived=f,
        played=f,
    )


def two_paths() -> Section:
    J, before = gormley(), gormley()
    before.zero_grad()
    return Section(
        "gormley",
        "J = cos(sin(x²) + 3x²)",
        "Gormley’s example (2014, section 1.3) at x = 1: t reaches J by two paths, which add up.",
        [
            Picture(
                "J_circuit",
                "Gates and wires",
                "Where the wire of t forks, each branch adds its contribution, 0.348 and 1.932, to "
                "the gradient 2.28.",
                J,
                GATES,
                quick=True,
            ),
            Picture(
                "J_card",
                "Cards",
                "The third line of t is the sum over both paths. At x is dJ/dx = 4.561.",
                J,
                quick=True,
            ),
            Picture("J_mono", "For print", "The same circuit in black on white.", J, PRINT),
            Picture(
                "J_before",
                "Before the sweep",
                "Without backward() there are values and local derivatives, but no gradients, not "
                "even zeros.",
                before,
                quick=True,
            ),
        ],
        derived=J,
        played=J,
    )


def one_operand_twice() -> Section:
    x = Value(3.0, "x")
    y = x * x
    y.name = "y"
    y.backward()
    return Section(
        "paths",
        "The same operand twice",
        "The product of x with itself is the smallest circuit in which a gradient is a sum.",
        [
            Picture(
                "square",
                "Two wires",
                "There is a wire for each operand of x·x, so the gradient is 3 + 3 = 6.",
                y,
                quick=True,
            ),
            Picture(
                "square_circuit",
                "The fork",
                "The same circuit as gates: the wire of x forks, and both branches end at the product.",
                y,
                GATES,
            ),
        ],
    )


def derivatives_of_derivatives() -> Section:
    nodes = tower()
    return Section(
        "second",
        "Derivatives of derivatives",
        "gradients() returns circuits like any other: x³, its derivative 3x² and the second derivative 6x, "
        "at x = 1.5. The gradient of x in each picture is the value of the next one.",
        [
            Picture(
                file,
                f"{name} = {formula(nodes[name])}",
                caption,
                nodes[name],
                {"grads": "always"},
                quick=file == "first",
                of=of,
            )
            for name, file, of, caption in (
                ("y", "cube", "y", "The gradient of x is 6.75."),
                (
                    "y′",
                    "first",
                    "gradients(y, x)",
                    "Its value is 6.75, and its gradient at x is 9.",
                ),
                (
                    "y″",
                    "second",
                    "gradients(gradients(y, x), x)",
                    "Its value is 9, and the third derivative is 6.",
                ),
            )
        ],
    )


#: The sections of the page, from top to bottom.
SECTIONS = (
    local_and_upstream,
    two_paths,
    one_operand_twice,
    derivatives_of_derivatives,
    circuits.logistic_regression,
    circuits.two_layers,
    circuits.perceptron,
    circuits.parts,
    circuits.xor,
    circuits.saturated,
    circuits.too_large,
)


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    """Write the pictures, the players and the page. Returns how many; ``quick`` draws only a few."""
    folder = output_folder("gallery", folder)
    written, pictures, players = [], 0, 0
    try:
        for section in (make() for make in SECTIONS):
            shown = [picture for picture in section.pictures if picture.quick or not quick]
            if shown:
                written.append((section, write_section(section, shown, folder)))
                pictures += len(shown)
                players += section.played is not None
    except RenderError as error:
        print(f"Without Graphviz there are no pictures: {error}.")
        return {"pictures": 0, "players": 0}
    (folder / "index.html").write_text(page(written), encoding="utf-8")
    for section, _ in written:
        print(f"    {section.heading}")
    print(f"{pictures} pictures and {players} players: open {folder / 'index.html'}.")
    return {"pictures": pictures, "players": players}


if __name__ == "__main__":
    run(main)
