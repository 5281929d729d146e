"""Weighted sums: the ``dot`` nodes of a layer, on which training spends most of its time.

:func:`weighted_sum` records the same node as :func:`~autograd_lite.core.gathered.dot`, faster; a test holds
the two together. All neurons of a layer have the same inputs, so these are examined once for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from operator import mul
from typing import Any

from ..core.gathered import dot
from ..core.value import Constant, Value, _node
from ..support.numbers import number


class Inputs(tuple[Any, ...]):
    """The inputs of a layer, with their data, which every neuron would otherwise collect again.

    ``numbers`` is their data, or None for a mixture of numbers and Values, whose sums the row ``dot``
    records. ``dead`` has a None in place of the local derivative of each input that is a number, because
    no gradient flows to it; it is empty when the inputs are Values.

    :raises TypeError: when an input is neither a real number nor a Value.

    >>> Inputs([1, 2.0]).numbers, Inputs([1.0, Value(2.0)]).numbers
    ([1.0, 2.0], None)
    """

    numbers: list[float] | None
    dead: tuple[None, ...]

    def __new__(cls, xs: Iterable[Any]) -> Inputs:  # noqa: D102 - the class says it
        self = super().__new__(cls, xs)
        kinds = set(map(type, self))
        if not kinds <= _PLAIN:
            self = super().__new__(cls, [x if isinstance(x, Value) else _input_number(x) for x in self])
            kinds = set(map(type, self))
        self.numbers, self.dead = None, ()
        if kinds == {Value}:
            self.numbers = [x._data for x in self]
        elif Value not in kinds and kinds <= _PLAIN:
            self.numbers = [x if type(x) is float else x._data for x in self]
            self.dead = (None,) * len(self)
        return self


def _input_number(x: object) -> float:
    try:
        return number(x, "an input")
    except TypeError as error:
        hint = ": a network takes one sample at a time" if isinstance(x, Sized) else ""
        raise TypeError(f"{error}{hint}") from None


_PLAIN = {Value, Constant, float}


def weighted_sum(weights: Sequence[Value], inputs: Inputs, bias: Value) -> Value:
    """``dot(weights, inputs, bias)``; there must be as many weights as inputs.

    >>> weighted_sum([Value(2.0), Value(3.0)], Inputs([5.0, 7.0]), Value(1.0))
    Value(32.0, op='dot')
    """
    xs = inputs.numbers
    if xs is not None and type(bias) is Value:
        ws = [w._data for w in weights if type(w) is Value]
        if len(ws) == len(xs):
            z = sum(map(mul, ws, xs)) + bias._data
            slopes = (*xs, *(inputs.dead or ws), 1.0)
            return _node(z, dot, (*weights, *inputs, bias), slopes, None, None)
    return Value._apply(dot, (*weights, *inputs, bias))
