"""The demos that train, held to the same training written in matrices with NumPy.

The references share the data, the first weights and the order of the samples with the demos, and
nothing else: gradients and update rules are formulas on arrays here.
"""

import copy
import math
import random
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from autograd_lite import data, optim
from autograd_lite.nn import MLP
from autograd_lite.show import engines

from .demo import DEMOS, load, run

Array = np.ndarray[Any, np.dtype[Any]]
Numbers = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.usefixtures("beside_the_demos")

NAMES = ("cost_of_gradients", "digits", "landscape", "moons", "optimisers")


def matrices(model: MLP) -> list[Array]:
    """W and b of each layer, in turn."""
    found = []
    for layer in model.layers:
        found.append(np.array([[w.data for w in neuron.w] for neuron in layer.neurons]))
        found.append(np.array([neuron.b.data for neuron in layer.neurons]))
    return found


def flat(parts: list[Array]) -> Array:
    """Weights or gradients in the order of ``model.parameters()``."""
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return np.concatenate([np.column_stack([W, b]).ravel() for W, b in pairs])


ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "tanh": (np.tanh, lambda h: 1.0 - h**2),
    "relu": (lambda z: np.maximum(z, 0.0), lambda h: (h > 0.0).astype(float)),
}


def outputs(parts: list[Array], xs: Array, activation: str) -> list[Array]:
    """What each layer gives for all samples at once, the inputs first."""
    layers, act = [xs], ACTIVATIONS[activation][0]
    for k in range(0, len(parts), 2):
        z = layers[-1] @ parts[k].T + parts[k + 1]
        layers.append(act(z) if k + 2 < len(parts) else z)
    return layers


