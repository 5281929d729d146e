"""The demos of the lecture notes' formulas: what they print, against closed forms and complex steps.

The complex step, Im f(x + ih)/h with h = 1e-20, has no cancellation and knows no rule of the engine.
Columns that agree to every digit are told apart by putting a wrong formula behind one of them.
"""

import math
import random
import re
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from autograd_lite.losses import half_squared_error
from autograd_lite.nn import MLP, Neuron
from autograd_lite.show.picture import engines

from ..support.demo import load, rows, run
from ..support.networks import complex_step
from ..support.networks import sigmoid as logistic

Array = np.ndarray[Any, np.dtype[Any]]
Numbers = Callable[[str], dict[str, Any]]
Process = Callable[[str], tuple[str, Path]]
Said = Callable[[str], list[str]]
Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("beside_the_demos")

#: What each demo plots, and the circuits it draws.
PICTURES = {
    "chain_rule": ({"losses", "total_derivative"}, {"two_paths"}),
    "logistic_regression": ({"boundary"}, {"half_squared", "log_loss"}),
    "perceptron": ({"cliff", "training"}, {"perceptron"}),
    "tanh_mlp": ({"regression"}, {"network"}),
    "two_layer_network": (set[str](), {"circuit", "layers"}),
}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Process:
    """What a demo prints at full size, as a process that runs once, and the folder of its pictures."""

    @cache
    def found(name: str) -> tuple[str, Path]:
        folder = tmp_path_factory.mktemp(name)
        return run(name, folder), folder / "out"

    return found


@pytest.fixture(scope="module")
def said(numbers: Numbers, process: Process) -> Said:
    """What a demo prints, at reduced size and at full size."""
    return lambda name: [numbers(name)["printed"], process(name)[0]]


def shown(numbers: Any, digits: int) -> Any:
    """These numbers, as printed with so many digits after the point."""
    return pytest.approx(numbers, rel=1e-12, abs=0.501 * 10.0**-digits)


def row(printed: str, label: str) -> list[float]:
    (only,) = rows(printed, label)
    return only


@pytest.mark.parametrize("name", PICTURES)
def test_runs_as_a_process_and_draws(name: str, process: Process) -> None:
    printed, folder = process(name)
    assert printed.splitlines()[-1] == "Pictures: out"
    plots, circuits = PICTURES[name]
    drawn = circuits if engines.available() else set()
    assert {file.stem for file in folder.glob("*.png")} == plots | drawn
    assert {file.stem for file in folder.glob("*.svg")} == drawn
    assert {file.stem for file in folder.glob("*.dot")} == circuits
    for file in folder.glob("*.png"):
        assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", PICTURES)
def test_does_without_graphviz(
    name: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "available", list)
    load(name).main(tmp_path, quick=True)
    assert "pip install" in capsys.readouterr().out
    plots, circuits = PICTURES[name]
    assert {file.stem for file in tmp_path.glob("*.png")} == plots
    assert {file.stem for file in tmp_path.glob("*.dot")} == circuits
    assert not list(tmp_path.glob("*.svg"))


# The chain rule


