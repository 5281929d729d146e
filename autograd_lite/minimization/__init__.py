"""Minimization by SciPy: conjugate gradient, quasi-Newton and related methods."""

from .search import METHODS, Minimum, minimize

__all__ = ["METHODS", "Minimum", "minimize"]
