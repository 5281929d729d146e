"""The names that users of micrograd, PyTorch and NumPy type for what a node has under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

#: What to use in place of ``x.to(device)``.
DEVICES = "record(f, ...).to_jax(), a function that JAX runs on any device"


class Elsewhere:
    """An attribute of other libraries' objects: to read it raises an AttributeError that names the way.

    >>> class Node:
    ...     numpy = Elsewhere("v.data")
    >>> Node().numpy
    Traceback (most recent call last):
    AttributeError: 'Node' object has no attribute 'numpy': use v.data
    """

    def __init__(self, instead: str) -> None:
        self.instead = instead

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, owned: object, owner: type) -> NoReturn:
        raise AttributeError(
            f"{owner.__name__!r} object has no attribute {self.name!r}: use {self.instead}"
        )


class Spellings:
    """Other names of the parts of a node."""

    __slots__ = ()

    if TYPE_CHECKING:
        data: float
        grad: float
        name: str | None
        op: Any
        parents: Any

        def _locals(self) -> tuple[float | None, ...]: ...

    numpy = Elsewhere("v.data")
    requires_grad = Elsewhere("v.is_constant: a gradient flows to every Value that is no Constant")
    requires_grad_ = Elsewhere("the Value as it is: a gradient flows to every one")
    retain_grad = Elsewhere("v.grad: every node has it after a sweep")
    to, cuda, cpu = Elsewhere(DEVICES), Elsewhere(DEVICES), Elsewhere(DEVICES)
    diff = Elsewhere("gradients(y, x), which is a circuit again")
    subs = Elsewhere("the function with other numbers: a circuit is what was computed")
    evalf = Elsewhere("v.data")

    def __dir__(self) -> list[str]:
        """What there is, without the names that only lead elsewhere."""
        elsewhere = {name for name, found in vars(Spellings).items() if isinstance(found, Elsewhere)}
        return [name for name in super().__dir__() if name not in elsewhere]

    def item(self) -> float:
        """The number, as a plain float (PyTorch's spelling of ``.data``)."""
        return self.data

    def conjugate(self) -> Any:
        """The number itself, which is real; NumPy asks for it in ``np.var`` and ``np.std``.

        >>> from autograd_lite import Value
        >>> x = Value(2.0); x.conjugate() is x
        True
        """
        return self

    @property
    def label(self) -> str:
        """Micrograd's spelling of :attr:`name`; empty for a node without a name."""
        return self.name or ""

    @label.setter
    def label(self, name: str | None) -> None:
        self.name = name or None  # type: ignore[misc]  # a property of the node

    @property
    def _prev(self) -> tuple[Any, ...]:
        return tuple(self.parents)

    @property
    def _op(self) -> str:
        return "" if self.op is None else self.op.symbol

    def _backward(self) -> None:
        """One step of the sweep by hand: add this node's contributions to its operands' ``grad``."""
        for operand, local in zip(self.parents, self._locals(), strict=True):
            if local is not None:
                operand.grad += local * self.grad


#: What a Value has no use for, or has under another name, by the names of other libraries.
_ELSEWHERE = {
    "grad_fn": "v.op and v.parents, or draw(v)",
    "is_leaf": "v.op, which is None for a leaf",
    "register_hook": "v.grad: every node has it after a sweep",
    "clone": "the Value itself: no operation changes its operands",
    "_children": "v.parents",
    "_local_grads": "v.local_grads",
    **dict.fromkeys(("float", "double"), "v.data, which is a float of 64 bits"),
    **dict.fromkeys(("shape", "dtype", "view", "reshape", "T"), "an array of Values: each is one number"),
    **dict.fromkeys(("add_", "sub_", "mul_", "div_", "zero_", "fill_"), "v.data, to which you can assign"),
}

for _name, _way in _ELSEWHERE.items():
    setattr(Spellings, _name, Elsewhere(_way))
    vars(Spellings)[_name].__set_name__(Spellings, _name)
