"""The demos of networks, held to NumPy's matrix formulas, complex steps and the lectures' digits.

The references know nothing of the engine: layers as matrices, all samples at once. A long training
multiplies the rounding of its sums, so its end is compared to 1e-9.
"""

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_lite.show import engines

from .demo import load, run

Array = np.ndarray[Any, np.dtype[Any]]
Numbers = Callable[[str], dict[str, Any]]

FIXED = [0.149132886381, 0.893163783089, 0.893163783089, 0.149132886381]
RIGHT = [0.0237200652, 0.9645614661, 0.9642003386, 0.0493232531]
PRINTED = [0.0258780857113, 0.96419601442, 0.966669564212, 0.0487062060114]
pytestmark = pytest.mark.usefixtures("beside_the_demos")

CORNERS = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])


def process(name: str, folder: Path, *pictures: str) -> str:
    """The output of a demo as a process that turns warnings into errors; its pictures are there."""
    out = run(name, folder)
    for picture in pictures:
        assert (folder / "out" / f"{picture}.png").read_bytes().startswith(b"\x89PNG")
    return out


def circuits(*names: str) -> tuple[str, ...]:
    return names if engines.available() else ()


def logistic(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def parameters(model: Any) -> list[tuple[Array, Array]]:
    """The weight matrix and the biases of every layer."""
    return [
        (
            np.array([[w.data for w in neuron.w] for neuron in layer.neurons]),
            np.array([[neuron.b.data] for neuron in layer.neurons]),
        )
        for layer in model.layers
    ]


# XOR


def train_xor(
    steps: int, *, fault: bool = False, eta: float = 0.03
) -> tuple[list[float], list[float], list[Array]]:
    """The lecture's training on arrays: outputs at the corners, errors, first bias gradients."""
    rng = np.random.RandomState(1)
    W, V = 0.5 * rng.randn(2, 2), 0.5 * rng.randn(1, 2)
    b, c = 0.5 * rng.randn(2, 1), 0.5 * rng.randn(1, 1)
    x = (rng.rand(2, 1000) > 0.5).astype(float)
    x = x + 0.1 * rng.randn(2, 1000)
    y = np.logical_xor(x[0] > 0.5, x[1] > 0.5).astype(float)
    errors, first = [], []
    for _ in range(steps):
        h = logistic(W @ x + b)
        out = logistic(V @ h + c)
        errors.append(float(0.5 * ((out - y) ** 2).sum()))
        delta = (out - y) * out * (1 - out)
        below = V.T @ delta * h * (1 - h)
        slope = below.sum(axis=1, keepdims=True)
        first.append(slope)
        W, V = W - eta * below @ x.T, V - eta * delta @ h.T
        b = b - eta * (slope[-1] if fault else slope)
        c = c - eta * delta.sum(axis=1, keepdims=True)
    return logistic(V @ logistic(W @ CORNERS + b) + c)[0].tolist(), errors, first


def test_xor_with_fixed_weights(numbers: Numbers) -> None:
    assert numbers("xor")["fixed"] == pytest.approx(FIXED, abs=1e-12)


@pytest.mark.parametrize(("key", "fault"), [("right", False), ("faulty", True)])
def test_xor_trains_as_the_formulas_do(numbers: Numbers, key: str, fault: bool) -> None:
    found = numbers("xor")
    errors = found["faulty_errors" if fault else "errors"]
    outputs, expected, _ = train_xor(len(errors), fault=fault)
    assert errors == pytest.approx(expected, rel=1e-11)
    assert found[key] == pytest.approx(outputs, rel=1e-11)
    assert found[key] != pytest.approx(train_xor(len(errors), fault=not fault)[0], rel=1e-3)


def test_xor_shows_which_bias_gradient_is_wrong(numbers: Numbers) -> None:
    _, _, (expected, *_) = train_xor(1)
    for (swept, differenced), slope in zip(
        numbers("xor")["bias_gradients"], expected.ravel(), strict=True
    ):
        assert swept == pytest.approx(slope, rel=1e-11)
        assert differenced == pytest.approx(slope, rel=1e-6)
    assert abs(expected[0, 0] - expected[1, 0]) > 1.0


def test_xor_formulas_give_the_digits() -> None:
    outputs, errors, _ = train_xor(200)
    assert outputs == pytest.approx(RIGHT, abs=1e-9)
    assert (errors[0], errors[-1]) == pytest.approx((126.2757, 1.6650509), abs=5e-5)
    assert errors[-1] == pytest.approx(1.6650509, abs=1e-7)
    assert train_xor(200, fault=True)[0] == pytest.approx(PRINTED, abs=1e-11)


def test_xor_peaks_are_the_step_size() -> None:
    assert max(np.diff(train_xor(200)[1])) > 10.0
    assert max(np.diff(train_xor(600, eta=0.01)[1])) < 0.0


def test_xor_engine_gives_the_digits(tmp_path: Path) -> None:
    demo = load("xor")
    assert demo.PRINTED == PRINTED
    layers = [
        [-3.2933533, -3.3736506, 4.72145779, -6.57363912, -6.7182171, 3.46844846],
        [9.89952122, -9.51866265, -4.20933528],
    ]
    assert layers == demo.PRINTED_LAYERS
    out = process("xor", tmp_path, "loss", "decision_boundary", *circuits("network", "circuit"))
    assert "\n    0.149132886381  0.893163783089  0.893163783089  0.149132886381\n" in out

    def rows(label: str) -> list[list[str]]:
        return [line.split() for line in re.findall(rf"^ +{label} +(-?\d.*)$", out, re.MULTILINE)]

    def numbers(row: list[str]) -> list[float]:
        return [float(x) for x in row]

    (right,) = rows("right gradients")
    assert numbers(right) == pytest.approx(RIGHT, abs=2e-10)
    assert {len(x) for x in right} == {12}
    faulty, *found = rows("with the bias fault")
    printed, *given = rows("printed in the notes")
    assert faulty == printed == [f"{x:.12f}" for x in PRINTED]
    assert found == given == [[f"{x:.7f}" for x in row] for row in layers]
    assert "126.2757, 1.6650509" in out
    assert "4.72145779 and 3.46844846" in out
    assert "1.25300933" in out


def test_xor_of_the_table_is_the_limit(numbers: Numbers) -> None:
    for F, found in numbers("xor")["sharper"].items():
        hs = logistic(F * (np.array([[1, -1], [-1, 1]]) @ CORNERS - 0.5))
        assert found == pytest.approx(logistic(F * (hs.sum(axis=0) - 0.5)).tolist(), rel=1e-12)
        assert found == pytest.approx([0, 1, 1, 0], abs=20 * math.exp(-F / 2))


# Gradient checks


def loss_of(layers: Sequence[tuple[Array, Array]], x: Array, target: Array) -> Any:
    h = x
    for W, b in layers:
        h = logistic(W @ h + b)
    return 0.5 * ((h - target) ** 2).sum()


def complex_gradient(problem: Any) -> list[float]:
    """Im E(θ + ih)/h for every parameter, in the order of the network's parameters."""
    x, target = np.array([problem.x]).T, np.array([problem.target]).T
    layers = [(W.astype(complex), b.astype(complex)) for W, b in parameters(problem.model)]
    found = []
    for W, b in layers:
        for i in range(len(b)):
            for array, place in [*((W, (i, j)) for j in range(W.shape[1])), (b, (i, 0))]:
                array[place] += 1e-20j
                found.append(float(loss_of(layers, x, target).imag / 1e-20))
                array[place] -= 1e-20j
    return found


def test_gradient_check_repeats_the_lecture(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    printed = [
        0.0031136087408337918,
        0.0031136087408337918,
        -0.0047451063432885328,
        -0.0047451063432885328,
        0.059325910360931711,
        0.053831228615190692,
    ]
    assert found["lecture"] == pytest.approx(printed, rel=1e-14)
    assert found["lecture_differences"] == pytest.approx(printed, rel=1e-8)
    assert found["lecture_missed"] == 0
    differences = [
        0.0031136092315531272,
        0.0031136092315531272,
        -0.0047451058360348242,
        -0.0047451058360348242,
        0.05932591112811636,
        0.053831228363776518,
    ]
    assert list(zip(differences, printed, strict=True)) == load("gradient_check").PRINTED


def test_gradient_check_of_all_parameters(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    exact = complex_gradient(load("gradient_check").deep_problem())
    assert len(exact) == 29
    assert found["gradient"] == pytest.approx(exact, rel=1e-12)
    assert found["differences"] == pytest.approx(exact, rel=1e-8)
    assert found["largest_error"] < 1e-8
    assert found["extrapolated_error"] < 1e-10
    assert found["gradcheck"] is True


def test_gradient_check_sees_both_faults(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    # Without += all of both hidden layers is wrong, 9 and 12 parameters; with one bias for a layer
    # all biases but the last.
    assert found["wrong_overwritten"] == 9 + 12
    assert found["wrong_one_bias"] == 2 + 2 + 1
    assert found["wrong_repaired"] == 0
    assert found["gradcheck_faults"] == [21, 5]
    disagree = load("gradient_check").disagree
    assert disagree([1.0, 2.0, 3.0], [1.0, 2.0 + 1e-5, -3.0]) == 2
    assert disagree([1.0, 2.0], [1.0, 2.0 + 1e-9]) == 0


def test_gradient_check_along_a_direction(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    problem = load("gradient_check").deep_problem()
    exact = complex_gradient(problem)
    along = float(np.dot(exact, found["direction"]))
    assert found["directional"] == pytest.approx(along, rel=1e-12)
    assert found["directional_forward"] == pytest.approx(along, rel=1e-12)
    assert found["directional_difference"] == pytest.approx(along, rel=1e-8)
    assert found["directional_faulty"] != pytest.approx(along, rel=0.5)
    assert found["equation_7"] != pytest.approx(exact[0], rel=0.5)
    unit = [2.0] + [0.0] * 28  # where equation 7 is right
    quotient = load("gradient_check").slope(problem.along(unit), 1e-5) / unit[0]
    assert quotient == pytest.approx(exact[0], rel=1e-6)


def test_gradient_check_finds_the_best_step(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    assert found["error_step"] < 1e-9
    assert found["error_lecture"] > 10 * found["error_step"]
    assert found["error_unit"] > 0.1


def test_gradient_check_runs_as_a_process(tmp_path: Path) -> None:
    out = process("gradient_check", tmp_path, "step_size")
    assert out.count("✗") == 1 + 21 + 5
    assert "all 29 derivatives agree" in out


# Activations


def test_largest_slopes(numbers: Numbers) -> None:
    largest = {name: slope for name, (slope, _) in numbers("activations")["largest"].items()}
    assert largest == pytest.approx(
        {
            "sigmoid": 0.25,
            "tanh": 1.0,
            "ReLU": 1.0,
            "leaky ReLU, k = 0.1": 1.0,
            "ELU, k = 1": 1.0,
            "linear": 1.0,
            "ELU, k = 2": 2.0,
        }
    )


def test_slopes_at_a_kink_are_between_the_one_sided_ones(numbers: Numbers) -> None:
    kinks = numbers("activations")["kinks"]
    expected = {
        "ReLU": (0.0, 1.0),
        "leaky ReLU, k = 0.1": (0.1, 1.0),
        "ELU, k = 1": (1.0, 1.0),
        "ELU, k = 2": (2.0, 1.0),
    }
    assert kinks.keys() == expected.keys()
    for name, (left, right, chosen) in kinks.items():
        assert (left, right) == pytest.approx(expected[name], abs=1e-6)
        assert min(expected[name]) <= chosen <= max(expected[name])


def test_what_the_table_of_activations_gets_wrong(numbers: Numbers) -> None:
    found = numbers("activations")
    assert found["elu_engine"] == pytest.approx(math.exp(-1.0), rel=1e-15)
    assert found["elu_plus_k"] == pytest.approx(math.exp(-1.0), rel=1e-15)
    assert found["elu_difference"] == pytest.approx(math.exp(-1.0), rel=1e-9)
    assert found["elu_minus_k"] == pytest.approx(math.exp(-1.0) - 2.0, rel=1e-15)
    assert (found["gradcheck_notes"], found["gradcheck_elu"]) == (False, True)
    assert (found["leaky_0"], found["leaky_1"]) == (0.0, 1.0)
    assert math.isnan(found["tanh_quotient"])
    assert found["tanh_711"] == 1.0
    assert found["tanh_slope_20"] == pytest.approx(4.0 * math.exp(-40.0), rel=1e-14)
    assert found["tanh_slope_20_textbook"] == 0.0


def test_a_dead_relu_stays_dead(numbers: Numbers) -> None:
    errors = numbers("activations")["errors"]
    x = np.array([0.5, 1.0, 1.5, 2.0])
    units: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
        "ReLU": (lambda a: np.maximum(a, 0), lambda a: (a > 0) * 1.0),
        "leaky ReLU, k = 0.1": (
            lambda a: np.where(a > 0, a, 0.1 * a),
            lambda a: np.where(a > 0, 1.0, 0.1),
        ),
        "ELU, k = 1": (
            lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))),
            lambda a: np.exp(np.minimum(a, 0)),
        ),
    }
    assert errors.keys() == units.keys()
    for name, (f, slope) in units.items():
        w, b, expected = 1.0, -3.0, []
        for _ in errors[name]:
            a = w * x + b
            expected.append(0.5 * np.mean((f(a) - x) ** 2))
            delta = (f(a) - x) * slope(a) / len(x)
            w, b = w - 0.3 * (delta @ x), b - 0.3 * delta.sum()
        assert errors[name] == pytest.approx(expected, rel=1e-8)
    assert set(errors["ReLU"]) == {0.9375}
    assert errors["leaky ReLU, k = 0.1"][-1] < 1e-3
    assert errors["ELU, k = 1"][-1] < 1e-3


def test_activations_runs_as_a_process(tmp_path: Path) -> None:
    assert "It is dead." in process("activations", tmp_path, "activations", "saturation")


# Vanishing gradients

SHAPES: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "sigmoid": (logistic, lambda z: logistic(z) * logistic(-z)),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
}


@pytest.mark.parametrize("name", SHAPES)
def test_deltas_are_those_of_the_recursion(numbers: Numbers, name: str) -> None:
    module = load("vanishing_gradients")
    xs, ys = module.samples(5)
    layers = parameters(module.deep_network(name, 20, 0))
    f, slope = SHAPES[name]
    h, sums = np.array(xs).T, []
    for W, b in layers:
        sums.append(W @ h + b)
        h = f(sums[-1])
    delta = sums[-1] - np.array([ys])  # the output is linear
    expected = [delta]
    for (W, _), z in zip(layers[:0:-1], sums[-2::-1], strict=True):
        delta = slope(z) * (W.T @ delta)
        expected.append(delta)
    found = numbers("vanishing_gradients")["layers"][name]
    assert found == pytest.approx(
        [math.sqrt(np.mean(each**2)) for each in reversed(expected)], rel=1e-9
    )


def test_sigmoids_vanish_and_the_others_do_not(numbers: Numbers) -> None:
    found = numbers("vanishing_gradients")
    first = {name: each[-1] for name, each in found["first_layer"].items()}
    assert first["sigmoid"] < 1e-11
    assert min(first["tanh"], first["relu"]) > 1e-3
    for name, each in found["layers"].items():
        assert each[0] == pytest.approx(first[name], rel=1e-12)


def test_a_chain_of_sigmoids_may_shrink_keep_or_grow(numbers: Numbers) -> None:
    for w, slopes in numbers("vanishing_gradients")["chains"].items():
        expected = [(w / 4.0) ** depth for depth in range(1, len(slopes) + 1)]
        assert slopes == pytest.approx(expected, rel=1e-12)


def test_delta_at_the_output_is_the_error(numbers: Numbers) -> None:
    found = numbers("vanishing_gradients")
    assert found["linear_delta"] == pytest.approx(found["linear_error"], rel=1e-15)
    assert found["sigmoid_delta"] == pytest.approx(1 / (1 + math.exp(-0.7)) - 1, rel=1e-14)
    assert abs(found["linear_delta"]) > 0.25


def test_dead_units_are_counted(numbers: Numbers) -> None:
    module = load("vanishing_gradients")
    xs, _ = module.samples(20)
    h, expected = np.array(xs).T, []
    for W, b in parameters(module.deep_network("relu", 20, 0))[:-1]:
        h = np.maximum(W @ h + b, 0)
        expected.append(float(np.mean((h == 0).all(axis=1))))
    dead = numbers("vanishing_gradients")["dead"]
    assert dead["relu"] == pytest.approx(expected)
    assert sum(expected) > 1.0
    assert set(dead["leaky_relu"]) == {0.0}


def test_vanishing_gradients_runs_as_a_process(tmp_path: Path) -> None:
    assert "per layer" in process("vanishing_gradients", tmp_path, "vanishing_gradients")


# Softmax


def shares(z: Array) -> Array:
    e = np.exp(z - z.max(axis=0))
    found: Array = e / e.sum(axis=0)
    return found


def test_softmax_gradient_at_the_logits(numbers: Numbers) -> None:
    found = numbers("softmax")
    y = shares(np.array([1.0, -0.5, 0.3]))
    expected = y - np.array([1.0, 0.0, 0.0])
    assert found["swept"] == pytest.approx(expected, rel=1e-14)
    assert found["formula"] == pytest.approx(expected, rel=1e-14)
    assert found["differences"] == pytest.approx(expected, rel=1e-8)
    assert np.array(found["jacobian"]) == pytest.approx(np.diag(y) - np.outer(y, y), rel=1e-14)
    assert found["loss"] == pytest.approx(-math.log(y[0]), rel=1e-14)
    assert found["indicator"] == pytest.approx(-math.log(y[0]), rel=1e-14)


def test_softmax_needs_the_sum_over_the_outputs(numbers: Numbers) -> None:
    found = numbers("softmax")
    off = np.abs(np.array(found["elementwise"]) - np.array(found["differences"]))
    assert off[0] < 1e-8
    assert min(off[1:]) > 0.1


def test_one_sample_gradients_average_to_that_of_the_mean(numbers: Numbers) -> None:
    found = numbers("softmax")
    x, t, W, b = regression(found, "start")
    expected = float(((shares(W @ x + b) - t) @ x.T / x.shape[1])[0, 0])
    assert found["gradient_of_mean"] == pytest.approx(expected, rel=1e-11)
    assert found["mean_of_gradients"] == pytest.approx(expected, rel=1e-11)


def regression(found: dict[str, Any], key: str) -> tuple[Array, Array, Array, Array]:
    """The samples and one-hot targets as columns, and the weights and biases under ``key``."""
    xs, ys = found["data"]
    state = found[key]
    W = [[state[f"layer1.neuron{k}.w_{j}"] for j in (1, 2)] for k in (1, 2, 3)]
    b = [[state[f"layer1.neuron{k}.b"]] for k in (1, 2, 3)]
    return np.array(xs).T, np.eye(3)[ys].T, np.array(W), np.array(b)


def test_softmax_regression_trains_as_the_formulas_do(numbers: Numbers) -> None:
    found = numbers("softmax")
    x, t, W, b = regression(found, "start")
    losses = []
    for _ in found["losses"]:
        y = shares(W @ x + b)
        losses.append(-np.log((y * t).sum(axis=0)).mean())
        delta = (y - t) / x.shape[1]
        W, b = W - 0.5 * delta @ x.T, b - 0.5 * delta.sum(axis=1, keepdims=True)
    assert found["losses"] == pytest.approx(losses, rel=1e-11)
    _, _, trained, biases = regression(found, "weights")
    assert trained == pytest.approx(W, rel=1e-10)
    assert biases == pytest.approx(b, rel=1e-10)
    right = (W @ x + b).argmax(axis=0) == t.argmax(axis=0)
    assert found["accuracy"] == np.mean(right)
    assert found["accuracy"] > 0.9


def test_softmax_runs_as_a_process(tmp_path: Path) -> None:
    out = process("softmax", tmp_path, "decision_regions", *circuits("circuit"))
    plain, wound = (float(x) for x in re.findall(r"([\d.]+)% right", out))
    assert plain > 94.0
    assert wound > 98.0
