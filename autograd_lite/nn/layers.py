"""Neurons, layers and multilayer perceptrons, with micrograd's names and PyTorch's habits.

The weighted sum of a neuron is one ``dot`` node, and its activation is another. Weights and results have
names (w₁, b, z, h₁, ŷ) and a scope (``layer1/neuron2``), so that a drawing of a network is readable
without further naming.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import nullcontext
from itertools import pairwise
from numbers import Real
from typing import Any, ClassVar, NoReturn

from ..core.node import Label
from ..core.primitive import ALIASES, TABLE, Primitive, lookup
from ..core.value import Value, parameter
from ..support.context import current_scope, open_blocks, recording, scope
from ..support.generators import Generator, generator
from ..support.hints import refuse_arguments
from ..support.settings import whole_number
from .affine import Inputs, weighted_sum
from .module import Module
from .weights import Initializer, initializer


class Neuron(Module):
    """``activation(w₁·x₁ + … + wₙ·xₙ + b)``: one ``dot`` node, and one for the activation.

    :param nin: the number of inputs.
    :param nonlin: False for no activation (micrograd's spelling).
    :param activation: the name of a function of one number, such as ``"tanh"``, or the row itself;
        None, ``"linear"`` or ``"identity"`` for no activation.
    :param init: ``"uniform"``, ``"xavier"`` or ``"he"``, or a function of ``(rng, nin, nout)`` that
        gives a weight. By default ``"he"`` for an unbounded activation, ``"xavier"`` for a bounded one,
        and ``"uniform"`` for none. The bias begins at 0.
    :param rng: a ``random.Random`` that draws the weights; by default the module ``random``, as the
        caller has seeded it.
    :param nout: how many neurons have the same inputs, on which the width of ``"xavier"`` depends.
    :param name: the name of the result in drawings; the sum before an activation has the name z.
    :raises ValueError: for an unknown activation or initializer, or ``nin`` less than 1.
    :raises TypeError: when ``nin`` is not a whole number, ``nonlin`` is not True or False, ``rng`` is
        not a generator, or an argument is unknown.

    >>> import random
    >>> n = Neuron(2, activation="tanh", rng=random.Random(0))
    >>> n.w[0].data, n.w[1].data, n.b.data = -3.0, 1.0, 6.8813735870195432
    >>> o = n([2.0, 0.0]); o.backward(); round(o.data, 4), round(n.w[0].grad, 4)
    (0.7071, 1.0)
    """

    _numbered: ClassVar = {"w": "w_"}
    _scoped = True
    # Defaults for a subclass whose __init__ does not call this one's.
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
        **unknown: NoReturn,
    ) -> None:
        refuse_arguments("Neuron", unknown, ("nonlin", "activation", "init", "rng", "name"))
        nin = whole_number("the number of inputs of a neuron", nin, 1)
        if nonlin not in (False, True):
            raise TypeError(
                f"nonlin must be True or False, not {nonlin!r}; for an activation, give activation=…"
            )
        self._row = _activation(activation if nonlin else None)
        draw = initializer(init, self._row)
        source = generator(rng)
        self.w = [parameter(draw(source, nin, nout), f"w_{i + 1}") for i in range(nin)]
        self.b = parameter(0.0, "b")
        self._name = name or ("z" if self._row is None else "h")
        self._outer = current_scope()
        self._update_scope()

    def _update_scope(self) -> None:
        self._scope = f"{self._outer}/{self._path}".strip("/")
        for each in (*self.w, self.b):
            if isinstance(each, Value) and each.is_parameter:
                each._label = Label(each.name, self._scope, "parameter")
        self._sum = Label("z", self._scope)
        self._result = Label(self._name, self._scope)

    @property
    def nonlin(self) -> bool:
        """Whether the neuron has an activation."""
        return self._row is not None

    def forward(self, x: Any) -> Any:
        """The output for one sample, which is a sequence of ``nin`` numbers or Values.

        :raises ValueError: when their number is not ``nin``.
        """
        inputs = x if type(x) is Inputs else _inputs(x)
        if len(inputs) != len(self.w):
            raise ValueError(f"{self._scope or 'a neuron'} takes {len(self.w)} inputs, not {len(inputs)}")
        if open_blocks and recording():
            return self._forward_in_blocks(inputs)
        row = self._row
        result = weighted_sum(self.w, inputs, self.b)
        if row is not None:
            result._label = self._sum
            result = row(result)
        result._label = self._result
        return result

    def _forward_in_blocks(self, inputs: Inputs) -> Value:
        """The output when a scope is open around the call.

        The new nodes are in the scope of the neuron's weights. If the open scope is another one, the
        call is a further use of the weights, and the new nodes are in the neuron's scope inside the
        open one.
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

    def architecture(self) -> dict[str, Any] | None:
        """The kind, the numbers of inputs and outputs, and the activation."""
        return _architecture(self, [self])

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, activation={_row_name(self._row)!r})"


