"""What the tests of pictures draw, and how they read a DOT text and an SVG."""

import dataclasses
import re

import pytest

from autograd_lite import Value, parameter, scope, tanh
from autograd_lite.show.picture.dot import Look
from autograd_lite.show.picture.drawing import PICTURES
from autograd_lite.show.picture.palette import LIGHT
from autograd_lite.show.picture.shapes import read_svg
from autograd_lite.show.view.view import View

from ...support import circuits
from ...support.handmade import node, view, wire
from ...support.written import runs_of_dot, runs_of_svg

KINDS = (*PICTURES, ".html", ".md", ".tex", ".txt")


def xyz(swept: bool = True) -> Value:
    return circuits.sarkar(swept)


def gormley(swept: bool = True) -> Value:
    return circuits.gormley(swept)


def drawn(svg: str) -> list[str]:
    """Every run of text of a picture, as people write it on one line."""
    return [run.replace("\u00a0", " ") for text in read_svg(svg).iter("text") for run in runs_of_svg(text)]


def said(dot: str, colour: str | None = None) -> list[str]:
    """The runs of text of a DOT text, those of one role only when it is named."""
    return [
        text.replace("\u00a0", " ").strip()
        for shade, text in runs_of_dot(dot)
        if colour is None or shade == LIGHT[colour]
    ]


def statement(dot: str, start: str) -> str:
    """The one statement that begins with ``start``."""
    (found,) = [line for line in dot.split("\n") if line.strip().startswith(start)]
    return found


def edges(dot: str) -> list[tuple[str, str]]:
    return re.findall(r"^ *(n\d+) -> (n\d+) \[", dot, re.MULTILINE)


def product(**changes: object) -> View:
    """f = x·y at 2, 3, swept, made by hand."""
    nodes = [
        node(0, "x", "leaf", value=2.0, grad=3.0),
        node(1, "y", "leaf", value=3.0, grad=2.0),
        node(2, "f", "out", "x·y", glyph="×", value=6.0),
    ]
    wires = [
        wire(0, 0, 2, 0, local=3.0, local_formula="y", latex_local="y", contribution=3.0),
        wire(1, 1, 2, 1, local=2.0, local_formula="x", latex_local="x", contribution=2.0),
    ]
    return dataclasses.replace(view(nodes, wires), **changes)  # type: ignore[arg-type]  # fields by name


LOOK = Look(LIGHT)


STYLES = pytest.mark.parametrize("style", ["card", "circuit"])


def network() -> Value:
    """A 2-2-1 network with half the squared error, swept."""
    x1, x2 = Value(1.0, "x1"), Value(-2.0, "x2")
    hidden = []
    for i, (u, v, c) in enumerate(((-0.73, 0.69, 0.26), (-0.49, -0.01, -0.05)), 1):
        with scope(f"layer1/neuron{i}"):
            w1, w2, b = parameter(u, "w1"), parameter(v, "w2"), parameter(c, "b")
            h = tanh(w1 * x1 + w2 * x2 + b)
            h.name = f"h{i}"
        hidden.append(h)
    with scope("layer2/neuron1"):
        w1, w2 = parameter(0.52, "w1"), parameter(-1.0, "w2")
        y = w1 * hidden[0] + w2 * hidden[1]
        y.name = "y"
    with scope("loss"):
        L: Value = 0.5 * (y - 0.5) ** 2
        L.name = "L"
    L.backward()
    return L
