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
from typing import Any, Protocol

from workloads import Function


class Engine(Protocol):
    """What the timer needs. `sin`, `cos`, `dot`, `sum`, `mlp` are there where the engine has them.

    `constant` makes an input that no gradient is asked for.
    """

    traceable: bool  # whether its graph is made of Python objects that tracemalloc sees

    @property
    def constant(self) -> Callable[[float], Any]: ...

    def forward(self, f: Function, inputs: Sequence[float]) -> Any: ...

    def value(self, graph: Any) -> float: ...

    def backward(self, graph: Any) -> list[float]: ...

    def scalar(self, f: Callable[[Any], Any], x: float) -> tuple[float, float]: ...


class NodeEngine:
    """autograd_lite and micrograd: a Value class, `.data`, `.grad`, `.backward()`."""

    traceable = True

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
        self.dot, self.sum = autograd_lite.dot, autograd_lite.sum


class Micrograd(NodeEngine):
    def __init__(self) -> None:
        from micrograd.engine import Value

        super().__init__(Value)

        # micrograd has neither; these are written as its own operations are, a closure each
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

        self.sin, self.cos = sin, cos


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

        ArrayBox.relu = lambda box: anp.maximum(0.0, box)
        self.constant: Callable[[float], Any] = float
        self.sin, self.cos = anp.sin, anp.cos
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
        self.sin, self.cos = torch.sin, torch.cos

    def forward(self, f: Function, inputs: Sequence[float]) -> Any:
        tensor, double = self._tensor, self._double
        leaves = [tensor(x, dtype=double, requires_grad=True) for x in inputs]
        return f(leaves), leaves

    def value(self, graph: Any) -> float:
        return float(graph[0].item())

    def backward(self, graph: Any) -> list[float]:
        root, leaves = graph
        root.backward()
        return [leaf.grad.item() for leaf in leaves]

    def scalar(self, f: Callable[[Any], Any], x: float) -> tuple[float, float]:
        leaf = self._tensor(x, dtype=self._double, requires_grad=True)
        y = f(leaf)
        y.backward()
        return y.item(), leaf.grad.item()


ENGINES: dict[str, Callable[[], Engine]] = {
    "autograd_lite": AutogradLite,
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
