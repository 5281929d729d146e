"""Circuits of every kind that people draw, swept: lectures, networks, recurrence, batches, iterations."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from autograd_lite import (
    Constant,
    Value,
    cos,
    exp,
    gradients,
    log,
    losses,
    maximum,
    nn,
    parameter,
    relu,
    sigmoid,
    sin,
    softmax,
    tanh,
)
from autograd_lite import sum as total

from .circuits import gormley, sarkar


def named(value: Value, name: str) -> Value:
    value.name = name
    return value


def mlp(*sizes: int, activation: str = "tanh", numbers: bool = False) -> Value:
    """Half the squared error of a network of so many units in each layer."""
    model = nn.MLP(sizes[0], list(sizes[1:]), activation=activation, rng=random.Random(1))
    points = [round(1.0 - 0.7 * i, 2) for i in range(sizes[0])]
    result = model(points if numbers else [Value(x, f"x{i}") for i, x in enumerate(points, 1)])
    loss: Value = losses.half_squared_error(result, [1.0] * sizes[-1] if sizes[-1] > 1 else 1.0)
    return loss


def classifier(*sizes: int) -> Value:
    """The cross-entropy of a network that chooses among classes."""
    model = nn.MLP(sizes[0], list(sizes[1:]), activation="relu", rng=random.Random(2))
    loss: Value = losses.softmax_cross_entropy(model([Value(0.5 * i, f"x{i}") for i in range(sizes[0])]), 1)
    return loss


def recurrent(steps: int) -> Value:
    """A recurrent unit over so many time steps."""
    w, u, b = parameter(0.5, "w"), parameter(-0.3, "u"), parameter(0.1, "b")
    h: Value = Constant(0.0, "h0")
    for t in range(1, steps + 1):
        h = named(tanh(w * h + u * Value(0.7 * t - 1, f"x{t}") + b), f"h{t}")
    return named((h - 1) ** 2, "L")


def lstm() -> Value:
    """One step of a long short-term memory."""
    x, h, c = Value(0.5, "x"), Value(0.1, "h"), Value(0.2, "c")
    gates = {}
    for k in "figo":
        w, u, b = parameter(0.3, f"w_{k}"), parameter(-0.2, f"u_{k}"), parameter(0.1, f"b_{k}")
        gates[k] = named((tanh if k == "g" else sigmoid)(w * x + u * h + b), k)
    after = named(gates["f"] * c + gates["i"] * gates["g"], "c'")
    return named(gates["o"] * tanh(after), "h'")


def batch(samples: int) -> Value:
    """The mean squared error of a line over so many samples."""
    w, b, parts = parameter(0.5, "w"), parameter(0.1, "b"), []
    for i in range(1, samples + 1):
        y = named(w * Constant(float(i), f"x{i}") + b, f"y{i}")
        parts.append(named((y - Constant(1.7 * i, f"t{i}")) ** 2, f"l{i}"))
    return named(total(parts) / float(samples), "E")


def logistic() -> Value:
    """The log loss of a logistic neuron."""
    w1, w2, b = parameter(2.0, "w1"), parameter(-3.0, "w2"), parameter(-3.0, "b")
    a = named(sigmoid(w1 * Value(-1.0, "x1") + w2 * Value(-2.0, "x2") + b), "a")
    y = Constant(1.0, "y")
    return named(-(y * log(a) + (1 - y) * log(1 - a)), "L")


def by_hand(classes: int) -> Value:
    """A softmax over so many classes, written out."""
    powers = [named(exp(Value(0.6 - 0.5 * i, f"z{i}")), f"e{i}") for i in range(1, classes + 1)]
    whole = named(total(powers), "s")
    return named(-log(named(powers[0] / whole, "p")), "L")


def attention(keys: int) -> Value:
    """One query over so many keys."""
    q = Value(0.5, "q")
    weights = softmax([named(q * Value(0.4 * i, f"k{i}"), f"s{i}") for i in range(1, keys + 1)])
    return named(total([w * Value(float(i), f"v{i}") for i, w in enumerate(weights, 1)]), "y")


def convolution(width: int) -> Value:
    """A filter of three weights over a row of inputs."""
    w = [parameter(0.2 * i, f"w{i}") for i in range(1, 4)]
    x = [Value(0.5 * i, f"x{i}") for i in range(1, width + 1)]
    ys = [
        named(relu(w[0] * a + w[1] * b + w[2] * c), f"y{i}")
        for i, (a, b, c) in enumerate(zip(x, x[1:], x[2:], strict=False), 1)
    ]
    return named(total(ys), "L")


def newton(steps: int) -> Value:
    """Newton's iteration for the square root of 2."""
    x = Value(3.0, "x0")
    for k in range(1, steps + 1):
        x = named(x - (x**2 - 2.0) / (2.0 * x), f"x{k}")
    return x


