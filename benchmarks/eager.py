"""autograd_lite beside its peers on the eager workloads: time, phases and memory.

    python benchmarks/eager.py [--quick] [--json out.json]
    python benchmarks/eager.py --import-time

Every measurement is made by a fresh process, all on one core where the platform allows it; the
engines take turns, and the median over rounds is printed. Nothing here fails on a slow machine; a
wrong value or gradient fails at once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import cast

from engines import ENGINES, OURS
from measure import CLOCK, Job, Result, measure
from report import Memory, Timing, machine, seconds, show_memory, show_phases, show_times
from workloads import DOT, LONG, NN, SHORT

ROOT = Path(__file__).resolve().parent.parent
IMPORT_RUNS = 15
FEELER = 10_000  # an engine that cannot sweep this depth is not given a deeper one


@dataclass(frozen=True)
class Plan:
    """How much to run."""

    chain: int
    memory_chain: int
    rounds: int
    budget: float  # seconds of repetitions in one process
    patience: float  # wall seconds after which an engine gets no further round of a workload
    modes: dict[str, tuple[bool, ...]]  # per engine, the collector settings
    skip: frozenset[tuple[str, str]] = frozenset()


BOTH = (True, False)
FULL = Plan(LONG, 100_000, 5, 0.8, 12.0, dict.fromkeys(ENGINES, BOTH))
QUICK = Plan(
    LONG // 10,
    10_000,
    2,
    0.2,
    1.0,
    {OURS: BOTH, "slots": BOTH, "micrograd": BOTH, "autograd": (True,), "torch": (True,)},
    frozenset(
        {
            ("autograd", "W1"),
            ("autograd", f"W4:{LONG // 10}"),
            ("autograd", "W6"),
            ("torch", "W6"),
        }
    ),
)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def pin() -> str:
    """Keep this process, and every one that it starts, on one core where the platform allows it."""
    try:
        core = max(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {core})
    except (AttributeError, OSError):
        return "no"
    return f"to core {core}"


def environment() -> dict[str, str]:
    """This process's environment, with this tree importable whether installed or not."""
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *([path] if path else [])])}