class Layer(Module):
    """Neurons with the same inputs; a layer of one neuron gives that neuron's output, not a list.

    :param nin: the number of inputs.
    :param nout: the number of neurons.
    :param name: the name of the results in drawings: h₁, h₂, …, or without a number for one neuron.

    The other arguments are those of :class:`Neuron`.

    :raises ValueError: when ``nin`` or ``nout`` is less than 1.
    :raises TypeError: when they are not whole numbers, or an argument is unknown.

    >>> import random
    >>> layer = Layer(2, 3, rng=random.Random(0))
    >>> len(layer([1.0, -1.0])), len(layer.parameters())
    (3, 9)
    """

    _numbered: ClassVar = {"neurons": "neuron"}

    def __init__(
        self,
        nin: int,
        nout: int,
        *,
        nonlin: bool = True,
        activation: str | Primitive | None = "relu",
        init: str | Initializer | None = None,
        rng: Generator | None = None,
        name: str = "h",
        **unknown: NoReturn,
    ) -> None:
        refuse_arguments("Layer", unknown, ("nonlin", "activation", "init", "rng", "name"))
        nout = whole_number("the number of neurons of a layer", nout, 1)
        names = [name] if nout == 1 else [f"{name}_{j}" for j in range(1, nout + 1)]
        self.neurons = [
            Neuron(nin, nonlin, activation=activation, init=init, rng=rng, nout=nout, name=each)
            for each in names
        ]

    def forward(self, x: Any) -> Any:
        """The outputs of the neurons for one sample: a list, or the single output of one neuron."""
        inputs = _inputs(x)
        results = [neuron(inputs) for neuron in self.neurons]
        return results[0] if len(results) == 1 else results

    def architecture(self) -> dict[str, Any] | None:
        """The kind, the numbers of inputs and outputs, and the activation."""
        return _architecture(self, self.neurons)

    def __repr__(self) -> str:
        first = self.neurons[0]
        return f"Layer({len(first.w)}, {len(self.neurons)}, activation={_row_name(first._row)!r})"


