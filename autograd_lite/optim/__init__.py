"""Optimisers with PyTorch's update rules, and learning-rate schedules.

An optimiser moves whatever has ``.data`` and ``.grad``; it knows of no circuit. A step is computed
from all gradients before anything is written, and an interruption while it is written takes it back:
parameters are never half updated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from ..support.saved import Stored, assign, fitting
from ..support.settings import Parameter, at_least_0, called, count, parameters_of

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "cosine",
    "exponential",
    "linear",
    "step_decay",
    "warmup",
]


Schedule = Callable[[int], float]
State = dict[str, list[float]]


class Optimizer(Stored):
    """What the optimisers share: the parameters, the learning rate, and a step that is all or nothing.

    :meth:`save` and :meth:`load`, beside those of the model, let steps go on where they were, to the
    last bit, in an optimiser made with the same settings.

    :param parameters: each counts once, however often it is given.
    :param lr: the learning rate; may be changed between steps.
    :raises TypeError: for something else than a list of parameters, or a setting that is no number.
    :raises ValueError: when there are no parameters, or a setting is out of range.
    """

    def __init__(self, parameters: Iterable[Parameter], lr: float, weight_decay: float) -> None:
        self.parameters = parameters_of(parameters, "an optimiser")
        self.lr = at_least_0("lr", lr)
        self.weight_decay = at_least_0("weight_decay", weight_decay)
        self._state: State = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.lr!r})"

    def zero_grad(self) -> None:
        """Forget the gradients of the parameters."""
        for p in self.parameters:
            if hasattr(p, "zero_grad"):
                p.zero_grad()
            else:
                p.grad = 0.0

    def step(self) -> None:
        """Move the parameters by their gradients.

        :raises FloatingPointError: when a gradient, or a parameter after the step, would not be
            finite. Parameters and optimiser are then as they were, as after an interruption.
        """
        self.lr = at_least_0("lr", self.lr)
        old = [float(p.data) for p in self.parameters]
        gradients = [float(p.grad) for p in self.parameters]
        new, state = self._update(old, gradients)
        if not all(map(math.isfinite, chain(gradients, new, *state.values()))):
            self._refuse(gradients, new, state)
        before = self._state
        try:
            self._state = state
            for p, x in zip(self.parameters, new, strict=True):
                p.data = x
        except BaseException:
            self._state = before
            for p, x in zip(self.parameters, old, strict=True):
                p.data = x
            raise

    def _update(self, xs: list[float], gs: list[float]) -> tuple[list[float], State]:
        """The parameters after a step, and the state that goes with them; nothing is written."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, float]:
        """The learning rate and what the steps so far have left, a number per parameter and kind.

        >>> from autograd_lite import Value
        >>> x = Value(3.0); sgd = SGD([x], lr=0.1, momentum=0.9)
        >>> (x**2).backward(); sgd.step(); sgd.state_dict()
        {'lr': 0.1, 'velocity.0': 6.0}
        """
        kept = {f"{kind}.{i}": x for kind, xs in self._state.items() for i, x in enumerate(xs)}
        return {"lr": self.lr, **kept}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Go on from a :meth:`state_dict` of an optimiser like this one, for as many parameters.

        :raises ValueError: when names are missing or left over, or the learning rate is none.
        :raises TypeError: when something is not a real number. Nothing is changed in either case.
        """
        sizes = self._kept() if not isinstance(state, Mapping) or len(state) > 1 else {}
        names = {kind: [f"{kind}.{i}" for i in range(size)] for kind, size in sizes.items()}
        whose = f"this {type(self).__name__} of {len(self.parameters)} parameters"
        numbers = fitting(state, ["lr", *(name for each in names.values() for name in each)], whose)
        kept = {kind: [numbers[name] for name in each] for kind, each in names.items()}
        least = {"steps": 1.0, "square": 0.0}
        for kind, xs in kept.items():
            for x in xs:
                fits = math.isfinite(x) and x >= least.get(kind, -math.inf)
                if not fits or (kind == "steps" and x != int(x)):
                    raise ValueError(f"the state has {x!r} for {kind}, which no step leaves")
        assign([(self, "lr", at_least_0("lr", numbers["lr"])), (self, "_state", kept)])

    def _kept(self) -> dict[str, int]:
        """What a step leaves behind, and how many numbers of each kind."""
        return {}

    def _refuse(self, gradients: list[float], new: list[float], state: State) -> None:
        """Raise for the first number that is not finite, by what it would be and whose."""
        for what, numbers in (
            ("its gradient is", gradients),
            ("the step would make it", new),
            *((f"the step would make its {kind}", each) for kind, each in state.items()),
        ):
            for i, (p, x) in enumerate(zip(self.parameters, numbers, strict=False)):
                if not math.isfinite(x):
                    raise FloatingPointError(
                        f"{called(i, p)}: {what} {x!r}; no parameter was changed. A "
                        "smaller learning rate, or data on a smaller scale, may help"
                    )


class SGD(Optimizer):
    """Gradient descent, with momentum and weight decay.

    ``g + weight_decay·x`` is the gradient; with momentum the velocity is ``v ← momentum·v + g``, the
    first gradient to begin with, and the step is −lr·v, or with Nesterov's −lr·(g + momentum·v).

    :raises ValueError: when a setting is negative, or ``nesterov`` is without momentum.

    >>> from autograd_lite import Value
    >>> x = Value(3.0); sgd = SGD([x], lr=0.1)
    >>> (x**2).backward(); sgd.step(); x.data
    2.4
    """

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

    def _kept(self) -> dict[str, int]:
        return {"velocity": len(self.parameters)} if self.momentum else {}

    def _update(self, xs: list[float], gs: list[float]) -> tuple[list[float], State]:
        if self.weight_decay:
            gs = [g + self.weight_decay * x for x, g in zip(xs, gs, strict=True)]
        if not self.momentum:
            return [x - self.lr * g for x, g in zip(xs, gs, strict=True)], {}
        vs = gs
        if self._state:
            vs = [self.momentum * v + g for v, g in zip(self._state["velocity"], gs, strict=True)]
        steps = vs
        if self.nesterov:
            steps = [g + self.momentum * v for v, g in zip(vs, gs, strict=True)]
        return [x - self.lr * s for x, s in zip(xs, steps, strict=True)], {"velocity": vs}


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015): steps scaled by running means of the gradient and of its square.

    :param betas: how much of the two running means is kept at each step.
    :param eps: added to the root of the mean square that a step is divided by.
    :param weight_decay: times the parameter, is added to the gradient.
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
            raise ValueError(f"betas are two numbers, at least 0 and below 1, not {betas!r}")
        if not all(at_least_0("one of betas", beta) < 1.0 for beta in betas):
            raise ValueError(f"betas are two numbers, at least 0 and below 1, not {betas!r}")
        if not at_least_0("eps", eps):
            raise ValueError(f"eps is greater than 0, not {eps!r}")
        self.betas, self.eps = betas, eps

    def _kept(self) -> dict[str, int]:
        return {"steps": 1, "mean": len(self.parameters), "square": len(self.parameters)}

    def _update(self, xs: list[float], gs: list[float]) -> tuple[list[float], State]:
        if self.weight_decay:
            gs = [g + self.weight_decay * x for x, g in zip(xs, gs, strict=True)]
        return self._moved(xs, gs)

    def _moved(self, xs: list[float], gs: list[float]) -> tuple[list[float], State]:
        zeros = [0.0] * len(xs)
        state = self._state or {"steps": [0.0], "mean": zeros, "square": zeros}
        (steps,), means, squares = state.values()
        steps += 1.0
        first, second = self.betas
        means = [m + (1.0 - first) * (g - m) for m, g in zip(means, gs, strict=True)]
        squares = [second * v + (1.0 - second) * g * g for v, g in zip(squares, gs, strict=True)]
        rate = self.lr / (1.0 - first**steps)
        spread = math.sqrt(1.0 - second**steps)
        moved = [
            x - rate * m / (math.sqrt(v) / spread + self.eps)
            for x, m, v in zip(xs, means, squares, strict=True)
        ]
        return moved, {"steps": [steps], "mean": means, "square": squares}


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

    def _update(self, xs: list[float], gs: list[float]) -> tuple[list[float], State]:
        shrunk = 1.0 - self.lr * self.weight_decay
        return self._moved([x * shrunk for x in xs], gs)


# Schedules: functions that give the learning rate of an epoch, counted from 0. Fewer than one epoch
# is a ValueError.


def linear(start: float, end: float, epochs: int) -> Schedule:
    """From ``start`` to ``end`` in ``epochs`` equal steps, and ``end`` from there on.

    >>> rate = linear(1.0, 0.1, 9); round(rate(0), 3), round(rate(1), 3), round(rate(100), 3)
    (1.0, 0.9, 0.1)
    """
    count("epochs", epochs, 1)
    return lambda epoch: end if epoch >= epochs else start + (end - start) * epoch / epochs


def exponential(start: float, factor: float) -> Schedule:
    """``start·factor**epoch``.

    >>> exponential(1.0, 0.5)(3)
    0.125
    """
    return lambda epoch: start * factor**epoch


def step_decay(start: float, every: int, factor: float = 0.1) -> Schedule:
    """``start``, times ``factor`` after every ``every`` epochs.

    >>> rate = step_decay(1.0, 10, 0.5); rate(9), rate(10), rate(20)
    (1.0, 0.5, 0.25)
    """
    count("every", every, 1)
    return lambda epoch: start * factor ** (epoch // every)


def cosine(start: float, end: float, epochs: int) -> Schedule:
    """Half a cosine wave from ``start`` down to ``end`` in ``epochs`` (Loshchilov and Hutter 2017).

    >>> rate = cosine(1.0, 0.0, 10); rate(0), round(rate(5), 3), rate(10), rate(11)
    (1.0, 0.5, 0.0, 0.0)
    """
    count("epochs", epochs, 1)

    def rate(epoch: int) -> float:
        share = min(epoch / epochs, 1.0)
        return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * share))

    return rate


def warmup(epochs: int, then: Schedule) -> Schedule:
    """A straight rise to ``then(0)`` over the first ``epochs``, and ``then`` after them.

    >>> rate = warmup(4, exponential(1.0, 0.5)); [rate(epoch) for epoch in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.5]
    """
    count("epochs", epochs, 1)
    return lambda epoch: then(0) * (epoch + 1) / epochs if epoch < epochs else then(epoch - epochs)
