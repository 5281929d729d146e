"""Threads that build, sweep, record and replay at once, over inputs that they share."""

from __future__ import annotations

import importlib.util
import threading
import time
from random import Random
from typing import Any

from autograd_lite import Value, errstate, no_grad, value_and_grad
from autograd_lite.program import record

from .circuits import INPUTS, a_function, apart
from .figures import Figures

THREADS = 4


def at_once(figures: Figures, random: Random, seconds: float) -> None:
    """Every thread finds its own numbers, and a leaf that all sweep gets the sum of all gradients."""
    shared = Value(3.0, "shared")
    base = a_function(random, 300)
    point = [random.uniform(-1.0, 1.0) for _ in range(INPUTS)]
    engines = ["python"]
    if importlib.util.find_spec("numpy"):
        engines.append("numpy")
    if importlib.util.find_spec("llvmlite"):
        engines.append("machine")
    programs = [record(base, *point, engine=engine, verify=False) for engine in engines]
    end = time.monotonic() + seconds
    faults: list[str] = []
    counts: list[dict[str, int]] = []

    def work(seed: int) -> None:
        try:
            counts.append(_one(Random(seed), shared, base, programs, end))
        except BaseException as error:
            faults.append(repr(error))

    workers = [threading.Thread(target=work, args=(random.randrange(10**9),)) for _ in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not faults, faults
    swept = sum(count["sweeps of a shared input"] for count in counts)
    assert shared.grad == 2.0 * swept  # whole numbers: the sum is exact in any order
    figures.add("threads", THREADS)
    for count in counts:
        for name, number in count.items():
            figures.add(name, number)


def _one(random: Random, shared: Value, base: Any, programs: list[Any], end: float) -> dict[str, int]:
    count = dict.fromkeys(("circuits built and swept", "replays", "programs recorded"), 0)
    count["sweeps of a shared input"] = 0
    argnums = tuple(range(INPUTS))
    while True:
        f = a_function(random, random.randrange(20, 400))
        xs = [random.uniform(-1.0, 1.0) for _ in range(INPUTS)]
        with errstate(random.choice(["ignore", "warn", "raise"])):
            expected = value_and_grad(f, argnums)(*xs)
            count["circuits built and swept"] += 1
            with no_grad():
                assert f(*map(Value, xs)).is_constant
            found = record(f, *xs, engine="python", verify=False).value_and_grad(*xs, argnums=argnums)
            count["programs recorded"] += 1
            assert apart(expected, found) <= 1e-12
            expected = value_and_grad(base, argnums)(*xs)
            for program in programs:
                assert apart(expected, program.value_and_grad(*xs, argnums=argnums)) <= 1e-9
                count["replays"] += 1
        for _ in range(20):
            (2.0 * shared + xs[0]).backward()
            count["sweeps of a shared input"] += 1
        if time.monotonic() > end:
            return count
