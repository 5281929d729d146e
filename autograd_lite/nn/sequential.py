"""A linear layer, and parts in a row, with PyTorch's names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from ..core.primitive import Primitive
from ..support.generators import Generator
from .layers import Layer, Neuron
from .module import Module
from .weights import Initializer


class Linear(Layer):
    """A layer without an activation: ``w·x + b`` for every output.

    :param nin: the number of inputs.
    :param nout: the number of outputs; with one of them the output is a number, not a list.

    The other arguments are those of :class:`~autograd_lite.nn.Layer`.

    >>> import random
    >>> layer = Linear(2, 3, rng=random.Random(0))
    >>> len(layer([1.0, -1.0])), layer.neurons[0].nonlin
    (3, False)
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        *,
        init: str | Initializer | None = None,
        rng: Generator | None = None,
        name: str = "z",
    ) -> None:
        super().__init__(nin, nout, activation=None, init=init, rng=rng, name=name)

    def architecture(self) -> dict[str, Any] | None:
        """The kind, and the numbers of inputs and outputs."""
        own = [type(each) is Neuron and each._row is None for each in self.neurons]
        if type(self) is not Linear or not all(own):
            return None
        return {"kind": "Linear", "nin": len(self.neurons[0].w), "nout": len(self.neurons)}

    def __repr__(self) -> str:
        return f"Linear({len(self.neurons[0].w)}, {len(self.neurons)})"


class Sequential(Module):
    """Parts that are called in a row, each with the output of the one before.

    :param parts: modules and functions. A function of one number of this package, such as ``tanh``, is
        applied to every number of a list; any other function is called with the whole.
    :raises TypeError: when a part cannot be called.

    >>> import random
    >>> from autograd_lite import tanh
    >>> rng = random.Random(0)
    >>> model = Sequential(Linear(2, 3, rng=rng), tanh, Linear(3, 1, rng=rng))
    >>> len(model.parameters()), type(model([0.5, -0.5])).__name__, len(model)
    (13, 'Value', 3)
    """

    _numbered: ClassVar = {"parts": "layer"}

    def __init__(self, *parts: Callable[[Any], Any]) -> None:
        for i, part in enumerate(parts, 1):
            if isinstance(part, type) or not callable(part):
                hint = "a class: call it to make a layer" if isinstance(part, type) else f"{part!r:.60}"
                raise TypeError(f"part {i} of a Sequential must be a module or a function, not {hint}")
        self.parts = list(parts)

    def forward(self, x: Any) -> Any:
        """The output of the last part."""
        for part in self.parts:
            each = isinstance(part, Primitive) and part.arity == 1 and isinstance(x, list | tuple)
            x = [part(number) for number in x] if each else part(x)
        return x

    def architecture(self) -> dict[str, Any] | None:
        """The kind, and what the parts are made of."""
        parts = [
            {"kind": "function", "name": part.name}
            if isinstance(part, Primitive)
            else part.architecture()
            if isinstance(part, Module)
            else None
            for part in self.parts
        ]
        return (
            None
            if type(self) is not Sequential or None in parts
            else {"kind": "Sequential", "parts": parts}
        )

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[Callable[[Any], Any]]:
        return iter(self.parts)

    def __getitem__(self, i: int) -> Callable[[Any], Any]:
        return self.parts[i]

    def __repr__(self) -> str:
        inside = ", ".join(p.name if isinstance(p, Primitive) else repr(p) for p in self.parts)
        return f"Sequential({inside})"
