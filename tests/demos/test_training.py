"""The demos that train, held to the same training written in matrices with NumPy.

The references share the data, the first weights and the order of the samples with the demos, and
nothing else: gradients and update rules are formulas on arrays here.
"""

import copy
import math
import random
import re
import time
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import optimize

from autograd_lite import data, optim
from autograd_lite.nn import MLP
from autograd_lite.show.picture import engines
from autograd_lite.training import History

from ..support.demo import DEMOS, load, rows, run

Array = np.ndarray[Any, np.dtype[Any]]
Numbers = Callable[[str], dict[str, Any]]
FullSize = Callable[[str], tuple[str, Path, float]]
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


def moved(parts: list[Array], numbers: Array) -> list[Array]:
    """``numbers``, in the order of :func:`flat`, in the shapes of ``parts``."""
    found, at = [], 0
    for W in parts[::2]:
        rows, columns = W.shape
        block = numbers[at : at + rows * (columns + 1)].reshape(rows, columns + 1)
        found += [block[:, :-1], block[:, -1]]
        at += block.size
    return found


@pytest.fixture(scope="module")
def full_size(
    beside_the_demos: None, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[str, Path, float]]:
    """What a demo prints as a process of its own, the folder of its pictures, and how long it took."""

    @cache
    def found(name: str) -> tuple[str, Path, float]:
        folder, start = tmp_path_factory.mktemp(name), time.perf_counter()
        return run(name, folder), folder / "out", time.perf_counter() - start

    return found


@pytest.mark.parametrize("name", NAMES)
def test_demos_run_as_processes(name: str, full_size: FullSize, tmp_path: Path) -> None:
    if name == "cost_of_gradients":
        out, folder = run(name, tmp_path, quick=True), tmp_path / "out"
    else:
        out, folder, _ = full_size(name)
    last = out.splitlines()[-1]
    assert last.startswith("The picture")
    for listed in last.split(": ")[1].rstrip(".").split(", "):
        file = folder / (listed if "." in listed else f"{listed}.png")
        assert file.is_file() or (listed == "layers" and not engines.available())


def seen(printed: str, sentence: str) -> list[float]:
    """The numbers that are printed where ``sentence`` has a #, wherever its lines are broken."""
    number = r"([-−]?[\d.]*\d(?:e[-+]\d+)?)"
    pattern = r"\s+".join(
        re.escape(word).replace(r"\#", number) for word in sentence.strip().split()
    )
    found = re.search(pattern, printed)
    assert found, f"{sentence!r} is not printed"
    return [float(each.replace("−", "-")) for each in found.groups()]


# Optimisers


RATES = {"batch": 1.0, "momentum": 0.5, "minibatch": 0.2, "online": 0.05, "Adam": 0.2}
SCIPY = {"conjugate gradient": "CG", "quasi-Newton": "BFGS"}


@cache
def errors_by_hand(name: str, passes: int, rate: float) -> list[float]:
    """The mean error after each epoch of a 1-6-1 tanh network, by formulas."""
    demo = load("optimisers")
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
    expected = errors_by_hand(name, len(way.errors) - 1, rate)
    np.testing.assert_allclose(way.errors, expected, rtol=1e-8)
    assert way.passes == list(range(len(expected)))


@pytest.mark.parametrize("name", RATES)
def test_the_rates_are_the_best_of_those_tried(name: str) -> None:
    demo, ends = load("optimisers"), {}
    with np.errstate(all="ignore"):  # too large a rate overflows
        for rate in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0):
            end = float(np.mean(errors_by_hand(name, demo.PASSES, rate)[-10:]))
            ends[rate] = end if math.isfinite(end) else math.inf
    assert min(ends, key=ends.__getitem__) == demo.DESCENTS[name][1]


def wave_by_formulas(w: Array) -> tuple[float, Array]:
    """The mean error of the network with these weights, and its gradient."""
    demo = load("optimisers")
    xs, ys = (np.array(part) for part in demo.wave())
    parts = moved(matrices(demo.network()), w)
    layers = outputs(parts, xs, "tanh")
    off = layers[-1] - ys[:, None]
    return float(np.mean(0.5 * off**2)), flat(backward(parts, layers, off / len(ys), "tanh"))


