"""Modules as they predict, while something is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def predicting(model: Any) -> Iterator[None]:
    """A block in which every part of a model has ``training`` False; afterwards each is as it was.

    A model that is no module has no such parts.

    >>> from autograd_lite.nn import Neuron
    >>> model = Neuron(2)
    >>> with predicting(model):
    ...     model.training
    False
    >>> model.training
    True
    """
    parts = [part for part in getattr(model, "modules", list)() if part.training]
    try:
        for part in parts:
            part.training = False
        yield
    finally:
        for part in parts:
            part.training = True
