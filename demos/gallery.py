"""Every circuit of the lecture notes as a picture, on one page: open build/gallery/index.html.

    python demos/gallery.py [folder]

The two examples with their tables and players (Sarkar 2023; Gormley 2014, section 1.3), derivatives
of derivatives, logistic regression with the log loss, networks of two layers, XOR with the fixed
weights of COMP755 lecture 22, parts of circuits that are too large, and where a nan comes from. Each
picture is an SVG file, in light and in dark, and the page needs no network.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gallery_circuits as circuits
from common import output_folder, run
from gallery_page import Picture, Section, page, write_section
from second_derivative import tower
from seed_circuits import gormley, sarkar

from autograd_lite import find_nonfinite, formula
from autograd_lite.show import RenderError


def sections() -> Iterator[Section]:
    """The page from top to bottom."""
    card: dict[str, Any] = {}
    gate = {"style": "circuit"}
    mono = {"style": "circuit", "theme": "mono"}
    f, J, L = sarkar(), gormley(), circuits.neuron()
    yield Section(
        "sarkar",
        "f = (x + y)·z",
        "Sarkar’s example (2023): the forward pass gives q = 3 and f = −12, the sweep −4, −4 and 3.",
        [
            Picture(
                "f_circuit",
                "Gates and wires",
                "Values stand above the wires, gradients below, and under each gradient the local "
                "derivative times the upstream one.",
                f,
                gate,
                True,
            ),
            Picture(
                "f_card",
                "Cards",
                "Each node shows its value and its gradient, each wire its share of the chain "
                "rule.",
                f,
                card,
                True,
            ),
            Picture(
                "f_mono",
                "For print",
                "Black on white, where position tells values from gradients.",
                f,
                mono,
            ),
        ],
        f,
        f,
    )
    yield Section(
        "gormley",
        "J = cos(sin(x²) + 3x²)",
        "Gormley’s example (2014, section 1.3) at x = 1: t reaches J by two paths, which add up.",
        [
            Picture(
                "J_circuit",
                "Gates and wires",
                "Where the wire of t forks, each branch adds its own share, 0.348 and 1.932, to "
                "the gradient 2.28.",
                J,
                gate,
                True,
            ),
            Picture(
                "J_card",
                "Cards",
                "The third line of t is the sum over both paths, and dJ/dx = 4.561 stands at x.",
                J,
                card,
                True,
            ),
            Picture(
                "J_mono",
                "For print",
                "The same circuit in black on white.",
                J,
                mono,
            ),
            Picture(
                "J_before",
                "Before the sweep",
                "Without backward() there are values and local derivatives, and no gradient: not "
                "even a zero.",
                circuits.before_the_sweep(),
                card,
                True,
            ),
        ],
        J,
        J,
    )
    yield Section(
        "paths",
        "Twice the same operand",
        "A product of x with itself is the shortest circuit in which a gradient is a sum.",
        [
            Picture(
                "square",
                "Two wires",
                "Each operand slot of x·x has a wire, so the gradient is 3 + 3 = 6.",
                circuits.square(),
                card,
                True,
            ),
            Picture(
                "square_circuit",
                "The fork",
                "The same as gates: x splits in two and both branches end in one product.",
                circuits.square(),
                gate,
            ),
        ],
    )
    nodes = tower()
    yield Section(
        "second",
        "Derivatives of derivatives",
        "gradients() gives circuits like any other: x³, its derivative 3x² and that one’s derivative 6x, "
        "at x = 1.5. The gradient of x in each picture is the value of the next.",
        [
            Picture(
                file,
                f"{name} = {formula(nodes[name])}",
                caption,
                nodes[name],
                {"grads": "always"},
                file == "first",
                of,
            )
            for name, file, of, caption in (
                ("y", "cube", "y", "The gradient of x is 6.75."),
                (
                    "y′",
                    "first",
                    "gradients(y, x)",
                    "Its value is that 6.75, and its own gradient at x is 9.",
                ),
                (
                    "y″",
                    "second",
                    "gradients(gradients(y, x), x)",
                    "Its value is that 9, and the third derivative is 6.",
                ),
            )
        ],
    )
    yield Section(
        "logistic",
        "Logistic regression with the log loss",
        "L = −(y·log a + (1 − y)·log(1 − a)) with a = σ(w₁x₁ + w₂x₂ + b), for one sample with y = 1 "
        "(Sarkar 2023). Gormley (2014) has the circuit in section 2.2, with half the squared error and "
        "without the minus in σ, and the log loss in 2.1, without its minus. Behind "
        "all its steps, ∂L/∂z is a − y = 0.475 − 1 = −0.525.",
        [
            Picture(
                "logistic_circuit",
                "Gates and wires",
                "The three terms of z are added by one Σ, and the branch of 1 − y contributes 0.",
                L,
                gate,
                True,
            ),
            Picture(
                "logistic_named",
                "Named nodes only",
                "What has no name is folded into its consumer, its local derivatives multiplied.",
                L,
                {"detail": "named"},
            ),
        ],
        None,
        L,
        {"quiz": True, "detail": "named"},
    )
    two = circuits.two_layers()
    yield Section(
        "two_layers",
        "A network of two layers",
        "Two sigmoid units and one on top, with the log loss (Sarkar 2023; the circuit is "
        "also Gormley's, 2014, section 2.3).",
        [
            Picture(
                "two_circuit",
                "Gates and wires",
                "Each input collects a contribution from both hidden units. What has no name of its own, "
                "such as the log loss, is folded into one gate with its formula.",
                two,
                {"style": "circuit", "detail": "named"},
            ),
            Picture(
                "two_scope",
                "Neuron by neuron",
                "One box for each neuron, with all its weights and gradients.",
                two,
                {"style": "scope", "depth": 2},
            ),
        ],
    )
    deep, w = circuits.perceptron()
    yield Section(
        "mlp",
        "A multilayer perceptron",
        "Two inputs, four tanh units and a linear output, with half the squared error (Muzaffar).",
        [
            Picture(
                "mlp_layers",
                "Layer by layer",
                "Collapsed at depth 1, a layer is one box, and a wire carries the sum of what "
                "flows through it.",
                deep,
                {"style": "scope"},
            ),
            Picture(
                "mlp_neurons",
                "Neuron by neuron",
                "Collapsed at depth 2, every weight of every neuron shows its value and its "
                "gradient.",
                deep,
                {"style": "scope", "depth": 2},
            ),
            Picture(
                "mlp_cards",
                "All of it",
                "Every node as a card, in the outlines of its layer and neuron; scroll to see it "
                "all.",
                deep,
                card,
            ),
        ],
    )
    yield Section(
        "parts",
        "Parts of a circuit",
        "Of the same network only what matters. Each picture says in its last line what it leaves out.",
        [
            Picture(
                "mlp_path",
                "One weight’s path",
                "The chain rule from the first weight to the loss, a factor on each wire.",
                deep,
                {"focus": w, "direction": "TB", "scopes": False},
            ),
            Picture(
                "mlp_near",
                "Near the result",
                "At most four steps away from the loss.",
                deep,
                {"style": "circuit", "max_depth": 4},
            ),
            Picture(
                "mlp_strong",
                "Where the gradient is",
                "Only wires whose contribution is at least 0.3 in magnitude.",
                deep,
                {"style": "circuit", "min_grad": 0.3},
            ),
        ],
    )
    hand_made = circuits.xor()
    yield Section(
        "xor",
        "XOR with fixed weights",
        "The hand-made network of COMP755 lecture 22, F = 5, at the corner (0, 1): its output is 0.8932.",
        [
            Picture(
                "xor_scope",
                "Neuron by neuron",
                "The second hidden unit answers to this corner: 0.9241 against 5.528e−4.",
                hand_made,
                {"style": "scope", "depth": 2},
            ),
            Picture(
                "xor_circuit",
                "Gates and wires",
                "Every weight is 5 or −5; those of a wire that carries 0 get the gradient 0.",
                hand_made,
                gate,
            ),
        ],
    )
    wrong = circuits.saturated()
    yield Section(
        "nan",
        "Where a nan comes from",
        "σ(40) rounds to 1, and the log loss as it is written meets 0·log 0 there. The engine’s own "
        "binary_cross_entropy does not form that term.",
        [
            Picture(
                "nan",
                "The path of the nan",
                "find_nonfinite names the first infinity, and its way to the result is drawn "
                "thick.",
                wrong,
                {"style": "circuit", "highlight": find_nonfinite(wrong)},
            ),
        ],
    )
    yield Section(
        "large",
        "More than can be drawn",
        "A 2-16-16-1 network at ten samples is over a thousand nodes; above 100 they are collapsed.",
        [
            Picture(
                "large",
                "Collapsed by scope",
                "Boxes tell how many nodes they hold, the range of their outputs and the largest "
                "gradient of a parameter.",
                circuits.many(),
            ),
        ],
    )


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, float]:
    """Write the pictures, the players and the page, and count them; ``quick`` draws only a few."""
    folder = output_folder("gallery", folder)
    written, pictures, players = [], 0, 0
    try:
        for section in sections():
            shown = [picture for picture in section.pictures if picture.quick or not quick]
            if shown:
                written.append((section, write_section(section, shown, folder)))
                pictures += len(shown)
                players += section.played is not None
    except RenderError as error:
        print(f"There is nothing to see without Graphviz: {error}.")
        return {"pictures": 0, "players": 0}
    (folder / "index.html").write_text(page(written), encoding="utf-8")
    for section, _ in written:
        print(f"    {section.heading}")
    print(f"{pictures} pictures and {players} players: open {folder / 'index.html'}.")
    return {"pictures": pictures, "players": players}


if __name__ == "__main__":
    run(main)