@cache
def by_scipy_alone(name: str, passes: int) -> tuple[list[float], list[float]]:
    """The error after each iteration that the passes pay for, and the passes made by then."""
    start = flat(matrices(load("optimisers").network()))
    asked, found = 0, [(wave_by_formulas(start)[0], 0.0)]

    def counted(w: Array) -> tuple[float, Array]:
        nonlocal asked
        asked += 1
        return wave_by_formulas(w)

    def iterated(w: Array) -> None:
        found.append((wave_by_formulas(w)[0], float(asked)))

    optimize.minimize(
        counted,
        start,
        jac=True,
        method=SCIPY[name],
        tol=1e-12,
        callback=iterated,
        options={"maxiter": passes},
    )
    errors, spent = zip(*((error, n) for error, n in found if n <= passes), strict=True)
    return list(errors), list(spent)


def ends_by_hand(name: str, passes: int) -> tuple[list[float], int, int]:
    """Mean, least and greatest error after the last ten passes, rises, and epochs or iterations."""
    if name in SCIPY:
        errors, spent = by_scipy_alone(name, passes)
    else:
        errors = errors_by_hand(name, passes, RATES[name])
        spent = list(range(passes + 1))
    last = [
        next(e for e, n in zip(errors[::-1], spent[::-1], strict=True) if n <= end)
        for end in range(passes - 9, passes + 1)
    ]
    rises = sum(b > a for a, b in pairwise(errors))
    return [float(np.mean(last)), min(last), max(last)], rises, len(errors) - 1


TABLE = re.compile(
    r"^ +([\w -]+?) +([\d.]+) +([\d.]+) +([\d.]+) +(\d+) of (\d+) (\w+)$", re.MULTILINE
)


@pytest.mark.parametrize("quick", [True, False])
def test_the_table_of_the_optimisers(quick: bool, numbers: Numbers, full_size: FullSize) -> None:
    found = numbers("optimisers")
    passes, out = (30, found["printed"]) if quick else (150, full_size("optimisers")[0])
    assert seen(out, "tanh network, 60 samples, # passes over the data") == [passes]
    table = TABLE.findall(out)
    assert [row[0] for row in table] == [*RATES, *SCIPY]
    for name, *ends, up, of, unit in table:
        expected, rises, steps = ends_by_hand(name, passes)
        assert unit == ("iterations" if name in SCIPY else "epochs")
        if quick:
            assert found["ends"][name] == pytest.approx(expected, rel=1e-8)
            assert ends == [f"{error:.6f}" for error in expected]
            assert (int(up), int(of)) == (rises, steps)
        elif name in SCIPY:
            # Rounding sends the line search another way in the end.
            near = 0.02 if name == "quasi-Newton" else 0.2
            assert list(map(float, ends)) == pytest.approx(expected, rel=near)
            assert int(up) == rises == 0
            assert int(of) == pytest.approx(steps, abs=10)
        else:
            # At its rate the batch's step is as large as the valley is wide: rounding grows to a per cent.
            loose = name == "batch"
            assert list(map(float, ends)) == pytest.approx(expected, abs=6e-7, rel=0.02 * loose)
            assert abs(int(up) - rises) <= loose
            assert int(of) == steps


def test_by_their_mean_line_searches_come_first(full_size: FullSize) -> None:
    means = {name: float(mean) for name, mean, *_ in TABLE.findall(full_size("optimisers")[0])}
    assert sorted(means, key=means.__getitem__)[:2] == ["quasi-Newton", "conjugate gradient"]


def test_the_last_passes_are_those_of_the_budget() -> None:
    way = load("optimisers").Way([0.0, 3.0, 7.0], [5.0, 4.0, 2.0], [])
    assert way.last(8, 4) == [4.0, 4.0, 2.0, 2.0]
    assert way.last(3, 2) == [5.0, 4.0]
    assert load("optimisers").Way([], [3.0, 1.0, 2.0, 2.0, 4.0], []).rises == 2


