"""Least squares by SciPy: the residuals of a model are squared and summed."""

from __future__ import annotations

import inspect
import math
import operator
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..core.transforms import jacobian
from ..program import BranchChanged
from ..program.jitted import Jitted
from ..support.hints import refuse_arguments
from ..support.ieee import errstate
from ..support.nested import leaves, refill
from ..support.numbers import plain
from ..support.settings import require_engine, require_functions
from .certainty import ScipyNames, covariance_of, errors_of, parameter_table, told_of_bounds
from .variables import Variables


@dataclass(repr=False)
class Fitted(ScipyNames):
    """The result of a least-squares fit; printed, it is a short table.

    ``x`` has the parameters in the structure of the start, ``cost`` is half the sum of the squared
    ``residuals``, ``jacobian`` their derivatives, an array with a row per residual, ``gradient`` that of
    the cost. With SciPy's ``loss``, ``cost``, ``jacobian`` and ``gradient`` are of what that makes of them.
    ``evaluations`` says how often the residuals were computed; ``success``, ``message``, ``optimality`` and
    ``active_mask`` are SciPy's. Its names work too: ``fun``, ``jac``, ``grad``, ``nfev``, ``found["x"]``.

    >>> found = least_squares(lambda p: [p[0] - 1.0, p[1] - 2.0], [0.0, 0.0])
    >>> [round(x, 6) for x in found.x], round(found.cost, 6)
    ([1.0, 2.0], 0.0)
    """

    x: Any
    cost: float
    residuals: Any
    jacobian: Any
    evaluations: int
    success: bool
    message: str
    engine: str
    gradient: Any
    optimality: float
    active_mask: Any
    _labels: list[str] = field(default_factory=list)
    _loss: Any = "linear"
    fun = property(operator.attrgetter("residuals"), doc="The residuals.")
    jac = property(operator.attrgetter("jacobian"), doc="The derivatives of the residuals.")
    grad = property(operator.attrgetter("gradient"), doc="The gradient of the cost.")

    @property
    def standard_errors(self) -> Any:
        """How far each parameter may be off, in the structure of ``x``.

        They are the square roots of the diagonal of :attr:`covariance`.
        """
        return refill(self.x, errors_of(self.covariance))

    @property
    def covariance(self) -> Any:
        """The covariance of the parameters, an array with a row for each: s²·(JᵀJ)⁻¹.

        Here s² is the sum of squares over the number of residuals less that of the parameters (Bates and
        Watts 1988, section 2.3). It is nan where there are no more residuals than parameters, or JᵀJ has no
        inverse. A parameter that stands at a bound is fixed: it has nan, and counts for nothing.
        """
        held = self.active_mask != 0
        freedom = len(self.residuals) - int((~held).sum())
        scale = 2.0 * self.cost / freedom if freedom > 0 else math.nan
        return scale * covariance_of(self.jacobian.T @ self.jacobian, held)

    def __repr__(self) -> str:
        values = list(leaves(self.x, "x"))
        weighed = f", and {2.0 * self.cost:.8g} as the loss {self._loss!r:.60} takes it"
        return "\n".join(
            [
                f"{'fit' if self.success else 'not a fit'} of {len(self.residuals)} residuals, the sum of "
                f"squares is {self.residuals @ self.residuals:.8g}{weighed * (self._loss != 'linear')}: "
                f"{self.message}",
                f"{self.evaluations} evaluations; {self.engine}",
                *parameter_table(self._labels, values, self.gradient.tolist(), errors_of(self.covariance)),
                *told_of_bounds(self._labels, self.active_mask != 0),
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
    :param bounds: as in :func:`minimize`; a tuple of two is SciPy's, all lower bounds and all upper ones.
    :param engine: ``"auto"`` records the residuals and replays them where that is possible, ``"program"``
        raises where it is not, ``"eager"`` makes circuits.
    :param settings: those of SciPy's function, such as ``method``, ``loss``, ``f_scale`` and ``max_nfev``.
    :raises ImportError: without SciPy.
    :raises TypeError: for Values to start from, which would not move, and for a setting that is not known.
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
    require_functions(residuals=residuals)
    variables = Variables(x0, args, "least_squares")
    if not variables.are_numbers:
        raise TypeError("least_squares starts from numbers, not from Values: give it their .data")
    try:
        from scipy import optimize
    except ImportError:
        raise ImportError("least_squares needs SciPy: pip install 'autograd-lite[train]'") from None
    known = list(inspect.signature(optimize.least_squares).parameters)[2:]
    refuse_arguments(
        "least_squares", [name for name in settings if name not in known or name == "jac"], known
    )
    if bounds is not None:
        if isinstance(bounds, tuple) and len(bounds) == 2:
            bounds = optimize.Bounds(*bounds)
        low, high = zip(*variables.pairs(bounds), strict=True)
        sides = [-math.inf if x is None else x for x in low], [math.inf if x is None else x for x in high]
        settings["bounds"] = tuple(sides)

    def at(xs: list[Any]) -> list[Any]:
        return list(leaves(variables.of(residuals, list(xs)), "the residuals"))

    start = [float(p.data) for p in variables.parameters]
    search = _Residuals(at, start, engine)
    search.require_finite(start)
    done = optimize.least_squares(search.values, start, jac=search.slopes, **settings)
    return Fitted(
        variables.shaped(done.x.tolist()),
        float(done.cost),
        done.fun,
        done.jac,
        int(done.nfev),
        bool(done.success),
        str(done.message),
        search.why,
        done.grad,
        float(done.optimality),
        done.active_mask,
        variables.labels,
        settings.get("loss", "linear"),
    )


class _Residuals:
    """The residuals at a point and their derivatives, by a program where they can be recorded."""

    def __init__(self, f: Callable[[list[Any]], list[Any]], start: list[float], engine: str) -> None:
        self._eager, self._engine, self.why = f, engine, "eager: as asked for"
        self._replayed: Jitted | None = None
        if engine == "eager":
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                self._replayed = Jitted(f, strict=True)
                self.why = f"program: {self._replayed.record(start).engine}"
        except Exception as error:
            self._give_up(error)

    def values(self, point: Any) -> Any:
        """The residuals as an array."""
        import numpy as np

        found = self._asked(lambda f: f(point.tolist()))
        if not found:
            raise ValueError("there are no residuals: the function of the parameters gave an empty list")
        return np.array([plain(y) for y in found], dtype=float)

    def require_finite(self, start: list[float]) -> None:
        """Refuse a start at which a residual is not finite.

        :raises ValueError: naming the first one.
        """
        import numpy as np

        with errstate("ignore"), np.errstate(all="ignore"):
            found = self.values(np.array(start))
        wrong = np.flatnonzero(~np.isfinite(found)).tolist()
        if wrong:
            raise ValueError(
                f"{len(wrong)} of {len(found)} residuals are not finite at the start; the first, number "
                f"{wrong[0]}, is {found[wrong[0]]}: start nearer"
            )

    def slopes(self, point: Any) -> Any:
        """A row of derivatives for each residual."""
        import numpy as np

        return np.array(self._asked(lambda f: _jacobian_of(f)(point.tolist())), dtype=float)

    def _asked(self, ask: Callable[[Any], Any]) -> Any:
        if self._replayed is not None:
            try:
                return ask(self._replayed)
            except BranchChanged as error:
                self._give_up(error)
        return ask(self._eager)

    def _give_up(self, error: Exception) -> None:
        if self._engine == "program":
            raise error
        self._replayed, self.why = None, f"eager: {type(error).__name__}: {error}"


def _jacobian_of(f: Any) -> Callable[[list[float]], Any]:
    return f.jacobian if isinstance(f, Jitted) else jacobian(f)
