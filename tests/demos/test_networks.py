"""The demos of networks, held to NumPy's matrix formulas, complex steps and the lectures' digits.

The references know nothing of the engine: layers as matrices, all samples at once. A long training
multiplies the rounding of its sums, so its end is compared to 1e-9.
"""

import math
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import optimize

from autograd_lite.nn import MLP
from autograd_lite.show.picture import engines

from ..support.demo import load, rows, run
from ..support.networks import sigmoid as logistic

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


def to(digits: int, expected: Any) -> Any:
    """What is printed with so many decimals."""
    return pytest.approx(expected, rel=0.0, abs=0.51 * 10.0**-digits)


def e(digits: int, expected: Any) -> Any:
    """What is printed with so many decimals before its power of ten."""
    return pytest.approx(expected, rel=0.51 * 10.0**-digits, abs=0.0)


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


class Trained(NamedTuple):
    outputs: list[float]  # at the corners
    errors: list[float]  # before every step
    slopes: Array  # of the hidden biases, at the start
    layers: list[list[float]]  # weights and bias, unit by unit


def train_xor(steps: int, *, fault: bool = False, eta: float = 0.03) -> Trained:
    """The lecture's training on arrays."""
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
    outputs = logistic(V @ logistic(W @ CORNERS + b) + c)[0].tolist()
    layers = [np.hstack([*pair]).ravel().tolist() for pair in ((W, b), (V, c))]
    return Trained(outputs, errors, first[0].ravel(), layers)


def test_xor_with_fixed_weights(numbers: Numbers) -> None:
    found = numbers("xor")
    assert found["fixed"] == pytest.approx(FIXED, abs=1e-12)
    assert rows(found["printed"], "F = 5") == [to(12, FIXED)]
    for F, sharper in found["sharper"].items():
        hs = logistic(F * (np.array([[1, -1], [-1, 1]]) @ CORNERS - 0.5))
        outputs = logistic(F * (hs.sum(axis=0) - 0.5))
        assert sharper == pytest.approx(outputs.tolist(), rel=1e-12)
        ((off,),) = rows(found["printed"], f"F = {F:g}")
        assert off == e(1, np.abs(outputs - [0, 1, 1, 0]).max())
        assert off < 20 * math.exp(-F / 2)


@pytest.mark.parametrize("fault", [False, True])
def test_xor_trains_as_the_formulas_do(numbers: Numbers, fault: bool) -> None:
    found = numbers("xor")
    errors = found["faulty_errors" if fault else "errors"]
    outputs = found["faulty" if fault else "right"]
    by_hand = train_xor(10, fault=fault)
    assert errors == pytest.approx(by_hand.errors, rel=1e-11)
    assert outputs == pytest.approx(by_hand.outputs, rel=1e-11)
    assert outputs != pytest.approx(train_xor(10, fault=not fault).outputs, rel=1e-3)
    label = "with the bias fault" if fault else "right gradients"
    shown, first_and_last = rows(found["printed"], label)
    assert shown == to(10, by_hand.outputs)
    assert first_and_last == to(7, [by_hand.errors[0], by_hand.errors[-1]])


def test_xor_says_nothing_of_200_steps_after_10(numbers: Numbers) -> None:
    printed = numbers("xor")["printed"]
    assert "After 10 steps" in printed
    for words in ("in the notes:", "printed in", "peaks", "from step 50", "tenth digit"):
        assert words not in printed
    _, _, b1, _, _, b2 = train_xor(10, fault=True).layers[0]
    biases = re.search(r"biases (\S+) and (\S+) have .*\n +.* is (\S+), and was (\S+) at", printed)
    assert biases is not None
    assert [float(x) for x in biases.groups()] == to(8, [b1, b2, b1 - b2, 1.25300933])


def test_xor_shows_which_bias_gradient_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], numbers: Numbers
) -> None:
    b1, b2 = train_xor(1).slopes
    for i, slope in ((1, b1), (2, b2)):
        assert rows(numbers("xor")["printed"], f"b{i}") == [to(6, [slope, slope, b2])]
    demo = load("xor")
    monkeypatch.setattr(demo, "difference", lambda *_: (7.0, 0.0))
    demo.bias_gradients(demo.lecture_xor())
    printed = capsys.readouterr().out
    for i, slope in ((1, b1), (2, b2)):
        assert rows(printed, f"b{i}") == [to(6, [slope, 7.0, b2])]


