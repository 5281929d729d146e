"""The demos of the lecture notes' formulas, held to closed forms and to complex-step derivatives.

The complex step, Im f(x + ih)/h with h = 1e-20, has no cancellation and knows no rule of the engine.
"""

import math
import random
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from autograd_lite.losses import half_squared_error
from autograd_lite.show import engines

from .demo import load, run

Array = np.ndarray[Any, np.dtype[Any]]
Numbers = Callable[[str], dict[str, float]]
pytestmark = pytest.mark.usefixtures("beside_the_demos")

NAMES = ("chain_rule", "logistic_regression", "perceptron", "tanh_mlp", "two_layer_network")


def complex_step(f: Callable[[Array], Any], x: Any) -> Array:
    """The gradient of a function of an array, an entry at a time."""
    x = np.asarray(x, dtype=float)
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[i] += 1e-20j
        slopes[i] = f(moved).imag / 1e-20
    return slopes


def logistic(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize("name", NAMES)
def test_runs_as_a_process_and_draws(name: str, tmp_path: Path) -> None:
    out = run(name, tmp_path)
    assert len(out.splitlines()) > 8
    pictures = {file.stem for file in (tmp_path / "out").glob("*.png")}
    assert len(pictures) >= 2
    for file in (tmp_path / "out").glob("*.png"):
        assert file.read_bytes().startswith(b"\x89PNG")
    circuits = {file.stem for file in (tmp_path / "out").glob("*.dot")}
    assert circuits
    assert not engines.available() or circuits <= pictures


@pytest.mark.parametrize("name", NAMES)
def test_does_without_graphviz(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "available", list)
    load(name).main(tmp_path, quick=True)
    assert "pip install" in capsys.readouterr().out
    assert list(tmp_path.glob("*.dot"))
    assert list(tmp_path.glob("*.png"))
    assert not list(tmp_path.glob("*.svg"))


# The chain rule


def test_two_paths_and_the_total_derivative(numbers: Numbers) -> None:
    found = numbers("chain_rule")
    x = 1.5
    assert found["share y1"] == pytest.approx(2 * x * math.sin(x), rel=1e-15)
    assert found["share y2"] == pytest.approx(x * x * math.cos(x), rel=1e-14)
    by_step = complex_step(lambda t: t[0] ** 2 * np.sin(t[0]), [x])[0]
    assert found["dz/dx"] == pytest.approx(by_step, rel=1e-14)
    assert (found["g'(-1)"], found["g'(0.5)"], found["g'(2)"]) == (1.0, 1.75, 16.0)
    assert found["worst difference of the sums"] < 1e-13
    assert found["gradcheck +="]
    assert found["gradcheck each its own x"]
    for refused in ("= keeps y₁", "= keeps y₂", "one x for all"):
        assert not found[f"gradcheck {refused}"]


def test_losses_at_the_corners(numbers: Numbers) -> None:
    found = numbers("chain_rule")
    assert found["log loss(0, 0)"] == found["log loss(1, 1)"] == 0.0
    assert (found["log loss slope(0, 0)"], found["log loss slope(1, 1)"]) == (1.0, -1.0)
    assert (found["log loss slope(0, 1)"], found["log loss slope(1, 0)"]) == (-math.inf, math.inf)
    assert found["log loss(0, 1)"] == found["log loss(1, 0)"] == math.inf
    assert found["half squared(0, 1)"] == found["half squared(1, 0)"] == 0.5
    assert [found[f"logit loss({z}, {t})"] for z in (-1000, 1000) for t in (0, 1)] == [
        0.0, 1000.0, 1000.0, 0.0,
    ]  # fmt: skip
    assert [found[f"logit slope({z}, {t})"] for z in (-1000, 1000) for t in (0, 1)] == [
        0.0, -1.0, 1.0, 0.0,
    ]  # fmt: skip


# Logistic regression


def mean_log_loss(p: Array, X: Array, Y: Array) -> Any:
    a = logistic(X @ p[:2] + p[2])
    return -np.mean(Y * np.log(a) + (1 - Y) * np.log(1 - a))


def mean_half_squared(p: Array, X: Array, Y: Array) -> Any:
    return np.mean(0.5 * (logistic(X @ p[:2] + p[2]) - Y) ** 2)


def test_one_sample_of_logistic_regression(numbers: Numbers) -> None:
    found = numbers("logistic_regression")
    X, Y = np.array([[1.5, -0.5]]), np.array([1.0])
    for name, loss in (("log_loss", mean_log_loss), ("half_squared", mean_half_squared)):
        w1, _, b = complex_step(lambda p, loss=loss: loss(p, X, Y), [0.4, 0.8, -0.3])  # type: ignore[misc]
        for by in (f"{name} dw1", f"{name} dw1 by the notes"):
            assert found[by] == pytest.approx(w1, rel=1e-13)
        assert found[f"{name} dz"] == found[f"{name} db"] == pytest.approx(b, rel=1e-13)


def test_loop_vectorised_and_engine_descend_alike(numbers: Numbers) -> None:
    demo, found = load("logistic_regression"), numbers("logistic_regression")
    for how in ("loop", "vectorised", "half squared"):
        assert found[f"{how} apart"] < 1e-13
    X, Y = map(np.array, demo.samples(30))
    for loss, names in (
        (mean_log_loss, ("w1", "w2", "b")),
        (mean_half_squared, ("half squared w1",)),
    ):
        p = np.zeros(3)
        for _ in range(60):
            p -= demo.ETA * complex_step(lambda q, loss=loss: loss(q, X, Y), p)  # type: ignore[misc]
        assert [found[name] for name in names] == pytest.approx(p[: len(names)], rel=1e-11)
        if loss is mean_log_loss:
            assert found["loss"] == pytest.approx(loss(p, X, Y), rel=1e-12)


def test_the_loop_that_is_never_reset(numbers: Numbers) -> None:
    demo, found = load("logistic_regression"), numbers("logistic_regression")
    xs, ys = demo.samples(30)
    X, Y = np.array(xs[:4]), np.array(ys[:4])
    first = complex_step(lambda p: mean_log_loss(p, X, Y), np.zeros(3))
    second = complex_step(lambda p: mean_log_loss(p, X, Y), -demo.ETA * first)
    assert found["second gradient"] == pytest.approx(second[0], rel=1e-13)
    assert found["second gradient by differences"] == pytest.approx(second[0], rel=1e-9)
    assert found["second gradient as printed"] == pytest.approx(second[0] + first[0] / 4, rel=1e-12)
    assert not found["gradcheck never reset"]
    assert found["highest loss of the sum"] > 1.2 * found["lowest loss of the sum"]


def test_the_missing_minus_signs(numbers: Numbers) -> None:
    found = numbers("logistic_regression")
    slope = complex_step(lambda a: logistic(a[0]), [0.7])[0]
    assert slope == pytest.approx(0.221712873293, rel=1e-11)
    for formula, claimed, holds in (
        ("y = 1/(1 + exp(a)), as printed", slope, False),
        ("y = 1/(1 + exp(−a)), the sigmoid", slope, True),
        ("J = y*·log y + …, as printed", 1 / 0.3, True),
        ("−J, with the printed derivative", 1 / 0.3, False),
        ("−J, with (y − y*)/(y(1 − y))", -1 / 0.3, True),
    ):
        assert found[formula] == pytest.approx(claimed, rel=1e-14)
        assert found[f"gradcheck {formula}"] is holds
    assert found["printed a at 40"] == found["dz from the logit"] == 1.0


def test_a_wrong_dz_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    demo = load("logistic_regression")
    monkeypatch.setattr(demo, "binary_cross_entropy", half_squared_error)
    with pytest.raises(AssertionError):
        demo.one_sample(tmp_path)


# The network of two layers


def test_formulas_of_the_network_of_two_layers(numbers: Numbers) -> None:
    found = numbers("two_layer_network")
    assert found["summary apart"] < 1e-12
    assert found["layerwise apart"] < 1e-13
    verdicts = [held for name, held in found.items() if name.startswith("gradcheck ")]
    assert verdicts == [False, True] * 6  # a formula as printed, and as it should be
    assert all(found[f"{name} right"] < 1e-13 for name in ("da1", "dz1", "dW1", "db1", "dx"))


@pytest.mark.parametrize("seed", range(3))
def test_many_samples_at_once_by_the_complex_step(seed: int) -> None:
    demo = load("two_layer_network")
    rng, draws = random.Random(seed), np.random.default_rng(seed)
    network = demo.Network([3, 4, 1], ["sigmoid", "sigmoid"], rng)
    xs, ys = draws.normal(size=(6, 3)), draws.integers(0, 2, size=6).astype(float)
    pairs = demo.vectorised(network, xs, ys)
    parts = [network.weights(1), network.biases(1), network.weights(2), network.biases(2)]

    def loss(k: int, part: Array) -> Any:
        W, b, V, c = (part if i == k else each for i, each in enumerate(parts))
        p = logistic(V @ logistic(W @ xs.T + b) + c)[0]
        return -np.mean(ys * np.log(p) + (1 - ys) * np.log(1 - p))

    formulas = ("dW¹ = dZ¹ Xᵀ/n", "db¹ = Σ dZ¹/n", "dW² = dZ² A¹ᵀ/n", "db² = Σ dZ²/n")
    for k, formula in enumerate(formulas):
        truth = complex_step(lambda part, k=k: loss(k, part), parts[k])  # type: ignore[misc]
        for by in pairs[formula]:
            np.testing.assert_allclose(by, truth, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize(
    ("slope", "holds"), [(math.cos, True), (math.sin, False), (lambda x: math.cos(x) + 1e-4, False)]
)
def test_the_judge(slope: Callable[[float], float], holds: bool, beside_the_demos: None) -> None:
    common = import_module("common")
    report = common.judged(math.sin, [lambda x, _: slope(x)], 0.4)
    assert report.ok is holds
    assert common.verdict(report).startswith("all 1" if holds else "WRONG, 1 of 1")
    several = common.judged(lambda x, y: x * y, lambda xs, _: [xs[1], xs[0]], [2.0, 5.0])
    assert several.ok
    assert len(several.entries) == 2


@pytest.mark.parametrize("seed", range(3))
def test_network_of_two_layers_by_the_complex_step(seed: int) -> None:
    demo = load("two_layer_network")
    rng = random.Random(seed)
    network = demo.Network([3, 4, 1], ["sigmoid", "sigmoid"], rng)
    x = demo.inputs(3, rng)
    pairs = demo.summary(network, x, 1.0)
    X = demo.column(x)
    parts = [network.weights(1), network.biases(1), network.weights(2), network.biases(2)]

    def loss(k: int, part: Array) -> Any:
        W, b, V, c = (part if i == k else each for i, each in enumerate(parts))
        return -np.log(logistic(V @ logistic(W @ X + b) + c))[0, 0]

    for k, formula in enumerate(
        ("dW¹ = dz¹ xᵀ", "db¹ = dz¹", "dW² = (a² − y) a¹ᵀ", "db² = a² − y")
    ):
        truth = complex_step(lambda part, k=k: loss(k, part), parts[k])  # type: ignore[misc]
        for by in pairs[formula]:
            np.testing.assert_allclose(by, truth, rtol=1e-12, atol=1e-16)


def test_a_wrong_layerwise_formula_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("two_layer_network")
    monkeypatch.setitem(demo.SLOPES, "tanh", lambda z: np.tanh(z) * (1 - np.tanh(z)))
    assert demo.any_depth(10)["layerwise apart"] > 1e-3


# The tanh network


def test_tanh_network(numbers: Numbers) -> None:
    found = numbers("tanh_mlp")
    assert found["deltas apart"] < 1e-13
    assert found["gradients apart"] < 1e-13
    assert found["last loss"] < found["first loss"] / 20
    assert found["rms"] < 0.15
    assert math.isnan(found["quotient at 800"])
    assert found["tanh at 800"] == 1.0


def test_deltas_by_the_complex_step() -> None:
    demo = load("tanh_mlp")
    rng = np.random.default_rng(0)
    sizes = [3, 4, 3, 2]
    weights = [rng.normal(size=(n, m + 1)) for m, n in pairwise(sizes)]
    x, t = rng.normal(size=3), rng.normal(size=2)
    rows = [w.tolist() for w in weights]
    deltas = demo.backward(rows, demo.forward(rows, x.tolist()), t.tolist())

    def loss(k: int, shift: Array) -> Any:
        z: Array = x
        for i, w in enumerate(weights):
            a = w @ np.append(z, 1.0) + (shift if i == k else 0.0)
            z = a if i == len(weights) - 1 else np.tanh(a)
        return 0.5 * np.sum((z - t) ** 2)

    for k, delta in enumerate(deltas):
        truth = complex_step(lambda s, k=k: loss(k, s), np.zeros(sizes[k + 1]))  # type: ignore[misc]
        assert delta == pytest.approx(truth, rel=1e-12)


def test_a_wrong_recursion_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("tanh_mlp")
    right: Callable[..., list[list[float]]] = demo.backward

    def without_the_slope(weights: Any, layers: Any, t: Any) -> list[list[float]]:
        return right(weights, [[0.0] * len(z) for z in layers[:-1]] + layers[-1:], t)

    assert max(demo.compare([2, 3, 2], 0, shown=False)) < 1e-14
    monkeypatch.setattr(demo, "backward", without_the_slope)
    assert min(demo.compare([2, 3, 2], 0, shown=False)) > 1e-3


# The perceptron


def test_the_perceptron_rule_is_a_step_of_the_engine(numbers: Numbers) -> None:
    found = numbers("perceptron")
    assert found["step apart"] < 1e-15
    assert found["hidden step apart"] < 1e-14
    x, y = np.array([1.5, 0.5, 1.0]), 1.0
    W = np.array([0.3, -0.8, 0.1])
    gradient = complex_step(lambda w: 0.5 * (y - logistic(w @ x)) ** 2, W)
    assert found["W1"] == pytest.approx(W[0] - 0.5 * gradient[0], rel=1e-14)
    assert found["Delta"] == pytest.approx(-gradient[2], rel=1e-13)
    assert found["dE/din"] == pytest.approx(gradient[2], rel=1e-13)
    assert (found["gradcheck Δ"], found["gradcheck −Δ"]) == (False, True)


def test_the_perceptron_learns_or_and_not_xor(numbers: Numbers) -> None:
    found = numbers("perceptron")
    X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    Y = np.array([0, 1, 1, 0])

    def error(w: Array) -> float:
        return float(0.5 * np.sum((logistic(np.clip(X @ w, -500, 500)) - Y) ** 2))

    rng = np.random.default_rng(0)
    least = min(optimize.minimize(error, rng.normal(size=3) * 3).fun for _ in range(20))
    assert least == pytest.approx(0.5, abs=1e-6)
    assert found["least E"] == 0.5
    assert least - 1e-9 < found["E of XOR"] < 0.51
    assert found["E of OR"] < 0.03


def test_a_wrong_slope_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("perceptron")
    monkeypatch.setattr(demo, "slope", math.tanh)
    assert demo.hidden_rule(5)["hidden step apart"] > 1e-3