@pytest.mark.parametrize("name", SCIPY)
def test_line_searches_decrease_the_error_at_every_iteration(name: str, numbers: Numbers) -> None:
    way = numbers("optimisers")["ways"][name]
    errors, spent = by_scipy_alone(name, 30)
    assert way.passes == spent
    np.testing.assert_allclose(way.errors, errors, rtol=1e-9)
    assert len(errors) > 10
    assert all(b < a for a, b in pairwise(way.errors))
    reached, _ = wave_by_formulas(np.array(way.weights))
    assert math.isclose(way.errors[-1], reached, rel_tol=1e-12)


def test_at_a_good_point_single_samples_still_pull(numbers: Numbers) -> None:
    found = numbers("optimisers")
    w = np.array(found["ways"]["quasi-Newton"].weights)
    demo = load("optimisers")
    parts = moved(matrices(demo.network()), w)
    single = 0.0
    for x, y in zip(*demo.wave(), strict=True):
        layers = outputs(parts, np.array([x]), "tanh")
        pull = np.linalg.norm(flat(backward(parts, layers, layers[-1] - y, "tanh")))
        single = max(single, float(pull))
    whole = float(np.linalg.norm(wave_by_formulas(w)[1]))
    assert seen(
        found["printed"],
        "of all samples together has the norm #; that of a single sample is up to #.",
    ) == [float(f"{whole:.1e}"), float(f"{single:.2f}")]
    assert (found["whole_gradient"], found["single_gradient"]) == pytest.approx((whole, single))
    assert single > 10 * whole


def test_newton_without_a_line_search_goes_up(numbers: Numbers) -> None:
    # On √(1 + x²) Newton's step from x leads to −x³.
    newton = [math.sqrt(1.0 + (1.5 ** (3**k)) ** 2) for k in range(4)]
    bfgs = [math.sqrt(1.0 + 1.5**2)]
    optimize.minimize(
        lambda x: (math.sqrt(1.0 + x[0] ** 2), x / math.sqrt(1.0 + x[0] ** 2)),
        [1.5],
        jac=True,
        callback=lambda x: bfgs.append(math.sqrt(1.0 + x[0] ** 2)),
    )
    assert all(b > a for a, b in pairwise(newton))
    assert all(b <= a for a, b in pairwise(bfgs))
    found = numbers("optimisers")
    for label, name, expected in (
        ("by Newton's steps, no line search:", "without_line_search", newton),
        ("by BFGS, with its line search:", "with_line_search", bfgs),
    ):
        assert rows(found["printed"], label.rstrip(":")) == [[float(f"{x:.4g}") for x in expected]]
        np.testing.assert_allclose(found[name], expected, rtol=1e-12)


# The landscape


def test_bfgs_may_end_at_a_saddle_point(numbers: Numbers) -> None:
    found = numbers("landscape")
    out = found["printed"]
    # f = x² − y² + y⁴/4: by hand ∂f/∂x = 2x, ∂f/∂y = −2y + y³, with the second derivatives 2, −2 + 3y².
    assert seen(out, "has the gradient (#, #) at the origin") == [0.0, 0.0]
    assert seen(out, "bends by # in x and # in y") == found["bends"] == [2.0, -2.0]
    for start, name, end, reached in (
        ([1.0, 0.0], "stuck", [0.0, 0.0], 0.0),
        ([1.0, 1e-6], "freed", [0.0, math.sqrt(2.0)], -1.0),
    ):
        done = optimize.minimize(
            lambda w: (
                w[0] ** 2 - w[1] ** 2 + w[1] ** 4 / 4,
                np.array([2 * w[0], -2 * w[1] + w[1] ** 3]),
            ),
            start,
            jac=True,
        )
        assert done.success
        for ended in (done.x, found[name]):
            np.testing.assert_allclose(ended, end, atol=1e-5)
        ends = "BFGS from (1, 0) ends" if name == "stuck" else "from (1, 0.000001) it ends"
        *at, f = seen(out, f"{ends} at (#, #), f = #{', and reports success' * (name == 'stuck')}")
        assert at == [round(x, 3) for x in end]
        assert f == reached
    assert found["content"] is True


