"""The demos of the lecture notes' formulas: they run, they draw, and what they claim holds.

One number of each is held to a closed form or to a complex step, which know no rule of the engine. A
demo that compares two ways to a gradient must see the difference when one of them is made wrong.
"""

import math
import random
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from autograd_lite.losses import half_squared_error

from ..support.demo import check_pictures, load, verdicts
from ..support.networks import complex_step, matrices, outputs
from ..support.networks import sigmoid as logistic

Array = Any
Numbers = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.usefixtures("beside_the_demos")


@pytest.mark.parametrize(
    "name",
    [
        "chain_rule", "logistic_errata", "logistic_regression", "perceptron", "second_derivative",
        "tanh_mlp", "two_layer_errata", "two_layer_network",
    ],
)  # fmt: skip
def test_runs_and_draws(name: str, numbers: Numbers) -> None:
    check_pictures(name, numbers(name))


def log_loss(a: Any, y: Any) -> Any:
    return -(y * np.log(a) + (1 - y) * np.log(1 - a))


@pytest.mark.parametrize(
    ("slope", "holds"), [(math.cos, True), (math.sin, False), (lambda x: math.cos(x) + 1e-4, False)]
)
def test_the_judge_of_claims(slope: Callable[[float], float], holds: bool) -> None:
    common = import_module("common")
    report = common.judged(math.sin, [lambda x, _: slope(x)], 0.4)
    assert report.ok is holds
    assert ("WRONG" in common.verdict(report)) is not holds
    several = common.judged(lambda x, y: x * y, lambda xs, _: [xs[1], xs[0]], [2.0, 5.0])
    assert several.ok
    assert len(several.entries) == 2


# The chain rule


def test_the_chain_rule(numbers: Numbers) -> None:
    found = numbers("chain_rule")
    first, second = 3.0 * math.sin(1.5), 2.25 * math.cos(1.5)
    shares = found["share y1"], found["share y2"], found["dz/dx"]
    assert shares == pytest.approx((first, second, first + second), rel=1e-13)
    assert [found[f"g'({t})"] for t in ("-1", "0.5", "2")] == pytest.approx([1.0, 1.75, 16.0])
    assert found["worst difference of the sums"] < 1e-10
    assert verdicts(found) == {
        "+=": True, "= keeps y₁": False, "= keeps y₂": False,
        "each its own x": True, "one x for all": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("p", "t", "loss", "slope"),
    [(0, 0, 0, 1), (1, 1, 0, -1), (0, 1, math.inf, -math.inf), (1, 0, math.inf, math.inf)],
)
def test_losses_at_the_corners(p: int, t: int, loss: float, slope: float, numbers: Numbers) -> None:
    found = numbers("chain_rule")
    assert found[f"log loss({p}, {t})"] == loss
    assert found[f"log loss slope({p}, {t})"] == slope
    assert found[f"half squared({p}, {t})"] == (p - t) ** 2 / 2
    z = 2000 * p - 1000
    assert found[f"logit loss({z}, {t})"] == 1000 * (p != t)
    assert found[f"logit slope({z}, {t})"] == p - t


# Logistic regression


def test_one_sample_of_logistic_regression(numbers: Numbers) -> None:
    found = numbers("logistic_regression")
    p = [0.4, 0.8, -0.3, 1.5, -0.5]
    for name, loss in (("log_loss", log_loss), ("half_squared", lambda a, y: 0.5 * (a - y) ** 2)):
        for label, columns in ((0.0, found[name][:2]), (1.0, found[name][2:])):
            slopes = complex_step(
                lambda q, loss=loss, y=label: loss(logistic(q[:2] @ q[3:] + q[2]), y),  # type: ignore[misc]
                p,
            )
            for column in columns:
                assert list(column.values())[3:] == pytest.approx(slopes, rel=1e-12)


def test_three_ways_of_descent_agree(numbers: Numbers) -> None:
    found = numbers("logistic_regression")
    X, Y = map(np.array, load("logistic_regression").samples(30))
    w = np.zeros(3)
    for _ in range(60):
        w -= 0.5 * complex_step(lambda p: np.mean(log_loss(logistic(X @ p[:2] + p[2]), Y)), w)
    for path in found["paths"].values():
        np.testing.assert_allclose(path[-1], w, rtol=1e-9)
    one, other = found["half squared paths"].values()
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_the_faults_of_logistic_regression(numbers: Numbers) -> None:
    found = numbers("logistic_errata")
    assert verdicts(found) == {"never reset": False}
    assert found["a at 40"] == found["dz from the logit"] == 1.0
    away = {name: distances[-1] for name, distances in found["away"].items()}
    assert away["n = 30, divided by n"] < away["n = 5, divided by n"] < away["n = 30, a sum"]
    (slope,) = complex_step(lambda a: logistic(a[0]), [0.7])
    claims = {name: row for name, row in found.items() if isinstance(row, tuple)}
    assert [ok for _, _, ok in claims.values()] == [False, True, True, False, True]
    for (claimed, true, ok), sign in zip(claims.values(), (-1, 1), strict=False):
        assert (claimed, true) == pytest.approx((slope, sign * slope), rel=1e-7)
        assert ok == (sign == 1)