def test_xor_formulas_give_the_digits() -> None:
    right, faulty = train_xor(200), train_xor(200, fault=True)
    assert right.outputs == pytest.approx(RIGHT, abs=1e-9)
    assert (right.errors[0], right.errors[-1]) == to(4, (126.2757, 1.6650509))
    assert right.errors[-1] == to(7, 1.6650509)
    assert faulty.outputs == pytest.approx(PRINTED, abs=1e-11)
    ahead = np.array(faulty.errors) < right.errors
    assert ahead[50:170].all()
    assert not ahead[[*range(10, 45), *range(172, 200)]].any()


def test_xor_peaks_are_the_step_size() -> None:
    assert max(np.diff(train_xor(200).errors)) > 10.0
    assert max(np.diff(train_xor(600, eta=0.01).errors)) < 0.0


LAYERS = [
    [-3.2933533, -3.3736506, 4.72145779, -6.57363912, -6.7182171, 3.46844846],
    [9.89952122, -9.51866265, -4.20933528],
]


def test_xor_engine_gives_the_digits(tmp_path: Path) -> None:
    out = process("xor", tmp_path, "loss", "decision_boundary", *circuits("network", "circuit"))
    right, errors = rows(out, "right gradients")
    assert right == pytest.approx(RIGHT, abs=2e-10)
    assert "0.9645614661  0.9642003386" in out
    assert errors == to(7, [126.2756955, 1.6650509])
    faulty, errors, *found = rows(out, "with the bias fault")
    printed, *given = rows(out, "printed in the notes")
    assert faulty == printed == [float(f"{x:.12f}") for x in PRINTED]
    assert found == given == [[float(f"{x:.7f}") for x in row] for row in LAYERS]
    assert errors == to(7, [126.2756955, train_xor(200, fault=True).errors[-1]])
    assert "4.72145779 and 3.46844846" in out
    assert "1.25300933" in out


def test_xor_tells_its_own_numbers_from_those_of_the_notes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = load("xor")
    monkeypatch.setattr(demo, "STEPS", 2)
    demo.train_both(demo.lecture_xor(), 2)
    printed = capsys.readouterr().out
    by_hand = train_xor(2, fault=True)
    outputs, _, *layers = rows(printed, "with the bias fault")
    assert outputs == to(12, by_hand.outputs)
    assert layers == [to(7, row) for row in by_hand.layers]
    outputs, *layers = rows(printed, "printed in the notes")
    assert outputs == to(12, PRINTED)
    assert layers == [to(7, row) for row in LAYERS]


# Gradient checks


def loss_of(layers: Sequence[tuple[Array, Array]], x: Array, target: Array) -> Any:
    h = x
    for W, b in layers:
        h = logistic(W @ h + b)
    return 0.5 * ((h - target) ** 2).sum()


def lines(problem: Any) -> list[Callable[[complex], complex]]:
    """For each parameter, in the network's order, the loss when t is added to it."""
    x, target = np.array([problem.x]).T, np.array([problem.target]).T
    layers = [(W.astype(complex), b.astype(complex)) for W, b in parameters(problem.model)]

    def along(array: Array, place: tuple[int, int]) -> Callable[[complex], complex]:
        def loss_at(t: complex) -> complex:
            start = array[place]
            array[place] += t
            found = complex(loss_of(layers, x, target))
            array[place] = start
            return found

        return loss_at

    return [
        along(array, place)
        for W, b in layers
        for i in range(len(b))
        for array, place in [*((W, (i, j)) for j in range(W.shape[1])), (b, (i, 0))]
    ]


def complex_gradient(problem: Any) -> list[float]:
    """Im E(θ + ih)/h for every parameter."""
    return [line(1e-20j).imag / 1e-20 for line in lines(problem)]


def central_differences(problem: Any, h: float) -> list[float]:
    return [(line(h) - line(-h)).real / (2 * h) for line in lines(problem)]


def third_derivatives(problem: Any) -> Array:
    """By Cauchy's formula on a circle."""
    turns = np.exp(2j * np.pi * np.arange(16) / 16)
    return np.array(
        [
            6 * np.mean([line(0.1 * turn) / (0.1 * turn) ** 3 for turn in turns]).real
            for line in lines(problem)
        ]
    )


def lecture_code(problem: Any, *, overwrite: bool = False, one_bias: bool = False) -> list[float]:
    """The backward pass on arrays, with the lecture's faults."""
    layers, hs = parameters(problem.model), [np.array([problem.x]).T]
    for W, b in layers:
        hs.append(logistic(W @ hs[-1] + b))
    up = hs[-1] - np.array([problem.target]).T
    found: list[float] = []
    for (W, _), below, above in zip(layers[::-1], hs[-2::-1], hs[:0:-1], strict=True):
        delta = up * above * (1 - above)
        biases = np.full_like(delta, delta[-1]) if one_bias else delta
        found = [*np.hstack([delta @ below.T, biases]).ravel().tolist(), *found]
        up = delta[-1] * W[-1:].T if overwrite else W.T @ delta
    return found