def test_a_search_that_fails_is_not_called_a_success(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = load("landscape")
    monkeypatch.setattr(demo, "by_bfgs", lambda start: ([start, [0.5, 0.0]], False))
    demo.show_saddle()
    assert "ends at (0.5, 0), f = 0.25, and reports failure" in " ".join(
        capsys.readouterr().out.split()
    )


def log_loss_by_formulas() -> tuple[Array, Array]:
    """The inputs, with a 1 for the bias, and the labels."""
    rng = random.Random(3)
    xs = np.array([[rng.gauss(0.0, 1.0), rng.gauss(0.0, 1.0), 1.0] for _ in range(40)])
    ys = np.array([float(a - b + rng.gauss(0.0, 1.0) > 0) for a, b, _ in xs])
    return xs, ys


FAR = np.array([[-4.0, 3.0, 2.0], [5.0, -1.0, -1.0]])


def test_the_log_loss_stays_below_its_chord(numbers: Numbers) -> None:
    xs, ys = log_loss_by_formulas()
    found = numbers("landscape")
    losses = found["convex"]
    shares = np.linspace(0.0, 1.0, len(losses))
    for share, loss in zip(shares, losses, strict=True):
        a = 1 / (1 + np.exp(-xs @ ((1 - share) * FAR[0] + share * FAR[1])))
        assert math.isclose(loss, np.mean(-ys * np.log(a) - (1 - ys) * np.log(1 - a)), rel_tol=1e-9)
    chord = (1 - shares) * losses[0] + shares * losses[-1]
    gap = float(np.min((chord - losses)[1:-1]))
    assert gap > 0.01
    assert seen(found["printed"], "below the chord, by # at least") == [float(f"{gap:.4f}")]
    above = load("landscape").above_chord
    assert above([0.0, 1.0, 4.0]) == -1.0
    assert above([0.0, 3.0, 4.0]) == 1.0


def test_the_error_of_a_network_rises_between_equal_minima(numbers: Numbers) -> None:
    found = numbers("landscape")
    xs, ys = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    parts = matrices(load("landscape").learn_xor())
    turned = [part.copy() for part in parts]
    turned[0][0] *= -1.0
    turned[1][0] *= -1.0
    turned[2][0, 0] *= -1.0
    expected = []
    for share in np.linspace(0.0, 1.0, len(found["between"])):
        mixed = [(1 - share) * a + share * b for a, b in zip(parts, turned, strict=True)]
        off = outputs(mixed, xs, "tanh")[-1][:, 0] - ys
        expected.append(float(np.sum(0.5 * off**2)))
    np.testing.assert_allclose(found["between"], expected, rtol=1e-9, atol=1e-20)
    lowest, highest = seen(found["printed"], "between the two the error rises from # to #.")
    assert highest == float(f"{max(expected):.2f}") > 1.0
    assert 0.0 <= lowest < 1e-20
    # As small as rounding makes it, other at each place: all that is printed is the first of them.
    assert lowest == float(f"{found['between'][0]:.1e}")
    assert seen(found["printed"], "whose error of # cannot be below 0") == [lowest]


def test_a_convex_loss_has_one_end(numbers: Numbers) -> None:
    xs, ys = log_loss_by_formulas()
    w = np.zeros(3)
    for _ in range(30):  # Newton's method
        a = 1 / (1 + np.exp(-xs @ w))
        w = w - np.linalg.solve((xs.T * (a * (1 - a))) @ xs, xs.T @ (a - ys))
    found = numbers("landscape")
    np.testing.assert_allclose(found["ends"], [w, w], atol=1e-6)
    apart = float(np.max(np.abs(np.subtract(*found["ends"]))))
    assert 0.0 < apart < 1e-6
    assert seen(found["printed"], "weights of the log loss that differ by #.") == [
        float(f"{apart:.1e}")
    ]


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
    out = found["printed"]
    for way, sentence in (
        (single, "its first step from (−1.5, 0.3) goes to (#, #)"),
        (whole, "moves in all dimensions at once, to (#, #)"),
    ):
        np.testing.assert_allclose(seen(out, sentence), way[1], atol=1e-12)
    ends = [float(f"{end @ A @ end / 2:.4f}") for end in (single[-1], whole[-1])]
    sentence = "After 12 steps x² + 1.2xy + y² is # by one dimension at a time, # by all at once."
    assert seen(out, sentence) == ends
    assert ends[0] != ends[1]


# The cost of gradients


def test_the_costs_are_those_of_the_formulas(numbers: Numbers) -> None:
    found = numbers("cost_of_gradients")
    for layers, cost in zip((1, 2, 4, 8), found["costs"], strict=True):
        weights = 72 * layers + 9
        assert (cost.weights, cost.passes) == (weights, 2 * weights)
        # A neuron's sum has 17 operands, its tanh one; the loss y − t, its square and a product.
        forward = 8 * 18 * layers + 17 + 5
        assert cost.numerical_operations == 2 * weights * forward
        # Nothing goes back to the inputs, nor to the constants of the loss.
        assert cost.reverse_operations == forward + 8 * 10 + 8 * 18 * (layers - 1) + 17 + 3
        assert cost.numerical_seconds > 10.0 * cost.reverse_seconds > 0.0
        off = np.max(np.abs(load("cost_of_gradients").Problem(layers).numerical() - slopes(layers)))
        assert off < 1e-9
        assert rows(found["printed"], str(weights)) == [
            [
                2 * weights,
                cost.numerical_operations,
                pytest.approx(1e3 * cost.numerical_seconds, abs=0.051, rel=0),
                cost.reverse_operations,
                pytest.approx(1e3 * cost.reverse_seconds, abs=0.0051, rel=0),
                pytest.approx(off, rel=0.51, abs=0),
            ]
        ]


def test_the_shortest_of_several_times_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.03, 1.0, 1.01, 2.0, 2.02, 3.0, 3.5])  # seconds: 0.03, 0.01, 0.02
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    assert load("cost_of_gradients").timed(list, least=0.055) == pytest.approx(0.01)
    assert next(clock) == 3.0


