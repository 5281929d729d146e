"""The update rules of the optimizers, each as a function of one parameter.

A rule is stated once and read by two: an optimizer applies it to the floats of one parameter after
another, and ``fit`` records it as a program, which moves all parameters at machine speed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

#: A float, or a Value while the rule is recorded.
Scalar = Any


class UpdateRule(NamedTuple):
    """What becomes of a parameter in a step.

    ``move`` takes a square root, the parameter, its gradient, the numbers that are kept for it from
    step to step, and the settings, which are floats that all parameters share. It gives the parameter
    and the numbers after the step. ``kinds`` are the names of the numbers that are kept; before the first
    step they are 0.

    >>> halved = UpdateRule((), lambda sqrt, x, g, lr: (x - 0.5 * lr * g,))
    >>> halved.move(None, 3.0, 2.0, 0.1)
    (2.9,)
    """

    kinds: tuple[str, ...]
    move: Callable[..., tuple[Scalar, ...]]


def _descent(_: Any, x: Scalar, g: Scalar, lr: Scalar, decay: Scalar) -> tuple[Scalar, ...]:
    return (x - lr * (g + decay * x),)


def _heavy_ball(
    _: Any, x: Scalar, g: Scalar, v: Scalar, lr: Scalar, decay: Scalar, momentum: Scalar
) -> tuple[Scalar, ...]:
    v = momentum * v + (g + decay * x)
    return x - lr * v, v


def _nesterov(
    _: Any, x: Scalar, g: Scalar, v: Scalar, lr: Scalar, decay: Scalar, momentum: Scalar
) -> tuple[Scalar, ...]:
    g = g + decay * x
    v = momentum * v + g
    return x - lr * (g + momentum * v), v


def _adam(
    sqrt: Callable[[Scalar], Scalar],
    x: Scalar,
    g: Scalar,
    mean: Scalar,
    square: Scalar,
    shrunk: Scalar,
    decay: Scalar,
    first: Scalar,
    second: Scalar,
    rate: Scalar,
    spread: Scalar,
    eps: Scalar,
) -> tuple[Scalar, ...]:
    g = g + decay * x
    mean = mean + (1.0 - first) * (g - mean)
    square = second * square + (1.0 - second) * g * g
    return shrunk * x - rate * mean / (sqrt(square) / spread + eps), mean, square


def _rms(
    sqrt: Callable[[Scalar], Scalar],
    x: Scalar,
    g: Scalar,
    square: Scalar,
    v: Scalar,
    lr: Scalar,
    decay: Scalar,
    kept: Scalar,
    momentum: Scalar,
    eps: Scalar,
) -> tuple[Scalar, ...]:
    g = g + decay * x
    square = kept * square + (1.0 - kept) * g * g
    v = momentum * v + g / (sqrt(square) + eps)
    return x - lr * v, square, v


def _adagrad(
    sqrt: Callable[[Scalar], Scalar],
    x: Scalar,
    g: Scalar,
    square: Scalar,
    rate: Scalar,
    decay: Scalar,
    eps: Scalar,
) -> tuple[Scalar, ...]:
    g = g + decay * x
    square = square + g * g
    return x - rate * g / (sqrt(square) + eps), square


DESCENT = UpdateRule((), _descent)
HEAVY_BALL = UpdateRule(("velocity",), _heavy_ball)
NESTEROV = UpdateRule(("velocity",), _nesterov)
ADAM = UpdateRule(("mean", "square"), _adam)
RMS = UpdateRule(("square", "velocity"), _rms)
ADAGRAD = UpdateRule(("square",), _adagrad)
