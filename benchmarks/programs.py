"""Recorded programs beside their peers: hand-written code, JAX, CasADi, PyTorch, C.

    python benchmarks/programs.py [--quick] [--only W5 W7] [--engine numpy|machine|tape] [--json out.json]

All competitors of a contest are in one process, on one core where the platform allows it; before they
are timed their values and gradients are compared. They take turns, and medians over rounds are
printed. Nothing here fails on a slow machine; a wrong value or gradient fails at once.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import alone  # first of all: it gives every library one thread
import contests
import irregular
import networks
import numpy as np
import option
import training
import wide
import workloads
from contests import AbsentError, Contest, Run
from eager import pin, say
from measure import CLOCK, clock, verify
from report import machine, ratio, seconds, table

import autograd_lite
from autograd_lite.program import record
from autograd_lite.program.engine_table import KNOWN_ENGINES
from autograd_lite.program.plan import Schedule, plan_of
from autograd_lite.program.source import Straight
from autograd_lite.program.verification import verify as look_again

KNOWN = ("W2", "W3", "W5", "digits", "wide", "W6", "W7", "irregular", "hessian", "build", *training.TASKS)
LIBRARIES = ("numpy", "llvmlite", "jax", "torch", "casadi")


@dataclass(frozen=True)
class Plan:
    """How much to run."""

    rounds: int
    turn: float  # seconds that a competitor repeats in one turn
    patience: float  # seconds after which a competitor gets no further turn
    paths: int
    widths: tuple[int, ...]


FULL = Plan(25, 0.02, 8.0, 100_000, (1024, 2048))
QUICK = Plan(5, 0.005, 0.5, 10_000, (1024,))


@dataclass
class Turns:
    """Seconds of one call of a competitor: each round's mean, None where it had no turn."""

    run: Run
    calls: int
    rounds: list[float | None] = field(default_factory=list)
    spent: float = 0.0

    def found(self) -> list[float]:
        return [x for x in self.rounds if x is not None]


def repeat(run: Run, calls: int) -> float:
    """Seconds of one call, the mean of so many."""
    f, x = run.call, run.at
    turns = range(calls)
    if x is None:
        start = clock()
        for _ in turns:
            f()
        return (clock() - start) / calls
    start = clock()
    for _ in turns:
        f(x)
    return (clock() - start) / calls


def roughly(run: Run, long: float) -> float:
    """Seconds of one call, from so many calls that they take long enough."""
    calls, each = 1, repeat(run, 1)
    while calls * each < long:
        calls *= 2
        each = repeat(run, calls)
    return each


def prepared(contest: Contest, turn: float) -> dict[str, Turns]:
    """The competitors that are there, their answers compared, each with how often it is called."""
    entries: dict[str, Turns] = {}
    reference = contest.reference()
    for name, make in contest.makers.items():
        say(f"{contest.title}: {name}")
        try:
            run = make()
        except AbsentError as error:
            print(f"{name}: {error}")
            continue
        found = run.call() if run.at is None else run.call(run.at)
        verify(run.read(found), reference)
        run.call() if run.at is None else run.call(run.at)  # may compile what the first call left
        entries[name] = Turns(run, max(1, round(turn / roughly(run, turn / 4))))
    return entries


def compete(contest: Contest, plan: Plan) -> dict[str, Any]:
    """Time the competitors of a contest in turns, and print the table."""
    print(f"\n{contest.title}\n")
    entries = prepared(contest, plan.turn)
    print(f"Values and gradients of {len(entries)} competitors agree to 1e-9.\n")
    gc.collect()
    gc.freeze()
    gc.disable()
    for _ in range(plan.rounds):
        for entry in entries.values():
            if entry.spent > plan.patience:
                entry.rounds.append(None)
                continue
            entry.run.call() if entry.run.at is None else entry.run.call(entry.run.at)  # warms the cache
            entry.rounds.append(repeat(entry.run, entry.calls))
            entry.spent += entry.calls * entry.rounds[-1]
            if entry.calls == 1:
                gc.collect()  # what a long call left in cycles
    gc.enable()
    gc.unfreeze()

    rows = []
    compared = [name for name in contest.ours if name in entries]
    for name, entry in entries.items():
        cells = [name, seconds(median(entry.found())), seconds(min(entry.found()))]
        for ours in compared:
            each = quotient(entry, entries[ours])
            cells.append("1" if name == ours else ratio(each) if each >= 0.1 else f"{each:.1g}x")
        rows.append(cells)
    print(table(["", "median", "best", *(f"/ {ours}" for ours in compared)], rows), flush=True)
    return {"contest": contest.title, "seconds": {name: e.found() for name, e in entries.items()}}


def quotient(entry: Turns, ours: Turns) -> float:
    """The median over rounds of a competitor's time divided by ours in the same round."""
    pairs = zip(entry.rounds, ours.rounds, strict=True)
    return median(a / b for a, b in pairs if a is not None and b is not None)


# Building


