"""Metrics: numbers that judge the outputs of a model beside its loss, and are not differentiated."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..support.context import no_grad
from ..support.nested import rebuild
from ..support.numbers import plain

#: A number from the output of the model and the target of one sample.
Metric = Callable[[Any, Any], float]


def accuracy(output: Any, target: Any, threshold: float = 0.5) -> float:
    """1.0 when the output names the class of the target, else 0.0; the mean is the share that is right.

    :param output: a list of scores, of which the largest names the class; or one number, the probability
        of class 1, or a score whose sign decides where the target is −1 or 1.
    :param target: the number of the class, or a list that is largest at it.

    >>> accuracy([0.1, 2.0, -1.0], 1), accuracy([0.1, 2.0], [1.0, 0.0])
    (1.0, 0.0)
    >>> accuracy(0.7, 1), accuracy(0.7, 0), accuracy(-3.0, -1)
    (1.0, 0.0, 1.0)
    """
    if isinstance(output, list | tuple):
        chosen = max(range(len(output)), key=output.__getitem__)
        wanted = (
            max(range(len(target)), key=target.__getitem__) if isinstance(target, list | tuple) else target
        )
        return float(chosen == wanted)
    if target == -1:
        return float(output < 0.0)
    return float((output > threshold) == (target == 1))


def accuracy_of_logits(output: Any, target: Any) -> float:
    """:func:`accuracy` for a single output that is a logit: above 0 it stands for class 1.

    >>> accuracy_of_logits(0.3, 1), accuracy_of_logits(-0.3, 1)
    (1.0, 0.0)
    """
    return accuracy(output, target, threshold=0.0)


def absolute_error(output: Any, target: Any) -> float:
    """How far the output is from the target, both of them numbers.

    >>> absolute_error(2.5, 3.0)
    0.5
    """
    return abs(float(output) - float(target))


def by_name(metrics: Mapping[str, Metric] | Iterable[Metric] | None) -> dict[str, Metric]:
    """The metrics by name; functions that are given in a list have their own names.

    :raises TypeError: when one of them is not a function.
    :raises ValueError: when two in a list have the same name.
    """
    if metrics is None:
        return {}
    if callable(metrics) or isinstance(metrics, str):
        metrics = [metrics]
    if not isinstance(metrics, Mapping):
        named: dict[str, Metric] = {}
        for each in metrics:
            name = getattr(each, "__name__", str(each))
            if named.setdefault(name, each) is not each:
                raise ValueError(f"two metrics are called {name}: give a dict of metrics by name")
        metrics = named
    for name, each in metrics.items():
        if not callable(each):
            raise TypeError(f"the metric {name} must be a function of output and target, not {each!r:.60}")
    return dict(metrics)


def judged(
    model: Callable[[Any], Any], metrics: Mapping[str, Metric], xs: list[Any], ys: list[Any]
) -> dict[str, float]:
    """The mean of every metric over the samples."""
    if hasattr(model, "predict"):
        outputs = model.predict(xs)
    else:
        with no_grad():
            outputs = [rebuild(model(x), plain) for x in xs]
    return {
        name: math.fsum(float(each(z, y)) for z, y in zip(outputs, ys, strict=True)) / len(xs)
        for name, each in metrics.items()
    }
