"""``minimize``: a function or the loss of parameters, by a method of SciPy."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from typing import Any

from ..support.context import guarded
from ..support.hints import refuse_arguments
from ..support.settings import at_least_0, require_engine, require_functions, whole_number
from .constraints import for_scipy
from .minimum import Minimum
from .search import Search
from .variables import Variables

#: SciPy's methods that use the gradient and take ``maxiter``.
METHODS = ("BFGS", "CG", "L-BFGS-B", "Newton-CG", "SLSQP", "trust-constr")

_WITHIN_BOUNDS = ("L-BFGS-B", "SLSQP", "trust-constr")
_WITH_CONSTRAINTS = ("SLSQP", "trust-constr")


@guarded
def minimize(
    loss: Callable[..., Any],
    parameters: Any,
    args: Any = (),
    *,
    method: str | None = None,
    tolerance: float | None = None,
    max_iterations: int | None = None,
    bounds: Any = None,
    constraints: Any = (),
    options: dict[str, Any] | None = None,
    callback: Callable[..., Any] | None = None,
    engine: str = "auto",
    **unknown: Any,
) -> Minimum:
    """The minimum of a function, or of a loss by its parameters, found by a method of SciPy.

    In SciPy's form, ``minimize(f, x0)``, the search starts from numbers, which may be nested in lists,
    tuples, dicts and arrays; ``f`` takes Values in the same structure. In the other form, ``minimize(loss,
    parameters)``, the loss has no arguments, and the parameters are changed in place.

    :param loss: a function that builds the circuit of the loss and returns its root.
    :param parameters: the numbers to start from, or the parameters: leaf Values, ``model.parameters()``.
    :param args: further arguments of the function, in SciPy's form.
    :param method: one of ``METHODS``. Left out, it is ``"BFGS"``, with bounds ``"L-BFGS-B"``, with
        constraints ``"SLSQP"``. Conjugate gradient and quasi-Newton methods have a line search: they
        decrease the loss in every iteration, until it is stationary.
    :param tolerance: SciPy's ``tol``.
    :param bounds: a pair ``(low, high)`` per number, with None for no bound; SciPy's ``Bounds``; or for a
        start that is a dict or a series, a dict.
    :param constraints: SciPy's: a dict ``{"type": "eq" or "ineq", "fun": g}``, a ``NonlinearConstraint``
        or a ``LinearConstraint``, or a list of them. ``g`` is a function like ``loss``, with the further
        arguments ``"args"`` of its dict in place of ``args``, and gives one Value or several; its
        derivatives are made here.
    :param options: SciPy's ``options``.
    :param callback: called after every iteration that changed the parameters; they are then those that
        the iteration reached. If it takes an argument, that is the point, in the structure of the start.
    :param engine: ``"program"`` records the loss and replays it, with the same numbers to rounding;
        ``"eager"`` makes and sweeps a circuit at every point; ``"auto"`` records where that is possible.
    :raises ImportError: without SciPy.
    :raises ValueError: for an unknown method or engine, no parameters, one that is not an input of a
        circuit, a setting out of range, or a loss that depends on none of the parameters.
    :raises TypeError: when a setting is not a number or not known, or the loss is not a Value.
    :raises FloatingPointError: when the loss or one of its derivatives is not finite at the start.

    When the search ends for any reason, an exception and Ctrl-C included, the parameters are those of
    the last complete iteration with a finite loss and gradient, and all gradients in the circuit of the
    loss are 0. A search that ends where the loss is not finite is not a success.

    >>> from autograd_lite import Value
    >>> found = minimize(lambda p: (1 - p["x"]) ** 2 + 100 * (p["y"] - p["x"] ** 2) ** 2, {"x": -1, "y": 2})
    >>> found.success, {name: round(x, 4) for name, x in found.x.items()}
    (True, {'x': 1.0, 'y': 1.0})
    >>> x, y = Value(-1.0), Value(2.0)
    >>> found = minimize(lambda: (1 - x) ** 2 + 100 * (y - x**2) ** 2, [x, y])
    >>> round(x.data, 4), round(y.data, 4)
    (1.0, 1.0)
    """
    refuse_arguments("minimize", unknown, list(inspect.signature(minimize).parameters)[2:-1])
    if method is None:
        method = "SLSQP" if constraints else "BFGS" if bounds is None else "L-BFGS-B"
    elif method not in METHODS:
        near = difflib.get_close_matches(str(method), METHODS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(METHODS)}"
        raise ValueError(f"unknown method {method!r}: {hint}")
    for what, given, able in (
        ("bounds", bounds is not None, _WITHIN_BOUNDS),
        ("constraints", bool(constraints), _WITH_CONSTRAINTS),
    ):
        if given and method not in able:
            raise ValueError(f"{method} takes no {what}: choose one of {', '.join(able)}")
    require_engine(engine)
    require_functions(loss=loss, callback=callback)
    variables = Variables(parameters, args, "minimize")
    pairs = None if bounds is None else variables.pairs(bounds)
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

    conditions = for_scipy(constraints, variables)
    search = Search(loss, variables, callback, method == "SLSQP", engine, falls=not conditions)
    try:
        start = search.reached.copy()
        search.start(start)
        done = optimize.minimize(
            search.loss_and_gradient,
            start,
            jac=True,
            method=method,
            tol=tolerance,
            bounds=pairs,
            constraints=conditions,
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
        variables.shaped(search.reached.tolist()),
        variables.shaped(search.gradient),
        variables,
        loss,
        [x in pair for x, pair in zip(search.reached.tolist(), pairs or (), strict=False)],
        bool(conditions),
    )
