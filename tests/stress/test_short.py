"""The short form of the stress suite, in CI alone; ``make stress`` is the long one."""

from __future__ import annotations

import os
import subprocess
import sys
from random import Random

import pytest

from . import bounds, buffers, circuits, memory, processes, threads
from .figures import Figures

pytestmark = pytest.mark.skipif("CI" not in os.environ, reason="takes a fifth of a minute: run in CI")


def test_large_circuits_beside_peers() -> None:
    figures = Figures()
    circuits.beside_peers(figures, Random(1), 0.0, 60)
    assert sum("largest relative" in name for name in figures.found) + len(figures.skipped) == 2


def test_every_engine() -> None:
    figures = Figures()
    circuits.in_engines(figures, Random(2), 0.0, 300, ["python", "numpy", "machine"])
    assert figures.found["replays in python"] == 4


def test_a_wrong_engine_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = circuits.ours
    monkeypatch.setattr(circuits, "ours", lambda f, xs: (exact(f, xs)[0] * (1 + 1e-8), *exact(f, xs)[1:]))
    with pytest.raises(AssertionError, match="python"):
        circuits.in_engines(Figures(), Random(2), 0.0, 200, ["python"])


def test_threads_at_once() -> None:
    figures = Figures()
    threads.at_once(figures, Random(3), 0.5)
    assert figures.found["sweeps of a shared input"] >= 20 * threads.THREADS


def test_memory_is_flat() -> None:
    memory.flat(Figures(), Random(4), 60, 300)


def test_memory_that_grows_would_be_seen() -> None:
    kept: list[object] = []
    with pytest.raises(AssertionError, match="blocks"):
        memory._hold(Figures(), "leak", lambda count: kept.extend(object() for _ in range(count)), 5000)


def test_interrupts() -> None:
    """In a process of its own: a library in this one may swallow what strikes its own code."""
    code = (
        "from random import Random; from tests.stress.interrupts import strikes; "
        "from tests.stress.figures import Figures; figures = Figures(); "
        "strikes(figures, Random(5), 1.0, 2000); print(*figures.lines(), sep='; ')"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=processes.ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "struck" in done.stdout


def test_pickles_from_another_process() -> None:
    figures = Figures()
    processes.pickled(figures, Random(6), 1, 5)
    assert figures.found["objects that crossed"] == 16


def test_machine_code_before_guard_pages() -> None:
    buffers.before_guard_pages(Figures(), Random(7), 0.5)


def test_the_bound_of_rounding() -> None:
    figures = Figures()
    bounds.around_the_truth(figures, Random(8), 0.0)
    assert figures.found["circuits outside the bound"] == 0
