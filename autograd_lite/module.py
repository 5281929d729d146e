"""What has parameters: finding them, naming them, saving and restoring their numbers."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from .storage import Stored, assign, fitting, matching
from .value import UNSWEPT, Constant, Value


class Module(Stored):
    """Something with parameters: every leaf Value among its attributes, and in their modules.

    Derive from it, keep Values, Modules, and sequences, arrays or dicts of them in attributes, and
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
        return self._attributes()

    def _attributes(self, *listed: str) -> Iterable[tuple[str, object]]:
        """The public attributes other than those ``listed``."""
        return [
            (name, part)
            for name, part in vars(self).items()
            if name[:1] != "_" and name not in listed
        ]

    def _found(self, prefix: str = "") -> dict[Value, str]:
        found: dict[Value, str] = {}
        met: dict[int, object] = {}  # by identity; held, so that no other takes it
        waiting: list[tuple[str, object]] = [(prefix, self)]
        while waiting:
            path, part = waiting.pop()
            if isinstance(part, Value):
                if part.op is None and not part.is_constant:
                    found.setdefault(part, path)
            elif id(part) not in met:
                met[id(part)] = part
                inside = list(_inside(part, is_root=part is self))
                named = [(f"{path}.{name}" if path else str(name), each) for name, each in inside]
                waiting += named[::-1]
        return found

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Value]]:
        """The parameters with their names, parts joined by dots: ``layer1.neuron2.w_1``.

        :raises ValueError: when two of them would have the same name.
        """
        found = self._found(prefix)
        if len(set(found.values())) < len(found):
            names = list(found.values())
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(
                f"two parameters of this {type(self).__name__} are called {twice!r}: rename a part, "
                "or a key of a dict"
            )
        return ((name, each) for each, name in found.items())

    def parameters(self) -> list[Value]:
        """The parameters, each once, in an order that depends on the module's structure alone."""
        return list(self._found())

    def zero_grad(self) -> None:
        """Forget the gradients of the parameters."""
        for each in self.parameters():
            each.grad = UNSWEPT

    def state_dict(self) -> dict[str, float]:
        """The numbers of the parameters by name; frozen ones, Constants, are not among them.

        :raises ValueError: when :meth:`parameters` was overridden and gives some that have no name.
        """
        return {name: float(each.data) for name, each in self._own().items()}

    def _own(self) -> dict[str, Value]:
        own = dict(self.named_parameters())
        nameless = set(self.parameters()) - set(own.values())
        if nameless:
            raise ValueError(
                f"{len(nameless)} of the parameters of this {type(self).__name__} cannot be named: "
                "keep them in attributes that do not begin with an underscore"
            )
        return own

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Give every parameter the number that ``state`` has under its name.

        :raises ValueError: when names are missing or left over.
        :raises TypeError: when something is not a real number. Nothing is changed in either case.
        """
        own = self._own()
        whose = f"this {type(self).__name__} of {len(own)} parameters"
        numbers = fitting(state, own, whose)
        assign((each, "data", numbers[name]) for name, each in own.items())


@runtime_checkable
class _Array(Protocol):
    def ravel(self) -> Any: ...
    def tolist(self) -> Any: ...


@runtime_checkable
class _Foreign(Protocol):
    def parameters(self) -> Iterable[object]: ...


def functional_call(module: Module, values: Sequence[Any] | Mapping[str, Any], x: Any) -> Any:
    """``module(x)`` with other numbers or Values in place of its parameters (PyTorch's name).

    :param values: in the order of ``module.parameters()``, or by their names. The module itself is
        not changed, so this is the model as a function of its weights, for ``grad`` and its like.
    :raises ValueError: when there is not one for every parameter.

    >>> from autograd_lite.transforms import grad
    >>> from autograd_lite.nn import Neuron
    >>> n = Neuron(1, activation=None)
    >>> grad(lambda w: functional_call(n, w, [3.0]) ** 2)([2.0, 1.0])
    [42.0, 14.0]
    """
    own = dict(module.named_parameters())
    if isinstance(values, Mapping):
        matching(values, own, f"{type(module).__name__} of {len(own)} parameters")
        values = [values[name] for name in own]
    if len(values) != len(own):
        raise ValueError(f"{type(module).__name__} has {len(own)} parameters, not {len(values)}")
    stand_ins = {
        id(old): new if isinstance(new, Value) else Constant(new)
        for old, new in zip(own.values(), values, strict=True)
    }
    return copy.deepcopy(module, stand_ins)(x)  # type: ignore[operator]  # a module to call has __call__


def _inside(part: object, is_root: bool) -> Iterable[tuple[object, object]]:
    """What ``part`` is made of, by name."""
    if isinstance(part, Module):
        if is_root or type(part).parameters is Module.parameters:
            return part._members()
        # Its own word counts, under the names that its attributes give.
        names = part._found()
        return [(names.get(each, i), each) for i, each in enumerate(part.parameters())]
    if isinstance(part, dict):
        return part.items()
    if isinstance(part, Sequence) and not isinstance(part, str | bytes):
        return enumerate(part)
    if isinstance(part, _Array):  # an array of Values
        return enumerate(part.ravel().tolist())
    if isinstance(part, _Foreign) and not isinstance(part, type):  # somebody else's module
        given = part.parameters()
        return given.items() if isinstance(given, Mapping) else enumerate(given)
    return ()
