"""Losses: their values and gradients by other means, at ordinary points and at the extremes."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd_lite import Constant, Value, errstate
from autograd_lite.core.order import circuit
from autograd_lite.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    half_squared_error,
    hinge,
    mean_squared_error,
    mse,
    softmax_cross_entropy,
)

Loss = Callable[[Any, Any], Any]
Array = Any


def swept(loss: Loss, prediction: Any, target: Any) -> tuple[float, list[float]]:
    """The loss and its gradient by every prediction."""
    values = [Value(y) for y in prediction] if isinstance(prediction, Sequence) else Value(prediction)
    root = loss(values, target)
    root.backward()
    return root.data, [v.grad for v in (values if isinstance(values, list) else [values])]


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max())
    return e / e.sum()


def onehot(i: int, n: int) -> Array:
    return np.eye(n)[i]


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


# What a loss is and what its gradient is, in the formulas of a textbook.
REFERENCES: list[tuple[Loss, Any, Any, Callable[[Array, Array], tuple[float, Array]]]] = [
    (
        half_squared_error,
        [0.3, -1.2, 2.0],
        [0.1, 0.4, 2.0],
        lambda y, t: (0.5 * ((y - t) ** 2).sum(), y - t),
    ),
    (half_squared_error, [0.3], [2.0], lambda y, t: (0.5 * ((y - t) ** 2).sum(), y - t)),
    (
        mean_squared_error,
        [0.3, -1.2, 2.0],
        [0.1, 0.4, 2.0],
        lambda y, t: (((y - t) ** 2).mean(), 2 * (y - t) / len(y)),
    ),
    (mean_squared_error, [0.3], [0.1], lambda y, t: (((y - t) ** 2).mean(), 2 * (y - t))),
    (
        binary_cross_entropy,
        [0.3, 0.9, 0.5, 0.2],
        [0, 1, 0.25, True],
        lambda y, t: (
            -(t * np.log(y) + (1 - t) * np.log(1 - y)).mean(),
            (y - t) / (y * (1 - y)) / len(y),
        ),
    ),
    (
        binary_cross_entropy,
        [0.3],
        [0.75],
        lambda y, t: (-(t * np.log(y) + (1 - t) * np.log(1 - y)).mean(), (y - t) / (y * (1 - y))),
    ),
    (
        binary_cross_entropy_with_logits,
        [0.3, -0.9, 4.0, 0.0],
        [0, 1, 0.25, 1],
        lambda z, t: (
            -(t * np.log(sigmoid(z)) + (1 - t) * np.log(sigmoid(-z))).mean(),
            (sigmoid(z) - t) / len(z),
        ),
    ),
    (
        binary_cross_entropy_with_logits,
        [-1.5],
        [1],
        lambda z, t: (-np.log(sigmoid(z))[0], sigmoid(z) - t),
    ),
    (
        softmax_cross_entropy,
        [0.3, -0.9, 4.0],
        [0, 1, 0],
        lambda z, t: (-np.log(softmax(z)) @ t, softmax(z) - t),
    ),
    (
        softmax_cross_entropy,
        [0.3, -0.9, 4.0],
        [0.2, 0.7, 0.1],
        lambda z, t: (-np.log(softmax(z)) @ t, softmax(z) - t),
    ),
    (
        hinge,
        [0.3, -0.9, 4.0, -2.0],
        [1, 1, 1, -1],
        lambda s, t: (np.maximum(0, 1 - t * s).mean(), -t * (t * s < 1) / len(s)),
    ),
    (hinge, [0.3], [-1], lambda s, t: (np.maximum(0, 1 - t * s).mean(), -t * (t * s < 1))),
]


@pytest.mark.parametrize(("loss", "prediction", "target", "reference"), REFERENCES)
def test_values_and_gradients_are_the_textbooks(
    loss: Loss, prediction: list[float], target: list[float], reference: Any
) -> None:
    value, gradient = reference(np.array(prediction), np.array(target, float))
    found, slopes = swept(loss, prediction, target)
    assert found == pytest.approx(value, rel=1e-13)
    assert slopes == pytest.approx(gradient.tolist(), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("loss", "prediction", "target", "reference"), REFERENCES)
def test_gradients_agree_with_finite_differences(
    loss: Loss, prediction: list[float], target: list[float], reference: Any
) -> None:
    _, slopes = swept(loss, prediction, target)
    h = 1e-4
    for i, slope in enumerate(slopes):

        def at(step: float, i: int = i) -> float:
            moved = [y + step * (j == i) for j, y in enumerate(prediction)]
            return float(loss(moved, target))

        numeric = (at(-2 * h) - 8 * at(-h) + 8 * at(h) - at(2 * h)) / (12 * h)
        assert slope == pytest.approx(numeric, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize(("loss", "prediction", "target", "reference"), REFERENCES)
def test_floats_give_a_float_and_values_a_named_node(
    loss: Loss, prediction: list[float], target: list[float], reference: Any
) -> None:
    number = loss(prediction, target)
    assert type(number) is float
    root = loss([Value(y) for y in prediction], target)
    assert root.data == number
    assert root.name == "L"
    assert {v.scope for v in circuit(root) if v.op} == {"loss"}
    arrays = loss(np.array(prediction), np.array(target, float))
    assert arrays == number


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "nodes"),
    [
        (half_squared_error, 0.3, 1, 3),
        (half_squared_error, [0.3] * 9, [1.0] * 9, 11),
        (mse, 0.3, 1, 2),
        (binary_cross_entropy, 0.3, 1, 2),
        (binary_cross_entropy_with_logits, 0.3, 0, 1),
        (binary_cross_entropy_with_logits, 0.3, 1, 2),
        (softmax_cross_entropy, [0.3] * 9, 4, 2),
        (softmax_cross_entropy, [0.3] * 9, [0.0] * 8 + [1.0], 2),
        (hinge, 0.3, 1, 3),
    ],
)
def test_a_loss_is_few_nodes(loss: Loss, prediction: Any, target: Any, nodes: int) -> None:
    values = [Value(y) for y in prediction] if isinstance(prediction, list) else Value(prediction)
    assert sum(v.op is not None for v in circuit(loss(values, target))) == nodes


# Extremes. mpmath knows no overflow, and 60 digits leave no room for doubt.


def exact(f: Callable[..., Any], *xs: float) -> float:
    with mp.workdps(1200):  # exp(-1000) beside 1 takes 435 digits
        return float(f(*map(mpf, xs)))


@given(st.floats(-1000, 1000), st.sampled_from([0, 1, 0.25]))
def test_binary_logits_are_exact_however_large(z: float, t: float) -> None:
    found, (slope,) = swept(binary_cross_entropy_with_logits, z, t)
    value = exact(lambda z: t * mpmath.log(1 + mpmath.exp(-z)) + (1 - t) * mpmath.log(1 + mpmath.exp(z)), z)
    assert found == pytest.approx(value, rel=1e-14)
    derivative = exact(lambda z: 1 / (1 + mpmath.exp(-z)) - t, z)
    assert slope == pytest.approx(derivative, rel=1e-13, abs=0 if t in (0, 1) else 1e-16)


@given(st.lists(st.floats(-1000, 1000), min_size=2, max_size=5), st.data())
def test_softmax_logits_are_exact_however_large(zs: list[float], data: Any) -> None:
    c = data.draw(st.integers(0, len(zs) - 1))
    found, slopes = swept(softmax_cross_entropy, zs, c)

    def truth(*zs: Any) -> Any:
        return mpmath.log(sum(mpmath.exp(z) for z in zs)) - zs[c]

    # A logit of 1000 is itself only good to 1e-13, and a loss near 0 is its exponential; a sum of
    # subnormal numbers rounds once for each.
    least = len(zs) * 5e-324
    assert found == pytest.approx(exact(truth, *zs), rel=1e-12, abs=least)
    for i, slope in enumerate(slopes):

        def share(*zs: Any, i: int = i) -> Any:
            others = sum(mpmath.exp(z) for j, z in enumerate(zs) if j != c)
            whole = sum(mpmath.exp(z) for z in zs)
            return -others / whole if i == c else mpmath.exp(zs[i]) / whole

        assert slope == pytest.approx(exact(share, *zs), rel=1e-12, abs=least)


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "value", "slopes"),
    [
        (binary_cross_entropy, 0.0, 0, 0.0, [1.0]),
        (binary_cross_entropy, 1.0, 1, 0.0, [-1.0]),
        (binary_cross_entropy, [0.0, 1.0], [0, 1], 0.0, [0.5, -0.5]),
        (binary_cross_entropy_with_logits, 1000.0, 1, 0.0, [0.0]),
        (binary_cross_entropy_with_logits, -1000.0, 1, 1000.0, [-1.0]),
        (binary_cross_entropy_with_logits, 1000.0, 0, 1000.0, [1.0]),
        (softmax_cross_entropy, [1000.0, -1000.0, 0.0], 0, 0.0, [0.0, 0.0, 0.0]),
        (softmax_cross_entropy, [1000.0, -1000.0, 0.0], 1, 2000.0, [1.0, -1.0, 0.0]),
        (softmax_cross_entropy, [1000.0, -1000.0], [0.5, 0.5], 1000.0, [0.5, -0.5]),
        (softmax_cross_entropy, [1000.0, 1000.0], 1, math.log(2), [0.5, -0.5]),
        (hinge, 1000.0, 1, 0.0, [0.0]),
        (hinge, -1000.0, 1, 1001.0, [-1.0]),
        (hinge, 1.0, 1, 0.0, [0.0]),
        (half_squared_error, 1e150, -1e150, 2e300, [2e150]),
    ],
)
def test_corners_are_finite_and_right(
    loss: Loss, prediction: Any, target: Any, value: float, slopes: list[float]
) -> None:
    found, gradient = swept(loss, prediction, target)
    assert found == pytest.approx(value, rel=1e-15)
    assert gradient == pytest.approx(slopes, rel=1e-15)


def test_a_wrong_certainty_costs_inf_and_is_told() -> None:
    with pytest.warns(RuntimeWarning, match="log"):
        assert binary_cross_entropy(Value(0.0), 1).data == math.inf


# Targets that are Values


@pytest.mark.parametrize("p", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("t", [0.0, 0.5, 1.0])
def test_a_target_may_be_a_value_too(p: float, t: float) -> None:
    target = Value(t)
    if (p in (0.0, 1.0) and t == 0.5) or abs(p - t) == 1:
        with pytest.warns(RuntimeWarning):
            assert binary_cross_entropy(Value(p), target).data == math.inf
        return
    root = binary_cross_entropy(Value(p), target)
    root.backward()
    assert root.data == pytest.approx(binary_cross_entropy(p, t), rel=1e-15)
    if 0 < p < 1:
        assert target.grad == pytest.approx(math.log((1 - p) / p), rel=1e-13)


@pytest.mark.parametrize("offset", [0.0, 1e9, 1e16, 1e308, -1e308])
@pytest.mark.parametrize("target", [0, 2, [0.2, 0.3, 0.5], [0.5, 0.5, 0.0]])
def test_softmax_sees_no_common_offset(offset: float, target: Any) -> None:
    zs = [offset + d * (2.0 if offset < 1e300 else 0.0) for d in (0.0, 1.0, 2.0)]
    values = [Value(z) for z in zs]
    root = softmax_cross_entropy(values, target)
    root.backward()
    shares = np.exp(np.array(zs) - max(zs))
    shares /= shares.sum()
    ts = np.eye(3)[target] if isinstance(target, int) else np.array(target)
    assert root.data == pytest.approx(-float(ts @ np.log(shares)), rel=1e-14)
    assert [z.grad for z in values] == pytest.approx((shares - ts).tolist(), rel=1e-14, abs=1e-16)


@pytest.mark.parametrize("target", [1, [0.0, 0.5, 0.5]])
def test_a_class_that_is_ruled_out_costs_nothing(target: Any) -> None:
    values = [Value(-math.inf), Value(1.0), Value(0.0)]
    root = softmax_cross_entropy(values, target)
    two = [Value(1.0), Value(0.0)]
    other = softmax_cross_entropy(two, 0 if target == 1 else [0.5, 0.5])
    root.backward()
    other.backward()
    assert root.data == other.data
    assert [v.grad for v in values] == [0.0, *(v.grad for v in two)]
    values = [Value(-math.inf), Value(-math.inf), Value(0.0)]
    root = softmax_cross_entropy(values, 2)
    root.backward()
    assert [root.data, *(v.grad for v in values)] == [0.0] * 4


@given(st.lists(st.floats(-1000, 1000), min_size=2, max_size=5), st.data())
def test_soft_targets_are_exact_however_large_the_logits(zs: list[float], data: Any) -> None:
    weights = data.draw(st.lists(st.integers(0, 8), min_size=len(zs), max_size=len(zs)))
    if not any(weights):
        weights[0] = 1
    ts = [w / sum(weights) for w in weights]
    found, slopes = swept(softmax_cross_entropy, zs, ts)

    def truth(*zs: Any) -> Any:
        whole = mpmath.log(sum(mpmath.exp(z) for z in zs))
        return sum(t * (whole - z) for t, z in zip(ts, zs, strict=True))

    # Where all of the target's classes are equally likely and far ahead, the loss is what others add.
    assert found == pytest.approx(exact(truth, *zs), rel=1e-12, abs=1e-300)
    for i, slope in enumerate(slopes):
        share = exact(lambda *zs, i=i: mpmath.exp(zs[i]) / sum(map(mpmath.exp, zs)), *zs)
        assert slope == pytest.approx(share - ts[i], rel=1e-12, abs=1e-15)


def test_soft_targets_cost_one_pass_over_the_logits() -> None:
    def operands(classes: int) -> int:
        zs = [Value(0.01 * k) for k in range(classes)]
        root = softmax_cross_entropy(zs, [1.0 / classes] * classes)
        return sum(len(node.parents) for node in circuit(root))

    assert operands(400) < 12 * operands(40)


def test_targets_that_only_ruled_out_classes_meet_cost_inf() -> None:
    zs = [-math.inf, -math.inf, 0.0]
    assert softmax_cross_entropy(zs, [0.5, 0.5, 0.0]) == math.inf
    assert softmax_cross_entropy(zs, [0.5, 0.0, 0.5]) == math.inf
    values = [Value(z) for z in zs]
    with errstate("ignore"):
        softmax_cross_entropy(values, [0.5, 0.5, 0.0]).backward()
    assert sum(v.grad for v in values) == 0.0


def test_a_target_of_0_that_is_a_value_takes_its_gradient() -> None:
    ts = [Value(0.0), Value(1.0)]
    softmax_cross_entropy([Value(1.5), Value(-0.5)], ts).backward()
    logs = [math.log(1.0 / (1.0 + math.exp(-2.0))), math.log(1.0 / (1.0 + math.exp(2.0)))]
    assert [t.grad for t in ts] == pytest.approx([-each for each in logs], rel=1e-14)


def test_numbers_of_less_precision_are_taken_as_floats() -> None:
    ys, ts = np.array([0.1, 0.7], np.float32), np.array([0.2, 0.9], np.float32)
    for loss in (half_squared_error, mse, binary_cross_entropy):
        assert loss(list(ys), list(ts)) == loss(ys.tolist(), ts.tolist())


def test_no_loss_is_minus_0() -> None:
    for found in (
        binary_cross_entropy(1.0, 1),
        binary_cross_entropy(0.0, 0),
        softmax_cross_entropy([1000.0, 0.0], 0),
        hinge(2.0, 1),
    ):
        assert math.copysign(1.0, found) == 1.0


def test_one_weighted_term_is_a_product() -> None:
    root = binary_cross_entropy_with_logits(Value(0.5), Value(0.25))
    assert [node.op.name for node in circuit(root) if node.op].count("dot") == 1
    root = softmax_cross_entropy([Value(0.5), Value(1.5)], [Constant(1.0), 0.0])
    assert "dot" not in [node.op.name for node in circuit(root) if node.op]


def test_probabilities_may_be_rounded() -> None:
    thirds = [1 / 3, 1 / 3, 1 / 3 + 1e-9]
    assert softmax_cross_entropy([0.0] * 3, thirds) == pytest.approx(math.log(3.0), rel=1e-8)


def test_a_certain_target_that_is_a_value_takes_its_gradient() -> None:
    t = Value(1.0)
    binary_cross_entropy_with_logits(1.5, t).backward()
    assert t.grad == pytest.approx(-1.5, rel=1e-14)
    t = Value(1.0)
    binary_cross_entropy(0.75, t).backward()
    assert t.grad == pytest.approx(math.log(0.25 / 0.75), rel=1e-14)


def test_far_errors_overflow_to_infinity_in_every_form() -> None:
    for form in (float, lambda x: [x]):
        for loss in (half_squared_error, mse):
            with pytest.warns(RuntimeWarning):
                assert loss(form(1e200), form(0.0)) == math.inf
            with pytest.warns(RuntimeWarning):
                assert loss(Value(1e200), 0.0).data == math.inf


def test_other_losses_differentiate_by_their_target() -> None:
    t = Value(0.25)
    binary_cross_entropy_with_logits(1.5, t).backward()
    assert t.grad == pytest.approx(-1.5, rel=1e-14)
    ts = [Value(0.25), Value(0.75)]
    softmax_cross_entropy([1.5, -0.5], ts).backward()
    logs = [1.5 - math.log(math.exp(1.5) + math.exp(-0.5)), -2.0]
    logs[1] += logs[0]
    assert [t.grad for t in ts] == pytest.approx([-each for each in logs], rel=1e-14)
    t = Value(2.0)
    half_squared_error(1.0, t).backward()
    assert t.grad == 1.0
    assert softmax_cross_entropy([Value(1.0), Value(2.0)], [Constant(0.0), Constant(1.0)]).op


# Bad input


@pytest.mark.parametrize(
    ("attempt", "error", "says"),
    [
        (lambda: half_squared_error([1.0], [1.0, 2.0]), ValueError, "1 predictions with 2"),
        (lambda: mse([], []), ValueError, "no predictions"),
        (lambda: mse(["a"], [1.0]), TypeError, "not str"),
        (lambda: mse(None, [1.0]), TypeError, "NoneType"),
        (lambda: binary_cross_entropy(1.5, 1), ValueError, r"not 1\.5: .*logits"),
        (lambda: binary_cross_entropy(math.nan, 1), ValueError, "nan"),
        (lambda: binary_cross_entropy(0.5, -1), ValueError, r"target .* -1\.0"),
        (lambda: binary_cross_entropy_with_logits(0.5, 2), ValueError, r"2\.0"),
        (lambda: softmax_cross_entropy([1.0, 2.0], 2), IndexError, "no class 2"),
        (lambda: softmax_cross_entropy([1.0, 2.0], -1), IndexError, "no class -1"),
        (lambda: softmax_cross_entropy([1.0, 2.0], [0.5, 0.6]), ValueError, r"sum to 1, not 1\.1"),
        (lambda: softmax_cross_entropy([1.0, 2.0], [0.5, 0.50001]), ValueError, "sum to 1"),
        (lambda: softmax_cross_entropy([1.0, 2.0], [0.5, 1.5]), ValueError, r"target .* 1\.5"),
        (lambda: softmax_cross_entropy([1.0, 2.0], [1.0]), ValueError, "2 probabilities"),
        (lambda: softmax_cross_entropy([1.0, 2.0], 0.5), ValueError, "class index"),
        (lambda: softmax_cross_entropy([1.0, 2.0], [2.0, -1.0]), ValueError, r"not 2\.0"),
        (lambda: softmax_cross_entropy(1.0, 0), ValueError, "two logits"),
        (lambda: softmax_cross_entropy([1.0, 2.0], [0.4, 0.5]), ValueError, r"sum to 1, not 0\.9"),
        (lambda: mse({0.5, 0.25}, [1.0, -1.0]), TypeError, "not set"),
        (lambda: mse({0.5: 1.0}, 1.0), TypeError, "not dict"),
        (lambda: hinge(0.5, 0), ValueError, r"−1 or \+1, not 0\.0"),
    ],
)
def test_bad_input_is_told(attempt: Callable[[], Any], error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        attempt()


def test_a_loss_adds_up_over_samples() -> None:
    rng = random.Random(0)
    w = Value(0.3)
    samples = [(rng.gauss(0, 1), rng.gauss(0, 1)) for _ in range(20)]
    for x, t in samples:
        half_squared_error(w * x, t).backward()
    one_by_one = w.grad
    w.zero_grad()
    half_squared_error([w * x for x, _ in samples], [t for _, t in samples]).backward()
    assert w.grad == pytest.approx(one_by_one, rel=1e-14)


def test_a_class_and_a_target_may_be_data() -> None:
    """As inputs of a program they are Values, and no operation hangs on their numbers."""
    logits, label = [Value(0.5), Value(-1.0), Value(2.0)], Value(1.0)
    loss = softmax_cross_entropy(logits, label)
    loss.backward()
    expected = [z.grad for z in logits]
    assert loss.data == pytest.approx(softmax_cross_entropy([0.5, -1.0, 2.0], 1), rel=1e-15)
    twins = [Value(z.data) for z in logits]
    softmax_cross_entropy(twins, 1).backward()
    assert [z.grad for z in twins] == pytest.approx(expected, rel=1e-14)
    assert label.grad == 0.0
    for p, t in ((0.0, 0.0), (1.0, 1.0), (0.25, 1.0), (0.5, 0.75)):
        probability = Value(p)
        found = binary_cross_entropy(probability, Value(t))
        found.backward()
        twin = Value(p)
        binary_cross_entropy(twin, t).backward()
        assert found.data == pytest.approx(binary_cross_entropy(p, t), abs=1e-15)
        assert probability.grad == pytest.approx(twin.grad, rel=1e-14)
