"""Generated machine code of random circuits, with every buffer before a page that may not be touched."""

from __future__ import annotations

import importlib.util
import time
from random import Random

from autograd_lite import errstate
from autograd_lite.program import record

from .circuits import INPUTS, a_function, apart, ours
from .figures import Figures


def before_guard_pages(figures: Figures, random: Random, seconds: float) -> None:
    """Any number of inputs, samples and varying inputs; the numbers are those of the eager engine."""
    if not importlib.util.find_spec("llvmlite"):
        figures.skip("llvmlite is not installed")
        return
    end = time.monotonic() + seconds
    while True:
        _one(figures, random)
        if time.monotonic() > end:
            return


def _one(figures: Figures, random: Random) -> None:
    import numpy as np

    from autograd_lite.program.machine import Machine
    from autograd_lite.program.plan import Schedule

    from ..support.guards import copied, guard_rows, guarded

    f = a_function(random, random.randrange(20, 200))
    varying = [random.random() < 0.5 for _ in range(INPUTS)]
    varying[random.randrange(INPUTS)] = True
    samples = random.choice([1, 2, 7, 8, 9, 63, 64, 65, random.randrange(1, 200)])
    columns = [[random.uniform(-1.0, 1.0) for _ in range(samples if moving else 1)] for moving in varying]
    points = [[c[k] if len(c) > 1 else c[0] for c in columns] for k in range(samples)]
    with errstate("ignore"):
        recording = record(f, *points[0], verify=False).recording
        machine = Machine(Schedule(recording, varying, [True] * INPUTS), 64)
    guard_rows(machine)
    lanes = [copied(c) for c, moving in zip(columns, varying, strict=True) if moving]
    given = [c[0] for c, moving in zip(columns, varying, strict=True) if not moving]
    seeds, values = copied([1.0] * samples), guarded(samples)
    slopes = guarded(samples * len(lanes)).reshape(len(lanes), samples)
    xs = guarded(samples * len(lanes)).reshape(len(lanes), samples)
    xs[:] = lanes
    shared, guard = machine.run(copied(given), xs, seeds, values[None], slopes)
    assert guard == 0.0
    for k, at in enumerate(points):
        value, gradient, _ = ours(f, at)
        own = [d for d, moving in zip(gradient, varying, strict=True) if moving]
        figures.worst("largest relative difference", apart((value, own), (values[k], slopes[:, k])), 1e-9)
    total = np.sum([ours(f, at)[1] for at in points], axis=0)
    still = [i for i, moving in enumerate(varying) if not moving]
    if still:
        scale = max(abs(total[still])) or 1.0
        off = max(abs(total[still] - shared[: len(still)])) / scale
        figures.worst("largest relative difference of shared slopes", float(off), 1e-8)
    figures.add("circuits compiled and run", 1)
    figures.add("samples", samples)
