"""What batches are compared in: two networks, each recorded for one sample and run over many."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from contests import Contest, Run, compiled, jax_with_doubles, leaf, peer, plain
from workloads import SIZES, Answer, neurons, weights

from autograd_lite.program import record

DIGITS = (784, 128, 10)


# Networks: the parameters are one flat vector, for each neuron its weights and then its bias


def layers_of(flat: Any, sizes: Sequence[int]) -> list[tuple[Any, Any]]:
    """Views of the flat vector: for each layer its weights, a row for each neuron, and its biases."""
    layers, start = [], 0
    for entering, leaving in pairwise(sizes):
        end = start + leaving * (entering + 1)
        grid = flat[start:end].reshape(leaving, entering + 1)
        layers.append((grid[:, :-1], grid[:, -1]))
        start = end
    return layers


def flat_of(gradients: Sequence[Any]) -> Any:
    """Weights and biases in turns, as one flat vector."""
    pairs = zip(gradients[::2], gradients[1::2], strict=True)
    return np.concatenate([np.column_stack([np.asarray(w), np.asarray(b)]).ravel() for w, b in pairs])


def read_layers(found: Any) -> Answer:
    value, gradients = found
    return plain((value, flat_of(gradients)))


def separate(flat: Any, sizes: Sequence[int]) -> list[Any]:
    """Weights and biases in turns, each contiguous: what matrix libraries like best."""
    return [np.array(part, order="C") for layer in layers_of(flat, sizes) for part in layer]


def torch_run(parts: Sequence[Any], loss: Callable[..., Any]) -> Run:
    """PyTorch: the value and the gradient of a loss by the parts."""
    torch = peer("torch")
    given = [leaf(torch, part) for part in parts]

    def call() -> tuple[Any, list[Any]]:
        for tensor in given:
            tensor.grad = None
        value = loss(*given)
        value.backward()
        return value.detach(), [tensor.grad for tensor in given]

    return Run(call, read_layers)


@lru_cache(maxsize=1)
def half_circles(count: int) -> tuple[Any, Any]:
    """Points of two interleaved half circles, a row each, and their labels -1 and +1."""
    rng = np.random.default_rng(1337)
    labels = np.where(np.arange(count) % 2, 1.0, -1.0)
    angles = rng.uniform(0.0, math.pi, count)
    x, y = np.cos(angles), np.sin(angles)
    points = np.column_stack([np.where(labels > 0, 1.0 - x, x), np.where(labels > 0, 0.5 - y, y)])
    return points + rng.normal(0.0, 0.1, points.shape), labels


def hinge(parameters: Sequence[Any], point: Sequence[Any], label: Any) -> Any:
    """The loss of one sample, in scalars: what is recorded."""
    *hidden, (last,) = neurons(parameters)
    xs = list(point)
    for layer in hidden:
        xs = [sum((w * x for w, x in zip(ws, xs, strict=True)), b).relu() for ws, b in layer]
    score = sum((w * x for w, x in zip(last[0], xs, strict=True)), last[1])
    return (1.0 - label * score).relu()


def hinge_by_hand(parts: Sequence[Any], X: Any, labels: Any) -> tuple[Any, list[Any]]:
    """The mean and its gradient; the samples are the columns of X."""
    (w1, b1, w2, b2, w3, b3), each = parts, 1.0 / len(labels)
    first = w1 @ X
    first += b1[:, None]
    np.maximum(first, 0.0, out=first)
    second = w2 @ first
    second += b2[:, None]
    np.maximum(second, 0.0, out=second)
    margins = 1.0 - labels * (w3[0] @ second + b3[0])
    np.maximum(margins, 0.0, out=margins)
    slope = np.where(margins > 0.0, -each * labels, 0.0)
    down = w3.T * slope
    down *= second > 0.0
    below = w2.T @ down
    below *= first > 0.0
    gradients = [below @ X.T, below.sum(1), down @ first.T, down.sum(1)]
    return each * margins.sum(), [*gradients, (second @ slope)[None], slope.sum()[None]]


def w5(engine: str | None, count: int) -> Contest:
    flat = np.array(weights())
    points, labels = half_circles(count)
    program = record(hinge, flat, points[0], float(labels[0]), engine=engine)
    parts, columns = separate(flat, SIZES), np.ascontiguousarray(points.T)

    def reference() -> Answer:
        return read_layers(hinge_by_hand(parts, columns, labels))

    def in_jax() -> Run:
        jax, jnp = jax_with_doubles()

        def loss(given: Any, X: Any, y: Any) -> Any:
            w1, b1, w2, b2, w3, b3 = given
            X = jax.nn.relu(jax.nn.relu(X @ w1.T + b1) @ w2.T + b2)
            return jnp.maximum(1.0 - y * (X @ w3.T + b3)[:, 0], 0.0).mean()

        return compiled(jax.value_and_grad(loss), parts, points, labels, read=read_layers)

    def torch() -> Run:
        library = peer("torch")
        linear = library.nn.functional.linear
        X, y = library.tensor(points), library.tensor(labels)

        def loss(w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
            hidden = linear(linear(X, w1, b1).relu(), w2, b2).relu()
            return (1.0 - y * linear(hidden, w3, b3)[:, 0]).relu().mean()

        return torch_run(parts, loss)

    x, y = points[0], float(labels[0])
    makers = of_program(program, (flat, points, labels), (flat, x, y) if count == 1 else None)
    ours = tuple(makers)
    by_columns = program.batch(in_axes=(None, 1, 0))
    makers["batch, samples by columns"] = lambda: Run(
        lambda: by_columns.value_and_grad(flat, columns, labels), plain
    )
    makers["NumPy by hand"] = lambda: Run(lambda: hinge_by_hand(parts, columns, labels), read_layers)
    makers |= {"jax.jit": in_jax, "PyTorch": torch}
    return Contest(f"W5 MLP 2-16-16-1, N = {count:,}", reference, makers, ours)


def of_program(
    program: Any, many: Sequence[Any], one: Sequence[Any] | None
) -> dict[str, Callable[[], Run]]:
    """The ways to call a program of parameters and a sample for many samples, or for one."""
    batch, slopes = program.batch(in_axes=(None, 0, 0)), np.empty_like(many[0])
    makers = {
        "batch.value_and_grad": lambda: Run(lambda: batch.value_and_grad(*many), plain),
        "batch.value_and_grad, out=": lambda: Run(
            lambda: batch.value_and_grad(*many, out=(None, slopes)), plain
        ),
    }
    if one is not None:
        makers["program.value_and_grad"] = lambda: Run(lambda: program.value_and_grad(*one), plain)
    return makers


def squares(parameters: Sequence[Any], xs: Sequence[Any], targets: Sequence[Any]) -> Any:
    """The squared error of one sample by 784-128-10, in scalars."""
    start, xs = 0, list(xs)
    for depth, (entering, leaving) in enumerate(pairwise(DIGITS)):
        sums = []
        for _ in range(leaving):
            end = start + entering
            products = (w * x for w, x in zip(parameters[start:end], xs, strict=True))
            sums.append(sum(products, parameters[end]))
            start = end + 1
        xs = [z.tanh() for z in sums] if depth == 0 else sums
    return sum((z - t) ** 2 for z, t in zip(xs, targets, strict=True))


def squares_by_hand(parts: Sequence[Any], X: Any, T: Any) -> tuple[Any, list[Any]]:
    """The mean and its gradient; the samples are columns."""
    (w1, b1, w2, b2), count = parts, X.shape[1]
    hidden = w1 @ X
    hidden += b1[:, None]
    np.tanh(hidden, out=hidden)
    off = w2 @ hidden
    off += b2[:, None]
    off -= T
    value = np.vdot(off, off) / count
    off *= 2.0 / count
    last = [off @ hidden.T, off.sum(1)]
    down = w2.T @ off
    hidden *= hidden
    np.subtract(1.0, hidden, out=hidden)
    down *= hidden
    return value, [down @ X.T, down.sum(1), *last]


def digits_start() -> Any:
    """Weights of 784-128-10 that leave tanh where it bends."""
    rng = np.random.default_rng(7)
    return np.concatenate(
        [
            (rng.uniform(-1.0, 1.0, (leaving, entering + 1)) / math.sqrt(entering)).ravel()
            for entering, leaving in pairwise(DIGITS)
        ]
    )


@lru_cache(maxsize=1)
def digits_program(engine: str | None) -> Any:
    examples = digits_start(), np.full(DIGITS[0], 0.5), np.full(DIGITS[-1], 0.5)
    return record(squares, *examples, verify=False, engine=engine)


def digits(engine: str | None, count: int) -> Contest:
    flat = digits_start()
    program, parts = digits_program(engine), separate(flat, DIGITS)
    rng = np.random.default_rng(count)
    rows, targets = rng.random((count, DIGITS[0])), rng.random((count, DIGITS[-1]))
    X, T = np.ascontiguousarray(rows.T), np.ascontiguousarray(targets.T)

    def in_jax() -> Run:
        jax, jnp = jax_with_doubles()

        def loss(given: Any, X: Any, T: Any) -> Any:
            w1, b1, w2, b2 = given
            return jnp.sum((jnp.tanh(X @ w1.T + b1) @ w2.T + b2 - T) ** 2) / count

        return compiled(jax.value_and_grad(loss), parts, rows, targets, read=read_layers)

    def torch() -> Run:
        library = peer("torch")
        linear = library.nn.functional.linear
        X, T = library.tensor(rows), library.tensor(targets)

        def loss(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
            return ((linear(linear(X, w1, b1).tanh(), w2, b2) - T) ** 2).sum() / count

        return torch_run(parts, loss)

    makers = of_program(program, (flat, rows, targets), (flat, rows[0], targets[0]) if count == 1 else None)
    ours = tuple(makers)
    makers |= {
        "NumPy by hand": lambda: Run(lambda: squares_by_hand(parts, X, T), read_layers),
        "jax.jit": in_jax,
        "PyTorch": torch,
    }
    title = f"784-128-10 tanh, squared error, N = {count}"
    return Contest(title, lambda: read_layers(squares_by_hand(parts, X, T)), makers, ours)
