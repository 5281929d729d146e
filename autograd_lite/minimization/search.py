"""Minimization by SciPy: conjugate gradient, quasi-Newton and related methods."""

from __future__ import annotations

import difflib
import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..core.order import made_from
from ..core.value import Value
from ..program import BranchChanged
from ..program.jitted import Jitted
from ..support.collector import paused_collector
from ..support.context import enable_grad, guarded
from ..support.settings import (
    Parameter,
    at_least_0,
    forget_gradients,
    parameter_label,
    parameters_of,
    require_dependence,
    require_engine,
    whole_number,
)

__all__ = ["METHODS", "Minimum", "minimize"]

#: SciPy's methods that use the gradient and take ``maxiter``.
METHODS = ("BFGS", "CG", "L-BFGS-B", "Newton-CG", "SLSQP", "trust-constr")

_SMALL = 200  # operations
_WALL = 1e3  # factor by which a non-finite loss is reported above the last finite one (SLSQP only)


@dataclass
class Minimum:
    """The result of a minimization: the loss that was reached, and how.

    ``history`` has the loss at the start and after every iteration that changed the parameters,
    ``evaluated`` how often loss and gradient had been computed by then, and ``evaluations`` how often in
    all. ``success`` and ``message`` are SciPy's. ``engine`` says what computed the loss, and why.
    """

    loss: float
    history: list[float]
    evaluated: list[int]
    evaluations: int
    success: bool
    message: str
    engine: str = "eager"


@guarded
def minimize(
    loss: Callable[[], Any],
    parameters: Iterable[Any],
    *,
    method: str = "BFGS",
    tolerance: float | None = None,
    max_iterations: int | None = None,
    options: dict[str, Any] | None = None,
    callback: Callable[[], Any] | None = None,
    engine: str = "auto",
) -> Minimum:
    """Change ``parameters`` in place to a minimum of ``loss``, by a method of SciPy.

    :param loss: a function without arguments that builds the circuit of the loss from the present
        parameters and returns its root.
    :param method: one of ``METHODS``: ``"CG"``, ``"BFGS"``, ``"L-BFGS-B"``, …. Conjugate gradient and
        quasi-Newton methods have a line search: they decrease the loss in every iteration, until it is
        stationary.
    :param tolerance: SciPy's ``tol``.
    :param options: SciPy's ``options``.
    :param callback: called after every iteration that changed the parameters; they are then those that
        the iteration reached.
    :param engine: ``"program"`` records the loss and replays it, with the same numbers to rounding;
        ``"eager"`` makes and sweeps a circuit at every point; ``"auto"`` records where that is possible.
    :raises ImportError: without SciPy.
    :raises ValueError: for an unknown method or engine, no parameters, one that is not an input of a
        circuit, a setting out of range, or a loss that depends on none of the parameters.
    :raises TypeError: when a setting is not a number, or the loss is not a Value.
    :raises FloatingPointError: when the loss or one of its derivatives is not finite at the start.

    When the search ends for any reason, an exception and Ctrl-C included, the parameters are those of
    the last complete iteration with a finite loss and gradient, and all gradients in the circuit of the
    loss are 0. A search that ends where the loss is not finite is not a success.

    >>> from autograd_lite import Value
    >>> x, y = Value(-1.0), Value(2.0)
    >>> found = minimize(lambda: (1 - x) ** 2 + 100 * (y - x**2) ** 2, [x, y])
    >>> found.success, round(x.data, 4), round(y.data, 4)
    (True, 1.0, 1.0)
    """
    if method not in METHODS:
        near = difflib.get_close_matches(str(method), METHODS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(METHODS)}"
        raise ValueError(f"unknown method {method!r}: {hint}")
    require_engine(engine)
    moving = parameters_of(parameters, "minimize")
    if tolerance is not None:
        tolerance = at_least_0("tolerance", tolerance)
    settings = dict(options or {})
    if max_iterations is not None:
        if "maxiter" in settings:
            raise ValueError("max_iterations is SciPy's maxiter: give only one of the two")
        settings["maxiter"] = whole_number("max_iterations", max_iterations, 1)
    try:
        from scipy import optimize
    except ImportError:
        raise ImportError("minimize needs SciPy: pip install 'autograd-lite[train]'") from None

    search = _Search(loss, moving, callback, needs_wall=method == "SLSQP", engine=engine)
    try:
        start = search.reached.copy()
        search.start(start)
        done = optimize.minimize(
            search.loss_and_gradient,
            start,
            jac=True,
            method=method,
            tol=tolerance,
            callback=search.after_iteration,
            options=settings,
        )
        success, message = bool(done.success), str(done.message)
        if not search.accept(done.x):
            success = False
            message = f"the search ended where the loss is not finite (SciPy: {message})"
    finally:
        search.finish()
    return Minimum(
        search.history[-1],
        search.history,
        search.evaluated,
        search.evaluations,
        success,
        message,
        search.why,
    )


class _Search:
    """The functions that SciPy calls, and the iterations so far."""

    def __init__(
        self,
        loss: Callable[[], Any],
        parameters: list[Parameter],
        callback: Callable[[], Any] | None,
        needs_wall: bool,
        engine: str,
    ) -> None:
        import numpy as np

        self._array = np.array
        self._replayed: Jitted | None = None
        self._engine, self.why = engine, "eager: as asked for"
        self.reached = np.array([float(p.data) for p in parameters])
        self.history: list[float] = []
        self.evaluated: list[int] = []
        self.evaluations = 0
        self._loss, self._parameters, self._callback = loss, parameters, callback
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
        labels = (parameter_label(i, p) for i, p in enumerate(self._parameters))
        names = ["the loss", *(f"the derivative with respect to {label}" for label in labels)]
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
        a higher loss than the last one is ignored.
        """
        if (point == self.reached).all():
            return True
        loss, gradient = self._evaluate(point)
        finite = _all_finite(loss, gradient, point)
        if finite and loss <= self.history[-1]:
            self._known = {point.tobytes(): (loss, gradient)}
            self.reached, self._gradient = point.copy(), gradient
            self.history.append(loss)
            self.evaluated.append(self.evaluations)
            if self._callback is not None:
                self._set_parameters(point)
                self._callback()
        return finite

    def finish(self) -> None:
        """Set the parameters to what the last iteration reached, and all gradients to 0."""
        self._set_parameters(self.reached)
        if self._root is not None:
            self._root.zero_grad()

    def _set_parameters(self, point: Any) -> None:
        for p, x in zip(self._parameters, point.tolist(), strict=True):
            p.data = x
        forget_gradients(self._parameters)

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
        self._set_parameters(point)
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
