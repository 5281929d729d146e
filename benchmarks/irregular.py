"""Circuits in which few operations are alike, as data: a value and a gradient of twenty numbers.

Each operation takes two of the forty results before it. `run` is the source that the engines run;
`reference` computes the value anew and the gradient by back-propagation, with no engine involved.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from contests import Contest, Run, plain
from workloads import Answer

import autograd_lite
from autograd_lite.program import record

INPUTS = 20
WINDOW = 40


class Operation(NamedTuple):
    name: str
    a: int  # the numbers of earlier results
    b: int


@lru_cache(maxsize=4)
def operations(count: int) -> tuple[Operation, ...]:
    rng = random.Random(count)
    names = ("add", "sub", "product", "sin", "cos", "tanh", "bell")
    return tuple(
        Operation(rng.choice(names), *(rng.randrange(max(0, i - WINDOW), i) for _ in range(2)))
        for i in range(INPUTS, INPUTS + count)
    )


def start() -> Any:
    return np.random.default_rng(1).uniform(0.2, 0.9, INPUTS)


def run(count: int) -> Callable[[Sequence[Any]], Any]:
    sin, cos, tanh, exp = (getattr(autograd_lite, name) for name in ("sin", "cos", "tanh", "exp"))
    made: dict[str, Callable[[Any, Any], Any]] = {
        "add": lambda a, b: (a + b) * 0.5,
        "sub": lambda a, b: a - b,
        "product": lambda a, b: tanh(a * b),
        "sin": lambda a, b: sin(a),
        "cos": lambda a, b: cos(a),
        "tanh": lambda a, b: tanh(a),
        "bell": lambda a, b: exp(-a * a),
    }
    steps = [(made[name], a, b) for name, a, b in operations(count)]

    def f(xs: Sequence[Any]) -> Any:
        results = list(xs)
        for make, a, b in steps:
            results.append(make(results[a], results[b]))
        return sum(results[-WINDOW:])

    return f


def reference(count: int) -> Answer:
    values, locals_ = start().tolist(), []
    for name, i, j in operations(count):
        a, b = values[i], values[j]
        z, by_a, by_b = {
            "add": lambda a, b: ((a + b) * 0.5, 0.5, 0.5),
            "sub": lambda a, b: (a - b, 1.0, -1.0),
            "product": lambda a, b: (math.tanh(a * b), *(x / math.cosh(a * b) ** 2 for x in (b, a))),
            "sin": lambda a, b: (math.sin(a), math.cos(a), 0.0),
            "cos": lambda a, b: (math.cos(a), -math.sin(a), 0.0),
            "tanh": lambda a, b: (math.tanh(a), 1.0 / math.cosh(a) ** 2, 0.0),
            "bell": lambda a, b: (math.exp(-a * a), -2.0 * a * math.exp(-a * a), 0.0),
        }[name](a, b)
        values.append(z)
        locals_.append((by_a, by_b))
    adjoints = [0.0] * (len(values) - WINDOW) + [1.0] * WINDOW
    for k in range(count - 1, -1, -1):
        _, i, j = operations(count)[k]
        up = adjoints[INPUTS + k]
        adjoints[i] += locals_[k][0] * up
        adjoints[j] += locals_[k][1] * up
    return sum(values[-WINDOW:]), adjoints[:INPUTS]


def irregular(engine: str | None, count: int) -> Contest:
    xs, f = start(), run(count)

    def program(name: str | None) -> Run:
        recorded = record(f, xs, engine=name, verify=False)
        return Run(lambda: recorded.value_and_grad(xs), plain)

    def eager() -> Run:
        gradient = autograd_lite.value_and_grad(f)
        return Run(lambda: gradient(xs), plain)

    makers = {"program": lambda: program(engine)}
    if count <= 1000:
        makers["program, engine machine"] = lambda: program("machine")
    if count <= 10_000:
        makers["program, engine python"] = lambda: program("python")
    makers["autograd_lite, eager"] = eager
    title = f"irregular, {count:,} operations of twenty numbers"
    return Contest(title, lambda: reference(count), makers, ("program",))
