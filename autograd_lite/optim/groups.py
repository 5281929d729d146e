"""Several optimizers as one: groups of parameters with settings of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..support.saved import Stored, assign
from .optimizer import Optimizer


class Groups(Stored):
    """Optimizers that step together, each with its own parameters and settings.

    A step is made by all of them or by none. ``lr`` is the learning rate of the first; setting it, as a
    schedule does, changes the others in proportion.

    :raises TypeError: when something else than optimizers is given.
    :raises ValueError: when there are none, or two of them have a parameter in common.

    >>> from autograd_lite import Value
    >>> from autograd_lite.optim import SGD
    >>> body, head = Value(1.0), Value(1.0)
    >>> both = Groups(SGD([body], lr=0.1), SGD([head], lr=1.0))
    >>> (body + head).backward(); both.step(); body.data, head.data
    (0.9, 0.0)
    >>> both.lr = 0.05; [each.lr for each in both.optimizers]
    [0.05, 0.5]
    """

    def __init__(self, *optimizers: Optimizer) -> None:
        for each in optimizers:
            if not isinstance(each, Optimizer):
                raise TypeError(f"Groups takes optimizers, not {type(each).__name__} ({each!r:.60})")
        if not optimizers:
            raise ValueError("Groups needs at least one optimizer")
        self.optimizers = list(optimizers)
        self.parameters = [p for each in optimizers for p in each.parameters]
        if len(set(map(id, self.parameters))) < len(self.parameters):
            raise ValueError("two of the optimizers have a parameter in common")
        first = self.lr
        self._shares = [each.lr / first for each in optimizers] if first else []

    @property
    def lr(self) -> float:
        """The learning rate of the first optimizer."""
        return self.optimizers[0].lr

    @lr.setter
    def lr(self, lr: float) -> None:
        first = self.lr
        if lr != first:
            if first:
                self._shares = [each.lr / first for each in self.optimizers]
            # Where all rates are 0, the proportions before that stay.
            elif not self._shares or any(each.lr for each in self.optimizers):
                raise ValueError("the first learning rate is 0: set the rates of the optimizers one by one")
            rates = [lr * share for share in self._shares]
            assign((each, "lr", rate) for each, rate in zip(self.optimizers, rates, strict=True))

    def __repr__(self) -> str:
        return f"Groups({', '.join(map(repr, self.optimizers))})"

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of all parameters to 0."""
        for each in self.optimizers:
            each.zero_grad(set_to_none)

    def step(self) -> None:
        """Change the parameters of every optimizer, all of them or none.

        :raises FloatingPointError: as for one optimizer.
        """
        before: list[tuple[Any, str, Any]] = [(each, "_state", each._state) for each in self.optimizers]
        before += [(p, "data", p.data) for p in self.parameters]
        try:
            for each in self.optimizers:
                each.step()
        except BaseException:
            assign(before)
            raise

    def state_dict(self) -> dict[str, float]:
        """The states of the optimizers, each name after the number of its optimizer: ``"0.lr"``."""
        states = enumerate(each.state_dict() for each in self.optimizers)
        return {f"{i}.{name}": x for i, state in states for name, x in state.items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Continue from a :meth:`state_dict` of as many optimizers with the same settings.

        :raises ValueError: when names are missing or left over, or a number is impossible. Nothing is
            changed then.
        """
        parts: list[dict[str, float]] = [{} for _ in self.optimizers]
        for name, x in dict(state).items():
            number, _, own = str(name).partition(".")
            if not number.isdecimal() or int(number) >= len(parts):
                raise ValueError(f"the state has {name!r}, but there are {len(parts)} optimizers")
            parts[int(number)][own] = x
        before = [
            (each, name, getattr(each, name)) for each in self.optimizers for name in ("lr", "_state")
        ]
        try:
            for each, part in zip(self.optimizers, parts, strict=True):
                each.load_state_dict(part)
        except BaseException:
            assign(before)
            raise
