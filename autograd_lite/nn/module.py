"""Modules: finding their parameters, naming them, saving and restoring their numbers."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, repeat
from typing import Any, ClassVar, TypeVar

from ..core.value import Constant, Value
from ..support.arrays import without_labels
from ..support.context import no_grad
from ..support.nested import rebuild
from ..support.numbers import plain
from ..support.saved import Stored, assign, numbers_by_name, require_names
from ..support.settings import flag, forget_gradients, whole_number
from ..support.spellings import DEVICES, Elsewhere
from .replay import replayed

M = TypeVar("M", bound="Module")


class Module(Stored):
    """The base of everything with parameters: each leaf Value in an attribute, or in a module there.

    Derive a class from it, keep Values, modules, and sequences, arrays or dicts of them in attributes,
    and define ``forward``, which a call of the module calls (or define ``__call__`` itself). Attributes
    that begin with an underscore are ignored, Constants are not parameters, and a Value that occurs
    twice (tied weights) counts once, under its first name.

    The parts of :mod:`autograd_lite.nn` make their nodes in a scope that begins with the attribute that
    holds them: those of ``self.encoder = MLP(…)`` are in ``encoder/layer1/neuron1``, …

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line(); line.state_dict(), line(3.0).data
    ({'slope': 2.0, 'offset': 1.0}, 7.0)
    """

    #: Whether the module is being trained; :meth:`train` and :meth:`eval` set it, ``forward`` may read it.
    training = True

    children = Elsewhere("modules(), which has the module itself too")
    to, cuda, cpu = Elsewhere(DEVICES), Elsewhere(DEVICES), Elsewhere(DEVICES)

    #: Attributes with lists of parts that are named by their number, from 1: "layer" for layers.
    _numbered: ClassVar[Mapping[str, str]] = {}

    # Where the module is held. A holder is known to its parts by a key, not by a reference, so that a
    # copy of a part does not copy its holder.
    _scoped = False  # whether the module, or one inside it, makes nodes in a scope of its own
    _path = ""  # from the outermost holder to this module
    _place = ""  # the last part of that path
    _holder_key: object = None
    _own_key: object = None

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        if "forward" in vars(cls) and "__call__" not in vars(cls):
            cls.__call__ = cls.forward  # type: ignore[method-assign]  # a call less for every neuron

    def __call__(self, *args: Any, **named: Any) -> Any:
        """``forward`` with the same arguments."""
        return self.forward(*args, **named)

    def forward(self, *args: Any, **named: Any) -> Any:
        """The output of the module for one sample; each kind of module defines its own.

        :raises NotImplementedError: when the class defines neither this nor ``__call__``.
        """
        if type(self).__call__ is not Module.__call__:
            return self(*args, **named)
        name = type(self).__name__
        raise NotImplementedError(f"{name} cannot be called: define {name}.forward(self, x)")

    def __setattr__(self, name: str, part: object) -> None:
        super().__setattr__(name, part)
        if name[:1] == "_" or isinstance(part, Value):
            return
        for place, each in self._modules_in(name, part):
            if self._own_key is None:
                self._own_key = object()
            if each._scoped and each is not self and each._holder_key is not self._own_key:
                each._holder_key, each._place, self._scoped = self._own_key, place, True
                each._update_paths(self._path)

    def _update_paths(self, above: str) -> None:
        """Set ``_path`` of this module, held by one with the path ``above``, and of every module inside."""
        waiting, seen = [(self, above)], set()
        while waiting:
            part, above = waiting.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            part._path = f"{above}/{part._place}" if above else part._place
            part._update_scope()
            if part._own_key is not None:
                for name, value in vars(part).items():
                    if name[:1] != "_":
                        inside = part._modules_in(name, value)
                        waiting += [(m, part._path) for _, m in inside if m._holder_key is part._own_key]

    def _update_scope(self) -> None:
        """Recompute the scope of this module's nodes from its path."""

    def _modules_in(self, name: str, part: object) -> Iterator[tuple[str, Module]]:
        """The modules in the attribute ``name``, or in a container there, with their places."""
        for place, each in self._named_parts(name, part):
            if isinstance(each, Module):
                yield place, each
            elif isinstance(each, list | tuple):
                yield from ((f"{place}/{i}", m) for i, m in enumerate(each) if isinstance(m, Module))
            elif isinstance(each, Mapping):
                yield from ((f"{place}/{k}", m) for k, m in each.items() if isinstance(m, Module))

    def _named_parts(self, name: str, part: object) -> Iterable[tuple[str, object]]:
        """The attribute ``name`` with its name; numbered parts (``_numbered``) one by one."""
        if name in self._numbered:
            if hasattr(part, "ravel"):
                part = part.ravel().tolist()
            if isinstance(part, Sequence):
                word = self._numbered[name]
                return ((f"{word}{i}", each) for i, each in enumerate(part, 1))
        return [(name, part)]

    def _named_attributes(self) -> Iterator[tuple[str, object]]:
        """The attributes that may hold parameters, by name."""
        for name, part in vars(self).items():
            if name[:1] != "_":
                yield from self._named_parts(name, part)

    def _parameter_paths(self, prefix: str = "", *, frozen: bool = False) -> dict[Value, str]:
        """The parameters, each with the path to it; with ``frozen`` the Constants too."""
        paths: dict[Value, str] = {}
        for path, each in _walk_parts(self, prefix):
            if each.op is None and (frozen or not each.is_constant):
                paths.setdefault(each, path)
        return paths

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Value]]:
        """The parameters with their names, paths with dots: ``layer1.neuron2.w_1``.

        :raises ValueError: when two of them would have the same name.
        """
        return iter(self._by_name(self._parameter_paths(prefix)).items())

    def _by_name(self, paths: dict[Value, str]) -> dict[str, Value]:
        by_name = {name: each for each, name in paths.items()}
        if len(by_name) < len(paths):
            names = list(paths.values())
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(
                f"two parameters of this {type(self).__name__} have the name {twice!r}: rename an "
                "attribute, or a key of a dict"
            )
        return by_name

    def predict(self, inputs: Iterable[Any]) -> list[Any]:
        """The outputs for many samples, as numbers: by a program where the module can be recorded.

        >>> class Double(Module):
        ...     def forward(self, x):
        ...         return 2.0 * x
        >>> Double().predict([1.0, 2.0])
        [2.0, 4.0]
        """
        samples = list(without_labels(inputs))
        found = replayed(self, self.parameters(), samples) if len(samples) > 1 else None
        if found is None:
            with no_grad():
                found = [rebuild(self(x), plain) for x in samples]
        return found

    def parameters(self) -> list[Value]:
        """The parameters, each once, in an order that depends on the module's structure alone."""
        values = dict.fromkeys(each for _, each in _walk_parts(self))
        return [each for each in values if each.op is None and not each.is_constant]

    def modules(self) -> list[Module]:
        """This module and every module inside it, each once.

        >>> from autograd_lite.nn import MLP
        >>> [type(m).__name__ for m in MLP(2, [1]).modules()]
        ['MLP', 'Layer', 'Neuron']
        """
        seen: dict[int, object] = {}
        waiting: list[object] = [self]
        while waiting:
            part = waiting.pop()
            if id(part) not in seen and not isinstance(part, Value):
                seen[id(part)] = part
                waiting += reversed(list(_contents(part, own_attributes=True)))
        return [part for part in seen.values() if isinstance(part, Module)]

    def train(self: M, mode: bool = True) -> M:
        """Set ``training`` to ``mode`` in this module and in every module inside it; returns the module."""
        mode = flag("mode", mode)
        for each in self.modules():
            each.training = mode
        return self

    def eval(self: M) -> M:
        """Set ``training`` to False in this module and in every module inside it; returns the module."""
        return self.train(False)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of the parameters to 0; ``set_to_none`` is PyTorch's and changes nothing."""
        forget_gradients(self.parameters())

    def state_dict(self) -> dict[str, float]:
        """The numbers of the parameters by name, those of frozen ones (Constants) included.

        :raises ValueError: when :meth:`parameters` is overridden and gives a parameter without a name.
        """
        return {name: float(each.data) for name, each in self._saved_values().items()}

    def architecture(self) -> dict[str, Any] | None:
        """What the module is made of, as plain data; None for a class of your own.

        :func:`autograd_lite.nn.load` makes the module again from it.
        """
        return None

    def _complete_architecture(self) -> dict[str, Any] | None:
        found = self.architecture()
        # A frozen or tied parameter would come back as one that moves by itself.
        return None if found is None or len(self.parameters()) != size_of(found) else found

    def _saved_values(self) -> dict[str, Value]:
        """The parameters and Constants by name."""
        paths = self._parameter_paths(frozen=True)
        if type(self).parameters is not Module.parameters:
            nameless = set(self.parameters()) - set(paths)
            if nameless:
                raise ValueError(
                    f"{len(nameless)} of the parameters of this {type(self).__name__} have no name: "
                    "keep them in attributes that do not begin with an underscore"
                )
        return self._by_name(paths)

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter to the number that ``state`` has under its name.

        :raises ValueError: when names are missing or left over.
        :raises TypeError: when an entry is not a real number. Nothing is changed in either case.
        """
        values = self._saved_values()
        owner = f"this {type(self).__name__} of {len(values)} parameters"
        # A Constant may be missing: the model that was saved may not have counted it among its parts.
        wanted = [name for name, each in values.items() if not each.is_constant or name in state]
        numbers = numbers_by_name(state, wanted, owner)
        assign((values[name], "data", x) for name, x in numbers.items())


def size_of(architecture: Any) -> int:
    """How many parameters a module of this architecture has.

    :raises KeyError, TypeError, ValueError: when it is none.
    """
    if architecture["kind"] == "function":
        return 0
    if architecture["kind"] == "Sequential":
        return sum(map(size_of, architecture["parts"]))
    nouts = architecture["nouts"] if architecture["kind"] == "MLP" else [architecture["nout"]]
    sizes = [whole_number("a size", each, 1) for each in (architecture["nin"], *nouts)]
    return sum((nin + 1) * nout for nin, nout in pairwise(sizes))


def functional_call(module: Module, values: Sequence[Any] | Mapping[str, Any], x: Any) -> Any:
    """``module(x)`` with other numbers or Values in place of its parameters (PyTorch's name).

    The module itself is not changed, so this is the model as a function of its weights, for ``grad`` and
    the other transforms.

    :param values: one for every parameter: a sequence in the order of ``module.parameters()``, or a
        mapping by their names.
    :raises ValueError: when their number or their names are not those of the parameters.

    >>> from autograd_lite.core.transforms import grad
    >>> from autograd_lite.nn import Neuron
    >>> n = Neuron(1, activation=None)
    >>> grad(lambda w: functional_call(n, w, [3.0]) ** 2)([2.0, 1.0])
    [42.0, 14.0]
    """
    parameters = list(module.parameters())
    if isinstance(values, Mapping):
        own = dict(module.named_parameters())
        require_names(values, own, f"{type(module).__name__} of {len(own)} parameters")
        parameters, values = list(own.values()), [values[name] for name in own]
    if len(values) != len(parameters):
        raise ValueError(f"{type(module).__name__} has {len(parameters)} parameters, not {len(values)}")
    replacements = {
        id(old): new if isinstance(new, Value) else Constant(new)
        for old, new in zip(parameters, values, strict=True)
    }
    return copy.deepcopy(module, replacements)(x)


def _walk_parts(root: Module, prefix: str | None = None) -> Iterator[tuple[str, Value]]:
    """Every Value inside ``root``, depth first; with a ``prefix`` also its path, which takes longer."""
    seen: dict[int, object] = {}  # by identity; keeps the objects alive, so that no id is used again

    def inside(path: str, part: object) -> Iterator[tuple[str, object]]:
        seen[id(part)] = part
        if prefix is None:
            return zip(repeat(""), _contents(part, own_attributes=part is root))
        start = f"{path}." if path else ""
        named = _named_contents(part, own_attributes=part is root)
        return ((f"{start}{name}", each) for name, each in named)

    open_parts = [inside(prefix or "", root)]
    while open_parts:
        for path, part in open_parts[-1]:
            if isinstance(part, Value):
                yield path, part
            elif id(part) not in seen:
                open_parts.append(inside(path, part))
                break
        else:
            open_parts.pop()


def _contents(part: object, *, own_attributes: bool) -> Iterable[object]:
    """The objects directly inside ``part``, in the order of :func:`_named_contents`."""
    if type(part) is list:
        return part
    if isinstance(part, Module) and (own_attributes or type(part).parameters is Module.parameters):
        return [each for name, each in vars(part).items() if name[:1] != "_"]
    return [each for _, each in _named_contents(part, own_attributes=own_attributes)]


def _named_contents(part: object, *, own_attributes: bool) -> Iterable[tuple[object, object]]:
    """The objects directly inside ``part``, by name.

    :param own_attributes: take the attributes of a module that overrides ``parameters()`` too.
    """
    if isinstance(part, Module):
        if own_attributes or type(part).parameters is Module.parameters:
            return part._named_attributes()
        # A module that overrides parameters() decides; names come from its attributes where they have one.
        paths = part._parameter_paths()
        return [(paths.get(each, i), each) for i, each in enumerate(part.parameters())]
    if isinstance(part, Mapping):
        return part.items()
    if isinstance(part, Sequence) and not isinstance(part, str | bytes):
        return enumerate(part)
    if hasattr(part, "ravel") and hasattr(part, "tolist"):  # an array of Values
        return enumerate(part.ravel().tolist())
    if hasattr(part, "parameters") and not isinstance(part, type):  # a module of another library
        given = part.parameters()
        return given.items() if isinstance(given, Mapping) else enumerate(given)
    return ()
