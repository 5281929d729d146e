"""The circuits of the gallery that no other demo builds: swept, and named for a picture."""

from __future__ import annotations

import math
import random

from seed_circuits import gormley
from xor import fixed, network

from autograd_lite import Constant, Value, errstate, log, parameter, scope, sigmoid
from autograd_lite import sum as total
from autograd_lite.losses import half_squared_error
from autograd_lite.nn import MLP


def log_loss(a: Value, y: Value) -> Value:
    """L = −(y·log a + (1 − y)·log(1 − a)), term by term as in the lecture."""
    L = -(y * log(a) + (1.0 - y) * log(1.0 - a))
    L.name = "L"
    return L


def neuron() -> Value:
    """Logistic regression with the log loss, one sample, swept; ∂L/∂z is a − y."""
    x1, x2 = Value(1.5, "x1"), Value(-0.5, "x2")
    w1, w2, b = parameter(0.4, "w1"), parameter(0.8, "w2"), parameter(-0.3, "b")
    z = w1 * x1 + w2 * x2 + b
    a = sigmoid(z)
    z.name, a.name = "z", "a"
    L = log_loss(a, Constant(1.0, "y"))
    L.backward()
    assert math.isclose(z.grad, a.data - 1.0, rel_tol=1e-14)
    return L


def two_layers() -> Value:
    """Two sigmoid units and one on top, with the log loss, swept."""
    model = network([[[0.5, -1.0], [1.5, 0.5]], [[1.0, -2.0]]], [[0.25, -0.5], [0.5]])
    a = model([Value(1.0, "x1"), Value(0.5, "x2")])
    with scope("loss"):
        L = log_loss(a, Constant(1.0, "y"))
    L.backward()
    return L


def perceptron() -> tuple[Value, Value]:
    """A 2-4-1 network of tanh units with half the squared error, swept; and one of its weights."""
    model = MLP(2, [4, 1], activation="tanh", rng=random.Random(1))
    L = half_squared_error(model([Value(1.0, "x1"), Value(-0.5, "x2")]), 1.0)
    L.backward()
    return L, model.layers[0].neurons[0].w[0]


def xor() -> Value:
    """The hand-made XOR network at the corner (0, 1), whose label is 1, swept."""
    L: Value = half_squared_error(fixed()([Value(0.0, "x1"), Value(1.0, "x2")]), 1.0)
    L.backward()
    return L


def many() -> Value:
    """A 2-16-16-1 network at ten samples: the sum of their losses, swept."""
    model = MLP(2, [16, 16, 1], activation="tanh", rng=random.Random(0))
    losses = [
        half_squared_error(model([math.sin(i), math.cos(i)]), float(i % 2)) for i in range(10)
    ]
    E: Value = total(losses)
    E.name = "E"
    E.backward()
    return E


def saturated() -> Value:
    """The log loss where a sigmoid has rounded to 1: the corner 0·log 0, taken as it is written."""
    w, x = parameter(20.0, "w"), Value(2.0, "x")
    z = w * x
    a = sigmoid(z)
    z.name, a.name = "z", "a"
    with errstate("ignore"):
        L = log_loss(a, Constant(1.0, "y"))
        L.backward()
    return L


def square() -> Value:
    x = Value(3.0, "x")
    y = x * x
    y.name = "y"
    y.backward()
    return y


def before_the_sweep() -> Value:
    J = gormley()
    J.zero_grad()
    return J