def test_two_paths(
    numbers: Numbers, said: Said, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    x = 1.5
    first, second = 2 * x * math.sin(x), x * x * math.cos(x)
    slope = complex_step(lambda t: t[0] ** 2 * np.sin(t[0]), [x])[0]
    found = numbers("chain_rule")
    assert found["share y1"] == pytest.approx(first, rel=1e-15)
    assert found["share y2"] == pytest.approx(second, rel=1e-14)
    assert found["dz/dx"] == pytest.approx(slope, rel=1e-14)
    for printed in said("chain_rule"):
        upstream = [math.sin(x), x * x]
        for name, up, local, share in zip(
            ("y₁", "y₂"), upstream, (2 * x, math.cos(x)), (first, second), strict=True
        ):
            assert row(printed, f"by {name}:") == shown([up, up, local, share], 6)
        assert row(printed, "sum:") == shown([slope, slope], 6)
        assert row(printed, "the other:") == shown([first, second], 6)
        for name, share in (("y₁", first), ("y₂", second)):
            verdict = row(printed, f"gradcheck, where = keeps {name}")
            assert verdict == shown([1, 1, share, slope], 6)
        assert "gradcheck, where +=: the derivative agrees with finite differences" in printed
    demo = load("chain_rule")
    monkeypatch.setattr(demo, "sum", lambda _: 9.0, raising=False)
    monkeypatch.setattr(demo, "save_circuit", lambda *_: None)
    demo.two_paths(tmp_path)
    assert row(capsys.readouterr().out, "sum:") == shown([9.0, slope], 6)


def test_total_derivative(
    numbers: Numbers, said: Said, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = numbers("chain_rule")
    assert (found["g'(-1)"], found["g'(0.5)"], found["g'(2)"]) == (1.0, 1.75, 16.0)
    table: dict[str, list[float]] = {"-1": [-2, 3, 1], "0.5": [1, 0.75, 1.75], "2": [4, 12, 16]}
    for printed in said("chain_rule"):
        for t, (first, second, both) in table.items():
            assert row(printed, t) == [first, second, both, both]
    demo = load("chain_rule")
    monkeypatch.setattr(demo, "derivative", lambda _: lambda _: 7.0)
    demo.total_derivative(tmp_path)
    printed = capsys.readouterr().out
    assert all(row(printed, t) == [*formulas, 7.0] for t, formulas in table.items())


def test_sums_of_losses(said: Said, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("w_1", "w_2", "b")

    def error(w: Array, X: Array, T: Array) -> Any:
        return np.sum(0.5 * (np.tanh(X @ w[:2] + w[2]) - T) ** 2)

    def reference(n: int) -> tuple[Array, Array, Array]:
        rng = random.Random(0)
        w = np.array([p.data for p in Neuron(2, activation="tanh", rng=rng).parameters()])
        X = np.array([[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(n)])
        return w, X, np.tanh(X[:, 0] - X[:, 1])

    for printed, n in zip(said("chain_rule"), (20, 500), strict=True):
        assert f"over {n} samples" in printed
        w, X, T = reference(n)
        slopes = complex_step(lambda p, X=X, T=T: error(p, X, T), w)  # type: ignore[misc]
        for name, slope in zip(names, slopes, strict=True):
            assert row(printed, name) == pytest.approx([slope, slope], rel=1e-12, abs=1e-12)
        assert "E = Σ loss(ŷ(xᵗ), yᵗ): all 3 derivatives agree" in printed
        wrong = complex_step(lambda p, X=X, T=T: error(p, X[[0] * len(T)], T), w)  # type: ignore[misc]
        worst = int(np.argmax(np.abs(slopes - wrong)))
        assert row(printed, "WRONG") == shown([3, 3, slopes[worst], wrong[worst]], 6)

    demo = load("chain_rule")
    monkeypatch.setattr(demo, "total", lambda losses: losses[0])
    demo.sum_of_losses(20)
    printed = capsys.readouterr().out
    w, X, T = reference(20)
    first = complex_step(lambda p: error(p, X[:1], T[:1]), w)
    slopes = complex_step(lambda p: error(p, X, T), w)
    for name, *expected in zip(names, slopes, first, strict=True):
        assert row(printed, name) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_losses_at_the_corners(numbers: Numbers, said: Said) -> None:
    found = numbers("chain_rule")
    table = {
        (0, 0): [0.0, 1.0, 0.0, 0.0],
        (1, 1): [0.0, -1.0, 0.0, 0.0],
        (0, 1): [math.inf, -math.inf, 0.5, -1.0],
        (1, 0): [math.inf, math.inf, 0.5, 1.0],
    }
    logits: dict[tuple[int, int], list[float]] = {
        (-1000, 0): [0, 0],
        (1000, 0): [1000, 1],
        (-1000, 1): [1000, -1],
        (1000, 1): [0, 0],
    }
    for (p, t), (loss, slope, half, _) in table.items():
        assert found[f"log loss({p}, {t})"] == loss
        assert found[f"log loss slope({p}, {t})"] == slope
        assert found[f"half squared({p}, {t})"] == half
    for (z, t), expected in logits.items():
        assert [found[f"logit {what}({z}, {t})"] for what in ("loss", "slope")] == expected
    for printed in said("chain_rule"):
        for (p, t), expected in table.items():
            assert row(printed, f"{p}  {t}") == expected
        for (z, t), expected in logits.items():
            assert row(printed, f"z = {z:+}, t = {t}") == expected
        assert "“math domain error”" in printed
        assert "“math range error”; sigmoid gives 0.\n" in printed


# Logistic regression


def log_loss(a: Any, y: Any) -> Any:
    return -(y * np.log(a) + (1 - y) * np.log(1 - a))


def half_squared(a: Any, y: Any) -> Any:
    return 0.5 * (a - y) ** 2


LOSSES = {"log_loss": log_loss, "half_squared": half_squared}
FORMULAS = ("L", "da", "dz", "dw₁ = dz·x₁", "dw₂ = dz·x₂", "db = dz", "dx₁ = dz·w₁", "dx₂ = dz·w₂")


def one_sample(loss: Callable[[Any, Any], Any], y: float) -> list[float]:
    """The loss and its slopes by a, z, w₁, w₂, b, x₁ and x₂."""
    p = np.array([0.4, 0.8, -0.3, 1.5, -0.5])
    z = p[:2] @ p[3:] + p[2]
    by_p = complex_step(lambda q: loss(logistic(q[:2] @ q[3:] + q[2]), y), p)
    by_a = complex_step(lambda a: loss(a[0], y), [logistic(z)])
    by_z = complex_step(lambda t: loss(logistic(t[0]), y), [z])
    return [loss(logistic(z), y), *by_a, *by_z, *by_p]


def test_one_sample_of_logistic_regression(
    numbers: Numbers, said: Said, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = numbers("logistic_regression")
    slopes = {name: [one_sample(loss, y) for y in (0, 1)] for name, loss in LOSSES.items()}
    for name, (zero, one) in slopes.items():
        for column, expected in zip(found[name], (zero, zero, one, one), strict=True):
            assert list(column.values()) == pytest.approx(expected, rel=1e-13)
    for printed in said("logistic_regression"):
        for i, formula in enumerate(FORMULAS):
            for line, (zero, one) in zip(rows(printed, formula), slopes.values(), strict=True):
                assert line == shown([zero[i], zero[i], one[i], one[i]], 6)
        assert rows(printed, "One sample, a =") == [
            pytest.approx([logistic(-0.1), *others], abs=1e-6) for others in ([1, 1], [])
        ]

    demo = load("logistic_regression")
    monkeypatch.setattr(demo, "by_the_notes", lambda *_: dict.fromkeys(FORMULAS, 9.0))
    monkeypatch.setattr(demo, "save_circuit", lambda *_: None)
    demo.one_sample(tmp_path)
    printed = capsys.readouterr().out
    for i, formula in enumerate(FORMULAS):
        for line, (zero, one) in zip(rows(printed, formula), slopes.values(), strict=True):
            assert line == shown([9, zero[i], 9, one[i]], 6)


def descent(loss: Callable[[Any, Any], Any], X: Array, Y: Array, steps: int) -> Array:
    """w₁, w₂ and b after each step with η = 0.5."""
    path = [np.zeros(3)]
    for _ in range(steps):
        slope = complex_step(lambda p: np.mean(loss(logistic(X @ p[:2] + p[2]), Y)), path[-1])
        path.append(path[-1] - 0.5 * slope)
    return np.array(path[1:])


def test_loop_vectorised_and_engine_descend_alike(numbers: Numbers, said: Said) -> None:
    found = numbers("logistic_regression")
    for printed, n, steps in zip(said("logistic_regression"), (30, 100), (60, 300), strict=True):
        assert f"log loss, {n} samples, η = 0.5" in printed
        X, Y = map(np.array, load("logistic_regression").samples(n))
        log, half = (descent(loss, X, Y, steps) for loss in LOSSES.values())
        if n == 30:
            for paths, truth in ((found["paths"], log), (found["half squared paths"], half)):
                for path in paths.values():
                    np.testing.assert_allclose(path, truth, rtol=1e-10, atol=1e-13)
        for step in (1, 2, steps // 10, steps):
            first, second = rows(printed, str(step))
            assert first == shown([*log[step - 1]] * 3, 6)
            assert second == shown([*half[step - 1]] * 2, 6)
        for way, tables in (("loop", 1), ("vectorised", 2)):
            lines = rows(printed, f"{way} furthest from the engine:")
            assert len(lines) == tables
            assert max(lines) < [1e-13]
        loss = np.mean(log_loss(logistic(X @ log[-1][:2] + log[-1][2]), Y))
        assert row(printed, "mean log loss") == shown([steps, loss], 6)


@pytest.mark.parametrize("way", ["loop", "vectorised", "engine"])
def test_each_column_of_the_descents_is_its_own(
    way: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    demo = load("logistic_regression")
    right = getattr(demo, way)

    def shifted(*args: Any, **named: Any) -> list[list[float]]:
        return [[p + 0.5 for p in each] for each in right(*args, **named)]

    monkeypatch.setattr(demo, way, shifted)
    monkeypatch.setattr(demo, "plot_borders", lambda *_: None)
    data = demo.samples(10)
    demo.descents(data, 20, tmp_path)
    printed = capsys.readouterr().out
    X, Y = map(np.array, data)
    last = descent(log_loss, X, Y, 20)[-1], descent(half_squared, X, Y, 20)[-1]
    for line, p, ways in zip(
        rows(printed, "20"),
        last,
        (("loop", "vectorised", "engine"), ("vectorised", "engine")),
        strict=True,
    ):
        expected = [x + 0.5 * (each == way) for each in ways for x in p]
        assert line == shown(expected, 6)
    for each in ("loop", "vectorised"):
        for (apart,) in rows(printed, f"{each} furthest from the engine:"):
            assert apart == (0.5 if way in (each, "engine") else pytest.approx(0.0, abs=1e-14))


# The network of two layers


def test_formulas_of_the_network_of_two_layers(numbers: Numbers, said: Said) -> None:
    found = numbers("two_layer_network")
    formulas = [name for name in found if name.startswith("d")]
    assert len(formulas) == 13
    for printed, networks in zip(said("two_layer_network"), (30, 200), strict=True):
        assert f"on {networks} random networks" in printed
        assert all(row(printed, name)[-1] < 1e-11 for name in formulas)
        (apart,) = re.findall(r"at most (\S+) from the engine", printed)
        assert float(apart) < 1e-13
    quick, _ = said("two_layer_network")
    assert [row(quick, name)[-1] for name in formulas] == [
        float(f"{found[name]:.1e}") for name in formulas
    ]


def test_wrong_formulas_of_the_network_are_seen(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = load("two_layer_network")
    monkeypatch.setattr(demo, "binary_cross_entropy", half_squared_error)
    formulas = list(demo.the_summary(3))
    printed = capsys.readouterr().out
    assert all(row(printed, name)[-1] > 1e-2 for name in formulas)
    monkeypatch.setitem(demo.UNITS, "tanh", (np.tanh, lambda z: np.tanh(z) * (1 - np.tanh(z))))
    demo.any_depth(10)
    (apart,) = re.findall(r"at most (\S+) from the engine", capsys.readouterr().out)
    assert float(apart) > 1e-3


def network_loss(parts: list[Array], k: int, part: Array, X: Array, ys: Array) -> Any:
    W, b, V, c = (part if i == k else each for i, each in enumerate(parts))
    return np.mean(log_loss(logistic(V @ logistic(W @ X + b) + c)[0], ys))


@pytest.mark.parametrize("seed", range(3))
def test_network_of_two_layers_by_the_complex_step(seed: int) -> None:
    demo = load("two_layer_network")
    rng, draws = random.Random(seed), np.random.default_rng(seed)
    model = demo.two_layers(3, 4, rng)
    parts = [part for layer in model.layers for part in demo.parts(layer)]
    x, xs = demo.inputs(3, rng), draws.normal(size=(6, 3))
    ys = draws.integers(0, 2, size=6).astype(float)
    one = ("dW¹ = dz¹ xᵀ", "db¹ = dz¹", "dW² = (a² − y) a¹ᵀ", "db² = a² − y")
    many = ("dW¹ = dZ¹ Xᵀ/n", "db¹ = Σ dZ¹/n", "dW² = dZ² A¹ᵀ/n", "db² = Σ dZ²/n")
    for pairs, formulas, X, y in (
        (demo.summary(model, x, 1.0), one, demo.column(x), np.array([1.0])),
        (demo.vectorised(model, xs, ys), many, xs.T, ys),
    ):
        for k, formula in enumerate(formulas):
            truth = complex_step(partial(network_loss, parts, k, X=X, ys=y), parts[k])
            for by in pairs[formula]:
                np.testing.assert_allclose(by, truth, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize(
    ("slope", "holds"), [(math.cos, True), (math.sin, False), (lambda x: math.cos(x) + 1e-4, False)]
)
def test_the_judge(slope: Callable[[float], float], holds: bool) -> None:
    common = import_module("common")
    report = common.judged(math.sin, [lambda x, _: slope(x)], 0.4)
    assert report.ok is holds
    assert common.verdict(report).startswith("the derivative agrees" if holds else "WRONG, 1 of 1")
    several = common.judged(lambda x, y: x * y, lambda xs, _: [xs[1], xs[0]], [2.0, 5.0])
    assert several.ok
    assert len(several.entries) == 2


# The tanh network


def tanh_forward(weights: list[Array], x: Array, shifts: dict[int, Array]) -> list[Array]:
    """The sums a of every layer, moved by ``shifts``."""
    sums: list[Array] = []
    for i, w in enumerate(weights):
        below = np.tanh(sums[-1]) if sums else x
        sums.append(w @ np.append(below, 1.0) + shifts.get(i, 0.0))
    return sums


def deltas(weights: list[Array], x: Array, t: Array) -> list[Array]:
    """∂L/∂a of every layer by the complex step."""

    def loss(k: int, shift: Array) -> Any:
        return 0.5 * np.sum((tanh_forward(weights, x, {k: shift})[-1] - t) ** 2)

    return [complex_step(partial(loss, k), np.zeros(len(w))) for k, w in enumerate(weights)]


def matrices(model: MLP) -> list[Array]:
    """Of every layer, the weights with the biases as the last column."""
    return [np.array([[p.data for p in n.parameters()] for n in k.neurons]) for k in model.layers]


def delta_rows(printed: str) -> list[list[list[float]]]:
    """The tables of δ: layer, unit, a, δ, ∂L/∂a, difference."""
    tables = re.split(r"layer  unit +a .*\n", printed)[1:]
    return [
        [list(map(float, line.split())) for line in re.findall(r"^ {8}\d .*", t, re.M)]
        for t in tables
    ]


def test_deltas(numbers: Numbers, said: Said) -> None:
    found = numbers("tanh_mlp")
    demo = load("tanh_mlp")
    for printed, networks in zip(said("tanh_mlp"), (20, 200), strict=True):
        shapes = ([3, 4, 2], [2, 3, 3, 2])
        for table, sizes in zip(delta_rows(printed), shapes, strict=True):
            model, x, t = demo.random_network(sizes, 1)
            weights = matrices(model)
            truth = deltas(weights, np.array(x), np.array(t))
            sums = tanh_forward(weights, np.array(x), {})
            expected = [
                [k, j, a, d, d]
                for k, layer in enumerate(zip(sums, truth, strict=True), 1)
                for j, (a, d) in enumerate(zip(*layer, strict=True), 1)
            ]
            assert [line[:2] for line in table] == [line[:2] for line in expected]
            for line, (*_, a, d, _) in zip(table, expected, strict=True):
                assert line[2] == shown(a, 5)
                assert line[3:5] == shown([d, d], 6)
                assert abs(line[5]) < 1e-14
            count = sum(w.size for w in weights)
            assert f"all {count} gradients are δ × input, within " in printed
            assert f"gradcheck: all {count} derivatives agree with finite differences" in printed
        assert max(row(printed, f"{networks} more networks")[-2:]) < 1e-13
    quick, _ = said("tanh_mlp")
    apart = [float(f"{found[what]:.0e}") for what in ("deltas apart", "gradients apart")]
    assert row(quick, "20 more networks") == [1, 8, *apart]
    assert found["deltas apart"] < 1e-13
    assert found["gradients apart"] < 1e-13


def test_a_wrong_recursion_is_seen(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("tanh_mlp")
    right: Callable[..., list[list[float]]] = demo.backward

    def without_the_slope(weights: Any, layers: Any, t: Any) -> list[list[float]]:
        return right(weights, [[0.0] * len(z) for z in layers[:-1]] + layers[-1:], t)

    assert max(demo.compare([2, 3, 2], 0, shown=False)) < 1e-14
    monkeypatch.setattr(demo, "backward", without_the_slope)
    furthest, gradients = demo.compare([2, 3, 2], 0, shown=True)
    assert min(furthest, gradients) > 1e-3
    printed = capsys.readouterr().out
    model, x, t = demo.random_network([2, 3, 2], 0)
    truth = deltas(matrices(model), np.array(x), np.array(t))
    wrong = without_the_slope(
        [w.tolist() for w in matrices(model)],
        demo.forward([w.tolist() for w in matrices(model)], x),
        t,
    )
    (table,) = delta_rows(printed)
    for line, d, engine in zip(table, np.concatenate(wrong), np.concatenate(truth), strict=True):
        assert line[3:5] == shown([d, engine], 6)
        assert line[5] == pytest.approx(d - engine, rel=0.6, abs=1e-14)
    (within,) = re.findall(r"δ × input, within (\S+)", printed)
    assert float(within) == float(f"{gradients:.0e}")


def curves(x: Array) -> Array:
    return np.column_stack([np.sin(2 * x), x**2 / 2 - 1])


def regression(epochs: int) -> tuple[list[float], float]:
    """The mean loss of every epoch, and the distance from the curves, by Adam's formulas on arrays."""
    rng = random.Random(3)
    x = np.array([-2.0 + 4.0 * i / 39 for i in range(40)])
    noise = np.array([[rng.gauss(0, 0.08), rng.gauss(0, 0.08)] for _ in x])
    t = curves(x) + noise
    first, second = matrices(MLP(1, [10, 2], activation="tanh", rng=random.Random(4)))
    w = np.concatenate([first.ravel(), second.ravel()])
    m, v, step = np.zeros_like(w), np.zeros_like(w), 0
    shuffler, losses = random.Random(5), []

    def outputs(x: Array) -> tuple[Array, Array]:
        h = np.tanh(np.column_stack([x, np.ones_like(x)]) @ w[:20].reshape(10, 2).T)
        H = np.column_stack([h, np.ones_like(x)])
        return H, H @ w[20:].reshape(2, 11).T

    for epoch in range(epochs):
        rate = 0.001 + 0.049 * 0.5 * (1 + math.cos(math.pi * epoch / epochs))
        order = list(range(40))
        shuffler.shuffle(order)
        total = 0.0
        for batch in np.split(np.array(order), 4):
            step += 1
            H, y = outputs(x[batch])
            delta = y - t[batch]
            total += 0.5 * float(np.sum(delta**2))
            below = (delta @ w[20:].reshape(2, 11)[:, :-1]) * (1 - H[:, :-1] ** 2)
            X = np.column_stack([x[batch], np.ones(10)])
            g = np.concatenate([(below.T @ X).ravel(), (delta.T @ H).ravel()]) / 10
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            w = w - rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
        losses.append(total / 40)
    grid = np.linspace(-2.0, 2.0, 161)
    return losses, float(np.sqrt(np.mean((outputs(grid)[1] - curves(grid)) ** 2)))


def test_the_tanh_network_learns_two_curves(numbers: Numbers, said: Said) -> None:
    found = numbers("tanh_mlp")
    for printed, epochs in zip(said("tanh_mlp"), (60, 400), strict=True):
        losses, rms = regression(epochs)
        first, last, epoch = row(printed, "Regression")[-3:]
        assert (first, last, epoch) == (shown(losses[0], 4), shown(losses[-1], 4), epochs)
        assert row(printed, "root mean square") == shown([rms], 4)
        if epochs == 60:
            assert (found["first loss"], found["last loss"], found["rms"]) == pytest.approx(
                (losses[0], losses[-1], rms), rel=1e-8
            )
            (line,) = found["figures"]["regression"].axes[1].lines
            np.testing.assert_allclose(line.get_ydata(), losses, rtol=1e-8)
        assert rms < 0.12


# The perceptron

CORNERS = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float)


def test_the_perceptron_rule_is_a_step_of_the_engine(
    numbers: Numbers, said: Said, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = numbers("perceptron")
    x, W = np.array([1.5, 0.5, 1.0]), np.array([0.3, -0.8, 0.1])
    gradient = complex_step(lambda w: 0.5 * (1 - logistic(w @ x)) ** 2, W)
    after, delta = W - 0.5 * gradient, -gradient[2]
    assert found["W1"] == pytest.approx(after[0], rel=1e-14)
    assert found["Delta"] == pytest.approx(delta, rel=1e-13)
    assert found["dE/din"] == pytest.approx(-delta, rel=1e-13)
    assert (found["gradcheck Δ"], found["gradcheck −Δ"]) == (False, True)
    names = ("W₁", "W₂", "W₀")
    for printed in said("perceptron"):
        assert row(printed, "One example")[-2:] == shown([0.15, 1 - logistic(0.15)], 6)
        for name, before, new in zip(names, W, after, strict=True):
            assert row(printed, name) == shown([before, new, new], 9)
        assert row(printed, "Δ = Err·g′(in) =") == shown([delta], 9)
        assert row(printed, "∂E/∂in by the engine") == shown([-delta, -delta], 9)
        assert row(printed, "gradcheck of Δ for ∂E/∂in") == shown([1, 1, delta, -delta], 6)
        assert "gradcheck of −Δ: the derivative agrees" in printed
        (apart,) = re.findall(r"at most (\S+) from the engine's step", printed)
        assert float(apart) < 1e-14

    demo = load("perceptron")
    monkeypatch.setattr(demo, "slope", lambda _: 2.0)
    monkeypatch.setattr(demo, "difference", lambda *_: (7.0, 0.0))
    demo.one_step(tmp_path)
    demo.hidden_rule(5)
    printed = capsys.readouterr().out
    err = 1 - logistic(0.15)
    for name, before, new, xj in zip(names, W, after, x, strict=True):
        assert row(printed, name) == shown([before, before + 0.5 * err * 2.0 * xj, new], 9)
    assert row(printed, "Δ = Err·g′(in) =") == shown([2.0 * err], 9)
    assert row(printed, "∂E/∂in by the engine") == shown([-delta, 7.0], 9)
    (apart,) = re.findall(r"at most (\S+) from the engine's step", printed)
    assert float(apart) > 1e-3


def online(ys: Array, epochs: int) -> tuple[list[float], Array]:
    """The rule on the corners, one after another: E after each epoch, and the outputs in the end."""
    start = Neuron(2, activation="sigmoid", rng=random.Random(2))
    w = np.array([p.data for p in start.parameters()])
    rng, errors = random.Random(3), []
    for _ in range(epochs):
        order = list(range(4))
        rng.shuffle(order)
        for i in order:
            g = logistic(w @ CORNERS[i])
            w = w + 0.5 * (ys[i] - g) * g * (1 - g) * CORNERS[i]
        errors.append(float(0.5 * np.sum((logistic(CORNERS @ w) - ys) ** 2)))
    return errors, logistic(CORNERS @ w)


def test_the_perceptron_learns_or_and_not_xor(numbers: Numbers, said: Said) -> None:
    found = numbers("perceptron")
    targets = {"OR": np.array([0.0, 1, 1, 1]), "XOR": np.array([0.0, 1, 1, 0])}

    def error(w: Array) -> float:
        out = logistic(np.clip(CORNERS @ w, -500, 500))
        return float(0.5 * np.sum((out - targets["XOR"]) ** 2))

    rng = np.random.default_rng(0)
    least = min(optimize.minimize(error, rng.normal(size=3) * 3).fun for _ in range(20))
    assert least == pytest.approx(0.5, abs=1e-6)
    assert found["least E"] == 0.5
    for printed, epochs in zip(said("perceptron"), (300, 2000), strict=True):
        for name, ys in targets.items():
            errors, outputs = online(ys, epochs)
            expected = [shown(errors[-1], 4), epochs, *(shown(out, 3) for out in outputs)]
            assert row(printed, name) == expected
            if epochs == 300:
                assert found[f"E of {name}"] == pytest.approx(errors[-1], rel=1e-10)
                left, *_ = found["figures"]["training"].axes
                (line,) = (each for each in left.lines if each.get_label() == name)
                np.testing.assert_allclose(line.get_ydata(), errors, rtol=1e-10)
        assert row(printed, "No cliff parts XOR")[-1] == 0.5
    assert found["E of OR"] < 0.03
    assert least - 1e-9 < found["E of XOR"] < 0.51
