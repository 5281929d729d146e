"""A scalar engine in some fifty lines, the hardest peer: slots, and two tuples for each node.

It has what the workloads need and nothing else: no names, no checks, no cutting of dead wires, and
no protection against deep graphs. Where a shorter form would cost time (wrapping a number into a
node, a division as a product with a power, a set of the nodes seen), the faster one is written.
"""

from __future__ import annotations

import math


class Value:
    __slots__ = ("data", "entered", "grad", "locals", "operands")

    def __init__(
        self, data: float, operands: tuple[Value, ...] = (), locals: tuple[float, ...] = ()
    ) -> None:
        self.data, self.operands, self.locals = data, operands, locals
        self.grad, self.entered = 0.0, False

    def __add__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data + other.data, (self, other), (1.0, 1.0))
        return Value(self.data + other, (self,), (1.0,)) if other else self

    def __sub__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data - other.data, (self, other), (1.0, -1.0))
        return Value(self.data - other, (self,), (1.0,))

    def __rsub__(self, other: float) -> Value:
        return Value(other - self.data, (self,), (-1.0,))

    def __mul__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data * other.data, (self, other), (other.data, self.data))
        return Value(self.data * other, (self,), (other,))

    def __truediv__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            z = self.data / other.data
            return Value(z, (self, other), (1.0 / other.data, -z / other.data))
        return Value(self.data / other, (self,), (1.0 / other,))

    def __pow__(self, n: float) -> Value:
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

    def __neg__(self) -> Value:
        return Value(-self.data, (self,), (-1.0,))

    def relu(self) -> Value:
        return Value(max(0.0, self.data), (self,), (1.0 if self.data > 0.0 else 0.0,))

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        order: list[Value] = []
        sort(self, order)
        self.grad = 1.0
        for node in reversed(order):
            upstream = node.grad
            node.entered = False
            for operand, local in zip(node.operands, node.locals):  # noqa: B905 - strict= costs time
                operand.grad += local * upstream


def sort(node: Value, order: list[Value]) -> None:
    node.entered = True
    for operand in node.operands:
        if not operand.entered:
            sort(operand, order)
    order.append(node)


def sin(x: Value) -> Value:
    return Value(math.sin(x.data), (x,), (math.cos(x.data),))


def cos(x: Value) -> Value:
    return Value(math.cos(x.data), (x,), (-math.sin(x.data),))


def exp(x: Value) -> Value:
    z = math.exp(x.data)
    return Value(z, (x,), (z,))


def log(x: Value) -> Value:
    return Value(math.log(x.data), (x,), (1.0 / x.data,))
