"""What has parameters: finding them, naming them, saving and restoring their numbers."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, ClassVar

from ..core.value import Constant, Value
from ..support.saved import Stored, assign, fitting, matching


class Module(Stored):
    """Something with parameters: every leaf Value among its attributes, and in their modules.

    Derive from it, keep Values, Modules, and sequences, arrays or dicts of them in attributes, and
    write ``__call__``. Attributes whose name begins with an underscore are left out, Constants are
    no parameters, and what is met twice (tied weights) counts once, under its first name.

    A part of :mod:`autograd_lite.nn` makes its nodes in a scope, which begins with the attribute that
    it is put in: those of ``self.encoder = MLP(…)`` are in ``encoder/layer1/neuron1``, …

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line(); line.state_dict(), line(3.0).data
    ({'slope': 2.0, 'offset': 1.0}, 7.0)
    """

    #: Attributes with lists of parts that are named by their number, from 1: "layer" for layers.
    _numbered: ClassVar[Mapping[str, str]] = {}

    _scoped = False  # whether there is anything in it that makes nodes in a scope of its own
    _path = ""  # from the outermost module that holds it
    _place = ""  # the last part of that
    _holder: object = None  # the key of the module that holds it
    _key: object = None

    def __setattr__(self, name: str, part: object) -> None:
        super().__setattr__(name, part)
        if name[:1] == "_" or isinstance(part, Value):
            return
        for place, each in self._modules(name, part):
            if self._key is None:
                self._key = object()
            if each._scoped and each is not self and each._holder is not self._key:
                each._holder, each._place, self._scoped = self._key, place, True
                each._settle(self._path)

    def _settle(self, above: str) -> None:
        """Take one's place in a module with the path ``above``, with all that is held inside."""
        waiting, met = [(self, above)], set()
        while waiting:
            part, above = waiting.pop()
            if id(part) in met:
                continue
            met.add(id(part))
            part._path = f"{above}/{part._place}" if above else part._place
            part._rescope()
            if part._key is not None:
                for name, value in vars(part).items():
                    if name[:1] != "_":
                        inside = part._modules(name, value)
                        waiting += [(m, part._path) for _, m in inside if m._holder is part._key]

    def _rescope(self) -> None:
        """Let one's nodes be made in the scope of one's path."""

    def _modules(self, name: str, part: object) -> Iterator[tuple[str, Module]]:
        """The modules in the attribute ``name``, or in a container there, with their places."""
        for called, each in self._called(name, part):
            if isinstance(each, Module):
                yield called, each
            elif isinstance(each, list | tuple):
                yield from (
                    (f"{called}/{i}", m) for i, m in enumerate(each) if isinstance(m, Module)
                )
            elif isinstance(each, Mapping):
                yield from ((f"{called}/{k}", m) for k, m in each.items() if isinstance(m, Module))

    def _called(self, name: str, part: object) -> Iterable[tuple[str, object]]:
        """What is in the attribute ``name``, by its name: numbered parts one by one."""
        if name in self._numbered:
            if hasattr(part, "ravel"):
                part = part.ravel().tolist()
            if isinstance(part, Sequence):
                word = self._numbered[name]
                return ((f"{word}{i}", each) for i, each in enumerate(part, 1))
        return [(name, part)]

    def _members(self) -> Iterator[tuple[str, object]]:
        """The parts that may hold parameters, by name."""
        for name, part in vars(self).items():
            if name[:1] != "_":
                yield from self._called(name, part)

    def _found(self, prefix: str = "", *, frozen: bool = False) -> dict[Value, str]:
        """The parameters by the path to them, and with ``frozen`` the Constants too."""
        found: dict[Value, str] = {}
        for path, each in _walk(self, prefix):
            if each.op is None and (frozen or not each.is_constant):
                found.setdefault(each, path)
        return found

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Value]]:
        """The parameters with their names, parts joined by dots: ``layer1.neuron2.w_1``.

        :raises ValueError: when two of them would have the same name.
        """
        return iter(self._by_name(self._found(prefix)).items())

    def _by_name(self, found: dict[Value, str]) -> dict[str, Value]:
        named = {name: each for each, name in found.items()}
        if len(named) < len(found):
            names = list(found.values())
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(
                f"two parameters of this {type(self).__name__} are called {twice!r}: rename a part, "
                "or a key of a dict"
            )
        return named

    def parameters(self) -> list[Value]:
        """The parameters, each once, in an order that depends on the module's structure alone."""
        found = dict.fromkeys(each for _, each in _walk(self))
        return [each for each in found if each.op is None and not each.is_constant]

    def zero_grad(self) -> None:
        """Forget the gradients of the parameters."""
        for each in self.parameters():
            each.grad = None

    def state_dict(self) -> dict[str, float]:
        """The numbers of the parameters by name, frozen ones (Constants) among them.

        :raises ValueError: when :meth:`parameters` was overridden and gives some that have no name.
        """
        return {name: float(each.data) for name, each in self._own().items()}

    def _own(self) -> dict[str, Value]:
        own = self._found(frozen=True)
        if type(self).parameters is not Module.parameters:
            nameless = set(self.parameters()) - set(own)
            if nameless:
                raise ValueError(
                    f"{len(nameless)} of the parameters of this {type(self).__name__} cannot be "
                    "named: keep them in attributes that do not begin with an underscore"
                )
        return self._by_name(own)

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Give every parameter the number that ``state`` has under its name.

        :raises ValueError: when names are missing or left over.
        :raises TypeError: when something is not a real number. Nothing is changed in either case.
        """
        own = self._own()
        whose = f"this {type(self).__name__} of {len(own)} parameters"
        # A frozen number may be missing: where the state is from, it may have been none of the parts.
        wanted = [name for name, each in own.items() if not each.is_constant or name in state]
        numbers = fitting(state, wanted, whose)
        assign((own[name], "data", x) for name, x in numbers.items())


def functional_call(module: Module, values: Sequence[Any] | Mapping[str, Any], x: Any) -> Any:
    """``module(x)`` with other numbers or Values in place of its parameters (PyTorch's name).

    :param values: in the order of ``module.parameters()``, or by their names. The module itself is
        not changed, so this is the model as a function of its weights, for ``grad`` and its like.
    :raises ValueError: when there is not one for every parameter.

    >>> from autograd_lite.core.transforms import grad
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


def _walk(root: Module, prefix: str | None = None) -> Iterator[tuple[str, Value]]:
    """Every Value that ``root`` is made of, depth first, with the path to it; faster without."""
    met: dict[int, object] = {}  # by identity; held, so that no other takes it

    def inside(path: str, part: object) -> Iterator[tuple[str, object]]:
        met[id(part)] = part
        if prefix is None:
            return zip(repeat(""), _parts(part, part is root))
        start = f"{path}." if path else ""
        return ((f"{start}{name}", each) for name, each in _inside(part, part is root))

    open_parts = [inside(prefix or "", root)]
    while open_parts:
        for path, part in open_parts[-1]:
            if isinstance(part, Value):
                yield path, part
            elif id(part) not in met:
                open_parts.append(inside(path, part))
                break
        else:
            open_parts.pop()


def _parts(part: object, is_root: bool) -> Iterable[object]:
    """What ``part`` is made of, in the order of :func:`_inside`."""
    if type(part) is list:
        return part
    if isinstance(part, Module) and (is_root or type(part).parameters is Module.parameters):
        return [each for name, each in vars(part).items() if name[:1] != "_"]
    return [each for _, each in _inside(part, is_root)]


def _inside(part: object, is_root: bool) -> Iterable[tuple[object, object]]:
    """What ``part`` is made of, by name."""
    if isinstance(part, Module):
        if is_root or type(part).parameters is Module.parameters:
            return part._members()
        # Its own word counts, under the names that its attributes give.
        names = part._found()
        return [(names.get(each, i), each) for i, each in enumerate(part.parameters())]
    if isinstance(part, Mapping):
        return part.items()
    if isinstance(part, Sequence) and not isinstance(part, str | bytes):
        return enumerate(part)
    if hasattr(part, "ravel") and hasattr(part, "tolist"):  # an array of Values
        return enumerate(part.ravel().tolist())
    if hasattr(part, "parameters") and not isinstance(part, type):  # somebody else's module
        given = part.parameters()
        return given.items() if isinstance(given, Mapping) else enumerate(given)
    return ()
