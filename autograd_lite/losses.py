"""Losses: how wrong a prediction is, as one number whose gradient trains.

Each takes one sample: a prediction, a number or a Value or a sequence of them, and its target. The
forms are those that stay exact where the textbook's formula overflows or loses digits. The loss of
many samples is the sum or the mean of theirs, and so is its gradient (Sarkar 2023: L(θ) = Σ lⁿ(θ)
gives ∂L/∂w = Σ ∂lⁿ/∂w).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from numbers import Integral, Real
from typing import Any

from .core.gathered import dot, log_softmax, sum_of_squares
from .core.gathered import sum as total
from .core.table import log, log1p, relu, softplus, square
from .core.value import Value
from .support.context import scope

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "half_squared_error",
    "hinge",
    "mean_squared_error",
    "mse",
    "softmax_cross_entropy",
]

_ROUNDED = 1e-6  # what the probabilities of a distribution may sum to beside 1


def half_squared_error(prediction: Any, target: Any) -> Any:
    """Half the sum of the squared errors, ``½·Σ (y − t)²`` (Muzaffar; Gormley 2014, section 2.2).

    Its derivative by a prediction is the error itself, y − t.

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
    """``−t·log p − (1 − t)·log(1 − p)``, 0·log 0 = 0 (COMP755 lecture 22); the mean of several.

    A term whose weight is 0 is not formed, so the loss and its derivative by p are finite at
    p = t = 0 and p = t = 1; a target that is a Value gets 0 there for its infinite one. A certainty
    that is wrong costs inf: nothing is clipped. Where the probability comes from a sigmoid,
    :func:`binary_cross_entropy_with_logits` is exact and has no such point.

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
        weights, logs = [], []
        for p, t in zip(ps, ts, strict=True):
            for weight, certainty, logarithm, argument in (
                (t, _number(p), log, p),
                (1.0 - t, 1.0 - _number(p), log1p, -p),
            ):
                # Where the target is a Value its derivative needs the term at weight 0 as well, but
                # not where the logarithm is infinite.
                if _number(weight) != 0 or (isinstance(weight, Value) and certainty != 0):
                    weights.append(weight)
                    logs.append(logarithm(argument))
        return _named(_per(len(ps), -_weighted(weights, logs)))


def binary_cross_entropy_with_logits(logit: Any, target: Any) -> Any:
    """The cross-entropy of ``sigmoid(logit)``: ``t·softplus(−z) + (1 − t)·softplus(z)``.

    Never overflows and keeps all its digits, however sure and however right; its derivative by z is
    σ(z) − t. The mean over several.

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

    It never overflows, keeps all its digits however near to 0 it is and whatever the logits have in
    common, and takes a logit of −inf, a class that is ruled out. The derivative by the logits is
    softmax(z) − onehot (Sarkar 2023).

    :param target: the index of the class, or a distribution over the classes (one-hot or soft),
        which sums to 1 within a millionth.
    :raises ValueError: when the target is no distribution over as many classes as there are logits.
    :raises IndexError: when there is no such class.

    >>> softmax_cross_entropy([1000.0, 0.0], 0), softmax_cross_entropy([1000.0, 0.0], [0.0, 1.0])
    (0.0, 1000.0)
    """
    zs = _list(logits)
    if len(zs) < 2:
        raise ValueError("softmax_cross_entropy takes two logits or more, one per class")
    ts = _distribution(target, len(zs))
    with scope("loss"):
        classes = [k for k, t in enumerate(ts) if t != 0]
        # One pass over the logits serves all classes: −log softmax_k(z) = −log softmax_c(z) + (z_c − z_k),
        # and with c the likeliest both parts are at least 0, so no digits cancel.
        c = max(classes, key=lambda k: _number(zs[k]))
        cost = -log_softmax(zs, c)
        if len(classes) > 1 and _number(zs[c]) == -math.inf:
            return _named(_weighted([ts[k] for k in classes], [cost] * len(classes)))
        costs = [cost if k == c else cost + (zs[c] - zs[k]) for k in classes]
        return _named(_weighted([ts[k] for k in classes], costs))


def hinge(score: Any, label: Any) -> Any:
    """``max(0, 1 − y·s)`` for a label y of −1 or +1, the mean over several (Cortes and Vapnik 1995).

    0, with derivative 0, where the score is right by a margin of 1.

    :raises ValueError: when a label is neither −1 nor +1, or the lengths differ.

    >>> hinge(0.25, -1), hinge(2.0, 1)
    (1.25, 0.0)
    """
    scores, labels = _pairs("hinge", score, label)
    for y in labels:
        if _number(y) not in (-1.0, 1.0):
            raise ValueError(f"the labels of the hinge loss are −1 and +1, not {_number(y)!r}")
    with scope("loss"):
        margins = [relu(1.0 - y * s) for s, y in zip(scores, labels, strict=True)]
        return _named(_per(len(margins), margins[0] if len(margins) == 1 else total(margins)))


mse = mean_squared_error


def _squared_errors(ys: list[Any], ts: list[Any]) -> Any:
    errors = [y - t for y, t in zip(ys, ts, strict=True)]
    return square(errors[0]) if len(errors) == 1 else sum_of_squares(errors)


def _weighted(weights: list[Any], terms: list[Any]) -> Any:
    """The sum of ``weight * term``, with no node for a weight of 1 nor for a sum of one."""
    if all(weight == 1 for weight in weights):  # a Value equals nothing but itself
        return terms[0] if len(terms) == 1 else total(terms)
    return weights[0] * terms[0] if len(terms) == 1 else dot(weights, terms)


def _per(count: int, whole: Any) -> Any:
    """The mean of ``count`` terms whose sum is ``whole``, with no node for the mean of one."""
    return whole if count == 1 else whole / float(count)


def _distribution(target: Any, classes: int) -> list[Any]:
    """The probability of every class."""
    if hasattr(target, "tolist"):
        target = target.tolist()
    if isinstance(target, Integral):
        index = int(target)
        if not 0 <= index < classes:
            raise IndexError(f"there is no class {index}: the {classes} classes count from 0")
        return [float(k == index) for k in range(classes)]
    ts = _list(target)
    if len(ts) != classes:
        raise ValueError(f"the target is a class index or {classes} probabilities, not {target!r:.60}")
    for t in ts:
        _require_unit("a target", t, "it is the probability of a class")
    if abs(sum(map(_number, ts)) - 1.0) > _ROUNDED:
        raise ValueError(f"the target's probabilities must sum to 1, not {sum(map(_number, ts))!r}")
    return ts


def _pairs(loss: str, prediction: Any, target: Any) -> tuple[list[Any], list[Any]]:
    ys, ts = _list(prediction), _list(target)
    if len(ys) != len(ts):
        raise ValueError(f"{loss} compares {len(ys)} predictions with {len(ts)} targets")
    if not ys:
        raise ValueError(f"{loss} of no predictions is not defined")
    return ys, ts


def _list(given: Any) -> list[Any]:
    if hasattr(given, "tolist"):
        given = given.tolist()
    if not isinstance(given, Value | Real | Iterable) or isinstance(given, Mapping | Set):
        raise TypeError(f"a loss takes numbers and Values, not {type(given).__name__}")
    return [_real(each) for each in ([given] if isinstance(given, Value | Real) else given)]


def _real(given: Any) -> Any:
    """A Value as it is, any other real number as a float."""
    if isinstance(given, Value) or type(given) is float:
        return given
    if isinstance(given, Real):
        return float(given)
    raise TypeError(f"a loss takes numbers and Values, not {type(given).__name__} ({given!r:.60})")


def _number(given: Any) -> float:
    return given.data if isinstance(given, Value) else float(given)


def _require_unit(what: str, given: Any, hint: str) -> None:
    if not 0.0 <= _number(given) <= 1.0:
        raise ValueError(f"{what} must be between 0 and 1, not {_number(given)!r}: {hint}")


def _named(result: Any) -> Any:
    if isinstance(result, Value):
        result.name = "L"
        return result
    return result + 0.0  # no −0.0