def backward(parts: list[Array], layers: list[Array], delta: Array, activation: str) -> list[Array]:
    """Muzaffar's recursion: from ∂L/∂a of the outputs to the gradients of all weights."""
    slope = ACTIVATIONS[activation][1]
    gradients: list[Array] = []
    for k in range(len(parts) - 2, -1, -2):
        gradients[:0] = [delta.T @ layers[k // 2], delta.sum(axis=0)]
        delta = (delta @ parts[k]) * slope(layers[k // 2])
    return gradients


class AdamByHand:
    """Kingma and Ba's algorithm 1, with Loshchilov and Hutter's decay."""

    def __init__(self) -> None:
        self.t, self.m, self.v = 0, np.zeros(1), np.zeros(1)

    def step(self, w: Array, g: Array, lr: float, decay: float = 0.0) -> Array:
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.999 * self.v + 0.001 * g**2
        m, v = self.m / (1.0 - 0.9**self.t), self.v / (1.0 - 0.999**self.t)
        moved: Array = w - lr * decay * w - lr * m / (np.sqrt(v) + 1e-8)
        return moved


@pytest.mark.parametrize("name", NAMES)
def test_demos_run_as_processes(name: str, tmp_path: Path) -> None:
    out = run(name, tmp_path, quick=name not in ("landscape", "moons"))
    last = out.splitlines()[-1]
    assert last.startswith("The pictures ")
    for listed in last.split(": ")[1].rstrip(".").split(", "):
        file = tmp_path / "out" / (listed if "." in listed else f"{listed}.png")
        assert file.is_file() or (listed == "layers" and not engines.available())


# Optimisers


RATES = {"batch": 1.0, "momentum": 0.5, "minibatch": 0.2, "online": 0.05, "Adam": 0.2}


def errors_by_hand(demo: Any, name: str, passes: int, rate: float) -> list[float]:
    """The mean error after each epoch of a 1-6-1 tanh network, by formulas."""
    samples = demo.wave()
    xs, ys = np.array(samples[0]), np.array(samples[1])[:, None]
    parts = matrices(demo.network())
    shapes = [part.shape for part in parts]
    sizes = np.cumsum([part.size for part in parts])[:-1]
    w = np.concatenate([part.ravel() for part in parts])
    batch = {"batch": 60, "momentum": 60, "minibatch": 10, "online": 1, "Adam": 10}[name]
    rng, adam = random.Random(0), AdamByHand()
    velocity = np.zeros_like(w)

    def unpacked() -> list[Array]:
        return [part.reshape(s) for part, s in zip(np.split(w, sizes), shapes, strict=True)]

    def error() -> float:
        return float(np.mean(0.5 * (outputs(unpacked(), xs, "tanh")[-1] - ys) ** 2))

    found = [error()]
    for _ in range(passes):
        order = list(range(60))
        rng.shuffle(order)
        for start in range(0, 60, batch):
            chosen = order[start : start + batch]
            layers = outputs(unpacked(), xs[chosen], "tanh")
            delta = (layers[-1] - ys[chosen]) / len(chosen)
            g = np.concatenate(
                [part.ravel() for part in backward(unpacked(), layers, delta, "tanh")]
            )
            if name == "Adam":
                w = adam.step(w, g, rate)
            else:
                velocity = (0.9 if name == "momentum" else 0.0) * velocity + g
                w = w - rate * velocity
        found.append(error())
    return found


@pytest.mark.parametrize(("name", "rate"), RATES.items())
def test_descents_are_those_of_the_formulas(name: str, rate: float, numbers: Numbers) -> None:
    way = numbers("optimisers")["ways"][name]
    expected = errors_by_hand(load("optimisers"), name, len(way.errors) - 1, rate)
    np.testing.assert_allclose(way.errors, expected, rtol=1e-8)
    assert way.passes == list(range(len(expected)))


@pytest.mark.parametrize("name", RATES)
def test_the_rates_are_the_best_of_those_tried(name: str) -> None:
    demo, ends = load("optimisers"), {}
    with np.errstate(all="ignore"):  # too large a rate overflows
        for rate in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0):
            end = float(np.mean(errors_by_hand(demo, name, demo.PASSES, rate)[-10:]))
            ends[rate] = end if math.isfinite(end) else math.inf
    assert min(ends, key=ends.__getitem__) == demo.DESCENTS[name][1]


def test_optimisers_at_full_length(tmp_path: Path) -> None:
    found = re.findall(
        r"^ +([\w -]+?) +([\d.]+) +(\d+) of (\d+) (\w+)$", run("optimisers", tmp_path), re.MULTILINE
    )
    rows = {name: (float(end), int(up), int(of), unit) for name, end, up, of, unit in found}
    assert list(rows) == [*RATES, "conjugate gradient", "quasi-Newton"]
    for name, rate in RATES.items():
        expected = errors_by_hand(load("optimisers"), name, 150, rate)
        error, rises, of, unit = rows[name]
        assert (of, unit) == (150, "epochs")
        # At its rate the batch's step is as large as the valley is wide: rounding grows to a per cent.
        loose = name == "batch"
        assert abs(rises - sum(b > a for a, b in pairwise(expected))) <= loose
        assert error == pytest.approx(expected[-1], abs=6e-7, rel=0.02 * loose)
    for name in ("conjugate gradient", "quasi-Newton"):
        error, rises, of, unit = rows[name]
        assert (rises, unit) == (0, "iterations")
        assert 60 < of <= 150
        assert error < min(rows[each][0] for each in ("batch", "momentum", "minibatch", "online"))


@pytest.mark.parametrize("name", ["conjugate gradient", "quasi-Newton"])
def test_line_searches_decrease_the_error_at_every_iteration(name: str, numbers: Numbers) -> None:
    ways = numbers("optimisers")["ways"]
    way = ways[name]
    assert len(way.errors) > 10
    assert all(b < a for a, b in pairwise(way.errors))
    assert way.rises == 0
    # Each iteration costs at least one pass, and the budget is that of the others.
    assert all(b - a >= 1 for a, b in pairwise(way.passes))
    assert way.passes[-1] <= ways["batch"].passes[-1]
    assert way.errors[-1] < min(
        ways[each].errors[-1] for each in ("batch", "momentum", "minibatch")
    )
    demo = load("optimisers")
    model = demo.network()
    for p, x in zip(model.parameters(), way.weights, strict=True):
        p.data = x
    samples = demo.wave()
    predicted = outputs(matrices(model), np.array(samples[0]), "tanh")[-1][:, 0]
    reached = np.mean(0.5 * (predicted - np.array(samples[1])) ** 2)
    assert math.isclose(way.errors[-1], reached, rel_tol=1e-12)


def test_an_error_that_rises_is_noticed(numbers: Numbers) -> None:
    demo = load("optimisers")
    ways = dict(numbers("optimisers")["ways"])
    demo.require_falls(ways)
    assert ways["online"].rises > 0
    ways["quasi-Newton"] = demo.Way([0.0, 1.0, 2.0], [3.0, 1.0, 2.0], [])
    with pytest.raises(AssertionError, match="quasi-Newton"):
        demo.require_falls(ways)


def test_the_passes_of_an_iteration_are_counted() -> None:
    # Start (twice), a step that went too far, its correction, and the next iteration.
    asked = [5.0, 5.0, 7.0, 4.0, 2.0]
    assert list(load("optimisers").places(asked, [4.0, 2.0])) == [3, 4]


def test_gradients_add_up_over_samples(numbers: Numbers) -> None:
    found = numbers("optimisers")
    assert found["difference_of_sums"] < 1e-15
    demo = load("optimisers")
    model = demo.network()
    xs, ys = (np.array(part) for part in demo.wave())
    parts = matrices(model)
    layers = outputs(parts, xs, "tanh")
    by_hand = flat(backward(parts, layers, (layers[-1] - ys[:, None]) / len(ys), "tanh"))
    np.testing.assert_allclose(demo.full_gradient(model, demo.wave()), by_hand, rtol=1e-12)
    # At a good point of all samples together, single ones still pull.
    assert found["single_gradient"] > 10 * found["whole_gradient"]


def test_newton_without_a_line_search_goes_up(numbers: Numbers) -> None:
    found = numbers("optimisers")
    # On √(1 + x²) Newton's step from x leads to −x³.
    expected = [math.sqrt(1.0 + (1.5 ** (3**k)) ** 2) for k in range(4)]
    np.testing.assert_allclose(found["without_line_search"], expected, rtol=1e-12)
    assert all(b > a for a, b in pairwise(found["without_line_search"]))
    assert all(b <= a for a, b in pairwise(found["with_line_search"]))
    assert math.isclose(found["with_line_search"][-1], 1.0)


# The landscape


def test_bfgs_may_end_at_a_saddle_point(numbers: Numbers) -> None:
    found = numbers("landscape")
    assert found["content"]
    np.testing.assert_allclose(found["stuck"], [0.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(found["freed"], [0.0, math.sqrt(2.0)], atol=1e-5)
    demo = load("landscape")
    assert demo.curvatures(demo.two_valleys, [0.0, 0.0]) == [-2.0, 2.0]
    for at, bend in zip(([1e-3, 0.0], [0.0, 1e-3]), found["bends"], strict=True):
        assert bend == pytest.approx(2e6 * demo.two_valleys(at), rel=1e-6)
    assert all(bend > 0 for bend in demo.curvatures(demo.two_valleys, [0.0, math.sqrt(2.0)]))
    by_numpy = np.linalg.eigvalsh([[2.0, 1.2], [1.2, 2.0]])
    np.testing.assert_allclose(demo.curvatures(demo.bowl, [0.3, -0.7]), by_numpy, rtol=1e-14)


def test_convexity_tells_the_log_loss_from_a_network(numbers: Numbers) -> None:
    found = numbers("landscape")
    above = load("landscape").above_chord
    assert above(found["convex"]) < -0.01
    assert above([0.0, 1.0, 4.0]) == -1.0
    assert above([0.0, 3.0, 4.0]) == 1.0
    between = found["between"]
    assert max(between[0], between[-1], found["global_error"]) < 1e-20
    np.testing.assert_allclose(between, between[::-1], rtol=1e-9, atol=1e-20)
    assert above(between) == max(between) > 0.1


def test_the_log_loss_on_the_line_is_that_of_the_formula(numbers: Numbers) -> None:
    rng = random.Random(3)
    xs = np.array([[rng.gauss(0.0, 1.0), rng.gauss(0.0, 1.0)] for _ in range(40)])
    ys = np.array([float(a - b + rng.gauss(0.0, 1.0) > 0) for a, b in xs])
    found = numbers("landscape")["convex"]
    for i, loss in enumerate(found):
        share = i / (len(found) - 1)
        w1, w2, b = (1 - share) * np.array([-4.0, 3.0, 2.0]) + share * np.array([5.0, -1.0, -1.0])
        z = xs @ [w1, w2] + b
        a = 1 / (1 + np.exp(-z))
        expected = np.mean(-ys * np.log(a) - (1 - ys) * np.log(1 - a))
        assert math.isclose(loss, expected, rel_tol=1e-9)


def test_global_minima_can_be_verified(numbers: Numbers) -> None:
    found = numbers("landscape")
    assert 0.0 <= found["global_error"] < 1e-20
    assert found["apart"] < 1e-6


def test_coordinate_descent_is_not_gradient_descent(numbers: Numbers) -> None:
    found = numbers("landscape")
    A, start = np.array([[2.0, 1.2], [1.2, 2.0]]), np.array([-1.5, 0.3])
    whole = [np.linalg.matrix_power(np.eye(2) - 0.25 * A, k) @ start for k in range(13)]
    np.testing.assert_allclose(found["all_at_once"], whole, atol=1e-14)
    single = [start]
    for k in range(12):
        axis = np.diag([1.0 - k % 2, k % 2])
        single.append(single[-1] - 0.25 * axis @ A @ single[-1])
    np.testing.assert_allclose(found["one_at_a_time"], single, atol=1e-14)


# The cost of gradients


def test_the_operations_are_those_of_the_formulas(numbers: Numbers) -> None:
    for layers, cost in zip((1, 2, 4, 8), numbers("cost_of_gradients")["costs"], strict=True):
        assert cost.weights == 72 * layers + 9
        assert cost.passes == 2 * cost.weights
        # A neuron's sum has 17 operands, its tanh one; the loss y − t, its square and a product.
        forward = 8 * 18 * layers + 17 + 5
        assert cost.numerical_operations == 2 * cost.weights * forward
        # Nothing goes back to the inputs, nor to the constants of the loss.
        assert cost.reverse_operations == forward + 8 * 10 + 8 * 18 * (layers - 1) + 17 + 3
        assert cost.difference < 1e-9
        assert min(cost.numerical_seconds, cost.reverse_seconds) > 0


def test_numerical_gradients_cost_the_square(numbers: Numbers) -> None:
    slopes = numbers("cost_of_gradients")["slopes"]
    assert abs(slopes["numerical_operations"] - 2.0) < 0.05
    assert abs(slopes["reverse_operations"] - 1.0) < 0.1
    slope = load("cost_of_gradients").slope
    assert math.isclose(slope([1.0, 2.0, 7.0], [5.0, 40.0, 1715.0]), 3.0)


def test_the_gradient_is_that_of_the_recursion() -> None:
    problem = load("cost_of_gradients").Problem(3)
    parts = matrices(problem.model)
    layers = outputs(parts, np.array([problem.x]), "tanh")
    by_hand = flat(backward(parts, layers, layers[-1] - 0.5, "tanh"))
    np.testing.assert_allclose(problem.reverse(), by_hand, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(problem.numerical(), by_hand, atol=1e-9)
    assert not np.allclose(problem.numerical(1e-14), by_hand, atol=1e-9)


def test_the_step_of_least_error() -> None:
    least_at = load("cost_of_gradients").least_at
    for size, bend in ((0.02, 3.0), (5.0, 0.1)):
        done = optimize.minimize_scalar(
            lambda t, size=size, bend=bend: (
                bend * math.exp(2 * t) / 6 + 2.0**-53 * size * math.exp(-t)
            ),
            bounds=(-20.0, 0.0),
            method="bounded",
            options={"xatol": 1e-9},
        )
        assert least_at(size, bend) == pytest.approx(math.exp(done.x), rel=1e-3)


def test_the_best_step_is_near_the_cube_root_of_the_rounding(numbers: Numbers) -> None:
    found = numbers("cost_of_gradients")
    assert 0.1 < found["best_step"] / (2.0**-53) ** (1 / 3) < 10.0
    # The measured curve is flat at its bottom, where steps are tried at 1.8 times each other.
    assert 0.3 < found["best_step"] / found["least_at"] < 3.0
    steps, errors = found["steps"], found["errors"]
    best = min(errors)
    assert best < 1e-10
    assert errors[-1] > 1e4 * best
    # Truncation goes with ε²: a hundredth of it for a tenth of the step.
    coarse = [e for s, e in zip(steps, errors, strict=True) if s > 5e-4]
    ratios = [a / b for a, b in zip(coarse, coarse[4:], strict=False)]
    np.testing.assert_allclose(ratios, 100.0, rtol=0.05)


# Digits


def digits_by_hand(*, quick: bool) -> tuple[list[Array], float]:
    """The trained weights, and the share of held-out images that they read."""
    demo = load("digits")
    model, training, held_out, epochs, rng = demo.prepared(quick=quick)
    parts = matrices(model)
    adams = [AdamByHand() for _ in parts]
    (xs, ys), rng = (np.array(part) for part in training), copy.copy(rng)
    rate = optim.cosine(0.02, 0.0002, epochs)
    for epoch in range(epochs):
        order = list(range(len(xs)))
        rng.shuffle(order)
        for start in range(0, len(order), 16):
            chosen = order[start : start + 16]
            layers = outputs(parts, xs[chosen], "tanh")
            raised = np.exp(layers[-1])
            softmax = raised / raised.sum(axis=1, keepdims=True)
            delta = (softmax - np.eye(10)[ys[chosen]]) / len(chosen)
            gradients = backward(parts, layers, delta, "tanh")
            parts = [
                adam.step(w, g, rate(epoch), decay=0.1)
                for adam, w, g in zip(adams, parts, gradients, strict=True)
            ]
    test_xs, test_ys = (np.array(part) for part in held_out)
    read = outputs(parts, test_xs, "tanh")[-1].argmax(axis=1)
    return parts, float(np.mean(read == test_ys))


def test_digits_are_learnt_as_the_matrices_learn_them(numbers: Numbers) -> None:
    found = numbers("digits")
    parts, accuracy = digits_by_hand(quick=True)
    trained = [p.data for p in found["model"].parameters()]
    np.testing.assert_allclose(trained, flat(parts), rtol=1e-6, atol=1e-8)
    assert found["accuracy"] == accuracy >= 0.88
    assert found["loss"][-1] < 0.25 < 1.5 < found["loss"][0]


def test_digits_at_full_size_read_96_percent(tmp_path: Path) -> None:
    out = run("digits", tmp_path)
    assert "599 held out" in out
    (printed,) = re.findall(r"([\d.]+)% of the held-out ones \((\d+) of 599 misread\)", out)
    assert float(printed[0]) >= 96.0
    by_hand = round(599 * (1.0 - digits_by_hand(quick=False)[1]))
    assert abs(int(printed[1]) - by_hand) <= 1  # thousands of steps, in another order of sums


def test_digits_are_counted_once_each(numbers: Numbers) -> None:
    found = numbers("digits")
    counts = np.array(found["confusion"])
    assert counts.sum() == len(found["held_out"][0]) == 200
    assert list(counts.sum(axis=1)) == [found["held_out"][1].count(i) for i in range(10)]
    assert counts.trace() / counts.sum() == found["accuracy"]


def test_digits_held_out_are_not_learnt_from() -> None:
    _, training, held_out, _, _ = load("digits").prepared(quick=False)
    every = sorted(zip(*data.digits(), strict=True))
    assert sorted([*zip(*training, strict=True), *zip(*held_out, strict=True)]) == every


def test_digits_are_saved_to_the_last_bit(numbers: Numbers, tmp_path: Path) -> None:
    found = numbers("digits")
    assert found["exact"] is True
    demo = load("digits")
    model = found["model"]
    again = demo.reloaded(model, tmp_path / "model.json")
    assert again is not model
    assert again.state_dict() == model.state_dict()
    assert (tmp_path / "model.json").read_bytes() == (found["folder"] / "model.json").read_bytes()
    # A single bit of one weight is seen.
    weight = again.parameters()[0]
    weight.data = math.nextafter(weight.data, math.inf)
    assert again.state_dict() != model.state_dict()


# Moons


def test_moons_are_told_apart(numbers: Numbers) -> None:
    found = numbers("moons")
    assert found["accuracy"] == 1.0
    xs, ys = found["points"]
    scores = outputs(matrices(found["model"]), np.array(xs), "relu")[-1][:, 0]
    assert np.all(np.sign(scores) == ys)
    assert sorted(ys) == [-1] * 50 + [1] * 50


def test_moons_are_learnt_as_the_matrices_learn_them(numbers: Numbers) -> None:
    found = numbers("moons")
    xs, ys = (np.array(part) for part in found["points"])
    rng = random.Random(1)
    data.moons(100, noise=0.1, rng=rng)
    parts = matrices(MLP(2, [16, 16, 1], rng=rng))
    losses, right = [], []
    for step in range(len(found["loss"])):
        layers = outputs(parts, xs, "relu")
        margins = 1.0 - ys * layers[-1][:, 0]
        penalty = 1e-4 * sum(float(np.sum(part**2)) for part in parts)
        losses.append(np.mean(np.maximum(margins, 0.0)) + penalty)
        right.append(np.mean((layers[-1][:, 0] > 0) == (ys > 0)))
        delta = (np.where(margins > 0, -ys, 0.0) / len(ys))[:, None]
        gradients = backward(parts, layers, delta, "relu")
        rate = 1.0 - 0.9 * step / 100
        parts = [w - rate * (g + 2e-4 * w) for w, g in zip(parts, gradients, strict=True)]
    np.testing.assert_allclose(found["loss"], losses, rtol=1e-6)
    assert found["right"] == right


def test_moons_draws_the_layers(numbers: Numbers) -> None:
    if not engines.available():
        pytest.skip("there is no Graphviz")
    folder = numbers("moons")["folder"]
    svg = (folder / "layers.svg").read_text(encoding="utf-8")
    for box in ("input", "layer1", "layer2", "layer3", "loss"):
        assert f">{box}<" in svg
    assert (folder / "layers.png").read_bytes()[:4] == b"\x89PNG"


def test_the_list_of_demos_is_complete() -> None:
    listed = (DEMOS / "README.md").read_text(encoding="utf-8")
    names = {file.name for file in DEMOS.glob("*.py")} - {
        "common.py",
        "script.py",
        "gallery_circuits.py",
        "gallery_page.py",
    }
    assert {name for name in names if f"`python demos/{name}`" in listed} == names
    assert listed.count("`python demos/") == len(names)
