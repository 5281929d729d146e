"""What a model is made of, as data: a saved model can be made again from its file alone."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import Any

from ..core.primitive import lookup
from ..support.hints import visible
from ..support.saved import read_numbers
from .layers import MLP, Layer, Neuron
from .module import Module, size_of
from .sequential import Linear, Sequential


def load(path: str | os.PathLike[str]) -> Any:
    """The model that ``model.save(path)`` wrote: made again, with its numbers.

    That works for what is made of ``Neuron``, ``Layer``, ``Linear``, ``MLP`` and ``Sequential``; for a
    module of your own, make one and call its method ``load``. The file is data: nothing in it is run.

    :raises OSError: when the file cannot be read.
    :raises ValueError: when the file is damaged, was edited, or does not say what the model is made of.

    >>> import random, tempfile, os
    >>> model = MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
    >>> path = os.path.join(tempfile.mkdtemp(), "model.json")
    >>> model.save(path); load(path)
    MLP(2, [3, 1], activation='tanh', output=None)
    >>> load(path)([1.0, 2.0]).data == model([1.0, 2.0]).data
    True
    """
    numbers, description = read_numbers(path)
    if description is None:
        raise ValueError(
            f"{path} does not say what the model is made of, as of a class of your own or with frozen or "
            "shared parameters: make one, and call its method load"
        )
    try:
        wanted = size_of(description)
        if wanted != len(numbers):
            raise ValueError(f"it describes {wanted} parameters and has {len(numbers)}")
        model = _model_of(description)
        model.load_state_dict(numbers)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} does not describe a model: {visible(str(error), 200)}") from None
    return model


def _model_of(part: Mapping[str, Any]) -> Any:
    settings = {key: value for key, value in part.items() if key != "kind"}
    kind = part["kind"]
    if kind == "function":
        row = lookup(part["name"])
        if row is None:
            raise ValueError(f"there is no function {part['name']}: register it with primitive(...) first")
        return row
    if kind == "Sequential":
        return Sequential(*[_model_of(each) for each in part["parts"]])
    kinds: dict[str, type[Module]] = {each.__name__: each for each in (Neuron, Layer, Linear, MLP)}
    if kind not in kinds:
        raise ValueError(f"there is no kind of model called {kind!r:.40}")
    if kind == "Neuron":
        settings.pop("nout")
    # Numbers that are replaced at once are not drawn from the generator that the caller has seeded.
    return kinds[kind](**settings | {"rng": random.Random(0)})
