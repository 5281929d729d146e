"""What rounding did to a circuit, beside the bound that ``rounding`` gives."""

from __future__ import annotations

import math

import mpmath

from autograd_lite import errstate, rounding
from autograd_lite.testing import PACKAGED, Recipe, values

from .references import REFERENCES

#: All but the one whose value hangs on the sign of a zero, which numbers of mpmath do not have.
ROWS = [name for name in PACKAGED if name != "copysign"]


def bound_and_error(recipe: Recipe) -> tuple[float, float] | None:
    """The bound and the true error; None where the circuit has no number."""
    with errstate("ignore"):
        y = recipe(*values(recipe))
        if not math.isfinite(y.data):
            return None
        bound = rounding(y).bound
    with mpmath.workdps(60):
        exact = recipe(*map(mpmath.mpf, recipe.inputs), apply=lambda name, xs: REFERENCES[name](*xs))
        if isinstance(exact, mpmath.mpc) or not mpmath.isfinite(exact):
            return None  # rounding alone keeps it in the domain
        return bound, float(abs(exact - mpmath.mpf(y.data)))
