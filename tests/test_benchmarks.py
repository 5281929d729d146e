"""The benchmark compares what it times with a reference, and refuses a wrong engine."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("measure", "workloads", "engines"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("measure")


def test_a_right_answer_passes(measure: ModuleType) -> None:
    measure.verify((2.0, [1.0, -3.0]), (2.0, [1.0, -3.0]))


@pytest.mark.parametrize(
    "found",
    [
        (2.0 + 1e-6, [1.0, -3.0]),
        (2.0, [1.0, -3.0 + 1e-6]),
        (2.0, [1.0]),
        (2.0, [float("nan"), -3.0]),
    ],
)
def test_a_wrong_answer_ends_the_run(measure: ModuleType, found: tuple[float, list[float]]) -> None:
    with pytest.raises(measure.WrongAnswerError):
        measure.verify(found, (2.0, [1.0, -3.0]))


@pytest.mark.parametrize("name", ["W1", "W1-dot", "W1-nn", "W3"])
def test_our_engine_gives_the_references(measure: ModuleType, name: str) -> None:
    load = importlib.import_module("workloads").workload(name)
    engine = importlib.import_module("engines").ENGINES["autograd_lite"]()
    graph = engine.forward(load.build(engine), load.inputs)
    gradient = engine.backward(graph)
    measure.verify((engine.value(graph), gradient), load.reference())
    with pytest.raises(measure.WrongAnswerError):
        measure.verify((engine.value(graph), [1.001 * g for g in gradient]), load.reference())
