"""Neurons, layers and multilayer perceptrons, with micrograd's spelling and PyTorch's habits.

A neuron's weighted sum is one ``dot`` node and its activation another. Weights and results carry
names (w₁, b, z, h₁, ŷ) and a scope (``layer1/neuron2``), so that a drawing of a network can be read
as it comes.
"""

from __future__ import annotations

import difflib
import operator
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from itertools import pairwise
from numbers import Real
from typing import Any

from .affine import Inputs, weighted_sum
from .context import current_scope, open_blocks, recording, scope
from .initial import (
    INITIALISERS,
    Generator,
    Initialiser,
    generator,
    he,
    initialiser,
    uniform,
    xavier,
)
from .module import Module, functional_call
from .primitives import ALIASES, TABLE, Primitive, lookup
from .value import Value, parameter

__all__ = [
    "INITIALISERS",
    "MLP",
    "Layer",
    "Module",
    "Neuron",
    "functional_call",
    "he",
    "uniform",
    "xavier",
]


class Neuron(Module):
    """``activation(w₁·x₁ + … + wₙ·xₙ + b)``: one ``dot`` node, and one for the activation.

    :param nin: the number of inputs.
    :param nonlin: False leaves the activation out (micrograd's spelling).
    :param activation: the name of a row of one operand, such as ``"tanh"``, or the row itself;
        None, ``"linear"`` or ``"identity"`` for none.
    :param init: ``"uniform"``, ``"xavier"`` or ``"he"``, or a function of ``(rng, nin, nout)``;
        left out: He for an unbounded activation, Xavier for a bounded one, uniform for none.
    :param rng: a ``random.Random`` that draws the weights; left out: the module ``random``, as the
        caller has seeded it. The bias begins at 0.
    :param nout: how many neurons have the same inputs, which Xavier's width depends on.
    :param name: what the result is called in drawings; the sum before an activation is called z.
    :raises ValueError: for an unknown activation or initialiser, or no inputs.

    >>> import random
    >>> n = Neuron(2, activation="tanh", rng=random.Random(0))
    >>> n.w[0].data, n.w[1].data, n.b.data = -3.0, 1.0, 6.8813735870195432
    >>> o = n([2.0, 0.0]); o.backward(); round(o.data, 4), round(n.w[0].grad, 4)
    (0.7071, 1.0)
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: str | Primitive | None = "relu",
        init: str | Initialiser | None = None,
        rng: Generator | None = None,
        nout: int = 1,
        name: str | None = None,
    ) -> None:
        nin = _count(nin, "a neuron needs at least one input")
        self._row = _activation(activation if nonlin else None)
        draw = initialiser(init, self._row)
        source = generator(rng)
        self.w = [parameter(draw(source, nin, nout), f"w_{i + 1}") for i in range(nin)]
        self.b = parameter(0.0, "b")
        self._scope = current_scope()
        self._sum = Value(0.0, "z")._label
        self._name = name or ("z" if self._row is None else "h")
        self._result = Value(0.0, self._name)._label

    @property
    def nonlin(self) -> bool:
        """Whether there is an activation."""
        return self._row is not None

    def _members(self) -> Iterable[tuple[str, object]]:
        yield from ((f"w_{i + 1}", w) for i, w in enumerate(self.w))
        yield from self._attributes("w")

    def __call__(self, x: Any) -> Value:
        """The neuron's output for one sample: a sequence of ``nin`` numbers or Values.

        :raises ValueError: when their number is wrong.
        """
        inputs = x if type(x) is Inputs else _inputs(x)
        if len(inputs) != len(self.w):
            raise ValueError(
                f"{self._scope or 'a neuron'} takes {len(self.w)} inputs, not {len(inputs)}"
            )
        if open_blocks and recording():
            return self._inside_blocks(inputs)
        row = self._row
        result = weighted_sum(self.w, inputs, self.b)
        if row is not None:
            result._label = self._sum
            result = row(result)
        result._label = self._result
        return result

    def _inside_blocks(self, inputs: Inputs) -> Value:
        """The same where the caller has opened a scope.

        The new nodes join the neuron's weights, except in a scope that the weights are not in: that
        is a further use of them, and keeps its own place.
        """
        outer, own = current_scope(), self._scope
        inner = own.removeprefix(outer).strip("/") if f"{own}/".startswith(f"{outer}/") else own
        with scope(inner) if inner else nullcontext():
            result = weighted_sum(self.w, inputs, self.b)
            if self._row is not None:
                result.name = "z"
                result = self._row(result)
        result.name = self._name
        return result

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, activation={_name(self._row)!r})"


class Layer(Module):
    """Neurons with the same inputs; a layer of one neuron gives that neuron's result, not a list.

    The arguments beyond ``nin`` and ``nout`` are those of :class:`Neuron`.

    :raises ValueError: for no inputs or no neurons.

    >>> import random
    >>> layer = Layer(2, 3, rng=random.Random(0))
    >>> len(layer([1.0, -1.0])), len(layer.parameters())
    (3, 9)
    """

    def __init__(self, nin: int, nout: int, *, name: str = "h", **neuron: Any) -> None:
        nout = _count(nout, "a layer needs at least one neuron")
        self.neurons: list[Neuron] = []
        for j in range(1, nout + 1):
            with scope(f"neuron{j}"):
                own = name if nout == 1 else f"{name}_{j}"
                self.neurons.append(Neuron(nin, nout=nout, name=own, **neuron))

    def _members(self) -> Iterable[tuple[str, object]]:
        yield from ((f"neuron{j}", neuron) for j, neuron in enumerate(self.neurons, 1))
        yield from self._attributes("neurons")

    def __call__(self, x: Any) -> Any:
        """The neurons' outputs for one sample, as a list; a single one as it is."""
        inputs = _inputs(x)
        results = [neuron(inputs) for neuron in self.neurons]
        return results[0] if len(results) == 1 else results

    def __repr__(self) -> str:
        first = self.neurons[0]
        return f"Layer({len(first.w)}, {len(self.neurons)}, activation={_name(first._row)!r})"


