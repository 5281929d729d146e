"""The base of the optimizers: a step that is computed first and made as one."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Mapping
from itertools import chain, repeat

from ..support.saved import Stored, assign, numbers_by_name
from ..support.settings import (
    Parameter,
    above_0,
    at_least_0,
    forget_gradients,
    parameter_label,
    parameters_of,
)
from .rules import UpdateRule

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
    :param max_norm: where the norm of the gradient of all parameters is larger, the gradient is made
        shorter, to this norm (Pascanu, Mikolov and Bengio 2013). It may be changed between steps.
    :raises TypeError: when ``parameters`` is not a list of parameters, or a setting is not a number.
    :raises ValueError: when there are no parameters, or a setting is out of range.
    """

    counts_steps = True

    def __init__(
        self, parameters: Iterable[Parameter], lr: float, weight_decay: float, max_norm: float | None = None
    ) -> None:
        self.parameters = parameters_of(parameters, "an optimizer")
        self.lr = at_least_0("lr", lr)
        self.weight_decay = at_least_0("weight_decay", weight_decay)
        self.max_norm = None if max_norm is None else above_0("max_norm", max_norm)
        self._state: State = {}

    def __repr__(self) -> str:
        settings = [f"lr={self.lr!r}"]
        for name, each in inspect.signature(type(self)).parameters.items():
            if name not in ("parameters", "lr") and getattr(self, name, each.default) != each.default:
                settings.append(f"{name}={getattr(self, name)!r}")
        return f"{type(self).__name__}({len(self.parameters)} parameters, {', '.join(settings)})"

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of the parameters to 0; ``set_to_none`` is PyTorch's and changes nothing."""
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
        share = self.share(math.hypot(*gradients)) if self.max_norm is not None else 1.0
        new, state = self._update(old, [share * g for g in gradients] if share != 1.0 else gradients)
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

    def share(self, norm: float) -> float:
        """By what a gradient of this norm is multiplied, so that it is at most ``max_norm`` long."""
        most = math.inf if self.max_norm is None else above_0("max_norm", self.max_norm)
        return most / norm if norm > most else 1.0

    def _set_parameters(self, numbers: list[float]) -> None:
        # A method of its own, for the reason given at `saved._set_each`.
        for p, x in zip(self.parameters, numbers, strict=True):
            p.data = x

    @property
    def rule(self) -> UpdateRule:
        """What becomes of one parameter in a step.

        :raises NotImplementedError: when the class has none, but a ``step`` of its own.
        """
        raise NotImplementedError

    def shared_settings(self, step: float) -> tuple[float, ...]:
        """The settings of the rule in a step, which is counted from 1.

        :raises NotImplementedError: when the class has no rule.
        """
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
        >>> from autograd_lite.optim import SGD
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
        least = {"steps": 1.0, "square": 0.0}  # what a kind of number cannot be below
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
