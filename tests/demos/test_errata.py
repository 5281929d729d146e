"""The demos of the notes' faults: what they print of the wrong formulas and of the right ones."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from ..support.demo import load, rows, run
from ..support.networks import complex_step
from ..support.networks import sigmoid as logistic

Array = np.ndarray[Any, np.dtype[Any]]
Numbers = Callable[[str], dict[str, Any]]
Said = Callable[[str], list[str]]
Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("beside_the_demos")


@pytest.fixture(scope="module")
def said(numbers: Numbers, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What a demo prints, at reduced size and at full size as a process."""
    full = {}
    for name, pictures in (
        ("logistic_errata", {"never_reset", "missing_minus"}),
        ("two_layer_errata", {"claims"}),
    ):
        folder = tmp_path_factory.mktemp(name)
        full[name] = run(name, folder)
        assert {file.stem for file in (folder / "out").iterdir()} == pictures
    return lambda name: [numbers(name)["printed"], full[name]]


def log_loss(a: Any, y: Any) -> Any:
    return -(y * np.log(a) + (1 - y) * np.log(1 - a))


def shown(numbers: Any, digits: int = 6) -> Any:
    return pytest.approx(numbers, rel=1e-12, abs=0.501 * 10.0**-digits)


def row(printed: str, label: str) -> list[float]:
    (only,) = rows(printed, label)
    return only


# Logistic regression


def mean_loss(X: Array, Y: Array, p: Array) -> Any:
    z = X @ p[:2] + p[2]  # the loss by it, as a may be rounded to 0 or 1
    return np.mean(Y * np.log1p(np.exp(-z)) + (1 - Y) * np.log1p(np.exp(z)))


def descent(X: Array, Y: Array, steps: int, carried: Callable[[int], float], eta: float) -> Array:
    """The parameters after each step, where ``carried(n)`` of the last step's dw goes on in the next."""
    p, d, path = np.zeros(3), np.zeros(3), []
    for _ in range(steps):
        d = complex_step(partial(mean_loss, X, Y), p) + carried(len(Y)) * d
        p = p - eta * d
        path.append(p)
    return np.array(path)


def reset(_: int) -> float:
    return 0.0


def divided(n: int) -> float:
    return 1 / n


def added(_: int) -> float:
    return 1.0


def test_the_loop_that_is_never_reset(numbers: Numbers, said: Said) -> None:
    found = numbers("logistic_errata")
    demo = load("logistic_errata")
    for printed, n, steps in zip(said("logistic_errata"), (30, 100), (60, 300), strict=True):
        X, Y = map(np.array, demo.samples(n))
        few = X[:5], Y[:5]
        first = complex_step(partial(mean_loss, *few), np.zeros(3))
        second = complex_step(partial(mean_loss, *few), -0.5 * first)
        wrong = second + first / 5
        assert min(abs(wrong - second)) > 0.01  # no part is right by chance
        for name, *expected in zip(("dw₁", "dw₂", "db"), wrong, second, second, strict=True):
            assert row(printed, name) == shown(expected)
            assert found["second"][name] == pytest.approx(expected, rel=1e-8)
        worst = int(np.argmax(abs(wrong - second)))
        verdict = row(printed, "gradcheck of what is printed")
        assert verdict == shown([3, 3, wrong[worst], second[worst]])
        right = descent(X, Y, steps, reset, 0.5)
        paths = {
            f"n = {n}, divided by n": (descent(X, Y, steps, divided, 0.5), right),
            f"n = {n}, a sum": (descent(X, Y, steps, added, 0.5), right),
            "n = 5, divided by n": (
                descent(*few, steps, divided, 0.5), descent(*few, steps, reset, 0.5),
            ),
        }  # fmt: skip
        for name, (path, other) in paths.items():
            away = np.linalg.norm(path - other, axis=1)
            assert row(printed, name) == shown([away[-1]], 4)
            if n == 30:
                np.testing.assert_allclose(found["away"][name], away, rtol=1e-6, atol=1e-12)
        if n == 30:
            for name, path in (
                ("reset", right),
                ("never reset, divided by n", paths["n = 30, divided by n"][0]),
                ("never reset, a sum", paths["n = 30, a sum"][0]),
            ):
                losses = [mean_loss(X, Y, p) for p in path]
                np.testing.assert_allclose(found["losses"][name], losses, rtol=1e-8)
            tail = found["losses"]["never reset, a sum"][30:]
            assert max(tail) > 1.2 * min(tail)
    assert not found["gradcheck never reset"]