def fresh(job: Job) -> Result:
    """Run one job in a process of its own; stop everything if it finds a wrong answer."""
    command = [sys.executable, str(Path(__file__).resolve()), "--job", json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if done.returncode:
        raise SystemExit(f"FAILED: {job}\n{done.stderr}")
    result = cast(Result, json.loads(done.stdout))
    if "wrong" in result:
        raise SystemExit(f"WRONG ANSWER: {job['engine']} on {job['workload']}: {result['wrong']}")
    return result


def present() -> dict[str, str]:
    """The engines that import, with their versions; a line for each that does not."""
    versions = {}
    for engine in ENGINES:
        result = fresh({"task": "probe", "engine": engine})
        if "absent" in result:
            print(f"{engine} is skipped: {result['absent']}")
        else:
            versions[engine] = result["version"]
    if OURS not in versions:
        raise SystemExit(f"FAILED: {OURS} itself cannot be imported")
    return versions


def too_deep(engine: str) -> str:
    """Why the engine cannot take a long chain, or an empty string."""
    job: Job = {"task": "time", "engine": engine, "workload": f"W4:{FEELER}", "budget": 0.0}
    return fresh(job).get("failed", "")


def run_times(plan: Plan, engines: list[str], shallow: dict[str, str]) -> list[Timing]:
    """Time everything, engines in turns within each round."""
    timings = []
    for name in ("W1", DOT, NN, "W2", "W3", f"W4:{plan.chain}", f"W4:{SHORT}", "W6"):
        for collector in BOTH:
            entries = [
                Timing(name, engine, collector)
                for engine in engines
                if collector in plan.modes[engine]
                and (engine, name) not in plan.skip
                and (engine == OURS or name not in (DOT, NN))
            ]
            spent = dict.fromkeys(engines, 0.0)
            for number in range(plan.rounds):
                for entry in entries:
                    if name == f"W4:{plan.chain}":
                        entry.failed = shallow[entry.engine]
                    if entry.failed or (number and spent[entry.engine] > plan.patience):
                        continue
                    say(f"{name} {entry.engine} collector {'on' if collector else 'off'} {number}")
                    start = time.perf_counter()
                    result = fresh(
                        {
                            "task": "time",
                            "engine": entry.engine,
                            "workload": name,
                            "collector": collector,
                            "budget": plan.budget,
                        }
                    )
                    spent[entry.engine] += time.perf_counter() - start
                    entry.failed = result.get("failed", "")
                    if not entry.failed:
                        entry.rounds.append(result["samples"])
            timings += entries
    return timings


def run_memory(plan: Plan, engines: list[str], shallow: dict[str, str]) -> list[Memory]:
    """Bytes per node of W1 and of W4 (as many short chains where a long one is impossible)."""
    found = []
    for name in ("W1", f"W4:{plan.memory_chain}"):
        for engine in engines:
            if (engine, name) in plan.skip:
                continue
            say(f"memory {name} {engine}")
            chosen, copies = name, 1
            if shallow[engine] and name != "W1":
                chosen, copies = f"W4:{SHORT}", plan.memory_chain // SHORT
            entry = Memory(chosen, engine, copies)
            job: Job = {"engine": engine, "workload": chosen, "copies": copies}
            if ENGINES[engine].traceable:
                entry.traced = fresh({"task": "traced", **job}).get("bytes_per_node")
            entry.resident = fresh({"task": "resident", **job}).get("bytes_per_node")
            found.append(entry)
    return found


def import_time() -> float:
    """Seconds that importing autograd_lite adds to a bare interpreter, median of paired runs."""

    both = ("pass", f"import {OURS}")
    with TemporaryDirectory() as cache:
        variables = {**environment(), "PYTHONPYCACHEPREFIX": cache}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)

        def run(statement: str) -> float:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], env=variables, check=True)
            return time.perf_counter() - start

        for statement in both:  # the first import compiles to bytecode
            run(statement)
        runs = [[run(statement) for statement in both] for _ in range(IMPORT_RUNS)]
    bare, loaded = zip(*runs, strict=True)
    print(f"bare Python {seconds(median(bare))}, with import {OURS} {seconds(median(loaded))}")
    return float(median(after - before for before, after in zip(bare, loaded, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="under a minute: shorter and rougher")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw results there")
    parser.add_argument("--import-time", action="store_true", help="time the import, nothing else")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        print(json.dumps(measure(json.loads(options.job))))
        return
    pinned = pin()
    if options.import_time:
        print(f"import {OURS}: {seconds(import_time())} over bare Python")
        return

    plan = QUICK if options.quick else FULL
    versions = present()
    engines = list(versions)
    facts = {**machine(), "pinned": pinned, "clock": CLOCK, **versions}
    print(*(f"{key}: {value}" for key, value in facts.items()), sep="\n")
    shallow = {engine: too_deep(engine) for engine in engines}
    for engine, reason in shallow.items():
        if reason:
            print(f"{engine} on a chain of {FEELER:,}: {reason}")
    for engine, name in sorted(plan.skip):
        if engine in engines:
            print(f"{engine} on {name} is left to the full run")

    timings = run_times(plan, engines, shallow)
    found = run_memory(plan, engines, shallow)
    print("\nTime of one step; ratio = peer / autograd_lite\n")
    print(show_times(timings, engines))
    print("\nWhere it goes\n")
    print(show_phases(timings))
    print("\nBytes per node of a graph that is held: after its forward pass, and after its sweep\n")
    print(show_memory(found))
    if options.json:
        raw = {
            "machine": facts,
            "quick": options.quick,
            "times": [asdict(entry) for entry in timings],
            "memory": [asdict(entry) for entry in found],
        }
        options.json.write_text(json.dumps(raw, indent=1) + "\n")


if __name__ == "__main__":
    main()