GIVEN = [
    (0.0031136092315531272, 0.0031136087408337918),
    (0.0031136092315531272, 0.0031136087408337918),
    (-0.0047451058360348242, -0.0047451063432885328),
    (-0.0047451058360348242, -0.0047451063432885328),
    (0.05932591112811636, 0.059325910360931711),
    (0.053831228363776518, 0.053831228615190692),
]


def columns_of_the_lecture(printed: str) -> list[tuple[float, ...]]:
    """The printed differences and derivatives, the engine's and a difference."""
    six = [re.findall(r"-?\d\.\d{14}", line) for line in printed.splitlines()]
    found = [*zip(*([float(x) for x in row] for row in six if row), strict=True)]
    assert [len(column) for column in found] == [6] * 4
    return found


def test_gradient_check_repeats_the_lecture(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    differences, derivatives = zip(*GIVEN, strict=True)
    assert found["lecture"] == pytest.approx(derivatives, rel=1e-14)
    columns = columns_of_the_lecture(found["printed"])
    assert columns[:3] == [to(14, each) for each in (differences, derivatives, derivatives)]
    assert columns[3] == pytest.approx(derivatives, rel=1e-9)
    assert "differ by up to 2e-07 of" in found["printed"]
    assert re.search(r"by \de-10: eps was too small", found["printed"])
    assert "they show 0 times;\n  1 bias is" in found["printed"]


def test_gradient_check_keeps_the_columns_of_the_lecture_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = load("gradient_check")
    problem = demo.lecture_problem()
    exact, coarse = (
        [each[i] for i in (0, 1, 3, 4, 6, 7)]  # without the biases
        for each in (complex_gradient(problem), central_differences(problem, 0.5))
    )
    monkeypatch.setattr(demo, "STEP", 0.5)
    monkeypatch.setattr(demo, "PRINTED", [(1.0, 2.0)] * 6)
    demo.lecture_check()
    printed = capsys.readouterr().out
    assert columns_of_the_lecture(printed) == [to(14, x) for x in ([1] * 6, [2] * 6, exact, coarse)]
    off = re.search(r"up to (\S+) of the derivative, .*\n +by (\S+):", printed)
    assert off is not None
    furthest = max(abs(a - b) / abs(b) for a, b in zip(coarse, exact, strict=True))
    assert [float(x) for x in off.groups()] == e(0, [0.5, furthest])


def table_of_parameters(problem: Any, printed: str) -> list[list[tuple[float, bool]]]:
    """Column by column the numbers, and whether they are marked as wrong."""
    found = []
    for name, _ in problem.model.named_parameters():
        (line,) = re.findall(rf"^ +{re.escape(name)} (.*)$", printed, re.MULTILINE)
        found.append([(float(x), mark) for x, mark in re.findall(r"(-?\d\.\d{9})( ✗)?", line)])
    return [list(column) for column in zip(*found, strict=True)]


def test_gradient_check_of_all_parameters(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    problem = load("gradient_check").deep_problem()
    exact = complex_gradient(problem)
    assert len(exact) == 29
    assert found["gradient"] == pytest.approx(exact, rel=1e-12)
    assert found["differences"] == pytest.approx(exact, rel=1e-8)
    faulty = lecture_code(problem, overwrite=True), lecture_code(problem, one_bias=True)
    assert lecture_code(problem) == pytest.approx(exact, rel=1e-12)
    columns = table_of_parameters(problem, found["printed"])
    for column, expected in zip(columns, (exact, exact, *faulty), strict=True):
        assert [x for x, _ in column] == to(9, expected)
        wrong = [a != pytest.approx(b, rel=1e-6) for a, b in zip(expected, exact, strict=True)]
        assert [bool(mark) for _, mark in column] == wrong
    # Without += all of both hidden layers is wrong, 9 and 12 parameters; with one bias for a layer
    # all biases but the last.
    assert [sum(bool(mark) for _, mark in column) for column in columns] == [0, 0, 21, 5]
    agreement = re.search(r"differences agree to (\S+) of", found["printed"])
    assert agreement is not None
    assert 0 < float(agreement[1]) < 1e-8


def test_gradient_check_by_gradcheck(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    said = found["printed"]
    overwritten, one_bias = "dldhs[l][j] = … for +=", "dbs[l] = … for dbs[l][i] = …"
    assert [found["gradcheck"], found["gradcheck neither fault"]] == [True, True]
    assert [found[f"gradcheck {fault}"] for fault in (overwritten, one_bias)] == [False, False]
    assert "gradcheck of the engine: all 29 derivatives agree" in said
    assert re.search(r"^ +neither fault +all 29 derivatives agree", said, re.MULTILINE)
    problem = load("gradient_check").deep_problem()
    exact = complex_gradient(problem)
    for fault, flag, count in ((overwritten, "overwrite", 21), (one_bias, "one_bias", 5)):
        ((wrong, of, claimed, difference),) = rows(said, fault)
        assert (wrong, of) == (count, 29)
        pairs = zip(lecture_code(problem, **{flag: True}), exact, strict=True)
        assert any((claimed, difference) == to(6, pair) for pair in pairs)
        assert abs(claimed - difference) > 1e-3


def test_gradient_check_disagrees_where_numbers_differ() -> None:
    disagree = load("gradient_check").disagree
    assert disagree([1.0, 2.0, 3.0], [1.0, 2.0 + 1e-5, -3.0]) == 2
    assert disagree([1.0, 2.0], [1.0, 2.0 + 1e-9]) == 0


DIRECTIONAL = (
    "∇E·d, reverse sweep",
    "the same, forward mode (jvp)",
    "(E(θ + εd) − E(θ − εd)) / 2ε",
    "∇E·d with the lecture's faulty gradient",
)


def test_gradient_check_along_a_direction(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    problem = load("gradient_check").deep_problem()
    exact, d = complex_gradient(problem), np.array(found["direction"])
    assert np.linalg.norm(d) == pytest.approx(1.0)
    along = float(np.dot(exact, d))
    faulty = float(np.dot(lecture_code(problem, overwrite=True, one_bias=True), d))
    assert abs(faulty - along) > 0.05
    for label, expected in zip(DIRECTIONAL, (along, along, along, faulty), strict=True):
        assert rows(found["printed"], label) == [[to(10, expected)]]
    pattern = r"that gives (\S+) for the first\s+parameter, whose derivative is (\S+):"
    quotient = re.search(pattern, found["printed"])
    assert quotient is not None
    assert [float(x) for x in quotient.groups()] == to(6, [along / d[0], exact[0]])
    unit = [2.0] + [0.0] * 28  # where equation 7 is right
    assert load("gradient_check").slope(problem.along(unit), 1e-5) / 2.0 == pytest.approx(
        exact[0], rel=1e-6
    )


def test_gradient_check_keeps_its_ways_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = load("gradient_check")
    problem = demo.deep_problem()
    monkeypatch.setattr(demo, "STEP", 0.5)
    monkeypatch.setattr(demo, "jvp", lambda *_: (0.0, 7.0))
    d = demo.directional_check(problem)["direction"]
    demo.one_by_one(problem)
    printed = capsys.readouterr().out
    layers, at = parameters(problem.model), [0.0, 0.0]
    for k, t in enumerate((0.5, -0.5)):
        rest, moved = np.array(d) * t, []
        for W, b in layers:
            rows_of = rest[: W.size + b.size].reshape(len(W), -1)
            moved.append((W + rows_of[:, :-1], b + rows_of[:, -1:]))
            rest = rest[W.size + b.size :]
        at[k] = float(loss_of(moved, np.array([problem.x]).T, np.array([problem.target]).T))
    exact = complex_gradient(problem)
    for label, expected in zip(DIRECTIONAL, (np.dot(exact, d), 7.0, at[0] - at[1]), strict=False):
        assert rows(printed, label) == [[to(10, expected)]]
    engine, differences, *_ = table_of_parameters(problem, printed)
    assert [x for x, _ in engine] == to(9, exact)
    assert [x for x, _ in differences] == to(9, central_differences(problem, 0.5))


def root_mean_square(xs: Any) -> float:
    return float(np.sqrt(np.mean(np.square(xs))))


def test_gradient_check_finds_the_best_step(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    problem, u = load("gradient_check").deep_problem(), 2.0**-53
    size = lines(problem)[0](0.0).real
    bend = root_mean_square(third_derivatives(problem))
    said = re.search(r"\|E\| = (\S+) and \|E‴\| = (\S+)\.\n", found["printed"])
    assert said is not None
    assert [float(x) for x in said.groups()] == to(4, [size, bend])
    least = optimize.minimize_scalar(
        lambda t: bend * math.exp(2 * t) / 6 + u * size * math.exp(-t),
        bounds=(-20.0, 0.0),
        method="bounded",
        options={"xatol": 1e-9},
    )
    best = math.exp(least.x)
    assert found["best"] == pytest.approx(best, rel=1e-3)
    steps = {"u": u, "COMP755": 5e-8, "∛u": u ** (1 / 3), "best": best, "used above": 2e-5}
    errors = []
    for name, h in steps.items():
        step, error = rows(found["printed"], name)[-1]
        assert step == e(1, h)
        assert 0.2 < error / (bend * h**2 / 6 + u * size / h) < 3.0
        errors.append(error)
    assert min(errors) == errors[3]
    assert errors[0] > root_mean_square(found["gradient"])


def test_gradient_check_measures_the_error_of_each_step(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    problem = load("gradient_check").deep_problem()
    exact = np.array(complex_gradient(problem))
    assert found["steps"] == pytest.approx([10.0**-k for k in range(17)])
    for h, error in zip(found["steps"][:4], found["errors"], strict=False):
        by_hand = root_mean_square(central_differences(problem, h) - exact)
        assert error == pytest.approx(by_hand, rel=1e-5)
    # Truncation goes with h²: a hundredth of it for a tenth of the step.
    assert found["errors"][1] / found["errors"][2] == pytest.approx(100.0, rel=0.05)
    assert found["errors"][-1] > 1e6 * min(found["errors"])


def test_gradient_check_runs_as_a_process(tmp_path: Path) -> None:
    out = process("gradient_check", tmp_path, "step_size")
    assert out.count("✗") == 1 + 21 + 5
    assert "all 29 derivatives agree" in out


# Activations

Function = Callable[[Array], Array]
#: Value and slope; the slope at a kink is that from the left, the notes' convention.
UNITS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (logistic, lambda a: logistic(a) * logistic(-a)),
    "tanh": (np.tanh, lambda a: 1 / np.cosh(a) ** 2),
    "ReLU": (lambda a: np.maximum(a, 0), lambda a: (a > 0) * 1.0),
    "leaky ReLU, k = 0.1": (
        lambda a: np.where(a > 0, a, 0.1 * a),
        lambda a: np.where(a > 0, 1.0, 0.1),
    ),
    "ELU, k = 1": (
        lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))),
        lambda a: np.exp(np.minimum(a, 0)),
    ),
    "linear": (lambda a: a, lambda a: np.ones_like(a)),
    "ELU, k = 2": (
        lambda a: np.where(a > 0, a, 2 * np.expm1(np.minimum(a, 0))),
        lambda a: np.where(a > 0, 1, 2 * np.exp(np.minimum(a, 0))),
    ),
}
LARGEST = {
    "sigmoid": (0.25, "at a = 0"),
    "tanh": (1.0, "at a = 0"),
    "ReLU": (1.0, "for a > 0"),
    "leaky ReLU, k = 0.1": (1.0, "for a > 0"),
    "ELU, k = 1": (1.0, "for a ≥ 0"),
    "linear": (1.0, "for all a"),
    "ELU, k = 2": (2.0, "at a = 0"),
}


def test_slopes_of_the_activations(numbers: Numbers) -> None:
    found = numbers("activations")
    assert found["largest"] == {
        name: (pytest.approx(slope), where) for name, (slope, where) in LARGEST.items()
    }
    header, *table = found["printed"].splitlines()
    at = np.array([float(a) for a in header.split("a =")[1].split()])
    assert set(at) == {-20, -5, 5, 20}
    for line, (name, (largest, where)) in zip(table, LARGEST.items(), strict=False):
        expected = [to(2, largest), *(e(1, slope) for slope in UNITS[name][1](at))]
        words = line.strip().removeprefix(name).replace(where, "").split()
        assert [float(x) for x in words] == expected


KINKS = {
    "ReLU": [0.0, 1.0],
    "leaky ReLU, k = 0.1": [0.1, 1.0],
    "ELU, k = 1": [1.0, 1.0],
    "ELU, k = 2": [2.0, 1.0],
}


def test_slopes_at_a_kink_are_between_the_one_sided_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], numbers: Numbers
) -> None:
    found, demo = numbers("activations"), load("activations")
    assert found["kinks"].keys() == KINKS.keys()
    monkeypatch.setattr(demo, "derivative", lambda f: lambda a: 7.0)
    demo.kinks()
    printed = capsys.readouterr().out
    for name, (left, right) in KINKS.items():
        chosen = found["kinks"][name][2]
        assert min(left, right) <= chosen <= max(left, right)
        assert rows(found["printed"], name)[1] == to(4, [left, right, chosen])
        assert rows(printed, name) == [to(4, [left, right, 7.0])]


