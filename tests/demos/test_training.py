"""The demos that train and minimize: they run, they draw, and what they claim holds.

Long runs multiply rounding, so no last digit of theirs is held, nor how often an error rose: what
mathematics promises is, and one number of each demo against NumPy's matrices or a closed form.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_lite import data
from autograd_lite.training import History

from ..support.demo import check_pictures, load
from ..support.networks import complex_step, matrices, outputs

Array = Any
Numbers = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.usefixtures("beside_the_demos")


@pytest.mark.parametrize("name", ["cost_of_gradients", "digits", "landscape", "moons", "optimizers"])
def test_runs_and_draws(name: str, numbers: Numbers) -> None:
    check_pictures(name, numbers(name))


def linear(z: Array) -> Array:
    return z


def relu(z: Array) -> Array:
    return np.maximum(z, 0.0)


# Optimizers


def mean_error(layers: list[Array]) -> Any:
    """The mean half squared error of the demo's network on the demo's wave."""
    xs, ys = load("optimizers").wave()
    return np.mean(0.5 * (outputs(layers, np.array(xs).T, np.tanh, linear)[0] - ys) ** 2)


def test_a_batch_step_is_that_of_the_formulas(numbers: Numbers) -> None:
    way = numbers("optimizers")["ways"]["batch"]
    first, second = matrices(load("optimizers").network())
    assert way.errors[0] == pytest.approx(mean_error([first, second]), rel=1e-12)
    below = complex_step(lambda W: mean_error([W, second]), first)
    above = complex_step(lambda W: mean_error([first, W]), second)
    after = mean_error([first - below, second - above])  # at the demo's rate of 1
    assert way.errors[1] == pytest.approx(after, rel=1e-11)


@pytest.mark.parametrize("name", ["conjugate gradient", "quasi-Newton"])
def test_line_searches_decrease_the_error_at_every_iteration(name: str, numbers: Numbers) -> None:
    way = numbers("optimizers")["ways"][name]
    assert way.rises == 0
    assert len(way.errors) == len(way.passes) > 3
    assert all(b > a for a, b in pairwise(way.passes))
    assert way.errors[-1] < way.errors[0] / 10


def test_every_optimizer_makes_the_error_less(numbers: Numbers) -> None:
    found = numbers("optimizers")
    for name, (mean, least, most) in found["ends"].items():
        assert least <= mean <= most < found["ways"][name].errors[0] / 2


def test_the_last_passes_are_those_of_the_budget() -> None:
    way = load("optimizers").Way([0.0, 3.0, 7.0], [5.0, 4.0, 2.0], [])
    assert way.last(8, 4) == [4.0, 4.0, 2.0, 2.0]
    assert way.last(3, 2) == [5.0, 4.0]
    assert load("optimizers").Way([], [3.0, 1.0, 2.0, 2.0, 4.0], []).rises == 2


def test_at_a_good_point_single_samples_still_pull(numbers: Numbers) -> None:
    found = numbers("optimizers")
    assert found["single_gradient"] > 10 * found["whole_gradient"]


def test_newton_without_a_line_search_goes_up(numbers: Numbers) -> None:
    found = numbers("optimizers")
    newton = [math.sqrt(1.0 + (1.5 ** (3**k)) ** 2) for k in range(4)]  # a step leads from x to −x³
    assert found["without_line_search"] == pytest.approx(newton, rel=1e-11)
    with_search = found["with_line_search"]
    assert all(b <= a for a, b in pairwise(with_search))
    assert with_search[-1] == pytest.approx(1.0)


# The landscape


def test_bfgs_may_end_at_a_saddle_point(numbers: Numbers) -> None:
    found = numbers("landscape")
    assert found["bends"] == [2.0, -2.0]
    assert found["content"] is True
    assert found["stuck"] == pytest.approx([0.0, 0.0], abs=1e-4)
    assert [abs(c) for c in found["freed"]] == pytest.approx([0.0, math.sqrt(2.0)], abs=1e-4)


def test_a_search_that_fails_is_not_called_a_success(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = load("landscape")
    monkeypatch.setattr(demo, "by_bfgs", lambda start: ([start, [0.5, 0.0]], False))
    assert demo.show_saddle()[2] is False
    assert "success" not in capsys.readouterr().out


def test_convex_and_not_convex(numbers: Numbers) -> None:
    found, above = numbers("landscape"), load("landscape").above_chord
    assert above([0.0, 1.0, 4.0]) == -1.0
    assert above([0.0, 3.0, 4.0]) == 1.0
    assert above(found["convex"]) < -0.01
    low, *between, other = found["between"]
    assert low == pytest.approx(other, abs=1e-9)
    assert low < 1e-9 < 1.0 < max(between)
    assert found["apart"] < 1e-5
    assert found["ends"][0] == pytest.approx(found["ends"][1], abs=1e-5)


def test_coordinate_descent_is_not_gradient_descent(numbers: Numbers) -> None:
    found = numbers("landscape")
    A, start = np.array([[2.0, 1.2], [1.2, 2.0]]), np.array([-1.5, 0.3])
    whole = [np.linalg.matrix_power(np.eye(2) - 0.25 * A, k) @ start for k in range(13)]
    np.testing.assert_allclose(found["all_at_once"], whole, atol=1e-12)
    for k, (before, after) in enumerate(pairwise(found["one_at_a_time"])):
        assert before[1 - k % 2] == after[1 - k % 2]
        assert before[k % 2] != after[k % 2]


# The cost of gradients


def test_numerical_gradients_cost_the_square(numbers: Numbers) -> None:
    found, demo = numbers("cost_of_gradients"), load("cost_of_gradients")
    for layers, cost in zip((1, 2, 4, 8), found["costs"], strict=True):
        weights = 72 * layers + 9
        assert (cost.weights, cost.passes) == (weights, 2 * weights)
        # A neuron's sum has 17 operands, its tanh one; the loss y − t, its square and a product.
        forward = 8 * 18 * layers + 17 + 5
        assert cost.numerical_operations == 2 * weights * forward
        # Nothing goes back to the inputs, nor to the constants of the loss.
        assert cost.reverse_operations == forward + 8 * 10 + 8 * 18 * (layers - 1) + 17 + 3
        assert cost.difference < 1e-7
    assert found["slopes"]["numerical_operations"] == pytest.approx(2.0, abs=0.05)
    assert found["slopes"]["reverse_operations"] == pytest.approx(1.0, abs=0.1)
    assert demo.slope([1.0, 2.0, 7.0], [5.0, 40.0, 1715.0]) == pytest.approx(3.0)
    problem = demo.Problem(3)
    assert demo.furthest(problem.numerical(1e-14), problem.reverse()) > 1e-7


# Digits


def test_digits_are_read(numbers: Numbers) -> None:
    found = numbers("digits")
    xs, ys = found["held_out"]
    read = outputs(matrices(found["model"]), np.array(xs).T, np.tanh, linear).argmax(axis=0)
    assert found["accuracy"] == pytest.approx(np.mean(read == ys), abs=0.011)  # ties may be read so
    assert found["accuracy"] > 0.85
    assert found["loss"][-1] < found["loss"][0] / 4
    counts = np.array(found["confusion"])
    assert counts.sum(axis=1).tolist() == [ys.count(digit) for digit in range(10)]
    assert counts.trace() / counts.sum() == found["accuracy"]
    assert found["exact"] is True


def test_digits_that_come_back_changed_are_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = load("digits")
    right = demo.reloaded

    def changed(model: Any, path: Path) -> Any:
        again = right(model, path)
        weight = again.parameters()[0]
        weight.data = math.nextafter(weight.data, math.inf)
        return again

    monkeypatch.setattr(demo, "reloaded", changed)
    monkeypatch.setattr(demo, "train", lambda *_: History(loss=[float(k) for k in range(1, 9)]))
    monkeypatch.setattr(demo, "draw_misread", lambda *_: None)
    assert demo.main(tmp_path, quick=True)["exact"] is False
    capsys.readouterr()


def test_digits_held_out_are_not_learnt_from() -> None:
    _, training, held_out, _, _ = load("digits").prepared(quick=False)
    every = sorted(zip(*data.digits(), strict=True))
    assert sorted([*zip(*training, strict=True), *zip(*held_out, strict=True)]) == every


def test_only_the_most_common_mistakes_are_listed() -> None:
    told = load("digits").most_common_mistake
    counts = [[9 * (i == j) for j in range(10)] for i in range(10)]
    assert told(counts) == "none"
    counts[8][1] = 5
    assert told(counts).startswith("8 as 1,")
    counts[1][9] = counts[2][0] = counts[3][0] = 5
    assert "1 as 9, 2 as 0, 3 as 0 and 1 more" in told(counts)


# Moons


def test_moons_are_told_apart(numbers: Numbers) -> None:
    found = numbers("moons")
    xs, ys = (np.array(part) for part in found["points"])
    scores = outputs(matrices(found["model"]), xs.T, relu, linear)[0]
    assert found["accuracy"] == pytest.approx(np.mean((scores > 0) == (ys > 0)))
    assert found["accuracy"] > 0.98
    assert found["right"][0] < 0.7
    assert found["loss"][-1] < found["loss"][0] / 10
