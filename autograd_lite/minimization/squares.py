"""Least squares by SciPy: the residuals of a model are squared and summed."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..core.transforms import jacobian
from ..program.jitted import Jitted
from ..support.nested import leaves, refill
from ..support.numbers import plain
from ..support.settings import require_engine
from .minimum import errors_of, parameter_table
from .variables import Variables


@dataclass(repr=False)
class Fitted:
    """The result of a least-squares fit; printed, it is a short table.

    ``x`` has the parameters in the structure of the start, ``cost`` is half the sum of the squared
    ``residuals``, ``jacobian`` their derivatives, an array with a row per residual. With SciPy's ``loss``,
    ``cost`` and ``jacobian`` are of what that makes of them. ``evaluations`` says how often the residuals
    were computed; ``success`` and ``message`` are SciPy's.
    """

    x: Any
    cost: float
    residuals: Any
    jacobian: Any
    evaluations: int
    success: bool
    message: str
    engine: str
    _labels: list[str] = field(default_factory=list)
    _inside: bool = True  # no bound holds a parameter in its place

    @property
    def standard_errors(self) -> Any:
        """How far each parameter may be off, in the structure of ``x``.

        They are the square roots of the diagonal of s²·(JᵀJ)⁻¹, where s² is the sum of squares over the
        number of residuals less that of the parameters (Bates and Watts 1988, section 2.3); nan where
        there are no more residuals than parameters, or JᵀJ has no inverse.
        """
        return refill(self.x, self._errors())

    def _errors(self) -> list[float]:
        freedom = len(self.residuals) - self.jacobian.shape[1]
        if freedom <= 0 or not self._inside:
            return [math.nan] * self.jacobian.shape[1]
        scale = math.sqrt(2.0 * self.cost / freedom)
        return [scale * each for each in errors_of(self.jacobian.T @ self.jacobian)]

    def __repr__(self) -> str:
        values = list(leaves(self.x, "x"))
        slopes = (self.jacobian.T @ self.residuals).tolist()
        return "\n".join(
            [
                f"{'fit' if self.success else 'not a fit'} of {len(self.residuals)} residuals, the sum of "
                f"squares is {self.residuals @ self.residuals:.8g}: {self.message}",
                f"{self.evaluations} evaluations; {self.engine}",
                *parameter_table(self._labels, values, slopes, self._errors()),
            ]
        )


def least_squares(
    residuals: Callable[..., Any],
    x0: Any,
    args: Any = (),
    *,
    bounds: Any = None,
    engine: str = "auto",
    **settings: Any,
) -> Fitted:
    """The parameters for which the sum of the squared residuals is least, by SciPy's ``least_squares``.

    :param residuals: a function of the parameters that gives one Value per observation.
    :param x0: the numbers to start from; they may be nested in lists, tuples, dicts and arrays.
    :param args: further arguments of ``residuals``.
    :param bounds: as in :func:`minimize`.
    :param engine: ``"auto"`` records the residuals and replays them where that is possible, ``"program"``
        raises where it is not, ``"eager"`` makes circuits.
    :param settings: those of SciPy's function, such as ``method``, ``loss``, ``f_scale`` and ``max_nfev``.
    :raises ImportError: without SciPy.
    :raises ValueError: when there is nothing to move, or a residual is not finite at the start.

    >>> from autograd_lite import exp
    >>> times, counts = [0.0, 1.0, 2.0, 3.0], [2.0, 1.22, 0.73, 0.45]
    >>> def misfit(p):
    ...     return [p["size"] * exp(-p["rate"] * t) - y for t, y in zip(times, counts)]
    >>> found = least_squares(misfit, {"size": 1.0, "rate": 1.0})
    >>> {name: round(x, 2) for name, x in found.x.items()}
    {'size': 2.0, 'rate': 0.5}
    """
    require_engine(engine)
    variables = Variables(x0, args, "least_squares")
    try:
        import numpy as np
        from scipy import optimize
    except ImportError:
        raise ImportError("least_squares needs SciPy: pip install 'autograd-lite[train]'") from None
    if bounds is not None:
        low, high = zip(*variables.pairs(bounds), strict=True)
        sides = [-math.inf if x is None else x for x in low], [math.inf if x is None else x for x in high]
        settings["bounds"] = tuple(sides)
    given = args if isinstance(args, tuple) else (args,)

    def at(xs: list[Any]) -> list[Any]:
        return list(leaves(residuals(refill(x0, list(xs)), *given), "the residuals"))

    start = [float(p.data) for p in variables.parameters]
    replayed, why = _replaying(at, start, engine)

    def values(point: Any) -> Any:
        return np.array([plain(y) for y in (replayed or at)(point.tolist())], dtype=float)

    def slopes(point: Any) -> Any:
        return np.array((replayed.jacobian if replayed else jacobian(at))(point.tolist()), dtype=float)

    done = optimize.least_squares(values, start, jac=slopes, **settings)
    return Fitted(
        variables.shaped(done.x.tolist()),
        float(done.cost),
        done.fun,
        done.jac,
        int(done.nfev),
        bool(done.success),
        str(done.message),
        why,
        variables.labels,
        not done.active_mask.any(),
    )


def _replaying(f: Callable[..., Any], start: list[float], engine: str) -> tuple[Jitted | None, str]:
    """The function recorded at ``start``, and why, or None where circuits are made instead."""
    if engine == "eager":
        return None, "eager: as asked for"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            replayed = Jitted(f, strict=True)
            return replayed, f"program: {replayed.record(start).engine}"
    except Exception as error:
        if engine == "program":
            raise
        return None, f"eager: {type(error).__name__}: {error}"