def test_what_the_table_of_activations_gets_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], numbers: Numbers
) -> None:
    found, demo = numbers("activations"), load("activations")
    monkeypatch.setattr(demo, "derivative", lambda f: lambda a: 7.0)
    monkeypatch.setattr(demo, "difference", lambda *_: (8.0, 0.0))
    demo.table_row()
    pattern = r"engine (\S+),\s+finite difference (\S+), f.a. . k = (\S+)\. .* k = (\S+)\.\n"
    slope = math.exp(-1.0)
    for printed, engine, difference in (
        (found["printed"], slope, slope),
        (capsys.readouterr().out, 7.0, 8.0),
    ):
        row = re.search(pattern, printed)
        assert row is not None
        assert [float(x) for x in row.groups()] == to(9, [engine, difference, slope, slope - 2])
    assert (found["gradcheck_notes"], found["gradcheck_elu"]) == (False, True)
    assert "it says -1.632121, a finite difference 0.367879" in found["printed"]
    assert "and of f(a) + k: the derivative agrees" in found["printed"]
    assert "At a = −3, k = 0 has slope 0:" in found["printed"]
    assert "k = 1 has slope 1:" in found["printed"]


def test_tanh_far_out(numbers: Numbers) -> None:
    found = numbers("activations")
    assert math.isnan(found["tanh_quotient"])
    assert found["tanh_slope_20"] == pytest.approx(4.0 * math.exp(-40.0), rel=1e-14)
    assert "tanh(711) is 1; written" in found["printed"]
    assert "inf/inf = nan." in found["printed"]
    assert rows(found["printed"], "tanh′(20) is")[0][0] == e(2, 4.0 * math.exp(-40.0))
    assert "it is rounded to 0." in found["printed"]


