"""Losses: one number that says how wrong a prediction is, and whose gradient trains a model.

Each loss takes the prediction and the target of one sample: a number, a Value, or a sequence of them. It
gives a float for numbers, and a Value as soon as one operand is a Value. The formulas here stay exact
where those of the textbooks overflow or lose digits. The loss of many samples is the sum or the mean of
their losses, and its gradient that of their gradients (Sarkar 2023: L(θ) = Σ lⁿ(θ) gives
∂L/∂w = Σ ∂lⁿ/∂w).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from .core.gathered import dot, log_softmax, sum_of_squares
from .core.gathered import sum as total
from .core.table import log, log1p, relu, softplus, square, xlogy
from .core.value import Value
from .support.context import scope
from .support.hints import missing_name
from .support.numbers import plain

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "half_squared_error",
    "hinge",
    "mean_squared_error",
    "mse",
    "softmax_cross_entropy",
]

_ROUNDED = 1e-6  # how far from 1 the sum of a distribution may be


def half_squared_error(prediction: Any, target: Any) -> Any:
    """Half the sum of the squared errors, ``½·Σ (y − t)²`` (Muzaffar; Gormley 2014, section 2.2).

    Its derivative with respect to a prediction is the error y − t.

    :raises ValueError: when the prediction and the target differ in length.

    >>> half_squared_error([1.0, 2.0], [0.0, 4.0])
    2.5
    """
    ys, ts = _pairs("half_squared_error", prediction, target)
    with scope("loss"):
        return _named(0.5 * _squared_errors(ys, ts))


def mean_squared_error(prediction: Any, target: Any) -> Any:
    """The mean of the squared errors, ``Σ (y − t)² / n`` over the n outputs.

    :raises ValueError: when the prediction and the target differ in length.

    >>> mean_squared_error([1.0, 2.0], [0.0, 4.0])
    2.5
    """
    ys, ts = _pairs("mean_squared_error", prediction, target)
    with scope("loss"):
        return _named(_per(len(ys), _squared_errors(ys, ts)))


def binary_cross_entropy(probability: Any, target: Any) -> Any:
    """``−t·log p − (1 − t)·log(1 − p)`` with 0·log 0 = 0 (COMP755 lecture 22); the mean over several.

    Terms with weight 0 are skipped, so p = t = 0 and p = t = 1 give a finite loss and gradient. A
    target given as a Value gets gradient 0 there instead of an infinite one. p = 0 with t = 1 costs
    inf; nothing is clipped. For a probability that is a sigmoid,
    :func:`binary_cross_entropy_with_logits` is exact everywhere.

    :param target: 0 or 1, or a probability between them.
    :raises ValueError: when a probability or a target is outside 0 to 1, or the lengths differ.

    >>> binary_cross_entropy(0.0, 0), binary_cross_entropy(0.5, 1)
    (0.0, 0.6931471805599453)
    """
    ps, ts = _pairs("binary_cross_entropy", probability, target)
    for p, t in zip(ps, ts, strict=True):
        _require_unit("a probability", p, "binary_cross_entropy_with_logits takes logits")
        _require_unit("a target", t, "it is the probability of the label 1")
    with scope("loss"):
        weights: list[Any] = []
        logs: list[Any] = []
        for p, t in zip(ps, ts, strict=True):
            if isinstance(t, Value):  # which terms there are must not hang on its number
                weights += (1.0, 1.0)
                logs += (xlogy(t, p), xlogy(1.0 - t, 1.0 - p))
                continue
            for weight, logarithm, argument in ((t, log, p), (1.0 - t, log1p, -p)):
                if weight != 0:
                    weights.append(weight)
                    logs.append(logarithm(argument))
        return _named(_per(len(ps), -_weighted(weights, logs)))


def binary_cross_entropy_with_logits(logit: Any, target: Any) -> Any:
    """The cross-entropy of ``sigmoid(logit)``: ``t·softplus(−z) + (1 − t)·softplus(z)``.

    It never overflows and keeps all its digits for every logit z. Its derivative with respect to z is
    σ(z) − t. Several give their mean.

    :param target: 0 or 1, or a probability between them.
    :raises ValueError: when a target is outside 0 to 1, or the lengths differ.

    >>> binary_cross_entropy_with_logits(-1000.0, 1), binary_cross_entropy_with_logits(40.0, 1)
    (1000.0, 4.248354255291589e-18)
    """
    zs, ts = _pairs("binary_cross_entropy_with_logits", logit, target)
    for t in ts:
        _require_unit("a target", t, "it is the probability of the label 1")
    with scope("loss"):
        weights, costs = [], []
        for z, t in zip(zs, ts, strict=True):
            for weight, wrong in ((t, -1.0), (1.0 - t, 1.0)):
                if weight != 0:
                    weights.append(weight)
                    costs.append(softplus(z if wrong == 1.0 else -z))
        return _named(_per(len(zs), _weighted(weights, costs)))


def softmax_cross_entropy(logits: Any, target: Any) -> Any:
    """The cross-entropy of ``softmax(logits)`` and a class c: ``−log softmax_c(z)``.

    It never overflows, and it keeps all its digits near 0 and for logits with a large common offset. A
    logit may be −inf, for a class that is excluded. The derivative with respect to the logits is
    softmax(z) − onehot (Sarkar 2023).

    :param target: the index of the class, which may be a Value, or a distribution over the classes
        (one-hot or soft), which sums to 1 within a millionth.
    :raises ValueError: when there are fewer than two logits, or the target is not a distribution over
        as many classes.
    :raises IndexError: when the index of the class is out of range.

    >>> softmax_cross_entropy([1000.0, 0.0], 0), softmax_cross_entropy([1000.0, 0.0], [0.0, 1.0])
    (0.0, 1000.0)
    """
    zs = _list(logits)
    if len(zs) < 2:
        raise ValueError("softmax_cross_entropy needs two logits or more, one per class")
    if isinstance(target, Value):  # the index of a class, as data
        with scope("loss"):
            return _named(-log_softmax(zs, target))
    ts = _distribution(target, len(zs))
    with scope("loss"):
        classes = [k for k, t in enumerate(ts) if t != 0]
        # One log_softmax is enough for all classes: −log softmax_k(z) = −log softmax_c(z) + (z_c − z_k).
        # With the likeliest class as c both parts are at least 0, so no digits cancel.
        c = max(classes, key=lambda k: plain(zs[k]))
        cost = -log_softmax(zs, c)
        if len(classes) > 1 and plain(zs[c]) == -math.inf:
            return _named(_weighted([ts[k] for k in classes], [cost] * len(classes)))
        costs = [cost if k == c else cost + (zs[c] - zs[k]) for k in classes]
        return _named(_weighted([ts[k] for k in classes], costs))


def hinge(score: Any, label: Any) -> Any:
    """``max(0, 1 − y·s)`` for a label y of −1 or +1, the mean over several (Cortes and Vapnik 1995).

    A score that is right by a margin of 1 or more costs 0 and has derivative 0.

    :raises ValueError: when a label is neither −1 nor +1, or the lengths differ.

    >>> hinge(0.25, -1), hinge(2.0, 1)
    (1.25, 0.0)
    """
    scores, labels = _pairs("hinge", score, label)
    for y in labels:
        if plain(y) not in (-1.0, 1.0):
            raise ValueError(f"a label of the hinge loss must be −1 or +1, not {plain(y)!r}")
    with scope("loss"):
        margins = [relu(1.0 - y * s) for s, y in zip(scores, labels, strict=True)]
        return _named(_per(len(margins), margins[0] if len(margins) == 1 else total(margins)))


mse = mean_squared_error


def _squared_errors(ys: list[Any], ts: list[Any]) -> Any:
    errors = [y - t for y, t in zip(ys, ts, strict=True)]
    return square(errors[0]) if len(errors) == 1 else sum_of_squares(errors)


def _weighted(weights: list[Any], terms: list[Any]) -> Any:
    """The sum of ``weight * term``, without nodes for weights of 1 or for a sum of a single term."""
    if all(weight == 1 for weight in weights):  # a Value equals nothing but itself
        return terms[0] if len(terms) == 1 else total(terms)
    return weights[0] * terms[0] if len(terms) == 1 else dot(weights, terms)


def _per(count: int, whole: Any) -> Any:
    """The mean of ``count`` terms whose sum is ``whole``, without a node for the mean of a single term."""
    return whole if count == 1 else whole / float(count)


def _distribution(target: Any, classes: int) -> list[Any]:
    """The probability of every class."""
    if hasattr(target, "tolist"):
        target = target.tolist()
    if isinstance(target, Integral):
        index = int(target)
        if not 0 <= index < classes:
            raise IndexError(f"there is no class {index}: the {classes} classes are numbered from 0")
        return [float(k == index) for k in range(classes)]
    ts = _list(target)
    if len(ts) != classes:
        raise ValueError(f"the target must be a class index or {classes} probabilities, not {target!r:.60}")
    for t in ts:
        _require_unit("a target", t, "it is the probability of a class")
    if abs(sum(map(plain, ts)) - 1.0) > _ROUNDED:
        raise ValueError(f"the target's probabilities must sum to 1, not {sum(map(plain, ts))!r}")
    return ts


def _pairs(loss: str, prediction: Any, target: Any) -> tuple[list[Any], list[Any]]:
    """The predictions and as many targets."""
    ys, ts = _list(prediction), _list(target)
    if len(ys) != len(ts):
        raise ValueError(f"{loss} compares {len(ys)} predictions with {len(ts)} targets")
    if not ys:
        raise ValueError(f"{loss} needs at least one prediction, but there are no predictions")
    return ys, ts


def _list(given: Any) -> list[Any]:
    if hasattr(given, "tolist"):
        given = given.tolist()
    if not isinstance(given, Value | Real | Iterable) or isinstance(given, Mapping | Set):
        raise TypeError(f"a loss takes numbers or Values, not {type(given).__name__}")
    return [_real(each) for each in ([given] if isinstance(given, Value | Real) else given)]


def _real(given: Any) -> Any:
    """A Value as it is, any other real number as a float."""
    if isinstance(given, Value) or type(given) is float:
        return given
    if isinstance(given, Real):
        return float(given)
    raise TypeError(f"a loss takes numbers or Values, not {type(given).__name__} ({given!r:.60})")


def _require_unit(what: str, given: Any, hint: str) -> None:
    if not 0.0 <= plain(given) <= 1.0:
        raise ValueError(f"{what} must be between 0 and 1, not {plain(given)!r}: {hint}")


def _named(result: Any) -> Any:
    if isinstance(result, Value):
        result.name = "L"
        return result
    return result + 0.0  # turns −0.0 into 0.0


#: PyTorch's names.
_INSTEAD = {
    **dict.fromkeys(("MSELoss", "mse_loss", "L2Loss"), "mean_squared_error(prediction, target)"),
    **dict.fromkeys(
        ("CrossEntropyLoss", "cross_entropy", "NLLLoss", "nll_loss"),
        "softmax_cross_entropy(logits, target)",
    ),
    **dict.fromkeys(("BCELoss", "bce_loss"), "binary_cross_entropy(probability, target)"),
    **dict.fromkeys(
        ("BCEWithLogitsLoss", "bce_with_logits"), "binary_cross_entropy_with_logits(logit, target)"
    ),
    **dict.fromkeys(("L1Loss", "l1_loss"), "abs(prediction - target): a loss is any function of the two"),
}

if not TYPE_CHECKING:  # a type checker must still refuse unknown names

    def __getattr__(name: str) -> Any:
        raise missing_name(__name__, name, _INSTEAD, __all__)
