"""Minimisation by SciPy: conjugate gradient, quasi-Newton and their kin."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .context import enable_grad
from .order import require_inputs
from .value import UNSWEPT, Value

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
    :raises ValueError: for another method, no parameters, or a loss that has nothing to do with them.
    :raises FloatingPointError: when the loss or a derivative of it is not finite at the start.

    An error or Ctrl-C leaves the parameters as the last complete iteration did, and so does a search
    that ends where the loss or a derivative is not finite: it is then no success. Gradients are
    forgotten.

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
    reached = [float(p.data) for p in moved]
    losses: dict[bytes, float] = {}

    def place(xs: Iterable[float]) -> None:
        for p, x in zip(moved, xs, strict=True):
            p.data = float(x)
            p.grad = UNSWEPT

    def swept(xs: Any) -> tuple[float, list[float]]:
        nonlocal count
        count += 1
        place(xs)
        # To minimise is to ask for derivatives: no_grad around it does not refuse them.
        with enable_grad():
            root = loss()
        if not isinstance(root, Value):
            raise TypeError(f"the loss must be a Value, not {type(root).__name__} ({root!r:.60})")
        if count == 1:
            require_inputs(moved, root)
        root.backward()
        return root.data, [p.grad for p in moved]

    def at(xs: Any) -> tuple[float, list[float]]:
        found, slopes = swept(xs)
        if not all(map(math.isfinite, (found, *slopes))):
            # A line search that went too far is to step back, so such a place counts as high.
            found, slopes = math.inf, [0.0] * len(moved)
        losses[xs.tobytes()] = found
        return found, slopes

    def note(xs: Any, *_: Any) -> None:
        found = losses.get(xs.tobytes())
        found = at(xs)[0] if found is None else found
        losses.clear()
        if math.isfinite(found):
            history.append(found)
            reached[:] = xs

    history: list[float] = []
    try:
        import numpy as np

        start = np.array(reached)
        found, slopes = swept(start)
        for what, x in [("the loss", found), *zip(map(_derivative, moved), slopes, strict=True)]:
            if not math.isfinite(x):
                raise FloatingPointError(f"{what} is {x!r} at the start")
        history.append(found)
        settings = dict(options or {})
        if max_iterations is not None:
            settings["maxiter"] = max_iterations
        done = optimize.minimize(
            at, start, jac=True, method=method, tol=tolerance, callback=note, options=settings
        )
        success, message, end = bool(done.success), str(done.message), float(done.fun)
        if math.isfinite(end) and np.isfinite(done.x).all():
            reached[:] = done.x
        else:
            success, end = False, history[-1]
            message = f"the search went where the loss is not finite: {message}"
    finally:
        place(reached)
    return Minimum(end, history, count, success, message)


def _derivative(p: Any) -> str:
    return f"the derivative by {getattr(p, 'name', None) or 'a nameless parameter'}"