def test_a_dead_relu_stays_dead(numbers: Numbers) -> None:
    found = numbers("activations")
    x = np.array([0.5, 1.0, 1.5, 2.0])
    assert found["errors"].keys() == KINKS.keys() - {"ELU, k = 2"}
    for name, errors in found["errors"].items():
        f, slope = UNITS[name]
        w, b, expected = 1.0, -3.0, []
        for _ in errors:
            a = w * x + b
            expected.append(0.5 * np.mean((f(a) - x) ** 2))
            delta = (f(a) - x) * slope(a) / len(x)
            w, b = w - 0.3 * (delta @ x), b - 0.3 * delta.sum()
        assert errors == pytest.approx(expected, rel=1e-8)
        first, last, *unit = rows(found["printed"], name)[-1]
        assert first == to(4, expected[0])
        assert last == e(3, expected[-1])
        assert unit == to(4, [w, b])
    assert len(found["errors"]["ReLU"]) == 200
    assert set(found["errors"]["ReLU"]) == {0.9375}
    assert max(found["errors"][name][-1] for name in ("leaky ReLU, k = 0.1", "ELU, k = 1")) < 1e-3


def test_activations_runs_as_a_process(tmp_path: Path) -> None:
    assert "It is dead." in process("activations", tmp_path, "activations", "saturation")