def horner(degree: int) -> Value:
    """A polynomial by Horner's rule."""
    x, y = Value(0.5, "x"), Value(1.0, f"a{degree}")
    for k in range(degree - 1, -1, -1):
        y = y * x + Value(float(k), f"a{k}")
    return named(y, "y")


def chain(length: int) -> Value:
    """A chain of sines."""
    y = Value(1.0, "x")
    for k in range(length):
        y = named(sin(y), f"s{k}")
    return y


def products(count: int) -> Value:
    """The sum of so many products."""
    pairs = [(parameter(0.1 * i, f"w{i}"), Value(float(i), f"x{i}")) for i in range(1, count + 1)]
    return named(total([w * x for w, x in pairs]), "y")


def negatives() -> Value:
    """Negations and differences of two inputs."""
    x, y = Value(-2.0, "x"), Value(-3.0, "y")
    minus = -x
    return named(-minus * (-y) - (-3.0) * x - (x - (y - minus)), "f")


def branches() -> Value:
    """Branches of which some are not taken."""
    x, y = Value(2.0, "x"), Value(-3.0, "y")
    return named(maximum(x, y) * relu(y) + abs(x - y), "f")


def second_derivative() -> Value:
    """The derivative of Gormley's function, as a circuit."""
    x = Value(1.0, "x")
    t = named(x**2, "t")
    (slope,) = gradients(named(cos(sin(t) + 3.0 * t), "J"), [x])
    return named(slope, "J'")


def residual(depth: int) -> Value:
    """Units whose inputs are added to their results."""
    h = Value(0.5, "x")
    for k in range(1, depth + 1):
        w, b = parameter(0.3 * k, f"w{k}"), parameter(0.1, f"b{k}")
        h = named(h + named(tanh(w * h + b), f"r{k}"), f"h{k}")
    return named(h**2, "L")


def mixed(seed: int) -> Value:
    """Sums and products of a few inputs at random, each result with a name."""
    source = random.Random(seed)
    values = [Value(round(source.uniform(-2, 2), 2), name) for name in ("a", "b", "c")]
    for k in range(8):
        x, y = source.sample(values, 2)
        made = source.choice([x + y, x * y, x - y, tanh(x) * y, sin(x) + y])
        values.append(named(made, f"u{k}"))
    return named(total(values[-3:]), "f")


KINDS: dict[str, Callable[[], Value]] = {
    "xyz": sarkar,
    "gormley": gormley,
    "logistic": logistic,
    "lstm": lstm,
    "negatives": negatives,
    "branches": branches,
    "second derivative": second_derivative,
    **{f"recurrent {n}": partial(recurrent, n) for n in (1, 2, 3, 4, 6)},
    **{f"batch {n}": partial(batch, n) for n in (2, 3, 4, 6)},
    **{f"softmax {n}": partial(by_hand, n) for n in (2, 3, 5)},
    **{f"attention {n}": partial(attention, n) for n in (2, 3)},
    **{f"convolution {n}": partial(convolution, n) for n in (4, 5)},
    **{f"newton {n}": partial(newton, n) for n in (1, 2, 4)},
    **{f"horner {n}": partial(horner, n) for n in (2, 4, 8, 15)},
    **{f"chain {n}": partial(chain, n) for n in (1, 4, 12)},
    **{f"products {n}": partial(products, n) for n in (2, 4, 12)},
    **{f"residual {n}": partial(residual, n) for n in (1, 2, 4)},
    **{f"mixed {seed}": partial(mixed, seed) for seed in range(10)},
    **{
        f"mlp {'-'.join(map(str, sizes))} {activation}": partial(mlp, *sizes, activation=activation)
        for sizes in ((2, 1), (2, 2, 1), (2, 3, 1), (2, 3, 3, 1), (1, 4, 2))
        for activation in ("tanh", "relu", "sigmoid")
    },
    "mlp of numbers": partial(mlp, 2, 3, 1, numbers=True),
    **{f"classes {'-'.join(map(str, s))}": partial(classifier, *s) for s in ((2, 2), (3, 4, 4, 2))},
}


def swept(name: str) -> Value:
    """The circuit of a kind, after one sweep."""
    root = KINDS[name]()
    root.zero_grad()
    root.backward()
    return root
