"""What is computed: each workload is written once, and every engine runs that same source.

A workload is a function of plain scalars. The engine's own functions (sin, cos, dot ...) are
bound when it is built, so that nothing but arithmetic is left inside the timed region. Beside
it stands the value and the gradient by other means, with no engine involved.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import gpt

Scalar = Any  # a node of whichever engine is running
Function = Callable[[Sequence[Scalar]], Scalar]
Answer = tuple[float, list[float]]

DOT = "W1-dot"  # W1 for an engine with n-ary nodes
NN = "W1-nn"  # W1 with the engine's own MLP of such nodes
LONG = 1_000_000
SHORT = 900  # a recursive sweep survives this under Python's default limit of 1000
SAMPLES = 100
SIZES = (2, 16, 16, 1)
L2 = 1e-4


@dataclass(frozen=True)
class Workload:
    """One thing to time.

    `build(engine)` gives the function, `inputs` where it is evaluated, `reference()` the value
    and the gradient there. `nodes` counts the inputs and the operations that the source writes
    down; literal constants are not counted, whatever an engine makes of them.
    """

    title: str
    build: Callable[[Any], Function]
    inputs: tuple[float, ...]
    reference: Callable[[], Answer]
    nodes: int


# W1: the step of micrograd's demo notebook


@lru_cache(maxsize=1)
def moons(noise: float = 0.1) -> tuple[list[tuple[float, float]], list[int]]:
    """Two interleaved half circles labelled -1 and +1, the same in every process."""
    rng = random.Random(1337)
    points, labels = [], []
    for i in range(SAMPLES):
        label = 1 if i % 2 else -1
        angle = math.pi * (i // 2) / (SAMPLES // 2 - 1)
        x, y = math.cos(angle), math.sin(angle)
        if label == 1:
            x, y = 1.0 - x, 0.5 - y
        points.append((x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)))
        labels.append(label)
    return points, labels


def weights() -> tuple[float, ...]:
    """One flat vector: for each neuron of each layer its weights, then its bias."""
    rng = random.Random(1337)
    count = sum((n_in + 1) * n_out for n_in, n_out in pairwise(SIZES))
    return tuple(rng.uniform(-1.0, 1.0) for _ in range(count))


def neurons(parameters: Sequence[Scalar]) -> list[list[tuple[list[Scalar], Scalar]]]:
    """The flat vector as layers of neurons, each a list of weights and a bias."""
    layers, position = [], 0
    for n_in, n_out in pairwise(SIZES):
        layer = []
        for _ in range(n_out):
            end = position + n_in
            layer.append((list(parameters[position:end]), parameters[end]))
            position = end + 1
        layers.append(layer)
    return layers


def moons_step(engine: Any) -> Function:
    """Forward pass of the demo: a product and an addition per weight, hinge loss, L2."""
    constant = engine.constant

    def loss(parameters: Sequence[Scalar]) -> Scalar:
        *hidden, (last,) = neurons(parameters)
        points, labels = moons()
        losses = []
        for point, label in zip(points, labels, strict=True):
            xs = [constant(x) for x in point]
            for layer in hidden:
                xs = [sum((w * x for w, x in zip(ws, xs, strict=True)), b).relu() for ws, b in layer]
            score = sum((w * x for w, x in zip(last[0], xs, strict=True)), last[1])
            losses.append((1 + -label * score).relu())
        data_loss = sum(losses) * (1.0 / len(losses))
        return data_loss + L2 * sum(p * p for p in parameters)

    return loss


def moons_step_dot(engine: Any) -> Function:
    """The same loss with one n-ary node per neuron and per sum."""
    constant, dot, total = engine.constant, engine.dot, engine.sum

    def loss(parameters: Sequence[Scalar]) -> Scalar:
        *hidden, (last,) = neurons(parameters)
        points, labels = moons()
        losses = []
        for point, label in zip(points, labels, strict=True):
            xs = [constant(x) for x in point]
            for layer in hidden:
                xs = [dot(ws, xs, b).relu() for ws, b in layer]
            losses.append((1 + -label * dot(last[0], xs, last[1])).relu())
        return total(losses) * (1.0 / len(losses)) + L2 * dot(parameters, parameters)

    return loss


def moons_step_nn(engine: Any) -> Function:
    """The same loss through the MLP that the library ships, written as micrograd's notebook is."""
    constant = engine.constant
    model = engine.mlp(SIZES[0], SIZES[1:])

    def loss(parameters: Sequence[Scalar]) -> Scalar:
        for layer, given in zip(model.layers, neurons(parameters), strict=True):
            for neuron, (ws, b) in zip(layer.neurons, given, strict=True):
                neuron.w, neuron.b = ws, b
        points, labels = moons()
        scores = [model([constant(x) for x in point]) for point in points]
        losses = [(1 + -y * score).relu() for y, score in zip(labels, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        return data_loss + L2 * sum(p * p for p in parameters)

    return loss


@lru_cache(maxsize=1)
def moons_reference() -> Answer:
    """Back-propagation written out by hand on floats."""
    parameters = weights()
    layers = neurons(parameters)
    slots = neurons(range(len(parameters)))  # where each weight sits in the flat vector
    gradient = [2.0 * L2 * p for p in parameters]
    points, labels = moons()
    total = 0.0
    for point, label in zip(points, labels, strict=True):
        activations = [list(point)]
        for depth, layer in enumerate(layers):
            xs = activations[-1]
            sums = [math.fsum([b, *map(float.__mul__, ws, xs)]) for ws, b in layer]
            activations.append(sums if depth == len(layers) - 1 else [max(0.0, z) for z in sums])
        margin = 1.0 - label * activations[-1][0]
        if margin <= 0.0:
            continue
        total += margin
        upstream = [-label / SAMPLES]
        for depth in reversed(range(len(layers))):
            xs = activations[depth]
            down = [0.0] * len(xs)
            for g, (ws, _), (places, bias) in zip(upstream, layers[depth], slots[depth], strict=True):
                gradient[bias] += g
                for i, x in enumerate(xs):
                    gradient[places[i]] += g * x
                    down[i] += g * ws[i]
            upstream = [g if x > 0.0 else 0.0 for g, x in zip(down, xs, strict=True)]
    return total / SAMPLES + L2 * math.fsum(p * p for p in parameters), gradient


# W2: the small formula


def formula(engine: Any) -> Function:
    sin, cos = engine.sin, engine.cos

    def f(x: Scalar) -> Scalar:
        return cos(sin(x**2) + 3 * x**2)

    return f


def formula_reference() -> Answer:
    x = 1.0
    inner = math.sin(x * x) + 3 * x * x
    return math.cos(inner), [-math.sin(inner) * (math.cos(x * x) * 2 * x + 6 * x)]


# W3: Rosenbrock's function

BLOCK = 32


def valley(engine: Any) -> Function:
    def f(xs: Sequence[Scalar]) -> Scalar:
        terms = [100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(xs)]
        # in blocks: one run of 1000 additions would be too deep for a recursive sweep
        return sum(sum(terms[i : i + BLOCK]) for i in range(0, len(terms), BLOCK))

    return f


@lru_cache(maxsize=1)
def valley_start() -> tuple[float, ...]:
    rng = random.Random(7)
    return tuple(rng.uniform(-2.0, 2.0) for _ in range(1000))


def valley_reference() -> Answer:
    xs = valley_start()
    gradient = [0.0] * len(xs)
    terms = []
    for i, (a, b) in enumerate(pairwise(xs)):
        off = b - a * a
        terms += [100 * off**2, (1 - a) ** 2]
        gradient[i] -= 400 * a * off + 2 * (1 - a)
        gradient[i + 1] += 200 * off
    return math.fsum(terms), gradient


# W4: depth

DECAY = 1.0 - 2.0**-20


def chain(length: int) -> Workload:
    """`length` operations one on top of the other: in turns times a constant, plus the input."""

    def build(engine: Any) -> Function:
        def f(xs: Sequence[Scalar]) -> Scalar:
            (x,) = xs
            y = x
            for _ in range(length // 2):
                y = y * DECAY + x
            return y

        return f

    def reference() -> Answer:
        # y = x (q^n + (1 - q^n) / (1 - q)), with 1 - q^n taken through expm1
        lost = -math.expm1(length // 2 * math.log1p(-(2.0**-20)))
        slope = (1.0 - lost) + lost * 2.0**20
        return 0.5 * slope, [slope]

    return Workload(f"chain of {length:,}", build, (0.5,), reference, length + 1)


class Tally:
    """Stands in for a node and counts: the size of a workload as its source writes it."""

    made = 0

    def __init__(self, *_: object) -> None:
        type(self).made += 1

    def _operation(self, *_: object) -> Tally:
        return Tally()

    def __radd__(self, other: object) -> Tally:
        return self if other == 0 else Tally()  # the builtin sum starts from 0

    __add__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __pow__ = _operation
    __neg__ = relu = _operation
    constant = sin = cos = exp = log = dot = sum = lambda *_: Tally()

    @staticmethod
    def number(_: Any) -> float:
        return 0.0

    @classmethod
    def count(cls, build: Callable[[Any], Function], inputs: int) -> int:
        cls.made = 0
        leaves = [cls() for _ in range(inputs)]
        build(cls)(leaves)
        return cls.made


@lru_cache(maxsize=8)
def workload(name: str) -> Workload:
    """The workload of that name; `W4:n` is a chain of n operations."""
    if name.startswith("W4:"):
        return chain(int(name[3:]))
    start = weights()
    if name == "W1":
        nodes = Tally.count(moons_step, len(start))
        return Workload("MLP step", moons_step, start, moons_reference, nodes)
    if name == DOT:
        nodes = Tally.count(moons_step_dot, len(start))
        return Workload("MLP step, dot nodes", moons_step_dot, start, moons_reference, nodes)
    if name == NN:  # the neurons of the one above; its two n-ary sums are chains of operations here
        nodes = Tally.count(moons_step_dot, len(start)) + (SAMPLES - 1) + (2 * len(start) - 1)
        return Workload("MLP step, own nn", moons_step_nn, start, moons_reference, nodes)
    if name == "W2":
        nodes = Tally.count(lambda engine: lambda xs: formula(engine)(xs[0]), 1)
        return Workload("cos(sin(x^2) + 3x^2)", formula, (1.0,), formula_reference, nodes)
    if name == "W3":
        nodes = Tally.count(valley, 1000)
        return Workload("Rosenbrock of 1000", valley, valley_start(), valley_reference, nodes)
    if name == "W6":
        nodes = Tally.count(gpt.step, gpt.SIZE)
        return Workload("GPT step", gpt.step, gpt.parameters(), gpt.reference, nodes)
    known = f"W1, {DOT}, {NN}, W2, W3, W4:n and W6"
    raise ValueError(f"no workload is called {name!r}; there are {known}")