# Vanishing gradients


def deltas_by_hand(name: str, depth: int) -> list[float]:
    """The root mean square of δ in every layer, over the 5 samples of a quick run."""
    module = load("vanishing_gradients")
    xs, ys = module.samples(5)
    layers = parameters(module.deep_network(name, depth, 0))
    f, slope = UNITS["ReLU" if name == "relu" else name]
    h, sums = np.array(xs).T, []
    for W, b in layers:
        sums.append(W @ h + b)
        h = f(sums[-1])
    delta = sums[-1] - np.array([ys])  # the output is linear
    found = [delta]
    for (W, _), z in zip(layers[:0:-1], sums[-2::-1], strict=True):
        delta = slope(z) * (W.T @ delta)
        found.append(delta)
    return [root_mean_square(each) for each in reversed(found)]


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_deltas_are_those_of_the_recursion(numbers: Numbers, name: str) -> None:
    found = numbers("vanishing_gradients")
    expected = deltas_by_hand(name, 20)
    assert found["layers"][name] == pytest.approx(expected, rel=1e-9)
    firsts = [deltas_by_hand(name, depth)[0] for depth in (1, 2, 4, 8, 12, 16, 20)]
    assert found["first_layer"][name] == pytest.approx(firsts, rel=1e-9)
    *shown, factor = rows(found["printed"], name)[0]
    (layers,) = re.findall(r"^ +layer ([\d ]+) output$", found["printed"], re.MULTILINE)
    chosen = [expected[int(layer) - 1] for layer in layers.split()]
    assert len(chosen) == 5
    assert shown == e(1, [*chosen, expected[-1]])
    assert factor == to(2, (expected[0] / expected[19]) ** (1 / 19))


def test_sigmoids_vanish_and_the_others_do_not(numbers: Numbers) -> None:
    found = numbers("vanishing_gradients")["first_layer"]
    assert found["sigmoid"][-1] < 1e-11
    assert min(found["tanh"][-1], found["relu"][-1]) > 1e-3


