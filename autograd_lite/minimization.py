"""Minimisation by SciPy: conjugate gradient, quasi-Newton and their kin."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .value import Value

__all__ = ["METHODS", "Minimum", "minimize"]

#: SciPy's methods that use the gradient, and take ``maxiter``.
METHODS = ("BFGS", "CG", "L-BFGS-B", "Newton-CG", "SLSQP", "trust-constr")


@dataclass
class Minimum:
    """Where a minimisation ended.

    ``history`` holds the loss at the start and after every iteration, ``evaluations`` counts the
    circuits that were built and swept. ``success`` and ``message`` are SciPy's own words.
    """

    loss: float
    history: list[float]
    evaluations: int
    success: bool
    message: str


def minimize(
    loss: Callable[[], Any],
    parameters: Iterable[Any],
    *,
    method: str = "BFGS",
    tolerance: float | None = None,
    max_iterations: int | None = None,
    options: dict[str, Any] | None = None,
) -> Minimum:
    """Move ``parameters`` to a minimum of ``loss`` by conjugate gradient or a quasi-Newton method.

    :param loss: builds the circuit of the loss from the parameters as they are, and returns its root.
    :param method: one of ``METHODS``: ``"CG"``, ``"BFGS"``, ``"L-BFGS-B"``, …, done by SciPy. With a
        line search, CG and quasi-Newton methods decrease the loss at every iteration, on the way to
        a stationary point.
    :param tolerance: SciPy's ``tol``, ``options`` its ``options``.
    :raises ImportError: without SciPy.
    :raises ValueError: for another method, or no parameters.
    :raises FloatingPointError: when the loss at the start is not finite.

    An error or Ctrl-C leaves the parameters as the last complete iteration did. Gradients are 0
    afterwards.

    >>> from autograd_lite import Value
    >>> x, y = Value(-1.0), Value(2.0)
    >>> found = minimize(lambda: (1 - x) ** 2 + 100 * (y - x**2) ** 2, [x, y])
    >>> found.success, round(x.data, 4), round(y.data, 4)
    (True, 1.0, 1.0)
    """
    if method not in METHODS:
        near = difflib.get_close_matches(method, METHODS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(METHODS)}"
        raise ValueError(f"unknown method {method!r}: {hint}")
    moved = list({id(p): p for p in parameters}.values())
    if not moved:
        raise ValueError("minimize needs at least one parameter: the list is empty")
    try:
        from scipy import optimize
    except ImportError:
        raise ImportError("minimize needs SciPy: pip install 'autograd-lite[train]'") from None

    count = 0
    reached = [p.data for p in moved]
    losses: dict[bytes, float] = {}

    def place(xs: Iterable[float]) -> None:
        for p, x in zip(moved, xs, strict=True):
            p.data = float(x)

    def at(xs: Any) -> tuple[float, list[float]]:
        nonlocal count
        count += 1
        place(xs)
        for p in moved:
            p.grad = 0.0
        root = loss()
        if not isinstance(root, Value):
            raise TypeError(f"the loss must be a Value, not {type(root).__name__} ({root!r:.60})")
        root.backward()
        # A line search that went too far is to step back, so what is no number counts as high.
        found = math.inf if math.isnan(root.data) else root.data
        losses[xs.tobytes()] = found
        return found, [p.grad for p in moved]

    def note(xs: Any, *_: Any) -> None:
        found = losses.get(xs.tobytes())
        history.append(at(xs)[0] if found is None else found)
        reached[:] = xs
        losses.clear()

    history: list[float] = []
    try:
        import numpy as np

        start = np.array(reached)
        note(start)
        if not math.isfinite(history[0]):
            raise FloatingPointError(f"the loss is {history[0]!r} at the start")
        settings = dict(options or {})
        if max_iterations is not None:
            settings["maxiter"] = max_iterations
        done = optimize.minimize(
            at, start, jac=True, method=method, tol=tolerance, callback=note, options=settings
        )
        reached[:] = done.x
    finally:
        place(reached)
        for p in moved:
            p.grad = 0.0
    return Minimum(float(done.fun), history, count, bool(done.success), str(done.message))