class MLP(Module):
    """A multilayer perceptron: layers, each of which has the outputs of the one before as inputs.

    :param nin: the number of inputs.
    :param nouts: the number of neurons in each layer, that of the outputs last: ``[16, 16, 1]``.
    :param activation: the activation of the hidden layers, as for :class:`Neuron`.
    :param output: the activation of the last layer; by default none.
    :param init: the initializer of the weights, as for :class:`Neuron`.
    :param rng: a ``random.Random`` that draws the weights, as for :class:`Neuron`.
    :raises ValueError: when there is no layer, or a layer has no neurons.
    :raises TypeError: when ``nouts`` is not a list of whole numbers, or an argument is unknown.

    The nodes are in the scopes ``layer1/neuron1``, …. To tell several networks in one circuit apart,
    make each an attribute of a :class:`Module`, or build and call it inside a
    :class:`~autograd_lite.support.context.scope`.

    >>> import random
    >>> model = MLP(2, [16, 16, 1], rng=random.Random(0))
    >>> len(model.parameters()), model([0.5, -0.5]).name
    (337, 'ŷ')
    """

    _numbered: ClassVar = {"layers": "layer"}

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int] = (),
        *,
        activation: str | Primitive | None = "relu",
        output: str | Primitive | None = None,
        init: str | Initializer | None = None,
        rng: Generator | None = None,
        **unknown: NoReturn,
    ) -> None:
        refuse_arguments("MLP", unknown, ("activation", "output", "init", "rng"))
        if isinstance(nouts, str | Real | Mapping | Set) or not isinstance(nouts, Iterable):
            raise TypeError(f"nouts must be a list of layer sizes, such as [16, 16, 1], not {nouts!r}")
        if isinstance(nin, Sequence) and nin:
            raise TypeError(
                f"MLP({nin!r}): the number of inputs comes first, as in MLP({nin[0]}, {nin[1:]})"
            )
        sizes = [nin, *nouts]
        if len(sizes) == 1:
            raise ValueError("a network needs at least one layer, but nouts is empty")
        hidden, final = _activation(activation), _activation(output)
        last = len(sizes) - 2
        self.layers = [
            Layer(
                *widths,
                activation=final if k == last else hidden,
                name="ŷ" if k == last else "h",
                init=init,
                rng=rng,
            )
            for k, widths in enumerate(pairwise(sizes))
        ]

    def forward(self, x: Any) -> Any:
        """The outputs of the network for one sample: a list, or the single output of one neuron."""
        for layer in self.layers:
            x = layer(x)
        return x

    def architecture(self) -> dict[str, Any] | None:
        """The kind, the numbers of neurons, and the activations of the hidden layers and of the last."""
        layers = [each.architecture() if type(each) is Layer else None for each in self.layers]
        found = [each for each in layers if each is not None]
        hidden = {each["activation"] for each in found[:-1]}
        if type(self) is not MLP or len(found) < len(layers) or len(hidden) > 1:
            return None
        if any(a["nout"] != b["nin"] for a, b in pairwise(found)):
            return None
        return {
            "kind": "MLP",
            "nin": found[0]["nin"],
            "nouts": [each["nout"] for each in found],
            "activation": hidden.pop() if hidden else "relu",
            "output": found[-1]["activation"],
        }

    def __repr__(self) -> str:
        sizes = [len(layer.neurons) for layer in self.layers]
        first, last = self.layers[0].neurons[0], self.layers[-1].neurons[0]
        hidden = f", activation={_row_name(first._row)!r}" if len(sizes) > 1 else ""
        return f"MLP({len(first.w)}, {sizes}{hidden}, output={_row_name(last._row)!r})"


def _activation(given: str | Primitive | None) -> Primitive | None:
    """The row of an activation; None for no activation."""
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
    """The inputs in ``x``: a sequence or an array, or a single number or Value."""
    if type(x) is list:  # the usual case: outputs of the layer before
        return Inputs(x)
    if isinstance(x, Mapping | Set | str | bytes) or not isinstance(x, Value | Real | Iterable):
        raise TypeError(f"the inputs must be a sequence of numbers or Values, not {type(x).__name__}")
    if hasattr(x, "tolist"):
        x = x.tolist()
    return Inputs((x,) if isinstance(x, Value | Real) else x)


def _architecture(owner: Module, neurons: Sequence[Neuron]) -> dict[str, Any] | None:
    """What ``owner``, which is made of these neurons, is made of; None where they are not alike."""
    alike = {(type(each), each._row, len(each.w)) for each in neurons}
    kind = type(owner)
    if len(alike) != 1 or type(neurons[0]) is not Neuron or kind not in (Neuron, Layer):
        return None
    first = neurons[0]
    return {
        "kind": kind.__name__,
        "nin": len(first.w),
        "nout": len(neurons),
        "activation": _row_name(first._row),
    }


def _row_name(row: Primitive | None) -> str | None:
    return None if row is None else row.name
