"""One measurement, made in a process of its own: a job comes in as JSON, a result goes out.

Before anything is timed the value and the gradient are compared with the reference of the workload.
Times are processor time where the clock is fine enough, so that a busy machine disturbs less.
"""

from __future__ import annotations

import gc
import math
import time
import tracemalloc
from pathlib import Path
from statistics import median
from typing import Any, TypedDict

from engines import ENGINES, Engine, version_of
from workloads import Answer, Workload, workload

TOLERANCE = 1e-9
ENOUGH = 100  # repetitions in one process
PHASES = ("forward", "backward", "free")
CLOCK = "process_time" if time.get_clock_info("process_time").resolution < 1e-6 else "perf_counter"
clock = time.process_time if CLOCK == "process_time" else time.perf_counter


class Job(TypedDict, total=False):
    task: str  # probe, time, traced or resident
    engine: str
    workload: str
    collector: bool
    budget: float  # seconds after which no further repetition starts
    copies: int  # graphs held at once in a memory measurement


class Result(TypedDict, total=False):
    version: str
    absent: str
    failed: str
    wrong: str
    samples: list[list[float]]  # seconds, per repetition: by phase, or one total
    bytes_per_node: list[float]  # after the forward pass, and after the sweep


class WrongAnswerError(Exception):
    """An engine's value or gradient is not the reference's."""


def verify(found: Answer, expected: Answer) -> None:
    """Compare a value and a gradient with the reference, relative to the largest entry."""
    value, gradient = found
    true_value, true_gradient = expected
    if not math.isclose(value, true_value, rel_tol=TOLERANCE):
        raise WrongAnswerError(f"value {value!r}, but the reference is {true_value!r}")
    if len(gradient) != len(true_gradient):
        raise WrongAnswerError(f"{len(gradient)} derivatives for {len(true_gradient)} inputs")
    scale = max(map(abs, true_gradient))
    for i, (g, true) in enumerate(zip(gradient, true_gradient, strict=True)):
        if not abs(g - true) <= TOLERANCE * scale:
            raise WrongAnswerError(f"derivative {i} is {g!r}, but the reference is {true!r}")


def phases(engine: Engine, load: Workload, budget: float, collector: bool) -> list[list[float]]:
    """Time forward, backward and letting go of the graph, apart.

    The first run is the one that is verified, and the warm-up. It counts only when it alone
    has used up the budget: then it is long enough for a cold start not to matter.
    """
    f, expected = load.build(engine), load.reference()
    samples: list[list[float]] = []
    spent = 0.0
    while True:
        start = clock()
        graph = engine.forward(f, load.inputs)
        built = clock()
        gradient = engine.backward(graph)
        swept = clock()
        value = engine.value(graph) if not samples else math.nan
        held = clock()
        del graph
        freed = clock()
        if not samples:
            verify((value, gradient), expected)
        samples.append([built - start, swept - built, freed - held])
        spent += sum(samples[-1])
        if spent >= budget or len(samples) > ENOUGH:
            return samples[1:] or samples
        if not collector:
            gc.collect()


def totals(engine: Engine, load: Workload, budget: float, collector: bool) -> list[list[float]]:
    """Time value and derivative of a small function of one variable, in batches of 10 ms."""
    f: Any = load.build(engine)
    x = load.inputs[0]
    step = engine.scalar
    value, derivative = step(f, x)
    verify((float(value), [float(derivative)]), load.reference())

    def batch(calls: int) -> float:
        repeat = range(calls)
        start = clock()
        for _ in repeat:
            step(f, x)
        return clock() - start

    calls = 1
    while batch(calls) < 0.01:
        calls *= 2
    samples: list[list[float]] = []
    while not samples or (len(samples) < ENOUGH and sum(total for (total,) in samples) * calls < budget):
        if not collector:
            gc.collect()
        samples.append([batch(calls) / calls])
    return samples


def resident() -> int:
    """Bytes of memory this process occupies."""
    status = Path("/proc/self/status")
    if not status.exists():
        raise OSError("no /proc/self/status on this system")
    (line,) = (row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def memory(engine: Engine, load: Workload, copies: int, traced: bool) -> list[float]:
    """Bytes that a graph occupies after its forward pass and after its sweep, for each node."""

    def used() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0] if traced else resident()

    f = load.build(engine)
    if traced:
        tracemalloc.start()
    before = used()
    held = [engine.forward(f, load.inputs) for _ in range(copies)]
    built = used()
    for graph in held:
        engine.backward(graph)
    swept = used()
    nodes = load.nodes * copies
    return [(built - before) / nodes, (swept - before) / nodes]


def measure(job: Job) -> Result:
    """Do the job. What an engine cannot do is a result, not an error."""
    try:
        engine = ENGINES[job["engine"]]()
    except ImportError as error:
        return {"absent": str(error)}
    if job["task"] == "probe":
        return {"version": version_of(job["engine"])}
    load = workload(job["workload"])
    collector = job.get("collector", True)
    if not collector:
        gc.disable()
        gc.freeze()  # the explicit collections between repetitions then look at garbage alone
    try:
        if job["task"] == "time":
            timer = totals if job["workload"] == "W2" else phases
            return {"samples": timer(engine, load, job["budget"], collector)}
        traced = job["task"] == "traced"
        return {"bytes_per_node": memory(engine, load, job["copies"], traced)}
    except (RecursionError, OSError) as error:
        return {"failed": f"{type(error).__name__}: {error}"}
    except WrongAnswerError as error:
        return {"wrong": str(error)}


def summary(rounds: list[list[list[float]]]) -> list[float]:
    """The median over rounds of each round's median, column by column."""
    return [
        median(median(sample[column] for sample in samples) for samples in rounds)
        for column in range(len(rounds[0][0]))
    ]
