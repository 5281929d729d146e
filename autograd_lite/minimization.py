"""Minimisation by SciPy: conjugate gradient, quasi-Newton and their kin."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .core.order import made_from
from .core.value import Value
from .support.context import enable_grad, guarded
from .support.settings import Parameter, at_least_0, called, count, parameters_of, require_inputs

__all__ = ["METHODS", "Minimum", "minimize"]

#: SciPy's methods that use the gradient, and take ``maxiter``.
METHODS = ("BFGS", "CG", "L-BFGS-B", "Newton-CG", "SLSQP", "trust-constr")


_WALL = 1e3  # how far up a loss that is not finite is taken to be, in sizes of the loss


@dataclass
class Minimum:
    """Where a minimisation ended.

    ``history`` holds the loss at the start and after every iteration that moved, ``evaluated`` how
    many circuits had been built and swept by then, and ``evaluations`` how many there were in all.
    ``success`` and ``message`` are SciPy's own words.
    """

    loss: float
    history: list[float]
    evaluated: list[int]
    evaluations: int
    success: bool
    message: str


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
) -> Minimum:
    """Move ``parameters`` to a minimum of ``loss`` by conjugate gradient or a quasi-Newton method.

    :param loss: builds the circuit of the loss from the parameters as they are, and returns its root.
    :param method: one of ``METHODS``: ``"CG"``, ``"BFGS"``, ``"L-BFGS-B"``, …, done by SciPy. With a
        line search, CG and quasi-Newton methods decrease the loss at every iteration, on the way to
        a stationary point.
    :param tolerance: SciPy's ``tol``, ``options`` its ``options``.
    :param callback: called after every iteration that moved, with the parameters where it ended.
    :raises ImportError: without SciPy.
    :raises ValueError: for another method, no parameters, one that is no input, a setting out of
        range, or a loss that has nothing to do with them.
    :raises TypeError: for a setting that is no number, or a loss that is no Value.
    :raises FloatingPointError: when the loss or a derivative of it is not finite at the start.

    An error or Ctrl-C leaves the parameters as the last complete iteration did, and so does a search
    that ends where the loss or a derivative is not finite: it is then no success. The gradients of
    the loss's circuit are forgotten.

    >>> from autograd_lite import Value
    >>> x, y = Value(-1.0), Value(2.0)
    >>> found = minimize(lambda: (1 - x) ** 2 + 100 * (y - x**2) ** 2, [x, y])
    >>> found.success, round(x.data, 4), round(y.data, 4)
    (True, 1.0, 1.0)
    """
    if method not in METHODS:
        near = difflib.get_close_matches(str(method), METHODS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(METHODS)}"
        raise ValueError(f"unknown method {method!r}: {hint}")
    moved = parameters_of(parameters, "minimize")
    if tolerance is not None:
        tolerance = at_least_0("tolerance", tolerance)
    settings = dict(options or {})
    if max_iterations is not None:
        if "maxiter" in settings:
            raise ValueError("max_iterations is SciPy's maxiter: give one of them")
        settings["maxiter"] = count("max_iterations", max_iterations, 1)
    try:
        from scipy import optimize
    except ImportError:
        raise ImportError("minimize needs SciPy: pip install 'autograd-lite[train]'") from None

    search = _Search(loss, moved, callback, by_height=method == "SLSQP")
    try:
        import numpy as np

        start = np.array(search.reached)
        for what, x in search.at_the_start(start):
            if not math.isfinite(x):
                raise FloatingPointError(f"{what} is {x!r} at the start")
        done = optimize.minimize(
            search.at,
            start,
            jac=True,
            method=method,
            tol=tolerance,
            callback=search.iterated,
            options=settings,
        )
        success, message = bool(done.success), str(done.message)
        if not search.note(done.x):
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
    )


class _Search:
    """The loss as SciPy sees it, and the way down so far."""

    def __init__(
        self,
        loss: Callable[[], Any],
        moved: list[Parameter],
        callback: Callable[[], Any] | None,
        by_height: bool,
    ) -> None:
        self.reached = [float(p.data) for p in moved]
        self.history: list[float] = []
        self.evaluated: list[int] = []
        self.evaluations = 0
        self._loss, self._moved, self._callback = loss, moved, callback
        self._by_height = by_height
        self._slopes: list[float] = []
        # By place, since the last iteration ended: SciPy does not say what it found there, and asks
        # once more for what was found at the start.
        self._seen: dict[bytes, tuple[float, list[float]]] = {}
        self._root: Value | None = None

    def at_the_start(self, xs: Any) -> list[tuple[str, float]]:
        """The loss and its derivatives, each with what it is called."""
        found, self._slopes = self._found(xs)
        self.history.append(found)
        self.evaluated.append(self.evaluations)
        names = (f"the derivative by {called(i, p)}" for i, p in enumerate(self._moved))
        return [("the loss", found), *zip(names, self._slopes, strict=True)]

    def at(self, xs: Any) -> tuple[float, list[float]]:
        found, slopes = self._found(xs)
        if all(map(math.isfinite, (found, *slopes))):
            return found, slopes
        # A line search that went too far is to step back. As if it had crossed a valley, as high on
        # this side and as steep as where it began, sends it back half of the way; SLSQP's, which sees
        # heights alone, needs a wall. With inf, some searches go back to the start and are content.
        wall = _WALL * (1.0 + abs(self.history[-1])) if self._by_height else 0.0
        return self.history[-1] + wall, [-g for g in self._slopes]

    def iterated(self, xs: Any, *_: Any) -> None:
        self.note(xs)  # a callback that gives True would end some searches

    def note(self, xs: Any) -> bool:
        """Take ``xs`` as what an iteration reached, and say whether all is finite there.

        Some methods speak of the start as well, and of a step that they take back: a place that is
        worse than the one before is not taken.
        """
        where = xs.tolist()
        if where == self.reached:
            return True
        found, slopes = self._found(xs)
        finite = all(map(math.isfinite, (found, *slopes, *where)))
        if finite and found <= self.history[-1]:
            self._seen = {xs.tobytes(): (found, slopes)}
            self.reached, self._slopes = where, slopes
            self.history.append(found)
            self.evaluated.append(self.evaluations)
            if self._callback is not None:
                self._place(where)
                self._callback()
        return finite

    def finish(self) -> None:
        """Put the parameters where the last iteration left them, and forget all gradients."""
        self._place(self.reached)
        if self._root is not None:
            self._root.zero_grad()

    def _place(self, xs: list[float]) -> None:
        for p, x in zip(self._moved, xs, strict=True):
            p.data, p.grad = x, None  # type: ignore[assignment]  # forgotten

    def _found(self, xs: Any) -> tuple[float, list[float]]:
        key = xs.tobytes()
        if key not in self._seen:
            self._seen[key] = self._swept(xs.tolist())
        return self._seen[key]

    def _swept(self, xs: list[float]) -> tuple[float, list[float]]:
        self.evaluations += 1
        self._place(xs)
        # To minimise is to ask for derivatives: no_grad around it does not refuse them.
        with enable_grad():
            root = self._loss()
        if not isinstance(root, Value):
            raise TypeError(f"the loss must be a Value, not {type(root).__name__} ({root!r:.60})")
        if self._root is None:
            require_inputs(self._moved, made_from(root))
        self._root = root
        if not root.is_constant:
            root.backward()
        return root.data, [p.grad for p in self._moved]
