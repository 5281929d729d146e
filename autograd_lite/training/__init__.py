"""Training: ``fit`` trains a model with an optimizer and data, and returns a ``History``."""

from .loop import History, fit

__all__ = ["History", "fit"]