# The network of two layers


def test_formulas_of_the_network_of_two_layers(numbers: Numbers, monkeypatch: pytest.MonkeyPatch) -> None:
    found, demo = numbers("two_layer_network"), load("two_layer_network")
    assert len(found) > 13
    assert all(off < 1e-9 for name, off in found.items() if name[0] == "d" or "apart" in name)
    monkeypatch.setattr(demo, "binary_cross_entropy", half_squared_error)
    assert min(demo.the_summary(3).values()) > 1e-2
    monkeypatch.setitem(demo.UNITS, "tanh", (np.tanh, lambda z: np.tanh(z) * (1 - np.tanh(z))))
    assert demo.any_depth(10)["layerwise apart"] > 1e-3


def test_the_network_of_two_layers_by_the_complex_step() -> None:
    demo, rng = load("two_layer_network"), random.Random(0)
    model, x = demo.two_layers(3, 4, rng), demo.inputs(3, rng)
    first, second = matrices(model)

    def loss(W: Array) -> Any:
        out = outputs([W, second], demo.column(x), logistic, logistic)
        return log_loss(out, 1.0)[0, 0]

    truth = complex_step(loss, first)
    pairs = demo.summary(model, x, 1.0)
    for weights, biases in zip(pairs["dW¹ = dz¹ xᵀ"], pairs["db¹ = dz¹"], strict=True):
        np.testing.assert_allclose(np.hstack([weights, biases]), truth, rtol=1e-10, atol=1e-14)


def test_the_faults_of_the_network_of_two_layers(numbers: Numbers) -> None:
    said = verdicts(numbers("two_layer_errata"))
    assert said == {claim: not claim.endswith(")") for claim in said}  # a source in parentheses
    assert sum(said.values()) == 6 == len(said) / 2


# The tanh network


def test_the_recursion_of_the_tanh_network(numbers: Numbers) -> None:
    found, demo = numbers("tanh_mlp"), load("tanh_mlp")
    assert found["deltas apart"] < 1e-11
    assert found["gradients apart"] < 1e-11
    assert found["last loss"] < found["first loss"] / 10
    model, x, t = demo.random_network([3, 4, 2], 1)
    weights = matrices(model)

    def loss(biases: Array) -> Any:
        first = np.column_stack([weights[0][:, :-1], biases])
        out = outputs([first, weights[1]], np.array([x]).T, np.tanh, lambda z: z)
        return 0.5 * np.sum((out[:, 0] - t) ** 2)

    rows = [W.tolist() for W in weights]
    delta = demo.backward(rows, demo.forward(rows, x), t)
    assert delta[0] == pytest.approx(complex_step(loss, weights[0][:, -1]), rel=1e-11)


def test_a_wrong_recursion_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("tanh_mlp")
    right = demo.backward
    assert max(demo.compare([2, 3, 2], 0, shown=False)) < 1e-12
    monkeypatch.setattr(  # without the slope of tanh
        demo, "backward", lambda W, z, t: right(W, [[0.0] * len(k) for k in z[:-1]] + z[-1:], t)
    )
    assert min(demo.compare([2, 3, 2], 0, shown=False)) > 1e-3


# The perceptron


def test_the_perceptron(numbers: Numbers) -> None:
    found = numbers("perceptron")
    x, W = np.array([1.5, 0.5, 1.0]), np.array([0.3, -0.8, 0.1])
    gradient = complex_step(lambda w: 0.5 * (1 - logistic(w @ x)) ** 2, W)
    assert found["W1"] == pytest.approx(W[0] - 0.5 * gradient[0], rel=1e-13)
    assert (found["Delta"], found["dE/din"]) == pytest.approx((-gradient[2], gradient[2]), rel=1e-13)
    assert max(found["step apart"], found["hidden step apart"]) < 1e-12
    assert verdicts(found) == {"Δ": False, "−Δ": True}
    # The half squared error of XOR is convex in no way, but 1/2 everywhere is the best of a cliff.
    assert found["E of OR"] < 0.03 < found["least E"] == 0.5
    assert 0.5 - 1e-9 < found["E of XOR"] < 0.51


# Derivatives of derivatives


def test_second_derivatives(numbers: Numbers) -> None:
    found = numbers("second_derivative")
    cube = {"y": 3.375, "y′": 6.75, "y″": 9.0, "y‴": 6.0}
    assert {name: found[name] for name in cube} == pytest.approx(cube, rel=1e-15)
    (slope,) = complex_step(lambda z: (logistic(z[0]) - 1) ** 2 / 2, [-2.0])
    assert found["L′"] == pytest.approx(slope, rel=1e-13)
    assert found["L″ by differences"] == pytest.approx(found["L″"], rel=1e-7)
    assert found["L″ frozen"] > 0 > found["L″"]


def test_a_wrong_second_derivative_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("second_derivative")
    right = demo.gradients
    monkeypatch.setattr(demo, "gradients", lambda y, x: right(y, x) + 1e-3)
    with pytest.raises(AssertionError):
        demo.frozen_slope()