def test_each_column_of_the_second_gradient_is_its_own(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = load("logistic_errata")
    data = demo.samples(5)
    monkeypatch.setattr(demo, "binary_cross_entropy_with_logits", lambda z, _: 3.0 * z)
    demo.second_gradient(data)
    printed = capsys.readouterr().out
    X, Y = map(np.array, data)
    start = complex_step(partial(mean_loss, X, Y), np.zeros(3))
    slope = complex_step(partial(mean_loss, X, Y), -0.5 * start)
    engine = [*3.0 * X.mean(axis=0), 3.0]
    for i, name in enumerate(("dw₁", "dw₂", "db")):
        assert row(printed, name) == shown([slope[i] + start[i] / 5, engine[i], slope[i]])


def test_the_division_by_zero(numbers: Numbers, said: Said) -> None:
    found = numbers("logistic_errata")
    assert found["a at 40"] == found["dz from the logit"] == 1.0
    for printed in said("logistic_errata"):
        assert (
            "σ(40) = 1.0; the printed chain at y = 0: “float division by zero”; from the logit: 1.0\n"
            in printed
        )


def test_the_missing_minus_signs(numbers: Numbers, said: Said) -> None:
    found = numbers("logistic_errata")
    sigmoid = complex_step(lambda a: logistic(a[0]), [0.7])[0]
    loss = complex_step(lambda y: log_loss(y[0], 0.25), [0.6])[0]
    for formula, claimed, true in (
        ("y = 1/(1 + exp(a)), as printed", sigmoid, -sigmoid),
        ("y = 1/(1 + exp(−a)), the sigmoid", sigmoid, sigmoid),
        ("J = y*·log y + …, as printed", -loss, -loss),
        ("−J, with the printed derivative", -loss, loss),
        ("−J, with (y − y*)/(y(1 − y))", loss, loss),
    ):
        assert found[formula] == (
            pytest.approx(claimed, rel=1e-14),
            pytest.approx(true, rel=1e-8),
            claimed == true,
        )
        for printed in said("logistic_errata"):
            assert row(printed, formula) == shown([claimed, true])
            (line,) = (each for each in printed.splitlines() if each.strip().startswith(formula))
            assert line.split()[-1] == ("ok" if claimed == true else "WRONG")


# The network of two layers


def claims() -> dict[str, tuple[Array, Array]]:
    """The gradient that a formula gives, and the true one by the complex step."""
    demo = load("two_layer_errata")
    rng = random.Random(12)
    model = demo.network(rng)
    (W, b), (V, c) = (
        (
            np.array([[w.data for w in n.w] for n in layer.neurons]),
            np.array([n.b.data for n in layer.neurons]),
        )
        for layer in model.layers
    )
    x = np.array([node.data for node in demo.inputs(3, rng)])
    t = np.array([1.0, 0.0])

    def by_a(a: Array) -> Any:
        return np.sum(log_loss(logistic(V @ a + c), t))

    def by_z(z: Array) -> Any:
        return by_a(np.tanh(z))

    z = W @ x + b
    a = np.tanh(z)
    dz2 = logistic(V @ a + c) - t
    da, dz = complex_step(by_a, a), complex_step(by_z, z)
    dw = complex_step(lambda w: by_z(w @ x + b), W)
    dx = complex_step(lambda at: by_z(W @ at + b), x)
    out = complex_step(lambda v: logistic(v[0] * a[0] + V[0, 1] * a[1] + c[0]), [V[0, 0]])
    by_z1 = complex_step(lambda s: logistic(V[0] @ np.tanh(z + [1, 0] * s) + c[0]), [0.0])
    return {
        "da¹ = dz² W²ᵀ (Sarkar)": (dz2 @ V.T, da),
        "dz¹ = da¹ ∗ a¹(1 − a¹) (Sarkar)": (da * a * (1 - a), dz),
        "dW¹ = x dz¹ᵀ (Sarkar)": (np.outer(x, dz).ravel(), dw.ravel()),
        "db¹ = dz¹ with z¹ = W¹x (Sarkar)": (dz, np.zeros(2)),
        "dxᵢ = Σⱼ daⱼ · Σⱼ αⱼᵢ (Gormley)": (dz.sum() * W.sum(axis=0), dx),
        "∂hᴸᵢ/∂zˡᵢ · ∂zᴸᵢ/∂w (lecture 22)": (by_z1 * a[0], out),
    }


RIGHT = {
    "da¹ = W²ᵀ dz²": 2,
    "dz¹ = da¹ ∗ (1 − (a¹)²), for tanh": 2,
    "dW¹ = dz¹ xᵀ": 6,
    "db¹ = dz¹ with z¹ = W¹x + b¹": 2,
    "dxᵢ = Σⱼ daⱼ αⱼᵢ": 3,
    "∂hˡᵢ/∂zˡᵢ · ∂zˡᵢ/∂w": 1,
}


def test_wrong_formulas_and_right_ones(numbers: Numbers, said: Said) -> None:
    found = numbers("two_layer_errata")
    wrong = claims()
    for printed in said("two_layer_errata"):
        lines = {line[4:38].strip(): line[38:].strip() for line in printed.splitlines()}
        for formula, (claimed, truth) in wrong.items():
            off = np.abs(claimed - truth)
            (count, size, says, slope) = rows(lines[formula], "WRONG")[0]
            assert (count, size) == (np.sum(off > 1e-6), off.size)
            assert (says, slope) == shown((claimed[off.argmax()], truth[off.argmax()]))
        for formula, size in RIGHT.items():
            what = "the derivative agrees" if size == 1 else f"all {size} derivatives agree"
            assert lines[formula] == f"{what} with finite differences, reverse"
        assert "dz² W²ᵀ would be (2, 1) by (2, 2); x dz¹ᵀ is (3, 2)" in printed
        assert "and W¹ (2, 3);" in printed
        assert "would take (2, 3) to (2, 1)." in printed
    verdicts = {name.removeprefix("gradcheck "): held for name, held in found.items()}
    assert all(verdicts[formula] is False for formula in wrong)
    assert all(verdicts[formula] is True for formula in RIGHT)


def test_bars_of_the_claims(numbers: Numbers) -> None:
    axes = numbers("two_layer_errata")["figures"]["claims"].axes
    for ax, (formula, (claimed, truth)) in zip(axes, claims().items(), strict=True):
        assert ax.get_title() == formula
        for bars, expected in zip(ax.containers, (claimed, truth), strict=True):
            heights = [bar.get_height() for bar in bars]
            np.testing.assert_allclose(heights, expected, rtol=1e-7, atol=1e-9)
        labels = [str(bars.get_label()) for bars in ax.containers]
        assert labels == ["the formula as printed", "finite difference"]


def test_curves_of_the_logistic_errata(numbers: Numbers) -> None:
    found = numbers("logistic_errata")
    figures = found["figures"]
    ax, far = figures["never_reset"].axes
    assert {line.get_label(): list(line.get_ydata()) for line in ax.lines} == found["losses"]
    away = {name: distances[1:] for name, distances in found["away"].items()}
    assert {line.get_label(): list(line.get_ydata()) for line in far.lines} == away
    left, right = figures["missing_minus"].axes
    formulas: list[Callable[[Array], Array]] = [
        logistic,
        lambda a: logistic(-a),
        lambda a: logistic(a) * logistic(-a),
    ]
    for line, formula in zip(left.lines, formulas, strict=True):
        np.testing.assert_allclose(line.get_ydata(), formula(line.get_xdata()), rtol=1e-12)
    for line, sign in zip(right.lines, (1, -1), strict=False):
        expected = sign * log_loss(line.get_xdata(), 0.25)
        np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-12)