def made(program: Any, wanted: list[bool]) -> Iterator[Any]:
    """The schedule of a gradient, and then its code, as the engine of the program makes them."""
    listed, recording = program.choice.listed, program.recording
    if listed.load is None:
        yield None
        yield Straight(recording, [i for i, chosen in enumerate(wanted) if chosen])
        return
    most = program.choice.most(len(recording))
    plan = (plan_of if listed.tapes else Schedule)(recording, None, wanted, most=most)
    yield plan
    yield listed.load()(plan, 1)


def building(f: Callable[..., Any], arguments: list[Any], engine: str | None) -> tuple[int, list[float]]:
    """The operations that are recorded, and seconds of each step until a gradient is there."""
    times = [clock()]
    program = record(f, *arguments, verify=False, engine=engine)
    times.append(clock())
    look_again(program)
    times.append(clock())
    for _ in made(program, [i < arguments[0].size for i in range(program.recording.inputs)]):
        times.append(clock())
    program.value_and_grad(*arguments)  # makes them for itself
    call = Run(lambda: program.value_and_grad(*arguments), contests.plain)
    return len(program.recording), [
        *(after - before for before, after in pairwise(times)),
        roughly(call, 0.01),
    ]


def show_building(engine: str | None) -> dict[str, Any]:
    """Print how long programs of several sizes take to be made."""
    print("\nBuilding; the second look is what verify=True adds to record\n")
    valley = workloads.valley(autograd_lite)
    cases: dict[str, tuple[Callable[..., Any], list[Any]]] = {
        f"Rosenbrock of {size:,}": (valley, [np.linspace(-1.0, 1.0, size)])
        for size in (14, 126, 1251)  # 8 operations for each number but the last
    }
    arguments = [networks.digits_start(), np.full(784, 0.5), np.full(10, 0.5)]
    cases["784-128-10, one point"] = networks.squares, arguments
    cases |= {f"irregular, {n:,}": (irregular.run(n), [irregular.start()]) for n in (1000, 10_000, 100_000)}
    building(valley, [np.ones(3)], engine)  # what is done once: imports, the compiler's own start
    found = {}
    for title, (f, given) in cases.items():
        say(f"building {title}")
        found[title] = building(f, given, engine)
    rows = [[title, f"{count:,}", *map(seconds, times)] for title, (count, times) in found.items()]
    head = ["", "operations", "record", "second look", "schedule", "code", "one call"]
    print(table(head, rows), flush=True)
    return {"building": found}


def chosen(only: list[str], plan: Plan, engine: str | None) -> Iterator[dict[str, Any]]:
    """Run what was asked for; a contest is made when its turn comes, and let go after it."""
    makers: dict[str, list[Callable[[], Contest]]] = {
        "W2": [lambda: contests.w2(engine), lambda: contests.w2_many(engine, 100_000)],
        "W3": [lambda: contests.w3(engine)],
        "W5": [lambda n=n: networks.w5(engine, n) for n in (1, 100, 1000, 10_000)],
        "digits": [lambda n=n: networks.digits(engine, n) for n in (1, 64, 256)],
        "wide": [lambda n=n: wide.wide(engine, n) for n in plan.widths],
        "W6": [lambda: contests.w6(engine)],
        "W7": [lambda: option.w7(engine, plan.paths)],
        "irregular": [lambda n=n: irregular.irregular(engine, n) for n in (1000, 10_000, 100_000)],
        "hessian": [lambda: contests.second_order(engine)],
    }
    for name in KNOWN:
        if name in only:
            for make in makers.get(name, []):
                yield compete(make(), plan)
            if name == "build":
                yield show_building(engine)
            elif name in training.TASKS:
                try:
                    yield training.show_training(name, max(1, plan.rounds // 8))
                except AbsentError as error:
                    print(f"{name}: {error}")


def versions() -> dict[str, str]:
    """The version of each library."""
    found = {"autograd_lite": autograd_lite.__version__}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="under a minute: shorter and rougher")
    parser.add_argument(
        "--only", nargs="+", choices=KNOWN, default=KNOWN, metavar="NAME", help=", ".join(KNOWN)
    )
    parser.add_argument("--engine", choices=list(KNOWN_ENGINES), help="of the programs")
    parser.add_argument("--rounds", type=int, help="how often each competitor has its turn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw results there")
    options = parser.parse_args()
    if options.engine and not KNOWN_ENGINES[options.engine].is_installed:
        parser.error(f"what the engine {options.engine!r} needs is not installed")
    if options.engine:
        os.environ["AUTOGRAD_LITE_ENGINE"] = options.engine  # what fit goes by
    plan = QUICK if options.quick else FULL
    if options.rounds:
        plan = replace(plan, rounds=options.rounds)
    facts = {**machine(), "pinned": pin(), "threads": alone.THREADS, "clock": CLOCK, **versions()}
    facts["engine"] = options.engine or "the fastest that is installed"
    print(*(f"{key}: {value}" for key, value in facts.items()), sep="\n")
    print("\nRatios are a competitor's time / ours.", flush=True)
    results = list(chosen(options.only, plan, options.engine))
    if options.json:
        raw = {"machine": facts, "quick": options.quick, "results": results}
        options.json.write_text(json.dumps(raw, indent=1) + "\n")


if __name__ == "__main__":
    main()
