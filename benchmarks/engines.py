"""Who computes: one adapter per engine, each in that engine's own idiom.

`forward` evaluates a workload and returns whatever keeps its graph alive; `backward` sweeps it
and returns the gradient; `scalar` is the whole job for a function of one variable, with no
list in the way. Peers are imported when their adapter is made, so a process that times one
engine never loads another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from operator import attrgetter
from typing import Any, Protocol

from workloads import Function


class Engine(Protocol):
    """What the timer needs. `sin`, `exp`, `dot`, `mlp` … are there where the engine has them.

    `constant` makes an input that no gradient is asked for; `number` reads a node's number.
    """

    traceable: bool  # whether its graph is made of Python objects that tracemalloc sees

    @property
    def constant(self) -> Callable[[float], Any]: ...

    @property
    def number(self) -> Callable[[Any], float]: ...

    def forward(self, f: Function, inputs: Sequence[float]) -> Any: ...

    def value(self, graph: Any) -> float: ...

    def backward(self, graph: Any) -> list[float]: ...

    def scalar(self, f: Callable[[Any], Any], x: float) -> tuple[float, float]: ...


class NodeEngine:
    """autograd_lite and its kin: a Value class, `.data`, `.grad`, `.backward()`."""

    traceable = True
    number = attrgetter("data")

    def __init__(self, node: Callable[[float], Any]) -> None:
        self.constant: Callable[[float], Any] = node

    def forward(self, f: Function, inputs: Sequence[float]) -> Any:
        node = self.constant
        leaves = [node(x) for x in inputs]
        return f(leaves), leaves

    def value(self, graph: Any) -> float:
        return float(graph[0].data)

    def backward(self, graph: Any) -> list[float]:
        root, leaves = graph
        root.backward()
        return [leaf.grad for leaf in leaves]

    def scalar(self, f: Callable[[Any], Any], x: float) -> tuple[float, float]:
        leaf = self.constant(x)
        y = f(leaf)
        y.backward()
        return y.data, leaf.grad


class AutogradLite(NodeEngine):
    def __init__(self) -> None:
        import autograd_lite
        from autograd_lite.nn import MLP

        super().__init__(autograd_lite.Value)
        self.mlp = MLP
        self.sin, self.cos = autograd_lite.sin, autograd_lite.cos
        self.exp, self.log = autograd_lite.exp, autograd_lite.log
        self.dot, self.sum = autograd_lite.dot, autograd_lite.sum


class Slots(NodeEngine):
    """The engine of `slots_engine.py`, which shows what fifty lines can do."""

    def __init__(self) -> None:
        import slots_engine

        super().__init__(slots_engine.Value)
        self.sin, self.cos = slots_engine.sin, slots_engine.cos
        self.exp, self.log = slots_engine.exp, slots_engine.log


class Micrograd(NodeEngine):
    def __init__(self) -> None:
        from micrograd.engine import Value

        super().__init__(Value)

        # micrograd has none of these; they are written as its own operations are, a closure each
        def sin(x: Any) -> Any:
            out = Value(math.sin(x.data), (x,), "sin")

            def _backward() -> None:
                x.grad += math.cos(x.data) * out.grad

            out._backward = _backward
            return out

        def cos(x: Any) -> Any:
            out = Value(math.cos(x.data), (x,), "cos")

            def _backward() -> None:
                x.grad -= math.sin(x.data) * out.grad

            out._backward = _backward
            return out

        def exp(x: Any) -> Any:
            out = Value(math.exp(x.data), (x,), "exp")

            def _backward() -> None:
                x.grad += out.data * out.grad

            out._backward = _backward
            return out

        def log(x: Any) -> Any:
            out = Value(math.log(x.data), (x,), "log")

            def _backward() -> None:
                x.grad += out.grad / x.data

            out._backward = _backward
            return out

        self.sin, self.cos, self.exp, self.log = sin, cos, exp, log


class HipsAutograd:
    """HIPS autograd: the inputs are one array, unpacked into scalars inside the function.

    A list of inputs would be quadratic there: each item read scatters a whole list back.
    """

    traceable = True

    def __init__(self) -> None:
        import autograd.numpy as anp
        from autograd import value_and_grad
        from autograd.core import make_vjp
        from autograd.numpy.numpy_boxes import ArrayBox
        from autograd.tracer import getval

        ArrayBox.relu = lambda box: anp.maximum(0.0, box)
        self.constant: Callable[[float], Any] = float
        self.number: Callable[[Any], float] = getval
        self.sin, self.cos, self.exp, self.log = anp.sin, anp.cos, anp.exp, anp.log
        self._array, self._make_vjp, self._value_and_grad = anp.array, make_vjp, value_and_grad

    def forward(self, f: Function, inputs: Sequence[float]) -> Any:
        size = len(inputs)
        return self._make_vjp(lambda xs: f([xs[i] for i in range(size)]), self._array(inputs))

    def value(self, graph: Any) -> float:
        return float(graph[1])

    def backward(self, graph: Any) -> list[float]:
        gradient: list[float] = graph[0](1.0).tolist()
        return gradient

    def scalar(self, f: Callable[[Any], Any], x: float) -> tuple[float, float]:
        value, derivative = self._value_and_grad(f)(x)
        return value, derivative


class Torch:
    """PyTorch on 0-d float64 tensors, one thread."""

    traceable = False

    def __init__(self) -> None:
        import torch

        torch.set_num_threads(1)
        self._tensor, self._double = torch.tensor, torch.float64
        self.constant: Callable[[float], Any] = float
        self.number: Callable[[Any], float] = torch.Tensor.item
        self.sin, self.cos, self.exp, self.log = torch.sin, torch.cos, torch.exp, torch.log

    def forward(self, f: Function, inputs: Sequence[float]) -> Any:
        tensor, double = self._tensor, self._double
        leaves = [tensor(x, dtype=double, requires_grad=True) for x in inputs]
        return f(leaves), leaves

    def value(self, graph: Any) -> float:
        return float(graph[0].item())

    def backward(self, graph: Any) -> list[float]:
        root, leaves = graph
        root.backward()
        slopes = [leaf.grad for leaf in leaves]  # None for a leaf that the root does not depend on
        return [0.0 if slope is None else slope.item() for slope in slopes]

    def scalar(self, f: Callable[[Any], Any], x: float) -> tuple[float, float]:
        leaf = self._tensor(x, dtype=self._double, requires_grad=True)
        y = f(leaf)
        y.backward()
        return y.item(), leaf.grad.item()


ENGINES: dict[str, type[Engine]] = {
    "autograd_lite": AutogradLite,
    "slots": Slots,
    "micrograd": Micrograd,
    "autograd": HipsAutograd,
    "torch": Torch,
}
OURS = "autograd_lite"


def version_of(name: str) -> str:
    """The installed version, or `source` for a tree that is on the path but not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "source"
