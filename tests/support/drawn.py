"""Circuits that the tests of the view draw, and what they ask of it."""

import math
from collections.abc import Callable

from hypothesis import strategies as st

from autograd_lite import (
    Constant,
    Value,
    dot,
    parameter,
    sigmoid,
    sin,
    tanh,
)
from autograd_lite.core.primitive import TABLE
from autograd_lite.show.view.view import View, Wire
from autograd_lite.support.context import scope

STEPS: list[Callable[[Value, Value], Value]] = [
    lambda p, q: p + q, lambda p, q: p - q, lambda p, q: +tanh(p * q), lambda p, q: -p,
    lambda p, q: tanh(p) ** 2, lambda p, q: 3 * tanh(p), lambda p, q: p / (2 + tanh(q)),
    lambda p, q: +sin(p), lambda p, q: +TABLE["relu"](p), lambda p, q: 1.5 - p,
    lambda p, q: +TABLE["maximum"](sin(p), sin(q)), lambda p, q: p + 1.0,
    lambda p, q: +dot([sin(p), q], [sin(q), 2.0], 0.1), lambda p, q: sigmoid(p) * 0.5 * 2,
    lambda p, q: +TABLE["sum"]([p, q, sin(p)]),
]  # fmt: skip


@st.composite
def roots(draw: st.DrawFn) -> Value:
    """Bounded circuits with repeats, shared parts, branches not taken, names here and there."""
    leaves = [parameter(0.4, "a"), Value(-0.8, "b"), Value(1.5), Constant(0.5, "k")]
    nodes: list[Value] = list(leaves)
    for step in range(draw(st.integers(1, 25))):
        p, q = draw(st.sampled_from(nodes[-6:])), draw(st.sampled_from(nodes))
        made = draw(st.sampled_from(STEPS))(p, q)
        if draw(st.booleans()) and not made.is_constant:
            made.name = f"n{step}"
        nodes.append(made)
    live = [node for node in nodes if not node.is_constant]
    return live[-1]


def sums(view: View, i: int) -> tuple[float, float]:
    """What the wires of node ``i`` add to its gradient, and the size of that."""
    parts = [w.contribution for w in view.outgoing(i) if w.contribution is not None]
    return math.fsum(parts), math.fsum(map(abs, parts)) + 1e-3


def wire_between(view: View, source: str, target: str) -> Wire:
    (wire,) = (
        w
        for w in view.wires
        if (view.nodes[w.source].label, view.nodes[w.target].label) == (source, target)
    )
    return wire


def ladder(n: int) -> Value:
    node = Value(0.5, "x")
    for _ in range(n):
        node = sin(node)
    return node


def network() -> Value:
    inputs = [Value(1.0, "x1"), Value(-2.0, "x2")]
    hidden = []
    for k in range(1, 5):
        with scope(f"layer1/neuron{k}"):
            weights = [parameter(0.3 * k, "w1"), parameter(-0.2 * k, "w2")]
            h = tanh(dot(weights, inputs, parameter(0.1, "b")))
            h.name = f"h{k}"
            hidden.append(h)
    with scope("layer2/neuron1"):
        y = dot([parameter(0.5, f"w{k}") for k in range(1, 5)], hidden, parameter(0.2, "b"))
        y.name = "ŷ"
    with scope("loss"):
        L: Value = 0.5 * (y - 0.5) ** 2
        L.name = "L"
    return L
