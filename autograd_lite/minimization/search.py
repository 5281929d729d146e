"""The search for a minimum: the functions that SciPy calls, and the iterations so far."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

from ..core.order import made_from
from ..core.value import Value
from ..program import BranchChanged
from ..program.jitted import Jitted
from ..support.collector import paused_collector
from ..support.context import enable_grad
from ..support.settings import require_dependence
from .variables import Variables, reads_a_point

_SMALL = 200  # operations
_WALL = 1e3  # factor by which a non-finite loss is reported above the last finite one (SLSQP only)


class Search:
    """The functions that SciPy calls, and the iterations so far.

    :param falls: whether the loss falls in every iteration, as it does without constraints.
    """

    def __init__(
        self,
        loss: Callable[..., Any],
        variables: Variables,
        callback: Callable[..., Any] | None,
        needs_wall: bool,
        engine: str,
        falls: bool = True,
    ) -> None:
        import numpy as np

        self._array = np.array
        self._replayed: Jitted | None = None
        self._engine, self.why = engine, "eager: as asked for"
        self._variables, self._falls = variables, falls
        parameters = variables.parameters
        self.reached = np.array([float(p.data) for p in parameters])
        self.history: list[float] = []
        self.evaluated: list[int] = []
        self.evaluations = 0
        self._loss: Callable[[], Any] = lambda: variables.call(loss)
        self._parameters = parameters
        self._callback, self._told = callback, reads_a_point(callback)
        self._needs_wall = needs_wall
        self._gradient: Any = ()
        # Loss and gradient at the points seen since the last iteration. SciPy's callback is not given
        # them, and SciPy evaluates the start once more.
        self._known: dict[bytes, tuple[float, Any]] = {}
        self._root: Value | None = None

    def start(self, point: Any) -> None:
        """Evaluate the loss at the start.

        :raises FloatingPointError: when it or one of its derivatives is not finite.
        """
        loss, self._gradient = self._evaluate(point)
        self.history.append(loss)
        self.evaluated.append(self.evaluations)
        by = (f"the derivative with respect to {label}" for label in self._variables.labels)
        names = ["the loss", *by]
        for name, x in zip(names, (loss, *self._gradient.tolist()), strict=True):
            if not math.isfinite(x):
                raise FloatingPointError(f"{name} is {x!r} at the start")

    def loss_and_gradient(self, point: Any) -> tuple[float, Any]:
        """What SciPy minimizes.

        Where the loss or its gradient is not finite, this is the last loss with the gradient reversed:
        line searches then bisect back. SLSQP ignores the gradient, so it gets a large loss instead.
        With an infinite loss some methods would stop at the start and report success.
        """
        loss, gradient = self._evaluate(point)
        if _all_finite(loss, gradient):
            return loss, gradient.copy()
        wall = _WALL * (1.0 + abs(self.history[-1])) if self._needs_wall else 0.0
        return self.history[-1] + wall, -self._gradient

    def after_iteration(self, point: Any, *_: Any) -> None:
        """SciPy's callback; it must not return True, which would end some searches."""
        self.accept(point)

    def accept(self, point: Any) -> bool:
        """Take ``point`` as the result of an iteration; False where it is not finite.

        Some methods report the start too, or a step that they take back afterwards, so a point with
        a higher loss than the last one is ignored, unless constraints may raise the loss.
        """
        if (point == self.reached).all():
            return True
        loss, gradient = self._evaluate(point)
        finite = _all_finite(loss, gradient, point)
        if finite and (loss <= self.history[-1] or not self._falls):
            self._known = {point.tobytes(): (loss, gradient)}
            self.reached, self._gradient = point.copy(), gradient
            self.history.append(loss)
            self.evaluated.append(self.evaluations)
            if self._callback is not None:
                self._variables.move(point.tolist())
                self._callback(*[self._variables.shaped(point.tolist())] * self._told)
        return finite

    def finish(self) -> None:
        """Set the parameters to what the last iteration reached, and all gradients to 0."""
        self._variables.move(self.reached.tolist())
        if self._root is not None:
            self._root.zero_grad()

    def _evaluate(self, point: Any) -> tuple[float, Any]:
        key = point.tobytes()
        if key not in self._known:
            self._known[key] = self._sweep(point)
        return self._known[key]

    def _sweep(self, point: Any) -> tuple[float, Any]:
        self.evaluations += 1
        if self._replayed is not None:
            found = self._replayed.at_parameters(point)
            if found is not None:
                return found[0], self._array(found[1])
        self._variables.move(point.tolist())
        if self._replayed is not None:
            try:
                return self._replayed.value_and_grad()[0], self._slopes()
            except (BranchChanged, ValueError) as error:
                self._give_up(error)
        # Minimization needs derivatives, so it records even inside no_grad.
        with enable_grad(), paused_collector():
            root = self._loss()
        if not isinstance(root, Value):
            raise TypeError(f"the loss must be a Value, not {type(root).__name__} ({root!r:.60})")
        if self._root is None:
            require_dependence(self._parameters, made_from(root))
            if self._engine != "eager":
                self._record()
        self._root = root
        if not root.is_constant:
            root.backward()
        return root.data, self._slopes()

    @property
    def gradient(self) -> list[float]:
        """The gradient at the point that was reached."""
        return [float(each) for each in self._gradient]

    def _slopes(self) -> Any:
        return self._array([p.grad for p in self._parameters])

    def _record(self) -> None:
        """Record the loss, so that the points after the first replay it."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                parameters: list[Any] = list(self._parameters)
                self._replayed = Jitted(self._loss, parameters, strict=True)
                program = self._replayed.record()
                if len(program.recording) <= _SMALL:
                    # The engine whose numbers are the eager one's to the bit is as quick there.
                    self._replayed = Jitted(self._loss, parameters, engine="python", strict=True)
                    self._replayed.record()
                    self.why = "program: straight-line Python, for a small circuit"
                else:
                    self.why = f"program: {program.engine}"
        except Exception as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        if self._engine == "program":
            raise error
        self._replayed = None
        self.why = f"eager: {type(error).__name__}: {error}"


def _all_finite(*numbers: Any) -> bool:
    import numpy as np

    return all(np.isfinite(x).all() for x in numbers)
