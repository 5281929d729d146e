"""Neurons, layers and multilayer perceptrons, with micrograd's spelling and PyTorch's habits.

A neuron's weighted sum is one ``dot`` node and its activation another. Weights and results carry
names (w₁, b, z, h₁, ŷ) and a scope (``layer1/neuron2``), so that a drawing of a network can be read
as it comes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import nullcontext
from itertools import pairwise
from numbers import Real
from typing import Any, ClassVar

from ..core.node import Label
from ..core.primitive import ALIASES, TABLE, Primitive, lookup
from ..core.value import Value, parameter
from ..support.context import current_scope, open_blocks, recording, scope
from ..support.generators import Generator, generator
from ..support.settings import count
from .affine import Inputs, weighted_sum
from .module import Module
from .weights import (
    Initializer,
    initializer,
)


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
    :raises ValueError: for an unknown activation or initializer, or no inputs.
    :raises TypeError: when their number is not whole, for an activation in the place of ``nonlin``,
        or an ``rng`` that is no generator.

    >>> import random
    >>> n = Neuron(2, activation="tanh", rng=random.Random(0))
    >>> n.w[0].data, n.w[1].data, n.b.data = -3.0, 1.0, 6.8813735870195432
    >>> o = n([2.0, 0.0]); o.backward(); round(o.data, 4), round(n.w[0].grad, 4)
    (0.7071, 1.0)
    """

    _numbered: ClassVar = {"w": "w_"}
    _scoped = True
    # What a class derived from this one has that sets no weights of its own.
    _outer, _name = "", "h"
    w: list[Value] = []  # noqa: RUF012 - never written to
    b: Any = 0.0

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: str | Primitive | None = "relu",
        init: str | Initializer | None = None,
        rng: Generator | None = None,
        nout: int = 1,
        name: str | None = None,
    ) -> None:
        nin = count("a neuron's number of inputs", nin, 1)
        if nonlin not in (False, True):
            raise TypeError(
                f"nonlin is True or False, not {nonlin!r}: to name an activation, give activation=…"
            )
        self._row = _activation(activation if nonlin else None)
        draw = initializer(init, self._row)
        source = generator(rng)
        self.w = [parameter(draw(source, nin, nout), f"w_{i + 1}") for i in range(nin)]
        self.b = parameter(0.0, "b")
        self._name = name or ("z" if self._row is None else "h")
        self._outer = current_scope()
        self._rescope()

    def _rescope(self) -> None:
        self._scope = f"{self._outer}/{self._path}".strip("/")
        for each in (*self.w, self.b):
            if isinstance(each, Value) and each.is_parameter:
                each._label = Label(each.name, self._scope, "parameter")
        self._sum = Label("z", self._scope)
        self._result = Label(self._name, self._scope)

    @property
    def nonlin(self) -> bool:
        """Whether there is an activation."""
        return self._row is not None

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
    :raises TypeError: when their number is not whole.

    >>> import random
    >>> layer = Layer(2, 3, rng=random.Random(0))
    >>> len(layer([1.0, -1.0])), len(layer.parameters())
    (3, 9)
    """

    _numbered: ClassVar = {"neurons": "neuron"}

    def __init__(self, nin: int, nout: int, *, name: str = "h", **neuron: Any) -> None:
        nout = count("a layer's number of neurons", nout, 1)
        names = [name] if nout == 1 else [f"{name}_{j}" for j in range(1, nout + 1)]
        self.neurons = [Neuron(nin, nout=nout, name=own, **neuron) for own in names]

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
    :raises TypeError: when ``nouts`` is no list of whole numbers.

    Its nodes are in the scopes ``layer1/neuron1``, …; build and call it inside a
    :class:`~autograd_lite.support.context.scope` to tell several networks of one circuit apart.

    >>> import random
    >>> model = MLP(2, [16, 16, 1], rng=random.Random(0))
    >>> len(model.parameters()), model([0.5, -0.5]).name
    (337, 'ŷ')
    """

    _numbered: ClassVar = {"layers": "layer"}

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        *,
        activation: str | Primitive | None = "relu",
        output: str | Primitive | None = None,
        **neuron: Any,
    ) -> None:
        if isinstance(nouts, str | Real | Mapping | Set) or not isinstance(nouts, Iterable):
            raise TypeError(f"nouts is a list of layer sizes, such as [16, 16, 1], not {nouts!r}")
        sizes = [nin, *nouts]
        if len(sizes) == 1:
            raise ValueError("a network needs at least one layer: nouts is empty")
        hidden, final = _activation(activation), _activation(output)
        last = len(sizes) - 2
        self.layers = [
            Layer(
                *widths,
                activation=final if k == last else hidden,
                name="ŷ" if k == last else "h",
                **neuron,
            )
            for k, widths in enumerate(pairwise(sizes))
        ]

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
    return row is not None and row.arity is not None and row.arity - len(row.defaults) == 1


def _inputs(x: Any) -> Inputs:
    """A neuron's inputs: those of a sequence or array, or a single number or Value."""
    if type(x) is list:  # most often, from the layer before
        return Inputs(x)
    if isinstance(x, Mapping | Set | str | bytes) or not isinstance(x, Value | Real | Iterable):
        raise TypeError(f"the inputs are a sequence of numbers or Values, not {type(x).__name__}")
    if hasattr(x, "tolist"):
        x = x.tolist()
    return Inputs((x,) if isinstance(x, Value | Real) else x)


def _name(row: Primitive | None) -> str | None:
    return None if row is None else row.name
