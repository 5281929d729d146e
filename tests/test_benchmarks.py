"""The benchmark compares what it times with a reference, and refuses a wrong engine."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from itertools import accumulate
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in (file.stem for file in BENCHMARKS.glob("*.py")):
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


@pytest.mark.parametrize(
    ("engine_name", "name"),
    [
        *(("autograd_lite", name) for name in ("W1", "W1-dot", "W1-nn", "W3", "W6")),
        *(("slots", name) for name in ("W1", "W3", "W4:900", "W6")),
        ("micrograd", "W6"),
    ],
)
def test_an_engine_gives_the_references(measure: ModuleType, engine_name: str, name: str) -> None:
    if engine_name == "micrograd":
        pytest.importorskip("micrograd")
    load = importlib.import_module("workloads").workload(name)
    engine = importlib.import_module("engines").ENGINES[engine_name]()
    graph = engine.forward(load.build(engine), load.inputs)
    gradient = engine.backward(graph)
    measure.verify((engine.value(graph), gradient), load.reference())
    with pytest.raises(measure.WrongAnswerError):
        measure.verify((engine.value(graph), [1.001 * g for g in gradient]), load.reference())


@pytest.mark.parametrize("engine_name", ["autograd_lite", "slots"])
def test_an_engine_gives_the_small_derivative(measure: ModuleType, engine_name: str) -> None:
    load = importlib.import_module("workloads").workload("W2")
    engine = importlib.import_module("engines").ENGINES[engine_name]()
    value, derivative = engine.scalar(load.build(engine), *load.inputs)
    measure.verify((value, [derivative]), load.reference())


def test_the_gradient_by_hand_of_the_gpt_is_the_slope_of_its_value(measure: ModuleType) -> None:
    gpt = importlib.import_module("gpt")
    start = list(gpt.parameters())
    gradient = gpt.reference()[1]
    ends = list(accumulate(rows * columns for rows, columns in gpt.SHAPES.values()))
    assert ends[-1] == len(start) == len(gradient) == 4192
    rows = [gpt.TOKENS[1], 3, 5, 6, 7, 8, 9, 10, gpt.TOKENS[2]]  # one that the word uses
    for begin, row, (_, columns) in zip([0, *ends], rows, gpt.SHAPES.values(), strict=False):
        entry = begin + row * columns + 2

        def moved(by: float, entry: int = entry) -> float:
            value, _ = gpt.by_hand([*start[:entry], start[entry] + by, *start[entry + 1 :]])
            return float(value)

        step = 1e-3
        slope = (8 * (moved(step) - moved(-step)) - moved(2 * step) + moved(-2 * step)) / 12 / step
        assert gradient[entry] != 0.0
        assert slope == pytest.approx(gradient[entry], rel=1e-5)


def test_the_size_of_the_gpt(measure: ModuleType) -> None:
    gpt = importlib.import_module("gpt")
    unused = (27 - 1) * len(gpt.WORD)  # probabilities
    assert importlib.import_module("workloads").workload("W6").nodes - unused == 56_573


def test_the_benchmark_keeps_to_one_of_its_cores(
    measure: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    eager = importlib.import_module("eager")
    kept: list[set[int]] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 5}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda _, cores: kept.append(cores), raising=False)
    assert eager.pin() == "to core 5"
    assert kept == [{5}]


def test_the_benchmark_runs_where_cores_cannot_be_chosen(
    measure: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    eager = importlib.import_module("eager")
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert eager.pin() == "no"


def test_programs_are_timed_beside_their_peers() -> None:
    pytest.importorskip("numpy")
    command = [sys.executable, str(BENCHMARKS / "programs.py"), "--quick", "--rounds", "1", "--only", "W2"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Values and gradients of \d competitors agree", printed, re.MULTILINE)
    rows = dict(re.findall(r"^(value_and_grad|bare\(\)|Python by hand)  +(\S.*)$", printed, re.MULTILINE))
    assert set(rows) == {"value_and_grad", "bare()", "Python by hand"}
    assert re.search(r"\d(\.\d+)?x", rows["Python by hand"])


def test_programs_with_a_wrong_answer_are_not_timed(
    measure: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numpy")
    monkeypatch.setattr(os, "environ", os.environ.copy())  # where the number of threads is set
    contests, programs = map(importlib.import_module, ("contests", "programs"))
    right = contests.Run(lambda: (2.0, 1.0), contests.of_one)
    wrong = contests.Run(lambda: (2.0, 1.0 + 1e-6), contests.of_one)
    contest = contests.Contest(
        "one", lambda: (2.0, [1.0]), {"a": lambda: right, "b": lambda: wrong}, ("a",)
    )
    with pytest.raises(measure.WrongAnswerError):
        programs.prepared(contest, 0.0)


def test_training_on_nodes_and_by_programs_is_timed_where_the_losses_agree(
    measure: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("numpy")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    training = importlib.import_module("training")
    (task, rate), tasks = training.TASKS["moons"], training.TASKS
    monkeypatch.setitem(tasks, "moons", (task._replace(by_nodes=3, by_program=4), rate))
    found = training.show_training("moons", 1)
    assert len(found["seconds"]) == 1
    assert "losses of 3 epochs agree" in capsys.readouterr().out

    def other(engine: str, **settings: object) -> object:
        history = task.start(engine="eager", **settings)
        history.loss[-1] *= 1.0 + 1e-6 * (engine == "program")
        return history

    monkeypatch.setitem(tasks, "moons", (task._replace(start=other, by_nodes=3, by_program=3), rate))
    with pytest.raises(measure.WrongAnswerError):
        training.show_training("moons", 1)
