"""What the tests of pictures draw, and how they read a DOT text and an SVG."""

import dataclasses
import re

import pytest

from autograd_lite import Value, parameter, scope, tanh
from autograd_lite.show.picture.dot import Look
from autograd_lite.show.picture.drawing import PICTURES
from autograd_lite.show.picture.palette import LIGHT
from autograd_lite.show.picture.svg import drawn_texts
from autograd_lite.show.view.view import Node, View, Wire

from ...support import handmade

KINDS = (*PICTURES, ".html", ".md", ".tex", ".txt")
RUN = re.compile(r'<FONT COLOR="([^"]*)" POINT-SIZE="[^"]*">(?:<B>)?(?:<I>)?([^<]*)')


def xyz(swept: bool = True) -> Value:
    """f = (x + y)·z at −2, 5, −4."""
    f = handmade.sarkar()
    if swept:
        f.backward()
    return f


def gormley(swept: bool = True) -> Value:
    """J = cos(sin(x²) + 3x²) at 1 (Gormley 2014, section 1.3)."""
    J = handmade.gormley()
    if swept:
        J.backward()
    return J


def drawn(svg: str) -> list[str]:
    """Every text of a picture."""
    return [text.replace("\u00a0", " ") for text in drawn_texts(svg)]


def said(dot: str, colour: str | None = None) -> list[str]:
    """The runs of text of a DOT text, those of one role only when it is named."""
    return [
        text.replace("\u00a0", " ").strip()
        for shade, text in RUN.findall(dot)
        if colour is None or shade == LIGHT[colour]
    ]


def statement(dot: str, start: str) -> str:
    """The one statement that begins with ``start``."""
    (found,) = [line for line in dot.split("\n") if line.strip().startswith(start)]
    return found


def edges(dot: str) -> list[tuple[str, str]]:
    return re.findall(r"^ *(n\d+) -> (n\d+) \[", dot, re.MULTILINE)


def node(i: int, kind: str, label: str, value: float, grad: float | None, **more: str) -> Node:
    text = more.get("expression", "")
    return Node(
        id=f"n{i}",
        kind=kind,
        label=label,
        latex_label=label,
        named=True,
        expression=text,
        expression_full=text,
        latex_expression=text,
        glyph="×" if text else "",
        value=value,
        grad=grad,
        scope=more.get("scope", ""),
    )


def product(**changes: object) -> View:
    """f = x·y at 2, 3, swept, made by hand."""
    view = View(
        nodes=(
            node(0, "leaf", "x", 2.0, 3.0),
            node(1, "leaf", "y", 3.0, 2.0),
            node(2, "out", "f", 6.0, 1.0, expression="x·y"),
        ),
        wires=(
            Wire("e0", 0, 2, 0, 3.0, "y", "y", 3.0),
            Wire("e1", 1, 2, 1, 2.0, "x", "x", 2.0),
        ),
        root=2,
        rows=(2,),
        swept=True,
        digits=4,
        ascii=False,
        captions=(),
    )
    return dataclasses.replace(view, **changes)  # type: ignore[arg-type]  # fields by name


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
