"""The names that users of micrograd, PyTorch and NumPy type for what a node has under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


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
