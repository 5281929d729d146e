"""What the demos' pictures show: every curve and border against a formula or the printed numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.contour import QuadContourSet

from ..support.networks import sigmoid as logistic

Array = np.ndarray[Any, np.dtype[Any]]
Numbers = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.usefixtures("beside_the_demos")


def curves(ax: Axes) -> dict[str, tuple[Array, Array]]:
    """The lines of ``ax`` that have a label, by it."""
    return {
        str(line.get_label()): (np.asarray(line.get_xdata()), np.asarray(line.get_ydata()))
        for line in ax.lines
        if not str(line.get_label()).startswith("_")
    }


def borders(ax: Axes, level: float) -> Array:
    """All points on the contour lines of ``ax`` at this level."""
    found = []
    for drawn in ax.collections:
        if isinstance(drawn, QuadContourSet) and not drawn.filled and level in drawn.levels:
            path = drawn.get_paths()[list(drawn.levels).index(level)]
            found.append(np.asarray(path.vertices))
    return np.concatenate(found)


UNITS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "sigmoid": (logistic, lambda a: logistic(a) * (1 - logistic(a))),
    "tanh": (np.tanh, lambda a: 1 - np.tanh(a) ** 2),
    "ReLU": (lambda a: np.maximum(a, 0), lambda a: (a > 0) * 1.0),
    "leaky ReLU, k = 0.1": (
        lambda a: np.where(a > 0, a, 0.1 * a),
        lambda a: np.where(a > 0, 1, 0.1),
    ),
    "ELU, k = 1": (
        lambda a: np.where(a > 0, a, np.expm1(a)),
        lambda a: np.where(a > 0, 1, np.exp(a)),
    ),
    "linear": (lambda a: a, np.ones_like),
}


def test_activations(numbers: Numbers) -> None:
    axes = numbers("activations")["figures"]["activations"].axes
    assert [ax.get_title() for ax in axes] == list(UNITS)
    for ax, (value, slope) in zip(axes, UNITS.values(), strict=True):
        for label, formula in (("f(a)", value), ("f′(a)", slope)):
            at, drawn = curves(ax)[label]
            assert (at[0], at[-1]) == (-5.0, 5.0)
            np.testing.assert_allclose(drawn, formula(at), rtol=1e-12, atol=1e-14)
        largest = float(ax.texts[0].get_text().split("=")[1])
        assert largest == (0.25 if ax.get_title() == "sigmoid" else 1.0)


def test_saturation_and_learning(numbers: Numbers) -> None:
    left, right = numbers("activations")["figures"]["saturation"].axes
    for label, (at, drawn) in curves(left).items():
        # tanh′ far out as 4e⁻²ᵃ: 1 − tanh² would have cancelled.
        expected = 1 / np.cosh(at) ** 2 if label == "tanh" else UNITS[label][1](at)
        if label == "sigmoid":
            expected = logistic(at) * logistic(-at)
        np.testing.assert_allclose(drawn, expected, rtol=1e-12)
    _, relu = curves(right)["ReLU"]
    assert set(relu) == {relu[0]}
    for label in set(curves(right)) - {"ReLU"}:
        _, errors = curves(right)[label]
        assert errors[-1] < errors[0] / 1e3


def test_total_derivative_and_losses(numbers: Numbers) -> None:
    figures = numbers("chain_rule")["figures"]
    left, right = figures["total_derivative"].axes
    t, drawn = curves(left)["g(t) = t² + t³ + 1"]
    np.testing.assert_allclose(drawn, t**2 + t**3 + 1, rtol=1e-12)
    t, drawn = curves(right)["g′(t), by the engine"]
    np.testing.assert_allclose(drawn, 2 * t + 3 * t**2, rtol=1e-12, atol=1e-14)
    shown = curves(figures["losses"].axes[0])
    assert len(shown) == 4
    for goal in (0, 1):
        p, drawn = shown[f"log loss, t = {goal}"]
        with np.errstate(divide="ignore"):
            np.testing.assert_allclose(drawn, -np.log(p if goal else 1 - p), rtol=1e-12, atol=0)
        p, drawn = shown[f"½(p − t)², t = {goal}"]
        np.testing.assert_allclose(drawn, (p - goal) ** 2 / 2, rtol=1e-12)


def test_training_curves_are_the_numbers(numbers: Numbers) -> None:
    xor = numbers("xor")
    shown = curves(xor["figures"]["loss"].axes[0])
    assert list(shown["right gradients"][1]) == xor["errors"]
    assert list(shown["with the lecture's bias fault"][1]) == xor["faulty_errors"]
    assert shown["right gradients"][1][0] == pytest.approx(126.2757, abs=1e-4)

    moons = numbers("moons")
    above, below = (ax.lines[0].get_xydata() for ax in moons["figures"]["training"].axes)
    steps = np.arange(1, len(moons["loss"]) + 1)
    np.testing.assert_array_equal(above, np.column_stack([steps, moons["loss"]]))
    np.testing.assert_allclose(below, np.column_stack([steps, 100 * np.array(moons["right"])]))

    softmax = numbers("softmax")
    at, drawn = curves(softmax["figures"]["decision_regions"].axes[2])[
        "softmax regression, full batch"
    ]
    assert list(drawn) == softmax["losses"]
    assert list(at) == list(range(1, len(drawn) + 1))

    digits = numbers("digits")
    assert list(digits["figures"]["loss"].axes[0].lines[0].get_ydata()) == digits["loss"]


def test_optimisers_are_compared_by_their_passes(numbers: Numbers) -> None:
    found = numbers("optimisers")
    (ax,) = found["figures"]["comparison"].axes
    shown = curves(ax)
    assert set(shown) == set(found["ways"])
    for name, way in found["ways"].items():
        assert (list(shown[name][0]), list(shown[name][1])) == (way.passes, way.errors)
    assert ax.get_yscale() == "log"


def test_the_fits_are_those_of_the_last_weights(numbers: Numbers) -> None:
    found = numbers("optimisers")
    shown = curves(found["figures"]["fits"].axes[0])
    assert set(shown) == {"samples", "batch", "online", "quasi-Newton"}
    for name in set(shown) - {"samples"}:
        x, drawn = shown[name]
        hidden, out = np.split(np.array(found["ways"][name].weights), [12])
        w, b = hidden.reshape(6, 2).T
        expected = np.tanh(np.outer(x, w) + b) @ out[:6] + out[6]
        np.testing.assert_allclose(drawn, expected, rtol=1e-9, atol=1e-12)


def test_both_paths_to_the_saddle_point_are_seen(numbers: Numbers) -> None:
    found = numbers("landscape")
    left, right = found["figures"]["paths"].axes
    below, above = left.lines[:2]
    for line, start, end in ((below, (1.0, 1e-6), "freed"), (above, (1.0, 0.0), "stuck")):
        path = np.asarray(line.get_xydata())
        assert (tuple(path[0]), list(path[-1])) == (start, found[end])
        heights = path[:, 0] ** 2 - path[:, 1] ** 2 + path[:, 1] ** 4 / 4
        assert np.all(np.diff(heights) < 0)
    assert below.get_linewidth() > 2 * above.get_linewidth()
    assert above.get_linestyle() == "--"
    for label, name in (
        ("one dimension at a time", "one_at_a_time"),
        ("all at once: gradient descent", "all_at_once"),
    ):
        np.testing.assert_array_equal(np.column_stack(curves(right)[label]), found[name])
    for ax, name in zip(found["figures"]["convexity"].axes, ("convex", "between"), strict=True):
        assert list(curves(ax)["loss on the line"][1]) == found[name]
        assert list(curves(ax)["chord"][1]) == [found[name][0], found[name][-1]]


def test_misread_digits_are_named_as_they_are_read(numbers: Numbers) -> None:
    found = numbers("digits")
    fig = found["figures"]["misread"]
    xs, ys = found["held_out"]
    read = [int(np.argmax([z.data for z in found["model"](x)])) for x in xs]
    wrong = [(x, y, r) for x, y, r in zip(xs, ys, read, strict=True) if r != y]
    drawn = [ax for ax in fig.axes if ax.images]
    assert fig.get_suptitle() == f"{len(drawn)} of the {len(wrong)} misread held-out images"
    for ax, (x, y, r) in zip(drawn, wrong, strict=False):
        assert ax.get_title() == f"a {y}, read as {r}"
        np.testing.assert_array_equal(ax.images[0].get_array(), np.reshape(x, (8, 8)))


def test_costs_grow_with_the_slopes_that_the_legend_gives(numbers: Numbers) -> None:
    found = numbers("cost_of_gradients")
    counted, timed = found["figures"]["cost"].axes
    for label, (W, cost) in curves(counted).items():
        way, _, printed = label.replace(":", "").split()
        fitted = np.polyfit(np.log(W[-3:]), np.log(cost[-3:]), 1)[0]
        assert float(printed) == pytest.approx(fitted, abs=0.006)
        assert fitted == pytest.approx({"numerical": 2.0, "reverse": 1.0}[way], abs=0.1)
    for label, (W, cost) in curves(timed).items():
        way, _, printed = label.replace(":", "").split()
        fitted = np.polyfit(np.log(W[-3:]), np.log(cost[-3:]), 1)[0]
        assert float(printed) == pytest.approx(fitted, abs=0.006)
        assert list(cost) == [getattr(c, f"{way}_seconds") for c in found["costs"]]


def test_the_error_of_a_difference_follows_its_laws(numbers: Numbers) -> None:
    found = numbers("gradient_check")
    (ax,) = found["figures"]["step_size"].axes
    shown = curves(ax)
    h, error = shown["measured"]
    assert (list(h), list(error)) == (found["steps"], found["errors"])
    h, truncation = shown["truncation |E‴|·h²/6"]
    np.testing.assert_allclose(truncation, found["bend"] * h**2 / 6)
    np.testing.assert_allclose(error[1:4], truncation[1:4], rtol=0.01)
    h, rounding = shown["rounding u·|E|/h"]
    np.testing.assert_allclose(rounding, 2.0**-53 * found["size"] / h)
    assert np.all((error[6:15] < 5 * rounding[6:15]) & (error[6:15] > rounding[6:15] / 5))
    marks = {text.get_text(): text.get_position()[0] for text in ax.texts}
    u = 2.0**-53
    expected = {"u": u, "COMP755": 5e-8, "∛u": u ** (1 / 3), "best": found["best"]}
    assert marks == pytest.approx(expected)


def test_gradients_vanish_as_printed(numbers: Numbers) -> None:
    found = numbers("vanishing_gradients")
    left, right, below, last = found["figures"]["vanishing_gradients"].axes
    for ax, name in ((left, "layers"), (right, "first_layer")):
        assert {label: list(ys) for label, (_, ys) in curves(ax).items()} == found[name]
    for w, slopes in found["chains"].items():
        assert list(curves(below)[f"w = {w:g}"][1]) == slopes
    heights = [bar.get_height() for bar in last.patches]
    np.testing.assert_allclose(heights, 100 * np.array(found["dead"]["relu"]))


def test_on_the_border_of_xor_the_output_is_a_half(numbers: Numbers) -> None:
    left, *_ = numbers("xor")["figures"]["decision_boundary"].axes
    points = borders(left, 0.5)
    x1, x2 = points.T
    h1, h2 = logistic(5 * (-0.5 + x1 - x2)), logistic(5 * (-0.5 - x1 + x2))
    by_output = np.abs(logistic(5 * (-0.5 + h1 + h2)) - 0.5)
    by_unit = np.minimum(np.abs(h1 - 0.5), np.abs(h2 - 0.5))
    assert np.max(np.minimum(by_output, by_unit)) < 0.02
    assert min(np.sum(by_output < 0.02), np.sum(by_unit < 0.02)) > 20


def test_on_the_border_of_the_moons_the_score_is_0(numbers: Numbers) -> None:
    found = numbers("moons")
    (ax,) = found["figures"]["decision_boundary"].axes
    for level in (-1.0, 0.0, 1.0):
        points = borders(ax, level)
        scores = np.array([found["model"](list(map(float, point))).data for point in points])
        assert np.max(np.abs(scores - level)) < 0.5  # straight between the points of a coarse grid
        assert np.mean(np.abs(scores - level)) < 0.1
    marks = {str(line.get_label()): line.get_xydata() for line in ax.lines}
    for label, y in (("y = 1", 1), ("y = −1", -1)):
        chosen = [x for x, each in zip(*found["points"], strict=True) if each == y]
        np.testing.assert_array_equal(marks[label], chosen)


def test_the_border_of_logistic_regression(numbers: Numbers) -> None:
    found = numbers("logistic_regression")
    ax, *_ = found["figures"]["boundary"].axes
    x1, x2 = curves(ax)["a = ½, log loss"]
    w1, w2, b = found["paths"]["engine"][-1]
    z = w1 * x1 + w2 * x2 + b
    np.testing.assert_allclose(z, 0.0, atol=1e-12)
