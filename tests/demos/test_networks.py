"""The demos of networks: they run, they draw, and what they claim holds.

One number of each is held to the lectures' digits, to NumPy's matrices or to a closed form.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ..support.demo import check_pictures, load, verdicts
from ..support.networks import complex_step, descend, matrices, outputs
from ..support.networks import sigmoid as logistic

Array = Any
Numbers = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.usefixtures("beside_the_demos")


@pytest.mark.parametrize("name", ["activations", "gradient_check", "softmax", "vanishing_gradients", "xor"])
def test_runs_and_draws(name: str, numbers: Numbers) -> None:
    check_pictures(name, numbers(name))


# XOR


def test_xor_with_fixed_weights(numbers: Numbers) -> None:
    found = numbers("xor")
    digits = [0.149132886381, 0.893163783089, 0.893163783089, 0.149132886381]
    assert found["fixed"] == pytest.approx(digits, abs=1e-12)
    for F, corners in found["sharper"].items():
        assert np.abs(np.array(corners) - [0, 1, 1, 0]).max() < 20 * math.exp(-F / 2)


@pytest.mark.parametrize(("key", "fault"), [("right", False), ("faulty", True)])
def test_xor_trains_as_the_formulas_do(key: str, fault: bool, numbers: Numbers) -> None:
    found = numbers("xor")
    _, corners, _ = descend(load("xor").lecture_xor(), 4, 0.03, fault=fault)
    assert found[key] == pytest.approx(corners.tolist(), rel=1e-10)


def test_the_digits_of_the_notes_are_those_of_the_fault() -> None:
    demo = load("xor")
    _, corners, layers = descend(demo.lecture_xor(), demo.STEPS, demo.RATE, fault=True)
    assert corners.tolist() == pytest.approx(demo.PRINTED, abs=1e-9)
    for layer, printed in zip(layers, demo.PRINTED_LAYERS, strict=True):
        assert layer.ravel().tolist() == pytest.approx(printed, abs=1e-6)


def test_a_wrong_gradient_may_go_down_and_a_large_step_up() -> None:
    data = load("xor").lecture_xor()
    right, faulty, careful = (
        np.array(descend(data, 200, lr, fault=fault)[0])
        for lr, fault in ((0.03, False), (0.03, True), (0.01, False))
    )
    assert (faulty < right)[50:170].all()
    assert np.diff(right).max() > 10.0
    assert np.diff(careful).max() < 0.0


def test_xor_shows_which_bias_gradient_is_wrong(numbers: Numbers) -> None:
    (b1, d1), (b2, d2) = numbers("xor")["bias_gradients"]
    assert (b1, b2) == pytest.approx((d1, d2), rel=1e-6)
    assert abs(b1 - b2) > 0.1


# Gradient checks


def test_gradient_check_repeats_the_lecture(numbers: Numbers) -> None:
    found, demo = numbers("gradient_check"), load("gradient_check")
    _, derivatives = zip(*demo.PRINTED, strict=True)
    assert found["lecture"] == pytest.approx(derivatives, rel=1e-13)
    assert found["lecture_differences"] == pytest.approx(derivatives, rel=1e-8)


def test_gradient_check_of_all_parameters(numbers: Numbers) -> None:
    found, demo = numbers("gradient_check"), load("gradient_check")
    assert verdicts(found) == dict.fromkeys(demo.FAULTS, False) | {"neither fault": True}
    assert found["gradcheck"] is True
    problem = demo.deep_problem()
    assert found["differences"] == pytest.approx(found["gradient"], rel=1e-7)
    # Without += both hidden layers are wrong, 9 and 12 parameters; with one bias for a layer, all
    # biases but the last of each.
    for faults, wrong in (((), 0), (demo.FAULTS[:1], 21), (demo.FAULTS[1:], 5)):
        assert demo.disagree(demo.lecture_gradient(problem, *faults), found["gradient"]) == wrong
    first, *rest = matrices(problem.model)

    def loss(W: Array) -> Any:
        out = outputs([W, *rest], np.array([problem.x]).T, logistic, logistic)
        return 0.5 * np.sum((out[:, 0] - problem.target) ** 2)

    slopes = complex_step(loss, first).ravel()
    assert found["gradient"][: len(slopes)] == pytest.approx(slopes, rel=1e-11)


def test_gradient_check_along_a_direction(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    along = float(np.dot(found["gradient"], found["direction"]))
    *right, faulty = found["directional"].values()
    assert right == pytest.approx([along] * 3, rel=1e-7)
    assert abs(faulty - along) > 0.05
    assert abs(found["equation_7"] - found["gradient"][0]) > 0.01


def test_the_best_step_is_between_truncation_and_rounding(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    by_step = dict(zip(map("{:.0e}".format, found["steps"]), found["errors"], strict=True))
    assert 1e-7 < found["best"] < 1e-3
    # Truncation goes with h²: a tenth of the step leaves a hundredth of it.
    assert by_step["1e-01"] / by_step["1e-02"] == pytest.approx(100.0, rel=0.05)
    assert by_step["1e-05"] < 1e-4 * min(by_step["1e-01"], by_step["1e-15"])


# Activations


def test_the_table_of_activations(numbers: Numbers) -> None:
    found = numbers("activations")
    assert {name: slope for name, (slope, _) in found["largest"].items()} == pytest.approx(
        {"sigmoid": 0.25, "tanh": 1, "ReLU": 1, "leaky ReLU, k = 0.1": 1, "linear": 1}
        | {"ELU, k = 1": 1, "ELU, k = 2": 2}
    )
    for left, right, chosen in found["kinks"].values():
        assert min(left, right) - 1e-6 <= chosen <= max(left, right) + 1e-6
    assert (found["gradcheck_notes"], found["gradcheck_elu"]) == (False, True)
    slope = math.exp(-1.0)
    assert found["elu_engine"] == pytest.approx(slope, rel=1e-14)
    assert (found["elu_plus_k"], found["elu_minus_k"]) == pytest.approx((slope, slope - 2))
    assert (found["leaky_0"], found["leaky_1"]) == (0.0, 1.0)
    assert math.isnan(found["tanh_quotient"])
    assert found["tanh_slope_20"] == pytest.approx(4.0 * math.exp(-40.0), rel=1e-13)


def test_a_dead_relu_stays_dead(numbers: Numbers) -> None:
    errors = numbers("activations")["errors"]
    assert set(errors["ReLU"]) == {0.9375}  # the mean of x²/2
    assert all(run[-1] < 1e-2 * run[0] for name, run in errors.items() if name != "ReLU")


# Vanishing gradients


def test_gradients_vanish_with_the_depth(numbers: Numbers) -> None:
    found = numbers("vanishing_gradients")
    for w, slopes in found["chains"].items():
        assert slopes == pytest.approx([(w / 4.0) ** n for n in range(1, 21)], rel=1e-12)
    firsts = found["first_layer"]
    assert firsts["sigmoid"][-1] < 1e-9 < 1e-3 < min(firsts["tanh"][-1], firsts["relu"][-1])
    for unit in ("linear", "sigmoid"):
        assert found[f"{unit}_delta"] == pytest.approx(found[f"{unit}_error"], rel=1e-13)
    assert sum(found["dead"]["relu"]) > 1.0
    assert set(found["dead"]["leaky_relu"]) == {0.0}


# Softmax


def test_the_gradient_of_softmax_at_the_logits(numbers: Numbers) -> None:
    found = numbers("softmax")
    y = np.exp([1.0, -0.5, 0.3]) / np.exp([1.0, -0.5, 0.3]).sum()
    slopes = y - [1.0, 0.0, 0.0]
    for way, rel in (("swept", 1e-13), ("formula", 1e-13), ("differences", 1e-7)):
        assert found[way] == pytest.approx(slopes, rel=rel)
    assert np.array(found["jacobian"]) == pytest.approx(np.diag(y) - np.outer(y, y), rel=1e-13)
    assert found["elementwise"] == pytest.approx([y[0] - 1, 0, 0])
    assert min(abs(slopes[1:])) > 0.1  # what the elementwise rule misses
    assert (found["indicator"], found["loss"]) == pytest.approx((-math.log(y[0]),) * 2)
    assert abs(found["of_all"]) > 2 * abs(found["of_one"])


def test_softmax_networks_learn(numbers: Numbers) -> None:
    found = numbers("softmax")
    assert found["accuracy"] > 0.9
    assert found["losses"][-1] < found["losses"][0] / 2
    assert found["hidden_losses"][-1] < found["hidden_losses"][0] / 2