class MLP(Module):
    """A multilayer perceptron: layers one after another.

    :param nin: the number of inputs.
    :param nouts: the sizes of the layers, the last one the outputs: ``[16, 16, 1]``.
    :param activation: of the hidden layers.
    :param output: the activation of the last layer; None, the default, for none.
    :param neuron: ``init`` and ``rng`` as for :class:`Neuron`.
    :raises ValueError: when there is no layer, or a layer of no neurons.

    Its nodes are in the scopes ``layer1/neuron1``, …; build and call it inside a
    :class:`~autograd_lite.context.scope` to tell several networks of one circuit apart.

    >>> import random
    >>> model = MLP(2, [16, 16, 1], rng=random.Random(0))
    >>> len(model.parameters()), model([0.5, -0.5]).name
    (337, 'ŷ')
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        *,
        activation: str | Primitive | None = "relu",
        output: str | Primitive | None = None,
        **neuron: Any,
    ) -> None:
        if isinstance(nouts, str | Real) or not isinstance(nouts, Iterable):
            raise TypeError(f"nouts is a list of layer sizes, such as [16, 16, 1], not {nouts!r}")
        sizes = [nin, *nouts]
        if len(sizes) == 1:
            raise ValueError("a network needs at least one layer: nouts is empty")
        hidden, final = _activation(activation), _activation(output)
        self.layers: list[Layer] = []
        for k, (n_in, n_out) in enumerate(pairwise(sizes), 1):
            last = k == len(sizes) - 1
            chosen, name = (final, "ŷ") if last else (hidden, "h")
            with scope(f"layer{k}"):
                self.layers.append(Layer(n_in, n_out, activation=chosen, name=name, **neuron))

    def _members(self) -> Iterable[tuple[str, object]]:
        yield from ((f"layer{k}", layer) for k, layer in enumerate(self.layers, 1))
        yield from self._attributes("layers")

    def __call__(self, x: Any) -> Any:
        """The network's outputs for one sample, as a list; a single one as it is."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __repr__(self) -> str:
        sizes = [len(layer.neurons) for layer in self.layers]
        first, last = self.layers[0].neurons[0], self.layers[-1].neurons[0]
        hidden = f", activation={_name(first._row)!r}" if len(sizes) > 1 else ""
        return f"MLP({len(first.w)}, {sizes}{hidden}, output={_name(last._row)!r})"


def _activation(given: str | Primitive | None) -> Primitive | None:
    if given is None or given in ("linear", "identity"):
        return None
    row = given if isinstance(given, Primitive) else lookup(str(given))
    if row is None:
        names = [name for name in (*TABLE, *ALIASES) if _takes_one(lookup(name))]
        near = difflib.get_close_matches(str(given).lower(), [*names, "linear"], n=2)
        hint = (
            f"did you mean {' or '.join(map(repr, near))}?"
            if near
            else "give the name of a function of one number"
        )
        raise ValueError(f"unknown activation {given!r}: {hint}")
    if not _takes_one(row):
        raise ValueError(f"{row.name} cannot be an activation: it is not a function of one number")
    return row


def _takes_one(row: Primitive | None) -> bool:
    return row is not None and row.arity is not None and row.arity - row.optional == 1


def _count(given: int, otherwise: str) -> int:
    count = operator.index(given)
    if count < 1:
        raise ValueError(f"{otherwise}, not {count}")
    return count


def _inputs(x: Any) -> Inputs:
    """A neuron's inputs: those of a sequence or array, or a single number or Value."""
    if type(x) is list:  # most often, from the layer before
        return Inputs(x)
    if isinstance(x, Mapping | str):
        raise TypeError(f"the inputs are a sequence of numbers or Values, not {type(x).__name__}")
    if hasattr(x, "tolist"):
        x = x.tolist()
    return Inputs((x,) if isinstance(x, Value | Real) else x)


def _name(row: Primitive | None) -> str | None:
    return None if row is None else row.name
