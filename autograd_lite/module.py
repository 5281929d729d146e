"""What has parameters: finding them, naming them, saving and restoring their numbers."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .storage import Stored, fitting
from .value import UNSWEPT, Constant, Value


class Module(Stored):
    """Something with parameters: every leaf Value among its attributes, and in their modules.

    Derive from it, keep Values, Modules, and lists, tuples or dicts of them in attributes, and
    write ``__call__``. Attributes whose name begins with an underscore are left out, Constants are
    no parameters, and what is met twice (tied weights) counts once, under its first name.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line(); line.state_dict(), line(3.0).data
    ({'slope': 2.0, 'offset': 1.0}, 7.0)
    """

    def _members(self) -> Iterable[tuple[str, object]]:
        """The parts that may hold parameters, by name."""
        return [(name, part) for name, part in vars(self).items() if name[:1] != "_"]

    def _found(self, prefix: str = "") -> dict[Value, str]:
        found: dict[Value, str] = {}
        _collect(self, prefix, found, set())
        return found

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Value]]:
        """The parameters with their names, parts joined by dots: ``layer1.neuron2.w_1``."""
        return ((name, each) for each, name in self._found(prefix).items())

    def parameters(self) -> list[Value]:
        """The parameters, each once, in an order that depends on the module's structure alone."""
        return list(self._found())

    def zero_grad(self) -> None:
        """Forget the gradients of the parameters."""
        for each in self.parameters():
            each.grad = UNSWEPT

    def state_dict(self) -> dict[str, float]:
        """The numbers of the parameters by name."""
        return {name: each.data for name, each in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Give every parameter the number that ``state`` has under its name.

        :raises ValueError: when names are missing or left over.
        :raises TypeError: when something is not a real number. Nothing is changed in either case.
        """
        own = dict(self.named_parameters())
        whose = f"this {type(self).__name__} of {len(own)} parameters"
        numbers = fitting(state, own, whose)
        for name, each in own.items():
            each.data = numbers[name]


def functional_call(module: Module, values: Sequence[Any] | Mapping[str, Any], x: Any) -> Any:
    """``module(x)`` with other numbers or Values in place of its parameters (PyTorch's name).

    :param values: in the order of ``module.parameters()``, or by their names. The module itself is
        not changed, so this is the model as a function of its weights, for ``grad`` and ``record``.
    :raises ValueError: when there is not one for every parameter.

    >>> from autograd_lite.transforms import grad
    >>> from autograd_lite.nn import Neuron
    >>> n = Neuron(1, activation=None)
    >>> grad(lambda w: functional_call(n, w, [3.0]) ** 2)([2.0, 1.0])
    [42.0, 14.0]
    """
    own = dict(module.named_parameters())
    if isinstance(values, Mapping):
        values = [values[name] for name in own] if values.keys() == own.keys() else []
    if len(values) != len(own):
        raise ValueError(f"{type(module).__name__} has {len(own)} parameters, not {len(values)}")
    stand_ins = {
        id(old): new if isinstance(new, Value) else Constant(new)
        for old, new in zip(own.values(), values, strict=True)
    }
    return copy.deepcopy(module, stand_ins)(x)  # type: ignore[operator]  # a module to call has __call__


def _collect(part: object, path: str, found: dict[Value, str], met: set[int]) -> None:
    """Note the parameters in ``part``, which is reached by ``path``, under their first names."""
    if isinstance(part, Value):
        if part.op is None and not part.is_constant:
            found.setdefault(part, path)
        return
    inside: Iterable[tuple[object, object]]
    if isinstance(part, Module):
        inside = part._members()
    elif isinstance(part, dict):
        inside = part.items()
    elif isinstance(part, list | tuple):
        inside = enumerate(part)
    else:
        return
    if id(part) not in met:
        met.add(id(part))
        for name, each in inside:
            _collect(each, f"{path}.{name}" if path else str(name), found, met)