def test_a_chain_of_sigmoids_may_shrink_keep_or_grow(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], numbers: Numbers
) -> None:
    found, demo = numbers("vanishing_gradients"), load("vanishing_gradients")
    monkeypatch.setattr(demo, "chain", lambda *_: 7.0)
    demo.chains()
    printed = capsys.readouterr().out
    assert found["chains"].keys() == {1.0, 4.0, 8.0}
    for w, slopes in found["chains"].items():
        expected = [(w / 4.0) ** depth for depth in range(1, 21)]
        assert slopes == pytest.approx(expected, rel=1e-12)
        for out, slope in ((found["printed"], expected[-1]), (printed, 7.0)):
            ((engine, *_, formula),) = rows(out, f"w = {w:g}")
            assert (engine, formula) == (e(3, slope), e(3, expected[-1]))


def test_delta_at_the_output_is_the_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], numbers: Numbers
) -> None:
    demo = load("vanishing_gradients")
    ((x, *_), (y, *_)) = demo.samples(5)
    h = np.array([x]).T
    *hidden, (W, b) = parameters(demo.deep_network("sigmoid", 3, 0))
    for below in hidden:
        h = logistic(below[0] @ h + below[1])
    errors = [float((W @ h + b).item() - y), 1 / (1 + math.exp(-0.7)) - 1]
    labels = ("linear, half squared error", "sigmoid, cross-entropy")
    assert abs(errors[0]) > 0.25
    for name in ("half_squared_error", "binary_cross_entropy_with_logits"):
        loss = getattr(demo, name)
        monkeypatch.setattr(demo, name, lambda y, t, loss=loss: 2.0 * loss(y, t))
    demo.output_layer(*demo.samples(5))
    for out, factor in (
        (numbers("vanishing_gradients")["printed"], 1),
        (capsys.readouterr().out, 2),
    ):
        for label, error in zip(labels, errors, strict=True):
            assert rows(out, label) == [to(9, [factor * error, error])]


def test_dead_units_are_counted(numbers: Numbers) -> None:
    module, found = load("vanishing_gradients"), numbers("vanishing_gradients")
    xs, _ = module.samples(20)
    h, expected = np.array(xs).T, []
    for W, b in parameters(module.deep_network("relu", 20, 0))[:-1]:
        h = np.maximum(W @ h + b, 0)
        expected.append(float(np.mean((h == 0).all(axis=1))))
    dead = found["dead"]
    assert dead["relu"] == pytest.approx(expected)
    assert sum(expected) > 1.0
    assert set(dead["leaky_relu"]) == {0.0}
    assert "for all of 20 samples" in found["printed"]
    shown = [8 * sum(expected), 160, 100 * expected[0], 100 * expected[-1]]
    assert rows(found["printed"], "relu")[-1] == to(0, shown)
    assert rows(found["printed"], "leaky_relu") == [[0, 160, 0, 0]]


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
    slopes, full = y - [1.0, 0.0, 0.0], np.diag(y) - np.outer(y, y)
    assert found["swept"] == pytest.approx(slopes, rel=1e-14)
    assert found["formula"] == pytest.approx(slopes, rel=1e-14)
    assert found["differences"] == pytest.approx(slopes, rel=1e-8)
    assert np.array(found["jacobian"]) == pytest.approx(full, rel=1e-14)
    for label, expected in {
        "y = softmax(z)": y,
        "y − onehot": slopes,
        "the engine's sweep": slopes,
        "finite differences": slopes,
        "elementwise: ∂L/∂yₖ · ∂yₖ/∂zₖ": [y[0] - 1, 0, 0],
        **{f"output {i}": full[i] for i in range(3)},
    }.items():
        assert rows(found["printed"], label) == [to(9, list(expected))]
    assert min(abs(slopes[1:])) > 0.1  # what the elementwise rule misses
    loss = re.search(r"no product: (\S+), as the engine's (\S+)\.\n", found["printed"])
    assert loss is not None
    assert [float(x) for x in loss.groups()] == to(9, [-math.log(y[0])] * 2)


def test_softmax_keeps_its_ways_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = load("softmax")
    y, right = shares(np.array([1.0, -0.5, 0.3])), demo.softmax_cross_entropy
    monkeypatch.setattr(demo, "difference", lambda *_: (7.0, 0.0))
    monkeypatch.setattr(demo, "softmax_cross_entropy", lambda zs, c: 2.0 * right(zs, c))
    demo.at_the_logits()
    printed = capsys.readouterr().out
    slopes = y - [1.0, 0.0, 0.0]
    assert rows(printed, "y − onehot") == [to(9, list(slopes))]
    assert rows(printed, "the engine's sweep") == [to(9, list(2 * slopes))]
    assert rows(printed, "finite differences") == [[7.0] * 3]
    loss = re.search(r"no product: (\S+), as the engine's (\S+)\.\n", printed)
    assert loss is not None
    assert [float(x) for x in loss.groups()] == to(9, [-math.log(y[0]), -2 * math.log(y[0])])


