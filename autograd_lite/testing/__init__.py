"""Hypothesis strategies that grow random circuits from the table, for testing differentiable code.

A circuit is drawn as a recipe: inputs, and steps that each apply a row of the table to earlier results.
A recipe runs on floats, Values or any numbers with the same operations, shrinks to few steps, and
prints as a Python expression that can be pasted into a session. Needs Hypothesis
(``pip install "autograd-lite[testing]"``).

- :func:`circuits` grows recipes; :func:`inputs` gives other points at which one can be evaluated.
- :func:`rows` tries single rows over their whole domain; :func:`operands` gives the numbers alone.
- :func:`programs` records recipes for an engine.
"""

from .recipe import Recipe, apply_row, within
from .strategies import GROWABLE, PACKAGED, Recorded, circuits, inputs, operands, programs, rows, values

__all__ = [
    "GROWABLE",
    "PACKAGED",
    "Recipe",
    "Recorded",
    "apply_row",
    "circuits",
    "inputs",
    "operands",
    "programs",
    "rows",
    "values",
    "within",
]
