"""Training: ``fit`` trains a model with an optimizer and data, and returns a ``History``."""

from .loop import History, fit
from .metrics import absolute_error, accuracy, accuracy_of_logits

__all__ = ["History", "absolute_error", "accuracy", "accuracy_of_logits", "fit"]
