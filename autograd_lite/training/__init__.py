"""Training loops: one call that takes a model, an optimizer and data."""

from .loop import History, fit

__all__ = ["History", "fit"]
