"""Memory stays flat over many training steps and many replays."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

from autograd_lite import losses
from autograd_lite.nn import MLP
from autograd_lite.optim import Adam
from autograd_lite.program import record
from autograd_lite.training import fit

from .circuits import INPUTS, a_function
from .figures import Figures

#: What counts as flat: blocks of Python's memory, and bytes of the process.
FEW_BLOCKS, FEW_BYTES = 1000, 4 << 20


def flat(figures: Figures, random: Random, training: int, replays: int) -> None:
    """So many training steps, eagerly and by a program, and so many replays by each engine."""
    for engine in ("eager", "program"):
        _hold(figures, f"training steps, {engine}", _training(random, engine), training)
    f = a_function(random, 60)
    xs = [random.uniform(-1.0, 1.0) for _ in range(INPUTS)]
    for engine, needs in (("python", "sys"), ("numpy", "numpy"), ("machine", "llvmlite")):
        if not importlib.util.find_spec(needs):
            figures.skip(f"engine {engine}: {needs} is not installed")
            continue
        program = record(f, *xs, engine=engine, verify=False)

        def replay(count: int, program: object = program) -> None:
            call = program.value_and_grad  # type: ignore[attr-defined]  # a program
            for _ in range(count):
                call(*xs)

        _hold(figures, f"replays, {engine}", replay, replays)


def _training(random: Random, engine: str) -> Callable[[int], None]:
    """Trains a small network for so many steps."""
    model = MLP(2, [4, 1], rng=random, activation="tanh")
    optimizer = Adam(model.parameters(), lr=1e-3)
    data = [[0.5, -0.5], [1.0, 2.0]], [1.0, -1.0]

    def train(count: int) -> None:
        loss = losses.half_squared_error
        fit(model, data, loss, optimizer, epochs=count, engine=engine, progress=False)

    return train


def _hold(figures: Figures, what: str, run: Callable[[int], None], count: int) -> None:
    for _ in range(2):  # what is kept once is kept: some of it is imported for a second run alone
        run(max(1, count // 10))
    gc.collect()
    blocks, resident = sys.getallocatedblocks(), _resident()
    run(count)
    gc.collect()
    figures.add(what, count)
    figures.worst("blocks of memory more", sys.getallocatedblocks() - blocks, FEW_BLOCKS)
    figures.worst("bytes of the process more", _resident() - resident, FEW_BYTES)


def _resident() -> int:
    """The bytes that the process holds; 0 where the system does not tell them so."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0
