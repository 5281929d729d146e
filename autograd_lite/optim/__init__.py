"""Optimizers with PyTorch's update rules, and learning-rate schedules.

An optimizer uses only ``.data`` and ``.grad`` of a parameter; it knows nothing of circuits. A step is
computed from all gradients before anything is changed, and an interruption undoes it, so that
parameters are never half updated. A gradient of None counts as 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from ..support.hints import missing_name
from ..support.saved import Stored, assign, numbers_by_name
from ..support.settings import (
    Parameter,
    at_least_0,
    forget_gradients,
    parameter_label,
    parameters_of,
)
from .rules import ADAM, DESCENT, HEAVY_BALL, NESTEROV, UpdateRule
from .schedules import cosine, exponential, linear, step_decay, warmup

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "UpdateRule",
    "cosine",
    "exponential",
    "linear",
    "step_decay",
    "warmup",
]

State = dict[str, list[float]]


class Optimizer(Stored):
    """The base of the optimizers: the parameters, the learning rate, and a step that is all or nothing.

    When :meth:`save` and :meth:`load` are used together with those of the model, an optimizer with the
    same settings continues exactly, to the last bit, where the saved one stopped.

    A subclass says by ``rule`` and ``shared_settings`` what a step is; one that has a ``step`` of its own
    needs neither.

    :ivar counts_steps: whether the settings may hang on the number of the step, which the state then has.
    :param parameters: a parameter that is given twice counts once.
    :param lr: the learning rate; it may be changed between steps.
    :raises TypeError: when ``parameters`` is not a list of parameters, or a setting is not a number.
    :raises ValueError: when there are no parameters, or a setting is out of range.
    """

    counts_steps = True

    def __init__(self, parameters: Iterable[Parameter], lr: float, weight_decay: float) -> None:
        self.parameters = parameters_of(parameters, "an optimizer")
        self.lr = at_least_0("lr", lr)
        self.weight_decay = at_least_0("weight_decay", weight_decay)
        self._state: State = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.lr!r})"

    def zero_grad(self) -> None:
        """Set the gradients of the parameters to 0."""
        forget_gradients(self.parameters)

    def step(self) -> None:
        """Change the parameters by the update rule, all of them or none.

        :raises FloatingPointError: when a gradient, or a number after the step, is not finite. The
            parameters and the optimizer are then unchanged, as they are after an interruption.
        """
        self.lr = at_least_0("lr", self.lr)
        old = [float(p.data) for p in self.parameters]
        # PyTorch's users write p.grad = None for "no gradient".
        gradients = [float(p.grad or 0.0) for p in self.parameters]
        new, state = self._update(old, gradients)
        if not all(map(math.isfinite, chain(gradients, new, *state.values()))):
            self._refuse(gradients, new, state)
        before = self._state
        try:
            self._state = state
            self._set_parameters(new)
        except BaseException:
            self._state = before
            self._set_parameters(old)
            raise

    def _set_parameters(self, numbers: list[float]) -> None:
        # A method of its own, for the reason given at `saved._set_each`.
        for p, x in zip(self.parameters, numbers, strict=True):
            p.data = x

    @property
    def rule(self) -> UpdateRule:
        """What becomes of one parameter in a step."""
        raise NotImplementedError

    def shared_settings(self, step: float) -> tuple[float, ...]:
        """The settings of the rule in a step, which is counted from 1."""
        raise NotImplementedError

    def is_by_rule(self) -> bool:
        """Whether the rule says all that there is to a step: no part of it is one of a subclass."""
        own = type(self)
        same = all(getattr(own, name) is getattr(Optimizer, name) for name in ("step", "zero_grad"))
        return same and own.rule is not Optimizer.rule and "step" not in vars(self)

    @property
    def steps(self) -> float:
        """How many steps were made, where they are counted; else 0."""
        return self._state.get("steps", [0.0])[0]

    def _update(self, xs: list[float], gs: list[float]) -> tuple[list[float], State]:
        """The parameters ``xs`` after a step with the gradients ``gs``, and the state after it.

        This is a pure computation: it changes nothing.
        """
        kinds, move = self.rule
        kept = [self._state.get(kind) or repeat(0.0) for kind in kinds]
        shared = map(repeat, self.shared_settings(self.steps + 1.0))
        new, *after = map(list, zip(*map(move, repeat(math.sqrt), xs, gs, *kept, *shared), strict=True))
        counted = {"steps": [self.steps + 1.0]} if self.counts_steps else {}
        return new, {**counted, **dict(zip(kinds, after, strict=True))}

    def state_dict(self) -> dict[str, float]:
        """The learning rate and the running numbers of the update rule, by name.

        >>> from autograd_lite import Value
        >>> x = Value(3.0); sgd = SGD([x], lr=0.1, momentum=0.9)
        >>> (x**2).backward(); sgd.step(); sgd.state_dict()
        {'lr': 0.1, 'velocity.0': 6.0}
        """
        kept = {f"{kind}.{i}": x for kind, xs in self._state.items() for i, x in enumerate(xs)}
        return {"lr": self.lr, **kept}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Continue from a :meth:`state_dict` of an optimizer with the same settings and as many parameters.

        :raises ValueError: when names are missing or left over, or a number is impossible.
        :raises TypeError: when an entry is not a real number. Nothing is changed in either case.
        """
        # Before the first step there is nothing but the learning rate.
        sizes = self._state_sizes() if not isinstance(state, Mapping) or len(state) > 1 else {}
        names = {kind: [f"{kind}.{i}" for i in range(size)] for kind, size in sizes.items()}
        owner = f"this {type(self).__name__} of {len(self.parameters)} parameters"
        all_names = ["lr", *chain.from_iterable(names.values())]
        numbers = numbers_by_name(state, all_names, owner)
        loaded = {kind: [numbers[name] for name in each] for kind, each in names.items()}
        least = {"steps": 1.0, "square": 0.0}
        for kind, xs in loaded.items():
            for x in xs:
                possible = math.isfinite(x) and x >= least.get(kind, -math.inf)
                if not possible or (kind == "steps" and x != int(x)):
                    raise ValueError(f"the state has {x!r} for {kind}, which is impossible after a step")
        assign([(self, "lr", at_least_0("lr", numbers["lr"])), (self, "_state", loaded)])

    def _state_sizes(self) -> dict[str, int]:
        """How many numbers of each kind the state has after a step."""
        counted = {"steps": 1} if self.counts_steps else {}
        return counted | dict.fromkeys(self.rule.kinds, len(self.parameters))

    def _refuse(self, gradients: list[float], new: list[float], state: State) -> None:
        """Raise FloatingPointError for the first number that is not finite, and name its parameter."""
        for what, numbers in (
            ("its gradient is", gradients),
            ("the step would make it", new),
            *((f"the step would make its {kind}", each) for kind, each in state.items()),
        ):
            for i, (p, x) in enumerate(zip(self.parameters, numbers, strict=False)):
                if not math.isfinite(x):
                    raise FloatingPointError(
                        f"{parameter_label(i, p)}: {what} {x!r}; no parameter was changed. A "
                        "smaller learning rate, or data on a smaller scale, may help"
                    )


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
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.momentum = at_least_0("momentum", momentum)
        self.nesterov = nesterov
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
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        if not isinstance(betas, Sequence) or len(betas) != 2:
            raise ValueError(f"betas must be two numbers from 0 to below 1, not {betas!r}")
        if not all(at_least_0("one of betas", beta) < 1.0 for beta in betas):
            raise ValueError(f"betas must be two numbers from 0 to below 1, not {betas!r}")
        if not at_least_0("eps", eps):
            raise ValueError(f"eps must be greater than 0, not {eps!r}")
        self.betas, self.eps = betas, eps

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
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    @property
    def _decay(self) -> tuple[float, float]:
        return 1.0 - self.lr * self.weight_decay, 0.0


#: Names of PyTorch that are not here, and what to use instead.
_INSTEAD = {
    "RMSprop": "Adam(parameters, betas=(0.0, 0.99)), which divides by a running mean of squares too",
    "Adagrad": "Adam",
    "Adadelta": "Adam",
    "NAdam": "Adam",
    "RAdam": "Adam with fit(schedule=warmup(…))",
    "LBFGS": 'autograd_lite.minimize(loss, parameters, method="L-BFGS-B")',
    "lr_scheduler": "fit(schedule=…) with linear, exponential, step_decay, cosine or warmup",
}

if not TYPE_CHECKING:  # a type checker must still refuse unknown names

    def __getattr__(name: str) -> Any:
        raise missing_name(__name__, name, _INSTEAD, __all__)
