"""Minimization by SciPy: conjugate gradient, quasi-Newton and related methods, and least squares."""

from .minimizer import METHODS, minimize
from .minimum import Minimum
from .squares import Fitted, least_squares

__all__ = ["METHODS", "Fitted", "Minimum", "least_squares", "minimize"]
