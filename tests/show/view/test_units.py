"""Which weighted sums of a circuit are units of a network, and which operation is their activation."""

from collections.abc import Callable

import pytest

from autograd_lite import Constant, Value, circuit, dot, parameter, scope, sigmoid, softplus, tanh
from autograd_lite import sum as total
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.units import Affine, units_of, weighted_sums
from autograd_lite.show.view.view import sketch_of

W, V, B = parameter(0.5, "w"), parameter(-0.3, "v"), parameter(0.1, "b")
X, Y = Value(2.0, "x"), Value(3.0, "y")


def found(root: Value) -> dict[Value, Affine]:
    return weighted_sums(circuit(root), {})


def named(value: Value, name: str) -> Value:
    value.name = name
    return value


UNITS: dict[str, Callable[[], Value]] = {
    "dot": lambda: dot([W, V], [X, Y], B),
    "without bias": lambda: dot([W, V], [X, Y]),
    "the inputs first": lambda: dot([X, Y], [W, V], B),
    "written out": lambda: W * X + V * Y + B,
    "the bias first": lambda: B + X * W + V * Y,
    "sum": lambda: total([W * X, V * Y, B]),
    "begun at 0": lambda: 0 + W * X + V * Y + B,
    "an input that is a number": lambda: 2.0 * W + V * Y,
}

OTHERS: dict[str, Callable[[], Value]] = {
    "one product": lambda: W * X,
    "no weights": lambda: X * Y + X,
    "two weights": lambda: W * V + W * X,
    "an addend that is no parameter": lambda: W * X + Y,
    "a number is added": lambda: W * X + 1.0,
    "a part has a name": lambda: named(W * X, "p") + B,
    "weights that are data": lambda: dot([X, Y], [Y, X]),
}


@pytest.mark.parametrize("make", UNITS.values(), ids=UNITS)
def test_a_weighted_sum_of_inputs_is_a_unit(make: Callable[[], Value]) -> None:
    root: Value = tanh(make())
    (z, parts), *others = found(root).items()
    assert not others
    weighted = sum(w.operand.data * x.operand.data for w, x in parts.terms)
    assert weighted + sum(b.operand.data for b in parts.biases) == pytest.approx(z.data, rel=1e-15)
    assert all(w.operand.is_parameter and not x.operand.is_parameter for w, x in parts.terms)
    assert parts.activation is root


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_other_sums_are_not(make: Callable[[], Value]) -> None:
    root: Value = tanh(make())
    assert not found(root)


def test_what_belongs_to_the_loss_is_no_activation() -> None:
    with scope("layer1/neuron1"):
        z = dot([W, V], [X, Y], B)
    with scope("loss"):
        loss = softplus(z)
    assert found(loss)[z].activation is None
    assert found(z**2)[z].activation is None
    assert found(sigmoid(z) * z)[z].activation is None


def test_a_unit_knows_the_wires_of_its_weights_and_inputs() -> None:
    z = W * X + Constant(4.0) * V + B
    y = tanh(z)
    sums = found(y)
    sketch = sketch_of(y, Options(detail="named"), sums=sums)
    (unit,) = units_of(sketch, sums)
    assert (sketch.nodes[unit.total], sketch.nodes[unit.result]) == (z, y)
    ends = [
        (sketch.wires[each.wire].source, None if each.is_bias else sketch.wires[each.input].source.data)
        for each in unit.operands
    ]
    assert ends == [(W, 2.0), (V, 4.0), (B, None)]
    focused = sketch_of(y, Options(detail="named", focus=X), sums=sums)
    (cut,) = units_of(focused, sums)
    assert [(each.wire >= 0, each.input >= 0) for each in cut.operands] == [
        (False, True),
        (False, False),
        (False, False),
    ]