def test_numerical_gradients_cost_the_square(numbers: Numbers) -> None:
    found = numbers("cost_of_gradients")
    W, *costs = np.log(
        [
            [
                c.weights,
                c.numerical_operations,
                c.reverse_operations,
                c.numerical_seconds,
                c.reverse_seconds,
            ]
            for c in found["costs"][-3:]
        ]
    ).T
    powers = [np.polyfit(W, each, 1)[0] for each in costs]
    assert powers[:2] == [pytest.approx(2.0, abs=0.05), pytest.approx(1.0, abs=0.1)]
    assert rows(found["printed"], "counted") == [pytest.approx(powers[:2], abs=0.0051)]
    assert rows(found["printed"], "measured") == [pytest.approx(powers[2:], abs=0.0051)]
    slope = load("cost_of_gradients").slope
    assert math.isclose(slope([1.0, 2.0, 7.0], [5.0, 40.0, 1715.0]), 3.0)


def slopes(depth: int) -> Array:
    """The gradient of the problem of this depth, by the recursion."""
    problem = load("cost_of_gradients").Problem(depth)
    parts = matrices(problem.model)
    layers = outputs(parts, np.array([problem.x]), "tanh")
    return flat(backward(parts, layers, layers[-1] - 0.5, "tanh"))


def test_the_gradient_is_that_of_the_recursion() -> None:
    problem = load("cost_of_gradients").Problem(3)
    np.testing.assert_allclose(problem.reverse(), slopes(3), rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(problem.numerical(), slopes(3), atol=1e-9)
    assert not np.allclose(problem.numerical(1e-14), slopes(3), atol=1e-9)


# Digits


class DigitsByHand(NamedTuple):
    parts: list[Array]
    losses: list[float]
    learnt: float
    confusion: Array

    @property
    def accuracy(self) -> float:
        return float(self.confusion.trace() / self.confusion.sum())


@cache
def digits_by_hand(*, quick: bool) -> DigitsByHand:
    """The trained weights, the loss of each epoch, and what is read with them."""
    demo = load("digits")
    model, training, held_out, epochs, rng = demo.prepared(quick=quick)
    parts = matrices(model)
    adams = [AdamByHand() for _ in parts]
    (xs, ys), rng = (np.array(part) for part in training), copy.copy(rng)
    rate = optim.cosine(0.02, 0.0002, epochs)
    losses = []
    for epoch in range(epochs):
        order, costs = list(range(len(xs))), 0.0
        rng.shuffle(order)
        for start in range(0, len(order), 16):
            chosen = order[start : start + 16]
            layers = outputs(parts, xs[chosen], "tanh")
            raised = np.exp(layers[-1])
            softmax = raised / raised.sum(axis=1, keepdims=True)
            costs -= float(np.log(softmax[range(len(chosen)), ys[chosen]]).sum())
            delta = (softmax - np.eye(10)[ys[chosen]]) / len(chosen)
            gradients = backward(parts, layers, delta, "tanh")
            parts = [
                adam.step(w, g, rate(epoch), decay=0.1)
                for adam, w, g in zip(adams, parts, gradients, strict=True)
            ]
        losses.append(costs / len(xs))
    learnt = float(np.mean(outputs(parts, xs, "tanh")[-1].argmax(axis=1) == ys))
    return DigitsByHand(parts, losses, learnt, confused(parts, held_out))


def confused(parts: list[Array], samples: Any) -> Array:
    """How often each digit is read as which."""
    xs, ys = (np.array(part) for part in samples)
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (ys, outputs(parts, xs, "tanh")[-1].argmax(axis=1)), 1)
    return counts


