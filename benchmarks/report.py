"""The measurements, gathered over rounds and shown as aligned text."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engines import OURS
from measure import PHASES, summary
from workloads import DOT, NN, workload


@dataclass
class Timing:
    """All rounds of one engine on one workload with the collector on or off."""

    workload: str
    engine: str
    collector: bool
    rounds: list[list[list[float]]] = field(default_factory=list)
    failed: str = ""

    @property
    def parts(self) -> list[float]:
        return summary(self.rounds)

    @property
    def total(self) -> float:
        return sum(self.parts)


@dataclass
class Memory:
    """Bytes per node of one engine's graph."""

    workload: str
    engine: str
    copies: int
    traced: list[float] | None = None  # after the forward pass, and after the sweep
    resident: list[float] | None = None


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Columns padded to their widest cell: the first `left` flush left, the others right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, rule, *rows)
    )


def seconds(value: float) -> str:
    """A duration with three digits and its unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{_three_digits(value / scale)} {unit}"
    return f"{_three_digits(value / 1e-9)} ns"


def _three_digits(value: float) -> str:
    return f"{value:#.3g}".rstrip(".")


def ratio(value: float) -> str:
    """A quotient with two digits, or none after the point from 10 on."""
    return f"{value:.0f}x" if value >= 100 else f"{value:.1f}x" if value >= 10 else f"{value:.2f}x"


def machine() -> dict[str, str]:
    """What the numbers depend on."""
    cpuinfo = Path("/proc/cpuinfo")
    model = platform.processor() or platform.machine()
    if cpuinfo.exists():
        names = [row for row in cpuinfo.read_text().splitlines() if row.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    return {
        "cpu": model,
        "cores": str(os.cpu_count()),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
    }


def title(name: str) -> str:
    return f"{name.partition(':')[0]} {workload(name).title}"


def show_times(timings: list[Timing], engines: list[str]) -> str:
    """One line per workload and collector; the peers' columns carry peer time / our time."""
    at = {(t.workload, t.engine, t.collector): t for t in timings}
    rows = []
    for ours in (t for t in timings if t.engine == OURS):
        cells = [title(ours.workload), "on" if ours.collector else "off", seconds(ours.total)]
        same_job = "W1" if ours.workload in (DOT, NN) else ours.workload
        for peer in engines[1:]:
            theirs = at.get((same_job, peer, ours.collector))
            if theirs is None:
                cells += ["-", ""]
            elif theirs.failed:
                cells += [theirs.failed.partition(":")[0], ""]
            else:
                cells += [seconds(theirs.total), ratio(theirs.total / ours.total)]
        rows.append(cells)
    head = ["workload", "collector", OURS]
    for peer in engines[1:]:
        head += [peer, "ratio"]
    return table(head, rows, left=2)


def show_phases(timings: list[Timing]) -> str:
    """Where the time goes: phases, and the whole per node."""
    rows = []
    for entry in timings:
        if entry.rounds and len(entry.parts) == len(PHASES):
            nodes = workload(entry.workload).nodes
            rows.append(
                [title(entry.workload), entry.engine, "on" if entry.collector else "off"]
                + [seconds(part) for part in entry.parts]
                + [f"{entry.total / nodes * 1e9:.0f}"]
            )
    return table(["workload", "engine", "collector", *PHASES, "ns/node"], rows, left=3)


def show_memory(found: list[Memory]) -> str:
    rows = []
    for entry in found:
        graph = f"{entry.copies} x " if entry.copies > 1 else ""
        rows.append(
            [f"{title(entry.workload)}", entry.engine, f"{graph}{workload(entry.workload).nodes:,}"]
            + [
                f"{size:.0f}" if sizes else "-"
                for sizes in (entry.traced, entry.resident)
                for size in sizes or (0.0, 0.0)
            ]
        )
    head = ["graph", "engine", "nodes", "tracemalloc", "swept", "resident", "swept"]
    return table(head, rows, left=2)
