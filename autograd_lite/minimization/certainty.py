"""How sure the place of a minimum is, in numbers and in the table that a result prints as."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

PRINTED = 30  # parameters in the table of a result, and the most whose Hessian it computes by itself


class ScipyNames:
    """The names that SciPy has for what is asked of every result."""

    x: Any
    evaluations: int

    @property
    def nfev(self) -> int:
        """How often the function was computed."""
        return self.evaluations

    def __getitem__(self, name: str) -> Any:
        """What is called so, as SciPy's results are read too: ``found["x"]``.

        :raises KeyError: when nothing is.
        """
        if type(name) is not str or not hasattr(self, name):
            raise KeyError(
                f"{name!r}: a {type(self).__name__} has numbers by name, as found.x or found['x']"
            )
        return getattr(self, name)


def covariance_of(hessian: Any, held: Sequence[bool]) -> Any:
    """The inverse of a Hessian by the parameters that nothing holds in their places.

    It is nan where a parameter is held, and everywhere where the Hessian is not positive definite.
    """
    import numpy as np

    found = np.full(np.shape(hessian), math.nan)
    free = np.ix_(*[np.flatnonzero(~np.array(held, bool))] * 2)
    try:
        np.linalg.cholesky(hessian[free])
        found[free] = np.linalg.inv(hessian[free])
    except (np.linalg.LinAlgError, ValueError):
        pass
    return found


def errors_of(covariance: Any) -> list[float]:
    """The square roots of the diagonal of a covariance."""
    return [math.sqrt(x) if x >= 0.0 else math.nan for x in covariance.diagonal().tolist()]


def told_of_bounds(labels: Sequence[str], held: Sequence[bool]) -> list[str]:
    """A line about the parameters that stand at a bound; nothing where none does."""
    at = [label for label, each in zip(labels, held, strict=True) if each]
    if not at:
        return []
    names = ", ".join(at[:PRINTED])
    others = "" if len(at) == len(labels) else "; the other errors are those with that fixed"
    return [f"held by a bound, without an error: {names}{others}"]


def parameter_table(
    labels: Sequence[str], values: Sequence[float], slopes: Sequence[float], errors: Sequence[float]
) -> list[str]:
    """The lines of a table with a row per parameter: its value, derivative and standard error."""
    rows = [("parameter", "value", "derivative", "standard error")]
    for label, value, slope, error in zip(labels, values, slopes, errors, strict=True):
        rows.append((label, f"{value:.8g}", f"{slope:.2g}", "" if math.isnan(error) else f"{error:.4g}"))
    more = [f"… {len(rows) - 1 - PRINTED} more"] if len(rows) - 1 > PRINTED else []
    rows = rows[: PRINTED + 1]
    if not any(row[3] for row in rows[1:]):
        rows = [(*row[:3], "") for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    ]
    return lines + more