def test_digits_are_learnt_as_the_matrices_learn_them(numbers: Numbers) -> None:
    found, by_hand = numbers("digits"), digits_by_hand(quick=True)
    trained = [p.data for p in found["model"].parameters()]
    np.testing.assert_allclose(trained, flat(by_hand.parts), rtol=1e-6, atol=1e-8)
    assert found["accuracy"] == by_hand.accuracy >= 0.88
    assert found["training_accuracy"] == by_hand.learnt > by_hand.accuracy
    np.testing.assert_allclose(found["loss"], by_hand.losses, rtol=1e-8)
    assert found["loss"][-1] < 0.25 < 1.5 < found["loss"][0]


READ = (
    "Read correctly: #% of the training images, #% of the held-out ones (# of # misread).",
    "# images to learn from, # held out; a 64-#-10 network with # parameters.",
)


def printed_confusion(out: str) -> tuple[Array, list[float]]:
    """The table of what was read as what, and the shares in its last column."""
    lines = re.findall(r"^ +(\d)((?: +(?:\d+|·)){10}) +([\d.]+)%$", out, re.MULTILINE)
    assert [int(digit) for digit, _, _ in lines] == list(range(10))
    counts = [[int(n) for n in row.replace("·", "0").split()] for _, row, _ in lines]
    return np.array(counts), [float(share) for _, _, share in lines]


def test_digits_are_printed_as_they_are_read(numbers: Numbers) -> None:
    out, by_hand = numbers("digits")["printed"], digits_by_hand(quick=True)
    assert seen(out, READ[1]) == [300, 200, 16, 64 * 16 + 16 + 16 * 10 + 10]
    epochs, steps, _ = seen(out, "# epochs, # steps of AdamW, # s:")
    assert (epochs, steps) == (8, 8 * math.ceil(300 / 16))
    assert rows(out, "epoch") == [[k, float(f"{by_hand.losses[k - 1]:.4f}")] for k in (1, 2, 5, 8)]
    counts, shares = printed_confusion(out)
    np.testing.assert_array_equal(counts, by_hand.confusion)
    right = 100.0 * counts.diagonal() / counts.sum(axis=1)
    assert shares == [float(f"{share:.1f}") for share in right]
    wrong = int(counts.sum() - counts.trace())
    assert seen(out, READ[0]) == [
        float(f"{100 * by_hand.learnt:.2f}"),
        float(f"{100 * by_hand.accuracy:.2f}"),
        wrong,
        200,
    ]
    assert "all held-out outputs are the same to the last bit." in out


