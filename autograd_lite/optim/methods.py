"""The optimizers, each by the rule of its paper and with the settings of PyTorch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ..support.settings import Parameter, above_0, at_least_0, flag
from .optimizer import Optimizer
from .rules import ADAGRAD, ADAM, DESCENT, HEAVY_BALL, NESTEROV, RMS, UpdateRule


class SGD(Optimizer):
    """Gradient descent, with momentum and weight decay.

    The gradient is ``g ← g + weight_decay·x``. With momentum the velocity is ``v ← momentum·v + g``,
    and v = g in the first step. The step is ``x ← x − lr·v``, or with ``nesterov``
    ``x ← x − lr·(g + momentum·v)``.

    :raises ValueError: when a setting is negative, or ``nesterov`` is given without momentum.

    >>> from autograd_lite import Value
    >>> x = Value(3.0); sgd = SGD([x], lr=0.1)
    >>> (x**2).backward(); sgd.step(); x.data
    2.4
    """

    counts_steps = False

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        *,
        nesterov: bool = False,
        max_norm: float | None = None,
    ) -> None:
        super().__init__(parameters, lr, weight_decay, max_norm)
        self.momentum = at_least_0("momentum", momentum)
        self.nesterov = flag("nesterov", nesterov)
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum greater than 0")

    @property
    def rule(self) -> UpdateRule:
        """As the settings choose it."""
        return NESTEROV if self.nesterov else HEAVY_BALL if self.momentum else DESCENT

    def shared_settings(self, step: float) -> tuple[float, ...]:
        """The learning rate, the weight decay and the momentum, if any."""
        return (self.lr, self.weight_decay, self.momentum)[: 3 if self.rule.kinds else 2]


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015): steps scaled by running means of the gradient and of its square.

    :param betas: the shares of the two running means that are kept in each step.
    :param eps: is added to the root of the mean square, by which a step is divided.
    :param weight_decay: this number times the parameter is added to the gradient.
    :raises ValueError: when a setting is out of range.

    >>> from autograd_lite import Value
    >>> x = Value(3.0); adam = Adam([x], lr=0.1)
    >>> (x**2).backward(); adam.step(); round(x.data, 6)
    2.9
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        max_norm: float | None = None,
    ) -> None:
        super().__init__(parameters, lr, weight_decay, max_norm)
        if not isinstance(betas, Sequence) or len(betas) != 2:
            raise ValueError(f"betas must be two numbers from 0 to below 1, not {betas!r}")
        if not all(at_least_0("one of betas", beta) < 1.0 for beta in betas):
            raise ValueError(f"betas must be two numbers from 0 to below 1, not {betas!r}")
        self.betas, self.eps = betas, above_0("eps", eps)

    @property
    def rule(self) -> UpdateRule:
        """As in the paper, with the means and squares corrected for their start at 0."""
        return ADAM

    def shared_settings(self, step: float) -> tuple[float, ...]:
        """Weight decay, the shares of the means, and what corrects them in this step."""
        first, second = self.betas
        rate, spread = self.lr / (1.0 - first**step), math.sqrt(1.0 - second**step)
        return *self._decay, first, second, rate, spread, self.eps

    @property
    def _decay(self) -> tuple[float, float]:
        """By what a parameter is multiplied, and its part that is added to its gradient."""
        return 1.0, self.weight_decay


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019): ``x ← x·(1 − lr·weight_decay)``.

    :raises ValueError: when a setting is out of range.

    >>> from autograd_lite import Value
    >>> x = Value(3.0); AdamW([x], lr=0.1).step(); x.data
    2.997
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        max_norm: float | None = None,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay, max_norm=max_norm)

    @property
    def _decay(self) -> tuple[float, float]:
        return 1.0 - self.lr * self.weight_decay, 0.0


class RMSprop(Optimizer):
    """RMSprop (Hinton 2012, lecture 6e): the gradient is divided by the root of its running mean square.

    The mean square is ``s ← alpha·s + (1 − alpha)·g²``, the velocity ``v ← momentum·v + g/(√s + eps)``,
    and the step ``x ← x − lr·v``.

    :param alpha: the share of the running mean that is kept in each step, from 0 to below 1.
    :raises ValueError: when a setting is out of range.

    >>> from autograd_lite import Value
    >>> x = Value(3.0); rms = RMSprop([x], lr=0.1)
    >>> (x**2).backward(); rms.step(); round(x.data, 6)
    2.0
    """

    counts_steps = False

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        *,
        max_norm: float | None = None,
    ) -> None:
        super().__init__(parameters, lr, weight_decay, max_norm)
        if not at_least_0("alpha", alpha) < 1.0:
            raise ValueError(f"alpha must be a number from 0 to below 1, not {alpha!r}")
        self.alpha, self.eps, self.momentum = alpha, above_0("eps", eps), at_least_0("momentum", momentum)

    @property
    def rule(self) -> UpdateRule:
        """As in the lecture, with momentum as in PyTorch."""
        return RMS

    def shared_settings(self, step: float) -> tuple[float, ...]:
        """The learning rate, weight decay, the share of the mean that is kept, momentum and eps."""
        return self.lr, self.weight_decay, self.alpha, self.momentum, self.eps


class Adagrad(Optimizer):
    """Adagrad (Duchi, Hazan and Singer 2011): the gradient is divided by the root of its sum of squares.

    The sum is ``s ← s + g²``, and the step t ``x ← x − lr/(1 + (t − 1)·lr_decay)·g/(√s + eps)``.

    :raises ValueError: when a setting is negative, or ``eps`` is 0.

    >>> from autograd_lite import Value
    >>> x = Value(3.0); adagrad = Adagrad([x], lr=0.1)
    >>> (x**2).backward(); adagrad.step(); round(x.data, 6)
    2.9
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        eps: float = 1e-10,
        *,
        max_norm: float | None = None,
    ) -> None:
        super().__init__(parameters, lr, weight_decay, max_norm)
        self.lr_decay, self.eps = at_least_0("lr_decay", lr_decay), above_0("eps", eps)

    @property
    def rule(self) -> UpdateRule:
        """As in the paper, for each parameter by itself."""
        return ADAGRAD

    def shared_settings(self, step: float) -> tuple[float, ...]:
        """The learning rate in this step, weight decay and eps."""
        return self.lr / (1.0 + (step - 1.0) * self.lr_decay), self.weight_decay, self.eps
