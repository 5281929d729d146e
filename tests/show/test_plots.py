"""Plots as functions: what is drawn is what was computed, and a jump is no slope."""

import math
import sys
from itertools import pairwise
from typing import Any

import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from autograd_lite import Value, abs, floor, relu, sigmoid, tanh
from autograd_lite.show import plots
from autograd_lite.training import History


@pytest.fixture
def ax() -> Any:
    return Figure().subplots()


def lines(ax: Any) -> dict[str, list[tuple[float, float]]]:
    return {
        str(line.get_label()): list(zip(*map(list, line.get_data()), strict=True))
        for line in ax.lines
        if not str(line.get_label()).startswith("_")
    }


def dots(ax: Any) -> dict[bool, set[tuple[float, float]]]:
    """Where the dots are: the filled ones, and the open ones."""
    found: dict[bool, set[tuple[float, float]]] = {True: set(), False: set()}
    for line in ax.lines:
        if line.get_marker() == "o":
            (x,), (y,) = line.get_data()
            found[line.get_markerfacecolor() != "white"].add((float(x), round(float(y), 6)))
    return found


def test_a_history_is_drawn_with_its_validation_and_named_at_the_ends(ax: Any) -> None:
    run = History(loss=[4.0, 1.0, 0.1], validation=[4.0, 2.0, 1.0])
    assert plots.history(run, ax=ax) is ax
    drawn = lines(ax)
    assert drawn["training"] == [(1, 4.0), (2, 1.0), (3, 0.1)]
    assert drawn["validation"] == [(1, 4.0), (2, 2.0), (3, 1.0)]
    assert [text.get_text() for text in ax.texts] == ["training", "validation"]
    assert ax.get_yscale() == "log"
    heights = [text.get_position()[1] for text in ax.texts]
    assert heights[1] - heights[0] >= 0.05


def test_several_runs_a_metric_and_a_running_mean(ax: Any) -> None:
    runs = {"a": [1.0, 3.0, 5.0], "b": [2.0, 2.0]}
    plots.history(runs, ax=ax, smooth=2)
    assert lines(ax)["a"] == [(1, 1.0), (2, 2.0), (3, 4.0)]
    assert ax.get_yscale() == "linear"
    other: Any = Figure().subplots()
    plots.history(History(loss=[1.0], metrics={"right": [0.5]}), ax=other, metric="right")
    assert other.get_ylabel() == "right"
    wrongs: list[dict[str, Any]] = [
        {"runs": []},
        {"runs": History(loss=[1.0]), "metric": "right"},
        {"runs": [1.0], "smooth": 0},
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"train|metric|smooth"):
            plots.history(**wrong)
    with pytest.raises(TypeError, match="fit"):
        plots.history({"a": 3})


def test_the_regions_are_those_of_the_scores(ax: Any) -> None:
    xs, ys = [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]], ["low", "high", "low"]
    names = {"low": "below", "high": "above"}
    plots.regions(lambda x: Value(x[0]) + x[1] - 1.5, xs, ys, ax=ax, names=names, resolution=21)
    drawn = lines(ax)
    assert drawn["below"] == [(0.0, 0.0), (0.0, 1.0)]
    assert drawn["above"] == [(1.0, 1.0)]
    border = [p for c in ax.collections for path in c.get_paths() for p in path.vertices]
    assert any(math.fabs(x + y - 1.5) < 1e-9 for x, y in border)


def test_of_several_scores_the_largest_decides(ax: Any) -> None:
    xs = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    plots.regions(lambda x: [0.5 - x[0] - x[1], x[0], x[1]], xs, [0, 1, 2], ax=ax, resolution=21)
    assert set(lines(ax)) == {"0", "1", "2"}
    wrongs: list[dict[str, Any]] = [
        {"f": lambda x: [x[0], x[1]], "xs": xs, "ys": [0, 1, 2]},
        {"f": sum, "xs": [[1.0]], "ys": [0]},
        {"f": sum, "xs": xs, "ys": [0, 1, 1], "names": {0: "a"}},
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"classes|points|names"):
            plots.regions(**wrong, ax=ax, resolution=3)


def test_a_jump_has_an_open_and_a_filled_dot(ax: Any) -> None:
    axes: Any = Figure().subplots(1, 3)
    left, middle, right = axes
    plots.activations({"relu": relu, "abs": abs, "sigmoid": sigmoid}, axes=[left, middle, right])
    assert dots(left) == {True: {(0.0, 0.0)}, False: {(0.0, 1.0)}}
    assert dots(middle) == {True: {(0.0, 0.0)}, False: {(0.0, -1.0), (0.0, 1.0)}}
    assert dots(right) == {True: set(), False: set()}
    heights = [y for _, y in lines(left)["f′"]]
    steep = [math.fabs(v - u) for u, v in pairwise(heights)]
    assert max(step for step in steep if not math.isnan(step)) == 0  # no stroke from 0 to 1
    assert max(y for _, y in lines(right)["f′"]) == pytest.approx(0.25)


def test_a_step_function_is_broken_at_every_jump(ax: Any) -> None:
    plots.activations([floor], axes=[ax], span=(-0.5, 2.5))
    assert dots(ax)[True] == {(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)}
    assert dots(ax)[False] == {(0.0, -1.0), (1.0, 0.0), (2.0, 1.0)}
    assert ax.get_title() == "floor"
    with pytest.raises(ValueError, match="functions"):
        plots.activations([])


def test_without_matplotlib_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    calls: list[Any] = [
        lambda: plots.history([1.0]),
        lambda: plots.activations([relu]),
        lambda: plots.regions(sum, [[0.0, 1.0]], [0]),
    ]
    for call in calls:
        with pytest.raises(ImportError, match=r"autograd-lite\[train\]"):
            call()


def test_activations_are_given_by_name_too() -> None:
    assert [ax.get_title() for ax in plots.activations("tanh")] == ["tanh"]
    assert [ax.get_title() for ax in plots.activations(["leaky_relu", tanh])] == ["leaky_relu", "tanh"]
    with pytest.raises(ValueError, match="'tahn' is no operation"):
        plots.activations(["tahn"])
    with pytest.raises(ValueError, match="'hypot'"):
        plots.activations("hypot")
    with pytest.raises(TypeError, match="int"):
        plots.activations([3])  # type: ignore[list-item]  # refused