def most_common(counts: Array) -> str:
    off = counts - np.diag(counts.diagonal())
    pairs = [f"{i} as {j}" for i, j in np.argwhere(off == off.max())]
    more = f" and {len(pairs) - 3} more" if len(pairs) > 3 else ""
    return f"{', '.join(pairs[:3])}{more}, {off.max()}×{' each' * (len(pairs) > 1)}"


def test_only_the_most_common_mistakes_are_listed(numbers: Numbers) -> None:
    said = f"Most common mistake: {most_common(digits_by_hand(quick=True).confusion)}."
    assert said in numbers("digits")["printed"]
    told = load("digits").most_common_mistake
    counts = [[9 * (i == j) for j in range(10)] for i in range(10)]
    assert told(counts) == "none"
    counts[8][1] = 5
    counts[1][9] = 1
    assert told(counts) == "8 as 1, 5×"
    counts[1][9] = 5
    assert told(counts) == "1 as 9, 8 as 1, 5× each"
    counts[2][0] = counts[3][0] = counts[9][0] = 5
    assert told(counts) == "1 as 9, 2 as 0, 3 as 0 and 2 more, 5× each"


def test_digits_at_full_size_read_96_percent(full_size: FullSize) -> None:
    out, _, elapsed = full_size("digits")
    by_hand = digits_by_hand(quick=False)
    assert seen(out, READ[1]) == [1198, 599, 32, 64 * 32 + 32 + 32 * 10 + 10]
    epochs, steps, seconds = seen(out, "# epochs, # steps of AdamW, # s:")
    assert (epochs, steps) == (20, 20 * math.ceil(1198 / 16))
    assert elapsed / 2 < seconds < elapsed
    for epoch, loss in rows(out, "epoch"):
        assert loss == pytest.approx(by_hand.losses[int(epoch) - 1], rel=0.02)
    learnt, accuracy, wrong, of = seen(out, READ[0])
    assert of == 599
    assert accuracy >= 96.0
    # Thousands of steps, in another order of sums.
    assert abs(wrong - (599 - by_hand.confusion.trace())) <= 1
    assert learnt == pytest.approx(100.0 * by_hand.learnt, abs=0.1)
    counts, shares = printed_confusion(out)
    assert counts.trace() == 599 - wrong
    assert accuracy == float(f"{100 * counts.trace() / 599:.2f}")
    np.testing.assert_array_equal(counts.sum(axis=1), by_hand.confusion.sum(axis=1))
    np.testing.assert_allclose(shares, 100.0 * counts.diagonal() / counts.sum(axis=1), atol=0.0501)
    assert f"Most common mistake: {most_common(counts)}." in out
    assert "all held-out outputs are the same to the last bit." in out


def test_digits_that_come_back_changed_are_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = load("digits")
    right = demo.reloaded

    def changed(model: MLP, path: Path) -> Any:
        again = right(model, path)
        weight = again.parameters()[0]
        weight.data = math.nextafter(weight.data, math.inf)
        return again

    monkeypatch.setattr(demo, "reloaded", changed)
    monkeypatch.setattr(demo, "train", lambda *_: History(loss=[float(k) for k in range(1, 9)]))
    found = demo.main(tmp_path, quick=True)
    out = capsys.readouterr().out
    assert found["exact"] is False
    assert "all held-out outputs are NOT the same." in out
    assert rows(out, "epoch") == [[1, 1], [2, 2], [5, 5], [8, 8]]


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