def test_a_step_of_sgd_takes_one_sample(numbers: Numbers) -> None:
    found = numbers("softmax")
    x, t, W, b = regression(found, "start")
    each = (shares(W @ x + b) - t)[0] * x[0]
    said = re.search(r"weight (\S+) by the first.*\n +.* all (\d+) is (\S+)\.\n", found["printed"])
    assert said is not None
    assert [float(x) for x in said.groups()] == to(9, [each[0], 60, each.sum()])


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
    right = np.mean((W @ x + b).argmax(axis=0) == t.argmax(axis=0))
    assert found["accuracy"] == right > 0.9
    shown = rows(found["printed"], "Softmax regression,")[0]
    assert shown == [20, to(4, losses[0]), to(4, losses[-1]), to(1, 100 * right)]


def learn_the_spiral(n: int, epochs: int) -> tuple[list[float], float]:
    """The losses of each epoch by Adam on minibatches of 15, and the share that is right."""
    demo, rng = load("softmax"), random.Random(3)
    samples, labels = demo.spiral(n, random.Random(6))
    xs, ts = np.array(samples).T, np.eye(3)[labels].T
    parts = parameters(MLP(2, [12, 3], activation="tanh", rng=random.Random(2)))
    weights = [np.hstack(pair) for pair in parts]
    m, v = ([np.zeros_like(w) for w in weights] for _ in range(2))
    losses, t = [], 0
    for _ in range(epochs):
        order = list(range(n))
        rng.shuffle(order)
        losses.append(0.0)
        for start in range(0, n, 15):
            chosen, t = order[start : start + 15], t + 1
            x = np.vstack([xs[:, chosen], np.ones(15)])
            h = np.vstack([np.tanh(weights[0] @ x), np.ones(15)])
            y = shares(weights[1] @ h)
            losses[-1] -= float(np.log((y * ts[:, chosen]).sum(axis=0)).sum()) / n
            above = (y - ts[:, chosen]) / 15
            below = (weights[1].T @ above)[:-1] * (1 - h[:-1] ** 2)
            for k, g in enumerate((below @ x.T, above @ h.T)):
                m[k] = 0.9 * m[k] + 0.1 * g
                v[k] = 0.999 * v[k] + 0.001 * g**2
                scale = np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8
                weights[k] = weights[k] - 0.05 * m[k] / (1 - 0.9**t) / scale
    h = np.tanh(weights[0] @ np.vstack([xs, np.ones(n)]))
    read = (weights[1] @ np.vstack([h, np.ones(n)])).argmax(axis=0)
    return losses, float(np.mean(read == labels))


def test_the_spiral_is_learnt_as_the_formulas_learn_it(numbers: Numbers) -> None:
    found = numbers("softmax")
    losses, right = learn_the_spiral(60, 20)
    assert found["hidden_losses"] == pytest.approx(losses, rel=1e-8)
    assert found["hidden_accuracy"] == right


def test_softmax_runs_as_a_process(tmp_path: Path) -> None:
    out = process("softmax", tmp_path, "decision_regions", *circuits("circuit"))
    epochs, *_, right = rows(out, "Softmax regression,")[0]
    assert epochs == 60
    assert right > 94.0
    losses, right = learn_the_spiral(150, 60)
    assert right > 0.98
    units, *shown = rows(out, "With")[0]
    assert (units, shown) == (12, [to(4, losses[0]), to(4, losses[-1]), to(1, 100 * right)])


# Second derivatives


def test_the_curvature_with_a_constant_slope(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = load("second_derivative")
    a = 1 / (1 + math.exp(2.0))
    slope = a * (1 - a)
    curvature = slope**2 + (a - 1) * slope * (1 - 2 * a)
    for difference in (curvature, 7.0):
        demo.frozen_slope()
        printed = capsys.readouterr().out
        first = re.search(r"at z = -2: L′ = (\S+) either way", printed)
        assert first is not None
        assert float(first[1]) == to(8, (a - 1) * slope)
        assert rows(printed, "by the engine") == [[to(8, curvature)]]
        assert rows(printed, "by central differences of L′") == [[to(8, difference)]]
        assert rows(printed, "with σ′(z) held constant") == [[to(8, slope**2)]]
        monkeypatch.setattr(demo, "difference", lambda *_: (7.0, 0.0))
