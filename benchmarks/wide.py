"""A network of wide layers: tanh of as many units as inputs, ten outputs, squared error."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from contests import Contest, Run
from networks import read_layers, squares_by_hand

from autograd_lite import dot, tanh
from autograd_lite.program import record

OUTPUTS = 10


def loss(w1: Any, b1: Any, w2: Any, b2: Any, xs: Any, targets: Any) -> Any:
    """The squared error of one sample, in scalars."""
    hidden = [tanh(dot(list(row), list(xs), b)) for row, b in zip(w1, b1, strict=True)]
    outputs = [dot(list(row), hidden, b) for row, b in zip(w2, b2, strict=True)]
    return sum((z - t) ** 2 for z, t in zip(outputs, targets, strict=True))


def wide(engine: str | None, width: int, count: int = 256) -> Contest:
    rng = np.random.default_rng(width)
    parts = [
        rng.normal(size=(width, width)) / math.sqrt(width),
        rng.normal(size=width),
        rng.normal(size=(OUTPUTS, width)) / math.sqrt(width),
        np.zeros(OUTPUTS),
    ]
    rows, targets = rng.normal(size=(count, width)), rng.normal(size=(count, OUTPUTS))
    X, T = np.ascontiguousarray(rows.T), np.ascontiguousarray(targets.T)

    def program() -> Run:
        recorded = record(loss, *parts, rows[0], targets[0], verify=False, engine=engine)
        batch = recorded.batch((None, None, None, None, 0, 0))
        wanted = (0, 1, 2, 3)
        return Run(lambda: batch.value_and_grad(*parts, rows, targets, argnums=wanted), read_layers)

    makers = {
        "program.batch": program,
        "NumPy by hand": lambda: Run(lambda: squares_by_hand(parts, X, T), read_layers),
    }
    title = f"{width}-{width}-{OUTPUTS} tanh, squared error, N = {count}"
    return Contest(title, lambda: read_layers(squares_by_hand(parts, X, T)), makers, ("program.batch",))
