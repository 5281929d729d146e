"""Large random circuits: this library, PyTorch, JAX and every engine of programs give one gradient."""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from random import Random
from typing import Any

import autograd_lite
from autograd_lite import Value, errstate, statistics
from autograd_lite.program import record

from .figures import Figures

INPUTS = 8
#: How many results back an operand may lie: it keeps circuits of any size some hundred levels deep.
NEAR = 400

#: Operations that keep numbers of size 1 about that size, in the words that all libraries share.
OPERATIONS: list[Callable[[Any, Any, Any], Any]] = [
    lambda m, a, b: 0.75 * a - 0.5 * b,
    lambda m, a, b: 0.9 * (a * b),
    lambda m, a, b: m.sin(a + b),
    lambda m, a, b: m.cos(a) * b,
    lambda m, a, b: m.tanh(2.0 * a),
    lambda m, a, b: m.exp(-(a * a)),
    lambda m, a, b: m.sqrt(1.0 + a * a) - 0.5 * b,
    lambda m, a, b: m.log1p(a * a) - b,
    lambda m, a, b: a / (1.0 + b * b),
    lambda m, a, b: m.arctan(a) - 0.25,
    lambda m, a, b: m.maximum(a, b),
    lambda m, a, b: (0.5 + 0.25 * a) ** 3.0,
]


def a_function(random: Random, size: int) -> Callable[..., Any]:
    """A random function of a few numbers whose circuit has about so many nodes."""
    steps = []
    for count in range(INPUTS, INPUTS + int(size / 1.75)):
        low = max(0, count - NEAR)
        steps.append(
            (random.choice(OPERATIONS), random.randrange(low, count), random.randrange(low, count))
        )

    def f(*xs: Any, library: Any = autograd_lite) -> Any:
        values = list(xs)
        for operation, i, j in steps:
            values.append(operation(library, values[i], values[j]))
        total = values[-1]
        for each in values[-64:-1]:
            total = total + each
        return total

    return f


def ours(f: Callable[..., Any], xs: Sequence[float]) -> tuple[float, list[float], int]:
    """The value, the gradient and the number of nodes."""
    leaves = [Value(x) for x in xs]
    root = f(*leaves)
    root.backward()
    return root.data, [x.grad for x in leaves], statistics(root).nodes


def by_torch(f: Callable[..., Any], xs: Sequence[float]) -> tuple[float, list[float]]:
    torch = importlib.import_module("torch")
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in xs]
    root = f(*leaves, library=torch)
    root.backward()
    return root.item(), [0.0 if x.grad is None else x.grad.item() for x in leaves]


def by_jax(f: Callable[..., Any], xs: Sequence[float]) -> tuple[float, list[float]]:
    jax = importlib.import_module("jax")
    with jax.enable_x64(True):
        numbers = [jax.numpy.asarray(x, dtype=jax.numpy.float64) for x in xs]
        wrapped = jax.value_and_grad(lambda *at: f(*at, library=jax.numpy), tuple(range(len(xs))))
        value, slopes = wrapped(*numbers)
        return float(value), [float(d) for d in slopes]


def apart(one: tuple[float, Sequence[float]], other: tuple[float, Sequence[float]]) -> float:
    """The largest difference, relative to the largest number of its kind."""
    scale = max(map(abs, one[1])) or 1.0
    slopes = max(abs(a - b) for a, b in zip(one[1], other[1], strict=True)) / scale
    value = abs(one[0] - other[0]) / max(1.0, abs(one[0]))
    worst = max(slopes, value)
    return worst if math.isfinite(worst) else math.inf


def beside_peers(figures: Figures, random: Random, seconds: float, size: int) -> None:
    """Our gradient beside that of PyTorch and JAX, until the time is over; at least one circuit each.

    JAX, which traces operation by operation here, takes a thousand times as long as we do: where there
    is not much time it is given a tenth of the size.
    """
    sizes = {"torch": size, "jax": size if seconds > 300.0 else max(60, size // 10)}
    for (name, of_peer), peer in zip(sizes.items(), (by_torch, by_jax), strict=True):
        if not importlib.util.find_spec(name):
            figures.skip(f"{name} is not installed")
            continue
        end = time.monotonic() + seconds / 2
        while True:
            f, xs = a_function(random, of_peer), [random.uniform(-1.0, 1.0) for _ in range(INPUTS)]
            value, slopes, nodes = ours(f, xs)
            off = apart((value, slopes), peer(f, xs))
            figures.add(f"circuits compared with {name}", 1)
            figures.most(f"nodes of the largest, {name}", nodes)
            figures.worst(f"largest relative difference, {name}", off, 1e-9)
            if time.monotonic() > end:
                break


#: How large an irregular circuit each engine is given: those that group like operations take long to
#: make code for one in which nothing is like anything else.
IRREGULAR = {"python": 1.0, "numpy": 0.05, "machine": 0.015, "jax": 0.01}
NEEDS = {"python": [], "numpy": ["numpy"], "machine": ["numpy", "llvmlite"], "jax": ["numpy", "jax"]}


def in_engines(
    figures: Figures, random: Random, seconds: float, size: int, engines: Sequence[str] = tuple(NEEDS)
) -> None:
    """Every engine of programs beside the eager one, at the example and elsewhere.

    By turns on a circuit in which nothing is like anything else, and on one small random circuit that
    is repeated for many groups of inputs.
    """
    end = time.monotonic() + seconds
    while True:
        for engine in engines:
            missing = [name for name in NEEDS[engine] if not importlib.util.find_spec(name)]
            if missing:
                figures.skip(f"engine {engine}: {missing[0]} is not installed")
                continue
            for kind, part in (("irregular", IRREGULAR[engine]), ("regular", 1.0)):
                f = a_function(random, max(30, int(part * size)))
                groups = 1
                if kind == "regular":
                    f, groups = repeated(a_function(random, 40)), max(2, size // 150)
                points = [[random.uniform(-1.0, 1.0) for _ in range(INPUTS * groups)] for _ in range(2)]
                _compare(figures, engine, kind, f, points)
        if time.monotonic() > end:
            return


def repeated(f: Callable[..., Any]) -> Callable[..., Any]:
    """The sum of a function over many groups of its inputs."""

    def total(*xs: Any) -> Any:
        parts = [f(*xs[i : i + INPUTS]) for i in range(0, len(xs), INPUTS)]
        return autograd_lite.TABLE["sum"](parts)

    return total


def _compare(figures: Figures, engine: str, kind: str, f: Any, points: list[list[float]]) -> None:
    jax = importlib.import_module("jax") if engine == "jax" else None
    with errstate("ignore"), jax.enable_x64(True) if jax else nullcontext():
        program = record(lambda xs: f(*xs), points[0], engine=None if jax else engine, verify=False)
        call = jax.value_and_grad(program.to_jax()) if jax else program.value_and_grad
        for xs in points:
            value, slopes, nodes = ours(f, xs)
            found, gradient = call(jax.numpy.asarray(xs) if jax else xs)
            off = apart((value, slopes), (float(found), [float(d) for d in gradient]))
            figures.most(f"nodes of the largest, {kind}, {engine}", nodes)
            figures.worst(f"largest relative difference, {engine}", off, 1e-9)
            figures.add(f"replays in {engine}", 1)
