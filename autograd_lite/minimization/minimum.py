"""What a minimization gives: the minimum, how it was found, and how sure its place is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..core.transforms import gradients
from ..core.value import Value
from ..support.context import enable_grad
from ..support.nested import leaves
from ..support.saved import assign
from .certainty import PRINTED, ScipyNames, covariance_of, errors_of, parameter_table, told_of_bounds
from .variables import Variables


@dataclass(repr=False)
class Minimum(ScipyNames):
    """The result of a minimization: the loss that was reached, and how.

    ``x`` has the parameters, in the structure that the search started from, and ``gradient`` the
    derivatives there in the same structure. ``history`` has the loss at the start and after every
    iteration that changed the parameters, ``evaluated`` how often loss and gradient had been computed by
    then, and ``evaluations`` how often in all. ``success`` and ``message`` are SciPy's. ``engine`` says
    what computed the loss, and why. SciPy's names work too: ``fun``, ``jac``, ``nfev``, ``nit``, and
    ``found["x"]``.

    Printed, it is a short table; up to 30 parameters have their standard errors in it.

    >>> from autograd_lite.minimization import minimize
    >>> found = minimize(lambda x: (x - 3.0) ** 2, 0.0)
    >>> round(found.x, 6), found.success, found.nit == len(found.history) - 1
    (3.0, True, True)
    """

    loss: float
    history: list[float]
    evaluated: list[int]
    evaluations: int
    success: bool
    message: str
    engine: str = "eager"
    x: Any = field(default=None, compare=False)
    gradient: Any = field(default=None, compare=False)
    _variables: Variables | None = field(default=None, compare=False)
    _function: Callable[..., Any] | None = field(default=None, compare=False)
    _held: Sequence[bool] = field(default=(), compare=False)  # whether a bound holds each parameter
    _constrained: bool = field(default=False, compare=False)

    @property
    def fun(self) -> float:
        """The loss at the minimum."""
        return self.loss

    @property
    def jac(self) -> Any:
        """The gradient at the minimum."""
        return self.gradient

    @property
    def nit(self) -> int:
        """How many iterations changed the parameters."""
        return len(self.history) - 1

    @cached_property
    def hessian(self) -> Any:
        """The second derivatives of the loss at the minimum: an array with a row per parameter.

        :raises TypeError: when a parameter is not a Value of this package.
        """
        import numpy as np

        variables, function = self._known()
        parameters = variables.parameters
        if not all(isinstance(p, Value) for p in parameters):
            raise TypeError("the Hessian is by Values, and a parameter here is not one")
        now = [(p, "data", p.data) for p in parameters]
        try:
            assign((p, "data", x) for p, x in zip(parameters, leaves(self.x, "x"), strict=True))
            with enable_grad():
                slopes = gradients(variables.call(function), parameters)
                rows = []
                for slope in slopes:
                    found = gradients(slope, parameters)
                    rows.append([each.data for each in found])
        finally:
            assign(now)
        return np.array(rows)

    @property
    def standard_errors(self) -> Any:
        """How far each parameter may be off, in the structure of ``x``, where the loss is a likelihood's.

        When the loss is minus the logarithm of the likelihood of the data (the sum over them, not the
        mean), the inverse Hessian is the covariance of the estimate, and these are the square roots of
        its diagonal (Fisher information; Cramér 1946, 32.3). They are nan where the Hessian is not positive
        definite, and with constraints. A parameter that stands at a bound has nan, and the others have what
        they have with that one fixed.
        """
        return self._known()[0].shaped(errors_of(self.covariance))

    @property
    def covariance(self) -> Any:
        """The inverse of the Hessian, an array with a row per parameter; see :attr:`standard_errors`."""
        import numpy as np

        count = len(self._known()[0].parameters)
        if self._constrained:
            return np.full((count, count), math.nan)
        return covariance_of(self.hessian, self._held or [False] * count)

    def _known(self) -> tuple[Variables, Callable[..., Any]]:
        if self._variables is None or self._function is None:
            raise ValueError("this Minimum was made by hand, without the function: minimize again")
        return self._variables, self._function

    def __repr__(self) -> str:
        head = f"{'minimum' if self.success else 'not a minimum'} {self.loss:.10g}: {self.message}"
        counts = f"{self.nit} iterations, {self.evaluations} evaluations"
        if self._variables is None:
            return f"{head}\n{counts}"
        labels, errors = self._variables.labels, self._errors()
        slopes = list(leaves(self.gradient, "gradient"))
        likely = "the standard errors mean something where this is minus the logarithm of a likelihood"
        return "\n".join(
            [
                head,
                f"{counts}; gradient norm {math.hypot(*slopes):.2g}; {self.engine}",
                *parameter_table(labels, list(leaves(self.x, "x")), slopes, errors),
                *told_of_bounds(labels, self._held or [False] * len(labels)),
                *[likely] * any(map(math.isfinite, errors)),
            ]
        )

    def _errors(self) -> Sequence[float]:
        count = len(self._known()[0].parameters)
        try:
            return list(leaves(self.standard_errors, "errors")) if count <= PRINTED else [math.nan] * count
        except Exception:  # a loss that cannot be differentiated twice still has a minimum to show
            return [math.nan] * count
