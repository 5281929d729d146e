"""Constraints as SciPy takes them, with derivatives made by sweeps."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ..core.transforms import gradients
from ..core.value import Value
from ..support.context import enable_grad
from ..support.nested import leaves
from .variables import Variables, as_arguments


def for_scipy(constraints: Any, variables: Variables) -> list[Any]:
    """The constraints as a list that SciPy takes; each has its derivatives.

    :param constraints: one of SciPy's constraints, or a list of them, with functions of the variables.
    :raises TypeError: for something that is not a constraint.
    """
    given = constraints if isinstance(constraints, list | tuple) else [constraints]
    return [_with_derivatives(each, variables) for each in given]


def _with_derivatives(constraint: Any, variables: Variables) -> Any:
    if isinstance(constraint, dict):
        if constraint.get("type") not in ("eq", "ineq") or not callable(constraint.get("fun")):
            raise TypeError(
                'a constraint is a dict with "type", which is "eq" (0) or "ineq" (0 or more), and "fun", a '
                f"function, not {constraint!r:.80}"
            )
        given = as_arguments(constraint.get("args", ()))
        value, slopes = _both(constraint["fun"], variables, given)
        return {"type": constraint["type"], "fun": value, "jac": slopes}
    if hasattr(constraint, "A"):  # a LinearConstraint
        return constraint
    if not (hasattr(constraint, "fun") and hasattr(constraint, "lb")):
        raise TypeError(f"{constraint!r:.80} is not a constraint: give a dict or one of SciPy's")
    made = copy.copy(constraint)  # with all other settings
    made.fun, made.jac = _both(constraint.fun, variables)
    return made


def _both(
    g: Callable[..., Any], variables: Variables, args: tuple[Any, ...] = ()
) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """The numbers of ``g`` at a point, and their derivatives: a row for each number."""
    import numpy as np

    def outputs(point: Any) -> list[Any]:
        variables.move(point.tolist())
        with enable_grad():
            return list(leaves(variables.call(g, args), "a constraint"))

    def value(point: Any) -> Any:
        return np.array([y.data if isinstance(y, Value) else float(y) for y in outputs(point)])

    def slopes(point: Any) -> Any:
        count = len(variables.parameters)
        rows = []
        for y in outputs(point):
            found = gradients(y, variables.parameters) if isinstance(y, Value) else [Value(0.0)] * count
            rows.append([each.data for each in found])
        return np.array(rows)

    return value, slopes