@cache
def moons_by_hand(steps: int) -> tuple[list[float], list[float], list[Array]]:
    """The loss and the share that is right before each step, and the trained weights."""
    rng = random.Random(1)
    points, labels = data.moons(100, noise=0.1, rng=rng)
    xs, ys = np.array(points), 2 * np.array(labels) - 1
    parts = matrices(MLP(2, [16, 16, 1], rng=rng))
    losses, right = [], []
    for step in range(steps):
        layers = outputs(parts, xs, "relu")
        margins = 1.0 - ys * layers[-1][:, 0]
        penalty = 1e-4 * sum(float(np.sum(part**2)) for part in parts)
        losses.append(float(np.mean(np.maximum(margins, 0.0)) + penalty))
        right.append(float(np.mean((layers[-1][:, 0] > 0) == (ys > 0))))
        delta = (np.where(margins > 0, -ys, 0.0) / len(ys))[:, None]
        gradients = backward(parts, layers, delta, "relu")
        rate = 1.0 - 0.9 * step / 100
        parts = [w - rate * (g + 2e-4 * w) for w, g in zip(parts, gradients, strict=True)]
    return losses, right, parts


def moons_read(parts: list[Array], found: dict[str, Any]) -> tuple[float, float]:
    """The share of the points that are on the right side, and the largest hinge loss."""
    xs, ys = (np.array(part) for part in found["points"])
    scores = outputs(parts, xs, "relu")[-1][:, 0]
    return float(np.mean((scores > 0) == (ys > 0))), float(np.max(np.maximum(1 - ys * scores, 0)))


def test_moons_are_told_apart(numbers: Numbers) -> None:
    found = numbers("moons")
    assert found["accuracy"] == moons_read(matrices(found["model"]), found)[0] == 1.0
    assert sorted(found["points"][1]) == [-1] * 50 + [1] * 50


def test_moons_are_learnt_as_the_matrices_learn_them(numbers: Numbers) -> None:
    found = numbers("moons")
    losses, right, parts = moons_by_hand(len(found["loss"]))
    np.testing.assert_allclose(found["loss"], losses, rtol=1e-6)
    assert found["right"] == right
    np.testing.assert_allclose(flat(matrices(found["model"])), flat(parts), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("quick", [True, False])
def test_moons_are_printed_as_they_are_learnt(
    quick: bool, numbers: Numbers, full_size: FullSize
) -> None:
    found = numbers("moons")
    steps, out = (60, found["printed"]) if quick else (100, full_size("moons")[0])
    losses, right, parts = moons_by_hand(steps)
    weights = 2 * 16 + 16 + 16 * 16 + 16 + 16 + 1
    assert seen(out, "# parameters, # points, # steps.") == [weights, 100, steps]
    for (step, loss, share), expected in zip(
        rows(out, "before step"), (1, 2, 5, 10, 20, 50, 100)[: 6 if quick else 7], strict=True
    ):
        assert step == expected
        assert loss == pytest.approx(losses[expected - 1], abs=5.1e-5)
        assert share == round(100 * right[expected - 1])
    accuracy, worst = moons_read(parts, found)
    assert seen(out, "After the last step #% of the points") == [round(100 * accuracy)]
    (least_sure,) = seen(out, "The loss of the least sure point, #,")
    assert least_sure == pytest.approx(worst, abs=1e-4)
    assert len({right[step - 1] for step in (1, 2, 5, 10, 50)}) == 5


def test_moons_before_any_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = load("moons")
    monkeypatch.setattr(demo, "train", lambda *_: (History(loss=[2.0] * 60), [0.25] * 60))
    found = demo.main(tmp_path, quick=True)
    out = capsys.readouterr().out
    accuracy, worst = moons_read(moons_by_hand(0)[2], found)
    assert accuracy < 0.6
    assert seen(out, "After the last step #% of the points") == [round(100 * accuracy)]
    assert seen(out, "The loss of the least sure point, #,") == [float(f"{worst:.4f}")]


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
